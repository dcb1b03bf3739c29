#ifndef AEONIC_DUAL_H
#define AEONIC_DUAL_H
/*
  AeDual: a number with its first derivatives in t, x, y, z. An exact solution written in this arithmetic
  gives K_ij, Gamma^i and every derivative the constraints need without a second formula that could disagree.
  Forward differentiation; Griewank & Walther, Evaluating Derivatives (2008), ch. 3.
*/
#include <math.h>

typedef struct {
  double v, d[4];
} AeDual;

static inline AeDual DConst(double c) { return (AeDual){c, {0, 0, 0, 0}}; }
static inline AeDual DVariable(double x, int axis)
{
  AeDual a  = DConst(x);
  a.d[axis] = 1.0;
  return a;
}
/* f(a) with derivative df */
static inline AeDual DChain(AeDual a, double f, double df)
{
  AeDual r = {f, {df * a.d[0], df * a.d[1], df * a.d[2], df * a.d[3]}};
  return r;
}
static inline AeDual DAdd(AeDual a, AeDual b)
{
  for (int m = 0; m < 4; m++) a.d[m] += b.d[m];
  a.v += b.v;
  return a;
}
static inline AeDual DScale(double c, AeDual a) { return DChain(a, c * a.v, c); }
static inline AeDual DSub(AeDual a, AeDual b) { return DAdd(a, DScale(-1.0, b)); }
static inline AeDual DMul(AeDual a, AeDual b)
{
  AeDual r = {a.v * b.v, {0, 0, 0, 0}};
  for (int m = 0; m < 4; m++) r.d[m] = a.d[m] * b.v + a.v * b.d[m];
  return r;
}
static inline AeDual DInv(AeDual a) { return DChain(a, 1.0 / a.v, -1.0 / (a.v * a.v)); }
static inline AeDual DDiv(AeDual a, AeDual b) { return DMul(a, DInv(b)); }
static inline AeDual DSqrt(AeDual a)
{
  const double s = sqrt(a.v);
  return DChain(a, s, 0.5 / s);
}
static inline AeDual DPow(AeDual a, double p) { return DChain(a, pow(a.v, p), p * pow(a.v, p - 1.0)); }
static inline AeDual DSin(AeDual a) { return DChain(a, sin(a.v), cos(a.v)); }
static inline AeDual DExp(AeDual a) { return DChain(a, exp(a.v), exp(a.v)); }
static inline AeDual DLog(AeDual a) { return DChain(a, log(a.v), 1.0 / a.v); }
/* Bessel functions; J1' = J0 - J1/x */
static inline AeDual DJ0(AeDual a) { return DChain(a, j0(a.v), -j1(a.v)); }
static inline AeDual DJ1(AeDual a) { return DChain(a, j1(a.v), a.v != 0 ? j0(a.v) - j1(a.v) / a.v : 0.5); }
static inline AeDual DSquare(AeDual a) { return DMul(a, a); }
/* c + a */
static inline AeDual DShift(double c, AeDual a)
{
  a.v += c;
  return a;
}
/* a, but not below the number c */
static inline AeDual DAtLeast(double c, AeDual a) { return a.v < c ? DConst(c) : a; }
#endif
