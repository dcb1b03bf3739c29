#ifndef AEONIC_AUDIT_H
#define AEONIC_AUDIT_H
/*
  -mem_audit: counts calls of malloc, calloc, realloc and the aligned allocators during steps, after a warm-up,
  by whoever made them: our own code, or a library and the function in it that asked.
*/
#include <aeonic/base.h>

/*
  AeAuditSetFromOptions - reads -mem_audit; `fallback` says whether it is on without the option
  AeAuditStepBegin/End  - around a step; the first AE_AUDIT_WARMUP steps are not counted
  AeAuditReport         - mem.allocs_per_step.own and .library in the summary; the callers on stdout if `verbose`
                          was asked for by -mem_audit
*/
#define AE_AUDIT_WARMUP 2
PETSC_EXTERN PetscErrorCode AeAuditSetFromOptions(MPI_Comm);
PETSC_EXTERN void           AeAuditStepBegin(void);
PETSC_EXTERN void           AeAuditStepEnd(void);
PETSC_EXTERN void           AeAuditPause(PetscBool on); /* within a step: what writes files is not counted */
PETSC_EXTERN PetscErrorCode AeAuditReport(AeRun);
PETSC_EXTERN PetscErrorCode AeAuditCounts(PetscInt *steps, PetscInt *own, PetscInt *library);
#endif
