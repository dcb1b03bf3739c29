#ifndef AEONIC_COMMANDS_H
#define AEONIC_COMMANDS_H
/* The sub-commands of `aeonic`. Each is listed once more, with its one-line text, in src/main.c. */
#include <aeonic/base.h>

PETSC_EXTERN PetscErrorCode AeCommandGR(void);
PETSC_EXTERN PetscErrorCode AeCommandBench(void);

#endif
