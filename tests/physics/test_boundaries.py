#!/usr/bin/env python3
"""Boundaries during evolutions: exact data hold a Kerr hole, frozen points its interior; radiative ones let noise out."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, below, check_order, finish, fourth_order, matrix, observed_order, ok

# Kerr-Schild, a = 0, off the hole: stationary, every term of the equations present. The error at fixed time falls as h^4.
for form in matrix(("bssn", "z4c", "ccz4", "adm"), 2, 3):
    e = [Evolution(gr_initial="kerr_schild", gr_formulation=form, grid_n=f"{n},{n},{n}", ts_max_time=1.0).summary["error.l2.g_xx"] for n in (12, 24)]
    # fields fall as 1/r, and the middle of the box is 4.4 from the hole
    check_order(e, fourth_order(42**0.5 / 3 / 4.39), f"Kerr-Schild exterior held by exact boundaries, {form}")

# A hole inside the box, its inner cells frozen at r < 1.5 M: differences across the edge of the frozen cells, where the error
# has a kink, are of lower order in a layer a stencil wide. All light cones there point inwards: none of it comes out, and
# outside the horizon the constraints fall as h^4.
for form in matrix(("z4c", "bssn"), 0):
    runs = [Evolution(gr_initial="kerr_schild", hole_spin=0, hole_centre="0,0,0", grid_half_width=5, grid_symmetry="octant", gr_excise_radius=1.5, gr_formulation=form, grid_n=f"{n},{n},{n}", ts_max_time=3.0, norm_exclude_radius=2.5) for n in (16, 24)]
    for c in ("H", "M"):
        # from the order of 1/r at the inner edge of the norm, 2.5, to that of the far field, within 0.1 of either
        inner = fourth_order(42**0.5 * 5 / 16 / 2.5, 1.5)
        check_order([r.summary[f"constraint.{c}_masked.l2"] for r in runs], (4 + inner) / 2, f"Kerr-Schild with frozen interior, {form}: {c} outside the horizon", (4 - inner) / 2 + 0.1, 1.5)
    order = observed_order(*(r.summary["error.l2.g_xx"] for r in runs), 1.5)
    ok(order >= 3, f"Kerr-Schild with frozen interior, {form}: error of g_xx, inside included, falls with an order of at least 3", f"{order:.3g}")

# Small noise on flat space in a box with radiative boundaries: nothing feeds it, so what the norm was at t = 1/2 (a light
# crossing from the middle) bounds it later: the energy of the linear problem does not grow.
for form, orders in (("bssn", (4,)), ("z4c", (6,))):
    for order in orders:
        run = Evolution(gr_initial="minkowski", gr_perturb=1e-8, gr_formulation=form, fd_order=order, grid_n="12,12,12", grid_boundary="radiative", ts_max_time=10.0, series_every=4)
        early = max(v for t, v in run.series("K", "norm2") if t <= 1)
        late = max(v for t, v in run.series("K", "norm2") if t > 5)
        ok(run.status == 0, f"radiative box, {form}, order {order}: ran to the end", run.error)
        below(late, early, f"radiative box, {form}, order {order}: K of noise does not grow in 10 crossing times")

# Flat space: each of N steps leaves a rounding of the metric, which second differences of row sum 16/(3 h^2) along three
# axes make a curvature.
n, N = 16, 64
flat = Evolution(gr_initial="minkowski", gr_gauge_lapse="1+log", gr_gauge_shift="gamma_driver", grid_n=f"{n},{n},{n}", grid_boundary="radiative", ts_max_steps=N)
below(flat.summary["constraint.H.linf"], N * 2.2e-16 * 3 * 16 / 3 * n**2, "flat space stays flat to rounding behind radiative boundaries")
finish()
