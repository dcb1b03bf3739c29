#ifndef AEONIC_VERIFY_REPLAY_H
#define AEONIC_VERIFY_REPLAY_H
#include <aeonic/base.h>

/* Makes the steps after a checkpoint again (at most so many, 0: all) and compares them with the record; on one rank. */
PETSC_INTERN PetscErrorCode AeVerifyReplay(const char file[], const char checkpoint[], PetscInt steps);
#endif
