#ifndef AEONIC_COMMANDS_H
#define AEONIC_COMMANDS_H
#include <aeonic/base.h>
PETSC_EXTERN PetscErrorCode AeCommandGR(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandBench(const char topic[]);
PETSC_EXTERN const char *const AeBenchTopics[];
#endif
