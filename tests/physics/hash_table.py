#!/usr/bin/env python3
"""Two builds of the program, bit for bit: hash_table.py OLD NEW [WORD ...]. The table has a row for each run of runs.py (whose name holds
one of the words): the state's hash by OLD and by NEW. Runs whose solves start from stored ones count as equal where the norms below agree
to the solves' tolerance, too. Exit status 1 if a row differs."""
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import runs

# what maximal slicing and the clean-up leave: their solves stop at 1e-4 of the right-hand side, at 1e-3 of the residual
WARM = {"gr.lapse_min": 1e-4, "gr.K_max": 1e-3}


def summary(binary, run):
    with runs.temporary() as folder:
        try:
            return runs.make(binary, run, folder)
        except runs.Failed as e:
            return {"failed": str(e)}


def row(run, old, new):
    failed = old.get("failed") or new.get("failed")
    if failed:
        return False, failed
    hashes = [s["state.hash"] for s in (old, new)]
    text = f"{hashes[0][:16]} {hashes[1][:16]}"
    if hashes[0] == hashes[1]:
        return True, f"{text} equal"
    apart = {k: abs(old[k] - new[k]) / abs(old[k]) for k in WARM} if run.warm else {}
    near = bool(apart) and all(d <= WARM[k] for k, d in apart.items())
    return near, f"{text} {'norms equal' if near else 'DIFFER'} {' '.join(f'{k}: {d:.1e} <= {WARM[k]:g}' for k, d in apart.items())}"


def main(old, new, words):
    chosen = [r for r in runs.RUNS if not words or any(w in r.name for w in words)]
    different = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = [(run, pool.submit(summary, old, run), pool.submit(summary, new, run)) for run in chosen]
        for run, a, b in pairs:
            good, text = row(run, a.result(), b.result())
            different += not good
            print(f"{run.name:34} {text}", flush=True)
    print(f"{len(chosen)} runs, {different} differ")
    return bool(different)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
