/*
  The gate: rounding with hysteresis, when transforms are skipped and when not, a travelling pulse.  ranks: 1 2
*/
#include "loom_test.h"
#include "tap.h"

static void TestRound(void)
{
  double worst = 0, above = 0;
  int    moved = 0;

  for (int i = 0; i < 2000; i++) {
    const double x = exp(0.037 * i - 30), y = AeLoomRound(x, 0);

    worst = PetscMax(worst, (x - y) / x);
    above = PetscMax(above, (y - x) / x);
    if (AeLoomRound(y * (1 + 0.9e-3 * cos(i)), y) != y) moved++;
  }
  TapBelow(worst, 0x1p-10, "rounded down by at most 2^-10");
  TapBelow(above, 0, "  and never up");
  TapTrue(!moved, "a change below 2^-10 does not move a rounded value");
  TapNear(AeLoomRound(1.01, 1.0), 1.0 + floor(0.01 * 1024) / 1024, 0, "a larger one does");
  TapTrue(isnan(AeLoomRound(NAN, 1)) && AeLoomRound(0, 1) == 0, "NaN and zero stay");
}

/* A pulse exp(-(x - t)^2/w^2) on a periodic line of length 1, as a box, with a high mode of amplitude `mode` exp(growth t) at
   28 of 32 waves; its rate; proxies as an evolution has them. */
typedef struct {
  AeGrid    g;
  AeLoom    loom;
  double   *q, *r;
  PetscReal width, pace, mode, growth;
} Pulse;

static PetscErrorCode PulseOpen(const char gate[], Pulse *p)
{
  const PetscInt n[3] = {64, 8, 8};
  AeLoomField    f    = {.name = "q", .components = 1, .noise = 1, .parity = {{1, 1, 1}}};
  PetscInt       index;

  PetscFunctionBegin;
  PetscCall(PetscOptionsSetValue(NULL, "-loom_gate", gate));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &p->g));
  PetscCall(AeGridSetSizes(p->g, n));
  PetscCall(AeGridSetLength(p->g, 0, 1.0));
  PetscCall(AeGridSetUp(p->g));
  PetscCall(LoomNow(p->g, &p->loom));
  PetscCall(AeLoomWatch(p->loom, &f, &index));
  PetscCall(AeLoomSetUp(p->loom));
  PetscCall(PetscMalloc2(64 * p->g->nj * p->g->nk, &p->q, 64 * p->g->nj * p->g->nk, &p->r));
  PetscFunctionReturn(0);
}

static PetscErrorCode PulseClose(Pulse *p)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(p->q, p->r));
  PetscCall(AeLoomDestroy(&p->loom));
  PetscCall(AeGridDestroy(&p->g));
  PetscFunctionReturn(0);
}

/* The state at t; largest |rate| and root mean square: proxies that belong to it. */
static void PulseAt(Pulse *p, PetscReal t, PetscReal proxy[2])
{
  PetscReal square = 0;

  proxy[0] = 0;
  for (int i = 0; i < 64; i++) {
    const PetscReal w = p->width * exp(-p->pace * t), k = 28 * 2 * PETSC_PI, a = p->mode * exp(p->growth * t);
    PetscReal       x = (i + 0.5) / 64 - t, q, r;

    x -= floor(x) + 0.5;
    q = exp(-x * x / (w * w));
    r = 2 * x / (w * w) * q - 2 * p->pace * x * x / (w * w) * q;
    q += a * cos(k * ((i + 0.5) / 64 - t));
    r += a * p->growth * cos(k * ((i + 0.5) / 64 - t)) + a * k * sin(k * ((i + 0.5) / 64 - t));
    for (PetscInt row = 0; row < p->g->nj * p->g->nk; row++) p->q[row * 64 + i] = q, p->r[row * 64 + i] = r;
    proxy[0] = PetscMax(proxy[0], fabs(r));
    square += q * q / 64;
  }
  proxy[1] = sqrt(square);
}

/* `ticks` ticks, dt apart; D_max after each of them. */
static PetscErrorCode PulseRun(Pulse *p, int ticks, PetscReal dt, PetscReal D[], PetscBool skipped[], PetscInt64 *ffts)
{
  PetscInt64 count[2];

  PetscFunctionBegin;
  for (int i = 0; i < ticks; i++) {
    PetscReal         v[2];
    const AeLoomInput in   = {.q = {p->q}, .r = {p->r}, .pitch = 64, .plane = 64 * p->g->nj};
    const AeLoomStep  step = {.t = i * dt, .dt = dt, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
    PetscBool         trip, needed;
    const char       *why;

    PulseAt(p, i * dt, v);
    PetscCall(AeLoomProxies(p->loom, 2, (AeLoomProxy[]){{v[0] * dt, 1e-12, 0.05}, {v[1], 1e-12, 0.05}}, &trip));
    PetscCall(AeLoomGate(p->loom, &needed, &why));
    if (needed || trip) PetscCall(AeLoomTick(p->loom, &in, &step));
    else PetscCall(AeLoomSkip(p->loom));
    D[i] = AeLoomDmax(p->loom, NULL);
    if (skipped) skipped[i] = (PetscBool) !(needed || trip);
  }
  AeLoomCounts(p->loom, &count[0], &count[1], ffts);
  PetscFunctionReturn(0);
}

enum { TICKS = 120 };

/* The same run with the gate and without: the largest relative difference of D_max where it is above `least`, the ratio of
   transforms. */
static PetscErrorCode Compare(PetscReal width, PetscReal pace, PetscReal mode, PetscReal growth, PetscReal least,
                              PetscReal *worst, PetscReal *ratio, PetscReal D[TICKS])
{
  PetscReal  gated[TICKS];
  PetscInt64 ffts[2];
  Pulse      p = {.width = width, .pace = pace, .mode = mode, .growth = growth};

  PetscFunctionBegin;
  PetscCall(PulseOpen("0", &p));
  PetscCall(PulseRun(&p, TICKS, 0.0093, D, NULL, &ffts[0]));
  PetscCall(PulseClose(&p));
  PetscCall(PulseOpen("1", &p));
  PetscCall(PulseRun(&p, TICKS, 0.0093, gated, NULL, &ffts[1]));
  PetscCall(PulseClose(&p));
  *worst = 0;
  for (int i = 0; i < TICKS; i++)
    if (D[i] > least) *worst = PetscMax(*worst, fabs(gated[i] / D[i] - 1));
  *ratio = (PetscReal)ffts[0] / (PetscReal)ffts[1];
  PetscFunctionReturn(0);
}

static PetscErrorCode TestPulse(void)
{
  PetscReal worst, ratio, D[TICKS];

  PetscFunctionBegin;
  PetscCall(Compare(0.035, 0, 0, 0, 0, &worst, &ratio, D));
  TapBelow(worst, 0.1, "travelling pulse: D_max with the gate is that without to 10 % at every tick");
  TapAbove(ratio, 4, "  and four times fewer transforms do");
  TapTrue(D[TICKS - 1] > 1e-6 && D[TICKS - 1] < 1e-1, "  where the tail is not empty");
  PetscCall(Compare(0.045, 0.05, 0, 0, 0, &worst, &ratio, D));
  TapBelow(worst, 0.1, "a pulse that becomes steeper");
  TapAbove(D[TICKS - 1] / D[0], 2, "  so that D_max grows");
  TapAbove(ratio, 1, "  costs no more than without a gate");
  PetscCall(Compare(0.08, 0, 1e-3, 3, 0, &worst, &ratio, D));
  TapBelow(worst, 0.1, "a high mode that grows beneath a pulse");
  TapAbove(D[TICKS - 1] / D[0], 100, "  by two decades of energy");
  /* From nothing, by 1.25 of energy a tick: an empty tail, below 2^-30, may be seen AE_LOOM_SKIPS + 1 ticks late, at 6 times
     that. */
  PetscCall(Compare(0.08, 0, 1e-7, 12, 6 * 0x1p-30, &worst, &ratio, D));
  TapBelow(worst, 0.1, "a mode that grows from nothing, once there");
  TapTrue(D[0] < 0x1p-30 && D[TICKS - 1] > 1e-3, "  which it was not, and is");
  TapTrue(ratio > 1, "  and transforms are skipped before");
  PetscFunctionReturn(0);
}

/* A mode that is all there is, growing by g from tick to tick: its proxies do, too. */
static PetscErrorCode TestGrowth(void)
{
  static const PetscReal rate[] = {0.06, 0.3, 1.0};

  PetscFunctionBegin;
  for (int i = 0; i < 3; i++) {
    Pulse     p     = {.width = 0.1};
    PetscInt  skips = 0;
    PetscReal x     = 1;

    PetscCall(PulseOpen("1", &p));
    for (int t = 0; t < 40; t++, x *= 1 + rate[i]) {
      const AeLoomInput in   = {.q = {p.q}, .r = {p.r}, .pitch = 64, .plane = 64 * p.g->nj};
      const AeLoomStep  step = {.t = t, .dt = 1, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
      PetscReal         v[2];
      PetscBool         trip, needed;
      const char       *why;

      PulseAt(&p, 0, v);
      PetscCall(AeLoomProxies(p.loom, 1, &(AeLoomProxy){v[0] * x, 1e-12, 0.05}, &trip));
      PetscCall(AeLoomGate(p.loom, &needed, &why));
      if (needed || trip) PetscCall(AeLoomTick(p.loom, &in, &step));
      else {
        skips++;
        PetscCall(AeLoomSkip(p.loom));
      }
      if (t == 1 && i == 2) TapTrue(trip, "a proxy that doubles asks for a tick at once");
    }
    TapNear(skips, 0, 0, rate[i] < 0.1 ? "nothing is skipped while a proxy grows by 6 % a tick" : "  nor with faster growth");
    PetscCall(PulseClose(&p));
  }
  {
    Pulse      p = {.width = 0.1};
    PetscReal  D[TICKS];
    PetscBool  skipped[TICKS];
    PetscInt64 ffts;
    int        longest = 0, run = 0;

    PetscCall(PulseOpen("1", &p));
    PetscCall(PulseRun(&p, TICKS, 0.0, D, skipped, &ffts)); /* nothing moves */
    for (int i = 0; i < TICKS; i++) {
      run     = skipped[i] ? run + 1 : 0;
      longest = PetscMax(longest, run);
    }
    TapNear(longest, AE_LOOM_SKIPS, 0, "where nothing moves the longest rest is AE_LOOM_SKIPS ticks");
    PetscCall(PulseClose(&p));
  }
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  PetscCall(AeSpectralRegister());
  TestRound();
  PetscCall(TestPulse());
  PetscCall(TestGrowth());
  {
    const int status = TapDone();
    PetscCall(AeonicFinalize());
    return status;
  }
}
