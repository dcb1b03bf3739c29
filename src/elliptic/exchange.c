/*
  What ranks send each other of a level: ghost planes from the neighbours, and the rest of a level that every rank holds whole and
  each has computed a part of.
*/
#include "ell_private.h"

/* Ghost planes that are copies, `depth` on each side: of this rank where it holds the whole level, else of the neighbours. */
static PetscErrorCode Exchange(AeEll ell, EllLevel *v, const AeLayout *L, char *u, PetscInt depth, size_t item, MPI_Datatype type)
{
  const PetscMPIInt size = ell->grid->size, rank = ell->grid->rank;
  const size_t      bytes = item * (size_t)L->plane;
  MPI_Request       request[4];
  int               n = 0;

  PetscFunctionBegin;
  depth = PetscMin(depth, v->gk);
  if (v->redundant && !v->wrap[2]) PetscFunctionReturn(0);
  if (!v->redundant) PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_HALO], 0, 0, 0, 0));
  for (ptrdiff_t f = 0; f < L->nf; f++) {
    char *base = u + (ptrdiff_t)item *
                       AeAt(L, f, 0, -(PetscInt)L->g, -(PetscInt)L->g); /* from the first ghost of a plane to that of the next */
    const PetscMPIInt up   = rank + 1 < size ? rank + 1
                             : v->wrap[2]    ? 0
                                             : MPI_PROC_NULL,
                      down = rank > 0     ? rank - 1
                             : v->wrap[2] ? size - 1
                                          : MPI_PROC_NULL;
    const int count        = (int)(L->plane * depth);

    if (v->redundant) {
      for (PetscInt k = 1; k <= depth; k++) {
        memcpy(base - k * (ptrdiff_t)bytes, base + EllWrap(-k, v->n[2]) * (ptrdiff_t)bytes, bytes);
        memcpy(base + (v->nk + k - 1) * (ptrdiff_t)bytes, base + EllWrap(v->nk + k - 1, v->n[2]) * (ptrdiff_t)bytes, bytes);
      }
      continue;
    }
    n = 0;
    PetscCallMPI(MPI_Irecv(base - (ptrdiff_t)bytes * depth, count, type, down, 1, ell->comm, &request[n++]));
    PetscCallMPI(MPI_Irecv(base + (ptrdiff_t)bytes * v->nk, count, type, up, 2, ell->comm, &request[n++]));
    PetscCallMPI(MPI_Isend(base + (ptrdiff_t)bytes * (v->nk - depth), count, type, up, 1, ell->comm, &request[n++]));
    PetscCallMPI(MPI_Isend(base, count, type, down, 2, ell->comm, &request[n++]));
    PetscCallMPI(MPI_Waitall(n, request, MPI_STATUSES_IGNORE));
  }
  if (!v->redundant) PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_HALO], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode EllExchange(AeEll ell, EllLevel *v, const AeLayout *L, double *u, PetscInt depth)
{
  PetscFunctionBegin;
  PetscCall(Exchange(ell, v, L, (char *)u, depth, sizeof(double), MPI_DOUBLE));
  PetscFunctionReturn(0);
}

/* of a level's own x or b, in the precision of the cycles */
PetscErrorCode EllExchangeLevel(AeEll ell, EllLevel *v, PetscBool b, PetscInt depth)
{
  PetscFunctionBegin;
  if (ell->single) PetscCall(Exchange(ell, v, &v->L, (char *)(b ? v->single.b : v->single.x), depth, sizeof(float), MPI_FLOAT));
  else PetscCall(Exchange(ell, v, &v->L, (char *)(b ? v->b : v->x), depth, sizeof(double), MPI_DOUBLE));
  PetscFunctionReturn(0);
}

/* Each rank has computed its part of a level that every rank holds: everyone gets the rest. */
static PetscErrorCode Gather(AeEll ell, EllLevel *v, const AeLayout *L, char *u, size_t item, MPI_Datatype type)
{
  PetscFunctionBegin;
  if (!v->redundant || v->pn == v->n[2] || ell->grid->size == 1) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(ellLog[ELL_LOG_HALO], 0, 0, 0, 0));
  for (PetscMPIInt r = 0; r < ell->grid->size; r++) {
    ell->counts[r] = (PetscMPIInt)(L->plane * (v->kstart[r + 1] - v->kstart[r]));
    ell->displs[r] = (PetscMPIInt)(L->plane * v->kstart[r]);
  }
  for (ptrdiff_t f = 0; f < L->nf; f++)
    PetscCallMPI(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL,
                                u + (ptrdiff_t)item * AeAt(L, f, 0, -(PetscInt)L->g, -(PetscInt)L->g), ell->counts, ell->displs,
                                type, ell->comm));
  PetscCall(PetscLogEventEnd(ellLog[ELL_LOG_HALO], 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode EllGatherPlanes(AeEll ell, EllLevel *v, const AeLayout *L, double *u)
{
  PetscFunctionBegin;
  PetscCall(Gather(ell, v, L, (char *)u, sizeof(double), MPI_DOUBLE));
  PetscFunctionReturn(0);
}

/* of a level's b, in the precision of the cycles */
PetscErrorCode EllGatherLevel(AeEll ell, EllLevel *v)
{
  PetscFunctionBegin;
  if (ell->single) PetscCall(Gather(ell, v, &v->L, (char *)v->single.b, sizeof(float), MPI_FLOAT));
  else PetscCall(Gather(ell, v, &v->L, (char *)v->b, sizeof(double), MPI_DOUBLE));
  PetscFunctionReturn(0);
}
