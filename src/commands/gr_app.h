#ifndef AEONIC_GR_APP_H
#define AEONIC_GR_APP_H
/* One evolution, from options to summary: shared by the files of the gr command. */
#include <aeonic/audit.h>
#include <aeonic/cleanup.h>
#include <aeonic/commands.h>
#include <aeonic/diag.h>
#include <aeonic/gr.h>
#include <aeonic/io.h>
#include <aeonic/levels.h>
#include <aeonic/loom.h>
#include <aeonic/memory.h>
#include <aeonic/rails.h>
#include <aeonic/receipts.h>

/* States that the default stepper holds: solution, stage, four slopes. */
#define AE_STEPPER_VECS 6

/* Clocks and receipts (gr_receipts.c) */
typedef struct {
  AeClock        clock;
  AeReceipts     receipts; /* NULL: none */
  PetscBool      wanted;
  PetscInt       series, fields, hash, diag, cleanup, loom; /* cadences */
  PetscReal      dt;                                        /* of the newest attempt */
  PetscLogDouble seconds, flops;                            /* when it began */
  PetscLogDouble opened;                                    /* seconds: when the record was */
  char           state[AE_RECEIPT_HEX];                     /* newest hash of the state */
} AeRecord;

/* Checkpoints (gr_checkpoint.c). What a run may be asked for from outside, the later the stronger. */
enum { AE_ASK_CHECKPOINT = 1, AE_ASK_WALLTIME, AE_ASK_STOP };
typedef struct {
  PetscInt       every, keep, due; /* due: cadence */
  PetscBool      restart;
  PetscReal      max_walltime;
  PetscInt       agreed;                                         /* AE_ASK_* of the newest reduction */
  PetscInt       last, count;                                    /* step of the newest checkpoint; how many were written */
  PetscLogDouble start;                                          /* seconds: when the program began, */
  PetscLogDouble step_begin;                                     /* when the step did, the slowest step, the slowest checkpoint */
  PetscLogDouble step_seconds, write_seconds, output_seconds;    /* and what a first and so a last output takes */
  char           path[PETSC_MAX_PATH_LEN], hash[AE_RECEIPT_HEX]; /* of a restart */
  PetscInt64     seq;
  char           stopped[96]; /* why a good run ended before its time */
} AeGRCheckpoint;

/* Memory and regime (gr_memory.c) */
typedef struct {
  AeMemory   memory;
  char       bank[PETSC_MAX_PATH_LEN];
  PetscBool  view, bank_found, tile_known;
  PetscBool  plans_known;
  char       plans[32768];     /* of the transforms */
  PetscInt   maint_every, due; /* due: cadence */
  AeRegime   regime;
  PetscReal  dt;           /* that the regime is counted from */
  PetscInt   slope;        /* sign of H's, 0 while there is none */
  PetscInt   octave, band; /* the dominant one, of the loom; 0 while there is none */
  PetscInt64 shifts;
} AeGRMemory;

/* Clean-up (gr_cleanup.c) */
typedef struct {
  AeCleanup cleanup; /* NULL: none */
  AeSurface sphere;  /* for the ADM mass; NULL where it is not defined */
  PetscInt  every, count, newton, linear;
} AeClean;

/* The loom and how it finds its fields (gr_loom.c) */
enum { AE_FROM_STATE, AE_FROM_TRACE, AE_FROM_CONSTRAINTS };
typedef struct {
  AeLoom    loom;
  PetscInt  n, source[AE_LOOM_FIELDS], field[AE_LOOM_FIELDS];
  PetscInt  H;                           /* index of the watched H, -1: none */
  double   *K, *dtK;                     /* tr K and its rate, if watched */
  Vec       slope;                       /* for steppers that show none */
  PetscBool view, captured, constraints; /* the constraints of the newest first stage are at hand; some are watched */
  PetscBool asked;                       /* by the rails, for transforms at the next tick */
} AeGRLoom;

typedef struct {
  AeGR           gr;
  AeGrid         grid;
  AeFields       fields;
  AeInitial      initial;
  AeRun          run;
  AeSeries       series;
  TS             ts;
  Vec            U;
  AeFields       diag_fields; /* H, M_i, K for output; made when first needed */
  Vec            diag;
  AeFields       curvature_fields; /* invariants for output, likewise */
  Vec            curvature;
  AeDiag         diagnostics;
  PetscInt       hash_every, series_every, fields_every;
  char           field_list[512];
  unsigned       volumes, cuts; /* AE_OUT_* of 3-D fields; of planes and lines */
  PetscInt       cuts_every;
  PetscBool      check;
  PetscReal      dt, dt_limit, t_end;
  PetscInt       max_steps;
  PetscReal      t_begin; /* where the step began whose statistics are at hand */
  AeGRStats      stats;
  PetscInt       volumes_at, cuts_at; /* last iteration with them */
  char           failure[1024];       /* why the run ended early; empty if it did not */
  AeRecord       record;
  PetscBool      autopsy;
  AeGRCheckpoint checkpoint;
  AeGRMemory     memory;
  TSAdapt        adapt;
  PetscBool      rk4;           /* the stepper has RK4's limits of stability */
  PetscBool      rails, ahead;  /* steps are judged; with the candidate's own constraints */
  PetscBool      rails_cleanup; /* -rails_cleanup */
  PetscBool      begun;         /* the first state has been judged */
  PetscReal      sigma[2];      /* dissipation while nothing raises it */
  PetscInt       binding;       /* thread that set dt last */
  PetscInt       stage;         /* that is being prepared */
  Vec            suspect;       /* the stage in which the rails have found an impossible value; NULL: the candidate */
  PetscInt       drill_step;    /* -rails_drill */
  PetscReal      drill_amplitude;
  PetscBool      drilled;
  AeRailsEvent   verdict; /* the rails' newest */
  AeClean        cleaning;
  AeGRLoom       loom;
} AeGRApp;

/* A run in three parts (gr.c), for those who make two at once. Advance takes that many steps, fewer where the run ends before;
   more: there are steps left. The options of the run must be in place during each. */
PETSC_INTERN PetscErrorCode AeGRAppBegin(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppAdvance(AeGRApp *, PetscInt steps, PetscBool *more);
PETSC_INTERN PetscErrorCode AeGRAppEnd(AeGRApp *);

PETSC_INTERN PetscErrorCode AeGRAppOutputOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppFieldOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppWriteSeries(AeGRApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRAppWriteErrors(AeGRApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeGRAppWriteFields(AeGRApp *, PetscInt it, PetscReal t,
                                               PetscBool all); /* all: whether or not they are due */
PETSC_INTERN PetscErrorCode AeGRAppWriteHash(AeGRApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeGRAppCheck(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppSummary(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRailsOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRailsSetUp(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppAutopsy(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppDrill(AeGRApp *, PetscInt step, Vec U);
PETSC_INTERN PetscErrorCode AeGRAppRailsSummary(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppDescribeNonFinite(AeGRApp *, PetscInt step, char text[], size_t len);
PETSC_INTERN PetscErrorCode AeGRAppMemoryOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppGuessSetUp(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppMemoryLoad(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppMemoryBegin(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppMemoryStep(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppMemoryRollback(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppMemoryEnd(AeGRApp *);
/* for AeRailsProblem */
PETSC_INTERN PetscErrorCode AeGRAppSuggestDt(void *, TS, PetscReal dt, PetscReal *suggested);
PETSC_INTERN PetscErrorCode AeGRAppLearnDt(void *, TS, PetscReal dt, PetscBool worked);

PETSC_INTERN PetscErrorCode AeGRAppCheckpointOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppCheckpointBegin(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppCheckpointStep(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppCheckpointEnd(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppReduce(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRestart(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRestartLoom(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRestartRecord(AeGRApp *, const char reproducible[]);

PETSC_INTERN PetscErrorCode AeGRAppLoomOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppLoomSetUp(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppLoomPreStep(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppLoomPostStep(AeGRApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRAppLoomFinish(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppLoomDestroy(AeGRApp *);

PETSC_INTERN PetscErrorCode AeGRAppRecordOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRecordOpen(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRecordAttempt(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRecordAccept(AeGRApp *, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRAppRecordVerdict(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRecordFailure(AeGRApp *, PetscBool rolled_back);
PETSC_INTERN PetscErrorCode AeGRAppRecordOutput(AeGRApp *, const char file[], const char what[]);
PETSC_INTERN PetscErrorCode AeGRAppRecordLoom(AeGRApp *, const char reason[], PetscBool skipped, const AeCost *);
PETSC_INTERN PetscErrorCode AeGRAppRecordHash(AeGRApp *, const char hex[]);
PETSC_INTERN PetscErrorCode AeGRAppRecordStop(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRecordClose(AeGRApp *, int status, const char reason[]);
PETSC_INTERN PetscErrorCode AeGRAppRecordDestroy(AeGRApp *);

PETSC_INTERN PetscErrorCode AeGRAppRecordCleanup(AeGRApp *, const AeCleanupResult *, const PetscReal mass[2]);
PETSC_INTERN PetscErrorCode AeGRAppCleanupOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppCleanup(AeGRApp *, PetscInt it, PetscReal t); /* if it is due */
PETSC_INTERN PetscErrorCode AeGRAppCleanupDestroy(AeGRApp *);
#endif
