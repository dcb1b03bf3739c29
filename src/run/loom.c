/*
  The loom's part (loom.h): when it looks, and what is entered about that. Which fields, and where they are found, the problem
  knows.
*/
#include "run_private.h"
#include <petsctime.h>

typedef struct {
  AeLoom    loom;
  PetscBool view;
  void     *mine;        /* the problem's */
  PetscBool asked, trip; /* by the rails, for transforms at the next tick; a proxy has moved */
} Part;

PetscErrorCode AeLoomAsk(AeEvolution E)
{
  PetscFunctionBegin;
  if (!AeLoomOf(E)) PetscFunctionReturn(0);
  ((Part *)AePartOf(E, &AePartLoom))->asked = PETSC_TRUE;
  PetscCall(AeEvolutionTrigger(E, &AePartLoom));
  PetscFunctionReturn(0);
}

static PetscErrorCode Options(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  PetscCall(PetscCalloc(E->problem->loom->size, &p->mine));
  PetscCall((*E->problem->loom->create)(E, p->mine, &p->loom, &p->view));
  E->loom = AeLoomEvery(p->loom) ? p->loom : NULL;
  PetscFunctionReturn(0);
}

static PetscInt Every(AeEvolution E, void *me)
{
  (void)E;
  return AeLoomEvery(((Part *)me)->loom);
}

static PetscErrorCode Open(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  if (!AeLoomEvery(p->loom)) PetscFunctionReturn(0);
  if (AeMemoryOf(E)) PetscCall(AeLoomSetMemory(p->loom, AeMemoryOf(E), 0));
  PetscCall(AeLoomSetUp(p->loom));
  PetscCall((*E->problem->loom->setup)(E, p->mine));
  PetscFunctionReturn(0);
}

static PetscErrorCode Before(AeEvolution E, void *me)
{
  Part *p = (Part *)me;

  PetscFunctionBegin;
  if (AeLoomEvery(p->loom)) PetscCall((*E->problem->loom->before)(E, p->mine, AeEvolutionWillBeDue(E, &AePartLoom)));
  PetscFunctionReturn(0);
}

/* A proxy that has moved by half asks for a tick at once. */
static PetscErrorCode Accepted(AeEvolution E, void *me)
{
  Part       *p = (Part *)me;
  AeLoomProxy proxy[AE_LOOM_PROXIES];
  PetscInt    n;

  PetscFunctionBegin;
  if (!AeLoomEvery(p->loom)) PetscFunctionReturn(0);
  PetscCall((*E->problem->loom->proxies)(E, p->mine, E->t - E->t_begin, &n, proxy));
  PetscCall(AeLoomProxies(p->loom, n, proxy, &p->trip));
  if (p->trip) PetscCall(AeEvolutionTrigger(E, &AePartLoom));
  PetscFunctionReturn(0);
}

/* A tick that was due: transformed (cost), or skipped (NULL). */
static PetscErrorCode Receipt(AeEvolution E, AeLoom loom, const char reason[], const AeCost *cost)
{
  AeReceipts r = E->receipts;
  PetscReal  D;
  PetscInt   octave, thread;

  PetscFunctionBegin;
  if (cost) PetscCall(AeClockLoom(E->clock));
  if (!r) PetscFunctionReturn(0);
  PetscCall(AeReceiptBegin(r, cost ? AE_LOOM : AE_LOOM_SKIP, 0, AeClockNow(E->clock)));
  if (cost) {
    D = AeLoomDmax(loom, &octave);
    PetscCall(AeReceiptReal(r, "D_max", D));
    PetscCall(AeReceiptInt(r, "octave", octave));
    PetscCall(AeReceiptReal(r, "dt_cap", AeLoomCap(loom, &thread)));
    PetscCall(AeReceiptText(r, "thread", AeThreadName(thread)));
  }
  PetscCall(AeReceiptText(r, "reason", reason));
  PetscCall(AeReceiptEnd(r, cost, 0.0));
  PetscFunctionReturn(0);
}

/* The first look plans its transforms, which allocates: the audit of steps is told to wait. Seconds are recorded, and decide
   nothing. */
static PetscErrorCode Look(AeEvolution E, Part *p, PetscInt it, PetscReal t, AeCost *cost)
{
  AeLoomStep     step = {.it            = it,
                         .t             = t,
                         .dt            = E->t - E->t_begin,
                         .dt_limit      = E->dt_limit,
                         .constraint    = NAN,
                         .constraint_at = -1,
                         .lapse_min     = 1,
                         .chi_min       = 1};
  PetscInt64     ticks, skips, ffts;
  PetscLogDouble s0, s1, f0, f1;

  PetscFunctionBegin;
  PetscCall(PetscTime(&s0));
  PetscCall(PetscGetFlops(&f0));
  AeLoomCounts(p->loom, &ticks, &skips, &ffts);
  if (!ticks) AeAuditPause(PETSC_TRUE); /* the first look plans its transforms */
  PetscCall((*E->problem->loom->look)(E, p->mine, p->loom, &step, &cost->bytes));
  if (!ticks) AeAuditPause(PETSC_FALSE);
  PetscCall(PetscTime(&s1));
  PetscCall(PetscGetFlops(&f1));
  cost->seconds = s1 - s0;
  cost->flops   = f1 - f0;
  PetscFunctionReturn(0);
}

/* Who asks for transforms: the gate (a tick that is due may be skipped while the proxies rest), a proxy, the rails. The record
   says which. */
static PetscErrorCode Due(AeEvolution E, void *me)
{
  Part           *p      = (Part *)me;
  const PetscBool behind = (*E->problem->loom->behind)(E);
  const PetscInt  it     = E->step - (behind ? 1 : 0);
  const PetscReal t      = behind ? E->t_begin : E->t;
  PetscBool       needed;
  const char     *reason;
  AeCost          cost, *spent = NULL;

  PetscFunctionBegin;
  if (AeMemoryOf(E)) PetscCall(AeMemoryNow(AeMemoryOf(E), AeClockNow(E->clock))); /* a tick leaves its rows there */
  PetscCall(AeLoomGate(p->loom, &needed, &reason));
  if (p->trip) reason = "a proxy has moved by half";
  if (p->asked) reason = "the rails ask";
  if (needed || p->trip || p->asked) {
    PetscCall(Look(E, p, it, t, &cost));
    spent = &cost;
  } else PetscCall(AeLoomSkip(p->loom));
  PetscCall(PetscInfo(E->ts, "loom at step %" PetscInt_FMT ": %s: %s\n", it, spent ? "transformed" : "skipped", reason));
  PetscCall(Receipt(E, p->loom, reason, spent));
  PetscCall(AeLoomWrite(p->loom, E->series, it, t));
  p->asked = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Save(AeEvolution E, void *me, AeSave save)
{
  void  *history;
  size_t n;

  PetscFunctionBegin;
  (void)E;
  PetscCall(AeLoomPack(((Part *)me)->loom, &history, &n));
  PetscCall(AeSavePut(save, "loom", history, n));
  PetscCall(PetscFree(history));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  void  *history;
  size_t n;

  PetscFunctionBegin;
  (void)E;
  if (phase != AE_LOAD_HISTORY) PetscFunctionReturn(0);
  PetscCall(AeLoadGet(load, "loom", &history, &n));
  if (n) PetscCall(AeLoomUnpack(((Part *)me)->loom, history, n));
  PetscCall(PetscFree(history));
  PetscFunctionReturn(0);
}

static PetscErrorCode Last(AeEvolution E, void *me)
{
  AeLoom loom = ((Part *)me)->loom;

  PetscReal rate;
  PetscInt  octave, rows;

  PetscFunctionBegin;
  PetscCall(AeLoomSummary(loom, E->run));
  if (AeLoomOf(E) && AeMemoryOf(E)) { /* how the first field's dominant octave has grown over the newest ticks */
    (void)AeLoomDmax(loom, &octave);
    if (octave >= 0) {
      PetscCall(AeLoomGrowth(loom, 0, octave, &rate, &rows));
      if (rows) PetscCall(AeRunSetReal(E->run, "loom.growth", rate));
    }
  }
  if (((Part *)me)->view) PetscCall(AeLoomView(loom, PETSC_VIEWER_STDOUT_WORLD));
  PetscFunctionReturn(0);
}

static PetscErrorCode Forecast(AeEvolution E, void *me, PetscReal points)
{
  AeLoom loom = ((Part *)me)->loom;

  PetscFunctionBegin;
  (void)E;
  if (AeLoomEvery(loom))
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  the loom        %10.4g  %10.0f   modes of the fields that it watches\n",
                          1e-6 * AeLoomBytes(loom), AeLoomBytes(loom) / points));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  PetscCall(AeLoomDestroy(&((Part *)me)->loom));
  PetscCall((*E->problem->loom->destroy)(E, ((Part *)me)->mine));
  PetscCall(PetscFree(((Part *)me)->mine));
  PetscFunctionReturn(0);
}

const AePartType AePartLoom = {.name     = "loom",
                               .size     = sizeof(Part),
                               .options  = Options,
                               .load     = Load,
                               .open     = Open,
                               .before   = Before,
                               .accepted = Accepted,
                               .due      = Due,
                               .save     = Save,
                               .last     = Last,
                               .forecast = Forecast,
                               .destroy  = Destroy,
                               .every    = Every};
