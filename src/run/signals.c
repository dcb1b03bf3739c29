/*
  What a run may be asked for from outside: SIGUSR1 a checkpoint, SIGTERM an orderly end. A flag of one rank travels to all with
  the step's reduction.
*/
#include "run_private.h"
#include <signal.h>

static volatile sig_atomic_t asked; /* AE_ASK_* of this rank */
static struct sigaction      was[2];
static const int             signals[2] = {SIGTERM, SIGUSR1};

static void OnSignal(int sig)
{
  if (sig == SIGUSR1) asked = PetscMax(asked, AE_ASK_CHECKPOINT);
  else {
    asked = AE_ASK_STOP;
    sigaction(SIGTERM, &was[0], NULL); /* a second one means at once */
  }
}

void AeSignalsBegin(void)
{
  struct sigaction on;

  asked = 0;
  memset(&on, 0, sizeof on);
  on.sa_handler = OnSignal;
  on.sa_flags   = SA_RESTART;
  for (int s = 0; s < 2; s++) sigaction(signals[s], &on, &was[s]);
  if (was[0].sa_handler == SIG_IGN) sigaction(SIGTERM, &was[0], NULL);
}

void AeSignalsEnd(void)
{
  for (int s = 0; s < 2; s++) {
    struct sigaction now;
    if (!sigaction(signals[s], NULL, &now) && now.sa_handler == OnSignal) sigaction(signals[s], &was[s], NULL);
  }
}

PetscInt AeSignalsAsked(void)
{
  const PetscInt now = asked;

  if (now == AE_ASK_CHECKPOINT) asked = 0; /* served once; an end stays asked for until it comes */
  return now;
}
