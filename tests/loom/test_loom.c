/*
  The loom on fields of known octaves, rates and coherence; Parseval; mirrors and windows; the gate.  ranks: 1 2 3
*/
#include "loom_test.h"
#include "tap.h"
#include <aeonic/audit.h>
#include <string.h>

#define EPS 2.220446049250313e-16

typedef struct {
  int       m[3]; /* waves along each axis; half waves between mirrors */
  PetscReal a, omega, phase;
} Wave;

typedef struct {
  AeGrid    g;
  AeLoom    loom;
  ptrdiff_t pitch, plane;
  double   *q, *r;
} Box;

static PetscErrorCode Open(const PetscInt n[3], AeBoundary bc, int parity, const char window[], Box *b)
{
  AeLoomField f = {.name = "q", .components = 1, .noise = 1e-3};
  PetscInt    index;

  PetscFunctionBegin;
  PetscCall(PetscOptionsSetValue(NULL, "-loom_window", window));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &b->g));
  PetscCall(AeGridSetSizes(b->g, n));
  PetscCall(AeGridSetLength(b->g, 0, 1.7));
  PetscCall(AeGridSetBoundary(b->g, bc));
  PetscCall(AeGridSetGhost(b->g, 2));
  PetscCall(AeGridSetUp(b->g));
  PetscCall(LoomNow(b->g, &b->loom));
  for (int d = 0; d < 3; d++) f.parity[0][d] = parity;
  PetscCall(AeLoomWatch(b->loom, &f, &index));
  PetscCall(AeLoomSetUp(b->loom));
  b->pitch = n[0] + 3; /* gaps, as in a state */
  b->plane = b->pitch * (b->g->nj + 1);
  PetscCall(PetscMalloc2(b->plane * b->g->nk, &b->q, b->plane * b->g->nk, &b->r));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Box *b)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(b->q, b->r));
  PetscCall(AeLoomDestroy(&b->loom));
  PetscCall(AeGridDestroy(&b->g));
  PetscFunctionReturn(0);
}

typedef void (*Filler)(void *ctx, PetscReal t, const PetscInt cell[3], const PetscInt n[3], double *q, double *r);

static void Fill(Box *b, Filler f, void *ctx, PetscReal t)
{
  for (PetscInt k = 0; k < b->g->nk; k++)
    for (PetscInt j = 0; j < b->g->nj; j++)
      for (PetscInt i = 0; i < b->g->n[0]; i++) {
        const PetscInt cell[3] = {i, b->g->js + j, b->g->ks + k};

        f(ctx, t, cell, b->g->n, &b->q[k * b->plane + j * b->pitch + i], &b->r[k * b->plane + j * b->pitch + i]);
      }
}

static PetscErrorCode Tick(Box *b, Filler f, void *ctx, PetscReal t, PetscBool rated, const AeLoomSpectrum **s)
{
  AeLoomInput in   = {.q = {b->q}, .r = {rated ? b->r : NULL}, .pitch = b->pitch, .plane = b->plane};
  AeLoomStep  step = {.t = t, .dt = 0.01, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};

  PetscFunctionBegin;
  if (f) Fill(b, f, ctx, t);
  PetscCall(AeLoomTick(b->loom, &in, &step));
  *s = AeLoomGetSpectrum(b->loom, 0);
  PetscFunctionReturn(0);
}

/* ---- periodic boxes ---- */

typedef struct {
  const Wave *w;
  int         n;
  PetscReal   mean;
} Waves;

static void Travelling(void *ctx, PetscReal t, const PetscInt c[3], const PetscInt n[3], double *q, double *r)
{
  const Waves *W = ctx;

  *q = W->mean;
  *r = 0;
  for (int i = 0; i < W->n; i++) {
    PetscReal x = W->w[i].phase - W->w[i].omega * t;

    for (int d = 0; d < 3; d++) x += 2.0 * PETSC_PI * W->w[i].m[d] * ((PetscReal)c[d] + 0.5) / (PetscReal)n[d];
    *q += W->w[i].a * cos(x);
    *r += W->w[i].a * W->w[i].omega * sin(x);
  }
}

/* |k|/k_min; every mode is named by hand so that this and the octaves by the comparison 2^o <= |k| are all there is */
static PetscReal Size(const Wave *w, const PetscInt n[3])
{
  const PetscReal most = PetscMax(n[0], PetscMax(n[1], n[2]));
  PetscReal       s    = 0;

  for (int d = 0; d < 3; d++) s += PetscSqr(w->m[d] * most / (PetscReal)n[d]);
  return sqrt(s);
}

static PetscErrorCode TestWaves(const PetscInt n[3], const Wave w[], int nw)
{
  Waves                 W = {w, nw, 0.75};
  Box                   b;
  const AeLoomSpectrum *s;
  const PetscReal       t[2] = {0.3, 0.41}, most = PetscMax(n[0], PetscMax(n[1], n[2]));
  PetscReal             E[8] = {0}, R[8] = {0}, Cc[8] = {0}, Cs[8] = {0}, all = 0, tail = 0, scale[3] = {0}, worst[5] = {0};
  int                   dominant = 0;
  char                  what[128];

  PetscFunctionBegin;
  PetscCall(Open(n, AE_BC_PERIODIC, 1, "tukey", &b));
  PetscCall(Tick(&b, Travelling, &W, t[0], PETSC_TRUE, &s));
  PetscCall(Tick(&b, Travelling, &W, t[1], PETSC_TRUE, &s));
  for (int i = 0; i < nw; i++) {
    const PetscReal e = 0.5 * w[i].a * w[i].a, k = Size(&w[i], n);
    int             o = 0, bin = 0;

    while (o < 7 && k >= 2 << o) o++;
    for (int d = 0; d < 3; d++) bin = PetscMax(bin, PetscMin(2, 6 * abs(w[i].m[d]) / (int)n[d])); /* |k_d|/k_Nyq = 2m/n */
    E[o] += e;
    R[o] += e * w[i].omega * w[i].omega;
    Cc[o] += e * cos(w[i].omega * (t[1] - t[0]));
    Cs[o] += e * sin(w[i].omega * (t[1] - t[0]));
    all += e;
    scale[bin] += e;
    if (k > most / 3.0) tail += e; /* 2/3 of k_Nyq = n/2 waves */
  }
  for (int o = 7, p = 8; o >= 0; o--) {
    PetscReal D = 0;

    if (E[o] > E[dominant]) dominant = o;
    for (p = o; p < 8; p++) D += E[p] / all;
    worst[0] = PetscMax(worst[0], fabs(s->E[o] - E[o]) / all);
    worst[1] = PetscMax(worst[1], fabs(s->D[o] - D));
    if (!(E[o] > 0)) continue;
    worst[2] = PetscMax(worst[2], fabs(s->omega[o] / sqrt(R[o] / E[o]) - 1.0));
    worst[3] = PetscMax(worst[3], fabs(s->C[o] - sqrt(Cc[o] * Cc[o] + Cs[o] * Cs[o]) / E[o]));
  }
  for (int d = 0; d < 3; d++) worst[4] = PetscMax(worst[4], fabs(s->scale_E[d] - scale[d]) / all);
  snprintf(what, sizeof what, "%d x %d x %d: octave energies", (int)n[0], (int)n[1], (int)n[2]);
  /* rounding: each point's cosine errs by eps times its argument of up to 2 pi 40 waves; a transform adds eps log2 N; the
     smallest octave has 1e-4 of the energy, which amplifies the relative error of its rate by 1e2 */
  TapBelow(worst[0], 1e3 * EPS, what);
  TapBelow(worst[1], 1e3 * EPS, "  D_o");
  TapBelow(worst[2], 1e5 * EPS, "  omega_o");
  TapBelow(worst[3], 1e5 * EPS, "  C_o");
  TapBelow(worst[4], 1e3 * EPS, "  energies by scale");
  TapNear(s->removed[0], 0.75, 100 * EPS, "  the mean is reported");
  TapNear(s->tail, tail / all, 1e3 * EPS, "  tail");
  TapTrue(s->dominant == dominant, "  dominant octave");
  TapNear(s->amplitude, sqrt(2 * E[dominant]), 1e3 * EPS, "  its amplitude");
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

/* A single wave that moves on is coherent in whatever direction, and its rate from differences is (2/D) sin(omega D/2). */
static PetscErrorCode TestDirections(void)
{
  const PetscInt        n[3]     = {16, 12, 10};
  const int             dir[][3] = {{1, 0, 0}, {0, 1, 0}, {0, -2, 0}, {0, 0, 3}, {0, 2, -1}, {-3, 1, 1}, {8, 0, 0}, {0, 6, 0}};
  PetscReal             C = 0, rate = 0;
  const AeLoomSpectrum *s;

  PetscFunctionBegin;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(dir); i++) {
    const PetscBool nyquist = (PetscBool)(dir[i][0] == 8 || dir[i][1] == 6); /* stands: its phase is not free */
    const Wave      w       = {{dir[i][0], dir[i][1], dir[i][2]}, 0.3, nyquist ? 0.0 : 5.0, nyquist ? PETSC_PI : 0.2};
    Waves           W       = {&w, 1, 0};
    Box             b;

    PetscCall(Open(n, AE_BC_PERIODIC, 1, "tukey", &b));
    PetscCall(Tick(&b, Travelling, &W, 0.0, PETSC_FALSE, &s));
    if (i == 0) TapTrue(!s->rated && !s->compared, "no rate and no coherence at a first tick without slopes");
    PetscCall(Tick(&b, Travelling, &W, 0.1, PETSC_FALSE, &s));
    C    = PetscMax(C, fabs(s->C[s->dominant] - 1.0));
    rate = PetscMax(rate, fabs(s->omega[s->dominant] - (nyquist ? 0.0 : 20.0 * sin(0.25))));
    PetscCall(Close(&b));
  }
  TapBelow(C, 1e3 * EPS, "a wave that moves on has C = 1 in every direction");
  /* a difference of energies: rounding eps E over (omega D)^2; nothing moves at the Nyquist modes: sqrt(eps)/D */
  TapBelow(rate, 10.0 * sqrt(100 * EPS), "rate by differences");
  PetscFunctionReturn(0);
}

static void Noise(void *ctx, PetscReal t, const PetscInt c[3], const PetscInt n[3], double *q, double *r)
{
  uint64_t x = (uint64_t)((c[2] * n[1] + c[1]) * n[0] + c[0] + 1) * 0x9e3779b97f4a7c15u;

  (void)ctx, (void)t;
  x  = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x  = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  *q = (double)((x ^ (x >> 31)) >> 11) * 0x1p-52 - 0.9;
  *r = 3.0 * *q;
}

/* mean square of a field minus a number, times a window's square if there is one */
static PetscReal MeanSquare(Box *b, PetscReal minus)
{
  PetscReal s = 0;

  for (PetscInt k = 0; k < b->g->nk; k++)
    for (PetscInt j = 0; j < b->g->nj; j++)
      for (PetscInt i = 0; i < b->g->n[0]; i++) s += PetscSqr(b->q[k * b->plane + j * b->pitch + i] - minus);
  MPI_Allreduce(MPI_IN_PLACE, &s, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return s / ((PetscReal)b->g->n[0] * b->g->n[1] * b->g->n[2]);
}

static PetscErrorCode TestParseval(void)
{
  static const struct {
    PetscInt    n[3];
    AeBoundary  bc;
    int         parity, mean;
    const char *window, *what;
  } c[] = {{{16, 12, 8}, AE_BC_PERIODIC, 1, 1, "tukey", "Parseval, even sizes"},
           {{15, 9, 7}, AE_BC_PERIODIC, 1, 1, "tukey", "Parseval, odd sizes"},
           {{16, 9, 5}, AE_BC_REFLECTING, 1, 1, "tukey", "Parseval, even between mirrors"},
           {{16, 9, 6}, AE_BC_REFLECTING, -1, 0, "tukey", "Parseval, odd between mirrors"},
           {{16, 9, 5}, AE_BC_RADIATIVE, 1, 1, "dct", "Parseval, open box by cosines"}};

  PetscFunctionBegin;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(c); i++) {
    Box                   b;
    const AeLoomSpectrum *s;
    PetscReal             exact, bins;

    PetscCall(Open(c[i].n, c[i].bc, c[i].parity, c[i].window, &b));
    PetscCall(Tick(&b, Noise, NULL, 0, PETSC_TRUE, &s));
    exact = MeanSquare(&b, c[i].mean ? s->removed[0] : 0.0);
    bins  = s->scale_E[0] + s->scale_E[1] + s->scale_E[2];
    TapNear((s->energy + s->below) / exact, 1.0, 100 * EPS, c[i].what);
    TapNear(bins / exact, 1.0, 100 * EPS, "  and by scale");
    TapNear(s->omega[s->dominant], 3.0, 1e3 * EPS, "  rate");
    if (c[i].bc == AE_BC_PERIODIC) TapNear(s->below, 0, 0, "  nothing is longer than the box");
    PetscCall(Close(&b));
  }
  PetscFunctionReturn(0);
}

/* ---- mirrors and windows ---- */

static void Mirrored(void *ctx, PetscReal t, const PetscInt c[3], const PetscInt n[3], double *q, double *r)
{
  const Wave     *w   = ctx;
  const PetscBool odd = (PetscBool)(w->phase != 0);

  *q = w->a;
  for (int d = 0; d < 3; d++) {
    const PetscReal x = PETSC_PI * w->m[d] * ((PetscReal)c[d] + 0.5) / (PetscReal)n[d];

    *q *= odd ? sin(x) : cos(x);
  }
  *r = -w->omega * sin(w->omega * t) * *q;
  *q *= cos(w->omega * t);
}

static PetscErrorCode TestMirrors(void)
{
  const PetscInt    n[3] = {24, 12, 12};
  static const Wave w[]  = {{{5, 1, 2}, 0.7, 3.0, 0}, {{2, 1, 1}, 0.7, 3.0, 1}};
  /* |k| in units of pi/L_max = k_min (the box is half of one period): sqrt(25 + 4 + 16), sqrt(4 + 4 + 4) */
  static const int octave[] = {2, 1};

  PetscFunctionBegin;
  for (int i = 0; i < 2; i++) {
    Box                   b;
    const AeLoomSpectrum *s;

    PetscCall(Open(n, AE_BC_REFLECTING, i ? -1 : 1, "tukey", &b));
    PetscCall(Tick(&b, Mirrored, (void *)&w[i], 0.2, PETSC_TRUE, &s));
    TapTrue(s->dominant == octave[i], i ? "mirrors, odd field: octave" : "mirrors, even field: octave");
    TapNear(s->E[octave[i]], 0.49 * cos(0.6) * cos(0.6) / 8.0, 100 * EPS, "  energy: each factor's mean square is 1/2");
    TapNear(s->omega[octave[i]], 3.0 * tan(0.6), 1e3 * EPS, "  rate");
    PetscCall(Close(&b));
  }
  PetscFunctionReturn(0);
}

/* A constant and a bump that ends before the taper begins: the window changes nothing but the norm. */
static void Bump(void *ctx, PetscReal t, const PetscInt c[3], const PetscInt n[3], double *q, double *r)
{
  PetscReal s = 0;

  (void)ctx, (void)t;
  for (int d = 0; d < 3; d++) s += PetscSqr(((PetscReal)c[d] + 0.5) / (PetscReal)n[d] - 0.5);
  *q = 2.5 + (s < 0.09 ? PetscSqr(1.0 - s / 0.09) : 0.0);
  *r = 0;
}

/* A wave of 2 1/2 lengths along x in an open box. */
static void Cut(void *ctx, PetscReal t, const PetscInt c[3], const PetscInt n[3], double *q, double *r)
{
  (void)ctx, (void)t;
  *q = cos(5.0 * PETSC_PI * ((PetscReal)c[0] + 0.5) / (PetscReal)n[0]);
  *r = 0;
}

/*
  Leakage of the tapered wave into wavenumbers k >= 32 k_min along x. By parts three times, |c_k| <= V/k^3 (L = 1), V the total
  variation of (w q)'': jumps of w'' at four places, each (pi/p)^2/2, and the integral of |(w q)'''| term by term, with
  |q^(m)| <= kappa^m, over each of two tapers of length p: |w'''| (pi/p)^2, |w''| pi/p, |w'| 1. Energy: 2 sum |c_k|^2 over
  m >= 32, at most 2 (V/(2 pi)^3)^2 31.5^-5/5; on the grid k aliases with n - k and beyond, which at most doubles amplitudes.
*/
static PetscErrorCode TestWindow(void)
{
  const PetscInt  n[3] = {128, 8, 8};
  const PetscReal p = 0.125, kappa = 5 * PETSC_PI;
  const PetscReal V = 2 * PetscSqr(PETSC_PI / p) + 2 * PetscSqr(PETSC_PI / p) + 3 * kappa * 2 * PETSC_PI / p +
                      3 * kappa * kappa * 2 + kappa * kappa * kappa;
  const PetscReal       bound  = 4 * 2 * PetscSqr(V / pow(2 * PETSC_PI, 3)) * pow(31.5, -5) / 5;
  PetscReal             square = 1, leak;
  Box                   b;
  const AeLoomSpectrum *s;

  PetscFunctionBegin;
  PetscCall(Open((const PetscInt[3]){24, 24, 24}, AE_BC_RADIATIVE, 1, "tukey", &b));
  PetscCall(Tick(&b, Bump, NULL, 0, PETSC_TRUE, &s));
  TapNear(s->removed[0], 2.5, 100 * EPS, "window: the boundary value is removed");
  for (int d = 0; d < 3; d++) { /* taper of 3 cells at each end of 24 */
    PetscReal x = 18;

    for (int i = 0; i < 3; i++) x += 2 * PetscSqr(0.5 * (1 - cos(PETSC_PI * (i + 0.5) / 3)));
    square *= x / 24;
  }
  TapNear((s->energy + s->below) * square / MeanSquare(&b, 2.5), 1.0, 100 * EPS, "window: energy of a bump inside");
  PetscCall(Close(&b));

  PetscCall(Open(n, AE_BC_PERIODIC, 1, "tukey", &b)); /* of c_k = 2/k after a jump of 2, 2 sum |c_k|^2 is above 0.003 there */
  PetscCall(Tick(&b, Cut, NULL, 0, PETSC_TRUE, &s));
  leak = s->E[5] + s->E[6] + s->E[7];
  TapAbove(leak, 10 * bound, "a wave cut off without a window leaks more than the bound below");
  PetscCall(Close(&b));
  {
    AeGrid      g;
    AeLoom      loom;
    AeLoomField f    = {.name = "q", .components = 1, .noise = 1, .parity = {{1, 1, 1}}};
    AeLoomStep  step = {.dt = 1, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
    PetscInt    index;

    PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
    PetscCall(AeGridSetSizes(g, n));
    PetscCall(AeGridSetLength(g, 0, 1.0));
    PetscCall(AeGridSetBoundary(g, AE_BC_PERIODIC));
    g->bc[0][0] = g->bc[0][1] = AE_BC_RADIATIVE;
    PetscCall(AeGridSetUp(g));
    g->bc[0][0] = g->bc[0][1] = AE_BC_RADIATIVE;
    PetscCall(LoomNow(g, &loom));
    PetscCall(AeLoomWatch(loom, &f, &index));
    PetscCall(AeLoomSetUp(loom));
    b = (Box){.g = g, .loom = loom, .pitch = n[0], .plane = n[0] * (ptrdiff_t)g->nj};
    PetscCall(PetscMalloc2(b.plane * g->nk, &b.q, b.plane * g->nk, &b.r));
    Fill(&b, Cut, NULL, 0);
    PetscCall(AeLoomTick(loom, &(AeLoomInput){.q = {b.q}, .pitch = b.pitch, .plane = b.plane}, &step));
    s    = AeLoomGetSpectrum(loom, 0);
    leak = s->E[5] + s->E[6] + s->E[7];
    TapBelow(leak, bound, "leakage of a tapered wave beyond 32 k_min");
    TapTrue(leak > 0, "  which is not nothing");
    PetscCall(Close(&b));
  }
  PetscFunctionReturn(0);
}

/* ---- what is not a spectrum; memory ---- */

static void Odd(void *ctx, PetscReal t, const PetscInt c[3], const PetscInt n[3], double *q, double *r)
{
  const int what = *(const int *)ctx;

  (void)t, (void)n;
  *q = what == 0 ? 1.0 + EPS * (c[0] % 2) : what == 1 ? (c[0] == 3 && c[1] == 2 && c[2] == 1 ? NAN : 1.0) : 4.0;
  *r = 0;
}

static PetscErrorCode TestOdd(void)
{
  const PetscInt        n[3] = {16, 8, 8};
  const AeLoomSpectrum *s;
  Box                   b;
  PetscReal             D;
  PetscInt              steps, own, library;

  PetscFunctionBegin;
  for (int what = 0; what < 3; what++) {
    PetscCall(Open(n, AE_BC_PERIODIC, 1, "tukey", &b));
    PetscCall(Tick(&b, Odd, &what, 0, PETSC_TRUE, &s));
    D = AeLoomDmax(b.loom, NULL);
    if (what == 1) {
      TapTrue(isnan(D), "a NaN is no spectrum");
      TapTrue(AeLoomGetThreads(b.loom)[AE_THREAD(AE_SEM, 0, 0)].residual >= PETSC_INFINITY, "  and is off its rail");
    } else TapTrue(D == 0 && s->dominant == -1, what ? "a constant is silent" : "rounding errors are silent");
    PetscCall(Close(&b));
  }
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  PetscCall(Open(n, AE_BC_RADIATIVE, 1, "tukey", &b));
  PetscCall(Tick(&b, Noise, NULL, 0, PETSC_TRUE, &s));
  for (int i = 0; i < 12; i++) {
    AeAuditStepBegin();
    PetscCall(Tick(&b, NULL, NULL, 0.1 * (i + 1), PETSC_TRUE, &s));
    AeAuditStepEnd();
  }
  PetscCall(AeAuditCounts(&steps, &own, &library));
  TapTrue(steps > 0, "ticks watched for allocations");
  TapNear(own, 0, 0, "no allocation of ours in a tick");
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestSmall(void)
{
  const PetscInt n[3] = {8, 4, 4};
  Box            b;
  AeLoom         loom;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &b.g));
  PetscCall(AeGridSetSizes(b.g, n));
  PetscCall(AeGridSetUp(b.g));
  b.g->n[0] = 6; /* the grid itself takes 8 or more */
  PetscCall(LoomNow(b.g, &loom));
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = AeLoomSetUp(loom);
  PetscCall(PetscPopErrorHandler());
  TapTrue(ierr == AE_ERR_USAGE, "a box too small for octaves is refused");
  PetscCall(AeLoomDestroy(&loom));
  PetscCall(AeGridDestroy(&b.g));
  PetscFunctionReturn(0);
}

/* Two boxes watched with one reading of the options: each as if it were alone. */
static PetscErrorCode TestTwo(void)
{
  const PetscInt    n[2][3] = {{16, 16, 16}, {24, 8, 8}};
  const AeLoomStep  step    = {.dt = 1, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
  const AeLoomField field   = {.name = "q", .components = 1, .noise = 1e-3, .parity = {{1, 1, 1}}};
  AeLoomOptions     options;
  AeLoomSpectrum    alone[2];
  AeLoom            loom[2];
  Box               b[2];
  PetscInt          index;

  PetscFunctionBegin;
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "q", &options));
  for (int m = 0; m < 2; m++) {
    PetscCall(Open(n[m], AE_BC_PERIODIC, 1, "tukey", &b[m]));
    Fill(&b[m], Cut, NULL, 0);
    PetscCall(AeLoomTick(b[m].loom, &(AeLoomInput){.q = {b[m].q}, .pitch = b[m].pitch, .plane = b[m].plane}, &step));
    alone[m] = *AeLoomGetSpectrum(b[m].loom, 0);
    PetscCall(AeLoomCreate(b[m].g, &options, &loom[m]));
    PetscCall(AeLoomWatch(loom[m], &field, &index));
    PetscCall(AeLoomSetUp(loom[m]));
  }
  for (int m = 1; m >= 0; m--)
    PetscCall(AeLoomTick(loom[m], &(AeLoomInput){.q = {b[m].q}, .pitch = b[m].pitch, .plane = b[m].plane}, &step));
  for (int m = 0; m < 2; m++) {
    const AeLoomSpectrum *s = AeLoomGetSpectrum(loom[m], 0);

    TapTrue(s->energy > 0 && s->energy == alone[m].energy && !memcmp(s->E, alone[m].E, sizeof s->E),
            m ? "and another box" : "two looms from one reading of the options: one box");
    PetscCall(AeLoomDestroy(&loom[m]));
    PetscCall(Close(&b[m]));
  }
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const Wave cube[]    = {{{1, 0, 0}, 0.02, 2, 0.3}, {{2, 1, 0}, 1.0, 4, 1},     {{3, 0, -1}, 0.6, 7, 2},
                          {{5, -2, 3}, 0.2, 11, 0},  {{11, 3, 2}, 0.1, 25, 0.5}, {{14, 14, 15}, 0.05, 60, 0.1}};
  const Wave flat[]    = {{{1, 0, 0}, 0.5, 2, 0.3}, {{2, 1, 0}, 0.3, 4, 1}, {{3, 1, -1}, 0.6, 7, 2}, {{13, 1, 2}, 0.1, 9, 0}};
  const Wave upright[] = {{{1, 0, 1}, 0.5, 2, 0.3}, {{0, 0, 3}, 0.3, -4, 1}, {{2, 1, -7}, 0.1, 9, 0}};

  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  PetscCall(AeSpectralRegister());
  PetscCall(TestWaves((const PetscInt[3]){32, 32, 32}, cube, 6));
  PetscCall(TestWaves((const PetscInt[3]){33, 9, 15}, flat, 4));
  PetscCall(TestWaves((const PetscInt[3]){40, 10, 8}, flat, 4));
  PetscCall(TestWaves((const PetscInt[3]){8, 5, 20}, upright, 3));
  PetscCall(TestDirections());
  PetscCall(TestParseval());
  PetscCall(TestMirrors());
  PetscCall(TestWindow());
  PetscCall(TestOdd());
  PetscCall(TestSmall());
  PetscCall(TestTwo());
  {
    const int status = TapDone();
    PetscCall(AeonicFinalize());
    return status;
  }
}
