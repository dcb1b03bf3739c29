/* Files, the run folder and the summary. ranks: 1 2 */
#include <jansson.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <tap.h>
#include <unistd.h>

static char dir[] = "/tmp/aeonic-run-XXXXXX";
static int  rank;

static PetscErrorCode Quiet(PetscErrorCode (*what)(AeRun), AeRun run)
{
  PetscErrorCode ierr;
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = what(run);
  PetscCall(PetscPopErrorHandler());
  return ierr;
}

static const char *Contents(const char path[])
{
  static char text[8192];
  FILE       *f = fopen(path, "r");
  size_t      n = f ? fread(text, 1, sizeof text - 1, f) : 0;
  if (f) fclose(f);
  text[n] = 0;
  return text;
}

/* A write that stops half-way, as on a full disk. */
static void full_disk(void)
{
  static char    large[100000];
  char           path[256], tmp[300];
  struct rlimit  was, small;
  PetscErrorCode ierr;

  snprintf(path, sizeof path, "%s/file-%d", dir, rank);
  snprintf(tmp, sizeof tmp, "%s.tmp", path);
  memset(large, 'x', sizeof large);
  TapTrue(AeWriteFile(path, "old\n", 4) == 0 && !strcmp(Contents(path), "old\n"), "a file is written");
  getrlimit(RLIMIT_FSIZE, &was);
  small          = was;
  small.rlim_cur = 4096;
  PetscPushErrorHandler(PetscReturnErrorHandler, NULL);
  setrlimit(RLIMIT_FSIZE, &small);
  ierr = AeWriteFile(path, large, sizeof large);
  setrlimit(RLIMIT_FSIZE, &was);
  TapTrue(ierr == AE_ERR_FILE, "a full disk is an error");
  TapTrue(!strcmp(Contents(path), "old\n"), "the old file is intact");
  TapTrue(access(tmp, F_OK) != 0, "no temporary file stays behind");
  TapTrue(AeWriteFile("/nonexistent/x", "a", 1) == AE_ERR_FILE, "a missing folder is an error");
  PetscPopErrorHandler();
}

static PetscErrorCode Create(AeRun *run)
{
  char path[256];
  PetscFunctionBegin;
  snprintf(path, sizeof path, "%s/deep/down/run/", dir);
  PetscCall(PetscOptionsSetValue(NULL, "-out", path));
  snprintf(path, sizeof path, "%s/copy.json", dir);
  PetscCall(PetscOptionsSetValue(NULL, "-summary", path));
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "gr", "test", run));
  PetscFunctionReturn(0);
}

static PetscErrorCode summary(void)
{
  AeRun       run;
  char        path[256], copy[8192];
  json_t     *keys;
  struct stat st;
  const char *reason;

  PetscFunctionBegin;
  PetscCall(Create(&run));
  PetscCall(AeRunOpen(run));
  TapTrue(!stat(AeRunPath(run, "series"), &st) && S_ISDIR(st.st_mode) && !stat(AeRunPath(run, "fields"), &st),
          "the folder and what is inside, parents included");
  TapTrue(strstr(Contents(AeRunPath(run, "options.txt")), "-summary ") != NULL, "options.txt holds the options");
  PetscCall(AeRunSetReal(run, "time.t", 0.1));
  PetscCall(AeRunSetInt(run, "time.steps", 1));
  PetscCall(AeRunSetInt(run, "time.steps", 1234567890123));
  PetscCall(AeRunSetReal(run, "gr.K_max", NAN));
  PetscCall(AeRunSetReal(run, "gr.adm_mass", 1.0 / 3));
  PetscCall(AeRunSetBool(run, "gcat.x.pass", PETSC_TRUE));
  PetscCall(AeRunSetString(run, "state.hash", "a\"b"));
  PetscCall(AeRunClose(run, AE_EXIT_FAILED, "it blew up"));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  snprintf(copy, sizeof copy, "%s", Contents(AeRunPath(run, "summary.json")));
  snprintf(path, sizeof path, "%s/copy.json", dir);
  TapTrue(!strcmp(copy, Contents(path)), "-summary holds the same as summary.json");
  keys   = json_loads(copy, 0, NULL);
  reason = json_string_value(json_object_get(keys, "run.reason"));
  TapTrue(keys && reason && !strcmp(reason, "it blew up"), "run.reason");
  TapNear(json_integer_value(json_object_get(keys, "run.exit")), 2, 0, "run.exit");
  TapTrue(json_real_value(json_object_get(keys, "gr.adm_mass")) == 1.0 / 3, "real numbers come back to the last bit");
  TapTrue(json_integer_value(json_object_get(keys, "time.steps")) == 1234567890123, "the later value counts");
  TapTrue(json_is_null(json_object_get(keys, "gr.K_max")) && json_is_true(json_object_get(keys, "gcat.x.pass")),
          "NaN is null, booleans are booleans");
  TapTrue(strstr(copy, "run.command") < strstr(copy, "time.t") && strstr(copy, "time.t") < strstr(copy, "time.steps") &&
            strstr(copy, "gr.K_max") < strstr(copy, "gr.adm_mass"),
          "keys are in the order given");
  json_decref(keys);
  PetscCall(AeRunDestroy(&run));

  PetscCall(Create(&run));
  TapTrue(Quiet(AeRunOpen, run) == AE_ERR_USAGE, "a folder with a run is refused");
  PetscCall(AeRunResume(run));
  TapTrue(AeRunOpen(run) == 0, "and continued on request");
  PetscCall(AeRunDestroy(&run));
  PetscCall(PetscOptionsSetValue(NULL, "-fresh", NULL));
  for (int k = 1; k <= 2; k++) {
    PetscCall(Create(&run));
    PetscCall(AeRunOpen(run));
    snprintf(path, sizeof path, "%s/deep/down/run.old-%d/options.txt", dir, k);
    TapTrue(!access(path, F_OK) && access(AeRunPath(run, "summary.json"), F_OK), "-fresh moves it aside");
    PetscCall(AeRunDestroy(&run));
    PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  }
  PetscCall(PetscOptionsSetValue(NULL, "-summary", "/nonexistent/s.json"));
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  TapTrue(AeRunCreate(PETSC_COMM_WORLD, "gr", "test", &run) == AE_ERR_USAGE,
          "a -summary that cannot be written is refused at once");
  PetscCall(PetscPopErrorHandler());
  PetscCall(AeRunDestroy(&run));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int  status;
  char command[64];

  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (!rank && !mkdtemp(dir)) return 3;
  MPI_Bcast(dir, sizeof dir, MPI_CHAR, 0, MPI_COMM_WORLD);
  full_disk();
  TapTrue(summary() == 0, "no error on the way");
  status = TapDone();
  snprintf(command, sizeof command, "rm -rf %s", dir);
  if (!rank && system(command)) status = 3;
  return AeonicFinalize() ? 3 : status;
}
