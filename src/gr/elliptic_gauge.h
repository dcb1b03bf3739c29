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

/* distortion.c: the fields that the shift's equation is made of, and its coefficients; ghosts of U filled */
PETSC_INTERN PetscErrorCode AeGRDistortionFields(AeGR);
PETSC_INTERN PetscErrorCode AeGRDistortionAssemble(AeGR, AePatch, Vec U, PetscReal t);
#endif
