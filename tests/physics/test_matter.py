#!/usr/bin/env python3
"""A scalar field evolved: the homogeneous universe with a cosmological constant, and pulses on flat space, massless and massive."""
import math
import sys
from pathlib import Path

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import Evolution, below, check_order, finish, near
from scipy.interpolate import CubicSpline

# The homogeneous field has no differences: the error is that of classical RK4, order 4 in the time step.


def trace(t, Lambda):
    """K = -3 (da/dt)/a of a^3 ~ sinh(s), t, sin(s) with s = sqrt(3 |Lambda|) t"""
    w = math.sqrt(3 * abs(Lambda))
    return -w / math.tanh(w * t) if Lambda > 0 else -w / math.tan(w * t) if Lambda < 0 else -1 / t


def field(run, name):
    """name at the end of a run: values and the radius of each cell."""
    path = sorted(run.path.glob(f"fields/it*/{name}.xyz.h5"))[-1]
    with h5py.File(path) as file:
        d = next(v for k, v in file.items() if k.startswith("AEONIC"))
        z, y, x = (d.attrs["origin"][2 - a] + d.attrs["delta"][2 - a] * np.arange(d.shape[a]) for a in range(3))
        return d[()], np.sqrt(z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None, :] ** 2)


for form, Lambda in (("bssn", 0.1), ("z4c", -0.1), ("ccz4", 0.0), ("adm", 0.1)):
    what = f"homogeneous field, {form}, Lambda = {Lambda}"
    runs = [Evolution(gr_initial="frw_scalar", gr_formulation=form, gr_lambda=Lambda, grid_n="8,4,4", ts_dt=dt, ts_max_time=1.0, fields="K") for dt in (0.05, 0.025)]
    # the time integrals of K and Pi: their errors have one sign; those of K and Pi themselves pass through zero on the way
    for f in ("g_xx", "phi"):
        check_order([r.summary[f"error.l2.{f}"] for r in runs], 4, f"{what}, {f}")
    # it began at t0 = 1; the error in the summary is the distance from this formula, to roundings of K
    K = field(runs[1], "K")[0]
    distance = np.abs(K - trace(2.0, Lambda)).max()
    near(distance, runs[1].summary["error.linf.K"], 4e-15 * np.abs(K).max(), f"{what}: K = {K[0, 0, 0]:.9f}, and its error is the distance from the formula")
    # H = (2/3) K^2 - 16 pi rho - 2 Lambda: its error is (4/3) |K| that of K and that of 8 pi Pi^2, which are of one size
    below(runs[1].summary["constraint.H.linf"], 10 * np.abs(K).max() * distance + 1e-13, f"{what}: H within the error of K")


def exact(t, r, mass):
    """phi of exp(-r^2) at rest by its Fourier integral: k^2 sinc(kr) exp(-k^2/4) cos(omega t)/(2 sqrt pi)."""
    k = np.linspace(0, 14, 1401)
    radius = np.linspace(0, r.max() + 0.01, 1500)
    weight = k**2 * np.exp(-(k**2) / 4) * np.cos(np.sqrt(k**2 + mass**2) * t) / (2 * math.sqrt(math.pi)) * (k[1] - k[0])
    return CubicSpline(radius, np.sinc(np.outer(radius, k) / math.pi) @ weight)(r)


near(float(exact(1.0, np.zeros(1), 1.0)[0]), -0.529046412596257, 1e-9, "the integral against a value in multiple precision")
near(float(exact(2.0, np.ones(1), 1.0)[0]), -0.200384305977718, 1e-9, "and another")
near(float(exact(1.0, np.zeros(1), 0.0)[0]), -math.exp(-1), 1e-9, "and the massless wave in closed form: (1 - 2 t^2) exp(-t^2)")

A, t = 1e-5, 1.5
for form, mass in (("bssn", 0.0), ("z4c", 1.0)):
    errors = []
    for n in (14, 28):
        run = Evolution(gr_initial="scalar_pulse", gr_formulation=form, scalar_mass=mass, pulse_amplitude=A, grid_n=f"{n},{n},{n}", grid_half_width=4, grid_symmetry="octant", diss_sigma=0, fields="phi", ts_max_time=t)
        phi, r = field(run, "phi")
        inside = r < 4 - t  # what the boundary does to the pulse's tail has not come this far
        errors.append(np.sqrt(((phi / A - exact(t, r, mass))[inside] ** 2).mean()))
    check_order(errors, 4, f"pulse, {form}, mass {mass:g}: phi")
    # space is flat, whose H is -16 pi rho: rho < (|Pi|^2 + |grad phi|^2)/2 + m^2 phi^2/2 < 2 A^2 for this pulse
    below(run.summary["constraint.H.linf"], 16 * math.pi * 2 * A**2 + 1e-11, f"pulse, {form}, mass {mass:g}: H is the energy that does not bend space")
finish()
