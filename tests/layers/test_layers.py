#!/usr/bin/env python3
"""Dependencies go one way: between modules by what files include and by what objects call, between the files of one module by what
objects call.

A module may use itself and what stands on a line above its own; those on one line do not use each other. Within a module no two files
call each other, directly or through others. Static functions do not count.
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
    ["run"],
    ["initial"],
    ["gr"],
    ["diag", "ns"],
    ["bench"],
    ["commands"],
]
HEADERS = {  # public headers that are not called after their module
    "audit": "base", "lattice": "base", "rk4": "base", "sealed": "base", "sum": "base", "sym": "base", "layout": "field", "simd": "stencil", "fd": "stencil", "dual": "initial", "solution": "initial", "bowen_york": "initial", "z4": "gr", "spatial": "gr", "cleanup": "gr",
}
# Circles of files that stay, each with its reason: {module: {(files in order): why}}.
CIRCLES_THAT_STAY = {}
# Modules whose circles are still to be undone. An entry goes as soon as its module has none.
CIRCLES_NOT_YET_UNDONE = {"commands"}
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


def file_symbols(module):
    """Defined and needed symbols of every object of a module: file -> (defined, needed)."""
    found = {}
    for path in sorted((BUILD / "src" / module).glob("*.o")):
        if not (TOP / "src" / module / f"{path.stem}.c").exists():
            continue  # left over from a file that is gone
        text = subprocess.run(["nm", "-g", str(path)], capture_output=True, text=True, check=True).stdout
        named = re.findall(r"^[0-9a-f ]{16} (\w) (\w+)$", text, re.M)
        found[path.stem] = {s for k, s in named if k not in "UC"}, {s for k, s in named if k == "U"}
    return found


def call_faults(modules):
    """(module, module, symbol) where a lower one needs what a higher one defines; modules: name -> (defined, needed)."""
    home = {s: m for m, (defined, _) in modules.items() for s in defined}
    for m, (_, needed) in modules.items():
        for s in sorted(needed):
            if s in home and not allowed(m, home[s]):
                yield m, home[s], s


def circles(files):
    """Sets of files that reach each other by calls, sorted; files: name -> (defined, needed)."""
    home = {s: f for f, (defined, _) in files.items() for s in defined}
    reach = {f: {home[s] for s in needed if s in home} - {f} for f, (_, needed) in files.items()}
    for via in files:
        for f in files:
            if via in reach[f]:
                reach[f] |= reach[via]
    return sorted({tuple(sorted(g for g in files if g in reach[f] and f in reach[g])) for f in files if f in reach[f]})


def main():
    checks = []
    checks.append(("the include check sees a fault", bool(list(include_faults([("x", "base", "#include <aeonic/gr.h>\n")])))))
    checks.append(("the include check sees another module's private header", bool(list(include_faults([("x", "gr", '#include "base_private.h"\n')])))))
    checks.append(("the call check sees a fault", bool(list(call_faults({"base": (set(), {"AeX"}), "gr": ({"AeX"}, set())})))))
    unknown = sorted(m.name for m in (TOP / "src").iterdir() if m.is_dir() and m.name not in LEVEL)
    checks.append((f"every module has its place: {unknown}", not unknown))
    rows = [re.findall(r"\w+", row) for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (TOP / "README.md").read_text(), re.M)]
    checks.append((f"README's table of modules is that of the layers: {[row for row in rows if sorted(row) not in map(sorted, LAYERS)]}", [sorted(r) for r in rows if set(r) & set(LEVEL)] == [sorted(r) for r in LAYERS]))
    faults = list(include_faults(sources()))
    checks.append((f"no include goes up: {faults}", not faults))
    files = {m: file_symbols(m) for m in LEVEL if any(TOP.glob(f"src/{m}/*.c"))}
    modules = {m: tuple(set().union(*side) for side in zip(*files[m].values())) for m in files}
    checks.append((f"objects of {len(modules)} modules read", all(defined for defined, _ in modules.values()) and len(modules) >= 10))
    faults = list(call_faults(modules))
    checks.append((f"no call goes up: {faults}", not faults))
    planted = {"a": ({"AeA"}, {"AeB"}), "b": ({"AeB"}, {"AeC"}), "c": ({"AeC"}, {"AeB", "printf"}), "d": ({"AeD"}, {"AeA"})}
    checks.append(("the circle check sees a circle, and it alone", circles(planted) == [("b", "c")]))
    found = {m: circles(files[m]) for m in files}
    faults = [f"{m}: {' '.join(c)}" for m in found for c in found[m]
              if c not in CIRCLES_THAT_STAY.get(m, {}) and m not in CIRCLES_NOT_YET_UNDONE]
    checks.append((f"no circle between files of one module: {faults}", not faults))
    gone = [f"{m}: {' '.join(c)}" for m in CIRCLES_THAT_STAY for c in CIRCLES_THAT_STAY[m] if c not in found[m]]
    checks.append((f"every circle that may stay is there: {gone}", not gone))
    for m in sorted(CIRCLES_NOT_YET_UNDONE):
        print(f"# {m}: " + ("; ".join(" ".join(c) for c in found[m]) or "no circle any more, its entry can go"))
    for n, (what, good) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {n} - {what}")
    print(f"1..{len(checks)}")
    return 0 if all(good for _, good in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
