/*
  The row kernel of -fd_order spectral: the equations of z4_point.h from derivatives that stand in arrays (spectral.c). As kernel.c
  without upwinding and dissipation.
*/
#include "gr_spectral.h"
#include "z4_point.h"

typedef struct {
  const Z4Row     *a;
  const AeGRSlots *s;
  const double    *d; /* derivatives, at the row's first cell */
} Source;

AE_INLINE RealV D1(const Source *S, ptrdiff_t i, int f, int c) { return Load(S->d + (S->s->first[f] + c) * S->s->size + i); }
AE_INLINE RealV D2(const Source *S, ptrdiff_t i, int f, int ce)
{
  return Load(S->d + (S->s->first[f] + 3 + ce) * S->s->size + i);
}

/* chi with its derivatives from a field chi or W: chi = W^2, d chi = 2 W dW, dd chi = 2 (dW dW + W ddW) */
AE_INLINE void LoadChi(const Source *S, ptrdiff_t i, Z4Point *p)
{
  p->chi = Load(S->a->u + i + Z4_CHI * S->a->stride);
  FOR3 (c) p->dchi[c] = D1(S, i, Z4_CHI, c);
  FOR6 (ce) p->ddchi[ce] = D2(S, i, Z4_CHI, ce);
  if (S->a->p->use_w) {
    const RealV W = p->chi;
    FOR6 (ab) p->ddchi[ab] = 2.0 * (p->dchi[Z4A[ab]] * p->dchi[Z4Bx[ab]] + W * p->ddchi[ab]);
    FOR3 (a) p->dchi[a] = 2.0 * W * p->dchi[a];
    p->chi = W * W;
  }
}

AE_INLINE void LoadPoint(const Source *S, ptrdiff_t i, const Z4Fields *at, const Z4Form form, Z4Point *p)
{
  const double   *u  = S->a->u + i;
  const ptrdiff_t fs = S->a->stride;

  FOR6 (ab) {
    p->gt[ab] = Load(u + (at->metric + ab) * fs);
    p->At[ab] = Load(u + (at->curv + ab) * fs);
    FOR3 (c) p->dgt[c][ab] = D1(S, i, at->metric + ab, c);
    FOR6 (ce) p->ddgt[ce][ab] = D2(S, i, at->metric + ab, ce);
  }
  p->alpha = Load(u + at->lapse * fs);
  FOR3 (c) p->dalpha[c] = D1(S, i, at->lapse, c);
  FOR6 (ce) p->ddalpha[ce] = D2(S, i, at->lapse, ce);
  FOR3 (k) {
    p->beta[k] = Load(u + (at->shift + k) * fs);
    FOR3 (c) p->dbeta[c][k] = D1(S, i, at->shift + k, c);
    FOR6 (ce) p->ddbeta[ce][k] = D2(S, i, at->shift + k, ce);
    p->B[k] = S->a->p->has_b ? Load(u + (at->B + k) * fs) : Splat(0);
  }
  if (form == Z4_FORM_adm) {
    p->chi = Splat(1);
    return;
  }
  LoadChi(S, i, p);
  p->Khat = Load(u + Z4_K * fs);
  FOR3 (c) p->dKhat[c] = D1(S, i, Z4_K, c);
  FOR3 (k) {
    p->Gam[k] = Load(u + (Z4_GAM + k) * fs);
    FOR3 (c) p->dGam[c][k] = D1(S, i, Z4_GAM + k, c);
  }
  if (Z4HasTheta(form)) {
    p->Theta = Load(u + Z4_THETA * fs);
    FOR3 (c) p->dTheta[c] = D1(S, i, Z4_THETA, c);
  }
}

AE_INLINE RealV Advect(const Source *S, ptrdiff_t i, int f, const Z4Point *p)
{
  return p->beta[0] * D1(S, i, f, 0) + p->beta[1] * D1(S, i, f, 1) + p->beta[2] * D1(S, i, f, 2);
}

AE_INLINE void StoreRhs(const Source *S, ptrdiff_t i, const Z4Fields *at, const Z4Form form, const Z4Point *p,
                        const Z4Geometry *g, const Z4Rhs *r, RealV eta)
{
  const Z4Row    *a  = S->a;
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
#define ADV(f) Advect(S, i, f, p)
  FOR6 (c) PUT(at->metric + c, r->gt[c] + ADV(at->metric + c));
  FOR6 (c) PUT(at->curv + c, r->At[c] + ADV(at->curv + c));
  if (form != Z4_FORM_adm) {
    PUT(Z4_CHI, (q->use_w ? 0.5 : 1.0) * r->chi * Load(a->u + i + Z4_CHI * fs) + ADV(Z4_CHI));
    PUT(Z4_K, r->Khat + ADV(Z4_K));
    Store(a->stat + Z4_STAT_DTK * a->nstat + i, x);
    FOR3 (c) PUT(Z4_GAM + c, r->Gam[c] + ADV(Z4_GAM + c));
  } else { /* d_t K = gamma^ab d_t K_ab - K^ab d_t gamma_ab */
    RealV dg[6], dK[6];
    FOR6 (c) dg[c] = Load(w + (at->metric + c) * fs), dK[c] = Load(w + (at->curv + c) * fs);
    Store(a->stat + Z4_STAT_DTK * a->nstat + i, Trace(g->gtu, dK) - Trace(g->Atuu, dg));
  }
  if (Z4HasTheta(form)) PUT(Z4_THETA, r->Theta + ADV(Z4_THETA));
  if (form != Z4_FORM_adm && q->has_b) /* d_t B = d_t Gamma - eta B, with beta^c d_c (B - Gamma) where advected */
    FOR3 (c)
      PUT(at->B + c, r->Gam[c] + (1.0 - q->shift_advect) * ADV(Z4_GAM + c) + q->shift_advect * ADV(at->B + c) - eta * p->B[c]);
  PUT(at->lapse, r->alpha + q->lapse_advect * ADV(at->lapse));
  FOR3 (c) PUT(at->shift + c, r->beta[c] + q->shift_advect * ADV(at->shift + c));
#undef PUT
#undef ADV
  Store(a->stat + Z4_STAT_SUM * a->nstat + i, sum);
  Store(a->stat + Z4_STAT_LAPSE * a->nstat + i, p->alpha);
  Store(a->stat + Z4_STAT_CHI * a->nstat + i, form == Z4_FORM_adm ? -g->det : p->chi);
  Store(a->stat + Z4_STAT_K * a->nstat + i, g->K);
}

AE_INLINE void StoreConstraints(const Source *S, ptrdiff_t i, const Z4Fields *at, const Z4Form form, const Z4Point *p,
                                const Z4Geometry *g, const RealV R[6], RealV inv_chi, const Z4Source *m)
{
  const Z4Row *a = S->a;
  RealV        dAt[3][6], H, M[3], M2;

  FOR6 (ab)
    FOR3 (c) dAt[c][ab] = D1(S, i, at->curv + ab, c);
  Z4Constraints(p, g, R, inv_chi, dAt, m, form, &H, M, &M2);
  Store(a->stat + Z4_STAT_H * a->nstat + i, H);
  Store(a->stat + Z4_STAT_M2 * a->nstat + i, M2);
  if (!a->c) return;
  Store(a->c + i, H);
  FOR3 (c) Store(a->c + (c + 1) * a->cstride + i, M[c]);
}

AE_INLINE void Row(const Z4Row *a, const AeGRSlots *slots, const double *d, const Z4Fields *at, int evolve, int constrain,
                   const Z4Form form)
{
  const Source S = {a, slots, d};

  for (ptrdiff_t i0 = 0; i0 < a->n; i0 += AE_LANES) {
    const ptrdiff_t i = i0 + AE_LANES <= a->n ? i0 : a->n - AE_LANES;
    Z4Point         p;
    Z4Geometry      g;
    Z4Source        source, *m = a->src ? &source : NULL;
    RealV           R[6], inv_chi;

    LoadPoint(&S, i, at, form, &p);
    if (m) {
      m->rho = Load(a->src + Z4_SRC_RHO * a->nstat + i);
      FOR3 (c) m->S[c] = Load(a->src + (Z4_SRC_S + c) * a->nstat + i);
      FOR6 (ab) m->SS[ab] = Load(a->src + (Z4_SRC_SS + ab) * a->nstat + i);
    }
    inv_chi = 1.0 / p.chi;
    Z4GeometrySetUp(&p, form, &g);
    Z4Ricci(&p, &g, inv_chi, form, R);
    if (evolve) {
      const RealV eta = Load(a->eta + i);
      Z4Rhs       r;

      Z4Evolve(&p, &g, R, inv_chi, eta, m, a->p, form, &r);
      StoreRhs(&S, i, at, form, &p, &g, &r, eta);
    }
    if (constrain) StoreConstraints(&S, i, at, form, &p, &g, R, inv_chi, m);
  }
}

#define ROW(form)                                                                                                           \
  static __attribute__((noinline)) void Row_##form(const Z4Row *a, const AeGRSlots *s, const double *d, const Z4Fields *at, \
                                                   int evolve, int constrain)                                               \
  {                                                                                                                         \
    Row(a, s, d, at, evolve, constrain, Z4_FORM_##form);                                                                    \
  }
ROW(bssn)
ROW(z4c)
ROW(ccz4)
ROW(adm)

void AeGRSpectralRow(Z4Form form, const Z4Row *a, const AeGRSlots *s, const double *d, const Z4Fields *at, int evolve,
                     int constrain)
{
  static void (*const rows[Z4_FORM_COUNT])(const Z4Row *, const AeGRSlots *, const double *, const Z4Fields *, int, int) = {
    [Z4_FORM_bssn] = Row_bssn, [Z4_FORM_z4c] = Row_z4c, [Z4_FORM_ccz4] = Row_ccz4, [Z4_FORM_adm] = Row_adm};

  (*rows[form])(a, s, d, at, evolve, constrain);
}
