/*
  aeonic spectrum: eigenvalues by SLEPc of what evolves or corrects, matrix-free.

    magnitude   the largest |lambda| of J = dF/du, J v = (F(u + e v) - F(u - e v))/(2 e), and the time step at which
                lambda dt leaves the stability region of the Runge-Kutta scheme; of the elliptic engine: its contraction
    rightmost   the fastest growing mode, through the flow map: mu of the largest |mu| of the linearised evolution over a time T,
                Re lambda = log |mu| / T, Im lambda = arg mu / T modulo 2 pi / T

  Unknowns stand in compact Vecs. What differs between spacetimes, flows and elliptic problems is a SpectrumSubject.
*/
#include "spectrum_app.h"
#include <aeonic/commands.h>

static const SpectrumSubject *const Subjects[] = {&SpectrumGR, &SpectrumNS, &SpectrumElliptic, &SpectrumQNM};
enum { SUBJECTS = PETSC_STATIC_ARRAY_LENGTH(Subjects) };

/* w = J v or the linearised flow of v: differences about u; e v, and what a flow makes of it, at most a->difference */
PetscErrorCode SpectrumDifferences(Spectrum *a, Vec v, Vec w)
{
  PetscReal size, e;
  Vec       result = NULL;

  PetscFunctionBegin;
  PetscCall(VecNorm(v, NORM_INFINITY, &size));
  PetscCheck(isfinite(size), PETSC_COMM_WORLD, AE_ERR_FAILED,
             "the linearised equations give numbers that are not finite; a smaller -ts_dt may help");
  if (size == 0) {
    PetscCall(VecSet(w, 0.0));
    PetscFunctionReturn(0);
  }
  e = a->difference / (size * a->gain);
  for (int side = 0; side < 2; side++) {
    PetscCall((*a->subject->perturb)(a, side ? -e : e, v));
    PetscCall((*a->subject->advance)(a, &result));
    PetscCall((*a->subject->take)(a, result, (side ? -0.5 : 0.5) / e, (PetscBool)side, w));
  }
  a->products++;
  if (a->which == SPECTRUM_RIGHTMOST) {
    PetscReal after;

    PetscCall(VecNorm(w, NORM_INFINITY, &after));
    a->gain = PetscMax(a->gain, after / size);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode SpectrumEvolve(Spectrum *a)
{
  PetscFunctionBegin;
  PetscCall(TSSetTime(a->ts, 0.0));
  PetscCall(TSSetStepNumber(a->ts, 0));
  PetscCall(TSSetTimeStep(a->ts, a->dt));
  PetscCall(TSSetConvergedReason(a->ts, TS_CONVERGED_ITERATING));
  PetscCall(TSSolve(a->ts, a->Y));
  PetscFunctionReturn(0);
}

static PetscErrorCode Mult(Mat J, Vec v, Vec w)
{
  Spectrum *a;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(J, &a));
  PetscCall((*a->subject->mult)(a, v, w));
  PetscFunctionReturn(0);
}

/* ---- set-up ---- */

PetscErrorCode SpectrumCreateTS(Spectrum *a)
{
  TSAdapt adapt;

  PetscFunctionBegin;
  PetscCall(TSCreate(PETSC_COMM_WORLD, &a->ts));
  PetscCall(TSSetProblemType(a->ts, TS_NONLINEAR));
  PetscCall(TSSetMaxSteps(a->ts, PETSC_MAX_INT));
  PetscCall(TSSetExactFinalTime(a->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetErrorIfStepFails(a->ts, PETSC_FALSE));
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateSolver(Spectrum *a)
{
  PetscFunctionBegin;
  PetscCall(MatCreateShell(PETSC_COMM_WORLD, a->size, a->size, PETSC_DETERMINE, PETSC_DETERMINE, a, &a->J));
  PetscCall(MatShellSetOperation(a->J, MATOP_MULT, (void (*)(void))Mult));
  PetscCall(PetscObjectSetName((PetscObject)a->J, a->subject->operators[a->which]));
  PetscCall(EPSCreate(PETSC_COMM_WORLD, &a->eps));
  PetscCall(EPSSetOperators(a->eps, a->J, NULL));
  PetscCall(EPSSetProblemType(a->eps, EPS_NHEP));
  PetscCall(EPSSetType(a->eps, EPSKRYLOVSCHUR));
  PetscCall(EPSSetWhichEigenpairs(a->eps, EPS_LARGEST_MAGNITUDE));
  PetscCall(EPSSetDimensions(a->eps, a->which == SPECTRUM_MAGNITUDE && a->ts ? 2 : 1, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscCall(EPSSetTolerances(a->eps, 1e-5, 200));
  PetscCall(EPSSetFromOptions(a->eps));
  PetscFunctionReturn(0);
}

/* The subject reads its own options first; what depends on a stepper, as the time of the flow whose linearisation is taken,
   comes after. */
static PetscErrorCode Create(Spectrum *a)
{
  static const char *const which[] = {"magnitude", "rightmost"};
  const char              *names[SUBJECTS];
  PetscInt                 of = 0;

  PetscFunctionBegin;
  for (int i = 0; i < SUBJECTS; i++) names[i] = Subjects[i]->name;
  a->gain       = 1.0;
  a->difference = PetscPowReal(PETSC_MACHINE_EPSILON, 1.0 / 3.0);
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Spectrum", "aeonic spectrum");
  PetscCall(AeOptChoice("-spectrum_of",
                        "of the state of aeonic gr or ns that their options describe, of the preconditioner of a problem of "
                        "aeonic elliptic, or quasinormal modes of Schwarzschild; -help with each lists its options",
                        "", names, SUBJECTS, &of, NULL));
  PetscCall(AeOptChoice("-spectrum_which",
                        "the eigenvalues of largest magnitude, which limit the time step, or the fastest growing mode", "", which,
                        2, &a->which, NULL));
  PetscOptionsEnd();
  a->subject = Subjects[of];
  PetscCheck(a->subject->operators[a->which], PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-spectrum_which %s: -spectrum_of %s has eigenvalues of magnitude only", which[a->which], names[of]);
  PetscCall((*a->subject->create)(a));
  if (a->ts) {
    PetscCall(SpectrumPolynomial(a));
    PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Spectrum", "aeonic spectrum");
    PetscCall(AeOptPositive("-spectrum_time", "length of the evolution whose linearisation finds the fastest growing mode", "M",
                            "", &a->time, NULL));
    PetscOptionsEnd();
    PetscCall(TSSetMaxTime(a->ts, a->time));
  }
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "spectrum", a->name, &a->run));
  if (!a->subject->solve) PetscCall(CreateSolver(a));
  PetscFunctionReturn(0);
}

/* ---- results ---- */

static PetscErrorCode Record(Spectrum *a, PetscInt i, PetscReal re, PetscReal im, PetscReal error)
{
  char key[64];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(key, sizeof key, "spectrum.lambda.%" PetscInt_FMT ".re", i));
  PetscCall(AeRunSetReal(a->run, key, re));
  PetscCall(PetscSNPrintf(key, sizeof key, "spectrum.lambda.%" PetscInt_FMT ".im", i));
  PetscCall(AeRunSetReal(a->run, key, im));
  PetscCall(PetscSNPrintf(key, sizeof key, "spectrum.lambda.%" PetscInt_FMT ".residual", i));
  PetscCall(AeRunSetReal(a->run, key, error));
  PetscFunctionReturn(0);
}

static PetscErrorCode ReportCap(Spectrum *a, PetscReal dt)
{
  PetscFunctionBegin;
  PetscCall(AeRunSetReal(a->run, "spectrum.dt_limit", dt));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "cap: dt = %.6g", (double)dt));
  if (a->h > 0) PetscCall(PetscPrintf(PETSC_COMM_WORLD, " (-gr_cfl %.4g)", (double)(dt / a->h)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, " keeps these in the scheme's stability region"));
  if (a->dt_stable > 0) {
    PetscCall(AeRunSetReal(a->run, "spectrum.dt_stable", a->dt_stable));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "; the estimate from speeds is %.6g, %.4f of it", (double)a->dt_stable,
                          (double)(a->dt_stable / dt)));
  }
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "\n"));
  PetscFunctionReturn(0);
}

/* A line for each eigenvalue, and what they mean. */
static PetscErrorCode Report(Spectrum *a, PetscInt converged)
{
  const PetscBool flow = (PetscBool)(a->which == SPECTRUM_RIGHTMOST), limits = (PetscBool)(!flow && a->ts);
  PetscReal       dt = PETSC_MAX_REAL, growth = -PETSC_INFINITY, largest = 0;

  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "        Re lambda        Im lambda   residual  %s\n",
                        limits ? "dt limit"
                        : flow ? "|mu|"
                               : "|lambda|"));
  for (PetscInt i = 0; i < converged; i++) {
    PetscReal re, im, error, last, size;

    PetscCall(EPSGetEigenvalue(a->eps, i, &re, &im));
    PetscCall(EPSGetErrorEstimate(a->eps, i, &error));
    last = size = PetscSqrtReal(re * re + im * im);
    if (limits) {
      last = size > 0 ? SpectrumBoundary(a, re, im) / size : PETSC_MAX_REAL;
      dt   = PetscMin(dt, last);
    } else if (flow) {
      im = PetscAtan2Real(im, re) / a->time;
      re = PetscLogReal(size) / a->time;
    }
    growth  = PetscMax(growth, re);
    largest = PetscMax(largest, size);
    PetscCall(
      PetscPrintf(PETSC_COMM_WORLD, "%17.10g %16.10g   %8.1e  %.8g\n", (double)re, (double)im, (double)error, (double)last));
    PetscCall(Record(a, i, re, im, error));
  }
  if (!a->ts) {
    PetscCall(AeRunSetReal(a->run, "spectrum.contraction", largest));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "contraction of an error by a cycle, in the end: %.6g\n", (double)largest));
    PetscFunctionReturn(0);
  }
  PetscCall(AeRunSetReal(a->run, "spectrum.growth", growth));
  if (limits) PetscCall(ReportCap(a, dt));
  else
    PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                          "fastest mode: amplitude exp(%.6g t) under steps of %.4g over t = %.4g; Im lambda modulo %.4g\n",
                          (double)growth, (double)a->dt, (double)a->time, (double)(2 * PETSC_PI / a->time)));
  PetscFunctionReturn(0);
}

/* Fewer eigenvalues than were asked for is a failure of the run, after those that were found have been reported. */
static PetscErrorCode Solve(Spectrum *a)
{
  PetscInt n, wanted, its;
  Vec      start;

  PetscFunctionBegin;
  PetscCall(MatCreateVecs(a->J, &start, NULL));
  PetscCall((*a->subject->start)(a, start));
  PetscCall(EPSSetInitialSpace(a->eps, 1, &start));
  PetscCall(VecDestroy(&start));
  PetscCall(EPSSolve(a->eps));
  PetscCall(EPSGetConverged(a->eps, &n));
  PetscCall(EPSGetDimensions(a->eps, &wanted, NULL, NULL));
  PetscCall(EPSGetIterationNumber(a->eps, &its));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "%s of %s: %" PetscInt_FMT " eigenvalues after %" PetscInt_FMT " restarts, %" PetscInt_FMT " products\n",
                        a->subject->operators[a->which], a->what, n, its, a->products));
  PetscCall(AeRunSetInt(a->run, "spectrum.converged", n));
  PetscCall(AeRunSetInt(a->run, "spectrum.iterations", its));
  PetscCall(AeRunSetInt(a->run, "spectrum.products", a->products));
  if (n) PetscCall(Report(a, n));
  PetscCheck(n >= wanted, PETSC_COMM_WORLD, AE_ERR_FAILED,
             "%" PetscInt_FMT " of %" PetscInt_FMT " eigenvalues converged in %" PetscInt_FMT
             " restarts; raise -eps_max_it or -eps_ncv, or ask for fewer with -eps_nev",
             n, wanted, its);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Spectrum *a)
{
  PetscFunctionBegin;
  PetscCall(EPSDestroy(&a->eps));
  PetscCall(MatDestroy(&a->J));
  PetscCall(TSDestroy(&a->ts));
  PetscCall(VecDestroy(&a->U));
  PetscCall(VecDestroy(&a->Y));
  PetscCall(VecDestroy(&a->F));
  PetscCall(AeRunDestroy(&a->run));
  PetscCall((*a->subject->destroy)(a));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCommandSpectrum(const char topic[])
{
  Spectrum       app = {0};
  Spectrum      *a   = &app;
  PetscBool      help;
  PetscErrorCode ierr, closed;

  PetscFunctionBegin;
  (void)topic;
  PetscCall(SlepcInitialize(NULL, NULL, NULL, NULL));
  PetscCall(Create(a));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (!help) {
    if (a->subject->state) PetscCall((*a->subject->state)(a));
    PetscCall(AeRunOpen(a->run));
    ierr   = a->subject->solve ? (*a->subject->solve)(a) : Solve(a);
    closed = AeRunClose(a->run, (AeExit)AeonicExitStatus(ierr), ierr ? AeonicLastError() : "done");
    PetscCall(ierr ? ierr : closed);
    PetscCall(AeOptionsCheckLeft());
  }
  PetscCall(Destroy(a));
  PetscCall(SlepcFinalize());
  PetscFunctionReturn(0);
}
