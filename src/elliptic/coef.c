/*
  Coefficient fields on all levels: averages over the fine cells that a coarse one is made of; with full multigrid of order p > 2,
  whose levels are discretised to that order, interpolated.
*/
#include "ell_private.h"
#include <petsc/private/petscimpl.h>
#undef I

/* Fine cells [*from, *from + count) overlap coarse cell I of nc; weights sum to 1. */
static int Overlap(PetscInt n, PetscInt nc, PetscInt I, PetscInt *from, double w[4])
{
  const PetscReal ratio = (PetscReal)n / nc, a = I * ratio, b = (I + 1) * ratio;
  int             count = 0;
  double          sum   = 0;

  *from = (PetscInt)((PetscInt64)I * n / nc);
  for (PetscInt K = *from; K < n && count < 4; K++) {
    const double o = PetscMin(b, K + 1.) - PetscMax(a, (double)K);
    if (o <= 1e-12) break;
    w[count++] = o;
    sum += o;
  }
  for (int q = 0; q < count; q++) w[q] /= sum;
  return count;
}

void EllAverage(const EllLevel *f, EllLevel *c, const AeLayout *Lf, const double *u, const AeLayout *Lc, double *v)
{
  PetscBool halves = (PetscBool)(f->n[0] == 2 * c->n[0]);

  for (int d = 1; d < 3; d++)
    if (f->n[d] != 2 * c->n[d] && f->n[d] != c->n[d]) halves = PETSC_FALSE;
  for (PetscInt m = 0; m < Lc->nf; m++)
    for (PetscInt k = c->ps; k < c->ps + c->pn; k++) {
      PetscInt  k0, j0, i0;
      double    wk[4], wj[4], wi[4];
      const int nk = Overlap(f->n[2], c->n[2], k, &k0, wk);

      for (PetscInt j = 0; j < c->n[1]; j++) {
        const int nj = Overlap(f->n[1], c->n[1], j, &j0, wj);

        if (halves) { /* rows of two fine cells to one, the common case */
          const double *a = u + AeAt(Lf, m, k0 - f->ks, j0, 0), *b = a + (nj == 2 ? Lf->pitch : 0),
                       *d = a + (nk == 2 ? Lf->plane : 0), *e = b + (nk == 2 ? Lf->plane : 0);
          double *out = v + AeAt(Lc, m, k - c->ks, j, 0);

          for (PetscInt i = 0; i < c->n[0]; i++)
            out[i] = 0.125 * (((a[2 * i] + a[2 * i + 1]) + (b[2 * i] + b[2 * i + 1])) +
                              ((d[2 * i] + d[2 * i + 1]) + (e[2 * i] + e[2 * i + 1])));
          continue;
        }

        for (PetscInt i = 0; i < c->n[0]; i++) {
          const int ni  = Overlap(f->n[0], c->n[0], i, &i0, wi);
          double    sum = 0;

          for (int p = 0; p < nk; p++)
            for (int q = 0; q < nj; q++)
              for (int r = 0; r < ni; r++) sum += wk[p] * wj[q] * wi[r] * u[AeAt(Lf, m, k0 + p - f->ks, j0 + q, i0 + r)];
          v[AeAt(Lc, m, k - c->ks, j, i)] = sum;
        }
      }
    }
}

/* A field set of the finest level, its interior filled, to all others; ghost planes everywhere. */
PetscErrorCode EllCoarsenFields(AeEll ell, PetscBool data)
{
  PetscFunctionBegin;
  for (PetscInt l = 0; l < ell->nlevels; l++) {
    EllLevel *v = &ell->lv[l];
    double   *u = data ? v->data : v->c;
    AeLayout *L = data ? &v->LD : &v->LC;

    PetscCall(EllGatherPlanes(ell, v, L, u));
    PetscCall(EllExchange(ell, v, L, u, v->gk));
    if (l + 1 < ell->nlevels) {
      EllLevel *c  = v + 1;
      AeLayout *Lc = data ? &c->LD : &c->LC;
      double   *w  = data ? c->data : c->c;

      if (ell->full && ell->order > 2) EllInterpolate(ell, v->coarse, v, L, u, c, Lc, w, c->ps - c->ks, c->pn);
      else EllAverage(v, c, L, u, Lc, w);
    }
  }
  PetscFunctionReturn(0);
}
