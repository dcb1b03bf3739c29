/*
  Ghosts beyond the outer boundary: extrapolated (radiative boundaries, whose right-hand side is set by the
  Sommerfeld condition in the last cells) or from the exact solution.
*/
#include "field_private.h"

static AE_EVENT(BoundaryEvent, "AeBoundary");

/* Extrapolation by a polynomial through the q nearest cells: f(0) from f(1) ... f(q), s apart. Cubic where the
   stencil's ghosts allow it: a rank that owns one row still has g more behind it. */
static inline double Extrapolate(const double *f, ptrdiff_t s, ptrdiff_t q)
{
  if (q >= 4) return 4.0 * (f[s] + f[3 * s]) - 6.0 * f[2 * s] - f[4 * s];
  return 3.0 * (f[s] - f[2 * s]) + f[3 * s];
}

/* Extrapolation, for derivatives near the face; the condition itself acts on the slopes of the outermost cells. */
static void FillRadiative(AeFields F, double *u)
{
  const AeLayout  L = F->L;
  const ptrdiff_t q = PetscMin(4, L.g + 1), step[3] = {1, L.pitch, L.plane}, n[3] = {L.nx, L.nj, L.nk};
  /* the domain in this block's indices: a rank with few rows sees a face that it does not touch */
  const ptrdiff_t lower[3] = {0, -F->grid->js, -F->grid->ks},
                  upper[3] = {L.nx, F->grid->n[1] - F->grid->js, F->grid->n[2] - F->grid->ks};

  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      const ptrdiff_t ghosts = s ? n[d] + L.g - upper[d] : lower[d] + L.g; /* beyond the face; none if it is out of reach */

      if (F->grid->bc[d][s] != AE_BC_RADIATIVE) continue;
      for (ptrdiff_t f = 0; f < L.nf; f++)
        for (ptrdiff_t m = 0; m < ghosts; m++) {
          const ptrdiff_t c = s ? upper[d] + m : lower[d] - 1 - m, inward = s ? -step[d] : step[d];
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

/* Whether index i of axis d lies beyond a face where the exact solution is given. */
static PetscBool BeyondExact(AeGrid g, int d, PetscInt i)
{
  return (PetscBool)((i < 0 && g->bc[d][0] == AE_BC_EXACT) || (i >= g->n[d] && g->bc[d][1] == AE_BC_EXACT));
}

/* After FillRadiative: at an edge between the two kinds the exact value stands. */
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
      const PetscBool outer = (PetscBool)(BeyondExact(g, 1, g->js + j) || BeyondExact(g, 2, g->ks + k));
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
  PetscCall(PetscLogEventBegin(BoundaryEvent, 0, 0, 0, 0));
  if (radiative) FillRadiative(F, u);
  if (exact) {
    PetscCheck(F->exact, F->grid->comm, AE_ERR_USAGE, "-grid_boundary exact needs initial data with an exact solution");
    PetscCall(FillExact(F, u, t));
  }
  PetscCall(PetscLogEventEnd(BoundaryEvent, 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
