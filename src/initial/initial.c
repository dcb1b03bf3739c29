/*
  AeInitial: the chosen datum with its parameters, and the step from a metric to ADM and conformal variables.
*/
#include "initial_private.h"

static const int S[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}}; /* sym6 */

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
  if (I->datum->cite) PetscCall(PetscCitationsRegister(I->datum->cite, NULL));
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
  static const int pair[6][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}};

  if ((f >= 1 && f < 7) || (f >= 8 && f < 14)) {
    const int *p = pair[f < 7 ? f - 1 : f - 8];
    return (p[0] == a) == (p[1] == a) ? 1 : -1;
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

/* K_ab = -(1/2 alpha)(d_t gamma_ab - beta^c d_c gamma_ab - gamma_cb d_a beta^c - gamma_ac d_b beta^c) */
static void Extrinsic(const AeMetric *m, double K[6])
{
  if (m->has_K) {
    for (int ab = 0; ab < 6; ab++) K[ab] = m->K[ab];
    return;
  }
  for (int a = 0, ab = 0; a < 3; a++)
    for (int b = a; b < 3; b++, ab++) {
      double x = m->g[ab].d[0];

      for (int c = 0; c < 3; c++)
        x -= m->beta[c].v * m->g[ab].d[1 + c] + m->g[S[c][b]].v * m->beta[c].d[1 + a] + m->g[S[a][c]].v * m->beta[c].d[1 + b];
      K[ab] = -0.5 * x / m->alpha.v;
    }
}

/* Pi = (d_t phi - beta^c d_c phi)/alpha */
static double Momentum(const AeMetric *m)
{
  double x = m->phi.d[0];

  for (int c = 0; c < 3; c++) x -= m->beta[c].v * m->phi.d[1 + c];
  return x / m->alpha.v;
}

void AeMetricAdm(const AeMetric *m, AeAdm *adm)
{
  adm->alpha = m->alpha.v;
  for (int a = 0; a < 3; a++) adm->beta[a] = m->beta[a].v;
  for (int ab = 0; ab < 6; ab++) adm->g[ab] = m->g[ab].v;
  Extrinsic(m, adm->K);
  adm->phi = m->phi.v;
  adm->Pi  = Momentum(m);
}

void AeInitialAdm(AeInitial I, PetscReal t, const PetscReal x[3], AeAdm *adm)
{
  AeMetric m;

  MetricAt(I, t, x, &m);
  AeMetricAdm(&m, adm);
}

/* Cofactors of a symmetric matrix and its determinant, on dual numbers. */
static AeDual Cofactors(const AeDual g[6], AeDual c[6])
{
#define MINOR(p, q, r, s) DSub(DMul(g[p], g[q]), DMul(g[r], g[s]))
  c[0] = MINOR(3, 5, 4, 4);
  c[1] = MINOR(2, 4, 1, 5);
  c[2] = MINOR(1, 4, 2, 3);
  c[3] = MINOR(0, 5, 2, 2);
  c[4] = MINOR(1, 2, 0, 4);
  c[5] = MINOR(0, 3, 1, 1);
#undef MINOR
  return DAdd(DMul(g[0], c[0]), DAdd(DMul(g[1], c[1]), DMul(g[2], c[2])));
}

void AeMetricConformal(const AeMetric *m, double v[AE_INITIAL_NV])
{
  AeDual c[6], chi, gt[6];
  double K[6], trK = 0;

  Extrinsic(m, K);
  chi = DPow(Cofactors(m->g, c), -1.0 / 3.0);
  for (int ab = 0; ab < 6; ab++) gt[ab] = DMul(chi, m->g[ab]);
  (void)Cofactors(gt, c); /* gt^ab, its determinant being one */
  v[0] = chi.v;
  for (int ab = 0; ab < 6; ab++) v[1 + ab] = gt[ab].v;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) trK += chi.v * c[S[a][b]].v * K[S[a][b]];
  v[7] = trK;
  for (int ab = 0; ab < 6; ab++) v[8 + ab] = chi.v * K[ab] - gt[ab].v * trK / 3.0;
  for (int a = 0; a < 3; a++) v[14 + a] = -(c[S[a][0]].d[1] + c[S[a][1]].d[2] + c[S[a][2]].d[3]);
  v[17] = m->alpha.v;
  for (int a = 0; a < 3; a++) v[18 + a] = m->beta[a].v;
  v[AE_INITIAL_PHI] = m->phi.v;
  v[AE_INITIAL_PI]  = Momentum(m);
}

void AeInitialConformal(AeInitial I, PetscReal t, const PetscReal x[3], double v[AE_INITIAL_NV])
{
  AeMetric m;

  MetricAt(I, t, x, &m);
  AeMetricConformal(&m, v);
}

/* splitmix64 (Steele, Lea & Flood, OOPSLA 2014) of the cell's name */
double AeInitialNoise(PetscInt seed, PetscInt field, PetscInt i, PetscInt j, PetscInt k)
{
  uint64_t z = (uint64_t)(uint32_t)seed << 32 | (uint32_t)field;

  for (int m = 0; m < 3; m++) {
    z += 0x9e3779b97f4a7c15u + (uint64_t)(uint32_t)(m == 0 ? i : m == 1 ? j : k);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
  }
  return (double)(z >> 11) * 0x1p-52 - 1.0;
}

static double Inverse(const double g[6], double gu[6])
{
  const double c[6] = {g[3] * g[5] - g[4] * g[4], g[2] * g[4] - g[1] * g[5], g[1] * g[4] - g[2] * g[3],
                       g[0] * g[5] - g[2] * g[2], g[1] * g[2] - g[0] * g[4], g[0] * g[3] - g[1] * g[1]};
  const double det  = g[0] * c[0] + g[1] * c[1] + g[2] * c[2];

  for (int ab = 0; ab < 6; ab++) gu[ab] = c[ab] / det;
  return det;
}

/* chi = det(gamma)^(-1/3), gt = chi gamma, At = chi (K_ab - gamma_ab K/3) */
void AeAdmToConformal(const double g[6], const double K[6], double *chi, double gt[6], double *trK, double At[6])
{
  double gu[6];

  *chi = 1.0 / cbrt(Inverse(g, gu));
  *trK = gu[0] * K[0] + gu[3] * K[3] + gu[5] * K[5] + 2.0 * (gu[1] * K[1] + gu[2] * K[2] + gu[4] * K[4]);
  for (int ab = 0; ab < 6; ab++) {
    gt[ab] = *chi * g[ab];
    At[ab] = *chi * (K[ab] - g[ab] * *trK / 3.0);
  }
}

void AeConformalToAdm(double chi, const double gt[6], double trK, const double At[6], double g[6], double K[6])
{
  for (int ab = 0; ab < 6; ab++) {
    g[ab] = gt[ab] / chi;
    K[ab] = (At[ab] + gt[ab] * trK / 3.0) / chi;
  }
}
