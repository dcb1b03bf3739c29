/*
  A scalar field on a conformally flat slice at a moment of time symmetry: gamma_ij = psi^4 delta_ij, K_ij = 0, Pi = 0,
  phi = A exp(-r^2/w^2). With rho = psi^-4 |d phi|^2/2 + V, V = m^2 phi^2/2, the Hamiltonian constraint is
    -Lap psi = pi |d phi|^2 psi + 2 pi V psi^5,  psi = 1 + u -> 1

  York, in Sources of Gravitational Radiation (1979) 83; Gourgoulhon, gr-qc/0703035, Sec. 8
*/
#include "initial_private.h"

enum { GRADIENT, POTENTIAL, DATA }; /* pi |d phi|^2 and 2 pi V */

typedef struct {
  PetscReal     amplitude, width, mass;
  Vec           data;
  const double *a, *u; /* of data and of the solution, while they are borrowed */
  PetscInt      cells;
} Scalar;

/* phi and the square of its gradient */
static double Field(const Scalar *d, const PetscReal x[3], double *gradient2)
{
  const double r2 = (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / (d->width * d->width), phi = d->amplitude * exp(-r2);

  *gradient2 = 4.0 * r2 * phi * phi / (d->width * d->width);
  return phi;
}

PetscErrorCode AeScalarWaveOptions(AeInitial I)
{
  Scalar *d;

  PetscFunctionBegin;
  PetscCall(PetscNew(&d));
  I->data      = d;
  d->amplitude = 0.1;
  d->width     = 1.0;
  PetscOptionsBegin(I->comm, NULL, "Data scalar_wave", "AeInitial");
  PetscCall(AeOptReal("-scalar_amplitude", "amplitude A of phi = A exp(-r^2/w^2); a massless one has no solution beyond 0.8 to 0.9", "1", "gr-qc/0703035", -AE_HUGE, AE_HUGE, &d->amplitude, NULL));
  PetscCall(AeOptPositive("-scalar_width", "width w", "M", "gr-qc/0703035", &d->width, NULL));
  PetscOptionsEnd();
  I->length *= d->width;
  PetscFunctionReturn(0);
}

/* q = -pi |d phi|^2 psi - 2 pi V psi^5 */
static void Source(void *ctx, PetscInt n, const PetscReal *const data[], const PetscReal *const u[], PetscReal *const q[], PetscReal dq[])
{
  (void)ctx;
  for (PetscInt p = 0; p < n; p++) {
    const double psi = 1.0 + u[0][p], psi2 = psi * psi, psi4 = psi2 * psi2;

    q[0][p] = -(data[GRADIENT][p] + data[POTENTIAL][p] * psi4) * psi;
    dq[p]   = -(data[GRADIENT][p] + 5.0 * data[POTENTIAL][p] * psi4);
  }
}

static PetscErrorCode Coefficients(void *ctx, const PetscReal x[3], PetscReal value[])
{
  const Scalar *d = ctx;
  double        gradient2;
  const double  phi = Field(d, x, &gradient2);

  value[GRADIENT]  = PETSC_PI * gradient2;
  value[POTENTIAL] = PETSC_PI * d->mass * d->mass * phi * phi;
  return 0;
}

/* The mass of the field is read after the datum's options, and before the solve. */
PetscErrorCode AeScalarWaveSetUp(AeInitial I, AeGrid g)
{
  Scalar    *d = I->data;
  AeSolution s;

  PetscFunctionBegin;
  PetscCheck(I->lambda == 0.0, I->comm, AE_ERR_USAGE, "-gr_lambda %g: -gr_initial scalar_wave is asymptotically flat; leave the cosmological constant zero", (double)I->lambda);
  PetscCall(AeSolutionCreate(g, AE_ELL_POISSON, &s));
  I->solution = s;
  d->mass     = I->scalar_mass;
  PetscCall(AeEllCreateVec(s->ell, DATA, &d->data));
  PetscCall(AeEllSetNonlinear(s->ell, Source, d, DATA, d->data));
  PetscCall(AeSolutionSetFromOptions(s));
  PetscFunctionReturn(0);
}

/* -Lap psi/(2 pi), which integrates to the ADM mass */
static PetscReal Mass(void *ctx, PetscInt cell, const PetscReal x[3], PetscReal u)
{
  const Scalar *d    = ctx;
  const double  psi4 = pow(1.0 + u, 4.0);

  (void)x;
  return (d->a[cell] + d->a[d->cells + cell] * psi4) * (1.0 + u) / (2.0 * PETSC_PI);
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
  double        gradient2;

  AeConformallyFlat(DConst(pow(1.0 + d->u[cell], 4.0)), m);
  m->has_K = PETSC_TRUE;
  m->phi   = DConst(Field(d, x, &gradient2));
}

PetscErrorCode AeScalarWaveFill(AeInitial I, AeFields fields, Vec U, PetscBool *whole)
{
  Scalar    *d = I->data;
  AeSolution s = I->solution;
  PetscReal  integral[4];

  PetscFunctionBegin;
  d->cells = s->grid->n[0] * s->grid->nj * s->grid->nk;
  PetscCall(AeEllEvaluate(s->ell, Coefficients, d, d->data));
  PetscCall(VecSet(s->f, 0.0));
  PetscCall(AeSolutionSolve(s, PETSC_TRUE));
  PetscCall(CheckPositive(s));
  PetscCall(VecGetArrayRead(d->data, &d->a));
  PetscCall(AeSolutionMoments(s, Mass, d, integral));
  PetscCall(VecRestoreArrayRead(d->data, &d->a));
  s->adm_mass = integral[0];
  PetscCall(VecGetArrayRead(s->u, &d->u));
  PetscCall(AeFillFromMetric(fields, U, Metric, d));
  PetscCall(VecRestoreArrayRead(s->u, &d->u));
  PetscCall(VecDestroy(&d->data));
  *whole = PETSC_FALSE;
  PetscFunctionReturn(0);
}
