/* 3-D fields as HDF5: ranks: 1 2 3 */
#include "scratch.h"
#include "tap.h"
#include <hdf5.h>
#include <sys/stat.h>

/* Every bit of the mantissa in use; distinct for each cell and each version of the file. */
static double Value(PetscInt i, PetscInt j, PetscInt k, int version)
{
  return (1 + version) * 0.1 + i / 3.0 + 100 * j / 7.0 - 1e4 * k / 11.0;
}

typedef struct {
  AeGrid   grid;
  AeLayout layout;
  double  *data;
} Field;

static PetscErrorCode FieldCreate(PetscInt nx, PetscInt ny, PetscInt nz, Field *f)
{
  const PetscInt n[3] = {nx, ny, nz};

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &f->grid));
  PetscCall(AeGridSetSizes(f->grid, n));
  PetscCall(AeGridSetLength(f->grid, 0, 3));
  PetscCall(AeGridSetUp(f->grid));
  f->layout = AeLayoutCreate(2, nx, f->grid->nj, f->grid->nk, 3);
  PetscCall(PetscMalloc1(f->layout.size, &f->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode FieldDestroy(Field *f)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(f->data));
  PetscCall(AeGridDestroy(&f->grid));
  PetscFunctionReturn(0);
}

/* Field 1 of 2, with NaN everywhere that is not an interior cell of it. */
static AeFieldData Fill(Field *f, const char name[], int version)
{
  const AeLayout *L = &f->layout;

  for (ptrdiff_t o = 0; o < L->size; o++) f->data[o] = NAN;
  for (PetscInt k = 0; k < f->grid->nk; k++)
    for (PetscInt j = 0; j < f->grid->nj; j++)
      for (PetscInt i = 0; i < f->grid->n[0]; i++)
        f->data[AeAt(L, 1, k, j, i)] = Value(i, j + f->grid->js, k + f->grid->ks, version);
  return (AeFieldData){name, f->data + AeAt(L, 1, 0, 0, 0), L->pitch, L->plane};
}

static PetscErrorCode Write(AeRun run, Field *f, const char name[], int version, PetscInt it, PetscReal t)
{
  const AeFieldData field = Fill(f, name, version);
  return AeWriteFields(run, AE_OUT_KUIBIT, 1, &(AeFieldBox){.grid = f->grid, .field = &field}, 1, it,
                       t); /* no PetscCall: some of these are meant to fail */
}

/* Two fields in every form, at two times, the second one twice: test_read.py reads them. */
static PetscErrorCode WriteForms(AeRun run, PetscInt n, Field *grid[])
{
  const unsigned all = (1u << AE_OUT_FORMS) - 1;

  PetscFunctionBegin;
  for (PetscInt pass = 0; pass < 3; pass++) {
    const PetscInt    it   = pass ? 24 : 20;
    const AeFieldData f[2] = {Fill(grid[0], "phi", 5 + (int)pass), Fill(grid[n - 1], "Pi", 9 + (int)pass)};
    PetscCall(AeWriteFields(run, all, 1, &(AeFieldBox){.grid = grid[0]->grid, .field = f}, 2, it, 0.03125 * it));
  }
  PetscFunctionReturn(0);
}

/* Rank 0: the path of a field's file, and whether it (or its temporary) is there. */
static const char *Path(AeRun run, const char name[], PetscInt it, const char suffix[])
{
  char rel[256];
  snprintf(rel, sizeof rel, "fields/it%08d/%s.xyz.h5%s", (int)it, name, suffix);
  return AeRunPath(run, rel);
}

static int ReadDoubles(hid_t d, const char name[], hssize_t n, double *v)
{
  const hid_t a = H5Aopen(d, name, H5P_DEFAULT), s = H5Aget_space(a);
  const int   good = a >= 0 && H5Sget_simple_extent_npoints(s) == n && H5Aread(a, H5T_NATIVE_DOUBLE, v) >= 0;
  H5Sclose(s);
  H5Aclose(a);
  return good;
}

static int ReadInts(hid_t d, const char name[], hssize_t n, int *v)
{
  const hid_t a = H5Aopen(d, name, H5P_DEFAULT), s = H5Aget_space(a);
  const int   good = a >= 0 && H5Sget_simple_extent_npoints(s) == n && H5Aread(a, H5T_NATIVE_INT, v) >= 0;
  H5Sclose(s);
  H5Aclose(a);
  return good;
}

/* The values of a dataset: those of one box, or of boxes one after the other. */
static int SameValues(hid_t d, PetscInt n, Field *const f[], int version)
{
  const hid_t space = H5Dget_space(d);
  hssize_t    cells = H5Sget_simple_extent_npoints(space), o = 0;
  double     *v    = malloc((size_t)PetscMax(cells, 1) * sizeof *v);
  int         good = cells > 0 && H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0;

  for (PetscInt b = 0; b < n; b++)
    for (PetscInt k = 0; k < f[b]->grid->n[2]; k++)
      for (PetscInt j = 0; j < f[b]->grid->n[1]; j++)
        for (PetscInt i = 0; i < f[b]->grid->n[0] && good; i++, o++) {
          const double expected = Value(i, j, k, version + (int)b);
          good                  = o < cells && !memcmp(&v[o], &expected, sizeof expected);
        }
  free(v);
  H5Sclose(space);
  return good && o == cells;
}

/* On rank 0 with HDF5's serial driver: is the file what Write() was asked for, bit for bit? 1 on other ranks. */
static int Compare(AeRun run, Field *f, const char name[], int version, PetscInt it, PetscReal t)
{
  const struct _p_AeGrid *g = f->grid;
  hsize_t                 n[3];
  char                    dataset[128], variable[64], text[64];
  double                  x[3], dx[3], time;
  int                     good = 1, origin[3], level, step;

  if (g->rank) return 1;
  const hid_t file = H5Fopen(Path(run, name, it, ""), H5F_ACC_RDONLY, H5P_DEFAULT);
  snprintf(variable, sizeof variable, "AEONIC::%s", name);
  snprintf(dataset, sizeof dataset, "%s it=%d tl=0 rl=0 c=0", variable, (int)it);
  const hid_t d = file < 0 ? -1 : H5Dopen2(file, dataset, H5P_DEFAULT);
  if (d < 0) return 0;
  const hid_t space = H5Dget_space(d);
  good              = H5Sget_simple_extent_ndims(space) == 3 && H5Sget_simple_extent_dims(space, n, NULL) == 3;
  good              = good && n[0] == (hsize_t)g->n[2] && n[1] == (hsize_t)g->n[1] && n[2] == (hsize_t)g->n[0];
  good              = good && SameValues(d, 1, (Field *[]){f}, version);
  good =
    good && ReadDoubles(d, "origin", 3, x) && ReadDoubles(d, "delta", 3, dx) && ReadDoubles(d, "time", 1, &time) && time == t;
  good = good && ReadInts(d, "iorigin", 3, origin) && ReadInts(d, "level", 1, &level) && ReadInts(d, "timestep", 1, &step) &&
         !level && step == it;
  for (int a = 0; a < 3; a++) good = good && x[a] == AeGridX(g, a, 0) && dx[a] == g->h && !origin[a];

  const hid_t a = H5Aopen(d, "name", H5P_DEFAULT), type = H5Aget_type(a);
  good = good && H5Tget_size(type) == strlen(variable) + 1 && H5Aread(a, type, text) >= 0 && !strcmp(text, variable);
  H5Tclose(type);
  H5Aclose(a);
  H5Sclose(space);
  H5Dclose(d);
  H5Fclose(file);
  return good;
}

static int ParametersAreThere(AeRun run, const char name[], PetscInt it)
{
  char        *table, *text;
  const hid_t  file = H5Fopen(Path(run, name, it, ""), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t  d = H5Dopen2(file, "Parameters and Global Attributes/All Parameters", H5P_DEFAULT), type = H5Dget_type(d);
  const size_t size = H5Tget_size(type);
  int          good = d >= 0 && !H5Tis_variable_str(type);

  text = calloc(size + 1, 1);
  good = good && H5Dread(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
  good = good && strstr(text, "IOHDF5::output_ghost_points = \"no\"\n") && strstr(text, "IOHDF5::out3D_ghosts = \"no\"\n");
  PetscCallAbort(PETSC_COMM_SELF, AeOptionsTable(&table));
  good = good && strstr(text, table);
  PetscCallAbort(PETSC_COMM_SELF, PetscFree(table));
  free(text);
  H5Tclose(type);
  H5Dclose(d);
  H5Fclose(file);
  return good;
}

static PetscErrorCode TestFailures(AeRun run, Field *f)
{
  const int      rank = f->grid->rank, last = f->grid->size - 1;
  PetscErrorCode ierr;
  rlim_t         before;

  PetscFunctionBegin;
  PetscCall(Write(run, f, "K", 1, 5, 0.5));
  PetscCall(PetscPushErrorHandler(ScratchHandler, NULL));

  before = ScratchLimit(8192);
  ierr   = Write(run, f, "K", 2, 5, 0.5);
  TapTrue(ierr == AE_ERR_FILE, "a full disk is an error on every rank");
  TapTrue(strstr(scratch_error, "it00000005/K.xyz.h5") && strstr(scratch_error, "File too large"),
          "that names the file and the reason");
  ScratchLimit(before);
  TapTrue(Compare(run, f, "K", 1, 5, 0.5), "the older file is intact");
  TapTrue(rank || access(Path(run, "K", 5, ".tmp"), F_OK), "no temporary is left");

  /* one rank alone cannot write: it may or may not be the one that MPI-IO writes with */
  if (rank == last) before = ScratchLimit(8192);
  ierr = Write(run, f, "K", 3, 5, 0.5);
  if (rank == last) ScratchLimit(before);
  int failed = ierr != 0, all = failed;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_SUM, PETSC_COMM_WORLD));
  TapTrue(all == 0 || all == last + 1, "a rank that cannot write: all ranks agree on the outcome");
  TapTrue(Compare(run, f, "K", all ? 1 : 3, 5, 0.5), "and the file is whole, the older or the newer");

  if (!rank) {
    FILE *block = fopen(AeRunPath(run, "fields/it00000009"), "w");
    if (block) fclose(block);
  }
  ierr = Write(run, f, "K", 1, 9, 0.9);
  TapTrue(ierr == AE_ERR_FILE, "a folder that cannot be made is an error on every rank");
  TapTrue(strstr(scratch_error, "Not a directory") != NULL, "that says why");
  ierr = Write(run, f, "a/b", 1, 6, 0.6);
  TapTrue(ierr == PETSC_ERR_ARG_WRONG, "a name that readers could not parse is refused");

  /* another program's file where the index of outputs belongs; rank 0 finds it */
  char index[PETSC_MAX_PATH_LEN], kept[PETSC_MAX_PATH_LEN];
  snprintf(index, sizeof index, "%s", AeRunPath(run, "fields/fields.xmf"));
  snprintf(kept, sizeof kept, "%s", AeRunPath(run, "fields/kept.xmf"));
  if (!rank) {
    FILE *other = (rename(index, kept), fopen(index, "w"));
    if (other) fputs("<Xdmf/>\n", other), fclose(other);
  }
  const AeFieldData field = Fill(f, "phi", 1);
  ierr                    = AeWriteFields(run, AE_OUT_XDMF, 1, &(AeFieldBox){.grid = f->grid, .field = &field}, 1, 30, 3);
  TapTrue(ierr == (rank ? 0 : AE_ERR_FILE) && (rank || strstr(scratch_error, "fields.xmf is not a list of outputs")),
          "an index that is not ours is an error");
  struct stat st;
  TapTrue(rank || (!stat(index, &st) && st.st_size == 8 && !rename(kept, index)), "and is left alone");
  PetscCall(PetscPopErrorHandler());

  PetscCall(Write(run, f, "K", 4, 5, 0.5));
  TapTrue(Compare(run, f, "K", 4, 5, 0.5), "with space again the file is replaced");
  if (!rank) unlink(AeRunPath(run, "fields/it00000009"));
  PetscFunctionReturn(0);
}

/* Three boxes on two levels: whose values each dataset has. */
static PetscErrorCode TestBoxes(AeRun run, Field *const f[3])
{
  static const struct {
    const char *file, *dataset;
    int         first, n;
  } want[] = {{"K.xyz.h5", "AEONIC::K it=40 tl=0 rl=0 c=0", 0, 1},
              {"K.xyz.h5", "AEONIC::K it=40 tl=0 rl=1 c=0", 1, 1},
              {"K.xyz.h5", "AEONIC::K it=40 tl=0 rl=1 c=1", 2, 1},
              {"fields.xdmf.h5", "K", 0, 1},
              {"fields.xdmf.h5", "K rl=1 c=0", 1, 1},
              {"fields.xdmf.h5", "K rl=1 c=1", 2, 1},
              {"fields.vtkhdf", "VTKHDF/Level0/CellData/K", 0, 1},
              {"fields.vtkhdf", "VTKHDF/Level1/CellData/K", 1, 2}};
  AeFieldData field[3];
  AeFieldBox  box[3];
  char        rel[128], text[160];

  PetscFunctionBegin;
  for (int b = 0; b < 3; b++) {
    field[b] = Fill(f[b], "K", 3 + b);
    box[b]   = (AeFieldBox){f[b]->grid, b > 0, b > 1, &field[b]};
  }
  PetscCall(AeWriteFields(run, AE_OUT_VOLUMES, 3, box, 1, 40, 4));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(want); i++) {
    int good = 1;

    (void)snprintf(rel, sizeof rel, "fields/it00000040/%s", want[i].file);
    if (!f[0]->grid->rank) {
      const hid_t file = H5Fopen(AeRunPath(run, rel), H5F_ACC_RDONLY, H5P_DEFAULT),
                  d    = H5Dopen2(file, want[i].dataset, H5P_DEFAULT);

      good = d >= 0 && SameValues(d, want[i].n, f + want[i].first, 3 + want[i].first);
      if (d >= 0) H5Dclose(d);
      H5Fclose(file);
    }
    (void)snprintf(text, sizeof text, "boxes: %s in %s", want[i].dataset, want[i].file);
    TapTrue(good, text);
  }
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  AeRun run;
  Field slab, other, flat;

  PetscCall(AeonicInitialize(&argc, &argv, "fields as HDF5\n"));
  PetscCall(ScratchRun(&run));
  PetscCall(FieldCreate(24, 10, 7, &slab)); /* divided along z */
  PetscCall(FieldCreate(24, 10, 7, &other));
  PetscCall(FieldCreate(9, 6, 1, &flat)); /* divided along y; rows that no vector divides */

  PetscCall(Write(run, &slab, "chi", 0, 0, 0));
  PetscCall(Write(run, &slab, "chi", 1, 12, 0.375));
  PetscCall(Write(run, &slab, "Gamt_x", 2, 12, 0.375));
  PetscCall(Write(run, &flat, "lapse", 0, 12, 0.375));
  TapTrue(Compare(run, &slab, "chi", 0, 0, 0), "a field comes back bit for bit, with its coordinates and time");
  TapTrue(Compare(run, &slab, "chi", 1, 12, 0.375), "so does the same field at another time");
  TapTrue(Compare(run, &slab, "Gamt_x", 2, 12, 0.375), "and another field of that time");
  TapTrue(Compare(run, &flat, "lapse", 0, 12, 0.375), "and a field on one plane");
  TapTrue(slab.grid->rank || ParametersAreThere(run, "chi", 12), "the option table is in the file");
  TapTrue(slab.grid->rank || access(Path(run, "chi", 12, ".tmp"), F_OK), "no temporary is left");
  PetscCall(WriteForms(run, 2, (Field *[]){&slab, &other}));
  if (scratch[0]) PetscCall(TestBoxes(run, (Field *[]){&slab, &flat, &other}));
  PetscCall(TestFailures(run, &slab));

  PetscCall(FieldDestroy(&slab));
  PetscCall(FieldDestroy(&other));
  PetscCall(FieldDestroy(&flat));
  PetscCall(ScratchEnd(&run));
  const int status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
