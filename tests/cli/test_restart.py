#!/usr/bin/env python3
"""Checkpoints and restarts from the command line: N steps are k steps, a restart and N - k steps, bit for bit, on any
ranks; what signals, kills, damage and a full disk do. With AEONIC_LONG=1 thirty kills in place of five."""
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
AEONIC = os.environ.get("AEONIC", str(TOP / "bin/aeonic"))
os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                  OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_mpi_yield_when_idle="1")
WAVE = "-gr_initial gauge_wave -grid_n 16,8,8 -progress none -fields chi -hash_every 1".split()
# a rejection at step 7, its hold, raised dissipation on and off, caps: everything that a decision remembers is in use
RAILS = "-rails_H_max 4e-4 -rails_drill 7,1e-3 -rails_hold 4 -rails_control_steps 5 -rails_control 0.3 -rails_caps_every 3".split()
count = 0
failed = 0


def check(what, good, detail=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what}" + (f" # {detail}" if detail and not good else ""), flush=True)


def command(out, *options, ranks=1):
    mpi = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    return mpi + [AEONIC, "gr", *WAVE, "-out", out, *map(str, options)]


def run(out, *options, ranks=1, **how):
    return subprocess.run(command(out, *options, ranks=ranks), capture_output=True, text=True, timeout=120, **how)


def summary(out):
    return json.loads(Path(out, "summary.json").read_text())


def series(out):
    return {f.name: f.read_bytes() for f in sorted(Path(out, "series").iterdir()) if f.suffix != ".abandoned"}


def verified(out):
    return subprocess.run([AEONIC, "verify", f"{out}/receipts.jsonl"], capture_output=True, text=True).returncode == 0


def same(a, b, ranks=True):
    """Series to the byte, the final state, and what is counted. On other ranks the loom's transforms round otherwise."""
    keys = ["state.hash", "time.t", "time.steps", "time.attempts", "time.rejects", "clock.step", "rails.rejected", "rails.controls", "rails.dt_set_by", "constraint.H.l2", "gr.lapse_min"]
    sa, sb = summary(a), summary(b)
    bad = [f for f in series(a).keys() | series(b).keys() if series(a).get(f) != series(b).get(f) and (ranks or not f.startswith("loom"))] + [k for k in keys if sa.get(k) != sb.get(k)]
    return not bad, str(bad)


def identity():
    run("whole", *RAILS, "-ts_max_steps", 20)
    text = Path("whole/series/rails.txt").read_text()
    check("the run to be repeated rejects, controls and holds", " reject " in text and " control " in text and " CONS/L/R2\n" in text, text)
    for k, before, after in [(1, 1, 2), (6, 2, 1), (7, 3, 1), (12, 2, 3)]:
        out = f"part{k}"
        run(out, *RAILS, "-ts_max_steps", k, "-checkpoint_every", 50, ranks=before)
        r = run(out, *RAILS, "-ts_max_steps", 20, "-restart", ranks=after)
        good, why = same("whole", out, before == after == 1)
        check(f"{k} steps on {before}, restart, {20 - k} steps on {after} ranks: the same series, state and counts", good and r.returncode == 0, why + r.stderr)
        check(f"restart after {k}: one unbroken record", verified(out))
    # a wave with noise on all octaves: modes, gate and plans of the loom go on too
    loom = ["-gr_perturb", "1e-3", "-loom_watch", "K,lapse,H", "-loom_every", 3, "-ts_max_steps"]
    for ranks in (1, 2):
        run(f"loom{ranks}", *loom, 20, ranks=ranks)
        run(f"looms{ranks}", *loom, 10, "-checkpoint_every", 50, ranks=ranks)
        run(f"looms{ranks}", *loom, 20, "-checkpoint_every", 50, "-restart", ranks=ranks)
        good, why = same(f"loom{ranks}", f"looms{ranks}")
        check(f"spectra go on bit for bit on {ranks} rank(s)", good and "loom_K_octaves.txt" in series(f"looms{ranks}"), why)
    # elliptic gauges: their stored solutions go on as well
    gauge = [AEONIC, "gr", *"-gr_initial brill -brill_amplitude 1 -grid_symmetry octant -grid_n 16,16,16 -grid_half_width 6 -gr_gauge_lapse maximal -fields none -progress none".split()]
    for ranks in (1, 2):
        mpi = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
        for out, more in ((f"slice{ranks}", ["-ts_max_steps", "6"]), (f"slices{ranks}", ["-ts_max_steps", "3", "-checkpoint_every", "50"]), (f"slices{ranks}", ["-ts_max_steps", "6", "-checkpoint_every", "50", "-restart"])):
            subprocess.run(mpi + gauge + ["-out", out, *more], capture_output=True, text=True, timeout=120)
        good, why = same(f"slice{ranks}", f"slices{ranks}")
        sa, sb = summary(f"slice{ranks}"), summary(f"slices{ranks}")
        good = good and sa["gauge.lapse.solves_warm"] == sb["gauge.lapse.solves_warm"] > 0 and sa["gauge.lapse.cycles_warm"] == sb["gauge.lapse.cycles_warm"]
        check(f"maximal slicing goes on bit for bit with its warm starts on {ranks} rank(s)", good, why)
    # and other ranks read the same modes: the coherence of the first tick after is that of the whole run
    run("loom12", *loom, 10, "-checkpoint_every", 50, ranks=2)
    run("loom12", *loom, 20, "-checkpoint_every", 50, "-restart")
    a, b = ([list(map(float, line.split())) for line in series(out)["loom_K_octaves.txt"].decode().splitlines() if line[0] != "#"] for out in ("loom1", "loom12"))
    worst = max(abs(x - y) / abs(x) for p, q in zip(a, b) for x, y in zip(p, q) if x == x and x)
    check("and on other ranks to rounding", len(a) == len(b) and worst < 1e-9, worst)  # 64 eps of a field / its smallest octave's amplitude 1e-4
    run("part12", *RAILS, "-ts_max_steps", 20, "-restart")
    check("a run that has ended, continued: nothing is left to do, and all is the same", *same("whole", "part12", False))
    run("twice", *RAILS, "-ts_max_steps", 5, "-checkpoint_every", 3)
    for n in (11, 20):
        run("twice", *RAILS, "-ts_max_steps", n, "-checkpoint_every", 3, "-restart")
    good, why = same("whole", "twice")
    check("two restarts", good and verified("twice"), why)
    for name, extra in [("none", ["-ts_adapt_type", "none"]), ("rk", ["-ts_type", "rk", "-ts_rk_type", "4dense"]), ("fused", ["-gr_formulation", "z4c", "-gr_gauge_lapse", "exact", "-gr_gauge_shift", "exact", "-grid_boundary", "exact"])]:
        run(f"{name}1", *extra, "-ts_max_steps", 12)
        run(f"{name}2", *extra, "-ts_max_steps", 5, "-checkpoint_every", 50)
        run(f"{name}2", *extra, "-ts_max_steps", 12, "-restart")
        good, why = same(f"{name}1", f"{name}2")
        check(f"the same with {' '.join(extra[:2])}", good, why)
    # a final time that cuts the last steps short does so in the same way, and a longer run goes on with the whole step
    run("t1", "-ts_max_time", 0.2)
    run("t2", "-ts_max_time", 0.2, "-ts_max_steps", 12, "-checkpoint_every", 50)
    run("t2", "-ts_max_time", 0.2, "-restart")
    check("a final time is met in the same steps", *same("t1", "t2"))
    run("t3", "-ts_max_time", 0.15, "-ts_max_steps", 8, "-checkpoint_every", 50)
    run("t3", "-ts_max_time", 0.2, "-restart")
    check("a run that was to be shorter goes on as the longer one", *same("t1", "t3"))


def refusals():
    run("r", "-ts_max_steps", 6, "-checkpoint_every", 3)
    before = {f: f.read_bytes() for f in Path("r").rglob("*") if f.is_file()}
    for words, name in [("-gr_cfl 0.2", "-gr_cfl"), ("-fd_order 6", "-fd_order"), ("-rails_H_max 1", "-rails_H_max"), ("-grid_n 16,8,16", "-grid_n")]:
        r = run("r", *words.split(), "-restart")
        check(f"restart with {words}: refused by name", r.returncode == 1 and name in r.stderr and r.stderr.count("\n") == 1, r.stderr)
    r = subprocess.run([AEONIC, "gr", *WAVE[2:], "-gr_initial", "gauge_wave", "-out", "r", "-restart", "-fields", "none", "-series_every", "2", "-check"], capture_output=True, text=True)
    check("output may change", r.returncode == 0, r.stderr)
    check("what was refused has changed nothing", before == {f: f.read_bytes() for f in Path("r").rglob("*") if f.is_file()})
    r = run("nothing", "-restart")
    check("no folder: refused, nothing made", r.returncode == 1 and "no good checkpoint" in r.stderr and not Path("nothing").exists(), r.stderr)


    # the record of another run beside the checkpoint: refused before anything is touched
    run("other", "-gw_amplitude", 0.05, "-ts_max_steps", 6, "-checkpoint_every", 3)
    mine = Path("r/receipts.jsonl").read_bytes()
    shutil.copy("other/receipts.jsonl", "r/receipts.jsonl")
    r = run("r", "-ts_max_steps", 9, "-restart")
    check("the record of another run: refused by name, left as it was", r.returncode == 1 and "receipts.jsonl is not the record" in r.stderr and Path("r/receipts.jsonl").read_bytes() == Path("other/receipts.jsonl").read_bytes(), r.stderr)
    Path("r/receipts.jsonl").write_bytes(mine)
    check("its own again: goes on", run("r", "-ts_max_steps", 9, "-restart").returncode == 0 and verified("r"))
    # a checkpoint in the step of a maintenance that had nothing to record, without rails
    words = [AEONIC, "gr", "-gr_initial", "gauge_wave", "-grid_n", "16,8,8", "-fields", "none", "-progress", "none", "-out", "m"]
    subprocess.run([*words, "-ts_max_steps", "8", "-checkpoint_every", "8"], capture_output=True)
    r = subprocess.run([*words, "-ts_max_steps", "12", "-restart"], capture_output=True, text=True)
    check("from a step with a maintenance: the record goes on unbroken", r.returncode == 0 and verified("m"), r.stderr)


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
        ok, why = same("d1", "d2")
        check(f"{kind}: refused by name, the one before is used, the same end", "000008.h5: it is" in r.stderr and "000004.h5" in r.stderr and ok and verified("d2"), r.stderr + why)
    shutil.rmtree("d2")
    shutil.copytree("d", "d2")
    for f in Path("d2/checkpoint").iterdir():
        spoil(f, "flip")
    r = run("d2", "-ts_max_steps", 12, "-restart")
    check("all damaged: refused", r.returncode == 1 and "000004.h5" in r.stderr and "000008.h5" in r.stderr, r.stderr)


def full_disk():
    def little():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150000, 150000))

    run("f", "-ts_max_steps", 4, "-checkpoint_every", 2)
    before = {f: f.read_bytes() for f in Path("f/checkpoint").iterdir()}
    r = run("f", "-ts_max_steps", 10, "-checkpoint_every", 3, "-restart", preexec_fn=little, env=dict(os.environ, PMIX_MCA_gds="hash"))
    check("disk full: warnings that name the file, and the run goes on to its end", r.returncode == 0 and r.stderr.count("warning: no checkpoint") == 3 and "000006.h5" in r.stderr and summary("f")["time.steps"] == 10, r.stderr)
    check("disk full: the old checkpoints are as they were, nothing else is there", before == {f: f.read_bytes() for f in Path("f/checkpoint").iterdir()})


def signals():
    far = ["-ts_max_time", 1e6]
    long = ["-ts_max_steps", 10000000, *far]
    for ranks, who in [(1, "the program"), (2, "one rank")]:
        out = f"s{ranks}"
        p = subprocess.Popen(command(out, *long, ranks=ranks), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: Path(out, "receipts.jsonl").exists() and b'"n":5,' in Path(out, "receipts.jsonl").read_bytes())
        pids = [int(c) for c in subprocess.run(["pgrep", "-P", str(p.pid)], capture_output=True, text=True).stdout.split()] if ranks > 1 else [p.pid]
        os.kill(pids[-1], signal.SIGUSR1)
        wait_for(lambda: list(Path(out, "checkpoint").glob("*.h5")))
        going = p.poll() is None
        os.kill(pids[-1], signal.SIGTERM)
        status = p.wait(60)
        n = summary(out)["time.steps"]
        check(f"SIGUSR1 to {who}: a checkpoint, and the run goes on", going)
        check(f"SIGTERM to {who}: a checkpoint of the last step, exit 0, the reason in the summary", status == 0 and "SIGTERM" in summary(out)["run.reason"] and Path(out, f"checkpoint/{n:06d}.h5").exists(), f"{status} {n}")
        run(out, "-ts_max_steps", n + 3, *far, "-restart")
        run(out + "w", "-ts_max_steps", n + 3, *far)
        good, why = same(out + "w", out)
        check("and going on from there", good and verified(out), why)
    run("w", *long, "-max_walltime", 2)
    s = summary("w")
    check("-max_walltime: a checkpoint of the last step", "-max_walltime" in s["run.reason"] and Path("w", f"checkpoint/{s['time.steps']:06d}.h5").exists(), s["run.reason"])


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise SystemExit("Bail out! waited too long")
        time.sleep(0.02)


def kills(n):
    """Killed at random moments, restarted each time, until it ends by itself."""
    steps = 60
    options = [*RAILS[2:], "-ts_max_steps", steps, "-checkpoint_every", 3]
    begin = time.monotonic()
    run("k0", *options)
    takes = time.monotonic() - begin
    left, out, broken, torn = n, 0, [], 0
    while left:
        out += 1
        name, again = f"k{out}", []
        while True:
            p = subprocess.Popen(command(name, *options, *again), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                p.wait(random.uniform(0.1, 1.0) * takes) if left else p.wait(120)
            except subprocess.TimeoutExpired:
                p.send_signal(signal.SIGKILL)
                left -= 1
            err = p.communicate()[1]
            if p.returncode >= 0:
                if p.returncode == 1 and "no good checkpoint" in err:
                    again = ["-fresh"]
                    continue
                break
            again = ["-restart"]
        good, why = same("k0", name)
        if p.returncode or not good or not verified(name):
            broken.append(f"{name}: {p.returncode} {err} {why}")
        torn += "abandoned" in subprocess.run([AEONIC, "verify", f"{name}/receipts.jsonl"], capture_output=True, text=True).stdout
    check(f"{n} kills in {out} runs: each ends with the bits of the run that was left alone, and an unbroken record", not broken, "; ".join(broken)[:2000])
    check("and some of them had lost steps", torn > 0)


def main():
    seed = int(os.environ.get("SEED", time.time_ns() % 100000))
    random.seed(seed)
    print(f"# SEED={seed}")
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for part in (identity, refusals, damage, full_disk, signals):
            part()
        kills(30 if os.environ.get("AEONIC_LONG") == "1" else 5)
        os.chdir("/")
    print(f"1..{count}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
