/*
  Small parts that write: series, progress, errors, hashes of the state.
*/
#include "run_private.h"

typedef struct {
  PetscInt every;
} Cadence;

static PetscInt Every(AeEvolution E, void *me)
{
  (void)E;
  return ((Cadence *)me)->every;
}

/* ---- time series of norms ---- */

static PetscErrorCode SeriesOptions(AeEvolution E, void *me)
{
  Cadence *c = (Cadence *)me;

  PetscFunctionBegin;
  c->every = 1;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", E->problem->command);
  PetscCall(
    AeOptInt("-series_every", "steps between entries of the time series", "steps", "", 1, PETSC_MAX_INT, &c->every, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscErrorCode SeriesKnown(AeEvolution E, void *me, PetscInt it, PetscReal t)
{
  (void)me;
  return (*E->problem->series)(E, E->series, it, t);
}

static PetscErrorCode SeriesFirst(AeEvolution E, void *me)
{
  (void)me;
  return E->problem->prompt ? AeEvolutionKnown(E, E->step, E->t) : 0;
}

/* They are on the disk before what counts their lines. */
static PetscErrorCode SeriesSave(AeEvolution E, void *me, AeSave save)
{
  char *sizes;

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeSeriesSizes(E->series, &sizes));
  PetscCall(AeSavePut(save, "series", sizes, strlen(sizes)));
  PetscCall(PetscFree(sizes));
  PetscFunctionReturn(0);
}

/* Before they are opened, back to the lengths of then. */
static PetscErrorCode SeriesLoad(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  char  *sizes, why[512];
  size_t n;

  PetscFunctionBegin;
  (void)me;
  if (phase != AE_LOAD_RECORD) PetscFunctionReturn(0);
  PetscCall(AeLoadGet(load, "series", (void **)&sizes, &n));
  PetscCall(AeSeriesRewind(E->run, sizes ? sizes : "", why, sizeof why));
  PetscCall(PetscFree(sizes));
  if (why[0]) PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: %s\n", why));
  PetscFunctionReturn(0);
}

static PetscErrorCode SeriesLast(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  (void)me;
  PetscCall(AeSeriesFlush(E->series));
  PetscCall(AeRecordOutput(E, "series", "time series"));
  PetscFunctionReturn(0);
}

const AePartType AePartSeries = {.name    = "series",
                                 .size    = sizeof(Cadence),
                                 .options = SeriesOptions,
                                 .load    = SeriesLoad,
                                 .first   = SeriesFirst,
                                 .known   = SeriesKnown,
                                 .save    = SeriesSave,
                                 .last    = SeriesLast,
                                 .every   = Every};

PetscInt AeSeriesPeriod(AeEvolution E) { return ((const Cadence *)AePartOf(E, &AePartSeries))->every; }

/* ---- the terminal ---- */

static PetscErrorCode Progress(AeEvolution E, void *me)
{
  (void)me;
  return AeRunProgress(E->run, E->step, E->t, E->t_end, E->max_steps, E->t - E->t_begin, (*E->problem->norm)(E));
}

const AePartType AePartProgress = {.name = "progress", .size = 1, .accepted = Progress};

/* ---- errors against an exact solution ---- */

/* At the end into the summary as well, by the same names. */
static PetscErrorCode WriteErrors(AeEvolution E, PetscBool last)
{
  PetscReal          l2[AE_RUN_ERRORS], linf[AE_RUN_ERRORS];
  const char *const *names;
  PetscInt           n;
  char               key[64];

  PetscFunctionBegin;
  PetscCall((*E->problem->errors)(E, E->t, &n, &names, l2, linf));
  for (PetscInt m = 0; m < n; m++) {
    PetscCall(PetscSNPrintf(key, sizeof key, "error_%s", names[m]));
    PetscCall(AeSeriesReduction(E->series, key, "norm2", E->step, E->t, l2[m]));
    PetscCall(AeSeriesReduction(E->series, key, "maximum", E->step, E->t, linf[m]));
    if (!last) continue;
    PetscCall(PetscSNPrintf(key, sizeof key, "error.l2.%s", names[m]));
    PetscCall(AeRunSetReal(E->run, key, l2[m]));
    PetscCall(PetscSNPrintf(key, sizeof key, "error.linf.%s", names[m]));
    PetscCall(AeRunSetReal(E->run, key, linf[m]));
  }
  PetscFunctionReturn(0);
}

/* They cost a sweep of the exact solution: as often as 3-D fields, and at the end. */
static PetscInt ErrorsEvery(AeEvolution E, void *me)
{
  (void)me;
  return (*E->problem->errors_every)(E);
}

static PetscErrorCode ErrorsDue(AeEvolution E, void *me)
{
  (void)me;
  return WriteErrors(E, PETSC_FALSE);
}

static PetscErrorCode ErrorsLast(AeEvolution E, void *me)
{
  (void)me;
  return WriteErrors(E, PETSC_TRUE);
}

const AePartType AePartErrors = {.name      = "errors",
                                 .size      = 1,
                                 .first     = ErrorsDue,
                                 .due       = ErrorsDue,
                                 .last      = ErrorsLast,
                                 .every     = ErrorsEvery,
                                 .allocates = PETSC_TRUE};

/* ---- hashes of the state ---- */

static PetscErrorCode HashOptions(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", E->problem->command);
  PetscCall(AeOptInt("-hash_every", "steps between hashes of the state in series/state_hash.txt; 0: at the end only", "steps", "",
                     0, PETSC_MAX_INT, &((Cadence *)me)->every, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

/* Lines "iteration time hash" in series/state_hash.txt */
static PetscErrorCode HashDue(AeEvolution E, void *me)
{
  char hex[AE_RECEIPT_HEX];

  PetscFunctionBegin;
  (void)me;
  PetscCall((*E->problem->hash)(E, hex));
  PetscCall(AeSeriesText(E->series, "state_hash.txt", "# iteration time hash\n", "%" PetscInt_FMT " %.17g %s\n", E->step,
                         (double)E->t, hex));
  PetscCall(AeRecordHash(E, hex));
  PetscFunctionReturn(0);
}

static PetscErrorCode HashFirst(AeEvolution E, void *me) { return ((Cadence *)me)->every ? HashDue(E, me) : 0; }

static PetscErrorCode HashLast(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  PetscCall(HashDue(E, me));
  PetscCall(AeRunSetString(E->run, "state.hash", E->hash));
  PetscFunctionReturn(0);
}

const AePartType AePartHash = {.name      = "hash",
                               .size      = sizeof(Cadence),
                               .options   = HashOptions,
                               .first     = HashFirst,
                               .due       = HashDue,
                               .last      = HashLast,
                               .every     = Every,
                               .allocates = PETSC_TRUE};
