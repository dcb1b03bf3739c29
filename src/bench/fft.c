/*
  aeonic bench fft: one real transform of n^3 points, shared by the ranks, in FFTW's plans and in a band's.
*/
#include "bench_private.h"
#include <aeonic/spectral.h>

enum { REPS = 2 * AE_BENCH_REPS };

/* Seconds of one transform: half of forward and backward together, the least of many. */
static PetscErrorCode Transform(PetscInt n, AeTransform kind, PetscReal *seconds)
{
  const PetscInt    size[3]  = {n, n, n};
  const AeTransform kinds[3] = {kind, kind, kind};
  AeFFT             f;
  double           *u;
  PetscReal         t0, t, least = 1e30;

  PetscFunctionBegin;
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, size, kinds, &f));
  PetscCall(AeFFTCreateBuffer(f, &u));
  for (size_t i = 0; i < f->doubles; i++) u[i] = 1e-3 * (double)(i % 1001) - 0.5;
  for (int r = 0; r < REPS; r++) {
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &t0));
    PetscCall(AeFFTForward(f, u));
    PetscCall(AeFFTBackward(f, u));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, t0, &t));
    least = PetscMin(least, t);
    for (size_t i = 0; i < f->doubles; i++) u[i] *= f->scale; /* keeps the values where they are */
  }
  PetscCall(AeFFTDestroyBuffer(&u));
  *seconds = 0.5 * least;
  PetscFunctionReturn(0);
}

static void Fill(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const AeBand b = ctx;

  for (PetscInt z = 0; z < b->m[2]; z++)
    for (PetscInt x = 0; x < b->m[0]; x++) w[0][AeBandPad(z, b->m[2], b->n[2]) * b->m[0] + x] = (double)((x + y + z) % 7) - 3.0;
}
static void Points(void *ctx, PetscInt z, double *const p[]) { (void)ctx, (void)z, (void)p; }
static void Take(void *ctx, PetscInt y, fftw_complex *const w[]) { (void)ctx, (void)y, (void)w; }

/* The same for the modes that the 2/3 rule keeps. */
static PetscErrorCode BandTransform(PetscInt n, PetscReal *seconds)
{
  const PetscInt size[3] = {n, n, n}, K[3] = {AeDealiasedModes(n), AeDealiasedModes(n), AeDealiasedModes(n)};
  AeBand         b;
  AeBandWork     work = {1, 1, Fill, Points, Take, NULL};
  PetscReal      t0, t, least = 1e30;

  PetscFunctionBegin;
  PetscCall(AeBandCreate(PETSC_COMM_WORLD, size, K, 1, &b));
  work.ctx = b;
  for (int r = 0; r < REPS; r++) {
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &t0));
    PetscCall(AeBandEvaluate(b, &work));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, t0, &t));
    least = PetscMin(least, t);
  }
  PetscCall(AeBandDestroy(&b));
  *seconds = 0.5 * least;
  PetscFunctionReturn(0);
}

/* PC fft on -Lap u = b beside FFTW's two transforms in place, by turns: seconds of both, least of many. */
static PetscErrorCode Poisson(PetscInt n, PetscReal *solve, PetscReal *two)
{
  const PetscInt    size[3] = {n, n, n};
  const AeTransform kind[3] = {AE_DFT, AE_DFT, AE_DFT};
  AeFFTOperator     op      = {.order = 2, .scale = 1.0};
  AeGrid            g;
  AeFFT             f;
  Mat               A;
  Vec               x, b;
  PC                pc;
  double           *u;
  PetscInt          cells;
  PetscReal         t0, t;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, size));
  PetscCall(AeGridSetUp(g));
  op.grid = g;
  cells   = n * g->nj * g->nk;
  PetscCall(MatCreateShell(PETSC_COMM_WORLD, cells, cells, PETSC_DETERMINE, PETSC_DETERMINE, NULL, &A));
  PetscCall(AeMatSetFFTOperator(A, &op));
  PetscCall(MatCreateVecs(A, &x, &b));
  PetscCall(VecSetRandom(b, NULL));
  PetscCall(PCCreate(PETSC_COMM_WORLD, &pc));
  PetscCall(PCSetOperators(pc, A, A));
  PetscCall(PCSetType(pc, AE_PC_FFT));
  PetscCall(PCApply(pc, b, x)); /* plans */
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, size, kind, &f));
  PetscCall(AeFFTCreateBuffer(f, &u));
  *solve = *two = 1e30;
  for (int r = 0; r < REPS; r++) {
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &t0));
    PetscCall(PCApply(pc, b, x));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, t0, &t));
    *solve = PetscMin(*solve, t);
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &t0));
    PetscCall(AeFFTForward(f, u));
    PetscCall(AeFFTBackward(f, u));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, t0, &t));
    *two = PetscMin(*two, t);
  }
  PetscCall(AeFFTDestroyBuffer(&u));
  PetscCall(PCDestroy(&pc));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&b));
  PetscCall(MatDestroy(&A));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

/* The operations of a real transform are counted as is usual, 2.5 N log2 N, whatever the plan does. */
PetscErrorCode AeBenchFFT(AeRun run, PetscInt n)
{
  static const struct {
    AeTransform kind;
    const char *name;
  } kinds[]              = {{AE_DFT, "real DFT"}, {AE_COSINE, "cosines (REDFT)"}, {AE_SINE, "sines (RODFT)"}};
  const PetscReal points = (PetscReal)n * n * n;
  PetscReal       s = 0, dft = 0, solve = 0, two = 1;
  PetscMPIInt     size;
  char            key[64];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "one transform of %" PetscInt_FMT "^3 points on %d rank%s, mean of forward and backward, least of %d\n",
                        n, size, size > 1 ? "s" : "", REPS));
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(kinds); k++) {
    PetscCall(Transform(n, kinds[k].kind, &s));
    if (!k) dft = s;
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  %-34s %9.3f ms  %6.2f GFLOP/s (2.5 N log2 N)\n", kinds[k].name, 1e3 * s,
                          2.5e-9 * points * PetscLog2Real(points) / s));
  }
  PetscCall(BandTransform(n, &s));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  %-34s %9.3f ms  %6.2f of the real DFT\n", "modes of the 2/3 rule (AeBand)", 1e3 * s,
                        s / dft));
  PetscCall(Poisson(n, &solve, &two));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  %-34s %9.3f ms  %6.2f of FFTW's two transforms (%.3f ms)\n",
                        "Poisson, periodic: PC fft", 1e3 * solve, solve / two, 1e3 * two));
  PetscCall(AeRunSetReal(run, "bench.fft.poisson_s", solve));
  PetscCall(AeRunSetReal(run, "bench.fft.poisson_over_two", solve / two));
  PetscCall(PetscSNPrintf(key, sizeof key, "bench.fft.%" PetscInt_FMT ".s", n));
  PetscCall(AeRunSetReal(run, key, dft));
  PetscCall(PetscSNPrintf(key, sizeof key, "bench.band.%" PetscInt_FMT ".s", n));
  PetscCall(AeRunSetReal(run, key, s));
  PetscFunctionReturn(0);
}
