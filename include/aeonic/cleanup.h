#ifndef AEONIC_CLEANUP_H
#define AEONIC_CLEANUP_H
/*
  Clean-up: the constraints are solved for on a state as it stands, evolved or perturbed, of any formulation.

     gamma_ij -> psi^4 gamma_ij,  A^ij -> psi^-10 [A^ij + chi^(5/2) (L~W)^ij],  K fixed        chi = det(gamma)^(-1/3)

  with L~ the conformal Killing operator of gt_ij = chi gamma_ij; in conformal variables chi -> psi^-4 chi, At_ij -> psi^-6 [At_ij
  + chi^(3/2) (L~W)_ij], gt fixed. Theta and Z_i are reset, Gamma^i becomes the metric's own. Lapse, shift and matter fields stay.
  [York 1979; the weight chi^(5/2) makes the momentum constraint's operator that of the conformal metric alone.]

  psi and W are found by Newton's method on the constraints H, M_i of AeGRConstraints, differences and all, so that these fall to
  the tolerance and not to truncation error. The Jacobian acts by differences of that residual; GMRES is preconditioned by
  multigrid for -Lap + c and for the vector Laplacian. What is solved, with phi = chi^(-1/4) of the state given and
  v = phi (psi - 1):

     m phi^5 H/8 + (1 - m)(-Lap + c) v = 0,   -m chi^(-3/2) gt^ij M_j - (1 - m) (Lap_L W)^i = 0

  The mask m is 1, and falls smoothly to 0 inside holes (chi below -cleanup_mask_chi of its largest value) and in the cells whose
  differences reach beyond an outer boundary, where v and W obey a Robin condition (1/r).

  A closed box (periodic or mirrored all around): where the mean of H that is left is above the tolerance, a constant added to K
  balances it; where no constant does, psi's mean, if it moves by less than -cleanup_mode; else AE_ERR_FAILED with a message, and
  the state is left as it was.
*/
#include <aeonic/gr.h>

typedef struct _p_AeCleanup *AeCleanup;

typedef struct {
  PetscBool converged;
  PetscInt  newton, linear; /* steps of Newton's method, of GMRES */
  PetscReal H[2], M[2];     /* before, after: root mean square over the cells with m = 1, |M|^2 = gamma^ij M_i M_j */
  PetscReal cells;          /* how many those are */
  PetscReal psi[2];         /* smallest and largest psi */
  PetscReal K_shift;        /* constant added to K */
} AeCleanupResult;

/*
  AeCleanupCreate - reads -cleanup_* (prefix cleanup_ for SNES and KSP, cleanup_h_ and cleanup_m_ for the two preconditioners)
  AeCleanupApply  - on the state U of time t. Stops where the residual's root mean square is below -cleanup_rtol of that which
                    this object met first, or below -cleanup_atol. Not converged: result->converged is false and U is as it was.
*/
PETSC_EXTERN PetscErrorCode AeCleanupCreate(AeGR, AeCleanup *);
PETSC_EXTERN PetscErrorCode AeCleanupApply(AeCleanup, Vec U, PetscReal t, AeCleanupResult *);
/*
  AeCleanupSetRails - the largest root mean square that H and M may have (0: no limit): without a tolerance of the user's a
                      clean-up stops at -cleanup_rails_tol of them
*/
PETSC_EXTERN PetscErrorCode AeCleanupSetRails(AeCleanup, PetscReal H, PetscReal M);
PETSC_EXTERN PetscErrorCode AeCleanupDestroy(AeCleanup *);
#endif
