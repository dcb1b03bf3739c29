/*
  What an evolution writes: series, errors, hashes, and the numbers of the summary (gr_fields.c: fields).
*/
#include "gr_app.h"
#include <aeonic/solution.h>

PetscErrorCode AeGRAppOutputOptions(AeGRApp *a)
{
  PetscFunctionBegin;
  a->series_every = 1;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", "aeonic gr");
  PetscCall(AeOptInt("-hash_every", "steps between hashes of the state in series/state_hash.txt; 0: at the end only", "steps", "",
                     0, PETSC_MAX_INT, &a->hash_every, NULL));
  PetscCall(
    AeOptInt("-series_every", "steps between entries of the time series", "steps", "", 1, PETSC_MAX_INT, &a->series_every, NULL));
  PetscCall(AeOptBool("-check", "read everything, say what the run would do, and exit", "", &a->check, NULL));
  PetscOptionsEnd();
  PetscCall(AeGRAppFieldOptions(a));
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
  for (size_t e = 0; e < PETSC_STATIC_ARRAY_LENGTH(entry); e++)
    PetscCall(AeSeriesReduction(a->series, entry[e].name, entry[e].kind, it, t, entry[e].value));
  PetscFunctionReturn(0);
}

/* Errors cost a sweep of the exact solution: with the 3-D fields and at the end. */
PetscErrorCode AeGRAppWriteErrors(AeGRApp *a, PetscInt it, PetscReal t, PetscBool last)
{
  PetscReal l2[AE_GR_NERR], linf[AE_GR_NERR];
  char      key[64];

  PetscFunctionBegin;
  if (!AeInitialExact(a->initial)) PetscFunctionReturn(0);
  PetscCall(AeGRErrors(a->gr, a->U, t, l2, linf));
  for (PetscInt m = 0; m < AeGRNumErrors(a->gr); m++) {
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

/* Lines "iteration time hash" in series/state_hash.txt */
PetscErrorCode AeGRAppWriteHash(AeGRApp *a, PetscInt it, PetscReal t, PetscBool last)
{
  char hex[65];

  PetscFunctionBegin;
  PetscCall(AeFieldsHash(a->fields, a->U, hex));
  PetscCall(
    AeSeriesText(a->series, "state_hash.txt", "# iteration time hash\n", "%" PetscInt_FMT " %.17g %s\n", it, (double)t, hex));
  PetscCall(AeGRAppRecordHash(a, hex));
  if (last) PetscCall(AeRunSetString(a->run, "state.hash", hex));
  PetscFunctionReturn(0);
}

/* Elliptic gauges: how many solves, and cycles per solve, from zero and from stored solutions. */
static PetscErrorCode GaugeSummary(AeGRApp *a)
{
  static const char *const start[2] = {"cold", "warm"}, *const gauge[2] = {"lapse", "shift"};
  AeGaugeSolves s[2];
  char          key[64];

  PetscFunctionBegin;
  PetscCall(AeGRGetGaugeSolves(a->gr, &s[0], &s[1]));
  for (int e = 0; e < 2; e++)
    for (int w = 0; w < 2 && s[e].solves[0]; w++) {
      PetscCall(PetscSNPrintf(key, sizeof key, "gauge.%s.solves_%s", gauge[e], start[w]));
      PetscCall(AeRunSetInt(a->run, key, s[e].solves[w]));
      PetscCall(PetscSNPrintf(key, sizeof key, "gauge.%s.cycles_%s", gauge[e], start[w]));
      PetscCall(AeRunSetReal(a->run, key, (PetscReal)s[e].cycles[w] / PetscMax(1, s[e].solves[w])));
    }
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
  if (a->initial->solution) PetscCall(AeSolutionReport(a->initial->solution, a->run));
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
  PetscCall(GaugeSummary(a));
  PetscCall(AeDiagSummary(a->diagnostics, a->run));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  points = (PetscReal)L->nx * L->nj * L->nk;
  PetscCall(AeGRBytes(a->gr, &state, &halo));
  PetscCall(AeGRAppRailsSummary(a));
  PetscCall(AeRunSetReal(a->run, "mem.bytes_per_point", (AE_STEPPER_VECS * state + halo) / points));
  PetscFunctionReturn(0);
}
