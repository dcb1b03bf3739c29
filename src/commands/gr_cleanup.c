/*
  Clean-up of the constraints inside an evolution, and the report about it.
*/
#include "gr_run.h"

typedef struct {
  AeCleanup cleanup; /* NULL: none */
  AeSurface sphere;  /* for the ADM mass; NULL where it is not defined */
  PetscInt  every, count, newton, linear;
} Part;

/* The ADM mass before and after is told where it means something: on a sphere well inside a domain that is open on all sides
   or mirrored. */
static PetscErrorCode Options(AeEvolution E, void *me)
{
  Part        *c        = (Part *)me;
  AeSpacetime *a        = AeSpacetimeOf(E);
  PetscReal    distance = PETSC_INFINITY, radius;
  PetscBool    open     = PETSC_TRUE;
  char         reason[256];

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Clean-up", "aeonic gr");
  PetscCall(AeOptInt("-cleanup_every", "steps between clean-ups of the constraints; 0: none", "steps", "York 1979", 0,
                     PETSC_MAX_INT, &c->every, NULL));
  PetscOptionsEnd();
  if (!c->every && !AeRailsMayCleanUp(E)) PetscFunctionReturn(0);
  PetscCall(AeCleanupCreate(a->gr, &c->cleanup));
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      const AeBoundary bc = a->grid->bc[d][s];

      if (bc == AE_BC_PERIODIC) open = PETSC_FALSE;
      if (bc == AE_BC_RADIATIVE || bc == AE_BC_EXACT)
        distance = PetscMin(distance, PetscAbsReal((s ? a->grid->hi[d] : a->grid->lo[d]) - a->initial->centre[d]));
    }
  radius = 0.8 * distance;
  if (open && distance < PETSC_INFINITY && AeSurfaceFits(a->grid, a->initial->centre, radius, reason, sizeof reason))
    PetscCall(AeSurfaceCreate(a->fields, a->initial->centre, 1, &radius, 24, &c->sphere));
  PetscFunctionReturn(0);
}

/* To the terminal, the series and the summary: a clean-up changes the state, and nobody should have to look for that. */
static PetscErrorCode Report(AeEvolution E, Part *c, const AeCleanupResult *r, const PetscReal mass[2])
{
  char line[64] = "", shift[64] = "";

  PetscFunctionBegin;
  c->count++;
  c->newton += r->newton;
  c->linear += r->linear;
  if (c->sphere) PetscCall(PetscSNPrintf(line, sizeof line, ", ADM mass %.10g -> %.10g", (double)mass[0], (double)mass[1]));
  if (r->K_shift != 0) PetscCall(PetscSNPrintf(shift, sizeof shift, ", K + %.3g", (double)r->K_shift));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "clean-up at step %" PetscInt_FMT ", t = %g: H %.3e -> %.3e, M %.3e -> %.3e; %" PetscInt_FMT
                        " Newton steps, %" PetscInt_FMT " of GMRES; psi - 1 in [%.2e, %.2e]%s%s\n",
                        E->step, (double)E->t, (double)r->H[0], (double)r->H[1], (double)r->M[0], (double)r->M[1], r->newton,
                        r->linear, (double)(r->psi[0] - 1), (double)(r->psi[1] - 1), shift, line));
  PetscCall(AeSeriesText(E->series, "cleanup.txt",
                         "# iteration time H_before H_after M_before M_after newton gmres psi_min psi_max K_shift M_adm_before "
                         "M_adm_after (H, M: root mean square over the cells cleaned)\n",
                         "%" PetscInt_FMT " %.17g %.17g %.17g %.17g %.17g %" PetscInt_FMT " %" PetscInt_FMT
                         " %.17g %.17g %.17g %.17g %.17g\n",
                         E->step, (double)E->t, (double)r->H[0], (double)r->H[1], (double)r->M[0], (double)r->M[1], r->newton,
                         r->linear, (double)r->psi[0], (double)r->psi[1], (double)r->K_shift, (double)mass[0], (double)mass[1]));
  PetscCall(AeRunSetInt(E->run, "cleanup.count", c->count));
  PetscCall(AeRunSetInt(E->run, "cleanup.newton", c->newton));
  PetscCall(AeRunSetInt(E->run, "cleanup.gmres", c->linear));
  PetscCall(AeRunSetReal(E->run, "cleanup.H_before", r->H[0]));
  PetscCall(AeRunSetReal(E->run, "cleanup.H_after", r->H[1]));
  PetscCall(AeRunSetReal(E->run, "cleanup.M_before", r->M[0]));
  PetscCall(AeRunSetReal(E->run, "cleanup.M_after", r->M[1]));
  PetscCall(AeRunSetReal(E->run, "cleanup.K_shift", r->K_shift));
  if (c->sphere) PetscCall(AeRunSetReal(E->run, "cleanup.adm_mass_change", mass[1] - mass[0]));
  PetscFunctionReturn(0);
}

/* What was done, on the run's clock of maintenance. */
static PetscErrorCode Receipt(AeEvolution E, const AeCleanupResult *c, const PetscReal mass[2])
{
  AeReceipts r = E->receipts;

  PetscFunctionBegin;
  PetscCall(AeClockMaint(E->clock));
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, AE_CLEANUP, 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptReal(r, "before", c->H[0]));
  PetscCall(AeReceiptReal(r, "after", c->H[1]));
  PetscCall(AeReceiptReal(r, "M_before", c->M[0]));
  PetscCall(AeReceiptReal(r, "M_after", c->M[1]));
  PetscCall(AeReceiptReal(r, "K_shift", c->K_shift));
  PetscCall(AeReceiptReal(r, "mass_before", mass[0]));
  PetscCall(AeReceiptReal(r, "mass_after", mass[1]));
  PetscCall(AeReceiptInt(r, "newton", c->newton));
  PetscCall(AeReceiptInt(r, "gmres", c->linear));
  PetscCall(AeReceiptBool(r, "converged", c->converged));
  PetscCall(AeReceiptEnd(r, NULL, c->converged ? 0.0 : 1.0));
  PetscFunctionReturn(0);
}

static PetscErrorCode Mass(const Part *c, Vec U, PetscReal *mass)
{
  AeCharges q;

  PetscFunctionBegin;
  *mass = NAN;
  if (!c->sphere) PetscFunctionReturn(0);
  PetscCall(AeSurfaceCharges(c->sphere, U, &q));
  *mass = q.mass;
  PetscFunctionReturn(0);
}

static PetscErrorCode Due(AeEvolution E, void *me)
{
  Part           *c = (Part *)me;
  AeCleanupResult r;
  PetscReal       mass[2];

  PetscFunctionBegin;
  if (!c->cleanup) PetscFunctionReturn(0);
  PetscCall(Mass(c, E->U, &mass[0]));
  PetscCall(AeCleanupApply(c->cleanup, E->U, E->t, &r));
  PetscCall(Mass(c, E->U, &mass[1]));
  PetscCall(Receipt(E, &r, mass));
  PetscCall(Report(E, c, &r, mass));
  PetscCheck(r.converged, PETSC_COMM_WORLD, AE_ERR_FAILED,
             "the clean-up of the constraints at t = %g did not converge in %" PetscInt_FMT
             " Newton steps (H %g -> %g); the state is left as it was. A larger -cleanup_rtol or -cleanup_ksp_max_it may help",
             (double)E->t, r.newton, (double)r.H[0], (double)r.H[1]);
  PetscFunctionReturn(0);
}

/* A clean-up in a run with rails stops at a tenth of them. */
static PetscErrorCode SetUp(AeEvolution E, void *me)
{
  PetscReal H, M;

  PetscFunctionBegin;
  if (!((Part *)me)->cleanup || !E->rails) PetscFunctionReturn(0);
  PetscCall(AeRailsGetLimit(E->rails, AE_GR_RAIL_H, &H));
  PetscCall(AeRailsGetLimit(E->rails, AE_GR_RAIL_M, &M));
  PetscCall(AeCleanupSetRails(((Part *)me)->cleanup, H, M));
  PetscFunctionReturn(0);
}

PetscBool AeCleanupOn(AeEvolution E) { return (PetscBool)(((const Part *)AePartOf(E, &AePartCleanup))->cleanup != NULL); }

static PetscInt Every(AeEvolution E, void *me)
{
  (void)E;
  return ((Part *)me)->every;
}

static PetscErrorCode Destroy(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  (void)E;
  PetscCall(AeSurfaceDestroy(&((Part *)me)->sphere));
  PetscCall(AeCleanupDestroy(&((Part *)me)->cleanup));
  PetscFunctionReturn(0);
}

const AePartType AePartCleanup = {.name      = "cleanup",
                                  .size      = sizeof(Part),
                                  .options   = Options,
                                  .setup     = SetUp,
                                  .due       = Due,
                                  .destroy   = Destroy,
                                  .every     = Every,
                                  .allocates = PETSC_TRUE};
