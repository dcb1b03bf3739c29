#ifndef AEONIC_BENCH_PRIVATE_H
#define AEONIC_BENCH_PRIVATE_H
#include <aeonic/bench.h>
#include <aeonic/gr.h>

enum { AE_BENCH_REPS = 7 };

PETSC_INTERN PetscErrorCode AeBenchTriad(PetscReal *gb_per_s);
PETSC_INTERN PetscErrorCode AeBenchFma(PetscReal *gflop_per_s);
/* fft.c and ns.c: n points along each axis, shared by the ranks */
PETSC_INTERN PetscErrorCode AeBenchFFT(AeRun, PetscInt n);
/* n^3 cells on every rank; files go to the run's folder and are removed at the end */
PETSC_INTERN PetscErrorCode AeBenchOutput(AeRun, PetscInt n);
PETSC_INTERN PetscErrorCode AeBenchReceipts(AeRun);
/* loom.c: the loom on a state and its slope */
PETSC_INTERN PetscErrorCode AeBenchLoomOptions(void);
PETSC_INTERN PetscErrorCode AeBenchLoom(AeRun, AeGR, Vec U, Vec R);
PETSC_INTERN PetscErrorCode AeBenchNS(AeRun, PetscInt n);
#endif
