/*
  TSAdapt type `courant`: dt = C times the time that the right-hand side reports through TSSetCFLTimeLocal(), in which the
  flow moves by one spacing; C is the adapt's safety factor. The last dt is kept while it is between 0.9 and 1 times that, so
  that small changes of the flow do not change the step. Every step is accepted.
  (PETSc's own type cfl ends the program when the limit falls below the step just taken.)
*/
#include "ns_private.h"
#include <petsc/private/tsimpl.h>
#undef I

PetscErrorCode AeNSCourantDt(TS ts, PetscReal dt, PetscReal *next)
{
  const TSAdapt adapt = ts->adapt;
  PetscReal     limit;

  PetscFunctionBegin;
  PetscCall(TSGetCFLTime(ts, &limit));
  limit *= adapt->safety;
  *next = limit > 0 && limit < AE_HUGE && (dt > limit || dt < 0.9 * limit) ? limit : dt;
  *next = PetscClipInterval(*next, adapt->dt_min, adapt->dt_max);
  if (*next != dt) PetscCall(PetscInfo(adapt, "dt %g -> %g: limit %g\n", (double)dt, (double)*next, (double)limit));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSAdaptChoose_Courant(TSAdapt adapt, TS ts, PetscReal h, PetscInt *next_sc, PetscReal *next_h,
                                            PetscBool *accept, PetscReal *wlte, PetscReal *wltea, PetscReal *wlter)
{
  PetscFunctionBegin;
  (void)adapt;
  PetscCall(AeNSCourantDt(ts, h, next_h));
  *next_sc = 0;
  *accept  = PETSC_TRUE;
  *wlte = *wltea = *wlter = -1.0;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSAdaptCreate_Courant(TSAdapt adapt)
{
  PetscFunctionBegin;
  adapt->ops->choose = TSAdaptChoose_Courant;
  PetscFunctionReturn(0);
}

PetscErrorCode AeCourantRegister(void)
{
  PetscFunctionBegin;
  PetscCall(TSAdaptRegister(AE_TSADAPT_COURANT, TSAdaptCreate_Courant));
  PetscFunctionReturn(0);
}
