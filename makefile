# Aeonic. `make run` and `make test` do everything, the set-up included; README.md says the rest.
#   ARCH=native|portable   SAN=1 (address and undefined-behaviour sanitizers)   DEBUG=1 (assertions)   V=1 (show commands)
ARCH   ?= native
PREFIX ?= /usr/local
PYTHON ?= /usr/bin/python3
CC      = gcc
Q      := $(if $(V),,@)
comma  := ,
MAKEFLAGS += --no-print-directory

include scripts/mpi.mk
TARGETS = all run test test-long bench install lint
.PHONY: $(TARGETS) clean format
.DEFAULT_GOAL := all

ifndef READY # first the set-up, then make again with everything in place
$(TARGETS):
	$(Q)scripts/setup.sh $(if $(filter lint,$@),lint)
	$(Q)+$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc)) READY=1 $@
else

export PKG_CONFIG_PATH := $(firstword $(wildcard /usr/lib/petscdir/*/*-real/lib/pkgconfig)):$(firstword $(wildcard /usr/lib/slepcdir/*/*-real/lib/pkgconfig)):$(PKG_CONFIG_PATH)
PKGS    = petsc slepc fftw3 fftw3f hdf5-openmpi jansson libsodium ompi-c
PKGINC := $(patsubst -I%,-isystem %,$(filter -I%,$(shell pkg-config --cflags $(PKGS))))
LDLIBS := $(shell pkg-config --libs $(PKGS)) -lfftw3_mpi -lfftw3f_mpi -llapack -lm
MARCH  := $(if $(filter portable,$(ARCH)),-march=x86-64-v2,-march=native)
OPT    := $(if $(SAN),-O1 -fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer,-O3) $(if $(or $(DEBUG),$(SAN)),,-DNDEBUG)
WARN    = -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wno-psabi -Werror
CFLAGS := -std=gnu11 -g $(OPT) -ffp-contract=off -fno-math-errno $(WARN)
ALLFLAGS = $(CFLAGS) -Iinclude -D_GNU_SOURCE $(PKGINC)

# Kernels: one object per formulation, order, lane count and instruction set (src/gr/kernel.c).
NATIVE_LANES := $(shell $(CC) $(MARCH) -dM -E - </dev/null | awk '/__AVX512F__/{l=8} /__AVX2__/{if(!l)l=4} END{print l?l:2}')
SETS    := $(if $(filter portable,$(ARCH)),x86-64-v2:2 x86-64-v3:4 x86-64-v4:8,native:$(NATIVE_LANES))
# the row kernels are one huge basic block: sanitizers of single loads there cost minutes of compilation
KSAN    := $(if $(SAN),-fno-var-tracking -fno-sanitize=pointer-overflow$(comma)alignment$(comma)null$(comma)object-size)
ifdef SAN # crashes are reported by the program; MPI and PETSc keep what the leak check would list
export ASAN_OPTIONS := verify_asan_link_order=0:detect_leaks=0:use_sigaltstack=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0
endif
# other widths, to compare; order 4, bssn at each and every formulation at one
CHECK   := $(if $(filter portable,$(ARCH)),,$(foreach l,$(filter-out $(NATIVE_LANES),1 2 4 8),native:$l))
FORMS   := bssn z4c ccz4 adm
VARIANTS := $(foreach s,$(SETS),$(foreach f,$(FORMS),$(foreach o,2 4 6 8,$f.$o.$s))) $(foreach s,$(CHECK),bssn.4.$s) $(foreach f,$(wordlist 2,9,$(FORMS)),$(addprefix $f.4.,$(lastword $(CHECK))))
MATTER  := $(foreach s,$(SETS),$(foreach o,2 4 6 8,matter.$o.$s)) $(addprefix matter.4.,$(CHECK))

HASH := $(shell { $(CC) -v 2>&1; grep -m1 '^flags' /proc/cpuinfo; echo '$(ALLFLAGS) $(MARCH) $(VARIANTS)'; } | sha256sum | cut -c1-12)
B    := build/$(HASH)
SRC  := $(filter-out src/main.c src/gr/kernel.c src/gr/matter_kernel.c,$(wildcard src/*/*.c))
KOBJ := $(foreach v,$(VARIANTS) $(MATTER),$B/kernel/$(subst :,.,$v).o)
OBJ  := $(SRC:%.c=$B/%.o) $(KOBJ)
TESTSRC := $(wildcard tests/*/test_*.c)
TESTS := $(TESTSRC:%.c=$B/%)

all: $B/aeonic $B/libaeclock.so
	$(Q)mkdir -p bin && ln -sfn ../$B/aeonic bin/aeonic
$B/aeonic: $B/src/main.o $B/src/heap.o $B/libaeonic.a
	$(Q)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$B/libaeclock.so: scripts/cpu_clock.c # what -bench_vs preloads
	$(Q)$(CC) -O2 -D_GNU_SOURCE $(WARN) -shared -fPIC -o $@ $<
$B/libaeonic.a: $(OBJ) $B/flops.o
	$(Q)rm -f $@ && ar rcs $@ $^
$B/flops.c: $(KOBJ)
	$(Q)scripts/count_flops.sh $(KOBJ) >$@
$B/flops.o: $B/flops.c
	$(Q)$(CC) $(ALLFLAGS) -c -o $@ $<
$B/%.o: %.c
	$(Q)mkdir -p $(@D) && echo "  CC $<" && $(CC) $(ALLFLAGS) $(MARCH) $(if $(filter src/gr/kernels.c,$<),'-DAE_VARIANTS=$(call xlist,$(VARIANTS))') -MMD -MP -c -o $@ $<
xlist = $(foreach v,$(subst :,.,$1),X($(word 1,$(subst ., ,$v)),$(word 2,$(subst ., ,$v)),$(subst -,_,$(word 3,$(subst ., ,$v))),$(word 4,$(subst ., ,$v))))
$(filter-out $B/kernel/matter%,$(KOBJ)): src/gr/kernel.c
$(filter $B/kernel/matter%,$(KOBJ)): src/gr/matter_kernel.c
$(KOBJ): $B/kernel/%.o:
	$(Q)mkdir -p $(@D) && echo "  CC $< ($*)" && set -- $(subst ., ,$*) && \
	$(CC) $(ALLFLAGS) $(if $(filter native,$(word 3,$(subst ., ,$*))),-march=native,-march=$(word 3,$(subst ., ,$*))) -mprefer-vector-width=512 -g1 $(KSAN) \
	  -DAE_FORM_$$1 -DAE_FORM=$$1 -DAE_ORDER=$$2 -DAE_SET=$$(echo $$3 | tr - _) -DAE_LANES=$$4 -MMD -MP -c -o $@ $<
$(TESTS): $B/tests/%: tests/%.c $B/src/heap.o $B/libaeonic.a
	$(Q)mkdir -p $(@D) && $(CC) $(ALLFLAGS) $(MARCH) $(KSAN) -UNDEBUG -Itests -MMD -MP -o $@ $< $B/src/heap.o $B/libaeonic.a $(LDLIBS)
-include $(OBJ:.o=.d) $B/src/main.d $B/src/heap.d $(TESTS:=.d)

run: all
	$(Q)scripts/run_main.sh
test: all $(TESTS)
	$(Q)PYTHON=$(PYTHON) $(PYTHON) scripts/run_tests.py $B
test-long: all $(TESTS)
	$(Q)PYTHON=$(PYTHON) $(PYTHON) scripts/run_tests.py $B --long
bench: all
	$(Q)bin/aeonic bench -bench_n 96
install: all
	$(Q)install -D -t $(PREFIX)/bin $B/aeonic && install -D -m644 -t $(PREFIX)/include/aeonic include/aeonic/*.h && install -D -m644 -t $(PREFIX)/lib $B/libaeonic.a $B/libaeclock.so
lint: all
	$(Q)scripts/lint.sh $(PKGINC)
endif

format:
	$(Q)scripts/setup.sh lint
	$(Q)clang-format -i include/aeonic/*.h src/*.c src/*/*.[ch] tests/*/*.[ch]
clean:
	$(Q)rm -rf build bin
