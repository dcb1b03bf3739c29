/*
  Norms and dot products that do not depend on the number of ranks (-ell_reproducible): each row of cells along x, which no rank boundary
  cuts, is summed in a fixed order, and the rows' sums exactly. With them every Krylov method and Newton take the same steps, bit for bit,
  on any number of ranks: the cycles themselves do so in any case.
*/
#include "ell_private.h"
#include <petsc/private/vecimpl.h>
#undef I

static const char key[] = "AeEllRow";

/* cells in a row; sums over rows of one Vec's values, or of its products with others */
static PetscErrorCode RowLength(Vec x, PetscInt *n)
{
  PetscContainer c;
  PetscInt      *p;

  PetscFunctionBegin;
  PetscCall(PetscObjectQuery((PetscObject)x, key, (PetscObject *)&c));
  PetscCheck(c, PetscObjectComm((PetscObject)x), PETSC_ERR_PLIB, "a Vec with exact sums lost its row length");
  PetscCall(PetscContainerGetPointer(c, (void **)&p));
  *n = *p;
  PetscFunctionReturn(0);
}

typedef enum { SUM_ABS, SUM_VALUE, SUM_PRODUCT } SumKind;

static double RowTerms(SumKind kind, const double *a, const double *b, PetscInt n)
{
  double s[8] = {0};

  /* the lanes of AeRowSum */
  for (PetscInt i = 0; i < n; i += 8)
    for (PetscInt l = 0; l < PetscMin(8, n - i); l++)
      s[l] += kind == SUM_PRODUCT ? a[i + l] * b[i + l] : kind == SUM_ABS ? PetscAbsReal(a[i + l]) : a[i + l];
  return AeRowSum(s, 8);
}

static PetscErrorCode Sums(SumKind kind, Vec x, PetscInt ny, const Vec y[], PetscScalar value[])
{
  enum { BATCH = 8 };
  const double *a, *b;
  AeSum         s[BATCH];
  PetscInt      row, n;

  PetscFunctionBegin;
  PetscCall(RowLength(x, &row));
  PetscCall(VecGetLocalSize(x, &n));
  PetscCall(VecGetArrayRead(x, &a));
  for (PetscInt first = 0; first < ny; first += BATCH) {
    const PetscInt count = PetscMin(BATCH, ny - first);

    for (PetscInt m = 0; m < count; m++) {
      AeSumZero(&s[m]);
      PetscCall(VecGetArrayRead(y[first + m], &b));
      for (PetscInt i = 0; i < n; i += row) AeSumAdd(&s[m], RowTerms(kind, a + i, b + i, row));
      PetscCall(VecRestoreArrayRead(y[first + m], &b));
    }
    PetscCall(AeSumReduce(PetscObjectComm((PetscObject)x), count, s));
    for (PetscInt m = 0; m < count; m++) value[first + m] = AeSumValue(&s[m]);
  }
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(PetscLogFlops(2.0 * n * ny));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecDot_Exact(Vec x, Vec y, PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(Sums(SUM_PRODUCT, x, 1, &y, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMDot_Exact(Vec x, PetscInt n, const Vec y[], PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(Sums(SUM_PRODUCT, x, n, y, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecSum_Exact(Vec x, PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(Sums(SUM_VALUE, x, 1, &x, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecNorm_Exact(Vec x, NormType type, PetscReal *z)
{
  PetscFunctionBegin;
  if (type == NORM_INFINITY || type == NORM_MAX) {
    const double *a;
    PetscInt      n;

    PetscCall(VecGetLocalSize(x, &n));
    PetscCall(VecGetArrayRead(x, &a));
    *z = 0;
    for (PetscInt i = 0; i < n; i++) *z = PetscMax(*z, PetscAbsReal(a[i]));
    PetscCall(VecRestoreArrayRead(x, &a));
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, z, 1, MPIU_REAL, MPIU_MAX, PetscObjectComm((PetscObject)x)));
    PetscFunctionReturn(0);
  }
  if (type == NORM_1 || type == NORM_1_AND_2) PetscCall(Sums(SUM_ABS, x, 1, &x, z));
  if (type == NORM_1_AND_2) z++;
  if (type != NORM_1) {
    PetscCall(Sums(SUM_PRODUCT, x, 1, &x, z));
    *z = PetscSqrtReal(*z);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode VecDotNorm2_Exact(Vec x, Vec y, PetscScalar *dot, PetscScalar *norm)
{
  PetscFunctionBegin;
  PetscCall(Sums(SUM_PRODUCT, y, 1, &x, dot));
  PetscCall(Sums(SUM_PRODUCT, y, 1, &y, norm));
  PetscFunctionReturn(0);
}

/*
  What the split operations (VecNormBegin, VecDotBegin) add up over the ranks: all of it on one of them.
*/
static PetscErrorCode OnOne(Vec x, PetscInt n, PetscScalar z[])
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PetscObjectComm((PetscObject)x), &rank));
  for (PetscInt i = 0; i < n && rank; i++) z[i] = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode VecDotLocal_Exact(Vec x, Vec y, PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(VecDot_Exact(x, y, z));
  PetscCall(OnOne(x, 1, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMDotLocal_Exact(Vec x, PetscInt n, const Vec y[], PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(VecMDot_Exact(x, n, y, z));
  PetscCall(OnOne(x, n, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecNormLocal_Exact(Vec x, NormType type, PetscReal *z)
{
  PetscFunctionBegin;
  PetscCall(VecNorm_Exact(x, type, z));
  PetscCall(OnOne(x, type == NORM_1_AND_2 ? 2 : 1, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode FreeRow(void *p) { return PetscFree(p); }

PetscErrorCode EllVecReproducible(AeEll ell, Vec v)
{
  PetscContainer c;
  PetscInt      *n;

  PetscFunctionBegin;
  PetscCall(PetscNew(&n));
  *n = ell->grid->n[0];
  PetscCall(PetscContainerCreate(PETSC_COMM_SELF, &c));
  PetscCall(PetscContainerSetPointer(c, n));
  PetscCall(PetscContainerSetUserDestroy(c, FreeRow));
  PetscCall(PetscObjectCompose((PetscObject)v, key, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  v->ops->norm        = VecNorm_Exact;
  v->ops->dot         = VecDot_Exact;
  v->ops->tdot        = VecDot_Exact;
  v->ops->mdot        = VecMDot_Exact;
  v->ops->mtdot       = VecMDot_Exact;
  v->ops->sum         = VecSum_Exact;
  v->ops->dotnorm2    = VecDotNorm2_Exact;
  v->ops->dot_local   = VecDotLocal_Exact;
  v->ops->tdot_local  = VecDotLocal_Exact;
  v->ops->mdot_local  = VecMDotLocal_Exact;
  v->ops->mtdot_local = VecMDotLocal_Exact;
  v->ops->norm_local  = VecNormLocal_Exact;
  PetscFunctionReturn(0);
}

/* Mean of each component to zero. */
PetscErrorCode EllRemoveMean(AeEll ell, Vec v, PetscReal *largest)
{
  const PetscInt row = ell->grid->n[0], n = row * ell->grid->nj * ell->grid->nk;
  const double   N = (double)ell->grid->n[0] * ell->grid->n[1] * ell->grid->n[2];
  double        *a;
  AeSum          sum[3];

  PetscFunctionBegin;
  PetscCall(VecGetArray(v, &a));
  for (PetscInt c = 0; c < ell->nc; c++) {
    AeSumZero(&sum[c]);
    for (PetscInt p = 0; p < n; p += row) AeSumAdd(&sum[c], AeRowSum(a + c * n + p, row));
  }
  if (ell->grid->size > 1) PetscCall(AeSumReduce(ell->comm, ell->nc, sum));
  *largest = 0;
  for (PetscInt c = 0; c < ell->nc; c++) {
    const double mean = AeSumValue(&sum[c]) / N;

    *largest = PetscMax(*largest, PetscAbsReal(mean));
    for (PetscInt p = 0; p < n; p++) a[c * n + p] -= mean;
  }
  PetscCall(VecRestoreArray(v, &a));
  PetscFunctionReturn(0);
}
