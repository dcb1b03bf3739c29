#ifndef AEONIC_SUM_H
#define AEONIC_SUM_H
/*
  AeSum: an exact accumulator for sums of doubles whose result does not depend on the order of addition, and
  so not on tiles, ranks or lanes. It holds the sum as a fixed-point number in 32-bit digits, each kept in an
  int64 so that carries can wait: 2^31 additions fit, and partial sums combine by adding the digits
  (MPI_SUM on int64). The value is rounded to nearest once, at the end.
  Source: Kulisch's long accumulator; Neal, "Fast exact summation using small and large superaccumulators"
  (arXiv:1505.05571).
*/
#include <stdint.h>
#include <petscsys.h>
#undef I

#define AE_SUM_DIGITS 68 /* covers 2^-1074 ... 2^1024 and the carries of 2^31 terms */
typedef struct {
  int64_t digit[AE_SUM_DIGITS];
  int64_t special; /* terms that were NaN or infinite: they make the value NaN */
} AeSum;

PETSC_EXTERN void   AeSumZero(AeSum *);
PETSC_EXTERN void   AeSumAdd(AeSum *, double);
PETSC_EXTERN void   AeSumMerge(AeSum *, const AeSum *);
PETSC_EXTERN double AeSumValue(const AeSum *);
/* In place over all ranks of comm; n accumulators in one reduction. */
PETSC_EXTERN PetscErrorCode AeSumReduce(MPI_Comm, PetscInt n, AeSum[]);

/*
  Sum of a row in the fixed order that every row sum here uses: 8 virtual lanes, lane i%8 takes element i,
  then ((0+4)+(2+6))+((1+5)+(3+7)). Independent of the machine's vector width.
*/
typedef enum { AE_SUM_VALUES, AE_SUM_SIZES, AE_SUM_PRODUCTS } AeSumKind; /* x, |x|, x y */
PETSC_EXTERN double AeRowSumOf(AeSumKind, const double *x, const double *y, ptrdiff_t n);
PETSC_EXTERN double AeRowSum(const double *x, ptrdiff_t n);
PETSC_EXTERN double AeRowSumSquares(const double *x, ptrdiff_t n);
#endif
