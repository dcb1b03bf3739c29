/*
  The evolutions of the calibration suite: aeonic gr inside this process, with an option database of its own; one after
  another, or two in step.
*/
#include "gcat.h"
#include "gr_run.h"
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  char         folder[PETSC_MAX_PATH_LEN];
  PetscOptions options;
} Place;

/* A folder and an option database, which is pushed. */
static PetscErrorCode Enter(const char both[], const char extra[], Place *p)
{
  char        out[PETSC_MAX_PATH_LEN + 8];
  PetscMPIInt rank;
  int         made = 1;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscGetTmp(PETSC_COMM_WORLD, p->folder, sizeof p->folder - 32));
  PetscCall(PetscStrlcat(p->folder, "/aeonic-gcat-XXXXXX", sizeof p->folder));
  if (!rank) made = mkdtemp(p->folder) != NULL;
  PetscCallMPI(MPI_Bcast(&made, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCheck(made, PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: a folder for the suite's runs cannot be made; PETSC_TMP says where",
             p->folder);
  PetscCallMPI(MPI_Bcast(p->folder, sizeof p->folder, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCall(PetscSNPrintf(out, sizeof out, "%s/run", p->folder));
  PetscCall(PetscOptionsCreate(&p->options));
  PetscCall(PetscOptionsInsertString(p->options, strstr(both, "-ns_") ? "-progress none" : "-progress none -timers false"));
  PetscCall(PetscOptionsInsertString(p->options, both));
  PetscCall(PetscOptionsInsertString(p->options, extra));
  PetscCall(PetscOptionsSetValue(p->options, "-out", out));
  PetscCall(PetscOptionsPush(p->options));
  PetscFunctionReturn(0);
}

/* What is asked for, from the summary that every rank can read. */
static PetscErrorCode Read(const char folder[], const char key[], AeGcatResult *result)
{
  char         path[PETSC_MAX_PATH_LEN + 32];
  json_error_t error;
  json_t      *all, *value;
  const char  *hash;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/run/summary.json", folder));
  all = json_load_file(path, 0, &error);
  PetscCheck(all, PETSC_COMM_SELF, AE_ERR_SYSTEM, "%s: %s", path, error.text);
  hash = json_string_value(json_object_get(all, "state.hash"));
  PetscCall(PetscStrncpy(result->hash, hash ? hash : "", sizeof result->hash));
  if (key) {
    value = json_object_get(all, key);
    PetscCheck(json_is_number(value), PETSC_COMM_SELF, AE_ERR_FAILED, "the run's summary holds no number %s", key);
    result->value = json_number_value(value);
  }
  json_decref(all);
  PetscFunctionReturn(0);
}

/* The options, popped already, and the folder go. */
static PetscErrorCode Leave(Place *p, const char key[], AeGcatResult *result)
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(PetscOptionsDestroy(&p->options));
  PetscCall(Read(p->folder, key, result));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) PetscCall(PetscRMTree(p->folder));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGcatEvolve(const char both[], const char extra[], const char key[], AeGcatResult *result)
{
  Place p;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(result, sizeof *result));
  PetscCall(Enter(both, extra, &p));
  if (strstr(both, "-ns_")) PetscCall(AeCommandNS(NULL));
  else PetscCall(AeCommandGR(NULL));
  PetscCall(PetscOptionsPop());
  PetscCall(Leave(&p, key, result));
  PetscFunctionReturn(0);
}

/* ---- two in step ---- */

typedef struct {
  Place     place;
  AeSpacetime spacetime;
  AeEvolution run;
  double    took[2]; /* AE_GCAT_CPU and AE_GCAT_WALL seconds of the newest turn */
  PetscBool more;
} Twin;

static PetscErrorCode Begin(const char both[], const char extra[], Twin *t)
{
  PetscBool begun;

  PetscFunctionBegin;
  PetscCall(Enter(both, extra, &t->place));
  PetscCall(PetscMemzero(&t->spacetime, sizeof t->spacetime));
  PetscCall(AeEvolutionCreate(&AeProblemGR, &t->spacetime, AePartsGR, &t->run));
  PetscCall(AeEvolutionPrepare(t->run, &begun));
  PetscCheck(begun, PETSC_COMM_WORLD, PETSC_ERR_ARG_WRONGSTATE, "a run that is only asked about does not begin");
  PetscCall(AeEvolutionOpen(t->run));
  PetscCall(PetscOptionsPop());
  t->more = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* A step waits for no disk: on a machine of its own both are the same. */
static void Now(double now[2])
{
  struct timespec cpu;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  now[AE_GCAT_CPU]  = (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec;
  now[AE_GCAT_WALL] = MPI_Wtime();
}

/* On several ranks the slowest counts. */
static PetscErrorCode Turn(Twin *t, PetscInt steps)
{
  double began[2];

  PetscFunctionBegin;
  PetscCall(PetscOptionsPush(t->place.options));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  Now(began);
  PetscCall(AeEvolutionAdvance(t->run, steps, &t->more));
  Now(t->took);
  for (int c = 0; c < 2; c++) t->took[c] -= began[c];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, t->took, 2, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(PetscOptionsPop());
  PetscFunctionReturn(0);
}

static PetscErrorCode End(Twin *t, const char key[], AeGcatResult *result)
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsPush(t->place.options));
  PetscCall(AeEvolutionClose(t->run, 0));
  PetscCall(AeEvolutionDestroy(&t->run));
  PetscCall(PetscOptionsPop());
  PetscCall(Leave(&t->place, key, result));
  PetscFunctionReturn(0);
}

/* D_max, where both looms have looked, as a relative difference; one that is missing in one only is the whole. */
static PetscReal Apart(Twin t[2])
{
  const AeLoom    looms[2] = {AeLoomOf(t[0].run), AeLoomOf(t[1].run)};
  const PetscReal a = looms[0] ? AeLoomDmax(looms[0], NULL) : 0, b = looms[1] ? AeLoomDmax(looms[1], NULL) : 0;

  return a == b ? 0.0 : PetscAbsReal(a / b - 1.0);
}

/* Until one of them ends. The first step has what later ones have not (pages that are touched first, the slope of the first
   state): blocks begin with the second. A turn begins with cold caches, which those feel less who have looked ahead: hence
   several steps. Ticks of the loom come every 4 steps, so that each is seen. */
static PetscErrorCode InStep(Twin t[2], AeGcatTwinsResult *r)
{
  PetscReal sum[2][2] = {{0}};

  PetscFunctionBegin;
  for (PetscInt turn = 0; t[0].more && t[1].more; turn++) {
    const int first = turn % 4 == 1 || turn % 4 == 2;

    PetscCall(Turn(&t[first], turn ? AE_GCAT_TURN : 1));
    PetscCall(Turn(&t[1 - first], turn ? AE_GCAT_TURN : 1));
    if (!(Apart(t) <= r->apart)) r->apart = Apart(t); /* NaN stays */
    if (!turn) continue;
    for (int c = 0; c < 2; c++)
      for (int i = 0; i < 2; i++) sum[c][i] += t[i].took[c];
    if (turn % (AE_GCAT_BLOCK / AE_GCAT_TURN) || r->blocks == AE_GCAT_BLOCKS) continue;
    for (int c = 0; c < 2; c++) r->share[c][r->blocks] = sum[c][0] / sum[c][1] - 1.0;
    PetscCall(PetscMemzero(sum, sizeof sum));
    r->blocks++;
  }
  PetscFunctionReturn(0);
}

/* Where in memory a state lies makes a per cent: each round lays both out anew, in changing order. */
PetscErrorCode AeGcatTwins(const char both[], const char with[], const char without[], PetscInt rounds, AeGcatTwinsResult *r)
{
  const char  *extra[2] = {with, without};
  Twin         t[2];
  AeGcatResult end[2];

  PetscFunctionBegin;
  PetscCall(PetscMemzero(r, sizeof *r));
  r->same = PETSC_TRUE;
  for (PetscInt round = 0; round < rounds; round++) {
    const PetscInt first = round % 2;

    PetscCall(Begin(both, extra[first], &t[first]));
    PetscCall(Begin(both, extra[1 - first], &t[1 - first]));
    PetscCall(InStep(t, r));
    PetscCall(End(&t[1 - first], NULL, &end[1 - first])); /* the signals' handlers are put back in turn */
    PetscCall(End(&t[first], NULL, &end[first]));
    if (!*end[0].hash || strcmp(end[0].hash, end[1].hash)) r->same = PETSC_FALSE;
  }
  PetscFunctionReturn(0);
}
