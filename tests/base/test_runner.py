#!/usr/bin/env python3
"""The harness itself, fed wrong answers: the Python checks, the shell's, and what scripts/run_tests.py says of files that fail in every way."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import TOP, WORK, finish, launch, ok

# each check in a program of its own would take a second: their lines, one after the other, and the number that failed
CHECKS = (("ok(False, 'x')", "not ok"), ("below(math.nan, 1, 'x')", "not ok"), ("below(1, math.nan, 'x')", "not ok"), ("below(1, 0.5, 'x')", "not ok"), ("near(1, 2, 0.5, 'x')", "not ok"),
          ("near(math.nan, 1, 9, 'x')", "not ok"), ("check_order((1, 1/8), 4, 'x')", "not ok"), ("check_order((1, 0), 4, 'x')", "not ok"), ("refused('words', 'help')", "not ok"),
          ("ok(True, 'x')", "ok"), ("below(1, 1, 'x')", "ok"), ("check_order((1, 1/16), 4, 'x')", "ok"), ("skip('x', 'y')", "ok"))
program = "\n".join([f"import sys; sys.path.insert(0, {str(TOP / 'tests')!r})", "from harness import *", *(check for check, _ in CHECKS), "finish()"])
done = launch([sys.executable, "-c", program])
lines = done.stdout.splitlines()
for n, ((check, word), line) in enumerate(zip(CHECKS, lines), 1):
    ok(line.startswith(f"{word} {n} - x") and ("# SKIP y" in line) == ("skip" in check) or "refused" in check and line.startswith(f"not ok {n} - refused"), f"{check}: {word}", line)
ok(len(lines) == len(CHECKS) + 1 and lines[-1] == f"1..{len(CHECKS)}" and done.returncode == 1, "a plan, and the exit status of a failure", done.stderr)
ok(launch([sys.executable, "-c", program.split("\n")[0] + "; from harness import *; ok(True, 'x'); finish()"]).returncode == 0, "and that of success")

CHECKS = (("check x 1", "not ok"), ("refused 1 words help", "not ok"), ("(same key a none); check x $?", "not ok"), ("same no a a; check x $?", "not ok"), ("same key a b; check x $?", "not ok"), ("same key a c; check x $?", "ok"),
          ("verdicts 1 x </dev/null", "not ok"), ("skip x y", "ok"), ("(guard=0; until_true false); check x $?", "not ok"), ("check x 0", "ok"))
program = "\n".join([f". {TOP}/tests/cli/lib.sh", "mkdir a b c; echo '\"key\": 1' | tee a/summary.json >c/summary.json; echo '\"key\": 2' >b/summary.json", *(check for check, _ in CHECKS), "finish"])
done = launch(["bash", "-c", program])
lines = done.stdout.splitlines()
for n, ((check, word), line) in enumerate(zip(CHECKS, lines), 1):
    ok(line.startswith(f"{word} {n} - "), f"shell: {check}: {word}", line)
ok(len(lines) == len(CHECKS) + 1 and lines[-1] == f"1..{len(CHECKS)}" and done.returncode == 1, "shell: a plan, and the exit status of a failure", done.stderr)

# test files that fail in every way, each beside one that passes: its verdict, and what is said of it
CASES = {
    "good": (r"echo 'ok 1 - x \# SKIP y'; echo 'ok 2 - x # SKIP y'; echo 1..2", "1 passed, 0 failed, 1 skipped", True),
    "wrong": ("echo 'not ok 1 - x'; echo 1..1; exit 1", "0 passed, 1 failed", False),
    "wrong_but_0": ("echo 'not ok 1 - x'; echo 1..1", "0 passed, 1 failed", False),
    "crash": ("echo 'ok 1 - x'; echo 1..1; kill -SEGV $$", "killed by SIGSEGV", False),
    "crash_early": ("echo 'ok 1 - x'; kill -ABRT $$", "no plan", False),
    "status": ("echo 'ok 1 - x'; echo 1..1; exit 3", "exit status 3", False),
    "short": ("echo 'ok 1 - x'; echo 1..2", "1 checks of 2 planned", False),
    "twice": ("echo 'ok 1 - x'; echo 1..1; echo 'ok 1 - x'", "out of order", False),
    "silent": ("true", "no check", False),
    "empty": ("echo 1..0", "no check", False),
    "bail": ("echo 'ok 1 - x'; echo 'Bail out! y'; exit 1", "Bail out! y", False),
}
with tempfile.TemporaryDirectory(dir=WORK) as folder:
    for name, (text, _, _) in CASES.items():
        path = Path(folder, "tests/all", f"test_{name}.sh")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    done = launch([sys.executable, TOP / "scripts/run_tests.py", folder, "--tests", Path(folder, "tests")])
    for name, (text, words, good) in CASES.items():
        line = next((x for x in done.stdout.splitlines() if f"all/test_{name}.sh: " in x), "")
        ok(words in line and ("pass  " if good else "FAIL  ") in line, f"a file that ends as `{name}`", line)
    ok(done.stdout.splitlines()[-1] == f"8 passed, {len(CASES) - 1} failed, 1 skipped" and done.returncode == 1, "each of them is a failure", done.stdout.splitlines()[-1])
    done = launch([sys.executable, TOP / "scripts/run_tests.py", folder, "--tests", folder])
    ok(done.returncode == 1 and done.stdout.splitlines()[-1] == "0 passed, 1 failed", "no test at all is a failure", done.stdout)
    busy = Path(folder, "busy/all/test_busy.sh")
    busy.parent.mkdir(parents=True)
    busy.write_text(sys.executable + " -c 'import time\nwhile time.process_time() < 1: pass' & wait; echo 'ok 1 - x'; echo 1..1\n")
    done = launch([sys.executable, TOP / "scripts/run_tests.py", folder, "--tests", Path(folder, "busy")])
    ok(1 <= float(done.stdout.split()[0]) < 10, "CPU seconds are those of all processes of a test", done.stdout)
finish()
