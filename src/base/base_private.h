#ifndef AEONIC_BASE_PRIVATE_H
#define AEONIC_BASE_PRIVATE_H
#include <aeonic/base.h>
PETSC_INTERN PetscErrorCode AeErrorHandlerPush(void);
PETSC_INTERN PetscErrorCode AeLogRegister(void);
/* name declared by one of our own wrappers */
PETSC_INTERN PetscErrorCode AeOptionsRecord(const char name[]);
#endif
