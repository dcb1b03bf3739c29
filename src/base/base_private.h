#ifndef AEONIC_BASE_PRIVATE_H
#define AEONIC_BASE_PRIVATE_H
#include <aeonic/base.h>

/* ---- values (values.c). Each returns NULL, or what is wrong with the text. ---- */
PETSC_INTERN const char *AeParseReal(const char text[], PetscReal *value);
PETSC_INTERN const char *AeParseInt(const char text[], PetscInt *value);
PETSC_INTERN const char *AeParseBool(const char text[], PetscBool *value); /* no text is true, as in PETSc */
/* Splits at commas and parses exactly n values, into reals or, when reals is NULL, into ints. */
PETSC_INTERN const char *AeParseList(const char text[], PetscInt n, PetscReal reals[], PetscInt ints[]);
/* What is wrong with a value whatever its option means: NaN, infinity, a number nothing can hold. */
PETSC_INTERN const char *AeParseAny(const char text[]);
PETSC_INTERN PetscInt    AeEditDistance(const char a[], const char b[]);

/* ---- the table of declared options and PETSc's harvested help (help.c) ---- */
typedef struct {
  char *name, *text, *limits, *value, *ref, *group;
} AeOption;
PETSC_INTERN PetscErrorCode AeOptionRecord(const char group[], const char name[], const char text[], const char limits[],
                                           const char value[], const char ref[]);
/* Brackets a PetscOptions* call of ours, whose help text is printed from our table instead. */
PETSC_INTERN void           AeHelpOwn(PetscBool own);
PETSC_INTERN PetscErrorCode AeHelpStart(void);
PETSC_INTERN PetscErrorCode AeHelpListen(void);
PETSC_INTERN PetscErrorCode AeHelpStop(void);
PETSC_INTERN void           AeHelpFree(void);
PETSC_INTERN PetscInt       AeOptionNames(const char ***names); /* every known name without dash; free() the array */
PETSC_INTERN PetscBool      AeOptionKnown(const char name[]);   /* name without dash */

/* ---- the option database after PetscInitialize (optcheck.c) ---- */
PETSC_INTERN PetscErrorCode AeOptionsCheckDatabase(void);
PETSC_INTERN PetscBool      aeOptionsLeftOk;

/* ---- errors and signals (error.c) ---- */
PETSC_INTERN PetscErrorCode AeErrorStart(int argc, char *const argv[]);
PETSC_INTERN PetscErrorCode AeSignalsStart(void);
/* Raises an error also while PETSc is not up, when PetscError() says nothing. */
#define AeRaise(comm, code, ...) return AeErrorRaise(comm, __LINE__, PETSC_FUNCTION_NAME, __FILE__, code, __VA_ARGS__)
PETSC_INTERN PetscErrorCode AeErrorRaise(MPI_Comm comm, int line, const char fun[], const char file[], PetscErrorCode code,
                                         const char format[], ...) PETSC_ATTRIBUTE_FORMAT(6, 7);
PETSC_INTERN PetscBool      aeErrorTrace;

/* ---- files (file.c) ---- */
#define AE_WHY 1024 /* room for a reason: a path and strerror's text */
/* Composes a reason; one that is too long is cut. */
PETSC_INTERN void AeWhy(char why[], const char format[], ...) PETSC_ATTRIBUTE_FORMAT(2, 3);
/* AeWriteFile without PETSc: 0, or -1 with the reason in why[AE_WHY]. */
PETSC_INTERN int AeWriteFileRaw(const char path[], const char text[], size_t len, char why[]);
PETSC_INTERN int AeMakeFolders(const char path[], char why[]);
/* Rank 0's outcome becomes everyone's: an error of that code on every rank if code is not 0 on rank 0. */
PETSC_INTERN PetscErrorCode AeShareOutcome(MPI_Comm comm, PetscErrorCode code, char why[]);

/* ---- progress (progress.c) ---- */
typedef enum { AE_PROGRESS_AUTO, AE_PROGRESS_BAR, AE_PROGRESS_LINE, AE_PROGRESS_NONE } AeProgressStyle;
typedef struct {
  AeProgressStyle style;
  PetscInt        first;    /* step at the first call */
  double          t0, when; /* seconds: first call, last time shown */
  PetscReal       t_first;
  PetscBool       begun;
  char            last[256]; /* the newest text, printed at the end if it was not yet */
} AeProgress;

struct _p_AeRun {
  MPI_Comm    comm;
  PetscMPIInt rank;
  char        command[64];
  char        dir[PETSC_MAX_PATH_LEN], summary[PETSC_MAX_PATH_LEN], path[2 * PETSC_MAX_PATH_LEN];
  PetscBool   fresh, resume, opened, closed;
  double      t0;
  void       *keys; /* json_t object, on every rank */
  AeProgress  progress;
};

#endif
