#!/usr/bin/env python3
"""Growth of the Hamiltonian constraint of noise runs: growth.py out/.../FORMULATION-RHO ...

For each run the factor by which max |H| rose above its first value, and the rate d ln max|H| / dt of a straight line through
the second half; and a picture of all, out/compare_formulations.png. A well-posed formulation's rate tends to 0 and does not
rise with resolution; a weakly hyperbolic one's does.
"""
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from aeonic import Run, RunError


def rate(t, v):
    """Slope of ln v over the second half of the run."""
    late = (t >= t[-1] / 2) & (v > 0)
    return float(np.polyfit(t[late], np.log(v[late]), 1)[0]) if late.sum() > 2 else float("nan")


def main(paths):
    runs = {}
    for path in map(Path, paths):
        form, rho = path.name.rsplit("-", 1)
        t, v = Run(path).series("H", "maximum")
        good = np.isfinite(v)
        runs.setdefault(form, {})[int(rho)] = (t[good], v[good])
    rhos = sorted({rho for series in runs.values() for rho in series})
    print(f"{'':12s}" + "".join(f"{'rho = ' + str(rho):>34s}" for rho in rhos))
    print(f"{'formulation':12s}" + f"{'to t':>10s}{'max|H| rose':>14s}{'rate':>10s}" * len(rhos))
    figure, axes = plt.subplots(1, len(runs), figsize=(3.5 * len(runs), 3.5), sharey=True, squeeze=False)
    for axis, (form, series) in zip(axes[0], runs.items()):
        row = f"{form:12s}"
        for rho in rhos:
            t, v = series[rho]
            row += f"{t[-1]:10.3g}{v.max() / v[0]:14.3g}{rate(t, v):10.3g}"
            axis.semilogy(t, v / v[0], label=f"rho = {rho}")
        print(row)
        axis.set(title=form, xlabel="t (crossing times)")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="x-small")
    axes[0][0].set_ylabel("max |H| over its first value")
    figure.tight_layout()
    figure.savefig("out/compare_formulations.png", dpi=120)
    print("out/compare_formulations.png")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.splitlines()[0])
    try:
        main(sys.argv[1:])
    except (RunError, OSError) as error:
        sys.exit(f"growth.py: {error}")
