/*
  Tables of modes against their formulas, octaves and bins by whole-number arithmetic, the functions phi_j against
  50-digit values.  ranks: 1 2 3
*/
#include "spectral_test.h"
#include <stdio.h>

static const PetscInt Sizes[][3] = {{8, 6, 4}, {9, 5, 7}, {32, 32, 32}, {33, 16, 27}, {20, 1, 3}};

/* Whole half-waves, doubled: 2 L k / pi, and its sign. */
static PetscInt64 Quarter(AeTransform kind, PetscBool is_complex, PetscInt n, PetscInt m)
{
  switch (kind) {
  case AE_DFT:
    return 4 * (2 * m <= n ? m : is_complex ? m - n : n - m);
  case AE_COSINE:
    return 2 * m;
  case AE_SINE:
    return 2 * (m + 1);
  default:
    return 2 * m + 1;
  }
}

static PetscErrorCode TestTables(const PetscInt n[3], const AeTransform kind[3], const PetscReal L[3], const PetscInt64 ratio[3])
{
  AeFFT     f;
  AeModes   M, again;
  PetscReal k_error = 0;
  PetscInt  wrong = 0, octave_wrong = 0;
  char      what[128];

  PetscFunctionBegin;
  PetscCall(AeFFTGet(PETSC_COMM_WORLD, n, kind, &f));
  PetscCall(AeModesGet(f, L, &M));
  PetscCall(AeModesGet(f, L, &again));
  for (int d = 0; d < 3; d++)
    for (PetscInt m = 0; m < f->m[d]; m++) {
      const PetscInt64 q = Quarter(kind[d], f->is_complex, n[d], m), a = q < 0 ? -q : q;
      const PetscReal  k       = 0.5 * PETSC_PI / L[d] * (PetscReal)q;
      const PetscBool  nyquist = (PetscBool)(kind[d] == AE_DFT && 2 * m == n[d]);

      k_error = PetscMax(k_error, PetscAbsReal(M->k[d][m] - (nyquist ? 0 : k)) / PetscMax(PetscAbsReal(k), 1.0));
      k_error = PetscMax(k_error, PetscAbsReal(M->k2[d][m] - k * k) / PetscMax(k * k, 1.0));
      if (M->keep[d][m] != (3 * a < 4 * n[d])) wrong++;                         /* 3 j < n, j = a/4 */
      if (M->bin[d][m] != PetscMin(2, 3 * a / (2 * (PetscInt64)n[d]))) wrong++; /* |k|/k_Nyq = (a/2)/n */
    }
  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      PetscInt   my, mz;
      PetscInt64 qy, qz;

      AeFFTRow(f, a, b, &my, &mz);
      qy = ratio[1] * Quarter(kind[1], f->is_complex, n[1], my);
      qz = ratio[2] * Quarter(kind[2], f->is_complex, n[2], mz);
      for (PetscInt m = 0; m < f->m[0]; m++) {
        const PetscInt64 qx = ratio[0] * Quarter(kind[0], f->is_complex, n[0], m), q2 = qx * qx + qy * qy + qz * qz;
        int              o = AE_OCTAVE_MEAN;

        /* (|k|/k_min)^2 = q2/16, in units where the longest side has ratio 1 */
        for (int p = 0; p < 8; p++)
          if (q2 >= 16 * ((PetscInt64)1 << (2 * p))) o = p;
        if (M->octave[((size_t)a * f->inner + b) * f->m[0] + m] != o) octave_wrong++;
      }
    }
  snprintf(what, sizeof what, "%d x %d x %d, kind %d: wavenumbers (two roundings, squared)", (int)n[0], (int)n[1], (int)n[2],
           (int)kind[0]);
  TapBelow(MaxAll(k_error), 4 * EPS, what);
  TapBelow(SumAll(wrong), 0, "  masks and bins");
  TapBelow(SumAll(octave_wrong), 0, "  octaves");
  TapTrue(again == M, "  made once");
  PetscFunctionReturn(0);
}

static PetscErrorCode TestPhi(void)
{
  FILE  *file;
  char   line[1024], path[PETSC_MAX_PATH_LEN];
  double worst[4] = {0}, z, exact[4];
  int    rows     = 0;

  PetscFunctionBegin;
  snprintf(path, sizeof path, "%s", __FILE__);
  strcpy(strrchr(path, '/'), "/phi.csv");
  PetscCheck((file = fopen(path, "r")), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", path);
  while (fgets(line, sizeof line, file)) {
    PetscReal phi[4];

    if (sscanf(line, "%lf,%lf,%lf,%lf,%lf", &z, &exact[0], &exact[1], &exact[2], &exact[3]) != 5) continue;
    rows++;
    AePhi(z, phi);
    for (int j = 0; j < 4; j++) {
      const double e =
        exact[j] == 0 ? phi[j] : fabs(phi[j] - exact[j]) / PetscMax(exact[j], 0x1p-1022); /* in the subnormal range: absolute */
      worst[j] = e <= worst[j] ? worst[j] : e;
    }
  }
  fclose(file);
  TapAbove(rows, 30, "arguments from 1e-300 to 1e12, both signs, and around the change of formulas");
  /* exp and expm1 are good to 1 ulp; phi_2 adds a subtraction that amplifies by at most 1/0.56, phi_3 by 1/0.21 more, each a
     division */
  TapBelow(worst[0], 2 * EPS, "phi_0");
  TapBelow(worst[1], 3 * EPS, "phi_1");
  TapBelow(worst[2], 4 * EPS, "phi_2");
  TapBelow(worst[3], 6 * EPS, "phi_3");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const AeTransform kinds[][3] = {{AE_DFT, AE_DFT, AE_DFT}, {AE_COSINE, AE_COSINE, AE_COSINE}, {AE_SINE, AE_DFT, AE_COSINE_4}};
  const PetscReal   cube[3] = {1, 1, 1}, twopi[3] = {2 * PETSC_PI, 2 * PETSC_PI, 2 * PETSC_PI}, box[3] = {0.75, 1.5, 0.375};
  const PetscInt64  one[3] = {1, 1, 1}, two[3] = {2, 1, 4};
  int               status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(PetscOptionsSetValue(NULL, "-fft_rigor", "estimate"));
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(Sizes); s++)
    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(kinds); k++) {
      PetscCall(TestTables(Sizes[s], kinds[k], k ? cube : twopi, one));
      PetscCall(TestTables(Sizes[s], kinds[k], box, two));
    }
  PetscCall(TestPhi());
  {
    PetscInt bad = 0;

    for (PetscInt n = 2; n < 200; n++) {
      const PetscInt K = AeDealiasedModes(n), P = AePaddedPoints(K);
      if (!(3 * K < n && 3 * (K + 1) >= n)) bad++; /* the largest K whose double, aliased to 2K - n, is below -K */
      if (!(P > 3 * K)) bad++;
    }
    TapBelow((double)bad, 0, "2/3 and 3/2 rules: 2 K - n < -K");
  }
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
