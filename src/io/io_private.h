#ifndef AEONIC_IO_PRIVATE_H
#define AEONIC_IO_PRIVATE_H
/* Between the files of this module: one output of fields, and how its files are laid out. */
#include <aeonic/io.h>
#include <aeonic/sealed.h>
#include <sys/types.h>

/* One file of an output: its cells of every box, one dataset for each box and each of its fields. */
typedef struct {
  unsigned form;     /* one bit of AE_OUT_* */
  PetscInt field, n; /* its fields: field, field+1, ..., n of them */
  off_t   *at;       /* where the data begin in the file, field by field of the first box, then of the next */
  int      fd;
  char    *path, *tmp;
} AeOutFile;

typedef struct {
  PetscInt          nboxes;
  const AeFieldBox *box;
  PetscInt          it;
  PetscReal         t;
  const char       *parameters; /* the option table as readers of Carpet's files look for it; rank 0 only */
} AeOut;

typedef struct {
  unsigned    form, along; /* along: bits of the axes along which there is more than one cell */
  const char *suffix;      /* after the field's name, or the whole name of a file of all fields */
} AeOutForm;
extern const AeOutForm AeOutForms[AE_OUT_FORMS];
/* The cells of a box that a form has: the first along each axis, and how many. */
PETSC_INTERN void AeOutCells(unsigned form, AeGrid, PetscInt start[3], PetscInt count[3]);
/* Rank 0: creates f->tmp with everything but the values, whose places it enters in f->at; or a reason. */
PETSC_INTERN void AeOutLayOut(const AeOut *, AeOutFile *f, char why[]);
/* Rank 0: a reason unless HDF5 finds the datasets of f->tmp, of their shapes, at f->at, and the file is long enough for them. */
PETSC_INTERN void AeOutCheckLayout(const AeOut *, const AeOutFile *f, char why[]);
/* Rank 0: enters the output in fields/fields.vtkhdf.series or fields/fields.xmf; entries of later iterations are dropped. */
PETSC_INTERN PetscErrorCode AeOutIndex(const AeOut *, AeRun, const AeOutFile *);
/* Name of a dataset in its file. */
PETSC_INTERN void AeOutDataset(const AeOut *, const AeOutFile *, PetscInt box, PetscInt n, char name[], size_t size);
#endif
