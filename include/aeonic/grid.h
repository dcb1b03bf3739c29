#ifndef AEONIC_GRID_H
#define AEONIC_GRID_H
/*
  AeGrid: a cell-centred Cartesian grid and its division over ranks.

  Cells are cubes of side h; cell (i,j,k) has its centre at lo + (i+1/2, j+1/2, k+1/2) h. Rows (i) are
  never split; ranks form a pj x pk grid over (j,k), k-slabs in FFTW's block distribution preferred.
*/
#include <aeonic/base.h>

typedef enum { AE_BC_PERIODIC, AE_BC_RADIATIVE, AE_BC_REFLECTING, AE_BC_EXACT } AeBoundary;
PETSC_EXTERN const char *const AeBoundaries[4]; /* the option's spellings */

#define AE_MIN_ROW 8 /* cells along x that a row kernel needs at least */

typedef struct _p_AeGrid *AeGrid;

/* Read-only after AeGridSetUp(). */
struct _p_AeGrid {
  MPI_Comm    comm;
  PetscMPIInt rank, size;
  PetscInt    n[3];            /* interior cells */
  PetscReal   h;               /* spacing, the same on all axes */
  PetscReal   lo[3], hi[3];    /* the domain */
  AeBoundary  bc[3][2];        /* boundary at the lower and upper face of each axis */
  PetscInt    ghost;           /* ghost width of the finite differences used */
  PetscInt    axis;            /* the axis whose length the datum fixes */
  PetscInt    p[2];            /* ranks along j and k */
  PetscInt   *jstart, *kstart; /* first row of each rank column/slab; p[0]+1 and p[1]+1 entries */
  PetscInt    js, ks, nj, nk;  /* this rank's rows */
  PetscReal   half_width;      /* -grid_half_width, 0 if not given */
  PetscReal   length;          /* length of `axis` */
  PetscInt    symmetry;        /* index of -grid_symmetry */
  PetscBool   setup;
};

/*
  Defaults are set by the initial datum before AeGridSetFromOptions(), which reads -grid_n,
  -grid_half_width, -grid_boundary, -grid_symmetry.
    length: of the axis named; the other axes have the same spacing. The domain is centred at the origin;
    under a symmetry it starts at 0 on the reflected axes and ends at length/2.
*/
PETSC_EXTERN PetscErrorCode AeGridCreate(MPI_Comm, AeGrid *);
PETSC_EXTERN PetscErrorCode AeGridSetSizes(AeGrid, const PetscInt n[3]);
PETSC_EXTERN PetscErrorCode AeGridSetLength(AeGrid, PetscInt axis, PetscReal length);
PETSC_EXTERN PetscErrorCode AeGridSetBoundary(AeGrid, AeBoundary);
PETSC_EXTERN PetscErrorCode AeGridSetGhost(AeGrid, PetscInt width);
PETSC_EXTERN PetscErrorCode AeGridSetFromOptions(AeGrid);
PETSC_EXTERN PetscErrorCode AeGridSetUp(AeGrid);
PETSC_EXTERN PetscErrorCode AeGridView(AeGrid, PetscViewer);
PETSC_EXTERN PetscErrorCode AeGridDestroy(AeGrid *);
/* Coordinate of cell centre i (global index, may lie outside) along axis d. */
static inline PetscReal AeGridX(const struct _p_AeGrid *g, PetscInt d, PetscInt i)
{
  return g->lo[d] + ((PetscReal)i + 0.5) * g->h;
}
/* The rank that owns row (j,k), and the block (jstart, kstart, nj, nk) of a rank. */
PETSC_EXTERN PetscMPIInt AeGridRowOwner(AeGrid, PetscInt j, PetscInt k);
PETSC_EXTERN void        AeGridBlock(AeGrid, PetscMPIInt rank, PetscInt *js, PetscInt *ks, PetscInt *nj, PetscInt *nk);
/* Position of a cell relative to the domain along axis d after periodic wrapping and mirroring.
   Returns 0: interior cell *q; 1: mirrored interior cell *q; 2: outside (radiative or exact). */
static inline int AeGridMap(const struct _p_AeGrid *g, int d, PetscInt i, PetscInt *q)
{
  const PetscInt n = g->n[d];

  *q = i;
  if (i >= 0 && i < n) return 0;
  switch (g->bc[d][i >= 0]) {
  case AE_BC_PERIODIC:
    *q = ((i % n) + n) % n;
    return 0;
  case AE_BC_REFLECTING:
    *q = i < 0 ? -1 - i : 2 * n - 1 - i;
    return 1;
  default:
    return 2;
  }
}
#endif
