/*
  Ghosts beyond the outer boundary: extrapolated (radiative boundaries, whose right-hand side is set by the
  Sommerfeld condition in the last cells) or from the exact solution.
*/
#include "field_private.h"

/* Extrapolation by a polynomial through the q nearest cells: f(0) from f(1) ... f(q), s apart. Cubic where the
   stencil's ghosts allow it: a rank that owns one row still has g more behind it. */
static inline double Extrapolate(const double *f, ptrdiff_t s, ptrdiff_t q)
{
  if (q >= 4) return 4.0 * (f[s] + f[3 * s]) - 6.0 * f[2 * s] - f[4 * s];
  return 3.0 * (f[s] - f[2 * s]) + f[3 * s];
}

/* Whether this rank holds the outer boundary at side s of axis d, of kind bc. */
static PetscBool Holds(AeFields F, int d, int s, AeBoundary bc)
{
  AeGrid g = F->grid;

  if (g->bc[d][s] != bc) return PETSC_FALSE;
  if (d == 1) return (PetscBool)(s ? g->js + g->nj == g->n[1] : g->js == 0);
  if (d == 2) return (PetscBool)(s ? g->ks + g->nk == g->n[2] : g->ks == 0);
  return PETSC_TRUE;
}

static void FillRadiative(AeFields F, double *u)
{
  const AeLayout  L = F->L;
  const ptrdiff_t q = PetscMin(4, L.g + 1), step[3] = {1, L.pitch, L.plane}, n[3] = {L.nx, L.nj, L.nk};

  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      if (!Holds(F, d, s, AE_BC_RADIATIVE)) continue;
      for (ptrdiff_t f = 0; f < L.nf; f++)
        for (ptrdiff_t m = 0; m < L.g; m++) {
          const ptrdiff_t c = s ? n[d] + m : -1 - m, inward = s ? -step[d] : step[d];
          /* axes already done include their ghosts, so that edges and corners are filled */
          const ptrdiff_t i0 = d == 0 ? c : -L.g, i1 = d == 0 ? c + 1 : L.nx + L.g;
          const ptrdiff_t j0 = d == 1 ? c : -L.g, j1 = d == 1 ? c + 1 : L.nj + L.g;
          const ptrdiff_t k0 = d == 2 ? c : -L.g, k1 = d == 2 ? c + 1 : L.nk + L.g;

          for (ptrdiff_t k = k0; k < k1; k++)
            for (ptrdiff_t j = j0; j < j1; j++)
              for (ptrdiff_t i = i0; i < i1; i++) {
                double *p = u + AeAt(&L, f, k, j, i);
                *p        = Extrapolate(p, inward, q);
              }
        }
    }
}

static PetscErrorCode FillExact(AeFields F, double *u, PetscReal t)
{
  AeGrid         g = F->grid;
  const AeLayout L = F->L;
  const PetscInt n = (PetscInt)(L.nx + 2 * L.g);
  double        *x = F->work, *value = F->work + n;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) x[i] = AeGridX(g, 0, i - (PetscInt)L.g);
  for (PetscInt k = -(PetscInt)L.g; k < L.nk + L.g; k++)
    for (PetscInt j = -(PetscInt)L.g; j < L.nj + L.g; j++) {
      PetscInt        J, K;
      const PetscBool outer = (PetscBool)(AeFieldsMap(g, 1, g->js + j, &J) == 2 || AeFieldsMap(g, 2, g->ks + k, &K) == 2);
      /* outer rows whole; of the others the x ghosts */
      const PetscInt from[2] = {0, (PetscInt)(L.nx + L.g)}, to[2] = {outer ? n : (PetscInt)L.g, n};

      for (int s = 0; s < (outer ? 1 : 2); s++) {
        const PetscInt m = to[s] - from[s];

        if (!outer && g->bc[0][s] != AE_BC_EXACT) continue;
        PetscCall(F->exact(F->exact_ctx, t, m, x + from[s], AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k), value));
        for (ptrdiff_t f = 0; f < L.nf; f++) memcpy(u + AeAt(&L, f, k, j, from[s] - L.g), value + f * m, sizeof(double) * m);
      }
    }
  PetscFunctionReturn(0);
}

PetscErrorCode AeFieldsFillOuter(AeFields F, double *u, PetscReal t)
{
  PetscBool radiative = PETSC_FALSE, exact = PETSC_FALSE;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      if (F->grid->bc[d][s] == AE_BC_RADIATIVE) radiative = PETSC_TRUE;
      if (F->grid->bc[d][s] == AE_BC_EXACT) exact = PETSC_TRUE;
    }
  if (!radiative && !exact) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_BOUNDARY], 0, 0, 0, 0));
  if (radiative) FillRadiative(F, u);
  if (exact) {
    PetscCheck(F->exact, F->grid->comm, AE_ERR_USAGE, "-grid_boundary exact needs initial data with an exact solution");
    PetscCall(FillExact(F, u, t));
  }
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_BOUNDARY], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
