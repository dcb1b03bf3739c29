/*
  -bench_vs: two builds by turns. Single runs of one build scatter by 9 % on a shared machine, from where its memory happens to
  lie and from what others do; ratios of neighbouring runs have much of the latter in common, and the median of 40 of them is
  known to a per cent or so. Hence each turn is a process of either build, in changing order.

  Both run with a preloaded clock (scripts/cpu_clock.c), so that a build that times itself by the wall's clock is measured like
  one that asks for CPU time.
*/
#include <aeonic/bench.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <signal.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_KEYS = 64, KEY = 96, NOT_STARTED = 127 };

/* What is compared, of the keys of a summary: HEAD...TAIL. */
static const struct {
  const char *head, *tail;
  PetscBool   rate; /* else seconds */
} compared[] = {
  {"bench.rhs.", ".points_per_s", PETSC_TRUE}, {"bench.step.", ".points_per_s", PETSC_TRUE},
  {"bench.halo.", "gb_per_s", PETSC_TRUE},     {"bench.receipts.", "events_per_s", PETSC_TRUE},
  {"bench.fft.", ".s", PETSC_FALSE},           {"bench.band.", ".s", PETSC_FALSE},
  {"bench.ns.", "step_s", PETSC_FALSE},        {"bench.ns.", "fft_s", PETSC_FALSE},
  {"bench.loom.", "tick_s", PETSC_FALSE},      {"bench.loom.", "skip_s", PETSC_FALSE},
  {"elliptic.", ".solve_s", PETSC_FALSE},
};

/* ---- the process that starts the children ---- */

/* Two pipes to it, what it runs, and its folder: the summary and the last words of the newest child are in there. */
static struct {
  pid_t pid;
  int   ask, answer;
  char  folder[PETSC_MAX_PATH_LEN], self[PETSC_MAX_PATH_LEN], why[256];
} launcher = {.ask = -1, .answer = -1};

static const char *Inside(const char name[])
{
  static char path[PETSC_MAX_PATH_LEN + 32];

  snprintf(path, sizeof path, "%s/%s", launcher.folder, name);
  return path;
}

static int Remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st;
  (void)type;
  return ftw->level ? remove(path) : 0;
}

/* A child is no rank of anybody's job, and its clocks advance by CPU time. */
static void SetEnvironment(void)
{
  static const char *const launchers[] = {"OMPI_", "PMIX_", "PMI_", "SLURM_"};
  extern char            **environ;
  const char              *other = getenv("LD_PRELOAD");
  char                     clock[PETSC_MAX_PATH_LEN], list[2 * PETSC_MAX_PATH_LEN];

  for (char **e = environ; *e;) {
    char   name[256];
    size_t n = strcspn(*e, "="), l = 0;

    while (l < PETSC_STATIC_ARRAY_LENGTH(launchers) && strncmp(*e, launchers[l], strlen(launchers[l]))) l++;
    if (l == PETSC_STATIC_ARRAY_LENGTH(launchers) || n >= sizeof name) {
      e++;
      continue;
    }
    memcpy(name, *e, n);
    name[n] = 0;
    unsetenv(name); /* what follows moves up */
  }
  snprintf(clock, sizeof clock, "%.*s/libaeclock.so", (int)(strrchr(launcher.self, '/') - launcher.self), launcher.self);
  if (access(clock, R_OK)) /* installed: bin/ and lib/ */
    snprintf(clock, sizeof clock, "%.*s/../lib/libaeclock.so", (int)(strrchr(launcher.self, '/') - launcher.self), launcher.self);
  snprintf(list, sizeof list, "%s%s%s", clock, other ? ":" : "", other ? other : "");
  setenv("LD_PRELOAD", list, 1);
  setenv("TMPDIR", launcher.folder, 1);
}

/* In a child: becomes the program, silent, its last words in the folder. */
static void Become(const char program[], char *words[])
{
  const int out = open("/dev/null", O_RDWR), err = open(Inside("err"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

  for (int s = SIGHUP; s <= SIGTERM; s++) (void)signal(s, SIG_DFL);
  if (out < 0 || err < 0) _exit(NOT_STARTED);
  dup2(out, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execv(program, words);
  fprintf(stderr, "%s\n", strerror(errno));
  _exit(NOT_STARTED);
}

/* For every byte that comes, a child: 0 this program, 1 the other; its status goes back. Outlives signals, and ends when nobody
   is left to ask: so the folder goes whatever ends the program. */
static void Serve(int ask, int answer, const char other[], char *words[])
{
  char which;

  for (int s = SIGHUP; s <= SIGTERM; s++)
    if (s != SIGKILL) (void)signal(s, SIG_IGN);
  SetEnvironment();
  while (read(ask, &which, 1) == 1) {
    int   status = NOT_STARTED << 8;
    pid_t child;

    (void)nftw(launcher.folder, Remove, 16, FTW_DEPTH | FTW_PHYS);
    child = fork();
    if (!child) Become(which ? other : launcher.self, words);
    if (child > 0) (void)waitpid(child, &status, 0);
    if (write(answer, &status, sizeof status) < 0) break;
  }
  (void)nftw(launcher.folder, Remove, 16, FTW_DEPTH | FTW_PHYS);
  (void)rmdir(launcher.folder);
  _exit(0);
}

/* The command line of a child: ours without what is for this comparison alone, and with places of its own. */
static char **Words(int argc, char *const argv[], const char **other)
{
  static const char *const ours[] = {"-bench_vs", "-bench_turns", "-summary", "-out", "-fresh", "-progress"};
  char                   **words  = calloc((size_t)argc + 8, sizeof *words);
  int                      n      = 0;

  for (int i = 0; words && i < argc; i++) {
    size_t o = 0;

    while (o < PETSC_STATIC_ARRAY_LENGTH(ours) && strcasecmp(argv[i], ours[o])) o++;
    if (o == PETSC_STATIC_ARRAY_LENGTH(ours)) words[n++] = argv[i];
    else if (i + 1 < argc && argv[i + 1][0] != '-') { /* with its value */ i++;
      if (!o) *other = argv[i];
    }
  }
  if (words) {
    static char summary[] = "-summary", out[] = "-out", progress[] = "-progress", none[] = "none";
    static char summary_file[PETSC_MAX_PATH_LEN + 32], out_folder[PETSC_MAX_PATH_LEN + 32];

    snprintf(summary_file, sizeof summary_file, "%s", Inside("summary.json"));
    snprintf(out_folder, sizeof out_folder, "%s", Inside("run"));

    words[n++] = summary;
    words[n++] = summary_file;
    words[n++] = out;
    words[n++] = out_folder;
    words[n++] = progress;
    words[n++] = none;
  }
  return words;
}

/* Whatever is wrong with the command line, main() goes on: the command finds it, after MPI is up, and says so in one line. */
void AeBenchVersusStart(int argc, char *const argv[])
{
  const char *other = NULL, *tmp = getenv("TMPDIR");
  char      **words;
  int         ask[2], answer[2], i = 1;
  ssize_t     n;

  while (i < argc && strcasecmp(argv[i], "-bench_vs")) i++;
  if (i >= argc) return;
  n = readlink("/proc/self/exe", launcher.self, sizeof launcher.self - 1);
  if (n < 0) n = 0;
  launcher.self[n] = 0;
  snprintf(launcher.folder, sizeof launcher.folder, "%s/aeonic-vs-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp(launcher.folder)) {
    snprintf(launcher.why, sizeof launcher.why, "a temporary folder cannot be made (TMPDIR says where): %s", strerror(errno));
    return;
  }
  words = Words(argc, argv, &other);
  if (!words || pipe2(ask, O_CLOEXEC) || pipe2(answer, O_CLOEXEC) || (launcher.pid = fork()) < 0) {
    snprintf(launcher.why, sizeof launcher.why, "no process can be started: %s", strerror(errno));
    (void)rmdir(launcher.folder);
    free(words);
    return;
  }
  if (!launcher.pid) {
    close(ask[1]);
    close(answer[0]);
    Serve(ask[0], answer[1], other, words);
  }
  close(ask[0]);
  close(answer[1]);
  launcher.ask    = ask[1];
  launcher.answer = answer[0];
  free(words);
}

/* ---- the comparison ---- */

/* Why a file is no program to run, or NULL. */
static const char *FaultOf(const char path[])
{
  struct stat st;

  if (stat(path, &st)) return strerror(errno);
  if (!S_ISREG(st.st_mode)) return "is no file";
  return access(path, X_OK) ? strerror(errno) : NULL;
}

/* The options are declared whether or not they are given, for -help and for the check of unknown ones. */
PetscErrorCode AeBenchVersusFromOptions(AeBenchVersus *vs)
{
  PetscMPIInt size;
  PetscBool   counted;

  PetscFunctionBegin;
  vs->turns     = 40;
  vs->binary[0] = 0;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Comparison of builds", "aeonic bench, aeonic elliptic");
  PetscCall(AeOptString("-bench_vs",
                        "another build: both do what the command line says, by turns, on one rank and by CPU time; prints the "
                        "median ratio of speeds (above 1: this build is faster) with its 95 % interval. A bound \"within 1 %\" "
                        "has failed only if the interval lies wholly below 0.99",
                        "", vs->binary, sizeof vs->binary, &vs->asked));
  PetscCall(AeOptInt("-bench_turns", "turns of -bench_vs; below 6 the interval covers less than 95 %, and says so", "turns", "",
                     3, 1000, &vs->turns, &counted));
  PetscOptionsEnd();
  PetscCheck(vs->asked || !counted, PETSC_COMM_WORLD, AE_ERR_USAGE, "-bench_turns has no effect without -bench_vs");
  if (!vs->asked) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCheck(size == 1, PETSC_COMM_WORLD, AE_ERR_USAGE, "-bench_vs compares on one rank, here are %d: leave mpiexec out", size);
  PetscCheck(!FaultOf(vs->binary), PETSC_COMM_WORLD, AE_ERR_USAGE, "-bench_vs %s: cannot be run: %s", vs->binary,
             FaultOf(vs->binary));
  PetscCheck(!*launcher.why, PETSC_COMM_WORLD, AE_ERR_SYSTEM, "-bench_vs: %s", launcher.why);
  PetscCheck(launcher.ask >= 0, PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-bench_vs stands on the command line, not in a file or in PETSC_OPTIONS");
  PetscFunctionReturn(0);
}

/* The last line that the child has written to its standard error. */
static void LastWords(char text[], size_t size)
{
  char  line[1024];
  FILE *f = fopen(Inside("err"), "r");

  text[0] = 0;
  while (f && fgets(line, sizeof line, f))
    if (line[strspn(line, " \n")]) snprintf(text, size, "%.*s", (int)strcspn(line, "\n"), line);
  if (f) (void)fclose(f);
}

/* One process of a build; what it has put into its summary (to be freed by json_decref). */
static PetscErrorCode Child(const AeBenchVersus *vs, char which, json_t **summary)
{
  const char *name   = which ? vs->binary : launcher.self;
  int         status = 0;
  char        last[1024];

  PetscFunctionBegin;
  PetscCheck(write(launcher.ask, &which, 1) == 1 && read(launcher.answer, &status, sizeof status) == sizeof status,
             PETSC_COMM_WORLD, AE_ERR_SYSTEM, "-bench_vs: the process that starts the others is gone");
  LastWords(last, sizeof last);
  PetscCheck(!WIFSIGNALED(status), PETSC_COMM_WORLD, AE_ERR_SYSTEM, "-bench_vs: %s was ended by signal %d%s%s", name,
             WTERMSIG(status), *last ? ": " : "", last);
  status = WEXITSTATUS(status);
  PetscCheck(!status, PETSC_COMM_WORLD, status == AE_EXIT_USAGE || status == NOT_STARTED ? AE_ERR_USAGE : AE_ERR_SYSTEM,
             "-bench_vs: %s failed with exit status %d: %s", name, status, last);
  *summary = json_load_file(Inside("summary.json"), 0, NULL);
  PetscCheck(json_is_object(*summary), PETSC_COMM_WORLD, AE_ERR_USAGE, "-bench_vs: %s has written no summary", name);
  PetscFunctionReturn(0);
}

/* The row of compared[] for a key, or -1. */
static int Compared(const char key[])
{
  const size_t n = strlen(key);

  for (int c = 0; c < (int)PETSC_STATIC_ARRAY_LENGTH(compared); c++) {
    const size_t head = strlen(compared[c].head), tail = strlen(compared[c].tail);

    if (n >= head + tail && !strncmp(key, compared[c].head, head) && !strcmp(key + n - tail, compared[c].tail)) return c;
  }
  return -1;
}

static PetscErrorCode ValueOf(const json_t *summary, const char name[], const char key[], PetscReal *value)
{
  const json_t *v = json_object_get(summary, key);

  PetscFunctionBegin;
  *value = json_number_value(v);
  PetscCheck(json_is_number(v) && *value > 0, PETSC_COMM_WORLD, AE_ERR_USAGE, "-bench_vs: the summary of %s has no %s", name,
             key);
  PetscFunctionReturn(0);
}

/* Ratios of one turn: the keys are those of this build's first summary. */
static PetscErrorCode Turn(const AeBenchVersus *vs, PetscInt turn, char key[MAX_KEYS][KEY], PetscInt *nkeys, PetscReal *x[3])
{
  json_t     *summary[2] = {NULL, NULL};
  const char *name;
  json_t     *unused;

  PetscFunctionBegin;
  for (int i = 0; i < 2; i++) {
    const char which = (char)((turn + i) % 2);
    PetscCall(Child(vs, which, &summary[(int)which]));
  }
  if (!turn)
    json_object_foreach(summary[0], name, unused) if (Compared(name) >= 0 && *nkeys < MAX_KEYS)
      PetscCall(PetscStrncpy(key[(*nkeys)++], name, KEY));
  PetscCheck(*nkeys, PETSC_COMM_WORLD, AE_ERR_USAGE, "-bench_vs: nothing that this command measures is compared");
  for (PetscInt k = 0; k < *nkeys; k++) {
    const PetscInt at = k * vs->turns + turn;

    PetscCall(ValueOf(summary[0], launcher.self, key[k], &x[0][at]));
    PetscCall(ValueOf(summary[1], vs->binary, key[k], &x[1][at]));
    x[2][at] = compared[Compared(key[k])].rate ? x[0][at] / x[1][at] : x[1][at] / x[0][at];
  }
  json_decref(summary[0]);
  json_decref(summary[1]);
  PetscFunctionReturn(0);
}

static PetscErrorCode Put(AeRun run, const char key[], const char what[], PetscReal value)
{
  char name[KEY + 32];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(name, sizeof name, "bench.vs.%s.%s", key, what));
  PetscCall(AeRunSetReal(run, name, value));
  PetscFunctionReturn(0);
}

/* Ratios are paired by turn before the median is taken: what disturbs a turn disturbs both of its runs. */
PetscErrorCode AeBenchVersusRun(const AeBenchVersus *vs, AeRun run)
{
  char       key[MAX_KEYS][KEY];
  PetscReal *x[3], low, high, coverage = 0; /* values of this build, of the other, ratios: turns of each key */
  PetscInt   nkeys = 0;

  PetscFunctionBegin;
  for (int i = 0; i < 3; i++) PetscCall(PetscMalloc1(MAX_KEYS * vs->turns, &x[i]));
  for (PetscInt turn = 0; turn < vs->turns; turn++) {
    PetscCall(Turn(vs, turn, key, &nkeys, x));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "turn %3" PetscInt_FMT " of %" PetscInt_FMT ": %s %.4f\n", turn + 1, vs->turns,
                          key[0], (double)x[2][turn]));
    fflush(stdout);
  }
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "this build over %s, by CPU time; above 1: this one is faster\n", vs->binary));
  for (PetscInt k = 0; k < nkeys; k++) {
    PetscReal median[3];

    for (int i = 0; i < 3; i++) median[i] = AeBenchMedian(x[i] + k * vs->turns, vs->turns);
    AeBenchInterval(x[2] + k * vs->turns, vs->turns, &low, &high, &coverage);
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-40s %.4f  (%.4f to %.4f with %.1f %%)  %.4g beside %.4g%s\n", key[k],
                          (double)median[2], (double)low, (double)high, 100 * (double)coverage, (double)median[0],
                          (double)median[1], high < 0.99 ? "  slower by more than 1 %" : ""));
    PetscCall(Put(run, key[k], "ratio", median[2]));
    PetscCall(Put(run, key[k], "low", low));
    PetscCall(Put(run, key[k], "high", high));
  }
  PetscCall(AeRunSetInt(run, "bench.vs.turns", vs->turns));
  PetscCall(AeRunSetReal(run, "bench.vs.coverage", coverage));
  PetscCall(AeRunSetString(run, "bench.vs.binary", vs->binary));
  for (int i = 0; i < 3; i++) PetscCall(PetscFree(x[i]));
  close(launcher.ask);
  (void)waitpid(launcher.pid, NULL, 0); /* it removes its folder */
  PetscFunctionReturn(0);
}
