/*
  The equations against 25-digit values from scripts/oracle.py, fed with exact derivatives.  ranks: 1

  Bounds: an output is a sum of up to a few hundred terms of the size of the largest, each with a few roundings;
  1e-13 of the scale 1 + |value| leaves a factor of ten over 500 x 2e-16.
*/
#define AE_LANES 2
#include "tap.h"
#include "../../src/gr/z4_point.h"

#include "oracle.h"

/* Metric and extrinsic curvature: gt, At of the conformal formulations, gamma, K of adm. */
static void LoadMetric(int c, Z4Form form, Z4Point *p, RealV dAt[3][6])
{
  const char *g = form == Z4_FORM_adm ? "adm.g" : "gt", *K = form == Z4_FORM_adm ? "adm.K" : "At";

  for (int s = 0; s < 6; s++) {
    p->gt[s] = Splat(Get(c, "%s_%s", g, sym[s]));
    p->At[s] = Splat(Get(c, "%s_%s", K, sym[s]));
    for (int a = 0; a < 3; a++) {
      p->dgt[a][s] = Splat(Get(c, "%s_%s.%c", g, sym[s], xyz[a]));
      dAt[a][s]    = Splat(Get(c, "%s_%s.%c", K, sym[s], xyz[a]));
    }
    for (int t = 0; t < 6; t++) p->ddgt[t][s] = Splat(Get(c, "%s_%s.%s", g, sym[s], sym[t]));
  }
}

static void LoadPoint(int c, Z4Form form, Z4Point *p, RealV dAt[3][6], double beta_d[3])
{
  const int theta = Z4HasTheta(form);

  memset(p, 0, sizeof *p);
  LoadMetric(c, form, p, dAt);
  p->chi   = Splat(form == Z4_FORM_adm ? 1 : Get(c, "chi"));
  p->Khat  = Splat(Get(c, "Khat"));
  p->Theta = Splat(theta ? Get(c, "Theta") : 0);
  p->alpha = Splat(Get(c, "lapse"));
  for (int a = 0; a < 3; a++) {
    if (form != Z4_FORM_adm) p->dchi[a] = Splat(Get(c, "chi.%c", xyz[a]));
    p->dKhat[a]  = Splat(Get(c, "Khat.%c", xyz[a]));
    p->dTheta[a] = Splat(theta ? Get(c, "Theta.%c", xyz[a]) : 0);
    p->dalpha[a] = Splat(Get(c, "lapse.%c", xyz[a]));
    p->Gam[a]    = Splat(Get(c, "Gamt_%c", xyz[a]));
    p->beta[a]   = Splat(Get(c, "shift_%c", xyz[a]));
    p->B[a]      = Splat(Get(c, "B_%c", xyz[a]));
    beta_d[a]    = p->beta[a][0];
    for (int b = 0; b < 3; b++) {
      p->dGam[a][b]  = Splat(Get(c, "Gamt_%c.%c", xyz[b], xyz[a]));
      p->dbeta[a][b] = Splat(Get(c, "shift_%c.%c", xyz[b], xyz[a]));
    }
    for (int s = 0; s < 6; s++) p->ddbeta[s][a] = Splat(Get(c, "shift_%c.%s", xyz[a], sym[s]));
  }
  for (int s = 0; s < 6; s++) {
    if (form != Z4_FORM_adm) p->ddchi[s] = Splat(Get(c, "chi.%s", sym[s]));
    p->ddalpha[s] = Splat(Get(c, "lapse.%s", sym[s]));
  }
}

static void LoadSource(int c, Z4Source *m)
{
  m->rho = Splat(Get(c, "matter.rho"));
  for (int a = 0; a < 3; a++) m->S[a] = Splat(Get(c, "matter.S_%c", xyz[a]));
  for (int s = 0; s < 6; s++) m->SS[s] = Splat(Get(c, "matter.S_%s", sym[s]));
}

/* beta^a d_a of a field, exact */
static double Advected(int c, const double beta[3], const char *name)
{
  double x = 0;
  for (int a = 0; a < 3; a++) x += beta[a] * Get(c, "%s.%c", name, xyz[a]);
  return x;
}

static double worst; /* over a group */

/* The point at hand. */
static int         at, matter;
static Z4Form      form;
static double      beta[3];
static const char *name_of;

static void Check(double got, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void Check(double got, const char *format, ...)
{
  char    name[48];
  va_list args;
  double  want, e;

  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  want = GetOutput(at, oracle_forms[form], matter, name);
  e    = fabs(got - want) / (1 + fabs(want));
  if (!(e <= worst)) worst = e;
}

/* A right-hand side without its advection term: beta^a d_a of `input` is added. */
static void CheckRhs(double got, const char *input, const char *output)
{
  Check(got + Advected(at, beta, input), "rhs.%s", output);
}

static void Group(const char *what)
{
  char text[128];

  snprintf(text, sizeof text, "%s, case %d: %s", name_of, at, what);
  TapBelow(worst, 1e-13, text);
  worst = 0;
}

static void CheckConstraints(const Z4Point *p, const Z4Geometry *g, const RealV R[6], const RealV dAt[3][6], const Z4Source *m)
{
  RealV  H, M[3], M2;
  double G[6], expect = 0;

  Z4Constraints(p, g, R, 1.0 / p->chi, dAt, m, form, &H, M, &M2);
  Check(H[0], "H");
  for (int a = 0; a < 3; a++) Check(M[a][0], "M_%c", xyz[a]);
  Group("constraints");
  /* |M|^2 = gamma^ij M_i M_j with the oracle's own metric */
  for (int s = 0; s < 6; s++) G[s] = Get(at, "adm.g_%s", sym[s]);
  {
    const double det =
      G[0] * (G[3] * G[5] - G[4] * G[4]) - G[1] * (G[1] * G[5] - G[2] * G[4]) + G[2] * (G[1] * G[4] - G[2] * G[3]);
    const double u[6] = {(G[3] * G[5] - G[4] * G[4]) / det, (G[2] * G[4] - G[1] * G[5]) / det, (G[1] * G[4] - G[2] * G[3]) / det,
                         (G[0] * G[5] - G[2] * G[2]) / det, (G[1] * G[2] - G[0] * G[4]) / det, (G[0] * G[3] - G[1] * G[1]) / det};
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) expect += u[AE_SYM(a, b)] * M[a][0] * M[b][0];
  }
  TapNear(M2[0], expect, 1e-13 * (1 + expect), "norm of the momentum constraint");
}

/* Metric and extrinsic curvature. */
static void CheckMetric(const Z4Rhs *r)
{
  char input[32], output[16];

  for (int q = 0; q < 2; q++) {
    for (int s = 0; s < 6; s++) {
      snprintf(output, sizeof output, "%s_%s", form == Z4_FORM_adm ? (q ? "K" : "g") : (q ? "At" : "gt"), sym[s]);
      snprintf(input, sizeof input, "%s%s", form == Z4_FORM_adm ? "adm." : "", output);
      CheckRhs(q ? r->At[s][0] : r->gt[s][0], input, output);
    }
    Group(q ? "extrinsic curvature" : "metric");
  }
}

/* What only the conformal formulations evolve. */
static void CheckConformal(const Z4Point *p, const Z4Rhs *r)
{
  char field[16];

  CheckRhs(r->chi[0] * p->chi[0], "chi", "chi");
  Check((r->chi[0] * p->chi[0] + Advected(at, beta, "chi")) / (2 * sqrt(p->chi[0])), "rhs.W");
  Group("chi and W");
  CheckRhs(r->Khat[0], "Khat", form == Z4_FORM_ccz4 ? "K" : "Khat");
  Group("K");
  for (int a = 0; a < 3; a++) {
    snprintf(field, sizeof field, "Gamt_%c", xyz[a]);
    CheckRhs(r->Gam[a][0], field, field);
  }
  Group("conformal connection");
  if (!Z4HasTheta(form)) return;
  CheckRhs(r->Theta[0], "Theta", "Theta");
  Group("Theta");
}

static void Case(void)
{
  const int      theta = Z4HasTheta(form), adm = form == Z4_FORM_adm;
  const Z4Params base = {.kappa1 = theta ? Get(at, "kappa1") : 0, .kappa2 = Get(at, "kappa2"), .kappa3 = Get(at, "kappa3")};
  const RealV    eta  = Splat(Get(at, "eta"));
  Z4Params       q    = base;
  Z4Point        p;
  Z4Geometry     g;
  Z4Source       source, *m = matter ? &source : NULL;
  Z4Rhs          r = {.Theta = {0}};
  RealV          R[6], dAt[3][6], inv_chi;
  char           field[16], text[32];

  snprintf(text, sizeof text, "%s%s", oracle_forms[form], matter ? " with matter" : "");
  name_of = text;
  LoadPoint(at, form, &p, dAt, beta);
  LoadSource(at, &source);
  inv_chi = 1.0 / p.chi;
  Z4GeometrySetUp(&p, form, &g);
  Z4Ricci(&p, &g, inv_chi, form, R);
  for (int s = 0; s < 6; s++) Check(R[s][0], "R_%s", sym[s]);
  Group("Ricci tensor");
  CheckConstraints(&p, &g, R, dAt, m);

  q.lapse_alpha = 1;
  q.shift_gam   = Get(at, "mu");
  q.shift_eta   = 1;
  Z4Evolve(&p, &g, R, inv_chi, eta, m, &q, form, &r);
  CheckMetric(&r);
  if (!adm) CheckConformal(&p, &r);

  /* gauge: the parameters given above are harmonic lapse and first-order Gamma driver */
  Check(r.alpha[0], "rhs.lapse.harmonic.noadv");
  CheckRhs(r.alpha[0], "lapse", "lapse.harmonic");
  for (int a = 0; a < 3 && !adm; a++) Check(r.beta[a][0], "rhs.shift.gamma_driver_%c.noadv", xyz[a]);
  q                = base;
  q.lapse_const    = 2;
  q.shift_harmonic = 1;
  Z4Evolve(&p, &g, R, inv_chi, eta, m, &q, form, &r);
  Check(r.alpha[0], "rhs.lapse.1+log.noadv");
  for (int a = 0; a < 3; a++) {
    char output[32];
    snprintf(field, sizeof field, "shift_%c", xyz[a]);
    snprintf(output, sizeof output, "shift.harmonic_%c", xyz[a]);
    CheckRhs(r.beta[a][0], field, output);
  }
  q         = base;
  q.shift_b = Get(at, "mu");
  q.has_b   = 1;
  Z4Evolve(&p, &g, R, inv_chi, eta, m, &q, form, &r);
  for (int a = 0; a < 3 && !adm; a++) Check(r.beta[a][0], "rhs.shift.gamma_driver_b_%c.noadv", xyz[a]);
  Group("lapse and shift conditions");
}

/*
  Without constraint fields (Theta = 0, Gamma^i = Gamma_d^i) ccz4 is bssn but for the Hamiltonian constraint, which bssn
  has used: d_t K and d_t Theta differ by multiples of alpha H, everything else not at all; and nothing is left where
  H = 0. Roundings as above.
*/
static void CaseWithoutConstraintFields(void)
{
  Z4Params   q[2] = {{.kappa1 = 0, .kappa3 = 0.3, .lapse_const = 2, .shift_gam = 0.75},
                     {.kappa1 = Get(at, "kappa1"), .kappa2 = 0.7, .kappa3 = 0.3, .lapse_const = 2, .shift_gam = 0.75}};
  Z4Point    p;
  Z4Geometry g[2];
  Z4Rhs      r[2];
  RealV      R[2][6], dAt[3][6], M[3], M2, H;
  double     e = 0, aH;
  char       text[96];

  LoadPoint(at, Z4_FORM_bssn, &p, dAt, beta);
  Z4GeometrySetUp(&p, Z4_FORM_bssn, &g[0]);
  Z4ConnectionGradient(&p, &g[0], p.dGam);
  for (int a = 0; a < 3; a++) p.Gam[a] = g[0].Gamd[a];
  for (int f = 0; f < 2; f++) {
    const Z4Form F = f ? Z4_FORM_ccz4 : Z4_FORM_bssn;

    Z4GeometrySetUp(&p, F, &g[f]);
    Z4Ricci(&p, &g[f], 1.0 / p.chi, F, R[f]);
    Z4Evolve(&p, &g[f], R[f], 1.0 / p.chi, Splat(1), NULL, &q[f], F, &r[f]);
  }
  Z4Constraints(&p, &g[0], R[0], 1.0 / p.chi, dAt, NULL, Z4_FORM_bssn, &H, M, &M2);
  aH = p.alpha[0] * H[0];
#define SAME(x, y) e = fmax(e, fabs((x) - (y)) / (1 + fabs(x)))
  for (int s = 0; s < 6; s++)
    SAME(r[0].gt[s][0], r[1].gt[s][0]), SAME(r[0].At[s][0], r[1].At[s][0]), SAME(R[0][s][0], R[1][s][0]);
  for (int a = 0; a < 3; a++) SAME(r[0].Gam[a][0], r[1].Gam[a][0]), SAME(r[0].beta[a][0], r[1].beta[a][0]);
  SAME(r[0].chi[0], r[1].chi[0]);
  SAME(r[0].alpha[0], r[1].alpha[0]);
  snprintf(text, sizeof text, "case %d: ccz4 without constraint fields is bssn", at);
  TapBelow(e, 1e-13, text);
  e = 0;
  SAME(r[0].Khat[0] + aH, r[1].Khat[0]);
  SAME(0.5 * aH, r[1].Theta[0]);
#undef SAME
  snprintf(text, sizeof text, "case %d: and has alpha H in K, alpha H/2 in Theta", at);
  TapBelow(e, 1e-13, text);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  OracleRead();
  for (at = 0; at < ORACLE_POINTS; at++) {
    for (int f = 0; f < Z4_FORM_COUNT; f++)
      for (matter = 0; matter < 2; matter++) {
        form = (Z4Form)f;
        Case();
      }
    CaseWithoutConstraintFields();
  }
  TapTrue(oracle_missing == 0 && oracle_entries > 2900, "every value asked for was there");
  /* the check can fail */
  worst = at = matter = 0;
  form                = Z4_FORM_bssn;
  Check(Get(0, "bssn.H") * (1 + 1e-11) + 1e-11, "H");
  TapAbove(worst, 1e-12, "a value wrong in the eleventh digit is noticed");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
