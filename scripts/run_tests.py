#!/usr/bin/env python3
"""Runs the tests of a build: run_tests.py BUILDDIR [--long] [--tests DIR] [--jobs N] [WORD ...]

C tests say their rank counts in a comment "ranks: 1 2" ("ranks: none": a program that others run); shell and Python tests named DIR/*/test_*.sh, test_*.py run as they are;
*_long.* only with --long; given words, only files whose name holds one of them. All speak TAP (prove's protocol). Each file gives a line
as it ends, with the CPU seconds, user and system, of all its processes. What makes a file fail: a `not ok`, an exit status
other than 0, a plan that is missing or not kept, no check at all. `ok ... # SKIP why` is counted as skipped, not as passed.
Ends with one line "N passed, N failed[, N skipped]"; the log is BUILDDIR/test.log.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
SKIP = re.compile(r"(?:[^#\\]|\\.)*# *skip\b", re.I)  # the first # that is not escaped begins the directive
GUARD = 3600  # seconds; for what hangs, not a measure of speed
ALL, SHORT = 20, 10  # CPU seconds a file may take outside *_long, lines of the list of the dearest


def jobs(build, tests, long, words):
    """(name, command) of every test"""
    for path in sorted(tests.glob("*/test_*")):
        if path.suffix not in (".c", ".sh", ".py") or path.stem.endswith("_long") and not long or words and not any(w in str(path) for w in words):
            continue
        name = f"{path.parent.name}/{path.name}"
        if path.suffix == ".c":
            program = str(build / "tests" / path.parent.name / path.stem)
            ranks = re.search(r"ranks: *([\d ]+|none)", path.read_text())
            for n in ranks[1].replace("none", "").split() if ranks else ["?"]:
                yield f"{name} np={n}", (["mpiexec", "-n", n] if n != "1" else []) + [program]
        else:
            yield name, ["bash" if path.suffix == ".sh" else os.environ.get("PYTHON", sys.executable), str(path)]


def judge(text, status):
    """(passed, failed, skipped, faults) of what a test printed and how it ended"""
    checks = re.findall(r"^(not ok|ok)\b *(\d*)(.*)$", text, re.M)
    plans = re.findall(r"^1\.\.(\d+)", text, re.M)
    failed = sum(verdict == "not ok" for verdict, _, _ in checks)
    skipped = sum(verdict == "ok" and bool(SKIP.match(rest)) for verdict, _, rest in checks)
    faults = []
    if len(plans) != 1:
        faults.append("no plan" if not plans else "several plans")
    elif int(plans[0]) != len(checks):
        faults.append(f"{len(checks)} checks of {plans[0]} planned")
    if not checks:
        faults.append("no check")
    if [int(n) for _, n, _ in checks if n] != list(range(1, len(checks) + 1)):
        faults.append("checks out of order")
    faults += re.findall(r"^Bail out!.*$", text, re.M)
    if status and not (failed and status == 1):
        faults.append(f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}")
    return len(checks) - failed - skipped, failed, skipped, faults


def run(command, env):
    """what it printed, how it ended and the CPU seconds of its processes, in a folder for temporary files of its own: OpenMPI's processes
    without mpiexec would meet in one"""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as out:
        try:
            p = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**env, "TMPDIR": folder}, cwd=TOP, start_new_session=True)
        except OSError as error:
            return str(error), 127, 0.0
        guard = threading.Timer(GUARD, os.killpg, (p.pid, signal.SIGKILL))
        guard.start()
        _, status, usage = os.wait4(p.pid, 0)
        guard.cancel()
        out.seek(0)
        return out.read().decode(errors="replace"), os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", type=Path)
    args.add_argument("words", nargs="*")
    args.add_argument("--long", action="store_true")
    args.add_argument("--tests", type=Path, default=TOP / "tests")
    args.add_argument("--jobs", type=int, default=os.cpu_count())
    args = args.parse_args()
    build = args.build.resolve()
    env = {**os.environ, "AEONIC": str(TOP / "bin/aeonic"), "AEONIC_LONG": "1" if args.long else "0"}
    total, costs, bad = [0, 0, 0], Counter(), []
    with open(build / "test.log", "w") as log, ThreadPoolExecutor(args.jobs) as pool:
        waiting = {pool.submit(run, command, env): name for name, command in jobs(build, args.tests, args.long, args.words)}
        for done in as_completed(waiting):
            name, (text, status, cost) = waiting[done], done.result()
            costs[name.split()[0]] += cost
            passed, failed, skipped, faults = judge(text, status)
            total = [a + b for a, b in zip(total, (passed, failed + (not failed and bool(faults)), skipped))]
            log.write(f"# {name}\n{text}\n")
            log.flush()
            print(f"{cost:7.1f} s  {'FAIL' if failed or faults else 'pass'}  {name}: {passed} passed, {failed} failed" + f", {skipped} skipped" * bool(skipped) + "".join(f", {f}" for f in faults), flush=True)
            bad += [f"{name}: {line}" for line in re.findall(r"^not ok.*$", text, re.M) + [f"FAIL {f}" for f in faults]]
            for line in filter(SKIP.match, re.findall(r"^ok\b.*$", text, re.M)):
                print(f"           {line}")
    print(f"\n{sum(costs.values()):.0f} CPU seconds in {len(costs)} files; the dearest:")
    for name, cost in costs.most_common(SHORT):
        print(f"{cost:7.1f} s  {name}" + " (above 20: to be cut or named _long)" * (cost > ALL and not args.long))
    print("\n".join(bad) if bad else "")
    print(f"log: {build}/test.log")
    if not costs:
        total[1] += 1
    print(f"{total[0]} passed, {total[1]} failed" + f", {total[2]} skipped" * bool(total[2]))
    return total[1] > 0


if __name__ == "__main__":
    sys.exit(main())
