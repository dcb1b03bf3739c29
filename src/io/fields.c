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

static AE_EVENT(OutputEvent, "AeOutput");

/* One output under way. */
typedef struct {
  AeOut      out;
  PetscInt   nfields, nfiles;
  AeOutFile *file;
  off_t     *at; /* of all datasets, file by file */
  PetscInt   ndata;
  MPI_Comm   comm;
  PetscInt   rank;
  char       folder[PETSC_MAX_PATH_LEN], parent[PETSC_MAX_PATH_LEN];
  PetscInt   bad; /* the file that failed, -1: the folder */
  char       why[AE_REASON];
} Writer;

/* The file that the writer's reason, if there is one by now, is about. */
static void Blame(Writer *w, PetscInt file, int err)
{
  if (err) AeReason(w->why, "%s", err == EILSEQ ? "what was written is different when read back" : strerror(err));
  if (w->why[0]) w->bad = file;
}

/* ---- the list of files ------------------------------------------------------------------------------- */

static PetscErrorCode AddFile(Writer *w, int form, PetscInt field, PetscInt n)
{
  AeOutFile  *f    = &w->file[w->nfiles++];
  const char *name = AeOutForms[form].suffix[0] == '.' ? w->out.box[0].field[field].name : "";
  char        path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  f->form  = AeOutForms[form].form;
  f->field = field;
  f->n     = n;
  f->at    = w->at + w->ndata;
  f->fd    = -1;
  w->ndata += n * w->out.nboxes;
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/%s%s", w->folder, name, AeOutForms[form].suffix));
  PetscCall(PetscStrallocpy(path, &f->path));
  PetscCall(PetscStrlcat(path, ".tmp", sizeof path));
  PetscCall(PetscStrallocpy(path, &f->tmp));
  PetscFunctionReturn(0);
}

static PetscErrorCode ListFiles(Writer *w, unsigned what)
{
  PetscFunctionBegin;
  PetscCall(PetscCalloc2(AE_OUT_FORMS * w->nfields, &w->file, AE_OUT_FORMS * w->nfields * w->out.nboxes, &w->at));
  for (int form = 0; form < AE_OUT_FORMS; form++) {
    if (!(what & AeOutForms[form].form)) continue;
    if (AeOutForms[form].suffix[0] != '.') PetscCall(AddFile(w, form, 0, w->nfields));
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
    if (failed && !w->rank) unlink(f->tmp);
    PetscCall(PetscFree(f->path));
    PetscCall(PetscFree(f->tmp));
  }
  PetscCall(PetscFree2(w->file, w->at));
  PetscFunctionReturn(0);
}

/* ---- rank 0: before and after the values ---------------------------------------------------------- */

static uint64_t Bytes(const Writer *w, const AeOutFile *f)
{
  uint64_t cells = 0;

  for (PetscInt b = 0; b < w->out.nboxes; b++) {
    PetscInt start[3], n[3];

    AeOutCells(f->form, w->out.box[b].grid, start, n);
    cells += (uint64_t)n[0] * (uint64_t)n[1] * (uint64_t)n[2];
  }
  return sizeof(double) * cells * (uint64_t)f->n;
}

/* Space is claimed before HDF5 creates the file, for the system's own reason, and after it, since HDF5 empties it and cuts it
   to its length. */
static void LayOut(Writer *w)
{
  const uint64_t more = strlen(w->out.parameters) + 8192; /* HDF5's own parts, about */
  struct stat    st   = {0};

  if (mkdir(w->folder, 0777) && errno != EEXIST) Blame(w, -1, errno);
  for (PetscInt i = 0; i < w->nfiles && !w->why[0]; i++) {
    int err = AeClaim(w->file[i].tmp, Bytes(w, &w->file[i]) + more, 0);

    if (!err) AeOutLayOut(&w->out, &w->file[i], w->why);
    if (!err && !w->why[0]) err = stat(w->file[i].tmp, &st) ? errno : AeClaim(w->file[i].tmp, (uint64_t)st.st_size, 0);
    Blame(w, i, err);
  }
}

static void Publish(Writer *w)
{
  int err;

  for (PetscInt i = 0; i < w->nfiles && !w->why[0]; i++) {
    AeOutCheckLayout(&w->out, &w->file[i], w->why);
    Blame(w, i, 0);
  }
  for (PetscInt i = 0; i < w->nfiles && !w->why[0]; i++) Blame(w, i, rename(w->file[i].tmp, w->file[i].path) ? errno : 0);
  if (!w->why[0] && ((err = AeSync(w->folder)) || (err = AeSync(w->parent)))) Blame(w, -1, err);
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

/* This rank's part of one dataset of box b. Planes that the file has one after the other are moved a piece at a time. */
static int MoveData(const Writer *w, const AeOutFile *f, PetscInt b, PetscInt n, Move move, char *buffer)
{
  const AeFieldBox  *box = &w->out.box[b];
  const AeGrid       g   = box->grid;
  const AeFieldData *u   = &box->field[f->field + n];
  PetscInt           start[3], count[3], j0, k0, k1, planes;
  Rows               r;
  int                err = 0;

  AeOutCells(f->form, g, start, count);
  j0 = PetscMax(g->js, start[1]);
  k0 = PetscMax(g->ks, start[2]);
  k1 = PetscMin(g->ks + g->nk, start[2] + count[2]);
  r  = (Rows){.pitch = u->pitch,
              .plane = u->plane,
              .nj    = PetscMin(g->js + g->nj, start[1] + count[1]) - j0,
              .row   = (size_t)count[0] * sizeof(double)};
  if (r.nj <= 0) return 0;
  planes = r.nj < count[1] ? 1 : PetscMax(1, (PetscInt)(PIECE / (r.row * (size_t)r.nj)));
  for (PetscInt k = k0; k < k1 && !err; k += r.nk) {
    r.nk   = PetscMin(planes, k1 - k);
    r.from = u->data + (k - g->ks) * u->plane + (j0 - g->js) * u->pitch + start[0];
    r.at   = f->at[b * f->n + n] + ((off_t)(k - start[2]) * count[1] + (j0 - start[1])) * (off_t)r.row;
    err    = move(f->fd, &r, buffer);
  }
  return err;
}

static int MoveFile(const Writer *w, const AeOutFile *f, Move move, char *buffer)
{
  int err = 0;

  for (PetscInt i = 0; i < w->out.nboxes * f->n && !err; i++) err = MoveData(w, f, i / f->n, i % f->n, move, buffer);
  return err;
}

static void WriteValues(Writer *w, char *buffer)
{
  for (PetscInt i = 0; i < w->nfiles && !w->why[0]; i++) {
    AeOutFile *f = &w->file[i];

    f->fd = open(f->tmp, O_RDWR | O_CLOEXEC);
    Blame(w, i, f->fd < 0 ? errno : MoveFile(w, f, PutRows, buffer));
  }
}

/*
  First the data of all files, then fsync: what a journalling file system then has to commit is one transaction for all of
  them, not one each. Both report errors of the disk, each error once.
*/
static void SyncAll(Writer *w)
{
  for (int pass = 0; pass < 2; pass++)
    for (PetscInt i = 0; i < w->nfiles && !w->why[0]; i++) {
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
      Blame(w, i, err);
    }
}

/* The comparison comes first: the disk is at work meanwhile. */
static void CompareAndSync(Writer *w, char *buffer)
{
  for (PetscInt i = 0; i < w->nfiles && !w->why[0]; i++) Blame(w, i, MoveFile(w, &w->file[i], CompareRows, buffer));
  SyncAll(w);
}

/* The steps of an output; after each the ranks agree, and whoever failed ends it for all. */
static PetscErrorCode Write(Writer *w, PetscBool *failed)
{
  size_t row = PIECE;
  char  *buffer;

  PetscFunctionBegin;
  if (!w->rank) LayOut(w);
  PetscCall(AeAgree(w->comm, w->why, &w->bad, failed));
  if (*failed) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(w->at, (PetscMPIInt)(w->ndata * (PetscInt)sizeof *w->at), MPI_BYTE, 0, w->comm));
  for (PetscInt b = 0; b < w->out.nboxes; b++)
    row = PetscMax(row, (size_t)w->out.box[b].grid->n[0] * (size_t)w->out.box[b].grid->nj * sizeof(double));
  PetscCall(PetscMalloc1(row, &buffer));
  WriteValues(w, buffer);
  PetscCall(AeAgree(w->comm, w->why, &w->bad, failed));
  if (!*failed) {
    CompareAndSync(w, buffer);
    PetscCall(AeAgree(w->comm, w->why, &w->bad, failed));
  }
  PetscCall(PetscFree(buffer));
  if (*failed) PetscFunctionReturn(0);
  if (!w->rank) Publish(w);
  PetscCall(AeAgree(w->comm, w->why, &w->bad, failed));
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

PetscErrorCode AeWriteFields(AeRun run, unsigned what, PetscInt nboxes, const AeFieldBox box[], PetscInt n, PetscInt it,
                             PetscReal t)
{
  const AeGrid grid = box[0].grid;
  Writer       w    = {.out     = {.nboxes = nboxes, .box = box, .it = it, .t = t, .parameters = ""},
                       .comm    = grid->comm,
                       .rank    = grid->rank,
                       .nfields = n,
                       .bad     = -1};
  char         rel[64], *text = NULL, bad[PETSC_MAX_PATH_LEN];
  PetscBool    failed;
  AeH5Quiet    quiet;

  PetscFunctionBegin;
  if (!what || !n) PetscFunctionReturn(0);
  for (PetscInt f = 0; f < n; f++) {
    const char *name = box[0].field[f].name;
    PetscCheck(name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[]") == strlen(name),
               grid->comm, PETSC_ERR_ARG_WRONG, "A field cannot be named \"%s\": letters, digits, _ and [ ] only", name);
  }
  PetscCall(PetscLogEventBegin(OutputEvent, 0, 0, 0, 0));
  PetscCall(PetscSNPrintf(rel, sizeof rel, "fields/it%08" PetscInt_FMT, it));
  PetscCall(PetscStrncpy(w.folder, AeRunPath(run, rel), sizeof w.folder));
  PetscCall(PetscStrncpy(w.parent, AeRunPath(run, "fields"), sizeof w.parent));
  PetscCall(ListFiles(&w, what));
  if (!grid->rank) {
    PetscCall(Parameters(&text));
    w.out.parameters = text;
  }
  AeH5QuietBegin(&quiet);
  PetscCall(Write(&w, &failed));
  AeH5QuietEnd(&quiet);
  PetscCall(PetscStrncpy(bad, failed && w.bad >= 0 ? w.file[w.bad].path : w.folder, sizeof bad));
  for (PetscInt i = 0; i < w.nfiles && !failed && !grid->rank; i++) PetscCall(AeOutIndex(&w.out, run, &w.file[i]));
  PetscCall(FreeFiles(&w, failed));
  PetscCall(PetscFree(text));
  PetscCall(PetscLogEventEnd(OutputEvent, 0, 0, 0, 0));
  PetscCheck(!failed, grid->comm, AE_ERR_FILE, "cannot write %s: %s; an older file of that name is as it was", bad, w.why);
  PetscFunctionReturn(0);
}
