/*
  Initial states: from few waves, random ones, or a file.
*/
#include "ns_private.h"

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
    if (modes) PetscCall(AeNSLoad(s, U, s->file, PETSC_FALSE, t));
    *t = 0.0; /* a new run */
  } else PetscCall(VecSet(U, 0.0));
  PetscCall(VecGetArray(U, &array));
  u = (Mode *)array;
  switch (s->initial) {
  case AE_NS_TAYLOR_GREEN:
    for (int d = 0; d < 3; d++)
      PetscCheck(s->band->K[d] >= 1, s->comm, AE_ERR_USAGE,
                 "-grid_n: taylor_green needs waves along all axes, at least 4 points");
    AeNSAddTaylorGreen(s, u);
    break;
  case AE_NS_ABC:
    for (int d = 0; d < 3; d++)
      PetscCheck(s->band->K[d] >= 1, s->comm, AE_ERR_USAGE, "-grid_n: abc needs waves along all axes, at least 4 points");
    AeNSAddABC(s, 0.0, u);
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
