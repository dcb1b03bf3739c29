/*
  What a step of our TS types has in common: attempts until the TSAdapt accepts one, or too many were rejected.
*/
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

PetscErrorCode AeTSStepWith(TS ts, const AeTSScheme *scheme)
{
  PetscInt  rejections = 0;
  PetscBool done       = PETSC_FALSE;

  PetscFunctionBegin;
  while (!ts->reason && !done) {
    const PetscReal t = ts->ptime, dt = ts->time_step;
    PetscReal       next = dt;

    done = PETSC_TRUE;
    PetscCall((*scheme->attempt)(ts, &done));
    if (!done && ts->reason) { /* the state itself was found unfit */
      PetscCall((*scheme->finish)(ts, PETSC_FALSE));
      break;
    }
    if (done) {
      PetscCall(TSAdaptCandidatesClear(ts->adapt));
      PetscCall(TSAdaptCandidateAdd(ts->adapt, scheme->name, scheme->order, 1, 1.0, (PetscReal)scheme->order, PETSC_TRUE));
      PetscCall(TSAdaptChoose(ts->adapt, ts, dt, NULL, &next, &done));
    } else next = ts->time_step; /* TSAdaptCheckStage has reduced it */
    PetscCall((*scheme->finish)(ts, done));
    if (done) ts->ptime += dt;
    else {
      ts->reject++;
      PetscCall(PetscInfo(ts, "step %" PetscInt_FMT " at t = %g rejected, dt %g -> %g\n", ts->steps, (double)t, (double)dt,
                          (double)next));
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
