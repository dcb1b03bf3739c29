#ifndef AEONIC_CHECKPOINT_PRIVATE_H
#define AEONIC_CHECKPOINT_PRIVATE_H
#include <aeonic/checkpoint.h>
#include <aeonic/sealed.h>
#include <sodium.h>

#define CK_FORMAT "aeonic-checkpoint-1"

/* The planes of a field of one box that travel together, at most about 8 MB of them. */
typedef struct {
  char               group[32]; /* that its fields have in the file */
  AeGrid             g;
  const AeLayout    *L;
  const AeFieldInfo *info;
  ptrdiff_t          planes;               /* of a piece */
  double            *mine, *all, *natural; /* this rank's rows; by rank and in natural order (rank 0) */
  PetscMPIInt       *count, *first;
} CkPieces;
PETSC_INTERN PetscErrorCode CkPiecesCreate(AeFields, PetscInt box, CkPieces *);
PETSC_INTERN PetscErrorCode CkPiecesDestroy(CkPieces *);
/* Planes k0 <= k < k1 of field f to rank 0's `natural`, or from it. */
PETSC_INTERN PetscErrorCode CkGather(CkPieces *, const double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1);
PETSC_INTERN PetscErrorCode CkScatter(CkPieces *, double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1);

/* Planes of an open dataset to or from rank 0's `natural`, and into its digest. */
PETSC_INTERN void CkMovePlanes(CkPieces *, hid_t dataset, ptrdiff_t k0, ptrdiff_t k1, PetscBool write,
                               crypto_generichash_state *digest, char why[]);
#endif
