#!/bin/bash
# Installs what Aeonic needs and this machine lacks (Debian packages). Silent and instant when nothing is
# missing; without root it prints the one command to run and exits 1.
set -u
packages="gcc g++ make pkg-config binutils perl ca-certificates
  petsc-dev slepc-dev libfftw3-dev libfftw3-mpi-dev libhdf5-openmpi-dev libopenmpi-dev openmpi-bin
  libjansson-dev libsodium-dev
  python3 python3-numpy python3-scipy python3-sympy python3-mpmath python3-h5py python3-matplotlib"
lint="clang clang-tidy clang-format cppcheck"
case "${1-}" in
  "") ;;
  lint) packages="$packages $lint" ;;
  *) echo "setup.sh: unknown word '$1'; the only one is 'lint'" >&2; exit 1 ;;
esac

installed() { [ "$(dpkg-query -W -f '${Status}' $packages 2>/dev/null | grep -o 'install ok installed' | wc -l)" -eq "$(echo $packages | wc -w)" ]; }

command -v dpkg-query >/dev/null || { echo "setup.sh: this is not a Debian system; install the equivalents of:" $packages >&2; exit 1; }
installed && exit 0
missing=$(for p in $packages; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || echo "$p"; done)
if [ "$(id -u)" -ne 0 ]; then
  echo "Aeonic needs packages that are not installed. Run this once, then repeat the command:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends" $missing >&2
  exit 1
fi
log=$(mktemp)
for try in 1 2 3; do
  echo "installing:" $missing
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >"$log" 2>&1 && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 $missing >>"$log" 2>&1 && installed; then
    rm -f "$log"
    exit 0
  fi
  echo "setup.sh: attempt $try did not succeed" >&2
  [ "$try" = 3 ] || sleep $((5 * try))
done
tail -n 5 "$log" >&2
echo "setup.sh: could not install:" $missing "(log: $log)" >&2
exit 1
