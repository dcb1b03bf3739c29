"""Run `aeonic ns` and check numbers; shared by the Taylor-Green tests. Prints TAP."""
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


def below(value, bound, what):  # a NaN fails
    global count, failed
    good = value <= bound
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what} # {value:.3g} <= {bound:.3g}", flush=True)


def finish():
    print(f"1..{count}")
    sys.exit(failed > 0)


def run(**options):
    """{series: {t: value}} and the summary"""
    with tempfile.TemporaryDirectory(prefix="aeonic-ns-") as work:
        words = [w for name, value in options.items() for w in (f"-{name}", str(value))]
        done = subprocess.run([AEONIC, "ns", "-progress", "none", "-out", work + "/run", *words], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"Bail out! aeonic ns {' '.join(words)}: {done.stderr.strip()}")
        series = {}
        for path in Path(work, "run/series").glob("*..asc"):
            rows = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
            series[path.name.split(".")[0]] = {round(float(t), 9): float(v) for t, v in rows}
        return series, json.loads(Path(work, "run/summary.json").read_text())


def table(name):
    with open(HERE / name) as f:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(line for line in f if not line.startswith("#"))]
