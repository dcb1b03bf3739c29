/*
  aeonic gcat: the calibration suite. Every row evolves with a feature and without it, in this process, in turns.
*/
#include "gcat.h"
#include <aeonic/commands.h>

enum { TURNS = 4 };

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
  SETERRQ(PETSC_COMM_WORLD, AE_ERR_USAGE, "-gcat_run %s: there is no such row%s%s%s (-gcat_list lists them)", name, near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

/* The row's number; NaN passes nothing. */
static PetscErrorCode Measure(const AeGcatRow *row, PetscReal *value, PetscBool *pass)
{
  const PetscInt turns = row->measure == AE_GCAT_CPU ? TURNS : 1;
  AeGcatResult   with = {0, 0, ""}, without = {0, 0, ""};
  PetscReal      cpu[2] = {PETSC_MAX_REAL, PETSC_MAX_REAL};

  PetscFunctionBegin;
  for (PetscInt i = 0; i < turns; i++) {
    if (row->measure != AE_GCAT_AT_MOST) PetscCall(AeGcatEvolve(row->both, row->without, row->key_without ? row->key_without : row->key, &without));
    PetscCall(AeGcatEvolve(row->both, row->with, row->key, &with));
    cpu[0] = PetscMin(cpu[0], without.cpu);
    cpu[1] = PetscMin(cpu[1], with.cpu);
  }
  *value = NAN;
  switch (row->measure) {
  case AE_GCAT_SAME:
    *value = *with.hash && !strcmp(with.hash, without.hash);
    break;
  case AE_GCAT_WITHIN:
    *value = PetscAbsReal(with.value / without.value - 1);
    break;
  case AE_GCAT_SAVED:
    *value = without.value / with.value;
    break;
  case AE_GCAT_AT_MOST:
    *value = with.value;
    break;
  case AE_GCAT_CPU:
    *value = cpu[1] / cpu[0] - 1;
    break;
  }
  *pass = (PetscBool)(row->measure == AE_GCAT_SAME || row->measure == AE_GCAT_SAVED ? *value >= row->bound : *value <= row->bound);
  PetscFunctionReturn(0);
}

static PetscErrorCode Record(AeRun run, const AeGcatRow *row, PetscReal value, PetscBool pass)
{
  const PetscBool least = (PetscBool)(row->measure == AE_GCAT_SAME || row->measure == AE_GCAT_SAVED);
  char            key[96];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.pass", row->name));
  PetscCall(AeRunSetBool(run, key, pass));
  PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.value", row->name));
  PetscCall(AeRunSetReal(run, key, value));
  PetscCall(PetscSNPrintf(key, sizeof key, "gcat.%s.bound", row->name));
  PetscCall(AeRunSetReal(run, key, row->bound));
  PetscCall(
    PetscPrintf(PETSC_COMM_WORLD, "%-4s %-12s GCAT-%s %-11s %11.4g %s %-8.4g %s\n", pass ? "pass" : "FAIL", row->name, row->suite, row->performance ? "performance" : "correctness", (double)value, least ? ">=" : "<=", (double)row->bound, row->text));
  PetscFunctionReturn(0);
}

/* All rows, or one. */
static PetscErrorCode Suite(AeRun run, const AeGcatRow *only)
{
  PetscInt  passed = 0, failed = 0, wrong = 0;
  PetscReal value = NAN;
  PetscBool pass = PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt r = 0; r < AeGcatCount; r++) {
    const AeGcatRow *row = &AeGcatRows[r];

    if (only && row != only) continue;
    PetscCall(Measure(row, &value, &pass));
    PetscCall(Record(run, row, value, pass));
    if (pass) passed++;
    else failed++;
    if (!pass && !row->performance) wrong++;
  }
  PetscCall(AeRunSetInt(run, "gcat.passed", passed));
  PetscCall(AeRunSetInt(run, "gcat.failed", failed));
  PetscCall(AeRunClose(run, wrong ? AE_EXIT_FAILED : AE_EXIT_OK, wrong ? "a correctness row failed" : "done"));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%" PetscInt_FMT " passed, %" PetscInt_FMT " failed\n", passed, failed));
  PetscCheck(!wrong, PETSC_COMM_WORLD, AE_ERR_FAILED, "%" PetscInt_FMT " correctness row%s of the suite failed", wrong, wrong > 1 ? "s" : "");
  PetscFunctionReturn(0);
}

PetscErrorCode AeCommandGcat(const char topic[])
{
  const AeGcatRow *only     = NULL;
  PetscBool        list     = PETSC_FALSE, chosen, help;
  char             name[64] = "";
  AeRun            run;

  PetscFunctionBegin;
  (void)topic;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Calibration suite", "aeonic gcat");
  PetscCall(AeOptBool("-gcat_list", "list the rows and what each measures", "", &list, NULL));
  PetscCall(AeOptString("-gcat_run", "run this row only", "", name, sizeof name, &chosen));
  PetscOptionsEnd();
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "gcat", chosen ? name : "all", &run));
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (chosen && !(only = Find(name))) PetscCall(NoSuchRow(name));
  if (list)
    for (PetscInt r = 0; r < AeGcatCount; r++) PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-12s GCAT-%s %-11s %s\n", AeGcatRows[r].name, AeGcatRows[r].suite, AeGcatRows[r].performance ? "performance" : "correctness", AeGcatRows[r].text));
  else if (!help) PetscCall(Suite(run, only));
  PetscCall(AeRunDestroy(&run));
  PetscFunctionReturn(0);
}
