/*
  aeonic COMMAND [PETSc options]
*/
#include <aeonic/commands.h>
#include <aeonic/levels.h>

static const AeCommand Commands[] = {
  {"gr",    "evolve a spacetime",             AeCommandGR,       NULL         },
  {"bench", "kernel throughput and roofline", AeCommandBench, AeBenchTopics},
};
enum { NCOMMANDS = PETSC_STATIC_ARRAY_LENGTH(Commands) };

static int List(void)
{
  printf("aeonic %s: Einstein's equations on the machine you have\n\nusage: aeonic COMMAND [options]\n\n", AEONIC_VERSION);
  for (int c = 0; c < NCOMMANDS; c++) printf("  %-10s %s\n", Commands[c].name, Commands[c].text);
  printf("  %-10s this list, or the options of a command\n\naeonic COMMAND -help documents its options.\n", "help");
  return AE_EXIT_OK;
}

static const AeCommand *Find(const char name[])
{
  const char *names[NCOMMANDS], *near;

  for (int c = 0; c < NCOMMANDS; c++) {
    names[c] = Commands[c].name;
    if (!strcmp(name, names[c])) return &Commands[c];
  }
  near = AeNearest(name, names, NCOMMANDS);
  fprintf(stderr, "aeonic: error: there is no command '%s'%s%s; aeonic help lists them\n", name, near ? ", did you mean " : "", near ? near : "");
  return NULL;
}

/* The word after the command, if it is one the command knows. */
static const char *Topic(const AeCommand *command, const char word[])
{
  for (int t = 0; command->topics && command->topics[t] && word; t++)
    if (!strcmp(word, command->topics[t])) return command->topics[t];
  return NULL;
}

static PetscErrorCode Run(const AeCommand *command, const char topic[], int argc, char **argv)
{
  PetscFunctionBegin;
  PetscCall(AeOptionsScan(argc, argv));
  PetscCall(AeLevelsRegister());
  PetscCall((*command->run)(topic));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const AeCommand *command;
  const char      *topic;
  PetscErrorCode   ierr;
  char            *help[3] = {argv[0], NULL, NULL};

  if (argc < 2 || !strcmp(argv[1], "-h") || !strcmp(argv[1], "-help") || !strcmp(argv[1], "--help")) return List();
  if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-version")) return printf("aeonic %s\n", AEONIC_VERSION), AE_EXIT_OK;
  if (!strcmp(argv[1], "help")) {
    if (argc < 3) return List();
    help[1] = argv[2];
    help[2] = (char[]){"-help"};
    argc    = 3;
    argv    = help;
  }
  if (!(command = Find(argv[1]))) return AE_EXIT_USAGE;
  if ((topic = Topic(command, argc > 2 ? argv[2] : NULL))) argv[2] = argv[0];
  else argv[1] = argv[0];
  argc -= topic ? 2 : 1;
  argv += topic ? 2 : 1;
  ierr = AeonicInitialize(&argc, &argv, "");
  if (!ierr) ierr = Run(command, topic, argc, argv);
  if (ierr) AeonicAbandon(AeonicExitStatus(ierr));
  return AeonicFinalize() ? AE_EXIT_SYSTEM : AE_EXIT_OK;
}
