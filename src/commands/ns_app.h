#ifndef AEONIC_NS_APP_H
#define AEONIC_NS_APP_H
/* One run of Navier-Stokes, from options to summary: shared by the files of the ns command. */
#include <aeonic/audit.h>
#include <aeonic/commands.h>
#include <aeonic/levels.h>
#include <aeonic/ns.h>

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
  Vec       kept[2];
  PetscReal kept_t[2], t_last;
  PetscInt  kept_step[2], step_last;
  PetscInt  written; /* last iteration with 3-D fields */
  AeNSSums  sums;
  PetscReal div_max, skewness;
  char      failure[512]; /* why the run ended early; empty if it did not */
} AeNSApp;

PETSC_INTERN PetscErrorCode AeNSAppOutputOptions(AeNSApp *);
PETSC_INTERN PetscErrorCode AeNSAppSeries(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppSpectrum(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppFields(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppHash(AeNSApp *, PetscInt it, PetscReal t, PetscBool last);
PETSC_INTERN PetscErrorCode AeNSAppCheckpoint(AeNSApp *, PetscInt it, PetscReal t);
PETSC_INTERN PetscErrorCode AeNSAppSummary(AeNSApp *);
#define AE_NS_CHECKPOINT "checkpoint/ns.h5"
#endif
