#!/usr/bin/env python3
"""The source can be read aloud: no line of C is longer than a screen is wide, and above every static function of 20 lines or more stands what
a newcomer cannot guess."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from test_layers import owner  # noqa: E402

TOP = Path(__file__).resolve().parents[2]
WIDEST = 130  # columns
LONG = 20  # lines of a function, from its first to its closing brace
# Modules that are not read through yet: both checks pass over them. An entry goes as soon as its module needs it no more.
NOT_YET_READ = {"base", "bench"}
STATIC = re.compile(r"static\b(?!.*;$)")


def too_wide(text):
    """Numbers of the lines that are too wide, counted from 1."""
    return [n for n, line in enumerate(text.split("\n"), 1) if len(line) > WIDEST]


def uncommented(text):
    """Names of static functions of LONG lines or more without a comment above them."""
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if not STATIC.match(line):
            continue
        body = n
        while body < len(lines) and lines[body] != "{" and not lines[body].endswith((";", "}")):
            body += 1
        if body == len(lines) or lines[body] != "{":
            continue
        end = body + lines[body:].index("}")
        if end - n + 1 >= LONG and not (n and lines[n - 1].endswith("*/")):
            yield re.search(r"(\w+)\)*\((?!\w+\)\()", " ".join(lines[n:body])).group(1)


def main():
    checks = []
    body = "{\n" + "  a();\n" * LONG + "}\n"
    checks.append(("a line of 131 columns is seen, one of 130 is not", too_wide("x" * 130 + "\n" + "x" * 131) == [2]))
    planted = f"static int Bare(int a,\n                int b)\n{body}/* why */\nstatic int Said(void)\n{body}static int Short(void)\n{{\n}}\n"
    checks.append(("a long function without a comment is seen, and it alone", list(uncommented(planted)) == ["Bare"]))
    sources = {path: path.read_text() for folder in ("src", "include", "tests") for path in sorted(TOP.glob(f"{folder}/**/*.[ch]"))}
    checks.append((f"{len(sources)} files read", len(sources) > 200))
    wide, bare = {}, {}
    for path, text in sources.items():
        module, name = owner(path.stem) if path.parent.name == "aeonic" else path.parent.name, path.relative_to(TOP)
        wide.setdefault(module, []).extend(f"{name}:{n}" for n in too_wide(text))
        bare.setdefault(module, []).extend(f"{name} {f}" for f in uncommented(text) if name.parts[0] == "src")
    faults = [f for m in wide if m not in NOT_YET_READ for f in wide[m]]
    checks.append((f"no line has more than {WIDEST} columns: {faults}", not faults))
    faults = [f for m in bare if m not in NOT_YET_READ for f in bare[m]]
    checks.append((f"every static function of {LONG} lines or more has a comment above it: {faults}", not faults))
    for m in sorted(NOT_YET_READ):
        wides, bares = len(wide.get(m, [])), len(bare.get(m, []))
        print(f"# {m}: {wides} lines too wide, {bares} functions without a comment" + ("" if wides + bares else "; its entry can go"))
    for n, (what, good) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {n} - {what}")
    print(f"1..{len(checks)}")
    return 0 if all(good for _, good in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
