/*
  Checkpoints of ns, and velocities from others' files, as HDF5.

  A checkpoint holds for each field a dataset of its name, (2 K_y + 1, 2 K_z + 1, K_x + 1, 2): real and imaginary parts of
  the coefficients, waves 0, 1, .. K, -K, .. -1 along y and z; the attributes time, step, dt and parameters (lines
  "option value", compared at a restart); FFTW's plans as text. It is written beside, synced and renamed.
*/
#include "ns_private.h"
#include <hdf5.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FORMAT "aeonic ns modes 1"
#define WHY    512

typedef struct {
  AeNS        s;
  const char *path;
  PetscMPIInt rank, size;
  char        why[WHY]; /* empty while all is well */
} File;

static void Because(File *f, const char text[])
{
  if (!f->why[0]) snprintf(f->why, WHY, "%s", text);
}

static hid_t Try(File *f, hid_t id, const char what[])
{
  if (id < 0) Because(f, what);
  return id;
}

/* The same outcome on all ranks: an error of `code` if any of them has a reason. */
static PetscErrorCode Agree(File *f, const char verb[], PetscErrorCode code)
{
  PetscMPIInt first = f->why[0] ? f->rank : f->size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, f->s->comm));
  if (first == f->size) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(f->why, WHY, MPI_CHAR, first, f->s->comm));
  SETERRQ(f->s->comm, code, "cannot %s %s: %s", verb, f->path, f->why);
}

static void Quiet(PetscBool on)
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
  static const char *const plain[] = {"-ts_type", "-ts_rk_type", "-ts_dt", "-ts_adapt_type", "-ns_cfl"};
  size_t                   n;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(text, size,
                          "-grid_n %" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT "\n-ns_dealias %" PetscInt_FMT "\n-ns_initial %" PetscInt_FMT
                          "\n-ns_re %.17g\n-ns_mean_flow %.17g,%.17g,%.17g\n-ns_abc %.17g,%.17g,%.17g\n-ns_forcing %" PetscInt_FMT "\n-ns_forcing_amplitude %.17g\n-ns_forcing_k %" PetscInt_FMT "\n-ns_scalar %" PetscInt_FMT
                          "\n-ns_schmidt %.17g\n-ns_seed %" PetscInt_FMT "\n",
                          s->n[0], s->n[1], s->n[2], s->three_halves, s->initial, (double)s->re, (double)s->flow[0], (double)s->flow[1], (double)s->flow[2], (double)s->abc[0], (double)s->abc[1], (double)s->abc[2], s->forcing,
                          (double)s->forcing_amplitude, s->forcing_k, s->scalar, (double)s->schmidt, s->seed));
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

static void WriteText(File *f, hid_t file, const char name[], const char text[])
{
  const hid_t type = TextType(strlen(text)), space = H5Screate(H5S_SCALAR), d = Try(f, H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);

  if (d >= 0) {
    if (!f->rank) Try(f, H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text), name);
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

static void WriteNumbers(File *f, hid_t file, PetscReal t, PetscInt step, PetscReal dt)
{
  const double  value[3] = {t, (double)step, dt};
  const hsize_t n        = 3;
  const hid_t   space = H5Screate_simple(1, &n, NULL), a = Try(f, H5Acreate2(file, "time_step_dt", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT), "time_step_dt");

  if (a >= 0) {
    Try(f, H5Awrite(a, H5T_NATIVE_DOUBLE, value), "time_step_dt");
    H5Aclose(a);
  }
  H5Sclose(space);
}

static void WriteModes(File *f, hid_t file, PetscInt field, const double *u)
{
  const AeBand  b        = f->s->band;
  const hsize_t shape[4] = {(hsize_t)b->m[1], (hsize_t)b->m[2], (hsize_t)b->m[0], 2}, start[4] = {(hsize_t)b->ys, 0, 0, 0}, count[4] = {(hsize_t)b->yn, shape[1], shape[2], 2};
  const hid_t   space = H5Screate_simple(4, shape, NULL), own = H5Screate_simple(4, count, NULL), how = H5Pcreate(H5P_DATASET_XFER);
  const hid_t   d = Try(f, H5Dcreate2(file, AeNSFieldNames[field], H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), AeNSFieldNames[field]);

  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  if (f->size > 1) H5Pset_dxpl_mpio(how, H5FD_MPIO_COLLECTIVE);
  if (d >= 0) {
    Try(f, H5Dwrite(d, H5T_NATIVE_DOUBLE, own, space, how, u + 2 * AeNSAt(f->s, field, 0, 0)), "writing failed: is the disk full?");
    if (H5Dclose(d) < 0) Because(f, "closing failed: is the disk full?");
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
static void Reserve(File *f, const char tmp[], const char plans[])
{
  const AeBand b     = f->s->band;
  const off_t  bytes = (off_t)b->m[0] * b->m[1] * b->m[2] * 16 * f->s->fields + (off_t)strlen(plans) + 32768;
  const int    fd    = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

  if (fd < 0 || (fallocate(fd, 0, 0, bytes) && errno != EOPNOTSUPP && errno != ENOSYS)) Because(f, strerror(errno));
  if (fd >= 0) close(fd);
}

PetscErrorCode AeNSSave(AeNS s, Vec U, const char path[], PetscReal t, PetscInt step, PetscReal dt)
{
  File          f = {.s = s, .path = path};
  char          tmp[PETSC_MAX_PATH_LEN + 8], folder[PETSC_MAX_PATH_LEN], parameters[4096], *plans;
  const double *u;
  hid_t         file = -1;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  PetscCall(PetscSNPrintf(tmp, sizeof tmp, "%s.tmp", path));
  PetscCall(PetscStrncpy(folder, path, sizeof folder));
  if (strrchr(folder, '/')) *strrchr(folder, '/') = 0;
  else PetscCall(PetscStrncpy(folder, ".", sizeof folder));
  PetscCall(Parameters(s, parameters, sizeof parameters));
  PetscCall(AeFFTWisdom(s->comm, &plans));
  Quiet(PETSC_TRUE);
  if (!f.rank) Reserve(&f, tmp, plans);
  if (!f.why[0] || f.size > 1) { /* a collective creation: all ranks or none */
    PetscMPIInt bad = f.why[0] != 0;

    PetscCallMPI(MPI_Bcast(&bad, 1, MPI_INT, 0, s->comm));
    if (!bad) {
      const hid_t access = H5Pcreate(H5P_FILE_ACCESS);

      if (f.size > 1) H5Pset_fapl_mpio(access, s->comm, MPI_INFO_NULL);
      file = Try(&f, H5Fcreate(tmp, H5F_ACC_TRUNC, H5P_DEFAULT, access), "HDF5 cannot create it");
      H5Pclose(access);
    }
  }
  if (file >= 0) {
    PetscCall(VecGetArrayRead(U, &u));
    WriteText(&f, file, "format", FORMAT);
    WriteText(&f, file, "parameters", parameters);
    WriteText(&f, file, "fftw", plans);
    WriteNumbers(&f, file, t, step, dt);
    for (PetscInt field = 0; field < s->fields; field++) WriteModes(&f, file, field, u);
    if (H5Fclose(file) < 0) Because(&f, "closing failed: is the disk full?");
    PetscCall(VecRestoreArrayRead(U, &u));
  }
  PetscCallMPI(MPI_Barrier(s->comm));
  if (!f.rank && !f.why[0]) {
    int err = SyncPath(tmp, O_RDONLY);

    if (!err && rename(tmp, path)) err = errno;
    if (!err) err = SyncPath(folder, O_RDONLY | O_DIRECTORY);
    if (err) Because(&f, strerror(err));
  }
  if (!f.rank && f.why[0]) unlink(tmp);
  Quiet(PETSC_FALSE);
  free(plans);
  PetscCall(Agree(&f, "write", AE_ERR_FILE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSIsModes(AeNS s, const char path[], PetscBool *modes)
{
  File        f  = {.s = s, .path = path};
  PetscMPIInt is = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  Quiet(PETSC_TRUE);
  if (!f.rank) {
    const hid_t file   = access(path, R_OK) ? (Because(&f, strerror(errno)), -1) : Try(&f, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
    char       *format = file < 0 ? NULL : ReadText(file, "format");

    is = format && !strcmp(format, FORMAT);
    free(format);
    if (file >= 0) H5Fclose(file);
  }
  Quiet(PETSC_FALSE);
  PetscCall(Agree(&f, "read", PETSC_ERR_FILE_OPEN));
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
  Quiet(PETSC_TRUE);
  { /* every rank reads for itself: what is wrong with the file is said when the state is loaded */
    const hid_t file  = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    char       *plans = file < 0 ? NULL : ReadText(file, "fftw");

    if (plans) PetscCall(AeFFTSetWisdom(comm, plans, &good));
    free(plans);
    if (file >= 0) H5Fclose(file);
  }
  Quiet(PETSC_FALSE);
  if (!good && !rank) PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr, "aeonic: warning: FFTW's plans in %s are damaged or of another FFTW: new ones are made, and the run goes on with other rounding errors\n", path));
  PetscFunctionReturn(0);
}

/* This rank's rows of one field from a file with waves up to M; waves that are not there stay 0. */
static void ReadModes(File *f, hid_t file, PetscInt field, double *u)
{
  const AeBand b = f->s->band;
  const hid_t  d = Try(f, H5Dopen2(file, AeNSFieldNames[field], H5P_DEFAULT), "a field is missing in it");
  hsize_t      shape[4];
  hid_t        space;
  double      *row;

  if (d < 0) return;
  space = H5Dget_space(d);
  if (H5Sget_simple_extent_ndims(space) != 4 || H5Sget_simple_extent_dims(space, shape, NULL) != 4 || shape[3] != 2 || shape[0] % 2 == 0 || shape[1] % 2 == 0) Because(f, "a field has another shape than a checkpoint's");
  row = f->why[0] ? NULL : malloc(shape[1] * shape[2] * 2 * sizeof(double));
  for (PetscInt y = 0; y < b->yn && row; y++) {
    const PetscInt jy = AeBandWave(b->ys + y, b->m[1]), my = (PetscInt)shape[0], mz = (PetscInt)shape[1], mx = (PetscInt)shape[2];
    const hsize_t  start[4] = {(hsize_t)(jy < 0 ? jy + my : jy), 0, 0, 0}, count[4] = {1, shape[1], shape[2], 2};
    hid_t          own;

    if (PetscAbsInt(jy) > my / 2) continue;
    own = H5Screate_simple(4, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    Try(f, H5Dread(d, H5T_NATIVE_DOUBLE, own, space, H5P_DEFAULT, row), "it is damaged");
    H5Sclose(own);
    for (PetscInt z = 0; z < b->m[2]; z++) {
      const PetscInt jz = AeBandWave(z, b->m[2]);

      if (PetscAbsInt(jz) <= mz / 2) memcpy(u + 2 * AeNSAt(f->s, field, y, z), row + 2 * (ptrdiff_t)mx * (jz < 0 ? jz + mz : jz), (size_t)PetscMin(mx, b->m[0]) * 2 * sizeof(double));
    }
  }
  free(row);
  H5Sclose(space);
  H5Dclose(d);
}

PetscErrorCode AeNSLoad(AeNS s, Vec U, const char path[], PetscBool same, PetscReal *t, PetscInt *step, PetscReal *dt)
{
  File    f = {.s = s, .path = path};
  double *u, value[3]          = {0};
  char    own[4096], name[128] = "", *parameters = NULL;
  hid_t   file;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  PetscCall(Parameters(s, own, sizeof own));
  PetscCall(VecSet(U, 0.0));
  PetscCall(VecGetArray(U, &u));
  Quiet(PETSC_TRUE);
  file = access(path, R_OK) ? (Because(&f, strerror(errno)), -1) : Try(&f, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
  if (file >= 0) {
    const hid_t a = Try(&f, H5Aopen(file, "time_step_dt", H5P_DEFAULT), "it is no checkpoint of aeonic ns");

    if (a >= 0) {
      Try(&f, H5Aread(a, H5T_NATIVE_DOUBLE, value), "it is damaged");
      H5Aclose(a);
    }
    parameters = ReadText(file, "parameters");
    if (!parameters) Because(&f, "it is no checkpoint of aeonic ns");
    for (PetscInt field = 0; field < s->fields && !f.why[0]; field++)
      if (same || field < 3 || H5Lexists(file, AeNSFieldNames[field], H5P_DEFAULT) > 0) ReadModes(&f, file, field, u);
    H5Fclose(file);
  }
  Quiet(PETSC_FALSE);
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(Agree(&f, "read", PETSC_ERR_FILE_OPEN));
  if (same) PetscCheck(!Differs(own, parameters, name, sizeof name), s->comm, AE_ERR_USAGE, "-restart: %s is not what it was in the run that is to be continued (%s)", name, path);
  free(parameters);
  if (t) *t = value[0];
  if (step) *step = (PetscInt)value[1];
  if (dt) *dt = value[2];
  PetscFunctionReturn(0);
}

/* ---- velocities at points -------------------------------------------------------------------------------------- */

typedef struct {
  AeNS      s;
  double   *values[3];
  Mode     *u;
  PetscReal removed[2]; /* squares: of what had a divergence, of all */
} Points;

static void FillNothing(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const AeBand b = ((Points *)ctx)->s->fine;

  (void)y;
  for (int f = 0; f < 3; f++) memset(w[f], 0, (size_t)b->n[2] * b->m[0] * sizeof(Mode));
}

static void GivePoints(void *ctx, PetscInt z, double *const p[])
{
  const Points *q = ctx;
  const AeBand  b = q->s->fine;

  for (int f = 0; f < 3; f++)
    for (PetscInt j = 0; j < b->n[1]; j++) memcpy(p[f] + j * (ptrdiff_t)b->pitch, q->values[f] + ((ptrdiff_t)(z - b->zs) * b->n[1] + j) * b->n[0], (size_t)b->n[0] * sizeof(double));
}

/* From cell centres to the origin, and without the part that has a divergence. */
static void TakeModes(void *ctx, PetscInt y, fftw_complex *const w[])
{
  Points      *q = ctx;
  const AeBand b = q->s->fine;

  for (PetscInt z = 0; z < b->m[2]; z++)
    for (PetscInt x = 0; x < b->m[0]; x++) {
      const PetscInt  j[3] = {x, AeBandWave(y, b->m[1]), AeBandWave(z, b->m[2])};
      const PetscReal k2 = (PetscReal)j[0] * j[0] + (PetscReal)j[1] * j[1] + (PetscReal)j[2] * j[2], weight = x ? 2.0 : 1.0;
      const Mode      phase = conj(AeNSPhase(q->s, j[0], j[1], j[2]));
      Mode            c[3], along = 0.0;

      for (int f = 0; f < 3; f++) {
        c[f] = phase * w[f][AeBandPad(z, b->m[2], b->n[2]) * b->m[0] + x];
        along += j[f] * c[f];
        q->removed[1] += weight * creal(c[f] * conj(c[f]));
      }
      if (k2 > 0.0) q->removed[0] += weight * creal(along * conj(along)) / k2;
      for (int f = 0; f < 3; f++) q->u[AeNSAt(q->s, f, y - b->ys, z) + x] = c[f] - (k2 > 0.0 ? j[f] * along / k2 : 0.0);
    }
}

PetscErrorCode AeNSReadPoints(AeNS s, const char path[], Mode *u)
{
  File             f    = {.s = s, .path = path};
  Points           q    = {.s = s, .u = u};
  const AeBandWork work = {3, 3, FillNothing, GivePoints, TakeModes, &q};
  hid_t            file;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &f.rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &f.size));
  PetscCall(AeNSCreateOutput(s));
  Quiet(PETSC_TRUE);
  file = Try(&f, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
  for (int c = 0; c < 3; c++) {
    const AeBand  b        = s->fine;
    const hsize_t start[3] = {(hsize_t)b->zs, 0, 0}, count[3] = {(hsize_t)b->zn, (hsize_t)b->n[1], (hsize_t)b->n[0]};
    hsize_t       shape[3] = {0};
    hid_t         d, space, own;

    PetscCall(PetscMalloc1(count[0] * count[1] * count[2], &q.values[c]));
    d = file < 0 ? -1 : Try(&f, H5Dopen2(file, AeNSFieldNames[c], H5P_DEFAULT), "it has no dataset velocity_x, velocity_y or velocity_z");
    if (d < 0) continue;
    space = H5Dget_space(d);
    own   = H5Screate_simple(3, count, NULL);
    if (H5Sget_simple_extent_ndims(space) != 3 || H5Sget_simple_extent_dims(space, shape, NULL) != 3 || shape[0] != (hsize_t)b->n[2] || shape[1] != count[1] || shape[2] != count[2]) {
      char text[WHY];
      snprintf(text, sizeof text, "%s has %d x %d x %d values, -grid_n asks for a cube of %d", AeNSFieldNames[c], (int)shape[2], (int)shape[1], (int)shape[0], (int)b->n[0]);
      Because(&f, text);
    } else {
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
      Try(&f, H5Dread(d, H5T_NATIVE_DOUBLE, own, space, H5P_DEFAULT, q.values[c]), "it is damaged");
    }
    H5Sclose(own);
    H5Sclose(space);
    H5Dclose(d);
  }
  if (file >= 0) H5Fclose(file);
  Quiet(PETSC_FALSE);
  PetscCall(Agree(&f, "read", PETSC_ERR_FILE_OPEN));
  PetscCall(AeBandEvaluate(s->fine, &work));
  for (int c = 0; c < 3; c++) PetscCall(PetscFree(q.values[c]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, q.removed, 2, MPIU_REAL, MPI_SUM, s->comm));
  PetscCheck(!PetscIsInfOrNanReal(q.removed[1]), s->comm, AE_ERR_USAGE, "-ns_file %s holds values that are not finite", path);
  if (q.removed[0] > 1e-12 * q.removed[1]) PetscCall(PetscFPrintf(s->comm, stderr, "aeonic: warning: %.2g of the velocity in -ns_file %s has a divergence and was taken away\n", (double)PetscSqrtReal(q.removed[0] / q.removed[1]), path));
  PetscFunctionReturn(0);
}
