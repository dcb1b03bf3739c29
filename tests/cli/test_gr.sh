#!/bin/bash
# aeonic gr from the command line: what -check says, the files of a run, bad runs and what they leave behind.
. "$(dirname "$0")/lib.sh"
wave="-gr_initial gauge_wave -progress none"
small="$wave -grid_n 16,8,8"

# bad input: one line that names the option
refused 1 "-grid_n: 4 cells along x" gr $wave -grid_n 4,8,8
refused 1 "-grid_n" gr $wave -grid_n -8,8,8
refused 1 "-fd_order" gr $wave -fd_order 5
refused 1 "-gr_formulation" gr $wave -gr_formulation bsn
refused 1 "-ts_adapt_type basic" gr $small -ts_adapt_type basic
refused 1 "-ts_type rk4" gr $small -ts_type multirate
refused 1 "exact solution" gr -gr_initial noise -gr_gauge_lapse exact
refused 1 "exact solution" gr -gr_initial noise -grid_boundary exact
refused 1 "nosuch" gr $small -fields chi,nosuch
refused 1 "Gamma" gr $small -gr_formulation adm -gr_gauge_shift gamma_driver
refused 1 "-gr_conformal w" gr $small -gr_formulation adm -gr_conformal w
refused 1 "-gr_matter" gr $small -gr_matter dust
refused 1 "-gr_kappa3" gr $small -gr_formulation ccz4 -gr_kappa3 -1
refused 1 "freezes every cell" gr $small -gr_excise_radius 100
run mpiexec -n 3 "$AEONIC" gr $wave -grid_n 16,1,2
[ "$status" -eq 1 ] && [ "$(own_lines)" -eq 1 ] && grep -q 'at most 2\|2 ranks\|largest' err.txt; check "more ranks than rows are refused, naming the largest count" $? "$(grep ^aeonic err.txt)"
[ ! -e out ]; check "nothing was written by what was refused" $?

# -check
run "$AEONIC" gr $wave -grid_n 64,8,8 -ts_max_time 1 -check
[ "$status" -eq 0 ] && [ ! -e out ]; check "-check writes nothing" $?
grep -q '64 x 8 x 8' out.txt && grep -q '^  the state ' out.txt && grep -q 'dt = 0.00390625' out.txt && grep -q ' 256 steps to t = 1' out.txt && grep -q '^estimate: .* s for the run' out.txt; check "-check: grid, memory by object, dt, steps, estimate" $?

# a step above the stable limit: a warning with the limit, and the limit is used
run "$AEONIC" gr $small -gr_cfl 5 -ts_max_steps 2 -out big
[ "$status" -eq 0 ] && [ "$(own_lines)" -eq 1 ] && grep -qE 'warning: -gr_cfl 5\.? is above the stable limit [0-9.]+' err.txt; check "-gr_cfl above the limit: a warning that names the limit" $?
run "$AEONIC" gr $small -ts_dt 1 -ts_max_steps 1 -out big2
grep -qE 'warning: -ts_dt 1\.? is above the stable limit [0-9.]+' err.txt; check "-ts_dt above the limit: a warning" $?

# the files of a run
run "$AEONIC" gr $small -ts_max_time 0.1 -gr_cfl 0.3 -hash_every 2 -out a -summary s.json
[ "$status" -eq 0 ] && cmp -s s.json a/summary.json; check "-summary writes the summary elsewhere too" $?
awk "BEGIN{exit !($(value time.t s.json) == 0.1)}"; check "the final time is hit exactly" $? "$(value time.t s.json)"
for key in run.command run.exit run.reason run.wall_s run.ranks run.version run.reproducible time.t time.steps time.attempts time.rejects time.dt clock.step state.hash \
  error.l2.g_xx error.linf.g_xx constraint.H.l2 constraint.H.linf constraint.M.l2 constraint.M.linf gr.lapse_min gr.K_max mem.bytes_per_point; do
  [ -n "$(value $key s.json)" ] || { check "summary key $key" 1; missing=1; }
done
[ -z "${missing-}" ]; check "the summary has its keys" $?
[ "$(tail -n 1 a/series/state_hash.txt | cut -d' ' -f3)" = "$(value state.hash s.json)" ]; check "the last hash of the series is the summary's" $?
ls a/series/*H.norm2.asc >/dev/null && ls a/fields/*/chi.xyz.h5 >/dev/null; check "series and fields are there" $?
run "$AEONIC" gr $small -ts_max_time 0.1 -gr_cfl 0.3 -out b -hash_every 2
same state.hash a b && cmp -s a/series/state_hash.txt b/series/state_hash.txt; check "a run repeats bit for bit" $?
for ranks in 2 3; do
  run mpiexec -n $ranks "$AEONIC" gr $small -ts_max_time 0.1 -gr_cfl 0.3 -out r$ranks -hash_every 2
  cmp -s a/series/state_hash.txt r$ranks/series/state_hash.txt && cmp -s a/series/H.norm2.asc r$ranks/series/H.norm2.asc; check "$ranks ranks: the same hashes and norms" $?
done
run "$AEONIC" gr $small -ts_type rk -ts_rk_type 4dense -ts_max_time 0.1 -gr_cfl 0.3 -out rk
[ "$status" -eq 0 ]; check "-ts_type rk -ts_rk_type 4dense" $? "$(head -c 200 err.txt)"
a=$(value error.l2.g_xx s.json) b=$(value error.l2.g_xx rk/summary.json)
awk "BEGIN{exit !($a > 0 && ($a - $b)^2 <= (1e-9 * $a)^2)}"; check "PETSc's stepper, the same equations: the same error" $? "$a $b"
run "$AEONIC" gr $small -ts_max_steps 3 -out cites -citations c.txt -log_view :log.txt
grep -q 'gr-qc/0305023\|Alcubierre' c.txt && grep -q 'Baumgarte' c.txt; check "-citations names datum and formulation" $?
grep -q AePassA log.txt && grep -q AeHalo log.txt; check "-log_view has our events" $?
run "$AEONIC" gr $small -ts_max_steps 3 -out info -info :ts
[ "$status" -eq 0 ]; check "-info is accepted" $?

# every formulation, with matter: names of its fields, constraints with the sources
for form in bssn z4c ccz4 adm; do
  # flat space with a cosmological constant L: H = R + K^2 - K_ij K^ij - 16 pi L/(8 pi) = -2 L; second derivatives of constants leave roundings over h^2
  run "$AEONIC" gr -gr_initial minkowski -gr_formulation $form -gr_matter scalar -gr_lambda 0.25 -progress none -grid_n 8,8,8 -ts_max_steps 0 -out "m-$form" -fields chi,K,phi,Pi,H
  [ "$status" -eq 0 ] && awk "BEGIN{exit !(($(value constraint.H.linf "m-$form/summary.json") - 0.5)^2 <= 1e-24)}"; check "$form: a cosmological constant in H" $? "$(cat err.txt)"
  [ "$(ls "m-$form"/fields/*/ | grep -c 'xyz.h5')" -ge 5 ]; check "$form: chi, K, phi, Pi and H are written" $?
done
run "$AEONIC" gr -gr_initial gauge_wave -gr_conformal w -progress none -grid_n 8,8,8 -ts_max_steps 1 -out w
[ "$status" -eq 0 ]; check "the default -fields with W evolved" $? "$(cat err.txt)"

# failures: what was written stays
run "$AEONIC" gr $small -ts_dt 0.5 -ts_max_steps 200 -gw_amplitude 0.5 -diss_sigma 0 -out nan -series_every 1 -ts_adapt_type none
[ "$status" -eq 2 ]; check "NaN in the state: exit 2" $? "status $status"
grep -qE 'not finite: .*[a-z]+(_[a-z]+)? at cell \([0-9]+,[0-9]+,[0-9]+\), \(x,y,z\) = \(.*\), t = .*, stage [1-4] of step [0-9]+' err.txt; check "NaN: field, cell, coordinates, time and stage" $? "$(cat err.txt)"
[ "$(value run.exit nan/summary.json)" = 2 ] && [ -s nan/series/H.norm2.asc ]; check "NaN: summary and series are there" $?
python3 - nan <<'P'
import sys, glob, h5py, math
files = glob.glob(sys.argv[1] + "/fields/*/*.h5")
assert files
for f in files:
    with h5py.File(f) as h:
        for name, d in h.items():
            if hasattr(d, "shape"): d[...]
last = [l for l in open(sys.argv[1] + "/series/H.norm2.asc") if not l.startswith("#")][-1].split()
assert len(last) == 3 and math.isfinite(float(last[1]))
P
check "NaN: what was written can be read" $?

# a limit on file sizes stands for a full disk: exit 3, one line that names the file, older files intact
run "$AEONIC" gr $wave -grid_n 32,32,32 -ts_max_steps 4 -out keep
before=$(cd keep && find . -type f | sort | xargs sha256sum | sha256sum)
# (PMIX_MCA_gds=hash: MPI's own start-up would need more than that in shared files)
run env PMIX_MCA_gds=hash bash -c "trap '' XFSZ; ulimit -f 100; exec '$AEONIC' gr $wave -grid_n 32,32,32 -ts_max_steps 4 -out full"
[ "$status" -eq 3 ] && [ "$(own_lines)" -eq 1 ] && grep -q 'full/' err.txt; check "disk full: exit 3 and one line with the file" $? "status $status $(head -c 300 err.txt)"
[ "$(cd keep && find . -type f | sort | xargs sha256sum | sha256sum)" = "$before" ]; check "disk full: other runs are untouched" $?
refused 1 "keep" gr $wave -grid_n 32,32,32 -out keep
[ "$(cd keep && find . -type f | sort | xargs sha256sum | sha256sum)" = "$before" ]; check "a refused folder is untouched" $?
run "$AEONIC" gr $small -ts_max_steps 1 -out keep -fresh
[ "$(cd keep.old-1 && find . -type f | sort | xargs sha256sum | sha256sum)" = "$before" ]; check "-fresh keeps the old run whole" $?
mkdir ro && touch ro/notes.txt
run "$AEONIC" gr $small -ts_max_steps 1 -out ro/notes.txt
[ "$status" -ne 0 ] && [ "$(own_lines)" -eq 1 ] && grep -q 'ro/notes.txt' err.txt; check "-out that is a file: refused" $? "$(cat err.txt)"
finish
