/*
  Files that are either the old or the new one, whatever happens in between.
*/
#include "base_private.h"
#include <aeonic/sealed.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

void AeWhy(char why[], const char format[], ...)
{
  va_list args;

  va_start(args, format);
  vsnprintf(why, AE_WHY, format, args);
  va_end(args);
}

int AeClaim(const char path[], uint64_t bytes, int how)
{
  const int fd  = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  int       err = fd < 0 ? errno : 0;

  if (!err && bytes && fallocate(fd, how, 0, (off_t)bytes) && errno != EOPNOTSUPP && errno != ENOSYS) err = errno;
  if (fd >= 0) close(fd);
  return err;
}

int AeSync(const char path[])
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  int       err;

  if (fd < 0) return errno;
  err = fsync(fd) && errno != EINVAL ? errno : 0; /* EINVAL: file systems that cannot sync a folder */
  (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  if (close(fd) && !err) err = errno;
  return err;
}

int AeWriteFileRaw(const char path[], const char text[], size_t len, char why[])
{
  char        tmp[PETSC_MAX_PATH_LEN + 8], folder[PETSC_MAX_PATH_LEN];
  const char *what = "open";
  size_t      done = 0;
  int         fd;

  snprintf(tmp, sizeof tmp, "%s.tmp", path);
  fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0) goto failed;
  what = "write";
  while (done < len) {
    const ssize_t n = write(fd, text + done, len - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) goto failed;
    done += (size_t)n;
  }
  what = "sync";
  if (fsync(fd)) goto failed;
  what = "close";
  if (close(fd)) {
    fd = -1;
    goto failed;
  }
  fd   = -1;
  what = "rename";
  if (rename(tmp, path)) goto failed;
  what = "sync the folder of";
  snprintf(folder, sizeof folder, "%s", path);
  if ((errno = AeSync(dirname(folder)))) goto failed;
  return 0;

failed:
  AeWhy(why, "cannot %s %s: %s", what, path, strerror(errno));
  if (fd >= 0) close(fd);
  unlink(tmp);
  return -1;
}

PetscErrorCode AeWriteFile(const char path[], const char text[], size_t len)
{
  char why[AE_WHY];

  PetscFunctionBegin;
  PetscCheck(!AeWriteFileRaw(path, text, len, why), PETSC_COMM_SELF, AE_ERR_FILE, "%s", why);
  PetscFunctionReturn(0);
}

int AeMakeFolders(const char path[], char why[])
{
  char        part[PETSC_MAX_PATH_LEN];
  struct stat st;

  snprintf(part, sizeof part, "%s", path);
  for (char *s = part + 1;; s++) {
    const char c = *s;
    if (c && c != '/') continue;
    *s = 0;
    if (mkdir(part, 0777) && errno != EEXIST) {
      AeWhy(why, "cannot make the folder %s: %s", part, strerror(errno));
      return -1;
    }
    if (stat(part, &st) || !S_ISDIR(st.st_mode)) {
      AeWhy(why, "%s is not a folder", part);
      return -1;
    }
    *s = c;
    if (!c) return 0;
  }
}

PetscErrorCode AeShareOutcome(MPI_Comm comm, PetscErrorCode code, char why[])
{
  int shared = code;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Bcast(&shared, 1, MPI_INT, 0, comm));
  if (!shared) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(why, AE_WHY, MPI_CHAR, 0, comm));
  AeRaise(comm, shared, "%s", why);
}
