/*
  Mass and momenta as integrals over the volume of the grid.
*/
#include <aeonic/diag.h>

PetscErrorCode AeVolumeCharges(Vec densities, const PetscReal centre[3], AeCharges *q)
{
  AeFields        F;
  AeGrid          grid;
  const AeLayout *L;
  const double   *d;
  AeSum           sum[7]; /* M, P_i, J_i about the origin */
  PetscReal       v[7], cell;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(densities, &F));
  PetscCall(AeFieldsGetInfo(F, &grid, &L, NULL));
  for (int m = 0; m < 7; m++) AeSumZero(&sum[m]);
  PetscCall(VecGetArrayRead(densities, &d));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const PetscReal x[3] = {AeGridX(grid, 0, (PetscInt)i), AeGridX(grid, 1, (PetscInt)(grid->js + j)),
                                AeGridX(grid, 2, (PetscInt)(grid->ks + k))};
        double          p[7];

        for (int m = 0; m < 7; m++) p[m] = d[AeAt(L, m, k, j, i)];
        for (int a = 0; a < 3; a++) p[4 + a] += x[(a + 1) % 3] * p[1 + (a + 2) % 3] - x[(a + 2) % 3] * p[1 + (a + 1) % 3];
        for (int m = 0; m < 7; m++) AeSumAdd(&sum[m], p[m]);
      }
  PetscCall(VecRestoreArrayRead(densities, &d));
  PetscCall(AeSumReduce(grid->comm, 7, sum));
  cell = grid->h * grid->h * grid->h;
  /* the images under a symmetry: P along the reflected axis and J across it cancel, the rest doubles */
  for (int a = 0; a < 3; a++)
    if (grid->bc[a][0] == AE_BC_REFLECTING) cell *= 2.0;
  for (int m = 0; m < 7; m++) v[m] = AeSumValue(&sum[m]) * cell;
  for (int a = 0; a < 3; a++) {
    if (grid->bc[a][0] != AE_BC_REFLECTING) continue;
    v[1 + a] = v[4 + (a + 1) % 3] = v[4 + (a + 2) % 3] = 0.0;
  }
  q->mass = v[0];
  for (int a = 0; a < 3; a++) {
    q->momentum[a] = v[1 + a];
    q->angular[a]  = v[4 + a] - (centre[(a + 1) % 3] * v[1 + (a + 2) % 3] - centre[(a + 2) % 3] * v[1 + (a + 1) % 3]);
  }
  PetscFunctionReturn(0);
}
