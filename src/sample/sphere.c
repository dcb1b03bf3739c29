/*
  Lines, and quadrature on spheres.
*/
#include <aeonic/sample.h>
#include <petscdt.h>

void AeSampleLine(const PetscReal a[3], const PetscReal b[3], PetscInt n, PetscReal x[])
{
  for (PetscInt p = 0; p < n; p++)
    for (int d = 0; d < 3; d++) x[3 * p + d] = p == n - 1 ? b[d] : a[d] + (b[d] - a[d]) * ((PetscReal)p / (PetscReal)(n - 1));
}

PetscErrorCode AeSphereCreate(PetscInt ntheta, AeSphere *S)
{
  PetscReal *mu;

  PetscFunctionBegin;
  S->ntheta = ntheta;
  S->nphi   = (2 * ntheta + 3) / 4 * 4;
  S->n      = S->ntheta * S->nphi;
  PetscCall(PetscMalloc4(ntheta, &S->theta, S->nphi, &S->phi, ntheta, &S->weight, 3 * S->n, &S->normal));
  PetscCall(PetscMalloc1(ntheta, &mu));
  PetscCall(PetscDTGaussQuadrature(ntheta, -1.0, 1.0, mu, S->weight));
  /* mu -> -mu holds to the last bit, so that reflected points are reflections */
  for (PetscInt i = 0; i < ntheta / 2; i++) {
    mu[ntheta - 1 - i]        = -mu[i];
    S->weight[ntheta - 1 - i] = S->weight[i];
  }
  if (ntheta % 2) mu[ntheta / 2] = 0.0;
  for (PetscInt i = 0; i < ntheta; i++) {
    S->theta[i] = PetscAcosReal(mu[i]);
    S->weight[i] *= 2.0 * PETSC_PI / (PetscReal)S->nphi;
  }
  for (PetscInt j = 0; j < S->nphi; j++) S->phi[j] = 2.0 * PETSC_PI * ((PetscReal)j + 0.5) / (PetscReal)S->nphi;
  for (PetscInt i = 0; i < ntheta; i++)
    for (PetscInt j = 0; j < S->nphi; j++) {
      const PetscReal sine = PetscSqrtReal((1.0 - mu[i]) * (1.0 + mu[i]));
      /* the first quadrant's cosines and sines serve all four */
      const PetscInt  quarter = PetscMax(S->nphi / 4, 1), q = j / quarter, m = q % 2 ? quarter - 1 - j % quarter : j % quarter;
      const PetscReal c = PetscCosReal(S->phi[m]), s = PetscSinReal(S->phi[m]);
      PetscReal      *normal = S->normal + 3 * (i * S->nphi + j);

      normal[0] = sine * (q == 0 || q == 3 ? c : -c);
      normal[1] = sine * (q < 2 ? s : -s);
      normal[2] = mu[i];
    }
  PetscCall(PetscFree(mu));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSphereDestroy(AeSphere *S)
{
  PetscFunctionBegin;
  PetscCall(PetscFree4(S->theta, S->phi, S->weight, S->normal));
  S->n = 0;
  PetscFunctionReturn(0);
}

void AeSpherePoints(const AeSphere *S, const PetscReal centre[3], PetscReal radius, PetscReal x[])
{
  for (PetscInt p = 0; p < S->n; p++)
    for (int d = 0; d < 3; d++) x[3 * p + d] = centre[d] + radius * S->normal[3 * p + d];
}

PetscReal AeSphereIntegrate(const AeSphere *S, const PetscReal f[])
{
  PetscReal sum = 0;

  for (PetscInt i = 0; i < S->ntheta; i++) {
    PetscReal ring = 0;

    for (PetscInt j = 0; j < S->nphi; j++) ring += f[i * S->nphi + j];
    sum += S->weight[i] * ring;
  }
  return sum;
}
