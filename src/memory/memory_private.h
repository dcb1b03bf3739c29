#ifndef AEONIC_MEMORY_PRIVATE_H
#define AEONIC_MEMORY_PRIVATE_H
#include <aeonic/memory.h>

typedef struct {
  char       key[AE_MEM_KEY];
  PetscInt64 regime, bytes, local, tier, tile; /* bytes, local: as they are now */
  PetscInt64 full_local, full_bytes;           /* before halving */
  PetscInt64 made, used, ttl;                  /* in the tier's clock; used in attempted steps */
  PetscInt64 reuse, taint_until, probation_until, halved;
  PetscReal  cost, risk, error;
  size_t     at; /* offset in the arena */
} MemEntry;

typedef struct {
  char      *arena;
  size_t     reserved;
  PetscInt   n;
  PetscInt   order[AE_MEM_ENTRIES]; /* entries by offset */
  MemEntry   e[AE_MEM_ENTRIES];
  AeMemStats s;
} MemTier;

struct _p_AeMemory {
  MPI_Comm      comm;
  PetscMPIInt   rank;
  MemTier       tier[AE_MEM_TIERS];
  PetscInt64    taint_steps;
  AeClockTime   now;
  AeMemListener listen;
  void         *ctx;
};
/* Puts an entry with all its history back; local: this rank's share. */
PETSC_INTERN PetscErrorCode MemRestore(AeMemory, const MemEntry *, const void *data);
#endif
