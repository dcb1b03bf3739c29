#ifndef AEONIC_LOOM_H
#define AEONIC_LOOM_H
/*
  AeLoom: the loom watches the spectrum of an evolution's fields.

  Of every watched field q and its rate d_t q, after what is removed (below), the transforms qh, rh give for each octave
  o = 0..7, that is the modes 2^o <= |k|/k_min < 2^(o+1), the last one taking the rest, k_min = 2 pi / (longest side;
  twice the box where it ends at a plane of symmetry):
    E_o       mean square of the octave's part of q (Parseval); E = sum E_o
    omega_o   sqrt(sum |rh|^2 / sum |qh|^2), its angular rate
    D_o       sum_{p >= o} E_p / E; `tail`: E(|k| > 2/3 k_Nyq) / E, k_Nyq = pi/h. D_max: the largest tail of all fields
    C_o       |sum qh conj(ph)| / (||qh|| ||ph||), p the field at the transform before: phase coherence. Where modes are
              complex the sum is over one of each pair k, -k, so that a wave that only moves on has C = 1
    dominant  argmax E_o; amplitude sqrt(2 E_dominant): of a sine with that mean square
  A field without a rate (r = NULL) gets that of the difference to the transform before.
  A field whose root mean square is below 64 rounding errors of `noise` is silent: all zero, dominant -1.

  Axes: periodic ones by DFT. Between planes of symmetry by cosines or sines after the field's parity. Others
  (-loom_window): tukey: the boundary value, the mean over the outermost cells of the open faces, is removed and the
  rest tapered by cosines [Tukey 1967; Harris, Proc. IEEE 66, 51 (1978), Eq. (38)], energies divided by the window's mean
  square; dct: cosines, no window. Where there is no tukey axis the mean is removed. What was removed is reported.

  -loom_precision single: transforms, and the modes that are kept, in single precision, sums in double. What is
  removed is taken off before the rounding (in place of the mean the value of the first cell), so that modes err by some
  6e-8 log2 N of the largest one, however large the mean is. A scale below (64 rounding errors)^2 of the energy takes no part
  in dt caps.

  Cheap before dear: proxies that the evolution has at hand in any case are shown to the loom at every step. At a tick
  that is due the transforms are skipped while the proxies rest and the newest transforms show that D_max does; a proxy
  that moves by half asks for a tick at once. What decides is first rounded down to 2^-10 of itself, with hysteresis.
*/
#include <aeonic/io.h>
#include <aeonic/lattice.h>
#include <aeonic/memory.h>
#include <aeonic/spectral.h>

typedef struct _p_AeLoom *AeLoom;

enum { AE_LOOM_FIELDS = 8, AE_LOOM_PROXIES = 8, AE_LOOM_SKIPS = 7 };
typedef enum { AE_LOOM_TUKEY, AE_LOOM_DCT } AeLoomWindow;
typedef enum { AE_LOOM_DOUBLE, AE_LOOM_SINGLE } AeLoomPrecision;

/* -loom_every -loom_window -loom_precision -loom_taper -loom_tail -loom_gate -loom_view, and the names of -loom_watch, none if
   `every` is 0. Read once, whatever the number of looms. */
typedef struct {
  PetscInt  every, window, precision; /* AeLoomWindow, AeLoomPrecision */
  PetscReal taper, tail;
  PetscBool gate, view;
  PetscInt  n;
  char      watch[AE_LOOM_FIELDS][64];
} AeLoomOptions;

/* A field that can be watched. */
typedef struct {
  char      name[32];
  PetscInt  components;   /* up to 3, of which energies are summed */
  int       parity[3][3]; /* of each component under reflection of each axis */
  PetscReal noise;        /* size of the numbers that it is computed from: 1, 1/h for a first derivative, ... */
} AeLoomField;

/* Its values at this rank's first interior cell, as in layout.h; with AeLoomSetBand its modes. q[0] NULL: not at hand.
   r[c] NULL: no rate. */
typedef struct {
  const double *q[3], *r[3];
  ptrdiff_t     pitch, plane;
} AeLoomInput;

typedef struct {
  PetscBool known;      /* it has been at hand */
  PetscBool fresh;      /* ... at the newest tick; else all is of an older one */
  PetscBool rated;      /* omega is known */
  PetscBool compared;   /* C is known */
  PetscReal removed[3]; /* mean or boundary value, by component */
  PetscReal E[AE_OCTAVES], omega[AE_OCTAVES], D[AE_OCTAVES], C[AE_OCTAVES];
  PetscReal energy; /* sum of E_o */
  PetscReal below;  /* mean square of modes longer than k_min's */
  PetscReal tail;
  PetscReal scale_E[3], scale_omega[3]; /* by the bin max_d floor(3 |k_d|/k_Nyq): L, M, H */
  PetscInt  dominant;
  PetscReal amplitude;
} AeLoomSpectrum;

/*
  The lattice (lattice.h), as a loom fills it. Residuals are in rails units (1 is on the rail; -1: not known), caps are the
  largest dt allowed (PETSC_INFINITY: none); the smallest of R1 counts. E_s, omega_s are a scale's energy and rate, the worst of
  all fields.
    PHY/s/R0   L, M: E_s/E, to be looked at, no rail; H: tail / -loom_tail
    PHY/s/R1   dt / cap, cap = 2 sqrt(2)/omega_s (RK4 on the imaginary axis) of fields whose slope is given; PHY/L: and
               2.78/(damping rate); PHY/H: and the problem's own limit for light and gauge speeds
    PHY/s/R2   dt / cap, cap = ln 2/gamma_s, gamma_s the growth rate of sqrt(E_s) since the transform before
    CONS/s/R0  rms of the constraint field (AeLoomStep) / its rail; CONS/L: without a field, of the whole
    CONS/s/R1  dt / cap as in PHY/s/R2, of the constraint where it is beyond half its rail
    CONS/s/R2  as R0: above 1 the step is to be taken back
    SEM/s/R0   infinite where a mode of the scale is not finite, else 0
    SEM/L/R1   lowest lapse or chi allowed over what it is;  SEM/L/R2  infinite with cells that are not finite, else 0
  The action of a thread is what is wanted: residual above 1.
*/

/* A number that moves when the spectrum does. Below `lowest` it is rounding errors and counts as that. */
typedef struct {
  PetscReal value, lowest;
  PetscReal calm; /* relative change without which it rests */
} AeLoomProxy;

/* What the evolution knows at a tick. Of the state that the fields belong to. */
typedef struct {
  PetscInt   it;
  PetscReal  t, dt;
  PetscReal  dt_limit;       /* for light and gauge speeds; 0: not known */
  PetscReal  damping;        /* fastest damping rate of the equations; 0: none */
  PetscReal  constraint;     /* root mean square of the constraint; NaN: not known */
  PetscReal  constraint_max; /* its rail; 0: none */
  PetscInt   constraint_at;  /* index of the watched field that it is; -1: none */
  PetscReal  lapse_min, chi_min;
  PetscInt64 nonfinite;
} AeLoomStep;

/*
  AeLoomGetOptions - standard: the default of -loom_watch
  AeLoomCreate  - a loom for the fields on one grid, which must be set up and outlive it
  AeLoomSetBand - the fields are given by the modes of a band that outlives the loom, in a box with sides 2 pi: a tick costs no
                  transform. k_Nyq = K + 1/2, K the largest wave kept; the grid is to have 2K+1 cells along the longest axis.
                  Before AeLoomSetUp.
  AeLoomSetMemory - where rows and snapshots of ticks are kept, tier 2; without one there are no coherence times. box: its number
                  where there are looms of several. Before AeLoomSetUp
  AeLoomCoherence - of a watched field, by octave: the time in which |sum qh conj(qh of then)| falls to 1/e of the norms; infinite
                  where it does not within 8 ticks, NaN where it is not known
  AeLoomGrowth  - rate of ln E_o over the newest ticks (at most AE_MEM_ROWS), by least squares; *rows: how many, 0: not known
  AeLoomWatch   - adds a field; *index is its place
  AeLoomSetUp   - plans, tables and buffers; AE_ERR_USAGE for a box too small to have octaves. Collective.
  AeLoomEvery   - -loom_every
  AeLoomTick    - transforms and analyses the fields (one input for each), then the lattice. Collective. Allocates nothing
                  after the first time that a field is at hand.
  AeLoomProxies - n proxies of an accepted step, the same on all ranks. *trip: one of them has moved by half since the
                  newest transforms.
  AeLoomGate    - at a tick that is due: whether transforms are needed, and why or why not
  AeLoomSkip    - the tick is skipped
  AeLoomPack    - the history as bytes on rank 0, to be freed with PetscFree: counters, gate, and the modes of the newest
                  transforms, in double precision always; size 0 with -loom_every 0. AeLoomUnpack: the way back, on any number
                  of ranks; the fields must be those of then, data the same on all ranks. Collective. AE_ERR_USAGE if the size
                  does not fit.
  AeLoomWrite   - to series/loom.txt, and after a tick with transforms to series/loom_<field>.txt
  AeLoomView    - how fields are transformed; newest spectra; the lattice
  AeLoomCap     - the smallest cap of the lattice, rounded, and its thread (-1: none)
  AeLoomRound   - x rounded down to 2^-10 of itself, or `previous` where x is within 2^-10 of that
*/
PETSC_EXTERN PetscErrorCode   AeLoomGetOptions(MPI_Comm, const char standard[], AeLoomOptions *);
PETSC_EXTERN PetscErrorCode   AeLoomCreate(AeGrid, const AeLoomOptions *, AeLoom *);
PETSC_EXTERN PetscErrorCode   AeLoomDestroy(AeLoom *);
PETSC_EXTERN PetscErrorCode   AeLoomSetBand(AeLoom, AeBand);
PETSC_EXTERN PetscErrorCode   AeLoomSetMemory(AeLoom, AeMemory, PetscInt box);
PETSC_EXTERN const PetscReal *AeLoomCoherence(AeLoom, PetscInt index);
PETSC_EXTERN PetscErrorCode   AeLoomGrowth(AeLoom, PetscInt index, PetscInt octave, PetscReal *rate, PetscInt *rows);
PETSC_EXTERN PetscErrorCode   AeLoomWatch(AeLoom, const AeLoomField *, PetscInt *index);
PETSC_EXTERN PetscErrorCode   AeLoomSetUp(AeLoom);
PETSC_EXTERN PetscInt         AeLoomEvery(AeLoom);
/* Bytes of this rank's buffers; 0 with -loom_every 0. */
PETSC_EXTERN PetscLogDouble        AeLoomBytes(AeLoom);
PETSC_EXTERN PetscErrorCode        AeLoomTick(AeLoom, const AeLoomInput[], const AeLoomStep *);
PETSC_EXTERN PetscErrorCode        AeLoomProxies(AeLoom, PetscInt n, const AeLoomProxy[], PetscBool *trip);
PETSC_EXTERN PetscErrorCode        AeLoomGate(AeLoom, PetscBool *needed, const char **reason);
PETSC_EXTERN PetscErrorCode        AeLoomSkip(AeLoom);
PETSC_EXTERN PetscErrorCode        AeLoomPack(AeLoom, void **data, size_t *size);
PETSC_EXTERN PetscErrorCode        AeLoomUnpack(AeLoom, const void *data, size_t size);
PETSC_EXTERN PetscErrorCode        AeLoomWrite(AeLoom, AeSeries, PetscInt it, PetscReal t);
PETSC_EXTERN PetscErrorCode        AeLoomSummary(AeLoom, AeRun);
PETSC_EXTERN PetscErrorCode        AeLoomView(AeLoom, PetscViewer);
PETSC_EXTERN const AeLoomSpectrum *AeLoomGetSpectrum(AeLoom, PetscInt index);
PETSC_EXTERN const AeThread       *AeLoomGetThreads(AeLoom);
/* rounded; and the dominant octave of the first field that has one */
PETSC_EXTERN PetscReal AeLoomDmax(AeLoom, PetscInt *octave);
PETSC_EXTERN PetscReal AeLoomCap(AeLoom, PetscInt *thread);
PETSC_EXTERN PetscReal AeLoomRound(PetscReal x, PetscReal previous);
/* Ticks with transforms, ticks skipped, transforms. */
PETSC_EXTERN void AeLoomCounts(AeLoom, PetscInt64 *ticks, PetscInt64 *skips, PetscInt64 *ffts);
#endif
