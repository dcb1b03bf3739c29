/*
  What writing and reading share: planes of rows between the ranks and rank 0, HDF5's reasons, digests.
*/
#include "checkpoint_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

PetscErrorCode CkPiecesCreate(AeFields F, CkPieces *P)
{
  PetscFunctionBegin;
  P->F = F;
  PetscCall(AeFieldsGetInfo(F, &P->g, &P->L, NULL));
  P->planes = PetscMax(1, (ptrdiff_t)(1 << 20) / ((ptrdiff_t)P->g->n[0] * P->g->n[1]));
  P->planes = PetscMin(P->planes, P->g->n[2]);
  P->all = P->natural = NULL;
  P->count = P->first = NULL;
  PetscCall(PetscMalloc1((size_t)(P->planes * P->L->nj * P->L->nx), &P->mine));
  if (!P->g->rank)
    PetscCall(PetscMalloc4((size_t)P->planes * P->g->n[0] * P->g->n[1], &P->all, (size_t)P->planes * P->g->n[0] * P->g->n[1],
                           &P->natural, P->g->size, &P->count, P->g->size, &P->first));
  PetscFunctionReturn(0);
}

PetscErrorCode CkPiecesDestroy(CkPieces *P)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(P->mine));
  if (P->natural) PetscCall(PetscFree4(P->all, P->natural, P->count, P->first));
  PetscFunctionReturn(0);
}

/* The planes of [k0, k1) that a slab [ks, ks + nk) has. */
static ptrdiff_t Overlap(ptrdiff_t k0, ptrdiff_t k1, ptrdiff_t ks, ptrdiff_t nk, ptrdiff_t *from)
{
  *from = PetscMax(k0, ks);
  return PetscMax(0, PetscMin(k1, ks + nk) - *from);
}

/* How many numbers of the piece each rank has (rank 0). */
static void Counts(CkPieces *P, ptrdiff_t k0, ptrdiff_t k1)
{
  for (PetscMPIInt r = 0, sum = 0; r < P->g->size; r++) {
    PetscInt  js, ks, nj, nk;
    ptrdiff_t from;

    AeGridBlock(P->g, r, &js, &ks, &nj, &nk);
    P->first[r]        = sum;
    sum += P->count[r] = (PetscMPIInt)(Overlap(k0, k1, ks, nk, &from) * nj * P->g->n[0]);
  }
}

/* Rank 0: between rows by rank and rows in natural order. */
static void Sort(CkPieces *P, ptrdiff_t k0, ptrdiff_t k1, PetscBool to_natural)
{
  const size_t row = (size_t)P->g->n[0];

  for (PetscMPIInt r = 0; r < P->g->size; r++) {
    PetscInt  js, ks, nj, nk;
    ptrdiff_t from, n;
    double   *a = P->all + P->first[r];

    AeGridBlock(P->g, r, &js, &ks, &nj, &nk);
    n = Overlap(k0, k1, ks, nk, &from);
    for (ptrdiff_t k = from; k < from + n; k++)
      for (ptrdiff_t j = js; j < js + nj; j++, a += row) {
        double *b = P->natural + ((k - k0) * P->g->n[1] + j) * (ptrdiff_t)row;

        if (to_natural) memcpy(b, a, row * sizeof *a);
        else memcpy(a, b, row * sizeof *a);
      }
  }
}

/* This rank: between its rows of the piece and the state. */
static PetscMPIInt Pack(CkPieces *P, double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1, PetscBool from_state)
{
  ptrdiff_t       from;
  const ptrdiff_t n = Overlap(k0, k1, P->g->ks, P->L->nk, &from);
  double         *a = P->mine;

  for (ptrdiff_t k = from - P->g->ks; k < from - P->g->ks + n; k++)
    for (ptrdiff_t j = 0; j < P->L->nj; j++, a += P->L->nx) {
      double *b = u + AeAt(P->L, f, k, j, 0);

      if (from_state) memcpy(a, b, (size_t)P->L->nx * sizeof *a);
      else memcpy(b, a, (size_t)P->L->nx * sizeof *a);
    }
  return (PetscMPIInt)(a - P->mine);
}

PetscErrorCode CkGather(CkPieces *P, const double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1)
{
  const PetscMPIInt n = Pack(P, (double *)u, f, k0, k1, PETSC_TRUE);

  PetscFunctionBegin;
  if (!P->g->rank) Counts(P, k0, k1);
  PetscCallMPI(MPI_Gatherv(P->mine, n, MPI_DOUBLE, P->all, P->count, P->first, MPI_DOUBLE, 0, P->g->comm));
  if (!P->g->rank) Sort(P, k0, k1, PETSC_TRUE);
  PetscFunctionReturn(0);
}

PetscErrorCode CkScatter(CkPieces *P, double *u, ptrdiff_t f, ptrdiff_t k0, ptrdiff_t k1)
{
  ptrdiff_t         from;
  const PetscMPIInt n = (PetscMPIInt)(Overlap(k0, k1, P->g->ks, P->L->nk, &from) * P->L->nj * P->L->nx);

  PetscFunctionBegin;
  if (!P->g->rank) {
    Counts(P, k0, k1);
    Sort(P, k0, k1, PETSC_FALSE);
  }
  PetscCallMPI(MPI_Scatterv(P->all, P->count, P->first, MPI_DOUBLE, P->mine, n, MPI_DOUBLE, 0, P->g->comm));
  (void)Pack(P, u, f, k0, k1, PETSC_FALSE);
  PetscFunctionReturn(0);
}

void CkReason(char why[], const char format[], ...)
{
  va_list args;

  if (why[0]) return;
  va_start(args, format);
  vsnprintf(why, CK_REASON, format, args);
  va_end(args);
}

/* The innermost entry of HDF5's error stack; of the system's errors only their text. */
static herr_t Innermost(unsigned n, const H5E_error2_t *e, void *ctx)
{
  const char *text = e->desc, *sys = text ? strstr(text, "error message = '") : NULL;
  char        buf[CK_REASON];

  if (n || !text) return 0;
  snprintf(buf, sizeof buf, "%s", sys ? sys + strlen("error message = '") : text);
  if (sys && strchr(buf, '\'')) *strchr(buf, '\'') = 0;
  CkReason(ctx, "%s", buf);
  return 0;
}

hid_t CkTry(hid_t result, char why[])
{
  if (result < 0) {
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, Innermost, why);
    CkReason(why, "HDF5 failed without saying why");
  }
  return result;
}

void CkQuietBegin(CkQuiet *q)
{
  H5Eget_auto2(H5E_DEFAULT, &q->print, &q->ctx);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void CkQuietEnd(const CkQuiet *q) { H5Eset_auto2(H5E_DEFAULT, q->print, q->ctx); }

int CkDigestFile(const char path[], uint64_t size, unsigned char digest[CK_DIGEST])
{
  enum { ROOM = 1 << 18 };
  static unsigned char     room[ROOM];
  crypto_generichash_state h;
  const int                fd  = open(path, O_RDONLY | O_CLOEXEC);
  int                      err = fd < 0 ? errno : 0;

  crypto_generichash_init(&h, NULL, 0, CK_DIGEST);
  while (!err && size) {
    const ssize_t n = read(fd, room, (size_t)PetscMin(size, (uint64_t)ROOM));

    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) err = n ? errno : EIO;
    else {
      crypto_generichash_update(&h, room, (unsigned long long)n);
      size -= (uint64_t)n;
    }
  }
  crypto_generichash_final(&h, digest, CK_DIGEST);
  if (fd >= 0) close(fd);
  return err;
}
