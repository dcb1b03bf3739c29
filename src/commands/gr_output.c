/*
  What an evolution writes: series, errors, fields, hashes, and the numbers of the summary.
*/
#include "gr_app.h"

PetscErrorCode AeGRAppOutputOptions(AeGRApp *a)
{
  PetscToken token;
  char      *name;

  PetscFunctionBegin;
  a->series_every = 1;
  a->written      = -1;
  PetscCall(PetscStrncpy(a->field_list, "chi,lapse,K,H", sizeof a->field_list));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", "aeonic gr");
  PetscCall(AeOptInt("-hash_every", "steps between hashes of the state in series/state_hash.txt; 0: at the end only", "steps", "", 0, PETSC_MAX_INT, &a->hash_every, NULL));
  PetscCall(AeOptInt("-series_every", "steps between entries of the time series", "steps", "", 1, PETSC_MAX_INT, &a->series_every, NULL));
  PetscCall(AeOptInt("-fields_every", "steps between 3-D outputs; 0: the first and the last state only", "steps", "", 0, PETSC_MAX_INT, &a->fields_every, NULL));
  PetscCall(AeOptString("-fields", "3-D fields to write, separated by commas: evolved ones, H, M_x, M_y, M_z, K; or none", "", a->field_list, sizeof a->field_list, NULL));
  PetscCall(AeOptBool("-check", "read everything, say what the run would do, and exit", "", &a->check, NULL));
  PetscOptionsEnd();
  if (!strcmp(a->field_list, "none")) a->field_list[0] = 0;
  PetscCall(AeGRCreateDiagnostics(a->gr, &a->diag_fields));
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCheck(AeFieldsFind(a->fields, name) >= 0 || AeFieldsFind(a->diag_fields, name) >= 0, PETSC_COMM_WORLD, AE_ERR_USAGE, "-fields: there is no field %s here; chi (or W), gt_xx, K, At_xx, Gamt_x, lapse, shift_x, H, M_x ... are", name);
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppWriteSeries(AeGRApp *a, PetscInt it, PetscReal t)
{
  const AeGRStats *s = &a->stats;
  const struct {
    const char *name, *kind;
    PetscReal   value;
  } entry[] = {
    {"H", "norm2", s->H_l2},
    {"H", "maximum", s->H_linf},
    {"M", "norm2", s->M_l2},
    {"M", "maximum", s->M_linf},
    {"K", "norm2", s->K_l2},
    {"K", "maximum", s->K_max},
    {"lapse", "minimum", s->lapse_min},
    {"chi", "minimum", s->chi_min},
    {"dtK", "maximum", s->dtK_max},
    {"det_drift", "maximum", s->det_drift},
    {"tr_drift", "maximum", s->tr_drift},
  };

  PetscFunctionBegin;
  for (size_t e = 0; e < PETSC_STATIC_ARRAY_LENGTH(entry); e++) PetscCall(AeSeriesReduction(a->series, entry[e].name, entry[e].kind, it, t, entry[e].value));
  PetscFunctionReturn(0);
}

/* Errors cost a sweep of the exact solution: with the 3-D fields and at the end. */
PetscErrorCode AeGRAppWriteErrors(AeGRApp *a, PetscInt it, PetscReal t, PetscBool last)
{
  PetscReal l2[AE_GR_NERR], linf[AE_GR_NERR];
  char      key[64];

  PetscFunctionBegin;
  if (!a->initial->datum->exact) PetscFunctionReturn(0);
  PetscCall(AeGRErrors(a->gr, a->U, t, l2, linf));
  for (int m = 0; m < AE_GR_NERR; m++) {
    PetscCall(PetscSNPrintf(key, sizeof key, "error_%s", AeGRErrorNames[m]));
    PetscCall(AeSeriesReduction(a->series, key, "norm2", it, t, l2[m]));
    PetscCall(AeSeriesReduction(a->series, key, "maximum", it, t, linf[m]));
    if (!last) continue;
    PetscCall(PetscSNPrintf(key, sizeof key, "error.l2.%s", AeGRErrorNames[m]));
    PetscCall(AeRunSetReal(a->run, key, l2[m]));
    PetscCall(PetscSNPrintf(key, sizeof key, "error.linf.%s", AeGRErrorNames[m]));
    PetscCall(AeRunSetReal(a->run, key, linf[m]));
  }
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

/* Lines "iteration time hash" in series/state_hash.txt */
PetscErrorCode AeGRAppWriteHash(AeGRApp *a, PetscInt it, PetscReal t, PetscBool last)
{
  char hex[65];

  PetscFunctionBegin;
  PetscCall(AeFieldsHash(a->fields, a->U, hex));
  PetscCall(AeSeriesText(a->series, "state_hash.txt", "# iteration time hash\n", "%" PetscInt_FMT " %.17g %s\n", it, (double)t, hex));
  PetscCall(AeGRAppRecordHash(a, hex));
  if (last) PetscCall(AeRunSetString(a->run, "state.hash", hex));
  PetscFunctionReturn(0);
}

/* The keys of the final state; a->stats holds the constraints of that state. */
PetscErrorCode AeGRAppSummary(AeGRApp *a)
{
  PetscReal       t, dt;
  PetscInt        steps, rejects;
  const AeLayout *L;
  PetscReal       points;
  PetscLogDouble  state, halo;

  PetscFunctionBegin;
  PetscCall(TSGetTime(a->ts, &t));
  PetscCall(TSGetTimeStep(a->ts, &dt));
  PetscCall(TSGetStepNumber(a->ts, &steps));
  PetscCall(TSGetStepRejections(a->ts, &rejects));
  PetscCall(AeRunSetReal(a->run, "time.t", t));
  PetscCall(AeRunSetInt(a->run, "time.steps", steps));
  PetscCall(AeRunSetInt(a->run, "time.attempts", (PetscInt64)steps + rejects));
  PetscCall(AeRunSetInt(a->run, "time.rejects", rejects));
  PetscCall(AeRunSetReal(a->run, "time.dt", a->dt));
  PetscCall(AeRunSetReal(a->run, "constraint.H.l2", a->stats.H_l2));
  PetscCall(AeRunSetReal(a->run, "constraint.H.linf", a->stats.H_linf));
  PetscCall(AeRunSetReal(a->run, "constraint.M.l2", a->stats.M_l2));
  PetscCall(AeRunSetReal(a->run, "constraint.M.linf", a->stats.M_linf));
  PetscCall(AeRunSetReal(a->run, "gr.lapse_min", a->stats.lapse_min));
  PetscCall(AeRunSetReal(a->run, "gr.K_max", a->stats.K_max));
  PetscCall(AeRunSetReal(a->run, "gr.dt_limit", a->dt_limit));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  points = (PetscReal)L->nx * L->nj * L->nk;
  PetscCall(AeGRBytes(a->gr, &state, &halo));
  PetscCall(AeGRAppRailsSummary(a));
  PetscCall(AeRunSetReal(a->run, "mem.bytes_per_point", (AE_STEPPER_VECS * state + halo) / points));
  PetscFunctionReturn(0);
}
