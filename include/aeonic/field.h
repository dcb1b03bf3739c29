#ifndef AEONIC_FIELD_H
#define AEONIC_FIELD_H
/*
  AeFields: a set of named fields on a grid; makes their Vecs and fills their ghosts.

  A state is one Vec in the ghosted field-major layout of layout.h. Interior-seeing operations (norms, dot
  products, sums, minima, view) are overridden; linear combinations run over the whole array. Beyond the reach of
  an override, and not to be used on states: VecMean, VecEqual, and norms right after VecSet to other than zero. Ghosts are
  always a function of (interior, t).
*/
#include <aeonic/grid.h>
#include <aeonic/layout.h>

/* What the halo and the boundaries must know of a field. */
typedef struct {
  const char *name;
  int         parity[3]; /* +1 or -1: sign under reflection of each axis */
  PetscReal   limit;     /* value at infinity, for radiative boundaries */
  PetscReal   speed;     /* wave speed there */
} AeFieldInfo;

typedef struct _p_AeFields *AeFields;

/*
  Fills n points of all fields from an exact solution: value[f*n + p] at (x[p], y, z) and time t.
  For `exact` boundaries. Called by row.
*/
typedef PetscErrorCode (*AeExactRow)(void *ctx, PetscReal t, PetscInt n, const PetscReal x[], PetscReal y, PetscReal z,
                                     PetscReal value[]);

PETSC_EXTERN PetscErrorCode AeFieldsCreate(AeGrid, PetscInt nf, const AeFieldInfo info[], AeFields *);
PETSC_EXTERN PetscErrorCode AeFieldsDestroy(AeFields *);
PETSC_EXTERN PetscErrorCode AeFieldsSetExact(AeFields, AeExactRow, void *ctx);
PETSC_EXTERN PetscErrorCode AeFieldsGetDM(AeFields, DM *);      /* a DMSHELL for TSSetDM; borrowed */
PETSC_EXTERN PetscErrorCode AeFieldsCreateVec(AeFields, Vec *); /* zeroed; 64-byte aligned, also its duplicates */
PETSC_EXTERN PetscErrorCode AeFieldsGetInfo(AeFields, AeGrid *, const AeLayout **, const AeFieldInfo **);
PETSC_EXTERN PetscErrorCode AeFieldsFromVec(Vec, AeFields *); /* the fields a Vec was made by */
PETSC_EXTERN PetscErrorCode AeFieldsFillGhosts(AeFields, Vec, PetscReal t);
/*
  The boxes of a state, for those who look at its cells, coarsest first; borrowed, as long as the Vec lives. Today a state has
  one, which covers the domain, and U is the state itself. With refinement the state is a handle of one such Vec a box: what
  measures, finds or writes loops over them, and what takes a box's U finds fields, grid and layout by AeFieldsFromVec as now.
*/
typedef struct {
  AeFields fields;
  Vec      U;
} AeBox;
PETSC_EXTERN PetscErrorCode AeVecBoxes(Vec, PetscInt *n, const AeBox **);
/*
  Rows of cells in a Vec's local array: n numbers from first + f stride[0] + k stride[1] + j stride[2] on, for each f < count[0],
  k < count[1], j < count[2].
*/
typedef struct {
  ptrdiff_t n, first, count[3], stride[3];
} AeRows;
/*
  Gives a native Vec operations that measure it (norms, dot products, sums, extrema) over these rows alone and to the same bits on
  any number of ranks; copies and linear combinations stay PETSc's own. Duplicates have them too. VecMax, VecMin do not say where.
*/
PETSC_EXTERN PetscErrorCode AeVecSumExactly(Vec, const AeRows *);
/* Exchanges the storage of two states in O(1); both keep their identity as Vecs. */
PETSC_EXTERN PetscErrorCode AeVecSwap(Vec, Vec);
/* Bytes of one state, and of what the halo keeps beside the states, on this rank. */
PETSC_EXTERN PetscErrorCode AeFieldsBytes(AeFields, PetscLogDouble *state, PetscLogDouble *halo);
/* Index of a field by name, -1 if there is none. */
PETSC_EXTERN PetscInt AeFieldsFind(AeFields, const char name[]);
/* Hash of the interior, independent of ranks: hex digits in hex[65]. */
PETSC_EXTERN PetscErrorCode AeFieldsHash(AeFields, Vec, char hex[65]);
/*
  The same of nf fields of this rank's block of a grid, u at cell (0,0,0) of the first; strides in doubles between fields, planes
  and rows.
*/
PETSC_EXTERN PetscErrorCode AeBlockHash(AeGrid, PetscInt nf, const double *u, ptrdiff_t field, ptrdiff_t plane, ptrdiff_t row,
                                        char hex[65]);
/* The cell with the largest sign * value (|value| with sign 0) of field f, the first among equals. Collective. */
PETSC_EXTERN PetscErrorCode AeFieldsFindLargest(AeFields, Vec, PetscInt f, double sign, PetscInt ijk[3]);
/* First non-finite value in natural order: *field = -1 if all are finite. Collective. */
PETSC_EXTERN PetscErrorCode AeFieldsFindNonFinite(AeFields, Vec, PetscInt *field, PetscInt ijk[3], PetscReal x[3]);
#endif
