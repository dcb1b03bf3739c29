#ifndef AEONIC_SPATIAL_H
#define AEONIC_SPATIAL_H
/*
  The physical 3-metric and extrinsic curvature in a state of any formulation, and the curvature of spacetime on a slice.
  Whoever needs gamma_ij and K_ij goes through here and knows no formulation.
*/
#include <aeonic/field.h>

/*
  Where they are: in g_xx ... g_zz, K_xx ... K_zz, or in chi (or W), gt_xx ... gt_zz, K or Khat and Theta, At_xx ... At_zz;
  found by the fields' names.
    field[nfields]: what to sample or load, in the order g, K or gt, At, chi, K, Theta
  AeSpatialFind    - PETSC_ERR_ARG_WRONG if the fields are neither
  AeSpatialAtPoint - gamma_ij, K_ij (sym6) and, unless NULL, dg[c][ij] = d_c gamma_ij from the values v[nfields] of those
                     fields at a point and their derivatives dv[3*f + c]
*/
enum { AE_SPATIAL_MAX = 15 };
typedef struct {
  PetscInt  nfields, field[AE_SPATIAL_MAX];
  PetscBool conformal, use_w, theta; /* theta: K = Khat + 2 Theta */
} AeSpatial;
PETSC_EXTERN PetscErrorCode AeSpatialFind(AeFields, AeSpatial *);
PETSC_EXTERN void           AeSpatialAtPoint(const AeSpatial *, const double v[], const double dv[], double g[6], double K[6],
                                             double dg[3][6]);

/*
  Electric and magnetic parts of the Weyl tensor seen by the slice's normal observers, from the metric alone (no evolved
  connection, no lapse or shift):
    E_ij = [R_ij + K K_ij - K_ik K^k_j - 4 pi S_ij]^TF,  B_ij = eps_(i^kl D_|k| K_l|j)
  The trace, which is the Hamiltonian constraint, is taken out. S_ij is that of the scalar field phi where the state has
  one. [Alcubierre, Introduction to 3+1 Numerical Relativity (2008), ch. 8]
  Invariants: E2 = E_ij E^ij, B2 = B_ij B^ij, EB = E_ij B^ij; R4, the Ricci scalar of spacetime, from the matter and Lambda;
  kretschmann = R_abcd R^abcd = 8 (E2 - B2) + 2 R_ab R^ab - R4^2/3, the Ricci terms from matter and Lambda too.

  Densities: what the volume integrals of mass, momentum and angular momentum sum over coordinate volume, from the Hamiltonian
  and momentum constraints [Yo, Baumgarte & Shapiro, gr-qc/0209066; York 1979]:
    M = int m,  P_i = int p_i,  J_i = int (eps_ijk X^j p_k + s_i)
    m   = (1/16 pi) {d_i Gamma~^i - psi R~ + psi^5 [At_ij At^ij - (2/3) K^2 + 16 pi rho]},  psi = det(gamma)^(1/12)
    p_i = det(gamma)^(1/2) [(1/16 pi) (K^jk - gamma^jk K) d_i gamma_jk + S_i],  s_i = (1/8 pi) det(gamma)^(1/2) eps_ijk K^j_k
  with rho, S_i of the scalar field.

  AeCurvatureCreateFields - kretschmann, E2, B2, EB, R4; or E_xx ... E_zz, B_xx ... B_zz; or m, p_x .. p_z, s_x .. s_z
  AeCurvature             - fills the interior of each Vec (NULL: not wanted) by differences of that order; the ghosts
                            of U must be filled. Mass of the scalar field (unused without one), cosmological constant
*/
typedef enum { AE_CURVATURE_INVARIANTS, AE_CURVATURE_TENSORS, AE_CURVATURE_DENSITIES } AeCurvatureKind;
PETSC_EXTERN PetscErrorCode AeCurvatureCreateFields(AeGrid, AeCurvatureKind, AeFields *);
PETSC_EXTERN PetscErrorCode AeCurvature(Vec U, PetscInt order, PetscReal scalar_mass, PetscReal Lambda, Vec invariants,
                                        Vec tensors, Vec densities);
#endif
