/*
  The stopwatch and the statistics of its readings. ranks: 1 2

  Intervals are checked against the tables of Conover, Practical Nonparametric Statistics, and Hahn & Meeker, Statistical
  Intervals
  (table 5.2a): n, which order statistics, what they cover.
*/
#include <aeonic/bench.h>
#include <tap.h>
#include <time.h>

static PetscReal Cpu(void)
{
  struct timespec t;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

static void Medians(void)
{
  PetscReal odd[] = {3, -1, 7}, even[] = {9, 1, 4, 2}, one[] = {5}, flat[] = {2, 2, 2, 2, 1};

  TapNear(AeBenchMedian(odd, 3), 3, 0, "median of three");
  TapNear(AeBenchMedian(even, 4), 3, 0, "of four: between the middle two");
  TapNear(AeBenchMedian(one, 1), 5, 0, "of one");
  TapNear(AeBenchMedian(flat, 5), 2, 0, "of ties");
  TapTrue(even[0] == 1 && even[1] == 2 && even[2] == 4 && even[3] == 9, "the values are sorted, the least first");
}

static void Intervals(void)
{
  static const struct {
    PetscInt  n, low, high;
    PetscReal coverage;
  } table[] = {{3, 1, 3, 0.75},     {5, 1, 5, 0.9375},   {6, 1, 6, 0.9688},    {9, 2, 8, 0.9609},    {10, 2, 9, 0.9785},
               {20, 6, 15, 0.9586}, {25, 8, 18, 0.9567}, {40, 14, 27, 0.9615}, {50, 18, 33, 0.9672}, {100, 40, 61, 0.9648}};
  PetscReal x[100], low, high, coverage;

  for (int i = 0; i < 100; i++) x[i] = i + 1;
  for (size_t r = 0; r < PETSC_STATIC_ARRAY_LENGTH(table); r++) {
    char what[96];

    AeBenchInterval(x, table[r].n, &low, &high, &coverage);
    snprintf(what, sizeof what, "%d values: from number %d to %d", (int)table[r].n, (int)table[r].low, (int)table[r].high);
    TapTrue(low == (PetscReal)table[r].low && high == (PetscReal)table[r].high, what);
    snprintf(what, sizeof what, "%d values: what the interval covers, to the table's four digits", (int)table[r].n);
    TapNear(coverage, table[r].coverage, 5e-5, what);
  }
}

/* Samples of 21 from a skewed distribution, -log(u) with its median at log 2: as many intervals hold it as they say. */
static void Coverage(void)
{
  enum { SAMPLES = 4000, N = 21 };
  unsigned long long state = 1;
  PetscReal          x[N], low, high, coverage = 0;
  int                held = 0;

  for (int s = 0; s < SAMPLES; s++) {
    for (int i = 0; i < N; i++) {
      state = 6364136223846793005ULL * state + 1442695040888963407ULL;
      x[i]  = -log(((PetscReal)(state >> 11) + 0.5) / 9007199254740992.0);
    }
    (void)AeBenchMedian(x, N);
    AeBenchInterval(x, N, &low, &high, &coverage);
    held += low <= log(2) && log(2) <= high;
  }
  /* the count is binomial: four standard deviations */
  TapNear((PetscReal)held / SAMPLES, coverage, 4 * sqrt(coverage * (1 - coverage) / SAMPLES),
          "the median lies inside that often");
}

int main(int argc, char **argv)
{
  PetscReal   before, now, since;
  PetscMPIInt rank, size;
  int         status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  Medians();
  Intervals();
  Coverage();

  before = Cpu();
  PetscCall(AeBenchNow(PETSC_COMM_WORLD, &now));
  TapTrue(before <= now && now <= Cpu(), "the stopwatch reads the CPU time of the process");
  if (rank == size - 1)
    while (Cpu() < now + 0.05) continue;
  PetscCall(AeBenchSince(PETSC_COMM_WORLD, now, &since));
  TapAbove(since, 0.05, "the time of the rank that has used most is everyone's");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
