/* The judgement on an attempt as a function of numbers: each verdict, and dt violation told from state violation.  ranks: 1 */
#include "tap.h"
#include <aeonic/gr.h>

static AeRailsLimits L = {
  .limit   = {[AE_GR_RAIL_H] = 1e-3, [AE_GR_RAIL_GROWTH] = 2.0, [AE_GR_RAIL_DET] = 0.1, [AE_GR_RAIL_D] = 0.3},
  .control = 0.5,
  .dt_min  = 1e-3,
  .retries = 3};

static AeRailsEvent Judge(PetscReal r0, PetscReal rate, PetscInt tries, PetscInt q, PetscReal value, PetscReal dt)
{
  AeRailsState s = {.known = 1, .nominal = dt, .rate = rate, .rate_dt = 2.0 * dt, .rate_rail = q};
  AeRailsEvent e = {.dt = dt};

  s.start[q]    = r0;
  e.residual[q] = AeRailsResidual(&L, q, value);
  AeRailsJudge(&L, &s, tries, &e);
  return e;
}

static void Residuals(void)
{
  TapNear(AeRailsResidual(&L, AE_GR_RAIL_H, 2e-3), 2.0, 1e-15, "residual of an upper limit is value over limit");
  TapTrue(AeRailsResidual(&L, AE_GR_RAIL_M, 1e30) == 0.0, "a limit of 0 is off");
  TapTrue(AeRailsResidual(&L, AE_GR_RAIL_H, NAN) == PETSC_INFINITY, "NaN is beyond every limit");
  TapTrue(AeRailsResidual(&L, AE_GR_RAIL_M, NAN) == 0.0, "but not beyond one that is off");
  TapTrue(AeRailsResidual(&L, AE_GR_RAIL_FINITE, 1) == PETSC_INFINITY &&
            AeRailsResidual(&L, AE_GR_RAIL_FINITE, NAN) == PETSC_INFINITY && AeRailsResidual(&L, AE_GR_RAIL_FINITE, 0) == 0.0,
          "one cell that is not finite is a violation");
  TapTrue(AeRailsResidual(&L, AE_GR_RAIL_LAPSE, 1e-9) == 0.0 && AeRailsResidual(&L, AE_GR_RAIL_LAPSE, 0.0) == PETSC_INFINITY &&
            AeRailsResidual(&L, AE_GR_RAIL_LAPSE, NAN) == PETSC_INFINITY,
          "a lowest value of 0: positive passes, 0 and NaN do not");
  {
    AeRailsLimits M           = L;
    M.limit[AE_GR_RAIL_LAPSE] = 0.1;
    TapNear(AeRailsResidual(&M, AE_GR_RAIL_LAPSE, 0.4), 0.25, 1e-15, "residual of a lowest value is limit over value");
    M.limit[AE_GR_RAIL_LAPSE] = -1;
    TapTrue(AeRailsResidual(&M, AE_GR_RAIL_LAPSE, -5) == 0.0, "-1 turns a lowest value off");
  }
}

static void Verdicts(void)
{
  AeRailsEvent e = Judge(0.1, 0, 0, AE_GR_RAIL_H, 4e-4, 0.1);

  TapTrue(e.verdict == AE_VERDICT_ACCEPT, "0.4 of the limit: accept");
  e = Judge(0.1, 0, 0, AE_GR_RAIL_H, 8e-4, 0.1);
  TapTrue(e.verdict == AE_VERDICT_CONTROL && e.action == AE_ACTION_DISSIPATION && e.rail == AE_GR_RAIL_H,
          "0.8 of the limit of H: dissipation");
  e = Judge(0.1, 0, 0, AE_GR_RAIL_DET, 0.08, 0.1);
  TapTrue(e.verdict == AE_VERDICT_CONTROL && e.action == AE_ACTION_DT, "0.8 of the limit of det: dt");
  e = Judge(0.1, 0, 0, AE_GR_RAIL_GROWTH, 50.0, 0.1);
  TapTrue(e.verdict == AE_VERDICT_CONTROL && e.rail == AE_GR_RAIL_GROWTH, "growth is controlled, never rejected");
  e = Judge(0.1, 0, 0, AE_GR_RAIL_D, 0.9, 0.1);
  TapTrue(e.verdict == AE_VERDICT_CONTROL && e.rail == AE_GR_RAIL_D && e.action == AE_ACTION_DISSIPATION,
          "the spectrum's tail is controlled, never rejected");
  {
    AeRailsLimits C = L;
    AeRailsState  s = {.known = 1, .nominal = 0.1};

    C.cleanup                = PETSC_TRUE;
    e                        = (AeRailsEvent){.dt = 0.1};
    e.residual[AE_GR_RAIL_H] = 0.8;
    AeRailsJudge(&C, &s, 0, &e);
    TapTrue(e.verdict == AE_VERDICT_CONTROL && e.action == AE_ACTION_CLEANUP, "with clean-up: 0.8 of the limit of H asks for it");
    e.residual[AE_GR_RAIL_H] = 2.0;
    AeRailsJudge(&C, &s, 0, &e);
    TapTrue(e.verdict == AE_VERDICT_REJECT && e.action == AE_ACTION_DISSIPATION, "and beyond the limit the step is taken back");
  }
  e = Judge(0.1, 0, 0, AE_GR_RAIL_H, 2e-3, 0.1);
  TapTrue(e.verdict == AE_VERDICT_REJECT && e.rail == AE_GR_RAIL_H, "twice the limit: reject");
  e = Judge(1.5, 0, 0, AE_GR_RAIL_H, 2e-3, 0.1);
  TapTrue(e.verdict == AE_VERDICT_STOP && e.stop == AE_STOP_STATE, "the state before violates already: stop at once");
  e = Judge(0.1, 0, 0, AE_GR_RAIL_H, 2e-3, 1.5e-3);
  TapTrue(e.verdict == AE_VERDICT_STOP && e.stop == AE_STOP_FLOOR, "half of dt is below the floor: stop");
  e = Judge(0.0, 0, 3, AE_GR_RAIL_FINITE, 1, 0.1);
  TapTrue(e.verdict == AE_VERDICT_STOP && e.stop == AE_STOP_RETRIES, "attempts used up: stop");
  e = Judge(0.0, 0, 1, AE_GR_RAIL_FINITE, 1, 0.1);
  TapTrue(e.verdict == AE_VERDICT_REJECT, "not finite twice says nothing about its growth: reject");
}

/* r(dt) = r0 + a dt^p per attempt; p = 1 is the state's own motion, larger p what dt causes: (r - r0)/dt goes with dt^(p-1),
   which half of dt halves at p = 2. r is beyond the limit at both dt. */
static void Causes(void)
{
  static const PetscReal p[] = {1, 1.9, 2.1, 3, 4, 5};
  const PetscReal        r0 = 0.9, dt = 0.2;

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(p); i++) {
    const PetscReal    a = 4.0 / pow(dt, p[i]), r1 = r0 + a * pow(dt, p[i]), r2 = r0 + a * pow(0.5 * dt, p[i]);
    const AeRailsEvent e = Judge(r0, (r1 - r0) / dt, 1, AE_GR_RAIL_H, 1e-3 * r2, 0.5 * dt);
    char               text[96];

    (void)snprintf(text, sizeof text, "violation that goes with dt^%g: %s", (double)p[i],
                   p[i] < 2 ? "of the state, stop" : "of dt, try again");
    TapTrue(p[i] < 2 ? e.verdict == AE_VERDICT_STOP && e.stop == AE_STOP_PERSISTS : e.verdict == AE_VERDICT_REJECT, text);
  }
}

/* The same dt again tells nothing of what dt does. */
static void SameDt(void)
{
  AeRailsState s = {.known = 1, .nominal = 0.1, .rate = 1.0, .rate_dt = 0.1, .rate_rail = AE_GR_RAIL_H};
  AeRailsEvent e = {.dt = 0.1};

  e.residual[AE_GR_RAIL_H] = 2.0;
  AeRailsJudge(&L, &s, 0, &e);
  TapTrue(e.verdict == AE_VERDICT_REJECT, "a violation at the dt of the last one: try again");
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  L.table = AeGRRails;
  Residuals();
  Verdicts();
  Causes();
  SameDt();
  TapTrue(!strcmp(AeThreadName(AE_THREAD(AE_CONS, AE_SCALE_M, 2)), "CONS/M/R2") && !strcmp(AeThreadName(0), "PHY/L/R0") &&
            !strcmp(AeThreadName(26), "SEM/H/R2"),
          "27 threads have their names");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
