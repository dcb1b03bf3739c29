/*
  The rails' part (rails.h): it joins the TSAdapt to the problem and to the parts that answer it. A run with another adaptor has
  the part too, which then does nothing.
*/
#include "run_private.h"

typedef struct {
  PetscBool    cleanup; /* -rails_cleanup */
  PetscInt64   binding; /* thread that set dt last */
  Vec          suspect; /* the stage in which an impossible value was found; NULL: the candidate */
  AeRailsState saved;   /* of a checkpoint */
} Part;

static Part *Mine(AeEvolution E) { return (Part *)AePartOf(E, &AePartRails); }

PetscBool AeRailsMayCleanUp(AeEvolution E) { return Mine(E)->cleanup; }

/* ---- what the TSAdapt asks (AeRailsProblem) ---- */

static PetscErrorCode Measure(void *ctx, TS ts, PetscReal value[])
{
  AeEvolution E = (AeEvolution)ctx;
  PetscBool   unused;

  PetscFunctionBegin;
  (void)ts;
  PetscCall(AeEvolutionMeasure(E, value, &unused));
  PetscFunctionReturn(0);
}

static PetscErrorCode Locate(void *ctx, TS ts, PetscInt rail, char text[], size_t len)
{
  AeEvolution E = (AeEvolution)ctx;

  PetscFunctionBegin;
  (void)ts;
  if (rail == 0) PetscCall((*E->problem->describe)(E, E->step + 1, text, len));
  else PetscCall((*E->problem->locate)(E, rail, Mine(E)->suspect, text, len));
  PetscFunctionReturn(0);
}

/* Loom and clean-up come after the step; with another dissipation what was looked ahead is void. */
static PetscErrorCode Control(void *ctx, TS ts, AeAction action, PetscBool on, PetscReal strength)
{
  AeEvolution E = (AeEvolution)ctx;

  PetscFunctionBegin;
  if (action == AE_ACTION_LOOM) PetscCall(AeLoomAsk(E));
  if (action == AE_ACTION_CLEANUP && E->problem->cleanup) PetscCall(AeEvolutionTrigger(E, E->problem->cleanup));
  if (action != AE_ACTION_DISSIPATION || !E->problem->control) PetscFunctionReturn(0);
  PetscCall((*E->problem->control)(E, on ? strength : 1.0));
  PetscCall(AeTSForget(ts));
  PetscFunctionReturn(0);
}

static PetscErrorCode Caps(void *ctx, TS ts, PetscReal *limit, PetscReal *stiff)
{
  AeEvolution E = (AeEvolution)ctx;

  PetscFunctionBegin;
  (void)ts;
  *limit = *stiff = PETSC_INFINITY;
  if (E->rk4 && E->problem->caps) PetscCall((*E->problem->caps)(E, limit, stiff));
  PetscFunctionReturn(0);
}

/* What the watched fields do at their fastest, RK4 must follow. */
static PetscErrorCode Spectral(void *ctx, TS ts, PetscReal *cap, PetscInt *thread)
{
  AeEvolution E = (AeEvolution)ctx;

  PetscFunctionBegin;
  (void)ts;
  *cap = E->rk4 && E->problem->caps && AeLoomOf(E) ? AeLoomCap(AeLoomOf(E), thread) : PETSC_INFINITY;
  PetscFunctionReturn(0);
}

static PetscErrorCode Nominal(void *ctx, TS ts, PetscReal dt, PetscReal *nominal)
{
  AeEvolution E = (AeEvolution)ctx;

  (void)ts;
  return (*E->problem->nominal)(E, dt, nominal);
}

static PetscErrorCode SuggestDt(void *ctx, TS ts, PetscReal dt, PetscReal *suggested)
{
  (void)ts;
  (void)dt;
  return AeMemorySuggestDt((AeEvolution)ctx, suggested);
}

static PetscErrorCode LearnDt(void *ctx, TS ts, PetscReal dt, PetscBool worked)
{
  (void)ts;
  return AeMemoryLearnDt((AeEvolution)ctx, dt, worked);
}

/* After every verdict: the parts hear of it, then of an attempt that is taken back. */
static PetscErrorCode Event(void *ctx, TS ts, const AeRailsEvent *e)
{
  AeEvolution E = (AeEvolution)ctx;
  char        reason[64];

  PetscFunctionBegin;
  (void)ts;
  E->verdict = *e;
  if (e->verdict == AE_VERDICT_STOP) {
    const char *why;

    PetscCall(AeRailsGetFailure(E->rails, &why));
    PetscCall(PetscStrncpy(E->failure, why, sizeof E->failure));
  }
  PetscCall(AeEvolutionJudged(E));
  if (e->verdict < AE_VERDICT_REJECT || !AeClockAttempting(E->clock)) PetscFunctionReturn(0); /* else: data to begin from */
  PetscCall(PetscSNPrintf(reason, sizeof reason, "rail %s", E->problem->rails->rail[e->rail].name));
  PetscCall(AeEvolutionReject(E, reason));
  PetscFunctionReturn(0);
}

/* ---- hooks of the TS ---- */

/* The run's first state, or a step that had to compute its own first stage: only the first is news. */
static PetscErrorCode Begin(TS ts, void *ctx)
{
  AeEvolution E = (AeEvolution)ctx;

  PetscFunctionBegin;
  if (!E->begun) {
    E->begun = PETSC_TRUE;
    PetscCall(AeRailsBegin(E->rails, ts));
    if (!E->failure[0]) PetscCall(AeEvolutionKnown(E, E->step, E->t_begin));
  }
  PetscCall((*E->problem->begin)(E));
  PetscFunctionReturn(0);
}

/* A state that cannot be ends its attempt at the stage that shows it. */
static PetscErrorCode Domain(TS ts, PetscReal t, Vec Y, PetscBool *accept)
{
  AeEvolution E;
  PetscReal   value[AE_RAILS_MAX] = {0};

  PetscFunctionBegin;
  (void)t;
  PetscCall(TSGetApplicationContext(ts, &E));
  *accept = PETSC_TRUE;
  if (E->stage <= (E->ahead ? 1 : 0)) PetscFunctionReturn(0); /* no sweep of this attempt yet */
  PetscCall((*E->problem->peek)(E, value));
  Mine(E)->suspect = Y;
  PetscCall(AeRailsDomain(E->rails, ts, value, accept));
  Mine(E)->suspect = NULL;
  PetscFunctionReturn(0);
}

/* ---- the part ---- */

/* Everything but plain acceptance leaves a line, and so does a change of the thread that sets dt. */
static PetscErrorCode Verdict(AeEvolution E, void *me)
{
  const AeRailsEvent *e = &E->verdict;
  Part               *p = (Part *)me;

  PetscFunctionBegin;
  if (e->verdict == AE_VERDICT_ACCEPT && e->binding == p->binding) PetscFunctionReturn(0);
  p->binding = e->verdict < AE_VERDICT_REJECT ? e->binding : p->binding;
  PetscCall(AeSeriesText(
    E->series, "rails.txt", "# 1:step 2:attempt 3:time 4:dt 5:verdict 6:rail 7:value 8:residual 9:thread 10:next dt 11:set by\n",
    "%" PetscInt_FMT " %" PetscInt_FMT " %.17g %.17g %s %s %.17g %.6g %s %.17g %s\n", e->step + 1, e->attempt + 1, (double)e->t,
    (double)e->dt, AeVerdictNames[e->verdict], E->problem->rails->rail[e->rail].name, (double)e->value[e->rail],
    (double)e->residual[e->rail], AeThreadName(e->thread), (double)e->next, AeThreadName(e->binding)));
  PetscFunctionReturn(0);
}

static PetscErrorCode Options(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  if (!E->problem->cleanup) PetscFunctionReturn(0);
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Rails of the evolution", E->problem->command);
  PetscCall(AeOptBool("-rails_cleanup", "H or M near their rails ask for a clean-up of the constraints, not for dissipation",
                      "York 1979", &((Part *)me)->cleanup, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

/* Look-ahead comes with the rails: it is what lets a candidate be judged by its own constraints. Steppers that cannot look
   ahead ignore it, and are judged by the state before. */
static PetscErrorCode SetUp(AeEvolution E, void *me)
{
  const AeRailsProblem problem = {.measure  = Measure,
                                  .locate   = Locate,
                                  .control  = Control,
                                  .caps     = Caps,
                                  .spectral = Spectral,
                                  .suggest  = SuggestDt,
                                  .learn    = LearnDt,
                                  .nominal  = E->problem->nominal ? Nominal : NULL,
                                  .event    = Event};
  Part                *p       = (Part *)me;
  TSAdapt              adapt;
  PetscBool            on;

  PetscFunctionBegin;
  PetscCall(TSGetAdapt(E->ts, &adapt));
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, AE_ADAPT_RAILS, &on));
  PetscCheck(on || !p->cleanup, PETSC_COMM_WORLD, AE_ERR_USAGE, "-rails_cleanup needs -ts_adapt_type rails");
  if (!on) PetscFunctionReturn(0);
  E->rails   = adapt;
  p->binding = AE_THREAD(AE_PHY, AE_SCALE_M, 1);
  PetscCall(AeRailsSetCleanup(adapt, p->cleanup));
  PetscCall(AeRailsSetProblem(adapt, &problem, E));
  if (E->problem->peek) PetscCall(TSSetFunctionDomainError(E->ts, Domain));
  PetscCall(PetscObjectTypeCompare((PetscObject)E->ts, AE_TS_RK4, &E->ahead));
  PetscCall(AeTSSetLookAhead(E->ts, PETSC_TRUE, Begin, E));
  PetscCall(AeTSTakeBackExactly(E->ts));
  PetscFunctionReturn(0);
}

static PetscErrorCode Save(AeEvolution E, void *me, AeSave save)
{
  AeRailsState state;

  PetscFunctionBegin;
  if (!E->rails) PetscFunctionReturn(0);
  PetscCall(AeRailsGetState(E->rails, &state));
  PetscCall(AeSavePut(save, "rails", &state, sizeof state));
  PetscCall(AeSavePut(save, "rails_binding", &((Part *)me)->binding, sizeof(PetscInt64)));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  if (!E->rails) PetscFunctionReturn(0);
  if (phase == AE_LOAD_COMPARE) {
    PetscCall(AeLoadTake(load, "rails", &p->saved, sizeof p->saved));
    PetscCall(AeLoadTake(load, "rails_binding", &p->binding, sizeof p->binding));
  }
  if (phase != AE_LOAD_STEP) PetscFunctionReturn(0);
  PetscCall(AeRailsSetState(E->rails, E->ts, &p->saved));
  PetscFunctionReturn(0);
}

static PetscErrorCode Last(AeEvolution E, void *me)
{
  AeRailsState s;

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeRunSetBool(E->run, "rails.on", (PetscBool)(E->rails != NULL)));
  if (!E->rails) PetscFunctionReturn(0);
  PetscCall(AeRailsGetState(E->rails, &s));
  PetscCall(AeRunSetInt(E->run, "rails.rejected", s.rejected));
  PetscCall(AeRunSetInt(E->run, "rails.controls", s.controls));
  PetscCall(AeRunSetString(E->run, "rails.dt_set_by", AeThreadName((PetscInt)s.binding)));
  PetscFunctionReturn(0);
}

const AePartType AePartRails = {.name    = "rails",
                                .size    = sizeof(Part),
                                .options = Options,
                                .setup   = SetUp,
                                .verdict = Verdict,
                                .load    = Load,
                                .save    = Save,
                                .last    = Last};
