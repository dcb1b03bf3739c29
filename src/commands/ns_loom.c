/*
  What the loom of a flow watches. The state is made of modes, so that a tick costs no transform: one after step n is on the state
  that the step began from, of which a copy is kept in any case, and on its slope, the step's first right-hand side.
*/
#include "ns_run.h"

/* Components as they stand in the state, and after them the vorticity's. */
enum { VELOCITY, SCALAR = 3, VORTICITY = 4 };

typedef struct {
  AeGrid    grid; /* of as many cells as waves are kept */
  PetscBool captured;
  PetscInt  n, first[AE_LOOM_FIELDS],
    count[AE_LOOM_FIELDS]; /* watched fields: their components among velocity, scalar, vorticity */
  Vec     slope;           /* d_t u at the beginning of the step */
  double *curl[2];         /* vorticity, and its rate */
} Watched;

/* Velocity and vorticity are vectors, whose components' energies are summed; of the others one component each. */
static PetscErrorCode Watch(AeEvolution E, Watched *l, AeLoom loom, const char name[])
{
  static const char *const names[] = {"velocity", "vorticity",   "velocity_x",  "velocity_y", "velocity_z",
                                      "scalar",   "vorticity_x", "vorticity_y", "vorticity_z"};
  static const PetscInt    first[] = {VELOCITY, VORTICITY, VELOCITY,      VELOCITY + 1, VELOCITY + 2,
                                      SCALAR,   VORTICITY, VORTICITY + 1, VORTICITY + 2};
  AeLoomField              field   = {.components = 1, .noise = 1.0}; /* flows of order one in a box of 2 pi */
  PetscInt                 i       = 0, fields;
  AeBand                   b;

  PetscFunctionBegin;
  PetscCall(AeNSGet(AeFlowOf(E)->ns, NULL, NULL, &fields, &b, NULL));
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
  PetscCall(AeLoomWatch(loom, &field, &i));
  l->n = i + 1;
  PetscFunctionReturn(0);
}

/* A box with fewer waves than make octaves has a loom only where it is asked for one, which then says so. */
static PetscErrorCode Create(AeEvolution E, void *mine, AeLoom *loom, PetscBool *view)
{
  Watched      *l = (Watched *)mine;
  AeLoomOptions options;
  PetscInt      most, cells;
  PetscBool     given;
  AeBand        b;

  PetscFunctionBegin;
  PetscCall(AeNSGet(AeFlowOf(E)->ns, NULL, NULL, NULL, &b, NULL));
  most  = 2 * PetscMax(b->K[0], PetscMax(b->K[1], b->K[2])) + 1;
  cells = PetscMax(most, AE_MIN_ROW);
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &l->grid));
  PetscCall(AeGridSetSizes(l->grid, (PetscInt[3]){cells, cells, cells}));
  PetscCall(AeGridSetLength(l->grid, 0, 2.0 * PETSC_PI));
  PetscCall(AeGridSetBoundary(l->grid, AE_BC_PERIODIC));
  PetscCall(AeGridSetUp(l->grid));
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "velocity", &options));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-loom_every", &given));
  PetscCheck(!options.every || !given || most >= 8, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-loom_every: waves up to %" PetscInt_FMT " make no octaves, at least 4 are needed (-grid_n)", most / 2);
  if (most < 8) options.every = options.n = 0;
  PetscCall(AeLoomCreate(l->grid, &options, loom));
  PetscCall(AeLoomSetBand(*loom, b));
  *view = options.view;
  for (PetscInt i = 0; i < options.n; i++) PetscCall(Watch(E, l, *loom, options.watch[i]));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetUp(AeEvolution E, void *mine)
{
  Watched *l = (Watched *)mine;
  AeBand   b;

  PetscFunctionBegin;
  PetscCall(VecDuplicate(E->U, &l->slope));
  PetscCall(AeNSGet(AeFlowOf(E)->ns, NULL, NULL, NULL, &b, NULL));
  for (PetscInt i = 0; i < l->n; i++)
    if (l->first[i] >= VORTICITY && !l->curl[0])
      PetscCall(PetscMalloc2(6 * AeBandSize(b), &l->curl[0], 6 * AeBandSize(b), &l->curl[1]));
  PetscFunctionReturn(0);
}

/* The slope is kept when the step will be followed by a tick that is due; a tick that a proxy asks for has none. */
static PetscErrorCode Before(AeEvolution E, void *mine, PetscBool due)
{
  Watched *l = (Watched *)mine;

  l->captured = due;
  return AeNSSetCapture(AeFlowOf(E)->ns, due ? l->slope : NULL);
}

static PetscBool Behind(AeEvolution E)
{
  (void)E;
  return PETSC_TRUE;
}

/* Of the state that the step began from: its copy, and the slope of its first right-hand side if that was kept, to which the
   linear term is added. */
static PetscErrorCode Look(AeEvolution E, void *mine, AeLoom loom, AeLoomStep *step, PetscLogDouble *moved)
{
  AeFlow       *a = AeFlowOf(E);
  Watched      *l = (Watched *)mine;
  AeLoomInput   in[AE_LOOM_FIELDS];
  AeBand        b;
  ptrdiff_t     size;
  const double *u, *f;
  PetscInt      n;

  PetscFunctionBegin;
  PetscCall(AeNSGet(a->ns, NULL, NULL, NULL, &b, NULL));
  PetscCall(AeNSAdvectiveLimit(a->ns, &step->dt_limit));
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
  PetscCall(AeLoomTick(loom, in, step));
  PetscCall(VecRestoreArrayRead(l->slope, &f));
  PetscCall(VecRestoreArrayRead(a->kept[1], &u));
  PetscCall(VecGetLocalSize(E->U, &n));
  *moved = 4 * 8.0 * n;
  PetscFunctionReturn(0);
}

/* What is known of every step in any case: the largest velocity, measured by the first right-hand side, and where series are
   written at every step energy and enstrophy. A tenth of an energy is 5 % of a norm. */
static PetscErrorCode Proxies(AeEvolution E, void *mine, PetscReal dt, PetscInt *n, AeLoomProxy p[])
{
  const AeFlow   *a   = AeFlowOf(E);
  const PetscReal eps = 64.0 * PETSC_MACHINE_EPSILON;

  (void)mine;
  (void)dt;
  p[0] = (AeLoomProxy){a->rate, eps, 0.05};
  p[1] = (AeLoomProxy){a->sums.energy, eps * eps, 0.1};
  p[2] = (AeLoomProxy){a->sums.enstrophy, eps * eps, 0.1};
  *n   = AeSeriesPeriod(E) == 1 ? 3 : 1;
  return 0;
}

static PetscErrorCode Destroy(AeEvolution E, void *mine)
{
  Watched *l = (Watched *)mine;

  PetscFunctionBegin;
  (void)E;
  PetscCall(PetscFree2(l->curl[0], l->curl[1]));
  PetscCall(VecDestroy(&l->slope));
  PetscCall(AeGridDestroy(&l->grid));
  PetscFunctionReturn(0);
}

const AeLoomProblem AeLoomNS = {sizeof(Watched), Create, SetUp, Before, Proxies, Behind, Look, Destroy};
