/*
  -loom_precision single beside double: differences within what the rounding of single precision gives.  ranks: 1 2 3
*/
#include "loom_test.h"
#include "tap.h"
#include <aeonic/audit.h>
#include <string.h>

/*
  A transform in single precision errs, relative to the norm of all it is given, by u = 2^-24 for the rounding of the input and u
  for each of its log2 N steps: |dq|/|q| <= delta = u (1 + log2 N). With T = |q|^2, a part E of it errs by 2 sqrt(E T) delta
  + T delta^2: its amplitude by sqrt(T) delta, that of the largest mode, whatever its own.
*/
static PetscReal Delta(const PetscInt n[3]) { return 0x1p-24 * (1 + log2((double)n[0] * n[1] * n[2])); }
static PetscReal Part(PetscReal E, PetscReal T, PetscReal delta) { return 2 * sqrt(E * T) * delta + T * delta * delta; }

typedef struct {
  AeGrid    g;
  AeLoom    loom[2]; /* double, single */
  ptrdiff_t pitch, plane;
  double   *q, *r;
} Box;

static PetscErrorCode Open(const PetscInt n[3], AeBoundary bc, int parity, const char window[], Box *b)
{
  PetscInt index;

  PetscFunctionBegin;
  PetscCall(PetscOptionsSetValue(NULL, "-loom_window", window));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &b->g));
  PetscCall(AeGridSetSizes(b->g, n));
  PetscCall(AeGridSetLength(b->g, 0, 1.7));
  PetscCall(AeGridSetBoundary(b->g, bc));
  PetscCall(AeGridSetGhost(b->g, 2));
  PetscCall(AeGridSetUp(b->g));
  for (int s = 0; s < 2; s++) {
    AeLoomField f = {.name = "q", .components = 1, .noise = 1, .parity = {{parity, parity, parity}}};

    PetscCall(PetscOptionsSetValue(NULL, "-loom_precision", s ? "single" : "double"));
    PetscCall(LoomNow(b->g, &b->loom[s]));
    PetscCall(AeLoomWatch(b->loom[s], &f, &index));
    PetscCall(AeLoomSetUp(b->loom[s]));
  }
  b->pitch = n[0] + 3; /* gaps, as in a state */
  b->plane = b->pitch * (b->g->nj + 1);
  PetscCall(PetscCalloc2(b->plane * b->g->nk, &b->q, b->plane * b->g->nk, &b->r));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Box *b)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(b->q, b->r));
  for (int s = 0; s < 2; s++) PetscCall(AeLoomDestroy(&b->loom[s]));
  PetscCall(AeGridDestroy(&b->g));
  PetscFunctionReturn(0);
}

/* A number and waves of many sizes: products of cosines (even at mirrors) or sines (odd) that oscillate. */
static void Fill(Box *b, PetscReal mean, int parity, PetscReal t)
{
  static const struct {
    int       m[3];
    PetscReal a, omega;
  } w[] = {{{2, 2, 2}, 1e-3, 2}, {{4, 2, 6}, 4e-4, 5}, {{14, 4, 2}, 1e-4, 13}, {{22, 6, 6}, 1e-6, 30}, {{30, 8, 10}, 1e-5, 60}};

  for (PetscInt k = 0; k < b->g->nk; k++)
    for (PetscInt j = 0; j < b->g->nj; j++)
      for (PetscInt i = 0; i < b->g->n[0]; i++) {
        const PetscInt cell[3] = {i, b->g->js + j, b->g->ks + k};
        double        *q = &b->q[k * b->plane + j * b->pitch + i], *r = &b->r[k * b->plane + j * b->pitch + i];

        *q = mean;
        *r = 0;
        for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(w); s++) {
          PetscReal u = w[s].a;

          for (int d = 0; d < 3; d++) {
            const PetscReal x = PETSC_PI * w[s].m[d] * ((PetscReal)cell[d] + 0.5) / (PetscReal)b->g->n[d];

            u *= parity > 0 ? cos(x) : sin(x);
          }
          *q += u * cos(w[s].omega * t + 0.3);
          *r -= u * w[s].omega * sin(w[s].omega * t + 0.3);
        }
      }
}

static PetscErrorCode Tick(Box *b, PetscReal t)
{
  const AeLoomInput in   = {.q = {b->q}, .r = {b->r}, .pitch = b->pitch, .plane = b->plane};
  const AeLoomStep  step = {.t = t, .dt = 0.01, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};

  PetscFunctionBegin;
  for (int s = 0; s < 2; s++) PetscCall(AeLoomTick(b->loom[s], &in, &step));
  PetscFunctionReturn(0);
}

/* Mean square of u - u(first cell): what is transformed where a mean is removed. */
static PetscReal Given(Box *b, const double *u)
{
  double first = b->g->js == 0 && b->g->ks == 0 ? u[0] : 0, s = 0;

  MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  for (PetscInt k = 0; k < b->g->nk; k++)
    for (PetscInt j = 0; j < b->g->nj; j++)
      for (PetscInt i = 0; i < b->g->n[0]; i++) s += PetscSqr(u[k * b->plane + j * b->pitch + i] - first);
  MPI_Allreduce(MPI_IN_PLACE, &s, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return s / ((PetscReal)b->g->n[0] * b->g->n[1] * b->g->n[2]);
}

static PetscErrorCode TestAgainstDouble(const char what[], const PetscInt n[3], AeBoundary bc, int parity, const char window[],
                                        PetscReal mean)
{
  const PetscReal       delta = Delta(n);
  const PetscBool       first = (PetscBool)(parity > 0 && !(bc == AE_BC_RADIATIVE && !strcmp(window, "tukey")));
  const AeLoomSpectrum *d, *s;
  PetscReal             worst[5] = {0}, T, Tr, Told, old[AE_OCTAVES], energy, differ = 0;
  Box                   b;
  char                  text[128];

  PetscFunctionBegin;
  PetscCall(Open(n, bc, parity, window, &b));
  d = AeLoomGetSpectrum(b.loom[0], 0);
  s = AeLoomGetSpectrum(b.loom[1], 0);
  Fill(&b, mean, parity, 0.2);
  PetscCall(Tick(&b, 0.2));
  Told = first ? Given(&b, b.q) : d->energy + d->below;
  memcpy(old, d->E, sizeof old);
  Fill(&b, mean, parity, 0.23);
  PetscCall(Tick(&b, 0.23));
  energy = d->energy;
  T      = first ? Given(&b, b.q) : energy + d->below;
  Tr     = 0; /* of the rate: octaves' and, at most, as much again below and in the mean */
  for (int o = 0; o < AE_OCTAVES; o++) Tr += d->E[o] * PetscSqr(d->omega[o]);
  Tr = first ? Given(&b, b.r) : 2 * Tr;
  for (int o = 0; o < AE_OCTAVES; o++) {
    const PetscReal E = d->E[o], R = E * PetscSqr(d->omega[o]), part = Part(E, T, delta);

    worst[0] = PetscMax(worst[0], fabs(s->E[o] - E) / part);
    differ   = PetscMax(differ, fabs(s->E[o] - E));
    if (!(E > 1e-6 * energy)) continue; /* 1e-3 of the amplitude: first order in delta */
    worst[2] = PetscMax(worst[2], fabs(s->omega[o] / d->omega[o] - 1) / (Part(R, Tr, delta) / R + part / E));
    worst[3] = PetscMax(worst[3], fabs(s->C[o] - d->C[o]) / (2 * (part / E + Part(old[o], Told, delta) / old[o])));
  }
  worst[1] = fabs(s->tail - d->tail) / (Part(d->tail * energy, T, delta) / energy + d->tail * Part(energy, T, delta) / energy);
  worst[4] = fabs(s->removed[0] - d->removed[0]);
  snprintf(text, sizeof text, "%s: octave energies, errors over those of rounding", what);
  TapBelow(worst[0], 1, text);
  TapAbove(differ, 1e-14 * energy, "  which are there: it is another precision");
  TapBelow(worst[1], 1, "  the tail, D_max");
  TapBelow(worst[2], 1, "  omega");
  TapBelow(worst[3], 1, "  C");
  TapBelow(worst[4], sqrt(T) * delta + 1e-15 * fabs(mean), "  what was removed");
  TapTrue(s->dominant == d->dominant && s->dominant >= 0, "  dominant octave");
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

/* What is silent in double precision is so in single, and a NaN is none. */
static PetscErrorCode TestOdd(void)
{
  static const char *const what[] = {"a constant is silent", "rounding errors are silent", "a NaN is no spectrum"};
  Box                      b;

  PetscFunctionBegin;
  for (int i = 0; i < 3; i++) {
    PetscReal D;

    PetscCall(Open((const PetscInt[3]){16, 8, 8}, AE_BC_PERIODIC, 1, "tukey", &b));
    for (ptrdiff_t l = 0; l < b.plane * b.g->nk; l++) b.q[l] = 1 + (i == 1 ? 0x1p-52 * (double)(l % 2) : 0);
    if (i == 2) b.q[3] = NAN;
    PetscCall(Tick(&b, 0));
    D = AeLoomDmax(b.loom[1], NULL);
    TapTrue(i == 2 ? isnan(D) : D == 0 && AeLoomGetSpectrum(b.loom[1], 0)->dominant == -1, what[i]);
    PetscCall(Close(&b));
  }
  PetscFunctionReturn(0);
}

/* A smooth wave whose small scales hold rounding errors only, other ones at each tick: no growth that would bind dt. */
static PetscErrorCode TestErrorsDoNotGrow(void)
{
  Box       b;
  PetscReal cap[2] = {PETSC_INFINITY, PETSC_INFINITY}, E_H = 0;

  PetscFunctionBegin;
  PetscCall(Open((const PetscInt[3]){32, 8, 8}, AE_BC_PERIODIC, 1, "tukey", &b));
  for (int t = 0; t < 12; t++) {
    for (PetscInt row = 0; row < b.plane * b.g->nk; row++) {
      const PetscReal x = 2 * PETSC_PI * ((double)(row % b.pitch) + 0.5) / 32 - 0.37 * t;

      b.q[row] = cos(x);
      b.r[row] = 3.7 * sin(x);
    }
    PetscCall(Tick(&b, 0.1 * t));
    for (int s = 0; s < 2; s++)
      for (int r = 1; r < 3; r++) cap[s] = PetscMin(cap[s], AeLoomGetThreads(b.loom[s])[AE_THREAD(AE_PHY, 2, r)].cap);
    E_H = PetscMax(E_H, AeLoomGetSpectrum(b.loom[1], 0)->scale_E[2]);
  }
  TapAbove(E_H, 1e-20, "rounding errors at small scales");
  TapBelow(E_H, 0.5 * PetscSqr(Delta((const PetscInt[3]){32, 8, 8})), "  are no more than that");
  TapTrue(cap[0] >= PETSC_INFINITY && cap[1] >= PETSC_INFINITY, "  and bind no dt, in either precision");
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

/* The history of one goes into a new loom of each precision: from there on single goes on bit for bit, double within rounding. */
static PetscErrorCode TestHistory(void)
{
  const PetscInt n[3] = {24, 10, 12};
  Box            b, c;
  void          *data;
  size_t         size;

  PetscFunctionBegin;
  PetscCall(Open(n, AE_BC_PERIODIC, 1, "tukey", &b));
  PetscCall(Open(n, AE_BC_PERIODIC, 1, "tukey", &c));
  Fill(&b, 1, 1, 0.1);
  PetscCall(Tick(&b, 0.1));
  PetscCall(AeLoomPack(b.loom[1], &data, &size));
  PetscCallMPI(MPI_Bcast(&size, sizeof size, MPI_BYTE, 0, PETSC_COMM_WORLD));
  if (b.g->rank) PetscCall(PetscMalloc1(size, (char **)&data));
  PetscCallMPI(MPI_Bcast(data, (PetscMPIInt)size, MPI_BYTE, 0, PETSC_COMM_WORLD));
  for (int s = 0; s < 2; s++) PetscCall(AeLoomUnpack(c.loom[s], data, size));
  PetscCall(PetscFree(data));
  Fill(&b, 1, 1, 0.13);
  Fill(&c, 1, 1, 0.13);
  PetscCall(Tick(&b, 0.13));
  PetscCall(Tick(&c, 0.13));
  TapTrue(!memcmp(AeLoomGetSpectrum(b.loom[1], 0), AeLoomGetSpectrum(c.loom[1], 0), sizeof(AeLoomSpectrum)),
          "history packed and unpacked: the same bits");
  TapNear(AeLoomGetSpectrum(c.loom[0], 0)->C[0], AeLoomGetSpectrum(b.loom[0], 0)->C[0], 20 * Delta(n),
          "  and it fits a loom of the other precision");
  PetscCall(Close(&b));
  PetscCall(Close(&c));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestAllocations(void)
{
  static const AeBoundary bc[] = {AE_BC_PERIODIC, AE_BC_REFLECTING, AE_BC_RADIATIVE};
  PetscInt                steps, own, library;
  Box                     b;

  PetscFunctionBegin;
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  for (int i = 0; i < 3; i++) {
    PetscCall(Open((const PetscInt[3]){16, 10, 9}, bc[i], 1, "tukey", &b));
    Fill(&b, 1, 1, 0);
    PetscCall(Tick(&b, 0));
    for (int t = 1; t < 6; t++) {
      AeAuditStepBegin();
      PetscCall(Tick(&b, 0.1 * t));
      AeAuditStepEnd();
    }
    PetscCall(Close(&b));
  }
  PetscCall(AeAuditCounts(&steps, &own, &library));
  TapTrue(steps > 0, "ticks watched for allocations");
  TapNear(own, 0, 0, "no allocation of ours in a tick");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  PetscCall(AeSpectralRegister());
  PetscCall(TestAgainstDouble("periodic", (const PetscInt[3]){48, 16, 20}, AE_BC_PERIODIC, 1, "tukey", 1.0));
  /* rounded with its mean the field would err by 6e-5 of 1e-3 */
  PetscCall(TestAgainstDouble("periodic, on top of 1000", (const PetscInt[3]){48, 16, 20}, AE_BC_PERIODIC, 1, "tukey", 1e3));
  PetscCall(TestAgainstDouble("periodic, odd sizes", (const PetscInt[3]){45, 13, 15}, AE_BC_PERIODIC, 1, "tukey", 1.0));
  PetscCall(TestAgainstDouble("even at mirrors", (const PetscInt[3]){32, 9, 14}, AE_BC_REFLECTING, 1, "tukey", 1.0));
  PetscCall(TestAgainstDouble("odd at mirrors", (const PetscInt[3]){32, 9, 14}, AE_BC_REFLECTING, -1, "tukey", 0.0));
  PetscCall(TestAgainstDouble("tapered", (const PetscInt[3]){48, 16, 20}, AE_BC_RADIATIVE, 1, "tukey", 1.0));
  PetscCall(TestAgainstDouble("open, by cosines", (const PetscInt[3]){48, 16, 20}, AE_BC_RADIATIVE, 1, "dct", 1.0));
  PetscCall(TestOdd());
  PetscCall(TestErrorsDoNotGrow());
  PetscCall(TestHistory());
  PetscCall(TestAllocations());
  {
    const int status = TapDone();
    PetscCall(AeonicFinalize());
    return status;
  }
}
