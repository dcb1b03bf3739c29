/*
  The fused sweep of multigrid for scalar operators of order 2 without mixed derivatives:

     A u = sum_d (2 u - u_- - u_+)/h_d^2 + c u

  One pass over the planes of a level does, in this order and each one plane behind the one before it,
     prolongation + correction | half sweeps of red-black Gauss-Seidel | residual, its norm, restriction
  so that a whole cycle reads and writes the level once. A half sweep reads the other colour only, so that the lag
  of one plane gives bit for bit what separate sweeps would. Where ghost planes are copies (periodic, other ranks) the
  stages run into them, one plane less each: one exchange serves all.
*/
#include "ell_private.h"
#include <aeonic/simd.h>

static const MaskV Even = {-1, 0, -1, 0, -1, 0, -1, 0}, Odd = {0, -1, 0, -1, 0, -1, 0, -1};
#define LOW  0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
_Static_assert(AE_LANES == 8, "the lists above");

/* x ghosts of a row; face coefficients at plane k, row j */
static inline void GhostX(const EllLevel *v, double *x, ptrdiff_t k, ptrdiff_t j)
{
  const ptrdiff_t n = v->n[0], at = (k + v->gk) * v->n[1] + j;

  if (v->wrap[0]) {
    x[-1] = x[n - 1];
    x[n]  = x[0];
  } else {
    x[-1] = (v->alpha[0][0] ? v->alpha[0][0][at] : v->alpha0[0][0]) * x[0];
    x[n]  = (v->alpha[0][1] ? v->alpha[0][1][at] : v->alpha0[0][1]) * x[n - 1];
  }
}

static inline void Scaled(double *y, const double *x, double a, const double *aa, ptrdiff_t n)
{
  if (aa) {
    y[-1] = aa[0] * x[-1];
    for (ptrdiff_t i = 0; i < n; i++) y[i] = aa[i] * x[i];
    y[n] = aa[n - 1] * x[n];
  } else
    for (ptrdiff_t i = -1; i <= n; i++) y[i] = a * x[i];
}

/* ghost rows j = -1 and nj of plane k, x ghosts included */
static void GhostRows(const EllLevel *v, double *u, ptrdiff_t k)
{
  const ptrdiff_t n = v->n[0], nj = v->n[1];
  double         *lo = u + AeAt(&v->L, 0, k, 0, 0), *hi = u + AeAt(&v->L, 0, k, nj - 1, 0);

  if (v->wrap[1]) {
    memcpy(lo - v->L.pitch - 1, hi - 1, sizeof(double) * (n + 2));
    memcpy(hi + v->L.pitch - 1, lo - 1, sizeof(double) * (n + 2));
  } else {
    Scaled(lo - v->L.pitch, lo, v->alpha0[1][0], v->alpha[1][0] ? v->alpha[1][0] + (k + v->gk) * n : NULL, n);
    Scaled(hi + v->L.pitch, hi, v->alpha0[1][1], v->alpha[1][1] ? v->alpha[1][1] + (k + v->gk) * n : NULL, n);
  }
}

static PetscBool AtBottom(const EllLevel *v) { return (PetscBool)(!v->wrap[2] && v->ks == 0); }
static PetscBool AtTop(const EllLevel *v) { return (PetscBool)(!v->wrap[2] && v->ks + v->nk == v->n[2]); }

/* the ghost plane beyond a face of the domain from plane k, which is the first or the last */
static void GhostPlane(const EllLevel *v, double *u, int side)
{
  const ptrdiff_t n = v->n[0], k = side ? v->nk - 1 : 0, s = side ? v->L.plane : -v->L.plane;

  for (ptrdiff_t j = -1; j <= v->n[1]; j++) {
    double         *x  = u + AeAt(&v->L, 0, k, j, 0);
    const ptrdiff_t jj = j < 0 ? 0 : j >= v->n[1] ? v->n[1] - 1 : j;
    Scaled(x + s, x, v->alpha0[2][side], v->alpha[2][side] ? v->alpha[2][side] + jj * n : NULL, n);
  }
}

/* what a stage that changed plane k leaves behind */
static inline void PlaneDone(const EllLevel *v, ptrdiff_t k)
{
  GhostRows(v, v->x, k);
  if (k == 0 && AtBottom(v)) GhostPlane(v, v->x, 0);
  if (k == v->nk - 1 && AtTop(v)) GhostPlane(v, v->x, 1);
}

static inline int Class(PetscInt i, PetscInt n, PetscBool wrap) { return wrap ? 0 : (i == 0) + 2 * (i == n - 1); }

/* 1/diagonal of a row */
static inline const double *Weights(const EllLevel *v, ptrdiff_t k, ptrdiff_t j)
{
  if (v->w_full) return v->w + AeAt(&v->LW, 0, k, j, 0);
  return v->w + AE_LINE + (Class((PetscInt)j, v->n[1], v->wrap[1]) * 4 + Class((PetscInt)(k + v->ks), v->n[2], v->wrap[2])) * AeRoundUp(v->n[0] + AE_LINE, AE_LINE);
}

AE_INLINE RealV ResidualAt(const EllLevel *v, const double *x, ptrdiff_t pitch, ptrdiff_t plane, RealV b, RealV X, const double *c)
{
  RealV r = b - X * v->diag;
  r += (Load(x - 1) + Load(x + 1)) * v->q[0];
  r += (Load(x - pitch) + Load(x + pitch)) * v->q[1];
  r += (Load(x - plane) + Load(x + plane)) * v->q[2];
  if (c) r -= Load(c) * X;
  return r;
}

static void HalfPlane(const EllLevel *v, ptrdiff_t k, int colour)
{
  const ptrdiff_t n = v->n[0], pitch = v->L.pitch, plane = v->L.plane;
  const PetscInt  K = v->wrap[2] ? EllWrap((PetscInt)k + v->ks, v->n[2]) : (PetscInt)k + v->ks;

  for (ptrdiff_t j = 0; j < v->n[1]; j++) {
    double       *x = v->x + AeAt(&v->L, 0, k, j, 0);
    const double *b = v->b + AeAt(&v->L, 0, k, j, 0), *w = Weights(v, k, j), *c = v->c ? v->c + AeAt(&v->LC, 0, k, j, 0) : NULL;
    const MaskV   m = (j + K + colour) & 1 ? Odd : Even;

    if (c)
      for (ptrdiff_t i = 0; i < n; i += AE_LANES) {
        const RealV X = Load(x + i);
        Store(x + i, X + (RealV)((MaskV)Load(w + i) & m) * ResidualAt(v, x + i, pitch, plane, Load(b + i), X, c + i));
      }
    else
      for (ptrdiff_t i = 0; i < n; i += AE_LANES) {
        const RealV X = Load(x + i);
        Store(x + i, X + (RealV)((MaskV)Load(w + i) & m) * ResidualAt(v, x + i, pitch, plane, Load(b + i), X, NULL));
      }
    GhostX(v, x, k, j);
  }
  PlaneDone(v, k);
}

/* x[2I] += 1/4 t[I-1] + 3/4 t[I], x[2I+1] += 3/4 t[I] + 1/4 t[I+1]; in general by the table */
static void ExpandRow(const EllAxis *a, const double *t, double *x)
{
  ptrdiff_t i = 0;

  if (a->half)
    for (; i + 16 <= a->n; i += 16) {
      const double *s = t + i / 2;
      const RealV   m = Load(s) * 0.75, e = Load(s - 1) * 0.25 + m, o = Load(s + 1) * 0.25 + m;
      Store(x + i, Load(x + i) + __builtin_shufflevector(e, o, LOW));
      Store(x + i + 8, Load(x + i + 8) + __builtin_shufflevector(e, o, HIGH));
    }
  for (; i < a->n; i++) x[i] += a->p0[i + a->pad] * t[a->lo[i + a->pad]] + a->p1[i + a->pad] * t[a->lo[i + a->pad] + 1];
}

static void ProlongPlane(const EllLevel *f, const EllLevel *c, double *scratch, PetscInt comp, ptrdiff_t k)
{
  const EllAxis  *ax = f->axis, *ay = f->axis + 1, *az = f->axis + 2;
  const ptrdiff_t K = k + f->ks, kc = az->lo[K + az->pad] - c->ks, pitch = c->L.pitch, nrow = c->n[0] + 2;
  const double   *u = c->x + AeAt(&c->L, comp, kc, -1, -1), *v = u + c->L.plane;
  const double    p0 = az->p0[K + az->pad], p1 = az->p1[K + az->pad];
  double         *z = scratch + AE_LINE, *t = z + AeRoundUp(pitch * (c->n[1] + 2) + AE_LINE, AE_LINE);

  for (ptrdiff_t i = 0; i < pitch * (c->n[1] + 1) + nrow; i += AE_LANES) Store(z + i, Load(u + i) * p0 + Load(v + i) * p1);
  for (ptrdiff_t j = 0; j < f->n[1]; j++) {
    const double *s = z + (ay->lo[j + ay->pad] + 1) * pitch, q0 = ay->p0[j + ay->pad], q1 = ay->p1[j + ay->pad];
    double       *x = f->x + AeAt(&f->L, comp, k, j, 0);

    for (ptrdiff_t i = 0; i < nrow; i += AE_LANES) Store(t + i, Load(s + i) * q0 + Load(s + i + pitch) * q1);
    ExpandRow(ax, t + 1, x);
    if (!comp) GhostX(f, x, k, j);
  }
  if (!comp) PlaneDone(f, k);
}

void EllProlong(AeEll ell, EllLevel *f, EllLevel *c)
{
  for (PetscInt comp = 0; comp < ell->nc; comp++)
    for (PetscInt k = 0; k < f->nk; k++) ProlongPlane(f, c, ell->scratch, comp, k);
}

/* Adds a residual row into the coarse right-hand side; y: scratch. */
void EllRestrictRow(const EllLevel *f, EllLevel *c, const double *t, double *y, PetscInt comp, ptrdiff_t k, ptrdiff_t j)
{
  const EllAxis *ax = f->axis, *ay = f->axis + 1, *az = f->axis + 2;
  const PetscInt K = (PetscInt)k + f->ks + az->pad, J = (PetscInt)j + ay->pad;
  ptrdiff_t      I = 0;

  if (ax->half && ax->average) {
    for (; I < ax->nc; I++) y[I] = 0.5 * (t[2 * I] + t[2 * I + 1]);
  } else {
    for (; I < ax->nc; I++) y[I] = 0;
    for (ptrdiff_t i = 0; i < ax->n; i++) {
      y[ax->to[0][i + ax->pad]] += ax->r[0][i + ax->pad] * t[i];
      y[ax->to[1][i + ax->pad]] += ax->r[1][i + ax->pad] * t[i];
    }
  }
  for (int a = 0; a < 2; a++) {
    const double   wz = az->r[a][K];
    const PetscInt kc = az->to[a][K] - c->ps; /* within this rank's part */

    if (wz == 0 || kc < 0 || kc >= c->pn || (f->nk == f->n[2] && az->around[a][K])) continue; /* a plane or its periodic image, not both */
    for (int b = 0; b < 2; b++) {
      const double w   = wz * ay->r[b][J];
      double      *out = c->b + AeAt(&c->L, comp, kc + c->ps - c->ks, ay->to[b][J], 0);

      if (w == 0) continue;
      for (I = 0; I < ax->nc; I++) out[I] += w * y[I];
    }
  }
}

static void ClearCoarse(AeEll ell, EllLevel *c)
{
  for (PetscInt comp = 0; comp < ell->nc; comp++)
    for (PetscInt k = 0; k < c->pn; k++) memset(c->b + AeAt(&c->L, comp, k + c->ps - c->ks, 0, 0), 0, sizeof(double) * (size_t)(c->L.pitch * (c->n[1] - 1) + c->n[0]));
}

/* from a residual whose ghost planes are filled */
void EllRestrict(AeEll ell, EllLevel *f, const double *r, EllLevel *c)
{
  ClearCoarse(ell, c);
  for (PetscInt comp = 0; comp < ell->nc; comp++)
    for (PetscInt k = c->from; k < c->to; k++)
      for (PetscInt j = 0; j < f->n[1]; j++) EllRestrictRow(f, c, r + AeAt(&f->L, comp, k, j, 0), ell->scratch, comp, k, j);
}

/* the residual of plane k, row by row: into the norm (own planes) and into the coarse right-hand side */
static double ResidualPlane(const EllLevel *v, EllLevel *coarse, double *scratch, ptrdiff_t k, PetscBool restriction)
{
  const ptrdiff_t n = v->n[0], pitch = v->L.pitch, plane = v->L.plane, tail = n % AE_LANES;
  double         *t = scratch + AE_LINE, *y = t + AeRoundUp(n + 2 * AE_LINE, AE_LINE), sum = 0;
  RealV           square = {0};
  MaskV           last   = {0};

  for (int l = 0; l < AE_LANES; l++) last[l] = l < (tail ? tail : AE_LANES) ? -1 : 0;
  for (ptrdiff_t j = 0; j < v->n[1]; j++) {
    const double *x = v->x + AeAt(&v->L, 0, k, j, 0), *b = v->b + AeAt(&v->L, 0, k, j, 0), *c = v->c ? v->c + AeAt(&v->LC, 0, k, j, 0) : NULL;

    for (ptrdiff_t i = 0; i < n; i += AE_LANES) {
      RealV r = ResidualAt(v, x + i, pitch, plane, Load(b + i), Load(x + i), c ? c + i : NULL);
      if (i + AE_LANES >= n) r = (RealV)((MaskV)r & last);
      square += r * r;
      Store(t + i, r);
    }
    if (restriction) EllRestrictRow(v, coarse, t, y, 0, k, j);
  }
  if (k < 0 || k >= v->nk) return 0;
  for (int l = 0; l < AE_LANES; l++) sum += square[l];
  return sum;
}

PetscInt EllDepth(AeEll ell, PetscInt half)
{
  (void)ell;
  return half + 4; /* prolongation, residual and two planes that a neighbour's coarse plane may need */
}

void EllFront(AeEll ell, EllLevel *f, EllLevel *c, PetscBool prolong, int half, const int colour[], PetscBool restriction, AeSum *norm2)
{
  const int last = (int)prolong + half, stages = last + (restriction || norm2); /* the residual is stage `last` */
  PetscInt  lo = 0, hi = f->nk, begin[ELL_MAX_HALF + 2], end[ELL_MAX_HALF + 2];

  if (!stages) return;
  PetscLogEventBegin(ellLog[ELL_LOG_FRONT], 0, 0, 0, 0);
  if (restriction) {
    lo = PetscMin(lo, c->from);
    hi = PetscMax(hi, c->to);
    ClearCoarse(ell, c);
  }
  for (int s = 0; s < stages; s++) {
    begin[s] = AtBottom(f) ? 0 : lo - (stages - 1 - s);
    end[s]   = AtTop(f) ? f->nk : hi + (stages - 1 - s);
  }
  for (PetscInt front = begin[0]; front < end[stages - 1] + stages - 1; front++)
    for (int s = 0; s < stages; s++) {
      const PetscInt k = front - s;

      if (k < begin[s] || k >= end[s]) continue;
      if (s == 0 && prolong) ProlongPlane(f, c, ell->scratch, 0, k);
      else if (s < last) HalfPlane(f, k, colour[s - (int)prolong]);
      else {
        const double sum = ResidualPlane(f, c, ell->scratch, k, restriction);
        if (norm2) AeSumAdd(norm2, sum);
      }
    }
  PetscLogFlops((double)f->n[0] * f->n[1] * f->nk * (12.0 * half + (prolong ? 8 : 0) + (restriction || norm2 ? 13 : 0)));
  PetscLogEventEnd(ellLog[ELL_LOG_FRONT], 0, 0, 0, 0);
}
