/*
  The error policy: one line on the terminal, an exit status that says whose fault it was, and an end to
  all ranks within seconds.
*/
#include "base_private.h"
#include <signal.h>
#include <unistd.h>

PetscBool aeErrorTrace = PETSC_FALSE;

static char                  message[1024];  /* of the newest error */
static char                  line_out[1100]; /* ready for the alarm handler, with the rank */
static volatile sig_atomic_t printed;        /* this rank, or another one for us, has printed */
static volatile sig_atomic_t abandon_status;

const char *AeonicLastError(void) { return message; }

static void (*volatile last_words)(int status, const char reason[]);

static void Speak(int status, const char reason[])
{
  void (*const speak)(int, const char[]) = last_words;

  last_words = NULL; /* whatever fails in there must not come back */
  if (speak) (*speak)(status, reason);
}

int AeonicExitStatus(PetscErrorCode ierr)
{
  switch (ierr) {
  case 0:
    return AE_EXIT_OK;
  case PETSC_ERR_USER_INPUT:
  case PETSC_ERR_USER:
  case PETSC_ERR_SUP:
  case PETSC_ERR_ARG_OUTOFRANGE:
  case PETSC_ERR_ARG_WRONG:
  case PETSC_ERR_ARG_SIZ:
  case PETSC_ERR_ARG_INCOMP:
  case PETSC_ERR_ARG_UNKNOWN_TYPE:
  case PETSC_ERR_FILE_OPEN:
  case PETSC_ERR_FILE_READ:
  case PETSC_ERR_FILE_UNEXPECTED:
  case PETSC_ERR_OPT_OVERWRITE:
  case PETSC_ERR_WRONG_MPI_SIZE:
    return AE_EXIT_USAGE;
  case PETSC_ERR_NOT_CONVERGED:
  case PETSC_ERR_CONV_FAILED:
  case PETSC_ERR_FP:
  case PETSC_ERR_MAT_LU_ZRPVT:
  case PETSC_ERR_MAT_CH_ZRPVT:
    return AE_EXIT_FAILED;
  default:
    return AE_EXIT_SYSTEM;
  }
}

static void PutLine(void)
{
  if (printed) return;
  printed = 1;
  if (write(STDERR_FILENO, line_out, strlen(line_out)) < 0) return; /* nowhere left to complain */
}

static void KeepMessage(PetscErrorCode n, const char mess[])
{
  const char *text = mess;

  if (!mess || !*mess) PetscErrorMessage(n, &text, NULL);
  snprintf(message, sizeof message, "%s", text && *text ? text : "unknown error");
  for (char *s = message; *s; s++)
    if (*s == '\n' || *s == '\r') *s = ' ';
  for (size_t k = strlen(message); k && message[k - 1] == ' '; k--) message[k - 1] = 0;
}

/*
  Errors of a communicator are printed by its rank 0. An error of one rank alone cannot be handed to the
  others, who wait in some collective call, so it ends the program from here. All ranks may well have hit
  the same one at the same time: the others give rank 0 a head start, so that only one line appears.
*/
static PetscErrorCode Handler(MPI_Comm comm, int line, const char *fun, const char *file, PetscErrorCode n, PetscErrorType p,
                              const char *mess, void *ctx)
{
  int world = 1, me = 0, size = 1, rank = 0, up = 0, down = 1;

  MPI_Initialized(&up);
  MPI_Finalized(&down);
  if (up && !down) {
    if (comm == MPI_COMM_NULL) comm = MPI_COMM_WORLD; /* PETSC_COMM_WORLD before PetscInitialize has set it */
    MPI_Comm_size(MPI_COMM_WORLD, &world);
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(comm, &size);
    MPI_Comm_rank(comm, &rank);
  }
  if (p == PETSC_ERROR_INITIAL) {
    KeepMessage(n, mess);
    fflush(stdout);
    if (world > 1 && size == 1) snprintf(line_out, sizeof line_out, "aeonic: error: rank %d: %s\n", me, message);
    else snprintf(line_out, sizeof line_out, "aeonic: error: %s\n", message);
    if (world > 1 && size == 1 && me) usleep(300000);
    if (rank == 0) PutLine();
  }
  if (aeErrorTrace) PetscTraceBackErrorHandler(comm, line, fun, file, n, p, mess, ctx);
  if (p == PETSC_ERROR_INITIAL && world > 1 && size == 1) {
    Speak(AeonicExitStatus(n), message);
    MPI_Abort(MPI_COMM_WORLD, AeonicExitStatus(n));
  }
  return n;
}

PetscErrorCode AeErrorRaise(MPI_Comm comm, int line, const char fun[], const char file[], PetscErrorCode code,
                            const char format[], ...)
{
  char      text[2048];
  va_list   args;
  PetscBool up;

  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  PetscInitialized(&up);
  if (up) return PetscError(comm, line, fun, file, code, PETSC_ERROR_INITIAL, "%s", text);
  return Handler(comm, line, fun, file, code, PETSC_ERROR_INITIAL, text, NULL);
}

static void GiveUp(int sig)
{
  (void)sig;
  PutLine(); /* an error that rank 0 never heard of */
  _exit(abandon_status);
}

void AeonicAbandon(int status)
{
  int up = 0, down = 0;

  abandon_status = status;
  fflush(NULL);
  MPI_Initialized(&up);
  MPI_Finalized(&down);
  if (up && !down) {
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (!*line_out) printed = 1;
    else if (rank && !printed) { /* name the rank, should the others turn out not to have failed */
      snprintf(line_out, sizeof line_out, "aeonic: error: rank %d: %s\n", rank, message);
    }
    signal(SIGALRM, GiveUp);
    alarm(2);
    MPI_Finalize();
  }
  _exit(status);
}

/* Only async-signal-safe calls: the heap or stdio may be what broke. */
static void Crash(int sig)
{
  const char       *name   = sig == SIGSEGV  ? "segmentation fault"
                             : sig == SIGBUS ? "bus error"
                             : sig == SIGFPE ? "arithmetic exception"
                             : sig == SIGILL ? "illegal instruction"
                                             : "abort";
  static const char head[] = "aeonic: error: internal failure: ";

  Speak(AE_EXIT_SYSTEM, name);
  if (write(STDERR_FILENO, head, sizeof head - 1) < 0 || write(STDERR_FILENO, name, strlen(name)) < 0 ||
      write(STDERR_FILENO, "\n", 1) < 0)
    _exit(AE_EXIT_SYSTEM);
  _exit(AE_EXIT_SYSTEM);
}

/* The signal then does what it does to a process that has nothing to say. */
static void Terminated(int sig)
{
  Speak(128 + sig, sig == SIGINT ? "interrupted" : sig == SIGHUP ? "hung up" : "terminated");
  signal(sig, SIG_DFL);
  raise(sig);
}

void AeonicLastWords(void (*speak)(int status, const char reason[]))
{
  static const int ends[] = {SIGTERM, SIGINT, SIGHUP};

  last_words = speak;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(ends); i++) {
    struct sigaction action;

    if (sigaction(ends[i], NULL, &action) || action.sa_handler != (speak ? SIG_DFL : Terminated))
      continue; /* ignored under nohup, or someone else's */
    memset(&action, 0, sizeof action);
    action.sa_handler = speak ? Terminated : SIG_DFL;
    sigaction(ends[i], &action, NULL);
  }
}

PetscErrorCode AeSignalsStart(void)
{
  static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  static char      room[65536]; /* a stack overflow is reported from another stack */
  stack_t          stack = {.ss_sp = room, .ss_size = sizeof room};
  struct sigaction action;

  PetscFunctionBegin;
  /* a write beyond a limit or into a closed pipe comes back as an error of write(2) */
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  memset(&action, 0, sizeof action);
  action.sa_handler = Crash;
  action.sa_flags   = SA_ONSTACK;
  sigaltstack(&stack, NULL);
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(fatal); i++) sigaction(fatal[i], &action, NULL);
  PetscFunctionReturn(0);
}

/* Before PetscInitialize, so that its own failures are one line too. -error_trace counts from the start. */
PetscErrorCode AeErrorStart(int argc, char *const argv[])
{
  PetscFunctionBegin;
  for (int i = 1; i < argc; i++)
    if (!strcasecmp(argv[i], "-error_trace")) aeErrorTrace = PETSC_TRUE;
  PetscCall(PetscPushErrorHandler(Handler, NULL)); /* never popped: PetscFinalize may fail as well */
  PetscFunctionReturn(0);
}
