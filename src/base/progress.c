/*
  Progress on the terminal: one line redrawn, or a line now and then.
*/
#include "run_private.h"
#include <petsctime.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int Width(void)
{
  struct winsize w;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || w.ws_col < 20 ? 80 : w.ws_col;
}

static void Show(AeRun run)
{
  if (run->progress == PROGRESS_BAR) printf("\r%-*.*s", Width() - 1, Width() - 1, run->line);
  else printf("%s\n", run->line);
  fflush(stdout);
  run->pending = PETSC_FALSE;
}

PetscErrorCode AeRunProgress(AeRun run, PetscInt step, PetscReal t, PetscReal t_end, PetscInt max_steps, PetscReal dt, PetscReal constraint)
{
  PetscLogDouble now;
  PetscReal      rate = 0, left = 0;

  PetscFunctionBegin;
  if (run->rank || run->progress == PROGRESS_NONE) PetscFunctionReturn(0);
  PetscCall(PetscTime(&now));
  if (run->first_shown == 0) {
    run->first_shown = now;
    run->first_step  = step;
    run->first_t     = t;
  } else if (now > run->first_shown) {
    rate = (step - run->first_step) / (now - run->first_shown);
    left = (t_end - t) / PetscMax(t - run->first_t, PETSC_MACHINE_EPSILON) * (now - run->first_shown);
    if (rate > 0) left = PetscMin(left, (max_steps - step) / rate);
  }
  (void)snprintf(run->line, sizeof run->line, "step %d  t %.4f  dt %.3g  %.3g steps/s  left %d:%02d  |H| %.2e", (int)step, (double)t, (double)dt, (double)rate, (int)left / 60, (int)left % 60, (double)constraint);
  run->pending = PETSC_TRUE;
  if (now - run->last_shown >= (run->progress == PROGRESS_BAR ? 0.1 : 5.0)) {
    run->last_shown = now;
    Show(run);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunProgressEnd(AeRun run)
{
  PetscFunctionBegin;
  if (run->rank || run->progress == PROGRESS_NONE) PetscFunctionReturn(0);
  if (run->pending) Show(run);
  if (run->progress == PROGRESS_BAR && run->first_shown > 0) printf("\n");
  fflush(stdout);
  PetscFunctionReturn(0);
}
