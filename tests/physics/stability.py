"""Robust stability: how a norm grows, shared by the short and the long test."""
import math

from harness import Evolution, below, near, ok


def growth(series, t_end):
    """Largest value in the last half over the largest in the half before it: at most 2 under linear growth, since
    doubling the time at most doubles a linear law; exp(rate t_end/4) or more under exponential growth."""
    late = max(v for t, v in series if t > t_end / 2)
    early = max(v for t, v in series if t_end / 4 < t <= t_end / 2)
    return late / early if all(math.isfinite(v) for _, v in series) else math.inf


def check_noise(resolutions, t_end, formulations, thin=4):
    wrong = [(t / 10, math.exp(0.05 * t)) for t in range(1001)]  # exponential, rate 0.5, to t = 100
    right = [(t / 10, 1 + 0.3 * t) for t in range(1001)]
    ok(growth(wrong, 100) > 2 >= growth(right, 100), "the growth check tells exponential from linear", f"{growth(wrong, 100):.3g} {growth(right, 100):.3g}")
    ok(growth(right + [(99.0, math.nan)], 100) > 2, "the growth check sees a NaN", "")
    for form in formulations:
        rates = []
        for rho in resolutions:
            run = Evolution(gr_initial="noise", gr_formulation=form, diss_sigma=0, grid_n=f"{50 * rho},{thin},{thin}", ts_dt=0.01 / rho, ts_max_time=t_end, series_every=10 * rho)
            ok(run.status == 0, f"{form}, rho = {rho}: ran to the end", run.error)
            for name in ("H", "K"):
                series = run.series(name, "maximum")
                g = growth(series, t_end)
                below(g, 2.0, f"{form}, rho = {rho}: growth of {name} to t = {t_end:g} at most linear")
                if name == "H":
                    rates.append(math.log(g) / (t_end / 2))
        # a rate that rises with resolution is what ill-posed systems show; one part in the run's length is no growth
        for (a, b), rho in zip(zip(rates, rates[1:]), resolutions[1:]):
            below(b, max(a, 0.0) + 1 / t_end, f"{form}: rate at rho = {rho} not above that at the resolution before")


def rise(series, rho):
    """Largest value of the second half over the largest while a signal crosses ten cells of 1/(50 rho)."""
    end = series[-1][0]
    late = [v for t, v in series if t >= end / 2]
    return max(late) / max(v for t, v in series if 0 < t <= 0.2 / rho * (1 + 1e-9)) if all(map(math.isfinite, late)) else math.inf


def check_resolutions(t_end, formulations=("bssn", "z4c", "ccz4"), thin=4):
    """Linear theory knows no scale but the cell: a norm of noise over its first value is a function of t/h. In strongly
    hyperbolic systems it is bounded; in weakly hyperbolic ones, adm, it is linear: modes grow as 1 + c k t, and twice the
    resolution brings twice the growth. The step is short, 0.1 h, so that RK4 damps nothing: (w dt)^6/144 a step."""
    for form in (*formulations, "adm"):
        g = []
        for rho in (1, 2):
            run = Evolution(gr_initial="noise", gr_formulation=form, diss_sigma=0, grid_n=f"{50 * rho},{thin},{thin}", ts_dt=0.002 / rho, ts_max_time=t_end, series_every=10)
            ok(run.status == 0, f"{form}, rho = {rho}, short steps: ran to the end", run.error)
            g.append(rise(run.series("K", "norm2"), rho))
        if form == "adm":
            # some hundred modes of random amplitude: a quarter is left for their scatter
            near(g[1] / g[0], 2.0, 0.5, f"adm: growth of K, {g[0]:.3g} and {g[1]:.3g}, doubles with the resolution")
            ok(g[0] > 2, "adm: and is more than the others may have", f"{g[0]:.3g}")
        else:
            below(max(g), 2.0, f"{form}: K does not grow, {g[0]:.3g} and {g[1]:.3g}")
            below(g[1], 1.25 * g[0], f"{form}: nor more with twice the resolution")
