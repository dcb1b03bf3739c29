/*
  aeonic bench receipts: events a second into a file, with a flush for every two (an attempt and its end), and bytes a
  second out of it by the whole check.
*/
#include "bench_private.h"
#include <aeonic/receipts.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEPS = 50000 };

static PetscErrorCode Step(AeReceipts r, AeClock clock, PetscReal dt)
{
  const AeCost cost = {0.0123456789, 123456789.0, 987654321.0};
  PetscReal    norm = 1.0 / (3.0 + (PetscReal)AeClockNow(clock)->n);

  PetscFunctionBegin;
  PetscCall(AeClockAttempt(clock));
  PetscCall(AeReceiptBegin(r, AE_STEP_ATTEMPT, 0, AeClockNow(clock)));
  PetscCall(AeReceiptInt(r, "n", AeClockNow(clock)->n + 1));
  PetscCall(AeReceiptReal(r, "t", AeClockNow(clock)->t));
  PetscCall(AeReceiptReal(r, "dt", dt));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscCall(AeClockAccept(clock, AeClockNow(clock)->t + dt));
  PetscCall(AeReceiptBegin(r, AE_STEP_ACCEPT, 0, AeClockNow(clock)));
  PetscCall(AeReceiptInt(r, "n", AeClockNow(clock)->n));
  PetscCall(AeReceiptReal(r, "t", AeClockNow(clock)->t));
  PetscCall(AeReceiptReal(r, "dt", dt));
  PetscCall(AeReceiptReal(r, "H_l2", norm));
  PetscCall(AeReceiptReal(r, "H_linf", 2.7 * norm));
  PetscCall(AeReceiptReal(r, "M_l2", norm / 7.0));
  PetscCall(AeReceiptReal(r, "M_linf", norm / 1.3));
  PetscCall(AeReceiptEnd(r, &cost, 0.0));
  PetscCall(AeReceiptsFlush(r));
  PetscFunctionReturn(0);
}

static PetscErrorCode Write(const char path[], PetscReal *rate)
{
  AeReceipts     r;
  AeClock        clock;
  PetscLogDouble seconds;

  PetscFunctionBegin;
  PetscCall(AeClockCreate(0.0, &clock));
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, path, &r));
  PetscCall(AeReceiptRunOpen(r, AeClockNow(clock), "bench", "exact", 0, NULL));
  PetscCall(AeBenchStart());
  for (int s = 0; s < STEPS; s++) PetscCall(Step(r, clock, 1.0 / 3));
  PetscCall(AeBenchStop(&seconds));
  PetscCall(AeReceiptRunClose(r, AeClockNow(clock), 0, "done", ""));
  PetscCall(AeReceiptsDestroy(&r));
  PetscCall(AeClockDestroy(&clock));
  *rate = 2.0 * STEPS / seconds;
  PetscFunctionReturn(0);
}

static PetscErrorCode Check(const char path[], PetscMPIInt rank, PetscReal *rate)
{
  AeReceiptsReport report = {0};
  PetscLogDouble   seconds;

  PetscFunctionBegin;
  PetscCall(AeBenchStart());
  if (!rank) PetscCall(AeReceiptsVerify(path, &report));
  PetscCall(AeBenchStop(&seconds));
  if (!rank) AeReceiptsRequireEnd(&report, PETSC_FALSE);
  PetscCheck(!report.bad_line, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: line %" PetscInt64_FMT ": %s", path, report.bad_line, report.what);
  *rate = 1e-6 * (PetscReal)report.bytes / seconds;
  PetscCallMPI(MPI_Bcast(rate, 1, MPIU_REAL, 0, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

PetscErrorCode AeBenchReceipts(AeRun run)
{
  PetscLogDouble events[AE_BENCH_REPS], mb[AE_BENCH_REPS];
  PetscReal      rate[2];
  PetscMPIInt    rank;
  char           path[PETSC_MAX_PATH_LEN], tmp[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscGetTmp(PETSC_COMM_WORLD, tmp, sizeof tmp - 64));
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/aeonic-bench-%d.jsonl", tmp, (int)getpid()));
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  for (int i = 0; i < AE_BENCH_REPS; i++) {
    PetscCall(Write(path, &rate[0]));
    PetscCall(Check(path, rank, &rate[1]));
    if (!rank) unlink(path);
    events[i] = rate[0];
    mb[i]     = rate[1];
  }
  rate[0] = AeBenchMedian(events, AE_BENCH_REPS);
  rate[1] = AeBenchMedian(mb, AE_BENCH_REPS);
  PetscCall(AeRunSetReal(run, "bench.receipts.events_per_s", rate[0]));
  PetscCall(AeRunSetReal(run, "bench.verify.mb_per_s", rate[1]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "receipts  %.0f events/s written, a flush for every two; %.0f MB/s verified\n", rate[0], rate[1]));
  PetscFunctionReturn(0);
}
