"""Opens what test_fields and test_series write the way kuibit does, and with scripts/aeonic.py and plot.py.

kuibit's rules (its cactus_grid_functions, cactus_scalars and cactus_ascii_utils): file names, regular expressions
on dataset and column names, the parameter dataset it insists on. They are repeated here so that the test needs
no kuibit.
"""

import re
import sys
from pathlib import Path

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import PROGRAMS, TOP, WORK, finish, launch, ok
from aeonic import Run, RunError


def value(nz, ny, nx, version):
    """test_fields.c's Value(), operation by operation."""
    k, j, i = np.ogrid[:nz, :ny, :nx]
    return (1 + version) * 0.1 + i / 3.0 + 100 * j / 7.0 - 1e4 * k / 11.0


def kuibit_field(path, name):
    """Iteration, time, origin, spacing and data[i,j,k] as kuibit's OneGridFunctionH5 finds them."""
    pattern = re.compile(r"([^:]+)::(\S+)[ ]it=(\d+)[ ]tl=(\d+)([ ]m=0)?([ ]rl=(\d+))?([ ]c=(\d+))?")
    with h5py.File(path, "r") as f:
        parameters = f["Parameters and Global Attributes"]["All Parameters"][()].tobytes().decode().split("\n")
        ours = [p.lower() for p in parameters if p.lower().startswith(("carpetiohdf5", "iohdf5"))]
        for wanted in ("output_ghost_points", "out3d_ghosts"):
            line = [p for p in ours if wanted in p]
            assert line and not any(yes in line[0] for yes in ("true", "yes", "1")), f"{wanted}: ghosts expected"
        match = [m for m in map(pattern.match, f) if m and m[2] == name]
        assert len(match) == 1 and match[0][4] == "0" and match[0][7] == "0" and match[0][9] == "0"
        d = f[f"{match[0][1]}::{name} it={int(match[0][3])} tl=0 rl=0 c=0"]
        assert d.attrs["name"].decode() == f"{match[0][1]}::{name}"
        return int(match[0][3]), d.attrs["time"], d.attrs["origin"], d.attrs["delta"], np.transpose(d[()])


def kuibit_series(path):
    """Time and values as kuibit's OneScalar reads them."""
    m = re.match(r"^(\w+)((-(\w+))|(\[\d+\]))?\.(minimum|maximum|norm1|norm2|norm_inf|average|scalars)?\.asc(\.(gz|bz2))?$", path.name)
    assert m, path.name
    time, data = 1, 2
    if m[6] is None:
        header = [line for line in path.read_text().splitlines() if line.startswith("#")]
        form = next(h for h in map(re.compile(r"^# column format: (.+)$").match, header) if h)
        columns = {c[2]: int(c[1]) - 1 for c in map(re.compile(r"^(\d+):(\w+(\[\d+\])?)$").match, form[1].split())}
        time, data = columns["time"], columns["data"]
    return np.loadtxt(path, unpack=True, ndmin=2, usecols=(time, data))


def test_fields(folder, program):
    ok(launch(["mpiexec", "-n", "2", PROGRAMS / "io" / program, "-out", folder]).returncode == 0, "test_fields wrote its fields on two ranks")
    run = Run(folder)
    ok(run.summary.get("run.exit") == 0, "the summary is there")
    ok(run.fields() == ["Gamt_x", "K", "Pi", "chi", "lapse", "phi"] and run.iterations("chi") == [0, 12], "fields and iterations are listed", f"{run.fields()} {run.iterations('chi')}")
    h = 3.0 / 24
    for name, it, t, version, shape in (("chi", 0, 0, 0, (7, 10, 24)), ("chi", 12, 0.375, 1, (7, 10, 24)), ("Gamt_x", 12, 0.375, 2, (7, 10, 24))):
        exact = value(*shape, version)
        got = kuibit_field(run.path / f"fields/it{it:08d}/{name}.xyz.h5", name)
        ok(got[0] == it and got[1] == t and np.array_equal(got[4], exact.T), f"{name} at iteration {it} by kuibit's rules: bit for bit")
        first = [-(n - 1) / 2 * h for n in shape[::-1]]
        ok(np.abs(got[2] - first).max() <= 1e-15 and np.array_equal(got[3], [h] * 3), "with its coordinates", f"{got[2]} {got[3]}")
        f = run.field(name, it)
        ok(np.array_equal(f.data, exact) and f.time == t and len(f.x) == 24 and len(f.z) == 7, "and by aeonic.py")
        axis, x, v = f.cut()
        ok(axis == "x" and np.array_equal(v, exact[3, 5]) and abs(x[0] - first[0]) <= 1e-15, "and its cut along x")
    try:
        run.field("chi", 5)
        ok(False, "a field that is not there is an error")
    except RunError as error:
        ok("chi" in str(error) and "\n" not in str(error), "a field that is not there is an error", str(error))


def test_series(folder, program):
    ok(launch(["mpiexec", "-n", "2", PROGRAMS / "io" / program, "-out", folder]).returncode == 0, "test_series wrote its series on two ranks")
    run = Run(folder)
    for name, kind, t, v in (("H", "norm2", [0, 1 / 3, 2 / 3], [0.1, 5e-324, np.nan]), ("M_adm", None, [0.5, 1], [1.25, 1.5]), ("K", "average", 0.25 * np.arange(2000), 1 / (1 + np.arange(2000)))):
        label = f"{name} {kind or 'scalar'}"
        a, b = kuibit_series(run.path / f"series/{name}.{kind or ''}.asc")
        ok(np.array_equal(a, t) and np.array_equal(b, v, equal_nan=True), f"{label} by kuibit's rules")
        a, b = run.series(name, kind)
        ok(np.array_equal(a, t) and np.array_equal(b, v, equal_nan=True), f"{label} by aeonic.py")
        ok((name, kind) in run.series_names(), f"{label} is listed")
    # a group: kuibit takes the columns' names from the header, whatever the file is called
    path = run.path / "series/puncturetracker-pt_loc..asc"
    header = [line for line in path.read_text().splitlines() if line.startswith("#")]
    column = {}
    for pattern in (r"^# column format: (.+)$", r"^# data columns: (.+)$"):
        form = next(h for h in map(re.compile(pattern).match, header) if h)
        column |= {c[2]: int(c[1]) - 1 for c in map(re.compile(r"^(\d+):(\w+(\[\d+\])?)$").match, form[1].split())}
    t, y = np.loadtxt(path, unpack=True, ndmin=2, usecols=(column["time"], column["pt_loc_y[0]"]))
    ok(np.array_equal(t, [0.5, 1]) and np.array_equal(y, [-2, 1 / 3]), "a group of scalars by kuibit's rules")
    t, x = run.series("pt_loc_x[0]")
    ok(np.array_equal(t, [0.5, 1]) and np.array_equal(x, [0.1, np.nan], equal_nan=True) and ("pt_loc_y[0]", None) in run.series_names(), "and by aeonic.py")
    with open(run.path / "series/M_adm..asc", "a") as f:
        f.write("1 1.75\n2 1.")
    a, b = run.series("M_adm")
    ok(np.array_equal(a, [0.5, 1]) and np.array_equal(b, [1.25, 1.75]), "the later of two entries counts, a line without end does not")


def plot(*folders):
    done = launch([sys.executable, "-B", TOP / "scripts/plot.py", *folders])
    return done.returncode, done.stdout.split(), done.stderr


def test_plot(fields, series, empty):
    status, files, err = plot(fields, series)
    names = {Path(f).name for f in files}
    ok(status == 0 and not err, "plot.py", err.strip())
    ok({"cut_chi.png", "cut_Gamt_x.png", "constraints.png"} <= names, "pictures of fields and constraints", " ".join(sorted(names)))
    ok(all(Path(f).read_bytes().startswith(b"\x89PNG") for f in files), "all are pictures")
    for folder in (empty, empty / "none"):
        status, files, err = plot(folder)
        ok(status == 1 and not files and err.count("\n") == 1 and str(folder) in err, "a folder that is no run: one line", err.strip())


test_fields(WORK / "fields", "test_fields")
test_series(WORK / "series", "test_series")
(WORK / "empty").mkdir()
test_plot(WORK / "fields", WORK / "series", WORK / "empty")
finish()
