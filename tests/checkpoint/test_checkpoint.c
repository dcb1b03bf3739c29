/* Checkpoints: every bit comes back, whatever was changed or lost in the file is found, the newest good one is chosen.
   ranks: 1 2 3 */
#include "tap.h"
#include <aeonic/checkpoint.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

/* A number for every cell and field, with signs, subnormals, infinities and NaN among them. */
static double Number(PetscInt f, PetscInt k, PetscInt j, PetscInt i)
{
  static const double odd[] = {0.0, -0.0, 5e-324, -1e308, INFINITY, NAN};
  const PetscInt      n     = ((f * 31 + k) * 37 + j) * 41 + i;

  return n % 97 < 6 ? odd[n % 97] : (n * 2654435761u % 1000003) * 1e-3 / (1 + f) - 300.0;
}

static PetscErrorCode Fill(AeFields F, Vec U)
{
  AeGrid          g;
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(F, &g, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (PetscInt f = 0; f < L->nf; f++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++) u[AeAt(L, f, k, j, i)] = Number(f, g->ks + k, g->js + j, i);
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(PetscInt nx, PetscInt ny, PetscInt nz, const char *third, AeGrid *g, AeFields *F, Vec *U)
{
  const AeFieldInfo info[3] = {{"chi", {1, 1, 1}, 1, 1}, {"gt_xx", {1, 1, 1}, 1, 1}, {third, {1, 1, 1}, 0, 1}};
  const PetscInt    n[3]    = {nx, ny, nz};

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, g));
  PetscCall(AeGridSetSizes(*g, n));
  PetscCall(AeGridSetLength(*g, 0, 1.0));
  PetscCall(AeGridSetBoundary(*g, AE_BC_PERIODIC));
  PetscCall(AeGridSetGhost(*g, 2));
  PetscCall(AeGridSetUp(*g));
  PetscCall(AeFieldsCreate(*g, 3, info, F));
  PetscCall(AeFieldsCreateVec(*F, U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeGrid *g, AeFields *F, Vec *U)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(U));
  PetscCall(AeFieldsDestroy(F));
  PetscCall(AeGridDestroy(g));
  PetscFunctionReturn(0);
}

static PetscErrorCode Write(AeFields F, Vec U, PetscInt step, char why[], size_t len)
{
  static const double    x[3]   = {1.5, -0.0, 2e-310};
  const AeCheckpointPart part[] = {{"numbers", x, sizeof x}, {"text", "one\ntwo", 7}, {"empty", "", 0}};
  PetscInt64             bytes;

  PetscFunctionBegin;
  PetscCall(AeCheckpointWrite(1, &(AeCheckpointBox){F, U}, folder, step, 3, part, &bytes, why, len));
  PetscFunctionReturn(0);
}

static PetscErrorCode Back(AeFields F, Vec U)
{
  char    a[65], b[65], why[256], path[128], *text;
  double *x;
  size_t  n, m, e;
  void   *none;
  Vec     V;

  PetscFunctionBegin;
  PetscCall(Write(F, U, 40, why, sizeof why));
  TapTrue(!why[0] && strlen(why) == 0, "a checkpoint is written");
  (void)snprintf(path, sizeof path, "%s/000040.h5", folder);
  PetscCall(AeCheckpointCheck(path, why, sizeof why));
  TapTrue(!why[0], "and found good");
  PetscCall(AeFieldsCreateVec(F, &V));
  PetscCall(AeCheckpointLoadState(1, &(AeCheckpointBox){F, V}, path));
  PetscCall(AeFieldsHash(F, U, a));
  PetscCall(AeFieldsHash(F, V, b));
  TapTrue(!strcmp(a, b), "every bit of the state comes back");
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, path, "numbers", (void **)&x, &n));
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, path, "text", (void **)&text, &m));
  PetscCall(AeCheckpointLoadPart(PETSC_COMM_WORLD, path, "empty", &none, &e));
  TapTrue(n == 24 && x[0] == 1.5 && signbit(x[1]) && x[2] == 2e-310 && m == 7 && !strcmp(text, "one\ntwo") && !e && !none,
          "so do the parts, on every rank");
  PetscCall(PetscFree(x));
  PetscCall(PetscFree(text));
  PetscCall(VecDestroy(&V));
  PetscFunctionReturn(0);
}

/* The file by any number of ranks is the same file. */
static PetscErrorCode SameFile(void)
{
  static const char *const want = "AEONICCK";
  char                     path[128], tail[8] = "";
  FILE                    *f;
  PetscMPIInt              rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  (void)snprintf(path, sizeof path, "%s/000040.h5", folder);
  if (!rank && (f = fopen(path, "rb"))) {
    if (!fseek(f, -48, SEEK_END) && fread(tail, 1, 8, f) != 8) tail[0] = 0;
    fclose(f);
  }
  PetscCallMPI(MPI_Bcast(tail, 8, MPI_CHAR, 0, PETSC_COMM_WORLD));
  TapTrue(!memcmp(tail, want, 8), "the seal stands 48 bytes before the end");
  PetscFunctionReturn(0);
}

/* Rank 0: a copy of the file with one byte changed, or cut, every so often along it. */
static PetscErrorCode Damage(void)
{
  char        path[128], copy[128], why[256];
  struct stat st;
  PetscMPIInt rank;
  int         missed = 0, tried = 0;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) {
    FILE         *f;
    unsigned char data[65536];
    size_t        n;

    (void)snprintf(path, sizeof path, "%s/000040.h5", folder);
    f = fopen(path, "rb");
    n = f ? fread(data, 1, sizeof data, f) : 0;
    if (f) fclose(f);
    (void)snprintf(copy, sizeof copy, "%s/copy", folder);
    for (size_t at = 0; at < n; at += at + 64 < n ? 61 : 1, tried++)
      for (int cut = 0; cut < 2; cut++) {
        f = fopen(copy, "wb");
        data[at] ^= 16;
        (void)fwrite(data, 1, cut ? at : n, f);
        data[at] ^= 16;
        fclose(f);
        PetscCall(AeCheckpointCheck(copy, why, sizeof why));
        missed += !why[0];
      }
    missed += stat(path, &st) || n != (size_t)st.st_size; /* the whole file has been walked */
    unlink(copy);
  }
  PetscCallMPI(MPI_Bcast(&missed, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Bcast(&tried, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  TapBelow(missed, 0, "changed or cut at hundreds of places: found at each");
  TapAbove(tried, 300, "places");
  PetscFunctionReturn(0);
}

static PetscErrorCode Choice(AeFields F, Vec U)
{
  char        path[256], refused[1024], why[256];
  PetscInt    step;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  for (PetscInt n = 41; n < 45; n++) PetscCall(Write(F, U, n, why, sizeof why));
  if (!rank) {
    (void)snprintf(path, sizeof path, "%s/000044.h5", folder);
    (void)!truncate(path, 15000);
    (void)snprintf(path, sizeof path, "%s/000099.h5.tmp", folder);
    fclose(fopen(path, "wb"));
    (void)snprintf(path, sizeof path, "%s/99.h5", folder);
    fclose(fopen(path, "wb"));
  }
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(AeCheckpointFind(PETSC_COMM_WORLD, folder, path, sizeof path, &step, refused, sizeof refused));
  TapTrue(step == 43 && strstr(path, "000043.h5") && strstr(refused, "000044.h5: it is cut short"),
          "the newest good one is chosen, the cut one named");
  PetscCall(AeCheckpointKeep(PETSC_COMM_WORLD, folder, 2));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  (void)snprintf(path, sizeof path, "%s/000042.h5", folder);
  TapTrue(access(path, F_OK), "the ring keeps so many");
  (void)snprintf(path, sizeof path, "%s/000043.h5", folder);
  TapTrue(!access(path, F_OK), "the newest");
  (void)snprintf(path, sizeof path, "%s/000099.h5.tmp", folder);
  TapTrue(access(path, F_OK), "and no temporaries");
  (void)snprintf(path, sizeof path, "%s/99.h5", folder);
  TapTrue(!access(path, F_OK), "what is no checkpoint by its name is left alone");
  PetscCall(AeCheckpointFind(PETSC_COMM_WORLD, "no/such/folder", path, sizeof path, &step, refused, sizeof refused));
  TapTrue(step == -1 && !refused[0], "no folder: none");
  PetscFunctionReturn(0);
}

/* Two boxes of different sizes in one file. */
static PetscErrorCode Boxes(AeFields F, Vec U)
{
  AeGrid          g;
  AeFields        F1;
  Vec             U1, V[2];
  AeCheckpointBox box[2];
  char            a[2][65], b[2][65], path[128], why[256];
  PetscInt64      bytes;

  PetscFunctionBegin;
  PetscCall(Create(8, 10, 9, "K", &g, &F1, &U1));
  PetscCall(Fill(F1, U1));
  box[0] = (AeCheckpointBox){F, U};
  box[1] = (AeCheckpointBox){F1, U1};
  PetscCall(AeCheckpointWrite(2, box, folder, 50, 0, NULL, &bytes, why, sizeof why));
  for (int i = 0; i < 2; i++) {
    PetscCall(AeFieldsHash(box[i].fields, box[i].U, a[i]));
    PetscCall(AeFieldsCreateVec(box[i].fields, &V[i]));
    box[i].U = V[i];
  }
  (void)snprintf(path, sizeof path, "%s/000050.h5", folder);
  PetscCall(AeCheckpointLoadState(2, box, path));
  for (int i = 0; i < 2; i++) {
    PetscCall(AeFieldsHash(box[i].fields, V[i], b[i]));
    PetscCall(VecDestroy(&V[i]));
  }
  TapTrue(!why[0] && !strcmp(a[0], b[0]) && !strcmp(a[1], b[1]), "two boxes of different sizes come back bit for bit");
  PetscCall(Destroy(&g, &F1, &U1));
  PetscFunctionReturn(0);
}

/* Errors that all ranks see alike. */
static PetscErrorCode Misfits(void)
{
  AeGrid         g;
  AeFields       F;
  Vec            U;
  char           path[128], why[256];
  PetscErrorCode e[2];

  PetscFunctionBegin;
  (void)snprintf(path, sizeof path, "%s/000043.h5", folder);
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  PetscCall(Create(16, 6, 6, "K", &g, &F, &U));
  e[0] = AeCheckpointLoadState(1, &(AeCheckpointBox){F, U}, path);
  PetscCall(Destroy(&g, &F, &U));
  PetscCall(Create(16, 6, 5, "Theta", &g, &F, &U));
  e[1] = AeCheckpointLoadState(1, &(AeCheckpointBox){F, U}, path);
  PetscCall(PetscPopErrorHandler());
  TapTrue(e[0] == AE_ERR_USAGE, "another grid is a usage error");
  TapTrue(e[1] == AE_ERR_USAGE, "another field is a usage error");
  (void)snprintf(folder, sizeof folder, "/proc/none");
  PetscCall(Write(F, U, 1, why, sizeof why));
  TapTrue(why[0] && !strchr(why, '\n'), "a folder that cannot be made: the reason, and no error");
  PetscCall(Destroy(&g, &F, &U));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  AeGrid   g;
  AeFields F;
  Vec      U;
  int      status, rank;
  char     command[128];

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  (void)snprintf(folder, sizeof folder, "/tmp/aeonic-checkpoint-%d", (int)getpid());
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, PETSC_COMM_WORLD);
  (void)snprintf(command, sizeof command, "rm -rf %s", folder);
  PetscCall(Create(16, 6, 5, "K", &g, &F, &U));
  PetscCall(Fill(F, U));
  PetscCall(Back(F, U));
  PetscCall(SameFile());
  PetscCall(Damage());
  PetscCall(Choice(F, U));
  PetscCall(Boxes(F, U));
  PetscCall(Misfits());
  PetscCall(Destroy(&g, &F, &U));
  if (!rank && system(command)) printf("# %s failed\n", command);
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
