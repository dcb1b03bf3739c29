/*
  aeonic verify FILE -replay CHECKPOINT: makes the steps after a checkpoint again, in a scratch folder and with the options of
  the record, and compares what both records say. A chain that was forged whole is unbroken; the numbers in it are not
  those of the run.
*/
#include "verify_replay.h"
#include <jansson.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMM PETSC_COMM_SELF

/* Records of the kinds that a run makes again alike, those after the CHECKPOINT of that file (all if it is empty). */
static PetscErrorCode Load(const char path[], const char after[], json_t **open, json_t **mark, json_t *records)
{
  FILE      *f    = fopen(path, "r");
  char      *line = NULL;
  size_t     size = 0;
  PetscInt64 n    = 0;

  PetscFunctionBegin;
  PetscCheck(f, COMM, AE_ERR_USAGE, "-replay: cannot read %s", path);
  while (getline(&line, &size, f) > 0) {
    json_t     *r    = json_loads(line, 0, NULL);
    const char *kind = json_string_value(json_object_get(r, "kind")),
               *file = json_string_value(json_object_get(json_object_get(r, "payload"), "file"));

    n++;
    if (!kind) {
      json_decref(r);
      continue;
    }
    json_object_set_new(r, "line", json_integer(n));
    if (!strcmp(kind, "RUN_OPEN") && open && !*open) *open = json_incref(r);
    if (*after && !strcmp(kind, "CHECKPOINT") && file && !strcmp(file, after)) {
      json_array_clear(records);
      json_decref(*mark);
      *mark = json_incref(r);
    } else if (!strcmp(kind, "RESTART") && mark && *mark)
      json_array_clear(records), json_decref(*mark), *mark = NULL; /* another branch: its own checkpoints count */
    else if (!strcmp(kind, "STEP_ATTEMPT") || !strcmp(kind, "STEP_ACCEPT") || !strcmp(kind, "STEP_REJECT") ||
             !strcmp(kind, "HASH") || !strcmp(kind, "CHECKPOINT"))
      json_array_append(records, r);
    json_decref(r);
  }
  free(line);
  fclose(f);
  PetscFunctionReturn(0);
}

static PetscErrorCode Copy(const char from[], const char to[])
{
  FILE  *a = fopen(from, "rb"), *b = fopen(to, "wb");
  char   buffer[65536];
  size_t n;

  PetscFunctionBegin;
  PetscCheck(a, COMM, AE_ERR_USAGE, "-replay: cannot read %s", from);
  PetscCheck(b, COMM, PETSC_ERR_FILE_OPEN, "-replay: cannot write %s", to);
  while ((n = fread(buffer, 1, sizeof buffer, a)) > 0)
    PetscCheck(fwrite(buffer, 1, n, b) == n, COMM, PETSC_ERR_FILE_WRITE, "-replay: cannot write %s", to);
  fclose(a);
  PetscCheck(!fclose(b), COMM, PETSC_ERR_FILE_WRITE, "-replay: cannot write %s", to);
  PetscFunctionReturn(0);
}

/* aeonic gr -restart in the scratch folder, with the record's options, until step last. */
static PetscErrorCode Run(json_t *options, const char folder[], PetscInt64 last, int *status)
{
  static const char *const own[] = {"-out",      "-fresh",        "-restart",      "-summary",
                                    "-progress", "-max_walltime", "-ts_max_steps", "-options_file"};
  const char             **argv, *name;
  json_t                  *value;
  int                      argc = 0, out;
  char                     steps[32];
  pid_t                    child;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(steps, sizeof steps, "%" PetscInt64_FMT, last));
  PetscCall(PetscMalloc1(2 * json_object_size(options) + 16, &argv));
  argv[argc++] = "aeonic";
  argv[argc++] = "gr";
  json_object_foreach(options, name, value)
  {
    PetscBool mine = PETSC_FALSE;

    for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(own); i++) mine = (PetscBool)(mine || !strcmp(own[i], name));
    if (mine) continue;
    argv[argc++] = name;
    if (*json_string_value(value)) argv[argc++] = json_string_value(value);
  }
  for (const char *const *more =
         (const char *const[]){"-restart", "-out", folder, "-progress", "none", "-ts_max_steps", steps, NULL};
       *more; more++)
    argv[argc++] = *more;
  argv[argc] = NULL;
  fflush(NULL);
  child = fork();
  PetscCheck(child >= 0, COMM, PETSC_ERR_SYS, "-replay: cannot start a second process");
  if (!child) {
    static const char *const mpi[] = {"PMIX_", "OMPI_COMM", "OMPI_UNIVERSE", "ORTE_", "OMPI_MCA_orte"};

    for (char **e = environ; *e;) { /* it is a run of its own, not a rank of this one */
      char   key[256];
      size_t n   = strcspn(*e, "=");
      int    hit = 0;

      for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(mpi); i++) hit |= !strncmp(*e, mpi[i], strlen(mpi[i]));
      if (!hit || n >= sizeof key) e++;
      else {
        memcpy(key, *e, n);
        key[n] = 0;
        unsetenv(key);
      }
    }
    if (freopen("/dev/null", "w", stdout)) execv("/proc/self/exe", (char *const *)argv);
    _exit(3);
  }
  PetscCall(PetscFree(argv));
  PetscCheck(waitpid(child, &out, 0) == child, COMM, PETSC_ERR_SYS, "-replay: lost the second process");
  *status = WIFEXITED(out) ? WEXITSTATUS(out) : 3;
  PetscFunctionReturn(0);
}

PetscErrorCode AeVerifyReplay(const char file[], const char checkpoint[], PetscInt steps)
{
  const char *base = strrchr(checkpoint, '/') ? strrchr(checkpoint, '/') + 1 : checkpoint;
  char        mark_file[PETSC_MAX_PATH_LEN], folder[] = "/tmp/aeonic-replay-XXXXXX", path[PETSC_MAX_PATH_LEN];
  json_t     *open = NULL, *mark = NULL, *then = json_array(), *now = json_array(), *r;
  PetscInt64  first, last, compared = 0, line = 0;
  size_t      i;
  int         status;
  const char *kind = "";

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(mark_file, sizeof mark_file, "checkpoint/%s", base));
  PetscCall(Load(file, mark_file, &open, &mark, then));
  PetscCheck(mark && open, COMM, AE_ERR_USAGE, "-replay: %s has no record of %s", file, mark_file);
  PetscCheck(!strcmp(json_string_value(json_object_get(json_object_get(open, "payload"), "command")), "gr"), COMM, AE_ERR_USAGE,
             "-replay: only runs of aeonic gr can be made again");
  first = last                        = json_integer_value(json_object_get(json_object_get(mark, "clock"), "n"));
  json_array_foreach(then, i, r) last = PetscMax(last, json_integer_value(json_object_get(json_object_get(r, "clock"), "n")));
  if (steps) last = PetscMin(last, first + steps);
  PetscCheck(mkdtemp(folder), COMM, PETSC_ERR_FILE_OPEN, "-replay: cannot make a folder in /tmp");
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/checkpoint", folder));
  PetscCheck(!mkdir(path, 0700), COMM, PETSC_ERR_FILE_OPEN, "-replay: cannot make %s", path);
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/checkpoint/%s", folder, base));
  PetscCall(Copy(checkpoint, path));
  PetscCall(Run(json_object_get(json_object_get(open, "payload"), "options"), folder, last, &status));
  PetscCheck(status == 0 || status == 2, COMM, status == 1 ? AE_ERR_USAGE : PETSC_ERR_SYS,
             "-replay: the run from %s ended with exit status %d; it is in %s", checkpoint, status, folder);
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/receipts.jsonl", folder));
  PetscCall(Load(path, "", NULL, NULL, now));
  json_array_foreach(then, i, r)
  {
    json_t *again = json_array_get(now, i);

    kind = json_string_value(json_object_get(r, "kind"));
    if (json_integer_value(json_object_get(json_object_get(r, "clock"), "n")) + !strcmp(kind, "STEP_ATTEMPT") > last) break;
    if (!strcmp(kind, "CHECKPOINT")) /* of the file itself the length depends on the options that say where it is */
      for (int k = 0; k < 2; k++) json_object_del(json_object_get(k ? again : r, "payload"), "size");
    if (!json_equal(json_object_get(r, "kind"), json_object_get(again, "kind")) ||
        !json_equal(json_object_get(r, "clock"), json_object_get(again, "clock")) ||
        !json_equal(json_object_get(r, "payload"), json_object_get(again, "payload"))) {
      line = json_integer_value(json_object_get(r, "line"));
      break;
    }
    compared++;
  }
  PetscCheck(!line, COMM, AE_ERR_USAGE, "%s: line %" PetscInt64_FMT ": %s is not what the run from %s gives; that run is in %s",
             file, line, kind, checkpoint, folder);
  printf("replay: steps %" PetscInt64_FMT " to %" PetscInt64_FMT " from %s: %" PetscInt64_FMT " records the same\n", first + 1,
         last, checkpoint, compared);
  PetscCall(PetscRMTree(folder));
  json_decref(open), json_decref(mark), json_decref(then), json_decref(now);
  PetscFunctionReturn(0);
}
