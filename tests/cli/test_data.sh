#!/bin/bash
# Initial data from the command line: bad parameters, symmetries that do not fit, and states read back from files.
. "$(dirname "$0")/lib.sh"
gr="gr -progress none"

refused 1 "-hole_spin 1.2: out of range; expected a real number from -1 to 1" $gr -gr_initial kerr_qi -hole_spin 1.2
refused 1 "-hole_spin -1.01" $gr -gr_initial kerr_schild -hole_spin -1.01
refused 1 "-hole_radius" $gr -gr_initial kerr_qi -hole_radius areal
refused 1 "-bl_holes: holes 1 and 3 are both at 0.,0.,1." $gr -gr_initial brill_lindquist -bl_holes "1,0,0,1;1,0,0,-1;0.5,0,0,1"
refused 1 "-bl_holes: mass -1. of hole 2" $gr -gr_initial brill_lindquist -bl_holes "1,0,0,1;-1,0,0,-1"
refused 1 "-bl_holes 1,0,0;1,0,0,1" $gr -gr_initial brill_lindquist -bl_holes "1,0,0;1,0,0,1"
refused 1 "-bl_holes 1,0,0,1;" $gr -gr_initial brill_lindquist -bl_holes "1,0,0,1;"
refused 1 "-teukolsky_amplitude" $gr -gr_initial teukolsky -teukolsky_amplitude 0.03
refused 1 "-gr_lapse_initial" $gr -gr_initial schwarzschild -grid_boundary exact
refused 1 "exact solution" $gr -gr_initial brill_lindquist -gr_gauge_lapse exact

# reflections: the spin is an axial vector, a wave is odd along its direction
refused 1 "-gr_initial kerr_qi is not symmetric under x -> -x" $gr -gr_initial kerr_qi -grid_n 16,16,16 -grid_symmetry octant
refused 1 "-gr_initial kerr_schild is not symmetric under z -> -z" $gr -gr_initial kerr_schild -grid_n 16,16,16 -grid_symmetry bitant
refused 1 "-gr_initial brill_lindquist is not symmetric under z -> -z" $gr -gr_initial brill_lindquist -grid_n 16,16,16 -grid_symmetry bitant -bl_holes "1,0,0,1;0.5,0,0,-1"
refused 1 "-gr_initial gauge_wave is not symmetric under x -> -x" $gr -gr_initial gauge_wave -grid_n 16,16,16 -grid_boundary exact -grid_symmetry quadrant
for fits in "kerr_qi bitant" "brill_lindquist octant" "schwarzschild octant" "trumpet octant" "teukolsky octant" "scalar_pulse octant"; do
  run "$AEONIC" $gr -gr_initial ${fits% *} -grid_n 16,16,16 -grid_symmetry ${fits#* } -ts_max_steps 1 -fields none -out "fits-${fits% *}"
  [ "$status" -eq 0 ]; check "${fits% *} fits -grid_symmetry ${fits#* }" $? "$(cat err.txt)"
done
run "$AEONIC" $gr -gr_initial teukolsky -teukolsky_amplitude 1e-3 -grid_n 16,16,16 -ts_max_steps 1 -fields none -out strong
[ "$status" -eq 0 ] && [ "$(grep -c 'warning: -teukolsky_amplitude 0.001 is beyond the linear regime' err.txt)" -eq 1 ]; check "a wave beyond the linear regime: one warning" $? "$(cat err.txt)"

# every step of a run written and read back: the same state, bit for bit, on any ranks, also with Theta
all=chi,gt_xx,gt_xy,gt_xz,gt_yy,gt_yz,gt_zz,At_xx,At_xy,At_xz,At_yy,At_yz,At_zz,Gamt_x,Gamt_y,Gamt_z,lapse,shift_x,shift_y,shift_z
wave="$gr -gr_initial shifted_gauge_wave -gw_amplitude 0.2 -gr_perturb 1e-3"
run "$AEONIC" $wave -grid_n 16,8,8 -ts_max_steps 3 -fields $all,K -out w
folder=w/fields/it00000003
for ranks in 1 2 3; do
  run mpiexec -n $ranks "$AEONIC" $gr -gr_initial file -file_folder $folder -ts_max_steps 0 -fields none -out w$ranks
  [ "$status" -eq 0 ] && same state.hash w$ranks w; check "$ranks ranks read the state that was written" $? "$(cat err.txt)"
done
run "$AEONIC" $wave -gr_formulation z4c -grid_n 16,8,8 -ts_max_steps 3 -fields $all,Khat,Theta -out z
run "$AEONIC" $gr -gr_formulation z4c -gr_initial file -file_folder z/fields/it00000003 -ts_max_steps 0 -fields none -out z1
[ "$status" -eq 0 ] && same state.hash z1 z; check "z4c: the state that was written" $? "$(cat err.txt)"
run "$AEONIC" $gr -gr_initial file -file_folder $folder -gr_conformal w -gr_formulation z4c -ts_max_steps 0 -fields none -out wz
a=$(value constraint.H.linf w/summary.json) b=$(value constraint.H.linf wz/summary.json)
awk "BEGIN{exit !($a > 0 && ($a - $b)^2 <= (1e-2 * $a)^2)}"; check "bssn with chi read as z4c with W: the constraints of the state" $? "$a $b"
run "$AEONIC" $gr -gr_initial file -file_folder $folder -gr_perturb 1e-3 -ts_max_steps 0 -fields none -out wp
[ "$status" -eq 0 ] && ! same state.hash wp w; check "-gr_perturb changes it" $?
run "$AEONIC" $gr -gr_initial trumpet -gr_gauge_shift gamma_driver -grid_n 8,8,8 -grid_symmetry octant -ts_max_steps 1 -fields $all,K -out o
run "$AEONIC" $gr -gr_initial file -file_folder o/fields/it00000001 -grid_symmetry octant -grid_boundary radiative -ts_max_steps 0 -fields none -out o1
same state.hash o1 o; check "a state with planes of symmetry" $? "$(cat err.txt)"

# on another grid: polynomials of degree 5 leave h^6; order within 0.1 off the ends, where stencils are one-sided.
# Along y and z the file is thinner than the stencil, and the wave constant.
for n in 32 64; do
  run "$AEONIC" $gr -gr_initial shifted_gauge_wave -gw_amplitude 0.2 -grid_n $n,4,4 -ts_max_steps 0 -fields $all,K -out from$n
  run "$AEONIC" $gr -gr_initial shifted_gauge_wave -gw_amplitude 0.2 -grid_n $((3 * n / 2)),6,6 -ts_max_steps 0 -fields lapse,K,gt_xx -out exact$n
  run mpiexec -n 2 "$AEONIC" $gr -gr_initial file -file_folder from$n/fields/it00000000 -grid_n $((3 * n / 2)),6,6 -ts_max_steps 0 -fields lapse,K,gt_xx -out to$n
done
python3 - >orders.txt <<'P'
import glob, math, h5py, numpy as np
def read(run, name):
    with h5py.File(f"{run}/fields/it00000000/{name}.xyz.h5") as f:
        return next(v for k, v in f.items() if k.startswith("AEONIC"))[()]
for name in ("lapse", "K", "gt_xx"):
    d = [(read(f"to{n}", name) - read(f"exact{n}", name))[:, :, 3 * n // 8 : -3 * n // 8] for n in (32, 64)]
    e = [np.sqrt((x**2).mean()) for x in d]
    print(name, *e, math.log2(e[0] / e[1]))
P
awk '{n++; if (!($4 >= 5.9 && $4 <= 6.1)) bad = 1} END {exit !(n == 3 && !bad)}' orders.txt; check "fields on another grid: interpolated at order 6" $? "$(tr '\n' '|' <orders.txt)"

refused 1 "o/fields/it00000001: the grid, -4" $gr -gr_initial file -file_folder o/fields/it00000001 -grid_boundary radiative
refused 1 "-file_folder" $gr -gr_initial file
refused 1 "-file_folder nosuch" $gr -gr_initial file -file_folder nosuch
cp -r $folder bad && rm bad/At_xy.xyz.h5
refused 1 "-file_folder bad: there is no field At_xy" $gr -gr_initial file -file_folder bad
head -c 4000 $folder/At_xy.xyz.h5 >bad/At_xy.xyz.h5
refused 1 "cannot read bad/At_xy.xyz.h5: " $gr -gr_initial file -file_folder bad
head -c 300 /dev/urandom >bad/At_xy.xyz.h5
refused 1 "cannot read bad/At_xy.xyz.h5: " $gr -gr_initial file -file_folder bad
cp $folder/At_xx.xyz.h5 bad/At_xy.xyz.h5
refused 1 "cannot read bad/At_xy.xyz.h5: holds no field of that name" $gr -gr_initial file -file_folder bad
run "$AEONIC" $wave -grid_n 24,8,8 -ts_max_steps 3 -fields At_xy -out other
cp other/fields/it00000003/At_xy.xyz.h5 bad/
refused 1 "bad/At_xy.xyz.h5 has another shape" $gr -gr_initial file -file_folder bad
cp $folder/At_xy.xyz.h5 bad/
python3 -c "
import h5py
with h5py.File('bad/At_xy.xyz.h5', 'a') as f:
    d = next(v for k, v in f.items() if k.startswith('AEONIC'))
    d[1, 2, 3] = float('nan')"
refused 1 "cannot read bad/At_xy.xyz.h5: holds a value that is not finite" $gr -gr_initial file -file_folder bad
run mpiexec -n 2 "$AEONIC" $gr -gr_initial file -file_folder bad
[ "$status" -eq 1 ] && [ "$(own_lines)" -eq 1 ]; check "two ranks, one line" $? "status $status: $(grep ^aeonic err.txt | tr "\n" "|")"
finish
