/*
  The memory of an evolution (memory.h): its clients here are the time step after a rejection, the shape of the stencil engine's tiles and
  the plans of transforms; the regime; maintenance; receipts of what it does.
*/
#include "gr_app.h"
#include <aeonic/spectral.h>

static const char DtKey[] = "dt after a rejection";

PetscErrorCode AeGRAppMemoryOptions(AeGRApp *a)
{
  AeGRMemory *m = &a->memory;

  PetscFunctionBegin;
  m->maint_every = 8;
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &m->memory));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Memory of the evolution", "aeonic gr");
  PetscCall(AeOptString(
    "-mem_bank", "file of what is worth keeping between runs (tier 3): read at the start if it is there, written at the end", "",
    m->bank, sizeof m->bank, NULL));
  PetscCall(AeOptInt("-mem_maint_every", "steps between maintenances; 0: when room is needed only", "steps", "", 0, PETSC_MAX_INT,
                     &m->maint_every, NULL));
  PetscCall(AeOptBool("-mem_view", "print tiers and entries at the end", "", &m->view, NULL));
  PetscOptionsEnd();
  PetscCall(AeMemoryNeed(m->memory, 1, sizeof(PetscReal), "the time step after a rejection"));
  PetscFunctionReturn(0);
}

/* ---- receipts ---- */

static PetscErrorCode Listen(void *ctx, const AeMemEvent *e)
{
  static const AeReceiptKind kind[] = {AE_MEM_PUT,    AE_MEM_HIT,   AE_MEM_MISS,  AE_MEM_TAINT,
                                       AE_MEM_DEMOTE, AE_MEM_EVICT, AE_MEM_EXPIRE};
  AeGRApp                   *a      = (AeGRApp *)ctx;
  AeReceipts                 r      = a->record.receipts;

  PetscFunctionBegin;
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, kind[e->kind], 0, AeClockNow(a->record.clock)));
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

static PetscErrorCode Now(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeMemoryNow(a->memory.memory, AeClockNow(a->record.clock)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppSuggestDt(void *ctx, TS ts, PetscReal dt, PetscReal *suggested)
{
  AeGRApp  *a = (AeGRApp *)ctx;
  PetscBool got;

  PetscFunctionBegin;
  (void)ts;
  (void)dt;
  PetscCall(Now(a));
  PetscCall(AeMemoryGet(a->memory.memory, DtKey, 0, suggested, sizeof *suggested, &got, NULL));
  if (!got) *suggested = 0;
  PetscFunctionReturn(0);
}

/* The attempts of a step ended well at dt, or the one that was suggested was rejected. */
PetscErrorCode AeGRAppLearnDt(void *ctx, TS ts, PetscReal dt, PetscBool worked)
{
  AeGRApp        *a = (AeGRApp *)ctx;
  const AeLayout *L;
  AeMemItem       item = {.key = DtKey, .tier = 1, .ttl = 256, .data = &dt, .local = sizeof dt, .bytes = sizeof dt};
  PetscBool       stored;

  PetscFunctionBegin;
  (void)ts;
  PetscCall(Now(a));
  if (!worked) {
    PetscCall(AeMemoryTaint(a->memory.memory, DtKey, "rejected at it"));
    PetscFunctionReturn(0);
  }
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  item.cost =
    8.0 * (PetscReal)L->nf * a->grid->n[0] * a->grid->n[1] * a->grid->n[2]; /* an attempt's combinations, at the least */
  PetscCall(AeMemoryPut(a->memory.memory, &item, &stored));
  PetscFunctionReturn(0);
}

/* ---- the regime ---- */

static void Describe(const AeRegime *r, char text[], size_t len)
{
  snprintf(text, len, "dt 2^%d octave %d band %d levels %d", (int)r->dt_bin, (int)r->octave, (int)r->band, (int)r->levels);
}

static PetscErrorCode Shift(AeGRApp *a, const AeRegime *to, const char reason[])
{
  AeGRMemory *m = &a->memory;
  char        from_text[96], to_text[96];
  AeReceipts  r = a->record.receipts;

  PetscFunctionBegin;
  Describe(&m->regime, from_text, sizeof from_text);
  Describe(to, to_text, sizeof to_text);
  m->regime = *to;
  m->shifts++;
  PetscCall(AeMemoryRegime(m->memory, AeRegimeHash(to), (PetscBool)!strcmp(reason, "rollback")));
  PetscCall(AeGRSetGaugeRegime(a->gr, AeRegimeHash(to)));
  PetscCall(PetscInfo(NULL, "regime shift (%s): %s -> %s\n", reason, from_text, to_text));
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, AE_REGIME_SHIFT, 0, AeClockNow(a->record.clock)));
  PetscCall(AeReceiptText(r, "from", from_text));
  PetscCall(AeReceiptText(r, "to", to_text));
  PetscCall(AeReceiptText(r, "reason", reason));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscFunctionReturn(0);
}

static AeRegime RegimeOf(const AeGRApp *a, PetscReal dt)
{
  PetscInt formulation = 0;

  while (formulation < Z4_FORM_COUNT && strcmp(Z4FormNames[formulation], AeGRFormulation(a->gr))) formulation++;
  return (AeRegime){(PetscInt)PetscFloorReal(PetscLog2Real(dt)),
                    {a->grid->n[0], a->grid->n[1], a->grid->n[2]},
                    a->grid->ghost,
                    formulation,
                    a->memory.octave,
                    a->memory.band,
                    1};
}

/* A step was taken back: whatever was suggested from before is void, and tier 0 is. */
PetscErrorCode AeGRAppMemoryRollback(AeGRApp *a)
{
  const AeRegime r = a->memory.regime;

  PetscFunctionBegin;
  PetscCall(AeMemoryClear(a->memory.memory, 0));
  PetscCall(Shift(a, &r, "rollback"));
  PetscFunctionReturn(0);
}

/* The direction of H over the rails' history, once it has moved by a tenth; the old one until then. */
static PetscInt Slope(const AeRailsState *s, PetscInt old)
{
  PetscReal x;

  if (s->history < AE_RAILS_HISTORY || !(s->past[0] > 0) || !(s->past[AE_RAILS_HISTORY - 1] > 0)) return old;
  x = PetscLogReal(s->past[0] / s->past[AE_RAILS_HISTORY - 1]);
  return PetscAbsReal(x) < 0.1 ? old : x > 0 ? 1 : -1;
}

static PetscErrorCode WatchRegime(AeGRApp *a)
{
  AeGRMemory  *m  = &a->memory;
  AeRailsState s  = {0};
  PetscReal    dt = a->dt, D;
  PetscInt     slope;
  AeRegime     r;

  PetscFunctionBegin;
  if (a->rails) {
    PetscCall(AeRailsGetState(a->adapt, &s));
    dt = s.next;
  }
  if (dt > 2.0 * m->dt || dt < 0.5 * m->dt) {
    r     = RegimeOf(a, dt);
    m->dt = dt;
    PetscCall(Shift(a, &r, "dt"));
  }
  D         = AeLoomDmax(a->loom.loom, &m->octave);
  m->octave = PetscMax(m->octave, 0);
  m->band   = D > 0x1p-30 ? 1 + (PetscInt)((30.0 + PetscLog2Real(D)) / 10.0) : 0; /* factors of 1000 */
  r         = RegimeOf(a, m->dt);
  if (r.octave != m->regime.octave) PetscCall(Shift(a, &r, "octave"));
  if (r.band != m->regime.band) PetscCall(Shift(a, &r, "band"));
  slope = a->rails ? Slope(&s, m->slope) : 0;
  if (slope && m->slope && slope != m->slope) PetscCall(Shift(a, &r, "slope"));
  m->slope = slope;
  PetscFunctionReturn(0);
}

/* ---- tiles: shapes that were timed once on this machine ---- */

static PetscErrorCode TileKey(AeGRApp *a, char key[AE_MEM_KEY])
{
  const Z4Kernel *kernel;
  const AeLayout *L;

  PetscFunctionBegin;
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(PetscSNPrintf(key, AE_MEM_KEY, "tile %s o%d v%d %d fields, %d ranks", AeGRFormulation(a->gr), kernel->order,
                          kernel->lanes, (int)L->nf, (int)a->grid->size));
  PetscFunctionReturn(0);
}

/* No bit of a result depends on a tile: that its shape was found by timing is no matter. */
static PetscErrorCode RecallTile(AeGRApp *a)
{
  AeTiles  *T = AeGRTiles(a->gr);
  char      key[AE_MEM_KEY];
  PetscInt  j;
  PetscBool got;

  PetscFunctionBegin;
  if (T->j) PetscFunctionReturn(0); /* -stencil_tile_j */
  PetscCall(TileKey(a, key));
  PetscCall(AeMemoryGet(a->memory.memory, key, 0, &j, sizeof j, &got, NULL));
  if (got && j > 0) T->j = PetscMin(j, a->grid->nj);
  a->memory.tile_known = (PetscBool)(got && j > 0);
  PetscFunctionReturn(0);
}

static PetscErrorCode KeepTile(AeGRApp *a)
{
  PetscInt        flops[3], j = AeGRTiles(a->gr)->j;
  const Z4Kernel *kernel;
  char            key[AE_MEM_KEY];
  AeMemItem       item = {.key = key, .tier = 3, .data = &j, .local = sizeof j, .bytes = sizeof j};
  PetscBool       stored;

  PetscFunctionBegin;
  if (a->memory.tile_known || !a->memory.bank[0]) PetscFunctionReturn(0);
  a->memory.tile_known = PETSC_TRUE;
  PetscCallMPI(MPI_Bcast(&j, 1, MPIU_INT, 0, PETSC_COMM_WORLD));
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  AeZ4KernelFlops(kernel, PETSC_FALSE, flops);
  PetscCall(TileKey(a, key));
  item.cost = 6.0 * 12 * flops[0] * a->grid->n[0] * a->grid->n[1]; /* sweeps of 12 planes (stencil/tiles.c) */
  PetscCall(AeMemoryPut(a->memory.memory, &item, &stored));
  PetscFunctionReturn(0);
}

/* ---- plans of the transforms, as FFTW's text: what was measured on this machine is not measured again, and rounds as before ---- */

static void PlansKey(const AeGRApp *a, char key[AE_MEM_KEY])
{
  snprintf(key, AE_MEM_KEY, "plans %d x %d x %d, %d ranks", (int)a->grid->n[0], (int)a->grid->n[1], (int)a->grid->n[2],
           (int)a->grid->size);
}

static PetscErrorCode RecallPlans(AeGRApp *a)
{
  AeGRMemory *m = &a->memory;
  char        key[AE_MEM_KEY];
  PetscBool   good;

  PetscFunctionBegin;
  if (!m->bank[0] || a->checkpoint.restart) PetscFunctionReturn(0); /* a checkpoint has its own */
  PlansKey(a, key);
  PetscCall(AeMemoryGet(m->memory, key, 0, m->plans, sizeof m->plans, &m->plans_known, NULL));
  m->plans[sizeof m->plans - 1] = 0;
  if (m->plans_known) PetscCall(AeFFTSetWisdom(PETSC_COMM_WORLD, m->plans, &good));
  PetscFunctionReturn(0);
}

static PetscErrorCode KeepPlans(AeGRApp *a)
{
  AeGRMemory     *m = &a->memory;
  const PetscReal N = (PetscReal)a->grid->n[0] * a->grid->n[1] * a->grid->n[2];
  char            key[AE_MEM_KEY], *text;
  AeMemItem       item = {.key = key, .tier = 3, .data = m->plans, .local = sizeof m->plans, .bytes = sizeof m->plans};
  PetscBool       stored;

  PetscFunctionBegin;
  if (!m->bank[0] || m->plans_known) PetscFunctionReturn(0);
  PetscCall(AeFFTWisdom(PETSC_COMM_WORLD, &text));
  if (strlen(text) < sizeof m->plans) {
    PlansKey(a, key);
    PetscCall(PetscMemzero(m->plans, sizeof m->plans));
    strcpy(m->plans, text);
    item.cost = 100 * 2.5 * N * PetscLog2Real(N); /* FFTW_MEASURE times some hundred transforms */
    PetscCall(AeMemoryPut(m->memory, &item, &stored));
  }
  free(text);
  PetscFunctionReturn(0);
}

/* ---- a run ---- */

static void Resolution(const AeGRApp *a, char text[], size_t len)
{
  snprintf(text, len, "%d x %d x %d, order %d", (int)a->grid->n[0], (int)a->grid->n[1], (int)a->grid->n[2],
           (int)(2 * (a->grid->ghost - 1)));
}

/* Before data are made: a bank that does not fit is refused early. */
PetscErrorCode AeGRAppMemoryLoad(AeGRApp *a)
{
  AeGRMemory *m = &a->memory;
  char        text[96];

  PetscFunctionBegin;
  if (!m->bank[0]) PetscFunctionReturn(0);
  Resolution(a, text, sizeof text);
  PetscCall(AeMemoryBankLoad(m->memory, m->bank, text, &m->bank_found));
  PetscFunctionReturn(0);
}

/* Clocks and record are there, and so is dt. */
PetscErrorCode AeGRAppMemoryBegin(AeGRApp *a)
{
  AeGRMemory *m = &a->memory;

  PetscFunctionBegin;
  PetscCall(Now(a));
  PetscCall(AeMemoryListen(m->memory, Listen, a));
  PetscCall(RecallTile(a));
  PetscCall(RecallPlans(a));
  if (!m->dt) m->dt = a->dt;
  m->regime = RegimeOf(a, m->dt);
  PetscCall(AeGRSetGaugeRegime(a->gr, AeRegimeHash(&m->regime)));
  PetscFunctionReturn(0);
}

/* A step was accepted and recorded. */
PetscErrorCode AeGRAppMemoryStep(AeGRApp *a)
{
  AeGRMemory *m = &a->memory;

  PetscFunctionBegin;
  PetscCall(Now(a));
  PetscCall(WatchRegime(a));
  PetscCall(KeepTile(a));
  if (!AeClockDue(a->record.clock, m->due)) PetscFunctionReturn(0);
  PetscCall(AeMemoryMaintain(m->memory));
  PetscCall(AeClockMaint(a->record.clock));
  PetscCall(AeClockServe(a->record.clock, m->due));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppMemoryEnd(AeGRApp *a)
{
  AeGRMemory *m    = &a->memory;
  PetscInt64  hits = 0, misses = 0, bytes = 0;
  PetscReal   saved = 0;
  char        text[96];

  PetscFunctionBegin;
  if (!a->failure[0]) PetscCall(KeepPlans(a));
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++) {
    AeMemStats s;

    PetscCall(AeMemoryStats(m->memory, t, &s));
    hits += s.hits;
    misses += s.misses;
    bytes += s.bytes;
    saved += s.saved;
  }
  PetscCall(AeRunSetInt(a->run, "mem.hits", hits));
  PetscCall(AeRunSetInt(a->run, "mem.misses", misses));
  PetscCall(AeRunSetInt(a->run, "mem.bytes", bytes));
  PetscCall(AeRunSetReal(a->run, "mem.operations_saved", saved));
  PetscCall(AeRunSetInt(a->run, "regime.shifts", m->shifts));
  if (m->view) PetscCall(AeMemoryView(m->memory, PETSC_VIEWER_STDOUT_WORLD));
  if (!m->bank[0] || a->failure[0]) PetscFunctionReturn(0);
  Resolution(a, text, sizeof text);
  PetscCall(AeMemoryBankSave(m->memory, m->bank, text));
  PetscFunctionReturn(0);
}
