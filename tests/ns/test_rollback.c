/* A flow's steps taken back, in each stepper: a violation, a NaN in any stage, and no way on. The state comes back bit for bit,
   what is judged is the velocity itself, and the run ends with the bits of one without a rejection. Rails that nothing touches
   leave
   the bits of the TSAdapts courant and none.  ranks: 1 2 */
#include "tap.h"
#include <aeonic/levels.h>
#include <aeonic/ns.h>
#include <petsc/private/tsimpl.h>
#undef I

static struct {
  AeNS      ns;
  PetscInt  step, times;   /* so many attempts of that step are rejected; -1: none */
  PetscInt  poison;        /* the stage whose right-hand side in that step is NaN, once; -1: none */
  PetscInt  stage, stages; /* the newest, and their number */
  PetscInt  rejected;
  Vec       before, judged;
  PetscBool same, velocity;
} P;

static PetscErrorCode Rhs(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  PetscFunctionBegin;
  PetscCall(AeNSRHSFunction(ts, t, U, F, ctx));
  if (ts->steps != P.step || P.stage != P.poison) PetscFunctionReturn(0);
  P.poison = -1;
  PetscCall(VecSet(F, NAN));
  PetscFunctionReturn(0);
}

static PetscErrorCode PreStep(TS ts)
{
  PetscFunctionBegin;
  PetscCall(AeNSBeginStep(P.ns, ts->ptime));
  if (P.before) PetscCall(VecCopy(ts->vec_sol, P.before));
  PetscFunctionReturn(0);
}

static PetscErrorCode PostEvaluate(TS ts)
{
  PetscBool equal;

  PetscFunctionBegin;
  PetscCall(AeNSEndStep(P.ns, ts->ptime, ts->vec_sol));
  if (!P.judged || ts->reason < 0) PetscFunctionReturn(0);
  PetscCall(VecEqual(ts->vec_sol, P.judged, &equal));
  if (!equal) P.velocity = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* At the first stage of every attempt: the bits that the step began from. */
static PetscErrorCode PostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  PetscBool equal;

  PetscFunctionBegin;
  (void)t;
  (void)Y;
  P.stage  = stage;
  P.stages = PetscMax(P.stages, stage + 1);
  if (stage || !P.before) PetscFunctionReturn(0);
  PetscCall(VecEqual(ts->vec_sol, P.before, &equal));
  if (!equal) P.same = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* Rejects what is not finite and the attempts it is told to, and keeps dt. */
static PetscErrorCode Choose(TSAdapt adapt, TS ts, PetscReal h, PetscInt *next_sc, PetscReal *next_h, PetscBool *accept,
                             PetscReal *wlte, PetscReal *wltea, PetscReal *wlter)
{
  AeNSSums s;

  PetscFunctionBegin;
  (void)adapt;
  *next_sc = 0;
  *next_h  = h;
  *wlte = *wltea = *wlter = -1.0;
  PetscCall(AeNSEndCandidate(P.ns, ts));
  PetscCall(VecCopy(ts->vec_sol, P.judged));
  PetscCall(AeNSSumsOf(P.ns, ts->vec_sol, &s));
  *accept = (PetscBool)isfinite(s.energy);
  if (*accept && ts->steps == P.step && P.times) {
    P.times--;
    *accept = PETSC_FALSE;
  }
  P.rejected += !*accept;
  PetscFunctionReturn(0);
}

static PetscErrorCode JudgeCreate(TSAdapt adapt)
{
  PetscFunctionBegin;
  adapt->ops->choose = Choose;
  PetscFunctionReturn(0);
}

/* For the rails: the first of the candidate's numbers, the others are far from their limits. */
static PetscErrorCode Measure(void *ctx, TS ts, PetscReal value[])
{
  AeNSSums s;

  PetscFunctionBegin;
  (void)ctx;
  PetscCall(AeNSEndCandidate(P.ns, ts));
  PetscCall(AeNSSumsOf(P.ns, ts->vec_sol, &s));
  value[AE_NS_RAIL_FINITE]     = isfinite(s.energy) ? 0.0 : 1.0;
  value[AE_NS_RAIL_DIVERGENCE] = s.divergence / PetscSqrtReal(2.0 * s.enstrophy);
  PetscFunctionReturn(0);
}

static PetscErrorCode Follow(void *ctx, TS ts, PetscReal dt, PetscReal *nominal)
{
  PetscFunctionBegin;
  (void)ctx;
  PetscCall(AeNSNominalDt(ts, PETSC_TRUE, dt, nominal));
  PetscFunctionReturn(0);
}

static PetscErrorCode Stay(void *ctx, TS ts, PetscReal dt, PetscReal *nominal)
{
  PetscFunctionBegin;
  (void)ctx;
  PetscCall(AeNSNominalDt(ts, PETSC_FALSE, dt, nominal));
  PetscFunctionReturn(0);
}

/* A flow of random waves to t = 0.37 with the given TSAdapt: courant and rails with cfl > 0 follow it. *U is its end, the
   caller's to destroy. */
static PetscErrorCode Flow(const char type[], const char adapt_type[], PetscReal cfl, Vec *U, TSConvergedReason *reason)
{
  const AeRailsProblem problem = {.measure = Measure, .nominal = cfl > 0 ? Follow : Stay};
  const PetscBool      judge   = (PetscBool)!strcmp(adapt_type, "judge");
  TS                   ts;
  TSAdapt              adapt;
  PetscReal            t;

  PetscFunctionBegin;
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &P.ns));
  PetscCall(AeNSCreateVec(P.ns, U));
  PetscCall(AeNSSetInitial(P.ns, *U, &t));
  P.same = P.velocity = PETSC_TRUE;
  P.rejected = P.stages = 0;
  if (judge) {
    PetscCall(VecDuplicate(*U, &P.before));
    PetscCall(VecDuplicate(*U, &P.judged));
  }
  PetscCall(TSCreate(PETSC_COMM_WORLD, &ts));
  PetscCall(TSSetType(ts, type));
  if (!strcmp(type, TSRK)) PetscCall(TSRKSetType(ts, TSRK4));
  PetscCall(TSSetPreStep(ts, PreStep));
  PetscCall(TSSetPostStage(ts, PostStage));
  PetscCall(TSSetPostEvaluate(ts, PostEvaluate));
  PetscCall(TSSetTimeStep(ts, 0.04));
  PetscCall(TSSetMaxTime(ts, 0.37));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetMaxStepRejections(ts, 2));
  PetscCall(TSSetErrorIfStepFails(ts, PETSC_FALSE));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(AeRailsSetTable(adapt, &AeNSRails));
  PetscCall(TSAdaptSetType(adapt, adapt_type));
  if (cfl > 0) PetscCall(TSAdaptSetSafety(adapt, cfl, PETSC_DEFAULT));
  if (!strcmp(adapt_type, AE_ADAPT_RAILS)) PetscCall(AeRailsSetProblem(adapt, &problem, NULL));
  PetscCall(AeNSSetUpTS(P.ns, ts));
  if (judge) PetscCall(TSSetRHSFunction(ts, NULL, Rhs, P.ns));
  if (judge) PetscCall(AeTSTakeBackExactly(ts));
  PetscCall(TSSolve(ts, *U));
  PetscCall(AeTSRestore(ts));
  PetscCall(TSGetConvergedReason(ts, reason));
  if (*reason < 0) PetscCall(VecEqual(*U, P.before, &P.same));
  PetscCall(TSDestroy(&ts));
  PetscCall(VecDestroy(&P.before));
  PetscCall(VecDestroy(&P.judged));
  PetscCall(AeNSDestroy(&P.ns));
  PetscFunctionReturn(0);
}

/* Rejected once, by `what`: the state before, and the end. */
static PetscErrorCode Once(const char type[], Vec ref, const char what[])
{
  TSConvergedReason reason;
  PetscBool         equal;
  Vec               U;
  char              text[128];

  PetscFunctionBegin;
  PetscCall(Flow(type, "judge", 0.0, &U, &reason));
  PetscCall(VecEqual(U, ref, &equal));
  (void)snprintf(text, sizeof text, "%s: %s: taken back once, bit for bit", type, what);
  TapTrue(P.rejected == 1 && P.same, text);
  (void)snprintf(text, sizeof text, "%s: %s: what is judged is the velocity; the end of an undisturbed run", type, what);
  TapTrue(P.velocity && equal && reason == TS_CONVERGED_TIME, text);
  PetscCall(VecDestroy(&U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Type(const char type[])
{
  TSConvergedReason reason;
  PetscBool         equal;
  PetscInt          stages;
  Vec               ref, U;
  char              text[128];

  PetscFunctionBegin;
  P.step = P.poison = -1;
  PetscCall(Flow(type, TSADAPTNONE, 0.0, &ref, &reason));
  stages = P.stages;
  P.step = 3, P.times = 1;
  PetscCall(Once(type, ref, "a violation"));
  for (PetscInt s = 0; s < stages; s++) {
    P.times = 0, P.poison = s;
    (void)snprintf(text, sizeof text, "NaN in stage %d of %d", (int)s + 1, (int)stages);
    PetscCall(Once(type, ref, text));
  }
  P.times = 100;
  PetscCall(Flow(type, "judge", 0.0, &U, &reason));
  (void)snprintf(text, sizeof text, "%s: rejected without end: the last good state is left", type);
  TapTrue(reason < 0 && P.rejected == 3 && P.same, text);
  PetscCall(VecDestroy(&U));
  P.step = -1;
  PetscCall(Flow(type, AE_ADAPT_RAILS, 0.0, &U, &reason));
  PetscCall(VecEqual(U, ref, &equal));
  (void)snprintf(text, sizeof text, "%s: rails that nothing touches: the bits of a fixed step", type);
  TapTrue(equal, text);
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&ref));
  PetscCall(Flow(type, AE_TSADAPT_COURANT, 0.3, &ref, &reason));
  PetscCall(Flow(type, AE_ADAPT_RAILS, 0.3, &U, &reason));
  PetscCall(VecEqual(U, ref, &equal));
  (void)snprintf(text, sizeof text, "%s: and of courant", type);
  TapTrue(equal, text);
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&ref));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const char *const types[] = {TSRK, AE_TS_RK4, AE_TS_ETDRK4, AE_TS_OCTAVES};
  int               status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeNSRegister());
  PetscCall(AeLevelsRegister());
  PetscCall(AeRailsRegister());
  PetscCall(TSAdaptRegister("judge", JudgeCreate));
  PetscCall(PetscOptionsInsertString(NULL, "-ns_initial random -ns_re 20 -ns_scalar random -grid_n 16,12,14 -fft_rigor estimate "
                                           "-ts_octaves_low 2"));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(types); i++) PetscCall(Type(types[i]));
  PetscCall(PetscOptionsClear(NULL));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
