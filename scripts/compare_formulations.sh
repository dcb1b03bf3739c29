#!/bin/bash
# Robust stability of the four formulations side by side: noise on flat space at several resolutions, no dissipation; a
# table of growth rates and out/compare_formulations.png. About two minutes on two cores.
#   compare_formulations.sh [CROSSING-TIMES [RHO ...]]     default 10 crossing times, rho = 1 2 4 (50 rho cells)
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-/usr/bin/python3}
time=${1:-10}; [ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 1 2 4
runs=()
for form in bssn z4c ccz4 adm; do
  for rho; do
    run=out/compare_formulations/$form-$rho
    # a formulation that blows up ends its run with status 2: that is a result
    bin/aeonic gr -fresh -progress none -fields none -out "$run" -gr_initial noise -gr_formulation "$form" -diss_sigma 0 \
      -grid_n $((50 * rho)),8,8 -ts_dt "$(awk "BEGIN{print 0.01/$rho}")" -ts_max_time "$time" -series_every "$rho" || [ $? -eq 2 ]
    runs+=("$run")
  done
done
$python scripts/growth.py "${runs[@]}"
