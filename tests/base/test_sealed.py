#!/usr/bin/env python3
"""A writer of a sealed file that is killed or meets a full disk in the midst: the older file is as it was, the next writer is not disturbed."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import PROGRAMS, WORK, finish, launch, ok


def write(path, *words, ranks):
    return launch((["mpiexec", "-n", ranks] if ranks > 1 else []) + [PROGRAMS / "base/test_sealed", "-file", path, *words])


for ranks in (1, 2):
    path = WORK / f"file{ranks}.h5"
    done = write(path, ranks=ranks)
    ok(done.returncode == 0 and path.exists(), f"{ranks} ranks: written", done.stderr)
    before = path.read_bytes()
    done = write(path, "-killed", ranks=ranks)
    ok(done.returncode != 0 and Path(f"{path}.tmp").exists(), f"{ranks} ranks: killed before its end, a temporary is left")
    ok(path.read_bytes() == before, f"{ranks} ranks: the older file is as it was")
    done = write(path, "-full", ranks=ranks)
    ok("\nok" in f"\n{done.stdout}" and path.read_bytes() == before, f"{ranks} ranks: a disk that fills in the midst: a reason, and the older file", done.stdout)
    done = write(path, ranks=ranks)
    ok(done.returncode == 0 and not Path(f"{path}.tmp").exists(), f"{ranks} ranks: the next one is written over what was left", done.stdout + done.stderr)
finish()
