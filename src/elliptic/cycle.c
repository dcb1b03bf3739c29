/*
  Cycles of multigrid. On each level consecutive cycles share a sweep: post-smoothing of one and pre-smoothing of the
  next are one front, so that an outer iteration reads and writes the finest level once.
*/
#include "ell_private.h"
#include <petscblaslapack.h>
#undef I

/* The same for operators and smoothers that are not of the fused kind. */
static PetscErrorCode GenericSweep(AeEll ell, PetscInt l, PetscBool prolong, int half, PetscBool restriction, AeSum *norm2)
{
  EllLevel *f = &ell->lv[l], *c = f + 1; /* the coarsest level neither prolongs nor restricts */

  PetscFunctionBegin;
  ell->zero[l] = PETSC_FALSE;
  if (prolong) {
    PetscCall(EllFillGhosts(ell, c, &c->L, c->x, 2));
    PetscCall(EllExchange(ell, c, &c->L, c->x, c->gk));
    EllProlong(ell, f, c);
  }
  PetscCall(EllSmooth(ell, l, half / 2));
  if (restriction || norm2) PetscCall(EllResidualLevel(ell, f, norm2));
  if (restriction) {
    PetscCall(EllExchange(ell, f, &f->L, f->r, 2));
    EllRestrict(ell, f, f->r, c);
    PetscCall(EllGatherPlanes(ell, c, &c->L, c->b));
  }
  PetscFunctionReturn(0);
}

/* One front, with the exchanges that it needs; step by step where images in ghost planes would be swept in another order. */
PetscErrorCode EllSweep(AeEll ell, PetscInt l, PetscBool prolong, int half, const int colour[], PetscBool restriction,
                        AeSum *norm2)
{
  EllLevel *f = &ell->lv[l], *c = f + 1; /* the coarsest level neither prolongs nor restricts */
  void (*const front)(AeEll, EllLevel *, EllLevel *, PetscBool, int, const int[], PetscBool, AeSum *) =
    ell->single ? EllFrontSingle : EllFront;
  const PetscBool steps = (PetscBool)(!ell->fused || (f->wrap[2] && f->n[2] % 2));

  PetscFunctionBegin;
  if (ell->generic) {
    PetscCall(GenericSweep(ell, l, prolong, half, restriction, norm2));
    PetscFunctionReturn(0);
  }
  if (prolong) PetscCall(EllExchangeLevel(ell, c, PETSC_FALSE, c->gk));
  if (!steps) {
    if (ell->zero[l]) ell->zero[l] = PETSC_FALSE;
    else PetscCall(EllExchangeLevel(ell, f, PETSC_FALSE, f->gk));
    (*front)(ell, f, c, prolong, half, colour, restriction, norm2);
  } else {
    ell->zero[l] = PETSC_FALSE;
    if (prolong) (*front)(ell, f, c, PETSC_TRUE, 0, NULL, PETSC_FALSE, NULL);
    for (int s = 0; s < half; s++) {
      PetscCall(EllExchangeLevel(ell, f, PETSC_FALSE, 1));
      (*front)(ell, f, c, PETSC_FALSE, 1, colour + s, PETSC_FALSE, NULL);
    }
    PetscCall(EllExchangeLevel(ell, f, PETSC_FALSE, f->gk));
    if (restriction || norm2) (*front)(ell, f, c, PETSC_FALSE, 0, NULL, restriction, norm2);
  }
  if (restriction) {
    PetscCall(EllGatherLevel(ell, c));
    PetscCall(EllExchangeLevel(ell, c, PETSC_TRUE, c->gk));
  }
  PetscFunctionReturn(0);
}

/* Colours of a front: red first before the coarse correction, the mirror image after it. */
int EllColours(AeEll ell, PetscInt post, PetscInt pre, int colour[])
{
  int n = 0;

  for (PetscInt s = 0; s < post; s++) {
    colour[n++] = ell->symmetric ? 1 : 0;
    colour[n++] = ell->symmetric ? 0 : 1;
  }
  for (PetscInt s = 0; s < pre; s++) {
    colour[n++] = 0;
    colour[n++] = 1;
  }
  return n;
}

void EllZero(AeEll ell, PetscInt l)
{
  EllLevel *v = &ell->lv[l];

  if (ell->single) memset(v->single.x, 0, sizeof(float) * (size_t)v->L.size);
  else memset(v->x, 0, sizeof(double) * (size_t)v->L.size);
  ell->zero[l] = PETSC_TRUE;
}

static void Residual(AeEll ell, const EllLevel *v, double *r)
{
  for (int f = 0; f < v->L.nf; f++)
    for (PetscInt k = 0; k < v->n[2]; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, r += v->n[0]) EllResidualRow(ell, v, f, k, j, r);
}

PetscErrorCode EllCoarseFactor(AeEll ell)
{
  EllLevel          *v     = &ell->lv[ell->nlevels - 1];
  const PetscInt     cells = v->n[0] * v->n[1] * v->n[2], n = (PetscInt)v->L.nf * cells;
  const PetscBLASInt N = n;
  PetscBLASInt       info;
  double            *column;

  PetscFunctionBegin;
  ell->nlu = 0;
  if (n > ELL_DIRECT || !v->redundant) PetscFunctionReturn(0); /* by smoothing */
  if (!ell->lu) PetscCall(PetscMalloc3((size_t)n * n, &ell->lu, n, &ell->pivot, n, &ell->lu_x));
  memset(v->b, 0, sizeof(double) * (size_t)v->L.size);
  column = ell->lu;
  for (PetscInt f = 0; f < v->L.nf; f++)
    for (PetscInt k = 0; k < v->n[2]; k++)
      for (PetscInt j = 0; j < v->n[1]; j++)
        for (PetscInt i = 0; i < v->n[0]; i++, column += n) { /* minus the residual of a unit vector */
          memset(v->x, 0, sizeof(double) * (size_t)v->L.size);
          v->x[AeAt(&v->L, f, k, j, i)] = 1;
          PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
          Residual(ell, v, column);
          for (PetscInt q = 0; q < n; q++) column[q] = -column[q];
          /* constants of each component are the null space: they are given the diagonal's size as eigenvalue */
          for (PetscInt q = 0; q < cells && ell->singular; q++) column[f * cells + q] += v->diag * v->L.nf / n;
        }
  PetscCallBLAS("LAPACKgetrf", LAPACKgetrf_(&N, &N, ell->lu, &N, ell->pivot, &info));
  PetscCheck(!info, ell->comm, AE_ERR_USAGE,
             "the operator is singular on the coarsest level (%" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT
             " cells): boundary conditions or the coefficient leave a null space other than constants",
             v->n[0], v->n[1], v->n[2]);
  ell->nlu = N;
  PetscFunctionReturn(0);
}

PetscErrorCode EllCoarseSolve(AeEll ell)
{
  const PetscInt l   = ell->nlevels - 1;
  EllLevel      *v   = &ell->lv[l];
  PetscBLASInt   one = 1, info;
  size_t         q   = 0;

  PetscFunctionBegin;
  if (!ell->nlu) { /* too large to factor: smooth */
    int colour[4];

    EllColours(ell, 1, 1, colour);
    EllZero(ell, l);
    for (int s = 0; s < 16; s++) {
      if (ell->generic) PetscCall(EllSmooth(ell, l, 2));
      else PetscCall(EllSweep(ell, l, PETSC_FALSE, 4, colour, PETSC_FALSE, NULL));
    }
    PetscFunctionReturn(0);
  }
  PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_COARSE], 0, 0, 0, 0));
  for (ptrdiff_t f = 0; f < v->L.nf; f++)
    for (PetscInt k = 0; k < v->n[2]; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, q += (size_t)v->n[0]) {
        const ptrdiff_t at = AeAt(&v->L, f, k, j, 0);
        for (PetscInt i = 0; i < v->n[0]; i++)
          ell->lu_x[q + (size_t)i] = ell->single ? (double)v->single.b[at + i] : v->b[at + i];
      }
  PetscCallBLAS("LAPACKgetrs", LAPACKgetrs_("N", &ell->nlu, &one, ell->lu, &ell->nlu, ell->pivot, ell->lu_x, &ell->nlu, &info));
  q = 0;
  for (ptrdiff_t f = 0; f < v->L.nf; f++)
    for (PetscInt k = 0; k < v->n[2]; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, q += (size_t)v->n[0]) {
        const ptrdiff_t at = AeAt(&v->L, f, k, j, 0);
        if (ell->single)
          for (PetscInt i = 0; i < v->n[0]; i++) v->single.x[at + i] = (float)ell->lu_x[q + (size_t)i];
        else memcpy(v->x + at, ell->lu_x + q, sizeof(double) * v->n[0]);
      }
  if (ell->single) EllGhostsSingle(v);
  else PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
  PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_COARSE], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

/* Diagonals, bounds and the coarsest level's factors, where coefficients have changed. */
PetscErrorCode EllRenew(AeEll ell)
{
  PetscFunctionBegin;
  if (!ell->stale) PetscFunctionReturn(0);
  PetscCheck(!ell->ncoef || ell->have_c, ell->comm, PETSC_ERR_ORDER, "operator %s needs its coefficients (AeEllSetCoefficients)",
             AeEllOperators[ell->op]);
  PetscCall(EllDiagonals(ell));
  PetscCall(EllCoarseFactor(ell));
  if (ell->single) EllRenewSingle(ell);
  ell->stale = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* b of level l is set, ghosts included. x becomes the result of one cycle from zero; type F: an F-cycle below, else V or W. */
PetscErrorCode EllCycle(AeEll ell, PetscInt l, EllCycleType type)
{
  int colour[ELL_MAX_HALF], n;

  PetscFunctionBegin;
  if (l + 1 == ell->nlevels) {
    PetscCall(EllCoarseSolve(ell));
    PetscFunctionReturn(0);
  }
  EllZero(ell, l);
  n = EllColours(ell, 0, ell->pre, colour);
  PetscCall(EllSweep(ell, l, PETSC_FALSE, n, colour, PETSC_TRUE, NULL));
  PetscCall(EllCycle(ell, l + 1, type));
  if (type != ELL_CYCLE_V && l + 2 < ell->nlevels) { /* a second visit to the coarse level, from what the first left */
    const PetscInt c = l + 1;

    (void)EllColours(ell, ell->post, ell->pre, colour);
    PetscCall(EllSweep(ell, c, PETSC_FALSE, 2 * (int)ell->pre, colour + 2 * ell->post, PETSC_TRUE, NULL));
    PetscCall(EllCycle(ell, c + 1, type == ELL_CYCLE_F ? ELL_CYCLE_V : type));
    PetscCall(EllSweep(ell, c, PETSC_TRUE, 2 * (int)ell->post, colour, PETSC_FALSE, NULL));
  }
  n = EllColours(ell, ell->post, 0, colour);
  PetscCall(EllSweep(ell, l, PETSC_TRUE, n, colour, PETSC_FALSE, NULL));
  PetscFunctionReturn(0);
}

/* One outer iteration on the finest level: the correction of the last one, smoothing, the residual's norm, the coarse levels. */
PetscErrorCode EllCycleStep(AeEll ell, PetscBool first, PetscReal *rnorm)
{
  int   colour[ELL_MAX_HALF], n = EllColours(ell, first ? 0 : ell->post, ell->pre, colour);
  AeSum sum;

  PetscFunctionBegin;
  AeSumZero(&sum);
  PetscCall(EllSweep(ell, 0, (PetscBool)!first, n, colour, PETSC_TRUE, &sum));
  if (!ell->lv[0].redundant) PetscCall(AeSumReduce(ell->comm, 1, &sum));
  *rnorm = PetscSqrtReal(AeSumValue(&sum));
  PetscFunctionReturn(0);
}

/* b and x into the finest level */
PetscErrorCode EllCycleBegin(AeEll ell, Vec b, Vec x)
{
  EllLevel *v = &ell->lv[0];

  PetscFunctionBegin;
  PetscCall(EllLoad(ell, b, &v->L, v, v->b));
  PetscCall(EllExchange(ell, v, &v->L, v->b, v->gk));
  if (x) {
    PetscCall(EllLoad(ell, x, &v->L, v, v->x));
    PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
    ell->zero[0] = PETSC_FALSE;
  } else EllZero(ell, 0);
  PetscFunctionReturn(0);
}

PetscErrorCode EllCycleEnd(AeEll ell, Vec x)
{
  EllLevel *v = &ell->lv[0];

  PetscFunctionBegin;
  PetscCall(EllStore(ell, &v->L, v, v->x, x));
  PetscFunctionReturn(0);
}

/* One smoothing sweep of a level whose b and x are set, ghosts included. */
PetscErrorCode EllSmoothLevel(AeEll ell, PetscInt l, PetscBool backward)
{
  const int colour[2] = {backward ? 1 : 0, backward ? 0 : 1};

  PetscFunctionBegin;
  ell->zero[l] = PETSC_FALSE;
  PetscCall(EllSweep(ell, l, PETSC_FALSE, 2, colour, PETSC_FALSE, NULL));
  PetscFunctionReturn(0);
}
