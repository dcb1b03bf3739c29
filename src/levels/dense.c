/*
  Dense output of RK4: u + dt sum_i b_i(theta) K_i, b_1 = theta - 3/2 theta^2 + 2/3 theta^3, b_2 = b_3 = theta^2 - 2/3 theta^3,
  b_4 = -1/2 theta^2 + 2/3 theta^3 (Hairer, Norsett & Wanner, Solving ODEs I, Eq. II.6.4). No further vector is needed: after
  an accepted step the stage vector holds u until the next step's second stage.
*/
#include "levels_private.h"

enum { CUBIC = 3 };
static const PetscReal binterp[AE_RK4_STAGES][CUBIC] = {/* [i][j] multiplies theta^(j+1) */
                                                        {1.0, -1.5, 2.0 / 3.0},
                                                        {0, 1.0, -2.0 / 3.0},
                                                        {0, 1.0, -2.0 / 3.0},
                                                        {0, -0.5, 2.0 / 3.0}};

/* After a look-ahead K[0] is the next step's; the one it has replaced follows from
   dt K_1 = 6 (u' - u) - dt (2 K_2 + 2 K_3 + K_4). */
PetscErrorCode AeRK4Interpolate(TS ts, PetscReal t, Vec X)
{
  AeRK4          *rk = (AeRK4 *)ts->data;
  const PetscReal dt = ts->ptime - ts->ptime_prev, x = (t - ts->ptime_prev) / dt;
  PetscReal       b[AE_RK4_STAGES];

  PetscFunctionBegin;
  for (int i = 0; i < AE_RK4_STAGES; i++) b[i] = dt * x * (binterp[i][0] + x * (binterp[i][1] + x * binterp[i][2]));
  PetscCall(VecCopy(rk->Y, X));
  if (rk->ahead) {
    const PetscReal w = 6.0 * b[0] / dt, r[AE_RK4_STAGES - 1] = {b[1] - 2.0 * b[0], b[2] - 2.0 * b[0], b[3] - b[0]};

    PetscCall(VecAXPBY(X, w, 1.0 - w, ts->vec_sol));
    PetscCall(VecMAXPY(X, AE_RK4_STAGES - 1, r, rk->K + 1));
  } else PetscCall(VecMAXPY(X, AE_RK4_STAGES, b, rk->K));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRK4DenseRegister(void)
{
  PetscReal A[AE_RK4_STAGES][AE_RK4_STAGES], b[AE_RK4_STAGES];

  PetscFunctionBegin;
  AeRK4Tableau(A, b);
  PetscCall(TSRKRegister("4dense", 4, AE_RK4_STAGES, A[0], b, NULL, NULL, CUBIC, binterp[0]));
  PetscFunctionReturn(0);
}
