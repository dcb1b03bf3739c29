/*
  What a run of ns writes: series, spectra, fields, and the numbers of the summary.
*/
#include "ns_run.h"
#include <petsc/private/petscimpl.h>

PetscErrorCode AeFlowSums(AeEvolution E, const AeNSSums **sums)
{
  AeFlow          *a = AeFlowOf(E);
  PetscObjectState now;

  PetscFunctionBegin;
  PetscCall(PetscObjectStateGet((PetscObject)E->U, &now));
  if (!a->known || a->summed != now) PetscCall(AeNSSumsOf(a->ns, E->U, &a->sums));
  a->known  = PETSC_TRUE;
  a->summed = now;
  *sums     = &a->sums;
  PetscFunctionReturn(0);
}

/* The work over the newest interval: the interpolant through the last four values (fewer at first) by two Gauss points. */
void AeNSBalanceAdd(AeNSBalance *b, const AeNSSums *s, PetscReal t)
{
  PetscReal sum = 0;

  if (!b->n) b->energy0 = s->energy;
  if (b->n == 4) {
    memmove(b->t, b->t + 1, 3 * sizeof *b->t);
    memmove(b->power, b->power + 1, 3 * sizeof *b->power);
    b->n = 3;
  }
  b->t[b->n]     = t;
  b->power[b->n] = s->input - s->dissipation;
  if (++b->n < 2) return;
  for (int side = -1; side <= 1; side += 2) {
    const PetscReal begin = b->t[b->n - 2], x = 0.5 * (begin + t) + 0.5 * side * (t - begin) / PetscSqrtReal(3.0);

    for (PetscInt64 i = 0; i < b->n; i++) {
      PetscReal w = b->power[i];

      for (PetscInt64 j = 0; j < b->n; j++)
        if (j != i) w *= (x - b->t[j]) / (b->t[i] - b->t[j]);
      sum += 0.5 * (t - begin) * w;
    }
  }
  b->work += sum;
  b->drift = s->energy - b->energy0 - b->work;
  b->most  = PetscMax(b->most, PetscAbsReal(b->drift));
}

PetscErrorCode AeNSSeries(AeEvolution E, AeSeries series, PetscInt it, PetscReal t)
{
  AeFlow         *a = AeFlowOf(E);
  const AeNSSums *s;
  PetscInt        fields;

  PetscFunctionBegin;
  PetscCall(AeFlowSums(E, &s));
  PetscCall(AeNSGet(a->ns, NULL, NULL, &fields, NULL, NULL));
  PetscCall(AeSeriesScalar(series, "energy", t, s->energy));
  PetscCall(AeSeriesScalar(series, "enstrophy", t, s->enstrophy));
  PetscCall(AeSeriesScalar(series, "dissipation", t, s->dissipation));
  PetscCall(AeSeriesScalar(series, "helicity", t, s->helicity));
  PetscCall(AeSeriesScalar(series, "input", t, s->input));
  AeNSBalanceAdd(&a->totals.balance, s, t);
  PetscCall(AeSeriesScalar(series, "energy_drift", t, a->totals.balance.drift));
  PetscCall(AeSeriesScalar(series, "divergence_rms", t, s->divergence));
  if (fields == 4) PetscCall(AeSeriesScalar(series, "scalar_variance", t, 2.0 * s->scalar));
  if (!it) PetscFunctionReturn(0);
  PetscCall(AeSeriesScalar(series, "cfl", t, a->rate * (t - E->t_begin))); /* of the step that led here */
  PetscCall(AeSeriesScalar(series, "dt", t, t - E->t_begin));
  PetscFunctionReturn(0);
}

/* They cost transforms. */
PetscErrorCode AeNSExactErrors(AeEvolution E, PetscReal t, PetscInt *n, const char *const **names, PetscReal l2[],
                               PetscReal linf[])
{
  PetscBool exact;

  PetscFunctionBegin;
  PetscCall(AeNSErrors(AeFlowOf(E)->ns, E->U, t, l2, linf, &exact));
  *n     = exact ? 3 : 0;
  *names = AeNSFieldNames;
  PetscFunctionReturn(0);
}

/* Evaluations, and transforms of the waves kept: those of the low waves count by their points. With octaves: how many fewer than
   if all waves had taken the low ones' steps. */
static PetscErrorCode Work(AeEvolution E, PetscInt fields)
{
  const PetscReal each = fields == 4 ? 13.0 : 9.0;
  PetscInt64      all, low;
  PetscReal       share;

  PetscFunctionBegin;
  PetscCall(AeNSWork(AeFlowOf(E)->ns, &all, &low, &share));
  all += AeFlowOf(E)->totals.evaluations;
  low += AeFlowOf(E)->totals.low;
  PetscCall(AeRunSetInt(E->run, "ns.evaluations", all));
  PetscCall(AeRunSetReal(E->run, "ns.transforms", each * ((PetscReal)all + share * (PetscReal)low)));
  if (!low) PetscFunctionReturn(0);
  PetscCall(AeRunSetInt(E->run, "ns.evaluations_low", low));
  PetscCall(AeRunSetReal(E->run, "ns.transforms_saved", each * ((PetscReal)(low - all) - share * (PetscReal)low)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSSummary(AeEvolution E)
{
  AeFlow         *a = AeFlowOf(E);
  const AeNSSums *s;
  PetscReal       div_max, skewness;
  PetscInt        n;

  PetscFunctionBegin;
  PetscCall(AeFlowSums(E, &s));
  PetscCall(AeNSPointwise(a->ns, E->U, &div_max, &skewness));
  PetscCall(AeRunSetReal(E->run, "ns.energy", s->energy));
  PetscCall(AeRunSetReal(E->run, "ns.enstrophy", s->enstrophy));
  PetscCall(AeRunSetReal(E->run, "ns.dissipation", s->dissipation));
  PetscCall(AeRunSetReal(E->run, "ns.helicity", s->helicity));
  PetscCall(AeRunSetReal(E->run, "ns.div_max", div_max));
  PetscCall(AeRunSetReal(E->run, "ns.skewness", skewness));
  PetscCall(AeRunSetReal(E->run, "ns.cfl_max", a->totals.cfl_max));
  PetscCall(AeRunSetReal(E->run, "ns.dt_limit", E->dt_limit));
  PetscCall(AeNSGet(a->ns, NULL, NULL, &n, NULL, NULL));
  if (n == 4) PetscCall(AeRunSetReal(E->run, "ns.scalar_variance", 2.0 * s->scalar));
  PetscCall(AeRunSetReal(E->run, "ns.energy_drift", a->totals.balance.most));
  PetscCall(Work(E, n));
  PetscFunctionReturn(0);
}

/* ---- what a run adds up ---- */

static PetscErrorCode TotalsAccepted(AeEvolution E, void *me)
{
  AeFlow *a = AeFlowOf(E);

  (void)me;
  a->totals.cfl_max = PetscMax(a->totals.cfl_max, a->rate * (E->t - E->t_begin));
  return 0;
}

static PetscErrorCode TotalsSave(AeEvolution E, void *me, AeSave save)
{
  AeNSTotals totals = AeFlowOf(E)->totals;
  PetscInt64 all, low;
  PetscReal  share;

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeNSWork(AeFlowOf(E)->ns, &all, &low, &share));
  totals.evaluations += all;
  totals.low += low;
  PetscCall(AeSavePut(save, "totals", &totals, sizeof totals));
  PetscFunctionReturn(0);
}

static PetscErrorCode TotalsLoad(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  (void)me;
  return phase == AE_LOAD_COMPARE ? AeLoadTake(load, "totals", &AeFlowOf(E)->totals, sizeof(AeNSTotals)) : 0;
}

const AePartType AePartTotals = {.name = "totals", .size = 1, .load = TotalsLoad, .accepted = TotalsAccepted, .save = TotalsSave};

/* ---- spectra ---- */

typedef struct {
  PetscInt every;
} Spectrum;

static PetscErrorCode SpectrumOptions(AeEvolution E, void *me)
{
  Spectrum *p = (Spectrum *)me;
  PetscInt  shells, whole;

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", "aeonic ns");
  PetscCall(AeOptInt("-ns_spectra_every", "steps between spectra E(k), skewness and divergence; 0: none", "steps", "", 0,
                     PETSC_MAX_INT, &p->every, NULL));
  PetscOptionsEnd();
  PetscCall(AeNSShells(AeFlowOf(E)->ns, &shells, &whole));
  PetscCheck(!p->every || whole >= 2, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-ns_spectra_every: on this -grid_n only %" PetscInt_FMT " shell%s of waves %s whole, a spectrum needs at least 2",
             whole, whole == 1 ? "" : "s", whole == 1 ? "is" : "are");
  PetscFunctionReturn(0);
}

PetscInt AeSpectraEvery(AeEvolution E) { return ((const Spectrum *)AePartOf(E, &AePartSpectrum))->every; }

/* series/spectrum.txt: "iteration time k E(k)"; div and skewness beside it, which need values at the points too */
static PetscErrorCode SpectrumDue(AeEvolution E, void *me)
{
  AeNS       ns = AeFlowOf(E)->ns;
  PetscReal *P, div_max, skewness;
  PetscInt   shells;

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeNSShells(ns, &shells, NULL));
  PetscCall(PetscMalloc1(shells, &P));
  PetscCall(AeNSSpectrum(ns, E->U, P));
  for (PetscInt k = 0; k < shells; k++)
    PetscCall(AeSeriesText(E->series, "spectrum.txt",
                           "# E(k): energy of the waves with k - 1/2 <= |j| < k + 1/2\n# iteration time k E\n",
                           "%" PetscInt_FMT " %.17g %" PetscInt_FMT " %.17g\n", E->step, (double)E->t, k, (double)P[k]));
  PetscCall(PetscFree(P));
  PetscCall(AeNSPointwise(ns, E->U, &div_max, &skewness));
  PetscCall(AeSeriesReduction(E->series, "divergence", "maximum", E->step, E->t, div_max));
  PetscCall(AeSeriesScalar(E->series, "skewness", E->t, skewness));
  PetscFunctionReturn(0);
}

/* The first state and the last one have theirs where any has. */
static PetscErrorCode SpectrumIfAny(AeEvolution E, void *me) { return ((const Spectrum *)me)->every ? SpectrumDue(E, me) : 0; }

static PetscInt SpectrumEvery(AeEvolution E, void *me)
{
  (void)E;
  return ((const Spectrum *)me)->every;
}

const AePartType AePartSpectrum = {.name      = "spectra",
                                   .size      = sizeof(Spectrum),
                                   .options   = SpectrumOptions,
                                   .first     = SpectrumIfAny,
                                   .due       = SpectrumDue,
                                   .last      = SpectrumIfAny,
                                   .every     = SpectrumEvery,
                                   .allocates = PETSC_TRUE};

/* ---- 3-D fields ---- */

typedef struct {
  PetscInt every, at; /* step of the newest output, -1: none */
  char     names[512];
} Fields;

/* None by default: fields of a flow cost a transform each. */
static PetscErrorCode FieldsOptions(AeEvolution E, void *me)
{
  Fields    *p = (Fields *)me;
  PetscToken token;
  char      *name;

  PetscFunctionBegin;
  p->at = -1;
  PetscCall(PetscStrncpy(p->names, "none", sizeof p->names));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", "aeonic ns");
  PetscCall(AeOptInt("-fields_every", "steps between 3-D outputs; 0: the first and the last state only", "steps", "", 0,
                     PETSC_MAX_INT, &p->every, NULL));
  PetscCall(AeOptString(
    "-fields",
    "3-D fields to write, separated by commas: velocity_x, velocity_y, velocity_z, vorticity_x .. vorticity_z, scalar; or none",
    "", p->names, sizeof p->names, NULL));
  PetscOptionsEnd();
  if (!strcmp(p->names, "none")) p->names[0] = 0;
  PetscCall(PetscTokenCreate(p->names, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCheck(AeNSHasField(AeFlowOf(E)->ns, name), PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-fields: there is no field %s here; velocity_x, velocity_y, velocity_z, vorticity_x, vorticity_y, vorticity_z "
               "and, with -ns_scalar, scalar are",
               name);
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

/* Each name is transformed and written by itself: no two fields at points are held at a time. */
static PetscErrorCode FieldsDue(AeEvolution E, void *me)
{
  Fields    *p = (Fields *)me;
  PetscToken token;
  char      *name;

  PetscFunctionBegin;
  if (!p->names[0] || p->at == E->step) PetscFunctionReturn(0);
  p->at = E->step;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  PetscCall(PetscTokenCreate(p->names, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCall(AeNSWriteField(AeFlowOf(E)->ns, E->run, E->U, name, E->step, E->t));
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscCall(AeRecordOutput(E, "fields", p->names));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}

static PetscInt FieldsEvery(AeEvolution E, void *me)
{
  (void)E;
  return ((const Fields *)me)->every;
}

const AePartType AePartFlowFields = {.name      = "fields",
                                     .size      = sizeof(Fields),
                                     .options   = FieldsOptions,
                                     .first     = FieldsDue,
                                     .due       = FieldsDue,
                                     .last      = FieldsDue,
                                     .every     = FieldsEvery,
                                     .allocates = PETSC_TRUE};
