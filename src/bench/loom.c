/*
  aeonic bench loom: a tick beside its transforms, a skipped tick, and both beside the evolution that they watch.
*/
#include "bench_private.h"
#include <aeonic/gr.h>
#include <aeonic/loom.h>
#include <aeonic/receipts.h>
#include <unistd.h>

enum { TURNS = 2 * AE_BENCH_REPS, SKIPS = 20000 };

static AeLoomOptions options;

PetscErrorCode AeBenchLoomOptions(void)
{
  PetscFunctionBegin;
  PetscCall(AeLoomGetOptions(PETSC_COMM_WORLD, "K,lapse,H", &options));
  PetscFunctionReturn(0);
}

/* A loom that watches n fields with a rate and m without; inputs from the state and its slope. */
static PetscErrorCode Weave(AeGR gr, AeLoomPrecision precision, PetscInt n, PetscInt m, const double *u, const double *f,
                            AeLoom *loom, AeLoomInput in[])
{
  const Z4Fields  at     = AeGRPlaces(gr);
  AeLoomOptions   mine   = options;
  const PetscInt  from[] = {at.K >= 0 ? at.K : at.curv, at.lapse, at.metric};
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  mine.precision = precision;
  PetscCall(AeLoomCreate(g, &mine, loom));
  for (PetscInt i = 0; i < n + m; i++) {
    AeLoomField field = {.components = 1, .noise = 1, .parity = {{1, 1, 1}}};
    PetscInt    index;

    PetscCall(PetscSNPrintf(field.name, sizeof field.name, "q%" PetscInt_FMT, i));
    PetscCall(AeLoomWatch(*loom, &field, &index));
    in[i] = (AeLoomInput){.q = {u + AeAt(L, from[i], 0, 0, 0)}, .pitch = L->pitch, .plane = L->plane};
    if (i < n) in[i].r[0] = f + AeAt(L, from[i], 0, 0, 0);
  }
  PetscCall(AeLoomSetUp(*loom));
  PetscFunctionReturn(0);
}

/* Proxies, gate, skip, and its receipt: by the processor's time. */
static PetscErrorCode Skip(AeLoom loom, PetscReal *seconds)
{
  const AeLoomProxy p[4] = {{1, 0, 0.05}, {1, 0, 0.05}, {1, 0, 0.25}, {1, 0, 0.25}};
  AeReceipts        r;
  AeClock           ticks;
  char              path[PETSC_MAX_PATH_LEN], tmp[PETSC_MAX_PATH_LEN];
  PetscBool         trip, needed;
  const char       *reason;
  PetscMPIInt       rank;
  PetscReal         start;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscGetTmp(PETSC_COMM_WORLD, tmp, sizeof tmp - 64));
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/aeonic-loom-%d.jsonl", tmp, (int)getpid()));
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCall(AeClockCreate(0.0, &ticks));
  PetscCall(AeReceiptsOpen(PETSC_COMM_WORLD, path, &r));
  PetscCall(AeReceiptRunOpen(r, AeClockNow(ticks), "bench", "exact", 0, NULL));
  PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
  for (int i = 0; i < SKIPS; i++) {
    PetscCall(AeLoomProxies(loom, 4, p, &trip));
    PetscCall(AeLoomGate(loom, &needed, &reason));
    PetscCall(AeLoomSkip(loom));
    PetscCall(AeReceiptBegin(r, AE_LOOM_SKIP, 0, AeClockNow(ticks)));
    PetscCall(AeReceiptText(r, "reason", reason));
    PetscCall(AeReceiptEnd(r, NULL, 0.0));
  }
  PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, seconds));
  *seconds /= SKIPS;
  PetscCall(AeReceiptsDestroy(&r));
  PetscCall(AeClockDestroy(&ticks));
  if (!rank) unlink(path);
  PetscFunctionReturn(0);
}

/* Transforms and ticks by turns, the least of each. The yardstick of a tick on one field is two transforms: of the field and of
   its rate. */
PetscErrorCode AeBenchLoom(AeRun run, AeGR gr, Vec U, Vec R)
{
  const AeTransform kind[3] = {AE_DFT, AE_DFT, AE_DFT};
  const AeLoomStep  step    = {.t = 0, .dt = 1, .constraint = NAN, .constraint_at = -1, .lapse_min = 1, .chi_min = 1};
  AeGrid            g;
  AeFFT             fft;
  AeLoom            one, three, single;
  AeLoomInput       in1[3], in3[3], inS[3];
  const double     *u, *f;
  double           *modes;
  PetscReal         start, t, least[5] = {1e30, 1e30, 1e30, 1e30, 1e30}, skip, share;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, NULL, NULL, NULL, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayRead(R, &f));
  PetscCall(Weave(gr, AE_LOOM_DOUBLE, 1, 0, u, f, &one, in1));
  PetscCall(Weave(gr, AE_LOOM_DOUBLE, 2, 1, u, f, &three, in3));
  PetscCall(Weave(gr, AE_LOOM_SINGLE, 1, 0, u, f, &single, inS));
  PetscCall(AeFFTGet(g->comm, g->n, kind, &fft));
  PetscCall(AeFFTCreateBuffer(fft, &modes));
  PetscCall(AeLoomTick(one, in1, &step));
  PetscCall(AeLoomTick(three, in3, &step));
  PetscCall(AeLoomTick(single, inS, &step));
  for (int r = 0; r < TURNS; r++) {
    PetscCall(AeFFTLoad(fft, g, in1[0].q[0], in1[0].pitch, in1[0].plane, modes));
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeFFTForward(fft, modes));
    PetscCall(AeFFTForward(fft, modes));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t));
    least[0] = PetscMin(least[0], t);
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeLoomTick(one, in1, &step));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t));
    least[1] = PetscMin(least[1], t);
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeLoomTick(three, in3, &step));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t));
    least[2] = PetscMin(least[2], t);
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeLoomTick(single, inS, &step));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t));
    least[4] = PetscMin(least[4], t);
  }
  PetscCall(VecRestoreArrayRead(R, &f));
  PetscCall(VecRestoreArrayRead(U, &u));
  for (int r = 0; r < 3; r++) {
    PetscCall(AeGRPrepareStage(gr, U, 0.0, AE_SWEEP_STAGE, 1, PETSC_FALSE));
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeGRRHSFunction(NULL, 0.0, U, R, gr));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t));
    least[3] = PetscMin(least[3], t);
  }
  PetscCall(Skip(one, &skip));
  share = 100.0 * least[2] / (16.0 * least[3]);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "loom  %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT
                        ": two transforms %.3f ms, a tick on one field %.3f ms, %.2f times that\n",
                        g->n[0], g->n[1], g->n[2], 1e3 * least[0], 1e3 * least[1], least[1] / least[0]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "      with -loom_precision single %.3f ms, %.2f times the tick in double\n",
                        1e3 * least[4], least[4] / least[1]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "      a tick on K, lapse and H (five transforms) %.3f ms: %.2f %% of 16 right-hand sides (%.3f ms "
                        "each), which are less than four steps\n",
                        1e3 * least[2], (double)share, 1e3 * least[3]));
  PetscCall(
    PetscPrintf(PETSC_COMM_WORLD, "      a skipped tick with its receipt %.2f us of the processor\n", 1e6 * (double)skip));
  PetscCall(AeRunSetReal(run, "bench.loom.tick_over_ffts", least[1] / least[0]));
  PetscCall(AeRunSetReal(run, "bench.loom.tick_s", least[1]));
  PetscCall(AeRunSetReal(run, "bench.loom.single_over_double", least[4] / least[1]));
  PetscCall(AeRunSetReal(run, "bench.loom.skip_s", skip));
  PetscCall(AeRunSetReal(run, "bench.loom.share_percent", share));
  PetscCall(AeFFTDestroyBuffer(&modes));
  PetscCall(AeLoomDestroy(&one));
  PetscCall(AeLoomDestroy(&three));
  PetscCall(AeLoomDestroy(&single));
  PetscFunctionReturn(0);
}
