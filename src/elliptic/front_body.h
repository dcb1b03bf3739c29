/*
  The text of the fused sweep for numbers of type Real, included once for each: what is said about it is in front.c. Before the
  inclusion Real VREAL VMASK LOAD STORE Even Odd   numbers, eight of them, masks
     F(name) SHARED                         a function's name for this type, the linkage of what is used elsewhere
     X(v) B(v) C(v) W(v) SCRATCH(ell)       the arrays of a level, and room for a plane
*/

#define LOW  0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
_Static_assert(AE_LANES == 8, "the lists above");

/* x ghosts of a row; face coefficients at plane k, row j */
static inline void F(GhostX)(const EllLevel *v, Real *x, ptrdiff_t k, ptrdiff_t j)
{
  const ptrdiff_t n = v->n[0], at = (k + v->gk) * v->n[1] + j;

  if (v->wrap[0]) {
    x[-1] = x[n - 1];
    x[n]  = x[0];
  } else {
    x[-1] = (Real)(v->alpha[0][0] ? v->alpha[0][0][at] : v->alpha0[0][0]) * x[0];
    x[n]  = (Real)(v->alpha[0][1] ? v->alpha[0][1][at] : v->alpha0[0][1]) * x[n - 1];
  }
}

static inline void F(Scaled)(Real *y, const Real *x, double a, const double *aa, ptrdiff_t n)
{
  if (aa) {
    y[-1] = (Real)aa[0] * x[-1];
    for (ptrdiff_t i = 0; i < n; i++) y[i] = (Real)aa[i] * x[i];
    y[n] = (Real)aa[n - 1] * x[n];
  } else
    for (ptrdiff_t i = -1; i <= n; i++) y[i] = (Real)a * x[i];
}

/* ghost rows j = -1 and nj of plane k, x ghosts included */
static void F(GhostRows)(const EllLevel *v, Real *u, ptrdiff_t k)
{
  const ptrdiff_t n = v->n[0], nj = v->n[1];
  Real           *lo = u + AeAt(&v->L, 0, k, 0, 0), *hi = u + AeAt(&v->L, 0, k, nj - 1, 0);

  if (v->wrap[1]) {
    memcpy(lo - v->L.pitch - 1, hi - 1, sizeof(Real) * (n + 2));
    memcpy(hi + v->L.pitch - 1, lo - 1, sizeof(Real) * (n + 2));
  } else {
    F(Scaled)(lo - v->L.pitch, lo, v->alpha0[1][0], v->alpha[1][0] ? v->alpha[1][0] + (k + v->gk) * n : NULL, n);
    F(Scaled)(hi + v->L.pitch, hi, v->alpha0[1][1], v->alpha[1][1] ? v->alpha[1][1] + (k + v->gk) * n : NULL, n);
  }
}

static PetscBool F(AtBottom)(const EllLevel *v) { return (PetscBool)(!v->wrap[2] && v->ks == 0); }
static PetscBool F(AtTop)(const EllLevel *v) { return (PetscBool)(!v->wrap[2] && v->ks + v->nk == v->n[2]); }

/* the ghost plane beyond a face of the domain from plane k, which is the first or the last */
static void F(GhostPlane)(const EllLevel *v, Real *u, int side)
{
  const ptrdiff_t n = v->n[0], k = side ? v->nk - 1 : 0, s = side ? v->L.plane : -v->L.plane;

  for (ptrdiff_t j = -1; j <= v->n[1]; j++) {
    Real           *x  = u + AeAt(&v->L, 0, k, j, 0);
    const ptrdiff_t jj = j < 0 ? 0 : j >= v->n[1] ? v->n[1] - 1 : j;
    F(Scaled)(x + s, x, v->alpha0[2][side], v->alpha[2][side] ? v->alpha[2][side] + jj * n : NULL, n);
  }
}

/* what a stage that changed plane k leaves behind */
static inline void F(PlaneDone)(const EllLevel *v, ptrdiff_t k)
{
  F(GhostRows)(v, X(v), k);
  if (k == 0 && F(AtBottom)(v)) F(GhostPlane)(v, X(v), 0);
  if (k == v->nk - 1 && F(AtTop)(v)) F(GhostPlane)(v, X(v), 1);
}

static inline int F(Class)(PetscInt i, PetscInt n, PetscBool wrap) { return wrap ? 0 : (i == 0) + 2 * (i == n - 1); }

/* 1/diagonal of a row */
static inline const Real *F(Weights)(const EllLevel *v, ptrdiff_t k, ptrdiff_t j)
{
  if (v->w_full) return W(v) + AeAt(&v->LW, 0, k, j, 0);
  return W(v) + AE_LINE +
         (F(Class)((PetscInt)j, v->n[1], v->wrap[1]) * 4 + F(Class)((PetscInt)(k + v->ks), v->n[2], v->wrap[2])) *
           AeRoundUp(v->n[0] + AE_LINE, AE_LINE);
}

AE_INLINE VREAL F(ResidualAt)(const EllLevel *v, const Real *x, ptrdiff_t pitch, ptrdiff_t plane, VREAL b, VREAL X, const Real *c)
{
  VREAL r = b - X * (Real)v->diag;
  r += (LOAD(x - 1) + LOAD(x + 1)) * (Real)v->q[0];
  r += (LOAD(x - pitch) + LOAD(x + pitch)) * (Real)v->q[1];
  r += (LOAD(x - plane) + LOAD(x + plane)) * (Real)v->q[2];
  if (c) r -= LOAD(c) * X;
  return r;
}

/*
  The weights of the other colour are masked to 0, not skipped: a whole vector is stored, and cells of the other colour get x + 0.
*/
static void F(HalfPlane)(const EllLevel *v, ptrdiff_t k, int colour)
{
  const ptrdiff_t n = v->n[0], pitch = v->L.pitch, plane = v->L.plane;
  const PetscInt  K = v->wrap[2] ? EllWrap((PetscInt)k + v->ks, v->n[2]) : (PetscInt)k + v->ks;

  for (ptrdiff_t j = 0; j < v->n[1]; j++) {
    Real       *x = X(v) + AeAt(&v->L, 0, k, j, 0);
    const Real *b = B(v) + AeAt(&v->L, 0, k, j, 0), *w = F(Weights)(v, k, j), *c = C(v) ? C(v) + AeAt(&v->LC, 0, k, j, 0) : NULL;
    const VMASK m = (j + K + colour) & 1 ? Odd : Even;

    if (c)
      for (ptrdiff_t i = 0; i < n; i += AE_LANES) {
        const VREAL X = LOAD(x + i);
        STORE(x + i, X + (VREAL)((VMASK)LOAD(w + i) & m) * F(ResidualAt)(v, x + i, pitch, plane, LOAD(b + i), X, c + i));
      }
    else
      for (ptrdiff_t i = 0; i < n; i += AE_LANES) {
        const VREAL X = LOAD(x + i);
        STORE(x + i, X + (VREAL)((VMASK)LOAD(w + i) & m) * F(ResidualAt)(v, x + i, pitch, plane, LOAD(b + i), X, NULL));
      }
    F(GhostX)(v, x, k, j);
  }
  F(PlaneDone)(v, k);
}

/* x[2I] += 1/4 t[I-1] + 3/4 t[I], x[2I+1] += 3/4 t[I] + 1/4 t[I+1]; in general by the table */
static void F(ExpandRow)(const EllAxis *a, const Real *t, Real *x)
{
  ptrdiff_t i = 0;

  if (a->half)
    for (; i + 16 <= a->n; i += 16) {
      const Real *s = t + i / 2;
      const VREAL m = LOAD(s) * (Real)0.75, e = LOAD(s - 1) * (Real)0.25 + m, o = LOAD(s + 1) * (Real)0.25 + m;
      STORE(x + i, LOAD(x + i) + __builtin_shufflevector(e, o, LOW));
      STORE(x + i + 8, LOAD(x + i + 8) + __builtin_shufflevector(e, o, HIGH));
    }
  for (; i < a->n; i++)
    x[i] += (Real)a->p0[i + a->pad] * t[a->lo[i + a->pad]] + (Real)a->p1[i + a->pad] * t[a->lo[i + a->pad] + 1];
}

static void F(ProlongPlane)(const EllLevel *f, const EllLevel *c, Real *scratch, PetscInt comp, ptrdiff_t k)
{
  const EllAxis  *ax = f->axis, *ay = f->axis + 1, *az = f->axis + 2;
  const ptrdiff_t K = k + f->ks, kc = az->lo[K + az->pad] - c->ks, pitch = c->L.pitch, nrow = c->n[0] + 2;
  const Real     *u = X(c) + AeAt(&c->L, comp, kc, -1, -1), *v = u + c->L.plane;
  const Real      p0 = (Real)az->p0[K + az->pad], p1 = (Real)az->p1[K + az->pad];
  Real           *z = scratch + AE_LINE, *t = z + AeRoundUp(pitch * (c->n[1] + 2) + AE_LINE, AE_LINE);

  for (ptrdiff_t i = 0; i < pitch * (c->n[1] + 1) + nrow; i += AE_LANES) STORE(z + i, LOAD(u + i) * p0 + LOAD(v + i) * p1);
  for (ptrdiff_t j = 0; j < f->n[1]; j++) {
    const Real *s = z + (ay->lo[j + ay->pad] + 1) * pitch, q0 = (Real)ay->p0[j + ay->pad], q1 = (Real)ay->p1[j + ay->pad];
    Real       *x = X(f) + AeAt(&f->L, comp, k, j, 0);

    for (ptrdiff_t i = 0; i < nrow; i += AE_LANES) STORE(t + i, LOAD(s + i) * q0 + LOAD(s + i + pitch) * q1);
    F(ExpandRow)(ax, t + 1, x);
    if (!comp) F(GhostX)(f, x, k, j);
  }
  if (!comp) F(PlaneDone)(f, k);
}

/* Adds a residual row into the coarse right-hand side; y: scratch. */
SHARED void F(EllRestrictRow)(const EllLevel *f, EllLevel *c, const Real *t, Real *y, PetscInt comp, ptrdiff_t k, ptrdiff_t j)
{
  const EllAxis *ax = f->axis, *ay = f->axis + 1, *az = f->axis + 2;
  const PetscInt K = (PetscInt)k + f->ks + az->pad, J = (PetscInt)j + ay->pad;
  ptrdiff_t      I = 0;

  if (ax->half && ax->average) {
    for (; I < ax->nc; I++) y[I] = (Real)0.5 * (t[2 * I] + t[2 * I + 1]);
  } else {
    for (; I < ax->nc; I++) y[I] = 0;
    for (ptrdiff_t i = 0; i < ax->n; i++) {
      y[ax->to[0][i + ax->pad]] += (Real)ax->r[0][i + ax->pad] * t[i];
      y[ax->to[1][i + ax->pad]] += (Real)ax->r[1][i + ax->pad] * t[i];
    }
  }
  for (int a = 0; a < 2; a++) {
    const double   wz = az->r[a][K];
    const PetscInt kc = az->to[a][K] - c->ps; /* within this rank's part */

    if (wz == 0 || kc < 0 || kc >= c->pn || (f->nk == f->n[2] && az->around[a][K]))
      continue; /* a plane or its periodic image, not both */
    for (int b = 0; b < 2; b++) {
      const Real w   = (Real)(wz * ay->r[b][J]);
      Real      *out = B(c) + AeAt(&c->L, comp, kc + c->ps - c->ks, ay->to[b][J], 0);

      if (w == 0) continue;
      for (I = 0; I < ax->nc; I++) out[I] += w * y[I];
    }
  }
}

static void F(ClearCoarse)(AeEll ell, EllLevel *c)
{
  for (PetscInt comp = 0; comp < ell->nc; comp++)
    for (PetscInt k = 0; k < c->pn; k++)
      memset(B(c) + AeAt(&c->L, comp, k + c->ps - c->ks, 0, 0), 0, sizeof(Real) * (size_t)(c->L.pitch * (c->n[1] - 1) + c->n[0]));
}

/* the residual of plane k, row by row: into the norm (own planes) and into the coarse right-hand side */
static double F(ResidualPlane)(const EllLevel *v, EllLevel *coarse, Real *scratch, ptrdiff_t k, PetscBool restriction)
{
  const ptrdiff_t n = v->n[0], pitch = v->L.pitch, plane = v->L.plane, tail = n % AE_LANES;
  Real           *t = scratch + AE_LINE, *y = t + AeRoundUp(n + 2 * AE_LINE, AE_LINE);
  double          sum    = 0;
  VREAL           square = {0};
  VMASK           last   = {0};

  for (int l = 0; l < AE_LANES; l++) last[l] = l < (tail ? tail : AE_LANES) ? -1 : 0;
  for (ptrdiff_t j = 0; j < v->n[1]; j++) {
    const Real *x = X(v) + AeAt(&v->L, 0, k, j, 0), *b = B(v) + AeAt(&v->L, 0, k, j, 0),
               *c = C(v) ? C(v) + AeAt(&v->LC, 0, k, j, 0) : NULL;

    for (ptrdiff_t i = 0; i < n; i += AE_LANES) {
      VREAL r = F(ResidualAt)(v, x + i, pitch, plane, LOAD(b + i), LOAD(x + i), c ? c + i : NULL);
      if (i + AE_LANES >= n) r = (VREAL)((VMASK)r & last);
      square += r * r;
      STORE(t + i, r);
    }
    if (restriction) F(EllRestrictRow)(v, coarse, t, y, 0, k, j);
  }
  if (k < 0 || k >= v->nk) return 0;
  for (int l = 0; l < AE_LANES; l++) sum += square[l];
  return sum;
}

void F(EllFront)(AeEll ell, EllLevel *f, EllLevel *c, PetscBool prolong, int half, const int colour[], PetscBool restriction,
                 AeSum *norm2)
{
  const int last = (int)prolong + half, stages = last + (restriction || norm2); /* the residual is stage `last` */
  PetscInt  lo = 0, hi = f->nk, begin[ELL_MAX_HALF + 2], end[ELL_MAX_HALF + 2];

  if (!stages) return;
  PetscLogEventBegin(ellLog[ELL_LOG_FRONT], 0, 0, 0, 0);
  if (restriction) {
    lo = PetscMin(lo, c->from);
    hi = PetscMax(hi, c->to);
    F(ClearCoarse)(ell, c);
  }
  for (int s = 0; s < stages; s++) {
    begin[s] = F(AtBottom)(f) ? 0 : lo - (stages - 1 - s);
    end[s]   = F(AtTop)(f) ? f->nk : hi + (stages - 1 - s);
  }
  for (PetscInt front = begin[0]; front < end[stages - 1] + stages - 1; front++)
    for (int s = 0; s < stages; s++) {
      const PetscInt k = front - s;

      if (k < begin[s] || k >= end[s]) continue;
      if (s == 0 && prolong) F(ProlongPlane)(f, c, SCRATCH(ell), 0, k);
      else if (s < last) F(HalfPlane)(f, k, colour[s - (int)prolong]);
      else {
        const double sum = F(ResidualPlane)(f, c, SCRATCH(ell), k, restriction);
        if (norm2) AeSumAdd(norm2, sum);
      }
    }
  PetscLogFlops((double)f->n[0] * f->n[1] * f->nk * (12.0 * half + (prolong ? 8 : 0) + (restriction || norm2 ? 13 : 0)));
  PetscLogEventEnd(ellLog[ELL_LOG_FRONT], 0, 0, 0, 0);
}
