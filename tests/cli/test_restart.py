#!/usr/bin/env python3
"""Checkpoints and restarts from the command line: N steps are k steps, a restart and N - k steps, bit for bit, on any
ranks; what signals, kills, damage and a full disk do. With AEONIC_LONG=1 more splits, ranks and steppers, and thirty kills in place of three."""
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import GUARD, LONG, WORK, aeonic, command, finish, launch, ok, read_rows, read_summary, wait_for

WAVE = "-gr_initial gauge_wave -grid_n 16,8,8 -progress none -fields chi -hash_every 1".split()
# a rejection at step 7, its hold, raised dissipation on and off, caps: everything that a decision remembers is in use
RAILS = "-rails_H_max 4e-4 -rails_drill 7,1e-3 -rails_hold 4 -rails_control_steps 5 -rails_control 0.3 -rails_caps_every 3".split()


def wave(out, *options, ranks=1):
    return command("gr", *WAVE, "-out", out, *options, ranks=ranks)


def run(out, *options, ranks=1, **how):
    return launch(wave(out, *options, ranks=ranks), **how)


def series(out):
    return {f.name: f.read_bytes() for f in sorted(Path(out, "series").iterdir()) if f.suffix != ".abandoned"}


def verified(out):
    return aeonic("verify", f"{out}/receipts.jsonl").returncode == 0


def same(a, b, ranks=True):
    """Series to the byte, the final state, and what is counted. On other ranks the loom's transforms round otherwise."""
    keys = ["state.hash", "time.t", "time.steps", "time.attempts", "time.rejects", "clock.step", "rails.rejected", "rails.controls", "rails.dt_set_by", "constraint.H.l2", "gr.lapse_min"]
    sa, sb = read_summary(a), read_summary(b)
    bad = [f for f in series(a).keys() | series(b).keys() if series(a).get(f) != series(b).get(f) and (ranks or not f.startswith("loom"))] + [k for k in keys if sa.get(k) != sb.get(k)]
    return not bad, str(bad)


def same_ok(a, b, what, ranks=True):
    good, why = same(a, b, ranks)
    ok(good, what, why)


def identity():
    run("whole", *RAILS, "-ts_max_steps", 20)
    text = Path("whole/series/rails.txt").read_text()
    ok(" reject " in text and " control " in text and " CONS/L/R2\n" in text, "the run to be repeated rejects, controls and holds", text)
    for k, before, after in [(7, 1, 2)] + [(1, 1, 2), (6, 2, 1), (8, 3, 1), (12, 2, 3)] * LONG:
        out = f"part{k}"
        run(out, *RAILS, "-ts_max_steps", k, "-checkpoint_every", 50, ranks=before)
        r = run(out, *RAILS, "-ts_max_steps", 20, "-restart", ranks=after)
        good, why = same("whole", out, before == after == 1)
        ok(good and r.returncode == 0, f"{k} steps on {before}, restart, {20 - k} steps on {after} ranks: the same series, state and counts", why + r.stderr)
        ok(verified(out), f"restart after {k}: one unbroken record")
    # a wave with noise on all octaves: modes, gate and plans of the loom go on too
    loom = ["-gr_perturb", "1e-3", "-loom_watch", "K,lapse,H", "-loom_every", 3, "-ts_max_steps"]
    for ranks in (1, 2)[: 1 + LONG]:
        run(f"loom{ranks}", *loom, 20, ranks=ranks)
        run(f"looms{ranks}", *loom, 10, "-checkpoint_every", 50, ranks=ranks)
        run(f"looms{ranks}", *loom, 20, "-checkpoint_every", 50, "-restart", ranks=ranks)
        good, why = same(f"loom{ranks}", f"looms{ranks}")
        ok(good and "loom_K_octaves.txt" in series(f"looms{ranks}"), f"spectra go on bit for bit on {ranks} rank(s)", why)
    # elliptic gauges: their stored solutions go on as well
    gauge = "-gr_initial brill -brill_amplitude 1 -grid_symmetry octant -grid_n 16,16,16 -grid_half_width 6 -gr_gauge_lapse maximal -fields none -progress none".split()
    for ranks in (1, 2)[: 1 + LONG]:
        for out, more in ((f"slice{ranks}", ["-ts_max_steps", "6"]), (f"slices{ranks}", ["-ts_max_steps", "3", "-checkpoint_every", "50"]), (f"slices{ranks}", ["-ts_max_steps", "6", "-checkpoint_every", "50", "-restart"])):
            aeonic("gr", *gauge, "-out", out, *more, ranks=ranks)
        good, why = same(f"slice{ranks}", f"slices{ranks}")
        sa, sb = read_summary(f"slice{ranks}"), read_summary(f"slices{ranks}")
        good = good and sa["gauge.lapse.solves_warm"] == sb["gauge.lapse.solves_warm"] > 0 and sa["gauge.lapse.cycles_warm"] == sb["gauge.lapse.cycles_warm"]
        ok(good, f"maximal slicing goes on bit for bit with its warm starts on {ranks} rank(s)", why)
    # and other ranks read the same modes: the coherence of the first tick after is that of the whole run (coherence times need
    # snapshots, which are each rank's own)
    if LONG:
        run("loom12", *loom, 10, "-checkpoint_every", 50, ranks=2)
        run("loom12", *loom, 20, "-checkpoint_every", 50, "-restart")
        a, b = ([list(map(float, row[:7])) for row in read_rows(f"{out}/series/loom_K_octaves.txt")] for out in ("loom1", "loom12"))
        worst = max(abs(x - y) / abs(x) for p, q in zip(a, b) for x, y in zip(p, q) if x == x and x)
        ok(len(a) == len(b) and worst < 1e-9, "and on other ranks to rounding", worst)  # 64 eps of a field / its smallest octave's amplitude 1e-4
    run("part7", *RAILS, "-ts_max_steps", 20, "-restart")
    same_ok("whole", "part7", "a run that has ended, continued: nothing is left to do, and all is the same", False)
    run("twice", *RAILS, "-ts_max_steps", 5, "-checkpoint_every", 3)
    for n in (11, 20):
        run("twice", *RAILS, "-ts_max_steps", n, "-checkpoint_every", 3, "-restart")
    good, why = same("whole", "twice")
    ok(good and verified("twice"), "two restarts", why)
    for name, extra in [("rk", ["-ts_type", "rk", "-ts_rk_type", "4dense"])] + [("none", ["-ts_adapt_type", "none"]), ("fused", ["-gr_formulation", "z4c", "-gr_gauge_lapse", "exact", "-gr_gauge_shift", "exact", "-grid_boundary", "exact"])] * LONG:
        run(f"{name}1", *extra, "-ts_max_steps", 12)
        run(f"{name}2", *extra, "-ts_max_steps", 5, "-checkpoint_every", 50)
        run(f"{name}2", *extra, "-ts_max_steps", 12, "-restart")
        good, why = same(f"{name}1", f"{name}2")
        ok(good, f"the same with {' '.join(extra[:2])}", why)
    # a final time that cuts the last steps short does so in the same way, and a longer run goes on with the whole step
    run("t1", "-ts_max_time", 0.2)
    run("t2", "-ts_max_time", 0.2, "-ts_max_steps", 12, "-checkpoint_every", 50)
    run("t2", "-ts_max_time", 0.2, "-restart")
    same_ok("t1", "t2", "a final time is met in the same steps")
    if LONG:
        run("t3", "-ts_max_time", 0.15, "-ts_max_steps", 8, "-checkpoint_every", 50)
        run("t3", "-ts_max_time", 0.2, "-restart")
        same_ok("t1", "t3", "a run that was to be shorter goes on as the longer one")


def refusals():
    run("r", "-ts_max_steps", 6, "-checkpoint_every", 3)
    before = {f: f.read_bytes() for f in Path("r").rglob("*") if f.is_file()}
    for words, name in [("-gr_cfl 0.2", "-gr_cfl"), ("-fd_order 6", "-fd_order"), ("-rails_H_max 1", "-rails_H_max"), ("-grid_n 16,8,16", "-grid_n")]:
        r = run("r", *words.split(), "-restart")
        ok(r.returncode == 1 and name in r.stderr and r.stderr.count("\n") == 1, f"restart with {words}: refused by name", r.stderr)
    r = aeonic("gr", *WAVE[2:], "-gr_initial", "gauge_wave", "-out", "r", "-restart", "-fields", "none", "-series_every", "2", "-check")
    ok(r.returncode == 0, "output may change", r.stderr)
    ok(before == {f: f.read_bytes() for f in Path("r").rglob("*") if f.is_file()}, "what was refused has changed nothing")
    r = run("nothing", "-restart")
    ok(r.returncode == 1 and "no good checkpoint" in r.stderr and not Path("nothing").exists(), "no folder: refused, nothing made", r.stderr)


    # the record of another run beside the checkpoint: refused before anything is touched
    run("other", "-gw_amplitude", 0.05, "-ts_max_steps", 6, "-checkpoint_every", 3)
    mine = Path("r/receipts.jsonl").read_bytes()
    shutil.copy("other/receipts.jsonl", "r/receipts.jsonl")
    r = run("r", "-ts_max_steps", 9, "-restart")
    ok(r.returncode == 1 and "receipts.jsonl is not the record" in r.stderr and Path("r/receipts.jsonl").read_bytes() == Path("other/receipts.jsonl").read_bytes(), "the record of another run: refused by name, left as it was", r.stderr)
    Path("r/receipts.jsonl").write_bytes(mine)
    ok(run("r", "-ts_max_steps", 9, "-restart").returncode == 0 and verified("r"), "its own again: goes on")
    # a checkpoint in the step of a maintenance that had nothing to record, without rails
    words = ["gr", "-gr_initial", "gauge_wave", "-grid_n", "16,8,8", "-fields", "none", "-progress", "none", "-out", "m"]
    aeonic(*words, "-ts_max_steps", "8", "-checkpoint_every", "8")
    r = aeonic(*words, "-ts_max_steps", "12", "-restart")
    ok(r.returncode == 0 and verified("m"), "from a step with a maintenance: the record goes on unbroken", r.stderr)


def spoil(path, kind):
    data = bytearray(path.read_bytes())
    if kind == "cut":
        data = data[:random.randrange(len(data))]
    else:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    path.write_bytes(data)


def damage():
    run("d", "-ts_max_steps", 8, "-checkpoint_every", 4)
    run("d1", "-ts_max_steps", 12)
    newest = Path("d/checkpoint/000008.h5")
    good = newest.read_bytes()
    for kind in ("cut", "flip"):
        shutil.rmtree("d2", ignore_errors=True)
        shutil.copytree("d", "d2")
        newest = Path("d2/checkpoint/000008.h5")
        spoil(newest, kind)
        r = run("d2", "-ts_max_steps", 12, "-restart")
        equal, why = same("d1", "d2")
        ok("000008.h5: it is" in r.stderr and "000004.h5" in r.stderr and equal and verified("d2"), f"{kind}: refused by name, the one before is used, the same end", r.stderr + why)
    shutil.rmtree("d2")
    shutil.copytree("d", "d2")
    for f in Path("d2/checkpoint").iterdir():
        spoil(f, "flip")
    r = run("d2", "-ts_max_steps", 12, "-restart")
    ok(r.returncode == 1 and "000004.h5" in r.stderr and "000008.h5" in r.stderr, "all damaged: refused", r.stderr)


def full_disk():
    def little():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150000, 150000))

    run("f", "-ts_max_steps", 4, "-checkpoint_every", 2)
    before = {f: f.read_bytes() for f in Path("f/checkpoint").iterdir()}
    r = run("f", "-ts_max_steps", 10, "-checkpoint_every", 3, "-restart", preexec_fn=little, env=dict(os.environ, PMIX_MCA_gds="hash"))
    ok(r.returncode == 0 and r.stderr.count("warning: no checkpoint") == 3 and "000006.h5" in r.stderr and read_summary("f")["time.steps"] == 10, "disk full: warnings that name the file, and the run goes on to its end", r.stderr)
    ok(before == {f: f.read_bytes() for f in Path("f/checkpoint").iterdir()}, "disk full: the old checkpoints are as they were, nothing else is there")


def signals():
    far = ["-ts_max_time", 1e6]
    long = ["-ts_max_steps", 10000000, *far]
    for ranks, who in [(1, "the program"), (2, "one rank")]:
        out = f"s{ranks}"
        p = subprocess.Popen(wave(out, *long, ranks=ranks), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: Path(out, "receipts.jsonl").exists() and b'"n":5,' in Path(out, "receipts.jsonl").read_bytes())
        pids = [int(c) for c in launch(["pgrep", "-P", p.pid]).stdout.split()] if ranks > 1 else [p.pid]
        os.kill(pids[-1], signal.SIGUSR1)
        wait_for(lambda: list(Path(out, "checkpoint").glob("*.h5")))
        going = p.poll() is None
        os.kill(pids[-1], signal.SIGTERM)
        status = p.wait(GUARD)
        n = read_summary(out)["time.steps"]
        ok(going, f"SIGUSR1 to {who}: a checkpoint, and the run goes on")
        ok(status == 0 and "SIGTERM" in read_summary(out)["run.reason"] and Path(out, f"checkpoint/{n:06d}.h5").exists(), f"SIGTERM to {who}: a checkpoint of the last step, exit 0, the reason in the summary", f"{status} {n}")
        run(out, "-ts_max_steps", n + 3, *far, "-restart")
        run(out + "w", "-ts_max_steps", n + 3, *far)
        good, why = same(out + "w", out)
        ok(good and verified(out), "and going on from there", why)
    run("w", *long, "-max_walltime", 0.5)
    s = read_summary("w")
    ok("-max_walltime" in s["run.reason"] and Path("w", f"checkpoint/{s['time.steps']:06d}.h5").exists(), "-max_walltime: a checkpoint of the last step", s["run.reason"])


def last_step(out):
    """the last accepted step in the record, and that of the newest checkpoint"""
    record = Path(out, "receipts.jsonl")
    steps = [int(line.split(b'"n":')[1].split(b",")[0]) for line in record.read_bytes().splitlines() if b'"STEP_ACCEPT"' in line and line.endswith(b"}")] if record.exists() else []
    return max(steps, default=0), max((int(f.stem) for f in Path(out, "checkpoint").glob("*.h5")), default=0)


def stopped_at(p, out, step):
    """Waits until the run has taken that step and stops the process there. False if it has ended before."""
    wait_for(lambda: p.poll() is not None or last_step(out)[0] >= step)
    if p.poll() is not None:
        return False
    p.send_signal(signal.SIGSTOP)
    return os.WIFSTOPPED(os.waitpid(p.pid, os.WUNTRACED)[1])


def kills(n):
    """Killed at random steps, some of which no checkpoint holds, restarted each time, until it ends by itself."""
    steps = 60
    options = [*RAILS[2:], "-ts_max_steps", steps, "-checkpoint_every", 3]
    run("k0", *options)
    left, out, broken, lost = n, 0, [], 0
    while left:
        out += 1
        name, again = f"k{out}", []
        while True:
            p = subprocess.Popen(wave(name, *options, *again), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if left and stopped_at(p, name, random.randrange(min(last_step(name)[0], steps - 2) + 1, steps)):
                done, kept = last_step(name)
                lost += done > kept
                left -= left > 1 or lost > 0
                p.send_signal(signal.SIGKILL)
            err = p.communicate(timeout=GUARD)[1]
            if p.returncode >= 0:
                if p.returncode == 1 and "no good checkpoint" in err:
                    again = ["-fresh"]
                    continue
                break
            again = ["-restart"]
        good, why = same("k0", name)
        if p.returncode or not good or not verified(name):
            broken.append(f"{name}: {p.returncode} {err} {why}")
    ok(not broken, f"{n} kills in {out} runs, {lost} that lost steps: each ends with the bits of the run that was left alone, and an unbroken record", "; ".join(broken))
    ok(any("abandoned" in aeonic("verify", f"k{k}/receipts.jsonl").stdout for k in range(1, out + 1)), "what was lost stands in the record as abandoned")


seed = int(os.environ.get("SEED", time.time_ns() % 100000))
random.seed(seed)
print(f"# SEED={seed}")
os.chdir(WORK)
for part in (identity, refusals, damage, full_disk, signals):
    part()
kills(30 if LONG else 3)
os.chdir("/")
finish()
