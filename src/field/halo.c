/*
  Ghosts that are copies of interior cells: of this rank (rows copied here), of other ranks (one PetscSF for all
  fields), periodic or mirrored. Rows are never split, so the SF moves whole rows and x ghosts are always local.
  Sources are found by index arithmetic, so a rank may own fewer rows than the stencil is wide.
*/
#include "field_private.h"

static AE_EVENT(HaloEvent, "AeHalo");

/*
  Roots are numbers of the owner's own array, whose layout follows from its share of the grid: nothing is asked. Single numbers
  and no blocks, since PETSc allocates at every exchange of a derived MPI type.
*/
static PetscErrorCode SFSetUp(AeFields F, PetscInt nremote)
{
  AeGrid       g = F->grid;
  const size_t n = (size_t)nremote * F->L.nf * F->L.nx;
  PetscInt    *local, q = 0;
  PetscSFNode *remote;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(n, &local, n, &remote));
  for (PetscInt r = 0; r < F->nrows; r++) {
    PetscInt    J, K, js, ks, nj, nk;
    PetscMPIInt owner;
    AeLayout    R;

    if (F->rows[r].src >= 0) continue;
    /* the row's global indices, packed by AeFieldsHaloSetUp */
    J     = (PetscInt)((-1 - F->rows[r].src) % g->n[1]);
    K     = (PetscInt)((-1 - F->rows[r].src) / g->n[1]);
    owner = AeGridRowOwner(g, J, K);
    AeGridBlock(g, owner, &js, &ks, &nj, &nk);
    R = AeLayoutCreate(F->L.nf, F->L.nx, nj, nk, F->L.g);
    for (ptrdiff_t f = 0; f < F->L.nf; f++)
      for (ptrdiff_t i = 0; i < F->L.nx; i++, q++) {
        local[q]        = (PetscInt)(f * F->L.stride + F->rows[r].dst + i);
        remote[q].rank  = owner;
        remote[q].index = (PetscInt)AeAt(&R, f, K - ks, J - js, i);
      }
  }
  PetscCall(PetscSFCreate(g->comm, &F->sf));
  PetscCall(PetscSFSetGraph(F->sf, (PetscInt)F->L.size, q, local, PETSC_COPY_VALUES, remote, PETSC_COPY_VALUES));
  PetscCall(PetscSFSetUp(F->sf));
  PetscCall(PetscFree2(local, remote));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsHaloSetUp(AeFields F)
{
  AeGrid         g       = F->grid;
  const AeLayout L       = F->L;
  PetscInt       nremote = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1((L.nj + 2 * L.g) * (L.nk + 2 * L.g) - L.nj * L.nk, &F->rows));
  F->nrows = 0;
  for (PetscInt k = -(PetscInt)L.g; k < L.nk + L.g; k++)
    for (PetscInt j = -(PetscInt)L.g; j < L.nj + L.g; j++) {
      AeHaloRow *row = &F->rows[F->nrows];
      PetscInt   J, K;
      int        mj, mk;

      if (j >= 0 && j < L.nj && k >= 0 && k < L.nk) continue;
      mj = AeGridMap(g, 1, g->js + j, &J);
      mk = AeGridMap(g, 2, g->ks + k, &K);
      if (mj == 2 || mk == 2) continue;
      row->dst    = AeAt(&L, 0, k, j, 0);
      row->mirror = mj | mk << 1;
      if (AeGridRowOwner(g, J, K) == g->rank) row->src = AeAt(&L, 0, K - g->ks, J - g->js, 0);
      else {
        row->src = -1 - ((ptrdiff_t)K * g->n[1] + J);
        nremote++;
      }
      F->nrows++;
    }
  if (g->size > 1) PetscCall(SFSetUp(F, nremote));
  PetscFunctionReturn(0);
}

/* x ghosts of a row (u points at its first interior cell): periodic copies or mirror images */
static void FillX(AeGrid g, ptrdiff_t n, ptrdiff_t w, int parity, double *u)
{
  if (g->bc[0][0] == AE_BC_PERIODIC)
    for (ptrdiff_t i = 1; i <= w; i++) u[-i] = u[n - i];
  else if (g->bc[0][0] == AE_BC_REFLECTING)
    for (ptrdiff_t i = 1; i <= w; i++) u[-i] = parity * u[i - 1];
  if (g->bc[0][1] == AE_BC_PERIODIC)
    for (ptrdiff_t i = 0; i < w; i++) u[n + i] = u[i];
  else if (g->bc[0][1] == AE_BC_REFLECTING)
    for (ptrdiff_t i = 0; i < w; i++) u[n + i] = parity * u[n - 1 - i];
}

PetscErrorCode AeFieldsFillGhosts(AeFields F, Vec v, PetscReal t)
{
  const AeLayout L = F->L;
  const double  *read;
  double        *u;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(HaloEvent, v, 0, 0, 0));
  /* ghosts are no part of the Vec's value: filling them is allowed where the Vec is read-only */
  PetscCall(VecGetArrayRead(v, &read));
  u = (double *)read;
  /* roots are interior rows, leaves ghost rows of the same array */
  if (F->sf) PetscCall(PetscSFBcastBegin(F->sf, MPIU_SCALAR, u, u, MPI_REPLACE));
  for (ptrdiff_t f = 0; f < L.nf; f++)
    for (PetscInt r = 0; r < F->nrows; r++)
      if (F->rows[r].src >= 0)
        memcpy(u + f * L.stride + F->rows[r].dst, u + f * L.stride + F->rows[r].src, sizeof(double) * L.nx);
  if (F->sf) PetscCall(PetscSFBcastEnd(F->sf, MPIU_SCALAR, u, u, MPI_REPLACE));
  for (ptrdiff_t f = 0; f < L.nf; f++) {
    const int *parity = F->info[f].parity;

    for (PetscInt r = 0; r < F->nrows; r++) {
      double *row = u + f * L.stride + F->rows[r].dst;

      if ((F->rows[r].mirror & 1 ? parity[1] : 1) * (F->rows[r].mirror & 2 ? parity[2] : 1) < 0)
        for (ptrdiff_t i = 0; i < L.nx; i++) row[i] = -row[i];
      FillX(F->grid, L.nx, L.g, parity[0], row);
    }
    for (ptrdiff_t k = 0; k < L.nk; k++)
      for (ptrdiff_t j = 0; j < L.nj; j++) FillX(F->grid, L.nx, L.g, parity[0], u + AeAt(&L, f, k, j, 0));
  }
  PetscCall(PetscLogEventEnd(HaloEvent, v, 0, 0, 0));
  PetscCall(AeFieldsFillOuter(F, u, t));
  PetscCall(VecRestoreArrayRead(v, &read));
  PetscFunctionReturn(0);
}
