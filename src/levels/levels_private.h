#ifndef AEONIC_LEVELS_PRIVATE_H
#define AEONIC_LEVELS_PRIVATE_H
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

/* What the type rk4 holds. After an accepted step Y is the state before it, until the next one's second stage. */
typedef struct {
  Vec         Y, K[AE_RK4_STAGES];
  AeCombine   combine;
  void       *combine_ctx;
  AeStepBegin begin;
  void       *begin_ctx;
  PetscBool   ahead; /* look-ahead is on */
  /* K[0] is the slope of the state `first_state` (PETSc's count of its changes) at the time first_t */
  PetscBool        first;
  PetscReal        first_t;
  PetscObjectState first_state;
} AeRK4;

PETSC_INTERN PetscErrorCode AeRK4Step(TS);
PETSC_INTERN PetscErrorCode AeRK4Replay(TS, PetscReal dt, AeStageCheck, void *ctx);
PETSC_INTERN PetscErrorCode AeRK4Interpolate(TS, PetscReal t, Vec X);
PETSC_INTERN PetscErrorCode AeRK4DenseRegister(void);
/* Pointer exchange for states that know how (composed method), copies for others. */
PETSC_INTERN PetscErrorCode AeTSExchange(Vec, Vec);
#endif
