#ifndef AEONIC_GR_APP_H
#define AEONIC_GR_APP_H
/* One evolution, from options to summary: shared by the files of the gr command. */
#include <aeonic/audit.h>
#include <aeonic/commands.h>
#include <aeonic/diag.h>
#include <aeonic/gr.h>
#include <aeonic/io.h>
#include <aeonic/levels.h>

/* States that the default stepper holds: solution, stage, four slopes. */
#define AE_STEPPER_VECS 6

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
  PetscBool check;
  PetscReal dt, dt_limit, t_end;
  PetscInt  max_steps;
  PetscReal t_begin; /* where the step began whose statistics are at hand */
  AeGRStats stats;
  PetscInt  written;      /* last iteration with 3-D fields */
  char      failure[512]; /* why the run ended early; empty if it did not */
} AeGRApp;

PETSC_INTERN PetscErrorCode AeGRAppOutputOptions(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppWriteSeries(AeGRApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRAppWriteErrors(AeGRApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeGRAppWriteFields(AeGRApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeGRAppWriteHash(AeGRApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeGRAppCheck(AeGRApp *);
PETSC_INTERN PetscErrorCode AeGRAppSummary(AeGRApp *);
#endif
