#!/bin/bash
# Runs every test of a build: run_tests.sh BUILDDIR [long]. C tests say their rank counts in a comment
# "ranks: 1 2"; shell and Python tests in tests/*/ named test_*.sh, test_*.py run as they are; *_long.* only
# under `long`. Ends with one line "N passed, N failed".
set -u
build=$1; mode=${2-short}
cd "$(dirname "$0")/.." || exit 3
export AEONIC=$PWD/bin/aeonic AEONIC_LONG=$([ "$mode" = long ] && echo 1 || echo 0)
jobs=$build/t
rm -rf "$jobs"; mkdir -p "$jobs"
job() { # name command...
  local name=$1; shift
  # a folder for temporary files each: OpenMPI's processes without mpiexec would meet in one
  printf '#!/bin/sh\nTMPDIR=$(mktemp -d) && export TMPDIR || exit 3\ntrap "rm -rf $TMPDIR" EXIT\n%s\n' "$*" >"$jobs/$name.t"
  chmod +x "$jobs/$name.t"
}
for src in tests/*/test_*; do
  base=${src%.*}; name=$(echo "${base#tests/}" | tr / -)
  case "$base" in *_long) [ "$mode" = long ] || continue ;; esac
  case "$src" in
    *.c) for n in $(sed -n 's/.*ranks: *\([0-9 ]*\).*/\1/p' "$src" | head -n 1); do
           job "$name.np$n" "$([ "$n" -eq 1 ] || echo "mpiexec -n $n") $build/$base"
         done ;;
    *.sh) job "$name" "bash $src" ;;
    *.py) job "$name" "${PYTHON-python3} $src" ;;
  esac
done
log=$build/test.log
prove -j "$(nproc)" --timer -v --merge --exec '' "$jobs"/*.t >"$log" 2>&1
status=$?
passed=$(grep -cE '^ok ' "$log"); failed=$(grep -cE '^not ok ' "$log")
grep -E '^not ok ' "$log"
sed -n '/^Test Summary Report/,$p' "$log"
# a test program that crashed or ran short of its plan has failed even without a "not ok"
if [ "$failed" -eq 0 ] && [ "$status" -ne 0 ]; then failed=1; fi
if [ "$passed" -eq 0 ]; then failed=$((failed + 1)); fi
echo "log: $log"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
