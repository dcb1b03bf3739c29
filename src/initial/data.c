/*
  The data: each a short function on dual numbers, and one line in the table.

  [AwA]  Alcubierre et al., gr-qc/0305023; Babiuc et al., arXiv:0709.3559: gauge waves, linear wave, noise
  [KS]   Kerr-Schild form: Cook, Living Rev. Relativity 3 (2000) 5, Eqs. (46)-(54)
*/
#include "initial_private.h"

static const char CiteAwA[] =
  "@article{Babiuc2008,\n  title = {Implementation of standard testbeds for numerical relativity},\n  author = {Babiuc, M. C. and others},\n  journal = {Class. Quantum Grav.}, volume = {25}, pages = {125012}, year = {2008}\n}\n";
static const char CiteKS[] = "@article{Cook2000,\n  title = {Initial Data for Numerical Relativity},\n  author = {Cook, G. B.},\n  journal = {Living Rev. Relativity}, volume = {3}, pages = {5}, year = {2000}\n}\n";

static void Minkowski(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  (void)I;
  (void)x;
  m->alpha = DConst(1.0);
  for (int a = 0; a < 3; a++) m->beta[a] = DConst(0.0);
  for (int ab = 0; ab < 6; ab++) m->g[ab] = DConst(ab == 0 || ab == 3 || ab == 5 ? 1.0 : 0.0);
}

/* A sin(2 pi (n.x - t)/d) */
static AeDual Wave(const struct _p_AeInitial *I, const AeDual x[4])
{
  AeDual phase = DScale(-1.0, x[0]);

  for (int a = 0; a < 3; a++) phase = DAdd(phase, DScale(I->direction[a], x[1 + a]));
  return DScale(I->amplitude, DSin(DScale(2.0 * PETSC_PI / I->wavelength, phase)));
}

/* g_ij += c n_i n_j */
static void AddLongitudinal(const struct _p_AeInitial *I, AeDual c, AeMetric *m)
{
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++) m->g[ij] = DAdd(m->g[ij], DScale(I->direction[i] * I->direction[j], c));
}

/* ds^2 = (1 - H)(-dt^2 + dx^2) + dy^2 + dz^2, x along n  [AwA, Eq. (16)] */
static void GaugeWave(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual H = Wave(I, x);

  Minkowski(I, x, m);
  m->alpha = DSqrt(DShift(1.0, DScale(-1.0, H)));
  AddLongitudinal(I, DScale(-1.0, H), m);
}

/* ds^2 = flat + H (-dt + dx)^2: g_xx = 1 + H, beta^x = -H/(1 + H), alpha = 1/sqrt(1 + H), x along n  [AwA, Eq. (20)] */
static void ShiftedGaugeWave(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual H = Wave(I, x), one_plus_H = DShift(1.0, H);

  Minkowski(I, x, m);
  m->alpha = DInv(DSqrt(one_plus_H));
  for (int a = 0; a < 3; a++) m->beta[a] = DScale(-I->direction[a], DDiv(H, one_plus_H));
  AddLongitudinal(I, H, m);
}

/* ds^2 = -dt^2 + dx^2 + (1 + b) dy^2 + (1 - b) dz^2, a solution to first order in b; x along n, y and z across  [AwA, Eq. (13)] */
static void LinearWave(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual     b = Wave(I, x);
  const PetscReal *n = I->direction;
  /* e across n: y for n = x; f = n x e */
  const PetscReal r = PetscSqrtReal(n[0] * n[0] + n[1] * n[1]), e[3] = {r > 0 ? -n[1] / r : 0.0, r > 0 ? n[0] / r : 1.0, 0.0};
  const PetscReal f[3] = {n[1] * e[2] - n[2] * e[1], n[2] * e[0] - n[0] * e[2], n[0] * e[1] - n[1] * e[0]};

  Minkowski(I, x, m);
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++) m->g[ij] = DAdd(m->g[ij], DScale(e[i] * e[j] - f[i] * f[j], b));
}

/*
  g_mn = eta_mn + 2 H l_m l_n with H = M r^3/(r^4 + a^2 z^2), l = (1, (r x + a y)/(r^2 + a^2), (r y - a x)/(r^2 + a^2), z/r),
  r^4 - r^2 (R^2 - a^2) - a^2 z^2 = 0; alpha = (1 + 2 H)^(-1/2), beta^i = 2 H l^i/(1 + 2 H)  [KS]
*/
static void KerrSchild(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const double a = I->spin * I->mass;
  const AeDual X = DShift(-I->centre[0], x[1]), Y = DShift(-I->centre[1], x[2]), Z = DShift(-I->centre[2], x[3]), Z2 = DSquare(Z);
  const AeDual b  = DScale(0.5, DShift(-a * a, DAdd(DAdd(DSquare(X), DSquare(Y)), Z2)));
  const AeDual r2 = DAdd(b, DSqrt(DAdd(DSquare(b), DScale(a * a, Z2)))), r = DSqrt(r2), q = DInv(DShift(a * a, r2));
  const AeDual H2 = DScale(2.0 * I->mass, DDiv(DMul(r, r2), DAdd(DSquare(r2), DScale(a * a, Z2)))), den = DInv(DShift(1.0, H2));
  AeDual       l[3];

  l[0] = DMul(DAdd(DMul(r, X), DScale(a, Y)), q);
  l[1] = DMul(DSub(DMul(r, Y), DScale(a, X)), q);
  l[2] = DDiv(Z, r);
  Minkowski(I, x, m);
  m->alpha = DSqrt(den);
  for (int i = 0, ij = 0; i < 3; i++) {
    m->beta[i] = DMul(DMul(H2, l[i]), den);
    for (int j = i; j < 3; j++, ij++) m->g[ij] = DAdd(m->g[ij], DMul(H2, DMul(l[i], l[j])));
  }
}

static PetscErrorCode WaveOptions(AeInitial I)
{
  PetscReal limit = 0.99, norm = 0;

  PetscFunctionBegin;
  PetscOptionsBegin(I->comm, NULL, "Wave data", "AeInitial");
  PetscCall(AeOptReal("-gw_amplitude", "amplitude A of H = A sin(2 pi (x - t)/d)", "1", "arXiv:0709.3559", -limit, limit, &I->amplitude, NULL));
  PetscCall(AeOptPositive("-gw_wavelength", "wavelength d; the domain is one wave long", "M", "arXiv:0709.3559", &I->wavelength, NULL));
  PetscCall(AeOptReals("-gw_direction", "direction the wave travels in; 1,1,0 is the diagonal", "1", "arXiv:0709.3559", -AE_HUGE, AE_HUGE, 3, I->direction, NULL));
  PetscOptionsEnd();
  for (int a = 0; a < 3; a++) norm += PetscSqr(I->direction[a]);
  PetscCheck(norm > 0, I->comm, AE_ERR_USAGE, "-gw_direction 0,0,0 is no direction");
  for (int a = 0; a < 3; a++) I->direction[a] /= PetscSqrtReal(norm);
  PetscFunctionReturn(0);
}

static PetscErrorCode NoiseOptions(AeInitial I)
{
  PetscFunctionBegin;
  PetscOptionsBegin(I->comm, NULL, "Noise", "AeInitial");
  PetscCall(AeOptReal("-noise_amplitude", "largest deviation of every variable at 50 cells along x; falls with the cell size squared", "1", "arXiv:0709.3559", 0, 1, &I->noise, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscErrorCode HoleOptions(AeInitial I)
{
  PetscFunctionBegin;
  PetscOptionsBegin(I->comm, NULL, "Black hole", "AeInitial");
  PetscCall(AeOptPositive("-hole_mass", "mass", "M", "", &I->mass, NULL));
  PetscCall(AeOptReal("-hole_spin", "spin parameter a/M", "1", "", -1, 1, &I->spin, NULL));
  PetscCall(AeOptReals("-hole_centre", "where the hole is", "M", "", -AE_HUGE, AE_HUGE, 3, I->centre, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

const AeDatum AeData[] = {
  {"minkowski", "flat space", CiteAwA, {32, 32, 32}, 1, AE_BC_PERIODIC, "harmonic", "frozen", 1, 0.25, PETSC_TRUE, PETSC_FALSE, PETSC_FALSE, 0, NULL, Minkowski},
  {"noise", "flat space with noise on every variable (robust stability)", CiteAwA, {50, 8, 8}, 1, AE_BC_PERIODIC, "harmonic", "frozen", 20, 0.5, PETSC_FALSE, PETSC_FALSE, PETSC_FALSE, 1e-10, NoiseOptions, Minkowski},
  {"linear_wave", "plane gravitational wave of amplitude 1e-8", CiteAwA, {64, 8, 8}, 1, AE_BC_PERIODIC, "geodesic", "frozen", 10, 0.25, PETSC_TRUE, PETSC_TRUE, PETSC_FALSE, 0, WaveOptions, LinearWave},
  {"gauge_wave", "flat space seen from oscillating coordinates", CiteAwA, {64, 8, 8}, 1, AE_BC_PERIODIC, "harmonic", "frozen", 10, 0.25, PETSC_TRUE, PETSC_TRUE, PETSC_FALSE, 0, WaveOptions, GaugeWave},
  {"shifted_gauge_wave", "gauge wave with a shift", CiteAwA, {64, 8, 8}, 1, AE_BC_PERIODIC, "harmonic", "harmonic", 10, 0.25, PETSC_TRUE, PETSC_TRUE, PETSC_FALSE, 0, WaveOptions, ShiftedGaugeWave},
  {"kerr_schild", "Kerr hole in Kerr-Schild coordinates, the box off the hole", CiteKS, {32, 32, 32}, 4, AE_BC_EXACT, "exact", "exact", 10, 0.25, PETSC_TRUE, PETSC_FALSE, PETSC_FALSE, 0, HoleOptions, KerrSchild},
};
const PetscInt AeNumData = PETSC_STATIC_ARRAY_LENGTH(AeData);
