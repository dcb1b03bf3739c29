#ifndef AEONIC_GCAT_H
#define AEONIC_GCAT_H
/* Rows of the calibration suite: each is two evolutions, with a feature and without, and one number from both. */
#include <aeonic/base.h>

typedef enum {
  AE_GCAT_SAME,    /* 1 if the final states are the same bits, else 0; at least the bound */
  AE_GCAT_WITHIN,  /* |with / without - 1|, at most the bound */
  AE_GCAT_SAVED,   /* without / with, at least the bound */
  AE_GCAT_AT_MOST, /* the value with the feature alone, at most the bound */
  AE_GCAT_CPU      /* processor time with / without - 1, least of several in turns, at most the bound */
} AeGcatMeasure;

typedef struct {
  const char   *name, *suite, *text;
  const char   *both, *with, *without; /* options */
  const char   *key, *key_without;     /* of the summary; key_without: NULL for the same */
  AeGcatMeasure measure;
  PetscReal     bound;
  PetscBool     performance; /* a failure is reported, but is no wrong result */
} AeGcatRow;

PETSC_INTERN const AeGcatRow AeGcatRows[];
PETSC_INTERN const PetscInt  AeGcatCount;

typedef struct {
  PetscReal value, cpu; /* of the key; processor seconds of all ranks */
  char      hash[80];   /* of the final state */
} AeGcatResult;

/* Evolves with these options, inside this process and in a folder that is removed afterwards. key: NULL for none; a key that
   is missing is AE_ERR_FAILED. */
PETSC_INTERN PetscErrorCode AeGcatEvolve(const char both[], const char extra[], const char key[], AeGcatResult *);
#endif
