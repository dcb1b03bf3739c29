#!/bin/bash
# aeonic elliptic from the command line: bad input, what non-convergence leaves behind, lists of solvers, views.
. "$(dirname "$0")/../cli/lib.sh"
small="-grid_n 16,16,16"

refused 1 "did you mean poisson" elliptic -ell_problem poison
refused 1 "-ell_compare: unknown solver 'cycl', did you mean cycle?" elliptic $small -ell_compare cycl
refused 1 "-ell_boundary" elliptic $small -ell_boundary wall
refused 1 "-ell_order" elliptic $small -ell_order 3
refused 1 "only 3 levels fit" elliptic $small -ell_pc_mg_levels 9
refused 1 "-ell_mg_pre and -ell_mg_post are both 0" elliptic $small -ell_mg_pre 0 -ell_mg_post 0
refused 1 "use chebyshev or jacobi" elliptic $small -ell_problem vector -ell_mg_smoother redblack
refused 1 "-grid_n: 3 cells along axis 1 are too few for the boundary" elliptic -grid_n 16,3,16 -ell_order 4
refused 1 "-ell_ksp_rtol" elliptic $small -ell_ksp_rtol nan
refused 1 "did you mean -ell_ksp_type" elliptic $small -ell_ksp_tpe cg
refused 1 "did you mean -ell_mg_smoother" elliptic $small -ell_mg_smother jacobi
refused 1 "-ell_reproducible does not go with -ell_pc_type fft" elliptic $small -ell_reproducible -ell_pc_type fft
refused 1 "-ell_mg_precision single is for red-black smoothing" elliptic $small -ell_problem vector -ell_mg_precision single
refused 1 "-ell_mg_precision single does not go with -ell_pc_mg_type full" elliptic $small -ell_mg_precision single -ell_pc_mg_type full
refused 1 "-ell_mg_precision single is for -ell_pc_type aemg" elliptic $small -ell_mg_precision single -ell_pc_type mg
refused 1 "-ell_repeats" elliptic $small -ell_repeats -1
[ ! -e out ]; check "nothing was written by what was refused" $?

run "$AEONIC" elliptic $small -ell_ksp_max_it 2 -out stop -summary stop.json
[ "$status" -eq 2 ] && [ "$(own_lines)" -eq 1 ] && grep -q 'no solver converged' err.txt; check "too few iterations: exit 2, one line" $? "status $status $(cat err.txt)"
[ "$(value elliptic.solve.converged stop.json)" = false ] && [ -n "$(value elliptic.solve.history.2 stop.json)" ] && [ "$(value run.exit stop.json)" = 2 ]; check "the summary says so, with the history" $?
ls stop/fields/*/u.xyz.h5 >/dev/null; check "the best iterate is in fields/" $?

run "$AEONIC" elliptic $small -out good -ell_ksp_view -ell_ksp_monitor -log_view :log.txt
[ "$status" -eq 0 ] && grep -q 'type: aemg' out.txt && grep -q '3 levels, cycle v, redblack' out.txt && grep -q 'type: cycle' out.txt; check "-ell_ksp_view shows the live solver and its levels" $?
grep -q '9 KSP Residual norm' out.txt; check "-ell_ksp_monitor prints the residuals" $?
grep -q EllFront log.txt && awk '$1 == "EllFront" {exit !($NF > 0)}' log.txt; check "-log_view has our events with flops" $?
for key in converged iterations contraction setup_s solve_s dof_per_s bytes_per_dof residual error_l2 levels pc; do
  [ -n "$(value elliptic.solve.$key good/summary.json)" ] || { check "summary key elliptic.solve.$key" 1; missing=1; }
done
[ -z "${missing-}" ]; check "the summary has its keys" $?
run "$AEONIC" elliptic $small -ell_compare "default;mine:-ell_ksp_type bcgs -ell_mg_smoother jacobi" -summary many.json
[ "$status" -eq 0 ]; check "a list of the default and one of the user's own" $? "$(head -c 300 err.txt)"
for s in cycle cg gmres chebyshev mine; do [ "$(value elliptic.$s.converged many.json)" = true ] || { check "solver $s converged" 1; }; done
a=$(value elliptic.cycle.error_l2 many.json) b=$(value elliptic.mine.error_l2 many.json) c=$(value elliptic.gmg.error_l2 many.json)
awk "BEGIN{exit !($a > 0 && ($a - $b)^2 <= (1e-6 * $a)^2 && ($a - $c)^2 <= (1e-6 * $a)^2)}"; check "the assembled yardstick has the same discrete solution" $? "$a $b $c"
run "$AEONIC" elliptic -help
[ "$status" -eq 0 ] && grep -q -- '-ell_problem' out.txt && grep -q -- '-ell_mg_smoother' out.txt && grep -q -- '-ell_ksp_rtol' out.txt; check "-help lists the options" $?
finish
