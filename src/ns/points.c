/*
  Values at the centres of cubic cells: the grid of what is written and read there, and velocities from others' HDF5 files.
*/
#include "file_private.h"

/* A grid of cubic cells, with which the box is filled by as many as its longest axis has points. */
PetscErrorCode AeNSCreateOutput(AeNS s)
{
  const PetscInt most = PetscMax(s->n[0], PetscMax(s->n[1], s->n[2])), n[3] = {most, most, most};

  PetscFunctionBegin;
  if (s->grid) PetscFunctionReturn(0);
  PetscCall(AeGridCreate(s->comm, &s->grid));
  PetscCall(AeGridSetSizes(s->grid, n));
  PetscCall(AeGridSetLength(s->grid, 0, 2.0 * PETSC_PI));
  PetscCall(AeGridSetUp(s->grid));
  for (int d = 0; d < 3; d++) { /* the box begins at 0, where AeGrid's is centred */
    s->grid->lo[d] = 0.0;
    s->grid->hi[d] = 2.0 * PETSC_PI;
  }
  PetscCall(AeBandCreate(s->comm, n, s->band->K, 3, &s->fine));
  PetscCheck(s->grid->p[0] == 1 && s->grid->ks == s->fine->zs && s->grid->nk == s->fine->zn, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "planes of the output's grid are divided otherwise than the transform's");
  PetscCall(PetscMalloc1((size_t)n[0] * n[1] * s->fine->zn, &s->values));
  PetscFunctionReturn(0);
}

/* e^{i j h/2}, from point i h to the cell centre (i + 1/2) h, the same along all axes */
Mode AeNSPhase(AeNS s, PetscInt jx, PetscInt jy, PetscInt jz)
{
  return cexp(_Complex_I * PETSC_PI * (PetscReal)(jx + jy + jz) / (PetscReal)s->fine->n[0]);
}

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
    for (PetscInt j = 0; j < b->n[1]; j++)
      memcpy(p[f] + j * (ptrdiff_t)b->pitch, q->values[f] + ((ptrdiff_t)(z - b->zs) * b->n[1] + j) * b->n[0],
             (size_t)b->n[0] * sizeof(double));
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
  char             why[AE_REASON] = "";
  AeH5Quiet        quiet;
  Points           q    = {.s = s, .u = u};
  const AeBandWork work = {3, 3, FillNothing, GivePoints, TakeModes, &q};
  hid_t            file;

  PetscFunctionBegin;
  PetscCall(AeNSCreateOutput(s));
  AeH5QuietBegin(&quiet);
  file = AeNSOpen(path, why);
  for (int c = 0; c < 3; c++) {
    const AeBand  b        = s->fine;
    const hsize_t start[3] = {(hsize_t)b->zs, 0, 0}, count[3] = {(hsize_t)b->zn, (hsize_t)b->n[1], (hsize_t)b->n[0]};
    hsize_t       shape[3] = {0};
    hid_t         d, space, own;

    PetscCall(PetscMalloc1(count[0] * count[1] * count[2], &q.values[c]));
    d = file < 0 ? -1
                 : AeH5Expect(why, H5Dopen2(file, AeNSFieldNames[c], H5P_DEFAULT),
                              "it has no dataset velocity_x, velocity_y or velocity_z");
    if (d < 0) continue;
    space = H5Dget_space(d);
    own   = H5Screate_simple(3, count, NULL);
    if (H5Sget_simple_extent_ndims(space) != 3 || H5Sget_simple_extent_dims(space, shape, NULL) != 3 ||
        shape[0] != (hsize_t)b->n[2] || shape[1] != count[1] || shape[2] != count[2]) {
      AeReason(why, "%s has %d x %d x %d values, -grid_n asks for a cube of %d", AeNSFieldNames[c], (int)shape[2], (int)shape[1],
               (int)shape[0], (int)b->n[0]);
    } else {
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
      AeH5Expect(why, H5Dread(d, H5T_NATIVE_DOUBLE, own, space, H5P_DEFAULT, q.values[c]), "it is damaged");
    }
    H5Sclose(own);
    H5Sclose(space);
    H5Dclose(d);
  }
  if (file >= 0) H5Fclose(file);
  AeH5QuietEnd(&quiet);
  PetscCall(AeAgreeOrRaise(s->comm, PETSC_ERR_FILE_OPEN, "read", path, why));
  PetscCall(AeBandEvaluate(s->fine, &work));
  for (int c = 0; c < 3; c++) PetscCall(PetscFree(q.values[c]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, q.removed, 2, MPIU_REAL, MPI_SUM, s->comm));
  PetscCheck(!PetscIsInfOrNanReal(q.removed[1]), s->comm, AE_ERR_USAGE, "-ns_file %s holds values that are not finite", path);
  if (q.removed[0] > 1e-12 * q.removed[1])
    PetscCall(PetscFPrintf(s->comm, stderr,
                           "aeonic: warning: %.2g of the velocity in -ns_file %s has a divergence and was taken away\n",
                           (double)PetscSqrtReal(q.removed[0] / q.removed[1]), path));
  PetscFunctionReturn(0);
}
