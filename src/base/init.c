/*
  Start-up and shut-down; log events and stages.
*/
#include "base_private.h"

PetscLogStage AeLogStage[AE_STAGE_COUNT];
PetscClassId  AE_CLASSID; /* `-info :aeonic` shows our PetscInfo lines only */

static PetscBool we_started_mpi = PETSC_FALSE;

static AeEvent *events; /* in the order of their names, which is that of -log_view */

void AeEventAdd(AeEvent *event)
{
  AeEvent **at = &events;

  while (*at && strcmp((*at)->name, event->name) < 0) at = &(*at)->next;
  event->next = *at;
  *at         = event;
}

static PetscErrorCode RegisterLog(void)
{
  static const char *const stages[AE_STAGE_COUNT] = {"Set-up", "Evolve", "Output"};
  static PetscBool         done                   = PETSC_FALSE; /* PETSc keeps its stages when it is started again */

  PetscFunctionBegin;
  if (done) PetscFunctionReturn(0);
  PetscCall(PetscClassIdRegister("Aeonic", &AE_CLASSID));
  for (AeEvent *e = events; e; e = e->next) PetscCall(PetscLogEventRegister(e->name, AE_CLASSID, e->id));
  for (int s = 0; s < AE_STAGE_COUNT; s++) PetscCall(PetscLogStageRegister(stages[s], &AeLogStage[s]));
  PetscCall(PetscInfoProcessClass("aeonic", 1, &AE_CLASSID));
  done = PETSC_TRUE;
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
  PetscCall(RegisterLog());
  PetscCall(AeCite("aeonic"));
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
