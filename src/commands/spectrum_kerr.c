/*
  Quasinormal modes of Kerr's spacetime, M = 1. With R = e^{i w r} (r - r_+)^e (r - r_-)^p f, e = -s - i (2 r_+ w - a m)/d, p =
  -1 - 2s + 2 i w - e,
  d = r_+ - r_-, Teukolsky's radial equation [Astrophys. J. 185, 635 (1973), Eq. (4.9)] is regular where waves go into the hole
  and out to
  infinity and nowhere else, as on slices from the horizon to future null infinity. In z = r_+/r, with E = (1 - z)(1 - (r_-/r_+)
  z), Y = 1/(r - r_-):

    z^2 E f'' + [2 z E + 2 s z + (2 z^2/r_+)(1 - s - r_+ - i a m) + w (-2 i r_+ E - 4 i z + 8 i z^2)] f' + (C0 + w C1 + w^2 C2) f
    = 0
    C0 = -A - Y [d (1 + s) + 2 i a m],  C1 = -i (4 s + 4 - 2 r_+) - 2 a m + Y [-8 a m + 4 i s d + 4 i (d + r_+)],  C2 = 8 r_+ -
    a^2 + 16 r_+ Y

  C2 > 0: an eigenvalue problem for w in (f, w f), by collocation, while A is known. A(a w) is an eigenvalue of the angular
  equation
  [Eq. (4.10)] in the basis of spin-weighted spherical harmonics, where cos(theta) has three diagonals. The two take turns, while
  a grows from 0, where the mode is Schwarzschild's.
*/
#include "spectrum_app.h"
#include "spectrum_qnm.h"

typedef double complex Complex;

#define IM _Complex_I

extern void zgeev_(const char *, const char *, const int *n, Complex *A, const int *lda, Complex *w, Complex *, const int *,
                   Complex *, const int *, Complex *work, const int *lwork, double *rwork, int *info);

enum { ANGULAR = 24 }; /* harmonics: terms fall like (a w)^k/k! */

typedef struct {
  PetscReal  a, r_plus, r_minus, d;
  PetscInt   l, m, s, N; /* N+1 points */
  PetscReal *z, *D, *rwork;
  Complex   *L, *value, *work;
} Kerr;

/* Of the eigenvalues of the n x n matrix L, which is lost, the one next to *x. */
static PetscErrorCode Nearest(Kerr *k, int n, Complex *x)
{
  const int one = 1, lwork = 8 * n;
  int       info;
  Complex   was = *x;

  PetscFunctionBegin;
  zgeev_("N", "N", &n, k->L, &n, k->value, NULL, &one, NULL, &one, k->work, &lwork, k->rwork, &info);
  PetscCheck(!info, PETSC_COMM_SELF, AE_ERR_FAILED, "LAPACK found no eigenvalues (zgeev returned %d)", info);
  *x = k->value[0];
  for (int i = 1; i < n; i++)
    if (cabs(k->value[i] - was) < cabs(*x - was)) *x = k->value[i];
  PetscFunctionReturn(0);
}

/* <l+1| cos(theta) |l> and <l| cos(theta) |l> */
static PetscReal CosUp(const Kerr *k, PetscInt l)
{
  const PetscReal q = (PetscReal)(l + 1) * (PetscReal)(l + 1), m2 = (PetscReal)(k->m * k->m), s2 = (PetscReal)(k->s * k->s);
  return PetscSqrtReal((q - m2) * (q - s2) / (q * (PetscReal)((2 * l + 1) * (2 * l + 3))));
}
static PetscReal CosDiagonal(const Kerr *k, PetscInt l) { return l ? -(PetscReal)(k->m * k->s) / (PetscReal)(l * (l + 1)) : 0.0; }

/* *A becomes the eigenvalue next to it: A S = [l(l+1) - s(s+1) - c^2 cos^2 + 2 c s cos] S, c = a w. */
static PetscErrorCode Angular(Kerr *k, Complex omega, Complex *A)
{
  const Complex  c  = k->a * omega;
  const PetscInt l0 = PetscMax(PetscAbsInt(k->m), PetscAbsInt(k->s));

  PetscFunctionBegin;
  PetscCall(PetscArrayzero(k->L, ANGULAR * ANGULAR));
#define AT(i, j) k->L[(j)*ANGULAR + (i)]
  for (PetscInt i = 0; i < ANGULAR; i++) {
    const PetscInt  l    = l0 + i;
    const PetscReal diag = CosDiagonal(k, l), up = CosUp(k, l), down = i ? CosUp(k, l - 1) : 0.0;

    AT(i, i) = (PetscReal)(l * (l + 1) - k->s * (k->s + 1)) - c * c * (diag * diag + up * up + down * down) +
               2.0 * c * (PetscReal)k->s * diag;
    if (i + 1 < ANGULAR)
      AT(i, i + 1) = AT(i + 1, i) = -c * c * up * (diag + CosDiagonal(k, l + 1)) + 2.0 * c * (PetscReal)k->s * up;
    if (i + 2 < ANGULAR) AT(i, i + 2) = AT(i + 2, i) = -c * c * up * CosUp(k, l + 1);
  }
#undef AT
  PetscCall(Nearest(k, ANGULAR, A));
  PetscFunctionReturn(0);
}

/* *omega becomes the radial eigenvalue next to it. */
static PetscErrorCode Radial(Kerr *k, Complex A, Complex *omega)
{
  const PetscInt  n = k->N + 1;
  const PetscReal s = (PetscReal)k->s, a = k->a, am = a * (PetscReal)k->m, rp = k->r_plus, d = k->d;

  PetscFunctionBegin;
  PetscCall(PetscArrayzero(k->L, 4 * n * n));
#define AT(i, j) k->L[(j)*2 * n + (i)]
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal z = k->z[i], E = (1 - z) * (1 - k->r_minus / rp * z), Y = z / (rp - k->r_minus * z),
                    C2 = 8 * rp - a * a + 16 * rp * Y;
    const Complex C0   = -A - Y * (d * (1 + s) + 2 * IM * am),
                  C1   = -IM * (4 * s + 4 - 2 * rp) - 2 * am + Y * (-8 * am + 4 * IM * (s * d + d + rp));
    const Complex B0   = 2 * z * E + 2 * s * z + 2 * z * z / rp * (1 - s - rp - IM * am),
                  B1   = IM * (-2 * rp * E - 4 * z + 8 * z * z);

    AT(i, n + i) = 1.0;
    for (PetscInt j = 0; j < n; j++) {
      PetscReal DD = 0;

      for (PetscInt p = 0; p < n; p++) DD += k->D[i * n + p] * k->D[p * n + j];
      AT(n + i, j)     = -(z * z * E * DD + B0 * k->D[i * n + j] + (i == j ? C0 : 0.0)) / C2;
      AT(n + i, n + j) = -(B1 * k->D[i * n + j] + (i == j ? C1 : 0.0)) / C2;
    }
  }
#undef AT
  PetscCall(Nearest(k, (int)(2 * n), omega));
  PetscFunctionReturn(0);
}

/* Both in turn, from values that are near, until omega moves by no more than `tolerance`, or no less than before: by rounding. */
static PetscErrorCode Settle(Kerr *k, PetscReal tolerance, Complex *A, Complex *omega)
{
  PetscReal before = PETSC_INFINITY;

  PetscFunctionBegin;
  for (int i = 0; i < 40; i++) {
    const Complex was = *omega;
    PetscReal     moved;

    PetscCall(Angular(k, *omega, A));
    PetscCall(Radial(k, *A, omega));
    moved = cabs(*omega - was);
    if (moved <= tolerance || (i > 3 && moved >= before)) break;
    before = moved;
  }
  PetscFunctionReturn(0);
}

static void SetSpin(Kerr *k, PetscReal a)
{
  k->a       = a;
  k->d       = 2 * PetscSqrtReal((1 - a) * (1 + a));
  k->r_plus  = 1 + 0.5 * k->d;
  k->r_minus = a * a / k->r_plus;
}

static PetscErrorCode Points(Kerr *k, PetscInt N)
{
  const PetscInt n = PetscMax(2 * (N + 1), ANGULAR);

  PetscFunctionBegin;
  k->N = N;
  PetscCall(PetscMalloc6(N + 1, &k->z, (N + 1) * (N + 1), &k->D, 2 * n, &k->rwork, n * n, &k->L, n, &k->value, 8 * n, &k->work));
  SpectrumChebyshev(N, k->z, k->D);
  PetscFunctionReturn(0);
}

static PetscErrorCode Free(Kerr *k)
{
  PetscFunctionBegin;
  PetscCall(PetscFree6(k->z, k->D, k->rwork, k->L, k->value, k->work));
  PetscFunctionReturn(0);
}

PetscErrorCode SpectrumKerrMode(PetscReal a, PetscInt l, PetscInt m, PetscInt spin, const PetscInt N[2], PetscReal omega[2],
                                PetscReal *moved)
{
  const int STEPS = (int)PetscCeilReal(a / 0.05);
  Kerr      k     = {.l = l, .m = m, .s = -spin};
  Complex   w = omega[0] + IM * omega[1], before = w, A = (PetscReal)(l * (l + 1) - spin * (spin - 1)), first;

  PetscFunctionBegin;
  PetscCall(Points(&k, N[0]));
  for (int i = 1; i <= STEPS; i++) {
    const Complex guess = i > 1 ? 2 * w - before : w;

    before = w;
    w      = guess;
    SetSpin(&k, a * (PetscReal)i / (PetscReal)STEPS);
    PetscCall(Settle(&k, i < STEPS ? 1e-5 : 1e-13, &A, &w));
  }
  PetscCall(Free(&k));
  first = w;
  PetscCall(Points(&k, N[1]));
  PetscCall(Settle(&k, 1e-13, &A, &w));
  PetscCall(Free(&k));
  omega[0] = creal(w);
  omega[1] = cimag(w);
  *moved   = cabs(w - first);
  PetscFunctionReturn(0);
}
