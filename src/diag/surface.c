/*
  Mass, momentum and angular momentum as integrals over spheres.
*/
#include <aeonic/diag.h>

#define POINTS 7 /* of the interpolation, an axis */

struct _p_AeSurface {
  AeSpatial  s;
  AeSphere   sphere;
  PetscInt   n; /* spheres */
  PetscReal *radius, centre[3];
  AeSample   sample; /* the points of all spheres */
  PetscReal *v, *dv; /* sampled fields and derivatives */
  PetscReal *f[7];   /* integrands on one sphere: mass, momenta, angular momenta */
};

PetscBool AeSurfaceFits(AeGrid g, const PetscReal centre[3], PetscReal radius, char reason[], size_t length)
{
  if (!(radius >= 2.0 * g->h)) {
    (void)snprintf(reason, length, "a sphere of radius %g is smaller than two cells of %g", (double)radius, (double)g->h);
    return PETSC_FALSE;
  }
  for (int d = 0; d < 3; d++) {
    const PetscReal lo = g->bc[d][0] == AE_BC_REFLECTING ? 2.0 * g->lo[d] - g->hi[d] : g->lo[d],
                    hi = g->bc[d][1] == AE_BC_REFLECTING ? 2.0 * g->hi[d] - g->lo[d] : g->hi[d];

    if (centre[d] - radius >= lo && centre[d] + radius <= hi) continue;
    (void)snprintf(reason, length, "a sphere of radius %g about (%g,%g,%g) leaves the grid, which spans [%g,%g] along %c",
                   (double)radius, (double)centre[0], (double)centre[1], (double)centre[2], (double)lo, (double)hi, 'x' + d);
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

PetscErrorCode AeSurfaceCreate(AeFields F, const PetscReal centre[3], PetscInt n, const PetscReal radius[], PetscInt ntheta,
                               AeSurface *surface)
{
  AeSurface  A;
  AeGrid     grid;
  PetscReal *x;
  char       reason[256];

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(F, &grid, NULL, NULL));
  for (PetscInt m = 0; m < n; m++)
    PetscCheck(AeSurfaceFits(grid, centre, radius[m], reason, sizeof reason), grid->comm, AE_ERR_USAGE, "-diag_radii: %s",
               reason);
  PetscCall(PetscNew(&A));
  PetscCall(AeSpatialFind(F, &A->s));
  PetscCall(AeSphereCreate(ntheta, &A->sphere));
  A->n = n;
  PetscCall(PetscArraycpy(A->centre, centre, 3));
  PetscCall(PetscMalloc4(n, &A->radius, A->s.nfields * n * A->sphere.n, &A->v, 3 * A->s.nfields * n * A->sphere.n, &A->dv,
                         7 * A->sphere.n, &A->f[0]));
  PetscCall(PetscArraycpy(A->radius, radius, n));
  for (int m = 1; m < 7; m++) A->f[m] = A->f[0] + m * A->sphere.n;
  PetscCall(PetscMalloc1(3 * n * A->sphere.n, &x));
  for (PetscInt m = 0; m < n; m++) AeSpherePoints(&A->sphere, centre, radius[m], x + 3 * m * A->sphere.n);
  PetscCall(AeSampleCreate(grid, POINTS, n * A->sphere.n, x, A->s.nfields, &A->sample));
  PetscCall(PetscFree(x));
  *surface = A;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSurfaceDestroy(AeSurface *A)
{
  PetscFunctionBegin;
  if (!*A) PetscFunctionReturn(0);
  PetscCall(AeSampleDestroy(&(*A)->sample));
  PetscCall(AeSphereDestroy(&(*A)->sphere));
  PetscCall(PetscFree4((*A)->radius, (*A)->v, (*A)->dv, (*A)->f[0]));
  PetscCall(PetscFree(*A));
  PetscFunctionReturn(0);
}

/*
  (Gamma~^i - 8 gt^ij d_j psi) n_i from gamma_ij and its derivatives:
    d_k psi = (psi/12) gamma^ab d_k gamma_ab,
    d_k gt^ij = psi^4 [(4/psi) d_k psi gamma^ij - gamma^ia gamma^jb d_k gamma_ab]
*/
static double MassIntegrand(const double gu[6], double det, const double dg[3][6], const PetscReal n[3])
{
  const double psi = pow(det, 1.0 / 12.0), psi4 = psi * psi * psi * psi;
  double       dpsi[3], sum                     = 0;

  for (int k = 0; k < 3; k++) {
    double tr = 0;
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) tr += gu[AE_SYM(a, b)] * dg[k][AE_SYM(a, b)];
    dpsi[k] = psi * tr / 12.0;
  }
  for (int i = 0; i < 3; i++) {
    double Gam = 0, grad = 0;

    for (int j = 0; j < 3; j++) {
      double y = 0;
      for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) y += gu[AE_SYM(i, a)] * gu[AE_SYM(j, b)] * dg[j][AE_SYM(a, b)];
      Gam += psi4 * (y - 4.0 / psi * dpsi[j] * gu[AE_SYM(i, j)]);
      grad += psi4 * gu[AE_SYM(i, j)] * dpsi[j];
    }
    sum += (Gam - 8.0 * grad) * n[i];
  }
  return sum;
}

/* det^(1/2) (K^j_i - delta^j_i K) n_j */
static void MomentumIntegrand(const double gu[6], double det, const double K[6], const PetscReal n[3], double p[3])
{
  const double root = sqrt(det);
  double       trK  = 0;

  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) trK += gu[AE_SYM(a, b)] * K[AE_SYM(a, b)];
  for (int i = 0; i < 3; i++) {
    p[i] = -trK * n[i];
    for (int j = 0; j < 3; j++)
      for (int a = 0; a < 3; a++) p[i] += gu[AE_SYM(j, a)] * K[AE_SYM(a, i)] * n[j];
    p[i] *= root;
  }
}

PetscErrorCode AeSurfaceCharges(AeSurface A, Vec U, AeCharges q[])
{
  const PetscInt total = A->n * A->sphere.n, nf = A->s.nfields;

  PetscFunctionBegin;
  PetscCall(AeSampleEvaluate(A->sample, U, nf, A->s.field, A->v, A->dv));
  for (PetscInt m = 0; m < A->n; m++) {
    const double r = A->radius[m], area = r * r;

    for (PetscInt p = 0; p < A->sphere.n; p++) {
      const PetscReal *n  = A->sphere.normal + 3 * p;
      const PetscInt   at = m * A->sphere.n + p;
      double           v[AE_SPATIAL_MAX], dv[3 * AE_SPATIAL_MAX], g[6], gu[6], K[6], dg[3][6], mom[3], det;

      for (PetscInt f = 0; f < nf; f++) {
        v[f] = A->v[f * total + at];
        for (int d = 0; d < 3; d++) dv[3 * f + d] = A->dv[(3 * f + d) * total + at];
      }
      AeSpatialAtPoint(&A->s, v, dv, g, K, dg);
      det        = AeSymInverse(g, gu);
      A->f[0][p] = MassIntegrand(gu, det, dg, n);
      MomentumIntegrand(gu, det, K, n, mom);
      for (int i = 0; i < 3; i++) {
        A->f[1 + i][p] = mom[i];
        A->f[4 + i][p] = r * (n[(i + 1) % 3] * mom[(i + 2) % 3] - n[(i + 2) % 3] * mom[(i + 1) % 3]);
      }
    }
    q[m].mass = area * AeSphereIntegrate(&A->sphere, A->f[0]) / (16.0 * PETSC_PI);
    for (int i = 0; i < 3; i++) {
      q[m].momentum[i] = area * AeSphereIntegrate(&A->sphere, A->f[1 + i]) / (8.0 * PETSC_PI);
      q[m].angular[i]  = area * AeSphereIntegrate(&A->sphere, A->f[4 + i]) / (8.0 * PETSC_PI);
    }
  }
  PetscFunctionReturn(0);
}
