#ifndef AEONIC_ELLIPTIC_APP_H
#define AEONIC_ELLIPTIC_APP_H
/* What the files of `aeonic elliptic` share. */
#include <aeonic/bench.h>
#include <aeonic/elliptic.h>

/* A problem with a known solution: sums of plane waves A cos(k.x + phase) for each component. */
enum { ELL_WAVES = 4 };
typedef struct {
  const char   *name;
  AeEllOperator op;
  PetscInt      nc, ncoef, nterms[3];
  PetscReal     A[3][ELL_WAVES], k[3][ELL_WAVES][3], phase[3][ELL_WAVES];
  AeEllBoundary bc;
  PetscReal     falloff, lo[3], hi[3], jump;
  PetscBool     nonlinear;
} EllProblem;

PETSC_INTERN const char *const EllProblemNames[];
enum {
  ELL_PROBLEM_POISSON,
  ELL_PROBLEM_HELMHOLTZ,
  ELL_PROBLEM_VECTOR,
  ELL_PROBLEM_HAMILTONIAN,
  ELL_PROBLEM_LAPSE,
  ELL_PROBLEM_SHIFT,
  ELL_PROBLEMS
};

/* The problem of -ell_problem, -ell_boundary, ... and its grid. */
PETSC_INTERN PetscErrorCode EllProblemFromOptions(EllProblem *, AeGrid *);
PETSC_INTERN PetscErrorCode EllProblemSetUp(EllProblem *, PetscInt which, AeGrid, AeEllBoundary, PetscReal falloff,
                                            PetscReal jump);
/* The problem on its grid with the options of the database; for nonlinear ones data is attached. */
PETSC_INTERN PetscErrorCode EllProblemCreate(EllProblem *, AeGrid, AeEll *);
/* Coefficients, right-hand side (boundary data included) and solution; any of them may be NULL. */
PETSC_INTERN PetscErrorCode EllProblemFill(EllProblem *, AeEll, Vec b, Vec exact);
PETSC_INTERN PetscErrorCode EllProblemCoefficients(EllProblem *, AeEll);
/* In [-1, 1), of component c of this rank's cell; the same numbers whatever the division over ranks. */
PETSC_INTERN PetscReal EllNoise(AeGrid, PetscInt c, PetscInt i, PetscInt j, PetscInt k);
PETSC_INTERN PetscReal EllProblemC(const EllProblem *, const PetscReal x[3]);

typedef struct {
  char      label[48], hash[65];
  PetscBool converged;
  PetscInt  iterations, levels;
  PetscReal contraction, setup_s, solve_s, solve_least, dof_per_s, bytes_per_dof, residual, error_l2;
  char      pc[64];
  PetscInt  nhistory, fallbacks, newton;
  PetscReal history[AE_ELL_HISTORY];
} EllRow;

/* Yardsticks on the assembled operator of order 2: which = "hypre" (BoomerAMG) or "gmg" (PETSc's geometric multigrid on a
   DMDA). */
enum { ELL_MAX_REPEATS = 101 };
PETSC_INTERN PetscErrorCode EllYardstick(EllProblem *, AeGrid, const char which[], PetscInt repeats, EllRow *);
PETSC_INTERN PetscBool      EllYardstickFits(EllProblem *, AeGrid, const char which[]);
/* The median and the least of t[0..n-1] seconds of a solve with N unknowns; sorts t[]. */
static inline void EllTimes(EllRow *row, PetscReal N, PetscReal t[], PetscInt n)
{
  row->solve_s     = AeBenchMedian(t, n);
  row->solve_least = t[0];
  row->dof_per_s   = N / row->solve_s;
}
#endif
