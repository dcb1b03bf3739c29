#ifndef AEONIC_LEVELS_H
#define AEONIC_LEVELS_H
/*
  TS type `rk4`: classical RK4 with six state vectors (solution, stage, four slopes), a candidate that is exchanged
  with the solution before it is judged and back on rejection, so that a rollback restores every bit, and cubic dense output.
  The functions below do nothing with TS of other types, unless they say so.
*/
#include <aeonic/rk4.h>
#include <aeonic/base.h>

#define AE_TS_RK4 "rk4"
enum { AE_TS_CANDIDATE = 4 }; /* the stage that hooks see a candidate as, when it is looked at ahead */

/*
  Y = u + sum_m c[m] K[m], and whatever constraints the problem imposes pointwise. Y is none of the others.
  Without one, the stepper uses VecCopy and VecMAXPY.
*/
typedef PetscErrorCode (*AeCombine)(void *ctx, Vec Y, Vec u, PetscInt n, const PetscReal c[], const Vec K[]);

/*
  A one-step scheme, for the TS types of this project.
    attempt  forms the candidate of a step from ts->ptime by ts->time_step, and leaves the solution alone; *accept false: a
             stage was outside the problem's domain, or the TS has a reason to stop
    look     at the candidate, which has changed places with the solution, before the TSAdapt does; may be NULL
    taken_back  the solution is what it was before the attempt; may be NULL
  AeTSStepWith is their ops->step: attempts until the TSAdapt accepts one.
*/
typedef struct {
  const char *name;
  PetscInt    order;
  PetscErrorCode (*attempt)(TS, Vec *candidate, PetscBool *accept);
  PetscErrorCode (*look)(TS, PetscBool *accept);
  PetscErrorCode (*taken_back)(TS);
} AeTSScheme;
PETSC_EXTERN PetscErrorCode AeTSStepWith(TS, const AeTSScheme *);

/*
  AeTSTakeBackExactly - of PETSc's TSRK too a rejected step leaves the state as it was, bit for bit; takes its TSPreStage.
                        The types of this project do so in any case
  AeTSRestore         - of TSRK, after a TSSolve() that has ended with a rejection: the state before it
  AeTSIsRK4           - whether steps are the classical RK4's, which has its limits of stability
*/
PETSC_EXTERN PetscErrorCode AeTSTakeBackExactly(TS);
PETSC_EXTERN PetscErrorCode AeTSRestore(TS);
PETSC_EXTERN PetscErrorCode AeTSIsRK4(TS, PetscBool *);

/* Registers the TS type, and the tableau `4dense` (RK4 with cubic dense output) for -ts_type rk. */
PETSC_EXTERN PetscErrorCode AeLevelsRegister(void);
PETSC_EXTERN PetscErrorCode AeTSSetCombine(TS, AeCombine, void *ctx);
/*
  Look-ahead: the candidate's right-hand side, which is the next step's first, is computed before the TSAdapt is
  asked about the candidate; hooks see it as stage 4, and dense output stays fourth order. `begin` (may be NULL) is
  called when a step had to compute its own first stage: at the first step, after a rejection, and after a change of
  the state or of the equations; it may set a reason to stop.
  AeTSForget: the equations have changed (a coefficient), what was looked ahead is void.
*/
typedef PetscErrorCode (*AeStepBegin)(TS, void *ctx);
PETSC_EXTERN PetscErrorCode AeTSSetLookAhead(TS, PetscBool ahead, AeStepBegin begin, void *ctx);
PETSC_EXTERN PetscErrorCode AeTSForget(TS);
/* The slopes K[0..3] of the last step attempted; after a look-ahead, K[0] is the candidate's. Of other types n is 0. */
PETSC_EXTERN PetscErrorCode AeTSGetSlopes(TS, PetscInt *n, Vec **K);
/*
  Makes the step by dt from the TS's solution again, which stays as it is, and shows each stage: first its state, with K NULL,
  then, if *go_on is left true, its slope; stage 4 is the candidate, and has none. Y may be worked over before the slope is
  taken; no other hook is called. Slopes and stage vectors of the last step are lost. substep: of a step in several, 0 here.
*/
typedef PetscErrorCode (*AeStageCheck)(void *ctx, PetscInt substep, PetscInt stage, PetscReal t, Vec Y, Vec K, PetscBool *go_on);
PETSC_EXTERN PetscErrorCode AeTSReplay(TS, PetscReal dt, AeStageCheck, void *ctx);
#endif
