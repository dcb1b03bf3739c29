/*
  The state Vec: an MPI Vec over aligned memory in ghosted field-major layout. Operations that measure
  (norms, dot products, extrema, view) see the interior only and do not depend on ranks; linear combinations
  and copies are PETSc's own and run over the whole array.
*/
#include "field_private.h"
#include <aeonic/sum.h>
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

typedef enum { SUM_ABS, SUM_PRODUCT, SUM_VALUE } SumKind;

/* Exact sums over the interior of all fields of x and ny Vecs; one reduction. */
static PetscErrorCode InteriorSums(Vec x, PetscInt ny, const Vec y[], SumKind kind, PetscScalar *value)
{
  AeFields      F;
  const double *a, *b;
  AeSum        *s;
  double       *w;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(x, &F));
  PetscCall(PetscMalloc1(ny, &s));
  w = F->work;
  PetscCall(VecGetArrayRead(x, &a));
  for (PetscInt m = 0; m < ny; m++) {
    AeSumZero(&s[m]);
    PetscCall(VecGetArrayRead(y[m], &b));
    for (PetscInt f = 0; f < F->L.nf; f++)
      for (PetscInt k = 0; k < F->L.nk; k++)
        for (PetscInt j = 0; j < F->L.nj; j++) {
          const ptrdiff_t o = AeAt(&F->L, f, k, j, 0);

          for (PetscInt i = 0; i < F->L.nx; i++)
            w[i] = kind == SUM_ABS ? PetscAbsReal(a[o + i]) : kind == SUM_VALUE ? a[o + i] : a[o + i] * b[o + i];
          AeSumAdd(&s[m], AeRowSum(w, F->L.nx));
        }
    PetscCall(VecRestoreArrayRead(y[m], &b));
  }
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(AeSumReduce(F->grid->comm, ny, s));
  for (PetscInt m = 0; m < ny; m++) value[m] = AeSumValue(&s[m]);
  PetscCall(PetscFree(s));
  PetscFunctionReturn(0);
}

/* PETSc adds what the ranks return: the exact sum is rank 0's, so that it keeps its bits. */
static PetscErrorCode VecSum_State(Vec x, PetscScalar *value)
{
  AeFields F;

  PetscFunctionBegin;
  PetscCall(InteriorSums(x, 1, &x, SUM_VALUE, value));
  PetscCall(AeFieldsFromVec(x, &F));
  if (F->grid->rank) *value = 0.0;
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMDot_State(Vec x, PetscInt n, const Vec y[], PetscScalar *value)
{
  PetscFunctionBegin;
  PetscCall(InteriorSums(x, n, y, SUM_PRODUCT, value));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecDot_State(Vec x, Vec y, PetscScalar *value)
{
  PetscFunctionBegin;
  PetscCall(InteriorSums(x, 1, &y, SUM_PRODUCT, value));
  PetscFunctionReturn(0);
}

/* x.y and y.y */
static PetscErrorCode VecDotNorm2_State(Vec x, Vec y, PetscScalar *dot, PetscScalar *norm2)
{
  PetscFunctionBegin;
  PetscCall(InteriorSums(x, 1, &y, SUM_PRODUCT, dot));
  PetscCall(InteriorSums(y, 1, &y, SUM_PRODUCT, norm2));
  PetscFunctionReturn(0);
}

/* Largest of sign * value over the interior; NaN if any value is NaN. */
static PetscErrorCode InteriorMax(Vec x, PetscBool absolute, double sign, PetscReal *value)
{
  AeFields      F;
  const double *a;
  double        m[2] = {-PETSC_INFINITY, 0.0}; /* the maximum, and how many NaN there are */

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(x, &F));
  PetscCall(VecGetArrayRead(x, &a));
  for (PetscInt f = 0; f < F->L.nf; f++)
    for (PetscInt k = 0; k < F->L.nk; k++)
      for (PetscInt j = 0; j < F->L.nj; j++)
        for (PetscInt i = 0; i < F->L.nx; i++) {
          const double v = a[AeAt(&F->L, f, k, j, i)], w = absolute ? PetscAbsReal(v) : sign * v;

          if (w > m[0]) m[0] = w;
          else if (w != w) m[1] = 1.0;
        }
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, m, 2, MPI_DOUBLE, MPI_MAX, F->grid->comm));
  *value = m[1] > 0 ? NAN : sign * m[0];
  PetscFunctionReturn(0);
}

static PetscErrorCode VecNorm_State(Vec x, NormType type, PetscReal *value)
{
  PetscFunctionBegin;
  if (type == NORM_INFINITY || type == NORM_MAX) PetscCall(InteriorMax(x, PETSC_TRUE, 1.0, value));
  else {
    if (type == NORM_1 || type == NORM_1_AND_2) PetscCall(InteriorSums(x, 1, &x, SUM_ABS, value));
    if (type == NORM_1_AND_2) value++;
    if (type != NORM_1) {
      PetscCall(InteriorSums(x, 1, &x, SUM_PRODUCT, value));
      *value = PetscSqrtReal(*value);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMax_State(Vec x, PetscInt *where, PetscReal *value)
{
  PetscFunctionBegin;
  if (where) *where = -1;
  PetscCall(InteriorMax(x, PETSC_FALSE, 1.0, value));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMin_State(Vec x, PetscInt *where, PetscReal *value)
{
  PetscFunctionBegin;
  if (where) *where = -1;
  PetscCall(InteriorMax(x, PETSC_FALSE, -1.0, value));
  PetscFunctionReturn(0);
}

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
  v->ops->duplicate   = VecDuplicate_State;
  v->ops->norm        = VecNorm_State;
  v->ops->dot         = VecDot_State;
  v->ops->tdot        = VecDot_State;
  v->ops->mdot        = VecMDot_State;
  v->ops->mtdot       = VecMDot_State;
  v->ops->sum         = VecSum_State;
  v->ops->dotnorm2    = VecDotNorm2_State;
  v->ops->max         = VecMax_State;
  v->ops->min         = VecMin_State;
  v->ops->view        = VecView_State;
  v->ops->dot_local   = NULL; /* no operation may see ghosts as values */
  v->ops->norm_local  = NULL;
  v->ops->mdot_local  = NULL;
  v->ops->mtdot_local = NULL;
  v->ops->tdot_local  = NULL;
  *vec                = v;
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
