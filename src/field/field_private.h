#ifndef AEONIC_FIELD_PRIVATE_H
#define AEONIC_FIELD_PRIVATE_H
/* What the files of the field module share. */
#include <aeonic/field.h>

/* A ghost row that the halo fills: copied from an interior row, of this rank or another, perhaps mirrored. */
typedef struct {
  ptrdiff_t dst, src; /* offsets in field 0; src < 0: it comes from another rank */
  int       mirror;   /* bit d set: reflected along axis d (1: y, 2: z) */
} AeHaloRow;

struct _p_AeFields {
  AeGrid       grid;
  AeLayout     L;
  AeFieldInfo *info;
  DM           dm;
  PetscSF      sf;    /* rows of other ranks; NULL on one rank */
  PetscInt     nrows; /* ghost rows that are copies */
  AeHaloRow   *rows;
  AeExactRow   exact;
  void        *exact_ctx;
  PetscReal   *work; /* one row of all fields, and its x coordinates */
};

#define AE_BOX_KEY "AeBox" /* under which a state has its boxes */

PETSC_INTERN PetscErrorCode AeFieldsHaloSetUp(AeFields);
PETSC_INTERN PetscErrorCode AeFieldsFillOuter(AeFields, double *u, PetscReal t);
#endif
