/*
  Solving: compatibility, the chain of fallbacks, and the residual computed afresh at the end.
*/
#include "ell_private.h"

/* A singular operator's right-hand side: mean zero to rounding, else there is no solution. */
static PetscErrorCode Compatible(AeEll ell, Vec b)
{
  PetscReal mean, norm;
  PetscInt  n;

  PetscFunctionBegin;
  PetscCall(VecGetSize(b, &n));
  PetscCall(VecNorm(b, NORM_2, &norm));
  PetscCall(EllRemoveMean(ell, b, &mean));
  /* rounding of a sum of n terms of size rms, and of the fields it was made from */
  PetscCheck(mean <= 1e-9 * norm / PetscSqrtReal((PetscReal)n), ell->comm, AE_ERR_USAGE,
             "-%sboundary: with periodic, Neumann or reflecting faces all around, %s has a solution only if the right-hand "
             "side's mean is zero; it is %g (rms %g)",
             ell->prefix, AeEllOperators[ell->op], (double)mean, (double)(norm / PetscSqrtReal((PetscReal)n)));
  PetscFunctionReturn(0);
}

static PetscErrorCode SolverName(KSP ksp, char name[], size_t len)
{
  KSPType kt;
  PC      pc;
  PCType  pt;

  PetscFunctionBegin;
  PetscCall(KSPGetType(ksp, &kt));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCGetType(pc, &pt));
  PetscCall(PetscSNPrintf(name, len, "%s+%s", kt, pt));
  PetscFunctionReturn(0);
}

/*
  Without a tolerance of the user's (-PREFIXoption), a problem with a rail is solved to a fraction of it: the norm of that
  residual, else 0.
*/
static PetscErrorCode RailTolerance(AeEll ell, Vec b, const char option[], PetscReal *atol)
{
  char      name[64];
  PetscBool given;
  PetscInt  n;

  PetscFunctionBegin;
  *atol = 0;
  if (!(ell->rail > 0)) PetscFunctionReturn(0);
  PetscCall(PetscSNPrintf(name, sizeof name, "-%s%s", ell->prefix, option));
  PetscCall(PetscOptionsHasName(NULL, NULL, name, &given));
  if (given) PetscFunctionReturn(0);
  PetscCall(VecGetSize(b, &n));
  *atol = ell->rails_tol * ell->rail * PetscSqrtReal((PetscReal)n);
  PetscFunctionReturn(0);
}

/* The next solver of the chain: GMRES + multigrid, then GMRES + Chebyshev-Jacobi. */
static PetscErrorCode Fallback(AeEll ell, PetscInt which, KSP *ksp)
{
  char prefix[64];

  PetscFunctionBegin;
  if (!ell->fall[which]) {
    PetscCall(PetscSNPrintf(prefix, sizeof prefix, "%sfall%" PetscInt_FMT "_", ell->prefix, which + 1));
    PetscCall(EllKSPMake(ell, prefix, which ? KSPGMRES : KSPFGMRES, which ? PCKSP : AE_PC_MG, &ell->fall[which]));
    PetscCall(KSPGMRESSetRestart(ell->fall[which], which ? 60 : 30));
    if (which) {
      PC  pc, inner_pc;
      KSP inner;

      PetscCall(KSPSetTolerances(ell->fall[which], PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, 1000));
      PetscCall(KSPGetPC(ell->fall[which], &pc));
      PetscCall(PCKSPGetKSP(pc, &inner));
      PetscCall(KSPSetType(inner, KSPCHEBYSHEV));
      PetscCall(KSPSetNormType(inner, KSP_NORM_NONE));
      PetscCall(KSPSetTolerances(inner, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, 8));
      PetscCall(KSPGetPC(inner, &inner_pc));
      PetscCall(PCSetType(inner_pc, PCJACOBI));
    }
    PetscCall(KSPSetFromOptions(ell->fall[which]));
  }
  *ksp = ell->fall[which];
  PetscFunctionReturn(0);
}

/*
  One solver of the chain. Whether it has converged is judged by the residual computed afresh, not by the solver's word: recursive
  residuals drift, and a preconditioner in single precision may stagnate unseen.
*/
static PetscErrorCode Attempt(AeEll ell, KSP ksp, PetscBool watch, Vec b, Vec x, AeEllResult *r, PetscBool *done)
{
  KSPConvergedReason reason;
  PetscReal          first, norm, rtol, atol;
  const PetscInt     from = ell->nhistory;
  PetscBool          once;

  PetscFunctionBegin;
  ell->watch = watch;
  PetscCall(RailTolerance(ell, b, "ksp_rtol", &atol));
  if (atol > 0) PetscCall(KSPSetTolerances(ksp, 1e-14, atol, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscCall(KSPSolve(ksp, b, x));
  PetscCall(KSPGetConvergedReason(ksp, &reason));
  PetscCall(KSPGetIterationNumber(ksp, &r->iterations));
  PetscCall(SolverName(ksp, r->solver, sizeof r->solver));
  /* the residual afresh */
  PetscCall(EllOuterApply(ell, b, x, ell->work[0], PETSC_TRUE));
  PetscCall(VecNorm(ell->work[0], NORM_2, &norm));
  PetscCall(VecNorm(b, NORM_2, &first));
  PetscCall(KSPGetTolerances(ksp, &rtol, &atol, NULL, NULL));
  r->residual = first > 0 ? norm / first : norm;
  once =
    (PetscBool)(reason == KSP_CONVERGED_ITS); /* asked for so many, whatever they give: -ell_ksp_convergence_test skip, preonly */
  *done = (PetscBool)(once ? norm <= first
                           : reason > 0 && norm <= 1.5 * PetscMax(rtol * first, atol) +
                                                     1e-14 * first); /* recursive residuals drift a little */
  if (ell->nhistory > from + 1 && ell->history[from] > 0 && r->iterations > 0)
    r->contraction = PetscPowReal(ell->history[ell->nhistory - 1] / ell->history[from],
                                  1. / PetscMax(1, PetscMin(r->iterations, ell->nhistory - 1 - from)));
  PetscCall(PetscInfo(ksp, "%s: %s after %" PetscInt_FMT " iterations, residual %g computed afresh\n", r->solver,
                      KSPConvergedReasons[reason], r->iterations, (double)r->residual));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSolve(AeEll ell, Vec b, Vec x, AeEllResult *result)
{
  AeEllResult local, *r = result;
  PetscBool   done;
  PetscReal   mean;

  PetscFunctionBegin;
  if (!r) r = &local;
  PetscCall(PetscMemzero(r, sizeof *r));
  PetscCall(AeEllSetUp(ell));
  ell->history  = r->history;
  ell->nhistory = 0;
  if (ell->singular) PetscCall(Compatible(ell, b));
  PetscCall(EllRenew(ell)); /* PCMG's shells and fallbacks use the levels too */
  if (ell->ruled_out) r->fallbacks = 1;
  PetscCall(Attempt(ell, ell->ksp, (PetscBool)(ell->fallback != PETSC_FALSE), b, x, r, &done));
  for (PetscInt f = 0; f < 2 && !done && ell->fallback; f++) {
    KSP ksp = NULL;

    PetscCall(Fallback(ell, f, &ksp));
    r->fallbacks++;
    PetscCall(Attempt(ell, ksp, (PetscBool)(f == 0), b, x, r, &done));
  }
  if (ell->singular) PetscCall(EllRemoveMean(ell, x, &mean));
  r->converged = done;
  r->levels    = ell->nlevels;
  r->nhistory  = ell->nhistory;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllGetSNES(AeEll ell, SNES *snes)
{
  PetscFunctionBegin;
  if (!ell->from_options) PetscCall(AeEllSetFromOptions(ell));
  *snes = ell->snes;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllNonlinearResidual(AeEll ell, Vec f, Vec u, Vec F)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  PetscCall(EllNonlinearBegin(ell));
  PetscCall(EllNonlinearApply(ell, f, u, F));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSolveNonlinear(AeEll ell, Vec f, Vec u, AeEllResult *result)
{
  AeEllResult         local, *r = result;
  SNESConvergedReason reason;
  SNESType            type;
  PetscReal           norm, first, rtol, atol;

  PetscFunctionBegin;
  if (!r) r = &local;
  PetscCall(PetscMemzero(r, sizeof *r));
  PetscCheck(ell->q, ell->comm, PETSC_ERR_ORDER, "AeEllSetNonlinear first");
  PetscCall(AeEllSetUp(ell));
  PetscCall(EllNonlinearBegin(ell));
  ell->f       = f;
  ell->history = NULL;
  PetscCall(RailTolerance(ell, f, "snes_rtol", &atol));
  if (atol > 0) PetscCall(SNESSetTolerances(ell->snes, atol, 1e-14, 0, 50, PETSC_DEFAULT));
  PetscCall(SNESSetConvergenceHistory(ell->snes, r->history, NULL, AE_ELL_HISTORY, PETSC_TRUE));
  PetscCall(SNESSolve(ell->snes, NULL, u));
  PetscCall(SNESGetConvergedReason(ell->snes, &reason));
  PetscCall(SNESGetIterationNumber(ell->snes, &r->newton));
  PetscCall(SNESGetLinearSolveIterations(ell->snes, &r->iterations));
  PetscCall(SNESGetConvergenceHistory(ell->snes, NULL, NULL, &r->nhistory));
  PetscCall(SNESSetConvergenceHistory(ell->snes, NULL, NULL, 0, PETSC_FALSE));
  PetscCall(SNESGetTolerances(ell->snes, &atol, &rtol, NULL, NULL, NULL));
  PetscCall(SNESGetType(ell->snes, &type));
  PetscCall(PetscSNPrintf(r->solver, sizeof r->solver, "%s", type));
  if (!strcmp(type, SNESFAS)) r->iterations = r->newton;
  /* the residual afresh */
  PetscCall(EllNonlinearApply(ell, f, u, ell->work[0]));
  PetscCall(VecNorm(ell->work[0], NORM_2, &norm));
  first        = r->nhistory > 0 ? r->history[0] : 0;
  r->residual  = first > 0 ? norm / first : norm;
  r->converged = (PetscBool)(reason > 0 && norm <= 1.5 * PetscMax(rtol * first, atol) + 1e-14 * first);
  /* a stagnated line search may still have reached rounding */
  r->contraction = r->nhistory > 1 && first > 0 && norm > 0 ? PetscPowReal(norm / first, 1. / PetscMax(1, r->iterations)) : 0;
  r->levels      = ell->nlevels;
  PetscFunctionReturn(0);
}
