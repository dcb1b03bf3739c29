/*
  AeLoom: options, set-up, ticks, and what is written.
*/
#include "loom_private.h"

static PetscLogEvent event;

/* The names in a list with commas between. */
static PetscErrorCode Names(MPI_Comm comm, char list[], AeLoomOptions *o)
{
  char *next;

  PetscFunctionBegin;
  for (char *word = list; word; word = next) {
    if ((next = strchr(word, ','))) *next++ = 0;
    PetscCheck(*word, comm, AE_ERR_USAGE, "-loom_watch has an entry without a name; write fields with commas between");
    PetscCheck(o->n < AE_LOOM_FIELDS, comm, AE_ERR_USAGE, "-loom_watch: more than %d fields", AE_LOOM_FIELDS);
    PetscCheck(strlen(word) < sizeof o->watch[0], comm, AE_ERR_USAGE, "-loom_watch: there is no field %s", word);
    for (PetscInt i = 0; i < o->n; i++)
      PetscCheck(strcmp(o->watch[i], word), comm, AE_ERR_USAGE, "-loom_watch names %s twice", word);
    PetscCall(PetscStrncpy(o->watch[o->n++], word, sizeof o->watch[0]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomGetOptions(MPI_Comm comm, const char standard[], AeLoomOptions *out)
{
  static const char *const windows[] = {"tukey", "dct"}, *const precisions[] = {"double", "single"};
  AeLoomOptions o = {.every = 4, .taper = 0.25, .tail = 0.1, .gate = PETSC_TRUE};
  char          list[256];

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(list, standard, sizeof list));
  PetscOptionsBegin(comm, NULL, "PhaseLoom", "AeLoom");
  PetscCall(AeOptInt("-loom_every", "steps between ticks of the loom, which watches spectra; 0: none", "steps", "", 0,
                     PETSC_MAX_INT, &o.every, NULL));
  PetscCall(AeOptString("-loom_watch", "fields that it watches, separated by commas", "", list, sizeof list, NULL));
  PetscCall(AeOptChoice("-loom_window", "how axes with open ends are transformed: tapered to the boundary value, or by cosines",
                        "Harris 1978", windows, 2, &o.window, NULL));
  PetscCall(AeOptReal("-loom_taper", "part of an open axis that the taper takes, both ends together", "1",
                      "Harris 1978, Eq. (38)", 0.01, 1, &o.taper, NULL));
  PetscCall(AeOptReal("-loom_tail", "share of energy above 2/3 of the Nyquist wavenumber that is 1 in units of the rails", "1",
                      "", 1e-12, 1, &o.tail, NULL));
  PetscCall(AeOptBool("-loom_gate", "skip transforms while proxies and D_max rest", "", &o.gate, NULL));
  PetscCall(AeOptChoice("-loom_precision",
                        "of the loom's transforms and of the modes that it keeps; energies are summed in double", "", precisions,
                        2, &o.precision, NULL));
  PetscCall(AeOptBool("-loom_view", "print how fields are transformed, their last spectra and the lattice of threads", "",
                      &o.view, NULL));
  PetscOptionsEnd();
  if (o.every) PetscCall(Names(comm, list, &o));
  *out = o;
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomCreate(AeGrid g, const AeLoomOptions *options, AeLoom *out)
{
  static PetscBool done = PETSC_FALSE;
  AeLoom           loom;

  PetscFunctionBegin;
  if (!done) PetscCall(PetscLogEventRegister("AeLoomTick", AE_CLASSID, &event));
  done = PETSC_TRUE;
  PetscCall(PetscNew(&loom));
  loom->grid           = g;
  loom->o              = *options;
  loom->now.octave     = -1;
  loom->now.cap_thread = -1;
  loom->now.cap        = PETSC_INFINITY;
  *out                 = loom;
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomDestroy(AeLoom *loom)
{
  PetscFunctionBegin;
  if (!*loom) PetscFunctionReturn(0);
  PetscCall(AeLoomKindsDestroy(*loom));
  PetscCall(AeLoomCoherenceDestroy(*loom));
  PetscCall(PetscFree(*loom));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomSetBand(AeLoom loom, AeBand band)
{
  PetscFunctionBegin;
  loom->band = band;
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomWatch(AeLoom loom, const AeLoomField *f, PetscInt *index)
{
  PetscFunctionBegin;
  PetscCheck(!loom->setup && loom->n < AE_LOOM_FIELDS, loom->grid->comm, PETSC_ERR_ORDER,
             "The loom takes %d fields, before its set-up", AE_LOOM_FIELDS);
  PetscCheck(f->components > 0 && f->components <= 3, loom->grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "%s: a field has 1 to 3 components", f->name);
  loom->w[loom->n].info = *f;
  *index                = loom->n++;
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomSetUp(AeLoom loom)
{
  const PetscInt *n = loom->grid->n, most = PetscMax(n[0], PetscMax(n[1], n[2]));

  PetscFunctionBegin;
  if (loom->setup || !loom->o.every) PetscFunctionReturn(0);
  PetscCheck(most >= 8 && most < 65536, loom->grid->comm, AE_ERR_USAGE,
             "-loom_watch: a box of %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT
             " cells has no octaves; its longest axis must have 8 to 65535 (-grid_n), or -loom_every 0",
             n[0], n[1], n[2]);
  PetscCall(AeLoomKindsSetUp(loom));
  PetscCall(AeLoomCoherenceSetUp(loom));
  loom->setup = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* D_max over the fields, and the dominant octave of the first that has one; a new one must be ahead by 2^-9. */
static void Decide(AeLoom loom)
{
  PetscReal D = 0;
  PetscInt  o = -1;

  for (PetscInt i = loom->n - 1; i >= 0; i--) {
    const AeLoomSpectrum *s = &loom->w[i].now.s;

    if (!s->known) continue;
    if (!(s->tail <= D)) D = s->tail;
    if (s->dominant < 0) continue;
    o = s->dominant;
    if (loom->now.octave >= 0 && s->E[o] <= (1.0 + 0x1p-9) * s->E[loom->now.octave]) o = loom->now.octave;
  }
  loom->now.D_max  = AeLoomRound(D, loom->now.D_max);
  loom->now.octave = o;
}

PetscErrorCode AeLoomTick(AeLoom loom, const AeLoomInput in[], const AeLoomStep *step)
{
  PetscFunctionBegin;
  PetscCheck(loom->setup, loom->grid->comm, PETSC_ERR_ORDER, "The loom is not set up");
  PetscCall(PetscLogEventBegin(event, 0, 0, 0, 0));
  for (PetscInt i = 0; i < loom->n; i++) {
    loom->w[i].now.s.fresh = PETSC_FALSE;
    if (in[i].q[0]) PetscCall(AeLoomAnalyse(loom, &loom->w[i], &in[i], step->t));
  }
  Decide(loom);
  AeLoomLattice(loom, step);
  AeLoomGateLearn(loom);
  loom->now.ticks++;
  loom->now.ticked = PETSC_TRUE;
  PetscCall(PetscLogEventEnd(event, 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscLogDouble AeLoomBytes(AeLoom loom)
{
  const AeGrid   g       = loom->grid;
  PetscLogDouble buffers = 2; /* one to be filled, one for the rate; and the modes of the tick before */

  if (!loom->o.every) return 0;
  for (PetscInt i = 0; i < loom->n; i++) buffers += (PetscLogDouble)loom->w[i].info.components;
  buffers *= (PetscLogDouble)AeLoomNumber(loom);
  if (loom->memory) buffers += sizeof(double) + 3 * sizeof(_Float16); /* what coherence is computed with */
  if (loom->band) return 2.0 * buffers * (PetscLogDouble)AeBandSize(loom->band);
  return buffers * (g->n[0] + 2.0) * g->nj * g->nk;
}

PetscInt              AeLoomEvery(AeLoom loom) { return loom->o.every; }
const AeLoomSpectrum *AeLoomGetSpectrum(AeLoom loom, PetscInt i) { return &loom->w[i].now.s; }
const AeThread       *AeLoomGetThreads(AeLoom loom) { return loom->now.threads; }

PetscReal AeLoomDmax(AeLoom loom, PetscInt *octave)
{
  if (octave) *octave = loom->now.octave;
  return loom->now.D_max;
}

PetscReal AeLoomCap(AeLoom loom, PetscInt *thread)
{
  if (thread) *thread = loom->now.cap_thread;
  return loom->now.cap;
}

void AeLoomCounts(AeLoom loom, PetscInt64 *ticks, PetscInt64 *skips, PetscInt64 *ffts)
{
  *ticks = loom->now.ticks;
  *skips = loom->now.skips;
  *ffts  = loom->now.ffts;
}

/* ---- what is written ---- */

/* Two files of a field: one row a tick, and one row a tick and octave, with nan for what is not known yet. */
static PetscErrorCode WriteField(const Watched *w, AeSeries series, PetscInt it, PetscReal t)
{
  const AeLoomSpectrum *s = &w->now.s;
  char                  file[80];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(file, sizeof file, "loom_%s.txt", w->info.name));
  PetscCall(AeSeriesText(series, file,
                         "# 1:iteration 2:time 3:removed 4:energy 5:below 6:tail 7:dominant 8:amplitude 9:E_L 10:E_M 11:E_H "
                         "12:omega_L 13:omega_M 14:omega_H\n",
                         "%" PetscInt_FMT " %.17g %.10g %.10g %.10g %.10g %" PetscInt_FMT
                         " %.10g %.10g %.10g %.10g %.10g %.10g %.10g\n",
                         it, (double)t, (double)s->removed[0], (double)s->energy, (double)s->below, (double)s->tail, s->dominant,
                         (double)s->amplitude, (double)s->scale_E[0], (double)s->scale_E[1], (double)s->scale_E[2],
                         (double)s->scale_omega[0], (double)s->scale_omega[1], (double)s->scale_omega[2]));
  PetscCall(PetscSNPrintf(file, sizeof file, "loom_%s_octaves.txt", w->info.name));
  for (int o = 0; o < AE_OCTAVES; o++)
    PetscCall(AeSeriesText(series, file, "# 1:iteration 2:time 3:octave 4:E 5:omega 6:D 7:C 8:coherence_time\n",
                           "%" PetscInt_FMT " %.17g %d %.17g %.17g %.17g %.17g %.10g\n", it, (double)t, o, (double)s->E[o],
                           s->rated ? (double)s->omega[o] : NAN, (double)s->D[o], s->compared ? (double)s->C[o] : NAN,
                           (double)w->coherence[o]));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomWrite(AeLoom loom, AeSeries series, PetscInt it, PetscReal t)
{
  PetscFunctionBegin;
  PetscCall(AeSeriesText(series, "loom.txt", "# 1:iteration 2:time 3:transformed 4:D_max 5:dominant 6:dt_cap 7:thread\n",
                         "%" PetscInt_FMT " %.17g %d %.17g %" PetscInt_FMT " %.17g %s\n", it, (double)t, (int)loom->now.ticked,
                         (double)loom->now.D_max, loom->now.octave, (double)loom->now.cap, AeThreadName(loom->now.cap_thread)));
  for (PetscInt i = 0; i < loom->n && loom->now.ticked; i++)
    if (loom->w[i].now.s.fresh) PetscCall(WriteField(&loom->w[i], series, it, t));
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomSummary(AeLoom loom, AeRun run)
{
  PetscFunctionBegin;
  PetscCall(AeRunSetInt(run, "loom.ticks", loom->now.ticks));
  PetscCall(AeRunSetInt(run, "loom.skips", loom->now.skips));
  PetscCall(AeRunSetInt(run, "loom.ffts", loom->now.ffts));
  PetscCall(AeRunSetReal(run, "loom.D_max", loom->now.D_max));
  PetscCall(AeRunSetReal(run, "loom.dt_cap", loom->now.cap));
  PetscCall(AeRunSetString(run, "loom.dt_thread", AeThreadName(loom->now.cap_thread)));
  PetscFunctionReturn(0);
}

/* How each component is transformed and what is taken off it before, then the newest spectrum. */
static PetscErrorCode ViewField(AeLoom loom, const Watched *w, PetscViewer viewer)
{
  static const char *const kinds[] = {"DFT", "cosines", "sines", "cosines of type 4", "sines of type 4"};
  const AeLoomSpectrum    *s       = &w->now.s;

  PetscFunctionBegin;
  for (PetscInt c = 0; c < w->info.components; c++) {
    const AeTransform *kind = loom->kinds[w->kind[c]].fft->kind;

    PetscCall(PetscViewerASCIIPrintf(viewer, "  %s%s: x %s%s, y %s%s, z %s%s; %s removed: %g\n", w->info.name,
                                     w->info.components > 1 ? (c == 0   ? " x"
                                                               : c == 1 ? " y"
                                                                        : " z")
                                                            : "",
                                     loom->band ? "modes" : kinds[kind[0]], loom->open[0] ? " of the tapered field" : "",
                                     loom->band ? "modes" : kinds[kind[1]], loom->open[1] ? " of the tapered field" : "",
                                     loom->band ? "modes" : kinds[kind[2]], loom->open[2] ? " of the tapered field" : "",
                                     loom->windowed ? "boundary value" : "mean", (double)s->removed[c]));
  }
  if (!s->known) {
    PetscCall(PetscViewerASCIIPrintf(viewer, "    has not been at hand\n"));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscViewerASCIIPrintf(
    viewer, "    %stail %.3g, dominant octave %" PetscInt_FMT ", amplitude %.4g, E(L,M,H) = %.3g, %.3g, %.3g\n",
    s->fresh ? "" : "of an older tick: ", (double)s->tail, s->dominant, (double)s->amplitude, (double)s->scale_E[0],
    (double)s->scale_E[1], (double)s->scale_E[2]));
  PetscCall(
    PetscViewerASCIIPrintf(viewer, "    octave          E      omega          D          C  coherent for  growth of E\n"));
  for (int o = 0; o < AE_OCTAVES; o++) {
    PetscReal rate;
    PetscInt  rows;

    if (!(s->E[o] > 0)) continue;
    PetscCall(AeLoomGrowth(loom, (PetscInt)(w - loom->w), o, &rate, &rows));
    PetscCall(PetscViewerASCIIPrintf(viewer, "    %6d %10.3g %10.4g %10.3g %10.6f  %12.4g %12.4g\n", o, (double)s->E[o],
                                     s->rated ? (double)s->omega[o] : NAN, (double)s->D[o], s->compared ? (double)s->C[o] : NAN,
                                     (double)w->coherence[o], rows ? (double)rate : NAN));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeLoomView(AeLoom loom, PetscViewer viewer)
{
  static const char *const actions[AE_ACTION_COUNT] = {[AE_ACTION_NONE]        = "",
                                                       [AE_ACTION_DISSIPATION] = "more dissipation",
                                                       [AE_ACTION_DT]          = "smaller dt",
                                                       [AE_ACTION_TAKE_BACK]   = "step back"};

  PetscFunctionBegin;
  if (!loom->o.every) {
    PetscCall(PetscViewerASCIIPrintf(viewer, "loom: off (-loom_every 0)\n"));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscViewerASCIIPrintf(viewer,
                                   "loom: every %" PetscInt_FMT " steps, in %s precision; %" PetscInt64_FMT
                                   " ticks with transforms, %" PetscInt64_FMT " skipped, %" PetscInt64_FMT
                                   " transforms; D_max %.4g\n",
                                   loom->o.every, loom->o.precision == AE_LOOM_SINGLE ? "single" : "double", loom->now.ticks,
                                   loom->now.skips, loom->now.ffts, (double)loom->now.D_max));
  if (loom->windowed)
    PetscCall(PetscViewerASCIIPrintf(viewer, "  window: Tukey, %g of each open axis tapered, mean square %g\n",
                                     (double)loom->o.taper, (double)loom->window_square));
  for (PetscInt i = 0; i < loom->n; i++) PetscCall(ViewField(loom, &loom->w[i], viewer));
  if (!loom->now.ticks) PetscFunctionReturn(0);
  PetscCall(
    PetscViewerASCIIPrintf(viewer, "  thread     residual     dt cap  wanted   (residual 1: on the rail; -1: not known)\n"));
  for (PetscInt i = 0; i < AE_THREADS; i++)
    if (loom->now.threads[i].residual >= 0) {
      char cap[32] = "-";

      if (loom->now.threads[i].cap < PETSC_INFINITY)
        PetscCall(PetscSNPrintf(cap, sizeof cap, "%.4g", (double)loom->now.threads[i].cap));
      PetscCall(PetscViewerASCIIPrintf(viewer, "  %-9s %9.3g  %9s  %s\n", AeThreadName(i), (double)loom->now.threads[i].residual,
                                       cap, actions[loom->now.threads[i].action]));
    }
  PetscCall(PetscViewerASCIIPrintf(viewer, "  smallest cap: dt = %.4g by %s\n", (double)loom->now.cap,
                                   AeThreadName(loom->now.cap_thread)));
  PetscFunctionReturn(0);
}
