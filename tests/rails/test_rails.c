/* TSAdapt rails on an ODE: planted violations of each kind and their exact verdicts, rollback bit for bit, holds, controls,
   caps and their threads, and going on from a saved state.  ranks: 1 2 */
#include "tap.h"
#include <aeonic/gr.h>
#include <aeonic/levels.h>

/* y' = rate y, one number a rank; H is the largest |y| */
static struct {
  PetscReal    rate;
  int          spike_step, spike_count; /* the candidate of that step is not finite so many times */
  PetscReal    limit, spectral;         /* stability cap; the loom's, 0: none */
  PetscReal    learned;
  int          unlearned;
  int          verdicts[4], seen, on, off, looks; /* what came, controls put on and off, looks asked for */
  AeRailsEvent last;
  AeRailsEvent list[400];
  Vec          before;
  PetscBool    same;
} P;

static PetscErrorCode Rhs(TS ts, PetscReal t, Vec y, Vec f, void *ctx)
{
  PetscFunctionBegin;
  (void)ts;
  (void)t;
  (void)ctx;
  PetscCall(VecCopy(y, f));
  PetscCall(VecScale(f, P.rate));
  PetscFunctionReturn(0);
}

static PetscErrorCode Measure(void *ctx, TS ts, PetscReal value[])
{
  PetscInt step;
  Vec      u;

  PetscFunctionBegin;
  (void)ctx;
  PetscCall(TSGetSolution(ts, &u));
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(VecNorm(u, NORM_INFINITY, &value[AE_GR_RAIL_H]));
  if (step == P.spike_step && P.spike_count) {
    P.spike_count--;
    value[AE_GR_RAIL_FINITE] = 1;
    PetscCall(VecSet(u, NAN));
  }
  value[AE_GR_RAIL_LAPSE] = value[AE_GR_RAIL_CHI] = 1.0;
  PetscFunctionReturn(0);
}

static PetscErrorCode Control(void *ctx, TS ts, AeAction action, PetscBool on, PetscReal strength)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  if (action == AE_ACTION_LOOM) P.looks++;
  if (action == AE_ACTION_DISSIPATION && strength == 2.0) {
    P.on += on;
    P.off += !on;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Spectral(void *ctx, TS ts, PetscReal *cap, PetscInt *thread)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  *cap    = P.spectral > 0 ? P.spectral : PETSC_INFINITY;
  *thread = AE_THREAD(AE_PHY, AE_SCALE_L, 1);
  PetscFunctionReturn(0);
}

static PetscErrorCode Caps(void *ctx, TS ts, PetscReal *limit, PetscReal *stiff)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  *limit = P.limit;
  *stiff = PETSC_INFINITY;
  PetscFunctionReturn(0);
}

static PetscErrorCode Suggest(void *ctx, TS ts, PetscReal dt, PetscReal *suggested)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  (void)dt;
  *suggested = P.learned;
  PetscFunctionReturn(0);
}

static PetscErrorCode Learn(void *ctx, TS ts, PetscReal dt, PetscBool worked)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  if (worked) P.learned = dt;
  else P.unlearned++;
  PetscFunctionReturn(0);
}

static PetscErrorCode Event(void *ctx, TS ts, const AeRailsEvent *e)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  P.verdicts[e->verdict]++;
  P.last = *e;
  if (P.seen < 400) P.list[P.seen++] = *e;
  PetscFunctionReturn(0);
}

static PetscErrorCode PreStep(TS ts)
{
  Vec u;

  PetscFunctionBegin;
  PetscCall(TSGetSolution(ts, &u));
  if (P.before) PetscCall(VecCopy(u, P.before));
  PetscFunctionReturn(0);
}

/* Before every first stage of an attempt: the bits that the step began from. */
static PetscErrorCode PostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  PetscBool equal;
  Vec       u;

  PetscFunctionBegin;
  (void)t;
  (void)Y;
  if (stage || !P.before) PetscFunctionReturn(0);
  PetscCall(TSGetSolution(ts, &u));
  PetscCall(VecEqual(u, P.before, &equal));
  if (!equal) P.same = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Begin(TS ts, void *ctx)
{
  TSAdapt  adapt;
  PetscInt step, rejected;

  PetscFunctionBegin;
  (void)ctx;
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(TSGetStepNumber(ts, &step));
  PetscCall(TSGetStepRejections(ts, &rejected));
  if (!step && !rejected) PetscCall(AeRailsBegin(adapt, ts));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(PetscReal rate, PetscReal dt, PetscReal t_end, const char options[], TS *ts, Vec *u)
{
  const AeRailsProblem problem = {Measure, NULL, Control, Caps, Spectral, Suggest, Learn, NULL, Event};
  TSAdapt              adapt;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(&P, sizeof P));
  P.rate       = rate;
  P.limit      = PETSC_INFINITY;
  P.spike_step = -1;
  P.same       = PETSC_TRUE;
  PetscCall(PetscOptionsClear(NULL));
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(VecCreateMPI(PETSC_COMM_WORLD, 1, PETSC_DECIDE, u));
  PetscCall(VecSet(*u, 1.0));
  PetscCall(TSCreate(PETSC_COMM_WORLD, ts));
  PetscCall(TSSetType(*ts, AE_TS_RK4));
  PetscCall(TSSetRHSFunction(*ts, NULL, Rhs, NULL));
  PetscCall(TSSetSolution(*ts, *u));
  PetscCall(TSSetTimeStep(*ts, dt));
  PetscCall(TSSetMaxTime(*ts, t_end));
  PetscCall(TSSetMaxSteps(*ts, 100000));
  PetscCall(TSSetExactFinalTime(*ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetErrorIfStepFails(*ts, PETSC_FALSE));
  PetscCall(TSSetPreStep(*ts, PreStep));
  PetscCall(TSSetPostStage(*ts, PostStage));
  PetscCall(TSGetAdapt(*ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, AE_ADAPT_RAILS));
  PetscCall(AeRailsSetTable(adapt, &AeGRRails));
  PetscCall(TSSetFromOptions(*ts));
  PetscCall(AeRailsSetProblem(adapt, &problem, NULL));
  PetscCall(AeRailsSetNominal(adapt, dt));
  PetscCall(AeTSSetLookAhead(*ts, PETSC_TRUE, Begin, NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode Done(TS *ts, Vec *u)
{
  PetscFunctionBegin;
  PetscCall(TSDestroy(ts));
  PetscCall(VecDestroy(u));
  PetscFunctionReturn(0);
}

/* A candidate that is not finite, once: taken back, half of dt, then dt held for 8 steps and doubled. */
static PetscErrorCode Spike(void)
{
  TS                ts;
  Vec               u;
  TSConvergedReason reason;
  PetscReal         norm;

  PetscFunctionBegin;
  PetscCall(Create(-1.0, 0.1, 3.0, "", &ts, &u));
  P.spike_step  = 5;
  P.spike_count = 1;
  PetscCall(VecDuplicate(u, &P.before));
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetConvergedReason(ts, &reason));
  PetscCall(VecNorm(u, NORM_INFINITY, &norm));
  TapTrue(reason == TS_CONVERGED_TIME && P.verdicts[AE_VERDICT_REJECT] == 1 && P.verdicts[AE_VERDICT_STOP] == 0,
          "one candidate that is not finite: one rejection, the run goes on");
  TapTrue(P.same, "what was taken back is there bit for bit");
  TapTrue(P.list[5].verdict == AE_VERDICT_REJECT && P.list[5].rail == AE_GR_RAIL_FINITE && P.list[5].next == 0.05,
          "the rejection names the rail and halves dt");
  TapTrue(P.list[6].dt == 0.05 && P.list[13].dt == 0.05 && P.list[14].dt == 0.05 && P.list[15].dt == 0.1,
          "dt is held for 8 steps after the repeated one, then doubled");
  TapNear(norm, exp(-3.0), 1e-5, "and the solution is the solution"); /* RK4 at dt 0.1: dt^4/120 t e^-t = 1.2e-7 */
  PetscCall(VecDestroy(&P.before));
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

/* The same without end: -rails_retries, then stop, with the last good state. */
static PetscErrorCode Hopeless(void)
{
  TS                ts;
  Vec               u;
  TSAdapt           adapt;
  TSConvergedReason reason;
  const char       *why;
  PetscReal         t, norm;

  PetscFunctionBegin;
  PetscCall(Create(-1.0, 0.1, 3.0, "-rails_retries 3", &ts, &u));
  P.spike_step  = 5;
  P.spike_count = 1000;
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetConvergedReason(ts, &reason));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(VecNorm(u, NORM_INFINITY, &norm));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(AeRailsGetFailure(adapt, &why));
  TapTrue(reason < 0 && P.verdicts[AE_VERDICT_REJECT] == 3 && P.verdicts[AE_VERDICT_STOP] == 1 &&
            P.last.stop == AE_STOP_RETRIES && strstr(why, "-rails_retries"),
          "never finite: three attempts more, then stop with the reason");
  TapNear(t, 0.5, 1e-15, "it stops at the last good time");
  TapNear(norm, exp(-0.5), 1e-6, "with the last good state");
  PetscCall(Done(&ts, &u));
  PetscCall(Create(-1.0, 0.1, 3.0, "-rails_retries 50", &ts, &u));
  P.spike_step  = 5;
  P.spike_count = 1000;
  PetscCall(TSSetMaxStepRejections(ts, -1));
  PetscCall(TSSolve(ts, u));
  TapTrue(P.last.stop == AE_STOP_FLOOR && P.verdicts[AE_VERDICT_REJECT] == 10,
          "with more attempts it is a 1024th of dt that ends it");
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

/* y' = -40 y at dt = 0.1: RK4 multiplies by 1 - 4 + 8 - 64/6 + 256/24 = 5, at half of it by 1/3: a violation by dt. */
static PetscErrorCode ByDt(void)
{
  TS                ts;
  Vec               u;
  TSConvergedReason reason;
  int               large = 0;

  PetscFunctionBegin;
  PetscCall(Create(-40.0, 0.1, 2.0, "-rails_H_max 2 -rails_control 1", &ts, &u));
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetConvergedReason(ts, &reason));
  for (int n = 0; n < P.seen; n++) large += P.list[n].verdict == AE_VERDICT_ACCEPT && P.list[n].value[AE_GR_RAIL_H] > 2.0;
  TapTrue(reason == TS_CONVERGED_TIME && P.list[0].verdict == AE_VERDICT_REJECT && P.list[1].verdict == AE_VERDICT_ACCEPT &&
            !P.verdicts[AE_VERDICT_STOP] && !large,
          "dt beyond stability: taken back, mended by half of it");
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

/* Each further rejection goes at once to what has worked before. y' = -40 y is stable at 0.05 of 0.4, 0.2, 0.1, 0.05; a false
   suggestion is told of. */
static PetscErrorCode Suggestions(void)
{
  TS  ts;
  Vec u;
  int first = 0, next = 0, n = 0;

  PetscFunctionBegin;
  PetscCall(Create(-40.0, 0.4, 8.0, "-rails_H_max 2 -rails_control 1 -rails_hold 2", &ts, &u));
  PetscCall(TSSolve(ts, u));
  while (n < P.seen && P.list[n].verdict == AE_VERDICT_REJECT) n++, first++;
  for (; n < P.seen && P.list[n].verdict != AE_VERDICT_REJECT; n++) {
  }
  for (; n < P.seen && P.list[n].verdict == AE_VERDICT_REJECT; n++) next++;
  TapTrue(first == 3 && next == 1 && P.list[n].dt == 0.05, "three halvings to learn dt, none to know it");
  PetscCall(Done(&ts, &u));
  PetscCall(Create(-40.0, 0.8, 8.0, "-rails_H_max 2 -rails_control 1", &ts, &u));
  P.learned = 0.15;
  PetscCall(TSSolve(ts, u));
  TapTrue(P.list[0].next == 0.15 && P.list[1].next == 0.075 && P.unlearned == 1,
          "a suggestion at which the step is rejected is told of");
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

/* y' = y passes 2 at t = ln 2 whatever dt is: half of dt ends before that, the step after it is the second violation. */
static PetscErrorCode ByState(void)
{
  TS        ts;
  Vec       u;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(Create(1.0, 0.1, 3.0, "-rails_H_max 2 -rails_control 1", &ts, &u));
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetTime(ts, &t));
  TapTrue(P.verdicts[AE_VERDICT_REJECT] == 1 && P.verdicts[AE_VERDICT_STOP] == 1 && P.last.stop == AE_STOP_PERSISTS &&
            P.last.rail == AE_GR_RAIL_H,
          "a state that runs over the limit: recognised when it comes again");
  TapBelow(t, log(2.0), "the state that is left does not violate the limit");
  TapAbove(t, log(2.0) - 0.1, "and is the last before it");
  PetscCall(Done(&ts, &u));
  PetscCall(Create(1.0, 0.1, 3.0, "-rails_H_max 0.5", &ts, &u));
  PetscCall(TSSolve(ts, u));
  TapTrue(P.verdicts[AE_VERDICT_STOP] == 1 && P.verdicts[AE_VERDICT_ACCEPT] == 0 && P.last.stop == AE_STOP_BEGIN,
          "a state that violates from the start: no step at all");
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Controls(void)
{
  TS              ts;
  Vec             u;
  TSAdapt         adapt;
  AeRailsState    s;
  const AeThread *T;

  PetscFunctionBegin;
  /* decays from 1: above half of the limit 1.5 until t = ln(4/3), 3 steps; 4 steps more and the control ends */
  PetscCall(Create(-1.0, 0.1, 2.0, "-rails_H_max 1.5 -rails_control_steps 4", &ts, &u));
  PetscCall(TSSolve(ts, u));
  TapTrue(P.on == 1 && P.off == 1 && P.list[0].verdict == AE_VERDICT_CONTROL && P.list[0].action == AE_ACTION_DISSIPATION &&
            P.verdicts[AE_VERDICT_CONTROL] == 2,
          "dissipation is raised once, kept up while needed, and let go");
  TapTrue(P.looks == 1, "and the loom was asked to look once");
  PetscCall(Done(&ts, &u));
  PetscCall(Create(-1.0, 0.1, 2.0, "-rails_dt_max 0.03", &ts, &u));
  PetscCall(TSSolve(ts, u));
  TapTrue(P.list[1].dt == 0.03 && P.list[0].binding == AE_THREAD(AE_SEM, AE_SCALE_L, 1), "-rails_dt_max binds and is named");
  PetscCall(Done(&ts, &u));
  PetscCall(Create(-1.0, 0.1, 2.0, "", &ts, &u));
  P.limit = 0.04;
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(AeRailsGetState(adapt, &s));
  PetscCall(AeRailsGetThreads(adapt, &T));
  TapTrue(P.list[1].dt == 0.04 && s.binding == AE_THREAD(AE_PHY, AE_SCALE_H, 1) && T[s.binding].cap == 0.04 &&
            T[AE_THREAD(AE_PHY, AE_SCALE_M, 1)].cap == 0.1,
          "the stability limit binds and is named; the lattice holds both caps");
  PetscCall(Done(&ts, &u));
  PetscCall(Create(-1.0, 0.1, 2.0, "", &ts, &u));
  P.limit    = 0.04;
  P.spectral = 0.025;
  PetscCall(TSSolve(ts, u));
  TapTrue(P.list[1].dt == 0.025 && P.list[0].binding == AE_THREAD(AE_PHY, AE_SCALE_L, 1),
          "the cap of the loom's thread binds below it");
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

/* Ten steps with a rejection, then the state moved to a new TS: the rest has the bits of a run in one piece. */
static PetscErrorCode Continue(void)
{
  TS           ts;
  Vec          u, ref, v;
  TSAdapt      adapt;
  AeRailsState s;
  PetscReal    t, dt, norm;

  PetscFunctionBegin;
  PetscCall(Create(-1.0, 0.1, 3.0, "-rails_H_max 1.5", &ts, &ref));
  P.spike_step = 5, P.spike_count = 1;
  PetscCall(TSSolve(ts, ref));
  PetscCall(TSDestroy(&ts));
  PetscCall(Create(-1.0, 0.1, 3.0, "-rails_H_max 1.5", &ts, &u));
  P.spike_step = 5, P.spike_count = 1;
  PetscCall(TSSetMaxSteps(ts, 10));
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetTimeStep(ts, &dt));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(AeRailsGetState(adapt, &s));
  PetscCall(TSDestroy(&ts));
  PetscCall(Create(-1.0, 0.1, 3.0, "-rails_H_max 1.5", &ts, &v));
  PetscCall(VecCopy(u, v));
  PetscCall(TSSetTime(ts, t));
  PetscCall(TSSetStepNumber(ts, 10));
  PetscCall(TSSetTimeStep(ts, dt));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(AeRailsSetState(adapt, ts, &s));
  TapTrue(P.on == (s.control_left > 0) && s.hold == 0.05 && s.rejected == 1,
          "a saved state holds the hold, the control and the counts");
  PetscCall(TSSolve(ts, v));
  PetscCall(VecAXPY(v, -1.0, ref));
  PetscCall(VecNorm(v, NORM_INFINITY, &norm));
  TapBelow(norm, 0.0, "going on from it ends with the same bits");
  PetscCall(VecDestroy(&u));
  PetscCall(VecDestroy(&ref));
  PetscCall(Done(&ts, &v));
  PetscFunctionReturn(0);
}

/* A problem's own table, given before the type is chosen: its option and default, a rail that is observed only, and dt by the
   problem's rule. */
static PetscErrorCode MeasureSize(void *ctx, TS ts, PetscReal value[])
{
  Vec u;

  PetscFunctionBegin;
  (void)ctx;
  PetscCall(TSGetSolution(ts, &u));
  PetscCall(VecNorm(u, NORM_INFINITY, &value[1]));
  value[2] = value[1];
  PetscFunctionReturn(0);
}

static PetscErrorCode Nominal(void *ctx, TS ts, PetscReal dt, PetscReal *nominal)
{
  PetscFunctionBegin;
  (void)ctx;
  (void)ts;
  *nominal = dt > 0.03 ? 0.5 * dt : dt;
  PetscFunctionReturn(0);
}

static PetscErrorCode OwnTable(void)
{
  static const AeRail rows[] = {
    {.name = "finite", .kind = AE_RAIL_ABSENT, .domain = AE_SEM},
    {.name     = "seen",
     .kind     = AE_RAIL_UPPER,
     .option   = "-rails_seen_max",
     .text     = "",
     .unit     = "1",
     .limit    = 1.5,
     .observed = PETSC_TRUE},
    {.name = "size", .kind = AE_RAIL_UPPER, .option = "-rails_size_max", .text = "", .unit = "1", .limit = 9, .domain = AE_CONS}};
  static const AeRailsTable table = {3, rows, "1"};
  const AeRailsTable       *back;
  const AeRailsProblem      problem = {.measure = MeasureSize, .nominal = Nominal, .event = Event};
  TS                        ts;
  Vec                       u;
  TSAdapt                   adapt;
  TSConvergedReason         reason;
  PetscReal                 limit[2], t;

  PetscFunctionBegin;
  PetscCall(Create(1.0, 0.1, 1.0, "-ts_adapt_type rails -rails_size_max 2.5", &ts, &u));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  PetscCall(AeRailsSetTable(adapt, &table));
  PetscCall(TSSetFromOptions(ts));
  PetscCall(AeRailsGetTable(adapt, &back));
  for (int q = 0; q < 2; q++) PetscCall(AeRailsGetLimit(adapt, q + 1, &limit[q]));
  TapTrue(back == &table && limit[0] == 1.5 && limit[1] == 2.5, "a table's default and its option, of a type chosen later");
  PetscCall(AeRailsSetProblem(adapt, &problem, NULL));
  PetscCall(AeTSSetLookAhead(ts, PETSC_FALSE, NULL, NULL));
  PetscCall(TSSolve(ts, u));
  PetscCall(TSGetConvergedReason(ts, &reason));
  PetscCall(TSGetTime(ts, &t));
  TapTrue(P.list[0].dt == 0.1 && P.list[1].dt == 0.05 && P.list[2].dt == 0.025 && P.list[3].dt == 0.025,
          "the problem's rule sets dt where nothing limits it");
  TapTrue(reason < 0 && P.last.rail == 2 && t > log(1.5) && t < log(2.5) && P.verdicts[AE_VERDICT_STOP] == 1,
          "an observed rail takes nothing back, the other ends the run");
  PetscCall(Done(&ts, &u));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  PetscCall(AeRailsRegister());
  PetscCall(Spike());
  PetscCall(Hopeless());
  PetscCall(ByDt());
  PetscCall(Suggestions());
  PetscCall(ByState());
  PetscCall(Controls());
  PetscCall(Continue());
  PetscCall(OwnTable());
  PetscCall(PetscOptionsClear(NULL));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
