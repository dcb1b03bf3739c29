/*
  Flat space, noise on it, and plane waves.

  [AwA]  Alcubierre et al., gr-qc/0305023; Babiuc et al., arXiv:0709.3559: gauge waves, linear wave, noise
*/
#include "initial_private.h"

void AeMinkowski(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  (void)I;
  (void)x;
  AeConformallyFlat(DConst(1.0), m);
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
void AeGaugeWave(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual H = Wave(I, x);

  AeMinkowski(I, x, m);
  m->alpha = DSqrt(DShift(1.0, DScale(-1.0, H)));
  AddLongitudinal(I, DScale(-1.0, H), m);
}

/* ds^2 = flat + H (-dt + dx)^2: g_xx = 1 + H, beta^x = -H/(1 + H), alpha = 1/sqrt(1 + H), x along n  [AwA, Eq. (20)] */
void AeShiftedGaugeWave(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual H = Wave(I, x), one_plus_H = DShift(1.0, H);

  AeMinkowski(I, x, m);
  m->alpha = DInv(DSqrt(one_plus_H));
  for (int a = 0; a < 3; a++) m->beta[a] = DScale(-I->direction[a], DDiv(H, one_plus_H));
  AddLongitudinal(I, H, m);
}

/* ds^2 = -dt^2 + dx^2 + (1 + b) dy^2 + (1 - b) dz^2, a solution to first order in b; x along n, y and z across [AwA, Eq. (13)] */
void AeLinearWave(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual     b = Wave(I, x);
  const PetscReal *n = I->direction;
  /* e across n: y for n = x; f = n x e */
  const PetscReal r = PetscSqrtReal(n[0] * n[0] + n[1] * n[1]), e[3] = {r > 0 ? -n[1] / r : 0.0, r > 0 ? n[0] / r : 1.0, 0.0};
  const PetscReal f[3] = {n[1] * e[2] - n[2] * e[1], n[2] * e[0] - n[0] * e[2], n[0] * e[1] - n[1] * e[0]};

  AeMinkowski(I, x, m);
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++) m->g[ij] = DAdd(m->g[ij], DScale(e[i] * e[j] - f[i] * f[j], b));
}

PetscErrorCode AeWaveOptions(AeInitial I)
{
  PetscReal limit = 0.99, norm = 0;

  PetscFunctionBegin;
  PetscOptionsBegin(I->comm, NULL, "Data linear_wave, gauge_wave, shifted_gauge_wave", "AeInitial");
  PetscCall(AeOptReal("-gw_amplitude", "amplitude A of H = A sin(2 pi (x - t)/d)", "1", "arXiv:0709.3559", -limit, limit,
                      &I->amplitude, NULL));
  PetscCall(
    AeOptPositive("-gw_wavelength", "wavelength d; the domain is one wave long", "M", "arXiv:0709.3559", &I->wavelength, NULL));
  PetscCall(AeOptReals("-gw_direction", "direction the wave travels in; 1,1,0 is the diagonal", "1", "arXiv:0709.3559", -AE_HUGE,
                       AE_HUGE, 3, I->direction, NULL));
  PetscOptionsEnd();
  for (int a = 0; a < 3; a++) norm += PetscSqr(I->direction[a]);
  PetscCheck(norm > 0, I->comm, AE_ERR_USAGE, "-gw_direction 0,0,0 is no direction");
  for (int a = 0; a < 3; a++) I->direction[a] /= PetscSqrtReal(norm);
  /* one wave along the axis closest to its direction, in the projection on that axis */
  for (int a = 0; a < 3; a++)
    if (PetscAbsReal(I->direction[a]) > PetscAbsReal(I->direction[I->axis]) + 1e-12) I->axis = a;
  I->length *= I->wavelength / PetscAbsReal(I->direction[I->axis]);
  PetscFunctionReturn(0);
}

PetscErrorCode AeNoiseOptions(AeInitial I)
{
  PetscFunctionBegin;
  PetscOptionsBegin(I->comm, NULL, "Data noise", "AeInitial");
  PetscCall(AeOptReal("-noise_amplitude",
                      "largest deviation of every variable at 50 cells along x; falls with the cell size squared", "1",
                      "arXiv:0709.3559", 0, 1, &I->noise, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}
