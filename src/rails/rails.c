/*
  TSAdapt type `rails`: measures the candidate through the problem's functions, judges it (judge.c), acts, and
  sets dt to the smallest cap of the lattice.
*/
#include <aeonic/rails.h>
#include <aeonic/clock.h>
#include <petsc/private/tsimpl.h>
#undef I

typedef struct {
  AeRailsLimits  limits;
  AeRailsState   state;
  PetscInt       tries;     /* attempts of this step that were rejected */
  PetscBool      suggested; /* the one under way has a dt that was suggested */
  PetscInt       past;      /* the rail that has a history, -1: none */
  AeThread       thread[AE_THREADS];
  AeRailsProblem problem;
  void          *ctx;
  char           failure[512];
} Rails;

/* ---- the lattice ---- */

static PetscInt ThreadOf(const Rails *R, PetscInt q, PetscInt response)
{
  return AE_THREAD(R->limits.table.rail[q].domain, R->limits.table.rail[q].scale, response);
}

static void FillLattice(Rails *R, const PetscReal residual[])
{
  const AeRailsState *s = &R->state;

  for (int n = 0; n < AE_THREADS; n++) R->thread[n] = (AeThread){0.0, PETSC_INFINITY, AE_ACTION_NONE};
  for (PetscInt q = 0; q < R->limits.table.n; q++)
    for (int m = 0; m < 3; m++) {
      AeThread *T = &R->thread[ThreadOf(R, q, m)];

      T->residual = PetscMax(T->residual, residual[q]);
      if (m == 1) T->action = R->limits.table.rail[q].action;
    }
  R->thread[AE_THREAD(AE_PHY, AE_SCALE_M, 1)].cap = s->nominal;
  R->thread[AE_THREAD(AE_PHY, AE_SCALE_H, 1)].cap = s->limit;
  R->thread[AE_THREAD(AE_PHY, AE_SCALE_L, 1)].cap = s->stiff;
  if (R->limits.dt_max > 0) R->thread[AE_THREAD(AE_SEM, AE_SCALE_L, 1)].cap = R->limits.dt_max;
  if (s->spectral < PETSC_INFINITY) R->thread[s->spectral_thread].cap = PetscMin(R->thread[s->spectral_thread].cap, s->spectral);
  if (s->hold > 0) R->thread[s->hold_thread].cap = PetscMin(R->thread[s->hold_thread].cap, s->hold);
}

/* The smallest cap and its thread. Among equals the later in the lattice is the more special one, but for nominal. */
static PetscReal Arbitrate(Rails *R)
{
  PetscInt best = AE_THREAD(AE_PHY, AE_SCALE_M, 1);

  for (int n = 0; n < AE_THREADS; n++)
    if (R->thread[n].cap < R->thread[best].cap) best = n;
  R->state.binding = best;
  return R->thread[best].cap;
}

/* ---- an attempt ---- */

/* e-foldings per unit time of x, from the oldest of the history to the candidate; 0 while there are none. */
static PetscReal Growth(const AeRailsState *s, PetscReal x, PetscReal t)
{
  const PetscInt64 n = s->history;

  if (n < AE_RAILS_HISTORY || !(s->past[n - 1] > 0) || !(x > 0) || !(t > s->t[n - 1])) return x != x ? NAN : 0.0;
  return PetscLogReal(x / s->past[n - 1]) / (t - s->t[n - 1]);
}

static void Remember(Rails *R, const AeRailsEvent *e)
{
  AeRailsState *s = &R->state;

  if (R->past >= 0) {
    for (int n = AE_RAILS_HISTORY - 1; n > 0; n--) s->past[n] = s->past[n - 1], s->t[n] = s->t[n - 1];
    s->past[0] = e->value[R->past];
    s->t[0]    = e->t + e->dt;
    s->history = PetscMin(s->history + 1, AE_RAILS_HISTORY);
  }
  s->known = 1;
  for (PetscInt q = 0; q < R->limits.table.n; q++) s->start[q] = e->residual[q];
}

static PetscErrorCode Measure(Rails *R, TS ts, AeRailsEvent *e)
{
  const AeRailsTable *T = &R->limits.table;

  PetscFunctionBegin;
  for (PetscInt q = 0; q < T->n; q++) e->value[q] = 0.0;
  PetscCall((*R->problem.measure)(R->ctx, ts, e->value));
  for (PetscInt q = 0; q < T->n; q++) {
    if (T->rail[q].kind == AE_RAIL_GROWTH) e->value[q] = Growth(&R->state, e->value[R->past], e->t + e->dt);
    e->residual[q] = AeRailsResidual(&R->limits, q, e->value[q]);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Switch(Rails *R, TS ts, AeAction action, PetscBool on)
{
  PetscFunctionBegin;
  if (R->problem.control) PetscCall((*R->problem.control)(R->ctx, ts, action, on, R->limits.strength));
  PetscFunctionReturn(0);
}

/* Keeps dt at most at the given value for a while. */
static void Hold(Rails *R, PetscReal dt, PetscInt thread)
{
  AeRailsState *s = &R->state;

  s->hold        = dt;
  s->hold_thread = thread;
  s->hold_left   = s->hold_steps;
}

static void ReleaseHold(AeRailsState *s)
{
  if (s->hold_left <= 0 || --s->hold_left > 0) return;
  s->hold *= 2.0;
  if (s->hold >= s->nominal) s->hold = s->rate = 0.0;
  else s->hold_left = s->hold_steps;
}

/* The control that a verdict asks for; *action is none if it was in force already. */
static PetscErrorCode Act(Rails *R, TS ts, AeRailsEvent *e)
{
  AeRailsState *s = &R->state;

  PetscFunctionBegin;
  switch (e->action) {
  case AE_ACTION_DISSIPATION:
    if (!s->control_left) {
      PetscCall(Switch(R, ts, AE_ACTION_DISSIPATION, PETSC_TRUE));
      s->controls++;
    } else e->action = AE_ACTION_NONE;
    s->control_left = R->limits.control_steps + 1; /* this step counts down too */
    break;
  case AE_ACTION_DT:
    if (s->hold == 0.0 && e->verdict == AE_VERDICT_CONTROL) {
      Hold(R, 0.5 * s->nominal, ThreadOf(R, e->rail, 1));
      s->controls++;
    } else e->action = AE_ACTION_NONE;
    break;
  case AE_ACTION_CLEANUP:
    if (!s->cleanup_left) {
      PetscCall(Switch(R, ts, AE_ACTION_CLEANUP, PETSC_TRUE));
      s->controls++;
      s->cleanup_left = R->limits.control_steps + 1;
    } else e->action = AE_ACTION_NONE;
    break;
  default:
    break;
  }
  if (e->action != AE_ACTION_NONE) PetscCall(Switch(R, ts, AE_ACTION_LOOM, PETSC_TRUE));
  PetscFunctionReturn(0);
}

/* The order counts: holds and controls are counted down by the step that has just been made, the newest caps are asked for
   with the state accepted, and only then the smallest one sets dt. */
static PetscErrorCode Accepted(Rails *R, TS ts, AeRailsEvent *e)
{
  AeRailsState *s = &R->state;

  PetscFunctionBegin;
  if (R->tries) {
    /* each further rejection holds twice as long */
    Hold(R, e->dt, ThreadOf(R, (PetscInt)s->rate_rail, 2));
    s->hold_steps = PetscMin(2 * s->hold_steps, 1024);
  } else ReleaseHold(s);
  if (e->verdict == AE_VERDICT_CONTROL) PetscCall(Act(R, ts, e));
  if (s->control_left > 0 && --s->control_left == 0) PetscCall(Switch(R, ts, AE_ACTION_DISSIPATION, PETSC_FALSE));
  if (s->cleanup_left > 0) s->cleanup_left--;
  s->accepted++;
  Remember(R, e);
  if (R->problem.caps && AeClockMultiple(s->accepted, R->limits.caps_every))
    PetscCall((*R->problem.caps)(R->ctx, ts, &s->limit, &s->stiff));
  if (R->problem.spectral) {
    PetscInt thread = 0;

    PetscCall((*R->problem.spectral)(R->ctx, ts, &s->spectral, &thread));
    s->spectral_thread = thread;
  }
  if (R->problem.nominal) PetscCall((*R->problem.nominal)(R->ctx, ts, e->dt, &s->nominal));
  if (R->tries && R->problem.learn) PetscCall((*R->problem.learn)(R->ctx, ts, e->dt, PETSC_TRUE));
  R->tries     = 0;
  R->suggested = PETSC_FALSE;
  FillLattice(R, e->residual);
  e->next = s->next = Arbitrate(R);
  PetscFunctionReturn(0);
}

/* Why there is no way on, in words with value, limit, place and option, kept for who closes the run. */
static PetscErrorCode Stopped(Rails *R, TS ts, AeRailsEvent *e)
{
  static const char *const why[]      = {"",
                                         "the state before the step violates it already, a smaller step cannot mend that",
                                         "it grows as fast with half the step: the state itself drives it",
                                         "the step would fall below -rails_dt_min or a 1024th of the run's own",
                                         "-rails_retries attempts with ever smaller steps did not mend it",
                                         "the run cannot begin from it"};
  const AeRail            *rail       = &R->limits.table.rail[e->rail];
  char                     where[320] = "";

  PetscFunctionBegin;
  if (R->problem.locate) PetscCall((*R->problem.locate)(R->ctx, ts, e->rail, where, sizeof where));
  if (rail->kind == AE_RAIL_ABSENT)
    PetscCall(PetscSNPrintf(R->failure, sizeof R->failure, "%s; dt = %g: %s", where, (double)e->dt, why[e->stop]));
  else
    PetscCall(PetscSNPrintf(R->failure, sizeof R->failure,
                            "rail %s violated: %g where %s is %g, %s, t = %g, step %" PetscInt_FMT ", dt = %g; %s", rail->name,
                            (double)e->value[e->rail], rail->option, (double)R->limits.limit[e->rail], where,
                            (double)(e->t + e->dt), e->step + 1, (double)e->dt, why[e->stop]));
  e->reason  = why[e->stop];
  ts->reason = TS_DIVERGED_STEP_REJECTED;
  PetscFunctionReturn(0);
}

/* Half of dt, or at a step's first rejection what has done before if that is less. */
static PetscErrorCode NextTry(Rails *R, TS ts, AeRailsEvent *e)
{
  const PetscReal least = PetscMax(R->limits.dt_min, R->state.nominal / AE_RAILS_SMALLEST);
  PetscReal       dt    = 0;

  PetscFunctionBegin;
  if (R->suggested && R->problem.learn) PetscCall((*R->problem.learn)(R->ctx, ts, e->dt, PETSC_FALSE));
  if (R->tries == 1 && R->problem.suggest) PetscCall((*R->problem.suggest)(R->ctx, ts, e->dt, &dt));
  R->suggested = (PetscBool)(dt >= least && dt < 0.5 * e->dt);
  e->next      = R->suggested ? dt : 0.5 * e->dt;
  PetscFunctionReturn(0);
}

static PetscErrorCode Rejected(Rails *R, TS ts, AeRailsEvent *e)
{
  PetscFunctionBegin;
  R->state.rejected++;
  R->tries++;
  R->state.rate_rail = e->rail;
  R->state.rate_dt   = e->dt;
  R->state.rate      = e->before >= 0 && e->residual[e->rail] < PETSC_INFINITY ? (e->residual[e->rail] - e->before) / e->dt : 0.0;
  if (e->action == AE_ACTION_DISSIPATION) PetscCall(Act(R, ts, e));
  else e->action = AE_ACTION_NONE;
  PetscCall(NextTry(R, ts, e));
  FillLattice(R, e->residual);
  R->state.binding                = ThreadOf(R, e->rail, 2);
  R->thread[R->state.binding].cap = e->next;
  PetscFunctionReturn(0);
}

/* Measured, judged, acted upon, told. */
static PetscErrorCode Attempt(TSAdapt adapt, TS ts, const PetscReal early[], AeRailsEvent *e)
{
  Rails *R = (Rails *)adapt->data;

  PetscFunctionBegin;
  PetscCheck(R->problem.measure && R->limits.table.n, PetscObjectComm((PetscObject)adapt), PETSC_ERR_SUP,
             "-ts_adapt_type rails needs a problem that measures its state: use none here");
  if (R->state.nominal <= 0) R->state.nominal = e->dt;
  R->state.attempts++;
  PetscCall(Measure(R, ts, e));
  for (PetscInt q = 0; q < R->limits.table.n && early; q++) { /* in the middle of a step: what is impossible counts alone */
    e->residual[q] = AeRailsResidual(&R->limits, q, early[q]);
    if (e->residual[q] < PETSC_INFINITY) e->residual[q] = 0.0;
    else e->value[q] = early[q];
  }
  AeRailsJudge(&R->limits, &R->state, R->tries, e);
  e->thread = ThreadOf(R, e->rail, e->verdict == AE_VERDICT_ACCEPT ? 0 : e->verdict == AE_VERDICT_CONTROL ? 1 : 2);
  if (e->verdict < AE_VERDICT_REJECT) PetscCall(Accepted(R, ts, e));
  else if (e->verdict == AE_VERDICT_REJECT) PetscCall(Rejected(R, ts, e));
  else PetscCall(Stopped(R, ts, e));
  e->binding = (PetscInt)R->state.binding;
  if (e->verdict != AE_VERDICT_ACCEPT)
    PetscCall(PetscInfo(ts,
                        "rails: step %" PetscInt_FMT " attempt %" PetscInt_FMT
                        " t = %g dt = %g: %s by %s, residual %g, thread %s, action %s, next dt %g set by %s\n",
                        e->step + 1, e->attempt + 1, (double)e->t, (double)e->dt, AeVerdictNames[e->verdict],
                        R->limits.table.rail[e->rail].name, (double)e->residual[e->rail], AeThreadName(e->thread),
                        AeActionNames[e->action], (double)e->next, AeThreadName(e->binding)));
  if (R->problem.event) PetscCall((*R->problem.event)(R->ctx, ts, e));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSAdaptChoose_Rails(TSAdapt adapt, TS ts, PetscReal h, PetscInt *next_sc, PetscReal *next_h,
                                          PetscBool *accept, PetscReal *wlte, PetscReal *wltea, PetscReal *wlter)
{
  AeRailsEvent e = {.step = ts->steps, .attempt = ((Rails *)adapt->data)->tries, .t = ts->ptime, .dt = h, .next = h};

  PetscFunctionBegin;
  *next_sc = 0;
  *wlte = *wltea = *wlter = -1.0;
  PetscCall(Attempt(adapt, ts, NULL, &e));
  *accept = (PetscBool)(e.verdict < AE_VERDICT_REJECT);
  *next_h = e.next;
  PetscFunctionReturn(0);
}

/* ---- options, view, life ---- */

/* The limits of the problem's table, then what is the rails' own. TSSetFromOptions() comes here. */
static PetscErrorCode TSAdaptSetFromOptions_Rails(TSAdapt adapt, PetscOptionItems *PetscOptionsObject)
{
  AeRailsLimits      *L      = &((Rails *)adapt->data)->limits;
  const AeRailsTable *T      = &L->table;
  const char         *time   = T->time ? T->time : "1";
  PetscBool           raised = PETSC_FALSE;

  PetscFunctionBegin;
  PetscOptionsHeadBegin(PetscOptionsObject, "Rails");
  for (PetscInt q = 0; q < T->n; q++) {
    const AeRail *r = &T->rail[q];

    raised = raised || r->action == AE_ACTION_DISSIPATION;
    if (r->option)
      PetscCall(AeOptReal(r->option, r->text, r->unit, "", r->kind == AE_RAIL_LOWER ? -1 : 0, r->most > 0 ? r->most : AE_HUGE,
                          &L->limit[q], NULL));
  }
  PetscCall(AeOptReal("-rails_dt_min", "time step below which the run stops; 0: a 1024th of the run's own", time, "", 0, AE_HUGE,
                      &L->dt_min, NULL));
  PetscCall(AeOptReal("-rails_dt_max", "largest time step; 0: none", time, "", 0, AE_HUGE, &L->dt_max, NULL));
  PetscCall(
    AeOptReal("-rails_control", "residual from which controls act; 1 is on the rail", "1", "", 0.01, 1, &L->control, NULL));
  if (raised)
    PetscCall(AeOptReal("-rails_dissipation", "factor of the dissipation's control", "1", "", 1, 10, &L->strength, NULL));
  PetscCall(AeOptInt("-rails_control_steps", "steps that it lasts", "steps", "", 1, 1000000, &L->control_steps, NULL));
  PetscCall(AeOptInt("-rails_hold", "steps for which dt stays small after a rejection before it is doubled", "steps", "", 1,
                     1000000, &L->hold, NULL));
  PetscCall(
    AeOptInt("-rails_retries", "attempts with half the step each before the run stops", "1", "", 0, 50, &L->retries, NULL));
  PetscCall(
    AeOptInt("-rails_caps_every", "steps between looks at the stability limit", "steps", "", 1, 1000000, &L->caps_every, NULL));
  PetscOptionsHeadEnd();
  if (L->dt_max > 0)
    PetscCheck(L->dt_min <= L->dt_max, PetscObjectComm((PetscObject)adapt), AE_ERR_USAGE,
               "-rails_dt_min %g is above -rails_dt_max %g", (double)L->dt_min, (double)L->dt_max);
  ((Rails *)adapt->data)->state.hold_steps = L->hold;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSAdaptView_Rails(TSAdapt adapt, PetscViewer viewer)
{
  Rails    *R = (Rails *)adapt->data;
  PetscBool ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (!ascii) PetscFunctionReturn(0);
  PetscCall(PetscViewerASCIIPrintf(
    viewer, "  rails: %" PetscInt64_FMT " attempts, %" PetscInt64_FMT " rejected, %" PetscInt64_FMT " controls\n",
    R->state.attempts, R->state.rejected, R->state.controls));
  for (int n = 0; n < AE_THREADS; n++)
    if (R->thread[n].cap < PETSC_INFINITY || R->thread[n].residual > 0)
      PetscCall(PetscViewerASCIIPrintf(viewer, "    %-9s residual %-10.3g dt <= %-10.4g %s%s\n", AeThreadName(n),
                                       (double)R->thread[n].residual, (double)R->thread[n].cap,
                                       AeActionNames[R->thread[n].action], n == R->state.binding ? "  binding" : ""));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSAdaptDestroy_Rails(TSAdapt adapt)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(adapt->data));
  PetscFunctionReturn(0);
}

/* The table waits on the TSAdapt, whatever its type, for a type that can use it. */
static PetscErrorCode TakeTable(TSAdapt adapt)
{
  Rails              *R = (Rails *)adapt->data;
  const AeRailsTable *T = NULL;

  PetscFunctionBegin;
  PetscCall(AeRailsGetTable(adapt, &T));
  R->past = -1;
  if (!T) PetscFunctionReturn(0);
  PetscCheck(T->n <= AE_RAILS_MAX, PetscObjectComm((PetscObject)adapt), PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " rails: there is room for %d", T->n, AE_RAILS_MAX);
  R->limits.table = *T;
  for (PetscInt q = T->n - 1; q >= 0; q--) {
    R->limits.limit[q] = T->rail[q].limit;
    if (T->rail[q].kind == AE_RAIL_GROWTH) R->past = T->rail[q].of;
  }
  PetscFunctionReturn(0);
}

/* Until the first look at the state nothing caps dt. PETSc scales dt by scale_solve_failed after a stage outside the domain. */
static PetscErrorCode TSAdaptCreate_Rails(TSAdapt adapt)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(PetscNew(&R));
  R->limits = (AeRailsLimits){.control = 0.5, .retries = 5, .hold = 8, .control_steps = 16, .caps_every = 16, .strength = 2.0};
  R->state  = (AeRailsState){.limit      = PETSC_INFINITY,
                             .stiff      = PETSC_INFINITY,
                             .spectral   = PETSC_INFINITY,
                             .hold_steps = R->limits.hold,
                             .binding    = AE_THREAD(AE_PHY, AE_SCALE_M, 1)};
  for (int n = 0; n < AE_THREADS; n++) R->thread[n].cap = PETSC_INFINITY;
  adapt->data                = R;
  adapt->scale_solve_failed  = 0.5;
  adapt->ops->choose         = TSAdaptChoose_Rails;
  adapt->ops->setfromoptions = TSAdaptSetFromOptions_Rails;
  adapt->ops->view           = TSAdaptView_Rails;
  adapt->ops->destroy        = TSAdaptDestroy_Rails;
  PetscCall(TakeTable(adapt));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsRegister(void)
{
  PetscFunctionBegin;
  PetscCall(TSAdaptRegister(AE_ADAPT_RAILS, TSAdaptCreate_Rails));
  PetscFunctionReturn(0);
}

/* ---- for the problem ---- */

static PetscErrorCode Get(TSAdapt adapt, Rails **R)
{
  PetscBool is;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, AE_ADAPT_RAILS, &is));
  PetscCheck(is, PetscObjectComm((PetscObject)adapt), PETSC_ERR_ARG_WRONG, "the TSAdapt is not of type rails");
  *R = (Rails *)adapt->data;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsSetTable(TSAdapt adapt, const AeRailsTable *table)
{
  PetscContainer holder;
  PetscBool      is;

  PetscFunctionBegin;
  PetscCall(PetscContainerCreate(PetscObjectComm((PetscObject)adapt), &holder));
  PetscCall(PetscContainerSetPointer(holder, (void *)table));
  PetscCall(PetscObjectCompose((PetscObject)adapt, "AeRailsTable", (PetscObject)holder));
  PetscCall(PetscContainerDestroy(&holder));
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, AE_ADAPT_RAILS, &is));
  if (is) PetscCall(TakeTable(adapt));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsGetTable(TSAdapt adapt, const AeRailsTable **table)
{
  PetscContainer holder = NULL;

  PetscFunctionBegin;
  *table = NULL;
  PetscCall(PetscObjectQuery((PetscObject)adapt, "AeRailsTable", (PetscObject *)&holder));
  if (holder) PetscCall(PetscContainerGetPointer(holder, (void **)table));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsSetProblem(TSAdapt adapt, const AeRailsProblem *problem, void *ctx)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  R->problem = *problem;
  R->ctx     = ctx;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsSetNominal(TSAdapt adapt, PetscReal dt)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  R->state.nominal = dt;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsBegin(TSAdapt adapt, TS ts)
{
  Rails       *R = NULL;
  AeRailsEvent e = {.step = ts->steps - 1, .t = ts->ptime, .verdict = AE_VERDICT_STOP, .stop = AE_STOP_BEGIN};

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  PetscCall(Measure(R, ts, &e));
  for (PetscInt q = 0; q < R->limits.table.n; q++)
    if (e.residual[q] > e.residual[e.rail]) e.rail = q;
  Remember(R, &e);
  if (R->problem.caps) PetscCall((*R->problem.caps)(R->ctx, ts, &R->state.limit, &R->state.stiff));
  FillLattice(R, e.residual);
  if (e.residual[e.rail] > 1.0) {
    PetscCall(Stopped(R, ts, &e));
    if (R->problem.event) PetscCall((*R->problem.event)(R->ctx, ts, &e));
  }
  PetscFunctionReturn(0);
}

/* PETSc then scales the step: to what the rejection says. */
PetscErrorCode AeRailsDomain(TSAdapt adapt, TS ts, const PetscReal value[], PetscBool *accept)
{
  Rails       *R = NULL;
  AeRailsEvent e = {.step = ts->steps, .t = ts->ptime, .dt = ts->time_step, .next = ts->time_step};

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  *accept = PETSC_TRUE;
  for (PetscInt q = 0; q < R->limits.table.n; q++)
    if (AeRailsResidual(&R->limits, q, value[q]) == PETSC_INFINITY) *accept = PETSC_FALSE;
  if (*accept) PetscFunctionReturn(0);
  e.attempt = R->tries;
  PetscCall(Attempt(adapt, ts, value, &e));
  adapt->scale_solve_failed = e.next / e.dt;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsGetState(TSAdapt adapt, AeRailsState *state)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  *state = R->state;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsSetState(TSAdapt adapt, TS ts, const AeRailsState *state)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  R->state = *state;
  if (R->state.control_left > 0) PetscCall(Switch(R, ts, AE_ACTION_DISSIPATION, PETSC_TRUE));
  FillLattice(R, R->state.start);
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsSetCleanup(TSAdapt adapt, PetscBool cleanup)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  R->limits.cleanup = cleanup;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsGetLimit(TSAdapt adapt, PetscInt rail, PetscReal *limit)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  *limit = R->limits.limit[rail];
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsGetFailure(TSAdapt adapt, const char **text)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  *text = R->failure;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRailsGetThreads(TSAdapt adapt, const AeThread **threads)
{
  Rails *R = NULL;

  PetscFunctionBegin;
  PetscCall(Get(adapt, &R));
  *threads = R->thread;
  PetscFunctionReturn(0);
}
