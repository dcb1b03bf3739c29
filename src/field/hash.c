/*
  Hashes of fields that do not depend on the number of ranks: rows of cells along x, all fields of a row, then the rows' hashes in
  natural order.
*/
#include "field_private.h"
#include <sodium.h>

static AE_EVENT(HashEvent, "AeHash");

PetscErrorCode AeBlockHash(AeGrid g, PetscInt nf, const double *u, ptrdiff_t sf, ptrdiff_t sk, ptrdiff_t sj, char hex[65])
{
  enum { DIGEST = 32 };
  unsigned char *mine, *all = NULL, out[DIGEST];
  PetscMPIInt   *count = NULL, *first = NULL;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(HashEvent, 0, 0, 0, 0));
  PetscCall(PetscMalloc1(g->nj * g->nk * DIGEST, &mine));
  for (ptrdiff_t k = 0; k < g->nk; k++)
    for (ptrdiff_t j = 0; j < g->nj; j++) {
      crypto_generichash_state h;

      crypto_generichash_init(&h, NULL, 0, DIGEST);
      for (ptrdiff_t f = 0; f < nf; f++)
        crypto_generichash_update(&h, (const unsigned char *)(u + f * sf + k * sk + j * sj), sizeof(double) * (size_t)g->n[0]);
      crypto_generichash_final(&h, mine + (k * g->nj + j) * DIGEST, DIGEST);
    }
  if (!g->rank) {
    PetscCall(PetscMalloc3((size_t)g->n[1] * g->n[2] * DIGEST, &all, g->size, &count, g->size, &first));
    for (PetscMPIInt r = 0, sum = 0; r < g->size; r++) {
      PetscInt js, ks, nj, nk;

      AeGridBlock(g, r, &js, &ks, &nj, &nk);
      first[r]        = sum;
      sum += count[r] = (PetscMPIInt)(nj * nk * DIGEST);
    }
  }
  PetscCallMPI(MPI_Gatherv(mine, (PetscMPIInt)(g->nj * g->nk * DIGEST), MPI_BYTE, all, count, first, MPI_BYTE, 0, g->comm));
  if (!g->rank) {
    crypto_generichash_state h;

    crypto_generichash_init(&h, NULL, 0, DIGEST);
    for (PetscInt k = 0; k < g->n[2]; k++)
      for (PetscInt j = 0; j < g->n[1]; j++) {
        const PetscMPIInt r = AeGridRowOwner(g, j, k);
        PetscInt          js, ks, nj, nk;

        AeGridBlock(g, r, &js, &ks, &nj, &nk);
        crypto_generichash_update(&h, all + first[r] + ((k - ks) * nj + j - js) * DIGEST, DIGEST);
      }
    crypto_generichash_final(&h, out, DIGEST);
    PetscCall(PetscFree3(all, count, first));
  }
  PetscCallMPI(MPI_Bcast(out, DIGEST, MPI_BYTE, 0, g->comm));
  sodium_bin2hex(hex, 65, out, DIGEST);
  PetscCall(PetscFree(mine));
  PetscCall(PetscLogEventEnd(HashEvent, 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsHash(AeFields F, Vec v, char hex[65])
{
  const double *u;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(v, &u));
  PetscCall(AeBlockHash(F->grid, (PetscInt)F->L.nf, u + AeAt(&F->L, 0, 0, 0, 0), F->L.stride, F->L.plane, F->L.pitch, hex));
  PetscCall(VecRestoreArrayRead(v, &u));
  PetscFunctionReturn(0);
}
