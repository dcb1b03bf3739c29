#!/bin/bash
# Diagnostics from the command line: defaults, series, summary keys, the same on any ranks, and what is refused.
. "$(dirname "$0")/lib.sh"
# a hole in the box, held as it is: what is tested are the diagnostics, not the evolution of a singularity
hole="-gr_initial kerr_schild -hole_spin 0.5 -hole_centre 0,0,0 -grid_n 20,20,20 -grid_half_width 8 -progress none -fields none"

refused 1 "-diag_radii 4,-3" gr $hole -diag_radii 4,-3
refused 1 "-diag_radii 0" gr $hole -diag_radii 0
refused 1 "-diag_radii 4,,5" gr $hole -diag_radii 4,,5
refused 1 "-diag_radii 4x" gr $hole -diag_radii 4x
refused 1 "-diag_radii: a sphere of radius 9 about (0,0,0) leaves the grid" gr $hole -diag_radii 4,9
refused 1 "-diag_radii: a sphere of radius 1.5 is smaller than two cells" gr $hole -diag_radii 1.5
refused 1 "-diag_radii: a sphere of radius 4 about (5,0,0) leaves the grid" gr $hole -diag_radii 4 -diag_centre 5,0,0
refused 1 "-diag_every" gr $hole -diag_every 0
refused 1 "-diag_ntheta" gr $hole -diag_ntheta 2
refused 1 "-norm_exclude_radius" gr $hole -norm_exclude_radius -1
refused 1 "leave no cell" gr $hole -norm_exclude_shell 8
[ ! -e out ]; check "nothing was written by what was refused" $?

# the default: one sphere, at the first and the last state
run "$AEONIC" gr $hole -ts_max_steps 2 -out a
[ "$status" -eq 0 ] && [ "$(grep -vc '#' 'a/series/M_adm..asc')" -eq 2 ]; check "M_adm of the first and the last state without being asked" $? "$(head -c 200 err.txt)"
awk "BEGIN{exit !($(value gr.adm_radius a/summary.json) == 6.4)}"; check "at 0.8 of the half-width" $? "$(value gr.adm_radius a/summary.json)"
# J = a M on any sphere about a Kerr hole; 36 (h/r)^6 with h = 0.8, tenfold: 1.4e-3
awk "BEGIN{d = $(value gr.adm_J_z a/summary.json) - 0.5; exit !(d * d < 1.4e-3 ^ 2)}"; check "J_z is the hole's" $? "$(value gr.adm_J_z a/summary.json)"
# the last line of the series is the summary's value
[ "$(tail -n 1 'a/series/M_adm..asc' | cut -d' ' -f2)" = "$(value gr.adm_mass a/summary.json)" ]; check "gr.adm_mass is the last of M_adm" $?
grep -q 'column format: 1:time 2:data' 'a/series/J_adm_z..asc'; check "a scalar that kuibit reads" $?
run "$AEONIC" gr -gr_initial gauge_wave -grid_n 16,8,8 -ts_max_steps 2 -progress none -out wave
[ "$status" -eq 0 ] && ! ls wave/series | grep -q _adm && [ -z "$(value gr.adm_mass wave/summary.json)" ]; check "none in a periodic box" $?
run "$AEONIC" gr -gr_initial kerr_schild -grid_n 16,16,16 -ts_max_steps 1 -progress none -out off
[ "$status" -eq 0 ] && ! ls off/series | grep -q _adm; check "none where the hole is not in the box" $?
run "$AEONIC" gr $hole -ts_max_steps 1 -diag_radii none -out none
[ "$status" -eq 0 ] && ! ls none/series | grep -q _adm; check "-diag_radii none" $?
run "$AEONIC" gr $hole -check
grep -q 'ADM integrals every 16 steps on spheres about (0\.\?,0\.\?,0\.\?) of radius 6.4' out.txt; check "-check says so" $?

# several radii, a cadence, exclusions; one and several ranks
many="$hole -ts_max_steps 4 -diag_radii 4,6.5,5 -diag_every 2 -norm_exclude_radius 3 -norm_exclude_shell 1"
run "$AEONIC" gr $many -out s
[ "$status" -eq 0 ] && [ "$(grep -vc '#' 's/series/P_adm_x[2]..asc')" -eq 3 ] && cmp -s <(tail -n +2 's/series/M_adm[1]..asc') <(tail -n +2 's/series/M_adm..asc'); check "several radii: a file for each, M_adm is the largest's" $? "$(head -c 200 err.txt)"
[ "$(grep -vc '#' s/series/H_masked.norm1.asc)" -eq 3 ] && [ -e s/series/M_masked.maximum.asc ]; check "norms with exclusions" $?
awk "BEGIN{exit !($(value constraint.H_masked.linf s/summary.json) < $(value constraint.H.linf s/summary.json) && $(value constraint.H_masked.l1 s/summary.json) <= $(value constraint.H_masked.l2 s/summary.json) && $(value constraint.H_masked.l2 s/summary.json) <= $(value constraint.H_masked.linf s/summary.json))}"
check "l1 <= l2 <= linf, and less than with the singularity" $?
# cells of 0.8: those whose centres are 3 or more from the origin and more than 1 from the faces at 8, so |x| <= 6.8
count=$(awk 'BEGIN{for(i=0;i<20;i++)for(j=0;j<20;j++)for(k=0;k<20;k++){x=2*i-19;y=2*j-19;z=2*k-19; if(x*x<=17*17&&y*y<=17*17&&z*z<=17*17&&(x*x+y*y+z*z)*16>=9*100)n++} print n}')
[ "$(value constraint.masked_cells s/summary.json)" = "$count" ]; check "the cells counted" $? "$(value constraint.masked_cells s/summary.json) $count"
for ranks in 2 3; do
  run mpiexec -n $ranks "$AEONIC" gr $many -out s$ranks
  for f in 's/series/M_adm..asc' 's/series/J_adm_z[0]..asc' s/series/H_masked.norm1.asc s/series/M_masked.norm2.asc; do
    cmp -s "$f" "s$ranks${f#s}" || { check "$ranks ranks: $f" 1; same=1; }
  done
done
[ -z "${same-}" ]; check "2 and 3 ranks write the same bits" $?

# holes of the datum are left out each, and centres can be given; by volume
bl="-gr_initial brill_lindquist -grid_n 24,24,24 -ts_max_steps 0 -progress none -fields none"
run "$AEONIC" gr $bl -norm_exclude_radius 1.1 -out two
run "$AEONIC" gr $bl -norm_exclude_radius 1.1 -norm_exclude_centres '0,0,2;0,0,-2' -out given
run "$AEONIC" gr $bl -norm_exclude_radius 1.1 -norm_exclude_centres 0,0,2 -out one
count=$(awk 'BEGIN{for(i=0;i<24;i++)for(j=0;j<24;j++)for(k=0;k<24;k++){x=(2*i-23)/4;y=(2*j-23)/4;z=(2*k-23)/4; a=x*x+y*y; if(a+(z-2)^2<1.21)n++; if(a+(z+2)^2<1.21)m++} print 13824-n-m, 13824-n}')
[ "$(value constraint.masked_cells two/summary.json) $(value constraint.masked_cells one/summary.json)" = "$count" ] && same constraint.masked_cells two given; check "both holes of Brill-Lindquist data are left out, or those given" $? "$count"
# conformally flat with a harmonic psi: M = m_1 + m_2 on any sphere around both; 360 (h/d)^6, d = 2.8 from the nearer hole
awk "BEGIN{d = $(value gr.adm_mass two/summary.json) - 2; exit !(d * d < (360 * (0.5 / 2.8) ^ 6 * 2) ^ 2)}"; check "their mass" $? "$(value gr.adm_mass two/summary.json)"
pulse="-gr_initial scalar_pulse -grid_n 20,20,20 -ts_max_steps 2 -diag_every 1 -diag_volume -progress none -fields none"
run "$AEONIC" gr $pulse -out v
[ "$status" -eq 0 ] && [ "$(grep -vc '#' 'v/series/M_adm_volume..asc')" -eq 3 ] && [ "$(tail -n 1 'v/series/M_adm_volume..asc' | cut -d' ' -f2)" = "$(value gr.adm_volume_mass v/summary.json)" ]; check "-diag_volume" $? "$(head -c 200 err.txt)"
run mpiexec -n 2 "$AEONIC" gr $pulse -out v2
cmp -s 'v/series/M_adm_volume..asc' 'v2/series/M_adm_volume..asc' && cmp -s 'v/series/J_adm_z_volume..asc' 'v2/series/J_adm_z_volume..asc'; check "on 2 ranks the same bits" $?

# curvature among the fields: 48 M^2/R^6 has no meaning at the ring, but far out it is small and smooth
run "$AEONIC" gr ${hole/-fields none/-fields kretschmann,B2,K} -ts_max_steps 1 -out k
[ "$status" -eq 0 ] && [ -e k/fields/it00000001/kretschmann.xyz.h5 ] && [ -e k/fields/it00000000/B2.xyz.h5 ]; check "-fields kretschmann,B2" $? "$(head -c 200 err.txt)"
finish
