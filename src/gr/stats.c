/*
  Statistics of a sweep: rows are reduced where they were computed, ranks once a step.
*/
#include "gr_private.h"

static AE_EVENT(ReduceEvent, "AeReduce");

/* A candidate comes after every stage of its step, whatever their number. */
static const double NEG_CANDIDATE = -(double)PETSC_MAX_INT;

PetscErrorCode AeGRBeginStep(AeGR gr)
{
  PetscFunctionBegin;
  for (PetscInt p = 0; p < gr->npatches; p++) {
    AePatch P = gr->patches[p];

    for (int m = 0; m < MAX_COUNT; m++) P->tally.max[m] = -PETSC_INFINITY;
    for (int m = 0; m < SUM_COUNT; m++) AeSumZero(&P->tally.sum[m]);
    P->sweep = AE_SWEEP_FIRST;
    P->stage = 0;
  }
  PetscFunctionReturn(0);
}

/* The largest of sign * x, or of |x| with sign 0; eight running maxima, which the compiler keeps in one register.
   NaN never wins: the sweep's count of non-finite cells tells of it. */
static double RowMax(const double *x, ptrdiff_t n, double sign)
{
  double    m[8] = {-PETSC_INFINITY, -PETSC_INFINITY, -PETSC_INFINITY, -PETSC_INFINITY,
                    -PETSC_INFINITY, -PETSC_INFINITY, -PETSC_INFINITY, -PETSC_INFINITY};
  ptrdiff_t i    = 0;

  for (; i + 8 <= n; i += 8)
    for (int l = 0; l < 8; l++) {
      const double v = sign == 0 ? fabs(x[i + l]) : sign * x[i + l];
      m[l]           = v > m[l] ? v : m[l];
    }
  for (; i < n; i++) {
    const double v = sign == 0 ? fabs(x[i]) : sign * x[i];
    m[0]           = v > m[0] ? v : m[0];
  }
  for (int l = 1; l < 8; l++) m[0] = m[l] > m[0] ? m[l] : m[0];
  return m[0];
}

static void Raise(double *max, double x)
{
  if (x > *max) *max = x;
}

/* Of all boxes */
static double Largest(AeGR gr, int which)
{
  double max = -PETSC_INFINITY;

  for (PetscInt p = 0; p < gr->npatches; p++) Raise(&max, gr->patches[p]->tally.max[which]);
  return max;
}

PetscErrorCode AeGRPeek(AeGR gr, PetscReal *lapse_min, PetscReal *chi_min, PetscBool *nonfinite)
{
  double m[3] = {Largest(gr, MAX_NEG_LAPSE), Largest(gr, MAX_NEG_CHI), Largest(gr, MAX_NEG_STAGE)};

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, m, 3, MPI_DOUBLE, MPI_MAX, gr->comm));
  *lapse_min = -m[0];
  *chi_min   = gr->conformal ? -m[1] : 1.0 / cbrt(m[1]);
  *nonfinite = (PetscBool)(m[2] > -PETSC_INFINITY);
  PetscFunctionReturn(0);
}

void AeGRRaise(AeGR gr, PetscInt flag) { Raise(&gr->patches[0]->tally.max[MAX_FLAG], (double)flag); }

void AeGRRowTally(AePatch P, const Z4Row *row, PetscBool evolve, PetscBool constrain)
{
  AeTally        *T = &P->tally;
  const ptrdiff_t n = row->n;
#define ROW(s) (row->stat + (s)*row->nstat)

  if (evolve) {
    const double *sum = ROW(Z4_STAT_SUM);
    PetscInt      bad = 0;

    Raise(&T->max[MAX_NEG_LAPSE], RowMax(ROW(Z4_STAT_LAPSE), n, -1.0));
    Raise(&T->max[MAX_NEG_CHI], RowMax(ROW(Z4_STAT_CHI), n, -1.0));
    Raise(&T->max[MAX_DTK], RowMax(ROW(Z4_STAT_DTK), n, 0));
    for (ptrdiff_t i = 0; i < n; i++) bad += !(sum[i] - sum[i] == 0.0);
    if (bad) {
      AeSumAdd(&T->sum[SUM_NONFINITE], (double)bad);
      Raise(&T->max[MAX_NEG_STAGE], P->sweep == AE_SWEEP_CANDIDATE ? NEG_CANDIDATE : -(double)P->stage);
    }
    if (P->sweep != AE_SWEEP_STAGE) {
      Raise(&T->max[MAX_K], RowMax(ROW(Z4_STAT_K), n, 0));
      AeSumAdd(&T->sum[SUM_K2], AeRowSumSquares(ROW(Z4_STAT_K), n));
    }
  }
  if (constrain) {
    Raise(&T->max[MAX_H], RowMax(ROW(Z4_STAT_H), n, 0));
    Raise(&T->max[MAX_M2], RowMax(ROW(Z4_STAT_M2), n, 0));
    AeSumAdd(&T->sum[SUM_H2], AeRowSumSquares(ROW(Z4_STAT_H), n));
    AeSumAdd(&T->sum[SUM_M2], AeRowSum(ROW(Z4_STAT_M2), n));
  }
#undef ROW
}

static void SetSweep(double neg_stage, AeGRStats *s)
{
  s->sweep = neg_stage == NEG_CANDIDATE ? AE_SWEEP_CANDIDATE : neg_stage == 0 ? AE_SWEEP_FIRST : AE_SWEEP_STAGE;
  s->stage = neg_stage == -PETSC_INFINITY ? -1 : s->sweep == AE_SWEEP_STAGE ? (PetscInt)-neg_stage : 0;
}

/* The largest of the boxes' own, each over its cells: in one over all cells a fine box would not be seen. Not a number wins. */
static PetscReal RootMeanSquare(AeGR gr, int which)
{
  PetscReal most = -1;

  for (PetscInt p = 0; p < gr->npatches; p++) {
    const PetscReal x = PetscSqrtReal(AeSumValue(&gr->sums[p * SUM_COUNT + which]) / gr->patches[p]->points);

    if (!(x <= most) && !PetscIsNanReal(most)) most = x;
  }
  return most;
}

PetscErrorCode AeGRReduce(AeGR gr, AeGRStats *s)
{
  double m[MAX_COUNT];

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(ReduceEvent, 0, 0, 0, 0));
  for (int i = 0; i < MAX_COUNT; i++) m[i] = Largest(gr, i);
  for (PetscInt p = 0; p < gr->npatches; p++)
    PetscCall(PetscArraycpy(gr->sums + p * SUM_COUNT, gr->patches[p]->tally.sum, SUM_COUNT));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, m, MAX_COUNT, MPI_DOUBLE, MPI_MAX, gr->comm));
  PetscCall(AeSumReduce(gr->comm, gr->npatches * SUM_COUNT, gr->sums));
  s->lapse_min = -m[MAX_NEG_LAPSE];
  s->chi_min   = gr->conformal ? -m[MAX_NEG_CHI] : 1.0 / cbrt(m[MAX_NEG_CHI]); /* from the largest det gamma */
  s->K_max     = m[MAX_K];
  s->dtK_max   = m[MAX_DTK];
  s->det_drift = m[MAX_DET];
  s->tr_drift  = m[MAX_TR];
  SetSweep(m[MAX_NEG_STAGE], s);
  s->flag      = m[MAX_FLAG] > 0 ? (PetscInt)m[MAX_FLAG] : 0;
  s->K_l2      = RootMeanSquare(gr, SUM_K2);
  s->nonfinite = 0;
  for (PetscInt p = 0; p < gr->npatches; p++) s->nonfinite += (PetscInt64)AeSumValue(&gr->sums[p * SUM_COUNT + SUM_NONFINITE]);
  s->H_l2 = s->H_linf = s->M_l2 = s->M_linf = NAN;
  if (m[MAX_H] > -1) {
    s->H_l2   = RootMeanSquare(gr, SUM_H2);
    s->H_linf = m[MAX_H];
    s->M_l2   = RootMeanSquare(gr, SUM_M2);
    s->M_linf = PetscSqrtReal(m[MAX_M2]);
  }
  PetscCall(PetscLogEventEnd(ReduceEvent, 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
