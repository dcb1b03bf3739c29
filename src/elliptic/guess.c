/*
  Warm starts: KSPGuess type `aeonic`, which extrapolates the last solutions of a store to the time of the next solve, and the
  in-process store.
*/
#include "ell_private.h"
#include <petsc/private/kspimpl.h>
#undef I

enum { KEPT = 3 };

/* ---- the in-process store ---------------------------------------------------------------------------------- */

typedef struct {
  char      key[128];
  PetscInt  n; /* solutions, newest first */
  Vec       x[KEPT];
  PetscReal t[KEPT];
  PetscInt  used;
} Entry;

typedef struct {
  PetscInt keys, clock;
  Entry   *entry;
} Store;

static Entry *Find(Store *s, const char key[])
{
  for (PetscInt e = 0; e < s->keys; e++)
    if (!strcmp(s->entry[e].key, key)) return &s->entry[e];
  return NULL;
}

static PetscErrorCode StoreGet(void *ctx, const char key[], PetscInt max, Vec x[], PetscReal t[], PetscInt *n)
{
  Store *s = (Store *)ctx;
  Entry *e = Find(s, key);

  PetscFunctionBegin;
  *n = e ? PetscMin(max, e->n) : 0;
  if (e) e->used = ++s->clock;
  for (PetscInt m = 0; m < *n; m++) {
    PetscCall(VecCopy(e->x[m], x[m]));
    t[m] = e->t[m];
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Release(Entry *e)
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < KEPT; m++) PetscCall(VecDestroy(&e->x[m]));
  PetscCall(PetscMemzero(e, sizeof *e));
  PetscFunctionReturn(0);
}

/*
  A second solution at the newest time replaces it: a step that was rejected is solved again, and times must differ for GuessForm.
*/
static PetscErrorCode StorePut(void *ctx, const char key[], PetscReal t, Vec x)
{
  Store *s = (Store *)ctx;
  Entry *e = Find(s, key);
  Vec    v;

  PetscFunctionBegin;
  if (!e) { /* the place of the least recently used key */
    e = &s->entry[0];
    for (PetscInt q = 1; q < s->keys; q++)
      if (s->entry[q].used < e->used) e = &s->entry[q];
    PetscCall(Release(e));
    PetscCall(PetscStrncpy(e->key, key, sizeof e->key));
  }
  e->used = ++s->clock;
  if (!e->n || e->t[0] != t) { /* a later time: the oldest one's Vec takes it */
    v = e->x[KEPT - 1];
    for (PetscInt m = KEPT - 1; m > 0; m--) {
      e->x[m] = e->x[m - 1];
      e->t[m] = e->t[m - 1];
    }
    e->x[0] = v;
    e->n    = PetscMin(KEPT, e->n + 1);
  }
  if (!e->x[0]) PetscCall(VecDuplicate(x, &e->x[0]));
  PetscCall(VecCopy(x, e->x[0]));
  e->t[0] = t;
  PetscFunctionReturn(0);
}

static PetscErrorCode StoreTaint(void *ctx, const char key[])
{
  Entry *e = Find((Store *)ctx, key);

  PetscFunctionBegin;
  if (e) e->n = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode StoreDestroy(void *ctx)
{
  Store *s = (Store *)ctx;

  PetscFunctionBegin;
  for (PetscInt e = 0; e < s->keys; e++) PetscCall(Release(&s->entry[e]));
  PetscCall(PetscFree(s->entry));
  PetscCall(PetscFree(s));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllStoreCreate(PetscInt keys, AeEllStore *result)
{
  Store *s;

  PetscFunctionBegin;
  PetscCheck(keys > 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "a store needs at least one key");
  PetscCall(PetscNew(result));
  PetscCall(PetscNew(&s));
  PetscCall(PetscCalloc1(keys, &s->entry));
  s->keys            = keys;
  (*result)->ctx     = s;
  (*result)->get     = StoreGet;
  (*result)->put     = StorePut;
  (*result)->taint   = StoreTaint;
  (*result)->destroy = StoreDestroy;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllStoreDestroy(AeEllStore *store)
{
  PetscFunctionBegin;
  if (!*store) PetscFunctionReturn(0);
  PetscCall((*(*store)->destroy)((*store)->ctx));
  PetscCall(PetscFree(*store));
  PetscFunctionReturn(0);
}

/* ---- the problem's side ------------------------------------------------------------------------------------ */

static void Key(AeEll ell)
{
  snprintf(ell->store_key, sizeof ell->store_key, "%s/%s/%lld", ell->name, ell->prefix, (long long)ell->regime);
}

PetscErrorCode AeEllSetStore(AeEll ell, AeEllStore store, const char name[])
{
  PetscFunctionBegin;
  ell->store = store;
  PetscCall(PetscStrncpy(ell->name, name, sizeof ell->name));
  Key(ell);
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSetTime(AeEll ell, PetscReal t, PetscInt64 regime)
{
  PetscFunctionBegin;
  ell->time   = t;
  ell->regime = regime;
  Key(ell);
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllTaint(AeEll ell)
{
  PetscFunctionBegin;
  if (ell->store) PetscCall((*ell->store->taint)(ell->store->ctx, ell->store_key));
  PetscFunctionReturn(0);
}

PetscInt AeEllGuessed(AeEll ell) { return ell->guessed; }

/* ---- KSPGuess aeonic --------------------------------------------------------------------------------------- */

typedef struct {
  PetscInt order;
  Vec      x[KEPT];
} Guess;

/* PETSc takes the guess as zero unless this changes the object state of x: without stored solutions x is left alone. */
static PetscErrorCode GuessForm(KSPGuess guess, Vec b, Vec x)
{
  Guess    *g = (Guess *)guess->data;
  AeEll     ell;
  PetscReal t[KEPT];
  PetscInt  n;

  PetscFunctionBegin;
  (void)b;
  PetscCall(EllFromMat(guess->A, &ell));
  if (ell) ell->guessed = 0;
  if (!ell || !ell->store) PetscFunctionReturn(0); /* x as it is: a zero guess */
  if (!g->x[0])
    for (PetscInt m = 0; m <= g->order; m++) PetscCall(VecDuplicate(x, &g->x[m]));
  PetscCall((*ell->store->get)(ell->store->ctx, ell->store_key, g->order + 1, g->x, t, &n));
  PetscCall(PetscInfo(guess, "%s: %" PetscInt_FMT " stored solutions\n", ell->store_key, n));
  ell->guessed = n;
  if (!n) PetscFunctionReturn(0);
  PetscCall(VecSet(x, 0));
  for (PetscInt m = 0; m < n; m++) { /* Lagrange's polynomial at the time of this solve */
    PetscReal w = 1;
    for (PetscInt q = 0; q < n; q++)
      if (q != m) w *= (ell->time - t[q]) / (t[m] - t[q]);
    PetscCall(VecAXPY(x, w, g->x[m]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode GuessUpdate(KSPGuess guess, Vec b, Vec x)
{
  AeEll ell;

  PetscFunctionBegin;
  (void)b;
  PetscCall(EllFromMat(guess->A, &ell));
  if (ell && ell->store && guess->ksp->reason > 0) PetscCall((*ell->store->put)(ell->store->ctx, ell->store_key, ell->time, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode GuessSetFromOptions(KSPGuess guess)
{
  Guess      *g = (Guess *)guess->data;
  const char *prefix;

  PetscFunctionBegin;
  PetscCall(PetscObjectGetOptionsPrefix((PetscObject)guess->ksp, &prefix));
  PetscOptionsBegin(PetscObjectComm((PetscObject)guess), prefix, "Warm starts", "KSPGuess");
  PetscCall(AeOptInt("-ksp_guess_aeonic_order", "extrapolation in time: 0 the last solution, 1 linear, 2 quadratic", "1", "", 0,
                     KEPT - 1, &g->order, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscErrorCode GuessNothing(KSPGuess guess)
{
  PetscFunctionBegin;
  (void)guess;
  PetscFunctionReturn(0);
}

static PetscErrorCode GuessView(KSPGuess guess, PetscViewer viewer)
{
  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(viewer, "  extrapolation of stored solutions, order %" PetscInt_FMT "\n",
                                   ((Guess *)guess->data)->order));
  PetscFunctionReturn(0);
}

static PetscErrorCode GuessDestroy(KSPGuess guess)
{
  Guess *g = (Guess *)guess->data;

  PetscFunctionBegin;
  for (PetscInt m = 0; m < KEPT; m++) PetscCall(VecDestroy(&g->x[m]));
  PetscCall(PetscFree(guess->data));
  PetscFunctionReturn(0);
}

PetscErrorCode EllGuessCreate(KSPGuess guess)
{
  Guess *g;

  PetscFunctionBegin;
  PetscCall(PetscNew(&g));
  g->order                   = 2;
  guess->data                = g;
  guess->ops->formguess      = GuessForm;
  guess->ops->update         = GuessUpdate;
  guess->ops->setfromoptions = GuessSetFromOptions;
  guess->ops->setup          = GuessNothing;
  guess->ops->view           = GuessView;
  guess->ops->destroy        = GuessDestroy;
  PetscFunctionReturn(0);
}
