#!/usr/bin/python3
"""Pictures of a run: plot.py DIR [DIR ...] writes DIR/plots/*.png and prints their names."""

import argparse
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ among the sources
try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    from aeonic import FORMS, Run, RunError
except ImportError as missing:
    sys.exit(f"plot.py: {missing}; install python3-numpy, python3-h5py and python3-matplotlib, or use the system's /usr/bin/python3")

CONSTRAINTS = ("H", "M", "H_masked", "M_masked", "M_x", "M_y", "M_z", "Theta", "Z", "C", "Gam", "det_drift", "tr_drift")


def time_series(run, wanted, title, ylabel, log):
    """One figure with every series that wanted(name, kind) picks; None if there is nothing to draw."""
    fig, ax = plt.subplots(figsize=(7, 4.5), constrained_layout=True)
    drawn = 0
    for name, kind in run.series_names():
        if not wanted(name, kind):
            continue
        t, v = run.series(name, kind)
        good = np.isfinite(v)
        if not good.any():
            continue
        t, v = t[good], np.abs(v[good]) if log else v[good]
        if log and not (v > 0).any():  # zero all along: nothing to see
            continue
        # a logarithm has no room for zeros: leave gaps
        ax.plot(t, np.where(v > 0, v, np.nan) if log else v, ".-" if len(t) < 50 else "-", label=f"{name} {kind or ''}".strip())
        drawn += 1
    if not drawn:
        plt.close(fig)
        return None
    if log:
        ax.set_yscale("log")
    ax.set(xlabel="t [M]", ylabel=ylabel, title=title)
    ax.grid(alpha=0.3)
    ax.legend(fontsize="x-small" if drawn > 6 else "small", ncol=1 + (drawn - 1) // 6)
    return fig


def cuts(run, name, form):
    """The first and the last state of a field along a line, or along the longest axis of what there is."""
    its = run.iterations(name, form)
    fig, ax = plt.subplots(figsize=(7, 4.5), constrained_layout=True)
    for it, style in zip(sorted({its[0], its[-1]}), ("--", "-")):
        f = run.field(name, it, form)
        axis, x, v = f.cut()
        ax.plot(x, v, style, label=f"t = {f.time:g} (iteration {it})")
    ax.set(xlabel=f"{axis} [M]", ylabel=name, title=f"{name} along {axis}, through the middle: {run.path.resolve().name}")
    ax.ticklabel_format(axis="y", useOffset=False)
    ax.grid(alpha=0.3)
    ax.legend(fontsize="small")
    return fig


def plane(run, name, form):
    """The first and the last state of a field on a plane, in the same colours."""
    its = run.iterations(name, form)
    states = [run.field(name, it, form) for it in sorted({its[0], its[-1]})]
    finite = np.concatenate([f.data[np.isfinite(f.data)] for f in states])
    if not finite.size:
        return None
    fig, axes = plt.subplots(1, len(states), figsize=(1 + 4.5 * len(states), 4.2), constrained_layout=True, squeeze=False)
    for ax, f in zip(axes[0], states):
        u, v = (getattr(f, axis) for axis in form)
        half = f.delta / 2
        picture = ax.imshow(f.data, origin="lower", extent=(u[0] - half[0], u[-1] + half[0], v[0] - half[1], v[-1] + half[1]), vmin=finite.min(), vmax=finite.max())
        ax.set(xlabel=f"{form[0]} [M]", ylabel=f"{form[1]} [M]", title=f"t = {f.time:g}")
    fig.colorbar(picture, ax=axes[0], label=name)
    fig.suptitle(f"{name} on {form}: {run.path.resolve().name}")
    return fig


def figures(run):
    """Name and figure of every picture, in turn."""
    who = run.path.resolve().name
    known = run.series_names()
    yield "constraints", time_series(run, lambda n, k: n in CONSTRAINTS and k in ("norm2", "maximum", "norm1"), f"Constraints: {who}", "violation", True)
    yield "errors", time_series(run, lambda n, k: n.startswith("error") and k == "norm2", f"Errors against the exact solution: {who}", "root mean square", True)
    yield "lapse_min", time_series(run, lambda n, k: (n, k) == ("lapse", "minimum"), f"Smallest lapse: {who}", "min lapse", False)
    yield "K_max", time_series(run, lambda n, k: (n, k) == ("K", "maximum"), f"Largest |K|: {who}", "max |K| [1/M]", False)
    for stem in sorted({re.sub(r"(_[xyz])?(\[\d+\])?$", "", n) for n, k in known if k is None}):  # components in one picture
        mine = re.compile(re.escape(stem) + r"(_[xyz])?(\[\d+\])?$")
        yield f"scalar_{stem}", time_series(run, lambda n, k: k is None and mine.match(n), f"{stem}: {who}", stem, False)
    for name in run.fields():
        yield f"cut_{name}", cuts(run, name, "xyz")
    for form in FORMS[1:]:
        for name in run.fields(form):
            yield f"{name}_{form}", plane(run, name, form) if len(form) == 2 else cuts(run, name, form)


def plot(path):
    """All pictures of one run."""
    run, made = Run(path), 0
    folder = run.path / "plots"
    for name, fig in figures(run):
        if fig is None:
            continue
        folder.mkdir(exist_ok=True)
        file = folder / f"{name}.png"
        fig.savefig(file, dpi=120)
        plt.close(fig)
        print(file)
        made += 1
    if not made:
        raise RunError(f"{path}: a run without series or fields: nothing to plot")


def main():
    parser = argparse.ArgumentParser(description="Make pictures of runs, in DIR/plots/.")
    parser.add_argument("run", nargs="+", type=Path, metavar="DIR", help="a run's folder, such as out/gr-gauge_wave")
    status = 0
    for path in parser.parse_args().run:
        try:
            plot(path)
        except (RunError, OSError) as error:
            print(f"plot.py: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
