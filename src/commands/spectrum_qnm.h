#ifndef AEONIC_SPECTRUM_QNM_H
#define AEONIC_SPECTRUM_QNM_H
#include <aeonic/base.h>

/* D[i][j], row after row: the derivative at the points x_i = (1 + cos(pi i/N))/2, i = 0 .. N, of the interpolant. */
PETSC_INTERN void SpectrumChebyshev(PetscInt N, PetscReal x[], PetscReal D[]);
/*
  The mode M omega (Re, Im) of a Schwarzschild hole becomes that of a hole of spin a/M for the azimuthal number m: the field's
  spin is 0, 1
  or 2, N[0]+1 points follow it in steps of a, N[1]+1 at the end; *moved: the difference of the two.
*/
PETSC_INTERN PetscErrorCode SpectrumKerrMode(PetscReal a, PetscInt l, PetscInt m, PetscInt spin, const PetscInt N[2],
                                             PetscReal omega[2], PetscReal *moved);
#endif
