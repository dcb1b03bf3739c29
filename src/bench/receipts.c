/*
  aeonic bench receipts: events a second into a file, as steps make them (an attempt and its end), and bytes a
  second out of it by the whole check. Each by the clock and by the processor's time, which others do not share.
*/
#include "bench_private.h"
#include <aeonic/receipts.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEPS = 50000 };

/* What `aeonic gr` enters for a step: an attempt, and its end with norms that need all 17 digits. */
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
  PetscCall(AeReceiptsFlushSteps(r));
  PetscFunctionReturn(0);
}

typedef struct {
  PetscReal wall, cpu;
} Rate;

/* The moment on both clocks, and amount over the time since. */
static PetscErrorCode Start(Rate *start)
{
  PetscFunctionBegin;
  PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start->cpu));
  start->wall = MPI_Wtime();
  PetscFunctionReturn(0);
}

static PetscErrorCode Stop(PetscReal amount, const Rate *start, Rate *rate)
{
  PetscReal wall = MPI_Wtime() - start->wall, cpu;

  PetscFunctionBegin;
  PetscCall(AeBenchSince(PETSC_COMM_WORLD, start->cpu, &cpu));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &wall, 1, MPIU_REAL, MPIU_MAX, PETSC_COMM_WORLD));
  *rate = (Rate){amount / wall, amount / cpu};
  PetscFunctionReturn(0);
}

static PetscErrorCode Write(const char path[], Rate *rate)
{
  AeReceipts r;
  AeClock    ticks;
  Rate       start;

  PetscFunctionBegin;
  PetscCall(AeClockCreate(0.0, &ticks));
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, path, &r));
  PetscCall(AeReceiptRunOpen(r, AeClockNow(ticks), "bench", "exact", 0, NULL));
  PetscCall(Start(&start));
  for (int s = 0; s < STEPS; s++) PetscCall(Step(r, ticks, 1.0 / 3));
  PetscCall(Stop(2.0 * STEPS, &start, rate));
  PetscCall(AeReceiptRunClose(r, AeClockNow(ticks), 0, "done", ""));
  PetscCall(AeReceiptsDestroy(&r));
  PetscCall(AeClockDestroy(&ticks));
  PetscFunctionReturn(0);
}

static PetscErrorCode Check(const char path[], PetscMPIInt rank, Rate *rate)
{
  AeReceiptsReport report = {0};
  Rate             start;

  PetscFunctionBegin;
  PetscCall(Start(&start));
  if (!rank) PetscCall(AeReceiptsVerify(path, &report));
  PetscCall(Stop(1e-6 * (PetscReal)report.bytes, &start, rate));
  if (!rank) AeReceiptsRequireEnd(&report, PETSC_FALSE);
  PetscCheck(!report.bad_line, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: line %" PetscInt64_FMT ": %s", path, report.bad_line,
             report.what);
  PetscFunctionReturn(0);
}

/* Rank 0's rates are everyone's. */
PetscErrorCode AeBenchReceipts(AeRun run)
{
  PetscReal   events[2][AE_BENCH_REPS], mb[2][AE_BENCH_REPS], rate[4];
  PetscMPIInt rank;
  char        path[PETSC_MAX_PATH_LEN], tmp[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscGetTmp(PETSC_COMM_WORLD, tmp, sizeof tmp - 64));
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/aeonic-bench-%d.jsonl", tmp, (int)getpid()));
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  for (int i = 0; i < AE_BENCH_REPS; i++) {
    Rate written = {0, 0}, checked = {0, 0};

    PetscCall(Write(path, &written));
    PetscCall(Check(path, rank, &checked));
    if (!rank) unlink(path);
    events[0][i] = written.wall, events[1][i] = written.cpu;
    mb[0][i] = checked.wall, mb[1][i] = checked.cpu;
  }
  for (int c = 0; c < 2; c++) {
    rate[c]     = AeBenchMedian(events[c], AE_BENCH_REPS);
    rate[2 + c] = AeBenchMedian(mb[c], AE_BENCH_REPS);
  }
  PetscCallMPI(MPI_Bcast(rate, 4, MPI_DOUBLE, 0, PETSC_COMM_WORLD));
  PetscCall(AeRunSetReal(run, "bench.receipts.events_per_s", rate[0]));
  PetscCall(AeRunSetReal(run, "bench.verify.mb_per_s", rate[2]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "receipts  %.0f events/s written (%.0f by processor time); %.0f MB/s verified (%.0f)\n",
                        rate[0], rate[1], rate[2], rate[3]));
  PetscFunctionReturn(0);
}
