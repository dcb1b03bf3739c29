/*
  What writing and reading share: planes of rows between the ranks and rank 0.
*/
#include "checkpoint_private.h"

PetscErrorCode CkPiecesCreate(AeFields F, PetscInt box, CkPieces *P)
{
  PetscFunctionBegin;
  if (box) PetscCall(PetscSNPrintf(P->group, sizeof P->group, "/levels/%" PetscInt_FMT, box));
  else PetscCall(PetscStrncpy(P->group, "/state", sizeof P->group));
  PetscCall(AeFieldsGetInfo(F, &P->g, &P->L, &P->info));
  P->planes = PetscMax(1, (ptrdiff_t)(1 << 20) / ((ptrdiff_t)P->g->n[0] * P->g->n[1]));
  P->planes = PetscMin(P->planes, P->g->n[2]);
  P->all = P->natural = NULL;
  P->count = P->first = NULL;
  PetscCall(PetscMalloc1((size_t)(P->planes * P->L->nj * P->L->nx), &P->mine));
  if (!P->g->rank)
    PetscCall(PetscMalloc4((size_t)P->planes * P->g->n[0] * P->g->n[1], &P->all, (size_t)P->planes * P->g->n[0] * P->g->n[1],
                           &P->natural, P->g->size, &P->count, P->g->size, &P->first));
  PetscFunctionReturn(0);
}

PetscErrorCode CkPiecesDestroy(CkPieces *P)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(P->mine));
  if (P->natural) PetscCall(PetscFree4(P->all, P->natural, P->count, P->first));
  PetscFunctionReturn(0);
}

/* The planes of [k0, k1) that a slab [ks, ks + nk) has. */
static ptrdiff_t Overlap(ptrdiff_t k0, ptrdiff_t k1, ptrdiff_t ks, ptrdiff_t nk, ptrdiff_t *from)
{
  *from = PetscMax(k0, ks);
  return PetscMax(0, PetscMin(k1, ks + nk) - *from);
}

/* How many numbers of the piece each rank has (rank 0). */
static void Counts(CkPieces *P, ptrdiff_t k0, ptrdiff_t k1)
{
  for (PetscMPIInt r = 0, sum = 0; r < P->g->size; r++) {
    PetscInt  js, ks, nj, nk;
    ptrdiff_t from;

    AeGridBlock(P->g, r, &js, &ks, &nj, &nk);
    P->first[r]        = sum;
    sum += P->count[r] = (PetscMPIInt)(Overlap(k0, k1, ks, nk, &from) * nj * P->g->n[0]);
  }
}

/* Rank 0: between rows by rank and rows in natural order. */
static void Sort(CkPieces *P, ptrdiff_t k0, ptrdiff_t k1, PetscBool to_natural)
{
  const size_t row = (size_t)P->g->n[0];

  for (PetscMPIInt r = 0; r < P->g->size; r++) {
    PetscInt  js, ks, nj, nk;
    ptrdiff_t from, n;
    double   *a = P->all + P->first[r];

    AeGridBlock(P->g, r, &js, &ks, &nj, &nk);
    n = Overlap(k0, k1, ks, nk, &from);
    for (ptrdiff_t k = from; k < from + n; k++)
      for (ptrdiff_t j = js; j < js + nj; j++, a += row) {
        double *b = P->natural + ((k - k0) * P->g->n[1] + j) * (ptrdiff_t)row;

        if (to_natural) memcpy(b, a, row * sizeof *a);
        else memcpy(a, b, row * sizeof *a);
      }
  }
}

/* This rank: between its rows of the piece and the state. */
static PetscMPIInt Pack(CkPieces *P, double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1, PetscBool from_state)
{
  ptrdiff_t       from;
  const ptrdiff_t n = Overlap(k0, k1, P->g->ks, P->L->nk, &from);
  double         *a = P->mine;

  for (ptrdiff_t k = from - P->g->ks; k < from - P->g->ks + n; k++)
    for (ptrdiff_t j = 0; j < P->L->nj; j++, a += P->L->nx) {
      double *b = u + AeAt(P->L, f, k, j, 0);

      if (from_state) memcpy(a, b, (size_t)P->L->nx * sizeof *a);
      else memcpy(b, a, (size_t)P->L->nx * sizeof *a);
    }
  return (PetscMPIInt)(a - P->mine);
}

PetscErrorCode CkGather(CkPieces *P, const double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1)
{
  const PetscMPIInt n = Pack(P, (double *)u, f, k0, k1, PETSC_TRUE);

  PetscFunctionBegin;
  if (!P->g->rank) Counts(P, k0, k1);
  PetscCallMPI(MPI_Gatherv(P->mine, n, MPI_DOUBLE, P->all, P->count, P->first, MPI_DOUBLE, 0, P->g->comm));
  if (!P->g->rank) Sort(P, k0, k1, PETSC_TRUE);
  PetscFunctionReturn(0);
}

PetscErrorCode CkScatter(CkPieces *P, double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1)
{
  ptrdiff_t         from;
  const PetscMPIInt n = (PetscMPIInt)(Overlap(k0, k1, P->g->ks, P->L->nk, &from) * P->L->nj * P->L->nx);

  PetscFunctionBegin;
  if (!P->g->rank) {
    Counts(P, k0, k1);
    Sort(P, k0, k1, PETSC_FALSE);
  }
  PetscCallMPI(MPI_Scatterv(P->all, P->count, P->first, MPI_DOUBLE, P->mine, n, MPI_DOUBLE, 0, P->g->comm));
  (void)Pack(P, u, f, k0, k1, PETSC_FALSE);
  PetscFunctionReturn(0);
}

void CkMovePlanes(CkPieces *P, hid_t d, ptrdiff_t k0, ptrdiff_t k1, PetscBool write, crypto_generichash_state *digest, char why[])
{
  const hsize_t start[3] = {(hsize_t)k0, 0, 0}, count[3] = {(hsize_t)(k1 - k0), (hsize_t)P->g->n[1], (hsize_t)P->g->n[0]};
  const hid_t   space = H5Dget_space(d), planes = H5Screate_simple(3, count, NULL);

  AeH5Try(why, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
  AeH5Try(why, write ? H5Dwrite(d, H5T_NATIVE_DOUBLE, planes, space, H5P_DEFAULT, P->natural)
                     : H5Dread(d, H5T_NATIVE_DOUBLE, planes, space, H5P_DEFAULT, P->natural));
  crypto_generichash_update(digest, (const unsigned char *)P->natural, count[0] * count[1] * count[2] * sizeof(double));
  H5Sclose(planes);
  H5Sclose(space);
}
