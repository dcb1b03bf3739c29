/*
  The run: its folder and its summary. Rank 0 touches the disk, and what became of it is everyone's.
*/
#include "base_private.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

/* The -summary file must be writable before hours have gone into what it is to hold. */
static int ProbeSummary(const char path[], char why[])
{
  char        tmp[PETSC_MAX_PATH_LEN + 8];
  struct stat st;
  int         fd;

  if (!*path) return 0;
  if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
    AeWhy(why, "-summary %s: is a folder", path);
    return AE_ERR_USAGE;
  }
  snprintf(tmp, sizeof tmp, "%s.tmp", path);
  fd = open(tmp, O_WRONLY | O_CREAT, 0666);
  if (fd < 0) {
    AeWhy(why, "-summary %s: cannot be written: %s", path, strerror(errno));
    return AE_ERR_USAGE;
  }
  close(fd);
  unlink(tmp);
  return 0;
}

PetscErrorCode AeRunCreate(MPI_Comm comm, const char command[], const char name[], AeRun *result)
{
  static const char *const styles[] = {"auto", "bar", "line", "none"};
  char                     why[AE_WHY];
  PetscInt                 style = AE_PROGRESS_AUTO;
  PetscMPIInt              size;
  size_t                   n;
  AeRun                    run;
  json_t                  *keys;

  PetscFunctionBegin;
  PetscCall(PetscNew(&run));
  *result   = run;
  run->comm = comm;
  run->t0   = MPI_Wtime();
  PetscCallMPI(MPI_Comm_rank(comm, &run->rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscStrncpy(run->command, command, sizeof run->command));
  PetscCall(PetscSNPrintf(run->dir, sizeof run->dir, "out/%s-%s", command, name));

  PetscOptionsBegin(comm, NULL, "Run", NULL);
  PetscCall(AeOptString("-out", "folder of the run", "", run->dir, sizeof run->dir - 64, NULL));
  PetscCall(AeOptString("-summary", "file that receives the summary as well", "", run->summary, sizeof run->summary - 64, NULL));
  PetscCall(AeOptBool("-fresh", "move a run that is in the folder aside, to NAME.old-N", "", &run->fresh, NULL));
  PetscCall(AeOptChoice("-progress", "progress on the terminal", "", styles, PETSC_STATIC_ARRAY_LENGTH(styles), &style, NULL));
  PetscOptionsEnd();
  run->progress.style = (AeProgressStyle)style;
  for (n = strlen(run->dir); n > 1 && run->dir[n - 1] == '/'; n--) run->dir[n - 1] = 0;
  PetscCall(AeShareOutcome(comm, run->rank ? 0 : ProbeSummary(run->summary, why), why));

  PetscCheck((keys = json_object()), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for the summary");
  run->keys = keys;
  /* in the order in which a reader wants them; AeRunClose fills them in */
  json_object_set_new(keys, "run.command", json_string(command));
  json_object_set_new(keys, "run.exit", json_null());
  json_object_set_new(keys, "run.reason", json_null());
  json_object_set_new(keys, "run.wall_s", json_null());
  json_object_set_new(keys, "run.ranks", json_integer(size));
  json_object_set_new(keys, "run.version", json_string(AEONIC_VERSION));
  json_object_set_new(keys, "run.reproducible", json_string("exact"));
  PetscFunctionReturn(0);
}

static PetscBool Exists(const char path[])
{
  struct stat st;
  return (PetscBool)!lstat(path, &st);
}

static PetscBool HoldsRun(const char dir[])
{
  static const char *const parts[] = {"summary.json", "options.txt", "receipts.jsonl", "series", "fields", "checkpoint"};
  char                     path[PETSC_MAX_PATH_LEN + 32];

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(parts); i++) {
    snprintf(path, sizeof path, "%s/%s", dir, parts[i]);
    if (Exists(path)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static int MoveAside(const char dir[], char why[])
{
  char old[PETSC_MAX_PATH_LEN + 32];
  int  n = 0;

  do snprintf(old, sizeof old, "%s.old-%d", dir, ++n);
  while (Exists(old));
  if (!rename(dir, old)) return 0;
  AeWhy(why, "-fresh cannot move %s to %s: %s", dir, old, strerror(errno));
  return AE_ERR_USAGE;
}

static int OpenFolder(AeRun run, const char options[], char why[])
{
  static const char *const inside[] = {"", "/series", "/fields"};
  char                     path[PETSC_MAX_PATH_LEN + 32];
  int                      code;

  if (!run->resume && HoldsRun(run->dir)) {
    if (!run->fresh) {
      AeWhy(why, "the folder %s holds another run; -fresh moves it aside, -out chooses another folder", run->dir);
      return AE_ERR_USAGE;
    }
    if ((code = MoveAside(run->dir, why))) return code;
  }
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(inside); i++) {
    char reason[AE_WHY];
    snprintf(path, sizeof path, "%s%s", run->dir, inside[i]);
    if (AeMakeFolders(path, reason)) {
      AeWhy(why, "-out %s: %s", run->dir, reason);
      return AE_ERR_USAGE;
    }
  }
  snprintf(path, sizeof path, "%s/options.txt", run->dir);
  return AeWriteFileRaw(path, options, strlen(options), why) ? AE_ERR_FILE : 0;
}

PetscErrorCode AeRunResume(AeRun run)
{
  PetscFunctionBegin;
  run->resume = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunOpen(AeRun run)
{
  char   why[AE_WHY], *table, *text = NULL;
  size_t size;

  PetscFunctionBegin;
  PetscCall(AeOptionsTable(&table));
  size = strlen(table) + 256;
  PetscCall(PetscMalloc1(size, &text));
  PetscCall(PetscSNPrintf(text, size, "# aeonic %s, version %s; repeat with: aeonic %s -options_file THIS\n%s", run->command,
                          AEONIC_VERSION, run->command, table));
  PetscCall(AeShareOutcome(run->comm, run->rank ? 0 : OpenFolder(run, text, why), why));
  PetscCall(PetscFree(text));
  PetscCall(PetscFree(table));
  run->opened = PETSC_TRUE;
  PetscFunctionReturn(0);
}

const char *AeRunPath(AeRun run, const char rel[])
{
  snprintf(run->path, sizeof run->path, "%s%s%s", run->dir, *rel ? "/" : "", rel);
  return run->path;
}

static PetscErrorCode Set(AeRun run, const char key[], json_t *value)
{
  PetscFunctionBegin;
  PetscCheck(!json_object_set_new(run->keys, key, value), PETSC_COMM_SELF, AE_ERR_SYSTEM, "cannot store %s in the summary", key);
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunSetReal(AeRun run, const char key[], PetscReal value)
{
  return Set(run, key, PetscIsInfOrNanReal(value) ? json_null() : json_real(value));
}
PetscErrorCode AeRunSetInt(AeRun run, const char key[], PetscInt64 value) { return Set(run, key, json_integer(value)); }
PetscErrorCode AeRunSetString(AeRun run, const char key[], const char value[])
{
  json_t *s = json_string(value);
  return Set(run, key, s ? s : json_null()); /* null when it is not UTF-8 */
}
PetscErrorCode AeRunSetBool(AeRun run, const char key[], PetscBool value) { return Set(run, key, json_boolean(value)); }

static int WriteSummary(AeRun run, char why[])
{
  char  path[PETSC_MAX_PATH_LEN + 32], other[AE_WHY];
  char *text = json_dumps(run->keys, JSON_INDENT(1) | JSON_REAL_PRECISION(17)), *line;
  int   bad  = 0;

  if (!text || !(line = realloc(text, strlen(text) + 2))) {
    free(text);
    AeWhy(why, "no memory for the summary");
    return AE_ERR_SYSTEM;
  }
  text = strcat(line, "\n");
  snprintf(path, sizeof path, "%s/summary.json", run->dir);
  if (run->opened && AeWriteFileRaw(path, text, strlen(text), why)) bad = AE_ERR_FILE;
  if (*run->summary && AeWriteFileRaw(run->summary, text, strlen(text), bad ? other : why))
    bad = AE_ERR_FILE; /* one may work where the other does not */
  free(text);
  return bad;
}

PetscErrorCode AeRunSave(AeRun run)
{
  char why[AE_WHY];

  PetscFunctionBegin;
  PetscCall(AeShareOutcome(run->comm, run->rank ? 0 : WriteSummary(run, why), why));
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunClose(AeRun run, AeExit status, const char reason[])
{
  char why[AE_WHY];

  PetscFunctionBegin;
  if (run->closed) PetscFunctionReturn(0);
  run->closed = PETSC_TRUE;
  PetscCall(AeRunProgressEnd(run));
  PetscCall(AeRunSetInt(run, "run.exit", status));
  PetscCall(AeRunSetString(run, "run.reason", reason ? reason : ""));
  PetscCall(AeRunSetReal(run, "run.wall_s", MPI_Wtime() - run->t0));
  if (status == AE_EXIT_OK) PetscCall(AeShareOutcome(run->comm, run->rank ? 0 : WriteSummary(run, why), why));
  else if (!run->rank && WriteSummary(run, why))
    SETERRQ(PETSC_COMM_SELF, AE_ERR_FILE, "%s", why); /* the other ranks may be gone */
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
