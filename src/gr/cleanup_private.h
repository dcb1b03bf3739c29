#ifndef AEONIC_CLEANUP_PRIVATE_H
#define AEONIC_CLEANUP_PRIVATE_H
/* What the files of the clean-up share. */
#include "gr_private.h"
#include <aeonic/cleanup.h>
#include <aeonic/elliptic.h>

enum { CLEANUP_H, CLEANUP_M, CLEANUP_PROBLEMS };

struct _p_AeCleanup {
  AeGR      gr;
  AeGrid    grid; /* of the box that is cleaned */
  AeFields  fields;
  AeFields  work_fields, diag_fields;
  Vec       base, trial, work, diag; /* the state given; transformed; v, W with ghosts; H, M_i */
  Vec       x, f, mask, scale;       /* compact: v, balance W; residual; m; chi of the base */
  SNES      snes;
  Mat       J;
  AeEll     ell[CLEANUP_PROBLEMS];
  Vec       b[CLEANUP_PROBLEMS], y[CLEANUP_PROBLEMS], c;
  PetscReal rtol, atol, rails_tol, mask_chi, mode;
  PetscBool given;     /* a tolerance of the user's */
  PetscReal reference; /* residual of the first clean-up */
  PetscReal
    balance; /* weight of the momentum constraint's residual, which x holds W times: the first clean-up gave both the same size */
  PetscBool  closed, masked, project;
  PetscReal  K_shift, t;
  PetscReal  psi[2];
  PetscInt64 cells;
};

/* cleanup_state.c */
PETSC_INTERN PetscErrorCode AeCleanupReset(AeCleanup, Vec U);     /* base: U with Theta = Z_i = 0 */
PETSC_INTERN PetscErrorCode AeCleanupTransform(AeCleanup, Vec x); /* trial: base with v, W of x */
PETSC_INTERN PetscErrorCode AeCleanupWeights(AeCleanup);          /* mask, scale, c */
PETSC_INTERN PetscErrorCode AeCleanupWeigh(AeCleanup, Vec f);     /* residual of `trial` from its H, M_i, without (1 - m) */
PETSC_INTERN PetscErrorCode AeCleanupNorms(AeCleanup, PetscReal *H, PetscReal *M);
PETSC_INTERN PetscErrorCode AeCleanupMeans(AeCleanup, PetscReal *H, PetscReal *K, PetscReal *coefficient);
#endif
