/*
  aeonic spectrum: eigenvalues of the evolution equations linearised about a state, by SLEPc.

    magnitude   the largest |lambda| of J = dF/du, J v = (F(u + e v) - F(u - e v))/(2 e), and the time step at which
                lambda dt leaves the stability region of the Runge-Kutta scheme
    rightmost   the fastest growing mode, through the flow map: mu of the largest |mu| of the linearised evolution over a time T,
                Re lambda = log |mu| / T, Im lambda = arg mu / T modulo 2 pi / T

  As in an evolution each argument is projected first (det gt = 1, tr At = 0) and given gauges are set. Unknowns are the interior cells of
  the evolved fields, in compact Vecs.
*/
#include <aeonic/commands.h>
#include <aeonic/gr.h>
#include <aeonic/levels.h>
#include <slepceps.h>
#undef I

enum { MAGNITUDE, RIGHTMOST };
enum { STAGES = 32 };

typedef struct {
  AeGR      gr;
  AeGrid    grid;
  AeFields  fields;
  AeInitial initial;
  AeRun     run;
  TS        ts;
  Vec       U, Y, F;
  PetscInt  which, degree;
  PetscReal dt, dt_stable, time;     /* of the flow's steps; AeGRStableDt; length of the flow */
  PetscReal coefficient[STAGES + 1]; /* of the scheme's stability polynomial */
  PetscInt  products;
  PetscReal gain; /* largest growth by the flow so far */
  Mat       J;
  EPS       eps;
} App;

/* ---- the stability region ---- */

/* R(z) = 1 + sum_j b^T A^(j-1) 1 z^j [Hairer & Wanner, Solving ODEs II, Eq. (IV.2.9)] */
static PetscErrorCode Polynomial(App *a)
{
  PetscInt         s;
  const PetscReal *A, *b;
  PetscReal        x[STAGES], y[STAGES];
  PetscBool        rk;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, TSRK, &rk));
  a->degree         = 4;
  a->coefficient[0] = 1.0;
  for (int j = 1; j <= 4; j++) a->coefficient[j] = a->coefficient[j - 1] / j;
  if (!rk) PetscFunctionReturn(0); /* multirate: classical RK4 */
  PetscCall(TSRKGetTableau(a->ts, &s, &A, &b, NULL, NULL, NULL, NULL, NULL));
  PetscCheck(s <= STAGES, PETSC_COMM_WORLD, AE_ERR_USAGE, "-ts_rk_type: a scheme of %" PetscInt_FMT " stages, more than %d", s, STAGES);
  a->degree = s;
  for (PetscInt i = 0; i < s; i++) x[i] = 1.0;
  for (PetscInt j = 1; j <= s; j++) {
    a->coefficient[j] = 0;
    for (PetscInt i = 0; i < s; i++) {
      a->coefficient[j] += b[i] * x[i];
      y[i] = 0;
      for (PetscInt k = 0; k < s; k++) y[i] += A[i * s + k] * x[k];
    }
    PetscCall(PetscArraycpy(x, y, s));
  }
  PetscFunctionReturn(0);
}

/* |R(r e^(i phi))|^2 */
static PetscReal Amplification(const App *a, PetscReal r, PetscReal phi)
{
  const PetscReal x = r * PetscCosReal(phi), y = r * PetscSinReal(phi);
  PetscReal       re = 0, im = 0;

  for (PetscInt j = a->degree; j >= 0; j--) {
    const PetscReal t = re * x - im * y + a->coefficient[j];

    im = re * y + im * x;
    re = t;
  }
  return re * re + im * im;
}

/* The first r at which |R| exceeds 1 along a ray; the imaginary axis for what lies to its right. 0 if it does so at once. */
static PetscReal Boundary(const App *a, PetscReal re, PetscReal im)
{
  const PetscReal phi = PetscAtan2Real(PetscAbsReal(im), PetscMin(re, 0.0)), step = 1e-2, slack = 1.0 + 1e-12;
  PetscReal       lo = 0, hi = step;

  while (hi < 100 && Amplification(a, hi, phi) <= slack) lo = hi, hi += step;
  for (int i = 0; i < 50; i++) {
    const PetscReal r = 0.5 * (lo + hi);

    if (Amplification(a, r, phi) <= slack) lo = r;
    else hi = r;
  }
  return lo;
}

/* ---- the operators ---- */

/* Y = u + e v on interior cells. */
static PetscErrorCode Perturb(App *a, PetscReal e, const double *v)
{
  const AeLayout *L;
  double         *y;

  PetscFunctionBegin;
  PetscCall(VecCopy(a->U, a->Y));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(a->Y, &y));
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++, v += L->nx)
        for (ptrdiff_t i = 0; i < L->nx; i++) y[AeAt(L, f, k, j, i)] += e * v[i];
  PetscCall(VecRestoreArray(a->Y, &y));
  PetscFunctionReturn(0);
}

/* w = c X, or w += c X with `add`. */
static PetscErrorCode Take(App *a, Vec X, PetscReal c, PetscBool add, double *w)
{
  const AeLayout *L;
  const double   *x;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(X, &x));
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++, w += L->nx)
        for (ptrdiff_t i = 0; i < L->nx; i++) w[i] = (add ? w[i] : 0.0) + c * x[AeAt(L, f, k, j, i)];
  PetscCall(VecRestoreArrayRead(X, &x));
  PetscFunctionReturn(0);
}

/* The state Y's right-hand side in F; or Y evolved over the flow's time, in Y. */
static PetscErrorCode Advance(App *a, Vec *result)
{
  PetscFunctionBegin;
  PetscCall(AeGRBeginStep(a->gr));
  PetscCall(AeGRPrepareStage(a->gr, a->Y, 0.0, 1, PETSC_TRUE));
  if (a->which == MAGNITUDE) {
    PetscCall(AeGRRHSFunction(a->ts, 0.0, a->Y, a->F, a->gr));
    *result = a->F;
    PetscFunctionReturn(0);
  }
  PetscCall(TSSetTime(a->ts, 0.0));
  PetscCall(TSSetStepNumber(a->ts, 0));
  PetscCall(TSSetTimeStep(a->ts, a->dt));
  PetscCall(TSSetConvergedReason(a->ts, TS_CONVERGED_ITERATING));
  PetscCall(TSSolve(a->ts, a->Y));
  *result = a->Y;
  PetscFunctionReturn(0);
}

/* w = J v or the linearised flow of v: differences about u; e v, and what a flow makes of it, at most the cube root of a
   rounding error */
static PetscErrorCode Mult(Mat J, Vec v, Vec w)
{
  App          *a;
  PetscReal     size, e;
  const double *x;
  double       *y;
  Vec           result = NULL;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(J, &a));
  PetscCall(VecNorm(v, NORM_INFINITY, &size));
  PetscCheck(isfinite(size), PETSC_COMM_WORLD, AE_ERR_FAILED, "the linearised equations give numbers that are not finite; a smaller -ts_dt may help");
  if (size == 0) {
    PetscCall(VecSet(w, 0.0));
    PetscFunctionReturn(0);
  }
  e = PetscPowReal(PETSC_MACHINE_EPSILON, 1.0 / 3.0) / (size * a->gain);
  PetscCall(VecGetArrayRead(v, &x));
  PetscCall(VecGetArrayWrite(w, &y));
  for (int side = 0; side < 2; side++) {
    PetscCall(Perturb(a, side ? -e : e, x));
    PetscCall(Advance(a, &result));
    PetscCall(Take(a, result, (side ? -0.5 : 0.5) / e, (PetscBool)side, y));
  }
  PetscCall(VecRestoreArrayWrite(w, &y));
  PetscCall(VecRestoreArrayRead(v, &x));
  a->products++;
  if (a->which == RIGHTMOST) {
    PetscReal after;

    PetscCall(VecNorm(w, NORM_INFINITY, &after));
    a->gain = PetscMax(a->gain, after / size);
  }
  PetscFunctionReturn(0);
}

/* The same numbers on any number of ranks. */
static PetscErrorCode SetStart(App *a, Vec v)
{
  const AeLayout *L;
  double         *x;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayWrite(v, &x));
  for (ptrdiff_t f = 0, c = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++) x[c++] = AeInitialNoise(1, (PetscInt)f, (PetscInt)i, (PetscInt)(a->grid->js + j), (PetscInt)(a->grid->ks + k));
  PetscCall(VecRestoreArrayWrite(v, &x));
  PetscFunctionReturn(0);
}

/* ---- set-up ---- */

static PetscErrorCode CreateStepper(App *a)
{
  DM        dm;
  TSAdapt   adapt;
  PetscBool rk, ours;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetDM(a->fields, &dm));
  PetscCall(TSCreate(PETSC_COMM_WORLD, &a->ts));
  PetscCall(TSSetProblemType(a->ts, TS_NONLINEAR));
  PetscCall(TSSetDM(a->ts, dm));
  PetscCall(TSSetType(a->ts, AE_TS_MULTIRATE));
  PetscCall(TSSetApplicationContext(a->ts, a->gr));
  PetscCall(TSSetRHSFunction(a->ts, NULL, AeGRRHSFunction, a->gr));
  PetscCall(TSSetPostStage(a->ts, AeGRPostStage));
  PetscCall(TSSetMaxSteps(a->ts, PETSC_MAX_INT));
  PetscCall(TSSetExactFinalTime(a->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetErrorIfStepFails(a->ts, PETSC_FALSE));
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  PetscCall(TSSetFromOptions(a->ts));
  PetscCall(AeTSMultirateSetCombine(a->ts, AeGRCombine, a->gr));
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, TSRK, &rk));
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, AE_TS_MULTIRATE, &ours));
  PetscCheck(ours || (rk && a->which == MAGNITUDE), PETSC_COMM_WORLD, AE_ERR_USAGE, "-ts_type: aeonic spectrum knows multirate, and for -spectrum_which magnitude rk");
  PetscCall(Polynomial(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateSolver(App *a)
{
  const AeLayout *L;
  PetscInt        n;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  n = (PetscInt)(L->nf * L->nk * L->nj * L->nx);
  PetscCall(MatCreateShell(PETSC_COMM_WORLD, n, n, PETSC_DETERMINE, PETSC_DETERMINE, a, &a->J));
  PetscCall(MatShellSetOperation(a->J, MATOP_MULT, (void (*)(void))Mult));
  PetscCall(PetscObjectSetName((PetscObject)a->J, a->which == MAGNITUDE ? "linearised right-hand side" : "linearised flow"));
  PetscCall(EPSCreate(PETSC_COMM_WORLD, &a->eps));
  PetscCall(EPSSetOperators(a->eps, a->J, NULL));
  PetscCall(EPSSetProblemType(a->eps, EPS_NHEP));
  PetscCall(EPSSetType(a->eps, EPSKRYLOVSCHUR));
  PetscCall(EPSSetWhichEigenpairs(a->eps, EPS_LARGEST_MAGNITUDE));
  PetscCall(EPSSetDimensions(a->eps, a->which == MAGNITUDE ? 2 : 1, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscCall(EPSSetTolerances(a->eps, 1e-5, 200));
  PetscCall(EPSSetFromOptions(a->eps));
  PetscFunctionReturn(0);
}

/* A state from a file has its own grid; others are looked at on a small one unless the user wants more: eigenvalues of waves
   scale with 1/h, and the basis holds some twenty states. */
static PetscErrorCode DefaultGrid(void)
{
  PetscBool given;
  char      initial[64] = "";

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-grid_n", &given));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-gr_initial", initial, sizeof initial, NULL));
  if (!given && strcmp(initial, "file")) PetscCall(PetscOptionsSetValue(NULL, "-grid_n", "16,16,16"));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(App *a)
{
  static const char *const which[] = {"magnitude", "rightmost"};

  PetscFunctionBegin;
  a->gain = 1.0;
  PetscCall(DefaultGrid());
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &a->gr));
  PetscCall(AeGRGet(a->gr, &a->grid, &a->fields, &a->initial, NULL, NULL));
  a->time = 10 * a->grid->h;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Spectrum", "aeonic spectrum");
  PetscCall(AeOptChoice("-spectrum_which", "the eigenvalues of largest magnitude, which limit the time step, or the fastest growing mode", "", which, 2, &a->which, NULL));
  PetscCall(AeOptPositive("-spectrum_time", "length of the evolution whose linearisation finds the fastest growing mode", "M", "", &a->time, NULL));
  PetscOptionsEnd();
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "spectrum", a->initial->datum->name, &a->run));
  PetscCall(CreateStepper(a));
  PetscCall(CreateSolver(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetState(App *a)
{
  PetscBool given;

  PetscFunctionBegin;
  PetscCall(AeFieldsCreateVec(a->fields, &a->U));
  PetscCall(VecDuplicate(a->U, &a->Y));
  if (a->which == MAGNITUDE) PetscCall(VecDuplicate(a->U, &a->F));
  PetscCall(AeGRSetState(a->gr, a->U, 0.0));
  PetscCall(AeGRStableDt(a->gr, a->U, &a->dt_stable));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(a->ts, &a->dt));
  if (!given) a->dt = PetscMin(AeGRCfl(a->gr) * a->grid->h, a->dt_stable);
  PetscCall(TSSetMaxTime(a->ts, a->time));
  PetscFunctionReturn(0);
}

/* ---- results ---- */

static PetscErrorCode Record(App *a, PetscInt i, PetscReal re, PetscReal im, PetscReal error)
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

/* A line for each eigenvalue, and what they mean for the time step. */
static PetscErrorCode Report(App *a, PetscInt converged)
{
  PetscReal dt = PETSC_INFINITY, growth = -PETSC_INFINITY;

  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "        Re lambda        Im lambda   residual  %s\n", a->which == MAGNITUDE ? "dt limit" : "|mu|"));
  for (PetscInt i = 0; i < converged; i++) {
    PetscReal re, im, error, last;

    PetscCall(EPSGetEigenvalue(a->eps, i, &re, &im));
    PetscCall(EPSGetErrorEstimate(a->eps, i, &error));
    if (a->which == MAGNITUDE) last = Boundary(a, re, im) / PetscSqrtReal(re * re + im * im);
    else {
      last = PetscSqrtReal(re * re + im * im);
      im   = PetscAtan2Real(im, re) / a->time;
      re   = PetscLogReal(last) / a->time;
    }
    dt     = PetscMin(dt, last);
    growth = PetscMax(growth, re);
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%17.10g %16.10g   %8.1e  %.8g\n", (double)re, (double)im, (double)error, (double)last));
    PetscCall(Record(a, i, re, im, error));
  }
  PetscCall(AeRunSetReal(a->run, "spectrum.growth", growth));
  if (a->which == RIGHTMOST) {
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "fastest mode: amplitude exp(%.6g t) under steps of %.4g over t = %.4g; Im lambda modulo %.4g\n", (double)growth, (double)a->dt, (double)a->time, (double)(2 * PETSC_PI / a->time)));
    PetscFunctionReturn(0);
  }
  PetscCall(AeRunSetReal(a->run, "spectrum.dt_limit", dt));
  PetscCall(AeRunSetReal(a->run, "spectrum.dt_stable", a->dt_stable));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "cap: dt = %.6g (-gr_cfl %.4g) keeps these in the scheme's stability region; the estimate from speeds is %.6g, %.4f of it\n", (double)dt, (double)(dt / a->grid->h), (double)a->dt_stable,
                        (double)(a->dt_stable / dt)));
  PetscFunctionReturn(0);
}

static PetscErrorCode Solve(App *a)
{
  PetscInt n, wanted, its;
  Vec      start;

  PetscFunctionBegin;
  PetscCall(MatCreateVecs(a->J, &start, NULL));
  PetscCall(SetStart(a, start));
  PetscCall(EPSSetInitialSpace(a->eps, 1, &start));
  PetscCall(VecDestroy(&start));
  PetscCall(EPSSolve(a->eps));
  PetscCall(EPSGetConverged(a->eps, &n));
  PetscCall(EPSGetDimensions(a->eps, &wanted, NULL, NULL));
  PetscCall(EPSGetIterationNumber(a->eps, &its));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s, %s on %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells: %" PetscInt_FMT " eigenvalues after %" PetscInt_FMT " restarts, %" PetscInt_FMT " products\n", a->initial->datum->name,
                        AeGRFormulation(a->gr), a->grid->n[0], a->grid->n[1], a->grid->n[2], n, its, a->products));
  PetscCall(AeRunSetInt(a->run, "spectrum.converged", n));
  PetscCall(AeRunSetInt(a->run, "spectrum.iterations", its));
  PetscCall(AeRunSetInt(a->run, "spectrum.products", a->products));
  if (n) PetscCall(Report(a, n));
  PetscCheck(n >= wanted, PETSC_COMM_WORLD, AE_ERR_FAILED, "%" PetscInt_FMT " of %" PetscInt_FMT " eigenvalues converged in %" PetscInt_FMT " restarts; raise -eps_max_it or -eps_ncv, or ask for fewer with -eps_nev", n, wanted, its);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(App *a)
{
  PetscFunctionBegin;
  PetscCall(EPSDestroy(&a->eps));
  PetscCall(MatDestroy(&a->J));
  PetscCall(TSDestroy(&a->ts));
  PetscCall(VecDestroy(&a->U));
  PetscCall(VecDestroy(&a->Y));
  PetscCall(VecDestroy(&a->F));
  PetscCall(AeRunDestroy(&a->run));
  PetscCall(AeGRDestroy(&a->gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCommandSpectrum(const char topic[])
{
  App            app = {0};
  App           *a   = &app;
  PetscBool      help;
  PetscErrorCode ierr, closed;

  PetscFunctionBegin;
  (void)topic;
  PetscCall(SlepcInitialize(NULL, NULL, NULL, NULL));
  PetscCall(Create(a));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (!help) {
    PetscCall(SetState(a));
    PetscCall(AeRunOpen(a->run));
    ierr   = Solve(a);
    closed = AeRunClose(a->run, (AeExit)AeonicExitStatus(ierr), ierr ? AeonicLastError() : "done");
    PetscCall(ierr ? ierr : closed);
    PetscCall(AeOptionsCheckLeft());
  }
  PetscCall(Destroy(a));
  PetscCall(SlepcFinalize());
  PetscFunctionReturn(0);
}
