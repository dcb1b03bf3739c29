/*
  The judgement: residuals, and the verdict on an attempt. Pure functions of numbers.
*/
#include <aeonic/rails.h>

const char *const AeVerdictNames[4]              = {"accept", "control", "reject", "stop"};
const char *const AeActionNames[AE_ACTION_COUNT] = {"none", "dissipation", "dt", "loom", "clean-up"};

const AeRailInfo AeRails[AE_RAIL_COUNT] = {
  [AE_RAIL_FINITE] = {"finite", AE_SEM, AE_SCALE_H, PETSC_FALSE, AE_ACTION_NONE},
  [AE_RAIL_LAPSE]  = {"lapse", AE_SEM, AE_SCALE_L, PETSC_TRUE, AE_ACTION_NONE},
  [AE_RAIL_CHI]    = {"chi", AE_SEM, AE_SCALE_L, PETSC_TRUE, AE_ACTION_NONE},
  [AE_RAIL_DET]    = {"det", AE_SEM, AE_SCALE_M, PETSC_FALSE, AE_ACTION_DT},
  [AE_RAIL_TR]     = {"tr", AE_SEM, AE_SCALE_M, PETSC_FALSE, AE_ACTION_DT},
  [AE_RAIL_H]      = {"H", AE_CONS, AE_SCALE_L, PETSC_FALSE, AE_ACTION_DISSIPATION},
  [AE_RAIL_M]      = {"M", AE_CONS, AE_SCALE_L, PETSC_FALSE, AE_ACTION_DISSIPATION},
  [AE_RAIL_GROWTH] = {"growth", AE_CONS, AE_SCALE_H, PETSC_FALSE, AE_ACTION_DISSIPATION},
  [AE_RAIL_K]      = {"K", AE_PHY, AE_SCALE_L, PETSC_FALSE, AE_ACTION_DT},
  [AE_RAIL_D]      = {"D", AE_PHY, AE_SCALE_H, PETSC_FALSE, AE_ACTION_DISSIPATION},
};

const char *AeThreadName(PetscInt thread)
{
  static char              names[AE_THREADS][12];
  static const char *const domain[3] = {"PHY", "CONS", "SEM"};

  if (!names[0][0])
    for (int n = 0; n < AE_THREADS; n++) snprintf(names[n], sizeof names[n], "%s/%c/R%d", domain[n / 9], "LMH"[n / 3 % 3], n % 3);
  return names[thread];
}

PetscReal AeRailsResidual(const AeRailsLimits *L, AeRail q, PetscReal v)
{
  const PetscReal limit = L->limit[q];

  if (q == AE_RAIL_FINITE) return v > 0 || v != v ? PETSC_INFINITY : 0.0;
  if (AeRails[q].lowest) {
    if (limit < 0 || v == PETSC_INFINITY) return 0.0;
    return v > 0 ? limit / v : PETSC_INFINITY; /* NaN: infinity */
  }
  if (limit <= 0) return 0.0;
  return v != v ? PETSC_INFINITY : PetscMax(v, 0.0) / limit;
}

static AeRail Worst(const PetscReal r[])
{
  AeRail q = AE_RAIL_FINITE;

  for (int p = 1; p < AE_RAIL_COUNT; p++)
    if (r[p] > r[q]) q = (AeRail)p;
  return q;
}

/* Whether a smaller dt has left the residual's growth in time as it was: then dt is not what drives it. */
static PetscBool Persists(const AeRailsState *s, const AeRailsEvent *e, PetscReal r)
{
  return (PetscBool)(s->known && s->rate > 0 && s->rate_rail == e->rail && r < PETSC_INFINITY && e->dt <= 0.75 * s->rate_dt &&
                     (r - e->before) / e->dt > 0.5 * s->rate);
}

void AeRailsJudge(const AeRailsLimits *L, const AeRailsState *s, PetscInt tries, AeRailsEvent *e)
{
  PetscReal r[AE_RAIL_COUNT];

  for (int q = 0; q < AE_RAIL_COUNT; q++) r[q] = e->residual[q];
  e->stop = AE_STOP_NONE;
  /* the growth of many steps is not mended by taking back one, nor is what the state's spectrum has become */
  r[AE_RAIL_GROWTH] = PetscMin(r[AE_RAIL_GROWTH], 1.0);
  r[AE_RAIL_D]      = PetscMin(r[AE_RAIL_D], 1.0);
  e->rail           = Worst(r);
  e->before         = s->known ? s->start[e->rail] : -1.0;
  e->action         = AE_ACTION_NONE;
  if (!(r[e->rail] > L->control)) {
    e->verdict = AE_VERDICT_ACCEPT;
    return;
  }
  if (!(r[e->rail] > 1.0)) {
    e->action = AeRails[e->rail].action;
    if (L->cleanup && (e->rail == AE_RAIL_H || e->rail == AE_RAIL_M)) e->action = AE_ACTION_CLEANUP;
    e->verdict = e->action == AE_ACTION_NONE ? AE_VERDICT_ACCEPT : AE_VERDICT_CONTROL;
    return;
  }
  e->action = AeRails[e->rail].action;
  if (s->known && e->before > 1.0) e->stop = AE_STOP_STATE;
  else if (Persists(s, e, r[e->rail])) e->stop = AE_STOP_PERSISTS;
  else if (0.5 * e->dt < PetscMax(L->dt_min, s->nominal / AE_RAILS_SMALLEST)) e->stop = AE_STOP_FLOOR;
  else if (tries >= L->retries) e->stop = AE_STOP_RETRIES;
  e->verdict = e->stop ? AE_VERDICT_STOP : AE_VERDICT_REJECT;
}
