#ifndef AEONIC_CLOCK_H
#define AEONIC_CLOCK_H
/*
  AeClock: the clocks of an evolution, and the one place that answers "is it due?".

    step    advances on every attempted step, accepted or not
    n, t    advance on accepted steps only: n by one, t upwards
    loom    advances on every tick of the loom
    maint   advances on every maintenance (prune, demote, clean-up)

  An attempt is opened by AeClockAttempt and closed by AeClockAccept or AeClockReject. A call against these rules is
  an error (PETSC_ERR_ORDER, PETSC_ERR_ARG_OUTOFRANGE) and leaves the clocks as they are. No call allocates memory
  after the cadences are made; nothing here reads the time of day.
*/
#include <aeonic/base.h>

typedef struct {
  PetscInt64 step, n, loom, maint;
  PetscReal  t;
} AeClockTime;

typedef enum { AE_TICK_NONE, AE_TICK_ATTEMPT, AE_TICK_ACCEPT, AE_TICK_REJECT, AE_TICK_LOOM, AE_TICK_MAINT, AE_TICK_COUNT } AeTick;

/*
  The rules themselves, for the service and for whoever replays a record of it: what is wrong when the clocks go from
  `before` to `after` by that tick, or NULL. attempting: whether an attempt was open before. AE_TICK_NONE is anything
  else that is recorded; it may find maint advanced, since a maintenance that had nothing to do leaves no record.
*/
PETSC_EXTERN const char *AeClockRule(AeTick, PetscBool attempting, const AeClockTime *before, const AeClockTime *after);

typedef struct _p_AeClock *AeClock;

PETSC_EXTERN PetscErrorCode     AeClockCreate(PetscReal t0, AeClock *);
PETSC_EXTERN PetscErrorCode     AeClockDestroy(AeClock *);
PETSC_EXTERN const AeClockTime *AeClockNow(AeClock);
PETSC_EXTERN PetscBool          AeClockAttempting(AeClock);
PETSC_EXTERN PetscErrorCode     AeClockAttempt(AeClock);
PETSC_EXTERN PetscErrorCode     AeClockAccept(AeClock, PetscReal t);
PETSC_EXTERN PetscErrorCode     AeClockReject(AeClock);
PETSC_EXTERN PetscErrorCode     AeClockLoom(AeClock);
PETSC_EXTERN PetscErrorCode     AeClockMaint(AeClock);

/*
  Cadences: who wants to act every so often asks for one by name.

  AeClockCadence - due whenever the clock `by` has passed a multiple of `every` since the cadence was last served (0:
                   on triggers only). from_start: already due at 0. *id names it in the calls below.
  AeClockTrigger - due at once, whatever its period; the multiples stay where they are.
  AeClockTake    - whether it is due; if so it is served by that, and to be acted upon.
  AeClockWillBeDue - whether it will be due once the step under way is accepted, as far as can be told before: for those
                   who must prepare for it. Of cadences on other clocks than n: whether it is.
*/
typedef enum { AE_BY_N, AE_BY_STEP, AE_BY_LOOM, AE_BY_MAINT } AeClockBy;
enum { AE_CLOCK_CADENCES = 32 };

PETSC_EXTERN PetscErrorCode AeClockCadence(AeClock, const char name[], AeClockBy by, PetscInt64 every, PetscBool from_start,
                                           PetscInt *id);
PETSC_EXTERN PetscErrorCode AeClockTrigger(AeClock, PetscInt id);
PETSC_EXTERN PetscBool      AeClockTake(AeClock, PetscInt id);
PETSC_EXTERN PetscBool      AeClockWillBeDue(AeClock, PetscInt id);

/* For counts without a clock: whether n is a multiple of `every`; never if that is 0. */
static inline PetscBool AeClockMultiple(PetscInt64 n, PetscInt64 every) { return (PetscBool)(every && n % every == 0); }

/*
  The whole state as plain numbers, for checkpoints and rollbacks.

  AeClockSave    - *n numbers to x[]; x NULL: only *n, at most AE_CLOCK_NUMBERS. Not while an attempt is open.
  AeClockRestore - from x[n], of a clock with the same cadences; their periods may be others. Numbers that no clock
                   can have saved are an error (AE_ERR_USAGE) and change nothing. An open attempt is forgotten.
*/
enum { AE_CLOCK_NUMBERS = 5 + 2 * AE_CLOCK_CADENCES };
PETSC_EXTERN PetscErrorCode AeClockSave(AeClock, PetscInt *n, PetscReal x[]);
PETSC_EXTERN PetscErrorCode AeClockRestore(AeClock, PetscInt n, const PetscReal x[]);

#endif
