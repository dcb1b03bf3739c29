/*
  AeBand: products of fields of which only the modes |j_d| <= K_d are not zero.

  A whole 3-D transform of such a field spends a third of its work on zeros, and carries them through memory three
  times. Here the modes of a row y of all fields are transformed along z within the cache; what is kept goes, row by row,
  to the planes z (over MPI where they are another rank's); a plane of all fields is transformed along y and x
  within the cache, multiplied there, and goes back the same way. No field ever stands in memory as a whole.

    modes [y][z][x] --z--> T[z][y][f][x] --y,x--> plane: product --x,y--> T[z][y][f][x] --z--> modes

  What crosses memory is 2 (2K_y+1) n_z (K_x+1) complex numbers a field, written and read once each.
*/
#include "spectral_private.h"

PetscErrorCode AeBandDestroy(AeBand *band)
{
  AeBand b = *band;

  PetscFunctionBegin;
  if (!b) PetscFunctionReturn(0);
  fftw_destroy_plan(b->z_back);
  fftw_destroy_plan(b->z_fore);
  fftw_destroy_plan(b->y_back);
  fftw_destroy_plan(b->y_fore);
  fftw_destroy_plan(b->x_back);
  fftw_destroy_plan(b->x_fore);
  if (b->R != b->T) free(b->R);
  free(b->T);
  free(b->W);
  free(b->P);
  PetscCall(PetscFree2(b->y0, b->z0));
  for (int i = 0; i < 2; i++) PetscCall(PetscFree2(b->count[i], b->shift[i]));
  PetscCall(PetscCommDestroy(&b->comm));
  PetscCall(PetscFree(*band));
  PetscFunctionReturn(0);
}

/* Blocks of ceil(n/p), as AeGrid and FFTW have them, or even ones where that would leave a rank without any. */
static void Split(PetscInt n, PetscInt p, PetscInt start[])
{
  const PetscInt block = (n + p - 1) / p;

  for (PetscInt r = 0; r <= p; r++) start[r] = (p - 1) * block < n ? PetscMin(r * block, n) : (PetscInt)((PetscInt64)r * n / p);
}

/* 1-D transforms of one y row of one field along z, and of one plane along y (kept columns) and x. Rank 0 measures, the
   others take its plans: every row is then transformed by the same operations wherever it is, and results do not
   depend on the number of ranks by a bit. */
static PetscErrorCode Plan(AeBand b)
{
  const int     nx = b->n[0], ny = b->n[1], nz = b->n[2], mx = b->m[0], half = b->pitch / 2;
  fftw_complex *w = b->W, *c = (fftw_complex *)b->P;
  double       *p = b->P;
  unsigned      flag;

  PetscFunctionBegin;
  PetscCall(AeFFTRigor(b->comm, &flag));
  flag |= FFTW_NO_BUFFERING; /* buffers would be allocated at every execution; no slower where it was measured */
  if (b->rank) fftw_mpi_broadcast_wisdom(b->comm);
  b->z_back = fftw_plan_many_dft(1, &nz, mx, w, NULL, mx, 1, w, NULL, mx, 1, FFTW_BACKWARD, flag);
  b->z_fore = fftw_plan_many_dft(1, &nz, mx, w, NULL, mx, 1, w, NULL, mx, 1, FFTW_FORWARD, flag);
  b->y_back = fftw_plan_many_dft(1, &ny, mx, c, NULL, half, 1, c, NULL, half, 1, FFTW_BACKWARD, flag);
  b->y_fore = fftw_plan_many_dft(1, &ny, mx, c, NULL, half, 1, c, NULL, half, 1, FFTW_FORWARD, flag);
  b->x_back = fftw_plan_many_dft_c2r(1, &nx, ny, c, NULL, 1, half, p, NULL, 1, b->pitch, flag);
  b->x_fore = fftw_plan_many_dft_r2c(1, &nx, ny, p, NULL, 1, b->pitch, c, NULL, 1, half, flag);
  if (!b->rank) fftw_mpi_broadcast_wisdom(b->comm);
  PetscCheck(b->z_back && b->z_fore && b->y_back && b->y_fore && b->x_back && b->x_fore, b->comm, PETSC_ERR_LIB,
             "FFTW has no plans for %d x %d x %d", nx, ny, nz);
  PetscCall(AeWisdomSave(b->comm));
  PetscFunctionReturn(0);
}

PetscErrorCode AeBandCreate(MPI_Comm comm, const PetscInt n[3], const PetscInt K[3], PetscInt fields, AeBand *band)
{
  AeBand    b;
  ptrdiff_t send, recv, doubles;
  PetscInt  most;

  PetscFunctionBegin;
  PetscCall(AeSpectralEvents());
  PetscCall(PetscNew(&b));
  *band = b;
  PetscCall(PetscCommDuplicate(comm, &b->comm, NULL));
  PetscCallMPI(MPI_Comm_rank(comm, &b->rank));
  PetscCallMPI(MPI_Comm_size(comm, &b->size));
  for (int d = 0; d < 3; d++) {
    b->n[d] = n[d];
    b->K[d] = K[d];
    b->m[d] = d ? 2 * K[d] + 1 : K[d] + 1;
    PetscCheck(n[d] > 2 * K[d] && K[d] >= 0, comm, PETSC_ERR_ARG_OUTOFRANGE,
               "%" PetscInt_FMT " points cannot hold waves up to %" PetscInt_FMT " along axis %d", n[d], K[d], d);
  }
  most = PetscMin(n[2], b->m[1]);
  PetscCheck(b->size <= most, comm, AE_ERR_USAGE,
             "%d ranks cannot share the %" PetscInt_FMT " planes and %" PetscInt_FMT
             " rows of modes of -grid_n: the largest number of ranks that can is %" PetscInt_FMT,
             b->size, n[2], b->m[1], most);
  b->fields = fields;
  b->pitch  = 2 * (n[0] / 2 + 1);
  PetscCall(PetscMalloc2(b->size + 1, &b->y0, b->size + 1, &b->z0));
  for (int i = 0; i < 2; i++) PetscCall(PetscMalloc2(b->size, &b->count[i], b->size, &b->shift[i]));
  Split(b->m[1], b->size, b->y0);
  Split(n[2], b->size, b->z0);
  b->ys   = b->y0[b->rank];
  b->yn   = b->y0[b->rank + 1] - b->ys;
  b->zs   = b->z0[b->rank];
  b->zn   = b->z0[b->rank + 1] - b->zs;
  send    = (ptrdiff_t)n[2] * b->yn * fields * b->m[0];
  recv    = (ptrdiff_t)b->zn * b->m[1] * fields * b->m[0];
  doubles = 2 * PetscMax(send, recv);
  PetscCheck(doubles < 2147483647, comm, AE_ERR_USAGE,
             "-grid_n is too large for one rank's share of the transforms: more ranks are needed");
  PetscCall(AeSpectralAlloc((size_t)doubles, &b->T));
  if (b->size > 1) PetscCall(AeSpectralAlloc((size_t)doubles, &b->R));
  else b->R = b->T;
  PetscCall(AeSpectralAlloc((size_t)2 * n[2] * b->m[0] * fields, &b->W));
  PetscCall(AeSpectralAlloc((size_t)n[1] * b->pitch * fields, &b->P));
  PetscCall(Plan(b));
  PetscFunctionReturn(0);
}

static inline fftw_complex *RowField(AeBand b, PetscInt f) { return b->W + (ptrdiff_t)f * b->n[2] * b->m[0]; }
static inline double       *PlaneField(AeBand b, PetscInt f) { return b->P + (ptrdiff_t)f * b->n[1] * b->pitch; }

/* Modes of this rank's rows y to T[z][y][f][x]. */
static void FromModes(AeBand b, const AeBandWork *work, fftw_complex *const w[])
{
  const ptrdiff_t mx = b->m[0], nf = work->nin;
  const PetscInt  first = b->K[2] + 1, last = b->n[2] - b->K[2]; /* planes of z-modes that are zero */

  for (PetscInt y = 0; y < b->yn; y++) {
    for (PetscInt f = 0; f < nf; f++) memset(w[f] + first * mx, 0, (size_t)((last - first) * mx) * sizeof(fftw_complex));
    work->fill(work->ctx, b->ys + y, w);
    for (PetscInt f = 0; f < nf; f++) {
      fftw_execute_dft(b->z_back, w[f], w[f]);
      for (PetscInt z = 0; z < b->n[2]; z++)
        memcpy(b->T + (((ptrdiff_t)z * b->yn + y) * nf + f) * mx, w[f] + z * mx, (size_t)mx * sizeof(fftw_complex));
    }
  }
}

/* T[z][y][f][x] to the modes of this rank's rows y. */
static void ToModes(AeBand b, const AeBandWork *work, fftw_complex *const w[])
{
  const ptrdiff_t mx = b->m[0], nf = work->nout;
  const double    scale = 1.0 / ((double)b->n[0] * b->n[1] * b->n[2]);

  for (PetscInt y = 0; y < b->yn; y++) {
    for (PetscInt f = 0; f < nf; f++) {
      for (PetscInt z = 0; z < b->n[2]; z++) {
        const double *restrict from = (const double *)(b->R + (((ptrdiff_t)z * b->yn + y) * nf + f) * mx);
        double *restrict to         = (double *)(w[f] + z * mx);

        for (ptrdiff_t i = 0; i < 2 * mx; i++) to[i] = scale * from[i];
      }
      fftw_execute_dft(b->z_fore, w[f], w[f]);
    }
    work->take(work->ctx, b->ys + y, w);
  }
}

/* Where rows of plane z (counted from zs) and of the rank s lie among nf fields: [rank][z][y of the rank][f][x]. */
static inline ptrdiff_t PlaneRows(AeBand b, PetscMPIInt s, PetscInt z, PetscInt nf)
{
  const ptrdiff_t before = b->y0[s], own = b->y0[s + 1] - b->y0[s];
  return (before * b->zn + z * own) * nf * b->m[0];
}

/*
  Rows to one plane of points. What FFTW's complex-to-real transform reads beyond the band must be zero: whole rows before the
  transform along y, which touches the columns of the band only, the columns beyond them after it.
*/
static void PlaneFrom(AeBand b, PetscInt z, PetscInt nf)
{
  const ptrdiff_t mx = b->m[0], half = b->pitch / 2;
  const size_t    bytes = (size_t)mx * sizeof(fftw_complex), rest = (size_t)(half - mx) * sizeof(fftw_complex);

  for (PetscInt f = 0; f < nf; f++) {
    fftw_complex *p = (fftw_complex *)PlaneField(b, f);

    for (PetscMPIInt s = 0; s < b->size; s++) {
      const fftw_complex *rows = b->R + PlaneRows(b, s, z, nf);

      for (PetscInt y = b->y0[s]; y < b->y0[s + 1]; y++)
        memcpy(p + AeBandPad(y, b->m[1], b->n[1]) * half, rows + ((y - b->y0[s]) * (ptrdiff_t)nf + f) * mx, bytes);
    }
    for (PetscInt y = b->K[1] + 1; y < b->n[1] - b->K[1]; y++) memset(p + y * half, 0, bytes);
    fftw_execute_dft(b->y_back, p, p);
    for (PetscInt y = 0; y < b->n[1]; y++) memset(p + y * half + mx, 0, rest);
    fftw_execute_dft_c2r(b->x_back, p, (double *)p);
  }
}

static void PlaneTo(AeBand b, PetscInt z, PetscInt nf)
{
  const ptrdiff_t mx = b->m[0], half = b->pitch / 2;

  for (PetscInt f = 0; f < nf; f++) {
    fftw_complex *p = (fftw_complex *)PlaneField(b, f);

    fftw_execute_dft_r2c(b->x_fore, (double *)p, p);
    fftw_execute_dft(b->y_fore, p, p);
    for (PetscMPIInt s = 0; s < b->size; s++) {
      fftw_complex *rows = b->T + PlaneRows(b, s, z, nf);

      for (PetscInt y = b->y0[s]; y < b->y0[s + 1]; y++)
        memcpy(rows + ((y - b->y0[s]) * (ptrdiff_t)nf + f) * mx, p + AeBandPad(y, b->m[1], b->n[1]) * half,
               (size_t)mx * sizeof(fftw_complex));
    }
  }
}

/* T to R: rows of modes to the ranks of their planes, or back. */
static PetscErrorCode Exchange(AeBand b, PetscInt nf, PetscBool back)
{
  PetscFunctionBegin;
  if (b->size == 1) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_BAND_MOVE], 0, 0, 0, 0));
  for (PetscMPIInt r = 0; r < b->size; r++) {
    const PetscInt rows = (b->y0[r + 1] - b->y0[r]) * b->zn, planes = b->yn * (b->z0[r + 1] - b->z0[r]);

    b->count[back ? 1 : 0][r] = 2 * planes * nf * b->m[0]; /* what T holds for that rank on the way to the planes */
    b->count[back ? 0 : 1][r] = 2 * rows * nf * b->m[0];
  }
  for (int i = 0; i < 2; i++)
    for (PetscMPIInt r = 0, at = 0; r < b->size; at += b->count[i][r], r++) b->shift[i][r] = at;
  PetscCallMPI(MPI_Alltoallv(b->T, b->count[0], b->shift[0], MPI_DOUBLE, b->R, b->count[1], b->shift[1], MPI_DOUBLE, b->comm));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_BAND_MOVE], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeBandEvaluate(AeBand b, const AeBandWork *work)
{
  enum { MOST = 32 };
  fftw_complex *w[MOST];
  double       *p[MOST];

  PetscFunctionBegin;
  PetscCheck(work->nout <= work->nin && work->nin <= b->fields && b->fields <= MOST, b->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " fields in and %" PetscInt_FMT " out of a band of %" PetscInt_FMT, work->nin, work->nout,
             b->fields);
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_BAND], 0, 0, 0, 0));
  for (PetscInt f = 0; f < MOST; f++) {
    w[f] = RowField(b, PetscMin(f, b->fields - 1));
    p[f] = PlaneField(b, PetscMin(f, b->fields - 1));
  }
  FromModes(b, work, w);
  PetscCall(Exchange(b, work->nin, PETSC_FALSE));
  for (PetscInt z = 0; z < b->zn; z++) {
    PlaneFrom(b, z, work->nin);
    work->points(work->ctx, b->zs + z, p);
    PlaneTo(b, z, work->nout);
  }
  if (work->nout) {
    PetscCall(Exchange(b, work->nout, PETSC_TRUE));
    ToModes(b, work, w);
  }
  b->evaluations++;
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_BAND], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
