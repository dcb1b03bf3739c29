/*
  TS type `multirate`, one level: classical RK4 with exact rollback.

    K_1 = f(t, u)               Y = u + dt/2 K_1
    K_2 = f(t + dt/2, Y)        Y = u + dt/2 K_2
    K_3 = f(t + dt/2, Y)        Y = u + dt K_3
    K_4 = f(t + dt, Y)          u' = u + dt/6 (K_1 + 2 K_2 + 2 K_3 + K_4), formed in Y

  The candidate u' and u exchange storage, the TSAdapt looks at the candidate, and on rejection they exchange it
  back. PETSc's own TSRK subtracts the increment instead, which loses bits, and everything if a slope is NaN.
  After acceptance Y holds u until the next step's second stage: dense output needs no further vector.

  Dense output: u + dt sum_i b_i(theta) K_i, b_1 = theta - 3/2 theta^2 + 2/3 theta^3, b_2 = b_3 = theta^2 - 2/3 theta^3,
  b_4 = -1/2 theta^2 + 2/3 theta^3 (Hairer, Norsett & Wanner, Solving ODEs I, Eq. II.6.4).
*/
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

typedef struct {
  Vec          Y, K[4];
  AeCombine    combine;
  void        *combine_ctx;
  TSStepStatus status;
} TS_Multirate;

static const PetscReal StageTime[4] = {0.0, 0.5, 0.5, 1.0};

static PetscErrorCode Combine(TS ts, Vec Y, PetscInt n, const PetscReal c[], Vec K[])
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  if (mr->combine) PetscCall((*mr->combine)(mr->combine_ctx, Y, ts->vec_sol, n, c, K));
  else {
    PetscCall(VecCopy(ts->vec_sol, Y));
    PetscCall(VecMAXPY(Y, n, c, K));
  }
  PetscFunctionReturn(0);
}

/* Pointer exchange for states that know how (composed method), copies for others. */
static PetscErrorCode Exchange(Vec a, Vec b)
{
  PetscErrorCode (*swap)(Vec, Vec) = NULL;

  PetscFunctionBegin;
  PetscCall(PetscObjectQueryFunction((PetscObject)a, "AeVecSwap_C", &swap));
  if (swap) PetscCall((*swap)(a, b));
  else PetscCall(VecSwap(a, b));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSStep_Multirate(TS ts)
{
  TS_Multirate *mr         = (TS_Multirate *)ts->data;
  PetscInt      rejections = 0;

  PetscFunctionBegin;
  mr->status = TS_STEP_INCOMPLETE;
  while (!ts->reason && mr->status != TS_STEP_COMPLETE) {
    const PetscReal t = ts->ptime, dt = ts->time_step, c[3] = {0.5 * dt, 0.5 * dt, dt}, b[4] = {dt / 6.0, dt / 3.0, dt / 3.0, dt / 6.0};
    PetscReal       next   = dt;
    PetscBool       accept = PETSC_TRUE;

    for (PetscInt s = 0; s < 4 && accept; s++) {
      Vec Y = s ? mr->Y : ts->vec_sol;

      PetscCall(TSPreStage(ts, t + StageTime[s] * dt));
      if (s) PetscCall(Combine(ts, Y, 1, &c[s - 1], &mr->K[s - 1]));
      PetscCall(TSPostStage(ts, t + StageTime[s] * dt, s, &Y));
      PetscCall(TSAdaptCheckStage(ts->adapt, ts, t + StageTime[s] * dt, Y, &accept));
      if (accept) PetscCall(TSComputeRHSFunction(ts, t + StageTime[s] * dt, Y, mr->K[s]));
      else next = ts->time_step; /* TSAdaptCheckStage has reduced it */
    }
    if (accept) {
      PetscCall(Combine(ts, mr->Y, 4, b, mr->K));
      PetscCall(Exchange(ts->vec_sol, mr->Y));
      mr->status = TS_STEP_PENDING;
      PetscCall(TSAdaptCandidatesClear(ts->adapt));
      PetscCall(TSAdaptCandidateAdd(ts->adapt, "RK4", 4, 1, 1.0, 4.0, PETSC_TRUE));
      PetscCall(TSAdaptChoose(ts->adapt, ts, dt, NULL, &next, &accept));
      if (!accept) PetscCall(Exchange(ts->vec_sol, mr->Y));
    }
    if (accept) {
      ts->ptime += dt;
      mr->status = TS_STEP_COMPLETE;
    } else {
      mr->status = TS_STEP_INCOMPLETE;
      ts->reject++;
      PetscCall(PetscInfo(ts, "step %" PetscInt_FMT " at t = %g rejected, dt %g -> %g\n", ts->steps, (double)t, (double)dt, (double)next));
      if (!ts->reason && ts->max_reject >= 0 && ++rejections > ts->max_reject) {
        ts->reason = TS_DIVERGED_STEP_REJECTED;
        PetscCall(PetscInfo(ts, "step %" PetscInt_FMT ": %" PetscInt_FMT " rejections are more than -ts_max_reject allows\n", ts->steps, rejections));
      }
    }
    ts->time_step = next;
  }
  PetscFunctionReturn(0);
}

/* Only after an accepted step whose slopes are still there; TSRollBack() has checked that. */
static PetscErrorCode TSRollBack_Multirate(TS ts)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  PetscCall(Exchange(ts->vec_sol, mr->Y));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSInterpolate_Multirate(TS ts, PetscReal t, Vec X)
{
  TS_Multirate   *mr = (TS_Multirate *)ts->data;
  const PetscReal dt = ts->ptime - ts->ptime_prev, x = (t - ts->ptime_prev) / dt, x2 = x * x, x3 = x2 * x;
  const PetscReal b[4] = {dt * (x - 1.5 * x2 + 2.0 / 3.0 * x3), dt * (x2 - 2.0 / 3.0 * x3), dt * (x2 - 2.0 / 3.0 * x3), dt * (-0.5 * x2 + 2.0 / 3.0 * x3)};

  PetscFunctionBegin;
  PetscCall(VecCopy(mr->Y, X));
  PetscCall(VecMAXPY(X, 4, b, mr->K));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSGetStages_Multirate(TS ts, PetscInt *n, Vec **Y)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  if (n) *n = 1;
  if (Y) *Y = &mr->Y;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSSetUp_Multirate(TS ts)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSCheckImplicitTerm(ts));
  PetscCall(VecDuplicate(ts->vec_sol, &mr->Y));
  for (int s = 0; s < 4; s++) PetscCall(VecDuplicate(ts->vec_sol, &mr->K[s]));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSReset_Multirate(TS ts)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  PetscCall(VecDestroy(&mr->Y));
  for (int s = 0; s < 4; s++) PetscCall(VecDestroy(&mr->K[s]));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetCombine_Multirate(TS ts, AeCombine combine, void *ctx)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  mr->combine     = combine;
  mr->combine_ctx = ctx;
  PetscFunctionReturn(0);
}

static PetscErrorCode GetSlopes_Multirate(TS ts, PetscInt *n, Vec **K)
{
  PetscFunctionBegin;
  *n = 4;
  *K = ((TS_Multirate *)ts->data)->K;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSDestroy_Multirate(TS ts)
{
  PetscFunctionBegin;
  PetscCall(TSReset_Multirate(ts));
  PetscCall(PetscFree(ts->data));
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateSetCombine_C", NULL));
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateGetSlopes_C", NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSView_Multirate(TS ts, PetscViewer viewer)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;
  PetscBool     ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (ascii) PetscCall(PetscViewerASCIIPrintf(viewer, "  classical RK4, 1 level, 6 vectors, rollback by exchange; stages combined %s\n", mr->combine ? "and projected in one sweep" : "by VecMAXPY"));
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSMultirateSetCombine(TS ts, AeCombine combine, void *ctx)
{
  PetscFunctionBegin;
  PetscTryMethod(ts, "AeTSMultirateSetCombine_C", (TS, AeCombine, void *), (ts, combine, ctx));
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSMultirateGetSlopes(TS ts, PetscInt *n, Vec **K)
{
  PetscFunctionBegin;
  *n = 0;
  PetscTryMethod(ts, "AeTSMultirateGetSlopes_C", (TS, PetscInt *, Vec **), (ts, n, K));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSCreate_Multirate(TS ts)
{
  TS_Multirate *mr;

  PetscFunctionBegin;
  PetscCall(PetscNew(&mr));
  ts->data               = mr;
  ts->ops->setup         = TSSetUp_Multirate;
  ts->ops->step          = TSStep_Multirate;
  ts->ops->rollback      = TSRollBack_Multirate;
  ts->ops->interpolate   = TSInterpolate_Multirate;
  ts->ops->getstages     = TSGetStages_Multirate;
  ts->ops->reset         = TSReset_Multirate;
  ts->ops->destroy       = TSDestroy_Multirate;
  ts->ops->view          = TSView_Multirate;
  ts->default_adapt_type = TSADAPTNONE;
  ts->usessnes           = PETSC_FALSE;
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateSetCombine_C", SetCombine_Multirate));
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateGetSlopes_C", GetSlopes_Multirate));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLevelsRegister(void)
{
  const PetscReal A[16] = {0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1.0, 0}, b[4] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
  /* binterp[i][j] multiplies theta^(j+1) */
  const PetscReal binterp[12] = {1.0, -1.5, 2.0 / 3.0, 0, 1.0, -2.0 / 3.0, 0, 1.0, -2.0 / 3.0, 0, -0.5, 2.0 / 3.0};

  PetscFunctionBegin;
  PetscCall(TSRegister(AE_TS_MULTIRATE, TSCreate_Multirate));
  PetscCall(TSRKRegister("4dense", 4, 4, A, b, NULL, NULL, 3, binterp));
  PetscFunctionReturn(0);
}
