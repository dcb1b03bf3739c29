/*
  The sums over modes (sums.h), in both precisions of modes.
*/
#include "loom_private.h"

enum { LANES = 8 };

#define NUMBER     double
#define LANES_OF   LanesDouble
#define ACCUMULATE AccumulateDouble
#define SUM_MODES  AeLoomSumsDouble
#include "sums.h"

#define NUMBER     float
#define LANES_OF   LanesSingle
#define ACCUMULATE AccumulateSingle
#define SUM_MODES  AeLoomSumsSingle
#include "sums.h"
