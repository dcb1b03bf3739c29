/*
  The list of parts: finding one, its cadence, and the pieces that they put into a checkpoint and take from it.
*/
#include "run_private.h"

static PetscInt Index(AeEvolution E, const AePartType *type)
{
  for (PetscInt i = 0; i < E->parts->n; i++)
    if (E->parts->part[i].type == type) return i;
  return -1;
}

void *AePartOf(AeEvolution E, const AePartType *type)
{
  const PetscInt i = Index(E, type);
  return i < 0 ? NULL : E->parts->part[i].me;
}

PetscErrorCode AeEvolutionTrigger(AeEvolution E, const AePartType *type)
{
  const PetscInt i = Index(E, type);

  PetscFunctionBegin;
  if (i >= 0 && E->parts->part[i].cadence >= 0) PetscCall(AeClockTrigger(E->clock, E->parts->part[i].cadence));
  PetscFunctionReturn(0);
}

PetscBool AeEvolutionWillBeDue(AeEvolution E, const AePartType *type)
{
  const PetscInt i = Index(E, type);
  return (PetscBool)(i >= 0 && AeClockWillBeDue(E->clock, E->parts->part[i].cadence));
}

PetscErrorCode AeEvolutionForecast(AeEvolution E, PetscReal points)
{
  PetscFunctionBegin;
  AeDown(E, forecast, points);
  PetscFunctionReturn(0);
}

AeLoom   AeLoomOf(AeEvolution E) { return E->loom; }
AeMemory AeMemoryOf(AeEvolution E) { return E->memory; }

/* ---- pieces of a checkpoint ---- */

PetscErrorCode AeSavePut(AeSave save, const char name[], const void *data, size_t size)
{
  void *copy = NULL;

  PetscFunctionBegin;
  PetscCheck(save->n < AE_PIECES_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "a checkpoint has room for %d pieces",
             AE_PIECES_MAX);
  if (data && size) { /* on rank 0 at least; the list is the same on all */
    PetscCall(PetscMalloc(size, &copy));
    PetscCall(PetscMemcpy(copy, data, size));
  }
  save->piece[save->n++] = (AeCheckpointPart){name, copy, size};
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoadGet(AeLoad load, const char name[], void **data, size_t *size)
{
  PetscFunctionBegin;
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, load->path, name, data, size));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoadTake(AeLoad load, const char name[], void *to, size_t size)
{
  void  *data;
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeLoadGet(load, name, &data, &n));
  PetscCheck(n == size, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "%s: its part %s has %zu bytes, this program needs %zu: it was written by another version", load->path, name, n,
             size);
  PetscCall(PetscMemcpy(to, data, size));
  PetscCall(PetscFree(data));
  PetscFunctionReturn(0);
}

const char *AeLoadPath(AeLoad load) { return load->path; }
