#!/bin/bash
# The memory of a run from the command line: what it keeps and serves, its bank, its receipts, and what is refused.
. "$(dirname "$0")/lib.sh"
wave="-gr_initial gauge_wave -grid_n 16,8,8 -progress none -fields none"

refused 1 "-mem_budget_tier1 4 is too small here: the time step after a rejection needs at least 8 bytes" gr $wave -mem_budget_tier1 4
refused 1 "-mem_budget_tier2" gr $wave -mem_budget_tier2 -1
refused 1 "-mem_bank" gr $wave -mem_bank

# a bank: written at the end, read at the start, of this machine, build and resolution only
run "$AEONIC" gr $wave -ts_max_steps 3 -mem_bank bank.h5 -hash_every 1 -out a
[ "$status" -eq 0 ] && [ -s bank.h5 ] && [ "$(value mem.hits a/summary.json)" = 0 ]; check "a bank is written" $? "$(cat err.txt)"
run "$AEONIC" gr $wave -ts_max_steps 3 -mem_bank bank.h5 -hash_every 1 -out b -mem_view
[ "$status" -eq 0 ] && [ "$(value mem.hits b/summary.json)" = 2 ] && grep -q '"kind":"MEM_HIT".*"key":"tile bssn' b/receipts.jsonl && grep -q '"kind":"MEM_HIT".*"key":"plans 16 x 8 x 8' b/receipts.jsonl; check "tiles and plans of transforms are served from it" $? "$(cat err.txt)"
grep -q '^tier 3 ' out.txt && grep -q 'tile bssn.*served 1 times' out.txt; check "-mem_view lists tiers and entries" $?
cmp -s a/series/state_hash.txt b/series/state_hash.txt; check "what is served changes no bit" $?
refused 1 "-mem_bank bank.h5: it belongs to another resolution: 16 x 8 x 8, order 4, here it is 16 x 8 x 8, order 6" gr $wave -fd_order 6 -mem_bank bank.h5
head -c 900 bank.h5 >cut.h5
refused 1 "-mem_bank cut.h5: it cannot be read, or is no bank" gr $wave -mem_bank cut.h5
python3 - <<'P'
import h5py
with h5py.File("bank.h5", "r+") as h:
    h.attrs.modify("machine", b"another machine")
P
refused 1 "belongs to another machine: another" gr $wave -mem_bank bank.h5

# rejections: what worked is learnt, a rollback is a new regime, all of it receipted
unstable="$wave -ts_dt 0.2 -ts_max_time 1.6 -rails_H_max 1e-2 -rails_hold 2 -loom_every 0" # the loom would find a dt that needs no rejection
run "$AEONIC" gr $unstable -out r
[ "$status" -eq 0 ] && [ "$(value rails.rejected r/summary.json)" -ge 2 ] && [ "$(value mem.hits r/summary.json)" -ge 1 ]; check "the step after a rejection is asked of the memory" $? "$(cat err.txt)"
grep -q '"kind":"REGIME_SHIFT".*"reason":"rollback"' r/receipts.jsonl && grep -q '"kind":"REGIME_SHIFT".*"reason":"dt"' r/receipts.jsonl && grep -q '"kind":"MEM_PUT".*"key":"dt after a rejection","tier":1,"size":8' r/receipts.jsonl; check "regime shifts and what is kept are receipted" $?
run "$AEONIC" verify r/receipts.jsonl
[ "$status" -eq 0 ]; check "the record is unbroken" $? "$(cat err.txt)"
[ "$(value clock.maint r/summary.json)" -ge 1 ]; check "maintenance has its clock" $?
run mpiexec -n 2 "$AEONIC" gr $unstable -out r2
same state.hash r r2 && same mem.hits r r2; check "2 ranks: the same bits and the same hits" $?

# a restart has the memory of the run in one piece
run "$AEONIC" gr $unstable -ts_max_steps 8 -checkpoint_every 100 -out r3
run "$AEONIC" gr $unstable -restart -out r3
same state.hash r r3 && cmp -s r/series/rails.txt r3/series/rails.txt; check "restart: the same verdicts and bits" $? "$(cat err.txt)"
finish
