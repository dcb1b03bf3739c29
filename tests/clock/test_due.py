#!/usr/bin/env python3
"""One place answers "is it due?": no source but the clock's divides a count by a period."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import TOP, finish, ok

CLOCK = {"src/clock/clock.c", "include/aeonic/clock.h"}
NOT_CODE = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', re.S)
PERIOD = re.compile(r"%\s*\(?[\w.>-]*(?:[Ee]very|[Pp]eriod|[Cc]adence)")


def faults(text):
    return PERIOD.findall(NOT_CODE.sub("", text))


ok(len(faults("if (step % a->series_every == 0) x();")) == 1, "a remainder by a period is seen")
ok(len(faults("due = (n + 1) % AeLoomEvery(loom) == 0;")) == 1, "and by a function that gives one")
ok(not faults('printf("% every"); /* n % every */ k = row % threads;'), "but not in text, in comments, or of other things")
found = {str(path.relative_to(TOP)) for side in ("src", "include") for path in TOP.glob(f"{side}/**/*.[ch]") if faults(path.read_text())}
ok("include/aeonic/clock.h" in found, "and in the clock itself")
ok(not found - CLOCK, "nowhere else", sorted(found - CLOCK))
finish()
