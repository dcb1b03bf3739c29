/*
  The fields that an evolution writes: which, in what form, and when.
*/
#include "gr_app.h"

static const char *const formats[] = {"kuibit", "vtkhdf", "xdmf", NULL}, *const planes[] = {"xy", "xz", "yz", NULL},
                         *const lines[] = {"x", "y", "z", NULL};

/* Adds first << i for every entry of a list that is words[i]. */
static PetscErrorCode ReadList(const char option[], const char list[], const char *const words[], unsigned first, unsigned *what)
{
  PetscToken token;
  char      *word;

  PetscFunctionBegin;
  if (!strcmp(list, "none")) PetscFunctionReturn(0);
  PetscCall(PetscTokenCreate(list, ',', &token));
  PetscCall(PetscTokenFind(token, &word));
  while (word) {
    int i = 0;

    while (words[i] && strcmp(words[i], word)) i++;
    PetscCheck(words[i], PETSC_COMM_WORLD, AE_ERR_USAGE,
               "%s: '%s' is none of %s, %s, %s; write them with commas between, or none", option, word, words[0], words[1],
               words[2]);
    *what |= first << i;
    PetscCall(PetscTokenFind(token, &word));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppFieldOptions(AeGRApp *a)
{
  PetscToken  token;
  PetscBool   given;
  const char *seen[sizeof a->field_list / 2];
  PetscInt    n = 0;
  char       *name, format[64] = "kuibit", plane[64] = "none", line[64] = "none";

  PetscFunctionBegin;
  a->volumes_at = a->cuts_at = -1;
  PetscCall(PetscStrncpy(a->field_list, "chi,lapse,K,H", sizeof a->field_list));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Fields", "aeonic gr");
  PetscCall(AeOptInt("-fields_every", "steps between 3-D outputs; 0: the first and the last state only", "steps", "", 0,
                     PETSC_MAX_INT, &a->fields_every, NULL));
  PetscCall(AeOptString(
    "-fields",
    "fields to write, separated by commas: evolved ones, H, M_x, M_y, M_z, K, chi, kretschmann, E2, B2, EB, R4; or none", "",
    a->field_list, sizeof a->field_list, NULL));
  PetscCall(AeOptString("-fields_format",
                        "formats of 3-D fields, separated by commas: kuibit, vtkhdf (ParaView), xdmf (ParaView, VisIt); or none",
                        "", format, sizeof format, NULL));
  PetscCall(AeOptString("-fields_planes",
                        "planes through the middle to write the fields on, separated by commas: xy, xz, yz; or none", "", plane,
                        sizeof plane, NULL));
  PetscCall(AeOptString("-fields_lines", "lines through the middle to write the fields on, separated by commas: x, y, z; or none",
                        "", line, sizeof line, NULL));
  PetscCall(AeOptInt("-fields_cuts_every", "steps between outputs of planes and lines; if not given, with the 3-D fields",
                     "steps", "", 0, PETSC_MAX_INT, &a->cuts_every, &given));
  PetscOptionsEnd();
  if (!given) a->cuts_every = a->fields_every;
  a->volumes = a->cuts = 0;
  PetscCall(ReadList("-fields_format", format, formats, AE_OUT_KUIBIT, &a->volumes));
  PetscCall(ReadList("-fields_planes", plane, planes, AE_OUT_XY, &a->cuts));
  PetscCall(ReadList("-fields_lines", line, lines, AE_OUT_X, &a->cuts));

  if (!strcmp(a->field_list, "none")) a->field_list[0] = 0;
  PetscCall(AeGRCreateDiagnostics(a->grid, &a->diag_fields));
  PetscCall(AeCurvatureCreateFields(a->grid, AE_CURVATURE_INVARIANTS, &a->curvature_fields));
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCheck(
      AeFieldsFind(a->fields, name) >= 0 || AeFieldsFind(a->diag_fields, name) >= 0 ||
        AeFieldsFind(a->curvature_fields, name) >= 0,
      PETSC_COMM_WORLD, AE_ERR_USAGE,
      "-fields: there is no field %s here; chi (or W), gt_xx, K, At_xx, Gamt_x, lapse, shift_x, H, M_x, kretschmann ... are",
      name);
    for (PetscInt i = 0; i < n; i++)
      PetscCheck(strcmp(seen[i], name), PETSC_COMM_WORLD, AE_ERR_USAGE, "-fields names %s twice", name);
    seen[n++] = name;
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

static PetscBool Due(PetscInt it, PetscInt every) { return (PetscBool)(every && it % every == 0); }

/* The invariants, whose ghosts are not needed, from a state at time t. */
static PetscErrorCode ComputeInvariants(AeGRApp *a, PetscReal t)
{
  const Z4Kernel *kernel;

  PetscFunctionBegin;
  if (!a->curvature) PetscCall(AeFieldsCreateVec(a->curvature_fields, &a->curvature));
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  PetscCall(AeFieldsFillGhosts(a->fields, a->U, t));
  PetscCall(AeCurvature(a->U, kernel->order, a->initial->scalar_mass, a->initial->lambda, a->curvature, NULL, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppWriteFields(AeGRApp *a, PetscInt it, PetscReal t, PetscBool all)
{
  const AeLayout *L, *DL, *CL;
  const double   *u, *d = NULL, *c = NULL;
  AeFieldData     field[sizeof a->field_list / 2];
  PetscInt        n = 0;
  PetscToken      token;
  char           *name;
  AeGRStats       stats;
  unsigned        what = 0;

  PetscFunctionBegin;
  if ((all || Due(it, a->fields_every)) && a->volumes_at != it) what |= a->volumes;
  if ((all || Due(it, a->cuts_every)) && a->cuts_at != it) what |= a->cuts;
  if (!what || !a->field_list[0]) PetscFunctionReturn(0);
  if (what & a->volumes) a->volumes_at = it;
  if (what & a->cuts) a->cuts_at = it;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(a->diag_fields, NULL, &DL, NULL));
  PetscCall(AeFieldsGetInfo(a->curvature_fields, NULL, &CL, NULL));
  PetscCall(VecGetArrayRead(a->U, &u));
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  for (;;) {
    PetscInt f, g;

    PetscCall(PetscTokenFind(token, &name));
    if (!name) break;
    f = AeFieldsFind(a->diag_fields, name);
    g = AeFieldsFind(a->fields, name);
    if (g >= 0) {
      field[n++] = (AeFieldData){name, u + AeAt(L, g, 0, 0, 0), L->pitch, L->plane};
      continue;
    }
    if (f < 0) {
      if (!c) {
        PetscCall(ComputeInvariants(a, t));
        PetscCall(VecGetArrayRead(a->curvature, &c));
      }
      field[n++] = (AeFieldData){name, c + AeAt(CL, AeFieldsFind(a->curvature_fields, name), 0, 0, 0), CL->pitch, CL->plane};
      continue;
    }
    if (!d) {
      if (!a->diag) PetscCall(AeFieldsCreateVec(a->diag_fields, &a->diag));
      PetscCall(AeGRConstraints(a->gr, a->U, t, a->diag, &stats));
      PetscCall(VecGetArrayRead(a->diag, &d));
    }
    field[n++] = (AeFieldData){name, d + AeAt(DL, f, 0, 0, 0), DL->pitch, DL->plane};
  }
  PetscCall(AeWriteFields(a->run, what, 1, &(AeFieldBox){.grid = a->grid, .field = field}, n, it, t));
  PetscCall(PetscTokenDestroy(&token)); /* holds the names */
  if (d) PetscCall(VecRestoreArrayRead(a->diag, &d));
  if (c) PetscCall(VecRestoreArrayRead(a->curvature, &c));
  PetscCall(VecRestoreArrayRead(a->U, &u));
  PetscCall(AeGRAppRecordOutput(a, "fields", a->field_list));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}
