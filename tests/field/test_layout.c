/*
  The layout: alignment, strides, and that every cell has a place of its own. Counting, so every bound is 0.  ranks: 1

  What layout.h says of the gap between the interiors of two rows: the right ghosts of the one and the left ghosts
  of the next share the gap. The pitch leaves room for both (pitch >= nx + 2g), so they share the gap and no cell:
  all cells of a block, ghosts included, are distinct, which is tested here cell by cell.
*/
#include <aeonic/field.h>
#include <string.h>
#include "tap.h"

/* Cells, ghosts included, that lie outside [0,size), in another field's block, or on a cell seen before. */
static int Collisions(const AeLayout *L)
{
  unsigned char *seen = calloc((size_t)L->size, 1);
  int            bad  = 0;

  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = -L->g; k < L->nk + L->g; k++)
      for (ptrdiff_t j = -L->g; j < L->nj + L->g; j++)
        for (ptrdiff_t i = -L->g; i < L->nx + L->g; i++) {
          const ptrdiff_t o = AeAt(L, f, k, j, i);

          if (o < 0 || o >= L->size || o < f * L->stride || o >= (f + 1) * L->stride || seen[o]++) bad++;
        }
  free(seen);
  return bad;
}

/* Rows, ghost rows included, whose first interior cell is not at a multiple of 64 bytes; fields likewise. */
static int Unaligned(const AeLayout *L)
{
  int bad = 0;

  for (ptrdiff_t f = 0; f < L->nf; f++) {
    if (f * L->stride * (ptrdiff_t)sizeof(double) % 64) bad++;
    for (ptrdiff_t k = -L->g; k < L->nk + L->g; k++)
      for (ptrdiff_t j = -L->g; j < L->nj + L->g; j++)
        if (AeAt(L, f, k, j, 0) * (ptrdiff_t)sizeof(double) % 64) bad++;
  }
  return bad;
}

/* The step along each index is the member of its name. */
static int Steps(const AeLayout *L)
{
  const ptrdiff_t o = AeAt(L, 0, 0, 0, 0);

  return (o != L->origin) + (AeAt(L, 0, 0, 0, 1) != o + 1) + (AeAt(L, 0, 0, 1, 0) != o + L->pitch) +
         (AeAt(L, 0, 1, 0, 0) != o + L->plane) + (AeAt(L, 1, 0, 0, 0) != o + L->stride) + (L->size != L->nf * L->stride);
}

static void TestLayouts(void)
{
  static const ptrdiff_t nx[] = {8, 9, 10, 11, 13, 15, 16, 17, 22, 32, 33}, nj[] = {1, 2, 3, 8}, nk[] = {1, 2, 5};
  int                    collisions = 0, unaligned = 0, steps = 0, even = 0, narrow = 0, count = 0;

  for (size_t a = 0; a < sizeof nx / sizeof nx[0]; a++)
    for (size_t b = 0; b < sizeof nj / sizeof nj[0]; b++)
      for (size_t c = 0; c < sizeof nk / sizeof nk[0]; c++)
        for (ptrdiff_t g = 1; g <= 5; g++) {
          const AeLayout L = AeLayoutCreate(3, nx[a], nj[b], nk[c], g);

          collisions += Collisions(&L);
          unaligned += Unaligned(&L);
          steps += Steps(&L);
          if (L.stride % AE_LINE || L.stride / AE_LINE % 2 == 0) even++;
          if (L.pitch < nx[a] + 2 * g) narrow++;
          count++;
        }
  TapAbove(count, 11 * 4 * 3 * 5, "layouts tried");
  TapBelow(collisions, 0, "every cell, ghosts included, has its own place in its field's block");
  TapBelow(unaligned, 0, "fields and the rows' first interior cells are at multiples of 64 bytes");
  TapBelow(even, 0, "the field stride is an odd number of cache lines");
  TapBelow(narrow, 0, "the gap between two rows has room for the ghosts of both");
  TapBelow(steps, 0, "pitch, plane and stride are the steps along j, k and the fields");
}

/* Layouts that break a promise must be found out. */
static void TestCheckers(void)
{
  AeLayout L = AeLayoutCreate(3, 14, 3, 2, 3);

  L.pitch -= AE_LINE;
  TapAbove(Collisions(&L), 1, "rows too close collide");
  L = AeLayoutCreate(3, 14, 3, 2, 3);
  L.stride -= 4 * AE_LINE;
  TapAbove(Collisions(&L), 1, "fields too close collide");
  L = AeLayoutCreate(3, 14, 3, 2, 3);
  L.size -= AE_LINE + L.stride;
  TapAbove(Collisions(&L), 1, "cells beyond the end are found");
  L = AeLayoutCreate(3, 14, 3, 2, 3);
  L.origin++;
  TapAbove(Unaligned(&L), 3 * 9 * 8, "rows one double off are found");
}

static int Misaligned(Vec v)
{
  const double *a;
  int           bad;

  PetscCallAbort(PETSC_COMM_SELF, VecGetArrayRead(v, &a));
  bad = (uintptr_t)a % 64 != 0;
  PetscCallAbort(PETSC_COMM_SELF, VecRestoreArrayRead(v, &a));
  return bad;
}

/* Values of the whole array that are not zero. */
static PetscErrorCode Nonzeros(Vec v, PetscInt *count)
{
  const double *a;
  PetscInt      n;

  PetscFunctionBegin;
  *count = 0;
  PetscCall(VecGetLocalSize(v, &n));
  PetscCall(VecGetArrayRead(v, &a));
  for (PetscInt i = 0; i < n; i++)
    if (a[i] != 0) ++*count;
  PetscCall(VecRestoreArrayRead(v, &a));
  PetscFunctionReturn(0);
}

/* Small states, and one above 8 MB, which is to start on a huge page. */
static PetscErrorCode TestVecs(const PetscInt n[3], const char *what)
{
  static const AeFieldInfo info[3] = {{"a", {1, 1, 1}, 0, 1}, {"b", {1, 1, 1}, 0, 1}, {"c", {1, 1, 1}, 0, 1}};
  AeGrid                   g;
  AeFields                 F;
  const AeLayout          *L;
  DM                       dm;
  Vec                      v[8], *more;
  PetscInt                 size, nonzero, dirty = 0;
  int                      bad = 0;
  char                     text[128];

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeFieldsCreate(g, 3, info, &F));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(AeFieldsGetDM(F, &dm));
  PetscCall(AeFieldsCreateVec(F, &v[0]));
  PetscCall(VecSetRandom(v[0], NULL));
  for (int i = 1; i < 7; i++) PetscCall(VecDuplicate(v[i / 2], &v[i])); /* of duplicates too */
  PetscCall(DMCreateGlobalVector(dm, &v[7]));
  PetscCall(VecDuplicateVecs(v[7], 5, &more));
  for (int i = 0; i < 8; i++) bad += Misaligned(v[i]);
  for (int i = 0; i < 5; i++) bad += Misaligned(more[i]);
  for (int i = 1; i < 8; i++) {
    PetscCall(Nonzeros(v[i], &nonzero));
    dirty += nonzero;
  }
  PetscCall(VecGetLocalSize(v[6], &size));
  snprintf(text, sizeof text, "%s: a state, its duplicates and the DM's Vecs are 64-byte aligned", what);
  TapBelow(bad, 0, text);
  TapNear((double)size, (double)L->size, 0, "their local size is the layout's");
  TapBelow((double)dirty, 0, "new states are zero, duplicates too");
  PetscCall(Nonzeros(v[0], &nonzero));
  TapAbove((double)nonzero, 1, "a filled one is not");
  PetscCall(VecDestroyVecs(5, &more));
  for (int i = 0; i < 8; i++) PetscCall(VecDestroy(&v[i]));
  PetscCall(AeFieldsDestroy(&F));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, "layout\n"));
  TestLayouts();
  TestCheckers();
  PetscCall(TestVecs((PetscInt[3]){9, 3, 2}, "9 x 3 x 2"));
  PetscCall(TestVecs((PetscInt[3]){16, 1, 1}, "16 x 1 x 1"));
  PetscCall(TestVecs((PetscInt[3]){64, 64, 64}, "64^3"));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
