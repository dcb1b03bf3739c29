/*
  Gauge conditions, as coefficients of the equations in z4_point.h.
*/
#include "gr_private.h"

static AE_EVENT(ExactEvent, "AeExact");

/* name, text, citation, lapse_alpha, lapse_const */
const AeGauge AeLapses[] = {
  {.name = "exact", .text = "of the exact solution", .given = PETSC_TRUE, .speed2 = 1},
  {.name = "frozen", .text = "as in the initial data", .speed2 = 1},
  {.name = "geodesic", .text = "1", .speed2 = 1},
  {.name    = "harmonic",
   .text    = "d_t alpha = -alpha^2 K + advection",
   .cite    = "Alcubierre2008",
   .c0      = 1,
   .evolved = PETSC_TRUE,
   .speed2  = 1},
  {.name    = "1+log",
   .text    = "d_t alpha = -2 alpha K + advection",
   .cite    = "Bona1995",
   .c1      = 2,
   .evolved = PETSC_TRUE,
   .speed2  = 2},
  {.name     = "maximal",
   .text     = "D^2 alpha = alpha (K_ij K^ij + 4 pi (rho + S)) + c K, solved on every slice",
   .elliptic = PETSC_TRUE,
   .speed2   = 1},
};
const PetscInt AeNumLapses = PETSC_STATIC_ARRAY_LENGTH(AeLapses);

/* name, text, citation, shift_gam, shift_b (both times mu), shift_eta */
const AeGauge AeShifts[] = {
  {.name = "exact", .text = "of the exact solution", .given = PETSC_TRUE, .speed2 = 0},
  {.name = "frozen", .text = "as in the initial data", .speed2 = 0},
  {.name = "zero", .text = "0", .speed2 = 0},
  {.name     = "minimal_distortion",
   .text     = "D_j [(L beta)^ij - 2 alpha A^ij] = 0, solved on every slice",
   .elliptic = PETSC_TRUE,
   .speed2   = 0},
  {.name     = "harmonic",
   .text     = "harmonic spatial coordinates",
   .cite     = "Alcubierre2008",
   .harmonic = 1,
   .evolved  = PETSC_TRUE,
   .speed2   = 1},
  {.name    = "gamma_driver",
   .text    = "d_t beta = mu Gamma - eta beta + advection",
   .cite    = "vanMeter2006",
   .c0      = 1,
   .c2      = 1,
   .evolved = PETSC_TRUE,
   .speed2  = 4.0 / 3.0},
  {.name    = "gamma_driver_b",
   .text    = "d_t beta = mu B, d_t B = d_t Gamma - eta B + advection",
   .cite    = "Alcubierre2003",
   .c1      = 1,
   .has_b   = 1,
   .evolved = PETSC_TRUE,
   .speed2  = 4.0 / 3.0},
};
const PetscInt AeNumShifts = PETSC_STATIC_ARRAY_LENGTH(AeShifts);

/* Lapse and shift of the exact solution at time t, where the gauge asks for them. */
PetscErrorCode AeGRSetGauge(AeGR gr, Vec U, PetscReal t)
{
  const AeLayout *L;
  AePatch         P;
  double         *u;

  PetscFunctionBegin;
  if (!gr->lapse->given && !gr->shift->given) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(ExactEvent, U, 0, 0, 0));
  PetscCall(AeGRPatch(gr, U, &P));
  L = P->L;
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const PetscReal x[3] = {AeGridX(P->grid, 0, (PetscInt)i), AeGridX(P->grid, 1, (PetscInt)(P->grid->js + j)),
                                AeGridX(P->grid, 2, (PetscInt)(P->grid->ks + k))};
        AeAdm           adm;

        AeInitialAdm(gr->initial, t, x, &adm);
        if (gr->lapse->given) u[AeAt(L, gr->at.lapse, k, j, i)] = adm.alpha;
        if (gr->shift->given)
          for (int a = 0; a < 3; a++) u[AeAt(L, gr->at.shift + a, k, j, i)] = adm.beta[a];
      }
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(PetscLogEventEnd(ExactEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}
