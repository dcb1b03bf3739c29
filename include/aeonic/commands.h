#ifndef AEONIC_COMMANDS_H
#define AEONIC_COMMANDS_H
/* The sub-commands of `aeonic`. Each is listed once more, with its one-line text, in src/main.c. */
#include <aeonic/base.h>

PETSC_EXTERN PetscErrorCode AeCommandGR(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandID(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandElliptic(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandNS(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandSpectrum(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandBench(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandGcat(const char topic[]);
PETSC_EXTERN PetscErrorCode AeCommandVerify(const char file[]);
/* Words that may follow them. */
PETSC_EXTERN const char *const AeBenchTopics[];
PETSC_EXTERN const char *const AeVerifyTopics[];

#endif
