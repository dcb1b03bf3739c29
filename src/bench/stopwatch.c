/*
  The stopwatch and the statistics of its readings.
*/
#include <aeonic/bench.h>
#include <time.h>

PetscErrorCode AeBenchNow(MPI_Comm comm, PetscReal *seconds)
{
  struct timespec t;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Barrier(comm));
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  *seconds = (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
  PetscFunctionReturn(0);
}

PetscErrorCode AeBenchSince(MPI_Comm comm, PetscReal started, PetscReal *seconds)
{
  struct timespec t;

  PetscFunctionBegin;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  *seconds = (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec - started;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 1, MPIU_REAL, MPIU_MAX, comm));
  PetscFunctionReturn(0);
}

static int Compare(const void *a, const void *b)
{
  const PetscReal x = *(const PetscReal *)a, y = *(const PetscReal *)b;
  return (x > y) - (x < y);
}

PetscReal AeBenchMedian(PetscReal x[], PetscInt n)
{
  qsort(x, (size_t)n, sizeof *x, Compare);
  return 0.5 * (x[(n - 1) / 2] + x[n / 2]);
}

/* Each value lies below the median with probability 1/2: how many do is binomial. */
void AeBenchInterval(const PetscReal x[], PetscInt n, PetscReal *low, PetscReal *high, PetscReal *coverage)
{
  PetscReal term = PetscPowReal(0.5, (PetscReal)n), below = term; /* P(Bin = k - 1), P(Bin < k) */
  PetscInt  k = 1;

  for (; 2 * (k + 1) <= n; k++) {
    term *= (PetscReal)(n - k + 1) / (PetscReal)k;
    if (1.0 - 2.0 * (below + term) < 0.95) break;
    below += term;
  }
  *low      = x[k - 1];
  *high     = x[n - k];
  *coverage = 1.0 - 2.0 * below;
}
