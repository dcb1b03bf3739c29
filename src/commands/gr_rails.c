/*
  What an evolution is judged by: what is measured, where a violation is, what the rails' controls do; and the drill.
*/
#include "gr_run.h"

/* The first value that is not finite, in the slope of the stage that the sweep named, else in the state. */
PetscErrorCode AeGRDescribe(AeEvolution E, PetscInt step, char text[], size_t len)
{
  AeSpacetime       *a = AeSpacetimeOf(E);
  const AeFieldInfo *info;
  const PetscBool    candidate = (PetscBool)(a->stats.sweep == AE_SWEEP_CANDIDATE);
  const PetscInt     stage     = a->stats.stage;
  PetscInt           n = 0, field = -1, ijk[3] = {0, 0, 0};
  PetscReal          x[3] = {0, 0, 0};
  Vec               *K;
  const char        *what = "the right-hand side of ";

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, NULL, &info));
  PetscCall(AeTSGetSlopes(E->ts, &n, &K));
  if (stage >= 0 && stage < n) PetscCall(AeFieldsFindNonFinite(a->fields, K[stage], &field, ijk, x));
  if (field < 0) {
    what = "";
    PetscCall(AeFieldsFindNonFinite(a->fields, E->U, &field, ijk, x));
  }
  PetscCall(PetscSNPrintf(text, len,
                          "the state is not finite: %s%s at cell (%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT
                          "), (x,y,z) = (%g,%g,%g), t = %g, stage %" PetscInt_FMT " of step %" PetscInt_FMT
                          "; a smaller -gr_cfl, more -diss_sigma or another gauge may help",
                          what, field < 0 ? "?" : info[field].name, ijk[0], ijk[1], ijk[2], (double)x[0], (double)x[1],
                          (double)x[2], (double)E->t_begin, stage + 1, step + candidate));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRMeasure(AeEvolution E, PetscInt *flag, PetscReal value[], PetscBool *broken)
{
  AeSpacetime     *a = AeSpacetimeOf(E);
  const AeGRStats *s = &a->stats;

  PetscFunctionBegin;
  if (*flag) AeGRRaise(a->gr, *flag);
  PetscCall(AeGRReduce(a->gr, &a->stats));
  *flag   = s->flag;
  *broken = (PetscBool)(s->nonfinite > 0);
  if (!value) PetscFunctionReturn(0);
  PetscCall(AeGRBeginStep(a->gr));
  value[AE_GR_RAIL_FINITE] = (PetscReal)s->nonfinite;
  value[AE_GR_RAIL_LAPSE]  = s->lapse_min;
  value[AE_GR_RAIL_CHI]    = s->chi_min;
  value[AE_GR_RAIL_DET]    = PetscMax(s->det_drift, 0.0); /* -infinity where nothing was combined */
  value[AE_GR_RAIL_TR]     = PetscMax(s->tr_drift, 0.0);
  value[AE_GR_RAIL_H]      = s->H_l2;
  value[AE_GR_RAIL_M]      = s->M_l2;
  value[AE_GR_RAIL_K]      = s->K_max;
  value[AE_GR_RAIL_D]      = AeLoomOf(E) ? AeLoomDmax(AeLoomOf(E), NULL) : 0.0;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRValues(AeEvolution E, PetscReal value[])
{
  PetscBool bad;

  PetscFunctionBegin;
  PetscCall(AeGRPeek(AeSpacetimeOf(E)->gr, &value[AE_GR_RAIL_LAPSE], &value[AE_GR_RAIL_CHI], &bad));
  value[AE_GR_RAIL_FINITE] = bad;
  PetscFunctionReturn(0);
}

/* Of the candidate, or of the stage that was found to be impossible. */
PetscErrorCode AeGRLocate(AeEvolution E, PetscInt rail, Vec suspect, char text[], size_t len)
{
  AeSpacetime *a      = AeSpacetimeOf(E);
  PetscInt     ijk[3] = {0, 0, 0}, f = -1;
  PetscReal    t, dt;
  AeFields     F    = a->fields;
  Vec          v    = suspect ? suspect : E->U;
  double       sign = -1.0;
  const char  *what = "smallest";

  PetscFunctionBegin;
  if (rail == AE_GR_RAIL_LAPSE) f = AeGRPlaces(a->gr).lapse;
  if (rail == AE_GR_RAIL_CHI) f = AeGRPlaces(a->gr).chi; /* none in adm */
  if (rail == AE_GR_RAIL_H || rail == AE_GR_RAIL_M || rail == AE_GR_RAIL_K) {
    f    = rail == AE_GR_RAIL_H ? 0 : rail == AE_GR_RAIL_K ? 4 : 1;
    sign = 0;
    what = rail == AE_GR_RAIL_M ? "M_x largest" : "largest";
    F    = AeConstraintsFields(E);
    PetscCall(TSGetTime(E->ts, &t));
    PetscCall(TSGetTimeStep(E->ts, &dt));
    PetscCall(AeConstraintsOf(E, t + dt, (PetscBool)(rail == AE_GR_RAIL_K), &v, NULL));
  }
  PetscCall(PetscStrncpy(text, "in a combination of its stages", len));
  if (f < 0) PetscFunctionReturn(0);
  PetscCall(AeFieldsFindLargest(F, v, f, sign, ijk));
  PetscCall(PetscSNPrintf(text, len, "%s at cell (%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT "), (x,y,z) = (%g,%g,%g)",
                          what, ijk[0], ijk[1], ijk[2], (double)AeGridX(a->grid, 0, ijk[0]), (double)AeGridX(a->grid, 1, ijk[1]),
                          (double)AeGridX(a->grid, 2, ijk[2])));
  PetscFunctionReturn(0);
}

/* Both strengths times the factor. */
PetscErrorCode AeGRControl(AeEvolution E, PetscReal dissipation)
{
  AeSpacetime *a = AeSpacetimeOf(E);
  Z4Params    *p;

  PetscFunctionBegin;
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, NULL, &p));
  p->sigma       = dissipation * a->sigma[0];
  p->sigma_gauge = dissipation * a->sigma[1];
  PetscFunctionReturn(0);
}

/* The stable limit (scaled as far as -ts_dt went beyond it), and RK4's on the real axis for damping terms, three digits of
   it. */
PetscErrorCode AeGRCaps(AeEvolution E, PetscReal *limit, PetscReal *stiff)
{
  AeSpacetime *a = AeSpacetimeOf(E);
  Z4Params    *p;
  PetscReal    rate;

  PetscFunctionBegin;
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, NULL, &p));
  PetscCall(AeGRStableDt(a->gr, E->U, limit));
  if (E->dt > E->dt_limit) *limit *= E->dt / E->dt_limit;
  rate = PetscMax(p->shift_eta * AeGREta(a->gr), p->kappa1 * (2.0 + p->kappa2));
  if (rate > 0) *stiff = PetscFloorReal(1e3 * AE_RK4_REAL) / 1e3 / rate;
  PetscFunctionReturn(0);
}

/* ---- the drill: a candidate that must be sent back ---- */

typedef struct {
  PetscInt  step; /* -1: none */
  PetscReal amplitude;
  PetscBool done;
} Drill;

static PetscErrorCode DrillOptions(AeEvolution E, void *me)
{
  Drill    *d = (Drill *)me;
  PetscBool given;
  PetscReal drill[2] = {0, 0};

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Rails of the evolution", E->problem->command);
  PetscCall(AeOptReals(
    "-rails_drill",
    "STEP,AMPLITUDE: a drill for the rails, noise of that amplitude on every variable of the first candidate of that step", "1",
    "", 0, AE_HUGE, 2, drill, &given));
  PetscOptionsEnd();
  d->step      = given ? (PetscInt)drill[0] : -1;
  d->amplitude = drill[1];
  PetscFunctionReturn(0);
}

/* Noise by global cell, so that it is the same on any number of ranks; once, so that the next attempt of the step is a good
   one. */
static PetscErrorCode DrillCandidate(AeEvolution E, void *me, Vec U)
{
  Drill          *d = (Drill *)me;
  AeSpacetime    *a = AeSpacetimeOf(E);
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  if (E->step + 1 != d->step || d->done) PetscFunctionReturn(0);
  d->done = PETSC_TRUE;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (PetscInt f = 0; f < L->nf; f++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++)
          u[AeAt(L, f, k, j, i)] += d->amplitude * AeInitialNoise(a->initial->seed, f, i, a->grid->js + j, a->grid->ks + k);
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

const AePartType AePartDrill = {.name = "drill", .size = sizeof(Drill), .options = DrillOptions, .candidate = DrillCandidate};
