#!/usr/bin/python3
"""Growth of noise over resolutions: growth.py out/.../FORMULATION-RHO ...

For each run the factor by which the norm of K rose: the largest value of the second half over the largest of the first ten
cells' crossing times, t <= 0.2/rho; and a picture of all, out/compare_formulations.png. In a strongly hyperbolic system the
factor does not depend on resolution. In a weakly hyperbolic one modes of wavenumber k grow as 1 + c k t: it doubles with
the resolution.
"""
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from aeonic import Run, RunError


def growth(t, v, rho):
    return v[t >= t[-1] / 2].max() / v[(t > 0) & (t <= 0.2 / rho * (1 + 1e-9))].max()


def main(paths):
    runs = {}
    for path in map(Path, paths):
        form, rho = path.name.rsplit("-", 1)
        t, v = Run(path).series("K", "norm2")
        runs.setdefault(form, {})[int(rho)] = (t[np.isfinite(v)], v[np.isfinite(v)])
    rhos = sorted({rho for series in runs.values() for rho in series})
    print("growth of the norm of K of noise, by formulation and resolution (50 rho cells)")
    print(f"{'':8s}" + "".join(f"{'rho = ' + str(rho):>12s}" for rho in rhos) + "   from each resolution to the next")
    figure, axes = plt.subplots(1, len(runs), figsize=(3.5 * len(runs), 3.5), sharey=True, squeeze=False)
    for axis, (form, series) in zip(axes[0], runs.items()):
        g = [growth(*series[rho], rho) for rho in rhos]
        print(f"{form:8s}" + "".join(f"{x:12.3g}" for x in g) + "   " + "  ".join(f"x {b / a:.2f}" for a, b in zip(g, g[1:])))
        for rho in rhos:
            t, v = series[rho]
            axis.semilogy(t[1:], v[1:] / v[(t > 0) & (t <= 0.2 / rho)].max(), label=f"rho = {rho}")
        axis.set(title=form, xlabel="t (crossing times)")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="x-small")
    axes[0][0].set_ylabel("norm of K over its first value")
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
