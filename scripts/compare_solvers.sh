#!/bin/bash
# Compares elliptic solvers and plots residual against work: compare_solvers.sh [OUTDIR] [aeonic elliptic options...]
#   scripts/compare_solvers.sh out/compare -ell_problem helmholtz -grid_n 64,64,64 -ell_compare "cycle;cg;mine:-ell_ksp_type gmres -ell_pc_type jacobi"
# Without -ell_compare the default list runs. Leaves OUTDIR/summary.json, table.txt and residuals.png.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${1-out/compare}; [ $# -gt 0 ] && shift
mkdir -p "$out" || exit 3
case " $* " in *" -ell_compare "*) list=() ;; *) list=(-ell_compare default) ;; esac
"${AEONIC-$here/../bin/aeonic}" elliptic "${list[@]}" "$@" -summary "$out/summary.json" | tee "$out/table.txt"
status=${PIPESTATUS[0]}
[ "$status" -eq 0 ] || exit "$status"
"${PYTHON-/usr/bin/python3}" - "$out" <<'P'
import json, sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
out = sys.argv[1]
keys = json.load(open(f"{out}/summary.json"))
rows = {}
for k, v in keys.items():
    if k.startswith("elliptic."):
        _, s, name = k.split(".", 2)
        rows.setdefault(s, {})[name] = v
fig, ax = plt.subplots(figsize=(6, 4))
for s, r in rows.items():
    h = [r[f"history.{i}"] for i in range(len(r)) if f"history.{i}" in r]
    if len(h) < 2 or not h[0]:
        continue
    t = [1e3 * r["solve_s"] * i / (len(h) - 1) for i in range(len(h))]  # iterations cost alike
    ax.semilogy(t, [x / h[0] for x in h], marker=".", label=f"{s} ({r['pc']})")
ax.set_xlabel("time [ms]")
ax.set_ylabel("residual / first residual")
ax.legend(fontsize=7)
fig.tight_layout()
fig.savefig(f"{out}/residuals.png", dpi=150)
print(f"{out}/residuals.png")
P
