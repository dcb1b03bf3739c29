/*
  PC type `fft`: solves scale (-Lap) u + shift u = b by a transform along each axis, a division by the operator's
  eigenvalues, and the transforms back. Exact for the operator of AeFFTOperator, a preconditioner for those near to it.

  Eigenvalues along an axis of spacing h, s = sin^2(k h / 2) (the symbols of the centred second differences):
    order 2: 4 s / h^2      order 4: 4 s (1 + s/3) / h^2      order 6: 4 s (1 + s/3 + 8 s^2/45) / h^2      continuous: k^2
*/
#include "spectral_private.h"
#include <petsc/private/pcimpl.h>
#undef I

static const char OperatorKey[] = "AeFFTOperator";

static const char *const Symbols[] = {"discrete", "continuous"};

/* What belongs to fields of the same boundaries. */
typedef struct {
  AeFFT      fft;
  PetscReal *symbol[3], shift, zero; /* zero: what rounding may leave of an eigenvalue 0 */
} Part;

typedef struct {
  AeFFTOperator op;
  Part          part[AE_FFT_FIELDS]; /* one for all fields, or one for each */
  double       *u;
  PetscReal     mean; /* of shift_field */
  PetscInt      continuous;
} PC_FFT;

static PetscErrorCode FreeOperator(void *p) { return PetscFree(p); }

PetscErrorCode AeMatSetFFTOperator(Mat A, const AeFFTOperator *op)
{
  PetscContainer c;
  AeFFTOperator *copy;
  MPI_Comm       comm;

  PetscFunctionBegin;
  PetscCall(PetscObjectGetComm((PetscObject)A, &comm));
  PetscCheck(!op->own_kinds || (op->fields >= 1 && op->fields <= AE_FFT_FIELDS), comm, PETSC_ERR_ARG_OUTOFRANGE,
             "PC fft: %" PetscInt_FMT " fields with boundaries of their own, at most %d are possible", op->fields, AE_FFT_FIELDS);
  PetscCheck(op->order == 0 || op->order == 2 || op->order == 4 || op->order == 6, comm, PETSC_ERR_ARG_OUTOFRANGE,
             "PC fft knows the differences of order 2, 4 and 6, and 0 for the continuous operator, not %" PetscInt_FMT,
             op->order);
  PetscCall(PetscNew(&copy));
  *copy = *op;
  if (!copy->fields) copy->fields = 1;
  PetscCall(PetscContainerCreate(comm, &c));
  PetscCall(PetscContainerSetPointer(c, copy));
  PetscCall(PetscContainerSetUserDestroy(c, FreeOperator));
  PetscCall(PetscObjectCompose((PetscObject)A, OperatorKey, (PetscObject)c));
  PetscCall(PetscContainerDestroy(&c));
  PetscFunctionReturn(0);
}

AeTransform AeFFTKindOf(int lower, int upper)
{
  if (!lower || !upper) return AE_DFT;
  if (lower > 0) return upper > 0 ? AE_COSINE : AE_COSINE_4;
  return upper > 0 ? AE_SINE_4 : AE_SINE;
}

PetscErrorCode AeFFTSymbol(AeFFT f, int d, PetscReal h, PetscInt order, PetscReal symbol[])
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < f->m[d]; m++) {
    const PetscReal theta = PETSC_PI * PetscAbsReal(AeFFTHalfWaves(f, d, m)) / f->n[d], q = PetscSinReal(0.5 * theta),
                    s = q * q; /* theta = k h */

    switch (order) {
    case 2:
      symbol[m] = 4.0 * s / (h * h);
      break;
    case 4:
      symbol[m] = 4.0 * s * (1.0 + s / 3.0) / (h * h);
      break;
    case 6:
      symbol[m] = 4.0 * s * (1.0 + s / 3.0 + 8.0 * s * s / 45.0) / (h * h);
      break;
    default:
      symbol[m] = theta * theta / (h * h);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode PCReset_FFT(PC pc)
{
  PC_FFT *p = (PC_FFT *)pc->data;

  PetscFunctionBegin;
  PetscCall(AeFFTDestroyBuffer(&p->u));
  for (int i = 0; i < AE_FFT_FIELDS; i++) {
    PetscCall(PetscFree3(p->part[i].symbol[0], p->part[i].symbol[1], p->part[i].symbol[2]));
    p->part[i].fft = NULL;
  }
  PetscFunctionReturn(0);
}

/* Eigenvalues of the three axes. */
static PetscErrorCode Eigenvalues(const PC_FFT *p, const AeTransform kind[3], Part *part)
{
  AeFFT fft;

  PetscFunctionBegin;
  PetscCall(AeFFTGet(p->op.grid->comm, p->op.grid->n, kind, &fft));
  if (fft != part->fft) {
    PetscCall(PetscFree3(part->symbol[0], part->symbol[1], part->symbol[2]));
    PetscCall(PetscMalloc3(fft->m[0], &part->symbol[0], fft->m[1], &part->symbol[1], fft->m[2], &part->symbol[2]));
    part->fft = fft;
  }
  part->shift = p->op.shift + p->mean;
  part->zero  = PetscAbsReal(part->shift);
  for (int d = 0; d < 3; d++) {
    PetscReal most = 0.0;

    PetscCall(AeFFTSymbol(fft, d, p->op.grid->h, p->continuous ? 0 : p->op.order, part->symbol[d]));
    for (PetscInt m = 0; m < fft->m[d]; m++) {
      part->symbol[d][m] *= p->op.scale;
      most = PetscMax(most, PetscAbsReal(part->symbol[d][m]));
    }
    part->zero += most;
  }
  part->zero *= 4.0 * PETSC_MACHINE_EPSILON;
  PetscFunctionReturn(0);
}

/* At every change of the operator: the description may be another one, and the mean of a variable coefficient has moved. */
static PetscErrorCode PCSetUp_FFT(PC pc)
{
  PC_FFT        *p  = (PC_FFT *)pc->data;
  PetscContainer c  = NULL;
  AeFFTOperator *op = NULL;
  MPI_Comm       comm;
  PetscInt       n, cells;
  size_t         room = 0;

  PetscFunctionBegin;
  PetscCall(PetscObjectGetComm((PetscObject)pc, &comm));
  if (pc->pmat) PetscCall(PetscObjectQuery((PetscObject)pc->pmat, OperatorKey, (PetscObject *)&c));
  if (!c && pc->mat) PetscCall(PetscObjectQuery((PetscObject)pc->mat, OperatorKey, (PetscObject *)&c));
  PetscCheck(c, comm, PETSC_ERR_SUP,
             "-pc_type fft: this operator has no eigenvalues known to it (variable coefficients of the derivatives, or "
             "boundaries that are neither periodic nor of a parity); use mg or gmres");
  PetscCall(PetscContainerGetPointer(c, (void **)&op));
  PetscCall(MatGetLocalSize(pc->pmat, &n, NULL));
  cells = op->grid->n[0] * op->grid->nj * op->grid->nk;
  PetscCheck(n == cells * op->fields, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "PC fft: vectors of %" PetscInt_FMT " entries, the grid has %" PetscInt_FMT " cells here", n, cells);
  p->op   = *op;
  p->mean = 0.0;
  if (op->shift_field) {
    PetscInt    size;
    PetscScalar sum;

    PetscCall(VecSum(op->shift_field, &sum));
    PetscCall(VecGetSize(op->shift_field, &size));
    p->mean = PetscRealPart(sum) / size;
  }
  for (PetscInt i = 0; i < (op->own_kinds ? op->fields : 1); i++) {
    PetscCall(Eigenvalues(p, op->own_kinds ? op->field_kind[i] : op->kind, &p->part[i]));
    room = PetscMax(room, p->part[i].fft->doubles);
  }
  PetscCall(AeFFTDestroyBuffer(&p->u));
  PetscCall(AeSpectralAlloc(room, &p->u));
  PetscFunctionReturn(0);
}

/* A row of modes over its eigenvalues; those of the null space to 0. */
static void DivideRow(void *ctx, PetscInt my, PetscInt mz, double *restrict row)
{
  const Part     *p    = ctx;
  const PetscReal rest = p->symbol[1][my] + p->symbol[2][mz] + p->shift, scale = p->fft->scale,
                  zero = p->zero, *restrict sx = p->symbol[0];
  const PetscInt n = p->fft->m[0];

  if (p->fft->is_complex)
    for (PetscInt m = 0; m < n; m++) {
      const PetscReal lambda = sx[m] + rest, q = PetscAbsReal(lambda) > zero ? scale / lambda : 0.0;
      row[2 * m] *= q;
      row[2 * m + 1] *= q;
    }
  else
    for (PetscInt m = 0; m < n; m++) {
      const PetscReal lambda = sx[m] + rest;
      row[m] *= PetscAbsReal(lambda) > zero ? scale / lambda : 0.0;
    }
}

/* One room, as large as the largest transform needs it, serves the fields one after the other. */
static PetscErrorCode PCApply_FFT(PC pc, Vec x, Vec y)
{
  PC_FFT         *p     = (PC_FFT *)pc->data;
  const AeGrid    g     = p->op.grid;
  const ptrdiff_t pitch = g->n[0], plane = pitch * g->nj, block = plane * g->nk;
  const double   *from;
  double         *to;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(x, &from));
  PetscCall(VecGetArrayWrite(y, &to));
  for (PetscInt c = 0; c < p->op.fields; c++) {
    Part *part = &p->part[p->op.own_kinds ? c : 0];

    PetscCall(AeFFTFilter(part->fft, g, from + c * block, to + c * block, pitch, plane, p->u, DivideRow, part));
  }
  PetscCall(VecRestoreArrayWrite(y, &to));
  PetscCall(VecRestoreArrayRead(x, &from));
  PetscCall(PetscLogFlops(6.0 * p->op.fields * p->part[0].fft->mn * p->part[0].fft->inner * p->part[0].fft->m[0]));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCSetFromOptions_FFT(PC pc, PetscOptionItems *PetscOptionsObject)
{
  PC_FFT *p = (PC_FFT *)pc->data;

  PetscFunctionBegin;
  PetscOptionsHeadBegin(PetscOptionsObject, "PC fft");
  PetscCall(AeOptChoice("-pc_fft_symbol", "eigenvalues to divide by: of the difference operator, or k^2", "", Symbols, 2,
                        &p->continuous, NULL));
  PetscOptionsHeadEnd();
  PetscFunctionReturn(0);
}

/* Before the first set-up there is no transform to tell of. */
static PetscErrorCode PCView_FFT(PC pc, PetscViewer viewer)
{
  static const char *const names[] = {"periodic", "even", "odd", "even|odd", "odd|even"};
  PC_FFT                  *p       = (PC_FFT *)pc->data;
  PetscBool                ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (!ascii || !p->part[0].fft) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < (p->op.own_kinds ? p->op.fields : 1); i++) {
    const AeFFT f = p->part[i].fft;
    PetscCall(PetscViewerASCIIPrintf(viewer, "  %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT ", %s %s %s; %s\n",
                                     f->n[0], f->n[1], f->n[2], names[f->kind[0]], names[f->kind[1]], names[f->kind[2]],
                                     f->moves ? "rows redistributed" : "no redistribution"));
  }
  if (p->continuous || !p->op.order) PetscCall(PetscViewerASCIIPrintf(viewer, "  k^2"));
  else PetscCall(PetscViewerASCIIPrintf(viewer, "  differences of order %" PetscInt_FMT, p->op.order));
  PetscCall(
    PetscViewerASCIIPrintf(viewer, ", shift %g%s\n", (double)(p->op.shift + p->mean), p->op.shift_field ? " (with a mean)" : ""));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCDestroy_FFT(PC pc)
{
  PetscFunctionBegin;
  PetscCall(PCReset_FFT(pc));
  PetscCall(PetscFree(pc->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode PCCreate_FFT(PC pc)
{
  PC_FFT *p;

  PetscFunctionBegin;
  PetscCall(PetscNew(&p));
  pc->data                = p;
  pc->ops->setup          = PCSetUp_FFT;
  pc->ops->apply          = PCApply_FFT;
  pc->ops->applytranspose = PCApply_FFT; /* symmetric */
  pc->ops->setfromoptions = PCSetFromOptions_FFT;
  pc->ops->view           = PCView_FFT;
  pc->ops->reset          = PCReset_FFT;
  pc->ops->destroy        = PCDestroy_FFT;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSpectralRegister(void)
{
  PetscFunctionBegin;
  PetscCall(AeSpectralEvents());
  PetscCall(PCRegister(AE_PC_FFT, PCCreate_FFT));
  PetscFunctionReturn(0);
}
