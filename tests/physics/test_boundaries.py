#!/usr/bin/env python3
"""Boundaries during evolutions: exact data hold a Kerr hole's exterior; radiative ones let noise out."""
from evolve import Evolution, below, check_order, result, finish

# Kerr-Schild, a = 0, off the hole: stationary, every term of the equations present. The error at fixed time falls as h^4.
for form in ("bssn", "z4c", "ccz4", "adm"):
    e = [Evolution(gr_initial="kerr_schild", gr_formulation=form, grid_n=f"{n},{n},{n}", ts_max_time=1.0).summary["error.l2.g_xx"] for n in (16, 32)]
    # the box holds few wavelengths: the order is approached from the scheme's coarse end, hence 0.25
    check_order(e, 4, f"Kerr-Schild exterior held by exact boundaries, {form}", 0.25)

# Small noise on flat space in a box with radiative boundaries: nothing feeds it, so what the norm was at t = 1/2 (a light
# crossing from the middle) bounds it later: the energy of the linear problem does not grow.
for form in ("bssn", "z4c"):
    for order in (4, 6):
        run = Evolution(gr_initial="minkowski", gr_perturb=1e-8, gr_formulation=form, fd_order=order, grid_n="16,16,16", grid_boundary="radiative", ts_max_time=10.0, series_every=4)
        early = max(v for t, v in run.series("K", "norm2") if t <= 1)
        late = max(v for t, v in run.series("K", "norm2") if t > 5)
        result(run.status == 0, f"radiative box, {form}, order {order}: ran to the end", run.error)
        below(late, early, f"radiative box, {form}, order {order}: K of noise does not grow in 10 crossing times")

# Flat space: each of N steps leaves a rounding of the metric, which second differences of row sum 16/(3 h^2) along three
# axes make a curvature.
n, N = 16, 64
flat = Evolution(gr_initial="minkowski", gr_gauge_lapse="1+log", gr_gauge_shift="gamma_driver", grid_n=f"{n},{n},{n}", grid_boundary="radiative", ts_max_steps=N)
below(flat.summary["constraint.H.linf"], N * 2.2e-16 * 3 * 16 / 3 * n**2, "flat space stays flat to rounding behind radiative boundaries")
finish()
