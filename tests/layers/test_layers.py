#!/usr/bin/env python3
"""Dependencies between modules go one way: by what files include, and by what objects call.

A module may use itself and what stands on a line above its own; those on one line do not use each other.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

LAYERS = [
    ["base"],
    ["clock"],
    ["receipts", "memory"],
    ["grid"],
    ["field"],
    ["stencil", "io", "spectral", "sample"],
    ["levels", "rails", "checkpoint", "elliptic", "loom"],
    ["initial"],
    ["gr"],
    ["diag", "ns"],
    ["bench", "commands"],
]
HEADERS = {  # public headers that are not called after their module
    "audit": "base", "sum": "base", "layout": "field", "simd": "stencil", "fd": "stencil", "dual": "initial", "solution": "initial", "bowen_york": "initial", "z4": "gr", "spatial": "gr", "cleanup": "gr",
}
LEVEL = {m: i for i, line in enumerate(LAYERS) for m in line}
TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("AEONIC", TOP / "bin/aeonic")).resolve().parent


def allowed(user, used):
    return user == used or LEVEL[used] < LEVEL[user]


def owner(header):
    return HEADERS.get(header, header)


def include_faults(files):
    """(file, include) pairs that go the wrong way; files: (name, module, text)."""
    for name, module, text in files:
        for header in re.findall(r"#include <aeonic/(\w+)\.h>", text):
            # layout.h is pure arithmetic below everything: who writes arrays may compute their offsets;
            # commands.h declares what commands/ and bench/ each define
            if header not in ("layout", "commands") and not allowed(module, owner(header)):
                yield name, header
        for header in re.findall(r'#include "([^"]+)"', text):
            if not (TOP / "src" / module / header).exists():
                yield name, header


def sources():
    for path in sorted(TOP.glob("src/*/*.[ch]")):
        yield str(path.relative_to(TOP)), path.parent.name, path.read_text()
    for path in sorted(TOP.glob("include/aeonic/*.h")):
        yield str(path.relative_to(TOP)), owner(path.stem), path.read_text()


def symbols(objects):
    """Defined and needed Ae* symbols of object files."""
    text = subprocess.run(["nm", "-g", *map(str, objects)], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^[0-9a-f ]{16} (\w) (Ae\w+)$", text, re.M)
    return {s for k, s in found if k not in "UC"}, {s for k, s in found if k == "U"}


def call_faults(modules):
    """(module, module, symbol) where a lower one needs what a higher one defines; modules: name -> (defined, needed)."""
    home = {s: m for m, (defined, _) in modules.items() for s in defined}
    for m, (_, needed) in modules.items():
        for s in sorted(needed):
            if s in home and not allowed(m, home[s]):
                yield m, home[s], s


def main():
    checks = []
    checks.append(("the include check sees a fault", bool(list(include_faults([("x", "base", "#include <aeonic/gr.h>\n")])))))
    checks.append(("the include check sees another module's private header", bool(list(include_faults([("x", "gr", '#include "base_private.h"\n')])))))
    checks.append(("the call check sees a fault", bool(list(call_faults({"base": (set(), {"AeX"}), "gr": ({"AeX"}, set())})))))
    unknown = sorted(m.name for m in (TOP / "src").iterdir() if m.is_dir() and m.name not in LEVEL)
    checks.append((f"every module has its place: {unknown}", not unknown))
    faults = list(include_faults(sources()))
    checks.append((f"no include goes up: {faults}", not faults))
    modules = {m: symbols(sorted((BUILD / "src" / m).glob("*.o"))) for m in LEVEL if any(TOP.glob(f"src/{m}/*.c"))}
    checks.append((f"objects of {len(modules)} modules read", all(defined for defined, _ in modules.values()) and len(modules) >= 10))
    faults = list(call_faults(modules))
    checks.append((f"no call goes up: {faults}", not faults))
    for n, (what, good) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {n} - {what}")
    print(f"1..{len(checks)}")
    return 0 if all(good for _, good in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
