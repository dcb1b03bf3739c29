#ifndef AEONIC_CHECKPOINT_H
#define AEONIC_CHECKPOINT_H
/*
  Checkpoints: HDF5 files that are either whole or refused.

    /state/<field>       interior cells only, float64 (nz,ny,nx), whatever the ranks
    /levels/<b>/<field>  the same of box b = 1, 2, ..., where there are more boxes than one
    /run/<part>          bytes that the run's own parts need to go on (uint8)
  The file is sealed (sealed.h).

  Rank 0 writes; rows are gathered to it a few planes at a time. Files are named by step: 000040.h5.
*/
#include <aeonic/field.h>
#include <aeonic/sealed.h>

typedef struct {
  const char *name;
  const void *data; /* rank 0's are written */
  size_t      size;
} AeCheckpointPart;

/* The state on one box, in the order of the file: the first is the coarsest level. */
typedef struct {
  AeFields fields;
  Vec      U;
} AeCheckpointBox;

/*
  AeCheckpointWrite - why: empty, or (on all ranks) what went wrong: then nothing has changed but that a temporary may be
                      gone. bytes: of the file. Collective. An error is returned for wrong use only.
  AeCheckpointCheck - this rank reads the whole file; why: empty, or what is wrong with it.
  AeCheckpointFind  - the newest good one of a folder: its path and step, step -1 if there is none; `refused` (of
                      length len, "" if none): the newer ones that are not good, with the reasons. Collective.
  AeCheckpointKeep  - rank 0 removes all but the newest `keep`, and temporaries.
*/
PETSC_EXTERN PetscErrorCode AeCheckpointWrite(PetscInt nboxes, const AeCheckpointBox[], const char folder[], PetscInt step,
                                              PetscInt nparts, const AeCheckpointPart part[], PetscInt64 *bytes, char why[],
                                              size_t len);
/* The parts alone, into a file that holds a state of another form. */
PETSC_EXTERN PetscErrorCode AeCheckpointWriteParts(AeSealed *, PetscInt nparts, const AeCheckpointPart part[]);
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
PETSC_EXTERN PetscErrorCode AeCheckpointLoadState(PetscInt nboxes, const AeCheckpointBox[], const char path[]);
/* What PETSc's TS must be told to go on at a step: count, time, next dt, rejections so far. */
PETSC_EXTERN PetscErrorCode AeCheckpointSetTS(TS, PetscInt step, PetscReal t, PetscReal dt, PetscInt rejections);
#endif
