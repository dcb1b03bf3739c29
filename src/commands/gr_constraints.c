/*
  What has been computed of a state is computed once: constraints and invariants of the newest state, for output, the rails'
  search, the loom and the closing words. And the part that looks at masses and norms.
*/
#include "gr_run.h"
#include <petsc/private/petscimpl.h>

/* Values of a state, void when that changes. */
typedef struct {
  AeFields         fields;
  Vec              v;
  PetscObjectState of; /* PETSc's count of the state's changes, */
  PetscReal        t;  /* and its time */
  PetscBool        there;
} Memo;

typedef struct {
  Memo      constraints, invariants;
  AeGRStats stats;
  PetscBool captured;
} Part;

static Part *Mine(AeEvolution E) { return (Part *)AePartOf(E, &AePartConstraints); }

AeFields AeConstraintsFields(AeEvolution E) { return Mine(E)->constraints.fields; }
AeFields AeInvariantsFields(AeEvolution E) { return Mine(E)->invariants.fields; }

static PetscErrorCode Options(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  PetscCall(AeGRCreateDiagnostics(AeSpacetimeOf(E)->grid, &p->constraints.fields));
  PetscCall(AeCurvatureCreateFields(AeSpacetimeOf(E)->grid, AE_CURVATURE_INVARIANTS, &p->invariants.fields));
  PetscFunctionReturn(0);
}

/* Whether they are of the state as it is. What is not there yet will be of it: *fresh is false. */
static PetscErrorCode IsFresh(AeEvolution E, Memo *m, PetscReal t, PetscBool *fresh)
{
  PetscObjectState now;

  PetscFunctionBegin;
  if (!m->v) PetscCall(AeFieldsCreateVec(m->fields, &m->v));
  PetscCall(PetscObjectStateGet((PetscObject)E->U, &now));
  *fresh   = (PetscBool)(m->there && m->of == now && m->t == t);
  m->there = PETSC_TRUE;
  m->of    = now;
  m->t     = t;
  PetscFunctionReturn(0);
}

PetscErrorCode AeConstraintsOf(AeEvolution E, PetscReal t, Vec *C, AeGRStats *stats)
{
  Part     *p     = Mine(E);
  PetscBool fresh = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(IsFresh(E, &p->constraints, t, &fresh));
  if (!fresh) PetscCall(AeGRConstraints(AeSpacetimeOf(E)->gr, E->U, t, p->constraints.v, &p->stats));
  *C = p->constraints.v;
  if (stats) *stats = p->stats;
  PetscFunctionReturn(0);
}

PetscErrorCode AeInvariantsOf(AeEvolution E, PetscReal t, Vec *C)
{
  AeSpacetime    *a = AeSpacetimeOf(E);
  Memo           *m = &Mine(E)->invariants;
  const Z4Kernel *kernel;
  PetscBool       fresh = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(IsFresh(E, m, t, &fresh));
  *C = m->v;
  if (fresh) PetscFunctionReturn(0);
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  PetscCall(AeFieldsFillGhosts(a->fields, E->U, t));
  PetscCall(AeCurvature(E->U, kernel->order, a->initial->scalar_mass, a->initial->lambda, m->v, NULL, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeConstraintsCapture(AeEvolution E, PetscBool on)
{
  Part *p = Mine(E);

  PetscFunctionBegin;
  if (on && !p->constraints.v) PetscCall(AeFieldsCreateVec(p->constraints.fields, &p->constraints.v));
  if (on) p->constraints.there = PETSC_FALSE;
  p->captured = on;
  PetscCall(AeGRSetCapture(AeSpacetimeOf(E)->gr, on ? p->constraints.v : NULL));
  PetscFunctionReturn(0);
}

Vec AeConstraintsCaptured(AeEvolution E) { return Mine(E)->captured ? Mine(E)->constraints.v : NULL; }

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

const AePartType AePartConstraints = {.name = "constraints", .size = sizeof(Part), .options = Options, .destroy = Destroy};

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
