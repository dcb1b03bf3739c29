/*
  A scalar field with momentum on a conformally flat slice, by the conformal transverse-traceless decomposition:
    gamma_ij = psi^4 delta_ij,  K_ij = psi^-2 Abar_ij,  Pi = psi^-6 Pibar,  Abar_ij = d_i W_j + d_j W_i - (2/3) delta_ij d_k W^k
  with phi = A exp(-r^2/w^2) and Pibar = B exp(-r^2/w^2) given. The momentum constraint, S_i = -Pi d_i phi, does not hold psi
  and is solved first:
    -(Lap W^i + (1/3) d_i d_j W^j) = 8 pi Pibar d_i phi
    -Lap psi = (Abar^2/8 + pi Pibar^2) psi^-7 + pi |d phi|^2 psi + 2 pi V psi^5,  psi = 1 + u -> 1,  V = m^2 phi^2/2
  In a periodic box phi = A sin(2 pi n.x/L), Pibar = B sin(2 pi n.x/L): the source of W is a gradient and has no mean. K is
  a constant there, whose -(K^2/12) psi^5 stands beside 2 pi V psi^5:
    K^2/12 = mean of (Abar^2/8 + pi Pibar^2 + pi |d phi|^2 + 2 pi V)
  so that the equation can be integrated over the box with psi about 1.
  Otherwise K = 0, and the source of W is radial: W = C x/r^3 far away. Another boundary condition adds to W what solves the
  homogeneous equation: the constraints hold all the same.

  York, in Sources of Gravitational Radiation (1979) 83; Gourgoulhon, gr-qc/0703035, Sec. 8
*/
#include "initial_private.h"

enum { KINETIC, GRADIENT, POTENTIAL, DATA }; /* Abar^2/8 + pi Pibar^2, pi |d phi|^2 and 2 pi V */

typedef struct {
  PetscReal     amplitude, momentum, width, mass;
  PetscBool     periodic;
  PetscInt      waves[3]; /* periodic: phi = A sin(2 pi n.x/L) */
  PetscBool     waves_given;
  PetscReal     k[3], K;
  AeEll         vector; /* the momentum constraint, NULL where there is no momentum */
  Vec           data, abar;
  const double *a, *A, *u; /* of data, abar and the solution, while they are borrowed */
  PetscInt      cells;
} Scalar;

/* phi/A = Pibar/B and its gradient */
static double Shape(const Scalar *d, const PetscReal x[3], double gradient[3])
{
  const double phase = d->k[0] * x[0] + d->k[1] * x[1] + d->k[2] * x[2];
  const double f     = d->periodic ? sin(phase) : exp(-(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / (d->width * d->width));

  for (int a = 0; a < 3; a++) gradient[a] = d->periodic ? d->k[a] * cos(phase) : -2.0 * x[a] / (d->width * d->width) * f;
  return f;
}

PetscErrorCode AeScalarWaveOptions(AeInitial I)
{
  Scalar *d;

  PetscFunctionBegin;
  PetscCall(PetscNew(&d));
  I->data      = d;
  d->amplitude = 0.1;
  d->width     = 1.0;
  d->waves[0]  = 1;
  PetscOptionsBegin(I->comm, NULL, "Data scalar_wave", "AeInitial");
  PetscCall(AeOptReal("-scalar_amplitude",
                      "amplitude A of phi = A exp(-r^2/w^2); a massless one has no solution beyond 0.8 to 0.9 (not periodic)",
                      "1", "gr-qc/0703035", -AE_HUGE, AE_HUGE, &d->amplitude, NULL));
  PetscCall(AeOptReal("-scalar_momentum", "amplitude B of the conformal momentum Pibar = B exp(-r^2/w^2), Pi = psi^-6 Pibar",
                      "1/M", "gr-qc/0703035", -AE_HUGE, AE_HUGE, &d->momentum, NULL));
  PetscCall(AeOptPositive("-scalar_width", "width w", "M", "gr-qc/0703035", &d->width, NULL));
  PetscCall(AeOptInts("-scalar_waves",
                      "in a periodic box: waves n along x, y, z of phi = A sin(2 pi n.x/L), Pibar = B sin(2 pi n.x/L)", "",
                      "gr-qc/0703035", -1000, 1000, 3, d->waves, &d->waves_given));
  PetscOptionsEnd();
  I->length *= d->width;
  PetscFunctionReturn(0);
}

/* q = minus the right-hand side */
static void Source(void *ctx, PetscInt n, const PetscReal *const data[], const PetscReal *const u[], PetscReal *const q[],
                   PetscReal dq[])
{
  (void)ctx;
  for (PetscInt p = 0; p < n; p++) {
    const double psi = 1.0 + u[0][p], psi2 = psi * psi, psi4 = psi2 * psi2, kinetic = data[KINETIC][p] / (psi4 * psi4);

    q[0][p] = -(kinetic + data[GRADIENT][p] + data[POTENTIAL][p] * psi4) * psi;
    dq[p]   = 7.0 * kinetic - data[GRADIENT][p] - 5.0 * data[POTENTIAL][p] * psi4;
  }
}

/* 8 pi Pibar d_i phi */
static PetscErrorCode MomentumSource(void *ctx, const PetscReal x[3], PetscReal value[])
{
  const Scalar *d = ctx;
  double        gradient[3];
  const double  c = 8.0 * PETSC_PI * d->amplitude * d->momentum * Shape(d, x, gradient);

  for (int a = 0; a < 3; a++) value[a] = c * gradient[a];
  return 0;
}

/* Abar of W, and Abar^2/8 added to the data, by differences of fourth order: ghosts as those of an evolved vector */
static PetscErrorCode KillingForm(Scalar *d, AeGrid g, Vec W)
{
  static const AeFieldInfo info[3] = {
    {"W_x", {-1, 1, 1}, 0.0, 1.0}, {"W_y", {1, -1, 1}, 0.0, 1.0}, {"W_z", {1, 1, -1}, 0.0, 1.0}};
  const AeLayout *L;
  AeFields        fields;
  Vec             U;
  const double   *from;
  double         *w, *data, *A;

  PetscFunctionBegin;
  PetscCall(AeFieldsCreate(g, 3, info, &fields));
  PetscCall(AeFieldsCreateVec(fields, &U));
  PetscCall(AeFieldsGetInfo(fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &w));
  PetscCall(VecGetArrayRead(W, &from));
  for (PetscInt f = 0; f < 3; f++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        PetscCall(PetscArraycpy(w + AeAt(L, f, k, j, 0), from + AeEllAt(g, f, k, j, 0), g->n[0]));
  PetscCall(VecRestoreArrayRead(W, &from));
  PetscCall(VecRestoreArray(U, &w));
  PetscCall(AeFieldsFillGhosts(fields, U, 0.0));
  PetscCall(VecGetArray(U, &w));
  PetscCall(VecGetArray(d->data, &data));
  PetscCall(VecGetArray(d->abar, &A));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        double dW[3][3], div, A2 = 0.0; /* dW[a][b] = d_a W_b */

        for (int b = 0; b < 3; b++)
          for (int a = 0; a < 3; a++) {
            const int di = a == 0, dj = a == 1, dk = a == 2;

            dW[a][b] = (8.0 * (w[AeAt(L, b, k + dk, j + dj, i + di)] - w[AeAt(L, b, k - dk, j - dj, i - di)]) -
                        (w[AeAt(L, b, k + 2 * dk, j + 2 * dj, i + 2 * di)] - w[AeAt(L, b, k - 2 * dk, j - 2 * dj, i - 2 * di)])) /
                       (12.0 * g->h);
          }
        div = dW[0][0] + dW[1][1] + dW[2][2];
        for (int a = 0, ab = 0; a < 3; a++)
          for (int b = a; b < 3; b++, ab++) {
            const double v = dW[a][b] + dW[b][a] - (a == b ? 2.0 / 3.0 * div : 0.0);

            A[AeEllAt(g, ab, k, j, i)] = v;
            A2 += (a == b ? 1.0 : 2.0) * v * v;
          }
        data[AeEllAt(g, KINETIC, k, j, i)] += A2 / 8.0;
      }
  PetscCall(VecRestoreArray(d->abar, &A));
  PetscCall(VecRestoreArray(d->data, &data));
  PetscCall(VecRestoreArray(U, &w));
  PetscCall(VecDestroy(&U));
  PetscCall(AeFieldsDestroy(&fields));
  PetscFunctionReturn(0);
}

/* W, and from it Abar; *converged is false and the history that of this solve if it fails */
static PetscErrorCode SolveMomentum(Scalar *d, AeSolution s, PetscBool *converged)
{
  Vec W, f;

  PetscFunctionBegin;
  PetscCall(AeEllCreateVec(d->vector, 3, &W));
  PetscCall(VecDuplicate(W, &f));
  PetscCall(AeEllEvaluate(d->vector, MomentumSource, d, f));
  PetscCall(AeEllSolve(d->vector, f, W, &s->result));
  s->cycles += s->result.iterations;
  *converged = s->result.converged;
  PetscCall(KillingForm(d, s->grid, W));
  PetscCall(VecDestroy(&W));
  PetscCall(VecDestroy(&f));
  PetscCall(AeEllDestroy(&d->vector));
  PetscFunctionReturn(0);
}

static PetscErrorCode Coefficients(void *ctx, const PetscReal x[3], PetscReal value[])
{
  const Scalar *d = ctx;
  double        df[3];
  const double  f = Shape(d, x, df), A2 = d->amplitude * d->amplitude;

  value[KINETIC]   = PETSC_PI * PetscSqr(d->momentum * f);
  value[GRADIENT]  = PETSC_PI * A2 * (df[0] * df[0] + df[1] * df[1] + df[2] * df[2]);
  value[POTENTIAL] = PETSC_PI * d->mass * d->mass * A2 * f * f;
  return 0;
}

/* Periodic along every axis or along none; there the waves must not be all zero. */
static PetscErrorCode Domain(Scalar *d, AeGrid g)
{
  PetscInt n = 0;

  PetscFunctionBegin;
  for (int a = 0; a < 3; a++) {
    n += g->bc[a][0] == AE_BC_PERIODIC;
    d->k[a] = 2.0 * PETSC_PI * d->waves[a] / (g->hi[a] - g->lo[a]);
  }
  PetscCheck(n == 0 || n == 3, g->comm, AE_ERR_USAGE,
             "-grid_boundary: -gr_initial scalar_wave takes a box that is periodic along every axis or along none");
  d->periodic = (PetscBool)(n == 3);
  PetscCheck(d->periodic || !d->waves_given, g->comm, AE_ERR_USAGE,
             "-scalar_waves is for -grid_boundary periodic; elsewhere the wave is a pulse, see -scalar_width");
  PetscCheck(!d->periodic || d->waves[0] || d->waves[1] || d->waves[2], g->comm, AE_ERR_USAGE,
             "-scalar_waves 0,0,0: no wave along any axis");
  PetscFunctionReturn(0);
}

/* The mass of the field is read after the datum's options, and before the solve. */
PetscErrorCode AeScalarWaveSetUp(AeInitial I, AeGrid g)
{
  Scalar    *d = I->data;
  AeSolution s;

  PetscFunctionBegin;
  PetscCheck(I->lambda == 0.0, I->comm, AE_ERR_USAGE,
             "-gr_lambda %g: -gr_initial scalar_wave is asymptotically flat; leave the cosmological constant zero",
             (double)I->lambda);
  PetscCall(Domain(d, g));
  PetscCall(AeSolutionCreate(g, AE_ELL_POISSON, d->periodic, &s));
  I->solution = s;
  d->mass     = I->scalar_mass;
  PetscCall(AeEllCreateVec(s->ell, DATA, &d->data));
  PetscCall(AeEllSetNonlinear(s->ell, Source, d, DATA, d->data));
  PetscCall(AeSolutionSetFromOptions(s));
  if (d->momentum == 0.0) PetscFunctionReturn(0);
  PetscCall(AeEllCreate(g, AE_ELL_VECTOR, &d->vector));
  if (!d->periodic) PetscCall(AeEllSetBoundaries(d->vector, AE_ELL_ROBIN));
  PetscCall(AeEllSetFalloff(d->vector, 2.0));
  PetscCall(AeEllSetOrder(d->vector, 4));
  PetscCall(AeEllCreateVec(s->ell, 6, &d->abar));
  PetscCall(AeEllSetFromOptions(d->vector));
  PetscFunctionReturn(0);
}

/* -Lap psi/(2 pi), which integrates to the ADM mass */
static PetscReal Mass(void *ctx, PetscInt cell, const PetscReal x[3], PetscReal u)
{
  const Scalar *d    = ctx;
  const double  psi4 = pow(1.0 + u, 4.0), *a = d->a + cell;

  (void)x;
  return (a[KINETIC * d->cells] / (psi4 * psi4) + a[GRADIENT * d->cells] + a[POTENTIAL * d->cells] * psi4) * (1.0 + u) /
         (2.0 * PETSC_PI);
}

/* K^2/12 = the mean of the other sources at psi = 1; -K^2/12 joins 2 pi V. K < 0: the box expands. */
static PetscErrorCode ChooseK(Scalar *d, AeSolution s)
{
  PetscReal  integral[4], volume = s->mirror;
  PetscReal *a;

  PetscFunctionBegin;
  for (int b = 0; b < 3; b++) volume *= s->grid->hi[b] - s->grid->lo[b];
  PetscCall(VecGetArrayRead(d->data, &d->a));
  PetscCall(AeSolutionMoments(s, Mass, d, integral));
  PetscCall(VecRestoreArrayRead(d->data, &d->a));
  d->K = -PetscSqrtReal(12.0 * 2.0 * PETSC_PI * integral[0] / volume);
  PetscCall(VecGetArray(d->data, &a));
  for (PetscInt c = 0; c < d->cells; c++) a[POTENTIAL * d->cells + c] -= d->K * d->K / 12.0;
  PetscCall(VecRestoreArray(d->data, &a));
  PetscFunctionReturn(0);
}

/* Beyond a critical amplitude the equations have solutions that pass through zero, which are no metrics. */
static PetscErrorCode CheckPositive(AeSolution s)
{
  PetscReal least;

  PetscFunctionBegin;
  PetscCall(VecMin(s->u, NULL, &least));
  if (!(least > -1.0)) s->result.converged = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static void Metric(void *ctx, PetscInt cell, const PetscReal x[3], AeMetric *m)
{
  const Scalar *d = ctx;
  double        gradient[3];
  const double  f = Shape(d, x, gradient), psi2 = PetscSqr(1.0 + d->u[cell]);

  AeConformallyFlat(DConst(psi2 * psi2), m);
  m->has_K    = PETSC_TRUE;
  m->phi      = DConst(d->amplitude * f);
  m->phi.d[0] = d->momentum * f / (psi2 * psi2 * psi2); /* d_t phi = Pi at lapse one */
  if (d->A)
    for (int ab = 0; ab < 6; ab++) m->K[ab] = d->A[ab * d->cells + cell] / psi2;
  for (int a = 0; a < 3; a++) m->K[a == 0 ? 0 : a == 1 ? 3 : 5] += psi2 * psi2 * d->K / 3.0;
}

PetscErrorCode AeScalarWaveFill(AeInitial I, AeFields fields, Vec U, PetscBool *whole)
{
  Scalar    *d = I->data;
  AeSolution s = I->solution;
  PetscReal  integral[4];
  PetscBool  converged = PETSC_TRUE;

  PetscFunctionBegin;
  d->cells = s->grid->n[0] * s->grid->nj * s->grid->nk;
  PetscCall(AeEllEvaluate(s->ell, Coefficients, d, d->data));
  if (d->vector) PetscCall(SolveMomentum(d, s, &converged));
  if (d->periodic) PetscCall(ChooseK(d, s));
  if (converged) PetscCall(AeSolutionSolve(s, PETSC_TRUE)); /* f = 0 */
  PetscCall(CheckPositive(s));
  PetscCall(VecGetArrayRead(d->data, &d->a));
  PetscCall(AeSolutionMoments(s, Mass, d, integral));
  PetscCall(VecRestoreArrayRead(d->data, &d->a));
  s->adm_mass = d->periodic ? 0.0 : integral[0];
  PetscCall(VecGetArrayRead(s->u, &d->u));
  if (d->abar) PetscCall(VecGetArrayRead(d->abar, &d->A));
  PetscCall(AeFillFromMetric(fields, U, Metric, d));
  if (d->abar) PetscCall(VecRestoreArrayRead(d->abar, &d->A));
  PetscCall(VecRestoreArrayRead(s->u, &d->u));
  PetscCall(VecDestroy(&d->abar));
  PetscCall(VecDestroy(&d->data));
  *whole = PETSC_FALSE;
  PetscFunctionReturn(0);
}
