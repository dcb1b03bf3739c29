#ifndef GR_TEST_H
#define GR_TEST_H
/* Making spacetimes from options, for tests. */
#include "tap.h"
#include <aeonic/gr.h>
#include <aeonic/levels.h>

/* "name value name value ...": clears the database first */
static inline PetscErrorCode MakeGR(MPI_Comm comm, const char options[], AeGR *gr)
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsClear(NULL));
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(AeGRCreate(comm, gr));
  PetscFunctionReturn(0);
}

static inline PetscErrorCode MakeState(AeGR gr, Vec *U)
{
  AeFields F;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsCreateVec(F, U));
  PetscCall(AeGRSetState(gr, *U, 0.0));
  PetscFunctionReturn(0);
}

/* A few steps of the default stepper, as the gr command sets it up. */
static inline PetscErrorCode Steps(AeGR gr, MPI_Comm comm, Vec U, PetscInt n, PetscReal dt, AeGRStats *stats)
{
  TS       ts;
  DM       dm;
  AeFields F;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetDM(F, &dm));
  PetscCall(TSCreate(comm, &ts));
  PetscCall(TSSetDM(ts, dm));
  PetscCall(TSSetType(ts, AE_TS_RK4));
  PetscCall(TSSetApplicationContext(ts, gr));
  PetscCall(TSSetRHSFunction(ts, NULL, AeGRRHSFunction, gr));
  PetscCall(TSSetPostStage(ts, AeGRPostStage));
  {
    PetscBool fused;
    PetscCall(AeGRGetFusion(gr, &fused));
    if (fused) PetscCall(AeTSSetCombine(ts, AeGRCombine, gr));
  }
  PetscCall(TSSetSolution(ts, U));
  PetscCall(TSSetTimeStep(ts, dt));
  PetscCall(TSSetMaxTime(ts, 1e10));
  PetscCall(TSSetMaxSteps(ts, 1000000));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_STEPOVER));
  for (PetscInt s = 0; s < n; s++) {
    PetscBool fused;
    PetscReal t;

    PetscCall(AeGRBeginStep(gr));
    PetscCall(TSStep(ts));
    PetscCall(AeGRReduce(gr, stats));
    PetscCall(AeGRGetFusion(gr, &fused));
    PetscCall(TSGetTime(ts, &t));
    PetscCall(AeGRPrepareStage(gr, U, t, AE_SWEEP_FIRST, 0, (PetscBool)!fused));
  }
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}
#endif
