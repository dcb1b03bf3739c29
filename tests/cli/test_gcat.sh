#!/bin/bash
# aeonic gcat: the rows there are, a few that decide right from wrong, the summary, and wrong names.
. "$(dirname "$0")/lib.sh"
mkdir runs

run "$AEONIC" gcat -gcat_list
[ "$status" -eq 0 ] && [ "$(grep -c GCAT- out.txt)" -ge 12 ] && [ "$(cut -d' ' -f1 out.txt | sort -u | wc -l)" -eq "$(wc -l <out.txt)" ]; check "a list of at least twelve rows, each once" $? "$(wc -l <out.txt)"
for row in tiles record gate fused short_wave pulse_D_max; do
  rm -f gcat.json
  PETSC_TMP=$work/runs run "$AEONIC" gcat -gcat_run $row -out "run-$row" -summary gcat.json
  [ "$status" -eq 0 ] && grep -q "^pass $row " out.txt; check "$row passes" $? "$(head -c 200 err.txt) $(head -n 1 out.txt)"
  [ "$(value gcat.$row.pass gcat.json)" = true ] && [ "$(value gcat.passed gcat.json)" = 1 ] && [ "$(value gcat.failed gcat.json)" = 0 ] && [ -n "$(value gcat.$row.value gcat.json)" ] && [ -n "$(value gcat.$row.bound gcat.json)" ]; check "$row in the summary" $?
done
[ -z "$(ls runs)" ]; check "its runs are removed" $?
run mpiexec -n 2 "$AEONIC" gcat -gcat_run tiles -out two
[ "$status" -eq 0 ] && grep -q '^pass tiles' out.txt; check "on two ranks" $? "$(head -c 200 err.txt)"
run "$AEONIC" gcat -gcat_run tiles,gate -out list
[ "$status" -eq 0 ] && [ "$(grep -c '^pass' out.txt)" = 2 ] && grep -q '^2 passed, 0 failed' out.txt; check "a list of rows" $? "$(head -c 200 err.txt)"
rm -f gcat.json
"$AEONIC" gcat -gcat_run tiles,maximal -out killed -summary gcat.json >/dev/null 2>&1 & pid=$!
until_true test -s gcat.json
kill -9 $pid; wait $pid 2>/dev/null
[ "$(value gcat.tiles.pass gcat.json)" = true ]; check "killed in the midst: the rows before are in the summary" $?
refused 1 "-gcat_run gat: there is no such row, did you mean gate" gcat -gcat_run tiles,gat
refused 1 "did you mean tiles" gcat -gcat_run tile
refused 1 "gcat_list" gcat -gcat_lst
finish
