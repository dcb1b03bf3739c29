/*
  KSP type `cycle`: x <- x + M (b - A x) until the residual is small. With PC aemg on an operator of order 2 the
  iteration stays in the finest level's arrays and the norm is a by-product of its sweep; otherwise it is the plain (defect
  correction) form.
*/
#include "ell_private.h"
#include <petsc/private/kspimpl.h>
#include <petsc/private/pcimpl.h>
#undef I

/* Does the finest level have the planes of the Vecs? */
static PetscBool Slabs(AeEll ell) { return (PetscBool)(ell->grid->size == 1 || !ell->lv[0].redundant); }

/* Can the outer iteration stay in the finest level's arrays: in the fused sweep at order 2, in defect correction above it? */
static PetscBool Fusable(AeEll ell)
{
  return (PetscBool)(ell->order == 2 && !ell->single && ell->nlevels > 1 && !(ell->singular && ell->nc > 1));
}

static PetscBool Defectable(AeEll ell)
{
  return (PetscBool)((ell->order > 2 || ell->single) && ell->nlevels > 1 && !ell->singular && Slabs(ell));
}

static PetscErrorCode Report(KSP ksp, PetscInt it, PetscReal rnorm)
{
  PetscFunctionBegin;
  ksp->its   = it;
  ksp->rnorm = rnorm;
  PetscCall(KSPLogResidualHistory(ksp, rnorm));
  PetscCall(KSPMonitor(ksp, it, rnorm));
  PetscCall((*ksp->converged)(ksp, it, rnorm, &ksp->reason, ksp->cnvP));
  PetscFunctionReturn(0);
}

/*
  A cycle is spread over two calls: EllCycleStep does the last one's correction and post-smoothing, this one's pre-smoothing and
  the norm of the residual that it restricts; EllCycle on level 1 is all the rest. The norm is that of the iterate which is
  returned, and which has one pre-smoothing more than whole cycles give. The first step's norm is no new one: no cycle has ended.
*/
static PetscErrorCode SolveFused(KSP ksp, AeEll ell)
{
  const PetscInt full = ksp->guess_zero && ell->full;
  PetscReal      rnorm;

  PetscFunctionBegin;
  if (ksp->guess_zero) PetscCall(VecNorm(ksp->vec_rhs, NORM_2, &rnorm));
  else {
    PetscCall(EllOuterApply(ell, ksp->vec_rhs, ksp->vec_sol, ell->work[0], PETSC_TRUE));
    PetscCall(VecNorm(ell->work[0], NORM_2, &rnorm));
  }
  PetscCall(Report(ksp, 0, rnorm));
  if (ksp->reason) PetscFunctionReturn(0);
  PetscCall(EllCycleBegin(ell, ksp->vec_rhs, ksp->guess_zero ? NULL : ksp->vec_sol));
  if (full) PetscCall(EllFull(ell, ksp->vec_rhs));
  for (PetscInt it = 0;; it++) {
    PetscCall(EllCycleStep(ell, (PetscBool)(it == 0), &rnorm));
    if (it + full > 0) PetscCall(Report(ksp, it + full, rnorm)); /* full multigrid was the first iteration */
    if (!ksp->reason && it + full >= ksp->max_it) ksp->reason = KSP_DIVERGED_ITS;
    if (ksp->reason) break;
    PetscCall(EllCycle(ell, 1, (EllCycleType)ell->cycle));
  }
  PetscCall(EllCycleEnd(ell, ksp->vec_sol));
  PetscFunctionReturn(0);
}

/*
  x <- x + d, d <- a d + w M (b - A x), with a and w of Chebyshev's recurrence on EllDefectBounds; it begins with a = 0, after the
  full multigrid if there is one. In single precision a cycle's input is scaled by the last norm, or at first by that of b.
*/
static PetscErrorCode SolveDefect(KSP ksp, AeEll ell)
{
  const PetscInt full = ksp->guess_zero && ell->full; /* the first iteration */
  PetscReal      a, b, theta, delta, rho, rnorm = 0;

  PetscFunctionBegin;
  EllDefectBounds(ell, &a, &b);
  theta = 0.5 * (a + b);
  delta = 0.5 * (b - a);
  rho   = delta / theta;
  if (ell->single) PetscCall(VecNorm(ksp->vec_rhs, NORM_2, &rnorm)); /* the size of the first residual */
  if (!ell->work[1]) PetscCall(AeEllCreateVec(ell, 0, &ell->work[1]));
  PetscCall(EllDefectBegin(ell, ksp->guess_zero ? NULL : ksp->vec_sol));
  for (PetscInt it = 0;; it++) {
    const PetscReal next = 1 / (2 * theta / delta - rho);

    PetscCall(EllDefectResidual(ell, ksp->vec_rhs, &rnorm));
    PetscCall(Report(ksp, it, rnorm));
    if (!ksp->reason && it >= ksp->max_it) ksp->reason = KSP_DIVERGED_ITS;
    if (ksp->reason) break;
    if (it < full) PetscCall(EllFullOrder(ell, ksp->vec_rhs));
    else if (it == full) PetscCall(EllDefectStep(ell, 0, 0, 1 / theta, ell->work[1]));
    else {
      PetscCall(EllDefectStep(ell, 0, next * rho, 2 * next / delta, ell->work[1]));
      rho = next;
    }
  }
  PetscCall(EllDefectEnd(ell, ksp->vec_sol));
  PetscFunctionReturn(0);
}

/* The same on compact Vecs and with any PC, without the recurrence. ell: begin with a full multigrid of its order. */
static PetscErrorCode SolvePlain(KSP ksp, AeEll ell, PetscReal omega)
{
  Mat       A, P;
  Vec       x = ksp->vec_sol, b = ksp->vec_rhs, r = ksp->work[0], z = ksp->work[1];
  PetscReal rnorm;

  PetscFunctionBegin;
  PetscCall(PCGetOperators(ksp->pc, &A, &P));
  for (PetscInt it = 0;; it++) {
    if (it == 0 && ksp->guess_zero) {
      PetscCall(VecSet(x, 0));
      PetscCall(VecCopy(b, r));
    } else PetscCall(MatResidual(A, b, x, r));
    PetscCall(VecNorm(r, NORM_2, &rnorm));
    PetscCall(Report(ksp, it, rnorm));
    if (!ksp->reason && it >= ksp->max_it) ksp->reason = KSP_DIVERGED_ITS;
    if (ksp->reason) break;
    if (ell && it == 0 && ksp->guess_zero) {
      PetscCall(EllFullOrder(ell, b));
      PetscCall(EllDefectEnd(ell, x));
    } else {
      PetscCall(KSP_PCApply(ksp, r, z));
      PetscCall(VecAXPY(x, omega, z));
    }
  }
  PetscFunctionReturn(0);
}

/*
  The plain form serves every other PC and what stays in no array: more ranks than planes, singular problems above order 2 or of
  several components, where every residual loses its mean. Its damping is the best constant one for the spectrum [a, b].
*/
static PetscErrorCode KSPSolve_Cycle(KSP ksp)
{
  AeEll     ell;
  Mat       A, P;
  PetscBool ours;

  PetscFunctionBegin;
  ksp->reason = KSP_CONVERGED_ITERATING;
  PetscCall(PCGetOperators(ksp->pc, &A, &P));
  PetscCall(EllFromMat(A, &ell));
  PetscCall(PetscObjectTypeCompare((PetscObject)ksp->pc, AE_PC_MG, &ours));
  if (ours && ell && Fusable(ell)) PetscCall(SolveFused(ksp, ell));
  else if (ours && ell && Defectable(ell)) PetscCall(SolveDefect(ksp, ell));
  else {
    const PetscBool full = (PetscBool)(ours && ell && ell->full && ell->order > 2 && ell->nlevels > 1 && Slabs(ell));
    PetscReal       a = 1, b = 1;

    if (ours && ell) EllDefectBounds(ell, &a, &b);
    PetscCall(SolvePlain(ksp, full ? ell : NULL, 2 / (a + b)));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode KSPSetUp_Cycle(KSP ksp)
{
  AeEll     ell = NULL;
  Mat       A;
  PetscBool ours;

  PetscFunctionBegin;
  PetscCall(PCGetOperators(ksp->pc, &A, NULL));
  PetscCall(EllFromMat(A, &ell));
  PetscCall(PetscObjectTypeCompare((PetscObject)ksp->pc, AE_PC_MG, &ours));
  /* the fused form needs one for the residual of a guess, which the problem has */
  if (!(ours && ell && (Fusable(ell) || Defectable(ell)))) PetscCall(KSPSetWorkVecs(ksp, 2));
  PetscFunctionReturn(0);
}

PetscErrorCode EllKSPCreate_Cycle(KSP ksp)
{
  PetscFunctionBegin;
  PetscCall(KSPSetSupportedNorm(ksp, KSP_NORM_UNPRECONDITIONED, PC_LEFT, 3));
  PetscCall(KSPSetSupportedNorm(ksp, KSP_NORM_NONE, PC_LEFT, 1));
  ksp->ops->setup         = KSPSetUp_Cycle;
  ksp->ops->solve         = KSPSolve_Cycle;
  ksp->ops->destroy       = KSPDestroyDefault;
  ksp->ops->buildsolution = KSPBuildSolutionDefault;
  ksp->ops->buildresidual = KSPBuildResidualDefault;
  PetscFunctionReturn(0);
}

/* Vectors of work that a KSP holds; GMRES: its basis as far as it was used, at most its restart. */
PetscInt EllKSPVecs(KSP ksp)
{
  PetscBool gmres, fgmres;
  PetscInt  restart = 0;

  if (PetscObjectTypeCompare((PetscObject)ksp, KSPGMRES, &gmres) || PetscObjectTypeCompare((PetscObject)ksp, KSPFGMRES, &fgmres))
    return 0;
  if (!gmres && !fgmres) return ksp->nwork;
  if (KSPGMRESGetRestart(ksp, &restart)) return 0;
  restart = PetscMin(restart, ksp->its + 1);
  return fgmres ? 2 * restart + 2 : restart + 4;
}
