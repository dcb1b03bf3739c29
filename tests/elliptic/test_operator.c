/*
  The operators against their eigenvalues and their symmetry; fused sweeps against separate ones.
  ranks: 1 2 3
*/
#include <aeonic/elliptic.h>
#include "tap.h"

static const PetscInt N[3] = {16, 12, 18};

static PetscErrorCode Grid(AeBoundary bc, AeGrid *g)
{
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, g));
  PetscCall(AeGridSetSizes(*g, N));
  PetscCall(AeGridSetLength(*g, 0, 2.0));
  PetscCall(AeGridSetBoundary(*g, bc));
  PetscCall(AeGridSetUp(*g));
  return 0;
}

static PetscErrorCode Make(AeGrid g, AeEllOperator op, AeEllBoundary bc, PetscInt order, AeEll *ell)
{
  PetscCall(AeEllCreate(g, op, ell));
  if (bc != AE_ELL_PERIODIC) PetscCall(AeEllSetBoundaries(*ell, bc));
  PetscCall(AeEllSetOrder(*ell, order));
  PetscCall(AeEllSetFromOptions(*ell));
  PetscCall(AeEllSetUp(*ell));
  return 0;
}

static const int mode[3] = {3, 2, 4};

typedef struct {
  PetscReal k[3], phase[3];
} Wave;

static PetscErrorCode Product(void *ctx, const PetscReal x[3], PetscReal v[])
{
  const Wave *w = (const Wave *)ctx;
  v[0]          = 1;
  for (int d = 0; d < 3; d++) v[0] *= PetscCosReal(w->k[d] * x[d] + w->phase[d]);
  return 0;
}

static PetscErrorCode Coefficient(void *ctx, const PetscReal x[3], PetscReal v[])
{
  (void)ctx;
  v[0] = 3 + PetscSinReal(2 * x[0]) * PetscCosReal(x[1] - x[2]);
  return 0;
}

/* values that no symmetry is in, the same for any number of ranks */
static PetscErrorCode Scatter(void *ctx, const PetscReal x[3], PetscReal v[])
{
  const PetscReal s = *(const PetscReal *)ctx;
  for (int c = 0; c < 3; c++)
    v[c] = PetscSinReal(s * 37 * x[0] + 11 * c) + PetscCosReal(53 * x[1] * s - 29 * x[2] + c) * PetscSinReal(71 * x[2] + s);
  return 0;
}

/* A w = lambda w for products of cosines whose half-waves fit the box: symbols of centred second differences,
   4 s/h^2 (1 + s/3 + 8 s^2/45) with s = sin^2(k h/2), truncated after p/2 terms. Rounding: eps x largest eigenvalue x |w|. */
static PetscErrorCode Eigenvalues(AeBoundary gbc, AeEllBoundary bc, PetscInt order, const char *what)
{
  AeGrid    g;
  AeEll     ell;
  Vec       w, Aw;
  Wave      wave;
  PetscReal lambda = 0, largest = 0, error;

  PetscCall(Grid(gbc, &g));
  PetscCall(Make(g, AE_ELL_POISSON, bc, order, &ell));
  for (int d = 0; d < 3; d++) {
    const PetscReal L = N[d] * g->h, k = (bc == AE_ELL_PERIODIC ? 2 : 1) * PETSC_PI * mode[d] / L,
                    s = PetscSqr(PetscSinReal(0.5 * k * g->h));
    wave.k[d]         = k;
    wave.phase[d]     = bc == AE_ELL_PERIODIC ? 0.7 : -k * g->lo[d] - (bc == AE_ELL_DIRICHLET ? 0.5 * PETSC_PI : 0);
    lambda += 4 * s / PetscSqr(g->h) * (1 + (order > 2 ? s / 3 : 0) + (order > 4 ? 8 * s * s / 45 : 0));
    largest += 7 / PetscSqr(g->h);
  }
  PetscCall(AeEllCreateVec(ell, 0, &w));
  PetscCall(VecDuplicate(w, &Aw));
  PetscCall(AeEllEvaluate(ell, Product, &wave, w));
  PetscCall(AeEllApply(ell, w, Aw));
  PetscCall(VecAXPY(Aw, -lambda, w));
  PetscCall(VecNorm(Aw, NORM_INFINITY, &error));
  TapBelow(error, 20 * PETSC_MACHINE_EPSILON * largest, what);
  PetscCall(VecDestroy(&w));
  PetscCall(VecDestroy(&Aw));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(AeGridDestroy(&g));
  return 0;
}

/* (A x, y) = (x, A y) to rounding */
static PetscErrorCode Symmetry(AeEllOperator op, AeBoundary gbc, AeEllBoundary bc, PetscInt order, const char *what)
{
  AeGrid      g;
  AeEll       ell;
  Vec         x, y, Ax, Ay, c;
  PetscScalar a, b;
  PetscReal   one = 1, two = 1.37, nx, ny;

  PetscCall(Grid(gbc, &g));
  PetscCall(Make(g, op, bc, order, &ell));
  if (op == AE_ELL_HELMHOLTZ) {
    PetscCall(AeEllCreateVec(ell, 1, &c));
    PetscCall(AeEllEvaluate(ell, Coefficient, NULL, c));
    PetscCall(AeEllSetCoefficients(ell, c));
    PetscCall(VecDestroy(&c));
  }
  PetscCall(AeEllCreateVec(ell, 0, &x));
  PetscCall(VecDuplicate(x, &y));
  PetscCall(VecDuplicate(x, &Ax));
  PetscCall(VecDuplicate(x, &Ay));
  PetscCall(AeEllEvaluate(ell, Scatter, &one, x));
  PetscCall(AeEllEvaluate(ell, Scatter, &two, y));
  PetscCall(AeEllApply(ell, x, Ax));
  PetscCall(AeEllApply(ell, y, Ay));
  PetscCall(VecDot(Ax, y, &a));
  PetscCall(VecDot(x, Ay, &b));
  PetscCall(VecNorm(Ax, NORM_2, &nx));
  PetscCall(VecNorm(y, NORM_2, &ny));
  TapBelow(PetscAbsReal(a - b), 100 * PETSC_MACHINE_EPSILON * nx * ny, what);
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&y));
  PetscCall(VecDestroy(&Ax));
  PetscCall(VecDestroy(&Ay));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(AeGridDestroy(&g));
  return 0;
}

/* The fused sweep is a reordering: the solution has the same bits as with separate sweeps. */
static PetscErrorCode Fused(AeBoundary gbc, AeEllBoundary bc, const char *what)
{
  AeGrid      g;
  Vec         x[2], b;
  PetscReal   one = 1, difference;
  AeEllResult r;

  PetscCall(Grid(gbc, &g));
  for (int f = 0; f < 2; f++) {
    AeEll ell;

    PetscCall(PetscOptionsSetValue(NULL, "-ell_mg_fused", f ? "true" : "false"));
    PetscCall(PetscOptionsSetValue(NULL, "-ell_ksp_max_it", "2"));
    PetscCall(Make(g, AE_ELL_POISSON, bc, 2, &ell));
    PetscCall(AeEllCreateVec(ell, 0, &x[f]));
    PetscCall(VecDuplicate(x[f], &b));
    PetscCall(AeEllEvaluate(ell, Scatter, &one, x[f]));
    PetscCall(AeEllApply(ell, x[f], b)); /* in the range, whatever the boundary */
    PetscCall(AeEllSolve(ell, b, x[f], &r));
    PetscCall(VecDestroy(&b));
    PetscCall(AeEllDestroy(&ell));
  }
  PetscCall(PetscOptionsClearValue(NULL, "-ell_mg_fused"));
  PetscCall(PetscOptionsClearValue(NULL, "-ell_ksp_max_it"));
  PetscCall(VecAXPY(x[0], -1, x[1]));
  PetscCall(VecNorm(x[0], NORM_INFINITY, &difference));
  TapBelow(difference, 0, what);
  PetscCall(VecDestroy(&x[0]));
  PetscCall(VecDestroy(&x[1]));
  PetscCall(AeGridDestroy(&g));
  return 0;
}

/*
  Cycles in single precision have no range of their own: a right-hand side of 2^-140 of another, below the numbers of fp32, has
  that of its solution.
*/
static PetscErrorCode Scaled(AeBoundary gbc, AeEllBoundary bc, PetscInt order, const char *what)
{
  const double tiny = 0x1p-140;
  AeGrid       g;
  AeEll        ell;
  Vec          x[2], b;
  PetscReal    one = 1, norm, difference;
  AeEllResult  r;

  PetscCall(Grid(gbc, &g));
  PetscCall(PetscOptionsSetValue(NULL, "-ell_mg_precision", "single"));
  PetscCall(Make(g, AE_ELL_POISSON, bc, order, &ell));
  PetscCall(PetscOptionsClearValue(NULL, "-ell_mg_precision"));
  for (int s = 0; s < 2; s++) {
    PetscCall(AeEllCreateVec(ell, 0, &x[s]));
    PetscCall(VecDuplicate(x[s], &b));
    PetscCall(AeEllEvaluate(ell, Scatter, &one, x[s]));
    PetscCall(AeEllApply(ell, x[s], b));
    if (s) PetscCall(VecScale(b, tiny));
    PetscCall(AeEllSolve(ell, b, x[s], &r));
    TapTrue(r.converged && r.residual <= 1.5e-10, what);
    PetscCall(VecDestroy(&b));
  }
  PetscCall(VecNorm(x[0], NORM_2, &norm));
  PetscCall(VecAXPY(x[1], -tiny, x[0]));
  PetscCall(VecScale(x[1], 1 / tiny));
  PetscCall(VecNorm(x[1], NORM_2, &difference));
  TapBelow(
    difference, 1e-9 * norm,
    "... and the same solution at any scale"); /* both to 1e-10 of the right-hand side; errors' smooth part is up to 10 of it */
  PetscCall(VecDestroy(&x[0]));
  PetscCall(VecDestroy(&x[1]));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(AeGridDestroy(&g));
  return 0;
}

/* A constant has no periodic solution: refused. With a rail the solve stops at the fraction of it that is asked for. */
static PetscErrorCode Limits(void)
{
  AeGrid         g;
  AeEll          ell;
  Vec            b, x, r;
  PetscReal      norm, one = 1, rail = 1e-3;
  PetscErrorCode ierr;
  PetscInt       n;

  PetscCall(Grid(AE_BC_PERIODIC, &g));
  PetscCall(Make(g, AE_ELL_POISSON, AE_ELL_PERIODIC, 2, &ell));
  PetscCall(AeEllCreateVec(ell, 0, &b));
  PetscCall(VecDuplicate(b, &x));
  PetscCall(VecDuplicate(b, &r));
  PetscCall(VecSet(b, 1));
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = AeEllSolve(ell, b, x, NULL);
  PetscCall(PetscPopErrorHandler());
  TapTrue(ierr == AE_ERR_USAGE, "an incompatible periodic right-hand side is refused");
  PetscCall(AeEllSetRail(ell, rail));
  PetscCall(AeEllEvaluate(ell, Scatter, &one, x));
  PetscCall(AeEllApply(ell, x, b));
  PetscCall(AeEllSolve(ell, b, x, NULL));
  PetscCall(AeEllResidual(ell, b, x, r));
  PetscCall(VecNorm(r, NORM_2, &norm));
  PetscCall(VecGetSize(r, &n));
  norm /= PetscSqrtReal((PetscReal)n);
  TapBelow(norm, 0.1 * rail, "a solve with a rail ends below a tenth of it");
  TapAbove(norm, 1e-4 * 0.1 * rail, "and not far below: it stops there"); /* a cycle takes off a factor of 10 to 30 */
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&r));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(AeGridDestroy(&g));
  return 0;
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(AeEllRegister());
  for (PetscInt order = 2; order <= 6; order += 2)
    PetscCall(Eigenvalues(AE_BC_PERIODIC, AE_ELL_PERIODIC, order,
                          order == 2   ? "periodic eigenvalue, order 2"
                          : order == 4 ? "periodic eigenvalue, order 4"
                                       : "periodic eigenvalue, order 6"));
  for (PetscInt order = 2; order <= 6; order += 2)
    PetscCall(Eigenvalues(AE_BC_EXACT, AE_ELL_REFLECT, order,
                          order == 2   ? "reflecting eigenvalue, order 2"
                          : order == 4 ? "reflecting eigenvalue, order 4"
                                       : "reflecting eigenvalue, order 6"));
  PetscCall(Eigenvalues(AE_BC_EXACT, AE_ELL_DIRICHLET, 2, "Dirichlet eigenvalue, order 2"));
  PetscCall(Eigenvalues(AE_BC_EXACT, AE_ELL_NEUMANN, 2, "Neumann eigenvalue, order 2"));
  PetscCall(Symmetry(AE_ELL_POISSON, AE_BC_EXACT, AE_ELL_DIRICHLET, 2, "Poisson, Dirichlet, is symmetric"));
  PetscCall(Symmetry(AE_ELL_POISSON, AE_BC_EXACT, AE_ELL_ROBIN, 2, "Poisson, Robin, is symmetric"));
  PetscCall(Symmetry(AE_ELL_POISSON, AE_BC_PERIODIC, AE_ELL_PERIODIC, 6, "Poisson, periodic, order 6, is symmetric"));
  PetscCall(Symmetry(AE_ELL_HELMHOLTZ, AE_BC_EXACT, AE_ELL_NEUMANN, 2, "Helmholtz, Neumann, is symmetric"));
  PetscCall(Symmetry(AE_ELL_VECTOR, AE_BC_PERIODIC, AE_ELL_PERIODIC, 2, "the vector Laplacian, periodic, is symmetric"));
  PetscCall(Symmetry(AE_ELL_VECTOR, AE_BC_PERIODIC, AE_ELL_PERIODIC, 4, "the vector Laplacian, periodic, order 4, is symmetric"));
  PetscCall(Fused(AE_BC_EXACT, AE_ELL_DIRICHLET, "fused sweeps change no bit, Dirichlet"));
  PetscCall(Fused(AE_BC_EXACT, AE_ELL_ROBIN, "fused sweeps change no bit, Robin"));
  PetscCall(Fused(AE_BC_PERIODIC, AE_ELL_PERIODIC, "fused sweeps change no bit, periodic"));
  PetscCall(Scaled(AE_BC_EXACT, AE_ELL_DIRICHLET, 2, "single precision inside, order 2: converges"));
  PetscCall(Scaled(AE_BC_EXACT, AE_ELL_ROBIN, 4, "single precision inside, order 4: converges"));
  PetscCall(Scaled(AE_BC_PERIODIC, AE_ELL_PERIODIC, 4, "single precision inside, periodic, order 4: converges"));
  PetscCall(Limits());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
