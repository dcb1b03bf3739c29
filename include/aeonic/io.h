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
  Time series in a run's series/ folder, rank 0 writes, one file per quantity:
    AeSeriesReduction: series/<name>.<kind>.asc with columns "iteration time value"; kind is one of minimum
      maximum norm1 norm2 average (kuibit's ts.norm2['H']). Largest absolute values go to `maximum`.
    AeSeriesScalar: series/<name>..asc (two dots), "# column format: 1:time 2:data".
  Lines are buffered; AeSeriesFlush writes and syncs them. Values are printed with 17 significant digits.
*/
PETSC_EXTERN PetscErrorCode AeSeriesCreate(AeRun, AeSeries *);
PETSC_EXTERN PetscErrorCode AeSeriesReduction(AeSeries, const char name[], const char kind[], PetscInt it, PetscReal t, PetscReal value);
PETSC_EXTERN PetscErrorCode AeSeriesScalar(AeSeries, const char name[], PetscReal t, PetscReal value);
PETSC_EXTERN PetscErrorCode AeSeriesFlush(AeSeries);
PETSC_EXTERN PetscErrorCode AeSeriesDestroy(AeSeries *);

/*
  One 3-D field as fields/it<iteration 8 digits>/<name>.xyz.h5 in kuibit's layout: root dataset
  "AEONIC::<name> it=N tl=0 rl=0 c=0" of shape (nz,ny,nx) with attributes origin, delta, time; the option table
  in "Parameters and Global Attributes"/"All Parameters". Interior cells only. Collective; all ranks write
  their own block. data points at this rank's first interior cell; pitch and plane as in layout.h.
*/
PETSC_EXTERN PetscErrorCode AeWriteField(AeRun, AeGrid, const char name[], const double *data, ptrdiff_t pitch, ptrdiff_t plane, PetscInt it, PetscReal t);
#endif
