#ifndef AEONIC_INITIAL_PRIVATE_H
#define AEONIC_INITIAL_PRIVATE_H
#include <aeonic/initial.h>
extern const AeDatum  AeData[];
extern const PetscInt AeNumData;
#endif
