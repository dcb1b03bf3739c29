/*
  What PC type `fft` of the spectral module has to know of the operator, and what happens when the boundaries rule it out.
*/
#include "ell_private.h"
#include <aeonic/spectral.h>

/* the component's parity at a face: 0 periodic, +1 even, -1 odd */
static int Parity(AeEll ell, PetscInt c, int d, int side)
{
  switch (ell->bc[d][side]) {
  case AE_ELL_PERIODIC:
    return 0;
  case AE_ELL_DIRICHLET:
    return -1;
  case AE_ELL_REFLECT:
    return ell->parity[c][d];
  default:
    return 1;
  }
}

static PetscBool RuledOut(AeEll ell)
{
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++)
      if (ell->bc[d][s] == AE_ELL_ROBIN) return PETSC_TRUE;
  return PETSC_FALSE;
}

/*
  The operator as a transform sees it: constant coefficients, shift the mean of c. Exact but for closures of order 4 and 6 and
  variable c.
*/
PetscErrorCode EllTellFFT(AeEll ell, PetscReal shift)
{
  AeFFTOperator op = {
    .grid = ell->grid, .order = ell->order, .fields = ell->nc, .own_kinds = PETSC_TRUE, .scale = 1, .shift = shift};

  PetscFunctionBegin;
  if (RuledOut(ell)) PetscFunctionReturn(0);
  for (PetscInt c = 0; c < ell->nc; c++)
    for (int d = 0; d < 3; d++) op.field_kind[c][d] = AeFFTKindOf(Parity(ell, c, d, 0), Parity(ell, c, d, 1));
  for (int d = 0; d < 3; d++) op.kind[d] = op.field_kind[0][d];
  PetscCall(AeMatSetFFTOperator(ell->A, &op));
  PetscFunctionReturn(0);
}

/* -ell_pc_type fft with Robin faces: GMRES + multigrid instead if fallbacks are wanted, else an error. */
PetscErrorCode EllCheckFFT(AeEll ell)
{
  PC        pc;
  PetscBool fft;

  PetscFunctionBegin;
  PetscCall(KSPGetPC(ell->ksp, &pc));
  PetscCall(PetscObjectTypeCompare((PetscObject)pc, "fft", &fft));
  PetscCheck(!fft || !ell->reproducible, ell->comm, AE_ERR_USAGE,
             "-%sreproducible does not go with -%spc_type fft: the order of sums in a transform depends on the plan and on the "
             "ranks; use -%spc_type " AE_PC_MG,
             ell->prefix, ell->prefix, ell->prefix);
  if (!fft || !RuledOut(ell)) PetscFunctionReturn(0);
  PetscCheck(ell->fallback, ell->comm, AE_ERR_USAGE,
             "-%spc_type fft: a Robin boundary is no sine or cosine series; use -%spc_type " AE_PC_MG " or -%sfallback",
             ell->prefix, ell->prefix, ell->prefix);
  PetscCall(PetscInfo(ell->ksp, "Robin boundaries rule pc fft out: fgmres with %s instead\n", AE_PC_MG));
  PetscCall(PCSetType(pc, AE_PC_MG));
  PetscCall(KSPSetType(ell->ksp, KSPFGMRES));
  ell->ruled_out = PETSC_TRUE;
  PetscFunctionReturn(0);
}
