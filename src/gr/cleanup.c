/*
  Clean-up of evolved data: Newton's method on the diagnostics' own constraints.
*/
#include "cleanup_private.h"

static PetscLogEvent CleanupEvent;

/* Component block of the compact unknown: v or W, as a Vec of the elliptic problem. */
static PetscErrorCode Part(AeCleanup c, int problem, Vec x, Vec part, PetscBool into)
{
  const PetscInt n = c->grid->n[0] * c->grid->nj * c->grid->nk, from = problem == CLEANUP_H ? 0 : n,
                 count = problem == CLEANUP_H ? n : 3 * n;
  double *a, *b;

  PetscFunctionBegin;
  PetscCall(VecGetArray(x, &a));
  PetscCall(VecGetArray(part, &b));
  if (into) memcpy(a + from, b, sizeof(double) * (size_t)count);
  else memcpy(b, a + from, sizeof(double) * (size_t)count);
  PetscCall(VecRestoreArray(part, &b));
  PetscCall(VecRestoreArray(x, &a));
  PetscFunctionReturn(0);
}

/* Mean of each component of a compact Vec to zero. */
static PetscErrorCode RemoveMeans(AeCleanup c, PetscInt nc, Vec x)
{
  AeGrid         g = c->grid;
  const PetscInt n = g->n[0] * g->nj * g->nk;
  double        *a;
  PetscReal      sum[3] = {0, 0, 0};

  PetscFunctionBegin;
  PetscCall(VecGetArray(x, &a));
  for (PetscInt f = 0; f < nc; f++)
    for (PetscInt p = 0; p < n; p++) sum[f] += a[f * n + p];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPIU_REAL, MPI_SUM, c->gr->comm));
  for (PetscInt f = 0; f < nc; f++)
    for (PetscInt p = 0; p < n; p++) a[f * n + p] -= sum[f] / ((PetscReal)g->n[0] * g->n[1] * g->n[2]);
  PetscCall(VecRestoreArray(x, &a));
  PetscFunctionReturn(0);
}

/* f += (1 - m) A x */
static PetscErrorCode AddMasked(AeCleanup c, Vec x, Vec f)
{
  const PetscInt n = c->grid->n[0] * c->grid->nj * c->grid->nk;
  const double  *y, *m;
  double        *a;

  PetscFunctionBegin;
  if (!c->masked) PetscFunctionReturn(0);
  for (int s = 0; s < CLEANUP_PROBLEMS; s++) {
    PetscCall(Part(c, s, x, c->b[s], PETSC_FALSE));
    PetscCall(AeEllApply(c->ell[s], c->b[s], c->y[s]));
    PetscCall(VecGetArrayRead(c->y[s], &y));
    PetscCall(VecGetArrayRead(c->mask, &m));
    PetscCall(VecGetArray(f, &a));
    for (PetscInt q = 0; q < (s == CLEANUP_H ? 1 : 3); q++)
      for (PetscInt p = 0; p < n; p++) a[((s == CLEANUP_H ? 0 : 1) + q) * n + p] += (1.0 - m[p]) * y[q * n + p];
    PetscCall(VecRestoreArray(f, &a));
    PetscCall(VecRestoreArrayRead(c->mask, &m));
    PetscCall(VecRestoreArrayRead(c->y[s], &y));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Function(SNES snes, Vec x, Vec f, void *ctx)
{
  AeCleanup c = (AeCleanup)ctx;

  PetscFunctionBegin;
  (void)snes;
  PetscCall(AeCleanupTransform(c, x));
  PetscCall(AeGRConstraintFields(c->gr, c->trial, c->t, c->diag));
  PetscCall(AeCleanupWeigh(c, f));
  PetscCall(AddMasked(c, x, f));
  if (c->project) { /* H's mean is left to K */
    PetscCall(Part(c, CLEANUP_H, f, c->b[CLEANUP_H], PETSC_FALSE));
    PetscCall(RemoveMeans(c, 1, c->b[CLEANUP_H]));
    PetscCall(Part(c, CLEANUP_H, f, c->b[CLEANUP_H], PETSC_TRUE));
  }
  PetscFunctionReturn(0);
}

/* One solve of each elliptic problem, to a digit or two. */
static PetscErrorCode Precondition(PC pc, Vec r, Vec z)
{
  AeCleanup   c;
  AeEllResult result;

  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &c));
  for (int s = 0; s < CLEANUP_PROBLEMS; s++) {
    PetscCall(Part(c, s, r, c->b[s], PETSC_FALSE));
    if (c->closed && (s == CLEANUP_M || c->project)) PetscCall(RemoveMeans(c, s == CLEANUP_H ? 1 : 3, c->b[s]));
    PetscCall(VecSet(c->y[s], 0));
    PetscCall(AeEllSolve(c->ell[s], c->b[s], c->y[s], &result));
    PetscCall(Part(c, s, z, c->y[s], PETSC_TRUE));
  }
  PetscFunctionReturn(0);
}

/* A preconditioner of Newton's systems: -Lap + c for v, the vector Laplacian for W, both 1/r at outer faces; three iterations
   to a twentieth, since the Jacobian differs from it by more than that. */
static PetscErrorCode MakeProblem(AeCleanup c, int s)
{
  static const char *const   prefixes[]  = {"cleanup_h_", "cleanup_m_"};
  static const AeEllOperator operators[] = {AE_ELL_HELMHOLTZ, AE_ELL_VECTOR};
  AeGrid                     g           = c->grid;
  KSP                        ksp;

  PetscFunctionBegin;
  PetscCall(AeEllCreate(g, operators[s], &c->ell[s]));
  PetscCall(AeEllSetOptionsPrefix(c->ell[s], prefixes[s]));
  for (int d = 0; d < 3; d++)
    for (int side = 0; side < 2; side++)
      if (g->bc[d][side] == AE_BC_RADIATIVE || g->bc[d][side] == AE_BC_EXACT)
        PetscCall(AeEllSetBoundary(c->ell[s], d, side, AE_ELL_ROBIN));
  PetscCall(AeEllSetFromOptions(c->ell[s]));
  PetscCall(AeEllGetKSP(c->ell[s], &ksp));
  PetscCall(KSPSetTolerances(ksp, 0.05, PETSC_DEFAULT, PETSC_DEFAULT, 3));
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(AeEllCreateVec(c->ell[s], 0, &c->b[s]));
  PetscCall(AeEllCreateVec(c->ell[s], 0, &c->y[s]));
  PetscFunctionReturn(0);
}

/* Newton's method whose Jacobian acts by differences of the residual. */
static PetscErrorCode MakeSolver(AeCleanup c)
{
  KSP ksp;
  PC  pc;

  PetscFunctionBegin;
  PetscCall(SNESCreate(c->gr->comm, &c->snes));
  PetscCall(SNESSetOptionsPrefix(c->snes, "cleanup_"));
  PetscCall(SNESSetFunction(c->snes, c->f, Function, c));
  PetscCall(MatCreateSNESMF(c->snes, &c->J));
  PetscCall(SNESSetJacobian(c->snes, c->J, c->J, MatMFFDComputeJacobian, c));
  PetscCall(SNESGetKSP(c->snes, &ksp));
  PetscCall(KSPSetType(ksp, KSPFGMRES));
  PetscCall(KSPGMRESSetRestart(ksp, 60));
  PetscCall(KSPSetTolerances(ksp, 0.1, PETSC_DEFAULT, PETSC_DEFAULT,
                             60)); /* no closer: W at the frequencies that first differences see badly would grow */
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, c));
  PetscCall(PCShellSetApply(pc, Precondition));
  PetscCall(PCShellSetName(pc, "multigrid for the Hamiltonian and the momentum constraint"));
  PetscCall(SNESSetMaxLinearSolveFailures(c->snes, PETSC_MAX_INT)); /* a direction that is not exact is good enough */
  PetscCall(SNESSetFromOptions(c->snes));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupSetRails(AeCleanup c, PetscReal H, PetscReal M)
{
  PetscReal limit = PETSC_INFINITY;

  PetscFunctionBegin;
  if (H > 0) limit = PetscMin(limit, H / 8); /* the residual is that of H/8 */
  if (M > 0) limit = PetscMin(limit, M);
  if (limit < PETSC_INFINITY && !c->given) c->atol = PetscMax(c->atol, c->rails_tol * limit);
  PetscFunctionReturn(0);
}

/* Beyond a boundary where the exact solution is held nothing is corrected. */
static PetscErrorCode Nothing(void *ctx, PetscReal t, PetscInt n, const PetscReal x[], PetscReal y, PetscReal z,
                              PetscReal value[])
{
  PetscFunctionBegin;
  (void)ctx;
  (void)t;
  (void)x;
  (void)y;
  (void)z;
  for (PetscInt p = 0; p < 4 * n; p++) value[p] = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupCreate(AeGR gr, AeCleanup *out)
{
  static const AeFieldInfo info[4] = {
    {"v", {1, 1, 1}, 0, 1}, {"W_x", {-1, 1, 1}, 0, 1}, {"W_y", {1, -1, 1}, 0, 1}, {"W_z", {1, 1, -1}, 0, 1}};
  AeGrid         g = gr->patches[0]->grid;
  const PetscInt n = g->n[0] * g->nj * g->nk;
  AeCleanup      c;
  PetscBool      rtol, atol;

  PetscFunctionBegin;
  PetscCall(PetscLogEventRegister("Cleanup", AE_CLASSID, &CleanupEvent));
  PetscCall(PetscNew(&c));
  *out         = c;
  c->gr        = gr;
  c->grid      = g;
  c->fields    = gr->patches[0]->fields;
  c->balance   = 1.0;
  c->rtol      = 1e-3;
  c->atol      = 1e-10;
  c->rails_tol = 0.1;
  c->mask_chi  = 0.06;
  c->mode      = 0.1;
  c->closed    = PETSC_TRUE;
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++)
      if (g->bc[d][s] == AE_BC_RADIATIVE || g->bc[d][s] == AE_BC_EXACT) c->closed = PETSC_FALSE;
  PetscOptionsBegin(gr->comm, NULL, "Clean-up", "AeCleanup");
  PetscCall(AeOptReal("-cleanup_rtol", "residual at which a clean-up stops, over that which the run's first clean-up met", "1",
                      "", 0, 1, &c->rtol, &rtol));
  PetscCall(AeOptReal("-cleanup_atol", "residual at which it stops in any case: root mean square of H/8 and M", "1/M^2", "", 0,
                      AE_HUGE, &c->atol, &atol));
  PetscCall(AeOptPositive("-cleanup_rails_tol",
                          "a clean-up stops at this fraction of the rails of H and M, where a run has them and neither of the "
                          "tolerances above is given",
                          "1", "", &c->rails_tol, NULL));
  PetscCall(AeOptReal("-cleanup_mask_chi",
                      "nothing is solved for where chi is below half of this times its largest value, and in full above it: "
                      "inside holes; 0: everywhere",
                      "1", "", 0, 1, &c->mask_chi, NULL));
  PetscCall(AeOptReal("-cleanup_mode",
                      "on a closed box: the largest mean of psi - 1 that may balance the mean of H where no shift of K does", "1",
                      "", 0, 1, &c->mode, NULL));
  PetscOptionsEnd();
  c->given = (PetscBool)(rtol || atol);
  PetscCheck(
    gr->excise == 0, gr->comm, AE_ERR_USAGE,
    "-cleanup_every does not go with -gr_excise_radius: frozen cells cannot be cleaned, and nothing matches the others to them");
  PetscCall(AeCite("York1979"));
  PetscCall(AeFieldsCreate(g, 4, info, &c->work_fields));
  PetscCall(AeFieldsSetExact(c->work_fields, Nothing, NULL));
  PetscCall(AeFieldsCreateVec(c->work_fields, &c->work));
  PetscCall(AeGRCreateDiagnostics(g, &c->diag_fields));
  PetscCall(AeFieldsCreateVec(c->diag_fields, &c->diag));
  PetscCall(AeFieldsCreateVec(c->fields, &c->base));
  PetscCall(AeFieldsCreateVec(c->fields, &c->trial));
  PetscCall(VecCreateMPI(gr->comm, 4 * n, PETSC_DETERMINE, &c->x));
  PetscCall(VecDuplicate(c->x, &c->f));
  for (int s = 0; s < CLEANUP_PROBLEMS; s++) PetscCall(MakeProblem(c, s));
  PetscCall(VecDuplicate(c->b[CLEANUP_H], &c->mask));
  PetscCall(VecDuplicate(c->b[CLEANUP_H], &c->scale));
  PetscCall(VecDuplicate(c->b[CLEANUP_H], &c->c));
  PetscCall(MakeSolver(c));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupDestroy(AeCleanup *p)
{
  AeCleanup c = *p;

  PetscFunctionBegin;
  if (!c) PetscFunctionReturn(0);
  PetscCall(SNESDestroy(&c->snes));
  PetscCall(MatDestroy(&c->J));
  for (int s = 0; s < CLEANUP_PROBLEMS; s++) {
    PetscCall(VecDestroy(&c->b[s]));
    PetscCall(VecDestroy(&c->y[s]));
    PetscCall(AeEllDestroy(&c->ell[s]));
  }
  PetscCall(VecDestroy(&c->base));
  PetscCall(VecDestroy(&c->trial));
  PetscCall(VecDestroy(&c->work));
  PetscCall(VecDestroy(&c->diag));
  PetscCall(VecDestroy(&c->x));
  PetscCall(VecDestroy(&c->f));
  PetscCall(VecDestroy(&c->mask));
  PetscCall(VecDestroy(&c->scale));
  PetscCall(VecDestroy(&c->c));
  PetscCall(AeFieldsDestroy(&c->work_fields));
  PetscCall(AeFieldsDestroy(&c->diag_fields));
  PetscCall(PetscFree(*p));
  PetscFunctionReturn(0);
}

/*
  The mean of H on a closed box, which no psi of mean 1 changes to first order: a constant added to K takes it away,
  kappa^2 + 2 <K> kappa + (3/2) <H> = 0 (the smaller root); where there is none, the mean of psi, if that moves by less than
  -cleanup_mode.
*/
static PetscErrorCode BalanceMean(AeCleanup c)
{
  PetscReal H, K, coefficient, d, q;

  PetscFunctionBegin;
  PetscCall(AeCleanupMeans(c, &H, &K, &coefficient));
  d = K * K - 1.5 * H;
  q = d >= 0 ? -(K + (K >= 0 ? 1 : -1) * PetscSqrtReal(d)) : 0.0;
  if (q != 0) {
    c->K_shift += 1.5 * H / q;
    PetscFunctionReturn(0);
  }
  PetscCheck(PetscAbsReal(H) <= 8.0 * c->mode * coefficient, c->gr->comm, AE_ERR_FAILED,
             "-cleanup_every: on this closed box the mean of H is %g; no constant added to K (mean %g) balances it, nor a change "
             "of psi's mean below -cleanup_mode: these data have no clean-up of this kind; the state is left as it was",
             (double)H, (double)K);
  c->project = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Newton(AeCleanup c, PetscReal atol, AeCleanupResult *r)
{
  SNESConvergedReason reason;
  PetscInt            it, lin;

  PetscFunctionBegin;
  PetscCall(SNESSetTolerances(c->snes, atol, 1e-14, 0.0, 20, PETSC_MAX_INT));
  PetscCall(SNESSolve(c->snes, NULL, c->x));
  PetscCall(SNESGetConvergedReason(c->snes, &reason));
  PetscCall(SNESGetIterationNumber(c->snes, &it));
  PetscCall(SNESGetLinearSolveIterations(c->snes, &lin));
  r->newton += it;
  r->linear += lin;
  r->converged = (PetscBool)(reason > 0);
  PetscFunctionReturn(0);
}

/* The residual with the mean of H in it: over all cells, or those with m = 1, of both constraints or of each */
static PetscErrorCode Residual(AeCleanup c, PetscBool unmasked, PetscReal part[CLEANUP_PROBLEMS], PetscReal *norm)
{
  const PetscBool project = c->project;
  const PetscInt  n       = c->grid->n[0] * c->grid->nj * c->grid->nk;
  const double   *f, *m;
  PetscReal       sum[CLEANUP_PROBLEMS] = {0, 0};

  PetscFunctionBegin;
  c->project = PETSC_FALSE;
  PetscCall(Function(c->snes, c->x, c->f, c));
  c->project = project;
  PetscCall(VecGetArrayRead(c->f, &f));
  PetscCall(VecGetArrayRead(c->mask, &m));
  for (PetscInt q = 0; q < 4; q++)
    for (PetscInt p = 0; p < n; p++)
      if (!unmasked || m[p] == 1.0) sum[q ? CLEANUP_M : CLEANUP_H] += f[q * n + p] * f[q * n + p];
  PetscCall(VecRestoreArrayRead(c->mask, &m));
  PetscCall(VecRestoreArrayRead(c->f, &f));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, CLEANUP_PROBLEMS, MPIU_REAL, MPI_SUM, c->gr->comm));
  if (part)
    for (int s = 0; s < CLEANUP_PROBLEMS; s++) part[s] = PetscSqrtReal(sum[s]);
  *norm = PetscSqrtReal(sum[CLEANUP_H] + sum[CLEANUP_M]);
  PetscFunctionReturn(0);
}

/* What "small" means from now on: both constraints as large as they are in the first state met. */
static PetscErrorCode SetReference(AeCleanup c)
{
  PetscReal part[CLEANUP_PROBLEMS], norm;

  PetscFunctionBegin;
  if (c->reference > 0) PetscFunctionReturn(0);
  PetscCall(Residual(c, PETSC_FALSE, part, &norm));
  if (part[CLEANUP_H] > part[CLEANUP_M])
    c->balance = part[CLEANUP_M] > 1e-2 * part[CLEANUP_H] ? part[CLEANUP_H] / part[CLEANUP_M] : 100.0;
  PetscCall(Residual(c, PETSC_FALSE, part, &c->reference));
  PetscFunctionReturn(0);
}

/* On a closed box in rounds: Newton's method leaves the mean of H alone, which no psi of mean 1 reaches, then that is
   balanced. */
static PetscErrorCode Solve(AeCleanup c, AeCleanupResult *r)
{
  const PetscReal N = (PetscReal)c->grid->n[0] * c->grid->n[1] * c->grid->n[2];
  PetscReal       norm, atol;

  PetscFunctionBegin;
  PetscCall(VecSet(c->x, 0));
  c->K_shift = 0;
  c->project = c->closed;
  PetscCall(SetReference(c));
  PetscCall(Residual(c, PETSC_TRUE, NULL, &norm));
  PetscCall(AeCleanupNorms(c, &r->H[0], &r->M[0]));
  atol         = PetscMax(c->rtol * c->reference, c->atol * PetscSqrtReal(N));
  r->converged = (PetscBool)(norm <= atol);
  for (PetscInt round = 0; round < 6 && !r->converged; round++) {
    PetscCall(Newton(c, atol, r));
    if (!r->converged || !c->project) break;
    PetscCall(Residual(c, PETSC_FALSE, NULL, &norm));
    if (norm <= atol) break;
    r->converged = PETSC_FALSE;
    PetscCall(BalanceMean(c));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupApply(AeCleanup c, Vec U, PetscReal t, AeCleanupResult *r)
{
  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(CleanupEvent, U, 0, 0, 0));
  *r   = (AeCleanupResult){.converged = PETSC_FALSE};
  c->t = t;
  PetscCall(AeCleanupReset(c, U));
  PetscCall(AeCleanupWeights(c));
  PetscCheck(c->cells > 0, c->gr->comm, AE_ERR_USAGE,
             "-cleanup_every: every cell of the grid is inside a hole or at the boundary");
  PetscCall(AeEllSetCoefficients(c->ell[CLEANUP_H], c->c));
  PetscCall(Solve(c, r));
  PetscCall(AeCleanupTransform(c, c->x));
  PetscCall(AeGRConstraintFields(c->gr, c->trial, t, c->diag));
  PetscCall(AeCleanupNorms(c, &r->H[1], &r->M[1]));
  PetscCallMPI(MPI_Allreduce(&c->psi[0], &r->psi[0], 1, MPIU_REAL, MPI_MIN, c->gr->comm));
  PetscCallMPI(MPI_Allreduce(&c->psi[1], &r->psi[1], 1, MPIU_REAL, MPI_MAX, c->gr->comm));
  r->cells   = (PetscReal)c->cells;
  r->K_shift = c->K_shift;
  if (r->converged) PetscCall(VecCopy(c->trial, U));
  PetscCall(AeGRGaugeChanged(c->gr));
  PetscCall(AeGRBeginStep(c->gr));
  PetscCall(PetscLogEventEnd(CleanupEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}
