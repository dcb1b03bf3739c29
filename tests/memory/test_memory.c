/* The memory against a plain model under random operations, on exact budgets, ages, taints and values; half precision within
   its bound; packing; the bank.  ranks: 1 2 */
#include "tap.h"
#include <aeonic/memory.h>
#include <unistd.h>

enum { KEYS = 30, TILE = 8, OPERATIONS = 30000 };
static const PetscInt64 budgets[AE_MEM_TIERS] = {4096, 6000, 9000, 3000};
static PetscMPIInt      rank, size;

static uint64_t seed = 1;
static PetscInt Random(PetscInt n)
{
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (PetscInt)((seed >> 33) % (uint64_t)n);
}

/* ---- the model: no arena, no order, everything looked up by walking the keys ---- */

typedef struct {
  PetscBool  there, halved;
  PetscInt   tier, tile;
  PetscInt64 regime, ttl, bytes, made, used, reuse, taint, probation;
  PetscInt64 n; /* numbers, over all ranks */
  double     first, cost, risk;
} Model;
static Model      model[KEYS];
static PetscInt64 step, loom, counts[7], taints;

static PetscInt64 Age(const Model *e) { return (e->tier == 2 ? loom : step) - e->made; }
static PetscBool  Old(const Model *e) { return (PetscBool)(e->ttl && !e->halved && Age(e) > e->ttl); }
static PetscBool  CanHalve(const Model *e) { return (PetscBool)(e->tier == 2 && e->tile && !e->halved); }
static double     Worth(const Model *e)
{
  return (1.0 + (double)e->reuse) * e->cost * (1.0 - e->risk) / (double)(e->bytes > 1 ? e->bytes : 1);
}
static PetscInt64 Used(PetscInt tier)
{
  PetscInt64 sum = 0;
  for (int k = 0; k < KEYS; k++)
    if (model[k].there && model[k].tier == tier) sum += model[k].bytes;
  return sum;
}
static void Halve(Model *e)
{
  e->halved = PETSC_TRUE;
  e->bytes  = 2 * e->n + 2 * (e->n / TILE);
  counts[AE_MEM_EVENT_DEMOTE]++;
}
static void Gone(Model *e, AeMemEventKind why)
{
  e->there = PETSC_FALSE;
  counts[why]++;
}
static void ModelMaintain(void)
{
  for (int k = 0; k < KEYS; k++)
    if (model[k].there && Old(&model[k])) {
      if (CanHalve(&model[k])) Halve(&model[k]);
      else Gone(&model[k], AE_MEM_EVENT_EXPIRE);
    }
}
/* Keys are "k00", "k01", ...: their order is that of their numbers. */
static int Poorest(PetscInt tier, PetscBool to_halve)
{
  int best = -1;
  for (int k = 0; k < KEYS; k++) {
    const Model *e = &model[k], *b = &model[best < 0 ? 0 : best];
    if (!e->there || e->tier != tier || (to_halve && !CanHalve(e))) continue;
    if (best < 0 || Worth(e) < Worth(b) || (Worth(e) == Worth(b) && e->used < b->used)) best = k;
  }
  return best;
}

/* Number i of the entry that began with `first`. */
static double Number(double first, PetscInt64 i)
{
  return first * (1.0 + 0.37 * (double)(i % 11)) * (i % 3 ? 1 : -1) * pow(10.0, (double)(i / TILE % 5) - 2.0);
}

static PetscErrorCode Put(AeMemory m)
{
  const int  k = Random(KEYS);
  Model     *e = &model[k];
  char       key[8];
  double     data[1024];
  PetscInt64 mine, from;
  PetscBool  stored, fits;
  AeMemItem  item = {.key = key};

  PetscFunctionBegin;
  (void)snprintf(key, sizeof key, "k%02d", k);
  item.tier   = Random(AE_MEM_TIERS);
  item.tile   = Random(2) ? TILE : 0;
  item.regime = Random(3);
  item.ttl    = Random(3) * 5;
  item.cost   = 1 + Random(50);
  item.risk   = Random(4) * 0.25;
  item.bytes  = 8 * 2 * TILE * (1 + Random(Random(8) ? 12 : 60));
  mine        = item.bytes / 8 / size; /* numbers of this rank: whole tiles */
  from        = rank * mine;
  item.local  = (size_t)mine * 8;
  item.data   = data;
  if (e->there) e->there = PETSC_FALSE;
  fits = (PetscBool)(item.bytes <= budgets[item.tier]);
  if (fits) {
    if (Used(item.tier) + item.bytes > budgets[item.tier]) ModelMaintain();
    for (int p; Used(item.tier) + item.bytes > budgets[item.tier] && (p = Poorest(item.tier, PETSC_TRUE)) >= 0;) Halve(&model[p]);
    while (Used(item.tier) + item.bytes > budgets[item.tier]) Gone(&model[Poorest(item.tier, PETSC_FALSE)], AE_MEM_EVENT_EVICT);
    *e = (Model){
      PETSC_TRUE, PETSC_FALSE, item.tier, item.tile, item.regime,    item.ttl,           item.bytes, item.tier == 2 ? loom : step,
      step,       0,           -1,        -1,        item.bytes / 8, 1.0 + Random(1000), item.cost,  item.risk};
    counts[AE_MEM_EVENT_PUT]++;
    for (PetscInt64 i = 0; i < mine; i++) data[i] = Number(e->first, from + i);
  }
  PetscCall(AeMemoryPut(m, &item, &stored));
  if (stored != fits) taints = -1000000;
  PetscFunctionReturn(0);
}

static struct {
  int    wrong_answer, wrong_data, over_bound, served, halved;
  double worst;
} seen;

static PetscErrorCode Get(AeMemory m)
{
  const int        k      = Random(KEYS);
  Model           *e      = &model[k];
  const PetscInt64 regime = 1 + Random(2), mine = e->n / size, from = rank * mine;
  char             key[8];
  static double    data[8192];
  PetscBool        got, want;
  PetscReal        error = -1;

  PetscFunctionBegin;
  (void)snprintf(key, sizeof key, "k%02d", k);
  want = (PetscBool)(e->there && (!e->regime || e->regime == regime) && (!Old(e) || CanHalve(e)) && !(e->taint > step));
  PetscCall(AeMemoryGet(m, key, regime, data, (size_t)(e->there ? mine : 1) * 8, &got, &error));
  counts[want ? AE_MEM_EVENT_HIT : AE_MEM_EVENT_MISS]++;
  seen.wrong_answer += got != want;
  if (e->there && !want && Old(e) && !CanHalve(e)) Gone(e, AE_MEM_EVENT_EXPIRE);
  if (!got || !want) PetscFunctionReturn(0);
  seen.served++;
  seen.halved += e->halved;
  e->reuse++;
  e->used = step;
  for (PetscInt64 i = 0; i < mine; i++) {
    const double d = fabs(data[i] - Number(e->first, from + i));

    if (!e->halved) seen.wrong_data += d != 0.0 || error != 0.0;
    else {
      seen.over_bound += !(d <= error);
      seen.worst = PetscMax(seen.worst, d / error);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Operation(AeMemory m)
{
  const int   what = Random(20), k = Random(KEYS);
  AeClockTime now;
  char        key[8];

  PetscFunctionBegin;
  (void)snprintf(key, sizeof key, "k%02d", k);
  if (what < 7) PetscCall(Put(m));
  else if (what < 14) PetscCall(Get(m));
  else if (what < 16) {
    if (Random(2)) step++;
    else loom++;
    now = (AeClockTime){.step = step, .loom = loom};
    PetscCall(AeMemoryNow(m, &now));
  } else if (what == 16) {
    Model *e = &model[k];
    if (e->there) {
      taints++;
      if (e->probation > step) e->there = PETSC_FALSE;
      e->risk      = 1.0 - 0.5 * (1.0 - e->risk);
      e->taint     = step + 4;
      e->probation = step + 8;
    }
    PetscCall(AeMemoryTaint(m, key, "test"));
  } else if (what == 17) {
    if (model[k].there && model[k].taint <= step) model[k].probation = -1;
    PetscCall(AeMemoryTrust(m, key));
  } else if (what == 18) {
    ModelMaintain();
    PetscCall(AeMemoryMaintain(m));
  } else if (Random(4) == 0) {
    const PetscInt64 regime   = 1 + Random(2);
    const PetscBool  rollback = (PetscBool)(Random(4) == 0);
    for (int q = 0; q < KEYS; q++)
      if (model[q].there && model[q].tier == 1 && model[q].regime && (rollback || model[q].regime != regime))
        Gone(&model[q], AE_MEM_EVENT_EXPIRE);
    PetscCall(AeMemoryRegime(m, regime, rollback));
  } else if (Random(8) == 0) {
    for (int q = 0; q < KEYS; q++)
      if (model[q].tier == 0) model[q].there = PETSC_FALSE;
    PetscCall(AeMemoryClear(m, 0));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Against(AeMemory m)
{
  int        over = 0, other = 0;
  PetscInt64 sum[7] = {0}, tainted = 0;

  PetscFunctionBegin;
  for (int n = 0; n < OPERATIONS; n++) {
    PetscCall(Operation(m));
    for (PetscInt t = 0; t < AE_MEM_TIERS; t++) {
      AeMemStats s;

      PetscCall(AeMemoryStats(m, t, &s));
      over += s.bytes > budgets[t];
      other += s.bytes != Used(t);
    }
  }
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++) {
    AeMemStats s;

    PetscCall(AeMemoryStats(m, t, &s));
    sum[AE_MEM_EVENT_PUT] += s.puts, sum[AE_MEM_EVENT_HIT] += s.hits, sum[AE_MEM_EVENT_MISS] += s.misses,
      sum[AE_MEM_EVENT_DEMOTE] += s.demoted, sum[AE_MEM_EVENT_EVICT] += s.evicted, sum[AE_MEM_EVENT_EXPIRE] += s.expired;
    tainted += s.tainted;
  }
  TapBelow(over, 0, "no budget is ever exceeded");
  TapBelow(other, 0, "bytes held are the model's after every operation");
  TapBelow(seen.wrong_answer, 0, "served exactly when the model serves: regimes, ages, taints");
  TapBelow(seen.wrong_data, 0, "what is served whole has every bit");
  TapBelow(seen.over_bound, 0, "what is served halved is within its bound");
  TapAbove(seen.worst, 0.2,
           "a bound that is not idle"); /* half a unit in the last place of values from half to all of the scale */
  TapTrue(!memcmp(sum, counts, sizeof sum) && tainted == taints,
          "puts, hits, misses, halvings, evictions, expiries and taints are the model's");
  TapAbove(PetscMin(PetscMin(seen.served, seen.halved * 5),
                    (double)PetscMin(counts[AE_MEM_EVENT_EVICT], counts[AE_MEM_EVENT_EXPIRE]) * 5),
           500, "and all of them happened often");
  PetscFunctionReturn(0);
}

static PetscErrorCode Packing(AeMemory m)
{
  AeMemory  other;
  double    x[4] = {1.25, -3, 1e300, 4}, y[4] = {0}, share[2], back[2] = {0};
  PetscBool stored, got[3];
  void     *data;
  size_t    n;
  AeMemItem item = {
    .key = "alike", .tier = 1, .regime = 7, .data = x, .local = sizeof x, .bytes = sizeof x, .cost = 5, .ttl = 10};

  PetscFunctionBegin;
  PetscCall(AeMemoryPut(m, &item, &stored));
  item.key = "doubtful";
  PetscCall(AeMemoryPut(m, &item, &stored));
  PetscCall(AeMemoryTaint(m, "doubtful", "test"));
  {
    PetscInt64 bytes;

    /* one more, of which each rank has its share */

    share[0] = share[1] = 7.5 + rank;
    item.key = "shared", item.data = share, item.local = sizeof(double) * (1 + rank % 2), item.bytes = 1000;
    PetscCall(AeMemoryPut(m, &item, &stored));
    PetscCall(AeMemoryPack(m, &data, &n));
    bytes = (PetscInt64)n;
    PetscCallMPI(MPI_Bcast(&bytes, 1, MPIU_INT64, 0, PETSC_COMM_WORLD));
    n = (size_t)bytes;
    if (!data) PetscCall(PetscMalloc1(n, (char **)&data));
    PetscCallMPI(MPI_Bcast(data, (PetscMPIInt)n, MPI_BYTE, 0, PETSC_COMM_WORLD));
  }
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &other));
  PetscCall(AeMemoryNow(other, &(AeClockTime){.step = step, .loom = loom}));
  PetscCall(AeMemoryUnpack(other, data, n));
  PetscCall(AeMemoryGet(other, "alike", 7, y, sizeof y, &got[0], NULL));
  PetscCall(AeMemoryGet(other, "doubtful", 7, y, sizeof y, &got[1], NULL));
  PetscCall(AeMemoryGet(other, "shared", 7, back, item.local, &got[2], NULL));
  TapTrue(got[2] && back[0] == share[0] && (item.local == sizeof(double) || back[1] == share[1]),
          "each rank has its own share again");
  PetscCall(AeMemoryNow(other, &(AeClockTime){.step = step + 11, .loom = loom}));
  TapTrue(got[0] && !got[1] && !memcmp(x, y, sizeof x), "packed and unpacked: values, and what is tainted stays so");
  PetscCall(AeMemoryGet(other, "alike", 7, y, sizeof y, &got[2], NULL));
  TapTrue(!got[2], "and ages go on");
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  {
    const PetscErrorCode a = AeMemoryUnpack(other, data, n - 9), b = AeMemoryUnpack(other, "nonsense nonsense", 17);
    PetscCall(PetscPopErrorHandler());
    TapTrue(a == AE_ERR_USAGE && b == AE_ERR_USAGE, "what is cut or something else is refused");
  }
  PetscCall(PetscFree(data));
  PetscCall(AeMemoryDestroy(&other));
  PetscFunctionReturn(0);
}

static PetscErrorCode Bank(AeMemory m)
{
  AeMemory       other;
  char           path[64], text[32] = "eight rows", back[32] = "";
  PetscBool      stored, found, got;
  PetscErrorCode e[2];
  AeMemItem      item = {.key = "shape", .tier = 3, .data = text, .local = sizeof text, .bytes = sizeof text, .cost = 1e6};

  PetscFunctionBegin;
  (void)snprintf(path, sizeof path, "/tmp/aeonic-bank-%d.h5", (int)getpid());
  MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD);
  PetscCall(AeMemoryClear(m, 3));
  PetscCall(AeMemoryPut(m, &item, &stored));
  PetscCall(AeMemoryBankSave(m, path, "64 x 64 x 64"));
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &other));
  PetscCall(AeMemoryBankLoad(other, path, "64 x 64 x 64", &found));
  PetscCall(AeMemoryGet(other, "shape", 1, back, sizeof back, &got, NULL));
  TapTrue(found && got && !strcmp(back, text), "the bank gives back what it was given");
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  e[0] = AeMemoryBankLoad(other, path, "32 x 64 x 64", &found);
  if (!rank) (void)!truncate(path, 1000);
  MPI_Barrier(PETSC_COMM_WORLD);
  e[1] = AeMemoryBankLoad(other, path, "64 x 64 x 64", &found);
  PetscCall(PetscPopErrorHandler());
  TapTrue(e[0] == AE_ERR_USAGE && e[1] == AE_ERR_USAGE, "a bank of another resolution and a damaged one are refused");
  if (!rank) unlink(path);
  MPI_Barrier(PETSC_COMM_WORLD);
  PetscCall(AeMemoryBankLoad(other, path, "64 x 64 x 64", &found));
  TapTrue(!found, "no bank is no fault");
  PetscCall(AeMemoryDestroy(&other));
  PetscFunctionReturn(0);
}

static PetscErrorCode Recalled(AeMemory m, Vec of, PetscReal t, PetscBool *got)
{
  const AeMemNote *note;

  PetscFunctionBegin;
  PetscCall(AeMemoryRecall(m, "K", of, t, &note));
  *got = (PetscBool)(note != NULL);
  PetscFunctionReturn(0);
}

/* A note holds until the state, the time or what it lends changes, or tier 0 is cleared; hits are worth what was noted. */
static PetscErrorCode Memo(AeMemory m)
{
  Vec              U, V, K;
  AeMemNote        n = {.key = "K", .t = 0.5, .n = 2, .value = {3, -7}, .cost = 100, .moved = 40};
  const AeMemNote *note;
  AeMemStats       before, after;
  PetscBool        got[8];
  char             key[16];

  PetscFunctionBegin;
  PetscCall(AeMemoryClear(m, 0));
  PetscCall(VecCreateMPI(PETSC_COMM_WORLD, 4, PETSC_DETERMINE, &U));
  PetscCall(VecDuplicate(U, &V));
  PetscCall(VecDuplicate(U, &K));
  PetscCall(AeMemoryStats(m, 0, &before));
  n.of = U, n.vec = K;
  PetscCall(AeMemoryNote(m, &n));
  PetscCall(AeMemoryRecall(m, "K", U, 0.5, &note));
  TapTrue(note && note->n == 2 && note->value[0] == 3 && note->value[1] == -7 && note->vec == K,
          "a note is there for whoever asks: numbers, and what it lends");
  PetscCall(Recalled(m, V, 0.5, &got[0])); /* of another Vec */
  PetscCall(Recalled(m, U, 0.25, &got[1]));
  PetscCall(Recalled(m, U, 0.5, &got[2]));
  PetscCall(VecSet(K, 1.0));
  PetscCall(Recalled(m, U, 0.5, &got[3]));
  PetscCall(AeMemoryNote(m, &n));
  PetscCall(Recalled(m, U, 0.5, &got[4]));
  PetscCall(VecSet(U, 1.0));
  PetscCall(Recalled(m, U, 0.5, &got[5]));
  PetscCall(AeMemoryNote(m, &n));
  PetscCall(AeMemoryClear(m, 0));
  PetscCall(Recalled(m, U, 0.5, &got[6]));
  PetscCall(AeMemoryNote(m, &n));
  PetscCall(AeMemoryForget(m, "K"));
  PetscCall(Recalled(m, U, 0.5, &got[7]));
  TapTrue(!got[0] && !got[1] && got[2] && !got[3] && got[4] && !got[5] && !got[6] && !got[7],
          "void at another state or time, once what it lends or the state has changed, after a rollback, and when forgotten");
  PetscCall(AeMemoryStats(m, 0, &after));
  TapTrue(after.hits - before.hits == 3 && after.misses - before.misses == 6 && after.saved - before.saved == 300 &&
            after.served - before.served == 120,
          "hits, misses, operations and bytes saved are counted");
  for (int i = 0; i < AE_MEM_NOTES + 1; i++) {
    (void)snprintf(key, sizeof key, "note %d", i);
    n.key = key;
    PetscCall(AeMemoryNote(m, &n));
  }
  PetscCall(AeMemoryStats(m, 0, &before));
  PetscCall(AeMemoryRecall(m, "note 0", U, 0.5, &note));
  TapTrue(before.refused == after.refused + 1 && note && !strcmp(note->key, "note 0"),
          "one note too many is refused, the others stay");
  PetscCall(AeMemoryClear(m, 0));
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&V));
  PetscCall(VecDestroy(&K));
  PetscFunctionReturn(0);
}

/* Suggestions: what failed rests, then is served on trial; a success then ends the doubt, a second failure the entry. */
static PetscErrorCode Trial(void)
{
  AeMemory        m;
  PetscReal       dt   = 0.125, got_dt;
  const AeMemItem item = {.key = "dt", .tier = 1, .data = &dt, .local = sizeof dt, .bytes = sizeof dt, .cost = 10};
  PetscBool       got[6];
  AeClockTime     now = {0};

  PetscFunctionBegin;
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &m));
  for (int success = 0; success < 2; success++) {
    now.step += 100;
    PetscCall(AeMemoryNow(m, &now));
    PetscCall(AeMemoryLearn(m, &item, PETSC_TRUE));
    PetscCall(AeMemoryGet(m, "dt", 0, &got_dt, sizeof dt, &got[0], NULL));
    PetscCall(AeMemoryLearn(m, &item, PETSC_FALSE));
    now.step += 3; /* of -mem_taint_steps 4 */
    PetscCall(AeMemoryNow(m, &now));
    PetscCall(AeMemoryGet(m, "dt", 0, &got_dt, sizeof dt, &got[1], NULL));
    now.step += 1;
    PetscCall(AeMemoryNow(m, &now));
    PetscCall(AeMemoryGet(m, "dt", 0, &got_dt, sizeof dt, &got[2], NULL));
    if (success) PetscCall(AeMemoryLearn(m, &item, PETSC_TRUE));
    PetscCall(AeMemoryLearn(m, &item, PETSC_FALSE));
    now.step += 3;
    PetscCall(AeMemoryNow(m, &now));
    PetscCall(AeMemoryGet(m, "dt", 0, &got_dt, sizeof dt, &got[3], NULL));
    now.step += 1;
    PetscCall(AeMemoryNow(m, &now));
    PetscCall(AeMemoryGet(m, "dt", 0, &got_dt, sizeof dt, &got[4], NULL));
    TapTrue(got[0] && !got[1] && got[2] && !got[3] && (int)got[4] == success,
            success ? "a suggestion that failed is tried again; when it works its next failure is the first once more"
                    : "a suggestion that failed is tried again; when it fails again it is gone");
  }
  PetscCall(AeMemoryDestroy(&m));
  PetscFunctionReturn(0);
}

/* Rows that grow at a known rate; what is too old or not positive takes no part; a ring goes on after a restart. */
static PetscErrorCode Rings(void)
{
  AeMemory    m, other;
  AeClockTime now = {0};
  PetscReal   row[2], rate, again;
  PetscInt    used[4];
  void       *data;
  size_t      n;
  PetscInt64  bytes;
  AeMemStats  s;

  PetscFunctionBegin;
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &m));
  for (int i = 0; i < 100; i++) {
    const PetscReal t = 0.1 * i + 0.02 * (i % 3);

    now.loom++;
    PetscCall(AeMemoryNow(m, &now));
    row[0] = exp(-3.0 * t), row[1] = i % 2 ? 0.0 : i < 60 ? 1.0 : exp(0.5 * t);
    PetscCall(AeMemoryAppend(m, "ring", t, 2, row, 1000));
  }
  PetscCall(AeMemoryGrowth(m, "ring", 0, 64, &rate, &used[0]));
  TapBelow(fabs(rate + 3.0), 1e-10, "the rate of an exponential, whatever the intervals"); /* rounding of ln over a span of 6.4 */
  PetscCall(AeMemoryGrowth(m, "ring", 1, 40, &rate, &used[1]));
  TapBelow(fabs(rate - 0.5), 1e-10, "of the newest rows alone, without those that are 0");
  PetscCall(AeMemoryGrowth(m, "none", 0, 64, &rate, &used[2]));
  TapTrue(used[0] == 64 && used[1] == 20 && used[2] == 0, "so many rows were used");
  PetscCall(AeMemoryStats(m, 2, &s));
  TapTrue(s.hits == 2 && s.misses == 1 && s.saved == 84000, "hits, misses and what they saved");
  PetscCall(AeMemoryPack(m, &data, &n));
  bytes = (PetscInt64)n;
  PetscCallMPI(MPI_Bcast(&bytes, 1, MPIU_INT64, 0, PETSC_COMM_WORLD));
  if (!data) PetscCall(PetscMalloc1((size_t)bytes, (char **)&data));
  PetscCallMPI(MPI_Bcast(data, (PetscMPIInt)bytes, MPI_BYTE, 0, PETSC_COMM_WORLD));
  PetscCall(AeMemoryCreate(PETSC_COMM_SELF, &other)); /* on one rank of its own */
  now.loom += 30;
  PetscCall(AeMemoryNow(other, &now));
  PetscCall(AeMemoryUnpack(other, data, (size_t)bytes));
  PetscCall(AeMemoryGrowth(other, "ring", 0, 64, &again, &used[3]));
  TapTrue(used[3] == 34 && fabs(again + 3.0) <= 1e-10, "after a restart on other ranks it goes on, less what is too old by then");
  PetscCall(PetscFree(data));
  PetscCall(AeMemoryDestroy(&other));
  now.loom += 64;
  PetscCall(AeMemoryNow(m, &now));
  PetscCall(AeMemoryMaintain(m));
  PetscCall(AeMemoryStats(m, 2, &s));
  TapTrue(s.entries == 0, "a ring that is not written to expires");
  PetscCall(AeMemoryDestroy(&m));
  PetscFunctionReturn(0);
}

/* A share of each rank is marked as one, on one rank too: elsewhere it is not taken for what all have alike. */
static PetscErrorCode Shares(void)
{
  AeMemory  m, other;
  double    x[2] = {1, 2}, y[2];
  AeMemItem item = {
    .key = "share", .tier = 1, .tile = AE_MEM_SHARE, .data = x, .local = sizeof x, .bytes = sizeof x * size, .cost = 1};
  PetscBool  stored, got[2];
  void      *data;
  size_t     n;
  PetscInt64 bytes;

  PetscFunctionBegin;
  PetscCall(AeMemoryCreate(PETSC_COMM_SELF, &m));
  item.bytes = sizeof x;
  PetscCall(AeMemoryPut(m, &item, &stored));
  PetscCall(AeMemoryPack(m, &data, &n));
  bytes = (PetscInt64)n;
  for (int world = 0; world < 2; world++) {
    PetscCall(AeMemoryCreate(world ? PETSC_COMM_WORLD : PETSC_COMM_SELF, &other));
    PetscCall(AeMemoryUnpack(other, data, (size_t)bytes));
    PetscCall(AeMemoryGet(other, "share", 0, y, sizeof y, &got[world], NULL));
    PetscCall(AeMemoryDestroy(&other));
  }
  TapTrue(got[0] && (int)got[1] == (size == 1), "a share goes on where there are as many ranks, and nowhere else");
  PetscCall(PetscFree(data));
  PetscCall(AeMemoryDestroy(&m));
  PetscFunctionReturn(0);
}

static void Half(void)
{
  double x[24], y[24], bound;
  char   room[128];
  int    bad = 0;

  for (int e = -320; e < 306; e += 3) { /* down to where doubles are subnormal */
    for (int i = 0; i < 24; i++) x[i] = (i % 2 ? 1 : -1) * (0.03 + 0.04 * i) * pow(10, e);
    bad += !AeHalfPack(x, 24, 10, room, &bound);
    AeHalfUnpack(room, 24, 10, y);
    for (int i = 0; i < 24; i++) bad += !(fabs(x[i] - y[i]) <= bound && bound <= PetscMax(fabs(x[23]) / 2048, 5e-324));
  }
  TapBelow(bad, 0, "halves are within their bound, and the bound within 2^-11 of the largest, for all exponents");
  x[3] = NAN;
  TapTrue(!AeHalfPack(x, 24, 10, room, &bound), "what is not finite is not halved");
  for (int i = 0; i < 24; i++) x[i] = 0;
  bad = !AeHalfPack(x, 24, 10, room, &bound) || bound != 0;
  AeHalfUnpack(room, 24, 10, y);
  TapTrue(!bad && y[0] == 0 && AeHalfBytes(24, 10) == 54, "zeros are zeros; 24 values in tiles of 10 take 54 bytes");
}

int main(int argc, char **argv)
{
  AeMemory m;
  AeRegime r = {-6, {64, 8, 8}, 4, 0, 0, 0, 1}, s = r;
  int      status;
  char     options[200];

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  (void)snprintf(options, sizeof options,
                 "-mem_budget_tier0 %d -mem_budget_tier1 %d -mem_budget_tier2 %d -mem_budget_tier3 %d -mem_taint_steps 4",
                 (int)budgets[0], (int)budgets[1], (int)budgets[2], (int)budgets[3]);
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(AeMemoryCreate(PETSC_COMM_WORLD, &m));
  PetscCall(Against(m));
  PetscCall(Packing(m));
  PetscCall(Bank(m));
  PetscCall(Memo(m));
  PetscCall(Trial());
  PetscCall(PetscOptionsSetValue(NULL, "-mem_budget_tier2", "100000"));
  PetscCall(Rings());
  PetscCall(Shares());
  Half();
  s.dt_bin = -7;
  TapTrue(AeRegimeHash(&r) == AeRegimeHash(&(AeRegime){-6, {64, 8, 8}, 4, 0, 0, 0, 1}) && AeRegimeHash(&r) != AeRegimeHash(&s) &&
            AeRegimeHash(&r) > 0,
          "the hash of a regime is of all that makes it");
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  TapTrue(AeMemoryNeed(m, 1, 6001, "a test") == AE_ERR_USAGE && !AeMemoryNeed(m, 1, 6000, "a test"),
          "a budget that is too small is refused");
  PetscCall(PetscPopErrorHandler());
  PetscCall(AeMemoryDestroy(&m));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
