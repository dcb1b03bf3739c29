"""A list of short runs that together touch every datum, formulation, order, boundary, gauge and stepper, and how to make one.

hash_table.py compares the bits of two binaries on it, test_norms.py the norms of this machine's with norms.csv."""
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ENV = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
       "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_mpi_yield_when_idle": "1"}
COMMON = {"gr": "-progress none -fields none -fft_rigor estimate -checkpoint_every 1000000", "ns": "-progress none -fft_rigor estimate -checkpoint_every 1000000"}


@dataclass
class Run:
    name: str
    options: str
    steps: int = 3
    command: str = "gr"
    ranks: int = 1
    restart: int = 0  # the step at which it is stopped and continued; 0: never
    warm: bool = False  # iterative solves start from stored ones: their norms are compared, not their bits
    before: str = ""  # options of a run that writes the fields this one reads, "{before}" in its options


def _data():
    cubes = {"minkowski", "noise", "teukolsky", "brill", "schwarzschild", "trumpet", "kerr_schild", "kerr_qi", "brill_lindquist", "scalar_pulse", "punctures"}
    for name in ("minkowski noise linear_wave gauge_wave shifted_gauge_wave gowdy_expanding gowdy_collapsing teukolsky brill schwarzschild trumpet"
                 " kerr_schild kerr_qi brill_lindquist frw_scalar scalar_pulse punctures").split():
        yield Run(f"datum {name}", f"-gr_initial {name} -grid_n {'14,14,14' if name in cubes else '24,8,8'}")
    fields = ",".join(f"{t}_{c}" for t in ("gt", "At") for c in "xx xy xz yy yz zz".split()) + ",chi,K,lapse," + ",".join(f"{v}_{c}" for v in ("Gamt", "shift") for c in "xyz")
    yield Run("datum file", "-gr_initial file -file_folder {before}", before=f"-gr_initial shifted_gauge_wave -gw_amplitude 0.2 -grid_n 16,8,8 -fields {fields}")


def _equations():
    for form in ("bssn", "z4c", "ccz4", "adm"):
        pulse = f"-gr_formulation {form} -gr_initial teukolsky -teukolsky_amplitude 1e-3 -grid_half_width 3"
        for order in (2, 4, 6, 8):
            yield Run(f"{form} order {order} octant", f"{pulse} -fd_order {order} -grid_n 12,12,12 -grid_symmetry octant")
            yield Run(f"{form} order {order} full", f"{pulse} -fd_order {order} -grid_n 14,14,14")
            yield Run(f"{form} order {order} matter", f"-gr_formulation {form} -gr_initial scalar_pulse -scalar_mass 0.5 -gr_lambda 0.02 -fd_order {order} -grid_n 12,12,12")
        yield Run(f"{form} frozen", f"-gr_formulation {form} -gr_initial kerr_schild -hole_spin 0.5 -hole_centre 0.1,0,-0.2 -gr_excise_radius 0.9 -grid_half_width 2.5 -grid_n 18,18,18")
        yield Run(f"{form} frozen matter order 6", f"-gr_formulation {form} -gr_initial scalar_pulse -gr_excise_radius 0.7 -grid_half_width 3 -grid_n 14,12,12 -fd_order 6")
        yield Run(f"{form} exact boundary", f"-gr_formulation {form} -gr_initial gauge_wave -gw_amplitude 0.1 -grid_boundary exact -grid_n 20,9,10")
        yield Run(f"{form} reflecting", f"{pulse} -grid_boundary reflecting -grid_n 12,12,12")
        yield Run(f"{form} spectral", f"-gr_formulation {form} -gr_initial gauge_wave -gw_amplitude 0.05 -gr_perturb 1e-4 -fd_order spectral -grid_n 18,8,8")
        yield Run(f"{form} spectral Lambda 2 ranks", f"-gr_formulation {form} -gr_initial noise -gr_lambda 0.1 -fd_order spectral -grid_n 12,8,9", ranks=2)
        yield Run(f"{form} maximal slicing", f"{pulse} -gr_gauge_lapse maximal -grid_n 12,12,12", steps=2, warm=True)
        yield Run(f"{form} clean-up", f"{pulse} -gr_perturb 1e-5 -grid_n 12,12,12 -cleanup_every 2", steps=4, warm=True)


def _gauges():
    hole = "-gr_initial trumpet -grid_half_width 4 -grid_n 14,14,14"
    yield Run("W", f"{hole} -gr_conformal w -gr_formulation z4c")
    yield Run("W matter", "-gr_conformal w -gr_formulation ccz4 -gr_initial scalar_pulse -diss_curvature -grid_n 12,12,12")
    yield Run("adm matter curvature-aware", "-gr_formulation adm -gr_initial scalar_pulse -diss_curvature -grid_n 12,12,12")
    yield Run("driver with B", f"{hole} -gr_gauge_shift gamma_driver_b -gr_shift_eta_radius 2 -gr_formulation z4c")
    yield Run("driver without advection", f"{hole} -gr_gauge_shift gamma_driver_b -gr_shift_advect false -gr_lapse_advect false")
    yield Run("slow start", f"{hole} -gr_lapse_slow_start 0.6 -diss_curvature -diss_sigma 0.3 -diss_sigma_gauge 0.1")
    yield Run("harmonic", "-gr_initial kerr_schild -gr_gauge_lapse harmonic -gr_gauge_shift harmonic -grid_n 14,14,14")
    yield Run("harmonic adm", "-gr_initial gauge_wave -gr_formulation adm -gr_gauge_lapse harmonic -gr_gauge_shift harmonic -grid_n 24,8,8")
    yield Run("given", "-gr_initial shifted_gauge_wave -gr_gauge_lapse exact -gr_gauge_shift exact -gr_formulation z4c -grid_boundary exact -grid_n 24,8,8")
    yield Run("precollapsed, zero shift", "-gr_initial brill_lindquist -gr_lapse_initial psi-2 -gr_gauge_shift zero -grid_n 14,14,14")
    yield Run("geodesic, bitant", "-gr_initial kerr_qi -gr_gauge_lapse geodesic -grid_symmetry bitant -grid_n 14,14,14")
    yield Run("minimal distortion", "-gr_initial teukolsky -gr_gauge_lapse maximal -gr_gauge_shift minimal_distortion -grid_n 12,12,12", steps=2, warm=True)


RAILS = "-rails_H_max 4e-4 -rails_drill 3,1e-3 -rails_hold 2 -rails_control_steps 3 -rails_control 0.3 -rails_caps_every 3"


def _running():
    wave = "-gr_initial gauge_wave -grid_n 16,8,8"
    noisy = f"{wave} -gr_perturb 1e-3 -loom_watch K,lapse,H -loom_every 2"
    for ranks in (1, 2, 3):
        yield Run(f"rails {ranks} ranks", f"{wave} {RAILS}", steps=10, ranks=ranks)
        yield Run(f"rails restarted {ranks} ranks", f"{wave} {RAILS}", steps=10, ranks=ranks, restart=5)
        yield Run(f"loom {ranks} ranks", noisy, steps=8, ranks=ranks)
        yield Run(f"loom restarted {ranks} ranks", noisy, steps=8, ranks=ranks, restart=3)
        yield Run(f"frozen {ranks} ranks", "-gr_initial kerr_schild -gr_excise_radius 0.9 -grid_half_width 2.5 -grid_n 16,17,18", ranks=ranks)
        yield Run(f"octant {ranks} ranks", "-gr_initial schwarzschild -gr_formulation z4c -grid_symmetry octant -grid_n 10,11,12", ranks=ranks)
        yield Run(f"exact boundary {ranks} ranks", "-gr_initial shifted_gauge_wave -gr_formulation ccz4 -grid_boundary exact -grid_n 16,8,8", ranks=ranks)
    yield Run("no rails", f"{wave} -ts_adapt_type none")
    yield Run("no rails restarted", f"{wave} -ts_adapt_type none", steps=4, restart=2)
    yield Run("TSRK 4dense", f"{wave} -ts_type rk -ts_rk_type 4dense")
    yield Run("TSRK 5dp rails", f"{wave} -ts_type rk -ts_rk_type 5dp")
    yield Run("spectral restarted", f"{wave} -fd_order spectral", steps=4, restart=2)
    yield Run("diagnostics", "-gr_initial brill_lindquist -grid_n 14,14,14 -diag_radii 3,4 -diag_volume")


def _ns():
    flow = "-ns_initial random -grid_n 16,12,10 -ns_scalar random"
    for stepper in ("rk", "etdrk4", "octaves"):
        yield Run(f"ns {stepper}", f"{flow} -ts_dt 0.01 -ts_type {stepper}", command="ns")
        yield Run(f"ns {stepper} 2 ranks", f"{flow} -ts_dt 0.01 -ts_type {stepper} -ns_dealias 3/2", command="ns", ranks=2)
        yield Run(f"ns {stepper} Courant", f"{flow} -ts_type {stepper} -ns_cfl 0.4 -ns_forcing kolmogorov -ns_forcing_amplitude 1", command="ns", steps=4)
        yield Run(f"ns {stepper} restarted", f"{flow} -ts_dt 0.01 -ts_type {stepper}", command="ns", steps=6, restart=3)
    yield Run("ns taylor_green", "-grid_n 16,16,16 -ts_dt 0.02", command="ns")
    yield Run("ns abc", "-ns_initial abc -ns_forcing abc -ns_mean_flow 0.1,0.2,0 -grid_n 12,12,12 -ts_dt 0.02", command="ns")


RUNS = [*_data(), *_equations(), *_gauges(), *_running(), *_ns()]


class Failed(Exception):
    pass


def _once(binary, run, folder, *more):
    words = [*COMMON[run.command].split(), *run.options.format(before=f"{folder}/before/fields/it00000000").split(), "-out", f"{folder}/run", *more]
    mpi = ["mpiexec", "-n", str(run.ranks)] if run.ranks > 1 else []
    done = subprocess.run([*mpi, binary, run.command, *words], capture_output=True, text=True, env={**ENV, "TMPDIR": folder})
    if done.returncode:
        raise Failed(f"{run.name}: exit {done.returncode} of {run.command} {' '.join(words)}: {done.stderr.strip()[-500:]}")


def make(binary, run, folder):
    """The run by that binary in an empty folder: its summary."""
    if run.before:
        subprocess.run([binary, "gr", "-progress", "none", "-ts_max_steps", "0", "-out", f"{folder}/before", *run.before.split()], capture_output=True, env=ENV)
    if run.restart:
        _once(binary, run, folder, "-ts_max_steps", str(run.restart))
    _once(binary, run, folder, "-ts_max_steps", str(run.steps), *(["-restart"] if run.restart else []))
    return json.loads(Path(folder, "run/summary.json").read_text())


def temporary():
    return tempfile.TemporaryDirectory(prefix="aeonic-runs-")
