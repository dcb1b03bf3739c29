/*
  Where Runge-Kutta schemes are stable: the stability polynomial of a TS and the boundary of its region.
*/
#include "spectrum_app.h"
#include <aeonic/rk4.h>

/* R(z) = 1 + sum_j b^T A^(j-1) 1 z^j [Hairer & Wanner, Solving ODEs II, Eq. (IV.2.9)] */
PetscErrorCode SpectrumPolynomial(Spectrum *a)
{
  PetscInt         s = AE_RK4_STAGES;
  PetscReal        rk4[AE_RK4_STAGES][AE_RK4_STAGES], w[AE_RK4_STAGES];
  const PetscReal *A = rk4[0], *b = w;
  PetscReal        x[SPECTRUM_STAGES], y[SPECTRUM_STAGES];
  PetscBool        rk;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, TSRK, &rk));
  AeRK4Tableau(rk4, w);
  if (rk) PetscCall(TSRKGetTableau(a->ts, &s, &A, &b, NULL, NULL, NULL, NULL, NULL));
  PetscCheck(s <= SPECTRUM_STAGES, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-ts_rk_type: a scheme of %" PetscInt_FMT " stages, more than %d", s, SPECTRUM_STAGES);
  a->degree         = s;
  a->coefficient[0] = 1.0;
  for (PetscInt i = 0; i < s; i++) x[i] = 1.0;
  for (PetscInt j = 1; j <= s; j++) {
    a->coefficient[j] = 0;
    for (PetscInt i = 0; i < s; i++) {
      a->coefficient[j] += b[i] * x[i];
      y[i] = 0;
      for (PetscInt k = 0; k < s; k++) y[i] += A[i * s + k] * x[k];
    }
    PetscCall(PetscArraycpy(x, y, s));
  }
  PetscFunctionReturn(0);
}

/* |R(r e^(i phi))|^2 */
static PetscReal Amplification(const Spectrum *a, PetscReal r, PetscReal phi)
{
  const PetscReal x = r * PetscCosReal(phi), y = r * PetscSinReal(phi);
  PetscReal       re = 0, im = 0;

  for (PetscInt j = a->degree; j >= 0; j--) {
    const PetscReal t = re * x - im * y + a->coefficient[j];

    im = re * y + im * x;
    re = t;
  }
  return re * re + im * im;
}

PetscReal SpectrumBoundary(const Spectrum *a, PetscReal re, PetscReal im)
{
  const PetscReal phi = PetscAtan2Real(PetscAbsReal(im), PetscMin(re, 0.0)), step = 1e-2, slack = 1.0 + 1e-12;
  PetscReal       lo = 0, hi = step;

  while (hi < 100 && Amplification(a, hi, phi) <= slack) lo = hi, hi += step;
  for (int i = 0; i < 50; i++) {
    const PetscReal r = 0.5 * (lo + hi);

    if (Amplification(a, r, phi) <= slack) lo = r;
    else hi = r;
  }
  return lo;
}
