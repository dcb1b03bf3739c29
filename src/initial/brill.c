/*
  Brill waves: gamma = psi^4 [e^(2q) (d rho^2 + d z^2) + rho^2 d phi^2], K_ij = 0, where the Hamiltonian constraint is
    Lap psi + V psi = 0,  V = (q_rho,rho + q_zz)/4,  psi = 1 + u -> 1
  with q = a (rho/width)^2 F(r^2/width^2):  F(s) = e^-s [Holz et al. 1993], F(s) = 1/(1 + s^3) [Eppley 1977].

  Brill, Ann. Phys. 7 (1959) 466
*/
#include "initial_private.h"

typedef struct {
  PetscInt      family;
  PetscReal     a, width;
  Vec           V;
  const double *u; /* of the solution, while it is borrowed */
} Brill;

enum { HOLZ, EPPLEY };

/* F, F', F'' */
static void Profile(PetscInt family, double s, double F[3])
{
  if (family == HOLZ) {
    F[0] = F[2] = exp(-s);
    F[1]        = -F[0];
  } else {
    F[0] = 1.0 / (1.0 + s * s * s);
    F[1] = -3.0 * s * s * F[0] * F[0];
    F[2] = -6.0 * s * F[0] * F[0] + 18.0 * s * s * s * s * F[0] * F[0] * F[0];
  }
}

/* V = (a/4) [2 F + 12 rho^2 F' + 4 rho^2 s F''] in units of the width */
static double Potential(const Brill *b, const PetscReal x[3])
{
  const double w2 = b->width * b->width, rho2 = (x[0] * x[0] + x[1] * x[1]) / w2, s = rho2 + x[2] * x[2] / w2;
  double       F[3];

  Profile(b->family, s, F);
  return 0.25 * b->a * (2.0 * F[0] + 12.0 * rho2 * F[1] + 4.0 * rho2 * s * F[2]) / w2;
}

PetscErrorCode AeBrillOptions(AeInitial I)
{
  static const char *const families[] = {"holz", "eppley"};
  Brill                   *b;

  PetscFunctionBegin;
  PetscCall(PetscNew(&b));
  I->data  = b;
  b->a     = 1.0;
  b->width = 1.0;
  PetscOptionsBegin(I->comm, NULL, "Brill waves", "AeInitial");
  PetscCall(AeOptReal("-brill_amplitude", "a of q = a rho^2 F(r^2); holz waves collapse beyond about 5", "1",
                      "Ann. Phys. 7 (1959) 466", -100, 100, &b->a, NULL));
  PetscCall(AeOptPositive("-brill_width", "width of the wave", "M", "", &b->width, NULL));
  PetscCall(AeOptChoice("-brill_family", "F(s): holz e^-s, eppley 1/(1 + s^3)", "Phys. Rev. D 16 (1977) 1609", families, 2,
                        &b->family, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

PetscErrorCode AeBrillSetUp(AeInitial I, AeGrid g)
{
  Brill     *b = I->data;
  AeSolution s;

  PetscFunctionBegin;
  PetscCall(AeSolutionCreate(g, AE_ELL_HELMHOLTZ, PETSC_FALSE, &s));
  I->solution = s;
  PetscCall(AeEllCreateVec(s->ell, 1, &b->V));
  PetscCall(AeSolutionSetFromOptions(s));
  PetscFunctionReturn(0);
}

static PetscErrorCode MinusPotential(void *ctx, const PetscReal x[3], PetscReal value[])
{
  value[0] = -Potential(ctx, x);
  return 0;
}

static PetscReal Mass(void *ctx, PetscInt cell, const PetscReal x[3], PetscReal u)
{
  (void)cell;
  return Potential(ctx, x) * (1.0 + u);
}

/* (e^t - 1)/t and its derivative */
static AeDual ExpRatio(AeDual t)
{
  const double x = t.v;
  double       f, df;

  if (fabs(x) < 1e-2) {
    f  = 1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0)))));
    df = 0.5 + x / 3.0 * (1.0 + 3.0 * x / 8.0 * (1.0 + 4.0 * x / 15.0 * (1.0 + 5.0 * x / 24.0 * (1.0 + 6.0 * x / 35.0))));
  } else {
    f  = expm1(x) / x;
    df = (exp(x) - f) / x;
  }
  return DChain(t, f, df);
}

/* psi^4 [delta_ij + E (rho^2 (delta_ij - phi_i phi_j))], E = (e^(2q) - 1)/rho^2, phi the unit vector along d/d phi */
static void Metric(void *ctx, PetscInt cell, const PetscReal x[3], AeMetric *m)
{
  const Brill *b  = ctx;
  const double w2 = b->width * b->width, psi = 1.0 + b->u[cell];
  const AeDual X = DVariable(x[0], 1), Y = DVariable(x[1], 2), Z = DVariable(x[2], 3);
  const AeDual rho2 = DAdd(DSquare(X), DSquare(Y)), s = DScale(1.0 / w2, DAdd(rho2, DSquare(Z)));
  double       F[3];
  AeDual       f, E, xx, xy, yy, zz;

  Profile(b->family, s.v, F);
  f  = DScale(2.0 * b->a / w2, DChain(s, F[0], F[1])); /* 2 q/rho^2 */
  E  = DMul(f, ExpRatio(DMul(f, rho2)));
  xx = DShift(1.0, DMul(E, DSquare(X)));
  xy = DMul(E, DMul(X, Y));
  yy = DShift(1.0, DMul(E, DSquare(Y)));
  zz = DShift(1.0, DMul(E, rho2));
  AeConformallyFlat(DConst(1.0), m);
  m->g[0]  = DScale(pow(psi, 4.0), xx);
  m->g[1]  = DScale(pow(psi, 4.0), xy);
  m->g[3]  = DScale(pow(psi, 4.0), yy);
  m->g[5]  = DScale(pow(psi, 4.0), zz);
  m->has_K = PETSC_TRUE;
}

PetscErrorCode AeBrillFill(AeInitial I, AeFields fields, Vec U, PetscBool *whole)
{
  Brill     *b = I->data;
  AeSolution s = I->solution;
  PetscReal  integral[4];

  PetscFunctionBegin;
  PetscCall(AeEllEvaluate(s->ell, MinusPotential, b, b->V));
  PetscCall(AeEllSetCoefficients(s->ell, b->V));
  PetscCall(VecCopy(b->V, s->f));
  PetscCall(VecScale(s->f, -1.0)); /* -Lap u - V u = V */
  PetscCall(AeSolutionSolve(s, PETSC_FALSE));
  PetscCall(AeSolutionMoments(s, Mass, b, integral));
  s->adm_mass = integral[0] / (2.0 * PETSC_PI);
  PetscCall(VecGetArrayRead(s->u, &b->u));
  PetscCall(AeFillFromMetric(fields, U, Metric, b));
  PetscCall(VecRestoreArrayRead(s->u, &b->u));
  PetscCall(VecDestroy(&b->V));
  *whole = PETSC_FALSE;
  PetscFunctionReturn(0);
}
