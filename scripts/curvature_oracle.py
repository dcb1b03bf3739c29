#!/usr/bin/python3
"""Values for tests/gr/test_curvature.c: E_ij and B_ij of Kerr-Schild slices, invariants of a static scalar field.

From four dimensions: the Riemann tensor of the metric by central differences in 80 digits (step 1e-20: error 1e-40), then
E_ab = C_acbd n^c n^d and B_ab = (1/2) eps_ac^de C_debf n^c n^f for the unit normal n. No 3+1 formula is used.
The static scalar field is that of Janis, Newman & Winicour, Phys. Rev. Lett. 20 (1968) 878.
"""
from itertools import product

from mpmath import mp, mpf, matrix, sqrt, inverse, det, log, pi

mp.dps = 80
M, A = mpf(1), mpf("0.7")
H = mpf(10) ** -20
POINTS = [("1.5", "-2.25", "1.75"), ("-3", "0.5", "-1.25"), ("0.75", "2", "3")]


def metric(x):
    """g_mn = eta_mn + 2 H l_m l_n (Kerr 1963; Cook, Living Rev. Relativity 3 (2000) 5)."""
    t, X, Y, Z = x
    b = (X * X + Y * Y + Z * Z - A * A) / 2
    r = sqrt(b + sqrt(b * b + A * A * Z * Z))
    h = 2 * M * r**3 / (r**4 + A * A * Z * Z)
    l = [mpf(1), (r * X + A * Y) / (r * r + A * A), (r * Y - A * X) / (r * r + A * A), Z / r]
    eta = [-1, 1, 1, 1]
    return [[(eta[m] if m == n else 0) + h * l[m] * l[n] for n in range(4)] for m in range(4)]


def static_scalar(x):
    """-F^c dt^2 + F^-c dr^2 + r^2 F^(1-c) dOmega^2, F = 1 - 1/r, c = 1/2, with phi = sqrt((1 - c^2)/(16 pi)) ln F."""
    r = sqrt(x[1] ** 2 + x[2] ** 2 + x[3] ** 2)
    F, c = 1 - 1 / r, mpf(1) / 2
    g = [[mpf(0)] * 4 for _ in range(4)]
    g[0][0] = -(F**c)
    for a, b in product(range(3), repeat=2):
        n = x[1 + a] * x[1 + b] / r**2
        g[1 + a][1 + b] = F**-c * n + F ** (1 - c) * ((a == b) - n)
    return g


def curvature(metric, x):
    def shifted(x, *moves):
        y = list(x)
        for axis, step in moves:
            y[axis] += step * H
        return metric(y)

    g = metric(x)
    gu = inverse(matrix(g))
    d = [[[mpf(0)] * 4 for _ in range(4)] for _ in range(4)]  # d[c][a][b]
    dd = [[None] * 4 for _ in range(4)]
    for c in range(4):
        p, m = shifted(x, (c, 1)), shifted(x, (c, -1))
        for a, b in product(range(4), repeat=2):
            d[c][a][b] = (p[a][b] - m[a][b]) / (2 * H)
    for c, e in product(range(4), repeat=2):
        if c == e:
            p, m = shifted(x, (c, 1)), shifted(x, (c, -1))
            dd[c][e] = [[(p[a][b] - 2 * g[a][b] + m[a][b]) / H**2 for b in range(4)] for a in range(4)]
        else:
            pp, pm, mp_, mm = (shifted(x, (c, s), (e, t)) for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1)))
            dd[c][e] = [[(pp[a][b] - pm[a][b] - mp_[a][b] + mm[a][b]) / (4 * H * H) for b in range(4)] for a in range(4)]
    gam = [[[(d[b][c][a] + d[a][c][b] - d[c][a][b]) / 2 for b in range(4)] for a in range(4)] for c in range(4)]  # lower
    R = {}
    for a, b, c, e in product(range(4), repeat=4):
        v = (dd[b][c][a][e] + dd[a][e][b][c] - dd[a][c][b][e] - dd[b][e][a][c]) / 2
        for m, n in product(range(4), repeat=2):
            v += gu[m, n] * (gam[m][b][c] * gam[n][a][e] - gam[m][b][e] * gam[n][a][c])
        R[a, b, c, e] = v
    return g, gu, R


def sign(p):
    s = 1
    for i, j in product(range(4), repeat=2):
        if i < j and p[i] > p[j]:
            s = -s
    return s if len(set(p)) == 4 else 0


def main():
    print("# x y z  E_xx E_xy E_xz E_yy E_yz E_zz  B_xx ... B_zz   (M = 1, a = 0.7; scripts/curvature_oracle.py)")
    for point in POINTS:
        x = [mpf(0)] + [mpf(p) for p in point]
        g, gu, R = curvature(metric, x)
        ricci = max(abs(sum(gu[a, c] * R[a, b, c, e] for a in range(4) for c in range(4))) for b in range(4) for e in range(4))
        assert ricci < mpf(10) ** -30, ricci  # vacuum: the Riemann tensor is the Weyl tensor
        alpha = 1 / sqrt(-gu[0, 0])
        n = [-alpha * gu[0, a] for a in range(4)]
        root = sqrt(-det(matrix(g)))
        E = [[sum(R[a, c, b, e] * n[c] * n[e] for c in range(4) for e in range(4)) for b in range(1, 4)] for a in range(1, 4)]
        # eps_ac^de = root [acmn] g^md g^ne
        up = {}
        for m, k, b, f in product(range(4), repeat=4):
            up[m, k, b, f] = sum(gu[m, d] * gu[k, e] * R[d, e, b, f] for d in range(4) for e in range(4))
        B = [[sum(root * sign((a, c, m, k)) * up[m, k, b, f] * n[c] * n[f] for c, m, k, f in product(range(4), repeat=4)) / 2 for b in range(1, 4)] for a in range(1, 4)]
        pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
        print(" ".join(point), *(mp.nstr(E[a][b], 20) for a, b in pairs), *(mp.nstr(B[a][b], 20) for a, b in pairs))
    print("# x y z  R_abcd R^abcd  R   (Janis-Newman-Winicour, b = 1, c = 1/2)")
    for point in POINTS:
        x = [mpf(0)] + [mpf(p) for p in point]
        g, gu, R = curvature(static_scalar, x)
        ricci = [[sum(gu[a, c] * R[a, b, c, e] for a in range(4) for c in range(4)) for e in range(4)] for b in range(4)]
        r = sqrt(x[1] ** 2 + x[2] ** 2 + x[3] ** 2)
        slope = sqrt(mpf(3) / 4 / (16 * pi)) / (r * (r - 1))  # d phi/dr
        for a, b in product(range(3), repeat=2):  # R_ab = 8 pi d_a phi d_b phi
            assert abs(ricci[1 + a][1 + b] - 8 * pi * slope**2 * x[1 + a] * x[1 + b] / r**2) < mpf(10) ** -30
        first = {}
        for m, k, b, f in product(range(4), repeat=4):
            first[m, k, b, f] = sum(gu[m, d] * gu[k, e] * R[d, e, b, f] for d in range(4) for e in range(4))
        square = sum(first[m, k, b, f] * first[b, f, m, k] for m, k, b, f in product(range(4), repeat=4))
        print(" ".join(point), mp.nstr(square, 20), mp.nstr(sum(gu[b, e] * ricci[b][e] for b in range(4) for e in range(4)), 20))


if __name__ == "__main__":
    main()
