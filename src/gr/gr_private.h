#ifndef AEONIC_GR_PRIVATE_H
#define AEONIC_GR_PRIVATE_H
/* What the files of the gr module share. */
#include <aeonic/fd.h>
#include <aeonic/gr.h>
#include <aeonic/spectral.h>

/* A gauge condition as the coefficients of Z4Params (equations in z4_point.h). */
typedef struct {
  const char *name, *text;
  const char *cite;
  double      c0, c1, c2; /* lapse: lapse_alpha, lapse_const; shift: shift_gam, shift_b, shift_eta */
  int         harmonic;   /* shift only */
  int         has_b;      /* shift only */
  PetscBool   evolved;    /* else frozen */
  PetscBool   given;      /* set from the exact solution at every stage */
  PetscBool   elliptic;   /* solved for at every stage */
  double      speed2;     /* squared gauge speed in units of the light speed, times alpha for 1+log */
} AeGauge;
extern const AeGauge  AeLapses[], AeShifts[];
extern const PetscInt AeNumLapses, AeNumShifts;

/* Unreduced statistics of the sweeps since AeGRBeginStep(). */
enum { MAX_NEG_LAPSE, MAX_NEG_CHI, MAX_K, MAX_DTK, MAX_H, MAX_M2, MAX_DET, MAX_TR, MAX_NEG_STAGE, MAX_FLAG, MAX_COUNT };
enum { SUM_K2, SUM_H2, SUM_M2, SUM_NONFINITE, SUM_COUNT };
typedef struct {
  double max[MAX_COUNT];
  AeSum  sum[SUM_COUNT];
} AeTally;

typedef struct _p_AeGaugeSolver *AeGaugeSolver;
typedef struct _p_AeGRSpectral  *AeGRSpectral;

struct _p_AeGR {
  MPI_Comm        comm;
  AeInitial       initial;
  AeGrid          grid;
  AeFields        fields;
  Z4Form          form;
  Z4Fields        at;        /* place of each field in the state */
  PetscBool       conformal; /* else adm */
  PetscInt        order;
  const Z4Kernel *kernel;
  PetscInt        flops[3]; /* a point: pass A, A with B, B */
  Z4Params        params;
  const AeGauge  *lapse, *shift;
  PetscReal       mu, eta, eta_radius;
  PetscReal       slow_start, slow_time; /* slow-start lapse */
  PetscReal       cfl;
  AeTiles         tiles;
  PetscBool       fuse_constraints, fuse_enforce;
  AeSweep         sweep; /* of the state that is prepared, */
  PetscInt        stage; /* and its stage */
  AeTally         tally;
  PetscBool       sources;                     /* matter or Lambda */
  PetscReal       excise;                      /* points closer to the datum's centre are frozen */
  PetscReal       points;                      /* cells that are not */
  double         *stat, *eta_row, *src, *work; /* scratch rows */
  ptrdiff_t       nstat;
  PetscBool       radiative;
  AeGRSpectral    spectral; /* of -fd_order spectral; NULL: finite differences */
  AeGaugeSolver   solver;   /* of elliptic gauges; NULL: none */
  Vec             capture;  /* takes the constraints of the first stage; borrowed, may be NULL */
};

PETSC_INTERN void AeGRRowTally(AeGR, const Z4Row *, PetscBool evolve, PetscBool constrain);
/* Row (k,j) of this rank: its frozen cells are i0 <= i < i1; whether there are any. */
PETSC_INTERN PetscBool AeGRFrozen(AeGR, ptrdiff_t k, ptrdiff_t j, ptrdiff_t *i0, ptrdiff_t *i1);
PETSC_INTERN void AeGRFreezeRow(const Z4Row *, ptrdiff_t nf, ptrdiff_t i0, ptrdiff_t i1, PetscBool evolve, PetscBool constrain);
PETSC_INTERN PetscErrorCode AeGRCountFree(AeGR);
/* The datum at an event in the state's own variables: one value a field. */
PETSC_INTERN void AeGRDatum(AeGR, PetscReal t, const PetscReal x[3], double v[]);
/* -fd_order spectral: derivatives of a state (arrays at interior cells), the equations in a row, modes of a right-hand side kept. */
PETSC_INTERN PetscErrorCode AeGRSpectralCreate(AeGR);
PETSC_INTERN PetscErrorCode AeGRSpectralDestroy(AeGRSpectral *);
PETSC_INTERN PetscErrorCode AeGRSpectralDerivatives(AeGR, const double *u);
PETSC_INTERN void AeGRSpectralPoint(AeGR, const Z4Row *, ptrdiff_t k, ptrdiff_t j, PetscBool evolve, PetscBool constrain);
PETSC_INTERN PetscErrorCode AeGRSpectralFilter(AeGR, double *r);
PETSC_INTERN void           AeGRSommerfeld(AeGR, const double *u, double *r);
PETSC_INTERN PetscErrorCode AeGRSetGauge(AeGR, Vec, PetscReal t);
PETSC_INTERN PetscErrorCode AeGREnforce(AeGR, Vec);
PETSC_INTERN PetscErrorCode AeGRGaugeSolverCreate(AeGR);
PETSC_INTERN PetscErrorCode AeGRGaugeSolverDestroy(AeGaugeSolver *);
PETSC_INTERN PetscErrorCode AeGRSolveGauge(AeGR, Vec, PetscReal t, AeSweep);
PETSC_INTERN PetscErrorCode AeGRGaugeChanged(AeGR);
/* H and M_i of a state, ghosts filled here, into a Vec of AeGRCreateDiagnostics; leaves no statistics */
PETSC_INTERN PetscErrorCode AeGRConstraintFields(AeGR, Vec, PetscReal t, Vec C);
#endif
