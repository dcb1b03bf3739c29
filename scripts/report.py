#!/usr/bin/python3
"""Table and picture of the main job: report.py COARSE FINE

COARSE and FINE are folders of one Brill wave at two resolutions; scripts/run_main.sh leaves more beside them.
"""
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

sys.dont_write_bytecode = True  # no __pycache__ among the sources
from aeonic import Run
from plot_loom import edges, octaves

# Brill waves of Holz's form with a = 1: spectral solution in (r, cos theta) of 84 x 11 modes; 64 x 10 agree to 1e-10
MASS_OF_ONE = 3.39295016411e-2


def row(what, *values):
    print(f"{what:46s}" + "".join(f"{v:>16.6g}" if isinstance(v, float) else f"{v:>16}" for v in values))


def runtime_share(run):
    """Share of the evolution's seconds that loom and output (receipts, checkpoints, hashes, series) take."""
    timers = run.timers()
    seconds = {names[-1]: s for names, s in timers.items() if len(names) == 3 and names[1] in ("Evolve", "Output")}
    return (seconds.get("AeLoomTick", 0.0) + timers.get(("main", "Output"), 0.0)) / timers["main", "Evolve"]


def table(runs):
    s = [r.summary for r in runs]
    n = [r.options["-grid_n"].split(",")[0] for r in runs]
    lapse = [r.series("lapse", "minimum")[1] for r in runs]
    print()
    row("", *(f"{c}^3" for c in n))
    for what, key in (("ADM mass of the data", "id.adm_mass"), ("cycles of its solve", "id.iterations")):
        row(what, *(x[key] for x in s))
    m = [x["id.adm_mass"] for x in s]
    print(f"{'':46s}    M = {m[1]:.6f} +- {abs(m[1] - m[0]):.1e}, the difference of the two")
    one = [Run(runs[0].path.parent / f"brill-id-{c}").summary["id.adm_mass"] for c in n]
    row("the same for a = 1, minus the value known", *(x - MASS_OF_ONE for x in one))
    row("smallest lapse on the way", *(float(v.min()) for v in lapse))
    row("smallest lapse at the end", *(x["gr.lapse_min"] for x in s))
    row("largest H (root mean square) on the way", *(float(r.series("H", "norm2")[1].max()) for r in runs))
    for what, key in (
        ("H at the end", "constraint.H.l2"),
        ("M at the end", "constraint.M.l2"),
        ("steps accepted", "time.steps"),
        ("steps taken back", "time.rejects"),
        ("loom: ticks", "loom.ticks"),
        ("loom: ticks without transforms", "loom.skips"),
        ("memory: hits", "mem.hits"),
        ("memory: misses", "mem.misses"),
        ("own allocations a step", "mem.allocs_per_step.own"),
        ("seconds", "run.wall_s"),
    ):
        row(what, *(x[key] for x in s))
    row("share of loom, records and files, percent", *(100 * runtime_share(r) for r in runs))
    warm, cold = (Run(runs[0].path.parent / f"brill-maximal-{w}").summary for w in ("true", "false"))
    print(f"maximal slicing, 24^3, cycles a solve: {cold['gauge.lapse.cycles_cold']:.2f} cold, {warm['gauge.lapse.cycles_warm']:.2f} warm, {warm['mem.hits_tier1']} solutions recalled")
    tiers = lambda x: " ".join(str(x[f"mem.hits_tier{t}"]) for t in range(4))
    print("hits of the memory's tiers 0 to 3: " + "; ".join(f"{name} {tiers(x)}" for name, x in (*((r.path.name, r.summary) for r in runs), ("maximal slicing beside a bank", warm))))
    for r in runs:
        for words in r.table("rails.txt"):
            if words[4] in ("reject", "stop", "control"):
                print(f"{r.path.name}: step {words[0]}, attempt {words[1]}: {words[4]}: {words[5]} = {float(words[6]):.3g}, {float(words[7]):.3g} of the limit, dt {float(words[3]):.4g} -> {float(words[9]):.4g}")


def dt_of_steps(run):
    """Time and dt of every accepted step."""
    t = run.series("lapse", "minimum")[0]
    return t[1:], np.diff(t)


def picture(runs, file):
    fig, axes = plt.subplots(2, 2, figsize=(10, 6.5), constrained_layout=True)
    (lapse, constraints), (loom, dt) = axes
    for r, style in zip(runs, ("--", "-")):
        name = r.options["-grid_n"].split(",")[0] + "$^3$"
        lapse.plot(*r.series("lapse", "minimum"), "C0" + style, label=name)
        for c, colour in (("H", "C0"), ("M", "C1")):
            constraints.semilogy(*r.series(c, "norm2"), colour + style, label=f"{c}, {name}")
        dt.step(*dt_of_steps(r), "C0" + style, where="pre", label=name)
    for i, words in enumerate(runs[1].table("rails.txt")):
        t, h = float(words[2]), float(words[3])
        dt.plot(t, h, "rx" if words[4] == "reject" else "k.")
        dt.annotate(f"{words[4]}: {words[10]}", (t, h), fontsize=7, textcoords="offset points", xytext=(12, -10 if i == 0 else 10 * i - 12))
    lapse.set(ylabel="smallest lapse")
    constraints.set(ylabel="constraints (root mean square)")
    dt.set(ylabel="dt; binding thread at every verdict", xlabel="t")
    t, E, *_ = octaves(runs[1].path / "series/loom_K_octaves.txt")
    top = E.max()
    shown = loom.pcolormesh(edges(t), np.arange(E.shape[1] + 1) - 0.5, np.where(E > 0, E, np.nan).T, norm=matplotlib.colors.LogNorm(1e-10 * top, top))
    fig.colorbar(shown, ax=loom, label="energy of K")
    loom.set(ylabel="octave", xlabel="t")
    for ax in (lapse, constraints, dt):
        ax.legend(fontsize="x-small")
        ax.grid(alpha=0.3)
    fig.suptitle("A Brill wave (Holz, a = 2) disperses")
    fig.savefig(file, dpi=90)
    print(file)


def main(paths):
    runs = [Run(p) for p in paths]
    table(runs)
    picture(runs, Path(paths[0]).parent / "report.png")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    main(sys.argv[1:])
