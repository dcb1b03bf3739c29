/*
  AeInitial: the chosen datum with its parameters.
*/
#include "initial_private.h"

const AeDatum *AeInitialFind(const char name[])
{
  for (PetscInt i = 0; i < AeNumData; i++)
    if (!strcmp(AeData[i].name, name)) return &AeData[i];
  return NULL;
}

static void SetDatum(AeInitial I, const AeDatum *datum)
{
  I->datum         = datum;
  I->axis          = datum->axis;
  I->length        = datum->length;
  I->lapse_initial = (PetscInt)datum->lapse_initial;
  I->amplitude     = datum == AeInitialFind("linear_wave") ? 1e-8 : 0.01;
  I->wavelength    = 1.0;
  I->direction[0]  = 1.0;
  I->mass          = 1.0;
  I->noise         = datum->noise;
  for (int a = 0; a < 3; a++) I->n[a] = datum->n[a];
}

/* For the help text: the options of the data that were not chosen. */
static PetscErrorCode DeclareOthers(AeInitial chosen)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < AeNumData; i++) {
    AeInitial I;

    if (&AeData[i] == chosen->datum || !AeData[i].setfromoptions) continue;
    PetscCall(PetscNew(&I));
    I->comm = chosen->comm;
    SetDatum(I, &AeData[i]);
    PetscCall((*I->datum->setfromoptions)(I));
    PetscCall(AeInitialDestroy(&I));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeInitialCreate(MPI_Comm comm, AeInitial *initial)
{
  const char *names[64], *lapses[] = {"datum", "one", "psi-2"};
  PetscInt    choice = 3;
  PetscBool   found;
  AeInitial   I;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < AeNumData; i++) names[i] = AeData[i].name;
  PetscCall(PetscNew(&I));
  I->comm = comm;
  PetscOptionsBegin(comm, NULL, "Initial data", "AeInitial");
  PetscCall(AeOptChoice("-gr_initial", "initial data", "", names, AeNumData, &choice, &found));
  SetDatum(I, &AeData[choice]);
  PetscCall(AeOptReal("-gr_perturb", "adds noise of this amplitude to every variable", "1", "", 0, 1, &I->perturb, NULL));
  PetscCall(AeOptInt("-gr_seed", "seed of the noise", "", "", 0, PETSC_MAX_INT, &I->seed, NULL));
  PetscCall(AeOptChoice("-gr_lapse_initial",
                        "lapse to begin with: the datum's own, 1, or psi^-2 = det(gamma)^(-1/6), which is collapsed at punctures",
                        "arXiv:gr-qc/0511103", lapses, 3, &I->lapse_initial, NULL));
  PetscOptionsEnd();
  if (I->datum->setfromoptions) PetscCall((*I->datum->setfromoptions)(I));
  if (AeHelpAsked()) PetscCall(DeclareOthers(I));
  if (I->datum->cite) PetscCall(AeCite(I->datum->cite));
  *initial = I;
  PetscFunctionReturn(0);
}

PetscErrorCode AeInitialDestroy(AeInitial *I)
{
  PetscFunctionBegin;
  if (!*I) PetscFunctionReturn(0);
  if ((*I)->solution) PetscCall(AeSolutionDestroy(&(*I)->solution));
  PetscCall(PetscFree((*I)->data));
  PetscCall(PetscFree(*I));
  PetscFunctionReturn(0);
}

PetscErrorCode AeInitialSetGridDefaults(AeInitial I, AeGrid g)
{
  PetscFunctionBegin;
  PetscCall(AeGridSetSizes(g, I->n));
  PetscCall(AeGridSetLength(g, I->axis, I->length));
  PetscCall(AeGridSetBoundary(g, I->datum->bc));
  PetscFunctionReturn(0);
}

PetscBool AeInitialExact(AeInitial I) { return (PetscBool)(I->datum->exact && I->lapse_initial == AE_LAPSE_DATUM); }

/* Along a periodic axis of length L the wave must repeat: L n/d is a whole number. */
static PetscErrorCode CheckPeriodic(AeInitial I, AeGrid g)
{
  PetscFunctionBegin;
  for (int a = 0; a < 3; a++) {
    const PetscReal waves = (g->hi[a] - g->lo[a]) * I->direction[a] / I->wavelength;

    PetscCheck(g->bc[a][0] != AE_BC_PERIODIC || PetscAbsReal(waves - PetscFloorReal(waves + 0.5)) < 1e-9, g->comm, AE_ERR_USAGE,
               "-gw_direction: the periodic box holds %g waves along %c, not a whole number; change -grid_n, -gw_wavelength or "
               "-grid_boundary",
               (double)waves, 'x' + a);
  }
  PetscFunctionReturn(0);
}

/* Signs of the conformal variables, lapse, shift and matter under a reflection of axis a. */
static int Parity(int f, int a)
{
  if ((f >= 1 && f < 7) || (f >= 8 && f < 14)) {
    const int ab = f < 7 ? f - 1 : f - 8;
    return (AeSymA[ab] == a) == (AeSymB[ab] == a) ? 1 : -1;
  }
  if ((f >= 14 && f < 17) || (f >= 18 && f < 21)) return f - (f < 17 ? 14 : 18) == a ? -1 : 1;
  return 1;
}

/* The datum at points of the box and their mirror images, at the start and later: each field must have its parity. */
static PetscErrorCode CheckSymmetry(AeInitial I, AeGrid g)
{
  PetscFunctionBegin;
  for (int a = 0; a < 3; a++) {
    if (g->bc[a][0] != AE_BC_REFLECTING || g->lo[a] != 0) continue;
    for (int s = 0; s < 64; s++) {
      const PetscReal t = s % 2 && I->datum->exact ? 0.37 * I->datum->t_end : 0.0;
      PetscReal       x[3], y[3];
      double          v[AE_INITIAL_NV], w[AE_INITIAL_NV];

      for (int b = 0; b < 3; b++) y[b] = x[b] = g->lo[b] + (0.5 + 0.5 * AeInitialNoise(1, b, s, 0, 0)) * (g->hi[b] - g->lo[b]);
      y[a] = -x[a];
      AeInitialConformal(I, t, x, v);
      AeInitialConformal(I, t, y, w);
      for (int f = 0; f < AE_INITIAL_NV; f++)
        PetscCheck(!(PetscAbsReal(w[f] - Parity(f, a) * v[f]) > 1e-9 * (1.0 + PetscAbsReal(v[f]))), g->comm, AE_ERR_USAGE,
                   "-grid_symmetry: -gr_initial %s is not symmetric under %c -> -%c with these parameters; choose another "
                   "symmetry or none",
                   I->datum->name, 'x' + a, 'x' + a);
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeInitialCheckGrid(AeInitial I, AeGrid g)
{
  PetscFunctionBegin;
  I->r_min = 1e-3 * g->h;
  if (I->datum->wave) PetscCall(CheckPeriodic(I, g));
  if (I->datum->metric) PetscCall(CheckSymmetry(I, g));
  if (I->datum->setup) PetscCall((*I->datum->setup)(I, g));
  PetscFunctionReturn(0);
}

static void MetricAt(AeInitial I, PetscReal t, const PetscReal x[3], AeMetric *m)
{
  const AeDual X[4] = {DVariable(t, 0), DVariable(x[0], 1), DVariable(x[1], 2), DVariable(x[2], 3)};

  m->phi   = DConst(0.0);
  m->has_K = PETSC_FALSE;
  for (int ab = 0; ab < 6; ab++) m->K[ab] = 0.0;
  (*I->datum->metric)(I, X, m);
}

void AeInitialAdm(AeInitial I, PetscReal t, const PetscReal x[3], AeAdm *adm)
{
  AeMetric m;

  MetricAt(I, t, x, &m);
  AeMetricAdm(&m, adm);
}

void AeInitialConformal(AeInitial I, PetscReal t, const PetscReal x[3], double v[AE_INITIAL_NV])
{
  AeMetric m;

  MetricAt(I, t, x, &m);
  AeMetricConformal(&m, v);
}
