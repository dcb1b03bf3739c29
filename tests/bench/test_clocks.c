/*
  For test_versus.py, which runs it with the preloaded clock and without. ranks: none

  Prints for each clock of the wall whether it has advanced by no more than the CPU time of the process, while the process slept.
*/
#include <mpi.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static double Seconds(clockid_t clock)
{
  struct timespec t = {0, 0};

  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double Monotonic(void) { return Seconds(CLOCK_MONOTONIC); }
static double Realtime(void) { return Seconds(CLOCK_REALTIME); }
static double Day(void)
{
  struct timeval t = {0, 0};

  gettimeofday(&t, NULL);
  return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(void)
{
  static double (*const clocks[])(void) = {Monotonic, Realtime, Day, MPI_Wtime};
  const double rounding                 = 2e-6; /* a microsecond of gettimeofday, and of doubles of today's date, at each end */

  for (int c = 0; c < 4; c++) {
    double cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID), wall = clocks[c]();

    usleep(200000);
    wall = clocks[c]() - wall;
    cpu  = Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%d ", wall <= cpu + rounding);
  }
  return 0;
}
