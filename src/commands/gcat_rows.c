/*
  The rows of the calibration suite. Bounds: bits are equal or not; orders of convergence within 0.1 of the scheme's; errors
  of the same scheme written in another way to the rounding of their sums, 1e-15 of fields of 1 beside errors of 1e-6.
*/
#include "gcat.h"

#define WAVE  "-gr_initial gauge_wave -gr_formulation z4c -gw_amplitude 0.1 -ts_max_time 0.5 "
#define BRILL "-gr_initial brill -brill_amplitude 2 -grid_symmetry octant -fields none "
#define PULSE                                                                                                           \
  "-gr_initial gauge_wave -gw_amplitude 0.8 -gr_formulation adm -fields none -grid_n 32,8,8 -fd_order 8 -diss_sigma 0 " \
  "-ts_max_time 0.95 -gr_cfl 0.1 -loom_watch K,lapse -loom_every 4 -ts_adapt_type none "
#define VORTEX    "-ns_initial taylor_green -ns_re 100 -grid_n 32,32,32 -ts_max_time 1 -fields none "
#define WATCHED   "-fields none -stencil_tile_j 8 -stencil_tile_k 8 "
#define UNWATCHED "-ts_adapt_type none -loom_every 0 -receipts false -mem_maint_every 0"
#define PLAIN     "-ts_adapt_type none -loom_every 0 "

const AeGcatRow AeGcatRows[] = {
  {"tiles", "1", "tiles of another shape: the same bits", WAVE "-grid_n 32,8,8", "-stencil_tile_j 3 -stencil_tile_k 2",
   "-stencil_tile_j 8 -stencil_tile_k 8", NULL, NULL, AE_GCAT_SAME, 1, 0},
  {"lanes", "1", "kernels of one lane: the same bits",
   "-gr_initial gauge_wave -gr_formulation bssn -gw_amplitude 0.1 -ts_max_time 0.5 -grid_n 32,8,8", "-stencil_lanes 1", "", NULL,
   NULL, AE_GCAT_SAME, 1, 0},
  {"loom", "1", "the loom looks and does not touch: the same bits", WAVE "-grid_n 32,8,8 -ts_adapt_type none",
   "-loom_every 1 -loom_gate false", "-loom_every 0", NULL, NULL, AE_GCAT_SAME, 1, 0},
  {"record", "1", "receipts and upkeep of the memory: the same bits", WAVE "-grid_n 32,8,8", "-mem_maint_every 1",
   "-receipts false -mem_maint_every 0", NULL, NULL, AE_GCAT_SAME, 1, 0},
  {"gate", "1", "a loom that skips transforms: the same bits", WAVE "-grid_n 32,8,8 -ts_adapt_type none -loom_every 1",
   "-loom_gate true", "-loom_gate false", NULL, NULL, AE_GCAT_SAME, 1, 0},
  {"fused", "1", "stages fused with their projection beside PETSc's Runge-Kutta: the error, relative",
   WAVE PLAIN "-grid_n 32,8,8", "", "-ts_type rk -ts_rk_type 4dense", "error.l2.g_xx", NULL, AE_GCAT_WITHIN, 1e-8, 0},
  {"order4", "1", "error of half the spacing: 2^3.9 times smaller", WAVE PLAIN, "-grid_n 64,8,8", "-grid_n 32,8,8",
   "error.l2.g_xx", NULL, AE_GCAT_SAVED, 14.93, 0},
  {"short_wave", "2", "gauge wave of eight cells: order 8 beside order 4, phase errors (kh)^8/630 and (kh)^4/30",
   WAVE PLAIN "-grid_n 8,8,8 -diss_sigma 0", "-fd_order 8", "-fd_order 4", "error.l2.g_xx", NULL, AE_GCAT_SAVED, 4, 0},
  {"damping", "2", "violated constraints: damped by kappa_1 = 2 for t = 2 beside undamped",
   "-gr_initial noise -noise_amplitude 1e-6 -gr_formulation z4c -grid_n 16,16,16 -ts_max_time 2 " PLAIN, "-gr_kappa1 2",
   "-gr_kappa1 0", "constraint.H.l2", NULL, AE_GCAT_SAVED, 1, 0},
  {"allocations", "1", "our own allocations a step, everything on", BRILL "-grid_n 16,16,16 -ts_max_steps 12", "", "",
   "mem.allocs_per_step.own", NULL, AE_GCAT_AT_MOST, 0, AE_GCAT_PERFORMANCE},
  {"maximal", "1", "cycles a solve for the maximal lapse of a puncture: from zero over from stored solutions",
   "-gr_initial schwarzschild -fields none -grid_n 24,24,24 -grid_half_width 6 -ts_max_steps 16 -gr_gauge_lapse maximal", "",
   "-gr_gauge_warm false", "gauge.lapse.cycles_warm", "gauge.lapse.cycles_cold", AE_GCAT_SAVED, 2, AE_GCAT_PERFORMANCE},
  {"warm_shift", "1", "the same for the minimal distortion shift",
   "-gr_initial schwarzschild -fields none -grid_n 24,24,24 -grid_half_width 6 -ts_max_steps 16 -gr_gauge_lapse maximal "
   "-gr_gauge_shift minimal_distortion",
   "", "-gr_gauge_warm false", "gauge.shift.cycles_warm", "gauge.shift.cycles_cold", AE_GCAT_SAVED, 2, AE_GCAT_PERFORMANCE},
  {"pulse_ffts", "1", "transforms of the loom on a steep travelling wave: at every tick over behind the gate", PULSE,
   "-loom_gate true", "-loom_gate false", "loom.ffts", NULL, AE_GCAT_SAVED, 4, AE_GCAT_PERFORMANCE},
  {"pulse_D_max", "1", "D_max of that wave behind the gate, at every tick, relative", PULSE, "-loom_gate true",
   "-loom_gate false", NULL, NULL, AE_GCAT_APART, 0.1, 0},
  {"cleanup", "2", "violated constraints of a wave: cleaned up beside left alone",
   "-gr_initial gauge_wave -gr_perturb 1e-4 -grid_n 24,8,8 -ts_max_steps 8 -fields none -loom_every 0 -ts_adapt_type none",
   "-cleanup_every 8", "", "constraint.H.l2", NULL, AE_GCAT_SAVED, 4, 0},
  {"cascade", "2", "an under-resolved pulse of a scalar field: tail of K's spectrum without the rail D_max over with it",
   "-gr_initial scalar_pulse -pulse_amplitude 1e-2 -pulse_width 0.3 -gr_matter scalar -grid_n 16,16,16 -fields none "
   "-ts_max_steps 60 -loom_watch K,H -loom_gate false",
   "-rails_D_max 0.02 -rails_dissipation 8", "", "loom.D_max", NULL, AE_GCAT_SAVED, 1, 0},
  {"ell_single", "1", "ADM mass of data solved with multigrid in single precision inside, relative",
   BRILL "-grid_n 24,24,24 -ts_max_steps 1", "-ell_mg_precision single", "", "id.adm_mass", NULL, AE_GCAT_WITHIN, 1e-8, 0},
  {"loom_single", "1", "D_max of that wave from transforms in single precision, at every tick, relative",
   PULSE "-loom_gate false", "-loom_precision single", "", NULL, NULL, AE_GCAT_APART, 1e-3, 0},
  /* bands couple to order 3: (k u dt)^3 with u = 1 and k = sqrt(3), the vortex itself */
  {"octaves", "1", "energy of a Taylor-Green vortex with bands on clocks of their own, relative", VORTEX "-ts_dt 0.02",
   "-ts_type octaves", "-ts_type rk", "ns.energy", NULL, AE_GCAT_WITHIN, 4.2e-5, 0},
  {"octaves_work", "1",
   "transforms of that vortex at the same step (not at equal error): one clock over bands on clocks of their own",
   VORTEX "-ts_dt 0.02", "-ts_type octaves", "-ts_type rk", "ns.transforms", NULL, AE_GCAT_SAVED, 1, AE_GCAT_PERFORMANCE},
  {"ranks_sums", "1", "exact sums in the solves of maximal slicing: cycles a solve, relative",
   "-gr_initial schwarzschild -fields none -grid_n 16,16,16 -grid_half_width 6 -ts_max_steps 4 -gr_gauge_lapse maximal",
   "-lapse_reproducible", "", "gauge.lapse.cycles_cold", NULL, AE_GCAT_WITHIN, 0, 0},
  /* published testbeds, with -gcat_long */
  {"robust", "GR",
   "noise of 1e-10 on flat space without dissipation: H at t = 50 over t = 100, at least 1/2 where it grows linearly",
   "-gr_initial noise -gr_formulation z4c -diss_sigma 0 -fields none -grid_n 50,4,4 -ts_dt 0.01 " PLAIN, "-ts_max_time 100",
   "-ts_max_time 50", "constraint.H.linf", NULL, AE_GCAT_SAVED, 0.5, AE_GCAT_LONG},
  {"gauge_wave", "GR", "gauge wave of A = 0.1, t = 10: error of half the spacing",
   "-gr_initial gauge_wave -gw_amplitude 0.1 -gr_formulation z4c -fields none -ts_max_time 10 " PLAIN, "-grid_n 64,4,4",
   "-grid_n 32,4,4", "error.l2.g_xx", NULL, AE_GCAT_SAVED, 13.9, AE_GCAT_LONG},
  {"shifted", "GR", "shifted gauge wave of A = 0.1, t = 5: error of half the spacing",
   "-gr_initial shifted_gauge_wave -gw_amplitude 0.1 -gr_formulation z4c -gr_gauge_shift harmonic -fields none -ts_max_time "
   "5 " PLAIN,
   "-grid_n 64,4,4", "-grid_n 32,4,4", "error.l2.g_xx", NULL, AE_GCAT_SAVED, 13.9, AE_GCAT_LONG},
  /* phase error of order 4: A (2 pi)^5/30 (t/d) (h/d)^4 */
  {"linear_wave", "GR", "linear wave of A = 1e-8, t = 2, 50 cells: error of g_yy",
   "-gr_initial linear_wave -gw_amplitude 1e-8 -gr_formulation z4c -diss_sigma 0 -fields none -grid_n 50,4,4 -ts_max_time "
   "2 " PLAIN,
   "", "", "error.l2.g_yy", NULL, AE_GCAT_AT_MOST, 1.05e-12, AE_GCAT_LONG},
  {"gowdy", "GR", "collapsing Gowdy wave, t = 10: error of half the spacing",
   "-gr_initial gowdy_collapsing -gr_formulation bssn -fields none -ts_max_time 10 " PLAIN,
   "-gr_cfl 0.5 -diss_sigma 0 -grid_n 8,1,80", "-gr_cfl 0.5 -diss_sigma 0 -grid_n 8,1,40", "error.l2.g_zz", NULL, AE_GCAT_SAVED,
   13.9, AE_GCAT_LONG},
  {"overhead", "1", "processor time of rails, loom, memory and receipts in a step, a share",
   WATCHED "-gr_initial gauge_wave -ts_max_steps 257", "", UNWATCHED, NULL, NULL, AE_GCAT_STEPS, 0.015, AE_GCAT_PERFORMANCE},
  {"overhead48", "1", "that share at 48^3", WATCHED "-gr_initial gauge_wave -grid_n 48,48,48 -ts_max_steps 161", "", UNWATCHED,
   NULL, NULL, AE_GCAT_STEPS, 0.005, AE_GCAT_PERFORMANCE | AE_GCAT_LONG},
};
const PetscInt AeGcatCount = PETSC_STATIC_ARRAY_LENGTH(AeGcatRows);
