#ifndef AEONIC_GR_RUN_H
#define AEONIC_GR_RUN_H
/* What the files of the gr command share: the spacetime that a run evolves, and what its parts publish. */
#include <aeonic/cleanup.h>
#include <aeonic/commands.h>
#include <aeonic/diag.h>
#include <aeonic/gr.h>
#include <aeonic/run.h>

/* States that the default stepper holds: solution, stage, four slopes. */
#define AE_STEPPER_VECS 6

typedef struct {
  AeGR      gr;
  AeGrid    grid;
  AeFields  fields;
  AeInitial initial;
  AeGRStats stats;    /* of the newest reduction: which state's, run.h says */
  PetscReal sigma[2]; /* dissipation while nothing raises it */
} AeSpacetime;

static inline AeSpacetime *AeSpacetimeOf(AeEvolution E) { return (AeSpacetime *)E->ctx; }

/* The run that `aeonic gr` makes, for those who make two at once: each with a spacetime of its own (zeroed). */
PETSC_INTERN const AeProblem         AeProblemGR;
PETSC_INTERN const AePartType *const AePartsGR[];
PETSC_INTERN const AeLoomProblem     AeLoomGR;

PETSC_INTERN const AePartType AePartConstraints, AePartDrill, AePartTiles, AePartGauge, AePartCleanup, AePartVolumes, AePartCuts,
  AePartDiag, AePartAutopsy;

/*
  AeConstraintsFields  - H, M_i, K, chi of output, of which the next two make a Vec
  AeConstraintsOf      - those of the state in evolution->U, of time t: taken from the memory if they are there, else swept
                         for. *C is borrowed until the state changes. all: K and chi too. stats may be NULL
  AeConstraintsCapture - the next first stage's come with its sweep; AeConstraintsCaptured: that has happened, and where
  AeInvariantsOf       - likewise the curvature invariants
*/
PETSC_INTERN AeFields       AeConstraintsFields(AeEvolution);
PETSC_INTERN PetscErrorCode AeConstraintsOf(AeEvolution, PetscReal t, PetscBool all, Vec *C, AeGRStats *stats);
PETSC_INTERN PetscErrorCode AeConstraintsCapture(AeEvolution, PetscBool on);
PETSC_INTERN Vec            AeConstraintsCaptured(AeEvolution);
PETSC_INTERN AeFields       AeInvariantsFields(AeEvolution);
PETSC_INTERN PetscErrorCode AeInvariantsOf(AeEvolution, PetscReal t, Vec *C);

PETSC_INTERN PetscBool AeCleanupOn(AeEvolution); /* constraints may be cleaned up in this run */
PETSC_INTERN PetscInt  AeFieldsEvery(AeEvolution);
PETSC_INTERN PetscBool
  AeFieldsNeedConstraints(AeEvolution); /* H, M_i are among those to be written, and K or chi need no sweep */
PETSC_INTERN PetscErrorCode AeDiagnosticsView(AeEvolution, PetscViewer);

/* for AeProblem */
PETSC_INTERN PetscErrorCode AeGRMeasure(AeEvolution, PetscInt *flag, PetscReal value[], PetscBool *broken);
PETSC_INTERN PetscErrorCode AeGRDescribe(AeEvolution, PetscInt step, char text[], size_t len);
PETSC_INTERN PetscErrorCode AeGRLocate(AeEvolution, PetscInt rail, Vec suspect, char text[], size_t len);
PETSC_INTERN PetscErrorCode AeGRControl(AeEvolution, PetscReal dissipation);
PETSC_INTERN PetscErrorCode AeGRCaps(AeEvolution, PetscReal *limit, PetscReal *stiff);
PETSC_INTERN PetscErrorCode AeGRValues(AeEvolution, PetscReal value[]);
PETSC_INTERN PetscErrorCode AeGRSeries(AeEvolution, AeSeries, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRExactErrors(AeEvolution, PetscReal t, PetscInt *n, const char *const **names, PetscReal l2[],
                                            PetscReal linf[]);
PETSC_INTERN PetscErrorCode AeGRReceipt(AeEvolution, AeReceipts);
PETSC_INTERN PetscErrorCode AeGRSummary(AeEvolution);
PETSC_INTERN PetscErrorCode AeGRForecast(AeEvolution);

#endif
