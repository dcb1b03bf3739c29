#ifndef AEONIC_RUN_PRIVATE_H
#define AEONIC_RUN_PRIVATE_H
#include "base_private.h"
#include <jansson.h>

typedef enum { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_LINE, PROGRESS_NONE } ProgressKind;

struct _p_AeRun {
  MPI_Comm       comm;
  PetscMPIInt    rank, size;
  char           command[32], dir[PETSC_MAX_PATH_LEN], summary[PETSC_MAX_PATH_LEN], path[PETSC_MAX_PATH_LEN + 256];
  PetscBool      dir_given, fresh, check, trace, left_ok, opened, closed;
  json_t        *keys;
  PetscLogDouble began;
  ProgressKind   progress;
  PetscLogDouble first_shown, last_shown; /* seconds; 0: nothing shown yet */
  PetscInt       first_step;
  PetscReal      first_t;
  char           line[256]; /* the latest state of affairs, shown or not */
  PetscBool      pending;   /* line has not been shown */
};
#endif
