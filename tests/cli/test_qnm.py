#!/usr/bin/env python3
"""aeonic spectrum -spectrum_of qnm against Leaver's continued fractions (qnm.csv, qnm_kerr.csv, written by qnm.py)."""
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
AEONIC = os.environ.get("AEONIC", str(HERE.parents[1] / "bin/aeonic"))
count = failed = 0


def result(good, what, detail):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what} # {detail}", flush=True)


with tempfile.TemporaryDirectory(prefix="aeonic-qnm-") as work:

    def spectrum(*words):
        done = subprocess.run([AEONIC, "spectrum", "-spectrum_of", "qnm", "-out", work + "/q", "-fresh", *words], capture_output=True, text=True)
        summary = Path(work, "q/summary.json")
        return done, json.loads(summary.read_text()) if summary.exists() and done.returncode in (0, 2) else {}

    def error(S, row):
        return abs(complex(S.get(f"spectrum.qnm.{row['n']}.re", float("nan")) - float(row["re"]), S.get(f"spectrum.qnm.{row['n']}.im", float("nan")) - float(row["im"])))

    with open(HERE / "qnm.csv") as f:
        rows = list(csv.DictReader(line for line in f if not line.startswith("#")))
    for row in rows:
        # second derivatives on 48 points round by eps N^4 = 1e-9; a fundamental mode of l > 0 is well conditioned, an overtone and l = 0 by
        # two or three digits less (Jaramillo et al. 2021, section V)
        well = row["n"] == "0" and row["l"] != "0"
        _, S = spectrum("-qnm_spin", row["spin"], "-qnm_l", row["l"], "-qnm_modes", str(int(row["n"]) + 1), "-qnm_tol", "1e-5")
        e, bound = error(S, row), 1e-10 if well else 1e-6
        result(e <= bound, f"spin {row['spin']}, l = {row['l']}, n = {row['n']}", f"{e:.2e} <= {bound:.0e}")
    with open(HERE / "qnm_kerr.csv") as f:
        kerr = list(csv.DictReader(line for line in f if not line.startswith("#")))
    for row in kerr:
        # Teukolsky's equation on the 40 points of the finer grid: eps N^4 = 6e-10, ten times that as conditioned; an overtone by three digits less
        _, S = spectrum("-qnm_a", row["a"], "-qnm_m", row["m"], "-qnm_spin", row["spin"], "-qnm_l", row["l"], "-qnm_modes", str(int(row["n"]) + 1), "-qnm_tol", "1e-5")
        e, bound = error(S, row), 1e-8 if row["n"] == "0" else 1e-5
        result(e <= bound, f"a = {row['a']}, spin {row['spin']}, l = {row['l']}, m = {row['m']}, n = {row['n']}", f"{e:.2e} <= {bound:.0e}")
    two = next(r for r in rows if (r["spin"], r["l"], r["n"]) == ("2", "2", "0"))
    errors = [error(spectrum("-qnm_points", n, "-qnm_tol", "1e-3")[1], two) for n in ("12", "18", "24")]
    # errors of collocation fall faster than any power: than (12/18)^10, (18/24)^10
    result(errors[1] < errors[0] * (12 / 18) ** 10 and errors[2] < errors[1] * (18 / 24) ** 10, "faster than order 10", " ".join(f"{e:.2e}" for e in errors))
    _, S = spectrum("-qnm_a", "1e-6", "-qnm_m", "0")
    # without m what is of first order in a vanishes
    result(error(S, two) <= 1e-8, "hardly spinning: Schwarzschild's", f"{error(S, two):.2e}")
    for words, text in (["-qnm_m", "3"], "-qnm_m 3: it lies between -l and l"), (["-qnm_a", "1"], "-qnm_a 1"), (["-qnm_a", "-0.5"], "-qnm_a -0.5"):
        done, _ = spectrum(*words)
        result(done.returncode == 1 and text in done.stderr and len(done.stderr.splitlines()) == 1, f"refused: {' '.join(words)}", done.stderr.strip()[:100])
    done, S = spectrum("-qnm_a", "0.9", "-qnm_points", "10")
    result(done.returncode == 2 and "other -qnm_points" in done.stderr and S["run.exit"] == 2, "too few points for a hole that spins: exit 2", done.stderr.strip()[:100])
    moved = spectrum("-qnm_points", "18", "-qnm_tol", "1e-3")[1]["spectrum.qnm.0.moved"]
    result(errors[1] <= moved <= 1e-6, "what a mode moves by bounds its error", f"{moved:.2e}, error {errors[1]:.2e}")
    done, S = spectrum("-qnm_points", "10")
    result(done.returncode == 2 and "other -qnm_points" in done.stderr and S["run.exit"] == 2, "too few points: exit 2", done.stderr.strip()[:100])
    done, _ = spectrum("-qnm_l", "1")
    result(done.returncode == 1 and "-qnm_l 1" in done.stderr and len(done.stderr.splitlines()) == 1, "refused: l below the spin", done.stderr.strip()[:100])
print(f"1..{count}")
sys.exit(failed > 0)
