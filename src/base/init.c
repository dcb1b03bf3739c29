/*
  Start-up and shut-down; log events and stages; what the program registers with PETSc.
*/
#include "base_private.h"
#include <sodium.h>
#include <unistd.h>

PetscLogEvent AeLogEvent[AE_EVENT_COUNT];
PetscLogStage AeLogStage[AE_STAGE_COUNT];

static const char Cite[] = "@misc{Aeonic,\n  title = {Aeonic: Einstein's equations on the machine you have},\n  note = {version " AEONIC_VERSION "}\n}\n";

PetscErrorCode AeLogRegister(void)
{
  static const char *const events[AE_EVENT_COUNT] = {"AeHalo", "AeBoundary", "AePassA", "AePassB", "AeEnforce", "AeCombine", "AeInitial", "AeExact", "AeReduce", "AeHash", "AeOutput", "AeTune"};
  static const char *const stages[AE_STAGE_COUNT] = {"Set-up", "Evolve", "Output"};
  PetscClassId             id;

  PetscFunctionBegin;
  PetscCall(PetscClassIdRegister("Aeonic", &id));
  for (int e = 0; e < AE_EVENT_COUNT; e++) PetscCall(PetscLogEventRegister(events[e], id, &AeLogEvent[e]));
  for (int s = 0; s < AE_STAGE_COUNT; s++) PetscCall(PetscLogStageRegister(stages[s], &AeLogStage[s]));
  PetscFunctionReturn(0);
}

static PetscBool own_mpi;

/* PetscInitialize meets a missing option file with pages of trace: look for it first. */
static PetscErrorCode FindOptionFiles(int argc, char *const argv[])
{
  for (int a = 1; a + 1 < argc; a++) {
    int rank;

    if (strcmp(argv[a], "-options_file") || !access(argv[a + 1], R_OK)) continue;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (!rank) fprintf(stderr, "aeonic: error: -options_file: cannot read %s\n", argv[a + 1]);
    return AE_ERR_USAGE;
  }
  return 0;
}

PetscErrorCode AeonicInitialize(int *argc, char ***argv, const char help[])
{
  PetscErrorCode ierr;
  int            up;

  MPI_Initialized(&up);
  own_mpi = (PetscBool)!up;
  if (!up) MPI_Init(argc, argv);
  if ((ierr = FindOptionFiles(*argc, *argv))) return ierr;
  if ((ierr = PetscInitialize(argc, argv, NULL, help))) return ierr;
  PetscFunctionBegin;
  PetscCall(AeErrorHandlerPush());
  PetscCheck(sodium_init() >= 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "libsodium cannot be initialised");
  PetscCall(AeLogRegister());
  PetscCall(PetscCitationsRegister(Cite, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode AeonicFinalize(void)
{
  const PetscErrorCode ierr = PetscFinalize();

  if (own_mpi) MPI_Finalize();
  return ierr;
}
