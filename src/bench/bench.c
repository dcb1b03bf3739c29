/*
  aeonic bench [rhs|matter|step|halo|machine|fft|ns|output|receipts|loom]: throughput of the kernels beside what the machine can
  do.

  Rates are per core (rank): interior points of a rank over CPU seconds of the rank that used most, median of AE_BENCH_REPS, and
  beside it the best. The state is smooth and generic: no field is constant, every term of the equations acts, advection goes both
  ways.
*/
#include "bench_private.h"
#include <aeonic/audit.h>
#include <aeonic/commands.h>
#include <aeonic/gr.h>
#include <aeonic/levels.h>
#include <aeonic/ns.h>

const char *const AeBenchTopics[] = {"rhs", "matter", "step",     "halo", "machine", "fft",
                                     "ns",  "output", "receipts", "loom", "all",     NULL};

typedef struct {
  AeRun     run;
  PetscInt  n;
  PetscReal triad, fma; /* GB/s, GFLOP/s of a rank */
} Bench;

/* A spacetime that is measured: its state and right-hand side. */
typedef struct {
  const char     *form;
  PetscInt        order;
  AeGR            gr;
  AeFields        F;
  const AeLayout *L;
  Vec             U, R;
  PetscReal       points; /* interior ones of this rank */
} Case;

/* Every field a different sum of waves around its flat value. */
static PetscErrorCode SetGenericState(AeGR gr, Vec U)
{
  AeGrid             g;
  AeFields           F;
  const AeLayout    *L;
  const AeFieldInfo *info;
  double            *u;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, &info));
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++) {
          const PetscReal w = 2.0 * PETSC_PI, x = w * i / g->n[0], y = w * (g->js + j) / g->n[1], z = w * (g->ks + k) / g->n[2];
          u[AeAt(L, f, k, j, i)] = info[f].limit + 0.02 * (sin(x + f) * cos(y - 2 * f) + sin(z + 3 * f) * cos(x + y + f));
        }
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(AeGRPrepareStage(gr, U, 0.0, AE_SWEEP_STAGE, 1, PETSC_TRUE));
  PetscFunctionReturn(0);
}

/* The rate of `points` in t[0..n-1] seconds, from their median; beside it in the summary, from the least: t[] is sorted. */
static PetscErrorCode Record(Bench *b, const char what[], const char form[], PetscInt order, PetscReal points, PetscReal t[],
                             PetscInt n, PetscReal *rate)
{
  char key[96];

  PetscFunctionBegin;
  *rate = points / AeBenchMedian(t, n);
  PetscCall(PetscSNPrintf(key, sizeof key, "bench.%s.%s.o%" PetscInt_FMT ".points_per_s", what, form, order));
  PetscCall(AeRunSetReal(b->run, key, *rate));
  PetscCall(PetscStrlcat(key, ".least", sizeof key));
  PetscCall(AeRunSetReal(b->run, key, points / t[0]));
  PetscFunctionReturn(0);
}

/* A spacetime of a formulation and order with a generic state. */
static PetscErrorCode Create(const char form[], PetscInt order, PetscBool matter, Case *c)
{
  char number[8];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(number, sizeof number, "%" PetscInt_FMT, order));
  PetscCall(PetscOptionsSetValue(NULL, "-gr_formulation", form));
  PetscCall(PetscOptionsSetValue(NULL, "-gr_gauge_shift", strcmp(form, "adm") ? "gamma_driver" : "harmonic"));
  PetscCall(PetscOptionsSetValue(NULL, "-fd_order", number));
  if (matter) {
    PetscCall(PetscOptionsSetValue(NULL, "-gr_matter", "scalar"));
    PetscCall(PetscOptionsSetValue(NULL, "-scalar_mass", "1"));
    PetscCall(PetscOptionsSetValue(NULL, "-gr_lambda", "0.1"));
  }
  c->form  = form;
  c->order = order;
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &c->gr));
  PetscCall(PetscOptionsClearValue(NULL, "-gr_matter"));
  PetscCall(PetscOptionsClearValue(NULL, "-scalar_mass"));
  PetscCall(PetscOptionsClearValue(NULL, "-gr_lambda"));
  PetscCall(AeGRGet(c->gr, NULL, &c->F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(c->F, NULL, &c->L, NULL));
  c->points = (PetscReal)c->L->nx * c->L->nj * c->L->nk;
  PetscCall(AeFieldsCreateVec(c->F, &c->U));
  PetscCall(VecDuplicate(c->U, &c->R));
  PetscCall(SetGenericState(c->gr, c->U));
  PetscCall(AeGRRHSFunction(NULL, 0.0, c->U, c->R, c->gr)); /* tunes the tiles */
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Case *c)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(&c->U));
  PetscCall(VecDestroy(&c->R));
  PetscCall(AeGRDestroy(&c->gr));
  PetscFunctionReturn(0);
}

/* Seconds of one right-hand side of a stage without constraints. */
static PetscErrorCode TimeRhs(AeGR gr, Vec U, Vec R, PetscReal *t)
{
  PetscReal start;

  PetscFunctionBegin;
  PetscCall(AeGRPrepareStage(gr, U, 0.0, AE_SWEEP_STAGE, 1, PETSC_FALSE));
  PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
  PetscCall(AeGRRHSFunction(NULL, 0.0, U, R, gr));
  PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, t));
  PetscFunctionReturn(0);
}

/* The right-hand side with a scalar field and Lambda beside the vacuum's: in turns, so that both see the same machine;
   the cost is the median of the turns' own ratios. */
static PetscErrorCode Matter(Bench *b, const char form[], PetscInt order)
{
  enum { TURNS = 2 * AE_BENCH_REPS + 1 };
  Case      c[2];
  PetscReal t[2][TURNS], ratio[TURNS], rate, cost;
  char      name[32], key[96];

  PetscFunctionBegin;
  for (int m = 0; m < 2; m++) PetscCall(Create(form, order, (PetscBool)m, &c[m]));
  for (int r = 0; r < TURNS; r++) {
    for (int m = 0; m < 2; m++) PetscCall(TimeRhs(c[m].gr, c[m].U, c[m].R, &t[m][r]));
    ratio[r] = t[1][r] / t[0][r];
  }
  cost = 100 * (AeBenchMedian(ratio, TURNS) - 1);
  PetscCall(PetscSNPrintf(name, sizeof name, "%s_matter", form));
  PetscCall(Record(b, "rhs", name, order, c[0].points, t[1], TURNS, &rate));
  PetscCall(PetscSNPrintf(key, sizeof key, "bench.rhs.%s.o%" PetscInt_FMT ".cost_percent", name, order));
  PetscCall(AeRunSetReal(b->run, key, cost));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "rhs   %-5s order %" PetscInt_FMT
                        "  %7.3f Mpoint/s (best %7.3f) with a scalar field and Lambda: %.1f %% more time than in vacuum\n",
                        form, order, 1e-6 * rate, 1e-6 * c[0].points / t[1][0], cost));
  for (int m = 0; m < 2; m++) PetscCall(Destroy(&c[m]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Rhs(Bench *b, const Case *c)
{
  const PetscReal bytes = 8.0 * 3 * c->L->nf; /* read, write, and the read that a write brings with it */
  const Z4Kernel *kernel;
  PetscReal       t[AE_BENCH_REPS], rate;
  PetscInt        flops[3];

  PetscFunctionBegin;
  PetscCall(AeGRGet(c->gr, NULL, NULL, NULL, &kernel, NULL));
  AeZ4KernelFlops(kernel, PETSC_FALSE, flops);
  for (int r = 0; r < AE_BENCH_REPS; r++) PetscCall(TimeRhs(c->gr, c->U, c->R, &t[r]));
  PetscCall(Record(b, "rhs", c->form, c->order, c->points, t, AE_BENCH_REPS, &rate));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "rhs   %-5s order %" PetscInt_FMT "  %7.3f Mpoint/s (best %7.3f)  %6.1f ns  %5" PetscInt_FMT
                        " flops %5.1f GFLOP/s (%4.1f %% of peak)  %4.0f bytes (%4.1f %% of triad)\n",
                        c->form, c->order, 1e-6 * rate, 1e-6 * c->points / t[0], 1e9 / rate, flops[0], 1e-9 * flops[0] * rate,
                        1e-7 * flops[0] * rate / b->fma, bytes, 1e-7 * bytes * rate / b->triad));
  PetscFunctionReturn(0);
}

static PetscErrorCode Halo(Bench *b, const Case *c)
{
  const AeLayout *L      = c->L;
  const PetscReal ghosts = (PetscReal)L->nf * (L->nx + 2 * L->g) * (L->nj + 2 * L->g) * (L->nk + 2 * L->g) - L->nf * c->points;
  PetscReal       t[AE_BENCH_REPS], start, rate;

  PetscFunctionBegin;
  for (int r = 0; r < AE_BENCH_REPS; r++) {
    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeFieldsFillGhosts(c->F, c->U, 0.0));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t[r]));
  }
  rate = 8e-9 * ghosts / AeBenchMedian(t, AE_BENCH_REPS);
  PetscCall(AeRunSetReal(b->run, "bench.halo.gb_per_s", rate));
  PetscCall(AeRunSetReal(b->run, "bench.halo.gb_per_s.least", 8e-9 * ghosts / t[0]));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "halo  %-5s order %" PetscInt_FMT "  %7.3f GB/s of ghosts filled, %.3g ms (least %.3g) for %d fields\n",
                        c->form, c->order, rate, 1e3 * t[AE_BENCH_REPS / 2], 1e3 * t[0], (int)L->nf));
  PetscFunctionReturn(0);
}

/* Steps of RK4 as `aeonic gr` makes them, without what a run does beside its equations. The first is not counted: it
   allocates. */
static PetscErrorCode Step(Bench *b, const Case *c)
{
  AeGrid    g;
  TS        ts;
  DM        dm;
  PetscReal t[AE_BENCH_REPS], start, rate;

  PetscFunctionBegin;
  PetscCall(AeGRGet(c->gr, &g, NULL, NULL, NULL, NULL));
  PetscCall(TSCreate(PETSC_COMM_WORLD, &ts));
  PetscCall(AeFieldsGetDM(c->F, &dm));
  PetscCall(TSSetDM(ts, dm));
  PetscCall(TSSetType(ts, AE_TS_RK4));
  PetscCall(TSSetRHSFunction(ts, NULL, AeGRRHSFunction, c->gr));
  PetscCall(TSSetApplicationContext(ts, c->gr));
  PetscCall(TSSetPostStage(ts, AeGRPostStage));
  PetscCall(AeTSSetCombine(ts, AeGRCombine, c->gr));
  PetscCall(TSSetSolution(ts, c->U));
  PetscCall(TSSetTimeStep(ts, 1e-3 * g->h));
  PetscCall(TSSetMaxTime(ts, 1e10));
  PetscCall(TSSetMaxSteps(ts, PETSC_MAX_INT));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_STEPOVER));
  for (int r = -1; r < AE_BENCH_REPS; r++) {
    AeGRStats stats;

    PetscCall(AeBenchNow(PETSC_COMM_WORLD, &start));
    PetscCall(AeGRBeginStep(c->gr));
    PetscCall(TSStep(ts));
    PetscCall(AeGRReduce(c->gr, &stats));
    PetscCall(AeBenchSince(PETSC_COMM_WORLD, start, &t[PetscMax(r, 0)]));
    PetscCheck(!stats.nonfinite, PETSC_COMM_WORLD, PETSC_ERR_PLIB, "the benchmark's state is not finite");
  }
  PetscCall(TSDestroy(&ts));
  PetscCall(Record(b, "step", c->form, c->order, 4.0 * c->points, t, AE_BENCH_REPS, &rate));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "step  %-5s order %" PetscInt_FMT "  %7.3f Mpoint/s (best %7.3f)  %6.1f ns a stage, halo, constraints, "
                        "projection and statistics included\n",
                        c->form, c->order, 1e-6 * rate, 4e-6 * c->points / t[0], 1e9 / rate));
  PetscFunctionReturn(0);
}

static PetscErrorCode Measure(Bench *b, const char form[], PetscInt order, const char topic[])
{
  const PetscBool all = (PetscBool)!strcmp(topic, "all");
  Case            c;

  PetscFunctionBegin;
  if (all || !strcmp(topic, "matter")) PetscCall(Matter(b, form, order));
  if (!strcmp(topic, "matter")) PetscFunctionReturn(0);
  PetscCall(Create(form, order, PETSC_FALSE, &c));
  if (!strcmp(topic, "loom")) PetscCall(AeBenchLoom(b->run, c.gr, c.U, c.R));
  if (all || !strcmp(topic, "rhs")) PetscCall(Rhs(b, &c));
  if (all || !strcmp(topic, "halo")) PetscCall(Halo(b, &c));
  if (all || !strcmp(topic, "step")) PetscCall(Step(b, &c));
  PetscCall(Destroy(&c));
  PetscFunctionReturn(0);
}

/* Transforms and Navier-Stokes: none of the options of an evolution. */
static PetscErrorCode Spectral(const char topic[])
{
  PetscInt      n = 96;
  AeRun         run;
  PetscBool     help;
  unsigned      flag;
  AeBenchVersus vs;

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Benchmark", "aeonic bench");
  PetscCall(AeOptInt("-bench_n", "points along each axis, shared by the ranks", "points", "", 8, 1024, &n, NULL));
  PetscOptionsEnd();
  PetscCall(AeFFTRigor(PETSC_COMM_WORLD, &flag)); /* declares its options */
  if (!strcmp(topic, "ns")) {
    AeNS probe; /* reads its options, so that a wrong one is found now */
    char sizes[64];

    PetscCall(PetscSNPrintf(sizes, sizeof sizes, "%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT, n, n, n));
    PetscCall(PetscOptionsSetValue(NULL, "-grid_n", sizes));
    PetscCall(AeNSRegister());
    PetscCall(AeNSCreate(PETSC_COMM_WORLD, &probe));
    PetscCall(AeNSDestroy(&probe));
    PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD)); /* declares its option */
  }
  PetscCall(AeBenchVersusFromOptions(&vs));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "bench", topic, &run));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (!help) {
    if (vs.asked) PetscCall(AeBenchVersusRun(&vs, run));
    else if (!strcmp(topic, "ns")) PetscCall(AeBenchNS(run, n));
    else PetscCall(AeBenchFFT(run, n));
    PetscCall(AeRunClose(run, AE_EXIT_OK, "done"));
  }
  PetscCall(AeRunDestroy(&run));
  PetscFunctionReturn(0);
}

/* The state's grid, datum and gauge are set here as if the user had given them; formulation and order go through all there are
   but for those that the user has chosen. */
PetscErrorCode AeCommandBench(const char topic[])
{
  const char *const *forms = Z4FormNames;
  Bench              b     = {.n = 96};
  PetscInt           order = 0, form = -1, ranks[3];
  PetscMPIInt        size;
  PetscBool          help, one_form, one_order;
  AeBenchVersus      vs;
  char               sizes[64], word[32] = "";

  PetscFunctionBegin;
  if (!topic) topic = "all";
  if (!strcmp(topic, "fft") || !strcmp(topic, "ns")) {
    PetscCall(Spectral(topic));
    PetscFunctionReturn(0);
  }
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Benchmark", "aeonic bench");
  PetscCall(AeOptInt("-bench_n", "cells along each axis on every rank", "cells", "", 8, 1024, &b.n, NULL));
  PetscOptionsEnd();
  /* without a choice of the user's: all formulations, all orders */
  PetscCall(PetscOptionsHasName(NULL, NULL, "-gr_formulation", &one_form));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-gr_formulation", word, sizeof word, NULL));
  for (PetscInt f = 0; f < Z4_FORM_COUNT; f++)
    if (!strcmp(word, forms[f])) form = f;
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-fd_order", &order, &one_order));
  if (!strcmp(topic, "loom")) { /* one case is enough */
    if (!one_form) form = Z4_FORM_bssn;
    if (!one_order) order = 4;
    one_form = one_order = PETSC_TRUE;
  }
  ranks[0] = ranks[1] = b.n;
  ranks[2]            = b.n * size;
  PetscCall(
    PetscSNPrintf(sizes, sizeof sizes, "%" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT, ranks[0], ranks[1], ranks[2]));
  PetscCall(PetscOptionsSetValue(NULL, "-grid_n", sizes));
  PetscCall(PetscOptionsSetValue(NULL, "-gr_initial", "minkowski"));
  PetscCall(PetscOptionsSetValue(NULL, "-gr_gauge_lapse", "1+log"));
  PetscCall(PetscOptionsSetValue(NULL, "-gr_gauge_shift", strcmp(word, "adm") ? "gamma_driver" : "harmonic"));
  PetscCall(AeBenchVersusFromOptions(&vs));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "bench", topic, &b.run));
  {
    AeGR probe; /* reads every option, so that a wrong one is found now */

    PetscCall(AeGRCreate(PETSC_COMM_WORLD, &probe));
    if (!strcmp(topic, "loom")) PetscCall(AeBenchLoomOptions());
    PetscCall(AeGRDestroy(&probe));
  }
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (!help && vs.asked) {
    PetscCall(AeBenchVersusRun(&vs, b.run));
    PetscCall(AeRunClose(b.run, AE_EXIT_OK, "done"));
  } else if (!help && !strcmp(topic, "output")) {
    PetscCall(AeBenchOutput(b.run, b.n));
    PetscCall(AeRunClose(b.run, AE_EXIT_OK, "done"));
  } else if (!help) {
    PetscCall(AeBenchTriad(&b.triad));
    PetscCall(AeBenchFma(&b.fma));
    PetscCall(AeRunSetReal(b.run, "bench.stream.triad_gb_per_s", b.triad));
    PetscCall(AeRunSetReal(b.run, "bench.fma.gflop_per_s", b.fma));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                          "%d rank%s, %" PetscInt_FMT "^3 cells each; a core: triad %.1f GB/s, multiply-adds %.1f GFLOP/s\n",
                          size, size > 1 ? "s" : "", b.n, b.triad, b.fma));
    if (!strcmp(topic, "all") || !strcmp(topic, "receipts")) PetscCall(AeBenchReceipts(b.run));
    for (PetscInt f = 0; f < Z4_FORM_COUNT && strcmp(topic, "machine") && strcmp(topic, "receipts"); f++)
      for (PetscInt o = 2; o <= 8; o += 2)
        if ((!one_form || f == form) && (!one_order || o == order)) PetscCall(Measure(&b, forms[f], o, topic));
    PetscCall(AeRunClose(b.run, AE_EXIT_OK, "done"));
  }
  PetscCall(AeRunDestroy(&b.run));
  PetscFunctionReturn(0);
}
