#!/usr/bin/python3
"""Taylor-Green flow against a program with nothing in common (oracle.py), and against converged values."""
from flows import run, table
from harness import below, finish

# Re = 1600, t = 0.1: a published program's value, 12 digits
_, summary = run(ns_initial="taylor_green", ns_re=1600, grid_n="32,32,32", ts_dt=0.01, ts_max_time=0.1)
below(abs(summary["ns.energy"] - 0.124953117517), 1e-12, "Re 1600, 32^3, t = 0.1: energy to the digits given")

# The same equations cut to the same waves. dt = 0.02: order 4 leaves of the error 7.5e-8 that integrating-factor RK4 has at dt = 0.05
# (t = 4, relative) 7.5e-8 (0.02/0.05)^4 = 1.9e-9; etdrk4 the same. Enstrophy weighs waves by k^2: ten times that.
for kind in "rk", "etdrk4":
    series, summary = run(ns_initial="taylor_green", ns_re=100, grid_n="32,32,32", ts_type=kind, ts_dt=0.02, ts_max_time=3, series_every=25, ns_spectra_every=25)
    for row in table("taylor_green_32.csv"):
        t = row["t"]
        below(abs(series["energy"][t] / row["energy"] - 1), 1.9e-9, f"{kind}, 32^3, t = {t:g}: energy")
        below(abs(series["enstrophy"][t] / row["enstrophy"] - 1), 1.9e-8, f"  enstrophy")
        below(abs(series["skewness"][t] - row["skewness"]), 1e-7, f"  skewness (a third moment of derivatives: ten times again)")
    below(summary["ns.div_max"], 1e-13, f"{kind}: divergence at rounding")
    below(summary["mem.allocs_per_step.own"] + summary["mem.allocs_per_step.library"], 0, f"{kind}: no allocation in a step")

# 64^3 is converged until the small scales are there: at t = 2 the tail of the 128^3 reference holds 1.5e-15 of the energy
series, _ = run(ns_initial="taylor_green", ns_re=100, grid_n="64,64,64", ts_dt=0.04, ts_max_time=2, series_every=25)
for row in table("taylor_green_Re100.csv"):
    if row["t"] <= 2 and row["t"] in series["energy"]:
        # 7.5e-8 (0.04/0.05)^4
        below(abs(series["energy"][row["t"]] / row["Ek"] - 1), 3.1e-8, f"64^3, t = {row['t']:g}: energy, converged value")
        below(abs(series["enstrophy"][row["t"]] / row["enstrophy"] - 1), 3.1e-7, "  enstrophy")
finish()
