/*
  aeonic gcat: the calibration suite. Every row evolves with a feature and without it, in this process, in turns.
*/
#include "gcat.h"
#include <aeonic/bench.h>
#include <aeonic/commands.h>

static PetscBool AtLeast(const AeGcatRow *row)
{
  return (PetscBool)(row->measure == AE_GCAT_SAME || row->measure == AE_GCAT_SAVED);
}

static const AeGcatRow *Find(const char name[])
{
  for (PetscInt r = 0; r < AeGcatCount; r++)
    if (!strcmp(name, AeGcatRows[r].name)) return &AeGcatRows[r];
  return NULL;
}

static PetscErrorCode NoSuchRow(const char name[])
{
  const char *names[64], *near;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < AeGcatCount; r++) names[r] = AeGcatRows[r].name;
  near = AeNearest(name, names, AeGcatCount);
  SETERRQ(PETSC_COMM_WORLD, AE_ERR_USAGE, "-gcat_run %s: there is no such row%s%s%s (-gcat_list lists them)", name,
          near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

/* The row's number. Where steps are timed: the median over blocks of steps, its interval, and its standard error; and the median
   by the wall's clock, which counts other programs where they take the processor away. */
typedef struct {
  PetscReal value, low, high, coverage, error, wall;
  PetscBool pass;
} Number;

/* Of x[0..n-1], which is sorted. Of a normal distribution sigma is 0.7413 of the range between the quartiles, the error of a
   median 1.2533 sigma / sqrt(n). */
static Number MedianOf(PetscInt n, PetscReal x[])
{
  Number m = {.value = NAN};

  if (!n) return m;
  m.value = AeBenchMedian(x, n);
  AeBenchInterval(x, n, &m.low, &m.high, &m.coverage);
  m.error = 1.2533 * 0.7413 * (x[(3 * n) / 4 - (n > 1)] - x[n / 4]) / PetscSqrtReal((PetscReal)n);
  return m;
}

static PetscErrorCode Twins(const AeGcatRow *row, Number *m)
{
  const PetscInt    rounds = row->measure != AE_GCAT_STEPS ? 1 : row->kind & AE_GCAT_LONG ? 4 : 8;
  AeGcatTwinsResult twins;

  PetscFunctionBegin;
  PetscCall(AeGcatTwins(row->both, row->with, row->without, rounds, &twins));
  if (row->measure == AE_GCAT_APART) *m = (Number){.value = twins.apart};
  else {
    *m      = MedianOf(twins.blocks, twins.share[AE_GCAT_CPU]);
    m->wall = twins.blocks ? AeBenchMedian(twins.share[AE_GCAT_WALL], twins.blocks) : NAN;
  }
  if (!twins.same) m->value = NAN; /* no comparison: they have done different things */
  PetscFunctionReturn(0);
}

/* A row is one evolution with the feature and one without, or two in turns where time is what is measured. */
static PetscErrorCode Measure(const AeGcatRow *row, Number *m)
{
  const PetscBool twins = (PetscBool)(row->measure == AE_GCAT_APART || row->measure == AE_GCAT_STEPS);
  AeGcatResult    with = {0, ""}, without = {0, ""};

  PetscFunctionBegin;
  *m = (Number){.value = NAN};
  if (twins) PetscCall(Twins(row, m));
  else {
    if (row->measure != AE_GCAT_AT_MOST)
      PetscCall(AeGcatEvolve(row->both, row->without, row->key_without ? row->key_without : row->key, &without));
    PetscCall(AeGcatEvolve(row->both, row->with, row->key, &with));
  }
  if (row->measure == AE_GCAT_SAME) m->value = *with.hash && !strcmp(with.hash, without.hash);
  if (row->measure == AE_GCAT_WITHIN) m->value = PetscAbsReal(with.value / without.value - 1);
  if (row->measure == AE_GCAT_SAVED) m->value = without.value / with.value;
  if (row->measure == AE_GCAT_AT_MOST) m->value = with.value;
  m->pass = (PetscBool)(AtLeast(row) ? m->value >= row->bound : m->value <= row->bound); /* not NaN */
  PetscFunctionReturn(0);
}

/* The row's line and keys; the keys of an interval only where steps are timed. */
static PetscErrorCode Record(AeRun run, const AeGcatRow *row, const Number *m)
{
  char key[96], interval[64] = "";

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.pass", row->name));
  PetscCall(AeRunSetBool(run, key, m->pass));
  PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.value", row->name));
  PetscCall(AeRunSetReal(run, key, m->value));
  PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.bound", row->name));
  PetscCall(AeRunSetReal(run, key, row->bound));
  if (row->measure == AE_GCAT_STEPS) {
    PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.error", row->name));
    PetscCall(AeRunSetReal(run, key, m->error));
    PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.wall", row->name));
    PetscCall(AeRunSetReal(run, key, m->wall));
    PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.low", row->name));
    PetscCall(AeRunSetReal(run, key, m->low));
    PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.high", row->name));
    PetscCall(AeRunSetReal(run, key, m->high));
    PetscCall(PetscSNPrintf(interval, sizeof interval, " (%.2g to %.2g with %.0f %%)", (double)m->low, (double)m->high,
                            100 * (double)m->coverage));
  }
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-4s %-12s GCAT-%s %-11s %11.4g %s %-8.4g %s%s\n", m->pass ? "pass" : "FAIL",
                        row->name, row->suite, row->kind & AE_GCAT_PERFORMANCE ? "performance" : "correctness", (double)m->value,
                        AtLeast(row) ? ">=" : "<=", (double)row->bound, row->text, interval));
  PetscFunctionReturn(0);
}

/* Is the row in LIST ("a,b,c"; none: all, the lengthy ones where asked for)? */
static PetscBool Chosen(const AeGcatRow *row, const char list[], PetscBool lengthy)
{
  const size_t n = strlen(row->name);

  if (!list[0]) return (PetscBool)(lengthy || !(row->kind & AE_GCAT_LONG));
  for (const char *p = list; p; p = strchr(p, ',')) {
    if (*p == ',') p++;
    if (!strncmp(p, row->name, n) && (!p[n] || p[n] == ',')) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode CheckList(const char list[])
{
  char **names;
  int    n;

  PetscFunctionBegin;
  PetscCall(PetscStrToArray(list, ',', &n, &names));
  for (int i = 0; i < n; i++)
    if (!Find(names[i])) PetscCall(NoSuchRow(names[i]));
  PetscCall(PetscStrToArrayDestroy(n, names));
  PetscFunctionReturn(0);
}

/* The summary is written after every row: a suite takes minutes and may be stopped. */
static PetscErrorCode Suite(AeRun run, const char list[], PetscBool lengthy)
{
  PetscInt passed = 0, failed = 0, wrong = 0;
  Number   m;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < AeGcatCount; r++) {
    const AeGcatRow *row = &AeGcatRows[r];

    if (!Chosen(row, list, lengthy)) continue;
    PetscCall(Measure(row, &m));
    PetscCall(Record(run, row, &m));
    PetscCall(AeRunSave(run)); /* what is known stays known */
    if (m.pass) passed++;
    else failed++;
    if (!m.pass && !(row->kind & AE_GCAT_PERFORMANCE)) wrong++;
  }
  PetscCall(AeRunSetInt(run, "gcat.passed", passed));
  PetscCall(AeRunSetInt(run, "gcat.failed", failed));
  PetscCall(AeRunClose(run, wrong ? AE_EXIT_FAILED : AE_EXIT_OK, wrong ? "a correctness row failed" : "done"));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%" PetscInt_FMT " passed, %" PetscInt_FMT " failed\n", passed, failed));
  PetscCheck(!wrong, PETSC_COMM_WORLD, AE_ERR_FAILED, "%" PetscInt_FMT " correctness row%s of the suite failed", wrong,
             wrong > 1 ? "s" : "");
  PetscFunctionReturn(0);
}

/* Wrong names are refused before the first row runs. */
PetscErrorCode AeCommandGcat(const char topic[])
{
  PetscBool list = PETSC_FALSE, lengthy = PETSC_FALSE, chosen, help;
  char      rows[512] = "";
  AeRun     run;

  PetscFunctionBegin;
  (void)topic;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Calibration suite", "aeonic gcat");
  PetscCall(AeOptBool("-gcat_list", "list the rows and what each measures", "", &list, NULL));
  PetscCall(AeOptString("-gcat_run", "run these rows only, separated by commas", "", rows, sizeof rows, &chosen));
  PetscCall(AeOptBool("-gcat_long", "lengthy rows too: published testbeds (GCAT-GR), overhead at 48^3",
                      "gr-qc/0305023, arXiv:0709.3559", &lengthy, NULL));
  PetscOptionsEnd();
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "gcat", chosen ? rows : lengthy ? "long" : "all", &run));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (chosen) PetscCall(CheckList(rows));
  if (list)
    for (PetscInt r = 0; r < AeGcatCount; r++)
      PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-12s GCAT-%s %-11s %s\n", AeGcatRows[r].name, AeGcatRows[r].suite,
                            AeGcatRows[r].kind & AE_GCAT_PERFORMANCE ? "performance" : "correctness", AeGcatRows[r].text));
  else if (!help) PetscCall(Suite(run, rows, lengthy));
  PetscCall(AeRunDestroy(&run));
  PetscFunctionReturn(0);
}
