/*
  What a state is like: energy and its relatives from the modes; extrema and skewness from the points; fields for
  output; errors. Sums are exact (AeSum) over rows summed in a fixed order, so that ranks do not matter.
*/
#include "ns_private.h"
#include <aeonic/sum.h>
#include <sodium.h>

enum { ENERGY, ENSTROPHY, HELICITY, DIVERGENCE, SCALAR, INPUT, NSUMS };

PetscErrorCode AeNSSumsOf(AeNS s, Vec U, AeNSSums *out)
{
  const AeBand  b = s->band;
  const double *array;
  const Mode   *u;
  AeSum         sum[NSUMS];
  PetscReal    *row[NSUMS], value[NSUMS];

  PetscFunctionBegin;
  if (!s->rows) PetscCall(PetscCalloc1(NSUMS * b->m[0], &s->rows));
  for (int e = 0; e < NSUMS; e++) {
    AeSumZero(&sum[e]);
    row[e] = s->rows + (ptrdiff_t)e * b->m[0];
  }
  PetscCall(VecGetArrayRead(U, &array));
  u = (const Mode *)array;
  for (PetscInt y = 0; y < b->yn; y++)
    for (PetscInt z = 0; z < b->m[2]; z++) {
      const PetscReal ky = AeBandWave(b->ys + y, b->m[1]), kz = AeBandWave(z, b->m[2]);
      const Mode     *c[4];

      for (PetscInt f = 0; f < 4; f++) c[f] = f < s->fields ? u + AeNSAt(s, f, y, z) : NULL;
      for (PetscInt x = 0; x < b->m[0]; x++) {
        const PetscReal k = x, weight = x ? 1.0 : 0.5; /* a conjugate stands for every wave with j_x > 0; all sums are halves */
        const Mode      U1 = c[0][x], V1 = c[1][x], W1 = c[2][x], i = _Complex_I, X = i * (ky * W1 - kz * V1),
                   Y = i * (kz * U1 - k * W1), Z = i * (k * V1 - ky * U1);

        row[ENERGY][x]     = weight * (creal(U1 * conj(U1)) + creal(V1 * conj(V1)) + creal(W1 * conj(W1)));
        row[ENSTROPHY][x]  = weight * (creal(X * conj(X)) + creal(Y * conj(Y)) + creal(Z * conj(Z)));
        row[HELICITY][x]   = 2.0 * weight * (creal(U1 * conj(X)) + creal(V1 * conj(Y)) + creal(W1 * conj(Z)));
        row[DIVERGENCE][x] = weight * creal((k * U1 + ky * V1 + kz * W1) * conj(k * U1 + ky * V1 + kz * W1));
        if (s->fields == 4) row[SCALAR][x] = weight * creal(c[3][x] * conj(c[3][x]));
      }
      for (int e = 0; e < INPUT; e++) AeSumAdd(&sum[e], AeRowSum(row[e], b->m[0]));
    }
  for (PetscInt n = 0; n < s->nwaves; n++) { /* the forcing's waves on the rank that has them */
    const AeNSWave *q = &s->wave[n];
    const PetscInt  y = q->j[1] < 0 ? q->j[1] + b->m[1] : q->j[1], z = q->j[2] < 0 ? q->j[2] + b->m[2] : q->j[2];

    if (y < b->ys || y >= b->ys + b->yn) continue;
    for (int f = 0; f < 3; f++) AeSumAdd(&sum[INPUT], 2.0 * creal(u[AeNSAt(s, f, y - b->ys, z) + q->j[0]] * conj(q->c[f])));
  }
  PetscCall(VecRestoreArrayRead(U, &array));
  PetscCall(AeSumReduce(s->comm, NSUMS, sum));
  for (int e = 0; e < NSUMS; e++) value[e] = AeSumValue(&sum[e]);
  *out = (AeNSSums){value[ENERGY], value[ENSTROPHY], 2.0 * s->nu * value[ENSTROPHY],        value[HELICITY],
                    value[SCALAR], value[INPUT],     PetscSqrtReal(2.0 * value[DIVERGENCE])};
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSSpectrum(AeNS s, Vec U, PetscReal E[])
{
  const AeBand  b = s->band;
  const double *array;
  const Mode   *u;
  AeSum        *sum;
  PetscInt      shells;

  PetscFunctionBegin;
  PetscCall(AeNSShells(s, &shells, NULL));
  PetscCall(PetscMalloc1(shells, &sum));
  for (PetscInt k = 0; k < shells; k++) AeSumZero(&sum[k]);
  PetscCall(VecGetArrayRead(U, &array));
  u = (const Mode *)array;
  for (PetscInt y = 0; y < b->yn; y++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      for (PetscInt x = 0; x < b->m[0]; x++) {
        PetscReal e = 0.0;

        for (int f = 0; f < 3; f++) {
          const Mode c = u[AeNSAt(s, f, y, z) + x];
          e += creal(c) * creal(c) + cimag(c) * cimag(c);
        }
        AeSumAdd(&sum[AeNSShell(x, AeBandWave(b->ys + y, b->m[1]), AeBandWave(z, b->m[2]))], x ? e : 0.5 * e);
      }
  PetscCall(VecRestoreArrayRead(U, &array));
  PetscCall(AeSumReduce(s->comm, shells, sum));
  for (PetscInt k = 0; k < shells; k++) E[k] = AeSumValue(&sum[k]);
  PetscCall(PetscFree(sum));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSCurl(AeNS s, const double u[], double omega[])
{
  const AeBand b = s->band;
  const Mode  *v = (const Mode *)u;
  Mode        *w = (Mode *)omega;

  PetscFunctionBegin;
  for (PetscInt y = 0; y < b->yn; y++)
    for (PetscInt z = 0; z < b->m[2]; z++) {
      const ptrdiff_t o[3] = {AeNSAt(s, 0, y, z), AeNSAt(s, 1, y, z), AeNSAt(s, 2, y, z)};

      for (PetscInt x = 0; x < b->m[0]; x++) {
        const PetscReal k[3] = {x, AeBandWave(b->ys + y, b->m[1]), AeBandWave(z, b->m[2])};

        for (int d = 0; d < 3; d++)
          w[o[d] + x] = _Complex_I * (k[(d + 1) % 3] * v[o[(d + 2) % 3] + x] - k[(d + 2) % 3] * v[o[(d + 1) % 3] + x]);
      }
    }
  PetscFunctionReturn(0);
}

/* ---- evaluations at the points --------------------------------------------------------------------------------- */

typedef struct {
  AeNS        s;
  AeBand      b;
  const Mode *u;
  AeSum       sum[3];
  PetscReal   most[3], *work;
  int         what; /* of a field: velocity 0-2, scalar 3, vorticity 4-6 */
  Mode       *phase[3];
} Job;

/* Row of field f; NULL where the band of the job has more modes than the state (it has none) */
static const Mode *Row(const Job *job, PetscInt f, PetscInt y, PetscInt z)
{
  return job->u + AeNSAt(job->s, f, y - job->b->ys, z);
}

/* d_x u_x, d_y u_y, d_z u_z */
static void FillGradient(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const Job   *job = ctx;
  const AeBand b   = job->b;

  for (PetscInt z = 0; z < b->m[2]; z++)
    for (PetscInt x = 0; x < b->m[0]; x++) {
      const PetscInt k[3] = {x, AeBandWave(y, b->m[1]), AeBandWave(z, b->m[2])};
      for (int f = 0; f < 3; f++) w[f][AeBandPad(z, b->m[2], b->n[2]) * b->m[0] + x] = _Complex_I * k[f] * Row(job, f, y, z)[x];
    }
}

/* Of one plane: the largest |div u|, a NaN if there is one, and sums of the squares and cubes of the three derivatives. */
static void PointsGradient(void *ctx, PetscInt z, double *const p[])
{
  Job         *job = ctx;
  const AeBand b   = job->b;

  (void)z;
  for (PetscInt j = 0; j < b->n[1]; j++) {
    const ptrdiff_t o = j * (ptrdiff_t)b->pitch;

    for (PetscInt i = 0; i < b->n[0]; i++) {
      const PetscReal div = PetscAbsReal(p[0][o + i] + p[1][o + i] + p[2][o + i]);
      if (!(div <= job->most[0])) job->most[0] = div;
    }
    for (int f = 0; f < 3; f++) {
      AeSumAdd(&job->sum[0], AeRowSumSquares(p[f] + o, b->n[0]));
      for (PetscInt i = 0; i < b->n[0]; i++) job->work[i] = p[f][o + i] * p[f][o + i] * p[f][o + i];
      AeSumAdd(&job->sum[1], AeRowSum(job->work, b->n[0]));
    }
  }
}

static PetscErrorCode MaxAll(MPI_Comm comm, PetscInt n, PetscReal v[])
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++)
    if (PetscIsNanReal(v[i])) v[i] = PETSC_MAX_REAL; /* MPI_MAX may drop a NaN */
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, v, (PetscMPIInt)n, MPIU_REAL, MPI_MAX, comm));
  for (PetscInt i = 0; i < n; i++)
    if (v[i] == PETSC_MAX_REAL) v[i] = NAN;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSPointwise(AeNS s, Vec U, PetscReal *div_max, PetscReal *skewness)
{
  Job              job  = {.s = s, .b = s->band};
  const AeBandWork work = {3, 0, FillGradient, PointsGradient, NULL, &job};
  const double    *array;
  const PetscReal  points = (PetscReal)s->band->n[0] * s->band->n[1] * s->band->n[2] * 3.0;
  PetscReal        squares;

  PetscFunctionBegin;
  for (int e = 0; e < 3; e++) AeSumZero(&job.sum[e]);
  PetscCall(PetscMalloc1(s->band->n[0], &job.work));
  PetscCall(VecGetArrayRead(U, &array));
  job.u = (const Mode *)array;
  PetscCall(AeBandEvaluate(s->band, &work));
  PetscCall(VecRestoreArrayRead(U, &array));
  PetscCall(PetscFree(job.work));
  PetscCall(AeSumReduce(s->comm, 2, job.sum));
  PetscCall(MaxAll(s->comm, 1, job.most));
  squares   = AeSumValue(&job.sum[0]) / points;
  *skewness = squares > 0.0 ? -AeSumValue(&job.sum[1]) / points / PetscPowReal(squares, 1.5) : 0.0;
  *div_max  = job.most[0];
  PetscFunctionReturn(0);
}

static void FillVelocity(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const Job   *job = ctx;
  const AeBand b   = job->b;

  for (int f = 0; f < 3; f++)
    for (PetscInt z = 0; z < b->m[2]; z++)
      memcpy(w[f] + AeBandPad(z, b->m[2], b->n[2]) * b->m[0], Row(job, f, y, z), (size_t)b->m[0] * sizeof(Mode));
}

static void PointsError(void *ctx, PetscInt z, double *const p[])
{
  Job         *job = ctx;
  const AeBand b   = job->b;

  (void)z;
  for (int f = 0; f < 3; f++)
    for (PetscInt j = 0; j < b->n[1]; j++) {
      const double *row = p[f] + j * (ptrdiff_t)b->pitch;

      AeSumAdd(&job->sum[f], AeRowSumSquares(row, b->n[0]));
      for (PetscInt i = 0; i < b->n[0]; i++)
        if (!(PetscAbsReal(row[i]) <= job->most[f])) job->most[f] = PetscAbsReal(row[i]);
    }
}

PetscErrorCode AeNSErrors(AeNS s, Vec U, PetscReal t, PetscReal l2[3], PetscReal linf[3], PetscBool *exact)
{
  Job              job  = {.s = s, .b = s->band};
  const AeBandWork work = {3, 0, FillVelocity, PointsError, NULL, &job};
  const double    *u;
  double          *difference;
  PetscReal        points = (PetscReal)s->band->n[0] * s->band->n[1] * s->band->n[2];
  ptrdiff_t        size   = 3 * AeBandSize(s->band);

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(2 * size, &difference));
  PetscCall(AeNSExact(s, t, (Mode *)difference, exact));
  if (*exact) {
    PetscCall(VecGetArrayRead(U, &u));
    for (ptrdiff_t i = 0; i < 2 * size; i++) difference[i] = u[i] - difference[i];
    PetscCall(VecRestoreArrayRead(U, &u));
    job.u = (const Mode *)difference;
    for (int f = 0; f < 3; f++) AeSumZero(&job.sum[f]);
    PetscCall(AeBandEvaluate(s->band, &work));
    PetscCall(AeSumReduce(s->comm, 3, job.sum));
    PetscCall(MaxAll(s->comm, 3, job.most));
    for (int f = 0; f < 3; f++) {
      l2[f]   = PetscSqrtReal(AeSumValue(&job.sum[f]) / points);
      linf[f] = job.most[f];
    }
  }
  PetscCall(PetscFree(difference));
  PetscFunctionReturn(0);
}

/* ---- fields at cell centres ------------------------------------------------------------------------------------ */

static int Find(AeNS s, const char name[])
{
  for (int f = 0; f < 7; f++)
    if (!strcmp(name, AeNSFieldNames[f])) return f == 3 && s->fields < 4 ? -1 : f;
  return -1;
}

PetscBool AeNSHasField(AeNS s, const char name[]) { return (PetscBool)(Find(s, name) >= 0); }

static void FillField(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const Job   *job = ctx;
  const AeBand b   = job->b;

  for (PetscInt z = 0; z < b->m[2]; z++)
    for (PetscInt x = 0; x < b->m[0]; x++) {
      const PetscInt k[3] = {x, AeBandWave(y, b->m[1]), AeBandWave(z, b->m[2])}, a = (job->what - 4 + 1) % 3,
                     c = (job->what - 4 + 2) % 3;
      const Mode v =
        job->what < 4 ? Row(job, job->what, y, z)[x] : _Complex_I * (k[a] * Row(job, c, y, z)[x] - k[c] * Row(job, a, y, z)[x]);

      w[0][AeBandPad(z, b->m[2], b->n[2]) * b->m[0] + x] = v * AeNSPhase(job->s, k[0], k[1], k[2]);
    }
}

static void PointsField(void *ctx, PetscInt z, double *const p[])
{
  const Job   *job = ctx;
  const AeBand b   = job->b;

  for (PetscInt j = 0; j < b->n[1]; j++)
    memcpy(job->s->values + ((ptrdiff_t)(z - b->zs) * b->n[1] + j) * b->n[0], p[0] + j * (ptrdiff_t)b->pitch,
           (size_t)b->n[0] * sizeof(double));
}

PetscErrorCode AeNSWriteField(AeNS s, AeRun run, Vec U, const char name[], PetscInt it, PetscReal t)
{
  Job           job;
  AeBandWork    work = {1, 0, FillField, PointsField, NULL, &job};
  AeFieldData   field;
  const double *array;

  PetscFunctionBegin;
  PetscCall(AeNSCreateOutput(s));
  job = (Job){.s = s, .b = s->fine, .what = Find(s, name)};
  PetscCheck(job.what >= 0, s->comm, AE_ERR_USAGE, "there is no field %s", name);
  PetscCall(VecGetArrayRead(U, &array));
  job.u = (const Mode *)array;
  PetscCall(AeBandEvaluate(s->fine, &work));
  PetscCall(VecRestoreArrayRead(U, &array));
  field = (AeFieldData){name, s->values, s->fine->n[0], (ptrdiff_t)s->fine->n[0] * s->fine->n[1]};
  PetscCall(AeWriteFields(run, AE_OUT_KUIBIT, 1, &(AeFieldBox){.grid = s->grid, .field = &field}, 1, it, t));
  PetscFunctionReturn(0);
}

/* Digest of every row y of every field in order, then of those. */
PetscErrorCode AeNSHash(AeNS s, Vec U, char hex[65])
{
  enum { BYTES = crypto_hash_sha256_BYTES };
  const AeBand   b = s->band;
  const double  *array;
  unsigned char *rows, digest[BYTES];
  const size_t   total = (size_t)s->fields * b->m[1] * BYTES, row = (size_t)b->m[2] * b->m[0] * sizeof(Mode);

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(total, &rows));
  PetscCall(VecGetArrayRead(U, &array));
  for (PetscInt f = 0; f < s->fields; f++)
    for (PetscInt y = 0; y < b->yn; y++)
      crypto_hash_sha256(rows + ((size_t)f * b->m[1] + b->ys + y) * BYTES,
                         (const unsigned char *)(array + 2 * AeNSAt(s, f, y, 0)), row);
  PetscCall(VecRestoreArrayRead(U, &array));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, rows, (PetscMPIInt)total, MPI_BYTE, MPI_BOR, s->comm));
  crypto_hash_sha256(digest, rows, total);
  sodium_bin2hex(hex, 65, digest, sizeof digest);
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(0);
}
