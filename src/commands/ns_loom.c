/*
  The loom of a flow. The state is made of modes, so that a tick costs no transform: one after step n is on the state that the
  step began from, of which a copy is kept in any case, and on its slope, the step's first right-hand side.
*/
#include "ns_app.h"
#include <petsctime.h>

/* Components as they stand in the state, and after them the vorticity's. */
enum { VELOCITY, SCALAR = 3, VORTICITY = 4 };

static PetscErrorCode Watch(AeNSApp *a, const char name[])
{
  static const char *const names[] = {"velocity", "vorticity",   "velocity_x",  "velocity_y", "velocity_z",
                                      "scalar",   "vorticity_x", "vorticity_y", "vorticity_z"};
  static const PetscInt    first[] = {VELOCITY, VORTICITY, VELOCITY,      VELOCITY + 1, VELOCITY + 2,
                                      SCALAR,   VORTICITY, VORTICITY + 1, VORTICITY + 2};
  AeNSLoom                *l       = &a->loom;
  AeLoomField              field   = {.components = 1, .noise = 1.0}; /* flows of order one in a box of 2 pi */
  PetscInt                 i       = 0, fields;
  AeBand                   b;

  PetscFunctionBegin;
  PetscCall(AeNSGet(a->ns, NULL, NULL, &fields, &b, NULL));
  while (i < (PetscInt)PETSC_STATIC_ARRAY_LENGTH(names) && strcmp(name, names[i])) i++;
  PetscCheck(i < (PetscInt)PETSC_STATIC_ARRAY_LENGTH(names) && (first[i] != SCALAR || fields == 4), PETSC_COMM_WORLD,
             AE_ERR_USAGE,
             "-loom_watch: there is no field %s here; velocity, vorticity, their components velocity_x ... vorticity_z and, with "
             "-ns_scalar, scalar are",
             name);
  PetscCall(PetscStrncpy(field.name, name, sizeof field.name));
  if (i < 2) field.components = 3;
  if (first[i] >= VORTICITY) field.noise = PetscMax(b->K[0], PetscMax(b->K[1], b->K[2]));
  for (int c = 0; c < 3; c++)
    for (int d = 0; d < 3; d++) field.parity[c][d] = 1;
  l->first[l->n] = first[i];
  l->count[l->n] = field.components;
  PetscCall(AeLoomWatch(l->loom, &field, &i));
  l->n = i + 1;
  PetscFunctionReturn(0);
}

/* A box with fewer waves than make octaves has a loom only where it is asked for one, which then says so. */
PetscErrorCode AeNSAppLoomOptions(AeNSApp *a)
{
  AeNSLoom     *l = &a->loom;
  AeLoomOptions options;
  PetscInt      most, cells;
  PetscBool     given;
  AeBand        b;

  PetscFunctionBegin;
  PetscCall(AeNSGet(a->ns, NULL, NULL, NULL, &b, NULL));
  most  = 2 * PetscMax(b->K[0], PetscMax(b->K[1], b->K[2])) + 1;
  cells = PetscMax(most, AE_MIN_ROW);
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &l->grid));
  PetscCall(AeGridSetSizes(l->grid, (PetscInt[3]){cells, cells, cells}));
  PetscCall(AeGridSetLength(l->grid, 0, 2.0 * PETSC_PI));
  PetscCall(AeGridSetBoundary(l->grid, AE_BC_PERIODIC));
  PetscCall(AeGridSetUp(l->grid));
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "velocity", &options));
  PetscCall(AeLoomCreate(l->grid, &options, &l->loom));
  l->view = options.view;
  PetscCall(AeLoomSetBand(l->loom, b));
  for (PetscInt i = 0; i < options.n; i++) {
    PetscCall(Watch(a, options.watch[i]));
    PetscCall(PetscStrlcat(l->watch, options.watch[i], sizeof l->watch));
    PetscCall(PetscStrlcat(l->watch, ",", sizeof l->watch));
  }
  PetscCall(PetscOptionsHasName(NULL, NULL, "-loom_every", &given));
  l->on = (PetscBool)(AeLoomEvery(l->loom) && (given || most >= 8));
  PetscCheck(!l->on || most >= 8, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-loom_every: waves up to %" PetscInt_FMT " make no octaves, at least 4 are needed (-grid_n)", most / 2);
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppLoomSetUp(AeNSApp *a)
{
  AeNSLoom          *l    = &a->loom;
  const AeNSHistory *from = a->record.from;
  AeBand             b;

  PetscFunctionBegin;
  if (!l->on) PetscFunctionReturn(0);
  PetscCall(AeLoomSetUp(l->loom));
  if (from && !strcmp(from->watch, l->watch)) { /* a loom that watches others begins anew */
    const size_t before = sizeof *from + (size_t)from->nseries;

    if (a->record.from_size > before) PetscCall(AeLoomUnpack(l->loom, (const char *)from + before, a->record.from_size - before));
  }
  PetscCall(VecDuplicate(a->U, &l->slope));
  PetscCall(AeNSGet(a->ns, NULL, NULL, NULL, &b, NULL));
  for (PetscInt i = 0; i < l->n; i++)
    if (l->first[i] >= VORTICITY && !l->curl[0])
      PetscCall(PetscMalloc2(6 * AeBandSize(b), &l->curl[0], 6 * AeBandSize(b), &l->curl[1]));
  PetscFunctionReturn(0);
}

/* The slope is kept when the step will be followed by a tick that is due; a tick that a proxy asks for has none. */
PetscErrorCode AeNSAppLoomPreStep(AeNSApp *a)
{
  AeNSLoom *l = &a->loom;

  PetscFunctionBegin;
  if (!l->on) PetscFunctionReturn(0);
  l->captured = (PetscBool)((AeClockNow(a->record.clock)->n + 1) % AeLoomEvery(l->loom) == 0);
  PetscCall(AeNSSetCapture(a->ns, l->captured ? l->slope : NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode Look(AeNSApp *a, PetscInt it, PetscReal t, PetscReal dt)
{
  AeNSLoom   *l = &a->loom;
  AeLoomInput in[AE_LOOM_FIELDS];
  AeLoomStep  step = {
     .it = it, .t = t, .dt = dt, .dt_limit = a->dt_limit, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
  AeBand        b;
  ptrdiff_t     size;
  const double *u, *f;

  PetscFunctionBegin;
  PetscCall(AeNSGet(a->ns, NULL, NULL, NULL, &b, NULL));
  PetscCall(AeNSAdvectiveLimit(a->ns, &step.dt_limit));
  size = 2 * AeBandSize(b);
  if (l->captured) PetscCall(AeNSAddViscous(a->ns, a->kept[1], l->slope));
  PetscCall(VecGetArrayRead(a->kept[1], &u));
  PetscCall(VecGetArrayRead(l->slope, &f));
  if (l->curl[0]) PetscCall(AeNSCurl(a->ns, u, l->curl[0]));
  if (l->curl[0] && l->captured) PetscCall(AeNSCurl(a->ns, f, l->curl[1]));
  for (PetscInt i = 0; i < l->n; i++) {
    const PetscBool curl = (PetscBool)(l->first[i] >= VORTICITY);
    const double   *q = curl ? l->curl[0] : u, *r = curl ? l->curl[1] : f;

    in[i] = (AeLoomInput){.pitch = 0};
    for (int c = 0; c < l->count[i]; c++) {
      const ptrdiff_t o = (l->first[i] - (curl ? VORTICITY : 0) + c) * size;

      in[i].q[c] = q + o;
      if (l->captured) in[i].r[c] = r + o;
    }
  }
  PetscCall(AeLoomTick(l->loom, in, &step));
  PetscCall(VecRestoreArrayRead(l->slope, &f));
  PetscCall(VecRestoreArrayRead(a->kept[1], &u));
  PetscFunctionReturn(0);
}

/* What is known of every step in any case: the largest velocity, measured by the first right-hand side, and where series are written
   at every step energy and enstrophy. A tenth of an energy is 5 % of a norm. */
static PetscErrorCode Proxies(AeNSApp *a, PetscBool *trip)
{
  const PetscReal eps  = 64.0 * PETSC_MACHINE_EPSILON;
  AeLoomProxy     p[3] = {{0, eps, 0.05}, {a->sums.energy, eps * eps, 0.1}, {a->sums.enstrophy, eps * eps, 0.1}};

  PetscFunctionBegin;
  PetscCall(AeNSRate(a->ns, &p[0].value));
  PetscCall(AeLoomProxies(a->loom.loom, a->series_every == 1 ? 3 : 1, p, trip));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppLoomPostStep(AeNSApp *a, PetscInt it, PetscReal t)
{
  AeNSLoom   *l = &a->loom;
  AeNSRecord *r = &a->record;
  PetscBool   needed, trip;
  const char *reason;
  AeCost      cost, *spent = NULL;

  PetscFunctionBegin;
  if (!l->on) PetscFunctionReturn(0);
  PetscCall(Proxies(a, &trip));
  if (trip) PetscCall(AeClockTrigger(r->clock, r->loom));
  if (!AeClockTake(r->clock, r->loom)) PetscFunctionReturn(0);
  PetscCall(AeLoomGate(l->loom, &needed, &reason));
  if (trip) reason = "a proxy has moved by half";
  if (needed || trip) {
    PetscLogDouble begin, end;
    PetscInt       n;

    PetscCall(PetscTime(&begin));
    PetscCall(Look(a, it - 1, a->t_begin, t - a->t_begin));
    PetscCall(PetscTime(&end));
    PetscCall(VecGetLocalSize(a->U, &n));
    cost  = (AeCost){end - begin, 0, 4 * 8.0 * n};
    spent = &cost;
  } else PetscCall(AeLoomSkip(l->loom));
  PetscCall(PetscInfo(a->ts, "loom at step %" PetscInt_FMT ": %s: %s\n", it - 1, spent ? "looked" : "skipped", reason));
  PetscCall(AeNSAppRecordLoom(a, reason, (PetscBool)!spent, spent));
  PetscCall(AeLoomWrite(l->loom, a->series, it - 1, a->t_begin));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppLoomFinish(AeNSApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeLoomSummary(a->loom.loom, a->run));
  if (a->loom.view) PetscCall(AeLoomView(a->loom.loom, PETSC_VIEWER_STDOUT_WORLD));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppLoomDestroy(AeNSApp *a)
{
  PetscFunctionBegin;
  PetscCall(PetscFree2(a->loom.curl[0], a->loom.curl[1]));
  PetscCall(VecDestroy(&a->loom.slope));
  PetscCall(AeLoomDestroy(&a->loom.loom));
  PetscCall(AeGridDestroy(&a->loom.grid));
  PetscFunctionReturn(0);
}
