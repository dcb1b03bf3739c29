#ifndef AEONIC_LEVELS_H
#define AEONIC_LEVELS_H
/*
  TS type `multirate`: classical RK4 with six state vectors (solution, stage, four slopes), a candidate that is
  exchanged with the solution on acceptance and back on rejection, so that a rollback restores every bit, and
  cubic dense output. With one level it is a plain RK4.
*/
#include <aeonic/base.h>

#define AE_TS_MULTIRATE "multirate"
enum { AE_TS_CANDIDATE = 4 }; /* the stage that hooks see a candidate as that is looked at ahead */

/*
  Y = u + sum_m c[m] K[m], and whatever constraints the problem imposes pointwise. Y is none of the others.
  Without one, the stepper uses VecCopy and VecMAXPY.
*/
typedef PetscErrorCode (*AeCombine)(void *ctx, Vec Y, Vec u, PetscInt n, const PetscReal c[], const Vec K[]);

/*
  A one-step scheme, for the TS types of this project.
    attempt  forms the candidate of a step from ts->ptime by ts->time_step; *accept false: a stage was outside the problem's domain
    finish   the attempt was accepted, or not
  AeTSStepWith is their ops->step: attempts until the TSAdapt accepts one.
*/
typedef struct {
  const char *name;
  PetscInt    order;
  PetscErrorCode (*attempt)(TS, PetscBool *accept);
  PetscErrorCode (*finish)(TS, PetscBool accepted);
} AeTSScheme;
PETSC_EXTERN PetscErrorCode AeTSStepWith(TS, const AeTSScheme *);

/* Registers the TS type, and the tableau `4dense` (RK4 with cubic dense output) for -ts_type rk. */
PETSC_EXTERN PetscErrorCode AeLevelsRegister(void);
PETSC_EXTERN PetscErrorCode AeTSMultirateSetCombine(TS, AeCombine, void *ctx);
/*
  Look-ahead: the candidate's right-hand side, which is the next step's first, is computed before the TSAdapt is
  asked about the candidate; hooks see it as stage 4, and dense output stays fourth order. `begin` (may be NULL) is
  called when a step had to compute its own first stage: at the first step, after a rejection, and after a change of
  the state or of the equations; it may set a reason to stop.
  AeTSMultirateForget: the equations have changed (a coefficient), what was looked ahead is void.
*/
typedef PetscErrorCode (*AeStepBegin)(TS, void *ctx);
PETSC_EXTERN PetscErrorCode AeTSMultirateSetLookAhead(TS, PetscBool ahead, AeStepBegin begin, void *ctx);
PETSC_EXTERN PetscErrorCode AeTSMultirateForget(TS);
/* The slopes K[0..3] of the last step attempted; after a look-ahead, K[0] is the candidate's. */
PETSC_EXTERN PetscErrorCode AeTSMultirateGetSlopes(TS, PetscInt *n, Vec **K);
#endif
