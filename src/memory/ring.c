/*
  Rings of tier 2: the newest rows of numbers that all ranks have alike, and how fast they grow.

  A ring is an entry of doubles: how many rows were ever written, numbers a row, then AE_MEM_ROWS rows of the loom's clock, the
  time and the numbers. It is written to where it lies in the arena.
*/
#include "memory_private.h"

enum { COUNT, WIDTH, HEAD, TICK = 0, TIME, NUMBERS };

static double *Row(double *ring, PetscInt64 i) { return ring + HEAD + (i % AE_MEM_ROWS) * (NUMBERS + (PetscInt)ring[WIDTH]); }

/* The ring of a key, NULL if there is none (any more). */
static double *Ring(AeMemory m, const char key[], MemEntry **entry)
{
  MemTier *T = NULL;
  PetscInt i;

  *entry = MemFind(m, key, &T, &i);
  return *entry && (*entry)->tier == 2 ? (double *)(void *)(T->arena + (*entry)->at) : NULL;
}

PetscErrorCode AeMemoryAppend(AeMemory m, const char key[], PetscReal t, PetscInt n, const PetscReal row[], PetscReal cost)
{
  MemEntry *e;
  double   *ring = Ring(m, key, &e), *to;

  PetscFunctionBegin;
  if (!ring || (PetscInt)ring[WIDTH] != n) {
    const size_t    bytes = sizeof(double) * (size_t)(HEAD + AE_MEM_ROWS * (NUMBERS + n));
    const AeMemItem item  = {.key = key, .tier = 2, .ttl = AE_MEM_ROWS, .local = bytes, .bytes = (PetscInt64)bytes, .cost = cost};
    PetscBool       stored;

    PetscCall(AeMemoryPut(m, &item, &stored));
    if (!stored) PetscFunctionReturn(0);
    ring        = Ring(m, key, &e);
    ring[WIDTH] = n;
  }
  to       = Row(ring, (PetscInt64)ring[COUNT]++);
  to[TICK] = (double)m->now.loom;
  to[TIME] = t;
  for (PetscInt i = 0; i < n; i++) to[NUMBERS + i] = row[i];
  e->made = m->now.loom;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryGrowth(AeMemory m, const char key[], PetscInt column, PetscInt rows, PetscReal *rate, PetscInt *used)
{
  MemEntry        *e;
  double          *ring = Ring(m, key, &e);
  const PetscInt64 last = ring ? (PetscInt64)ring[COUNT] : 0, first = PetscMax(0, last - PetscMin(rows, AE_MEM_ROWS));
  PetscReal        n = 0, s[2] = {0, 0}, xx = 0, xy = 0; /* of ln x against t, about the means */

  PetscFunctionBegin;
  PetscCheck(!ring || (column >= 0 && column < (PetscInt)ring[WIDTH]), m->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "%s has no number %" PetscInt_FMT, key, column);
  *rate = 0;
  for (int pass = 0; pass < 2; pass++)
    for (PetscInt64 i = first; i < last; i++) {
      const double *row = Row(ring, i), x = row[NUMBERS + column];

      if (!(x > 0) || row[TICK] <= (double)(m->now.loom - AE_MEM_ROWS)) continue;
      if (!pass) n += 1, s[0] += row[TIME], s[1] += log(x);
      else {
        xx += PetscSqr(row[TIME] - s[0] / n);
        xy += (row[TIME] - s[0] / n) * (log(x) - s[1] / n);
      }
    }
  *used = xx > 0 ? (PetscInt)n : 0;
  if (xx > 0) *rate = xy / xx;
  if (xx > 0) e->reuse++;
  MemCount(m, key, 2, (PetscBool)(xx > 0), xx > 0 ? n * e->cost : 0, sizeof(double) * 2 * (*used));
  PetscFunctionReturn(0);
}
