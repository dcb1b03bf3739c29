/*
  Row kernels of the formulations: load, differentiate, equations, dissipation, store.
*/
#include "row.h"

#define FORM            CAT_FORM(AE_FORM)
#define CAT_FORM(form)  CAT_FORM_(form)
#define CAT_FORM_(form) Z4_FORM_##form
#define HAS_THETA       (FORM == Z4_FORM_z4c || FORM == Z4_FORM_ccz4)
#define CONFORMAL       (FORM != Z4_FORM_adm)

/* Places of the fields that every state has, and of those that only some formulations have; constants in each kernel.
   B is the last of the conformal fields, before the scalar field. */
enum {
  METRIC  = CONFORMAL ? Z4_GT : 0,
  CURV    = CONFORMAL ? Z4_AT : 6,
  LAPSE   = CONFORMAL ? Z4_LAPSE : 12,
  SHIFT   = CONFORMAL ? Z4_SHIFT : 13,
  BSHIFT  = Z4_THETA + HAS_THETA,
  NFIELDS = CONFORMAL ? BSHIFT : 16
};

/*
  First and second derivatives of a field of which the second are needed. h d_y f and h d_z f of the whole row stand in
  w, ghosts included (FillRows): d_x d_y and d_x d_z are their differences along the row.
*/
AE_INLINE void D12(const double *f, const double *w, ptrdiff_t nw, const Steps *S, RealV d[3], RealV dd[6])
{
  const double q = S->inv_h * S->inv_h;
  d[0]           = FD1(Order, f, 1) * S->inv_h;
  d[1]           = Load(w) * S->inv_h;
  d[2]           = Load(w + nw) * S->inv_h;
  dd[0]          = FD2(Order, f, 1) * q;
  dd[1]          = FD1(Order, w, 1) * q;
  dd[2]          = FD1(Order, w + nw, 1) * q;
  dd[3]          = FD2(Order, f, S->s[1]) * q;
  dd[4]          = FD11(Order, f, S->s[1], S->s[2]) * q;
  dd[5]          = FD2(Order, f, S->s[2]) * q;
}

/* Pairs of work rows: chi, metric, lapse, shift. adm has no chi, and needs no second derivative of the shift. */
enum { CHI_ROW, METRIC_ROW, LAPSE_ROW = 7, SHIFT_ROW, ROWS = CONFORMAL ? 11 : SHIFT_ROW };
AE_INLINE int RowField(int r)
{
  return r < METRIC_ROW ? Z4_CHI : r < LAPSE_ROW ? METRIC + r - METRIC_ROW : r < SHIFT_ROW ? LAPSE : SHIFT + r - SHIFT_ROW;
}

AE_INLINE void FillRows(const Z4Row *a, const Steps *S, const int rows)
{
  for (int r = CONFORMAL ? CHI_ROW : METRIC_ROW; r < rows; r++) {
    const double *f = a->u + RowField(r) * a->stride;
    double       *w = a->w + 2 * r * a->nw;

    for (ptrdiff_t i = -AE_WORK_GHOST; i < a->n + AE_WORK_GHOST; i += AE_LANES) {
      Store(w + i, FD1(Order, f + i, S->s[1]));
      Store(w + a->nw + i, FD1(Order, f + i, S->s[2]));
    }
  }
}

/* chi with its derivatives, also from a field W. */
AE_INLINE void LoadChi(const double *u, ptrdiff_t fs, const double *w, ptrdiff_t nw, const Steps *S, const Z4Params *q,
                       Z4Point *p)
{
  p->chi = Load(u + Z4_CHI * fs);
  D12(u + Z4_CHI * fs, w + 2 * CHI_ROW * nw, nw, S, p->dchi, p->ddchi);
  if (q->use_w) Z4FromW(p);
}

/* Everything Z4Point holds but the gauge; what adm does not have is not read. */
AE_INLINE void LoadPoint(const double *u, ptrdiff_t fs, const double *w, ptrdiff_t nw, const Steps *S, const Z4Params *q,
                         Z4Point *p)
{
  if (CONFORMAL) LoadChi(u, fs, w, nw, S, q, p);
  else p->chi = Splat(1);
  FOR6 (ab) {
    RealV d[3], dd[6];
    p->gt[ab] = Load(u + (METRIC + ab) * fs);
    p->At[ab] = Load(u + (CURV + ab) * fs);
    D12(u + (METRIC + ab) * fs, w + 2 * (METRIC_ROW + ab) * nw, nw, S, d, dd);
    FOR3 (c) p->dgt[c][ab] = d[c];
    FOR6 (ce) p->ddgt[ce][ab] = dd[ce];
  }
  if (!CONFORMAL) return;
  p->Khat = Load(u + Z4_K * fs);
  D1(u + Z4_K * fs, S, p->dKhat);
  if (HAS_THETA) {
    p->Theta = Load(u + Z4_THETA * fs);
    D1(u + Z4_THETA * fs, S, p->dTheta);
  }
  FOR3 (i) {
    RealV d[3];
    p->Gam[i] = Load(u + (Z4_GAM + i) * fs);
    D1(u + (Z4_GAM + i) * fs, S, d);
    FOR3 (a) p->dGam[a][i] = d[a];
  }
}

AE_INLINE void LoadGauge(const double *u, ptrdiff_t fs, const double *w, ptrdiff_t nw, const Steps *S, const Z4Params *q,
                         Z4Point *p)
{
  p->alpha = Load(u + LAPSE * fs);
  D12(u + LAPSE * fs, w + 2 * LAPSE_ROW * nw, nw, S, p->dalpha, p->ddalpha);
  FOR3 (i) {
    RealV d[3], dd[6];
    p->beta[i] = Load(u + (SHIFT + i) * fs);
    if (CONFORMAL) D12(u + (SHIFT + i) * fs, w + 2 * (SHIFT_ROW + i) * nw, nw, S, d, dd);
    else D1(u + (SHIFT + i) * fs, S, d);
    FOR3 (a) p->dbeta[a][i] = d[a];
    if (!CONFORMAL) continue;
    FOR6 (ab) p->ddbeta[ab][i] = dd[ab];
    p->B[i] = q->has_b ? Load(u + (BSHIFT + i) * fs) : Splat(0);
  }
}

/* What beta and the dissipation do to a block of cells: b = beta/h. */
typedef struct {
  const double   *u;
  ptrdiff_t       stride;
  const Steps    *S;
  const Z4Params *q;
  RealV           b[3], ab[3], sigma, sigma_gauge;
} Advection;

AE_INLINE void SetAdvection(const Z4Row *a, ptrdiff_t i, const Steps *S, const Z4Point *p, const Z4Geometry *g, Advection *A)
{
  const double ko = a->inv_h / (double)(4 << AE_ORDER);
  const RealV  W  = a->p->diss_curvature ? Z4W(p, g, FORM) : Splat(1); /* curvature-aware dissipation, arXiv:2404.01137 */

  A->u           = a->u + i;
  A->stride      = a->stride;
  A->S           = S;
  A->q           = a->p;
  A->sigma       = W * (ko * a->p->sigma);
  A->sigma_gauge = W * (ko * a->p->sigma_gauge);
  FOR3 (c) A->b[c] = p->beta[c] * a->inv_h, A->ab[c] = Abs(A->b[c]);
}

AE_INLINE RealV Advected(const Advection *A, int f) { return Advect(A->u + f * A->stride, A->S, A->b, A->ab, A->sigma); }

/* With the velocity times a weight: 1, or 0 where a gauge condition has no advection term. */
AE_INLINE RealV AdvectedGauge(const Advection *A, int f, double weight, RealV sigma)
{
  const RealV b[3] = {A->b[0] * weight, A->b[1] * weight, A->b[2] * weight}, ab[3] = {Abs(b[0]), Abs(b[1]), Abs(b[2])};

  return Advect(A->u + f * A->stride, A->S, b, ab, sigma);
}

AE_INLINE RealV AdvectedLapse(const Advection *A)
{
  return AdvectedGauge(A, LAPSE, A->q->lapse_advect, A->sigma_gauge * A->q->lapse_sigma);
}
AE_INLINE RealV AdvectedShift(const Advection *A, int c)
{
  return AdvectedGauge(A, SHIFT + c, A->q->shift_advect, A->sigma_gauge * A->q->shift_sigma);
}
AE_INLINE RealV AdvectedDriver(const Advection *A, RealV x, int c)
{
  RealV t[3], at[3]; /* the part of the velocity that moves Gamma in d_t Gamma, but not B */

  FOR3 (e) t[e] = A->b[e] - A->b[e] * A->q->shift_advect, at[e] = Abs(t[e]);
  return x + Advect(A->u + (Z4_GAM + c) * A->stride, A->S, t, at, Splat(0)) +
         AdvectedGauge(A, BSHIFT + c, A->q->shift_advect, A->sigma_gauge);
}

#include "store.h"

AE_INLINE void Constraints(const Z4Row *a, ptrdiff_t i, const Steps *S, const Z4Point *p, const Z4Geometry *g, const RealV R[6],
                           RealV inv_chi, const Z4Source *m)
{
  RealV dAt[3][6], H, M[3], M2;

  FOR6 (ab) {
    RealV d[3];
    D1(a->u + i + (CURV + ab) * a->stride, S, d);
    FOR3 (c) dAt[c][ab] = d[c];
  }
  Z4Constraints(p, g, R, inv_chi, dAt, m, FORM, &H, M, &M2);
  StoreConstraints(a, i, H, M, M2);
}

/* Asks for the plane that the stencil reaches next and for the line of the right-hand side to be written soon:
   the rows of two dozen fields are more streams than the hardware follows. Measured: 230 -> 200 ns a point. */
AE_INLINE void Prefetch(const Z4Row *a, ptrdiff_t i, const int evolve)
{
  for (int f = 0; f < NFIELDS; f++) {
    __builtin_prefetch(a->u + i + f * a->stride + AeFDGhost(AE_ORDER) * a->plane + a->plane, 0, 2);
    if (evolve) __builtin_prefetch(a->r + i + f * a->stride + 64, 1, 2);
  }
}

/* A row in blocks of cells: load and differentiate, geometry, equations, what advection adds, store. evolve and constrain are
   constants of the three kernels below. */
AE_INLINE void Row(const Z4Row *a, const int evolve, const int constrain)
{
  const Steps S = {{1, a->pitch, a->plane}, a->inv_h};

  FillRows(a, &S, evolve ? ROWS : LAPSE_ROW);
  for (ptrdiff_t i0 = 0; i0 < a->n; i0 += AE_LANES) {
    const ptrdiff_t i = Slide(i0, a->n);
    Z4Point         p;
    Z4Geometry      g;
    Z4Source        source, *m = a->src ? &source : NULL;
    RealV           R[6], inv_chi;

    Prefetch(a, i, evolve);
    LoadPoint(a->u + i, a->stride, a->w + i, a->nw, &S, a->p, &p);
    if (m) LoadSource(a, i, m);
    inv_chi = 1.0 / p.chi;
    Z4GeometrySetUp(&p, FORM, &g);
    Z4Ricci(&p, &g, inv_chi, FORM, R);
    if (evolve) {
      const RealV eta = Load(a->eta + i);
      Z4Rhs       r;
      Advection   A;

      LoadGauge(a->u + i, a->stride, a->w + i, a->nw, &S, a->p, &p);
      Z4Evolve(&p, &g, R, inv_chi, eta, m, a->p, FORM, &r);
      SetAdvection(a, i, &S, &p, &g, &A);
      StoreRhs(a, i, &A, &p, &g, &r, eta);
    }
    if (constrain) Constraints(a, i, &S, &p, &g, R, inv_chi, m);
  }
}

void KERNEL(AeRowA)(const Z4Row *);
void KERNEL(AeRowAB)(const Z4Row *);
void KERNEL(AeRowB)(const Z4Row *);
void KERNEL(AeRowA)(const Z4Row *a) { Row(a, 1, 0); }
void KERNEL(AeRowAB)(const Z4Row *a) { Row(a, 1, 1); }
void KERNEL(AeRowB)(const Z4Row *a) { Row(a, 0, 1); }
