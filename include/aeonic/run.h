#ifndef AEONIC_RUN_H
#define AEONIC_RUN_H
/*
  AeEvolution: a run in time. It consists of a TS with its state, of the problem whose equations the TS steps, and of a
  list of parts: everything else that a run does. The list in the command's file, in its order, is the step.

  A part is one file with one AePartType: hooks, all collective and all optional, and a state that nobody else sees. What
  others may know of it, its file publishes as functions of the evolution (below). A new part touches its file and one
  line of a list.

  When the hooks are called, each going down the list:
    options    declare and read options; objects that need no state
    setup      the TS has its options, nothing is computed yet
    prepare    the options are right: before data are made (what does not fit is refused early)
    load       going on from a checkpoint, in the phases below
    open       the folder is there, clocks and cadences too
    first      of a run that begins: its first state is at hand (the run's step 0)
    before     a step begins: not again after a rejection
    attempt    the first stage of every attempt (looked ahead, the second: the first was made by the step before)
    candidate  with look-ahead: the candidate, before anything has looked at it
    measure    before the verdict: raises *flag, whose largest over all ranks comes back in evolution->flag with the
               step's one reduction
    verdict    the rails' on an attempt, in evolution->verdict
    rejected   an attempt has been taken back: the state is the one that it began from, bit for bit
    known      the statistics of state `it` at t are complete: with look-ahead as it is accepted, else a step later
    accepted   the step is accepted, and the clocks say so
    due        after accepted, when the part's cadence says so: asked and served in one place
    save       a checkpoint is written: adds what the part needs to go on
  and, going up the list, so that what watches others is served before they are put away:
    last       after a good end and after a failure (evolution->failure): outputs of the last state, keys of the summary
    close      the summary is written; status and reason are final
    destroy
  For -check: forecast prints what the part would hold in memory.

  Errors: a hook's error ends the run; what can still be written is.
*/
#include <aeonic/audit.h>
#include <aeonic/checkpoint.h>
#include <aeonic/io.h>
#include <aeonic/levels.h>
#include <aeonic/loom.h>
#include <aeonic/memory.h>
#include <aeonic/rails.h>
#include <aeonic/receipts.h>

typedef struct _p_AeEvolution *AeEvolution;
enum { AE_RUN_ERRORS = 24 }; /* fields at most whose errors are known */

/* ---- checkpoints as parts see them (checkpoint.c) ------------------------------------------------- */

typedef struct _p_AeSave *AeSave;
typedef struct _p_AeLoad *AeLoad;

/*
  Phases of going on. Whoever can refuse does so in the first, when nothing has changed.
    COMPARE  options, record, sizes: nothing changes yet
    PLANS    wisdom, before any transform is planned
    STATE    the state, and what the first right-hand side needs
    STEP     time step and verdicts, after the state
    RECORD   the folder is open: clocks, series, record go back
    HISTORY  everything is set up: what watches gets its memory of the past
*/
typedef enum { AE_LOAD_COMPARE, AE_LOAD_PLANS, AE_LOAD_STATE, AE_LOAD_STEP, AE_LOAD_RECORD, AE_LOAD_HISTORY } AeLoadPhase;

/*
  AeSavePut  - bytes under a name, copied; rank 0's are written. size 0: nothing
  AeLoadGet  - a copy on every rank, to be freed with PetscFree; NULL and 0 if there is none
  AeLoadTake - into a struct of that size; another size is AE_ERR_USAGE: the file is another version's
  AeLoadPath - of the checkpoint
*/
PETSC_EXTERN PetscErrorCode AeSavePut(AeSave, const char name[], const void *data, size_t size);
PETSC_EXTERN PetscErrorCode AeLoadGet(AeLoad, const char name[], void **data, size_t *size);
PETSC_EXTERN PetscErrorCode AeLoadTake(AeLoad, const char name[], void *to, size_t size);
PETSC_EXTERN const char    *AeLoadPath(AeLoad);

/* ---- parts ---------------------------------------------------------------------------------------- */

typedef struct {
  const char *name; /* of its cadence */
  size_t      size; /* of its state, which begins as zeros */
  PetscErrorCode (*options)(AeEvolution, void *);
  PetscErrorCode (*setup)(AeEvolution, void *);
  PetscErrorCode (*prepare)(AeEvolution, void *);
  PetscErrorCode (*load)(AeEvolution, void *, AeLoadPhase, AeLoad);
  PetscErrorCode (*open)(AeEvolution, void *);
  PetscErrorCode (*first)(AeEvolution, void *);
  PetscErrorCode (*before)(AeEvolution, void *);
  PetscErrorCode (*attempt)(AeEvolution, void *);
  PetscErrorCode (*candidate)(AeEvolution, void *, Vec);
  PetscErrorCode (*measure)(AeEvolution, void *, PetscInt *flag);
  PetscErrorCode (*verdict)(AeEvolution, void *);
  PetscErrorCode (*rejected)(AeEvolution, void *, const char reason[]);
  PetscErrorCode (*known)(AeEvolution, void *, PetscInt it, PetscReal t);
  PetscErrorCode (*accepted)(AeEvolution, void *);
  PetscErrorCode (*due)(AeEvolution, void *);
  PetscErrorCode (*save)(AeEvolution, void *, AeSave);
  PetscErrorCode (*last)(AeEvolution, void *);
  PetscErrorCode (*close)(AeEvolution, void *, int status, const char reason[]);
  PetscErrorCode (*forecast)(AeEvolution, void *, PetscReal points);
  PetscErrorCode (*destroy)(AeEvolution, void *);
  PetscInt (*every)(AeEvolution, void *); /* steps between calls of `due`; 0: when triggered only. NULL: no cadence */
  PetscBool allocates; /* `due` writes a file or solves: what it takes from the heap is not a step's (audit.h) */
} AePartType;

/* Parts that any evolution can have (src/run). */
PETSC_EXTERN const AePartType AePartRails, AePartRecord, AePartSeries, AePartLoom, AePartMemory, AePartPlans, AePartProgress,
  AePartErrors, AePartHash, AePartCheckpoint;

/* ---- the problem ---------------------------------------------------------------------------------- */

/* How a loom finds its fields in a state; with a state of its own of that size. */
typedef struct {
  size_t size;
  PetscErrorCode (*create)(AeEvolution, void *, AeLoom *, PetscBool *view); /* reads the options of looms, says what is watched */
  PetscErrorCode (*setup)(AeEvolution, void *);                             /* buffers: the run begins */
  PetscErrorCode (*before)(AeEvolution, void *, PetscBool due);             /* a step begins that a tick will follow, or not */
  PetscErrorCode (*proxies)(AeEvolution, void *, PetscReal dt, PetscInt *n, AeLoomProxy p[]);
  PetscBool (*behind)(AeEvolution); /* a tick looks at the state that the step began from, not at the new one */
  /* one tick; it, t, dt of the step are set; moved: bytes */
  PetscErrorCode (*look)(AeEvolution, void *, AeLoom, AeLoomStep *, PetscLogDouble *moved);
  PetscErrorCode (*destroy)(AeEvolution, void *);
} AeLoomProblem;

/* The equations' side of a run. */
typedef struct {
  const char *command; /* "gr" */
  const char *basic;   /* why -ts_adapt_type basic is refused */
  PetscBool   keeps;   /* the last state is kept as a checkpoint in any case */
  PetscBool   prompt;  /* the statistics of a state are known as it is accepted, whether or not the stepper looks ahead */
  PetscErrorCode (*name)(char name[], size_t len); /* of the run, before there is anything */
  PetscErrorCode (*create)(AeEvolution);           /* reads its options, makes evolution->U; plans are known */
  PetscErrorCode (*stepper)(AeEvolution);          /* right-hand side and defaults of the TS; then it reads its options */
  PetscErrorCode (*setup)(AeEvolution);            /* the TS has them */
  PetscErrorCode (*initial)(AeEvolution);          /* the state to begin from, t_begin, dt and dt_limit */
  PetscErrorCode (*begin)(AeEvolution);            /* a step begins */
  PetscErrorCode (*stage)(AeEvolution, PetscReal t, PetscInt s, Vec Y[]); /* before a right-hand side */
  PetscErrorCode (*evaluated)(AeEvolution, PetscReal t);                  /* a new state without look-ahead */
  /* Reduces what the sweeps have collected: *flag comes back as the largest of all ranks'; value: for the rails, NULL without.
     *broken, asked for where no rails judge: the run cannot go on from here. */
  PetscErrorCode (*measure)(AeEvolution, PetscInt *flag, PetscReal value[], PetscBool *broken);
  PetscErrorCode (*describe)(AeEvolution, PetscInt step, char text[], size_t len); /* what is not finite, and where */
  /* puts back an older state where the stepper cannot; *step: its number, -1 if there is none */
  PetscErrorCode (*restore)(AeEvolution, PetscInt *step, PetscReal *t);
  /* for the rails: the table of limits, whose first row is `finite`; all but that and `measure` may be NULL */
  const AeRailsTable *rails;
  PetscErrorCode (*locate)(AeEvolution, PetscInt rail, Vec suspect, char text[], size_t len);
  PetscErrorCode (*control)(AeEvolution, PetscReal dissipation);
  PetscErrorCode (*caps)(AeEvolution, PetscReal *limit, PetscReal *stiff);
  PetscErrorCode (*peek)(AeEvolution, PetscReal value[]);                   /* of the stages so far */
  PetscErrorCode (*nominal)(AeEvolution, PetscReal dt, PetscReal *nominal); /* dt while nothing limits it (rails.h) */
  /* for the memory */
  void (*regime)(AeEvolution, AeRegime *); /* resolution and equations: the rest is the memory's */
  PetscErrorCode (*shifted)(AeEvolution, PetscInt64 regime);
  /* what is written */
  PetscErrorCode (*series)(AeEvolution, AeSeries, PetscInt it, PetscReal t);
  PetscInt (*errors_every)(AeEvolution);
  PetscErrorCode (*errors)(AeEvolution, PetscReal t, PetscInt *n, const char *const **names, PetscReal l2[], PetscReal linf[]);
  PetscErrorCode (*receipt)(AeEvolution, AeReceipts); /* of an accepted step, beside n, t, dt */
  PetscErrorCode (*hash)(AeEvolution, char hex[65]);
  PetscErrorCode (*save)(AeEvolution, const char folder[], PetscInt step, PetscInt n, const AeCheckpointPart part[],
                         PetscInt64 *bytes, char why[], size_t len);
  PetscErrorCode (*load)(AeEvolution, const char path[]);
  PetscErrorCode (*final)(AeEvolution); /* statistics of the last state */
  PetscErrorCode (*summary)(AeEvolution);
  PetscErrorCode (*forecast)(AeEvolution); /* -check */
  PetscErrorCode (*destroy)(AeEvolution);
  PetscReal (*norm)(AeEvolution);                               /* that progress shows; -1: none */
  PetscLogDouble (*moved)(AeEvolution);                         /* bytes of a step, at least */
  const char *(*reproducible)(AeEvolution, const char **words); /* "exact" or "tolerance"; and in the summary's words */
  const AeLoomProblem *loom;
  const AePartType    *cleanup; /* that the rails may ask for; NULL: none */
} AeProblem;

/* ---- the evolution -------------------------------------------------------------------------------- */

/* What all may read. Who writes it stands beside it. */
struct _p_AeEvolution {
  const AeProblem *problem;
  void            *ctx; /* the problem's own */
  AeRun            run;
  TS               ts;
  Vec              U;     /* the problem makes it */
  AeClock          clock; /* from open on */
  AeSeries         series;
  AeReceipts       receipts; /* the record's; NULL: none */
  AeLoom           loom;     /* the loom part\'s; NULL: none looks */
  AeMemory         memory;   /* the memory part\'s; NULL: the list has none */
  TSAdapt          rails;    /* NULL: another adaptor */
  PetscBool        ahead;    /* the stepper looks ahead: a candidate is judged by its own constraints */
  PetscBool        rk4;      /* the stepper has the limits of stability of classical RK4 */
  PetscBool        restart, check;
  PetscBool        begun;                /* the first state has been judged */
  PetscReal        dt, dt_limit;         /* the run's own step, and the largest stable one when it began */
  PetscReal        t_begin;              /* where the newest step began */
  PetscReal        t_end;                /* -ts_max_time */
  PetscInt         max_steps;            /* -ts_max_steps */
  PetscInt         step;                 /* accepted ones so far, */
  PetscReal        t;                    /* and the time they led to */
  PetscReal        attempt_dt;           /* of the newest attempt */
  PetscInt         stage;                /* that is being prepared */
  PetscInt         flag;                 /* the largest that a rank has raised since it was served (the checkpoint does) */
  AeRailsEvent     verdict;              /* the rails' newest */
  char             failure[1024];        /* why the run ended early; empty if it did not */
  char             stopped[96];          /* why a good run ended before its time */
  char             hash[AE_RECEIPT_HEX]; /* newest of the state; "" if there is none */
  struct AeParts  *parts;
};

/*
  A run from the outside.
    AeEvolutionCreate  - options, problem, TS, parts; parts[] ends with NULL, ctx stays the caller's
    AeEvolutionPrepare - data, or the checkpoint. *begun is false when only -help or -check was asked for
    AeEvolutionOpen    - the folder, and what is written of the first state
    AeEvolutionAdvance - that many steps, fewer where the run ends before; more: there are steps left
    AeEvolutionClose   - last things, summary, record; ierr: the error that the run has ended with, 0 if none, and what is
                         returned then
    AeEvolutionRun     - all of it
  Two can be made in one process and advanced in turn, each with its own options in place.
*/
PETSC_EXTERN PetscErrorCode AeEvolutionCreate(const AeProblem *, void *ctx, const AePartType *const parts[], AeEvolution *);
PETSC_EXTERN PetscErrorCode AeEvolutionPrepare(AeEvolution, PetscBool *begun);
PETSC_EXTERN PetscErrorCode AeEvolutionOpen(AeEvolution);
PETSC_EXTERN PetscErrorCode AeEvolutionAdvance(AeEvolution, PetscInt steps, PetscBool *more);
PETSC_EXTERN PetscErrorCode AeEvolutionClose(AeEvolution, PetscErrorCode ierr);
PETSC_EXTERN PetscErrorCode AeEvolutionDestroy(AeEvolution *);
PETSC_EXTERN PetscErrorCode AeEvolutionRun(const AeProblem *, void *ctx, const AePartType *const parts[]);

/*
  For parts.
    AePartOf             - the state of a part of that type, NULL if the list has none
    AeEvolutionTrigger   - its `due` comes with the next accepted step; a type that is not in the list: nothing
    AeEvolutionWillBeDue - whether it comes with the next accepted step, for those that look ahead
    AeEvolutionMeasure   - the step's one reduction; value NULL: no rails
    AeEvolutionReject    - the newest attempt was taken back
    AeEvolutionKnown     - the statistics of that state are there; AeEvolutionJudged - a verdict is
    AeEvolutionForecast  - what the parts would hold, for -check
*/
PETSC_EXTERN void          *AePartOf(AeEvolution, const AePartType *);
PETSC_EXTERN PetscErrorCode AeEvolutionTrigger(AeEvolution, const AePartType *);
PETSC_EXTERN PetscBool      AeEvolutionWillBeDue(AeEvolution, const AePartType *);
PETSC_EXTERN PetscErrorCode AeEvolutionMeasure(AeEvolution, PetscReal value[], PetscBool *broken);
PETSC_EXTERN PetscErrorCode AeEvolutionReject(AeEvolution, const char reason[]);
PETSC_EXTERN PetscErrorCode AeEvolutionKnown(AeEvolution, PetscInt it, PetscReal t);
PETSC_EXTERN PetscErrorCode AeEvolutionJudged(AeEvolution);
PETSC_EXTERN PetscErrorCode AeEvolutionForecast(AeEvolution, PetscReal points);

/*
  What parts publish, by name.
    AeLoomOf          - the loom; NULL if none looks
    AeLoomAsk         - transforms at the next accepted step (the rails ask)
    AeRailsMayCleanUp - -rails_cleanup: the rails may ask for the problem's `cleanup`
    AeMemoryOf        - the memory; NULL if the list has none
    AeMemorySuggestDt, AeMemoryLearnDt - a time step after a rejection (rails.h)
    AeRecordOutput    - a line about files that were written
    AeRecordHash      - the state's hash: into evolution->hash and the record
*/
PETSC_EXTERN AeLoom         AeLoomOf(AeEvolution);
PETSC_EXTERN PetscErrorCode AeLoomAsk(AeEvolution);
PETSC_EXTERN PetscInt       AeSeriesPeriod(AeEvolution); /* -series_every */
PETSC_EXTERN PetscBool      AeRailsMayCleanUp(AeEvolution);
PETSC_EXTERN AeMemory       AeMemoryOf(AeEvolution);
PETSC_EXTERN const char    *AeMemoryBank(AeEvolution); /* -mem_bank, "" without */
PETSC_EXTERN PetscErrorCode AeMemorySuggestDt(AeEvolution, PetscReal *suggested);
PETSC_EXTERN PetscErrorCode AeMemoryLearnDt(AeEvolution, PetscReal dt, PetscBool worked);
PETSC_EXTERN PetscErrorCode AeRecordOutput(AeEvolution, const char file[], const char what[]);
PETSC_EXTERN PetscErrorCode AeRecordHash(AeEvolution, const char hex[]);
#endif
