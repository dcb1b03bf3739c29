/*
  The gr command's side of the rails (rails.h): what is measured, where a violation is, what controls do.
*/
#include "gr_app.h"

/* The first value that is not finite, in the slope of the stage that the sweep named, else in the state. */
PetscErrorCode AeGRAppDescribeNonFinite(AeGRApp *a, PetscInt step, char text[], size_t len)
{
  const AeFieldInfo *info;
  const PetscBool    candidate = (PetscBool)(a->stats.sweep == AE_SWEEP_CANDIDATE);
  const PetscInt     stage     = a->stats.stage;
  PetscInt           n = 0, field = -1, ijk[3] = {0, 0, 0};
  PetscReal          x[3] = {0, 0, 0};
  Vec               *K;
  const char        *what = "the right-hand side of ";

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, NULL, &info));
  PetscCall(AeTSGetSlopes(a->ts, &n, &K));
  if (stage >= 0 && stage < n) PetscCall(AeFieldsFindNonFinite(a->fields, K[stage], &field, ijk, x));
  if (field < 0) {
    what = "";
    PetscCall(AeFieldsFindNonFinite(a->fields, a->U, &field, ijk, x));
  }
  PetscCall(PetscSNPrintf(text, len,
                          "the state is not finite: %s%s at cell (%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT
                          "), (x,y,z) = (%g,%g,%g), t = %g, stage %" PetscInt_FMT " of step %" PetscInt_FMT
                          "; a smaller -gr_cfl, more -diss_sigma or another gauge may help",
                          what, field < 0 ? "?" : info[field].name, ijk[0], ijk[1], ijk[2], (double)x[0], (double)x[1],
                          (double)x[2], (double)a->t_begin, stage + 1, step + candidate));
  PetscFunctionReturn(0);
}

static PetscErrorCode Measure(void *ctx, TS ts, PetscReal value[])
{
  AeGRApp         *a = (AeGRApp *)ctx;
  const AeGRStats *s = &a->stats;

  PetscFunctionBegin;
  (void)ts;
  PetscCall(AeGRAppReduce(a));
  PetscCall(AeGRBeginStep(a->gr));
  value[AE_GR_RAIL_FINITE] = (PetscReal)s->nonfinite;
  value[AE_GR_RAIL_LAPSE]  = s->lapse_min;
  value[AE_GR_RAIL_CHI]    = s->chi_min;
  value[AE_GR_RAIL_DET]    = PetscMax(s->det_drift, 0.0); /* -infinity where nothing was combined */
  value[AE_GR_RAIL_TR]     = PetscMax(s->tr_drift, 0.0);
  value[AE_GR_RAIL_H]      = s->H_l2;
  value[AE_GR_RAIL_M]      = s->M_l2;
  value[AE_GR_RAIL_K]      = s->K_max;
  value[AE_GR_RAIL_D]      = AeLoomDmax(a->loom.loom, NULL);
  PetscFunctionReturn(0);
}

static PetscErrorCode Locate(void *ctx, TS ts, PetscInt rail, char text[], size_t len)
{
  AeGRApp    *a = (AeGRApp *)ctx;
  PetscInt    step, ijk[3] = {0, 0, 0}, f = -1;
  PetscReal   t, dt;
  AeFields    F    = a->fields;
  Vec         v    = a->suspect ? a->suspect : a->U;
  double      sign = -1.0;
  const char *what = "smallest";

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetTimeStep(ts, &dt));
  if (rail == AE_GR_RAIL_FINITE) {
    PetscCall(AeGRAppDescribeNonFinite(a, step + 1, text, len));
    PetscFunctionReturn(0);
  }
  if (rail == AE_GR_RAIL_LAPSE) f = AeGRPlaces(a->gr).lapse;
  if (rail == AE_GR_RAIL_CHI) f = AeGRPlaces(a->gr).chi; /* none in adm */
  if (rail == AE_GR_RAIL_H || rail == AE_GR_RAIL_M || rail == AE_GR_RAIL_K) {
    AeGRStats stats;

    f    = rail == AE_GR_RAIL_H ? 0 : rail == AE_GR_RAIL_K ? 4 : 1;
    sign = 0;
    what = rail == AE_GR_RAIL_M ? "M_x largest" : "largest";
    if (!a->diag) PetscCall(AeFieldsCreateVec(a->diag_fields, &a->diag));
    PetscCall(AeGRConstraints(a->gr, a->U, t + dt, a->diag, &stats));
    v = a->diag;
    F = a->diag_fields;
  }
  if (f < 0) PetscCall(PetscSNPrintf(text, len, "in a combination of its stages"));
  else {
    PetscCall(AeFieldsFindLargest(F, v, f, sign, ijk));
    PetscCall(PetscSNPrintf(text, len, "%s at cell (%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT "), (x,y,z) = (%g,%g,%g)",
                            what, ijk[0], ijk[1], ijk[2], (double)AeGridX(a->grid, 0, ijk[0]),
                            (double)AeGridX(a->grid, 1, ijk[1]), (double)AeGridX(a->grid, 2, ijk[2])));
  }
  PetscFunctionReturn(0);
}

/* Raised dissipation: both strengths times the factor; what was looked ahead was computed without. Loom and clean-up come
   after the step. */
static PetscErrorCode Control(void *ctx, TS ts, AeAction action, PetscBool on, PetscReal strength)
{
  AeGRApp        *a = (AeGRApp *)ctx;
  const PetscReal f = on ? strength : 1.0;
  Z4Params       *p;

  PetscFunctionBegin;
  if (action == AE_ACTION_LOOM && AeLoomEvery(a->loom.loom)) {
    a->loom.asked = PETSC_TRUE;
    PetscCall(AeClockTrigger(a->record.clock, a->record.loom));
  }
  if (action == AE_ACTION_CLEANUP) PetscCall(AeClockTrigger(a->record.clock, a->record.cleanup));
  if (action != AE_ACTION_DISSIPATION) PetscFunctionReturn(0);
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, NULL, &p));
  p->sigma       = f * a->sigma[0];
  p->sigma_gauge = f * a->sigma[1];
  PetscCall(AeTSForget(ts));
  PetscFunctionReturn(0);
}

/* The stable limit (scaled as far as -ts_dt went beyond it), and RK4's on the real axis for damping terms, three digits of it. */
static PetscErrorCode Caps(void *ctx, TS ts, PetscReal *limit, PetscReal *stiff)
{
  AeGRApp        *a = (AeGRApp *)ctx;
  const Z4Params *p;
  PetscReal       rate;

  PetscFunctionBegin;
  (void)ts;
  *limit = *stiff = PETSC_INFINITY;
  if (!a->rk4) PetscFunctionReturn(0);
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, NULL, (Z4Params **)&p));
  PetscCall(AeGRStableDt(a->gr, a->U, limit));
  if (a->dt > a->dt_limit) *limit *= a->dt / a->dt_limit;
  rate = PetscMax(p->shift_eta * AeGREta(a->gr), p->kappa1 * (2.0 + p->kappa2));
  if (rate > 0) *stiff = PetscFloorReal(1e3 * AE_RK4_REAL) / 1e3 / rate;
  PetscFunctionReturn(0);
}

/* What the watched fields do at their fastest, RK4 must follow. */
static PetscErrorCode Spectral(void *ctx, TS ts, PetscReal *cap, PetscInt *thread)
{
  AeGRApp *a = (AeGRApp *)ctx;

  PetscFunctionBegin;
  (void)ts;
  *cap = a->rk4 ? AeLoomCap(a->loom.loom, thread) : PETSC_INFINITY;
  PetscFunctionReturn(0);
}

/* Everything but plain acceptance leaves a line, and so does a change of the thread that sets dt. */
static PetscErrorCode Event(void *ctx, TS ts, const AeRailsEvent *e)
{
  AeGRApp *a = (AeGRApp *)ctx;

  PetscFunctionBegin;
  (void)ts;
  a->verdict = *e;
  if (e->verdict == AE_VERDICT_ACCEPT && e->binding == a->binding) PetscFunctionReturn(0);
  a->binding = e->verdict < AE_VERDICT_REJECT ? e->binding : a->binding;
  PetscCall(AeSeriesText(
    a->series, "rails.txt", "# 1:step 2:attempt 3:time 4:dt 5:verdict 6:rail 7:value 8:residual 9:thread 10:next dt 11:set by\n",
    "%" PetscInt_FMT " %" PetscInt_FMT " %.17g %.17g %s %s %.17g %.6g %s %.17g %s\n", e->step + 1, e->attempt + 1, (double)e->t,
    (double)e->dt, AeVerdictNames[e->verdict], AeGRRails.rail[e->rail].name, (double)e->value[e->rail],
    (double)e->residual[e->rail], AeThreadName(e->thread), (double)e->next, AeThreadName(e->binding)));
  if (e->verdict == AE_VERDICT_STOP) {
    const char *why;

    PetscCall(AeRailsGetFailure(a->adapt, &why));
    PetscCall(PetscStrncpy(a->failure, why, sizeof a->failure));
  }
  if (e->verdict >= AE_VERDICT_REJECT) {
    PetscCall(AeGRAppRecordVerdict(a));
    PetscCall(AeGRAppMemoryRollback(a));
  }
  PetscFunctionReturn(0);
}

/* The run's first state, or a step that had to compute its own first stage: only the first is news. */
static PetscErrorCode Begin(TS ts, void *ctx)
{
  AeGRApp *a = (AeGRApp *)ctx;

  PetscFunctionBegin;
  if (!a->begun) {
    a->begun = PETSC_TRUE;
    PetscCall(AeRailsBegin(a->adapt, ts));
    if (!a->failure[0]) {
      PetscCall(AeGRAppWriteSeries(a, 0, a->t_begin));
      PetscCall(AeClockServe(a->record.clock, a->record.series));
    }
  }
  PetscCall(AeGRBeginStep(a->gr));
  PetscFunctionReturn(0);
}

/* A state that cannot be ends its attempt at the stage that shows it. */
static PetscErrorCode Domain(TS ts, PetscReal t, Vec Y, PetscBool *accept)
{
  AeGRApp  *a;
  PetscReal value[AE_RAILS_MAX] = {0};
  PetscBool bad;

  PetscFunctionBegin;
  (void)t;
  PetscCall(TSGetApplicationContext(ts, &a));
  *accept = PETSC_TRUE;
  if (a->stage <= (a->ahead ? 1 : 0)) PetscFunctionReturn(0); /* no sweep of this attempt yet */
  PetscCall(AeGRPeek(a->gr, &value[AE_GR_RAIL_LAPSE], &value[AE_GR_RAIL_CHI], &bad));
  value[AE_GR_RAIL_FINITE] = bad;
  a->suspect               = Y;
  PetscCall(AeRailsDomain(a->adapt, ts, value, accept));
  a->suspect = NULL;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRailsOptions(AeGRApp *a)
{
  PetscBool given;
  PetscReal drill[2] = {0, 0};

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Rails of the evolution", "aeonic gr");
  PetscCall(AeOptReals(
    "-rails_drill",
    "STEP,AMPLITUDE: a drill for the rails, noise of that amplitude on every variable of the first candidate of that step", "1",
    "", 0, AE_HUGE, 2, drill, &given));
  PetscCall(AeOptBool("-rails_cleanup", "H or M near their rails ask for a clean-up of the constraints, not for dissipation",
                      "York 1979", &a->rails_cleanup, NULL));
  PetscCall(AeOptBool(
    "-autopsy", "when a run breaks down: make its last step again, find variable, cell, stage and term, and write autopsy.txt",
    "", &a->autopsy, NULL));
  PetscOptionsEnd();
  a->drill_step      = given ? (PetscInt)drill[0] : -1;
  a->drill_amplitude = drill[1];
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppDrill(AeGRApp *a, PetscInt step, Vec U)
{
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  if (step != a->drill_step || a->drilled) PetscFunctionReturn(0);
  a->drilled = PETSC_TRUE;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (PetscInt f = 0; f < L->nf; f++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++)
          u[AeAt(L, f, k, j, i)] += a->drill_amplitude * AeInitialNoise(a->initial->seed, f, i, a->grid->js + j, a->grid->ks + k);
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

/* After TSSetFromOptions(). */
PetscErrorCode AeGRAppRailsSetUp(AeGRApp *a)
{
  const AeRailsProblem problem = {Measure, Locate, Control, Caps, Spectral, AeGRAppSuggestDt, AeGRAppLearnDt, NULL, Event};
  const Z4Params      *p;

  PetscFunctionBegin;
  PetscCall(TSGetAdapt(a->ts, &a->adapt));
  PetscCall(PetscObjectTypeCompare((PetscObject)a->adapt, AE_ADAPT_RAILS, &a->rails));
  PetscCheck(a->rails || !a->rails_cleanup, PETSC_COMM_WORLD, AE_ERR_USAGE, "-rails_cleanup needs -ts_adapt_type rails");
  if (!a->rails) PetscFunctionReturn(0);
  PetscCall(AeRailsSetCleanup(a->adapt, a->rails_cleanup));
  if (a->cleaning.cleanup) {
    PetscReal H, M;

    PetscCall(AeRailsGetLimit(a->adapt, AE_GR_RAIL_H, &H));
    PetscCall(AeRailsGetLimit(a->adapt, AE_GR_RAIL_M, &M));
    PetscCall(AeCleanupSetRails(a->cleaning.cleanup, H, M));
  }
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, NULL, (Z4Params **)&p));
  a->sigma[0] = p->sigma;
  a->sigma[1] = p->sigma_gauge;
  a->binding  = AE_THREAD(AE_PHY, AE_SCALE_M, 1);
  PetscCall(AeRailsSetProblem(a->adapt, &problem, a));
  PetscCall(TSSetFunctionDomainError(a->ts, Domain));
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, AE_TS_RK4, &a->ahead));
  PetscCall(AeTSSetLookAhead(a->ts, PETSC_TRUE, Begin, a));
  PetscCall(AeTSTakeBackExactly(a->ts));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRailsSummary(AeGRApp *a)
{
  AeRailsState s;

  PetscFunctionBegin;
  PetscCall(AeRunSetBool(a->run, "rails.on", a->rails));
  if (!a->rails) PetscFunctionReturn(0);
  PetscCall(AeRailsGetState(a->adapt, &s));
  PetscCall(AeRunSetInt(a->run, "rails.rejected", s.rejected));
  PetscCall(AeRunSetInt(a->run, "rails.controls", s.controls));
  PetscCall(AeRunSetString(a->run, "rails.dt_set_by", AeThreadName((PetscInt)s.binding)));
  PetscFunctionReturn(0);
}
