/*
  The limits of a spacetime's evolution, for the rails (rails.h).
*/
#include <aeonic/gr.h>

/* name, kind, option, text, unit, limit, its largest, domain, scale, action of its control, whether it is observed only, whether
   a clean-up helps, whose growth it is */
static const AeRail rails[AE_GR_RAILS] = {
  [AE_GR_RAIL_FINITE] = {"finite", AE_RAIL_ABSENT, NULL, NULL, NULL, 0, 0, AE_SEM, AE_SCALE_H, AE_ACTION_NONE, PETSC_FALSE,
                         PETSC_FALSE, 0},
  [AE_GR_RAIL_LAPSE]  = {"lapse", AE_RAIL_LOWER, "-rails_lapse_min", "smallest lapse; 0: it must be positive; -1: off", "1", 0, 0,
                         AE_SEM, AE_SCALE_L, AE_ACTION_NONE, PETSC_FALSE, PETSC_FALSE, 0},
  [AE_GR_RAIL_CHI] = {"chi", AE_RAIL_LOWER, "-rails_chi_min", "smallest chi; 0: it must be positive; -1: off", "1", 0, 0, AE_SEM,
                      AE_SCALE_L, AE_ACTION_NONE, PETSC_FALSE, PETSC_FALSE, 0},
  [AE_GR_RAIL_DET] = {"det", AE_RAIL_UPPER, "-rails_det_max",
                      "largest |det gt - 1| that a step may leave to the projection; 0: off", "1", 0, 0, AE_SEM, AE_SCALE_M,
                      AE_ACTION_DT, PETSC_FALSE, PETSC_FALSE, 0},
  [AE_GR_RAIL_TR]  = {"tr", AE_RAIL_UPPER, "-rails_tr_max", "largest |tr At| that a step may leave to the projection; 0: off",
                      "1/M", 0, 0, AE_SEM, AE_SCALE_M, AE_ACTION_DT, PETSC_FALSE, PETSC_FALSE, 0},
  [AE_GR_RAIL_H]   = {"H", AE_RAIL_UPPER, "-rails_H_max", "largest root mean square of H; 0: off", "1/M^2", 0, 0, AE_CONS,
                      AE_SCALE_L, AE_ACTION_DISSIPATION, PETSC_FALSE, PETSC_TRUE, 0},
  [AE_GR_RAIL_M]   = {"M", AE_RAIL_UPPER, "-rails_M_max", "largest root mean square of the momentum constraints; 0: off", "1/M^2",
                      0, 0, AE_CONS, AE_SCALE_L, AE_ACTION_DISSIPATION, PETSC_FALSE, PETSC_TRUE, 0},
  [AE_GR_RAIL_GROWTH] = {"growth", AE_RAIL_GROWTH, "-rails_H_growth",
                         "largest e-folding rate of H over 8 steps, controlled, not rejected; 0: off", "1/M", 0, 0, AE_CONS,
                         AE_SCALE_H, AE_ACTION_DISSIPATION, PETSC_TRUE, PETSC_FALSE, AE_GR_RAIL_H},
  [AE_GR_RAIL_K]      = {"K", AE_RAIL_UPPER, "-rails_K_max", "largest |K|; 0: off", "1/M", 0, 0, AE_PHY, AE_SCALE_L, AE_ACTION_DT,
                         PETSC_FALSE, PETSC_FALSE, 0},
  [AE_GR_RAIL_D] =
    {"D", AE_RAIL_UPPER, "-rails_D_max",
     "largest share of a watched field's energy above 2/3 of the Nyquist wavenumber, as the loom finds it; controlled, not "
     "rejected; 0: off",
     "1", 0, 1, AE_PHY, AE_SCALE_H, AE_ACTION_DISSIPATION, PETSC_TRUE, PETSC_FALSE, 0},
};
const AeRailsTable AeGRRails = {AE_GR_RAILS, rails, "M"};
