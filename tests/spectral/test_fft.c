/*
  Transforms of every kind against their defining sums in long double, back and forth, Parseval's identity, and the way
  between a grid's division over ranks and FFTW's.  ranks: 1 2 3

  The bound of a transform of N points: rounding errors of a fast one grow like log2 N in the L2 norm (Higham, Accuracy and
  Stability, Theorem 24.2: (eps + eps') log2 N with a constant of a few).
*/
#include "spectral_test.h"

static const AeTransform Kinds[][3] = {
  {AE_DFT, AE_DFT, AE_DFT},  {AE_COSINE, AE_COSINE, AE_COSINE}, {AE_SINE, AE_SINE, AE_SINE}, {AE_COSINE_4, AE_SINE_4, AE_COSINE},
  {AE_DFT, AE_SINE, AE_DFT}, {AE_COSINE, AE_DFT, AE_SINE_4},
};
static const PetscInt Sizes[][3] = {{8, 6, 4}, {9, 5, 7}, {16, 12, 10}, {8, 1, 3}, {11, 7, 2}};

static double Value(const PetscInt n[3], PetscInt i, PetscInt j, PetscInt k)
{
  return Noise(((uint64_t)k * n[1] + j) * n[0] + i, 7);
}

/* The real factor of point j in mode m of n: FFTW's definitions of its real kinds. */
static long double Factor(AeTransform kind, PetscInt n, PetscInt m, PetscInt j)
{
  const long double pi = acosl(-1.0L), N = n, x = j + 0.5L;

  switch (kind) {
  case AE_DFT:
    return m <= n / 2 ? cosl(2 * pi * ((m * j) % n) / N) : -sinl(2 * pi * (((n - m) * j) % n) / N);
  case AE_COSINE:
    return 2 * cosl(pi * x * m / N);
  case AE_SINE:
    return 2 * sinl(pi * x * (m + 1) / N);
  case AE_COSINE_4:
    return 2 * cosl(pi * x * (m + 0.5L) / N);
  default:
    return 2 * sinl(pi * x * (m + 0.5L) / N);
  }
}

/* Mode (mx,my,mz) by its definition, from tables of the factors. */
static void Naive(AeFFT f, const long double *table[3], PetscInt mx, PetscInt my, PetscInt mz, double mode[2])
{
  const PetscInt *n  = f->n;
  long double     re = 0, im = 0;

  for (PetscInt k = 0; k < n[2]; k++)
    for (PetscInt j = 0; j < n[1]; j++)
      for (PetscInt i = 0; i < n[0]; i++) {
        const long double u = Value(n, i, j, k);

        if (f->is_complex) { /* e^{-i theta}, cosines and sines of whole turns from tables */
          const PetscInt p[3] = {(mx * i) % n[0], (my * j) % n[1], (mz * k) % n[2]};
          long double    c = u, s = 0;
          for (int d = 0; d < 3; d++) {
            const long double cd = table[d][2 * p[d]], sd = table[d][2 * p[d] + 1], t = c * cd + s * sd;
            s = s * cd - c * sd;
            c = t;
          }
          re += c;
          im += s;
        } else re += u * table[0][mx * n[0] + i] * table[1][my * n[1] + j] * table[2][mz * n[2] + k];
      }
  mode[0] = (double)re;
  mode[1] = (double)im;
}

static PetscErrorCode TestOne(const PetscInt n[3], const AeTransform kind[3])
{
  AeFFT                    f, again;
  double                  *u, error = 0, norm = 0, back = 0, sum_u = 0, sum_m = 0, N = (double)n[0] * n[1] * n[2];
  long double             *table[3];
  PetscInt                 plans, plans2, count = 0;
  char                     what[128];
  static const char *const names[] = {"dft", "cosine", "sine", "cosine-4", "sine-4"};

  PetscFunctionBegin;
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, n, kind, &f));
  PetscCall(AeFFTPlans(&plans, NULL, NULL));
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, n, kind, &again));
  PetscCall(AeFFTPlans(&plans2, NULL, NULL));
  PetscCall(AeFFTCreateBuffer(f, &u));
  for (int d = 0; d < 3; d++) {
    PetscCall(PetscMalloc1(PetscMax(n[d] * n[d], 2 * n[d]), &table[d]));
    for (PetscInt m = 0; m < n[d]; m++) {
      if (f->is_complex) {
        table[d][2 * m]     = cosl(2 * acosl(-1.0L) * m / n[d]);
        table[d][2 * m + 1] = sinl(2 * acosl(-1.0L) * m / n[d]);
      } else
        for (PetscInt j = 0; j < n[d]; j++) table[d][m * n[d] + j] = Factor(kind[d], n[d], m, j);
    }
  }
  for (PetscInt k = 0; k < f->nk; k++)
    for (PetscInt j = 0; j < n[1]; j++)
      for (PetscInt i = 0; i < n[0]; i++) {
        const double v                   = Value(n, i, j, f->ks + k);
        u[(k * n[1] + j) * f->pitch + i] = v;
        sum_u += v * v;
      }
  PetscCall(AeFFTForward(f, u));
  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      const double *row = AeFFTRowAt(f, u, a, b);
      PetscInt      my, mz;

      AeFFTRow(f, a, b, &my, &mz);
      for (PetscInt m = 0; m < f->m[0]; m++, count++) {
        double exact[2], re = f->is_complex ? row[2 * m] : row[m], im = f->is_complex ? row[2 * m + 1] : 0;
        Naive(f, (const long double **)table, m, my, mz, exact);
        error += (re - exact[0]) * (re - exact[0]) + (im - exact[1]) * (im - exact[1]);
        norm += exact[0] * exact[0] + exact[1] * exact[1];
        sum_m += (f->is_complex && m && 2 * m != n[0] ? 2 : 1) * (re * re + im * im); /* the other half is the conjugate */
      }
    }
  PetscCall(AeFFTBackward(f, u));
  for (PetscInt k = 0; k < f->nk; k++)
    for (PetscInt j = 0; j < n[1]; j++)
      for (PetscInt i = 0; i < n[0]; i++) {
        const double e = u[(k * n[1] + j) * f->pitch + i] * f->scale - Value(n, i, j, f->ks + k);
        back += e * e;
      }
  snprintf(what, sizeof what, "%d x %d x %d %s %s %s", (int)n[0], (int)n[1], (int)n[2], names[kind[0]], names[kind[1]],
           names[kind[2]]);
  TapBelow(sqrt(SumAll(error) / SumAll(norm)), 4 * EPS * log2(N), what);
  TapBelow(sqrt(SumAll(back) / SumAll(sum_u)), 8 * EPS * log2(N), "  and back");
  TapTrue(again == f && plans == plans2 && SumAll(count) == (double)f->m[0] * f->m[1] * f->m[2],
          "  planned once; every mode on one rank");
  /* squares of two sums that each have relative errors of the transform's size and of a sum of N terms */
  if (f->is_complex) TapBelow(fabs(SumAll(sum_m) / N / SumAll(sum_u) - 1), 8 * EPS * (log2(N) + sqrt(N)), "  Parseval");
  for (int d = 0; d < 3; d++) PetscCall(PetscFree(table[d]));
  PetscCall(AeFFTDestroyBuffer(&u));
  PetscFunctionReturn(0);
}

/* A ghosted field of the grid to the buffer and back: not a bit changes, and no value goes astray. */
static PetscErrorCode TestMove(const PetscInt n[3])
{
  const AeTransform kind[3] = {AE_DFT, AE_DFT, AE_DFT};
  AeGrid            g;
  AeFFT             f;
  AeLayout          L;
  double           *u, *v;
  PetscInt          wrong = 0;
  PetscInt64        moves, expected;
  char              what[128];
  int               same;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeGridSetUp(g));
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, n, kind, &f));
  L = AeLayoutCreate(2, n[0], g->nj, g->nk, 3);
  PetscCall(PetscCalloc1(L.size, &v));
  PetscCall(AeFFTCreateBuffer(f, &u));
  for (ptrdiff_t o = 0; o < L.size; o++) v[o] = -5;
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < n[0]; i++) v[AeAt(&L, 1, k, j, i)] = Value(n, i, g->js + j, g->ks + k);
  moves = f->moves;
  PetscCall(AeFFTLoad(f, g, v + AeAt(&L, 1, 0, 0, 0), L.pitch, L.plane, u));
  for (PetscInt k = 0; k < f->nk; k++)
    for (PetscInt j = 0; j < n[1]; j++)
      for (PetscInt i = 0; i < n[0]; i++) {
        double *p = &u[(k * n[1] + j) * f->pitch + i];
        if (!(*p == Value(n, i, j, f->ks + k))) wrong++;
        *p += 3;
      }
  PetscCall(AeFFTStore(f, g, u, v + AeAt(&L, 1, 0, 0, 0), L.pitch, L.plane));
  moves = f->moves - moves;
  for (ptrdiff_t k = -3; k < g->nk + 3; k++)
    for (ptrdiff_t j = -3; j < g->nj + 3; j++)
      for (ptrdiff_t i = 0; i < n[0]; i++) {
        const PetscBool in = (PetscBool)(k >= 0 && k < g->nk && j >= 0 && j < g->nj);
        if (!(v[AeAt(&L, 1, k, j, i)] == (in ? Value(n, i, g->js + j, g->ks + k) + 3 : -5))) wrong++;
      }
  same = g->p[0] == 1 && g->nk == f->nk && g->ks == f->ks;
  MPI_Allreduce(MPI_IN_PLACE, &same, 1, MPI_INT, MPI_MIN, PETSC_COMM_WORLD);
  expected = same ? 0 : 2;
  snprintf(what, sizeof what, "%d x %d x %d: a grid's field to the transform's planes and back, %s", (int)n[0], (int)n[1],
           (int)n[2], same ? "the divisions are the same" : "the divisions differ");
  TapBelow(SumAll(wrong), 0, what);
  TapNear((double)moves, (double)expected, 0, "  redistributed only where it must be, and counted");
  PetscCall(AeFFTDestroyBuffer(&u));
  PetscCall(PetscFree(v));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

/* AeFFTForwardFrom reads a field with ghosts, or without gaps, where it lies: the same modes as by way of the buffer. */
static PetscErrorCode TestFrom(const PetscInt n[3], const AeTransform kind[3], PetscInt ghosts)
{
  AeGrid    g;
  AeFFT     f;
  AeLayout  L;
  double   *u, *w, *v, error = 0, norm = 0;
  ptrdiff_t pitch, plane, first;
  char      what[128];

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeGridSetUp(g));
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, n, kind, &f));
  L     = AeLayoutCreate(1, n[0], g->nj, g->nk, ghosts);
  pitch = ghosts ? L.pitch : n[0];
  plane = ghosts ? L.plane : n[0] * g->nj;
  first = ghosts ? AeAt(&L, 0, 0, 0, 0) : 0;
  PetscCall(PetscMalloc1(L.size + 8, &v));
  PetscCall(AeFFTCreateBuffer(f, &u));
  PetscCall(AeFFTCreateBuffer(f, &w));
  for (ptrdiff_t o = 0; o < L.size + 8; o++) v[o] = NAN; /* ghosts must not count */
  {
    double *field = v + (((uintptr_t)(v + first) & 63) ? 8 - (((uintptr_t)(v + first) & 63) >> 3) : 0) +
                    first; /* on a cache line, as states are */

    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < n[0]; i++) field[k * plane + j * pitch + i] = Value(n, i, g->js + j, g->ks + k);
    PetscCall(AeFFTForwardFrom(f, g, field, pitch, plane, u));
    PetscCall(AeFFTLoad(f, g, field, pitch, plane, w));
  }
  PetscCall(AeFFTForward(f, w));
  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++)
      for (PetscInt m = 0; m < f->mpitch; m++) {
        const double x = AeFFTRowAt(f, u, a, b)[m], y = AeFFTRowAt(f, w, a, b)[m];
        error += (x - y) * (x - y);
        norm += y * y;
      }
  snprintf(what, sizeof what, "%d x %d x %d, kind %d, %s: transformed where it lies", (int)n[0], (int)n[1], (int)n[2],
           (int)kind[0], ghosts ? "ghosts" : "no gaps");
  TapBelow(sqrt(SumAll(error) / SumAll(norm)), 8 * EPS * log2((double)n[0] * n[1] * n[2]), what);
  PetscCall(AeFFTDestroyBuffer(&u));
  PetscCall(AeFFTDestroyBuffer(&w));
  PetscCall(PetscFree(v));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const PetscInt more[][3] = {{8, 3, 1}, {10, 4, 9}};
  int            status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(PetscOptionsSetValue(NULL, "-fft_rigor", "estimate")); /* 20 shapes: measuring takes seconds */
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(Sizes); s++)
    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(Kinds); k++)
      if (s < 3 || !k) PetscCall(TestOne(Sizes[s], Kinds[k]));
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(Kinds); k++)
    for (PetscInt ghosts = 0; ghosts <= 4; ghosts += 2) PetscCall(TestFrom(Sizes[k % 3], Kinds[k], ghosts));
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(Sizes); s++) PetscCall(TestMove(Sizes[s]));
  for (size_t s = 0; s < 2; s++) PetscCall(TestMove(more[s]));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
