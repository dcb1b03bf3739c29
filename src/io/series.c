/*
  Time series as text, one file per quantity, appended to by rank 0.
*/
#include <aeonic/io.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define BUFFER 4096
#define LINE   512
#define GROUP  16 /* values of a group: 24 characters each and the columns before them fit a line */

typedef struct {
  char      file[256]; /* below series/ */
  char      path[PETSC_MAX_PATH_LEN];
  int       fd;
  PetscBool failed, synced;
  off_t     size; /* whole lines in the file */
  size_t    n;    /* characters waiting */
  char      wait[BUFFER];
} Series;

struct _p_AeSeries {
  AeRun       run;
  PetscMPIInt rank;
  PetscInt    n, room, ready; /* ready of s[] are allocated: what opens a file in the midst of a run asks for no memory */
  Series    **s;
};

enum { SPARE = 64 };

/* Room for n more series. */
static PetscErrorCode Reserve(AeSeries series, PetscInt n)
{
  PetscFunctionBegin;
  if (series->n + n > series->room) {
    series->room = 2 * (series->n + n) + 16;
    PetscCall(PetscRealloc((size_t)series->room * sizeof *series->s, &series->s));
  }
  for (; series->ready < series->n + n; series->ready++) PetscCall(PetscNew(&series->s[series->ready]));
  PetscFunctionReturn(0);
}

static const char *const kinds[] = {"minimum", "maximum", "norm1", "norm2", "average"};

PetscErrorCode AeSeriesCreate(AeRun run, AeSeries *series)
{
  PetscFunctionBegin;
  PetscCall(PetscNew(series));
  (*series)->run = run;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &(*series)->rank));
  if (!(*series)->rank) PetscCall(Reserve(*series, SPARE));
  PetscFunctionReturn(0);
}

static PetscErrorCode Failed(Series *s, int reason)
{
  PetscFunctionBegin;
  s->failed = PETSC_TRUE; /* the error is reported once; destroying must not raise it again */
  s->n      = 0;
  SETERRQ(PETSC_COMM_SELF, AE_ERR_FILE, "cannot write %s: %s; the lines before are intact", s->path, strerror(reason));
}

/* Writes what waits. Whatever a failed write left of its last line is cut off. */
static PetscErrorCode Drain(Series *s)
{
  size_t done = 0;

  PetscFunctionBegin;
  while (done < s->n) {
    const ssize_t w = write(s->fd, s->wait + done, s->n - done);
    if (w < 0 && errno == EINTR) continue;
    if (w <= 0) {
      const int reason = w ? errno : EIO;
      while (done && s->wait[done - 1] != '\n') done--;
      /* best effort: the disk is full or gone already, and the reason to report is the first */
      if (ftruncate(s->fd, s->size + (off_t)done))
        PetscCall(PetscInfo(NULL, "%s may end with a partial line: %s\n", s->path, strerror(errno)));
      PetscCall(Failed(s, reason));
    }
    done += (size_t)w;
  }
  s->size += (off_t)s->n;
  s->n = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode Append(Series *s, const char text[], size_t length)
{
  PetscFunctionBegin;
  if (s->failed) PetscFunctionReturn(0);
  if (s->n + length > BUFFER) PetscCall(Drain(s));
  PetscCheck(length <= BUFFER, PETSC_COMM_SELF, AE_ERR_SYSTEM, "A line of %zu characters for %s", length, s->path);
  memcpy(s->wait + s->n, text, length);
  s->n += length;
  s->synced = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* Length of the file without a last line that a crash cut short; -1 with errno set on failure. */
static off_t WholeLines(int fd)
{
  off_t end = lseek(fd, 0, SEEK_END);
  char  c;

  for (; end > 0; end--) {
    if (pread(fd, &c, 1, end - 1) != 1) return -1;
    if (c == '\n') break;
  }
  return end;
}

/* The series of that file, opened at its first use. */
static PetscErrorCode Get(AeSeries series, const char file[], const char header[], Series **found)
{
  Series *s;
  char    rel[PETSC_MAX_PATH_LEN];
  off_t   end;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < series->n; i++)
    if (!strcmp(series->s[i]->file, file)) {
      *found = series->s[i];
      PetscFunctionReturn(0);
    }
  PetscCall(Reserve(series, series->n == series->ready ? SPARE : 1));
  s     = series->s[series->n++];
  s->fd = -1;
  PetscCall(PetscStrncpy(s->file, file, sizeof s->file));
  PetscCall(PetscSNPrintf(rel, sizeof rel, "series/%s", file));
  PetscCall(PetscStrncpy(s->path, AeRunPath(series->run, rel), sizeof s->path));
  *found = s;
  s->fd  = open(s->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (s->fd < 0) PetscCall(Failed(s, errno));
  end = WholeLines(s->fd);
  if (end < 0 || ftruncate(s->fd, end)) PetscCall(Failed(s, errno));
  s->size = end;
  if (!end) PetscCall(Append(s, header, strlen(header)));
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckName(const char name[])
{
  const char *c = name;

  PetscFunctionBegin;
  while (isalnum((unsigned char)*c) || *c == '_') c++;
  if (c > name && *c == '[' && isdigit((unsigned char)c[1])) {
    for (c++; isdigit((unsigned char)*c);) c++;
    if (*c == ']') c++;
    else c = "?";
  }
  PetscCheck(c > name && !*c, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "A series cannot be named \"%s\": letters, digits, _ and a [number] at the end only", name);
  PetscFunctionReturn(0);
}

/* printf's "-nan" would be a surprise to some readers */
static PetscReal Clean(PetscReal v) { return v != v ? (PetscReal)NAN : v; }

PetscErrorCode AeSeriesReduction(AeSeries series, const char name[], const char kind[], PetscInt it, PetscReal t, PetscReal value)
{
  char      file[256], header[320], line[LINE];
  PetscBool known = PETSC_FALSE;
  Series   *s;

  PetscFunctionBegin;
  if (series->rank) PetscFunctionReturn(0);
  PetscCall(CheckName(name));
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(kinds); k++)
    if (!strcmp(kind, kinds[k])) known = PETSC_TRUE;
  PetscCheck(known, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "Series %s: a reduction is minimum, maximum, norm1, norm2 or average, not %s", name, kind);
  PetscCall(PetscSNPrintf(file, sizeof file, "%s.%s.asc", name, kind));
  PetscCall(PetscSNPrintf(header, sizeof header, "# %s of %s\n# 1:iteration 2:time 3:data\n", kind, name));
  PetscCall(Get(series, file, header, &s));
  const int n = snprintf(line, sizeof line, "%" PetscInt_FMT " %.17g %.17g\n", it, (double)Clean(t), (double)Clean(value));
  PetscCall(Append(s, line, (size_t)n));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSeriesScalar(AeSeries series, const char name[], PetscReal t, PetscReal value)
{
  char    file[256], header[320], line[LINE];
  Series *s;

  PetscFunctionBegin;
  if (series->rank) PetscFunctionReturn(0);
  PetscCall(CheckName(name));
  PetscCall(PetscSNPrintf(file, sizeof file, "%s..asc", name));
  PetscCall(PetscSNPrintf(header, sizeof header, "# %s\n# column format: 1:time 2:data\n", name));
  PetscCall(Get(series, file, header, &s));
  const int n = snprintf(line, sizeof line, "%.17g %.17g\n", (double)Clean(t), (double)Clean(value));
  PetscCall(Append(s, line, (size_t)n));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSeriesGroup(AeSeries series, const char group[], PetscInt n, const char *const names[], PetscInt it, PetscReal t,
                             const PetscReal values[])
{
  const size_t prefix = strcspn(group, "-");
  char         file[256], header[BUFFER], line[LINE];
  size_t       used;
  Series      *s;

  PetscFunctionBegin;
  if (series->rank) PetscFunctionReturn(0);
  PetscCheck(n > 0 && n <= GROUP, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Series %s: a group has 1 to %d values, not %" PetscInt_FMT, group, GROUP, n);
  PetscCheck(prefix, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "A group cannot be named \"%s\"", group);
  PetscCall(CheckName(group[prefix] ? group + prefix + 1 : group));
  PetscCall(PetscSNPrintf(file, sizeof file, "%s..asc", group));
  used = (size_t)snprintf(
    header, sizeof header,
    "# %s\n# column format: 1:it 2:tl 3:rl 4:c 5:ml 6:ix 7:iy 8:iz 9:time 10:x 11:y 12:z 13:data\n# data columns:", group);
  for (PetscInt i = 0; i < n && used < sizeof header; i++) {
    PetscCall(CheckName(names[i]));
    used += (size_t)snprintf(header + used, sizeof header - used, " %d:%s", 13 + (int)i, names[i]);
  }
  PetscCheck(used + 1 < sizeof header, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "Series %s: the names are too long", group);
  strcat(header, "\n");
  PetscCall(Get(series, file, header, &s));
  used = (size_t)snprintf(line, sizeof line, "%" PetscInt_FMT " 0 0 0 0 0 0 0 %.17g 0 0 0", it, (double)Clean(t));
  for (PetscInt i = 0; i < n; i++) used += (size_t)snprintf(line + used, sizeof line - used, " %.17g", (double)Clean(values[i]));
  line[used++] = '\n';
  PetscCall(Append(s, line, used));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSeriesText(AeSeries series, const char file[], const char header[], const char format[], ...)
{
  char    line[LINE];
  va_list args;
  Series *s;

  PetscFunctionBegin;
  if (series->rank) PetscFunctionReturn(0);
  va_start(args, format);
  const int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  PetscCheck(n > 0 && n < LINE && line[n - 1] == '\n', PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "series/%s: a line has at most %d characters and ends with a newline", file, LINE - 1);
  PetscCall(Get(series, file, header, &s));
  PetscCall(Append(s, line, (size_t)n));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSeriesGetRun(AeSeries series, AeRun *run)
{
  PetscFunctionBegin;
  *run = series->run;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSeriesFlush(AeSeries series)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < series->n; i++) {
    Series *s = series->s[i];
    if (s->failed || s->synced) continue;
    PetscCall(Drain(s));
    /* EINVAL: not a file that can be synced, such as a pipe or /dev/null */
    if (fsync(s->fd) && errno != EINVAL) PetscCall(Failed(s, errno));
    s->synced = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeSeriesDestroy(AeSeries *series)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!*series) PetscFunctionReturn(0);
  ierr = AeSeriesFlush(*series);
  for (PetscInt i = 0; i < (*series)->n; i++) {
    Series *s = (*series)->s[i];
    /* some network file systems report a full disk only here */
    if (s->fd >= 0 && close(s->fd) && !ierr && !s->failed) ierr = Failed(s, errno);
  }
  for (PetscInt i = 0; i < (*series)->ready; i++) PetscCall(PetscFree((*series)->s[i]));
  PetscCall(PetscFree((*series)->s));
  PetscCall(PetscFree(*series));
  PetscFunctionReturn(ierr);
}
