#ifndef AEONIC_NS_RUN_H
#define AEONIC_NS_RUN_H
/* What the files of the ns command share: the flow that a run evolves, and what its parts publish. */
#include <aeonic/commands.h>
#include <aeonic/ns.h>
#include <aeonic/run.h>

/* The energy's balance: E(t) - E(t_0) less the integral of input - dissipation, from the values at the ends of steps */
typedef struct {
  PetscInt64 n; /* of the newest values, at most 4 */
  PetscReal  t[4], power[4], energy0, work, drift, most;
} AeNSBalance;

/* What a run adds up: a checkpoint holds it, so that it counts the whole run. */
typedef struct {
  AeNSBalance balance;
  PetscReal   cfl_max;
  PetscInt64  evaluations, low; /* of earlier legs */
} AeNSTotals;

typedef struct {
  AeNS             ns;
  PetscReal        cfl; /* -ns_cfl; 0: dt is fixed */
  AeNSSums         sums;
  PetscObjectState summed; /* PETSc's count of the changes of the state whose sums these are */
  PetscBool        known;  /* there are any */
  /* the states of the last two steps' beginnings: when a state turns out not to be finite, the one before is what is left */
  Vec        kept[2];
  PetscReal  kept_t[2];
  PetscInt   kept_step[2];
  PetscReal  rate; /* of the newest step's beginning; NaN: that state was not finite */
  AeNSTotals totals;
} AeFlow;

static inline AeFlow *AeFlowOf(AeEvolution E) { return (AeFlow *)E->ctx; }

PETSC_INTERN const AeLoomProblem AeLoomNS;
PETSC_INTERN const AePartType    AePartTotals, AePartSpectrum, AePartFlowFields;

PETSC_INTERN PetscInt       AeSpectraEvery(AeEvolution);
PETSC_INTERN PetscErrorCode AeFlowSums(AeEvolution, const AeNSSums **); /* of the state as it is */
/* for AeProblem */
PETSC_INTERN PetscErrorCode AeNSSeries(AeEvolution, AeSeries, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSExactErrors(AeEvolution, PetscReal t, PetscInt *n, const char *const **names, PetscReal l2[],
                                            PetscReal linf[]);
PETSC_INTERN PetscErrorCode AeNSSummary(AeEvolution);
/* The balance with one more state; of a copy, what it would be. */
PETSC_INTERN void AeNSBalanceAdd(AeNSBalance *, const AeNSSums *, PetscReal t);
#endif
