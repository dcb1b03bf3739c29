#!/usr/bin/env python3
"""aeonic elliptic: orders of convergence, iteration counts, contraction against local Fourier analysis, ranks, fallback, Newton."""
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import LONG, Run, finish, matrix, ok, observed_order
import lfa


def run(n, *options, ranks=1, status=0):
    """the summary's elliptic.* keys, by solver"""
    sizes = n if isinstance(n, str) else f"{n},{n},{n}"
    done = Run("elliptic", "-grid_n", sizes, "-ell_repeats", "0", *options, ranks=ranks, status=(status,))
    rows = {}
    for key, value in done.summary.items():
        if key.startswith("elliptic."):
            _, label, name = key.split(".", 2)
            rows.setdefault(label, {})[name] = value
    return rows


def history(row):
    return [row[f"history.{i}"] for i in range(len(row)) if f"history.{i}" in row]


def orders():
    """Observed order between 24 and 32 cells. Stencils alone (periodic, reflecting): within 0.1 of p, the next term of the error being
    (k h)^2 of it. One-sided closures may have an error of higher order that is still larger here: p - 0.1 at least."""
    setting = ";".join(f"o{p}:-ell_order {p} -ell_ksp_rtol 1e-12 -ell_snes_rtol 1e-12" for p in (2, 4, 6))
    cases = [(p, b) for p in ("poisson", "helmholtz") for b in ("periodic", "dirichlet", "neumann", "robin", "reflect")]
    cases += [("vector", "dirichlet"), ("vector", "reflect"), ("hamiltonian", "robin"), ("lapse", "periodic"), ("lapse", "robin"), ("shift", "reflect"), ("shift", "dirichlet")]
    for problem, boundary in matrix(cases, 0, 8, 11, 12, 16):
        rows = [run(n, "-ell_problem", problem, "-ell_boundary", boundary, "-ell_compare", setting) for n in (24, 32)]
        for p in (2, 4, 6):
            e = [r[f"o{p}"]["error_l2"] for r in rows]
            order = observed_order(*e, 32 / 24)
            good = rows[1][f"o{p}"]["converged"] and order >= p - 0.1 and (boundary not in ("periodic", "reflect") or order <= p + 0.1)
            ok(good, f"order {p}: {problem}, {boundary}", f"{order:.3f}")


def iterations():
    """Cycles to 1e-10 do not depend on the size; nine at most."""
    sizes = (32, 64, 96) + ((256,) if LONG else ())
    its = [run(n, "-ell_repeats", "1", "-ell_compare", "cycle")["cycle"]["iterations"] for n in sizes]
    ok(max(its) <= 9, "at most 9 cycles to 1e-10", str(its))
    ok(max(its) - min(its) <= 1, f"cycles from 32 to {sizes[-1]} cells constant within 1", str(its))
    row = run("33,27,45", "-ell_compare", "cycle")["cycle"]
    ok(row["converged"] and row["iterations"] <= its[0] + 4, "odd sizes coarsen", str(row["iterations"]))
    row = run("33,27,45", "-ell_boundary", "periodic", "-ell_compare", "cycle")["cycle"]
    ok(row["converged"] and row["iterations"] <= its[0] + 6, "odd periodic sizes coarsen", str(row["iterations"]))


def contraction():
    """Two grids, periodic: the asymptotic ratio of residuals within 10 % of the analysis of the same operators on the same frequencies."""
    cases = ((1, 1, "redblack", "average", 1), (2, 1, "redblack", "average", 1), (2, 2, "redblack", "average", 1), (1, 1, "redblack", "adjoint", 1), (2, 2, "redblack", "adjoint", 1), (1, 1, "redblack", "average", 1.07), (2, 2, "redblack", "average", 1.15), (1, 1, "jacobi", "average", 1), (2, 2, "chebyshev", "average", 1))
    for pre, post, smoother, restriction, relax in matrix(cases, 0, 3, 6, 8):
        kind = f"-ell_pc_mg_levels 2 -ell_mg_pre {pre} -ell_mg_post {post} -ell_mg_smoother {smoother} -ell_mg_restriction {restriction} -ell_mg_omega {relax} -ell_ksp_rtol 1e-13"
        row = run(16, "-ell_boundary", "periodic", "-ell_repeats", "1", "-ell_compare", "two:" + kind)["two"]
        h = history(row)
        seen = (h[-1] / h[-6]) ** (1 / 5)
        # consecutive cycles smooth the finest level in one go: for Chebyshev one polynomial of the two degrees' sum
        expected = lfa.two_grid(16, pre + post, 0, smoother, "cell", restriction) if smoother == "chebyshev" else lfa.two_grid(16, pre, post, smoother, "cell", restriction, relax=relax)
        ok(abs(seen - expected) <= 0.1 * expected, f"two-grid contraction, {smoother} ({pre},{post}) x {relax}, {restriction}", f"{seen:.4f}, analysis {expected:.4f}")


def ranks():
    """The same solution on any number of ranks to the solver's tolerance: errors against the exact one agree."""
    cases = (("-ell_problem", "poisson"), ("-ell_problem", "poisson", "-ell_boundary", "periodic"), ("-ell_problem", "helmholtz", "-ell_boundary", "robin", "-ell_order", "4"),
                    ("-ell_problem", "shift", "-ell_boundary", "reflect"), ("-ell_problem", "hamiltonian", "-ell_boundary", "robin"), ("-ell_problem", "hamiltonian", "-ell_snes_type", "fas"))
    for options in matrix(cases, 2, 5):
        rows = [run("24,20,40", *options, "-ell_compare", "s:-ell_ksp_rtol 1e-11", ranks=n) for n in matrix((1, 2, 3), 0, 1)]
        e = [r["s"]["error_l2"] for r in rows]
        its = [r["s"]["iterations"] for r in rows]
        ok(max(e) - min(e) <= 1e-6 * max(e) and all(r["s"]["converged"] for r in rows), "1 to 3 ranks agree: " + " ".join(options[1:]), f"{e} {its}")
    # a finest level so small that every rank holds all of it, with the fields of the nonlinearity
    e = [run("24,8,8", "-ell_problem", "hamiltonian", "-ell_order", "4", "-ell_compare", "s:-ell_ksp_rtol 1e-11", ranks=n) for n in (1, 2)]
    ok(abs(e[0]["s"]["error_l2"] - e[1]["s"]["error_l2"]) <= 1e-6 * e[0]["s"]["error_l2"], "a nonlinear problem on a grid that ranks do not divide")


def fallback():
    hard = ("-ell_problem", "lapse", "-ell_jump", "1e6")
    row = run(16, *hard, "-ell_fallback")["solve"]
    ok(row["converged"] and row["fallbacks"] >= 1, "a coefficient jump of 1e6: multigrid stalls, the fallback converges", f"{row['fallbacks']} {row['pc']}")
    row = run(16, *hard, "-ell_ksp_max_it", "5", status=2)
    ok(not row["solve"]["converged"] and len(history(row["solve"])) == 6, "without it: exit 2, the history in the summary")


def newton():
    """Quadratic convergence of Newton shows the Jacobian exact; FAS ends at the same solution."""
    rows = run(24, "-ell_problem", "hamiltonian", "-ell_boundary", "robin", "-ell_compare",
               "newton:-ell_ksp_rtol 1e-12 -ell_snes_ksp_ew 0;inexact:-ell_snes_rtol 1e-12;fas:-ell_snes_type fas -ell_snes_rtol 1e-12")
    h = history(rows["newton"])
    order = math.log(h[3] / h[2]) / math.log(h[2] / h[1])
    ok(rows["newton"]["newton"] <= 6 and order >= 1.8, "Newton converges quadratically", f"order {order:.2f} {[f'{x:.1e}' for x in h]}")
    e = [rows[s]["error_l2"] for s in ("newton", "inexact", "fas")]
    ok(max(e) - min(e) <= 1e-7 * max(e), "inexact Newton and FAS end at the same solution", str(e))
    # on five levels the first cycle of FAS leaves the range of the nonlinearity; order 4: defect correction
    row = run(64, "-ell_problem", "hamiltonian", "-ell_compare", "fas:-ell_snes_type fas -ell_snes_rtol 1e-10")["fas"]
    ok(row["converged"] and row["iterations"] <= 12, "FAS recovers where a cycle leaves the nonlinearity's range", str(row["iterations"]))
    rows = run(24, "-ell_problem", "hamiltonian", "-ell_order", "4", "-ell_compare", "newton:-ell_snes_rtol 1e-12;fas:-ell_snes_type fas -ell_snes_rtol 1e-12")
    e = [rows[s]["error_l2"] for s in ("newton", "fas")]
    ok(rows["fas"]["converged"] and max(e) - min(e) <= 1e-7 * max(e), "FAS at order 4", f"{e} {rows['fas']['iterations']}")


def rails():
    """A solve with a rail stops at a tenth of it, of a right-hand side whose rms is above 10. Newton's last steps square the residual: a rail that they do not jump over."""
    for problem, rail in (("poisson", 1e-3), ("hamiltonian", 1.0)):
        rows = run(24, "-ell_problem", problem, "-ell_compare", f"full:;rail:-ell_rail {rail};given:-ell_rail {rail} -ell_ksp_rtol 1e-10 -ell_snes_rtol 1e-10")
        its = [rows[s]["iterations"] for s in ("rail", "given", "full")]
        ok(rows["rail"]["converged"] and rows["rail"]["residual"] <= 0.1 * rail / 10 and its[0] < its[1], f"{problem}: a rail ends the solve, a tolerance of the user's goes before it", f"{rows['rail']['residual']:.1e} {its}")


def reproducible():
    """The same bits of the solution on 1, 2 and 3 ranks: cycles always, Krylov methods and Newton with exact sums, which do no harm to the solution."""
    cases = [("cycle",), ("cycle", "-ell_order", "6", "-ell_boundary", "periodic"), ("fmg", "-ell_order", "4"), ("gmres", "-ell_problem", "shift", "-ell_boundary", "reflect", "-ell_reproducible"), ("cg", "-ell_boundary", "periodic", "-ell_reproducible"),
             ("chebyshev", "-ell_boundary", "periodic", "-ell_reproducible"), ("bcgs", "-ell_order", "4", "-ell_reproducible"), ("cycle", "-ell_problem", "hamiltonian", "-ell_boundary", "robin", "-ell_reproducible")]
    for solver, *options in matrix(cases, 1, 3):
        rows = [run("24,20,40", "-ell_compare", solver, *options, ranks=n) for n in matrix((1, 2, 3), 0, 1)]
        hashes = [r[solver]["hash"] for r in rows]
        ok(len(set(hashes)) == 1, f"the same bits on 1 to 3 ranks: {solver} {' '.join(options)}", str([h[:8] for h in hashes]))
    a, b = (run(16, "-ell_compare", "gmres", "-ell_ksp_rtol", "1e-12", *o)["gmres"] for o in ((), ("-ell_reproducible",)))
    ok(abs(a["error_l2"] - b["error_l2"]) <= 1e-8 * a["error_l2"] and a["iterations"] == b["iterations"], "exact sums change rounding only", f"{a['error_l2']} {b['error_l2']}")


def single():
    """Cycles in fp32: the contraction is the double's, and what rounding there adds, 1e-7 of each correction, is taken off by the next cycle."""
    cases = (("-ell_problem", "poisson"), ("-ell_problem", "helmholtz", "-ell_boundary", "robin", "-ell_order", "4"), ("-ell_problem", "poisson", "-ell_boundary", "periodic", "-ell_order", "6"), ("-ell_problem", "hamiltonian", "-ell_order", "4"))
    for options in matrix(cases, 2, 3):
        rows = [run("24,21,40", *options, "-ell_compare", f"d:;s:-ell_mg_precision single", ranks=n) for n in (1, 2)]
        a, b, c = rows[0]["d"], rows[0]["s"], rows[1]["s"]
        ok(b["converged"] and abs(a["iterations"] - b["iterations"]) <= 1 and abs(a["error_l2"] - b["error_l2"]) <= 1e-6 * a["error_l2"], "single precision inside: " + " ".join(options[1:]), f"{a['iterations']} {b['iterations']} {a['error_l2']:.6e} {b['error_l2']:.6e}")
        ok(b["hash"] == c["hash"], "... the same bits on 2 ranks")


def full():
    """One full multigrid: the algebraic error below that of the discretisation, so the whole within twice it."""
    cases = [(2, "poisson", "dirichlet", 32, 1), (4, "poisson", "dirichlet", 36, 1), (4, "poisson", "neumann", 32, 1), (4, "poisson", "robin", 32, 2), (4, "helmholtz", "periodic", 34, 2), (6, "helmholtz", "dirichlet", 36, 1), (4, "lapse", "robin", 24, 1)]
    for order, problem, boundary, n, ranks in matrix(cases, 0, 3, 5):
        rows = run(n, "-ell_problem", problem, "-ell_boundary", boundary, "-ell_order", str(order), "-ell_compare", "cycle;fmg", ranks=ranks)
        fmg, cycle = (rows[s]["error_l2"] for s in ("fmg", "cycle"))
        ok(fmg <= 2 * cycle, f"full multigrid reaches discretisation accuracy: order {order}, {problem}, {boundary}", f"{fmg:.2e} {cycle:.2e}")


for part in orders, iterations, contraction, ranks, fallback, newton, rails, reproducible, single, full:
    part()
finish()
