/*
  How the files of an output look inside: kuibit's grid functions, VTKHDF, and the HDF5 side of XDMF.

  HDF5 is used by rank 0 alone, to create a file with everything but the values: the datasets are contiguous,
  and their places in the file are allocated at once, so that all ranks can write their own rows there.
    kuibit:  the names and attributes of Cactus/Carpet's files, as kuibit 1.5 reads them
    VTKHDF:  type OverlappingAMR of the VTKHDF specification, version 1.0: docs.vtk.org, "VTKHDF format specification"
*/
#include "io_private.h"
#include <string.h>
#include <sys/stat.h>

#define PARAMETERS "Parameters and Global Attributes"

/* n: length of an array; 0 for a scalar */
static void Attribute(char reason[], hid_t where, const char name[], hid_t file_type, hid_t type, hsize_t n, const void *value)
{
  const hid_t space = n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR);
  const hid_t a     = where < 0 ? -1 : AeTry(reason, H5Acreate2(where, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT));

  if (a >= 0) {
    AeTry(reason, H5Awrite(a, type, value));
    H5Aclose(a);
  }
  H5Sclose(space);
}

static void Doubles(char reason[], hid_t where, const char name[], hsize_t n, const double *v)
{
  Attribute(reason, where, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, n, v);
}
static void Ints(char reason[], hid_t where, const char name[], hsize_t n, const int *v)
{
  Attribute(reason, where, name, H5T_STD_I32LE, H5T_NATIVE_INT, n, v);
}

/* Fixed length, ASCII, `extra` characters for a zero at the end: VTK wants 0, h5py gives bytes for all of them. */
static hid_t StringType(const char text[], size_t extra)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, strlen(text) + extra);
  if (!extra) H5Tset_strpad(type, H5T_STR_NULLPAD);
  return type;
}

static void String(char reason[], hid_t where, const char name[], const char text[], size_t extra)
{
  const hid_t type = StringType(text, extra);
  Attribute(reason, where, name, type, type, 0, text);
  H5Tclose(type);
}

static hid_t Group(char reason[], hid_t where, const char name[])
{
  return where < 0 ? -1 : AeTry(reason, H5Gcreate2(where, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void CloseGroup(hid_t group)
{
  if (group >= 0) H5Gclose(group);
}

static void WriteParameters(char reason[], hid_t file, const char text[])
{
  const hid_t group = Group(reason, file, PARAMETERS), type = StringType(text, 1), space = H5Screate(H5S_SCALAR);
  const hid_t d =
    group < 0 ? -1 : AeTry(reason, H5Dcreate2(group, "All Parameters", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));

  if (d >= 0) {
    AeTry(reason, H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text));
    H5Dclose(d);
  }
  CloseGroup(group);
  H5Tclose(type);
  H5Sclose(space);
}

/* Shape of a file's datasets: kuibit's drop the axes across a plane or line, VTKHDF's are flat. */
static int Shape(const AeOutFile *f, hsize_t shape[3])
{
  int rank = 0;

  if (f->form == AE_OUT_VTKHDF) {
    shape[0] = (hsize_t)f->count[0] * (hsize_t)f->count[1] * (hsize_t)f->count[2];
    return 1;
  }
  for (int d = 2; d >= 0; d--)
    if (AeOutAlong(f->form, d)) shape[rank++] = (hsize_t)f->count[d];
  return rank;
}

/* A contiguous dataset with its place in the file; every value is written later. */
static hid_t Dataset(char reason[], hid_t where, const char name[], const AeOutFile *f, off_t *at)
{
  hsize_t     shape[3];
  const int   rank  = Shape(f, shape);
  const hid_t space = H5Screate_simple(rank, shape, NULL), create = H5Pcreate(H5P_DATASET_CREATE);
  hid_t       d;

  H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
  d = where < 0 ? -1 : AeTry(reason, H5Dcreate2(where, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, create, H5P_DEFAULT));
  if (d >= 0) {
    const haddr_t offset = H5Dget_offset(d);
    if (offset == HADDR_UNDEF) AeReason(reason, "HDF5 gave the data no place in the file");
    *at = (off_t)offset;
  }
  H5Pclose(create);
  H5Sclose(space);
  return d;
}

void AeOutDataset(const AeOut *o, const AeOutFile *f, PetscInt n, char name[], size_t size)
{
  const char *field = o->field[f->field + n].name;

  if (f->form == AE_OUT_VTKHDF) snprintf(name, size, "VTKHDF/Level0/CellData/%s", field);
  else if (f->form == AE_OUT_XDMF) snprintf(name, size, "%s", field);
  else snprintf(name, size, "AEONIC::%s it=%" PetscInt_FMT " tl=0 rl=0 c=0", field, o->it);
}

/* Coordinates of the first cell of a file, and of the layer that a plane or line lies in. */
static void Origin(const AeOut *o, const AeOutFile *f, double x[3])
{
  for (int d = 0; d < 3; d++) x[d] = AeGridX(o->grid, d, f->start[d]);
}

static void LayKuibit(const AeOut *o, AeOutFile *f, hid_t file, char reason[])
{
  const double delta[3] = {o->grid->h, o->grid->h, o->grid->h}, time = o->t;
  const int    zero[3] = {0, 0, 0}, timestep = (int)o->it;
  double       x[3], along[3];
  hsize_t      rank = 0;
  char         name[PETSC_MAX_PATH_LEN];
  hid_t        d;

  Origin(o, f, x);
  for (int a = 0; a < 3; a++)
    if (AeOutAlong(f->form, a)) along[rank++] = x[a];
  AeOutDataset(o, f, 0, name, sizeof name);
  d = Dataset(reason, file, name, f, f->at);
  if (d < 0) return;
  Doubles(reason, d, "origin", rank, along);
  Doubles(reason, d, "delta", rank, delta);
  Doubles(reason, d, "time", 0, &time);
  if (rank < 3) Doubles(reason, d, "position", 3, x);
  Ints(reason, d, "iorigin", rank, zero);
  Ints(reason, d, "level", 0, zero);
  Ints(reason, d, "timestep", 0, &timestep);
  *strchr(name, ' ') = 0;
  String(reason, d, "name", name, 1);
  H5Dclose(d);
}

static void StateTime(const AeOut *o, hid_t file, char reason[])
{
  const double time = o->t;
  const int    it   = (int)o->it;

  Doubles(reason, file, "time", 0, &time);
  Ints(reason, file, "iteration", 0, &it);
}

/* One level, one box; boxes of a level would follow each other in AMRBox and in the data. */
static void LayVTKHDF(const AeOut *o, AeOutFile *f, hid_t file, char reason[])
{
  const int     version[2] = {1, 0};
  const double  spacing[3] = {o->grid->h, o->grid->h, o->grid->h};
  const int     box[6]     = {0, (int)f->count[0] - 1, 0, (int)f->count[1] - 1, 0, (int)f->count[2] - 1};
  const hsize_t boxes[2]   = {1, 6};
  const double  origin[3]  = {o->grid->lo[0], o->grid->lo[1], o->grid->lo[2]};
  const hid_t   root = Group(reason, file, "VTKHDF"), level = Group(reason, root, "Level0"),
              cells = Group(reason, level, "CellData"), space = H5Screate_simple(2, boxes, NULL);
  hid_t d;

  StateTime(o, file, reason);
  Ints(reason, root, "Version", 2, version);
  String(reason, root, "Type", "OverlappingAMR", 0);
  String(reason, root, "GridDescription", "XYZ", 0);
  Doubles(reason, root, "Origin", 3, origin);
  Doubles(reason, level, "Spacing", 3, spacing);
  d = level < 0 ? -1 : AeTry(reason, H5Dcreate2(level, "AMRBox", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  if (d >= 0) {
    AeTry(reason, H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, box));
    H5Dclose(d);
  }
  for (PetscInt n = 0; n < f->n; n++)
    if ((d = Dataset(reason, cells, o->field[f->field + n].name, f, f->at + n)) >= 0) H5Dclose(d);
  H5Sclose(space);
  CloseGroup(cells);
  CloseGroup(level);
  CloseGroup(root);
}

static void LayXDMF(const AeOut *o, AeOutFile *f, hid_t file, char reason[])
{
  const double delta = o->grid->h;
  double       x[3];

  StateTime(o, file, reason);
  Origin(o, f, x);
  for (PetscInt n = 0; n < f->n; n++) {
    const hid_t d = Dataset(reason, file, o->field[f->field + n].name, f, f->at + n);
    if (d < 0) continue;
    Doubles(reason, d, "origin", 3, x);
    Doubles(reason, d, "delta", 0, &delta);
    H5Dclose(d);
  }
}

PetscBool AeOutLayOut(const AeOut *o, AeOutFile *f, char reason[])
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  hid_t       file;

  reason[0] = 0;
  H5Pset_alignment(access, 65536, 4096); /* data begin with a page: written faster */
  file = AeTry(reason, H5Fcreate(f->tmp, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
  if (file < 0) return PETSC_FALSE;
  WriteParameters(reason, file, o->parameters);
  if (f->form == AE_OUT_VTKHDF) LayVTKHDF(o, f, file, reason);
  else if (f->form == AE_OUT_XDMF) LayXDMF(o, f, file, reason);
  else LayKuibit(o, f, file, reason);
  AeTry(reason, H5Fclose(file));
  return (PetscBool)!reason[0];
}

PetscBool AeOutCheckLayout(const AeOut *o, AeOutFile *f, char reason[])
{
  const hsize_t cells = (hsize_t)f->count[0] * (hsize_t)f->count[1] * (hsize_t)f->count[2];
  const hid_t   file  = (reason[0] = 0, AeTry(reason, H5Fopen(f->tmp, H5F_ACC_RDONLY, H5P_DEFAULT)));
  struct stat   st;

  if (file < 0) return PETSC_FALSE;
  for (PetscInt n = 0; n < f->n; n++) {
    char    name[PETSC_MAX_PATH_LEN];
    hsize_t want[3] = {0}, got[3] = {0};
    hid_t   d, space;

    AeOutDataset(o, f, n, name, sizeof name);
    d = AeTry(reason, H5Dopen2(file, name, H5P_DEFAULT));
    if (d < 0) break;
    space = H5Dget_space(d);
    if (H5Sget_simple_extent_ndims(space) != Shape(f, want) || H5Sget_simple_extent_dims(space, got, NULL) < 0 ||
        memcmp(want, got, sizeof got))
      snprintf(reason, AE_REASON, "what was written has another shape when read back");
    if ((off_t)H5Dget_offset(d) != f->at[n] || stat(f->tmp, &st) || st.st_size < f->at[n] + (off_t)(cells * sizeof(double)))
      snprintf(reason, AE_REASON, "what was written is shorter when read back");
    H5Sclose(space);
    H5Dclose(d);
  }
  H5Fclose(file);
  return (PetscBool)!reason[0];
}
