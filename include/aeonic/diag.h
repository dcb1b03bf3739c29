#ifndef AEONIC_DIAG_H
#define AEONIC_DIAG_H
/*
  Diagnostics of a spacetime: mass and momenta on spheres, norms of the constraints with parts of the grid left out, and
  AeDiag, which does both at its cadence for a run.
*/
#include <aeonic/gr.h>
#include <aeonic/io.h>
#include <aeonic/sample.h>
#include <aeonic/spatial.h>
#include <aeonic/sym.h>

/*
  The ADM integrals on coordinate spheres, from gamma_ij and K_ij of a state of any formulation. n is the flat normal, dS =
  n r^2 dOmega, psi = det(gamma)^(1/12), gt_ij = psi^-4 gamma_ij, X about the sphere's centre:
    M   = (1/16 pi) oint (Gamma~^i - 8 gt^ij d_j psi) dS_i            Gamma~^i = -d_j gt^ij
    P_i = (1/8 pi)  oint det(gamma)^(1/2) (K^j_i - delta^j_i K) dS_j
    J_i = (1/8 pi)  oint det(gamma)^(1/2) (K^j_l - delta^j_l K) eps_ik^l X^k dS_j
  [Arnowitt, Deser & Misner 1962, arXiv:gr-qc/0405109; York 1979; the form of M: Yo, Baumgarte & Shapiro, gr-qc/0209066].
  They are those of the whole spacetime as r grows; at finite r this M is already exact for conformally flat data whose
  psi is harmonic outside (Schwarzschild in isotropic coordinates, Brill-Lindquist), otherwise it is off by M^2/r
  or less; P and J are exact for Bowen-York curvature, J_i also where rotation about axis i is a symmetry.

  Values and derivatives are those of an interpolant through 7 points an axis (sample.h): the metric's derivatives are of order 6,
  so the order is that of the evolved state up to 6. Bits do not depend on ranks.

  AeSurfaceCreate  - n spheres about a centre; ntheta rings each (sphere.h's quadrature). AE_ERR_USAGE if one does not
                     fit the grid: see AeSurfaceFits
  AeSurfaceFits    - whether the sphere lies inside the domain and its mirror images; else a reason
  AeSurfaceCharges - q[n]. No ghosts needed, no allocation. Collective.
*/
typedef struct {
  PetscReal mass, momentum[3], angular[3];
} AeCharges;
typedef struct _p_AeSurface *AeSurface;
PETSC_EXTERN PetscErrorCode  AeSurfaceCreate(AeFields, const PetscReal centre[3], PetscInt n, const PetscReal radius[],
                                             PetscInt ntheta, AeSurface *);
PETSC_EXTERN PetscBool       AeSurfaceFits(AeGrid, const PetscReal centre[3], PetscReal radius, char reason[], size_t length);
PETSC_EXTERN PetscErrorCode  AeSurfaceCharges(AeSurface, Vec U, AeCharges q[]);
PETSC_EXTERN PetscErrorCode  AeSurfaceDestroy(AeSurface *);

/*
  The same by volume, over the whole grid and its images under its symmetry, from the densities of AeCurvature. Meaningful for
  data that are regular everywhere (no punctures) and all of whose sources are in the grid; then the sum is that of the
  surface at infinity up to what the constraints are violated by, and its error is that of the differences and of the
  midpoint rule, which is beyond all orders for densities that vanish at the boundary.
*/
PETSC_EXTERN PetscErrorCode AeVolumeCharges(Vec densities, const PetscReal centre[3], AeCharges *);

/*
  Norms of the constraints over the cells that are not left out: those closer than `radius` to one of the centres (or
  to its image under a symmetry), and those closer than `shell` to an outer face (one that is neither periodic nor a symmetry
  plane). l1 and l2 are means over the cells counted: sum |f|/N, sqrt(sum f^2/N). |M|^2 = gamma^ij M_i M_j. Sums are exact.
  C holds H, M_x, M_y, M_z first (AeGRConstraints).
*/
enum { AE_EXCLUDE_MAX = 16 };
typedef struct {
  PetscInt  n;
  PetscReal centre[AE_EXCLUDE_MAX][3], radius, shell;
} AeExclude;
typedef struct {
  PetscInt64 cells;
  PetscReal  H[3], M[3]; /* l1, l2, linf; NaN where no cell is counted */
} AeNorms;
PETSC_EXTERN PetscErrorCode AeExcludeCount(AeGrid, const AeExclude *, PetscInt64 *cells); /* cells that are left */
PETSC_EXTERN PetscErrorCode AeConstraintNorms(Vec U, Vec C, const AeExclude *, AeNorms *);

/*
  AeDiagCreate  - reads -diag_* and -norm_*; makes the surfaces. Without -diag_radii there is one sphere at 0.8 of the distance
                  to the nearest outer face, if no axis is periodic and the datum's centre is in the grid; else none.
  AeDiagEvery   - steps between computations, for the clock service; 0 where there is nothing to compute
  AeDiagWrite   - computes (once for an iteration), with -diag_volume by volume too (M_adm_volume ..), and adds to the series
                  M_adm, P_adm_x.., J_adm_x.. (the largest sphere; of several also M_adm[0].. in the order of the radii) and
                  H_masked, M_masked (norm1, norm2, maximum)
  AeDiagSummary - gr.adm_mass, gr.adm_P_x.., gr.adm_J_x.., gr.adm_radius of the largest sphere, gr.adm_volume_mass ..;
                  constraint.H.l1 .., of the state computed last
  AeDiagView    - what is computed, in a line or two
*/
typedef struct _p_AeDiag   *AeDiag;
PETSC_EXTERN PetscErrorCode AeDiagCreate(AeGR, AeDiag *);
PETSC_EXTERN PetscInt       AeDiagEvery(AeDiag);
PETSC_EXTERN PetscErrorCode AeDiagWrite(AeDiag, Vec U, AeSeries, PetscInt it, PetscReal t);
PETSC_EXTERN PetscErrorCode AeDiagSummary(AeDiag, AeRun);
PETSC_EXTERN PetscErrorCode AeDiagView(AeDiag, PetscViewer);
PETSC_EXTERN PetscErrorCode AeDiagDestroy(AeDiag *);
#endif
