/*
  The problem: its options, its Krylov solver and what it is set up with.
*/
#include "ell_private.h"
#include <aeonic/spectral.h>
#include <petsc/private/petscimpl.h>
#undef I

static const PetscInt components[AE_ELL_OPERATORS]   = {1, 1, 3, 1, 3};
static const PetscInt coefficients[AE_ELL_OPERATORS] = {0, 1, 0, 10, 42};

PetscErrorCode AeEllCreate(AeGrid grid, AeEllOperator op, AeEll *result)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCheck(grid->setup, grid->comm, PETSC_ERR_ORDER, "the grid of an elliptic problem must be set up");
  PetscCall(PetscNew(&ell));
  *result      = ell;
  ell->grid    = grid;
  ell->comm    = grid->comm;
  ell->op      = op;
  ell->nc      = components[op];
  ell->ncoef   = coefficients[op];
  ell->order   = 2;
  ell->falloff = 1;
  ell->pre = ell->post = op <= AE_ELL_HELMHOLTZ ? 1 : 2;
  ell->max_levels      = ELL_MAX_LEVELS;
  ell->smoother        = op <= AE_ELL_HELMHOLTZ ? ELL_SMOOTH_REDBLACK : ELL_SMOOTH_CHEBYSHEV;
  ell->ratio           = 6; /* high frequencies of the 7-point operator: 1/3 to 2 */
  ell->jacobi          = 6. / 7;
  ell->omega      = 1.15; /* over one sweep before and one after: contraction of two grids 0.075, with 1: 0.20 (scripts/lfa.py) */
  ell->fused      = PETSC_TRUE;
  ell->stall      = 0.7;
  ell->rails_tol  = 0.1;
  ell->fmg_cycles = 1;
  PetscCall(PetscStrncpy(ell->prefix, "ell_", sizeof ell->prefix));
  for (int d = 0; d < 3; d++) {
    for (int s = 0; s < 2; s++) {
      const AeBoundary bc = grid->bc[d][s];
      ell->bc[d][s]       = bc == AE_BC_PERIODIC ? AE_ELL_PERIODIC : bc == AE_BC_REFLECTING ? AE_ELL_REFLECT : AE_ELL_DIRICHLET;
      ell->fixed[d][s]    = (PetscBool)(bc == AE_BC_REFLECTING && s == 0 && grid->symmetry > 0);
    }
    for (int c = 0; c < 3; c++) ell->parity[c][d] = ell->nc == 3 && c == d ? -1 : 1;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetOptionsPrefix(AeEll ell, const char prefix[])
{
  PetscFunctionBegin;
  PetscCall(PetscStrncpy(ell->prefix, prefix, sizeof ell->prefix));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetBoundary(AeEll ell, PetscInt axis, PetscInt side, AeEllBoundary bc)
{
  PetscFunctionBegin;
  ell->bc[axis][side] = bc;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetBoundaries(AeEll ell, AeEllBoundary bc)
{
  PetscFunctionBegin;
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++)
      if (!ell->fixed[d][s]) ell->bc[d][s] = bc;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetFalloff(AeEll ell, PetscReal n)
{
  PetscFunctionBegin;
  ell->falloff = n;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetParity(AeEll ell, PetscInt c, const int parity[3])
{
  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) ell->parity[c][d] = parity[d];
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetOrder(AeEll ell, PetscInt order)
{
  PetscFunctionBegin;
  PetscCheck(order == 2 || order == 4 || order == 6, ell->comm, AE_ERR_USAGE, "-%sorder %" PetscInt_FMT ": must be 2, 4 or 6",
             ell->prefix, order);
  ell->order = order;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetRail(AeEll ell, PetscReal limit)
{
  PetscFunctionBegin;
  ell->rail = limit;
  PetscFunctionReturn(0);
}

/* Options of ours, with this problem's prefix. */
static PetscErrorCode Options(AeEll ell)
{
  static const char *const orders[] = {"2", "4", "6"}, *const precisions[] = {"double", "single"},
                           *const types[] = {"multiplicative", "full"};
  PetscInt  order = ell->order / 2 - 1, bc = (PetscInt)ell->bc[0][1], max_half = ELL_MAX_HALF / 4, precision = 0;
  PetscBool found;
  unsigned  rigor;

  PetscFunctionBegin;
  PetscCall(AeFFTRigor(ell->comm, &rigor)); /* declares the options of transforms */
  PetscOptionsBegin(ell->comm, ell->prefix, "Elliptic engine", "AeEll");
  PetscCall(AeOptChoice("-order", "order of the finite differences", "", orders, 3, &order, NULL));
  PetscCall(AeOptChoice("-boundary", "condition at the faces that are no symmetry planes", "", AeEllBoundaryNames,
                        AE_ELL_BOUNDARIES, &bc, &found));
  PetscCall(
    AeOptPositive("-falloff", "n of the Robin condition d_r(r^n (u - u0)) = 0", "1", "York & Piran 1982", &ell->falloff, NULL));
  PetscCall(AeOptBool("-reproducible",
                      "the same bits on any number of ranks: norms and dot products of Krylov methods and Newton by exact sums",
                      "", &ell->reproducible, NULL));
  PetscCall(AeOptBool("-fallback", "on a stall go to GMRES + multigrid, then to GMRES + Chebyshev", "", &ell->fallback, NULL));
  PetscCall(AeOptReal("-stall", "contraction over four iterations above which multigrid has stalled", "1", "", 0.0, 1.0,
                      &ell->stall, NULL));
  PetscCall(AeOptPositive("-rails_tol",
                          "a solve stops at this fraction of the constraint's rail, where it has one and no rtol is given", "1",
                          "", &ell->rails_tol, NULL));
  PetscCall(AeOptPositive(
    "-rail", "the constraint's rail, where the caller has none: root mean square that the residual may have; none unless given",
    "", "", &ell->rail, NULL));
  PetscCall(
    AeOptInt("-pc_mg_levels", "levels of multigrid at most", "1", "", 1, ELL_MAX_LEVELS, &ell->max_levels, &ell->levels_given));
  PetscCall(AeOptChoice("-pc_mg_cycle_type", "cycle", "Trottenberg, Oosterlee & Schueller 2001", EllCycles, ELL_CYCLES,
                        &ell->cycle, NULL));
  PetscCall(AeOptChoice("-pc_mg_type", "one cycle from zero, or full multigrid, at each application", "Brandt 1977", types, 2,
                        &ell->full, NULL));
  PetscCall(AeOptInt(
    "-mg_fmg_cycles",
    "cycles on each level of full multigrid; at order 4 and 6 on the finest, two more on the others, 3 and 4 unless given", "1",
    "", 1, 100, &ell->fmg_cycles, &ell->fmg_given));
  PetscCall(AeOptChoice("-mg_smoother", "smoother", "Trottenberg, Oosterlee & Schueller 2001", EllSmoothers, ELL_SMOOTHERS,
                        &ell->smoother, NULL));
  PetscCall(AeOptInt("-mg_pre", "smoothing sweeps before the coarse correction; 2 with cg, chebyshev and jacobi unless given",
                     "1", "", 0, max_half, &ell->pre, &ell->pre_given));
  PetscCall(AeOptInt("-mg_post", "smoothing sweeps after the coarse correction; 2 with cg, chebyshev and jacobi unless given",
                     "1", "", 0, max_half, &ell->post, &ell->post_given));
  PetscCall(AeOptChoice("-mg_restriction", "restriction: average over cells or the prolongation's adjoint", "", EllTransfers, 2,
                        &ell->transfer, &ell->transfer_given));
  PetscCall(AeOptReal("-mg_chebyshev_ratio", "largest over smallest eigenvalue that Chebyshev smoothing is to damp", "1", "", 1.5,
                      1000, &ell->ratio, NULL));
  PetscCall(AeOptReal("-mg_omega", "relaxation factor of red-black smoothing; 1 with cg unless given", "1",
                      "Yavneh, SIAM J. Sci. Comput. 17 (1996) 180", 0.05, 1.95, &ell->omega, &ell->omega_given));
  PetscCall(AeOptReal("-mg_jacobi_omega", "damping of Jacobi smoothing, 1: the inverse of the spectrum's midpoint", "1", "", 0.05,
                      2, &ell->jacobi, NULL));
  PetscCall(AeOptChoice("-mg_precision", "of smoothing and of coarse levels; the iteration around them is in double", "",
                        precisions, 2, &precision, NULL));
  PetscCall(AeOptBool("-mg_fused", "smooth, restrict and prolong in one sweep (changes no bit)", "", &ell->fused, NULL));
  PetscOptionsEnd();
  PetscCheck(ell->pre + ell->post > 0, ell->comm, AE_ERR_USAGE,
             "-%smg_pre and -%smg_post are both 0: multigrid needs a smoothing sweep", ell->prefix, ell->prefix);
  ell->order  = 2 * (order + 1);
  ell->single = (PetscBool)(precision == 1);
  PetscCheck(!ell->single || ell->smoother == ELL_SMOOTH_REDBLACK, ell->comm, AE_ERR_USAGE,
             "-%smg_precision single is for red-black smoothing, operators poisson and helmholtz: leave it out", ell->prefix);
  PetscCheck(!ell->single || !ell->full, ell->comm, AE_ERR_USAGE,
             "-%smg_precision single does not go with -%spc_mg_type full, whose levels are solved to their own accuracy: leave "
             "one of them out",
             ell->prefix, ell->prefix);
  if (ell->order > 2 && !ell->fmg_given) ell->fmg_cycles = ell->order / 2 + 1;
  if (found) PetscCall(AeEllSetBoundaries(ell, (AeEllBoundary)bc));
  for (int d = 0; d < 3; d++)
    PetscCheck((ell->bc[d][0] == AE_ELL_PERIODIC) == (ell->bc[d][1] == AE_ELL_PERIODIC), ell->comm, AE_ERR_USAGE,
               "-%sboundary periodic does not go with a reflecting face on axis %d (-grid_symmetry)", ell->prefix, d);
  PetscCheck(ell->op <= AE_ELL_HELMHOLTZ || ell->smoother != ELL_SMOOTH_REDBLACK, ell->comm, AE_ERR_USAGE,
             "-%smg_smoother redblack couples cells of one colour for operator %s: use chebyshev or jacobi", ell->prefix,
             AeEllOperators[ell->op]);
  PetscFunctionReturn(0);
}

/* At every test of convergence: keeps the history, and ends a multigrid that has stalled while there is something to fall to. */
static PetscErrorCode Converged(KSP ksp, PetscInt it, PetscReal rnorm, KSPConvergedReason *reason, void *p)
{
  AeEll          ell = (AeEll)p;
  const PetscInt n   = 4;

  PetscFunctionBegin;
  PetscCall(KSPConvergedDefault(ksp, it, rnorm, reason, ell->converged_ctx));
  if (ell->history && ell->nhistory < AE_ELL_HISTORY) ell->history[ell->nhistory++] = rnorm;
  ell->recent[it % (n + 1)] = rnorm;
  if (*reason || !ell->watch || it < n) PetscFunctionReturn(0);
  if (!(rnorm <= PetscPowReal(ell->stall, n) * ell->recent[(it - n) % (n + 1)])) {
    *reason = KSP_DIVERGED_BREAKDOWN;
    PetscCall(PetscInfo(ksp, "contraction %g over %" PetscInt_FMT " iterations exceeds -%sstall %g\n",
                        (double)PetscPowReal(rnorm / ell->recent[(it - n) % (n + 1)], 1. / n), n, ell->prefix,
                        (double)ell->stall));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode EllKSPMake(AeEll ell, const char prefix[], const char ksp_type[], const char pc_type[], KSP *ksp)
{
  PC pc;

  PetscFunctionBegin;
  if (ell->q && !ell->ksp) PetscCall(EllSNESMake(ell, ksp));
  else PetscCall(KSPCreate(ell->comm, ksp));
  PetscCall(KSPSetOptionsPrefix(*ksp, prefix));
  PetscCall(KSPSetOperators(*ksp, ell->A, ell->A));
  PetscCall(KSPSetType(*ksp, ksp_type));
  PetscCall(KSPSetNormType(*ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetTolerances(*ksp, 1e-10, PETSC_DEFAULT, PETSC_DEFAULT, 200));
  PetscCall(KSPGetPC(*ksp, &pc));
  PetscCall(PCSetType(pc, pc_type));
  PetscCall(KSPSetConvergenceTest(*ksp, Converged, ell, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetFromOptions(AeEll ell)
{
  PetscFunctionBegin;
  PetscCall(Options(ell));
  PetscCall(EllMatCreate(ell));
  PetscCall(KSPConvergedDefaultCreate(&ell->converged_ctx));
  PetscCall(
    EllKSPMake(ell, ell->prefix, ell->order == 2 || ell->op <= AE_ELL_HELMHOLTZ ? AE_KSP_CYCLE : KSPFGMRES, AE_PC_MG, &ell->ksp));
  if (ell->snes) PetscCall(SNESSetFromOptions(ell->snes)); /* the KSP too */
  else PetscCall(KSPSetFromOptions(ell->ksp));
  ell->from_options = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetUp(AeEll ell)
{
  PetscBool cg, mg;
  PC        pc;

  PetscFunctionBegin;
  if (ell->setup) PetscFunctionReturn(0);
  if (!ell->from_options) PetscCall(AeEllSetFromOptions(ell));
  PetscCall(PetscObjectTypeCompareAny((PetscObject)ell->ksp, &cg, KSPCG, KSPMINRES, ""));
  ell->symmetric = cg;
  ell->generic   = (PetscBool)(ell->smoother != ELL_SMOOTH_REDBLACK);
  if (cg && !ell->transfer_given) ell->transfer = 1;
  if (cg && !ell->omega_given) ell->omega = 1; /* nothing is gained by another with the adjoint as restriction */
  if ((cg || ell->generic) && !ell->pre_given) ell->pre = 2;
  if ((cg || ell->generic) && !ell->post_given) ell->post = 2;
  ell->singular = (PetscBool)(ell->op == AE_ELL_POISSON || ell->op == AE_ELL_VECTOR);
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++)
      if (ell->bc[d][s] != AE_ELL_PERIODIC && ell->bc[d][s] != AE_ELL_NEUMANN &&
          !(ell->bc[d][s] == AE_ELL_REFLECT && ell->nc == 1 && ell->parity[0][d] > 0))
        ell->singular = PETSC_FALSE;
  if (ell->q) ell->singular = PETSC_FALSE;
  PetscCall(EllLevelsCreate(ell));
  PetscCheck(!ell->levels_given || ell->nlevels == ell->max_levels, ell->comm, AE_ERR_USAGE,
             "-%spc_mg_levels %" PetscInt_FMT ": only %" PetscInt_FMT " levels fit into %" PetscInt_FMT " x %" PetscInt_FMT
             " x %" PetscInt_FMT " cells",
             ell->prefix, ell->max_levels, ell->nlevels, ell->lv[0].n[0], ell->lv[0].n[1], ell->lv[0].n[2]);
  PetscCall(EllOuterSetUp(ell));
  PetscCall(AeEllCreateVec(ell, 0, &ell->work[0]));
  PetscCall(KSPGetPC(ell->ksp, &pc));
  PetscCall(PetscObjectTypeCompare((PetscObject)pc, PCMG, &mg));
  ell->setup = ell->stale = PETSC_TRUE;
  PetscCheck(!mg || !ell->single, ell->comm, AE_ERR_USAGE, "-%smg_precision single is for -%spc_type " AE_PC_MG ", not mg",
             ell->prefix, ell->prefix);
  if (mg) {
    PetscCall(EllFillPCMG(ell, pc));
    if (!ell->ncoef) PetscCall(EllRenew(ell));
  }
  PetscCall(EllTellFFT(ell, 0));
  PetscCall(EllCheckFFT(ell));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllDestroy(AeEll *p)
{
  AeEll ell = *p;

  PetscFunctionBegin;
  if (!ell) PetscFunctionReturn(0);
  PetscCall(KSPDestroy(&ell->ksp));
  PetscCall(KSPDestroy(&ell->fall[0]));
  PetscCall(KSPDestroy(&ell->fall[1]));
  PetscCall(SNESDestroy(&ell->snes));
  PetscCall(MatDestroy(&ell->A));
  PetscCall(VecDestroy(&ell->data));
  for (int w = 0; w < 4; w++) PetscCall(VecDestroy(&ell->work[w]));
  if (ell->converged_ctx) PetscCall(KSPConvergedDefaultDestroy(ell->converged_ctx));
  if (ell->setup) PetscCall(EllLevelsDestroy(ell));
  PetscCall(PetscFree3(ell->lu, ell->pivot, ell->lu_x));
  PetscCall(PetscFree(ell->gather));
  PetscCall(PetscFree(ell->ox_own));
  PetscCall(PetscFree(*p));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllApply(AeEll ell, Vec x, Vec y)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  PetscCall(EllOuterApply(ell, NULL, x, y, PETSC_FALSE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllResidual(AeEll ell, Vec b, Vec x, Vec r)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  PetscCall(EllOuterApply(ell, b, x, r, PETSC_TRUE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllGetKSP(AeEll ell, KSP *ksp)
{
  PetscFunctionBegin;
  *ksp = ell->ksp;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllGetMat(AeEll ell, Mat *A)
{
  PetscFunctionBegin;
  *A = ell->A;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllGetGrid(AeEll ell, AeGrid *grid, PetscInt *nc)
{
  PetscFunctionBegin;
  if (grid) *grid = ell->grid;
  if (nc) *nc = ell->nc;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllBytes(AeEll ell, PetscLogDouble *bytes)
{
  const double vec = sizeof(double) * (double)ell->nc * ell->grid->n[0] * ell->grid->nj * ell->grid->nk;

  PetscFunctionBegin;
  *bytes = (double)ell->arena_bytes + (ell->ox_own ? sizeof(double) * (double)ell->LO.size : 0) +
           (double)ell->nlu * ell->nlu * sizeof(double);
  for (int w = 0; w < 4; w++) *bytes += ell->work[w] ? vec : 0;
  *bytes += vec * EllKSPVecs(ell->ksp);
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetCoefficients(AeEll ell, Vec c)
{
  PetscInt local;

  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  PetscCall(VecGetLocalSize(c, &local));
  PetscCheck(ell->ncoef && local == ell->ncoef * ell->grid->n[0] * ell->grid->nj * ell->grid->nk, ell->comm, PETSC_ERR_ARG_SIZ,
             "operator %s takes %" PetscInt_FMT " coefficient fields, the Vec has a local size of %" PetscInt_FMT,
             AeEllOperators[ell->op], ell->ncoef, local);
  PetscCall(EllLoad(ell, c, &ell->lv[0].LC, &ell->lv[0], ell->lv[0].c));
  if (ell->lv[0].s) memset(ell->lv[0].s, 0, sizeof(double) * (size_t)ell->lv[0].L.size);
  PetscCall(EllCoarsenFields(ell, PETSC_FALSE));
  ell->have_c = ell->stale = PETSC_TRUE;
  PetscCall(PetscObjectStateIncrease((PetscObject)ell->A));
  if (ell->op == AE_ELL_HELMHOLTZ) {
    PetscScalar sum;
    PetscInt    n;

    PetscCall(VecSum(c, &sum));
    PetscCall(VecGetSize(c, &n));
    PetscCall(EllTellFFT(ell, sum / n));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllAddBoundary(AeEll ell, AeEllData data, void *ctx, Vec b)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  PetscCall(EllOuterData(ell, data, ctx, b));
  PetscFunctionReturn(0);
}
