#!/usr/bin/env python3
"""Quasinormal frequencies M omega of Schwarzschild by Leaver's continued fraction in 40 digits: writes qnm.csv, which test_qnm.py reads.

Leaver, Proc. R. Soc. A 402, 285 (1985), Eqs. (4)-(9) and (13); 2M = 1, rho = -i omega, e = s^2 - 1:
  alpha_k = k^2 + (2 rho + 2) k + 2 rho + 1,  beta_k = -(2 k^2 + (8 rho + 2) k + 8 rho^2 + 4 rho + l(l+1) - e),
  gamma_k = k^2 + 4 rho k + 4 rho^2 - e - 1;   0 = beta_n - ... inverted n times
The depth of the fraction is doubled until 25 digits stand.
"""
from mpmath import findroot, mp, mpc, mpf, nstr

mp.dps = 40
GUESS = {(2, 2, 0): (0.374, -0.089), (2, 2, 1): (0.347, -0.274), (2, 3, 0): (0.599, -0.093), (2, 3, 1): (0.583, -0.281), (2, 4, 0): (0.809, -0.094), (1, 1, 0): (0.248, -0.092), (0, 0, 0): (0.110, -0.105), (0, 1, 0): (0.293, -0.098)}


def fraction(s, l, n, depth):
    def f(omega):  # M omega -> 2M = 1
        rho, e = -1j * omega * 2, s * s - 1
        alpha = lambda k: k * k + (2 * rho + 2) * k + 2 * rho + 1
        beta = lambda k: -(2 * k * k + (8 * rho + 2) * k + 8 * rho * rho + 4 * rho + l * (l + 1) - e)
        gamma = lambda k: k * k + 4 * rho * k + 4 * rho * rho - e - 1
        right = mpc(0)
        for k in range(depth, n, -1):
            right = gamma(k) / (beta(k) - alpha(k) * right)
        left = mpc(0)
        for k in range(0, n):
            left = alpha(k) / (beta(k) - gamma(k) * left)
        return beta(n) - gamma(n) * left - alpha(n) * right

    return f


def mode(s, l, n):
    omega, depth = mpc(*GUESS[s, l, n]), 200
    while True:
        better = findroot(fraction(s, l, n, depth), omega)
        if abs(better - omega) < mpf(10) ** -25:
            return better
        omega, depth = better, 2 * depth


if __name__ == "__main__":
    from pathlib import Path

    rows = [f"{s},{l},{n},{nstr(w.real, 20)},{nstr(w.imag, 20)}" for s, l, n in GUESS for w in [mode(s, l, n)]]
    Path(__file__).with_name("qnm.csv").write_text("# written by qnm.py: Leaver's continued fraction\nspin,l,n,re,im\n" + "\n".join(rows) + "\n")
