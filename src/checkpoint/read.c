/*
  Checking and reading checkpoints, and which one of a folder to go on from.
*/
#include "checkpoint_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <petsc/private/tsimpl.h>
#undef I
#include <sys/stat.h>
#include <unistd.h>

hid_t CkOpen(hid_t file, const char name[], char sum[CK_HEX], char why[])
{
  const hid_t d = CkTry(H5Dopen2(file, name, H5P_DEFAULT), why), a = d < 0 ? -1 : CkTry(H5Aopen(d, "blake2b", H5P_DEFAULT), why);
  hid_t       type;

  sum[0] = 0;
  if (a >= 0) {
    type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, CK_HEX);
    CkTry(H5Aread(a, type, sum), why);
    sum[CK_HEX - 1] = 0;
    H5Tclose(type);
    H5Aclose(a);
  }
  return d;
}

/* The bytes of a dataset a few planes (or pieces of a row) at a time; each is handed to `take`. */
typedef PetscErrorCode (*Take)(void *ctx, hsize_t first, hsize_t count, void *data);

static PetscErrorCode ReadDataset(hid_t d, hsize_t piece, void *room, Take take, void *ctx, unsigned char digest[CK_DIGEST],
                                  char why[])
{
  const hid_t              space = H5Dget_space(d), type = H5Dget_type(d);
  const size_t             item = H5Tget_size(type);
  const int                rank = H5Sget_simple_extent_ndims(space);
  hsize_t                  n[3] = {0, 1, 1}, start[3] = {0, 0, 0}, count[3];
  crypto_generichash_state h;
  PetscErrorCode           ierr = 0;

  if (rank > 0 && rank <= 3) H5Sget_simple_extent_dims(space, n, NULL);
  crypto_generichash_init(&h, NULL, 0, CK_DIGEST);
  for (start[0] = 0; start[0] < n[0] && !why[0] && !ierr; start[0] += piece) {
    hid_t part;

    count[0] = PetscMin(piece, n[0] - start[0]);
    count[1] = n[1];
    count[2] = n[2];
    part     = H5Screate_simple(rank, count, NULL);
    CkTry(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL), why);
    CkTry(H5Dread(d, type, part, space, H5P_DEFAULT, room), why);
    H5Sclose(part);
    if (why[0]) break;
    crypto_generichash_update(&h, room, count[0] * n[1] * n[2] * item);
    if (take) ierr = (*take)(ctx, start[0], count[0], room);
  }
  crypto_generichash_final(&h, digest, CK_DIGEST);
  H5Tclose(type);
  H5Sclose(space);
  return ierr;
}

static int CheckOne(hid_t file, const char name[], char why[])
{
  char          sum[CK_HEX], hex[CK_HEX];
  unsigned char digest[CK_DIGEST];
  const hid_t   d = CkOpen(file, name, sum, why);

  if (d < 0) return -1;
  if (!why[0]) {
    const hid_t  space = H5Dget_space(d), type = H5Dget_type(d);
    hsize_t      n[3] = {1, 1, 1}, piece;
    const size_t item = H5Tget_size(type);
    void        *room;

    if (H5Sget_simple_extent_ndims(space) == 3) H5Sget_simple_extent_dims(space, n, NULL);
    piece = PetscMax(1, (hsize_t)(1 << 20) / (n[1] * n[2] * item));
    if (!(room = malloc(piece * n[1] * n[2] * item))) CkReason(why, "no memory to read it");
    else {
      (void)ReadDataset(d, piece, room, NULL, NULL, digest, why);
      sodium_bin2hex(hex, sizeof hex, digest, CK_DIGEST);
      if (strcmp(hex, sum)) CkReason(why, "%s is not what was written", name);
      free(room);
    }
    H5Tclose(type);
    H5Sclose(space);
  }
  H5Dclose(d);
  return why[0] ? -1 : 0;
}

static herr_t CheckLink(hid_t group, const char name[], const H5L_info_t *info, void *ctx)
{
  (void)info;
  return CheckOne(group, name, ctx) ? -1 : 0;
}

void CkCheckDatasets(const char path[], char why[])
{
  const hid_t file = CkTry(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), why);

  if (file < 0) return;
  for (int g = 0; g < 2; g++) {
    hsize_t     at    = 0;
    const hid_t group = CkTry(H5Gopen2(file, g ? "/run" : "/state", H5P_DEFAULT), why);

    if (group < 0) continue;
    (void)H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &at, CheckLink, why);
    H5Gclose(group);
  }
  H5Fclose(file);
}

/* The seal: 0 and the length of HDF5's part, or why. */
static void CheckSeal(const char path[], char why[])
{
  unsigned char trailer[CK_TRAILER] = {0}, digest[CK_DIGEST];
  uint64_t      size                = 0;
  struct stat   st                  = {0};
  const int     fd                  = open(path, O_RDONLY | O_CLOEXEC);
  int           err                 = fd < 0 || fstat(fd, &st) ? errno : 0;

  if (!err && (st.st_size < CK_TRAILER || pread(fd, trailer, CK_TRAILER, st.st_size - CK_TRAILER) != CK_TRAILER))
    CkReason(why, "it is cut short");
  if (fd >= 0) close(fd);
  if (err) CkReason(why, "%s", strerror(err));
  if (why[0]) return;
  for (int b = 0; b < 8; b++) size |= (uint64_t)trailer[8 + b] << (8 * b);
  if (memcmp(trailer, CK_MAGIC, 8) || size != (uint64_t)st.st_size - CK_TRAILER)
    CkReason(why, "it is cut short, or no checkpoint");
  else if ((err = CkDigestFile(path, size, digest))) CkReason(why, "%s", strerror(err));
  else if (memcmp(digest, trailer + 16, CK_DIGEST)) CkReason(why, "it is damaged: its checksum is not that of its bytes");
}

PetscErrorCode AeCheckpointCheck(const char path[], char why[], size_t len)
{
  char    reason[CK_REASON] = "";
  CkQuiet quiet;

  PetscFunctionBegin;
  CkQuietBegin(&quiet);
  CheckSeal(path, reason);
  if (!reason[0]) CkCheckDatasets(path, reason);
  CkQuietEnd(&quiet);
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
      char   why[CK_REASON];
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

static PetscErrorCode ShareReason(MPI_Comm comm, const char path[], PetscErrorCode code, char why[])
{
  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(why, CK_REASON, MPI_CHAR, 0, comm));
  PetscCheck(!why[0], comm, code, "%s: %s", path, why);
  PetscFunctionReturn(0);
}

PetscErrorCode AeCheckpointLoadPart(MPI_Comm comm, const char path[], const char name[], void **data, size_t *size)
{
  char        why[CK_REASON] = "", where[160], sum[CK_HEX], hex[CK_HEX];
  PetscMPIInt rank;
  PetscInt64  n    = 0;
  hid_t       file = -1, d = -1;
  CkQuiet     quiet;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  CkQuietBegin(&quiet);
  snprintf(where, sizeof where, "/run/%s", name);
  if (!rank && (file = CkTry(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), why)) >= 0 && H5Lexists(file, where, H5P_DEFAULT) > 0 &&
      (d = CkOpen(file, where, sum, why)) >= 0) {
    const hid_t space = H5Dget_space(d);
    n                 = (PetscInt64)H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
  }
  PetscCallMPI(MPI_Bcast(&n, 1, MPIU_INT64, 0, comm));
  PetscCall(PetscCalloc1((size_t)n + 1, (char **)data)); /* text parts then end with a 0 */
  if (!rank && n > 0) {
    unsigned char digest[CK_DIGEST];

    PetscCall(ReadDataset(d, (hsize_t)n, *data, NULL, NULL, digest, why));
    sodium_bin2hex(hex, sizeof hex, digest, CK_DIGEST);
    if (strcmp(hex, sum)) CkReason(why, "%s is not what was written", where);
  }
  if (d >= 0) H5Dclose(d);
  if (file >= 0) H5Fclose(file);
  CkQuietEnd(&quiet);
  PetscCall(ShareReason(comm, path, PETSC_ERR_FILE_READ, why));
  PetscCallMPI(MPI_Bcast(*data, (PetscMPIInt)n, MPI_BYTE, 0, comm));
  *size = (size_t)n;
  if (!n) PetscCall(PetscFree(*data));
  PetscFunctionReturn(0);
}

/* A field: rank 0 reads planes, all take theirs. A failure is remembered and the scatters go on. */
static PetscErrorCode LoadField(hid_t file, CkPieces *P, double *u, ptrdiff_t f, const char name[], char why[])
{
  char                     where[160], sum[CK_HEX] = "", hex[CK_HEX];
  unsigned char            digest[CK_DIGEST];
  crypto_generichash_state h;
  hid_t                    d = -1, space = -1;

  PetscFunctionBegin;
  snprintf(where, sizeof where, "/state/%s", name);
  crypto_generichash_init(&h, NULL, 0, CK_DIGEST);
  if (!P->g->rank && !why[0]) {
    hsize_t n[3] = {0, 0, 0};

    if (H5Lexists(file, where, H5P_DEFAULT) <= 0)
      CkReason(why, "it has no field %s: it is of another formulation or gauge", name);
    else d = CkOpen(file, where, sum, why);
    if (d >= 0) space = H5Dget_space(d);
    if (space >= 0 && H5Sget_simple_extent_ndims(space) == 3) H5Sget_simple_extent_dims(space, n, NULL);
    if (!why[0] && (n[0] != (hsize_t)P->g->n[2] || n[1] != (hsize_t)P->g->n[1] || n[2] != (hsize_t)P->g->n[0]))
      CkReason(why, "it has %d x %d x %d cells, -grid_n says %d x %d x %d", (int)n[2], (int)n[1], (int)n[0], (int)P->g->n[0],
               (int)P->g->n[1], (int)P->g->n[2]);
  }
  for (ptrdiff_t k = 0; k < P->g->n[2]; k += P->planes) {
    const ptrdiff_t end = PetscMin(k + P->planes, P->g->n[2]);

    if (d >= 0 && !why[0]) {
      const hsize_t start[3] = {(hsize_t)k, 0, 0}, count[3] = {(hsize_t)(end - k), (hsize_t)P->g->n[1], (hsize_t)P->g->n[0]};
      const hid_t   planes = H5Screate_simple(3, count, NULL);

      CkTry(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL), why);
      CkTry(H5Dread(d, H5T_NATIVE_DOUBLE, planes, space, H5P_DEFAULT, P->natural), why);
      H5Sclose(planes);
      crypto_generichash_update(&h, (const unsigned char *)P->natural,
                                (size_t)(end - k) * P->g->n[0] * P->g->n[1] * sizeof(double));
    }
    PetscCall(CkScatter(P, u, f, k, end));
  }
  if (d >= 0) {
    crypto_generichash_final(&h, digest, CK_DIGEST);
    sodium_bin2hex(hex, sizeof hex, digest, CK_DIGEST);
    if (strcmp(hex, sum)) CkReason(why, "%s is not what was written", where);
    H5Sclose(space);
    H5Dclose(d);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeCheckpointLoadState(AeFields F, Vec U, const char path[])
{
  const AeFieldInfo *info;
  CkPieces           P;
  CkQuiet            quiet;
  hid_t              file           = -1;
  char               why[CK_REASON] = "";
  double            *u;

  PetscFunctionBegin;
  PetscCall(CkPiecesCreate(F, &P));
  PetscCall(AeFieldsGetInfo(F, NULL, NULL, &info));
  CkQuietBegin(&quiet);
  if (!P.g->rank) file = CkTry(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), why);
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t f = 0; f < P.L->nf; f++) PetscCall(LoadField(file, &P, u, f, info[f].name, why));
  PetscCall(VecRestoreArray(U, &u));
  if (file >= 0) H5Fclose(file);
  CkQuietEnd(&quiet);
  PetscCall(ShareReason(P.g->comm, path, AE_ERR_USAGE, why));
  PetscCall(CkPiecesDestroy(&P));
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
