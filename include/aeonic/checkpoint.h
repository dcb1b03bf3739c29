#ifndef AEONIC_CHECKPOINT_H
#define AEONIC_CHECKPOINT_H
/*
  Checkpoints: HDF5 files that are either whole or refused.

    /state/<field>  interior cells only, float64 (nz,ny,nx), whatever the ranks
    /run/<part>     bytes that the run's own parts need to go on (uint8)
  Every dataset has an attribute `blake2b`, the BLAKE2b-256 (RFC 7693) of its bytes in natural order. Behind HDF5's end
  of file stand 48 bytes more, which HDF5 does not look at: "AEONICCK", the length of what is before them (uint64,
  little endian) and its BLAKE2b-256. So a byte that is changed or lost anywhere is found before HDF5 reads the file.

  Rank 0 writes; rows are gathered to it a few planes at a time. A file appears under its name when it has been
  written beside it, synced, read back and found right. Files are named by step: 000040.h5.
*/
#include <aeonic/field.h>

typedef struct {
  const char *name;
  const void *data; /* rank 0's are written */
  size_t      size;
} AeCheckpointPart;

/*
  AeCheckpointWrite - why: empty, or (on all ranks) what went wrong: then nothing has changed but that a temporary may be
                      gone. bytes: of the file. Collective. An error is returned for wrong use only.
  AeCheckpointCheck - this rank reads the whole file; why: empty, or what is wrong with it.
  AeCheckpointFind  - the newest good one of a folder: its path and step, step -1 if there is none; `refused` (of
                      length len, "" if none): the newer ones that are not good, with the reasons. Collective.
  AeCheckpointKeep  - rank 0 removes all but the newest `keep`, and temporaries.
*/
PETSC_EXTERN PetscErrorCode AeCheckpointWrite(AeFields, Vec U, const char folder[], PetscInt step, PetscInt nparts,
                                              const AeCheckpointPart part[], PetscInt64 *bytes, char why[], size_t len);
PETSC_EXTERN PetscErrorCode AeCheckpointCheck(const char path[], char why[], size_t len);
PETSC_EXTERN PetscErrorCode AeCheckpointFind(MPI_Comm, const char folder[], char path[], size_t len, PetscInt *step,
                                             char refused[], size_t rlen);
PETSC_EXTERN PetscErrorCode AeCheckpointKeep(MPI_Comm, const char folder[], PetscInt keep);

/*
  AeCheckpointLoadPart  - a copy of a part on every rank, to be freed with PetscFree; size 0 and NULL if it has none of that
                          name. AE_ERR_FILE if it cannot be read.
  AeCheckpointLoadState - fills the interior. AE_ERR_USAGE if the fields or the grid are others.
  Collective.
*/
PETSC_EXTERN PetscErrorCode AeCheckpointLoadPart(MPI_Comm, const char path[], const char name[], void **data, size_t *size);
PETSC_EXTERN PetscErrorCode AeCheckpointLoadState(AeFields, Vec U, const char path[]);
/* What PETSc's TS must be told to go on at a step: count, time, next dt, rejections so far. */
PETSC_EXTERN PetscErrorCode AeCheckpointSetTS(TS, PetscInt step, PetscReal t, PetscReal dt, PetscInt rejections);
#endif
