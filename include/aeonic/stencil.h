#ifndef AEONIC_STENCIL_H
#define AEONIC_STENCIL_H
/*
  AeTiles: the order in which a pass walks the rows of a level. Within a tile of tile_j x tile_k rows j runs
  fastest; the planes that a stencil shares then stay in cache. The order cannot change a bit of any result.
*/
#include <aeonic/base.h>
#include <aeonic/layout.h>

typedef struct {
  PetscInt j, k; /* rows of a tile; 0: to be tuned */
} AeTiles;

/* One row of a pass: everything it reads and writes is the context's. */
typedef void (*AeRowFunction)(void *ctx, ptrdiff_t k, ptrdiff_t j);

/* reads -stencil_tile_j, -stencil_tile_k */
PETSC_EXTERN PetscErrorCode AeTilesSetFromOptions(MPI_Comm, AeTiles *);
/* Walks all rows of this rank's block. */
PETSC_EXTERN void AePass(const AeTiles *, const AeLayout *, AeRowFunction, void *ctx);
/* Where the user gave no shape: times the pass on a few planes for each candidate and keeps the fastest.
   Rank-local; the pass must be repeatable. */
PETSC_EXTERN PetscErrorCode AeTilesTune(AeTiles *, const AeLayout *, AeRowFunction, void *ctx);
#endif
