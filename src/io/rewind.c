/*
  Time series and checkpoints: how long the files are, and cutting them back to that.
*/
#include <aeonic/io.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static PetscBool IsSeries(const char name[])
{
  const size_t n = strlen(name);
  return (PetscBool)(n > 4 && name[0] != '.' && (!strcmp(name + n - 4, ".asc") || !strcmp(name + n - 4, ".txt")));
}

/* Calls visit for every series file of the folder. */
static int Walk(const char folder[], int (*visit)(void *ctx, const char name[], const char path[], off_t size), void *ctx)
{
  DIR           *dir = opendir(folder);
  struct dirent *e;
  int            bad = dir ? 0 : errno;

  while (dir && !bad && (e = readdir(dir))) {
    char        path[PETSC_MAX_PATH_LEN + 300];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    if (IsSeries(e->d_name) && !stat(path, &st) && S_ISREG(st.st_mode)) bad = (*visit)(ctx, e->d_name, path, st.st_size);
  }
  if (dir) closedir(dir);
  return bad;
}

typedef struct {
  char  *text;
  size_t n, room;
} Sizes;

static int AddSize(void *ctx, const char name[], const char path[], off_t size)
{
  Sizes       *s    = (Sizes *)ctx;
  const size_t more = strlen(name) + 32;

  (void)path;
  if (s->n + more > s->room) {
    s->room = 2 * s->room + more;
    if (PetscRealloc(s->room, &s->text)) return ENOMEM;
  }
  s->n += (size_t)snprintf(s->text + s->n, s->room - s->n, "%lld %s\n", (long long)size, name);
  return 0;
}

PetscErrorCode AeSeriesSizes(AeSeries series, char **text)
{
  AeRun       run;
  Sizes       s = {NULL, 0, 4096};
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(AeSeriesFlush(series));
  PetscCall(AeSeriesGetRun(series, &run));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscCalloc1(s.room, &s.text));
  if (!rank) (void)Walk(AeRunPath(run, "series"), AddSize, &s);
  *text = s.text;
  PetscFunctionReturn(0);
}

/* The size listed for a file, -1 if it is not. */
static long long Listed(const char sizes[], const char name[])
{
  for (const char *line = sizes; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    const char  *space = strchr(line, ' '), *end = strchr(line, '\n');
    const size_t n = strlen(name);

    if (space && end && (size_t)(end - space - 1) == n && !strncmp(space + 1, name, n)) return strtoll(line, NULL, 10);
  }
  return -1;
}

typedef struct {
  const char *sizes;
  char       *why;
  size_t      len;
} Cut;

/* One file of series/ back to what it was at the checkpoint; one that was not there then is moved aside: its lines are of
   steps that are taken anew. */
static int CutBack(void *ctx, const char name[], const char path[], off_t size)
{
  Cut            *c    = (Cut *)ctx;
  const long long want = Listed(c->sizes, name);
  char            aside[PETSC_MAX_PATH_LEN + 320];
  int             fd, err = 0;

  if (want < 0) {
    snprintf(aside, sizeof aside, "%s.abandoned", path);
    return rename(path, aside) ? errno : 0;
  }
  if (size < want)
    snprintf(c->why, c->len, "%s is %lld bytes shorter than the checkpoint says: lines are missing", path,
             want - (long long)size);
  if (size <= want) return 0;
  fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  if (ftruncate(fd, (off_t)want) || (fsync(fd) && errno != EINVAL)) err = errno;
  if (close(fd) && !err) err = errno;
  return err;
}

PetscErrorCode AeSeriesRewind(AeRun run, const char sizes[], char why[], size_t len)
{
  PetscMPIInt rank;
  Cut         c   = {sizes, why, len};
  int         err = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  why[0] = 0;
  if (!rank) err = Walk(AeRunPath(run, "series"), CutBack, &c);
  PetscCallMPI(MPI_Bcast(&err, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCheck(!err || err == ENOENT, PETSC_COMM_WORLD, AE_ERR_FILE, "cannot cut back the series in %s: %s",
             AeRunPath(run, "series"), strerror(err));
  PetscFunctionReturn(0);
}
