/*
  How reading and writing remember the first thing that went wrong, and how the ranks agree on it.
*/
#include "io_private.h"
#include <string.h>

/* The innermost entry of HDF5's error stack; of the system's errors only their text. */
static herr_t Innermost(unsigned n, const H5E_error2_t *e, void *ctx)
{
  const char *text = e->desc, *sys = text ? strstr(text, "error message = '") : NULL;
  char       *reason = ctx, *end;

  if (n || !text) return 0;
  snprintf(reason, AE_REASON, "%s", sys ? sys + strlen("error message = '") : text);
  if (sys && (end = strchr(reason, '\''))) *end = 0;
  return 0;
}

void AeReason(char reason[], const char text[])
{
  if (!reason[0]) snprintf(reason, AE_REASON, "%s", text);
}

hid_t AeTry(char reason[], hid_t result)
{
  if (result < 0 && !reason[0]) {
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, Innermost, reason);
    AeReason(reason, "HDF5 failed without saying why");
  }
  return result;
}

PetscErrorCode AeAgree(MPI_Comm comm, char reason[], PetscInt *bad, PetscBool *failed)
{
  PetscMPIInt rank, size, first;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  first = reason[0] ? rank : size;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, comm));
  *failed = (PetscBool)(first < size);
  if (*failed) {
    PetscCallMPI(MPI_Bcast(reason, AE_REASON, MPI_CHAR, first, comm));
    PetscCallMPI(MPI_Bcast(bad, 1, MPIU_INT, first, comm));
  }
  PetscFunctionReturn(0);
}
