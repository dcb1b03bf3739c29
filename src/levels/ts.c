/*
  The TS type `rk4`: its life, its view, and what a problem tells it. Its step is macro.c's.
*/
#include "levels_private.h"

/* Only after an accepted step whose slopes are still there; TSRollBack() has checked that. */
static PetscErrorCode TSRollBack_RK4(TS ts)
{
  AeRK4 *rk = (AeRK4 *)ts->data;

  PetscFunctionBegin;
  PetscCall(AeTSExchange(ts->vec_sol, rk->Y));
  rk->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSGetStages_RK4(TS ts, PetscInt *n, Vec **Y)
{
  PetscFunctionBegin;
  if (n) *n = 1;
  if (Y) *Y = &((AeRK4 *)ts->data)->Y;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSSetUp_RK4(TS ts)
{
  AeRK4 *rk = (AeRK4 *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSCheckImplicitTerm(ts));
  PetscCall(VecDuplicate(ts->vec_sol, &rk->Y));
  for (int s = 0; s < AE_RK4_STAGES; s++) PetscCall(VecDuplicate(ts->vec_sol, &rk->K[s]));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSReset_RK4(TS ts)
{
  AeRK4 *rk = (AeRK4 *)ts->data;

  PetscFunctionBegin;
  PetscCall(VecDestroy(&rk->Y));
  for (int s = 0; s < AE_RK4_STAGES; s++) PetscCall(VecDestroy(&rk->K[s]));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSDestroy_RK4(TS ts)
{
  PetscFunctionBegin;
  PetscCall(TSReset_RK4(ts));
  PetscCall(PetscFree(ts->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSView_RK4(TS ts, PetscViewer viewer)
{
  PetscBool ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (ascii)
    PetscCall(PetscViewerASCIIPrintf(viewer, "  classical RK4, 6 vectors, rollback by exchange; stages combined %s\n",
                                     ((AeRK4 *)ts->data)->combine ? "and projected in one sweep" : "by VecMAXPY"));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSCreate_RK4(TS ts)
{
  AeRK4 *rk;

  PetscFunctionBegin;
  PetscCall(PetscNew(&rk));
  ts->data               = rk;
  ts->ops->setup         = TSSetUp_RK4;
  ts->ops->step          = AeRK4Step;
  ts->ops->rollback      = TSRollBack_RK4;
  ts->ops->interpolate   = AeRK4Interpolate;
  ts->ops->getstages     = TSGetStages_RK4;
  ts->ops->reset         = TSReset_RK4;
  ts->ops->destroy       = TSDestroy_RK4;
  ts->ops->view          = TSView_RK4;
  ts->default_adapt_type = TSADAPTNONE;
  ts->usessnes           = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSCreate_Multirate(TS ts)
{
  PetscFunctionBegin;
  SETERRQ(PetscObjectComm((PetscObject)ts), AE_ERR_USAGE,
          "-ts_type multirate steps levels of refinement, of which there are none yet; on one grid it is -ts_type rk4");
}

PetscErrorCode AeLevelsRegister(void)
{
  PetscFunctionBegin;
  PetscCall(TSRegister(AE_TS_RK4, TSCreate_RK4));
  PetscCall(TSRegister("multirate", TSCreate_Multirate));
  PetscCall(AeRK4DenseRegister());
  PetscFunctionReturn(0);
}

/* ---- for the problem ---- */

/* NULL if the TS is of another type. */
static PetscErrorCode Get(TS ts, AeRK4 **rk)
{
  PetscBool is;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, AE_TS_RK4, &is));
  *rk = is ? (AeRK4 *)ts->data : NULL;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSSetCombine(TS ts, AeCombine combine, void *ctx)
{
  AeRK4 *rk = NULL;

  PetscFunctionBegin;
  PetscCall(Get(ts, &rk));
  if (!rk) PetscFunctionReturn(0);
  rk->combine     = combine;
  rk->combine_ctx = ctx;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSSetLookAhead(TS ts, PetscBool ahead, AeStepBegin begin, void *ctx)
{
  AeRK4 *rk = NULL;

  PetscFunctionBegin;
  PetscCall(Get(ts, &rk));
  if (!rk) PetscFunctionReturn(0);
  rk->ahead     = ahead;
  rk->begin     = begin;
  rk->begin_ctx = ctx;
  rk->first     = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSForget(TS ts)
{
  AeRK4 *rk = NULL;

  PetscFunctionBegin;
  PetscCall(Get(ts, &rk));
  if (rk) rk->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSGetSlopes(TS ts, PetscInt *n, Vec **K)
{
  AeRK4 *rk = NULL;

  PetscFunctionBegin;
  PetscCall(Get(ts, &rk));
  *n = rk ? AE_RK4_STAGES : 0;
  if (rk) *K = rk->K;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSReplay(TS ts, PetscReal dt, AeStageCheck check, void *ctx)
{
  AeRK4 *rk = NULL;

  PetscFunctionBegin;
  PetscCall(Get(ts, &rk));
  if (rk) PetscCall(AeRK4Replay(ts, dt, check, ctx));
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSIsRK4(TS ts, PetscBool *is)
{
  PetscBool rk;
  TSRKType  tableau;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, AE_TS_RK4, is));
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, TSRK, &rk));
  if (rk) {
    PetscCall(TSRKGetType(ts, &tableau));
    *is = (PetscBool)(!strcmp(tableau, TSRK4) || !strcmp(tableau, "4dense"));
  }
  PetscFunctionReturn(0);
}
