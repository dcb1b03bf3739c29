#!/usr/bin/env python3
"""aeonic spectrum -spectrum_of qnm against Leaver's continued fractions (qnm.csv, qnm_kerr.csv, written by qnm.py)."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Run, finish, ok, read_table, refused

HERE = Path(__file__).resolve().parent


def spectrum(*words):
    return Run("spectrum", "-spectrum_of", "qnm", *words)


def error(S, row):
    return abs(complex(S.get(f"spectrum.qnm.{row['n']}.re", float("nan")) - float(row["re"]), S.get(f"spectrum.qnm.{row['n']}.im", float("nan")) - float(row["im"])))


rows = read_table(HERE / "qnm.csv")
for row in rows:
    # second derivatives on 48 points round by eps N^4 = 1e-9; a fundamental mode of l > 0 is well conditioned, an overtone and l = 0 by
    # two or three digits less (Jaramillo et al. 2021, section V)
    well = row["n"] == "0" and row["l"] != "0"
    S = spectrum("-qnm_spin", row["spin"], "-qnm_l", row["l"], "-qnm_modes", str(int(row["n"]) + 1), "-qnm_tol", "1e-5").summary
    e, bound = error(S, row), 1e-10 if well else 1e-6
    ok(e <= bound, f"spin {row['spin']}, l = {row['l']}, n = {row['n']}", f"{e:.2e} <= {bound:.0e}")
kerr = read_table(HERE / "qnm_kerr.csv")
for row in kerr:
    # Teukolsky's equation on the 40 points of the finer grid: eps N^4 = 6e-10, ten times that as conditioned; an overtone by three digits less
    S = spectrum("-qnm_a", row["a"], "-qnm_m", row["m"], "-qnm_spin", row["spin"], "-qnm_l", row["l"], "-qnm_modes", str(int(row["n"]) + 1), "-qnm_tol", "1e-5").summary
    e, bound = error(S, row), 1e-8 if row["n"] == "0" else 1e-5
    ok(e <= bound, f"a = {row['a']}, spin {row['spin']}, l = {row['l']}, m = {row['m']}, n = {row['n']}", f"{e:.2e} <= {bound:.0e}")
two = next(r for r in rows if (r["spin"], r["l"], r["n"]) == ("2", "2", "0"))
errors = [error(spectrum("-qnm_points", n, "-qnm_tol", "1e-3").summary, two) for n in ("12", "18", "24")]
# errors of collocation fall faster than any power: than (12/18)^10, (18/24)^10
ok(errors[1] < errors[0] * (12 / 18) ** 10 and errors[2] < errors[1] * (18 / 24) ** 10, "faster than order 10", " ".join(f"{e:.2e}" for e in errors))
S = spectrum("-qnm_a", "1e-6", "-qnm_m", "0").summary
# without m what is of first order in a vanishes
ok(error(S, two) <= 1e-8, "hardly spinning: Schwarzschild's", f"{error(S, two):.2e}")
for words, text in (["-qnm_m", "3"], "-qnm_m 3: it lies between -l and l"), (["-qnm_a", "1"], "-qnm_a 1"), (["-qnm_a", "-0.5"], "-qnm_a -0.5"), (["-qnm_l", "1"], "-qnm_l 1"):
    refused(text, "spectrum", "-spectrum_of", "qnm", *words)
moved = spectrum("-qnm_points", "18", "-qnm_tol", "1e-3").summary["spectrum.qnm.0.moved"]
ok(errors[1] <= moved <= 1e-6, "what a mode moves by bounds its error", f"{moved:.2e}, error {errors[1]:.2e}")
for words, what in ((), "too few points"), (("-qnm_a", "0.9"), "too few points for a hole that spins"):
    few = spectrum("-qnm_points", "10", *words)
    ok(few.status == 2 and "other -qnm_points" in few.error and few.summary["run.exit"] == 2, f"{what}: exit 2", few.error)
finish()
