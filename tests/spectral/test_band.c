/*
  Products of band-limited fields against the convolution of their modes, on odd, even and non-cubic grids; values at
  points against the defining sum; what too few points do.  ranks: 1 2 3
*/
#include "spectral_test.h"

enum { FIELDS = 3 };

typedef struct {
  AeBand        b;
  fftw_complex *out[2];
  double        worst; /* of values at points against the sum of modes */
} Test;

/* Modes of field f: any numbers, conj(c(-j)) = c(j). */
static double complex Mode(int f, PetscInt jx, PetscInt jy, PetscInt jz)
{
  const int  flip = jx < 0 || (jx == 0 && (jy < 0 || (jy == 0 && jz < 0)));
  const int  s    = flip ? -1 : 1;
  const long id   = ((s * jz + 50) * 101 + (s * jy + 50)) * 101 + s * jx;

  if (!jx && !jy && !jz) return 0.5 + f;
  return Noise((uint64_t)id, (uint64_t)f) + s * _Complex_I * Noise((uint64_t)id, (uint64_t)f + 10);
}

static void Fill(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const AeBand b = ((Test *)ctx)->b;

  for (int f = 0; f < FIELDS; f++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      for (PetscInt x = 0; x < b->m[0]; x++)
        w[f][AeBandPad(z, b->m[2], b->n[2]) * b->m[0] + x] = Mode(f, x, AeBandWave(y, b->m[1]), AeBandWave(z, b->m[2]));
}

/* p0 p1 and p1 p2; a few values of field 2 by the sum over all modes */
static void Points(void *ctx, PetscInt z, double *const p[])
{
  Test           *t = ctx;
  const AeBand    b = t->b;
  const PetscInt *K = b->K, *n = b->n;

  for (PetscInt j = z % 3; j < n[1]; j += 3) {
    const PetscInt i = (5 * j + z) % n[0];
    double         s = 0;

    for (PetscInt jz = -K[2]; jz <= K[2]; jz++)
      for (PetscInt jy = -K[1]; jy <= K[1]; jy++)
        for (PetscInt jx = -K[0]; jx <= K[0]; jx++)
          s += creal(Mode(2, jx, jy, jz) *
                     cexp(2 * PETSC_PI * _Complex_I *
                          ((double)(jx * i % n[0]) / n[0] + (double)(jy * j % n[1]) / n[1] + (double)(jz * z % n[2]) / n[2])));
    s        = fabs(s - p[2][j * b->pitch + i]);
    t->worst = s <= t->worst ? t->worst : s;
  }
  for (PetscInt o = 0; o < n[1] * b->pitch; o++) {
    const double u = p[0][o], v = p[1][o], w = p[2][o];
    p[0][o] = u * v;
    p[1][o] = v * w;
  }
}

static void Take(void *ctx, PetscInt y, fftw_complex *const w[])
{
  Test        *t = ctx;
  const AeBand b = t->b;

  for (int f = 0; f < 2; f++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      memcpy(t->out[f] + ((ptrdiff_t)(y - b->ys) * b->m[2] + z) * b->m[0], w[f] + AeBandPad(z, b->m[2], b->n[2]) * b->m[0],
             (size_t)b->m[0] * sizeof(fftw_complex));
}

/* Largest error of the two products, and sqrt(sum |c|^2) of a field through *norm. */
static PetscErrorCode Products(const PetscInt n[3], const PetscInt K[3], double *error, double *values, double *norm)
{
  Test       t     = {0};
  AeBandWork work  = {FIELDS, 2, Fill, Points, Take, &t};
  double     worst = 0, sum = 0;

  PetscFunctionBegin;
  PetscCall(AeBandCreate(PETSC_COMM_WORLD, n, K, 4, &t.b));
  for (int f = 0; f < 2; f++) PetscCall(PetscMalloc1(AeBandSize(t.b), &t.out[f]));
  PetscCall(AeBandEvaluate(t.b, &work));
  PetscCall(AeBandEvaluate(t.b, &work)); /* nothing is left of the first */
  for (int f = 0; f < 2; f++)
    for (PetscInt y = 0; y < t.b->yn; y++)
      for (PetscInt z = 0; z < t.b->m[2]; z++)
        for (PetscInt x = 0; x < t.b->m[0]; x++) {
          const PetscInt jy = AeBandWave(t.b->ys + y, t.b->m[1]), jz = AeBandWave(z, t.b->m[2]);
          double complex s = 0;

          for (PetscInt az = PetscMax(-K[2], jz - K[2]); az <= PetscMin(K[2], jz + K[2]); az++)
            for (PetscInt ay = PetscMax(-K[1], jy - K[1]); ay <= PetscMin(K[1], jy + K[1]); ay++)
              for (PetscInt ax = PetscMax(-K[0], x - K[0]); ax <= PetscMin(K[0], x + K[0]); ax++)
                s += Mode(f, ax, ay, az) * Mode(f + 1, x - ax, jy - ay, jz - az);
          s -= t.out[f][((ptrdiff_t)y * t.b->m[2] + z) * t.b->m[0] + x];
          worst = cabs(s) <= worst ? worst : cabs(s);
        }
  for (PetscInt jz = -K[2]; jz <= K[2]; jz++)
    for (PetscInt jy = -K[1]; jy <= K[1]; jy++)
      for (PetscInt jx = -K[0]; jx <= K[0]; jx++) sum += pow(cabs(Mode(0, jx, jy, jz)), 2);
  *error  = MaxAll(worst);
  *values = MaxAll(t.worst);
  *norm   = sqrt(sum);
  for (int f = 0; f < 2; f++) PetscCall(PetscFree(t.out[f]));
  PetscCall(AeBandDestroy(&t.b));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const PetscInt sizes[][3] = {{16, 16, 16}, {16, 12, 8}, {9, 15, 11}, {13, 8, 18}, {10, 10, 10}};
  double         error, values, norm;
  int            status;
  char           what[128];

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(PetscOptionsSetValue(NULL, "-fft_rigor", "estimate"));
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(sizes); s++) {
    const PetscInt *n = sizes[s], K[3] = {AeDealiasedModes(n[0]), AeDealiasedModes(n[1]), AeDealiasedModes(n[2])},
                   N = n[0] * n[1] * n[2];

    PetscCall(Products(n, K, &error, &values, &norm));
    snprintf(what, sizeof what, "%d x %d x %d points, waves to %d %d %d: two products against convolutions", (int)n[0], (int)n[1],
             (int)n[2], (int)K[0], (int)K[1], (int)K[2]);
    /* three transforms, and a convolution of M terms summed in order here: |f| |g| eps (4 log2 N + sqrt M) */
    TapBelow(error, norm * 3 * norm * EPS * (4 * log2(N) + sqrt(N)), what);
    TapBelow(values, 3 * norm * EPS * (4 * log2(N) + sqrt(N)) * 4, "  values at points against sums of waves");
  }
  { /* one point less than 3 K + 1: the checker must see the alias */
    const PetscInt n[3] = {12, 13, 13}, K[3] = {4, 4, 4};

    PetscCall(Products(n, K, &error, &values, &norm));
    TapAbove(error, 1e-3 * norm, "n = 3 K: aliased, and seen");
  }
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
