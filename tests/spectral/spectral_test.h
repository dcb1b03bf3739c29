#ifndef SPECTRAL_TEST_H
#define SPECTRAL_TEST_H
/* Values that depend on the index only, and so are the same on any number of ranks. */
#include <aeonic/layout.h>
#include <aeonic/spectral.h>
#include <string.h>
#include "tap.h"

#define EPS 2.220446049250313e-16

/* Uniform in (-1, 1): a step of splitmix64. */
static inline double Noise(uint64_t i, uint64_t seed)
{
  uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u + (seed + 1) * 0xd1b54a32d192ed03u;

  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return (double)(x >> 11) * 0x1p-52 - 1.0;
}

static inline double SumAll(double x)
{
  MPI_Allreduce(MPI_IN_PLACE, &x, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return x;
}
static inline double MaxAll(double x)
{
  int bad = isnan(x);

  MPI_Allreduce(MPI_IN_PLACE, &x, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &bad, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD);
  return bad ? NAN : x;
}
#endif
