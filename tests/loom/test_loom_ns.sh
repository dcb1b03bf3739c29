#!/bin/bash
# The loom and the record of aeonic ns: exact values on a flow that is known, Parseval, steppers, ranks, restart, bad input.
. "$(dirname "$0")/../cli/lib.sh"
flow="-ns_initial abc -ns_mean_flow 1,0.5,0.25 -ns_re 10 -grid_n 16,12,16 -ts_dt 0.01 -progress none -loom_gate false -fft_rigor estimate"

run "$AEONIC" ns $flow -ts_max_time 0.4 -loom_watch velocity,vorticity,velocity_x -loom_view -out a
check "a run with the loom" "$status" "$(head -c 200 err.txt)"
grep -q 'velocity y: x modes, y modes, z modes; mean removed: 0.5' out.txt && grep -q '10 ticks with transforms, 0 skipped, 0 transforms' out.txt
check "-loom_view: modes, and no transform" $? "$(head -n 3 out.txt | tr '\n' '|')"
cat >exact.py <<'PY'
import cmath, math, sys
def rows(name):
    table = [l.split() for l in open(sys.argv[1] + "/series/loom_%s_octaves.txt" % name) if l[0] != "#"]
    return {(float(r[1]), int(r[2])): [float(x) for x in r[3:]] for r in table}
def summary(name):
    return [[float(x) for x in l.split()] for l in open(sys.argv[1] + "/series/loom_%s.txt" % name) if l[0] != "#"]
# ABC(x - U t) e^{-nu t}: waves of k = 1 along each axis, <u^2> = 3 e^{-2 nu t} with A = B = C = 1, turning at k.U; curl u = u
nu, U = 0.1, (1, 0.5, 0.25)
# the velocity's own waves are of size 1/2; RK4's error: 40 steps, (0.01 |lambda|)^5/120 each
tol = 40 * 1e-10 / 120 + 1e-13
def near(what, value, exact, digits=0):
    print("good" if abs(value - exact) <= max(tol, digits) * max(1, abs(exact)) else "bad", what, value, exact)
for name in "velocity", "vorticity":
    table = rows(name)
    t = sorted({k[0] for k in table})
    for i, x in enumerate(t):
        E, omega, D, C, *_ = table[x, 0]
        if i in (0, len(t) - 1):
            near(f"{name}: E_0 at {x:g}", E, 3 * math.exp(-2 * nu * x))
            near(f"{name}: omega_0 at {x:g}", omega, math.sqrt(nu**2 + sum(u * u for u in U) / 3))
            near(f"{name}: D_0 at {x:g}", D, 1)
        if i == len(t) - 1:
            near(f"{name}: C_0", C, abs(sum(cmath.exp(1j * u * (x - t[i - 1])) for u in U)) / 3)
    last = summary(name)[-1]
    near(f"{name}: dominant octave", last[6], 0)
    near(f"{name}: amplitude", last[7], math.sqrt(2 * 3 * math.exp(-2 * nu * last[1])), 1e-9)  # ten digits are written
    near(f"{name}: tail", last[5], 0)
near("one component: E_0", rows("velocity_x")[t[0], 0][0], math.exp(-2 * nu * t[0]))
near("one component: mean removed", summary("velocity_x")[0][2], 1)
PY
python3 exact.py a >said.txt
verdicts 22 "boosted ABC:" <said.txt
for type in etdrk4 rk4; do
  run "$AEONIC" ns $flow -ts_max_time 0.4 -loom_watch velocity,vorticity,velocity_x -ts_type $type -out $type
  [ "$status" -eq 0 ] && python3 exact.py $type >said.txt && ! grep -q bad said.txt
  check "-ts_type $type: the same" $? "$(grep bad said.txt | head -n 2)"
done
run "$AEONIC" verify a/receipts.jsonl
[ "$status" -eq 0 ] && grep -q 'LOOM  *10' out.txt && grep -q 'STEP_ACCEPT  *40' out.txt; check "its receipts" $? "$(tr '\n' ' ' <out.txt)"
run "$AEONIC" ns $flow -ts_max_time 0.4 -loom_every 0 -out off
same state.hash a off && [ ! -e off/series/loom.txt ]; check "without the loom the state is the same, and no series is written" $?

# Parseval: the octaves of the velocity hold twice the energy (there is no mean flow, and no wave below k = 1)
many="-ns_initial random -ns_re 40 -grid_n 24,16,20 -ts_dt 0.01 -ts_max_steps 8 -ns_scalar random -progress none -fft_rigor estimate -loom_every 1 -loom_gate false -loom_watch velocity,scalar,vorticity"
for n in 1 2 3; do
  run mpiexec -n $n "$AEONIC" ns $many -out p$n
  [ "$status" -eq 0 ]; check "random flow on $n ranks" $? "$(head -c 200 err.txt)"
done
python3 - <<'PY'
def table(run, name):
    return [[float(x) for x in l.split()] for l in open(f"{run}/series/{name}") if l[0] != "#"]
energy, enstrophy, scalar = ({round(r[0], 9): r[1] for r in table("p1", f"{n}..asc")} for n in ("energy", "enstrophy", "scalar_variance"))
bad = 0
for name, whole, factor in ("velocity", energy, 2), ("vorticity", enstrophy, 2), ("scalar", scalar, 1):
    sums = {}
    for it, t, o, E, *rest in table("p1", f"loom_{name}_octaves.txt"): sums[round(t, 9)] = sums.get(round(t, 9), 0) + E
    bad += len(sums) != 8 or any(not abs(E / (factor * whole[t]) - 1) < 1e-13 for t, E in sums.items())  # sums of 1e4 squares
for n in (2, 3):
    for name in "velocity", "scalar", "vorticity":
        for a, b in zip(table("p1", f"loom_{name}_octaves.txt"), table(f"p{n}", f"loom_{name}_octaves.txt")):
            bad += not all(x == y or abs(x - y) <= 1e-12 * max(1e-3, abs(x)) or x != x for x, y in zip(a, b))
exit(bad > 0 or len(table("p3", "loom_velocity.txt")) != 8)
PY
check "Parseval against energy, enstrophy and scalar variance; the same on 1, 2 and 3 ranks" $?

# the gate: a flow that rests is not looked at
run "$AEONIC" ns -ns_initial abc -ns_forcing abc -ts_type etdrk4 -grid_n 16,16,16 -ts_dt 0.05 -ts_max_time 4 -progress none -fft_rigor estimate -out rest
python3 -c "
import json
s = json.load(open('rest/summary.json'))
exit(not (s['loom.ticks'] + s['loom.skips'] == 20 and s['loom.skips'] >= 14 and s['loom.ffts'] == 0))"
check "a steady flow: ticks are skipped" $? "$(grep loom rest/summary.json | tr '\n' ' ')"

# the record goes on after a restart, and tells of a flow that blows up
words="-ns_initial random -progress none -grid_n 16,12,10 -fft_rigor estimate -ts_dt 0.01"
run "$AEONIC" ns $words -ts_max_steps 9 -checkpoint_every 4 -out cut
run "$AEONIC" ns $words -ts_max_steps 13 -checkpoint_every 4 -out cut -restart
[ "$status" -eq 0 ]; check "restart" $? "$(cat err.txt)"
run "$AEONIC" verify cut/receipts.jsonl
[ "$status" -eq 0 ] && grep -q 'RESTART  *1' out.txt && grep -q 'n = 13' out.txt; check "its record is whole" $? "$(cat err.txt out.txt | tr '\n' ' ')"
run "$AEONIC" ns -progress none -grid_n 16,12,10 -fft_rigor estimate -ns_initial random -ns_random_energy 100 -ns_re 1e6 -ts_dt 2 -ts_max_time 1e4 -ts_max_steps 400 -out nan
[ "$status" -eq 2 ] && run "$AEONIC" verify nan/receipts.jsonl && [ "$status" -eq 0 ] && grep -q 'STEP_REJECT  *1' out.txt && grep -q 'end: exit status 2' out.txt; check "a flow that blows up: rejected, rolled back, closed" $? "$(cat err.txt)"
run "$AEONIC" ns $words -ts_max_steps 13 -checkpoint_every 4 -out whole
cp -r whole late
rm late/checkpoint/000013.h5 # as if the run had been killed after step 13, the newest checkpoint that of 12
run "$AEONIC" ns $words -ts_max_steps 13 -out late -restart
[ "$status" -eq 0 ] && [ "$(grep -vc '^#' late/series/energy..asc)" -eq "$(grep -vc '^#' whole/series/energy..asc)" ]; check "a restart cuts series back to its checkpoint" $? "$(cat err.txt)"
run mpiexec -n 2 "$AEONIC" ns $words -ts_max_steps 5 -out two
run mpiexec -n 3 "$AEONIC" ns $words -ts_max_steps 13 -out two -restart
bad=
for f in loom.txt loom_velocity.txt; do cmp -s whole/series/$f cut/series/$f || bad="$bad $f"; done
awk '$1 == 4 || $1 == 12' whole/series/loom_velocity_octaves.txt >a.txt # sums over modes depend on the ranks by roundings
awk '$1 == 4 || $1 == 12' two/series/loom_velocity_octaves.txt >b.txt
paste a.txt b.txt | awk '{for (i = 1; i <= 8; i++) if ($i != "nan" && $i != $(i + 8) && ($i - $(i + 8))^2 > 1e-24) bad = 1} END {exit bad}' || bad="$bad octaves"
[ -z "$bad" ] && same loom.ticks whole cut && [ "$(grep loom whole/summary.json)" = "$(grep loom cut/summary.json)" ]; check "a restart goes on with the loom's history, on other ranks too" $? "$bad"
refused 1 "-restart: -loom_watch was not given" ns $words -ts_max_steps 17 -out cut -restart -loom_watch vorticity
run "$AEONIC" ns $flow -ts_max_time 0.1 -loom_watch velocity -out double
run "$AEONIC" ns $flow -ts_max_time 0.1 -loom_watch velocity -loom_precision single -loom_view -out single
grep -q 'in single precision' out.txt && python3 - <<'PY'
import json
E = [[float(l.split()[3]) for l in open(d + "/series/loom_velocity.txt") if l[0] != "#"] for d in ("double", "single")]
# modes of size 1/2 are rounded once, by 2^-24 of themselves at most; energies by twice that
worst = max(abs(x / y - 1) for x, y in zip(*E))
same = len({json.load(open(d + "/summary.json"))["state.hash"] for d in ("double", "single")}) == 1
raise SystemExit(0 if len(E[0]) == len(E[1]) and same and 0 < worst <= 2 * 2.0**-24 else 1)
PY
check "-loom_precision single: modes rounded once, the flow untouched" $?
refused 1 "-loom_watch: there is no field pressure here" ns $words -loom_watch velocity,pressure
refused 1 "-loom_watch: there is no field scalar here" ns $words -loom_watch scalar
refused 1 "-loom_every: waves up to 2 make no octaves" ns -grid_n 8,8,8 -loom_every 2
run "$AEONIC" ns -grid_n 8,8,8 -fft_rigor estimate -ts_max_steps 1 -progress none -out small
[ "$status" -eq 0 ]; check "a small box without being asked: no loom" $? "$(cat err.txt)"
finish
