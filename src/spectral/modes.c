/*
  AeModes: tables of wavenumbers, dealiasing masks, bins and octaves; and the functions phi_j.
*/
#include "spectral_private.h"

static AeModes cache;

PetscErrorCode AeModesDestroyAll(void)
{
  PetscFunctionBegin;
  while (cache) {
    AeModes M = cache;

    cache = M->next;
    for (int d = 0; d < 3; d++) PetscCall(PetscFree4(M->k[d], M->k2[d], M->keep[d], M->bin[d]));
    PetscCall(PetscFree(M->octave));
    PetscCall(PetscFree(M));
  }
  PetscFunctionReturn(0);
}

PetscInt AeDealiasedModes(PetscInt n) { return (n - 1) / 3; }

PetscInt AePaddedPoints(PetscInt K)
{
  for (PetscInt n = PetscMax(3 * K + 1, 2);; n++) {
    PetscInt r = n;

    while (r % 2 == 0) r /= 2;
    while (r % 3 == 0) r /= 3;
    while (r % 5 == 0) r /= 5;
    if (r == 1 && n % 2 == 0) return n;
  }
}

int AeOctave(PetscReal q)
{
  int o = 0;

  q *= 1.0 + 16.0 * PETSC_MACHINE_EPSILON; /* a wavenumber on a boundary belongs above it, whatever rounding did to it */
  if (!(q >= 1.0)) return AE_OCTAVE_MEAN;
  while (o < AE_OCTAVES - 1 && q >= 4.0) q *= 0.25, o++;
  return o;
}

/* The half-waves of mode m, in units of pi / L; signed where sign has a meaning. */
PetscReal AeFFTHalfWaves(AeFFT f, int d, PetscInt m)
{
  switch (f->kind[d]) {
  case AE_DFT:
    if (m <= f->n[d] / 2) return 2.0 * (PetscReal)m;
    return 2.0 * (PetscReal)(f->is_complex ? m - f->n[d] : f->n[d] - m);
  case AE_COSINE:
    return (PetscReal)m;
  case AE_SINE:
    return (PetscReal)m + 1.0;
  default:
    return (PetscReal)m + 0.5;
  }
}

static PetscErrorCode Axis(AeModes M, int d)
{
  const AeFFT    f = M->fft;
  const PetscInt n = f->n[d];

  PetscFunctionBegin;
  PetscCall(PetscMalloc4(f->m[d], &M->k[d], f->m[d], &M->k2[d], f->m[d], &M->keep[d], f->m[d], &M->bin[d]));
  for (PetscInt m = 0; m < f->m[d]; m++) {
    const PetscReal half = AeFFTHalfWaves(f, d, m), a = PetscAbsReal(half), k = PETSC_PI / M->L[d] * half;

    M->k[d][m]    = f->kind[d] == AE_DFT && 2 * m == n ? 0.0 : k;
    M->k2[d][m]   = k * k;
    M->keep[d][m] = (unsigned char)(1.5 * a < (PetscReal)n);                                      /* 3 j < n, j = half / 2 */
    M->bin[d][m]  = (unsigned char)PetscMin(2, (PetscInt)PetscFloorReal(3.0 * a / (PetscReal)n)); /* k / k_Nyq = half / n */
  }
  PetscFunctionReturn(0);
}

/*
  In units of k_min, the wavenumber of the longest side: exact in a cube, so that waves on an octave's edge fall to one side of
  it.
*/
static PetscErrorCode Octaves(AeModes M)
{
  const AeFFT     f    = M->fft;
  const PetscReal most = PetscMax(M->L[0], PetscMax(M->L[1], M->L[2]));
  PetscReal      *q[3];

  PetscFunctionBegin;
  PetscCall(PetscMalloc3(f->m[0], &q[0], f->m[1], &q[1], f->m[2], &q[2]));
  for (int d = 0; d < 3; d++)
    for (PetscInt m = 0; m < f->m[d]; m++) {
      const PetscReal r = 0.5 * AeFFTHalfWaves(f, d, m) * (most / M->L[d]); /* k / k_min, exact in a cube */
      q[d][m]           = r * r;
    }
  PetscCall(PetscMalloc1((size_t)f->mn * f->inner * f->m[0] + 1, &M->octave));
  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      unsigned char *row = M->octave + ((size_t)a * f->inner + b) * f->m[0];
      PetscInt       my, mz;

      AeFFTRow(f, a, b, &my, &mz);
      for (PetscInt m = 0; m < f->m[0]; m++) row[m] = (unsigned char)AeOctave(q[0][m] + q[1][my] + q[2][mz]);
    }
  PetscCall(PetscFree3(q[0], q[1], q[2]));
  PetscFunctionReturn(0);
}

PetscErrorCode AeModesGet(AeFFT f, const PetscReal L[3], AeModes *modes)
{
  AeModes M;

  PetscFunctionBegin;
  for (M = cache; M && (M->fft != f || memcmp(M->L, L, sizeof M->L)); M = M->next) continue;
  *modes = M;
  if (M) PetscFunctionReturn(0);
  PetscCall(PetscNew(&M));
  M->fft = f;
  for (int d = 0; d < 3; d++) M->L[d] = L[d];
  M->k_min = 2.0 * PETSC_PI / PetscMax(L[0], PetscMax(L[1], L[2]));
  for (int d = 0; d < 3; d++) PetscCall(Axis(M, d));
  PetscCall(Octaves(M));
  M->next = cache;
  cache   = M;
  *modes  = M;
  PetscFunctionReturn(0);
}

/*
  phi_3(z) = sum_j z^j / (j+3)! where |z| <= 2: terms fall from 1/6, and at z = -2 the sum is 0.108, so that rounding is
  amplified by less than 4; phi_2 = 1/2 + z phi_3 there. Beyond, the recursion amplifies it by less than that: 1 - phi_1
  and 1/2 - phi_2 are no smaller than 0.56 and 0.21.
*/
void AePhi(PetscReal z, PetscReal phi[4])
{
  phi[0] = PetscExpReal(z);
  phi[1] = z == 0.0 ? 1.0 : expm1(z) / z;
  if (PetscAbsReal(z) <= 2.0) {
    PetscReal s = 0.0;

    for (int j = 24; j >= 0; j--) s = s * z / (PetscReal)(j + 4) + 1.0; /* sum_j z^j 3!/(j+3)! by Horner's rule */
    phi[3] = s / 6.0;
    phi[2] = 0.5 + z * phi[3];
    return;
  }
  phi[2] = (phi[1] - 1.0) / z;
  phi[3] = (phi[2] - 0.5) / z;
}
