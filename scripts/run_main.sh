#!/bin/bash
# The main job: two testbeds with exact solutions, a table of measured against exact, pictures. Under two minutes.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-/usr/bin/python3}
ranks=$(nproc); [ "$ranks" -gt 2 ] && ranks=2
progress=auto; [ -t 1 ] && progress=bar # mpiexec hides the terminal from the program
gr() { mpiexec -n "$ranks" bin/aeonic gr -fresh -progress $progress "$@"; }
echo "Gauge wave (Z4c), 10 crossing times, two resolutions"
gr -options_file options/gauge_wave.opts -grid_n 32,8,8 -out out/gauge_wave-32 -fields_every 128
gr -options_file options/gauge_wave.opts -out out/gauge_wave-64 -fields_every 256
echo "Shifted gauge wave along the diagonal (BSSN), 2 crossing times, two resolutions"
gr -options_file options/shifted_gauge_wave.opts -grid_n 24,24,8 -out out/shifted_gauge_wave-24
gr -options_file options/shifted_gauge_wave.opts -out out/shifted_gauge_wave-48
$python scripts/report.py out/gauge_wave-32 out/gauge_wave-64 out/shifted_gauge_wave-24 out/shifted_gauge_wave-48
for run in gauge_wave-64 shifted_gauge_wave-48; do $python scripts/plot.py "out/$run"; done
