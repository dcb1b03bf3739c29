"""Runs of `aeonic ns` and tables of reference values: shared by the Taylor-Green tests."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Run, read_table


def run(**options):
    """{series: {t: value}} and the summary"""
    done = Run("ns", progress="none", status=(0,), **options)
    names = [path.name.split(".")[0] for path in done.path.glob("series/*..asc")]
    return {name: {round(t, 9): v for t, v in done.series(name)} for name in names}, done.summary


def table(name):
    return [{k: float(v) for k, v in row.items()} for row in read_table(Path(__file__).with_name(name))]
