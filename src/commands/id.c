/*
  aeonic id: solve for initial data and write them.
*/
#include <aeonic/commands.h>
#include <aeonic/gr.h>
#include <aeonic/io.h>
#include <aeonic/solution.h>

enum { MAX_PROBES = 64 };

typedef struct {
  AeGR      gr;
  AeGrid    grid;
  AeFields  fields;
  AeInitial initial;
  AeRun     run;
  Vec       U;
  PetscInt  nprobes;
  PetscReal probe[MAX_PROBES][3];
} App;

/* -id NAME is -gr_initial NAME, of those data that are solved for. */
static PetscErrorCode Choose(PetscReal probe[][3], PetscInt *nprobes)
{
  static const char *const data[] = {"punctures", "brill", "scalar_wave"};
  PetscInt                 which  = 0;
  PetscBool                given;

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-gr_initial", &given));
  PetscCheck(!given, PETSC_COMM_WORLD, AE_ERR_USAGE, "-gr_initial is for evolutions; aeonic id takes -id %s|%s|%s", data[0],
             data[1], data[2]);
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Initial data", "aeonic id");
  PetscCall(AeOptChoice("-id", "data to solve for", "", data, PETSC_STATIC_ARRAY_LENGTH(data), &which, NULL));
  PetscCall(AeOptRows("-id_probe",
                      "points where the solution u = psi - psi_0 is wanted, \"x,y,z;...\": id.probe.N in the summary", "M", "", 3,
                      MAX_PROBES, probe[0], nprobes));
  PetscOptionsEnd();
  PetscCall(PetscOptionsSetValue(NULL, "-gr_initial", data[which]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(App *a)
{
  char name[64];

  PetscFunctionBegin;
  PetscCall(Choose(a->probe, &a->nprobes));
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &a->gr));
  PetscCall(AeGRGet(a->gr, &a->grid, &a->fields, &a->initial, NULL, NULL));
  PetscCall(PetscStrncpy(name, a->initial->datum->name, sizeof name));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "id", name, &a->run));
  PetscCall(AeFieldsCreateVec(a->fields, &a->U));
  PetscFunctionReturn(0);
}

/* All evolved fields, as -gr_initial file reads them, and u. */
static PetscErrorCode WriteState(App *a)
{
  const AeLayout    *L;
  const AeFieldInfo *info;
  const double      *v, *u;
  AeFieldData        field[64];
  PetscInt           n = 0;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, &info));
  PetscCall(VecGetArrayRead(a->U, &v));
  PetscCall(VecGetArrayRead(a->initial->solution->u, &u));
  for (ptrdiff_t f = 0; f < L->nf; f++) field[n++] = (AeFieldData){info[f].name, v + AeAt(L, f, 0, 0, 0), L->pitch, L->plane};
  field[n++] = (AeFieldData){"u", u, L->nx, L->nx * L->nj};
  PetscCall(AeWriteFields(a->run, AE_OUT_KUIBIT, 1, &(AeFieldBox){.grid = a->grid, .field = field}, n, 0, 0.0));
  PetscCall(VecRestoreArrayRead(a->initial->solution->u, &u));
  PetscCall(VecRestoreArrayRead(a->U, &v));
  PetscFunctionReturn(0);
}

/* Masses and the constraints that are left, of the data as they would be evolved. */
static PetscErrorCode Report(App *a)
{
  AeSolution s = a->initial->solution;
  AeGRStats  stats;
  PetscReal  u[MAX_PROBES];
  char       key[64];

  PetscFunctionBegin;
  PetscCall(AeGRConstraints(a->gr, a->U, 0.0, NULL, &stats));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "M_ADM %.10g   P (%.6g, %.6g, %.6g)   J (%.6g, %.6g, %.6g)\n", (double)s->adm_mass,
                        (double)s->P[0], (double)s->P[1], (double)s->P[2], (double)s->J[0], (double)s->J[1], (double)s->J[2]));
  for (PetscInt q = 0; q < s->nholes; q++)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "hole %" PetscInt_FMT " at (%g, %g, %g): bare mass %.10g, u %.10g, ADM mass %.10g\n",
                          q + 1, (double)s->place[q][0], (double)s->place[q][1], (double)s->place[q][2], (double)s->bare_mass[q],
                          (double)s->hole_u[q], (double)s->hole_mass[q]));
  if (a->nprobes) PetscCall(AeSolutionAt(s, a->nprobes, a->probe[0], u));
  for (PetscInt q = 0; q < a->nprobes; q++) {
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "u(%g, %g, %g) = %.10g\n", (double)a->probe[q][0], (double)a->probe[q][1],
                          (double)a->probe[q][2], (double)u[q]));
    PetscCall(PetscSNPrintf(key, sizeof key, "id.probe.%" PetscInt_FMT, q + 1));
    PetscCall(AeRunSetReal(a->run, key, u[q]));
  }
  PetscCall(
    PetscPrintf(PETSC_COMM_WORLD,
                "%s: %" PetscInt_FMT " Newton steps, %" PetscInt_FMT " iterations, residual %.2e; |H| %.2e, |M| %.2e (rms)\n",
                s->result.solver, s->newton, s->cycles, (double)s->result.residual, (double)stats.H_l2, (double)stats.M_l2));
  PetscCall(AeSolutionReport(s, a->run));
  PetscCall(AeRunSetReal(a->run, "constraint.H.l2", stats.H_l2));
  PetscCall(AeRunSetReal(a->run, "constraint.H.linf", stats.H_linf));
  PetscCall(AeRunSetReal(a->run, "constraint.M.l2", stats.M_l2));
  PetscCall(AeRunSetReal(a->run, "constraint.M.linf", stats.M_linf));
  PetscFunctionReturn(0);
}

static PetscErrorCode Solve(App *a)
{
  AeSolution s = a->initial->solution;

  PetscFunctionBegin;
  PetscCall(AeRunOpen(a->run));
  PetscCall(AeGRSetState(a->gr, a->U, 0.0));
  PetscCall(WriteState(a));
  PetscCall(Report(a));
  PetscCheck(
    s->result.converged, PETSC_COMM_WORLD, AE_ERR_FAILED,
    "the solve did not converge: residual %g after %" PetscInt_FMT
    " iterations; the best iterate is in fields/, marked by id.converged in the summary; -ell_fallback tries other solvers",
    (double)s->result.residual, s->cycles);
  PetscFunctionReturn(0);
}

PetscErrorCode AeCommandID(const char topic[])
{
  static App     app; /* outlives an error return: the summary is written from it */
  App           *a = &app;
  PetscBool      help;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  (void)topic;
  PetscCall(Create(a));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (!help) {
    ierr = Solve(a);
    PetscCall(AeRunClose(a->run, (AeExit)AeonicExitStatus(ierr), ierr ? AeonicLastError() : "done"));
    PetscCall(ierr);
    PetscCall(AeOptionsCheckLeft());
  }
  PetscCall(VecDestroy(&a->U));
  PetscCall(AeRunDestroy(&a->run));
  PetscCall(AeGRDestroy(&a->gr));
  PetscFunctionReturn(0);
}
