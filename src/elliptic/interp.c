/*
  Interpolation of order p between the cells of two levels: tensor products of polynomials along the axes.
*/
#include "ell_private.h"
#include <aeonic/simd.h>

/*
  Polynomials through the `points` cells (fewer where there are less) nearest to each target's centre; at ends that are no wrap
  `ghosts` cells outside may be used, and what is lacking is taken from inside.
*/
PetscErrorCode EllInterpSetUp(EllInterp *a, PetscInt n, PetscInt m, PetscInt points, PetscInt ghosts, PetscBool wrap)
{
  PetscFunctionBegin;
  a->n      = n;
  a->m      = m;
  a->wrap   = wrap;
  a->ghosts = wrap ? 0 : ghosts;
  a->points = wrap ? points : PetscMin(points, n + 2 * ghosts);
  PetscCall(PetscMalloc2(m, &a->from, m * a->points, &a->w));
  for (PetscInt t = 0; t < m; t++) {
    const PetscReal s = (t + 0.5) * n / m - 0.5; /* the target's centre in cells of the source */

    a->from[t] = (PetscInt)floor(s) - (a->points - 1) / 2;
    if (!wrap) a->from[t] = PetscMax(-ghosts, PetscMin(n + ghosts - a->points, a->from[t]));
    for (PetscInt p = 0; p < a->points; p++) {
      double w = 1;
      for (PetscInt q = 0; q < a->points; q++)
        if (q != p) w *= (s - a->from[t] - q) / (p - q);
      a->w[t * a->points + p] = w;
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode EllInterpDestroy(EllInterp *a)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(a->from, a->w));
  PetscFunctionReturn(0);
}

/* targets [first, last) one by one */
static void Targets(const EllInterp *a, const double *t, double *x, PetscInt first, PetscInt last)
{
  for (PetscInt i = first; i < last; i++) {
    x[i] = 0;
    for (PetscInt p = 0; p < a->points; p++) x[i] += a->w[i * a->points + p] * t[a->from[i] + p];
  }
}

/* x[i] = sum of w[i][.] t[from[i] + .]; between grids of 2:1 all inner cells have the same weights */
AE_INLINE void RowOf(const int points, const EllInterp *a, const double *t, double *x)
{
  PetscInt i = 0;

  if (a->m == 2 * a->n && a->n > 2 * points) {
    const PetscInt lo = points, hi = a->n - points; /* source cells */
    const double  *e = a->w + 2 * lo * points, *o = e + points;

    Targets(a, t, x, 0, 2 * lo);
    for (PetscInt I = lo; I < hi; I++) {
      const double *s    = t + I - points / 2;
      double        even = 0, odd = 0;

      for (int p = 0; p < points; p++) {
        even += e[p] * s[p];
        odd += o[p] * s[p + 1];
      }
      x[2 * I]     = even;
      x[2 * I + 1] = odd;
    }
    i = 2 * hi;
  } else if (a->n == 2 * a->m && a->m > 2 * points) {
    const double *w = a->w + points * points;

    Targets(a, t, x, 0, points);
    i = points;
    for (; i < a->m - points; i++) {
      const double *s   = t + 2 * i - points / 2 + 1;
      double        sum = 0;

      for (int p = 0; p < points; p++) sum += w[p] * s[p];
      x[i] = sum;
    }
  }
  Targets(a, t, x, i, a->m);
}

static void InterpRow(const EllInterp *a, const double *t, double *x)
{
  if (a->points == 6) RowOf(6, a, t, x);
  else if (a->points == 8) RowOf(8, a, t, x);
  else Targets(a, t, x, 0, a->m);
}

/*
  Planes [first, first + count) of level t, counted from its ks, of x from u of level s. Planes of u beyond this rank's must be
  there, as far as half the points and a plane more.
*/
void EllInterpolate(AeEll ell, const EllInterp I[3], const EllLevel *s, const AeLayout *Ls, const double *u, const EllLevel *t,
                    const AeLayout *Lt, double *x, PetscInt first, PetscInt count)
{
  const PetscInt  gx = I[0].ghosts, gy = I[1].ghosts;
  const ptrdiff_t n0 = s->n[0] + 2 * gx, n1 = s->n[1] + 2 * gy, extent = Ls->pitch * (n1 - 1) + n0;
  double         *z = ell->scratch + AE_LINE, *row = z + AeRoundUp(Ls->pitch * n1, AE_LINE) + 2 * AE_LINE;

  for (PetscInt f = 0; f < Ls->nf; f++)
    for (PetscInt k = first; k < first + count; k++) {
      const PetscInt K = k + t->ks;

      memset(z, 0, sizeof(double) * (size_t)extent);
      for (PetscInt p = 0; p < I[2].points; p++) {
        const PetscInt S = I[2].from[K] + p, local = I[2].wrap && s->nk == s->n[2] ? EllWrap(S, s->n[2]) : S - s->ks;
        const double  *a = u + AeAt(Ls, f, local, -gy, -gx), w = I[2].w[K * I[2].points + p];

        for (ptrdiff_t i = 0; i < extent; i++) z[i] += w * a[i];
      }
      for (PetscInt j = 0; j < t->n[1]; j++) {
        memset(row, 0, sizeof(double) * (size_t)n0);
        for (PetscInt p = 0; p < I[1].points; p++) {
          const PetscInt S = I[1].from[j] + p;
          const double  *a = z + Ls->pitch * (I[1].wrap ? EllWrap(S, s->n[1]) : S + gy), w = I[1].w[j * I[1].points + p];

          for (ptrdiff_t i = 0; i < n0; i++) row[i] += w * a[i];
        }
        if (I[0].wrap)
          for (PetscInt p = 1; p <= AE_LINE; p++) {
            row[-p]         = row[EllWrap(-p, (PetscInt)n0)];
            row[n0 - 1 + p] = row[(p - 1) % n0];
          }
        InterpRow(&I[0], row + gx, x + AeAt(Lt, f, k, j, 0));
      }
    }
}
