/*
  A step of TS type `rk4`: classical RK4 with exact rollback.

    K_1 = f(t, u)               Y = u + dt/2 K_1
    K_2 = f(t + dt/2, Y)        Y = u + dt/2 K_2
    K_3 = f(t + dt/2, Y)        Y = u + dt K_3
    K_4 = f(t + dt, Y)          u' = u + dt/6 (K_1 + 2 K_2 + 2 K_3 + K_4), formed in Y

  The candidate u' and u exchange storage, the TSAdapt looks at the candidate, and on rejection they exchange it
  back (step.c). PETSc's own TSRK subtracts the increment instead, which loses bits, and everything if a slope is NaN.

  With look-ahead the next step's K_1 = f(t + dt, u') is computed into the place of this step's before the TSAdapt
  is asked, as stage 4: whatever the right-hand side's sweep measures is known of the candidate itself, at no cost
  unless the step is rejected (then K_1 is computed anew).
*/
#include "levels_private.h"

/* The state of stage s: of stage 0 the solution, of stage 4 the candidate; all but the first are formed in the stage vector. */
static PetscErrorCode Form(TS ts, PetscInt s, PetscReal dt, Vec *Y)
{
  AeRK4          *rk   = (AeRK4 *)ts->data;
  const PetscBool last = (PetscBool)(s == AE_RK4_STAGES);
  const PetscInt  n = last ? AE_RK4_STAGES : 1, from = last || !s ? 0 : s - 1;
  PetscReal       c[AE_RK4_STAGES], b[AE_RK4_STAGES], *w;

  PetscFunctionBegin;
  *Y = s ? rk->Y : ts->vec_sol;
  if (!s) PetscFunctionReturn(0);
  AeRK4Steps(dt, c, b);
  w = last ? b : &c[s];
  if (rk->combine) PetscCall((*rk->combine)(rk->combine_ctx, rk->Y, ts->vec_sol, n, w, &rk->K[from]));
  else {
    PetscCall(VecCopy(ts->vec_sol, rk->Y));
    PetscCall(VecMAXPY(rk->Y, n, w, &rk->K[from]));
  }
  PetscFunctionReturn(0);
}

/* K[s] = f(t, Y) with the hooks around it; *accept is false if the stage is outside the problem's domain. */
static PetscErrorCode Stage(TS ts, PetscInt s, PetscReal t, Vec Y, PetscBool *accept)
{
  AeRK4 *rk = (AeRK4 *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSPostStage(ts, t, s, &Y));
  PetscCall(TSAdaptCheckStage(ts->adapt, ts, t, Y, accept));
  if (*accept) PetscCall(TSComputeRHSFunction(ts, t, Y, rk->K[s % AE_RK4_STAGES]));
  PetscFunctionReturn(0);
}

/* K[0], unless the look-ahead of the step before has left it. */
static PetscErrorCode FirstStage(TS ts, PetscBool *accept)
{
  AeRK4           *rk = (AeRK4 *)ts->data;
  PetscObjectState now;

  PetscFunctionBegin;
  PetscCall(PetscObjectStateGet((PetscObject)ts->vec_sol, &now));
  if (rk->first && rk->first_t == ts->ptime && rk->first_state == now) PetscFunctionReturn(0);
  rk->first = PETSC_FALSE;
  PetscCall(TSPreStage(ts, ts->ptime));
  PetscCall(Stage(ts, 0, ts->ptime, ts->vec_sol, accept));
  if (*accept && rk->begin) PetscCall((*rk->begin)(ts, rk->begin_ctx));
  if (ts->reason) *accept = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(TS ts, Vec *candidate, PetscBool *accept)
{
  const PetscReal dt = ts->time_step;
  PetscReal       c[AE_RK4_STAGES], b[AE_RK4_STAGES];

  PetscFunctionBegin;
  AeRK4Steps(dt, c, b);
  PetscCall(FirstStage(ts, accept));
  for (PetscInt s = 1; s < AE_RK4_STAGES && *accept; s++) {
    PetscCall(TSPreStage(ts, ts->ptime + c[s]));
    PetscCall(Form(ts, s, dt, candidate));
    PetscCall(Stage(ts, s, ts->ptime + c[s], *candidate, accept));
  }
  if (*accept) PetscCall(Form(ts, AE_RK4_STAGES, dt, candidate));
  PetscFunctionReturn(0);
}

/* The slope of the candidate, in vec_sol: stage 4, the first of the next step. */
static PetscErrorCode LookAhead(TS ts, PetscBool *accept)
{
  AeRK4          *rk = (AeRK4 *)ts->data;
  const PetscReal t  = ts->ptime + ts->time_step;

  PetscFunctionBegin;
  if (!rk->ahead) PetscFunctionReturn(0);
  PetscCall(TSPreStage(ts, t));
  PetscCall(Stage(ts, AE_RK4_STAGES, t, ts->vec_sol, accept));
  rk->first   = *accept;
  rk->first_t = t;
  PetscCall(PetscObjectStateGet((PetscObject)ts->vec_sol, &rk->first_state));
  PetscFunctionReturn(0);
}

/* What was looked ahead is of the candidate. */
static PetscErrorCode TakenBack(TS ts)
{
  PetscFunctionBegin;
  ((AeRK4 *)ts->data)->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRK4Step(TS ts)
{
  static const AeTSScheme scheme = {"RK4", 4, Attempt, LookAhead, TakenBack};

  PetscFunctionBegin;
  PetscCall(AeTSStepWith(ts, &scheme));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRK4Replay(TS ts, PetscReal dt, AeStageCheck check, void *ctx)
{
  AeRK4    *rk    = (AeRK4 *)ts->data;
  PetscBool go_on = PETSC_TRUE;
  PetscReal c[AE_RK4_STAGES], b[AE_RK4_STAGES];
  Vec       Y;

  PetscFunctionBegin;
  AeRK4Steps(dt, c, b);
  rk->first = PETSC_FALSE;
  for (PetscInt s = 0; s <= AE_RK4_STAGES && go_on; s++) {
    const PetscReal t = ts->ptime + (s < AE_RK4_STAGES ? c[s] : dt);

    PetscCall(Form(ts, s, dt, &Y));
    PetscCall((*check)(ctx, 0, s, t, Y, NULL, &go_on));
    if (!go_on || s == AE_RK4_STAGES) break;
    PetscCall(TSComputeRHSFunction(ts, t, Y, rk->K[s]));
    PetscCall((*check)(ctx, 0, s, t, Y, rk->K[s], &go_on));
  }
  PetscFunctionReturn(0);
}
