#!/bin/bash
# aeonic ns from the command line: bad input, -check, the files of a run, ranks, restart, failures.
. "$(dirname "$0")/lib.sh"
small="-progress none -grid_n 16,12,10 -fft_rigor estimate"
random="-ns_initial random -ts_dt 0.01 $small"

# bad input: one line that names the option
refused 1 "-ns_re" ns $small -ns_re -3
refused 1 "-ns_re" ns $small -ns_re 0
refused 1 "-ns_schmidt -1" ns $small -ns_scalar random -ns_schmidt -1
refused 1 "-grid_n" ns -grid_n 2,8,8
refused 1 "-grid_n: at least 8 points" ns -grid_n 4,4,4
refused 1 "did you mean taylor_green" ns -ns_initial taylor_gren
refused 1 "-ns_file" ns -ns_initial file
refused 1 "nosuch.h5" ns $small -ns_initial file -ns_file nosuch.h5
refused 1 "-ns_spectra_every: on this -grid_n only 1 shell" ns -grid_n 16,16,4 -ns_spectra_every 1
refused 1 "-ts_type beuler does not go with aeonic ns" ns $small -ts_type beuler
refused 1 "-ts_adapt_type basic" ns $small -ts_adapt_type basic
refused 1 "-ns_forcing_k 9" ns $small -ns_forcing kolmogorov -ns_forcing_k 9
refused 1 "there is no field pressure" ns $small -fields velocity_x,pressure
refused 1 "there is no field scalar" ns $small -fields scalar
refused 1 "-restart: there is no good checkpoint" ns $small -restart -out none
refused 1 "ns_reynolds" ns $small -ns_reynolds 3
refused 1 "-ns_mean_flow" ns $small -ns_mean_flow 1,2
run mpiexec -n 4 "$AEONIC" ns -grid_n 8,4,8
[ "$status" -eq 1 ] && [ "$(own_lines)" -eq 1 ] && grep -q '^aeonic: error: 4 ranks cannot share .* the largest number of ranks that can is 3' err.txt; check "more ranks than rows of modes: refused, naming the largest count" $? "$(grep ^aeonic err.txt)"
[ ! -e out ]; check "nothing was written by what was refused" $?

# -check, and a step that is too long
run "$AEONIC" ns $small -ns_re 1600 -ts_dt 0.02 -ts_max_time 1 -check
[ "$status" -eq 0 ] && [ ! -e out ] && grep -q '16 x 12 x 10 points, waves up to 5 3 3' out.txt && grep -q 'memory of a rank' out.txt && grep -q 'dt = 0.02 .* 50 steps to t = 1' out.txt && grep -q '^estimate: .* s for the run' out.txt; check "-check: sizes, memory, dt, steps, estimate; nothing is written" $? "$(cat out.txt)"
run "$AEONIC" ns $small -ts_dt 3 -ts_max_steps 1 -out long
[ "$status" -eq 0 ] && [ "$(own_lines)" -eq 1 ] && grep -qE 'warning: -ts_dt: dt = 3\.? is beyond the advective limit [0-9.]+' err.txt; check "dt beyond the advective limit: a warning that names it" $? "$(cat err.txt)"

# the files of a run; the same bits on any number of ranks
for n in 1 2 3; do
  run mpiexec -n $n "$AEONIC" ns $random -ns_scalar random -ts_max_time 0.06 -ns_spectra_every 2 -hash_every 2 -fields velocity_x,vorticity_z,scalar -out r$n -summary s$n.json
  [ "$status" -eq 0 ] && cmp -s s$n.json r$n/summary.json; check "a run on $n ranks" $? "$(head -c 300 err.txt)"
done
for key in run.command run.exit run.reproducible time.t time.steps time.dt state.hash ns.energy ns.enstrophy ns.dissipation ns.helicity ns.div_max ns.skewness ns.scalar_variance mem.allocs_per_step.own; do
  [ -n "$(value $key s1.json)" ] || { check "summary key $key" 1; missing=1; }
done
[ -z "${missing-}" ]; check "the summary has its keys" $?
for n in 2 3; do
  bad=
  for f in state_hash.txt spectrum.txt energy..asc enstrophy..asc helicity..asc skewness..asc divergence.maximum.asc scalar_variance..asc cfl..asc; do cmp -s r1/series/$f r$n/series/$f || bad="$bad $f"; done
  [ -z "$bad" ]; check "$n ranks: the same hashes, spectra and series, bit for bit" $? "$bad"
done
python3 - <<'P'
import h5py, math, sys
import numpy as np
sys.path.insert(0, "/dev/null")
def field(run, name):
    with h5py.File(f"{run}/fields/it00000006/{name}.xyz.h5") as h:
        d = [h[k] for k in h if hasattr(h[k], "shape")][0]
        return d[()], d.attrs["origin"][:], d.attrs["delta"][:]
u, origin, delta = field("r1", "velocity_x")
assert u.shape == (16, 16, 16) and np.allclose(delta, 2 * math.pi / 16, rtol=1e-15) and np.allclose(origin, math.pi / 16)
for name in "velocity_x", "vorticity_z", "scalar":
    a = field("r1", name)[0]
    assert np.isfinite(a).all() and all((field(f"r{n}", name)[0] == a).all() for n in (2, 3))
P
check "fields: cubic cells, [0, 2 pi]^3, the same on 1, 2 and 3 ranks" $?
run "$AEONIC" ns -ns_initial abc -ns_abc 1,0,0 -progress none -grid_n 8,8,16 -ts_max_steps 1 -ts_dt 1e-9 -fields velocity_x,velocity_y,vorticity_x -out abc
python3 - <<'P'
import h5py, numpy as np
x = (np.arange(16) + 0.5) * np.pi / 8
def field(name):
    with h5py.File(f"abc/fields/it00000000/{name}.xyz.h5") as h: return [h[k] for k in h if hasattr(h[k], "shape")][0][()]
z = x[:, None, None]
assert abs(field("velocity_x") - np.sin(z)).max() < 1e-15 and abs(field("velocity_y") - np.cos(z)).max() < 1e-15
assert abs(field("vorticity_x") - np.sin(z)).max() < 1e-15  # curl u = u
with h5py.File("points.h5", "w") as h:
    for name, v in ("velocity_x", np.sin(z)), ("velocity_y", np.cos(z)), ("velocity_z", 0 * z): h[name] = np.broadcast_to(v, (16, 16, 16))
P
check "fields hold the values at cell centres: ABC flow and its curl" $?

# initial states from files
run "$AEONIC" ns -ns_initial file -ns_file points.h5 -progress none -grid_n 16,16,16 -ts_max_steps 1 -ts_dt 1e-9 -out pts -summary p.json
awk "BEGIN{e=$(value ns.energy p.json)-0.5*(1-2e-11); exit !(e*e < 1e-28)}" && [ ! -s err.txt ]; check "-ns_file: velocities at points" $? "$(cat err.txt) $(value ns.energy p.json)"
refused 1 "16 x 16 x 16 values" ns -ns_initial file -ns_file points.h5 -grid_n 8,8,8
run "$AEONIC" ns $random -ns_initial file -ns_file "$(ls r1/checkpoint/*.h5)" -grid_n 24,24,24 -ts_max_steps 1 -ts_dt 1e-12 -out finer -summary f.json
awk "BEGIN{e=$(value ns.energy f.json)/$(value ns.energy s1.json)-1; exit !(e*e < 1e-20)}"; check "-ns_file: a checkpoint, on a finer grid" $? "$(value ns.energy f.json) $(value ns.energy s1.json) $(cat err.txt)"

# restart: the same bits, also with measured plans
for rigor in estimate measure; do
  for type in rk etdrk4; do
    long || [ $rigor.$type = estimate.rk ] || [ $rigor.$type = measure.etdrk4 ] || continue
    words="-ns_initial random -progress none -grid_n 16,12,10 -fft_rigor $rigor -ts_type $type -ns_cfl 0.3 -fft_wisdom w.$rigor"
    run "$AEONIC" ns $words -ts_max_steps 8 -out whole.$rigor.$type -summary whole.json
    run "$AEONIC" ns $words -ts_max_steps 5 -out part.$rigor.$type
    run "$AEONIC" ns $words -ts_max_steps 8 -out part.$rigor.$type -summary part.json -restart
    [ "$status" -eq 0 ] && [ "$(value state.hash part.json)" = "$(value state.hash whole.json)" ]; check "restart after 5 of 8 steps, $type, plans $rigor: the same bits" $? "$(cat err.txt)"
  done
done
run mpiexec -n 2 "$AEONIC" ns $words -ts_max_steps 12 -out part.measure.etdrk4 -restart
[ "$status" -eq 0 ]; check "restart on two ranks" $? "$(cat err.txt)"
refused 1 "-restart: -ns_re was not given" ns $words -ns_re 50 -ts_max_steps 20 -out part.measure.etdrk4 -restart
refused 1 "-restart: -grid_n was 16,12,10" ns $words -grid_n 16,12,12 -ts_max_steps 20 -out part.measure.etdrk4 -restart
for f in part.measure.etdrk4/checkpoint/*.h5; do head -c 2000 "$f" >cut && cp cut "$f"; done
refused 1 "part.measure.etdrk4/checkpoint/000012.h5" ns $words -ts_max_steps 20 -out part.measure.etdrk4 -restart

# low octaves on a clock of their own: what it counts, checks at every step, ranks, restart
octaves="-ns_initial random -progress none -grid_n 16,12,10 -fft_rigor estimate -ts_type octaves -ts_octaves_low 1 -ts_dt 0.02"
for n in 1 3; do
  run mpiexec -n $n "$AEONIC" ns $octaves -ts_max_steps 6 -out oct$n
  [ "$status" -eq 0 ]; check "-ts_type octaves on $n ranks" $? "$(head -c 300 err.txt)"
done
same state.hash oct1 oct3; check "  the same bits" $?
# three evaluations of all waves a step and 12 of the low ones, 2 more of all at the start and end; products of waves up to 1 take 4^3 points of 16 x 12 x 10
awk "BEGIN{exit !($(value ns.evaluations_low oct1/summary.json) == 72 && $(value ns.evaluations oct1/summary.json) >= 18 && $(value ns.evaluations oct1/summary.json) <= 22)}"; check "  evaluations are counted" $? "$(grep ns.ev oct1/summary.json | tr '\n' ' ')"
awk '!/^#/ && !($2*$2 < 1e-20) {bad = 1} END {exit bad || NR < 7}' oct1/series/divergence_rms..asc && awk '!/^#/ && !($2*$2 < 1e-10) {bad = 1} END {exit bad || NR < 7}' oct1/series/energy_drift..asc; check "  divergence and the energy's balance at every step" $?
run "$AEONIC" ns $octaves -ts_max_steps 4 -out octp
run "$AEONIC" ns $octaves -ts_max_steps 6 -out octp -restart
[ "$status" -eq 0 ] && same state.hash oct1 octp; check "  restart: the same bits" $? "$(cat err.txt)"
refused 1 "-ts_octaves_low 3: the grid holds waves up to 5" ns $octaves -ts_octaves_low 3
refused 1 "-restart: -ts_octaves_low was 1" ns $octaves -ts_octaves_low 2 -ts_max_steps 9 -out octp -restart

# -ns_cfl, a flow that blows up, a full disk
run "$AEONIC" ns $small -ns_cfl 0.4 -ts_max_time 0.5 -out cfl -summary c.json
awk "BEGIN{exit !($(value ns.cfl_max c.json) <= 0.4001 && $(value ns.cfl_max c.json) > 0.2 && $(value time.t c.json) == 0.5)}"; check "-ns_cfl keeps the Courant number, the final time is hit" $? "$(value ns.cfl_max c.json)"
run "$AEONIC" ns $small -ns_initial random -ns_random_energy 100 -ns_re 1e6 -ts_dt 2 -ts_max_time 1e4 -ts_max_steps 400 -out nan
[ "$status" -eq 2 ] && grep -q 'the velocity is not finite at t = ' err.txt && [ "$(value run.exit nan/summary.json)" = 2 ] && [ -s nan/series/energy..asc ] && ! grep -qi nan nan/series/energy..asc && [ -n "$(value ns.energy nan/summary.json)" ] && [ "$(value ns.energy nan/summary.json)" != null ] && ls nan/checkpoint/*.h5 >/dev/null; check "a flow that blows up: exit 2, the last finite state is there" $? "status $status $(cat err.txt)"
run env PMIX_MCA_gds=hash bash -c "trap '' XFSZ; ulimit -f 60; exec '$AEONIC' ns -progress none -fft_rigor estimate -ts_max_steps 2 -out full"
[ "$status" -eq 0 ] && grep -q 'warning: no checkpoint at step 2: cannot write full/checkpoint/000002.h5' err.txt && [ ! -e full/checkpoint/000002.h5 ]; check "disk full: a warning with the file, and the run ends" $? "status $status $(head -c 300 err.txt)"
run "$AEONIC" ns $small -ts_type etdrk4 -ts_max_steps 2 -out cites -citations c.txt -log_view :log.txt
grep -q 'Cox' c.txt && grep -q 'Kassam' c.txt && grep -q AeBand log.txt; check "-citations names the scheme, -log_view has our events" $?
run "$AEONIC" bench ns -bench_n 8 -summary bench.json
[ "$status" -eq 0 ] && python3 - <<'PY'
import json, math
s = json.load(open("bench.json"))
good = True
for name in "rk", "etdrk4":
    e = [s[f"bench.ns.error.{name}.{i}"] for i in range(3)]
    # order 4; the reference's own error is 4^-4 of the finest run's
    good &= abs(math.log2(e[1] / e[2]) - 4) <= 0.1
    # its work: four evaluations of 9 transforms a step, at the dt of that error by order 4 from the run nearest to it
    x = s["bench.ns.equal_error"]
    near = min(range(3), key=lambda i: abs(math.log(e[i] / x)))
    steps = 10 * 2**near * (e[near] / x) ** 0.25
    good &= abs(s[f"bench.ns.equal_error.{name}_transforms"] / (36 * steps) - 1) <= 0.01
raise SystemExit(0 if good else 1)
PY
check "bench ns: etdrk4 and rk at equal error, each of order 4" $? "$(cat err.txt out.txt | tail -n 2 | tr '\n' '|')"
finish
