/*
  aeonic bench output: what the disk takes of fields, beside a plain write() and fsync() of as many bytes to the same
  folder (what `dd conv=fsync` does). The two alternate, so that both meet the same disk; the best of each are
  compared, since what disturbs them is others' work.
*/
#include "bench_private.h"
#include <aeonic/io.h>
#include <aeonic/layout.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <unistd.h>

enum { FIELDS = 4 };

/* Rank 0 writes them all, 1 MB at a time; the others wait. */
static PetscErrorCode Plain(AeRun run, const double *data, size_t bytes)
{
  static const size_t block = (size_t)1 << 20;
  const char         *path  = AeRunPath(run, "plain.tmp");
  int                 fd, err = 0;

  PetscFunctionBegin;
  fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0) err = errno;
  for (size_t done = 0; done < bytes && !err;) {
    const ssize_t n = write(fd, data, PetscMin(block, bytes - done));
    if (n < 0) err = errno;
    else done += (size_t)n;
  }
  if (!err && fsync(fd)) err = errno;
  if (fd >= 0) close(fd);
  PetscCheck(!err, PETSC_COMM_SELF, AE_ERR_FILE, "cannot write %s: %s", path, strerror(err));
  PetscFunctionReturn(0);
}

/* When all ranks are here, by the wall's clock: a disk is waited for. */
static PetscErrorCode Now(PetscReal *seconds)
{
  PetscFunctionBegin;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  *seconds = MPI_Wtime();
  PetscFunctionReturn(0);
}

/* What is in the folder. */
static int Remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st;
  (void)type;
  return ftw->level ? remove(path) : 0;
}

/* Fields that compression would not make small. Each format's files are removed before the next turn: writing over a file is
   another thing than making one. */
PetscErrorCode AeBenchOutput(AeRun run, PetscInt n)
{
  static const char *const names[FIELDS] = {"chi", "lapse", "K", "H"};
  static const struct {
    const char *name;
    unsigned    form;
  } forms[] = {
    {"kuibit", AE_OUT_KUIBIT},
    {"vtkhdf", AE_OUT_VTKHDF},
    {"xdmf", AE_OUT_XDMF},
  };
  AeGrid      g;
  AeLayout    L;
  AeFieldData field[FIELDS];
  PetscInt    sizes[3] = {n, n, n};
  PetscMPIInt size;
  PetscReal   t[AE_BENCH_REPS], plain[AE_BENCH_REPS];
  double     *u;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(AeRunResume(run)); /* a benchmark repeats itself in its folder */
  PetscCall(AeRunOpen(run));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  sizes[2] = n * size;
  PetscCall(AeGridSetSizes(g, sizes));
  PetscCall(AeGridSetLength(g, 0, 1.0));
  PetscCall(AeGridSetUp(g));
  L = AeLayoutCreate(FIELDS, n, g->nj, g->nk, g->ghost);
  PetscCall(PetscMalloc1(L.size, &u));
  for (ptrdiff_t o = 0; o < L.size; o++) u[o] = 1.0 / (double)(1 + o);
  for (int f = 0; f < FIELDS; f++) field[f] = (AeFieldData){names[f], u + AeAt(&L, f, 0, 0, 0), L.pitch, L.plane};
  const size_t bytes = sizeof(double) * FIELDS * (size_t)sizes[0] * (size_t)sizes[1] * (size_t)sizes[2];

  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "%d rank%s, %d fields of %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT
                        " cells, %.1f MB; best of %d, plain writes and outputs in turn\n",
                        size, size > 1 ? "s" : "", FIELDS, sizes[0], sizes[1], sizes[2], 1e-6 * (double)bytes, AE_BENCH_REPS));
  for (size_t form = 0; form < PETSC_STATIC_ARRAY_LENGTH(forms); form++) {
    PetscReal ours, theirs, median, start, end;
    char      key[64];

    for (int r = -1; r < AE_BENCH_REPS; r++) { /* one of each to begin with */
      PetscCall(Now(&start));
      if (!g->rank) PetscCall(Plain(run, u, bytes));
      PetscCall(Now(&end));
      plain[PetscMax(r, 0)] = end - start;
      if (!g->rank) remove(AeRunPath(run, "plain.tmp")); /* both make new files */
      PetscCall(Now(&start));
      PetscCall(AeWriteFields(run, forms[form].form, 1, &(AeFieldBox){.grid = g, .field = field}, FIELDS, 0, 0.0));
      PetscCall(Now(&end));
      t[PetscMax(r, 0)] = end - start;
      if (!g->rank) nftw(AeRunPath(run, "fields"), Remove, 16, FTW_DEPTH | FTW_PHYS);
    }
    median = AeBenchMedian(plain, AE_BENCH_REPS) / AeBenchMedian(t, AE_BENCH_REPS); /* sorts both */
    theirs = 1e-9 * (PetscReal)bytes / plain[0];
    ours   = 1e-9 * (PetscReal)bytes / t[0];
    PetscCall(PetscPrintf(
      PETSC_COMM_WORLD,
      "output %-6s %6.3f GB/s  (%.3f to %.3f s); write and fsync %6.3f GB/s (%.3f to %.3f s); ratio %.2f, of medians %.2f\n",
      forms[form].name, ours, t[0], t[AE_BENCH_REPS - 1], theirs, plain[0], plain[AE_BENCH_REPS - 1], ours / theirs, median));
    PetscCall(PetscSNPrintf(key, sizeof key, "bench.output.%s.gb_per_s", forms[form].name));
    PetscCall(AeRunSetReal(run, key, ours));
    PetscCall(PetscSNPrintf(key, sizeof key, "bench.output.%s.of_plain", forms[form].name));
    PetscCall(AeRunSetReal(run, key, ours / theirs));
  }
  PetscCall(PetscFree(u));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}
