/*
  What an evolution writes of itself: series, errors, its numbers in the record and in the summary.
*/
#include "gr_run.h"
#include <aeonic/solution.h>

PetscErrorCode AeGRSeries(AeEvolution E, AeSeries series, PetscInt it, PetscReal t)
{
  const AeGRStats *s = &AeSpacetimeOf(E)->stats;
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
    PetscCall(AeSeriesReduction(series, entry[e].name, entry[e].kind, it, t, entry[e].value));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRExactErrors(AeEvolution E, PetscReal t, PetscInt *n, const char *const **names, PetscReal l2[],
                               PetscReal linf[])
{
  AeSpacetime *a = AeSpacetimeOf(E);

  PetscFunctionBegin;
  *n     = 0;
  *names = AeGRErrorNames;
  if (!AeInitialExact(a->initial)) PetscFunctionReturn(0);
  PetscCall(AeGRErrors(a->gr, E->U, t, l2, linf));
  *n = AeGRNumErrors(a->gr);
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRReceipt(AeEvolution E, AeReceipts r)
{
  const AeGRStats *s = &AeSpacetimeOf(E)->stats;

  PetscFunctionBegin;
  PetscCall(AeReceiptReal(r, "H_l2", s->H_l2));
  PetscCall(AeReceiptReal(r, "H_linf", s->H_linf));
  PetscCall(AeReceiptReal(r, "M_l2", s->M_l2));
  PetscCall(AeReceiptReal(r, "M_linf", s->M_linf));
  PetscFunctionReturn(0);
}

/* The keys of the final state, whose statistics are at hand. */
PetscErrorCode AeGRSummary(AeEvolution E)
{
  AeSpacetime    *a = AeSpacetimeOf(E);
  const AeLayout *L;
  PetscLogDouble  state, halo;

  PetscFunctionBegin;
  if (a->initial->solution) PetscCall(AeSolutionReport(a->initial->solution, E->run));
  PetscCall(AeRunSetReal(E->run, "constraint.H.l2", a->stats.H_l2));
  PetscCall(AeRunSetReal(E->run, "constraint.H.linf", a->stats.H_linf));
  PetscCall(AeRunSetReal(E->run, "constraint.M.l2", a->stats.M_l2));
  PetscCall(AeRunSetReal(E->run, "constraint.M.linf", a->stats.M_linf));
  PetscCall(AeRunSetReal(E->run, "gr.lapse_min", a->stats.lapse_min));
  PetscCall(AeRunSetReal(E->run, "gr.K_max", a->stats.K_max));
  PetscCall(AeRunSetReal(E->run, "gr.dt_limit", E->dt_limit));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(AeGRBytes(a->gr, &state, &halo));
  PetscCall(AeRunSetReal(E->run, "mem.bytes_per_point", (AE_STEPPER_VECS * state + halo) / ((PetscReal)L->nx * L->nj * L->nk)));
  PetscFunctionReturn(0);
}
