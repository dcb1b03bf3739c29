/*
  Writing a checkpoint. Rank 0 has the file; a failure there does not keep the others from handing over their rows, and
  what became of it is everyone's at the end.
*/
#include "checkpoint_private.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  hid_t file;
  char  path[PETSC_MAX_PATH_LEN], tmp[PETSC_MAX_PATH_LEN + 8], folder[PETSC_MAX_PATH_LEN];
  char  why[CK_REASON];
} Writer;

/* The disk space, before it is needed: a full disk then is known with the system's own reason. */
static void Reserve(Writer *w, uint64_t bytes, int how)
{
  const int fd  = open(w->tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  int       err = fd < 0 ? errno : 0;

  if (!err && fallocate(fd, how, 0, (off_t)bytes) && errno != EOPNOTSUPP && errno != ENOSYS) err = errno;
  if (fd >= 0) close(fd);
  if (err) CkReason(w->why, "%s", strerror(err));
}

static void Sum(hid_t data, const unsigned char digest[CK_DIGEST], char why[])
{
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  hid_t       a;
  char        hex[CK_HEX];

  sodium_bin2hex(hex, sizeof hex, digest, CK_DIGEST);
  H5Tset_size(type, CK_HEX);
  a = CkTry(H5Acreate2(data, "blake2b", type, space, H5P_DEFAULT, H5P_DEFAULT), why);
  if (a >= 0) {
    CkTry(H5Awrite(a, type, hex), why);
    H5Aclose(a);
  }
  H5Sclose(space);
  H5Tclose(type);
}

static hid_t Dataset(Writer *w, const char group[], const char name[], hid_t type, int rank, const hsize_t n[])
{
  const hid_t space  = rank == 1 && !n[0] ? H5Screate(H5S_NULL) : H5Screate_simple(rank, n, NULL),
              create = H5Pcreate(H5P_DATASET_CREATE);
  char  path[160];
  hid_t d;

  snprintf(path, sizeof path, "/%s/%s", group, name);
  H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
  d = CkTry(H5Dcreate2(w->file, path, type, space, H5P_DEFAULT, create, H5P_DEFAULT), w->why);
  H5Pclose(create);
  H5Sclose(space);
  return d;
}

static void WritePart(Writer *w, const AeCheckpointPart *part)
{
  const hsize_t n = part->size;
  unsigned char digest[CK_DIGEST];
  hid_t         d;

  if (w->why[0]) return;
  d = Dataset(w, "run", part->name, H5T_STD_U8LE, 1, &n);
  if (d < 0) return;
  if (n) CkTry(H5Dwrite(d, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, part->data), w->why);
  crypto_generichash(digest, CK_DIGEST, part->data, part->size, NULL, 0);
  Sum(d, digest, w->why);
  H5Dclose(d);
}

static void WritePlanes(Writer *w, hid_t d, CkPieces *P, ptrdiff_t k0, ptrdiff_t k1)
{
  const hsize_t start[3] = {(hsize_t)k0, 0, 0}, count[3] = {(hsize_t)(k1 - k0), (hsize_t)P->g->n[1], (hsize_t)P->g->n[0]},
                n[3] = {(hsize_t)P->g->n[2], count[1], count[2]};
  const hid_t space = H5Screate_simple(3, n, NULL), planes = H5Screate_simple(3, count, NULL);

  CkTry(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL), w->why);
  CkTry(H5Dwrite(d, H5T_NATIVE_DOUBLE, planes, space, H5P_DEFAULT, P->natural), w->why);
  H5Sclose(planes);
  H5Sclose(space);
}

/* Collective, whatever has happened to the file. */
static PetscErrorCode WriteField(Writer *w, CkPieces *P, const double *u, ptrdiff_t f, const char name[])
{
  const hsize_t            n[3] = {(hsize_t)P->g->n[2], (hsize_t)P->g->n[1], (hsize_t)P->g->n[0]};
  hid_t                    d    = -1;
  unsigned char            digest[CK_DIGEST];
  crypto_generichash_state h;

  PetscFunctionBegin;
  if (!P->g->rank && !w->why[0]) d = Dataset(w, "state", name, H5T_IEEE_F64LE, 3, n);
  crypto_generichash_init(&h, NULL, 0, CK_DIGEST);
  for (ptrdiff_t k = 0; k < P->g->n[2]; k += P->planes) {
    const ptrdiff_t end = PetscMin(k + P->planes, P->g->n[2]);

    PetscCall(CkGather(P, u, f, k, end));
    if (d < 0) continue;
    crypto_generichash_update(&h, (const unsigned char *)P->natural,
                              (size_t)(end - k) * P->g->n[0] * P->g->n[1] * sizeof(double));
    if (!w->why[0]) WritePlanes(w, d, P, k, end);
  }
  if (d >= 0) {
    crypto_generichash_final(&h, digest, CK_DIGEST);
    Sum(d, digest, w->why);
    H5Dclose(d);
  }
  PetscFunctionReturn(0);
}

static int Sync(const char path[], int flags)
{
  const int fd = open(path, flags | O_CLOEXEC);
  int       err;

  if (fd < 0) return errno;
  err = fsync(fd) && errno != EINVAL ? errno : 0;
  /* what is read back then comes from the disk where the system allows it */
  (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  if (close(fd) && !err) err = errno;
  return err;
}

/* The 48 bytes behind HDF5's own. */
static int Seal(const char path[])
{
  struct stat   st;
  unsigned char trailer[CK_TRAILER];
  uint64_t      size;
  int           err = stat(path, &st) ? errno : 0, fd;

  if (err) return err;
  size = (uint64_t)st.st_size;
  if ((err = CkDigestFile(path, size, trailer + 16))) return err;
  for (int b = 0; b < 8; b++) trailer[b] = (unsigned char)CK_MAGIC[b];
  for (int b = 0; b < 8; b++) trailer[8 + b] = (unsigned char)(size >> (8 * b));
  fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return errno;
  if (write(fd, trailer, CK_TRAILER) != CK_TRAILER) err = errno ? errno : EIO;
  if (close(fd) && !err) err = errno;
  return err;
}

/* Rank 0, the file is closed: synced, sealed, read back, renamed. */
static void Publish(Writer *w, PetscInt64 *bytes)
{
  struct stat st;
  int         err = w->why[0] ? 0 : Sync(w->tmp, O_RDONLY);

  if (!err && !w->why[0]) err = Seal(w->tmp);
  if (!err && !w->why[0]) err = Sync(w->tmp, O_RDONLY);
  if (!err && !w->why[0] && AeCheckpointCheck(w->tmp, w->why, sizeof w->why)) CkReason(w->why, "it cannot be read back");
  if (!err && !w->why[0] && stat(w->tmp, &st)) err = errno;
  if (!err && !w->why[0]) *bytes = st.st_size;
  if (!err && !w->why[0] && rename(w->tmp, w->path)) err = errno;
  if (!err && !w->why[0]) err = Sync(w->folder, O_RDONLY | O_DIRECTORY);
  if (err) CkReason(w->why, "%s", strerror(err));
  if (w->why[0]) unlink(w->tmp);
}

static void Open(Writer *w, uint64_t bytes)
{
  hid_t group;

  if (mkdir(w->folder, 0777) && errno != EEXIST) {
    CkReason(w->why, "%s", strerror(errno));
    return;
  }
  Reserve(w, bytes, 0); /* for the reason; HDF5 empties the file when it makes it, so then again for the space */
  if (w->why[0]) return;
  w->file = CkTry(H5Fcreate(w->tmp, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), w->why);
  if (w->file < 0) return;
  Reserve(w, bytes, FALLOC_FL_KEEP_SIZE); /* it does not cut the file to its length */
  for (int g = 0; g < 2; g++) {
    group = CkTry(H5Gcreate2(w->file, g ? "/run" : "/state", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), w->why);
    if (group >= 0) H5Gclose(group);
  }
}

PetscErrorCode AeCheckpointWrite(AeFields F, Vec U, const char folder[], PetscInt step, PetscInt nparts,
                                 const AeCheckpointPart part[], PetscInt64 *bytes, char why[], size_t len)
{
  const AeCheckpointPart format = {"format", CK_FORMAT, strlen(CK_FORMAT)};
  const AeFieldInfo     *info;
  const double          *u;
  CkPieces               P;
  CkQuiet                quiet;
  Writer                *w;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_OUTPUT], U, 0, 0, 0));
  PetscCall(PetscNew(&w));
  w->file = -1;
  PetscCall(CkPiecesCreate(F, &P));
  PetscCall(AeFieldsGetInfo(F, NULL, NULL, &info));
  PetscCall(PetscStrncpy(w->folder, folder, sizeof w->folder));
  PetscCall(PetscSNPrintf(w->path, sizeof w->path, "%s/%06" PetscInt_FMT ".h5", folder, step));
  PetscCall(PetscSNPrintf(w->tmp, sizeof w->tmp, "%s.tmp", w->path));
  *bytes = 0;
  CkQuietBegin(&quiet);
  if (!P.g->rank) {
    uint64_t want = 65536 + 8ull * (uint64_t)P.L->nf * (uint64_t)P.g->n[0] * (uint64_t)P.g->n[1] * (uint64_t)P.g->n[2];

    for (PetscInt p = 0; p < nparts; p++) want += part[p].size;
    Open(w, want);
    WritePart(w, &format);
    for (PetscInt p = 0; p < nparts; p++) WritePart(w, &part[p]);
  }
  PetscCall(VecGetArrayRead(U, &u));
  for (ptrdiff_t f = 0; f < P.L->nf; f++) PetscCall(WriteField(w, &P, u, f, info[f].name));
  PetscCall(VecRestoreArrayRead(U, &u));
  if (!P.g->rank) {
    if (w->file >= 0) CkTry(H5Fclose(w->file), w->why);
    Publish(w, bytes);
  }
  CkQuietEnd(&quiet);
  PetscCallMPI(MPI_Bcast(w->why, sizeof w->why, MPI_CHAR, 0, P.g->comm));
  PetscCallMPI(MPI_Bcast(bytes, 1, MPIU_INT64, 0, P.g->comm));
  PetscCall(PetscStrncpy(why, w->why, len));
  PetscCall(CkPiecesDestroy(&P));
  PetscCall(PetscFree(w));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_OUTPUT], U, 0, 0, 0));
  PetscFunctionReturn(0);
}
