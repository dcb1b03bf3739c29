/*
  The judgement: residuals, and the verdict on an attempt. Pure functions of numbers.
*/
#include <aeonic/rails.h>

const char *const AeVerdictNames[4] = {"accept", "control", "reject", "stop"};

PetscReal AeRailsResidual(const AeRailsLimits *L, PetscInt q, PetscReal v)
{
  const PetscReal limit = L->limit[q];

  switch (L->table.rail[q].kind) {
  case AE_RAIL_ABSENT:
    return v > 0 || v != v ? PETSC_INFINITY : 0.0;
  case AE_RAIL_LOWER:
    if (limit < 0 || v == PETSC_INFINITY) return 0.0;
    return v > 0 ? limit / v : PETSC_INFINITY; /* NaN: infinity */
  default:
    if (limit <= 0) return 0.0;
    return v != v ? PETSC_INFINITY : PetscMax(v, 0.0) / limit;
  }
}

/* Whether a smaller dt has left the residual's growth in time as it was: then dt is not what drives it. */
static PetscBool Persists(const AeRailsState *s, const AeRailsEvent *e, PetscReal r)
{
  return (PetscBool)(s->known && s->rate > 0 && s->rate_rail == e->rail && r < PETSC_INFINITY && e->dt <= 0.75 * s->rate_dt &&
                     (r - e->before) / e->dt > 0.5 * s->rate);
}

void AeRailsJudge(const AeRailsLimits *L, const AeRailsState *s, PetscInt tries, AeRailsEvent *e)
{
  PetscReal     worst = 0.0;
  const AeRail *rail;

  e->rail = 0;
  for (PetscInt q = 0; q < L->table.n; q++) {
    const PetscReal r = L->table.rail[q].observed ? PetscMin(e->residual[q], 1.0) : e->residual[q];

    if (r > worst) worst = r, e->rail = q;
  }
  rail      = &L->table.rail[e->rail];
  e->stop   = AE_STOP_NONE;
  e->before = s->known ? s->start[e->rail] : -1.0;
  e->action = AE_ACTION_NONE;
  if (!(worst > L->control)) {
    e->verdict = AE_VERDICT_ACCEPT;
    return;
  }
  e->action = rail->action;
  if (!(worst > 1.0)) {
    if (L->cleanup && rail->cleanup) e->action = AE_ACTION_CLEANUP;
    e->verdict = e->action == AE_ACTION_NONE ? AE_VERDICT_ACCEPT : AE_VERDICT_CONTROL;
    return;
  }
  if (s->known && e->before > 1.0) e->stop = AE_STOP_STATE;
  else if (Persists(s, e, worst)) e->stop = AE_STOP_PERSISTS;
  else if (0.5 * e->dt < PetscMax(L->dt_min, s->nominal / AE_RAILS_SMALLEST)) e->stop = AE_STOP_FLOOR;
  else if (tries >= L->retries) e->stop = AE_STOP_RETRIES;
  e->verdict = e->stop ? AE_VERDICT_STOP : AE_VERDICT_REJECT;
}
