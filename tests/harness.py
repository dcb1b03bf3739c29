"""TAP for Python tests: checks, runs of the program, its summary and series, a folder for temporary files, the end.

A test says `sys.path.insert(0, str(Path(__file__).resolve().parents[1]))`, imports what it needs, and ends with finish().
Checks that a NaN must fail are written as `value <= bound`.
"""
import atexit
import contextlib
import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
AEONIC = os.environ.get("AEONIC", str(TOP / "bin/aeonic"))
PROGRAMS = Path(AEONIC).resolve().parent / "tests"  # the C tests of the same build
LONG = os.environ.get("AEONIC_LONG") == "1"
WORK = Path(tempfile.mkdtemp(prefix="aeonic-"))
GUARD = 600  # seconds, for what hangs
atexit.register(shutil.rmtree, WORK, True)


@atexit.register
def end_children():
    """A test that bails out leaves no run behind."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                  OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_mpi_yield_when_idle="1")
sys.path.insert(0, str(TOP / "scripts"))
sys.dont_write_bytecode = True
count = failed = 0


def ok(good, what, detail=""):
    global count, failed
    count += 1
    failed += not good
    detail = " | ".join(str(detail).strip().splitlines()) or ("holds" if good else "does not hold")
    print(f"{'ok' if good else 'not ok'} {count} - {what.replace('#', chr(92) + '#')} # {detail[:500]}", flush=True)
    return bool(good)


def below(value, bound, what):
    return ok(value <= bound, what, f"{value:.4g} <= {bound:.4g}")


def near(value, wanted, tolerance, what):
    return ok(abs(value - wanted) <= tolerance, what, f"{value:.6g} within {tolerance:g} of {wanted:g}")


def skip(what, why):
    """what cannot be tested here: counted as skipped"""
    global count
    count += 1
    print(f"ok {count} - {what} # SKIP {why}", flush=True)


def finish():
    print(f"1..{count}")
    sys.exit(failed > 0)


def observed_order(coarse, fine, ratio=2.0):
    return math.log(coarse / fine) / math.log(ratio) if coarse > 0 and fine > 0 else math.nan


def check_order(errors, wanted, what, tolerance=0.1, ratio=2.0):
    """errors: at spacings h and h/ratio"""
    return near(observed_order(*errors, ratio), wanted, tolerance, f"{what}: order, errors {errors[0]:.3g} {errors[1]:.3g}")


def fourth_order(kh, ratio=2.0, derivative=1):
    """The order that fourth-order differences show between h and h/ratio. For e^{ikx} they err by (kh)^4/30 (1 - (3/14)(kh)^2) in first
    derivatives, by (kh)^4/90 (1 - (5/56)(kh)^2) in second ones; kh at the coarser spacing. For r^-m, (kh)^2 is (m+5)(m+6)(h/r)^2; of
    exp(-r^2) the waves with k^2 = 14 err most, where k^2 (k^6 exp(-k^2/4))^2 is largest."""
    x = (3 / 14 if derivative == 1 else 5 / 56) * kh**2
    return 4 + math.log((1 - x) / (1 - x / ratio**2), ratio)


def matrix(rows, *short):
    """all rows of a matrix in `make test-long`; in `make test` those numbered"""
    return rows if LONG else [rows[i] for i in short]


def words(*positional, **options):
    """command-line words: words(12, ts_dt=0.1) is ["12", "-ts_dt", "0.1"]"""
    return [str(w) for w in positional] + [str(w) for name, value in options.items() for w in ("-" + name, value)]


def command(*positional, ranks=1, **options):
    """the words of `aeonic positional -option value`, on several ranks by mpiexec"""
    return (["mpiexec", "-n", str(ranks)] if ranks > 1 else []) + [AEONIC, *words(*positional, **options)]


def launch(argv, **how):
    """any program: .returncode, .stdout, .stderr"""
    return subprocess.run([str(a) for a in argv], **{"capture_output": True, "text": True, "timeout": GUARD, **how})


def aeonic(*positional, ranks=1, **options):
    return launch(command(*positional, ranks=ranks, **options))


def refused(text, *positional, name="", **options):
    """exit status 1 and one line that holds the text"""
    done = aeonic(*positional, **options)
    return ok(done.returncode == 1 and text in done.stderr and done.stderr.count("\n") == 1, f"refused: {name or ' '.join(words(*positional, **options))}", done.stderr)


def wait_for(what, seconds=GUARD):
    """An event of a run that goes on beside the test; the time is a guard against what hangs."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise SystemExit("Bail out! waited too long")
        time.sleep(0.02)


def read_summary(folder):
    path = Path(folder, "summary.json")
    return json.loads(path.read_text()) if path.exists() else {}


def read_rows(path):
    """rows of a series' file, as lists of words"""
    return [line.split() for line in Path(path).read_text().splitlines() if not line.startswith("#")]


def read_table(path):
    """rows of a .csv file with # comments, as dicts of text"""
    with open(path) as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


class Run:
    """A run in a folder of its own: .status .error .path .summary .series(name, kind). Any other exit status than those of `status`
    (unless that is None) ends the test."""

    def __init__(self, *positional, ranks=1, status=(0, 2), **options):
        self.path = Path(tempfile.mkdtemp(dir=WORK)) / "run"
        done = aeonic(*positional, "-out", self.path, "-summary", self.path.parent / "summary.json", ranks=ranks, **options)
        self.status, self.output, self.error = done.returncode, done.stdout, done.stderr.strip()
        if status is not None and done.returncode not in status:
            raise SystemExit(f"Bail out! aeonic {' '.join(words(*positional, **options))}: exit status {done.returncode}, {self.error}")
        self.summary = read_summary(self.path.parent)  # there also where a command makes no folder

    def series(self, name, kind=""):
        """[(t, value)]"""
        return [(float(row[-2]), float(row[-1])) for row in read_rows(self.path / f"series/{name}.{kind}.asc")]


def Evolution(**options):
    """aeonic gr without progress and fields"""
    return Run("gr", **{"progress": "none", "fields": "none", **options})
