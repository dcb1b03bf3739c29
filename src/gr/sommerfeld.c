/*
  Radiative outer boundary: in the last cells before it every field obeys
    d_t f = -v [x^i d_i f + (f - f_0)]/r,
  an outgoing spherical wave f = f_0 + g(r - v t)/r. The derivatives reach into ghosts extrapolated from inside.
  Alcubierre et al., gr-qc/0206072, Eq. (37).
*/
#include "gr_private.h"

static double Derivative(const AeFD *T, PetscInt order, const double *f, ptrdiff_t s)
{
  double x = 0;

  for (int k = 1; k <= order / 2; k++) x += (f[k * s] - f[-k * s]) * T->c[k - 1];
  return x;
}

void AeGRSommerfeld(AeGR gr, AePatch P, const double *u, double *r)
{
  AeGrid             g     = P->grid;
  const PetscInt     order = PetscMin(gr->order, 4);
  const AeLayout    *L     = P->L;
  const AeFieldInfo *info;
  PetscBool          at[3][2];

  PetscCallVoid(AeFieldsGetInfo(P->fields, NULL, NULL, &info));
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) at[d][s] = (PetscBool)(g->bc[d][s] == AE_BC_RADIATIVE);
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      const PetscInt  J = (PetscInt)(g->js + j), K = (PetscInt)(g->ks + k);
      const PetscBool whole = (PetscBool)((at[1][0] && J == 0) || (at[1][1] && J == g->n[1] - 1) || (at[2][0] && K == 0) ||
                                          (at[2][1] && K == g->n[2] - 1));

      for (ptrdiff_t i = 0; i < L->nx; i += whole ? 1 : L->nx - 1) {
        const PetscReal x = AeGridX(g, 0, (PetscInt)i), y = AeGridX(g, 1, J), z = AeGridX(g, 2, K),
                        rad = PetscSqrtReal(x * x + y * y + z * z);

        if (!whole && !at[0][i > 0]) continue;
        for (ptrdiff_t f = 0; f < L->nf; f++) {
          const PetscBool gauge = (PetscBool)((f == gr->at.lapse && !gr->lapse->evolved) ||
                                              (f >= gr->at.shift && f < gr->at.shift + 3 && !gr->shift->evolved));
          const ptrdiff_t o     = AeAt(L, f, k, j, i);
          const double   *p     = u + o;

          if (gauge) continue; /* given or frozen: its right-hand side stays zero */
          r[o] = -info[f].speed / rad *
                 ((x * Derivative(AE_FD(order), order, p, 1) + y * Derivative(AE_FD(order), order, p, L->pitch) +
                   z * Derivative(AE_FD(order), order, p, L->plane)) /
                    g->h +
                  (p[0] - info[f].limit));
        }
      }
    }
}
