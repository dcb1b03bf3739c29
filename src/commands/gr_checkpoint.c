/*
  Checkpoints of an evolution and going on from one.

  A restart may change how long a run is, what it writes and looks at, and the ranks; everything else must be as it was,
  since the run goes on bit for bit.
*/
#include "gr_app.h"
#include <aeonic/checkpoint.h>
#include <aeonic/spectral.h>
#include <petsctime.h>
#include <signal.h>

/* What the run itself has to know, in numbers of 8 bytes each. */
typedef struct {
  PetscInt64 n, rejections, volumes_at, cuts_at, binding, begun, seq, slope, octave, band, shifts;
  PetscReal  t, next, dt, dt_limit, t_end, t_begin, regime_dt, lapse_min, K_max;
} Numbers;

/* ---- signals: the flags travel with the step's reduction ---- */

static volatile sig_atomic_t asked; /* AE_ASK_* of this rank */
static struct sigaction      was[2];
static const int             signals[2] = {SIGTERM, SIGUSR1};

static void OnSignal(int sig)
{
  if (sig == SIGUSR1) asked = PetscMax(asked, AE_ASK_CHECKPOINT);
  else {
    asked = AE_ASK_STOP;
    sigaction(SIGTERM, &was[0], NULL); /* a second one means at once */
  }
}

static void SignalsBegin(void)
{
  struct sigaction on;

  memset(&on, 0, sizeof on);
  on.sa_handler = OnSignal;
  on.sa_flags   = SA_RESTART;
  for (int s = 0; s < 2; s++) sigaction(signals[s], &on, &was[s]);
  if (was[0].sa_handler == SIG_IGN) sigaction(SIGTERM, &was[0], NULL);
}

static void SignalsEnd(void)
{
  for (int s = 0; s < 2; s++) {
    struct sigaction now;
    if (!sigaction(signals[s], NULL, &now) && now.sa_handler == OnSignal) sigaction(signals[s], &was[s], NULL);
  }
}

/* The wall time left must do for two steps and a checkpoint like the slowest, and for the last output. */
static void WatchTime(AeGRApp *a)
{
  AeGRCheckpoint *c = &a->checkpoint;
  PetscLogDouble  now;

  if (c->max_walltime <= 0) return;
  (void)PetscTime(&now);
  if (c->step_begin > 0) c->step_seconds = PetscMax(c->step_seconds, now - c->step_begin);
  c->step_begin = now;
  if (now - c->start + 2.0 * c->step_seconds + 1.5 * c->write_seconds + c->output_seconds >= c->max_walltime)
    AeGRRaise(a->gr, AE_ASK_WALLTIME);
}

/* The statistics of a step, and what any rank was asked for. */
PetscErrorCode AeGRAppReduce(AeGRApp *a)
{
  PetscFunctionBegin;
  if (asked) AeGRRaise(a->gr, asked);
  if (asked == AE_ASK_CHECKPOINT) asked = 0;
  WatchTime(a);
  PetscCall(AeGRReduce(a->gr, &a->stats));
  a->checkpoint.agreed = PetscMax(a->checkpoint.agreed, a->stats.flag); /* a rejected step leaves it to the next */
  PetscFunctionReturn(0);
}

/* ---- writing ---- */

static PetscErrorCode Receipt(AeGRApp *a, const char file[], const char hash[], PetscInt64 bytes)
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_CHECKPOINT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptText(r->receipts, "file", file));
  PetscCall(AeReceiptHash(r->receipts, "hash", hash));
  PetscCall(AeReceiptInt(r->receipts, "size", bytes));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 0.0));
  PetscCall(AeReceiptsSync(r->receipts));
  PetscFunctionReturn(0);
}

static PetscErrorCode Gather(AeGRApp *a, Numbers *x)
{
  PetscInt n, rejections;

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(a->ts, &n));
  PetscCall(TSGetStepRejections(a->ts, &rejections));
  *x = (Numbers){.n          = n,
                 .rejections = rejections,
                 .volumes_at = a->volumes_at,
                 .cuts_at    = a->cuts_at,
                 .binding    = a->binding,
                 .begun      = a->begun,
                 .seq        = -1,
                 .dt         = a->dt,
                 .dt_limit   = a->dt_limit,
                 .t_end      = a->t_end,
                 .t_begin    = a->t_begin,
                 .slope      = a->memory.slope,
                 .octave     = a->memory.octave,
                 .band       = a->memory.band,
                 .shifts     = a->memory.shifts,
                 .regime_dt  = a->memory.dt,
                 .lapse_min  = a->stats.lapse_min,
                 .K_max      = a->stats.K_max};
  PetscCall(TSGetTime(a->ts, &x->t));
  PetscCall(TSGetTimeStep(a->ts, &x->next));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppCheckpoint(AeGRApp *a)
{
  AeGRCheckpoint *c = &a->checkpoint;
  Numbers         x;
  AeRailsState    rails;
  AeGaugeHistory  gauge;
  PetscReal       clock[AE_CLOCK_NUMBERS];
  PetscInt        nclock;
  void           *memory, *loom;
  size_t          nmemory, nloom;
  PetscInt64      bytes;
  char            why[512], hash[65], head[AE_RECEIPT_HEX] = "", folder[PETSC_MAX_PATH_LEN], file[64], *options, *sizes, *wisdom;
  PetscLogDouble  t0, t1;

  PetscFunctionBegin;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  PetscCall(PetscTime(&t0));
  PetscCall(PetscMemzero(&rails, sizeof rails));
  PetscCall(Gather(a, &x));
  if (a->rails) PetscCall(AeRailsGetState(a->adapt, &rails));
  PetscCall(AeGRGetGaugeHistory(a->gr, &gauge));
  PetscCall(AeClockSave(a->record.clock, &nclock, clock));
  PetscCall(AeFieldsHash(a->fields, a->U, hash));
  PetscCall(AeSeriesSizes(a->series, &sizes)); /* the series are on the disk before what counts their lines */
  PetscCall(AeOptionsTable(&options));
  PetscCall(AeMemoryPack(a->memory.memory, &memory, &nmemory));
  PetscCall(AeLoomPack(a->loom.loom, &loom, &nloom));
  PetscCall(AeFFTWisdom(PETSC_COMM_WORLD, &wisdom)); /* other plans would round otherwise */
  if (a->record.receipts) {
    PetscCall(AeReceiptsSync(a->record.receipts));
    PetscCall(AeReceiptsHead(a->record.receipts, &x.seq, head));
  }
  {
    const AeCheckpointPart part[] = {
      {"version", AEONIC_VERSION, strlen(AEONIC_VERSION)},
      {"numbers", &x, sizeof x},
      {"rails", &rails, a->rails ? sizeof rails : 0},
      {"gauge", &gauge, sizeof gauge},
      {"memory", memory, nmemory},
      {"loom", loom, nloom},
      {"wisdom", wisdom, strlen(wisdom)},
      {"clock", clock, (size_t)nclock * sizeof *clock},
      {"hash", hash, 64},
      {"receipt", head, strlen(head)},
      {"series", sizes, strlen(sizes)},
      {"options", options, strlen(options)},
    };

    PetscCall(PetscStrncpy(folder, AeRunPath(a->run, "checkpoint"), sizeof folder));
    PetscCall(AeCheckpointWrite(1, &(AeCheckpointBox){a->fields, a->U}, folder, (PetscInt)x.n, PETSC_STATIC_ARRAY_LENGTH(part),
                                part, &bytes, why, sizeof why));
  }
  PetscCall(PetscSNPrintf(file, sizeof file, "checkpoint/%06" PetscInt64_FMT ".h5", x.n));
  if (why[0])
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "aeonic: warning: no checkpoint at step %" PetscInt64_FMT
                           ": cannot write %s: %s; older ones are as they were, the run goes on\n",
                           x.n, AeRunPath(a->run, file), why));
  else {
    c->last = (PetscInt)x.n;
    c->count++;
    PetscCall(AeCheckpointKeep(PETSC_COMM_WORLD, folder, c->keep));
    PetscCall(Receipt(a, file, hash, bytes));
  }
  PetscCall(PetscTime(&t1));
  c->write_seconds = PetscMax(c->write_seconds, t1 - t0);
  c->step_begin    = 0; /* no part of a step */
  PetscCall(
    PetscInfo(NULL, "checkpoint at step %" PetscInt64_FMT ": %" PetscInt64_FMT " bytes in %.3f s\n", x.n, bytes, t1 - t0));
  PetscCall(PetscFree(memory));
  PetscCall(PetscFree(loom));
  free(wisdom);
  PetscCall(PetscFree(options));
  PetscCall(PetscFree(sizes));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}

/* The last thing of an accepted step. */
PetscErrorCode AeGRAppCheckpointStep(AeGRApp *a)
{
  AeGRCheckpoint *c   = &a->checkpoint;
  const PetscInt  ask = c->agreed;

  PetscFunctionBegin;
  c->agreed = 0;
  if (ask || AeClockDue(a->record.clock, c->due)) {
    PetscCall(AeClockServe(a->record.clock, c->due)); /* what is saved has been served */
    PetscCall(AeGRAppCheckpoint(a));
  }
  if (ask < AE_ASK_WALLTIME) PetscFunctionReturn(0);
  PetscCall(PetscSNPrintf(c->stopped, sizeof c->stopped, "stopped %s; -restart goes on",
                          ask == AE_ASK_STOP ? "by SIGTERM" : "by -max_walltime"));
  PetscCall(TSSetConvergedReason(a->ts, TS_CONVERGED_USER));
  PetscFunctionReturn(0);
}

/* ---- going on ---- */

/* Options that a restart may change: the length of the run, its output, what looks on, and where it runs. */
static PetscBool MayChange(const char name[])
{
  static const char *const whole[] = {
    "-out",          "-summary",      "-fresh",        "-restart",      "-progress",        "-check",    "-ts_max_time",
    "-ts_max_steps", "-series_every", "-hash_every",   "-max_walltime", "-autopsy",         "-receipts", "-info",
    "-citations",    "-error_trace",  "-options_file", "-options_left", "-options_left_ok", "-help",     "-no_signal_handler"};
  static const char *const begin[]  = {"-fields",   "-diag_",     "-norm_",    "-timers", "-checkpoint_", "-log",
                                       "-mem_view", "-mem_audit", "-stencil_", "-out_",   "-slice",       "-options_"};
  static const char *const inside[] = {"_monitor", "_view", "_max_time", "_max_steps"};

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(whole); i++)
    if (!strcmp(name, whole[i])) return PETSC_TRUE;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(begin); i++)
    if (!strncmp(name, begin[i], strlen(begin[i]))) return PETSC_TRUE;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(inside); i++)
    if (strstr(name, inside[i])) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* The line of an option table for a name of that length, NULL if there is none; the lines are sorted. */
static const char *Line(const char table[], const char name[], size_t n)
{
  for (const char *line = table; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
    if (!strncmp(line, name, n) && (line[n] == ' ' || line[n] == '\n' || !line[n])) return line;
  return NULL;
}

static size_t Until(const char s[], const char stop[]) { return strcspn(s, stop); }

/* Every option of a must be in b with the same value. Other: what b is. */
static PetscErrorCode Compare(const char a[], const char b[], PetscBool a_is_old, const char path[])
{
  PetscFunctionBegin;
  for (const char *line = a; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    const size_t n = Until(line, " \n"), whole = Until(line, "\n");
    char         name[PETSC_MAX_OPTION_NAME];
    const char  *other;

    if (*line != '-' || n >= sizeof name) continue;
    memcpy(name, line, n);
    name[n] = 0;
    if (MayChange(name)) continue;
    other = Line(b, name, n);
    if (!other)
      PetscCheck(PETSC_FALSE, PETSC_COMM_WORLD, AE_ERR_USAGE,
                 "-restart: %s was %s with %s and is %s now; a restart may change length, output and ranks only", name,
                 a_is_old ? "given" : "not given", path, a_is_old ? "not" : "given");
    PetscCheck(Until(other, "\n") == whole && !strncmp(line, other, whole), PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-restart: %s was%.*s with %s; a restart may change length, output and ranks only", name,
               (int)((a_is_old ? whole : Until(other, "\n")) - n), (a_is_old ? line : other) + n, path);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckOptions(const char path[])
{
  char  *then, *now;
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, path, "options", (void **)&then, &n));
  PetscCall(AeOptionsTable(&now));
  if (then) PetscCall(Compare(then, now, PETSC_TRUE, path));
  PetscCall(Compare(now, then ? then : "", PETSC_FALSE, path));
  PetscCall(PetscFree(then));
  PetscCall(PetscFree(now));
  PetscFunctionReturn(0);
}

/* A part whose size is known. */
static PetscErrorCode LoadExactly(const char path[], const char name[], size_t size, void *to)
{
  void  *data;
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, path, name, &data, &n));
  PetscCheck(n == size, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "%s: its part %s has %zu bytes, this program needs %zu: it was written by another version", path, name, n, size);
  if (size) PetscCall(PetscMemcpy(to, data, size));
  PetscCall(PetscFree(data));
  PetscFunctionReturn(0);
}

/* dt as PETSc fits it to the final time: the same rules for a final time that was changed. */
static PetscReal Fit(PetscReal t, PetscReal h, PetscReal t_end)
{
  const PetscReal left = t_end - t;

  if (t < t_end && t + h > t_end) return left;
  if (t < t_end && t + h < t_end && h * 1.01 > left) return left;
  if (t < t_end && t + h < t_end && h * 2.0 > left) return left / 2.0;
  return h;
}

/* Before anything is changed: is the record beside the checkpoint that of its run? */
static PetscErrorCode CheckRecord(AeGRApp *a, PetscInt64 seq)
{
  const char *path = AeRunPath(a->run, "receipts.jsonl");
  char       *head;
  size_t      n;
  PetscBool   there, same = PETSC_TRUE;

  PetscFunctionBegin;
  if (!a->record.wanted || seq < 0) PetscFunctionReturn(0);
  PetscCall(PetscTestFile(path, 'r', &there));
  PetscCallMPI(MPI_Bcast(&there, 1, MPIU_BOOL, 0, PETSC_COMM_WORLD));
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, a->checkpoint.path, "receipt", (void **)&head, &n));
  if (there && n == 64) PetscCall(AeReceiptsHolds(PETSC_COMM_WORLD, path, seq, head, &same));
  PetscCall(PetscFree(head));
  PetscCheck(same, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-restart: %s is not the record that %s belongs to, or was changed before it; move it aside to begin a new one",
             path, a->checkpoint.path);
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRestart(AeGRApp *a)
{
  AeGRCheckpoint *c = &a->checkpoint;
  char            folder[PETSC_MAX_PATH_LEN], refused[2048], *version, *wisdom;
  PetscBool       good;
  void           *memory;
  size_t          n;
  PetscInt        step;
  Numbers         x;
  AeRailsState    rails;
  AeGaugeHistory  gauge;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(folder, AeRunPath(a->run, "checkpoint"), sizeof folder));
  PetscCall(AeCheckpointFind(PETSC_COMM_WORLD, folder, c->path, sizeof c->path, &step, refused, sizeof refused));
  PetscCheck(step >= 0, PETSC_COMM_WORLD, AE_ERR_USAGE, "-restart: there is no good checkpoint in %s%s%s", folder,
             refused[0] ? ": " : "", refused);
  if (refused[0]) PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: %s; going on from %s\n", refused, c->path));
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, c->path, "version", (void **)&version, &n));
  PetscCheck(version && !strcmp(version, AEONIC_VERSION), PETSC_COMM_WORLD, AE_ERR_USAGE,
             "%s was written by version %s, this is " AEONIC_VERSION, c->path, version ? version : "?");
  PetscCall(PetscFree(version));
  PetscCall(CheckOptions(c->path));
  PetscCall(LoadExactly(c->path, "numbers", sizeof x, &x));
  PetscCall(CheckRecord(a, x.seq));
  PetscCall(LoadExactly(c->path, "hash", 64, c->hash));
  if (a->rails) PetscCall(LoadExactly(c->path, "rails", sizeof rails, &rails));
  PetscCall(LoadExactly(c->path, "gauge", sizeof gauge, &gauge));
  PetscCall(AeGRSetGaugeHistory(a->gr, &gauge, x.t));
  PetscCall(AeCheckpointLoadState(1, &(AeCheckpointBox){a->fields, a->U}, c->path));
  a->volumes_at    = (PetscInt)x.volumes_at;
  a->cuts_at       = (PetscInt)x.cuts_at;
  a->binding       = (PetscInt)x.binding;
  a->begun         = (PetscBool)x.begun;
  a->dt            = x.dt;
  a->dt_limit      = x.dt_limit;
  a->t_begin       = x.t_begin;
  a->memory.slope  = (PetscInt)x.slope;
  a->memory.octave = (PetscInt)x.octave;
  a->memory.band   = (PetscInt)x.band;
  a->memory.shifts = x.shifts;
  a->memory.dt     = x.regime_dt;
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, c->path, "memory", &memory, &n));
  if (n) PetscCall(AeMemoryUnpack(a->memory.memory, memory, n));
  PetscCall(PetscFree(memory));
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, c->path, "wisdom", (void **)&wisdom, &n));
  if (n) PetscCall(AeFFTSetWisdom(PETSC_COMM_WORLD, wisdom, &good)); /* of another machine: planned anew */
  PetscCall(PetscFree(wisdom));
  c->seq  = x.seq;
  c->last = (PetscInt)x.n;
  if (a->t_end != x.t_end) x.next = Fit(x.t, a->rails && rails.next > 0 ? rails.next : x.dt, a->t_end);
  PetscCall(AeCheckpointSetTS(a->ts, (PetscInt)x.n, x.t, x.next, (PetscInt)x.rejections));
  if (a->rails) PetscCall(AeRailsSetState(a->adapt, a->ts, &rails));
  a->stats.lapse_min = x.lapse_min; /* should no step be left to make */
  a->stats.K_max     = x.K_max;
  PetscCall(AeRunSetString(a->run, "run.restarted_from", c->path));
  PetscCall(AeRunResume(a->run));
  PetscFunctionReturn(0);
}

/* The loom is set up. */
PetscErrorCode AeGRAppRestartLoom(AeGRApp *a)
{
  void  *history;
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, a->checkpoint.path, "loom", &history, &n));
  if (n) PetscCall(AeLoomUnpack(a->loom.loom, history, n));
  PetscCall(PetscFree(history));
  PetscFunctionReturn(0);
}

/* The run's folder is open: clocks and record go back to the checkpoint, and the series. */
PetscErrorCode AeGRAppRestartRecord(AeGRApp *a, const char class[])
{
  AeGRCheckpoint *c = &a->checkpoint;
  AeRecord       *r = &a->record;
  AeReceiptsTail  tail;
  char           *sizes, why[512];
  void           *clock;
  size_t          n;
  PetscBool       there;

  PetscFunctionBegin;
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, c->path, "clock", &clock, &n));
  PetscCall(AeClockRestore(r->clock, (PetscInt)(n / sizeof(PetscReal)), clock));
  PetscCall(PetscFree(clock));
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, c->path, "series", (void **)&sizes, &n));
  PetscCall(AeSeriesRewind(a->run, sizes ? sizes : "", why, sizeof why));
  PetscCall(PetscFree(sizes));
  if (why[0]) PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: %s\n", why));
  if (!r->wanted) PetscFunctionReturn(0);
  PetscCall(PetscTestFile(AeRunPath(a->run, "receipts.jsonl"), 'r', &there));
  PetscCallMPI(MPI_Bcast(&there, 1, MPIU_BOOL, 0, PETSC_COMM_WORLD));
  if (!there || c->seq < 0) { /* it had none: the record begins here */
    PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, AeRunPath(a->run, "receipts.jsonl"), &r->receipts));
    PetscCall(AeReceiptRunOpen(r->receipts, AeClockNow(r->clock), "gr", class, 0, NULL));
    PetscFunctionReturn(0);
  }
  PetscCall(AeReceiptsResume(PETSC_COMM_WORLD, AeRunPath(a->run, "receipts.jsonl"), &r->receipts, &tail));
  PetscCall(AeReceiptRestart(r->receipts, AeClockNow(r->clock), strstr(c->path, "checkpoint/"), c->seq, c->hash, &tail));
  PetscCall(AeReceiptRunOpen(r->receipts, AeClockNow(r->clock), "gr", class, 0, NULL));
  PetscFunctionReturn(0);
}

/* ---- options and life ---- */

PetscErrorCode AeGRAppCheckpointOptions(AeGRApp *a)
{
  AeGRCheckpoint *c = &a->checkpoint;

  PetscFunctionBegin;
  c->keep = 2;
  c->last = -1;
  PetscCall(PetscTime(&c->start));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Checkpoints", "aeonic gr");
  PetscCall(AeOptInt("-checkpoint_every", "steps between checkpoints; 0: on SIGTERM, SIGUSR1 and -max_walltime only", "steps", "",
                     0, PETSC_MAX_INT, &c->every, NULL));
  PetscCall(AeOptInt("-checkpoint_keep", "checkpoints to keep, the newest", "1", "", 1, 1000000, &c->keep, NULL));
  PetscCall(AeOptReal("-max_walltime",
                      "wall time after which the run writes a checkpoint and stops, the time for that included; 0: none", "s", "",
                      0, AE_HUGE, &c->max_walltime, NULL));
  PetscCall(AeOptBool("-restart", "go on from the newest good checkpoint under -out", "", &c->restart, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

/* Clocks and series are there. */
PetscErrorCode AeGRAppCheckpointBegin(AeGRApp *a)
{
  AeGRCheckpoint *c = &a->checkpoint;
  PetscLogDouble  now;

  PetscFunctionBegin;
  asked = 0;
  SignalsBegin();
  PetscCall(PetscTime(&now));
  c->output_seconds = now - a->record.opened;
  /* a run that is killed early can begin again from its data without making them anew */
  if (c->every && !c->restart) PetscCall(AeGRAppCheckpoint(a));
  PetscFunctionReturn(0);
}

/* A run that ended well can be made longer. */
PetscErrorCode AeGRAppCheckpointEnd(AeGRApp *a)
{
  AeGRCheckpoint *c = &a->checkpoint;
  PetscInt        step;

  PetscFunctionBegin;
  SignalsEnd();
  PetscCall(TSGetStepNumber(a->ts, &step));
  if (c->every && !a->failure[0] && step != c->last) PetscCall(AeGRAppCheckpoint(a));
  PetscCall(AeRunSetInt(a->run, "checkpoint.count", c->count));
  PetscCall(AeRunSetInt(a->run, "checkpoint.last", c->last));
  PetscFunctionReturn(0);
}
