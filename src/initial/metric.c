/*
  From a metric with its derivatives to ADM and conformal variables, and noise: at a point.
*/
#include "initial_private.h"

/* K_ab = -(1/2 alpha)(d_t gamma_ab - beta^c d_c gamma_ab - gamma_cb d_a beta^c - gamma_ac d_b beta^c) */
static void Extrinsic(const AeMetric *m, double K[6])
{
  if (m->has_K) {
    for (int ab = 0; ab < 6; ab++) K[ab] = m->K[ab];
    return;
  }
  for (int a = 0, ab = 0; a < 3; a++)
    for (int b = a; b < 3; b++, ab++) {
      double x = m->g[ab].d[0];

      for (int c = 0; c < 3; c++)
        x -= m->beta[c].v * m->g[ab].d[1 + c] + m->g[AE_SYM(c, b)].v * m->beta[c].d[1 + a] +
             m->g[AE_SYM(a, c)].v * m->beta[c].d[1 + b];
      K[ab] = -0.5 * x / m->alpha.v;
    }
}

/* Pi = (d_t phi - beta^c d_c phi)/alpha */
static double Momentum(const AeMetric *m)
{
  double x = m->phi.d[0];

  for (int c = 0; c < 3; c++) x -= m->beta[c].v * m->phi.d[1 + c];
  return x / m->alpha.v;
}

void AeMetricAdm(const AeMetric *m, AeAdm *adm)
{
  adm->alpha = m->alpha.v;
  for (int a = 0; a < 3; a++) adm->beta[a] = m->beta[a].v;
  for (int ab = 0; ab < 6; ab++) adm->g[ab] = m->g[ab].v;
  Extrinsic(m, adm->K);
  adm->phi = m->phi.v;
  adm->Pi  = Momentum(m);
}

/* Cofactors of a symmetric matrix and its determinant, on dual numbers. */
static AeDual Cofactors(const AeDual g[6], AeDual c[6])
{
#define MINOR(p, q, r, s) DSub(DMul(g[p], g[q]), DMul(g[r], g[s]))
  c[0] = MINOR(3, 5, 4, 4);
  c[1] = MINOR(2, 4, 1, 5);
  c[2] = MINOR(1, 4, 2, 3);
  c[3] = MINOR(0, 5, 2, 2);
  c[4] = MINOR(1, 2, 0, 4);
  c[5] = MINOR(0, 3, 1, 1);
#undef MINOR
  return DAdd(DMul(g[0], c[0]), DAdd(DMul(g[1], c[1]), DMul(g[2], c[2])));
}

void AeMetricConformal(const AeMetric *m, double v[AE_INITIAL_NV])
{
  AeDual c[6], chi, gt[6];
  double K[6], trK = 0;

  Extrinsic(m, K);
  chi = DPow(Cofactors(m->g, c), -1.0 / 3.0);
  for (int ab = 0; ab < 6; ab++) gt[ab] = DMul(chi, m->g[ab]);
  (void)Cofactors(gt, c); /* gt^ab, its determinant being one */
  v[0] = chi.v;
  for (int ab = 0; ab < 6; ab++) v[1 + ab] = gt[ab].v;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) trK += chi.v * c[AE_SYM(a, b)].v * K[AE_SYM(a, b)];
  v[7] = trK;
  for (int ab = 0; ab < 6; ab++) v[8 + ab] = chi.v * K[ab] - gt[ab].v * trK / 3.0;
  for (int a = 0; a < 3; a++) v[14 + a] = -(c[AE_SYM(a, 0)].d[1] + c[AE_SYM(a, 1)].d[2] + c[AE_SYM(a, 2)].d[3]);
  v[17] = m->alpha.v;
  for (int a = 0; a < 3; a++) v[18 + a] = m->beta[a].v;
  v[AE_INITIAL_PHI] = m->phi.v;
  v[AE_INITIAL_PI]  = Momentum(m);
}

/* chi = det(gamma)^(-1/3), gt = chi gamma, At = chi (K_ab - gamma_ab K/3) */
void AeAdmToConformal(const double g[6], const double K[6], double *chi, double gt[6], double *trK, double At[6])
{
  double gu[6];

  *chi = 1.0 / cbrt(AeSymInverse(g, gu));
  *trK = AeSymTrace(gu, K);
  for (int ab = 0; ab < 6; ab++) {
    gt[ab] = *chi * g[ab];
    At[ab] = *chi * (K[ab] - g[ab] * *trK / 3.0);
  }
}

void AeConformalToAdm(double chi, const double gt[6], double trK, const double At[6], double g[6], double K[6])
{
  for (int ab = 0; ab < 6; ab++) {
    g[ab] = gt[ab] / chi;
    K[ab] = (At[ab] + gt[ab] * trK / 3.0) / chi;
  }
}

/* splitmix64 (Steele, Lea & Flood, OOPSLA 2014) of the cell's name */
double AeInitialNoise(PetscInt seed, PetscInt field, PetscInt i, PetscInt j, PetscInt k)
{
  uint64_t z = (uint64_t)(uint32_t)seed << 32 | (uint32_t)field;

  for (int m = 0; m < 3; m++) {
    z += 0x9e3779b97f4a7c15u + (uint64_t)(uint32_t)(m == 0 ? i : m == 1 ? j : k);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
  }
  return (double)(z >> 11) * 0x1p-52 - 1.0;
}
