/*
  The heap audit. The program's own malloc family (src/heap.c, not a part of the library) stands before libc's: it reports every
  call
  while a step is being audited and passes it on. Callers are found by a short backtrace and resolved when the report is made.
*/
#include <aeonic/audit.h>
#include <dlfcn.h>
#include <execinfo.h>

enum { DEPTH = 10, MAX_CALLS = 4096, MAX_CALLERS = 64 };

#pragma weak aeHeapCounts /* of heap.c, where that is linked in */

volatile int aeAuditActive;

static PetscBool verbose, paused;
static PetscInt  steps_seen, steps_counted;
static int       ncalls;
static void     *calls[MAX_CALLS][DEPTH];

/* Not inlined: in a trace the two innermost frames are this one and the allocator's. */
__attribute__((noinline)) void AeAuditCount(void)
{
  aeAuditActive = 0; /* backtrace may allocate */
  if (ncalls < MAX_CALLS) {
    memset(calls[ncalls], 0, sizeof calls[ncalls]);
    (void)backtrace(calls[ncalls], DEPTH);
  }
  ncalls++;
  aeAuditActive = 1;
}

PetscErrorCode AeAuditSetFromOptions(MPI_Comm comm)
{
  void *frame[DEPTH];

  PetscFunctionBegin;
  PetscOptionsBegin(comm, NULL, "Memory", "AeAudit");
  PetscCall(AeOptBool("-mem_audit", "list who allocates memory in a step after warm-up (they are counted in any case)", "",
                      &verbose, NULL));
  PetscOptionsEnd();
  steps_seen = steps_counted = ncalls = 0;
  (void)backtrace(frame, DEPTH); /* loads what it needs */
  PetscFunctionReturn(0);
}

void AeAuditStepBegin(void)
{
  AeAuditStepEnd();
  aeAuditActive = &aeHeapCounts && aeHeapCounts && steps_seen++ >= AE_AUDIT_WARMUP;
}

void AeAuditPause(PetscBool on)
{
  if (!aeAuditActive && !paused) return;
  paused        = on;
  aeAuditActive = !on;
}

void AeAuditStepEnd(void)
{
  if (aeAuditActive) steps_counted++;
  aeAuditActive = 0;
}

/* The function that wanted the memory: the first frame that is neither an allocator of ours nor one of PETSc's. */
static const char *Caller(void *const frame[], const char **object, PetscBool *own)
{
  static Dl_info self, info;
  static char    place[96];

  (void)dladdr((void *)AeAuditStepBegin, &self);
  *object = "?";
  *own    = PETSC_FALSE;
  for (int d = 2; d < DEPTH && frame[d]; d++) {
    if (!dladdr(frame[d], &info)) continue;
    if (info.dli_sname && (!strncmp(info.dli_sname, "PetscMalloc", 11) || !strncmp(info.dli_sname, "PetscTr", 7) ||
                           !strncmp(info.dli_sname, "PetscRealloc", 12)))
      continue;
    *own    = (PetscBool)(info.dli_fbase == self.dli_fbase);
    *object = info.dli_fname ? info.dli_fname : "?";
    if (info.dli_sname) return info.dli_sname;
    (void)snprintf(place, sizeof place, "static function, addr2line -fe bin/aeonic %#zx",
                   (size_t)((char *)frame[d] - (char *)info.dli_fbase));
    return *own ? place : "?";
  }
  return "?";
}

PetscErrorCode AeAuditCounts(PetscInt *steps, PetscInt *own, PetscInt *library)
{
  PetscFunctionBegin;
  *steps = steps_counted;
  *own = *library = 0;
  for (int c = 0; c < PetscMin(ncalls, MAX_CALLS); c++) {
    const char *object;
    PetscBool   mine;

    (void)Caller(calls[c], &object, &mine);
    if (mine) ++*own;
    else ++*library;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeAuditReport(AeRun run)
{
  PetscInt steps, count[2], n = 0, times[MAX_CALLERS];
  char     name[MAX_CALLERS][192];

  PetscFunctionBegin;
  PetscCall(AeAuditCounts(&steps, &count[0], &count[1]));
  if (!steps) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, count, 2, MPIU_INT, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(AeRunSetReal(run, "mem.allocs_per_step.own", (PetscReal)count[0] / steps));
  PetscCall(AeRunSetReal(run, "mem.allocs_per_step.library", (PetscReal)count[1] / steps));
  if (!verbose) PetscFunctionReturn(0);
  for (int c = 0; c < PetscMin(ncalls, MAX_CALLS); c++) {
    const char *object, *who, *base;
    char        text[192];
    PetscBool   mine;
    PetscInt    i;

    who  = Caller(calls[c], &object, &mine);
    base = strrchr(object, '/');
    PetscCall(PetscSNPrintf(text, sizeof text, "%s in %s", who, mine ? "aeonic" : base ? base + 1 : object));
    for (i = 0; i < n && strcmp(name[i], text); i++) continue;
    if (i == n && n < MAX_CALLERS) {
      PetscCall(PetscStrncpy(name[n], text, sizeof name[n]));
      times[n++] = 0;
    }
    if (i < n) times[i]++;
  }
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "heap allocations over %" PetscInt_FMT " steps: %" PetscInt_FMT " our own, %" PetscInt_FMT
                        " in libraries\n",
                        steps, count[0], count[1]));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  %6.2f per step  %s\n", (double)times[i] / steps, name[i]));
  PetscFunctionReturn(0);
}
