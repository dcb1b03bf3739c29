#ifndef AEONIC_BENCH_H
#define AEONIC_BENCH_H
/*
  Measuring times on a machine that others use as well: the stopwatch, the statistics of its readings, and two builds in turn.
*/
#include <aeonic/base.h>

/*
  AeBenchNow   - CPU seconds that this process has used, after all ranks of comm have arrived
  AeBenchSince - CPU seconds since a reading of AeBenchNow(), of the rank of comm that has used most

  The processor's time and not the wall's: other programs take turns on the same cores and are not counted. (They still share
  caches, memory and the clock rate: single readings scatter by per cents.) Waiting for a disk is not counted either.
*/
PETSC_EXTERN PetscErrorCode AeBenchNow(MPI_Comm, PetscReal *seconds);
PETSC_EXTERN PetscErrorCode AeBenchSince(MPI_Comm, PetscReal started, PetscReal *seconds);

/*
  AeBenchMedian   - sorts x[0..n-1], the least first; its median, between the middle two if n is even
  AeBenchInterval - of sorted x[]: an interval that holds the median of what x[] was drawn from with probability `coverage`
                    >= 0.95, whatever the distribution: from the k-th value to the k-th from the end, k as large as
                    1 - 2 P(Bin(n, 1/2) < k) >= 0.95 allows. Below 6 values even the whole range covers less: it is given, with
                    what it covers. [Conover, Practical Nonparametric Statistics (1999), 3.2]
*/
PETSC_EXTERN PetscReal AeBenchMedian(PetscReal x[], PetscInt n);
PETSC_EXTERN void      AeBenchInterval(const PetscReal x[], PetscInt n, PetscReal *low, PetscReal *high, PetscReal *coverage);

/*
  -bench_vs BINARY: this build and another one do what the command line says, each in processes of its own, by turns.

  AeBenchVersusStart       - main() calls it before MPI is up, with its own arguments: if -bench_vs is among them, a process is
                             set aside that starts the children later. A process of MPI is not one to fork.
  AeBenchVersusFromOptions - declares -bench_vs and -bench_turns; `asked` says whether there is something to compare
  AeBenchVersusRun         - instead of the command's own work: prints the ratios of speed and puts them into the summary as
                             bench.vs.KEY.ratio, .low, .high (KEY a time or a rate of the command's summary), with
                             bench.vs.turns and .coverage. Errors: AE_ERR_USAGE if the other binary does not do, AE_ERR_SYSTEM if
                             one of the two fails on its way.
*/
typedef struct {
  char      binary[PETSC_MAX_PATH_LEN];
  PetscInt  turns;
  PetscBool asked;
} AeBenchVersus;
PETSC_EXTERN void           AeBenchVersusStart(int argc, char *const argv[]);
PETSC_EXTERN PetscErrorCode AeBenchVersusFromOptions(AeBenchVersus *);
PETSC_EXTERN PetscErrorCode AeBenchVersusRun(const AeBenchVersus *, AeRun);

#endif
