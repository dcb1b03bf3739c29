/* Receipts: what is written is found good; every change of it is found, and where. ranks: 1 2 */
#include <aeonic/audit.h>
#include <aeonic/receipts.h>
#include "tap.h"
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16, MAX_LINES = 128 };

static char   folder[64], path[96], other[96];
static char   last_error[1024];
static int    rank;
static char   text[ROOM]; /* the good file */
static size_t length;
static int    nlines;
static size_t begin[MAX_LINES + 1]; /* of each line; the end of the last */

/* ---- a sample that has every kind ---- */

static PetscErrorCode Generic(AeReceipts r, AeReceiptKind kind, const AeClockTime *now)
{
  static const char *const names[] = {"-a", "-b"}, *const values[] = {"1", ""};
  const AeReceiptSchema *schema = &AeReceiptSchemas[kind];
  const AeCost           cost   = {0.25, 1000.0, 4096.0};

  PetscFunctionBegin;
  PetscCall(AeReceiptBegin(r, kind, 1, now));
  for (int k = 0; k < AE_RECEIPT_KEYS && schema->required[k].key; k++) {
    const char *key = schema->required[k].key;
    const int   n = !strcmp(key, "n"), t = !strcmp(key, "t");

    switch (schema->required[k].type) {
    case AE_VALUE_INT:
      PetscCall(AeReceiptInt(r, key, n ? now->n + (kind == AE_STEP_ATTEMPT || kind == AE_STEP_REJECT) : k));
      break;
    case AE_VALUE_REAL:
      PetscCall(AeReceiptReal(r, key, t ? now->t : 0.25));
      break;
    case AE_VALUE_BOOL:
      PetscCall(AeReceiptBool(r, key, PETSC_TRUE));
      break;
    case AE_VALUE_TEXT:
      PetscCall(AeReceiptText(r, key, "text"));
      break;
    case AE_VALUE_HASH:
      PetscCall(AeReceiptHash(r, key, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
      break;
    case AE_VALUE_MAP:
      PetscCall(AeReceiptMap(r, key, 2, names, values));
      break;
    }
  }
  PetscCall(AeReceiptReal(r, "extra", 1.0 / 3));
  PetscCall(AeReceiptEnd(r, &cost, 0.5));
  PetscFunctionReturn(0);
}

static PetscErrorCode Step(AeReceipts r, AeClock clock, PetscBool accept)
{
  PetscFunctionBegin;
  PetscCall(AeClockAttempt(clock));
  PetscCall(Generic(r, AE_STEP_ATTEMPT, AeClockNow(clock)));
  if (accept) PetscCall(AeClockAccept(clock, AeClockNow(clock)->t + 0.25));
  else PetscCall(AeClockReject(clock));
  PetscCall(Generic(r, accept ? AE_STEP_ACCEPT : AE_STEP_REJECT, AeClockNow(clock)));
  PetscFunctionReturn(0);
}

/* Two steps, one of everything else, a checkpoint; a step that is abandoned; again from the checkpoint to the end. */
static PetscErrorCode WriteSample(AeReceipts r, AeClock clock)
{
  const AeReceiptsTail tail = {.seq = 1000};
  AeClock              again;
  PetscReal            x[AE_CLOCK_NUMBERS];
  PetscInt             n;
  PetscInt64           checkpoint;
  char                 hash[AE_RECEIPT_HEX], state[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

  PetscFunctionBegin;
  PetscCall(AeReceiptRunOpen(r, AeClockNow(clock), "test", "exact", 0, NULL));
  PetscCall(Step(r, clock, PETSC_TRUE));
  PetscCall(Step(r, clock, PETSC_FALSE));
  for (int k = AE_ROLLBACK; k < AE_CHECKPOINT; k++) {
    if (k == AE_LOOM) PetscCall(AeClockLoom(clock));
    if (k == AE_CLEANUP) PetscCall(AeClockMaint(clock));
    PetscCall(Generic(r, (AeReceiptKind)k, AeClockNow(clock)));
  }
  for (int k = AE_OUTPUT; k < AE_RUN_CLOSE; k++) PetscCall(Generic(r, (AeReceiptKind)k, AeClockNow(clock)));
  PetscCall(Generic(r, AE_CHECKPOINT, AeClockNow(clock)));
  PetscCall(AeReceiptsHead(r, &checkpoint, hash));
  PetscCall(AeClockSave(clock, &n, x));
  PetscCall(Step(r, clock, PETSC_TRUE));
  PetscCall(AeClockCreate(0.0, &again));
  PetscCall(AeClockRestore(again, n, x));
  PetscCall(AeReceiptRestart(r, AeClockNow(again), "text", checkpoint, state, &tail));
  PetscCall(AeReceiptRunOpen(r, AeClockNow(again), "test", "exact", 0, NULL));
  PetscCall(Step(r, again, PETSC_TRUE));
  PetscCall(AeReceiptRunClose(r, AeClockNow(again), 0, "done", state));
  PetscCall(AeClockDestroy(&again));
  PetscFunctionReturn(0);
}

static void Load(void)
{
  FILE *f = fopen(path, "r");

  length = f ? fread(text, 1, sizeof text, f) : 0;
  if (f) fclose(f);
  nlines = 0;
  for (size_t i = 0; i < length && nlines < MAX_LINES; i++)
    if (!i || text[i - 1] == '\n') begin[nlines++] = i;
  begin[nlines] = length;
}

static PetscErrorCode TestSample(void)
{
  AeReceipts       r;
  AeClock          clock;
  AeReceiptsReport report;
  int              kinds = 1, parsed = 1;

  PetscFunctionBegin;
  PetscCall(AeClockCreate(0.0, &clock));
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, path, &r));
  PetscCall(WriteSample(r, clock));
  PetscCall(AeReceiptsDestroy(&r));
  PetscCall(AeClockDestroy(&clock));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  Load();
  PetscCall(AeReceiptsVerify(path, &report));
  AeReceiptsRequireEnd(&report, PETSC_FALSE);
  TapTrue(!report.bad_line && report.closed && !report.status, report.bad_line ? report.what : "a sample of every kind is good");
  for (int k = 0; k < AE_RECEIPT_KINDS; k++) kinds = kinds && report.kinds[k] > 0;
  TapTrue(kinds && report.records == nlines, "every kind is in it, and every line is counted");
  TapTrue(report.restarts == 1 && report.abandoned == 2, "one restart, with the abandoned step's two records");
  TapTrue(report.clock.step == 3 && report.clock.n == 2 && report.clock.t == 0.5 && report.clock.loom == 1 &&
            report.clock.maint == 1,
          "the clocks at the end are those of the branch that counts");
  for (int i = 0; i < nlines; i++) {
    json_error_t error;
    json_t      *o = json_loadb(text + begin[i], begin[i + 1] - begin[i], JSON_REJECT_DUPLICATES, &error);
    parsed = parsed && o && json_integer_value(json_object_get(o, "seq")) == i && json_is_string(json_object_get(o, "hash"));
    json_decref(o);
  }
  TapTrue(parsed, "a JSON library reads every line");
  PetscFunctionReturn(0);
}

/* ---- every change is found, and where ---- */

static PetscInt64 Verdict(const char s[], size_t n)
{
  AeReceiptsReport report;

  if (AeReceiptsVerifyText(s, n, &report)) return -1;
  AeReceiptsRequireEnd(&report, PETSC_FALSE);
  return report.bad_line;
}

static void WriteOther(const char s[], size_t n)
{
  FILE *f = fopen(other, "w");

  if (f && fwrite(s, 1, n, f) == n) fclose(f);
}

static int LineOf(size_t at)
{
  int i = 0;
  while (begin[i + 1] <= at) i++;
  return i + 1;
}

/* The good file's lines in another order; -1 ends. */
static PetscInt64 Reordered(const int order[])
{
  static char s[2 * ROOM];
  size_t      n = 0;

  for (int i = 0; order[i] >= 0; i++) {
    const size_t size = begin[order[i] + 1] - begin[order[i]];
    memcpy(s + n, text + begin[order[i]], size);
    n += size;
  }
  return Verdict(s, n);
}

static void TestChanges(void)
{
  static char  s[2 * ROOM];
  int          order[2 * MAX_LINES], flips = 0, missed = 0, cuts = 0;
  const size_t last = begin[nlines - 1];

  /* each byte of the file, once inverted in one bit and once replaced */
  for (size_t i = 0; i < length; i++) {
    const char bytes[] = {(char)(text[i] ^ (1 << (i % 8))), text[i] == '\n' ? ' ' : '\n'};
    for (int b = 0; b < 2; b++) {
      memcpy(s, text, length);
      s[i] = bytes[b];
      flips++;
      if (Verdict(s, length) != LineOf(i)) missed++;
    }
  }
  TapAbove(flips, 2.0 * (double)length, "bytes changed");
  TapNear(missed, 0, 0, "changed bytes not found in their line");

  /* the file cut after each byte: in a line it is torn there; after a line the next is missing */
  missed = 0;
  for (size_t i = 0; i < length; i++, cuts++)
    if (Verdict(text, i) != LineOf(i)) missed++;
  TapNear(missed, 0, 0, "cuts of the file not found where they are");

  missed = 0;
  for (int l = 0; l < nlines; l++) { /* each line halved, but ended */
    const size_t half = begin[l] + (begin[l + 1] - begin[l]) / 2;
    memcpy(s, text, half);
    s[half] = '\n';
    memcpy(s + half + 1, text + begin[l + 1], length - begin[l + 1]);
    if (Verdict(s, half + 1 + length - begin[l + 1]) != l + 1) missed++;
  }
  TapNear(missed, 0, 0, "shortened lines not found");

  missed = 0;
  for (int l = 0; l < nlines; l++) {
    int n = 0;
    for (int i = 0; i < nlines; i++)
      if (i != l) order[n++] = i;
    order[n] = -1;
    if (Reordered(order) != l + 1) missed++;
  }
  TapNear(missed, 0, 0, "missing lines not found where the gap is");

  missed = 0;
  for (int a = 0; a < nlines; a++) /* each pair swapped: the first of the two places is named */
    for (int b = a + 1; b < nlines; b++) {
      for (int i = 0; i < nlines; i++) order[i] = i == a ? b : i == b ? a : i;
      order[nlines] = -1;
      if (Reordered(order) != a + 1) missed++;
    }
  TapNear(missed, 0, 0, "swapped lines not found");

  missed = 0;
  for (int l = 0; l < nlines; l++) /* each line repeated at each later place: the copy is named */
    for (int at = l + 1; at <= nlines; at++) {
      int n = 0;
      for (int i = 0; i < nlines; i++) {
        if (i == at) order[n++] = l;
        order[n++] = i;
      }
      if (at == nlines) order[n++] = l;
      order[n] = -1;
      if (Reordered(order) != at + 1) missed++;
    }
  TapNear(missed, 0, 0, "repeated lines not found where the copy is");
  TapTrue(Verdict(text, length) == 0 && last < length, "and the unchanged file is good");
}

/* ---- continuing ---- */

/* Cut in the last line at each of some places, continued from the checkpoint, good again. */
static PetscErrorCode TestResume(void)
{
  int            good = 1, torn = 1;
  AeReceipts     r;
  AeReceiptsTail tail;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  for (size_t keep = begin[nlines - 1]; keep <= length; keep += 37) {
    AeReceiptsReport report;

    if (!rank) WriteOther(text, keep);
    PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
    PetscCall(AeReceiptsResume(PETSC_COMM_WORLD, other, &r, &tail));
    torn = torn && tail.torn == (PetscInt64)(keep - begin[nlines - 1]) && tail.seq == nlines - 2;
    PetscCall(AeReceiptRestart(r, &tail.clock, "text", tail.seq, "", &tail));
    PetscCall(AeReceiptRunOpen(r, &tail.clock, "test", "exact", 0, NULL));
    PetscCall(AeReceiptRunClose(r, &tail.clock, 0, "done", ""));
    PetscCall(AeReceiptsDestroy(&r));
    PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
    PetscCall(AeReceiptsVerify(other, &report));
    AeReceiptsRequireEnd(&report, PETSC_FALSE);
    good = good && !report.bad_line && report.records == nlines - 1 + 3;
    PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  }
  TapTrue(torn, "a torn last line is cut off and counted");
  TapTrue(good, "the record goes on unbroken");
  if (!rank) {
    text[begin[2] + 5] ^= 1;
    WriteOther(text, length);
    text[begin[2] + 5] ^= 1;
  }
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  ierr = AeReceiptsResume(PETSC_COMM_WORLD, other, &r, &tail);
  TapTrue(ierr == AE_ERR_USAGE && strstr(last_error, "line 3"), "a broken record is not continued, and the line is named");
  PetscCall(AeReceiptsDestroy(&r));
  PetscFunctionReturn(0);
}

/* ---- what the writer refuses, and what it does with odd values ---- */

static PetscErrorCode TestWriter(void)
{
  const AeClockTime now = {0}, never = {.t = NAN};
  AeReceipts        r;
  AeReceiptsReport  report;
  PetscErrorCode    ierr;
  char             *huge;
  int               steps, own, library;
  rlim_t            before;
  struct rlimit     limit;

  PetscFunctionBegin;
  ierr = AeReceiptsOpen(PETSC_COMM_WORLD, path, &r);
  TapTrue(ierr == AE_ERR_FILE && strstr(last_error, "exists"), "an existing file is not opened as a new one");
  PetscCall(AeReceiptsDestroy(&r));
  ierr = AeReceiptsOpen(PETSC_COMM_WORLD, "/no/such/folder/receipts.jsonl", &r);
  TapTrue(ierr == AE_ERR_FILE && strstr(last_error, "/no/such/folder/receipts.jsonl"), "a file that cannot be made is named");
  PetscCall(AeReceiptsDestroy(&r));

  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) unlink(other);
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, other, &r));
  PetscCall(AeReceiptRunOpen(r, &now, "test", "exact", 0, NULL));
  TapTrue(rank || AeReceiptBegin(r, AE_OUTPUT, 0, &never), "no record at t = NaN");
  PetscCall(AeReceiptBegin(r, AE_HASH, 0, &now));
  TapTrue(rank || AeReceiptBegin(r, AE_OUTPUT, 0, &now) == PETSC_ERR_ORDER, "no record inside another");
  TapTrue(rank || AeReceiptReal(r, "t", 0.0) == PETSC_ERR_ARG_WRONG, "a key out of order is refused");
  TapTrue(rank || AeReceiptReal(r, "n", 0.0) == PETSC_ERR_ARG_WRONG, "a key of another type is refused");
  PetscCall(AeReceiptInt(r, "n", 0));
  PetscCall(AeReceiptReal(r, "t", 0.0));
  TapTrue(rank || AeReceiptEnd(r, NULL, 0.0) == PETSC_ERR_ARG_WRONG, "a record without a key that its kind requires is refused");
  TapTrue(rank || AeReceiptHash(r, "hash", "0123") == PETSC_ERR_ARG_WRONG, "what is no hash is refused");
  PetscCall(AeReceiptHash(r, "hash", ""));
  PetscCall(AeReceiptReal(r, "nan", NAN));
  PetscCall(AeReceiptReal(r, "inf", -INFINITY));
  PetscCall(AeReceiptReal(r, "third", 1.0 / 3));
  PetscCall(AeReceiptReal(r, "minus", -0.0));
  PetscCall(AeReceiptReal(r, "tiny", 0x1p-1074));
  PetscCall(AeReceiptInt(r, "least", INT64_MIN));
  PetscCall(AeReceiptText(r, "odd", "a\"b\\c\n\x01 \xc3\xa9 \xff\xed\xa0\x80"));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscCall(PetscMalloc1(1 << 19, &huge));
  memset(huge, 'x', 1 << 19);
  huge[(1 << 19) - 1] = 0;
  PetscCall(AeReceiptBegin(r, AE_LOOM_SKIP, 0, &now));
  PetscCall(AeReceiptText(r, "reason", huge));
  TapTrue(rank || AeReceiptEnd(r, NULL, 0.0) == AE_ERR_SYSTEM, "a record larger than there is room for is refused");
  PetscCall(PetscFree(huge));

  /* a thousand records as in a step, audited */
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  for (int s = 0; s < AE_AUDIT_WARMUP + 1000; s++) {
    AeAuditStepBegin();
    PetscCall(AeReceiptBegin(r, AE_HASH, 0, &now));
    PetscCall(AeReceiptInt(r, "n", 0));
    PetscCall(AeReceiptReal(r, "t", 0.0));
    PetscCall(AeReceiptHash(r, "hash", ""));
    PetscCall(AeReceiptReal(r, "norm", 1.0 / (3 + s)));
    PetscCall(AeReceiptEnd(r, NULL, 0.0));
    PetscCall(AeReceiptsFlush(r));
    AeAuditStepEnd();
  }
  {
    PetscInt a, b, c;
    PetscCall(AeAuditCounts(&a, &b, &c));
    steps = (int)a, own = (int)b, library = (int)c;
  }
#if defined(__SANITIZE_ADDRESS__)
  steps = 1000; /* the audit is off there */
#endif
  TapNear(steps, 1000, 0, "steps audited");
  TapNear(own + library, 0, 0, "heap allocations in them");
  PetscCall(AeReceiptRunClose(r, &now, 0, "done", ""));
  TapTrue(rank || AeReceiptBegin(r, AE_OUTPUT, 0, &now) == PETSC_ERR_ORDER, "nothing after RUN_CLOSE");
  PetscCall(AeReceiptsDestroy(&r));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(AeReceiptsVerify(other, &report));
  AeReceiptsRequireEnd(&report, PETSC_FALSE);
  TapTrue(!report.bad_line && report.records == 1 + 1 + AE_AUDIT_WARMUP + 1000 + 1,
          report.bad_line ? report.what : "after all that was refused the record is good");
  {
    FILE   *f          = fopen(other, "r");
    char    line[4096] = "";
    json_t *o, *p;

    for (int i = 0; i < 2 && f; i++)
      if (!fgets(line, sizeof line, f)) line[0] = 0;
    if (f) fclose(f);
    o = json_loads(line, 0, NULL);
    p = json_object_get(o, "payload");
    TapTrue(json_is_null(json_object_get(p, "nan")) && json_is_null(json_object_get(p, "inf")), "what is not finite is null");
    TapTrue(json_real_value(json_object_get(p, "third")) == 1.0 / 3 && json_real_value(json_object_get(p, "tiny")) == 0x1p-1074 &&
              json_number_value(json_object_get(p, "minus")) == 0,
            "reals are read back exactly");
    TapTrue(json_integer_value(json_object_get(p, "least")) == INT64_MIN, "and integers");
    TapTrue(json_string_value(json_object_get(p, "odd")) &&
              !strcmp(json_string_value(json_object_get(p, "odd")),
                      "a\"b\\c\n\x01 \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
            "texts too, with U+FFFD for bytes that are no UTF-8");
    json_decref(o);
  }

  /* a full disk: no file of this process may grow beyond 10000 bytes */
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) unlink(other);
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, other, &r));
  PetscCall(AeReceiptRunOpen(r, &now, "test", "exact", 0, NULL));
  getrlimit(RLIMIT_FSIZE, &limit);
  before         = limit.rlim_cur;
  limit.rlim_cur = 10000;
  setrlimit(RLIMIT_FSIZE, &limit);
  ierr = 0;
  for (int i = 0; i < 100 && !ierr; i++) {
    PetscCall(AeReceiptBegin(r, AE_LOOM_SKIP, 0, &now));
    PetscCall(AeReceiptText(r, "reason", "none"));
    PetscCall(AeReceiptEnd(r, NULL, 0.0));
    ierr = AeReceiptsFlush(r);
  }
  limit.rlim_cur = before;
  setrlimit(RLIMIT_FSIZE, &limit);
  TapTrue(rank || (ierr == AE_ERR_FILE && strstr(last_error, other) && strstr(last_error, "File too large")),
          "a full disk is an error that names the file and the reason");
  TapTrue(!AeReceiptRunClose(r, &now, 3, "full", "") && !AeReceiptsDestroy(&r), "it is not raised a second time");
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(AeReceiptsVerify(other, &report));
  AeReceiptsRequireEnd(&report, PETSC_TRUE);
  TapTrue(!report.bad_line && report.bytes > 9000, "what was written before is whole");
  PetscFunctionReturn(0);
}

/* Records of steps are written after a while, without anybody asking for it: the file grows, and grows again. */
static PetscErrorCode TestSteps(void)
{
  const AeClockTime now     = {0};
  const time_t      started = time(NULL);
  AeReceipts        r;
  AeReceiptsReport  report;
  struct stat       file  = {.st_size = 0};
  int               grown = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) unlink(other);
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, other, &r));
  PetscCall(AeReceiptRunOpen(r, &now, "test", "exact", 0, NULL));
  TapTrue(rank || (!stat(other, &file) && file.st_size > 0), "RUN_OPEN is in the file at once");
  while (!rank && grown < 2 && time(NULL) < started + 60) {
    const off_t size = file.st_size;

    PetscCall(AeReceiptBegin(r, AE_LOOM_SKIP, 0, &now));
    PetscCall(AeReceiptText(r, "reason", "none"));
    PetscCall(AeReceiptEnd(r, NULL, 0.0));
    PetscCall(AeReceiptsFlushSteps(r));
    usleep(1000);
    grown += !stat(other, &file) && file.st_size > size;
  }
  TapTrue(rank || grown == 2, "records of steps get there by themselves");
  PetscCall(AeReceiptRunClose(r, &now, 0, "done", ""));
  PetscCall(AeReceiptsDestroy(&r));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(AeReceiptsVerify(other, &report));
  AeReceiptsRequireEnd(&report, PETSC_FALSE);
  TapTrue(!report.bad_line, report.bad_line ? report.what : "and none is missing");
  PetscFunctionReturn(0);
}

static PetscErrorCode TestNotReceipts(void)
{
  AeReceiptsReport report;

  PetscFunctionBegin;
  TapTrue(Verdict("", 0) == 1, "an empty file is line 1");
  TapTrue(Verdict("hello\n", 6) == 1 && Verdict("{}\n", 3) == 1 && Verdict("\n\n", 2) == 1 && Verdict("\0\0\0", 3) == 1,
          "neither are other files");
  TapTrue(AeReceiptsVerify("/no/such/file", &report) == AE_ERR_USAGE && AeReceiptsVerify(folder, &report) == AE_ERR_USAGE &&
            AeReceiptsVerify("/dev/null", &report) == AE_ERR_USAGE,
          "nothing, a folder, a device: refused");
  PetscFunctionReturn(0);
}

static PetscErrorCode Quiet(MPI_Comm comm, int line, const char *func, const char *file, PetscErrorCode n, PetscErrorType p,
                            const char *mess, void *ctx)
{
  (void)comm, (void)line, (void)func, (void)file, (void)ctx;
  if (p == PETSC_ERROR_INITIAL) snprintf(last_error, sizeof last_error, "%s", mess ? mess : "");
  return n;
}

int main(int argc, char **argv)
{
  PetscCall(AeonicInitialize(&argc, &argv, "receipts\n"));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  snprintf(folder, sizeof folder, "/tmp/aeonic-receipts-XXXXXX");
  if (!rank) PetscCheck(mkdtemp(folder), PETSC_COMM_SELF, AE_ERR_SYSTEM, "no folder %s", folder);
  PetscCallMPI(MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, PETSC_COMM_WORLD));
  snprintf(path, sizeof path, "%s/good.jsonl", folder);
  snprintf(other, sizeof other, "%s/other.jsonl", folder);
  PetscCall(PetscPushErrorHandler(Quiet, NULL));
  PetscCall(TestSample());
  PetscCall(TestResume());
  PetscCall(TestWriter());
  PetscCall(TestSteps());
  TestChanges();
  PetscCall(TestNotReceipts());
  PetscCall(PetscPopErrorHandler());
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) unlink(other), unlink(path), rmdir(folder);
  const int status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
