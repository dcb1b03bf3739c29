#!/usr/bin/env python3
"""Evolutions of waves against their exact solutions: the order of convergence of the whole scheme.

Errors are compared at two resolutions. Classical RK4 has order 4 in time: at difference order p the time step goes as
h^(p/4), so that both errors fall together. The observed order must be p within 0.1 (reference: Babiuc et al.,
arXiv:0709.3559, gauge wave and shifted gauge wave).
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, below, check_order, finish, matrix, near, observed_order, ok

# the order check sees a wrong order and a NaN
fails = []
for errors in ((1.0, 1 / 8), (1.0, float("nan")), (1.0, 0.0)):
    order = observed_order(*errors)
    fails.append(not abs(order - 4) <= 0.1)
ok(all(fails), "the order check sees third order, NaN and zero", fails)

for initial in ("gauge_wave", "shifted_gauge_wave"):
    gauge = {} if initial == "gauge_wave" else {"gr_gauge_shift": "harmonic"}
    # order 6: each formulation with the wave that has more terms, or the other one
    for form, order in matrix((("bssn", 4), ("z4c", 4), ("ccz4", 4), ("bssn" if gauge else "z4c", 6)), *((2,) if gauge else (0, 3))):
        errors = {}
        for n, dt in ((24, 1 / 96), (48, 1 / 192)) if order == 4 else ((32, 1 / 128), (64, 1 / 128 / 2**1.5)):
            run = Evolution(gr_initial=initial, gr_formulation=form, gw_amplitude=0.1, grid_n=f"{n},8,8", fd_order=order, ts_dt=dt, ts_max_time=1, **gauge)
            for f in ("g_xx", "K_xx", "lapse"):
                errors.setdefault(f, []).append(run.summary[f"error.l2.{f}"])
        for f, e in errors.items():
            check_order(e, order, f"{initial}, {form}, order {order}, {f}")

# every direction at once: the wave along the diagonal of the plane, and one with the conformal factor W
for name, options in (("diagonal shifted gauge wave, z4c", {"gr_initial": "shifted_gauge_wave", "gr_formulation": "z4c", "gw_direction": "1,1,0"}),
                      ("gauge wave, bssn with W", {"gr_initial": "gauge_wave", "gr_conformal": "w"})):
    e = []
    for n in (24, 48):
        e.append(Evolution(gw_amplitude=0.1, grid_n=f"{n},{n if 'direction' in str(options) else 8},8", ts_max_time=0.5, **options).summary["error.l2.g_xx"])
    check_order(e, 4, name + ", g_xx")

# The linear wave: with A = 1e-8 the solution is exact to A^2; phase errors at order 4 are below A (2 pi)^5/30 (t/d) (h/d)^4,
# the leading error of the first derivative in an advected wave, the second derivative's part included.
A, n, t = 1e-8, 32, 1.0
for form in ("bssn", "z4c", "ccz4", "adm"):
    run = Evolution(gr_initial="linear_wave", gr_formulation=form, gw_amplitude=A, grid_n=f"{n},8,8", ts_max_time=t, diss_sigma=0)
    below(run.summary["error.linf.g_yy"], 2 * A * 6.2832**5 / 30 * t / n**4 + 10 * A * A, f"linear wave, {form}: error of g_yy within its phase error")
    below(run.summary["constraint.H.linf"], 100 * A * A * 6.2832**2 + 1e-12 * n * n, f"linear wave, {form}: H at A^2 and rounding")

# PETSc's own RK4 on the same equations
ours, theirs = (Evolution(gr_initial="gauge_wave", gw_amplitude=0.1, grid_n="32,8,8", ts_max_time=0.5, **o).summary["error.l2.g_xx"] for o in ({}, {"ts_type": "rk", "ts_rk_type": "4"}))
near(theirs / ours, 1.0, 1e-9, "PETSc's classical RK4 gives the same error")
finish()
