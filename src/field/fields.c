/*
  AeFields: creation, look-up and the search for a value that is not finite.
*/
#include "field_private.h"

static PetscErrorCode DMCreateGlobalVector_Fields(DM dm, Vec *v)
{
  AeFields F;

  PetscFunctionBegin;
  PetscCall(DMShellGetContext(dm, &F));
  PetscCall(AeFieldsCreateVec(F, v));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsCreate(AeGrid grid, PetscInt nf, const AeFieldInfo info[], AeFields *fields)
{
  AeFields   F;
  PetscInt64 size;

  PetscFunctionBegin;
  PetscCall(AeGridSetUp(grid));
  PetscCall(PetscNew(&F));
  F->grid = grid;
  F->L    = AeLayoutCreate(nf, grid->n[0], grid->nj, grid->nk, grid->ghost);
  size    = F->L.size;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &size, 1, MPIU_INT64, MPI_SUM, grid->comm));
  PetscCheck(size < PETSC_MAX_INT, grid->comm, AE_ERR_USAGE,
             "-grid_n: a state of %" PetscInt64_FMT " numbers is beyond this PETSc's 32-bit indices (at most %d)", size,
             PETSC_MAX_INT);
  PetscCall(PetscMalloc1(nf, &F->info));
  PetscCall(PetscArraycpy(F->info, info, nf));
  PetscCall(PetscMalloc1((nf + 1) * (F->L.nx + 2 * F->L.g), &F->work));
  PetscCall(DMShellCreate(grid->comm, &F->dm));
  PetscCall(DMShellSetContext(F->dm, F));
  PetscCall(DMShellSetCreateGlobalVector(F->dm, DMCreateGlobalVector_Fields));
  PetscCall(AeFieldsHaloSetUp(F));
  *fields = F;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsDestroy(AeFields *fields)
{
  AeFields F = *fields;

  PetscFunctionBegin;
  if (!F) PetscFunctionReturn(0);
  PetscCall(PetscSFDestroy(&F->sf));
  PetscCall(DMDestroy(&F->dm));
  PetscCall(PetscFree(F->rows));
  PetscCall(PetscFree(F->info));
  PetscCall(PetscFree(F->work));
  PetscCall(PetscFree(*fields));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsSetExact(AeFields F, AeExactRow exact, void *ctx)
{
  PetscFunctionBegin;
  F->exact     = exact;
  F->exact_ctx = ctx;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsGetDM(AeFields F, DM *dm)
{
  PetscFunctionBegin;
  *dm = F->dm;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsGetInfo(AeFields F, AeGrid *grid, const AeLayout **L, const AeFieldInfo **info)
{
  PetscFunctionBegin;
  if (grid) *grid = F->grid;
  if (L) *L = &F->L;
  if (info) *info = F->info;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsBytes(AeFields F, PetscLogDouble *state, PetscLogDouble *halo)
{
  PetscInt nleaves = 0;

  PetscFunctionBegin;
  if (F->sf) PetscCall(PetscSFGetGraph(F->sf, NULL, &nleaves, NULL, NULL));
  *state = sizeof(double) * (PetscLogDouble)F->L.size;
  /* the SF: leaf index, remote node, packed send and receive buffers */
  *halo = (PetscLogDouble)F->nrows * sizeof(AeHaloRow) +
          (PetscLogDouble)nleaves * (sizeof(PetscInt) + sizeof(PetscSFNode) + 2 * sizeof(double)) +
          (PetscLogDouble)(F->L.nf + 1) * (F->L.nx + 2 * F->L.g) * sizeof(double);
  PetscFunctionReturn(0);
}

PetscInt AeFieldsFind(AeFields F, const char name[])
{
  for (PetscInt f = 0; f < F->L.nf; f++)
    if (!strcmp(F->info[f].name, name)) return f;
  return -1;
}

/* Global indices of a cell's place in natural order: the first of several is the same on any number of ranks. */
static PetscInt64 Place(AeGrid g, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i)
{
  return ((PetscInt64)(g->ks + k) * g->n[1] + g->js + j) * g->n[0] + i;
}

static void CellAt(AeGrid g, PetscInt64 place, PetscInt ijk[3])
{
  ijk[0] = (PetscInt)(place % g->n[0]);
  ijk[1] = (PetscInt)(place / g->n[0] % g->n[1]);
  ijk[2] = (PetscInt)(place / g->n[0] / g->n[1]);
}

PetscErrorCode AeFieldsFindLargest(AeFields F, Vec v, PetscInt f, double sign, PetscInt ijk[3])
{
  AeGrid         g = F->grid;
  const AeLayout L = F->L;
  const double  *u;
  double         best = -PETSC_INFINITY, most;
  PetscInt64     cell = INT64_MAX;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(v, &u));
  for (ptrdiff_t k = 0; k < L.nk; k++)
    for (ptrdiff_t j = 0; j < L.nj; j++)
      for (ptrdiff_t i = 0; i < L.nx; i++) {
        const double x = u[AeAt(&L, f, k, j, i)], y = sign == 0 ? PetscAbsReal(x) : sign * x;

        if (y <= best || y != y) continue;
        best = y;
        cell = Place(g, k, j, i);
      }
  PetscCall(VecRestoreArrayRead(v, &u));
  PetscCallMPI(MPI_Allreduce(&best, &most, 1, MPI_DOUBLE, MPI_MAX, g->comm));
  if (best < most) cell = INT64_MAX;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &cell, 1, MPIU_INT64, MPI_MIN, g->comm));
  CellAt(g, cell == INT64_MAX ? 0 : cell, ijk);
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsFindNonFinite(AeFields F, Vec v, PetscInt *field, PetscInt ijk[3], PetscReal x[3])
{
  AeGrid         g = F->grid;
  const AeLayout L = F->L;
  const double  *u;
  PetscInt64     first = INT64_MAX; /* the cell's place, then its field */

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(v, &u));
  for (ptrdiff_t k = 0; k < L.nk; k++)
    for (ptrdiff_t j = 0; j < L.nj; j++)
      for (ptrdiff_t i = 0; i < L.nx; i++)
        for (ptrdiff_t f = 0; f < L.nf; f++)
          if (!isfinite(u[AeAt(&L, f, k, j, i)])) first = PetscMin(first, Place(g, k, j, i) * L.nf + f);
  PetscCall(VecRestoreArrayRead(v, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPIU_INT64, MPI_MIN, g->comm));
  *field = -1;
  if (first == INT64_MAX) PetscFunctionReturn(0);
  *field = (PetscInt)(first % L.nf);
  CellAt(g, first / L.nf, ijk);
  for (int d = 0; d < 3; d++) x[d] = AeGridX(g, d, ijk[d]);
  PetscFunctionReturn(0);
}
