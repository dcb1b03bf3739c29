/*
  Norms of the constraints over part of the grid.
*/
#include <aeonic/diag.h>

/* Whether the cell at x is left out. */
static PetscBool Excluded(AeGrid g, const AeExclude *X, const PetscReal x[3])
{
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      const PetscReal distance = s ? g->hi[d] - x[d] : x[d] - g->lo[d];
      if (g->bc[d][s] != AE_BC_PERIODIC && g->bc[d][s] != AE_BC_REFLECTING && distance < X->shell) return PETSC_TRUE;
    }
  for (PetscInt c = 0; c < X->n; c++) {
    PetscReal r2 = 0;

    for (int d = 0; d < 3; d++) {
      PetscReal y = PetscAbsReal(x[d] - X->centre[c][d]);

      /* the nearest of the centre and its images */
      if (g->bc[d][0] == AE_BC_REFLECTING) y = PetscMin(y, PetscAbsReal(x[d] + X->centre[c][d] - 2.0 * g->lo[d]));
      if (g->bc[d][1] == AE_BC_REFLECTING) y = PetscMin(y, PetscAbsReal(x[d] + X->centre[c][d] - 2.0 * g->hi[d]));
      if (g->bc[d][0] == AE_BC_PERIODIC) y = PetscMin(y, PetscAbsReal(y - (g->hi[d] - g->lo[d])));
      r2 += y * y;
    }
    if (r2 < X->radius * X->radius) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscErrorCode AeExcludeCount(AeGrid grid, const AeExclude *X, PetscInt64 *cells)
{
  PetscInt64 n = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < grid->nk; k++)
    for (PetscInt j = 0; j < grid->nj; j++)
      for (PetscInt i = 0; i < grid->n[0]; i++) {
        const PetscReal x[3] = {AeGridX(grid, 0, i), AeGridX(grid, 1, grid->js + j), AeGridX(grid, 2, grid->ks + k)};
        if (!Excluded(grid, X, x)) n++;
      }
  PetscCallMPI(MPI_Allreduce(&n, cells, 1, MPIU_INT64, MPI_SUM, grid->comm));
  PetscFunctionReturn(0);
}

/* gamma^ij M_i M_j */
static double Square(const AeSpatial *s, const double v[], const double M[3])
{
  double g[6], K[6], c[6], det;

  AeSpatialAtPoint(s, v, NULL, g, K, NULL);
  AE_SYM_COFACTORS(g, c);
  det = AE_SYM_DET(g, c);
  return (c[0] * M[0] * M[0] + c[3] * M[1] * M[1] + c[5] * M[2] * M[2] +
          2.0 * (c[1] * M[0] * M[1] + c[2] * M[0] * M[2] + c[4] * M[1] * M[2])) /
         det;
}

PetscErrorCode AeConstraintNorms(Vec U, Vec C, const AeExclude *X, AeNorms *norms)
{
  AeFields        F, CF;
  AeGrid          grid;
  const AeLayout *L, *CL;
  AeSpatial       s;
  const double   *u, *c;
  enum { H1, H2, M1, M2, CELLS, COUNT };
  AeSum  sum[COUNT];
  double max[3] = {-PETSC_INFINITY, -PETSC_INFINITY, 0}; /* |H|, |M|^2, whether a NaN was seen */

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(U, &F));
  PetscCall(AeFieldsFromVec(C, &CF));
  PetscCall(AeFieldsGetInfo(F, &grid, &L, NULL));
  PetscCall(AeFieldsGetInfo(CF, NULL, &CL, NULL));
  PetscCall(AeSpatialFind(F, &s));
  for (int m = 0; m < COUNT; m++) AeSumZero(&sum[m]);
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayRead(C, &c));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const PetscReal x[3] = {AeGridX(grid, 0, (PetscInt)i), AeGridX(grid, 1, (PetscInt)(grid->js + j)),
                                AeGridX(grid, 2, (PetscInt)(grid->ks + k))};
        double          v[AE_SPATIAL_MAX], M[3], H, m2;

        if (Excluded(grid, X, x)) continue;
        for (PetscInt f = 0; f < s.nfields; f++) v[f] = u[AeAt(L, s.field[f], k, j, i)];
        for (int d = 0; d < 3; d++) M[d] = c[AeAt(CL, 1 + d, k, j, i)];
        H  = fabs(c[AeAt(CL, 0, k, j, i)]);
        m2 = Square(&s, v, M);
        if (H > max[0]) max[0] = H;
        if (m2 > max[1]) max[1] = m2;
        if (H != H || m2 != m2) max[2] = 1;
        AeSumAdd(&sum[H1], H);
        AeSumAdd(&sum[H2], H * H);
        AeSumAdd(&sum[M1], sqrt(m2));
        AeSumAdd(&sum[M2], m2);
        AeSumAdd(&sum[CELLS], 1.0);
      }
  PetscCall(VecRestoreArrayRead(C, &c));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(AeSumReduce(grid->comm, COUNT, sum));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, max, 3, MPI_DOUBLE, MPI_MAX, grid->comm));
  {
    const double N = AeSumValue(&sum[CELLS]), none = N > 0 && max[2] == 0 ? 0.0 : NAN;

    norms->cells = (PetscInt64)N;
    norms->H[0]  = AeSumValue(&sum[H1]) / N;
    norms->H[1]  = sqrt(AeSumValue(&sum[H2]) / N);
    norms->H[2]  = max[0] + none;
    norms->M[0]  = AeSumValue(&sum[M1]) / N;
    norms->M[1]  = sqrt(AeSumValue(&sum[M2]) / N);
    norms->M[2]  = sqrt(max[1]) + none;
  }
  PetscFunctionReturn(0);
}
