#!/usr/bin/python3
"""Table of measured against exact: report.py COARSE FINE [COARSE FINE ...]

Each pair is the same run at two resolutions. For the field extrema that the exact solution of a plane wave of
amplitude A gives in closed form it prints measured, exact and deviation, then the errors at both resolutions and the
order of convergence between them; and draws the errors in out/report.png.
"""
import math
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from aeonic import Run


def option(run, name, default=None):
    """The value of an option of the run, from its options.txt."""
    with open(f"{run.path}/options.txt") as f:
        for line in f:
            if line.startswith(name + " "):
                return line.split(None, 1)[1].strip()
    return default


def exact_extrema(run):
    """Smallest lapse of the exact wave: sqrt(1 - A) and 1/sqrt(1 + A); largest |tr K| over a period."""
    a = float(option(run, "-gw_amplitude", "0.01"))
    shifted = option(run, "-gr_initial") == "shifted_gauge_wave"
    phases = [2 * math.pi * i / 100000 for i in range(100000)]
    if shifted:  # tr K = K_xx / (1 + H)
        k = max(math.pi * a * abs(math.cos(p)) / (1 + a * math.sin(p)) ** 1.5 for p in phases)
        return 1 / math.sqrt(1 + a), k
    k = max(math.pi * a * abs(math.cos(p)) / (1 - a * math.sin(p)) ** 1.5 for p in phases)
    return math.sqrt(1 - a), k


def main(paths):
    figure, axis = plt.subplots(figsize=(6, 4))
    ticks = set()
    print()
    print(f"{'quantity':44s} {'measured':>14s} {'exact':>14s} {'deviation':>11s}")
    for coarse, fine in zip(paths[::2], paths[1::2]):
        runs = [Run(coarse), Run(fine)]
        summaries = [r.summary for r in runs]
        n = [int(option(r, "-grid_n").split(",")[0]) for r in runs]
        name = f"{option(runs[1], '-gr_initial')} ({option(runs[1], '-gr_formulation')})"
        lapse, trk = exact_extrema(runs[1])
        rows = [("smallest lapse", summaries[1]["gr.lapse_min"], lapse), ("largest |K|", summaries[1]["gr.K_max"], trk)]
        for what, measured, exact in rows:
            print(f"{name + ', ' + what:44s} {measured:14.9f} {exact:14.9f} {measured - exact:11.2e}")
        for key in ("error.l2.g_xx", "error.l2.K", "error.l2.lapse"):
            e = [s[key] for s in summaries]
            order = math.log(e[0] / e[1]) / math.log(n[1] / n[0])
            print(f"{name + ', ' + key:44s} {e[1]:14.3e} {'0':>14s} {e[1]:11.2e}   order {order:.2f} from n = {n[0]}, {n[1]}")
            (line,) = axis.loglog(n, e, "o", label=f"{name}: {key[9:]}")
            axis.loglog(n, [e[0], e[0] * (n[0] / n[1]) ** 4], "-", color=line.get_color(), alpha=0.5)  # order 4 through the coarse run
            ticks.update(n)
    axis.set_xticks(sorted(ticks), [str(n) for n in sorted(ticks)])
    axis.minorticks_off()
    axis.set_xlabel("cells along x; lines: fourth order through the coarse runs")
    axis.set_ylabel("error at the end (root mean square)")
    axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig("out/report.png", dpi=120)
    print("\nout/report.png")


if __name__ == "__main__":
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__.splitlines()[0])
    main(sys.argv[1:])
