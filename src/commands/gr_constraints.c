/*
  What has been computed of a state is computed once: constraints and invariants of the newest state, kept by the memory's tier 0
  for output, the rails' search, the loom and the last statistics. And the part that looks at masses and norms.
*/
#include "gr_run.h"

/* Fields computed of a state, lent to the memory, whose notes are void when the state changes. */
typedef struct {
  const char *key;
  AeFields    fields;
  Vec         v;
} Lent;

typedef struct {
  Lent      constraints, invariants;
  PetscBool captured;
} Part;

static Part *Mine(AeEvolution E) { return (Part *)AePartOf(E, &AePartConstraints); }

AeFields AeConstraintsFields(AeEvolution E) { return Mine(E)->constraints.fields; }
AeFields AeInvariantsFields(AeEvolution E) { return Mine(E)->invariants.fields; }

static PetscErrorCode Options(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  p->constraints.key = "constraints";
  p->invariants.key  = "invariants";
  PetscCall(AeGRCreateDiagnostics(AeSpacetimeOf(E)->grid, &p->constraints.fields));
  PetscCall(AeCurvatureCreateFields(AeSpacetimeOf(E)->grid, AE_CURVATURE_INVARIANTS, &p->invariants.fields));
  PetscFunctionReturn(0);
}

/* H and M_i as a step's own sweep leaves them, without the K and chi that a sweep of pass B adds. */
static const char Swept[] = "H, M";

/* What the memory has of the state at t; *note is NULL if there is nothing, and there is room for it. */
static PetscErrorCode Recall(AeEvolution E, Lent *m, const char key[], PetscReal t, const AeMemNote **note)
{
  PetscFunctionBegin;
  if (!m->v) PetscCall(AeFieldsCreateVec(m->fields, &m->v));
  PetscCall(AeMemoryRecall(AeMemoryOf(E), key, E->U, t, note));
  PetscFunctionReturn(0);
}

/* A sweep that reads the state and writes the fields; operations: of a point. */
static AeMemNote NoteOf(AeEvolution E, const Lent *m, PetscReal t, PetscReal operations)
{
  PetscInt state, fields;

  PetscCallAbort(PETSC_COMM_SELF, VecGetSize(E->U, &state));
  PetscCallAbort(PETSC_COMM_SELF, VecGetSize(m->v, &fields));
  return (AeMemNote){.key  = m->key,
                     .of   = E->U,
                     .t    = t,
                     .vec  = m->v,
                     .cost = operations * (PetscReal)AeSpacetimeOf(E)->grid->n[0] * AeSpacetimeOf(E)->grid->n[1] *
                             AeSpacetimeOf(E)->grid->n[2],
                     .moved = 8.0 * (state + 2.0 * fields)};
}

PetscErrorCode AeConstraintsOf(AeEvolution E, PetscReal t, PetscBool all, Vec *C, AeGRStats *stats)
{
  Lent            *m = &Mine(E)->constraints;
  const AeMemNote *found;
  const Z4Kernel  *kernel;
  AeGRStats        swept;
  PetscInt         flops[3];

  PetscFunctionBegin;
  PetscCall(Recall(E, m, all ? m->key : Swept, t, &found));
  if (!found && !all) PetscCall(Recall(E, m, m->key, t, &found));
  *C = m->v;
  if (!found) {
    AeMemNote note;

    PetscCall(AeGRConstraints(AeSpacetimeOf(E)->gr, E->U, t, m->v, &swept));
    PetscCall(AeGRGet(AeSpacetimeOf(E)->gr, NULL, NULL, NULL, &kernel, NULL));
    AeZ4KernelFlops(kernel, PETSC_FALSE, flops);
    note   = NoteOf(E, m, t, flops[2]);
    note.n = 4;
    memcpy(note.value, (PetscReal[4]){swept.H_l2, swept.H_linf, swept.M_l2, swept.M_linf}, sizeof(PetscReal[4]));
    PetscCall(AeMemoryNote(AeMemoryOf(E), &note));
    if (stats) *stats = swept;
  } else if (stats) {
    stats->H_l2   = found->value[0];
    stats->H_linf = found->value[1];
    stats->M_l2   = found->value[2];
    stats->M_linf = found->value[3];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeInvariantsOf(AeEvolution E, PetscReal t, Vec *C)
{
  enum { OPERATIONS = 3000 }; /* of a point, about those of a right-hand side */
  AeSpacetime     *a = AeSpacetimeOf(E);
  Lent            *m = &Mine(E)->invariants;
  const AeMemNote *found;
  AeMemNote        note;
  const Z4Kernel  *kernel;

  PetscFunctionBegin;
  PetscCall(Recall(E, m, m->key, t, &found));
  *C = m->v;
  if (found) PetscFunctionReturn(0);
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  PetscCall(AeFieldsFillGhosts(a->fields, E->U, t));
  PetscCall(AeCurvature(E->U, kernel->order, a->initial->scalar_mass, a->initial->lambda, m->v, NULL, NULL));
  note = NoteOf(E, m, t, OPERATIONS);
  PetscCall(AeMemoryNote(AeMemoryOf(E), &note));
  PetscFunctionReturn(0);
}

PetscErrorCode AeConstraintsCapture(AeEvolution E, PetscBool on)
{
  Part *p = Mine(E);

  PetscFunctionBegin;
  if (on && !p->constraints.v) PetscCall(AeFieldsCreateVec(p->constraints.fields, &p->constraints.v));
  if (on) { /* the sweep writes over them */
    PetscCall(AeMemoryForget(AeMemoryOf(E), p->constraints.key));
    PetscCall(AeMemoryForget(AeMemoryOf(E), Swept));
  }
  p->captured = on;
  PetscCall(AeGRSetCapture(AeSpacetimeOf(E)->gr, on ? p->constraints.v : NULL));
  PetscFunctionReturn(0);
}

Vec AeConstraintsCaptured(AeEvolution E) { return Mine(E)->captured ? Mine(E)->constraints.v : NULL; }

/* With look-ahead the newest first stage was the accepted state itself: what its sweep has left is as good as a sweep for it. */
static PetscErrorCode Accepted(AeEvolution E, void *me)
{
  Part            *p = (Part *)me;
  const AeGRStats *s = &AeSpacetimeOf(E)->stats;
  AeMemNote        note;

  PetscFunctionBegin;
  if (!p->captured || !E->ahead) PetscFunctionReturn(0);
  note     = NoteOf(E, &p->constraints, E->t, 0);
  note.key = Swept;
  note.n   = 4;
  memcpy(note.value, (PetscReal[4]){s->H_l2, s->H_linf, s->M_l2, s->M_linf}, sizeof(PetscReal[4]));
  PetscCall(AeMemoryNote(AeMemoryOf(E), &note));
  PetscFunctionReturn(0);
}

/* Nobody has asked yet: those below who will need them after the step do (AeConstraintsCapture). */
static PetscErrorCode Before(AeEvolution E, void *me)
{
  (void)me;
  return AeConstraintsCapture(E, PETSC_FALSE);
}

static PetscErrorCode Destroy(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  (void)E;
  PetscCall(VecDestroy(&p->constraints.v));
  PetscCall(AeFieldsDestroy(&p->constraints.fields));
  PetscCall(VecDestroy(&p->invariants.v));
  PetscCall(AeFieldsDestroy(&p->invariants.fields));
  PetscFunctionReturn(0);
}

const AePartType AePartConstraints = {
  .name = "constraints", .size = sizeof(Part), .options = Options, .before = Before, .accepted = Accepted, .destroy = Destroy};

/* ---- masses and norms (diag.h) ---- */

typedef struct {
  AeDiag diag;
} Diag;

static PetscErrorCode DiagOptions(AeEvolution E, void *me) { return AeDiagCreate(AeSpacetimeOf(E)->gr, &((Diag *)me)->diag); }

static PetscInt DiagEvery(AeEvolution E, void *me)
{
  (void)E;
  return AeDiagEvery(((Diag *)me)->diag);
}

static PetscErrorCode DiagDue(AeEvolution E, void *me) { return AeDiagWrite(((Diag *)me)->diag, E->U, E->series, E->step, E->t); }

static PetscErrorCode DiagLast(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  PetscCall(DiagDue(E, me));
  PetscCall(AeDiagSummary(((Diag *)me)->diag, E->run));
  PetscFunctionReturn(0);
}

static PetscErrorCode DiagDestroy(AeEvolution E, void *me)
{
  (void)E;
  return AeDiagDestroy(&((Diag *)me)->diag);
}

PetscErrorCode AeDiagnosticsView(AeEvolution E, PetscViewer viewer)
{
  return AeDiagView(((Diag *)AePartOf(E, &AePartDiag))->diag, viewer);
}

const AePartType AePartDiag = {.name    = "diag",
                               .size    = sizeof(Diag),
                               .options = DiagOptions,
                               .first   = DiagDue,
                               .due     = DiagDue,
                               .last    = DiagLast,
                               .destroy = DiagDestroy,
                               .every   = DiagEvery};
