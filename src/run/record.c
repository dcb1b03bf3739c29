/*
  The record of a run: what happens is entered here, in the order in which it happens. First in a list among those who are told
  of an accepted step: what they write stands behind its line.
*/
#include "run_private.h"
#include <petsctime.h>

typedef struct {
  PetscBool      wanted;
  PetscLogDouble seconds, flops; /* when the newest attempt began */
  PetscInt64     seq;            /* of a checkpoint's record; -1: it had none */
} Record;

static PetscErrorCode Options(AeEvolution E, void *me)
{
  Record *r = (Record *)me;

  PetscFunctionBegin;
  r->wanted = PETSC_TRUE;
  r->seq    = -1;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Record", E->problem->command);
  PetscCall(AeOptBool("-receipts", "write receipts.jsonl, which aeonic verify checks", "", &r->wanted, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscErrorCode RunOpen(AeEvolution E)
{
  const char *words = NULL, *class = (*E->problem->reproducible)(E, &words);

  PetscFunctionBegin;
  PetscCall(AeReceiptRunOpen(E->receipts, AeClockNow(E->clock), E->problem->command, class, 0, NULL));
  PetscFunctionReturn(0);
}

/* A new record, unless a checkpoint's was found to go on with. */
static PetscErrorCode Open(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  if (!((Record *)me)->wanted || E->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, AeRunPath(E->run, "receipts.jsonl"), &E->receipts));
  PetscCall(RunOpen(E));
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

static PetscErrorCode StepCost(AeEvolution E, const Record *r, AeCost *cost)
{
  PetscFunctionBegin;
  PetscCall(PetscTime(&cost->seconds));
  PetscCall(PetscGetFlops(&cost->flops));
  cost->seconds -= r->seconds;
  cost->flops -= r->flops;
  cost->bytes = (*E->problem->moved)(E);
  PetscFunctionReturn(0);
}

/* What the rails said of the attempt. */
static PetscErrorCode Judged(AeEvolution E)
{
  const AeRailsEvent *e = &E->verdict;
  AeReceipts          r = E->receipts;

  PetscFunctionBegin;
  PetscCall(AeReceiptText(r, "verdict", AeVerdictNames[e->verdict]));
  PetscCall(AeReceiptText(r, "rail", E->problem->rails->rail[e->rail].name));
  PetscCall(AeReceiptReal(r, "value", e->value[e->rail]));
  PetscCall(AeReceiptReal(r, "residual", e->residual[e->rail]));
  PetscCall(AeReceiptText(r, "thread", AeThreadName(e->thread)));
  PetscCall(AeReceiptText(r, "action", AeActionNames[e->action]));
  PetscCall(AeReceiptReal(r, "next_dt", e->next));
  PetscCall(AeReceiptText(r, "set_by", AeThreadName(e->binding)));
  PetscFunctionReturn(0);
}

/* Of every step: its number, where it is or was to go, its length. */
static PetscErrorCode Begin(AeEvolution E, AeReceiptKind kind, PetscInt64 n, PetscReal t, PetscReal dt)
{
  PetscFunctionBegin;
  PetscCall(AeReceiptBegin(E->receipts, kind, 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptInt(E->receipts, "n", n));
  PetscCall(AeReceiptReal(E->receipts, "t", t));
  PetscCall(AeReceiptReal(E->receipts, "dt", dt));
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(AeEvolution E, void *me)
{
  Record            *r   = (Record *)me;
  const AeClockTime *now = AeClockNow(E->clock);

  PetscFunctionBegin;
  PetscCall(PetscTime(&r->seconds));
  PetscCall(PetscGetFlops(&r->flops));
  if (!E->receipts) PetscFunctionReturn(0);
  PetscCall(Begin(E, AE_STEP_ATTEMPT, now->n + 1, now->t, E->attempt_dt));
  PetscCall(AeReceiptEnd(E->receipts, NULL, 0.0));
  PetscFunctionReturn(0);
}

/* Two lines: that the step was sent back, and that the state before is there again. On the disk at once, since what follows
   may fail. */
static PetscErrorCode Rejected(AeEvolution E, void *me, const char reason[])
{
  const AeClockTime *now = AeClockNow(E->clock);
  AeCost             cost;

  PetscFunctionBegin;
  if (!E->receipts) PetscFunctionReturn(0);
  PetscCall(StepCost(E, (Record *)me, &cost));
  PetscCall(Begin(E, AE_STEP_REJECT, now->n + 1, now->t, E->attempt_dt));
  PetscCall(AeReceiptText(E->receipts, "reason", reason));
  if (E->rails) PetscCall(Judged(E));
  PetscCall(AeReceiptEnd(E->receipts, &cost, 1.0));
  PetscCall(AeReceiptBegin(E->receipts, AE_ROLLBACK, 0, now));
  PetscCall(AeReceiptInt(E->receipts, "n", E->step));
  PetscCall(AeReceiptReal(E->receipts, "t", E->t));
  PetscCall(AeReceiptText(E->receipts, "reason", reason));
  PetscCall(AeReceiptEnd(E->receipts, NULL, 1.0));
  PetscCall(AeReceiptsFlush(E->receipts));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRecordAccept(AeEvolution E)
{
  const Record *r = (Record *)AePartOf(E, &AePartRecord);
  AeCost        cost;

  PetscFunctionBegin;
  if (!E->receipts) PetscFunctionReturn(0);
  PetscCall(StepCost(E, r, &cost));
  PetscCall(Begin(E, AE_STEP_ACCEPT, AeClockNow(E->clock)->n, E->t, E->t - E->t_begin));
  if (E->problem->receipt) PetscCall((*E->problem->receipt)(E, E->receipts));
  if (E->rails) PetscCall(Judged(E));
  PetscCall(AeReceiptEnd(E->receipts, &cost, 0.0));
  PetscCall(AeReceiptsFlushSteps(E->receipts));
  PetscFunctionReturn(0);
}

static PetscErrorCode Accepted(AeEvolution E, void *me)
{
  (void)me;
  return AeRecordAccept(E);
}

/* ---- what others enter ---- */

PetscErrorCode AeRecordOutput(AeEvolution E, const char file[], const char what[])
{
  PetscFunctionBegin;
  if (!E->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(E->receipts, AE_OUTPUT, 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptText(E->receipts, "file", file));
  PetscCall(AeReceiptText(E->receipts, "what", what));
  PetscCall(AeReceiptEnd(E->receipts, NULL, 0.0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRecordHash(AeEvolution E, const char hex[])
{
  PetscFunctionBegin;
  PetscCall(PetscStrncpy(E->hash, hex, sizeof E->hash));
  if (!E->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(E->receipts, AE_HASH, 0, AeClockNow(E->clock)));
  PetscCall(AeReceiptInt(E->receipts, "n", E->step));
  PetscCall(AeReceiptReal(E->receipts, "t", E->t));
  PetscCall(AeReceiptHash(E->receipts, "hash", hex));
  PetscCall(AeReceiptEnd(E->receipts, NULL, 0.0));
  PetscFunctionReturn(0);
}

/* ---- checkpoints ---- */

/* The place in the record: everything before it is on the disk. */
static PetscErrorCode Save(AeEvolution E, void *me, AeSave save)
{
  char       head[AE_RECEIPT_HEX] = "";
  PetscInt64 seq                  = -1;

  PetscFunctionBegin;
  (void)me;
  if (!E->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptsSync(E->receipts));
  PetscCall(AeReceiptsHead(E->receipts, &seq, head));
  PetscCall(AeSavePut(save, "receipt_seq", &seq, sizeof seq));
  PetscCall(AeSavePut(save, "receipt", head, AE_RECEIPT_HEX - 1)); /* filled on rank 0, which writes */
  PetscFunctionReturn(0);
}

static PetscErrorCode IsThere(const char path[], PetscBool *there)
{
  PetscFunctionBegin;
  PetscCall(PetscTestFile(path, 'r', there));
  PetscCallMPI(MPI_Bcast(there, 1, MPIU_BOOL, 0, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

/* Before anything is changed: is the record beside the checkpoint that of its run? */
static PetscErrorCode Compare(AeEvolution E, Record *r, AeLoad load)
{
  const char *path = AeRunPath(E->run, "receipts.jsonl");
  char       *head;
  PetscInt64 *seq;
  size_t      n;
  PetscBool   there, same = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(AeLoadGet(load, "receipt_seq", (void **)&seq, &n));
  if (n == sizeof *seq) r->seq = *seq;
  PetscCall(PetscFree(seq));
  if (!r->wanted || r->seq < 0) PetscFunctionReturn(0);
  PetscCall(IsThere(path, &there));
  PetscCall(AeLoadGet(load, "receipt", (void **)&head, &n));
  if (there && n == AE_RECEIPT_HEX - 1) PetscCall(AeReceiptsHolds(PETSC_COMM_WORLD, path, r->seq, head, &same));
  PetscCall(PetscFree(head));
  PetscCheck(same, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-restart: %s is not the record that %s belongs to, or was changed before it; move it aside to begin a new one",
             path, AeLoadPath(load));
  PetscFunctionReturn(0);
}

/* The record goes on from the checkpoint's place; where there was none it begins here (Open). */
static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  Record        *r = (Record *)me;
  AeReceiptsTail tail;
  PetscBool      there;

  PetscFunctionBegin;
  if (phase == AE_LOAD_COMPARE) PetscCall(Compare(E, r, load));
  if (phase != AE_LOAD_RECORD || !r->wanted || r->seq < 0) PetscFunctionReturn(0);
  PetscCall(IsThere(AeRunPath(E->run, "receipts.jsonl"), &there));
  if (!there) PetscFunctionReturn(0);
  PetscCall(AeReceiptsResume(PETSC_COMM_WORLD, AeRunPath(E->run, "receipts.jsonl"), &E->receipts, &tail));
  PetscCall(AeReceiptRestart(E->receipts, AeClockNow(E->clock), strstr(AeLoadPath(load), "checkpoint/"), r->seq, E->hash, &tail));
  PetscCall(RunOpen(E));
  PetscFunctionReturn(0);
}

/* The last record. What cannot be written any more is no reason to hide the error that the run ends with. */
static PetscErrorCode Close(AeEvolution E, void *me, int status, const char reason[])
{
  AeReceipts r = E->receipts;

  PetscFunctionBegin;
  (void)me;
  if (!r) PetscFunctionReturn(0);
  if (status) {
    PetscCall(AeReceiptBegin(r, AE_ERROR, 0, AeClockNow(E->clock)));
    PetscCall(AeReceiptInt(r, "status", status));
    PetscCall(AeReceiptText(r, "reason", reason));
    PetscCall(AeReceiptEnd(r, NULL, 1.0));
  }
  PetscCall(AeReceiptRunClose(r, AeClockNow(E->clock), status, reason, E->hash));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeEvolution E, void *me)
{
  (void)me;
  return AeReceiptsDestroy(&E->receipts);
}

const AePartType AePartRecord = {.name     = "record",
                                 .size     = sizeof(Record),
                                 .options  = Options,
                                 .load     = Load,
                                 .open     = Open,
                                 .attempt  = Attempt,
                                 .rejected = Rejected,
                                 .accepted = Accepted,
                                 .save     = Save,
                                 .close    = Close,
                                 .destroy  = Destroy};
