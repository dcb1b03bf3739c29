/*
  Quasinormal modes of Schwarzschild's spacetime as eigenvalues. On slices that reach from the horizon (sigma = 2M/r = 1) to
  future null
  infinity (sigma = 0) the conditions of waves that go into the hole and out to infinity are those of regularity:

    t = 4M (tau - h(sigma)),  h = (1/2) [ln sigma + ln(1 - sigma) - 1/sigma]
    d_tau phi = psi
    d_tau psi = (1/w) [d_sigma(p d_sigma phi) - q phi] + (1/w) [2 gamma d_sigma psi + (d_sigma gamma) psi]
    w = 2 (1 + sigma),  p = 2 sigma^2 (1 - sigma),  q = 2 [l (l+1) + (1 - s^2) sigma],  gamma = 1 - 2 sigma^2

  [Jaramillo, Panosso Macedo & Al Sheikh, Phys. Rev. X 11, 031003 (2021), Eqs. (12)-(15) and (43)-(48); slices of Ansorg &
  Panosso Macedo,
  Phys. Rev. D 93, 124016 (2016)] for Regge and Wheeler's potential of a field of spin s. An eigenvalue x is a mode e^{x tau}: M
  omega = i x/4.

  By collocation at Chebyshev's points, dense. Eigenvalues on the negative real axis are points of the continuum; of the others
  those are
  modes that do not move when there are a quarter more points, where they are given. A hole that spins: spectrum_kerr.c goes on
  from them.
*/
#include "spectrum_app.h"
#include "spectrum_qnm.h"
#include <petscblaslapack.h>

typedef struct {
  PetscInt  l, m, spin, points, modes;
  PetscReal a, tolerance;
} Data;

/* Trefethen, Spectral Methods in Matlab (2000), chapter 6; rows sum to 0 */
void SpectrumChebyshev(PetscInt N, PetscReal x[], PetscReal D[])
{
  for (PetscInt i = 0; i <= N; i++) x[i] = PetscSqr(PetscCosReal(0.5 * PETSC_PI * (PetscReal)i / (PetscReal)N));
  for (PetscInt i = 0; i <= N; i++) {
    PetscReal sum = 0;

    for (PetscInt j = 0; j <= N; j++) {
      /* x_i - x_j = sin((i+j) pi/2N) sin((j-i) pi/2N), without cancellation */
      const PetscReal c   = (i % N ? 1.0 : 2.0) / (j % N ? 1.0 : 2.0) * ((i + j) % 2 ? -1.0 : 1.0),
                      gap = PetscSinReal(0.5 * PETSC_PI * (PetscReal)(i + j) / (PetscReal)N) *
                            PetscSinReal(0.5 * PETSC_PI * (PetscReal)(j - i) / (PetscReal)N);

      if (i != j) sum += D[i * (N + 1) + j] = c / gap;
    }
    D[i * (N + 1) + i] = -sum;
  }
}

/* All eigenvalues: 2 (N+1) of them in re, im */
static PetscErrorCode Eigenvalues(const Data *a, PetscInt N, PetscReal re[], PetscReal im[])
{
  const PetscInt m = N + 1, n = 2 * m;
  PetscReal     *x, *D, *L, *work;
  PetscBLASInt   bn, one = 1, lwork, info;

  PetscFunctionBegin;
  PetscCall(PetscBLASIntCast(n, &bn));
  lwork = 8 * bn;
  PetscCall(PetscMalloc4(m, &x, (size_t)m * m, &D, (size_t)n * n, &L, lwork, &work));
  PetscCall(PetscArrayzero(L, (size_t)n * n));
  SpectrumChebyshev(N, x, D);
#define AT(i, j) L[(size_t)(j)*n + (i)]
  for (PetscInt i = 0; i < m; i++) {
    const PetscReal s = x[i], w = 2 * (1 + s), p = 2 * s * s * (1 - s), dp = 4 * s - 6 * s * s,
                    q = 2 * ((PetscReal)(a->l * (a->l + 1)) + (PetscReal)(1 - a->spin * a->spin) * s), gamma = 1 - 2 * s * s,
                    dgamma = -4 * s;

    AT(i, m + i) = 1.0;
    for (PetscInt j = 0; j < m; j++) {
      PetscReal DD = 0;

      for (PetscInt k = 0; k < m; k++) DD += D[i * m + k] * D[k * m + j];
      AT(m + i, j) += (p * DD + dp * D[i * m + j]) / w;
      AT(m + i, m + j) += 2 * gamma * D[i * m + j] / w;
    }
    AT(m + i, i) -= q / w;
    AT(m + i, m + i) += dgamma / w;
  }
#undef AT
  PetscCallBLAS("LAPACKgeev", LAPACKgeev_("N", "N", &bn, L, &bn, re, im, NULL, &one, NULL, &one, work, &lwork, &info));
  PetscCheck(!info, PETSC_COMM_SELF, AE_ERR_FAILED, "LAPACK found no eigenvalues (dgeev returned %d)", (int)info);
  PetscCall(PetscFree4(x, D, L, work));
  PetscFunctionReturn(0);
}

/* m follows l until it is given; where the hole does not spin it plays no role. */
static PetscErrorCode Create(Spectrum *a)
{
  Data *D;

  PetscFunctionBegin;
  PetscCall(PetscNew(&D));
  a->data = D;
  a->name = "qnm";
  *D      = (Data){.l = 2, .spin = 2, .points = 48, .modes = 1, .tolerance = 1e-9};
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Quasinormal modes of black holes", "aeonic spectrum");
  PetscCall(AeOptInt("-qnm_l", "l of the spherical harmonic", "1", "", 0, 100, &D->l, NULL));
  D->m = D->l;
  PetscCall(AeOptReal("-qnm_a", "angular momentum a/M of the hole", "1", "Teukolsky, Astrophys. J. 185, 635 (1973)", 0, 0.99,
                      &D->a, NULL));
  PetscCall(AeOptInt("-qnm_m", "azimuthal number, where the hole spins; below 0: waves that go round against it; l without it",
                     "1", "", -100, 100, &D->m, NULL));
  PetscCall(AeOptInt("-qnm_spin", "spin of the field: 0 scalar, 1 electromagnetic, 2 gravitational", "1",
                     "Regge & Wheeler, Phys. Rev. 108, 1063 (1957)", 0, 2, &D->spin, NULL));
  if (D->a > 0) D->points = 32, D->tolerance = 1e-8; /* Teukolsky's equation rounds more */
  PetscCall(AeOptInt("-qnm_points", "Chebyshev points between infinity and horizon", "1", "", 8, 1000, &D->points, NULL));
  PetscCall(AeOptInt("-qnm_modes", "modes to be found, the least damped first", "1", "", 1, 100, &D->modes, NULL));
  PetscCall(AeOptPositive("-qnm_tol", "largest |M omega| by which a mode may move with a quarter more points", "1", "",
                          &D->tolerance, NULL));
  PetscOptionsEnd();
  PetscCheck(D->l >= D->spin, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-qnm_l %" PetscInt_FMT ": a field of -qnm_spin %" PetscInt_FMT " has l >= %" PetscInt_FMT, D->l, D->spin, D->spin);
  PetscCheck(PetscAbsInt(D->m) <= D->l, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-qnm_m %" PetscInt_FMT ": it lies between -l and l, which is %" PetscInt_FMT " (-qnm_l)", D->m, D->l);
  PetscFunctionReturn(0);
}

typedef struct {
  PetscReal re, im, moved;
} Mode;

static int LessDamped(const void *p, const void *q)
{
  const PetscReal a = ((const Mode *)p)->im, b = ((const Mode *)q)->im;
  return (a < b) - (a > b);
}

static PetscInt More(PetscInt points) { return points - 1 + (points + 3) / 4; }

/* Eigenvalues off the real axis that more points leave where they are, as M omega with Re > 0; sorted by damping. */
static PetscErrorCode Modes(const Data *D, PetscInt points, PetscReal tolerance, Mode mode[], PetscInt *count)
{
  const PetscInt N[2] = {points - 1, More(points)}, n[2] = {2 * (N[0] + 1), 2 * (N[1] + 1)};
  PetscReal     *re[2], *im[2];

  PetscFunctionBegin;
  for (int g = 0; g < 2; g++) {
    PetscCall(PetscMalloc2(n[g], &re[g], n[g], &im[g]));
    PetscCall(Eigenvalues(D, N[g], re[g], im[g]));
  }
  *count = 0;
  for (PetscInt i = 0; i < n[1]; i++) {
    PetscReal moved = PETSC_MAX_REAL;

    if (!(im[1][i] > 0) || !(re[1][i] < 0)) continue;
    for (PetscInt j = 0; j < n[0]; j++) moved = PetscMin(moved, 0.25 * hypot(re[0][j] - re[1][i], im[0][j] - im[1][i]));
    if (moved <= tolerance) mode[(*count)++] = (Mode){0.25 * im[1][i], 0.25 * re[1][i], moved};
  }
  qsort(mode, (size_t)*count, sizeof *mode, LessDamped);
  for (int g = 0; g < 2; g++) PetscCall(PetscFree2(re[g], im[g]));
  PetscFunctionReturn(0);
}

/* Those of a hole that spins, from the others: the first -qnm_modes of them. */
static PetscErrorCode Spinning(const Data *D, Mode mode[], PetscInt *count)
{
  const PetscInt N[2] = {D->points - 1, More(D->points)};
  PetscInt       n, kept = 0;

  PetscFunctionBegin;
  PetscCall(Modes(D, PetscMax(D->points, 48), PetscMax(D->tolerance, 1e-6), mode, &n)); /* to begin with */
  for (PetscInt i = 0; i < PetscMin(n, D->modes); i++) {
    PetscReal omega[2] = {mode[i].re, mode[i].im}, moved;

    PetscCall(SpectrumKerrMode(D->a, D->l, D->m, D->spin, N, omega, &moved));
    if (moved <= D->tolerance) mode[kept++] = (Mode){omega[0], omega[1], moved};
  }
  qsort(mode, (size_t)kept, sizeof *mode, LessDamped);
  *count = kept;
  PetscFunctionReturn(0);
}

/* Fewer modes that stay than were asked for is a failure, after those that do have been printed. */
static PetscErrorCode Solve(Spectrum *a)
{
  const Data *D = a->data;
  Mode       *mode;
  PetscInt    n;
  char        hole[96] = "Schwarzschild";

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(4 * PetscMax(D->points, 48), &mode));
  if (D->a > 0) {
    PetscCall(Spinning(D, mode, &n));
    PetscCall(PetscSNPrintf(hole, sizeof hole, "Kerr, a = %.6g, m = %" PetscInt_FMT, (double)D->a, D->m));
  } else PetscCall(Modes(D, D->points, D->tolerance, mode, &n));
  PetscCall(AeRunSetInt(a->run, "spectrum.converged", n));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "quasinormal modes of %s, spin %" PetscInt_FMT ", l = %" PetscInt_FMT ", %" PetscInt_FMT
                        " points: %" PetscInt_FMT " stay where they are\n",
                        hole, D->spin, D->l, D->points, n));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, " n        Re M omega        Im M omega     moved by\n"));
  for (PetscInt i = 0; i < PetscMin(n, D->modes); i++) {
    char key[64];

    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%2" PetscInt_FMT " %17.14f %17.14f     %8.1e\n", i, (double)mode[i].re,
                          (double)mode[i].im, (double)mode[i].moved));
    PetscCall(PetscSNPrintf(key, sizeof key, "spectrum.qnm.%" PetscInt_FMT ".re", i));
    PetscCall(AeRunSetReal(a->run, key, mode[i].re));
    PetscCall(PetscSNPrintf(key, sizeof key, "spectrum.qnm.%" PetscInt_FMT ".im", i));
    PetscCall(AeRunSetReal(a->run, key, mode[i].im));
    PetscCall(PetscSNPrintf(key, sizeof key, "spectrum.qnm.%" PetscInt_FMT ".moved", i));
    PetscCall(AeRunSetReal(a->run, key, mode[i].moved));
  }
  PetscCall(PetscFree(mode));
  PetscCheck(n >= D->modes, PETSC_COMM_WORLD, AE_ERR_FAILED,
             "%" PetscInt_FMT " of %" PetscInt_FMT " modes stay within -qnm_tol %g: other -qnm_points, or fewer -qnm_modes", n,
             D->modes, (double)D->tolerance);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Spectrum *a)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(a->data));
  PetscFunctionReturn(0);
}

const SpectrumSubject SpectrumQNM = {
  .name = "qnm", .operators = {"quasinormal modes", NULL}, .create = Create, .solve = Solve, .destroy = Destroy};
