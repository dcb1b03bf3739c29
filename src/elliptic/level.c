/*
  The hierarchy: ceil(n/2) cells over the same domain on each coarser level, planes dealt out so that a coarse plane lies
  where its fine ones are. A level with too few planes a rank for the ghosts that a fused sweep needs is held
  whole by every rank, and so are all below it.
*/
#include "ell_private.h"
#include <sys/mman.h>

static PetscReal Coordinate(const EllLevel *v, int d, PetscReal i) { return v->lo[d] + (i + 0.5) * v->h[d]; }

/* ghost = alpha u at a face of order 2; at: cell of the face in the two other axes' global indices */
static double Alpha(AeEll ell, const EllLevel *v, int d, int side, PetscInt i1, PetscInt i2)
{
  switch (ell->bc[d][side]) {
  case AE_ELL_DIRICHLET:
    return -1;
  case AE_ELL_REFLECT:
    return ell->parity[0][d];
  case AE_ELL_ROBIN: {
    const int       e = (d + 1) % 3, f = (d + 2) % 3;
    const PetscReal x = side ? v->lo[d] + v->n[d] * v->h[d] : v->lo[d], y = Coordinate(v, e, i1), z = Coordinate(v, f, i2);
    const PetscReal a = ell->falloff * (side ? x : -x) / (x * x + y * y + z * z);
    return (1 - 0.5 * a * v->h[d]) / (1 + 0.5 * a * v->h[d]);
  }
  default: /* Neumann, and an axis of one periodic cell, whose neighbour is itself */
    return 1;
  }
}

/* Robin faces: alpha per cell, indexed [k+gk][j], [k+gk][i], [j][i] for axes 0, 1, 2 */
static PetscErrorCode RobinFaces(AeEll ell, EllLevel *v)
{
  PetscFunctionBegin;
  for (int d = 0; d < 3; d++)
    for (int side = 0; side < 2; side++) {
      const PetscInt planes = v->nk + 2 * v->gk, n1 = d == 0 ? v->n[1] : v->n[0], n2 = d == 2 ? v->n[1] : planes;
      double        *a;

      v->alpha0[d][side] = Alpha(ell, v, d, side, v->n[(d + 1) % 3] / 2, v->n[(d + 2) % 3] / 2);
      if (ell->bc[d][side] != AE_ELL_ROBIN) continue;
      PetscCall(PetscMalloc1((size_t)n1 * n2, &a));
      for (PetscInt q = 0; q < n2; q++)
        for (PetscInt p = 0; p < n1; p++) {
          const PetscInt K = q - v->gk + v->ks;
          a[q * n1 + p]    = d == 0   ? Alpha(ell, v, 0, side, p, K)
                             : d == 1 ? Alpha(ell, v, 1, side, K, p)
                                      : Alpha(ell, v, 2, side, p, q);
        }
      v->alpha[d][side] = a;
    }
  PetscFunctionReturn(0);
}

/*
  A level is held whole by every rank as soon as one of them would have fewer planes than the `depth` ghosts of a fused sweep;
  also where a periodic axis has an odd number of planes, since red then meets red around the end and sweeps depend on the
  division.
*/
static PetscErrorCode Sizes(AeEll ell, PetscInt l, PetscInt depth)
{
  EllLevel   *v = &ell->lv[l], *f = l ? v - 1 : NULL;
  PetscMPIInt size = ell->grid->size, rank = ell->grid->rank;
  PetscInt    least;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(size + 1, &v->kstart));
  for (int d = 0; d < 3; d++) {
    v->n[d]    = f ? (f->n[d] + 1) / 2 : ell->grid->n[d];
    v->lo[d]   = ell->grid->lo[d];
    v->h[d]    = f ? f->n[d] * f->h[d] / v->n[d] : ell->grid->h;
    v->q[d]    = 1 / (v->h[d] * v->h[d]);
    v->wrap[d] = (PetscBool)(ell->bc[d][0] == AE_ELL_PERIODIC && v->n[d] > 1);
  }
  v->diag = 2 * (v->q[0] + v->q[1] + v->q[2]);
  for (PetscMPIInt r = 0; r <= size; r++) {
    if (f) v->kstart[r] = PetscMin(v->n[2], (PetscInt)(((PetscInt64)f->kstart[r] * v->n[2] + f->n[2] - 1) / f->n[2]));
    else if (ell->grid->p[0] == 1) v->kstart[r] = ell->grid->kstart[r];
    else v->kstart[r] = (PetscInt)((PetscInt64)r * v->n[2] / size);
  }
  least = v->n[2];
  for (PetscMPIInt r = 0; r < size; r++) least = PetscMin(least, v->kstart[r + 1] - v->kstart[r]);
  v->redundant =
    (PetscBool)(size == 1 || (f && f->redundant) || ell->grid->p[0] > 1 || least < depth || (v->wrap[2] && v->n[2] % 2));
  v->ks = v->redundant ? 0 : v->kstart[rank];
  v->nk = v->redundant ? v->n[2] : v->kstart[rank + 1] - v->ks;
  /* who computes which planes in a restriction: all of them where the finer level is held whole */
  v->ps = f && f->redundant ? 0 : v->kstart[rank];
  v->pn = f && f->redundant ? v->n[2] : v->kstart[rank + 1] - v->ps;
  v->gk = v->redundant && !v->wrap[2] ? 1 : depth;
  PetscFunctionReturn(0);
}

static PetscBool Coarsens(const EllLevel *v, PetscInt components)
{
  return (PetscBool)((PetscInt64)v->n[0] * v->n[1] * v->n[2] * components > 64 && (v->n[0] > 2 || v->n[1] > 2 || v->n[2] > 2));
}

static double *Take(AeEll ell, size_t doubles)
{
  double *p = ell->arena ? ell->arena + ell->arena_used : NULL;
  ell->arena_used += (size_t)AeRoundUp((ptrdiff_t)doubles + AE_LINE, AE_LINE);
  return p;
}

/* Once to count, once to deal out. */
static void Allot(AeEll ell)
{
  size_t plane = 0;

  ell->arena_used = 0;
  for (PetscInt l = 0; l < ell->nlevels; l++) {
    EllLevel *v = &ell->lv[l];

    v->x = Take(ell, (size_t)v->L.size);
    v->b = Take(ell, (size_t)v->L.size);
    if (ell->full) v->b0 = Take(ell, (size_t)v->L.size);
    if (ell->full) v->bb = Take(ell, (size_t)v->L.size);
    if (ell->full && l > 0) v->u = ell->order > 2 ? Take(ell, (size_t)v->LU.size) : v->x;
    if (ell->full && ell->order > 2 && l > 0) v->g = Take(ell, (size_t)v->LU.size);
    if (ell->generic || ell->q) {
      v->r = Take(ell, (size_t)v->L.size);
      v->d = Take(ell, (size_t)v->L.size);
    }
    if (ell->ncoef) v->c = Take(ell, (size_t)v->LC.size);
    if (ell->ndata) v->data = Take(ell, (size_t)v->LD.size);
    if (ell->q && l == 0) v->s = Take(ell, (size_t)v->L.size);
    if (ell->single) {
      v->single.x = (float *)Take(ell, (size_t)v->L.size / 2 + 1);
      v->single.b = (float *)Take(ell, (size_t)v->L.size / 2 + 1);
      v->single.w = (float *)Take(ell, (size_t)EllWeightsSize(v) / 2 + 1);
      if (ell->ncoef || ell->q) v->single.c = (float *)Take(ell, (size_t)v->LC.size / 2 + 1);
    }
    v->w  = Take(ell, (size_t)EllWeightsSize(v));
    plane = PetscMax(plane, (size_t)(v->L.pitch * (v->n[1] + 4) + 6 * AeRoundUp(v->n[0] + 4 * AE_LINE, AE_LINE)));
  }
  ell->scratch = Take(ell, plane + 8 * AE_LINE);
}

static PetscErrorCode ArenaCreate(AeEll ell)
{
  void *p;

  PetscFunctionBegin;
  ell->arena = NULL;
  Allot(ell);
  ell->arena_bytes = (size_t)AeRoundUp((ptrdiff_t)(ell->arena_used * sizeof(double)), 1 << 21);
  PetscCheck(!posix_memalign(&p, 1 << 21, ell->arena_bytes), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "no memory for the multigrid levels: %g MB", 1e-6 * (double)ell->arena_bytes);
  (void)madvise(p, ell->arena_bytes, MADV_HUGEPAGE);
  memset(p, 0, ell->arena_bytes);
  ell->arena = p;
  Allot(ell);
  PetscFunctionReturn(0);
}

PetscErrorCode EllLevelsCreate(AeEll ell)
{
  /* a half sweep each, prolongation, residual and two planes that a neighbour's coarse plane may need */
  const PetscInt depth = 2 * (ell->pre + ell->post) + 4;
  PetscInt       l     = 0;

  PetscFunctionBegin;
  for (;; l++) {
    PetscCall(Sizes(ell, l, depth));
    if (l + 1 >= ell->max_levels || l + 1 >= ELL_MAX_LEVELS || !Coarsens(&ell->lv[l], ell->nc)) break;
  }
  ell->nlevels = l + 1;
  for (l = 0; l < ell->nlevels; l++) {
    EllLevel *v = &ell->lv[l];

    PetscCall(RobinFaces(ell, v));
    v->order = ell->order;
    for (int d = 0; d < 3; d++)
      if (v->n[d] < EllClosureOf(ell->order)->points && !v->wrap[d]) v->order = 2; /* too few cells for the boundary's */
    v->L = AeLayoutCreateDeep(ell->nc, v->n[0], v->n[1], v->nk, 1, v->gk);
    v->LU =
      v->order == 2 ? v->L : AeLayoutCreateDeep(ell->nc, v->n[0], v->n[1], v->nk, v->order / 2, PetscMax(v->gk, v->order / 2));
    v->LC     = AeLayoutCreateDeep(ell->ncoef, v->n[0], v->n[1], v->nk, 1, v->gk);
    v->LD     = AeLayoutCreateDeep(ell->ndata, v->n[0], v->n[1], v->nk, 1, v->gk);
    v->LW     = AeLayoutCreateDeep(ell->nc * ell->nc, v->n[0], v->n[1], v->nk, 1, v->gk);
    v->w_full = (PetscBool)(ell->ncoef > 0 || ell->generic);
    for (int d = 0; d < 3; d++)
      if (v->alpha[d][0] || v->alpha[d][1]) v->w_full = PETSC_TRUE;
  }
  PetscCall(ArenaCreate(ell));
  for (l = 0; l + 1 < ell->nlevels; l++) {
    EllLevel *v = &ell->lv[l], *c = v + 1;

    for (int d = 0; d < 3; d++)
      PetscCall(EllAxisSetUp(&v->axis[d], v->n[d], c->n[d], d == 2 ? v->gk : 0, ell->bc[d][0] == AE_ELL_PERIODIC,
                             (PetscBool)(ell->transfer == 1), c->alpha0[d]));
    if (ell->full && ell->order > 2)
      for (int d = 0; d < 3; d++) {
        PetscCall(EllInterpSetUp(&v->fine[d], c->n[d], v->n[d], ell->order + 2, (PetscInt)c->LU.g, v->wrap[d]));
        PetscCall(EllInterpSetUp(&v->coarse[d], v->n[d], c->n[d], ell->order + 2, 0, v->wrap[d]));
      }
    EllAxisNeeds(&v->axis[2], v->ks, v->nk, c->ps, c->pn, &c->from, &c->to);
  }
  PetscCall(PetscMalloc2(ell->grid->size, &ell->counts, ell->grid->size, &ell->displs));
  PetscFunctionReturn(0);
}

PetscErrorCode EllLevelsDestroy(AeEll ell)
{
  PetscFunctionBegin;
  for (PetscInt l = 0; l < ell->nlevels; l++) {
    EllLevel *v = &ell->lv[l];

    PetscCall(PetscFree(v->kstart));
    for (int d = 0; d < 3; d++) {
      PetscCall(EllAxisDestroy(&v->axis[d]));
      PetscCall(EllInterpDestroy(&v->fine[d]));
      PetscCall(EllInterpDestroy(&v->coarse[d]));
      for (int s = 0; s < 2; s++) PetscCall(PetscFree(v->alpha[d][s]));
    }
  }
  PetscCall(PetscFree2(ell->counts, ell->displs));
  free(ell->arena);
  ell->arena   = NULL;
  ell->nlevels = 0;
  PetscFunctionReturn(0);
}

/* omega/diagonal of a scalar operator of order 2, the boundary's share included: D = 2 sum q - sum_faces q alpha + c */
static double Inverse(const EllLevel *v, double omega, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i)
{
  const PetscInt g[3] = {(PetscInt)i, (PetscInt)j, v->wrap[2] ? EllWrap((PetscInt)k + v->ks, v->n[2]) : (PetscInt)k + v->ks};
  double         D    = v->diag;

  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2 && !v->wrap[d]; s++)
      if (g[d] == (s ? v->n[d] - 1 : 0)) {
        const double   *a  = v->alpha[d][s];
        const ptrdiff_t at = d == 0 ? (k + v->gk) * v->n[1] + j : d == 1 ? (k + v->gk) * v->n[0] + i : j * v->n[0] + i;
        D -= v->q[d] * (a ? a[at] : v->alpha0[d][s]);
      }
  if (v->c) D += v->c[AeAt(&v->LC, 0, k, j, i)];
  return PetscAbsReal(D) > 1e-12 * v->diag ? omega / D : 0;
}

/*
  Without coefficients and Robin faces the diagonal knows a cell only by the faces that it lies at: sixteen rows, which stay in
  the cache, instead of a field. Ghost planes have weights too: a fused sweep smooths in them.
*/
static void ScalarDiagonal(EllLevel *v, double omega)
{
  if (v->w_full) {
    const ptrdiff_t first = v->wrap[2] || v->ks > 0 ? -v->gk : 0,
                    last  = v->wrap[2] || v->ks + v->nk < v->n[2] ? v->nk + v->gk : v->nk;
    for (ptrdiff_t k = first; k < last; k++)
      for (ptrdiff_t j = 0; j < v->n[1]; j++)
        for (ptrdiff_t i = 0; i < v->n[0]; i++)
          v->w[AeAt(&v->LW, 0, k, j, i)] = v->wrap[2] || (k + v->ks >= 0 && k + v->ks < v->n[2]) ? Inverse(v, omega, k, j, i) : 0;
    return;
  }
  /* a row for each class of (j, k): inside, first, last, both */
  for (int cj = 0; cj < 4; cj++)
    for (int ck = 0; ck < 4; ck++) {
      double  *w = v->w + AE_LINE + (cj * 4 + ck) * AeRoundUp(v->n[0] + AE_LINE, AE_LINE);
      EllLevel u = *v; /* the same level with as many rows as the class needs */

      u.n[1] = cj == 3 ? 1 : 3;
      u.n[2] = ck == 3 ? 1 : 3;
      u.ks   = 0;
      for (ptrdiff_t i = 0; i < v->n[0]; i++)
        w[i] = Inverse(&u, omega, (const int[]){1, 0, 2, 0}[ck], (const int[]){1, 0, 2, 0}[cj], i);
    }
}

PetscErrorCode EllDiagonals(AeEll ell)
{
  PetscFunctionBegin;
  for (PetscInt l = 0; l < ell->nlevels; l++)
    if (ell->generic) PetscCall(EllGenericDiagonal(ell, &ell->lv[l]));
    else ScalarDiagonal(&ell->lv[l], ell->omega);
  PetscFunctionReturn(0);
}
