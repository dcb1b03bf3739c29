#ifndef AEONIC_BOWEN_YORK_H
#define AEONIC_BOWEN_YORK_H
/*
  Bowen-York punctures: the analytic parts of
    psi = psi_0 + u,  psi_0 = 1 + sum_a m_a/(2 r_a),  Lap u = -s(u),  s(u) = (1/8) Abar_ij Abar^ij (psi_0 + u)^-7,  u -> 0,
  on flat space, with gamma_ij = psi^4 delta_ij, K_ij = psi^-2 Abar_ij, tr K = 0.

  [BY]  Bowen & York, Phys. Rev. D 21 (1980) 2047
  [BB]  Brandt & Bruegmann, gr-qc/9703066
*/
#include <petscsys.h>
#undef I

typedef struct {
  PetscReal m;    /* bare mass, > 0 */
  PetscReal x[3]; /* where it is */
  PetscReal P[3]; /* linear momentum */
  PetscReal S[3]; /* spin */
} AePuncture;

/*
  Pointwise, at x. Distances to a puncture are taken as at least r_min.
    AeBowenYorkA     - Abar_ij in sym6 [BY; BB, Eq. (8)]
    AeBowenYorkPsi0  - psi_0
    AeBowenYorkAA8   - (1/8) Abar_ij Abar^ij
*/
PETSC_EXTERN void   AeBowenYorkA(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal r_min, PetscReal A[6]);
PETSC_EXTERN double AeBowenYorkPsi0(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal r_min);
PETSC_EXTERN double AeBowenYorkAA8(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal r_min);

/* Total linear momentum sum P, and angular momentum about the origin sum (x x P + S) [BB, Eqs. (17), (18)]. */
PETSC_EXTERN void AeBowenYorkMomenta(PetscInt n, const AePuncture p[], PetscReal P[3], PetscReal J[3]);

/*
  A cell-centred cube of side h at x as quadrature points for the mean of s over it: s falls to zero at a puncture as
  r^3 (momentum) or r (spin) with a kink there, so that its value at the centre misses the mean by more than the
  differences' error. The cell is halved towards a puncture that lies in it or next to it; each part has 3^3 Gauss points.
    AeCellPoints   - fills aa8[], psi0[] and weight[] (summing to one), at most AE_CELL_POINTS; returns their number
    AeCellNear     - whether the cell is close enough to a puncture to need it
*/
enum { AE_CELL_POINTS = 27 * 64 };
PETSC_EXTERN PetscBool AeCellNear(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal h);
PETSC_EXTERN PetscInt  AeCellPoints(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal h, PetscReal aa8[],
                                    PetscReal psi0[], PetscReal weight[]);

/*
  The source outside the box lo..hi (which holds the origin of the rays, its centre): with c the coefficient of 1/r in u,
    moment 0: integral of s dV;  moment 1..3: integral of s x_i dV (relative to the centre), over the outside.
  Rays from the centre through Gauss points of the six faces; along a ray s is a power series in 1/distance.
*/
PETSC_EXTERN void AeBowenYorkExterior(PetscInt n, const AePuncture p[], const PetscReal lo[3], const PetscReal hi[3], PetscReal c,
                                      PetscReal moment[4]);

/*
  u without its monopole at a distance, x relative to the centre:
    u = c/r + w(x) + O(r^-3),  w = d.n/r^2 - f_0/(2 r^2) + f_2(n)/(4 r^2),  where s -> (f_0 + f_2(n))/r^4,
    f_0 = (15/16) P^2,  f_2 = (9/8) [(n.P)^2 - P^2/3]   (P the total momentum)
  so that u - w obeys the Robin condition d_r (r (u - w)) = 0 to one order more than u. d is the dipole moment
  (1/4 pi) integral s x dV.
*/
PETSC_EXTERN double AeBowenYorkFar(const PetscReal P[3], const PetscReal d[3], const PetscReal x[3]);
#endif
