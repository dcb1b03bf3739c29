#!/usr/bin/env python3
"""Records by another writer, made from the documented form with Python's BLAKE2b: good ones pass, and a forger who
computes all hashes anew is found by the schema, the clocks' rules and what frames a run."""
import hashlib
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import WORK, aeonic, finish, ok

OPEN = ('"format":"aeonic-receipts-1","command":"gr","version":"1","build":"b","compiler":"c","petsc":"p","mpi":"m","machine":"x","ranks":1,'
        '"reproducible":"exact","started":"now","options":{"-a":"1"},"inputs":{}')
STATE = "0123456789abcdef" * 4


class Record:
    """The lines of a record, without prev and hash, which text() adds."""

    def __init__(self):
        self.bodies = []
        self.step = self.n = self.loom = self.maint = 0
        self.t = "0"

    def add(self, kind, payload):
        clock = f'"step":{self.step},"n":{self.n},"t":{self.t},"loom":{self.loom},"maint":{self.maint}'
        self.bodies.append(f'{{"seq":{len(self.bodies)},"kind":"{kind}","clock":{{{clock}}},"level":0,"payload":{{{payload}}},'
                           f'"cost":{{"s":0.5,"flops":10,"bytes":20}},"risk":0')
        return len(self.bodies)

    def attempt(self, dt="0.25"):
        self.step += 1
        return self.add("STEP_ATTEMPT", f'"n":{self.n + 1},"t":{self.t},"dt":{dt}')

    def accept(self, t, dt="0.25"):
        self.n += 1
        self.t = t
        return self.add("STEP_ACCEPT", f'"n":{self.n},"t":{self.t},"dt":{dt}')

    def reject(self, dt="0.25"):
        return self.add("STEP_REJECT", f'"n":{self.n + 1},"t":{self.t},"dt":{dt},"reason":"r"')

    def hash(self):
        return self.add("HASH", f'"n":{self.n},"t":{self.t},"hash":"{STATE}"')

    def checkpoint(self):
        return self.add("CHECKPOINT", f'"file":"checkpoint/000001.h5","hash":"{STATE}","size":100')

    def restart(self, seq, file="checkpoint/000001.h5", state=STATE):
        return self.add("RESTART", f'"file":"{file}","checkpoint_seq":{seq},"hash":"{state}","torn":0')

    def open(self):
        return self.add("RUN_OPEN", OPEN)

    def close(self, status=0):
        return self.add("RUN_CLOSE", f'"exit":{status},"reason":"done","n":{self.n},"t":{self.t},"hash":"{STATE}"')

    def loom_tick(self):
        self.loom += 1
        return self.add("LOOM", '"D_max":1e-3,"octave":2')


def text(bodies, first="0" * 64):
    out, prev = [], first
    for body in bodies:
        line = f'{body},"prev":"{prev}"'
        prev = hashlib.blake2b(line.encode("utf-8", "surrogateescape"), digest_size=32).hexdigest()
        out.append(f'{line},"hash":"{prev}"}}\n')
    return "".join(out).encode("utf-8", "surrogateescape")


def sample():
    """1 open, 2-3 a step, 4 hash, 5 tick, 6-7 a rejection, 8 checkpoint, 9-10 abandoned, 11 restart, 12 open, 13-14, 15 close"""
    r = Record()
    r.open()
    r.attempt(), r.accept("0.25"), r.hash(), r.loom_tick()
    r.attempt(), r.reject()
    at = r.checkpoint() - 1
    r.attempt(), r.accept("0.5")
    r.step, r.n, r.t = 2, 1, "0.25"
    r.restart(at), r.open()
    r.attempt("0.125"), r.accept("0.375", "0.125")
    r.close()
    return r.bodies


def edited(line, pattern, new, count=1):
    """The sample with a substitution in one line (1-based)."""
    bodies = sample()
    bodies[line - 1], n = re.subn(pattern, new, bodies[line - 1], count=count)
    assert n, (line, pattern)
    return text(bodies)


def renumbered(bodies):
    return text([re.sub(r'"seq":\d+', f'"seq":{i}', b, count=1) for i, b in enumerate(bodies)])


def without(*lines):
    return renumbered([b for i, b in enumerate(sample(), 1) if i not in lines])


def twice(line):
    b = sample()
    return renumbered(b[:line] + [b[line - 1]] + b[line:])


def restarted_twice(seq):
    r = Record()
    r.open()
    r.attempt(), r.accept("0.25"), r.checkpoint()      # seq 3
    r.attempt(), r.accept("0.5"), r.checkpoint()       # seq 6
    r.step, r.n, r.t = 1, 1, "0.25"
    r.restart(3), r.open()
    if seq == 6:
        r.step, r.n, r.t = 2, 2, "0.5"
    r.restart(seq), r.open(), r.close()
    return text(r.bodies)


def failed_in_mid_step(status):
    r = Record()
    r.open(), r.attempt(), r.close(status)
    return text(r.bodies)


# what, file, the line named (0: good), a word of what is said there
CASES = [
    ("another writer's record", text(sample()), 0, ""),
    ("restarts from one checkpoint twice", restarted_twice(3), 0, ""),
    ("a failure in mid-step", failed_in_mid_step(2), 0, ""),
    ("success in mid-step", failed_in_mid_step(0), 3, "attempt"),
    ("the first prev is not zeros", text(sample(), "1" * 64), 1, "prev"),
    ("another first line", without(1), 1, "RUN_OPEN"),
    ("a second opening", twice(1), 2, "RUN_OPEN"),
    ("no opening after a restart", without(12), 12, "RUN_OPEN"),
    ("a step after the end", renumbered(sample() + [sample()[3]]), 16, "after RUN_CLOSE"),
    ("a second end", twice(15), 16, "after RUN_CLOSE"),
    ("another format", edited(1, "receipts-1", "receipts-2"), 1, "format"),
    ("clocks that start late", edited(1, '"step":0', '"step":1'), 1, "start at 0"),
    ("an accepted step is taken away", without(3), 3, "n changes"),
    ("an attempt is taken away", without(2), 2, "not attempted"),
    ("a whole step is taken away", without(2, 3), 2, "without"),
    ("an attempt repeated", twice(2), 3, "another is open"),
    ("an accepted step repeated", twice(3), 4, "not attempted"),
    ("a rejection repeated", twice(7), 8, "not attempted"),
    ("attempts go back", edited(4, '"step":1', '"step":0'), 4, "goes back"),
    ("attempts jump", edited(2, '"step":1', '"step":2'), 2, "by one"),
    ("an output moves attempts", edited(4, '"step":1', '"step":2'), 4, "without one"),
    ("n jumps", edited(3, '"n":1,', '"n":2,', 2), 3, "n by one"),
    ("n moves in an attempt", edited(6, '"n":1', '"n":2'), 6, "n changes"),
    ("t goes back on acceptance", edited(10, '"t":0.5', '"t":0.125', 2), 10, "advance t"),
    ("t stands still on acceptance", edited(3, '"t":0.25', '"t":0', 2), 3, "advance t"),
    ("t moves in an attempt", edited(6, '"t":0.25', '"t":0.5', 2), 6, "t changes"),
    ("t moves in a hash", edited(4, '"t":0.25', '"t":0.75', 2), 4, "t changes"),
    ("t is no number", edited(4, '"t":0.25', '"t":null', 2), 4, "clocks"),
    ("t overflows", edited(3, '"t":0.25', '"t":1e999', 2), 3, "clocks"),
    ("the payload's t is another", edited(3, r'"n":1,"t":0.25,"dt"', '"n":1,"t":0.5,"dt"'), 3, "t is not the clock's"),
    ("the payload's n is another", edited(3, r'"n":1,"t":0.25,"dt"', '"n":2,"t":0.25,"dt"'), 3, "n is not the clock's"),
    ("t is not t before plus dt", edited(3, '"dt":0.25', '"dt":0.2'), 3, "plus dt"),
    ("dt is negative", edited(6, '"dt":0.25', '"dt":-0.25'), 6, "not positive"),
    ("another dt rejected than tried", edited(7, '"dt":0.25', '"dt":0.125'), 7, "rejected dt"),
    ("the loom's clock moves in a hash", edited(4, '"loom":0', '"loom":1'), 4, "without a tick"),
    ("a tick that does not count", edited(5, '"loom":1', '"loom":0'), 5, "by one"),
    ("maintenance goes back", renumbered([re.sub('"maint":0', '"maint":1', b) if i == 3 else b for i, b in enumerate(sample())]), 5, "maintenance goes back"),
    ("a restart from nowhere", edited(11, '"checkpoint_seq":7', '"checkpoint_seq":70'), 11, "not before it"),
    ("a restart from another record", edited(11, '"checkpoint_seq":7', '"checkpoint_seq":4'), 11, "other clocks"),
    ("a restart with other clocks", edited(11, '"step":2', '"step":3'), 11, "other clocks"),
    ("a restart from another file", edited(11, "000001", "000002"), 11, "another checkpoint"),
    ("a restart from another state", edited(11, "0123", "0124"), 11, "another checkpoint"),
    ("a restart into an abandoned branch", restarted_twice(6), 10, "abandoned"),
    ("the end with another n", edited(15, r'done","n":2', r'done","n":3'), 15, "RUN_CLOSE"),
    ("an unknown kind", edited(4, "HASH", "HUSH"), 4, "kind"),
    ("a key is missing", edited(7, ',"reason":"r"', ""), 7, "reason"),
    ("keys in another order", edited(3, r'"n":1,"t":0.25,"dt"', '"t":0.25,"n":1,"dt"'), 3, "expected n"),
    ("an integer with a fraction", edited(3, r'{"n":1,"t"', '{"n":1.0,"t"'), 3, "expected t"),
    ("an integer with a leading zero", edited(3, r'{"n":1,"t"', '{"n":01,"t"'), 3, "expected n"),
    ("NaN", edited(3, '"dt":0.25', '"dt":NaN'), 3, "expected dt"),
    ("a blank", edited(3, '"dt":', '"dt": '), 3, "expected dt"),
    ("a hash of 63 digits", edited(4, STATE, STATE[1:]), 4, "expected hash"),
    ("a hash with other letters", edited(4, STATE, "g" + STATE[1:]), 4, "expected hash"),
    ("bytes that are no UTF-8", edited(7, '"reason":"r"', '"reason":"\udcff"'), 7, "reason"),
    ("a control character", edited(7, '"reason":"r"', '"reason":"\x01"'), 7, "reason"),
    ("further keys are free", edited(3, '"dt":0.25', '"dt":0.25,"more":-1.5e-7,"text":"\\\\u00e9\u00e9","flag":true,"none":null,"map":{"a":"b"}'), 0, ""),
    ("a further key without a value", edited(3, '"dt":0.25', '"dt":0.25,"more":'), 3, "payload"),
]


for what, data, line, word in CASES:
    path = WORK / "forged.jsonl"
    path.write_bytes(data)
    done = aeonic("verify", path)
    if line:
        good = done.returncode == 1 and f": line {line}: " in done.stderr and word in done.stderr and done.stderr.count("\n") == 1 and not done.stdout
    else:
        good = done.returncode == 0 and "unbroken" in done.stdout
    ok(good, f"{what}: {f'line {line}: {word}' if line else 'good'}", done.stderr.strip().split(": ", 3)[-1])
finish()
