/*
  The fields that an evolution writes: which, in what form, and when.
*/
#include "gr_app.h"

PetscErrorCode AeGRAppFieldOptions(AeGRApp *a)
{
  PetscToken token;
  char      *name;

  PetscFunctionBegin;
  a->written = -1;
  PetscCall(PetscStrncpy(a->field_list, "chi,lapse,K,H", sizeof a->field_list));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Fields", "aeonic gr");
  PetscCall(AeOptInt("-fields_every", "steps between 3-D outputs; 0: the first and the last state only", "steps", "", 0, PETSC_MAX_INT, &a->fields_every, NULL));
  PetscCall(AeOptString("-fields", "3-D fields to write, separated by commas: evolved ones, H, M_x, M_y, M_z, K, kretschmann, E2, B2, EB; or none", "", a->field_list, sizeof a->field_list, NULL));
  PetscOptionsEnd();
  if (!strcmp(a->field_list, "none")) a->field_list[0] = 0;
  PetscCall(AeGRCreateDiagnostics(a->gr, &a->diag_fields));
  PetscCall(AeCurvatureCreateFields(a->grid, PETSC_FALSE, &a->curvature_fields));
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCheck(AeFieldsFind(a->fields, name) >= 0 || AeFieldsFind(a->diag_fields, name) >= 0 || AeGRAppHasInvariant(a, name), PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-fields: there is no field %s here; chi (or W), gt_xx, K, At_xx, Gamt_x, lapse, shift_x, H, M_x, kretschmann ... are", name);
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppWriteFields(AeGRApp *a, PetscInt it, PetscReal t)
{
  const AeLayout *L, *DL;
  const double   *u, *d = NULL;
  PetscToken      token;
  char           *name;
  AeGRStats       stats;

  PetscFunctionBegin;
  if (!a->field_list[0] || a->written == it) PetscFunctionReturn(0);
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  a->written = it;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(a->diag_fields, NULL, &DL, NULL));
  PetscCall(VecGetArrayRead(a->U, &u));
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  for (;;) {
    PetscInt f, g;

    PetscCall(PetscTokenFind(token, &name));
    if (!name) break;
    f = AeFieldsFind(a->diag_fields, name);
    g = AeFieldsFind(a->fields, name);

    if (f < 0 && g < 0) {
      const AeLayout *CL;
      const double   *c;

      PetscCall(AeGRAppInvariant(a, name, t, &CL, &c));
      PetscCall(AeWriteField(a->run, a->grid, name, c, CL->pitch, CL->plane, it, t));
      continue;
    }
    if (f < 0) {
      PetscCall(AeWriteField(a->run, a->grid, name, u + AeAt(L, g, 0, 0, 0), L->pitch, L->plane, it, t));
      continue;
    }
    if (!d) {
      if (!a->diag) PetscCall(AeFieldsCreateVec(a->diag_fields, &a->diag));
      PetscCall(AeGRConstraints(a->gr, a->U, t, a->diag, &stats));
      PetscCall(VecGetArrayRead(a->diag, &d));
    }
    PetscCall(AeWriteField(a->run, a->grid, name, d + AeAt(DL, f, 0, 0, 0), DL->pitch, DL->plane, it, t));
  }
  PetscCall(PetscTokenDestroy(&token));
  if (d) PetscCall(VecRestoreArrayRead(a->diag, &d));
  PetscCall(VecRestoreArrayRead(a->U, &u));
  PetscCall(AeGRAppRecordOutput(a, "fields", a->field_list));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}
