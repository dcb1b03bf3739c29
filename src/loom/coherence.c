/*
  What the loom leaves to the memory, tier 2: a row of each tick for growth rates, and snapshots of the modes, from which follows
  for how long an octave's phases stay what they were.

  Lag 1 is the tick before, in full (spectrum.c). At every eighth tick the modes are kept in half precision, a scale a row of
  x-modes; two, four and eight ticks later they are compared with those of then:
    C_o(lag) = |sum qh conj(ph)| / (||qh|| ||ph||)
  What halving may have lost is summed by octave too; a lag counts while that is below a hundredth of the octave's energy. The
  coherence time is the lag at which C falls to 1/e, ln C taken as linear between lags; infinite where it has not fallen so far at
  the longest, NaN where no lag is known. It is of the newest comparison at each lag, at lag 8 up to seven ticks old.
*/
#include "loom_private.h"

enum { PERIOD = 2 << (LAGS - 1) };

/* The lag of a tick: 0, 1, 2 for two, four, eight ticks after a snapshot, else -1. */
static int LagOf(PetscInt64 tick)
{
  const int since = (int)(tick % PERIOD);

  return since == 2 ? 0 : since == 4 ? 1 : since == 0 ? 2 : -1;
}

static size_t Modes(AeFFT f) { return (size_t)f->mn * (size_t)f->inner * (size_t)f->mpitch; }

/* Bytes of a snapshot on this rank. */
static size_t Size(AeLoom loom, const Watched *w)
{
  size_t n = sizeof(Snapshot);

  for (PetscInt c = 0; c < w->info.components; c++) {
    AeFFT f = loom->kinds[w->kind[c]].fft;
    n += AeHalfBytes(Modes(f), (size_t)f->mpitch);
  }
  return (n + 7) / 8 * 8;
}

PetscErrorCode AeLoomSetMemory(AeLoom loom, AeMemory memory, PetscInt box)
{
  PetscFunctionBegin;
  PetscCheck(!loom->setup, loom->grid->comm, PETSC_ERR_ORDER, "The loom is set up");
  loom->memory = memory;
  if (box) PetscCall(PetscSNPrintf(loom->box, sizeof loom->box, " box %" PetscInt_FMT, box));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomCoherenceSetUp(AeLoom loom)
{
  size_t modes = 0, bytes = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < loom->n; i++) {
    Watched *w = &loom->w[i];

    for (int o = 0; o < AE_OCTAVES; o++) w->coherence[o] = NAN;
    if (!loom->memory) continue;
    for (PetscInt c = 0; c < w->info.components; c++) modes = PetscMax(modes, Modes(loom->kinds[w->kind[c]].fft));
    bytes            = PetscMax(bytes, Size(loom, w));
    w->snapshot_size = (PetscInt64)Size(loom, w);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &w->snapshot_size, 1, MPIU_INT64, MPI_SUM, loom->grid->comm));
  }
  if (loom->memory) PetscCall(PetscMalloc2(modes + 8, &loom->lagged, bytes, &loom->packed)); /* sums read a little further */
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomCoherenceDestroy(AeLoom loom)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(loom->lagged, loom->packed));
  PetscFunctionReturn(0);
}

/* The modes of now against the snapshot in loom->packed. */
static void Compare(AeLoom loom, const Watched *w, PetscReal re[], PetscReal im[])
{
  const char *at = loom->packed + sizeof(Snapshot);

  for (PetscInt c = 0; c < w->info.components; c++) {
    const Kind  *K = &loom->kinds[w->kind[c]];
    const size_t n = Modes(K->fft), tile = (size_t)K->fft->mpitch;
    PetscReal    sums[CLASSES + 1][SUMS] = {{0}};

    AeHalfUnpack(at, n, tile, loom->lagged);
    at += AeHalfBytes(n, tile);
    if (loom->o.precision == AE_LOOM_SINGLE) {
      for (size_t i = 0; i < n; i++) ((float *)loom->rate)[i] = (float)loom->lagged[i];
      AeLoomSumsSingle(K, w->old[c], NULL, loom->rate, sums);
    } else AeLoomSumsDouble(K, w->old[c], NULL, loom->lagged, sums);
    for (int class = 0; class < CLASSES; class ++) {
      const int o = class % OCTAVES1;

      if (o == BELOW) continue;
      re[o] += sums[class][SUM_CRE] / loom->window_square;
      im[o] += sums[class][SUM_CIM] / loom->window_square;
    }
  }
}

/* What halves of a component may have lost where they are so far below the largest of their row, 2^e, that they have no
   leading digit: at most 2^(e-25) a number. */
static void Lost(AeLoom loom, const Kind *K, const int16_t e[], PetscReal lost[])
{
  AeFFT f = K->fft;

  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      const PetscInt row = a * f->inner + b;
      PetscInt       my, mz, x = 0;
      PetscReal      w;

      AeFFTRow(f, a, b, &my, &mz);
      w = K->norm * K->weight[1][my] * K->weight[2][mz] * ldexp(f->is_complex ? 2.0 : 1.0, 2 * e[row] - 50) / loom->window_square;
      for (const Run *run = K->runs + K->first[row]; run < K->runs + K->first[row + 1]; run++) {
        const int o = run->class % OCTAVES1;

        if (run->class != NO_CLASS && o != BELOW) lost[o] += w * K->weight[0][x] * (run->end - x);
        x = run->end;
      }
    }
}

/* The modes of now into loom->packed, and what that loses; false if they are not all finite. */
static PetscBool Halve(AeLoom loom, const Watched *w, PetscReal lost[])
{
  char *at = loom->packed + sizeof(Snapshot);

  for (PetscInt c = 0; c < w->info.components; c++) {
    const Kind   *K = &loom->kinds[w->kind[c]];
    const size_t  n = Modes(K->fft), tile = (size_t)K->fft->mpitch;
    const double *q = w->old[c];
    PetscReal     bound;

    if (loom->o.precision == AE_LOOM_SINGLE) {
      for (size_t i = 0; i < n; i++) loom->lagged[i] = ((const float *)w->old[c])[i];
      q = loom->lagged;
    }
    if (!AeHalfPack(q, n, tile, at, &bound)) return PETSC_FALSE;
    Lost(loom, K, (const int16_t *)(void *)at, lost);
    at += AeHalfBytes(n, tile);
  }
  return PETSC_TRUE;
}

/* Where C(span) falls to 1/e; spans are in order. */
static PetscReal Fall(int n, const PetscReal span[], const PetscReal C[])
{
  PetscReal t = 0, y = 0; /* ln C */

  for (int i = 0; i < n; i++) {
    const PetscReal z = PetscLogReal(PetscMax(C[i], 1e-300));

    if (z <= -1.0) return t + (span[i] - t) * (y + 1.0) / (y - z);
    t = span[i];
    y = z;
  }
  return n ? INFINITY : NAN;
}

static void CoherenceTimes(Watched *w)
{
  for (int o = 0; o < AE_OCTAVES; o++) {
    PetscReal span[LAGS + 1] = {0}, C[LAGS + 1] = {0};
    int       n = 0;

    for (int l = -1; l < LAGS; l++) {
      const PetscReal x = l < 0 ? w->now.span : w->snapshot.span[l];
      int             i = n;

      if (!(x > 0) || !(w->now.s.E[o] > 0) || (l < 0 ? !w->now.s.compared : w->snapshot.C[l][o] < 0)) continue;
      for (; i > 0 && span[i - 1] > x; i--) span[i] = span[i - 1], C[i] = C[i - 1]; /* after skipped ticks */
      span[i] = x;
      C[i]    = l < 0 ? w->now.s.C[o] : w->snapshot.C[l][o];
      n++;
    }
    w->coherence[o] = Fall(n, span, C);
  }
}

/* What the comparison with a snapshot says of the octaves. */
static void Correlate(Watched *w, int lag, PetscReal t, const PetscReal re[], const PetscReal im[])
{
  Snapshot *S = &w->snapshot;

  S->span[lag] = t - S->t;
  for (int o = 0; o < AE_OCTAVES; o++)
    S->C[lag][o] = w->now.s.E[o] > 0 && S->E[o] > 0 && S->lost[o] <= 0.01 * S->E[o]
                     ? PetscSqrtReal(re[o] * re[o] + im[o] * im[o]) / PetscSqrtReal(w->now.s.E[o] * S->E[o])
                     : -1.0;
}

/* A snapshot that is due is served, compared, and put back with what came out, or the one of now in its place. The first call
   finds what a run that is continued has left. One sum over the ranks. */
static PetscErrorCode Coherence(AeLoom loom, Watched *w, PetscReal t)
{
  struct {
    PetscReal re[AE_OCTAVES], im[AE_OCTAVES], lost[AE_OCTAVES], bad;
  } sum               = {.bad = 0};
  const PetscReal N   = (PetscReal)loom->grid->n[0] * loom->grid->n[1] * loom->grid->n[2];
  const int       lag = LagOf(loom->now.ticks);
  Snapshot       *S   = &w->snapshot;
  char            key[AE_MEM_KEY];
  AeMemItem       item = {.key   = key,
                          .tier  = 2,
                          .tile  = AE_MEM_SHARE,
                          .data  = loom->packed,
                          .local = Size(loom, w),
                          .bytes = w->snapshot_size,
                          .cost  = (loom->band ? 8.0 : 2.5 * PetscLog2Real(N)) * N * w->info.components};
  PetscBool       got, stored;

  PetscFunctionBegin;
  if (lag < 0 && w->snapshot_known) PetscFunctionReturn(0);
  snprintf(key, sizeof key, "modes %s%s", w->info.name, loom->box);
  PetscCall(AeMemoryGet(loom->memory, key, 0, loom->packed, item.local, &got, NULL));
  if (!got) *S = (Snapshot){.t = t};
  else if (!w->snapshot_known) memcpy(S, loom->packed, sizeof *S);
  w->snapshot_known = PETSC_TRUE;
  if (lag < 0) PetscFunctionReturn(0);
  if (got) Compare(loom, w, sum.re, sum.im);
  if (lag == LAGS - 1) sum.bad = !Halve(loom, w, sum.lost);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sum, sizeof sum / sizeof(PetscReal), MPIU_REAL, MPI_SUM, loom->grid->comm));
  if (got) Correlate(w, lag, t, sum.re, sum.im);
  if (sum.bad != 0 || (!got && lag < LAGS - 1)) PetscFunctionReturn(0);
  if (lag == LAGS - 1) {
    S->t = t;
    memcpy(S->E, w->now.s.E, sizeof S->E);
    for (int o = 0; o < AE_OCTAVES; o++) S->lost[o] = sum.lost[o] + 0x1p-24 * 1.001 * S->E[o]; /* and of their last digit */
  }
  memcpy(loom->packed, S, sizeof *S);
  PetscCall(AeMemoryPut(loom->memory, &item, &stored));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomRemember(AeLoom loom, Watched *w, PetscReal t)
{
  const PetscReal N = (PetscReal)loom->grid->n[0] * loom->grid->n[1] * loom->grid->n[2];
  PetscReal       row[2 * AE_OCTAVES + 1];
  char            key[AE_MEM_KEY];

  PetscFunctionBegin;
  if (!loom->memory) PetscFunctionReturn(0);
  PetscCall(Coherence(loom, w, t));
  CoherenceTimes(w);
  memcpy(row, w->now.s.E, sizeof w->now.s.E);
  memcpy(row + AE_OCTAVES, w->now.s.omega, sizeof w->now.s.omega);
  row[2 * AE_OCTAVES] = w->now.s.tail;
  snprintf(key, sizeof key, "ticks %s%s", w->info.name, loom->box);
  PetscCall(AeMemoryAppend(loom->memory, key, t, 2 * AE_OCTAVES + 1, row, 2.5 * PetscLog2Real(N) * N * w->info.components));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomGrowth(AeLoom loom, PetscInt i, PetscInt octave, PetscReal *rate, PetscInt *rows)
{
  char key[AE_MEM_KEY];

  PetscFunctionBegin;
  *rate = 0;
  *rows = 0;
  snprintf(key, sizeof key, "ticks %s%s", loom->w[i].info.name, loom->box);
  if (loom->memory) PetscCall(AeMemoryGrowth(loom->memory, key, octave, AE_MEM_ROWS, rate, rows));
  PetscFunctionReturn(0);
}

const PetscReal *AeLoomCoherence(AeLoom loom, PetscInt i) { return loom->w[i].coherence; }
