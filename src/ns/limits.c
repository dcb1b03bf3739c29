/*
  The limits of a flow's evolution, for the rails (rails.h).
*/
#include "ns_private.h"

static const AeRail rails[AE_NS_RAILS] = {
  [AE_NS_RAIL_FINITE] = {.name = "finite", .kind = AE_RAIL_ABSENT, .domain = AE_SEM, .scale = AE_SCALE_H},
  /* of dt alone: no control, since -ns_cfl chooses dt by the same rate, and up to the limit */
  [AE_NS_RAIL_COURANT] = {.name   = "courant",
                          .kind   = AE_RAIL_UPPER,
                          .option = "-rails_courant_max",
                          .text   = "largest dt over the advective limit of the stepper (2 sqrt 2 / max |k.u|, octaves: sqrt 3); "
                                    "0: off",
                          .unit   = "1",
                          .limit  = 1.0,
                          .domain = AE_PHY,
                          .scale  = AE_SCALE_H},
  /* what the steps of a run have gained or lost: how much of it is too much, only the user knows */
  [AE_NS_RAIL_ENERGY] = {.name   = "energy",
                         .kind   = AE_RAIL_UPPER,
                         .option = "-rails_energy_max",
                         .text   = "largest |E - E(0) - int(input - dissipation) dt| / E; 0: off",
                         .unit   = "1",
                         .domain = AE_CONS,
                         .action = AE_ACTION_DT},
  /* every right-hand side is projected, so that what the initial state brings stays: rounding errors, of single precision in
     some files */
  [AE_NS_RAIL_DIVERGENCE] = {.name   = "div",
                             .kind   = AE_RAIL_UPPER,
                             .option = "-rails_div_max",
                             .text   = "largest root mean square of div u over that of the vorticity; 0: off",
                             .unit   = "1",
                             .limit  = 1e-6,
                             .domain = AE_CONS,
                             .scale  = AE_SCALE_M},
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
