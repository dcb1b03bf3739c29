#ifndef AEONIC_SYM_H
#define AEONIC_SYM_H
/*
  Symmetric 3 x 3 tensors as six numbers in the order xx, xy, xz, yy, yz, zz: in states, files and kernels alike. Each formula has
  one sequence of roundings, on numbers and on vectors of them.
*/

/* The place of component (a,b), and the a and b of each place. */
#define AE_SYM(a, b) ((a) < (b) ? (a) * (5 - (a)) / 2 + (b) : (b) * (5 - (b)) / 2 + (a))
static const int AeSymA[6] = {0, 0, 0, 1, 1, 2}, AeSymB[6] = {0, 1, 2, 1, 2, 2};

/* c: the cofactors of g, which are its inverse times its determinant; the determinant from both. For numbers and vectors. */
#define AE_SYM_COFACTORS(g, c)                  \
  do {                                          \
    (c)[0] = (g)[3] * (g)[5] - (g)[4] * (g)[4]; \
    (c)[1] = (g)[2] * (g)[4] - (g)[1] * (g)[5]; \
    (c)[2] = (g)[1] * (g)[4] - (g)[2] * (g)[3]; \
    (c)[3] = (g)[0] * (g)[5] - (g)[2] * (g)[2]; \
    (c)[4] = (g)[1] * (g)[2] - (g)[0] * (g)[4]; \
    (c)[5] = (g)[0] * (g)[3] - (g)[1] * (g)[1]; \
  } while (0)
#define AE_SYM_DET(g, c) ((g)[0] * (c)[0] + (g)[1] * (c)[1] + (g)[2] * (c)[2])

/* The inverse of g; returns its determinant. */
static inline double AeSymInverse(const double g[6], double inverse[6])
{
  double det;

  AE_SYM_COFACTORS(g, inverse);
  det = AE_SYM_DET(g, inverse);
  for (int ab = 0; ab < 6; ab++) inverse[ab] /= det;
  return det;
}

/* u^ab x_ab */
static inline double AeSymTrace(const double u[6], const double x[6])
{
  return u[0] * x[0] + u[3] * x[3] + u[5] * x[5] + 2.0 * (u[1] * x[1] + u[2] * x[2] + u[4] * x[4]);
}

/* u^ac x_cb: one index raised */
static inline void AeSymRaise(const double u[6], const double x[6], double mixed[3][3])
{
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      mixed[a][b] = 0;
      for (int c = 0; c < 3; c++) mixed[a][b] += u[AE_SYM(a, c)] * x[AE_SYM(c, b)];
    }
}
#endif
