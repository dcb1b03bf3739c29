/*
  Fails in the way its first argument says; run by tests/cli/test_abort.sh.  ranks: none
    self  the last rank alone, an error of its own, while the others wait for it
    world the last rank alone, an error of the whole communicator that reaches main()
    all   every rank, the same error
    crash the last rank alone, a segmentation fault
*/
#include <aeonic/base.h>
#include <signal.h>

static PetscErrorCode Fail(const char how[])
{
  PetscMPIInt rank, size;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCheck(strcmp(how, "all"), PETSC_COMM_WORLD, AE_ERR_FAILED, "injected error");
  if (rank == size - 1) {
    PetscCheck(strcmp(how, "self"), PETSC_COMM_SELF, AE_ERR_SYSTEM, "injected error");
    PetscCheck(strcmp(how, "world"), PETSC_COMM_WORLD, AE_ERR_FAILED, "injected error");
    if (!strcmp(how, "crash")) raise(SIGSEGV);
  }
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const char    *how = argc > 1 ? argv[1] : "";
  PetscErrorCode ierr;

  if (argc > 1) argv[1] = argv[0], argv++, argc--;
  ierr = AeonicInitialize(&argc, &argv, NULL);
  if (!ierr) ierr = Fail(how);
  if (!ierr) ierr = AeonicFinalize();
  if (ierr) AeonicAbandon(AeonicExitStatus(ierr));
  return 0;
}
