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

/* a^ij with both indices of b_ij raised */
static void RaiseBoth(const double a[6], const double b[6], double out[6])
{
  for (int i = 0; i < 3; i++)
    for (int j = i; j < 3; j++) {
      double s = 0;

      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) s += a[AE_SYM(i, k)] * a[AE_SYM(j, l)] * b[AE_SYM(k, l)];
      out[AE_SYM(i, j)] = s;
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
          (void)AeSymInverse(g, guu);
          RaiseBoth(guu, k_dd, kuu);
          K[o]    = AeSymTrace(guu, k_dd);
          rate[o] = AeSymTrace(guu, dk) - AeSymTrace(kuu, dg);
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
