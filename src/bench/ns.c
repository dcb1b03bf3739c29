/*
  aeonic bench ns: a step of Navier-Stokes beside one real transform of the same size, planned with FFTW_MEASURE and timed by
  turns with it in the same run. On several ranks also both on one rank, for the speed-up.
  Then etdrk4 and rk at equal error, on a box of its own.
*/
#include "bench_private.h"
#include <aeonic/audit.h>
#include <aeonic/ns.h>

enum { REPS = 3 * AE_BENCH_REPS };

typedef struct {
  PetscReal step, etd, fft; /* seconds, least of REPS */
  PetscInt  own, library;   /* allocations in a step */
} Times;

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

/* A TS that makes steps of dt for ever: TSADAPTNONE, and no final time that it would shorten a step for. Set up here, so that
   no step allocates. */
static PetscErrorCode CreateTS(AeNS ns, const char type[], Vec U, PetscReal dt, TS *ts)
{
  MPI_Comm comm;

  PetscFunctionBegin;
  PetscCall(PetscObjectGetComm((PetscObject)U, &comm));
  PetscCall(TSCreate(comm, ts));
  PetscCall(TSSetProblemType(*ts, TS_NONLINEAR));
  PetscCall(TSSetType(*ts, type));
  if (!strcmp(type, TSRK)) PetscCall(TSRKSetType(*ts, TSRK4));
  PetscCall(TSSetApplicationContext(*ts, ns));
  PetscCall(AeNSSetUpTS(ns, *ts));
  PetscCall(TSSetSolution(*ts, U));
  PetscCall(TSSetTimeStep(*ts, dt));
  PetscCall(TSSetMaxTime(*ts, 1e10));
  PetscCall(TSSetMaxSteps(*ts, PETSC_MAX_INT));
  PetscCall(TSSetExactFinalTime(*ts, TS_EXACTFINALTIME_STEPOVER));
  {
    TSAdapt adapt;
    PetscCall(TSGetAdapt(*ts, &adapt));
    PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  }
  PetscCall(TSSetUp(*ts));
  PetscFunctionReturn(0);
}

/* One step as TSSolve makes it, and what it takes beyond TSStep. */
static PetscErrorCode Step(AeNS ns, TS ts, Vec U, PetscReal *seconds)
{
  MPI_Comm  comm;
  PetscReal t;
  PetscReal t0;

  PetscFunctionBegin;
  PetscCall(PetscObjectGetComm((PetscObject)U, &comm));
  PetscCall(AeBenchNow(comm, &t0));
  AeAuditStepBegin();
  PetscCall(PreStep(ts));
  PetscCall(TSStep(ts));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSEndStep(ns, t, U));
  AeAuditStepEnd();
  PetscCall(AeBenchSince(comm, t0, seconds));
  PetscFunctionReturn(0);
}

static PetscErrorCode Transform(AeFFT f, double *u, PetscReal *seconds)
{
  PetscReal t0;

  PetscFunctionBegin;
  PetscCall(AeBenchNow(f->comm, &t0));
  PetscCall(AeFFTForward(f, u));
  PetscCall(AeFFTBackward(f, u));
  PetscCall(AeBenchSince(f->comm, t0, seconds));
  *seconds *= 0.5;
  for (size_t i = 0; i < f->doubles; i++) u[i] *= f->scale;
  PetscFunctionReturn(0);
}

/* rk, a transform and etdrk4 by turns, so that all three meet the same machine; two problems of their own, since a problem
   keeps what its stepper has seen. The first turn is not counted: plans, pages. Allocations are those of all steps after the
   audit's warm-up. */
static PetscErrorCode Measure(MPI_Comm comm, PetscInt n, Times *times)
{
  const PetscInt    size[3] = {n, n, n};
  const AeTransform kind[3] = {AE_DFT, AE_DFT, AE_DFT};
  AeNS              ns[2];
  AeFFT             f;
  TS                rk, etd;
  Vec               U, V;
  double           *u;
  PetscReal         t;
  PetscInt          counted;

  PetscFunctionBegin;
  PetscCall(AeAuditSetFromOptions(comm)); /* counts anew */
  PetscCall(AeNSCreate(comm, &ns[0]));
  PetscCall(AeNSCreate(comm, &ns[1]));
  PetscCall(AeNSCreateVec(ns[0], &U));
  PetscCall(AeNSSetInitial(ns[0], U, &t));
  PetscCall(VecDuplicate(U, &V));
  PetscCall(VecCopy(U, V));
  PetscCall(CreateTS(ns[0], TSRK, U, 1e-3, &rk));
  PetscCall(CreateTS(ns[1], AE_TS_ETDRK4, V, 1e-3, &etd));
  PetscCall(AeFFTGet(comm, size, kind, &f));
  PetscCall(AeFFTCreateBuffer(f, &u));
  for (size_t i = 0; i < f->doubles; i++) u[i] = 1e-3 * (double)(i % 1001) - 0.5;
  times->step = times->etd = times->fft = 1e30;
  for (int r = -1; r < REPS; r++) {
    PetscReal a, b, c;

    PetscCall(Step(ns[0], rk, U, &a));
    PetscCall(Transform(f, u, &b));
    PetscCall(Step(ns[1], etd, V, &c));
    if (r < 0) continue;
    times->step = PetscMin(times->step, a);
    times->fft  = PetscMin(times->fft, b);
    times->etd  = PetscMin(times->etd, c);
  }
  PetscCall(AeAuditCounts(&counted, &times->own, &times->library));
  PetscCall(TSDestroy(&rk));
  PetscCall(TSDestroy(&etd));
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&V));
  PetscCall(AeFFTDestroyBuffer(&u));
  PetscCall(AeNSDestroy(&ns[0]));
  PetscCall(AeNSDestroy(&ns[1]));
  PetscFunctionReturn(0);
}

enum { RUNS = 3, FINE = 320 };

/* From the initial state to t_end in `steps` steps; transforms and (the least) seconds of one of them. */
static PetscErrorCode Evolve(AeNS ns, const char type[], PetscInt steps, PetscReal t_end, Vec U, PetscReal *transforms,
                             PetscReal *seconds)
{
  TS         ts;
  PetscInt64 from, to, low;
  PetscReal  t, share;
  PetscInt   fields;

  PetscFunctionBegin;
  PetscCall(AeNSSetInitial(ns, U, &t));
  PetscCall(CreateTS(ns, type, U, t_end / (PetscReal)steps, &ts));
  PetscCall(AeNSGet(ns, NULL, NULL, &fields, NULL, NULL));
  PetscCall(AeNSWork(ns, &from, &low, &share));
  *seconds = PETSC_INFINITY;
  for (PetscInt i = 0; i < steps; i++) {
    PetscReal s;

    PetscCall(Step(ns, ts, U, &s));
    *seconds = PetscMin(*seconds, s);
  }
  PetscCall(AeNSWork(ns, &to, &low, &share));
  *transforms = (PetscReal)(to - from) * (fields > 3 ? 13.0 : 9.0) / (PetscReal)steps;
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}

/* The dt at which a scheme errs by e: between two of its runs, or beyond the nearest two, by the power law through them. */
static PetscReal DtOf(const PetscReal dt[RUNS], const PetscReal error[RUNS], PetscReal e)
{
  const int i = e > error[1] ? 0 : 1;

  return dt[i] * PetscPowReal(e / error[i], PetscLogReal(dt[i + 1] / dt[i]) / PetscLogReal(error[i + 1] / error[i]));
}

/*
  Both schemes with three dt each, against the finest run: the root mean square of the difference of velocities over that of the
  velocity. At the error in the middle of what both have, the work of a unit of time.
*/
static PetscErrorCode EqualError(AeRun run, PetscInt n)
{
  static const char *const types[2] = {TSRK, AE_TS_ETDRK4}, *const names[2] = {"rk", "etdrk4"};
  const PetscReal t_end = 2.0;
  PetscReal dt[RUNS], error[2][RUNS], transforms[2], seconds[2] = {PETSC_INFINITY, PETSC_INFINITY}, unused[2], target, cost[2][2],
                                                     nu;
  const char *initial;
  char        key[64];
  AeNSSums    fine, difference;
  AeNS        ns;
  Vec         U, best;

  PetscFunctionBegin;
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &ns));
  PetscCall(AeNSGet(ns, &initial, NULL, NULL, NULL, &nu));
  PetscCall(AeNSCreateVec(ns, &U));
  PetscCall(VecDuplicate(U, &best));
  PetscCall(Evolve(ns, TSRK, FINE, t_end, best, &unused[0], &unused[1]));
  PetscCall(AeNSSumsOf(ns, best, &fine));
  for (int i = 0; i < RUNS; i++) {
    const PetscInt steps = 20 << i;

    dt[i] = t_end / (PetscReal)steps;
    for (int s = 0; s < 2; s++) {
      PetscReal least = 0;

      PetscCall(Evolve(ns, types[s], steps, t_end, U, &transforms[s], &least));
      seconds[s] = PetscMin(seconds[s], least);
      PetscCall(VecAXPY(U, -1.0, best));
      PetscCall(AeNSSumsOf(ns, U, &difference));
      error[s][i] = PetscSqrtReal(difference.energy / fine.energy);
    }
  }
  target = PetscSqrtReal(PetscMax(error[0][RUNS - 1], error[1][RUNS - 1]) * PetscMin(error[0][0], error[1][0]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  %s, Re %.6g, %" PetscInt_FMT "^3, error at t = %.6g:", initial, (double)(1.0 / nu),
                        n, (double)t_end));
  for (int i = 0; i < RUNS; i++)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s dt %.6g rk %.2e etdrk4 %.2e", i ? ";" : "", (double)dt[i], (double)error[0][i],
                          (double)error[1][i]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "\n  for an error of %.2e a unit of time takes", (double)target));
  for (int s = 0; s < 2; s++) {
    const PetscReal steps = 1.0 / DtOf(dt, error[s], target);

    cost[s][0] = steps * transforms[s];
    cost[s][1] = steps * seconds[s];
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s %s %.0f transforms, %.4g s", s ? ";" : "", names[s], (double)cost[s][0],
                          (double)cost[s][1]));
    for (int i = 0; i < RUNS; i++) {
      PetscCall(PetscSNPrintf(key, sizeof key, "bench.ns.error.%s.%d", names[s], i));
      PetscCall(AeRunSetReal(run, key, error[s][i]));
    }
    PetscCall(PetscSNPrintf(key, sizeof key, "bench.ns.equal_error.%s_transforms", names[s]));
    PetscCall(AeRunSetReal(run, key, cost[s][0]));
    PetscCall(PetscSNPrintf(key, sizeof key, "bench.ns.equal_error.%s_s", names[s]));
    PetscCall(AeRunSetReal(run, key, cost[s][1]));
  }
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "; etdrk4 over rk %.2f, %.2f\n", (double)(cost[1][0] / cost[0][0]),
                        (double)(cost[1][1] / cost[0][1])));
  PetscCall(AeRunSetReal(run, "bench.ns.equal_error", target));
  PetscCall(AeRunSetReal(run, "bench.ns.equal_error.etdrk4_over_rk", cost[1][0] / cost[0][0]));
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&best));
  PetscCall(AeNSDestroy(&ns));
  PetscFunctionReturn(0);
}

static void Print(const char what[], const Times *t)
{
  printf("  %-8s step rk %8.3f ms = %5.2f x 36 transforms; etdrk4 %8.3f ms; real transform %7.3f ms; allocations in all steps: "
         "%d ours, %d in libraries\n",
         what, 1e3 * t->step, t->step / (36 * t->fft), 1e3 * t->etd, 1e3 * t->fft, (int)t->own, (int)t->library);
}

/* For the second part -grid_n is that of a smaller box, and put back. */
PetscErrorCode AeBenchNS(AeRun run, PetscInt n)
{
  Times       one = {1, 1, 1, 0, 0}, all;
  PetscMPIInt size, rank;
  char        text[64], sizes[2][64];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "Navier-Stokes, %" PetscInt_FMT "^3 points, least of %d\n", n, REPS));
  if (size > 1) { /* rank 0 alone, the others idle */
    if (!rank) PetscCall(Measure(PETSC_COMM_SELF, n, &one));
    PetscCallMPI(MPI_Bcast(&one, (PetscMPIInt)sizeof one, MPI_BYTE, 0, PETSC_COMM_WORLD));
    if (!rank) Print("1 rank", &one);
  }
  PetscCall(Measure(PETSC_COMM_WORLD, n, &all));
  PetscCall(PetscSNPrintf(text, sizeof text, "%d rank%s", size, size > 1 ? "s" : ""));
  if (!rank) Print(text, &all);
  PetscCall(AeRunSetReal(run, "bench.ns.step_s", all.step));
  PetscCall(AeRunSetReal(run, "bench.ns.fft_s", all.fft));
  PetscCall(AeRunSetReal(run, "bench.ns.step_over_36_fft", all.step / (36 * all.fft)));
  PetscCall(AeRunSetReal(run, "bench.ns.etdrk4_step_s", all.etd));
  PetscCall(AeRunSetInt(run, "mem.allocs_per_step.own", all.own));
  PetscCall(AeRunSetInt(run, "mem.allocs_per_step.library", all.library));
  if (size > 1) {
    PetscCall(AeRunSetReal(run, "bench.ns.speedup", one.step / all.step));
    PetscCall(AeRunSetReal(run, "bench.ns.fft_speedup", one.fft / all.fft));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  speed-up of a step %.2f, of FFTW's transform %.2f: %.2f of it\n",
                          (double)(one.step / all.step), (double)(one.fft / all.fft),
                          (double)(one.step / all.step / (one.fft / all.fft))));
  }
  PetscCall(PetscOptionsGetString(NULL, NULL, "-grid_n", sizes[0], sizeof sizes[0], NULL));
  n = PetscMin(n, 32); /* errors in time do not ask for more */
  PetscCall(PetscSNPrintf(sizes[1], sizeof sizes[1], "%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT, n, n, n));
  PetscCall(PetscOptionsSetValue(NULL, "-grid_n", sizes[1]));
  PetscCall(EqualError(run, n));
  PetscCall(PetscOptionsSetValue(NULL, "-grid_n", sizes[0]));
  PetscFunctionReturn(0);
}
