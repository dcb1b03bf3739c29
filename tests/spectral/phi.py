#!/usr/bin/env python3
"""phi.csv: phi_0 .. phi_3 to 50 digits by their contour-free definition
phi_j(z) = 1/(j-1)! int_0^1 exp((1-s) z) s^(j-1) ds, which does not cancel; checked against the recursion in 120 digits."""
from mpmath import mp, mpf, exp, quad, factorial, nstr

mp.dps = 120
ARGUMENTS = ["0", "1e-300", "-1e-16", "1e-9", "-1e-8", "-1e-4", "0.001", "-0.03", "0.1", "-0.25", "0.5", "-0.7", "-1", "1", "-1.5", "-1.9999999999999998",
             "-2", "2", "-2.0000000000000004", "2.5", "-3", "-5", "5", "-10", "10", "-20", "-36.7", "-50", "-100", "100", "-745", "-1000", "-1e5", "-1e12"]


def main():
    print("z,phi0,phi1,phi2,phi3")
    for text in ARGUMENTS:
        z = mpf(float(text))  # the double that the program gets
        phi = [exp(z)]
        for j in (1, 2, 3):
            if z < -50:  # the integrand exp(z (1 - s)) lives near s = 1: u = |z| (1 - s)
                value = quad(lambda u: exp(-u) * (1 + u / z) ** (j - 1), [0, min(-z, 30), min(-z, 90), min(-z, 200), min(-z, 400)]) / -z
            else:
                value = quad(lambda s: exp((1 - s) * z) * s ** (j - 1), [0, 0.25, 0.5, 0.75, 1])
            value /= factorial(j - 1)
            if abs(z) > 1e-12:
                recursion = (phi[j - 1] - 1 / factorial(j - 1)) / z
                assert abs(value - recursion) < mpf(10) ** -52 * abs(value), (text, j, value, recursion)
            phi.append(value)
        print(",".join([repr(float(text))] + [nstr(p, 50) for p in phi]))


if __name__ == "__main__":
    main()
