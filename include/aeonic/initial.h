#ifndef AEONIC_INITIAL_H
#define AEONIC_INITIAL_H
/*
  Initial data and exact solutions. A datum is one function that gives the 3+1 metric at an event; it also
  names the domain, gauge, boundary, time step and length of its default run.
*/
#include <aeonic/dual.h>
#include <aeonic/field.h>

/* Lapse, shift beta^i, metric gamma_ij (xx xy xz yy yz zz) and scalar field with their derivatives in t, x, y, z.
   phi is zero on entry to a datum's function: data without matter leave it alone. K_ij follows from
   (d_t - L_beta) gamma_ij unless the function gives it and sets has_K: data of which only one slice is known, or whose
   formula is 0/0 where the lapse vanishes. */
typedef struct {
  AeDual    alpha, beta[3], g[6], phi;
  PetscBool has_K;
  double    K[6];
} AeMetric;

/* ADM variables at a point, in physical components; Pi = (d_t phi - beta^c d_c phi)/alpha. */
typedef struct {
  double alpha, beta[3], g[6], K[6], phi, Pi;
} AeAdm;

typedef struct _p_AeInitial  *AeInitial;
typedef struct _p_AeSolution *AeSolution; /* solution.h */

/* -gr_lapse_initial: the datum's own, 1, or psi^-2 = det(gamma)^(-1/6), precollapsed at punctures */
typedef enum { AE_LAPSE_DATUM, AE_LAPSE_ONE, AE_LAPSE_PSI2 } AeLapseInitial;

typedef struct {
  const char    *name, *text;
  const char    *cite;   /* keys of AeCite(); NULL: none */
  PetscInt       n[3];   /* default cells */
  PetscInt       axis;   /* the axis of variation */
  PetscReal      length; /* of that axis */
  AeBoundary     bc;
  const char    *lapse, *shift; /* default gauge */
  PetscBool      shift_plain; /* its shift is at rest without the advection terms of the Gamma driver: they are off by default */
  AeLapseInitial lapse_initial; /* default of -gr_lapse_initial */
  PetscReal      t_end, cfl;
  PetscBool      exact;  /* solves Einstein's equations at all times: serves as gauge, boundary and error norm */
  PetscBool      wave;   /* a plane wave: must fit a periodic box */
  PetscBool      matter; /* has a scalar field */
  PetscReal      noise;  /* amplitude of the noise that is part of the datum, at 50 cells along x */
  PetscErrorCode (*setfromoptions)(AeInitial);
  PetscErrorCode (*setup)(AeInitial, AeGrid); /* once the grid is known: an elliptic problem and its options */
  /* A datum is a formula or values on a grid: one of these two.
     metric: x = t, x, y, z as independent variables.
     fill:   the interior of a state, its fields by name; *whole if it is a state already, whose algebraic constraints
             are not to be touched. For data from files and from elliptic solves. */
  void (*metric)(const struct _p_AeInitial *, const AeDual x[4], AeMetric *);
  PetscErrorCode (*fill)(AeInitial, AeFields, Vec, PetscBool *whole);
} AeDatum;

/* Parameters a datum may have; unused ones stay at their defaults. */
struct _p_AeInitial {
  const AeDatum *datum;
  MPI_Comm       comm;
  PetscInt       n[3], axis;                          /* default grid, the datum's own until its options change it */
  PetscReal      length;                              /* of that axis */
  PetscReal      amplitude, wavelength, direction[3]; /* waves; direction is a unit vector; wavelength: width of spherical ones */
  PetscReal      mass, spin, centre[3];               /* holes; mass is the sum where there are several */
  PetscReal      r_min;                               /* the least distance from a puncture: 1e-3 of a cell */
  PetscReal      t0;                                  /* the solution's own time at t = 0 */
  PetscReal      lambda, scalar_mass; /* cosmological constant, mass of the scalar field: -gr_lambda, -scalar_mass */
  PetscReal      noise, perturb;      /* amplitudes: of the datum itself, of -gr_perturb */
  PetscInt       seed;
  PetscInt       lapse_initial; /* an AeLapseInitial */
  PetscInt       variant;       /* index of a datum's own choice */
  void          *data;          /* a datum's own tables, one allocation */
  AeSolution     solution;      /* of data that solve an elliptic problem, else NULL */
};

/*
  AeInitialCreate         - reads -gr_initial, then the datum's own options
  AeInitialSetGridDefaults- the datum's sizes, length and boundary, to be called before AeGridSetFromOptions
  AeInitialCheckGrid      - that periodic boundaries and -grid_symmetry fit the datum; sets r_min
  AeInitialExact          - whether what is evolved is comparable with the exact solution: there is one, and the
                            evolution begins with its lapse
  AeInitialAdm            - ADM variables of the datum at (t, x, y, z)
  AeInitialConformal      - chi, gt, K, At, Gamt, lapse, shift in the order of z4.h, the metric's own Gamma^i, then
                            phi, Pi: AE_INITIAL_NV numbers. chi = det(gamma)^(-1/3).
  AeInitialNoise          - uniform in (-1,1), a function of (seed, field, cell) only: the same on any ranks
*/
enum { AE_INITIAL_PHI = 21, AE_INITIAL_PI, AE_INITIAL_NV };
PETSC_EXTERN PetscErrorCode AeInitialCreate(MPI_Comm, AeInitial *);
PETSC_EXTERN PetscErrorCode AeInitialDestroy(AeInitial *);
PETSC_EXTERN PetscErrorCode AeInitialSetGridDefaults(AeInitial, AeGrid);
PETSC_EXTERN PetscErrorCode AeInitialCheckGrid(AeInitial, AeGrid);
PETSC_EXTERN PetscBool      AeInitialExact(AeInitial);
PETSC_EXTERN const AeDatum *AeInitialFind(const char name[]);
PETSC_EXTERN void           AeInitialAdm(AeInitial, PetscReal t, const PetscReal x[3], AeAdm *);
PETSC_EXTERN void           AeInitialConformal(AeInitial, PetscReal t, const PetscReal x[3], double v[AE_INITIAL_NV]);
/* Where the datum's holes are, up to max of them; the centre of data that have none or one. Returns how many. */
PETSC_EXTERN PetscInt AeInitialHoles(AeInitial, PetscInt max, PetscReal place[][3]);
PETSC_EXTERN double   AeInitialNoise(PetscInt seed, PetscInt field, PetscInt i, PetscInt j, PetscInt k);

/* ADM to conformal variables and back (pointwise; Gamt is not part of either). gt, At in sym6. */
PETSC_EXTERN void AeAdmToConformal(const double g[6], const double K[6], double *chi, double gt[6], double *trK, double At[6]);
PETSC_EXTERN void AeConformalToAdm(double chi, const double gt[6], double trK, const double At[6], double g[6], double K[6]);
#endif
