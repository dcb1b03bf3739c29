#!/usr/bin/env python3
"""-bench_vs: two builds by turns. What the children are given, the numbers that come out, every bad input. How fast anything is does not
matter here: the other build is this one, or a script that writes the summary it is told to."""
import json
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import AEONIC, PROGRAMS, WORK, aeonic, below, finish, launch, ok, refused  # noqa: E402

CLOCK = Path(AEONIC).resolve().parent / "libaeclock.so"
FFT = ("bench", "fft", "-bench_n", 8)
os.environ["TMPDIR"] = str(WORK)


def script(name, body):
    path = WORK / name
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return path


def fake(name, **values):
    """a build whose summary holds these values; leaves its words and its environment in NAME.saw"""
    (WORK / f"{name}.json").write_text(json.dumps({key.replace("__", "."): value for key, value in values.items()}))
    return script(name, f"""printf '%s\\n' "$@" >{WORK}/{name}.saw
env >>{WORK}/{name}.saw
while [ "$1" != -summary ]; do shift; done
cp {WORK}/{name}.json "$2"
""")


def compare(*command, vs, turns=3):
    file = WORK / "summary.json"
    file.unlink(missing_ok=True)
    done = aeonic(*command, "-bench_vs", vs, "-bench_turns", turns, "-summary", file)
    summary = json.loads(file.read_text()) if file.exists() else {}
    return done, {key.removeprefix("bench.vs."): value for key, value in summary.items() if key.startswith("bench.vs.")}


# this build beside itself
done, vs = compare(*FFT, vs=AEONIC)
keys = [key.removesuffix(".ratio") for key in vs if key.endswith(".ratio")]
ok(done.returncode == 0 and not done.stderr, "a build beside itself", done.stderr)
ok(sorted(keys) == ["bench.band.8.s", "bench.fft.8.s"], "what is compared", keys)
ok(all(0 < vs[f"{key}.low"] <= vs[f"{key}.ratio"] <= vs[f"{key}.high"] < float("inf") for key in keys), "each ratio inside its interval", vs)
ok(vs["turns"] == 3 and vs["coverage"] == 0.75, "turns, and what an interval of three covers", vs)
ok(not list(WORK.glob("aeonic-vs-*")), "no temporary folder stays")

# rates and times beside known ones: above 1 is faster
slow = fake("slow", bench__step__bssn__o2__points_per_s=1e-3, elliptic__solve__solve_s=600)
os.environ.update(SLURM_JOB_ID="7", PMI_VERSION="1", SUNLIGHT="kept")
done, vs = compare("bench", "step", "-gr_formulation", "bssn", "-fd_order", 2, "-bench_n", 8, vs=slow)
key = "bench.step.bssn.o2.points_per_s"
turns = [float(line.split()[-1]) for line in done.stdout.splitlines() if line.startswith("turn ")]
ok(vs.get(f"{key}.ratio", 0) > 1, "a rate: more is faster", done.stderr or vs)
below(abs(vs[f"{key}.ratio"] - statistics.median(turns)), 1e-4, "the ratio is the median of the turns', to the digits printed")
below(max(abs(vs[f"{key}.low"] - min(turns)), abs(vs[f"{key}.high"] - max(turns))), 1e-4, "the interval of three is their range")
saw = (WORK / "slow.saw").read_text().splitlines()
ok(saw[:8] == ["bench", "step", "-gr_formulation", "bssn", "-fd_order", "2", "-bench_n", "8"], "the other build gets the command line", saw[:8])
ok("-bench_vs" not in saw and "-bench_turns" not in saw and str(WORK / "summary.json") not in saw, "without what is for the comparison", saw)
ok(not [s for s in saw if s.startswith(("SLURM_", "PMI_", "PMIX_", "OMPI_"))] and "SUNLIGHT=kept" in saw, "no launcher's variables")
ok([s for s in saw if s.startswith("LD_PRELOAD=") and str(CLOCK) in s], "with the clock preloaded")
done, vs = compare("elliptic", "-grid_n", "8,8,8", vs=slow)
ok(vs.get("elliptic.solve.solve_s.ratio", 0) > 1, "a time: less is faster", done.stderr or vs)

# the clock itself
for preload in ("", str(CLOCK)):
    done = launch([PROGRAMS / "bench/test_clocks"], env=os.environ | {"LD_PRELOAD": preload})
    ok(done.stdout.split() == ["01"[bool(preload)]] * 4, "clocks " + ("stand still while a program sleeps" if preload else "of the wall do not"),
       done.stdout + done.stderr)

# bad input
(WORK / "text").write_text("")
refused("cannot be run: No such file", *FFT, bench_vs="/nowhere/aeonic")
refused("cannot be run", *FFT, bench_vs=WORK, name="a folder")
refused("cannot be run: Permission denied", *FFT, bench_vs=WORK / "text", name="no program")
(WORK / "text").chmod(0o755)
refused("Exec format error", *FFT, bench_vs=WORK / "text", name="an empty program")
refused("has no bench.fft.8.s", *FFT, bench_vs=fake("poor", bench__band__8__s=1.0), name="a summary that lacks a key")
refused("has no bench.band.8.s", *FFT, bench_vs=fake("zero", bench__fft__8__s=1.0, bench__band__8__s=0.0), name="a time of zero")
refused("has written no summary", *FFT, bench_vs=script("idle", "exit 0\n"), name="no summary")
refused("failed with exit status 1: what is this", *FFT, bench_vs=script("puzzled", "echo no; echo what is this >&2; exit 1\n"), name="one that refuses the options")
refused("nothing that this command measures is compared", "bench", "machine", "-bench_n", 8, bench_vs=AEONIC, name="bench machine")
refused("out of range", *FFT, bench_vs=AEONIC, bench_turns=2, name="two turns")
refused("-bench_turns has no effect without -bench_vs", *FFT, bench_turns=3, name="turns of nothing")
refused("-bench_vs has no value", *FFT, "-bench_vs", name="no binary")
refused("unknown option -bench_m", *FFT, bench_vs=AEONIC, bench_m=3, name="another wrong option")
refused("unknown option -bench_vs", "gr", bench_vs=AEONIC, name="a command that compares nothing")
os.environ["PETSC_OPTIONS"] = f"-bench_vs {AEONIC}"
refused("stands on the command line", *FFT, name="from PETSC_OPTIONS")
del os.environ["PETSC_OPTIONS"]
for body, text in (("echo broken >&2; exit 3\n", "failed with exit status 3: broken"), ("kill -9 $$\n", "ended by signal 9")):
    done = aeonic(*FFT, "-bench_vs", script("broken", body))
    ok(done.returncode == 3 and text in done.stderr and done.stderr.count("\n") == 1, f"exit status 3: {text}", done.stderr)
done = aeonic(*FFT, "-bench_vs", AEONIC, ranks=2)
own = [line for line in done.stderr.splitlines() if line.startswith("aeonic:")]
ok(done.returncode == 1 and len(own) == 1 and "one rank" in own[0], "two ranks: refused by one line", own)
finish()
