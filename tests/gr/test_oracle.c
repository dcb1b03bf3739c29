/*
  The equations against 25-digit values from scripts/oracle.py, fed with exact derivatives.  ranks: 1

  Bounds: an output is a sum of up to a few hundred terms of the size of the largest, each with a few roundings;
  1e-13 of the scale 1 + |value| leaves a factor of ten over 500 x 2e-16.
*/
#define AE_LANES 2
#include "tap.h"
#include "../../src/gr/z4_point.h"

#include "oracle.h"

static void LoadPoint(int c, int z4c, Z4Point *p, RealV dAt[3][6], double beta_d[3])
{
  memset(p, 0, sizeof *p);
  p->chi   = Splat(Get(c, "chi"));
  p->Khat  = Splat(Get(c, "Khat"));
  p->Theta = Splat(z4c ? Get(c, "Theta") : 0);
  p->alpha = Splat(Get(c, "lapse"));
  for (int a = 0; a < 3; a++) {
    p->dchi[a]   = Splat(Get(c, "chi.%c", xyz[a]));
    p->dKhat[a]  = Splat(Get(c, "Khat.%c", xyz[a]));
    p->dTheta[a] = Splat(z4c ? Get(c, "Theta.%c", xyz[a]) : 0);
    p->dalpha[a] = Splat(Get(c, "lapse.%c", xyz[a]));
    p->Gam[a]    = Splat(Get(c, "Gamt_%c", xyz[a]));
    p->beta[a]   = Splat(Get(c, "shift_%c", xyz[a]));
    p->B[a]      = Splat(Get(c, "B_%c", xyz[a]));
    beta_d[a]    = p->beta[a][0];
    for (int b = 0; b < 3; b++) {
      p->dGam[a][b]  = Splat(Get(c, "Gamt_%c.%c", xyz[b], xyz[a]));
      p->dbeta[a][b] = Splat(Get(c, "shift_%c.%c", xyz[b], xyz[a]));
    }
    for (int s = 0; s < 6; s++) {
      p->dgt[a][s]    = Splat(Get(c, "gt_%s.%c", sym[s], xyz[a]));
      dAt[a][s]       = Splat(Get(c, "At_%s.%c", sym[s], xyz[a]));
      p->ddbeta[s][a] = Splat(Get(c, "shift_%c.%s", xyz[a], sym[s]));
    }
  }
  for (int s = 0; s < 6; s++) {
    p->gt[s]      = Splat(Get(c, "gt_%s", sym[s]));
    p->At[s]      = Splat(Get(c, "At_%s", sym[s]));
    p->ddchi[s]   = Splat(Get(c, "chi.%s", sym[s]));
    p->ddalpha[s] = Splat(Get(c, "lapse.%s", sym[s]));
    for (int t = 0; t < 6; t++) p->ddgt[t][s] = Splat(Get(c, "gt_%s.%s", sym[s], sym[t]));
  }
}

/* beta^a d_a of a field, exact */
static double Advected(int c, const double beta[3], const char *name)
{
  double x = 0;
  for (int a = 0; a < 3; a++) x += beta[a] * Get(c, "%s.%c", name, xyz[a]);
  return x;
}

static double worst; /* over a group */

static void Check(int c, double got, const char *form, const char *name)
{
  const double want = Get(c, "%s.%s", form, name), e = fabs(got - want) / (1 + fabs(want));

  if (!(e <= worst)) worst = e;
}

static void Group(const char *form, int c, const char *what)
{
  char text[128];

  snprintf(text, sizeof text, "%s, case %d: %s", form, c, what);
  TapBelow(worst, 1e-13, text);
  worst = 0;
}

static void Case(int c, int z4c)
{
  const char *form = z4c ? "z4c" : "bssn";
  Z4Point     p;
  Z4Geometry  g;
  Z4Rhs       r = {.Theta = {0}};
  RealV       R[6], dAt[3][6], H, M[3], M2, inv_chi;
  double      beta[3], gamma[6], expect = 0;
  char        name[48];
  Z4Params    q   = {.kappa1 = z4c ? Get(c, "kappa1") : 0, .kappa2 = Get(c, "kappa2"), .lapse_alpha = 1, .shift_gam = Get(c, "mu"), .shift_eta = 1};
  const RealV eta = Splat(Get(c, "eta"));

  LoadPoint(c, z4c, &p, dAt, beta);
  inv_chi = 1.0 / p.chi;
  Z4GeometrySetUp(&p, z4c, &g);
  Z4Ricci(&p, &g, inv_chi, R);
  for (int s = 0; s < 6; s++) {
    snprintf(name, sizeof name, "R_%s", sym[s]);
    Check(c, R[s][0], form, name);
  }
  Group(form, c, "Ricci tensor");

  Z4Constraints(&p, &g, R, inv_chi, dAt, z4c, &H, M, &M2);
  Check(c, H[0], form, "H");
  for (int a = 0; a < 3; a++) {
    snprintf(name, sizeof name, "M_%c", xyz[a]);
    Check(c, M[a][0], form, name);
  }
  Group(form, c, "constraints");
  /* |M|^2 = gamma^ij M_i M_j with the oracle's own metric */
  for (int s = 0; s < 6; s++) {
    snprintf(name, sizeof name, "%s.g_%s", form, sym[s]);
    gamma[s] = Get(c, "%s", name);
  }
  {
    const double *G = gamma, det = G[0] * (G[3] * G[5] - G[4] * G[4]) - G[1] * (G[1] * G[5] - G[2] * G[4]) + G[2] * (G[1] * G[4] - G[2] * G[3]);
    const double  u[6] = {(G[3] * G[5] - G[4] * G[4]) / det, (G[2] * G[4] - G[1] * G[5]) / det, (G[1] * G[4] - G[2] * G[3]) / det, (G[0] * G[5] - G[2] * G[2]) / det, (G[1] * G[2] - G[0] * G[4]) / det, (G[0] * G[3] - G[1] * G[1]) / det};
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) expect += u[SYM(a, b)] * M[a][0] * M[b][0];
  }
  TapNear(M2[0], expect, 1e-13 * (1 + expect), "norm of the momentum constraint");

  Z4Evolve(&p, &g, R, inv_chi, eta, &q, z4c, &r);
  Check(c, r.chi[0] * p.chi[0] + Advected(c, beta, "chi"), form, "rhs.chi");
  Check(c, 0.5 * r.chi[0] * sqrt(p.chi[0]) + Advected(c, beta, "chi") / (2 * sqrt(p.chi[0])), form, "rhs.W");
  Group(form, c, "chi and W");
  for (int s = 0; s < 6; s++) {
    char field[16];
    snprintf(field, sizeof field, "gt_%s", sym[s]);
    snprintf(name, sizeof name, "rhs.%s", field);
    Check(c, r.gt[s][0] + Advected(c, beta, field), form, name);
  }
  Group(form, c, "conformal metric");
  Check(c, r.Khat[0] + Advected(c, beta, "Khat"), form, "rhs.Khat");
  Group(form, c, "K");
  for (int s = 0; s < 6; s++) {
    char field[16];
    snprintf(field, sizeof field, "At_%s", sym[s]);
    snprintf(name, sizeof name, "rhs.%s", field);
    Check(c, r.At[s][0] + Advected(c, beta, field), form, name);
  }
  Group(form, c, "trace-free extrinsic curvature");
  for (int a = 0; a < 3; a++) {
    char field[16];
    snprintf(field, sizeof field, "Gamt_%c", xyz[a]);
    snprintf(name, sizeof name, "rhs.%s", field);
    Check(c, r.Gam[a][0] + Advected(c, beta, field), form, name);
  }
  Group(form, c, "conformal connection");
  if (z4c) {
    Check(c, r.Theta[0] + Advected(c, beta, "Theta"), form, "rhs.Theta");
    Group(form, c, "Theta");
  }

  /* gauge: the parameters given above are harmonic lapse and first-order Gamma driver */
  Check(c, r.alpha[0], form, "rhs.lapse.harmonic.noadv");
  Check(c, r.alpha[0] + Advected(c, beta, "lapse"), form, "rhs.lapse.harmonic");
  for (int a = 0; a < 3; a++) {
    snprintf(name, sizeof name, "rhs.shift.gamma_driver_%c.noadv", xyz[a]);
    Check(c, r.beta[a][0], form, name);
  }
  q = (Z4Params){.kappa1 = q.kappa1, .kappa2 = q.kappa2, .lapse_const = 2, .shift_harmonic = 1};
  Z4Evolve(&p, &g, R, inv_chi, eta, &q, z4c, &r);
  Check(c, r.alpha[0], form, "rhs.lapse.1+log.noadv");
  for (int a = 0; a < 3; a++) {
    char field[16];
    snprintf(field, sizeof field, "shift_%c", xyz[a]);
    snprintf(name, sizeof name, "rhs.shift.harmonic_%c", xyz[a]);
    Check(c, r.beta[a][0] + Advected(c, beta, field), form, name);
  }
  q = (Z4Params){.shift_b = Get(c, "mu"), .has_b = 1};
  Z4Evolve(&p, &g, R, inv_chi, eta, &q, z4c, &r);
  for (int a = 0; a < 3; a++) {
    snprintf(name, sizeof name, "rhs.shift.gamma_driver_b_%c.noadv", xyz[a]);
    Check(c, r.beta[a][0], form, name);
  }
  Group(form, c, "lapse and shift conditions");
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  OracleRead();
  for (int c = 0; c < ORACLE_POINTS; c++)
    for (int z4c = 0; z4c < 2; z4c++) Case(c, z4c);
  TapTrue(oracle_missing == 0 && oracle_entries > 1000, "every value asked for was there");
  /* the check can fail */
  worst = 0;
  Check(0, Get(0, "bssn.H") * (1 + 1e-11) + 1e-11, "bssn", "H");
  TapAbove(worst, 1e-12, "a value wrong in the eleventh digit is noticed");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
