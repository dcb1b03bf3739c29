/* The clocks: random histories against a list of events that is counted anew for every question. ranks: 1 */
#include <aeonic/clock.h>
#include "tap.h"

enum { HISTORY = 4000, CADENCES = 6 };
typedef enum { ATTEMPT, ACCEPT, REJECT, LOOM, MAINT, SERVE, TRIGGER, NEVENTS } Event;

typedef struct {
  int       n;
  Event     event[HISTORY];
  int       id[HISTORY]; /* SERVE, TRIGGER: of which cadence */
  PetscReal t[HISTORY];  /* ACCEPT */
} History;

static unsigned long long seed = 20260712;
static unsigned           Random(unsigned n) /* Knuth's MMIX generator, upper bits */
{
  seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(seed >> 33) % n;
}

static int CountOf(const History *h, Event e, int upto)
{
  int n = 0;
  for (int i = 0; i < upto; i++) n += h->event[i] == e;
  return n;
}

static int Attempting(const History *h)
{
  return CountOf(h, ATTEMPT, h->n) != CountOf(h, ACCEPT, h->n) + CountOf(h, REJECT, h->n);
}

static PetscReal TimeOf(const History *h)
{
  for (int i = h->n - 1; i >= 0; i--)
    if (h->event[i] == ACCEPT) return h->t[i];
  return 0.0;
}

static const Event     by_event[]      = {ACCEPT, ATTEMPT, LOOM, MAINT};
static const AeClockBy by[CADENCES]    = {AE_BY_N, AE_BY_N, AE_BY_STEP, AE_BY_LOOM, AE_BY_MAINT, AE_BY_N};
static const int       every[CADENCES] = {1, 4, 3, 2, 5, 0};
static const PetscBool start[CADENCES] = {PETSC_FALSE, PETSC_TRUE, PETSC_FALSE, PETSC_FALSE, PETSC_TRUE, PETSC_FALSE};

/* Walks from the last serving on: was there a trigger, or did the clock take a value that `every` divides? */
static int DueByHistory(const History *h, int c)
{
  int i = h->n;

  while (i > 0 && !(h->event[i - 1] == SERVE && h->id[i - 1] == c)) i--;
  if (!i && start[c]) return every[c] != 0;
  for (int k = i; k < h->n; k++) {
    if (h->event[k] == TRIGGER && h->id[k] == c) return 1;
    if (every[c] && h->event[k] == by_event[by[c]] && CountOf(h, h->event[k], k + 1) % every[c] == 0) return 1;
  }
  return 0;
}

/* The same once one more step is accepted, if the cadence goes by these. */
static int WillBeDueByHistory(History *h, int c)
{
  int due;

  if (by[c] != AE_BY_N) return DueByHistory(h, c);
  h->event[h->n++] = ACCEPT;
  due              = DueByHistory(h, c);
  h->n--;
  return due;
}

static int Agrees(AeClock clock, History *h)
{
  const AeClockTime *now = AeClockNow(clock);

  if (now->step != CountOf(h, ATTEMPT, h->n) || now->n != CountOf(h, ACCEPT, h->n) || now->loom != CountOf(h, LOOM, h->n) ||
      now->maint != CountOf(h, MAINT, h->n))
    return 0;
  if (now->t != TimeOf(h) || AeClockAttempting(clock) != (PetscBool)Attempting(h)) return 0;
  for (int c = 0; c < CADENCES; c++)
    if (AeClockWillBeDue(clock, c) != (PetscBool)WillBeDueByHistory(h, c)) return 0;
  return 1;
}

/* One random call; whether the service took or refused it as the rules want. */
static int Move(AeClock clock, History *h)
{
  const Event     e  = (Event)Random(NEVENTS);
  const int       id = (int)Random(CADENCES), open = Attempting(h);
  const PetscReal now = TimeOf(h), t = Random(8) ? now + 0.125 * (1 + Random(4)) : now - 0.125 * Random(2);
  PetscErrorCode  ierr  = 0;
  int             legal = 1;

  if (e == ATTEMPT) ierr = AeClockAttempt(clock), legal = !open;
  if (e == ACCEPT) ierr = AeClockAccept(clock, t), legal = open && t > now;
  if (e == REJECT) ierr = AeClockReject(clock), legal = open;
  if (e == LOOM) ierr = AeClockLoom(clock);
  if (e == MAINT) ierr = AeClockMaint(clock);
  if (e == SERVE) { /* only if it is due */
    const int due = DueByHistory(h, id);

    if (AeClockTake(clock, id) != (PetscBool)due) return 0;
    if (!due) return 1;
  }
  if (e == TRIGGER) ierr = AeClockTrigger(clock, id);
  if (legal) {
    h->event[h->n] = e;
    h->id[h->n]    = id;
    h->t[h->n++]   = t;
  }
  return legal ? !ierr : ierr != 0;
}

static PetscErrorCode Make(AeClock *clock)
{
  PetscFunctionBegin;
  PetscCall(AeClockCreate(0.0, clock));
  for (int c = 0; c < CADENCES; c++) {
    PetscInt id;
    PetscCall(AeClockCadence(*clock, "test", by[c], every[c], start[c], &id));
    PetscCheck(id == c, PETSC_COMM_SELF, PETSC_ERR_PLIB, "cadence %d is number %d", c, (int)id);
  }
  PetscFunctionReturn(0);
}

/* Saved at a random moment, the history goes on in another clock. */
static PetscErrorCode Swap(AeClock *clock, int *good)
{
  PetscReal x[AE_CLOCK_NUMBERS], y[AE_CLOCK_NUMBERS];
  PetscInt  n, m;
  AeClock   other;

  PetscFunctionBegin;
  PetscCall(AeClockSave(*clock, &n, x));
  PetscCall(Make(&other));
  PetscCall(AeClockRestore(other, n, x));
  PetscCall(AeClockSave(other, &m, y));
  *good = *good && n == m && !memcmp(x, y, (size_t)n * sizeof *x);
  PetscCall(AeClockDestroy(clock));
  *clock = other;
  PetscFunctionReturn(0);
}

static PetscErrorCode Histories(void)
{
  static History h;
  AeClock        clock;
  int            obeyed = 1, agrees = 1, restored = 1, swaps = 0, moves = 0, refusals = 0;

  PetscFunctionBegin;
  for (int run = 0; run < 40; run++) {
    h.n = 0;
    PetscCall(Make(&clock));
    for (int m = 0; m < 400; m++, moves++) {
      const int n = h.n;
      obeyed      = obeyed && Move(clock, &h);
      agrees      = agrees && Agrees(clock, &h);
      refusals += h.n == n;
      if (!AeClockAttempting(clock) && !Random(10)) {
        PetscCall(Swap(&clock, &restored));
        swaps++;
      }
    }
    PetscCall(AeClockDestroy(&clock));
  }
  TapTrue(obeyed, "random calls: accepted or refused by the rules");
  TapAbove(refusals, 1000, "calls that had to be refused among them");
  TapTrue(agrees, "after each: clocks and cadences as the history says");
  TapTrue(restored, "saved and restored: the same numbers");
  TapAbove(swaps, 100, "times the history went on in a restored clock");
  PetscFunctionReturn(0);
}

/* Histories that keep the rules and ones with a single fault, through the rules alone. */
static void Rules(void)
{
  const AeClockTime a = {.step = 7, .n = 5, .loom = 2, .maint = 3, .t = 0.5};
  AeClockTime       b;
  int               good = 1, found = 1;

  for (int tick = 0; tick < AE_TICK_COUNT; tick++) {
    const PetscBool open = (PetscBool)(tick == AE_TICK_ACCEPT || tick == AE_TICK_REJECT);
    AeClockTime     next = a;
    next.step += tick == AE_TICK_ATTEMPT;
    next.n += tick == AE_TICK_ACCEPT;
    next.t += tick == AE_TICK_ACCEPT ? 0.25 : 0.0;
    next.loom += tick == AE_TICK_LOOM;
    next.maint += tick == AE_TICK_MAINT;
    good = good && !AeClockRule((AeTick)tick, open, &a, &next);
    if (open || tick == AE_TICK_ATTEMPT) found = found && AeClockRule((AeTick)tick, (PetscBool)!open, &a, &next);
    for (int d = -1; d <= 1; d += 2) {
      b = next, b.step += d, found = found && AeClockRule((AeTick)tick, open, &a, &b);
      b = next, b.n += d, found = found && AeClockRule((AeTick)tick, open, &a, &b);
      b = next, b.loom += d, found = found && AeClockRule((AeTick)tick, open, &a, &b);
      b = next, b.t = tick == AE_TICK_ACCEPT ? a.t - 0.25 * (d + 1) : a.t + 0.25 * d,
      found = found && AeClockRule((AeTick)tick, open, &a, &b);
    }
    b = next, b.maint = a.maint - 1, found = found && AeClockRule((AeTick)tick, open, &a, &b);
    b = next, b.t = NAN, found = found && AeClockRule((AeTick)tick, open, &a, &b);
    b = next, b.t = INFINITY, found = found && AeClockRule((AeTick)tick, open, &a, &b);
  }
  TapTrue(good, "every tick done right has no fault");
  TapTrue(found, "every clock moved wrongly is one, for every tick");
}

static PetscErrorCode Refusals(void)
{
  AeClock   clock;
  PetscReal x[AE_CLOCK_NUMBERS], y[AE_CLOCK_NUMBERS];
  PetscInt  n, id;
  int       refused = 1;

  PetscFunctionBegin;
  PetscCall(Make(&clock));
  PetscCall(AeClockAttempt(clock));
  TapTrue(AeClockSave(clock, &n, x) != 0, "clocks are not saved in mid-step");
  TapTrue(AeClockAccept(clock, NAN) != 0 && AeClockAccept(clock, INFINITY) != 0 && !AeClockNow(clock)->n,
          "a step to no time is refused");
  PetscCall(AeClockAccept(clock, 0.5));
  PetscCall(AeClockSave(clock, &n, x));
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal wrong[] = {NAN, -2.0, INFINITY, 0.25};
    for (int w = 0; w < 4; w++) {
      if (i == 2 && w & 1) continue; /* a time may be any finite number */
      memcpy(y, x, sizeof y);
      y[i]    = wrong[w];
      refused = refused && AeClockRestore(clock, n, y) == AE_ERR_USAGE;
    }
  }
  TapTrue(refused, "saved numbers that cannot be are refused, each in each place");
  memcpy(y, x, sizeof y);
  y[1] = y[0] + 1;
  TapTrue(AeClockRestore(clock, n, y) == AE_ERR_USAGE, "more accepted steps than attempts are refused");
  TapTrue(AeClockRestore(clock, n - 2, x) == AE_ERR_USAGE, "another number of cadences is refused");
  PetscCall(AeClockSave(clock, &n, y));
  TapTrue(!memcmp(x, y, (size_t)n * sizeof *x), "what was refused has changed nothing");
  TapTrue(AeClockTrigger(clock, CADENCES) != 0 && AeClockTrigger(clock, -1) != 0 && !AeClockTake(clock, CADENCES) &&
            !AeClockWillBeDue(clock, -1),
          "a cadence that is not there is refused");
  TapTrue(AeClockCadence(clock, "negative", AE_BY_N, -1, PETSC_FALSE, &id) != 0, "a negative period is refused");
  for (n = CADENCES; n < AE_CLOCK_CADENCES; n++) PetscCall(AeClockCadence(clock, "more", AE_BY_N, 1, PETSC_FALSE, &id));
  TapTrue(AeClockCadence(clock, "one too many", AE_BY_N, 1, PETSC_FALSE, &id) != 0,
          "one cadence more than there is room for is refused");
  PetscCall(AeClockDestroy(&clock));
  PetscFunctionReturn(0);
}

static PetscErrorCode Quiet(MPI_Comm comm, int line, const char *func, const char *file, PetscErrorCode n, PetscErrorType p,
                            const char *mess, void *ctx)
{
  (void)comm, (void)line, (void)func, (void)file, (void)p, (void)mess, (void)ctx;
  return n;
}

int main(int argc, char **argv)
{
  PetscCall(AeonicInitialize(&argc, &argv, "clocks\n"));
  PetscCall(PetscPushErrorHandler(Quiet, NULL));
  PetscCall(Histories());
  Rules();
  PetscCall(Refusals());
  PetscCall(PetscPopErrorHandler());
  const int status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
