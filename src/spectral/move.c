/*
  Between a grid's division into rows and FFTW's into planes. Where each rank's block is FFTW's, rows are copied.
  Otherwise one PetscSF moves them: its roots are the cells of the field as it lies in memory, its leaves the points of
  the transform's buffer, so that nothing is packed by us.
*/
#include "spectral_private.h"

struct AeFFTMove {
  PetscInt  js, ks, nj, nk; /* the grid's block ... */
  ptrdiff_t pitch, plane;   /* ... and its layout that the graph was made for */
  PetscBool direct;
  PetscSF   sf;
};

PetscErrorCode AeFFTMoveDestroy(AeFFT f)
{
  PetscFunctionBegin;
  if (f->move) PetscCall(PetscSFDestroy(&f->move->sf));
  PetscCall(PetscFree(f->move));
  PetscFunctionReturn(0);
}

/* Leaf (i,j,k) of this rank's planes is cell (i,j,k) of the rank that owns its row. */
static PetscErrorCode Graph(AeFFT f, AeGrid g, struct AeFFTMove *m)
{
  const PetscInt nleaves = f->nk * f->n[1] * f->n[0];
  PetscInt      *ilocal, *layout, own[2] = {(PetscInt)m->pitch, (PetscInt)m->plane}, l = 0;
  PetscSFNode   *iremote;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(2 * f->size, &layout)); /* pitches may differ from rank to rank */
  PetscCallMPI(MPI_Allgather(own, 2, MPIU_INT, layout, 2, MPIU_INT, f->comm));
  PetscCall(PetscMalloc1(nleaves, &ilocal));
  PetscCall(PetscMalloc1(nleaves, &iremote));
  for (PetscInt k = f->ks; k < f->ks + f->nk; k++)
    for (PetscInt j = 0; j < f->n[1]; j++) {
      const PetscMPIInt owner = AeGridRowOwner(g, j, k);
      PetscInt          js, ks, nj, nk;

      AeGridBlock(g, owner, &js, &ks, &nj, &nk);
      for (PetscInt i = 0; i < f->n[0]; i++, l++) {
        ilocal[l]        = (PetscInt)(((k - f->ks) * f->n[1] + j) * f->pitch + i);
        iremote[l].rank  = owner;
        iremote[l].index = (k - ks) * layout[2 * owner + 1] + (j - js) * layout[2 * owner] + i;
      }
    }
  PetscCall(PetscFree(layout));
  PetscCall(PetscSFCreate(f->comm, &m->sf));
  PetscCall(PetscSFSetGraph(m->sf, (PetscInt)((g->nk - 1) * m->plane + (g->nj - 1) * m->pitch + g->n[0]), nleaves, ilocal,
                            PETSC_OWN_POINTER, iremote, PETSC_OWN_POINTER));
  PetscCall(PetscSFSetUp(m->sf));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTMovePrepare(AeFFT f, AeGrid g, ptrdiff_t pitch, ptrdiff_t plane, PetscBool *direct)
{
  struct AeFFTMove *m = f->move;
  int               state[2]; /* all ranks must agree, or some would wait for others */

  PetscFunctionBegin;
  PetscCheck(!memcmp(f->n, g->n, sizeof f->n) && f->size == g->size, f->comm, PETSC_ERR_ARG_SIZ,
             "a transform of another shape than the grid's");
  state[0] = !m || m->js != g->js || m->ks != g->ks || m->nj != g->nj || m->nk != g->nk ||
             (!m->direct && (m->pitch != pitch || m->plane != plane));
  state[1] = g->js || g->nj != f->n[1] || g->nk != f->nk || (g->ks != f->ks && f->nk);
  if (f->size > 1) PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, state, 2, MPI_INT, MPI_MAX, f->comm));
  *direct = (PetscBool)!state[1];
  if (!state[0]) PetscFunctionReturn(0);
  PetscCall(AeFFTMoveDestroy(f));
  PetscCall(PetscNew(&m));
  f->move   = m;
  m->js     = g->js;
  m->ks     = g->ks;
  m->nj     = g->nj;
  m->nk     = g->nk;
  m->pitch  = pitch;
  m->plane  = plane;
  m->direct = *direct;
  PetscCall(PetscInfo(NULL, "transform of %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT ": the grid's division %s\n",
                      f->n[0], f->n[1], f->n[2], m->direct ? "is FFTW's" : "differs from FFTW's, rows are redistributed"));
  if (!m->direct) PetscCall(Graph(f, g, m));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTMoveRows(AeFFT f, MPI_Datatype unit, const void *field, void *points)
{
  PetscFunctionBegin;
  PetscCall(PetscSFBcastBegin(f->move->sf, unit, field, points, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(f->move->sf, unit, field, points, MPI_REPLACE));
  f->moves++;
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTLoad(AeFFT f, AeGrid g, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double *u)
{
  PetscBool direct;

  PetscFunctionBegin;
  PetscCall(AeFFTMovePrepare(f, g, pitch, plane, &direct));
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT_MOVE], 0, 0, 0, 0));
  if (direct) {
    for (PetscInt k = 0; k < f->nk; k++)
      for (PetscInt j = 0; j < f->n[1]; j++)
        memcpy(u + (k * (ptrdiff_t)f->n[1] + j) * f->pitch, field + k * plane + j * pitch, (size_t)f->n[0] * sizeof(double));
  } else PetscCall(AeFFTMoveRows(f, MPIU_SCALAR, field, u));
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT_MOVE], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTStore(AeFFT f, AeGrid g, const double *u, double *field, ptrdiff_t pitch, ptrdiff_t plane)
{
  PetscBool direct;

  PetscFunctionBegin;
  PetscCall(AeFFTMovePrepare(f, g, pitch, plane, &direct));
  PetscCall(PetscLogEventBegin(aeSpectralEvent[AE_EVENT_FFT_MOVE], 0, 0, 0, 0));
  if (direct) {
    for (PetscInt k = 0; k < f->nk; k++)
      for (PetscInt j = 0; j < f->n[1]; j++)
        memcpy(field + k * plane + j * pitch, u + (k * (ptrdiff_t)f->n[1] + j) * f->pitch, (size_t)f->n[0] * sizeof(double));
  } else {
    PetscCall(PetscSFReduceBegin(f->move->sf, MPIU_SCALAR, u, field, MPI_REPLACE));
    PetscCall(PetscSFReduceEnd(f->move->sf, MPIU_SCALAR, u, field, MPI_REPLACE));
    f->moves++;
  }
  PetscCall(PetscLogEventEnd(aeSpectralEvent[AE_EVENT_FFT_MOVE], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}
