#!/bin/bash
# An error on one rank ends all ranks, with one line and the right status.
. "$(dirname "$0")/lib.sh"
expect() { # HOW RANKS STATUS TEXT
  run mpiexec -n "$2" "$programs/base/test_abort" "$1"
  [ "$status" -eq "$3" ]; check "$1 on $2 ranks: exit status $3" $? "status $status"
  [ "$(own_lines)" -eq 1 ] && grep -qF "aeonic: error: $4" err.txt; check "$1 on $2 ranks: one line" $? "$(grep '^aeonic' err.txt | tr '\n' '|')"
}
expect self 1 3 "injected error"
expect self 2 3 "rank 1: injected error"
expect self 3 3 "rank 2: injected error"
expect world 2 2 "rank 1: injected error"
expect all 1 2 "injected error"
expect all 2 2 "injected error"
expect crash 2 3 "internal failure: segmentation fault"
finish
