#!/usr/bin/env python3
"""-fd_order spectral: exponential convergence to the exact solutions, the time stepper's error beyond, rounding errors on Gowdy; all terms
against differences of order 8; ranks; what it does not go with."""
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, below, check_order, finish, matrix, near, ok, refused

EPS = 2.0**-52
WAVE = {"gr_initial": "gauge_wave", "gw_amplitude": 0.1, "gr_gauge_lapse": "harmonic", "fd_order": "spectral", "ts_max_time": 0.1, "loom_every": 0}


def wave(n, dt, **more):
    return Evolution(**{**WAVE, "grid_n": f"{n},8,8", "ts_dt": dt, **more}).summary


# H = 1 - A sin(2 pi (x - t)) has its zeros where the modes of its powers fall by r = (1 - sqrt(1 - A^2))/A each. K = 3, 5, 7 waves are
# kept on 12, 18, 24 cells: errors fall by r^2 = 1/400 from one to the next, but for powers of K (3/2: the ratio's to the third power).
r = (1 - math.sqrt(1 - 0.1**2)) / 0.1
for form in matrix(("bssn", "ccz4"), 1):
    errors = [wave(n, 0.001, gr_formulation=form, ts_max_time=0.02)["error.linf.K"] for n in (12, 18, 24)]
    for i in 0, 1:
        near(math.log(errors[i] / errors[i + 1]), -2 * math.log(r), math.log(4), f"gauge wave, {form}: errors fall as the modes do ({errors[i]:.3g} -> {errors[i + 1]:.3g})")
for form in matrix(("z4c", "adm"), 0):
    coarse, fine = wave(36, 0.008, gr_formulation=form, ts_max_time=0.08), wave(36, 0.004, gr_formulation=form, ts_max_time=0.08)
    # 20 steps of dt omega = 0.05 (octave 1 of the wave): (0.05)^4/120 of K's amplitude 0.3
    below(fine["error.linf.K"], 0.3 * 20 * 0.05**5 / 120, f"gauge wave, {form}: what is left is the time stepper's error")
    check_order((coarse["error.linf.K"], fine["error.linf.K"]), 4, f"gauge wave, {form}: in time")
w = wave(36, 0.004, gr_conformal="w", ts_max_time=0.08)
below(abs(w["error.linf.K"] / wave(36, 0.004, ts_max_time=0.08)["error.linf.K"] - 1), 0.2, "the conformal factor W: the same error in time")

# Gowdy: P is one wave, its exponentials' modes fall faster than any power; 50 steps of 4 stages round numbers of order 1 to 10
gowdy = [Evolution(gr_initial="gowdy_collapsing", grid_n=f"8,8,{n}", ts_dt=0.004, ts_max_time=0.2, fd_order="spectral", loom_every=0).summary for n in (16, 24, 40)]
for key in "error.linf.K_xx", "error.linf.lapse", "constraint.H.linf":
    ok(gowdy[1][key] < gowdy[0][key] / 1.5**8, f"Gowdy, {key}: from 16 to 24 cells better than order 8", f"{gowdy[0][key]:.3g} -> {gowdy[1][key]:.3g}")
    below(gowdy[2][key], 50 * 4 * 10 * EPS, f"Gowdy, {key}: rounding errors on 40 cells")

# Everything that a right-hand side has (advection by a shift, B, 1+log) against finite differences without dissipation. With the
# wave's k h = 2 pi/48 and its fourth octave they err by (4 k h)^8 / 630 ~ 1e-6 of terms that are a hundredth of the rates.
FULL = {"gr_initial": "shifted_gauge_wave", "gr_lapse_initial": "datum", "gr_gauge_lapse": "1+log", "gr_gauge_shift": "gamma_driver_b", "grid_n": "48,8,8", "ts_dt": 0.001, "ts_max_time": 0.02, "diss_sigma": 0, "loom_every": 0}
for form in matrix(("bssn", "z4c", "ccz4"), 0):
    a, b = (Evolution(**FULL, fd_order=order, gr_formulation=form).summary for order in ("spectral", 8))
    keys = [k for k in b if k.startswith("error.linf.") and b[k] > 1e-6]  # distances from the exact solution of another gauge
    worst = max(abs(a[k] / b[k] - 1) for k in keys)
    ok(len(keys) >= 6 and worst <= 1e-6, f"all terms, {form}: as with differences of order 8", f"{worst:.3g} <= 1e-06, {len(keys)} fields")

# FFTW's plans differ with the number of ranks: rounding errors of 40 steps
one = wave(32, 0.002, ts_max_time=0.08)
two = wave(32, 0.002, ts_max_time=0.08, ranks=2)
below(abs(two["error.linf.K"] - one["error.linf.K"]), 40 * 4 * 100 * EPS, "two ranks: the same to rounding (modes up to k = 63 amplify it)")
below(wave(16, 0.004, mem_audit="true")["mem.allocs_per_step.own"], 0, "no allocation in a step")

for what, options in (
    ("needs -grid_boundary periodic", ["-gr_initial", "brill_lindquist"]),
    ("-gr_matter scalar", ["-gr_initial", "frw_scalar"]),
    ("does not go with -gr_excise_radius", ["-gr_initial", "gauge_wave", "-gr_excise_radius", "0.1"]),
):
    refused(what, "gr", "-fd_order", "spectral", *options)
finish()
