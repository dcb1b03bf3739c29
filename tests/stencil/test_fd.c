/*
  Finite differences: the inlines of fd.h at orders 2, 4, 6, 8 on 8 lanes.  ranks: 1

  With nodes q (in units of h) the derivative of the interpolating polynomial errs by
    (approximation - f') h = -h^(p+1) prod_{q != 0} (-q) f^(p+1)/(p+1)!      (first derivatives with p+1 nodes)
  which is exact on x^(p+1); likewise the centred second derivative errs on x^(p+2) by 2 (-1)^(m+1) (m!)^2 h^(p+2),
  m = p/2, and delta^(p+2) x^(p+2) = (p+2)! h^(p+2). So the tables are exact to their degree and wrong by a known
  number one degree later. Fornberg, Math. Comp. 51 (1988) 699.

  Rounding: a weighted sum of K terms errs by at most (K + 3) eps/2 sum |w| |f|: each term is rounded in f, in w, in
  the difference and the product, and in up to K additions. K <= 22 (an advection at p = 8 adds up 11 nodes twice), so
  16 eps sum |w| max |f| covers it. An advection's two parts cancel behind: both count (Size below).
*/
#include <aeonic/fd.h>
#include <float.h>
#include <string.h>
#include "tap.h"

enum { P1, P2, UP, DOWN, KO, OPS };
static const char *const names[OPS] = {"first derivative", "second derivative", "advection, beta > 0", "advection, beta < 0",
                                       "dissipation"};

/* The operators with order a constant, as the kernels use them. UP and DOWN: beta = 1, -1; KO: sigma = 1. */
#define APPLY(p)                                             \
  switch (op) {                                              \
  case P1:                                                   \
    return FD1(p, f, s);                                     \
  case P2:                                                   \
    return FD2(p, f, s);                                     \
  case UP:                                                   \
    return FDAdvect(p, f, s, Splat(1), Splat(1), Splat(0));  \
  case DOWN:                                                 \
    return FDAdvect(p, f, s, Splat(-1), Splat(1), Splat(0)); \
  default:                                                   \
    return FDAdvect(p, f, s, Splat(0), Splat(0), Splat(1));  \
  }
static RealV Apply(int p, int op, const double *f, ptrdiff_t s)
{
  switch (p) {
  case 2:
    APPLY(2)
  case 4:
    APPLY(4)
  case 6:
    APPLY(6)
  default:
    APPLY(8)
  }
}
static RealV Apply11(int p, const double *f, ptrdiff_t s, ptrdiff_t t)
{
  return p == 2 ? FD11(2, f, s, t) : p == 4 ? FD11(4, f, s, t) : p == 6 ? FD11(6, f, s, t) : FD11(8, f, s, t);
}

enum { R = 5, LEN = AE_LANES + 2 * R };

static double Factorial(int n) { return n < 2 ? 1 : n * Factorial(n - 1); }

/* The weights an operator uses, from its answers to unit impulses: w[R + q] of f(q). The lanes agree. */
static int Weights(int p, int op, double w[2 * R + 1])
{
  double f[LEN + 2 * R] = {0};
  int    bad            = 0;

  for (int q = -R; q <= R; q++)
    for (int l = 0; l < AE_LANES; l++) {
      const int at = R + l + q;
      RealV     x;

      f[at] = 1;
      x     = Apply(p, op, f + R, 1);
      f[at] = 0;
      if (l && x[l] != w[R + q]) bad++;
      w[R + q] = x[l];
    }
  return bad;
}

/* sum |w| of what is added up: an advection's parts are half the sum and half the difference of its two sides. */
static double Size(int p, int op)
{
  double a[2 * R + 1] = {0}, b[2 * R + 1] = {0}, sum = 0;

  Weights(p, op, a);
  Weights(p, op == UP ? DOWN : op == DOWN ? UP : op, b);
  for (int q = 0; q <= 2 * R; q++) sum += fmax(fabs(a[q]), fabs(b[q])); /* |a-b|/2 + |a+b|/2 */
  return sum;
}

/* Lagrange weights of the m-th derivative at 0 on nodes lo..hi, in long double (Fornberg's recursion). */
static void Fornberg(int m, int lo, int hi, long double w[2 * R + 1])
{
  long double c[2 * R + 1][3] = {{1}};
  long double c1 = 1, c4 = lo;

  for (int n = 1; n <= hi - lo; n++) {
    const int         top = n < m ? n : m;
    const long double c5 = c4, xn = lo + n;
    long double       c2 = 1;

    c4 = xn;
    for (int v = 0; v < n; v++) {
      const long double c3 = xn - (lo + v);

      c2 *= c3;
      if (v == n - 1) {
        for (int k = top; k > 0; k--) c[n][k] = c1 * (k * c[n - 1][k - 1] - c5 * c[n - 1][k]) / c2;
        c[n][0] = -c1 * c5 * c[n - 1][0] / c2;
      }
      for (int k = top; k > 0; k--) c[v][k] = (c4 * c[v][k] - k * c[v][k - 1]) / c3;
      c[v][0] = c4 * c[v][0] / c3;
    }
    c1 = c2;
  }
  for (int q = -R; q <= R; q++) w[R + q] = q < lo || q > hi ? 0 : c[q - lo][m];
}

static void Nodes(int p, int op, int *lo, int *hi)
{
  const int m = p / 2;

  *lo = op == UP ? 1 - m : op == DOWN || op == KO ? -m - 1 : -m;
  *hi = op == DOWN ? m - 1 : op == UP || op == KO ? m + 1 : m;
}

static void TestWeights(int p, int op)
{
  double      w[2 * R + 1] = {0}, worst = 0;
  long double e[2 * R + 1];
  int         lo, hi, lanes;
  char        what[128];

  lanes = Weights(p, op, w);
  Nodes(p, op, &lo, &hi);
  snprintf(what, sizeof what, "order %d, %s: all lanes have the same weights", p, names[op]);
  TapBelow(lanes, 0, what);
  if (op == KO) { /* (-1)^(p/2) binomial coefficients of alternating sign, integers: no rounding */
    for (int q = -R; q <= R; q++) {
      const int    m = p / 2, out = q < lo || q > hi;
      const double binomial = out ? 0 : Factorial(p + 2) / (Factorial(m + 1 + q) * Factorial(m + 1 - q));

      /* delta^(p+2) = sum (-1)^(m+1+q) binomial f(q) */
      e[R + q] = (m + m + 1 + q + 8) % 2 ? -binomial : binomial;
    }
  } else {
    Fornberg(op == P2 ? 2 : 1, lo, hi, e);
    if (op == DOWN)
      for (int q = 0; q <= 2 * R; q++) e[q] = -e[q];
  }
  for (int q = 0; q <= 2 * R; q++) worst = fmax(worst, fabs((double)(w[q] - e[q])));
  snprintf(what, sizeof what, "order %d, %s: the weights are %s on nodes %d..%d", p, names[op],
           op == KO ? "signed binomial coefficients" : "Fornberg's", lo, hi);
  /* an entry of the table is rounded once; an advection's weight is an entry plus r d: four roundings of no more than the sum */
  TapBelow(worst, op == KO ? 0 : 2 * DBL_EPSILON * Size(p, op), what);
}

/* A row of samples of x^d (d = -1: exp) around lanes l = 0..7 at x = (l - 3) h. */
static double At(int l, double h) { return (l - 3) * h; }
static double Power(double x, int d) { return d < 0 ? exp(x) : d == 0 ? 1 : x * Power(x, d - 1); }
static void   Row(int d, double h, double f[LEN])
{
  for (int i = 0; i < LEN; i++) f[i] = Power(At(i - R, h), d);
}

/* What an operator should give on x^d at lane l, times h or h^2; dissipation: 0. */
static double Target(int op, int d, double x, double h)
{
  switch (op) {
  case P1:
  case UP:
    return d ? h * d * Power(x, d - 1) : 0;
  case DOWN:
    return d ? -h * d * Power(x, d - 1) : 0;
  case P2:
    return d > 1 ? h * h * d * (d - 1) * Power(x, d - 2) : 0;
  default:
    return 0;
  }
}

/* The error of one degree more than the operator is exact on. */
static double Next(int p, int op, double h)
{
  const int m       = p / 2;
  double    product = 1;
  int       lo, hi;

  if (op == KO) return (m % 2 ? -1 : 1) * Factorial(p + 2) * pow(h, p + 2);
  if (op == P2) return (m % 2 ? 2 : -2) * Factorial(m) * Factorial(m) * pow(h, p + 2);
  Nodes(p, op, &lo, &hi);
  for (int q = lo; q <= hi; q++)
    if (q) product *= -q;
  return (op == DOWN ? 1 : -1) * product * pow(h, p + 1);
}

static void TestPolynomials(int p, int op)
{
  const double h   = 0.125;
  const int    top = op == P1 || op == UP || op == DOWN ? p : p + 1; /* exact up to this degree */
  const double sum = Size(p, op);
  double       f[LEN], worst = 0, next = 0, size = 0;
  char         what[128];
  RealV        x;

  for (int d = 0; d <= top; d++) {
    double largest = 0;

    Row(d, h, f);
    for (int i = 0; i < LEN; i++) largest = fmax(largest, fabs(f[i]));
    x = Apply(p, op, f + R, 1);
    for (int l = 0; l < AE_LANES; l++) {
      const double e = fabs(x[l] - Target(op, d, At(l, h), h)) / (16 * DBL_EPSILON * sum * largest);

      if (!(e <= worst)) worst = e;
    }
  }
  snprintf(what, sizeof what, "order %d, %s: exact on polynomials of degree up to %d (1: the bound on rounding)", p, names[op],
           top);
  TapBelow(worst, 1, what);
  Row(top + 1, h, f);
  for (int i = 0; i < LEN; i++) size = fmax(size, fabs(f[i]));
  x = Apply(p, op, f + R, 1);
  for (int l = 0; l < AE_LANES; l++) {
    const double e = fabs(x[l] - Target(op, top + 1, At(l, h), h) - Next(p, op, h));

    if (!(e <= next)) next = e;
  }
  snprintf(what, sizeof what, "order %d, %s: wrong on degree %d by the number theory gives, %.3g", p, names[op], top + 1,
           Next(p, op, h));
  TapBelow(next, 16 * DBL_EPSILON * sum * size, what);
  TapAbove(fabs(Next(p, op, h)) / (16 * DBL_EPSILON * sum * size), 10,
           "which is far above rounding: a lower order would be noticed");
}

/* The error on exp at x = 0, of h^k f^(k), and of dissipation itself. */
static double Error(int p, int op, double h)
{
  double f[LEN];
  RealV  x;

  Row(-1, h, f);
  x = Apply(p, op, f + R, 1);
  switch (op) {
  case P1:
  case UP:
    return fabs(x[3] - h) / h;
  case DOWN:
    return fabs(x[3] + h) / h;
  case P2:
    return fabs(x[3] - h * h) / (h * h);
  default:
    return fabs(x[3]) / h;
  }
}

/*
  The next term of the error is smaller by c h^2 for the symmetric operators, c < 0.42, so that the order observed
  between 0.4 and 0.2 is off by less than 0.42 (0.4^2 - 0.2^2)/ln 2 = 0.073; by h (p+1)/(p+2) for the advective ones
  (the mean of their nodes, 0 twice, is (p+1)/(p+2) h off), so between 0.1 and 0.1/1.5 by less than 0.0333/ln 1.5 =
  0.083. Rounding adds less than 0.01. Dissipation has order p + 1 after division by h.
*/
static void TestConvergence(int p, int op)
{
  const int    lopsided = op == UP || op == DOWN;
  const double a = lopsided ? 0.1 : 0.4, b = lopsided ? 0.1 / 1.5 : 0.2;
  char         what[128];

  snprintf(what, sizeof what, "order %d, %s: order observed on exp(x)", p, names[op]);
  TapNear(log(Error(p, op, a) / Error(p, op, b)) / log(a / b), op == KO ? p + 1 : p, 0.1, what);
}

/*
  sigma/2^(p+2) d on modes: -sigma sin^(p+2)(theta/2) times the mode, so -sigma on the Nyquist mode (theta = pi) and
  never growth. Integers and powers of two on the Nyquist mode: exact.
*/
static void TestDissipation(int p)
{
  double      f[LEN], worst = 0, growth = 0, sigma = 0.5;
  const RealV zero = {0};
  char        what[128];
  RealV       x;

  for (int i = 0; i < LEN; i++) f[i] = i % 2 ? -1 : 1;
  x = Splat(sigma / pow(2, p + 2));
  x = p == 2   ? FDAdvect(2, f + R, 1, zero, zero, x)
      : p == 4 ? FDAdvect(4, f + R, 1, zero, zero, x)
      : p == 6 ? FDAdvect(6, f + R, 1, zero, zero, x)
               : FDAdvect(8, f + R, 1, zero, zero, x);
  for (int l = 0; l < AE_LANES; l++) worst = fmax(worst, fabs(x[l] + sigma * f[R + l]));
  snprintf(what, sizeof what, "order %d: dissipation takes -sigma of the Nyquist mode", p);
  TapBelow(worst, 0, what);
  worst = 0;
  for (int n = 1; n <= 24; n++) {
    const double theta = M_PI * n / 24, symbol = -pow(2 * sin(theta / 2), p + 2);

    for (int i = 0; i < LEN; i++) f[i] = cos(theta * (i - R - 3));
    x      = Apply(p, KO, f + R, 1);
    worst  = fmax(worst, fabs(x[3] - symbol));
    growth = fmax(growth, x[3]);
  }
  /* sum |w| = 2^(p+2) */
  snprintf(what, sizeof what, "order %d: the symbol of d is -(2 sin(theta/2))^%d", p, p + 2);
  TapBelow(worst, 16 * DBL_EPSILON * pow(2, p + 2), what);
  snprintf(what, sizeof what, "order %d: no mode grows", p);
  TapBelow(growth, 16 * DBL_EPSILON * pow(2, p + 2), what);
}

/* FDAdvect is beta times one side's derivative plus dissipation, each lane with its own beta. */
static void TestAdvect(int p)
{
  /* |beta| <= 1 times an advection, and an eighth of the dissipation */
  const double sum = Size(p, UP) + 0.125 * Size(p, KO);
  double       f[LEN], worst = 0, largest = 0;
  RealV        beta, up, down, ko, x;
  char         what[128];

  for (int i = 0; i < LEN; i++) f[i] = sin(1.3 * i) + 0.1 * i, largest = fmax(largest, fabs(f[i]));
  for (int l = 0; l < AE_LANES; l++) beta[l] = (l - 3) * 0.25; /* 0 too */
  up   = Apply(p, UP, f + R, 1);
  down = Apply(p, DOWN, f + R, 1);
  ko   = Apply(p, KO, f + R, 1);
  x    = p == 2   ? FDAdvect(2, f + R, 1, beta, Abs(beta), Splat(0.125))
         : p == 4 ? FDAdvect(4, f + R, 1, beta, Abs(beta), Splat(0.125))
         : p == 6 ? FDAdvect(6, f + R, 1, beta, Abs(beta), Splat(0.125))
                  : FDAdvect(8, f + R, 1, beta, Abs(beta), Splat(0.125));
  for (int l = 0; l < AE_LANES; l++)
    worst = fmax(worst, fabs(x[l] - (fabs(beta[l]) * (beta[l] > 0 ? up[l] : down[l]) + 0.125 * ko[l])));
  snprintf(what, sizeof what, "order %d: advection takes the side of each lane's sign and adds the dissipation", p);
  /* rounding of both ways to compute it */
  TapBelow(worst, 2 * 16 * DBL_EPSILON * sum * largest, what);
}

/* Mixed derivatives: exact on x^a y^b with a, b <= p, and the tensor product of two first derivatives in general. */
static void TestMixed(int p)
{
  enum { W = LEN, H = 2 * R + 1 };
  const double h   = 0.125;
  const double sum = Size(p, P1);
  double       u[H * W], row[H * AE_LANES] = {0}, worst = 0, tensor = 0, order = 0;
  char         what[128];
  RealV        x;

  for (int a = 0; a <= p; a++)
    for (int b = 0; b <= p; b++) {
      double largest = 0;

      for (int j = 0; j < H; j++)
        for (int i = 0; i < W; i++) {
          /* y = 0 would hide all but b = 1 */
          u[j * W + i] = Power(At(i - R, h), a) * Power((j - R + 2) * h, b);
          largest      = fmax(largest, fabs(u[j * W + i]));
        }
      x = Apply11(p, u + R * W + R, 1, W);
      for (int l = 0; l < AE_LANES; l++) {
        const double want = a && b ? h * h * a * b * Power(At(l, h), a - 1) * Power(2 * h, b - 1) : 0;

        worst = fmax(worst, fabs(x[l] - want) / (16 * DBL_EPSILON * sum * sum * largest));
      }
    }
  snprintf(what, sizeof what, "order %d, mixed derivative: exact on x^a y^b, a and b up to %d (1: the bound on rounding)", p, p);
  TapBelow(worst, 1, what);
  for (int j = 0; j < H; j++)
    for (int i = 0; i < W; i++) u[j * W + i] = sin(1.7 * i + 0.3 * j * j) + cos(2.1 * j * i);
  for (int j = 0; j < H; j++) {
    x = Apply(p, P1, u + j * W + R, 1);
    for (int l = 0; l < AE_LANES; l++) row[j * AE_LANES + l] = x[l];
  }
  {
    const RealV once = Apply(p, P1, row + R * AE_LANES, AE_LANES), there = Apply11(p, u + R * W + R, 1, W),
                back = Apply11(p, u + R * W + R, W, 1);

    for (int l = 0; l < AE_LANES; l++)
      tensor = fmax(tensor, fabs(once[l] - there[l])), order = fmax(order, fabs(back[l] - there[l]));
  }
  snprintf(what, sizeof what, "order %d, mixed derivative: the first derivative of the first derivative", p);
  TapBelow(tensor, 2 * 16 * DBL_EPSILON * sum * sum * 2, what);
  TapBelow(order, 2 * 16 * DBL_EPSILON * sum * sum * 2, "in either order");
}

/* Along a stride: the same bits as along the row itself. */
static void TestStride(int p)
{
  enum { S = 24 };
  double f[LEN], column[LEN * S];
  int    bad = 0;
  char   what[128];

  for (int i = 0; i < LEN; i++) f[i] = exp(0.3 * sin(2.0 * i));
  for (int i = 0; i < LEN; i++)
    for (int l = 0; l < S; l++) column[i * S + l] = l < AE_LANES ? f[i] * (1 << l) : NAN; /* lanes by powers of two */
  for (int op = 0; op < OPS; op++) {
    const RealV a = Apply(p, op, f + R, 1), b = Apply(p, op, column + R * S, S);

    for (int l = 0; l < AE_LANES; l++)
      if (b[l] != a[0] * (1 << l)) bad++;
  }
  snprintf(what, sizeof what, "order %d: along a stride, lane by lane, the same bits", p);
  TapBelow(bad, 0, what);
}

/* Nothing beyond the ghost width is read: NaN there changes nothing. */
static void TestReach(int p)
{
  const int g = AeFDGhost(p);
  double    f[LEN + 2 * R];
  int       bad = 0, felt = 0;
  char      what[128];

  for (int w = g; w >= g - 1; w--) /* the width, and one less, which must be felt */
    for (int op = 0; op < OPS; op++) {
      RealV x;

      for (int i = 0; i < LEN + 2 * R; i++) f[i] = i < 2 * R - w || i >= 2 * R + AE_LANES + w ? NAN : cos(i);
      x = Apply(p, op, f + 2 * R, 1);
      for (int l = 0; l < AE_LANES; l++)
        if (!isfinite(x[l])) {
          if (w == g) bad++;
          else felt++;
        }
    }
  snprintf(what, sizeof what, "order %d: %d ghosts are enough", p, g);
  TapBelow(bad, 0, what);
  TapAbove(felt, 1, "one less is not");
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, "finite differences\n"));
  for (int p = 2; p <= 8; p += 2) {
    for (int op = 0; op < OPS; op++) {
      TestWeights(p, op);
      TestPolynomials(p, op);
      TestConvergence(p, op);
    }
    TestDissipation(p);
    TestAdvect(p);
    TestMixed(p);
    TestStride(p);
    TestReach(p);
  }
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
