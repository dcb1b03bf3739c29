"""Run the program and check numbers of its summary and series: shared by the physics tests. Prints TAP."""
import atexit
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
AEONIC = os.environ.get("AEONIC", str(TOP / "bin/aeonic"))
WORK = Path(tempfile.mkdtemp(prefix="aeonic-physics-"))
atexit.register(shutil.rmtree, WORK, True)
ENV = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
count = failed = 0


def result(good, what, detail):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what} # {detail}", flush=True)
    return good


def below(value, bound, what):  # a NaN fails
    return result(value <= bound, what, f"{value:.4g} <= {bound:.4g}")


def near(value, wanted, tolerance, what):
    return result(abs(value - wanted) <= tolerance, what, f"{value:.6g} within {tolerance:g} of {wanted:g}")


def finish():
    print(f"1..{count}")
    sys.exit(failed > 0)


class Evolution:
    """aeonic gr with these options ("gr_initial": "noise", ...): .status, .summary, .series(name, kind)."""

    def __init__(self, **options):
        self.path = Path(tempfile.mkdtemp(dir=WORK)) / "run"
        words = [w for name, value in options.items() for w in (f"-{name}", str(value))]
        done = subprocess.run([AEONIC, "gr", "-progress", "none", "-fields", "none", "-out", str(self.path), *words], capture_output=True, text=True, env=ENV)
        self.status, self.error = done.returncode, done.stderr.strip()
        if done.returncode not in (0, 2):
            raise SystemExit(f"Bail out! aeonic gr {' '.join(words)}: {self.error}")
        self.summary = json.loads((self.path / "summary.json").read_text())

    def series(self, name, kind):
        rows = [line.split() for line in (self.path / "series" / f"{name}.{kind}.asc").read_text().splitlines() if not line.startswith("#")]
        return [(float(t), float(v)) for _, t, v in rows]


def observed_order(coarse, fine, ratio=2.0):
    return math.log(coarse / fine) / math.log(ratio) if coarse > 0 and fine > 0 else math.nan


def check_order(errors, wanted, what, tolerance=0.1, ratio=2.0):
    """errors: at spacings h and h/ratio."""
    return near(observed_order(*errors, ratio), wanted, tolerance, f"{what}: order, errors {errors[0]:.3g} {errors[1]:.3g}")
