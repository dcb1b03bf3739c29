#!/usr/bin/python3
"""Values of every term of the formulations, to 25 digits, by another road than the program takes.

    oracle.py [--out tests/gr/oracle.csv]
    oracle.py --check

Random smooth fields are given as third-order Taylor polynomials around a point and carried through truncated power
series arithmetic at 60 digits. The right-hand sides are not the conformal equations transcribed: they come from the
physical metric gamma_ij = gt_ij/chi, its full Christoffel symbols and Ricci tensor, and the ADM equations [1], by
the chain rule for chi = det(gamma)^(-1/3), gt = chi gamma, At = chi (K_ij - gamma_ij K/3); Gamma^i's from the time
derivative of -d_j gt^ij plus the multiples of the momentum constraint and of the constraint fields that BSSN [2] and
Z4c [3, 4] add. In both, Gamma^i without a derivative is the metric's own, and in the Ricci tensor d_j Gamma^i is
that of the evolved field.

CCZ4 [5, 6] comes in the same way from the 3+1 Z4 system with Gundlach's damping [7],
    R_ab + 2 D_(a Z_b) - kappa1 [n_a Z_b + n_b Z_a - (1 + kappa2) g_ab n^c Z_c] = 8 pi (T_ab - g_ab T/2),
n^a to the future, Z_a = Z_i + Theta n_a and Gamt^i = Gamma_d^i + 2 gt^ij Z_j; K (field Khat) is the physical trace and
moves as the trace of d_t K_ij. kappa1 goes with alpha (the replacement kappa1 -> kappa1/alpha of [6] is not made),
and kappa3 multiplies the shift terms of Z_i in d_t Gamt^i only. The same equations were compared with those of GRChombo.
adm is York's system for g_ij, K_ij of the same point (K = Khat), without constraints added.

<form>.matter.* has the sources of T_ab = phi_a phi_b - g_ab (phi_c phi^c + m^2 phi^2)/2 - g_ab Lambda/(8 pi), with
Pi = n^a d_a phi: full right-hand sides where they differ from the vacuum ones, and H, M_i with the sources.
matter.rho and S_ij include Lambda, matter.scalar.rho and S_ij do not. S_i = -gamma_i^a n^b T_ab.

[1] York 1979; [2] Baumgarte & Shapiro gr-qc/9810065, Bruegmann et al. gr-qc/0610128; [3] Bernuzzi & Hilditch
arXiv:0912.2920; [4] Hilditch et al. arXiv:1212.2901; [5] Alic et al. arXiv:1106.2254; [6] Alic et al.
arXiv:1307.7391; [7] Gundlach et al. gr-qc/0504114. K_ij = -(1/2 alpha)(d_t - L_beta) gamma_ij.

The file has lines "case,name,value": inputs (chi, chi.x, chi.xy, ...) and outputs (bssn.rhs.chi, z4c.H, ...).
--check puts the ccz4 right-hand sides into the four-dimensional equations above, compares the formulations without
constraint fields, and tries all of them on an exact cosmology; it prints the largest residuals.
"""
import argparse
import itertools
import random
from types import SimpleNamespace

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
FORMS = ("bssn", "z4c", "ccz4", "adm")


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


def trace(gu, t):
    return total(gu[i][j] * t[i][j] for i in R3 for j in R3)


def varied_inverse(gu, dg):
    """The change of the inverse metric with the metric."""
    mixed = [[total(gu[i][k] * dg[k][j] for k in R3) for j in R3] for i in R3]
    return [[-total(mixed[i][k] * gu[k][j] for k in R3) for j in R3] for i in R3]


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
    tr = trace(gtu, A)
    f = {"chi": smooth(rng, rng.uniform(0.3, 2.0) if strong else 1 + rng.uniform(-e, e), e), "gt": gt,
         "At": [[A[i][j] - gt[i][j] * tr / 3 for j in R3] for i in R3],
         "Khat": r(), "Gamt": [r() for _ in R3], "Theta": r(), "lapse": r(0.8), "shift": [r() for _ in R3], "B": [r() for _ in R3]}
    f.update({k: mpf(rng.uniform(0.1, 1.0)) for k in ("kappa1", "kappa2", "mu", "eta")})
    return f


def more_fields(f, seed, strong):
    """The scalar field and the parameters that came later, from their own random numbers."""
    rng = random.Random(seed)
    e = 0.3 if strong else 0.05
    f.update({k: smooth(rng, rng.uniform(-e, e), e) for k in ("phi", "Pi")})
    f.update({k: mpf(rng.uniform(0.1, 1.0)) for k in ("kappa3", "mass2", "Lambda")})
    return f


def geometry(f):
    """What depends on metric and lapse only: physical metric, connection, curvature and D_i D_j alpha."""
    q = SimpleNamespace()
    gt, chi, alpha = f["gt"], f["chi"], f["lapse"]
    _, q.gtu = inverse(gt)
    q.g = [[gt[i][j] / chi for j in R3] for i in R3]
    _, q.gu = inverse(q.g)
    q.G = G = christoffel(q.g, q.gu)
    q.R = [[total(G[k][i][j].d(k) - G[k][i][k].d(j) + total(G[k][k][l] * G[l][i][j] - G[k][j][l] * G[l][i][k] for l in R3) for k in R3) for j in R3] for i in R3]
    q.Rs = trace(q.gu, q.R)
    q.Gamd = [-total(q.gtu[i][j].d(j) for j in R3) for i in R3]
    q.DDa = [[alpha.d(i).d(j) - total(G[k][i][j] * alpha.d(k) for k in R3) for j in R3] for i in R3]
    q.Lg = lie(f["shift"], q.g)
    return q


def sources(f, q, Lambda):
    """rho, S_i and S_ij of the scalar field and the cosmological constant."""
    phi, Pi = f["phi"], f["Pi"]
    d = [phi.d(i) for i in R3]
    gradient = total(q.gu[i][j] * d[i] * d[j] for i in R3 for j in R3)
    V = phi * phi * (f["mass2"] / 2) + Lambda / (8 * mp.pi)
    p = (Pi * Pi - gradient) / 2 - V
    return (Pi * Pi + gradient) / 2 + V, [-Pi * d[i] for i in R3], [[d[i] * d[j] + q.g[i][j] * p for j in R3] for i in R3]


def evaluate(f, q, form, matter=False):
    """All outputs for one state as series; Theta and kappa1 are zero for bssn and adm."""
    chi, gt, At, Khat, alpha, beta = f["chi"], f["gt"], f["At"], f["Khat"], f["lapse"], f["shift"]
    g, gu, gtu, G, DDa = q.g, q.gu, q.gtu, q.G, q.DDa
    z4, zero = form in ("z4c", "ccz4"), Series.const(0)
    Theta = f["Theta"] if z4 else zero
    kappa1, kappa2, mu, eta = f["kappa1"] if z4 else mpf(0), f["kappa2"], f["mu"], f["eta"]
    advect = lambda t: total(beta[k] * t.d(k) for k in R3)
    K = Khat + 2 * Theta if form == "z4c" else Khat
    Kij = [[At[i][j] / chi + g[i][j] * K / 3 for j in R3] for i in R3]
    rho, Si, Sij = sources(f, q, f["Lambda"]) if matter else (zero, [zero] * 3, [[zero] * 3] * 3)
    S = trace(gu, Sij)
    # constraint fields: Delta^i = Gamma^i - Gamma_d^i = 2 gt^ij Z_j
    Delta = [f["Gamt"][i] - q.Gamd[i] for i in R3]
    if form == "ccz4":
        Z = [total(gt[j][k] * Delta[k] for k in R3) / 2 for j in R3]
        DZ = [[Z[j].d(i) - total(G[k][i][j] * Z[k] for k in R3) for j in R3] for i in R3]
        RZ = [[q.R[i][j] + DZ[i][j] + DZ[j][i] for j in R3] for i in R3]
    elif form == "adm":
        RZ = q.R
    else:
        RZ = [[q.R[i][j] + total(gt[k][i] * Delta[k].d(j) + gt[k][j] * Delta[k].d(i) for k in R3) / 2 for j in R3] for i in R3]
    RZs = trace(gu, RZ)
    # constraints
    Kud = [[total(gu[i][k] * Kij[k][j] for k in R3) for j in R3] for i in R3]
    KK = total(Kud[i][j] * Kud[j][i] for i in R3 for j in R3)
    H = q.Rs + K * K - KK - 16 * mp.pi * rho
    DK = [[[Kij[i][j].d(k) - total(G[l][k][i] * Kij[l][j] + G[l][k][j] * Kij[i][l] for l in R3) for k in R3] for j in R3] for i in R3]
    M = [total(gu[j][k] * DK[i][j][k] for j in R3 for k in R3) - K.d(i) - 8 * mp.pi * Si[i] for i in R3]
    # ADM evolution, for ccz4 with Theta
    lap = trace(gu, DDa)
    LK = lie(beta, Kij)
    dg = [[q.Lg[i][j] - 2 * alpha * Kij[i][j] for j in R3] for i in R3]
    Kz, damp = (K - 2 * Theta, Theta * (kappa1 * (1 + kappa2))) if form == "ccz4" else (K, zero)
    pressure = (S - rho) * (4 * mp.pi) - damp
    dK = [[alpha * (RZ[i][j] + Kz * Kij[i][j] - 2 * total(Kij[i][k] * Kud[k][j] for k in R3) + g[i][j] * pressure - 8 * mp.pi * Sij[i][j]) - DDa[i][j] + LK[i][j] for j in R3] for i in R3]
    # lapse, constraints and scalar field
    drive = Kz if form == "ccz4" else Khat
    out = {} if form == "adm" else dict.fromkeys(("rhs.chi", "rhs.W", "rhs.K" if form == "ccz4" else "rhs.Khat"))  # in the order of the file
    out.update({"H": H, "R": q.Rs,
                "rhs.lapse.harmonic": advect(alpha) - alpha * alpha * drive, "rhs.lapse.harmonic.noadv": -alpha * alpha * drive,
                "rhs.lapse.1+log": advect(alpha) - 2 * alpha * drive, "rhs.lapse.1+log.noadv": -2 * alpha * drive})
    if matter:
        phi, Pi = f["phi"], f["Pi"]
        wave = total(gu[i][j] * (phi.d(i).d(j) - total(G[k][i][j] * phi.d(k) for k in R3)) for i in R3 for j in R3)
        out["rhs.phi"] = alpha * Pi + advect(phi)
        out["rhs.Pi"] = advect(Pi) + alpha * (wave + K * Pi - phi * f["mass2"]) + total(gu[i][j] * alpha.d(i) * phi.d(j) for i in R3 for j in R3)
    if form == "adm":
        for i in R3:
            out[f"M_{XYZ[i]}"] = M[i]
            Gami = total(gu[j][k] * G[i][j][k] for j in R3 for k in R3)
            out[f"rhs.shift.harmonic_{XYZ[i]}"] = advect(beta[i]) + alpha * alpha * Gami - alpha * total(gu[i][j] * alpha.d(j) for j in R3)
        for i, j in SYM:
            out.update({f"rhs.g_{XYZ[i]}{XYZ[j]}": dg[i][j], f"rhs.K_{XYZ[i]}{XYZ[j]}": dK[i][j], f"R_{XYZ[i]}{XYZ[j]}": q.R[i][j]})
        return out
    # chain rule
    dchi = -chi * trace(gu, dg) / 3
    dgt = [[dchi * g[i][j] + chi * dg[i][j] for j in R3] for i in R3]
    dtr = trace(gu, dK) + trace(varied_inverse(gu, dg), Kij)
    dAt = [[dchi * (Kij[i][j] - g[i][j] * K / 3) + chi * (dK[i][j] - dg[i][j] * K / 3 - g[i][j] * dtr / 3) for j in R3] for i in R3]
    dgtu = varied_inverse(gtu, dgt)
    dGamd = [-total(dgtu[i][j].d(j) for j in R3) for i in R3]
    dTheta = alpha * (RZs + Kz * K - KK) / 2 - alpha * Theta * (kappa1 * (2 + kappa2)) - 8 * mp.pi * alpha * rho + advect(Theta)
    if form == "ccz4":  # the trace as it is; Theta and Z_i
        dTheta -= total(gu[i][j] * Z[i] * alpha.d(j) for i in R3 for j in R3)
        dZ = [alpha * (M[i] + Theta.d(i) - 2 * total(Kud[j][i] * Z[j] for j in R3) - Z[i] * kappa1) - Theta * alpha.d(i) + advect(Z[i]) + total(Z[k] * beta[k].d(i) for k in R3) for i in R3]
        bent = [total(gtu[i][j] * Z[j] * beta[k].d(k) * 2 / 3 - gtu[j][k] * Z[j] * beta[i].d(k) for j in R3 for k in R3) for i in R3]
        dGam = [dGamd[i] + 2 * total(dgtu[i][j] * Z[j] + gtu[i][j] * dZ[j] for j in R3) - bent[i] * (2 * (1 - f["kappa3"])) for i in R3]
        out["rhs.K"] = dtr
    else:  # K with the Hamiltonian constraint used for R; Gamma^i
        out["rhs.Khat"] = alpha * KK - lap + alpha * Theta * (kappa1 * (1 - kappa2)) + advect(Khat) + 4 * mp.pi * alpha * (rho + S)
        dGam = [dGamd[i] + 2 * alpha * total(gtu[i][j] * (M[j] + Theta.d(j)) for j in R3) + advect(Delta[i]) - 2 * kappa1 * alpha * Delta[i] for i in R3]
    if z4:
        out["rhs.Theta"] = dTheta
    out.update({"rhs.chi": dchi, "rhs.W": dchi / (2 * chi.power(mpf(1) / 2))})
    # shift
    Gamp = [chi * f["Gamt"][i] + total(gtu[i][j] * chi.d(j) for j in R3) / 2 for i in R3]
    B = f["B"]
    for i in R3:
        a = XYZ[i]
        driver = mu * f["Gamt"][i] - eta * beta[i]
        out[f"rhs.Gamt_{a}"], out[f"M_{a}"] = dGam[i], M[i]
        out[f"rhs.shift.harmonic_{a}"] = advect(beta[i]) + alpha * alpha * Gamp[i] - alpha * total(gu[i][j] * alpha.d(j) for j in R3)
        out[f"rhs.shift.gamma_driver_{a}"], out[f"rhs.shift.gamma_driver_{a}.noadv"] = driver + advect(beta[i]), driver
        out[f"rhs.shift.gamma_driver_b_{a}"], out[f"rhs.shift.gamma_driver_b_{a}.noadv"] = mu * B[i] + advect(beta[i]), mu * B[i]
        out[f"rhs.B_{a}"] = dGam[i] - advect(f["Gamt"][i]) + advect(B[i]) - eta * B[i]
        out[f"rhs.B_{a}.noadv"] = dGam[i] - eta * B[i]
    for i, j in SYM:
        ab = XYZ[i] + XYZ[j]
        out.update({f"rhs.gt_{ab}": dgt[i][j], f"rhs.At_{ab}": dAt[i][j], f"R_{ab}": RZ[i][j], f"g_{ab}": g[i][j], f"K_{ab}": Kij[i][j]})
    return out


def derivatives(scalars):
    for name, s in scalars.items():
        yield name, s.v
        for a in R3:
            yield f"{name}.{XYZ[a]}", s.d(a).v
        for a, b in SYM:
            yield f"{name}.{XYZ[a]}{XYZ[b]}", s.d(a).d(b).v


def inputs(f):
    """Values and derivatives of the evolved fields."""
    scalars = {"chi": f["chi"], "Khat": f["Khat"], "Theta": f["Theta"], "lapse": f["lapse"]}
    for i in R3:
        scalars.update({f"Gamt_{XYZ[i]}": f["Gamt"][i], f"shift_{XYZ[i]}": f["shift"][i], f"B_{XYZ[i]}": f["B"][i]})
    for i, j in SYM:
        scalars.update({f"gt_{XYZ[i]}{XYZ[j]}": f["gt"][i][j], f"At_{XYZ[i]}{XYZ[j]}": f["At"][i][j]})
    yield from derivatives(scalars)
    for name in ("kappa1", "kappa2", "mu", "eta"):
        yield name, f[name]


def more_inputs(f, q):
    """The scalar field, the later parameters, and metric and extrinsic curvature as adm has them."""
    scalars = {"phi": f["phi"], "Pi": f["Pi"]}
    scalars.update({f"adm.g_{XYZ[i]}{XYZ[j]}": q.g[i][j] for i, j in SYM})
    scalars.update({f"adm.K_{XYZ[i]}{XYZ[j]}": f["At"][i][j] / f["chi"] + q.g[i][j] * f["Khat"] / 3 for i, j in SYM})
    yield from derivatives(scalars)
    for name in ("kappa3", "mass2", "Lambda"):
        yield name, f[name]


def more_rows(f, q, vacuum):
    for form in ("ccz4", "adm"):
        vacuum[form] = evaluate(f, q, form)
        yield from ((f"{form}.{name}", s.v) for name, s in vacuum[form].items())
    for prefix, Lambda in (("matter.", f["Lambda"]), ("matter.scalar.", mpf(0))):
        rho, Si, Sij = sources(f, q, Lambda)
        yield f"{prefix}rho", rho.v
        yield from ((f"{prefix}S_{XYZ[i]}", Si[i].v) for i in R3)
        yield from ((f"{prefix}S_{XYZ[i]}{XYZ[j]}", Sij[i][j].v) for i, j in SYM)
    for form in FORMS:
        for name, s in evaluate(f, q, form, True).items():
            if name not in vacuum[form] or s.v != vacuum[form][name].v:
                yield f"{form}.matter.{name}", s.v


def tensor(out, name):
    return full([out[f"{name}_{XYZ[i]}{XYZ[j]}"] for i, j in SYM])


def physical(f, q, out, K):
    """d_t gamma_ij and d_t K_ij back from the conformal right-hand sides, K being the trace and out["K"] its rhs."""
    chi, dchi, dgt, dAt = f["chi"], out["rhs.chi"], tensor(out, "rhs.gt"), tensor(out, "rhs.At")
    dg = [[(dgt[i][j] - q.g[i][j] * dchi) / chi for j in R3] for i in R3]
    return dg, [[(dAt[i][j] - f["At"][i][j] * dchi / chi) / chi + (dg[i][j] * K + q.g[i][j] * out["K"]) / 3 for j in R3] for i in R3]


def check_spacetime(f):
    """Largest component of the Z4 equations and the wave equation in four dimensions, with the time derivatives of ccz4
    and any of lapse and shift; the second time derivatives of those drop out."""
    f = dict(f, kappa3=mpf(1))
    q, R4, eps = geometry(f), range(4), mpf(10)**-15
    out = evaluate(f, q, "ccz4", True)
    out["K"] = out["rhs.K"]
    alpha, beta, K, Theta, phi, dphi, chi = f["lapse"], f["shift"], f["Khat"], f["Theta"], f["phi"], out["rhs.phi"], f["chi"]
    da, db = f["B"][0], f["B"]
    dg, dK = physical(f, q, out, K)
    Kij, Lb, Lbd = tensor(out, "K"), lie(db, q.g), lie(beta, dg)
    ddg = [[Lb[i][j] + Lbd[i][j] - 2 * (da * Kij[i][j] + alpha * dK[i][j]) for j in R3] for i in R3]
    dgt = tensor(out, "rhs.gt")
    dgtu = varied_inverse(q.gtu, dgt)
    Delta = [f["Gamt"][i] - q.Gamd[i] for i in R3]
    dDelta = [out[f"rhs.Gamt_{XYZ[i]}"] + total(dgtu[i][j].d(j) for j in R3) for i in R3]
    Z = [total(f["gt"][i][j] * Delta[j] for j in R3) / 2 for i in R3]
    dZ = [total(dgt[i][j] * Delta[j] + f["gt"][i][j] * dDelta[j] for j in R3) / 2 for i in R3]
    Z4 = [total(beta[i] * Z[i] for i in R3) - alpha * Theta] + Z
    dZ4 = [total(db[i] * Z[i] + beta[i] * dZ[i] for i in R3) - da * Theta - alpha * out["rhs.Theta"]] + dZ

    def metric(t):
        a, b = alpha + da * t, [beta[i] + db[i] * t for i in R3]
        c = [[q.g[i][j] + dg[i][j] * t + ddg[i][j] * (t * t / 2) for j in R3] for i in R3]
        low, (_, cu), a2 = [total(c[i][j] * b[j] for j in R3) for i in R3], inverse(c), (a * a).power(mpf(-1))
        return ([[total(low[i] * b[i] for i in R3) - a * a] + low] + [[low[i]] + c[i] for i in R3],
                [[-a2] + [b[i] * a2 for i in R3]] + [[b[i] * a2] + [cu[i][j] - b[i] * b[j] * a2 for j in R3] for i in R3])

    (g, gu), (gp, up), (gm, um) = metric(mpf(0)), metric(eps), metric(-eps)
    g1 = [[(gp[a][b] - gm[a][b]) / (2 * eps) for b in R4] for a in R4]
    g2 = [[(gp[a][b] + gm[a][b] - 2 * g[a][b]) / (eps * eps) for b in R4] for a in R4]

    def connection(t, g, gu):
        d = [[[g1[a][b] + g2[a][b] * t if c == 0 else g[a][b].d(c - 1) for b in R4] for a in R4] for c in R4]
        low = [[[(d[a][c][b] + d[b][c][a] - d[c][a][b]) / 2 for b in R4] for a in R4] for c in R4]
        return [[[total(gu[c][e] * low[e][a][b] for e in R4) for b in R4] for a in R4] for c in R4]

    C, Cp, Cm = connection(mpf(0), g, gu), connection(eps, gp, up), connection(-eps, gm, um)
    dC = lambda e, c, a, b: (Cp[c][a][b] - Cm[c][a][b]) / (2 * eps) if e == 0 else C[c][a][b].d(e - 1)
    p = [dphi] + [phi.d(i) for i in R3]
    ddphi = da * f["Pi"] + alpha * out["rhs.Pi"] + total(db[i] * phi.d(i) + beta[i] * dphi.d(i) for i in R3)
    X = total(gu[a][b] * p[a] * p[b] for a in R4 for b in R4)
    V = phi * phi * (f["mass2"] / 2)
    T = [[p[a] * p[b] - g[a][b] * (X / 2 + V + f["Lambda"] / (8 * mp.pi)) for b in R4] for a in R4]
    Ts = total(gu[a][b] * T[a][b] for a in R4 for b in R4)
    n = [-alpha] + [Series.const(0)] * 3
    DZ = [[(dZ4[b] if a == 0 else Z4[b].d(a - 1)) - total(C[c][a][b] * Z4[c] for c in R4) for b in R4] for a in R4]
    wave = [[(ddphi if a + b == 0 else dphi.d(a + b - 1) if a * b == 0 else phi.d(a - 1).d(b - 1)) - total(C[c][a][b] * p[c] for c in R4) for b in R4] for a in R4]
    worst = abs((total(gu[a][b] * wave[a][b] for a in R4 for b in R4) - phi * f["mass2"]).v)
    for a, b in itertools.product(R4, R4):
        R = total(dC(c, c, a, b) - dC(b, c, a, c) + total(C[c][c][e] * C[e][a][b] - C[c][b][e] * C[e][a][c] for e in R4) for c in R4)
        damping = (n[a] * Z4[b] + n[b] * Z4[a] + g[a][b] * Theta * (1 + f["kappa2"])) * f["kappa1"]
        worst = max(worst, abs((R + DZ[a][b] + DZ[b][a] - damping - 8 * mp.pi * (T[a][b] - g[a][b] * Ts / 2)).v))
    return worst


def check_forms(f):
    """Without Theta and Z_i: d_t gamma_ij is the same in all; d_t K_ij of ccz4 is adm's, of bssn that less
    alpha H gamma_ij/3; d_t Gamt of ccz4, z4c and bssn agree, d_t Theta = alpha H/2 and d_t (Khat + 2 Theta) = d_t K."""
    q = geometry(f)
    f = dict(f, Theta=Series.const(0), Gamt=q.Gamd)
    worst = mpf(0)
    for matter in (False, True):
        o = {form: evaluate(f, q, form, matter) for form in FORMS}
        alphaH = f["lapse"] * o["adm"]["H"]
        o["bssn"]["K"], o["ccz4"]["K"], o["z4c"]["K"] = o["bssn"]["rhs.Khat"], o["ccz4"]["rhs.K"], o["z4c"]["rhs.Khat"] + 2 * o["z4c"]["rhs.Theta"]
        dg, dK = tensor(o["adm"], "rhs.g"), tensor(o["adm"], "rhs.K")
        gaps = [o["ccz4"]["rhs.Theta"] - alphaH / 2, o["z4c"]["rhs.Theta"] - alphaH / 2]
        for form, missing in (("ccz4", 0), ("z4c", 0), ("bssn", 1)):
            eg, eK = physical(f, q, o[form], f["Khat"])
            gaps += [eg[i][j] - dg[i][j] for i, j in SYM] + [eK[i][j] - dK[i][j] + alphaH * q.g[i][j] * mpf(missing) / 3 for i, j in SYM]
            same = [f"rhs.shift.harmonic_{a}" for a in XYZ] + ["rhs.lapse.1+log", "H"] + [f"M_{a}" for a in XYZ] + ["rhs.phi", "rhs.Pi"] * matter
            gaps += [o[form][k] - o["adm"][k] for k in same] + [o[form][f"rhs.Gamt_{a}"] - o["bssn"][f"rhs.Gamt_{a}"] for a in XYZ]
        worst = max([worst] + [abs(x.v) for x in gaps])
    return worst


def check_cosmology():
    """Massless field and Lambda: s = sqrt(3 Lambda) t, a^3 = sinh s, phi = ln tanh(s/2)/sqrt(12 pi)."""
    const, L, s = Series.const, mpf("0.7"), mpf("1.3")
    w, sh, coth = mp.sqrt(3 * L), mp.sinh(s), 1 / mp.tanh(s)
    delta = lambda v: [[const(v if i == j else 0) for j in R3] for i in R3]
    f = {"chi": const(sh**(mpf(-2) / 3)), "gt": delta(1), "At": delta(0), "Khat": const(-w * coth), "Theta": const(0), "lapse": const(1), "phi": const(mp.log(mp.tanh(s / 2)) / mp.sqrt(12 * mp.pi)),
         "Pi": const(w / sh / mp.sqrt(12 * mp.pi)), "mass2": mpf(0), "Lambda": L}
    f.update({k: [const(0)] * 3 for k in ("Gamt", "shift", "B")})
    f.update({k: mpf("0.3") for k in ("kappa1", "kappa2", "kappa3", "mu", "eta")})
    q, worst, chi, dK = geometry(f), mpf(0), f["chi"].v, w * w / sh**2
    exact = {"rhs.chi": -2 * w * coth * chi / 3, "rhs.Khat": dK, "rhs.K": dK, "rhs.phi": f["Pi"].v, "rhs.Pi": -f["Pi"].v * w * coth}
    a2, h = 1 / chi, w * coth / 3  # K_ij = -a a' delta_ij
    exact.update({f"rhs.g_{d}": 2 * h * a2 for d in ("xx", "yy", "zz")})
    exact.update({f"rhs.K_{d}": dK * a2 / 3 - 2 * h * h * a2 for d in ("xx", "yy", "zz")})
    for form in FORMS:
        for name, v in evaluate(f, q, form, True).items():
            if name in exact or name in ("H", "rhs.Theta") or name.startswith(("rhs.At", "rhs.gt", "rhs.Gamt", "rhs.g_", "rhs.K_", "M_")):
                worst = max(worst, abs(v.v - exact.get(name, 0)))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="tests/gr/oracle.csv")
    parser.add_argument("--check", action="store_true", help="print residuals of consistency checks, write nothing")
    args = parser.parse_args()
    states = [more_fields(fields(1000 + case, strong), 2000 + case, strong) for case, strong in enumerate((False, False, True, True))]
    if args.check:
        for name, r in (("four dimensions", max(map(check_spacetime, states))), ("formulations", max(map(check_forms, states))), ("cosmology", check_cosmology())):
            print(f"{name:16s} {nstr(r, 3)}")
            assert r < mpf(10)**-25, name
        return
    rows, later = [], []
    for case, f in enumerate(states):
        q = geometry(f)
        vacuum = {form: evaluate(f, q, form) for form in ("bssn", "z4c")}
        rows += [(case, *r) for r in inputs(f)] + [(case, f"{form}.{k}", vacuum[form][k].v) for form in vacuum for k in vacuum[form]]
        later += [(case, *r) for part in (more_inputs(f, q), more_rows(f, q, vacuum)) for r in part]
    with open(args.out, "w") as file:
        file.write("# written by scripts/oracle.py, which says how\ncase,name,value\n")
        for case, name, v in rows + later:
            file.write(f"{case},{name},{nstr(v, 25, strip_zeros=False)}\n")


if __name__ == "__main__":
    main()
