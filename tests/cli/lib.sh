# TAP for shell tests: source this, check things, end with `finish`. Runs in an empty folder of its own.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
AEONIC=${AEONIC-$root/bin/aeonic}
programs=$(dirname "$(readlink -f "$AEONIC")")/tests # the C tests of the same build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
tap_n=0 tap_failed=0
guard=600 # seconds: for what hangs, not a measure of speed

# the Python that make found: a user's own may lack what tests need, or be a slow wrapper
python3() { "${PYTHON-/usr/bin/python3}" "$@"; }
# check WHAT STATUS [DETAIL]: passes when STATUS is 0
check() {
  tap_n=$((tap_n + 1))
  if [ "$2" -eq 0 ]; then echo "ok $tap_n - $1"; else
    echo "not ok $tap_n - $1${3:+ # $3}"
    tap_failed=$((tap_failed + 1))
  fi
}
# skip WHAT WHY: what cannot be tested here
skip() {
  tap_n=$((tap_n + 1))
  echo "ok $tap_n - $1 # SKIP $2"
}
# long: true in `make test-long`, where matrices have all their rows
long() { [ "${AEONIC_LONG-0}" = 1 ]; }
# run COMMAND...: leaves $status and the files out.txt, err.txt; what hangs has status 124 in the end
run() {
  timeout $guard "$@" >out.txt 2>err.txt
  status=$?
}
# until_true COMMAND...: waits for something to happen; a failure if it does not
until_true() {
  local end=$((SECONDS + guard))
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}
# value KEY FILE: a number or string of a summary
value() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$2" | head -n 1; }
# same KEY FOLDER FOLDER...: the summaries of all have that key, with one value
same() {
  local key=$1 first folder
  first=$(value "$1" "$2/summary.json")
  [ -n "$first" ] || return 1
  shift 2
  for folder; do [ "$(value "$key" "$folder/summary.json")" = "$first" ] || return 1; done
}
# verdicts N PREFIX: reads lines "good what" or "bad what"; fewer than N are a failure
verdicts() {
  local n=0 verdict what
  while read -r verdict what; do
    [ "$verdict" = good ]
    check "$2 $what" $?
    n=$((n + 1))
  done
  [ $n -ge "$1" ]
  check "$2 $n of $1 comparisons made" $?
}
# The program's own lines: mpiexec has a banner for every job that fails.
own_lines() { grep -c '^aeonic: ' err.txt; }
# refused STATUS TEXT OPTIONS...: that exit status and one line on the terminal, with the text in it
refused() {
  local want=$1 text=$2
  shift 2
  run "$AEONIC" "$@"
  [ "$status" -eq "$want" ] && [ "$(cat out.txt err.txt | wc -l)" -eq 1 ] && grep -qF -- "$text" err.txt
  check "refused: aeonic $*" $? "status $status, $(head -c 200 err.txt | tr '\n' '|')"
}
finish() {
  echo "1..$tap_n"
  exit $((tap_failed > 0))
}
