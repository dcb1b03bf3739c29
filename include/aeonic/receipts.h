#ifndef AEONIC_RECEIPTS_H
#define AEONIC_RECEIPTS_H
/*
  Receipts: a run's record of everything it did, in a form that can be checked afterwards. One JSON object a line:

    {"seq":12,"kind":"STEP_ACCEPT","clock":{"step":4,"n":3,"t":0.75,"loom":0,"maint":0},"level":0,
     "payload":{"n":3,"t":0.75,"dt":0.25},"cost":{"s":0.0125,"flops":1000,"bytes":4096},"risk":0,
     "prev":"<64 hex digits>","hash":"<64 hex digits>"}

  (written without the line breaks). The form is canonical: these keys, this order, no blanks.

    seq      number of the record; line N of the file holds seq N-1
    kind     one of AeReceiptKind; `aeonic verify -schema` prints the table
    clock    clock.h's clocks after the event
    level    refinement level
    payload  the kind's required keys in the order of the table, then any others. An integer is in decimal; a real is a
             JSON number or null, where it was not finite; a hash is 64 hex digits or empty; a map is an object of texts
    cost     seconds (recorded only: nothing is decided by them), floating-point operations and bytes moved, of rank 0
    risk     0 to 1: how far the event is to be distrusted
    prev     hash of the line before; 64 zeros in the first
    hash     BLAKE2b-256 (RFC 7693) of the line from its first byte to the one before ,"hash"

  RUN_OPEN stands first, and again after each RESTART. RUN_CLOSE stands last, with nothing but a RESTART after it.
  RESTART names a record before it (checkpoint_seq) and takes the clocks back to it; the records between are an
  abandoned branch, kept, of which nothing is counted and to which no later RESTART leads.
*/
#include <aeonic/clock.h>

typedef enum {
  AE_RUN_OPEN,
  AE_STEP_ATTEMPT,
  AE_STEP_ACCEPT,
  AE_STEP_REJECT,
  AE_ROLLBACK,
  AE_LOOM,
  AE_LOOM_SKIP,
  AE_MEM_PUT,
  AE_MEM_HIT,
  AE_MEM_MISS,
  AE_MEM_TAINT,
  AE_MEM_DEMOTE,
  AE_MEM_EVICT,
  AE_MEM_EXPIRE,
  AE_ELLIPTIC,
  AE_CLEANUP,
  AE_REGIME_SHIFT,
  AE_REGRID,
  AE_CHECKPOINT,
  AE_RESTART,
  AE_OUTPUT,
  AE_HASH,
  AE_ERROR,
  AE_RUN_CLOSE,
  AE_RECEIPT_KINDS
} AeReceiptKind;

enum { AE_RECEIPT_KEYS = 14, AE_RECEIPT_HEX = 65 };
typedef enum { AE_VALUE_INT, AE_VALUE_REAL, AE_VALUE_BOOL, AE_VALUE_TEXT, AE_VALUE_HASH, AE_VALUE_MAP } AeValueType;

typedef struct {
  const char *name, *text; /* what it records */
  AeTick      tick;        /* what it does to the clocks */
  struct {
    const char *key;
    AeValueType type;
  } required[AE_RECEIPT_KEYS]; /* up to the first without a key */
} AeReceiptSchema;
PETSC_EXTERN const AeReceiptSchema AeReceiptSchemas[AE_RECEIPT_KINDS];
PETSC_EXTERN const char *const     AeValueTypes[6];

/* ---- writing ---------------------------------------------------------------------------------------

  Rank 0 writes; on other ranks every call returns at once. Records are composed in memory that is made at the start
  and leave it by write(2) in AeReceiptsFlush or when it is full; no call allocates.

  AeReceiptsOpen    - a new file; one that exists is an error. AE_ERR_FILE on all ranks.
  AeReceiptsResume  - an existing one, to be continued: verified, a torn last line cut off. Fills *tail, on all ranks.
                      AE_ERR_USAGE naming file and line when it is not whole. AeReceiptRestart comes next, then
                      AeReceiptRunOpen.
  AeReceiptsFlush   - what waits is written; AeReceiptsSync: and is on the disk (checkpoints, end).
  AeReceiptsFlushSteps - for accepted macro steps: what waits is written if the last writing was a quarter of a second ago or
                      more. Small grids make hundreds of steps a second, and a write(2) takes half a per cent of such a step;
                      only a kill that cannot be caught loses what still waits.
  AeReceiptsHead    - seq and hash of the newest record, which a checkpoint keeps to find its place again; rank 0 only.
  AeReceiptsHolds   - does the file hold that record at that place? A file that cannot be read does not.
  AeReceiptsDestroy - flushes and closes.
  A failed write is AE_ERR_FILE on rank 0, once; whole lines are left and the object then takes no more.

  If the process dies (signal, MPI_Abort on this rank) between Open and RUN_CLOSE, what waits is written with a
  RUN_CLOSE that gives the reason.
*/
typedef struct _p_AeReceipts *AeReceipts;

typedef struct {
  PetscLogDouble seconds, flops, bytes;
} AeCost;

typedef struct {
  PetscInt64  seq; /* of the last whole record */
  char        hash[AE_RECEIPT_HEX];
  AeClockTime clock;  /* its clocks */
  PetscInt64  torn;   /* bytes of a torn last line that were cut off */
  PetscBool   closed; /* it is a RUN_CLOSE */
} AeReceiptsTail;

PETSC_EXTERN PetscErrorCode AeReceiptsOpen(MPI_Comm, const char path[], AeReceipts *);
PETSC_EXTERN PetscErrorCode AeReceiptsHolds(MPI_Comm, const char path[], PetscInt64 seq, const char hash[], PetscBool *holds);
PETSC_EXTERN PetscErrorCode AeReceiptsResume(MPI_Comm, const char path[], AeReceipts *, AeReceiptsTail *tail);
PETSC_EXTERN PetscErrorCode AeReceiptsFlush(AeReceipts);
PETSC_EXTERN PetscErrorCode AeReceiptsFlushSteps(AeReceipts);
PETSC_EXTERN PetscErrorCode AeReceiptsSync(AeReceipts);
PETSC_EXTERN PetscErrorCode AeReceiptsHead(AeReceipts, PetscInt64 *seq, char hash[AE_RECEIPT_HEX]);
PETSC_EXTERN PetscErrorCode AeReceiptsDestroy(AeReceipts *);

/*
  One record: Begin, the kind's required keys in their order, others, End. A key out of order or of another type is an
  error (PETSC_ERR_ARG_WRONG). Text that is not UTF-8 has its bad bytes replaced.
  AeReceiptEnd - cost NULL: none.
*/
PETSC_EXTERN PetscErrorCode AeReceiptBegin(AeReceipts, AeReceiptKind, PetscInt level, const AeClockTime *now);
PETSC_EXTERN PetscErrorCode AeReceiptInt(AeReceipts, const char key[], PetscInt64);
PETSC_EXTERN PetscErrorCode AeReceiptReal(AeReceipts, const char key[], PetscReal);
PETSC_EXTERN PetscErrorCode AeReceiptBool(AeReceipts, const char key[], PetscBool);
PETSC_EXTERN PetscErrorCode AeReceiptText(AeReceipts, const char key[], const char text[]);
PETSC_EXTERN PetscErrorCode AeReceiptHash(AeReceipts, const char key[], const char hex[]);
PETSC_EXTERN PetscErrorCode AeReceiptMap(AeReceipts, const char key[], PetscInt n, const char *const names[],
                                         const char *const values[]);
PETSC_EXTERN PetscErrorCode AeReceiptEnd(AeReceipts, const AeCost *cost, PetscReal risk);

/*
  The records that frame a run.
  AeReceiptRunOpen  - with versions, build, machine, the option database and the hash of every option file read.
                      reproducible: the determinism class, "exact" or "tolerance". inputs: further files of the run's.
  AeReceiptRunClose - exit status and reason, clocks, hash of the final state ("" if there is none); synced. The last.
  AeReceiptRestart  - the run continues from the checkpoint `file` (state hash `hash`), whose clocks are `now` and whose
                      record is checkpoint_seq. tail: from AeReceiptsResume.
*/
PETSC_EXTERN PetscErrorCode AeReceiptRunOpen(AeReceipts, const AeClockTime *now, const char command[], const char reproducible[],
                                             PetscInt ninputs, const char *const inputs[]);
PETSC_EXTERN PetscErrorCode AeReceiptRunClose(AeReceipts, const AeClockTime *now, int status, const char reason[],
                                              const char state[]);
PETSC_EXTERN PetscErrorCode AeReceiptRestart(AeReceipts, const AeClockTime *now, const char file[], PetscInt64 checkpoint_seq,
                                             const char hash[], const AeReceiptsTail *tail);

/* ---- checking --------------------------------------------------------------------------------------- */

typedef struct {
  PetscInt64  bad_line;  /* 1-based, 0: the record is good as far as it goes */
  char        what[320]; /* what is wrong there */
  PetscInt64  bytes;     /* of whole lines */
  PetscInt64  torn;      /* of a last line without an end; no fault by itself */
  PetscInt64  records, kinds[AE_RECEIPT_KINDS], abandoned, restarts;
  AeClockTime clock;                                       /* at the end */
  PetscBool   closed;                                      /* RUN_CLOSE is the last record */
  int         status;                                      /* the exit status it gives */
  char        state[AE_RECEIPT_HEX], head[AE_RECEIPT_HEX]; /* newest state hash of the run; hash of the last record */
} AeReceiptsReport;

/*
  AeReceiptsVerify - reads the whole file on the calling rank: form, schema, chain, clocks, frame. The first fault ends
  the reading. Returns AE_ERR_USAGE (raised on PETSC_COMM_SELF) only when the file cannot be read at all.
*/
PETSC_EXTERN PetscErrorCode AeReceiptsVerify(const char path[], AeReceiptsReport *);
/* The same of a text in memory. */
PETSC_EXTERN PetscErrorCode AeReceiptsVerifyText(const char text[], size_t size, AeReceiptsReport *);
/* Makes it a fault, too, that the record is empty, ends in a torn line or, unless unfinished, without RUN_CLOSE. */
PETSC_EXTERN void AeReceiptsRequireEnd(AeReceiptsReport *, PetscBool unfinished);

#endif
