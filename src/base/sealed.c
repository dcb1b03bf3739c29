/*
  Sealed HDF5 files: beside their name, synced, sealed, checked, renamed.
*/
#include <aeonic/sealed.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "AEONICCK"
enum { TRAILER = 8 + 8 + AE_DIGEST, PIECE = 1 << 20 };

static const char *Folder(const char path[], char copy[PETSC_MAX_PATH_LEN])
{
  snprintf(copy, PETSC_MAX_PATH_LEN, "%s", path);
  return dirname(copy);
}

/* ---- writing ---- */

PetscErrorCode AeSealedBegin(MPI_Comm comm, const char path[], uint64_t room, int how, AeSealed *S)
{
  PetscMPIInt size;
  PetscBool   failed;
  hid_t       access;
  char        copy[PETSC_MAX_PATH_LEN];
  int         err = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &S->rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  S->comm     = comm;
  S->file     = -1;
  S->why[0]   = 0;
  S->parallel = (PetscBool)(how & AE_SEALED_PARALLEL && size > 1);
  PetscCall(PetscStrncpy(S->path, path, sizeof S->path));
  PetscCall(PetscSNPrintf(S->tmp, sizeof S->tmp, "%s.tmp", path));
  AeH5QuietBegin(&S->quiet);
  if (!S->rank) {
    if (how & AE_SEALED_FOLDER && mkdir(Folder(path, copy), 0777) && errno != EEXIST) err = errno;
    if (!err) err = AeClaim(S->tmp, room, 0); /* for the reason; HDF5 empties the file when it makes it */
    if (err) AeReason(S->why, "%s", strerror(err));
  }
  PetscCall(AeAgree(comm, S->why, NULL, &failed));
  if (failed || (S->rank && !S->parallel)) PetscFunctionReturn(0);
  access = H5Pcreate(H5P_FILE_ACCESS);
  if (S->parallel) H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
  S->file = AeH5Try(S->why, H5Fcreate(S->tmp, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
  /* and for the space, without a change of length */
  if (!S->rank && S->file >= 0 && (err = AeClaim(S->tmp, room, FALLOC_FL_KEEP_SIZE))) AeReason(S->why, "%s", strerror(err));
  PetscFunctionReturn(0);
}

void AeSealedSum(AeSealed *S, hid_t dataset, const unsigned char digest[AE_DIGEST])
{
  char hex[2 * AE_DIGEST + 1];

  sodium_bin2hex(hex, sizeof hex, digest, AE_DIGEST);
  AeH5Text(S->why, dataset, "blake2b", hex);
}

PetscErrorCode AeSealedWrite(AeSealed *S, const char name[], hid_t type, int rank, const hsize_t n[], const void *data,
                             hid_t *dataset)
{
  unsigned char digest[AE_DIGEST] = {0};
  size_t        bytes             = H5Tget_size(type);
  hid_t         d                 = -1;

  PetscFunctionBegin;
  if (S->parallel || !S->why[0]) d = AeH5Dataset(S->why, S->file, name, type, rank, n);
  for (int r = 0; r < rank; r++) bytes *= n[r];
  if (d >= 0) {
    if (bytes && !S->rank) AeH5Try(S->why, H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    if (!S->rank) crypto_generichash(digest, AE_DIGEST, data, bytes, NULL, 0);
    if (S->parallel) PetscCallMPI(MPI_Bcast(digest, AE_DIGEST, MPI_BYTE, 0, S->comm));
    AeSealedSum(S, d, digest);
  }
  if (dataset) *dataset = d;
  else if (d >= 0) AeH5Try(S->why, H5Dclose(d)); /* what it has kept back is written now */
  PetscFunctionReturn(0);
}

/* Digest of the first `size` bytes of a file; 0, or errno. */
static int DigestFile(const char path[], uint64_t size, unsigned char digest[AE_DIGEST])
{
  static unsigned char     room[PIECE];
  crypto_generichash_state h;
  const int                fd  = open(path, O_RDONLY | O_CLOEXEC);
  int                      err = fd < 0 ? errno : 0;

  crypto_generichash_init(&h, NULL, 0, AE_DIGEST);
  while (!err && size) {
    const ssize_t n = read(fd, room, (size_t)PetscMin(size, (uint64_t)PIECE));

    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) err = n ? errno : EIO;
    else {
      crypto_generichash_update(&h, room, (unsigned long long)n);
      size -= (uint64_t)n;
    }
  }
  crypto_generichash_final(&h, digest, AE_DIGEST);
  if (fd >= 0) close(fd);
  return err;
}

/* The bytes behind HDF5's own. */
static int Seal(const char path[])
{
  struct stat   st;
  unsigned char trailer[TRAILER] = MAGIC;
  int           err              = stat(path, &st) ? errno : 0, fd;

  if (err || (err = DigestFile(path, (uint64_t)st.st_size, trailer + 16))) return err;
  for (int b = 0; b < 8; b++) trailer[8 + b] = (unsigned char)((uint64_t)st.st_size >> (8 * b));
  fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return errno;
  if (write(fd, trailer, TRAILER) != TRAILER) err = errno ? errno : EIO;
  if (close(fd) && !err) err = errno;
  return err;
}

/* The file is closed: what remains is to make sure that it is on the disk and right, and to give it its name. */
static void Publish(AeSealed *S, PetscInt64 *bytes)
{
  char        copy[PETSC_MAX_PATH_LEN];
  struct stat st  = {0};
  int         err = AeSync(S->tmp);

  if (!err) err = Seal(S->tmp);
  if (!err) err = AeSync(S->tmp);
  if (!err) AeSealedCheck(S->tmp, PETSC_TRUE, S->why);
  if (!err && !S->why[0] && (stat(S->tmp, &st) || rename(S->tmp, S->path))) err = errno;
  if (!err && !S->why[0]) err = AeSync(Folder(S->path, copy));
  if (err) AeReason(S->why, "%s", strerror(err));
  *bytes = st.st_size;
}

PetscErrorCode AeSealedEnd(AeSealed *S, PetscInt64 *bytes)
{
  PetscInt64 size = 0;
  PetscBool  failed;

  PetscFunctionBegin;
  if (S->file >= 0) AeH5Try(S->why, H5Fclose(S->file));
  PetscCall(AeAgree(S->comm, S->why, NULL, &failed));
  if (!S->rank && !failed) Publish(S, &size);
  if (!S->rank && S->why[0]) (void)unlink(S->tmp);
  AeH5QuietEnd(&S->quiet);
  PetscCall(AeAgree(S->comm, S->why, NULL, &failed));
  PetscCallMPI(MPI_Bcast(&size, 1, MPIU_INT64, 0, S->comm));
  if (bytes) *bytes = size;
  PetscFunctionReturn(0);
}

/* ---- checking ---- */

/* Whether there is a seal; a reason if it is broken, or is missing although there must be one. */
static PetscBool CheckSeal(const char path[], PetscBool must, char why[])
{
  unsigned char trailer[TRAILER] = {0}, digest[AE_DIGEST];
  uint64_t      size             = 0;
  struct stat   st               = {0};
  const int     fd               = open(path, O_RDONLY | O_CLOEXEC);
  int           err              = fd < 0 || fstat(fd, &st) ? errno : 0;
  PetscBool     is;

  if (!err && st.st_size >= TRAILER && pread(fd, trailer, TRAILER, st.st_size - TRAILER) != TRAILER) err = EIO;
  if (fd >= 0) close(fd);
  for (int b = 0; b < 8; b++) size |= (uint64_t)trailer[8 + b] << (8 * b);
  is = (PetscBool)(!memcmp(trailer, MAGIC, 8) && size == (uint64_t)st.st_size - TRAILER);
  if (!err && is) err = DigestFile(path, size, digest);
  if (err) AeReason(why, "%s", strerror(err));
  else if (is && memcmp(digest, trailer + 16, AE_DIGEST)) AeReason(why, "it is damaged: its checksum is not that of its bytes");
  else if (!is && must) AeReason(why, "it is cut short, or was not finished");
  return is;
}

/* Of a dataset's bytes as they are in the file, a few planes (or pieces of a row) at a time. */
static void DigestDataset(hid_t d, char why[], unsigned char digest[AE_DIGEST])
{
  const hid_t              space = H5Dget_space(d), type = H5Dget_type(d);
  const int                rank = H5Sget_simple_extent_ndims(space);
  hsize_t                  n[4] = {1, 1, 1, 1}, start[4] = {0}, count[4], row = H5Tget_size(type), piece;
  unsigned char           *room;
  crypto_generichash_state h;

  if (rank > 0 && rank <= 4) H5Sget_simple_extent_dims(space, n, NULL);
  if (!H5Sget_simple_extent_npoints(space)) n[0] = 0;
  for (int r = 1; r < 4; r++) row *= count[r] = n[r];
  piece = PetscMax(1, PIECE / row);
  room  = malloc(piece * row);
  if (!room) AeReason(why, "no memory to read it");
  crypto_generichash_init(&h, NULL, 0, AE_DIGEST);
  for (; start[0] < n[0] && !why[0]; start[0] += piece) {
    hid_t part;

    count[0] = PetscMin(piece, n[0] - start[0]);
    part     = rank ? H5Screate_simple(rank, count, NULL) : H5Screate(H5S_SCALAR);
    if (rank) AeH5Try(why, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    AeH5Try(why, H5Dread(d, type, part, space, H5P_DEFAULT, room));
    H5Sclose(part);
    crypto_generichash_update(&h, room, count[0] * row);
  }
  crypto_generichash_final(&h, digest, AE_DIGEST);
  free(room);
  H5Tclose(type);
  H5Sclose(space);
}

static herr_t CheckLink(hid_t root, const char name[], const H5L_info_t *info, void *why)
{
  const hid_t   d = AeH5Try(why, H5Oopen(root, name, H5P_DEFAULT));
  unsigned char digest[AE_DIGEST];

  (void)info;
  if (d >= 0 && H5Iget_type(d) == H5I_DATASET) {
    DigestDataset(d, why, digest);
    AeH5SumIs(why, d, name, digest);
  }
  if (d >= 0) H5Oclose(d);
  return *(char *)why ? -1 : 0;
}

void AeSealedCheck(const char path[], PetscBool must, char why[])
{
  AeH5Quiet quiet;
  hid_t     file;

  if (why[0] || !CheckSeal(path, must, why) || why[0]) return;
  AeH5QuietBegin(&quiet);
  file = AeH5Try(why, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
  if (file >= 0) {
    AeH5Try(why, H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, CheckLink, why));
    H5Fclose(file);
  }
  AeH5QuietEnd(&quiet);
}
