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

/* What has become of the requests for one key, for the view. */
typedef struct {
  char       key[AE_MEM_KEY];
  PetscInt   tier;
  PetscInt64 hits, misses;
  PetscReal  saved, bytes;
} MemTally;

typedef struct {
  char             key[AE_MEM_KEY];
  AeMemNote        note;
  PetscObjectId    id; /* of the state */
  PetscObjectState state, vec_state;
} MemNote;

struct _p_AeMemory {
  MPI_Comm      comm;
  PetscMPIInt   rank;
  MemTier       tier[AE_MEM_TIERS];
  PetscInt64    taint_steps;
  AeClockTime   now;
  AeMemListener listen;
  void         *ctx;
  PetscInt      nnotes, ntallies;
  MemNote       note[AE_MEM_NOTES];
  MemTally      tally[AE_MEM_ENTRIES];
};
PETSC_INTERN MemEntry *MemFind(AeMemory, const char key[], MemTier **tier, PetscInt *index);
/* Counts a request for a key: what it saved in operations and bytes, or that it was a miss (tier -1: of the tier that it had,
   or 1). */
PETSC_INTERN void MemCount(AeMemory, const char key[], PetscInt tier, PetscBool hit, PetscReal operations, PetscReal bytes);
/* Puts an entry with all its history back; local: this rank's share. */
PETSC_INTERN PetscErrorCode MemRestore(AeMemory, const MemEntry *, const void *data);
#endif
