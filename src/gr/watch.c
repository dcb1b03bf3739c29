/*
  What those who watch an evolution ask for beside its state: constraints of the first stage, tr K and its rate, damping.
*/
#include "gr_private.h"

PetscErrorCode AeGRSetCapture(AeGR gr, Vec C)
{
  AeFields CF;
  AeGrid   g = NULL;

  PetscFunctionBegin;
  if (C) {
    PetscCall(AeFieldsFromVec(C, &CF));
    PetscCall(AeFieldsGetInfo(CF, &g, NULL, NULL));
  }
  for (PetscInt p = 0; p < gr->npatches; p++)
    if (!C || gr->patches[p]->grid == g) gr->patches[p]->capture = C;
  PetscFunctionReturn(0);
}

/* gamma^ij of a metric, xx xy xz yy yz zz */
static void Inverse(const double m[6], double u[6])
{
  const double xx = m[3] * m[5] - m[4] * m[4], xy = m[2] * m[4] - m[1] * m[5], xz = m[1] * m[4] - m[2] * m[3];
  const double det = m[0] * xx + m[1] * xy + m[2] * xz;

  u[0] = xx / det;
  u[1] = xy / det;
  u[2] = xz / det;
  u[3] = (m[0] * m[5] - m[2] * m[2]) / det;
  u[4] = (m[1] * m[2] - m[0] * m[4]) / det;
  u[5] = (m[0] * m[3] - m[1] * m[1]) / det;
}

/* a^ij b_ij */
static double Contract(const double a[6], const double b[6])
{
  return a[0] * b[0] + a[3] * b[3] + a[5] * b[5] + 2.0 * (a[1] * b[1] + a[2] * b[2] + a[4] * b[4]);
}

/* a^ij with both indices of b_ij raised */
static void Raise(const double a[6], const double b[6], double out[6])
{
  static const int at[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

  for (int i = 0; i < 3; i++)
    for (int j = i; j < 3; j++) {
      double s = 0;

      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) s += a[at[i][k]] * a[at[j][l]] * b[at[k][l]];
      out[at[i][j]] = s;
    }
}

PetscErrorCode AeGRTrace(AeGR gr, Vec U, Vec F, double *K, double *rate)
{
  const Z4Fields *at = &gr->at;
  const AeLayout *L;
  AePatch         P;
  const double   *u, *f;

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, U, &P));
  L = P->L;
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayRead(F, &f));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const ptrdiff_t c = AeAt(L, 0, k, j, i), o = c - L->origin;

        if (gr->conformal) {
          const double two = gr->form == Z4_FORM_z4c ? 2.0 : 0.0; /* K = Khat + 2 Theta */
          const int    T   = two > 0 ? at->Theta : at->K;

          K[o]    = u[c + at->K * L->stride] + two * u[c + T * L->stride];
          rate[o] = f[c + at->K * L->stride] + two * f[c + T * L->stride];
        } else { /* d_t (gamma^ij K_ij) = gamma^ij d_t K_ij - K^ij d_t gamma_ij */
          double g[6], dg[6], k_dd[6], dk[6], guu[6], kuu[6];

          for (int ab = 0; ab < 6; ab++) {
            g[ab]    = u[c + (at->metric + ab) * L->stride];
            dg[ab]   = f[c + (at->metric + ab) * L->stride];
            k_dd[ab] = u[c + (at->curv + ab) * L->stride];
            dk[ab]   = f[c + (at->curv + ab) * L->stride];
          }
          Inverse(g, guu);
          Raise(guu, k_dd, kuu);
          K[o]    = Contract(guu, k_dd);
          rate[o] = Contract(guu, dk) - Contract(kuu, dg);
        }
      }
  PetscCall(VecRestoreArrayRead(F, &f));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

PetscReal AeGRDamping(AeGR gr)
{
  const PetscReal z4 = gr->at.Theta >= 0 ? gr->params.kappa1 * PetscMax(1.0, 2.0 + gr->params.kappa2) : 0.0;

  return PetscMax(z4, gr->shift->evolved && !gr->params.shift_harmonic ? gr->eta : 0.0);
}
