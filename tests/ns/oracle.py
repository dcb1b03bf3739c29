#!/usr/bin/python3
"""taylor_green_32.csv: Taylor-Green flow at Re = 100 cut to waves |j_d| <= 10, by a program that shares nothing with src/ns: numpy's
whole transforms, the convective form, the classical RK4 without an integrating factor,
dt = 0.02 and 0.01 extrapolated (their difference, the error's size, is a column)."""
import numpy as np

K, POINTS, NU = 10, 32, 0.01
wave = np.concatenate([np.arange(0, K + 1), np.arange(-K, 0)]).astype(float)
M = 2 * K + 1
kx, ky, kz = np.meshgrid(wave, wave, wave, indexing="ij")
k = np.array([kx, ky, kz])
k2 = (k**2).sum(0)
q = np.where(k2 > 0, k2, 1)
keep = np.r_[0 : K + 1, POINTS - K : POINTS]


def to_points(c):
    full = np.zeros((POINTS,) * 3, complex)
    full[np.ix_(keep, keep, keep)] = c
    return np.fft.ifftn(full).real * POINTS**3


def to_modes(u):
    return np.fft.fftn(u)[np.ix_(keep, keep, keep)] / POINTS**3


def rate(c):
    u = np.array([to_points(c[d]) for d in range(3)])
    n = np.array([to_modes(-sum(u[e] * to_points(1j * k[e] * c[d]) for e in range(3))) for d in range(3)])
    n -= k * (k * n).sum(0) / q
    return n - NU * k2 * c


def run(dt, times):
    x = 2 * np.pi * np.arange(POINTS) / POINTS
    x, y, z = np.meshgrid(x, x, x, indexing="ij")
    u = [np.sin(x) * np.cos(y) * np.cos(z), -np.cos(x) * np.sin(y) * np.cos(z), 0 * x]
    c = np.array([to_modes(v) for v in u])
    out, step = [], 0
    for t in times:
        while step < round(t / dt):
            a = rate(c)
            b = rate(c + dt / 2 * a)
            d = rate(c + dt / 2 * b)
            e = rate(c + dt * d)
            c = c + dt / 6 * (a + 2 * b + 2 * d + e)
            step += 1
        energy = (np.abs(c) ** 2).sum() / 2
        enstrophy = (k2 * (np.abs(c) ** 2).sum(0)).sum() / 2
        ux = to_points(1j * kx * c[0]), to_points(1j * ky * c[1]), to_points(1j * kz * c[2])
        skewness = -np.mean([np.mean(g**3) for g in ux]) / np.mean([np.mean(g**2) for g in ux]) ** 1.5
        out.append([energy, enstrophy, skewness])
    return np.array(out)


def main():
    times = [0.5, 1, 2, 3]
    coarse, fine = run(0.02, times), run(0.01, times)
    best = fine + (fine - coarse) / 15
    print("t,energy,enstrophy,skewness,error_energy,error_enstrophy")
    for t, row, error in zip(times, best, np.abs(fine - coarse)):
        print(f"{t},{row[0]:.15e},{row[1]:.15e},{row[2]:.12e},{error[0]:.1e},{error[1]:.1e}")


if __name__ == "__main__":
    main()
