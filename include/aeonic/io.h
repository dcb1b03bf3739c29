#ifndef AEONIC_IO_H
#define AEONIC_IO_H
/*
  What a run leaves behind in the formats of the field's own tools (kuibit, ParaView): time series as text,
  3-D fields as HDF5. Everything is written to a temporary, synced, checked and renamed, or appended and
  synced; an error names the file and the reason.
*/
#include <aeonic/grid.h>
#include <aeonic/layout.h>

typedef struct _p_AeSeries *AeSeries;

/*
  Time series in a run's series/ folder, rank 0 writes (the calls do nothing elsewhere), one file per quantity:
    AeSeriesReduction: series/<name>.<kind>.asc with columns "iteration time value"; kind is one of minimum
      maximum norm1 norm2 average (kuibit's ts.norm2['H']). Largest absolute values go to `maximum`.
    AeSeriesScalar: series/<name>..asc (two dots), "# column format: 1:time 2:data".
    AeSeriesText: any other table: series/<file>, the header lines given (each with its "#" and newline), lines by printf.
  name: letters, digits and _, with an optional [number] at the end. Values are printed with 17 significant digits.
  A file is opened at its first line, and continued if it exists; a last line cut short by a crash is dropped.
  Lines are buffered; AeSeriesFlush writes and syncs them, and a command calls it on its way out after a failure
  too. A failed write is AE_ERR_FILE on rank 0 and leaves whole lines; that file is not tried again.
*/
PETSC_EXTERN PetscErrorCode AeSeriesCreate(AeRun, AeSeries *);
PETSC_EXTERN PetscErrorCode AeSeriesReduction(AeSeries, const char name[], const char kind[], PetscInt it, PetscReal t, PetscReal value);
PETSC_EXTERN PetscErrorCode AeSeriesScalar(AeSeries, const char name[], PetscReal t, PetscReal value);
PETSC_EXTERN PetscErrorCode AeSeriesText(AeSeries, const char file[], const char header[], const char format[], ...) PETSC_ATTRIBUTE_FORMAT(4, 5);
PETSC_EXTERN PetscErrorCode AeSeriesFlush(AeSeries);
PETSC_EXTERN PetscErrorCode AeSeriesDestroy(AeSeries *);
/*
  For checkpoints: AeSeriesSizes syncs all series and gives the sizes of the files in series/, as lines "size name" (rank 0; ""
  elsewhere; free with PetscFree). AeSeriesRewind, before a series is opened, cuts the files back to such sizes; series that
  were begun later are moved aside to <name>.abandoned. why (rank 0): "" or which lines are missing.
*/
PETSC_EXTERN PetscErrorCode AeSeriesGetRun(AeSeries, AeRun *);
PETSC_EXTERN PetscErrorCode AeSeriesSizes(AeSeries, char **text);
PETSC_EXTERN PetscErrorCode AeSeriesRewind(AeRun, const char sizes[], char why[], size_t len);

/*
  One 3-D field as fields/it<iteration 8 digits>/<name>.xyz.h5 in kuibit's layout: root dataset
  "AEONIC::<name> it=N tl=0 rl=0 c=0" of shape (nz,ny,nx) with attributes origin, delta, time (and iorigin, level,
  timestep, name); the option table in "Parameters and Global Attributes"/"All Parameters". Interior cells only.
  Collective; all ranks write their own block. data points at this rank's first interior cell; pitch and plane as
  in layout.h. The space is reserved first, so that a full disk is found before anything is written. Error:
  AE_ERR_FILE on all ranks; an older file of that name is as it was.
*/
PETSC_EXTERN PetscErrorCode AeWriteField(AeRun, AeGrid, const char name[], const double *data, ptrdiff_t pitch, ptrdiff_t plane, PetscInt it, PetscReal t);
#endif
