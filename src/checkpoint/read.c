/*
  Checking and reading checkpoints, and which one of a folder to go on from.
*/
#include "checkpoint_private.h"
#include <dirent.h>
#include <petsc/private/tsimpl.h>
#undef I
#include <unistd.h>

PetscErrorCode AeCheckpointCheck(const char path[], char why[], size_t len)
{
  char reason[AE_REASON] = "";

  PetscFunctionBegin;
  AeSealedCheck(path, PETSC_TRUE, reason);
  PetscCall(PetscStrncpy(why, reason, len));
  PetscFunctionReturn(0);
}

/* ---- the folder ---- */

/* The step of a checkpoint's name, -1 for other files. */
static PetscInt StepOf(const char name[])
{
  char *end;
  long  n = strtol(name, &end, 10);

  return *name >= '0' && *name <= '9' && end - name >= 6 && !strcmp(end, ".h5") && n <= PETSC_MAX_INT ? (PetscInt)n : -1;
}

/* The largest step below `below` in a folder, -1 if there is none. */
static PetscInt NewestBelow(const char folder[], PetscInt below)
{
  DIR           *dir  = opendir(folder);
  PetscInt       best = -1;
  struct dirent *e;

  while (dir && (e = readdir(dir))) {
    const PetscInt n = StepOf(e->d_name);
    if (n < below && n > best) best = n;
  }
  if (dir) closedir(dir);
  return best;
}

PetscErrorCode AeCheckpointFind(MPI_Comm comm, const char folder[], char path[], size_t len, PetscInt *step, char refused[],
                                size_t rlen)
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  *step      = -1;
  refused[0] = 0;
  if (!rank) {
    PetscInt n = NewestBelow(folder, PETSC_MAX_INT);

    for (; n >= 0; n = NewestBelow(folder, n)) {
      char   why[AE_REASON];
      size_t used;

      PetscCall(PetscSNPrintf(path, len, "%s/%06" PetscInt_FMT ".h5", folder, n));
      PetscCall(AeCheckpointCheck(path, why, sizeof why));
      if (!why[0]) break;
      PetscCall(PetscStrlen(refused, &used));
      PetscCall(PetscSNPrintf(refused + used, rlen - used, "%s%s: %s", used ? "; " : "", path, why));
    }
    *step = n;
  }
  PetscCallMPI(MPI_Bcast(step, 1, MPIU_INT, 0, comm));
  PetscCallMPI(MPI_Bcast(path, (PetscMPIInt)len, MPI_CHAR, 0, comm));
  PetscCallMPI(MPI_Bcast(refused, (PetscMPIInt)rlen, MPI_CHAR, 0, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCheckpointKeep(MPI_Comm comm, const char folder[], PetscInt keep)
{
  PetscMPIInt    rank;
  char           path[PETSC_MAX_PATH_LEN + 300];
  DIR           *dir;
  struct dirent *e;
  PetscInt       n = PETSC_MAX_INT;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < keep && n >= 0; k++) n = NewestBelow(folder, n);
  while (n >= 0 && (n = NewestBelow(folder, n)) >= 0) {
    snprintf(path, sizeof path, "%s/%06d.h5", folder, (int)n);
    (void)unlink(path);
  }
  dir = opendir(folder);
  while (dir && (e = readdir(dir))) {
    const size_t l = strlen(e->d_name);

    if (l < 8 || strcmp(e->d_name + l - 7, ".h5.tmp")) continue;
    snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    (void)unlink(path);
  }
  if (dir) closedir(dir);
  PetscFunctionReturn(0);
}

/* ---- reading ---- */

PetscErrorCode AeCheckpointLoadPart(MPI_Comm comm, const char path[], const char name[], void **data, size_t *size)
{
  char        why[AE_REASON] = "", where[160];
  PetscMPIInt rank;
  PetscInt64  n    = 0;
  hid_t       file = -1, d = -1;
  AeH5Quiet   quiet;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  AeH5QuietBegin(&quiet);
  PetscCall(PetscSNPrintf(where, sizeof where, "/run/%s", name));
  if (!rank) file = AeH5Try(why, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
  if (file >= 0 && H5Lexists(file, where, H5P_DEFAULT) > 0) d = AeH5Try(why, H5Dopen2(file, where, H5P_DEFAULT));
  if (d >= 0) {
    const hid_t space = H5Dget_space(d);
    n                 = (PetscInt64)H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
  }
  PetscCallMPI(MPI_Bcast(&n, 1, MPIU_INT64, 0, comm));
  PetscCall(PetscCalloc1((size_t)n + 1, (char **)data)); /* text parts then end with a 0 */
  if (d >= 0) {
    unsigned char digest[AE_DIGEST];

    if (n) AeH5Try(why, H5Dread(d, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, *data));
    crypto_generichash(digest, AE_DIGEST, *data, (size_t)n, NULL, 0);
    AeH5SumIs(why, d, where, digest);
    H5Dclose(d);
  }
  if (file >= 0) H5Fclose(file);
  AeH5QuietEnd(&quiet);
  PetscCall(AeAgreeOrRaise(comm, PETSC_ERR_FILE_READ, "read", path, why));
  PetscCallMPI(MPI_Bcast(*data, (PetscMPIInt)n, MPI_BYTE, 0, comm));
  *size = (size_t)n;
  if (!n) PetscCall(PetscFree(*data));
  PetscFunctionReturn(0);
}

/* Rank 0: the dataset of a field, if it is one of this box. */
static hid_t OpenField(hid_t file, const CkPieces *P, const char where[], const char name[], char why[])
{
  hsize_t n[3] = {0, 0, 0};
  hid_t   d    = -1;

  if (H5Lexists(file, P->group, H5P_DEFAULT) <= 0 || H5Lexists(file, where, H5P_DEFAULT) <= 0)
    AeReason(why, "it has no field %s: it is of another formulation or gauge", name);
  else d = AeH5Try(why, H5Dopen2(file, where, H5P_DEFAULT));
  if (d >= 0) {
    const hid_t space = H5Dget_space(d);

    if (H5Sget_simple_extent_ndims(space) == 3) H5Sget_simple_extent_dims(space, n, NULL);
    H5Sclose(space);
    if (n[0] != (hsize_t)P->g->n[2] || n[1] != (hsize_t)P->g->n[1] || n[2] != (hsize_t)P->g->n[0])
      AeReason(why, "it has %d x %d x %d cells, -grid_n says %d x %d x %d", (int)n[2], (int)n[1], (int)n[0], (int)P->g->n[0],
               (int)P->g->n[1], (int)P->g->n[2]);
  }
  return d;
}

/* A field: rank 0 reads planes, all take theirs. A failure is remembered and the scatters go on. */
static PetscErrorCode LoadField(hid_t file, CkPieces *P, double *u, ptrdiff_t f, char why[])
{
  char                     where[160];
  unsigned char            digest[AE_DIGEST];
  crypto_generichash_state h;
  hid_t                    d = -1;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(where, sizeof where, "%s/%s", P->group, P->info[f].name));
  crypto_generichash_init(&h, NULL, 0, AE_DIGEST);
  if (!P->g->rank && !why[0]) d = OpenField(file, P, where, P->info[f].name, why);
  for (ptrdiff_t k = 0; k < P->g->n[2]; k += P->planes) {
    const ptrdiff_t end = PetscMin(k + P->planes, P->g->n[2]);

    if (d >= 0 && !why[0]) CkMovePlanes(P, d, k, end, PETSC_FALSE, &h, why);
    PetscCall(CkScatter(P, u, f, k, end));
  }
  if (d >= 0) {
    crypto_generichash_final(&h, digest, AE_DIGEST);
    if (!why[0]) AeH5SumIs(why, d, where, digest);
    H5Dclose(d);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeCheckpointLoadState(PetscInt nboxes, const AeCheckpointBox box[], const char path[])
{
  CkPieces  P;
  AeH5Quiet quiet;
  hid_t     file           = -1;
  char      why[AE_REASON] = "";
  double   *u;
  MPI_Comm  comm = MPI_COMM_NULL;

  PetscFunctionBegin;
  AeH5QuietBegin(&quiet);
  for (PetscInt b = 0; b < nboxes; b++) {
    PetscCall(CkPiecesCreate(box[b].fields, b, &P));
    comm = P.g->comm;
    if (!b && !P.g->rank) file = AeH5Try(why, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
    PetscCall(VecGetArray(box[b].U, &u));
    for (ptrdiff_t f = 0; f < P.L->nf; f++) PetscCall(LoadField(file, &P, u, f, why));
    PetscCall(VecRestoreArray(box[b].U, &u));
    PetscCall(CkPiecesDestroy(&P));
  }
  if (file >= 0) H5Fclose(file);
  AeH5QuietEnd(&quiet);
  PetscCall(AeAgreeOrRaise(comm, AE_ERR_USAGE, "read", path, why));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCheckpointSetTS(TS ts, PetscInt step, PetscReal t, PetscReal dt, PetscInt rejections)
{
  PetscFunctionBegin;
  PetscCall(TSSetTime(ts, t));
  PetscCall(TSSetStepNumber(ts, step));
  PetscCall(TSSetTimeStep(ts, dt));
  ts->reject = rejections;
  PetscFunctionReturn(0);
}
