/*
  Spectra of incompressible flows: of d_t u = N(u) + nu Lap u linearised about a state, on the modes kept. N is quadratic, so that
  central differences of any size are its exact linearisation. The start is real and without divergence, and so is what J makes
  of it.

  aeonic ns steps the viscous term exactly: with -spectrum_viscous false the eigenvalues are those of N alone, which limit dt.
*/
#include "spectrum_app.h"
#include <aeonic/levels.h>
#include <aeonic/ns.h>

typedef struct {
  AeNS      ns;
  PetscBool viscous;
} Data;

static PetscErrorCode Perturb(Spectrum *a, PetscReal e, Vec v)
{
  PetscFunctionBegin;
  PetscCall(VecWAXPY(a->Y, e, v, a->U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Take(Spectrum *a, Vec X, PetscReal c, PetscBool add, Vec w)
{
  PetscFunctionBegin;
  (void)a;
  PetscCall(VecAXPBY(w, c, add ? 1.0 : 0.0, X));
  PetscFunctionReturn(0);
}

static PetscErrorCode PreStep(TS ts)
{
  AeNS      ns;
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &ns));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(AeNSBeginStep(ns, t));
  PetscFunctionReturn(0);
}

static PetscErrorCode PostEvaluate(TS ts)
{
  AeNS      ns;
  PetscReal t;
  Vec       U;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &ns));
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetSolution(ts, &U));
  PetscCall(AeNSEndStep(ns, t, U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Advance(Spectrum *a, Vec *result)
{
  Data *D = a->data;

  PetscFunctionBegin;
  *result = a->which == SPECTRUM_MAGNITUDE ? a->F : a->Y;
  if (a->which == SPECTRUM_MAGNITUDE) {
    PetscCall(AeNSBeginStep(D->ns, 0.0));
    PetscCall(AeNSRHSFunction(NULL, 0.0, a->Y, a->F, D->ns));
    if (D->viscous) PetscCall(AeNSAddViscous(D->ns, a->Y, a->F));
  } else PetscCall(SpectrumEvolve(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode Start(Spectrum *a, Vec v)
{
  PetscFunctionBegin;
  PetscCall(AeNSRandomModes(((Data *)a->data)->ns, v));
  PetscFunctionReturn(0);
}

/* A small box unless one is given or a file decides. Differences of size one are exact here: the equations are quadratic. */
static PetscErrorCode Create(Spectrum *a)
{
  Data     *D;
  AeBand    b;
  Vec       v;
  PetscBool given;
  char      initial[64] = "";

  PetscFunctionBegin;
  PetscCall(PetscNew(&D));
  a->data    = D;
  D->viscous = PETSC_TRUE;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-grid_n", &given));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-ns_initial", initial, sizeof initial, NULL));
  if (!given && strcmp(initial, "file")) PetscCall(PetscOptionsSetValue(NULL, "-grid_n", "16,16,16"));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Spectrum of a flow", "aeonic spectrum");
  PetscCall(AeOptBool("-spectrum_viscous",
                      "with the viscous term; without it the eigenvalues of magnitude are those that limit the steps of aeonic "
                      "ns, which takes that term exactly",
                      "", &D->viscous, NULL));
  PetscOptionsEnd();
  PetscCall(AeNSRegister());
  PetscCall(AeNSCreate(PETSC_COMM_WORLD, &D->ns));
  PetscCall(AeNSGet(D->ns, &a->name, NULL, NULL, &b, NULL));
  PetscCall(AeNSCreateVec(D->ns, &v));
  PetscCall(VecGetLocalSize(v, &a->size));
  PetscCall(VecDestroy(&v));
  a->time = 1.0;
  if (a->which == SPECTRUM_MAGNITUDE) a->difference = 1.0;
  PetscCall(PetscSNPrintf(a->what, sizeof a->what,
                          "%s, Navier-Stokes%s with waves up to %" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT, a->name,
                          D->viscous || a->which == SPECTRUM_RIGHTMOST ? "" : " without viscosity", b->K[0], b->K[1], b->K[2]));
  PetscCall(SpectrumCreateTS(a));
  PetscCall(TSSetType(a->ts, TSRK));
  PetscCall(TSRKSetType(a->ts, TSRK4));
  PetscCall(TSSetApplicationContext(a->ts, D->ns));
  PetscCall(TSSetPreStep(a->ts, PreStep));
  PetscCall(TSSetPostEvaluate(a->ts, PostEvaluate));
  PetscCall(TSSetFromOptions(a->ts));
  PetscCall(AeNSSetUpTS(D->ns, a->ts));
  PetscFunctionReturn(0);
}

/* dt is half the stable one, and at most a 16th of the time, unless it is given. */
static PetscErrorCode State(Spectrum *a)
{
  Data     *D = a->data;
  PetscReal t, rate;
  PetscBool given;

  PetscFunctionBegin;
  PetscCall(AeNSCreateVec(D->ns, &a->U));
  PetscCall(VecDuplicate(a->U, &a->Y));
  PetscCall(VecDuplicate(a->U, &a->F));
  PetscCall(AeNSSetInitial(D->ns, a->U, &t));
  PetscCall(AeNSBeginStep(D->ns, 0.0));
  PetscCall(AeNSRHSFunction(NULL, 0.0, a->U, a->F, D->ns));
  PetscCall(AeNSRate(D->ns, &rate));
  if (rate > 0) PetscCall(AeNSAdvectiveLimit(D->ns, &a->dt_stable));
  PetscCall(PetscOptionsHasName(NULL, NULL, "-ts_dt", &given));
  PetscCall(TSGetTimeStep(a->ts, &a->dt));
  if (!given) a->dt = PetscMin(a->time / 16.0, rate > 0 ? 0.5 * a->dt_stable : PETSC_MAX_REAL);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Spectrum *a)
{
  Data *D = a->data;

  PetscFunctionBegin;
  PetscCall(AeNSDestroy(&D->ns));
  PetscCall(PetscFree(D));
  PetscFunctionReturn(0);
}

const SpectrumSubject SpectrumNS = {"ns",    {"linearised right-hand side", "linearised flow"},
                                    Create,  State,
                                    Start,   SpectrumDifferences,
                                    Perturb, Advance,
                                    Take,    Destroy,
                                    NULL};
