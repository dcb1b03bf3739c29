/*
  What all transforms are made of: log events, FFTW's kinds, room; and the plain transforms, both ways.
*/
#include "spectral_private.h"
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

PetscLogEvent aeSpectralEvent[AE_SPECTRAL_EVENTS];

const fftw_r2r_kind aeForwardKind[]  = {FFTW_R2HC, FFTW_REDFT10, FFTW_RODFT10, FFTW_REDFT11, FFTW_RODFT11};
const fftw_r2r_kind aeBackwardKind[] = {FFTW_HC2R, FFTW_REDFT01, FFTW_RODFT01, FFTW_REDFT11, FFTW_RODFT11};

PetscErrorCode AeSpectralAlloc(size_t n, void *room)
{
  const size_t bytes = (n ? n : 1) * sizeof(double), align = bytes >= 2 * HUGE_PAGE ? HUGE_PAGE : 64;
  void        *m;

  PetscFunctionBegin;
  PetscCheck(!posix_memalign(&m, align, bytes), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "cannot get %.3g GB of memory for transforms: fewer cells (-grid_n) or more ranks", 1e-9 * (double)bytes);
  if (align == HUGE_PAGE) (void)madvise(m, bytes, MADV_HUGEPAGE);
  memset(m, 0, bytes);
  *(void **)room = m;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSpectralEvents(void)
{
  static const char *const names[AE_SPECTRAL_EVENTS] = {"AeFFT", "AeFFTMove", "AeFFTPlan", "AeBand", "AeBandMove"};
  static PetscBool         done                      = PETSC_FALSE;

  PetscFunctionBegin;
  for (int e = 0; e < AE_SPECTRAL_EVENTS && !done; e++)
    PetscCall(PetscLogEventRegister(names[e], AE_CLASSID, &aeSpectralEvent[e]));
  done = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTCreateBuffer(AeFFT f, double **u)
{
  PetscFunctionBegin;
  PetscCall(AeSpectralAlloc(f->doubles, u));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTDestroyBuffer(double **u)
{
  PetscFunctionBegin;
  free(*u);
  *u = NULL;
  PetscFunctionReturn(0);
}

PetscLogDouble AeFFTFlops(AeFFT f)
{
  const PetscLogDouble n = (PetscLogDouble)f->n[0] * f->n[1] * f->n[2];
  return 2.5 * n * log2(n) / f->size;
}

static PetscErrorCode Execute(AeFFT f, double *u, PetscBool back)
{
  fftw_complex *const c    = (fftw_complex *)u;
  const fftw_plan     plan = back ? f->backward : f->forward;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  if (!f->is_complex) (f->size > 1 ? fftw_mpi_execute_r2r : fftw_execute_r2r)(plan, u, u);
  else if (back) (f->size > 1 ? fftw_mpi_execute_dft_c2r : fftw_execute_dft_c2r)(plan, c, u);
  else (f->size > 1 ? fftw_mpi_execute_dft_r2c : fftw_execute_dft_r2c)(plan, u, c);
  f->transforms++;
  PetscCall(PetscLogFlops(AeFFTFlops(f)));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTForward(AeFFT f, double *u)
{
  PetscFunctionBegin;
  PetscCall(Execute(f, u, PETSC_FALSE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTBackward(AeFFT f, double *u)
{
  PetscFunctionBegin;
  PetscCall(Execute(f, u, PETSC_TRUE));
  PetscFunctionReturn(0);
}
