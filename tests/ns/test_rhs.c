/*
  The right-hand side against the convective form, -P (u.grad) u and -u.grad theta, as a convolution of the modes: another form
  of the equations, equal only if nothing is aliased. Conservation of energy and helicity by the nonlinear terms, spectra
  and sums against their definitions, the random state.  ranks: 1 2 3
*/
#include <aeonic/ns.h>
#include <string.h>
#include "tap.h"

#define EPS 2.220446049250313e-16

typedef double complex Mode;

/* All modes of all fields on every rank: [f][x + K][y + K][z + K] */
typedef struct {
  PetscInt K[3], nf;
  Mode    *c;
} All;

static Mode *At(const All *a, int f, PetscInt x, PetscInt y, PetscInt z)
{
  return a->c + ((f * (2 * a->K[0] + 1) + x + a->K[0]) * (2 * a->K[1] + 1) + y + a->K[1]) * (2 * a->K[2] + 1) + z + a->K[2];
}

static PetscErrorCode Gather(AeBand b, PetscInt nf, Vec U, All *a)
{
  const double *u;
  ptrdiff_t     size = nf * (2 * b->K[0] + 1) * (ptrdiff_t)b->m[1] * b->m[2];

  PetscFunctionBegin;
  *a = (All){{b->K[0], b->K[1], b->K[2]}, nf, NULL};
  PetscCall(PetscCalloc1(size, &a->c));
  PetscCall(VecGetArrayRead(U, &u));
  for (int f = 0; f < nf; f++)
    for (PetscInt y = 0; y < b->yn; y++)
      for (PetscInt z = 0; z < b->m[2]; z++)
        for (PetscInt x = 0; x < b->m[0]; x++) {
          const double  *v  = u + 2 * (f * AeBandSize(b) + ((ptrdiff_t)y * b->m[2] + z) * b->m[0] + x);
          const PetscInt jy = AeBandWave(b->ys + y, b->m[1]), jz = AeBandWave(z, b->m[2]);

          *At(a, f, x, jy, jz) = v[0] + _Complex_I * v[1];
          if (x) *At(a, f, -x, -jy, -jz) = v[0] - _Complex_I * v[1];
        }
  PetscCall(VecRestoreArrayRead(U, &u));
  MPI_Allreduce(MPI_IN_PLACE, a->c, (int)(2 * size), MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  PetscFunctionReturn(0);
}

/* -P (u.grad) u and -u.grad theta at one wave */
static void Convective(const All *a, const PetscInt j[3], Mode N[4])
{
  const PetscInt *K     = a->K;
  double          k2    = (double)(j[0] * j[0] + j[1] * j[1] + j[2] * j[2]);
  Mode            along = 0;

  for (int f = 0; f < 4; f++) N[f] = 0;
  for (PetscInt x = PetscMax(-K[0], j[0] - K[0]); x <= PetscMin(K[0], j[0] + K[0]); x++)
    for (PetscInt y = PetscMax(-K[1], j[1] - K[1]); y <= PetscMin(K[1], j[1] + K[1]); y++)
      for (PetscInt z = PetscMax(-K[2], j[2] - K[2]); z <= PetscMin(K[2], j[2] + K[2]); z++) {
        const Mode s =
          _Complex_I * ((j[0] - x) * *At(a, 0, x, y, z) + (j[1] - y) * *At(a, 1, x, y, z) + (j[2] - z) * *At(a, 2, x, y, z));
        for (int f = 0; f < a->nf; f++) N[f] -= s * *At(a, f, j[0] - x, j[1] - y, j[2] - z);
      }
  for (int d = 0; d < 3; d++) along += j[d] * N[d];
  for (int d = 0; d < 3; d++) N[d] -= k2 > 0 ? j[d] * along / k2 : N[d];
}

static PetscErrorCode Options(const char text[])
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsClear(NULL));
  PetscCall(PetscOptionsInsertString(NULL, "-fft_rigor estimate"));
  PetscCall(PetscOptionsInsertString(NULL, text));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestForm(const char options[])
{
  AeNS      ns;
  AeBand    b;
  Vec       U, F;
  All       u, n;
  PetscInt  nf, shells, whole, K;
  PetscReal t, error = 0, scale = 0, transfer = 0, twist = 0, squares = 0, rates = 0, *E, *sum, off = 0, div = 0, skew = 0,
               given = 0, total = 0, points;
  AeNSSums sums;
  double   energy = 0, enstrophy = 0, helicity = 0;
  char     what[200];

  PetscFunctionBegin;
  PetscCall(Options(options));
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &ns));
  PetscCall(AeNSGet(ns, NULL, NULL, &nf, &b, NULL));
  PetscCall(AeNSCreateVec(ns, &U));
  PetscCall(VecDuplicate(U, &F));
  PetscCall(AeNSSetInitial(ns, U, &t));
  PetscCall(AeNSBeginStep(ns, 0.0));
  PetscCall(AeNSRHSFunction(NULL, 0.0, U, F, ns));
  PetscCall(Gather(b, nf, U, &u));
  PetscCall(Gather(b, nf, F, &n));
  PetscCall(AeNSShells(ns, &shells, &whole));
  PetscCall(PetscMalloc1(shells, &E));
  PetscCall(PetscCalloc1(shells, &sum));
  K      = PetscMax(u.K[0], PetscMax(u.K[1], u.K[2]));
  points = (PetscReal)b->n[0] * b->n[1] * b->n[2];
  for (PetscInt x = -u.K[0]; x <= u.K[0]; x++)
    for (PetscInt y = -u.K[1]; y <= u.K[1]; y++)
      for (PetscInt z = -u.K[2]; z <= u.K[2]; z++) {
        const PetscInt j[3] = {x, y, z};
        const double   k2   = x * x + y * y + z * z;
        Mode           N[4], w[3], v[3], divergence = 0;

        if ((x + 3 * y + 7 * z) % 5 == 0) { /* a fifth of them: the sums are long */
          Convective(&u, j, N);
          for (int f = 0; f < nf; f++) error = fmax(error, cabs(N[f] - *At(&n, f, x, y, z)));
        }
        for (int d = 0; d < 3; d++) {
          v[d] = *At(&u, d, x, y, z);
          divergence += j[d] * *At(&n, d, x, y, z);
          energy += 0.5 * pow(cabs(v[d]), 2);
          sum[(int)floor(sqrt(k2) + 0.5)] += 0.5 * pow(cabs(v[d]), 2);
          transfer += creal(conj(v[d]) * *At(&n, d, x, y, z));
          rates += pow(cabs(*At(&n, d, x, y, z)), 2);
        }
        off = fmax(off, cabs(divergence));
        for (int d = 0; d < 3; d++) {
          w[d] = _Complex_I * (j[(d + 1) % 3] * v[(d + 2) % 3] - j[(d + 2) % 3] * v[(d + 1) % 3]);
          enstrophy += 0.5 * pow(cabs(w[d]), 2);
          helicity += creal(conj(v[d]) * w[d]);
          twist += 2 * creal(conj(w[d]) * *At(&n, d, x, y, z)); /* dH/dt = 2 <omega.du/dt> */
          squares += pow(cabs(w[d]), 2);
        }
      }
  for (int f = 0; f < nf; f++) scale = fmax(scale, 2 * energy * K);
  /* transforms of fields of rms sqrt(2E) and K times that: products are wrong by eps log2 N times their size in the rms; a single
     wave by no more than that, and the convolution here by eps times the square root of its terms */
  snprintf(what, sizeof what, "%s: rotation form = convective form", options);
  TapBelow(error, scale * EPS * (4 * log2(points) + sqrt(points)), what);
  TapAbove(sqrt(rates), 0.01 * energy, "  the terms are there");
  TapBelow(off, K * scale * EPS * (4 * log2(points)), "  no divergence");
  TapBelow(fabs(transfer), sqrt(2 * energy * rates) * 8 * EPS * log2(points), "  energy is conserved: <u.N> = 0");
  TapBelow(fabs(twist), sqrt(squares * rates) * 8 * EPS * log2(points), "  helicity is conserved: <omega.N> = 0");
  PetscCall(AeNSSumsOf(ns, U, &sums));
  TapBelow(fabs(sums.energy - energy) + fabs(sums.enstrophy - enstrophy) / enstrophy +
             fabs(sums.helicity - helicity) / (2 * sqrt(energy * enstrophy)),
           4 * EPS * sqrt(points), "  energy, enstrophy, helicity by their definitions");
  PetscCall(AeNSSpectrum(ns, U, E));
  for (PetscInt s = 0; s < shells; s++) {
    given = fmax(given, fabs(E[s] - sum[s]));
    total += E[s];
  }
  TapBelow(given, 4 * EPS * sqrt(points) * energy, "  spectrum by shells");
  TapBelow(fabs(total - sums.energy), 4 * EPS * shells * energy, "  its sum is the energy");
  PetscCall(AeNSPointwise(ns, U, &div, &skew));
  TapBelow(div, K * sqrt(2 * energy) * 8 * EPS * log2(points) * 4,
           "  div u at the points: rounding of three derivatives, 4 sigma");
  PetscCall(PetscFree(E));
  PetscCall(PetscFree(sum));
  PetscCall(PetscFree(u.c));
  PetscCall(PetscFree(n.c));
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&F));
  PetscCall(AeNSDestroy(&ns));
  PetscFunctionReturn(0);
}

/* The random state has the spectrum asked for, and is the same on a finer grid. */
static PetscErrorCode TestRandom(void)
{
  const char *grids[2] = {"-ns_initial random -ns_random_energy 0.8 -ns_random_peak 2 -grid_n 16,16,16",
                          "-ns_initial random -ns_random_energy 0.8 -ns_random_peak 2 -grid_n 20,24,18"};
  All         u[2];
  PetscReal   worst = 0, shape = 0, t, E[64], total = 0;
  PetscInt    whole[2], shells;

  PetscFunctionBegin;
  for (int g = 0; g < 2; g++) {
    AeNS   ns;
    AeBand b;
    Vec    U;

    PetscCall(Options(grids[g]));
    PetscCall(AeNSCreate(PETSC_COMM_WORLD, &ns));
    PetscCall(AeNSGet(ns, NULL, NULL, NULL, &b, NULL));
    PetscCall(AeNSCreateVec(ns, &U));
    PetscCall(AeNSSetInitial(ns, U, &t));
    PetscCall(Gather(b, 3, U, &u[g]));
    PetscCall(AeNSShells(ns, &shells, &whole[g]));
    PetscCall(AeNSSpectrum(ns, U, E));
    for (PetscInt k = 1; k < 200; k++) total += g ? 0 : pow(k / 2.0, 4) * exp(-2 * pow(k / 2.0, 2));
    for (PetscInt k = 0; k < shells; k++) {
      const double want = k && k <= whole[g] ? 0.8 * pow(k / 2.0, 4) * exp(-2 * pow(k / 2.0, 2)) / total : 0;
      shape             = fmax(shape, fabs(E[k] - want));
    }
    PetscCall(VecDestroy(&U));
    PetscCall(AeNSDestroy(&ns));
  }
  TapBelow(shape, 0.8 * 16 * EPS, "random: every shell has its energy (a square root, products, exact sums)");
  for (PetscInt x = -5; x <= 5; x++)
    for (PetscInt y = -5; y <= 5; y++)
      for (PetscInt z = -5; z <= 5; z++)
        if (x * x + y * y + z * z < 5.5 * 5.5)
          for (int f = 0; f < 3; f++) worst = fmax(worst, cabs(*At(&u[0], f, x, y, z) - *At(&u[1], f, x, y, z)));
  TapAbove(whole[1], whole[0], "random: both grids hold the shells compared");
  TapBelow(worst, 8 * EPS, "random: the same waves on another grid");
  for (int g = 0; g < 2; g++) PetscCall(PetscFree(u[g].c));
  PetscFunctionReturn(0);
}

/* -ns_forcing: what it adds to the right-hand side at rest is the field, and <u.f> counts it. */
static PetscErrorCode TestForcing(void)
{
  AeNS      ns;
  AeBand    b;
  Vec       U, F;
  All       f;
  PetscReal t, worst = 0;
  AeNSSums  s;

  PetscFunctionBegin;
  PetscCall(Options("-ns_initial rest -ns_forcing kolmogorov -ns_forcing_amplitude 0.3 -ns_forcing_k 3 -grid_n 12,12,12"));
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &ns));
  PetscCall(AeNSGet(ns, NULL, NULL, NULL, &b, NULL));
  PetscCall(AeNSCreateVec(ns, &U));
  PetscCall(VecDuplicate(U, &F));
  PetscCall(AeNSSetInitial(ns, U, &t));
  PetscCall(AeNSBeginStep(ns, 0.0));
  PetscCall(AeNSRHSFunction(NULL, 0.0, U, F, ns));
  PetscCall(Gather(b, 3, F, &f));
  for (PetscInt x = -3; x <= 3; x++)
    for (PetscInt y = -3; y <= 3; y++)
      for (PetscInt z = -3; z <= 3; z++)
        for (int c = 0; c < 3; c++) { /* 0.3 sin 3y = 0.3 (e^{3iy} - e^{-3iy}) / 2i */
          const Mode want = c == 0 && !x && !z && abs((int)y) == 3 ? 0.15 * (y > 0 ? -_Complex_I : _Complex_I) : 0;
          worst           = fmax(worst, cabs(*At(&f, c, x, y, z) - want));
        }
  TapBelow(worst, 0, "kolmogorov: 0.3 sin(3 y) along x");
  PetscCall(AeNSSumsOf(ns, F, &s)); /* u = f: <f.f> = 0.09/2 */
  TapNear(s.input, 0.045, 0.045 * 4 * EPS, "  <u.f>");
  PetscCall(PetscFree(f.c));
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&F));
  PetscCall(AeNSDestroy(&ns));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(AeNSRegister());
  PetscCall(TestForm("-ns_initial random -grid_n 12,10,13 -ns_scalar random"));
  PetscCall(TestForm("-ns_initial random -grid_n 8,16,9 -ns_mean_flow 1,-0.5,2"));
  PetscCall(TestForm("-ns_initial random -grid_n 9,8,8 -ns_dealias 3/2"));
  PetscCall(TestRandom());
  PetscCall(TestForcing());
  PetscCall(PetscOptionsClear(NULL));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
