/*
  The options of a run that goes on against those it was begun with: a restart may change how long the run is, what it writes
  and looks at, and the ranks; everything else must be as it was, since the run goes on bit for bit.
*/
#include "run_private.h"

/* By name, since PETSc has no list of what a monitor or a viewer reads: whole names, how they begin, what they contain. */
static PetscBool MayChange(const char name[])
{
  static const char *const whole[]  = {"-out",
                                       "-summary",
                                       "-fresh",
                                       "-restart",
                                       "-progress",
                                       "-check",
                                       "-ts_max_time",
                                       "-ts_max_steps",
                                       "-series_every",
                                       "-hash_every",
                                       "-max_walltime",
                                       "-autopsy",
                                       "-receipts",
                                       "-info",
                                       "-citations",
                                       "-error_trace",
                                       "-options_file",
                                       "-options_left",
                                       "-options_left_ok",
                                       "-help",
                                       "-no_signal_handler",
                                       "-ns_spectra_every"};
  static const char *const begin[]  = {"-fields",   "-diag_",     "-norm_",    "-timers", "-checkpoint_", "-log",
                                       "-mem_view", "-mem_audit", "-stencil_", "-out_",   "-slice",       "-options_"};
  static const char *const inside[] = {"_monitor", "_view", "_max_time", "_max_steps"};

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(whole); i++)
    if (!strcmp(name, whole[i])) return PETSC_TRUE;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(begin); i++)
    if (!strncmp(name, begin[i], strlen(begin[i]))) return PETSC_TRUE;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(inside); i++)
    if (strstr(name, inside[i])) return PETSC_TRUE;
  return PETSC_FALSE;
}

static const char *Next(const char line[])
{
  const char *end = strchr(line, '\n');
  return end ? end + 1 : NULL;
}

/* The line of an option table for a name of that length, NULL if there is none. */
static const char *Line(const char table[], const char name[], size_t n)
{
  for (const char *line = table; line && *line; line = Next(line))
    if (!strncmp(line, name, n) && (line[n] == ' ' || line[n] == '\n' || !line[n])) return line;
  return NULL;
}

/* Every option of a must be in b with the same value. a_is_old: b is the run's own. */
static PetscErrorCode Compare(const char a[], const char b[], PetscBool a_is_old, const char path[])
{
  PetscFunctionBegin;
  for (const char *line = a; line && *line; line = Next(line)) {
    const size_t n = strcspn(line, " \n"), whole = strcspn(line, "\n");
    char         name[PETSC_MAX_OPTION_NAME];
    const char  *other;

    if (*line != '-' || n >= sizeof name) continue;
    memcpy(name, line, n);
    name[n] = 0;
    if (MayChange(name)) continue;
    other = Line(b, name, n);
    PetscCheck(other, PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-restart: %s was %s with %s and is %s now; a restart may change length, output and ranks only", name,
               a_is_old ? "given" : "not given", path, a_is_old ? "not" : "given");
    PetscCheck(strcspn(other, "\n") == whole && !strncmp(line, other, whole), PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-restart: %s was%.*s with %s; a restart may change length, output and ranks only", name,
               (int)((a_is_old ? whole : strcspn(other, "\n")) - n), (a_is_old ? line : other) + n, path);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeRestartCompareOptions(AeLoad load)
{
  char  *then, *now;
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeLoadGet(load, "options", (void **)&then, &n));
  PetscCall(AeOptionsTable(&now));
  if (then) PetscCall(Compare(then, now, PETSC_TRUE, load->path));
  PetscCall(Compare(now, then ? then : "", PETSC_FALSE, load->path));
  PetscCall(PetscFree(then));
  PetscCall(PetscFree(now));
  PetscFunctionReturn(0);
}
