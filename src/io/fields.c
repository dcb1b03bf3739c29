/*
  Fields as HDF5, whole or in planes and lines, in several layouts at once.

  A file appears under its name only when it is complete. Rank 0 lays out <name>.tmp and claims its space; all
  ranks write their rows into it with pwrite, read them back, compare and sync; rank 0 opens the file with HDF5 and
  renames it. After each of these steps the ranks agree on the outcome, so that a failure anywhere ends the
  call on all of them in the same way. (Through MPI-IO the same bytes take longer, and a full disk fails on some
  ranks in MPI's own ways and words.)
*/
#include "io_private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One output under way. */
typedef struct {
  AeOut      out;
  PetscInt   nfields, nfiles;
  AeOutFile *file;
  off_t     *at; /* of all datasets, file by file */
  PetscInt   ndata;
  char       folder[PETSC_MAX_PATH_LEN], parent[PETSC_MAX_PATH_LEN];
  PetscInt   bad; /* the file that failed, -1: the folder */
  char       reason[AE_REASON];
} Writer;

static const struct {
  unsigned    form, along; /* bits of the axes along which there is more than one cell */
  const char *suffix;      /* after the field's name, or the whole name of a file of all fields */
} forms[AE_OUT_FORMS] = {
  {AE_OUT_KUIBIT, 7, ".xyz.h5"},
  {AE_OUT_VTKHDF, 7, "fields.vtkhdf"},
  {AE_OUT_XDMF, 7, "fields.xdmf.h5"},
  {AE_OUT_XY, 3, ".xy.h5"},
  {AE_OUT_XZ, 5, ".xz.h5"},
  {AE_OUT_YZ, 6, ".yz.h5"},
  {AE_OUT_X, 1, ".x.h5"},
  {AE_OUT_Y, 2, ".y.h5"},
  {AE_OUT_Z, 4, ".z.h5"},
};

PetscBool AeOutAlong(unsigned form, PetscInt d)
{
  for (int i = 0; i < AE_OUT_FORMS; i++)
    if (forms[i].form == form) return (PetscBool)((forms[i].along >> d) & 1);
  return PETSC_FALSE;
}

PetscInt AeOutLayer(AeGrid g, PetscInt d) { return g->bc[d][0] == AE_BC_REFLECTING && g->lo[d] == 0.0 ? 0 : g->n[d] / 2; }

static void Fail(Writer *w, PetscInt file, const char reason[])
{
  if (w->reason[0]) return;
  snprintf(w->reason, sizeof w->reason, "%s", reason);
  w->bad = file;
}

/* ---- the list of files ------------------------------------------------------------------------------- */

static PetscErrorCode AddFile(Writer *w, int form, PetscInt field, PetscInt n)
{
  const AeGrid g    = w->out.grid;
  AeOutFile   *f    = &w->file[w->nfiles++];
  const char  *name = n == 1 && forms[form].suffix[0] == '.' ? w->out.field[field].name : "";
  char         path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  f->form  = forms[form].form;
  f->field = field;
  f->n     = n;
  f->at    = w->at + w->ndata;
  f->fd    = -1;
  w->ndata += n;
  for (int d = 0; d < 3; d++) {
    const PetscBool along = AeOutAlong(f->form, d);
    f->start[d]           = along ? 0 : AeOutLayer(g, d);
    f->count[d]           = along ? g->n[d] : 1;
  }
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/%s%s", w->folder, name, forms[form].suffix));
  PetscCall(PetscStrallocpy(path, &f->path));
  PetscCall(PetscStrlcat(path, ".tmp", sizeof path));
  PetscCall(PetscStrallocpy(path, &f->tmp));
  PetscFunctionReturn(0);
}

static PetscErrorCode ListFiles(Writer *w, unsigned what)
{
  PetscFunctionBegin;
  PetscCall(PetscCalloc2(AE_OUT_FORMS * w->nfields, &w->file, AE_OUT_FORMS * w->nfields, &w->at));
  for (int form = 0; form < AE_OUT_FORMS; form++) {
    if (!(what & forms[form].form)) continue;
    if (forms[form].suffix[0] != '.') PetscCall(AddFile(w, form, 0, w->nfields));
    else
      for (PetscInt n = 0; n < w->nfields; n++) PetscCall(AddFile(w, form, n, 1));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode FreeFiles(Writer *w, PetscBool failed)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < w->nfiles; i++) {
    AeOutFile *f = &w->file[i];
    if (f->fd >= 0) close(f->fd);
    if (failed && !w->out.grid->rank) unlink(f->tmp);
    PetscCall(PetscFree(f->path));
    PetscCall(PetscFree(f->tmp));
  }
  PetscCall(PetscFree2(w->file, w->at));
  PetscFunctionReturn(0);
}

/* ---- rank 0: before and after the values ---------------------------------------------------------- */

/*
  Claims the disk space, so that a full disk is an ordinary error before anything is written. Done before HDF5
  creates the file, for the system's own reason, and after it, since HDF5 empties it and cuts it to its length.
*/
static void Reserve(Writer *w, PetscInt i, off_t bytes)
{
  const int fd  = open(w->file[i].tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  int       err = fd < 0 ? errno : 0;

  if (!err && bytes && fallocate(fd, 0, 0, bytes) && errno != EOPNOTSUPP && errno != ENOSYS) err = errno;
  if (fd >= 0) close(fd);
  if (err) Fail(w, i, strerror(err));
}

static off_t Bytes(const AeOutFile *f) { return (off_t)sizeof(double) * f->n * f->count[0] * f->count[1] * f->count[2]; }

static void LayOut(Writer *w)
{
  char        reason[AE_REASON];
  const off_t more = (off_t)strlen(w->out.parameters) + 8192; /* HDF5's own parts, about */

  if (mkdir(w->folder, 0777) && errno != EEXIST) Fail(w, -1, strerror(errno));
  for (PetscInt i = 0; i < w->nfiles && !w->reason[0]; i++) {
    struct stat st;

    Reserve(w, i, Bytes(&w->file[i]) + more);
    if (w->reason[0]) return;
    if (!AeOutLayOut(&w->out, &w->file[i], reason)) Fail(w, i, reason);
    else if (stat(w->file[i].tmp, &st)) Fail(w, i, strerror(errno));
    else Reserve(w, i, st.st_size);
  }
}

static int SyncFolder(const char path[])
{
  const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int       err;

  if (fd < 0) return errno;
  err = fsync(fd) && errno != EINVAL ? errno : 0; /* EINVAL: file systems that cannot sync a folder */
  if (close(fd) && !err) err = errno;
  return err;
}

static void Publish(Writer *w)
{
  char reason[AE_REASON];
  int  err;

  for (PetscInt i = 0; i < w->nfiles && !w->reason[0]; i++)
    if (!AeOutCheckLayout(&w->out, &w->file[i], reason)) Fail(w, i, reason);
  for (PetscInt i = 0; i < w->nfiles && !w->reason[0]; i++)
    if (rename(w->file[i].tmp, w->file[i].path)) Fail(w, i, strerror(errno));
  if (!w->reason[0] && ((err = SyncFolder(w->folder)) || (err = SyncFolder(w->parent)))) Fail(w, -1, strerror(err));
}

/* ---- all ranks: the values -------------------------------------------------------------------------- */

/* The system moves large pieces of a file much faster than small ones. */
#define PIECE ((size_t)1 << 20)

/* Rows that lie one after the other in the file: nk planes of nj, `plane` and `pitch` apart in memory. */
typedef struct {
  const double *from;
  ptrdiff_t     pitch, plane;
  PetscInt      nj, nk;
  size_t        row; /* bytes */
  off_t         at;
} Rows;

typedef int (*Move)(int fd, const Rows *, char *buffer); /* 0 or an error number */

static int PutRows(int fd, const Rows *r, char *buffer)
{
  const off_t  chunk = (off_t)4 << 20;
  const size_t bytes = (size_t)r->nk * (size_t)r->nj * r->row;
  const off_t  end   = r->at + (off_t)bytes;
  char        *to    = buffer;

  for (PetscInt k = 0; k < r->nk; k++)
    for (PetscInt j = 0; j < r->nj; j++, to += r->row) memcpy(to, r->from + k * r->plane + j * r->pitch, r->row);
  for (size_t done = 0; done < bytes;) {
    const ssize_t n = pwrite(fd, buffer + done, bytes - done, r->at + (off_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n ? errno : EIO;
    done += (size_t)n;
  }
  /* at every few megabytes the disk is told to begin; that it is done is what fsync says */
  if (r->at / chunk != end / chunk) (void)sync_file_range(fd, r->at / chunk * chunk, chunk, SYNC_FILE_RANGE_WRITE);
  return 0;
}

/* EILSEQ if the file has something else there. */
static int CompareRows(int fd, const Rows *r, char *buffer)
{
  const size_t bytes = (size_t)r->nk * (size_t)r->nj * r->row;
  const char  *got   = buffer;

  for (size_t done = 0; done < bytes;) {
    const ssize_t n = pread(fd, buffer + done, bytes - done, r->at + (off_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n ? errno : EILSEQ;
    done += (size_t)n;
  }
  for (PetscInt k = 0; k < r->nk; k++)
    for (PetscInt j = 0; j < r->nj; j++, got += r->row)
      if (memcmp(got, r->from + k * r->plane + j * r->pitch, r->row)) return EILSEQ;
  return 0;
}

/* Planes that are moved at a time: as many as make up a piece, where the file has them one after the other. */
static PetscInt Planes(const AeOutFile *f, PetscInt nj)
{
  const size_t plane = (size_t)f->count[0] * (size_t)nj * sizeof(double);
  return nj < f->count[1] || plane >= PIECE ? 1 : (PetscInt)(PIECE / plane);
}

/* This rank's part of one dataset. */
static int MoveData(const Writer *w, const AeOutFile *f, PetscInt n, Move move, char *buffer)
{
  const AeGrid       g  = w->out.grid;
  const AeFieldData *u  = &w->out.field[f->field + n];
  const PetscInt     j0 = PetscMax(g->js, f->start[1]), j1 = PetscMin(g->js + g->nj, f->start[1] + f->count[1]);
  const PetscInt     k0 = PetscMax(g->ks, f->start[2]), k1 = PetscMin(g->ks + g->nk, f->start[2] + f->count[2]);
  Rows               r   = {.pitch = u->pitch, .plane = u->plane, .nj = j1 - j0, .row = (size_t)f->count[0] * sizeof(double)};
  int                err = 0;

  for (PetscInt k = k0; k < k1 && r.nj > 0 && !err; k += r.nk) {
    r.nk   = PetscMin(Planes(f, r.nj), k1 - k);
    r.from = u->data + (k - g->ks) * u->plane + (j0 - g->js) * u->pitch + f->start[0];
    r.at   = f->at[n] + ((off_t)(k - f->start[2]) * f->count[1] + (j0 - f->start[1])) * (off_t)r.row;
    err    = move(f->fd, &r, buffer);
  }
  return err;
}

static void WriteValues(Writer *w, char *buffer)
{
  for (PetscInt i = 0; i < w->nfiles; i++) {
    AeOutFile *f   = &w->file[i];
    int        err = 0;

    f->fd = open(f->tmp, O_RDWR | O_CLOEXEC);
    if (f->fd < 0) err = errno;
    for (PetscInt n = 0; n < f->n && !err; n++) err = MoveData(w, f, n, PutRows, buffer);
    if (err) {
      Fail(w, i, strerror(err));
      return;
    }
  }
}

/*
  First the data of all files, then fsync: what a journalling file system then has to commit is one transaction for all of
  them, not one each. Both report errors of the disk, each error once.
*/
static void SyncAll(Writer *w)
{
  for (int pass = 0; pass < 2; pass++)
    for (PetscInt i = 0; i < w->nfiles; i++) {
      AeOutFile *f   = &w->file[i];
      int        err = 0;

      if (!pass)
        err = sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER) &&
                  (errno == EIO || errno == ENOSPC || errno == EDQUOT)
                ? errno
                : 0;
      else {
        if (fsync(f->fd)) err = errno;
        if (close(f->fd) && !err) err = errno;
        f->fd = -1;
      }
      if (err) {
        Fail(w, i, strerror(err));
        return;
      }
    }
}

/* The comparison comes first: the disk is at work meanwhile. */
static void CompareAndSync(Writer *w, char *buffer)
{
  for (PetscInt i = 0; i < w->nfiles; i++) {
    AeOutFile *f   = &w->file[i];
    int        err = 0;

    for (PetscInt n = 0; n < f->n && !err; n++) err = MoveData(w, f, n, CompareRows, buffer);
    if (err) {
      Fail(w, i, err == EILSEQ ? "what was written is different when read back" : strerror(err));
      return;
    }
  }
  SyncAll(w);
}

static PetscErrorCode Write(Writer *w, PetscBool *failed)
{
  const AeGrid g = w->out.grid;
  char        *buffer;

  PetscFunctionBegin;
  if (!g->rank) LayOut(w);
  PetscCall(AeAgree(g->comm, w->reason, &w->bad, failed));
  if (*failed) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(w->at, (PetscMPIInt)(w->ndata * (PetscInt)sizeof *w->at), MPI_BYTE, 0, g->comm));
  PetscCall(PetscMalloc1(PetscMax(PIECE, (size_t)g->n[0] * (size_t)g->nj * sizeof(double)), &buffer));
  WriteValues(w, buffer);
  PetscCall(AeAgree(g->comm, w->reason, &w->bad, failed));
  if (!*failed) {
    CompareAndSync(w, buffer);
    PetscCall(AeAgree(g->comm, w->reason, &w->bad, failed));
  }
  PetscCall(PetscFree(buffer));
  if (*failed) PetscFunctionReturn(0);
  if (!g->rank) Publish(w);
  PetscCall(AeAgree(g->comm, w->reason, &w->bad, failed));
  PetscFunctionReturn(0);
}

/* The option table and the two lines about ghosts that readers of Carpet's files look for: there are none here. */
static PetscErrorCode Parameters(char **text)
{
  static const char ghosts[] = "IOHDF5::output_ghost_points = \"no\"\nIOHDF5::out3D_ghosts = \"no\"\n";
  char             *table;
  size_t            size;

  PetscFunctionBegin;
  PetscCall(AeOptionsTable(&table));
  size = sizeof ghosts + strlen(table);
  PetscCall(PetscMalloc1(size, text));
  PetscCall(PetscSNPrintf(*text, size, "%s%s", ghosts, table));
  PetscCall(PetscFree(table));
  PetscFunctionReturn(0);
}

PetscErrorCode AeWriteFields(AeRun run, AeGrid grid, unsigned what, PetscInt n, const AeFieldData fields[], PetscInt it,
                             PetscReal t)
{
  Writer      w = {.out = {.grid = grid, .it = it, .t = t, .field = fields, .parameters = ""}, .nfields = n, .bad = -1};
  char        rel[64], *text = NULL, bad[PETSC_MAX_PATH_LEN];
  PetscBool   failed;
  H5E_auto2_t print;
  void       *print_ctx;

  PetscFunctionBegin;
  if (!what || !n) PetscFunctionReturn(0);
  for (PetscInt f = 0; f < n; f++) {
    const char *name = fields[f].name;
    PetscCheck(name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[]") == strlen(name),
               grid->comm, PETSC_ERR_ARG_WRONG, "A field cannot be named \"%s\": letters, digits, _ and [ ] only", name);
  }
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_OUTPUT], 0, 0, 0, 0));
  PetscCall(PetscSNPrintf(rel, sizeof rel, "fields/it%08" PetscInt_FMT, it));
  PetscCall(PetscStrncpy(w.folder, AeRunPath(run, rel), sizeof w.folder));
  PetscCall(PetscStrncpy(w.parent, AeRunPath(run, "fields"), sizeof w.parent));
  PetscCall(ListFiles(&w, what));
  if (!grid->rank) {
    PetscCall(Parameters(&text));
    w.out.parameters = text;
  }

  /* HDF5 prints its errors on stderr unless told not to; ours is one line */
  H5Eget_auto2(H5E_DEFAULT, &print, &print_ctx);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  PetscCall(Write(&w, &failed));
  H5Eset_auto2(H5E_DEFAULT, print, print_ctx);
  PetscCall(PetscStrncpy(bad, failed && w.bad >= 0 ? w.file[w.bad].path : w.folder, sizeof bad));
  for (PetscInt i = 0; i < w.nfiles && !failed && !grid->rank; i++) PetscCall(AeOutIndex(&w.out, run, &w.file[i]));
  PetscCall(FreeFiles(&w, failed));
  PetscCall(PetscFree(text));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_OUTPUT], 0, 0, 0, 0));
  PetscCheck(!failed, grid->comm, AE_ERR_FILE, "cannot write %s: %s; an older file of that name is as it was", bad, w.reason);
  PetscFunctionReturn(0);
}
