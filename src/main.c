/*
  aeonic <command> [options]: one executable, sub-commands like git's, PETSc options after them.
*/
#include <aeonic/bench.h>
#include <aeonic/commands.h>
#include <aeonic/elliptic.h>
#include <aeonic/levels.h>
#include <aeonic/rails.h>
#include <aeonic/spectral.h>
#include <ctype.h>

static const AeCommand commands[] = {
  {"gr", "evolve a spacetime", AeCommandGR, NULL},
  {"id", "solve and write initial data", AeCommandID, NULL},
  {"elliptic", "run and compare elliptic solvers", AeCommandElliptic, NULL},
  {"ns", "evolve incompressible Navier-Stokes", AeCommandNS, NULL},
  {"spectrum", "eigenvalues of the linearised evolution: time step limits, growing modes", AeCommandSpectrum, NULL},
  {"bench", "kernel throughput and roofline", AeCommandBench, AeBenchTopics},
  {"gcat", "run the calibration suite: with and without each feature", AeCommandGcat, NULL},
  {"verify", "check a receipts file", AeCommandVerify, AeVerifyTopics},
};
enum { N_COMMANDS = PETSC_STATIC_ARRAY_LENGTH(commands) };

static int Usage(void)
{
  printf("aeonic " AEONIC_VERSION ": Einstein's equations on PETSc\n\nusage: aeonic COMMAND [options]\n\n");
  for (int i = 0; i < N_COMMANDS; i++) printf("  %-10s %s\n", commands[i].name, commands[i].text);
  printf("  %-10s this text, or with a command its options (also: aeonic COMMAND -help)\n", "help");
  return AE_EXIT_OK;
}

/* The command of that name, or NULL after one line that says what there is. */
static const AeCommand *Find(const char word[])
{
  const char *names[N_COMMANDS + 1], *near;

  for (int i = 0; i < N_COMMANDS; i++) {
    if (!strcmp(word, commands[i].name)) return &commands[i];
    names[i] = commands[i].name;
  }
  names[N_COMMANDS] = "help";
  near              = AeNearest(word, names, N_COMMANDS + 1);
  fprintf(stderr, "aeonic: error: unknown command '%s'%s%s%s ('aeonic help' lists them)\n", word, near ? ", did you mean " : "",
          near ? near : "", near ? "?" : "");
  return NULL;
}

/* The word after the command, if it is one that the command knows. */
static const char *Topic(const AeCommand *command, const char word[])
{
  for (int t = 0; word && command->topics && command->topics[t]; t++)
    if (!strcmp(word, command->topics[t]) || (isupper((unsigned char)*command->topics[t]) && *word != '-')) return word;
  return NULL;
}

static PetscBool Is(const char word[], const char name[]) { return (PetscBool)!strcmp(word + strspn(word, "-"), name); }

int main(int argc, char **argv)
{
  static char      help_option[] = "-help";
  const char      *word          = argc > 1 ? argv[1] : "", *topic;
  const AeCommand *command;
  PetscErrorCode   ierr;

  if (!*word) return fprintf(stderr, "aeonic: error: no command given ('aeonic help' lists them)\n"), AE_EXIT_USAGE;
  if (Is(word, "version")) return printf("aeonic " AEONIC_VERSION "\n"), AE_EXIT_OK;
  if (Is(word, "h") || (Is(word, "help") && (*word == '-' || argc == 2))) return Usage();
  AeBenchVersusStart(argc, argv);
  command = Find(Is(word, "help") ? argv[2] : word);
  if (!command) return AE_EXIT_USAGE;

  if (Is(word, "help")) argv[2] = help_option; /* aeonic help gr: what aeonic gr -help prints */
  topic = Topic(command, argc > 2 ? argv[2] : NULL);
  argv += topic ? 2 : 1; /* options only are left */
  argc -= topic ? 2 : 1;
  for (int i = 1; i < argc; i++)
    if (!strcmp(argv[i], "--help")) argv[i] = help_option;

  ierr = AeonicInitialize(&argc, &argv, NULL);
  if (!ierr) ierr = AeLevelsRegister();
  if (!ierr) ierr = AeRailsRegister();
  if (!ierr) ierr = AeEllRegister();
  if (!ierr) ierr = AeSpectralRegister();
  if (!ierr) ierr = command->run(topic);
  if (!ierr) ierr = AeOptionsCheckLeft();
  if (!ierr) ierr = AeonicFinalize();
  if (ierr) AeonicAbandon(AeonicExitStatus(ierr));
  return AE_EXIT_OK;
}
