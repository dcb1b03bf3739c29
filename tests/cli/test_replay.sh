#!/bin/bash
# verify -replay: an honest record is that of the run; one that was forged with all its hashes is unbroken and found.
. "$(dirname "$0")/lib.sh"
run "$AEONIC" gr -gr_initial gauge_wave -grid_n 16,8,8 -progress none -ts_max_steps 20 -hash_every 5 -checkpoint_every 8 -checkpoint_keep 9 -rails_H_max 1e-3 -rails_drill 12,1e-3 -out a
[ "$status" -eq 0 ] && grep -q STEP_REJECT a/receipts.jsonl; check "a run with a rejection" $? "$(cat err.txt)"
r=a/receipts.jsonl c=a/checkpoint/000008.h5
# forge PATTERN TEXT: the last line with the pattern is changed, and every hash after it made anew
forge() {
  python3 - "$1" "$2" <<'P'
import hashlib, re, sys
lines = open("a/receipts.jsonl").read().splitlines()
at = max(i for i, l in enumerate(lines) if re.search(sys.argv[1], l))
lines[at] = re.sub(sys.argv[1], sys.argv[2], lines[at])
prev, out = "0" * 64, []
for l in lines:
    body = re.sub(r',"prev":"\w*","hash":"\w*"}$', f',"prev":"{prev}"', l)
    prev = hashlib.blake2b(body.encode(), digest_size=32).hexdigest()
    out.append(f'{body},"hash":"{prev}"}}\n')
open("forged.jsonl", "w").writelines(out)
print(at + 1)
P
}
run "$AEONIC" verify $r -replay $c
[ "$status" -eq 0 ] && grep -q '^replay: steps 9 to 20 .* the same$' out.txt; check "an honest run" $? "$(cat err.txt)"
run mpiexec -n 2 "$AEONIC" verify $r -replay $c -replay_steps 3
[ "$status" -eq 0 ] && grep -q '^replay: steps 9 to 11 ' out.txt; check "three of its steps, from two ranks" $? "$(cat err.txt)"
forge '"kind":"NONE"|^$|$(?<=})(?!x)' '' >/dev/null; cmp -s forged.jsonl $r; check "the forger's hashes are those of the program" $?
for what in '("kind":"HASH".*"hash":")[0-9a-f]{4}(?=[0-9a-f]{60}".*"prev")' '("kind":"STEP_REJECT".*"residual":)[0-9]'; do
  line=$(forge "$what" '\g<1>1234')
  run "$AEONIC" verify forged.jsonl
  [ "$status" -eq 0 ]; check "forged in line $line: the chain is unbroken" $? "$(cat err.txt)"
  run "$AEONIC" verify forged.jsonl -replay $c
  [ "$status" -eq 1 ] && grep -q "line $line: " err.txt; check "and replay names the line" $? "$(cat err.txt)"
  rm -rf "$(sed -n 's/.*that run is in //p' err.txt)"
done
run "$AEONIC" verify $r -replay a/checkpoint/000009.h5
[ "$status" -eq 1 ] && grep -q 'no record of checkpoint/000009.h5' err.txt; check "a checkpoint that the record does not know" $? "$(cat err.txt)"
finish
