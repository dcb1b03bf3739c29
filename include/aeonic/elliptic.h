#ifndef AEONIC_ELLIPTIC_H
#define AEONIC_ELLIPTIC_H
/*
  AeEll: one elliptic problem A u (+ q(x,u)) = f on a cell-centred grid, its multigrid hierarchy and its solvers.

  A is applied matrix-free. Everything is chosen by PETSc options with the prefix -ell_ (AeEllSetOptionsPrefix changes it):
  -ell_ksp_type cycle|cg|gmres|fgmres|bcgs, -ell_pc_type aemg|mg|fft|none|jacobi, -ell_mg_*, -ell_snes_type newtonls|fas, ...

  Unknowns are compact Vecs (AeEllCreateVec): field-major on each rank, u[component][k][j][i] over the rank's own rows of
  the AeGrid (js, ks, nj, nk), i fastest, no ghosts, no padding. AeEllAt() gives the offset.

  Signs: all operators are positive (A = -Laplacian ...), so that the symmetric ones are symmetric positive definite.

     AE_ELL_POISSON         A u   = -Lap u
     AE_ELL_HELMHOLTZ       A u   = -Lap u + c u                      coefficients: c
     AE_ELL_VECTOR          A W^i = -(Lap W^i + 1/3 d_i d_j W^j)      three components [York & Piran]
     AE_ELL_GENERAL         A u   = -(a^ij d_i d_j u + b^i d_i u) + c u
                            coefficients (10 fields): a^xx a^xy a^xz a^yy a^yz a^zz  b^x b^y b^z  c
                            lapse operator on a curved slice: a^ij = gamma^ij, b^i = -gamma^jk Gamma^i_jk, c = K_ij K^ij
     AE_ELL_GENERAL_VECTOR  A W^i = -(a^kl d_k d_l W^i + kappa a^ik d_k d_j W^j + B^ik_j d_k W^j) + C^i_j W^j
                            coefficients (42 fields): a (6, as above), B^ik_j (27, i slowest, then k, then j),
                            C^i_j (9, i slowest); kappa = 1/3
                            shift operator on a curved slice
*/
#include <aeonic/grid.h>
#include <petscsnes.h>

typedef enum {
  AE_ELL_POISSON,
  AE_ELL_HELMHOLTZ,
  AE_ELL_VECTOR,
  AE_ELL_GENERAL,
  AE_ELL_GENERAL_VECTOR,
  AE_ELL_OPERATORS
} AeEllOperator;
PETSC_EXTERN const char *const AeEllOperators[AE_ELL_OPERATORS];

typedef enum {
  AE_ELL_PERIODIC,
  AE_ELL_DIRICHLET, /* u = g at the face */
  AE_ELL_NEUMANN,   /* outward normal derivative = g */
  AE_ELL_ROBIN,     /* d_r(r^n (u - u0)) = g r^n along the normal: d_N u + n (x_N/r^2) (u - u0) = g; exact for u - u0 = C/r^n */
  AE_ELL_REFLECT,   /* mirror image times each component's parity */
  AE_ELL_BOUNDARIES
} AeEllBoundary;
PETSC_EXTERN const char *const AeEllBoundaryNames[AE_ELL_BOUNDARIES];

typedef struct _p_AeEll *AeEll;

#define AE_KSP_CYCLE "cycle"  /* KSP type: multigrid cycles, the default for order 2 */
#define AE_KSP_GUESS "aeonic" /* KSPGuess type: -ell_ksp_guess_type aeonic */
#define AE_PC_MG     "aemg"   /* PC type: one multigrid cycle */

/*
  AeEllCreate - a problem on a grid that is set up. The grid is borrowed and must outlive it; only its sizes, spacing, domain and
  division over ranks are used. Boundaries are taken from the grid: periodic faces periodic, reflecting faces reflect, the
  others Dirichlet (scalar) until changed.
*/
PETSC_EXTERN PetscErrorCode AeEllCreate(AeGrid, AeEllOperator, AeEll *);
/* Prefix of every option, "ell_" by default. Before AeEllSetFromOptions. */
PETSC_EXTERN PetscErrorCode AeEllSetOptionsPrefix(AeEll, const char prefix[]);
/* All faces that are neither periodic nor reflecting by the grid's symmetry. */
PETSC_EXTERN PetscErrorCode AeEllSetBoundaries(AeEll, AeEllBoundary);
PETSC_EXTERN PetscErrorCode AeEllSetBoundary(AeEll, PetscInt axis, PetscInt side, AeEllBoundary);
/* Robin: u - u0 falls off as r^-n about the coordinate origin; default n = 1. u0 enters through AeEllAddBoundary. */
PETSC_EXTERN PetscErrorCode AeEllSetFalloff(AeEll, PetscReal n);
/* Sign of component c under reflection of each axis; default +1 for scalars, the vector's own parities otherwise. */
PETSC_EXTERN PetscErrorCode AeEllSetParity(AeEll, PetscInt c, const int parity[3]);
/* 2 (default), 4 or 6. Higher orders are the outer operator; multigrid underneath is of order 2. */
PETSC_EXTERN PetscErrorCode AeEllSetOrder(AeEll, PetscInt order);
/*
  The limit ("rail") on the rms residual of the equation A u = f, as -ell_rail: without -ell_ksp_rtol (-ell_snes_rtol) a solve
  stops at -ell_rails_tol times it.
*/
PETSC_EXTERN PetscErrorCode AeEllSetRail(AeEll, PetscReal limit);
/* Reads -ell_order -ell_boundary -ell_falloff -ell_fallback -ell_stall -ell_rails_tol -ell_mg_* and all of KSP, PC, SNES. */
PETSC_EXTERN PetscErrorCode AeEllSetFromOptions(AeEll);
/* Levels, buffers, solvers. Errors: grid too small to coarsen as asked. Called by AeEllSolve if need be. */
PETSC_EXTERN PetscErrorCode AeEllSetUp(AeEll);
PETSC_EXTERN PetscErrorCode AeEllView(AeEll, PetscViewer);
PETSC_EXTERN PetscErrorCode AeEllDestroy(AeEll *);

/* A zeroed compact Vec with `fields` components; fields = 0: as many as the unknown has. */
PETSC_EXTERN PetscErrorCode AeEllCreateVec(AeEll, PetscInt fields, Vec *);
/* Offset of (component, k, j, i) in a compact Vec's local array; indices of this rank's rows. */
static inline PetscInt AeEllAt(const struct _p_AeGrid *g, PetscInt f, PetscInt k, PetscInt j, PetscInt i)
{
  return ((f * g->nk + k) * g->nj + j) * g->n[0] + i;
}
/*
  The operator's coefficient fields (see above), restricted to the coarse levels here. May be called again at any time: the
  hierarchy stays, only diagonals and smoother bounds are renewed.
*/
PETSC_EXTERN PetscErrorCode AeEllSetCoefficients(AeEll, Vec);

/*
  Inhomogeneous boundary data: adds to b what the operator's boundary cells see of it, so that A x = b then has the solution
  with that data (A itself is homogeneous). data(ctx, axis, side, x, value): g of every component at the point x of the face
  (Dirichlet: u; Neumann: outward d_N u; Robin: d_N u + n (x_N/r^2) u, that is n (x_N/r^2) u0 for a falloff to u0).
*/
typedef PetscErrorCode (*AeEllData)(void *ctx, PetscInt axis, PetscInt side, const PetscReal x[3], PetscReal value[]);
PETSC_EXTERN PetscErrorCode AeEllAddBoundary(AeEll, AeEllData, void *ctx, Vec b);
/* Fills a compact Vec from a function of position. */
typedef PetscErrorCode (*AeEllFunction)(void *ctx, const PetscReal x[3], PetscReal value[]);
PETSC_EXTERN PetscErrorCode AeEllEvaluate(AeEll, AeEllFunction, void *ctx, Vec);

/* y = A x; r = b - A x (order as set, linear part). */
PETSC_EXTERN PetscErrorCode AeEllApply(AeEll, Vec x, Vec y);
PETSC_EXTERN PetscErrorCode AeEllResidual(AeEll, Vec b, Vec x, Vec r);

#define AE_ELL_HISTORY 256
typedef struct {
  PetscBool converged;
  PetscInt  iterations;  /* of the solver that ended it */
  PetscInt  newton;      /* nonlinear steps, 0 for linear problems */
  PetscReal residual;    /* |b - A x| / |b| computed afresh after the solve */
  PetscReal contraction; /* geometric mean per iteration over the solve */
  PetscInt  levels;
  PetscInt  fallbacks;  /* solvers given up before */
  char      solver[64]; /* ksp/pc that ended it, read back */
  PetscInt  nhistory;   /* residual norms, all solvers one after the other */
  PetscReal history[AE_ELL_HISTORY];
} AeEllResult;

/*
  A x = b from the guess in x if -ell_ksp_initial_guess_nonzero, else from zero or the KSPGuess. With -ell_fallback the chain is:
  as configured; GMRES + multigrid; GMRES + Chebyshev. Non-convergence is not an error here: result->converged is false, x is the
  best iterate, and the caller decides (AE_ERR_FAILED ends the program with status 2).
  Periodic or Neumann problems without c: b must have mean zero to rounding (AE_ERR_USAGE otherwise); x gets mean zero.
*/
PETSC_EXTERN PetscErrorCode AeEllSolve(AeEll, Vec b, Vec x, AeEllResult *result);

/*
  Nonlinear: A u + q(x,u) = f, q pointwise. The callback gets n points: data[d][p] (the fields of the Vec of
  AeEllSetNonlinear, restricted to coarse levels by the engine), u[c][p], and fills q[c][p] and dq[p] = dq/du (scalar problems).
  Newton takes dq as the coefficient c of its Jacobian; FAS calls it on every level. Before AeEllSetFromOptions. The operator must
  be scalar: POISSON, HELMHOLTZ or GENERAL (Newton only).
*/
typedef void (*AeEllPointwise)(void *ctx, PetscInt n, const PetscReal *const data[], const PetscReal *const u[],
                               PetscReal *const q[], PetscReal dq[]);
PETSC_EXTERN PetscErrorCode AeEllSetNonlinear(AeEll, AeEllPointwise, void *ctx, PetscInt ndata, Vec data);
/* From the guess in u. Stops at -ell_snes_rtol relative to |F(0)|, or -ell_snes_atol. */
PETSC_EXTERN PetscErrorCode AeEllSolveNonlinear(AeEll, Vec f, Vec u, AeEllResult *result);
/* F(u) = A u + q(x,u) - f */
PETSC_EXTERN PetscErrorCode AeEllNonlinearResidual(AeEll, Vec f, Vec u, Vec F);

/* Borrowed: to set options or monitors from code. */
PETSC_EXTERN PetscErrorCode AeEllGetKSP(AeEll, KSP *);
PETSC_EXTERN PetscErrorCode AeEllGetSNES(AeEll, SNES *);
PETSC_EXTERN PetscErrorCode AeEllGetMat(AeEll, Mat *);
PETSC_EXTERN PetscErrorCode AeEllGetGrid(AeEll, AeGrid *, PetscInt *components);
/* Bytes on this rank of everything the problem holds: levels, diagonals, coefficients, solver vectors. */
PETSC_EXTERN PetscErrorCode AeEllBytes(AeEll, PetscLogDouble *);

/*
  Registers the KSP type `cycle`, the PC type `aemg` and the KSPGuess type `aeonic`. From main() and from tests.
*/
PETSC_EXTERN PetscErrorCode AeEllRegister(void);

/*
  Warm starts: the KSPGuess `aeonic` keeps solutions in a store under a key (the problem's name and the regime's hash).
    get   - the last solutions of the key, newest first: up to max of them copied to x[], their times to t[]; returns how many;
            0 when tainted
    put   - a solution at time t
    taint - the key's entries are not served any more until new ones are put
*/
typedef struct _p_AeEllStore *AeEllStore;
struct _p_AeEllStore {
  void *ctx;
  PetscErrorCode (*get)(void *ctx, const char key[], PetscInt max, Vec x[], PetscReal t[], PetscInt *n);
  PetscErrorCode (*put)(void *ctx, const char key[], PetscReal t, Vec x);
  PetscErrorCode (*taint)(void *ctx, const char key[]);
  PetscErrorCode (*destroy)(void *ctx);
};
/* In-process store: three solutions a key, at most `keys` keys, the least recently used one goes. */
PETSC_EXTERN PetscErrorCode AeEllStoreCreate(PetscInt keys, AeEllStore *);
PETSC_EXTERN PetscErrorCode AeEllStoreDestroy(AeEllStore *);
/* Which store, under which name and regime, at which time the next solve stands. The store is borrowed. */
PETSC_EXTERN PetscErrorCode AeEllSetStore(AeEll, AeEllStore, const char name[]);
PETSC_EXTERN PetscErrorCode AeEllSetTime(AeEll, PetscReal t, PetscInt64 regime);
PETSC_EXTERN PetscErrorCode AeEllTaint(AeEll);
/* How many stored solutions the last solve's first iterate was made of; 0: it began from what it was given. */
PETSC_EXTERN PetscInt AeEllGuessed(AeEll);

#endif
