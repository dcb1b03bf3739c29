/*
  Transforms in single precision: forward only, of fields in double precision, which are rounded after a number has been
  subtracted and a window applied. On one rank plane by plane and line by line within the cache; on several by FFTW's MPI
  transform, in place.
*/
#include "spectral_private.h"

struct AeFFTFp32 {
  fftwf_plan whole;          /* several ranks */
  fftwf_plan plane, y, line; /* one rank: along x (real modes: x and y), y, z */
  float     *points;         /* one rank: a plane of points; several: this rank's cells, where the divisions differ */
  size_t     npoints;
  float     *row; /* the lines z of one row y */
};

static PetscErrorCode Room(size_t n, float **u)
{
  PetscFunctionBegin;
  PetscCall(AeSpectralAlloc((n + 1) / 2, u));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTFp32Destroy(AeFFT f)
{
  struct AeFFTFp32 *s = f->fp32;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  fftwf_destroy_plan(s->whole);
  fftwf_destroy_plan(s->plane);
  fftwf_destroy_plan(s->y);
  fftwf_destroy_plan(s->line);
  free(s->points);
  free(s->row);
  PetscCall(PetscFree(f->fp32));
  PetscFunctionReturn(0);
}

static void PlanOne(AeFFT f, struct AeFFTFp32 *s, float *modes, unsigned flag)
{
  const int           nz = (int)f->n[2], ny = (int)f->n[1], nx = (int)f->n[0], mx = (int)f->mpitch / (f->is_complex ? 2 : 1);
  const fftw_r2r_kind fz = aeForwardKind[f->kind[2]];
  fftwf_complex      *w = (fftwf_complex *)modes, *line = (fftwf_complex *)s->row;

  if (f->is_complex) {
    if (!s->plane) s->plane = fftwf_plan_many_dft_r2c(1, &nx, ny, s->points, NULL, 1, nx, w, NULL, 1, mx, flag);
    if (!s->y) s->y = fftwf_plan_many_dft(1, &ny, mx, w, NULL, mx, 1, w, NULL, mx, 1, FFTW_FORWARD, flag);
    if (!s->line) s->line = fftwf_plan_many_dft(1, &nz, mx, line, NULL, mx, 1, line, NULL, mx, 1, FFTW_FORWARD, flag);
  } else {
    if (!s->plane)
      s->plane = fftwf_plan_r2r_2d(ny, nx, s->points, modes, aeForwardKind[f->kind[1]], aeForwardKind[f->kind[0]], flag);
    if (!s->line) s->line = fftwf_plan_many_r2r(1, &nz, mx, s->row, NULL, mx, 1, s->row, NULL, mx, 1, &fz, flag);
  }
}

PetscErrorCode AeFFTFp32Plan(AeFFT f)
{
  const int         nz = (int)f->n[2], ny = (int)f->n[1], nx = (int)f->n[0];
  struct AeFFTFp32 *s;
  unsigned          flag;
  float            *modes;

  PetscFunctionBegin;
  PetscCall(AeFFTRigor(f->comm, &flag));
  PetscCall(PetscNew(&s));
  f->fp32 = s;
  if (f->size == 1 && f->is_complex) { /* rows of whole vectors: FFTW's fast columns want them aligned */
    f->mpitch  = 8 * ((f->m[0] + 3) / 4);
    f->doubles = (size_t)f->mpitch * (size_t)ny * (size_t)nz;
  }
  PetscCall(Room(f->doubles, &modes));
  if (f->size == 1) {
    s->npoints = (size_t)nx * ny;
    PetscCall(Room(s->npoints, &s->points));
    PetscCall(Room((size_t)f->mpitch * nz, &s->row));
    PlanOne(f, s, modes, flag | FFTW_NO_BUFFERING); /* buffers would be allocated at every execution; */
    PlanOne(f, s, modes, flag);                     /* some odd sizes have no plan without */
  } else if (f->is_complex)
    s->whole = fftwf_mpi_plan_dft_r2c_3d(nz, ny, nx, modes, (fftwf_complex *)modes, f->comm, flag | FFTW_MPI_TRANSPOSED_OUT);
  else
    s->whole = fftwf_mpi_plan_r2r_3d(nz, ny, nx, modes, modes, f->comm, aeForwardKind[f->kind[2]], aeForwardKind[f->kind[1]],
                                     aeForwardKind[f->kind[0]], flag | FFTW_MPI_TRANSPOSED_OUT);
  free(modes);
  PetscCheck(f->size > 1 ? s->whole != NULL : (s->plane && s->line && (s->y || !f->is_complex)), f->comm, PETSC_ERR_LIB,
             "FFTW has no plan in single precision for %d x %d x %d on %d ranks", nx, ny, nz, f->size);
  AeWisdomSingle();
  PetscCall(AeWisdomSave(f->comm));
  PetscFunctionReturn(0);
}

/* Rows of plane k of this rank's cells, rounded, `to` apart. */
static void Round(AeGrid g, const double *field, ptrdiff_t pitch, double minus, const double *const window[3], PetscInt k,
                  float *u, ptrdiff_t to)
{
  for (PetscInt j = 0; j < g->nj; j++) {
    const double *restrict row = field + j * pitch;
    float *restrict out        = u + j * to;

    if (window[0]) {
      const double *restrict wx = window[0];
      const double w            = window[1][j] * window[2][k];

      for (PetscInt i = 0; i < g->n[0]; i++) out[i] = (float)((row[i] - minus) * (w * wx[i]));
    } else
      for (PetscInt i = 0; i < g->n[0]; i++) out[i] = (float)(row[i] - minus);
  }
}

static void Planes(AeFFT f, AeGrid g, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double minus,
                   const double *const window[3], float *modes)
{
  const struct AeFFTFp32 *s = f->fp32;

  for (PetscInt k = 0; k < f->n[2]; k++) {
    float *out = modes + k * f->n[1] * f->mpitch;

    Round(g, field + k * plane, pitch, minus, window, k, s->points, f->n[0]);
    if (f->is_complex) {
      fftwf_execute_dft_r2c(s->plane, s->points, (fftwf_complex *)out);
      fftwf_execute_dft(s->y, (fftwf_complex *)out, (fftwf_complex *)out);
    } else fftwf_execute_r2r(s->plane, s->points, out);
  }
}

static void Lines(AeFFT f, float *modes)
{
  const size_t bytes = (size_t)f->mpitch * sizeof *modes;
  float       *row   = f->fp32->row;

  for (PetscInt j = 0; j < f->n[1]; j++) {
    float *u = modes + j * f->mpitch;

    for (PetscInt k = 0; k < f->n[2]; k++) memcpy(row + k * f->mpitch, u + k * f->n[1] * f->mpitch, bytes);
    fftwf_execute(f->fp32->line);
    for (PetscInt k = 0; k < f->n[2]; k++) memcpy(u + k * f->n[1] * f->mpitch, row + k * f->mpitch, bytes);
  }
}

/* This rank's rounded rows to its planes of points in FFTW's division. */
static PetscErrorCode Load(AeFFT f, AeGrid g, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double minus,
                           const double *const window[3], float *u)
{
  struct AeFFTFp32 *s    = f->fp32;
  const size_t      need = (size_t)g->n[0] * g->nj * g->nk;
  PetscBool         direct;

  PetscFunctionBegin;
  PetscCall(AeFFTMovePrepare(f, g, g->n[0], (ptrdiff_t)g->n[0] * g->nj, &direct));
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT_MOVE], 0, 0, 0, 0));
  if (direct) {
    for (PetscInt k = 0; k < g->nk; k++)
      Round(g, field + k * plane, pitch, minus, window, k, u + k * (ptrdiff_t)f->n[1] * f->pitch, f->pitch);
  } else {
    if (s->npoints < need) {
      free(s->points);
      PetscCall(Room(need, &s->points));
      s->npoints = need;
    }
    for (PetscInt k = 0; k < g->nk; k++)
      Round(g, field + k * plane, pitch, minus, window, k, s->points + k * (ptrdiff_t)g->n[0] * g->nj, g->n[0]);
    PetscCall(AeFFTMoveRows(f, MPI_FLOAT, s->points, u));
  }
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT_MOVE], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTForwardSingle(AeFFT f, AeGrid g, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double minus,
                                  const double *const window[3], float *u)
{
  static const double *const none[3] = {NULL, NULL, NULL};

  PetscFunctionBegin;
  PetscCheck(f->single, f->comm, PETSC_ERR_ARG_WRONGSTATE, "a transform in double precision");
  if (!window) window = none;
  if (f->size > 1) PetscCall(Load(f, g, field, pitch, plane, minus, window, u));
  else PetscCheck(!memcmp(f->n, g->n, sizeof f->n), f->comm, PETSC_ERR_ARG_SIZ, "a transform of another shape than the grid's");
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  if (f->size > 1 && f->is_complex) fftwf_mpi_execute_dft_r2c(f->fp32->whole, u, (fftwf_complex *)u);
  else if (f->size > 1) fftwf_mpi_execute_r2r(f->fp32->whole, u, u);
  else {
    Planes(f, g, field, pitch, plane, minus, window, u);
    Lines(f, u);
  }
  f->transforms++;
  PetscCall(PetscLogFlops(AeFFTFlops(f)));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
