/*
  How reading and writing remember the first thing that went wrong, how the ranks agree on it, and HDF5's small things.
*/
#include <aeonic/sealed.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

void AeReason(char why[], const char format[], ...)
{
  va_list args;

  if (why[0]) return;
  va_start(args, format);
  vsnprintf(why, AE_REASON, format, args);
  va_end(args);
}

/* The innermost entry of HDF5's error stack; of the system's errors only their text. */
static herr_t Innermost(unsigned n, const H5E_error2_t *e, void *ctx)
{
  const char *text = e->desc, *sys = text ? strstr(text, "error message = '") : NULL;

  if (n || !text) return 0;
  if (sys) sys += strlen("error message = '");
  AeReason(ctx, "%.*s", (int)(sys ? strcspn(sys, "'") : strlen(text)), sys ? sys : text);
  return 0;
}

hid_t AeH5Try(char why[], hid_t result)
{
  if (result < 0 && !why[0]) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, Innermost, why);
  return AeH5Expect(why, result, "HDF5 failed without saying why");
}

hid_t AeH5Expect(char why[], hid_t result, const char text[])
{
  if (result < 0) AeReason(why, "%s", text);
  return result;
}

void AeH5QuietBegin(AeH5Quiet *q)
{
  H5Eget_auto2(H5E_DEFAULT, &q->print, &q->ctx);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void AeH5QuietEnd(const AeH5Quiet *q) { H5Eset_auto2(H5E_DEFAULT, q->print, q->ctx); }

PetscErrorCode AeAgree(MPI_Comm comm, char why[], PetscInt *bad, PetscBool *failed)
{
  PetscMPIInt rank, size, first;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  first = why[0] ? rank : size;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, comm));
  *failed = (PetscBool)(first < size);
  if (!*failed) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Bcast(why, AE_REASON, MPI_CHAR, first, comm));
  if (bad) PetscCallMPI(MPI_Bcast(bad, 1, MPIU_INT, first, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode AeAgreeOrRaise(MPI_Comm comm, PetscErrorCode code, const char verb[], const char path[], char why[])
{
  PetscBool failed;

  PetscFunctionBegin;
  PetscCall(AeAgree(comm, why, NULL, &failed));
  PetscCheck(!failed, comm, code, "cannot %s %s: %s", verb, path, why);
  PetscFunctionReturn(0);
}

hid_t AeH5TextType(size_t length)
{
  const hid_t type = H5Tcopy(H5T_C_S1);

  H5Tset_size(type, length);
  return type;
}

void AeH5Attribute(char why[], hid_t where, const char name[], hid_t stored, hid_t type, hsize_t n, const void *value)
{
  const hid_t space = n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR),
              a     = where < 0 ? -1 : AeH5Try(why, H5Acreate2(where, name, stored, space, H5P_DEFAULT, H5P_DEFAULT));

  if (a >= 0) {
    AeH5Try(why, H5Awrite(a, type, value));
    H5Aclose(a);
  }
  H5Sclose(space);
}

void AeH5Text(char why[], hid_t where, const char name[], const char text[])
{
  const hid_t type = AeH5TextType(strlen(text) + 1);

  AeH5Attribute(why, where, name, type, type, 0, text);
  H5Tclose(type);
}

hid_t AeH5Dataset(char why[], hid_t where, const char name[], hid_t type, int rank, const hsize_t n[])
{
  const hid_t space  = !rank                ? H5Screate(H5S_SCALAR)
                       : rank == 1 && !n[0] ? H5Screate(H5S_NULL)
                                            : H5Screate_simple(rank, n, NULL),
              create = H5Pcreate(H5P_DATASET_CREATE);
  hid_t d;

  H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
  d = where < 0 ? -1 : AeH5Try(why, H5Dcreate2(where, name, type, space, H5P_DEFAULT, create, H5P_DEFAULT));
  H5Pclose(create);
  H5Sclose(space);
  return d;
}

void AeH5SumIs(char why[], hid_t dataset, const char name[], const unsigned char digest[AE_DIGEST])
{
  const hid_t a = AeH5Try(why, H5Aopen(dataset, "blake2b", H5P_DEFAULT)), type = AeH5TextType(2 * AE_DIGEST + 1);
  char        sum[2 * AE_DIGEST + 1] = "", hex[2 * AE_DIGEST + 1];

  if (a >= 0) {
    AeH5Try(why, H5Aread(a, type, sum));
    H5Aclose(a);
  }
  H5Tclose(type);
  sodium_bin2hex(hex, sizeof hex, digest, AE_DIGEST);
  if (memcmp(hex, sum, sizeof hex)) AeReason(why, "%s is not what was written", name);
}
