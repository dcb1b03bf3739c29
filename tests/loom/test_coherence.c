/* Coherence times and growth rates of waves that beat: |sum qh conj(ph)| of two waves of one size in an octave, with angular
   rates that differ by d, is |cos(d lag/2)| of the norms.  ranks: 1 2 3 */
#include <aeonic/audit.h>
#include <aeonic/loom.h>
#include <string.h>
#include "tap.h"
#include "loom_test.h"

enum { N = 32, WAVES = 6 };
#define DT    0.1
#define BEAT2 7.0 /* falls to 1/e between 2 and 4 ticks */
#define BEAT3 3.3 /* ... between 4 and 8 */

typedef struct {
  AeGrid      g;
  AeMemory    memory;
  AeLoom      loom;
  AeClockTime now;
  double     *q;
} Box;

static PetscErrorCode Open(const char precision[], Box *b)
{
  const AeLoomField f = {.name = "q", .components = 1, .noise = 1e-3, .parity = {{1, 1, 1}}};
  PetscInt          index;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(b, sizeof *b));
  PetscCall(PetscOptionsSetValue(NULL, "-loom_precision", precision));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &b->g));
  PetscCall(AeGridSetSizes(b->g, (PetscInt[3]){N, 8, 6}));
  PetscCall(AeGridSetLength(b->g, 0, 1.7));
  PetscCall(AeGridSetBoundary(b->g, AE_BC_PERIODIC));
  PetscCall(AeGridSetGhost(b->g, 2));
  PetscCall(AeGridSetUp(b->g));
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &b->memory));
  PetscCall(LoomNow(b->g, &b->loom));
  PetscCall(AeLoomSetMemory(b->loom, b->memory, 0));
  PetscCall(AeLoomWatch(b->loom, &f, &index));
  PetscCall(AeLoomSetUp(b->loom));
  PetscCall(PetscMalloc1((size_t)N * b->g->nj * b->g->nk, &b->q));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Box *b)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(b->q));
  PetscCall(AeLoomDestroy(&b->loom));
  PetscCall(AeMemoryDestroy(&b->memory));
  PetscCall(AeGridDestroy(&b->g));
  PetscFunctionReturn(0);
}

/* One wave in octave 1, which grows; two in octave 2, two in octave 3 and, of a ten-millionth, one more in octave 0 of the same
   row. */
static PetscErrorCode Tick(Box *b, int i)
{
  static const PetscReal k[WAVES] = {2, 4, 5, 8, 9, 1}, a[WAVES] = {1, 1, 1, 1, 1, 1e-7},
                         omega[WAVES] = {2, 1, 1 + BEAT2, -3, -3 + BEAT3, 1};
  const PetscReal t                   = i * DT;
  AeLoomInput     in                  = {.q = {b->q}, .pitch = N, .plane = (ptrdiff_t)N * b->g->nj};
  AeLoomStep      step                = {.t = t, .dt = DT, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
  double         *q                   = b->q;

  PetscFunctionBegin;
  for (PetscInt jk = 0; jk < b->g->nj * b->g->nk; jk++)
    for (PetscInt x = 0; x < N; x++, q++) {
      *q = 0;
      for (int w = 0; w < WAVES; w++)
        *q += a[w] * (w ? 1 : exp(0.25 * t)) * cos(2 * PETSC_PI * k[w] * ((PetscReal)x + 0.5) / N - omega[w] * t + w);
    }
  b->now.loom = i + 1;
  PetscCall(AeMemoryNow(b->memory, &b->now));
  PetscCall(AeLoomTick(b->loom, &in, &step));
  PetscFunctionReturn(0);
}

/* By the rule, from the coherence of the two waves; *error: what halving may do to it, 2^-11 to a coherence. */
static PetscReal Expected(PetscReal beat, PetscReal *error)
{
  PetscReal t = 0, y = 0;

  for (int lag = 1; lag <= 8; lag *= 2) {
    const PetscReal C = fabs(cos(0.5 * beat * lag * DT)), z = log(C);

    if (z <= -1) {
      *error = 2 * 0x1p-11 / C * (lag * DT - t) / (y - z);
      return t + (lag * DT - t) * (y + 1) / (y - z);
    }
    t = lag * DT;
    y = z;
  }
  return INFINITY;
}

static PetscErrorCode Beats(const char precision[])
{
  Box              b;
  PetscReal        error[2] = {0}, want[2] = {Expected(BEAT2, &error[0]), Expected(BEAT3, &error[1])}, rate;
  const PetscReal *C;
  PetscInt         rows;
  AeMemStats       s;
  char             text[128];

  PetscFunctionBegin;
  PetscCall(Open(precision, &b));
  C = AeLoomCoherence(b.loom, 0);
  PetscCall(Tick(&b, 0));
  TapTrue(isnan(C[1]) && isnan(C[2]), "one tick: no lag is known");
  PetscCall(Tick(&b, 1));
  TapTrue(isinf(C[1]) && isinf(C[2]) && isinf(C[3]), "two ticks: not fallen at lag 1");
  for (int i = 2; i < 17; i++) PetscCall(Tick(&b, i));
  (void)snprintf(text, sizeof text, "%s: two waves that beat, 1/e between lags 2 and 4", precision);
  TapNear(C[2], want[0], error[0], text);
  TapNear(C[3], want[1], error[1], "  between lags 4 and 8");
  TapTrue(isinf(C[1]), "  one wave stays coherent with itself");
  TapTrue(isnan(C[5]), "  where nothing is nothing is known");
  TapTrue(isinf(C[0]), "  of what halving loses only lag 1 is believed");
  PetscCall(AeLoomGrowth(b.loom, 0, 1, &rate, &rows));
  TapTrue(rows == 17, "rows of all ticks");
  /* energies of 1 to within the precision of their modes, over a span of 1.6: the slope errs by less than ten times that */
  TapNear(rate, 0.5, precision[0] == 's' ? 1e-5 : 1e-12, "the growth rate of an octave's energy");
  PetscCall(AeMemoryStats(b.memory, 2, &s));
  TapTrue(s.hits == 2 + 2 + 2 + 1, "each snapshot that was due was served, and the rows");
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

/* Packed after tick 10 and continued: the same numbers. */
static PetscErrorCode Continued(void)
{
  Box              a, b;
  void            *data[2];
  size_t           n[2];
  const PetscReal *x, *y;
  int              bad = 0;

  PetscFunctionBegin;
  PetscCall(Open("double", &a));
  PetscCall(Open("double", &b));
  for (int i = 0; i < 11; i++) PetscCall(Tick(&a, i));
  PetscCall(AeLoomPack(a.loom, &data[0], &n[0]));
  PetscCall(AeMemoryPack(a.memory, &data[1], &n[1]));
  for (int k = 0; k < 2; k++) {
    PetscCallMPI(MPI_Bcast(&n[k], sizeof n[k], MPI_BYTE, 0, PETSC_COMM_WORLD));
    if (!data[k]) PetscCall(PetscMalloc(n[k], &data[k]));
    PetscCallMPI(MPI_Bcast(data[k], (PetscMPIInt)n[k], MPI_BYTE, 0, PETSC_COMM_WORLD));
  }
  b.now = a.now;
  PetscCall(AeMemoryNow(b.memory, &b.now));
  PetscCall(AeMemoryUnpack(b.memory, data[1], n[1]));
  PetscCall(AeLoomUnpack(b.loom, data[0], n[0]));
  x = AeLoomCoherence(a.loom, 0);
  y = AeLoomCoherence(b.loom, 0);
  for (int i = 11; i < 19; i++) {
    PetscCall(Tick(&a, i));
    PetscCall(Tick(&b, i));
    for (int o = 0; o < 4; o++) bad += memcmp(&x[o], &y[o], sizeof *x) != 0;
  }
  TapBelow(bad, 0, "packed and continued: the same times, at every tick");
  for (int k = 0; k < 2; k++) PetscCall(PetscFree(data[k]));
  PetscCall(Close(&a));
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(PetscOptionsSetValue(NULL, "-fft_rigor", "estimate"));
  PetscCall(Beats("double"));
  PetscCall(Beats("single"));
  PetscCall(Continued());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
