#!/bin/bash
# Robust stability of the four formulations side by side: noise on flat space at several resolutions, without dissipation and
# with a time step so short that the stepper has none either; a table of growth over resolutions and
# out/compare_formulations.png. About three minutes on two cores.
#   compare_formulations.sh [CROSSING-TIMES [RHO ...]]     default 3 crossing times, rho = 1 2 4 (50 rho cells)
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-/usr/bin/python3}
time=${1:-3}; [ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 1 2 4
growth() { # FORMULATION RHO
  # a formulation that blows up ends its run with status 2: that is a result
  bin/aeonic gr -fresh -progress none -fields none -out "out/compare_formulations/$1-$2" -options_file options/compare_formulations.opts -gr_formulation "$1" \
    -grid_n $((50 * $2)),4,4 -ts_dt "$(awk "BEGIN{print 0.002/$2}")" -ts_max_time "$time" || [ $? -eq 2 ]
}
export -f growth
export time
for rho; do printf '%s\n' "bssn $rho" "z4c $rho" "ccz4 $rho" "adm $rho"; done | xargs -P 2 -L 1 bash -c 'growth "$@"' growth
$python scripts/growth.py $(for form in bssn z4c ccz4 adm; do for rho; do echo "out/compare_formulations/$form-$rho"; done; done)
