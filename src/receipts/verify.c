/*
  The check of a whole file: form and schema of every line, the chain of hashes, the clocks' rules, and what frames a run.
*/
#include "receipts_private.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVERY = 1024 }; /* records between two entries of the index */

typedef struct {
  PetscInt64 from, to; /* seq */
} Branch;

typedef struct {
  const char       *text;     /* the file */
  size_t            size, at; /* where the line under examination begins */
  AeReceiptsReport *report;
  AeReceiptLine     line, last;
  PetscBool         attempting;
  AeClockTime       attempt; /* clocks when it was opened */
  PetscReal         dt;
  size_t           *index; /* of every EVERY-th record */
  Branch           *abandoned;
  PetscInt          nindex, nabandoned;
} Reading;

static PetscBool Is(AeSpan a, AeSpan b) { return (PetscBool)(a.n == b.n && !memcmp(a.s, b.s, a.n)); }
static AeSpan    Span(const char s[]) { return (AeSpan){s, strlen(s)}; }

static int Fault(Reading *r, const char format[], ...) PETSC_ATTRIBUTE_FORMAT(2, 3);
static int Fault(Reading *r, const char format[], ...)
{
  va_list args;

  r->report->bad_line = r->report->records + 1;
  va_start(args, format);
  vsnprintf(r->report->what, sizeof r->report->what, format, args);
  va_end(args);
  return 1;
}

static void *Room(void *array, PetscInt n, size_t size)
{
  return n & (n - 1) ? array : realloc(array, (size_t)(n ? 2 * n : 1) * size);
}

/* The line of a record before this one; it has been found good. */
static size_t Find(Reading *r, PetscInt64 seq, AeReceiptLine *line)
{
  const char *s = r->text + r->index[seq / EVERY], *end;
  size_t      column;

  for (PetscInt64 i = seq - seq % EVERY; i < seq; i++) s = (const char *)memchr(s, '\n', (size_t)(r->text + r->size - s)) + 1;
  end = memchr(s, '\n', (size_t)(r->text + r->size - s));
  (void)AeReceiptScan(s, (size_t)(end - s), NULL, line, &column);
  return (size_t)(s - r->text);
}

static PetscBool IsAbandoned(const Reading *r, PetscInt64 seq)
{
  for (PetscInt b = 0; b < r->nabandoned; b++)
    if (seq >= r->abandoned[b].from && seq <= r->abandoned[b].to) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* ---- the chain ---- */

/* A line in the wrong place: lost ones before it, a copy, or two that were swapped? */
static int WrongPlace(Reading *r, size_t length)
{
  const PetscInt64 want = r->report->records, seq = r->line.seq;
  const char      *next = r->text + r->at + length + 1,
             *end       = next < r->text + r->size ? memchr(next, '\n', (size_t)(r->text + r->size - next)) : NULL;
  AeReceiptLine other;
  size_t        column;

  if (seq < 0) return Fault(r, "seq %" PetscInt64_FMT " cannot be", seq);
  if (seq < want) {
    (void)Find(r, seq, &other);
    if (Is(other.hash, r->line.hash)) return Fault(r, "a repetition of line %" PetscInt64_FMT, seq + 1);
    return Fault(r, "seq %" PetscInt64_FMT " where %" PetscInt64_FMT " belongs", seq, want);
  }
  if (end && !AeReceiptScan(next, (size_t)(end - next), NULL, &other, &column) && other.seq == want)
    return Fault(r, "out of order: it holds seq %" PetscInt64_FMT ", and seq %" PetscInt64_FMT " comes after it", seq, want);
  if (seq == want + 1) return Fault(r, "before it the record with seq %" PetscInt64_FMT " is missing", want);
  return Fault(r, "before it the records with seq %" PetscInt64_FMT " to %" PetscInt64_FMT " are missing", want, seq - 1);
}

static int CheckChain(Reading *r, size_t length)
{
  const PetscInt64 n = r->report->records;
  char             hex[AE_RECEIPT_HEX];

  AeReceiptDigest(r->text + r->at, r->line.hashed, hex);
  if (!r->line.hash.s || memcmp(hex, r->line.hash.s, 64))
    return Fault(r, "changed after it was written: its hash is not that of its text");
  if (r->line.seq != n) return WrongPlace(r, length);
  if (memcmp(r->line.prev.s, r->last.hash.s, 64))
    return Fault(r, n ? "its prev is not the hash of the line before" : "its prev is not the zeros of a beginning");
  return 0;
}

/* ---- the frame: RUN_OPEN, RESTART, RUN_CLOSE ---- */

/* A RESTART goes on from a record before it that no other RESTART has given up: the checkpoint and the clocks must be that
   record's. What stands between the two is given up by it. */
static int CheckRestart(Reading *r)
{
  AeReceiptLine from;
  PetscInt64    seq = -1;
  Branch       *b;

  if (!AeSpanInt(r->line.required[1], &seq) || seq < 0 || seq >= r->line.seq)
    return Fault(r, "RESTART from seq %" PetscInt64_FMT ", which is not before it", seq);
  if (IsAbandoned(r, seq)) return Fault(r, "RESTART from seq %" PetscInt64_FMT ", which an earlier RESTART has abandoned", seq);
  (void)Find(r, seq, &from);
  if (from.kind == AE_CHECKPOINT && (!Is(from.required[0], r->line.required[0]) || !Is(from.required[1], r->line.required[2])))
    return Fault(r, "RESTART from another checkpoint than the one of seq %" PetscInt64_FMT, seq);
  if (from.clock.maint < r->line.clock.maint)
    from.clock.maint = r->line.clock.maint; /* a maintenance with nothing to do left no record */
  if (memcmp(&from.clock, &r->line.clock, sizeof from.clock))
    return Fault(r, "RESTART with other clocks than those of seq %" PetscInt64_FMT, seq);
  r->attempting = PETSC_FALSE;
  r->report->restarts++;
  if (seq + 1 == r->line.seq) return 0;
  if (!(b = Room(r->abandoned, r->nabandoned, sizeof *b))) return Fault(r, "no memory to read on");
  r->abandoned                  = b;
  r->abandoned[r->nabandoned++] = (Branch){seq + 1, r->line.seq - 1};
  return 0;
}

static int CheckFrame(Reading *r)
{
  const AeReceiptKind kind  = r->line.kind;
  const PetscBool     first = (PetscBool)!r->report->records, after_restart = (PetscBool)(!first && r->last.kind == AE_RESTART);

  if ((first || after_restart) && kind != AE_RUN_OPEN) return Fault(r, "%s where RUN_OPEN belongs", AeReceiptSchemas[kind].name);
  if (!first && !after_restart && kind == AE_RUN_OPEN) return Fault(r, "RUN_OPEN in the middle of a run");
  if (!first && r->last.kind == AE_RUN_CLOSE && kind != AE_RESTART)
    return Fault(r, "%s after RUN_CLOSE", AeReceiptSchemas[kind].name);
  if (kind == AE_RUN_OPEN && !Is(r->line.required[0], Span(AE_RECEIPTS_FORMAT)))
    return Fault(r, "not of the format " AE_RECEIPTS_FORMAT);
  if (first && (r->line.clock.step || r->line.clock.n || r->line.clock.loom || r->line.clock.maint))
    return Fault(r, "the clocks do not start at 0");
  return 0;
}

/* ---- clocks ---- */

/* What a step's payload says must be what the clocks say. */
static int CheckStep(Reading *r)
{
  const AeReceiptKind kind = r->line.kind;
  const AeClockTime  *now  = &r->line.clock;
  PetscInt64          n;
  PetscReal           dt;

  if (!AeSpanInt(r->line.required[0], &n) || n != now->n + (kind == AE_STEP_ATTEMPT || kind == AE_STEP_REJECT))
    return Fault(r, "the step's n is not the clock's");
  if (!Is(r->line.required[1], r->line.time)) return Fault(r, "the step's t is not the clock's");
  if (kind == AE_ROLLBACK || kind == AE_HASH) return 0;
  if (!AeSpanReal(r->line.required[2], &dt) || !(dt > 0)) return Fault(r, "a step whose dt is not positive");
  if (kind == AE_STEP_ATTEMPT) r->attempt = *now, r->dt = dt;
  /* dt and the difference of two times agree to the rounding of the times */
  if (kind == AE_STEP_ACCEPT &&
      !(fabs(now->t - r->attempt.t - dt) <= 4 * PETSC_MACHINE_EPSILON * (fabs(now->t) + fabs(r->attempt.t))))
    return Fault(r, "the step's t is not the attempt's plus dt");
  if (kind == AE_STEP_REJECT && dt != r->dt) return Fault(r, "the rejected dt is not the attempt's");
  return 0;
}

static int CheckClocks(Reading *r)
{
  const AeReceiptKind kind = r->line.kind;
  const AeTick        tick = AeReceiptSchemas[kind].tick;
  const char         *fault =
    r->report->records && kind != AE_RESTART ? AeClockRule(tick, r->attempting, &r->last.clock, &r->line.clock) : NULL;

  if (fault) return Fault(r, "%s: %s", AeReceiptSchemas[kind].name, fault);
  if (tick == AE_TICK_ATTEMPT) r->attempting = PETSC_TRUE;
  if (tick == AE_TICK_ACCEPT || tick == AE_TICK_REJECT) r->attempting = PETSC_FALSE;
  if (kind >= AE_STEP_ATTEMPT && kind <= AE_ROLLBACK) return CheckStep(r);
  return kind == AE_HASH ? CheckStep(r) : 0;
}

/* ---- the whole file ---- */

static int CheckClose(Reading *r)
{
  const AeSpan *given  = r->line.required;
  PetscInt64    status = 0, n;

  if (!AeSpanInt(given[0], &status) || status < 0) return Fault(r, "RUN_CLOSE with exit status %" PetscInt64_FMT, status);
  if (!AeSpanInt(given[2], &n) || n != r->line.clock.n || !Is(given[3], r->line.time))
    return Fault(r, "RUN_CLOSE with another n or t than the clocks'");
  if (!status && r->attempting) return Fault(r, "RUN_CLOSE of a good run in the middle of an attempt");
  r->report->status = (int)status;
  return 0;
}

static void Note(Reading *r, size_t length)
{
  AeReceiptsReport *report = r->report;
  const AeSpan     *given  = r->line.required;
  const AeSpan      state  = r->line.kind == AE_HASH         ? given[2]
                             : r->line.kind == AE_RUN_CLOSE  ? given[4]
                             : r->line.kind == AE_CHECKPOINT ? given[1]
                                                             : (AeSpan){NULL, 0};

  if (state.n == 64) memcpy(report->state, state.s, 64);
  report->kinds[r->line.kind]++;
  report->records++;
  report->bytes += (PetscInt64)length + 1;
  report->clock  = r->line.clock;
  report->closed = (PetscBool)(r->line.kind == AE_RUN_CLOSE);
  r->last        = r->line;
}

static int CheckLine(Reading *r, size_t length)
{
  size_t      column, *index;
  const char *what = AeReceiptScan(r->text + r->at, length, r->report->records ? &r->last : NULL, &r->line, &column);

  if (what) return Fault(r, "not a whole record: expected %s at column %zu", what, column + 1);
  if (CheckChain(r, length)) return 1;
  if (r->line.seq % EVERY == 0) {
    if (!(index = Room(r->index, r->nindex, sizeof *index))) return Fault(r, "no memory to read on");
    r->index              = index;
    r->index[r->nindex++] = r->at;
  }
  if (CheckFrame(r) || CheckClocks(r)) return 1;
  if (r->line.kind == AE_RESTART && CheckRestart(r)) return 1;
  if (r->line.kind == AE_RUN_CLOSE && CheckClose(r)) return 1;
  Note(r, length);
  return 0;
}

/* Line by line to the first fault, or to a last line without an end; then how many records restarts have given up. */
static void ReadAll(Reading *r)
{
  AeReceiptsReport *report = r->report;

  while (r->at < r->size) {
    const char *s = r->text + r->at, *end = memchr(s, '\n', r->size - r->at);

    if (!end) {
      report->torn = (PetscInt64)(r->size - r->at);
      break;
    }
    if (CheckLine(r, (size_t)(end - s))) return;
    r->at += (size_t)(end - s) + 1;
  }
  for (PetscInt b = 0; b < r->nabandoned; b++) report->abandoned += r->abandoned[b].to - r->abandoned[b].from + 1;
  for (PetscInt b = 0; b < r->nabandoned; b++) /* one inside another is counted once */
    for (PetscInt o = 0; o < r->nabandoned; o++)
      if (o != b && r->abandoned[b].from >= r->abandoned[o].from && r->abandoned[b].to <= r->abandoned[o].to) {
        report->abandoned -= r->abandoned[b].to - r->abandoned[b].from + 1;
        break;
      }
  if (report->records) memcpy(report->head, r->last.hash.s, 64);
}

PetscErrorCode AeReceiptsVerifyText(const char text[], size_t size, AeReceiptsReport *report)
{
  Reading r;

  PetscFunctionBegin;
  PetscCheck(sodium_init() >= 0, PETSC_COMM_SELF, AE_ERR_SYSTEM, "libsodium does not start");
  memset(&r, 0, sizeof r);
  memset(report, 0, sizeof *report);
  r.report    = report;
  r.text      = text;
  r.size      = size;
  r.last.hash = Span("0000000000000000000000000000000000000000000000000000000000000000");
  ReadAll(&r);
  free(r.index);
  free(r.abandoned);
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsVerify(const char path[], AeReceiptsReport *report)
{
  const int      fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat    st;
  PetscErrorCode ierr;
  void          *map = NULL;

  PetscFunctionBegin;
  PetscCheck(fd >= 0 && !fstat(fd, &st), PETSC_COMM_SELF, AE_ERR_USAGE, "%s: cannot be read: %s", path, strerror(errno));
  if (S_ISREG(st.st_mode) && st.st_size) {
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED) map = NULL;
    else (void)madvise(map, (size_t)st.st_size, MADV_SEQUENTIAL);
  }
  close(fd);
  PetscCheck(S_ISREG(st.st_mode), PETSC_COMM_SELF, AE_ERR_USAGE, "%s: not a file of receipts", path);
  PetscCheck(map || !st.st_size, PETSC_COMM_SELF, AE_ERR_SYSTEM, "%s: cannot be read: %s", path, strerror(errno));
  ierr = AeReceiptsVerifyText(map, (size_t)st.st_size, report);
  if (map) munmap(map, (size_t)st.st_size);
  PetscFunctionReturn(ierr);
}

void AeReceiptsRequireEnd(AeReceiptsReport *report, PetscBool unfinished)
{
  const size_t size = sizeof report->what;

  if (report->bad_line) return;
  if (report->torn)
    snprintf(report->what, size, "torn: the last line ends after %" PetscInt64_FMT " bytes, without a newline", report->torn);
  else if (!report->records) snprintf(report->what, size, "missing: the file is empty");
  else if (!report->closed && !unfinished)
    snprintf(report->what, size,
             "missing: the file ends without RUN_CLOSE; the run is going on (-unfinished accepts that), was killed, or lines "
             "were taken away");
  else return;
  report->bad_line = report->records + 1;
}
