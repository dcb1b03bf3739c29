/*
  The memory's part (memory.h): the regime that its entries belong to, maintenance, receipts of what it does, and the time step
  after a rejection as its client. Tiles, plans and warm starts are parts of their own.
*/
#include "run_private.h"

static const char DtKey[] = "dt after a rejection";

/* What a checkpoint holds beside the entries. */
typedef struct {
  PetscInt64 slope;        /* sign of the slope of H's history (the rails' rail that has one), 0 while there is none */
  PetscInt64 octave, band; /* the dominant one, of the loom; 0 while there is none */
  PetscInt64 shifts;
  PetscReal  dt; /* that the regime is counted from */
} Watch;

typedef struct {
  AeMemory  memory;
  char      bank[PETSC_MAX_PATH_LEN];
  PetscBool view;
  PetscInt  every;
  AeRegime  regime;
  Watch     watch;
} Part;

static Part *Mine(AeEvolution E) { return (Part *)AePartOf(E, &AePartMemory); }

const char *AeMemoryBank(AeEvolution E) { return Mine(E) ? Mine(E)->bank : ""; }

/* The memory is made here, before the parts that are its clients read theirs: those demand their least of its budgets. */
static PetscErrorCode Options(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  p->every = 8;
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &p->memory));
  E->memory = p->memory;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Memory of the evolution", E->problem->command);
  PetscCall(AeOptString("-mem_bank",
                        "file of what is worth keeping between runs (tier 3): read at the start if it is there, written at the "
                        "end",
                        "", p->bank, sizeof p->bank, NULL));
  PetscCall(AeOptInt("-mem_maint_every", "steps between maintenances; 0: when room is needed only", "steps", "", 0, PETSC_MAX_INT,
                     &p->every, NULL));
  PetscCall(AeOptBool("-mem_view", "print tiers and entries at the end", "", &p->view, NULL));
  PetscOptionsEnd();
  PetscCall(AeMemoryNeed(p->memory, 1, sizeof(PetscReal), "the time step after a rejection"));
  PetscFunctionReturn(0);
}

static PetscInt Every(AeEvolution E, void *me)
{
  (void)E;
  return ((Part *)me)->every;
}

/* ---- receipts ---- */

/* Every event of the memory is a line of the record; the kinds stand in the order of AeMemEventKind. */
static PetscErrorCode Listen(void *ctx, const AeMemEvent *e)
{
  static const AeReceiptKind kind[] = {AE_MEM_PUT,    AE_MEM_HIT,   AE_MEM_MISS,  AE_MEM_TAINT,
                                       AE_MEM_DEMOTE, AE_MEM_EVICT, AE_MEM_EXPIRE};
  AeEvolution                E      = (AeEvolution)ctx;
  AeReceipts                 r      = E->receipts;

  PetscFunctionBegin;
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, kind[e->kind], 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptText(r, "key", e->key));
  if (e->kind == AE_MEM_EVENT_MISS) PetscCall(AeReceiptText(r, "reason", e->reason));
  else PetscCall(AeReceiptInt(r, "tier", e->tier));
  if (e->kind == AE_MEM_EVENT_PUT || e->kind == AE_MEM_EVENT_DEMOTE || e->kind == AE_MEM_EVENT_EVICT)
    PetscCall(AeReceiptInt(r, "size", e->bytes));
  if (e->kind == AE_MEM_EVENT_TAINT) {
    PetscCall(AeReceiptInt(r, "until", e->until));
    PetscCall(AeReceiptText(r, "reason", e->reason ? e->reason : ""));
  }
  if (e->kind == AE_MEM_EVENT_DEMOTE) PetscCall(AeReceiptReal(r, "error", e->error));
  if (e->kind == AE_MEM_EVENT_EVICT) PetscCall(AeReceiptReal(r, "value", e->value));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscFunctionReturn(0);
}

/* ---- the time step after a rejection. It is an answer to leaving a regime, and so belongs to none ---- */

PetscErrorCode AeMemorySuggestDt(AeEvolution E, PetscReal *suggested)
{
  Part     *p = Mine(E);
  PetscBool got;

  PetscFunctionBegin;
  *suggested = 0;
  if (!p) PetscFunctionReturn(0);
  PetscCall(AeMemoryNow(p->memory, AeClockNow(E->clock)));
  PetscCall(AeMemoryGet(p->memory, DtKey, 0, suggested, sizeof *suggested, &got, NULL));
  if (!got) *suggested = 0;
  PetscFunctionReturn(0);
}

/* The attempts of a step ended well at dt, or the one that was suggested was rejected. */
PetscErrorCode AeMemoryLearnDt(AeEvolution E, PetscReal dt, PetscBool worked)
{
  Part     *p    = Mine(E);
  AeMemItem item = {.key = DtKey, .tier = 1, .ttl = 256, .data = &dt, .local = sizeof dt, .bytes = sizeof dt};
  PetscInt  numbers;

  PetscFunctionBegin;
  if (!p) PetscFunctionReturn(0);
  PetscCall(AeMemoryNow(p->memory, AeClockNow(E->clock)));
  PetscCall(VecGetSize(E->U, &numbers));
  item.cost = 8.0 * numbers; /* an attempt's combinations, at the least */
  PetscCall(AeMemoryLearn(p->memory, &item, worked));
  PetscFunctionReturn(0);
}

/* ---- the regime ---- */

static void Describe(const AeRegime *r, char text[], size_t len)
{
  snprintf(text, len, "dt 2^%d octave %d band %d levels %d", (int)r->dt_bin, (int)r->octave, (int)r->band, (int)r->levels);
}

/* Entries that belong to the regime that is left go, or with a rollback all that belong to any; gauges store under the new
   one. */
static PetscErrorCode Shift(AeEvolution E, const AeRegime *to, const char reason[])
{
  Part      *p = Mine(E);
  char       from_text[96], to_text[96];
  AeReceipts r = E->receipts;

  PetscFunctionBegin;
  Describe(&p->regime, from_text, sizeof from_text);
  Describe(to, to_text, sizeof to_text);
  p->regime = *to;
  p->watch.shifts++;
  PetscCall(AeMemoryRegime(p->memory, AeRegimeHash(to), (PetscBool)!strcmp(reason, "rollback")));
  if (E->problem->shifted) PetscCall((*E->problem->shifted)(E, AeRegimeHash(to)));
  PetscCall(PetscInfo(NULL, "regime shift (%s): %s -> %s\n", reason, from_text, to_text));
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, AE_REGIME_SHIFT, 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptText(r, "from", from_text));
  PetscCall(AeReceiptText(r, "to", to_text));
  PetscCall(AeReceiptText(r, "reason", reason));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscFunctionReturn(0);
}

static AeRegime RegimeOf(AeEvolution E, const Watch *w)
{
  AeRegime r = {.dt_bin = (PetscInt)PetscFloorReal(PetscLog2Real(w->dt)),
                .octave = (PetscInt)w->octave,
                .band   = (PetscInt)w->band,
                .levels = 1};

  (*E->problem->regime)(E, &r);
  return r;
}

/* The direction of H over the rails' history, once it has moved by a tenth; the old one until then. */
static PetscInt64 Slope(const AeRailsState *s, PetscInt64 old)
{
  PetscReal x;

  if (s->history < AE_RAILS_HISTORY || !(s->past[0] > 0) || !(s->past[AE_RAILS_HISTORY - 1] > 0)) return old;
  x = PetscLogReal(s->past[0] / s->past[AE_RAILS_HISTORY - 1]);
  return PetscAbsReal(x) < 0.1 ? old : x > 0 ? 1 : -1;
}

/* Bins, bands and signs are what is compared, so that a regime lasts while numbers drift: dt by a factor of two from where the
   regime began, D_max by factors of 1000, the octave, the sign of a slope that is beyond a tenth. */
static PetscErrorCode WatchRegime(AeEvolution E, Part *p)
{
  Watch       *w  = &p->watch;
  AeRailsState s  = {0};
  PetscReal    dt = E->dt, D = 0;
  PetscInt64   slope;
  PetscInt     octave = -1;
  AeRegime     r;

  PetscFunctionBegin;
  if (E->rails) {
    PetscCall(AeRailsGetState(E->rails, &s));
    dt = s.next;
  }
  if (dt > 2.0 * w->dt || dt < 0.5 * w->dt) {
    w->dt = dt;
    r     = RegimeOf(E, w);
    PetscCall(Shift(E, &r, "dt"));
  }
  if (AeLoomOf(E)) D = AeLoomDmax(AeLoomOf(E), &octave);
  w->octave = PetscMax(octave, 0);
  w->band   = D > 0x1p-30 ? 1 + (PetscInt)((30.0 + PetscLog2Real(D)) / 10.0) : 0; /* factors of 1000 */
  r         = RegimeOf(E, w);
  if (r.octave != p->regime.octave) PetscCall(Shift(E, &r, "octave"));
  if (r.band != p->regime.band) PetscCall(Shift(E, &r, "band"));
  slope = E->rails ? Slope(&s, w->slope) : 0;
  if (slope && w->slope && slope != w->slope) PetscCall(Shift(E, &r, "slope"));
  w->slope = slope;
  PetscFunctionReturn(0);
}

/* ---- a run ---- */

static void Resolution(const AeRegime *r, char text[], size_t len)
{
  snprintf(text, len, "%d x %d x %d, order %d", (int)r->n[0], (int)r->n[1], (int)r->n[2], (int)(2 * (r->order - 1)));
}

/* A bank that does not fit is refused before data are made. */
static PetscErrorCode Prepare(AeEvolution E, void *me)
{
  Part     *p = (Part *)me;
  AeRegime  r = {0};
  char      text[96];
  PetscBool found;

  PetscFunctionBegin;
  if (!p->bank[0]) PetscFunctionReturn(0);
  (*E->problem->regime)(E, &r);
  Resolution(&r, text, sizeof text);
  PetscCall(AeMemoryBankLoad(p->memory, p->bank, text, &found));
  PetscFunctionReturn(0);
}

static PetscErrorCode Open(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  PetscCall(AeMemoryNow(p->memory, AeClockNow(E->clock)));
  PetscCall(AeMemoryListen(p->memory, Listen, E));
  if (!p->watch.dt) p->watch.dt = E->dt;
  p->regime = RegimeOf(E, &p->watch);
  if (E->problem->shifted) PetscCall((*E->problem->shifted)(E, AeRegimeHash(&p->regime)));
  PetscFunctionReturn(0);
}

/* Whatever was suggested from before is void, and tier 0 is. */
static PetscErrorCode Rejected(AeEvolution E, void *me, const char reason[])
{
  Part          *p = (Part *)me;
  const AeRegime r = p->regime;

  PetscFunctionBegin;
  (void)reason;
  PetscCall(AeMemoryClear(p->memory, 0));
  PetscCall(Shift(E, &r, "rollback"));
  PetscFunctionReturn(0);
}

static PetscErrorCode Accepted(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  PetscCall(AeMemoryNow(p->memory, AeClockNow(E->clock)));
  PetscCall(WatchRegime(E, p));
  PetscFunctionReturn(0);
}

static PetscErrorCode Due(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  PetscCall(AeMemoryMaintain(((Part *)me)->memory));
  PetscCall(AeClockMaint(E->clock));
  PetscFunctionReturn(0);
}

static PetscErrorCode Save(AeEvolution E, void *me, AeSave save)
{
  Part  *p = (Part *)me;
  void  *data;
  size_t n;

  PetscFunctionBegin;
  (void)E;
  PetscCall(AeMemoryPack(p->memory, &data, &n));
  PetscCall(AeSavePut(save, "memory", data, n));
  PetscCall(AeSavePut(save, "regime", &p->watch, sizeof p->watch));
  PetscCall(PetscFree(data));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  Part  *p = (Part *)me;
  void  *data;
  size_t n;

  PetscFunctionBegin;
  (void)E;
  if (phase == AE_LOAD_COMPARE) PetscCall(AeLoadTake(load, "regime", &p->watch, sizeof p->watch));
  if (phase != AE_LOAD_STATE) PetscFunctionReturn(0);
  PetscCall(AeLoadGet(load, "memory", &data, &n));
  if (n) PetscCall(AeMemoryUnpack(p->memory, data, n));
  PetscCall(PetscFree(data));
  PetscFunctionReturn(0);
}

/* The bank is written after a good end only: what a run that broke down has learnt is not worth keeping. */
static PetscErrorCode Last(AeEvolution E, void *me)
{
  Part      *p    = (Part *)me;
  PetscInt64 hits = 0, misses = 0, bytes = 0;
  PetscReal  saved = 0;
  char       text[96], key[64];

  PetscFunctionBegin;
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++) {
    AeMemStats s;

    PetscCall(AeMemoryStats(p->memory, t, &s));
    PetscCall(PetscSNPrintf(key, sizeof key, "mem.hits_tier%" PetscInt_FMT, t));
    PetscCall(AeRunSetInt(E->run, key, s.hits));
    hits += s.hits;
    misses += s.misses;
    bytes += s.bytes;
    saved += s.saved;
  }
  PetscCall(AeRunSetInt(E->run, "mem.hits", hits));
  PetscCall(AeRunSetInt(E->run, "mem.misses", misses));
  PetscCall(AeRunSetInt(E->run, "mem.bytes", bytes));
  PetscCall(AeRunSetReal(E->run, "mem.operations_saved", saved));
  PetscCall(AeRunSetInt(E->run, "regime.shifts", p->watch.shifts));
  if (p->view) PetscCall(AeMemoryView(p->memory, PETSC_VIEWER_STDOUT_WORLD));
  if (!p->bank[0] || E->failure[0]) PetscFunctionReturn(0);
  Resolution(&p->regime, text, sizeof text);
  PetscCall(AeMemoryBankSave(p->memory, p->bank, text));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeEvolution E, void *me)
{
  (void)E;
  return AeMemoryDestroy(&((Part *)me)->memory);
}

const AePartType AePartMemory = {.name     = "maintenance",
                                 .size     = sizeof(Part),
                                 .options  = Options,
                                 .prepare  = Prepare,
                                 .load     = Load,
                                 .open     = Open,
                                 .rejected = Rejected,
                                 .accepted = Accepted,
                                 .due      = Due,
                                 .save     = Save,
                                 .last     = Last,
                                 .destroy  = Destroy,
                                 .every    = Every};
