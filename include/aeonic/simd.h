#ifndef AEONIC_SIMD_H
#define AEONIC_SIMD_H
/*
  RealV: AE_LANES doubles computed at once. Kernels are written on it, so that the same text is scalar, 2, 4
  or 8 lanes wide. Results do not depend on the width: every operation is elementwise, and the project is
  compiled with -ffp-contract=off.
*/
#include <stddef.h>
#include <stdint.h>

#ifndef AE_LANES
#  define AE_LANES 8
#endif
typedef double  RealV __attribute__((vector_size(AE_LANES * 8)));
typedef double  RealU __attribute__((vector_size(AE_LANES * 8), aligned(8), may_alias)); /* in memory, any alignment */
typedef int64_t MaskV __attribute__((vector_size(AE_LANES * 8)));

#define AE_PRAGMA(x) _Pragma(#x)
#ifdef __clang__
#  define AE_UNROLL(n) AE_PRAGMA(unroll n)
#else
#  define AE_UNROLL(n) AE_PRAGMA(GCC unroll n)
#endif
#define AE_INLINE static inline __attribute__((always_inline))

AE_INLINE RealV Load(const double *p) { return *(const RealU *)p; }
AE_INLINE void  Store(double *p, RealV x) { *(RealU *)p = x; }
AE_INLINE RealV Splat(double x) { return x - (RealV){0}; }
AE_INLINE RealV Abs(RealV x) { return (RealV)((MaskV)x & INT64_MAX); }
AE_INLINE RealV Sqrt(RealV x)
{
  RealV y;
  AE_UNROLL(8)
  for (int l = 0; l < AE_LANES; l++) y[l] = __builtin_sqrt(x[l]);
  return y;
}
#endif
