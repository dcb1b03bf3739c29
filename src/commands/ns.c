/*
  aeonic ns: evolve the incompressible Navier-Stokes equations on a periodic box.
*/
#include "ns_run.h"
#include <petsc/private/petscimpl.h>
#include <petsctime.h>

/* The step: what a run does beside its equations, in this order (as aeonic gr; its reasons stand in gr.c). */
static const AePartType *const parts[] = {
  &AePartRails,      /* the verdict, where -ts_adapt_type rails asks for one */
  &AePartRecord,     /* an accepted step's line comes first */
  &AePartTotals,     /* what is added up over all steps */
  &AePartSeries,     /* energies */
  &AePartLoom,       /* looks at the state that the step began from */
  &AePartMemory,     /* the regime, by what loom and rails have found */
  &AePartPlans,      /* plans of transforms: from the checkpoint before any is made */
  &AePartProgress,   /* the terminal */
  &AePartSpectrum,   /* E(k) */
  &AePartFlowFields, /* 3-D fields */
  &AePartErrors,     /* against an exact solution */
  &AePartHash,       /* of the state that was written */
  &AePartCheckpoint, /* last: what is saved has been done */
  NULL,
};

static PetscErrorCode Name(char name[], size_t len)
{
  PetscFunctionBegin;
  PetscCall(PetscStrncpy(name, "taylor_green", len));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-ns_initial", name, len, NULL));
  if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")]) PetscCall(PetscStrncpy(name, "run", len)); /* refused below */
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(AeEvolution E)
{
  AeFlow *a = AeFlowOf(E);

  PetscFunctionBegin;
  PetscCall(AeNSRegister());
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &a->ns));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Flow", "aeonic ns");
  PetscCall(AeOptReal("-ns_cfl", "Courant number C: dt = C / max sum_d |u_d| / h_d, chosen anew every step; 0: dt is -ts_dt", "1",
                      "", 0, AE_HUGE, &a->cfl, NULL));
  PetscOptionsEnd();
  PetscCall(AeNSCreateVec(a->ns, &E->U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Stepper(AeEvolution E)
{
  AeFlow   *a = AeFlowOf(E);
  TSAdapt   adapt;
  PetscReal t_end;

  PetscFunctionBegin;
  PetscCall(AeNSGet(a->ns, NULL, &t_end, NULL, NULL, NULL));
  PetscCall(TSSetType(E->ts, TSRK));
  PetscCall(TSRKSetType(E->ts, TSRK4));
  PetscCall(TSSetMaxTime(E->ts, t_end));
  PetscCall(TSSetTimeStep(E->ts, 0.01));
  PetscCall(TSGetAdapt(E->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, a->cfl > 0 ? AE_TSADAPT_COURANT : TSADAPTNONE));
  if (a->cfl > 0) PetscCall(TSAdaptSetSafety(adapt, a->cfl, PETSC_DEFAULT)); /* of the step that moves by one spacing */
  PetscFunctionReturn(0);
}

static PetscErrorCode SetUp(AeEvolution E)
{
  AeFlow *a = AeFlowOf(E);

  PetscFunctionBegin;
  PetscCall(AeNSSetUpTS(a->ns, E->ts));
  for (int i = 0; i < 2; i++) {
    PetscCall(VecDuplicate(E->U, &a->kept[i]));
    a->kept_step[i] = -1;
  }
  PetscFunctionReturn(0);
}

/* dt = -ts_dt, or -ns_cfl over the flow's rate; a warning where RK4 is unstable. */
static PetscErrorCode ChooseDt(AeEvolution E)
{
  AeFlow   *a = AeFlowOf(E);
  PetscBool given;
  Vec       F;

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(E->ts, &E->dt));
  PetscCall(VecDuplicate(E->U, &F));
  PetscCall(AeNSBeginStep(a->ns, E->t));
  PetscCall(AeNSRHSFunction(E->ts, E->t, E->U, F, a->ns));
  PetscCall(VecDestroy(&F));
  PetscCall(AeNSRate(a->ns, &a->rate));
  PetscCheck(!PetscIsInfOrNanReal(a->rate), PETSC_COMM_WORLD, AE_ERR_USAGE, "the initial velocity is not finite");
  PetscCall(AeNSAdvectiveLimit(a->ns, &E->dt_limit));
  if (a->cfl > 0 && !given && a->rate > 0) E->dt = PetscMin(a->cfl / a->rate, E->t_end > E->t ? E->t_end - E->t : PETSC_MAX_REAL);
  if (E->dt > E->dt_limit)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "aeonic: warning: %s: dt = %g is beyond the advective limit %.4g of order-4 Runge-Kutta here\n",
                           a->cfl > 0 && !given ? "-ns_cfl" : "-ts_dt", (double)E->dt, (double)E->dt_limit));
  PetscCall(TSSetTimeStep(E->ts, E->dt));
  PetscFunctionReturn(0);
}

static PetscErrorCode Initial(AeEvolution E)
{
  PetscFunctionBegin;
  PetscCall(AeNSSetInitial(AeFlowOf(E)->ns, E->U, &E->t));
  PetscCall(TSSetTime(E->ts, E->t));
  PetscCall(ChooseDt(E));
  PetscFunctionReturn(0);
}

/* A copy of the state goes before it. */
static PetscErrorCode BeginStep(AeEvolution E)
{
  AeFlow   *a     = AeFlowOf(E);
  const Vec older = a->kept[0];

  PetscFunctionBegin;
  a->kept[0]      = a->kept[1];
  a->kept_t[0]    = a->kept_t[1];
  a->kept_step[0] = a->kept_step[1];
  a->kept[1]      = older;
  a->kept_t[1]    = E->t_begin;
  a->kept_step[1] = E->step;
  PetscCall(VecCopy(E->U, a->kept[1]));
  PetscCall(AeNSBeginStep(a->ns, E->t_begin));
  PetscFunctionReturn(0);
}

static PetscErrorCode Evaluated(AeEvolution E, PetscReal t) { return AeNSEndStep(AeFlowOf(E)->ns, t, E->U); }

/* What the rails judge: the candidate with the decay of the integrating factor. */
static PetscErrorCode Values(AeEvolution E, PetscReal value[])
{
  AeFlow         *a  = AeFlowOf(E);
  const PetscReal dt = AeClockAttempting(E->clock) ? E->attempt_dt : 0.0;
  AeNSBalance     b  = a->totals.balance;
  const AeNSSums *s;
  PetscReal       limit;

  PetscFunctionBegin;
  PetscCall(AeNSEndCandidate(a->ns, E->ts));
  PetscCall(AeFlowSums(E, &s));
  PetscCall(AeNSAdvectiveLimit(a->ns, &limit));
  AeNSBalanceAdd(&b, s, E->t + dt);
  value[AE_NS_RAIL_FINITE]     = PetscIsInfOrNanReal(a->rate) || PetscIsInfOrNanReal(s->energy) ? 1.0 : 0.0;
  value[AE_NS_RAIL_COURANT]    = dt / limit;
  value[AE_NS_RAIL_ENERGY]     = s->energy > 0 ? PetscAbsReal(b.drift) / s->energy : 0.0;
  value[AE_NS_RAIL_DIVERGENCE] = s->enstrophy > 0 ? s->divergence / PetscSqrtReal(2.0 * s->enstrophy) : 0.0;
  PetscFunctionReturn(0);
}

/* Without rails: the rate tells of the state where the step began; what is written of the new one is looked at before. */
static PetscErrorCode Measure(AeEvolution E, PetscInt *flag, PetscReal value[], PetscBool *broken)
{
  AeFlow         *a = AeFlowOf(E);
  const AeNSSums *s;
  PetscReal       t;
  PetscInt        step;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, flag, 1, MPIU_INT, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(AeNSRate(a->ns, &a->rate));
  *broken = PetscIsInfOrNanReal(a->rate);
  if (value) PetscCall(Values(E, value));
  if (value || *broken) PetscFunctionReturn(0);
  PetscCall(TSGetTime(E->ts, &t));
  PetscCall(TSGetStepNumber(E->ts, &step));
  if (!AeEvolutionWillBeDue(E, &AePartSeries) && !AeEvolutionWillBeDue(E, &AePartCheckpoint) && t < E->t_end &&
      step < E->max_steps)
    PetscFunctionReturn(0);
  PetscCall(AeFlowSums(E, &s));
  *broken = PetscIsInfOrNanReal(s->energy);
  PetscFunctionReturn(0);
}

static PetscErrorCode Describe(AeEvolution E, PetscInt step, char text[], size_t len)
{
  const PetscBool before = PetscIsInfOrNanReal(AeFlowOf(E)->rate);
  PetscReal       t;

  PetscFunctionBegin;
  PetscCall(TSGetTime(E->ts, &t));
  PetscCall(PetscSNPrintf(text, len,
                          "the velocity is not finite at t = %g, step %" PetscInt_FMT
                          "; the state before is kept; a smaller -ts_dt, or -ns_cfl, may help",
                          (double)(before ? E->t_begin : t), before ? step - 1 : step));
  PetscFunctionReturn(0);
}

/* The older or the newer of those kept. */
static PetscErrorCode Restore(AeEvolution E, PetscInt *step, PetscReal *t)
{
  AeFlow   *a    = AeFlowOf(E);
  const int kept = PetscIsInfOrNanReal(a->rate) ? 0 : 1;

  PetscFunctionBegin;
  *step = a->kept_step[kept];
  if (*step < 0) PetscFunctionReturn(0);
  *t = a->kept_t[kept];
  PetscCall(VecCopy(a->kept[kept], E->U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Locate(AeEvolution E, PetscInt rail, Vec suspect, char text[], size_t len)
{
  PetscFunctionBegin;
  (void)E;
  (void)rail;
  (void)suspect;
  PetscCall(PetscStrncpy(text, "over the whole box", len));
  PetscFunctionReturn(0);
}

static PetscErrorCode Nominal(AeEvolution E, PetscReal dt, PetscReal *nominal)
{
  return AeNSNominalDt(E->ts, (PetscBool)(AeFlowOf(E)->cfl > 0), dt, nominal);
}

static void Regime(AeEvolution E, AeRegime *r)
{
  AeBand b;

  PetscCallAbort(PETSC_COMM_SELF, AeNSGet(AeFlowOf(E)->ns, NULL, NULL, NULL, &b, NULL));
  for (int d = 0; d < 3; d++) r->n[d] = b->n[d];
}

static PetscErrorCode Hash(AeEvolution E, char hex[65]) { return AeNSHash(AeFlowOf(E)->ns, E->U, hex); }

static PetscErrorCode Save(AeEvolution E, const char folder[], PetscInt step, PetscInt n, const AeCheckpointPart part[],
                           PetscInt64 *bytes, char why[], size_t len)
{
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/%06" PetscInt_FMT ".h5", folder, step));
  PetscCall(AeNSSave(AeFlowOf(E)->ns, E->U, path, E->t, n, part, bytes, why, len));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(AeEvolution E, const char path[])
{
  PetscReal t;

  return AeNSLoad(AeFlowOf(E)->ns, E->U, path, PETSC_TRUE, &t);
}

static PetscErrorCode Final(AeEvolution E)
{
  (void)E;
  return 0;
}

static PetscErrorCode Destroy(AeEvolution E)
{
  AeFlow *a = AeFlowOf(E);

  PetscFunctionBegin;
  for (int i = 0; i < 2; i++) PetscCall(VecDestroy(&a->kept[i]));
  PetscCall(AeNSDestroy(&a->ns));
  PetscFunctionReturn(0);
}

static PetscReal Norm(AeEvolution E)
{
  (void)E;
  return -1.0;
}

/* Four right-hand sides read and write a state, and what leads to four stages reads two and writes one. */
static PetscLogDouble Moved(AeEvolution E)
{
  PetscInt n;

  PetscCallAbort(PETSC_COMM_SELF, VecGetLocalSize(E->U, &n));
  return (4 * 2 + 4 * 3) * 8.0 * n;
}

static const char *Reproducible(AeEvolution E, const char **words)
{
  (void)E;
  *words = "plans: the same bits on any ranks with -fft_rigor estimate, or with the saved plans of -fft_wisdom";
  return "tolerance"; /* FFTW's plans may differ between runs */
}

/* Errors cost transforms: with the spectra, which do too, else with the series. */
static PetscInt ErrorsEvery(AeEvolution E) { return AeSpectraEvery(E) ? AeSpectraEvery(E) : AeSeriesPeriod(E); }

/* -check: what the run would do, without doing it. */
static PetscErrorCode Forecast(AeEvolution E)
{
  AeFlow        *a     = AeFlowOf(E);
  PetscReal      steps = PetscCeilReal((E->t_end - E->t) / E->dt - 1e-9), bytes;
  PetscLogDouble t0, t1;
  PetscInt       fields, n;
  AeBand         b;
  Vec            F;

  PetscFunctionBegin;
  if (steps > E->max_steps) steps = E->max_steps;
  PetscCall(AeNSGet(a->ns, NULL, NULL, &fields, &b, NULL));
  PetscCall(VecGetLocalSize(E->U, &n));
  PetscCall(VecDuplicate(E->U, &F));
  PetscCall(PetscTime(&t0));
  PetscCall(AeNSRHSFunction(NULL, E->t, E->U, F, a->ns));
  PetscCall(PetscTime(&t1));
  PetscCall(VecDestroy(&F));
  PetscCall(AeNSView(a->ns, PETSC_VIEWER_STDOUT_WORLD));
  bytes = 16.0 * b->fields *
          ((PetscReal)b->n[2] * b->yn * b->m[0] * (b->size > 1 ? 2 : 1) + (PetscReal)b->n[2] * b->m[0] +
           0.5 * (PetscReal)b->n[1] * b->pitch);
  PetscCall(PetscPrintf(
    PETSC_COMM_WORLD,
    "memory of a rank: a state %.4g MB, of which 11 are held with rk and 9 with etdrk4; transforms %.4g MB; loom %.4g MB\n",
    8e-6 * n, 1e-6 * bytes, AeLoomOf(E) ? 1e-6 * AeLoomBytes(AeLoomOf(E)) : 0.0));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "time: dt = %g (advective limit %.4g), %.0f steps to t = %g\n", (double)E->dt,
                        (double)E->dt_limit, (double)steps, (double)PetscMin(E->t_end, E->t + steps * E->dt)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "estimate: %.3g s a right-hand side, %.3g s for the run\n", t1 - t0,
                        4.4 * (t1 - t0) * (double)steps));
  PetscFunctionReturn(0);
}

static const AeProblem problem = {
  .command      = "ns",
  .basic        = "the steppers here give no error estimate; -ns_cfl C adapts the step to the flow",
  .keeps        = PETSC_TRUE,
  .prompt       = PETSC_TRUE,
  .name         = Name,
  .create       = Create,
  .stepper      = Stepper,
  .setup        = SetUp,
  .initial      = Initial,
  .begin        = BeginStep,
  .evaluated    = Evaluated,
  .measure      = Measure,
  .describe     = Describe,
  .restore      = Restore,
  .rails        = &AeNSRails,
  .locate       = Locate,
  .nominal      = Nominal,
  .regime       = Regime,
  .series       = AeNSSeries,
  .errors       = AeNSExactErrors,
  .errors_every = ErrorsEvery,
  .hash         = Hash,
  .save         = Save,
  .load         = Load,
  .final        = Final,
  .summary      = AeNSSummary,
  .forecast     = Forecast,
  .destroy      = Destroy,
  .norm         = Norm,
  .moved        = Moved,
  .reproducible = Reproducible,
  .loom         = &AeLoomNS,
};

PetscErrorCode AeCommandNS(const char topic[])
{
  AeFlow flow = {0};

  PetscFunctionBegin;
  (void)topic;
  PetscCall(AeEvolutionRun(&problem, &flow, parts));
  PetscFunctionReturn(0);
}
