/* TS type rk4: order, bit-exact rollback (with NaN in a stage too), dense output, a step made again stage by stage.  ranks: 1 2
   */
#include "tap.h"
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

/* y' = cos(t) y, y = exp(sin t); component m starts at m + 1 */
static int poison; /* evaluations until one returns NaN; 0: never */

static PetscErrorCode Rhs(TS ts, PetscReal t, Vec y, Vec f, void *ctx)
{
  PetscFunctionBegin;
  (void)ts;
  (void)ctx;
  PetscCall(VecCopy(y, f));
  PetscCall(VecScale(f, PetscCosReal(t)));
  if (poison && !--poison) PetscCall(VecSet(f, NAN));
  PetscFunctionReturn(0);
}

/* An adapt that rejects chosen attempts and keeps what it saw. */
static struct {
  int       attempt, reject_at;
  PetscBool same; /* the state after a rejection has the bits it had before the step */
  PetscReal factor;
  Vec       before;
} judge;

static PetscErrorCode Choose(TSAdapt adapt, TS ts, PetscReal h, PetscInt *next_sc, PetscReal *next_h, PetscBool *accept,
                             PetscReal *wlte, PetscReal *wltea, PetscReal *wlter)
{
  PetscFunctionBegin;
  (void)adapt;
  (void)ts;
  *next_sc = 0;
  *wlte = *wltea = *wlter = -1;
  *accept                 = (PetscBool)(++judge.attempt != judge.reject_at);
  *next_h                 = *accept ? h : h * judge.factor;
  PetscFunctionReturn(0);
}

static PetscErrorCode JudgeCreate(TSAdapt adapt)
{
  PetscFunctionBegin;
  adapt->ops->choose = Choose;
  PetscFunctionReturn(0);
}

/* At the first stage of an attempt: the state must have the bits it had when the step began. */
static PetscErrorCode PostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  PetscFunctionBegin;
  (void)t;
  (void)Y;
  if (stage == 0 && judge.before) {
    const double *a, *b;
    PetscInt      n;
    Vec           u;
    PetscCall(TSGetSolution(ts, &u));
    PetscCall(VecGetLocalSize(u, &n));
    PetscCall(VecGetArrayRead(u, &a));
    PetscCall(VecGetArrayRead(judge.before, &b));
    if (memcmp(a, b, sizeof(double) * (size_t)n)) judge.same = PETSC_FALSE;
    PetscCall(VecRestoreArrayRead(u, &a));
    PetscCall(VecRestoreArrayRead(judge.before, &b));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode PreStep(TS ts)
{
  Vec u;

  PetscFunctionBegin;
  PetscCall(TSGetSolution(ts, &u));
  if (judge.before) PetscCall(VecCopy(u, judge.before));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(const char type[], PetscReal dt, PetscReal t_end, TS *ts, Vec *u)
{
  PetscInt lo, hi;
  TSAdapt  adapt;

  PetscFunctionBegin;
  PetscCall(VecCreateMPI(PETSC_COMM_WORLD, 5, PETSC_DECIDE, u));
  PetscCall(VecGetOwnershipRange(*u, &lo, &hi));
  for (PetscInt i = lo; i < hi; i++) PetscCall(VecSetValue(*u, i, 1.0 + i, INSERT_VALUES));
  PetscCall(VecAssemblyBegin(*u));
  PetscCall(VecAssemblyEnd(*u));
  PetscCall(TSCreate(PETSC_COMM_WORLD, ts));
  PetscCall(TSSetType(*ts, type));
  if (!strcmp(type, TSRK)) PetscCall(TSRKSetType(*ts, "4dense"));
  PetscCall(TSSetRHSFunction(*ts, NULL, Rhs, NULL));
  PetscCall(TSSetSolution(*ts, *u));
  PetscCall(TSSetTimeStep(*ts, dt));
  PetscCall(TSSetMaxTime(*ts, t_end));
  PetscCall(TSSetMaxSteps(*ts, 100000));
  PetscCall(TSSetExactFinalTime(*ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSGetAdapt(*ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  PetscFunctionReturn(0);
}

static PetscReal First(Vec u)
{
  const double *a;
  PetscReal     x;

  VecGetArrayRead(u, &a);
  x = a[0];
  VecRestoreArrayRead(u, &a);
  return x;
}

/* Error of component 0 at t = 2 relative to exp(sin 2), over the initial value of this rank's first component. */
static PetscErrorCode ErrorAt(const char type[], PetscReal dt, PetscReal *e)
{
  TS        ts;
  Vec       u;
  PetscReal y0;

  PetscFunctionBegin;
  PetscCall(Create(type, dt, 2.0, &ts, &u));
  y0 = First(u);
  PetscCall(TSSolve(ts, u));
  *e = PetscAbsReal(First(u) / y0 - PetscExpReal(PetscSinReal(2.0)));
  PetscCall(TSDestroy(&ts));
  PetscCall(VecDestroy(&u));
  PetscFunctionReturn(0);
}

/* Largest error of the dense output at theta over the run. */
static PetscErrorCode DenseError(const char type[], PetscReal dt, PetscReal theta, PetscReal *e)
{
  TS        ts;
  Vec       u, w;
  PetscReal y0, t, prev;

  PetscFunctionBegin;
  PetscCall(Create(type, dt, 100.0, &ts, &u));
  PetscCall(VecDuplicate(u, &w));
  y0 = First(u);
  *e = 0;
  for (int s = 0; s < (int)(2.0 / dt + 0.5); s++) {
    PetscCall(TSStep(ts));
    PetscCall(TSGetTime(ts, &t));
    PetscCall(TSGetPrevTime(ts, &prev));
    PetscCall(TSInterpolate(ts, prev + theta * (t - prev), w));
    *e = PetscMax(*e, PetscAbsReal(First(w) / y0 - PetscExpReal(PetscSinReal(prev + theta * (t - prev)))));
  }
  PetscCall(VecDestroy(&w));
  PetscCall(VecDestroy(&u));
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}

/* A run with one rejected attempt: the step is repeated from the same bits. With factor 1 the whole run must then end
   with the bits of a run without rejection. */
static PetscErrorCode Rollback(int poison_at, const char what[])
{
  TS      ts;
  Vec     u, ref;
  TSAdapt adapt;
  double  norm;
  char    text[128];

  PetscFunctionBegin;
  PetscCall(Create(AE_TS_RK4, 0.1, 2.0, &ts, &ref));
  PetscCall(TSSolve(ts, ref));
  PetscCall(TSDestroy(&ts));

  PetscCall(Create(AE_TS_RK4, 0.1, 2.0, &ts, &u));
  PetscCall(VecDuplicate(u, &judge.before));
  judge.attempt   = 0;
  judge.reject_at = 7;
  judge.same      = PETSC_TRUE;
  judge.factor    = 1.0;
  poison          = poison_at;
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, "judge"));
  PetscCall(TSSetPreStep(ts, PreStep));
  PetscCall(TSSetPostStage(ts, PostStage));
  PetscCall(TSSolve(ts, u));
  PetscCall(VecAXPY(u, -1.0, ref));
  PetscCall(VecNorm(u, NORM_INFINITY, &norm));
  (void)snprintf(text, sizeof text, "%s: the state before the step comes back bit for bit", what);
  TapTrue(judge.same && judge.attempt == 21, text);
  (void)snprintf(text, sizeof text, "%s: the run ends with the bits of a run without rejection", what);
  TapBelow(norm, 0.0, text);
  PetscCall(VecDestroy(&judge.before));
  PetscCall(VecDestroy(&ref));
  PetscCall(VecDestroy(&u));
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}

/* Look-ahead: the same bits, as many evaluations (but one at the end), dense output of fourth order without the K_1 that
   has been overwritten, a rejection that restores every bit, and a first stage computed anew when the equations changed. */
static int evaluations, begun;

static PetscErrorCode CountRhs(TS ts, PetscReal t, Vec y, Vec f, void *ctx)
{
  PetscFunctionBegin;
  evaluations++;
  PetscCall(Rhs(ts, t, y, f, ctx));
  PetscFunctionReturn(0);
}

static PetscErrorCode Begun(TS ts, void *ctx)
{
  PetscFunctionBegin;
  (void)ts;
  (void)ctx;
  begun++;
  PetscFunctionReturn(0);
}

static PetscErrorCode LookAhead(void)
{
  TS        ts;
  Vec       u, ref, w;
  TSAdapt   adapt;
  double    norm;
  PetscReal d[2] = {0, 0}, y0;

  PetscFunctionBegin;
  PetscCall(Create(AE_TS_RK4, 0.1, 2.0, &ts, &ref));
  y0 = First(ref);
  PetscCall(TSSolve(ts, ref));
  PetscCall(TSDestroy(&ts));
  for (int rejected = 0; rejected < 2; rejected++) {
    PetscCall(Create(AE_TS_RK4, 0.1, 2.0, &ts, &u));
    PetscCall(TSSetRHSFunction(ts, NULL, CountRhs, NULL));
    PetscCall(AeTSSetLookAhead(ts, PETSC_TRUE, Begun, NULL));
    evaluations = begun = judge.attempt = 0;
    judge.reject_at                     = rejected ? 7 : 0;
    judge.factor                        = 1.0;
    PetscCall(TSGetAdapt(ts, &adapt));
    PetscCall(TSAdaptSetType(adapt, "judge"));
    PetscCall(TSSolve(ts, u));
    PetscCall(VecAXPY(u, -1.0, ref));
    PetscCall(VecNorm(u, NORM_INFINITY, &norm));
    TapBelow(norm, 0.0, rejected ? "look-ahead and a rejection: the same bits" : "look-ahead: the same bits");
    TapTrue(rejected ? evaluations == 20 * 4 + 1 + 5 && begun == 2 : evaluations == 20 * 4 + 1 && begun == 1,
            rejected ? "a rejection costs its attempt and one first stage" : "one evaluation more in all");
    PetscCall(VecDestroy(&u));
    PetscCall(TSDestroy(&ts));
  }
  for (int r = 0; r < 2; r++) {
    const PetscReal dt = r ? 0.025 : 0.05;

    PetscCall(Create(AE_TS_RK4, dt, 100.0, &ts, &u));
    PetscCall(AeTSSetLookAhead(ts, PETSC_TRUE, NULL, NULL));
    PetscCall(VecDuplicate(u, &w));
    for (int s = 0; s < (int)(2.0 / dt + 0.5); s++) {
      PetscReal t, prev;

      PetscCall(TSStep(ts));
      if (s % 5 == 4) PetscCall(AeTSForget(ts));
      PetscCall(TSGetTime(ts, &t));
      PetscCall(TSGetPrevTime(ts, &prev));
      PetscCall(TSInterpolate(ts, prev + 0.5 * (t - prev), w));
      d[r] = PetscMax(d[r], PetscAbsReal(First(w) / y0 - PetscExpReal(PetscSinReal(prev + 0.5 * (t - prev)))));
    }
    PetscCall(VecDestroy(&w));
    PetscCall(VecDestroy(&u));
    PetscCall(TSDestroy(&ts));
  }
  TapNear(PetscLog2Real(d[0] / d[1]), 4.0, 0.1, "look-ahead: order of the dense output");
  PetscCall(VecDestroy(&ref));
  PetscFunctionReturn(0);
}

/* TSRollBack after an accepted step. */
static PetscErrorCode UserRollback(void)
{
  TS        ts;
  Vec       u, before;
  PetscBool same;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(Create(AE_TS_RK4, 0.1, 2.0, &ts, &u));
  PetscCall(TSStep(ts));
  PetscCall(VecDuplicate(u, &before));
  PetscCall(VecCopy(u, before));
  PetscCall(TSStep(ts));
  PetscCall(TSRollBack(ts));
  PetscCall(VecEqual(u, before, &same));
  PetscCall(TSGetTime(ts, &t));
  TapTrue(same, "TSRollBack restores the state bit for bit");
  TapNear(t, 0.1, 0.0, "TSRollBack restores the time");
  PetscCall(VecDestroy(&before));
  PetscCall(VecDestroy(&u));
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}

/* A step shown stage by stage: states before slopes, times, the candidate of the step itself, the state left alone. */
static struct {
  int       shown, end_at;
  PetscBool order, same;
  PetscReal t, dt;
  Vec       after;
} replay;

static PetscErrorCode Show(void *ctx, PetscInt substep, PetscInt stage, PetscReal t, Vec Y, Vec K, PetscBool *go_on)
{
  static const PetscReal c[] = {0, 0.5, 0.5, 1, 1};

  PetscFunctionBegin;
  (void)ctx;
  if (substep || stage != replay.shown / 2 || (K != NULL) != replay.shown % 2 || t != replay.t + c[stage] * replay.dt)
    replay.order = PETSC_FALSE;
  if (stage == 4) PetscCall(VecEqual(Y, replay.after, &replay.same));
  *go_on = (PetscBool)(++replay.shown != replay.end_at);
  PetscFunctionReturn(0);
}

static PetscErrorCode Replay(void)
{
  TS        ts;
  Vec       u, before;
  PetscBool same;

  PetscFunctionBegin;
  PetscCall(Create(AE_TS_RK4, 0.1, 2.0, &ts, &u));
  PetscCall(TSStep(ts));
  PetscCall(VecDuplicate(u, &before));
  PetscCall(VecDuplicate(u, &replay.after));
  PetscCall(VecCopy(u, before));
  PetscCall(TSStep(ts));
  PetscCall(VecCopy(u, replay.after));
  PetscCall(TSRollBack(ts));
  PetscCall(TSGetTime(ts, &replay.t));
  replay.dt    = 0.1;
  replay.order = PETSC_TRUE;
  PetscCall(AeTSReplay(ts, 0.1, Show, NULL));
  PetscCall(VecEqual(u, before, &same));
  TapTrue(replay.order && replay.shown == 9, "a replay shows each stage's state, then its slope, and the candidate");
  TapTrue(replay.same && same, "its candidate has the step's bits, the state stays");
  replay.shown = 0, replay.end_at = 4;
  PetscCall(AeTSReplay(ts, 0.1, Show, NULL));
  TapTrue(replay.shown == 4, "and ends when it is told to");
  PetscCall(TSStep(ts));
  PetscCall(VecEqual(u, replay.after, &same));
  TapTrue(same, "the step itself can be made after it");
  PetscCall(VecDestroy(&replay.after));
  PetscCall(VecDestroy(&before));
  PetscCall(VecDestroy(&u));
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const char *const types[2] = {AE_TS_RK4, TSRK};
  int               status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  PetscCall(TSAdaptRegister("judge", JudgeCreate));
  for (int m = 0; m < 2; m++) {
    PetscReal e[2] = {0, 0}, d[2] = {0, 0};
    char      text[96];

    PetscCall(ErrorAt(types[m], 0.05, &e[0]));
    PetscCall(ErrorAt(types[m], 0.025, &e[1]));
    (void)snprintf(text, sizeof text, "%s: order at the end", types[m]);
    TapNear(PetscLog2Real(e[0] / e[1]), 4.0, 0.1, text);
    for (int q = 1; q < 4; q++) {
      PetscCall(DenseError(types[m], 0.05, 0.25 * q, &d[0]));
      PetscCall(DenseError(types[m], 0.025, 0.25 * q, &d[1]));
      (void)snprintf(text, sizeof text, "%s: order of the dense output at theta = %.2f", types[m], 0.25 * q);
      TapNear(PetscLog2Real(d[0] / d[1]), 4.0, 0.1, text);
    }
  }
  PetscCall(Rollback(0, "rejected step"));
  PetscCall(Rollback(26, "rejected step with NaN in a stage")); /* the 7th attempt makes evaluations 25 to 28 */
  PetscCall(UserRollback());
  PetscCall(LookAhead());
  PetscCall(Replay());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
