/*
  The shape of the stencil engine's tiles, timed once on a machine and kept in the bank. No bit of a result depends on a tile:
  that its shape was found by timing is no matter.
*/
#include "gr_run.h"

typedef struct {
  PetscBool known;
} Part;

static PetscErrorCode Key(AeEvolution E, char key[AE_MEM_KEY])
{
  AeSpacetime    *a = AeSpacetimeOf(E);
  const Z4Kernel *kernel;
  const AeLayout *L;

  PetscFunctionBegin;
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(PetscSNPrintf(key, AE_MEM_KEY, "tile %s o%d v%d %d fields, %d ranks", AeGRFormulation(a->gr), kernel->order,
                          kernel->lanes, (int)L->nf, (int)a->grid->size));
  PetscFunctionReturn(0);
}

static PetscErrorCode Open(AeEvolution E, void *me)
{
  AeTiles  *T = AeGRTiles(AeSpacetimeOf(E)->gr);
  char      key[AE_MEM_KEY];
  PetscInt  j;
  PetscBool got;

  PetscFunctionBegin;
  if (T->j) PetscFunctionReturn(0); /* -stencil_tile_j */
  PetscCall(Key(E, key));
  PetscCall(AeMemoryGet(AeMemoryOf(E), key, 0, &j, sizeof j, &got, NULL));
  if (got && j > 0) T->j = PetscMin(j, AeSpacetimeOf(E)->grid->nj);
  ((Part *)me)->known = (PetscBool)(got && j > 0);
  PetscFunctionReturn(0);
}

/* The first step has timed them. */
static PetscErrorCode Accepted(AeEvolution E, void *me)
{
  AeSpacetime    *a = AeSpacetimeOf(E);
  PetscInt        flops[3], j = AeGRTiles(a->gr)->j;
  const Z4Kernel *kernel;
  char            key[AE_MEM_KEY];
  AeMemItem       item = {.key = key, .tier = 3, .data = &j, .local = sizeof j, .bytes = sizeof j};
  PetscBool       stored;

  PetscFunctionBegin;
  if (((Part *)me)->known || !AeMemoryBank(E)[0]) PetscFunctionReturn(0);
  ((Part *)me)->known = PETSC_TRUE;
  PetscCallMPI(MPI_Bcast(&j, 1, MPIU_INT, 0, PETSC_COMM_WORLD));
  PetscCall(AeGRGet(a->gr, NULL, NULL, NULL, &kernel, NULL));
  AeZ4KernelFlops(kernel, PETSC_FALSE, flops);
  PetscCall(Key(E, key));
  item.cost = 6.0 * 12 * flops[0] * a->grid->n[0] * a->grid->n[1]; /* sweeps of 12 planes (stencil/tiles.c) */
  PetscCall(AeMemoryPut(AeMemoryOf(E), &item, &stored));
  PetscFunctionReturn(0);
}

const AePartType AePartTiles = {.name = "tiles", .size = sizeof(Part), .open = Open, .accepted = Accepted};
