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
spectrum "order 2: dt limit 2 sqrt(2)" 8,8,8 2 0 2.8284271247461903 "$AEONIC"
spectrum "order 4" 8,8,8 4 0 2.8284271247461903 "$AEONIC"
cp s/summary.json one.json
spectrum "order 4 on two ranks" 8,8,8 4 0 2.8284271247461903 mpiexec -n 2 "$AEONIC"
python3 -c "
import json
a, b = (json.load(open(f))['spectrum.lambda.0.im'] for f in ('one.json', 's/summary.json'))
exit(abs(abs(a / b) - 1) > 1e-6)"
check "  to the residual that was asked for the same as on one" $?
spectrum "order 6, an odd number of cells" 9,8,8 6 0 2.8284271247461903 "$AEONIC"
spectrum "order 8" 8,8,8 8 0 2.8284271247461903 "$AEONIC"
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
