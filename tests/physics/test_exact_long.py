#!/usr/bin/env python3
"""The collapsing Gowdy test at its full length of 1000 crossing times [Babiuc et al., arXiv:0709.3559].

Thirty cells do not carry the wave that long (errors reach the size of the fields), so that errors fall faster than
the order from there on: at least as h^4.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, finish, observed_order, ok

for form in ("bssn", "z4c"):
    runs = [Evolution(gr_initial="gowdy_collapsing", gr_formulation=form, grid_n=f"8,1,{n}", gr_cfl=0.5, diss_sigma=0, ts_max_time=1000.0, series_every=100) for n in (30, 48)]
    for run in runs:
        ok(run.status == 0 and run.summary["time.t"] == 1000.0, f"collapsing Gowdy, {form}: ran to the end", run.error)
    for f in ("g_xx", "g_yy", "g_zz", "K"):
        e = [r.summary[f"error.l2.{f}"] for r in runs]
        order = observed_order(*e, 48 / 30)
        ok(order >= 4, f"collapsing Gowdy, {form}, 1000 crossing times, {f}: order at least 4", f"{order:.3g}, errors {e[0]:.3g} {e[1]:.3g}")
finish()
