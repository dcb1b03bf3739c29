/*
  Yardsticks: the same discrete problem (order 2, cell-centred) as an assembled matrix, solved by hypre's BoomerAMG and by PETSc's
  geometric multigrid on a DMDA. Their options have the prefixes -ell_hypre_ and -ell_gmg_.
*/
#include "elliptic_app.h"
#include <petscdmda.h>
#include <malloc.h>

typedef struct {
  EllProblem *p;
  AeGrid      g;
} Yard;

PetscBool EllYardstickFits(EllProblem *p, AeGrid g, const char which[])
{
  PetscBool fits = (PetscBool)(p->op <= AE_ELL_HELMHOLTZ && !p->nonlinear && g->p[0] == 1);

  if (p->bc == AE_ELL_ROBIN) fits = PETSC_FALSE;
#if !defined(PETSC_HAVE_HYPRE)
  if (!strcmp(which, "hypre")) fits = PETSC_FALSE;
#endif
  if (!strcmp(which, "gmg"))
    for (int d = 0; d < 3; d++)
      if (g->n[d] % 4 || (g->n[d] / 2) / g->size < 2) fits = PETSC_FALSE;
  return fits;
}

/* -Lap u + c u of order 2 on the DMDA's cells */
static PetscErrorCode Operators(KSP ksp, Mat A, Mat P, void *ctx)
{
  Yard     *y = (Yard *)ctx;
  DM        da;
  PetscInt  n[3], s[3], m[3];
  PetscReal q[3], volume = 1; /* the restriction adds up cells: operators are scaled by their volume over the finest one */
  const int alpha    = y->p->bc == AE_ELL_DIRICHLET ? -1 : 1;
  PetscBool periodic = (PetscBool)(y->p->bc == AE_ELL_PERIODIC);

  PetscFunctionBegin;
  (void)A;
  PetscCall(KSPGetDM(ksp, &da));
  PetscCall(DMDAGetInfo(da, NULL, &n[0], &n[1], &n[2], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
  PetscCall(DMDAGetCorners(da, &s[0], &s[1], &s[2], &m[0], &m[1], &m[2]));
  for (int d = 0; d < 3; d++) {
    const PetscReal h = (y->g->hi[d] - y->g->lo[d]) / n[d];
    q[d]              = 1 / (h * h);
    volume *= (PetscReal)y->g->n[d] / n[d];
  }
  for (PetscInt k = s[2]; k < s[2] + m[2]; k++)
    for (PetscInt j = s[1]; j < s[1] + m[1]; j++)
      for (PetscInt i = s[0]; i < s[0] + m[0]; i++) {
        MatStencil  row = {.i = i, .j = j, .k = k}, col[7];
        PetscScalar v[7], diag = 2 * (q[0] + q[1] + q[2]);
        PetscInt    nc = 1;

        for (int d = 0; d < 3; d++)
          for (int side = -1; side <= 1; side += 2) {
            PetscInt at[3] = {i, j, k};

            at[d] += side;
            if (!periodic && (at[d] < 0 || at[d] >= n[d])) {
              diag -= alpha * q[d];
              continue;
            }
            col[nc] = (MatStencil){.i = at[0], .j = at[1], .k = at[2]};
            v[nc++] = -q[d];
          }
        if (y->p->ncoef) {
          const PetscInt at[3] = {i, j, k};
          PetscReal      x[3];
          for (int d = 0; d < 3; d++) x[d] = y->g->lo[d] + ((PetscReal)at[d] + 0.5) * (y->g->hi[d] - y->g->lo[d]) / n[d];
          diag += EllProblemC(y->p, x);
        }
        col[0] = row;
        v[0]   = diag;
        for (PetscInt c = 0; c < nc; c++) v[c] *= volume;
        PetscCall(MatSetValuesStencil(P, 1, &row, nc, col, v, INSERT_VALUES));
      }
  PetscCall(MatAssemblyBegin(P, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(P, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(0);
}

/* A DMDA whose vectors have the order of the compact ones: slabs along z as the grid has them. */
static PetscErrorCode MakeDM(EllProblem *p, AeGrid g, DM *da)
{
  const DMBoundaryType b = p->bc == AE_ELL_PERIODIC ? DM_BOUNDARY_PERIODIC : DM_BOUNDARY_NONE;
  PetscInt            *lz;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(g->size, &lz));
  for (PetscMPIInt r = 0; r < g->size; r++) lz[r] = g->kstart[r + 1] - g->kstart[r];
  PetscCall(
    DMDACreate3d(g->comm, b, b, b, DMDA_STENCIL_STAR, g->n[0], g->n[1], g->n[2], 1, 1, g->size, 1, 1, NULL, NULL, lz, da));
  PetscCall(PetscFree(lz));
  PetscCall(DMDASetInterpolationType(*da, DMDA_Q0));
  PetscCall(DMSetUp(*da));
  PetscFunctionReturn(0);
}

/* Conjugate gradients with each library's own defaults for Poisson, but for symmetric smoothing and as many levels as the sizes
   allow. */
static PetscErrorCode MakeKSP(Yard *y, DM da, const char which[], KSP *ksp)
{
  PC       pc;
  char     prefix[32];
  PetscInt levels = 1, least = PETSC_MAX_INT;

  PetscFunctionBegin;
  PetscCall(KSPCreate(y->g->comm, ksp));
  PetscCall(PetscSNPrintf(prefix, sizeof prefix, "ell_%s_", which));
  PetscCall(KSPSetOptionsPrefix(*ksp, prefix));
  PetscCall(KSPSetDM(*ksp, da));
  PetscCall(KSPSetComputeOperators(*ksp, Operators, y));
  PetscCall(KSPSetType(*ksp, KSPCG));
  PetscCall(KSPSetNormType(*ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPGetPC(*ksp, &pc));
  if (!strcmp(which, "hypre")) {
    PetscCall(PCSetType(pc, PCHYPRE));
    PetscCall(PetscOptionsInsertString(NULL, "-ell_hypre_pc_hypre_boomeramg_strong_threshold 0.25"));
  } else {
    for (int d = 0; d < 3; d++) least = PetscMin(least, y->g->n[d] / (d == 2 ? y->g->size : 1));
    for (PetscInt m = least; m % 2 == 0 && m > 4; m /= 2) levels++;
    PetscCall(PCSetType(pc, PCMG));
    PetscCall(PCMGSetLevels(pc, levels, NULL));
    for (PetscInt l = 1; l < levels; l++) {
      KSP smoother;
      PC  inner;
      PetscCall(PCMGGetSmoother(pc, l, &smoother));
      PetscCall(KSPSetType(smoother, KSPRICHARDSON));
      PetscCall(KSPSetTolerances(smoother, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, 1));
      PetscCall(KSPGetPC(smoother, &inner));
      PetscCall(PCSetType(inner, PCSOR)); /* symmetric SOR: the outer method is CG */
    }
  }
  PetscFunctionReturn(0);
}

/* The same two solves as RunSolver() makes of ours: one for the error, repeated ones with random numbers for the time. The
   residual is computed anew inside the time, as ours is. */
PetscErrorCode EllYardstick(EllProblem *p, AeGrid g, const char which[], PetscInt repeats, EllRow *row)
{
  Yard               y = {p, g};
  DM                 da;
  KSP                ksp;
  PC                 pc;
  Mat                A;
  Vec                b, x, r, e;
  AeEll              ell;
  PetscRandom        random;
  PetscReal          rtol = 1e-10, t[ELL_MAX_REPEATS], start, norm, first = 1.0, N = (PetscReal)g->n[0] * g->n[1] * g->n[2];
  PetscLogDouble     before, after;
  KSPConvergedReason reason;
  PCType             type;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(row, sizeof *row));
  PetscCall(PetscStrncpy(row->label, which, sizeof row->label));
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-ell_ksp_rtol", &rtol, NULL));
  malloc_trim(0); /* freed memory back to the system: what is counted is this solver's */
  PetscCall(PetscMemoryGetCurrentUsage(&before));
  PetscCall(AeBenchNow(g->comm, &start));
  PetscCall(MakeDM(p, g, &da));
  PetscCall(MakeKSP(&y, da, which, &ksp));
  PetscCall(KSPSetTolerances(ksp, rtol, PETSC_DEFAULT, PETSC_DEFAULT, 200));
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(DMCreateGlobalVector(da, &b));
  PetscCall(VecDuplicate(b, &x));
  PetscCall(VecDuplicate(b, &r));
  PetscCall(KSPSetUp(ksp));
  PetscCall(AeBenchSince(g->comm, start, &row->setup_s));
  PetscCall(KSPGetOperators(ksp, &A, NULL));
  if (p->bc != AE_ELL_DIRICHLET && !p->ncoef) {
    MatNullSpace ns;
    PetscCall(MatNullSpaceCreate(g->comm, PETSC_TRUE, 0, NULL, &ns));
    PetscCall(MatSetNullSpace(A, ns));
    PetscCall(MatNullSpaceDestroy(&ns));
  }
  /* error against the exact solution: the right-hand side of our own problem, order 2 */
  PetscCall(AeEllCreate(g, p->op, &ell));
  PetscCall(AeEllSetBoundaries(ell, p->bc));
  PetscCall(AeEllSetOptionsPrefix(ell, "ell_yard_"));
  PetscCall(AeEllSetFromOptions(ell));
  PetscCall(EllProblemCoefficients(p, ell));
  PetscCall(VecDuplicate(b, &e));
  PetscCall(EllProblemFill(p, ell, b, e));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(KSPSolve(ksp, b, x));
  PetscCall(VecAXPY(e, -1, x));
  PetscCall(VecNorm(e, NORM_2, &norm));
  row->error_l2 = norm / PetscSqrtReal(N);
  PetscCall(VecDestroy(&e));
  /* the timed solve */
  PetscCall(PetscRandomCreate(g->comm, &random));
  PetscCall(PetscRandomSetInterval(random, -1, 1));
  PetscCall(PetscRandomSetSeed(random, 1));
  PetscCall(PetscRandomSeed(random));
  PetscCall(VecSetRandom(b, random));
  PetscCall(PetscRandomDestroy(&random));
  if (p->bc != AE_ELL_DIRICHLET && !p->ncoef) {
    PetscScalar sum;
    PetscCall(VecSum(b, &sum));
    PetscCall(VecShift(b, -sum / N));
  }
  PetscCall(KSPSetResidualHistory(ksp, row->history, AE_ELL_HISTORY, PETSC_TRUE));
  for (PetscInt m = 0; m < repeats; m++) {
    PetscCall(AeBenchNow(g->comm, &start));
    PetscCall(VecNorm(b, NORM_2, &first));
    PetscCall(KSPSolve(ksp, b, x));
    PetscCall(MatResidual(A, b, x, r));
    PetscCall(VecNorm(r, NORM_2, &norm));
    PetscCall(AeBenchSince(g->comm, start, &t[m]));
  }
  PetscCall(PetscMemoryGetCurrentUsage(&after));
  EllTimes(row, N, t, repeats);
  PetscCall(KSPGetConvergedReason(ksp, &reason));
  PetscCall(KSPGetIterationNumber(ksp, &row->iterations));
  PetscCall(KSPGetResidualHistory(ksp, NULL, &row->nhistory));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCGetType(pc, &type));
  PetscCall(PetscSNPrintf(row->pc, sizeof row->pc, "cg+%s", type));
  if (!strcmp(type, PCMG)) PetscCall(PCMGGetLevels(pc, &row->levels));
  row->residual    = norm / first;
  row->converged   = (PetscBool)(reason > 0 && row->residual <= 1.5 * rtol);
  row->contraction = PetscPowReal(row->residual, 1. / PetscMax(1, row->iterations));
  {
    PetscLogDouble bytes = after - before;
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, g->comm));
    row->bytes_per_dof = bytes / N;
  }
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&r));
  PetscCall(KSPDestroy(&ksp));
  PetscCall(DMDestroy(&da));
  PetscFunctionReturn(0);
}
