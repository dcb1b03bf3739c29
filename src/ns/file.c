/*
  Checkpoints of ns as HDF5.

  A checkpoint holds for each field a dataset of its name, (2 K_y + 1, 2 K_z + 1, K_x + 1, 2): real and imaginary parts of
  the coefficients, waves 0, 1, .. K, -K, .. -1 along y and z; the attribute time_step_dt; as text: `format`, `parameters`
  (lines "option value", compared at a restart) and `fftw` (its plans). It is sealed (sealed.h).
*/
#include "file_private.h"
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define FORMAT "aeonic ns modes 1"

hid_t AeNSOpen(const char path[], char why[])
{
  if (access(path, R_OK)) AeReason(why, "%s", strerror(errno));
  return why[0] ? -1 : AeH5Expect(why, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
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

static PetscErrorCode WriteText(AeSealed *S, const char name[], const char text[])
{
  const hid_t type = AeH5TextType(strlen(text) + 1);

  PetscFunctionBegin;
  PetscCall(AeSealedWrite(S, name, type, 0, NULL, text, NULL));
  H5Tclose(type);
  PetscFunctionReturn(0);
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

static PetscErrorCode ReadBytes(char why[], hid_t file, const char name[], size_t *count, void **data)
{
  hid_t d, space;

  PetscFunctionBegin;
  if (H5Lexists(file, name, H5P_DEFAULT) <= 0) PetscFunctionReturn(0);
  d = AeH5Try(why, H5Dopen2(file, name, H5P_DEFAULT));
  if (d < 0) PetscFunctionReturn(0);
  space  = H5Dget_space(d);
  *count = (size_t)PetscMax(H5Sget_simple_extent_npoints(space), 0);
  PetscCall(PetscMalloc(PetscMax(*count, 1), data));
  AeH5Expect(why, H5Dread(d, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, *data), "it is damaged");
  H5Sclose(space);
  H5Dclose(d);
  PetscFunctionReturn(0);
}

/* The digest of a field's modes in the order of the file: each rank adds its slab to what the ranks below have made of theirs. */
static PetscErrorCode DigestModes(AeNS s, const double *own, size_t bytes, unsigned char digest[AE_DIGEST])
{
  crypto_generichash_state h;
  PetscMPIInt              rank, size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &rank));
  PetscCallMPI(MPI_Comm_size(s->comm, &size));
  if (!rank) crypto_generichash_init(&h, NULL, 0, AE_DIGEST);
  else PetscCallMPI(MPI_Recv(&h, sizeof h, MPI_BYTE, rank - 1, 0, s->comm, MPI_STATUS_IGNORE));
  crypto_generichash_update(&h, (const unsigned char *)own, bytes);
  if (rank < size - 1) PetscCallMPI(MPI_Send(&h, sizeof h, MPI_BYTE, rank + 1, 0, s->comm));
  else crypto_generichash_final(&h, digest, AE_DIGEST);
  PetscCallMPI(MPI_Bcast(digest, AE_DIGEST, MPI_BYTE, size - 1, s->comm));
  PetscFunctionReturn(0);
}

/*
  The file's order of rows is that of the ranks, so that a slab each, written by all at once, is the field; and so is the digest.
*/
static PetscErrorCode WriteModes(AeSealed *S, AeNS s, PetscInt field, const double *u)
{
  const AeBand  b        = s->band;
  const double *own      = u + 2 * AeNSAt(s, field, 0, 0);
  const hsize_t shape[4] = {(hsize_t)b->m[1], (hsize_t)b->m[2], (hsize_t)b->m[0], 2}, start[4] = {(hsize_t)b->ys, 0, 0, 0},
                count[4] = {(hsize_t)b->yn, shape[1], shape[2], 2};
  unsigned char digest[AE_DIGEST];
  hid_t         d;

  PetscFunctionBegin;
  PetscCall(DigestModes(s, own, count[0] * count[1] * count[2] * 2 * sizeof *own, digest));
  d = AeH5Dataset(S->why, S->file, AeNSFieldNames[field], H5T_IEEE_F64LE, 4, shape);
  if (d >= 0) {
    const hid_t space = H5Dget_space(d), memory = H5Screate_simple(4, count, NULL), how = H5Pcreate(H5P_DATASET_XFER);

    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (S->parallel) H5Pset_dxpl_mpio(how, H5FD_MPIO_COLLECTIVE);
    AeH5Expect(S->why, H5Dwrite(d, H5T_NATIVE_DOUBLE, memory, space, how, own), "writing failed: is the disk full?");
    AeSealedSum(S, d, digest);
    AeH5Expect(S->why, H5Dclose(d), "closing failed: is the disk full?");
    H5Pclose(how);
    H5Sclose(memory);
    H5Sclose(space);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSSave(AeNS s, Vec U, const char path[], PetscReal t, PetscInt step, PetscReal dt, size_t n, const void *data)
{
  const AeBand  b          = s->band;
  const double  numbers[3] = {t, (double)step, dt};
  hsize_t       bytes;
  char          parameters[4096], *plans;
  const double *u;
  AeSealed      S;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(&n, sizeof n, MPI_BYTE, 0, s->comm));
  bytes = n;
  PetscCall(Parameters(s, parameters, sizeof parameters));
  PetscCall(AeFFTWisdom(s->comm, &plans));
  PetscCall(AeSealedBegin(s->comm, path, (uint64_t)b->m[0] * b->m[1] * b->m[2] * 16 * s->fields + strlen(plans) + n + 32768,
                          AE_SEALED_PARALLEL, &S));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(WriteText(&S, "format", FORMAT));
  PetscCall(WriteText(&S, "parameters", parameters));
  PetscCall(WriteText(&S, "fftw", plans));
  AeH5Attribute(S.why, S.file, "time_step_dt", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 3, numbers);
  if (n) PetscCall(AeSealedWrite(&S, "callers", H5T_NATIVE_UCHAR, 1, &bytes, data, NULL));
  for (PetscInt field = 0; field < s->fields; field++) PetscCall(WriteModes(&S, s, field, u));
  PetscCall(VecRestoreArrayRead(U, &u));
  free(plans);
  PetscCall(AeSealedEnd(&S, NULL));
  PetscCall(AeAgreeOrRaise(s->comm, AE_ERR_FILE, "write", path, S.why));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSIsModes(AeNS s, const char path[], PetscBool *modes)
{
  char        why[AE_REASON] = "";
  PetscMPIInt rank, is = 0;
  AeH5Quiet   quiet;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &rank));
  if (!rank) {
    hid_t file;
    char *format;

    AeH5QuietBegin(&quiet);
    file   = AeNSOpen(path, why);
    format = file < 0 ? NULL : ReadText(file, "format");
    is     = format && !strcmp(format, FORMAT);
    free(format);
    if (file >= 0) H5Fclose(file);
    AeH5QuietEnd(&quiet);
  }
  PetscCall(AeAgreeOrRaise(s->comm, PETSC_ERR_FILE_OPEN, "read", path, why));
  PetscCallMPI(MPI_Bcast(&is, 1, MPI_INT, 0, s->comm));
  *modes = (PetscBool)is;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSLoadPlans(MPI_Comm comm, const char path[])
{
  PetscMPIInt rank;
  PetscBool   good = PETSC_TRUE;
  AeH5Quiet   quiet;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(AeSpectralRegister());
  AeH5QuietBegin(&quiet);
  { /* every rank reads for itself: what is wrong with the file is said when the state is loaded */
    const hid_t file  = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    char       *plans = file < 0 ? NULL : ReadText(file, "fftw");

    if (plans) PetscCall(AeFFTSetWisdom(comm, plans, &good));
    free(plans);
    if (file >= 0) H5Fclose(file);
  }
  AeH5QuietEnd(&quiet);
  if (!good && !rank)
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr,
                           "aeonic: warning: FFTW's plans in %s are damaged or of another FFTW: new ones are made, and the run "
                           "goes on with other rounding errors\n",
                           path));
  PetscFunctionReturn(0);
}

/* This rank's rows of one field from a file with waves up to M; waves that are not there stay 0. */
static void ReadModes(AeNS s, char why[], hid_t file, PetscInt field, double *u)
{
  const AeBand b        = s->band;
  const hid_t  d        = AeH5Expect(why, H5Dopen2(file, AeNSFieldNames[field], H5P_DEFAULT), "a field is missing in it");
  hsize_t      shape[4] = {0};
  hid_t        space;
  double      *row;

  if (d < 0) return;
  space = H5Dget_space(d);
  if (H5Sget_simple_extent_ndims(space) != 4 || H5Sget_simple_extent_dims(space, shape, NULL) != 4 || shape[3] != 2 ||
      shape[0] % 2 == 0 || shape[1] % 2 == 0)
    AeReason(why, "a field has another shape than a checkpoint's");
  row = why[0] ? NULL : malloc(shape[1] * shape[2] * 2 * sizeof(double) + 1);
  for (PetscInt y = 0; y < b->yn && row; y++) {
    const PetscInt jy = AeBandWave(b->ys + y, b->m[1]), my = (PetscInt)shape[0], mz = (PetscInt)shape[1], mx = (PetscInt)shape[2];
    const hsize_t  start[4] = {(hsize_t)(jy < 0 ? jy + my : jy), 0, 0, 0}, count[4] = {1, shape[1], shape[2], 2};
    hid_t          own;

    if (PetscAbsInt(jy) > my / 2) continue;
    own = H5Screate_simple(4, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    AeH5Expect(why, H5Dread(d, H5T_NATIVE_DOUBLE, own, space, H5P_DEFAULT, row), "it is damaged");
    H5Sclose(own);
    for (PetscInt z = 0; z < b->m[2]; z++) {
      const PetscInt jz = AeBandWave(z, b->m[2]);

      if (PetscAbsInt(jz) <= mz / 2)
        memcpy(u + 2 * AeNSAt(s, field, y, z), row + 2 * (ptrdiff_t)mx * (jz < 0 ? jz + mz : jz),
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
  double     *u, value[3]          = {0};
  char        own[4096], name[128] = "", why[AE_REASON] = "", *parameters = NULL;
  hid_t       file;
  PetscMPIInt rank;
  AeH5Quiet   quiet;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &rank));
  PetscCall(Parameters(s, own, sizeof own));
  PetscCall(VecSet(U, 0.0));
  PetscCall(VecGetArray(U, &u));
  AeH5QuietBegin(&quiet);
  if (!rank) AeSealedCheck(path, PETSC_FALSE, why);
  file = AeNSOpen(path, why);
  if (file >= 0) {
    const hid_t a = AeH5Expect(why, H5Aopen(file, "time_step_dt", H5P_DEFAULT), "it is no checkpoint of aeonic ns");

    if (a >= 0) {
      AeH5Expect(why, H5Aread(a, H5T_NATIVE_DOUBLE, value), "it is damaged");
      H5Aclose(a);
    }
    if (data) PetscCall(ReadBytes(why, file, "callers", n, data));
    parameters = ReadText(file, "parameters");
    if (!parameters) AeReason(why, "it is no checkpoint of aeonic ns");
    for (PetscInt field = 0; field < s->fields && !why[0]; field++)
      if (same || field < 3 || H5Lexists(file, AeNSFieldNames[field], H5P_DEFAULT) > 0) ReadModes(s, why, file, field, u);
    H5Fclose(file);
  }
  AeH5QuietEnd(&quiet);
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(AeAgreeOrRaise(s->comm, PETSC_ERR_FILE_OPEN, "read", path, why));
  if (same)
    PetscCheck(!Differs(own, parameters ? parameters : "", name, sizeof name), s->comm, AE_ERR_USAGE,
               "-restart: %s is not what it was in the run that is to be continued (%s)", name, path);
  free(parameters);
  if (t) *t = value[0];
  if (step) *step = (PetscInt)value[1];
  if (dt) *dt = value[2];
  PetscFunctionReturn(0);
}
