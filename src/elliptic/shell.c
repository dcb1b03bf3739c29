/*
  The problem as PETSc sees it: a MatShell whose products, diagonal and sweeps are the engine's, and the PC type `aemg`, one
  multigrid cycle of the problem that an operator belongs to.
*/
#include "ell_private.h"
#include <petsc/private/pcimpl.h>
#undef I

static const char key[] = "AeEll";

/* The problem behind a matrix, NULL if it is none of ours. */
PetscErrorCode EllFromMat(Mat A, AeEll *ell)
{
  PetscContainer c;

  PetscFunctionBegin;
  *ell = NULL;
  PetscCall(PetscObjectQuery((PetscObject)A, key, (PetscObject *)&c));
  if (c) PetscCall(PetscContainerGetPointer(c, (void **)ell));
  PetscFunctionReturn(0);
}

PetscErrorCode EllMark(Mat A, AeEll ell)
{
  PetscContainer c;

  PetscFunctionBegin;
  PetscCall(PetscContainerCreate(ell->comm, &c));
  PetscCall(PetscContainerSetPointer(c, ell));
  PetscCall(PetscObjectCompose((PetscObject)A, key, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  PetscFunctionReturn(0);
}

static PetscErrorCode Mult(Mat A, Vec x, Vec y)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &ell));
  PetscCall(EllOuterApply(ell, NULL, x, y, PETSC_FALSE));
  PetscFunctionReturn(0);
}

static PetscErrorCode GetDiagonal(Mat A, Vec d)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &ell));
  PetscCall(EllOuterDiagonal(ell, d));
  PetscFunctionReturn(0);
}

static PetscErrorCode Residual(Mat A, Vec b, Vec x, Vec r)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(EllFromMat(A, &ell));
  PetscCall(EllOuterApply(ell, b, x, r, PETSC_TRUE));
  PetscFunctionReturn(0);
}

/* red-black sweeps on the finest level */
static PetscErrorCode SOR(Mat A, Vec b, PetscReal omega, MatSORType flag, PetscReal shift, PetscInt its, PetscInt lits, Vec x)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &ell));
  PetscCheck(!ell->single, ell->comm, AE_ERR_USAGE, "-%spc_type sor smooths in double: leave -%smg_precision single out",
             ell->prefix, ell->prefix);
  PetscCheck(omega == 1 && shift == 0 && ell->order == 2, ell->comm, AE_ERR_USAGE,
             "-%spc_type sor: the smoother is for order 2 and has no relaxation factor", ell->prefix);
  PetscCall(EllRenew(ell));
  PetscCall(EllCycleBegin(ell, b, flag & SOR_ZERO_INITIAL_GUESS ? NULL : x));
  for (PetscInt m = 0; m < its * lits; m++) {
    if (flag & (SOR_FORWARD_SWEEP | SOR_LOCAL_FORWARD_SWEEP)) PetscCall(EllSmoothLevel(ell, 0, PETSC_FALSE));
    if (flag & (SOR_BACKWARD_SWEEP | SOR_LOCAL_BACKWARD_SWEEP)) PetscCall(EllSmoothLevel(ell, 0, PETSC_TRUE));
  }
  PetscCall(EllCycleEnd(ell, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateVecs(Mat A, Vec *right, Vec *left)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &ell));
  if (right) PetscCall(AeEllCreateVec(ell, 0, right));
  if (left) PetscCall(AeEllCreateVec(ell, 0, left));
  PetscFunctionReturn(0);
}

PetscErrorCode EllMatCreate(AeEll ell)
{
  const PetscInt m = ell->nc * ell->grid->n[0] * ell->grid->nj * ell->grid->nk;
  char           type[64];

  PetscFunctionBegin;
  PetscCall(MatCreateShell(ell->comm, m, m, PETSC_DETERMINE, PETSC_DETERMINE, ell, &ell->A));
  PetscCall(MatShellSetOperation(ell->A, MATOP_MULT, (void (*)(void))Mult));
  PetscCall(MatShellSetOperation(ell->A, MATOP_GET_DIAGONAL, (void (*)(void))GetDiagonal));
  PetscCall(MatShellSetOperation(ell->A, MATOP_CREATE_VECS, (void (*)(void))CreateVecs));
  PetscCall(MatShellSetOperation(ell->A, MATOP_SOR, (void (*)(void))SOR));
  PetscCall(MatShellSetOperation(ell->A, MATOP_RESIDUAL, (void (*)(void))Residual));
  PetscCall(MatSetUp(ell->A));
  PetscCall(PetscSNPrintf(type, sizeof type, "aeonic-%s", AeEllOperators[ell->op]));
  PetscCall(PetscObjectSetName((PetscObject)ell->A, AeEllOperators[ell->op]));
  PetscCall(PetscObjectChangeTypeName((PetscObject)ell->A, type)); /* -ell_ksp_view and -log_view say what it is */
  PetscCall(EllMark(ell->A, ell));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllView(AeEll ell, PetscViewer viewer)
{
  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(viewer,
                                   "  %" PetscInt_FMT " levels, cycle %s, %s smoothing %" PetscInt_FMT "+%" PetscInt_FMT
                                   "%s, restriction %s%s%s, coarsest level %s\n",
                                   ell->nlevels, EllCycles[ell->cycle], EllSmoothers[ell->smoother], ell->pre, ell->post,
                                   ell->symmetric ? " (symmetric)" : "", EllTransfers[ell->transfer],
                                   ell->fused && !ell->generic ? ", fused sweeps" : "", ell->single ? ", single precision" : "",
                                   ell->nlu ? "direct" : "smoothed"));
  for (PetscInt l = 0; l < ell->nlevels; l++)
    PetscCall(PetscViewerASCIIPrintf(
      viewer, "  level %" PetscInt_FMT ": %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells%s\n", l,
      ell->lv[l].n[0], ell->lv[l].n[1], ell->lv[l].n[2], ell->grid->size > 1 && ell->lv[l].redundant ? ", on every rank" : ""));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCSetUp_AeMG(PC pc)
{
  AeEll ell;

  PetscFunctionBegin;
  PetscCall(EllFromMat(pc->pmat, &ell));
  PetscCheck(ell, PetscObjectComm((PetscObject)pc), AE_ERR_USAGE, "PC %s works on the operators of AeEll only", AE_PC_MG);
  pc->data = ell;
  PetscCall(EllRenew(ell));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCApply_AeMG(PC pc, Vec b, Vec x)
{
  PetscFunctionBegin;
  PetscCall(EllApplyCycle((AeEll)pc->data, b, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCView_AeMG(PC pc, PetscViewer viewer)
{
  PetscFunctionBegin;
  if (pc->data) PetscCall(AeEllView((AeEll)pc->data, viewer));
  PetscFunctionReturn(0);
}

PetscErrorCode EllPCCreate_AeMG(PC pc)
{
  PetscFunctionBegin;
  pc->ops->setup = PCSetUp_AeMG;
  pc->ops->apply = PCApply_AeMG;
  pc->ops->view  = PCView_AeMG;
  PetscFunctionReturn(0);
}
