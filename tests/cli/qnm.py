#!/usr/bin/env python3
"""Quasinormal frequencies M omega by Leaver's continued fractions in 40 digits: writes qnm.csv (Schwarzschild) and qnm_kerr.csv, which test_qnm.py reads.

Leaver, Proc. R. Soc. A 402, 285 (1985), Eqs. (4)-(9) and (13); 2M = 1, rho = -i omega, e = s^2 - 1:
  alpha_k = k^2 + (2 rho + 2) k + 2 rho + 1,  beta_k = -(2 k^2 + (8 rho + 2) k + 8 rho^2 + 4 rho + l(l+1) - e),
  gamma_k = k^2 + 4 rho k + 4 rho^2 - e - 1;   0 = beta_n - ... inverted n times
Kerr: Eqs. (18)-(21) and (23)-(27), the angular fraction solved for A_lm within the radial one.
The depth of the fraction is doubled until 25 digits stand.
"""
from mpmath import findroot, mp, mpc, mpf, nstr

mp.dps = 40
GUESS = {(2, 2, 0): (0.374, -0.089), (2, 2, 1): (0.347, -0.274), (2, 3, 0): (0.599, -0.093), (2, 3, 1): (0.583, -0.281), (2, 4, 0): (0.809, -0.094), (1, 1, 0): (0.248, -0.092), (0, 0, 0): (0.110, -0.105), (0, 1, 0): (0.293, -0.098)}


def fractions(alpha, beta, gamma, n, depth):
    right = mpc(0)
    for k in range(depth, n, -1):
        right = gamma(k) / (beta(k) - alpha(k) * right)
    left = mpc(0)
    for k in range(0, n):
        left = alpha(k) / (beta(k) - gamma(k) * left)
    return beta(n) - gamma(n) * left - alpha(n) * right


def fraction(s, l, n, depth):
    def f(omega):  # M omega -> 2M = 1
        rho, e = -1j * omega * 2, s * s - 1
        alpha = lambda k: k * k + (2 * rho + 2) * k + 2 * rho + 1
        beta = lambda k: -(2 * k * k + (8 * rho + 2) * k + 8 * rho * rho + 4 * rho + l * (l + 1) - e)
        gamma = lambda k: k * k + 4 * rho * k + 4 * rho * rho - e - 1
        return fractions(alpha, beta, gamma, n, depth)

    return f


def mode(s, l, n):
    omega, depth = mpc(*GUESS[s, l, n]), 200
    while True:
        better = findroot(fraction(s, l, n, depth), omega)
        if abs(better - omega) < mpf(10) ** -25:
            return better
        omega, depth = better, 2 * depth


# a/M, spin, l, m, n: a guess of M omega and of A_lm
KERR = {(0.5, 2, 2, 2, 0): (0.464, -0.0856), (0.9, 2, 2, 2, 0): (0.6716, -0.0649), (0.5, 2, 2, 2, 1): (0.447, -0.260), (0.5, 2, 2, -2, 0): (0.320, -0.087), (0.7, 2, 3, 1, 0): (0.66, -0.09), (0.6, 1, 1, 1, 0): (0.30, -0.089), (0.8, 0, 2, 0, 0): (0.5, -0.093)}


def kerr(a, s, l, m, n, depth):
    """f(omega, A) = (radial, angular); 2M = 1, s = -spin"""
    a = mpf(str(a)) / 2
    b = mp.sqrt(1 - 4 * a * a)
    k1, k2 = mpf(abs(m - s)) / 2, mpf(abs(m + s)) / 2

    def f(omega, A):
        w = 2 * omega
        x = w / 2 - a * m
        c0 = 1 - s - 1j * w - 2j / b * x
        c1 = -4 + 2j * w * (2 + b) + 4j / b * x
        c2 = s + 3 - 3j * w - 2j / b * x
        c3 = w * w * (4 + 2 * b - a * a) - 2 * a * m * w - s - 1 + (2 + b) * 1j * w - A + (4 * w + 2j) / b * x
        c4 = s + 1 - 2 * w * w - (2 * s + 3) * 1j * w - (4 * w + 2j) / b * x
        radial = fractions(lambda k: k * k + (c0 + 1) * k + c0, lambda k: -2 * k * k + (c1 + 2) * k + c3, lambda k: k * k + (c2 - 3) * k + c4 - c2 + 2, n, depth)
        c = a * w
        angular = fractions(
            lambda p: -2 * (p + 1) * (p + 2 * k1 + 1),
            lambda p: p * (p - 1) + 2 * p * (k1 + k2 + 1 - 2 * c) - (2 * c * (2 * k1 + s + 1) - (k1 + k2) * (k1 + k2 + 1)) - (c * c + s * (s + 1) + A),
            lambda p: 2 * c * (p + k1 + k2 + s),
            l - max(abs(m), abs(s)),
            60,
        )
        return radial, angular

    return f


def kerr_mode(a, spin, l, m, n):
    s = -spin
    omega, depth = mpc(*KERR[a, spin, l, m, n]), 200
    A = l * (l + 1) - s * (s + 1) - 2 * mpf(str(a)) * omega * mpf(m * s * s) / (l * (l + 1))  # first order in a omega
    while True:
        better, A = findroot(kerr(a, s, l, m, n, depth), (omega, A))
        if abs(better - omega) < mpf(10) ** -25:
            return better
        omega, depth = better, 2 * depth


if __name__ == "__main__":
    from pathlib import Path

    rows = [f"{s},{l},{n},{nstr(w.real, 20)},{nstr(w.imag, 20)}" for s, l, n in GUESS for w in [mode(s, l, n)]]
    Path(__file__).with_name("qnm.csv").write_text("# written by qnm.py: Leaver's continued fraction\nspin,l,n,re,im\n" + "\n".join(rows) + "\n")
    rows = [f"{a},{s},{l},{m},{n},{nstr(w.real, 20)},{nstr(w.imag, 20)}" for a, s, l, m, n in KERR for w in [kerr_mode(a, s, l, m, n)]]
    Path(__file__).with_name("qnm_kerr.csv").write_text("# written by qnm.py: Leaver's continued fractions\na,spin,l,m,n,re,im\n" + "\n".join(rows) + "\n")
