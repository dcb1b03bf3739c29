#!/usr/bin/python3
"""Octaves against time: plot_loom.py DIR [DIR ...] draws what the loom of a run saw into DIR/plots/loom_<field>.png."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ among the sources
try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.colors import LogNorm
except ImportError as missing:
    sys.exit(f"plot_loom.py: {missing}; install python3-numpy and python3-matplotlib, or use the system's /usr/bin/python3")

OCTAVES = 8


class LoomError(Exception):
    pass


def table(path):
    """Rows of a series as numbers; a last line that a crash cut short is left out."""
    rows = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    width = len(rows[0]) if rows else 0
    return np.array([[float(x) for x in row] for row in rows if len(row) == width])


def octaves(path):
    """Times, and E, omega, D, C as arrays [tick, octave]."""
    rows = table(path)
    if not rows.size:
        raise LoomError(f"{path}: no ticks")
    rows = rows[: len(rows) // OCTAVES * OCTAVES].reshape(-1, OCTAVES, 8)
    return rows[:, 0, 1], *(rows[:, :, c] for c in (3, 4, 5, 6))


def edges(t):
    """Borders of the ticks' cells in a picture."""
    if len(t) == 1:
        return np.array([t[0] - 0.5, t[0] + 0.5])
    middle = 0.5 * (t[1:] + t[:-1])
    return np.concatenate([[2 * t[0] - middle[0]], middle, [2 * t[-1] - middle[-1]]])


def picture(field, run, path):
    t, E, omega, _, C = octaves(path)
    used = [o for o in range(OCTAVES) if (E[:, o] > 0).any()]
    fig, axes = plt.subplots(4, 1, figsize=(8, 11), sharex=True, constrained_layout=True)
    if used:
        top = E[np.isfinite(E)].max()
        norm = LogNorm(max(E[E > 0].min(), 1e-20 * top), top)
        shown = axes[0].pcolormesh(edges(t), np.arange(OCTAVES + 1) - 0.5, np.where(E > 0, E, np.nan).T, norm=norm)
        fig.colorbar(shown, ax=axes[0], label="E")
    axes[0].set(ylabel="octave", title=f"{field}: {run.resolve().name}")
    for o in used:
        share = E[:, o] / E.sum(axis=1).clip(1e-300)
        real = share > 1e-20  # of rounding errors rates and phases mean nothing
        axes[1].semilogy(t, np.where(E[:, o] > 0, E[:, o], np.nan), label=f"octave {o}")
        axes[2].plot(t, np.where(real, omega[:, o], np.nan), label=f"octave {o}")
        axes[3].plot(t, np.where(real, C[:, o], np.nan), label=f"octave {o}")
    axes[1].set_ylabel("E")
    if used:
        axes[1].legend(fontsize="x-small", ncol=2)
    axes[2].set_ylabel("angular rate [1/M]")
    axes[3].set(ylabel="coherence", xlabel="t [M]", ylim=(-0.05, 1.05))
    for ax in axes[1:]:
        ax.grid(alpha=0.3)
    return fig


def tail(run):
    rows = [line.split()[:4] for line in (run / "series/loom.txt").read_text().splitlines() if line and not line.startswith("#")]
    rows = np.array([[float(x) for x in row] for row in rows if len(row) == 4])
    fig, ax = plt.subplots(figsize=(8, 4), constrained_layout=True)
    done = rows[:, 2] == 1
    D = np.where(rows[:, 3] > 0, rows[:, 3], np.nan)
    ax.semilogy(rows[:, 1], D, "-", color="0.7")
    ax.semilogy(rows[done, 1], D[done], ".", label=f"transformed: {done.sum()}")
    ax.semilogy(rows[~done, 1], D[~done], "x", ms=4, label=f"skipped: {(~done).sum()}")
    ax.set(xlabel="t [M]", ylabel="D_max", title=f"Energy above 2/3 of the Nyquist wavenumber: {run.resolve().name}")
    ax.grid(alpha=0.3)
    ax.legend(fontsize="small")
    return fig


def plot(run):
    series = run / "series"
    files = sorted(series.glob("loom_*_octaves.txt"))
    if not (series / "loom.txt").exists() or not files:
        raise LoomError(f"{run}: no series/loom*.txt; was the run made with -loom_every 0?")
    (run / "plots").mkdir(exist_ok=True)
    made = [("loom_tail", tail(run))]
    for path in files:
        field = path.name[len("loom_") : -len("_octaves.txt")]
        made.append((f"loom_{field}", picture(field, run, path)))
    for name, fig in made:
        file = run / "plots" / f"{name}.png"
        fig.savefig(file, dpi=110)
        plt.close(fig)
        print(file)


def main():
    parser = argparse.ArgumentParser(description="Draw the loom's octaves against time, in DIR/plots/.")
    parser.add_argument("run", nargs="+", type=Path, metavar="DIR", help="a run's folder, such as out/gr-gauge_wave")
    status = 0
    for run in parser.parse_args().run:
        try:
            plot(run)
        except (LoomError, OSError, ValueError) as error:
            print(f"plot_loom.py: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
