/*
  What -ell_ksp_type, -ell_pc_type, -ell_ksp_guess_type and -ell_snes_type find under the names of this module.
*/
#include "ell_private.h"

PetscErrorCode AeEllRegister(void)
{
  static const char *const names[ELL_LOG_COUNT] = {"EllFront", "EllResidual", "EllSmooth", "EllHalo", "EllCoarse"};
  static PetscBool         done                 = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(KSPInitializePackage());
  PetscCall(SNESInitializePackage());
  PetscCall(SNESRegister(SNESFAS, EllSNESCreate_FAS)); /* PETSc's own needs a DM on every level */
  PetscCall(KSPGuessRegister(AE_KSP_GUESS, EllGuessCreate));
  PetscCall(PCRegister(AE_PC_MG, EllPCCreate_AeMG));
  PetscCall(KSPRegister(AE_KSP_CYCLE, EllKSPCreate_Cycle));
  if (!done)
    for (int e = 0; e < ELL_LOG_COUNT; e++) PetscCall(PetscLogEventRegister(names[e], AE_CLASSID, &ellLog[e]));
  done = PETSC_TRUE;
  PetscFunctionReturn(0);
}
