/*
  Half precision with a power of two as the scale of each tile, so that scaling is exact: x = 2^e h, |h| <= 1, and the
  error of h is at most half a unit in the last place of the largest, 2^-12, and 2^-12 of that since it is rounded to float first.
*/
#include <aeonic/memory.h>
#include <float.h>
#ifdef __F16C__
#  include <immintrin.h>
#endif

static size_t Tiles(size_t n, size_t tile) { return (n + tile - 1) / tile; }

size_t AeHalfBytes(size_t n, size_t tile) { return Tiles(n, tile) * sizeof(int16_t) + n * sizeof(_Float16); }

/* n numbers times 2^e, by way of float: processors convert from and to that. Four at a time where they can, with the same
   roundings; a scale that is no ordinary number goes through ldexp. */
static void ToHalf(const double x[], size_t n, int e, _Float16 h[])
{
  const double two_e = ldexp(1.0, e);
  size_t       i     = 0;

  if (PetscAbsInt(e) >= 1000) {
    for (; i < n; i++) h[i] = (_Float16)(float)ldexp(x[i], e);
    return;
  }
#ifdef __F16C__
  for (; i + 4 <= n; i += 4) {
    const __m128i four = _mm_cvtps_ph(_mm256_cvtpd_ps(_mm256_mul_pd(_mm256_loadu_pd(x + i), _mm256_set1_pd(two_e))), 0);

    memcpy(h + i, &four, 4 * sizeof *h);
  }
#endif
  for (; i < n; i++) h[i] = (_Float16)(float)(x[i] * two_e);
}

static void FromHalf(const _Float16 h[], size_t n, int e, double x[])
{
  const double two_e = ldexp(1.0, e);
  size_t       i     = 0;

  if (PetscAbsInt(e) >= 1000) {
    for (; i < n; i++) x[i] = ldexp((double)(float)h[i], e);
    return;
  }
#ifdef __F16C__
  for (; i + 4 <= n; i += 4) {
    __m128i four = _mm_setzero_si128();

    memcpy(&four, h + i, 4 * sizeof *h);
    _mm256_storeu_pd(x + i, _mm256_mul_pd(_mm256_cvtps_pd(_mm_cvtph_ps(four)), _mm256_set1_pd(two_e)));
  }
#endif
  for (; i < n; i++) x[i] = (double)(float)h[i] * two_e;
}

typedef double  Eight __attribute__((vector_size(8 * sizeof(double))));
typedef int64_t EightMask __attribute__((vector_size(8 * sizeof(int64_t))));

/* The largest |x|, or infinity if one is not finite; in lanes, since the order is no matter. */
static double Largest(const double x[], size_t n)
{
  Eight     m       = {0}, y;
  EightMask bad     = {0};
  double    largest = 0;

  for (size_t i = 0; i < n; i += 8) {
    const size_t left = PetscMin(n - i, 8);

    if (left < 8) y = (Eight){0};
    memcpy(&y, x + i, left * sizeof *x);
    y = (Eight)((EightMask)y & INT64_MAX);
    bad |= ~(y <= DBL_MAX);
    m = (Eight)(((EightMask)y & (y > m)) | ((EightMask)m & ~(y > m)));
  }
  for (int l = 0; l < 8; l++) largest = PetscMax(largest, bad[l] ? (double)INFINITY : m[l]);
  return largest;
}

PetscBool AeHalfPack(const double x[], size_t n, size_t tile, void *half, PetscReal *bound)
{
  int16_t  *exponent = half;
  _Float16 *h        = (_Float16 *)(exponent + Tiles(n, tile));

  *bound = 0.0;
  for (size_t i = 0; i < n; i += tile) {
    const size_t most = PetscMin(tile, n - i);
    const double m    = Largest(x + i, most);
    int          e    = 0;

    if (!isfinite(m)) return PETSC_FALSE;
    (void)frexp(m, &e);   /* m = f 2^e, 1/2 <= f < 1 */
    if (m == 0) e = -999; /* a scale that says how little it is */
    exponent[i / tile] = (int16_t)e;
    ToHalf(x + i, most, -e, h + i);
    if (m > 0) *bound = PetscMax(*bound, ldexp(1.0 + 0x1p-12, PetscMax(e - 12, -1074)));
  }
  return PETSC_TRUE;
}

void AeHalfUnpack(const void *half, size_t n, size_t tile, double x[])
{
  const int16_t  *exponent = half;
  const _Float16 *h        = (const _Float16 *)(exponent + Tiles(n, tile));

  for (size_t i = 0; i < n; i += tile) FromHalf(h + i, PetscMin(tile, n - i), exponent[i / tile], x + i);
}

PetscInt64 AeRegimeHash(const AeRegime *r)
{
  const PetscInt field[] = {r->dt_bin, r->n[0], r->n[1], r->n[2], r->order, r->formulation, r->octave, r->band, r->levels};
  uint64_t       h       = 14695981039346656037u; /* FNV-1a, 64 bits */

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(field); i++)
    for (int b = 0; b < 4; b++) h = (h ^ ((uint32_t)field[i] >> (8 * b) & 255)) * 1099511628211u;
  h &= INT64_MAX;
  return h ? (PetscInt64)h : 1;
}
