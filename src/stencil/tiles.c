/*
  Tiled walks over the rows of a block.
*/
#include <aeonic/stencil.h>
#include <petsctime.h>

static AE_EVENT(TuneEvent, "AeTune");

PetscErrorCode AeTilesSetFromOptions(MPI_Comm comm, AeTiles *T)
{
  PetscFunctionBegin;
  T->j = T->k = 0;
  PetscOptionsBegin(comm, NULL, "Stencil engine", "AeTiles");
  PetscCall(AeOptInt("-stencil_tile_j", "rows of a tile along y; 0 tunes it", "rows", "", 0, PETSC_MAX_INT, &T->j, NULL));
  PetscCall(AeOptInt("-stencil_tile_k", "rows of a tile along z; 0: all", "rows", "", 0, PETSC_MAX_INT, &T->k, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static void Walk(ptrdiff_t tj, ptrdiff_t tk, ptrdiff_t nj, ptrdiff_t nk, AeRowFunction row, void *ctx)
{
  for (ptrdiff_t k0 = 0; k0 < nk; k0 += tk)
    for (ptrdiff_t j0 = 0; j0 < nj; j0 += tj)
      for (ptrdiff_t k = k0; k < PetscMin(k0 + tk, nk); k++)
        for (ptrdiff_t j = j0; j < PetscMin(j0 + tj, nj); j++) (*row)(ctx, k, j);
}

void AePass(const AeTiles *T, const AeLayout *L, AeRowFunction row, void *ctx)
{
  Walk(T->j ? T->j : L->nj, T->k ? T->k : L->nk, L->nj, L->nk, row, ctx);
}

PetscErrorCode AeTilesTune(AeTiles *T, const AeLayout *L, AeRowFunction row, void *ctx)
{
  static const PetscInt shapes[] = {4, 8, 16, 32, 64};
  PetscLogDouble        least    = PETSC_MAX_REAL, t0, t1;
  /* planes enough for the walk along k to reach its steady state, few enough to cost a fraction of a step */
  const ptrdiff_t nk = PetscMin(L->nk, 12);

  PetscFunctionBegin;
  if (T->j) PetscFunctionReturn(0);
  T->j = (PetscInt)L->nj;
  if (L->nj * L->nx < 64 * 64) PetscFunctionReturn(0); /* the planes fit in cache whole */
  PetscCall(PetscLogEventBegin(TuneEvent, 0, 0, 0, 0));
  Walk(L->nj, nk, L->nj, nk, row, ctx);
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(shapes) && shapes[s] <= L->nj; s++) {
    PetscCall(PetscTime(&t0));
    Walk(shapes[s], nk, L->nj, nk, row, ctx);
    PetscCall(PetscTime(&t1));
    PetscCall(PetscInfo(NULL, "tile_j %" PetscInt_FMT ": %.3f ms for %d planes\n", shapes[s], 1e3 * (t1 - t0), (int)nk));
    if (t1 - t0 < least) {
      least = t1 - t0;
      T->j  = shapes[s];
    }
  }
  PetscCall(PetscLogEventEnd(TuneEvent, 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
