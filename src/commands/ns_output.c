/*
  What a run of ns writes: series, spectra, fields, checkpoints, and the numbers of the summary.
*/
#include "ns_app.h"
#include <errno.h>
#include <sys/stat.h>

PetscErrorCode AeNSAppOutputOptions(AeNSApp *a)
{
  PetscToken token;
  char      *name;
  PetscInt   shells, whole;

  PetscFunctionBegin;
  a->series_every = 1;
  a->written      = -1;
  PetscCall(PetscStrncpy(a->field_list, "none", sizeof a->field_list));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Output", "aeonic ns");
  PetscCall(AeOptReal("-ns_cfl", "Courant number C: dt = C / max sum_d |u_d| / h_d, chosen anew every step; 0: dt is -ts_dt", "1",
                      "", 0, AE_HUGE, &a->cfl, NULL));
  PetscCall(
    AeOptInt("-series_every", "steps between entries of the time series", "steps", "", 1, PETSC_MAX_INT, &a->series_every, NULL));
  PetscCall(AeOptInt("-ns_spectra_every", "steps between spectra E(k), skewness and divergence; 0: none", "steps", "", 0,
                     PETSC_MAX_INT, &a->spectra_every, NULL));
  PetscCall(AeOptInt("-fields_every", "steps between 3-D outputs; 0: the first and the last state only", "steps", "", 0,
                     PETSC_MAX_INT, &a->fields_every, NULL));
  PetscCall(AeOptString(
    "-fields",
    "3-D fields to write, separated by commas: velocity_x, velocity_y, velocity_z, vorticity_x .. vorticity_z, scalar; or none",
    "", a->field_list, sizeof a->field_list, NULL));
  PetscCall(AeOptInt("-hash_every", "steps between hashes of the state in series/state_hash.txt; 0: at the end only", "steps", "",
                     0, PETSC_MAX_INT, &a->hash_every, NULL));
  PetscCall(AeOptInt("-checkpoint_every", "steps between checkpoints; 0: at the end only", "steps", "", 0, PETSC_MAX_INT,
                     &a->checkpoint_every, NULL));
  a->record.wanted = PETSC_TRUE;
  PetscCall(AeOptBool("-receipts", "write receipts.jsonl, which aeonic verify checks", "", &a->record.wanted, NULL));
  PetscCall(AeOptBool("-check", "read everything, say what the run would do, and exit", "", &a->check, NULL));
  PetscOptionsEnd();
  if (!strcmp(a->field_list, "none")) a->field_list[0] = 0;
  PetscCall(AeNSShells(a->ns, &shells, &whole));
  PetscCheck(!a->spectra_every || whole >= 2, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-ns_spectra_every: on this -grid_n only %" PetscInt_FMT " shell%s of waves %s whole, a spectrum needs at least 2",
             whole, whole == 1 ? "" : "s", whole == 1 ? "is" : "are");
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCheck(AeNSHasField(a->ns, name), PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-fields: there is no field %s here; velocity_x, velocity_y, velocity_z, vorticity_x, vorticity_y, vorticity_z "
               "and, with -ns_scalar, scalar are",
               name);
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

/* The work over the newest interval: the interpolant through the last four values (fewer at first) by two Gauss points. */
static void Balance(AeNSBalance *b, const AeNSSums *s, PetscReal t)
{
  PetscReal sum = 0;

  if (!b->n) b->energy0 = s->energy;
  if (b->n == 4) {
    memmove(b->t, b->t + 1, 3 * sizeof *b->t);
    memmove(b->power, b->power + 1, 3 * sizeof *b->power);
    b->n = 3;
  }
  b->t[b->n]     = t;
  b->power[b->n] = s->input - s->dissipation;
  if (++b->n < 2) return;
  for (int side = -1; side <= 1; side += 2) {
    const PetscReal begin = b->t[b->n - 2], x = 0.5 * (begin + t) + 0.5 * side * (t - begin) / PetscSqrtReal(3.0);

    for (PetscInt i = 0; i < b->n; i++) {
      PetscReal w = b->power[i];

      for (PetscInt j = 0; j < b->n; j++)
        if (j != i) w *= (x - b->t[j]) / (b->t[i] - b->t[j]);
      sum += 0.5 * (t - begin) * w;
    }
  }
  b->work += sum;
  b->drift = s->energy - b->energy0 - b->work;
  b->most  = PetscMax(b->most, PetscAbsReal(b->drift));
}

PetscErrorCode AeNSAppSeries(AeNSApp *a, PetscInt it, PetscReal t)
{
  const AeNSSums *s = &a->sums;
  PetscReal       rate, l2[3], linf[3];
  PetscInt        fields;
  PetscBool       exact;

  PetscFunctionBegin;
  if (it == a->step0) PetscCall(AeNSSumsOf(a->ns, a->U, &a->sums)); /* later ones are there already */
  PetscCall(AeNSRate(a->ns, &rate));
  PetscCall(AeNSGet(a->ns, NULL, NULL, &fields, NULL, NULL));
  PetscCall(AeSeriesScalar(a->series, "energy", t, s->energy));
  PetscCall(AeSeriesScalar(a->series, "enstrophy", t, s->enstrophy));
  PetscCall(AeSeriesScalar(a->series, "dissipation", t, s->dissipation));
  PetscCall(AeSeriesScalar(a->series, "helicity", t, s->helicity));
  PetscCall(AeSeriesScalar(a->series, "input", t, s->input));
  Balance(&a->balance, s, t);
  PetscCall(AeSeriesScalar(a->series, "energy_drift", t, a->balance.drift));
  PetscCall(AeSeriesScalar(a->series, "divergence_rms", t, s->divergence));
  if (fields == 4) PetscCall(AeSeriesScalar(a->series, "scalar_variance", t, 2.0 * s->scalar));
  if (it > a->step0) { /* of the step that led here */
    PetscCall(AeSeriesScalar(a->series, "cfl", t, rate * (t - a->t_begin)));
    PetscCall(AeSeriesScalar(a->series, "dt", t, t - a->t_begin));
  }
  if (a->spectra_every && it % a->spectra_every) PetscFunctionReturn(0); /* errors cost transforms */
  PetscCall(AeNSErrors(a->ns, a->U, t, l2, linf, &exact));
  if (!exact) PetscFunctionReturn(0);
  for (int f = 0; f < 3; f++) {
    char name[64];

    PetscCall(PetscSNPrintf(name, sizeof name, "error_%s", AeNSFieldNames[f]));
    PetscCall(AeSeriesReduction(a->series, name, "norm2", it, t, l2[f]));
    PetscCall(AeSeriesReduction(a->series, name, "maximum", it, t, linf[f]));
  }
  PetscFunctionReturn(0);
}

/* series/spectrum.txt: "iteration time k E(k)"; div and skewness beside it, which need values at the points too */
PetscErrorCode AeNSAppSpectrum(AeNSApp *a, PetscInt it, PetscReal t)
{
  PetscReal *E;
  PetscInt   shells;

  PetscFunctionBegin;
  PetscCall(AeNSShells(a->ns, &shells, NULL));
  PetscCall(PetscMalloc1(shells, &E));
  PetscCall(AeNSSpectrum(a->ns, a->U, E));
  for (PetscInt k = 0; k < shells; k++)
    PetscCall(AeSeriesText(a->series, "spectrum.txt",
                           "# E(k): energy of the waves with k - 1/2 <= |j| < k + 1/2\n# iteration time k E\n",
                           "%" PetscInt_FMT " %.17g %" PetscInt_FMT " %.17g\n", it, (double)t, k, (double)E[k]));
  PetscCall(PetscFree(E));
  PetscCall(AeNSPointwise(a->ns, a->U, &a->div_max, &a->skewness));
  PetscCall(AeSeriesReduction(a->series, "divergence", "maximum", it, t, a->div_max));
  PetscCall(AeSeriesScalar(a->series, "skewness", t, a->skewness));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppFields(AeNSApp *a, PetscInt it, PetscReal t)
{
  PetscToken token;
  char      *name;

  PetscFunctionBegin;
  if (!a->field_list[0] || a->written == it) PetscFunctionReturn(0);
  a->written = it;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  PetscCall(PetscTokenCreate(a->field_list, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCall(AeNSWriteField(a->ns, a->run, a->U, name, it, t));
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppHash(AeNSApp *a, PetscInt it, PetscReal t, PetscBool last)
{
  char hex[65];

  PetscFunctionBegin;
  PetscCall(AeNSHash(a->ns, a->U, hex));
  if (a->hash_every || last)
    PetscCall(
      AeSeriesText(a->series, "state_hash.txt", "# iteration time hash\n", "%" PetscInt_FMT " %.17g %s\n", it, (double)t, hex));
  if (last) PetscCall(AeRunSetString(a->run, "state.hash", hex));
  PetscCall(PetscStrncpy(a->record.state, hex, sizeof a->record.state));
  PetscFunctionReturn(0);
}

/* Clocks, place in the record and the loom's history, on rank 0. */
static PetscErrorCode History(AeNSApp *a, void **data, size_t *size)
{
  AeNSHistory h     = {.seq = -1};
  void       *loom  = NULL;
  size_t      nloom = 0;
  char       *series, *at;
  PetscInt    n;
  PetscInt64  seq = -1;
  char        head[AE_RECEIPT_HEX];

  PetscFunctionBegin;
  PetscCall(AeClockSave(a->record.clock, &n, h.clock));
  if (a->record.receipts) {
    PetscCall(AeReceiptsSync(a->record.receipts));
    PetscCall(AeReceiptsHead(a->record.receipts, &seq, head));
  }
  h.seq    = seq;
  h.nclock = n;
  PetscCall(PetscStrncpy(h.watch, a->loom.watch, sizeof h.watch));
  if (a->loom.on) PetscCall(AeLoomPack(a->loom.loom, &loom, &nloom));
  PetscCall(AeSeriesSizes(a->series, &series));
  h.nseries = (int64_t)strlen(series) + 1;
  *size     = sizeof h + (size_t)h.nseries + nloom;
  PetscCall(PetscMalloc(*size, data));
  at = *data;
  memcpy(at, &h, sizeof h);
  memcpy(at + sizeof h, series, (size_t)h.nseries);
  if (nloom) memcpy(at + sizeof h + h.nseries, loom, nloom);
  PetscCall(PetscFree(series));
  PetscCall(PetscFree(loom));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppCheckpoint(AeNSApp *a, PetscInt it, PetscReal t)
{
  PetscMPIInt rank, bad = 0;
  PetscReal   dt;
  void       *history = NULL;
  size_t      size    = 0;
  char        hash[65];

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(AeNSHash(a->ns, a->U, hash));
  if (!rank && mkdir(AeRunPath(a->run, "checkpoint"), 0777) && errno != EEXIST) bad = errno;
  PetscCallMPI(MPI_Bcast(&bad, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCheck(!bad, PETSC_COMM_WORLD, AE_ERR_FILE, "cannot make the folder %s: %s", AeRunPath(a->run, "checkpoint"),
             strerror(bad));
  PetscCall(TSGetTimeStep(a->ts, &dt));
  if (!(a->cfl > 0)) dt = a->dt; /* the last step may have been cut to hit the final time */
  PetscCall(History(a, &history, &size));
  PetscCall(AeNSSave(a->ns, a->U, AeRunPath(a->run, AE_NS_CHECKPOINT), t, it, dt, size, history));
  PetscCall(PetscFree(history));
  PetscCall(AeSeriesFlush(a->series));
  PetscCall(AeNSAppRecordCheckpoint(a, hash));
  PetscFunctionReturn(0);
}

/* Evaluations, and transforms of the waves kept: those of the low waves count by their points. With octaves: how many fewer than if
   all waves had taken the low ones' steps. */
static PetscErrorCode Work(AeNSApp *a, PetscInt fields)
{
  const PetscReal each = fields == 4 ? 13.0 : 9.0;
  PetscInt64      all, low;
  PetscReal       share;

  PetscFunctionBegin;
  PetscCall(AeNSWork(a->ns, &all, &low, &share));
  PetscCall(AeRunSetInt(a->run, "ns.evaluations", all));
  PetscCall(AeRunSetReal(a->run, "ns.transforms", each * ((PetscReal)all + share * (PetscReal)low)));
  if (!low) PetscFunctionReturn(0);
  PetscCall(AeRunSetInt(a->run, "ns.evaluations_low", low));
  PetscCall(AeRunSetReal(a->run, "ns.transforms_saved", each * ((PetscReal)(low - all) - share * (PetscReal)low)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAppSummary(AeNSApp *a)
{
  PetscReal l2[3], linf[3];
  PetscInt  steps, rejects, n;
  PetscBool exact;
  AeBand    b;

  PetscFunctionBegin;
  PetscCall(TSGetStepNumber(a->ts, &steps));
  PetscCall(TSGetStepRejections(a->ts, &rejects));
  PetscCall(AeNSSumsOf(a->ns, a->U, &a->sums));
  PetscCall(AeNSPointwise(a->ns, a->U, &a->div_max, &a->skewness));
  PetscCall(AeRunSetReal(a->run, "time.t", a->t_last));
  PetscCall(AeRunSetInt(a->run, "time.steps", a->step_last));
  PetscCall(AeRunSetInt(a->run, "time.attempts", (PetscInt64)steps + rejects));
  PetscCall(AeRunSetInt(a->run, "time.rejects", rejects));
  PetscCall(AeRunSetReal(a->run, "time.dt", a->dt));
  PetscCall(AeRunSetInt(a->run, "clock.step", AeClockNow(a->record.clock)->step));
  PetscCall(AeRunSetInt(a->run, "clock.loom", AeClockNow(a->record.clock)->loom));
  PetscCall(AeNSAppLoomFinish(a));
  PetscCall(AeRunSetReal(a->run, "ns.energy", a->sums.energy));
  PetscCall(AeRunSetReal(a->run, "ns.enstrophy", a->sums.enstrophy));
  PetscCall(AeRunSetReal(a->run, "ns.dissipation", a->sums.dissipation));
  PetscCall(AeRunSetReal(a->run, "ns.helicity", a->sums.helicity));
  PetscCall(AeRunSetReal(a->run, "ns.div_max", a->div_max));
  PetscCall(AeRunSetReal(a->run, "ns.skewness", a->skewness));
  PetscCall(AeRunSetReal(a->run, "ns.cfl_max", a->cfl_max));
  PetscCall(AeRunSetReal(a->run, "ns.dt_limit", a->dt_limit));
  PetscCall(AeNSGet(a->ns, NULL, NULL, &n, &b, NULL));
  if (n == 4) PetscCall(AeRunSetReal(a->run, "ns.scalar_variance", 2.0 * a->sums.scalar));
  PetscCall(AeRunSetReal(a->run, "ns.energy_drift", a->balance.most));
  PetscCall(Work(a, n));
  PetscCall(AeRunSetString(a->run, "run.reproducible",
                           "plans: the same bits on any ranks with -fft_rigor estimate, or with the saved plans of -fft_wisdom"));
  PetscCall(AeNSErrors(a->ns, a->U, a->t_last, l2, linf, &exact));
  for (int f = 0; f < 3 && exact; f++) {
    char key[64];

    PetscCall(PetscSNPrintf(key, sizeof key, "error.l2.%s", AeNSFieldNames[f]));
    PetscCall(AeRunSetReal(a->run, key, l2[f]));
    PetscCall(PetscSNPrintf(key, sizeof key, "error.linf.%s", AeNSFieldNames[f]));
    PetscCall(AeRunSetReal(a->run, key, linf[f]));
  }
  PetscFunctionReturn(0);
}
