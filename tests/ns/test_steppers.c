/*
  The steppers: etdrk4 on equations with known solutions, then both on exact Navier-Stokes flows: decay, advection by a mean
  flow, a force that holds the flow steady, a scalar; order 4 of each, the balance of energy.  ranks: 1 2
*/
#include <aeonic/ns.h>
#include <aeonic/levels.h>
#include <string.h>
#include "tap.h"

#define EPS 2.220446049250313e-16

/* ---- u_i' = L_i u_i + N: etdrk4 itself -------------------------------------------------------------------------- */

enum { N = 3 };
static const double L[N] = {-40.0, -1.0, 0.5};

static PetscErrorCode Combine(void *ctx, PetscReal dt, Vec Y, PetscInt n, const AeETDFunction F[], const PetscReal w[],
                              const Vec x[])
{
  double       *y;
  const double *u;
  PetscInt      lo, hi;

  PetscFunctionBegin;
  (void)ctx;
  PetscCall(VecSet(Y, 0.0));
  PetscCall(VecGetOwnershipRange(Y, &lo, &hi));
  PetscCall(VecGetArray(Y, &y));
  for (PetscInt m = 0; m < n; m++) {
    PetscCall(VecGetArrayRead(x[m], &u));
    for (PetscInt i = lo; i < hi; i++) {
      PetscReal f[AE_ETD_FUNCTIONS];
      AeETDFunctions(dt * L[i], f);
      y[i - lo] += w[m] * f[F[m]] * u[i - lo];
    }
    PetscCall(VecRestoreArrayRead(x[m], &u));
  }
  PetscCall(VecRestoreArray(Y, &y));
  PetscFunctionReturn(0);
}

/* N = 1, or cos t - L sin t, for which u = sin t + e^{Lt} u_0 */
static PetscErrorCode Constant(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  (void)ts, (void)t, (void)U, (void)ctx;
  return VecSet(F, 1.0);
}
static PetscErrorCode Driven(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  double  *f;
  PetscInt lo, hi;

  PetscFunctionBegin;
  (void)ts, (void)U, (void)ctx;
  PetscCall(VecGetOwnershipRange(F, &lo, &hi));
  PetscCall(VecGetArray(F, &f));
  for (PetscInt i = lo; i < hi; i++) f[i - lo] = cos(t) - L[i] * sin(t);
  PetscCall(VecRestoreArray(F, &f));
  PetscFunctionReturn(0);
}
/* all of L u + N in N: u' = L u, for the stepper without Combine, the classical RK4 */
static PetscErrorCode Linear(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  double       *f;
  const double *u;
  PetscInt      lo, hi;

  PetscFunctionBegin;
  (void)ts, (void)t, (void)ctx;
  PetscCall(VecGetOwnershipRange(F, &lo, &hi));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(F, &f));
  for (PetscInt i = lo; i < hi; i++) f[i - lo] = 0.1 * L[i] * u[i - lo];
  PetscCall(VecRestoreArray(F, &f));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

/* Largest |u_i - exact_i| / (1 + |exact_i|) at t = 1 */
static PetscErrorCode Ode(TSRHSFunction f, PetscBool combine, PetscReal dt, PetscReal (*exact)(double L, double dt),
                          PetscReal *error)
{
  TS            ts;
  Vec           U;
  PetscInt      lo, hi;
  const double *u;

  PetscFunctionBegin;
  PetscCall(VecCreateMPI(PETSC_COMM_WORLD, PETSC_DECIDE, N, &U));
  PetscCall(VecSet(U, 1.0));
  PetscCall(TSCreate(PETSC_COMM_WORLD, &ts));
  PetscCall(TSSetType(ts, AE_TS_ETDRK4));
  PetscCall(TSSetRHSFunction(ts, NULL, f, NULL));
  if (combine) PetscCall(AeTSETDRK4SetCombine(ts, Combine, NULL));
  PetscCall(TSSetTimeStep(ts, dt));
  PetscCall(TSSetMaxTime(ts, 1.0));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSolve(ts, U));
  PetscCall(VecGetOwnershipRange(U, &lo, &hi));
  PetscCall(VecGetArrayRead(U, &u));
  *error = 0;
  for (PetscInt i = lo; i < hi; i++) {
    const double e = exact(L[i], dt), d = fabs(u[i - lo] - e) / (1 + fabs(e));
    *error = d <= *error ? *error : d;
  }
  PetscCall(VecRestoreArrayRead(U, &u));
  MPI_Allreduce(MPI_IN_PLACE, error, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  PetscCall(TSDestroy(&ts));
  PetscCall(VecDestroy(&U));
  PetscFunctionReturn(0);
}

static double ExactConstant(double l, double dt) { return (void)dt, exp(l) + expm1(l) / l; }
static double ExactDriven(double l, double dt) { return (void)dt, sin(1.0) + exp(l); }
static double ExactRK4(double l, double dt)
{
  const double z = 0.1 * l * dt;
  return pow(1 + z * (1 + z / 2 * (1 + z / 3 * (1 + z / 4))), floor(1 / dt + 0.5));
}

static PetscErrorCode TestEtd(void)
{
  PetscReal e[3], q;

  PetscFunctionBegin;
  PetscCall(Ode(Constant, PETSC_TRUE, 0.125, ExactConstant, &q));
  TapBelow(q, 8 * 8 * EPS, "etdrk4: exact for constant N, stiff or growing (8 steps of a few roundings)");
  PetscCall(Ode(Driven, PETSC_TRUE, 0.02, ExactDriven, &e[0]));
  PetscCall(Ode(Driven, PETSC_TRUE, 0.01, ExactDriven, &e[1]));
  PetscCall(Ode(Driven, PETSC_TRUE, 0.005, ExactDriven, &e[2]));
  TapNear(log2(e[0] / e[1]), 4, 0.1, "etdrk4: order 4 with a stiff part (dt L = -0.8)");
  TapNear(log2(e[1] / e[2]), 4, 0.1, "  and at half the step");
  PetscCall(Ode(Linear, PETSC_FALSE, 0.125, ExactRK4, &q));
  TapBelow(q, 8 * 8 * EPS, "etdrk4 without a linear part: the classical RK4's polynomial");
  PetscFunctionReturn(0);
}

/* ---- flows --------------------------------------------------------------------------------------------------------- */

static PetscErrorCode PreStep(TS ts)
{
  AeNS      ns;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &ns));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSBeginStep(ns, t));
  PetscFunctionReturn(0);
}
static PetscErrorCode PostEvaluate(TS ts)
{
  AeNS      ns;
  PetscReal t;
  Vec       U;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &ns));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetSolution(ts, &U));
  PetscCall(AeNSEndStep(ns, t, U));
  PetscFunctionReturn(0);
}

typedef struct {
  PetscReal l2, energy[2], work,
    div;            /* error of the velocity; energy at both ends, integral of input - dissipation by Simpson's rule */
  PetscReal scalar; /* sqrt of the scalar's error, if it is a wave carried along */
} Outcome;

static PetscReal budget;
static PetscInt  budget_step, budget_steps;

static PetscErrorCode PostStep(TS ts)
{
  AeNS      ns;
  AeNSSums  s;
  PetscReal dt, t;
  PetscInt  weight;
  Vec       U;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &ns));
  PetscCall(TSGetSolution(ts, &U));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSSumsOf(ns, U, &s));
  budget_step++;
  dt     = t / budget_step;
  weight = budget_step == budget_steps ? 1 : budget_step % 2 ? 4 : 2;
  budget += weight * dt / 3 * (s.input - s.dissipation);
  PetscFunctionReturn(0);
}

static Vec kept; /* takes the state that a flow ends with, if it is not NULL */

static PetscErrorCode Flow(const char options[], const char type[], PetscInt steps, PetscReal T, Outcome *out)
{
  AeNS      ns;
  AeBand    b;
  TS        ts;
  TSAdapt   adapt;
  Vec       U, start;
  PetscReal t, l2[3], linf[3], skew, nu;
  PetscBool exact;
  PetscInt  nf;
  AeNSSums  s;

  PetscFunctionBegin;
  PetscCall(PetscOptionsClear(NULL));
  PetscCall(PetscOptionsInsertString(NULL, "-fft_rigor estimate"));
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &ns));
  PetscCall(AeNSGet(ns, NULL, NULL, &nf, &b, &nu));
  PetscCall(AeNSCreateVec(ns, &U));
  PetscCall(AeNSSetInitial(ns, U, &t));
  PetscCall(VecDuplicate(U, &start));
  PetscCall(VecCopy(U, start));
  PetscCall(AeNSSumsOf(ns, U, &s));
  out->energy[0] = s.energy;
  budget         = T / steps / 3 * (s.input - s.dissipation);
  budget_step    = 0;
  budget_steps   = steps;
  PetscCall(TSCreate(PETSC_COMM_WORLD, &ts));
  PetscCall(TSSetProblemType(ts, TS_NONLINEAR));
  PetscCall(TSSetType(ts, type));
  if (!strcmp(type, TSRK)) PetscCall(TSRKSetType(ts, TSRK4));
  PetscCall(TSSetApplicationContext(ts, ns));
  PetscCall(TSSetPreStep(ts, PreStep));
  PetscCall(TSSetPostEvaluate(ts, PostEvaluate));
  PetscCall(TSSetPostStep(ts, PostStep));
  PetscCall(AeNSSetUpTS(ns, ts));
  PetscCall(TSSetTimeStep(ts, T / steps));
  PetscCall(TSSetMaxTime(ts, T));
  PetscCall(TSSetMaxSteps(ts, steps));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  PetscCall(TSSolve(ts, U));
  PetscCall(AeNSSumsOf(ns, U, &s));
  PetscCall(AeNSErrors(ns, U, T, l2, linf, &exact));
  PetscCall(AeNSPointwise(ns, U, &out->div, &skew));
  out->energy[1] = s.energy;
  out->work      = budget;
  out->l2        = exact ? sqrt(l2[0] * l2[0] + l2[1] * l2[1] + l2[2] * l2[2]) : NAN;
  if (
    nf ==
    4) { /* cos(k.(x - U t)) e^{-kappa k^2 t}, k = (1,2,0), U = (1, 0.5, 0), kappa = nu: every wave turns and decays by itself */
    const double *u, *v;
    double        e = 0;

    PetscCall(VecGetArrayRead(U, &u));
    PetscCall(VecGetArrayRead(start, &v));
    for (ptrdiff_t i = 3 * AeBandSize(b); i < 4 * AeBandSize(b); i++) {
      const double complex turn = cexp(-T * (5 * nu + 2 * _Complex_I)); /* k.U = 2 */
      e = fmax(e, cabs(u[2 * i] + _Complex_I * u[2 * i + 1] - turn * (v[2 * i] + _Complex_I * v[2 * i + 1])));
    }
    PetscCall(VecRestoreArrayRead(U, &u));
    PetscCall(VecRestoreArrayRead(start, &v));
    MPI_Allreduce(MPI_IN_PLACE, &e, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
    out->scalar = e;
  }
  PetscCall(TSDestroy(&ts));
  if (kept) PetscCall(VecCopy(U, kept));
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&start));
  PetscCall(AeNSDestroy(&ns));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestFlows(const char type[])
{
  const PetscBool etd = (PetscBool)!strcmp(type, AE_TS_ETDRK4);
  const double    rms = sqrt(3.0), log2N = log2(12 * 12 * 12.0);
  Outcome         o[3];
  char            what[128];
#define SAY(text) (snprintf(what, sizeof what, "%s: %s", type, text), what)

  PetscFunctionBegin;
  /* each step adds the rounding of its four evaluations and of the combination */
  PetscCall(Flow("-ns_initial abc -ns_re 10 -grid_n 12,12,12", type, 40, 2.0, &o[0]));
  TapBelow(o[0].l2, 40 * rms * 4 * EPS * log2N, SAY("ABC decays like e^{-nu t} to rounding"));
  TapBelow(o[0].div, 4 * rms * 4 * EPS * log2N * 4, SAY("  no divergence"));
  for (int r = 0; r < 3; r++)
    PetscCall(Flow("-ns_initial abc -ns_mean_flow 1,0.5,0.25 -ns_re 10 -grid_n 8,12,10", type, 10 << r, 1.0, &o[r]));
  TapNear(log2(o[0].l2 / o[1].l2), 4, 0.1, SAY("ABC carried by a mean flow: order 4"));
  TapNear(log2(o[1].l2 / o[2].l2), 4, 0.1, SAY("  again"));
  for (int r = 0; r < 3; r++)
    PetscCall(Flow("-ns_initial abc -ns_forcing abc -ns_re 2 -grid_n 8,8,8", type, 20 << r, 5.0, &o[r]));
  if (etd) TapBelow(o[0].l2, 20 * rms * 4 * EPS * log2N, SAY("ABC under the force nu u: steady to rounding"));
  else {
    TapNear(log2(o[0].l2 / o[1].l2), 4, 0.1,
            SAY("ABC under the force nu u: drifts at order 4, the force is not constant for an integrating factor"));
    TapNear(log2(o[1].l2 / o[2].l2), 4, 0.1, SAY("  again"));
  }
  for (int r = 0; r < 2; r++)
    PetscCall(Flow("-ns_initial rest -ns_mean_flow 1,0.5,0 -ns_scalar wave -ns_scalar_k 1,2,0 -ns_re 20 -grid_n 8,8,8", type,
                   10 << r, 1.0, &o[r]));
  TapNear(log2(o[0].scalar / o[1].scalar), 4, 0.1, SAY("scalar wave carried and diffused: order 4"));
  /* dE/dt = <u.f> - eps: Simpson's rule and the stepper are both of order 4 */
  for (int r = 0; r < 3; r++)
    PetscCall(Flow("-ns_initial random -ns_forcing kolmogorov -ns_forcing_amplitude 0.5 -ns_re 20 -grid_n 16,16,16", type,
                   10 << r, 0.5, &o[r]));
  TapNear(log2(fabs(o[0].energy[1] - o[0].energy[0] - o[0].work) / fabs(o[1].energy[1] - o[1].energy[0] - o[1].work)), 4, 0.5,
          SAY("energy is balanced up to O(dt^4)"));
  TapBelow(fabs(o[2].energy[1] - o[2].energy[0] - o[2].work), fabs(o[2].work) * 1e-6,
           SAY("  to a millionth of the work done at 40 steps"));
  PetscFunctionReturn(0);
}

/* Waves on two clocks. Random waves: all triads of low and high ones act. */
static PetscErrorCode TestOctaves(void)
{
  static const char flow[] = "-ns_initial random -ns_re 20 -ns_forcing kolmogorov -ns_scalar random -grid_n 16,12,14 "
                             "-ts_octaves_low 2 -ts_octaves_substeps 2";
  AeNS              ns;
  Vec               exact, U[3];
  Outcome           o[4];
  PetscReal         e[3];

  PetscFunctionBegin;
  PetscCall(PetscOptionsInsertString(NULL, flow));
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &ns));
  PetscCall(AeNSCreateVec(ns, &exact));
  for (int r = 0; r < 3; r++) PetscCall(VecDuplicate(exact, &U[r]));
  PetscCall(AeNSDestroy(&ns));
  kept = exact;
  PetscCall(Flow(flow, AE_TS_ETDRK4, 256, 0.5, &o[3]));
  for (int r = 0; r < 3; r++) {
    kept = U[r];
    PetscCall(Flow(flow, AE_TS_OCTAVES, 16 << r, 0.5, &o[r]));
    PetscCall(VecAXPY(U[r], -1.0, exact));
    PetscCall(VecNorm(U[r], NORM_2, &e[r]));
  }
  kept = NULL;
  TapNear(log2(e[0] / e[1]), 3, 0.1, "octaves: order 3 with low and high waves on clocks of their own");
  TapNear(log2(e[1] / e[2]), 3, 0.1, "  again");
  TapBelow(o[2].div, 64 * 8 * 4 * EPS * log2(16 * 12 * 14.0) * 8 * 8,
           "  no divergence: roundings of 64 steps of 8 combinations, times k");
  TapNear(log2(fabs(o[0].energy[1] - o[0].energy[0] - o[0].work) / fabs(o[1].energy[1] - o[1].energy[0] - o[1].work)), 3, 0.5,
          "  energy is balanced up to O(dt^3)");
  /* all waves that there are on the fast clock: the flow is A's, and the stepper the classical RK4 of a third of the step */
  PetscCall(
    Flow("-ns_initial abc -ns_mean_flow 1,0.5,0.25 -ns_re 10 -grid_n 8,12,10 -ts_octaves_low 1", AE_TS_OCTAVES, 10, 1.0, &o[0]));
  PetscCall(Flow("-ns_initial abc -ns_mean_flow 1,0.5,0.25 -ns_re 10 -grid_n 8,12,10", TSRK, 30, 1.0, &o[1]));
  TapNear(o[0].l2 / o[1].l2, 1, 0.05, "octaves on low waves alone: as accurate as rk of a third of the step");
  for (int r = 0; r < 3; r++) PetscCall(VecDestroy(&U[r]));
  PetscCall(VecDestroy(&exact));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(AeNSRegister());
  PetscCall(TestEtd());
  PetscCall(TestFlows(TSRK));
  PetscCall(TestFlows(AE_TS_ETDRK4));
  PetscCall(TestOctaves());
  PetscCall(PetscOptionsClear(NULL));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
