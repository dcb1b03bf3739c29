#!/usr/bin/env python3
"""The harness itself, fed wrong answers: the Python checks, the shell's, and what scripts/run_tests.py says of files that fail in every way."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import TOP, WORK, finish, launch, ok

PYTHON = "import sys; sys.path.insert(0, %r)\nfrom harness import *\n%s\nfinish()\n" % (str(TOP / "tests"), "%s")
for check, word in (("ok(False, 'x')", "not ok 1"), ("below(math.nan, 1, 'x')", "not ok 1"), ("below(1, math.nan, 'x')", "not ok 1"), ("below(1, 0.5, 'x')", "not ok 1"),
                    ("near(1, 2, 0.5, 'x')", "not ok 1"), ("near(math.nan, 1, 9, 'x')", "not ok 1"), ("check_order((1, 1/8), 4, 'x')", "not ok 1"), ("check_order((1, 0), 4, 'x')", "not ok 1"),
                    ("refused('words', 'help')", "not ok 1"), ("ok(True, 'x')", "ok 1"), ("below(1, 1, 'x')", "ok 1"), ("check_order((1, 1/16), 4, 'x')", "ok 1"), ("skip('x', 'y')", "ok 1 - x # SKIP y")):
    done = launch([sys.executable, "-c", PYTHON % check])
    ok(done.stdout.startswith(word) and done.stdout.endswith("1..1\n") and done.returncode == (word == "not ok 1"), f"{check}: {word}", done.stdout + done.stderr)

SHELL = f". {TOP}/tests/cli/lib.sh\n%s\nfinish\n"
for check, word in (("check x 1", "not ok 1"), ("refused 1 words help", "not ok 1"), ("mkdir a b; echo '{}' >a/summary.json; cp a/summary.json b; same key a b; check x $?", "not ok 1"),
                    ("""mkdir a b; echo '"key": 1' >a/summary.json; echo '"key": 2' >b/summary.json; same key a b; check x $?""", "not ok 1"),
                    ("""mkdir a b; echo '"key": 1' | tee a/summary.json >b/summary.json; same key a b; check x $?""", "ok 1"),
                    ("echo good | verdicts 1 x >/dev/null; verdicts 1 x </dev/null", "not ok"), ("skip x y", "ok 1 - x # SKIP y"), ("guard=0; until_true false; check x $?", "not ok 1")):
    done = launch(["bash", "-c", SHELL % check])
    ok(done.stdout.startswith(word) and done.returncode == word.startswith("not ok"), f"{check}: {word}", done.stdout + done.stderr)

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
    for name, (text, words, good) in CASES.items():
        for place, body in ((name, text), ("beside", "echo 'ok 1 - x'; echo 1..1")):
            path = Path(folder, name, "tests/all", f"test_{place}.sh")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body + "\n")
        done = launch([sys.executable, TOP / "scripts/run_tests.py", folder, "--tests", Path(folder, name, "tests")])
        line = next((x for x in done.stdout.splitlines() if f"all/test_{name}.sh" in x), "")
        passed, failed = [int(w.split()[0]) for w in done.stdout.splitlines()[-1].split(", ")[:2]]
        ok(words in line and ("pass  " if good else "FAIL  ") in line and (failed == 0) == good and passed >= 1 and done.returncode == (not good), f"a file that ends as `{name}`", done.stdout)
    done = launch([sys.executable, TOP / "scripts/run_tests.py", folder, "--tests", folder])
    ok(done.returncode == 1 and done.stdout.splitlines()[-1] == "0 passed, 1 failed", "no test at all is a failure", done.stdout)
    busy = Path(folder, "busy/all/test_busy.sh")
    busy.parent.mkdir(parents=True)
    busy.write_text("python3 -c 'import time\nwhile time.process_time() < 1: pass' & wait; echo 'ok 1 - x'; echo 1..1\n")
    done = launch([sys.executable, TOP / "scripts/run_tests.py", folder, "--tests", Path(folder, "busy")])
    ok(1 <= float(done.stdout.split()[0]) < 10, "CPU seconds are those of all processes of a test", done.stdout)
finish()
