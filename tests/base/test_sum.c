/* The exact accumulator: ranks: 1 2 3 */
#include <aeonic/sum.h>
#include <float.h>
#include <string.h>
#include "tap.h"

/* splitmix64: the same bits in every language, so that sums made elsewhere can be stored here */
static uint64_t Next(uint64_t *state)
{
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z          = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z          = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

static double FromBits(uint64_t b)
{
  double x;
  memcpy(&x, &b, sizeof x);
  return x;
}

/* Any sign and mantissa, the biased exponent in [lo, lo+n). */
static double Draw(uint64_t *state, unsigned lo, unsigned n)
{
  const uint64_t b = Next(state), e = lo + (b >> 52 & 0x7ff) % n;
  return FromBits((b & 0x800fffffffffffffu) | e << 52);
}

static int Same(double a, double b) { return !memcmp(&a, &b, sizeof a); }

static double Sum(int n, const double *x)
{
  AeSum s;
  AeSumZero(&s);
  for (int i = 0; i < n; i++) AeSumAdd(&s, x[i]);
  return AeSumValue(&s);
}
#define SUM(...) Sum((int)(sizeof(double[]){__VA_ARGS__} / sizeof(double)), (double[]){__VA_ARGS__})

/* What Python's fractions make of the same streams: rounded once from the exact sum. */
static const struct {
  uint64_t seed;
  unsigned lo, n;
  int      terms;
  double   sum;
} table[] = {
  {1, 1023, 1, 1000, 0x1.9f08f9ea6868dp+6},      {2, 983, 80, 5000, 0x1.b0ca0f217d74ep+41},
  {3, 0, 2040, 3000, -0x1.58445b9ca1d2dp+1014},  {4, 0, 1, 777, 0x1.6c7b3ae5cea51p-1019}, /* denormals only */
  {5, 0, 60, 2000, -0x1.7b075ba530250p-961},     {6, 1000, 40, 20000, -0x1.eedb06f3c606cp+21},
  {7, 1900, 140, 999, -0x1.0757dee52fecdp+1017}, {8, 0, 3, 64, 0x1.393feb39b0007p-1018},
};
#define TABLE (int)(sizeof table / sizeof table[0])

static void TestEdges(void)
{
  const double tiny = 0x1p-1074;

  TapTrue(Same(Sum(0, NULL), 0), "the empty sum is +0");
  TapTrue(Same(SUM(1.5, -1.5), 0), "x - x is +0");
  TapTrue(Same(SUM(-0.0), 0), "-0 counts as 0");
  TapTrue(Same(SUM(1e300, 1, -1e300), 1), "1e300 + 1 - 1e300 is 1");
  TapTrue(Same(SUM(1, 1e300, tiny, -1e300, -1), tiny), "the smallest denormal survives 1e300");
  TapTrue(Same(SUM(-tiny, -tiny, -tiny), -3 * tiny), "denormals add");
  TapTrue(Same(SUM(DBL_MIN, -tiny), DBL_MIN - tiny), "the largest denormal");
  TapTrue(Same(SUM(DBL_MIN - tiny, tiny), DBL_MIN), "denormals carry into the smallest normal number");
  TapTrue(Same(SUM(DBL_MAX), DBL_MAX), "the largest double");
  TapTrue(Same(SUM(DBL_MAX, DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX), DBL_MAX), "partial sums may exceed the largest double");
  TapTrue(SUM(DBL_MAX, DBL_MAX) == INFINITY && SUM(-DBL_MAX, -DBL_MAX) == -INFINITY, "a sum beyond it is infinite");
  TapTrue(SUM(DBL_MAX, 0x1p970) == INFINITY, "half a unit above it rounds to infinity");
  TapTrue(Same(SUM(DBL_MAX, 0x1p969), DBL_MAX), "less than half a unit does not");
  TapTrue(Same(SUM(0x1p53, 1), 0x1p53), "a tie rounds to even, down");
  TapTrue(Same(SUM(0x1p53, 3), 0x1p53 + 4), "a tie rounds to even, up");
  TapTrue(Same(SUM(0x1p53, 1, tiny), 0x1p53 + 2), "just above the tie rounds up");
  TapTrue(Same(SUM(0x1p53, 1, -tiny), 0x1p53), "just below the tie rounds down");
  TapTrue(Same(SUM(-0x1p53, -1, -tiny), -0x1p53 - 2), "the same below zero");
  TapTrue(Same(SUM(0x1p53 - 1, 0.5), 0x1p53), "rounding up into the next power of two");
  TapTrue(isnan(SUM(1, NAN)) && isnan(SUM(INFINITY)) && isnan(SUM(INFINITY, -INFINITY)) && isnan(SUM(-INFINITY, 1)),
          "NaN and infinite terms make NaN");
}

static void TestRandom(void)
{
  static double x[20000];

  for (int c = 0; c < TABLE; c++) {
    uint64_t state = table[c].seed;
    char     what[96];
    for (int i = 0; i < table[c].terms; i++) x[i] = Draw(&state, table[c].lo, table[c].n);
    int same = Same(Sum(table[c].terms, x), table[c].sum);
    for (int p = 0; p < 3; p++) { /* other orders */
      for (int i = table[c].terms - 1; i > 0; i--) {
        const int    k = (int)(Next(&state) % (uint64_t)(i + 1));
        const double t = x[i];
        x[i]           = x[k];
        x[k]           = t;
      }
      same = same && Same(Sum(table[c].terms, x), table[c].sum);
    }
    snprintf(what, sizeof what, "%d terms with %u exponents from %u, in four orders: the exact sum rounded", table[c].terms,
             table[c].n, table[c].lo);
    TapTrue(same, what);
  }

  /* terms m 2^e with 0 <= e < 60: 128-bit integers hold the sum, and the compiler's own conversion rounds it */
  int same = 1;
  for (uint64_t seed = 100; seed < 300; seed++) {
    uint64_t state = seed;
    __int128 exact = 0;
    AeSum    s;
    AeSumZero(&s);
    for (int i = 0; i < 500; i++) {
      const uint64_t b = Next(&state), m = b & 0xfffffffffffffu;
      const int      e = (int)(b >> 52 & 63) % 60, negative = (int)(b >> 63);
      exact += negative ? -((__int128)m << e) : (__int128)m << e;
      AeSumAdd(&s, ldexp(negative ? -(double)m : (double)m, e));
    }
    same = same && Same(AeSumValue(&s), (double)exact);
  }
  TapTrue(same, "200 sums of 500 terms agree with 128-bit integers");
}

static void TestMerge(void)
{
  int      same  = 1;
  uint64_t state = table[2].seed;
  AeSum    part[7], all;

  for (int p = 0; p < 7; p++) AeSumZero(&part[p]);
  for (int i = 0; i < table[2].terms; i++) AeSumAdd(&part[i % 7], Draw(&state, table[2].lo, table[2].n));
  AeSumZero(&all);
  for (int p = 6; p >= 0; p--) AeSumMerge(&all, &part[p]);
  TapTrue(Same(AeSumValue(&all), table[2].sum), "seven partial sums merge to the exact one");

  AeSumZero(&all);
  AeSumZero(&part[0]);
  AeSumAdd(&part[0], NAN);
  AeSumMerge(&all, &part[0]);
  TapTrue(isnan(AeSumValue(&all)), "NaN survives a merge");

  /* as many equal terms as waiting carries must hold: 2^24 here, their sum exact by a shift */
  AeSumZero(&all);
  for (int i = 0; i < 1 << 24; i++) AeSumAdd(&all, 0x1.fffffffffffffp-3);
  same = Same(AeSumValue(&all), 0x1.fffffffffffffp21);
  TapTrue(same, "2^24 terms");
}

static PetscErrorCode TestReduce(void)
{
  PetscMPIInt rank, size;
  AeSum       s[TABLE + 1];
  int         same = 1;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  for (int c = 0; c <= TABLE; c++) AeSumZero(&s[c]);
  for (int c = 0; c < TABLE; c++) {
    uint64_t state = table[c].seed;
    for (int i = 0; i < table[c].terms; i++) {
      const double x = Draw(&state, table[c].lo, table[c].n);
      if (i % size == rank) AeSumAdd(&s[c], x);
    }
  }
  if (rank == size - 1) AeSumAdd(&s[TABLE], INFINITY);
  PetscCall(AeSumReduce(PETSC_COMM_WORLD, TABLE + 1, s));
  for (int c = 0; c < TABLE; c++) same = same && Same(AeSumValue(&s[c]), table[c].sum);
  TapTrue(same, "terms dealt out to the ranks: every rank has the exact sums");
  TapTrue(isnan(AeSumValue(&s[TABLE])), "one rank's infinity is NaN on all");
  PetscFunctionReturn(0);
}

/* The documented order, written so that no compiler can change it. */
static double RowReference(const double *x, ptrdiff_t n, int square)
{
  volatile double a[8] = {0}, t;
  for (ptrdiff_t i = 0; i < n; i++) {
    t = square ? x[i] * x[i] : x[i];
    a[i % 8] += t;
  }
  volatile double e = a[0] + a[4], f = a[2] + a[6], g = a[1] + a[5], h = a[3] + a[7];
  e += f;
  g += h;
  return e + g;
}

static void TestRows(void)
{
  static double x[300];
  uint64_t      state = 42;
  int           sum = 1, squares = 1;

  for (int i = 0; i < 300; i++) x[i] = Draw(&state, 1003, 40);
  for (int start = 0; start < 8; start++)
    for (int n = 0; n < 280; n++) {
      sum     = sum && Same(AeRowSum(x + start, n), RowReference(x + start, n, 0));
      squares = squares && Same(AeRowSumSquares(x + start, n), RowReference(x + start, n, 1));
    }
  TapTrue(sum, "row sums of 0 to 279 points, at any alignment, keep the documented order");
  TapTrue(squares, "so do sums of squares");
}

int main(int argc, char **argv)
{
  PetscCall(AeonicInitialize(&argc, &argv, "exact sums\n"));
  TestEdges();
  TestRandom();
  TestMerge();
  PetscCall(TestReduce());
  TestRows();
  const int status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
