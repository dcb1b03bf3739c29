#!/bin/bash
# aeonic spectrum against the spectra of the difference equations on flat space.
. "$(dirname "$0")/lib.sh"
flat="-gr_initial minkowski -grid_n 8,8,8 -gr_gauge_lapse harmonic -gr_gauge_shift zero -eps_tol 1e-6 -fresh"

# Linearised about flat space in bssn with harmonic slicing and no shift, a wave number's equations are block-triangular:
#   d_t a = -K, d_t K = S a;  d_t gt = -2 At, d_t At = S gt/2 + (terms in a, chi, Gamma);  Gamma, chi driven by K alone,
# S = sum_d s(theta_d), -s/h^2 the symbol of the second difference. So lambda = +-i sqrt(S)/h - D, or 0 - D, with
# D = (sigma/h) sum_d sin(theta_d/2)^(p+2) of the dissipation of order p+2.
cat >expect.py <<'PY'
import json, math, sys
folder, n, p, sigma, dt_of = sys.argv[1], [int(x) for x in sys.argv[2].split(",")], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
b = {2: [-2, 1], 4: [-5 / 2, 4 / 3, -1 / 12], 6: [-49 / 18, 3 / 2, -3 / 20, 1 / 90], 8: [-205 / 72, 8 / 5, -1 / 5, 8 / 315, -1 / 560]}[p]
h = 1 / n[0]
s = lambda t: -b[0] - 2 * sum(c * math.cos((k + 1) * t) for k, c in enumerate(b[1:]))
top = [2 * math.pi * (m // 2) / m for m in n]
im = math.sqrt(sum(map(s, top))) / h
re = -sigma / h * sum(math.sin(t / 2) ** (p + 2) for t in top)
S = json.load(open(folder + "/summary.json"))
got = S["spectrum.lambda.0.re"], abs(S["spectrum.lambda.0.im"])
# The residual asked for is 1e-6 |lambda|. At the corner all n are even and the mixed terms vanish: the eigenvalue is not
# defective and as exact as that. At odd n it is defective of order 2: sqrt(1e-6) at most.
tol = 1e-5 if all(m % 2 == 0 for m in n) else 1e-3
bad = abs(got[0] - re) > tol * im or abs(got[1] - im) > tol * im
if dt_of:
    bad = bad or abs(S["spectrum.dt_limit"] * im / dt_of - 1) > max(tol, 1e-6)
print(got, (re, im), S.get("spectrum.dt_limit"))
sys.exit(bad)
PY
spectrum() { # what, n, order, sigma, end of the stability region, options
  local what=$1 n=$2 p=$3 sigma=$4 end=$5
  shift 5
  run "$@" spectrum $flat -grid_n "$n" -fd_order "$p" -diss_sigma "$sigma" $options -out s
  [ "$status" -eq 0 ] && python3 expect.py s "$n" "$p" "$sigma" "$end" >said.txt
  check "$what" $? "$(cat said.txt err.txt | tr '\n' ' ')"
}
: >said.txt
options=""
long && spectrum "order 2: dt limit 2 sqrt(2)" 8,8,8 2 0 2.8284271247461903 "$AEONIC"
spectrum "order 4" 8,8,8 4 0 2.8284271247461903 "$AEONIC"
cp s/summary.json one.json
spectrum "order 4 on two ranks" 8,8,8 4 0 2.8284271247461903 mpiexec -n 2 "$AEONIC"
python3 -c "
import json
a, b = (json.load(open(f))['spectrum.lambda.0.im'] for f in ('one.json', 's/summary.json'))
exit(abs(abs(a / b) - 1) > 1e-6)"
check "  to the residual that was asked for the same as on one" $?
spectrum "order 6, an odd number of cells" 9,8,8 6 0 2.8284271247461903 "$AEONIC"
long && spectrum "order 8" 8,8,8 8 0 2.8284271247461903 "$AEONIC"
spectrum "with dissipation" 8,8,8 4 0.2 0 "$AEONIC"
# |R(r e^(i phi))| = 1 of classical RK4 at that eigenvalue's angle, by bisection of the polynomial itself
python3 - <<'PY'
import cmath, json
S = json.load(open("s/summary.json"))
z = complex(S["spectrum.lambda.0.re"], S["spectrum.lambda.0.im"])
R = lambda z: abs(1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24)
dt = S["spectrum.dt_limit"]
exit(not (R(z * dt * (1 - 1e-6)) <= 1 <= R(z * dt * (1 + 1e-6)) and all(R(z * dt * k / 200) <= 1 for k in range(200))))
PY
check "  dt limit off the imaginary axis" $?
# spectral derivatives: the waves kept are those up to (8-1)/3 = 2 along each axis, 2 pi 2 sqrt(3) the fastest
run "$AEONIC" spectrum $flat -fd_order spectral -out s
python3 -c "
import json, math
exit(not abs(abs(json.load(open('s/summary.json'))['spectrum.lambda.0.im']) / (4 * math.pi * math.sqrt(3)) - 1) <= 1e-3)" # defective of order 2 as above
check "-fd_order spectral: |lambda| = k_max" $? "$(tail -3 out.txt | tr '\n' ' ')"
options="-ts_type rk -ts_rk_type 3"
spectrum "a scheme of order 3: dt limit sqrt(3)" 8,8,8 4 0 1.7320508075688772 "$AEONIC"

# Steps beyond the limit: the fastest mode of the flow is the corner's, |R(i dt 32)| a step; all others grow more slowly.
run "$AEONIC" spectrum $flat -diss_sigma 0 -spectrum_which rightmost -ts_dt 0.1 -spectrum_time 1 -out g
python3 - <<'PY'
import json, math
S = json.load(open("g/summary.json"))
z = 0.1j * 32
exit(abs(S["spectrum.growth"] - 10 * math.log(abs(1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24))) > 1e-5)
PY
check "growth of an unstable step through the flow map" $? "$(cat out.txt err.txt | tail -3 | tr '\n' ' ')"

# Flows. At rest J = -nu k^2; in a uniform stream U also -i k.U: normal matrices, so that eigenvalues are as exact as the residual asked for.
# The largest of both is that of the corner k = (K, K, K) of the waves kept: K = 2 on 8 points, 3 by the 3/2 rule.
cat >flow.py <<'PY'
import json, sys
S = json.load(open("n/summary.json"))
re, im = float(sys.argv[1]), float(sys.argv[2])
z = complex(re, im)
R = lambda dt: abs(1 + z * dt * (1 + z * dt / 2 * (1 + z * dt / 3 * (1 + z * dt / 4))))
dt = S["spectrum.dt_limit"]
good = abs(S["spectrum.lambda.0.re"] - re) <= 1e-8 * abs(z) and abs(abs(S["spectrum.lambda.0.im"]) - im) <= 1e-8 * abs(z)
sys.exit(not (good and R(dt * (1 - 1e-6)) <= 1 <= R(dt * (1 + 1e-6)) and all(R(dt * k / 200) <= 1 + 1e-12 for k in range(199))))
PY
flow() { # what, re, im, command
  local what=$1 re=$2 im=$3
  shift 3
  run "$@" spectrum -spectrum_of ns -ns_initial rest -ns_re 50 -grid_n 8,8,8 -eps_tol 1e-10 -fresh -out n $options
  [ "$status" -eq 0 ] && python3 flow.py "$re" "$im"
  check "$what" $? "$(cat out.txt err.txt | tr '\n' ' ')"
}
options=""
flow "ns at rest: -nu k^2" -0.24 0 "$AEONIC"
flow "  on two ranks" -0.24 0 mpiexec -n 2 "$AEONIC"
options="-ns_dealias 3/2"
long && flow "  with the waves of the 3/2 rule" -0.54 0 "$AEONIC"
options="-ns_scalar wave -ns_schmidt 0.25"
flow "a scalar of Schmidt number 1/4 diffuses at four times the rate" -0.96 0 "$AEONIC"
options="-ns_mean_flow 1,0.5,0.25"
flow "a stream: -nu k^2 + i k.U" -0.24 3.5 "$AEONIC"
options="-ns_mean_flow 1,0.5,0.25 -spectrum_viscous false"
flow "a stream without viscosity: i k.U" 0 3.5 "$AEONIC"
python3 -c "
import json
S = json.load(open('n/summary.json'))
exit(not abs(S['spectrum.dt_stable'] / S['spectrum.dt_limit'] - 1) <= 1e-8)"
check "  there the limit from speeds is the exact one" $?
# the slowest decay at rest is that of k = 1; the integrating factor is exact
run "$AEONIC" spectrum -spectrum_of ns -ns_initial rest -ns_re 50 -grid_n 8,8,8 -spectrum_which rightmost -spectrum_time 20 -eps_tol 1e-8 -fresh -out n
python3 -c "
import json
exit(not abs(json.load(open('n/summary.json'))['spectrum.growth'] + 0.02) <= 1e-8)"
check "rightmost of ns at rest: -nu" $? "$(tail -2 out.txt | tr '\n' ' ')"

# Two-grid cycles of the elliptic engine against local Fourier analysis, which is exact in a periodic box. The eigenvectors are nearly
# orthogonal (harmonics coupled in groups of eight): a residual of 1e-5 is an error of some 1e-5.
cat >two_grid.py <<'PY'
import json, sys
sys.path.insert(0, sys.argv[1] + "/scripts")
import lfa
kind, restriction, pre, post, relax = sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])
got, theory = json.load(open("e/summary.json"))["spectrum.contraction"], lfa.two_grid(16, pre, post, kind, "cell", restriction, relax=relax)
print(got, theory)
sys.exit(not abs(got / theory - 1) <= 1e-3)
PY
two_grid() { # smoother, restriction, pre, post, ranks, relaxation
  run mpiexec -n "$5" "$AEONIC" spectrum -spectrum_of elliptic -ell_problem poisson -ell_boundary periodic -grid_n 16,16,16 -ell_pc_mg_levels 2 -ell_mg_smoother "$1" -ell_mg_restriction "$2" -ell_mg_pre "$3" -ell_mg_post "$4" -ell_mg_omega "$6" -fresh -out e
  [ "$status" -eq 0 ] && python3 two_grid.py "$root" "$1" "$2" "$3" "$4" "$6" >said.txt
  check "two-grid contraction, $1, $2, $3+$4, ranks $5, omega $6" $? "$(cat said.txt err.txt | tr '\n' ' ')"
}
long && two_grid redblack average 2 2 1 1
two_grid redblack average 1 1 1 1.15
long && two_grid redblack average 1 1 2 1
long && two_grid redblack adjoint 1 1 1 1
two_grid jacobi average 2 1 1 1
run "$AEONIC" spectrum -spectrum_of elliptic -ell_problem helmholtz -grid_n 16,16,16 -fresh -out e
# walls and deeper levels are not in the theory above: no worse than half an error a cycle
python3 -c "
import json
exit(not 0 < json.load(open('e/summary.json'))['spectrum.contraction'] < 0.5)"
check "a variable coefficient between walls" $? "$(cat out.txt err.txt | tail -3 | tr '\n' ' ')"
refused 1 "-spectrum_of elliptic has eigenvalues of magnitude only" spectrum -spectrum_of elliptic -spectrum_which rightmost
refused 1 "-spectrum_of" spectrum -spectrum_of nothing

run "$AEONIC" spectrum $flat -diss_sigma 0 -eps_max_it 1 -out f
[ "$status" -eq 2 ] && grep -q 'raise -eps_max_it' err.txt && grep -q '"run.exit": 2' f/summary.json
check "not converged: exit 2 and a summary" $? "status $status"
refused 1 "did you mean -eps_nev?" spectrum $flat -eps_nevv 3
refused 1 "-spectrum_which" spectrum $flat -spectrum_which leftmost
refused 1 "-spectrum_time" spectrum $flat -spectrum_which rightmost -spectrum_time 0
refused 1 "-ts_type" spectrum $flat -spectrum_which rightmost -ts_type rk
run "$AEONIC" help spectrum
[ "$status" -eq 0 ] && grep -q spectrum_which out.txt; check "aeonic help spectrum" $?
finish
