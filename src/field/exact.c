/*
  Norms, dot products and sums of a Vec that do not depend on ranks: each row of cells along x, which no rank boundary cuts, is
  summed in a fixed order, and the rows' sums exactly. Ghosts and padding between rows are not seen.
*/
#include <aeonic/field.h>
#include <aeonic/sum.h>
#include <petsc/private/vecimpl.h>
#undef I

static const char key[] = "AeRows";

static PetscErrorCode RowsOf(Vec x, const AeRows **rows)
{
  PetscContainer c;

  PetscFunctionBegin;
  PetscCall(PetscObjectQuery((PetscObject)x, key, (PetscObject *)&c));
  PetscCheck(c, PetscObjectComm((PetscObject)x), PETSC_ERR_PLIB, "a Vec with exact sums lost its rows");
  PetscCall(PetscContainerGetPointer(c, (void **)rows));
  PetscFunctionReturn(0);
}

/* Sums over the rows of x, or of its products with each y; one reduction for every eight of them, and no allocation. */
static PetscErrorCode Sums(AeSumKind kind, Vec x, PetscInt ny, const Vec y[], PetscScalar value[])
{
  enum { BATCH = 8 };
  const AeRows *rows;
  const double *a, *b;
  AeSum         s[BATCH];

  PetscFunctionBegin;
  PetscCall(RowsOf(x, &rows));
  PetscCall(VecGetArrayRead(x, &a));
  for (PetscInt first = 0; first < ny; first += BATCH) {
    const PetscInt count = PetscMin(BATCH, ny - first);

    for (PetscInt m = 0; m < count; m++) {
      AeSumZero(&s[m]);
      PetscCall(VecGetArrayRead(y[first + m], &b));
      for (ptrdiff_t f = 0; f < rows->count[0]; f++)
        for (ptrdiff_t k = 0; k < rows->count[1]; k++)
          for (ptrdiff_t j = 0; j < rows->count[2]; j++) {
            const ptrdiff_t o = rows->first + f * rows->stride[0] + k * rows->stride[1] + j * rows->stride[2];

            AeSumAdd(&s[m], AeRowSumOf(kind, a + o, b + o, rows->n));
          }
      PetscCall(VecRestoreArrayRead(y[first + m], &b));
    }
    PetscCall(AeSumReduce(PetscObjectComm((PetscObject)x), count, s));
    for (PetscInt m = 0; m < count; m++) value[first + m] = AeSumValue(&s[m]);
  }
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(PetscLogFlops(2.0 * (double)(rows->n * rows->count[0] * rows->count[1] * rows->count[2]) * ny));
  PetscFunctionReturn(0);
}

/* Largest of sign * value, or of |value| with sign 0; NaN if any value is NaN, which MPI_MAX may drop. */
static PetscErrorCode Largest(Vec x, double sign, PetscReal *value)
{
  const AeRows *rows;
  const double *a;
  double        m[2] = {-PETSC_INFINITY, 0.0}; /* the maximum, and whether there is a NaN */

  PetscFunctionBegin;
  PetscCall(RowsOf(x, &rows));
  PetscCall(VecGetArrayRead(x, &a));
  for (ptrdiff_t f = 0; f < rows->count[0]; f++)
    for (ptrdiff_t k = 0; k < rows->count[1]; k++)
      for (ptrdiff_t j = 0; j < rows->count[2]; j++) {
        const double *row = a + rows->first + f * rows->stride[0] + k * rows->stride[1] + j * rows->stride[2];

        for (ptrdiff_t i = 0; i < rows->n; i++) {
          const double w = sign == 0 ? PetscAbsReal(row[i]) : sign * row[i];

          if (w > m[0]) m[0] = w;
          else if (w != w) m[1] = 1.0;
        }
      }
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, m, 2, MPI_DOUBLE, MPI_MAX, PetscObjectComm((PetscObject)x)));
  *value = m[1] > 0 ? NAN : (sign < 0 ? -m[0] : m[0]);
  PetscFunctionReturn(0);
}

/* Where PETSc adds up what the ranks return (VecSum, and the split operations VecNormBegin, VecDotBegin): all of it on rank 0. */
static PetscErrorCode OnOne(Vec x, PetscInt n, PetscScalar z[])
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PetscObjectComm((PetscObject)x), &rank));
  for (PetscInt i = 0; i < n && rank; i++) z[i] = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode VecSum_Exact(Vec x, PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(Sums(AE_SUM_VALUES, x, 1, &x, z));
  PetscCall(OnOne(x, 1, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecDot_Exact(Vec x, Vec y, PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(Sums(AE_SUM_PRODUCTS, x, 1, &y, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMDot_Exact(Vec x, PetscInt n, const Vec y[], PetscScalar *z)
{
  PetscFunctionBegin;
  PetscCall(Sums(AE_SUM_PRODUCTS, x, n, y, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecNorm_Exact(Vec x, NormType type, PetscReal *z)
{
  PetscFunctionBegin;
  if (type == NORM_INFINITY || type == NORM_MAX) PetscCall(Largest(x, 0, z));
  else {
    if (type == NORM_1 || type == NORM_1_AND_2) PetscCall(Sums(AE_SUM_SIZES, x, 1, &x, z));
    if (type == NORM_1_AND_2) z++;
    if (type != NORM_1) {
      PetscCall(Sums(AE_SUM_PRODUCTS, x, 1, &x, z));
      *z = PetscSqrtReal(*z);
    }
  }
  PetscFunctionReturn(0);
}

/* x.y and y.y */
static PetscErrorCode VecDotNorm2_Exact(Vec x, Vec y, PetscScalar *dot, PetscScalar *norm2)
{
  PetscFunctionBegin;
  PetscCall(Sums(AE_SUM_PRODUCTS, x, 1, &y, dot));
  PetscCall(Sums(AE_SUM_PRODUCTS, y, 1, &y, norm2));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMax_Exact(Vec x, PetscInt *where, PetscReal *z)
{
  PetscFunctionBegin;
  if (where) *where = -1;
  PetscCall(Largest(x, 1.0, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode VecMin_Exact(Vec x, PetscInt *where, PetscReal *z)
{
  PetscFunctionBegin;
  if (where) *where = -1;
  PetscCall(Largest(x, -1.0, z));
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

PetscErrorCode AeVecSumExactly(Vec v, const AeRows *rows)
{
  PetscContainer c;
  AeRows        *copy;

  PetscFunctionBegin;
  PetscCall(PetscNew(&copy));
  *copy = *rows;
  PetscCall(PetscContainerCreate(PETSC_COMM_SELF, &c));
  PetscCall(PetscContainerSetPointer(c, copy));
  PetscCall(PetscContainerSetUserDestroy(c, PetscContainerUserDestroyDefault));
  PetscCall(PetscObjectCompose((PetscObject)v, key, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  v->ops->norm        = VecNorm_Exact;
  v->ops->dot         = VecDot_Exact;
  v->ops->tdot        = VecDot_Exact;
  v->ops->mdot        = VecMDot_Exact;
  v->ops->mtdot       = VecMDot_Exact;
  v->ops->sum         = VecSum_Exact;
  v->ops->dotnorm2    = VecDotNorm2_Exact;
  v->ops->max         = VecMax_Exact;
  v->ops->min         = VecMin_Exact;
  v->ops->dot_local   = VecDotLocal_Exact;
  v->ops->tdot_local  = VecDotLocal_Exact;
  v->ops->mdot_local  = VecMDotLocal_Exact;
  v->ops->mtdot_local = VecMDotLocal_Exact;
  v->ops->norm_local  = VecNormLocal_Exact;
  PetscFunctionReturn(0);
}
