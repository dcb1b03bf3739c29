/*
  How the files of an output look inside: kuibit's grid functions, VTKHDF, and the HDF5 side of XDMF.

  HDF5 is used by rank 0 alone, to create a file with everything but the values: the datasets are contiguous,
  and their places in the file are allocated at once, so that all ranks can write their own rows there.
    kuibit:  the names and attributes of Cactus/Carpet's files, as kuibit 1.5 reads them
    VTKHDF:  type OverlappingAMR of the VTKHDF specification, version 1.0: docs.vtk.org, "VTKHDF format specification"
*/
#include "io_private.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define PARAMETERS "Parameters and Global Attributes"

static void Doubles(char why[], hid_t where, const char name[], hsize_t n, const double *v)
{
  AeH5Attribute(why, where, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, n, v);
}
static void Ints(char why[], hid_t where, const char name[], hsize_t n, const int *v)
{
  AeH5Attribute(why, where, name, H5T_STD_I32LE, H5T_NATIVE_INT, n, v);
}

/* Without a zero at the end, as VTK wants it. */
static void String(char why[], hid_t where, const char name[], const char text[])
{
  const hid_t type = AeH5TextType(strlen(text));

  H5Tset_strpad(type, H5T_STR_NULLPAD);
  AeH5Attribute(why, where, name, type, type, 0, text);
  H5Tclose(type);
}

static hid_t Group(char why[], hid_t where, const char name[])
{
  return where < 0 ? -1 : AeH5Try(why, H5Gcreate2(where, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void CloseGroup(hid_t group)
{
  if (group >= 0) H5Gclose(group);
}

static void WriteParameters(char why[], hid_t file, const char text[])
{
  const hid_t group = Group(why, file, PARAMETERS), type = AeH5TextType(strlen(text) + 1), space = H5Screate(H5S_SCALAR);
  const hid_t d =
    group < 0 ? -1 : AeH5Try(why, H5Dcreate2(group, "All Parameters", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));

  if (d >= 0) {
    AeH5Try(why, H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text));
    H5Dclose(d);
  }
  CloseGroup(group);
  H5Tclose(type);
  H5Sclose(space);
}

/* The first box that is not of the level of box b. */
static PetscInt LevelEnd(const AeOut *o, PetscInt b)
{
  const PetscInt level = o->box[b].level;

  while (b < o->nboxes && o->box[b].level == level) b++;
  return b;
}

/* Shape of the dataset with box b: kuibit's drop the axes across a plane or line; VTKHDF's are flat and have all boxes of a
   level. */
static int Shape(const AeOut *o, const AeOutFile *f, PetscInt b, hsize_t shape[3])
{
  PetscInt start[3], count[3];
  int      rank = 0;

  AeOutCells(f->form, o->box[b].grid, start, count);
  if (f->form == AE_OUT_VTKHDF) {
    const PetscInt end = LevelEnd(o, b);

    while (b > 0 && o->box[b - 1].level == o->box[b].level) b--;
    for (shape[0] = 0; b < end; b++) {
      AeOutCells(f->form, o->box[b].grid, start, count);
      shape[0] += (hsize_t)count[0] * (hsize_t)count[1] * (hsize_t)count[2];
    }
    return 1;
  }
  for (int d = 2; d >= 0; d--)
    if (AeOutAlong(f->form, d)) shape[rank++] = (hsize_t)count[d];
  return rank;
}

/* A dataset whose values are written later, from *at on. */
static hid_t Dataset(const AeOut *o, const AeOutFile *f, PetscInt b, hid_t where, const char name[], off_t *at, char why[])
{
  hsize_t     shape[3];
  const int   rank = Shape(o, f, b, shape);
  const hid_t d    = AeH5Dataset(why, where, name, H5T_NATIVE_DOUBLE, rank, shape);

  if (d >= 0) {
    const haddr_t offset = H5Dget_offset(d);
    if (offset == HADDR_UNDEF) AeReason(why, "HDF5 gave the data no place in the file");
    *at = (off_t)offset;
  }
  return d;
}

void AeOutDataset(const AeOut *o, const AeOutFile *f, PetscInt b, PetscInt n, char name[], size_t size)
{
  const AeFieldBox *box   = &o->box[b];
  const char       *field = box->field[f->field + n].name;
  const int         level = (int)box->level, number = (int)box->number;

  if (f->form == AE_OUT_VTKHDF) snprintf(name, size, "VTKHDF/Level%d/CellData/%s", level, field);
  else if (f->form != AE_OUT_XDMF) snprintf(name, size, "AEONIC::%s it=%d tl=0 rl=%d c=%d", field, (int)o->it, level, number);
  else if (level || number) snprintf(name, size, "%s rl=%d c=%d", field, level, number);
  else snprintf(name, size, "%s", field);
}

/* Coordinates of the first cell of a box in a file, and of the layer that a plane or line lies in. */
static void Origin(const AeOut *o, const AeOutFile *f, PetscInt b, double x[3])
{
  PetscInt start[3], count[3];

  AeOutCells(f->form, o->box[b].grid, start, count);
  for (int d = 0; d < 3; d++) x[d] = AeGridX(o->box[b].grid, d, start[d]);
}

/* A box's first cell, counted in cells of its own size from the corner of the first box. */
static void First(const AeOut *o, PetscInt b, int i[3])
{
  for (int d = 0; d < 3; d++) i[d] = (int)lround((o->box[b].grid->lo[d] - o->box[0].grid->lo[d]) / o->box[b].grid->h);
}

/* A grid function of Cactus: kuibit finds it by its name and places it by origin and delta, along the axes that it has. */
static void LayKuibit(const AeOut *o, AeOutFile *f, PetscInt b, hid_t file, char why[])
{
  const AeGrid g        = o->box[b].grid;
  const double delta[3] = {g->h, g->h, g->h}, time = o->t;
  const int    level = (int)o->box[b].level, timestep = (int)o->it;
  int          first[3], iorigin[3];
  double       x[3], along[3];
  hsize_t      rank = 0;
  char         name[PETSC_MAX_PATH_LEN];
  hid_t        d;

  Origin(o, f, b, x);
  First(o, b, first);
  for (int a = 0; a < 3; a++)
    if (AeOutAlong(f->form, a)) {
      iorigin[rank] = first[a];
      along[rank++] = x[a];
    }
  AeOutDataset(o, f, b, 0, name, sizeof name);
  d = Dataset(o, f, b, file, name, f->at + b, why);
  if (d < 0) return;
  Doubles(why, d, "origin", rank, along);
  Doubles(why, d, "delta", rank, delta);
  Doubles(why, d, "time", 0, &time);
  if (rank < 3) Doubles(why, d, "position", 3, x);
  Ints(why, d, "iorigin", rank, iorigin);
  Ints(why, d, "level", 0, &level);
  Ints(why, d, "timestep", 0, &timestep);
  *strchr(name, ' ') = 0;
  AeH5Text(why, d, "name", name);
  H5Dclose(d);
}

static void StateTime(const AeOut *o, hid_t file, char why[])
{
  const double time = o->t;
  const int    it   = (int)o->it;

  Doubles(why, file, "time", 0, &time);
  Ints(why, file, "iteration", 0, &it);
}

/* Boxes begin ... end - 1, which are those of one level: they follow each other in AMRBox and in the data. */
static void LayLevel(const AeOut *o, AeOutFile *f, PetscInt begin, PetscInt end, hid_t root, char why[])
{
  const double  h = o->box[begin].grid->h, spacing[3] = {h, h, h};
  const hsize_t boxes[2] = {(hsize_t)(end - begin), 6};
  const hid_t   space    = H5Screate_simple(2, boxes, NULL);
  hid_t         level, cells, d;
  char          name[32];

  snprintf(name, sizeof name, "Level%d", (int)o->box[begin].level);
  level = Group(why, root, name);
  cells = Group(why, level, "CellData");
  Doubles(why, level, "Spacing", 3, spacing);
  d = level < 0 ? -1 : AeH5Try(why, H5Dcreate2(level, "AMRBox", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  for (PetscInt b = begin; b < end && d >= 0; b++) {
    const hsize_t start[2] = {(hsize_t)(b - begin), 0}, count[2] = {1, 6};
    const hid_t   row = H5Screate_simple(2, count, NULL);
    PetscInt      from[3], n[3];
    int           first[3], box[6];

    First(o, b, first);
    AeOutCells(f->form, o->box[b].grid, from, n);
    for (int a = 0; a < 3; a++) box[2 * a] = first[a], box[2 * a + 1] = first[a] + (int)n[a] - 1;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    AeH5Try(why, H5Dwrite(d, H5T_NATIVE_INT, row, space, H5P_DEFAULT, box));
    H5Sclose(row);
  }
  if (d >= 0) H5Dclose(d);
  for (PetscInt n = 0; n < f->n; n++) {
    off_t at = 0;

    if ((d = Dataset(o, f, begin, cells, o->box[begin].field[f->field + n].name, &at, why)) >= 0) H5Dclose(d);
    for (PetscInt b = begin; b < end; b++) {
      const PetscInt *c = o->box[b].grid->n;

      f->at[b * f->n + n] = at;
      at += (off_t)sizeof(double) * c[0] * c[1] * c[2];
    }
  }
  H5Sclose(space);
  CloseGroup(cells);
  CloseGroup(level);
}

static void LayVTKHDF(const AeOut *o, AeOutFile *f, hid_t file, char why[])
{
  const int    version[2] = {1, 0};
  const double origin[3]  = {o->box[0].grid->lo[0], o->box[0].grid->lo[1], o->box[0].grid->lo[2]};
  const hid_t  root       = Group(why, file, "VTKHDF");

  StateTime(o, file, why);
  Ints(why, root, "Version", 2, version);
  String(why, root, "Type", "OverlappingAMR");
  String(why, root, "GridDescription", "XYZ");
  Doubles(why, root, "Origin", 3, origin);
  for (PetscInt b = 0, end; b < o->nboxes; b = end) LayLevel(o, f, b, end = LevelEnd(o, b), root, why);
  CloseGroup(root);
}

static void LayXDMF(const AeOut *o, AeOutFile *f, PetscInt b, hid_t file, char why[])
{
  const double delta = o->box[b].grid->h;
  double       x[3];
  char         name[PETSC_MAX_PATH_LEN];

  Origin(o, f, b, x);
  for (PetscInt n = 0; n < f->n; n++) {
    hid_t d;

    AeOutDataset(o, f, b, n, name, sizeof name);
    d = Dataset(o, f, b, file, name, f->at + b * f->n + n, why);
    if (d < 0) continue;
    Doubles(why, d, "origin", 3, x);
    Doubles(why, d, "delta", 0, &delta);
    H5Dclose(d);
  }
}

void AeOutLayOut(const AeOut *o, AeOutFile *f, char why[])
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  hid_t       file;

  H5Pset_alignment(access, 65536, 4096); /* data begin with a page: written faster */
  file = AeH5Try(why, H5Fcreate(f->tmp, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
  if (file < 0) return;
  WriteParameters(why, file, o->parameters);
  if (f->form == AE_OUT_VTKHDF) LayVTKHDF(o, f, file, why);
  if (f->form == AE_OUT_XDMF) StateTime(o, file, why);
  for (PetscInt b = 0; b < o->nboxes && f->form != AE_OUT_VTKHDF; b++)
    if (f->form == AE_OUT_XDMF) LayXDMF(o, f, b, file, why);
    else LayKuibit(o, f, b, file, why);
  AeH5Try(why, H5Fclose(file));
}

void AeOutCheckLayout(const AeOut *o, const AeOutFile *f, char why[])
{
  const hid_t file = AeH5Try(why, H5Fopen(f->tmp, H5F_ACC_RDONLY, H5P_DEFAULT));
  struct stat st   = {0};

  if (file < 0) return;
  if (stat(f->tmp, &st)) AeReason(why, "%s", strerror(errno));
  for (PetscInt i = 0; i < o->nboxes * f->n; i++) {
    const PetscInt b = i / f->n;
    char           name[PETSC_MAX_PATH_LEN];
    hsize_t        want[3] = {0}, got[3] = {0};
    PetscInt       start[3], n[3];
    hid_t          d, space;
    off_t          first, end;

    AeOutDataset(o, f, b, i % f->n, name, sizeof name);
    AeOutCells(f->form, o->box[b].grid, start, n);
    end = f->at[i] + (off_t)sizeof(double) * n[0] * n[1] * n[2];
    d   = AeH5Try(why, H5Dopen2(file, name, H5P_DEFAULT));
    if (d < 0) break;
    space = H5Dget_space(d);
    first = (off_t)H5Dget_offset(d);
    if (H5Sget_simple_extent_ndims(space) != Shape(o, f, b, want) || H5Sget_simple_extent_dims(space, got, NULL) < 0 ||
        memcmp(want, got, sizeof got))
      AeReason(why, "what was written has another shape when read back");
    if (f->at[i] < first || end > first + (off_t)H5Dget_storage_size(d) || st.st_size < end)
      AeReason(why, "what was written is shorter when read back");
    H5Sclose(space);
    H5Dclose(d);
  }
  H5Fclose(file);
}
