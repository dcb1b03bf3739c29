/*
  The clocks and the receipts of a flow. Its step controllers send nothing back: an attempt is accepted, or the run ends.
*/
#include "ns_app.h"
#include <petsctime.h>
#include <sys/stat.h>

static const char Class[] = "tolerance"; /* FFTW's plans may differ between runs, see run.reproducible */

/* Clocks and series go back to the checkpoint; the record is continued from it if it has one. */
static PetscErrorCode Restart(AeNSApp *a)
{
  AeNSRecord    *r = &a->record;
  AeReceiptsTail tail;
  PetscBool      there;
  char           why[512];

  PetscFunctionBegin;
  if (r->from) {
    PetscCall(AeClockRestore(r->clock, (PetscInt)r->from->nclock, r->from->clock));
    PetscCall(AeSeriesRewind(a->run, (const char *)(r->from + 1), why, sizeof why));
    if (why[0]) PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "aeonic: warning: %s\n", why));
  }
  if (!r->wanted) PetscFunctionReturn(0);
  PetscCall(PetscTestFile(AeRunPath(a->run, "receipts.jsonl"), 'r', &there));
  PetscCallMPI(MPI_Bcast(&there, 1, MPIU_BOOL, 0, PETSC_COMM_WORLD));
  if (there && r->from && r->from->seq >= 0) {
    PetscCall(AeReceiptsResume(PETSC_COMM_WORLD, AeRunPath(a->run, "receipts.jsonl"), &r->receipts, &tail));
    PetscCall(AeReceiptRestart(r->receipts, AeClockNow(r->clock), AE_NS_CHECKPOINT, r->from->seq, r->hash, &tail));
  } else PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, AeRunPath(a->run, "receipts.jsonl"), &r->receipts));
  PetscCall(AeReceiptRunOpen(r->receipts, AeClockNow(r->clock), "ns", Class, 0, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppRecordOpen(AeNSApp *a)
{
  AeNSRecord *r = &a->record;

  PetscFunctionBegin;
  PetscCall(AeClockCreate(a->t0, &r->clock));
  PetscCall(AeClockCadence(r->clock, "loom", AE_BY_N, a->loom.on ? AeLoomEvery(a->loom.loom) : 0, PETSC_FALSE, &r->loom));
  if (a->restart) {
    PetscCall(Restart(a));
    PetscFunctionReturn(0);
  }
  if (!r->wanted) PetscFunctionReturn(0);
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, AeRunPath(a->run, "receipts.jsonl"), &r->receipts));
  PetscCall(AeReceiptRunOpen(r->receipts, AeClockNow(r->clock), "ns", Class, 0, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppRecordAttempt(AeNSApp *a)
{
  AeNSRecord *r = &a->record;

  PetscFunctionBegin;
  PetscCall(AeClockAttempt(r->clock));
  PetscCall(TSGetTimeStep(a->ts, &r->dt));
  PetscCall(PetscTime(&r->seconds));
  PetscCall(PetscGetFlops(&r->flops));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_STEP_ATTEMPT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n + 1));
  PetscCall(AeReceiptReal(r->receipts, "t", AeClockNow(r->clock)->t));
  PetscCall(AeReceiptReal(r->receipts, "dt", r->dt));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 0.0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppRecordAccept(AeNSApp *a, PetscReal t)
{
  AeNSRecord    *r = &a->record;
  PetscLogDouble now, flops;
  PetscInt       n;

  PetscFunctionBegin;
  PetscCall(AeClockAccept(r->clock, t));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(PetscTime(&now));
  PetscCall(PetscGetFlops(&flops));
  PetscCall(VecGetLocalSize(a->U, &n));
  PetscCall(AeReceiptBegin(r->receipts, AE_STEP_ACCEPT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n));
  PetscCall(AeReceiptReal(r->receipts, "t", t));
  PetscCall(AeReceiptReal(r->receipts, "dt", t - a->t_begin));
  /* four right-hand sides read and write a state, and what leads to four stages reads two and writes one */
  PetscCall(AeReceiptEnd(r->receipts, &(AeCost){now - r->seconds, flops - r->flops, (4 * 2 + 4 * 3) * 8.0 * n}, 0.0));
  PetscCall(AeReceiptsFlushSteps(r->receipts));
  PetscFunctionReturn(0);
}

/* The newest attempt led to, or began from, numbers that are not finite; an older state is put back. */
PetscErrorCode AeNSAppRecordFailure(AeNSApp *a)
{
  AeNSRecord *r = &a->record;

  PetscFunctionBegin;
  PetscCall(AeClockReject(r->clock));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_STEP_REJECT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n + 1));
  PetscCall(AeReceiptReal(r->receipts, "t", AeClockNow(r->clock)->t));
  PetscCall(AeReceiptReal(r->receipts, "dt", r->dt));
  PetscCall(AeReceiptText(r->receipts, "reason", "the velocity is not finite"));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 1.0));
  PetscCall(AeReceiptBegin(r->receipts, AE_ROLLBACK, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", a->step_last));
  PetscCall(AeReceiptReal(r->receipts, "t", a->t_last));
  PetscCall(AeReceiptText(r->receipts, "reason", "the velocity is not finite"));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 1.0));
  PetscCall(AeReceiptBegin(r->receipts, AE_ERROR, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "status", AE_EXIT_FAILED));
  PetscCall(AeReceiptText(r->receipts, "reason", a->failure));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 1.0));
  PetscCall(AeReceiptsFlush(r->receipts));
  PetscFunctionReturn(0);
}

/* A tick of the loom that is due: looked at, or skipped. */
PetscErrorCode AeNSAppRecordLoom(AeNSApp *a, const char reason[], PetscBool skipped, const AeCost *cost)
{
  AeNSRecord *r = &a->record;
  PetscReal   D;
  PetscInt    octave, thread;

  PetscFunctionBegin;
  if (!skipped) PetscCall(AeClockLoom(r->clock));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, skipped ? AE_LOOM_SKIP : AE_LOOM, 0, AeClockNow(r->clock)));
  if (!skipped) {
    D = AeLoomDmax(a->loom.loom, &octave);
    PetscCall(AeReceiptReal(r->receipts, "D_max", D));
    PetscCall(AeReceiptInt(r->receipts, "octave", octave));
    PetscCall(AeReceiptReal(r->receipts, "dt_cap", AeLoomCap(a->loom.loom, &thread)));
    PetscCall(AeReceiptText(r->receipts, "thread", AeThreadName(thread)));
  }
  PetscCall(AeReceiptText(r->receipts, "reason", reason));
  PetscCall(AeReceiptEnd(r->receipts, cost, 0.0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppRecordCheckpoint(AeNSApp *a, const char hash[])
{
  AeNSRecord *r = &a->record;
  struct stat st;

  PetscFunctionBegin;
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_CHECKPOINT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptText(r->receipts, "file", AE_NS_CHECKPOINT));
  PetscCall(AeReceiptHash(r->receipts, "hash", hash));
  PetscCall(AeReceiptInt(r->receipts, "size", stat(AeRunPath(a->run, AE_NS_CHECKPOINT), &st) ? 0 : (PetscInt64)st.st_size));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 0.0));
  PetscCall(AeReceiptsSync(r->receipts));
  PetscFunctionReturn(0);
}

/* The last record. What cannot be written any more is no reason to hide the error that the run ends with. */
PetscErrorCode AeNSAppRecordClose(AeNSApp *a, int status, const char reason[])
{
  AeNSRecord *r = &a->record;

  PetscFunctionBegin;
  if (!r->receipts) PetscFunctionReturn(0);
  if (status && !a->failure[0]) {
    PetscCall(AeReceiptBegin(r->receipts, AE_ERROR, 0, AeClockNow(r->clock)));
    PetscCall(AeReceiptInt(r->receipts, "status", status));
    PetscCall(AeReceiptText(r->receipts, "reason", reason));
    PetscCall(AeReceiptEnd(r->receipts, NULL, 1.0));
  }
  PetscCall(AeReceiptRunClose(r->receipts, AeClockNow(r->clock), status, reason, r->state));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppRecordDestroy(AeNSApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeReceiptsDestroy(&a->record.receipts));
  PetscCall(AeClockDestroy(&a->record.clock));
  PetscCall(PetscFree(a->record.from));
  PetscFunctionReturn(0);
}
