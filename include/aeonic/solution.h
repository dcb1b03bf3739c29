#ifndef AEONIC_SOLUTION_H
#define AEONIC_SOLUTION_H
/*
  AeSolution: initial data psi = psi_0 + u on a conformally related space, with u from one elliptic solve.

    -Lap u + q(x, u) = 0 (flat Laplacian), u -> w(x) + C/r far away

  holds u, what it was solved for, and the masses and momenta that follow from it. Options of the solver: -ell_*.
*/
#include <aeonic/elliptic.h>
#include <aeonic/field.h>

enum { AE_SOLUTION_HOLES = 16 };

typedef struct _p_AeSolution *AeSolution;
struct _p_AeSolution {
  AeGrid      grid; /* borrowed */
  AeEll       ell;
  Vec         u, f;           /* compact: the unknown, the right-hand side with the boundary's data */
  AeEllResult result;         /* of the last solve */
  PetscReal   start;          /* norm of the residual of u = 0 in the first solve */
  PetscInt    newton, cycles; /* nonlinear steps and linear iterations of all solves */
  PetscReal   mirror;         /* how many times the grid makes up the whole space: 2 for each plane of symmetry */
  /* what was found */
  PetscReal adm_mass, P[3], J[3];
  PetscInt  nholes;
  PetscReal place[AE_SOLUTION_HOLES][3], bare_mass[AE_SOLUTION_HOLES], hole_u[AE_SOLUTION_HOLES], hole_mass[AE_SOLUTION_HOLES];
};

/*
  AeSolutionCreate    - the problem on a grid: order 4, Robin boundary (a periodic grid is refused unless `periodic`), options
                        read by AeEllSetFromOptions at the end of the datum's set-up (AeSolutionSetFromOptions)
  AeSolutionSolve     - f and u must be set; result.residual is that of a nonlinear solve relative to u = 0 too. A failure
                        to converge is no error here: result.converged is false, u the best iterate
  AeSolutionSum       - integral over the whole space' part that the grid covers of a function of the cell, mirror images included
  AeSolutionAt        - u at points (order 6), on all ranks
  AeSolutionReport    - id.* keys of the summary: masses, momenta, puncture masses, iterations
*/
PETSC_EXTERN PetscErrorCode AeSolutionCreate(AeGrid, AeEllOperator, PetscBool periodic, AeSolution *);
PETSC_EXTERN PetscErrorCode AeSolutionSetFromOptions(AeSolution);
PETSC_EXTERN PetscErrorCode AeSolutionSolve(AeSolution, PetscBool nonlinear);
typedef PetscReal (*AeSolutionIntegrand)(void *ctx, PetscInt cell, const PetscReal x[3], PetscReal u);
/* integral[m]: of the integrand (m = 0) and of it times x, y, z */
PETSC_EXTERN PetscErrorCode AeSolutionMoments(AeSolution, AeSolutionIntegrand, void *ctx, PetscReal integral[4]);
PETSC_EXTERN PetscErrorCode AeSolutionAt(AeSolution, PetscInt n, const PetscReal x[], PetscReal u[]);
PETSC_EXTERN PetscErrorCode AeSolutionReport(AeSolution, AeRun);
PETSC_EXTERN PetscErrorCode AeSolutionDestroy(AeSolution *);
#endif
