/*
  The limits of a flow's evolution, for the rails (rails.h).
*/
#include "ns_private.h"

/* name, kind, option, text, unit, limit, its largest, domain, scale, action of its control, whether it is observed only, whether
   a clean-up helps, whose growth it is. Without a control: courant, since -ns_cfl chooses dt by the same rate, and up to the
   limit; div, since every right-hand side is projected, so that what the initial state brings stays: rounding errors, of
   single precision in some files. How much energy the steps of a run may gain or lose, only the user knows. */
static const AeRail rails[AE_NS_RAILS] = {
  [AE_NS_RAIL_FINITE]     = {"finite", AE_RAIL_ABSENT, NULL, NULL, NULL, 0, 0, AE_SEM, AE_SCALE_H, AE_ACTION_NONE, PETSC_FALSE,
                             PETSC_FALSE, 0},
  [AE_NS_RAIL_COURANT]    = {"courant", AE_RAIL_UPPER, "-rails_courant_max",
                             "largest dt over the advective limit of the stepper (2 sqrt 2 / max |k.u|, octaves: sqrt 3); 0: off",
                             "1", 1.0, 0, AE_PHY, AE_SCALE_H, AE_ACTION_NONE, PETSC_FALSE, PETSC_FALSE, 0},
  [AE_NS_RAIL_ENERGY]     = {"energy", AE_RAIL_UPPER, "-rails_energy_max",
                             "largest |E - E(0) - int(input - dissipation) dt| / E; 0: off", "1", 0, 0, AE_CONS, AE_SCALE_L,
                             AE_ACTION_DT, PETSC_FALSE, PETSC_FALSE, 0},
  [AE_NS_RAIL_DIVERGENCE] = {"div", AE_RAIL_UPPER, "-rails_div_max",
                             "largest root mean square of div u over that of the vorticity; 0: off", "1", 1e-6, 0, AE_CONS,
                             AE_SCALE_M, AE_ACTION_NONE, PETSC_FALSE, PETSC_FALSE, 0},
};
const AeRailsTable AeNSRails = {AE_NS_RAILS, rails, "1"};

/* By the courant rule the last dt counts, whatever has set it. TSADAPTNONE too goes on from the last dt: one that was cut
   to end in two equal steps is not made longer for the second, which would cost it the last bit. */
PetscErrorCode AeNSNominalDt(TS ts, PetscBool courant, PetscReal dt, PetscReal *nominal)
{
  PetscReal t, t_end;

  PetscFunctionBegin;
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetMaxTime(ts, &t_end));
  if (courant) PetscCall(AeNSCourantDt(ts, dt, nominal));
  else if (t + dt < t_end && t + 2.01 * dt >= t_end) *nominal = dt;
  PetscFunctionReturn(0);
}
