#ifndef AEONIC_NS_APP_H
#define AEONIC_NS_APP_H
/* One run of Navier-Stokes, from options to summary: shared by the files of the ns command. */
#include <aeonic/audit.h>
#include <aeonic/commands.h>
#include <aeonic/levels.h>
#include <aeonic/loom.h>
#include <aeonic/ns.h>
#include <aeonic/receipts.h>

/* The loom and how it finds its fields (ns_loom.c) */
typedef struct {
  AeLoom    loom;
  PetscBool view;
  char      watch[256];
  AeGrid    grid; /* of as many cells as waves are kept */
  PetscBool on, captured;
  PetscInt  n, first[AE_LOOM_FIELDS],
    count[AE_LOOM_FIELDS]; /* watched fields: their components among velocity, scalar, vorticity */
  Vec     slope;           /* d_t u at the beginning of the step */
  double *curl[2];         /* vorticity, and its rate */
} AeNSLoom;

/* The energy's balance: E(t) - E(t_0) less the integral of input - dissipation, from the values at the ends of steps */
typedef struct {
  PetscInt  n; /* of the newest values, at most 4 */
  PetscReal t[4], power[4], energy0, work, drift, most;
} AeNSBalance;

/* What a checkpoint holds beside the state; how long the series are (a text) and the loom's history follow. */
typedef struct {
  int64_t   seq, nclock, nseries;
  PetscReal clock[AE_CLOCK_NUMBERS];
  char      watch[256]; /* -loom_watch: the history is of these */
} AeNSHistory;

/* Clocks and receipts (ns_record.c) */
typedef struct {
  AeClock        clock;
  AeReceipts     receipts;
  PetscBool      wanted;
  PetscInt       loom; /* cadence */
  PetscReal      dt;
  PetscLogDouble seconds, flops;
  char           state[65]; /* hash of the newest state that has one */
  AeNSHistory   *from;      /* of the checkpoint that a restart is from; NULL: it has none */
  size_t         from_size;
  char           hash[65];
} AeNSRecord;

typedef struct {
  AeNS      ns;
  AeRun     run;
  AeSeries  series;
  TS        ts;
  Vec       U;
  PetscInt  series_every, spectra_every, fields_every, hash_every, checkpoint_every;
  char      field_list[512];
  PetscBool check, restart;
  PetscReal cfl; /* 0: dt is fixed */
  PetscReal dt, dt_limit, t_end, t0;
  PetscInt  max_steps, step0;
  PetscReal t_begin, cfl_max;
  /* the states of the last two steps' beginnings: when a state turns out not to be finite, the one before is what is left */
  Vec         kept[2];
  PetscReal   kept_t[2], t_last;
  PetscInt    kept_step[2], step_last;
  PetscInt    written; /* last iteration with 3-D fields */
  AeNSSums    sums;
  PetscReal   div_max, skewness;
  char        failure[512]; /* why the run ended early; empty if it did not */
  AeNSLoom    loom;
  AeNSRecord  record;
  AeNSBalance balance;
} AeNSApp;

PETSC_INTERN PetscErrorCode AeNSAppOutputOptions(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppSeries(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppSpectrum(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppFields(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppHash(AeNSApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeNSAppCheckpoint(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppSummary(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppLoomOptions(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppLoomSetUp(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppLoomPreStep(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppLoomPostStep(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppLoomFinish(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppLoomDestroy(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppRecordOpen(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppRecordAttempt(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppRecordAccept(AeNSApp *, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppRecordFailure(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppRecordLoom(AeNSApp *, const char reason[], PetscBool skipped, const AeCost *);
PETSC_INTERN PetscErrorCode AeNSAppRecordCheckpoint(AeNSApp *, const char hash[]);
PETSC_INTERN PetscErrorCode AeNSAppRecordClose(AeNSApp *, int status, const char reason[]);
PETSC_INTERN PetscErrorCode AeNSAppRecordDestroy(AeNSApp *);
#define AE_NS_CHECKPOINT "checkpoint/ns.h5"
#endif
