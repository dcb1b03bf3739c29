#ifndef AEONIC_SAMPLE_H
#define AEONIC_SAMPLE_H
/*
  Fields at points that are no cell centres: Lagrange interpolation, and quadrature on spheres.
*/
#include <aeonic/field.h>

/*
  AeSample: the plan of an interpolation to a set of points, made once and used for any state on the grid.

  The interpolant is the tensor product of polynomials through q = 2 ... AE_SAMPLE_MAX cells along each axis, the q nearest
  to the point; values are of order q, derivatives of the interpolant of order q - 1 in the grid spacing. Cells beyond
  a symmetry plane or a periodic face are interior cells seen there, with the field's parity; at an outer boundary
  the q cells slide inwards. Only interior cells are read, so ghosts need not be filled and their width does not
  matter. A point on the far side of a symmetry plane is reflected, and its values are those there.

  Every row of a stencil is summed by the rank that owns the row, and the row sums are added by one rank in one
  order: the values are the same bits on any number of ranks.

  AeSampleCreate   - plan for n points x[3*n] (x, y, z of each; the same on all ranks) and up to max_fields fields at a
                     time. Error AE_ERR_USAGE: a point outside the grid (it is named), or fewer than q cells along an
                     axis that is not periodic.
  AeSampleEvaluate - value[f*n + p], f < nf, and unless NULL derivative[(3*f + d)*n + p] along axis d, on all ranks.
                     field: indices of fields of the Vec, made by any AeFields on the plan's grid. No allocation.
                     Collective.
  AeSampleBytes    - what the plan holds on this rank.
*/
#define AE_SAMPLE_MAX 8
typedef struct _p_AeSample *AeSample;
PETSC_EXTERN PetscErrorCode AeSampleCreate(AeGrid, PetscInt q, PetscInt n, const PetscReal x[], PetscInt max_fields, AeSample *);
PETSC_EXTERN PetscErrorCode AeSampleEvaluate(AeSample, Vec, PetscInt nf, const PetscInt field[], PetscReal value[],
                                             PetscReal derivative[]);
PETSC_EXTERN PetscErrorCode AeSampleBytes(AeSample, PetscLogDouble *bytes);
PETSC_EXTERN PetscErrorCode AeSampleDestroy(AeSample *);

/* n >= 2 points from a to b, both included, evenly spaced: x[3*n] */
PETSC_EXTERN void AeSampleLine(const PetscReal a[3], const PetscReal b[3], PetscInt n, PetscReal x[]);

/*
  A quadrature on the unit sphere: Gauss-Legendre in cos(theta) times evenly spaced phi = 2 pi (j + 1/2)/nphi, exact for
  spherical harmonics (of any spin weight) up to degree 2 ntheta - 1 with nphi = 2 ntheta: a client that expands in
  harmonics up to l takes ntheta = l + 1. No node lies on a coordinate plane x = 0 or y = 0 (nphi a multiple of 4), nor,
  with ntheta even, on z = 0; the nodes are symmetric under reflections.

  Point p = i*nphi + j is at theta[i], phi[j]; normal[3*p] is the unit vector; weight[i] is that of each point of ring i,
  sum over all points 4 pi.

  AeSphereCreate    - ntheta >= 1, nphi = 2 ntheta rounded up to a multiple of 4
  AeSpherePoints    - x[3*p] = centre + radius normal
  AeSphereIntegrate - sum of weight f, ring by ring in one order: of the same values the same bits
*/
typedef struct {
  PetscInt   ntheta, nphi, n;
  PetscReal *theta, *phi, *weight, *normal;
} AeSphere;
PETSC_EXTERN PetscErrorCode AeSphereCreate(PetscInt ntheta, AeSphere *);
PETSC_EXTERN PetscErrorCode AeSphereDestroy(AeSphere *);
PETSC_EXTERN void           AeSpherePoints(const AeSphere *, const PetscReal centre[3], PetscReal radius, PetscReal x[]);
PETSC_EXTERN PetscReal      AeSphereIntegrate(const AeSphere *, const PetscReal f[]);
#endif
