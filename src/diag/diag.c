/*
  AeDiag: the diagnostics of a run, from options to series and summary.
*/
#include <aeonic/diag.h>
#include <ctype.h>

enum { MAX_SPHERES = 16 };

struct _p_AeDiag {
  AeGR      gr;
  AeGrid    grid;
  PetscInt  every, ntheta, n, largest;
  PetscReal radius[MAX_SPHERES], centre[3];
  AeSurface surface; /* NULL: no spheres */
  AeCharges q[MAX_SPHERES];
  PetscBool exclude; /* norms with exclusions were asked for */
  AeExclude out;
  AeNorms   norms;
  PetscBool volume; /* -diag_volume */
  AeCharges vol;
  AeFields  density_fields;
  Vec       densities;
  AeFields  constraint_fields;
  Vec       constraints;
  PetscInt  written; /* iteration that q and norms are of, -1 before the first */
};

/* "r1,r2,..." into radius[]; false where it is no list of positive numbers. */
static PetscBool ParseRadii(const char text[], PetscInt *n, PetscReal radius[])
{
  const char *c = text;

  for (*n = 0; *n < MAX_SPHERES;) {
    char        *end;
    const double r = strtod(c, &end);

    if (end == c || !isdigit((unsigned char)(*c == '.' ? c[1] : *c)) || !(r > 0) || !isfinite(r)) return PETSC_FALSE;
    radius[(*n)++] = r;
    if (!*end) return PETSC_TRUE;
    if (*end != ',') return PETSC_FALSE;
    c = end + 1;
  }
  return PETSC_FALSE;
}

/* The least distance from the centre to an outer face; 0 if the centre is outside, an axis periodic or closed by a wall. */
static PetscReal Room(const struct _p_AeGrid *g, const PetscReal centre[3])
{
  PetscReal room = PETSC_MAX_REAL;

  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      if (g->bc[d][s] == AE_BC_PERIODIC || g->bc[d][1] == AE_BC_REFLECTING) return 0;
      /* beyond a symmetry plane the outer face is the mirror image of the upper one */
      if (g->bc[d][s] == AE_BC_REFLECTING) room = PetscMin(room, centre[d] - (2.0 * g->lo[d] - g->hi[d]));
      else room = PetscMin(room, s ? g->hi[d] - centre[d] : centre[d] - g->lo[d]);
    }
  return PetscMax(room, 0);
}

/* -diag_* and -norm_*. Without -diag_radii there is one sphere, and none where it would be of no use: the centre outside the
   grid, a radius of less than two cells. */
static PetscErrorCode SetFromOptions(AeDiag D)
{
  char                   list[512] = "";
  PetscBool              given, ball, shell;
  PetscReal              room;
  AeInitial              initial;
  static const PetscReal origin[3] = {0, 0, 0};

  PetscFunctionBegin;
  PetscCall(AeGRGet(D->gr, &D->grid, NULL, &initial, NULL, NULL));
  D->out.n  = AeInitialHoles(initial, AE_EXCLUDE_MAX, D->out.centre);
  D->every  = 16;
  D->ntheta = 16;
  PetscCall(PetscArraycpy(D->centre, Room(D->grid, initial->centre) > 0 ? initial->centre : origin, 3));
  PetscOptionsBegin(D->grid->comm, NULL, "Diagnostics", "AeDiag");
  PetscCall(AeOptString("-diag_radii",
                        "radii of the spheres of M_adm, P_adm, J_adm, separated by commas, or none; without it one sphere at 0.8 "
                        "of the way to the boundary where the data are asymptotically flat",
                        "gr-qc/0209066", list, sizeof list, &given));
  PetscCall(
    AeOptReals("-diag_centre", "their centre; the datum's own unless given", "M", "", -AE_HUGE, AE_HUGE, 3, D->centre, NULL));
  PetscCall(AeOptInt("-diag_every", "steps between diagnostics", "steps", "", 1, PETSC_MAX_INT, &D->every, NULL));
  PetscCall(AeOptInt("-diag_ntheta",
                     "rings of points on a sphere, each of twice as many; exact for harmonics up to degree 2 n - 1", "rings", "",
                     4, 1024, &D->ntheta, NULL));
  PetscCall(
    AeOptBool("-diag_volume", "mass and momenta by volume too: for data without punctures", "gr-qc/0209066", &D->volume, NULL));
  PetscCall(
    AeOptReal("-norm_exclude_radius",
              "adds norms (l1, l2, linf) of the constraints without the cells closer than this to one of the datum's holes", "M",
              "", 0, AE_HUGE, &D->out.radius, &ball));
  PetscCall(AeOptRows("-norm_exclude_centres",
                      "centres of what -norm_exclude_radius leaves out, \"x,y,z;x,y,z;...\"; the datum's holes unless given", "M",
                      "", 3, AE_EXCLUDE_MAX, D->out.centre[0], &D->out.n));
  PetscCall(AeOptReal("-norm_exclude_shell",
                      "adds norms (l1, l2, linf) of the constraints without the cells closer than this to an outer face", "M", "",
                      0, AE_HUGE, &D->out.shell, &shell));
  PetscOptionsEnd();
  if (given && strcmp(list, "none"))
    PetscCheck(ParseRadii(list, &D->n, D->radius), D->grid->comm, AE_ERR_USAGE,
               "-diag_radii %s: up to %d positive radii separated by commas are expected, or none", list, MAX_SPHERES);
  room = Room(D->grid, initial->centre);
  if (!given && room > 0) D->radius[D->n++] = 0.8 * Room(D->grid, D->centre);
  if (!given && (room == 0 || D->radius[0] < 2.0 * D->grid->h)) {
    D->n = 0; /* too small a grid for a sphere is no error where nobody asked for one */
    PetscCall(PetscInfo(NULL, "no ADM integrals: the box is periodic, or the datum's centre is not in it\n"));
  }
  for (PetscInt m = 0; m < D->n; m++)
    if (D->radius[m] > D->radius[D->largest]) D->largest = m;
  D->exclude = (PetscBool)(ball || shell);
  if (D->exclude) {
    PetscInt64 cells;

    PetscCall(AeExcludeCount(D->grid, &D->out, &cells));
    PetscCheck(cells, D->grid->comm, AE_ERR_USAGE, "-norm_exclude_radius %g and -norm_exclude_shell %g leave no cell of the grid",
               (double)D->out.radius, (double)D->out.shell);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeDiagCreate(AeGR gr, AeDiag *diag)
{
  AeDiag   D;
  AeFields F;

  PetscFunctionBegin;
  PetscCall(PetscNew(&D));
  D->gr      = gr;
  D->written = -1;
  PetscCall(SetFromOptions(D));
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  if (D->n) PetscCall(AeSurfaceCreate(F, D->centre, D->n, D->radius, D->ntheta, &D->surface));
  *diag = D;
  PetscFunctionReturn(0);
}

PetscErrorCode AeDiagDestroy(AeDiag *D)
{
  PetscFunctionBegin;
  if (!*D) PetscFunctionReturn(0);
  PetscCall(AeSurfaceDestroy(&(*D)->surface));
  PetscCall(VecDestroy(&(*D)->densities));
  PetscCall(AeFieldsDestroy(&(*D)->density_fields));
  PetscCall(VecDestroy(&(*D)->constraints));
  PetscCall(AeFieldsDestroy(&(*D)->constraint_fields));
  PetscCall(PetscFree(*D));
  PetscFunctionReturn(0);
}

PetscInt AeDiagEvery(AeDiag D) { return D->n || D->volume || D->exclude ? D->every : 0; }

/* Constraints in every cell, then their norms. */
static PetscErrorCode Norms(AeDiag D, Vec U, PetscReal t)
{
  AeGRStats stats;

  PetscFunctionBegin;
  if (!D->constraints) {
    PetscCall(AeGRCreateDiagnostics(D->grid, &D->constraint_fields));
    PetscCall(AeFieldsCreateVec(D->constraint_fields, &D->constraints));
  }
  PetscCall(AeGRConstraints(D->gr, U, t, D->constraints, &stats));
  PetscCall(AeConstraintNorms(U, D->constraints, &D->out, &D->norms));
  PetscFunctionReturn(0);
}

static PetscErrorCode Volume(AeDiag D, Vec U, PetscReal t)
{
  AeFields        F;
  AeInitial       initial;
  const Z4Kernel *kernel;

  PetscFunctionBegin;
  if (!D->densities) {
    PetscCall(AeCurvatureCreateFields(D->grid, AE_CURVATURE_DENSITIES, &D->density_fields));
    PetscCall(AeFieldsCreateVec(D->density_fields, &D->densities));
  }
  PetscCall(AeGRGet(D->gr, NULL, &F, &initial, &kernel, NULL));
  PetscCall(AeFieldsFillGhosts(F, U, t));
  PetscCall(AeCurvature(U, kernel->order, initial->scalar_mass, initial->lambda, NULL, NULL, D->densities));
  PetscCall(AeVolumeCharges(D->densities, D->centre, &D->vol));
  PetscFunctionReturn(0);
}

static PetscErrorCode WriteCharges(AeSeries series, const char suffix[], PetscReal t, const AeCharges *q)
{
  char name[64];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(name, sizeof name, "M_adm%s", suffix));
  PetscCall(AeSeriesScalar(series, name, t, q->mass));
  for (int i = 0; i < 3; i++) {
    PetscCall(PetscSNPrintf(name, sizeof name, "P_adm_%c%s", 'x' + i, suffix));
    PetscCall(AeSeriesScalar(series, name, t, q->momentum[i]));
    PetscCall(PetscSNPrintf(name, sizeof name, "J_adm_%c%s", 'x' + i, suffix));
    PetscCall(AeSeriesScalar(series, name, t, q->angular[i]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeDiagWrite(AeDiag D, Vec U, AeSeries series, PetscInt it, PetscReal t)
{
  static const char *const kinds[3] = {"norm1", "norm2", "maximum"};
  char                     suffix[16];

  PetscFunctionBegin;
  if (!AeDiagEvery(D) || D->written == it) PetscFunctionReturn(0);
  D->written = it;
  if (D->surface) {
    PetscCall(AeSurfaceCharges(D->surface, U, D->q));
    PetscCall(WriteCharges(series, "", t, &D->q[D->largest]));
    for (PetscInt m = 0; m < D->n && D->n > 1; m++) {
      PetscCall(PetscSNPrintf(suffix, sizeof suffix, "[%" PetscInt_FMT "]", m));
      PetscCall(WriteCharges(series, suffix, t, &D->q[m]));
    }
  }
  if (D->volume) {
    PetscCall(Volume(D, U, t));
    PetscCall(WriteCharges(series, "_volume", t, &D->vol));
  }
  if (D->exclude) {
    PetscCall(Norms(D, U, t));
    for (int k = 0; k < 3; k++) {
      PetscCall(AeSeriesReduction(series, "H_masked", kinds[k], it, t, D->norms.H[k]));
      PetscCall(AeSeriesReduction(series, "M_masked", kinds[k], it, t, D->norms.M[k]));
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Summary(AeRun run, const char prefix[], const AeCharges *q)
{
  char key[64];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(key, sizeof key, "%s_mass", prefix));
  PetscCall(AeRunSetReal(run, key, q->mass));
  for (int i = 0; i < 3; i++) {
    PetscCall(PetscSNPrintf(key, sizeof key, "%s_P_%c", prefix, 'x' + i));
    PetscCall(AeRunSetReal(run, key, q->momentum[i]));
    PetscCall(PetscSNPrintf(key, sizeof key, "%s_J_%c", prefix, 'x' + i));
    PetscCall(AeRunSetReal(run, key, q->angular[i]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeDiagSummary(AeDiag D, AeRun run)
{
  static const char *const kinds[3] = {"l1", "l2", "linf"};
  char                     key[64];

  PetscFunctionBegin;
  if (D->written < 0) PetscFunctionReturn(0);
  if (D->surface) {
    PetscCall(Summary(run, "gr.adm", &D->q[D->largest]));
    PetscCall(AeRunSetReal(run, "gr.adm_radius", D->radius[D->largest]));
  }
  if (D->volume) PetscCall(Summary(run, "gr.adm_volume", &D->vol));
  if (D->exclude) {
    for (int k = 0; k < 3; k++) {
      PetscCall(PetscSNPrintf(key, sizeof key, "constraint.H_masked.%s", kinds[k]));
      PetscCall(AeRunSetReal(run, key, D->norms.H[k]));
      PetscCall(PetscSNPrintf(key, sizeof key, "constraint.M_masked.%s", kinds[k]));
      PetscCall(AeRunSetReal(run, key, D->norms.M[k]));
    }
    PetscCall(AeRunSetInt(run, "constraint.masked_cells", D->norms.cells));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeDiagView(AeDiag D, PetscViewer viewer)
{
  PetscFunctionBegin;
  if (D->n) {
    PetscCall(PetscViewerASCIIPrintf(
      viewer, "diagnostics: ADM integrals every %" PetscInt_FMT " steps on spheres about (%g,%g,%g) of radius", D->every,
      (double)D->centre[0], (double)D->centre[1], (double)D->centre[2]));
    for (PetscInt m = 0; m < D->n; m++) PetscCall(PetscViewerASCIIPrintf(viewer, " %g", (double)D->radius[m]));
    PetscCall(PetscViewerASCIIPrintf(viewer, "\n"));
  }
  if (D->exclude)
    PetscCall(PetscViewerASCIIPrintf(viewer,
                                     "constraint norms: without cells closer than %g to the centre or %g to the boundary\n",
                                     (double)D->out.radius, (double)D->out.shell));
  PetscFunctionReturn(0);
}
