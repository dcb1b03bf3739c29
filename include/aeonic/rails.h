#ifndef AEONIC_RAILS_H
#define AEONIC_RAILS_H
/*
  Rails: the TSAdapt type `rails`. Every attempted step is judged, and taken back if it must be.

  A rail is a quantity with a limit; residual = quantity/limit (limit/quantity where the limit is a lowest value),
  so that 1 is on the rail. The quantities are the problem's, who gives a table of them; all are of the candidate, before it
  is accepted. With the stepper's look-ahead (levels.h) what the candidate's own right-hand side shows comes with the next
  step's first one and costs nothing. Steppers without one do not know it before acceptance: there such quantities are those
  of the state that the step began from.

  Verdicts. Accept: all residuals at most -rails_control. Accept with control: some rail's action is taken
  (dissipation raised for a while, dt capped, a clean-up of the constraints), and the loom is asked to look.
  Reject: a residual is above 1; the state is restored bit for bit, dt halved, and after success kept small for
  a while. Stop: a rail is violated and a smaller dt cannot mend it:
    - the state that the step began from violates the same rail already; or
    - it was violated at the step's last attempt or during the hold that followed, and with the smaller dt it grows
      as fast in time as it did then: (r - r_0)/dt has fallen by less than half. What dt causes falls faster: for a
      stable step of order p the error made goes with dt^(p+1), an unstable mode's growth ends. What the state itself
      does goes with dt; or
    - dt would fall below -rails_dt_min or a 1024th of the run's own, or -rails_retries are used up.
  No decision reads a clock: the same run decides the same.
*/
#include <aeonic/lattice.h>

#define AE_ADAPT_RAILS "rails"

/* A row of the problem's table. Its place in the table is its number in all arrays below; among equals the first is named. */
typedef enum {
  AE_RAIL_ABSENT, /* of what must not be at all: any is beyond the limit */
  AE_RAIL_UPPER,  /* the limit is a largest value; 0: off */
  AE_RAIL_LOWER,  /* a lowest value; 0: it must be positive; negative: off */
  AE_RAIL_GROWTH  /* largest e-folding rate of rail `of` over the last 8 accepted states and the candidate; 0: off */
} AeRailKind;
typedef struct {
  const char *name;
  AeRailKind  kind;
  const char *option, *text, *unit; /* of its limit; none for what must be absent */
  PetscReal   limit, most;          /* the option's default, and its largest value (0: any) */
  PetscInt    domain, scale;        /* its threads; those without spectral content stand at L */
  AeAction    action;               /* of its control */
  PetscBool   observed;             /* of what has become of the state over many steps: controlled, never rejected */
  PetscBool   cleanup;              /* after AeRailsSetCleanup a clean-up is its control's action */
  PetscInt    of;                   /* growth only; one rail's history is kept, the first such row's */
} AeRail;
enum { AE_RAILS_MAX = 16 };
typedef struct {
  PetscInt      n;
  const AeRail *rail;
  const char   *time; /* unit */
} AeRailsTable;

typedef enum { AE_VERDICT_ACCEPT, AE_VERDICT_CONTROL, AE_VERDICT_REJECT, AE_VERDICT_STOP } AeVerdict;
typedef enum { AE_STOP_NONE, AE_STOP_STATE, AE_STOP_PERSISTS, AE_STOP_FLOOR, AE_STOP_RETRIES, AE_STOP_BEGIN } AeStop;
PETSC_EXTERN const char *const AeVerdictNames[4];

/* Everything that a decision depends on beside the candidate: what a checkpoint must hold. */
#define AE_RAILS_HISTORY  8
#define AE_RAILS_SMALLEST 1024.0
typedef struct {
  PetscReal  nominal;      /* dt while nothing limits it */
  PetscReal  hold;         /* cap left by a rejection or control, 0: none */
  PetscReal  limit, stiff; /* caps of the last look at the state: stability, damping */
  PetscReal  spectral;     /* and the loom's, from the rates of what it watches */
  PetscInt64 spectral_thread;
  PetscReal  next;                                        /* dt of the next step before it was fitted to the final time */
  PetscReal  start[AE_RAILS_MAX];                         /* residuals of the accepted state */
  PetscReal  past[AE_RAILS_HISTORY], t[AE_RAILS_HISTORY]; /* of the rail that has a history */
  PetscReal  rate, rate_dt; /* (r - r_0)/dt at the last rejection, and its dt, while its hold lasts; 0: none */
  PetscInt64 rate_rail;
  PetscInt64 known;      /* start[] is filled in */
  PetscInt64 history;    /* entries of past, t, newest first */
  PetscInt64 hold_steps; /* how long a hold lasts; doubles each time that it was too short */
  PetscInt64 hold_left, hold_thread;
  PetscInt64 control_left; /* steps of raised dissipation to come */
  PetscInt64 cleanup_left; /* steps until a clean-up can be asked for again */
  PetscInt64 binding;      /* the thread that set dt */
  PetscInt64 accepted, attempts, rejected, controls;
} AeRailsState;

/* One attempt: what was measured, what came of it. */
typedef struct {
  PetscInt    step; /* the accepted steps before it */
  PetscInt    attempt;
  PetscReal   t, dt, next;
  PetscReal   value[AE_RAILS_MAX], residual[AE_RAILS_MAX];
  PetscReal   before; /* residual of the rail in the state the step began from, -1 if not known */
  PetscInt    rail;   /* with the largest residual */
  AeVerdict   verdict;
  AeStop      stop;
  AeAction    action;
  PetscInt    thread, binding;
  const char *reason; /* text for the last rail's verdict */
} AeRailsEvent;

/* The problem's side. Any may be NULL but measure. Collective. */
typedef struct {
  /* value[] of the attempt; known: those of the candidate or (begin) of the state at hand; NaN: not measured */
  PetscErrorCode (*measure)(void *ctx, TS, PetscReal value[]);
  /* where the rail is violated, as words: "H at cell (1,2,3), ..." ; the candidate is in the TS's solution */
  PetscErrorCode (*locate)(void *ctx, TS, PetscInt rail, char text[], size_t len);
  /* puts an action on or off; strength is its factor */
  PetscErrorCode (*control)(void *ctx, TS, AeAction, PetscBool on, PetscReal strength);
  /* the largest dt for stability and for stiff damping, of the state in the TS's solution */
  PetscErrorCode (*caps)(void *ctx, TS, PetscReal *limit, PetscReal *stiff);
  /* the largest dt of the newest look at spectra, PETSC_INFINITY if none is known, and its thread; costs nothing */
  PetscErrorCode (*spectral)(void *ctx, TS, PetscReal *cap, PetscInt *thread);
  /* after the first rejection of a step: a smaller dt that is thought to do, 0 if none is known */
  PetscErrorCode (*suggest)(void *ctx, TS, PetscReal dt, PetscReal *suggested);
  /* the rejected step was accepted at dt at last; or dt, which was suggested, was rejected */
  PetscErrorCode (*learn)(void *ctx, TS, PetscReal dt, PetscBool worked);
  /* dt of the next step while nothing limits it, by the problem's own rule, after a step of dt; without: it stays */
  PetscErrorCode (*nominal)(void *ctx, TS, PetscReal dt, PetscReal *nominal);
  /* after every verdict */
  PetscErrorCode (*event)(void *ctx, TS, const AeRailsEvent *);
} AeRailsProblem;

/*
  AeRailsRegister  - registers the TSAdapt type
  AeRailsSetTable  - before TSSetFromOptions(), which reads its limits; of any TSAdapt, whose type may still become rails.
                     The table is borrowed
  AeRailsGetTable  - as it was set
  AeRailsSetProblem- before the first step
  AeRailsBegin     - judges the state that a run begins from: a violation sets the TS's reason to stop
  AeRailsDomain    - for the problem's TSSetFunctionDomainError: whether values of the stages so far are impossible (their
                     residual is infinite); then the attempt is judged on the spot, rejected or stopped
  AeRailsGetState, AeRailsSetState - for checkpoints; setting puts the controls as the state says
  AeRailsSetCleanup- rails that are marked so ask for a clean-up in place of dissipation; at once before a rejection's next
                     attempt dissipation is raised all the same
  AeRailsGetLimit  - a limit as set; 0 (lowest values: negative) is off
  AeRailsGetFailure- why the rails have stopped the run, "" if they have not
  AeRailsGetThreads- the lattice
*/
PETSC_EXTERN PetscErrorCode AeRailsRegister(void);
PETSC_EXTERN PetscErrorCode AeRailsSetTable(TSAdapt, const AeRailsTable *);
PETSC_EXTERN PetscErrorCode AeRailsGetTable(TSAdapt, const AeRailsTable **);
PETSC_EXTERN PetscErrorCode AeRailsSetProblem(TSAdapt, const AeRailsProblem *, void *ctx);
PETSC_EXTERN PetscErrorCode AeRailsSetNominal(TSAdapt, PetscReal dt);
PETSC_EXTERN PetscErrorCode AeRailsBegin(TSAdapt, TS);
PETSC_EXTERN PetscErrorCode AeRailsDomain(TSAdapt, TS, const PetscReal value[], PetscBool *accept);
PETSC_EXTERN PetscErrorCode AeRailsGetState(TSAdapt, AeRailsState *);
PETSC_EXTERN PetscErrorCode AeRailsSetState(TSAdapt, TS, const AeRailsState *);
PETSC_EXTERN PetscErrorCode AeRailsSetCleanup(TSAdapt, PetscBool);
PETSC_EXTERN PetscErrorCode AeRailsGetLimit(TSAdapt, PetscInt rail, PetscReal *);
PETSC_EXTERN PetscErrorCode AeRailsGetFailure(TSAdapt, const char **text);
PETSC_EXTERN PetscErrorCode AeRailsGetThreads(TSAdapt, const AeThread **);

/* ---- the judgement alone, for tests ---- */
typedef struct {
  AeRailsTable table;
  PetscReal    limit[AE_RAILS_MAX];
  PetscReal    control; /* residual from which controls act */
  PetscReal    dt_min, dt_max;
  PetscInt     retries, hold, control_steps, caps_every;
  PetscReal    strength; /* of the dissipation's control */
  PetscBool    cleanup;
} AeRailsLimits;
PETSC_EXTERN PetscReal AeRailsResidual(const AeRailsLimits *, PetscInt rail, PetscReal value);
/* e->residual is given; sets rail, verdict, stop, action, before. tries: attempts of the step rejected so far. */
PETSC_EXTERN void AeRailsJudge(const AeRailsLimits *, const AeRailsState *, PetscInt tries, AeRailsEvent *);
#endif
