"""Read what a run of Aeonic left behind, with numpy and h5py only.

    from aeonic import Run
    run = Run("out/gr-gauge_wave")
    run.summary["constraint.H.l2"]
    t, H = run.series("H", "norm2")          # series/H.norm2.asc
    t, m = run.series("M_adm")               # series/M_adm..asc
    f = run.field("chi", run.iterations("chi")[-1])
    f.data[k, j, i], f.x[i], f.y[j], f.z[k], f.time
"""

import json
import re
from pathlib import Path

import numpy as np


class RunError(Exception):
    """A folder or file that is not what it should be; the message is one line for the user."""


class Field:
    """One 3-D field: data[k, j, i] at x[i], y[j], z[k]."""

    def __init__(self, name, iteration, time, origin, delta, data):
        self.name, self.iteration, self.time = name, iteration, time
        self.origin, self.delta, self.data = origin, delta, data
        self.x, self.y, self.z = (origin[a] + delta[a] * np.arange(data.shape[2 - a]) for a in range(3))

    def cut(self):
        """Along the longest axis through the middle of the others: letter of the axis, coordinate, values."""
        axis = int(np.argmax(self.data.shape[::-1]))
        index = [n // 2 for n in self.data.shape]
        index[2 - axis] = slice(None)
        return "xyz"[axis], (self.x, self.y, self.z)[axis], self.data[tuple(index)]


class Run:
    """A run's folder. summary: the keys of summary.json, empty while the run goes on."""

    KINDS = ("minimum", "maximum", "norm1", "norm2", "average")
    _SERIES = re.compile(r"^(\w+(?:\[\d+\])?)\.(minimum|maximum|norm1|norm2|average)?\.asc$")
    _DATASET = re.compile(r"([^:]+)::(\S+) it=(\d+) tl=(\d+)( m=0)?( rl=(\d+))?( c=(\d+))?$")

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_dir():
            raise RunError(f"{path}: there is no such folder")
        if not any((self.path / part).exists() for part in ("summary.json", "series", "fields")):
            raise RunError(f"{path}: not a run: it has neither summary.json nor series/ nor fields/")
        self.summary = {}
        summary = self.path / "summary.json"
        if summary.exists():
            try:
                self.summary = json.loads(summary.read_text())
            except ValueError as error:
                raise RunError(f"{summary}: {error}") from None

    def series_names(self):
        """All time series as (name, kind), kind None for scalars."""
        found = (self._SERIES.match(f.name) for f in sorted(self.path.glob("series/*.asc")))
        return [m.groups() for m in found if m]

    def series(self, name, kind=None):
        """Times and values. Where a restart went over the same times again, the later entry counts."""
        path = self.path / "series" / f"{name}.{kind or ''}.asc"
        column_t, column_v = 1, 2
        rows = []
        try:
            text = path.read_text()
        except OSError:
            raise RunError(f"{path}: there is no such series") from None
        # a line without its end is still being written
        for line in text[: text.rfind("\n") + 1].splitlines():
            if line.startswith("# column format:"):
                columns = dict(reversed(c.split(":")) for c in line.split(":", 1)[1].split())
                column_t, column_v = int(columns["time"]) - 1, int(columns["data"]) - 1
            elif line and not line.startswith("#"):
                word = line.split()
                try:
                    rows.append((float(word[column_t]), float(word[column_v])))
                except (ValueError, IndexError):
                    raise RunError(f"{path}: cannot read the line {line!r}") from None
        values = dict(rows)
        t = np.array(sorted(values))
        return t, np.array([values[s] for s in t])

    def _files(self):
        for path in sorted(self.path.glob("fields/it*/*.xyz.h5")):
            if path.parent.name[2:].isdigit():
                yield int(path.parent.name[2:]), path.name[: -len(".xyz.h5")], path

    def fields(self):
        """Names of the 3-D fields."""
        return sorted({name for _, name, _ in self._files()})

    def iterations(self, name):
        """The iterations at which a field was written."""
        return sorted(it for it, field, _ in self._files() if field == name)

    def field(self, name, iteration):
        import h5py

        path = self.path / "fields" / f"it{iteration:08d}" / f"{name}.xyz.h5"
        if not path.exists():
            raise RunError(f"{path}: there is no field {name} at iteration {iteration}")
        try:
            with h5py.File(path, "r") as file:
                for key in file:
                    match = self._DATASET.match(key)
                    if match and match[2] == name and int(match[3]) == iteration:
                        d = file[key]
                        return Field(name, iteration, float(d.attrs["time"]), d.attrs["origin"][:], d.attrs["delta"][:], d[()])
        except (OSError, KeyError) as error:
            raise RunError(f"{path}: {error}") from None
        raise RunError(f"{path}: no dataset of {name} at iteration {iteration} in it")
