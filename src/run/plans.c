/*
  The plans of transforms as FFTW's text: what was measured once on this machine is not measured again, and rounds as before. They
  come from the checkpoint, else from the bank.
*/
#include "run_private.h"
#include <aeonic/spectral.h>

typedef struct {
  PetscBool known;
  char      text[32768];
} Part;

/* In the first phase of all, before the problem is created: a flow plans its transforms as it is made. */
static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  char     *wisdom;
  size_t    n;
  PetscBool good;

  PetscFunctionBegin;
  (void)E;
  (void)me;
  if (phase != AE_LOAD_PLANS) PetscFunctionReturn(0);
  PetscCall(AeLoadGet(load, "wisdom", (void **)&wisdom, &n));
  if (n) PetscCall(AeFFTSetWisdom(PETSC_COMM_WORLD, wisdom, &good));
  if (n && !good)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "aeonic: warning: FFTW's plans in %s are damaged or of another FFTW: new ones are made, and the run "
                           "goes on with other rounding errors\n",
                           AeLoadPath(load)));
  PetscCall(PetscFree(wisdom));
  PetscFunctionReturn(0);
}

static void Key(AeEvolution E, char key[AE_MEM_KEY], PetscReal *N)
{
  AeRegime    r = {0};
  PetscMPIInt size;

  (void)MPI_Comm_size(PETSC_COMM_WORLD, &size);
  (*E->problem->regime)(E, &r);
  *N = (PetscReal)r.n[0] * r.n[1] * r.n[2];
  snprintf(key, AE_MEM_KEY, "plans %d x %d x %d, %d ranks", (int)r.n[0], (int)r.n[1], (int)r.n[2], (int)size);
}

static PetscErrorCode Open(AeEvolution E, void *me)
{
  Part     *p = (Part *)me;
  char      key[AE_MEM_KEY];
  PetscReal N;
  PetscBool good;

  PetscFunctionBegin;
  if (!AeMemoryBank(E)[0] || E->restart) PetscFunctionReturn(0); /* a checkpoint has its own */
  Key(E, key, &N);
  PetscCall(AeMemoryGet(AeMemoryOf(E), key, 0, p->text, sizeof p->text, &p->known, NULL));
  p->text[sizeof p->text - 1] = 0;
  if (p->known) PetscCall(AeFFTSetWisdom(PETSC_COMM_WORLD, p->text, &good));
  PetscFunctionReturn(0);
}

/* Other plans would round otherwise. */
static PetscErrorCode Save(AeEvolution E, void *me, AeSave save)
{
  char *wisdom;

  PetscFunctionBegin;
  (void)E;
  (void)me;
  PetscCall(AeFFTWisdom(PETSC_COMM_WORLD, &wisdom));
  PetscCall(AeSavePut(save, "wisdom", wisdom, strlen(wisdom)));
  free(wisdom);
  PetscFunctionReturn(0);
}

/* The text has a place of fixed size in the bank; wisdom that outgrows it is not kept, and measured again. */
static PetscErrorCode Last(AeEvolution E, void *me)
{
  Part     *p = (Part *)me;
  char      key[AE_MEM_KEY], *text;
  AeMemItem item = {.key = key, .tier = 3, .data = p->text, .local = sizeof p->text, .bytes = sizeof p->text};
  PetscReal N;
  PetscBool stored;

  PetscFunctionBegin;
  if (E->failure[0] || !AeMemoryBank(E)[0] || p->known) PetscFunctionReturn(0);
  PetscCall(AeFFTWisdom(PETSC_COMM_WORLD, &text));
  if (strlen(text) < sizeof p->text) {
    Key(E, key, &N);
    PetscCall(PetscMemzero(p->text, sizeof p->text));
    strcpy(p->text, text);
    item.cost = 100 * 2.5 * N * PetscLog2Real(N); /* FFTW_MEASURE times some hundred transforms */
    PetscCall(AeMemoryPut(AeMemoryOf(E), &item, &stored));
  }
  free(text);
  PetscFunctionReturn(0);
}

const AePartType AePartPlans = {.name = "plans", .size = sizeof(Part), .load = Load, .open = Open, .save = Save, .last = Last};
