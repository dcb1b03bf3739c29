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

  With look-ahead the next step's K_1 = f(t + dt, u') is computed into the place of this step's before the TSAdapt
  is asked, as stage 4: whatever the right-hand side's sweep measures is known of the candidate itself, at no cost
  unless the step is rejected (then K_1 is computed anew). Dense output takes the K_1 it has lost from
  dt K_1 = 6 (u' - u) - dt (2 K_2 + 2 K_3 + K_4).
*/
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

typedef struct {
  Vec         Y, K[4];
  AeCombine   combine;
  void       *combine_ctx;
  AeStepBegin begin;
  void       *begin_ctx;
  PetscBool   exchanged; /* the candidate stands in the solution's place */
  PetscBool   ahead;     /* look-ahead is on */
  /* K[0] is the slope of the state `first_state` (PETSc's count of its changes) at the time first_t */
  PetscBool        first;
  PetscReal        first_t;
  PetscObjectState first_state;
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

/* K[s] = f(t, Y) with the hooks around it; *accept is false if the stage is outside the problem's domain. */
static PetscErrorCode Stage(TS ts, PetscInt s, PetscReal t, Vec Y, PetscBool *accept)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSPostStage(ts, t, s, &Y));
  PetscCall(TSAdaptCheckStage(ts->adapt, ts, t, Y, accept));
  if (*accept) PetscCall(TSComputeRHSFunction(ts, t, Y, mr->K[s % 4]));
  PetscFunctionReturn(0);
}

/* K[0], unless the look-ahead of the step before has left it. */
static PetscErrorCode FirstStage(TS ts, PetscBool *accept)
{
  TS_Multirate    *mr = (TS_Multirate *)ts->data;
  PetscObjectState now;

  PetscFunctionBegin;
  PetscCall(PetscObjectStateGet((PetscObject)ts->vec_sol, &now));
  if (mr->first && mr->first_t == ts->ptime && mr->first_state == now) PetscFunctionReturn(0);
  mr->first = PETSC_FALSE;
  PetscCall(TSPreStage(ts, ts->ptime));
  PetscCall(Stage(ts, 0, ts->ptime, ts->vec_sol, accept));
  if (*accept && mr->begin) PetscCall((*mr->begin)(ts, mr->begin_ctx));
  PetscFunctionReturn(0);
}

/* The slope of the candidate, in vec_sol: stage 4, the first of the next step. */
static PetscErrorCode LookAhead(TS ts, PetscReal t, PetscBool *accept)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSPreStage(ts, t));
  PetscCall(Stage(ts, 4, t, ts->vec_sol, accept));
  mr->first   = *accept;
  mr->first_t = t;
  PetscCall(PetscObjectStateGet((PetscObject)ts->vec_sol, &mr->first_state));
  PetscFunctionReturn(0);
}

/* The candidate changes places with the solution: the TSAdapt looks at it there. */
static PetscErrorCode Attempt(TS ts, PetscBool *accept)
{
  TS_Multirate   *mr = (TS_Multirate *)ts->data;
  const PetscReal t = ts->ptime, dt = ts->time_step, c[3] = {0.5 * dt, 0.5 * dt, dt},
                  b[4] = {dt / 6.0, dt / 3.0, dt / 3.0, dt / 6.0};

  PetscFunctionBegin;
  mr->exchanged = PETSC_FALSE;
  PetscCall(FirstStage(ts, accept));
  if (ts->reason) *accept = PETSC_FALSE;
  for (PetscInt s = 1; s < 4 && *accept; s++) {
    PetscCall(TSPreStage(ts, t + StageTime[s] * dt));
    PetscCall(Combine(ts, mr->Y, 1, &c[s - 1], &mr->K[s - 1]));
    PetscCall(Stage(ts, s, t + StageTime[s] * dt, mr->Y, accept));
  }
  if (!*accept) PetscFunctionReturn(0);
  PetscCall(Combine(ts, mr->Y, 4, b, mr->K));
  PetscCall(Exchange(ts->vec_sol, mr->Y));
  mr->exchanged = PETSC_TRUE;
  if (mr->ahead) PetscCall(LookAhead(ts, t + dt, accept));
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(TS ts, PetscBool accepted)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  if (accepted) PetscFunctionReturn(0);
  if (mr->exchanged) PetscCall(Exchange(ts->vec_sol, mr->Y));
  if (mr->ahead) mr->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSStep_Multirate(TS ts)
{
  static const AeTSScheme scheme = {"RK4", 4, Attempt, Finish};

  PetscFunctionBegin;
  PetscCall(AeTSStepWith(ts, &scheme));
  PetscFunctionReturn(0);
}

/* Only after an accepted step whose slopes are still there; TSRollBack() has checked that. */
static PetscErrorCode TSRollBack_Multirate(TS ts)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  PetscCall(Exchange(ts->vec_sol, mr->Y));
  mr->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSInterpolate_Multirate(TS ts, PetscReal t, Vec X)
{
  TS_Multirate   *mr = (TS_Multirate *)ts->data;
  const PetscReal dt = ts->ptime - ts->ptime_prev, x = (t - ts->ptime_prev) / dt, x2 = x * x, x3 = x2 * x;
  const PetscReal b1 = x - 1.5 * x2 + 2.0 / 3.0 * x3, b23 = x2 - 2.0 / 3.0 * x3, b4 = -0.5 * x2 + 2.0 / 3.0 * x3;
  const PetscReal b[4] = {dt * b1, dt * b23, dt * b23, dt * b4},
                  r[3] = {dt * (b23 - 2.0 * b1), dt * (b23 - 2.0 * b1), dt * (b4 - b1)};

  PetscFunctionBegin;
  PetscCall(VecCopy(mr->Y, X));
  if (mr->ahead) { /* K[0] is the next step's */
    PetscCall(VecAXPBY(X, 6.0 * b1, 1.0 - 6.0 * b1, ts->vec_sol));
    PetscCall(VecMAXPY(X, 3, r, mr->K + 1));
  } else PetscCall(VecMAXPY(X, 4, b, mr->K));
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

static PetscErrorCode SetLookAhead_Multirate(TS ts, PetscBool ahead, AeStepBegin begin, void *ctx)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;

  PetscFunctionBegin;
  mr->ahead     = ahead;
  mr->begin     = begin;
  mr->begin_ctx = ctx;
  mr->first     = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Forget_Multirate(TS ts)
{
  PetscFunctionBegin;
  ((TS_Multirate *)ts->data)->first = PETSC_FALSE;
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
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateSetLookAhead_C", NULL));
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateForget_C", NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSView_Multirate(TS ts, PetscViewer viewer)
{
  TS_Multirate *mr = (TS_Multirate *)ts->data;
  PetscBool     ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (ascii)
    PetscCall(PetscViewerASCIIPrintf(viewer, "  classical RK4, 1 level, 6 vectors, rollback by exchange; stages combined %s\n",
                                     mr->combine ? "and projected in one sweep" : "by VecMAXPY"));
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

PetscErrorCode AeTSMultirateSetLookAhead(TS ts, PetscBool ahead, AeStepBegin begin, void *ctx)
{
  PetscFunctionBegin;
  PetscTryMethod(ts, "AeTSMultirateSetLookAhead_C", (TS, PetscBool, AeStepBegin, void *), (ts, ahead, begin, ctx));
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSMultirateForget(TS ts)
{
  PetscFunctionBegin;
  PetscTryMethod(ts, "AeTSMultirateForget_C", (TS), (ts));
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
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateSetLookAhead_C", SetLookAhead_Multirate));
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSMultirateForget_C", Forget_Multirate));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLevelsRegister(void)
{
  const PetscReal A[16] = {0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1.0, 0},
                  b[4]  = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
  /* binterp[i][j] multiplies theta^(j+1) */
  const PetscReal binterp[12] = {1.0, -1.5, 2.0 / 3.0, 0, 1.0, -2.0 / 3.0, 0, 1.0, -2.0 / 3.0, 0, -0.5, 2.0 / 3.0};

  PetscFunctionBegin;
  PetscCall(TSRegister(AE_TS_MULTIRATE, TSCreate_Multirate));
  PetscCall(TSRKRegister("4dense", 4, 4, A, b, NULL, NULL, 3, binterp));
  PetscFunctionReturn(0);
}
