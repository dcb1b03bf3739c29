#ifndef AEONIC_GR_PRIVATE_H
#define AEONIC_GR_PRIVATE_H
/* What the files of the gr module share. */
#include <aeonic/fd.h>
#include <aeonic/gr.h>
#include <aeonic/spectral.h>
#include <aeonic/sym.h>

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

/*
  What belongs to one box of a state, found from the fields of its Vec (AeGRPatch): where it is, what its sweeps have met, what
  they write on. Equations, parameters and gauge are the AeGR's.
*/
typedef struct {
  AeGrid          grid;
  AeFields        fields;
  const AeLayout *L;
  AeTiles         tiles;
  AeSweep         sweep; /* of the state that is prepared, */
  PetscInt        stage; /* and its stage */
  AeTally         tally;
  PetscReal       points; /* cells that are not frozen */
  PetscBool       radiative;
  double         *stat, *eta_row, *src, *work; /* scratch rows */
  ptrdiff_t       nstat;
  AeGRSpectral    spectral; /* of -fd_order spectral; NULL: finite differences */
  Vec             capture;  /* takes the constraints of the first stage; borrowed, may be NULL */
} * AePatch;

struct _p_AeGR {
  MPI_Comm        comm;
  AeInitial       initial;
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
  AeTiles         tiles; /* as the options have them */
  PetscBool       fuse_constraints, fuse_enforce;
  PetscBool       sources;  /* matter or Lambda */
  PetscReal       excise;   /* points closer to the datum's centre are frozen */
  PetscBool       spectral; /* -fd_order spectral */
  AeGaugeSolver   solver;   /* of elliptic gauges; NULL: none */
  PetscInt        npatches;
  AePatch        *patches; /* the first is that of the options */
  AeSum          *sums;    /* those of all patches, where they are reduced */
};

/* The box of a state; an error if it is none of this AeGR's. */
PETSC_INTERN PetscErrorCode AeGRPatch(AeGR, Vec, AePatch *);
/* The state's fields on a grid. */
PETSC_INTERN PetscErrorCode AeGRCreateFields(AeGR, AeGrid, AeFields *);
/* A box on that grid, which belongs to the AeGR from then on. */
PETSC_INTERN PetscErrorCode AeGRPatchCreate(AeGR, AeGrid);
PETSC_INTERN PetscErrorCode AeGRPatchesDestroy(AeGR);
PETSC_INTERN void           AeGRRowTally(AePatch, const Z4Row *, PetscBool evolve, PetscBool constrain);
/* Row (k,j) of this rank: its frozen cells are i0 <= i < i1; whether there are any. */
PETSC_INTERN PetscBool AeGRFrozen(AeGR, AeGrid, ptrdiff_t k, ptrdiff_t j, ptrdiff_t *i0, ptrdiff_t *i1);
PETSC_INTERN void AeGRFreezeRow(const Z4Row *, ptrdiff_t nf, ptrdiff_t i0, ptrdiff_t i1, PetscBool evolve, PetscBool constrain);
PETSC_INTERN PetscErrorCode AeGRCountFree(AeGR, AeGrid, PetscReal *points);
/* The datum at an event in the state's own variables: one value a field. */
PETSC_INTERN void AeGRDatum(AeGR, PetscReal t, const PetscReal x[3], double v[]);
/* chi = det(gamma)^(-1/3) of a cell; u, stride: as AeGRPointAdm's */
PETSC_INTERN double AeGRPointChi(AeGR, const double *u, ptrdiff_t stride);
/* -fd_order spectral: derivatives of a state (arrays at interior cells), the equations in a row, modes of a right-hand side that
   are kept. */
PETSC_INTERN PetscErrorCode AeGRSpectralCreate(AeGR, AePatch);
PETSC_INTERN PetscErrorCode AeGRSpectralDestroy(AeGRSpectral *);
PETSC_INTERN PetscErrorCode AeGRSpectralDerivatives(AeGR, AePatch, const double *u);
PETSC_INTERN void           AeGRSpectralPoint(AeGR, AePatch, const Z4Row *, ptrdiff_t k, ptrdiff_t j, PetscBool evolve,
                                              PetscBool constrain);
PETSC_INTERN PetscErrorCode AeGRSpectralFilter(AeGR, AePatch, double *r);
PETSC_INTERN void           AeGRSommerfeld(AeGR, AePatch, const double *u, double *r);
PETSC_INTERN PetscErrorCode AeGRSetGauge(AeGR, Vec, PetscReal t);
PETSC_INTERN PetscErrorCode AeGREnforce(AeGR, Vec);
PETSC_INTERN PetscErrorCode AeGRGaugeSolverCreate(AeGR);
PETSC_INTERN PetscErrorCode AeGRGaugeSolverDestroy(AeGaugeSolver *);
PETSC_INTERN PetscErrorCode AeGRSolveGauge(AeGR, Vec, PetscReal t, AeSweep);
PETSC_INTERN PetscErrorCode AeGRGaugeChanged(AeGR);
/* H and M_i of a state, ghosts filled here, into a Vec of AeGRCreateDiagnostics; leaves no statistics */
PETSC_INTERN PetscErrorCode AeGRConstraintFields(AeGR, Vec, PetscReal t, Vec C);
/* Lane by lane; what is not a number never wins. */
static inline RealV Larger(RealV most, RealV x)
{
  const MaskV more = x > most;

  return (RealV)((more & (MaskV)x) | (~more & (MaskV)most));
}

#endif
