/*
  How the box is transformed: kinds of transform, weights of modes, and the table of runs: modes of one class in a row.
*/
#include "loom_private.h"

/* Weight of mode m along an axis in Parseval's sum, and that sum's norm per axis: (1/n) sum u^2 = norm sum w |U|^2. */
static double Weight(AeFFT f, int d, PetscInt m)
{
  const PetscInt n = f->n[d];

  switch (f->kind[d]) {
  case AE_DFT:
    if (f->is_complex && d > 0) return 1.0; /* both of a pair are stored */
    return m == 0 || 2 * m == n ? 1.0 : 2.0;
  case AE_COSINE:
    return m == 0 ? 0.5 : 1.0;
  case AE_SINE:
    return m == n - 1 ? 0.5 : 1.0;
  default:
    return 1.0;
  }
}

static PetscReal Norm(AeFFT f, int d)
{
  const PetscReal n = (PetscReal)f->n[d];

  return f->kind[d] == AE_DFT ? 1.0 / (n * n) : 1.0 / (2.0 * n * n);
}

/* Of the edge modes of a row of a complex transform: of a pair k, -k the first one is taken, twice. */
static double Half(AeFFT f, PetscInt my, PetscInt mz)
{
  const PetscInt ny = f->n[1], nz = f->n[2], y = my ? ny - my : 0, z = mz ? nz - mz : 0; /* the partner */

  if (y == my && z == mz) return 1.0;
  return mz < z || (mz == z && my < y) ? 2.0 : 0.0;
}

typedef struct {
  PetscReal kmin2, tail2;
} Scales;

static PetscInt ClassOf(const struct _p_AeModes *M, const Scales *S, PetscInt mx, PetscInt my, PetscInt mz, PetscBool mean)
{
  const PetscReal k2  = M->k2[0][mx] + M->k2[1][my] + M->k2[2][mz];
  const int       o   = AeOctave(k2 / S->kmin2);
  PetscInt        bin = M->bin[0][mx];

  if (mean && k2 == 0.0) return NO_CLASS;
  bin = PetscMax(bin, M->bin[1][my]);
  bin = PetscMax(bin, M->bin[2][mz]);
  return (bin * 2 + (k2 > S->tail2)) * OCTAVES1 + (o == AE_OCTAVE_MEAN ? BELOW : o);
}

/* The runs of a row; counted only if r is NULL. */
static PetscInt RowRuns(const Kind *K, const struct _p_AeModes *M, const Scales *S, PetscInt my, PetscInt mz, Run *r)
{
  AeFFT    f = K->fft;
  PetscInt n = 0, last = -1;
  PetscInt edge_was = 0;

  for (PetscInt x = 0; x < f->m[0]; x++) {
    const PetscInt class = ClassOf(M, S, x, my, mz, K->has_mean), edge = f->is_complex && (x == 0 || 2 * x == f->n[0]);

    if (!n || class != last || edge != edge_was || K->weight[0][x] != K->weight[0][x - 1]) n++;
    if (r) r[n - 1] = (Run){(uint16_t)(x + 1), (uint8_t) class, (uint8_t)edge};
    last     = class;
    edge_was = edge;
  }
  return n;
}

/* The table of runs of this rank's rows, and what is worth a mode in them. Octaves count from the longest wave that the box can
   hold, which is twice the box where a mirror ends it. A wave on the tail's edge to rounding is not in the tail. */
static PetscErrorCode Runs(AeLoom loom, Kind *K)
{
  AeFFT           f    = K->fft;
  const AeGrid    g    = loom->grid;
  const PetscInt  rows = f->mn * f->inner;
  PetscReal       L[3], longest = 0;
  const PetscReal slack = 1.0 + 16.0 * PETSC_MACHINE_EPSILON;
  AeModes         M;
  Scales          S;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) {
    const PetscBool mirror = (PetscBool)(g->bc[d][0] == AE_BC_REFLECTING || g->bc[d][1] == AE_BC_REFLECTING);

    L[d]    = loom->band ? 2.0 * PETSC_PI : g->h * (PetscReal)g->n[d];
    longest = PetscMax(longest, mirror ? 2.0 * L[d] : L[d]);
  }
  PetscCall(AeModesGet(f, L, &M));
  S.kmin2 = PetscSqr(2.0 * PETSC_PI / longest);
  S.tail2 = PetscSqr(2.0 / 3.0 * PETSC_PI / g->h) * slack;
  PetscCall(PetscMalloc2(rows + 1, &K->first, rows, &K->half));
  K->first[0] = 0;
  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt r = 0; r < rows; r++) {
      PetscInt my, mz, n;

      AeFFTRow(f, r / f->inner, r % f->inner, &my, &mz);
      n = RowRuns(K, M, &S, my, mz, pass ? K->runs + K->first[r] : NULL);
      if (!pass) K->first[r + 1] = K->first[r] + n, K->half[r] = Half(f, my, mz);
    }
    if (!pass) PetscCall(PetscMalloc1(K->first[rows] + 1, &K->runs));
  }
  PetscFunctionReturn(0);
}

/* A transform with its weights. A mean is a mode only where all axes are Fourier series or cosines, and none is tapered. */
static PetscErrorCode KindSetUp(AeLoom loom, const AeTransform kind[3], Kind *K)
{
  AeFFT f;

  PetscFunctionBegin;
  if (loom->band) PetscCall(AeBandModes(loom->band, &f));
  else if (loom->o.precision == AE_LOOM_SINGLE) PetscCall(AeFFTGetSingle(loom->grid->comm, loom->grid->n, kind, &f));
  else PetscCall(AeFFTGet(loom->grid->comm, loom->grid->n, kind, &f));
  K->fft      = f;
  K->norm     = 1.0;
  K->mean     = 1.0;
  K->has_mean = PETSC_TRUE;
  for (int d = 0; d < 3; d++) {
    K->norm *= Norm(f, d);
    K->mean /= (kind[d] == AE_DFT ? 1.0 : 2.0) * (PetscReal)f->n[d];
    if (kind[d] != AE_DFT && kind[d] != AE_COSINE) K->has_mean = PETSC_FALSE;
    PetscCall(PetscMalloc1(f->m[d], &K->weight[d]));
    for (PetscInt m = 0; m < f->m[d]; m++) K->weight[d][m] = Weight(f, d, m);
  }
  if (loom->band) K->norm = K->mean = 1.0;       /* Fourier coefficients */
  if (loom->windowed) K->has_mean = PETSC_FALSE; /* the boundary value is removed instead */
  PetscCall(Runs(loom, K));
  PetscFunctionReturn(0);
}

/* Along axis d, for a field of that parity at mirrors. */
static AeTransform KindOf(AeLoom loom, int d, int parity)
{
  const AeBoundary *bc    = loom->grid->bc[d];
  const PetscBool   lower = (PetscBool)(bc[0] == AE_BC_REFLECTING), upper = (PetscBool)(bc[1] == AE_BC_REFLECTING);

  if (bc[0] == AE_BC_PERIODIC) return AE_DFT;
  if (lower || upper) return parity > 0 ? AE_COSINE : AE_SINE; /* the other end is a mirror too, tapered to zero, or cut (dct) */
  return loom->o.window == AE_LOOM_DCT ? AE_COSINE : AE_DFT;
}

/* Rises as (1 - cos)/2 over the first fraction p of an open end. */
static PetscErrorCode Tapers(AeLoom loom)
{
  const AeGrid   g        = loom->grid;
  const PetscInt start[3] = {0, g->js, g->ks}, count[3] = {g->n[0], g->nj, g->nk};

  PetscFunctionBegin;
  loom->window_square = 1.0;
  for (int d = 0; d < 3; d++) {
    const PetscReal p      = 0.5 * loom->o.taper * (PetscReal)g->n[d];
    PetscReal       square = 0;

    PetscCall(PetscMalloc1(count[d], &loom->taper_of[d]));
    for (PetscInt i = 0; i < g->n[d]; i++) {
      const PetscReal from[2] = {(PetscReal)i + 0.5, (PetscReal)(g->n[d] - i) - 0.5};
      PetscReal       w       = 1.0;

      for (int side = 0; side < 2 && loom->open[d]; side++)
        if (g->bc[d][side] != AE_BC_REFLECTING && from[side] < p) w *= 0.5 * (1.0 - PetscCosReal(PETSC_PI * from[side] / p));
      square += w * w;
      if (i >= start[d] && i < start[d] + count[d]) loom->taper_of[d][i - start[d]] = w;
    }
    loom->window_square *= square / (PetscReal)g->n[d];
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Room(size_t n, size_t each, void *u)
{
  const size_t bytes = PetscMax(n, 1) * each;
  void        *m;

  PetscFunctionBegin;
  PetscCheck(!posix_memalign(&m, 64, bytes), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "cannot get %.3g GB of memory for the loom: -loom_every 0 does without it", 1e-9 * (double)bytes);
  memset(m, 0, bytes);
  *(void **)u = m;
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomKindsSetUp(AeLoom loom)
{
  const AeGrid g    = loom->grid;
  const size_t each = AeLoomNumber(loom);
  size_t       most = 0;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) {
    for (int side = 0; side < 2; side++)
      if (g->bc[d][side] == AE_BC_RADIATIVE || g->bc[d][side] == AE_BC_EXACT)
        loom->open[d] = (PetscBool)(loom->o.window == AE_LOOM_TUKEY);
    if (loom->open[d]) loom->windowed = PETSC_TRUE;
  }
  PetscCall(Tapers(loom));
  for (PetscInt i = 0; i < loom->n; i++)
    for (PetscInt c = 0; c < loom->w[i].info.components; c++) {
      AeTransform kind[3];
      PetscInt    k = 0;

      for (int d = 0; d < 3; d++) kind[d] = KindOf(loom, d, loom->w[i].info.parity[c][d]);
      while (k < loom->nkinds && memcmp(loom->kinds[k].fft->kind, kind, sizeof kind)) k++;
      if (k == loom->nkinds) PetscCall(KindSetUp(loom, kind, &loom->kinds[loom->nkinds++]));
      loom->w[i].kind[c] = k;
      most               = PetscMax(most, loom->kinds[k].fft->doubles);
    }
  most += 8; /* sums read eight numbers at a time */
  for (PetscInt i = 0; i < loom->n; i++)
    for (PetscInt c = 0; c < loom->w[i].info.components; c++) PetscCall(Room(most, each, &loom->w[i].old[c]));
  PetscCall(Room(most, each, &loom->spare));
  PetscCall(Room(most, each, &loom->rate));
  if (loom->windowed && loom->o.precision == AE_LOOM_DOUBLE)
    PetscCall(Room((size_t)g->n[0] * g->nj * g->nk, sizeof(double), &loom->cells));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomKindsDestroy(AeLoom loom)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < loom->nkinds; k++) {
    PetscCall(PetscFree2(loom->kinds[k].first, loom->kinds[k].half));
    PetscCall(PetscFree(loom->kinds[k].runs));
    for (int d = 0; d < 3; d++) PetscCall(PetscFree(loom->kinds[k].weight[d]));
  }
  for (int d = 0; d < 3; d++) PetscCall(PetscFree(loom->taper_of[d]));
  for (PetscInt i = 0; i < loom->n; i++)
    for (int c = 0; c < 3; c++) free(loom->w[i].old[c]);
  free(loom->spare);
  free(loom->rate);
  free(loom->cells);
  PetscFunctionReturn(0);
}
