/*
  Tiles: whatever their shape, a pass visits every row once and nothing else. Counting: every bound is 0.  ranks: 1
*/
#include <aeonic/stencil.h>
#include <string.h>
#include "tap.h"

enum { MOST = 200 * 200 };
typedef struct {
  ptrdiff_t nj, nk;
  int       visits[MOST], outside;
  ptrdiff_t order[MOST], n; /* k * nj + j of each visit */
  int       twice;          /* for the checker: this row of all is visited once more */
} Walked;

static void Visit(void *ctx, ptrdiff_t k, ptrdiff_t j)
{
  Walked *W = ctx;

  if (k < 0 || k >= W->nk || j < 0 || j >= W->nj) {
    W->outside++;
    return;
  }
  W->visits[k * W->nj + j]++;
  if (W->n < MOST) W->order[W->n] = k * W->nj + j;
  W->n++;
  if (W->twice && !--W->twice) Visit(W, k, j);
}

static void Skip(void *ctx, ptrdiff_t k, ptrdiff_t j)
{
  if (k || j) Visit(ctx, k, j);
}

static Walked walked;

static void Reset(const AeLayout *L)
{
  memset(&walked, 0, sizeof walked);
  walked.nj = L->nj;
  walked.nk = L->nk;
}

/* Rows not visited just once, and visits elsewhere. */
static int Faults(void)
{
  int bad = walked.outside;

  for (ptrdiff_t r = 0; r < walked.nj * walked.nk; r++)
    if (walked.visits[r] != 1) bad++;
  return bad;
}

/* Within a tile j runs fastest, and a tile is finished before the next begins. */
static int OutOfOrder(ptrdiff_t tj, ptrdiff_t tk)
{
  static unsigned char begun[MOST];
  const ptrdiff_t      nj = walked.nj, across = (nj + tj - 1) / tj;
  int                  bad = 0;

  memset(begun, 0, sizeof begun);
  for (ptrdiff_t n = 0; n < walked.n; n++) {
    const ptrdiff_t r = walked.order[n], tile = r / nj / tk * across + r % nj / tj, last = n ? walked.order[n - 1] : 0;

    if (n && last / nj / tk * across + last % nj / tj == tile) {
      if (r <= last) bad++; /* k * nj + j must grow */
    } else if (begun[tile]++) bad++;
  }
  return bad;
}

static void TestShapes(void)
{
  static const ptrdiff_t block[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 3}, {8, 8}, {13, 11}, {16, 5}, {31, 17}};
  static const PetscInt  tile[]     = {0, 1, 2, 3, 4, 7, 8, 16, 100, PETSC_MAX_INT};

  for (size_t b = 0; b < sizeof block / sizeof block[0]; b++) {
    const AeLayout L   = AeLayoutCreate(2, 8, block[b][0], block[b][1], 3);
    int            bad = 0, order = 0;
    char           what[128];

    for (size_t j = 0; j < sizeof tile / sizeof tile[0]; j++)
      for (size_t k = 0; k < sizeof tile / sizeof tile[0]; k++) {
        const AeTiles T = {tile[j], tile[k]};

        Reset(&L);
        AePass(&T, &L, Visit, &walked);
        bad += Faults();
        order += OutOfOrder(T.j ? T.j : L.nj, T.k ? T.k : L.nk);
      }
    snprintf(what, sizeof what, "%d x %d rows in tiles of 100 shapes: each once", (int)L.nj, (int)L.nk);
    TapBelow(bad, 0, what);
    TapBelow(order, 0, "tile by tile, j fastest");
  }
}

static void TestCheckers(void)
{
  const AeLayout L = AeLayoutCreate(1, 8, 13, 11, 3);

  Reset(&L);
  AePass(&(AeTiles){4, 3}, &L, Skip, &walked);
  TapNear(Faults(), 1, 0, "a row left out is noticed");
  Reset(&L);
  walked.twice = 17;
  AePass(&(AeTiles){4, 3}, &L, Visit, &walked);
  TapNear(Faults(), 1, 0, "a row visited twice is noticed");
  Reset(&L);
  walked.nj--;
  AePass(&(AeTiles){4, 3}, &L, Visit, &walked);
  TapNear(Faults(), 11, 0, "rows outside are noticed");
  Reset(&L);
  AePass(&(AeTiles){4, 3}, &L, Visit, &walked);
  TapAbove(OutOfOrder(5, 3), 1, "the order of other tiles is noticed");
}

static PetscErrorCode TestTune(void)
{
  static const ptrdiff_t block[][3] = {{8, 3, 4}, {64, 64, 2}, {64, 70, 20}, {2048, 2, 30}, {128, 150, 1}};

  PetscFunctionBegin;
  for (size_t b = 0; b < sizeof block / sizeof block[0]; b++) {
    const AeLayout L = AeLayoutCreate(1, block[b][0], block[b][1], block[b][2], 3);
    AeTiles        T = {0, 0}, kept = {5, 3}, planes = {0, 2};
    char           what[128];
    int            bad;

    Reset(&L);
    PetscCall(AeTilesTune(&T, &L, Visit, &walked));
    snprintf(what, sizeof what, "%d x %d x %d: a shape is chosen, and trying visits no row outside the block", (int)L.nx,
             (int)L.nj, (int)L.nk);
    TapTrue(T.j >= 1 && T.j <= L.nj && T.k == 0 && !walked.outside, what);
    Reset(&L);
    AePass(&T, &L, Visit, &walked);
    bad = Faults();
    PetscCall(AeTilesTune(&planes, &L, Visit, &walked));
    Reset(&L);
    AePass(&planes, &L, Visit, &walked);
    bad += Faults();
    TapBelow(bad, 0, "with it each row is visited once");
    Reset(&L);
    PetscCall(AeTilesTune(&kept, &L, Visit, &walked));
    TapTrue(kept.j == 5 && kept.k == 3 && planes.k == 2 && !walked.n, "a shape given by the user stays");
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode TestOptions(void)
{
  AeTiles T = {-1, -1};

  PetscFunctionBegin;
  PetscCall(AeTilesSetFromOptions(PETSC_COMM_WORLD, &T));
  TapTrue(T.j == 0 && T.k == 0, "without options both are open");
  PetscCall(PetscOptionsSetValue(NULL, "-stencil_tile_j", "12"));
  PetscCall(PetscOptionsSetValue(NULL, "-stencil_tile_k", "7"));
  PetscCall(AeTilesSetFromOptions(PETSC_COMM_WORLD, &T));
  TapTrue(T.j == 12 && T.k == 7, "-stencil_tile_j and -stencil_tile_k are read");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, "tiles\n"));
  TestShapes();
  TestCheckers();
  PetscCall(TestTune());
  PetscCall(TestOptions());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
