#!/bin/bash
# Rails from the command line: what is taken back, what stops a run and what it says, and that they leave good runs alone.
. "$(dirname "$0")/lib.sh"
wave="-gr_initial gauge_wave -grid_n 16,8,8 -progress none"
states() { sed 1d "$1/series/state_hash.txt" | head -n "$2"; }

refused 1 "-rails_dt_min 0.1 is above -rails_dt_max 0.01" gr $wave -rails_dt_min 0.1 -rails_dt_max 0.01
refused 1 "-rails_H_max" gr $wave -rails_H_max -1
refused 1 "-rails_drill" gr $wave -rails_drill 3

# a run that no rail touches has the bits of a run without rails
run "$AEONIC" gr $wave -ts_max_steps 6 -hash_every 1 -out on
[ "$status" -eq 0 ] && [ ! -e on/series/rails.txt ] && [ "$(value rails.on on/summary.json)" = true ]; check "rails are on and silent" $?
run "$AEONIC" gr $wave -ts_max_steps 6 -hash_every 1 -out off -ts_adapt_type none
cmp -s on/series/state_hash.txt off/series/state_hash.txt; check "and do not change a bit" $?
[ "$(sed -n 3,8p on/series/H.norm2.asc)" = "$(sed -n 3,8p off/series/H.norm2.asc)" ]; check "the candidate's constraints are those of the next step's first stage" $?

# a drill: noise on one candidate is taken back, bit for bit, and survived
for ranks in 1 2; do
  run mpiexec -n $ranks "$AEONIC" gr $wave -ts_max_steps 20 -hash_every 1 -rails_H_max 1e-3 -rails_drill 4,1e-3 -out drill$ranks
  [ "$status" -eq 0 ]; check "drill on $ranks ranks: the run survives" $? "$(cat err.txt)"
done
[ "$(states drill1 4)" = "$(states on 4)" ]; check "drill: the states before it" $?
[ "$(sed -n 2p drill1/series/rails.txt | cut -d' ' -f1,2,5,6,9)" = "4 1 reject H CONS/L/R2" ]; check "drill: taken back by H" $? "$(sed -n 2p drill1/series/rails.txt)"
awk '$1 == 4 && $2 == 2 { exit !($5 == "accept" && $4 * 2 == 0.015625) }' drill1/series/rails.txt; check "drill: accepted with half the step" $?
[ "$(value time.rejects drill1/summary.json)" = 1 ] && [ "$(value rails.rejected drill1/summary.json)" = 1 ]; check "drill: one rejection" $?
[ "$(value mem.allocs_per_step.own drill1/summary.json)" = 0.0 ]; check "drill: no heap allocation of ours, the rejection included" $? "$(value mem.allocs_per_step.own drill1/summary.json)"
awk '!/#/ { n++; if (!($3 <= 1e-3)) bad = 1 } END { exit bad || n < 20 }' drill1/series/H.norm2.asc; check "drill: no accepted state is beyond the limit" $?
cmp -s drill1/series/rails.txt drill2/series/rails.txt && cmp -s drill1/series/state_hash.txt drill2/series/state_hash.txt; check "the same verdicts and bits on 2 ranks" $?
run "$AEONIC" gr $wave -ts_max_steps 20 -rails_H_max 1e-3 -rails_drill 4,1e-3 -out drillrk -ts_type rk
[ "$status" -eq 0 ]; check "-ts_type rk has no look-ahead: rails run" $? "$(cat err.txt)"

run "$AEONIC" verify drill1/receipts.jsonl
[ "$status" -eq 0 ] && grep -q '"kind":"STEP_REJECT".*"reason":"rail H".*"residual":.*"thread":"CONS/L/R2".*"next_dt":0.0078125' drill1/receipts.jsonl && grep -q '"kind":"ROLLBACK"' drill1/receipts.jsonl; check "drill: in the receipts" $?

# dt beyond the limit of stability: halved until it holds
run "$AEONIC" gr $wave -ts_dt 0.1 -ts_max_time 2 -rails_H_max 3e-3 -loom_every 0 -out dt
[ "$status" -eq 0 ] && grep -q ' reject ' dt/series/rails.txt; check "an unstable step is taken back and mended" $? "$(cat err.txt)"

# a violation that is the state's own: stop, with what, where and why
run "$AEONIC" gr $wave -ts_max_steps 30 -rails_H_max 5e-5 -out state
[ "$status" -eq 2 ] && grep -qE '^aeonic: error: rail H violated: [0-9.e-]+ where -rails_H_max is 5e-05, largest at cell \([0-9]+,[0-9]+,[0-9]+\), \(x,y,z\) = .*, t = [0-9.]+, step [0-9]+, .*: the state itself drives it$' err.txt; check "state violation: exit 2, field, level, point" $? "$(cat err.txt)"
[ "$(grep -c ' reject ' state/series/rails.txt)" -eq 1 ] && grep -q ' control H ' state/series/rails.txt; check "state violation: controls first, then one rejection" $?
[ "$(value run.exit state/summary.json)" = 2 ] && [ -n "$(value state.hash state/summary.json)" ] && ls state/fields/*/chi.xyz.h5 >/dev/null; check "the last good state is there" $?
run "$AEONIC" gr $wave -ts_max_steps 5 -gr_perturb 1e-3 -rails_H_max 1e-6 -out begin
[ "$status" -eq 2 ] && grep -q 'the run cannot begin' err.txt; check "data beyond a limit: the run does not begin" $? "$(cat err.txt)"
run "$AEONIC" gr $wave -ts_dt 0.5 -ts_max_steps 200 -gw_amplitude 0.5 -diss_sigma 0 -out lapse
[ "$status" -eq 2 ] && grep -q 'rail lapse violated' err.txt; check "a lapse that is not positive: exit 2" $? "$(cat err.txt)"
run "$AEONIC" gr $wave -ts_dt 0.5 -ts_max_steps 200 -gw_amplitude 0.5 -diss_sigma 0 -rails_lapse_min -1 -rails_chi_min -1 -rails_retries 0 -out nan
[ "$status" -eq 2 ] && grep -qE 'not finite: .*[a-z]+(_[a-z]+)? at cell \([0-9]+,[0-9]+,[0-9]+\), \(x,y,z\) = \(.*\), t = .*, stage [1-4] of step [0-9]+' err.txt; check "NaN: field, cell, coordinates, time and stage" $? "$(cat err.txt)"

# autopsy
run "$AEONIC" gr $wave -ts_dt 0.5 -ts_max_steps 200 -gw_amplitude 0.5 -diss_sigma 0 -out aut -autopsy
[ "$status" -eq 2 ] && grep -qE '^autopsy of step [0-9]+, t = .*: (lapse|chi) of stage [2-4] at cell \([0-9,]+\), .*: (the lapse|chi) is not positive; term: [a-z].*aut/autopsy.txt$' out.txt; check "autopsy: variable, stage, cell, fault, term" $? "$(head -c 400 out.txt)"
[ "$(grep -vc '^#' aut/autopsy.txt)" -eq 343 ] && awk '/^#/ { next } NF != 6 + 2 * 21 { bad = 1 } END { exit bad }' aut/autopsy.txt; check "autopsy: 7 x 7 x 7 cells, every field and its slope" $?
run "$AEONIC" gr $wave -ts_max_steps 30 -rails_H_max 5e-5 -out aut2 -autopsy
[ "$status" -eq 2 ] && grep -q 'of the candidate at cell (13,0,0).*every stage is possible' out.txt && grep -q '(13,0,0)' err.txt; check "autopsy of a rail that was not kept: the rail's cell" $? "$(head -c 400 out.txt)"
same state.hash aut2 state; check "an autopsy leaves the last good state alone" $?

# controls and caps
run "$AEONIC" gr $wave -ts_max_steps 8 -rails_dt_max 0.01 -out cap
[ "$status" -eq 0 ] && grep -q 'SEM/L/R1$' cap/series/rails.txt && [ "$(value rails.dt_set_by cap/summary.json)" = SEM/L/R1 ]; check "the cap that binds is named" $?

# what is near its rail asks the loom to look; a tail of the spectrum raises dissipation and is not rejected
noisy="-gr_initial gauge_wave -gr_perturb 1e-4 -grid_n 32,8,8 -progress none -fields none -ts_max_steps 24"
run "$AEONIC" gr $noisy -rails_D_max 0.5 -out tail
[ "$status" -eq 0 ] && [ "$(value rails.rejected tail/summary.json)" = 0 ] && awk '$5 == "control" && $6 == "D" && $8 > 1 { found = 1 } END { exit !found }' tail/series/rails.txt; check "D_max beyond its rail: controlled, not rejected" $?
grep -q '"kind":"LOOM".*"reason":"the rails ask"' tail/receipts.jsonl && grep -q '"rail":"D".*"action":"dissipation"' tail/receipts.jsonl; check "  and receipted: dissipation, and a tick that the rails asked for" $?
run "$AEONIC" verify tail/receipts.jsonl
check "  unbroken" "$status"
run "$AEONIC" gr $noisy -rails_H_max 1.3 -rails_cleanup -out clean
[ "$status" -eq 0 ] && awk '$1 == 1 { exit !($5 == "control" && $6 == "H") }' clean/series/rails.txt; check "-rails_cleanup: control by H" $? "$(cat err.txt)"
awk '$1 == 1 { exit !($4 < 0.1 * 1.3 && $3 > 0.5 * 1.3) }' clean/series/cleanup.txt && [ "$(grep -vc '^#' clean/series/cleanup.txt)" -le 2 ]; check "  H falls from above half of its rail to below a tenth, and not at every step" $? "$(cat clean/series/cleanup.txt)"
run "$AEONIC" gr $noisy -rails_H_max 1.3 -rails_cleanup -cleanup_rtol 1e-3 -out further
awk '$1 == 1 { exit !($4 * 100 < $3 && $6 * 100 < $5) }' further/series/cleanup.txt; check "  a tolerance of the user's goes further: H and M fall 100 times" $? "$(cat further/series/cleanup.txt)"
grep -q '"action":"clean-up"' clean/receipts.jsonl && grep -q '"kind":"CLEANUP"' clean/receipts.jsonl; check "  and receipted" $?
refused 1 "-rails_cleanup needs -ts_adapt_type rails" gr $noisy -ts_adapt_type none -rails_cleanup
refused 1 "-rails_D_max" gr $noisy -rails_D_max 2
# with dt beyond the limit of stability the rates that the loom measures rise until their cap binds
run "$AEONIC" gr $wave -ts_dt 0.2 -ts_max_time 1.6 -rails_H_max 1e-2 -out fast
[ "$status" -eq 0 ] && awk '$11 ~ "PHY/./R1" && $10 < 0.1 { found = 1 } END { exit !found }' fast/series/rails.txt; check "the loom's cap binds and is named" $? "$(cat err.txt fast/series/rails.txt)"
finish
