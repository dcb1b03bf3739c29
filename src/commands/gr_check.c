/*
  aeonic gr -check: what the run would do, without doing it.
*/
#include "gr_run.h"
#include <petsctime.h>

/* Seconds of one right-hand side of the run's own state: the second of two, the first tunes the tiles. */
static PetscErrorCode TimeRhs(AeEvolution E, Vec F, PetscLogDouble *seconds)
{
  AeGR           gr = AeSpacetimeOf(E)->gr;
  PetscLogDouble t0, t1;

  PetscFunctionBegin;
  PetscCall(AeGRRHSFunction(E->ts, 0.0, E->U, F, gr));
  PetscCall(AeGRPrepareStage(gr, E->U, 0.0, AE_SWEEP_STAGE, 1, PETSC_FALSE)); /* stages after the first have no constraints */
  PetscCall(PetscTime(&t0));
  PetscCall(AeGRRHSFunction(E->ts, 0.0, E->U, F, gr));
  PetscCall(PetscTime(&t1));
  *seconds = t1 - t0;
  PetscFunctionReturn(0);
}

/* The objects that a run holds all the time, and those of its outputs. */
static PetscErrorCode Memory(const AeSpacetime *a, PetscReal points)
{
  PetscLogDouble state, halo, spectral = AeGRSpectralBytes(a->gr);

  PetscFunctionBegin;
  PetscCall(AeGRBytes(a->gr, &state, &halo));
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
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRForecast(AeEvolution E)
{
  AeSpacetime    *a = AeSpacetimeOf(E);
  Vec             F;
  PetscLogDouble  seconds = 0;
  const PetscReal points  = (PetscReal)a->grid->n[0] * a->grid->n[1] * a->grid->n[2];
  PetscReal       steps   = PetscCeilReal(E->t_end / E->dt - 1e-9);

  PetscFunctionBegin;
  if (steps > E->max_steps) steps = E->max_steps;
  PetscCall(VecDuplicate(E->U, &F));
  PetscCall(TimeRhs(E, F, &seconds));
  PetscCall(VecDestroy(&F));
  PetscCall(AeGRView(a->gr, PETSC_VIEWER_STDOUT_WORLD));
  PetscCall(AeDiagnosticsView(E, PETSC_VIEWER_STDOUT_WORLD));
  PetscCall(Memory(a, points / a->grid->size));
  PetscCall(AeEvolutionForecast(E, points / a->grid->size));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "time: dt = %g (stable limit %.4g), %.0f steps to t = %g\n", (double)E->dt,
                        (double)E->dt_limit, (double)steps, (double)PetscMin(E->t_end, steps * E->dt)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "estimate: %.3g s a right-hand side (%.3g Mpoint/s per rank), %.3g s for the run\n",
                        seconds, 1e-6 * points / a->grid->size / seconds, 4.6 * seconds * (double)steps));
  PetscFunctionReturn(0);
}
