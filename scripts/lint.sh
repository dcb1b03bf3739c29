#!/bin/bash
# Static checks: clang with the build's warnings as errors, clang-tidy, cppcheck. lint.sh INCLUDE-FLAGS...
set -u
cd "$(dirname "$0")/.." || exit 3
flags="-std=gnu11 -O2 -DNDEBUG -D_GNU_SOURCE -Iinclude -Itests -march=x86-64-v3 -ffp-contract=off $*"
warn="-Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wno-psabi -Werror"
kernel="-DAE_FORM_z4c -DAE_FORM=z4c -DAE_ORDER=4 -DAE_SET=native -DAE_LANES=4"
variants='-DAE_VARIANTS=X(z4c,4,native,4)'
# left out: what these find in code that is right (strcmp as a truth value, bits compared on purpose, PETSc's macros, requests in an
# array with one wait for all; cppcheck: readdir, mmap without a file, arrays of lanes filled in loops)
tidy="clang-analyzer-*,bugprone-*,performance-*,misc-redundant-expression,misc-unused-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-implicit-widening-of-multiplication-result,-bugprone-reserved-identifier,-bugprone-macro-parentheses,-bugprone-assignment-in-if-condition,-clang-analyzer-security.insecureAPI.*,-clang-analyzer-optin.mpi.MPI-Checker,-bugprone-multi-level-implicit-pointer-conversion,-performance-no-int-to-ptr,-bugprone-suspicious-string-compare,-bugprone-suspicious-memory-comparison,-bugprone-sizeof-expression,-misc-unused-parameters"
sources=$(ls src/*.c src/*/*.c tests/*/*.c)
failed=0
extra() { case "$1" in src/gr/kernel.c) echo "$kernel" ;; src/gr/matter_kernel.c) echo "${kernel//z4c/matter}" ;; src/gr/kernels.c) echo "$variants" ;; src/memory/half.c) echo "-mavx512fp16" ;; esac; }
export -f extra
export flags warn kernel variants tidy
echo "clang"
echo "$sources" | xargs -P "$(nproc)" -I{} bash -c 'clang $flags $warn $(extra {}) -fsyntax-only {}' || failed=1
echo "clang-tidy"
echo "$sources" | xargs -P "$(nproc)" -I{} bash -c 'clang-tidy --quiet --warnings-as-errors="*" --checks="-*,$tidy" {} -- $flags $(extra {}) 2>/dev/null' || failed=1
echo "cppcheck"
cppcheck --quiet --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --library=posix -j "$(nproc)" \
  --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=internalAstError --suppress=legacyUninitvar --suppress=unusedStructMember --suppress=readdirCalled --suppress=invalidFunctionArg --suppress=invalidPointerCast --suppress=uninitvar:include/aeonic/simd.h --suppress=uninitvar:src/gr/kernel.c '-DPetscFunctionReturn(x)=return(x)' -D__GNUC__=12 -DNDEBUG -DAE_LANES=4 -Iinclude src || failed=1
[ "$failed" -eq 0 ] && echo "nothing found"
exit $failed
