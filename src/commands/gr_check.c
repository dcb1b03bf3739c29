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
  PetscCall(AeGRPrepareStage(a->gr, a->U, 0.0, AE_SWEEP_STAGE, 1, PETSC_FALSE)); /* stages after the first have no constraints */
  PetscCall(PetscTime(&t0));
  PetscCall(AeGRRHSFunction(a->ts, 0.0, a->U, F, a->gr));
  PetscCall(PetscTime(&t1));
  *seconds = t1 - t0;
  PetscFunctionReturn(0);
}

/* The objects that a run holds all the time, and those of its outputs. */
static PetscErrorCode Memory(AeGRApp *a, PetscReal points)
{
  PetscLogDouble state, halo, diag, unused, spectral = AeGRSpectralBytes(a->gr);

  PetscFunctionBegin;
  PetscCall(AeGRBytes(a->gr, &state, &halo));
  PetscCall(AeFieldsBytes(a->diag_fields, &diag, &unused));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "memory of a rank        MB   bytes a point\n"));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  the state       %10.4g  %10.0f   ghosts and padding included\n", 1e-6 * state,
                        state / points));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  the stepper     %10.4g  %10.0f   %d more states: slopes, stage, rollback\n",
                        1e-6 * (AE_STEPPER_VECS - 1) * state, (AE_STEPPER_VECS - 1) * state / points, AE_STEPPER_VECS - 1));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  the halo        %10.4g  %10.0f   index tables and message buffers\n", 1e-6 * halo,
                        halo / points));
  if (spectral > 0)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  derivatives     %10.4g  %10.0f   of -fd_order spectral\n", 1e-6 * spectral,
                          spectral / points));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  in all          %10.4g  %10.0f\n",
                        1e-6 * (AE_STEPPER_VECS * state + halo + spectral),
                        (AE_STEPPER_VECS * state + halo + spectral) / points));
  if (AeLoomEvery(a->loom.loom))
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  the loom        %10.4g  %10.0f   modes of the fields that it watches\n",
                          1e-6 * AeLoomBytes(a->loom.loom), AeLoomBytes(a->loom.loom) / points));
  if (a->field_list[0])
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  3-D output      %10.4g  %10.0f   H, M and K, once asked for\n", 1e-6 * diag,
                          diag / points));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppCheck(AeGRApp *a)
{
  Vec             F;
  PetscLogDouble  seconds = 0;
  const PetscReal points  = (PetscReal)a->grid->n[0] * a->grid->n[1] * a->grid->n[2];
  PetscReal       steps   = PetscCeilReal(a->t_end / a->dt - 1e-9);

  PetscFunctionBegin;
  if (steps > a->max_steps) steps = a->max_steps;
  PetscCall(VecDuplicate(a->U, &F));
  PetscCall(TimeRhs(a, F, &seconds));
  PetscCall(VecDestroy(&F));
  PetscCall(AeGRView(a->gr, PETSC_VIEWER_STDOUT_WORLD));
  PetscCall(AeDiagView(a->diagnostics, PETSC_VIEWER_STDOUT_WORLD));
  PetscCall(Memory(a, points / a->grid->size));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "time: dt = %g (stable limit %.4g), %.0f steps to t = %g\n", (double)a->dt,
                        (double)a->dt_limit, (double)steps, (double)PetscMin(a->t_end, steps * a->dt)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "estimate: %.3g s a right-hand side (%.3g Mpoint/s per rank), %.3g s for the run\n",
                        seconds, 1e-6 * points / a->grid->size / seconds, 4.6 * seconds * (double)steps));
  PetscFunctionReturn(0);
}
