#ifndef AEONIC_AUDIT_H
#define AEONIC_AUDIT_H
/*
  -mem_audit: counts calls of malloc, calloc, realloc and the aligned allocators during steps, after a warm-up,
  by whoever made them: our own code, or a library and the function in it that asked.
*/
#include <aeonic/base.h>

/*
  AeAuditSetFromOptions - reads -mem_audit: whether the callers are to be listed. Counts begin anew.
  AeAuditStepBegin/End  - around a step and all that is done after it; the first AE_AUDIT_WARMUP steps are not counted. A step
  that was
                          begun ends with the next one's beginning at the latest.
  AeAuditReport         - mem.allocs_per_step.own and .library in the summary; with -mem_audit the callers on stdout
  AeAuditCounts         - steps counted and the calls in them on this rank: our own code's and those of libraries
  All of them count nothing in a program without src/heap.c, which the library does not hold.
*/
#define AE_AUDIT_WARMUP 2
PETSC_EXTERN PetscErrorCode AeAuditSetFromOptions(MPI_Comm);
PETSC_EXTERN void           AeAuditStepBegin(void);
PETSC_EXTERN void           AeAuditStepEnd(void);
PETSC_EXTERN void           AeAuditPause(PetscBool on); /* within a step: what writes files is not counted */
PETSC_EXTERN PetscErrorCode AeAuditReport(AeRun);
PETSC_EXTERN PetscErrorCode AeAuditCounts(PetscInt *steps, PetscInt *own, PetscInt *library);

/* For heap.c: an allocator calls AeAuditCount() while aeAuditActive is not 0; aeHeapCounts says that it does. */
PETSC_EXTERN volatile int aeAuditActive;
PETSC_EXTERN void         AeAuditCount(void);
PETSC_EXTERN const int    aeHeapCounts;
#endif
