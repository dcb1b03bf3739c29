/*
  The row kernel of -fd_order spectral: the equations of z4_point.h from derivatives that stand in arrays (spectral.c), without
  upwinding and dissipation.
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

/* chi with its derivatives, also from a field W. */
AE_INLINE void LoadChi(const Source *S, ptrdiff_t i, Z4Point *p)
{
  p->chi = Load(S->a->u + i + Z4_CHI * S->a->stride);
  FOR3 (c) p->dchi[c] = D1(S, i, Z4_CHI, c);
  FOR6 (ce) p->ddchi[ce] = D2(S, i, Z4_CHI, ce);
  if (S->a->p->use_w) Z4FromW(p);
}

/* The fields and derivatives of all equations; what a formulation does not have is not read. */
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

/* Advection at a block of cells; there is no dissipation. */
typedef struct {
  const Source   *S;
  ptrdiff_t       i;
  const Z4Fields *at;
  Z4Form          form;
  const RealV    *beta;
} Advection;

#define METRIC    (A->at->metric)
#define CURV      (A->at->curv)
#define LAPSE     (A->at->lapse)
#define SHIFT     (A->at->shift)
#define BSHIFT    (A->at->B)
#define CONFORMAL (A->form != Z4_FORM_adm)
#define HAS_THETA (Z4HasTheta(A->form))

AE_INLINE RealV Advected(const Advection *A, int f)
{
  return A->beta[0] * D1(A->S, A->i, f, 0) + A->beta[1] * D1(A->S, A->i, f, 1) + A->beta[2] * D1(A->S, A->i, f, 2);
}
AE_INLINE RealV AdvectedLapse(const Advection *A) { return A->S->a->p->lapse_advect * Advected(A, LAPSE); }
AE_INLINE RealV AdvectedShift(const Advection *A, int c) { return A->S->a->p->shift_advect * Advected(A, SHIFT + c); }
AE_INLINE RealV AdvectedDriver(const Advection *A, RealV x, int c)
{
  const double weight = A->S->a->p->shift_advect;

  return x + (1.0 - weight) * Advected(A, Z4_GAM + c) + weight * Advected(A, BSHIFT + c);
}

#include "store.h"

AE_INLINE void Constraints(const Source *S, ptrdiff_t i, const Z4Fields *at, const Z4Form form, const Z4Point *p,
                           const Z4Geometry *g, const RealV R[6], RealV inv_chi, const Z4Source *m)
{
  RealV dAt[3][6], H, M[3], M2;

  FOR6 (ab)
    FOR3 (c) dAt[c][ab] = D1(S, i, at->curv + ab, c);
  Z4Constraints(p, g, R, inv_chi, dAt, m, form, &H, M, &M2);
  StoreConstraints(S->a, i, H, M, M2);
}

/* As kernel.c's Row: the formulation is a constant of each of the functions below. */
AE_INLINE void Row(const Z4Row *a, const AeGRSlots *slots, const double *d, const Z4Fields *at, int evolve, int constrain,
                   const Z4Form form)
{
  const Source S = {a, slots, d};

  for (ptrdiff_t i0 = 0; i0 < a->n; i0 += AE_LANES) {
    const ptrdiff_t i = i0 + AE_LANES <= a->n ? i0 : a->n - AE_LANES;
    Z4Point         p;
    Z4Geometry      g;
    Z4Source        source = {.rho = {0}}, *m = a->src ? &source : NULL;
    RealV           R[6], inv_chi;

    LoadPoint(&S, i, at, form, &p);
    if (m) LoadSource(a, i, m);
    inv_chi = 1.0 / p.chi;
    Z4GeometrySetUp(&p, form, &g);
    Z4Ricci(&p, &g, inv_chi, form, R);
    if (evolve) {
      const RealV     eta = Load(a->eta + i);
      Z4Rhs           r;
      const Advection A = {&S, i, at, form, p.beta};

      Z4Evolve(&p, &g, R, inv_chi, eta, m, a->p, form, &r);
      StoreRhs(a, i, &A, &p, &g, &r, eta);
    }
    if (constrain) Constraints(&S, i, at, form, &p, &g, R, inv_chi, m);
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
