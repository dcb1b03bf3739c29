#!/bin/bash
# The wisdom file: saved, loaded (nothing is measured again), damaged in three ways, on one and two ranks.
. "$(dirname "$0")/../cli/lib.sh"
same() { [ "$(grep -v '^;' "$1" | sort)" = "$(grep -v '^;' "$2" | sort)" ]; } # FFTW writes its plans in any order
bench="bench fft -bench_n 16 -fft_wisdom w"
run "$AEONIC" $bench
[ "$status" -eq 0 ] && [ ! -s err.txt ] && grep -q '^(fftw-3' w && grep -q '^; aeonic blake2b [0-9a-f]\{64\}$' w; check "plans are saved: FFTW's text and a digest" $? "$(cat err.txt)"
cp w good
run "$AEONIC" $bench
[ "$status" -eq 0 ] && same w good; check "loaded: nothing new was planned" $? "$(cat err.txt)"
damaged() { # WHAT: w must be refused, and be whole afterwards
  run "$AEONIC" $bench
  [ "$status" -eq 0 ] && [ "$(own_lines)" -eq 1 ] && grep -q 'warning: -fft_wisdom w is damaged' err.txt; check "$1: one line, and the run goes on" $? "$(cat err.txt)"
  run "$AEONIC" $bench
  [ "$status" -eq 0 ] && [ ! -s err.txt ]; check "$1: written anew" $? "$(cat err.txt)"
}
head -c $(($(stat -c %s good) / 2)) good >w; damaged "cut in half"
sed '3s/#x1/#x3/' good >w; cmp -s w good && sed '3s/1/2/' good >w; damaged "one digit changed"
head -c 3000 /dev/urandom >w; damaged "noise"
sed '/^; aeonic/d' good >w
run "$AEONIC" $bench
[ "$status" -eq 0 ] && [ ! -s err.txt ]; check "FFTW's own file, without our digest, is read" $? "$(cat err.txt)"
run mpiexec -n 2 "$AEONIC" $bench
[ "$status" -eq 0 ] && [ "$(own_lines)" -eq 0 ] && cp w two; check "two ranks" $? "$(cat err.txt)"
run mpiexec -n 2 "$AEONIC" $bench
[ "$status" -eq 0 ] && same w two; check "two ranks: nothing new was planned" $? "$(cat err.txt)"
loom="gr -gr_initial gauge_wave -grid_n 16,8,8 -ts_max_steps 4 -fields none -progress none -fft_wisdom s -loom_precision single"
run "$AEONIC" $loom -out a
[ "$status" -eq 0 ] && [ ! -s err.txt ] && grep -q '^(fftw-.* fftw_wisdom' s && grep -q '^(fftw-.* fftwf_wisdom' s && cp s single; check "plans in single precision are saved with the others" $? "$(cat err.txt)"
run "$AEONIC" $loom -out b
[ "$status" -eq 0 ] && same s single; check "  and loaded: nothing new was planned" $? "$(cat err.txt)"
run "$AEONIC" ${bench/wisdom w/wisdom s}
[ "$status" -eq 0 ] && [ ! -s err.txt ] && grep -q fftwf_wisdom s; check "  and kept by a program that does without" $? "$(cat err.txt)"
sed '$s/[0-9a-f]\{8\}$/00000000/' single >s
run "$AEONIC" $loom -out c
[ "$status" -eq 0 ] && [ "$(own_lines)" -eq 1 ]; check "  a damaged one: one line, and the run goes on" $? "$(cat err.txt)"
refused 1 "-fft_rigor" bench fft -fft_rigor hasty
run "$AEONIC" bench fft -bench_n 8 -fft_wisdom nosuch/dir/w
[ "$status" -eq 3 ] && grep -q 'nosuch/dir/w' err.txt; check "a file that cannot be written: exit 3, its name" $? "$status $(cat err.txt)"
finish
