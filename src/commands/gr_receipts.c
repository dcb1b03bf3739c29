/*
  The clocks and the receipts of an evolution: what happens is entered here, in the order in which it happens.
*/
#include "gr_app.h"
#include <petsctime.h>

PetscErrorCode AeGRAppRecordOptions(AeGRApp *a)
{
  PetscFunctionBegin;
  a->record.wanted = PETSC_TRUE;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Record", "aeonic gr");
  PetscCall(AeOptBool("-receipts", "write receipts.jsonl, which aeonic verify checks", "", &a->record.wanted, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

/* "exact": the same bits on any number of ranks. PETSc's step controllers and elliptic solves take norms of arrays rank by rank. */
static PetscErrorCode Reproducible(AeGRApp *a, const char **class)
{
  TSAdapt       adapt;
  PetscBool     ours;
  AeGaugeSolves lapse, shift;

  PetscFunctionBegin;
  PetscCall(TSGetAdapt(a->ts, &adapt));
  PetscCall(PetscObjectTypeCompareAny((PetscObject)adapt, &ours, TSADAPTNONE, AE_ADAPT_RAILS, ""));
  PetscCall(AeGRGetGaugeSolves(a->gr, &lapse, &shift));
  *class = ours && !lapse.solves[0] && !shift.solves[0] && !a->cleaning.cleanup ? "exact" : "tolerance";
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRecordOpen(AeGRApp *a)
{
  AeRecord *r       = &a->record;
  const char *class = "exact";
  PetscReal t0;

  PetscFunctionBegin;
  PetscCall(PetscTime(&r->opened));
  PetscCall(TSGetTime(a->ts, &t0));
  PetscCall(AeClockCreate(t0, &r->clock));
  PetscCall(AeClockCadence(r->clock, "series", AE_BY_N, a->series_every, PETSC_TRUE, &r->series));
  PetscCall(AeClockCadence(r->clock, "fields", AE_BY_N, a->fields_every, PETSC_FALSE, &r->fields));
  PetscCall(AeClockCadence(r->clock, "hash", AE_BY_N, a->hash_every, PETSC_FALSE, &r->hash));
  PetscCall(AeClockCadence(r->clock, "diag", AE_BY_N, AeDiagEvery(a->diagnostics), PETSC_FALSE, &r->diag));
  PetscCall(AeClockCadence(r->clock, "checkpoint", AE_BY_N, a->checkpoint.every, PETSC_FALSE, &a->checkpoint.due));
  PetscCall(AeClockCadence(r->clock, "maintenance", AE_BY_N, a->memory.maint_every, PETSC_FALSE, &a->memory.due));
  PetscCall(AeClockCadence(r->clock, "cleanup", AE_BY_N, a->cleaning.every, PETSC_FALSE, &r->cleanup));
  PetscCall(AeClockCadence(r->clock, "loom", AE_BY_N, AeLoomEvery(a->loom.loom), PETSC_FALSE, &r->loom));
  PetscCall(Reproducible(a, &class));
  PetscCall(AeRunSetString(a->run, "run.reproducible", class));
  if (a->checkpoint.restart) {
    PetscCall(AeGRAppRestartRecord(a, class));
    PetscFunctionReturn(0);
  }
  if (!r->wanted) PetscFunctionReturn(0);
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, AeRunPath(a->run, "receipts.jsonl"), &r->receipts));
  PetscCall(AeReceiptRunOpen(r->receipts, AeClockNow(r->clock), "gr", class, 0, NULL));
  PetscFunctionReturn(0);
}

/* Seconds and operations since the newest attempt began; bytes that a step of RK4 moves at least: four right-hand sides
   (read, write, and the line that a write brings in), three stages (two states read) and the sum of the slopes (five). */
static PetscErrorCode StepCost(AeGRApp *a, AeCost *cost)
{
  const AeLayout *L;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(PetscTime(&cost->seconds));
  PetscCall(PetscGetFlops(&cost->flops));
  cost->seconds -= a->record.seconds;
  cost->flops -= a->record.flops;
  cost->bytes = (4 * 3 + 3 * 4 + 7) * 8.0 * L->nf * L->nx * L->nj * L->nk;
  PetscFunctionReturn(0);
}

/* What the rails said of the attempt. */
static PetscErrorCode Judged(AeGRApp *a)
{
  const AeRailsEvent *e = &a->verdict;
  AeReceipts          r = a->record.receipts;

  PetscFunctionBegin;
  PetscCall(AeReceiptText(r, "verdict", AeVerdictNames[e->verdict]));
  PetscCall(AeReceiptText(r, "rail", AeGRRails.rail[e->rail].name));
  PetscCall(AeReceiptReal(r, "value", e->value[e->rail]));
  PetscCall(AeReceiptReal(r, "residual", e->residual[e->rail]));
  PetscCall(AeReceiptText(r, "thread", AeThreadName(e->thread)));
  PetscCall(AeReceiptText(r, "action", AeActionNames[e->action]));
  PetscCall(AeReceiptReal(r, "next_dt", e->next));
  PetscCall(AeReceiptText(r, "set_by", AeThreadName(e->binding)));
  PetscFunctionReturn(0);
}

static PetscErrorCode Reject(AeGRApp *a, const char reason[])
{
  AeRecord *r = &a->record;
  AeCost    cost;

  PetscFunctionBegin;
  PetscCall(AeClockReject(r->clock));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(StepCost(a, &cost));
  PetscCall(AeReceiptBegin(r->receipts, AE_STEP_REJECT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n + 1));
  PetscCall(AeReceiptReal(r->receipts, "t", AeClockNow(r->clock)->t));
  PetscCall(AeReceiptReal(r->receipts, "dt", r->dt));
  PetscCall(AeReceiptText(r->receipts, "reason", reason));
  if (a->rails) PetscCall(Judged(a));
  PetscCall(AeReceiptEnd(r->receipts, &cost, 1.0));
  PetscFunctionReturn(0);
}

/* The first stage of a step that is tried. If one was open, the step controller has sent it back. */
PetscErrorCode AeGRAppRecordAttempt(AeGRApp *a)
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  if (AeClockAttempting(r->clock)) PetscCall(Reject(a, "by the step controller"));
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

PetscErrorCode AeGRAppRecordAccept(AeGRApp *a, PetscReal t)
{
  AeRecord        *r = &a->record;
  const AeGRStats *s = &a->stats;
  AeCost           cost;

  PetscFunctionBegin;
  if (!AeClockAttempting(r->clock)) PetscCall(AeGRAppRecordAttempt(a)); /* a type of stepper that shows us no first stage */
  PetscCall(AeClockAccept(r->clock, t));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(StepCost(a, &cost));
  PetscCall(AeReceiptBegin(r->receipts, AE_STEP_ACCEPT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n));
  PetscCall(AeReceiptReal(r->receipts, "t", t));
  PetscCall(AeReceiptReal(r->receipts, "dt", t - a->t_begin));
  PetscCall(AeReceiptReal(r->receipts, "H_l2", s->H_l2));
  PetscCall(AeReceiptReal(r->receipts, "H_linf", s->H_linf));
  PetscCall(AeReceiptReal(r->receipts, "M_l2", s->M_l2));
  PetscCall(AeReceiptReal(r->receipts, "M_linf", s->M_linf));
  if (a->rails) PetscCall(Judged(a));
  PetscCall(AeReceiptEnd(r->receipts, &cost, 0.0));
  PetscCall(AeReceiptsFlushSteps(r->receipts));
  PetscFunctionReturn(0);
}

static PetscErrorCode Error(AeGRApp *a, int status, const char reason[])
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  PetscCall(AeReceiptBegin(r->receipts, AE_ERROR, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "status", status));
  PetscCall(AeReceiptText(r->receipts, "reason", reason));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 1.0));
  PetscFunctionReturn(0);
}

static PetscErrorCode Rollback(AeGRApp *a, const char reason[])
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_ROLLBACK, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n));
  PetscCall(AeReceiptReal(r->receipts, "t", AeClockNow(r->clock)->t));
  PetscCall(AeReceiptText(r->receipts, "reason", reason));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 1.0));
  PetscFunctionReturn(0);
}

/* The rails have sent an attempt back, or stopped the run. */
PetscErrorCode AeGRAppRecordVerdict(AeGRApp *a)
{
  AeRecord *r = &a->record;
  char      reason[64];

  PetscFunctionBegin;
  if (AeClockAttempting(r->clock)) { /* not at the data that a run begins from */
    PetscCall(PetscSNPrintf(reason, sizeof reason, "rail %s", AeGRRails.rail[a->verdict.rail].name));
    PetscCall(Reject(a, reason));
    PetscCall(Rollback(a, reason));
  }
  if (!r->receipts) PetscFunctionReturn(0);
  if (a->failure[0]) PetscCall(Error(a, AE_EXIT_FAILED, a->failure));
  PetscCall(AeReceiptsFlush(r->receipts));
  PetscFunctionReturn(0);
}

/* The newest step was no good; rolled_back: its beginning is put back. */
PetscErrorCode AeGRAppRecordFailure(AeGRApp *a, PetscBool rolled_back)
{
  AeRecord *r = &a->record;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(TSGetTime(a->ts, &t));
  if (!rolled_back) PetscCall(AeGRAppRecordAccept(a, t));
  else PetscCall(Reject(a, "the state is not finite"));
  if (!r->receipts) PetscFunctionReturn(0);
  if (rolled_back) PetscCall(Rollback(a, "the state is not finite"));
  PetscCall(Error(a, AE_EXIT_FAILED, a->failure));
  PetscCall(AeReceiptsFlush(r->receipts));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRecordOutput(AeGRApp *a, const char file[], const char what[])
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_OUTPUT, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptText(r->receipts, "file", file));
  PetscCall(AeReceiptText(r->receipts, "what", what));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 0.0));
  PetscFunctionReturn(0);
}

/* A tick of the loom that is due: transformed, or skipped. */
PetscErrorCode AeGRAppRecordLoom(AeGRApp *a, const char reason[], PetscBool skipped, const AeCost *cost)
{
  AeRecord *r = &a->record;
  PetscReal D;
  PetscInt  octave, thread;

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

PetscErrorCode AeGRAppRecordHash(AeGRApp *a, const char hex[])
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(r->state, hex, sizeof r->state));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_HASH, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptInt(r->receipts, "n", AeClockNow(r->clock)->n));
  PetscCall(AeReceiptReal(r->receipts, "t", AeClockNow(r->clock)->t));
  PetscCall(AeReceiptHash(r->receipts, "hash", hex));
  PetscCall(AeReceiptEnd(r->receipts, NULL, 0.0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRecordCleanup(AeGRApp *a, const AeCleanupResult *c, const PetscReal mass[2])
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  PetscCall(AeClockMaint(r->clock));
  if (!r->receipts) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r->receipts, AE_CLEANUP, 0, AeClockNow(r->clock)));
  PetscCall(AeReceiptReal(r->receipts, "before", c->H[0]));
  PetscCall(AeReceiptReal(r->receipts, "after", c->H[1]));
  PetscCall(AeReceiptReal(r->receipts, "M_before", c->M[0]));
  PetscCall(AeReceiptReal(r->receipts, "M_after", c->M[1]));
  PetscCall(AeReceiptReal(r->receipts, "K_shift", c->K_shift));
  PetscCall(AeReceiptReal(r->receipts, "mass_before", mass[0]));
  PetscCall(AeReceiptReal(r->receipts, "mass_after", mass[1]));
  PetscCall(AeReceiptInt(r->receipts, "newton", c->newton));
  PetscCall(AeReceiptInt(r->receipts, "gmres", c->linear));
  PetscCall(AeReceiptBool(r->receipts, "converged", c->converged));
  PetscCall(AeReceiptEnd(r->receipts, NULL, c->converged ? 0.0 : 1.0));
  PetscFunctionReturn(0);
}

/* After the last step: one that is still open was sent back, and no other was tried. */
PetscErrorCode AeGRAppRecordStop(AeGRApp *a)
{
  AeRecord          *r = &a->record;
  const AeClockTime *now;

  PetscFunctionBegin;
  if (AeClockAttempting(r->clock)) PetscCall(Reject(a, "by the step controller"));
  now = AeClockNow(r->clock);
  PetscCall(AeRunSetInt(a->run, "clock.step", now->step));
  PetscCall(AeRunSetInt(a->run, "clock.loom", now->loom));
  PetscCall(AeRunSetInt(a->run, "clock.maint", now->maint));
  PetscFunctionReturn(0);
}

/* The last record. What cannot be written any more is no reason to hide the error that the run ends with. */
PetscErrorCode AeGRAppRecordClose(AeGRApp *a, int status, const char reason[])
{
  AeRecord *r = &a->record;

  PetscFunctionBegin;
  if (!r->receipts) PetscFunctionReturn(0);
  if (status && !a->failure[0]) PetscCall(Error(a, status, reason));
  PetscCall(AeReceiptRunClose(r->receipts, AeClockNow(r->clock), status, reason, r->state));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAppRecordDestroy(AeGRApp *a)
{
  PetscFunctionBegin;
  PetscCall(AeReceiptsDestroy(&a->record.receipts));
  PetscCall(AeClockDestroy(&a->record.clock));
  PetscFunctionReturn(0);
}
