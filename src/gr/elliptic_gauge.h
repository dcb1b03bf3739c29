#ifndef AEONIC_ELLIPTIC_GAUGE_H
#define AEONIC_ELLIPTIC_GAUGE_H
/* What the files of the elliptic gauges share. */
#include "gr_private.h"
#include <aeonic/elliptic.h>
#include <aeonic/spatial.h>

/* One equation that is solved on every slice. */
typedef struct {
  const char   *option; /* what asked for it */
  AeEll         ell;    /* NULL: not asked for */
  AeEllStore    store;
  Vec           coef, b, x;
  PetscReal     t; /* time of the last solve */
  AeGaugeSolves count;
  PetscLogEvent event;
} AeGaugeProblem;

struct _p_AeGaugeSolver {
  AeGaugeProblem lapse, shift;
  AeSpatial      spatial;
  AeFields       work_fields; /* of the shift: gt^ij, alpha At^ij, chi with ghosts */
  Vec            work;
  PetscReal      driver;
  PetscInt64     regime; /* of what is stored now */
  PetscBool      warm;
  PetscBool      solved; /* the accepted state of time t has its gauge */
  PetscReal      t;
};

enum { AE_LAPSE_COEF = 10, AE_SHIFT_COEF = 42 };

/* Inverse of a sym6, and its determinant */
static inline double AeInvert(const double g[6], double u[6])
{
  double det;

  u[0] = g[3] * g[5] - g[4] * g[4];
  u[1] = g[2] * g[4] - g[1] * g[5];
  u[2] = g[1] * g[4] - g[2] * g[3];
  u[3] = g[0] * g[5] - g[2] * g[2];
  u[4] = g[1] * g[2] - g[0] * g[4];
  u[5] = g[0] * g[3] - g[1] * g[1];
  det  = g[0] * u[0] + g[1] * u[1] + g[2] * u[2];
  for (int ab = 0; ab < 6; ab++) u[ab] /= det;
  return det;
}

/* distortion.c: the fields that the shift's equation is made of, and its coefficients; ghosts of U filled */
PETSC_INTERN PetscErrorCode AeGRDistortionFields(AeGR);
PETSC_INTERN PetscErrorCode AeGRDistortionAssemble(AeGR, AePatch, Vec U, PetscReal t);
#endif
