/*
  One line that says how far the run is.
*/
#include "base_private.h"
#include <sys/ioctl.h>
#include <unistd.h>

/* 0:42, 12:05, 3:04:05, 2d 03:04 */
static void Duration(double s, char out[], size_t len)
{
  const long t = (long)(s + 0.5);

  if (!(s >= 0) || s > 3.0e8) snprintf(out, len, "?");
  else if (t < 3600) snprintf(out, len, "%ld:%02ld", t / 60, t % 60);
  else if (t < 86400) snprintf(out, len, "%ld:%02ld:%02ld", t / 3600, t / 60 % 60, t % 60);
  else snprintf(out, len, "%ldd %02ld:%02ld", t / 86400, t / 3600 % 24, t / 60 % 60);
}

static int Width(void)
{
  struct winsize w;
  return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col > 1 ? w.ws_col - 1 : 79;
}

static void Show(AeProgress *p)
{
  if (p->style == AE_PROGRESS_BAR) printf("\r%.*s\033[K", Width(), p->last); /* cut, since a line that wraps is not redrawn */
  else printf("%s\n", p->last);
  fflush(stdout);
}

PetscErrorCode AeRunProgress(AeRun run, PetscInt step, PetscReal t, PetscReal t_end, PetscInt max_steps, PetscReal dt,
                             PetscReal constraint)
{
  AeProgress *p = &run->progress;
  char        left[32], rate[32] = "", worst[48] = "";
  double      now, spent, by_time = 0, by_steps = 0;

  PetscFunctionBegin;
  if (run->rank || p->style == AE_PROGRESS_NONE) PetscFunctionReturn(0);
  now = MPI_Wtime();
  if (!p->begun) {
    if (p->style == AE_PROGRESS_AUTO)
      p->style = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) ? AE_PROGRESS_BAR : AE_PROGRESS_LINE;
    p->first   = step;
    p->t_first = t;
    p->t0      = now;
  }
  spent = now - p->t0;
  /* whichever end comes first; a share of 0 says nothing yet */
  if (t_end > p->t_first && t_end < AE_HUGE) by_time = (t - p->t_first) / (t_end - p->t_first);
  if (max_steps > p->first && max_steps < PETSC_MAX_INT) by_steps = (double)(step - p->first) / (max_steps - p->first);
  by_time = PetscMax(by_time, by_steps);
  Duration(by_time > 0 ? spent * PetscMax(0, 1 - by_time) / by_time : -1, left, sizeof left);
  if (step > p->first && spent > 0) snprintf(rate, sizeof rate, "  %.4g steps/s", (step - p->first) / spent);
  if (constraint >= 0) snprintf(worst, sizeof worst, "  |H| %.1e", (double)constraint);
  else if (constraint != constraint) snprintf(worst, sizeof worst, "  |H| nan");
  snprintf(p->last, sizeof p->last, "step %" PetscInt_FMT "  t %.4f  dt %.1e%s  left %s%s", step, (double)t, (double)dt, rate,
           left, worst);
  if (!p->begun || now - p->when >= (p->style == AE_PROGRESS_BAR ? 0.1 : 5.0)) {
    Show(p);
    p->when    = now;
    p->last[0] = 0;
  }
  p->begun = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeRunProgressEnd(AeRun run)
{
  AeProgress *p = &run->progress;

  PetscFunctionBegin;
  if (run->rank || !p->begun) PetscFunctionReturn(0);
  if (p->last[0]) Show(p);
  if (p->style == AE_PROGRESS_BAR) printf("\n"), fflush(stdout);
  p->begun   = PETSC_FALSE;
  p->last[0] = 0;
  PetscFunctionReturn(0);
}
