"""Every format of fields, on 1, 2 and 3 ranks, read with h5py, json and xml.etree by the rules of the tools they are for.

kuibit 1.5: names of files and datasets, attributes, the group it insists on. VTKHDF: the specification of OverlappingAMR,
version 1.0. XDMF 2: temporal collection of spatial collections, cell data on a 3DCoRectMesh. The values are those of
test_fields.c's Value(), repeated here operation by operation, so that they must agree in every bit.
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import AEONIC, PROGRAMS, WORK, aeonic, finish, launch, ok, refused, skip
from aeonic import Run, RunError

SHAPE = (7, 10, 24)  # nz, ny, nx
H = 3.0 / 24
LOW = np.array([-1.5, -5 * H, -3.5 * H])  # the corner of the domain: x, y, z
LAYER = {"x": 12, "y": 5, "z": 3}  # no plane of symmetry: n // 2
STATES = {20: {"phi": 5, "Pi": 9}, 24: {"phi": 7, "Pi": 11}}  # what test_fields.c wrote last


def value(version):
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return (1 + version) * 0.1 + i / 3.0 + 100 * j / 7.0 - 1e4 * k / 11.0


def on(form, data):
    """The part of data[k, j, i] that a plane or line shows."""
    return data[tuple(slice(None) if axis in form else LAYER[axis] for axis in "zyx")]


# ---- kuibit: all files of a name in the tree, whatever their folders, are one field in time

FILE = re.compile(r"^([a-zA-Z0-9\[\]_]+)\.(xyz|xy|xz|yz|x|y|z)(\.file_\d+)?(\.xyz)?\.h5$")
DATASET = re.compile(r"([^:]+)::(\S+)[ ]it=(\d+)[ ]tl=(\d+)([ ]m=0)?([ ]rl=(\d+))?([ ]c=(\d+))?")


def kuibit(folder):
    """{(name, form): {iteration: (time, origin, delta, data)}}; an assertion where kuibit would fail."""
    found = {}
    for path in sorted(folder.rglob("*.h5")):
        match = FILE.match(path.name)
        if not match:
            continue
        with h5py.File(path, "r") as f:
            text = f["Parameters and Global Attributes"]["All Parameters"][()].tobytes().decode().lower().split("\n")
            ghosts = "output_ghost_points" if len(match[2]) < 3 else "out3d_ghosts"
            assert any(line.startswith("iohdf5::" + ghosts) and '"no"' in line for line in text), path
            for key in f:
                m = DATASET.match(key)
                if not m or m[2] != match[1]:
                    continue
                d, dim = f[key], len(match[2])
                assert d.ndim == dim and d.attrs["origin"].shape == d.attrs["delta"].shape == (dim,) and d.attrs["time"].shape == ()
                assert d.dtype == np.float64 and m[4] == m[7] == m[9] == "0" and "cctk_nghostzones" not in d.attrs
                found.setdefault((match[1], match[2]), {})[int(m[3])] = (float(d.attrs["time"]), d.attrs["origin"][:], d.attrs["delta"][:], d[()])
    return found


def kuibit_faults(folder):
    """What is not as it should be; empty if all is."""
    faults, found = [], kuibit(folder)
    for it, fields in STATES.items():
        for name, version in fields.items():
            for form in ("xyz", "xy", "xz", "yz", "x", "y", "z"):
                if it not in found.get((name, form), {}):
                    faults.append(f"{name}.{form} at {it}: not there")
                    continue
                time, origin, delta, data = found[name, form][it]
                # the first centre of a cell is the corner and h/2: rounded once each, 3 ulp of 1.5 at most
                first = np.array([LOW["xyz".index(a)] + H / 2 for a in form])
                if time != 0.03125 * it or np.abs(origin - first).max() > 1e-15 or not np.array_equal(delta, [H] * len(form)):
                    faults.append(f"{name}.{form} at {it}: time or coordinates")
                if not np.array_equal(data, on(form, value(version))):
                    faults.append(f"{name}.{form} at {it}: values")
    return faults


# ---- VTKHDF

def vtk_faults(folder):
    faults = []
    index = json.loads((folder / "fields.vtkhdf.series").read_text())
    if index["file-series-version"] != "1.0" or [f["time"] for f in index["files"]] != [0.03125 * it for it in STATES]:
        faults.append(f"series: {index}")
    for entry, fields in zip(index["files"], STATES.values()):
        with h5py.File(folder / entry["name"], "r") as f:
            root, level = f["VTKHDF"], f["VTKHDF/Level0"]
            version = root.attrs["Version"]
            if version.dtype.kind != "i" or version.tolist() != [1, 0]:
                faults.append(f"Version {version}")
            for name, text in (("Type", b"OverlappingAMR"), ("GridDescription", b"XYZ")):
                a = h5py.h5a.open(root.id, name.encode())
                t = a.get_type()
                if t.is_variable_str() or t.get_cset() != h5py.h5t.CSET_ASCII or t.get_size() != len(text) or root.attrs[name] != text:
                    faults.append(name)
            if root.attrs["Origin"].dtype != np.float64 or np.abs(root.attrs["Origin"] - LOW).max() > 1e-15 or not np.array_equal(level.attrs["Spacing"], [H] * 3):
                faults.append("Origin or Spacing")
            if [name for name in root if name.startswith("Level")] != ["Level0"]:
                faults.append("levels")
            box = level["AMRBox"]
            if box.dtype.kind != "i" or box[()].tolist() != [[0, SHAPE[2] - 1, 0, SHAPE[1] - 1, 0, SHAPE[0] - 1]]:
                faults.append(f"AMRBox {box[()]}")
            cells = int(np.prod([box[0][2 * a + 1] - box[0][2 * a] + 1 for a in range(3)]))
            if sorted(level["CellData"]) != sorted(fields):
                faults.append(f"CellData {list(level['CellData'])}")
            for name, v in fields.items():
                if level["CellData"][name].shape != (cells,) or not np.array_equal(level["CellData"][name][()], value(v).ravel()):
                    faults.append(f"{name}: values")
    return faults


# ---- XDMF

def numbers(item):
    got = np.array(item.text.split(), dtype=float)
    assert got.size == int(item.get("Dimensions")) and item.get("Format") == "XML"
    return got


def xdmf_faults(folder):
    faults, times = [], []
    root = ElementTree.parse(folder / "fields.xmf").getroot()
    assert root.tag == "Xdmf" and root.get("Version") == "2.0"
    run = root.find("Domain/Grid")
    assert (run.get("GridType"), run.get("CollectionType")) == ("Collection", "Temporal")
    for step, fields in zip(run.findall("Grid"), STATES.values()):
        assert (step.get("GridType"), step.get("CollectionType")) == ("Collection", "Spatial")
        times.append(float(step.find("Time").get("Value")))
        for grid in step.findall("Grid"):
            topology, (origin, delta) = grid.find("Topology"), map(numbers, grid.findall("Geometry/DataItem"))
            nodes = [int(n) for n in topology.get("Dimensions").split()]
            if topology.get("TopologyType") != "3DCoRectMesh" or nodes != [n + 1 for n in SHAPE]:
                faults.append(f"nodes {nodes}")
            if grid.find("Geometry").get("GeometryType") != "ORIGIN_DXDYDZ" or np.abs(origin - LOW[::-1]).max() > 1e-15 or not np.array_equal(delta, [H] * 3):
                faults.append(f"geometry {origin} {delta}")
            seen = {}
            for attribute in grid.findall("Attribute"):
                item = attribute.find("DataItem")
                file, _, path = item.text.strip().partition(":")
                assert attribute.get("Center") == "Cell" and (item.get("Format"), item.get("NumberType"), item.get("Precision")) == ("HDF", "Float", "8") and ":" not in path
                with h5py.File(folder / file, "r") as f:
                    seen[attribute.get("Name")] = f[path][()]
                assert [int(n) for n in item.get("Dimensions").split()] == list(seen[attribute.get("Name")].shape)
            faults += [f"{name}: values" for name, v in fields.items() if not np.array_equal(seen.get(name), value(v))]
    if times != [0.03125 * it for it in STATES]:
        faults.append(f"times {times}")
    return faults


# ---- the tests

def test_formats():
    for ranks in (1, 2, 3):
        done = launch(["mpiexec", "-n", ranks, PROGRAMS / "io/test_fields", "-out", WORK / f"r{ranks}"])
        ok(done.returncode == 0, f"{ranks} ranks wrote their fields", done.stderr[-200:].strip().replace("\n", "|"))
        fields = WORK / f"r{ranks}" / "fields"
        for what, faults in (("kuibit's volumes, planes and lines", kuibit_faults(fields)), ("VTKHDF", vtk_faults(fields)), ("XDMF", xdmf_faults(fields))):
            ok(not faults, f"{ranks} ranks: {what}", "; ".join(faults))
        ok(not list(fields.rglob("*.tmp")), f"{ranks} ranks: no temporary is left")


def test_checkers():
    """One wrong bit, one wrong attribute, one wrong time: the checks above must see them."""
    wrong = WORK / "wrong"
    shutil.copytree(WORK / "r1" / "fields", wrong)
    with h5py.File(wrong / "it00000024/phi.xz.h5", "r+") as f:
        d = f["AEONIC::phi it=24 tl=0 rl=0 c=0"]
        d[3, 7] = np.nextafter(d[3, 7], 1e9)
    ok(kuibit_faults(wrong) == ["phi.xz at 24: values"], "a wrong bit on a plane is seen")
    with h5py.File(wrong / "it00000020/fields.vtkhdf", "r+") as f:
        f["VTKHDF/Level0/AMRBox"][0, 1] += 1
    ok(any("AMRBox" in f for f in vtk_faults(wrong)), "a wrong box is seen")
    text = (wrong / "fields.xmf").read_text()
    (wrong / "fields.xmf").write_text(text.replace('Value="0.625"', 'Value="0.5"'))
    ok(any("times" in f for f in xdmf_faults(wrong)), "a wrong time is seen")


def test_reader():
    run = Run(WORK / "r2")
    for name, version in STATES[24].items():
        for source in ("kuibit", "vtkhdf", "xdmf"):
            f = run.field(name, 24, source=source)
            good = np.array_equal(f.data, value(version)) and f.time == 0.75 and np.abs(np.array([f.x[0], f.y[0], f.z[0]]) - LOW - H / 2).max() <= 1e-15
            ok(good, f"aeonic.py: {name} from {source}")
        for form in ("xy", "xz", "yz", "x", "y", "z"):
            f = run.field(name, 24, form)
            where = np.array([LOW[a] + (0.5 + (0 if "xyz"[a] in form else LAYER["xyz"[a]])) * H for a in range(3)])
            ok(np.array_equal(f.data, on(form, value(version))) and len(getattr(f, form[0])) == f.data.shape[-1] and np.abs(f.position - where).max() <= 1e-15, f"aeonic.py: {name} on {form}")
    ok(run.iterations("Pi", "xy") == [20, 24] and run.fields("z") == ["Pi", "phi"], "planes and lines are listed")
    boxes, time = run.boxes(24)
    box = boxes[0]
    good = len(boxes) == 1 and time == 0.75 and box["level"] == 0 and box["dimensions"].tolist() == list(SHAPE[::-1]) and np.abs(box["left_edge"] - LOW).max() <= 1e-15
    ok(good and np.abs(box["right_edge"] + LOW).max() <= 1e-15 and np.array_equal(box["phi"][0], value(7).T), "boxes for yt")
    for file, name, form in (("it00000024/phi.xyz.h5", "phi", "xyz"), ("it00000024/Pi.x.h5", "Pi", "x")):
        path = run.path / "fields" / file
        os.truncate(path, path.stat().st_size - 8)
        try:
            run.field(name, 24, form, source="kuibit")
            ok(False, f"{file} cut short is refused")
        except RunError as error:
            ok(str(path) in str(error) and "cut short" in str(error) and "\n" not in str(error), f"{file} cut short is refused", str(error)[-120:])


def test_run():
    """A run from the command line: cadences, the upper plane of symmetry, timers, options."""
    small = ["-gr_initial", "gauge_wave", "-grid_n", "16,8,8", "-progress", "none"]
    out = WORK / "gr"
    done = aeonic("gr", *small, "-ts_max_steps", 4, "-out", out, "-fields", "chi,H", "-fields_format", "vtkhdf", "-fields_planes", "xy", "-fields_lines", "z", "-fields_every", 4, "-fields_cuts_every", 2, ranks=2)
    run = Run(out)
    ok(done.returncode == 0 and run.summary["run.exit"] == 0, "a run with planes and lines", done.stderr.strip()[-200:])
    ok(run.iterations("chi") == [0, 4] and run.iterations("chi", "xy") == run.iterations("H", "z") == [0, 2, 4], "each at its own cadence", f"{run.iterations('chi')} {run.iterations('chi', 'xy')}")
    volume = run.field("H", 4)
    ok(volume.data.shape == (8, 8, 16) and np.array_equal(run.field("H", 4, "xy").data, volume.data[4]) and np.array_equal(run.field("H", 4, "z").data, volume.data[:, 4, 8]), "planes and lines are the volume's cells, bit for bit")
    ok(run.options.get("-grid_n") == "16,8,8", "aeonic.py: options", str(run.options.get("-grid_n")))
    rows = run.table("state_hash.txt")
    ok(rows[-1][0] == "4" and rows[-1][2] == run.summary["state.hash"], "aeonic.py: other tables")
    for rank in (0, 1):
        timers = run.timers(rank)
        total, stages = timers.get(("main",), 0), [s for name, s in timers.items() if len(name) == 2]
        # stages follow each other and fill the time since PETSc began
        ok(0 < sum(stages) <= total * (1 + 1e-6) and {n[1] for n in timers if len(n) == 2} >= {"Set-up", "Evolve", "Output"}, f"timertree.{rank}.xml", f"{sum(stages):.4f} of {total:.4f} s")
        ok(all(s <= timers[name[:2]] for name, s in timers.items() if len(name) == 3) and ("main", "Evolve", "AePassA") in timers, "no event is longer than its stage")
    done = aeonic("gr", *small, "-ts_max_steps", 1, "-timers", 0, "-fields", "none", "-out", WORK / "quiet")
    ok(done.returncode == 0 and not list((WORK / "quiet").glob("timertree*")), "-timers 0: none")
    done = aeonic("gr", *small, "-grid_symmetry", "octant", "-grid_boundary", "radiative", "-gr_initial", "noise", "-ts_max_steps", 1, "-fields", "chi", "-fields_planes", "xz", "-out", WORK / "octant")
    run = Run(WORK / "octant")
    ok(done.returncode == 0 and np.array_equal(run.field("chi", 1, "xz").data, run.field("chi", 1).data[:, 0, :]), "by a plane of symmetry: the cells next to it", done.stderr.strip()[-200:])
    for words, text in ((["-fields_format", "kuibit,hdf"], "-fields_format: 'hdf'"), (["-fields_planes", "xyz"], "-fields_planes: 'xyz'"), (["-fields_lines", "r"], "-fields_lines: 'r'"), (["-fields", "chi,K,chi"], "-fields names chi twice"), (["-out", "/proc/aeonic/run"], "/proc/aeonic")):
        refused(text, "gr", *small, "-ts_max_steps", 1, "-out", WORK / "bad", *words, name=" ".join(words))
    ok(not (WORK / "bad").exists(), "what was refused has written nothing")


def test_bench():
    for again in ("", ", again"):
        done = aeonic("bench", "output", "-bench_n", 8, "-out", WORK / "bench", ranks=2)
        summary = Run(WORK / "bench").summary if done.returncode == 0 else {}
        good = all(summary.get(f"bench.output.{form}.{key}", 0) > 0 for form in ("kuibit", "vtkhdf", "xdmf") for key in ("gb_per_s", "of_plain"))
        ok(good and done.stdout.count("ratio") == 3, f"aeonic bench output{again}", done.stderr.strip()[-200:])
    ok(sorted(f.name for f in (WORK / "bench").rglob("*") if f.is_file()) == ["options.txt", "summary.json"], "it leaves no fields behind")


def test_full_disk():
    """A file system of 2 MB (a tmpfs in a mount name space of our own): one output of 1 MB fits, the next does not."""
    disk = WORK / "disk"
    disk.mkdir()
    script = f"""mount -t tmpfs -o size=2m none {disk} || exit 77
        export PMIX_MCA_gds=hash; cd {WORK}
        {AEONIC} gr -gr_initial gauge_wave -gw_amplitude 0.1 -grid_n 32,32,32 -ts_max_steps 3 -fields_every 1 -fields_format "$0" -progress none -out {disk}/run; code=$?
        cp -r {disk}/run {WORK}/"full-$0"; exit $code"""
    for form in ("kuibit", "vtkhdf", "xdmf"):
        done = launch(["unshare", "-rm", "sh", "-c", script, form])
        if done.returncode == 77 or done.stderr.startswith("unshare"):
            skip(f"full disk, {form}", "no mount name spaces here")
            continue
        ours = [line for line in done.stderr.splitlines() if line.startswith("aeonic: ")]
        ok(done.returncode == 3 and len(ours) == 1 and "it00000001" in ours[0] and "No space left" in ours[0], f"full disk, {form}: exit 3 and one line", f"status {done.returncode} {ours}")
        run = Run(WORK / f"full-{form}")
        f = run.field("lapse", 0)
        # the gauge wave at t = 0: lapse^2 = 1 - A sin(2 pi x). Rounding of the angle, 3 units of 1e-16 times A, of sine, difference
        # and root, one each: below 4 of the last place of 1
        exact = np.sqrt(1 - 0.1 * np.sin(2 * np.pi * f.x))[None, None, :]
        error = np.abs(f.data - exact).max()
        ok(run.iterations("lapse") == [0] and error <= 4 * 2**-52 and f.data.shape == (32, 32, 32), f"full disk, {form}: the output before is whole", f"{run.iterations('lapse')} {error:.1e}")
        ok(not list(run.path.rglob("*.tmp")) and run.summary.get("run.exit") == 3 and len(run.series("H", "norm2")[0]) >= 1, f"full disk, {form}: no temporary, summary and series are there")


test_formats()
test_checkers()
test_reader()
test_run()
test_bench()
test_full_disk()
finish()
