#ifndef AEONIC_STORE_H
#define AEONIC_STORE_H
/*
  What the row kernels of differences and of spectral derivatives write, and the sources that both read.

  Whoever includes this defines the places METRIC, CURV, LAPSE, SHIFT, BSHIFT, whether the state is CONFORMAL and HAS_THETA, and
  what advection adds (and dissipation, where there is any), from an Advection A:
    Advected(A, f)         to field f
    AdvectedLapse(A), AdvectedShift(A, c)
    AdvectedDriver(A, x, c)   x with the terms beta^c d_c (B - Gamma) of d_t B = d_t Gamma - eta B, and the advection of B
*/
#include "z4_point.h"

AE_INLINE void LoadSource(const Z4Row *a, ptrdiff_t i, Z4Source *m)
{
  const double *src = a->src + i;

  m->rho = Load(src + Z4_SRC_RHO * a->nstat);
  FOR3 (c) m->S[c] = Load(src + (Z4_SRC_S + c) * a->nstat);
  FOR6 (ab) m->SS[ab] = Load(src + (Z4_SRC_SS + ab) * a->nstat);
}

/* The right-hand sides with the row's statistics; their sum, in this order, tells whether one of them is not finite. */
AE_INLINE void StoreRhs(const Z4Row *a, ptrdiff_t i, const Advection *A, const Z4Point *p, const Z4Geometry *g, const Z4Rhs *r,
                        RealV eta)
{
  const Z4Params *q  = a->p;
  const ptrdiff_t fs = a->stride;
  double         *w  = a->r + i;
  RealV           x, sum = a->src ? Load(a->src + Z4_SRC_SUM * a->nstat + i) : Splat(0);

#define PUT(f, value)     \
  do {                    \
    x = (value);          \
    sum += x;             \
    Store(w + (f)*fs, x); \
  } while (0)
  FOR6 (c) PUT(METRIC + c, r->gt[c] + Advected(A, METRIC + c));
  FOR6 (c) PUT(CURV + c, r->At[c] + Advected(A, CURV + c));
  if (CONFORMAL) {
    PUT(Z4_CHI, (q->use_w ? 0.5 : 1.0) * r->chi * Load(a->u + i + Z4_CHI * fs) + Advected(A, Z4_CHI));
    PUT(Z4_K, r->Khat + Advected(A, Z4_K));
    Store(a->stat + Z4_STAT_DTK * a->nstat + i, x);
    FOR3 (c) PUT(Z4_GAM + c, r->Gam[c] + Advected(A, Z4_GAM + c));
  } else { /* d_t K = gamma^ab d_t K_ab - K^ab d_t gamma_ab */
    RealV dg[6], dK[6];
    FOR6 (c) dg[c] = Load(w + (METRIC + c) * fs), dK[c] = Load(w + (CURV + c) * fs);
    Store(a->stat + Z4_STAT_DTK * a->nstat + i, Trace(g->gtu, dK) - Trace(g->Atuu, dg));
  }
  if (HAS_THETA) PUT(Z4_THETA, r->Theta + Advected(A, Z4_THETA));
  if (CONFORMAL && q->has_b)
    FOR3 (c) PUT(BSHIFT + c, AdvectedDriver(A, r->Gam[c], c) - eta * p->B[c]);
  PUT(LAPSE, r->alpha + AdvectedLapse(A));
  FOR3 (c) PUT(SHIFT + c, r->beta[c] + AdvectedShift(A, c));
#undef PUT
  Store(a->stat + Z4_STAT_SUM * a->nstat + i, sum);
  Store(a->stat + Z4_STAT_LAPSE * a->nstat + i, p->alpha);
  Store(a->stat + Z4_STAT_CHI * a->nstat + i, CONFORMAL ? p->chi : -g->det);
  Store(a->stat + Z4_STAT_K * a->nstat + i, g->K);
}

/* The constraints' statistics, and where they are wanted the constraints themselves. */
AE_INLINE void StoreConstraints(const Z4Row *a, ptrdiff_t i, RealV H, const RealV M[3], RealV M2)
{
  Store(a->stat + Z4_STAT_H * a->nstat + i, H);
  Store(a->stat + Z4_STAT_M2 * a->nstat + i, M2);
  if (!a->c) return;
  Store(a->c + i, H);
  FOR3 (c) Store(a->c + (c + 1) * a->cstride + i, M[c]);
}
#endif
