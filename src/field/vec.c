/*
  The state Vec: an MPI Vec over aligned memory in ghosted field-major layout. Operations that measure
  (norms, dot products, extrema, view) see the interior only and do not depend on ranks; linear combinations
  and copies are PETSc's own and run over the whole array.
*/
#include "field_private.h"
#include <petsc/private/vecimpl.h>
#include <sys/mman.h>
#undef I

#define HUGE_PAGE ((size_t)2 << 20)

static const char StorageKey[] = "AeStorage";

/* Large arrays start on a huge page and ask for more: with 4 KiB pages the rows of 24 fields overrun the TLB
   (measured: right-hand side 305 -> 228 ns a point at 96^3). */
static PetscErrorCode StorageCreate(size_t n, double **p)
{
  const size_t bytes = n * sizeof(double), align = bytes >= 4 * HUGE_PAGE ? HUGE_PAGE : 64;
  void        *m;

  PetscFunctionBegin;
  PetscCheck(!posix_memalign(&m, align, bytes), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "cannot get %.3g GB of memory for a state: fewer cells (-grid_n) or more ranks", 1e-9 * (double)bytes);
  if (align == HUGE_PAGE) (void)madvise(m, bytes, MADV_HUGEPAGE);
  PetscCall(PetscMemzero(m, bytes));
  *p = m;
  PetscFunctionReturn(0);
}

static PetscErrorCode StorageDestroy(void *p)
{
  free(p);
  return 0;
}

/* The array of a Vec made here; PETSc's header comes first in the data of every native Vec. */
static double **ArrayOf(Vec v) { return &((struct {VECHEADER} *)v->data)->array; }

static PetscErrorCode VecView_State(Vec x, PetscViewer viewer)
{
  AeFields  F;
  PetscBool ascii;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(x, &F));
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  PetscCheck(ascii, F->grid->comm, PETSC_ERR_SUP,
             "states are written by field (AeWriteField); VecView prints a summary to ASCII viewers only");
  PetscCall(PetscViewerASCIIPrintf(
    viewer, "state of %d fields on %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells, ghosts %d\n", (int)F->L.nf,
    F->grid->n[0], F->grid->n[1], F->grid->n[2], (int)F->L.g));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecDuplicate_State(Vec x, Vec *y)
{
  AeFields F;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(x, &F));
  PetscCall(AeFieldsCreateVec(F, y));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsCreateVec(AeFields F, Vec *vec)
{
  PetscContainer c;
  double        *p;
  AeBox         *box;
  Vec            v;

  PetscFunctionBegin;
  PetscCall(StorageCreate((size_t)F->L.size, &p));
  PetscCall(VecCreateMPIWithArray(F->grid->comm, 1, (PetscInt)F->L.size, PETSC_DETERMINE, p, &v));
  PetscCall(PetscContainerCreate(PETSC_COMM_SELF, &c));
  PetscCall(PetscContainerSetPointer(c, p));
  PetscCall(PetscContainerSetUserDestroy(c, StorageDestroy));
  PetscCall(PetscObjectCompose((PetscObject)v, StorageKey, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  PetscCall(PetscContainerCreate(PETSC_COMM_SELF, &c));
  PetscCall(PetscNew(&box));
  *box = (AeBox){F, v};
  PetscCall(PetscContainerSetPointer(c, box));
  PetscCall(PetscContainerSetUserDestroy(c, PetscContainerUserDestroyDefault));
  PetscCall(PetscObjectCompose((PetscObject)v, AE_BOX_KEY, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  PetscCall(PetscObjectComposeFunction((PetscObject)v, "AeVecSwap_C", AeVecSwap));
  PetscCall(VecSetDM(v, F->dm));
  PetscCall(AeVecSumExactly(v, &(AeRows){.n      = F->L.nx,
                                         .first  = AeAt(&F->L, 0, 0, 0, 0),
                                         .count  = {F->L.nf, F->L.nk, F->L.nj},
                                         .stride = {F->L.stride, F->L.plane, F->L.pitch}}));
  v->ops->duplicate = VecDuplicate_State;
  v->ops->view      = VecView_State;
  *vec              = v;
  PetscFunctionReturn(0);
}

PetscErrorCode AeVecSwap(Vec x, Vec y)
{
  PetscContainer c, d;
  void          *p, *q;
  double        *a;

  PetscFunctionBegin;
  PetscCall(PetscObjectQuery((PetscObject)x, StorageKey, (PetscObject *)&c));
  PetscCall(PetscObjectQuery((PetscObject)y, StorageKey, (PetscObject *)&d));
  PetscCheck(c && d, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "only states made by AeFieldsCreateVec can be swapped");
  PetscCall(PetscContainerGetPointer(c, &p));
  PetscCall(PetscContainerGetPointer(d, &q));
  PetscCall(PetscContainerSetPointer(c, q));
  PetscCall(PetscContainerSetPointer(d, p));
  a           = *ArrayOf(x);
  *ArrayOf(x) = *ArrayOf(y);
  *ArrayOf(y) = a;
  PetscCall(PetscObjectStateIncrease((PetscObject)x));
  PetscCall(PetscObjectStateIncrease((PetscObject)y));
  PetscFunctionReturn(0);
}
