#!/bin/bash
# The loom of aeonic gr from the command line: what it finds in a gauge wave, records, ranks, bad input.
. "$(dirname "$0")/../cli/lib.sh"
wave="-gr_initial gauge_wave -gr_gauge_lapse harmonic -grid_n 32,8,8 -ts_max_time 0.5 -fields none -progress none"

run "$AEONIC" gr $wave -out a
check "a run with the loom" "$status" "$(head -c 200 err.txt)"
python3 - a >out.txt <<'PY'
import json, math, sys
s = json.load(open(sys.argv[1] + "/summary.json"))
rows = [l.split() for l in open(sys.argv[1] + "/series/loom_K_octaves.txt") if l[0] != "#"]
first = {int(r[2]): [float(x) for x in r[3:]] for r in rows[:8]}
last = {int(r[2]): [float(x) for x in r[3:]] for r in rows[-8:]}
A, w = 0.01, 2 * math.pi
# K = d_t H/(2 (1-H)^(3/2)), H = A sin: to first order amplitude A w/2 in octave 0; second order 3/4 A relative in octave 1
def near(what, value, exact, tol):
    print("good" if abs(value / exact - 1) <= tol else "bad", what, value, exact)
near("E_0", last[0][0], (A * w / 2) ** 2 / 2, 10 * A**2)
near("E_1", last[1][0], (A * w / 2) ** 2 / 2 * (3 / 4 * A) ** 2, 0.05)
# fourth order differences of 32 cells: (k h)^4/30 of each octave's k
near("omega_0", last[0][1], w, 2 * (w / 32) ** 4 / 30 + 1e-5)
near("omega_1", last[1][1], 2 * w, 0.02)
near("C_0", last[0][3], 1, 1e-9)
print("good" if math.isnan(first[0][3]) and s["loom.ticks"] + s["loom.skips"] >= 256 * 0.5 / 4 / 2 else "bad", "counts", s["loom.ticks"], s["loom.skips"])
print("good" if s["loom.ffts"] <= 5 * s["loom.ticks"] and s["clock.loom"] == s["loom.ticks"] else "bad", "ffts", s["loom.ffts"])
kinds = [json.loads(l)["kind"] for l in open(sys.argv[1] + "/receipts.jsonl")]
print("good" if kinds.count("LOOM") == s["loom.ticks"] and kinds.count("LOOM_SKIP") == s["loom.skips"] else "bad", "receipts")
PY
verdicts 8 "gauge wave:" <out.txt
run "$AEONIC" verify a/receipts.jsonl
check "its receipts" "$status"
run "$AEONIC" gr $wave -out b -loom_every 0
check "without the loom the state is the same" $(same state.hash a b && echo 0 || echo 1)
check "  and no series is written" $([ ! -e b/series/loom.txt ] && echo 0 || echo 1)
run mpiexec -n 2 "$AEONIC" gr $wave -out c
# K and lapse to rounding; decisions are rounded, so that ticks are the same
same loom.ticks a c && same loom.skips a c && same loom.ffts a c
check "two ranks: the same ticks" $? "$(grep loom c/summary.json | tr '\n' ' ')"
run "$AEONIC" gr $wave -out d -loom_watch K,H -loom_every 8 -loom_view
grep -q "K: x DFT" out.txt && grep -q "SEM/L/R2" out.txt && [ -e d/series/loom_H.txt ]
check "-loom_view, -loom_watch K,H" $?
for form in adm $(long && echo z4c); do # tr K of other variables is the same field
  run "$AEONIC" gr $wave -out "$form" -gr_formulation $form
  python3 - a "$form" <<'PY'
import sys
def first(d):
    return [float(x) for x in [l for l in open(d + "/series/loom_K_octaves.txt") if l[0] != "#"][0].split()[3:5]]
a, b = first(sys.argv[1]), first(sys.argv[2])
sys.exit(0 if abs(a[0] / b[0] - 1) < 1e-6 and abs(a[1] / b[1] - 1) < 1e-3 else 1)
PY
  check "K of $form is that of bssn" $?
done
run "$AEONIC" gr $wave -out rk -ts_type rk -ts_rk_type 4 -loom_watch K
check "a stepper that shows no slopes" $([ "$status" -eq 0 ] && grep -q '"loom.ticks": [1-9]' rk/summary.json && echo 0 || echo 1)
run "$AEONIC" gr -gr_initial kerr_schild -grid_n 16,16,16 -ts_max_steps 4 -fields none -out k -loom_view -loom_window dct
grep -q "K: x cosines, y cosines, z cosines; mean removed" out.txt
check "an open box by cosines says so" $?
run "$AEONIC" gr -gr_initial kerr_schild -grid_n 16,16,16 -ts_max_steps 4 -fields none -out l -loom_view
grep -q "window: Tukey" out.txt && grep -q "boundary value removed" out.txt
check "and by a window" $?
run "$AEONIC" gr $wave -out f -loom_precision single -loom_view
[ "$status" -eq 0 ] && grep -q "loom: every 4 steps, in single precision" out.txt && same state.hash a f && same loom.ticks a f && same loom.skips a f && same loom.ffts a f
check "-loom_precision single: it says so; the same state, the same ticks" $? "$(grep loom f/summary.json | tr '\n' ' ')"
run mpiexec -n 2 "$AEONIC" gr $wave -out g -loom_precision single
python3 - a f g <<'PY'
import sys
def rows(d):
    return [[float(x) for x in l.split()] for f in ("K", "lapse") for l in open(f"{d}/series/loom_{f}_octaves.txt") if l[0] != "#"]
a, f, g = map(rows, sys.argv[1:])
# 2^-24 of the field's amplitude for the input and each of 11 steps of the transform: of its energy E, 2 sqrt(E_o E) times that; the
# first cell's value, which is taken off, leaves at most five times E
def worst(a, b):
    worst = 0
    for i in range(0, len(a), 8):
        T = 5 * sum(r[3] for r in a[i:i + 8])
        for x, y in zip(a[i:i + 8], b[i:i + 8]):
            assert x[:3] == y[:3]
            u = 2.0**-24 * 12
            worst = max(worst, abs(x[3] - y[3]) / (2 * (x[3] * T) ** 0.5 * u + T * u * u))
    return worst
print(worst(a, f), worst(f, g))
sys.exit(0 if len(a) == len(f) == len(g) and worst(a, f) <= 1 and worst(f, g) <= 2 else 1)
PY
check "  octaves of K and lapse within its rounding, on one rank and on two" $?
# 8 planes in FFTW's blocks of two leave the last of five ranks without any; the grid's rows go round otherwise
for p in double $(long && echo single); do
  for n in 1 5; do
    run mpiexec -n $n "$AEONIC" gr -gr_initial gauge_wave -fd_order spectral -grid_n 16,9,8 -ts_max_steps 2 -hash_every 1 -loom_every 1 -loom_gate false -loom_precision $p -fft_rigor estimate -fields none -progress none -out $p$n
  done
  python3 - ${p}1 ${p}5 <<'PY'
import json, sys
s = [json.load(open(d + "/summary.json")) for d in sys.argv[1:]]
E = [[float(l.split()[3]) for l in open(d + "/series/loom_K.txt") if l[0] != "#"] for d in sys.argv[1:]]
# the same transforms in another order of operations: rounding of either, 11 steps, of a field that is a single wave
u = {"double": 2.0**-53, "single": 2.0**-24}[sys.argv[1][:-1]]
good = s[0]["state.hash"] == s[1]["state.hash"] and len(E[0]) == len(E[1]) > 1
sys.exit(0 if good and all(abs(x / y - 1) <= 2 * 12 * u for x, y in zip(*E)) else 1)
PY
  check "-fd_order spectral and the loom in $p precision where FFTW has no plane for a rank" $?
done
refused 1 "-loom_precision" gr $wave -out e -loom_precision half
refused 1 "-loom_watch: there is no field Q here" gr $wave -out e -loom_watch K,Q
refused 1 "-loom_watch names K twice" gr $wave -out e -loom_watch K,K
refused 1 "-loom_watch has an entry without a name" gr $wave -out e -loom_watch K,,H
refused 1 "-loom_window" gr $wave -out e -loom_window hann
refused 1 "-loom_every" gr $wave -out e -loom_every -1
finish
