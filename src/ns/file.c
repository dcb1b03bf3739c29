/*
  The state of a flow as HDF5, in checkpoints and as initial data.

  A file holds for each field a dataset of its name, (2 K_y + 1, 2 K_z + 1, K_x + 1, 2): real and imaginary parts of the
  coefficients, waves 0, 1, .. K, -K, .. -1 along y and z; the attribute `time`; as text `format`; and the parts of a checkpoint
  (checkpoint.h). It is sealed (sealed.h).
*/
#include "file_private.h"
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define FORMAT "aeonic ns modes 2"

hid_t AeNSOpen(const char path[], char why[])
{
  if (access(path, R_OK)) AeReason(why, "%s", strerror(errno));
  return why[0] ? -1 : AeH5Expect(why, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it is no HDF5 file");
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

PetscErrorCode AeNSSave(AeNS s, Vec U, const char path[], PetscReal t, PetscInt n, const AeCheckpointPart part[],
                        PetscInt64 *bytes, char why[], size_t len)
{
  const AeBand  b    = s->band;
  uint64_t      room = (uint64_t)b->m[0] * b->m[1] * b->m[2] * 16 * s->fields + 65536;
  const double *u;
  AeSealed      S;

  PetscFunctionBegin;
  for (PetscInt p = 0; p < n; p++) room += part[p].size;
  PetscCall(AeSealedBegin(s->comm, path, room, AE_SEALED_PARALLEL | AE_SEALED_FOLDER, &S));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(WriteText(&S, "format", FORMAT));
  AeH5Attribute(S.why, S.file, "time", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &t);
  PetscCall(AeCheckpointWriteParts(&S, n, part));
  for (PetscInt field = 0; field < s->fields; field++) PetscCall(WriteModes(&S, s, field, u));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(AeSealedEnd(&S, bytes));
  PetscCall(PetscStrncpy(why, S.why, len));
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

PetscErrorCode AeNSLoad(AeNS s, Vec U, const char path[], PetscBool same, PetscReal *t)
{
  double     *u;
  char        why[AE_REASON] = "";
  hid_t       file;
  PetscMPIInt rank;
  AeH5Quiet   quiet;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(s->comm, &rank));
  PetscCall(VecSet(U, 0.0));
  PetscCall(VecGetArray(U, &u));
  AeH5QuietBegin(&quiet);
  if (!rank) AeSealedCheck(path, PETSC_FALSE, why);
  file = AeNSOpen(path, why);
  if (file >= 0) {
    const hid_t a = AeH5Expect(why, H5Aopen(file, "time", H5P_DEFAULT), "it is no checkpoint of aeonic ns");

    if (a >= 0) {
      AeH5Expect(why, H5Aread(a, H5T_NATIVE_DOUBLE, t), "it is damaged");
      H5Aclose(a);
    }
    for (PetscInt field = 0; field < s->fields && !why[0]; field++)
      if (same || field < 3 || H5Lexists(file, AeNSFieldNames[field], H5P_DEFAULT) > 0) ReadModes(s, why, file, field, u);
    H5Fclose(file);
  }
  AeH5QuietEnd(&quiet);
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(AeAgreeOrRaise(s->comm, PETSC_ERR_FILE_OPEN, "read", path, why));
  PetscFunctionReturn(0);
}
