/*
  The error policy: one line on stderr, the right exit status, no rank left waiting.
*/
#include "base_private.h"
#include <signal.h>
#include <unistd.h>

static char      last[1024];
static PetscBool trace;

const char *AeonicLastError(void) { return last; }

int AeonicExitStatus(PetscErrorCode ierr)
{
  switch (ierr) {
  case 0: return AE_EXIT_OK;
  case AE_ERR_FAILED:
  case PETSC_ERR_FP:
  case PETSC_ERR_CONV_FAILED: return AE_EXIT_FAILED;
  case PETSC_ERR_USER_INPUT:
  case PETSC_ERR_USER:
  case PETSC_ERR_ARG_OUTOFRANGE:
  case PETSC_ERR_ARG_WRONG:
  case PETSC_ERR_ARG_UNKNOWN_TYPE:
  case PETSC_ERR_FILE_OPEN:
  case PETSC_ERR_FILE_READ:
  case PETSC_ERR_SUP: return AE_EXIT_USAGE;
  default: return AE_EXIT_SYSTEM;
  }
}

/* Called for every level of the call chain; the first call carries the message. */
static PetscErrorCode Handler(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode ierr, PetscErrorType type, const char *message, void *ctx)
{
  int rank = 0, size = 1, world = 1, finalized;

  MPI_Finalized(&finalized);
  if (trace) return PetscTraceBackErrorHandler(comm, line, function, file, ierr, type, message, ctx);
  if (type != PETSC_ERROR_INITIAL || finalized) return ierr;
  if (comm != MPI_COMM_NULL) {
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
  }
  MPI_Comm_size(MPI_COMM_WORLD, &world);
  (void)snprintf(last, sizeof last, "%s", message ? message : "unknown error");
  last[strcspn(last, "\n")] = 0;
  if (AeonicExitStatus(ierr) == AE_EXIT_SYSTEM && ierr != AE_ERR_FILE) {
    const size_t n = strlen(last);
    (void)snprintf(last + n, sizeof last - n, " (%s, %s:%d; -error_trace shows more)", function, strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);
  }
  if (size == 1 && world > 1) { /* the other ranks know nothing of it */
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    fprintf(stderr, "aeonic: error: %s [rank %d]\n", last, rank);
    fflush(NULL);
    MPI_Abort(MPI_COMM_WORLD, AeonicExitStatus(ierr));
  }
  if (!rank) fprintf(stderr, "aeonic: error: %s\n", last);
  return ierr;
}

static void LeaveNow(int signal)
{
  (void)signal;
  _exit(AE_EXIT_SYSTEM);
}

void AeonicAbandon(int status)
{
  int up, down;

  fflush(NULL);
  MPI_Initialized(&up);
  MPI_Finalized(&down);
  if (up && !down) {
    /* if the other ranks do not come to MPI_Finalize, leave; mpiexec then ends them */
    (void)signal(SIGALRM, LeaveNow);
    (void)alarm(2);
    MPI_Finalize();
    (void)alarm(0);
  }
  _exit(status);
}

static void Crash(int sig)
{
  static const char text[] = "aeonic: error: the program crashed (internal error)\n";

  (void)!write(2, text, sizeof text - 1);
  (void)signal(sig, SIG_DFL);
  _exit(AE_EXIT_SYSTEM);
}

PetscErrorCode AeErrorHandlerPush(void)
{
  PetscFunctionBegin;
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-error_trace", &trace, NULL));
  PetscCall(PetscPushErrorHandler(Handler, NULL));
  /* PETSc's signal handler prints pages; a write beyond a size limit shall come back as an error of write(2) */
  PetscCall(PetscPopSignalHandler());
#if !defined(__SANITIZE_ADDRESS__)
  (void)signal(SIGSEGV, Crash);
  (void)signal(SIGBUS, Crash);
  (void)signal(SIGFPE, Crash);
  (void)signal(SIGILL, Crash);
#endif
  (void)signal(SIGXFSZ, SIG_IGN);
  (void)signal(SIGPIPE, SIG_IGN);
  PetscFunctionReturn(0);
}
