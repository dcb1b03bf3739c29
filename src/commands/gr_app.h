#ifndef AEONIC_GR_APP_H
#define AEONIC_GR_APP_H
/* One evolution, from options to summary: shared by the files of the gr command. */
#include <aeonic/audit.h>
#include <aeonic/commands.h>
#include <aeonic/diag.h>
#include <aeonic/gr.h>
#include <aeonic/io.h>
#include <aeonic/levels.h>
#include <aeonic/loom.h>
#include <aeonic/receipts.h>

/* States that the default stepper holds: solution, stage, four slopes. */
#define AE_STEPPER_VECS 6

/* Clocks and receipts (gr_receipts.c) */
typedef struct {
  AeClock        clock;
  AeReceipts     receipts; /* NULL: none */
  PetscBool      wanted;
  PetscInt       series, fields, hash, diag; /* cadences */
  PetscInt       loom;                       /* likewise */
  PetscReal      dt;                         /* of the newest attempt */
  PetscLogDouble seconds, flops;             /* when it began */
  char           state[AE_RECEIPT_HEX];      /* newest hash of the state */
} AeRecord;

/* The loom and how it finds its fields (gr_loom.c) */
enum { AE_FROM_STATE, AE_FROM_TRACE, AE_FROM_CONSTRAINTS };
typedef struct {
  AeLoom    loom;
  PetscInt  n, source[AE_LOOM_FIELDS], field[AE_LOOM_FIELDS];
  PetscInt  H;                     /* index of the watched H, -1: none */
  double   *K, *dtK;               /* tr K and its rate, if watched */
  Vec       slope;                 /* for steppers that show none */
  PetscBool captured, constraints; /* the constraints of the newest first stage are at hand; some are watched */
} AeGRLoom;

typedef struct {
  AeGR      gr;
  AeGrid    grid;
  AeFields  fields;
  AeInitial initial;
  AeRun     run;
  AeSeries  series;
  TS        ts;
  Vec       U;
  AeFields  diag_fields; /* H, M_i, K for output; made when first needed */
  Vec       diag;
  AeFields  curvature_fields; /* invariants for output, likewise */
  Vec       curvature;
  AeDiag    diagnostics;
  PetscInt  hash_every, series_every, fields_every;
  char      field_list[512];
  unsigned  volumes, cuts; /* AE_OUT_* of 3-D fields; of planes and lines */
  PetscInt  cuts_every;
  PetscBool check;
  PetscReal dt, dt_limit, t_end;
  PetscInt  max_steps;
  PetscReal t_begin; /* where the step began whose statistics are at hand */
  AeGRStats stats;
  PetscInt  volumes_at, cuts_at; /* last iteration with them */
  char      failure[512];        /* why the run ended early; empty if it did not */
  AeRecord  record;
  AeGRLoom  loom;
} AeGRApp;

PETSC_INTERN PetscErrorCode AeGRAppOutputOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppFieldOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppWriteSeries(AeGRApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRAppWriteErrors(AeGRApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeGRAppWriteFields(AeGRApp *, PetscInt it, PetscReal t, PetscBool all); /* all: whether or not they are due */
PETSC_INTERN PetscErrorCode AeGRAppWriteHash(AeGRApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeGRAppCheck(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppSummary(AeGRApp *);

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
PETSC_INTERN PetscErrorCode AeGRAppRecordFailure(AeGRApp *, PetscBool rolled_back);
PETSC_INTERN PetscErrorCode AeGRAppRecordOutput(AeGRApp *, const char file[], const char what[]);
PETSC_INTERN PetscErrorCode AeGRAppRecordLoom(AeGRApp *, const char reason[], PetscBool skipped, const AeCost *);
PETSC_INTERN PetscErrorCode AeGRAppRecordHash(AeGRApp *, const char hex[]);
PETSC_INTERN PetscErrorCode AeGRAppRecordStop(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppRecordClose(AeGRApp *, int status, const char reason[]);
PETSC_INTERN PetscErrorCode AeGRAppRecordDestroy(AeGRApp *);
#endif
