/*
  Tables of the transfers along one axis: fine cell K of n, coarse cells of nc over the same interval, any n.
*/
#include "ell_private.h"

static PetscErrorCode AxisCreate(EllAxis *a, PetscInt n, PetscInt nc, PetscInt pad)
{
  const PetscInt m = n + 2 * pad;

  PetscFunctionBegin;
  a->n    = n;
  a->nc   = nc;
  a->pad  = pad;
  a->half = (PetscBool)(n == 2 * nc);
  PetscCall(PetscMalloc5(m, &a->lo, m, &a->to[0], m, &a->to[1], m, &a->around[0], m, &a->around[1]));
  PetscCall(PetscMalloc4(m, &a->p0, m, &a->p1, m, &a->r[0], m, &a->r[1]));
  PetscFunctionReturn(0);
}

PetscErrorCode EllAxisDestroy(EllAxis *a)
{
  PetscFunctionBegin;
  PetscCall(PetscFree5(a->lo, a->to[0], a->to[1], a->around[0], a->around[1]));
  PetscCall(PetscFree4(a->p0, a->p1, a->r[0], a->r[1]));
  PetscFunctionReturn(0);
}

/* alpha: order-2 ghost of the coarse level over its neighbour at each face, what the adjoint folds a ghost's share with */
PetscErrorCode EllAxisSetUp(EllAxis *a, PetscInt n, PetscInt nc, PetscInt pad, PetscBool periodic, PetscBool adjoint,
                            const double alpha[2])
{
  const PetscReal ratio = (PetscReal)nc / n;

  PetscFunctionBegin;
  PetscCall(AxisCreate(a, n, nc, pad));
  a->average = (PetscBool)!adjoint;
  for (PetscInt q = 0; q < n + 2 * pad; q++) {
    const PetscInt  K = q - pad;
    const PetscReal s = (K + 0.5) * ratio - 0.5; /* the centre in coarse cells */
    PetscInt        to[2];
    double          r[2];

    a->lo[q] = (PetscInt)floor(s);
    a->p1[q] = s - a->lo[q];
    a->p0[q] = 1 - a->p1[q];
    if (n == nc) a->lo[q] = K, a->p1[q] = 0, a->p0[q] = 1;
    if (adjoint) {
      to[0] = a->lo[q];
      to[1] = to[0] + 1;
      r[0]  = ratio * a->p0[q];
      r[1]  = ratio * a->p1[q];
    } else {
      const PetscInt  Kw = EllWrap(K, n), C = (PetscInt)((PetscInt64)Kw * nc / n); /* first coarse cell it overlaps, exactly */
      const PetscReal edge = (PetscReal)(C + 1) * n / nc;                          /* in fine cells */
      to[0]                = C + (K - Kw) / n * nc;
      to[1]                = to[0] + 1;
      r[1]                 = PetscMax(0., Kw + 1 - edge) * ratio;
      r[0]                 = ratio - r[1];
      if (n == nc || a->half) r[1] = 0, r[0] = ratio;
    }
    for (int b = 0; b < 2; b++) {
      a->around[b][q] = periodic && (to[b] < 0 || to[b] >= nc);
      if (periodic) to[b] = EllWrap(to[b], nc);
      else if (to[b] < 0 || to[b] >= nc) {
        const int side = to[b] >= nc;
        to[b]          = side ? nc - 1 : 0;
        r[b] *= adjoint && K >= 0 && K < n ? alpha[side] : 0;
      }
      a->to[b][q] = to[b];
      a->r[b][q]  = r[b];
    }
  }
  PetscFunctionReturn(0);
}

/*
  The fine planes, counted from ks, whose residual reaches coarse planes [ps, ps+pn); those that this rank's nk planes are near
  to. Where a rank has all of a periodic axis, a plane beyond the end counts and not the plane that it is the image of: the order
  of the sums is that of any other number of ranks.
*/
void EllAxisNeeds(const EllAxis *a, PetscInt ks, PetscInt nk, PetscInt ps, PetscInt pn, PetscInt *from, PetscInt *to)
{
  const PetscInt near = PetscMin(2, a->pad);

  *from = nk;
  *to   = 0;
  for (PetscInt K = ks - near; K < ks + nk + near; K++)
    for (int b = 0; b < 2; b++)
      if (a->r[b][K + a->pad] != 0 && !(nk == a->n && a->around[b][K + a->pad]) && a->to[b][K + a->pad] >= ps &&
          a->to[b][K + a->pad] < ps + pn) {
        *from = PetscMin(*from, K - ks);
        *to   = PetscMax(*to, K - ks + 1);
      }
}
