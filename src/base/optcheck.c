/*
  Looking over the user's options: what is malformed, what nobody reads.
*/
#include "base_private.h"
#include <ctype.h>
#include <errno.h>

enum { MAX_DECLARED = 512 };
static const char *declared[MAX_DECLARED];
static PetscInt    ndeclared;

/* First letters of the options that are ours alone: a name that begins so and was not declared is wrong. */
static const char *const OwnPrefixes[] = {"gr_", "gw_", "grid_", "fd_", "diss_", "stencil_", "noise_", "hole_", "bench_", "mem_", "series_", "fields", "hash_", "out", "summary", "fresh", "check", "progress"};

/* PETSc's options that runs of ours commonly take, with the kind of their value: r real > 0, i int >= 0, w word. */
static const struct {
  const char *name;
  char        kind;
} Petsc[] = {
  {"-ts_max_time", 'r'}, {"-ts_dt", 'r'}, {"-ts_max_steps", 'i'}, {"-ts_type", 'w'}, {"-ts_rk_type", 'w'}, {"-ts_adapt_type", 'w'}, {"-ts_max_reject", 'w'}, {"-ts_exact_final_time", 'w'},
};

/* Read by PETSc before or after everything else, so that nobody has read them yet when the run begins. */
static const char *const Late[] = {"help", "log_", "info", "malloc", "memory_view", "objects_dump", "options_", "citations", "on_error_", "error_trace", "ts_view", "ts_monitor", "vec_view", "version", "get_total_flops", "no_signal_handler", "fp_trap", "checkstack", "display",
                                   "nox", "skip_petscrc", "python", "petsc_", "mpi_", "saws", "debug", "start_in_debugger", "on_", "vecscatter_", "sf_", "use_", "cuda", "hip", "sycl", "device_", "shared_tmp", "not_shared_tmp", "tmp"};

PetscErrorCode AeOptionsRecord(const char name[])
{
  PetscFunctionBegin;
  for (PetscInt m = 0; m < ndeclared; m++)
    if (!strcmp(declared[m], name)) PetscFunctionReturn(0);
  PetscCheck(ndeclared < MAX_DECLARED, PETSC_COMM_SELF, PETSC_ERR_PLIB, "more than %d options", MAX_DECLARED);
  declared[ndeclared++] = name;
  PetscFunctionReturn(0);
}

/* Optimal string alignment distance, case ignored. */
static int Distance(const char a[], const char b[])
{
  enum { MAX = 64 };
  const int n = (int)strlen(a), m = (int)strlen(b);
  int       d[MAX + 1][MAX + 1];

  if (n > MAX || m > MAX) return MAX;
  for (int i = 0; i <= n; i++) d[i][0] = i;
  for (int j = 0; j <= m; j++) d[0][j] = j;
  for (int i = 1; i <= n; i++)
    for (int j = 1; j <= m; j++) {
      const int same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
      int       x    = d[i - 1][j - 1] + !same;

      x = PetscMin(x, PetscMin(d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 2]) && tolower((unsigned char)a[i - 2]) == tolower((unsigned char)b[j - 1])) x = PetscMin(x, d[i - 2][j - 2] + 1);
      d[i][j] = x;
    }
  return d[n][m];
}

const char *AeNearest(const char word[], const char *const list[], PetscInt n)
{
  const char *best  = NULL;
  int         least = (int)strlen(word) / 3 + 2;

  for (PetscInt m = 0; m < n; m++) {
    const int x = Distance(word, list[m]);
    if (x < least) {
      least = x;
      best  = list[m];
    }
  }
  return best;
}

static PetscBool StartsWith(const char word[], const char *const list[], size_t n)
{
  for (size_t m = 0; m < n; m++)
    if (!strncasecmp(word, list[m], strlen(list[m]))) return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscBool IsDeclared(const char dashed[])
{
  for (PetscInt m = 0; m < ndeclared; m++)
    if (!strcasecmp(declared[m], dashed)) return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscErrorCode Unknown(const char name[])
{
  const char *all[MAX_DECLARED + PETSC_STATIC_ARRAY_LENGTH(Petsc)], *near;
  char        dashed[128];
  PetscInt    n = 0;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(dashed, sizeof dashed, "-%s", name));
  for (PetscInt m = 0; m < ndeclared; m++) all[n++] = declared[m];
  for (size_t m = 0; m < PETSC_STATIC_ARRAY_LENGTH(Petsc); m++) all[n++] = Petsc[m].name;
  near = AeNearest(dashed, all, n);
  SETERRQ(PETSC_COMM_WORLD, AE_ERR_USAGE, "unknown option %s%s%s%s", dashed, near ? ", did you mean " : "", near ? near : "", near ? "?" : "; -help lists them (-options_left_ok lets it pass)");
}

/* A value that no option of ours or PETSc's can mean: NaN, infinity, an integer that wraps. */
static PetscErrorCode CheckValue(const char name[], const char value[])
{
  char  *end;
  double x;

  PetscFunctionBegin;
  errno = 0;
  x     = strtod(value, &end);
  if (end == value || *end) PetscFunctionReturn(0); /* a word or a list */
  PetscCheck(isfinite(x), PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: '%s' is not a finite number", name, value);
  if (!strpbrk(value, ".eExX")) PetscCheck(x <= PETSC_MAX_INT && x >= PETSC_MIN_INT, PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: '%s' is too large", name, value);
  PetscFunctionReturn(0);
}

/* Values of PETSc's options whose mistakes its own parser lets pass. */
static PetscErrorCode CheckPetsc(const char name[], const char value[])
{
  PetscFunctionBegin;
  for (size_t m = 0; m < PETSC_STATIC_ARRAY_LENGTH(Petsc); m++) {
    char  *end;
    double x;

    if (strcasecmp(Petsc[m].name, name)) continue;
    PetscCheck(value && value[0], PETSC_COMM_WORLD, AE_ERR_USAGE, "%s needs a value", name);
    if (Petsc[m].kind == 'w') continue;
    x = strtod(value, &end);
    PetscCheck(end != value && !*end, PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: '%s' is not a number", name, value);
    if (Petsc[m].kind == 'r') PetscCheck(x > 0, PETSC_COMM_WORLD, AE_ERR_USAGE, "%s must be positive, got %s", name, value);
    else PetscCheck(x >= 0 && !strpbrk(value, ".eE"), PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: '%s' is not a whole number of at least 0", name, value);
  }
  PetscFunctionReturn(0);
}

static PetscBool IsOption(const char word[]) { return (PetscBool)(word[0] == '-' && (isalpha((unsigned char)word[1]) || word[1] == '-')); }

PetscErrorCode AeOptionsScan(int argc, char *const argv[])
{
  PetscFunctionBegin;
  for (int a = 1; a < argc; a++) {
    const char *word = argv[a], *value = a + 1 < argc && !IsOption(argv[a + 1]) ? argv[a + 1] : NULL;

    PetscCheck(strncmp(word, "--", 2), PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: options take a single dash, %s", word, word + 1);
    PetscCheck(IsOption(word), PETSC_COMM_WORLD, AE_ERR_USAGE, "'%s' is neither an option nor an option's value", word);
    if (value) PetscCall(CheckValue(word, value));
    PetscCall(CheckPetsc(word, value));
    PetscCheck(value || strcmp(word, "-options_file"), PETSC_COMM_WORLD, AE_ERR_USAGE, "-options_file needs the name of a file");
    if (value) a++;
  }
  PetscFunctionReturn(0);
}

/* The database's unread options: late ones (before) are excused while the run is still to come. */
static PetscErrorCode CheckUnread(PetscBool before)
{
  PetscInt  n;
  char    **names, **values;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-options_left_ok", &ok, NULL));
  if (ok) PetscFunctionReturn(0);
  PetscCall(PetscOptionsLeftGet(NULL, &n, &names, &values));
  for (PetscInt m = 0; m < n; m++) {
    if (!before && StartsWith(names[m], Late, PETSC_STATIC_ARRAY_LENGTH(Late))) continue;
    if (before && StartsWith(names[m], Late, PETSC_STATIC_ARRAY_LENGTH(Late)) && !StartsWith(names[m], OwnPrefixes, PETSC_STATIC_ARRAY_LENGTH(OwnPrefixes))) continue;
    PetscCall(Unknown(names[m]));
  }
  PetscCall(PetscOptionsLeftRestore(NULL, &n, &names, &values));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptionsCheck(void)
{
  char     *all, *line, *next;

  PetscFunctionBegin;
  PetscCall(AeOptionsTable(&all));
  for (line = all; *line; line = next) {
    char *space;

    next = strchr(line, '\n');
    *next++ = 0;
    if ((space = strchr(line, ' '))) {
      *space = 0;
      PetscCall(CheckValue(line, space + 1));
    }
    PetscCall(CheckPetsc(line, space ? space + 1 : NULL));
    /* read by mistake of a like name in PETSc or not: ours must have been declared */
    if (StartsWith(line + 1, OwnPrefixes, PETSC_STATIC_ARRAY_LENGTH(OwnPrefixes)) && !IsDeclared(line)) {
      PetscBool ok = PETSC_FALSE;
      PetscCall(PetscOptionsGetBool(NULL, NULL, "-options_left_ok", &ok, NULL));
      if (!ok) PetscCall(Unknown(line + 1));
    }
  }
  PetscCall(PetscFree(all));
  PetscCall(CheckUnread(PETSC_TRUE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptionsCheckLeft(void)
{
  PetscFunctionBegin;
  PetscCall(CheckUnread(PETSC_FALSE));
  PetscFunctionReturn(0);
}

static int CompareLines(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

PetscErrorCode AeOptionsTable(char **text)
{
  char  *copy, *out, *line[2 * MAX_DECLARED], *s;
  int    n   = 0;
  size_t len;

  PetscFunctionBegin;
  /* "-a 1 -b -c x y": an option starts at a dash that follows a blank and precedes a letter */
  PetscCall(PetscOptionsGetAll(NULL, &copy));
  len = strlen(copy) + 2;
  for (s = copy; *s; s++)
    if (s[0] == '-' && isalpha((unsigned char)s[1]) && (s == copy || s[-1] == ' ') && n < 2 * MAX_DECLARED) line[n++] = s;
  for (int m = 0; m < n; m++) {
    s = m + 1 < n ? line[m + 1] - 1 : line[m] + strlen(line[m]);
    while (s > line[m] && s[-1] == ' ') s--;
    *s = 0;
  }
  qsort(line, (size_t)n, sizeof *line, CompareLines);
  PetscCall(PetscMalloc1(len + (size_t)n, &out));
  s = out;
  for (int m = 0; m < n; m++) s += sprintf(s, "%s\n", line[m]);
  *s    = 0;
  *text = out;
  PetscCall(PetscFree(copy));
  PetscFunctionReturn(0);
}

PetscErrorCode AeHelpWanted(PetscBool *wanted)
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsHasHelp(NULL, wanted));
  PetscFunctionReturn(0);
}
