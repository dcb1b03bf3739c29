#ifndef AEONIC_ELL_PRIVATE_H
#define AEONIC_ELL_PRIVATE_H
/*
  What the files of the elliptic module share, in three storeys; each file calls those of its own storey that stand before it, and
  those below:
     ell     the problem: its options and solvers, what PETSc sees of it
             shell  fft  pcmg  kspcycle  guess  nonlinear  ell  solve  fas  register
     cycle   what improves a solution: sweeps and cycles, defect correction, full multigrid
             cycle  outer  defect  full
     level   one level's arrays: ghosts, operators, fused sweeps, transfers to the next
             names  reduce  vec  exchange  boundary  transfer  interp  coef  general  front  front_single  level
*/
#include <aeonic/elliptic.h>
#include <aeonic/layout.h>
#include <aeonic/sum.h>

enum { ELL_MAX_LEVELS = 24, ELL_MAX_HALF = 16, ELL_DIRECT = 512 };
enum { ELL_LOG_FRONT, ELL_LOG_RESIDUAL, ELL_LOG_SMOOTH, ELL_LOG_HALO, ELL_LOG_COARSE, ELL_LOG_COUNT };
/*
  Transfer along one axis between n fine and nc coarse cells over the same interval, by fine cell K:
    prolongation: value of coarse cells lo[K], lo[K]+1 with weights p0, p1 (linear between their centres)
    restriction:  fine cell K adds to coarse cells to[0][K], to[1][K] with weights r[0], r[1]: overlap of the cells (average), or
                  the prolongation's adjoint
  Tables cover -pad <= K < n + pad, for ghosts of periodic axes and neighbours.
*/
typedef struct {
  PetscInt  n, nc, pad;
  PetscBool half;    /* exactly 2:1 */
  PetscBool average; /* restriction by overlap */
  PetscInt *lo, *to[2];
  char     *around[2]; /* periodic: to[] was reached around the end */
  double   *p0, *p1, *r[2];
} EllAxis;

/* Interpolation of values at the n cells of one grid to the m of another over the same interval: w[t][.] of cells from[t] on */
typedef struct {
  PetscInt  n, m, points, ghosts, *from;
  PetscBool wrap; /* cells are counted around */
  double   *w;
} EllInterp;

typedef struct EllLevel {
  PetscInt  n[3]; /* cells of the whole level */
  PetscReal h[3], lo[3];
  PetscBool redundant;   /* every rank holds and computes the whole level */
  PetscInt  ks, nk;      /* planes held by this rank */
  PetscInt *kstart;      /* planes computed by each rank in a restriction to this level */
  PetscInt  ps, pn;      /* this rank's part of them */
  PetscInt  from, to;    /* planes of the finer level, counted from its ks, that this part is made of */
  PetscBool wrap[3];     /* periodic with more than one cell */
  PetscInt  gk;          /* ghost planes */
  AeLayout  L;           /* of x and b: nf components */
  double   *b0, *bb, *g; /* full multigrid: the right-hand side kept, the boundary data's part of it and of the ghosts of u */
  double   *u;           /* full multigrid and finest level: the solution with the ghosts that order `order` needs, layout LU */
  AeLayout  LU;
  PetscInt  order;
  EllInterp fine[3], coarse[3]; /* full multigrid of order > 2: from the coarser level's cells, and to them */
  double   *x, *b, *r, *d;      /* solution, right-hand side; residual and direction where the smoother needs them */
  double   *c;                  /* coefficient fields, layout LC */
  AeLayout  LC;
  double   *data; /* fields of the nonlinearity, layout LD */
  AeLayout  LD;
  double   *s; /* finest level: the dq/du that c holds */
  double   *w; /* inverse diagonal: a table of rows by boundary class, or a field of LW */
  AeLayout  LW;
  PetscBool w_full;
  struct { /* -mg_precision single: what the cycles work on */
    float *x, *b, *c, *w;
  } single;
  double  q[3], diag;  /* 1/h^2, their sum times 2 */
  double *alpha[3][2]; /* order-2 ghost = alpha * neighbour, per cell of a Robin face; NULL: constant */
  double  alpha0[3][2];
  double  lambda;  /* bound of the spectrum of D^-1 A, for Chebyshev */
  EllAxis axis[3]; /* to the next coarser level */
} EllLevel;

typedef enum { ELL_SMOOTH_REDBLACK, ELL_SMOOTH_CHEBYSHEV, ELL_SMOOTH_JACOBI, ELL_SMOOTHERS } EllSmoother;
typedef enum { ELL_CYCLE_V, ELL_CYCLE_W, ELL_CYCLE_F, ELL_CYCLES } EllCycleType;

struct _p_AeEll {
  AeGrid        grid;
  MPI_Comm      comm;
  AeEllOperator op;
  PetscInt      nc, ncoef; /* components, coefficient fields */
  PetscInt      order;
  char          prefix[32];
  AeEllBoundary bc[3][2];
  PetscBool     generic;     /* not of the fused kind: residual and pointwise smoothing */
  PetscBool     fixed[3][2]; /* periodic or a symmetry of the grid: not changed by AeEllSetBoundaries */
  PetscReal     falloff;
  int           parity[3][3];
  PetscBool     singular; /* constants are in the null space */

  /* multigrid */
  EllLevel         lv[ELL_MAX_LEVELS];
  PetscInt         nlevels, max_levels;
  PetscInt         pre, post, smoother, cycle;
  PetscInt         transfer; /* restriction: average or adjoint */
  PetscObjectId    bb_id;    /* the right-hand side, and its state, that bb is a part of */
  PetscObjectState bb_state;
  PetscInt         full; /* each application is a full multigrid */
  PetscBool        fused;
  PetscInt         fmg_cycles;
  PetscReal        jacobi, ratio;        /* damping; spectrum over the part that Chebyshev smooths */
  PetscReal        omega;                /* relaxation factor of red-black smoothing */
  PetscBool        single;               /* cycles in fp32 */
  PetscReal        scale;                /* of the residual that a cycle in fp32 is given: a power of two */
  PetscBool        symmetric;            /* red-black before, black-red after */
  PetscBool        zero[ELL_MAX_LEVELS]; /* x is zero, ghosts included */
  double          *arena, *scratch;
  size_t           arena_bytes, arena_used;
  double          *lu; /* coarsest level */
  PetscBLASInt    *pivot, nlu;
  double          *lu_x;
  PetscBool        setup, coarse_ready, have_c;
  double          *gather; /* a whole Vec, where the finest level is held by every rank */
  PetscMPIInt     *counts, *displs;

  /* outer operator, order p: ghosted copy */
  AeLayout LO;
  double  *ox, *ox_own;

  /* PETSc */
  Mat       A;
  KSP       ksp, fall[2];
  SNES      snes;
  Vec       work[4], coef;
  PetscBool reproducible;    /* norms and dot products by exact sums */
  PetscBool fallback, watch; /* -ell_fallback; a stall ends the solve that runs */
  PetscReal stall, rails_tol, rail, recent[5];
  PetscBool ruled_out; /* PC fft was asked for, and replaced */
  PetscBool from_options, levels_given, transfer_given, pre_given, post_given, omega_given, fmg_given, stale;
  void     *converged_ctx;

  /* nonlinear */
  AeEllPointwise q;
  void          *q_ctx;
  PetscInt       ndata;
  Vec            data, f;

  /* warm start */
  AeEllStore store;
  char       store_key[160], name[64];
  PetscInt   guessed; /* stored solutions in the newest first iterate */
  PetscReal  time;
  PetscInt64 regime;

  PetscReal *history; /* of the running KSP */
  PetscInt   nhistory;
};

/* Storey level */

/* names.c */
PETSC_INTERN PetscLogEvent     ellLog[ELL_LOG_COUNT];
PETSC_INTERN const char *const EllSmoothers[ELL_SMOOTHERS], *const EllCycles[ELL_CYCLES], *const EllTransfers[2];

/* reduce.c */
PETSC_INTERN PetscErrorCode EllVecReproducible(AeEll, Vec);
PETSC_INTERN PetscErrorCode EllRemoveMean(AeEll, Vec, PetscReal *largest);

/* vec.c */
PETSC_INTERN PetscErrorCode EllLoad(AeEll, Vec, const AeLayout *, EllLevel *, double *u);
PETSC_INTERN PetscErrorCode EllStore(AeEll, const AeLayout *, EllLevel *, const double *u, Vec);

/* exchange.c: planes of any array, and of a level's own x or b in the precision of the cycles */
PETSC_INTERN PetscErrorCode EllExchange(AeEll, EllLevel *, const AeLayout *, double *u, PetscInt depth);
PETSC_INTERN PetscErrorCode EllExchangeLevel(AeEll, EllLevel *, PetscBool b, PetscInt depth);
PETSC_INTERN PetscErrorCode EllGatherPlanes(AeEll, EllLevel *, const AeLayout *, double *u);
PETSC_INTERN PetscErrorCode EllGatherLevel(AeEll, EllLevel *);
static inline PetscInt      EllWrap(PetscInt i, PetscInt n) { return ((i % n) + n) % n; }

/* boundary.c */
enum { ELL_GHOSTS = 3, ELL_POINTS = 6 };
typedef struct {
  int    points, ghosts; /* interior cells used, ghosts filled */
  double P[ELL_GHOSTS][ELL_POINTS], Q[ELL_GHOSTS], N[ELL_POINTS], D[ELL_POINTS], N0, D0;
} EllClosure;
PETSC_INTERN const EllClosure *EllClosureOf(PetscInt order);
/* All ghosts, with the data of inhomogeneous conditions, or data NULL: homogeneous ones. */
PETSC_INTERN PetscErrorCode  EllFillData(AeEll, EllLevel *, const AeLayout *, double *u, PetscInt order, AeEllData data,
                                         void *ctx);
static inline PetscErrorCode EllFillGhosts(AeEll ell, EllLevel *v, const AeLayout *L, double *u, PetscInt order)
{
  return EllFillData(ell, v, L, u, order, NULL, NULL);
}

/* transfer.c */
PETSC_INTERN PetscErrorCode EllAxisSetUp(EllAxis *, PetscInt n, PetscInt nc, PetscInt pad, PetscBool periodic, PetscBool adjoint,
                                         const double alpha[2]);
PETSC_INTERN PetscErrorCode EllAxisDestroy(EllAxis *);
PETSC_INTERN void EllAxisNeeds(const EllAxis *, PetscInt ks, PetscInt nk, PetscInt ps, PetscInt pn, PetscInt *from, PetscInt *to);

/* interp.c */
PETSC_INTERN PetscErrorCode EllInterpSetUp(EllInterp *, PetscInt n, PetscInt m, PetscInt points, PetscInt ghosts, PetscBool wrap);
PETSC_INTERN PetscErrorCode EllInterpDestroy(EllInterp *);
PETSC_INTERN void           EllInterpolate(AeEll, const EllInterp[3], const EllLevel *s, const AeLayout *, const double *u,
                                           const EllLevel *t, const AeLayout *, double *x, PetscInt first, PetscInt count);

/* coef.c */
PETSC_INTERN void EllAverage(const EllLevel *f, EllLevel *c, const AeLayout *, const double *u, const AeLayout *, double *v);
PETSC_INTERN PetscErrorCode EllCoarsenFields(AeEll, PetscBool data);

/* general.c */
PETSC_INTERN PetscErrorCode EllResidualLevel(AeEll, EllLevel *, AeSum *norm2);
PETSC_INTERN PetscErrorCode EllGenericDiagonal(AeEll, EllLevel *);
PETSC_INTERN double         EllFlops(AeEllOperator, PetscInt order);
PETSC_INTERN void EllRow(AeEll, const EllLevel *, PetscInt order, const AeLayout *, const double *u, int component, ptrdiff_t k,
                         ptrdiff_t j, const double *b, double *r);
PETSC_INTERN void EllResidualRow(AeEll, const EllLevel *, int component, ptrdiff_t k, ptrdiff_t j, double *r);
PETSC_INTERN void EllCentral(AeEll, const EllLevel *, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i, double scale, double D[3][3]);
PETSC_INTERN void EllStepRow(ptrdiff_t n, double a, double w, const double *z, double *d, double *x);
PETSC_INTERN PetscErrorCode EllSmooth(AeEll, PetscInt level, PetscInt sweeps);

/* front.c */
PETSC_INTERN void EllFront(AeEll, EllLevel *f, EllLevel *c, PetscBool prolong, int half, const int colour[],
                           PetscBool restriction, AeSum *norm2);
PETSC_INTERN void EllRestrictRow(const EllLevel *f, EllLevel *c, const double *t, double *y, PetscInt comp, ptrdiff_t k,
                                 ptrdiff_t j);
PETSC_INTERN void EllProlong(AeEll, EllLevel *f, EllLevel *c);
PETSC_INTERN void EllRestrict(AeEll, EllLevel *f, const double *r, EllLevel *c);

/* front_single.c */
PETSC_INTERN void       EllFrontSingle(AeEll, EllLevel *f, EllLevel *c, PetscBool prolong, int half, const int colour[],
                                       PetscBool restriction, AeSum *norm2);
PETSC_INTERN void       EllGhostsSingle(EllLevel *);
PETSC_INTERN void       EllRenewSingle(AeEll);
static inline ptrdiff_t EllWeightsSize(const EllLevel *v)
{
  return v->w_full ? v->LW.size : 16 * AeRoundUp(v->n[0] + AE_LINE, AE_LINE) + AE_LINE;
}
/* the power of two that brings numbers of this size to about 1; a row of the finest level's residual into single.b, from `at` */
static inline void EllScale(AeEll ell, PetscReal size)
{
  ell->scale = size > 0 && PetscIsNormalReal(size) ? ldexp(1, -PetscMax(-1000, PetscMin(1000, ilogb(size)))) : 1;
}
static inline void EllRowToSingle(AeEll ell, EllLevel *v, const double *r, ptrdiff_t at)
{
  for (PetscInt i = 0; i < v->n[0]; i++) v->single.b[at + i] = (float)(ell->scale * r[i]);
}

/* level.c */
PETSC_INTERN PetscErrorCode EllLevelsCreate(AeEll);
PETSC_INTERN PetscErrorCode EllLevelsDestroy(AeEll);
PETSC_INTERN PetscErrorCode EllDiagonals(AeEll);

/* Storey cycle */

/* cycle.c */
PETSC_INTERN PetscErrorCode EllRenew(AeEll);
PETSC_INTERN PetscErrorCode EllCycleBegin(AeEll, Vec b, Vec x);
PETSC_INTERN PetscErrorCode EllCycleStep(AeEll, PetscBool first, PetscReal *rnorm);
PETSC_INTERN PetscErrorCode EllCycleEnd(AeEll, Vec x);
PETSC_INTERN PetscErrorCode EllCycle(AeEll, PetscInt level, EllCycleType);
PETSC_INTERN PetscErrorCode EllSweep(AeEll, PetscInt level, PetscBool prolong, int half, const int colour[],
                                     PetscBool restriction, AeSum *norm2);
PETSC_INTERN int            EllColours(AeEll, PetscInt post, PetscInt pre, int colour[]);
PETSC_INTERN void           EllZero(AeEll, PetscInt level);
PETSC_INTERN PetscErrorCode EllCoarseSolve(AeEll);
PETSC_INTERN PetscErrorCode EllSmoothLevel(AeEll, PetscInt level, PetscBool backward);

/* outer.c */
PETSC_INTERN PetscErrorCode EllOuterSetUp(AeEll);
PETSC_INTERN PetscErrorCode EllOuterDiagonal(AeEll, Vec);
PETSC_INTERN PetscErrorCode EllOuterApply(AeEll, Vec b, Vec x, Vec y, PetscBool residual);
PETSC_INTERN PetscErrorCode EllOuterData(AeEll, AeEllData, void *ctx, Vec b);

/* defect.c */
PETSC_INTERN void           EllDefectBounds(AeEll, PetscReal *a, PetscReal *b);
PETSC_INTERN PetscErrorCode EllDefectBegin(AeEll, Vec x);
PETSC_INTERN PetscErrorCode EllDefectLevel(AeEll, EllLevel *, const double *rhs, AeSum *sum);
PETSC_INTERN PetscErrorCode EllDefectResidual(AeEll, Vec b, PetscReal *rnorm);
PETSC_INTERN PetscErrorCode EllDefectStep(AeEll, PetscInt level, PetscReal a, PetscReal w, Vec d);
PETSC_INTERN PetscErrorCode EllDefectEnd(AeEll, Vec x);

/* full.c */
PETSC_INTERN PetscErrorCode EllFull(AeEll, Vec b);
PETSC_INTERN PetscErrorCode EllFullOrder(AeEll, Vec b);
PETSC_INTERN PetscErrorCode EllApplyCycle(AeEll, Vec b, Vec x);

/* Storey ell */

/* shell.c */
PETSC_INTERN PetscErrorCode EllMatCreate(AeEll);
PETSC_INTERN PetscErrorCode EllFromMat(Mat, AeEll *);
PETSC_INTERN PetscErrorCode EllPCCreate_AeMG(PC);

/* fft.c */
PETSC_INTERN PetscErrorCode EllTellFFT(AeEll, PetscReal shift);
PETSC_INTERN PetscErrorCode EllCheckFFT(AeEll);

/* pcmg.c */
PETSC_INTERN PetscErrorCode EllFillPCMG(AeEll, PC);

/* kspcycle.c */
PETSC_INTERN PetscErrorCode EllKSPCreate_Cycle(KSP);
PETSC_INTERN PetscInt       EllKSPVecs(KSP);

/* guess.c */
PETSC_INTERN PetscErrorCode EllGuessCreate(KSPGuess);

/* nonlinear.c */
PETSC_INTERN PetscErrorCode EllSNESMake(AeEll, KSP *);
PETSC_INTERN PetscErrorCode EllNonlinearBegin(AeEll);
PETSC_INTERN PetscErrorCode EllNonlinearApply(AeEll, Vec f, Vec u, Vec y);
PETSC_INTERN PetscErrorCode EllLinearise(AeEll, Vec u);
PETSC_INTERN void EllPointwise(AeEll, const EllLevel *, ptrdiff_t k, ptrdiff_t j, const double *u, double *q, double *dq);

/* ell.c */
PETSC_INTERN PetscErrorCode EllKSPMake(AeEll, const char prefix[], const char ksp_type[], const char pc_type[], KSP *);

/* fas.c */
PETSC_INTERN PetscErrorCode EllSNESCreate_FAS(SNES);
#endif
