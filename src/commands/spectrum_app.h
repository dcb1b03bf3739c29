#ifndef AEONIC_SPECTRUM_APP_H
#define AEONIC_SPECTRUM_APP_H
/* What the files of `aeonic spectrum` share. */
#include <aeonic/base.h>
#include <aeonic/io.h>
#include <slepceps.h>
#undef I

enum { SPECTRUM_MAGNITUDE, SPECTRUM_RIGHTMOST };
enum { SPECTRUM_STAGES = 32 };

typedef struct _Spectrum Spectrum;

/*
  What the eigenvalues are those of.
    create   the object, from options; sets name, what, size, time, and the stepper of what is evolved
    state    U, Y, F (magnitude), dt and dt_stable
    start    a vector to begin with, the same numbers on any number of ranks
    mult     w = J v; SpectrumDifferences for a linearisation, which needs
    perturb    Y = U + e v
    advance    *X = right-hand side at Y; or Y evolved over the flow's time (rightmost)
    take       w = c X, or w += c X
    solve    finds and reports its eigenvalues by itself; all but create and destroy are NULL then
*/
typedef struct {
  const char *name, *operators[2]; /* by what is asked for; NULL: cannot be */
  PetscErrorCode (*create)(Spectrum *);
  PetscErrorCode (*state)(Spectrum *);
  PetscErrorCode (*start)(Spectrum *, Vec v);
  PetscErrorCode (*mult)(Spectrum *, Vec v, Vec w);
  PetscErrorCode (*perturb)(Spectrum *, PetscReal e, Vec v);
  PetscErrorCode (*advance)(Spectrum *, Vec *X);
  PetscErrorCode (*take)(Spectrum *, Vec X, PetscReal c, PetscBool add, Vec w);
  PetscErrorCode (*destroy)(Spectrum *);
  PetscErrorCode (*solve)(Spectrum *);
} SpectrumSubject;
PETSC_INTERN const SpectrumSubject SpectrumGR, SpectrumNS, SpectrumElliptic, SpectrumQNM;

struct _Spectrum {
  const SpectrumSubject *subject;
  void                  *data; /* the subject's */
  const char            *name;
  char                   what[256]; /* "minkowski, bssn on 8 x 8 x 8 cells" */
  PetscInt               size;      /* of this rank's part of a vector */
  PetscInt               which;
  AeRun                  run;
  TS                     ts;
  Vec                    U, Y, F;
  PetscReal              dt, dt_stable, time; /* of the flow's steps; limit from speeds, 0: none; length of the flow */
  PetscReal              difference;          /* largest change of U in a difference quotient */
  PetscReal              h;                   /* dt / h is the -gr_cfl of a cap; 0: no such option */
  PetscInt               degree;
  PetscReal              coefficient[SPECTRUM_STAGES + 1]; /* of the scheme's stability polynomial */
  PetscInt               products;
  PetscReal              gain; /* largest growth by the flow so far */
  Mat                    J;
  EPS                    eps;
};

PETSC_INTERN PetscErrorCode SpectrumDifferences(Spectrum *, Vec v, Vec w);
/* The state evolved over the flow's time, in Y. */
PETSC_INTERN PetscErrorCode SpectrumEvolve(Spectrum *);
/* The stability polynomial of the TS; of another type than rk it is rk4's. */
PETSC_INTERN PetscErrorCode SpectrumPolynomial(Spectrum *);
/* Size of z at which |R| first exceeds 1 along the ray to (re, im); the imaginary axis for what lies to its right. 0 if it does
   so at once. */
PETSC_INTERN PetscReal SpectrumBoundary(const Spectrum *, PetscReal re, PetscReal im);
/* A TS with what all subjects have in common; FromOptions is left to the subject. */
PETSC_INTERN PetscErrorCode SpectrumCreateTS(Spectrum *);
#endif
