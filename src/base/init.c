/*
  Start-up and shut-down, and everything that is registered with PETSc by name.
*/
#include "base_private.h"

PetscLogEvent AeLogEvent[AE_EVENT_COUNT];
PetscLogStage AeLogStage[AE_STAGE_COUNT];
PetscClassId  AE_CLASSID; /* `-info :aeonic` shows our PetscInfo lines only */

static PetscBool we_started_mpi = PETSC_FALSE, cited = PETSC_FALSE;

static PetscErrorCode RegisterLog(void)
{
  static const char *const events[AE_EVENT_COUNT] = {"AeHalo",    "AeBoundary", "AePassA",  "AePassB",    "AeEnforce",
                                                     "AeCombine", "AeInitial",  "AeExact",  "AeReduce",   "AeHash",
                                                     "AeOutput",  "AeTune",     "AeSample", "AeCurvature"};
  static const char *const stages[AE_STAGE_COUNT] = {"Set-up", "Evolve", "Output"};
  static PetscBool         done                   = PETSC_FALSE; /* PETSc keeps its stages when it is started again */

  PetscFunctionBegin;
  if (done) PetscFunctionReturn(0);
  PetscCall(PetscClassIdRegister("Aeonic", &AE_CLASSID));
  for (int e = 0; e < AE_EVENT_COUNT; e++) PetscCall(PetscLogEventRegister(events[e], AE_CLASSID, &AeLogEvent[e]));
  for (int s = 0; s < AE_STAGE_COUNT; s++) PetscCall(PetscLogStageRegister(stages[s], &AeLogStage[s]));
  PetscCall(PetscInfoProcessClass("aeonic", 1, &AE_CLASSID));
  done = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* Types, tableaux and citations of the other modules are registered here as well. */
static PetscErrorCode RegisterAll(void)
{
  PetscFunctionBegin;
  PetscCall(RegisterLog());
  PetscCall(PetscCitationsRegister(
    "@misc{aeonic,\n  title = {Aeonic: numerical relativity on PETSc},\n  note  = {version " AEONIC_VERSION "}\n}\n", &cited));
  PetscFunctionReturn(0);
}

static PetscErrorCode ProgramOptions(void)
{
  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Program", NULL);
  PetscCall(AeOptBool("-error_trace", "print PETSc's trace after an error's one line", "", &aeErrorTrace, NULL));
  PetscCall(AeOptBool("-options_left_ok", "accept options that nothing reads", "", &aeOptionsLeftOk, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

PetscErrorCode AeonicInitialize(int *argc, char ***argv, const char text[])
{
  int       up;
  PetscBool handled;

  /* MPI first: errors of the command line are printed by one rank. */
  if (MPI_Initialized(&up)) return PETSC_ERR_MPI;
  if (!up) {
    int level;
    /* a program without mpiexec spawns no others: OpenMPI need not start a daemon for them, which takes 0.4 s */
    if (!getenv("OMPI_COMM_WORLD_SIZE")) (void)setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level)) return PETSC_ERR_MPI;
    we_started_mpi = PETSC_TRUE;
  }
  PetscFunctionBegin;
  PetscCall(AeErrorStart(*argc, *argv));
  PetscCall(AeOptionsScan(*argc, *argv));
  PetscCall(AeHelpStart());
  PetscCall(PetscInitialize(argc, argv, NULL, text));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-no_signal_handler", &handled));
  if (!handled) {
    PetscCall(PetscPopSignalHandler());
    PetscCall(AeSignalsStart());
  }
  PetscCall(AeOptionsCheckDatabase());
  PetscCall(AeHelpListen());
  PetscCall(ProgramOptions());
  PetscCall(RegisterAll());
  PetscFunctionReturn(0);
}

PetscErrorCode AeonicFinalize(void)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(AeHelpStop());
  AeHelpFree();
  ierr = PetscFinalize();
  if (ierr) return ierr;
  if (we_started_mpi && MPI_Finalize()) return PETSC_ERR_MPI;
  return 0;
}
