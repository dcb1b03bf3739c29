/*
  Checking what the user gave: the command line itself, the values in the database, and the options that
  nobody has read.
*/
#include "base_private.h"
#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>

PetscBool aeOptionsLeftOk = PETSC_FALSE;

/* PETSc options whose values we rely on. PETSc ignores one without its value, or takes a negative time. */
typedef enum { KIND_WORD, KIND_REAL, KIND_POSITIVE, KIND_NOT_NEGATIVE, KIND_COUNT, KIND_TEXT } Kind;
static const char *const kind_says[] = {"a name",          "a real number", "a real number > 0", "a real number >= 0",
                                        "an integer >= 0", "text"};
static const struct {
  const char *name;
  Kind        kind;
} petsc_options[] = {
  {"ts_max_time", KIND_NOT_NEGATIVE},
  {"ts_max_steps", KIND_COUNT},
  {"ts_dt", KIND_POSITIVE},
  {"ts_init_time", KIND_REAL},
  {"ts_type", KIND_WORD},
  {"ts_rk_type", KIND_WORD},
  {"ts_adapt_type", KIND_WORD},
  {"ts_adapt_dt_min", KIND_NOT_NEGATIVE},
  {"ts_adapt_dt_max", KIND_POSITIVE},
  {"ts_max_reject", KIND_COUNT},
  {"ts_rtol", KIND_NOT_NEGATIVE},
  {"ts_atol", KIND_NOT_NEGATIVE},
  {"ts_exact_final_time", KIND_WORD},
  {"ts_adapt_safety", KIND_POSITIVE},
  {"ksp_type", KIND_WORD},
  {"pc_type", KIND_WORD},
  {"ksp_rtol", KIND_NOT_NEGATIVE},
  {"ksp_atol", KIND_NOT_NEGATIVE},
  {"ksp_max_it", KIND_COUNT},
  {"snes_type", KIND_WORD},
  {"snes_rtol", KIND_NOT_NEGATIVE},
  {"snes_atol", KIND_NOT_NEGATIVE},
  {"snes_max_it", KIND_COUNT},
  {"eps_nev", KIND_COUNT},
  {"eps_tol", KIND_POSITIVE},
  {"eps_max_it", KIND_COUNT},
  {"out", KIND_TEXT},
  {"summary", KIND_TEXT},
  {"options_file", KIND_TEXT},
  {"options_file_yaml", KIND_TEXT},
  {"mem_bank", KIND_TEXT},
};

/* Read by PETSc while a solve ends (first part) or in PetscFinalize (second part). */
static const char *const late_options[]  = {"ts_view",
                                            "ts_view_pre",
                                            "ts_view_solution",
                                            "ts_monitor",
                                            "ts_converged_reason",
                                            "ksp_view",
                                            "ksp_view_pre",
                                            "ksp_view_mat",
                                            "ksp_view_pmat",
                                            "ksp_view_rhs",
                                            "ksp_view_solution",
                                            "ksp_view_eigenvalues",
                                            "ksp_view_final_residual",
                                            "ksp_converged_reason",
                                            "ksp_converged_rate",
                                            "ksp_error_if_not_converged",
                                            "snes_view",
                                            "snes_view_pre",
                                            "snes_view_solution",
                                            "snes_converged_reason",
                                            "snes_linesearch_view",
                                            "pc_view",
                                            "dm_view",
                                            "mat_view",
                                            "vec_view",
                                            "eps_view",
                                            "eps_view_values",
                                            "eps_view_vectors",
                                            "eps_converged_reason",
                                            "eps_error_relative",
                                            "st_view"};
static const char *const final_options[] = {"options_left",
                                            "options_view",
                                            "options_monitor",
                                            "options_monitor_cancel",
                                            "options_file",
                                            "options_file_yaml",
                                            "options_string_yaml",
                                            "skip_petscrc",
                                            "malloc",
                                            "malloc_debug",
                                            "malloc_dump",
                                            "malloc_info",
                                            "malloc_test",
                                            "malloc_view",
                                            "malloc_view_threshold",
                                            "malloc_coalesce",
                                            "malloc_hbw",
                                            "malloc_requested_size",
                                            "memory_view",
                                            "objects_dump",
                                            "log",
                                            "log_all",
                                            "log_view",
                                            "log_view_memory",
                                            "log_view_gpu_time",
                                            "log_trace",
                                            "log_summary",
                                            "log_mpe",
                                            "log_sync",
                                            "log_exclude",
                                            "citations",
                                            "info",
                                            "help",
                                            "version",
                                            "on_error_abort",
                                            "on_error_mpiabort",
                                            "on_error_attach_debugger",
                                            "on_error_emacs",
                                            "start_in_debugger",
                                            "stop_for_debugger",
                                            "error_output_stdout",
                                            "error_output_none",
                                            "fp_trap",
                                            "no_signal_handler",
                                            "get_total_flops",
                                            "get_resident_set_size",
                                            "mpi_linear_algebra_server",
                                            "saws_options",
                                            "debugger_nodes",
                                            "debugger_pause",
                                            "debugger_ranks",
                                            "debug_terminal",
                                            "shared_tmp",
                                            "not_shared_tmp",
                                            "tmp",
                                            "display",
                                            "petsc_ci",
                                            "nox",
                                            "x_virtual",
                                            "viewer_binary_mpiio",
                                            "viewer_hdf5_base_dimension2"};

/* name is entry, or ends in _entry: solvers have prefixes. */
static PetscBool Matches(const char name[], const char entry[])
{
  const size_t n = strlen(name), m = strlen(entry);
  return (PetscBool)(n >= m && !strcasecmp(name + n - m, entry) && (n == m || name[n - m - 1] == '_'));
}

static PetscBool IsLate(const char name[])
{
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(late_options); i++)
    if (Matches(name, late_options[i])) return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscBool IsFinal(const char name[])
{
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(final_options); i++)
    if (!strcasecmp(name, final_options[i])) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* What is wrong with the value of an option (name without dash), and what is allowed. */
static const char *FaultOf(const char name[], const char value[], const char **expected)
{
  PetscReal r;
  PetscInt  i;

  *expected = NULL;
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(petsc_options); k++) {
    const Kind  kind  = petsc_options[k].kind;
    const char *fault = NULL;

    if (kind == KIND_TEXT ? strcasecmp(name, petsc_options[k].name) : !Matches(name, petsc_options[k].name)) continue;
    *expected = kind_says[kind];
    if (!value || !*value) return "no value";
    if (kind == KIND_WORD || kind == KIND_TEXT) return NULL;
    if (kind == KIND_COUNT) {
      fault = AeParseInt(value, &i);
      return fault ? fault : i < 0 ? "out of range" : NULL;
    }
    fault = AeParseReal(value, &r);
    if (fault) return fault;
    return (kind == KIND_POSITIVE && !(r > 0)) || (kind == KIND_NOT_NEGATIVE && !(r >= 0)) ? "out of range" : NULL;
  }
  return value && *value ? AeParseAny(value) : NULL;
}

static PetscErrorCode CheckValue(const char name[], const char value[])
{
  const char *expected, *fault = FaultOf(name, value, &expected);

  PetscFunctionBegin;
  if (!fault) PetscFunctionReturn(0);
  if (!value || !*value) AeRaise(MPI_COMM_WORLD, AE_ERR_USAGE, "-%s has no value; expected %s", name, expected);
  if (expected) AeRaise(MPI_COMM_WORLD, AE_ERR_USAGE, "-%s %s: %s; expected %s", name, value, fault, expected);
  AeRaise(MPI_COMM_WORLD, AE_ERR_USAGE, "-%s %s: %s", name, value, fault);
}

/* PETSc prints a trace of its own when the file is missing. The file is opened by rank 0 only. */
static PetscErrorCode CheckOptionsFile(const char path[])
{
  char        file[PETSC_MAX_PATH_LEN], why[AE_WHY] = "";
  size_t      n;
  int         code = 0;
  PetscMPIInt rank;
  struct stat st;
  FILE       *f;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
  snprintf(file, sizeof file, "%s", path);
  n = strlen(file);
  if (n > 5 && !strcmp(file + n - 5, ":yaml")) file[n - 5] = 0;
  if (!rank) {
    f = fopen(file, "r");
    if (!f || fstat(fileno(f), &st) || S_ISDIR(st.st_mode)) {
      AeWhy(why, "-options_file %s: cannot be read: %s", path, f ? "is a folder" : strerror(errno));
      code = AE_ERR_USAGE;
    }
    if (f) fclose(f);
  }
  PetscCall(AeShareOutcome(MPI_COMM_WORLD, code, why));
  PetscFunctionReturn(0);
}

/* -name, but not -5, -.5, -inf or -nan */
static PetscBool IsOption(const char word[])
{
  if (word[0] != '-' || !isalpha((unsigned char)word[1])) return PETSC_FALSE;
  return (PetscBool)(strcasecmp(word, "-inf") && strcasecmp(word, "-infinity") && strcasecmp(word, "-nan"));
}

PetscErrorCode AeOptionsScan(int argc, char *const argv[])
{
  PetscFunctionBegin;
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i], *value = NULL;

    if (!strncmp(word, "--", 2) && word[2])
      AeRaise(MPI_COMM_WORLD, AE_ERR_USAGE, "%s: options have one dash: %s", word, word + 1);
    if (!IsOption(word))
      AeRaise(MPI_COMM_WORLD, AE_ERR_USAGE, "unexpected word '%s'%s%s; options begin with a dash, lists are separated by commas",
              word, i > 1 ? " after " : "", i > 1 ? argv[i - 1] : "");
    if (i + 1 < argc && !IsOption(argv[i + 1]) && strncmp(argv[i + 1], "--", 2)) {
      value = argv[++i];
      if (!*value) AeRaise(MPI_COMM_WORLD, AE_ERR_USAGE, "%s has an empty value", word);
    }
    PetscCall(CheckValue(word + 1, value));
    if (value && (!strcasecmp(word, "-options_file") || !strcasecmp(word, "-options_file_yaml")))
      PetscCall(CheckOptionsFile(value));
  }
  PetscFunctionReturn(0);
}

/* The same for options from files and from the environment: right after PetscInitialize hardly any has been read. */
PetscErrorCode AeOptionsCheckDatabase(void)
{
  PetscInt n;
  char   **names, **values;

  PetscFunctionBegin;
  PetscCall(PetscOptionsLeftGet(NULL, &n, &names, &values));
  for (PetscInt i = 0; i < n; i++) {
    PetscCheck(names[i][0] != '-', MPI_COMM_WORLD, AE_ERR_USAGE, "-%s: options have one dash: %s", names[i], names[i]);
    PetscCall(CheckValue(names[i], values[i]));
  }
  PetscCall(PetscOptionsLeftRestore(NULL, &n, &names, &values));
  PetscFunctionReturn(0);
}

static const char *NearestKnown(const char name[])
{
  const char **names, *near, *other;
  PetscInt     n = AeOptionNames(&names);

  near  = AeNearest(name, names, n);
  other = AeNearest(name, late_options, PETSC_STATIC_ARRAY_LENGTH(late_options));
  if (!near || (other && AeEditDistance(name, other) < AeEditDistance(name, near))) near = other;
  other = AeNearest(name, final_options, PETSC_STATIC_ARRAY_LENGTH(final_options));
  if (!near || (other && AeEditDistance(name, other) < AeEditDistance(name, near))) near = other;
  free(names);
  return near;
}

/* An error for the first option that nobody has read and nobody excuses; rank 0, whose harvest is complete, decides. */
static PetscErrorCode CheckUnread(PetscBool before_run)
{
  PetscInt    n;
  char      **names, **values;
  char        unread[PETSC_MAX_OPTION_NAME] = "";
  const char *near;

  PetscFunctionBegin;
  if (aeOptionsLeftOk) PetscFunctionReturn(0);
  PetscCall(PetscOptionsLeftGet(NULL, &n, &names, &values));
  for (PetscInt i = 0; i < n && !*unread; i++) {
    if (IsFinal(names[i])) continue;
    if (before_run && (IsLate(names[i]) || AeOptionKnown(names[i]))) continue;
    PetscCall(PetscStrncpy(unread, names[i], sizeof unread));
  }
  PetscCall(PetscOptionsLeftRestore(NULL, &n, &names, &values));
  PetscCallMPI(MPI_Bcast(unread, sizeof unread, MPI_CHAR, 0, MPI_COMM_WORLD));
  if (!*unread) PetscFunctionReturn(0);
  PetscCheck(!AeOptionKnown(unread) && !IsLate(unread), MPI_COMM_WORLD, AE_ERR_USAGE,
             "option -%s has no effect in this run (-options_left_ok lets it pass)", unread);
  near = NearestKnown(unread);
  PetscCheck(!near, MPI_COMM_WORLD, AE_ERR_USAGE, "unknown option -%s, did you mean -%s?", unread, near);
  SETERRQ(MPI_COMM_WORLD, AE_ERR_USAGE, "unknown option -%s (-help lists those of this command)", unread);
}

PetscErrorCode AeOptionsCheck(void)
{
  PetscFunctionBegin;
  PetscCall(AeHelpStop());
  PetscCall(CheckUnread(PETSC_TRUE));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptionsCheckLeft(void)
{
  PetscFunctionBegin;
  PetscCall(CheckUnread(PETSC_FALSE));
  PetscFunctionReturn(0);
}

static int ByText(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

PetscErrorCode AeOptionsTable(char **text)
{
  char       *all = NULL, **lines, *line, *save = NULL;
  size_t      size = 0;
  PetscInt    n    = 0;
  PetscViewer viewer;
  FILE       *f;

  PetscFunctionBegin;
  PetscCheck((f = open_memstream(&all, &size)), PETSC_COMM_SELF, AE_ERR_SYSTEM, "no memory for the option table");
  PetscCall(PetscViewerASCIIOpenWithFILE(PETSC_COMM_SELF, f, &viewer));
  PetscCall(PetscOptionsView(NULL, viewer));
  PetscCall(PetscViewerDestroy(&viewer));
  fclose(f);
  PetscCall(PetscMalloc1(size / 2 + 1, &lines));
  PetscCall(PetscCalloc1(size + 2, text));
  for (line = strtok_r(all, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
    if (*line == '-' && strcmp(line, "-help")) lines[n++] = line;
  qsort(lines, (size_t)n, sizeof *lines, ByText);
  for (PetscInt i = 0; i < n; i++) {
    strcat(*text, lines[i]);
    strcat(*text, "\n");
  }
  PetscCall(PetscFree(lines));
  free(all);
  PetscFunctionReturn(0);
}
