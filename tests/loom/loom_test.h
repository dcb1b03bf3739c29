#ifndef LOOM_TEST_H
#define LOOM_TEST_H
/* A loom with the options of now. */
#include <aeonic/loom.h>

static PetscErrorCode LoomNow(AeGrid g, AeLoom *loom)
{
  AeLoomOptions options;

  PetscFunctionBegin;
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "q", &options));
  PetscCall(AeLoomCreate(g, &options, loom));
  PetscFunctionReturn(0);
}
#endif
