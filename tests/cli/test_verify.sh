#!/bin/bash
# aeonic verify: the receipts of real runs, good ones and ones that ended badly; what was done to them afterwards.
. "$(dirname "$0")/lib.sh"
wave="-gr_initial gauge_wave -grid_n 16,8,8 -progress none"
good() { # WHAT FILE: verify accepts it
  run "$AEONIC" verify "$2"
  [ "$status" -eq 0 ] && [ ! -s err.txt ] && grep -q 'unbroken' out.txt; check "$1: unbroken" $? "$(head -c 200 err.txt)"
}
last() { tail -n 1 "$1" | grep -q "$2"; }

# a run and what it says of itself
run "$AEONIC" gr $wave -ts_max_steps 5 -hash_every 2 -fields_every 2 -out a
r=a/receipts.jsonl
good "a run" $r
[ "$(grep -c STEP_ACCEPT $r)" -eq 5 ] && [ "$(grep -c STEP_ATTEMPT $r)" -eq 5 ]; check "every step is in it" $?
[ "$(grep -c '"kind":"OUTPUT".*"file":"fields"' $r)" -eq 4 ]; check "every 3-D output: 0, 2, 4 and the end" $? "$(grep -c '"OUTPUT"' $r)"
[ "$(grep -c '"kind":"HASH"' $r)" -eq 4 ]; check "every hash: 0, 2, 4 and the end" $? "$(grep -c '"HASH"' $r)"
grep -q "state hash: $(value state.hash a/summary.json)" out.txt && last $r "$(value state.hash a/summary.json)"; check "the final state's hash is the summary's" $?
grep -q "5 attempts, n = 5, t = $(value time.t a/summary.json)" out.txt; check "clocks as in the summary" $? "$(grep clocks out.txt)"
[ "$(value clock.step a/summary.json)$(value clock.maint a/summary.json)" = 50 ] && [ "$(value clock.loom a/summary.json)" = "$(grep -c LOOM $r)" ] && [ "$(value clock.loom a/summary.json)" -ge 1 ] && [ "$(value run.reproducible a/summary.json)" = exact ]; check "clocks and determinism class in the summary" $?
head -n 1 $r | grep -q '"reproducible":"exact".*"-gr_initial":"gauge_wave"'; check "the opening holds class and options" $?
echo "-gr_cfl 0.2" >some.opts
run mpiexec -n 2 "$AEONIC" gr $wave -ts_max_steps 2 -options_file some.opts -out b
good "a run on two ranks" b/receipts.jsonl
grep -q "\"inputs\":{\"some.opts\":\"$(b2sum -l 256 some.opts | cut -d' ' -f1)\"}" b/receipts.jsonl; check "the opening holds the hash of the option file" $?
run "$AEONIC" gr $wave -ts_max_steps 2 -receipts 0 -out c
[ "$status" -eq 0 ] && [ ! -e c/receipts.jsonl ]; check "-receipts 0 writes none" $?
run "$AEONIC" gr $wave -ts_max_steps 6 -mem_audit -out d
grep -q 'over 4 steps: 0 our own, 0 in libraries' out.txt; check "no heap allocation in a step with receipts" $? "$(head -n 3 out.txt)"

# steps that a controller of PETSc's sends back
run "$AEONIC" gr $wave -fields none -ts_type rk -ts_rk_type 5dp -ts_adapt_type dsp -ts_dt 0.2 -ts_rtol 1e-11 -ts_atol 1e-11 -ts_max_steps 10 -out e
rejects=$(value time.rejects e/summary.json)
good "a run with rejected steps" e/receipts.jsonl
[ "$rejects" -ge 1 ] && [ "$(grep -c STEP_REJECT e/receipts.jsonl)" -eq "$rejects" ] && [ "$(grep -c STEP_ATTEMPT e/receipts.jsonl)" -eq $((10 + rejects)) ] && [ "$(value clock.step e/summary.json)" -eq $((10 + rejects)) ]; check "every attempt and every rejection is in it" $? "$rejects rejects"
[ "$(value run.reproducible e/summary.json)" = tolerance ] && head -n 1 e/receipts.jsonl | grep -q '"reproducible":"tolerance"'; check "a controller that takes norms rank by rank: class tolerance" $?

# a breakdown
run "$AEONIC" gr $wave -ts_dt 1 -ts_max_time 50 -ts_adapt_type none -out nan
[ "$status" -eq 2 ]; check "a run that breaks down" $? "status $status"
good "its receipts" nan/receipts.jsonl
last nan/receipts.jsonl '"kind":"RUN_CLOSE".*"exit":2,"reason":"the state is not finite' && grep -q '"kind":"STEP_REJECT"' nan/receipts.jsonl && grep -q '"kind":"ROLLBACK"' nan/receipts.jsonl && grep -q '"kind":"ERROR".*"status":2' nan/receipts.jsonl; check "rejection, rollback, error and end are in them" $?
grep -q 'exit status 2' out.txt; check "verify says how it ended" $?

# started DIR COMMAND...: in the background, until its receipts have some lines; leaves $pid
started() {
  local dir=$1
  shift
  "$@" -out "$dir" >out.txt 2>err.txt &
  pid=$!
  until_true has_lines "$dir/receipts.jsonl"; check "$dir: it runs" $? "$(head -c 200 err.txt)"
}
has_lines() { [ -s "$1" ] && [ "$(wc -l <"$1")" -gt 20 ]; }
long="$wave -ts_max_time 1e6 -fields none"

# a full disk: from here on no file may grow beyond what the receipts have now
started full "$AEONIC" gr $long
prlimit --pid $pid --fsize=$(stat -c %s full/receipts.jsonl); wait $pid; status=$?
[ "$status" -eq 3 ] && [ "$(own_lines)" -eq 1 ] && grep -q 'full/.*: File too large' err.txt; check "a full disk: status 3, one line" $? "status $status $(head -c 200 err.txt)"
run "$AEONIC" verify full/receipts.jsonl -unfinished
[ "$status" -eq 0 ]; check "what was written before is whole" $? "$(head -c 200 err.txt)"

# signals
for sig in TERM HUP SEGV KILL; do
  started s$sig "$AEONIC" gr $long
  kill -$sig $pid; wait $pid 2>/dev/null; st=$?
  case $sig in
    KILL) run "$AEONIC" verify sKILL/receipts.jsonl
          [ "$status" -eq 1 ] && grep -qE 'line [0-9]+: (missing|torn)' err.txt; check "killed: no end is found" $? "$(cat err.txt)" ;;
    SEGV) good "a crash" sSEGV/receipts.jsonl
          [ "$st" -eq 3 ] && last sSEGV/receipts.jsonl '"exit":3,"reason":"segmentation fault"'; check "a crash closes the record" $? "status $st" ;;
    TERM) good "SIGTERM" sTERM/receipts.jsonl
          [ "$st" -eq 0 ] && last sTERM/receipts.jsonl '"kind":"RUN_CLOSE".*"exit":0,"reason":"stopped by SIGTERM' && grep -q '"kind":"CHECKPOINT"' sTERM/receipts.jsonl; check "SIGTERM: a checkpoint and an ordinary end" $? "status $st" ;;
    *) good "SIG$sig" s$sig/receipts.jsonl
       [ "$st" -gt 128 ] && last s$sig/receipts.jsonl '"kind":"RUN_CLOSE"'; check "SIG$sig closes the record" $? "status $st" ;;
  esac
done
# to the ranks themselves: mpiexec sends SIGKILL a second after SIGTERM, which is too soon where ranks wait for a core
started two mpiexec -n 2 "$AEONIC" gr $long
kill -TERM $(pgrep -P $pid); wait $pid 2>/dev/null
good "both of two ranks told to stop" two/receipts.jsonl

# what is done to a good file
n=$(wc -l <$r)
damaged() { # LINE WHAT
  run "$AEONIC" verify x.jsonl
  [ "$status" -eq 1 ] && [ "$(cat out.txt err.txt | wc -l)" -eq 1 ] && grep -q "x.jsonl: line $1: " err.txt; check "$2 is found in line $1" $? "status $status $(head -c 200 err.txt)"
}
sed 5d $r >x.jsonl; damaged 5 "a missing line"
sed '$d' $r >x.jsonl; damaged "$n" "a missing last line"
sed 5p $r >x.jsonl; damaged 6 "a repeated line"
sed '5{h;d};6{G}' $r >x.jsonl; damaged 5 "a swapped pair"
sed '7s/STEP_ACCEPT\|HASH\|OUTPUT\|STEP_ATTEMPT/HASH/;7s/"level":0/"level":1/' $r >x.jsonl; damaged 7 "a changed line"
sed '4s/.\{40\}$//' $r >x.jsonl; damaged 4 "a shortened line"
head -c -30 $r >x.jsonl; damaged "$n" "a torn tail"
: >x.jsonl; damaged 1 "an empty file"
cp a/summary.json x.jsonl; damaged 1 "a file that is not receipts"
head -c 5000 /dev/urandom >x.jsonl; damaged 1 "random bytes"

# the command line
refused 1 "no/such/file: cannot be read: No such file" verify no/such/file
refused 1 "not a file of receipts" verify a
refused 1 "no file given" verify
refused 1 "unexpected word" verify $r $r
refused 1 "did you mean -schema?" verify $r -schem
run "$AEONIC" verify -schema
[ "$status" -eq 0 ] && [ "$(grep -cE '^[A-Z_]+ ' out.txt)" -eq 24 ] && grep -q '^STEP_ACCEPT *n:integer t:real dt:real' out.txt; check "-schema prints every kind" $?
run "$AEONIC" help verify
[ "$status" -eq 0 ] && grep -q -- '-unfinished' out.txt; check "aeonic help verify" $?
run mpiexec -n 2 "$AEONIC" verify $r
[ "$status" -eq 0 ] && [ "$(grep -c unbroken out.txt)" -eq 1 ]; check "on two ranks, said once" $?
finish
