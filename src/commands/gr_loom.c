/*
  The loom of an evolution: which of its fields are watched and where they are found, ticks and their receipts.

  A tick after step n is on the state that the step began from, whose right-hand side is the step's first slope and whose
  constraints are those of the first stage: all at hand. Steppers that show neither pay for one more right-hand side.
*/
#include "gr_app.h"
#include <petsctime.h>

static PetscErrorCode Watch(AeGRApp *a, const char name[])
{
  AeGRLoom          *l = &a->loom;
  const AeFieldInfo *info, *diag;
  const PetscReal    h = a->grid->h;
  const PetscInt     f = AeFieldsFind(a->fields, name), c = AeFieldsFind(a->diag_fields, name);
  AeLoomField        field = {.components = 1, .noise = 1.0};
  PetscInt           i, source = AE_FROM_STATE;
  Z4Fields           at = AeGRPlaces(a->gr);

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, NULL, &info));
  PetscCall(AeFieldsGetInfo(a->diag_fields, NULL, NULL, &diag));
  PetscCheck(f >= 0 || (c >= 0 && c < 5), PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-loom_watch: there is no field %s here; K, lapse, H, M_x, chi (or W), gt_xx, At_xx, shift_x ... are", name);
  PetscCall(PetscStrncpy(field.name, name, sizeof field.name));
  if (!strcmp(name, "K") && f != at.K) source = AE_FROM_TRACE; /* z4c's Khat has another name, adm has no K */
  else if (f < 0) source = c == 4 ? AE_FROM_TRACE : AE_FROM_CONSTRAINTS;
  for (int d = 0; d < 3; d++) field.parity[0][d] = source == AE_FROM_STATE ? info[f].parity[d] : diag[c].parity[d];
  /* rounding errors of what holds a first derivative, and a second one */
  if (source == AE_FROM_TRACE || f == at.K || (f >= at.curv && f < at.curv + 6) || (f >= 0 && f == at.Theta))
    field.noise = 1.0 / h;
  if (source == AE_FROM_CONSTRAINTS) field.noise = 1.0 / (h * h);
  PetscCall(AeLoomWatch(l->loom, &field, &i));
  l->source[i] = source;
  l->field[i]  = source == AE_FROM_CONSTRAINTS ? c : f;
  if (source == AE_FROM_CONSTRAINTS) l->constraints = PETSC_TRUE;
  if (!strcmp(name, "H")) l->H = i;
  l->n = i + 1;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppLoomOptions(AeGRApp *a)
{
  AeLoomOptions options;
  unsigned      flag;

  PetscFunctionBegin;
  a->loom.H = -1;
  PetscCall(AeFFTRigor(PETSC_COMM_WORLD, &flag)); /* declares the options of transforms, which are planned later */
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "K,lapse,H", &options));
  PetscCall(AeLoomCreate(a->grid, &options, &a->loom.loom));
  a->loom.view = options.view;
  for (PetscInt i = 0; i < options.n; i++) PetscCall(Watch(a, options.watch[i]));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppLoomSetUp(AeGRApp *a)
{
  AeGRLoom       *l = &a->loom;
  const AeLayout *L;

  PetscFunctionBegin;
  if (!AeLoomEvery(l->loom)) PetscFunctionReturn(0);
  PetscCall(AeLoomSetUp(l->loom));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  for (PetscInt i = 0; i < l->n; i++)
    if (l->source[i] == AE_FROM_TRACE && !l->K) PetscCall(PetscMalloc2(L->nk * L->plane, &l->K, L->nk * L->plane, &l->dtK));
  if (l->constraints && !a->diag) PetscCall(AeFieldsCreateVec(a->diag_fields, &a->diag));
  PetscFunctionReturn(0);
}

/* The constraints of the first stage are kept when the step will be followed by a tick that is due. */
PetscErrorCode AeGRAppLoomPreStep(AeGRApp *a)
{
  AeGRLoom      *l     = &a->loom;
  const PetscInt every = AeLoomEvery(l->loom);

  PetscFunctionBegin;
  l->captured = (PetscBool)(l->constraints && every && (AeClockNow(a->record.clock)->n + 1) % every == 0);
  PetscCall(AeGRSetCapture(a->gr, l->captured ? a->diag : NULL));
  PetscFunctionReturn(0);
}

/* The state to look at and its slope: with look-ahead the slope of the state accepted is at hand, else that of the one before. */
static PetscErrorCode Find(AeGRApp *a, PetscReal t, Vec *U, Vec *F)
{
  AeGRLoom *l = &a->loom;
  PetscInt  n;
  Vec      *K, *Y;

  PetscFunctionBegin;
  PetscCall(AeTSGetSlopes(a->ts, &n, &K));
  if (n) {
    PetscCall(TSGetStages(a->ts, &n, &Y));
    *U = a->ahead ? a->U : Y[0]; /* after acceptance Y[0] holds the state before */
    *F = K[0];
    PetscFunctionReturn(0);
  }
  if (!l->slope) PetscCall(VecDuplicate(a->U, &l->slope));
  l->captured = l->constraints;
  PetscCall(AeGRSetCapture(a->gr, l->captured ? a->diag : NULL));
  PetscCall(AeGRPrepareStage(a->gr, a->U, t, AE_SWEEP_FIRST, 0, PETSC_FALSE));
  PetscCall(AeGRRHSFunction(a->ts, t, a->U, l->slope, a->gr));
  *U = a->U;
  *F = l->slope;
  PetscFunctionReturn(0);
}

/* Gauge fields that are given move without a slope. */
static PetscBool HasSlope(AeGRApp *a, PetscInt f)
{
  const Z4Fields at = AeGRPlaces(a->gr);
  Z4Params      *p;

  PetscCallAbort(PETSC_COMM_SELF, AeGRGet(a->gr, NULL, NULL, NULL, NULL, &p));
  if (f == at.lapse) return (PetscBool)(p->lapse_sigma != 0);
  if (f >= at.shift && f < at.shift + 3) return (PetscBool)(p->shift_sigma != 0);
  return PETSC_TRUE;
}

static PetscErrorCode Transform(AeGRApp *a, PetscInt it, PetscReal t, PetscReal dt)
{
  AeGRLoom       *l = &a->loom;
  const AeLayout *L, *CL;
  AeLoomInput     in[AE_LOOM_FIELDS];
  AeLoomStep      step = {.dt_limit      = PetscMax(a->dt_limit, a->dt) /* what -ts_dt was given is wanted */,
                          .damping       = AeGRDamping(a->gr),
                          .constraint    = a->stats.H_l2,
                          .constraint_at = l->H,
                          .lapse_min     = a->stats.lapse_min,
                          .chi_min       = a->stats.chi_min,
                          .nonfinite     = a->stats.nonfinite};
  Vec             U = NULL, F = NULL;
  const double   *u, *f, *c = NULL;

  PetscFunctionBegin;
  step.it = it;
  step.t  = t;
  step.dt = dt;
  if (a->rails) PetscCall(AeRailsGetLimit(a->adapt, AE_GR_RAIL_H, &step.constraint_max));
  PetscCall(Find(a, t, &U, &F));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(a->diag_fields, NULL, &CL, NULL));
  if (l->K) PetscCall(AeGRTrace(a->gr, U, F, l->K, l->dtK));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayRead(F, &f));
  if (l->captured) PetscCall(VecGetArrayRead(a->diag, &c));
  for (PetscInt i = 0; i < l->n; i++) {
    const PetscInt g = l->field[i];

    in[i] = (AeLoomInput){.pitch = L->pitch, .plane = L->plane};
    if (l->source[i] == AE_FROM_TRACE) in[i].q[0] = l->K, in[i].r[0] = l->dtK;
    else if (l->source[i] == AE_FROM_STATE) {
      in[i].q[0] = u + AeAt(L, g, 0, 0, 0);
      if (HasSlope(a, g)) in[i].r[0] = f + AeAt(L, g, 0, 0, 0);
    } else if (c) in[i] = (AeLoomInput){.q = {c + AeAt(CL, g, 0, 0, 0)}, .pitch = CL->pitch, .plane = CL->plane};
  }
  PetscCall(AeLoomTick(l->loom, in, &step));
  if (c) PetscCall(VecRestoreArrayRead(a->diag, &c));
  PetscCall(VecRestoreArrayRead(F, &f));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

/* Statistics of pass A as the gate's proxies: Delta K and norms. Below their floors they are rounding errors; those of the
   constraints grow from step to step, hence 16 times the room. A tenth of an energy is 5 % of a norm. The largest of a field's
   samples varies by 10 % as a pulse three cells wide moves between cells. Constraints that are not watched tell of high modes
   long before these can be seen. */
static PetscErrorCode Proxies(AeGRApp *a, PetscReal dt, PetscBool *trip)
{
  const AeGRStats  *s = &a->stats;
  const PetscReal   h = a->grid->h, eps = 64.0 * PETSC_MACHINE_EPSILON, calm = a->loom.constraints ? 0.05 : 0.25;
  const AeLoomProxy p[4] = {{s->dtK_max * dt, eps * dt / (h * h), 0.15},
                            {s->K_l2, eps / h, 0.05},
                            {s->H_l2, 16 * eps / (h * h), calm},
                            {s->M_l2, 16 * eps / (h * h), calm}};

  PetscFunctionBegin;
  PetscCall(AeLoomProxies(a->loom.loom, 4, p, trip));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppLoomPostStep(AeGRApp *a, PetscInt it, PetscReal t)
{
  AeGRLoom   *l  = &a->loom;
  AeRecord   *r  = &a->record;
  PetscReal   dt = t - a->t_begin;
  PetscInt    n;
  Vec        *K;
  PetscBool   needed, trip;
  const char *reason;
  AeCost      cost, *spent = NULL;

  PetscFunctionBegin;
  if (!AeLoomEvery(l->loom)) PetscFunctionReturn(0);
  PetscCall(Proxies(a, dt, &trip));
  if (trip) PetscCall(AeClockTrigger(r->clock, r->loom));
  if (!AeClockDue(r->clock, r->loom)) PetscFunctionReturn(0);
  PetscCall(AeTSGetSlopes(a->ts, &n, &K));
  if (n && !a->ahead) it--, t = a->t_begin; /* the state that the step began from */
  PetscCall(AeLoomGate(l->loom, &needed, &reason));
  if (trip) reason = "a proxy has moved by half";
  if (l->asked) reason = "the rails ask";
  if (needed || trip || l->asked) {
    PetscCall(PetscTime(&cost.seconds));
    PetscCall(PetscGetFlops(&cost.flops));
    PetscCall(Transform(a, it, t, dt));
    {
      PetscLogDouble now, flops;

      PetscCall(PetscTime(&now));
      PetscCall(PetscGetFlops(&flops));
      cost = (AeCost){now - cost.seconds, flops - cost.flops,
                      8.0 * 8.0 * l->n * (PetscLogDouble)a->grid->n[0] * a->grid->nj * a->grid->nk};
    }
    spent = &cost;
  } else PetscCall(AeLoomSkip(l->loom));
  PetscCall(PetscInfo(a->ts, "loom at step %" PetscInt_FMT ": %s: %s\n", it, spent ? "transformed" : "skipped", reason));
  PetscCall(AeGRAppRecordLoom(a, reason, (PetscBool)!spent, spent));
  PetscCall(AeLoomWrite(l->loom, a->series, it, t));
  PetscCall(AeClockServe(r->clock, r->loom));
  l->asked = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppLoomFinish(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeLoomSummary(a->loom.loom, a->run));
  if (a->loom.view) PetscCall(AeLoomView(a->loom.loom, PETSC_VIEWER_STDOUT_WORLD));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppLoomDestroy(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(a->loom.K, a->loom.dtK));
  PetscCall(VecDestroy(&a->loom.slope));
  PetscCall(AeLoomDestroy(&a->loom.loom));
  PetscFunctionReturn(0);
}
