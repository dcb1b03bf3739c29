/*
  Ghosts: every one, edges and corners included, against a rule written on global indices.  ranks: 1 2 3 4

  The rule of a cell (i,j,k), axis by axis where the index lies outside:
    periodic    the index wraps, as often as it takes;
    reflecting  the index is mirrored and the value takes the field's parity;
    radiative   the index stays: the interior is a polynomial, and its extrapolation is that polynomial;
    exact       beyond any exact face the value is the exact solution at the cell's own place and time.
  The interior holds integers, and the spacing is a power of two, so that copies, signs, the extrapolation
  (weights 1, 3, 4, 6 on integers far below 2^53) and coordinates round nowhere: all comparisons are exact.
  Cubics where there are 3 or more ghosts, quadratics with 2: a rank that owns one row has g + 1 cells to use.
  The array is NaN everywhere else before.
*/
#include <aeonic/field.h>
#include <string.h>
#include "tap.h"

enum { NF = 4 };
static const AeFieldInfo info[NF] = {
  {"even", {1, 1, 1}, 1, 1},
  {"xz", {-1, 1, -1}, 0, 1},
  {"y", {1, -1, 1}, 0, 1},
  {"odd", {-1, -1, -1}, 0, 1},
};

typedef double (*Function)(const struct _p_AeGrid *, PetscInt f, const PetscInt i[3]);

/* Another positive integer in every cell of every field. */
static double Unique(const struct _p_AeGrid *g, PetscInt f, const PetscInt i[3])
{
  return 1.0 + (double)(((f * g->n[2] + i[2]) * g->n[1] + i[1]) * g->n[0] + i[0]);
}

static double Polynomial(const struct _p_AeGrid *g, PetscInt f, const PetscInt i[3])
{
  double product = 1;

  for (int d = 0; d < 3; d++) {
    const double x = (double)i[d] - 3, cubic = g->ghost >= 3 ? 2.0 - (double)((f + d) % 2) * 3 : 0;

    product *= 5 + d + (1 + (double)f) * x - (3 - (double)d) * x * x + cubic * x * x * x;
  }
  return product + (double)(f + 7 * i[0] * i[1] - i[1] * i[2]);
}

static double Exact(PetscInt f, double t, double x, double y, double z)
{
  return t + 2 * x + 3 * y * (double)(f + 1) - z * x - 5 * z;
}

/* value[f*n + p], as the exact solution of a run */
static PetscErrorCode ExactRow(void *ctx, PetscReal t, PetscInt n, const PetscReal x[], PetscReal y, PetscReal z,
                               PetscReal value[])
{
  PetscFunctionBegin;
  ++*(int *)ctx;
  for (PetscInt f = 0; f < NF; f++)
    for (PetscInt p = 0; p < n; p++) value[f * n + p] = Exact(f, t, x[p], y, z);
  PetscFunctionReturn(0);
}

static double Expected(const struct _p_AeGrid *g, PetscInt f, const PetscInt cell[3], double t, Function interior)
{
  PetscInt i[3];
  double   sign = 1;

  for (int d = 0; d < 3; d++) {
    const int s = cell[d] >= g->n[d];

    i[d] = cell[d];
    if (i[d] >= 0 && !s) continue;
    switch (g->bc[d][s]) {
    case AE_BC_PERIODIC:
      while (i[d] < 0) i[d] += g->n[d];
      while (i[d] >= g->n[d]) i[d] -= g->n[d];
      break;
    case AE_BC_REFLECTING:
      /* as far behind the face as the cell is in front of it */
      i[d] = s ? g->n[d] - 1 - (i[d] - g->n[d]) : -1 - i[d];
      sign *= info[f].parity[d];
      break;
    case AE_BC_RADIATIVE:
      break;
    case AE_BC_EXACT: {
      double x[3];

      for (int c = 0; c < 3; c++) x[c] = g->lo[c] + 0.5 * g->h + (double)cell[c] * g->h;
      return Exact(f, t, x[0], x[1], x[2]);
    }
    }
  }
  return sign * interior(g, f, i);
}

static int Inside(const AeLayout *L, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k)
{
  return i >= 0 && i < L->nx && j >= 0 && j < L->nj && k >= 0 && k < L->nk;
}

/* Cells of this rank, ghosts or all, that are not what they should be; the first is kept in note. */
static char           note[256];
static PetscErrorCode Mismatches(AeFields F, Vec v, double t, Function interior, PetscInt *bad, PetscInt *ghosts)
{
  AeGrid          g;
  const AeLayout *L;
  const double   *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(F, &g, &L, NULL));
  PetscCall(VecGetArrayRead(v, &u));
  for (PetscInt f = 0; f < L->nf; f++)
    for (ptrdiff_t k = -L->g; k < L->nk + L->g; k++)
      for (ptrdiff_t j = -L->g; j < L->nj + L->g; j++)
        for (ptrdiff_t i = -L->g; i < L->nx + L->g; i++) {
          const PetscInt cell[3] = {(PetscInt)i, (PetscInt)j + g->js, (PetscInt)k + g->ks};
          const double   got = u[AeAt(L, f, k, j, i)], want = Expected(g, f, cell, t, interior);

          if (!Inside(L, i, j, k)) ++*ghosts;
          if (got == want) continue;
          if (!note[0])
            snprintf(note, sizeof note,
                     "rank %d of %d, field %s, cell (%d,%d,%d) of %dx%dx%d, g %d, bc %d%d %d%d %d%d: %.17g for %.17g", g->rank,
                     g->size, info[f].name, (int)cell[0], (int)cell[1], (int)cell[2], (int)g->n[0], (int)g->n[1], (int)g->n[2],
                     (int)g->ghost, g->bc[0][0], g->bc[0][1], g->bc[1][0], g->bc[1][1], g->bc[2][0], g->bc[2][1], got, want);
          ++*bad;
        }
  PetscCall(VecRestoreArrayRead(v, &u));
  PetscFunctionReturn(0);
}

/* NaN everywhere, then the interior. */
static PetscErrorCode Fill(AeFields F, Vec v, Function interior)
{
  AeGrid          g;
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(F, &g, &L, NULL));
  PetscCall(VecGetArrayWrite(v, &u));
  for (ptrdiff_t o = 0; o < L->size; o++) u[o] = NAN;
  for (PetscInt f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++)
          u[AeAt(L, f, k, j, i)] = interior(g, f, (PetscInt[3]){(PetscInt)i, (PetscInt)j + g->js, (PetscInt)k + g->ks});
  PetscCall(VecRestoreArrayWrite(v, &u));
  PetscFunctionReturn(0);
}

/* Whether s ranks can form a pj x pk grid in which each has a row. */
static int Divisible(PetscInt nj, PetscInt nk, PetscInt s)
{
  for (PetscInt a = 1; a <= s; a++)
    if (s % a == 0 && a <= nj && s / a <= nk) return 1;
  return 0;
}

/* What a face can be; the letters name the lower and the upper one. */
typedef enum { PP, MM, RR, MR, EE, ME } Faces;
static const AeBoundary face[6][2] = {
  {AE_BC_PERIODIC, AE_BC_PERIODIC},    {AE_BC_REFLECTING, AE_BC_REFLECTING}, {AE_BC_RADIATIVE, AE_BC_RADIATIVE},
  {AE_BC_REFLECTING, AE_BC_RADIATIVE}, {AE_BC_EXACT, AE_BC_EXACT},           {AE_BC_REFLECTING, AE_BC_EXACT},
};

/* One grid with these faces: the mismatches and ghosts are added up. */
static PetscErrorCode One(const PetscInt n[3], PetscInt ghost, const Faces faces[3], PetscInt *bad, PetscInt *ghosts)
{
  AeGrid    g;
  AeFields  F;
  Vec       v;
  PetscBool radiative = PETSC_FALSE, exact = PETSC_FALSE;
  int       calls = 0;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeGridSetGhost(g, ghost));
  PetscCall(AeGridSetLength(g, 0, 0.25 * (double)n[0]));
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      g->bc[d][s] = face[faces[d]][s];
      if (g->bc[d][s] == AE_BC_RADIATIVE) radiative = PETSC_TRUE;
      if (g->bc[d][s] == AE_BC_EXACT) exact = PETSC_TRUE;
    }
  PetscCall(AeFieldsCreate(g, NF, info, &F));
  if (exact) PetscCall(AeFieldsSetExact(F, ExactRow, &calls));
  PetscCall(AeFieldsCreateVec(F, &v));
  for (int p = radiative; p < 2; p++) {
    const Function interior = p ? Polynomial : Unique;

    PetscCall(Fill(F, v, interior));
    PetscCall(AeFieldsFillGhosts(F, v, 0.5 * p));
    PetscCall(Mismatches(F, v, 0.5 * p, interior, bad, ghosts));
  }
  PetscCall(VecDestroy(&v));
  PetscCall(AeFieldsDestroy(&F));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

/* All combinations of the faces allowed along each axis (lists end with -1). */
static PetscErrorCode All(const PetscInt n[3], PetscInt ghost, const int x[], const int y[], const int z[], const char *what)
{
  PetscInt    bad = 0, ghosts = 0, cases = 0;
  PetscMPIInt size;
  char        text[160];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  if (!Divisible(n[1], n[2], size)) PetscFunctionReturn(0);
  note[0] = 0;
  for (int a = 0; x[a] >= 0; a++)
    for (int b = 0; y[b] >= 0; b++)
      for (int c = 0; z[c] >= 0; c++, cases++)
        PetscCall(One(n, ghost, (Faces[3]){(Faces)x[a], (Faces)y[b], (Faces)z[c]}, &bad, &ghosts));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &ghosts, 1, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
  snprintf(text, sizeof text, "%s: %d x %d x %d, %d ghosts, %d combinations of faces, %d ghost cells", what, (int)n[0], (int)n[1],
           (int)n[2], (int)ghost, (int)cases, (int)ghosts);
  TapBelow((double)bad, 0, text);
  if (bad) fprintf(stderr, "# %s\n", note);
  PetscFunctionReturn(0);
}

#define LIST(...)  ((const int[]){__VA_ARGS__, -1})
#define N(i, j, k) ((const PetscInt[3]){i, j, k})

static PetscErrorCode TestFaces(void)
{
  PetscFunctionBegin;
  for (PetscInt g = 2; g <= 5; g++) {
    PetscCall(All(N(8, 8, 8), g, LIST(PP), LIST(PP), LIST(PP), "periodic"));
    PetscCall(All(N(8, 2, 1), g, LIST(PP), LIST(PP), LIST(PP), "periodic, thinner than the ghosts"));
    PetscCall(All(N(9, 1, 3), g, LIST(PP), LIST(PP), LIST(PP), "periodic, thinner than the ghosts"));
    PetscCall(All(N(16, 2, 2), g, LIST(PP), LIST(PP), LIST(PP), "periodic, thinner than the ghosts"));
    PetscCall(All(N(11, 5, 7), g, LIST(PP), LIST(PP), LIST(PP), "periodic, uneven blocks"));
    PetscCall(All(N(8, 5, 6), g, LIST(MM), LIST(MM), LIST(MM), "reflecting"));
    PetscCall(All(N(9, g, g), g, LIST(MM), LIST(MM), LIST(MM), "reflecting, as thin as the ghosts are wide"));
    PetscCall(All(N(11, 2 * g, 2 * g), g, LIST(RR), LIST(RR), LIST(RR), "radiative, as thin as allowed"));
    PetscCall(All(N(9, 3, 3), g, LIST(EE), LIST(EE), LIST(EE), "exact"));
  }
  PetscCall(
    All(N(8, 7, 6), 3, LIST(PP, MM, RR, MR), LIST(PP, MM, RR, MR), LIST(PP, MM, RR, MR), "periodic, reflecting, radiative"));
  PetscCall(
    All(N(9, 4, 5), 2, LIST(PP, MM, RR, MR), LIST(PP, MM, RR, MR), LIST(PP, MM, RR, MR), "periodic, reflecting, radiative"));
  PetscCall(All(N(8, 5, 4), 3, LIST(PP, MM, EE, ME), LIST(PP, MM, EE, ME), LIST(PP, MM, EE, ME), "periodic, reflecting, exact"));
  /* few planes: the rows are divided along j */
  PetscCall(All(N(8, 7, 2), 2, LIST(PP, MM, RR, MR), LIST(PP, MM, RR, MR), LIST(PP, MM), "few planes"));
  PetscCall(All(N(10, 9, 1), 4, LIST(PP, MM, RR, MR), LIST(PP, MM, RR, MR), LIST(PP), "one plane"));
  PetscCall(All(N(9, 5, 1), 3, LIST(PP, MM, EE, ME), LIST(PP, MM, EE, ME), LIST(PP, EE), "one plane"));
  PetscFunctionReturn(0);
}

static char           last_error[512];
static PetscErrorCode Keep(MPI_Comm comm, int line, const char *func, const char *file, PetscErrorCode n, PetscErrorType p,
                           const char *mess, void *ctx)
{
  (void)comm, (void)line, (void)func, (void)file, (void)ctx;
  if (p == PETSC_ERROR_INITIAL) snprintf(last_error, sizeof last_error, "%s", mess ? mess : "");
  return n;
}

/* As a user gets them: by -grid_symmetry and -grid_boundary. */
static PetscErrorCode TestOptions(void)
{
  static const char *const symmetry[] = {"none", "bitant", "quadrant", "octant"}, *const boundary[] = {"radiative", "reflecting",
                                                                                                       "exact"};
  static const int reflects[4][3] = {{0, 0, 0}, {0, 0, 1}, {1, 1, 0}, {1, 1, 1}};

  PetscFunctionBegin;
  for (int s = 0; s < 4; s++)
    for (int b = 0; b < 3; b++) {
      AeGrid   g;
      AeFields F;
      Vec      v;
      PetscInt bad = 0, ghosts = 0;
      int      calls = 0;
      char     what[128];

      PetscCall(PetscOptionsSetValue(NULL, "-grid_symmetry", symmetry[s]));
      PetscCall(PetscOptionsSetValue(NULL, "-grid_boundary", boundary[b]));
      PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
      PetscCall(AeGridSetSizes(g, N(8, 6, 7)));
      PetscCall(AeGridSetLength(g, 0, 8));
      PetscCall(AeGridSetFromOptions(g));
      PetscCall(AeFieldsCreate(g, NF, info, &F));
      PetscCall(AeFieldsSetExact(F, ExactRow, &calls));
      PetscCall(AeFieldsCreateVec(F, &v));
      for (int d = 0; d < 3; d++)
        if ((g->bc[d][0] == AE_BC_REFLECTING) != (reflects[s][d] || b == 1) || strcmp(AeBoundaries[g->bc[d][1]], boundary[b]))
          bad++;
      PetscCall(Fill(F, v, Polynomial));
      /* ghosts are no part of the value: they can be filled while the Vec is locked, as TS does */
      PetscCall(VecLockReadPush(v));
      PetscCall(AeFieldsFillGhosts(F, v, 0.25));
      PetscCall(VecLockReadPop(v));
      note[0] = 0;
      PetscCall(Mismatches(F, v, 0.25, Polynomial, &bad, &ghosts));
      if (b < 2 && calls) bad++;
      snprintf(what, sizeof what, "-grid_symmetry %s -grid_boundary %s", symmetry[s], boundary[b]);
      TapBelow((double)bad, 0, what);
      if (bad) fprintf(stderr, "# %s\n", note);
      PetscCall(VecDestroy(&v));
      PetscCall(AeFieldsDestroy(&F));
      PetscCall(AeGridDestroy(&g));
    }
  PetscCall(PetscOptionsClearValue(NULL, "-grid_symmetry"));
  PetscCall(PetscOptionsClearValue(NULL, "-grid_boundary"));
  PetscFunctionReturn(0);
}

/* One ghost changed by one bit, in a corner, must be found; and a field of another parity. */
static PetscErrorCode TestChecker(void)
{
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  Vec             v;
  double         *u;
  PetscInt        bad = 0, ghosts = 0;
  PetscMPIInt     size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, N(8, 6, 6)));
  PetscCall(AeGridSetBoundary(g, AE_BC_REFLECTING));
  PetscCall(AeFieldsCreate(g, NF, info, &F));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(AeFieldsCreateVec(F, &v));
  PetscCall(Fill(F, v, Unique));
  PetscCall(Mismatches(F, v, 0, Unique, &bad, &ghosts));
  TapNear((double)bad, (double)ghosts, 0, "before the first fill every ghost is wrong, and no interior cell");
  PetscCall(AeFieldsFillGhosts(F, v, 0));
  bad = 0;
  PetscCall(Mismatches(F, v, 0, Unique, &bad, &ghosts));
  TapBelow((double)bad, 0, "after it none");
  PetscCall(VecGetArray(v, &u));
  u[AeAt(L, 2, -L->g, L->nj + L->g - 1, -1)] = nextafter(u[AeAt(L, 2, -L->g, L->nj + L->g - 1, -1)], INFINITY);
  PetscCall(VecRestoreArray(v, &u));
  PetscCall(Mismatches(F, v, 0, Unique, &bad, &ghosts));
  TapNear((double)bad, 1, 0, "one ghost off by one bit is noticed");
  PetscCall(AeFieldsFillGhosts(F, v, 0));
  bad = 0;
  PetscCall(Mismatches(F, v, 0, Polynomial, &bad, &ghosts));
  TapAbove((double)bad, (double)(L->nx * L->nj * L->nk), "another interior is noticed");
  PetscCall(VecDestroy(&v));
  PetscCall(AeFieldsDestroy(&F));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestNoExact(void)
{
  AeGrid         g;
  AeFields       F;
  Vec            v;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, N(8, 4, 4)));
  PetscCall(AeGridSetBoundary(g, AE_BC_EXACT));
  PetscCall(AeFieldsCreate(g, NF, info, &F));
  PetscCall(AeFieldsCreateVec(F, &v));
  PetscPushErrorHandler(Keep, NULL);
  ierr = AeFieldsFillGhosts(F, v, 0);
  PetscPopErrorHandler();
  TapTrue(AeonicExitStatus(ierr) == AE_EXIT_USAGE && strstr(last_error, "-grid_boundary"),
          "exact boundaries without an exact solution are a usage error");
  PetscCall(VecDestroy(&v));
  PetscCall(AeFieldsDestroy(&F));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, "halo\n"));
  PetscCall(TestFaces());
  PetscCall(TestOptions());
  PetscCall(TestChecker());
  PetscCall(TestNoExact());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
