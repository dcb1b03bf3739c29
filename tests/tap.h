#ifndef TAP_H
#define TAP_H
/* TAP for C tests. Every check prints the value beside its bound; a NaN fails. Rank 0 prints. */
#include <aeonic/base.h>
#include <math.h>
#include <stdio.h>

static int tap_count, tap_failed;

static inline int TapPrint(int good, const char *what, const char *detail)
{
  int         rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Allreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  tap_count++;
  if (!good) tap_failed++;
  if (!rank) printf("%sok %d - %s # %s\n", good ? "" : "not ", tap_count, what, detail), fflush(stdout);
  return good;
}
/* value <= bound */
static inline int TapBelow(double value, double bound, const char *what)
{
  char s[128];
  snprintf(s, sizeof s, "%.3e <= %.3e", value, bound);
  return TapPrint(value <= bound, what, s);
}
/* |value - expected| <= tol */
static inline int TapNear(double value, double expected, double tol, const char *what)
{
  char s[128];
  snprintf(s, sizeof s, "%.12g within %.3g of %.12g", value, tol, expected);
  return TapPrint(fabs(value - expected) <= tol, what, s);
}
/* value >= bound */
static inline int TapAbove(double value, double bound, const char *what)
{
  char s[128];
  snprintf(s, sizeof s, "%.6g >= %.6g", value, bound);
  return TapPrint(value >= bound, what, s);
}
static inline int TapTrue(int good, const char *what) { return TapPrint(good != 0, what, good ? "holds" : "does not hold"); }
/* The order to which errors at n, 3n/2 and 2n cells tend, C h^p (1 + c h^2): what c adds to the orders observed between them
   goes with
   (h1^2 - h2^2)/log(h1/h2). */
static inline double LimitOrder(double e1, double e2, double e3)
{
  const double p1 = log(e1 / e2) / log(1.5), p2 = log(e2 / e3) / log(4 / 3.0);
  const double g1 = (1 - 4 / 9.0) / log(1.5), g2 = (4 / 9.0 - 1 / 4.0) / log(4 / 3.0);
  return (p2 * g1 - p1 * g2) / (g1 - g2);
}
/* What cannot be tested here: counted as skipped. */
static inline void TapSkip(const char *what, const char *why)
{
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  tap_count++;
  if (!rank) printf("ok %d - %s # SKIP %s\n", tap_count, what, why), fflush(stdout);
}
/* Prints the plan; the program's exit status. */
static inline int TapDone(void)
{
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (!rank) printf("1..%d\n", tap_count), fflush(stdout);
  return tap_failed ? 1 : 0;
}
#endif
