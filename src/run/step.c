/*
  The step: what PETSc's TS calls, in which order the problem and the parts are asked.

  With look-ahead (levels.h) the hooks see the candidate as stage 4, and its right-hand side is the next step's first: the
  statistics that come with it are those of the candidate. Without, those of the first stage are of the state that the
  step began from: they are known one step later.
*/
#include "run_private.h"

PetscErrorCode AeEvolutionReject(AeEvolution E, const char reason[])
{
  PetscFunctionBegin;
  PetscCall(AeClockReject(E->clock));
  AeDown(E, rejected, reason);
  PetscFunctionReturn(0);
}

/* The first stage of a step that is tried. If an attempt was open, the step controller has sent it back. */
static PetscErrorCode Attempt(AeEvolution E)
{
  PetscFunctionBegin;
  if (AeClockAttempting(E->clock)) PetscCall(AeEvolutionReject(E, "by the step controller"));
  PetscCall(AeClockAttempt(E->clock));
  PetscCall(TSGetTimeStep(E->ts, &E->attempt_dt));
  AeDown(E, attempt);
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionMeasure(AeEvolution E, PetscReal value[], PetscBool *broken)
{
  PetscInt flag = 0;

  PetscFunctionBegin;
  *broken = PETSC_FALSE;
  AeDown(E, measure, &flag);
  PetscCall((*E->problem->measure)(E, &flag, value, broken));
  E->flag = PetscMax(E->flag, flag); /* a rejected step leaves it to the next */
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionKnown(AeEvolution E, PetscInt it, PetscReal t)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < E->parts->n; i++)
    if (E->parts->part[i].type->known && AeClockTake(E->clock, E->parts->part[i].cadence))
      PetscCall((*E->parts->part[i].type->known)(E, E->parts->part[i].me, it, t));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionJudged(AeEvolution E)
{
  PetscFunctionBegin;
  AeDown(E, verdict);
  PetscFunctionReturn(0);
}

static PetscErrorCode PreStep(TS ts)
{
  AeEvolution E;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &E));
  AeAuditStepBegin();
  PetscCall(TSGetTime(ts, &E->t_begin));
  PetscCall((*E->problem->begin)(E));
  AeDown(E, before);
  PetscFunctionReturn(0);
}

static PetscErrorCode PostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  AeEvolution E;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &E));
  if (stage == (E->ahead ? 1 : 0)) PetscCall(Attempt(E)); /* looked ahead, the first stage was another attempt's */
  if (E->ahead && stage == AE_TS_CANDIDATE) AeDown(E, candidate, Y[0]);
  E->stage = stage;
  if (E->problem->stage) PetscCall((*E->problem->stage)(E, t, stage, Y));
  PetscFunctionReturn(0);
}

static PetscErrorCode PostEvaluate(TS ts)
{
  AeEvolution E;
  PetscReal   t;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &E));
  if (E->ahead) PetscFunctionReturn(0); /* it was prepared as a candidate */
  PetscCall(TSGetTime(ts, &t));
  PetscCall((*E->problem->evaluated)(E, t));
  PetscFunctionReturn(0);
}

/* The state that the newest step began from, from whoever still has it: our stepper, PETSc's Runge-Kutta in its first stage, the
   problem. *step: its number, -1 if nobody has. */
static PetscErrorCode Restore(AeEvolution E, PetscInt *step, PetscReal *t)
{
  PetscInt  n;
  Vec      *K;
  PetscBool rk;

  PetscFunctionBegin;
  *step = -1;
  PetscCall(AeTSGetSlopes(E->ts, &n, &K));
  PetscCall(PetscObjectTypeCompare((PetscObject)E->ts, TSRK, &rk));
  if (n) {
    PetscCall(TSRollBack(E->ts));
    PetscCall(TSGetStepNumber(E->ts, step));
    PetscCall(TSGetTime(E->ts, t));
  } else if (E->problem->restore) PetscCall((*E->problem->restore)(E, step, t));
  else if (rk) { /* its first stage still is the state */ PetscCall(TSGetStages(E->ts, &n, &K));
    PetscCall(VecCopy(K[0], E->U));
    *step = E->step;
    *t    = E->t_begin;
  }
  PetscFunctionReturn(0);
}

/* Without rails: the state is no good, and the run ends at the one before. */
static PetscErrorCode Stop(AeEvolution E, PetscInt step, PetscReal t)
{
  PetscInt  kept;
  PetscReal kept_t = t;

  PetscFunctionBegin;
  PetscCall((*E->problem->describe)(E, step, E->failure, sizeof E->failure));
  PetscCall(Restore(E, &kept, &kept_t));
  if (kept >= 0) {
    PetscCall(TSSetStepNumber(E->ts, kept));
    PetscCall(TSSetTime(E->ts, kept_t));
    PetscCall(AeEvolutionReject(E, "the state is not finite"));
  } else PetscCall(AeClockAccept(E->clock, t));
  E->step = kept >= 0 ? kept : step;
  E->t    = kept_t;
  if (kept < 0) PetscCall(AeRecordAccept(E));
  PetscCall(TSSetConvergedReason(E->ts, TS_DIVERGED_STEP_REJECTED));
  PetscFunctionReturn(0);
}

/* The order of a step: what was known of the state before, then the clocks, then what is known of the new one, then the parts,
   each at every step and where its cadence says so. */
static PetscErrorCode Accept(AeEvolution E, PetscInt step, PetscReal t)
{
  const PetscBool at_once = (PetscBool)(E->ahead || E->problem->prompt);

  PetscFunctionBegin;
  if (!at_once) PetscCall(AeEvolutionKnown(E, step - 1, E->t_begin));
  if (!AeClockAttempting(E->clock)) PetscCall(Attempt(E)); /* a type of stepper that shows us no first stage */
  PetscCall(AeClockAccept(E->clock, t));
  E->step = step;
  E->t    = t;
  if (at_once) PetscCall(AeEvolutionKnown(E, step, t));
  for (PetscInt i = 0; i < E->parts->n; i++) {
    const AePartType *type = E->parts->part[i].type;

    if (type->accepted) PetscCall((*type->accepted)(E, E->parts->part[i].me));
    if (!type->due || !AeClockTake(E->clock, E->parts->part[i].cadence)) continue;
    if (type->allocates) AeAuditPause(PETSC_TRUE);
    PetscCall((*type->due)(E, E->parts->part[i].me));
    if (type->allocates) AeAuditPause(PETSC_FALSE);
  }
  PetscFunctionReturn(0);
}

/* PETSc calls this after a step that was taken back for good too. With rails the verdict has measured already; without, this
   is where it is seen that a state is no good. */
static PetscErrorCode PostStep(TS ts)
{
  AeEvolution       E;
  PetscInt          step;
  PetscReal         t;
  PetscBool         broken = PETSC_FALSE;
  TSConvergedReason reason;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &E));
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetConvergedReason(ts, &reason));
  if (E->failure[0] || reason < 0) { /* taken back */
    AeAuditStepEnd();
    PetscFunctionReturn(0);
  }
  if (!E->rails) PetscCall(AeEvolutionMeasure(E, NULL, &broken));
  if (broken) PetscCall(Stop(E, step, t));
  else PetscCall(Accept(E, step, t));
  AeAuditStepEnd(); /* with all that the parts have done; but for what writes files */
  PetscFunctionReturn(0);
}

PetscErrorCode AeStepHooks(AeEvolution E)
{
  PetscFunctionBegin;
  PetscCall(TSSetApplicationContext(E->ts, E));
  PetscCall(TSSetPreStep(E->ts, PreStep));
  PetscCall(TSSetPostStage(E->ts, PostStage));
  PetscCall(TSSetPostEvaluate(E->ts, PostEvaluate));
  PetscCall(TSSetPostStep(E->ts, PostStep));
  PetscFunctionReturn(0);
}
