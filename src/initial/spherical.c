/*
  Outgoing and ingoing waves that are regular at the centre.

  [T]    Teukolsky, Phys. Rev. D 26 (1982) 745, Eqs. (5)-(9): quadrupole waves, linear in the amplitude
  [KG]   the Klein-Gordon equation in flat space: massless by d'Alembert's formula for r phi, massive by its Fourier
         integral
*/
#include "initial_private.h"

enum { SERIES = 48 }; /* at r = 1.5 the terms left out are below 1e-25 */

/* f[m] = d^m F/dx^m of F = x exp(-x^2), m = 0 ... n; F = -(1/2) d/dx exp(-x^2) and the Hermite polynomials' recurrence:
   F^(m) = (-1)^m H_(m+1)(x) exp(-x^2)/2 */
static void Derivatives(double x, int n, double f[])
{
  double h0 = 0.5 * exp(-x * x), h1 = 2.0 * x * h0;

  for (int m = 0; m <= n; m++) {
    const double h2 = 2.0 * x * h1 - 2.0 * (m + 1) * h0;

    f[m] = m % 2 ? -h1 : h1;
    h0   = h1;
    h1   = h2;
  }
}

/*
  w(t, s) = [F^(d)(t - r) - F^(d)(t + r)]/r, an entire function of s = r^2; its first derivatives in s, order 0 ... n.
  d/ds = D/2 with D = (1/r) d/dr, D^n (u/r) = sum_k (-1)^k (n+k)!/(2^k k! (n-k)!) u^(n-k)/r^(n+1+k);
  near the centre, where that cancels, w = -2 sum_k F^(2k+1+d)(t) s^k/(2k+1)!.
*/
static void Regular(double t, double s, int d, int n, double w[])
{
  double f[2 * SERIES + 8], g[16];

  if (s < 2.25) {
    Derivatives(t, 2 * SERIES + 1 + d, f);
    for (int i = 0; i <= n; i++) {
      double term = -2.0, sum = 0.0; /* of s^(k-i) k!/((k-i)! (2k+1)!) */

      for (int k = 1; k <= i; k++) term *= (double)k / ((2 * k) * (2 * k + 1));
      for (int k = i; k < SERIES; k++) {
        sum += term * f[2 * k + 1 + d];
        term *= s * (k + 1) / ((double)(k + 1 - i) * (2 * k + 2) * (2 * k + 3));
      }
      w[i] = sum;
    }
  } else {
    const double r = sqrt(s);

    Derivatives(t - r, n + d, f);
    Derivatives(t + r, n + d, g);
    for (int i = 0; i <= n; i++) {
      double a = pow(0.5, i) / pow(r, i + 1), sum = 0.0;

      for (int k = 0; k <= i; k++) {
        const int m = i - k;

        sum += a * ((m % 2 ? -f[m + d] : f[m + d]) - g[m + d]);
        a *= -(double)(i + k + 1) * (i - k) / (2.0 * (k + 1) * r);
      }
      w[i] = sum;
    }
  }
}

/* The derivatives of w in s, order 0 ... n, as functions of two dual numbers. */
static void RegularDual(AeDual t, AeDual s, int n, AeDual w[])
{
  double v[8], dt[8];

  Regular(t.v, s.v, 0, n + 1, v);
  Regular(t.v, s.v, 1, n, dt);
  for (int i = 0; i <= n; i++) {
    w[i].v = v[i];
    for (int m = 0; m < 4; m++) w[i].d[m] = dt[i] * t.d[m] + v[i + 1] * s.d[m];
  }
}

/*
  Even parity, l = 2, m = 0, time symmetric at t = 0, F(x) = a x exp(-x^2/lambda^2), in units of lambda. With [T]'s
  A = 12 w'', B = 12 w'' + 8 s w''', C = 12 w'' + 16 s w''' + 4 s^2 w'''' (w as above, ' = d/ds) the tensor is regular in
  Cartesian components; e = (0,0,1), p = (-y,x,0), q = z x - s e:
    h_ij = 12 w'' diag(-1,-1,2) + 8 w''' [6 s e_i e_j - 3 z (x_i e_j + e_i x_j) - 6 p_i p_j] + 12 w'''' (q_i q_j - s p_i p_j)
*/
void AeTeukolsky(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const double scale = 1.0 / I->wavelength, a = I->amplitude * pow(scale, 4);
  AeDual       X[3], s                        = DConst(0.0), p[3], q[3], w[5];

  for (int i = 0; i < 3; i++) {
    X[i] = DScale(scale, x[1 + i]);
    s    = DAdd(s, DSquare(X[i]));
  }
  p[0] = DScale(-1.0, X[1]), p[1] = X[0], p[2] = DConst(0.0);
  for (int i = 0; i < 3; i++) q[i] = DSub(DMul(X[2], X[i]), i == 2 ? s : DConst(0.0));
  RegularDual(DScale(scale, x[0]), s, 4, w);
  AeConformallyFlat(DConst(1.0), m);
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++) {
      const int e_i = i == 2, e_j = j == 2;
      AeDual    T3, T4, h;

      T3 = DAdd(DScale(6.0 * e_i * e_j, s), DScale(-6.0, DMul(p[i], p[j])));
      T3 = DAdd(T3, DScale(-3.0, DMul(X[2], DAdd(DScale(e_j, X[i]), DScale(e_i, X[j])))));
      T4 = DSub(DMul(q[i], q[j]), DMul(s, DMul(p[i], p[j])));
      h  = DAdd(DScale(8.0, DMul(w[3], T3)), DScale(12.0, DMul(w[4], T4)));
      if (i == j) h = DAdd(h, DScale(e_i ? 24.0 : -12.0, w[2]));
      m->g[ij] = DAdd(m->g[ij], DScale(a, h));
    }
}

/* The largest |h_ij| is h_zz = 24 w''(0) = -48 a/lambda^4 at the centre at t = 0, twice -h_xx = -h_yy. */
PetscErrorCode AeTeukolskyOptions(AeInitial I)
{
  PetscReal h;

  PetscFunctionBegin;
  I->amplitude = 1e-6;
  PetscOptionsBegin(I->comm, NULL, "Data teukolsky", "AeInitial");
  PetscCall(
    AeOptReal("-teukolsky_amplitude",
              "amplitude a of F(x) = a x exp(-x^2/lambda^2); 48 |a|/lambda^4 is the largest deviation from the flat metric",
              "M^4", "Phys. Rev. D 26 (1982) 745", -AE_HUGE, AE_HUGE, &I->amplitude, NULL));
  PetscCall(AeOptPositive("-teukolsky_width", "width lambda", "M", "Phys. Rev. D 26 (1982) 745", &I->wavelength, NULL));
  PetscOptionsEnd();
  I->length *= I->wavelength;
  h = 48.0 * I->amplitude / PetscPowReal(I->wavelength, 4);
  PetscCheck(h < 1.0 && h > -2.0, I->comm, AE_ERR_USAGE,
             "-teukolsky_amplitude %g with -teukolsky_width %g is no metric: its determinant at the centre is not positive; the "
             "amplitude must lie between %g and %g",
             (double)I->amplitude, (double)I->wavelength, (double)(-2.0 / 48.0 * PetscPowReal(I->wavelength, 4)),
             (double)(1.0 / 48.0 * PetscPowReal(I->wavelength, 4)));
  if (PetscAbsReal(h) > 0.01)
    PetscCall(PetscFPrintf(I->comm, stderr,
                           "aeonic: warning: -teukolsky_amplitude %g is beyond the linear regime: the metric deviates by %.3g "
                           "from the flat one, and the data violate the constraints by terms of the order of its square\n",
                           (double)I->amplitude, (double)PetscAbsReal(h)));
  PetscFunctionReturn(0);
}

/*
  phi(0, r) = A exp(-r^2), d_t phi = 0: massless phi = (A/2r) [F(t + r) - F(t - r)] = -(A/2) w;
  of mass m, phi = (A/(2 sqrt(pi))) int_0^inf k^2 (sin(kr)/(kr)) exp(-k^2/4) cos(omega t) dk, omega^2 = k^2 + m^2, by the
  trapezoidal rule: the integrand is even and entire in k, so that the rule's error is that of the images of the pulse
  at distance 2 pi/dk, exp(-(2 pi/dk - r - t)^2), here exp(-36); beyond k = 13 the integrand is below 1e-17  [KG]
*/
static AeDual MassivePulse(double mass, AeDual t, AeDual r)
{
  const double dk = 2.0 * PETSC_PI / (fabs(t.v) + r.v + 6.0), c = dk / (2.0 * sqrt(PETSC_PI));
  AeDual       phi = DConst(0.0);

  for (int n = 1; n * dk < 13.0; n++) {
    const double k = n * dk, omega = sqrt(k * k + mass * mass), kr = k * r.v, weight = c * k * k * exp(-0.25 * k * k);
    const double sinc  = kr < 1e-4 ? 1.0 - kr * kr / 6.0 : sin(kr) / kr,
                 dsinc = kr < 1e-4 ? -k * kr / 3.0 : (cos(kr) - sinc) / r.v;
    AeDual wave        = DConst(weight * sinc * cos(omega * t.v));

    for (int m = 0; m < 4; m++)
      wave.d[m] = weight * (dsinc * cos(omega * t.v) * r.d[m] - omega * sinc * sin(omega * t.v) * t.d[m]);
    phi = DAdd(phi, wave);
  }
  return phi;
}

void AeScalarPulse(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const double scale = 1.0 / I->wavelength;
  const AeDual t     = DScale(scale, x[0]);
  AeDual       s     = DConst(0.0), w[1];

  for (int i = 0; i < 3; i++) s = DAdd(s, DSquare(DScale(scale, x[1 + i])));
  AeConformallyFlat(DConst(1.0), m);
  if (I->scalar_mass > 0) {
    m->phi = DScale(I->amplitude, MassivePulse(I->scalar_mass * I->wavelength, t, DSqrt(DAtLeast(1e-20, s))));
  } else {
    RegularDual(t, s, 0, w);
    m->phi = DScale(-0.5 * I->amplitude, w[0]);
  }
}

PetscErrorCode AeScalarPulseOptions(AeInitial I)
{
  PetscFunctionBegin;
  I->amplitude = 1e-5;
  PetscOptionsBegin(I->comm, NULL, "Data scalar_pulse", "AeInitial");
  PetscCall(AeOptReal("-pulse_amplitude",
                      "amplitude A of phi = A exp(-r^2/w^2) on flat space; constraints and metric deviate by A^2", "1", "",
                      -AE_HUGE, AE_HUGE, &I->amplitude, NULL));
  PetscCall(AeOptPositive("-pulse_width", "width w", "M", "", &I->wavelength, NULL));
  PetscOptionsEnd();
  I->length *= I->wavelength;
  PetscFunctionReturn(0);
}
