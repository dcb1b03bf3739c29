/*
  The grid: its spacing and domain, and the division of its rows over ranks. Everything here is counting or
  arithmetic on powers of two, so every bound is 0.  ranks: 1 2 3 4

  Divisions over more ranks than run are tried too: AeGridSetUp does not communicate, so a grid of this process
  alone is told before it that it is rank r of s.
*/
#include <aeonic/grid.h>
#include <fftw3-mpi.h>
#include <string.h>
#include "tap.h"

#define MAX_RANKS 24

static char last_error[1024];

/* Keeps the message and returns: no abort, no print. */
static PetscErrorCode Keep(MPI_Comm comm, int line, const char *func, const char *file, PetscErrorCode n, PetscErrorType p,
                           const char *mess, void *ctx)
{
  (void)comm, (void)line, (void)func, (void)file, (void)ctx;
  if (p == PETSC_ERROR_INITIAL) snprintf(last_error, sizeof last_error, "%s", mess ? mess : "");
  return n;
}

static PetscErrorCode Quiet(AeGrid g)
{
  PetscErrorCode ierr;

  last_error[0] = 0;
  PetscPushErrorHandler(Keep, NULL);
  ierr = AeGridSetUp(g);
  PetscPopErrorHandler();
  return ierr;
}

/* Faults of a division: rows not in exactly one block, or in another than the owner's; empty or too large blocks. */
static PetscInt Faults(AeGrid g)
{
  PetscInt  bad = 0, rows = 0;
  const int most_j = (int)((g->n[1] + g->p[0] - 1) / g->p[0]), most_k = (int)((g->n[2] + g->p[1] - 1) / g->p[1]);

  if (g->p[0] * g->p[1] != g->size) bad++;
  for (PetscMPIInt r = 0; r < g->size; r++) {
    PetscInt js, ks, nj, nk;

    AeGridBlock(g, r, &js, &ks, &nj, &nk);
    rows += nj * nk;
    if (nj < 1 || nk < 1 || nj > most_j || nk > most_k) bad++;
    if (js < 0 || ks < 0 || js + nj > g->n[1] || ks + nk > g->n[2]) bad++;
    if (r == g->rank && (js != g->js || ks != g->ks || nj != g->nj || nk != g->nk)) bad++;
  }
  if (rows != g->n[1] * g->n[2]) bad++;
  for (PetscInt k = 0; k < g->n[2]; k++)
    for (PetscInt j = 0; j < g->n[1]; j++) {
      int owners = 0;

      for (PetscMPIInt r = 0; r < g->size; r++) {
        PetscInt js, ks, nj, nk;

        AeGridBlock(g, r, &js, &ks, &nj, &nk);
        if (j < js || j >= js + nj || k < ks || k >= ks + nk) continue;
        owners++;
        if (AeGridRowOwner(g, j, k) != r) bad++;
      }
      if (owners != 1) bad++;
    }
  return bad;
}

/* Whether s ranks can form a pj x pk grid in which each has a row. */
static int Divisible(PetscInt nj, PetscInt nk, PetscInt s)
{
  for (PetscInt a = 1; a <= s; a++)
    if (s % a == 0 && a <= nj && s / a <= nk) return 1;
  return 0;
}

static PetscErrorCode TestDivisions(void)
{
  static const PetscInt plane[][2] = {{8, 8}, {1, 1},  {2, 3},  {3, 2},  {1, 7},   {7, 1},
                                      {5, 5}, {10, 9}, {16, 4}, {4, 16}, {13, 11}, {2, 12}};
  PetscInt              bad = 0, slabs = 0, wrong = 0, unnamed = 0, refused = 0;

  PetscFunctionBegin;
  for (size_t c = 0; c < PETSC_STATIC_ARRAY_LENGTH(plane); c++)
    for (PetscMPIInt s = 1; s <= MAX_RANKS; s++)
      for (PetscMPIInt r = 0; r<s; r += s> 1 ? s - 1 : 1) {
        const PetscInt n[3] = {8, plane[c][0], plane[c][1]};
        AeGrid         g;
        PetscErrorCode ierr;

        PetscCall(AeGridCreate(PETSC_COMM_SELF, &g));
        PetscCall(AeGridSetSizes(g, n));
        g->size = s;
        g->rank = r;
        ierr    = Quiet(g);
        if ((ierr == 0) != Divisible(n[1], n[2], s)) wrong++;
        if (!ierr) {
          bad += Faults(g);
          if (s <= n[2] && (g->p[0] != 1 || g->p[1] != s)) slabs++;
        } else {
          PetscInt most = s;
          char     number[16];

          while (!Divisible(n[1], n[2], most)) most--;
          snprintf(number, sizeof number, " %d", (int)most);
          /* one line that says what to change and to what: the option, and the largest count at its end */
          if (AeonicExitStatus(ierr) != AE_EXIT_USAGE || !strstr(last_error, "-grid_n")) unnamed++;
          if (strlen(last_error) < strlen(number) || strcmp(last_error + strlen(last_error) - strlen(number), number)) unnamed++;
          refused++;
        }
        PetscCall(AeGridDestroy(&g));
      }
  TapBelow((double)bad, 0, "12 planes over 1 to 24 ranks: every row has one owner, every rank a fair block");
  TapBelow((double)slabs, 0, "slabs in k while there are planes for all ranks");
  TapBelow((double)wrong, 0, "refused exactly where no pj x pk grid of ranks fits");
  TapAbove((double)refused, 1, "some are refused");
  TapBelow((double)unnamed, 0, "a refusal is a usage error naming -grid_n and the largest count that works");
  PetscFunctionReturn(0);
}

/* Divided over the ranks that run. */
static PetscErrorCode TestRanks(void)
{
  static const PetscInt n[][3] = {{8, 8, 8}, {16, 1, 1}, {32, 2, 3}, {8, 5, 7}, {9, 1, 5}, {8, 4, 1}, {40, 3, 2}};
  PetscMPIInt           size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  for (size_t c = 0; c < PETSC_STATIC_ARRAY_LENGTH(n); c++) {
    AeGrid         g;
    PetscErrorCode ierr;
    PetscInt       rows;
    char           what[128];

    PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
    PetscCall(AeGridSetSizes(g, n[c]));
    PetscCall(AeGridSetGhost(g, 5)); /* wider than the thin domains: allowed where they are periodic */
    ierr = Quiet(g);
    if (Divisible(n[c][1], n[c][2], size)) {
      snprintf(what, sizeof what, "%d x %d x %d cells: every row has one owner", (int)n[c][0], (int)n[c][1], (int)n[c][2]);
      TapBelow(ierr ? 1e9 : (double)Faults(g), 0, what);
      rows = g->nj * g->nk;
      PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &rows, 1, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
      TapNear((double)rows, (double)(n[c][1] * n[c][2]), 0, "the ranks' own blocks hold all rows");
    } else {
      snprintf(what, sizeof what, "%d x %d x %d cells: too many ranks are refused", (int)n[c][0], (int)n[c][1], (int)n[c][2]);
      TapTrue(ierr && strstr(last_error, "-grid_n"), what);
    }
    PetscCall(AeGridDestroy(&g));
  }
  PetscFunctionReturn(0);
}

/* FFTW's own answer, wherever it gives every rank a plane. */
static PetscErrorCode TestFFTW(void)
{
  PetscMPIInt size;
  int         bad = 0, compared = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  fftw_mpi_init();
  for (PetscInt nk = size; nk < 20; nk++) {
    const PetscInt n[3] = {8, 3, nk};
    ptrdiff_t      planes, first;
    AeGrid         g;
    int            all;

    PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
    PetscCall(AeGridSetSizes(g, n));
    PetscCall(AeGridSetUp(g));
    fftw_mpi_local_size_3d(n[2], n[1], n[0], PETSC_COMM_WORLD, &planes, &first);
    all = planes > 0;
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, PETSC_COMM_WORLD));
    if (all) {
      compared++;
      if (g->ks != first || g->nk != planes || g->js || g->nj != 3) bad++;
    }
    PetscCall(AeGridDestroy(&g));
  }
  fftw_mpi_cleanup();
  TapBelow(bad, 0, "slabs are those of FFTW");
  TapAbove(compared, 5, "compared with FFTW");
  PetscFunctionReturn(0);
}

/* A grid from options alone, as a command makes it. */
static PetscErrorCode Make(const char *n, const char *half_width, const char *symmetry, const char *boundary, PetscInt axis,
                           PetscReal length, AeGrid *g)
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsSetValue(NULL, "-grid_n", n));
  if (half_width) PetscCall(PetscOptionsSetValue(NULL, "-grid_half_width", half_width));
  if (symmetry) PetscCall(PetscOptionsSetValue(NULL, "-grid_symmetry", symmetry));
  if (boundary) PetscCall(PetscOptionsSetValue(NULL, "-grid_boundary", boundary));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, g));
  PetscCall(AeGridSetLength(*g, axis, length));
  PetscCall(AeGridSetFromOptions(*g));
  PetscCall(PetscOptionsClearValue(NULL, "-grid_n"));
  PetscCall(PetscOptionsClearValue(NULL, "-grid_half_width"));
  PetscCall(PetscOptionsClearValue(NULL, "-grid_symmetry"));
  PetscCall(PetscOptionsClearValue(NULL, "-grid_boundary"));
  PetscFunctionReturn(0);
}

/* Distance of h and of the domain's corners from what they should be. */
static double Domain(AeGrid g, double h, const double lo[3], const double hi[3])
{
  double e = fabs(g->h - h);

  for (int d = 0; d < 3; d++) {
    e += fabs(g->lo[d] - lo[d]) + fabs(g->hi[d] - hi[d]);
    e += fabs(AeGridX(g, d, 0) - 0.5 * h - lo[d]) + fabs(AeGridX(g, d, g->n[d] - 1) + 0.5 * h - hi[d]);
  }
  return e;
}

static PetscErrorCode TestSpacing(void)
{
  static const struct {
    const char *what, *n, *half_width, *symmetry;
    PetscInt    axis;
    double      length, h, lo[3], hi[3];
  } T[] = {
    {"the datum's length of x; y and z follow", "32,8,16", NULL, NULL, 0, 8, 0.25, {-4, -1, -2}, {4, 1, 2}},
    {"the datum's length of z", "32,8,16", NULL, NULL, 2, 8, 0.5, {-8, -2, -4}, {8, 2, 4}},
    {"the datum's length of y, the shortest axis", "32,8,16", NULL, NULL, 1, 2, 0.25, {-4, -1, -2}, {4, 1, 2}},
    {"a half width is the longest axis's, whatever the datum's", "32,8,16", "16", NULL, 2, 8, 1, {-16, -4, -8}, {16, 4, 8}},
    {"the longest axis may be z", "8,8,64", "16", NULL, 0, 8, 0.5, {-2, -2, -16}, {2, 2, 16}},
    {"bitant: z starts at 0 and ends at half the length", "32,32,16", NULL, "bitant", 2, 8, 0.25, {-4, -4, 0}, {4, 4, 4}},
    {"bitant, length along x", "32,32,16", NULL, "bitant", 0, 8, 0.25, {-4, -4, 0}, {4, 4, 4}},
    {"bitant, half width", "32,32,16", "8", "bitant", 0, 3, 0.5, {-8, -8, 0}, {8, 8, 8}},
    {"quadrant: x and y", "16,16,32", NULL, "quadrant", 0, 8, 0.25, {0, 0, -4}, {4, 4, 4}},
    {"quadrant, half width", "16,16,32", "4", "quadrant", 0, 1, 0.25, {0, 0, -4}, {4, 4, 4}},
    {"octant: all", "16,16,16", NULL, "octant", 1, 8, 0.25, {0, 0, 0}, {4, 4, 4}},
    {"octant, half width", "16,16,16", "8", "octant", 0, 1, 0.5, {0, 0, 0}, {8, 8, 8}},
  };

  PetscFunctionBegin;
  for (size_t c = 0; c < PETSC_STATIC_ARRAY_LENGTH(T); c++) {
    AeGrid g;
    double plane = 0;

    PetscCall(Make(T[c].n, T[c].half_width, T[c].symmetry, "radiative", T[c].axis, T[c].length, &g));
    PetscCall(AeGridSetUp(g));
    TapBelow(Domain(g, T[c].h, T[c].lo, T[c].hi), 0, T[c].what);
    if (T[c].symmetry) {
      for (int d = 0; d < 3; d++) {
        const int reflected = T[c].lo[d] == 0;

        /* the plane is the face between cells -1 and 0: their centres are mirror images */
        if (reflected)
          for (int i = 0; i < 4; i++) plane += fabs(AeGridX(g, d, -1 - i) + AeGridX(g, d, i));
        if (g->bc[d][0] != (reflected ? AE_BC_REFLECTING : AE_BC_RADIATIVE) || g->bc[d][1] != AE_BC_RADIATIVE) plane = INFINITY;
      }
      TapBelow(plane, 0, "the plane of symmetry is a cell face, and only it reflects");
    }
    if (!c) { /* the comparison sees a domain that is off by a bit */
      g->hi[2] = nextafter(g->hi[2], 0);
      TapTrue(Domain(g, T[c].h, T[c].lo, T[c].hi) > 0, "a domain moved by one bit is noticed");
    }
    PetscCall(AeGridDestroy(&g));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode TestRefusals(void)
{
  static const struct {
    const char *what, *n, *symmetry, *boundary, *says;
    PetscInt    ghost;
  } T[] = {
    {"7 cells along x", "7,16,16", NULL, NULL, "-grid_n", 2},
    {"5 cells between radiative boundaries for 3 ghosts", "16,5,16", NULL, "radiative", "-grid_n", 3},
    {"2 cells between reflecting boundaries for 3 ghosts", "16,16,2", NULL, "reflecting", "-grid_n", 3},
    {"a symmetry on a periodic domain", "16,16,16", "bitant", "periodic", "-grid_boundary", 3},
  };

  PetscFunctionBegin;
  for (size_t c = 0; c < PETSC_STATIC_ARRAY_LENGTH(T); c++) {
    AeGrid         g;
    PetscErrorCode ierr;

    PetscCall(Make(T[c].n, NULL, T[c].symmetry, T[c].boundary, 0, 1, &g));
    PetscCall(AeGridSetGhost(g, T[c].ghost));
    ierr = Quiet(g);
    TapTrue(ierr && AeonicExitStatus(ierr) == AE_EXIT_USAGE && strstr(last_error, T[c].says), T[c].what);
    PetscCall(AeGridDestroy(&g));
  }
  PetscFunctionReturn(0);
}

/* The counting must see a row that nobody owns. */
static PetscErrorCode TestChecker(void)
{
  static const PetscInt n[3] = {8, 8, 8};
  AeGrid                g;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_SELF, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeGridSetUp(g));
  TapBelow((double)Faults(g), 0, "one rank has all");
  g->kstart[g->p[1]]--;
  g->nk--;
  TapAbove((double)Faults(g), 8, "8 rows without an owner are noticed");
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, "grid\n"));
  PetscCall(TestDivisions());
  PetscCall(TestRanks());
  PetscCall(TestFFTW());
  PetscCall(TestSpacing());
  PetscCall(TestRefusals());
  PetscCall(TestChecker());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
