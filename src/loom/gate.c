/*
  Cheap before dear: whether a tick needs its transforms.

  They are skipped while (a) no proxy has moved by more than its `calm` since the newest transforms, nor would at its
  present slope have by twice that at the next tick, and (b) the ticks skipped are no more than the change of D_max between the
  two newest transforms allows: at that pace it stays within 5 %. Their number grows from transform to transform by doubling,
  up to AE_LOOM_SKIPS. D_max below 2^-30 is an empty tail, of which no change matters.
*/
#include "loom_private.h"

static const PetscReal CALM = 0.05, TRIP = 1.5, EMPTY = 0x1p-30;

PetscReal AeLoomRound(PetscReal x, PetscReal previous)
{
  int       e;
  PetscReal m;

  if (!isfinite(x) || x == 0.0) return x;
  if (PetscAbsReal(x - previous) <= 0x1p-10 * PetscAbsReal(previous)) return previous;
  m = frexp(x, &e);
  return ldexp(floor(m * 2048.0), e - 11);
}

PetscErrorCode AeLoomProxies(AeLoom loom, PetscInt n, const AeLoomProxy p[], PetscBool *trip)
{
  PetscFunctionBegin;
  PetscCheck(n <= AE_LOOM_PROXIES, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "%" PetscInt_FMT " proxies: there is room for %d",
             n, AE_LOOM_PROXIES);
  *trip              = PETSC_FALSE;
  loom->now.nproxies = n;
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal x = p[i].value <= p[i].lowest ? p[i].lowest : p[i].value; /* NaN stays */

    loom->now.proxy[i] = x;
    loom->now.calm[i]  = p[i].calm;
    if (loom->now.ticks && !(x <= TRIP * loom->now.reference[i] && x >= loom->now.reference[i] / TRIP)) *trip = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomGate(AeLoom loom, PetscBool *needed, const char **reason)
{
  PetscBool calm = PETSC_TRUE;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < loom->now.nproxies; i++) {
    const PetscReal x = loom->now.proxy[i], from = loom->now.reference[i], next = 2.0 * x - loom->now.at_tick[i];

    if (!(PetscAbsReal(x - from) <= loom->now.calm[i] * from && PetscAbsReal(next - from) <= 2.0 * loom->now.calm[i] * from))
      calm = PETSC_FALSE;
  }
  *needed = PETSC_TRUE;
  if (!loom->o.gate) *reason = "every tick";
  else if (!loom->now.ticks) *reason = "the first tick";
  else if (!calm) *reason = "proxies have moved";
  else if (loom->now.skipped >= loom->now.allowed)
    *reason = loom->now.allowed >= AE_LOOM_SKIPS ? "the longest rest is over" : "D_max may have moved";
  else {
    *needed = PETSC_FALSE;
    *reason = "proxies and D_max rest";
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomSkip(AeLoom loom)
{
  PetscFunctionBegin;
  loom->now.skips++;
  loom->now.skipped++;
  loom->now.ticked = PETSC_FALSE;
  PetscCall(PetscArraycpy(loom->now.at_tick, loom->now.proxy, loom->now.nproxies));
  PetscFunctionReturn(0);
}

/* After transforms: what rests from now on, and how many ticks may be skipped. */
void AeLoomGateLearn(AeLoom loom)
{
  const PetscReal D = PetscMax(loom->now.D_max, EMPTY), old = PetscMax(loom->now.D_old, EMPTY);

  if (loom->now.ticks) { /* not the first */
    const PetscReal pace = PetscAbsReal(D - old) / PetscMin(D, old) / (PetscReal)(loom->now.skipped + 1);
    PetscInt        room = PetscMin(2 * loom->now.allowed + 1, AE_LOOM_SKIPS);

    if (!(pace * (PetscReal)room <= CALM)) room = pace > 0 ? (PetscInt)(CALM / pace) : 0;
    loom->now.allowed = room;
  }
  loom->now.D_old   = loom->now.D_max;
  loom->now.skipped = 0;
  for (PetscInt i = 0; i < loom->now.nproxies; i++) loom->now.reference[i] = loom->now.at_tick[i] = loom->now.proxy[i];
}
