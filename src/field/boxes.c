/*
  The boxes of a state, which its Vec carries.
*/
#include "field_private.h"

PetscErrorCode AeVecBoxes(Vec v, PetscInt *n, const AeBox **box)
{
  PetscContainer c;

  PetscFunctionBegin;
  PetscCall(PetscObjectQuery((PetscObject)v, AE_BOX_KEY, (PetscObject *)&c));
  PetscCheck(c, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "this Vec is not a state of Aeonic's");
  PetscCall(PetscContainerGetPointer(c, (void **)box));
  *n = 1;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsFromVec(Vec v, AeFields *F)
{
  const AeBox *box;
  PetscInt     n;

  PetscFunctionBegin;
  PetscCall(AeVecBoxes(v, &n, &box));
  *F = box->fields;
  PetscFunctionReturn(0);
}
