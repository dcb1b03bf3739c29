/*
  The outer operator, order p, on compact Vecs, and what boundary data add to a right-hand side.
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
PetscErrorCode EllOuterData(AeEll ell, AeEllData data, void *ctx, Vec b)
{
  PetscFunctionBegin;
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
