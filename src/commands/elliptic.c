/*
  aeonic elliptic: runs solver settings on a problem with a known solution and prints one table.

  Timed solves: zero guess, a fixed random right-hand side, CPU time, median and least of -ell_repeats, first and final true
  residual inside the time. The error is that of another solve, with the manufactured right-hand side.
*/
#include "elliptic_app.h"
#include <aeonic/commands.h>
#include <aeonic/field.h>
#include <aeonic/io.h>

/* Settings that -ell_compare knows by name. */
static const struct {
  const char *name, *options;
} presets[] = {
  {"cycle", "-ell_ksp_type cycle -ell_pc_type aemg"},
  {"fmg", "-ell_ksp_type cycle -ell_pc_type aemg -ell_pc_mg_type full -ell_ksp_convergence_test skip -ell_ksp_max_it 1"},
  {"cg", "-ell_ksp_type cg -ell_pc_type aemg"},
  {"gmres", "-ell_ksp_type fgmres -ell_pc_type aemg"},
  {"bcgs", "-ell_ksp_type bcgs -ell_pc_type aemg"},
  {"mg", "-ell_ksp_type richardson -ell_pc_type mg"},
  {"chebyshev", "-ell_ksp_type cg -ell_pc_type aemg -ell_mg_smoother chebyshev"},
  {"jacobi", "-ell_ksp_type cycle -ell_pc_type aemg -ell_mg_smoother jacobi"},
  {"fft", "-ell_ksp_type cg -ell_pc_type fft"},
  {"cg_jacobi", "-ell_ksp_type cg -ell_pc_type jacobi -ell_ksp_max_it 2000"},
  {"hypre", NULL},
  {"gmg", NULL},
};
static const char list_default[] = "cycle;cg;gmres;chebyshev;hypre;gmg";

enum { MAX_ROWS = 32 };

typedef struct {
  AeRun      run;
  AeGrid     grid;
  EllProblem p;
  PetscInt   nrows, repeats; /* timed solves */
  char       list[4096];
  PetscBool  compare;
  EllRow     row[MAX_ROWS];
} App;

/* Noise that is the same for any division over ranks. A smooth right-hand side would flatter a method that starts on coarse
   grids. */
static PetscErrorCode RandomRightHandSide(App *a, AeEll ell, Vec b)
{
  AeGrid   g = a->grid;
  PetscInt n = g->n[0] * g->nj * g->nk;
  double  *v;

  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(b, &v));
  for (PetscInt c = 0; c < a->p.nc; c++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < g->n[0]; i++) v[AeEllAt(g, c, k, j, i)] = EllNoise(g, c, i, j, k);
  for (PetscInt c = 0; c < a->p.nc; c++) { /* a mean of zero does no harm where it is not needed */
    double sum = 0, N = (double)g->n[0] * g->n[1] * g->n[2];
    for (PetscInt q = 0; q < n; q++) sum += v[c * n + q];
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, g->comm));
    for (PetscInt q = 0; q < n; q++) v[c * n + q] -= sum / N;
  }
  PetscCall(VecRestoreArrayWrite(b, &v));
  (void)ell;
  PetscFunctionReturn(0);
}

static PetscErrorCode WriteIterate(App *a, Vec x)
{
  static const char *const names[] = {"u", "W_y", "W_z"};
  AeGrid                   g       = a->grid;
  const double            *v;
  AeFieldData              field[3];

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(x, &v));
  for (PetscInt c = 0; c < a->p.nc; c++)
    field[c] =
      (AeFieldData){c || a->p.nc == 1 ? names[c] : "W_x", v + AeEllAt(g, c, 0, 0, 0), g->n[0], (ptrdiff_t)g->n[0] * g->nj};
  PetscCall(AeWriteFields(a->run, AE_OUT_KUIBIT, 1, &(AeFieldBox){.grid = g, .field = field}, a->p.nc, 0, 0.0));
  PetscCall(VecRestoreArrayRead(x, &v));
  PetscFunctionReturn(0);
}

static PetscErrorCode Solve(App *a, AeEll ell, Vec b, Vec x, AeEllResult *r)
{
  PetscFunctionBegin;
  if (a->p.nonlinear) {
    PetscCall(VecSet(x, 0));
    PetscCall(AeEllSolveNonlinear(ell, b, x, r));
  } else PetscCall(AeEllSolve(ell, b, x, r));
  PetscFunctionReturn(0);
}

/* One of our own solvers as the option database has it. */
static PetscErrorCode RunSolver(App *a, const char label[], EllRow *row)
{
  AeEll          ell;
  Vec            b, x, e;
  KSP            ksp;
  AeEllResult   *r;
  PetscReal      t[ELL_MAX_REPEATS], start, norm;
  PetscLogDouble bytes;
  PetscInt       N;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(row, sizeof *row));
  PetscCall(PetscNew(&r));
  PetscCall(PetscStrncpy(row->label, label, sizeof row->label));
  PetscCall(AeBenchNow(a->grid->comm, &start));
  PetscCall(EllProblemCreate(&a->p, a->grid, &ell));
  PetscCall(AeEllSetUp(ell));
  PetscCall(EllProblemCoefficients(&a->p, ell));
  PetscCall(AeEllGetKSP(ell, &ksp));
  if (!a->p.nonlinear) PetscCall(KSPSetUp(ksp));
  PetscCall(AeBenchSince(a->grid->comm, start, &row->setup_s));
  PetscCall(AeEllCreateVec(ell, 0, &b));
  PetscCall(VecDuplicate(b, &x));
  PetscCall(VecDuplicate(b, &e));
  PetscCall(VecGetSize(b, &N));
  PetscCall(EllProblemFill(&a->p, ell, b, e));
  PetscCall(Solve(a, ell, b, x, r));
  {
    const double *v;

    PetscCall(VecGetArrayRead(x, &v));
    PetscCall(AeBlockHash(a->grid, a->p.nc, v, AeEllAt(a->grid, 1, 0, 0, 0), AeEllAt(a->grid, 0, 1, 0, 0),
                          AeEllAt(a->grid, 0, 0, 1, 0), row->hash));
    PetscCall(VecRestoreArrayRead(x, &v));
  }
  PetscCall(VecAXPY(e, -1, x));
  PetscCall(VecNorm(e, NORM_2, &norm));
  row->error_l2 = norm / PetscSqrtReal((PetscReal)N);
  PetscCall(VecDestroy(&e));
  if (r->converged && a->repeats > 0) {
    if (!a->p.nonlinear) PetscCall(RandomRightHandSide(a, ell, b));
    for (PetscInt m = 0; m < a->repeats; m++) {
      PetscCall(AeBenchNow(a->grid->comm, &start));
      PetscCall(Solve(a, ell, b, x, r));
      PetscCall(AeBenchSince(a->grid->comm, start, &t[m]));
    }
    EllTimes(row, N, t, a->repeats);
  }
  PetscCall(AeEllBytes(ell, &bytes));
  bytes += 2 * sizeof(double) * (double)N / a->grid->size; /* x and b */
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, a->grid->comm));
  row->bytes_per_dof = bytes / N;
  row->converged     = r->converged;
  row->iterations    = r->iterations;
  row->newton        = r->newton;
  row->contraction   = r->contraction;
  row->residual      = r->residual;
  row->levels        = r->levels;
  row->nhistory      = r->nhistory;
  row->fallbacks     = r->fallbacks;
  PetscCall(PetscArraycpy(row->history, r->history, AE_ELL_HISTORY));
  PetscCall(PetscStrncpy(row->pc, r->solver, sizeof row->pc));
  if (!a->compare) PetscCall(WriteIterate(a, x));
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&x));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(PetscFree(r));
  PetscFunctionReturn(0);
}

/* Options of one setting in force around a solver, what the user had in the same places back afterwards. */
static PetscErrorCode RunWith(App *a, const char label[], const char options[], EllRow *row)
{
  char    **words, old[64][256];
  PetscBool had[64];
  int       n;

  PetscFunctionBegin;
  PetscCall(PetscStrToArray(options, ' ', &n, &words));
  PetscCheck(n <= 64, PETSC_COMM_WORLD, AE_ERR_USAGE, "-ell_compare: more than 64 words in setting %s", label);
  for (int w = 0; w < n; w++)
    if (words[w][0] == '-') PetscCall(PetscOptionsGetString(NULL, NULL, words[w], old[w], sizeof old[w], &had[w]));
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(RunSolver(a, label, row));
  for (int w = 0; w < n; w++) {
    if (words[w][0] != '-') continue;
    PetscCall(PetscOptionsClearValue(NULL, words[w]));
    if (had[w]) { /* set and asked for: the setting of the list was what it has an effect through */
      PetscCall(PetscOptionsSetValue(NULL, words[w], old[w]));
      PetscCall(PetscOptionsHasName(NULL, NULL, words[w], &had[w]));
    }
  }
  PetscCall(PetscStrToArrayDestroy(n, words));
  PetscFunctionReturn(0);
}

static PetscInt Preset(const char name[])
{
  for (PetscInt q = 0; q < (PetscInt)PETSC_STATIC_ARRAY_LENGTH(presets); q++)
    if (!strcmp(presets[q].name, name)) return q;
  return -1;
}

/* An entry is a preset's name or LABEL:OPTIONS. */
static PetscErrorCode CheckList(App *a)
{
  char **entries;
  int    n;

  PetscFunctionBegin;
  {
    char *word = strstr(a->list, "default"), rest[sizeof a->list]; /* as an entry of its own */

    if (word && (word == a->list || word[-1] == ';') && (!word[7] || word[7] == ';')) {
      PetscCall(PetscStrncpy(rest, word + 7, sizeof rest));
      PetscCall(PetscSNPrintf(word, sizeof a->list - (size_t)(word - a->list), "%s%s", list_default, rest));
    }
  }
  PetscCall(PetscStrToArray(a->list, ';', &n, &entries));
  PetscCheck(n > 0 && n <= MAX_ROWS, PETSC_COMM_WORLD, AE_ERR_USAGE, "-ell_compare: %d settings, there may be 1 to %d", n,
             MAX_ROWS);
  for (int e = 0; e < n; e++) {
    const char *names[PETSC_STATIC_ARRAY_LENGTH(presets)], *near;

    if (strchr(entries[e], ':') || Preset(entries[e]) >= 0) continue;
    for (size_t q = 0; q < PETSC_STATIC_ARRAY_LENGTH(presets); q++) names[q] = presets[q].name;
    near = AeNearest(entries[e], names, PETSC_STATIC_ARRAY_LENGTH(presets));
    SETERRQ(PETSC_COMM_WORLD, AE_ERR_USAGE,
            "-ell_compare: unknown solver '%s'%s%s%s (cycle fmg cg gmres bcgs mg chebyshev jacobi fft cg_jacobi hypre gmg, or "
            "LABEL:OPTIONS, separated by ;)",
            entries[e], near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
  }
  PetscCall(PetscStrToArrayDestroy(n, entries));
  PetscFunctionReturn(0);
}

/* Yardsticks that do not fit the problem are left out with a line, not an error: the default list holds them. */
static PetscErrorCode RunList(App *a)
{
  char **entries;
  int    n;

  PetscFunctionBegin;
  PetscCall(PetscStrToArray(a->list, ';', &n, &entries));
  for (int e = 0; e < n; e++) {
    char          *colon = strchr(entries[e], ':');
    const PetscInt q     = Preset(entries[e]);
    EllRow        *row   = &a->row[a->nrows];

    if (colon) {
      *colon = 0;
      PetscCall(RunWith(a, entries[e], colon + 1, row));
    } else if (presets[q].options) PetscCall(RunWith(a, entries[e], presets[q].options, row));
    else if (EllYardstickFits(&a->p, a->grid, entries[e]))
      PetscCall(EllYardstick(&a->p, a->grid, entries[e], PetscMax(1, a->repeats), row));
    else {
      PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                            "%s: left out, it is for scalar linear problems of order 2 without Robin boundaries on slabs of "
                            "planes (gmg: sizes divisible by 4)\n",
                            entries[e]));
      continue;
    }
    a->nrows++;
  }
  PetscCall(PetscStrToArrayDestroy(n, entries));
  PetscFunctionReturn(0);
}

/* The table, and each row under elliptic.LABEL in the summary. */
static PetscErrorCode Report(App *a)
{
  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-12s %-22s %4s %6s %11s %9s %9s %9s %8s %8s %9s %9s\n", "solver", "live ksp+pc",
                        "lev.", "iter.", "contraction", "set-up s", "solve s", "least s", "MDOF/s", "B/dof", "residual",
                        "error l2"));
  for (PetscInt q = 0; q < a->nrows; q++) {
    const EllRow *r = &a->row[q];
    char          key[128];

    PetscCall(PetscPrintf(
      PETSC_COMM_WORLD, "%-12s %-22s %4" PetscInt_FMT " %6" PetscInt_FMT " %11.3f %9.4f %9.4f %9.4f %8.3f %8.0f %9.2e %9.2e%s\n",
      r->label, r->pc, r->levels, r->iterations, (double)r->contraction, (double)r->setup_s, (double)r->solve_s,
      (double)r->solve_least, 1e-6 * (double)r->dof_per_s, (double)r->bytes_per_dof, (double)r->residual, (double)r->error_l2,
      r->converged ? "" : "  NOT CONVERGED"));
#define KEY(name) (snprintf(key, sizeof key, "elliptic.%s.%s", r->label, name), key)
    PetscCall(AeRunSetBool(a->run, KEY("converged"), r->converged));
    PetscCall(AeRunSetInt(a->run, KEY("iterations"), r->iterations));
    PetscCall(AeRunSetReal(a->run, KEY("contraction"), r->contraction));
    PetscCall(AeRunSetReal(a->run, KEY("setup_s"), r->setup_s));
    PetscCall(AeRunSetReal(a->run, KEY("solve_s"), r->solve_s));
    PetscCall(AeRunSetReal(a->run, KEY("solve_s.least"), r->solve_least));
    PetscCall(AeRunSetReal(a->run, KEY("dof_per_s"), r->dof_per_s));
    PetscCall(AeRunSetReal(a->run, KEY("bytes_per_dof"), r->bytes_per_dof));
    PetscCall(AeRunSetReal(a->run, KEY("residual"), r->residual));
    PetscCall(AeRunSetReal(a->run, KEY("error_l2"), r->error_l2));
    PetscCall(AeRunSetInt(a->run, KEY("levels"), r->levels));
    PetscCall(AeRunSetString(a->run, KEY("pc"), r->pc));
    if (r->hash[0]) PetscCall(AeRunSetString(a->run, KEY("hash"), r->hash));
    PetscCall(AeRunSetInt(a->run, KEY("fallbacks"), r->fallbacks));
    if (a->p.nonlinear) PetscCall(AeRunSetInt(a->run, KEY("newton"), r->newton));
    for (PetscInt m = 0; m < r->nhistory; m++) {
      char name[32];
      snprintf(name, sizeof name, "history.%d", (int)m);
      PetscCall(AeRunSetReal(a->run, KEY(name), r->history[m]));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(App *a, AeBenchVersus *vs)
{
  PetscFunctionBegin;
  PetscCall(EllProblemFromOptions(&a->p, &a->grid));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Solvers", "aeonic elliptic");
  PetscCall(AeOptString("-ell_compare",
                        "solvers to run, separated by ;, each a name (cycle fmg cg gmres bcgs mg chebyshev jacobi fft cg_jacobi "
                        "hypre gmg) or LABEL:OPTIONS; default: a list with yardsticks",
                        "", a->list, sizeof a->list, &a->compare));
  a->repeats = 5;
  PetscCall(AeOptInt("-ell_repeats", "timed solves of each setting, of which the median counts; 0: the solve for the error alone",
                     "1", "", 0, ELL_MAX_REPEATS, &a->repeats, NULL));
  PetscOptionsEnd();
  PetscCall(AeBenchVersusFromOptions(vs));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "elliptic", a->p.name, &a->run));
  if (a->compare) PetscCall(CheckList(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode Run(App *a)
{
  PetscFunctionBegin;
  if (a->compare) PetscCall(RunList(a));
  else {
    PetscCall(AeRunOpen(a->run));
    PetscCall(RunSolver(a, "solve", &a->row[a->nrows++]));
  }
  PetscCall(Report(a));
  for (PetscInt q = 0; q < a->nrows && !a->compare; q++)
    PetscCheck(a->row[q].converged, PETSC_COMM_WORLD, AE_ERR_FAILED,
               "no solver converged: %s ended at a residual of %g after %" PetscInt_FMT
               " iterations%s; the history is in the summary, the best iterate in fields/",
               a->row[q].pc, (double)a->row[q].residual, a->row[q].iterations,
               a->row[q].fallbacks ? " (fallbacks included)" : "; -ell_fallback tries others");
  PetscFunctionReturn(0);
}

/* A solver that fails fails the command only if it was the only one: a comparison shows it in its row. */
PetscErrorCode AeCommandElliptic(const char topic[])
{
  static App     app; /* outlives an error return: the summary is written from it */
  App           *a = &app;
  AeBenchVersus  vs;
  PetscBool      help;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  (void)topic;
  PetscCall(Create(a, &vs));
  {
    AeEll probe; /* declares every option, so that a wrong one is found now */

    PetscCall(EllProblemCreate(&a->p, a->grid, &probe));
    PetscCall(AeHelpWanted(&help));
    if (!a->compare)
      PetscCall(AeEllSetUp(probe)); /* a grid that does not do, before a folder is made; PCMG's levels read their options */
    PetscCall(AeOptionsCheck());
    PetscCall(AeEllDestroy(&probe));
  }
  if (!help) {
    ierr = vs.asked ? AeBenchVersusRun(&vs, a->run) : Run(a);
    PetscCall(AeRunClose(a->run, (AeExit)AeonicExitStatus(ierr), ierr ? AeonicLastError() : "done"));
    PetscCall(ierr);
  }
  PetscCall(AeRunDestroy(&a->run));
  PetscCall(AeGridDestroy(&a->grid));
  PetscFunctionReturn(0);
}
