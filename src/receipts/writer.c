/*
  Writing receipts: a record is composed in `line`, hashed, and moved to `queue`, which leaves by write(2). Both are made
  once. What composes integers, texts and hashes here is safe in a signal handler, so that last words can be a record.
*/
#include "receipts_private.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sodium.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 1 << 18, QUEUE = 1 << 20, CLOCK = 192, NUMBERS = 8 };
static const double PERIOD = 0.25; /* seconds */

/* The newest texts of numbers: a step's time and dt occur in several places, and 17 digits take a while. */
typedef struct {
  double v;
  int    digits;
  size_t n;
  char   text[32];
} NumberText;

/* Where the record stands between two records. */
typedef struct {
  PetscInt64  seq; /* of the next record */
  char        head[AE_RECEIPT_HEX];
  off_t       size; /* whole lines in the file */
  size_t      queued;
  AeClockTime now; /* `clock` is its text */
  char        clock[CLOCK];
  size_t      nclock;
  PetscBool   finished; /* RUN_CLOSE was the last */
} Place;

struct _p_AeReceipts {
  PetscMPIInt           rank;
  int                   fd;
  PetscBool             failed;
  char                  path[PETSC_MAX_PATH_LEN];
  Place                 at;
  Place                 kept[2]; /* kept[which]: for last words, which may come between any two instructions */
  volatile sig_atomic_t which;
  size_t                n;
  char                 *line, *queue;
  struct timespec       written; /* when the queue last left */
  NumberText            number[NUMBERS];
  int                   oldest; /* of them */
  AeReceiptKind         kind;   /* being composed */
  PetscInt              next;   /* required key to come */
  PetscBool             open, empty;
};

static AeReceipts speaker; /* whose last words are to be written */

PetscBool AeReceiptsWrites(AeReceipts r) { return (PetscBool)!r->rank; }

/* ---- composing ---- */

static void Put(AeReceipts r, const char text[], size_t n)
{
  if (r->n + n < LINE) memcpy(r->line + r->n, text, n);
  r->n += n; /* beyond LINE: found when the record ends */
}
#define PUT(r, literal) Put(r, literal, sizeof(literal) - 1)

static size_t Decimal(PetscInt64 v, char text[24])
{
  char     s[24];
  size_t   n = 0, k = 0;
  uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

  do s[n++] = (char)('0' + u % 10);
  while (u /= 10);
  if (v < 0) text[k++] = '-';
  while (n) text[k++] = s[--n];
  return k;
}

static void PutInt(AeReceipts r, PetscInt64 v)
{
  char text[24];
  Put(r, text, Decimal(v, text));
}

/* What is no integer: from the newest texts, or made. */
static const NumberText *TextOf(AeReceipts r, double v, int digits)
{
  NumberText *t;

  for (int i = 0; i < NUMBERS; i++)
    if (r->number[i].v == v && r->number[i].digits == digits) return &r->number[i];
  t         = &r->number[r->oldest];
  r->oldest = (r->oldest + 1) % NUMBERS;
  t->v      = v;
  t->digits = digits;
  t->n      = (size_t)snprintf(t->text, sizeof t->text, "%.*g", digits, v);
  return t;
}

static size_t RealText(AeReceipts r, double v, int digits, char text[32])
{
  const NumberText *t;

  if (!isfinite(v)) return (size_t)snprintf(text, 32, "null");
  if (v == (double)(PetscInt64)(fabs(v) < 1e15 ? v : 0.5) && !(v == 0.0 && signbit(v)))
    return Decimal((PetscInt64)v, text); /* counts are common */
  if (v == 0.0) return (size_t)snprintf(text, 32, "-0");
  t = TextOf(r, v, digits);
  memcpy(text, t->text, t->n);
  return t->n;
}

static void PutReal(AeReceipts r, double v, int digits)
{
  char text[32];
  Put(r, text, RealText(r, v, digits, text));
}

/* As JSON; bytes that are no UTF-8 become U+FFFD. */
static void PutString(AeReceipts r, const char text[])
{
  static const char    hex[] = "0123456789abcdef";
  const unsigned char *s = (const unsigned char *)text, *end = s + strlen(text);

  PUT(r, "\"");
  while (s < end) {
    const size_t n = AeUtf8(s, end);

    if (!n) PUT(r, "\\ufffd");
    else if (*s == '"' || *s == '\\') {
      const char escaped[2] = {'\\', (char)*s};
      Put(r, escaped, 2);
    } else if (*s < 0x20) {
      const char escaped[6] = {'\\', 'u', '0', '0', hex[*s >> 4], hex[*s & 15]};
      Put(r, escaped, 6);
    } else Put(r, (const char *)s, n);
    s += n ? n : 1;
  }
  PUT(r, "\"");
}

/* ,"clock":{...}, kept until the clocks move */
static void FormatClock(AeReceipts r, const AeClockTime *now)
{
  r->at.now    = *now;
  r->at.nclock = 0;
#define CLOCK_TEXT(s) (memcpy(r->at.clock + r->at.nclock, s, sizeof(s) - 1), r->at.nclock += sizeof(s) - 1)
  CLOCK_TEXT(",\"clock\":{\"step\":");
  r->at.nclock += Decimal(now->step, r->at.clock + r->at.nclock);
  CLOCK_TEXT(",\"n\":");
  r->at.nclock += Decimal(now->n, r->at.clock + r->at.nclock);
  CLOCK_TEXT(",\"t\":");
  r->at.nclock += RealText(r, now->t, 17, r->at.clock + r->at.nclock);
  CLOCK_TEXT(",\"loom\":");
  r->at.nclock += Decimal(now->loom, r->at.clock + r->at.nclock);
  CLOCK_TEXT(",\"maint\":");
  r->at.nclock += Decimal(now->maint, r->at.clock + r->at.nclock);
  CLOCK_TEXT("},\"level\":");
#undef CLOCK_TEXT
}

static void Begin(AeReceipts r, AeReceiptKind kind, PetscInt level)
{
  r->n     = 0;
  r->kind  = kind;
  r->next  = 0;
  r->open  = PETSC_TRUE;
  r->empty = PETSC_TRUE;
  PUT(r, "{\"seq\":");
  PutInt(r, r->at.seq);
  PUT(r, ",\"kind\":\"");
  Put(r, AeReceiptSchemas[kind].name, strlen(AeReceiptSchemas[kind].name));
  PUT(r, "\"");
  Put(r, r->at.clock, r->at.nclock);
  PutInt(r, level);
  PUT(r, ",\"payload\":{");
}

static void Key(AeReceipts r, const char key[])
{
  if (!r->empty) PUT(r, ",");
  r->empty = PETSC_FALSE;
  PutString(r, key);
  PUT(r, ":");
}

/* The rest of the record, its hash, and its place in the chain. Whether it fitted. */
static PetscBool End(AeReceipts r, const AeCost *cost, PetscReal risk)
{
  static const AeCost none;
  char                hex[AE_RECEIPT_HEX];

  if (!cost) cost = &none;
  PUT(r, "},\"cost\":{\"s\":");
  PutReal(r, cost->seconds, 6);
  PUT(r, ",\"flops\":");
  PutInt(r, (PetscInt64)cost->flops);
  PUT(r, ",\"bytes\":");
  PutInt(r, (PetscInt64)cost->bytes);
  PUT(r, "},\"risk\":");
  PutReal(r, risk, 6);
  PUT(r, ",\"prev\":\"");
  Put(r, r->at.head, 64);
  PUT(r, "\"");
  r->open = PETSC_FALSE;
  if (r->n + 80 >= LINE) return PETSC_FALSE;
  AeReceiptDigest(r->line, r->n, hex);
  PUT(r, ",\"hash\":\"");
  Put(r, hex, 64);
  PUT(r, "\"}\n");
  memcpy(r->at.head, hex, sizeof hex);
  r->at.seq++;
  return PETSC_TRUE;
}

static void Enqueue(AeReceipts r)
{
  memcpy(r->queue + r->at.queued, r->line, r->n);
  r->at.queued += r->n;
}

/* 0 or errno. What a failed write left of its last line is cut off. */
static int Drain(AeReceipts r)
{
  size_t done = 0;

  while (done < r->at.queued) {
    const ssize_t w = write(r->fd, r->queue + done, r->at.queued - done);

    if (w < 0 && errno == EINTR) continue;
    if (w <= 0) {
      const int reason = w ? errno : EIO;
      while (done && r->queue[done - 1] != '\n') done--;
      if (ftruncate(r->fd, r->at.size + (off_t)done))
        errno = reason; /* the disk is gone already, and the reason to report is the first */
      r->at.queued = 0;
      r->failed    = PETSC_TRUE;
      return reason;
    }
    done += (size_t)w;
  }
  r->at.size += (off_t)r->at.queued;
  r->at.queued = 0;
  return 0;
}

/* ---- life ---- */

/* Queue, chain and clocks are in step. */
static void Keep(AeReceipts r)
{
  const int other = !r->which;

  r->kept[other] = r->at;
  atomic_signal_fence(memory_order_seq_cst);
  r->which = other;
}

/* In a signal handler or after an error. What of the queue is in the file already, the file knows. */
static void LastWords(int status, const char reason[])
{
  AeReceipts  r = speaker;
  struct stat file;

  speaker = NULL;
  if (!r || r->failed) return;
  r->at = r->kept[r->which];
  if (!fstat(r->fd, &file) && S_ISREG(file.st_mode) && file.st_size > r->at.size) {
    const size_t there = PetscMin((size_t)(file.st_size - r->at.size), r->at.queued);

    memmove(r->queue, r->queue + there, r->at.queued - there);
    r->at.queued -= there;
    r->at.size += (off_t)there;
  }
  if (r->at.finished) {
    if (!Drain(r)) (void)fsync(r->fd);
    return;
  }
  Begin(r, AE_RUN_CLOSE, 0);
  Key(r, "exit"), PutInt(r, status);
  Key(r, "reason"), PutString(r, reason);
  Key(r, "n"), PutInt(r, r->at.now.n);
  Key(r, "t"), Put(r, strstr(r->at.clock, "\"t\":") + 4, strcspn(strstr(r->at.clock, "\"t\":") + 4, ","));
  Key(r, "hash"), PutString(r, "");
  if (!End(r, NULL, 0.0)) return;
  if (r->at.queued + r->n > QUEUE && Drain(r)) return;
  Enqueue(r);
  if (!Drain(r)) (void)fsync(r->fd);
  r->at.finished = PETSC_TRUE;
}

static PetscErrorCode Create(MPI_Comm comm, const char path[], AeReceipts *result)
{
  AeReceipts r;

  PetscFunctionBegin;
  PetscCheck(sodium_init() >= 0, PETSC_COMM_SELF, AE_ERR_SYSTEM, "libsodium does not start");
  PetscCall(PetscNew(&r));
  *result = r;
  r->fd   = -1;
  PetscCallMPI(MPI_Comm_rank(comm, &r->rank));
  PetscCall(PetscStrncpy(r->path, path, sizeof r->path));
  memset(r->at.head, '0', 64);
  if (r->rank) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2(LINE, &r->line, QUEUE, &r->queue));
  FormatClock(r, &r->at.now);
  PetscFunctionReturn(0);
}

/* Rank 0's errno is everyone's. */
static PetscErrorCode Opened(MPI_Comm comm, AeReceipts r, int reason)
{
  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(&reason, 1, MPI_INT, 0, comm));
  PetscCheck(!reason, comm, AE_ERR_FILE, "cannot open %s: %s", r->path, strerror(reason));
  if (r->rank) PetscFunctionReturn(0);
  Keep(r);
  speaker = r;
  AeonicLastWords(LastWords);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsOpen(MPI_Comm comm, const char path[], AeReceipts *result)
{
  AeReceipts r;

  PetscFunctionBegin;
  PetscCall(Create(comm, path, &r));
  *result = r;
  if (!r->rank) r->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  PetscCall(Opened(comm, r, r->rank || r->fd >= 0 ? 0 : errno));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsResume(MPI_Comm comm, const char path[], AeReceipts *result, AeReceiptsTail *tail)
{
  AeReceipts       r;
  AeReceiptsReport report;
  int              reason = 0;

  PetscFunctionBegin;
  PetscCall(Create(comm, path, &r));
  *result = r;
  memset(&report, 0, sizeof report);
  if (!r->rank) PetscCall(AeReceiptsVerify(path, &report));
  PetscCallMPI(MPI_Bcast(&report, sizeof report, MPI_BYTE, 0, comm));
  PetscCheck(!report.bad_line, comm, AE_ERR_USAGE, "%s: line %" PetscInt64_FMT ": %s; such a record cannot be continued", path,
             report.bad_line, report.what);
  PetscCheck(report.records, comm, AE_ERR_USAGE, "%s: holds no whole record that could be continued", path);
  memset(tail, 0, sizeof *tail);
  tail->seq    = report.records - 1;
  tail->clock  = report.clock;
  tail->torn   = report.torn;
  tail->closed = report.closed;
  memcpy(tail->hash, report.head, sizeof tail->hash);
  if (!r->rank) {
    r->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (r->fd < 0 || (report.torn && ftruncate(r->fd, (off_t)report.bytes))) reason = errno;
    r->at.seq  = report.records;
    r->at.size = (off_t)report.bytes;
    memcpy(r->at.head, report.head, sizeof r->at.head);
    FormatClock(r, &report.clock);
  }
  PetscCall(Opened(comm, r, reason));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsFlush(AeReceipts r)
{
  int reason;

  PetscFunctionBegin;
  if (r->rank || r->failed || !r->at.queued) PetscFunctionReturn(0);
  reason = Drain(r);
  Keep(r);
  PetscCheck(!reason, PETSC_COMM_SELF, AE_ERR_FILE, "cannot write %s: %s; the records before are intact", r->path,
             strerror(reason));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsFlushSteps(AeReceipts r)
{
  struct timespec now;

  PetscFunctionBegin;
  if (r->rank) PetscFunctionReturn(0);
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  if ((now.tv_sec - r->written.tv_sec) + 1e-9 * (double)(now.tv_nsec - r->written.tv_nsec) < PERIOD) PetscFunctionReturn(0);
  r->written = now;
  PetscCall(AeReceiptsFlush(r));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsSync(AeReceipts r)
{
  PetscFunctionBegin;
  PetscCall(AeReceiptsFlush(r));
  if (r->rank || r->failed) PetscFunctionReturn(0);
  /* EINVAL: not a file that can be synced */
  if (fsync(r->fd) && errno != EINVAL) {
    r->failed = PETSC_TRUE;
    SETERRQ(PETSC_COMM_SELF, AE_ERR_FILE, "cannot sync %s: %s", r->path, strerror(errno));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsHead(AeReceipts r, PetscInt64 *seq, char hash[AE_RECEIPT_HEX])
{
  PetscFunctionBegin;
  *seq = r->at.seq - 1;
  memcpy(hash, r->at.head, AE_RECEIPT_HEX);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsDestroy(AeReceipts *receipts)
{
  AeReceipts     r = *receipts;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!r) PetscFunctionReturn(0);
  ierr = AeReceiptsFlush(r);
  if (speaker == r) {
    speaker = NULL;
    AeonicLastWords(NULL);
  }
  /* some network file systems report a full disk only here */
  if (r->fd >= 0 && close(r->fd) && !ierr && !r->failed)
    ierr = PetscError(PETSC_COMM_SELF, __LINE__, PETSC_FUNCTION_NAME, __FILE__, AE_ERR_FILE, PETSC_ERROR_INITIAL,
                      "cannot close %s: %s", r->path, strerror(errno));
  PetscCall(PetscFree2(r->line, r->queue));
  PetscCall(PetscFree(*receipts));
  PetscFunctionReturn(ierr);
}

/* ---- records ---- */

PetscErrorCode AeReceiptBegin(AeReceipts r, AeReceiptKind kind, PetscInt level, const AeClockTime *now)
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  /* an error may have cut a record short */
  PetscCheck(!r->open || kind >= AE_ERROR, PETSC_COMM_SELF, PETSC_ERR_ORDER, "receipts: %s begins inside %s",
             AeReceiptSchemas[kind].name, AeReceiptSchemas[r->kind].name);
  PetscCheck(!r->at.finished || kind == AE_RESTART, PETSC_COMM_SELF, PETSC_ERR_ORDER, "receipts: %s after RUN_CLOSE",
             AeReceiptSchemas[kind].name);
  PetscCheck(isfinite(now->t), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "receipts: %s at t = %g", AeReceiptSchemas[kind].name,
             (double)now->t);
  if (memcmp(now, &r->at.now, sizeof *now)) FormatClock(r, now);
  Begin(r, kind, level);
  PetscFunctionReturn(0);
}

/* The key is the next one that the kind requires, and of its type; or the kind requires no more. */
static PetscErrorCode Take(AeReceipts r, const char key[], AeValueType type)
{
  const AeReceiptSchema *schema = &AeReceiptSchemas[r->kind];
  const char            *want   = r->next < AE_RECEIPT_KEYS ? schema->required[r->next].key : NULL;

  PetscFunctionBegin;
  PetscCheck(r->open, PETSC_COMM_SELF, PETSC_ERR_ORDER, "receipts: %s outside a record", key);
  if (want) {
    PetscCheck(!strcmp(key, want), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "receipts: %s has %s where %s belongs", schema->name,
               key, want);
    PetscCheck(type == schema->required[r->next].type, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "receipts: %s of %s is not a %s",
               key, schema->name, AeValueTypes[type]);
    r->next++;
  }
  Key(r, key);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptInt(AeReceipts r, const char key[], PetscInt64 value)
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCall(Take(r, key, AE_VALUE_INT));
  PutInt(r, value);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptReal(AeReceipts r, const char key[], PetscReal value)
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCall(Take(r, key, AE_VALUE_REAL));
  PutReal(r, value, 17);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptBool(AeReceipts r, const char key[], PetscBool value)
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCall(Take(r, key, AE_VALUE_BOOL));
  if (value) PUT(r, "true");
  else PUT(r, "false");
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptText(AeReceipts r, const char key[], const char text[])
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCall(Take(r, key, AE_VALUE_TEXT));
  PutString(r, text);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptHash(AeReceipts r, const char key[], const char hex[])
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCheck(!*hex || (strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "receipts: %s is not a hash: %s", key, hex);
  PetscCall(Take(r, key, AE_VALUE_HASH));
  PutString(r, hex);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptMap(AeReceipts r, const char key[], PetscInt n, const char *const names[], const char *const values[])
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCall(Take(r, key, AE_VALUE_MAP));
  PUT(r, "{");
  for (PetscInt i = 0; i < n; i++) {
    if (i) PUT(r, ",");
    PutString(r, names[i]);
    PUT(r, ":");
    PutString(r, values[i]);
  }
  PUT(r, "}");
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptEnd(AeReceipts r, const AeCost *cost, PetscReal risk)
{
  PetscFunctionBegin;
  if (r->rank || r->failed) PetscFunctionReturn(0);
  PetscCheck(r->open, PETSC_COMM_SELF, PETSC_ERR_ORDER, "receipts: the end of no record");
  PetscCheck(r->next == AE_RECEIPT_KEYS || !AeReceiptSchemas[r->kind].required[r->next].key, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "receipts: %s ends without %s", AeReceiptSchemas[r->kind].name, AeReceiptSchemas[r->kind].required[r->next].key);
  if (r->at.queued + LINE > QUEUE) PetscCall(AeReceiptsFlush(r));
  PetscCheck(End(r, cost, risk), PETSC_COMM_SELF, AE_ERR_SYSTEM, "receipts: a record of more than %d bytes", LINE - 80);
  Enqueue(r);
  if (r->kind == AE_RUN_CLOSE) r->at.finished = PETSC_TRUE;
  if (r->kind == AE_RESTART) r->at.finished = PETSC_FALSE;
  Keep(r);
  PetscFunctionReturn(0);
}
