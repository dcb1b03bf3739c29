#!/usr/bin/env python3
"""Values of every term of the conformal formulations, to 25 digits, by another road than the program takes.

    oracle.py [--out tests/gr/oracle.csv]

Random smooth fields are given as third-order Taylor polynomials around a point and carried through truncated power
series arithmetic at 60 digits. The right-hand sides are not the conformal equations transcribed: they come from the
physical metric gamma_ij = gt_ij/chi, its full Christoffel symbols and Ricci tensor, and the ADM equations [1], by
the chain rule for chi = det(gamma)^(-1/3), gt = chi gamma, At = chi (K_ij - gamma_ij K/3); Gamma^i's from the time
derivative of -d_j gt^ij plus the multiples of the momentum constraint and of the constraint fields that BSSN [2] and
Z4c [3, 4] add. In both, Gamma^i without a derivative is the metric's own, and in the Ricci tensor d_j Gamma^i is
that of the evolved field.

[1] York 1979; [2] Baumgarte & Shapiro gr-qc/9810065, Bruegmann et al. gr-qc/0610128; [3] Bernuzzi & Hilditch
arXiv:0912.2920; [4] Hilditch et al. arXiv:1212.2901. K_ij = -(1/2 alpha)(d_t - L_beta) gamma_ij.

The file has lines "case,name,value": inputs (chi, chi.x, chi.xy, ...) and outputs (bssn.rhs.chi, z4c.H, ...).
"""
import argparse
import itertools
import random

from mpmath import mp, mpf, nstr

mp.dps = 60
ORDER = 3
MONOMIALS = [m for m in itertools.product(range(ORDER + 1), repeat=3) if sum(m) <= ORDER]
INDEX = {m: i for i, m in enumerate(MONOMIALS)}
PRODUCTS = [(i, j, INDEX[tuple(p + q for p, q in zip(a, b))])
            for i, a in enumerate(MONOMIALS) for j, b in enumerate(MONOMIALS) if sum(a) + sum(b) <= ORDER]
R3 = range(3)
SYM = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
XYZ = "xyz"


class Series:
    """A polynomial in (x, y, z) cut after total degree ORDER; derivatives lose one degree of validity."""

    def __init__(self, c):
        self.c = c

    @staticmethod
    def const(v):
        return Series([mpf(v)] + [mpf(0)] * (len(MONOMIALS) - 1))

    def __add__(self, o):
        o = o if isinstance(o, Series) else Series.const(o)
        return Series([a + b for a, b in zip(self.c, o.c)])

    __radd__ = __add__

    def __neg__(self):
        return Series([-a for a in self.c])

    def __sub__(self, o):
        return self + (-o if isinstance(o, Series) else -mpf(o))

    def __rsub__(self, o):
        return (-self) + o

    def __mul__(self, o):
        if not isinstance(o, Series):
            return Series([a * o for a in self.c])
        r = [mpf(0)] * len(MONOMIALS)
        for i, j, k in PRODUCTS:
            r[k] += self.c[i] * o.c[j]
        return Series(r)

    __rmul__ = __mul__

    def power(self, p):
        """self^p by the binomial series around the constant term."""
        a = self.c[0]
        u = (self - a) * (1 / a)
        total, term, coefficient = Series.const(1), Series.const(1), mpf(1)
        for n in range(1, ORDER + 1):
            coefficient *= (p - n + 1) / mpf(n)
            term = term * u
            total = total + term * coefficient
        return total * a**p

    def __truediv__(self, o):
        return self * (o.power(mpf(-1)) if isinstance(o, Series) else 1 / mpf(o))

    def d(self, axis):
        r = [mpf(0)] * len(MONOMIALS)
        for m, v in zip(MONOMIALS, self.c):
            if m[axis]:
                lower = tuple(e - (i == axis) for i, e in enumerate(m))
                r[INDEX[lower]] += m[axis] * v
        return Series(r)

    @property
    def v(self):
        return self.c[0]


def smooth(rng, value, size):
    """A random field of the given value at the point, its derivatives of order `size`."""
    return Series([mpf(value)] + [mpf(rng.uniform(-size, size)) for _ in MONOMIALS[1:]])


def inverse(g):
    c = [[g[(i + 1) % 3][(j + 1) % 3] * g[(i + 2) % 3][(j + 2) % 3] - g[(i + 1) % 3][(j + 2) % 3] * g[(i + 2) % 3][(j + 1) % 3] for j in R3] for i in R3]
    det = sum((g[0][j] * c[0][j] for j in R3), Series.const(0))
    return det, [[c[j][i] / det for j in R3] for i in R3]


def total(terms):
    return sum(terms, Series.const(0))


def full(sym):
    m = [[None] * 3 for _ in R3]
    for (i, j), s in zip(SYM, sym):
        m[i][j] = m[j][i] = s
    return m


def lie(beta, t):
    """Lie derivative of a covariant symmetric tensor."""
    return [[total(beta[k] * t[i][j].d(k) + t[k][j] * beta[k].d(i) + t[i][k] * beta[k].d(j) for k in R3) for j in R3] for i in R3]


def christoffel(g, gu):
    low = [[[(g[k][i].d(j) + g[k][j].d(i) - g[i][j].d(k)) / 2 for j in R3] for i in R3] for k in R3]
    return [[[total(gu[k][l] * low[l][i][j] for l in R3) for j in R3] for i in R3] for k in R3]


def fields(seed, strong):
    """The random state: gt of unit determinant and At without trace, as fields."""
    rng = random.Random(seed)
    e = 0.3 if strong else 0.05
    r = lambda v=0.0: smooth(rng, v + rng.uniform(-e, e), e)
    raw = full([r(1.0 if i == j else 0.0) for i, j in SYM])
    det, _ = inverse(raw)
    scale = det.power(mpf(-1) / 3)
    gt = [[raw[i][j] * scale for j in R3] for i in R3]
    _, gtu = inverse(gt)
    A = full([r() for _ in SYM])
    trace = total(gtu[i][j] * A[i][j] for i in R3 for j in R3)
    f = {"chi": smooth(rng, rng.uniform(0.3, 2.0) if strong else 1 + rng.uniform(-e, e), e), "gt": gt,
         "At": [[A[i][j] - gt[i][j] * trace / 3 for j in R3] for i in R3],
         "Khat": r(), "Gamt": [r() for _ in R3], "Theta": r(), "lapse": r(0.8), "shift": [r() for _ in R3], "B": [r() for _ in R3]}
    f.update({k: mpf(rng.uniform(0.1, 1.0)) for k in ("kappa1", "kappa2", "mu", "eta")})
    return f


def evaluate(f, z4c):
    """All outputs for one state; Theta and kappa1 are zero for bssn."""
    chi, gt, At, Khat, alpha, beta = f["chi"], f["gt"], f["At"], f["Khat"], f["lapse"], f["shift"]
    Theta = f["Theta"] if z4c else Series.const(0)
    kappa1, kappa2, mu, eta = f["kappa1"] if z4c else mpf(0), f["kappa2"], f["mu"], f["eta"]
    _, gtu = inverse(gt)
    K = Khat + 2 * Theta
    # physical metric, connection and curvature
    g = [[gt[i][j] / chi for j in R3] for i in R3]
    det, gu = inverse(g)
    Kij = [[At[i][j] / chi + g[i][j] * K / 3 for j in R3] for i in R3]
    G = christoffel(g, gu)
    R = [[total(G[k][i][j].d(k) - G[k][i][k].d(j) + total(G[k][k][l] * G[l][i][j] - G[k][j][l] * G[l][i][k] for l in R3) for k in R3) for j in R3] for i in R3]
    Rs = total(gu[i][j] * R[i][j] for i in R3 for j in R3)
    # constraint fields: Delta^i = Gamma^i - Gamma_d^i = 2 gt^ij Z_j
    Gamd = [-total(gtu[i][j].d(j) for j in R3) for i in R3]
    Delta = [f["Gamt"][i] - Gamd[i] for i in R3]
    RZ = [[R[i][j] + total(gt[k][i] * Delta[k].d(j) + gt[k][j] * Delta[k].d(i) for k in R3) / 2 for j in R3] for i in R3]
    RZs = total(gu[i][j] * RZ[i][j] for i in R3 for j in R3)
    # constraints
    Kud = [[total(gu[i][k] * Kij[k][j] for k in R3) for j in R3] for i in R3]
    KK = total(Kud[i][j] * Kud[j][i] for i in R3 for j in R3)
    H = Rs + K * K - KK
    DK = [[[Kij[i][j].d(k) - total(G[l][k][i] * Kij[l][j] + G[l][k][j] * Kij[i][l] for l in R3) for k in R3] for j in R3] for i in R3]
    M = [total(gu[j][k] * DK[i][j][k] for j in R3 for k in R3) - K.d(i) for i in R3]
    # ADM evolution
    DDa = [[alpha.d(i).d(j) - total(G[k][i][j] * alpha.d(k) for k in R3) for j in R3] for i in R3]
    lap = total(gu[i][j] * DDa[i][j] for i in R3 for j in R3)
    Lg, LK = lie(beta, g), lie(beta, Kij)
    dg = [[Lg[i][j] - 2 * alpha * Kij[i][j] for j in R3] for i in R3]
    dK = [[alpha * (RZ[i][j] + K * Kij[i][j] - 2 * total(Kij[i][k] * Kud[k][j] for k in R3)) - DDa[i][j] + LK[i][j] for j in R3] for i in R3]
    # chain rule
    dchi = -chi * total(gu[i][j] * dg[i][j] for i in R3 for j in R3) / 3
    dgt = [[dchi * g[i][j] + chi * dg[i][j] for j in R3] for i in R3]
    dgu = [[-total(gu[i][k] * gu[j][l] * dg[k][l] for k in R3 for l in R3) for j in R3] for i in R3]
    dtr = total(gu[i][j] * dK[i][j] + dgu[i][j] * Kij[i][j] for i in R3 for j in R3)
    dAt = [[dchi * (Kij[i][j] - g[i][j] * K / 3) + chi * (dK[i][j] - dg[i][j] * K / 3 - g[i][j] * dtr / 3) for j in R3] for i in R3]
    advect = lambda q: total(beta[k] * q.d(k) for k in R3)
    # K with the Hamiltonian constraint used for R; Theta; Gamma^i
    dKhat = alpha * KK - lap + alpha * Theta * (kappa1 * (1 - kappa2)) + advect(Khat)
    dTheta = alpha * (RZs + K * K - KK) / 2 - alpha * Theta * (kappa1 * (2 + kappa2)) + advect(Theta)
    dgtu = [[-total(gtu[i][k] * gtu[j][l] * dgt[k][l] for k in R3 for l in R3) for j in R3] for i in R3]
    dGam = [-total(dgtu[i][j].d(j) for j in R3) + 2 * alpha * total(gtu[i][j] * (M[j] + Theta.d(j)) for j in R3) + advect(Delta[i]) - 2 * kappa1 * alpha * Delta[i] for i in R3]
    # gauge
    Gamp = [chi * f["Gamt"][i] + total(gtu[i][j] * chi.d(j) for j in R3) / 2 for i in R3]
    B = f["B"]
    out = {"rhs.chi": dchi, "rhs.W": dchi / (2 * chi.power(mpf(1) / 2)), "rhs.Khat": dKhat, "H": H, "R": Rs,
           "rhs.lapse.harmonic": advect(alpha) - alpha * alpha * Khat, "rhs.lapse.harmonic.noadv": -alpha * alpha * Khat,
           "rhs.lapse.1+log": advect(alpha) - 2 * alpha * Khat, "rhs.lapse.1+log.noadv": -2 * alpha * Khat}
    if z4c:
        out["rhs.Theta"] = dTheta
    for i in R3:
        a = XYZ[i]
        driver = mu * f["Gamt"][i] - eta * beta[i]
        out[f"rhs.Gamt_{a}"] = dGam[i]
        out[f"M_{a}"] = M[i]
        out[f"rhs.shift.harmonic_{a}"] = advect(beta[i]) + alpha * alpha * Gamp[i] - alpha * total(gu[i][j] * alpha.d(j) for j in R3)
        out[f"rhs.shift.gamma_driver_{a}"], out[f"rhs.shift.gamma_driver_{a}.noadv"] = driver + advect(beta[i]), driver
        out[f"rhs.shift.gamma_driver_b_{a}"], out[f"rhs.shift.gamma_driver_b_{a}.noadv"] = mu * B[i] + advect(beta[i]), mu * B[i]
        out[f"rhs.B_{a}"] = dGam[i] - advect(f["Gamt"][i]) + advect(B[i]) - eta * B[i]
        out[f"rhs.B_{a}.noadv"] = dGam[i] - eta * B[i]
    for i, j in SYM:
        ab = XYZ[i] + XYZ[j]
        out.update({f"rhs.gt_{ab}": dgt[i][j], f"rhs.At_{ab}": dAt[i][j], f"R_{ab}": RZ[i][j], f"g_{ab}": g[i][j], f"K_{ab}": Kij[i][j]})
    return {k: s.v for k, s in out.items()}


def inputs(f):
    """Values and derivatives of the evolved fields."""
    scalars = {"chi": f["chi"], "Khat": f["Khat"], "Theta": f["Theta"], "lapse": f["lapse"]}
    for i in R3:
        scalars.update({f"Gamt_{XYZ[i]}": f["Gamt"][i], f"shift_{XYZ[i]}": f["shift"][i], f"B_{XYZ[i]}": f["B"][i]})
    for i, j in SYM:
        scalars.update({f"gt_{XYZ[i]}{XYZ[j]}": f["gt"][i][j], f"At_{XYZ[i]}{XYZ[j]}": f["At"][i][j]})
    for name, s in scalars.items():
        yield name, s.v
        for a in R3:
            yield f"{name}.{XYZ[a]}", s.d(a).v
        for a, b in SYM:
            yield f"{name}.{XYZ[a]}{XYZ[b]}", s.d(a).d(b).v
    for name in ("kappa1", "kappa2", "mu", "eta"):
        yield name, f[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="tests/gr/oracle.csv")
    with open(parser.parse_args().out, "w") as file:
        file.write("# written by scripts/oracle.py, which says how\ncase,name,value\n")
        for case, strong in enumerate((False, False, True, True)):
            f = fields(1000 + case, strong)
            rows = list(inputs(f))
            rows += [(f"{form}.{name}", v) for form in ("bssn", "z4c") for name, v in evaluate(f, form == "z4c").items()]
            for name, v in rows:
                file.write(f"{case},{name},{nstr(v, 25, strip_zeros=False)}\n")


if __name__ == "__main__":
    main()
