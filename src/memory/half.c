/*
  Half precision with a power of two as the scale of each tile, so that scaling is exact: x = 2^e h, |h| <= 1, and the
  error of h is at most half a unit in the last place of the largest, 2^-12, and 2^-12 of that since it is rounded to float first.
*/
#include <aeonic/memory.h>

static size_t Tiles(size_t n, size_t tile) { return (n + tile - 1) / tile; }

size_t AeHalfBytes(size_t n, size_t tile) { return Tiles(n, tile) * sizeof(int16_t) + n * sizeof(_Float16); }

/* x[j] 2^e, by one product where 2^e is an ordinary number. */
static inline double Scaled(double x, double two_e, int e) { return PetscAbsInt(e) < 1000 ? x * two_e : ldexp(x, e); }

PetscBool AeHalfPack(const double x[], size_t n, size_t tile, void *half, PetscReal *bound)
{
  int16_t  *exponent = half;
  _Float16 *h        = (_Float16 *)(exponent + Tiles(n, tile));

  *bound = 0.0;
  for (size_t i = 0; i < n; i += tile) {
    const size_t end   = PetscMin(i + tile, n);
    double       m     = 0.0, two_e;
    int          e     = 0;
    PetscBool    whole = PETSC_TRUE;

    for (size_t j = i; j < end; j++) {
      whole = (PetscBool)(whole & (isfinite(x[j]) != 0));
      m     = PetscMax(m, fabs(x[j]));
    }
    if (!whole) return PETSC_FALSE;
    (void)frexp(m, &e); /* m = f 2^e, 1/2 <= f < 1 */
    exponent[i / tile] = (int16_t)e;
    two_e              = ldexp(1.0, -e);
    for (size_t j = i; j < end; j++) h[j] = (_Float16)(float)Scaled(x[j], two_e, -e); /* processors round from float */
    if (m > 0) *bound = PetscMax(*bound, ldexp(1.0 + 0x1p-12, PetscMax(e - 12, -1074)));
  }
  return PETSC_TRUE;
}

void AeHalfUnpack(const void *half, size_t n, size_t tile, double x[])
{
  const int16_t  *exponent = half;
  const _Float16 *h        = (const _Float16 *)(exponent + Tiles(n, tile));

  for (size_t i = 0; i < n; i += tile) {
    const int    e     = exponent[i / tile];
    const double two_e = ldexp(1.0, e);

    for (size_t j = i; j < PetscMin(i + tile, n); j++) x[j] = Scaled((double)(float)h[j], two_e, e);
  }
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
