#!/bin/bash
# The command line: what is refused, with which status, in one line that names it; and what passes.
. "$(dirname "$0")/lib.sh"

# the checkers first, fed wrong answers
(status=0; check x 1) | grep -q '^not ok'; check "check reports a failure" $?
(AEONIC=false; refused 1 text) | grep -q '^not ok'; check "refused reports a missing message" $?
(AEONIC=true; refused 1 text) | grep -q '^not ok'; check "refused reports a wrong status" $?

refused 1 "no command"
refused 1 "did you mean gr?" gt
refused 1 "unknown command" completely-else
refused 1 "unknown command" help nothing
for words in help -h -help --help; do
  run "$AEONIC" $words
  [ "$status" -eq 0 ] && grep -q 'evolve a spacetime' out.txt && [ ! -s err.txt ]; check "aeonic $words" $?
done
run "$AEONIC" --version
[ "$status" -eq 0 ] && grep -qE '^aeonic [0-9]+\.[0-9]+' out.txt; check "aeonic --version" $?

refused 1 "-grid_n" gr --grid_n 8,8,8
refused 1 "stray" gr stray
refused 1 "'8'" gr -grid_n 8,8,8 8
refused 1 "-grid_n" gr -grid_n 8,8
refused 1 "-grid_n" gr -grid_n 8,8,8,8
refused 1 "-grid_n" gr -grid_n -gr_cfl 0.2
refused 1 "-grid_n" gr -grid_n ""
refused 1 "-grid_n" gr -grid_n 8,8,nan
refused 1 "-grid_n" gr -grid_n 8,8,99999999999
refused 1 "-grid_n" gr -grid_n 8,8,0
refused 1 "-grid_n" gr -grid_n 8,8,3-6
refused 1 "-gr_cfl" gr -gr_cfl
refused 1 "-gr_cfl" gr -gr_cfl nan
refused 1 "-gr_cfl" gr -gr_cfl inf
refused 1 "-gr_cfl" gr -gr_cfl -0.1
refused 1 "-gr_cfl" gr -gr_cfl 1e400
refused 1 "-gr_cfl" gr -gr_cfl 0.2x
refused 1 "did you mean gauge_wave?" gr -gr_initial gaugewave
refused 1 "unknown option -gr_inital, did you mean -gr_initial?" gr -gr_inital minkowski
refused 1 "-ts_max_steps" gr -ts_max_steps 99999999999
refused 1 "-ts_max_time" gr -ts_max_time
refused 1 "-ts_max_time" gr -ts_max_time -1
refused 1 "-ts_dt" gr -ts_dt 0
refused 1 "-progress" gr -progress perhaps
refused 1 "-fresh" gr -fresh perhaps
refused 1 "no/such/file" gr -options_file no/such/file
refused 1 "-summary no/such/folder/s.json" gr -summary no/such/folder/s.json
echo "-gr_cfl nan" >bad.opts
refused 1 "-gr_cfl" gr -options_file bad.opts
echo "-gr_clf 0.1" >bad.opts
refused 1 "did you mean -gr_cfl?" gr -options_file bad.opts
export PETSC_OPTIONS="-ts_dt"
refused 1 "-ts_dt" gr
unset PETSC_OPTIONS
[ ! -e out ]; check "nothing was written by what was refused" $?

short="-gr_initial minkowski -grid_n 8,8,8 -ts_max_steps 2 -progress none"
run "$AEONIC" gr $short
[ "$status" -eq 0 ] && [ -s out/gr-minkowski/summary.json ] && [ -s out/gr-minkowski/options.txt ]; check "a short run writes its folder" $?
refused 1 "out/gr-minkowski" gr $short
run "$AEONIC" gr $short -fresh
[ "$status" -eq 0 ] && [ -d out/gr-minkowski.old-1 ]; check "-fresh moves the old run aside" $?
run "$AEONIC" gr $short -out a -gr_inital minkowski -options_left_ok
[ "$status" -eq 0 ]; check "-options_left_ok accepts what nothing reads" $?
run "$AEONIC" gr $short -out b -options_left -options_view -objects_dump -memory_view -malloc_dump -log_view :log.txt -citations cite.txt
[ "$status" -eq 0 ] && [ ! -s err.txt ]; check "what PetscFinalize reads is accepted" $? "status $status, $(head -c 200 err.txt)"
grep -q 'Evolve' log.txt; check "-log_view shows our stages" $?
grep -q '@misc{aeonic' cite.txt; check "-citations names Aeonic" $?
run "$AEONIC" gr $short -out d -progress line
[ "$(grep -cE '^step +[0-9]+  t [0-9.]+  dt [0-9.e+-]+.*  left ' out.txt)" -ge 2 ]; check "-progress line: the first and the last step" $?
run "$AEONIC" gr $short -out e -progress bar
grep -q $'^\rstep ' out.txt && [ "$(grep -c 'step ' out.txt)" -eq 1 ]; check "-progress bar: one line redrawn" $?
run "$AEONIC" gr -help
[ "$status" -eq 0 ] && [ ! -s err.txt ] && [ "$(grep -n -- '-grid_n <' out.txt | cut -d: -f1)" -lt "$(grep -n -- '-ts_max_time' out.txt | head -n 1 | cut -d: -f1)" ]; check "-help: our options, then PETSc's" $?
ours() { sed '/^PETSc.s options/,$d' out.txt; } # PETSc prints an uninitialised default in its own part
ours >help.txt
run "$AEONIC" help gr
ours | cmp -s - help.txt; check "aeonic help gr is aeonic gr -help" $?
for option in gw_amplitude noise_amplitude gowdy_tau0 gowdy_t0 teukolsky_width hole_spin hole_radius bl_holes frw_t0 pulse_width file_folder; do
  grep -q -- "^  -$option <" help.txt || { check "-help: -$option" 1; missing=1; }
done
[ -z "${missing-}" ]; check "-help: the options of every datum" $?
run "$AEONIC" gr -gr_initial file -help
[ "$status" -eq 0 ] && [ "$(grep -c "^Aeonic's options" out.txt)" -eq 1 ] && grep -q '^  -ts_max_time' out.txt; check "-help of data from files: once, and whole" $?
run "$AEONIC" gr -gr_cfl x -error_trace
[ "$status" -eq 1 ] && grep -q 'PETSC ERROR' err.txt; check "-error_trace adds PETSc's trace" $?
run mpiexec -n 2 "$AEONIC" gr -gr_cfl x
[ "$status" -eq 1 ] && [ "$(own_lines)" -eq 1 ]; check "two ranks, one line" $? "$(grep ^aeonic err.txt | tr '\n' '|')"
run mpiexec -n 2 "$AEONIC" gr -ts_type nosuch -out c
[ "$status" -eq 1 ] && [ "$(own_lines)" -eq 1 ]; check "an error inside PETSc on both ranks, one line" $? "$(grep ^aeonic err.txt | tr '\n' '|')"
finish
