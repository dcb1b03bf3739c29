/*
  Clean-up of the constraints inside an evolution, and the report about it.
*/
#include "gr_app.h"

PetscErrorCode AeGRAppCleanupOptions(AeGRApp *a)
{
  AeClean  *c        = &a->cleaning;
  PetscReal distance = PETSC_INFINITY, radius;
  PetscBool open     = PETSC_TRUE;
  char      reason[256];

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Clean-up", "aeonic gr");
  PetscCall(AeOptInt("-cleanup_every", "steps between clean-ups of the constraints; 0: none", "steps", "York 1979", 0,
                     PETSC_MAX_INT, &c->every, NULL));
  PetscOptionsEnd();
  if (!c->every && !a->rails_cleanup) PetscFunctionReturn(0);
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

static PetscErrorCode Report(AeGRApp *a, const AeCleanupResult *r, PetscInt it, PetscReal t, const PetscReal mass[2])
{
  AeClean *c        = &a->cleaning;
  char     line[64] = "", shift[64] = "";

  PetscFunctionBegin;
  c->count++;
  c->newton += r->newton;
  c->linear += r->linear;
  if (c->sphere) PetscCall(PetscSNPrintf(line, sizeof line, ", ADM mass %.10g -> %.10g", (double)mass[0], (double)mass[1]));
  if (r->K_shift != 0) PetscCall(PetscSNPrintf(shift, sizeof shift, ", K + %.3g", (double)r->K_shift));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "clean-up at step %" PetscInt_FMT ", t = %g: H %.3e -> %.3e, M %.3e -> %.3e; %" PetscInt_FMT
                        " Newton steps, %" PetscInt_FMT " of GMRES; psi - 1 in [%.2e, %.2e]%s%s\n",
                        it, (double)t, (double)r->H[0], (double)r->H[1], (double)r->M[0], (double)r->M[1], r->newton, r->linear,
                        (double)(r->psi[0] - 1), (double)(r->psi[1] - 1), shift, line));
  PetscCall(AeSeriesText(a->series, "cleanup.txt",
                         "# iteration time H_before H_after M_before M_after newton gmres psi_min psi_max K_shift M_adm_before "
                         "M_adm_after (H, M: root mean square over the cells cleaned)\n",
                         "%" PetscInt_FMT " %.17g %.17g %.17g %.17g %.17g %" PetscInt_FMT " %" PetscInt_FMT
                         " %.17g %.17g %.17g %.17g %.17g\n",
                         it, (double)t, (double)r->H[0], (double)r->H[1], (double)r->M[0], (double)r->M[1], r->newton, r->linear,
                         (double)r->psi[0], (double)r->psi[1], (double)r->K_shift, (double)mass[0], (double)mass[1]));
  PetscCall(AeRunSetInt(a->run, "cleanup.count", c->count));
  PetscCall(AeRunSetInt(a->run, "cleanup.newton", c->newton));
  PetscCall(AeRunSetInt(a->run, "cleanup.gmres", c->linear));
  PetscCall(AeRunSetReal(a->run, "cleanup.H_before", r->H[0]));
  PetscCall(AeRunSetReal(a->run, "cleanup.H_after", r->H[1]));
  PetscCall(AeRunSetReal(a->run, "cleanup.M_before", r->M[0]));
  PetscCall(AeRunSetReal(a->run, "cleanup.M_after", r->M[1]));
  PetscCall(AeRunSetReal(a->run, "cleanup.K_shift", r->K_shift));
  if (c->sphere) PetscCall(AeRunSetReal(a->run, "cleanup.adm_mass_change", mass[1] - mass[0]));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppCleanup(AeGRApp *a, PetscInt it, PetscReal t)
{
  AeClean        *c = &a->cleaning;
  AeCleanupResult r;
  AeCharges       q;
  PetscReal       mass[2] = {NAN, NAN};

  PetscFunctionBegin;
  if (!c->cleanup || !AeClockDue(a->record.clock, a->record.cleanup)) PetscFunctionReturn(0);
  if (c->sphere) {
    PetscCall(AeSurfaceCharges(c->sphere, a->U, &q));
    mass[0] = q.mass;
  }
  PetscCall(AeCleanupApply(c->cleanup, a->U, t, &r));
  if (c->sphere) {
    PetscCall(AeSurfaceCharges(c->sphere, a->U, &q));
    mass[1] = q.mass;
  }
  PetscCall(AeGRAppRecordCleanup(a, &r, mass));
  PetscCall(Report(a, &r, it, t, mass));
  PetscCheck(r.converged, PETSC_COMM_WORLD, AE_ERR_FAILED,
             "the clean-up of the constraints at t = %g did not converge in %" PetscInt_FMT
             " Newton steps (H %g -> %g); the state is left as it was. A larger -cleanup_rtol or -cleanup_ksp_max_it may help",
             (double)t, r.newton, (double)r.H[0], (double)r.H[1]);
  PetscCall(AeClockServe(a->record.clock, a->record.cleanup));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppCleanupDestroy(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeSurfaceDestroy(&a->cleaning.sphere));
  PetscCall(AeCleanupDestroy(&a->cleaning.cleanup));
  PetscFunctionReturn(0);
}
