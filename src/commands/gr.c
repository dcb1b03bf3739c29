/*
  aeonic gr: evolve a spacetime.
*/
#include "gr_app.h"
#include <aeonic/solution.h>

/* dt = -ts_dt, or -gr_cfl h where RK4's stable limit allows it */
static PetscErrorCode ChooseDt(AeGRApp *a)
{
  const PetscReal cfl = AeGRCfl(a->gr);
  PetscBool       given;

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(a->ts, &a->dt));
  PetscCall(AeGRStableDt(a->gr, a->U, &a->dt_limit));
  if (!given) a->dt = cfl * a->grid->h;
  if (a->rk4 && a->dt > a->dt_limit) {
    if (given)
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: -ts_dt %g is above the stable limit %.4g of RK4 here\n",
                             (double)a->dt, (double)a->dt_limit));
    else {
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                             "aeonic: warning: -gr_cfl %g is above the stable limit %.4g of RK4 here; the step is dt = %.4g\n",
                             (double)cfl, (double)(a->dt_limit / a->grid->h), (double)a->dt_limit));
      a->dt = a->dt_limit;
    }
  }
  PetscCall(TSSetTimeStep(a->ts, a->dt));
  if (a->rails) PetscCall(AeRailsSetNominal(a->adapt, a->dt));
  PetscFunctionReturn(0);
}

/* Whether stages are formed and projected in one sweep, so that nothing is left to project. */
static PetscErrorCode Fused(AeGRApp *a, PetscBool *fused)
{
  PetscBool ours;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, AE_TS_RK4, &ours));
  PetscCall(AeGRGetFusion(a->gr, fused));
  *fused = (PetscBool)(*fused && ours);
  PetscFunctionReturn(0);
}

static PetscErrorCode PreStep(TS ts)
{
  AeGRApp *a;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  AeAuditStepBegin();
  PetscCall(TSGetTime(ts, &a->t_begin));
  PetscCall(AeGRBeginStep(a->gr));
  PetscCall(AeGRAppLoomPreStep(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode PostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  AeGRApp  *a;
  PetscBool fused, ours;
  PetscInt  step;
  AeSweep   sweep = stage ? AE_SWEEP_STAGE : AE_SWEEP_FIRST;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(Fused(a, &fused));
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, AE_TS_RK4, &ours));
  if (stage == (a->ahead ? 1 : 0)) PetscCall(AeGRAppRecordAttempt(a)); /* looked ahead, the first stage was another attempt's */
  /* the first stage is the accepted state, projected already; PETSc's types pass all their stages */
  if (a->ahead && stage == 4) {
    PetscCall(AeGRAppDrill(a, step + 1, Y[0]));
    sweep = AE_SWEEP_CANDIDATE;
  }
  a->stage = stage;
  PetscCall(AeGRPrepareStage(a->gr, Y[ours ? 0 : stage], t, sweep, stage, (PetscBool)(stage > 0 && !fused)));
  PetscFunctionReturn(0);
}

/* The accepted state. */
static PetscErrorCode PostEvaluate(TS ts)
{
  AeGRApp  *a;
  PetscBool fused;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  if (a->ahead) PetscFunctionReturn(0); /* it was prepared as a candidate */
  PetscCall(Fused(a, &fused));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeGRPrepareStage(a->gr, a->U, t, AE_SWEEP_FIRST, 0, (PetscBool)!fused));
  PetscFunctionReturn(0);
}

/* Without rails: puts the last good state back where the stepper can. */
static PetscErrorCode StopNonFinite(AeGRApp *a)
{
  PetscInt n = 0, step;
  Vec     *K;

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(a->ts, &step));
  PetscCall(AeGRAppDescribeNonFinite(a, step, a->failure, sizeof a->failure));
  PetscCall(AeTSGetSlopes(a->ts, &n, &K));
  PetscCall(AeGRAppRecordFailure(a, (PetscBool)(n > 0)));
  if (n) PetscCall(TSRollBack(a->ts));
  PetscCall(TSSetConvergedReason(a->ts, TS_DIVERGED_STEP_REJECTED));
  PetscFunctionReturn(0);
}

static PetscErrorCode SeriesIfDue(AeGRApp *a, PetscInt step, PetscReal t)
{
  PetscFunctionBegin;
  if (!AeClockDue(a->record.clock, a->record.series)) PetscFunctionReturn(0);
  PetscCall(AeGRAppWriteSeries(a, step, t));
  PetscCall(AeClockServe(a->record.clock, a->record.series));
  PetscFunctionReturn(0);
}

/* Statistics of stage one describe the state that the step began from, those of a look-ahead the new one: they are
   entered under the number of the state they describe. */
static PetscErrorCode PostStep(TS ts)
{
  AeGRApp          *a;
  PetscInt          step;
  PetscReal         t;
  TSConvergedReason reason;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  AeAuditStepEnd();
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetConvergedReason(ts, &reason));
  if (a->failure[0] || reason < 0) PetscFunctionReturn(0); /* taken back */
  if (!a->rails) {
    PetscCall(AeGRAppReduce(a));
    if (a->stats.nonfinite) {
      PetscCall(StopNonFinite(a));
      PetscFunctionReturn(0);
    }
  }
  if (!a->ahead) PetscCall(SeriesIfDue(a, step - 1, a->t_begin));
  PetscCall(AeGRAppRecordAccept(a, t));
  if (a->ahead) PetscCall(SeriesIfDue(a, step, t));
  PetscCall(AeGRAppLoomPostStep(a, step, t));
  PetscCall(AeGRAppCleanup(a, step, t));
  PetscCall(AeGRAppMemoryStep(a));
  PetscCall(AeRunProgress(a->run, step, t, a->t_end, a->max_steps, t - a->t_begin, a->stats.H_l2));
  PetscCall(AeGRAppWriteFields(a, step, t, PETSC_FALSE));
  if (AeClockDue(a->record.clock, a->record.fields)) {
    PetscCall(AeGRAppWriteErrors(a, step, t, PETSC_FALSE));
    PetscCall(AeClockServe(a->record.clock, a->record.fields));
  }
  if (AeClockDue(a->record.clock, a->record.hash)) {
    PetscCall(AeGRAppWriteHash(a, step, t, PETSC_FALSE));
    PetscCall(AeClockServe(a->record.clock, a->record.hash));
  }
  if (AeClockDue(a->record.clock, a->record.diag)) {
    PetscCall(AeDiagWrite(a->diagnostics, a->U, a->series, step, t));
    PetscCall(AeClockServe(a->record.clock, a->record.diag));
  }
  PetscCall(AeGRAppCheckpointStep(a));
  PetscFunctionReturn(0);
}

/* Last things of a run that ended well or was stopped at its last good state. */
static PetscErrorCode Finish(AeGRApp *a)
{
  PetscReal t;
  PetscInt  step;

  PetscFunctionBegin;
  PetscCall(TSGetTime(a->ts, &t));
  PetscCall(TSGetStepNumber(a->ts, &step));
  PetscCall(AeGRConstraints(a->gr, a->U, t, NULL, &a->stats));
  PetscCall(AeGRExtremes(a->gr, a->U, &a->stats.lapse_min, &a->stats.chi_min, &a->stats.K_max));
  PetscCall(AeGRAppWriteFields(a, step, t, PETSC_TRUE));
  PetscCall(AeGRAppWriteErrors(a, step, t, PETSC_TRUE));
  PetscCall(AeGRAppWriteHash(a, step, t, PETSC_TRUE));
  PetscCall(AeDiagWrite(a->diagnostics, a->U, a->series, step, t));
  PetscCall(AeGRAppLoomFinish(a));
  PetscCall(AeSeriesFlush(a->series));
  PetscCall(AeGRAppRecordOutput(a, "series", "time series"));
  PetscCall(AeGRAppSummary(a));
  PetscCall(AeGRAppRecordStop(a));
  PetscCall(AeAuditReport(a->run));
  PetscCall(AeTimersWrite(a->run));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(AeGRApp *a)
{
  DM             dm;
  PetscBool      basic;
  TSAdapt        adapt;
  const AeDatum *datum;

  PetscFunctionBegin;
  PetscCall(AeTimersSetFromOptions(PETSC_COMM_WORLD));
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &a->gr));
  PetscCall(AeGRGet(a->gr, &a->grid, &a->fields, &a->initial, NULL, NULL));
  datum = a->initial->datum;
  PetscCall(AeGRAppOutputOptions(a));
  PetscCall(AeGRAppRailsOptions(a));
  PetscCall(AeGRAppCheckpointOptions(a));
  PetscCall(AeGRAppMemoryOptions(a));
  PetscCall(AeGRAppRecordOptions(a));
  PetscCall(AeDiagCreate(a->gr, &a->diagnostics));
  PetscCall(AeGRAppCleanupOptions(a));
  PetscCall(AeGRAppLoomOptions(a));
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "gr", datum->name, &a->run));
  PetscCall(AeFieldsGetDM(a->fields, &dm));
  PetscCall(AeFieldsCreateVec(a->fields, &a->U));

  PetscCall(TSCreate(PETSC_COMM_WORLD, &a->ts));
  PetscCall(TSSetProblemType(a->ts, TS_NONLINEAR));
  PetscCall(TSSetDM(a->ts, dm));
  PetscCall(TSSetType(a->ts, AE_TS_RK4));
  PetscCall(TSSetApplicationContext(a->ts, a));
  PetscCall(TSSetRHSFunction(a->ts, NULL, AeGRRHSFunction, a->gr));
  PetscCall(TSSetPreStep(a->ts, PreStep));
  PetscCall(TSSetPostStage(a->ts, PostStage));
  PetscCall(TSSetPostEvaluate(a->ts, PostEvaluate));
  PetscCall(TSSetPostStep(a->ts, PostStep));
  PetscCall(TSSetMaxTime(a->ts, datum->t_end));
  PetscCall(TSSetMaxSteps(a->ts, PETSC_MAX_INT));
  PetscCall(TSSetExactFinalTime(a->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetErrorIfStepFails(a->ts, PETSC_FALSE));
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, AE_ADAPT_RAILS));
  PetscCall(AeRailsSetTable(adapt, &AeGRRails));
  PetscCall(TSSetFromOptions(a->ts));
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, TSADAPTBASIC, &basic));
  PetscCheck(!basic, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-ts_adapt_type basic compares whole arrays, ghosts included, and would see what is no part of the state; use none");
  PetscCall(AeTSSetCombine(a->ts, AeGRCombine, a->gr));
  PetscCall(AeTSIsRK4(a->ts, &a->rk4));
  PetscCall(AeGRAppRailsSetUp(a));
  PetscCall(TSGetMaxTime(a->ts, &a->t_end));
  PetscCall(TSGetMaxSteps(a->ts, &a->max_steps));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(TSDestroy(&a->ts));
  PetscCall(VecDestroy(&a->U));
  PetscCall(VecDestroy(&a->diag));
  PetscCall(AeFieldsDestroy(&a->diag_fields));
  PetscCall(VecDestroy(&a->curvature));
  PetscCall(AeFieldsDestroy(&a->curvature_fields));
  PetscCall(AeDiagDestroy(&a->diagnostics));
  PetscCall(AeGRAppCleanupDestroy(a));
  PetscCall(AeGRAppLoomDestroy(a));
  PetscCall(AeSeriesDestroy(&a->series));
  PetscCall(AeGRAppRecordDestroy(a));
  PetscCall(AeMemoryDestroy(&a->memory.memory));
  PetscCall(AeRunDestroy(&a->run));
  PetscCall(AeGRDestroy(&a->gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode Open(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeRunOpen(a->run));
  PetscCall(AeGRAppRecordOpen(a));
  PetscCall(AeGRAppMemoryBegin(a));
  PetscCall(AeGRAppLoomSetUp(a));
  if (a->checkpoint.restart) PetscCall(AeGRAppRestartLoom(a));
  PetscCall(AeSeriesCreate(a->run, &a->series));
  if (!a->checkpoint.restart) {
    PetscCall(AeGRAppWriteFields(a, 0, 0.0, PETSC_TRUE));
    PetscCall(AeGRAppWriteErrors(a, 0, 0.0, PETSC_FALSE));
    if (a->hash_every) PetscCall(AeGRAppWriteHash(a, 0, 0.0, PETSC_FALSE));
    PetscCall(AeDiagWrite(a->diagnostics, a->U, a->series, 0, 0.0));
  }
  PetscCall(AeGRAppCheckpointBegin(a));
  PetscCall(AeGRBeginStep(a->gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppAdvance(AeGRApp *a, PetscInt steps, PetscBool *more)
{
  TSConvergedReason reason;
  PetscInt          step;

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(a->ts, &step));
  PetscCall(TSSetMaxSteps(a->ts, steps < a->max_steps - step ? step + steps : a->max_steps));
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_EVOLVE]));
  PetscCall(TSSolve(a->ts, a->U));
  PetscCall(PetscLogStagePop());
  PetscCall(TSSetMaxSteps(a->ts, a->max_steps));
  PetscCall(TSGetStepNumber(a->ts, &step));
  PetscCall(TSGetConvergedReason(a->ts, &reason));
  if (reason < 0 && !a->failure[0])
    PetscCall(PetscSNPrintf(a->failure, sizeof a->failure, "the time stepper stopped: %s", TSConvergedReasons[reason]));
  *more = (PetscBool)(reason == TS_CONVERGED_ITS && step < a->max_steps);
  PetscFunctionReturn(0);
}

static PetscErrorCode Conclude(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeRunProgressEnd(a->run));
  PetscCall(AeGRAppCheckpointEnd(a));
  PetscCall(AeGRAppAutopsy(a));
  PetscCall(AeGRAppMemoryEnd(a));
  PetscCall(Finish(a));
  PetscCheck(!a->failure[0], PETSC_COMM_WORLD, AE_ERR_FAILED, "%s", a->failure);
  PetscFunctionReturn(0);
}

static PetscErrorCode Evolve(AeGRApp *a)
{
  PetscBool more;

  PetscFunctionBegin;
  PetscCall(Open(a));
  PetscCall(AeGRAppAdvance(a, PETSC_MAX_INT, &more));
  PetscCall(Conclude(a));
  PetscFunctionReturn(0);
}

/* After a failure the lines that wait in memory are written all the same; should that fail too, the first reason counts. */
static PetscErrorCode SaveSeries(AeGRApp *a)
{
  PetscErrorCode unused;

  PetscFunctionBegin;
  if (!a->series) PetscFunctionReturn(0);
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  unused = AeSeriesFlush(a->series);
  (void)unused;
  PetscCall(PetscPopErrorHandler());
  PetscFunctionReturn(0);
}

/* Summary and last receipt of a run that ended with ierr; the first error is the one that the program returns. */
static PetscErrorCode Close(AeGRApp *a, PetscErrorCode ierr)
{
  const char    *reason = ierr                       ? (a->failure[0] ? a->failure : AeonicLastError())
                          : a->checkpoint.stopped[0] ? a->checkpoint.stopped
                                                     : "done";
  PetscErrorCode closed = AeRunClose(a->run, (AeExit)AeonicExitStatus(ierr), reason);

  PetscFunctionBegin;
  if (!ierr && closed) {
    ierr   = closed;
    reason = AeonicLastError();
  }
  closed = AeGRAppRecordClose(a, AeonicExitStatus(ierr), reason);
  PetscFunctionReturn(ierr ? ierr : closed);
}

/* Everything up to the first output. Without `begun` only -help was asked for. */
static PetscErrorCode Prepare(AeGRApp *a, PetscBool *begun)
{
  PetscBool help;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(a, sizeof *a));
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_SETUP]));
  PetscCall(Create(a));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck()); /* nothing of ours is declared later: a wrong option is found before data are made */
  *begun = (PetscBool)!help;
  if (*begun) {
    PetscCall(AeGRAppMemoryLoad(a));
    PetscCall(AeGRAppGuessSetUp(a));
    if (a->checkpoint.restart) PetscCall(AeGRAppRestart(a));
    else {
      PetscCall(AeGRSetState(a->gr, a->U, 0.0));
      PetscCheck(!a->initial->solution || a->initial->solution->result.converged, PETSC_COMM_WORLD, AE_ERR_FAILED,
                 "the solve for the initial data did not converge (residual %g); aeonic id shows its history",
                 (double)a->initial->solution->result.residual);
      PetscCall(ChooseDt(a));
    }
    if (a->check) PetscCall(AeGRAppCheck(a));
  }
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppBegin(AeGRApp *a)
{
  PetscBool begun;

  PetscFunctionBegin;
  PetscCall(Prepare(a, &begun));
  PetscCheck(begun && !a->check, PETSC_COMM_WORLD, PETSC_ERR_ARG_WRONGSTATE, "a run that is only asked about does not begin");
  PetscCall(Open(a));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppEnd(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(Conclude(a));
  PetscCall(Close(a, 0));
  PetscCall(Destroy(a));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCommandGR(const char topic[])
{
  static AeGRApp app; /* outlives an error return: the summary is written from it */
  AeGRApp       *a = &app;
  PetscBool      begun;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  (void)topic;
  PetscCall(Prepare(a, &begun));
  if (begun && !a->check) {
    ierr = Evolve(a);
    if (ierr) PetscCall(SaveSeries(a));
    PetscCall(Close(a, ierr));
    PetscCall(AeOptionsCheckLeft());
  }
  PetscCall(Destroy(a));
  PetscFunctionReturn(0);
}
