#!/usr/bin/python3
"""Taylor-Green flow at Re = 100, 128^3 points, dt = 0.01, against converged values (10 minutes on one core)."""
from flows import run, table
from harness import below, finish

series, _ = run(ns_initial="taylor_green", ns_re=100, grid_n="128,128,128", ts_dt=0.01, ts_max_time=10, series_every=50)
for row in table("taylor_green_Re100.csv"):
    # the reference's truncation (2e-10 of the energy in its last waves) and dt^4: 7.5e-8 (0.01/0.05)^4 = 1.2e-10
    below(abs(series["energy"][row["t"]] - row["Ek"]), 1e-9, f"t = {row['t']:g}: energy")
    below(abs(series["enstrophy"][row["t"]] - row["enstrophy"]), 1e-7, "  enstrophy")
finish()
