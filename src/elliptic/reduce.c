/*
  What is the same bits on any number of ranks: norms and dot products of Krylov methods and Newton (-ell_reproducible), which
  then take the same steps, as the cycles do in any case; and the mean of a singular problem.
*/
#include "ell_private.h"
#include <aeonic/field.h>

PetscErrorCode EllVecReproducible(AeEll ell, Vec v)
{
  AeRows   rows = {.n = ell->grid->n[0], .count = {1, 1, 0}, .stride = {0, 0, ell->grid->n[0]}};
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(v, &n));
  rows.count[2] = n / rows.n;
  PetscCall(AeVecSumExactly(v, &rows));
  PetscFunctionReturn(0);
}

/* Mean of each component to zero. */
PetscErrorCode EllRemoveMean(AeEll ell, Vec v, PetscReal *largest)
{
  const PetscInt row = ell->grid->n[0], n = row * ell->grid->nj * ell->grid->nk;
  const double   N = (double)ell->grid->n[0] * ell->grid->n[1] * ell->grid->n[2];
  double        *a;
  AeSum          sum[3];

  PetscFunctionBegin;
  PetscCall(VecGetArray(v, &a));
  for (PetscInt c = 0; c < ell->nc; c++) {
    AeSumZero(&sum[c]);
    for (PetscInt p = 0; p < n; p += row) AeSumAdd(&sum[c], AeRowSum(a + c * n + p, row));
  }
  if (ell->grid->size > 1) PetscCall(AeSumReduce(ell->comm, ell->nc, sum));
  *largest = 0;
  for (PetscInt c = 0; c < ell->nc; c++) {
    const double mean = AeSumValue(&sum[c]) / N;

    *largest = PetscMax(*largest, PetscAbsReal(mean));
    for (PetscInt p = 0; p < n; p++) a[c * n + p] -= mean;
  }
  PetscCall(VecRestoreArray(v, &a));
  PetscFunctionReturn(0);
}
