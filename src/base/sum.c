/*
  The exact accumulator and the fixed-order row sums of sum.h.

  A finite double is m 2^p / 2^1074 with an integer m < 2^53 and 0 <= p <= 2045, so m 2^p touches at most three
  32-bit digits, from digit p/32 on. Each receives less than 2^32 in size, with the sign of the term.
  References: Kulisch, "Computer Arithmetic and Validity" (2013) ch. 8; Neal, arXiv:1505.05571.
*/
#include <aeonic/sum.h>
#include <math.h>
#include <string.h>

#define MANTISSA 52
#define ULP_MIN  (-1074) /* digit 0, bit 0 stands for 2^-1074 */

_Static_assert(sizeof(AeSum) == (AE_SUM_DIGITS + 1) * sizeof(int64_t), "AeSumReduce sends an AeSum as plain int64");

void AeSumZero(AeSum *s) { memset(s, 0, sizeof *s); }

void AeSumAdd(AeSum *s, double x)
{
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const unsigned exponent = bits >> MANTISSA & 0x7ff;
  if (PetscUnlikely(exponent == 0x7ff)) {
    s->special++;
    return;
  }
  const uint64_t          normal = exponent != 0; /* denormals have no hidden bit, and the exponent of the smallest normals */
  const uint64_t          m      = (bits & (((uint64_t)1 << MANTISSA) - 1)) | normal << MANTISSA;
  const unsigned          p      = exponent - (unsigned)normal;
  const int64_t           sign   = -(int64_t)(bits >> 63); /* 0 or -1: (d ^ sign) - sign is d or -d */
  const unsigned __int128 w      = (unsigned __int128)m << (p & 31);
  int64_t *const          digit  = s->digit + (p >> 5);

  digit[0] += ((int64_t)(uint32_t)w ^ sign) - sign;
  digit[1] += ((int64_t)(uint32_t)(w >> 32) ^ sign) - sign;
  digit[2] += ((int64_t)(w >> 64) ^ sign) - sign;
}

void AeSumMerge(AeSum *s, const AeSum *other)
{
  for (int d = 0; d < AE_SUM_DIGITS; d++) s->digit[d] += other->digit[d];
  s->special += other->special;
}

/* Moves the carries up: all digits in [0, 2^32), the sign in the last one. */
static void Carry(AeSum *s)
{
  int64_t carry = 0;

  for (int d = 0; d < AE_SUM_DIGITS - 1; d++) {
    const int64_t v = s->digit[d] + carry;
    carry           = v >> 32; /* floor */
    s->digit[d]     = v & 0xffffffff;
  }
  s->digit[AE_SUM_DIGITS - 1] += carry;
}

static inline uint64_t Bit(const AeSum *s, int b) { return (uint64_t)s->digit[b >> 5] >> (b & 31) & 1; }

double AeSumValue(const AeSum *sum)
{
  AeSum    s = *sum;
  int      top, first;
  uint64_t m = 0;

  if (s.special) return NAN;
  Carry(&s);
  const int negative = s.digit[AE_SUM_DIGITS - 1] < 0;
  if (negative) {
    for (int d = 0; d < AE_SUM_DIGITS; d++) s.digit[d] = -s.digit[d];
    Carry(&s);
  }

  top = AE_SUM_DIGITS - 1;
  while (top > 0 && !s.digit[top]) top--;
  if (!s.digit[top]) return 0;
  top = 32 * top + 63 - __builtin_clzll((uint64_t)s.digit[top]); /* now a bit */

  /* the 53 leading bits, or all of them where the value is a denormal or has no more: then it is exact */
  first = top > MANTISSA ? top - MANTISSA : 0;
  for (int b = top; b >= first; b--) m = m << 1 | Bit(&s, b);
  if (first > 0 && Bit(&s, first - 1)) { /* at least half a unit is left over: to nearest, ties to even */
    int more = (int)(m & 1);
    for (int b = first - 2; b >= 0 && !more; b--) more = (int)Bit(&s, b);
    m += (uint64_t)more;
  }
  const double value = ldexp((double)m, first + ULP_MIN); /* exact: first > 0 means a normal number */
  return negative ? -value : value;
}

PetscErrorCode AeSumReduce(MPI_Comm comm, PetscInt n, AeSum s[])
{
  PetscFunctionBegin;
  /* carried digits are below 2^32, so that 2^31 ranks could be added whatever each has taken in */
  for (PetscInt i = 0; i < n; i++) Carry(&s[i]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, s, (PetscMPIInt)(n * (AE_SUM_DIGITS + 1)), MPI_INT64_T, MPI_SUM, comm));
  PetscFunctionReturn(0);
}

#define LANES 8

static inline double Fold(const double a[LANES]) { return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7])); }

static inline __attribute__((always_inline)) double RowSum(const AeSumKind kind, const double *x, const double *y, ptrdiff_t n)
{
  double    a[LANES] = {0};
  ptrdiff_t i        = 0;

#define TERM(i) (kind == AE_SUM_PRODUCTS ? x[i] * y[i] : kind == AE_SUM_SIZES ? fabs(x[i]) : x[i])
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) a[l] += TERM(i + l);
  for (int l = 0; i + l < n; l++) a[l] += TERM(i + l);
#undef TERM
  return Fold(a);
}

double AeRowSumOf(AeSumKind kind, const double *x, const double *y, ptrdiff_t n)
{
  switch (kind) {
  case AE_SUM_PRODUCTS:
    return RowSum(AE_SUM_PRODUCTS, x, y, n);
  case AE_SUM_SIZES:
    return RowSum(AE_SUM_SIZES, x, y, n);
  default:
    return RowSum(AE_SUM_VALUES, x, y, n);
  }
}

double AeRowSum(const double *x, ptrdiff_t n) { return RowSum(AE_SUM_VALUES, x, NULL, n); }
double AeRowSumSquares(const double *x, ptrdiff_t n) { return RowSum(AE_SUM_PRODUCTS, x, x, n); }
