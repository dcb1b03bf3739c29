#ifndef AEONIC_RK4_H
#define AEONIC_RK4_H
/*
  The classical Runge-Kutta scheme of order 4 [Kutta, Z. Math. Phys. 46, 435 (1901)]: its coefficients, and where it is stable.

    K_1 = f(t, u), K_s = f(t + c_s, u + c_s K_{s-1}), u' = u + sum_s b_s K_s,  c, b in units of time as below
*/
#include <petscsys.h>

/* Ends of the region |1 + z + z^2/2 + z^3/6 + z^4/24| <= 1 on the imaginary (2 sqrt 2) and on the negative real axis */
#define AE_RK4_IMAGINARY 2.8284271247461903
#define AE_RK4_REAL      2.7852935634052818

enum { AE_RK4_STAGES = 4 };

/* c[s]: of the slope before in stage s, and when the stage is; b: of the slopes in the new state. */
static inline void AeRK4Steps(PetscReal dt, PetscReal c[AE_RK4_STAGES], PetscReal b[AE_RK4_STAGES])
{
  c[0] = 0.0;
  c[1] = c[2] = 0.5 * dt;
  c[3]        = dt;
  b[0] = b[3] = dt / 6.0;
  b[1] = b[2] = dt / 3.0;
}

/* The same as the tableau of a general scheme: A[s][s-1] = c[s], else 0. */
static inline void AeRK4Tableau(PetscReal A[AE_RK4_STAGES][AE_RK4_STAGES], PetscReal b[AE_RK4_STAGES])
{
  PetscReal c[AE_RK4_STAGES];

  AeRK4Steps(1.0, c, b);
  for (int s = 0; s < AE_RK4_STAGES; s++)
    for (int m = 0; m < AE_RK4_STAGES; m++) A[s][m] = m == s - 1 ? c[s] : 0.0;
}
#endif
