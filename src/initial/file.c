/*
  A state from the 3-D fields of another run: copied bit for bit where the grids are the same, else interpolated by
  polynomials of degree 5 through the nearest cells along each axis.
*/
#include "initial_private.h"
#include <aeonic/io.h>

enum { POINTS = 6 };

typedef struct {
  char         folder[PETSC_MAX_PATH_LEN];
  AeFieldShape shape;
} File;

/* The cells along one axis of the grid: where each one's stencil starts in the file, and its weights. */
typedef struct {
  PetscInt  points;
  PetscInt *start;
  double   *weight; /* points of them a cell */
} Axis;

PetscErrorCode AeFileOptions(AeInitial I)
{
  File     *file;
  PetscBool given, found;

  PetscFunctionBegin;
  PetscCall(PetscNew(&file));
  I->data = file;
  PetscOptionsBegin(I->comm, NULL, "Data file", "AeInitial");
  PetscCall(AeOptString("-file_folder", "folder with the fields of a state, such as out/gr-gauge_wave/fields/it00000100", "",
                        file->folder, sizeof file->folder, &given));
  PetscOptionsEnd();
  if (AeHelpAsked() && !given) PetscFunctionReturn(0);
  PetscCheck(given, I->comm, AE_ERR_USAGE,
             "-gr_initial file needs -file_folder, the folder with the fields (<run>/fields/it<iteration>)");
  PetscCall(AeReadFieldShape(I->comm, file->folder, "lapse", &file->shape, &found));
  PetscCheck(found, I->comm, AE_ERR_USAGE, "-file_folder %s: there is no field lapse (lapse.xyz.h5) in it", file->folder);
  /* by default the file's own grid; one that begins at a plane of symmetry is half of its domain */
  PetscCall(PetscArraycpy(I->n, file->shape.n, 3));
  I->axis   = 0;
  I->length = file->shape.n[0] * file->shape.delta *
              (PetscAbsReal(file->shape.origin[0] - 0.5 * file->shape.delta) < 1e-9 * file->shape.delta ? 2 : 1);
  PetscFunctionReturn(0);
}

static PetscBool SameGrid(const AeFieldShape *a, AeGrid g)
{
  for (int d = 0; d < 3; d++)
    if (a->n[d] != g->n[d] || PetscAbsReal(a->origin[d] - AeGridX(g, d, 0)) > 1e-9 * g->h) return PETSC_FALSE;
  return (PetscBool)(PetscAbsReal(a->delta - g->h) <= 1e-12 * g->h);
}

static PetscBool SameShape(const AeFieldShape *a, const AeFieldShape *b)
{
  for (int d = 0; d < 3; d++)
    if (a->n[d] != b->n[d] || a->origin[d] != b->origin[d]) return PETSC_FALSE;
  return (PetscBool)(a->delta == b->delta && a->time == b->time);
}

/* Cells first ... first + n - 1 of the grid along axis d: Lagrange's formula on equally spaced nodes, or a copy */
static PetscErrorCode AxisCreate(AeGrid g, const File *file, PetscBool same, int d, PetscInt first, PetscInt n, Axis *axis)
{
  const AeFieldShape *s = &file->shape;

  PetscFunctionBegin;
  axis->points = same ? 1 : PetscMin(POINTS, s->n[d]);
  PetscCall(PetscMalloc2(n, &axis->start, n * POINTS, &axis->weight));
  for (PetscInt c = 0; c < n; c++) {
    const PetscReal x = (AeGridX(g, d, first + c) - s->origin[d]) / s->delta;
    const PetscInt  a =
      same ? first + c : PetscMin(PetscMax((PetscInt)PetscFloorReal(x) - POINTS / 2 + 1, 0), s->n[d] - axis->points);

    axis->start[c] = a;
    for (PetscInt p = 0; p < axis->points; p++) {
      double w = 1.0;

      for (PetscInt q = 0; q < axis->points; q++)
        if (q != p) w *= (x - (PetscReal)(a + q)) / (PetscReal)(p - q);
      axis->weight[c * axis->points + p] = w;
    }
  }
  PetscFunctionReturn(0);
}

/* Every cell of the grid must lie within the cells of the file. */
static PetscErrorCode CheckDomain(AeInitial I, AeGrid g)
{
  const File         *file = I->data;
  const AeFieldShape *s    = &file->shape;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++)
    PetscCheck(AeGridX(g, d, 0) >= s->origin[d] - (0.5 + 1e-9) * s->delta &&
                 AeGridX(g, d, g->n[d] - 1) <= s->origin[d] + (s->n[d] - 0.5 + 1e-9) * s->delta,
               I->comm, AE_ERR_USAGE,
               "-file_folder %s: the grid, %g <= %c <= %g, reaches beyond that of the file, %g <= %c <= %g; change -grid_n, "
               "-grid_half_width or -grid_symmetry",
               file->folder, (double)g->lo[d], 'x' + d, (double)g->hi[d], (double)(s->origin[d] - 0.5 * s->delta), 'x' + d,
               (double)(s->origin[d] + (s->n[d] - 0.5) * s->delta));
  PetscFunctionReturn(0);
}

/* One field of the file at this rank's cells; u points at its first interior cell. */
static PetscErrorCode ReadInto(AeInitial I, AeGrid g, const AeLayout *L, const Axis axis[3], const char name[], double *u,
                               PetscBool *found)
{
  const File    *file = I->data;
  const PetscInt nx = file->shape.n[0], ny = file->shape.n[1], k0 = axis[2].start[0],
                 nk = axis[2].start[g->nk - 1] + axis[2].points - k0;
  AeFieldShape shape;
  double      *data;

  PetscFunctionBegin;
  PetscCall(AeReadFieldShape(I->comm, file->folder, name, &shape, found));
  if (!*found) PetscFunctionReturn(0);
  PetscCheck(SameShape(&shape, &file->shape), I->comm, AE_ERR_USAGE,
             "%s/%s.xyz.h5 has another shape, place or time than lapse.xyz.h5 beside it: all fields must be of one state",
             file->folder, name);
  PetscCall(PetscMalloc1((size_t)nk * (size_t)ny * (size_t)nx, &data));
  PetscCall(AeReadField(I->comm, file->folder, name, k0, nk, data));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        double sum = -0.0; /* what one adds to without changing a bit, the sign of a zero included */

        for (PetscInt c = 0; c < axis[2].points; c++)
          for (PetscInt b = 0; b < axis[1].points; b++) {
            const double *row = data +
                                ((size_t)(axis[2].start[k] - k0 + c) * (size_t)ny + (size_t)(axis[1].start[j] + b)) * (size_t)nx +
                                axis[0].start[i];
            double x = -0.0;

            for (PetscInt a = 0; a < axis[0].points; a++) x += axis[0].weight[i * axis[0].points + a] * row[a];
            sum += axis[2].weight[k * axis[2].points + c] * axis[1].weight[j * axis[1].points + b] * x;
          }
        u[AeAt(L, 0, k, j, i)] = sum;
      }
  PetscCall(PetscFree(data));
  PetscFunctionReturn(0);
}

/* What a field can be made of if the file does not have it: W = sqrt(chi), Khat = K - 2 Theta. */
static PetscErrorCode Convert(AeInitial I, AeGrid g, const AeLayout *L, const Axis axis[3], const char name[], double *u,
                              const double *theta, PetscBool *found)
{
  const char *const from = !strcmp(name, "W") ? "chi" : !strcmp(name, "chi") ? "W" : !strcmp(name, "Khat") ? "K" : NULL;

  PetscFunctionBegin;
  if (from) PetscCall(ReadInto(I, g, L, axis, from, u, found));
  if (!*found) PetscFunctionReturn(0);
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const ptrdiff_t at = AeAt(L, 0, k, j, i);

        u[at] = *name == 'W' ? sqrt(u[at]) : *name == 'c' ? u[at] * u[at] : u[at] - 2.0 * theta[at];
      }
  PetscFunctionReturn(0);
}

PetscErrorCode AeFileFill(AeInitial I, AeFields fields, Vec U, PetscBool *whole)
{
  const File        *file = I->data;
  AeGrid             g;
  const AeLayout    *L;
  const AeFieldInfo *info;
  const PetscInt     theta = AeFieldsFind(fields, "Theta");
  Axis               axis[3];
  double            *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(fields, &g, &L, &info));
  PetscCall(CheckDomain(I, g));
  *whole = SameGrid(&file->shape, g);
  PetscCall(AxisCreate(g, file, *whole, 0, 0, g->n[0], &axis[0]));
  PetscCall(AxisCreate(g, file, *whole, 1, g->js, g->nj, &axis[1]));
  PetscCall(AxisCreate(g, file, *whole, 2, g->ks, g->nk, &axis[2]));
  PetscCall(VecGetArray(U, &u));
  for (PetscInt pass = 0; pass < 2; pass++) /* Theta before what is made with it */
    for (PetscInt f = 0; f < L->nf; f++) {
      const PetscBool may_be_zero = (PetscBool)(!strcmp(info[f].name, "Theta") || !strncmp(info[f].name, "B_", 2));
      double         *to          = u + f * L->stride;
      PetscBool       found       = PETSC_FALSE;

      if ((pass == 0) != (f == theta)) continue;
      PetscCall(ReadInto(I, g, L, axis, info[f].name, to, &found));
      if (found) continue;
      PetscCall(Convert(I, g, L, axis, info[f].name, to, theta < 0 ? NULL : u + theta * L->stride, &found));
      PetscCheck(
        found || may_be_zero, I->comm, AE_ERR_USAGE,
        "-file_folder %s: there is no field %s (%s.xyz.h5) in it; the run that wrote it must name all evolved fields in -fields",
        file->folder, info[f].name, info[f].name);
    }
  PetscCall(VecRestoreArray(U, &u));
  for (int d = 0; d < 3; d++) PetscCall(PetscFree2(axis[d].start, axis[d].weight));
  PetscFunctionReturn(0);
}
