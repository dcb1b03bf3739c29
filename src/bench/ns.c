/*
  aeonic bench ns: a step of Navier-Stokes beside one real transform of the same size, planned with FFTW_MEASURE and timed by
  turns with it in the same run. On several ranks also both on one rank, for the speed-up. On one rank seconds are the
  process's own, so that others on the machine do not count; on several they are the wall's.
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

static PetscErrorCode CreateTS(AeNS ns, const char type[], Vec U, TS *ts)
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
  PetscCall(TSSetTimeStep(*ts, 1e-3));
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
static PetscErrorCode Step(AeNS ns, TS ts, Vec U, PetscLogDouble *seconds)
{
  MPI_Comm       comm;
  PetscReal      t;
  PetscLogDouble t0, t1;

  PetscFunctionBegin;
  PetscCall(PetscObjectGetComm((PetscObject)U, &comm));
  PetscCall(AeBenchNow(comm, &t0));
  AeAuditStepBegin();
  PetscCall(PreStep(ts));
  PetscCall(TSStep(ts));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSEndStep(ns, t, U));
  AeAuditStepEnd();
  PetscCall(AeBenchNow(comm, &t1));
  *seconds = t1 - t0;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 1, MPI_DOUBLE, MPI_MAX, comm));
  PetscFunctionReturn(0);
}

static PetscErrorCode Transform(AeFFT f, double *u, PetscLogDouble *seconds)
{
  PetscLogDouble t0, t1;

  PetscFunctionBegin;
  PetscCall(AeBenchNow(f->comm, &t0));
  PetscCall(AeFFTForward(f, u));
  PetscCall(AeFFTBackward(f, u));
  PetscCall(AeBenchNow(f->comm, &t1));
  for (size_t i = 0; i < f->doubles; i++) u[i] *= f->scale;
  *seconds = 0.5 * (t1 - t0);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 1, MPI_DOUBLE, MPI_MAX, f->comm));
  PetscFunctionReturn(0);
}

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
  PetscCall(CreateTS(ns[0], TSRK, U, &rk));
  PetscCall(CreateTS(ns[1], AE_TS_ETDRK4, V, &etd));
  PetscCall(AeFFTGet(comm, size, kind, &f));
  PetscCall(AeFFTCreateBuffer(f, &u));
  for (size_t i = 0; i < f->doubles; i++) u[i] = 1e-3 * (double)(i % 1001) - 0.5;
  times->step = times->etd = times->fft = 1e30;
  for (int r = -1; r < REPS; r++) {
    PetscLogDouble a, b, c;

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

static void Print(const char what[], const Times *t)
{
  printf("  %-8s step rk %8.3f ms = %5.2f x 36 transforms; etdrk4 %8.3f ms; real transform %7.3f ms; allocations in all steps: %d ours, %d in libraries\n", what, 1e3 * t->step, t->step / (36 * t->fft), 1e3 * t->etd, 1e3 * t->fft, (int)t->own,
         (int)t->library);
}

PetscErrorCode AeBenchNS(AeRun run, PetscInt n)
{
  Times       one = {1, 1, 1, 0, 0}, all;
  PetscMPIInt size, rank;
  char        text[64];

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
  if (size == 1) PetscFunctionReturn(0);
  PetscCall(AeRunSetReal(run, "bench.ns.speedup", one.step / all.step));
  PetscCall(AeRunSetReal(run, "bench.ns.fft_speedup", one.fft / all.fft));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  speed-up of a step %.2f, of FFTW's transform %.2f: %.2f of it\n", (double)(one.step / all.step), (double)(one.fft / all.fft), (double)(one.step / all.step / (one.fft / all.fft))));
  PetscFunctionReturn(0);
}
