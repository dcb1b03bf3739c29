/*
  PC type `aemg`: one multigrid cycle of the problem that the operator belongs to.
  KSP type `cycle`: x <- x + M (b - A x) until the residual is small. With PC aemg on an operator of order 2 the
  iteration stays in the finest level's arrays and the norm is a by-product of its sweep; otherwise it is the plain (defect
  correction) form.
*/
#include "ell_private.h"
#include <petsc/private/kspimpl.h>
#include <petsc/private/pcimpl.h>
#undef I

static const char key[] = "AeEll";

/* The problem behind a matrix, NULL if it is none of ours. */
PetscErrorCode EllFromMat(Mat A, AeEll *ell)
{
  PetscContainer c;

  PetscFunctionBegin;
  *ell = NULL;
  PetscCall(PetscObjectQuery((PetscObject)A, key, (PetscObject *)&c));
  if (c) PetscCall(PetscContainerGetPointer(c, (void **)ell));
  PetscFunctionReturn(0);
}

PetscErrorCode EllMark(Mat A, AeEll ell)
{
  PetscContainer c;

  PetscFunctionBegin;
  PetscCall(PetscContainerCreate(ell->comm, &c));
  PetscCall(PetscContainerSetPointer(c, ell));
  PetscCall(PetscObjectCompose((PetscObject)A, key, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  PetscFunctionReturn(0);
}

/* ---- PC aemg ----------------------------------------------------------------------------------------------- */

static PetscErrorCode PCSetUp_AeMG(PC pc)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(EllFromMat(pc->pmat, &ell));
  PetscCheck(ell, PetscObjectComm((PetscObject)pc), AE_ERR_USAGE, "PC %s works on the operators of AeEll only", AE_PC_MG);
  pc->data = ell;
  PetscCall(EllRenew(ell));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCApply_AeMG(PC pc, Vec b, Vec x)
{
  PetscFunctionBegin;
  PetscCall(EllApplyCycle((AeEll)pc->data, b, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCView_AeMG(PC pc, PetscViewer viewer)
{
  PetscFunctionBegin;
  if (pc->data) PetscCall(EllLevelsView((AeEll)pc->data, viewer));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCDestroy_AeMG(PC pc)
{
  PetscFunctionBegin;
  pc->data = NULL; /* the problem's */
  PetscFunctionReturn(0);
}

static PetscErrorCode PCCreate_AeMG(PC pc)
{
  PetscFunctionBegin;
  pc->ops->setup   = PCSetUp_AeMG;
  pc->ops->apply   = PCApply_AeMG;
  pc->ops->view    = PCView_AeMG;
  pc->ops->destroy = PCDestroy_AeMG;
  PetscFunctionReturn(0);
}

/* ---- KSP cycle --------------------------------------------------------------------------------------------- */

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
    PetscCall(EllCycleCoarse(ell));
  }
  PetscCall(EllCycleEnd(ell, ksp->vec_sol));
  PetscFunctionReturn(0);
}

/*
  Defect correction with a cycle M_2 of order 2, accelerated by Chebyshev's recurrence (Saad, Algorithm 12.1): the eigenvalues of
  M_2 A_p are real and lie in [1, m] where M_2 is exact. m = 4/3 (order 4), 1.511 (order 6) from the symbols at the Nyquist mode; the
  one-sided closures at Dirichlet faces bring it to 1.77 and 1.80 (eigenvalues of the 1-D matrices). A cycle that leaves 8 % lowers
  the smallest to 0.92.
*/
void EllDefectBounds(AeEll ell, PetscReal *a, PetscReal *b)
{
  *a = 0.92;
  *b = ell->order == 2 ? 1.08 : ell->order == 4 ? 1.334 : 1.512;
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++)
      if (ell->order > 2 && ell->bc[d][s] == AE_ELL_DIRICHLET) *b = ell->order == 4 ? 1.77 : 1.80;
}

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
  PetscCall(EllDefectBegin(ell, ksp->guess_zero ? NULL : ksp->vec_sol));
  for (PetscInt it = 0;; it++) {
    const PetscReal next = 1 / (2 * theta / delta - rho);

    PetscCall(EllDefectResidual(ell, ksp->vec_rhs, &rnorm));
    PetscCall(Report(ksp, it, rnorm));
    if (!ksp->reason && it >= ksp->max_it) ksp->reason = KSP_DIVERGED_ITS;
    if (ksp->reason) break;
    if (it < full) PetscCall(EllFullOrder(ell, ksp->vec_rhs));
    else if (it == full) PetscCall(EllDefectCorrect(ell, 0, 1 / theta));
    else {
      PetscCall(EllDefectCorrect(ell, next * rho, 2 * next / delta));
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
  if (ours && ell && EllFusable(ell)) PetscCall(SolveFused(ksp, ell));
  else if (ours && ell && EllDefectable(ell)) PetscCall(SolveDefect(ksp, ell));
  else {
    const PetscBool full = (PetscBool)(ours && ell && ell->full && ell->order > 2 && ell->nlevels > 1 && EllSlabs(ell));
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
  if (!(ours && ell && (EllFusable(ell) || EllDefectable(ell)))) PetscCall(KSPSetWorkVecs(ksp, 2));
  PetscFunctionReturn(0);
}

static PetscErrorCode KSPCreate_Cycle(KSP ksp)
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

PetscErrorCode AeEllRegister(void)
{
  static const char *const names[ELL_LOG_COUNT] = {"EllFront", "EllResidual", "EllSmooth", "EllHalo", "EllCoarse"};
  static PetscBool         done                 = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(KSPInitializePackage());
  PetscCall(SNESInitializePackage());
  PetscCall(SNESRegister(SNESFAS, EllSNESCreate_FAS)); /* PETSc's own needs a DM on every level */
  PetscCall(KSPGuessRegister(AE_KSP_GUESS, EllGuessCreate));
  PetscCall(PCRegister(AE_PC_MG, PCCreate_AeMG));
  PetscCall(KSPRegister(AE_KSP_CYCLE, KSPCreate_Cycle));
  if (!done)
    for (int e = 0; e < ELL_LOG_COUNT; e++) PetscCall(PetscLogEventRegister(names[e], AE_CLASSID, &ellLog[e]));
  done = PETSC_TRUE;
  PetscFunctionReturn(0);
}
