#!/usr/bin/env python3
"""Norms of the runs of runs.py against those of norms.csv, the same on every machine; a few of them, all with AEONIC_LONG=1.

A norm is the root mean square over the grid of a field's distance from flat space, a tensor's components summed; of a flow it is the
summary's. norms.csv was made by `test_norms.py --write` with version 0.1.0 (gcc 12, -O3, 8 lanes) as it was when hash_table.py found the
bits of all these runs equal before and after the rewriting of the run as a list of parts. Bits depend on no lane count, but on the C
library's functions, on FFTW's plans and on whether a compiler contracts a product and a sum. That is like a change of the state in its
last digit: noise of 1e-15 in every variable of the initial state moved no norm by more than 4e-10 of itself (most: 1e-12), but for those
whose fields are nothing but roundings, which moved by 3e-14. Hence 1e-9 of the norm, and 1e-13.
"""
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import runs

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import AEONIC, LONG, finish, ok, read_table

TABLE = Path(__file__).with_name("norms.csv")
RELATIVE, ROUNDING = 1e-9, 1e-13
FLAT = {"chi": 1, "W": 1, "lapse": 1, "gt_xx": 1, "gt_yy": 1, "gt_zz": 1, "g_xx": 1, "g_yy": 1, "g_zz": 1}
SHORT = ("datum gauge_wave", "datum punctures", "datum gowdy_collapsing", "z4c order 4 full", "z4c order 6 matter", "ccz4 order 8 octant",
         "adm order 2 full", "ccz4 frozen", "z4c spectral", "rails restarted 2 ranks", "ns etdrk4", "ns octaves Courant")
NS = ("ns.energy", "ns.enstrophy", "ns.helicity", "ns.skewness")


def norms(run, binary=AEONIC):
    """{group: norm} of the run's last state"""
    with runs.temporary() as folder:
        summary = runs.make(binary, run, folder)
        if run.command == "ns":
            return {k: summary[k] for k in NS}
        squares = {}
        with h5py.File(max(Path(folder, "run/checkpoint").glob("*.h5"))) as file:
            for name, data in file["state"].items():
                group = name.rsplit("_", 1)[0]
                squares[group] = squares.get(group, 0.0) + np.mean((data[()] - FLAT.get(name, 0.0)) ** 2)
        return {group: float(np.sqrt(s)) for group, s in squares.items()}


def table():
    """{run: {group: norm}}"""
    found = {}
    for row in read_table(TABLE):
        found.setdefault(row["run"], {})[row["norm"]] = float(row["value"])
    return found


def in_parallel(chosen):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(chosen, pool.map(norms, chosen))


def write(chosen):
    with open(TABLE, "w") as f:
        f.write("# norms of the last states of the runs of runs.py: see test_norms.py\nrun,norm,value\n")
        for run, found in in_parallel(chosen):
            f.writelines(f'"{run.name}",{group},{value!r}\n' for group, value in sorted(found.items()))


def apart(found, wanted):
    """The largest difference in units of what is allowed; NaN and a missing norm fail."""
    if found.keys() != wanted.keys():
        return np.inf
    return np.max([abs(found[g] - wanted[g]) / (RELATIVE * abs(wanted[g]) + ROUNDING) for g in wanted])  # NaN if any is


def main():
    cold = [r for r in runs.RUNS if not r.warm]
    if sys.argv[1:] == ["--write"]:
        return write(cold)
    known = table()
    few = [r for r in cold if r.name in SHORT]
    chosen = cold if LONG else few
    ok(len(few) == len(SHORT) and all(r.name in known for r in cold), "every run of the list has its norms", f"{len(known)} runs")
    sample = known[few[0].name]
    off = {g: v * (1 + 3e-9) + 3 * ROUNDING for g, v in sample.items()}
    ok(apart(off, sample) > 1 >= apart(sample, sample) and not apart({**sample, "K": np.nan}, sample) <= 1, "the comparison sees three times the bound, and a NaN", "planted")
    for run, found in in_parallel(chosen):
        worst = apart(found, known[run.name])
        ok(worst <= 1, f"{run.name}: norms of the last state", f"{worst:.2g} <= 1, in units of {RELATIVE:g} of each and {ROUNDING:g}")
    finish()


if __name__ == "__main__":
    main()
