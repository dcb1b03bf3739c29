#!/bin/bash
# The main job: a Brill wave, solved for and evolved at two resolutions side by side until it has dispersed, its record
# verified, a table and pictures. About two minutes on two cores.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-/usr/bin/python3}
mkdir -p out
gr() { bin/aeonic gr -fresh -options_file options/brill.opts "$@"; }
echo "Brill wave (Holz, a = 2) at 32 and 48 cells, one core each, until t = 20"
gr -grid_n 32,32,32 -out out/brill-32 -progress none >out/brill-32.log 2>&1 & coarse=$!
gr -out out/brill-48 & fine=$!
trap 'kill $coarse $fine 2>/dev/null' INT TERM
wait $coarse || { cat out/brill-32.log >&2; kill $fine; exit 2; }
# on the core that is free: data of amplitude 1, whose mass is known, and maximal slicing with and without warm starts
for n in 32 48; do bin/aeonic id -fresh -id brill -brill_amplitude 1 -grid_symmetry octant -grid_half_width 10 -grid_n $n,$n,$n -out out/brill-id-$n -progress none >/dev/null; done
rm -f out/bank-24.h5
for warm in false true; do # the second finds in the bank what the first has measured
  gr -grid_n 24,24,24 -mem_bank out/bank-24.h5 -gr_gauge_lapse maximal -gr_gauge_warm $warm -ts_max_steps 16 -rails_drill 0,0 -out out/brill-maximal-$warm -progress none >/dev/null
done
wait $fine
for run in 32 48; do bin/aeonic verify out/brill-$run/receipts.jsonl; done
$python scripts/report.py out/brill-32 out/brill-48
for run in 32 48; do $python scripts/plot_loom.py out/brill-$run; done
$python scripts/plot.py out/brill-48
