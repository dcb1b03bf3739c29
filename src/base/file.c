/*
  Writing files so that an older one survives any failure.
*/
#include "base_private.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <unistd.h>

static PetscErrorCode SyncFolder(const char path[])
{
  char copy[PETSC_MAX_PATH_LEN];
  int  fd;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(copy, path, sizeof copy));
  fd = open(dirname(copy), O_RDONLY | O_DIRECTORY);
  if (fd >= 0) {
    (void)fsync(fd);
    (void)close(fd);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeWriteFile(const char path[], const char text[], size_t len)
{
  char   tmp[PETSC_MAX_PATH_LEN];
  size_t done = 0;
  int    fd, failed = 0;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(tmp, sizeof tmp, "%s.tmp", path));
  fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  PetscCheck(fd >= 0, PETSC_COMM_SELF, AE_ERR_FILE, "cannot write %s: %s", path, strerror(errno));
  while (done < len && !failed) {
    const ssize_t n = write(fd, text + done, len - done);

    if (n > 0) done += (size_t)n;
    else if (n == 0 || errno != EINTR) failed = n ? errno : ENOSPC;
  }
  if (!failed && fsync(fd)) failed = errno;
  if (close(fd) && !failed) failed = errno;
  if (!failed && rename(tmp, path)) failed = errno;
  if (failed) (void)unlink(tmp);
  PetscCheck(!failed, PETSC_COMM_SELF, AE_ERR_FILE, "cannot write %s: %s", path, strerror(failed));
  PetscCall(SyncFolder(path));
  PetscFunctionReturn(0);
}
