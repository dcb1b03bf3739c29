/*
  The memory as the store behind the warm starts of elliptic gauges (elliptic.h).

  One entry of tier 1 a problem: how many solutions, their times, which is the newest, and the solutions, KEPT places of this
  rank's
  cells one after the other. The store's key ends with the regime, by which the memory removes what is of another.
*/
#include "gr_run.h"
#include <aeonic/elliptic.h>

enum {
  KEPT       = 3,
  HEAD       = KEPT + 2,
  TTL        = 64,
  OPERATIONS = 2000
}; /* steps; per unknown of a solve from zero: eight cycles of 250 */

/* One for each problem: `entry` is what the memory holds of it, or what it will. */
typedef struct {
  AeMemory   memory;
  double    *entry; /* HEAD numbers: solutions, newest place, times; then the places */
  PetscInt   local; /* numbers of this rank in a solution */
  PetscInt64 all;   /* and of all ranks */
} Store;

static const char *Short(const char key[]) /* the end of a key that is too long tells more than its beginning */
{
  const size_t n = strlen(key);

  return n < AE_MEM_KEY ? key : key + n - AE_MEM_KEY + 1;
}

static PetscInt64 RegimeOf(const char key[])
{
  const char *end = strrchr(key, '/');

  return end ? strtoll(end + 1, NULL, 10) : 0;
}

static size_t Bytes(const Store *s) { return (size_t)(HEAD + KEPT * s->local) * sizeof(double); }

static PetscErrorCode Room(Store *s, Vec x)
{
  PetscInt N;

  PetscFunctionBegin;
  if (s->entry) PetscFunctionReturn(0);
  PetscCall(VecGetLocalSize(x, &s->local));
  PetscCall(VecGetSize(x, &N));
  s->all = N;
  PetscCall(PetscCalloc1(Bytes(s) / sizeof(double), &s->entry));
  PetscFunctionReturn(0);
}

/* The newest solution first. What the entry holds of a memory that has lost it counts as nothing. */
static PetscErrorCode Get(void *ctx, const char key[], PetscInt max, Vec x[], PetscReal t[], PetscInt *n)
{
  Store    *s = (Store *)ctx;
  PetscBool got;

  PetscFunctionBegin;
  *n = 0;
  PetscCall(Room(s, x[0]));
  PetscCall(AeMemoryGet(s->memory, Short(key), RegimeOf(key), s->entry, Bytes(s), &got, NULL));
  if (!got) {
    s->entry[0] = s->entry[1] = 0;
    PetscFunctionReturn(0);
  }
  *n = PetscMin(max, (PetscInt)s->entry[0]);
  for (PetscInt m = 0; m < *n; m++) {
    const PetscInt place = ((PetscInt)s->entry[1] - m + KEPT) % KEPT;
    double        *a;

    t[m] = s->entry[2 + place];
    PetscCall(VecGetArray(x[m], &a));
    PetscCall(PetscArraycpy(a, s->entry + HEAD + place * s->local, s->local));
    PetscCall(VecRestoreArray(x[m], &a));
  }
  PetscFunctionReturn(0);
}

/* A solution of the same time replaces the newest (a stage that is solved for again); else the oldest one's place is taken. */
static PetscErrorCode Put(void *ctx, const char key[], PetscReal t, Vec x)
{
  Store        *s    = (Store *)ctx;
  AeMemItem     item = {.key = Short(key), .tier = 1, .regime = RegimeOf(key), .ttl = TTL, .tile = AE_MEM_SHARE};
  const double *a;
  PetscBool     stored;

  PetscFunctionBegin;
  PetscCall(Room(s, x));
  if (s->entry[0] == 0 || s->entry[2 + (PetscInt)s->entry[1]] != t) { /* a later time: the oldest one's place takes it */
    if (s->entry[0] > 0) s->entry[1] = ((PetscInt)s->entry[1] + 1) % KEPT;
    s->entry[0] = PetscMin(KEPT, s->entry[0] + 1);
  }
  s->entry[2 + (PetscInt)s->entry[1]] = t;
  PetscCall(VecGetArrayRead(x, &a));
  PetscCall(PetscArraycpy(s->entry + HEAD + (PetscInt)s->entry[1] * s->local, a, s->local));
  PetscCall(VecRestoreArrayRead(x, &a));
  item.data  = s->entry;
  item.local = Bytes(s);
  item.bytes = (PetscInt64)sizeof(double) * (HEAD + KEPT * s->all);
  item.cost  = OPERATIONS * (PetscReal)s->all;
  PetscCall(AeMemoryPut(s->memory, &item, &stored));
  PetscFunctionReturn(0);
}

static PetscErrorCode Taint(void *ctx, const char key[])
{
  PetscFunctionBegin;
  PetscCall(AeMemoryTaint(((Store *)ctx)->memory, Short(key), "a step was taken back"));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(void *ctx)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(((Store *)ctx)->entry));
  PetscCall(PetscFree(ctx));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(AeMemory memory, AeEllStore *result)
{
  Store *s;

  PetscFunctionBegin;
  PetscCall(PetscNew(result));
  PetscCall(PetscNew(&s));
  s->memory          = memory;
  (*result)->ctx     = s;
  (*result)->get     = Get;
  (*result)->put     = Put;
  (*result)->taint   = Taint;
  (*result)->destroy = Destroy;
  PetscFunctionReturn(0);
}

/* ---- the part ---- */

/* Before the first solve; the memory must outlive the solver's last. */
static PetscErrorCode Prepare(AeEvolution E, void *me)
{
  AeSpacetime     *a = AeSpacetimeOf(E);
  PetscBool        lapse, shift;
  AeEllStore       store[2] = {NULL, NULL};
  const PetscInt64 cells    = (PetscInt64)a->grid->n[0] * a->grid->n[1] * a->grid->n[2];

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeGRGaugeIsWarm(a->gr, &lapse, &shift));
  if (!lapse && !shift) PetscFunctionReturn(0);
  PetscCall(AeMemoryNeed(AeMemoryOf(E), 1, (PetscInt64)sizeof(double) * (2 * HEAD + KEPT * cells * (lapse + 3 * shift)),
                         "the warm start of elliptic gauges (or -gr_gauge_warm false)"));
  if (lapse) PetscCall(Create(AeMemoryOf(E), &store[0]));
  if (shift) PetscCall(Create(AeMemoryOf(E), &store[1]));
  PetscCall(AeGRSetGaugeStores(a->gr, store[0], store[1]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Save(AeEvolution E, void *me, AeSave save)
{
  AeGaugeHistory h;

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeGRGetGaugeHistory(AeSpacetimeOf(E)->gr, &h));
  PetscCall(AeSavePut(save, "gauge", &h, sizeof h));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  AeGaugeHistory h;

  PetscFunctionBegin;
  (void)me;
  if (phase == AE_LOAD_COMPARE) PetscCall(AeLoadTake(load, "gauge", &h, sizeof h));
  if (phase != AE_LOAD_STATE) PetscFunctionReturn(0);
  PetscCall(AeLoadTake(load, "gauge", &h, sizeof h));
  PetscCall(AeGRSetGaugeHistory(AeSpacetimeOf(E)->gr, &h, E->t));
  PetscFunctionReturn(0);
}

/* How many solves, and cycles per solve, from zero and from stored solutions. */
static PetscErrorCode Last(AeEvolution E, void *me)
{
  static const char *const start[2] = {"cold", "warm"}, *const gauge[2] = {"lapse", "shift"};
  AeGaugeSolves s[2];
  char          key[64];

  PetscFunctionBegin;
  (void)me;
  PetscCall(AeGRGetGaugeSolves(AeSpacetimeOf(E)->gr, &s[0], &s[1]));
  for (int e = 0; e < 2; e++)
    for (int w = 0; w < 2 && s[e].solves[0]; w++) {
      PetscCall(PetscSNPrintf(key, sizeof key, "gauge.%s.solves_%s", gauge[e], start[w]));
      PetscCall(AeRunSetInt(E->run, key, s[e].solves[w]));
      PetscCall(PetscSNPrintf(key, sizeof key, "gauge.%s.cycles_%s", gauge[e], start[w]));
      PetscCall(AeRunSetReal(E->run, key, (PetscReal)s[e].cycles[w] / PetscMax(1, s[e].solves[w])));
    }
  PetscFunctionReturn(0);
}

const AePartType AePartGauge = {.name = "gauge", .size = 1, .prepare = Prepare, .load = Load, .save = Save, .last = Last};
