/*
  AeMemory: tiers, entries, room and its making.
*/
#include "memory_private.h"
#include <sys/mman.h>

/* ---- telling ---- */

static PetscErrorCode Tell(AeMemory m, AeMemEventKind kind, const char key[], const MemEntry *e, PetscInt tier, PetscReal value,
                           const char reason[])
{
  const AeMemEvent event = {kind, key, reason, tier, e ? e->bytes : 0, e ? e->taint_until : 0, value, e ? e->error : 0};

  PetscFunctionBegin;
  if (m->listen) PetscCall((*m->listen)(m->ctx, &event));
  PetscFunctionReturn(0);
}

/* ---- entries ---- */

static PetscInt64 Clock(AeMemory m, PetscInt64 tier) { return tier == 2 ? m->now.loom : m->now.step; }

static PetscBool Expired(AeMemory m, const MemEntry *e)
{
  return (PetscBool)(e->ttl > 0 && !e->halved && Clock(m, e->tier) > e->made + e->ttl);
}

static PetscReal Value(const MemEntry *e)
{
  return (1.0 + (PetscReal)e->reuse) * e->cost * (1.0 - e->risk) / (PetscReal)PetscMax(e->bytes, 1);
}

MemEntry *MemFind(AeMemory m, const char key[], MemTier **tier, PetscInt *index)
{
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++)
    for (PetscInt i = 0; i < m->tier[t].n; i++)
      if (!strcmp(m->tier[t].e[i].key, key)) {
        *tier  = &m->tier[t];
        *index = i;
        return &m->tier[t].e[i];
      }
  return NULL;
}

/* The last entry takes the place of the removed one. */
static void Remove(MemTier *T, PetscInt i)
{
  const PetscInt last = T->n - 1;
  PetscInt       w    = 0;

  T->s.bytes -= T->e[i].bytes;
  for (PetscInt r = 0; r < T->n; r++)
    if (T->order[r] != i) T->order[w++] = T->order[r] == last ? i : T->order[r];
  T->e[i] = T->e[last];
  T->n    = last;
}

/* ---- the arena: entries by offset, holes between them ---- */

static size_t Lines(size_t n) { return (n + 63) / 64 * 64; }

static void Compact(MemTier *T)
{
  size_t at = 0;

  for (PetscInt r = 0; r < T->n; r++) {
    MemEntry *e = &T->e[T->order[r]];

    if (e->at != at) memmove(T->arena + at, T->arena + e->at, (size_t)e->local);
    e->at = at;
    at += Lines((size_t)e->local);
  }
}

/* A hole for `local` bytes: its offset, and its place in the order. */
static size_t Hole(const MemTier *T, size_t local, PetscInt *place)
{
  size_t at = 0;

  for (*place = 0; *place < T->n; (*place)++) {
    const MemEntry *e = &T->e[T->order[*place]];

    if (e->at >= at + Lines(local)) return at;
    at = e->at + Lines((size_t)e->local);
  }
  return at;
}

static void Place(MemTier *T, PetscInt i)
{
  PetscInt place;
  size_t   at = Hole(T, (size_t)T->e[i].local, &place);

  if (at + Lines((size_t)T->e[i].local) > T->reserved) {
    Compact(T);
    at = Hole(T, (size_t)T->e[i].local, &place);
  }
  for (PetscInt r = T->n; r > place; r--) T->order[r] = T->order[r - 1];
  T->order[place] = i;
  T->e[i].at      = at;
  T->n++;
}

/* ---- making room ---- */

static PetscErrorCode Expire(AeMemory m, MemTier *T, PetscInt i)
{
  PetscFunctionBegin;
  PetscCall(Tell(m, AE_MEM_EVENT_EXPIRE, T->e[i].key, &T->e[i], (PetscInt)T->e[i].tier, 0, NULL));
  T->s.expired++;
  Remove(T, i);
  PetscFunctionReturn(0);
}

/* In place: the halves are shorter than what they are made of, and each is written behind what has been read. */
static PetscErrorCode Demote(AeMemory m, MemTier *T, PetscInt i, PetscBool *done)
{
  MemEntry    *e  = &T->e[i];
  const size_t n  = (size_t)e->local / sizeof(double);
  double      *x  = (double *)(void *)(T->arena + e->at);
  void        *to = T->arena + T->reserved; /* behind the arena there is room for one */
  PetscReal    bound[2];

  PetscFunctionBegin;
  bound[1] = AeHalfPack(x, n, (size_t)e->tile, to, &bound[0]) ? 0.0 : 1.0;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, bound, 2, MPIU_REAL, MPI_MAX, m->comm));
  *done = (PetscBool)(bound[1] == 0.0);
  if (!*done) PetscFunctionReturn(0);
  memcpy(x, to, AeHalfBytes(n, (size_t)e->tile));
  T->s.bytes -= e->bytes;
  e->error  = bound[0];
  e->halved = 1;
  e->local  = (PetscInt64)AeHalfBytes(n, (size_t)e->tile);
  e->bytes  = (PetscInt64)AeHalfBytes((size_t)e->full_bytes / sizeof(double), (size_t)e->tile);
  T->s.bytes += e->bytes;
  T->s.demoted++;
  PetscCall(Tell(m, AE_MEM_EVENT_DEMOTE, e->key, e, (PetscInt)e->tier, 0, NULL));
  PetscFunctionReturn(0);
}

static PetscBool MayBeHalved(const MemEntry *e) { return (PetscBool)(e->tier == 2 && e->tile > 0 && !e->halved); }

PetscErrorCode AeMemoryMaintain(AeMemory m)
{
  PetscFunctionBegin;
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++)
    for (PetscInt i = 0; i < m->tier[t].n;) {
      PetscBool done = PETSC_FALSE;

      if (Expired(m, &m->tier[t].e[i])) {
        if (MayBeHalved(&m->tier[t].e[i])) PetscCall(Demote(m, &m->tier[t], i, &done));
        if (!done) {
          PetscCall(Expire(m, &m->tier[t], i));
          continue;
        }
      }
      i++;
    }
  PetscFunctionReturn(0);
}

/* The entry worth least among those that `which` admits, -1 if there is none. */
static PetscInt Least(const MemTier *T, PetscBool (*which)(const MemEntry *))
{
  PetscInt best = -1;

  for (PetscInt i = 0; i < T->n; i++) {
    const MemEntry *e = &T->e[i], *b = best < 0 ? NULL : &T->e[best];

    if (which && !(*which)(e)) continue;
    if (!b || Value(e) < Value(b) ||
        (Value(e) == Value(b) && (e->used < b->used || (e->used == b->used && strcmp(e->key, b->key) < 0))))
      best = i;
  }
  return best;
}

static PetscBool Fits(const MemTier *T, PetscInt64 bytes)
{
  return (PetscBool)(T->n < AE_MEM_ENTRIES && T->s.bytes + bytes <= T->s.budget);
}

static PetscErrorCode MakeRoom(AeMemory m, MemTier *T, PetscInt64 bytes)
{
  PetscInt  i;
  PetscBool done = PETSC_TRUE;

  PetscFunctionBegin;
  if (Fits(T, bytes)) PetscFunctionReturn(0);
  PetscCall(AeMemoryMaintain(m));
  while (done && T->s.bytes + bytes > T->s.budget && (i = Least(T, MayBeHalved)) >= 0) PetscCall(Demote(m, T, i, &done));
  while (!Fits(T, bytes)) {
    i = Least(T, NULL);
    PetscCall(Tell(m, AE_MEM_EVENT_EVICT, T->e[i].key, &T->e[i], (PetscInt)T->e[i].tier, Value(&T->e[i]), NULL));
    T->s.evicted++;
    Remove(T, i);
  }
  PetscFunctionReturn(0);
}

/* ---- the calls ---- */

PetscErrorCode AeMemoryPut(AeMemory m, const AeMemItem *item, PetscBool *stored)
{
  MemTier  *T;
  MemEntry *e;
  PetscInt  i;

  PetscFunctionBegin;
  PetscCheck(item->tier >= 0 && item->tier < AE_MEM_TIERS, m->comm, PETSC_ERR_ARG_OUTOFRANGE, "there is no tier %" PetscInt_FMT,
             item->tier);
  PetscCheck(item->key[0] && strlen(item->key) < AE_MEM_KEY, m->comm, PETSC_ERR_ARG_WRONG, "a key has 1 to %d characters: %s",
             AE_MEM_KEY - 1, item->key);
  PetscCheck(item->bytes >= (PetscInt64)item->local && item->cost >= 0 && item->risk >= 0 && item->risk <= 1, m->comm,
             PETSC_ERR_ARG_WRONG, "%s: bytes below local, a negative cost or a risk outside 0 to 1", item->key);
  PetscCheck(item->tile <= 0 || item->local % sizeof(double) == 0, m->comm, PETSC_ERR_ARG_WRONG,
             "%s: tiles are of float64 values", item->key);
  if (MemFind(m, item->key, &T, &i)) Remove(T, i);
  T       = &m->tier[item->tier];
  *stored = (PetscBool)(item->bytes <= T->s.budget);
  if (!*stored) {
    T->s.refused++;
    PetscFunctionReturn(0);
  }
  PetscCall(MakeRoom(m, T, item->bytes));
  e  = &T->e[T->n];
  *e = (MemEntry){.regime          = item->regime,
                  .bytes           = item->bytes,
                  .local           = (PetscInt64)item->local,
                  .full_local      = (PetscInt64)item->local,
                  .full_bytes      = item->bytes,
                  .tier            = item->tier,
                  .tile            = item->tile,
                  .ttl             = item->ttl,
                  .cost            = item->cost,
                  .risk            = item->risk,
                  .taint_until     = -1,
                  .probation_until = -1};
  snprintf(e->key, sizeof e->key, "%s", item->key);
  e->made = Clock(m, e->tier);
  e->used = m->now.step;
  Place(T, T->n);
  if (item->data) memcpy(T->arena + e->at, item->data, item->local);
  else memset(T->arena + e->at, 0, item->local);
  T->s.bytes += e->bytes;
  T->s.puts++;
  PetscCall(Tell(m, AE_MEM_EVENT_PUT, e->key, e, item->tier, 0, NULL));
  PetscFunctionReturn(0);
}

/* Why an entry is not served, NULL if it is. */
static const char *Unfit(AeMemory m, const MemEntry *e, PetscInt64 regime, size_t local)
{
  if (e->regime && e->regime != regime) return "of another regime";
  if ((size_t)e->full_local != local) return "of another size";
  if (Expired(m, e) && !MayBeHalved(e)) return "expired";
  if (e->taint_until > m->now.step) return "tainted";
  return NULL;
}

PetscErrorCode AeMemoryGet(AeMemory m, const char key[], PetscInt64 regime, void *to, size_t local, PetscBool *got,
                           PetscReal *error)
{
  MemTier    *T   = NULL;
  PetscInt    i   = 0;
  MemEntry   *e   = MemFind(m, key, &T, &i);
  const char *why = e ? Unfit(m, e, regime, local) : "not there";

  PetscFunctionBegin;
  *got = (PetscBool)!why;
  if (!e || why) {
    MemCount(m, key, e ? (PetscInt)e->tier : -1, PETSC_FALSE, 0, 0);
    PetscCall(Tell(m, AE_MEM_EVENT_MISS, key, e, e ? (PetscInt)e->tier : -1, 0, why));
    if (e && Expired(m, e) && !MayBeHalved(e)) PetscCall(Expire(m, T, i));
    PetscFunctionReturn(0);
  }
  if (e->halved) AeHalfUnpack(T->arena + e->at, local / sizeof(double), (size_t)e->tile, to);
  else if (local) memcpy(to, T->arena + e->at, local);
  if (error) *error = e->error;
  e->reuse++;
  e->used = m->now.step;
  MemCount(m, key, (PetscInt)e->tier, PETSC_TRUE, e->cost, (PetscReal)local);
  PetscCall(Tell(m, AE_MEM_EVENT_HIT, key, e, (PetscInt)e->tier, 0, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryTaint(AeMemory m, const char key[], const char reason[])
{
  MemTier  *T = NULL;
  PetscInt  i = 0;
  MemEntry *e = MemFind(m, key, &T, &i);

  PetscFunctionBegin;
  if (!e) PetscFunctionReturn(0);
  T->s.tainted++;
  if (e->probation_until > m->now.step) { /* for the second time */
    e->taint_until = PETSC_MAX_INT;
    PetscCall(Tell(m, AE_MEM_EVENT_TAINT, key, e, (PetscInt)e->tier, 0, reason));
    Remove(T, i);
    PetscFunctionReturn(0);
  }
  e->risk            = 1.0 - 0.5 * (1.0 - e->risk);
  e->taint_until     = m->now.step + m->taint_steps;
  e->probation_until = e->taint_until + m->taint_steps;
  PetscCall(Tell(m, AE_MEM_EVENT_TAINT, key, e, (PetscInt)e->tier, 0, reason));
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryTrust(AeMemory m, const char key[])
{
  MemTier  *T = NULL;
  PetscInt  i = 0;
  MemEntry *e = MemFind(m, key, &T, &i);

  PetscFunctionBegin;
  if (e && e->taint_until <= m->now.step) e->probation_until = -1;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryLearn(AeMemory m, const AeMemItem *item, PetscBool worked)
{
  MemTier  *T = NULL;
  PetscInt  i = 0;
  MemEntry *e = MemFind(m, item->key, &T, &i);
  PetscBool stored;

  PetscFunctionBegin;
  if (!worked) PetscCall(AeMemoryTaint(m, item->key, "what it suggested failed"));
  else if (e && (size_t)e->local == item->local && !memcmp(T->arena + e->at, item->data, item->local)) {
    e->made = Clock(m, e->tier);
    PetscCall(AeMemoryTrust(m, item->key));
  } else PetscCall(AeMemoryPut(m, item, &stored));
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryRegime(AeMemory m, PetscInt64 regime, PetscBool rollback)
{
  MemTier *T = &m->tier[1];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < T->n;)
    if (T->e[i].regime && (rollback || T->e[i].regime != regime)) PetscCall(Expire(m, T, i));
    else i++;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryClear(AeMemory m, PetscInt tier)
{
  PetscFunctionBegin;
  m->tier[tier].n       = 0;
  m->tier[tier].s.bytes = 0;
  if (!tier) m->nnotes = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryNow(AeMemory m, const AeClockTime *now)
{
  PetscFunctionBegin;
  m->now = *now;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryListen(AeMemory m, AeMemListener listen, void *ctx)
{
  PetscFunctionBegin;
  m->listen = listen;
  m->ctx    = ctx;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryStats(AeMemory m, PetscInt tier, AeMemStats *s)
{
  PetscFunctionBegin;
  *s         = m->tier[tier].s;
  s->entries = m->tier[tier].n;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryNeed(AeMemory m, PetscInt tier, PetscInt64 bytes, const char what[])
{
  PetscFunctionBegin;
  PetscCheck(m->tier[tier].s.budget >= bytes, m->comm, AE_ERR_USAGE,
             "-mem_budget_tier%" PetscInt_FMT " %" PetscInt64_FMT " is too small here: %s needs at least %" PetscInt64_FMT
             " bytes",
             tier, m->tier[tier].s.budget, what, bytes);
  PetscFunctionReturn(0);
}

PetscErrorCode MemRestore(AeMemory m, const MemEntry *from, const void *data)
{
  MemTier  *T;
  MemEntry *e;
  PetscInt  i;

  PetscFunctionBegin;
  if (MemFind(m, from->key, &T, &i)) PetscFunctionReturn(0);
  T = &m->tier[from->tier];
  e = &T->e[T->n];
  if (!Fits(T, from->bytes)) PetscFunctionReturn(0); /* the budget is smaller now */
  *e = *from;
  Place(T, T->n);
  memcpy(T->arena + e->at, data, (size_t)e->local);
  T->s.bytes += e->bytes;
  PetscFunctionReturn(0);
}

/* ---- life ---- */

/* Address space for the whole budget, and behind it for a copy of the largest entry at half its size; pages are taken
   when they are first written. Every entry may begin a new line. */
static PetscErrorCode Reserve(MemTier *T, PetscInt tier)
{
  void *p;

  PetscFunctionBegin;
  T->reserved = Lines((size_t)T->s.budget) + 64 * AE_MEM_ENTRIES;
  p = mmap(NULL, T->reserved + (size_t)T->s.budget + 64, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
           0);
  PetscCheck(p != MAP_FAILED, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "-mem_budget_tier%" PetscInt_FMT " %" PetscInt64_FMT ": no address space for that", tier, T->s.budget);
  T->arena = p;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryCreate(MPI_Comm comm, AeMemory *memory)
{
  static const char *const what[AE_MEM_TIERS]   = {"scratch: step-local", "stepper: warm starts and suggestions",
                                                   "loom: summaries and snapshots", "calibration: kept, and saved in the bank"};
  PetscReal                budget[AE_MEM_TIERS] = {16e6, 64e6, 256e6, 16e6};
  PetscInt                 taint                = 16;
  AeMemory                 m;

  PetscFunctionBegin;
  PetscCall(PetscNew(&m));
  m->comm = comm;
  PetscCallMPI(MPI_Comm_rank(comm, &m->rank));
  PetscOptionsBegin(comm, NULL, "Memory", "AeMemory");
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++) {
    char name[32], text[128];

    PetscCall(PetscSNPrintf(name, sizeof name, "-mem_budget_tier%" PetscInt_FMT, t));
    PetscCall(PetscSNPrintf(text, sizeof text, "most that the tier may hold, over all ranks; %s", what[t]));
    PetscCall(AeOptReal(name, text, "bytes", "", 0, 1e14, &budget[t], NULL));
    m->tier[t].s.budget = (PetscInt64)budget[t];
  }
  PetscCall(AeOptInt("-mem_taint_steps", "attempted steps for which an entry that has led to a failure is not served", "steps",
                     "", 1, 1000000, &taint, NULL));
  PetscOptionsEnd();
  m->taint_steps = taint;
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++) PetscCall(Reserve(&m->tier[t], t));
  *memory = m;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryDestroy(AeMemory *memory)
{
  PetscFunctionBegin;
  if (!*memory) PetscFunctionReturn(0);
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++)
    if ((*memory)->tier[t].arena)
      (void)munmap((*memory)->tier[t].arena, (*memory)->tier[t].reserved + (size_t)(*memory)->tier[t].s.budget + 64);
  PetscCall(PetscFree(*memory));
  PetscFunctionReturn(0);
}
