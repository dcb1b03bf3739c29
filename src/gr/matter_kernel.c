/*
  Row kernel of the matter: a scalar field and the cosmological constant, for every formulation. Writes the sources that
  the kernels of kernel.c add, and the right-hand sides of phi and Pi = (d_t phi - beta^c d_c phi)/alpha:
    d_t phi = alpha Pi + beta^c d_c phi
    d_t Pi  = alpha [D^c D_c phi + K Pi - m^2 phi] + D^c alpha D_c phi + beta^c d_c Pi
    rho  = (1/2) [Pi^2 + D^c phi D_c phi] + V + Lambda/(8 pi),   S_a = -Pi d_a phi
    S_ab = d_a phi d_b phi + gamma_ab {(1/2) [Pi^2 - D^c phi D_c phi] - V - Lambda/(8 pi)},   V = (1/2) m^2 phi^2
  Alcubierre, Introduction to 3+1 Numerical Relativity (2008), Sec. 2.12 (his K_ij, signature and T_ab).
*/
#include "row.h"

/* The physical metric with what the wave operator needs: gamma^ab, and Gamma^a = gamma^bc Gamma^a_bc. */
typedef struct {
  RealV g[6], gu[6], Gam[3], K, chi;
} Metric;

/* chi and its gradient; 1 where the metric is not split (adm) */
AE_INLINE void LoadChi(const double *u, const Z4Row *a, const Z4Fields *F, const Steps *S, RealV *chi, RealV dchi[3])
{
  *chi = Splat(1);
  FOR3 (c) dchi[c] = Splat(0);
  if (F->chi < 0) return;
  *chi = Load(u + F->chi * a->stride);
  D1(u + F->chi * a->stride, S, dchi);
  if (a->p->use_w) {
    FOR3 (c) dchi[c] = 2.0 * *chi * dchi[c];
    *chi = *chi * *chi;
  }
}

/*
  With gamma_ab = gt_ab/chi: gamma^bc Gamma^a_bc = chi gt^bc Gamt^a_bc + (1/2) gt^ab d_b chi, where
  gt^bc Gamt^a_bc = gt^ae (gt^bc d_b gt_ce - (1/2) gt^bc d_e gt_bc). The last term is d_e ln det gt: zero but in adm.
*/
AE_INLINE void LoadMetric(const double *u, const Z4Row *a, Z4Form form, const Z4Fields *F, const Steps *S, Metric *m)
{
  const ptrdiff_t fs = a->stride;
  RealV           gt[6], dgt[3][6], gtu[6], dchi[3], inv, low[3];

  LoadChi(u, a, F, S, &m->chi, dchi);
  FOR6 (ab) {
    RealV d[3];
    gt[ab] = Load(u + (F->metric + ab) * fs);
    D1(u + (F->metric + ab) * fs, S, d);
    FOR3 (c) dgt[c][ab] = d[c];
  }
  Z4Inverse(gt, gtu);
  if (form == Z4_FORM_adm) {
    inv = 1.0 / AE_SYM_DET(gt, gtu);
    FOR6 (ab) gtu[ab] *= inv;
    FOR3 (e) low[e] = -0.5 * Trace(gtu, dgt[e]);
    inv = Splat(1);
  } else {
    inv = 1.0 / m->chi;
    FOR3 (e) low[e] = 0.5 * dchi[e] * inv;
  }
  FOR3 (e)
    FOR3 (b)
      FOR3 (c) low[e] += gtu[AE_SYM(b, c)] * dgt[b][AE_SYM(c, e)];
  FOR6 (ab) {
    m->g[ab]  = gt[ab] * inv;
    m->gu[ab] = gtu[ab] * m->chi;
  }
  Raise(m->gu, low, m->Gam);
  if (form == Z4_FORM_adm) {
    RealV Kab[6];
    FOR6 (ab) Kab[ab] = Load(u + (F->curv + ab) * fs);
    m->K = Trace(m->gu, Kab);
  } else {
    m->K = Load(u + F->K * fs);
    if (form == Z4_FORM_z4c) m->K += 2.0 * Load(u + F->Theta * fs);
  }
}

/* Writes rho, S_a, S_ab at cell i. */
AE_INLINE void StoreSources(const Z4Row *a, ptrdiff_t i, const Metric *m, RealV phi, const RealV dphi[3], RealV Pi)
{
  const RealV V = 0.5 * a->p->mass2 * phi * phi + a->p->Lambda * (1.0 / (8.0 * Z4_PI)), kinetic = 0.5 * Pi * Pi,
              gradient = 0.5 * Dot(m->gu, dphi, dphi), pressure = kinetic - gradient - V;
  double *src = a->src + i;

  Store(src + Z4_SRC_RHO * a->nstat, kinetic + gradient + V);
  FOR3 (c) Store(src + (Z4_SRC_S + c) * a->nstat, -Pi * dphi[c]);
  FOR6 (ab) Store(src + (Z4_SRC_SS + ab) * a->nstat, dphi[AeSymA[ab]] * dphi[AeSymB[ab]] + m->g[ab] * pressure);
}

/* d_t phi and d_t Pi, their advection upwinded and dissipated as the metric's; returns their sum, whose NaN is the row's. */
AE_INLINE RealV StoreRhs(const Z4Row *a, ptrdiff_t i, const Z4Fields *F, const Steps *S, const Metric *m, const RealV dphi[3])
{
  const Z4Params *q  = a->p;
  const ptrdiff_t fs = a->stride;
  const double   *u = a->u + i, *phi = u + F->phi * fs, *Pi = u + F->Pi * fs, *alpha = u + F->lapse * fs;
  RealV           dalpha[3], ddphi[6], b[3], ab[3], wave, x, y, sigma = Splat(q->sigma * a->inv_h / (double)(4 << AE_ORDER));

  D1(alpha, S, dalpha);
  D2(phi, S, ddphi);
  if (q->diss_curvature) {
    if (F->chi < 0) { /* chi = det(gamma)^(-1/3) = det(gamma^-1)^(1/3) */
      RealV c[6];
      Z4Inverse(m->gu, c);
      x = AE_SYM_DET(m->gu, c);
      for (int l = 0; l < AE_LANES; l++) x[l] = __builtin_cbrt(x[l]);
    } else x = m->chi;
    sigma *= Sqrt(x);
  }
  FOR3 (c) b[c] = Load(u + (F->shift + c) * fs) * a->inv_h, ab[c] = Abs(b[c]);
  wave = Trace(m->gu, ddphi) - (m->Gam[0] * dphi[0] + m->Gam[1] * dphi[1] + m->Gam[2] * dphi[2]);
  x    = Load(alpha) * Load(Pi) + Advect(phi, S, b, ab, sigma);
  y    = Load(alpha) * (wave + m->K * Load(Pi) - q->mass2 * Load(phi)) + Dot(m->gu, dalpha, dphi) + Advect(Pi, S, b, ab, sigma);
  Store(a->r + i + F->phi * fs, x);
  Store(a->r + i + F->Pi * fs, y);
  return x + y;
}

void KERNEL(AeRow)(const Z4Row *, Z4Form);
void KERNEL(AeRow)(const Z4Row *a, Z4Form form)
{
  const Steps    S = {{1, a->pitch, a->plane}, a->inv_h};
  const Z4Fields F = Z4FieldsOf(form, a->p->has_b, a->p->has_phi);

  for (ptrdiff_t i0 = 0; i0 < a->n; i0 += AE_LANES) {
    const ptrdiff_t i = Slide(i0, a->n);
    Metric          m;
    RealV           phi = {0}, Pi = {0}, dphi[3] = {{0}, {0}, {0}}, sum = {0};

    for (int f = F.phi; f <= F.Pi && f >= 0; f++)
      __builtin_prefetch(a->u + i + f * a->stride + (AeFDGhost(AE_ORDER) + 1) * a->plane, 0, 2);
    LoadMetric(a->u + i, a, form, &F, &S, &m);
    if (a->p->has_phi) {
      phi = Load(a->u + i + F.phi * a->stride);
      Pi  = Load(a->u + i + F.Pi * a->stride);
      D1(a->u + i + F.phi * a->stride, &S, dphi);
      if (a->r) sum = StoreRhs(a, i, &F, &S, &m, dphi);
    }
    StoreSources(a, i, &m, phi, dphi, Pi);
    Store(a->src + Z4_SRC_SUM * a->nstat + i, sum);
  }
}
