/*
  Rollback of PETSc's TSRK to the bit. It subtracts what it had added, which does not restore every bit, and nothing if a slope
  is not finite; its first stage still is the state that the step began from.
*/
#include "levels_private.h"

static const char Attempted[] = "AeTSAttempted";

/* The number of the step that was attempted last; NULL if nobody has asked for it. */
static PetscErrorCode GetAttempted(TS ts, PetscInt **step)
{
  PetscContainer holder;

  PetscFunctionBegin;
  *step = NULL;
  PetscCall(PetscObjectQuery((PetscObject)ts, Attempted, (PetscObject *)&holder));
  if (holder) PetscCall(PetscContainerGetPointer(holder, (void **)step));
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSRestore(TS ts)
{
  PetscInt *attempted, n;
  Vec      *Y;

  PetscFunctionBegin;
  PetscCall(GetAttempted(ts, &attempted));
  if (!attempted || *attempted != ts->steps) PetscFunctionReturn(0); /* it was accepted */
  PetscCall(TSGetStages(ts, &n, &Y));
  PetscCall(VecCopy(Y[0], ts->vec_sol));
  PetscFunctionReturn(0);
}

/* Before an attempt's first stage: one of the same step has been taken back. */
static PetscErrorCode RestoreRK(TS ts, PetscReal t)
{
  PetscInt *attempted;

  PetscFunctionBegin;
  if (t != ts->ptime) PetscFunctionReturn(0);
  PetscCall(AeTSRestore(ts));
  PetscCall(GetAttempted(ts, &attempted));
  if (attempted) *attempted = ts->steps;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSTakeBackExactly(TS ts)
{
  PetscBool      rk;
  PetscContainer holder;
  PetscInt      *attempted;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, TSRK, &rk));
  if (!rk) PetscFunctionReturn(0);
  PetscCall(TSSetPreStage(ts, RestoreRK));
  PetscCall(PetscNew(&attempted));
  *attempted = -1;
  PetscCall(PetscContainerCreate(PetscObjectComm((PetscObject)ts), &holder));
  PetscCall(PetscContainerSetPointer(holder, attempted));
  PetscCall(PetscContainerSetUserDestroy(holder, PetscContainerUserDestroyDefault));
  PetscCall(PetscObjectCompose((PetscObject)ts, Attempted, (PetscObject)holder));
  PetscCall(PetscContainerDestroy(&holder));
  PetscFunctionReturn(0);
}
