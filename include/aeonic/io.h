#ifndef AEONIC_IO_H
#define AEONIC_IO_H
/*
  What a run leaves behind in the formats of the field's own tools (kuibit, ParaView, VisIt, yt): time series as
  text, fields as HDF5, timers as XML. Everything is written to a temporary, synced, checked and renamed, or appended and
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
    AeSeriesGroup: series/<group>..asc with the columns of Cactus' scalars, "1:it ... 9:time ...", and one column for
      each of the n values, "# data columns: 13:<name 0> 14:<name 1> ..." (kuibit's ts.scalar[<name i>]). n <= 16.
      The group's name may hold a -, as in puncturetracker-pt_loc.
    AeSeriesText: any other table: series/<file>, the header lines given (each with its "#" and newline), lines by printf.
  name: letters, digits and _, with an optional [number] at the end. Values are printed with 17 significant digits.
  A file is opened at its first line, and continued if it exists; a last line cut short by a crash is dropped.
  Lines are buffered; AeSeriesFlush writes and syncs them, and a command calls it on its way out after a failure
  too. A failed write is AE_ERR_FILE on rank 0 and leaves whole lines; that file is not tried again.
*/
PETSC_EXTERN PetscErrorCode AeSeriesCreate(AeRun, AeSeries *);
PETSC_EXTERN PetscErrorCode AeSeriesReduction(AeSeries, const char name[], const char kind[], PetscInt it, PetscReal t,
                                              PetscReal value);
PETSC_EXTERN PetscErrorCode AeSeriesScalar(AeSeries, const char name[], PetscReal t, PetscReal value);
PETSC_EXTERN PetscErrorCode AeSeriesGroup(AeSeries, const char group[], PetscInt n, const char *const names[], PetscInt it,
                                          PetscReal t, const PetscReal values[]);
PETSC_EXTERN PetscErrorCode AeSeriesText(AeSeries, const char file[], const char header[], const char format[], ...)
  PETSC_ATTRIBUTE_FORMAT(4, 5);
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
  One output of fields: AeWriteFields writes n fields, the same on each of the boxes, at iteration it and time t in every form
  whose bit is set in `what`, into the folder fields/it<iteration, 8 digits>/ of the run. Interior cells only. Boxes by level.
    AE_OUT_KUIBIT  <name>.xyz.h5, the layout of Cactus/Carpet that kuibit reads: root dataset
                   "AEONIC::<name> it=N tl=0 rl=<level> c=<number>" of shape (nz,ny,nx), attributes origin, delta, time (and
                   iorigin, level, timestep, name)
    AE_OUT_XY ...  <name>.xy.h5, shape (ny,nx), and <name>.xz.h5, .yz.h5; AE_OUT_X ...: <name>.x.h5, .y.h5, .z.h5.
                   Planes and lines of cells through the middle: those next to the plane of symmetry where there is
                   one, else next above the middle of the axis (half a cell off it when the number of cells is
                   even; nothing is interpolated). Attribute position: x, y, z of their first cell.
    AE_OUT_VTKHDF  fields.vtkhdf, type OverlappingAMR, for ParaView; fields/fields.vtkhdf.series lists all times
    AE_OUT_XDMF    fields.xdmf.h5, root datasets <name> (of other boxes than the first <name> rl=<level> c=<number>);
                   fields/fields.xmf describes all times, for ParaView and VisIt
  Every HDF5 file holds the option table in "Parameters and Global Attributes"/"All Parameters".

  Collective. Rank 0 lays the files out and claims their space, all ranks write their own rows, sync, and compare
  what they read back; then the files are renamed from <name>.tmp. Error: AE_ERR_FILE on all ranks, naming the
  file and the reason; no older file has been changed then, unless the renaming itself failed.
*/
enum {
  AE_OUT_KUIBIT = 1 << 0,
  AE_OUT_VTKHDF = 1 << 1,
  AE_OUT_XDMF   = 1 << 2,
  AE_OUT_XY     = 1 << 3,
  AE_OUT_XZ     = 1 << 4,
  AE_OUT_YZ     = 1 << 5,
  AE_OUT_X      = 1 << 6,
  AE_OUT_Y      = 1 << 7,
  AE_OUT_Z      = 1 << 8,
};
#define AE_OUT_FORMS   9
#define AE_OUT_VOLUMES (AE_OUT_KUIBIT | AE_OUT_VTKHDF | AE_OUT_XDMF)

/* data points at this rank's first interior cell; pitch and plane as in layout.h */
typedef struct {
  const char   *name; /* letters, digits, _ and [ ] */
  const double *data;
  ptrdiff_t     pitch, plane;
} AeFieldData;

/* Box `number` of a level (0: the coarsest, the first box of the list), and its fields. */
typedef struct {
  AeGrid             grid;
  PetscInt           level, number;
  const AeFieldData *field;
} AeFieldBox;

PETSC_EXTERN PetscErrorCode AeWriteFields(AeRun, unsigned what, PetscInt nboxes, const AeFieldBox[], PetscInt n, PetscInt it,
                                          PetscReal t);
/* Whether a form reaches along axis d, and the index of the one layer of cells that it has across it. */
PETSC_EXTERN PetscBool AeOutAlong(unsigned form, PetscInt d);
PETSC_EXTERN PetscInt  AeOutLayer(AeGrid, PetscInt d);

/*
  AeTimersSetFromOptions reads -timers (default true) and starts PETSc's log if nothing else has (-log_view).
  AeTimersWrite: timertree.<rank>.xml in the run's folder, every rank its own: <timer name="main"> with a timer
    for each stage in it and in those one for each event, seconds. Events of a stage may contain each other (AeHalo
    in AePassA in TSStep), so they do not add up to it. Nothing is written when no log is kept.
*/
PETSC_EXTERN PetscErrorCode AeTimersSetFromOptions(MPI_Comm);
PETSC_EXTERN PetscErrorCode AeTimersWrite(AeRun);

/* A 3-D field on disk, as AeWriteFields leaves it in kuibit's form: cells along x, y, z, the first cell's centre, the spacing,
   the time. */
typedef struct {
  PetscInt  n[3];
  PetscReal origin[3], delta, time;
} AeFieldShape;

/*
  AeReadFieldShape - of <folder>/<name>.xyz.h5; *found is false if there is no such file
  AeReadField      - planes k0 ... k0 + nk - 1 of it into data[k][j][i]; a rank may ask for none
  Collective; every rank reads for itself. Error: AE_ERR_USAGE on all ranks, one line with the file and what is wrong
  with it (truncated, no field of that name, not three-dimensional, cells that are not cubes, no number).
*/
PETSC_EXTERN PetscErrorCode AeReadFieldShape(MPI_Comm, const char folder[], const char name[], AeFieldShape *, PetscBool *found);
PETSC_EXTERN PetscErrorCode AeReadField(MPI_Comm, const char folder[], const char name[], PetscInt k0, PetscInt nk,
                                        double data[]);
#endif
