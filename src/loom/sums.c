/*
  The sums over modes (sums.h), in both precisions of modes.
*/
#include "loom_private.h"

typedef double  Four __attribute__((vector_size(4 * sizeof(double))));
typedef int64_t FourMask __attribute__((vector_size(4 * sizeof(int64_t))));

static inline PetscReal Even(Four x) { return x[0] + x[2]; }
static inline PetscReal Odd(Four x) { return x[1] + x[3]; }

#define NUMBER     double
#define LOAD       LoadDouble
#define SUM_LANES  SumLanesDouble
#define ACCUMULATE AccumulateDouble
#define SUM_MODES  AeLoomSumsDouble
#include "sums.h"

#define NUMBER     float
#define LOAD       LoadSingle
#define SUM_LANES  SumLanesSingle
#define ACCUMULATE AccumulateSingle
#define SUM_MODES  AeLoomSumsSingle
#include "sums.h"
