/*
  The tables of known options: ours, recorded as they are declared, and PETSc's, harvested from its -help
  text. PETSc has no list of the options it knows, but with -help in its database every XXXSetFromOptions()
  prints them through PetscHelpPrintf. So -help is in the database of every run up to the first step, and
  the printing routine is ours: it keeps the text, takes the names from it, and shows it only on request.
*/
#include "base_private.h"
#include <ctype.h>

static struct {
  AeOption *own;
  char    **petsc; /* names without dash */
  PetscInt  n_own, n_petsc;
  char     *text, *header; /* PETSc's help text; a section title not yet followed by an option */
  size_t    len;
  PetscBool wanted, listening, in_own;
  PetscBool in_list; /* between the start and the newline of a list of types */
  PetscErrorCode (*print)(MPI_Comm, const char[], ...);
  PetscErrorCode (*vprint)(FILE *, const char[], va_list);
} help;

static char *Copy(const char s[]) { return strdup(s ? s : ""); }

/* Room for one more in an array that doubles at powers of two. */
static void *Grow(void *array, PetscInt n, size_t size)
{
  return (n & (n - 1)) == 0 ? realloc(array, (size_t)PetscMax(1, 2 * n) * size) : array;
}

PetscErrorCode AeOptionRecord(const char group[], const char name[], const char text[], const char limits[], const char value[],
                              const char ref[])
{
  AeOption *o;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < help.n_own; i++)
    if (!strcasecmp(help.own[i].name, name + 1)) PetscFunctionReturn(0);
  PetscCheck((help.own = Grow(help.own, help.n_own, sizeof *help.own)), PETSC_COMM_SELF, PETSC_ERR_MEM,
             "no memory for the option table");
  o         = &help.own[help.n_own++];
  o->name   = Copy(name + 1);
  o->text   = Copy(text);
  o->limits = Copy(limits);
  o->value  = Copy(value);
  o->ref    = Copy(ref);
  o->group  = Copy(group);
  PetscFunctionReturn(0);
}

static PetscBool Known(const char name[])
{
  for (PetscInt i = 0; i < help.n_own; i++)
    if (!strcasecmp(help.own[i].name, name)) return PETSC_TRUE;
  for (PetscInt i = 0; i < help.n_petsc; i++)
    if (!strcasecmp(help.petsc[i], name)) return PETSC_TRUE;
  return PETSC_FALSE;
}

PetscBool AeOptionKnown(const char name[]) { return Known(name); }

PetscInt AeOptionNames(const char ***names)
{
  *names = malloc(sizeof **names * (size_t)(help.n_own + help.n_petsc + 1));
  if (!*names) return 0;
  for (PetscInt i = 0; i < help.n_own; i++) (*names)[i] = help.own[i].name;
  for (PetscInt i = 0; i < help.n_petsc; i++) (*names)[help.n_own + i] = help.petsc[i];
  return help.n_own + help.n_petsc;
}

static void Append(const char text[])
{
  const size_t n = strlen(text);
  char        *s = realloc(help.text, help.len + n + 1);

  if (!s) return;
  memcpy(s + help.len, text, n + 1);
  help.text = s;
  help.len += n;
}

/* "  -ts_type <now ..." begins an option; its name ends at the first character that names do not have. */
static void HarvestName(const char text[])
{
  const char *s = text + strspn(text, " ");
  char        name[PETSC_MAX_OPTION_NAME];
  size_t      n = 0;

  if (s == text || s[0] != '-' || !isalpha((unsigned char)s[1])) return;
  for (s++; (isalnum((unsigned char)*s) || *s == '_') && n < sizeof name - 1; s++) name[n++] = *s;
  name[n] = 0;
  if (Known(name) || !(help.petsc = Grow(help.petsc, help.n_petsc, sizeof *help.petsc))) return;
  help.petsc[help.n_petsc++] = Copy(name);
}

static PetscErrorCode Take(const char text[])
{
  if (help.in_own) { /* shown from our table, under our own headings */
    free(help.header);
    help.header = NULL;
    return 0;
  }
  HarvestName(text);
  if (!strncmp(text, "----", 4) && strchr(text, '\n') != strrchr(text, '\n')) { /* ruler and title */
    free(help.header);
    help.header = Copy(text);
    return 0;
  }
  if (help.header) Append(help.header);
  free(help.header);
  help.header = NULL;
  Append(text);
  return 0;
}

static PetscErrorCode Listen(MPI_Comm comm, const char format[], ...)
{
  char    text[8192];
  size_t  full;
  va_list args;

  (void)comm;
  va_start(args, format);
  PetscVSNPrintf(text, sizeof text, format, &full, args);
  va_end(args);
  return Take(text);
}

/* Lists of registered types are printed around PetscHelpPrintf, in pieces, by rank 0 alone. */
static PetscErrorCode ListenToLists(FILE *file, const char format[], va_list args)
{
  char   text[8192];
  size_t full;

  if (file == stdout && strstr(format, "<now %s : formerly %s>")) help.in_list = PETSC_TRUE;
  if (file != stdout || !help.in_list) return help.vprint(file, format, args);
  PetscVSNPrintf(text, sizeof text, format, &full, args);
  if (strchr(text, '\n')) help.in_list = PETSC_FALSE;
  return Take(text);
}

void AeHelpOwn(PetscBool own) { help.in_own = own; }

/* Before PetscInitialize, which prints the first part of the help text. */
PetscErrorCode AeHelpStart(void)
{
  PetscFunctionBegin;
  help.print      = PetscHelpPrintf;
  PetscHelpPrintf = Listen;
  PetscFunctionReturn(0);
}

/* After PetscInitialize: from here on everything that is set up tells us its options. */
PetscErrorCode AeHelpListen(void)
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsHasHelp(NULL, &help.wanted));
  if (!help.wanted) PetscCall(PetscOptionsSetValue(NULL, "-help", NULL));
  help.listening = PETSC_TRUE;
  help.vprint    = PetscVFPrintf;
  PetscVFPrintf  = ListenToLists;
  PetscFunctionReturn(0);
}

/* Before the first step: asking costs time in every KSPSetFromOptions of a run. */
PetscErrorCode AeHelpStop(void)
{
  PetscFunctionBegin;
  if (help.listening && !help.wanted) PetscCall(PetscOptionsClearValue(NULL, "-help"));
  if (help.listening) PetscVFPrintf = help.vprint;
  help.listening = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static void PrintOwn(void)
{
  for (PetscInt g = 0; g < help.n_own; g++) {
    const char *group = help.own[g].group;
    PetscInt    first = 0;

    while (strcmp(help.own[first].group, group)) first++;
    if (first != g) continue; /* this group has been printed */
    printf("\n%s:\n", group);
    for (PetscInt i = g; i < help.n_own; i++) {
      const AeOption *o = &help.own[i];
      char            head[512];
      if (strcmp(o->group, group)) continue;
      snprintf(head, sizeof head, "-%s <%s>", o->name, o->value);
      printf("  %-36s %s; %s%s%s%s\n", head, o->text, o->limits, *o->ref ? " (" : "", o->ref, *o->ref ? ")" : "");
    }
  }
}

PetscBool AeHelpAsked(void) { return help.wanted; }

PetscErrorCode AeHelpWanted(PetscBool *wanted)
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  *wanted = help.wanted;
  if (!help.wanted) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank) PetscFunctionReturn(0);
  printf("Aeonic's options, <default>, meaning; what is allowed [unit] (reference)\n");
  PrintOwn();
  printf("\nPETSc's options\n%s", help.text ? help.text : "");
  fflush(stdout);
  PetscFunctionReturn(0);
}

void AeHelpFree(void)
{
  for (PetscInt i = 0; i < help.n_own; i++) {
    AeOption *o = &help.own[i];
    free(o->name), free(o->text), free(o->limits), free(o->value), free(o->ref), free(o->group);
  }
  for (PetscInt i = 0; i < help.n_petsc; i++) free(help.petsc[i]);
  free(help.own), free(help.petsc), free(help.text), free(help.header);
  if (help.print) PetscHelpPrintf = help.print;
  memset(&help, 0, sizeof help);
}
