/*
  Compact Vecs: made, filled from a function, and copied into ghosted arrays of the finest level and back.
*/
#include "ell_private.h"

PetscErrorCode AeEllCreateVec(AeEll ell, PetscInt fields, Vec *v)
{
  AeGrid g = ell->grid;

  PetscFunctionBegin;
  PetscCall(VecCreateMPI(ell->comm, (fields ? fields : ell->nc) * g->n[0] * g->nj * g->nk, PETSC_DETERMINE, v));
  if (ell->reproducible) PetscCall(EllVecReproducible(ell, *v));
  PetscCall(VecSet(*v, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllEvaluate(AeEll ell, AeEllFunction function, void *ctx, Vec v)
{
  AeGrid    g = ell->grid;
  PetscInt  local, nf;
  double   *a;
  PetscReal value[64];

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(v, &local));
  nf = local / (g->n[0] * g->nj * g->nk);
  PetscCheck(nf <= 64, ell->comm, PETSC_ERR_ARG_OUTOFRANGE, "more than 64 fields");
  PetscCall(VecGetArrayWrite(v, &a));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscReal x[3] = {AeGridX(g, 0, i), AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k)};
        PetscCall((*function)(ctx, x, value));
        for (PetscInt f = 0; f < nf; f++) a[AeEllAt(g, f, k, j, i)] = value[f];
      }
  PetscCall(VecRestoreArrayWrite(v, &a));
  PetscFunctionReturn(0);
}

/* A compact Vec into the interior of a ghosted array of the finest level, which may be held whole by every rank. */
PetscErrorCode EllLoad(AeEll ell, Vec b, const AeLayout *L, EllLevel *v, double *u)
{
  AeGrid        g = ell->grid;
  const double *a;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b, &a));
  if (!v->redundant || g->size == 1) {
    for (ptrdiff_t f = 0; f < L->nf; f++)
      for (PetscInt k = 0; k < g->nk; k++)
        for (PetscInt j = 0; j < g->nj; j++)
          memcpy(u + AeAt(L, f, k, j, 0), a + AeEllAt(g, (PetscInt)f, k, j, 0), sizeof(double) * g->n[0]);
  } else {
    double *all;
    size_t  at = 0;

    if (!ell->gather)
      PetscCall(
        PetscMalloc1((size_t)PetscMax(PetscMax(ell->nc, ell->ncoef), ell->ndata) * g->n[0] * g->n[1] * g->n[2], &ell->gather));
    all = ell->gather;
    for (PetscMPIInt r = 0; r < g->size; r++) {
      PetscInt js, ks, nj, nk;
      AeGridBlock(g, r, &js, &ks, &nj, &nk);
      ell->counts[r] = (PetscMPIInt)(L->nf * g->n[0] * nj * nk);
      ell->displs[r] = (PetscMPIInt)at;
      at += (size_t)ell->counts[r];
    }
    PetscCallMPI(MPI_Allgatherv(a, ell->counts[g->rank], MPI_DOUBLE, all, ell->counts, ell->displs, MPI_DOUBLE, ell->comm));
    for (PetscMPIInt r = 0; r < g->size; r++) {
      PetscInt      js, ks, nj, nk;
      const double *p = all + ell->displs[r];

      AeGridBlock(g, r, &js, &ks, &nj, &nk);
      for (ptrdiff_t f = 0; f < L->nf; f++)
        for (PetscInt k = 0; k < nk; k++)
          for (PetscInt j = 0; j < nj; j++, p += g->n[0]) memcpy(u + AeAt(L, f, ks + k, js + j, 0), p, sizeof(double) * g->n[0]);
    }
  }
  PetscCall(VecRestoreArrayRead(b, &a));
  PetscFunctionReturn(0);
}

PetscErrorCode EllStore(AeEll ell, const AeLayout *L, EllLevel *v, const double *u, Vec x)
{
  AeGrid         g  = ell->grid;
  const PetscInt k0 = v->redundant ? g->ks : 0, j0 = g->js;
  double        *a;

  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(x, &a));
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        memcpy(a + AeEllAt(g, (PetscInt)f, k, j, 0), u + AeAt(L, f, k0 + k, j0 + j, 0), sizeof(double) * g->n[0]);
  PetscCall(VecRestoreArrayWrite(x, &a));
  PetscFunctionReturn(0);
}
