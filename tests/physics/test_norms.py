#!/usr/bin/env python3
"""Norms of the runs of runs.py against those of norms.csv, the same on every machine; a few of them, all with AEONIC_LONG=1.

norms.csv was made by test_norms.py --write with the build of which state.hash is equal to that of the last commit before the run became
a list of parts. A norm is the root mean square over the grid of a field's distance from flat space, a tensor's components summed; of a
flow it is the summary's. The bound: WHY"""
import csv
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import runs
from evolve import AEONIC, finish, result

TABLE = Path(__file__).with_name("norms.csv")
RELATIVE, ROUNDING = 1e-9, 1e-13
FLAT = {"chi": 1, "W": 1, "lapse": 1, "gt_xx": 1, "gt_yy": 1, "gt_zz": 1, "g_xx": 1, "g_yy": 1, "g_zz": 1}
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
