/*
  aeonic gr: evolve a spacetime.
*/
#include "gr_run.h"
#include <aeonic/solution.h>

/* The step: what a run does beside its equations, in this order. */
const AePartType *const AePartsGR[] = {
  &AePartConstraints, /* what has been computed of a state is at hand for all below */
  &AePartDrill,       /* spoils a candidate before anybody has looked at it */
  &AePartRails,       /* the verdict: below are those that hear of it */
  &AePartRecord,      /* an accepted step's line comes before what is done with the step */
  &AePartSeries,      /* its norms */
  &AePartLoom,        /* looks at it before a clean-up has touched it; its rates are of the evolution */
  &AePartCleanup,     /* changes the state: all below see the cleaned one */
  &AePartMemory,      /* the regime after all that, by what loom and rails have found; maintenance */
  &AePartTiles,       /* clients of the memory: tile shapes, */
  &AePartPlans,       /* plans of transforms, */
  &AePartGauge,       /* solutions of elliptic gauges */
  &AePartProgress,    /* the terminal */
  &AePartVolumes,     /* 3-D fields, */
  &AePartCuts,        /* planes and lines */
  &AePartErrors,      /* against an exact solution */
  &AePartHash,        /* of the state that was written */
  &AePartDiag,        /* masses, norms with parts left out */
  &AePartAutopsy,     /* after a breakdown */
  &AePartCheckpoint,  /* last: what is saved has been done; and first of those that end a run */
  NULL,
};

static PetscErrorCode Name(char name[], size_t len)
{
  PetscFunctionBegin;
  PetscCall(PetscStrncpy(name, "gauge_wave", len));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-gr_initial", name, len, NULL));
  if (!AeInitialFind(name)) PetscCall(PetscStrncpy(name, "run", len)); /* refused below */
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(AeEvolution E)
{
  AeSpacetime *a = AeSpacetimeOf(E);

  PetscFunctionBegin;
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &a->gr));
  PetscCall(AeGRGet(a->gr, &a->grid, &a->fields, &a->initial, NULL, NULL));
  PetscCall(AeFieldsCreateVec(a->fields, &E->U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Stepper(AeEvolution E)
{
  AeSpacetime *a = AeSpacetimeOf(E);
  DM           dm;
  TSAdapt      adapt;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetDM(a->fields, &dm));
  PetscCall(TSSetDM(E->ts, dm));
  PetscCall(TSSetType(E->ts, AE_TS_RK4));
  PetscCall(TSSetRHSFunction(E->ts, NULL, AeGRRHSFunction, a->gr));
  PetscCall(TSSetMaxTime(E->ts, a->initial->datum->t_end));
  PetscCall(TSGetAdapt(E->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, AE_ADAPT_RAILS));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetUp(AeEvolution E)
{
  AeSpacetime *a = AeSpacetimeOf(E);
  Z4Params    *p;

  PetscFunctionBegin;
  PetscCall(AeTSSetCombine(E->ts, AeGRCombine, a->gr));
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, NULL, &p));
  a->sigma[0] = p->sigma;
  a->sigma[1] = p->sigma_gauge;
  PetscFunctionReturn(0);
}

/* dt = -ts_dt, or -gr_cfl h where RK4's stable limit allows it */
static PetscErrorCode ChooseDt(AeEvolution E)
{
  AeSpacetime    *a   = AeSpacetimeOf(E);
  const PetscReal cfl = AeGRCfl(a->gr);
  PetscBool       given;

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(E->ts, &E->dt));
  PetscCall(AeGRStableDt(a->gr, E->U, &E->dt_limit));
  if (!given) E->dt = cfl * a->grid->h;
  if (E->rk4 && E->dt > E->dt_limit) {
    if (given)
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: -ts_dt %g is above the stable limit %.4g of RK4 here\n",
                             (double)E->dt, (double)E->dt_limit));
    else {
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                             "aeonic: warning: -gr_cfl %g is above the stable limit %.4g of RK4 here; the step is dt = %.4g\n",
                             (double)cfl, (double)(E->dt_limit / a->grid->h), (double)E->dt_limit));
      E->dt = E->dt_limit;
    }
  }
  PetscCall(TSSetTimeStep(E->ts, E->dt));
  PetscFunctionReturn(0);
}

static PetscErrorCode Initial(AeEvolution E)
{
  AeSpacetime *a = AeSpacetimeOf(E);

  PetscFunctionBegin;
  PetscCall(AeGRSetState(a->gr, E->U, 0.0));
  PetscCheck(!a->initial->solution || a->initial->solution->result.converged, PETSC_COMM_WORLD, AE_ERR_FAILED,
             "the solve for the initial data did not converge (residual %g); aeonic id shows its history",
             (double)a->initial->solution->result.residual);
  PetscCall(ChooseDt(E));
  PetscFunctionReturn(0);
}

static PetscErrorCode BeginStep(AeEvolution E) { return AeGRBeginStep(AeSpacetimeOf(E)->gr); }

/* Whether stages are still to be projected: those of our stepper come from one sweep that does both. */
static PetscErrorCode IsOurs(AeEvolution E, PetscBool *ours, PetscBool *project)
{
  PetscBool fused;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)E->ts, AE_TS_RK4, ours));
  PetscCall(AeGRGetFusion(AeSpacetimeOf(E)->gr, &fused));
  *project = (PetscBool) !(fused && *ours);
  PetscFunctionReturn(0);
}

/* The first stage is the accepted state, projected already. PETSc's types pass all their stages. */
static PetscErrorCode Stage(AeEvolution E, PetscReal t, PetscInt s, Vec Y[])
{
  const AeSweep sweep = s == 0 ? AE_SWEEP_FIRST : E->ahead && s == AE_TS_CANDIDATE ? AE_SWEEP_CANDIDATE : AE_SWEEP_STAGE;
  PetscBool     ours = PETSC_TRUE, project = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(IsOurs(E, &ours, &project));
  PetscCall(AeGRPrepareStage(AeSpacetimeOf(E)->gr, Y[ours ? 0 : s], t, sweep, s, (PetscBool)(s > 0 && project)));
  PetscFunctionReturn(0);
}

static PetscErrorCode Evaluated(AeEvolution E, PetscReal t)
{
  PetscBool ours = PETSC_TRUE, project = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(IsOurs(E, &ours, &project));
  PetscCall(AeGRPrepareStage(AeSpacetimeOf(E)->gr, E->U, t, AE_SWEEP_FIRST, 0, project));
  PetscFunctionReturn(0);
}

static void Regime(AeEvolution E, AeRegime *r)
{
  const AeSpacetime *a = AeSpacetimeOf(E);

  for (int d = 0; d < 3; d++) r->n[d] = a->grid->n[d];
  r->order       = a->grid->ghost;
  r->formulation = 0;
  while (r->formulation < Z4_FORM_COUNT && strcmp(Z4FormNames[r->formulation], AeGRFormulation(a->gr))) r->formulation++;
}

static PetscErrorCode Shifted(AeEvolution E, PetscInt64 regime) { return AeGRSetGaugeRegime(AeSpacetimeOf(E)->gr, regime); }

static PetscErrorCode Hash(AeEvolution E, char hex[65]) { return AeFieldsHash(AeSpacetimeOf(E)->fields, E->U, hex); }

static PetscErrorCode Save(AeEvolution E, const char folder[], PetscInt step, PetscInt n, const AeCheckpointPart part[],
                           PetscInt64 *bytes, char why[], size_t len)
{
  return AeCheckpointWrite(1, &(AeCheckpointBox){AeSpacetimeOf(E)->fields, E->U}, folder, step, n, part, bytes, why, len);
}

static PetscErrorCode Load(AeEvolution E, const char path[])
{
  return AeCheckpointLoadState(1, &(AeCheckpointBox){AeSpacetimeOf(E)->fields, E->U}, path);
}

static PetscErrorCode Final(AeEvolution E)
{
  AeSpacetime *a = AeSpacetimeOf(E);
  Vec          C;

  PetscFunctionBegin;
  PetscCall(AeConstraintsOf(E, E->t, PETSC_FALSE, &C, &a->stats));
  PetscCall(AeGRExtremes(a->gr, E->U, &a->stats.lapse_min, &a->stats.chi_min, &a->stats.K_max));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeEvolution E) { return AeGRDestroy(&AeSpacetimeOf(E)->gr); }

static PetscReal Norm(AeEvolution E) { return AeSpacetimeOf(E)->stats.H_l2; }

/* Bytes that a step of RK4 moves at least: four right-hand sides (read, write, and the line that a write brings in), three
   stages (two states read) and the sum of the slopes (five). */
static PetscLogDouble Moved(AeEvolution E)
{
  const AeLayout *L;

  PetscCallAbort(PETSC_COMM_SELF, AeFieldsGetInfo(AeSpacetimeOf(E)->fields, NULL, &L, NULL));
  return (4 * 3 + 3 * 4 + 7) * 8.0 * L->nf * L->nx * L->nj * L->nk;
}

/* "exact": the same bits on any number of ranks. PETSc's step controllers and elliptic solves take norms of arrays rank by
   rank. */
static const char *Reproducible(AeEvolution E, const char **words)
{
  TSAdapt       adapt;
  PetscBool     ours;
  AeGaugeSolves lapse, shift;

  (void)words;
  PetscCallAbort(PETSC_COMM_SELF, TSGetAdapt(E->ts, &adapt));
  PetscCallAbort(PETSC_COMM_SELF, PetscObjectTypeCompareAny((PetscObject)adapt, &ours, TSADAPTNONE, AE_ADAPT_RAILS, ""));
  PetscCallAbort(PETSC_COMM_SELF, AeGRGetGaugeSolves(AeSpacetimeOf(E)->gr, &lapse, &shift));
  return ours && !lapse.solves[0] && !shift.solves[0] && !AeCleanupOn(E) ? "exact" : "tolerance";
}

const AeProblem AeProblemGR = {
  .command      = "gr",
  .basic        = "it compares whole arrays, ghosts included, and would see what is no part of the state; use none",
  .name         = Name,
  .create       = Create,
  .stepper      = Stepper,
  .setup        = SetUp,
  .initial      = Initial,
  .begin        = BeginStep,
  .stage        = Stage,
  .evaluated    = Evaluated,
  .measure      = AeGRMeasure,
  .describe     = AeGRDescribe,
  .rails        = &AeGRRails,
  .locate       = AeGRLocate,
  .control      = AeGRControl,
  .caps         = AeGRCaps,
  .peek         = AeGRValues,
  .regime       = Regime,
  .shifted      = Shifted,
  .series       = AeGRSeries,
  .errors       = AeGRExactErrors,
  .errors_every = AeFieldsEvery,
  .receipt      = AeGRReceipt,
  .hash         = Hash,
  .save         = Save,
  .load         = Load,
  .final        = Final,
  .summary      = AeGRSummary,
  .forecast     = AeGRForecast,
  .destroy      = Destroy,
  .norm         = Norm,
  .moved        = Moved,
  .reproducible = Reproducible,
  .loom         = &AeLoomGR,
  .cleanup      = &AePartCleanup,
};

PetscErrorCode AeCommandGR(const char topic[])
{
  AeSpacetime spacetime = {0};

  PetscFunctionBegin;
  (void)topic;
  PetscCall(AeEvolutionRun(&AeProblemGR, &spacetime, AePartsGR));
  PetscFunctionReturn(0);
}
