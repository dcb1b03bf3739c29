"""Read what a run of Aeonic left behind, with numpy and h5py only (and yt for load_yt).

    from aeonic import Run
    run = Run("out/gr-gauge_wave")
    run.summary["constraint.H.l2"], run.options["-grid_n"]
    t, H = run.series("H", "norm2")          # series/H.norm2.asc
    t, m = run.series("M_adm")               # series/M_adm..asc, or a column of a group's file
    f = run.field("chi", run.iterations("chi")[-1])      # in whatever format it was written
    f.data[k, j, i], f.x[i], f.y[j], f.z[k], f.time
    p = run.field("chi", 0, "xy")            # a plane: p.data[j, i], p.x, p.y; a line: run.field("chi", 0, "x")
    ds = run.load_yt(0)                      # a yt data set of all fields of that iteration
"""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

FORMS = ("xyz", "xy", "xz", "yz", "x", "y", "z")


class RunError(Exception):
    """A folder or file that is not what it should be; the message is one line for the user."""


class Field:
    """A field on the whole grid, a plane or a line.

    form: its axes, of FORMS; data: indices in the reverse order of them, data[k, j, i] for xyz; x, y, z: coordinates of
    the cells along those axes; position: of a plane or line, x, y, z of its first cell.
    """

    def __init__(self, name, form, iteration, time, origin, delta, data, position=None):
        self.name, self.form, self.iteration, self.time = name, form, iteration, time
        self.origin, self.delta, self.data, self.position = origin, delta, data, position
        for a, axis in enumerate(form):
            setattr(self, axis, origin[a] + delta[a] * np.arange(data.shape[len(form) - 1 - a]))

    def cut(self):
        """Along the longest axis through the middle of the others: letter of the axis, coordinate, values."""
        axis = int(np.argmax(self.data.shape[::-1]))
        index = [n // 2 for n in self.data.shape]
        index[len(self.form) - 1 - axis] = slice(None)
        return self.form[axis], getattr(self, self.form[axis]), self.data[tuple(index)]


class Run:
    """A run's folder. summary: the keys of summary.json, empty while the run goes on; options: the option table."""

    KINDS = ("minimum", "maximum", "norm1", "norm2", "average")
    _SERIES = re.compile(r"^([\w-]+(?:\[\d+\])?)\.(minimum|maximum|norm1|norm2|average)?\.asc$")
    _DATASET = re.compile(r"([^:]+)::(\S+) it=(\d+) tl=(\d+)( m=0)?( rl=(\d+))?( c=(\d+))?$")

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_dir():
            raise RunError(f"{path}: there is no such folder")
        if not any((self.path / part).exists() for part in ("summary.json", "series", "fields")):
            raise RunError(f"{path}: not a run: it has neither summary.json nor series/ nor fields/")
        self.summary, self.options = {}, {}
        summary, options = self.path / "summary.json", self.path / "options.txt"
        if summary.exists():
            try:
                self.summary = json.loads(summary.read_text())
            except ValueError as error:
                raise RunError(f"{summary}: {error}") from None
        if options.exists():
            for line in options.read_text().splitlines():
                if line.startswith("-"):
                    name, _, value = line.partition(" ")
                    self.options[name] = value.strip()

    # ---- time series

    @staticmethod
    def _columns(path, text):
        """Column of the time, and columns of the values by name (None: the file's only one), from the header."""
        time, data, group = 1, 2, {}
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            if line.startswith(("# column format:", "# data columns:")):
                found = {name: int(n) - 1 for n, name in (c.split(":", 1) for c in line.split(":", 1)[1].split())}
                if line.startswith("# data"):
                    group = found
                else:
                    time, data = found["time"], found["data"]
        return time, group or {None: data}

    def _group_of(self, name):
        """The file that has a column of that name, and its text."""
        for path in sorted(self.path.glob("series/*..asc")):
            text = path.read_text()
            if name in self._columns(path, text)[1]:
                return path, text
        raise RunError(f"{self.path}: there is no series {name}")

    def series_names(self):
        """All time series as (name, kind), kind None for scalars."""
        names = []
        for path in sorted(self.path.glob("series/*.asc")):
            match = self._SERIES.match(path.name)
            if match:
                columns = {None: 0} if match[2] else self._columns(path, path.read_text())[1]
                names += [(match[1] if name is None else name, match[2]) for name in columns]
        return names

    def series(self, name, kind=None):
        """Times and values. Where a restart went over the same times again, the later entry counts."""
        path, column = self.path / "series" / f"{name}.{kind or ''}.asc", None
        rows = []
        try:
            text = path.read_text()
        except OSError:
            if kind:
                raise RunError(f"{path}: there is no such series") from None
            column = name
            path, text = self._group_of(name)
        time, columns = self._columns(path, text)
        if column not in columns:
            if name not in columns:
                raise RunError(f"{path}: it has the series {', '.join(map(str, columns))}, not {name}")
            column = name
        # a line without its end is still being written
        for line in text[: text.rfind("\n") + 1].splitlines():
            if not line or line.startswith("#"):
                continue
            word = line.split()
            try:
                rows.append((float(word[time]), float(word[columns[column]])))
            except (ValueError, IndexError):
                raise RunError(f"{path}: cannot read the line {line!r}") from None
        values = dict(rows)
        t = np.array(sorted(values))
        return t, np.array([values[s] for s in t])

    def table(self, file):
        """Any other table of series/, such as state_hash.txt: rows of words."""
        try:
            lines = (self.path / "series" / file).read_text().split("\n")[:-1]
        except OSError as error:
            raise RunError(f"{self.path / 'series' / file}: {error.strerror}") from None
        return [line.split() for line in lines if line and not line.startswith("#")]

    def timers(self, rank=0):
        """Seconds by names from the outside in, ("main", "Evolve", "AePassA"); empty if none were kept."""
        path, found = self.path / f"timertree.{rank}.xml", {}

        def enter(timer, names):
            names += (timer.get("name"),)
            found[names] = float(timer.text)
            for inner in timer:
                enter(inner, names)

        if path.exists():
            try:
                enter(ElementTree.parse(path).getroot(), ())
            except (ElementTree.ParseError, ValueError, TypeError) as error:
                raise RunError(f"{path}: {error}") from None
        return found

    # ---- fields

    @staticmethod
    def _open(path):
        import h5py

        try:
            return h5py.File(path, "r")
        except OSError as error:
            if not path.exists():
                raise RunError(f"{path}: there is no such file") from None
            raise RunError(f"{path}: cut short or no HDF5 file: {' '.join(str(error).split())}") from None

    def _folder(self, iteration):
        return self.path / "fields" / f"it{iteration:08d}"

    def _contents(self, form):
        """(iteration, name) of every field of that form, in any format."""
        for folder in sorted(self.path.glob("fields/it*")):
            if not folder.name[2:].isdigit():
                continue
            names = {f.name[: -len(f".{form}.h5")] for f in folder.glob(f"*.{form}.h5")}
            if form == "xyz":
                names |= set(self._all_in_one(folder / "fields.vtkhdf")) | set(self._all_in_one(folder / "fields.xdmf.h5"))
            yield from ((int(folder.name[2:]), name) for name in sorted(names))

    def _all_in_one(self, path):
        if not path.exists():
            return []
        with self._open(path) as file:
            group = file["VTKHDF/Level0/CellData"] if path.suffix == ".vtkhdf" else file
            return [name for name in group if hasattr(group[name], "shape")]

    def fields(self, form="xyz"):
        """Names of the fields that were written in that form."""
        return sorted({name for _, name in self._contents(form)})

    def iterations(self, name, form="xyz"):
        """The iterations at which a field was written."""
        return sorted(it for it, field in self._contents(form) if field == name)

    def field(self, name, iteration, form="xyz", source=None):
        """A Field. source: kuibit, vtkhdf or xdmf; without it the first of them that is there."""
        folder = self._folder(iteration)
        files = {"kuibit": folder / f"{name}.{form}.h5"}
        if form == "xyz":
            files |= {"vtkhdf": folder / "fields.vtkhdf", "xdmf": folder / "fields.xdmf.h5"}
        if source:
            if source not in files:
                raise RunError(f"{self.path}: {form} is not written as {source}")
            files = {source: files[source]}
        readers = {"kuibit": self._kuibit, "vtkhdf": self._vtkhdf, "xdmf": self._xdmf}
        for kind, path in files.items():
            if not path.exists():
                continue
            try:
                with self._open(path) as file:
                    found = readers[kind](file, name, iteration, form)
            except (OSError, KeyError, ValueError) as error:
                raise RunError(f"{path}: {' '.join(str(error).split())}") from None
            if found:
                return found
        raise RunError(f"{next(iter(files.values()))}: there is no field {name} on {form} at iteration {iteration}")

    def _kuibit(self, file, name, iteration, form):
        for key in file:
            match = self._DATASET.match(key)
            if match and match[2] == name and int(match[3]) == iteration:
                d = file[key]
                return Field(name, form, iteration, float(d.attrs["time"]), d.attrs["origin"][:], d.attrs["delta"][:], d[()], d.attrs.get("position"))
        return None

    @staticmethod
    def _vtkhdf(file, name, iteration, form):
        root, level = file["VTKHDF"], file["VTKHDF/Level0"]
        if name not in level["CellData"]:
            return None
        box, delta = level["AMRBox"][0], level.attrs["Spacing"][:]
        shape = (box[1::2] - box[::2] + 1)[::-1]
        origin = root.attrs["Origin"][:] + (box[::2] + 0.5) * delta
        return Field(name, form, iteration, float(file.attrs["time"]), origin, delta, level["CellData"][name][: np.prod(shape)].reshape(shape))

    @staticmethod
    def _xdmf(file, name, iteration, form):
        if name not in file:
            return None
        d = file[name]
        return Field(name, form, iteration, float(file.attrs["time"]), d.attrs["origin"][:], np.repeat(d.attrs["delta"], 3), d[()])

    def boxes(self, iteration, names=None):
        """The grid as yt.load_amr_grids wants it: one dict a box with edges, level, dimensions and the fields as [i, j, k]."""
        names = names or sorted({name for it, name in self._contents("xyz") if it == iteration})
        if not names:
            raise RunError(f"{self.path}: no fields at iteration {iteration}")
        fields = [self.field(name, iteration) for name in names]
        first = fields[0]
        dims = np.array(first.data.shape[::-1])
        left = first.origin - 0.5 * first.delta
        box = {"left_edge": left, "right_edge": left + dims * first.delta, "level": 0, "dimensions": dims}
        return [box | {f.name: (np.ascontiguousarray(f.data.T), "") for f in fields}], first.time

    def load_yt(self, iteration, names=None):
        """A yt data set; fields are called ("stream", name)."""
        import yt

        boxes, time = self.boxes(iteration, names)
        coarse = boxes[0]
        edges = np.array([coarse["left_edge"], coarse["right_edge"]]).T
        return yt.load_amr_grids(boxes, coarse["dimensions"], bbox=edges, sim_time=time, length_unit=1.0, periodicity=(False,) * 3)
