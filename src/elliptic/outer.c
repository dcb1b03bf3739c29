/*
  The outer operator, order p, on compact Vecs; boundary data; and defect correction, whose iterate stays in a ghosted array.
*/
#include "ell_private.h"
#include <petsc/private/petscimpl.h>
#undef I

PetscErrorCode EllOuterSetUp(AeEll ell)
{
  EllLevel      *v = &ell->lv[0];
  const PetscInt g = ell->order / 2;

  PetscFunctionBegin;
  ell->LO = AeLayoutCreate(ell->nc, v->n[0], v->n[1], v->nk, g);
  for (int d = 0; d < 3; d++)
    PetscCheck(v->n[d] >= EllClosureOf(ell->order)->points || ell->bc[d][0] == AE_ELL_PERIODIC, ell->comm, AE_ERR_USAGE,
               "-grid_n: %" PetscInt_FMT " cells along axis %d are too few for the boundary at -%sorder %" PetscInt_FMT
               ", at least %d are needed",
               v->n[d], d, ell->prefix, ell->order, EllClosureOf(ell->order)->points);
  if (ell->order == 2) { /* the finest level's own arrays: no cycle is under way when A is applied */
    ell->LO = v->L;
    ell->ox = v->x;
  } else {
    PetscCall(PetscCalloc1((size_t)ell->LO.size + AE_LINE, &ell->ox_own));
    ell->ox = ell->ox_own; /* rows need not be aligned for what is memory-bound */
  }
  v->u  = ell->ox;
  v->LU = ell->LO;
  PetscFunctionReturn(0);
}

/* y = A x, or b - A x, x with its ghosts in ox; b and y may be the same */
static PetscErrorCode OuterRows(AeEll ell, Vec b, Vec y, PetscBool residual)
{
  EllLevel      *v  = &ell->lv[0];
  AeGrid         g  = ell->grid;
  const PetscInt k0 = v->redundant ? g->ks : 0, j0 = g->js;
  const double  *rhs = NULL;
  double        *out;

  PetscFunctionBegin;
  if (residual && b != y) PetscCall(VecGetArrayRead(b, &rhs));
  PetscCall(VecGetArray(y, &out));
  if (residual && b == y) rhs = out;
  for (int f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++) {
        const PetscInt at = AeEllAt(g, f, k, j, 0);

        EllRow(ell, v, ell->order, &ell->LO, ell->ox, f, k0 + k, j0 + j, residual ? rhs + at : NULL, out + at);
        if (!residual)
          for (PetscInt i = 0; i < g->n[0]; i++) out[at + i] = -out[at + i];
      }
  PetscCall(VecRestoreArray(y, &out));
  if (residual && b != y) PetscCall(VecRestoreArrayRead(b, &rhs));
  PetscCall(PetscLogFlops((double)ell->nc * g->n[0] * g->nj * g->nk * EllFlops(ell->op, ell->order)));
  PetscFunctionReturn(0);
}

PetscErrorCode EllOuterApply(AeEll ell, Vec b, Vec x, Vec y, PetscBool residual)
{
  EllLevel *v = &ell->lv[0];
  PetscReal mean;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_RESIDUAL], x, y, 0, 0));
  PetscCall(EllLoad(ell, x, &ell->LO, v, ell->ox));
  PetscCall(EllFillGhosts(ell, v, &ell->LO, ell->ox, ell->order));
  PetscCall(OuterRows(ell, b, y, residual));
  /* closures of order 4 and 6 are not symmetric: constants are the null space, but not what the range lacks */
  if (ell->singular) PetscCall(EllRemoveMean(ell, y, &mean));
  PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_RESIDUAL], x, y, 0, 0));
  PetscFunctionReturn(0);
}

/* The central coefficient of each component, boundaries not counted. */
PetscErrorCode EllOuterDiagonal(AeEll ell, Vec d)
{
  EllLevel      *v        = &ell->lv[0];
  AeGrid         g        = ell->grid;
  const double   scale[4] = {0, 1, 5. / 4, 49. / 36}; /* -b_0/2 of the second difference of order p */
  const PetscInt k0       = v->redundant ? g->ks : 0;
  double        *a;

  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(d, &a));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        double D[3][3];
        EllCentral(ell, v, k0 + k, g->js + j, i, scale[ell->order / 2], D);
        for (PetscInt f = 0; f < ell->nc; f++) a[AeEllAt(g, f, k, j, i)] = D[f][f];
      }
  PetscCall(VecRestoreArrayWrite(d, &a));
  PetscFunctionReturn(0);
}

/* b - A(0 with the ghosts of the data); with full multigrid, what each level's own right-hand side has of it */
PetscErrorCode AeEllAddBoundary(AeEll ell, AeEllData data, void *ctx, Vec b)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  memset(ell->ox, 0, sizeof(double) * (size_t)ell->LO.size);
  PetscCall(EllFillData(ell, &ell->lv[0], &ell->LO, ell->ox, ell->order, data, ctx));
  PetscCall(OuterRows(ell, b, b, PETSC_TRUE));
  if (ell->full) {
    for (PetscInt l = 0; l < ell->nlevels; l++) {
      EllLevel *v = &ell->lv[l];

      memset(v->u, 0, sizeof(double) * (size_t)v->LU.size);
      PetscCall(EllFillData(ell, v, &v->LU, v->u, v->order, data, ctx));
      for (PetscInt f = 0; f < ell->nc; f++)
        for (PetscInt k = 0; k < v->nk; k++)
          for (PetscInt j = 0; j < v->n[1]; j++)
            EllRow(ell, v, v->order, &v->LU, v->u, (int)f, k, j, NULL, v->bb + AeAt(&v->L, f, k, j, 0));
      PetscCall(EllExchange(ell, v, &v->L, v->bb, v->gk));
      if (v->g) memcpy(v->g, v->u, sizeof(double) * (size_t)v->LU.size);
      memset(v->u, 0, sizeof(double) * (size_t)v->LU.size);
    }
    PetscCall(PetscObjectGetId((PetscObject)b, &ell->bb_id));
    PetscCall(PetscObjectStateGet((PetscObject)b, &ell->bb_state));
  }
  PetscFunctionReturn(0);
}

/* ---- defect correction: the iterate in u, the residual of order p in b, its correction of order 2 in x ------ */

PetscErrorCode EllDefectBegin(AeEll ell, Vec x)
{
  PetscFunctionBegin;
  if (x) PetscCall(EllLoad(ell, x, &ell->LO, &ell->lv[0], ell->ox));
  else memset(ell->ox, 0, sizeof(double) * (size_t)ell->LO.size);
  PetscFunctionReturn(0);
}

/* b of a level from its u and right-hand side: rhs, compact, or b0 where that is NULL; sum: of squares, over this rank's planes */
PetscErrorCode EllDefectLevel(AeEll ell, EllLevel *v, const double *rhs, AeSum *sum)
{
  PetscFunctionBegin;
  AeSumZero(sum);
  PetscCall(EllFillGhosts(ell, v, &v->LU, v->u, v->order));
  for (int f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++) {
        const ptrdiff_t at = AeAt(&v->L, f, k, j, 0);

        double *const r = ell->single ? ell->scratch + AE_LINE : v->b + at;

        EllRow(ell, v, v->order, &v->LU, v->u, f, k, j, rhs ? rhs + AeEllAt(ell->grid, f, k, j, 0) : v->b0 + at, r);
        AeSumAdd(sum, AeRowSumSquares(r, v->n[0]));
        if (ell->single) EllRowToSingle(ell, v, r, at);
      }
  PetscCall(PetscLogFlops((double)ell->nc * v->n[0] * v->n[1] * v->nk * EllFlops(ell->op, v->order)));
  PetscFunctionReturn(0);
}

/* rnorm: in, about what it will be (for cycles in single precision); out, the norm */
PetscErrorCode EllDefectResidual(AeEll ell, Vec b, PetscReal *rnorm)
{
  const double *rhs;
  AeSum         sum;

  PetscFunctionBegin;
  if (ell->single) EllScale(ell, *rnorm);
  PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_RESIDUAL], b, 0, 0, 0));
  PetscCall(VecGetArrayRead(b, &rhs));
  PetscCall(EllDefectLevel(ell, &ell->lv[0], rhs, &sum));
  PetscCall(VecRestoreArrayRead(b, &rhs));
  if (ell->grid->size > 1) PetscCall(AeSumReduce(ell->comm, 1, &sum));
  *rnorm = PetscSqrtReal(AeSumValue(&sum));
  PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_RESIDUAL], b, 0, 0, 0));
  PetscFunctionReturn(0);
}

/* u <- u + w M b on level l */
PetscErrorCode EllDefectStep(AeEll ell, PetscInt l, PetscReal w)
{
  EllLevel *v = &ell->lv[l];

  PetscFunctionBegin;
  PetscCall(EllExchangeLevel(ell, v, PETSC_TRUE, v->gk));
  PetscCall(EllCycleFromZero(ell, l));
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++) {
        double       *u = v->u + AeAt(&v->LU, f, k, j, 0);
        const double *e = v->x + AeAt(&v->L, f, k, j, 0);

        for (ptrdiff_t i = 0; i < v->n[0]; i++) u[i] += w * e[i];
      }
  PetscFunctionReturn(0);
}

/* d <- a d + w M b, u <- u + d on the finest level */
PetscErrorCode EllDefectCorrect(AeEll ell, PetscReal a, PetscReal w)
{
  EllLevel *v = &ell->lv[0];
  double   *d;

  PetscFunctionBegin;
  if (!ell->work[1]) PetscCall(AeEllCreateVec(ell, 0, &ell->work[1]));
  PetscCall(EllExchangeLevel(ell, v, PETSC_TRUE, v->gk));
  PetscCall(EllCycleFromZero(ell, 0));
  PetscCall(VecGetArray(ell->work[1], &d));
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, d += v->n[0]) {
        double       *x = ell->ox + AeAt(&ell->LO, f, k, j, 0);
        const double *e = v->x + AeAt(&v->L, f, k, j, 0);

        if (ell->single) { /* at order 2 x is the iterate, and no work space */
          const float *s = v->single.x + AeAt(&v->L, f, k, j, 0);
          const double z = w / ell->scale;

          if (a == 0)
            for (ptrdiff_t i = 0; i < v->n[0]; i++) x[i] += d[i] = z * s[i];
          else
            for (ptrdiff_t i = 0; i < v->n[0]; i++) x[i] += d[i] = a * d[i] + z * s[i];
        } else if (a == 0)
          for (ptrdiff_t i = 0; i < v->n[0]; i++) x[i] += d[i] = w * e[i];
        else
          for (ptrdiff_t i = 0; i < v->n[0]; i++) x[i] += d[i] = a * d[i] + w * e[i];
      }
  d -= (size_t)ell->nc * v->n[0] * v->n[1] * v->nk;
  PetscCall(VecRestoreArray(ell->work[1], &d));
  PetscFunctionReturn(0);
}

PetscErrorCode EllDefectEnd(AeEll ell, Vec x)
{
  PetscFunctionBegin;
  PetscCall(EllStore(ell, &ell->LO, &ell->lv[0], ell->ox, x));
  PetscFunctionReturn(0);
}
