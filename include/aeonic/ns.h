#ifndef AEONIC_NS_H
#define AEONIC_NS_H
/*
  Incompressible Navier-Stokes equations on the periodic box [0, 2 pi]^3, pseudospectral:

    d_t u = u x omega - grad P + nu Lap u + f,   div u = 0,   omega = curl u
    d_t theta = -div(u theta) + kappa Lap theta                  (a passive scalar, if asked for)

  in rotation form (P includes u^2/2), products free of aliasing. The state is a Vec of Fourier coefficients: of each field
  the modes of an AeBand, one field after the other: u(x) = sum_j c_j e^{i j.x}. Velocity u_x, u_y, u_z, then theta.
  Canuto, Hussaini, Quarteroni & Zang, Spectral Methods (2007), section 3.3.
*/
#include <aeonic/checkpoint.h>
#include <aeonic/io.h>
#include <aeonic/rails.h>
#include <aeonic/spectral.h>

#define AE_TS_ETDRK4       "etdrk4"
#define AE_TS_OCTAVES      "octaves" /* low octaves on a faster clock, order 3 */
#define AE_TSADAPT_COURANT "courant" /* dt from the flow; C is the TSAdapt's safety factor */

typedef struct _p_AeNS *AeNS;

/* What a state is like; sums over modes are independent of ranks. Averages over the box. */
typedef struct {
  PetscReal energy;      /* <u^2>/2 */
  PetscReal enstrophy;   /* <omega^2>/2 */
  PetscReal dissipation; /* 2 nu enstrophy */
  PetscReal helicity;    /* <u.omega> */
  PetscReal scalar;      /* <theta^2>/2 */
  PetscReal input;       /* <u.f> */
  PetscReal divergence;  /* root mean square of div u */
} AeNSSums;

/*
  AeNSCreate     - reads -grid_n, -ns_* and -fft_*
  AeNSCreateVec  - a state, zero
  AeNSSetInitial - the state of -ns_initial at t = 0 (file: *t is set to the file's)
  AeNSRHSFunction- for TSSetRHSFunction; ctx is the AeNS
  AeNSAddViscous - F -= nu k^2 U (kappa for the scalar): the linear term, which the right-hand side function leaves out
  AeNSRandomModes- a real field without divergence and mean (and a scalar) of random waves, the same on any number of ranks
  AeNSSetUpTS    - right-hand side and what the type of the TS needs; call after TSSetFromOptions. Explicit Runge-Kutta
                   types get an integrating factor: the unknown of a step from t_n is v = e^{nu k^2 (t - t_n)} u.
  AeNSBeginStep, AeNSEndStep - to be called before (TSSetPreStep) and after (TSSetPostEvaluate) every step
  AeNSEndCandidate - by who judges a candidate, in the TS's solution while the TSAdapt is asked: v becomes u there, and
                   AeNSEndStep has nothing left to do. A rejection is in order
  AeNSSetCapture - right-hand sides at the beginning of steps are copied there; NULL: not. Borrowed.
  AeNSRate       - largest sum_d |u_d| / h_d over the points, at the last step's beginning; NaN if the state is not finite
  AeNSAdvectiveLimit - largest stable dt of RK4 for the waves kept, at that rate: 2 sqrt 2 / max |k.u|; sqrt 3 for octaves
  AeNSWork       - evaluations of the right-hand side so far; with octaves those of the low waves too, and how many points their
                   products take as a share of all. A transform of the waves kept is 1/9 of an evaluation (1/13 with a scalar).
*/
PETSC_EXTERN PetscErrorCode AeNSCreate(MPI_Comm, AeNS *);
PETSC_EXTERN PetscErrorCode AeNSDestroy(AeNS *);
PETSC_EXTERN PetscErrorCode AeNSCreateVec(AeNS, Vec *);
PETSC_EXTERN PetscErrorCode AeNSSetInitial(AeNS, Vec, PetscReal *t);
PETSC_EXTERN PetscErrorCode AeNSRHSFunction(TS, PetscReal t, Vec, Vec, void *ctx);
PETSC_EXTERN PetscErrorCode AeNSAddViscous(AeNS, Vec U, Vec F);
PETSC_EXTERN PetscErrorCode AeNSRandomModes(AeNS, Vec);
PETSC_EXTERN PetscErrorCode AeNSSetUpTS(AeNS, TS);
PETSC_EXTERN PetscErrorCode AeNSBeginStep(AeNS, PetscReal t);
PETSC_EXTERN PetscErrorCode AeNSEndStep(AeNS, PetscReal t, Vec);
PETSC_EXTERN PetscErrorCode AeNSEndCandidate(AeNS, TS);
PETSC_EXTERN PetscErrorCode AeNSSetCapture(AeNS, Vec);
PETSC_EXTERN PetscErrorCode AeNSRate(AeNS, PetscReal *rate);
PETSC_EXTERN PetscErrorCode AeNSAdvectiveLimit(AeNS, PetscReal *dt);
PETSC_EXTERN PetscErrorCode AeNSWork(AeNS, PetscInt64 *evaluations, PetscInt64 *low, PetscReal *share);
PETSC_EXTERN PetscErrorCode AeNSView(AeNS, PetscViewer);
/* name of the initial state, its default length, number of fields, the band, viscosity; any may be NULL */
PETSC_EXTERN PetscErrorCode    AeNSGet(AeNS, const char **name, PetscReal *t_end, PetscInt *fields, AeBand *, PetscReal *nu);
PETSC_EXTERN const char *const AeNSFieldNames[7]; /* a state's four, and the vorticity */

/*
  AeNSSumsOf    - the sums above
  AeNSSpectrum  - E[s], s = 0 .. shells-1: energy of the modes with s - 1/2 <= |j| < s + 1/2. E[shells] from the caller.
  AeNSShells    - their number: the last one that the band fills whole is min K
  AeNSPointwise - largest |div u| over the points, and the skewness -<(d_x u_x)^3> / <(d_x u_x)^2>^{3/2}, averages over the
                  points and the three directions
  AeNSCurl      - vorticity: modes of its three components from those of the velocity
  AeNSErrors    - of each velocity component against the exact solution: rms and largest over the points; *exact is false
                  where none is known
  AeNSWriteField- velocity_x .. velocity_z, vorticity_x .. vorticity_z or scalar, at the centres of cubic cells
*/
PETSC_EXTERN PetscErrorCode AeNSSumsOf(AeNS, Vec, AeNSSums *);
PETSC_EXTERN PetscErrorCode AeNSShells(AeNS, PetscInt *shells, PetscInt *whole);
PETSC_EXTERN PetscErrorCode AeNSSpectrum(AeNS, Vec, PetscReal E[]);
PETSC_EXTERN PetscErrorCode AeNSPointwise(AeNS, Vec, PetscReal *div_max, PetscReal *skewness);
PETSC_EXTERN PetscErrorCode AeNSCurl(AeNS, const double u[], double omega[]);
PETSC_EXTERN PetscErrorCode AeNSErrors(AeNS, Vec, PetscReal t, PetscReal l2[3], PetscReal linf[3], PetscBool *exact);
PETSC_EXTERN PetscErrorCode AeNSWriteField(AeNS, AeRun, Vec, const char name[], PetscInt it, PetscReal t);
PETSC_EXTERN PetscBool      AeNSHasField(AeNS, const char name[]);
/* SHA-256 of the modes: the same for any number of ranks that computed the same bits */
PETSC_EXTERN PetscErrorCode AeNSHash(AeNS, Vec, char hex[65]);

/*
  AeNSSave - the modes and the time with the parts of a checkpoint (checkpoint.h), as one sealed HDF5 file; why: "" or, on all
             ranks, what went wrong; bytes: of the file
  AeNSLoad - the state from such a file, of any resolution: modes that are not there are 0. `same`: of the same fields. FFTW's
             plans are to be taken before AeNSCreate, if steps are to repeat bit for bit
*/
PETSC_EXTERN PetscErrorCode AeNSSave(AeNS, Vec, const char path[], PetscReal t, PetscInt n, const AeCheckpointPart part[],
                                     PetscInt64 *bytes, char why[], size_t len);
PETSC_EXTERN PetscErrorCode AeNSLoad(AeNS, Vec, const char path[], PetscBool same, PetscReal *t);

/*
  The rails of a flow, all of the candidate before it is accepted (AeNSRails is the table):
    finite   modes that are not, in the candidate or in a stage; any positive value
    courant  dt over AeNSAdvectiveLimit at the rate where the step began; 0 while no step is under way
    energy   |E - E(0) - int(input - dissipation) dt| / E
    div      root mean square of div u over that of the vorticity; 0 where there is none
  AeNSNominalDt - for AeRailsProblem.nominal: with `courant` dt follows the flow as with the TSAdapt courant (C is the
                  TSAdapt's safety factor), else it stays; steps that nothing else limits are those of courant and none, bit by
                  bit
  AeNSCourantDt - courant's rule: C times the time in which the flow moves by one spacing, dt itself from 0.9 of that on
*/
enum { AE_NS_RAIL_FINITE, AE_NS_RAIL_COURANT, AE_NS_RAIL_ENERGY, AE_NS_RAIL_DIVERGENCE, AE_NS_RAILS };
PETSC_EXTERN const AeRailsTable AeNSRails;
PETSC_EXTERN PetscErrorCode     AeNSNominalDt(TS, PetscBool courant, PetscReal dt, PetscReal *nominal);
PETSC_EXTERN PetscErrorCode     AeNSCourantDt(TS, PetscReal dt, PetscReal *next);

/* ---- exponential time differencing ---------------------------------------------------------------------------- */

/*
  TS type `etdrk4` (Cox & Matthews, J. Comput. Phys. 176, 430 (2002), Eqs. (26)-(29)) for u' = L u + N(t, u), L diagonal.
  The right-hand side function of the TS is N. Functions of z = dt L or dt L/2 that it multiplies with:
*/
typedef enum {
  AE_ETD_EXP,      /* e^z */
  AE_ETD_EXP_HALF, /* e^{z/2} */
  AE_ETD_PHI_HALF, /* phi_1(z/2) / 2 */
  AE_ETD_B1,       /* phi_1 - 3 phi_2 + 4 phi_3 */
  AE_ETD_B2,       /* 2 phi_2 - 4 phi_3 */
  AE_ETD_B4,       /* 4 phi_3 - phi_2 */
  AE_ETD_FUNCTIONS
} AeETDFunction;
/* B1, B2, B4 and PHI_HALF of z, as above, into f[AE_ETD_FUNCTIONS] */
PETSC_EXTERN void AeETDFunctions(PetscReal z, PetscReal f[]);
/* Y = sum_m w[m] F[m](dt L) x[m]; Y may be none of the x. Without one L is 0, and etdrk4 the classical RK4. */
typedef PetscErrorCode (*AeETDCombine)(void *ctx, PetscReal dt, Vec Y, PetscInt n, const AeETDFunction F[], const PetscReal w[],
                                       const Vec x[]);
PETSC_EXTERN PetscErrorCode AeTSETDRK4SetCombine(TS, AeETDCombine, void *ctx);
/* Registers etdrk4, octaves and courant. */
PETSC_EXTERN PetscErrorCode AeNSRegister(void);
#endif
