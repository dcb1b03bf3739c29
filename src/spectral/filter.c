/*
  AeFFTFilter: transform, factors, transform back. On one rank in three sweeps: planes, lines, planes; AeFFTForwardFrom is
  the first two of them. Rows of points may have gaps between them (ghosts): FFTW reads them where they lie.
*/
#include "spectral_private.h"

PetscErrorCode AeFFTFilterDestroy(AeFFT f)
{
  PetscFunctionBegin;
  for (int i = 0; i < 2; i++) fftw_destroy_plan(f->plane_fore[i]);
  fftw_destroy_plan(f->plane_back);
  fftw_destroy_plan(f->y_fore);
  fftw_destroy_plan(f->y_back);
  fftw_destroy_plan(f->line_fore);
  fftw_destroy_plan(f->line_back);
  free(f->line);
  PetscFunctionReturn(0);
}

/* The plan from points whose rows lie `pitch` apart: a slot for rows without gaps and one for the last other pitch. */
static PetscErrorCode PlanPoints(AeFFT f, ptrdiff_t pitch, unsigned flag)
{
  const int slot = pitch != f->n[0], ny = (int)f->n[1], nx = (int)f->n[0];
  double   *u, *v;

  PetscFunctionBegin;
  if (f->plane_fore[slot] && f->plane_pitch[slot] == pitch) PetscFunctionReturn(0);
  fftw_destroy_plan(f->plane_fore[slot]);
  f->plane_pitch[slot] = pitch;
  PetscCall(AeSpectralAlloc((size_t)pitch * ny, &u));
  PetscCall(AeSpectralAlloc((size_t)f->mpitch * ny, &v));
  if (f->is_complex)
    f->plane_fore[slot] = fftw_plan_many_dft_r2c(1, &nx, ny, u, NULL, 1, (int)pitch, (fftw_complex *)v, NULL, 1, (int)f->m[0],
                                                 flag | FFTW_PRESERVE_INPUT);
  else {
    const int           n[2] = {ny, nx}, gap[2] = {ny, (int)pitch};
    const fftw_r2r_kind kind[2] = {aeForwardKind[f->kind[1]], aeForwardKind[f->kind[0]]};

    f->plane_fore[slot] = fftw_plan_many_r2r(2, n, 1, u, gap, 1, 0, v, NULL, 1, 0, kind, flag | FFTW_PRESERVE_INPUT);
  }
  free(u);
  free(v);
  PetscCall(AeWisdomSave(f->comm));
  PetscFunctionReturn(0);
}

/* Plans back to points, and of lines along y and z. */
static PetscErrorCode PlanLines(AeFFT f, unsigned flag)
{
  const int           nz = (int)f->n[2], ny = (int)f->n[1], nx = (int)f->n[0], mx = (int)f->m[0];
  const fftw_r2r_kind fz = aeForwardKind[f->kind[2]], bz = aeBackwardKind[f->kind[2]];
  double             *u, *v;

  PetscFunctionBegin;
  PetscCall(AeSpectralAlloc((size_t)nx * ny, &u));
  PetscCall(AeSpectralAlloc((size_t)f->mpitch * ny, &v));
  if (!f->line) PetscCall(AeSpectralAlloc((size_t)f->mpitch * nz, &f->line));
  fftw_destroy_plan(f->plane_back);
  fftw_destroy_plan(f->line_fore);
  fftw_destroy_plan(f->line_back);
  if (f->is_complex) {
    fftw_complex *line = (fftw_complex *)f->line, *w = (fftw_complex *)v;

    fftw_destroy_plan(f->y_fore);
    fftw_destroy_plan(f->y_back);
    f->plane_back = fftw_plan_many_dft_c2r(1, &nx, ny, w, NULL, 1, mx, u, NULL, 1, nx, flag | FFTW_DESTROY_INPUT);
    f->y_fore     = fftw_plan_many_dft(1, &ny, mx, w, NULL, mx, 1, w, NULL, mx, 1, FFTW_FORWARD, flag);
    f->y_back     = fftw_plan_many_dft(1, &ny, mx, w, NULL, mx, 1, w, NULL, mx, 1, FFTW_BACKWARD, flag);
    f->line_fore  = fftw_plan_many_dft(1, &nz, mx, line, NULL, mx, 1, line, NULL, mx, 1, FFTW_FORWARD, flag);
    f->line_back  = fftw_plan_many_dft(1, &nz, mx, line, NULL, mx, 1, line, NULL, mx, 1, FFTW_BACKWARD, flag);
  } else {
    f->plane_back =
      fftw_plan_r2r_2d(ny, nx, v, u, aeBackwardKind[f->kind[1]], aeBackwardKind[f->kind[0]], flag | FFTW_DESTROY_INPUT);
    f->line_fore = fftw_plan_many_r2r(1, &nz, mx, f->line, NULL, mx, 1, f->line, NULL, mx, 1, &fz, flag);
    f->line_back = fftw_plan_many_r2r(1, &nz, mx, f->line, NULL, mx, 1, f->line, NULL, mx, 1, &bz, flag);
  }
  free(u);
  free(v);
  PetscFunctionReturn(0);
}

static PetscBool HasLines(AeFFT f)
{
  return (PetscBool)(f->plane_back && (!f->is_complex || (f->y_fore && f->y_back)) && f->line_fore && f->line_back);
}

/* Plans of one plane (out of place; complex modes in two steps, x and y, which is faster) and of the lines z of one row y,
   made when first needed. Without buffers, which would be allocated at every execution; some odd sizes have no such plan. */
static PetscErrorCode Plan(AeFFT f, ptrdiff_t pitch)
{
  const int slot = pitch != f->n[0];
  PetscBool new  = PETSC_FALSE;
  unsigned flag;

  PetscFunctionBegin;
  PetscCall(AeFFTRigor(f->comm, &flag));
  PetscCall(PlanPoints(f, pitch, flag | FFTW_NO_BUFFERING));
  if (!f->plane_fore[slot]) PetscCall(PlanPoints(f, pitch, flag));
  if (!HasLines(f)) {
    new = PETSC_TRUE;
    PetscCall(PlanLines(f, flag | FFTW_NO_BUFFERING));
    if (!HasLines(f)) PetscCall(PlanLines(f, flag));
  }
  PetscCheck(f->plane_fore[slot] && HasLines(f), f->comm, PETSC_ERR_LIB,
             "FFTW has no plans for planes of %" PetscInt_FMT " x %" PetscInt_FMT " and lines of %" PetscInt_FMT, f->n[0],
             f->n[1], f->n[2]);
  if (new) PetscCall(AeWisdomSave(f->comm));
  PetscFunctionReturn(0);
}

static void Planes(AeFFT f, const double *from, ptrdiff_t pitch, ptrdiff_t plane, double *modes)
{
  const fftw_plan p = f->plane_fore[pitch != f->n[0]];

  for (PetscInt k = 0; k < f->n[2]; k++) {
    double *in = (double *)from + k * plane, *out = modes + k * f->n[1] * f->mpitch;

    if (f->is_complex) {
      fftw_execute_dft_r2c(p, in, (fftw_complex *)out);
      fftw_execute_dft(f->y_fore, (fftw_complex *)out, (fftw_complex *)out);
    } else fftw_execute_r2r(p, in, out);
  }
}

static void PlanesBack(AeFFT f, double *modes, double *to)
{
  for (PetscInt k = 0; k < f->n[2]; k++) {
    double *in = modes + k * f->n[1] * f->mpitch, *out = to + k * (ptrdiff_t)f->n[1] * f->n[0];

    if (f->is_complex) {
      fftw_execute_dft(f->y_back, (fftw_complex *)in, (fftw_complex *)in);
      fftw_execute_dft_c2r(f->plane_back, (fftw_complex *)in, out);
    } else fftw_execute_r2r(f->plane_back, in, out);
  }
}

/* Along z, with the factors and back if there is a `row`. */
static void Lines(AeFFT f, double *modes, AeFFTRowFunction row, void *ctx)
{
  const size_t bytes = (size_t)f->mpitch * sizeof(double);

  for (PetscInt j = 0; j < f->n[1]; j++) {
    double *u = modes + j * f->mpitch;

    for (PetscInt k = 0; k < f->n[2]; k++) memcpy(f->line + k * f->mpitch, u + k * f->n[1] * f->mpitch, bytes);
    fftw_execute(f->line_fore);
    if (row) {
      for (PetscInt k = 0; k < f->n[2]; k++) row(ctx, j, k, f->line + k * f->mpitch);
      fftw_execute(f->line_back);
    }
    for (PetscInt k = 0; k < f->n[2]; k++) memcpy(u + k * f->n[1] * f->mpitch, f->line + k * f->mpitch, bytes);
  }
}

/* Every plane begins where FFTW's vectors may. */
static PetscBool Aligned(AeFFT f, const double *field, ptrdiff_t plane)
{
  return (PetscBool)(plane % 2 == 0 && (f->mpitch * f->n[1]) % 2 == 0 && !fftw_alignment_of((double *)field));
}

PetscErrorCode AeFFTForwardFrom(AeFFT f, AeGrid g, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double *u)
{
  PetscFunctionBegin;
  if (f->size > 1 || !Aligned(f, field, plane)) {
    PetscCall(AeFFTLoad(f, g, field, pitch, plane, u));
    PetscCall(AeFFTForward(f, u));
    PetscFunctionReturn(0);
  }
  PetscCall(Plan(f, pitch));
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  Planes(f, field, pitch, plane, u);
  Lines(f, u, NULL, NULL);
  f->transforms++;
  PetscCall(PetscLogFlops(AeFFTFlops(f)));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTFilter(AeFFT f, AeGrid g, const double *from, double *to, ptrdiff_t pitch, ptrdiff_t plane, double *u,
                           AeFFTRowFunction row, void *ctx)
{
  PetscFunctionBegin;
  if (f->size > 1 || pitch != f->n[0] || plane != pitch * f->n[1] || !Aligned(f, from, plane) || !Aligned(f, to, plane)) {
    PetscCall(AeFFTLoad(f, g, from, pitch, plane, u));
    PetscCall(AeFFTForward(f, u));
    for (PetscInt a = 0; a < f->mn; a++)
      for (PetscInt b = 0; b < f->inner; b++) {
        PetscInt my, mz;

        AeFFTRow(f, a, b, &my, &mz);
        row(ctx, my, mz, AeFFTRowAt(f, u, a, b));
      }
    PetscCall(AeFFTBackward(f, u));
    PetscCall(AeFFTStore(f, g, u, to, pitch, plane));
    PetscFunctionReturn(0);
  }
  PetscCall(Plan(f, pitch));
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  Planes(f, from, pitch, plane, u);
  Lines(f, u, row, ctx);
  PlanesBack(f, u, to);
  f->transforms += 2;
  PetscCall(PetscLogFlops(2.0 * AeFFTFlops(f)));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
