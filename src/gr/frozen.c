/*
  Frozen points: cells within -gr_excise_radius of the datum's centre keep their values, and no statistics or norm
  counts them. Inside a horizon of a slicing that reaches the singularity nothing that happens there gets out.
*/
#include "gr_private.h"

/* Cells of row (j,k), global indices, with |x - centre| < r. */
static PetscBool Range(AeGR gr, AeGrid g, PetscInt k, PetscInt j, ptrdiff_t *i0, ptrdiff_t *i1)
{
  const PetscReal *c = gr->initial->centre;
  const PetscReal  y = AeGridX(g, 1, j) - c[1], z = AeGridX(g, 2, k) - c[2], w2 = gr->excise * gr->excise - y * y - z * z;
  ptrdiff_t        n = g->n[0];

  *i0 = *i1 = 0;
  if (w2 <= 0) return PETSC_FALSE;
  while (*i0 < n && AeGridX(g, 0, (PetscInt)*i0) - c[0] <= -PetscSqrtReal(w2)) ++*i0;
  for (*i1 = *i0; *i1 < n && AeGridX(g, 0, (PetscInt)*i1) - c[0] < PetscSqrtReal(w2);) ++*i1;
  return (PetscBool)(*i1 > *i0);
}

PetscBool AeGRFrozen(AeGR gr, AeGrid g, ptrdiff_t k, ptrdiff_t j, ptrdiff_t *i0, ptrdiff_t *i1)
{
  return (PetscBool)(gr->excise > 0 && Range(gr, g, (PetscInt)(g->ks + k), (PetscInt)(g->js + j), i0, i1));
}

PetscErrorCode AeGRCountFree(AeGR gr, AeGrid g, PetscReal *points)
{
  const PetscReal rows = (PetscReal)g->n[1] * g->n[2];
  ptrdiff_t       i0, i1;

  PetscFunctionBegin;
  *points = rows * g->n[0];
  if (gr->excise == 0) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < g->n[2]; k++)
    for (PetscInt j = 0; j < g->n[1]; j++)
      if (Range(gr, g, k, j, &i0, &i1)) *points -= (PetscReal)(i1 - i0);
  PetscCheck(*points > 0, gr->comm, AE_ERR_USAGE, "-gr_excise_radius %g freezes every cell of the grid", (double)gr->excise);
  PetscFunctionReturn(0);
}

/* Zero right-hand sides, and statistics that change no sum or extremum: absolute values become 0, lapse and chi those
   of a neighbour that moves (of nobody if the whole row is frozen). */
void AeGRFreezeRow(const Z4Row *row, ptrdiff_t nf, ptrdiff_t i0, ptrdiff_t i1, PetscBool evolve, PetscBool constrain)
{
  static const int zero[] = {Z4_STAT_K, Z4_STAT_DTK, Z4_STAT_SUM, Z4_STAT_H, Z4_STAT_M2}, copied[] = {Z4_STAT_LAPSE, Z4_STAT_CHI};
  const ptrdiff_t  neighbour = i0 > 0 ? i0 - 1 : i1, bytes = (i1 - i0) * (ptrdiff_t)sizeof(double);

  if (evolve)
    for (ptrdiff_t f = 0; f < nf; f++) memset(row->r + f * row->stride + i0, 0, (size_t)bytes);
  if (constrain && row->c)
    for (ptrdiff_t f = 0; f < 4; f++) memset(row->c + f * row->cstride + i0, 0, (size_t)bytes);
  for (size_t s = 0; s < sizeof zero / sizeof *zero; s++) memset(row->stat + zero[s] * row->nstat + i0, 0, (size_t)bytes);
  for (size_t s = 0; s < sizeof copied / sizeof *copied; s++) {
    double *x = row->stat + copied[s] * row->nstat;
    for (ptrdiff_t i = i0; i < i1; i++) x[i] = neighbour < row->n ? x[neighbour] : PETSC_INFINITY;
  }
}
