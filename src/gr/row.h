#ifndef AEONIC_ROW_H
#define AEONIC_ROW_H
/*
  What the row kernels share: derivatives of a field at a block of AE_LANES cells, advection with dissipation, names.

  A kernel is compiled once for every formulation AE_FORM, order AE_ORDER, lane count AE_LANES and instruction set AE_SET
  (see the makefile). A row is walked in blocks of AE_LANES cells; the last block slides back to end at the
  row's end and computes its overlap again, to the same bits.
*/
#include <aeonic/fd.h>
#include "z4_point.h"

#define CAT_(a, b, c, d, e) a##_##b##_o##c##_##d##_v##e
#define CAT(a, b, c, d, e)  CAT_(a, b, c, d, e)
#define KERNEL(pass)        CAT(pass, AE_FORM, AE_ORDER, AE_SET, AE_LANES)

static const int Order = AE_ORDER;

typedef struct {
  ptrdiff_t s[3]; /* strides of i, j, k */
  double    inv_h;
} Steps;

AE_INLINE void D1(const double *f, const Steps *S, RealV d[3])
{
  FOR3 (a) d[a] = FD1(Order, f, S->s[a]) * S->inv_h;
}
AE_INLINE void D2(const double *f, const Steps *S, RealV dd[6])
{
  const double q = S->inv_h * S->inv_h;
  FOR6 (ab)
    dd[ab] =
      (AeSymA[ab] == AeSymB[ab] ? FD2(Order, f, S->s[AeSymA[ab]]) : FD11(Order, f, S->s[AeSymA[ab]], S->s[AeSymB[ab]])) * q;
}

/* beta^c d_c f upwinded, and dissipation; b = beta/h, ab = |b| and sigma switch each off */
AE_INLINE RealV Advect(const double *f, const Steps *S, const RealV b[3], const RealV ab[3], RealV sigma)
{
  return FDAdvect(Order, f, S->s[0], b[0], ab[0], sigma) + FDAdvect(Order, f, S->s[1], b[1], ab[1], sigma) +
         FDAdvect(Order, f, S->s[2], b[2], ab[2], sigma);
}

/* The block that starts at cell i0, slid back where the row ends. */
AE_INLINE ptrdiff_t Slide(ptrdiff_t i0, ptrdiff_t n) { return i0 + AE_LANES <= n ? i0 : n - AE_LANES; }
#endif
