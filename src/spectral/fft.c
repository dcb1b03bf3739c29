/*
  AeFFT: the plan cache. One FFTW plan pair for each shape, kind of transform and communicator; FFTW's own serial
  transforms on one rank, its MPI ones, output left transposed, on several.
*/
#include "spectral_private.h"

static AeFFT    cache;
static PetscInt plans_made;

/*
  At PetscFinalize. Tables of modes borrow transforms and go first; the wisdom goes too, so that a second start begins like the
  first.
*/
static PetscErrorCode DestroyAll(void)
{
  PetscFunctionBegin;
  PetscCall(AeModesDestroyAll());
  while (cache) {
    AeFFT f = cache;

    cache = f->next;
    PetscCall(AeFFTMoveDestroy(f));
    PetscCall(AeFFTFp32Destroy(f));
    fftw_destroy_plan(f->forward);
    fftw_destroy_plan(f->backward);
    PetscCall(AeFFTFilterDestroy(f));
    PetscCallMPI(MPI_Comm_free(&f->comm));
    PetscCall(PetscFree(f));
  }
  AeWisdomForget();
  plans_made = 0;
  PetscFunctionReturn(0);
}

/* Sizes of this rank's part, in points and in modes. */
static void Layout(AeFFT f)
{
  const ptrdiff_t mx = f->is_complex ? f->n[0] / 2 + 1 : f->n[0];
  ptrdiff_t       n0 = f->n[2], s0 = 0, n1 = f->n[1], s1 = 0, room;

  f->m[0]   = (PetscInt)mx;
  f->m[1]   = f->n[1];
  f->m[2]   = f->n[2];
  f->mpitch = f->is_complex ? 2 * mx : mx;
  f->pitch  = f->mpitch;
  f->outer  = f->size > 1 ? 1 : 2;
  room      = f->mpitch * f->n[1] * f->n[2];
  if (f->size > 1) {
    const ptrdiff_t n[3] = {f->n[2], f->n[1], mx};
    /* a complex transform's room is counted in complex numbers */
    room =
      fftw_mpi_local_size_many_transposed(3, n, 1, FFTW_MPI_DEFAULT_BLOCK, FFTW_MPI_DEFAULT_BLOCK, f->comm, &n0, &s0, &n1, &s1) *
      (f->is_complex ? 2 : 1);
  }
  f->ks      = (PetscInt)s0;
  f->nk      = (PetscInt)n0;
  f->ms      = f->outer == 1 ? (PetscInt)s1 : (PetscInt)s0;
  f->mn      = f->outer == 1 ? (PetscInt)n1 : (PetscInt)n0;
  f->inner   = f->m[f->outer == 1 ? 2 : 1];
  f->doubles = (size_t)PetscMax(room, 1);
}

/*
  FFTW counts axes from the slowest: z, y, x. Planning with more than -fft_rigor estimate overwrites the arrays, hence a room of
  its own. On several ranks modes stay transposed (y before z), which saves a communication each way.
*/
static PetscErrorCode Plan(AeFFT f)
{
  double       *u;
  unsigned      flag;
  const int     nz = (int)f->n[2], ny = (int)f->n[1], nx = (int)f->n[0];
  fftw_r2r_kind fk[3], bk[3];

  PetscFunctionBegin;
  PetscCall(AeFFTRigor(f->comm, &flag));
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT_PLAN], 0, 0, 0, 0));
  PetscCall(AeSpectralAlloc(f->doubles, &u));
  for (int d = 0; d < 3; d++) {
    fk[d] = aeForwardKind[f->kind[2 - d]];
    bk[d] = aeBackwardKind[f->kind[2 - d]];
  }
  if (f->size == 1 && f->is_complex) {
    f->forward  = fftw_plan_dft_r2c_3d(nz, ny, nx, u, (fftw_complex *)u, flag);
    f->backward = fftw_plan_dft_c2r_3d(nz, ny, nx, (fftw_complex *)u, u, flag);
  } else if (f->size == 1) {
    f->forward  = fftw_plan_r2r_3d(nz, ny, nx, u, u, fk[0], fk[1], fk[2], flag);
    f->backward = fftw_plan_r2r_3d(nz, ny, nx, u, u, bk[0], bk[1], bk[2], flag);
  } else if (f->is_complex) {
    f->forward  = fftw_mpi_plan_dft_r2c_3d(nz, ny, nx, u, (fftw_complex *)u, f->comm, flag | FFTW_MPI_TRANSPOSED_OUT);
    f->backward = fftw_mpi_plan_dft_c2r_3d(nz, ny, nx, (fftw_complex *)u, u, f->comm, flag | FFTW_MPI_TRANSPOSED_IN);
  } else {
    f->forward  = fftw_mpi_plan_r2r_3d(nz, ny, nx, u, u, f->comm, fk[0], fk[1], fk[2], flag | FFTW_MPI_TRANSPOSED_OUT);
    f->backward = fftw_mpi_plan_r2r_3d(nz, ny, nx, u, u, f->comm, bk[0], bk[1], bk[2], flag | FFTW_MPI_TRANSPOSED_IN);
  }
  free(u);
  PetscCheck(f->forward && f->backward, f->comm, PETSC_ERR_LIB, "FFTW has no plan for %d x %d x %d on %d ranks", nx, ny, nz,
             f->size);
  plans_made += 2;
  PetscCall(AeWisdomSave(f->comm));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT_PLAN], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

static PetscErrorCode New(MPI_Comm comm, AeFFT *fft)
{
  AeFFT f;

  PetscFunctionBegin;
  if (!cache) PetscCall(PetscRegisterFinalize(DestroyAll));
  PetscCall(AeSpectralEvents());
  PetscCall(PetscNew(&f));
  PetscCallMPI(MPI_Comm_dup(comm, &f->comm));
  PetscCallMPI(MPI_Comm_rank(f->comm, &f->rank));
  PetscCallMPI(MPI_Comm_size(f->comm, &f->size));
  f->is_complex = PETSC_TRUE;
  f->scale      = 1.0;
  *fft          = f;
  PetscFunctionReturn(0);
}

static AeFFT Find(MPI_Comm comm, const PetscInt n[3], const AeTransform kind[3], PetscBool single, PetscBool modes_only)
{
  AeFFT f;

  for (f = cache; f; f = f->next) {
    PetscMPIInt same;

    if (f->single == single && f->modes_only == modes_only && !memcmp(n, f->n, sizeof f->n) &&
        !memcmp(kind, f->kind, sizeof f->kind) && !MPI_Comm_compare(comm, f->comm, &same) &&
        (same == MPI_CONGRUENT || same == MPI_IDENT))
      break;
  }
  return f;
}

/* Collective where the transform is new: planning on several ranks is. The cache owns it until PetscFinalize. */
static PetscErrorCode Get(MPI_Comm comm, const PetscInt n[3], const AeTransform kind[3], PetscBool single, AeFFT *fft)
{
  AeFFT f;

  PetscFunctionBegin;
  f    = Find(comm, n, kind, single, PETSC_FALSE);
  *fft = f;
  if (f) PetscFunctionReturn(0);
  for (int d = 0; d < 3; d++)
    PetscCheck(n[d] > 0, comm, PETSC_ERR_ARG_OUTOFRANGE, "a transform of %" PetscInt_FMT " points along axis %d", n[d], d);
  PetscCall(New(comm, &f));
  for (int d = 0; d < 3; d++) {
    f->n[d]    = n[d];
    f->kind[d] = kind[d];
    if (kind[d] != AE_DFT) f->is_complex = PETSC_FALSE;
    f->scale /= (kind[d] == AE_DFT ? 1.0 : 2.0) * (PetscReal)n[d];
  }
  PetscCall(AeWisdomStart(f->comm));
  Layout(f);
  f->single = single;
  if (single) {
    PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT_PLAN], 0, 0, 0, 0));
    PetscCall(AeFFTFp32Plan(f));
    plans_made++;
    PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT_PLAN], 0, 0, 0, 0));
  } else PetscCall(Plan(f));
  f->next = cache;
  cache   = f;
  *fft    = f;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTGet(MPI_Comm comm, const PetscInt n[3], const AeTransform kind[3], AeFFT *fft)
{
  PetscFunctionBegin;
  PetscCall(Get(comm, n, kind, PETSC_FALSE, fft));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTGetSingle(MPI_Comm comm, const PetscInt n[3], const AeTransform kind[3], AeFFT *fft)
{
  PetscFunctionBegin;
  PetscCall(Get(comm, n, kind, PETSC_TRUE, fft));
  PetscFunctionReturn(0);
}

PetscErrorCode AeBandModes(AeBand b, AeFFT *fft)
{
  const PetscInt    n[3]    = {2 * b->K[0] + 1, 2 * b->K[1] + 1, 2 * b->K[2] + 1};
  const AeTransform kind[3] = {AE_DFT, AE_DFT, AE_DFT};
  AeFFT             f       = Find(b->comm, n, kind, PETSC_FALSE, PETSC_TRUE);

  PetscFunctionBegin;
  *fft = f;
  if (f) PetscFunctionReturn(0);
  PetscCall(New(b->comm, &f));
  f->modes_only = PETSC_TRUE;
  for (int d = 0; d < 3; d++) {
    f->n[d] = n[d];
    f->m[d] = b->m[d];
  }
  f->outer   = 1;
  f->ms      = b->ys;
  f->mn      = b->yn;
  f->inner   = b->m[2];
  f->mpitch  = 2 * b->m[0];
  f->doubles = (size_t)(2 * AeBandSize(b));
  f->next    = cache;
  cache      = f;
  *fft       = f;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTPlans(PetscInt *plans, PetscInt64 *transforms, PetscInt64 *moves)
{
  PetscFunctionBegin;
  if (plans) *plans = plans_made;
  if (transforms) *transforms = 0;
  if (moves) *moves = 0;
  for (AeFFT f = cache; f; f = f->next) {
    if (transforms) *transforms += f->transforms;
    if (moves) *moves += f->moves;
  }
  PetscFunctionReturn(0);
}
