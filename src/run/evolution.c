/*
  An evolution from options to summary: the order in which things come to be, and in which they are put away.
*/
#include "run_private.h"

/* The problem gives the TS its defaults before PETSc reads the options, and takes note of them after: the type, and with it
   look-ahead and limits of stability, may have been changed. */
static PetscErrorCode CreateTS(AeEvolution E)
{
  PetscBool basic;
  TSAdapt   adapt;

  PetscFunctionBegin;
  PetscCall(TSCreate(PETSC_COMM_WORLD, &E->ts));
  PetscCall(TSSetProblemType(E->ts, TS_NONLINEAR));
  PetscCall(AeStepHooks(E));
  PetscCall(TSSetMaxSteps(E->ts, PETSC_MAX_INT));
  PetscCall(TSSetExactFinalTime(E->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetErrorIfStepFails(E->ts, PETSC_FALSE));
  PetscCall((*E->problem->stepper)(E));
  PetscCall(TSGetAdapt(E->ts, &adapt));
  PetscCall(AeRailsSetTable(adapt, E->problem->rails));
  PetscCall(TSSetFromOptions(E->ts));
  PetscCall(TSGetAdapt(E->ts, &adapt));
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, TSADAPTBASIC, &basic));
  PetscCheck(!basic, PETSC_COMM_WORLD, AE_ERR_USAGE, "-ts_adapt_type basic: %s", E->problem->basic);
  PetscCall(AeTSIsRK4(E->ts, &E->rk4));
  PetscCall((*E->problem->setup)(E));
  PetscCall(TSGetMaxTime(E->ts, &E->t_end));
  PetscCall(TSGetMaxSteps(E->ts, &E->max_steps));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionCreate(const AeProblem *problem, void *ctx, const AePartType *const types[], AeEvolution *evolution)
{
  AeEvolution E;
  char        name[128];

  PetscFunctionBegin;
  PetscCall(PetscNew(&E));
  PetscCall(PetscNew(&E->parts));
  *evolution = E;
  E->problem = problem;
  E->ctx     = ctx;
  for (PetscInt n = 0; types[n]; n++) {
    PetscCheck(n < AE_PARTS_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "a run has room for %d parts", AE_PARTS_MAX);
    E->parts->part[n].type    = types[n];
    E->parts->part[n].cadence = -1;
    PetscCall(PetscCalloc(types[n]->size, &E->parts->part[n].me));
    E->parts->n = n + 1;
  }
  PetscCall(AeTimersSetFromOptions(PETSC_COMM_WORLD));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Run", problem->command);
  PetscCall(AeOptBool("-restart", "go on from the newest good checkpoint under -out", "", &E->restart, NULL));
  PetscCall(AeOptBool("-check", "read everything, say what the run would do, and exit", "", &E->check, NULL));
  PetscOptionsEnd();
  PetscCall((*problem->name)(name, sizeof name));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, problem->command, name, &E->run));
  if (E->restart && !AeHelpAsked()) PetscCall(AeRestartFind(E));
  PetscCall((*problem->create)(E));
  AeDown(E, options);
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  PetscCall(CreateTS(E));
  AeDown(E, setup);
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionPrepare(AeEvolution E, PetscBool *begun)
{
  PetscBool help;

  PetscFunctionBegin;
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck()); /* nothing of ours is declared later: a wrong option is found before data are made */
  *begun = (PetscBool)(!help && !E->check);
  if (help) PetscFunctionReturn(0);
  AeDown(E, prepare);
  if (E->restart) PetscCall(AeRestartLoad(E));
  else PetscCall((*E->problem->initial)(E));
  PetscCall(TSGetTime(E->ts, &E->t));
  PetscCall(TSGetStepNumber(E->ts, &E->step));
  if (E->rails) PetscCall(AeRailsSetNominal(E->rails, E->dt));
  if (E->check) PetscCall((*E->problem->forecast)(E));
  PetscFunctionReturn(0);
}

/* A cadence for every part that acts every so often: here, since a restart finds them all in the saved clock. */
static PetscErrorCode Cadences(AeEvolution E)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < E->parts->n; i++) {
    const AePartType *type = E->parts->part[i].type;

    if (!type->every) continue;
    PetscCall(AeClockCadence(E->clock, type->name, AE_BY_N, (*type->every)(E, E->parts->part[i].me),
                             (PetscBool)(type->known != NULL), &E->parts->part[i].cadence));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionOpen(AeEvolution E)
{
  const char *words = NULL, *class;

  PetscFunctionBegin;
  PetscCall(AeRunOpen(E->run));
  AeSignalsBegin();
  class = (*E->problem->reproducible)(E, &words);
  PetscCall(AeRunSetString(E->run, "run.reproducible", words ? words : class));
  PetscCall(AeClockCreate(E->t, &E->clock));
  PetscCall(Cadences(E));
  if (E->restart) PetscCall(AeRestartPhase(E, AE_LOAD_RECORD));
  PetscCall(AeSeriesCreate(E->run, &E->series));
  AeDown(E, open);
  if (E->restart) PetscCall(AeRestartPhase(E, AE_LOAD_HISTORY));
  else AeDown(E, first);
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionAdvance(AeEvolution E, PetscInt steps, PetscBool *more)
{
  TSConvergedReason reason;
  PetscInt          step;

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(E->ts, &step));
  PetscCall(TSSetMaxSteps(E->ts, steps < E->max_steps - step ? step + steps : E->max_steps));
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_EVOLVE]));
  PetscCall(TSSolve(E->ts, E->U));
  PetscCall(PetscLogStagePop());
  PetscCall(TSGetConvergedReason(E->ts, &reason));
  if (reason < 0) PetscCall(AeTSRestore(E->ts));
  PetscCall(TSSetMaxSteps(E->ts, E->max_steps));
  PetscCall(TSGetStepNumber(E->ts, &step));
  if (reason < 0 && !E->failure[0])
    PetscCall(PetscSNPrintf(E->failure, sizeof E->failure, "the time stepper stopped: %s", TSConvergedReasons[reason]));
  *more = (PetscBool)(reason == TS_CONVERGED_ITS && step < E->max_steps);
  PetscFunctionReturn(0);
}

/* Keys of time and clocks. */
static PetscErrorCode Summary(AeEvolution E)
{
  const AeClockTime *now = AeClockNow(E->clock);
  PetscInt           steps, rejects;

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(E->ts, &steps));
  PetscCall(TSGetStepRejections(E->ts, &rejects));
  PetscCall(AeRunSetReal(E->run, "time.t", E->t));
  PetscCall(AeRunSetInt(E->run, "time.steps", E->step));
  PetscCall(AeRunSetInt(E->run, "time.attempts", (PetscInt64)steps + rejects));
  PetscCall(AeRunSetInt(E->run, "time.rejects", rejects));
  PetscCall(AeRunSetReal(E->run, "time.dt", E->dt));
  PetscCall(AeRunSetInt(E->run, "clock.step", now->step));
  PetscCall(AeRunSetInt(E->run, "clock.loom", now->loom));
  PetscCall(AeRunSetInt(E->run, "clock.maint", now->maint));
  PetscCall((*E->problem->summary)(E));
  PetscFunctionReturn(0);
}

/* Last things of a run that ended well or was stopped at its last good state. */
static PetscErrorCode Conclude(AeEvolution E)
{
  PetscFunctionBegin;
  PetscCall(AeRunProgressEnd(E->run));
  if (AeClockAttempting(E->clock)) PetscCall(AeEvolutionReject(E, "by the step controller")); /* and no other was tried */
  PetscCall((*E->problem->final)(E));
  AeUp(E, last);
  PetscCall(AeSeriesFlush(E->series));
  PetscCall(Summary(E));
  PetscCall(AeAuditReport(E->run));
  PetscCall(AeTimersWrite(E->run));
  PetscCheck(!E->failure[0], PETSC_COMM_WORLD, AE_ERR_FAILED, "%s", E->failure);
  PetscFunctionReturn(0);
}

/* After a failure the lines that wait in memory are written all the same; should that fail too, the first reason counts. */
static PetscErrorCode SaveSeries(AeEvolution E)
{
  PetscErrorCode unused;

  PetscFunctionBegin;
  if (!E->series) PetscFunctionReturn(0);
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  unused = AeSeriesFlush(E->series);
  (void)unused;
  PetscCall(PetscPopErrorHandler());
  PetscFunctionReturn(0);
}

static PetscErrorCode CloseParts(AeEvolution E, int status, const char reason[])
{
  PetscFunctionBegin;
  AeUp(E, close, status, reason);
  PetscFunctionReturn(0);
}

/* Summary and last words of a run that ended with ierr; the first error is the one that the program returns. */
PetscErrorCode AeEvolutionClose(AeEvolution E, PetscErrorCode ierr)
{
  const char    *reason;
  PetscErrorCode closed;

  PetscFunctionBegin;
  if (!ierr) ierr = Conclude(E);
  if (ierr) PetscCall(SaveSeries(E));
  AeSignalsEnd();
  reason = ierr ? (E->failure[0] ? E->failure : AeonicLastError()) : E->stopped[0] ? E->stopped : "done";
  closed = AeRunClose(E->run, (AeExit)AeonicExitStatus(ierr), reason);
  if (!ierr && closed) {
    ierr   = closed;
    reason = AeonicLastError();
  }
  closed = CloseParts(E, AeonicExitStatus(ierr), reason);
  PetscFunctionReturn(ierr ? ierr : closed);
}

PetscErrorCode AeEvolutionDestroy(AeEvolution *evolution)
{
  AeEvolution E = *evolution;

  PetscFunctionBegin;
  if (!E) PetscFunctionReturn(0);
  AeUp(E, destroy);
  PetscCall(TSDestroy(&E->ts));
  PetscCall(VecDestroy(&E->U));
  PetscCall(AeSeriesDestroy(&E->series));
  PetscCall(AeClockDestroy(&E->clock));
  PetscCall(AeRunDestroy(&E->run));
  PetscCall((*E->problem->destroy)(E));
  for (PetscInt i = 0; i < E->parts->n; i++) PetscCall(PetscFree(E->parts->part[i].me));
  PetscCall(PetscFree(E->parts));
  PetscCall(PetscFree(*evolution));
  PetscFunctionReturn(0);
}

static PetscErrorCode Evolve(AeEvolution E)
{
  PetscBool more;

  PetscFunctionBegin;
  PetscCall(AeEvolutionOpen(E));
  PetscCall(AeEvolutionAdvance(E, PETSC_MAX_INT, &more));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEvolutionRun(const AeProblem *problem, void *ctx, const AePartType *const parts[])
{
  AeEvolution E;
  PetscBool   begun;

  PetscFunctionBegin;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_SETUP]));
  PetscCall(AeEvolutionCreate(problem, ctx, parts, &E));
  PetscCall(AeEvolutionPrepare(E, &begun));
  PetscCall(PetscLogStagePop());
  if (begun) {
    PetscErrorCode ierr = Evolve(E);

    PetscCall(AeEvolutionClose(E, ierr));
    PetscCall(AeOptionsCheckLeft());
  }
  PetscCall(AeEvolutionDestroy(&E));
  PetscFunctionReturn(0);
}
