/*
  Curvature invariants as fields to write.
*/
#include "gr_app.h"

PetscBool AeGRAppHasInvariant(AeGRApp *a, const char name[]) { return (PetscBool)(AeFieldsFind(a->curvature_fields, name) >= 0); }

PetscErrorCode AeGRAppInvariant(AeGRApp *a, const char name[], PetscReal t, const AeLayout **L, const double **values)
{
  const Z4Kernel *kernel;
  const double   *c;

  PetscFunctionBegin;
  if (!a->curvature) {
    PetscCall(AeFieldsCreateVec(a->curvature_fields, &a->curvature));
    a->curvature_t = NAN;
  }
  if (a->curvature_t != t) {
    PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
    PetscCall(AeFieldsFillGhosts(a->fields, a->U, t));
    PetscCall(AeCurvature(a->U, kernel->order, a->curvature, NULL));
    a->curvature_t = t;
  }
  PetscCall(AeFieldsGetInfo(a->curvature_fields, NULL, L, NULL));
  PetscCall(VecGetArrayRead(a->curvature, &c));
  *values = c + AeAt(*L, AeFieldsFind(a->curvature_fields, name), 0, 0, 0); /* stays where it is */
  PetscCall(VecRestoreArrayRead(a->curvature, &c));
  PetscFunctionReturn(0);
}
