#ifndef AEONIC_RAILS_H
#define AEONIC_RAILS_H
/*
  Rails: the TSAdapt type `rails`. Every attempted step is judged, and taken back if it must be.

  A rail is a quantity with a limit; residual = quantity/limit (limit/quantity where the limit is a lowest value),
  so that 1 is on the rail. What is judged, all of it on the candidate before it is accepted:
    finite  cells whose right-hand side is not finite, in the stages of the step or in the candidate
    lapse, chi   smallest values in the stages and the candidate
    det, tr      drift of det gt and tr At in the combinations of the step, before the projection
    H, M    root mean squares of the constraints of the candidate
    growth  e-folding rate of the H of the last 8 accepted states and the candidate
    K       largest |K| of the candidate
    D       share of spectral energy near the grid's limit, D_max of the newest tick of the loom; what it tells of is in
            the state, so that it is controlled and never rejected, as growth is
  With the stepper's look-ahead (levels.h) the candidate's constraints come with the next step's first right-hand
  side and cost nothing. Steppers without one (-ts_type rk) do not know them before acceptance: there H, M, growth
  and K are those of the state that the step began from.

  Verdicts. Accept: all residuals at most -rails_control. Accept with control: some rail's action is taken
  (dissipation raised for a while, dt capped, a clean-up of the constraints), and the loom is asked to look. Reject: a residual is above 1; the state is restored bit for bit, dt
  halved, and after success kept small for a while. Stop: a rail is violated and a smaller dt cannot mend it:
    - the state that the step began from violates the same rail already; or
    - it was violated at the step's last attempt or during the hold that followed, and with the smaller dt it grows
      as fast in time as it did then: (r - r_0)/dt has fallen by less than half. What dt causes falls faster: for a
      stable step of order p the error made goes with dt^(p+1), an unstable mode's growth ends. What the state itself
      does goes with dt; or
    - dt would fall below -rails_dt_min or a 1024th of the run's own, or -rails_retries are used up.
  No decision reads a clock: the same run decides the same.
*/
#include <aeonic/base.h>

#define AE_ADAPT_RAILS "rails"

typedef enum {
  AE_RAIL_FINITE,
  AE_RAIL_LAPSE,
  AE_RAIL_CHI,
  AE_RAIL_DET,
  AE_RAIL_TR,
  AE_RAIL_H,
  AE_RAIL_M,
  AE_RAIL_GROWTH,
  AE_RAIL_K,
  AE_RAIL_D,
  AE_RAIL_COUNT
} AeRail;
typedef enum { AE_VERDICT_ACCEPT, AE_VERDICT_CONTROL, AE_VERDICT_REJECT, AE_VERDICT_STOP } AeVerdict;
typedef enum { AE_ACTION_NONE, AE_ACTION_DISSIPATION, AE_ACTION_DT, AE_ACTION_LOOM, AE_ACTION_CLEANUP, AE_ACTION_COUNT } AeAction;
typedef enum { AE_STOP_NONE, AE_STOP_STATE, AE_STOP_PERSISTS, AE_STOP_FLOOR, AE_STOP_RETRIES, AE_STOP_BEGIN } AeStop;
PETSC_EXTERN const char *const AeVerdictNames[4], *const AeActionNames[AE_ACTION_COUNT];

/* The lattice: 27 threads, domain x scale x response. R0 observes, R1 controls, R2 audits (takes steps back). */
enum { AE_PHY, AE_CONS, AE_SEM };
enum { AE_SCALE_L, AE_SCALE_M, AE_SCALE_H };
enum { AE_THREADS = 27 };
#define AE_THREAD(domain, scale, response) (9 * (domain) + 3 * (scale) + (response))
typedef struct {
  PetscReal residual; /* in rails units, of the newest candidate */
  PetscReal cap;      /* the largest dt it allows */
  AeAction  action;
} AeThread;
/* "PHY/H/R1", in a static table */
PETSC_EXTERN const char *AeThreadName(PetscInt thread);

typedef struct {
  const char *name;
  PetscInt    domain, scale; /* its threads; those without spectral content stand at L */
  PetscBool   lowest;        /* the limit is a lowest value */
  AeAction    action;        /* of its control */
} AeRailInfo;
PETSC_EXTERN const AeRailInfo AeRails[AE_RAIL_COUNT];

/* Everything that a decision depends on beside the candidate: what a checkpoint must hold. */
#define AE_RAILS_HISTORY  8
#define AE_RAILS_SMALLEST 1024.0
typedef struct {
  PetscReal  nominal;      /* dt while nothing limits it */
  PetscReal  hold;         /* cap left by a rejection or control, 0: none */
  PetscReal  limit, stiff; /* caps of the last look at the state: stability, damping */
  PetscReal  spectral;     /* and the loom's, from the rates of what it watches */
  PetscInt64 spectral_thread;
  PetscReal  next;                 /* dt of the next step before it was fitted to the final time */
  PetscReal  start[AE_RAIL_COUNT]; /* residuals of the accepted state */
  PetscReal  H[AE_RAILS_HISTORY], t[AE_RAILS_HISTORY];
  PetscReal  rate, rate_dt; /* (r - r_0)/dt at the last rejection, and its dt, while its hold lasts; 0: none */
  PetscInt64 rate_rail;
  PetscInt64 known;      /* start[] is filled in */
  PetscInt64 history;    /* entries of H, t, newest first */
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
  PetscReal   value[AE_RAIL_COUNT], residual[AE_RAIL_COUNT];
  PetscReal   before; /* residual of the rail in the state the step began from, -1 if not known */
  AeRail      rail;   /* with the largest residual */
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
  PetscErrorCode (*locate)(void *ctx, TS, AeRail, char text[], size_t len);
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
  /* after every verdict */
  PetscErrorCode (*event)(void *ctx, TS, const AeRailsEvent *);
} AeRailsProblem;

/*
  AeRailsRegister  - registers the TSAdapt type
  AeRailsSetProblem- before the first step
  AeRailsBegin     - judges the state that a run begins from: a violation sets the TS's reason to stop
  AeRailsDomain    - for the problem's TSSetFunctionDomainError: whether values of the stages so far are impossible (their
                     residual is infinite); then the attempt is judged on the spot, rejected or stopped
  AeRailsGetState, AeRailsSetState - for checkpoints; setting puts the controls as the state says
  AeRailsSetCleanup- H and M near their rails ask for a clean-up in place of dissipation; at once before a rejection's next
                     attempt dissipation is raised all the same
  AeRailsGetLimit  - a limit as set; 0 (lowest values: negative) is off
  AeRailsGetFailure- why the rails have stopped the run, "" if they have not
  AeRailsGetThreads- the lattice
*/
PETSC_EXTERN PetscErrorCode AeRailsRegister(void);
PETSC_EXTERN PetscErrorCode AeRailsSetProblem(TSAdapt, const AeRailsProblem *, void *ctx);
PETSC_EXTERN PetscErrorCode AeRailsSetNominal(TSAdapt, PetscReal dt);
PETSC_EXTERN PetscErrorCode AeRailsBegin(TSAdapt, TS);
PETSC_EXTERN PetscErrorCode AeRailsDomain(TSAdapt, TS, const PetscReal value[], PetscBool *accept);
PETSC_EXTERN PetscErrorCode AeRailsGetState(TSAdapt, AeRailsState *);
PETSC_EXTERN PetscErrorCode AeRailsSetState(TSAdapt, TS, const AeRailsState *);
PETSC_EXTERN PetscErrorCode AeRailsSetCleanup(TSAdapt, PetscBool);
PETSC_EXTERN PetscErrorCode AeRailsGetLimit(TSAdapt, AeRail, PetscReal *);
PETSC_EXTERN PetscErrorCode AeRailsGetFailure(TSAdapt, const char **text);
PETSC_EXTERN PetscErrorCode AeRailsGetThreads(TSAdapt, const AeThread **);

/* ---- the judgement alone, for tests ---- */
typedef struct {
  PetscReal limit[AE_RAIL_COUNT]; /* 0: off; lowest values: negative is off */
  PetscReal control;              /* residual from which controls act */
  PetscReal dt_min, dt_max;
  PetscInt  retries, hold, control_steps, caps_every;
  PetscReal strength; /* of the dissipation's control */
  PetscBool cleanup;  /* of H and M: in place of dissipation */
} AeRailsLimits;
PETSC_EXTERN PetscReal AeRailsResidual(const AeRailsLimits *, AeRail, PetscReal value);
/* e->residual is given; sets rail, verdict, stop, action, before. tries: attempts of the step rejected so far. */
PETSC_EXTERN void AeRailsJudge(const AeRailsLimits *, const AeRailsState *, PetscInt tries, AeRailsEvent *);
#endif
