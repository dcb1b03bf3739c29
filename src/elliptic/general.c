/*
  Operators of every kind and order, row by row, and the smoothers that need no more of an operator than its action
  and its diagonal. Ghosts of the width of the stencil must be filled.

  Discretisation: centred differences of order p; mixed derivatives are tensor products of first ones.
*/
#include "ell_private.h"
#include <aeonic/fd.h>
#include <petsc/private/petscimpl.h>
#undef I

/* A point of a row: pointers to the unknown's components and the coefficients, strides, 1/h and 1/h^2. */
typedef struct {
  const double *u, *c;
  ptrdiff_t     uf, cf; /* strides between fields */
  ptrdiff_t     s[3];
  double        p[3], q[3];
} Point;

AE_INLINE RealV Coef(const Point *P, int f, ptrdiff_t i) { return Load(P->c + f * P->cf + i); }

AE_INLINE RealV Second(const int order, const Point *P, const double *u, int k, int l)
{
  return k == l ? FD2(order, u, P->s[k]) * P->q[k] : FD11(order, u, P->s[k], P->s[l]) * (P->p[k] * P->p[l]);
}

/* a^kl d_k d_l u; a in the order xx xy xz yy yz zz */
AE_INLINE RealV Principal(const int order, const Point *P, const double *u, ptrdiff_t i)
{
  RealV sum = {0};
  for (int k = 0, f = 0; k < 3; k++)
    for (int l = k; l < 3; l++, f++) sum += Coef(P, f, i) * Second(order, P, u, k, l) * (k == l ? 1. : 2.);
  return sum;
}

/* -A at eight points of one component */
AE_INLINE RealV MinusA(const AeEllOperator op, const int order, const Point *P, int comp, ptrdiff_t i)
{
  static const int sym[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
  const double    *u         = P->u + comp * P->uf + i;
  RealV            r         = {0};

  switch (op) {
  case AE_ELL_POISSON:
  case AE_ELL_HELMHOLTZ:
  case AE_ELL_VECTOR:
    for (int d = 0; d < 3; d++) r += FD2(order, u, P->s[d]) * P->q[d];
    if (op == AE_ELL_HELMHOLTZ) r -= Coef(P, 0, i) * Load(u);
    if (op == AE_ELL_VECTOR)
      for (int j = 0; j < 3; j++) r += Second(order, P, P->u + j * P->uf + i, comp, j) * (1. / 3);
    break;
  case AE_ELL_GENERAL:
    r = Principal(order, P, u, i);
    for (int d = 0; d < 3; d++) r += Coef(P, 6 + d, i) * FD1(order, u, P->s[d]) * P->p[d];
    r -= Coef(P, 9, i) * Load(u);
    break;
  default: /* AE_ELL_GENERAL_VECTOR */
    r = Principal(order, P, u, i);
    for (int j = 0; j < 3; j++) {
      const double *w = P->u + j * P->uf + i;
      for (int k = 0; k < 3; k++) {
        r += Coef(P, sym[comp][k], i) * Second(order, P, w, k, j) * (1. / 3);
        r += Coef(P, 6 + comp * 9 + k * 3 + j, i) * FD1(order, w, P->s[k]) * P->p[k];
      }
      r -= Coef(P, 33 + comp * 3 + j, i) * Load(w);
    }
  }
  return r;
}

/* r = b - A u on a row of n points; b NULL: zero. r, b may end right after n. */
AE_INLINE void Row(const AeEllOperator op, const int order, const Point *P, int comp, ptrdiff_t n, const double *b, double *r)
{
  for (ptrdiff_t i = 0; i + AE_LANES <= n; i += AE_LANES) {
    const RealV m = MinusA(op, order, P, comp, i);
    Store(r + i, b ? Load(b + i) + m : m);
  }
  if (n % AE_LANES) { /* the last points, one block that may reach into the padding of u */
    const ptrdiff_t i = n - n % AE_LANES;
    const RealV     m = MinusA(op, order, P, comp, i);
    for (ptrdiff_t l = 0; i + l < n; l++) r[i + l] = b ? b[i + l] + m[l] : m[l];
  }
}

#define ROWS(op)                                                                                                               \
  static                                                                                                                       \
    __attribute__((noinline)) void Row_##op(PetscInt order, const Point *P, int comp, ptrdiff_t n, const double *b, double *r) \
  {                                                                                                                            \
    if (order == 2) Row(op, 2, P, comp, n, b, r);                                                                              \
    else if (order == 4) Row(op, 4, P, comp, n, b, r);                                                                         \
    else Row(op, 6, P, comp, n, b, r);                                                                                         \
  }
ROWS(AE_ELL_POISSON)
ROWS(AE_ELL_HELMHOLTZ)
ROWS(AE_ELL_VECTOR)
ROWS(AE_ELL_GENERAL)
ROWS(AE_ELL_GENERAL_VECTOR)
typedef void (*RowFunction)(PetscInt order, const Point *, int comp, ptrdiff_t n, const double *b, double *r);
static const RowFunction rows[AE_ELL_OPERATORS] = {Row_AE_ELL_POISSON, Row_AE_ELL_HELMHOLTZ, Row_AE_ELL_VECTOR,
                                                   Row_AE_ELL_GENERAL, Row_AE_ELL_GENERAL_VECTOR};

static Point PointOf(const EllLevel *v, const AeLayout *L, const double *u, const AeLayout *LC, const double *c, ptrdiff_t k,
                     ptrdiff_t j)
{
  Point P = {.u  = u + AeAt(L, 0, k, j, 0),
             .c  = c ? c + AeAt(LC, 0, k, j, 0) : NULL,
             .uf = L->stride,
             .cf = LC->stride,
             .s  = {1, L->pitch, L->plane}};

  for (int d = 0; d < 3; d++) {
    P.p[d] = 1 / v->h[d];
    P.q[d] = v->q[d];
  }
  return P;
}

/* b - A u of one row, order p, with u in layout L and its ghosts filled; b NULL: zero */
void EllRow(AeEll ell, const EllLevel *v, PetscInt order, const AeLayout *L, const double *u, int comp, ptrdiff_t k, ptrdiff_t j,
            const double *b, double *r)
{
  const Point P = PointOf(v, L, u, &v->LC, v->c, k, j);
  rows[ell->op](order, &P, comp, v->n[0], b, r);
}

/* of the level's own x and b, order 2 */
void EllResidualRow(AeEll ell, const EllLevel *v, int comp, ptrdiff_t k, ptrdiff_t j, double *r)
{
  EllRow(ell, v, 2, &v->L, v->x, comp, k, j, v->b + AeAt(&v->L, comp, k, j, 0), r);
}

/* v->r = b - A x on this rank's planes; ghosts of x are filled here. norm2: what its squares over these planes are added to. */
PetscErrorCode EllResidualLevel(AeEll ell, EllLevel *v, AeSum *norm2)
{
  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_RESIDUAL], 0, 0, 0, 0));
  PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
  for (int f = 0; f < v->L.nf; f++)
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++) {
        double *r = v->r + AeAt(&v->L, f, k, j, 0);
        EllResidualRow(ell, v, f, k, j, r);
        if (norm2) AeSumAdd(norm2, AeRowSumSquares(r, v->n[0]));
      }
  PetscCall(PetscLogFlops((double)v->L.nf * v->n[0] * v->n[1] * v->nk * EllFlops(ell->op, 2)));
  PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_RESIDUAL], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

/* Operations of one component's point. */
double EllFlops(AeEllOperator op, PetscInt order)
{
  const double second = 2.5 * (double)order + 1, first = 1.5 * (double)order, mixed = (double)order * (double)order;

  switch (op) {
  case AE_ELL_POISSON:
    return 3 * (second + 2) + 1;
  case AE_ELL_HELMHOLTZ:
    return 3 * (second + 2) + 3;
  case AE_ELL_VECTOR:
    return 4 * (second + 2) + 2 * (mixed + 3) + 1;
  case AE_ELL_GENERAL:
    return 3 * (second + 3) + 3 * (mixed + 4) + 3 * (first + 3) + 3;
  default:
    return 6 * (second + 3) + 9 * (mixed + 4) + 9 * (first + 3) + 7;
  }
}

/* ---- pointwise smoothing ----------------------------------------------------------------------------------- */

/* The nc x nc central coefficient of A at a point; scale: of second differences against order 2. */
void EllCentral(AeEll ell, const EllLevel *v, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i, double scale, double D[3][3])
{
  static const int sym[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}}, diag[3] = {0, 3, 5};
  const double    *c = v->c ? v->c + AeAt(&v->LC, 0, k, j, i) : NULL;
  const ptrdiff_t  s = v->LC.stride;

  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) D[a][b] = 0;
  for (int a = 0; a < ell->nc; a++) switch (ell->op) {
    case AE_ELL_POISSON:
      D[a][a] = scale * v->diag;
      break;
    case AE_ELL_HELMHOLTZ:
      D[a][a] = scale * v->diag + c[0];
      break;
    case AE_ELL_VECTOR:
      D[a][a] = scale * (v->diag + 2. / 3 * v->q[a]);
      break;
    default:
      for (int d = 0; d < 3; d++) D[a][a] += 2 * scale * c[diag[d] * s] * v->q[d];
      if (ell->op == AE_ELL_GENERAL) D[a][a] += c[9 * s];
      else
        for (int b = 0; b < 3; b++) D[a][b] += scale * 2. / 3 * c[sym[a][b] * s] * v->q[b] + c[(33 + a * 3 + b) * s];
    }
}

static void Invert(PetscInt n, const double D[3][3], double *w, ptrdiff_t s)
{
  if (n == 1) {
    w[0] = D[0][0] != 0 ? 1 / D[0][0] : 0;
    return;
  }
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      const int    a1 = (a + 1) % 3, a2 = (a + 2) % 3, b1 = (b + 1) % 3, b2 = (b + 2) % 3;
      const double det = D[0][0] * (D[1][1] * D[2][2] - D[1][2] * D[2][1]) - D[0][1] * (D[1][0] * D[2][2] - D[1][2] * D[2][0]) +
                         D[0][2] * (D[1][0] * D[2][1] - D[1][1] * D[2][0]);
      w[(a * 3 + b) * s] = (D[b1][a1] * D[b2][a2] - D[b1][a2] * D[b2][a1]) / det;
    }
}

/* D^-1 r at a row: component f of it */
static void ApplyInverse(AeEll ell, const EllLevel *v, const double *r, int f, ptrdiff_t k, ptrdiff_t j, double *z)
{
  const ptrdiff_t n = v->n[0];

  for (ptrdiff_t i = 0; i < n; i++) z[i] = 0;
  for (int b = 0; b < ell->nc; b++) {
    const double *w = v->w + AeAt(&v->LW, f * ell->nc + b, k, j, 0), *s = r + AeAt(&v->L, b, k, j, 0);
    for (ptrdiff_t i = 0; i < n; i++) z[i] += w[i] * s[i];
  }
}

/* Bound of the spectrum of D^-1 A: 2 for the five constant-coefficient symbols below, by power iteration otherwise. */
static PetscErrorCode Bound(AeEll ell, EllLevel *v)
{
  double norm = 0, old = 0;
  AeSum  sum;

  PetscFunctionBegin;
  v->lambda = 2; /* Laplacian: max of (sum 4 q sin^2)/(2 sum q) */
  if (ell->op == AE_ELL_POISSON || ell->op == AE_ELL_HELMHOLTZ) PetscFunctionReturn(0);
  memset(v->b, 0, sizeof(double) * (size_t)v->L.size);
  for (int f = 0; f < v->L.nf; f++)
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++)
        for (PetscInt i = 0; i < v->n[0]; i++)
          v->x[AeAt(&v->L, f, k, j, i)] =
            ((i + j + k + v->ks + f) & 1 ? 1 : -1) + 0.5 * sin(1.7 * i + 2.3 * j + 3.1 * (k + v->ks) + f);
  for (int m = 0; m < 12; m++) {
    PetscCall(EllResidualLevel(ell, v, NULL));
    AeSumZero(&sum);
    for (int f = 0; f < v->L.nf; f++)
      for (PetscInt k = 0; k < v->nk; k++)
        for (PetscInt j = 0; j < v->n[1]; j++) {
          double *x = v->x + AeAt(&v->L, f, k, j, 0);
          ApplyInverse(ell, v, v->r, f, k, j, x);
          AeSumAdd(&sum, AeRowSumSquares(x, v->n[0]));
        }
    if (!v->redundant) PetscCall(AeSumReduce(ell->comm, 1, &sum));
    norm = sqrt(AeSumValue(&sum));
    if (!(norm > 0)) break;
    for (ptrdiff_t q = 0; q < v->L.size; q++) v->x[q] /= norm;
    old = norm;
  }
  v->lambda = PetscMax(1., 1.05 * old); /* the power method stays below */
  PetscFunctionReturn(0);
}

PetscErrorCode EllGenericDiagonal(AeEll ell, EllLevel *v)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < v->nk; k++)
    for (PetscInt j = 0; j < v->n[1]; j++)
      for (PetscInt i = 0; i < v->n[0]; i++) {
        double D[3][3];
        EllCentral(ell, v, k, j, i, 1, D);
        Invert(ell->nc, (const double(*)[3])D, v->w + AeAt(&v->LW, 0, k, j, i), v->LW.stride);
      }
  PetscCall(Bound(ell, v));
  PetscFunctionReturn(0);
}

/*
  d <- a d + w z, x <- x + d on a row: a step of Chebyshev's recurrence. With a = 0 the old d, which may be a NaN, is not read.
*/
void EllStepRow(ptrdiff_t n, double a, double w, const double *z, double *d, double *x)
{
  if (a == 0)
    for (ptrdiff_t i = 0; i < n; i++) x[i] += d[i] = w * z[i];
  else
    for (ptrdiff_t i = 0; i < n; i++) x[i] += d[i] = a * d[i] + w * z[i];
}

/*
  Chebyshev-Jacobi of degree `sweeps` on [lambda/ratio, lambda], or as many damped Jacobi sweeps. Saad, Iterative Methods for
  Sparse Linear Systems, Algorithm 12.1.
*/
PetscErrorCode EllSmooth(AeEll ell, PetscInt l, PetscInt sweeps)
{
  EllLevel    *v     = &ell->lv[l];
  const double theta = 0.5 * v->lambda * (1 + 1 / ell->ratio), delta = 0.5 * v->lambda * (1 - 1 / ell->ratio),
               sigma = theta / delta;
  double rho         = 1 / sigma, a, b;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_SMOOTH], 0, 0, 0, 0));
  for (PetscInt m = 0; m < sweeps; m++) {
    if (ell->smoother == ELL_SMOOTH_JACOBI) {
      a = 0;
      b = ell->jacobi * 2 / v->lambda;
    } else if (m == 0) {
      a = 0;
      b = 1 / theta;
    } else {
      const double next = 1 / (2 * sigma - rho);
      a                 = next * rho;
      b                 = 2 * next / delta;
      rho               = next;
    }
    PetscCall(EllResidualLevel(ell, v, NULL));
    for (int f = 0; f < v->L.nf; f++)
      for (PetscInt k = 0; k < v->nk; k++)
        for (PetscInt j = 0; j < v->n[1]; j++) {
          double *d = v->d + AeAt(&v->L, f, k, j, 0), *x = v->x + AeAt(&v->L, f, k, j, 0), *z = ell->scratch;
          ApplyInverse(ell, v, v->r, f, k, j, z);
          EllStepRow(v->n[0], a, b, z, d, x);
        }
  }
  PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_SMOOTH], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
