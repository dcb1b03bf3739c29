#ifndef AEONIC_FD_H
#define AEONIC_FD_H
/*
  Finite differences of order p = 2, 4, 6, 8 on RealV. `order` must be a compile-time constant: the loops
  below unroll and the tables fold into the code.

  Written with a_k = f(+k) - f(-k) and s_k = f(+k) + f(-k):
    f'          = 1/h   sum c_k a_k                     (centred)
    f''         = 1/h^2 (b_0 f + sum b_k s_k)
    beta f'     = 1/h   (beta sum u_k a_k + |beta| r d)  (upwinded: one point further ahead than behind)
    dissipation = 1/h   sigma/2^(p+2) d,   d = (-1)^(p/2) delta^(p+2) f
  The upwinded derivative of either side is its mean with the other plus or minus half their difference, and
  half the difference is r d: one undivided difference serves upwinding and Kreiss-Oliger dissipation, and no
  branch on the sign of beta is needed.
  References: Fornberg, Math. Comp. 51 (1988) 699; Kreiss & Oliger 1973; Gustafsson, Kreiss & Oliger 1995.
*/
#include <aeonic/simd.h>

typedef struct {
  double c[4], b[5], u[5], d[6], r;
} AeFD;

/* d[k] are the coefficients of (-1)^(p/2) delta^(p+2), centre first */
static const AeFD AeFDTable[4] = {
  {.c = {1. / 2}, .b = {-2, 1}, .u = {1, -1. / 4}, .d = {-6, 4, -1}, .r = 1. / 4},
  {.c = {2. / 3, -1. / 12},
   .b = {-5. / 2, 4. / 3, -1. / 12},
   .u = {7. / 8, -1. / 4, 1. / 24},
   .d = {-20, 15, -6, 1},
   .r = 1. / 24},
  {.c = {3. / 4, -3. / 20, 1. / 60},
   .b = {-49. / 18, 3. / 2, -3. / 20, 1. / 90},
   .u = {13. / 15, -4. / 15, 1. / 15, -1. / 120},
   .d = {-70, 56, -28, 8, -1},
   .r = 1. / 120},
  {.c = {4. / 5, -1. / 5, 4. / 105, -1. / 280},
   .b = {-205. / 72, 8. / 5, -1. / 5, 8. / 315, -1. / 560},
   .u = {7. / 8, -2. / 7, 29. / 336, -1. / 56, 1. / 560},
   .d = {-252, 210, -120, 45, -10, 1},
   .r = 1. / 560},
};
#define AE_FD(order) (&AeFDTable[(order) / 2 - 1])
/* Ghost width that the undivided difference needs. */
#define AeFDGhost(order) ((order) / 2 + 1)

/* h f' along stride s */
AE_INLINE RealV FD1(const int order, const double *f, ptrdiff_t s)
{
  RealV x = (Load(f + s) - Load(f - s)) * AE_FD(order)->c[0];
  AE_UNROLL(4)
  for (int k = 2; k <= order / 2; k++) x += (Load(f + k * s) - Load(f - k * s)) * AE_FD(order)->c[k - 1];
  return x;
}

/* h^2 f'' along stride s */
AE_INLINE RealV FD2(const int order, const double *f, ptrdiff_t s)
{
  RealV x = Load(f) * AE_FD(order)->b[0];
  AE_UNROLL(4)
  for (int k = 1; k <= order / 2; k++) x += (Load(f + k * s) + Load(f - k * s)) * AE_FD(order)->b[k];
  return x;
}

/* h^2 d/ds d/dt f, the tensor product of two first derivatives; equal weights are collected first */
AE_INLINE RealV FD11(const int order, const double *f, ptrdiff_t s, ptrdiff_t t)
{
  RealV x = {0};
  AE_UNROLL(4)
  for (int k = 1; k <= order / 2; k++) {
    AE_UNROLL(4)
    for (int l = 1; l <= k; l++) {
      RealV y = (Load(f + k * s + l * t) - Load(f - k * s + l * t)) - (Load(f + k * s - l * t) - Load(f - k * s - l * t));
      if (l < k) y += (Load(f + l * s + k * t) - Load(f - l * s + k * t)) - (Load(f + l * s - k * t) - Load(f - l * s - k * t));
      y *= AE_FD(order)->c[k - 1] * AE_FD(order)->c[l - 1];
      x = k == 1 ? y : x + y;
    }
  }
  return x;
}

/* h (beta f' upwinded + dissipation) along stride s; sigma is sigma/2^(p+2) */
AE_INLINE RealV FDAdvect(const int order, const double *f, ptrdiff_t s, RealV beta, RealV abs_beta, RealV sigma)
{
  const AeFD *T  = AE_FD(order);
  RealV       up = (Load(f + s) - Load(f - s)) * T->u[0], d = Load(f) * T->d[0];

  AE_UNROLL(5)
  for (int k = 1; k <= order / 2 + 1; k++) {
    const RealV a = Load(f + k * s), b = Load(f - k * s);
    if (k > 1) up += (a - b) * T->u[k - 1];
    d += (a + b) * T->d[k];
  }
  return beta * up + (abs_beta * T->r + sigma) * d;
}
#endif
