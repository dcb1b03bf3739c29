#ifndef AEONIC_NS_PRIVATE_H
#define AEONIC_NS_PRIVATE_H
#include <aeonic/ns.h>

typedef double complex Mode;

typedef enum { AE_NS_TAYLOR_GREEN, AE_NS_ABC, AE_NS_RANDOM, AE_NS_REST, AE_NS_FILE } AeNSInitialKind;
typedef enum { AE_NS_FORCING_NONE, AE_NS_FORCING_ABC, AE_NS_FORCING_KOLMOGOROV } AeNSForcing;
typedef enum { AE_NS_SCALAR_NONE, AE_NS_SCALAR_WAVE, AE_NS_SCALAR_RANDOM } AeNSScalar;

/* A wave of the forcing: coefficients of e^{i j.x}; its conjugate is another. */
typedef struct {
  PetscInt j[3];
  Mode     c[3];
} AeNSWave;

struct _p_AeNS {
  MPI_Comm  comm;
  AeBand    band;
  PetscInt  n[3], fields, three_halves;
  PetscInt  initial, forcing, scalar;
  PetscReal re, nu, schmidt, kappa, flow[3];
  PetscReal abc[3], forcing_amplitude;
  PetscInt  forcing_k, scalar_k[3];
  PetscInt  seed, random_kind;
  PetscReal random_peak, random_slope, random_energy;
  char      file[PETSC_MAX_PATH_LEN];

  AeNSWave wave[16];
  PetscInt nwaves;

  /* one evaluation of the right-hand side */
  const Mode *u;
  Mode       *du;
  PetscReal   tau;     /* since the step began; 0 for etdrk4 */
  PetscReal  *grow[2]; /* e^{+nu j^2 tau} and of kappa, by |j| */
  PetscReal  *decay[2];
  PetscReal   factors_tau;
  PetscBool   integrating_factor, measure;
  PetscBool   part;            /* the low waves of another: no force, nothing to be measured */
  AeBand      low;             /* of octaves; borrowed, NULL otherwise */
  Vec         capture;         /* takes slopes at the beginning of steps; borrowed, may be NULL */
  PetscReal   t_step, t_begin; /* of the newest step; from where the unknown is counted: the end of it, once that is reached */
  PetscReal   plane_rate, plane_sum; /* of this rank's planes */
  PetscReal   rate;

  /* functions of etdrk4 by |j|^2, for velocity and scalar */
  PetscReal *etd[2][AE_ETD_FUNCTIONS], etd_dt;

  PetscReal *rows; /* of AeNSSumsOf, made at its first call */

  /* output at the centres of cubic cells */
  AeGrid      grid;
  AeBand      fine;
  double     *values; /* of one field of this rank's block */
  const void *job;
};

/* Coefficients of field f of a state's array at row y (counted from ys), z, x = 0. */
static inline ptrdiff_t AeNSAt(const struct _p_AeNS *s, PetscInt f, PetscInt y, PetscInt z)
{
  return (f * (ptrdiff_t)s->band->yn * s->band->m[2] + (ptrdiff_t)y * s->band->m[2] + z) * s->band->m[0];
}
/* x rounded down to 10 bits */
PETSC_INTERN PetscReal AeNSRoundDown(PetscReal x);
/* Adds c e^{i j.x} and its conjugate to a field; only what this rank holds. */
PETSC_INTERN void AeNSAddWave(AeNS, Mode *u, PetscInt f, const PetscInt j[3], Mode c);
PETSC_INTERN void AeNSAddTaylorGreen(AeNS, Mode *u);
/* U + ABC(x - U t) e^{-nu t}, U the mean flow */
PETSC_INTERN void           AeNSAddABC(AeNS, PetscReal t, Mode *u);
PETSC_INTERN PetscErrorCode AeNSForcingWaves(AeNS);
/* Shell of a wave: s - 1/2 <= |j| < s + 1/2 */
PETSC_INTERN PetscInt AeNSShell(PetscInt jx, PetscInt jy, PetscInt jz);
/* The exact state at t, if there is one. */
PETSC_INTERN PetscErrorCode AeNSExact(AeNS, PetscReal t, Mode *u, PetscBool *exact);
PETSC_INTERN PetscErrorCode AeNSReadPoints(AeNS, const char path[], Mode *u);
PETSC_INTERN PetscErrorCode AeNSIsModes(AeNS, const char path[], PetscBool *modes);

PETSC_INTERN PetscErrorCode AeCourantRegister(void);
PETSC_INTERN PetscErrorCode AeETDRK4Register(void);
PETSC_INTERN PetscErrorCode AeNSOctavesRegister(void);
PETSC_INTERN PetscErrorCode AeNSOctavesSetUp(AeNS, TS);
/* s->grid, s->fine and s->values: cell centres of cubes, for what is written and read as values at points. */
PETSC_INTERN PetscErrorCode AeNSCreateOutput(AeNS);
PETSC_INTERN Mode           AeNSPhase(AeNS, PetscInt jx, PetscInt jy, PetscInt jz);
#endif
