/* Sealed files: whole under their name or not there; every reason is one line, the same on all ranks; the older file stays.
   With -file (test_sealed.py): one version is written; with -killed the writer dies before its end, with -full the disk is full
  before it expects that.
   ranks: 1 2 */
#include "tap.h"
#include <aeonic/sealed.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 4096 };
static char        path[1024];
static char        why[AE_REASON];
static PetscMPIInt rank;

/* A dataset of numbers that tell the version, an attribute, an empty dataset. */
static PetscErrorCode Write(const char *to, int version, uint64_t room, int how, PetscBool end)
{
  const hsize_t n = N, none = 0;
  double        x[N];
  hid_t         d;
  AeSealed      S;

  PetscFunctionBegin;
  for (int i = 0; i < N; i++) x[i] = version + 1.0 / (1 + i);
  PetscCall(AeSealedBegin(PETSC_COMM_WORLD, to, room, how, &S));
  PetscCall(AeSealedWrite(&S, "numbers", H5T_IEEE_F64LE, 1, &n, x, &d));
  if (d >= 0) AeH5Text(S.why, d, "called", "x");
  if (d >= 0) H5Dclose(d);
  PetscCall(AeSealedWrite(&S, "nothing", H5T_STD_U8LE, 1, &none, NULL, NULL));
  if (!end) raise(SIGKILL);
  PetscCall(AeSealedEnd(&S, NULL));
  PetscCall(PetscStrncpy(why, S.why, sizeof why));
  PetscFunctionReturn(0);
}

/* Which version the file is, 0 if it is none; the temporary must be gone. */
static int Version(void)
{
  char        tmp[PETSC_MAX_PATH_LEN + 8], bad[AE_REASON] = "";
  double      x[N] = {0};
  hid_t       file, d;
  struct stat st;

  if (!rank) {
    AeSealedCheck(path, PETSC_TRUE, bad);
    file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    d    = H5Dopen2(file, "numbers", H5P_DEFAULT);
    if (H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) < 0 || bad[0]) x[0] = 1;
    for (int i = 0; i < N; i++)
      if (x[i] != x[0] - 1 + 1.0 / (1 + i)) x[0] = 1;
    H5Dclose(d);
    H5Fclose(file);
    (void)snprintf(tmp, sizeof tmp, "%s.tmp", path);
    if (!stat(tmp, &st)) x[0] = 1;
  }
  MPI_Bcast(x, 1, MPI_DOUBLE, 0, PETSC_COMM_WORLD);
  return (int)(x[0] - 1);
}

static int OneLine(const char *text) { return why[0] && strstr(why, text) && !strchr(why, '\n'); }

static PetscErrorCode Failures(int how)
{
  const struct rlimit full = {8192, RLIM_INFINITY};
  struct rlimit       before;
  char                other[2048];

  PetscFunctionBegin;
  if (!rank) unlink(path);
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(Write(path, 1, 0, how, PETSC_TRUE));
  TapTrue(!why[0] && Version() == 1, how ? "all ranks write" : "rank 0 writes");
  getrlimit(RLIMIT_FSIZE, &before);
  setrlimit(RLIMIT_FSIZE, &full);
  PetscCall(Write(path, 2, 16 * N, how, PETSC_TRUE));
  setrlimit(RLIMIT_FSIZE, &before);
  TapTrue(OneLine("File too large") && Version() == 1, "a full disk: the reason, and the older file");
  (void)snprintf(other, sizeof other, "%s.folder", path);
  if (!rank) mkdir(other, 0777);
  PetscCall(Write(other, 2, 0, how, PETSC_TRUE));
  TapTrue(OneLine("Is a directory"), "a name that is a folder's");
  (void)snprintf(other, sizeof other, "%s/file.h5", path);
  PetscCall(Write(other, 2, 0, how | AE_SEALED_FOLDER, PETSC_TRUE));
  TapTrue(OneLine("Not a directory"), "a folder that is a file");
  PetscCall(Write("/proc/none/file.h5", 2, 0, how | AE_SEALED_FOLDER, PETSC_TRUE));
  TapTrue(OneLine(""), "a folder that cannot be made");
  PetscCall(Write("/proc/file.h5", 2, 0, how, PETSC_TRUE));
  TapTrue(OneLine(""), "a folder that takes no file");
  PetscCall(Write(path, 3, 8 * N, how, PETSC_TRUE));
  TapTrue(!why[0] && Version() == 3, "then the next version");
  PetscFunctionReturn(0);
}

/* What is in the file is not what was to be in it: here the sum is that of other bytes. */
static PetscErrorCode Wrong(void)
{
  static const unsigned char digest[AE_DIGEST] = {1};
  const hsize_t              n                 = 3;
  hid_t                      d;
  AeSealed                   S;

  PetscFunctionBegin;
  PetscCall(AeSealedBegin(PETSC_COMM_WORLD, path, 0, 0, &S));
  d = AeH5Dataset(S.why, S.file, "wrong", H5T_IEEE_F64LE, 1, &n);
  if (d >= 0) {
    const double x[3] = {1, 2, 3};

    AeH5Try(S.why, H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x));
    AeSealedSum(&S, d, digest);
    H5Dclose(d);
  }
  PetscCall(AeSealedEnd(&S, NULL));
  PetscCall(PetscStrncpy(why, S.why, sizeof why));
  TapTrue(OneLine("wrong is not what was written") && Version() == 3,
          "bytes that are not those of the memory: refused, the older file stays");
  PetscFunctionReturn(0);
}

/* Every so often along the file a byte is changed, or the rest cut off; without its seal it is a file of an older version. */
static PetscErrorCode Damage(void)
{
  static unsigned char data[4 * 8 * N];
  char                 copy[PETSC_MAX_PATH_LEN + 8];
  int                  missed[3] = {0, 0, 0};

  PetscFunctionBegin;
  (void)snprintf(copy, sizeof copy, "%s.copy", path);
  if (!rank) {
    FILE        *f = fopen(path, "rb");
    const size_t n = f ? fread(data, 1, sizeof data, f) : 0;

    if (f) fclose(f);
    missed[0] = n < 8 * N || n == sizeof data; /* not the whole file */
    for (size_t at = 0; at < n; at += at + 64 < n ? 211 : 1, missed[2]++)
      for (int cut = 0; cut < 2; cut++) {
        char bad[AE_REASON] = "";

        data[at] ^= 4;
        f = fopen(copy, "wb");
        if (f && fwrite(data, 1, cut ? at : n, f) != (cut ? at : n)) missed[0]++;
        if (f) fclose(f);
        data[at] ^= 4;
        AeSealedCheck(copy, PETSC_TRUE, bad);
        missed[0] += !bad[0];
        bad[0] = 0;
        AeSealedCheck(copy, PETSC_FALSE, bad);
        missed[1] += cut && at == n - 48 && bad[0];
      }
    unlink(copy);
  }
  MPI_Bcast(missed, 3, MPI_INT, 0, PETSC_COMM_WORLD);
  TapBelow(missed[0], 0, "a byte changed or the rest cut off: found");
  TapAbove(missed[2], 200, "  at so many places");
  TapBelow(missed[1], 0, "a file of an older version, without a seal, may be read where it need not have one");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  char      command[PETSC_MAX_PATH_LEN + 16];
  PetscBool killed, given, full;
  int       status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  PetscCall(PetscOptionsHasName(NULL, NULL, "-killed", &killed));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-file", path, sizeof path, &given));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-full", &full));
  if (full) setrlimit(RLIMIT_FSIZE, &(struct rlimit){8192, RLIM_INFINITY});
  if (given) {
    PetscCall(Write(path, 1, 0, AE_SEALED_PARALLEL, (PetscBool)!killed));
    TapTrue(full ? OneLine("") : !why[0] && Version() == 1, full ? "a reason" : "written");
    status = TapDone();
    PetscCall(AeonicFinalize());
    return status;
  }
  (void)snprintf(command, sizeof command, "/tmp/aeonic-sealed-%d", (int)getpid());
  MPI_Bcast(command, sizeof command, MPI_CHAR, 0, PETSC_COMM_WORLD);
  (void)snprintf(path, sizeof path, "%.*s/file.h5", 64, command);
  if (!rank) mkdir(command, 0777);
  PetscCall(Failures(0));
  PetscCall(Failures(AE_SEALED_PARALLEL));
  PetscCall(Wrong());
  PetscCall(Damage());
  (void)snprintf(command, sizeof command, "rm -rf %.*s", (int)(strlen(path) - strlen("/file.h5")), path);
  if (!rank && system(command)) printf("# %s failed\n", command);
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
