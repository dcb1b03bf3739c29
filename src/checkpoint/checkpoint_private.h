#ifndef AEONIC_CHECKPOINT_PRIVATE_H
#define AEONIC_CHECKPOINT_PRIVATE_H
#include <aeonic/checkpoint.h>
#include <hdf5.h>
#include <sodium.h>

#define CK_MAGIC  "AEONICCK"
#define CK_FORMAT "aeonic-checkpoint-1"
enum { CK_DIGEST = 32, CK_HEX = 65, CK_TRAILER = 8 + 8 + CK_DIGEST, CK_REASON = 320 };

/* The planes of a field that travel together, at most about 8 MB of them. */
typedef struct {
  AeFields        F;
  AeGrid          g;
  const AeLayout *L;
  ptrdiff_t       planes;               /* of a piece */
  double         *mine, *all, *natural; /* this rank's rows; by rank and in natural order (rank 0) */
  PetscMPIInt    *count, *first;
} CkPieces;
PETSC_INTERN PetscErrorCode CkPiecesCreate(AeFields, CkPieces *);
PETSC_INTERN PetscErrorCode CkPiecesDestroy(CkPieces *);
/* Planes k0 <= k < k1 of field f to rank 0's `natural`, or from it. */
PETSC_INTERN PetscErrorCode CkGather(CkPieces *, const double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1);
PETSC_INTERN PetscErrorCode CkScatter(CkPieces *, double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1);

/* HDF5 without its own messages: CkTry keeps the first reason in why[CK_REASON]. */
PETSC_INTERN hid_t CkTry(hid_t result, char why[]);
typedef struct {
  H5E_auto2_t print;
  void       *ctx;
} CkQuiet;
PETSC_INTERN void CkQuietBegin(CkQuiet *);
PETSC_INTERN void CkQuietEnd(const CkQuiet *);
PETSC_INTERN void CkReason(char why[], const char format[], ...) PETSC_ATTRIBUTE_FORMAT(2, 3);

/* Digest of the first `size` bytes of a file; 0, or errno. */
PETSC_INTERN int CkDigestFile(const char path[], uint64_t size, unsigned char digest[CK_DIGEST]);
/* Opens a dataset and its checksum; negative with why on failure. */
PETSC_INTERN hid_t CkOpen(hid_t file, const char name[], char sum[CK_HEX], char why[]);
/* Every dataset of the file against its checksum. */
PETSC_INTERN void CkCheckDatasets(const char path[], char why[]);
#endif
