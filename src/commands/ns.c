/*
  aeonic ns: evolve the incompressible Navier-Stokes equations on a periodic box.
*/
#include "ns_app.h"
#include <petsctime.h>
#include <unistd.h>

static PetscErrorCode PreStep(TS ts)
{
  AeNSApp *a;
  Vec      older;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  AeAuditStepBegin();
  PetscCall(TSGetTime(ts, &a->t_begin));
  older           = a->kept[0];
  a->kept[0]      = a->kept[1];
  a->kept_t[0]    = a->kept_t[1];
  a->kept_step[0] = a->kept_step[1];
  a->kept[1]      = older;
  a->kept_t[1]    = a->t_begin;
  PetscCall(TSGetStepNumber(ts, &a->kept_step[1]));
  PetscCall(VecCopy(a->U, a->kept[1]));
  PetscCall(AeNSBeginStep(a->ns, a->t_begin));
  PetscCall(AeNSAppLoomPreStep(a));
  PetscCall(AeNSAppRecordAttempt(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode PostEvaluate(TS ts)
{
  AeNSApp  *a;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSEndStep(a->ns, t, a->U));
  PetscFunctionReturn(0);
}

/* The state reached at t is not finite: the run ends with the older or the newer of those kept. */
static PetscErrorCode Fail(AeNSApp *a, PetscReal t, PetscInt step, int kept)
{
  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(a->failure, sizeof a->failure,
                          "the velocity is not finite at t = %g, step %" PetscInt_FMT
                          "; the state before is kept; a smaller -ts_dt, or -ns_cfl, may help",
                          (double)t, step));
  a->step_last = a->kept_step[kept];
  a->t_last    = a->kept_t[kept];
  if (a->step_last >= 0) PetscCall(VecCopy(a->kept[kept], a->U));
  PetscCall(TSSetConvergedReason(a->ts, TS_DIVERGED_STEP_REJECTED));
  PetscCall(AeNSAppRecordFailure(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode PostStep(TS ts)
{
  AeNSApp  *a;
  PetscInt  step;
  PetscReal t, rate;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &a));
  AeAuditStepEnd();
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSRate(a->ns, &rate));
  if (PetscIsInfOrNanReal(rate)) { /* where the step began */
    PetscCall(Fail(a, a->t_begin, step - 1, 0));
    PetscFunctionReturn(0);
  }
  if (step % a->series_every == 0 || (a->checkpoint_every && step % a->checkpoint_every == 0) || t >= a->t_end ||
      step >= a->max_steps) { /* what is written is looked at before the next step */
    PetscCall(AeNSSumsOf(a->ns, a->U, &a->sums));
    if (PetscIsInfOrNanReal(a->sums.energy)) {
      PetscCall(Fail(a, t, step, 1));
      PetscFunctionReturn(0);
    }
  }
  PetscCall(AeNSAppRecordAccept(a, t));
  PetscCall(AeNSAppLoomPostStep(a, step, t));
  a->cfl_max = PetscMax(a->cfl_max, rate * (t - a->t_begin));
  PetscCall(AeRunProgress(a->run, step, t, a->t_end, a->max_steps, t - a->t_begin, -1.0));
  if (step % a->series_every == 0) PetscCall(AeNSAppSeries(a, step, t));
  if (a->spectra_every && step % a->spectra_every == 0) PetscCall(AeNSAppSpectrum(a, step, t));
  if (a->fields_every && step % a->fields_every == 0) PetscCall(AeNSAppFields(a, step, t));
  if (a->hash_every && step % a->hash_every == 0) PetscCall(AeNSAppHash(a, step, t, PETSC_FALSE));
  if (a->checkpoint_every && step % a->checkpoint_every == 0) PetscCall(AeNSAppCheckpoint(a, step, t));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateTS(AeNSApp *a)
{
  TSAdapt   adapt;
  PetscReal t_end;
  PetscBool basic;

  PetscFunctionBegin;
  PetscCall(AeNSGet(a->ns, NULL, &t_end, NULL, NULL, NULL));
  PetscCall(TSCreate(PETSC_COMM_WORLD, &a->ts));
  PetscCall(TSSetProblemType(a->ts, TS_NONLINEAR));
  PetscCall(TSSetType(a->ts, TSRK));
  PetscCall(TSRKSetType(a->ts, TSRK4));
  PetscCall(TSSetApplicationContext(a->ts, a));
  PetscCall(TSSetPreStep(a->ts, PreStep));
  PetscCall(TSSetPostEvaluate(a->ts, PostEvaluate));
  PetscCall(TSSetPostStep(a->ts, PostStep));
  PetscCall(TSSetMaxTime(a->ts, t_end));
  PetscCall(TSSetMaxSteps(a->ts, PETSC_MAX_INT));
  PetscCall(TSSetTimeStep(a->ts, 0.01));
  PetscCall(TSSetExactFinalTime(a->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetErrorIfStepFails(a->ts, PETSC_FALSE));
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, a->cfl > 0 ? AE_TSADAPT_COURANT : TSADAPTNONE));
  if (a->cfl > 0) PetscCall(TSAdaptSetSafety(adapt, a->cfl, PETSC_DEFAULT)); /* of the step that moves by one spacing */
  PetscCall(TSSetFromOptions(a->ts));
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, TSADAPTBASIC, &basic));
  PetscCheck(!basic, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-ts_adapt_type basic: the steppers here give no error estimate; -ns_cfl C adapts the step to the flow");
  PetscCall(AeNSSetUpTS(a->ns, a->ts));
  PetscCall(TSGetMaxTime(a->ts, &a->t_end));
  PetscCall(TSGetMaxSteps(a->ts, &a->max_steps));
  PetscFunctionReturn(0);
}

/* The state to begin with: the initial one, or the checkpoint's. */
static PetscErrorCode Begin(AeNSApp *a, PetscReal *dt)
{
  PetscFunctionBegin;
  *dt = 0.0;
  if (a->restart) {
    PetscCall(AeNSLoad(a->ns, a->U, AeRunPath(a->run, AE_NS_CHECKPOINT), PETSC_TRUE, &a->t0, &a->step0, dt, &a->record.from_size,
                       (void **)&a->record.from));
    {
      const AeNSHistory *h = a->record.from;

      PetscCheck(!h || (a->record.from_size > sizeof *h && h->nclock >= 0 && h->nclock <= AE_CLOCK_NUMBERS && h->nseries > 0 &&
                        (size_t)h->nseries <= a->record.from_size - sizeof *h && !((const char *)(h + 1))[h->nseries - 1]),
                 PETSC_COMM_WORLD, AE_ERR_USAGE,
                 "-restart: %s: what it holds of clocks and series is damaged, or another version's",
                 AeRunPath(a->run, AE_NS_CHECKPOINT));
    }
    PetscCall(AeNSHash(a->ns, a->U, a->record.hash));
    PetscCall(TSSetTime(a->ts, a->t0));
    PetscCall(TSSetStepNumber(a->ts, a->step0));
    PetscCall(AeRunResume(a->run));
  } else PetscCall(AeNSSetInitial(a->ns, a->U, &a->t0));
  PetscFunctionReturn(0);
}

/* dt = -ts_dt, or -ns_cfl over the flow's rate, or the restart's; a warning where RK4 is unstable. */
static PetscErrorCode ChooseDt(AeNSApp *a, PetscReal restart_dt)
{
  PetscReal rate;
  PetscBool given;
  Vec       F;

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(a->ts, &a->dt));
  PetscCall(VecDuplicate(a->U, &F));
  PetscCall(AeNSBeginStep(a->ns, a->t0));
  PetscCall(AeNSRHSFunction(a->ts, a->t0, a->U, F, a->ns));
  PetscCall(VecDestroy(&F));
  PetscCall(AeNSRate(a->ns, &rate));
  PetscCheck(!PetscIsInfOrNanReal(rate), PETSC_COMM_WORLD, AE_ERR_USAGE, "the initial velocity is not finite");
  PetscCall(AeNSAdvectiveLimit(a->ns, &a->dt_limit));
  if (restart_dt > 0) a->dt = restart_dt;
  else if (a->cfl > 0 && !given && rate > 0)
    a->dt = PetscMin(a->cfl / rate, a->t_end > a->t0 ? a->t_end - a->t0 : PETSC_MAX_REAL);
  if (a->dt > a->dt_limit)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "aeonic: warning: %s: dt = %g is beyond the advective limit %.4g of order-4 Runge-Kutta here\n",
                           a->cfl > 0 && !given ? "-ns_cfl" : "-ts_dt", (double)a->dt, (double)a->dt_limit));
  PetscCall(TSSetTimeStep(a->ts, a->dt));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(AeNSApp *a)
{
  char        name[128];
  const char *initial;

  PetscFunctionBegin;
  PetscCall(AeNSRegister());
  /* the run's folder holds the checkpoint, and that FFTW's plans, which must be there before any is made */
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Run", "aeonic ns");
  PetscCall(AeOptBool("-restart", "continue the run in the folder of -out from its checkpoint", "", &a->restart, NULL));
  PetscOptionsEnd();
  PetscCall(PetscStrncpy(name, "taylor_green", sizeof name));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-ns_initial", name, sizeof name, NULL));
  if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")]) PetscCall(PetscStrncpy(name, "run", sizeof name)); /* refused below */
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "ns", name, &a->run));
  if (a->restart) {
    PetscCheck(!access(AeRunPath(a->run, AE_NS_CHECKPOINT), R_OK), PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-restart: there is no checkpoint %s; -out names the folder of the run", AeRunPath(a->run, AE_NS_CHECKPOINT));
    PetscCall(AeNSLoadPlans(PETSC_COMM_WORLD, AeRunPath(a->run, AE_NS_CHECKPOINT)));
  }
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &a->ns));
  PetscCall(AeNSGet(a->ns, &initial, NULL, NULL, NULL, NULL));
  PetscCall(AeNSAppOutputOptions(a));
  PetscCall(AeNSAppLoomOptions(a));
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  PetscCall(AeNSCreateVec(a->ns, &a->U));
  PetscCall(CreateTS(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeNSApp *a)
{
  PetscFunctionBegin;
  PetscCall(TSDestroy(&a->ts));
  PetscCall(VecDestroy(&a->U));
  for (int i = 0; i < 2; i++) PetscCall(VecDestroy(&a->kept[i]));
  PetscCall(AeSeriesDestroy(&a->series));
  PetscCall(AeNSAppLoomDestroy(a));
  PetscCall(AeNSAppRecordDestroy(a));
  PetscCall(AeRunDestroy(&a->run));
  PetscCall(AeNSDestroy(&a->ns));
  PetscFunctionReturn(0);
}

/* -check: what the run would do, without doing it. */
static PetscErrorCode Check(AeNSApp *a)
{
  PetscReal      steps = PetscCeilReal((a->t_end - a->t0) / a->dt - 1e-9), bytes;
  PetscLogDouble t0, t1;
  PetscInt       fields, n;
  AeBand         b;
  Vec            F;

  PetscFunctionBegin;
  if (steps > a->max_steps) steps = a->max_steps;
  PetscCall(AeNSGet(a->ns, NULL, NULL, &fields, &b, NULL));
  PetscCall(VecGetLocalSize(a->U, &n));
  PetscCall(VecDuplicate(a->U, &F));
  PetscCall(PetscTime(&t0));
  PetscCall(AeNSRHSFunction(NULL, a->t0, a->U, F, a->ns));
  PetscCall(PetscTime(&t1));
  PetscCall(VecDestroy(&F));
  PetscCall(AeNSView(a->ns, PETSC_VIEWER_STDOUT_WORLD));
  bytes = 16.0 * b->fields *
          ((PetscReal)b->n[2] * b->yn * b->m[0] * (b->size > 1 ? 2 : 1) + (PetscReal)b->n[2] * b->m[0] +
           0.5 * (PetscReal)b->n[1] * b->pitch);
  PetscCall(PetscPrintf(
    PETSC_COMM_WORLD,
    "memory of a rank: a state %.4g MB, of which 11 are held with rk and 9 with etdrk4; transforms %.4g MB; loom %.4g MB\n",
    8e-6 * n, 1e-6 * bytes, a->loom.on ? 1e-6 * AeLoomBytes(a->loom.loom) : 0.0));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "time: dt = %g (advective limit %.4g), %.0f steps to t = %g\n", (double)a->dt,
                        (double)a->dt_limit, (double)steps, (double)PetscMin(a->t_end, a->t0 + steps * a->dt)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "estimate: %.3g s a right-hand side, %.3g s for the run\n", t1 - t0,
                        4.4 * (t1 - t0) * (double)steps));
  PetscFunctionReturn(0);
}

static PetscErrorCode Evolve(AeNSApp *a)
{
  TSConvergedReason reason;
  PetscReal         t;
  PetscInt          step;

  PetscFunctionBegin;
  for (int i = 0; i < 2; i++) PetscCall(VecDuplicate(a->U, &a->kept[i]));
  a->kept_step[0] = a->kept_step[1] = -1;
  PetscCall(AeRunOpen(a->run));
  PetscCall(AeSeriesCreate(a->run, &a->series));
  PetscCall(AeNSAppRecordOpen(a));
  PetscCall(AeNSAppLoomSetUp(a));
  if (!a->restart) {
    PetscCall(AeNSAppFields(a, 0, a->t0));
    PetscCall(AeNSAppSeries(a, 0, a->t0));
    if (a->spectra_every) PetscCall(AeNSAppSpectrum(a, 0, a->t0));
    if (a->hash_every) PetscCall(AeNSAppHash(a, 0, a->t0, PETSC_FALSE));
  }
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_EVOLVE]));
  PetscCall(TSSolve(a->ts, a->U));
  PetscCall(PetscLogStagePop());
  PetscCall(AeRunProgressEnd(a->run));
  PetscCall(TSGetConvergedReason(a->ts, &reason));
  if (reason < 0 && !a->failure[0])
    PetscCall(PetscSNPrintf(a->failure, sizeof a->failure, "the time stepper stopped: %s", TSConvergedReasons[reason]));
  if (a->failure[0]) {
    t    = a->t_last;
    step = a->step_last;
  } else {
    PetscCall(TSGetTime(a->ts, &t));
    PetscCall(TSGetStepNumber(a->ts, &step));
  }
  a->t_last    = t;
  a->step_last = step;
  PetscCall(AeNSAppFields(a, step, t));
  PetscCall(AeNSAppCheckpoint(a, step, t));
  PetscCall(AeNSAppHash(a, step, t, PETSC_TRUE));
  if (a->spectra_every) PetscCall(AeNSAppSpectrum(a, step, t));
  PetscCall(AeNSAppSummary(a));
  PetscCall(AeSeriesFlush(a->series));
  PetscCall(AeAuditReport(a->run));
  PetscCheck(!a->failure[0], PETSC_COMM_WORLD, AE_ERR_FAILED, "%s", a->failure);
  PetscFunctionReturn(0);
}

PetscErrorCode AeCommandNS(const char topic[])
{
  static AeNSApp app; /* outlives an error return: the summary is written from it */
  AeNSApp       *a = &app;
  PetscBool      help;
  PetscReal      restart_dt;
  PetscErrorCode ierr, closed;
  const char    *reason;

  PetscFunctionBegin;
  (void)topic;
  PetscCall(PetscMemzero(a, sizeof *a));
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_SETUP]));
  PetscCall(Create(a));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (!help) {
    PetscCall(Begin(a, &restart_dt));
    PetscCall(ChooseDt(a, restart_dt));
    if (a->check) PetscCall(Check(a));
    else {
      PetscCall(PetscLogStagePop());
      ierr   = Evolve(a);
      reason = ierr ? (a->failure[0] ? a->failure : AeonicLastError()) : "done";
      closed = AeNSAppRecordClose(a, AeonicExitStatus(ierr), reason);
      PetscCall(AeRunClose(a->run, (AeExit)AeonicExitStatus(ierr ? ierr : closed), ierr || !closed ? reason : AeonicLastError()));
      PetscCall(ierr ? ierr : closed);
      PetscCall(AeOptionsCheckLeft());
    }
  }
  PetscCall(Destroy(a));
  PetscFunctionReturn(0);
}
