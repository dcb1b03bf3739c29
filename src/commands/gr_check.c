/*
  aeonic gr -check: what the run would do, without doing it.
*/
#include "gr_app.h"
#include <petsctime.h>

/* Seconds of one right-hand side of the run's own state: the second of two, the first tunes the tiles. */
static PetscErrorCode TimeRhs(AeGRApp *a, Vec F, PetscLogDouble *seconds)
{
  PetscLogDouble t0, t1;

  PetscFunctionBegin;
  PetscCall(AeGRRHSFunction(a->ts, 0.0, a->U, F, a->gr));
  PetscCall(AeGRPrepareStage(a->gr, a->U, 0.0, 1, PETSC_FALSE)); /* stages after the first have no constraints */
  PetscCall(PetscTime(&t0));
  PetscCall(AeGRRHSFunction(a->ts, 0.0, a->U, F, a->gr));
  PetscCall(PetscTime(&t1));
  *seconds = t1 - t0;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppCheck(AeGRApp *a)
{
  Vec             F;
  PetscLogDouble  seconds = 0, state, halo;
  const PetscReal points = (PetscReal)a->grid->n[0] * a->grid->n[1] * a->grid->n[2];
  PetscReal       steps  = PetscCeilReal(a->t_end / a->dt - 1e-9);

  PetscFunctionBegin;
  if (steps > a->max_steps) steps = a->max_steps;
  PetscCall(VecDuplicate(a->U, &F));
  PetscCall(TimeRhs(a, F, &seconds));
  PetscCall(VecDestroy(&F));
  PetscCall(AeGRBytes(a->gr, &state, &halo));
  PetscCall(AeGRView(a->gr, PETSC_VIEWER_STDOUT_WORLD));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "memory per rank: %d states of %.4g MB, halo %.4g MB, diagnostics %.4g MB: %.0f bytes a point\n", AE_STEPPER_VECS, 1e-6 * state, 1e-6 * halo, a->field_list[0] ? 1e-6 * state * 5 / (state / (8.0 * points / a->grid->size) + 1) : 0.0,
                        (AE_STEPPER_VECS * state + halo) / (points / a->grid->size)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "time: dt = %g (stable limit %.4g), %.0f steps to t = %g\n", (double)a->dt, (double)a->dt_limit, (double)steps, (double)PetscMin(a->t_end, steps * a->dt)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "estimate: %.3g s a right-hand side (%.3g Mpoint/s per rank), %.3g s for the run\n", seconds, 1e-6 * points / a->grid->size / seconds, 4.6 * seconds * (double)steps));
  PetscFunctionReturn(0);
}
