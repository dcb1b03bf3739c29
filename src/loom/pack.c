/*
  The loom's history as bytes, for a checkpoint: what the gate and the counters know, and the modes of the newest transforms.

  One list serves both ways. Modes follow in rows of x-modes, whose order is the file's: `outer` says which axis is the
  outer one. Every rank reads the rows that are its own, whatever the ranks were.
*/
#include "loom_private.h"

typedef struct {
  char     *at; /* NULL: bytes are only counted */
  size_t    n;
  PetscBool in;
} Cursor;

static void Carry(Cursor *c, void *x, size_t n)
{
  if (c->at && c->in) memcpy(x, c->at + c->n, n);
  else if (c->at) memcpy(c->at + c->n, x, n);
  c->n += n;
}
#define CARRY(c, x) Carry(c, &(x), sizeof(x))

static void CarryNumbers(AeLoom loom, Cursor *c)
{
  CARRY(c, loom->now);
  for (PetscInt i = 0; i < loom->n; i++) CARRY(c, loom->w[i].now);
}

static PetscInt RowLength(AeFFT f) { return f->m[0] * (f->is_complex ? 2 : 1); }

/* The numbers of a row, between modes in the loom's precision and the file's double. */
static void RowOut(AeLoom loom, AeFFT f, const void *modes, ptrdiff_t at, double *row)
{
  if (loom->o.precision == AE_LOOM_SINGLE)
    for (PetscInt i = 0; i < RowLength(f); i++) row[i] = ((const float *)modes)[at + i];
  else memcpy(row, (const double *)modes + at, (size_t)RowLength(f) * sizeof *row);
}

static void RowIn(AeLoom loom, AeFFT f, void *modes, ptrdiff_t at, const char *row)
{
  double x;

  if (loom->o.precision == AE_LOOM_SINGLE)
    for (PetscInt i = 0; i < RowLength(f); i++) {
      memcpy(&x, row + i * sizeof x, sizeof x);
      ((float *)modes)[at + i] = (float)x;
    }
  else memcpy((double *)modes + at, row, (size_t)RowLength(f) * sizeof x);
}

/* Rank 0 receives the rows of a component's modes in the order of the ranks. */
static PetscErrorCode GatherRows(AeLoom loom, AeFFT f, const void *modes, void *to)
{
  const PetscInt length = RowLength(f);
  const int      mine   = (int)(f->mn * f->inner);
  MPI_Datatype   row;
  double        *rows;
  int           *count, *first;

  PetscFunctionBegin;
  PetscCall(PetscMalloc3((size_t)mine * length, &rows, f->size, &count, f->size, &first));
  for (ptrdiff_t i = 0; i < mine; i++) RowOut(loom, f, modes, i * f->mpitch, rows + i * length);
  PetscCallMPI(MPI_Type_contiguous((int)length, MPI_DOUBLE, &row));
  PetscCallMPI(MPI_Type_commit(&row));
  PetscCallMPI(MPI_Gather(&mine, 1, MPI_INT, count, 1, MPI_INT, 0, f->comm));
  for (int r = 0, n = 0; r < f->size; n += count[r++]) first[r] = n;
  PetscCallMPI(MPI_Gatherv(rows, mine, row, to, count, first, row, 0, f->comm));
  PetscCallMPI(MPI_Type_free(&row));
  PetscCall(PetscFree3(rows, count, first));
  PetscFunctionReturn(0);
}

static void TakeRows(AeLoom loom, AeFFT f, void *modes, const char *from, int outer)
{
  const size_t row = (size_t)RowLength(f) * sizeof(double);

  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      PetscInt my, mz;

      AeFFTRow(f, a, b, &my, &mz);
      RowIn(loom, f, modes, (a * (ptrdiff_t)f->inner + b) * f->mpitch,
            from + (size_t)(outer == 1 ? my * f->m[2] + mz : mz * f->m[1] + my) * row);
    }
}

static size_t ModesSize(AeFFT f) { return (size_t)RowLength(f) * f->m[1] * f->m[2] * sizeof(double); }

/* Bytes of everything, by what the fields have. */
static size_t Size(AeLoom loom)
{
  Cursor c = {0};

  CarryNumbers(loom, &c);
  for (PetscInt i = 0; i < loom->n; i++)
    for (PetscInt k = 0; loom->w[i].now.has_old && k < loom->w[i].info.components; k++)
      c.n += sizeof(int64_t) + ModesSize(loom->kinds[loom->w[i].kind[k]].fft);
  return c.n;
}

PetscErrorCode AeLoomPack(AeLoom loom, void **data, size_t *size)
{
  Cursor c = {0};

  PetscFunctionBegin;
  *data = NULL;
  *size = 0;
  if (!loom->setup) PetscFunctionReturn(0);
  if (!loom->grid->rank) {
    *size = Size(loom);
    PetscCall(PetscMalloc1(*size, &c.at));
    *data = c.at;
  }
  CarryNumbers(loom, &c);
  for (PetscInt i = 0; i < loom->n; i++)
    for (PetscInt k = 0; loom->w[i].now.has_old && k < loom->w[i].info.components; k++) {
      AeFFT   f     = loom->kinds[loom->w[i].kind[k]].fft;
      int64_t outer = f->outer;

      CARRY(&c, outer);
      PetscCall(GatherRows(loom, f, loom->w[i].old[k], c.at ? c.at + c.n : NULL));
      c.n += ModesSize(f);
    }
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomUnpack(AeLoom loom, const void *data, size_t size)
{
  Cursor c = {.at = (char *)data, .in = PETSC_TRUE}, all = {0};

  PetscFunctionBegin;
  PetscCheck(loom->setup, loom->grid->comm, PETSC_ERR_ORDER, "The loom is not set up");
  CarryNumbers(loom, &all);
  PetscCheck(size >= all.n, loom->grid->comm, AE_ERR_USAGE,
             "-restart: the checkpoint's part loom has %zu bytes and needs %zu: it was written by another version", size, all.n);
  CarryNumbers(loom, &c);
  PetscCheck(Size(loom) == size, loom->grid->comm, AE_ERR_USAGE,
             "-restart: the checkpoint's part loom has %zu bytes and needs %zu: it was written by another version", size,
             Size(loom));
  for (PetscInt i = 0; i < loom->n; i++)
    for (PetscInt k = 0; loom->w[i].now.has_old && k < loom->w[i].info.components; k++) {
      AeFFT   f     = loom->kinds[loom->w[i].kind[k]].fft;
      int64_t outer = f->outer;

      CARRY(&c, outer);
      TakeRows(loom, f, loom->w[i].old[k], c.at + c.n, (int)outer);
      c.n += ModesSize(f);
    }
  PetscFunctionReturn(0);
}
