/*
  What a step of our TS types has in common: attempts until the TSAdapt accepts one, or too many were rejected, and rollback
  to the bit.
*/
#include "levels_private.h"

PetscErrorCode AeTSExchange(Vec a, Vec b)
{
  PetscErrorCode (*swap)(Vec, Vec) = NULL;

  PetscFunctionBegin;
  PetscCall(PetscObjectQueryFunction((PetscObject)a, "AeVecSwap_C", &swap));
  if (swap) PetscCall((*swap)(a, b));
  else PetscCall(VecSwap(a, b));
  PetscFunctionReturn(0);
}

/* One attempt up to the TSAdapt's answer; the candidate stands in the solution's place if it is accepted, else the old state
   does. *next: dt of the next attempt or step; 0 if the TS has got a reason to stop before there was a candidate. */
static PetscErrorCode Try(TS ts, const AeTSScheme *scheme, PetscReal *next, PetscBool *accept)
{
  Vec candidate = NULL;

  PetscFunctionBegin;
  *accept = PETSC_TRUE;
  *next   = ts->time_step;
  PetscCall((*scheme->attempt)(ts, &candidate, accept));
  if (*accept) {
    PetscCall(AeTSExchange(ts->vec_sol, candidate));
    if (scheme->look) PetscCall((*scheme->look)(ts, accept));
  } else candidate = NULL;
  if (*accept) {
    PetscCall(TSAdaptCandidatesClear(ts->adapt));
    PetscCall(TSAdaptCandidateAdd(ts->adapt, scheme->name, scheme->order, 1, 1.0, (PetscReal)scheme->order, PETSC_TRUE));
    PetscCall(TSAdaptChoose(ts->adapt, ts, ts->time_step, NULL, next, accept));
  } else *next = ts->reason ? 0.0 : ts->time_step; /* TSAdaptCheckStage has reduced it */
  if (!*accept) {
    if (candidate) PetscCall(AeTSExchange(ts->vec_sol, candidate));
    if (scheme->taken_back) PetscCall((*scheme->taken_back)(ts));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSStepWith(TS ts, const AeTSScheme *scheme)
{
  PetscInt  rejections = 0;
  PetscBool done       = PETSC_FALSE;

  PetscFunctionBegin;
  while (!ts->reason && !done) {
    const PetscReal dt = ts->time_step;
    PetscReal       next;

    PetscCall(Try(ts, scheme, &next, &done));
    if (next == 0.0) break;
    if (done) ts->ptime += dt;
    else {
      ts->reject++;
      PetscCall(PetscInfo(ts, "step %" PetscInt_FMT " at t = %g rejected, dt %g -> %g\n", ts->steps, (double)ts->ptime,
                          (double)dt, (double)next));
      if (!ts->reason && ts->max_reject >= 0 && ++rejections > ts->max_reject) {
        ts->reason = TS_DIVERGED_STEP_REJECTED;
        PetscCall(PetscInfo(ts, "step %" PetscInt_FMT ": %" PetscInt_FMT " rejections are more than -ts_max_reject allows\n",
                            ts->steps, rejections));
      }
    }
    ts->time_step = next;
  }
  PetscFunctionReturn(0);
}
