/*
  Going on from a checkpoint, phase by phase (run.h), and what the evolution itself has to know for that.
*/
#include "run_private.h"

/* In numbers of 8 bytes each. */
typedef struct {
  PetscInt64 n, rejections, begun;
  PetscReal  t, next, dt, dt_limit, t_end, t_begin;
} Numbers;

PetscErrorCode AeEvolutionSave(AeEvolution E, AeSave save)
{
  Numbers x = {
    .begun = E->begun, .dt = E->dt, .dt_limit = E->dt_limit, .t_end = E->t_end, .t_begin = E->t_begin, .t = E->t, .n = E->step};
  PetscInt  rejections, nclock;
  PetscReal clock[AE_CLOCK_NUMBERS];
  char     *options;

  PetscFunctionBegin;
  PetscCall(TSGetStepRejections(E->ts, &rejections));
  x.rejections = rejections;
  PetscCall(TSGetTimeStep(E->ts, &x.next));
  PetscCall(AeClockSave(E->clock, &nclock, clock));
  PetscCall(AeOptionsTable(&options));
  PetscCall(AeSavePut(save, "version", AEONIC_VERSION, strlen(AEONIC_VERSION)));
  PetscCall(AeSavePut(save, "command", E->problem->command, strlen(E->problem->command)));
  PetscCall(AeSavePut(save, "numbers", &x, sizeof x));
  PetscCall(AeSavePut(save, "clock", clock, (size_t)nclock * sizeof *clock));
  PetscCall(AeSavePut(save, "hash", E->hash, strlen(E->hash)));
  PetscCall(AeSavePut(save, "options", options, strlen(options)));
  PetscCall(PetscFree(options));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRestartPhase(AeEvolution E, AeLoadPhase phase)
{
  struct _p_AeLoad load;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(load.path, E->parts->path, sizeof load.path));
  if (phase == AE_LOAD_RECORD) {
    void  *clock;
    size_t n;

    PetscCall(AeLoadGet(&load, "clock", &clock, &n));
    PetscCall(AeClockRestore(E->clock, (PetscInt)(n / sizeof(PetscReal)), clock));
    PetscCall(PetscFree(clock));
  }
  AeDown(E, load, phase, &load);
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckText(AeLoad load, const char name[], const char ours[], const char what[])
{
  char  *text;
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeLoadGet(load, name, (void **)&text, &n));
  PetscCheck(text && n == strlen(ours) && !strncmp(text, ours, n), PETSC_COMM_WORLD, AE_ERR_USAGE,
             "%s was written by %s %.*s, this is %s", load->path, what, text ? (int)n : 1, text ? text : "?", ours);
  PetscCall(PetscFree(text));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRestartFind(AeEvolution E)
{
  char             folder[PETSC_MAX_PATH_LEN], refused[2048];
  PetscInt         step;
  struct _p_AeLoad load;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(folder, AeRunPath(E->run, "checkpoint"), sizeof folder));
  PetscCall(AeCheckpointFind(PETSC_COMM_WORLD, folder, load.path, sizeof load.path, &step, refused, sizeof refused));
  PetscCheck(step >= 0, PETSC_COMM_WORLD, AE_ERR_USAGE, "-restart: there is no good checkpoint in %s%s%s", folder,
             refused[0] ? ": " : "", refused);
  if (refused[0])
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: %s; going on from %s\n", refused, load.path));
  PetscCall(CheckText(&load, "version", AEONIC_VERSION, "version"));
  PetscCall(CheckText(&load, "command", E->problem->command, "aeonic"));
  PetscCall(PetscStrncpy(E->parts->path, load.path, sizeof E->parts->path));
  PetscCall(AeRestartPhase(E, AE_LOAD_PLANS));
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

PetscErrorCode AeRestartLoad(AeEvolution E)
{
  struct _p_AeLoad load;
  Numbers          x;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(load.path, E->parts->path, sizeof load.path));
  PetscCall(AeRestartCompareOptions(&load));
  PetscCall(AeLoadTake(&load, "numbers", &x, sizeof x));
  PetscCall(AeLoadTake(&load, "hash", E->hash, AE_RECEIPT_HEX - 1));
  PetscCall(AeRestartPhase(E, AE_LOAD_COMPARE));
  E->begun    = (PetscBool)x.begun;
  E->dt       = x.dt;
  E->dt_limit = x.dt_limit;
  E->t_begin  = x.t_begin;
  E->t        = x.t;
  PetscCall(AeCheckpointSetTS(E->ts, (PetscInt)x.n, x.t, x.next, (PetscInt)x.rejections));
  PetscCall(AeRestartPhase(E, AE_LOAD_STATE));
  PetscCall((*E->problem->load)(E, load.path));
  PetscCall(AeRestartPhase(E, AE_LOAD_STEP));
  if (E->t_end != x.t_end) {
    AeRailsState rails = {.next = 0};
    TSAdapt      adapt;
    PetscBool    none;

    PetscCall(TSGetAdapt(E->ts, &adapt));
    PetscCall(PetscObjectTypeCompare((PetscObject)adapt, TSADAPTNONE, &none));
    if (E->rails) PetscCall(AeRailsGetState(E->rails, &rails));
    PetscCall(TSSetTimeStep(E->ts, Fit(x.t, rails.next > 0 ? rails.next : none ? x.dt : x.next, E->t_end)));
  }
  PetscCall(AeRunSetString(E->run, "run.restarted_from", load.path));
  PetscCall(AeRunResume(E->run));
  PetscFunctionReturn(0);
}
