/*
  Spectra of spacetimes. As in an evolution each argument is projected first (det gt = 1, tr At = 0) and given gauges are set.
  Unknowns are the interior cells of the evolved fields.
*/
#include "spectrum_app.h"
#include <aeonic/gr.h>
#include <aeonic/levels.h>

typedef struct {
  AeGR      gr;
  AeGrid    grid;
  AeFields  fields;
  AeInitial initial;
} Data;

/* Y = U + e V: V is compact, as the vectors of SLEPc are, states are ghosted. */
static PetscErrorCode Perturb(Spectrum *a, PetscReal e, Vec V)
{
  const Data     *D = a->data;
  const AeLayout *L;
  const double   *v, *x;
  double         *y;

  PetscFunctionBegin;
  PetscCall(VecCopy(a->U, a->Y));
  PetscCall(AeFieldsGetInfo(D->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(V, &x));
  PetscCall(VecGetArray(a->Y, &y));
  v = x;
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++, v += L->nx)
        for (ptrdiff_t i = 0; i < L->nx; i++) y[AeAt(L, f, k, j, i)] += e * v[i];
  PetscCall(VecRestoreArray(a->Y, &y));
  PetscCall(VecRestoreArrayRead(V, &x));
  PetscFunctionReturn(0);
}

/* c times the interior of a ghosted X, into the compact W or added to it. */
static PetscErrorCode Take(Spectrum *a, Vec X, PetscReal c, PetscBool add, Vec W)
{
  const Data     *D = a->data;
  const AeLayout *L;
  const double   *x;
  double         *w, *y;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(D->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(X, &x));
  PetscCall(VecGetArray(W, &y));
  w = y;
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++, w += L->nx)
        for (ptrdiff_t i = 0; i < L->nx; i++) w[i] = (add ? w[i] : 0.0) + c * x[AeAt(L, f, k, j, i)];
  PetscCall(VecRestoreArray(W, &y));
  PetscCall(VecRestoreArrayRead(X, &x));
  PetscFunctionReturn(0);
}

static PetscErrorCode Advance(Spectrum *a, Vec *result)
{
  Data *D = a->data;

  PetscFunctionBegin;
  PetscCall(AeGRBeginStep(D->gr));
  PetscCall(AeGRPrepareStage(D->gr, a->Y, 0.0, AE_SWEEP_STAGE, 1, PETSC_TRUE));
  if (a->which == SPECTRUM_MAGNITUDE) {
    PetscCall(AeGRRHSFunction(a->ts, 0.0, a->Y, a->F, D->gr));
    *result = a->F;
  } else {
    PetscCall(SpectrumEvolve(a));
    *result = a->Y;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Start(Spectrum *a, Vec v)
{
  const Data     *D = a->data;
  const AeLayout *L;
  double         *x;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(D->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayWrite(v, &x));
  for (ptrdiff_t f = 0, c = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++)
          x[c++] = AeInitialNoise(1, (PetscInt)f, (PetscInt)i, (PetscInt)(D->grid->js + j), (PetscInt)(D->grid->ks + k));
  PetscCall(VecRestoreArrayWrite(v, &x));
  PetscFunctionReturn(0);
}

/* For magnitudes the stepper lends its region of stability only, and PETSc's Runge-Kutta types have one too; growing modes are
   found by our own flow. */
static PetscErrorCode CreateStepper(Spectrum *a)
{
  Data     *D = a->data;
  DM        dm;
  PetscBool rk, ours;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetDM(D->fields, &dm));
  PetscCall(SpectrumCreateTS(a));
  PetscCall(TSSetDM(a->ts, dm));
  PetscCall(TSSetType(a->ts, AE_TS_RK4));
  PetscCall(TSSetApplicationContext(a->ts, D->gr));
  PetscCall(TSSetRHSFunction(a->ts, NULL, AeGRRHSFunction, D->gr));
  PetscCall(TSSetPostStage(a->ts, AeGRPostStage));
  PetscCall(TSSetFromOptions(a->ts));
  PetscCall(AeTSSetCombine(a->ts, AeGRCombine, D->gr));
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, TSRK, &rk));
  PetscCall(PetscObjectTypeCompare((PetscObject)a->ts, AE_TS_RK4, &ours));
  PetscCheck(ours || (rk && a->which == SPECTRUM_MAGNITUDE), PETSC_COMM_WORLD, AE_ERR_USAGE,
             "-ts_type: aeonic spectrum knows rk4, and for -spectrum_which magnitude rk");
  PetscFunctionReturn(0);
}

/* A state from a file has its own grid; others are looked at on a small one unless the user wants more: eigenvalues of waves
   scale with 1/h, and the basis holds some twenty states. */
static PetscErrorCode DefaultGrid(void)
{
  PetscBool given;
  char      initial[64] = "";

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-grid_n", &given));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-gr_initial", initial, sizeof initial, NULL));
  if (!given && strcmp(initial, "file")) PetscCall(PetscOptionsSetValue(NULL, "-grid_n", "16,16,16"));
  PetscFunctionReturn(0);
}

/* The time of the flow is that in which light crosses ten cells, unless -spectrum_time says otherwise. */
static PetscErrorCode Create(Spectrum *a)
{
  Data           *D;
  const AeLayout *L;
  AeGrid          g;

  PetscFunctionBegin;
  PetscCall(PetscNew(&D));
  a->data = D;
  PetscCall(DefaultGrid());
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &D->gr));
  PetscCall(AeGRGet(D->gr, &D->grid, &D->fields, &D->initial, NULL, NULL));
  PetscCall(AeFieldsGetInfo(D->fields, NULL, &L, NULL));
  g       = D->grid;
  a->name = D->initial->datum->name;
  a->size = (PetscInt)(L->nf * L->nk * L->nj * L->nx);
  a->h    = g->h;
  a->time = 10 * g->h;
  PetscCall(PetscSNPrintf(a->what, sizeof a->what, "%s, %s on %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells",
                          a->name, AeGRFormulation(D->gr), g->n[0], g->n[1], g->n[2]));
  PetscCall(CreateStepper(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode State(Spectrum *a)
{
  Data     *D = a->data;
  PetscBool given;

  PetscFunctionBegin;
  PetscCall(AeFieldsCreateVec(D->fields, &a->U));
  PetscCall(VecDuplicate(a->U, &a->Y));
  if (a->which == SPECTRUM_MAGNITUDE) PetscCall(VecDuplicate(a->U, &a->F));
  PetscCall(AeGRSetState(D->gr, a->U, 0.0));
  PetscCall(AeGRStableDt(D->gr, a->U, &a->dt_stable));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(a->ts, &a->dt));
  if (!given) a->dt = PetscMin(AeGRCfl(D->gr) * D->grid->h, a->dt_stable);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Spectrum *a)
{
  Data *D = a->data;

  PetscFunctionBegin;
  PetscCall(AeGRDestroy(&D->gr));
  PetscCall(PetscFree(D));
  PetscFunctionReturn(0);
}

const SpectrumSubject SpectrumGR = {"gr",    {"linearised right-hand side", "linearised flow"},
                                    Create,  State,
                                    Start,   SpectrumDifferences,
                                    Perturb, Advance,
                                    Take,    Destroy,
                                    NULL};
