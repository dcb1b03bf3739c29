/*
  Reading 3-D fields back: the files of fields.c. Every rank reads what it needs by itself; after each file the
  ranks agree on the outcome, so that a failure anywhere ends the call on all of them in the same way.
*/
#include "io_private.h"
#include <string.h>
#include <unistd.h>

typedef struct {
  char  path[PETSC_MAX_PATH_LEN];
  hid_t file, data;
  char  reason[AE_REASON]; /* why it failed */
} Reader;

/* The first dataset called "AEONIC::<name> it=..." */
static herr_t FindDataset(hid_t root, const char *link, const H5L_info_t *info, void *ctx)
{
  Reader      *r      = ctx;
  const char  *wanted = strrchr(r->path, '/') + 1; /* <name>.xyz.h5 */
  const size_t n      = strlen(wanted) - strlen(".xyz.h5");

  (void)info;
  if (strncmp(link, "AEONIC::", 8) || strncmp(link + 8, wanted, n) || strncmp(link + 8 + n, " it=", 4)) return 0;
  r->data = AeH5Try(r->reason, H5Dopen2(root, link, H5P_DEFAULT));
  return 1;
}

static void Open(Reader *r)
{
  r->file = AeH5Try(r->reason, H5Fopen(r->path, H5F_ACC_RDONLY, H5P_DEFAULT));
  if (r->file < 0) return;
  AeH5Try(r->reason, H5Literate(r->file, H5_INDEX_NAME, H5_ITER_INC, NULL, FindDataset, r));
  if (r->data < 0) AeReason(r->reason, "holds no field of that name");
}

static void Attribute(Reader *r, const char name[], hsize_t n, double value[])
{
  const hid_t a     = AeH5Try(r->reason, H5Aopen(r->data, name, H5P_DEFAULT));
  const hid_t space = a < 0 ? -1 : H5Aget_space(a);

  if (a < 0) return;
  if (H5Sget_simple_extent_npoints(space) != (hssize_t)n)
    AeReason(r->reason, "an attribute (origin, delta, time) has another length than it should");
  else AeH5Try(r->reason, H5Aread(a, H5T_NATIVE_DOUBLE, value));
  H5Sclose(space);
  H5Aclose(a);
}

/* Its cells and where they are; cells that are not cubes are no grid of ours. */
static void Shape(Reader *r, AeFieldShape *shape)
{
  const hid_t space = H5Dget_space(r->data);
  hsize_t     n[3];
  double      delta[3] = {0, 0, 0}, origin[3] = {0, 0, 0}, t = 0;

  if (H5Sget_simple_extent_ndims(space) != 3 || H5Sget_simple_extent_dims(space, n, NULL) != 3)
    AeReason(r->reason, "is not three-dimensional");
  else
    for (int d = 0; d < 3; d++) shape->n[d] = (PetscInt)n[2 - d];
  H5Sclose(space);
  Attribute(r, "origin", 3, origin);
  Attribute(r, "delta", 3, delta);
  Attribute(r, "time", 1, &t);
  if (r->reason[0]) return;
  if (!(delta[0] > 0) || fabs(delta[1] - delta[0]) > 1e-9 * delta[0] || fabs(delta[2] - delta[0]) > 1e-9 * delta[0])
    AeReason(r->reason, "has cells that are not cubes");
  for (int d = 0; d < 3; d++) shape->origin[d] = origin[d];
  shape->delta = delta[0];
  shape->time  = t;
}

static void Planes(Reader *r, PetscInt k0, PetscInt nk, double data[])
{
  const hid_t space = H5Dget_space(r->data);
  hsize_t     n[3], start[3] = {(hsize_t)k0, 0, 0};
  hid_t       memory;

  H5Sget_simple_extent_dims(space, n, NULL);
  n[0]   = (hsize_t)nk;
  memory = H5Screate_simple(3, n, NULL);
  AeH5Try(r->reason, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, n, NULL));
  AeH5Try(r->reason, H5Dread(r->data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, data));
  for (hsize_t c = 0; c < n[0] * n[1] * n[2] && !r->reason[0]; c++)
    if (!isfinite(data[c])) AeReason(r->reason, "holds a value that is not finite");
  H5Sclose(memory);
  H5Sclose(space);
}

/* Opens the file, reads its shape (shape given) or planes of it, closes it, and agrees. */
static PetscErrorCode Read(MPI_Comm comm, const char folder[], const char name[], AeFieldShape *shape, PetscInt k0, PetscInt nk,
                           double data[])
{
  Reader    r = {.file = -1, .data = -1};
  AeH5Quiet quiet;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(r.path, sizeof r.path, "%s/%s.xyz.h5", folder, name));
  AeH5QuietBegin(&quiet);
  Open(&r);
  if (!r.reason[0] && shape) Shape(&r, shape);
  if (!r.reason[0] && nk > 0) Planes(&r, k0, nk, data);
  if (r.data >= 0) H5Dclose(r.data);
  if (r.file >= 0) H5Fclose(r.file);
  AeH5QuietEnd(&quiet);
  PetscCall(AeAgreeOrRaise(comm, AE_ERR_USAGE, "read", r.path, r.reason));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReadFieldShape(MPI_Comm comm, const char folder[], const char name[], AeFieldShape *shape, PetscBool *found)
{
  char        path[PETSC_MAX_PATH_LEN];
  PetscMPIInt there;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/%s.xyz.h5", folder, name));
  there = !access(path, F_OK);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &there, 1, MPI_INT, MPI_MAX, comm));
  *found = (PetscBool)there;
  if (there) PetscCall(Read(comm, folder, name, shape, 0, 0, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReadField(MPI_Comm comm, const char folder[], const char name[], PetscInt k0, PetscInt nk, double data[])
{
  PetscFunctionBegin;
  PetscCall(Read(comm, folder, name, NULL, k0, nk, data));
  PetscFunctionReturn(0);
}
