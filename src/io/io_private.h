#ifndef AEONIC_IO_PRIVATE_H
#define AEONIC_IO_PRIVATE_H
/* Between the files of this module: one output of fields, and how its files are laid out. */
#include <aeonic/io.h>
#include <hdf5.h>
#include <sys/types.h>

#define AE_REASON 256

/*
  A reason has AE_REASON characters and is empty while all is well; the first failure is remembered.
  AeReason - remembers text
  AeTry    - returns what an HDF5 call returned, and remembers HDF5's words if it failed
  AeAgree  - collective: *failed on all ranks, with the reason and *bad of the first of them, if any has a reason
*/
PETSC_INTERN void           AeReason(char reason[], const char text[]);
PETSC_INTERN hid_t          AeTry(char reason[], hid_t result);
PETSC_INTERN PetscErrorCode AeAgree(MPI_Comm, char reason[], PetscInt *bad, PetscBool *failed);

/* One file of an output: a box of cells, and one dataset for each of its fields. */
typedef struct {
  unsigned form;               /* one bit of AE_OUT_* */
  PetscInt start[3], count[3]; /* the box in cells along x, y, z */
  PetscInt field, n;           /* its fields: field, field+1, ..., n of them */
  off_t   *at;                 /* where the data of each begin in the file */
  int      fd;
  char    *path, *tmp;
} AeOutFile;

typedef struct {
  AeGrid             grid;
  PetscInt           it;
  PetscReal          t;
  const AeFieldData *field;
  const char        *parameters; /* the option table as readers of Carpet's files look for it; rank 0 only */
} AeOut;

/*
  Rank 0: creates f->tmp with everything but the values, whose places it enters in f->at. False with a reason
  (AE_REASON characters) on failure.
*/
PETSC_INTERN PetscBool AeOutLayOut(const AeOut *, AeOutFile *f, char reason[]);
/* Rank 0: true if HDF5 finds the datasets of f->tmp, of their shapes, at f->at, and the file is long enough for them. */
PETSC_INTERN PetscBool AeOutCheckLayout(const AeOut *, AeOutFile *f, char reason[]);
/* Rank 0: enters the output in fields/fields.vtkhdf.series or fields/fields.xmf; entries of later iterations are dropped. */
PETSC_INTERN PetscErrorCode AeOutIndex(const AeOut *, AeRun, const AeOutFile *);
/* Name of a dataset in its file. */
PETSC_INTERN void AeOutDataset(const AeOut *, const AeOutFile *, PetscInt n, char name[], size_t size);
#endif
