/*
  AeGrid: sizes, domain, boundaries and the division over ranks.
*/
#include <aeonic/grid.h>

const char *const AeBoundaries[4] = {"periodic", "radiative", "reflecting", "exact"};

/* Which axes each -grid_symmetry reflects at their lower face. */
static const char *const Symmetries[]    = {"none", "bitant", "quadrant", "octant"};
static const PetscBool   Reflected[4][3] = {{PETSC_FALSE, PETSC_FALSE, PETSC_FALSE},
                                            {PETSC_FALSE, PETSC_FALSE, PETSC_TRUE},
                                            {PETSC_TRUE, PETSC_TRUE, PETSC_FALSE},
                                            {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE}};

PetscErrorCode AeGridCreate(MPI_Comm comm, AeGrid *grid)
{
  AeGrid g;

  PetscFunctionBegin;
  PetscCall(PetscNew(&g));
  g->comm = comm;
  PetscCallMPI(MPI_Comm_rank(comm, &g->rank));
  PetscCallMPI(MPI_Comm_size(comm, &g->size));
  for (int d = 0; d < 3; d++) g->n[d] = 32;
  g->ghost  = 3;
  g->length = 1.0;
  *grid     = g;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGridDestroy(AeGrid *grid)
{
  PetscFunctionBegin;
  if (!*grid) PetscFunctionReturn(0);
  PetscCall(PetscFree2((*grid)->jstart, (*grid)->kstart));
  PetscCall(PetscFree(*grid));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGridSetSizes(AeGrid g, const PetscInt n[3])
{
  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) g->n[d] = n[d];
  PetscFunctionReturn(0);
}

PetscErrorCode AeGridSetLength(AeGrid g, PetscInt axis, PetscReal length)
{
  PetscFunctionBegin;
  g->axis   = axis;
  g->length = length;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGridSetBoundary(AeGrid g, AeBoundary bc)
{
  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) g->bc[d][0] = g->bc[d][1] = bc;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGridSetGhost(AeGrid g, PetscInt width)
{
  PetscFunctionBegin;
  g->ghost = width;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGridSetFromOptions(AeGrid g)
{
  PetscInt  bc = (PetscInt)g->bc[0][0];
  PetscBool found;

  PetscFunctionBegin;
  PetscOptionsBegin(g->comm, NULL, "Grid", "AeGrid");
  PetscCall(AeOptInts("-grid_n", "interior cells along x,y,z; x at least 8", "cells", "", 1, 1 << 20, 3, g->n, NULL));
  PetscCall(AeOptPositive("-grid_half_width", "half the length of the longest axis (instead of the datum's own length)", "M", "",
                          &g->half_width, NULL));
  PetscCall(AeOptChoice("-grid_symmetry", "reflection symmetry: bitant z, quadrant x and y, octant all", "", Symmetries, 4,
                        &g->symmetry, NULL));
  PetscCall(AeOptChoice("-grid_boundary", "condition at the outer boundary", "", AeBoundaries, 4, &bc, &found));
  PetscOptionsEnd();
  if (found) PetscCall(AeGridSetBoundary(g, (AeBoundary)bc));
  PetscFunctionReturn(0);
}

/* Blocks of ceil(n/p) as FFTW deals them out, unless that leaves a rank with nothing: then as even as can be. */
static void Split(PetscInt n, PetscInt p, PetscInt start[])
{
  const PetscInt block = (n + p - 1) / p;

  for (PetscInt r = 0; r <= p; r++) start[r] = (p - 1) * block < n ? PetscMin(r * block, n) : (PetscInt)((PetscInt64)r * n / p);
}

/* Slabs in k while they last; then the j x k division with the least surface. p[0] = 0 if none fits. */
static void Divide(const PetscInt n[3], PetscInt size, PetscInt p[2])
{
  PetscReal least = PETSC_MAX_REAL;

  p[0] = p[1] = 0;
  if (size <= n[2]) {
    p[0] = 1;
    p[1] = size;
    return;
  }
  for (PetscInt pk = 1; pk <= PetscMin(size, n[2]); pk++) {
    const PetscInt  pj      = size / pk;
    const PetscReal surface = (PetscReal)pj * n[2] + (PetscReal)pk * n[1];

    if (pj * pk != size || pj > n[1] || surface >= least) continue;
    least = surface;
    p[0]  = pj;
    p[1]  = pk;
  }
}

/* The largest rank count not above size that can be divided over the rows. */
static PetscInt LargestCount(const PetscInt n[3], PetscInt size)
{
  for (PetscInt s = size; s > 1; s--) {
    PetscInt p[2];
    Divide(n, s, p);
    if (p[0]) return s;
  }
  return 1;
}

PetscErrorCode AeGridSetUp(AeGrid g)
{
  PetscInt longest = g->axis, limit;

  PetscFunctionBegin;
  if (g->setup) PetscFunctionReturn(0);
  PetscCheck(g->n[0] >= AE_MIN_ROW, g->comm, AE_ERR_USAGE,
             "-grid_n: %" PetscInt_FMT
             " cells along x are too few, at least %d are needed (rows are computed %d cells at a time)",
             g->n[0], AE_MIN_ROW, AE_MIN_ROW);
  for (int d = 0; d < 3; d++) {
    if (Reflected[g->symmetry][d]) {
      g->bc[d][0] = AE_BC_REFLECTING;
      PetscCheck(
        g->bc[d][1] != AE_BC_PERIODIC, g->comm, AE_ERR_USAGE,
        "-grid_symmetry %s needs an outer boundary: give -grid_boundary radiative, reflecting or exact instead of periodic",
        Symmetries[g->symmetry]);
    }
    if (g->bc[d][0] == AE_BC_REFLECTING || g->bc[d][1] == AE_BC_REFLECTING)
      PetscCheck(g->n[d] >= g->ghost, g->comm, AE_ERR_USAGE,
                 "-grid_n: %" PetscInt_FMT
                 " cells along axis %d cannot hold the stencil at a reflecting boundary, at least %" PetscInt_FMT
                 " are needed (or a lower -fd_order)",
                 g->n[d], d, g->ghost);
    if (g->bc[d][0] == AE_BC_RADIATIVE || g->bc[d][1] == AE_BC_RADIATIVE)
      PetscCheck(g->n[d] >= 2 * g->ghost, g->comm, AE_ERR_USAGE,
                 "-grid_n: %" PetscInt_FMT
                 " cells along axis %d cannot hold the stencil between radiative boundaries, at least %" PetscInt_FMT
                 " are needed (or a lower -fd_order)",
                 g->n[d], d, 2 * g->ghost);
  }
  for (int d = 0; d < 3; d++)
    if (g->n[d] > g->n[longest]) longest = d;
  if (g->half_width > 0) {
    g->h = (Reflected[g->symmetry][longest] ? 1 : 2) * g->half_width / g->n[longest];
  } else {
    g->h = (Reflected[g->symmetry][g->axis] ? 0.5 : 1.0) * g->length / g->n[g->axis];
  }
  for (int d = 0; d < 3; d++) {
    g->lo[d] = Reflected[g->symmetry][d] ? 0.0 : -0.5 * g->n[d] * g->h;
    g->hi[d] = g->lo[d] + g->n[d] * g->h;
  }
  Divide(g->n, g->size, g->p);
  limit = LargestCount(g->n, g->size);
  PetscCheck(g->p[0], g->comm, AE_ERR_USAGE,
             "%d ranks cannot share the %" PetscInt_FMT " x %" PetscInt_FMT
             " rows of -grid_n: the largest number of ranks up to this that can is %" PetscInt_FMT,
             g->size, g->n[1], g->n[2], limit);
  PetscCall(PetscMalloc2(g->p[0] + 1, &g->jstart, g->p[1] + 1, &g->kstart));
  Split(g->n[1], g->p[0], g->jstart);
  Split(g->n[2], g->p[1], g->kstart);
  AeGridBlock(g, g->rank, &g->js, &g->ks, &g->nj, &g->nk);
  g->setup = PETSC_TRUE;
  PetscFunctionReturn(0);
}

void AeGridBlock(AeGrid g, PetscMPIInt rank, PetscInt *js, PetscInt *ks, PetscInt *nj, PetscInt *nk)
{
  const PetscInt a = rank % g->p[0], b = rank / g->p[0];

  *js = g->jstart[a];
  *ks = g->kstart[b];
  *nj = g->jstart[a + 1] - *js;
  *nk = g->kstart[b + 1] - *ks;
}

static PetscInt Slot(const PetscInt start[], PetscInt n, PetscInt j)
{
  PetscInt a = 0, b = n;

  while (b - a > 1) {
    const PetscInt m = (a + b) / 2;
    if (start[m] <= j) a = m;
    else b = m;
  }
  return a;
}

PetscMPIInt AeGridRowOwner(AeGrid g, PetscInt j, PetscInt k)
{
  return (PetscMPIInt)(Slot(g->kstart, g->p[1], k) * g->p[0] + Slot(g->jstart, g->p[0], j));
}

PetscErrorCode AeGridView(AeGrid g, PetscViewer viewer)
{
  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(
    viewer, "grid: %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells, h = %g, [%g, %g] x [%g, %g] x [%g, %g]\n",
    g->n[0], g->n[1], g->n[2], (double)g->h, (double)g->lo[0], (double)g->hi[0], (double)g->lo[1], (double)g->hi[1],
    (double)g->lo[2], (double)g->hi[2]));
  PetscCall(PetscViewerASCIIPrintf(viewer, "  boundaries:"));
  for (int d = 0; d < 3; d++)
    PetscCall(PetscViewerASCIIPrintf(viewer, " %c %s|%s", 'x' + d, AeBoundaries[g->bc[d][0]], AeBoundaries[g->bc[d][1]]));
  PetscCall(PetscViewerASCIIPrintf(viewer, "; ghosts %" PetscInt_FMT "; ranks %" PetscInt_FMT " x %" PetscInt_FMT " (j x k)\n",
                                   g->ghost, g->p[0], g->p[1]));
  PetscFunctionReturn(0);
}
