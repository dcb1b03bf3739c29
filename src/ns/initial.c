/*
  Initial states, forcing and exact solutions, as waves.
*/
#include "ns_private.h"
#include <aeonic/sum.h>

void AeNSAddWave(AeNS s, Mode *u, PetscInt f, const PetscInt j[3], Mode c)
{
  const AeBand b = s->band;

  for (int side = 0; side < 2; side++) {
    const PetscInt sign = side ? -1 : 1, jx = sign * j[0], y = sign * j[1] < 0 ? sign * j[1] + b->m[1] : sign * j[1],
                   z = sign * j[2] < 0 ? sign * j[2] + b->m[2] : sign * j[2];

    if (side && !j[0] && !j[1] && !j[2]) break; /* the mean is its own conjugate */
    if (jx < 0 || y < b->ys || y >= b->ys + b->yn) continue;
    u[AeNSAt(s, f, y - b->ys, z) + jx] += side ? conj(c) : c;
  }
}

/* A wave of three components. */
static void AddVector(AeNS s, Mode *u, const AeNSWave *w, Mode factor)
{
  for (int f = 0; f < 3; f++) AeNSAddWave(s, u, f, w->j, factor * w->c[f]);
}

/* (A sin z + C cos y, B sin x + A cos z, C sin y + B cos x) = sum of three waves and their conjugates */
static void AbcWaves(const PetscReal abc[3], PetscReal factor, AeNSWave w[3])
{
  const Mode A = 0.5 * factor * abc[0], B = 0.5 * factor * abc[1], C = 0.5 * factor * abc[2], i = _Complex_I;

  w[0] = (AeNSWave){{0, 0, 1}, {-i * A, A, 0.0}};
  w[1] = (AeNSWave){{1, 0, 0}, {0.0, -i * B, B}};
  w[2] = (AeNSWave){{0, 1, 0}, {C, 0.0, -i * C}};
}

PetscErrorCode AeNSForcingWaves(AeNS s)
{
  PetscFunctionBegin;
  s->nwaves = 0;
  if (s->forcing == AE_NS_FORCING_ABC) {
    AbcWaves(s->abc, s->forcing_amplitude, s->wave);
    s->nwaves = 3;
  } else if (s->forcing == AE_NS_FORCING_KOLMOGOROV) {
    s->wave[0] = (AeNSWave){{0, s->forcing_k, 0}, {-0.5 * _Complex_I * s->forcing_amplitude, 0.0, 0.0}};
    s->nwaves  = 1;
  }
  for (PetscInt n = 0; n < s->nwaves; n++)
    for (int d = 0; d < 3; d++)
      PetscCheck(PetscAbsInt(s->wave[n].j[d]) <= s->band->K[d], s->comm, AE_ERR_USAGE,
                 "-grid_n: the grid holds no wave along axis %d, and the forcing needs wavenumber %" PetscInt_FMT " there", d,
                 PetscAbsInt(s->wave[n].j[d]));
  PetscFunctionReturn(0);
}

/* (sin x cos y cos z, -cos x sin y cos z, 0) */
static void TaylorGreen(AeNS s, Mode *u)
{
  for (PetscInt y = -1; y <= 1; y += 2)
    for (PetscInt z = -1; z <= 1; z += 2) {
      const AeNSWave w = {{1, y, z}, {-0.125 * _Complex_I, 0.125 * y * _Complex_I, 0.0}};
      AddVector(s, u, &w, 1.0);
    }
}

/* U + ABC(x - U t) e^{-nu t}; steady if the forcing makes up for the viscosity */
static void Abc(AeNS s, PetscReal t, Mode *u)
{
  AeNSWave       w[3];
  const PetscInt zero[3] = {0, 0, 0};

  AbcWaves(s->abc, s->forcing ? 1.0 : PetscExpReal(-s->nu * t), w);
  for (int n = 0; n < 3; n++)
    AddVector(s, u, &w[n], cexp(-_Complex_I * t * (w[n].j[0] * s->flow[0] + w[n].j[1] * s->flow[1] + w[n].j[2] * s->flow[2])));
  for (int f = 0; f < 3; f++) AeNSAddWave(s, u, f, zero, s->flow[f]);
}

PetscErrorCode AeNSExact(AeNS s, PetscReal t, Mode *u, PetscBool *exact)
{
  const PetscBool still = (PetscBool)(s->flow[0] == 0.0 && s->flow[1] == 0.0 && s->flow[2] == 0.0);

  PetscFunctionBegin;
  *exact = (PetscBool)(s->initial == AE_NS_ABC && (s->forcing == AE_NS_FORCING_NONE ||
                                                   (s->forcing == AE_NS_FORCING_ABC && still && s->forcing_amplitude == s->nu)));
  if (!*exact) PetscFunctionReturn(0);
  PetscCall(PetscArrayzero(u, 3 * AeBandSize(s->band)));
  Abc(s, t, u);
  PetscFunctionReturn(0);
}

/* Uniform in (-1, 1), a function of the wave, the seed and which number of it: a step of splitmix64. */
static PetscReal Noise(PetscInt seed, PetscInt which, PetscInt jx, PetscInt jy, PetscInt jz)
{
  uint64_t x = ((uint64_t)(jx + (1 << 20)) << 42) ^ ((uint64_t)(jy + (1 << 20)) << 21) ^ (uint64_t)(jz + (1 << 20));

  x += ((uint64_t)seed * 16 + (uint64_t)which + 1) * 0x9e3779b97f4a7c15u;
  for (int r = 0; r < 2; r++) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
  }
  return (PetscReal)(x >> 11) * 0x1p-52 - 1.0;
}

static Mode Random(AeNS s, PetscInt which, PetscInt jx, PetscInt jy, PetscInt jz)
{
  const PetscBool flip = (PetscBool)(jx == 0 && (jy < 0 || (jy == 0 && jz < 0)));
  const PetscInt  sign = flip ? -1 : 1;

  return Noise(s->seed, 2 * which, jx, sign * jy, sign * jz) +
         sign * _Complex_I * Noise(s->seed, 2 * which + 1, jx, sign * jy, sign * jz);
}

static PetscReal Shape(AeNS s, PetscInt k)
{
  const PetscReal x = (PetscReal)k / s->random_peak;

  return s->random_kind ? PetscPowReal((PetscReal)k, s->random_slope) : x * x * x * x * PetscExpReal(-2.0 * x * x);
}

/* Random phases and directions, projected. */
static void RandomWaves(AeNS s, Mode *u)
{
  const AeBand b = s->band;

  for (PetscInt y = 0; y < b->yn; y++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      for (PetscInt x = 0; x < b->m[0]; x++) {
        const PetscInt j[3] = {x, AeBandWave(b->ys + y, b->m[1]), AeBandWave(z, b->m[2])};
        const double   k2   = (double)j[0] * j[0] + (double)j[1] * j[1] + (double)j[2] * j[2];
        Mode           c[3], p = 0.0;

        for (int f = 0; f < 3; f++) c[f] = Random(s, f, j[0], j[1], j[2]), p += j[f] * c[f];
        for (int f = 0; f < 3; f++) u[AeNSAt(s, f, y, z) + x] = k2 > 0.0 ? c[f] - j[f] * p / k2 : 0.0;
        if (s->fields == 4) u[AeNSAt(s, 3, y, z) + x] = k2 > 0.0 ? Random(s, 3, j[0], j[1], j[2]) : 0.0;
      }
}

PetscErrorCode AeNSRandomModes(AeNS s, Vec U)
{
  double *u;

  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(U, &u));
  RandomWaves(s, (Mode *)u);
  PetscCall(VecRestoreArrayWrite(U, &u));
  PetscFunctionReturn(0);
}

/* Every shell of random waves brought to its energy. */
static PetscErrorCode RandomVelocity(AeNS s, Vec U, Mode *u)
{
  const AeBand b = s->band;
  PetscInt     shells, whole;
  PetscReal   *E, total = 0.0;

  PetscFunctionBegin;
  PetscCall(AeNSShells(s, &shells, &whole));
  PetscCheck(whole >= 1, s->comm, AE_ERR_USAGE,
             "-ns_initial random: a box of -grid_n %" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT
             " holds no whole shell of waves",
             s->n[0], s->n[1], s->n[2]);
  RandomWaves(s, u);
  if (s->fields == 4) PetscCall(PetscArrayzero(u + AeNSAt(s, 3, 0, 0), AeBandSize(b)));
  PetscCall(PetscMalloc1(shells, &E));
  PetscCall(AeNSSpectrum(s, U, E));
  for (PetscInt k = 1; k <= (s->random_kind ? whole : 1024); k++) total += Shape(s, k);
  for (PetscInt k = 0; k < shells; k++)
    E[k] = k >= 1 && k <= whole ? PetscSqrtReal(s->random_energy * Shape(s, k) / total / E[k]) : 0.0;
  for (PetscInt y = 0; y < b->yn; y++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      for (PetscInt x = 0; x < b->m[0]; x++)
        for (int f = 0; f < 3; f++)
          u[AeNSAt(s, f, y, z) + x] *= E[AeNSShell(x, AeBandWave(b->ys + y, b->m[1]), AeBandWave(z, b->m[2]))];
  PetscCall(PetscFree(E));
  PetscFunctionReturn(0);
}

/* A wave; or random phases with |c|^2 falling like k^-4, waves up to 4 */
static void Scalar(AeNS s, Mode *u)
{
  const AeBand b = s->band;

  if (s->scalar == AE_NS_SCALAR_WAVE) {
    const PetscBool mean = (PetscBool)(!s->scalar_k[0] && !s->scalar_k[1] && !s->scalar_k[2]);
    AeNSAddWave(s, u, 3, s->scalar_k, mean ? 1.0 : 0.5);
    return;
  }
  for (PetscInt y = 0; y < b->yn; y++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      for (PetscInt x = 0; x < b->m[0]; x++) {
        const PetscInt jy = AeBandWave(b->ys + y, b->m[1]), jz = AeBandWave(z, b->m[2]), k2 = x * x + jy * jy + jz * jz;
        if (k2 && k2 <= 16) u[AeNSAt(s, 3, y, z) + x] = 0.25 * Random(s, 3, x, jy, jz) / k2;
      }
}

PetscErrorCode AeNSSetInitial(AeNS s, Vec U, PetscReal *t)
{
  const PetscInt zero[3] = {0, 0, 0};
  Mode          *u;
  double        *array;
  PetscBool      modes = PETSC_FALSE;

  PetscFunctionBegin;
  *t = 0.0;
  if (s->initial == AE_NS_FILE) {
    PetscCall(AeNSIsModes(s, s->file, &modes));
    if (modes) PetscCall(AeNSLoad(s, U, s->file, PETSC_FALSE, t, NULL, NULL, NULL, NULL));
    *t = 0.0; /* a new run */
  } else PetscCall(VecSet(U, 0.0));
  PetscCall(VecGetArray(U, &array));
  u = (Mode *)array;
  switch (s->initial) {
  case AE_NS_TAYLOR_GREEN:
    for (int d = 0; d < 3; d++)
      PetscCheck(s->band->K[d] >= 1, s->comm, AE_ERR_USAGE,
                 "-grid_n: taylor_green needs waves along all axes, at least 4 points");
    TaylorGreen(s, u);
    break;
  case AE_NS_ABC:
    for (int d = 0; d < 3; d++)
      PetscCheck(s->band->K[d] >= 1, s->comm, AE_ERR_USAGE, "-grid_n: abc needs waves along all axes, at least 4 points");
    Abc(s, 0.0, u);
    break;
  case AE_NS_RANDOM:
    PetscCall(RandomVelocity(s, U, u));
    break;
  case AE_NS_FILE:
    if (!modes) PetscCall(AeNSReadPoints(s, s->file, u));
    break;
  default:
    break;
  }
  if (s->initial != AE_NS_ABC)
    for (int f = 0; f < 3; f++) AeNSAddWave(s, u, f, zero, s->flow[f]);
  if (s->fields == 4 && !modes) Scalar(s, u);
  PetscCall(VecRestoreArray(U, &array));
  PetscFunctionReturn(0);
}
