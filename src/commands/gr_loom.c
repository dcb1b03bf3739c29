/*
  What the loom of an evolution watches and where that is found.

  A tick after step n is, with look-ahead, on the new state, whose right-hand side is there already; else on the state that the
  step began from, whose right-hand side is the step's first slope and whose constraints are those of the first stage: all at
  hand. Steppers that show neither pay for one more right-hand side.
*/
#include "gr_run.h"
#include <aeonic/spectral.h>

enum { AE_FROM_STATE, AE_FROM_TRACE, AE_FROM_CONSTRAINTS };
typedef struct {
  PetscInt  n, source[AE_LOOM_FIELDS], field[AE_LOOM_FIELDS];
  PetscInt  H;           /* index of the watched H, -1: none */
  double   *K, *dtK;     /* tr K and its rate, if watched */
  Vec       slope;       /* for steppers that show none */
  PetscBool constraints; /* some are watched */
} Watched;

/* Where a field comes from decides what its rounding errors are, and so below which size it is silent: state, trace of K,
   constraints. */
static PetscErrorCode Watch(AeEvolution E, Watched *l, AeLoom loom, const char name[])
{
  AeSpacetime       *a = AeSpacetimeOf(E);
  const AeFields     D = AeConstraintsFields(E);
  const AeFieldInfo *info, *diag;
  const PetscReal    h = a->grid->h;
  const PetscInt     f = AeFieldsFind(a->fields, name), c = AeFieldsFind(D, name);
  AeLoomField        field = {.components = 1, .noise = 1.0};
  PetscInt           i, source = AE_FROM_STATE;
  Z4Fields           at = AeGRPlaces(a->gr);

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, NULL, &info));
  PetscCall(AeFieldsGetInfo(D, NULL, NULL, &diag));
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
  PetscCall(AeLoomWatch(loom, &field, &i));
  l->source[i] = source;
  l->field[i]  = source == AE_FROM_CONSTRAINTS ? c : f;
  if (source == AE_FROM_CONSTRAINTS) l->constraints = PETSC_TRUE;
  if (!strcmp(name, "H")) l->H = i;
  l->n = i + 1;
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(AeEvolution E, void *mine, AeLoom *loom, PetscBool *view)
{
  Watched      *l = (Watched *)mine;
  AeLoomOptions options;
  unsigned      flag;

  PetscFunctionBegin;
  l->H = -1;
  PetscCall(AeFFTRigor(PETSC_COMM_WORLD, &flag)); /* declares the options of transforms, which are planned later */
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "K,lapse,H", &options));
  PetscCall(AeLoomCreate(AeSpacetimeOf(E)->grid, &options, loom));
  *view = options.view;
  for (PetscInt i = 0; i < options.n; i++) PetscCall(Watch(E, l, *loom, options.watch[i]));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetUp(AeEvolution E, void *mine)
{
  Watched        *l = (Watched *)mine;
  const AeLayout *L;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(AeSpacetimeOf(E)->fields, NULL, &L, NULL));
  for (PetscInt i = 0; i < l->n; i++)
    if (l->source[i] == AE_FROM_TRACE && !l->K) PetscCall(PetscMalloc2(L->nk * L->plane, &l->K, L->nk * L->plane, &l->dtK));
  PetscFunctionReturn(0);
}

/* The constraints of the first stage are kept when the step will be followed by a tick that is due. */
static PetscErrorCode Before(AeEvolution E, void *mine, PetscBool due)
{
  return ((Watched *)mine)->constraints && due ? AeConstraintsCapture(E, PETSC_TRUE) : 0;
}

static PetscBool Behind(AeEvolution E)
{
  PetscInt n;
  Vec     *K;

  PetscCallAbort(PETSC_COMM_SELF, AeTSGetSlopes(E->ts, &n, &K));
  return (PetscBool)(n > 0 && !E->ahead);
}

/* The state to look at and its slope: with look-ahead the slope of the state accepted is at hand, else that of the one before. */
static PetscErrorCode Find(AeEvolution E, Watched *l, PetscReal t, Vec *U, Vec *F)
{
  AeGR     gr = AeSpacetimeOf(E)->gr;
  PetscInt n;
  Vec     *K, *Y;

  PetscFunctionBegin;
  PetscCall(AeTSGetSlopes(E->ts, &n, &K));
  if (n) {
    PetscCall(TSGetStages(E->ts, &n, &Y));
    *U = E->ahead ? E->U : Y[0]; /* after acceptance Y[0] holds the state before */
    *F = K[0];
    PetscFunctionReturn(0);
  }
  if (!l->slope) PetscCall(VecDuplicate(E->U, &l->slope));
  PetscCall(AeConstraintsCapture(E, l->constraints));
  PetscCall(AeGRPrepareStage(gr, E->U, t, AE_SWEEP_FIRST, 0, PETSC_FALSE));
  PetscCall(AeGRRHSFunction(E->ts, t, E->U, l->slope, gr));
  *U = E->U;
  *F = l->slope;
  PetscFunctionReturn(0);
}

/* Gauge fields that are given move without a slope. */
static PetscBool HasSlope(const AeSpacetime *a, PetscInt f)
{
  const Z4Fields at = AeGRPlaces(a->gr);
  Z4Params      *p;

  PetscCallAbort(PETSC_COMM_SELF, AeGRGet(a->gr, NULL, NULL, NULL, NULL, &p));
  if (f == at.lapse) return (PetscBool)(p->lapse_sigma != 0);
  if (f >= at.shift && f < at.shift + 3) return (PetscBool)(p->shift_sigma != 0);
  return PETSC_TRUE;
}

/* One input for each watched field. u, f: state and slope; c: the constraints, NULL if they are not at hand. */
static PetscErrorCode Inputs(AeEvolution E, const Watched *l, const double *u, const double *f, const double *c, AeLoomInput in[])
{
  const AeSpacetime *a = AeSpacetimeOf(E);
  const AeLayout    *L, *CL;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(AeConstraintsFields(E), NULL, &CL, NULL));
  for (PetscInt i = 0; i < l->n; i++) {
    const PetscInt g = l->field[i];

    in[i] = (AeLoomInput){.pitch = L->pitch, .plane = L->plane};
    if (l->source[i] == AE_FROM_TRACE) in[i].q[0] = l->K, in[i].r[0] = l->dtK;
    else if (l->source[i] == AE_FROM_STATE) {
      in[i].q[0] = u + AeAt(L, g, 0, 0, 0);
      if (HasSlope(a, g)) in[i].r[0] = f + AeAt(L, g, 0, 0, 0);
    } else if (c) in[i] = (AeLoomInput){.q = {c + AeAt(CL, g, 0, 0, 0)}, .pitch = CL->pitch, .plane = CL->plane};
  }
  PetscFunctionReturn(0);
}

/* What the rails know of the state goes along: the loom's lattice holds caps of dt beside what it sees itself. */
static PetscErrorCode Look(AeEvolution E, void *mine, AeLoom loom, AeLoomStep *step, PetscLogDouble *moved)
{
  AeSpacetime  *a = AeSpacetimeOf(E);
  Watched      *l = (Watched *)mine;
  AeLoomInput   in[AE_LOOM_FIELDS];
  Vec           U = NULL, F = NULL, C;
  const double *u, *f, *c = NULL;

  PetscFunctionBegin;
  step->dt_limit      = PetscMax(E->dt_limit, E->dt); /* what -ts_dt was given is wanted */
  step->damping       = AeGRDamping(a->gr);
  step->constraint    = a->stats.H_l2;
  step->constraint_at = l->H;
  step->lapse_min     = a->stats.lapse_min;
  step->chi_min       = a->stats.chi_min;
  step->nonfinite     = a->stats.nonfinite;
  if (E->rails) PetscCall(AeRailsGetLimit(E->rails, AE_GR_RAIL_H, &step->constraint_max));
  PetscCall(Find(E, l, step->t, &U, &F));
  C = AeConstraintsCaptured(E);
  if (l->K) PetscCall(AeGRTrace(a->gr, U, F, l->K, l->dtK));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayRead(F, &f));
  if (C) PetscCall(VecGetArrayRead(C, &c));
  PetscCall(Inputs(E, l, u, f, c, in));
  PetscCall(AeLoomTick(loom, in, step));
  if (C) PetscCall(VecRestoreArrayRead(C, &c));
  PetscCall(VecRestoreArrayRead(F, &f));
  PetscCall(VecRestoreArrayRead(U, &u));
  *moved = 8.0 * 8.0 * l->n * (PetscLogDouble)a->grid->n[0] * a->grid->nj * a->grid->nk;
  PetscFunctionReturn(0);
}

/* Statistics of pass A as the gate's proxies: Delta K and norms. Below their floors they are rounding errors; those of the
   constraints grow from step to step, hence 16 times the room. A tenth of an energy is 5 % of a norm. The largest of a field's
   samples varies by 10 % as a pulse three cells wide moves between cells. Constraints that are not watched tell of high modes
   long before these can be seen. */
static PetscErrorCode Proxies(AeEvolution E, void *mine, PetscReal dt, PetscInt *n, AeLoomProxy p[])
{
  const AeGRStats *s = &AeSpacetimeOf(E)->stats;
  const PetscReal  h = AeSpacetimeOf(E)->grid->h, eps = 64.0 * PETSC_MACHINE_EPSILON,
                  calm = ((const Watched *)mine)->constraints ? 0.05 : 0.25;

  PetscFunctionBegin;
  *n   = 4;
  p[0] = (AeLoomProxy){s->dtK_max * dt, eps * dt / (h * h), 0.15};
  p[1] = (AeLoomProxy){s->K_l2, eps / h, 0.05};
  p[2] = (AeLoomProxy){s->H_l2, 16 * eps / (h * h), calm};
  p[3] = (AeLoomProxy){s->M_l2, 16 * eps / (h * h), calm};
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeEvolution E, void *mine)
{
  Watched *l = (Watched *)mine;

  PetscFunctionBegin;
  (void)E;
  PetscCall(PetscFree2(l->K, l->dtK));
  PetscCall(VecDestroy(&l->slope));
  PetscFunctionReturn(0);
}

const AeLoomProblem AeLoomGR = {sizeof(Watched), Create, SetUp, Before, Proxies, Behind, Look, Destroy};
