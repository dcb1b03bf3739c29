/*
  What the machine can do: STREAM triad and the fused multiply-add peak, on each rank at once.
*/
#include "bench_private.h"
#include <sys/mman.h>
#if defined(__x86_64__)
#  include <immintrin.h>
#endif
#undef I

/* a = b + s c over arrays well beyond the caches; 24 bytes an element are counted (McCalpin's rule). GB/s of a rank. */
PetscErrorCode AeBenchTriad(PetscReal *gb_per_s)
{
  const size_t n = (size_t)1 << 25;
  double      *a, *b, *c;
  PetscReal    t[AE_BENCH_REPS], start;

  PetscFunctionBegin;
  PetscCheck(!posix_memalign((void **)&a, (size_t)2 << 20, 3 * n * sizeof(double)), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "no memory for the triad");
  (void)madvise(a, 3 * n * sizeof(double), MADV_HUGEPAGE);
  b = a + n;
  c = b + n;
  for (size_t i = 0; i < n; i++) a[i] = 0.0, b[i] = 1.0, c[i] = 2.0;
  for (int r = 0; r < AE_BENCH_REPS; r++) {
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    for (size_t i = 0; i < n; i++) a[i] = b[i] + 3.0 * c[i];
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t[r]));
    PetscCheck(a[n / 2] == 7.0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "triad is wrong");
  }
  *gb_per_s = 24e-9 * (PetscReal)n / AeBenchMedian(t, AE_BENCH_REPS);
  free(a);
  PetscFunctionReturn(0);
}

/* Independent chains of fused multiply-adds that stay in registers. GFLOP/s of a rank. */
PetscErrorCode AeBenchFma(PetscReal *gflop_per_s)
{
  enum { CHAINS = 16 };
  const int loops = 4000000;
  PetscReal t[AE_BENCH_REPS], start;
  double    check = 0;
  int       lanes = 1;

  PetscFunctionBegin;
  for (int r = 0; r < AE_BENCH_REPS; r++) {
#if defined(__AVX512F__)
    __m512d x[CHAINS], m = _mm512_set1_pd(0.999999), q = _mm512_set1_pd(1e-6);
    lanes = 8;
#  define FMA(x) _mm512_fmadd_pd(x, m, q)
    for (int c = 0; c < CHAINS; c++) x[c] = _mm512_set1_pd(c);
#elif defined(__FMA__)
    __m256d x[CHAINS], m = _mm256_set1_pd(0.999999), q = _mm256_set1_pd(1e-6);
    lanes = 4;
#  define FMA(x) _mm256_fmadd_pd(x, m, q)
    for (int c = 0; c < CHAINS; c++) x[c] = _mm256_set1_pd(c);
#else
    double x[CHAINS], m = 0.999999, q = 1e-6;
#  define FMA(x) ((x)*m + q)
    for (int c = 0; c < CHAINS; c++) x[c] = c;
#endif
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    for (int l = 0; l < loops; l++)
      for (int c = 0; c < CHAINS; c++) x[c] = FMA(x[c]);
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t[r]));
    for (int c = 0; c < CHAINS; c++) check += *(double *)&x[c];
  }
  PetscCheck(check > 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "the multiply-adds were optimised away");
  *gflop_per_s = 2e-9 * CHAINS * lanes * (PetscReal)loops / AeBenchMedian(t, AE_BENCH_REPS);
  PetscFunctionReturn(0);
}
