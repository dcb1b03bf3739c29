#ifndef SCRATCH_H
#define SCRATCH_H
/* A run in a folder of its own: the one of -out, or a temporary that ScratchEnd removes. */
#include <aeonic/io.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char scratch[PETSC_MAX_PATH_LEN]; /* the temporary, or empty */

static inline PetscErrorCode ScratchRun(AeRun *run)
{
  PetscBool   given;
  PetscMPIInt rank;
  char        out[PETSC_MAX_PATH_LEN + 8] = "";

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-out", &given));
  if (!given) {
    if (!rank) {
      snprintf(scratch, sizeof scratch, "%s/aeonic-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
      PetscCheck(mkdtemp(scratch), PETSC_COMM_SELF, AE_ERR_SYSTEM, "No temporary folder %s", scratch);
    }
    PetscCallMPI(MPI_Bcast(scratch, sizeof scratch, MPI_CHAR, 0, PETSC_COMM_WORLD));
    snprintf(out, sizeof out, "%s/run", scratch);
    PetscCall(PetscOptionsSetValue(NULL, "-out", out));
  }
  PetscCall(AeRunCreate(PETSC_COMM_WORLD, "test", "io", run));
  PetscCall(AeRunOpen(*run));
  PetscFunctionReturn(0);
}

static inline int ScratchRemove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static inline PetscErrorCode ScratchEnd(AeRun *run)
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(AeRunClose(*run, AE_EXIT_OK, "test"));
  PetscCall(AeRunDestroy(run));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank && scratch[0]) nftw(scratch, ScratchRemove, 16, FTW_DEPTH | FTW_PHYS);
  PetscFunctionReturn(0);
}

/* Errors that are expected return quietly; the message of the last one is kept here. */
static char scratch_error[1024];

static inline PetscErrorCode ScratchHandler(MPI_Comm comm, int line, const char *func, const char *file, PetscErrorCode n,
                                            PetscErrorType p, const char *mess, void *ctx)
{
  (void)comm;
  (void)line;
  (void)func;
  (void)file;
  (void)ctx;
  if (p == PETSC_ERROR_INITIAL) snprintf(scratch_error, sizeof scratch_error, "%s", mess ? mess : "");
  return n;
}

/* A full disk: no file of this process may grow beyond so many bytes. Returns the limit before. */
static inline rlim_t ScratchLimit(rlim_t bytes)
{
  struct rlimit r;
  rlim_t        before;

  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &r);
  before     = r.rlim_cur;
  r.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &r);
  return before;
}
#endif
