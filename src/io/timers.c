/*
  Where the time went, from PETSc's log: timertree.<rank>.xml, nested <timer name="..."> elements, as kuibit reads them.
*/
#include <aeonic/io.h>
#include <petsctime.h>
#include <string.h>

PetscErrorCode AeTimersSetFromOptions(MPI_Comm comm)
{
  PetscBool on = PETSC_TRUE;

  PetscFunctionBegin;
  PetscOptionsBegin(comm, NULL, "Timers", NULL);
  PetscCall(AeOptBool("-timers", "time PETSc's events and write timertree.<rank>.xml", "PetscLogDefaultBegin", &on, NULL));
  PetscOptionsEnd();
#if defined(PETSC_USE_LOG)
  if (on && !PetscLogPLB) PetscCall(PetscLogDefaultBegin()); /* -log_view and its like have begun already */
#endif
  PetscFunctionReturn(0);
}

static void Open(FILE *to, int depth, const char name[], PetscLogDouble seconds)
{
  fprintf(to, "%*s<timer name=\"", 2 * depth, "");
  for (; *name; name++) switch (*name) {
    case '&':
      fputs("&amp;", to);
      break;
    case '<':
      fputs("&lt;", to);
      break;
    case '"':
      fputs("&quot;", to);
      break;
    default:
      fputc(*name, to);
    }
  fprintf(to, "\"> %.9g", seconds);
}

#if defined(PETSC_USE_LOG)
static void Stage(FILE *to, PetscStageLog log, int s, PetscLogDouble now)
{
  const PetscStageInfo *stage = &log->stageInfo[s];

  if (!stage->used) return;
  /* while a stage runs, PETSc keeps its time minus the moment when it began */
  Open(to, 1, stage->name, stage->perfInfo.time + (s == log->curStage ? now : 0.0));
  fputc('\n', to);
  for (int e = 0; e < stage->eventLog->numEvents; e++) {
    const PetscEventPerfInfo *event = &stage->eventLog->eventInfo[e];
    if (!event->count) continue;
    Open(to, 2, log->eventLog->eventInfo[e].name, event->time);
    fputs(" </timer>\n", to);
  }
  fputs("  </timer>\n", to);
}
#endif

PetscErrorCode AeTimersWrite(AeRun run)
{
#if defined(PETSC_USE_LOG)
  PetscStageLog  log;
  PetscLogDouble now;
  PetscMPIInt    rank;
  char           rel[64], *text = NULL;
  size_t         size = 0;
  FILE          *to;

  PetscFunctionBegin;
  if (!PetscLogPLB) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscLogGetStageLog(&log));
  PetscCall(PetscTime(&now));
  to = open_memstream(&text, &size);
  PetscCheck(to, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for the timers");
  Open(to, 0, "main", now - petsc_BaseTime);
  fputc('\n', to);
  for (int s = 0; s < log->numStages; s++) Stage(to, log, s, now);
  fputs("</timer>\n", to);
  PetscCheck(!fclose(to), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for the timers");
  PetscCall(PetscSNPrintf(rel, sizeof rel, "timertree.%d.xml", rank));
  PetscCall(AeWriteFile(AeRunPath(run, rel), text, size));
  free(text);
#else
  PetscFunctionBegin;
  (void)run;
#endif
  PetscFunctionReturn(0);
}
