/*
  3-D fields as HDF5 in the layout of Cactus/Carpet files, which kuibit reads.

  A file appears under its name only when it is complete: written as <name>.tmp by all ranks, synced, opened
  again and checked by rank 0, then renamed. After each collective step the ranks agree on the outcome, so that
  a failure anywhere ends the call on all of them in the same way.
*/
#include <aeonic/io.h>
#include <hdf5.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARAMETERS "Parameters and Global Attributes"
#define REASON     256

typedef struct {
  MPI_Comm    comm;
  PetscMPIInt rank, size;
  char        path[PETSC_MAX_PATH_LEN], tmp[PETSC_MAX_PATH_LEN], folder[PETSC_MAX_PATH_LEN];
  char        variable[PETSC_MAX_PATH_LEN], dataset[PETSC_MAX_PATH_LEN]; /* "AEONIC::chi", and with it, tl, rl, c */
  hsize_t     shape[3];                                                  /* nz, ny, nx */
  hid_t       file, data;
  char        reason[REASON]; /* why it failed; empty while all is well */
} Writer;

/* One row after another, as the file has them; kept between calls. */
static double *stage;
static size_t  stage_size;

static PetscErrorCode FreeStage(void)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(stage));
  stage_size = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode GetStage(size_t n)
{
  PetscFunctionBegin;
  if (n <= stage_size) PetscFunctionReturn(0);
  if (!stage) PetscCall(PetscRegisterFinalize(FreeStage));
  PetscCall(PetscFree(stage));
  PetscCall(PetscMalloc1(n, &stage));
  stage_size = n;
  PetscFunctionReturn(0);
}

static void Reason(Writer *w, const char text[])
{
  if (!w->reason[0]) snprintf(w->reason, REASON, "%s", text);
}

/* The innermost entry of HDF5's error stack; of the system's errors only their text. */
static herr_t Innermost(unsigned n, const H5E_error2_t *e, void *ctx)
{
  const char *text = e->desc, *sys = text ? strstr(text, "error message = '") : NULL;
  char        buf[REASON];

  if (n || !text) return 0;
  snprintf(buf, sizeof buf, "%s", sys ? sys + strlen("error message = '") : text);
  if (sys && strchr(buf, '\'')) *strchr(buf, '\'') = 0;
  Reason(ctx, buf);
  return 0;
}

/* Returns what an HDF5 call returned, and remembers why it failed. */
static hid_t Try(Writer *w, hid_t result)
{
  if (result < 0) {
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, Innermost, w);
    Reason(w, "HDF5 failed without saying why");
  }
  return result;
}

/* True on all ranks, with one reason, if any rank failed. */
static PetscErrorCode Agree(Writer *w, PetscBool *failed)
{
  PetscMPIInt first = w->reason[0] ? w->rank : w->size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, w->comm));
  *failed = (PetscBool)(first < w->size);
  if (*failed) PetscCallMPI(MPI_Bcast(w->reason, REASON, MPI_CHAR, first, w->comm));
  PetscFunctionReturn(0);
}

static void Attribute(Writer *w, hid_t where, const char name[], hid_t file_type, hid_t type, hsize_t n, const void *value)
{
  const hid_t space = n > 1 ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR);
  const hid_t a     = Try(w, H5Acreate2(where, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT));

  if (a >= 0) {
    Try(w, H5Awrite(a, type, value));
    H5Aclose(a);
  }
  H5Sclose(space);
}

/* A fixed-length string: h5py must give bytes for it, not str. */
static hid_t StringType(size_t length)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, length + 1);
  return type;
}

static void CreateFile(Writer *w)
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);

  if (w->size > 1) Try(w, H5Pset_fapl_mpio(access, w->comm, MPI_INFO_NULL));
  w->file = Try(w, H5Fcreate(w->tmp, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
}

/* The option table, where readers look for the ghost zones of Carpet's files: here there are none. */
static void WriteParameters(Writer *w, const char text[])
{
  const hid_t group = Try(w, H5Gcreate2(w->file, PARAMETERS, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  const hid_t type = StringType(strlen(text)), space = H5Screate(H5S_SCALAR);
  const hid_t d = group < 0 ? -1 : Try(w, H5Dcreate2(group, "All Parameters", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));

  if (d >= 0) {
    if (!w->rank) Try(w, H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text));
    H5Dclose(d);
  }
  if (group >= 0) H5Gclose(group);
  H5Tclose(type);
  H5Sclose(space);
}

static void CreateDataset(Writer *w, AeGrid grid, PetscInt it, PetscReal t)
{
  const hid_t  space = H5Screate_simple(3, w->shape, NULL), create = H5Pcreate(H5P_DATASET_CREATE), name = StringType(strlen(w->variable));
  const double origin[3] = {AeGridX(grid, 0, 0), AeGridX(grid, 1, 0), AeGridX(grid, 2, 0)}, delta[3] = {grid->h, grid->h, grid->h}, time = t;
  const int    iorigin[3] = {0, 0, 0}, level = 0, timestep = (int)it;

  H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(create, H5D_FILL_TIME_NEVER); /* every cell is written */
  w->data = Try(w, H5Dcreate2(w->file, w->dataset, H5T_IEEE_F64LE, space, H5P_DEFAULT, create, H5P_DEFAULT));
  if (w->data >= 0) {
    Attribute(w, w->data, "origin", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 3, origin);
    Attribute(w, w->data, "delta", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 3, delta);
    Attribute(w, w->data, "time", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &time);
    Attribute(w, w->data, "iorigin", H5T_STD_I32LE, H5T_NATIVE_INT, 3, iorigin);
    Attribute(w, w->data, "level", H5T_STD_I32LE, H5T_NATIVE_INT, 1, &level);
    Attribute(w, w->data, "timestep", H5T_STD_I32LE, H5T_NATIVE_INT, 1, &timestep);
    Attribute(w, w->data, "name", name, name, 1, w->variable);
  }
  H5Pclose(create);
  H5Sclose(space);
  H5Tclose(name);
}

/*
  Claims the disk space before anything collective depends on it: a full disk then is an ordinary error of rank
  0 with the system's own reason, where MPI-IO would fail on some ranks in its own ways and words. HDF5 empties
  the file when it creates it, so this is done before that for the reasons and after it for the space; when it
  closes the file it cuts it to its true length.
*/
static void Reserve(Writer *w, size_t parameters)
{
  const off_t bytes = (off_t)(w->shape[0] * w->shape[1] * w->shape[2] * sizeof(double) + parameters + 16384);
  const int   fd    = open(w->tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  int         err   = fd < 0 ? errno : 0;

  if (!err && fallocate(fd, 0, 0, bytes) && errno != EOPNOTSUPP && errno != ENOSYS) err = errno;
  if (fd >= 0) close(fd);
  if (err) Reason(w, strerror(err));
}

static void WriteData(Writer *w, AeGrid grid, const double *data, ptrdiff_t pitch, ptrdiff_t plane)
{
  const hsize_t start[3] = {(hsize_t)grid->ks, (hsize_t)grid->js, 0}, count[3] = {(hsize_t)grid->nk, (hsize_t)grid->nj, (hsize_t)grid->n[0]};
  const hid_t   space = H5Screate_simple(3, w->shape, NULL), rows = H5Screate_simple(3, count, NULL), how = H5Pcreate(H5P_DATASET_XFER);
  double       *to = stage;

  for (ptrdiff_t k = 0; k < grid->nk; k++)
    for (ptrdiff_t j = 0; j < grid->nj; j++, to += grid->n[0]) memcpy(to, data + k * plane + j * pitch, (size_t)grid->n[0] * sizeof(double));
  Try(w, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
  if (w->size > 1) Try(w, H5Pset_dxpl_mpio(how, H5FD_MPIO_COLLECTIVE));
  Try(w, H5Dwrite(w->data, H5T_NATIVE_DOUBLE, rows, space, how, stage));
  H5Pclose(how);
  H5Sclose(rows);
  H5Sclose(space);
}

static void Close(Writer *w)
{
  if (w->data >= 0) Try(w, H5Dclose(w->data));
  if (w->file >= 0) Try(w, H5Fclose(w->file));
  w->data = w->file = -1;
}

static int Sync(const char path[], int flags)
{
  const int fd = open(path, flags | O_CLOEXEC);
  int       err;

  if (fd < 0) return errno;
  err = fsync(fd) && errno != EINVAL ? errno : 0;
  if (close(fd) && !err) err = errno;
  return err;
}

/* Rank 0: reads back what a reader needs first, and that the file is long enough for the rest. */
static void Check(Writer *w)
{
  const hid_t file = Try(w, H5Fopen(w->tmp, H5F_ACC_RDONLY, H5P_DEFAULT)), d = file < 0 ? -1 : Try(w, H5Dopen2(file, w->dataset, H5P_DEFAULT));
  hsize_t     n[3] = {0};
  struct stat st;

  if (d >= 0) {
    const hid_t   space  = H5Dget_space(d);
    const haddr_t offset = H5Dget_offset(d);
    if (H5Sget_simple_extent_ndims(space) != 3 || H5Sget_simple_extent_dims(space, n, NULL) != 3 || memcmp(n, w->shape, sizeof n)) Reason(w, "what was written has another shape when read back");
    if (offset == HADDR_UNDEF || stat(w->tmp, &st) || (hsize_t)st.st_size < offset + n[0] * n[1] * n[2] * sizeof(double)) Reason(w, "what was written is shorter when read back");
    H5Sclose(space);
    H5Dclose(d);
  }
  if (file >= 0) H5Fclose(file);
}

static void Publish(Writer *w)
{
  int err = Sync(w->tmp, O_RDONLY);

  if (!err) Check(w);
  if (!err && !w->reason[0] && rename(w->tmp, w->path)) err = errno;
  if (!err && !w->reason[0]) err = Sync(w->folder, O_RDONLY | O_DIRECTORY);
  if (err) Reason(w, strerror(err));
}

static PetscErrorCode Write(Writer *w, AeGrid grid, const double *data, ptrdiff_t pitch, ptrdiff_t plane, PetscInt it, PetscReal t, const char text[], PetscBool *failed)
{
  PetscFunctionBegin;
  if (!w->rank && mkdir(w->folder, 0777) && errno != EEXIST) Reason(w, strerror(errno));
  if (!w->rank && !w->reason[0]) Reserve(w, strlen(text));
  PetscCall(Agree(w, failed));
  if (*failed) PetscFunctionReturn(0);
  CreateFile(w);
  if (!w->rank && w->file >= 0) Reserve(w, strlen(text));
  PetscCall(Agree(w, failed));
  if (*failed) PetscFunctionReturn(0);
  WriteParameters(w, text);
  CreateDataset(w, grid, it, t);
  PetscCall(Agree(w, failed));
  if (*failed) PetscFunctionReturn(0);
  WriteData(w, grid, data, pitch, plane);
  Close(w);
  PetscCall(Agree(w, failed));
  if (*failed) PetscFunctionReturn(0);
  if (!w->rank) Publish(w);
  PetscCall(Agree(w, failed));
  PetscFunctionReturn(0);
}

/* The option table of rank 0 and the two lines about ghosts, the same text on all ranks. */
static PetscErrorCode Parameters(Writer *w, char **text)
{
  static const char ghosts[] = "IOHDF5::output_ghost_points = \"no\"\nIOHDF5::out3D_ghosts = \"no\"\n";
  char             *table    = NULL;
  PetscMPIInt       n        = 0;

  PetscFunctionBegin;
  if (!w->rank) {
    PetscCall(AeOptionsTable(&table));
    n = (PetscMPIInt)(strlen(ghosts) + strlen(table)) + 1;
  }
  PetscCallMPI(MPI_Bcast(&n, 1, MPI_INT, 0, w->comm));
  PetscCall(PetscMalloc1(n, text));
  if (!w->rank) PetscCall(PetscSNPrintf(*text, (size_t)n, "%s%s", ghosts, table));
  PetscCallMPI(MPI_Bcast(*text, n, MPI_CHAR, 0, w->comm));
  PetscCall(PetscFree(table));
  PetscFunctionReturn(0);
}

PetscErrorCode AeWriteField(AeRun run, AeGrid grid, const char name[], const double *data, ptrdiff_t pitch, ptrdiff_t plane, PetscInt it, PetscReal t)
{
  Writer      w = {.comm = grid->comm, .rank = grid->rank, .size = grid->size, .file = -1, .data = -1};
  char        rel[PETSC_MAX_PATH_LEN], *text;
  PetscBool   failed;
  H5E_auto2_t print;
  void       *print_ctx;

  PetscFunctionBegin;
  PetscCheck(name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[]") == strlen(name), grid->comm, PETSC_ERR_ARG_WRONG, "A field cannot be named \"%s\": letters, digits, _ and [ ] only", name);
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_OUTPUT], 0, 0, 0, 0));
  PetscCall(PetscSNPrintf(rel, sizeof rel, "fields/it%08" PetscInt_FMT, it));
  PetscCall(PetscStrncpy(w.folder, AeRunPath(run, rel), sizeof w.folder));
  PetscCall(PetscSNPrintf(w.path, sizeof w.path, "%s/%s.xyz.h5", w.folder, name));
  PetscCall(PetscSNPrintf(w.tmp, sizeof w.tmp, "%s.tmp", w.path));
  PetscCall(PetscSNPrintf(w.variable, sizeof w.variable, "AEONIC::%s", name));
  PetscCall(PetscSNPrintf(w.dataset, sizeof w.dataset, "%s it=%" PetscInt_FMT " tl=0 rl=0 c=0", w.variable, it));
  for (int d = 0; d < 3; d++) w.shape[d] = (hsize_t)grid->n[2 - d];
  PetscCall(GetStage((size_t)grid->n[0] * (size_t)grid->nj * (size_t)grid->nk));
  PetscCall(Parameters(&w, &text));

  /* HDF5 prints its errors on stderr unless told not to; ours is one line */
  H5Eget_auto2(H5E_DEFAULT, &print, &print_ctx);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  PetscCall(Write(&w, grid, data, pitch, plane, it, t, text, &failed));
  if (failed) {
    Close(&w);
    if (!w.rank) unlink(w.tmp);
  }
  H5Eset_auto2(H5E_DEFAULT, print, print_ctx);
  PetscCall(PetscFree(text));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_OUTPUT], 0, 0, 0, 0));
  PetscCheck(!failed, grid->comm, AE_ERR_FILE, "cannot write %s: %s; an older file of that name is as it was", w.path, w.reason);
  PetscFunctionReturn(0);
}
