/*
  Checkpoints of ns as HDF5.

  A checkpoint holds for each field a dataset of its name, (2 K_y + 1, 2 K_z + 1, K_x + 1, 2): real and imaginary parts of
  the coefficients, waves 0, 1, .. K, -K, .. -1 along y and z; the attribute time_step_dt; as text: `format`, `parameters`
  (lines "option value", compared at a restart) and `fftw` (its plans). It is written beside, synced and renamed.
*/
#include "file_private.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FORMAT "aeonic ns modes 1"

void AeNSBecause(AeNSFile *f, const char text[])
{
  if (!f->why[0]) snprintf(f->why, WHY, "%s", text);
}

hid_t AeNSTry(AeNSFile *f, hid_t id, const char what[])
{
  if (id < 0) AeNSBecause(f, what);
  return id;
}

/* The same outcome on all ranks: an error of `code` if any of them has a reason. */
PetscErrorCode AeNSAgree(AeNSFile *f, const char verb[], PetscErrorCode code)
{
  PetscMPIInt first = f->why[0] ? f->rank : f->size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, f->s->comm));
  if (first == f->size) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(f->why, WHY, MPI_CHAR, first, f->s->comm));
  SETERRQ(f->s->comm, code, "cannot %s %s: %s", verb, f->path, f->why);
}

void AeNSQuiet(PetscBool on)
{
  static H5E_auto2_t print;
  static void       *ctx;

  if (on) {
    H5Eget_auto2(H5E_DEFAULT, &print, &ctx);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  } else H5Eset_auto2(H5E_DEFAULT, print, ctx);
}

/* What a restart must not change, one option a line. */
static PetscErrorCode Parameters(AeNS s, char text[], size_t size)
{
  static const char *const plain[] = {"-ts_type",        "-ts_rk_type",         "-ts_dt", "-ts_adapt_type", "-ns_cfl",
                                      "-ts_octaves_low", "-ts_octaves_substeps"};
  size_t                   n;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(text, size,
                          "-grid_n %" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT "\n-ns_dealias %" PetscInt_FMT
                          "\n-ns_initial %" PetscInt_FMT
                          "\n-ns_re %.17g\n-ns_mean_flow %.17g,%.17g,%.17g\n-ns_abc %.17g,%.17g,%.17g\n-ns_forcing %" PetscInt_FMT
                          "\n-ns_forcing_amplitude %.17g\n-ns_forcing_k %" PetscInt_FMT "\n-ns_scalar %" PetscInt_FMT
                          "\n-ns_schmidt %.17g\n-ns_seed %" PetscInt_FMT "\n",
                          s->n[0], s->n[1], s->n[2], s->three_halves, s->initial, (double)s->re, (double)s->flow[0],
                          (double)s->flow[1], (double)s->flow[2], (double)s->abc[0], (double)s->abc[1], (double)s->abc[2],
                          s->forcing, (double)s->forcing_amplitude, s->forcing_k, s->scalar, (double)s->schmidt, s->seed));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(plain); i++) {
    char      value[256] = "default";
    PetscBool set;

    PetscCall(PetscOptionsGetString(NULL, NULL, plain[i], value, sizeof value, &set));
    n = strlen(text);
    PetscCall(PetscSNPrintf(text + n, size - n, "%s %s\n", plain[i], value));
  }
  PetscFunctionReturn(0);
}

/* The option of the first line in which two lists differ, through name[]. */
static PetscBool Differs(const char a[], const char b[], char name[], size_t size)
{
  while (*a || *b) {
    const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

    if (n != m || strncmp(a, b, n)) {
      const char *line = n ? a : b;
      snprintf(name, size, "%.*s", (int)strcspn(line, " \n"), line);
      return PETSC_TRUE;
    }
    a += n + (a[n] == '\n');
    b += m + (b[m] == '\n');
  }
  return PETSC_FALSE;
}

static hid_t TextType(size_t length)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, length + 1);
  return type;
}

static void WriteText(AeNSFile *f, hid_t file, const char name[], const char text[])
{
  const hid_t type = TextType(strlen(text)), space = H5Screate(H5S_SCALAR),
              d = AeNSTry(f, H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);

  if (d >= 0) {
    if (!f->rank) AeNSTry(f, H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text), name);
    H5Dclose(d);
  }
  H5Sclose(space);
  H5Tclose(type);
}

/* The text of a dataset, NULL if it is not there; free() it. */
static char *ReadText(hid_t file, const char name[])
{
  const hid_t d    = H5Dopen2(file, name, H5P_DEFAULT);
  char       *text = NULL;

  if (d < 0) return NULL;
  {
    const hid_t  type = H5Dget_type(d);
    const size_t n    = H5Tget_size(type);

    text = calloc(1, n + 1);
    if (text && H5Dread(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) {
      free(text);
      text = NULL;
    }
    H5Tclose(type);
  }
  H5Dclose(d);
  return text;
}

static void WriteNumbers(AeNSFile *f, hid_t file, const char name[], PetscInt count, const double value[])
{
  const hsize_t n     = (hsize_t)count;
  const hid_t   space = H5Screate_simple(1, &n, NULL),
              a       = AeNSTry(f, H5Acreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT), name);

  if (a >= 0) {
    AeNSTry(f, H5Awrite(a, H5T_NATIVE_DOUBLE, value), name);
    H5Aclose(a);
  }
  H5Sclose(space);
}

static void WriteBytes(AeNSFile *f, hid_t file, const char name[], size_t count, const void *data)
{
  const hsize_t n     = count;
  const hid_t   space = H5Screate_simple(1, &n, NULL),
              d       = AeNSTry(f, H5Dcreate2(file, name, H5T_NATIVE_UCHAR, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);

  if (d >= 0) {
    if (!f->rank) AeNSTry(f, H5Dwrite(d, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), name);
    H5Dclose(d);
  }
  H5Sclose(space);
}

static PetscErrorCode ReadBytes(AeNSFile *f, hid_t file, const char name[], size_t *count, void **data)
{
  hid_t d, space;

  PetscFunctionBegin;
  if (H5Lexists(file, name, H5P_DEFAULT) <= 0) PetscFunctionReturn(0);
  d = AeNSTry(f, H5Dopen2(file, name, H5P_DEFAULT), name);
  if (d < 0) PetscFunctionReturn(0);
  space  = H5Dget_space(d);
  *count = (size_t)PetscMax(H5Sget_simple_extent_npoints(space), 0);
  PetscCall(PetscMalloc(PetscMax(*count, 1), data));
  AeNSTry(f, H5Dread(d, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, *data), "it is damaged");
  H5Sclose(space);
  H5Dclose(d);
  PetscFunctionReturn(0);
}

static void WriteModes(AeNSFile *f, hid_t file, PetscInt field, const double *u)
{
  const AeBand  b        = f->s->band;
  const hsize_t shape[4] = {(hsize_t)b->m[1], (hsize_t)b->m[2], (hsize_t)b->m[0], 2}, start[4] = {(hsize_t)b->ys, 0, 0, 0},
                count[4] = {(hsize_t)b->yn, shape[1], shape[2], 2};
  const hid_t space = H5Screate_simple(4, shape, NULL), own = H5Screate_simple(4, count, NULL), how = H5Pcreate(H5P_DATASET_XFER);
  const hid_t d =
    AeNSTry(f, H5Dcreate2(file, AeNSFieldNames[field], H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
            AeNSFieldNames[field]);

  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  if (f->size > 1) H5Pset_dxpl_mpio(how, H5FD_MPIO_COLLECTIVE);
  if (d >= 0) {
    AeNSTry(f, H5Dwrite(d, H5T_NATIVE_DOUBLE, own, space, how, u + 2 * AeNSAt(f->s, field, 0, 0)),
            "writing failed: is the disk full?");
    if (H5Dclose(d) < 0) AeNSBecause(f, "closing failed: is the disk full?");
  }
  H5Pclose(how);
  H5Sclose(own);
  H5Sclose(space);
}

static int SyncPath(const char path[], int flags)
{
  const int fd = open(path, flags | O_CLOEXEC);
  int       err;

  if (fd < 0) return errno;
  err = fsync(fd) && errno != EINVAL ? errno : 0;
  close(fd);
  return err;
}

/* Rank 0: claims the room before all ranks depend on it, as the 3-D output does. */
static void Reserve(AeNSFile *f, const char tmp[], const char plans[], size_t more)
{
  const AeBand b     = f->s->band;
  const off_t  bytes = (off_t)b->m[0] * b->m[1] * b->m[2] * 16 * f->s->fields + (off_t)(strlen(plans) + more) + 32768;
  const int    fd    = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

  if (fd < 0 || (fallocate(fd, 0, 0, bytes) && errno != EOPNOTSUPP && errno != ENOSYS)) AeNSBecause(f, strerror(errno));
  if (fd >= 0) close(fd);
}

PetscErrorCode AeNSSave(AeNS s, Vec U, const char path[], PetscReal t, PetscInt step, PetscReal dt, size_t n, const void *data)
{
  AeNSFile      f          = {.s = s, .path = path};
  const double  numbers[3] = {t, (double)step, dt};
  char          tmp[PETSC_MAX_PATH_LEN + 8], folder[PETSC_MAX_PATH_LEN], parameters[4096], *plans;
  const double *u;
  hid_t         file = -1;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  PetscCallMPI(MPI_Bcast(&n, sizeof n, MPI_BYTE, 0, s->comm));
  PetscCall(PetscSNPrintf(tmp, sizeof tmp, "%s.tmp", path));
  PetscCall(PetscStrncpy(folder, path, sizeof folder));
  if (strrchr(folder, '/')) *strrchr(folder, '/') = 0;
  else PetscCall(PetscStrncpy(folder, ".", sizeof folder));
  PetscCall(Parameters(s, parameters, sizeof parameters));
  PetscCall(AeFFTWisdom(s->comm, &plans));
  AeNSQuiet(PETSC_TRUE);
  if (!f.rank) Reserve(&f, tmp, plans, n);
  if (!f.why[0] || f.size > 1) { /* a collective creation: all ranks or none */
    PetscMPIInt bad = f.why[0] != 0;

    PetscCallMPI(MPI_Bcast(&bad, 1, MPI_INT, 0, s->comm));
    if (!bad) {
      const hid_t access = H5Pcreate(H5P_FILE_ACCESS);

      if (f.size > 1) H5Pset_fapl_mpio(access, s->comm, MPI_INFO_NULL);
      file = AeNSTry(&f, H5Fcreate(tmp, H5F_ACC_TRUNC, H5P_DEFAULT, access), "HDF5 cannot create it");
      H5Pclose(access);
    }
  }
  if (file >= 0) {
    PetscCall(VecGetArrayRead(U, &u));
    WriteText(&f, file, "format", FORMAT);
    WriteText(&f, file, "parameters", parameters);
    WriteText(&f, file, "fftw", plans);
    WriteNumbers(&f, file, "time_step_dt", 3, numbers);
    if (n) WriteBytes(&f, file, "callers", n, data);
    for (PetscInt field = 0; field < s->fields; field++) WriteModes(&f, file, field, u);
    if (H5Fclose(file) < 0) AeNSBecause(&f, "closing failed: is the disk full?");
    PetscCall(VecRestoreArrayRead(U, &u));
  }
  PetscCallMPI(MPI_Barrier(s->comm));
  if (!f.rank && !f.why[0]) {
    int err = SyncPath(tmp, O_RDONLY);

    if (!err && rename(tmp, path)) err = errno;
    if (!err) err = SyncPath(folder, O_RDONLY | O_DIRECTORY);
    if (err) AeNSBecause(&f, strerror(err));
  }
  if (!f.rank && f.why[0]) unlink(tmp);
  AeNSQuiet(PETSC_FALSE);
  free(plans);
  PetscCall(AeNSAgree(&f, "write", AE_ERR_FILE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSIsModes(AeNS s, const char path[], PetscBool *modes)
{
  AeNSFile    f  = {.s = s, .path = path};
  PetscMPIInt is = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  AeNSQuiet(PETSC_TRUE);
  if (!f.rank) {
    const hid_t file   = access(path, R_OK) ? (AeNSBecause(&f, strerror(errno)), -1)
                                            : AeNSTry(&f, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
    char       *format = file < 0 ? NULL : ReadText(file, "format");

    is = format && !strcmp(format, FORMAT);
    free(format);
    if (file >= 0) H5Fclose(file);
  }
  AeNSQuiet(PETSC_FALSE);
  PetscCall(AeNSAgree(&f, "read", PETSC_ERR_FILE_OPEN));
  PetscCallMPI(MPI_Bcast(&is, 1, MPI_INT, 0, s->comm));
  *modes = (PetscBool)is;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSLoadPlans(MPI_Comm comm, const char path[])
{
  PetscMPIInt rank;
  PetscBool   good = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(AeSpectralRegister());
  AeNSQuiet(PETSC_TRUE);
  { /* every rank reads for itself: what is wrong with the file is said when the state is loaded */
    const hid_t file  = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    char       *plans = file < 0 ? NULL : ReadText(file, "fftw");

    if (plans) PetscCall(AeFFTSetWisdom(comm, plans, &good));
    free(plans);
    if (file >= 0) H5Fclose(file);
  }
  AeNSQuiet(PETSC_FALSE);
  if (!good && !rank)
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr,
                           "aeonic: warning: FFTW's plans in %s are damaged or of another FFTW: new ones are made, and the run "
                           "goes on with other rounding errors\n",
                           path));
  PetscFunctionReturn(0);
}

/* This rank's rows of one field from a file with waves up to M; waves that are not there stay 0. */
static void ReadModes(AeNSFile *f, hid_t file, PetscInt field, double *u)
{
  const AeBand b        = f->s->band;
  const hid_t  d        = AeNSTry(f, H5Dopen2(file, AeNSFieldNames[field], H5P_DEFAULT), "a field is missing in it");
  hsize_t      shape[4] = {0};
  hid_t        space;
  double      *row;

  if (d < 0) return;
  space = H5Dget_space(d);
  if (H5Sget_simple_extent_ndims(space) != 4 || H5Sget_simple_extent_dims(space, shape, NULL) != 4 || shape[3] != 2 ||
      shape[0] % 2 == 0 || shape[1] % 2 == 0)
    AeNSBecause(f, "a field has another shape than a checkpoint's");
  row = f->why[0] ? NULL : malloc(shape[1] * shape[2] * 2 * sizeof(double) + 1);
  for (PetscInt y = 0; y < b->yn && row; y++) {
    const PetscInt jy = AeBandWave(b->ys + y, b->m[1]), my = (PetscInt)shape[0], mz = (PetscInt)shape[1], mx = (PetscInt)shape[2];
    const hsize_t  start[4] = {(hsize_t)(jy < 0 ? jy + my : jy), 0, 0, 0}, count[4] = {1, shape[1], shape[2], 2};
    hid_t          own;

    if (PetscAbsInt(jy) > my / 2) continue;
    own = H5Screate_simple(4, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    AeNSTry(f, H5Dread(d, H5T_NATIVE_DOUBLE, own, space, H5P_DEFAULT, row), "it is damaged");
    H5Sclose(own);
    for (PetscInt z = 0; z < b->m[2]; z++) {
      const PetscInt jz = AeBandWave(z, b->m[2]);

      if (PetscAbsInt(jz) <= mz / 2)
        memcpy(u + 2 * AeNSAt(f->s, field, y, z), row + 2 * (ptrdiff_t)mx * (jz < 0 ? jz + mz : jz),
               (size_t)PetscMin(mx, b->m[0]) * 2 * sizeof(double));
    }
  }
  free(row);
  H5Sclose(space);
  H5Dclose(d);
}

PetscErrorCode AeNSLoad(AeNS s, Vec U, const char path[], PetscBool same, PetscReal *t, PetscInt *step, PetscReal *dt, size_t *n,
                        void **data)
{
  AeNSFile f = {.s = s, .path = path};
  double  *u, value[3]          = {0};
  char     own[4096], name[128] = "", *parameters = NULL;
  hid_t    file;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  PetscCall(Parameters(s, own, sizeof own));
  PetscCall(VecSet(U, 0.0));
  PetscCall(VecGetArray(U, &u));
  AeNSQuiet(PETSC_TRUE);
  file = access(path, R_OK) ? (AeNSBecause(&f, strerror(errno)), -1)
                            : AeNSTry(&f, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
  if (file >= 0) {
    const hid_t a = AeNSTry(&f, H5Aopen(file, "time_step_dt", H5P_DEFAULT), "it is no checkpoint of aeonic ns");

    if (a >= 0) {
      AeNSTry(&f, H5Aread(a, H5T_NATIVE_DOUBLE, value), "it is damaged");
      H5Aclose(a);
    }
    if (data) PetscCall(ReadBytes(&f, file, "callers", n, data));
    parameters = ReadText(file, "parameters");
    if (!parameters) AeNSBecause(&f, "it is no checkpoint of aeonic ns");
    for (PetscInt field = 0; field < s->fields && !f.why[0]; field++)
      if (same || field < 3 || H5Lexists(file, AeNSFieldNames[field], H5P_DEFAULT) > 0) ReadModes(&f, file, field, u);
    H5Fclose(file);
  }
  AeNSQuiet(PETSC_FALSE);
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(AeNSAgree(&f, "read", PETSC_ERR_FILE_OPEN));
  if (same)
    PetscCheck(!Differs(own, parameters ? parameters : "", name, sizeof name), s->comm, AE_ERR_USAGE,
               "-restart: %s is not what it was in the run that is to be continued (%s)", name, path);
  free(parameters);
  if (t) *t = value[0];
  if (step) *step = (PetscInt)value[1];
  if (dt) *dt = value[2];
  PetscFunctionReturn(0);
}
