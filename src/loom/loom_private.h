#ifndef AEONIC_LOOM_PRIVATE_H
#define AEONIC_LOOM_PRIVATE_H
/* What the files of the loom share. */
#include <aeonic/loom.h>

/* Modes are classed by scale, whether they belong to the tail, and octave; BELOW: longer than k_min. The mean is in none. */
enum { BELOW = AE_OCTAVES, OCTAVES1 = AE_OCTAVES + 1, CLASSES = 3 * 2 * OCTAVES1, NO_CLASS = CLASSES };
enum { SUM_E, SUM_R, SUM_CRE, SUM_CIM, SUMS };

/* Modes of one class and one weight that follow each other in a row. */
typedef struct {
  uint16_t end;
  uint8_t class, edge; /* edge: a mode that is its own partner's row's (x index 0 or n/2 of a complex transform) */
} Run;

/* A kind of transform of the box, with what belongs to it. */
typedef struct {
  AeFFT     fft;
  Run      *runs;
  PetscInt *first;     /* runs of row r: first[r] .. first[r+1]-1 */
  double   *weight[3]; /* of a mode in Parseval's sum, by axis */
  double   *half;      /* complex: weight in the sum of C of row r's edge modes: 2, 1 or 0 */
  PetscReal norm;      /* mean square = norm * sum of weight |mode|^2 */
  PetscBool has_mean;  /* mode 0 is the mean */
  PetscReal mean;      /* ... times this */
} Kind;

/* Of a snapshot of the modes: when it was taken, the octaves' energies then, and what halving may have lost of them. And the
   newest comparison at lags of 2, 4 and 8 ticks: after so long a time (0: none), C negative where it is not known. */
enum { LAGS = 3 };
typedef struct {
  PetscReal t, E[AE_OCTAVES], lost[AE_OCTAVES], span[LAGS], C[LAGS][AE_OCTAVES];
} Snapshot;

/* A watched field. `now` is what a checkpoint keeps, beside the modes. */
typedef struct {
  AeLoomField info;
  PetscInt    kind[3];
  void       *old[3]; /* modes at the transform before: floats in single precision */
  PetscBool   sloped; /* the newest rates are those of slopes, not of differences */
  struct {
    PetscReal      E_old[CLASSES], t_old, scale_old[3], span; /* since the transform before; 0: there was none */
    PetscReal      floor2;                                    /* mean square of rounding errors */
    PetscBool      has_old;                                   /* modes of the tick before are kept */
    AeLoomSpectrum s;
  } now;
  Snapshot   snapshot;
  PetscBool  snapshot_known; /* or still to be looked for in the memory */
  PetscInt64 snapshot_size;  /* bytes over all ranks */
  PetscReal  coherence[AE_OCTAVES];
} Watched;

struct _p_AeLoom {
  AeGrid        grid;
  AeMemory      memory;  /* or NULL */
  char          box[16]; /* after its keys there */
  double       *lagged;  /* a component's modes */
  char         *packed;  /* a snapshot */
  AeBand        band;    /* not NULL: fields are given by their modes */
  AeLoomOptions o;       /* precision: of transforms and modes; sums are double */
  PetscBool     setup;
  PetscInt      n, nkinds;
  Watched       w[AE_LOOM_FIELDS];
  Kind          kinds[8];
  PetscBool     open[3], windowed; /* axes with a taper */
  double       *taper_of[3];       /* window along each axis, this rank's cells */
  PetscReal     window_square;
  void         *spare, *rate; /* modes */
  double       *cells;
  PetscReal     sums[CLASSES + 1][SUMS];
  struct { /* what a checkpoint keeps, beside the fields' */
    AeThread   threads[AE_THREADS];
    PetscReal  D_max, cap; /* rounded */
    PetscInt   octave, cap_thread;
    PetscInt64 ticks, skips, ffts;
    /* the gate */
    PetscInt  nproxies, allowed, skipped; /* ticks that may be skipped; that have been since the newest transform */
    PetscReal proxy[AE_LOOM_PROXIES], calm[AE_LOOM_PROXIES], reference[AE_LOOM_PROXIES], at_tick[AE_LOOM_PROXIES];
    PetscReal D_old;  /* D_max of the transform before */
    PetscBool ticked; /* the newest tick was transformed */
  } now;
};

PETSC_INTERN PetscErrorCode AeLoomKindsSetUp(AeLoom);
PETSC_INTERN PetscErrorCode AeLoomKindsDestroy(AeLoom);
/* Adds this rank's modes q of a component, of its rate r and of the transform before, p, to sums[class]; r, p may be NULL. */
PETSC_INTERN void    AeLoomSumsDouble(const Kind *, const double *q, const double *r, const double *p, PetscReal sums[][SUMS]);
PETSC_INTERN void    AeLoomSumsSingle(const Kind *, const float *q, const float *r, const float *p, PetscReal sums[][SUMS]);
static inline size_t AeLoomNumber(AeLoom loom) { return loom->o.precision == AE_LOOM_SINGLE ? sizeof(float) : sizeof(double); }
PETSC_INTERN PetscErrorCode AeLoomAnalyse(AeLoom, Watched *, const AeLoomInput *, PetscReal t);
/* Once a field's spectrum is known: its rows and snapshots in the memory, its coherence times. */
PETSC_INTERN PetscErrorCode AeLoomRemember(AeLoom, Watched *, PetscReal t);
PETSC_INTERN PetscErrorCode AeLoomCoherenceSetUp(AeLoom);
PETSC_INTERN PetscErrorCode AeLoomCoherenceDestroy(AeLoom);
PETSC_INTERN void           AeLoomLattice(AeLoom, const AeLoomStep *);
PETSC_INTERN void           AeLoomGateLearn(AeLoom);
#endif
