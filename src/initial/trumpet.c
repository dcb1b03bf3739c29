/*
  The stationary 1+log trumpet slice of Schwarzschild in isotropic coordinates.

  [H]    Hannam, Husa, Ohme, Bruegmann & O'Murchadha, arXiv:0804.0628: (d_t - beta.d) alpha = -2 alpha K and
         stationarity give alpha^2 = 1 - 2M/R + C^2 exp(alpha)/R^4, R the areal radius, with one C for which the slice
         runs smoothly from the trumpet's end to infinity.
*/
#include "initial_private.h"

enum { NODES = 40 };

/*
  In units of M and as functions of alpha in (0,1), which are analytic, by Chebyshev series in 2 alpha - 1:
    rho = (1 - alpha) R,  g = ln r - p ln(alpha) + ln(1 - alpha),  p = d ln R/d alpha at alpha = 0
  The nearest singularity is alpha = -1: the coefficients fall as (3 + sqrt 8)^(-n), to rounding at n = 21.
*/
typedef struct {
  double C, p, rho[NODES], g[NODES], dg[NODES];
} Trumpet;

/* sum c_n T_n(2 a - 1), by Clenshaw's recurrence */
static double Chebyshev(const double c[], double a)
{
  const double x  = 2.0 * a - 1.0;
  double       b1 = 0, b2 = 0;

  for (int n = NODES - 1; n > 0; n--) {
    const double b = 2.0 * x * b1 - b2 + c[n];

    b2 = b1;
    b1 = b;
  }
  return x * b1 - b2 + c[0];
}

/* Coefficients from values at alpha_j = (1 + cos((j + 1/2) pi/NODES))/2 */
static void Fit(const double f[], double c[])
{
  for (int n = 0; n < NODES; n++) {
    c[n] = 0.0;
    for (int j = 0; j < NODES; j++) c[n] += f[j] * cos(n * (j + 0.5) * PETSC_PI / NODES) * (n ? 2.0 : 1.0) / NODES;
  }
}

/* c of the integral over alpha of the series d: d alpha = dx/2; the constant is left zero */
static void Integrate(const double d[], double c[])
{
  c[0] = 0.0;
  for (int n = 1; n < NODES; n++) c[n] = 0.5 * ((n == 1 ? 2.0 : 1.0) * d[n - 1] - (n < NODES - 1 ? d[n + 1] : 0.0)) / (2.0 * n);
}

/*
  Y = 1/R solves f = C^2 exp(alpha) Y^4 - 2 Y + 1 - alpha^2 = 0, convex in Y: Newton's iteration from outside is
  monotone. Beyond the critical point (alpha > alpha_c) the slice has the smaller root, before it the larger.
*/
static long double Root(long double C2, long double a, PetscBool smaller)
{
  const long double q = C2 * expl(a);
  long double       Y = smaller ? 0.0L : 2.0L;

  for (int it = 0; it < 200; it++) {
    const long double step = (q * Y * Y * Y * Y - 2.0L * Y + 1.0L - a * a) / (4.0L * q * Y * Y * Y - 2.0L);

    Y -= step;
    if (fabsl(step) <= 2e-19L * Y) break;
  }
  return Y;
}

/*
  C from the critical point, where f and both its derivatives vanish: R = 1/(4 alpha), alpha^2 + 6 alpha - 1 = 0  [H].
  dR/dalpha is 0/0 there; the nodes keep off it and the series carry R and g across. r = R - M + O(1/R) fixes g(1) = 0.
*/
static void Construct(Trumpet *T)
{
  const long double ac = sqrtl(10.0L) - 3.0L, Rc = 0.25L / ac, C2 = Rc * Rc * Rc * Rc * (ac * ac - 1.0L + 2.0L / Rc) * expl(-ac);
  const long double Y0 = Root(C2, 0.0L, PETSC_FALSE), p = (C2 * Y0 * Y0 * Y0) / (4.0L * C2 * Y0 * Y0 * Y0 - 2.0L);
  double            rho[NODES], dg[NODES];

  T->C = (double)sqrtl(C2);
  T->p = (double)p;
  for (int j = 0; j < NODES; j++) {
    const long double a = 0.5L * (1.0L + cosl((j + 0.5L) * acosl(-1.0L) / NODES)), Y = Root(C2, a, (PetscBool)(a > ac)),
                      q    = C2 * expl(a);
    const long double dlnR = (q * Y * Y * Y * Y - 2.0L * a) / ((4.0L * q * Y * Y * Y - 2.0L) * Y); /* = -(dY/dalpha)/Y */

    rho[j] = (double)((1.0L - a) / Y);
    dg[j]  = (double)((dlnR - p) / a - 1.0L / (1.0L - a)); /* d ln r = d ln R/alpha, since gamma_RR = 1/alpha^2 */
  }
  Fit(rho, T->rho);
  Fit(dg, T->dg);
  Integrate(T->dg, T->g);
  T->g[0] = -Chebyshev(T->g, 1.0);
}

/* alpha, 1 - alpha and d ln r/dl = p (1 - alpha) + alpha + alpha (1 - alpha) dg at l = ln(alpha/(1 - alpha)) */
static double Slope(const Trumpet *T, double l, double *a, double *b)
{
  *a = 1.0 / (1.0 + exp(-l));
  *b = 1.0 / (1.0 + exp(l));
  return T->p * *b + *a + *a * *b * Chebyshev(T->dg, *a);
}

/*
  psi^4 = (R/r)^2, alpha, beta^i = C exp(alpha/2) x^i/R^3; K_ij = (1/2 alpha) L_beta gamma_ij has the eigenvalues
  k = C exp(alpha/2)/R^3 across and k (R alpha'(R)/2 - 2) along the radius, written out since the quotient by alpha
  loses all digits at the trumpet's end.
*/
void AeTrumpet(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const Trumpet *T = I->data;
  AeDual         X[3], alpha, R, k;
  const AeDual   r   = DScale(1.0 / I->mass, AeFromCentre(I, x, X));
  const double   lnr = log(r.v);
  double         l = lnr, a, b, slope, step = 1.0; /* l = ln(alpha/(1 - alpha)), b = 1 - alpha */

  /* Newton for ln r; its derivative in l stays close to one, and after a step of 1e-8 the next is below 1e-16 */
  for (int it = 0; it < 50 && fabs(step) > 1e-8; it++) {
    step = Slope(T, l, &a, &b);
    step = (T->p * log(a) - log(b) + Chebyshev(T->g, a) - lnr) / step;
    l -= step;
  }
  slope = Slope(T, l, &a, &b);
  alpha = DChain(r, a, a * b / (slope * r.v));
  R     = DChain(r, Chebyshev(T->rho, a) / b, a * (Chebyshev(T->rho, a) / b) / r.v);
  AeConformallyFlat(DSquare(DDiv(R, r)), m);
  m->alpha = alpha;
  k        = DMul(DScale(T->C / I->mass, DExp(DScale(0.5, alpha))), DInv(DMul(R, DSquare(R))));
  for (int i = 0; i < 3; i++) m->beta[i] = DMul(k, X[i]);
  m->has_K = PETSC_TRUE;
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++)
      m->K[ij] = k.v * m->g[0].v * ((i == j) + (0.5 * b / slope - 3.0) * X[i].v * X[j].v / PetscSqr(I->mass * r.v));
}

PetscErrorCode AeTrumpetOptions(AeInitial I)
{
  Trumpet *T;

  PetscFunctionBegin;
  PetscCall(AeHoleOptions(I));
  PetscCall(PetscNew(&T));
  Construct(T);
  I->data = T;
  PetscFunctionReturn(0);
}
