/*
  Waves: one of them in a state, those of the forcing, of the Taylor-Green and ABC flows with the exact solution of the latter,
  and the shells that spectra count them in.
*/
#include "ns_private.h"

const char *const AeNSFieldNames[7] = {"velocity_x",  "velocity_y",  "velocity_z", "scalar",
                                       "vorticity_x", "vorticity_y", "vorticity_z"};

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
void AeNSAddTaylorGreen(AeNS s, Mode *u)
{
  for (PetscInt y = -1; y <= 1; y += 2)
    for (PetscInt z = -1; z <= 1; z += 2) {
      const AeNSWave w = {{1, y, z}, {-0.125 * _Complex_I, 0.125 * y * _Complex_I, 0.0}};
      AddVector(s, u, &w, 1.0);
    }
}

/* U + ABC(x - U t) e^{-nu t}; steady if the forcing makes up for the viscosity */
void AeNSAddABC(AeNS s, PetscReal t, Mode *u)
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
  AeNSAddABC(s, t, u);
  PetscFunctionReturn(0);
}

PetscInt AeNSShell(PetscInt jx, PetscInt jy, PetscInt jz)
{
  const PetscInt64 q = 4 * ((PetscInt64)jx * jx + (PetscInt64)jy * jy + (PetscInt64)jz * jz);
  PetscInt64       s = (PetscInt64)(0.5 * sqrt((double)q) + 0.5);

  while ((2 * s + 1) * (2 * s + 1) <= q) s++; /* whatever the root's rounding did */
  while (s > 0 && (2 * s - 1) * (2 * s - 1) > q) s--;
  return (PetscInt)s;
}

PetscErrorCode AeNSShells(AeNS s, PetscInt *shells, PetscInt *whole)
{
  const PetscInt *K = s->band->K;

  PetscFunctionBegin;
  *shells = AeNSShell(K[0], K[1], K[2]) + 1;
  if (whole) *whole = PetscMin(K[0], PetscMin(K[1], K[2]));
  PetscFunctionReturn(0);
}
