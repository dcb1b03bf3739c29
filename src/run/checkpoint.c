/*
  The part that writes checkpoints, the last of a list: what is saved has been done. A checkpoint is one loop over what the parts
  save. It also hears what the run is asked for from outside: SIGUSR1, SIGTERM, -max_walltime.
*/
#include "run_private.h"
#include <petsctime.h>

typedef struct {
  PetscInt       every, keep;
  PetscReal      max_walltime;
  PetscInt       last, count;   /* step of the newest; how many were written */
  PetscLogDouble start, opened; /* seconds: when the program began, and when the folder was opened; */
  PetscLogDouble step_begin;    /* when the step did, */
  PetscLogDouble step_seconds, write_seconds, output_seconds; /* the slowest step and checkpoint, what a last output may take */
} Checkpoint;

/* The wall time left must do for two steps and a checkpoint like the slowest, and for the last output. */
static PetscBool TimeIsUp(Checkpoint *c)
{
  PetscLogDouble now;

  if (c->max_walltime <= 0) return PETSC_FALSE;
  (void)PetscTime(&now);
  if (c->step_begin > 0) c->step_seconds = PetscMax(c->step_seconds, now - c->step_begin);
  c->step_begin = now;
  return (PetscBool)(now - c->start + 2.0 * c->step_seconds + 1.5 * c->write_seconds + c->output_seconds >= c->max_walltime);
}

static PetscErrorCode Measure(AeEvolution E, void *me, PetscInt *flag)
{
  const PetscInt asked = AeSignalsAsked(); /* it forgets what it has said: asked once */

  PetscFunctionBegin;
  (void)E;
  *flag = PetscMax(*flag, asked);
  if (TimeIsUp((Checkpoint *)me)) *flag = PetscMax(*flag, AE_ASK_WALLTIME);
  PetscFunctionReturn(0);
}

static PetscErrorCode Receipt(AeEvolution E, const char file[], PetscInt64 bytes)
{
  AeReceipts r = E->receipts;

  PetscFunctionBegin;
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, AE_CHECKPOINT, 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptText(r, "file", file));
  PetscCall(AeReceiptHash(r, "hash", E->hash));
  PetscCall(AeReceiptInt(r, "size", bytes));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscCall(AeReceiptsSync(r));
  PetscFunctionReturn(0);
}

/* A checkpoint that cannot be written is a warning: older ones are as they were. */
static PetscErrorCode Write(AeEvolution E, Checkpoint *c)
{
  struct _p_AeSave save  = {0};
  PetscInt64       bytes = 0;
  char             why[512], folder[PETSC_MAX_PATH_LEN], file[64];
  PetscLogDouble   t0, t1;

  PetscFunctionBegin;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  PetscCall(PetscTime(&t0));
  PetscCall((*E->problem->hash)(E, E->hash));
  AeDown(E, save, &save);
  PetscCall(AeEvolutionSave(E, &save));
  PetscCall(PetscStrncpy(folder, AeRunPath(E->run, "checkpoint"), sizeof folder));
  PetscCall((*E->problem->save)(E, folder, E->step, save.n, save.piece, &bytes, why, sizeof why));
  PetscCall(PetscSNPrintf(file, sizeof file, "checkpoint/%06" PetscInt_FMT ".h5", E->step));
  if (why[0])
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "aeonic: warning: no checkpoint at step %" PetscInt_FMT
                           ": cannot write %s: %s; older ones are as they were, the run goes on\n",
                           E->step, AeRunPath(E->run, file), why));
  else {
    c->last = E->step;
    c->count++;
    PetscCall(AeCheckpointKeep(PETSC_COMM_WORLD, folder, c->keep));
    PetscCall(Receipt(E, file, bytes));
  }
  for (PetscInt i = 0; i < save.n; i++) PetscCall(PetscFree(save.piece[i].data));
  PetscCall(PetscTime(&t1));
  c->write_seconds = PetscMax(c->write_seconds, t1 - t0);
  c->step_begin    = 0; /* no part of a step */
  PetscCall(
    PetscInfo(NULL, "checkpoint at step %" PetscInt_FMT ": %" PetscInt64_FMT " bytes in %.3f s\n", E->step, bytes, t1 - t0));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}

/* A request is served as a cadence is: what is saved has been served. */
static PetscErrorCode Accepted(AeEvolution E, void *me)
{
  (void)me;
  return E->flag ? AeEvolutionTrigger(E, &AePartCheckpoint) : 0;
}

static PetscErrorCode Due(AeEvolution E, void *me)
{
  const PetscInt ask = E->flag;

  PetscFunctionBegin;
  E->flag = 0;
  PetscCall(Write(E, (Checkpoint *)me));
  if (ask < AE_ASK_WALLTIME) PetscFunctionReturn(0);
  PetscCall(PetscSNPrintf(E->stopped, sizeof E->stopped, "stopped %s; -restart goes on",
                          ask == AE_ASK_STOP ? "by SIGTERM" : "by -max_walltime"));
  PetscCall(TSSetConvergedReason(E->ts, TS_CONVERGED_USER));
  PetscFunctionReturn(0);
}

/* The clock of -max_walltime starts here: what comes before, and the set-up after it, is part of the time that a queue allows. */
static PetscErrorCode Options(AeEvolution E, void *me)
{
  Checkpoint *c = (Checkpoint *)me;

  PetscFunctionBegin;
  c->keep = 2;
  c->last = -1;
  PetscCall(PetscTime(&c->start));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Checkpoints", E->problem->command);
  PetscCall(AeOptInt("-checkpoint_every",
                     E->problem->keeps ? "steps between checkpoints; 0: at the end, on SIGTERM, SIGUSR1 and -max_walltime only"
                                       : "steps between checkpoints; 0: on SIGTERM, SIGUSR1 and -max_walltime only",
                     "steps", "", 0, PETSC_MAX_INT, &c->every, NULL));
  PetscCall(AeOptInt("-checkpoint_keep", "checkpoints to keep, the newest", "1", "", 1, 1000000, &c->keep, NULL));
  PetscCall(AeOptReal("-max_walltime",
                      "wall time after which the run writes a checkpoint and stops, the time for that included; 0: none", "s", "",
                      0, AE_HUGE, &c->max_walltime, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscInt Every(AeEvolution E, void *me)
{
  (void)E;
  return ((Checkpoint *)me)->every;
}

static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  (void)load;
  if (phase == AE_LOAD_STATE) PetscCall(TSGetStepNumber(E->ts, &((Checkpoint *)me)->last));
  return 0;
}

static PetscErrorCode Open(AeEvolution E, void *me)
{
  (void)E;
  return PetscTime(&((Checkpoint *)me)->opened);
}

/* A run that is killed early can begin again from its data without making them anew. */
static PetscErrorCode First(AeEvolution E, void *me)
{
  Checkpoint    *c = (Checkpoint *)me;
  PetscLogDouble now;

  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  c->output_seconds = now - c->opened;
  if (c->every) PetscCall(Write(E, c));
  PetscFunctionReturn(0);
}

/* A run that ended well can be made longer. */
static PetscErrorCode Last(AeEvolution E, void *me)
{
  Checkpoint *c = (Checkpoint *)me;

  PetscFunctionBegin;
  if (E->step != c->last && (E->problem->keeps || (c->every && !E->failure[0]))) PetscCall(Write(E, c));
  PetscCall(AeRunSetInt(E->run, "checkpoint.count", c->count));
  PetscCall(AeRunSetInt(E->run, "checkpoint.last", c->last));
  PetscFunctionReturn(0);
}

const AePartType AePartCheckpoint = {.name      = "checkpoint",
                                     .size      = sizeof(Checkpoint),
                                     .options   = Options,
                                     .load      = Load,
                                     .open      = Open,
                                     .first     = First,
                                     .measure   = Measure,
                                     .accepted  = Accepted,
                                     .due       = Due,
                                     .last      = Last,
                                     .every     = Every,
                                     .allocates = PETSC_TRUE};
