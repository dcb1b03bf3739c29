#ifndef AEONIC_MEMORY_H
#define AEONIC_MEMORY_H
/*
  AeMemory: what a run keeps for later in four tiers, each with a budget in bytes.

    0 scratch      what a step has computed of a state       void when the state changes, and at a rollback (AeMemoryClear)
    1 stepper      warm starts, suggestions                  lives ttl attempted steps
    2 loom         summaries, snapshots                      lives ttl ticks of the loom, then in half precision
    3 calibration  wavenumbers, shapes, bounds, wisdom       kept; saved to and loaded from a bank

  An entry has a key, the regime it belongs to (0: any), its bytes, when it was made and last used, what it costs to make
  anew in counted operations (never seconds), a risk, and perhaps a taint. Entries are copied in and out. What is
  served, expired, halved or thrown out is a function of the calls and the clocks alone, and so the same on every rank
  and on any number of ranks: `bytes` counts an entry over all ranks, `local` this rank's share of it. An entry that is the
  same on all ranks (tile 0 and bytes = local) goes on on any number of ranks after a restart, one of which each has its
  share (tile not 0, or bytes > local) on as many ranks only.

  Room is made by removing what is expired, then by halving tier 2's fields, then by throwing out the entry with the
  least (1 + reuse) cost (1 - risk)/bytes; among equals the one that was used longest ago.

  Taint: AeMemoryTaint, for an entry whose use has led to a failed solve, a rollback or a violation. It is not served for
  -mem_taint_steps attempted steps, then it is on probation as long again: it is served on trial, a second taint removes it,
  AeMemoryTrust ends it. AeMemoryLearn is that for what was tried: a suggestion that worked, or did not.

  The arenas are reserved when the memory is made; no call allocates afterwards but those that say so.
*/
#include <aeonic/clock.h>

typedef struct _p_AeMemory *AeMemory;
enum { AE_MEM_TIERS = 4, AE_MEM_ENTRIES = 128, AE_MEM_KEY = 64, AE_MEM_NOTES = 32, AE_MEM_VALUES = 8, AE_MEM_ROWS = 64 };
#define AE_MEM_SHARE (-1)
typedef enum {
  AE_MEM_EVENT_PUT,
  AE_MEM_EVENT_HIT,
  AE_MEM_EVENT_MISS,
  AE_MEM_EVENT_TAINT,
  AE_MEM_EVENT_DEMOTE,
  AE_MEM_EVENT_EVICT,
  AE_MEM_EVENT_EXPIRE
} AeMemEventKind;

typedef struct {
  AeMemEventKind kind;
  const char    *key, *reason; /* reason: of misses and taints */
  PetscInt       tier;
  PetscInt64     bytes, until;
  PetscReal      value, error;
} AeMemEvent;
typedef PetscErrorCode (*AeMemListener)(void *ctx, const AeMemEvent *);

/* What is to be kept. */
typedef struct {
  const char *key;
  PetscInt    tier;
  PetscInt64  regime; /* 0: valid in any */
  PetscInt64  ttl;    /* in its tier's clock; 0: without end */
  const void *data;   /* NULL: zeros */
  size_t      local;  /* bytes of this rank */
  PetscInt64  bytes;  /* over all ranks; the same on all; entries that all ranks have alike count once: local */
  PetscInt    tile;   /* > 0: float64 values in tiles of so many (rows, so that ranks do not matter): may be halved. AE_MEM_SHARE:
                        bytes of which each rank has its share, on one rank too */
  PetscReal   cost;   /* operations to make it anew */
  PetscReal   risk;   /* 0 to 1 */
} AeMemItem;

typedef struct {
  PetscInt64 budget, bytes, entries, puts, hits, misses, expired, evicted, demoted, tainted, refused;
  PetscReal  saved, served; /* cost and bytes of what was served */
} AeMemStats;

/*
  AeMemoryCreate  - reads -mem_budget_tier<n> and -mem_taint_steps; reserves the arenas
  AeMemoryNeed    - a client's least: AE_ERR_USAGE naming the option and the minimum if the budget is below
  AeMemoryNow     - the clocks that ages are counted by
  AeMemoryListen  - who is told of what happens
  AeMemoryPut     - replaces an entry of that key. *stored is false if it cannot fit even alone.
  AeMemoryGet     - copies `local` bytes to `to` if the key is there with that size, in that regime, neither expired nor
                    tainted. error (may be NULL): bound on the absolute error, 0 unless it was halved.
  AeMemoryTaint, AeMemoryTrust - of a key that is not there: nothing
  AeMemoryLearn   - what an item says was tried: if it worked it is kept, or trusted if it is there already; if not, tainted
  AeMemoryRegime  - a regime begins: tier 1's entries of another are removed. rollback: of any.
  AeMemoryClear   - everything in a tier
  AeMemoryMaintain- removes what is expired, halves tier 2's fields that are
  AeMemoryView    - tiers, and by key what is there and what it saved: hits, counted operations, bytes
*/
PETSC_EXTERN PetscErrorCode AeMemoryCreate(MPI_Comm, AeMemory *);
PETSC_EXTERN PetscErrorCode AeMemoryDestroy(AeMemory *);
PETSC_EXTERN PetscErrorCode AeMemoryNeed(AeMemory, PetscInt tier, PetscInt64 bytes, const char what[]);
PETSC_EXTERN PetscErrorCode AeMemoryNow(AeMemory, const AeClockTime *);
PETSC_EXTERN PetscErrorCode AeMemoryListen(AeMemory, AeMemListener, void *ctx);
PETSC_EXTERN PetscErrorCode AeMemoryPut(AeMemory, const AeMemItem *, PetscBool *stored);
PETSC_EXTERN PetscErrorCode AeMemoryGet(AeMemory, const char key[], PetscInt64 regime, void *to, size_t local, PetscBool *got,
                                        PetscReal *error);
PETSC_EXTERN PetscErrorCode AeMemoryTaint(AeMemory, const char key[], const char reason[]);
PETSC_EXTERN PetscErrorCode AeMemoryTrust(AeMemory, const char key[]);
PETSC_EXTERN PetscErrorCode AeMemoryLearn(AeMemory, const AeMemItem *, PetscBool worked);
PETSC_EXTERN PetscErrorCode AeMemoryRegime(AeMemory, PetscInt64 regime, PetscBool rollback);
PETSC_EXTERN PetscErrorCode AeMemoryClear(AeMemory, PetscInt tier);
PETSC_EXTERN PetscErrorCode AeMemoryMaintain(AeMemory);
PETSC_EXTERN PetscErrorCode AeMemoryStats(AeMemory, PetscInt tier, AeMemStats *);
PETSC_EXTERN PetscErrorCode AeMemoryView(AeMemory, PetscViewer);

/*
  Tier 0's memo: what a step has computed of a state, for whoever asks next. Nothing is copied but a few numbers, nothing is
  allocated, nobody is told. A note holds while the object state of the Vec that it is of, the time, and the object state of a
  Vec that it lends are what they were; an array that it lends must stay as it is as long, or the note be forgotten. Object
  states move alike on all ranks if the Vec is only ever touched on all ranks: a rank that opens it alone for writing asks for
  a hang.

  AeMemoryNote   - replaces a note of that key
  AeMemoryRecall - the note, valid until the next call, or NULL
  AeMemoryForget - of a key that is not there: nothing
*/
typedef struct {
  const char *key;
  Vec         of;
  PetscReal   t;
  Vec         vec;   /* lent */
  const void *array; /* lent */
  PetscInt    n;
  PetscReal   value[AE_MEM_VALUES]; /* n of them, copied */
  PetscReal   cost, moved;          /* operations and bytes of memory to make it anew */
} AeMemNote;
PETSC_EXTERN PetscErrorCode AeMemoryNote(AeMemory, const AeMemNote *);
PETSC_EXTERN PetscErrorCode AeMemoryRecall(AeMemory, const char key[], Vec of, PetscReal t, const AeMemNote **);
PETSC_EXTERN PetscErrorCode AeMemoryForget(AeMemory, const char key[]);

/*
  Tier 2's rings: the newest AE_MEM_ROWS rows of numbers, the same on all ranks, a row a tick. A ring is an entry that expires
  when it has not been written to for as many ticks.

  AeMemoryAppend - a row at time t; cost: operations that it took. A ring with another number of columns begins anew.
  AeMemoryGrowth - the slope of ln x against time, by least squares, of a column over the newest rows (at most `rows`, none older
                   than AE_MEM_ROWS ticks) where x > 0; *used: how many they were, 0 (and rate 0) if they give no slope
*/
PETSC_EXTERN PetscErrorCode AeMemoryAppend(AeMemory, const char key[], PetscReal t, PetscInt n, const PetscReal row[],
                                           PetscReal cost);
PETSC_EXTERN PetscErrorCode AeMemoryGrowth(AeMemory, const char key[], PetscInt column, PetscInt rows, PetscReal *rate,
                                           PetscInt *used);

/*
  For checkpoints: the entries of tiers 1 to 3 with all that is known of them. Collective; these allocate.
  AeMemoryPack   - *data with PetscFree; on rank 0, NULL elsewhere
  AeMemoryUnpack - beside what is there; keys that are there already stay as they are; of entries that ranks share only if
                   there are as many ranks as then. data is the same on all. AE_ERR_USAGE if it cannot be what was packed
*/
PETSC_EXTERN PetscErrorCode AeMemoryPack(AeMemory, void **data, size_t *size);
PETSC_EXTERN PetscErrorCode AeMemoryUnpack(AeMemory, const void *data, size_t size);

/*
  The bank: tier 3's entries that every rank has alike, in HDF5. What it belongs to (machine, build, resolution) is
  text; a bank of another is refused (AE_ERR_USAGE, naming which). No file is no fault: *found.
*/
PETSC_EXTERN PetscErrorCode AeMemoryBankLoad(AeMemory, const char path[], const char resolution[], PetscBool *found);
PETSC_EXTERN PetscErrorCode AeMemoryBankSave(AeMemory, const char path[], const char resolution[]);

/* Half precision with a scale a tile, 2^e >= largest |x|: n values take AeHalfBytes(n, tile) bytes; the error is at most
   2^(e-12) (1 + 2^-12) in a tile. *bound: the largest. False if a value is not finite. */
PETSC_EXTERN size_t    AeHalfBytes(size_t n, size_t tile);
PETSC_EXTERN PetscBool AeHalfPack(const double x[], size_t n, size_t tile, void *half, PetscReal *bound);
PETSC_EXTERN void      AeHalfUnpack(const void *half, size_t n, size_t tile, double x[]);

/* ---- the regime ------------------------------------------------------------------------------------- */

typedef struct {
  PetscInt dt_bin;                   /* floor(log2 dt) */
  PetscInt n[3], order, formulation; /* resolution, order of the differences */
  PetscInt octave, band, levels;     /* dominant octave, band of D_max (0 while no loom looks), levels */
} AeRegime;
/* Never 0, which is "any". */
PETSC_EXTERN PetscInt64 AeRegimeHash(const AeRegime *);

#endif
