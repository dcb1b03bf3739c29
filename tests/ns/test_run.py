#!/usr/bin/env python3
"""A flow's run is a list of the same parts as a spacetime's: rails that change nothing until they are met, steps taken back, SIGTERM and
SIGUSR1, -max_walltime, checkpoints that keep what a run adds up."""
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import GUARD, LONG, WORK, aeonic, command, finish, ok, read_summary, wait_for

# plans that do not depend on timings: the same bits in every run
FLOW = "-ns_initial random -grid_n 16,12,10 -fft_rigor estimate -progress none -fields none".split()
TOTALS = ["state.hash", "time.t", "time.steps", "ns.energy_drift", "ns.cfl_max", "ns.evaluations", "ns.energy"]


def run(out, *options, ranks=1):
    return aeonic("ns", *FLOW, "-out", out, *options, ranks=ranks)


def verified(out):
    return aeonic("verify", f"{out}/receipts.jsonl").returncode == 0


def kinds(out, kind):
    return Path(out, "receipts.jsonl").read_text().count(f'"kind":"{kind}"')


def totals(out):
    s = read_summary(out)
    return {k: s.get(k) for k in TOTALS}


def untripped():
    """Rails that nothing meets: the bits of the adaptors that take every step."""
    for stepper in ("rk", "etdrk4", "octaves")[: 3 if LONG else 2]:
        for name, step in (("dt", ["-ts_dt", "0.02", "-ts_max_time", "0.21"]), ("cfl", ["-ns_cfl", "0.4", "-ts_max_time", "0.5"])):
            if not LONG and (stepper, name) == ("etdrk4", "dt"):
                continue
            options = ["-ts_type", stepper, *step]
            run(f"plain_{stepper}_{name}", *options)
            run(f"rails_{stepper}_{name}", *options, "-ts_adapt_type", "rails")
            a, b = totals(f"plain_{stepper}_{name}"), totals(f"rails_{stepper}_{name}")
            ok(a == b and a["state.hash"] and verified(f"rails_{stepper}_{name}"), f"{stepper}, {name}: the same bits and totals with rails", f"{a} {b}")


def tripped():
    """The energy's budget is met by halving dt: each rejection is in the record, with its rollback."""
    r = run("budget", "-ts_dt", "0.05", "-ts_max_steps", "6", "-ts_adapt_type", "rails", "-rails_energy_max", "1e-7")
    s = read_summary("budget")
    ok(r.returncode == 0 and s["rails.rejected"] > 0 and kinds("budget", "STEP_REJECT") == s["rails.rejected"] == kinds("budget", "ROLLBACK"), "rejections are recorded, each with its rollback", f"{r.returncode} {s['rails.rejected']} {r.stderr}")
    ok(s["ns.energy_drift"] / s["ns.energy"] <= 1e-7 and verified("budget"), "and the budget is kept", f"{s['ns.energy_drift']} of {s['ns.energy']}")
    r = run("hopeless", "-ts_dt", "0.05", "-ts_max_steps", "6", "-ts_adapt_type", "rails", "-rails_energy_max", "1e-30")
    ok(r.returncode == 2 and "rail energy violated" in r.stderr and r.stderr.count("\n") == 1 and verified("hopeless"), "a budget that no step keeps: exit 2, one line, an unbroken record", r.stderr)
    ok(list(Path("hopeless", "checkpoint").glob("*.h5")) and read_summary("hopeless")["ns.energy"] > 0, "with a checkpoint of the state before")


def signals():
    far = ["-ts_dt", "1e-3", "-ts_max_time", "1e6"]
    for ranks in (1, 2)[: 1 + LONG]:
        out = f"s{ranks}"
        p = subprocess.Popen(command("ns", *FLOW, "-out", out, *far, "-ts_max_steps", "10000000", "-checkpoint_keep", "3", ranks=ranks), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: Path(out, "receipts.jsonl").exists() and b'"n":5,' in Path(out, "receipts.jsonl").read_bytes())
        pid = p.pid if ranks == 1 else int(subprocess.run(["pgrep", "-P", str(p.pid)], capture_output=True, text=True).stdout.split()[-1])
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: list(Path(out, "checkpoint").glob("*.h5")))
        going = p.poll() is None
        os.kill(pid, signal.SIGTERM)
        status, s = p.wait(GUARD), read_summary(out)
        n = s["time.steps"]
        ok(going and status == 0 and "SIGTERM" in s["run.reason"] and Path(out, f"checkpoint/{n:06d}.h5").exists(), f"{ranks} rank(s): SIGUSR1 writes a checkpoint, SIGTERM ends in order with one", f"{going} {status} {s['run.reason']}")
        run(out, *far, "-ts_max_steps", str(n + 3), "-restart", "-checkpoint_keep", "3", ranks=ranks)
        run(out + "w", *far, "-ts_max_steps", str(n + 3), "-checkpoint_keep", "3", ranks=ranks)
        a, b = totals(out), totals(out + "w")
        # the first right-hand side of the first step is evaluated once more where dt is chosen: at a beginning, not at a restart
        ok(a == b and verified(out), "gone on from there: the same state and totals as without a stop", f"{a} {b}")
    run("w", *far, "-ts_max_steps", "10000000", "-max_walltime", "0.5")
    s = read_summary("w")
    ok("-max_walltime" in s["run.reason"] and Path("w", f"checkpoint/{s['time.steps']:06d}.h5").exists(), "-max_walltime: a checkpoint of the last step", s["run.reason"])


def keeps():
    run("k", "-ts_dt", "0.01", "-ts_max_steps", "9", "-checkpoint_every", "2", "-checkpoint_keep", "3")
    ok(sorted(f.name for f in Path("k", "checkpoint").iterdir()) == ["000006.h5", "000008.h5", "000009.h5"], "the newest checkpoints are kept, the last state's among them", str(sorted(Path("k", "checkpoint").iterdir())))


os.chdir(WORK)
for part in (untripped, tripped, signals, keeps):
    part()
finish()
