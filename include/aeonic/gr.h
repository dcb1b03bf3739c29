#ifndef AEONIC_GR_H
#define AEONIC_GR_H
/*
  AeGR: a spacetime to evolve: initial datum, grid, fields, formulation, gauge, and the passes over them.
*/
#include <aeonic/initial.h>
#include <aeonic/rails.h>
#include <aeonic/stencil.h>
#include <aeonic/sum.h>
#include <aeonic/z4.h>

typedef struct _p_AeGR *AeGR;

/*
  What a sweep's state is:
    STAGE      a stage after the first
    FIRST      the first stage, an accepted state: the constraints are computed in its sweep
    CANDIDATE  a candidate that is looked at before it is accepted (levels.h), the first stage of the next step if it is
*/
typedef enum { AE_SWEEP_STAGE, AE_SWEEP_FIRST, AE_SWEEP_CANDIDATE } AeSweep;

/* Reduced statistics of a sweep. Sums are over interior cells, exact and independent of ranks and tiles;
   cells frozen by -gr_excise_radius are in none of the numbers. */
typedef struct {
  PetscReal  lapse_min, chi_min, K_max, dtK_max; /* K_max, dtK_max: absolute */
  PetscReal  K_l2;                               /* root mean square */
  PetscReal  H_l2, H_linf, M_l2, M_linf;         /* |M|^2 = gamma^ij M_i M_j; NaN if the sweep had no constraints */
  PetscReal  det_drift, tr_drift;                /* largest |det gt - 1| and |tr At| before they were removed */
  PetscInt64 nonfinite;                          /* cells whose right-hand side is not finite */
  AeSweep    sweep;                              /* the first sweep where that happened, */
  PetscInt   stage;                              /* and its stage (0 of a candidate); -1 if there is none */
  PetscInt   flag;                               /* the largest that a rank has raised, 0 if none */
} AeGRStats;

/*
  AeGRCreate         - reads every -gr_*, -grid_*, -fd_*, -diss_*, -stencil_* option and -scalar_mass; makes grid and fields
  AeGRAddBox         - the same equations on another grid, which belongs to the AeGR from then on (AeGridSetGhost before): its
                       fields. Whoever takes a Vec works on the box it is of; AeGRGet, AeGRTiles and AeGRView tell of the
                       first, that of the options. Not with gauges that are solved for
  AeGRSetState       - fills a state with the datum at time t, noise and perturbation included (t = 0)
  AeGRPrepareStage   - to be called on a stage's state before its right-hand side: given gauges, and det gt = 1,
                       tr At = 0 if `enforce`; `stage` numbers those after the first
  AeGRRHSFunction    - a TSRHSFunction; ctx is the AeGR. Fills the ghosts of U, then pass A (with the
                       constraints of pass B in the same sweep, but for AE_SWEEP_STAGE)
  AeGRCombine        - an AeCombine (levels.h): Y = u + sum c_m K_m and the algebraic constraints in one sweep
  AeGRConstraints    - pass B alone: reduced norms, and H, M_x, M_y, M_z, the physical K and chi in the given Vec unless NULL;
                       det gt = 1 of the state is assumed
  AeGRCreateDiagnostics - the fields of that Vec on a state's grid (AeFieldsCreateVec makes it)
  AeGRBytes          - bytes of this rank's states, slopes included, and of the work arrays of one evolution
  AeGRSpectralBytes  - of -fd_order spectral: bytes of this rank's derivatives; else 0
  AeGRBeginStep      - clears the statistics of the step, of all boxes
  AeGRReduce         - reduces the statistics collected since, over all ranks: two reductions. Of several boxes the worst: a root
                       mean square over all cells would not show what happens in a small one
  AeGRErrors         - l2 (root mean square) and linf errors of the ADM variables against the exact solution at t:
                       g_xx ... K_zz lapse shift_x.. K chi [phi Pi]: AeGRNumErrors values each, at most AE_GR_NERR
  AeGRPointAdm       - ADM variables of one cell of a state of any formulation: u points at the cell in field 0,
                       `stride` doubles lie between fields
  AeGRPlaces         - the place of each field in the state
  AeGRExtremes       - smallest lapse and chi and largest |tr K| of a state, frozen cells left out
  AeGRStableDt       - the time step limit of classical RK4 on this state: 2.83 over the largest frequency that the
                       differences support at the coordinate light and gauge speeds
*/
enum { AE_GR_NERR = 20 };
PETSC_EXTERN const char *const AeGRErrorNames[AE_GR_NERR];
PETSC_EXTERN PetscErrorCode    AeGRCreate(MPI_Comm, AeGR *);
PETSC_EXTERN PetscErrorCode    AeGRDestroy(AeGR *);
PETSC_EXTERN PetscErrorCode    AeGRView(AeGR, PetscViewer);
PETSC_EXTERN PetscErrorCode    AeGRGet(AeGR, AeGrid *, AeFields *, AeInitial *, const Z4Kernel **, Z4Params **);
PETSC_EXTERN PetscErrorCode    AeGRAddBox(AeGR, AeGrid, AeFields *);
PETSC_EXTERN PetscErrorCode    AeGRSetState(AeGR, Vec, PetscReal t);
PETSC_EXTERN PetscErrorCode    AeGRPrepareStage(AeGR, Vec, PetscReal t, AeSweep, PetscInt stage, PetscBool enforce);
PETSC_EXTERN PetscErrorCode    AeGRRHSFunction(TS, PetscReal t, Vec U, Vec F, void *ctx);
PETSC_EXTERN PetscErrorCode    AeGRCombine(void *ctx, Vec Y, Vec u, PetscInt n, const PetscReal c[], const Vec K[]);
PETSC_EXTERN PetscErrorCode    AeGRConstraints(AeGR, Vec U, PetscReal t, Vec C, AeGRStats *);
PETSC_EXTERN PetscErrorCode    AeGRCreateDiagnostics(AeGrid, AeFields *);
PETSC_EXTERN PetscErrorCode    AeGRBytes(AeGR, PetscLogDouble *state, PetscLogDouble *halo);
PETSC_EXTERN PetscLogDouble    AeGRSpectralBytes(AeGR);
/* A TSSetPostStage hook for the default stepper; the TS's application context is the AeGR. */
PETSC_EXTERN PetscErrorCode AeGRPostStage(TS, PetscReal t, PetscInt stage, Vec *Y);
PETSC_EXTERN PetscErrorCode AeGRBeginStep(AeGR);
PETSC_EXTERN PetscErrorCode AeGRReduce(AeGR, AeGRStats *);
/* Of the sweeps so far, over all ranks: smallest lapse and chi, whether a right-hand side was not finite. One reduction. */
PETSC_EXTERN PetscErrorCode AeGRPeek(AeGR, PetscReal *lapse_min, PetscReal *chi_min, PetscBool *nonfinite);
/* Lets a flag > 0 of this rank travel with the next AeGRReduce. */
PETSC_EXTERN void           AeGRRaise(AeGR, PetscInt flag);
PETSC_EXTERN PetscErrorCode AeGRErrors(AeGR, Vec U, PetscReal t, PetscReal l2[], PetscReal linf[]);
PETSC_EXTERN PetscInt       AeGRNumErrors(AeGR);
PETSC_EXTERN void           AeGRPointAdm(AeGR, const double *u, ptrdiff_t stride, AeAdm *);
PETSC_EXTERN Z4Fields       AeGRPlaces(AeGR);
PETSC_EXTERN PetscErrorCode AeGRExtremes(AeGR, Vec U, PetscReal *lapse_min, PetscReal *chi_min, PetscReal *K_max);
PETSC_EXTERN PetscErrorCode AeGRStableDt(AeGR, Vec U, PetscReal *dt);
/*
  For those who watch an evolution.
  AeGRSetCapture - H, M_x, M_y, M_z of the next first stages on C's grid go into that Vec of AeGRCreateDiagnostics' fields
                   (borrowed) in the sweep that computes them in any case; NULL: no longer
  AeGRTrace      - the physical K of the state U, and its rate for the slope F; K and rate hold this rank's cells with the
                   pitch and plane of the state's layout, from the first interior one: nk * plane doubles
  AeGRDamping    - the fastest damping rate among kappa_1 (2 + kappa_2) and the Gamma driver's eta; 0 without
*/
PETSC_EXTERN PetscErrorCode AeGRSetCapture(AeGR, Vec C);
PETSC_EXTERN PetscErrorCode AeGRTrace(AeGR, Vec U, Vec F, double *K, double *rate);
PETSC_EXTERN PetscReal      AeGRDamping(AeGR);
/* The formulation as -gr_formulation spells it. */
PETSC_EXTERN const char *const Z4FormNames[Z4_FORM_COUNT];
PETSC_EXTERN const char       *AeGRFormulation(AeGR);
PETSC_EXTERN AeTiles          *AeGRTiles(AeGR);
PETSC_EXTERN PetscReal         AeGRCfl(AeGR); /* -gr_cfl */
PETSC_EXTERN PetscReal         AeGREta(AeGR); /* -gr_shift_eta */
/* Elliptic gauges: solves and multigrid cycles (iterations) in all; [0] from a zero guess, [1] from stored solutions. */
typedef struct {
  PetscInt solves[2], cycles[2];
} AeGaugeSolves;
PETSC_EXTERN PetscErrorCode AeGRGetGaugeSolves(AeGR, AeGaugeSolves *lapse, AeGaugeSolves *shift);
/*
  AeGRGaugeIsWarm    - which of them start from stored solutions
  AeGRSetGaugeStores - stores in place of their own, before the first solve; NULL: leave it. The solver destroys them.
  AeGRSetGaugeRegime - the hash under which solutions are stored from now on
  AeGRGetGaugeHistory, AeGRSetGaugeHistory - for checkpoints, beside what the stores hold; t: of the state that was saved
*/
typedef struct {
  AeGaugeSolves count[2];
  PetscReal     t[2], at;
  PetscInt64    solved;
} AeGaugeHistory;
struct _p_AeEllStore;
PETSC_EXTERN PetscErrorCode AeGRGaugeIsWarm(AeGR, PetscBool *lapse, PetscBool *shift);
PETSC_EXTERN PetscErrorCode AeGRSetGaugeStores(AeGR, struct _p_AeEllStore *lapse, struct _p_AeEllStore *shift);
PETSC_EXTERN PetscErrorCode AeGRSetGaugeRegime(AeGR, PetscInt64 regime);
PETSC_EXTERN PetscErrorCode AeGRGetGaugeHistory(AeGR, AeGaugeHistory *);
PETSC_EXTERN PetscErrorCode AeGRSetGaugeHistory(AeGR, AeGaugeHistory *, PetscReal t);
/* Kernels that were compiled: the best for this processor with `lanes` = 0, else of that width; NULL if none. */
PETSC_EXTERN const Z4Kernel *AeZ4KernelFind(Z4Form, PetscInt order, PetscInt lanes);
/* Whether a sweep leaves the constraints to pass B (tests compare the two). */
PETSC_EXTERN PetscErrorCode AeGRSetFusion(AeGR, PetscBool constraints_in_pass_a, PetscBool enforce_in_combine);
PETSC_EXTERN PetscErrorCode AeGRGetFusion(AeGR, PetscBool *enforce_in_combine);
/* Arithmetic operations a point of a row kernel, counted in its machine code when the program is built. */
typedef struct {
  const char *function;
  int         flops;
} AeKernelCount;
PETSC_EXTERN const AeKernelCount AeKernelCounts[]; /* ends with a NULL */
/* flops of pass A, A with B, B of a kernel, with those of the matter or without; 0 where unknown */
PETSC_EXTERN void AeZ4KernelFlops(const Z4Kernel *, PetscBool matter, PetscInt flops[3]);

/*
  The rails of an evolution, all of the candidate before it is accepted:
    finite  cells whose right-hand side is not finite, in the stages of the step or in the candidate
    lapse, chi   smallest values in the stages and the candidate
    det, tr      drift of det gt and tr At in the combinations of the step, before the projection
    H, M    root mean squares of the constraints
    growth  e-folding rate of H
    K       largest |K|
    D       share of spectral energy near the grid's limit, D_max of the newest tick of the loom; what it tells of is in the
            state by then
*/
enum {
  AE_GR_RAIL_FINITE,
  AE_GR_RAIL_LAPSE,
  AE_GR_RAIL_CHI,
  AE_GR_RAIL_DET,
  AE_GR_RAIL_TR,
  AE_GR_RAIL_H,
  AE_GR_RAIL_M,
  AE_GR_RAIL_GROWTH,
  AE_GR_RAIL_K,
  AE_GR_RAIL_D,
  AE_GR_RAILS
};
PETSC_EXTERN const AeRailsTable AeGRRails;
#endif
