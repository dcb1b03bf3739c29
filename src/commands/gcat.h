#ifndef AEONIC_GCAT_H
#define AEONIC_GCAT_H
/* Rows of the calibration suite: each is two evolutions, with a feature and without, and one number from both. */
#include <aeonic/base.h>

typedef enum {
  AE_GCAT_SAME,    /* 1 if the final states are the same bits, else 0; at least the bound */
  AE_GCAT_WITHIN,  /* |with / without - 1|, at most the bound */
  AE_GCAT_SAVED,   /* without / with, at least the bound */
  AE_GCAT_AT_MOST, /* the value with the feature alone, at most the bound */
  AE_GCAT_APART,   /* |with / without - 1| of D_max, the largest of all ticks of two runs in step, at most the bound */
  AE_GCAT_STEPS    /* CPU time of a step with / without - 1, two runs in step, median over blocks of steps, at most the bound */
} AeGcatMeasure;

/* Kinds of rows. Performance: a failure is reported, but is no wrong result. Long: with -gcat_long. */
enum { AE_GCAT_PERFORMANCE = 1, AE_GCAT_LONG = 2 };

typedef struct {
  const char   *name, *suite, *text;
  const char   *both, *with, *without; /* options */
  const char   *key, *key_without;     /* of the summary; key_without: NULL for the same */
  AeGcatMeasure measure;
  PetscReal     bound;
  unsigned      kind;
} AeGcatRow;

PETSC_INTERN const AeGcatRow AeGcatRows[];
PETSC_INTERN const PetscInt  AeGcatCount;

typedef struct {
  PetscReal value;    /* of the key */
  char      hash[80]; /* of the final state */
} AeGcatResult;

/* Evolves with these options, inside this process and in a folder that is removed afterwards. key: NULL for none; a key that
   is missing is AE_ERR_FAILED. */
PETSC_INTERN PetscErrorCode AeGcatEvolve(const char both[], const char extra[], const char key[], AeGcatResult *);

/* Steps that belong together: a multiple of what the loom (4), the memory (8) and the rails' look at stability (16) count. */
enum { AE_GCAT_BLOCK = 16, AE_GCAT_BLOCKS = 128, AE_GCAT_TURN = 4 };
enum { AE_GCAT_CPU, AE_GCAT_WALL };

typedef struct {
  PetscInt  blocks;
  PetscReal share[2][AE_GCAT_BLOCKS]; /* time with / without - 1 of a block of steps: the processor's, the wall's */
  PetscReal apart;                    /* largest relative difference of D_max after a turn */
  PetscBool same;                     /* the final states are the same bits */
} AeGcatTwinsResult;

/* Evolves with and without in step, `rounds` times: a turn of one, a turn of the other, in changing order. */
PETSC_INTERN PetscErrorCode AeGcatTwins(const char both[], const char with[], const char without[], PetscInt rounds,
                                        AeGcatTwinsResult *);
#endif
