/*
  AeRun: the folder of a run, its summary, its progress on the terminal.
*/
#include "run_private.h"
#include <errno.h>
#include <libgen.h>
#include <petsctime.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const Progress[] = {"auto", "bar", "line", "none"};
/* A folder with one of these holds a run. */
static const char *const Marks[] = {"summary.json", "options.txt", "receipts.jsonl", "series", "fields", "checkpoint"};

PetscErrorCode AeRunCreate(MPI_Comm comm, const char command[], const char name[], AeRun *out)
{
  AeRun    run;
  PetscInt progress = 0;

  PetscFunctionBegin;
  PetscCall(PetscNew(&run));
  run->comm = comm;
  PetscCallMPI(MPI_Comm_rank(comm, &run->rank));
  PetscCallMPI(MPI_Comm_size(comm, &run->size));
  PetscCall(PetscStrncpy(run->command, command, sizeof run->command));
  PetscCall(PetscSNPrintf(run->dir, sizeof run->dir, "out/%s-%s", command, name));
  PetscOptionsBegin(comm, NULL, "Run", "AeRun");
  PetscCall(AeOptString("-out", "folder of the run", "", run->dir, sizeof run->dir, &run->dir_given));
  PetscCall(AeOptString("-summary", "a second place for summary.json", "", run->summary, sizeof run->summary, NULL));
  PetscCall(AeOptBool("-fresh", "move a folder that holds another run aside", "", &run->fresh, NULL));
  PetscCall(AeOptBool("-check", "read everything, say what the run would do, and exit", "", &run->check, NULL));
  PetscCall(AeOptChoice("-progress", "progress on the terminal", "", Progress, 4, &progress, NULL));
  PetscCall(AeOptBool("-error_trace", "PETSc's trace with an error", "", &run->trace, NULL));
  PetscCall(AeOptBool("-options_left_ok", "let options pass that nothing reads", "", &run->left_ok, NULL));
  PetscOptionsEnd();
  run->progress = progress == 0 ? (isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_LINE) : (ProgressKind)progress;
  run->keys     = json_object();
  PetscCall(PetscTime(&run->began));
  if (run->summary[0]) {
    char folder[PETSC_MAX_PATH_LEN];
    int  ok = 1;

    PetscCall(PetscStrncpy(folder, run->summary, sizeof folder));
    if (!run->rank) ok = !access(dirname(folder), W_OK);
    PetscCallMPI(MPI_Bcast(&ok, 1, MPI_INT, 0, comm));
    PetscCheck(ok, comm, AE_ERR_USAGE, "-summary %s: its folder does not exist or cannot be written to", run->summary);
  }
  *out = run;
  PetscFunctionReturn(0);
}

static PetscBool Exists(const char path[])
{
  struct stat s;
  return (PetscBool)!lstat(path, &s);
}

static PetscBool HoldsRun(const char dir[])
{
  char path[PETSC_MAX_PATH_LEN + 32];

  for (size_t m = 0; m < PETSC_STATIC_ARRAY_LENGTH(Marks); m++) {
    (void)snprintf(path, sizeof path, "%s/%s", dir, Marks[m]);
    if (Exists(path)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* mkdir -p; 0 or errno */
static int MakeFolders(const char path[])
{
  char  copy[PETSC_MAX_PATH_LEN + 32];
  char *s = copy;

  (void)snprintf(copy, sizeof copy, "%s", path);
  do {
    s = strchr(s + 1, '/');
    if (s) *s = 0;
    if (mkdir(copy, 0777) && errno != EEXIST) return errno;
    if (s) *s = '/';
  } while (s);
  return 0;
}

enum { OPEN_OK, OPEN_HOLDS_RUN, OPEN_FAILED };

/* On rank 0. */
static int OpenFolder(AeRun run, int *err)
{
  char path[PETSC_MAX_PATH_LEN + 16];

  *err = 0;
  if (HoldsRun(run->dir)) {
    int n = 1;

    if (!run->fresh) return OPEN_HOLDS_RUN;
    do (void)snprintf(path, sizeof path, "%s.old-%d", run->dir, n++);
    while (Exists(path));
    if (rename(run->dir, path)) *err = errno;
  }
  if (!*err) *err = MakeFolders(run->dir);
  for (int m = 0; m < 2 && !*err; m++) {
    (void)snprintf(path, sizeof path, "%s/%s", run->dir, m ? "fields" : "series");
    *err = MakeFolders(path);
  }
  return *err ? OPEN_FAILED : OPEN_OK;
}

PetscErrorCode AeRunOpen(AeRun run)
{
  int result[2] = {OPEN_OK, 0};

  PetscFunctionBegin;
  while (strlen(run->dir) > 1 && run->dir[strlen(run->dir) - 1] == '/') run->dir[strlen(run->dir) - 1] = 0;
  if (!run->rank) result[0] = OpenFolder(run, &result[1]);
  PetscCallMPI(MPI_Bcast(result, 2, MPI_INT, 0, run->comm));
  PetscCheck(result[0] != OPEN_HOLDS_RUN, run->comm, AE_ERR_USAGE, "-out %s holds another run: give another folder, or -fresh to move it aside", run->dir);
  PetscCheck(result[0] == OPEN_OK, run->comm, AE_ERR_FILE, "-out %s cannot be made: %s", run->dir, strerror(result[1]));
  run->opened = PETSC_TRUE;
  if (!run->rank) {
    char  *options, *text;
    size_t len;

    PetscCall(AeOptionsTable(&options));
    len = strlen(options) + 128;
    PetscCall(PetscMalloc1(len, &text));
    PetscCall(PetscSNPrintf(text, len, "# aeonic %s, version %s, %d rank%s; use with: aeonic %s -options_file FILE\n%s", run->command, AEONIC_VERSION, run->size, run->size > 1 ? "s" : "", run->command, options));
    PetscCall(AeWriteFile(AeRunPath(run, "options.txt"), text, strlen(text)));
    PetscCall(PetscFree(text));
    PetscCall(PetscFree(options));
  }
  PetscFunctionReturn(0);
}

const char *AeRunPath(AeRun run, const char rel[])
{
  (void)snprintf(run->path, sizeof run->path, "%s/%s", run->dir, rel);
  return run->path;
}

static PetscErrorCode Set(AeRun run, const char key[], json_t *value)
{
  PetscFunctionBegin;
  PetscCheck(value && !json_object_set_new(run->keys, key, value), PETSC_COMM_SELF, PETSC_ERR_LIB, "jansson cannot store %s", key);
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunSetReal(AeRun run, const char key[], PetscReal x)
{
  PetscFunctionBegin;
  PetscCall(Set(run, key, isfinite(x) ? json_real(x) : json_null()));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunSetInt(AeRun run, const char key[], PetscInt64 x)
{
  PetscFunctionBegin;
  PetscCall(Set(run, key, json_integer(x)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunSetString(AeRun run, const char key[], const char value[])
{
  PetscFunctionBegin;
  PetscCall(Set(run, key, json_string(value)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunSetBool(AeRun run, const char key[], PetscBool value)
{
  PetscFunctionBegin;
  PetscCall(Set(run, key, json_boolean(value)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunClose(AeRun run, AeExit status, const char reason[])
{
  PetscLogDouble now;
  int            failed = 0;

  PetscFunctionBegin;
  if (run->closed) PetscFunctionReturn(0);
  run->closed = PETSC_TRUE;
  PetscCall(PetscTime(&now));
  PetscCall(AeRunSetString(run, "run.command", run->command));
  PetscCall(AeRunSetInt(run, "run.exit", status));
  PetscCall(AeRunSetString(run, "run.reason", reason));
  PetscCall(AeRunSetReal(run, "run.wall_s", now - run->began));
  PetscCall(AeRunSetInt(run, "run.ranks", run->size));
  PetscCall(AeRunSetString(run, "run.version", AEONIC_VERSION));
  if (!json_object_get(run->keys, "run.reproducible")) PetscCall(AeRunSetString(run, "run.reproducible", "exact"));
  if (!run->rank) {
    char *text = json_dumps(run->keys, JSON_INDENT(1) | JSON_REAL_PRECISION(17));

    PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_LIB, "jansson cannot write the summary");
    /* both places are tried; the first failure is reported */
    PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
    if (run->opened) failed = AeWriteFile(AeRunPath(run, "summary.json"), text, strlen(text));
    if (run->summary[0] && AeWriteFile(run->summary, text, strlen(text))) failed = 1;
    PetscCall(PetscPopErrorHandler());
    free(text);
  }
  PetscCallMPI(MPI_Bcast(&failed, 1, MPI_INT, 0, run->comm));
  PetscCheck(!failed, run->comm, AE_ERR_FILE, "cannot write the summary (%s%s%s): is the disk full?", run->opened ? AeRunPath(run, "summary.json") : "", run->opened && run->summary[0] ? ", " : "", run->summary);
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunDestroy(AeRun *run)
{
  PetscFunctionBegin;
  if (!*run) PetscFunctionReturn(0);
  json_decref((*run)->keys);
  PetscCall(PetscFree(*run));
  PetscFunctionReturn(0);
}
