/*
  Full multigrid [Brandt 1977; Trottenberg, Oosterlee & Schueller 2001, sections 2.6 and 5.4]: the right-hand side on all levels,
  the coarsest solved, then on each finer level the interpolated solution improved by -mg_fmg_cycles cycles, so that one pass
  leaves an error as small as that of the discretisation.

  What boundary data add to a right-hand side is concentrated in the cells at the faces and cannot be coarsened: each level has
  its own. At order 2 the right-hand side is averaged and a level begins inside its fused sweep. At order p > 2 both transfers are
  polynomials of degree p + 1, and a cycle is a step of defect correction with the level's own operator of order p.
*/
#include "ell_private.h"
#include <petsc/private/petscimpl.h>
#undef I

/* Ghosts of x by straight lines through the two cells inside: for a solution, whose boundary data may not be zero. */
static void Extrapolate(EllLevel *v)
{
  const AeLayout *L    = &v->L;
  const PetscInt  n[3] = {v->n[0], v->n[1], v->nk};

  for (PetscInt c = 0; c < L->nf; c++)
    for (int d = 0; d < 3; d++) {
      const ptrdiff_t s[3] = {1, L->pitch, L->plane};
      const PetscInt  e = d == 0 ? 1 : 0, f = d == 2 ? 1 : 2; /* the other axes; those done have ghosts */

      if (v->wrap[d]) continue;
      for (PetscInt q = f < d ? -1 : 0; q < n[f] + (f < d); q++)
        for (PetscInt p = e < d ? -1 : 0; p < n[e] + (e < d); p++)
          for (int side = 0; side < 2; side++) {
            double         *x   = v->x + AeAt(L, c, 0, 0, 0) + p * s[e] + q * s[f] + (side ? (n[d] - 1) * s[d] : 0);
            const ptrdiff_t out = side ? s[d] : -s[d];
            if (d == 2 && (side ? v->ks + v->nk < v->n[2] : v->ks > 0)) continue;
            x[out] = n[d] > 1 ? 2 * x[0] - x[-out] : x[0];
          }
    }
}

/* Does the right-hand side come from AeEllAddBoundary, so that its boundary part is known on each level? */
static PetscErrorCode HasData(AeEll ell, Vec b, PetscBool *data)
{
  PetscObjectId    id;
  PetscObjectState state;

  PetscFunctionBegin;
  *data = PETSC_FALSE;
  if (!b) PetscFunctionReturn(0);
  PetscCall(PetscObjectGetId((PetscObject)b, &id));
  PetscCall(PetscObjectStateGet((PetscObject)b, &state));
  *data = (PetscBool)(ell->bb_id && id == ell->bb_id && state == ell->bb_state);
  PetscFunctionReturn(0);
}

/* b of every level from that of the finest, kept in b0 (that of the finest only at order 2: it is still in its Vec otherwise) */
static PetscErrorCode RightHandSides(AeEll ell, PetscBool data, PetscBool high)
{
  PetscFunctionBegin;
  if (!high) memcpy(ell->lv[0].b0, ell->lv[0].b, sizeof(double) * (size_t)ell->lv[0].L.size);
  for (PetscInt l = 0; l + 1 < ell->nlevels; l++) {
    EllLevel *f = &ell->lv[l], *c = &ell->lv[l + 1];

    if (data)
      for (ptrdiff_t q = 0; q < f->L.size; q++) f->b[q] -= f->bb[q];
    if (high) EllInterpolate(ell, f->coarse, f, &f->L, f->b, c, &c->L, c->b, c->ps - c->ks, c->pn);
    else EllAverage(f, c, &f->L, f->b, &c->L, c->b);
    PetscCall(EllGatherPlanes(ell, c, &c->L, c->b));
    if (data)
      for (ptrdiff_t q = 0; q < c->L.size; q++) c->b[q] += c->bb[q];
    PetscCall(EllExchange(ell, c, &c->L, c->b, c->gk));
    memcpy(c->b0, c->b, sizeof(double) * (size_t)c->L.size);
  }
  PetscFunctionReturn(0);
}

/* At order 2: b of the finest level is set, x becomes the solution. b: the right-hand side that the user made, NULL: another. */
PetscErrorCode EllFull(AeEll ell, Vec b)
{
  int       colour[ELL_MAX_HALF], n;
  PetscBool data;

  PetscFunctionBegin;
  PetscCall(HasData(ell, b, &data));
  PetscCall(RightHandSides(ell, data, PETSC_FALSE));
  PetscCall(EllCoarseSolve(ell));
  for (PetscInt l = ell->nlevels - 2; l >= 0; l--) {
    EllLevel *v = &ell->lv[l];

    memcpy(v->b, v->b0, sizeof(double) * (size_t)v->L.size);
    EllZero(ell, l);
    Extrapolate(&ell->lv[l + 1]);
    for (PetscInt m = 0; m < ell->fmg_cycles; m++) {
      n = EllColours(ell, m ? ell->post : 0, ell->pre, colour);
      PetscCall(EllSweep(ell, l, PETSC_TRUE, n, colour, PETSC_TRUE, NULL));
      PetscCall(EllCycle(ell, l + 1, (EllCycleType)ell->cycle));
    }
    n = EllColours(ell, ell->post, 0, colour);
    PetscCall(EllSweep(ell, l, PETSC_TRUE, n, colour, PETSC_FALSE, NULL));
  }
  PetscFunctionReturn(0);
}

/*
  At order p > 2: u of the finest level becomes the solution for b. The steps on each level are weighted by the roots of
  Chebyshev's polynomial over the bounds of defect correction.
*/
PetscErrorCode EllFullOrder(AeEll ell, Vec b)
{
  EllLevel     *top = &ell->lv[ell->nlevels - 1], *v = &ell->lv[0];
  const double *rhs;
  PetscReal     lo, hi;
  PetscBool     data;

  PetscFunctionBegin;
  PetscCall(HasData(ell, b, &data));
  EllDefectBounds(ell, &lo, &hi);
  PetscCall(EllLoad(ell, b, &v->L, v, v->b));
  PetscCall(EllExchange(ell, v, &v->L, v->b, v->gk));
  PetscCall(RightHandSides(ell, data, PETSC_TRUE));
  PetscCall(EllCoarseSolve(ell));
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < top->nk; k++)
      for (PetscInt j = 0; j < top->n[1]; j++)
        memcpy(top->u + AeAt(&top->LU, f, k, j, 0), top->x + AeAt(&top->L, f, k, j, 0), sizeof(double) * top->n[0]);
  PetscCall(VecGetArrayRead(b, &rhs));
  for (PetscInt l = ell->nlevels - 2; l >= 0; l--) {
    EllLevel      *c     = &ell->lv[l + 1];
    const PetscInt steps = ell->fmg_cycles + (l ? 2 : 0); /* what they cost on coarser levels is little */
    AeSum          sum;

    v = &ell->lv[l];
    PetscCall(EllFillGhosts(ell, c, &c->LU, c->u, c->order));
    if (data)
      for (ptrdiff_t q = 0; q < c->LU.size; q++) c->u[q] += c->g[q];
    PetscCall(
      EllExchange(ell, c, &c->LU, c->u, c->gk)); /* planes of other ranks as they have them, deeper than the stencil needs */
    EllInterpolate(ell, v->fine, c, &c->LU, c->u, v, &v->LU, v->u, 0, v->nk);
    for (PetscInt m = 0; m < steps; m++) {
      PetscCall(EllDefectLevel(ell, v, l ? NULL : rhs, &sum));
      PetscCall(EllDefectStep(ell, l, 0, 2 / (lo + hi + (hi - lo) * PetscCosReal((2 * m + 1) * PETSC_PI / (2 * steps))), NULL));
    }
  }
  PetscCall(VecRestoreArrayRead(b, &rhs));
  PetscFunctionReturn(0);
}

/*
  A compact array of the finest level into b of the cycles, in single precision: scaled to numbers of size 1, whatever its own.
*/
static PetscErrorCode LoadSingle(AeEll ell, Vec b)
{
  EllLevel *v = &ell->lv[0];
  PetscReal largest;

  PetscFunctionBegin;
  PetscCall(EllLoad(ell, b, &v->L, v, v->b));
  PetscCall(VecNorm(b, NORM_INFINITY, &largest));
  EllScale(ell, largest);
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++) EllRowToSingle(ell, v, v->b + AeAt(&v->L, f, k, j, 0), AeAt(&v->L, f, k, j, 0));
  PetscFunctionReturn(0);
}

/* x = M b */
PetscErrorCode EllApplyCycle(AeEll ell, Vec b, Vec x)
{
  EllLevel *v = &ell->lv[0];

  PetscFunctionBegin;
  if (ell->single) PetscCall(LoadSingle(ell, b));
  else PetscCall(EllLoad(ell, b, &v->L, v, v->b));
  PetscCall(EllExchangeLevel(ell, v, PETSC_TRUE, v->gk));
  if (ell->full) PetscCall(EllFull(ell, NULL));
  else PetscCall(EllCycle(ell, 0, (EllCycleType)ell->cycle));
  if (ell->single)
    for (PetscInt f = 0; f < ell->nc; f++)
      for (PetscInt k = 0; k < v->nk; k++)
        for (PetscInt j = 0; j < v->n[1]; j++) {
          const ptrdiff_t at = AeAt(&v->L, f, k, j, 0);
          for (PetscInt i = 0; i < v->n[0]; i++) v->x[at + i] = v->single.x[at + i] / ell->scale;
        }
  PetscCall(EllStore(ell, &v->L, v, v->x, x));
  PetscFunctionReturn(0);
}
