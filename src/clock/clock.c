/*
  The clocks, their rules, and cadences on them.
*/
#include <aeonic/clock.h>

typedef struct {
  char       name[32];
  AeClockBy  by;
  PetscInt64 every;
  PetscInt64 served; /* the clock's value when it was last served; -1: never, and due at 0 */
  PetscBool  triggered;
} Cadence;

struct _p_AeClock {
  AeClockTime now;
  PetscBool   attempting;
  PetscInt    n;
  Cadence     cadence[AE_CLOCK_CADENCES];
};

#define LARGEST 9007199254740992.0 /* 2^53: counts are saved as reals */

PetscErrorCode AeClockCreate(PetscReal t0, AeClock *clock)
{
  PetscFunctionBegin;
  PetscCheck(isfinite(t0), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "A clock cannot start at t = %g", (double)t0);
  PetscCall(PetscNew(clock));
  (*clock)->now.t = t0;
  PetscFunctionReturn(0);
}

PetscErrorCode AeClockDestroy(AeClock *clock)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(*clock));
  PetscFunctionReturn(0);
}

const AeClockTime *AeClockNow(AeClock clock) { return &clock->now; }
PetscBool          AeClockAttempting(AeClock clock) { return clock->attempting; }

const char *AeClockRule(AeTick tick, PetscBool attempting, const AeClockTime *a, const AeClockTime *b)
{
  if (!isfinite(b->t)) return "t is not a number";
  if (b->step < a->step) return "the clock of attempts goes back";
  if (tick == AE_TICK_ATTEMPT && attempting) return "a step is attempted while another is open";
  if ((tick == AE_TICK_ACCEPT || tick == AE_TICK_REJECT) && !attempting) return "a step ends that was not attempted";
  if (b->step != a->step + (tick == AE_TICK_ATTEMPT))
    return tick == AE_TICK_ATTEMPT ? "an attempt does not advance its clock by one" : "the clock of attempts moves without one";
  if (b->n != a->n + (tick == AE_TICK_ACCEPT))
    return tick == AE_TICK_ACCEPT ? "an accepted step does not advance n by one" : "n changes without an accepted step";
  if (tick == AE_TICK_ACCEPT && !(b->t > a->t)) return "an accepted step does not advance t";
  if (tick != AE_TICK_ACCEPT && b->t != a->t) return "t changes without an accepted step";
  if (b->loom != a->loom + (tick == AE_TICK_LOOM))
    return tick == AE_TICK_LOOM ? "a tick of the loom does not advance its clock by one"
                                : "the loom's clock moves without a tick";
  if (b->maint < a->maint) return "the clock of maintenance goes back";
  if (tick == AE_TICK_MAINT && b->maint != a->maint + 1) return "a maintenance does not advance its clock by one";
  return NULL;
}

static PetscErrorCode Tick(AeClock clock, AeTick tick, AeClockTime next)
{
  const char *fault = AeClockRule(tick, clock->attempting, &clock->now, &next);

  PetscFunctionBegin;
  PetscCheck(isfinite(next.t), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "A clock cannot advance to t = %g", (double)next.t);
  PetscCheck(!fault, PETSC_COMM_SELF, PETSC_ERR_ORDER,
             "clocks: %s (attempt %" PetscInt64_FMT ", n = %" PetscInt64_FMT ", t = %.17g -> %.17g)", fault, clock->now.step,
             clock->now.n, (double)clock->now.t, (double)next.t);
  clock->now = next;
  if (tick == AE_TICK_ATTEMPT) clock->attempting = PETSC_TRUE;
  if (tick == AE_TICK_ACCEPT || tick == AE_TICK_REJECT) clock->attempting = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeClockAttempt(AeClock clock)
{
  AeClockTime next = clock->now;
  next.step++;
  return Tick(clock, AE_TICK_ATTEMPT, next);
}

PetscErrorCode AeClockAccept(AeClock clock, PetscReal t)
{
  AeClockTime next = clock->now;
  next.n++;
  next.t = t;
  return Tick(clock, AE_TICK_ACCEPT, next);
}

PetscErrorCode AeClockReject(AeClock clock) { return Tick(clock, AE_TICK_REJECT, clock->now); }

PetscErrorCode AeClockLoom(AeClock clock)
{
  AeClockTime next = clock->now;
  next.loom++;
  return Tick(clock, AE_TICK_LOOM, next);
}

PetscErrorCode AeClockMaint(AeClock clock)
{
  AeClockTime next = clock->now;
  next.maint++;
  return Tick(clock, AE_TICK_MAINT, next);
}

/* ---- cadences ---- */

static PetscInt64 Count(AeClock clock, AeClockBy by)
{
  const AeClockTime *now = &clock->now;
  return by == AE_BY_N ? now->n : by == AE_BY_STEP ? now->step : by == AE_BY_LOOM ? now->loom : now->maint;
}

PetscErrorCode AeClockCadence(AeClock clock, const char name[], AeClockBy by, PetscInt64 every, PetscBool from_start,
                              PetscInt *id)
{
  Cadence *c = &clock->cadence[clock->n];

  PetscFunctionBegin;
  PetscCheck(clock->n < AE_CLOCK_CADENCES, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "No room for the cadence %s: there are %d already", name, (int)clock->n);
  PetscCheck(every >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "The cadence %s cannot be every %" PetscInt64_FMT, name,
             every);
  PetscCall(PetscStrncpy(c->name, name, sizeof c->name));
  c->by        = by;
  c->every     = every;
  c->served    = from_start && !Count(clock, by) ? -1 : Count(clock, by);
  c->triggered = PETSC_FALSE;
  *id          = clock->n++;
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckCadence(AeClock clock, PetscInt id)
{
  PetscFunctionBegin;
  PetscCheck(id >= 0 && id < clock->n, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "There is no cadence %" PetscInt_FMT, id);
  PetscFunctionReturn(0);
}

PetscErrorCode AeClockTrigger(AeClock clock, PetscInt id)
{
  PetscFunctionBegin;
  PetscCall(CheckCadence(clock, id));
  clock->cadence[id].triggered = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* Whether it is due when its clock has advanced by `ahead`. */
static PetscBool DueAt(AeClock clock, PetscInt id, PetscInt64 ahead)
{
  const Cadence *c;

  if (id < 0 || id >= clock->n) return PETSC_FALSE;
  c = &clock->cadence[id];
  if (c->triggered) return PETSC_TRUE;
  if (!c->every) return PETSC_FALSE;
  return (PetscBool)(c->served < 0 || (Count(clock, c->by) + ahead) / c->every > c->served / c->every);
}

PetscBool AeClockWillBeDue(AeClock clock, PetscInt id)
{
  return DueAt(clock, id, id >= 0 && id < clock->n && clock->cadence[id].by == AE_BY_N);
}

PetscBool AeClockTake(AeClock clock, PetscInt id)
{
  if (!DueAt(clock, id, 0)) return PETSC_FALSE;
  clock->cadence[id].served    = Count(clock, clock->cadence[id].by);
  clock->cadence[id].triggered = PETSC_FALSE;
  return PETSC_TRUE;
}

/* ---- plain numbers: step, n, t, loom, maint, then (served, triggered) of each cadence ---- */

PetscErrorCode AeClockSave(AeClock clock, PetscInt *n, PetscReal x[])
{
  const AeClockTime *now = &clock->now;

  PetscFunctionBegin;
  *n = 5 + 2 * clock->n;
  if (!x) PetscFunctionReturn(0);
  PetscCheck(!clock->attempting, PETSC_COMM_SELF, PETSC_ERR_ORDER,
             "clocks cannot be saved in the middle of attempt %" PetscInt64_FMT, now->step);
  x[0] = (PetscReal)now->step;
  x[1] = (PetscReal)now->n;
  x[2] = now->t;
  x[3] = (PetscReal)now->loom;
  x[4] = (PetscReal)now->maint;
  for (PetscInt i = 0; i < clock->n; i++) {
    x[5 + 2 * i] = (PetscReal)clock->cadence[i].served;
    x[6 + 2 * i] = clock->cadence[i].triggered ? 1.0 : 0.0;
  }
  PetscFunctionReturn(0);
}

static PetscBool IsCount(PetscReal x, PetscReal lo, PetscReal hi) { return (PetscBool)(x >= lo && x <= hi && x == floor(x)); }

PetscErrorCode AeClockRestore(AeClock clock, PetscInt n, const PetscReal x[])
{
  AeClockTime now;

  PetscFunctionBegin;
  PetscCheck(n == 5 + 2 * clock->n, PETSC_COMM_SELF, AE_ERR_USAGE,
             "saved clocks: %" PetscInt_FMT " numbers where this run has %" PetscInt_FMT, n, 5 + 2 * clock->n);
  PetscCheck(IsCount(x[0], 0, LARGEST) && IsCount(x[1], 0, x[0]) && isfinite(x[2]) && IsCount(x[3], 0, LARGEST) &&
               IsCount(x[4], 0, LARGEST),
             PETSC_COMM_SELF, AE_ERR_USAGE, "saved clocks: %g attempts, n = %g, t = %g, %g ticks, %g maintenances cannot be",
             (double)x[0], (double)x[1], (double)x[2], (double)x[3], (double)x[4]);
  now = (AeClockTime){
    .step = (PetscInt64)x[0], .n = (PetscInt64)x[1], .t = x[2], .loom = (PetscInt64)x[3], .maint = (PetscInt64)x[4]};
  for (PetscInt i = 0; i < clock->n; i++) {
    const Cadence  *c     = &clock->cadence[i];
    const PetscReal count = c->by == AE_BY_N ? x[1] : c->by == AE_BY_STEP ? x[0] : c->by == AE_BY_LOOM ? x[3] : x[4];
    PetscCheck(IsCount(x[5 + 2 * i], -1, count) && (x[6 + 2 * i] == 0.0 || x[6 + 2 * i] == 1.0), PETSC_COMM_SELF, AE_ERR_USAGE,
               "saved clocks: the cadence %s was last served at %g of %g", c->name, (double)x[5 + 2 * i], (double)count);
  }
  clock->now        = now;
  clock->attempting = PETSC_FALSE;
  for (PetscInt i = 0; i < clock->n; i++) {
    clock->cadence[i].served    = (PetscInt64)x[5 + 2 * i];
    clock->cadence[i].triggered = (PetscBool)(x[6 + 2 * i] == 1.0);
  }
  PetscFunctionReturn(0);
}
