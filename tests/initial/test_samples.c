/* Every exact datum against values computed elsewhere in multiple precision.  ranks: 1

   The files hold 15 to 17 digits; a datum is a few dozen operations whose condition is at most a few hundred (Gowdy's
   exponent is 20, series and differences for spherical waves lose up to three digits): 1e-12 of the larger of the
   value and one. */
#include "tap.h"
#include <aeonic/initial.h>

#define BOUND 1e-12

static AeInitial Make(const char options[])
{
  AeInitial I;

  PetscCallAbort(PETSC_COMM_SELF, PetscOptionsClear(NULL));
  PetscCallAbort(PETSC_COMM_SELF, PetscOptionsInsertString(NULL, options));
  PetscCallAbort(PETSC_COMM_SELF, AeInitialCreate(PETSC_COMM_SELF, &I));
  return I;
}

static void Compare(double *worst, double got, double want)
{
  const double e = fabs(got - want) / fmax(1.0, fabs(want));
  if (!isnan(*worst) && !(e <= *worst)) *worst = e; /* NaN is the worst */
}

/* The next row of a file: its first column in name, the n numbers after it (or all n, with name NULL); 0 at the end. */
static int Row(FILE *f, char name[64], int n, double v[])
{
  char line[2048];

  while (fgets(line, sizeof line, f)) {
    char *s = line, *end;

    if (*s == '#') continue;
    if (name) {
      snprintf(name, 64, "%.*s", (int)PetscMin(63, strcspn(s, ",")), s);
      s += strcspn(s, ",") + 1;
    }
    (void)strtod(s, &end);
    if (end == s) continue; /* the names of the columns */
    for (int c = 0; c < n; c++) {
      v[c] = strtod(s, &s);
      s++;
    }
    return 1;
  }
  return 0;
}

static FILE *Open(const char path[])
{
  FILE *f = fopen(path, "r");
  if (!f) abort();
  return f;
}

/* name,a,x,y,z,alpha,beta[3],g[6],K[6] */
static void Kerr(const char coordinates[], const char options[], int wanted)
{
  FILE  *f = Open("tests/initial/kerr.csv");
  char   name[64], text[256];
  double v[20], worst = 0;
  int    rows = 0;

  while (Row(f, name, 20, v)) {
    AeInitial I;
    AeAdm     adm;

    if (strcmp(name, coordinates)) continue;
    (void)snprintf(text, sizeof text, "%s -hole_centre 0,0,0 -hole_spin %.3f", options, v[0]);
    I = Make(text);
    AeInitialAdm(I, 0.0, v + 1, &adm);
    Compare(&worst, adm.alpha, v[4]);
    for (int a = 0; a < 3; a++) Compare(&worst, adm.beta[a], v[5 + a]);
    for (int a = 0; a < 6; a++) Compare(&worst, adm.g[a], v[8 + a]), Compare(&worst, adm.K[a], v[14 + a]);
    AeInitialDestroy(&I);
    rows++;
  }
  fclose(f);
  (void)snprintf(text, sizeof text, "%s: lapse, shift, metric and extrinsic curvature at %d points", coordinates, rows);
  TapBelow(rows == wanted ? worst : NAN, BOUND, text);
}

/* test,time,z,alpha,gxx,gyy,gzz,Kxx,Kyy,Kzz,trK */
static void Gowdy(const char initial[], int wanted)
{
  FILE     *f = Open("tests/initial/gowdy.csv");
  char      name[64], text[256];
  double    v[10], worst = 0;
  int       rows = 0;
  AeInitial I;

  (void)snprintf(text, sizeof text, "-gr_initial %s", initial);
  I = Make(text);
  while (Row(f, name, 10, v)) {
    const double x[3] = {0.31, -0.2, v[1]};
    AeAdm        adm;
    double       chi, gt[6], trK, At[6];

    if (strcmp(name, initial)) continue;
    AeInitialAdm(I, v[0], x, &adm);
    AeAdmToConformal(adm.g, adm.K, &chi, gt, &trK, At);
    const double got[8] = {adm.alpha, adm.g[0], adm.g[3], adm.g[5], adm.K[0], adm.K[3], adm.K[5], trK};
    for (int c = 0; c < 8; c++) Compare(&worst, got[c], v[2 + c]);
    for (int a = 0; a < 3; a++) Compare(&worst, adm.beta[a], 0);
    rows++;
  }
  fclose(f);
  AeInitialDestroy(&I);
  (void)snprintf(text, sizeof text, "%s at %d events", initial, rows);
  TapBelow(rows == wanted ? worst : NAN, BOUND, text);
}

/* t,x,y,z,hxx,hxy,hxz,hyy,hyz,hzz,dt_hxx,dt_hzz for a = lambda = 1; another width: h(a, lambda; t, x) = a/lambda^4 h(t/lambda,
   x/lambda) */
static void Teukolsky(double a, double lambda)
{
  FILE     *f = Open("tests/initial/teukolsky.csv");
  char      text[256];
  double    v[12], worst = 0;
  int       rows = 0;
  AeInitial I;

  (void)snprintf(text, sizeof text, "-gr_initial teukolsky -teukolsky_amplitude %.17g -teukolsky_width %.17g", a, lambda);
  I = Make(text);
  while (Row(f, NULL, 12, v)) {
    const double x[3] = {lambda * v[1], lambda * v[2], lambda * v[3]}, scale = pow(lambda, 4) / a;
    AeAdm        adm;

    AeInitialAdm(I, lambda * v[0], x, &adm);
    /* 1 + h has rounding 2e-16 of one: divided by the amplitude */
    for (int ij = 0; ij < 6; ij++) Compare(&worst, scale * (adm.g[ij] - (ij == 0 || ij == 3 || ij == 5)), v[4 + ij]);
    Compare(&worst, -2.0 * lambda * scale * adm.K[0], v[10]);
    Compare(&worst, -2.0 * lambda * scale * adm.K[5], v[11]);
    rows++;
  }
  fclose(f);
  AeInitialDestroy(&I);
  (void)snprintf(text, sizeof text, "Teukolsky wave, a = %g, lambda = %g: h_ij and its time derivative at %d events", a, lambda,
                 rows);
  TapBelow(rows == 12 ? worst : NAN, BOUND + 3e-16 * pow(lambda, 4) / a, text);
}

/* The slice's areal radius at isotropic radius r along x. */
static double Areal(AeInitial I, double r, AeAdm *adm)
{
  const double x[3] = {r, 0, 0};

  AeInitialAdm(I, 0, x, adm);
  return sqrt(adm->g[3]) * r;
}

/* R,alpha,betaR,K,dalpha/dR,gamma_RR,K^R_R: each row's r is found from R by bisection in ln r, and one r is known; beta^R =
   beta^r dR/dr = beta^r alpha R/r */
static void Trumpet(void)
{
  FILE     *f = Open("tests/initial/trumpet.csv");
  double    v[7], worst = 0, flat = 0;
  int       rows = 0;
  AeInitial I    = Make("-gr_initial trumpet");
  AeAdm     adm;

  TapNear(Areal(I, 0.83040408922193, &adm), 2.0, 1e-12, "trumpet: isotropic radius of the horizon");
  while (Row(f, NULL, 7, v)) {
    double lo = -40, hi = 6, R = 0, r = 0, chi, gt[6], trK, At[6];

    for (int it = 0; it < 70; it++) {
      r = exp(0.5 * (lo + hi));
      R = Areal(I, r, &adm);
      if (R < v[0]) lo = 0.5 * (lo + hi);
      else hi = 0.5 * (lo + hi);
    }
    AeAdmToConformal(adm.g, adm.K, &chi, gt, &trK, At);
    Compare(&worst, adm.alpha, v[1]);
    Compare(&worst, adm.beta[0] * adm.alpha * R / r, v[2]);
    Compare(&worst, trK, v[3]);
    Compare(&worst, adm.K[0] / adm.g[0], v[6]);
    Compare(&flat, gt[0], 1);
    rows++;
  }
  fclose(f);
  TapBelow(rows == 90 ? worst : NAN, BOUND, "trumpet: lapse, shift and K at 90 radii");
  TapBelow(flat, 1e-14, "trumpet: conformally flat");
  Areal(I, 1e-9, &adm); /* alpha falls as r^1.09 towards the end of the trumpet */
  TapNear(adm.alpha > 0 ? sqrt(adm.g[3]) * 1e-9 : NAN, 1.3124082891734013, 1e-8, "trumpet: areal radius at its end");
  AeInitialDestroy(&I);
}

/* A hole of mass M is the hole of mass one in units of M. */
static void Scaling(const char options[], const char what[])
{
  const double x[3] = {0.8, -1.1, 0.6}, X[3] = {2.5 * 0.8, -2.5 * 1.1, 2.5 * 0.6};
  char         text[256];
  AeInitial    I = Make(options), J;
  AeAdm        a, b;
  double       worst = 0;

  (void)snprintf(text, sizeof text, "%s -hole_mass 2.5", options);
  J = Make(text);
  AeInitialAdm(I, 0, x, &a);
  AeInitialAdm(J, 0, X, &b);
  Compare(&worst, b.alpha, a.alpha);
  for (int i = 0; i < 3; i++) Compare(&worst, b.beta[i], a.beta[i]);
  for (int i = 0; i < 6; i++) Compare(&worst, b.g[i], a.g[i]), Compare(&worst, 2.5 * b.K[i], a.K[i]);
  TapBelow(worst, 1e-13, what);
  AeInitialDestroy(&I);
  AeInitialDestroy(&J);
}

/* Kerr without spin is Schwarzschild, in either radius, and so is a single Brill-Lindquist hole; two have psi = 1 +
   sum m/(2r). */
static void Puncture(void)
{
  const char  *same[] = {"-gr_initial kerr_qi -hole_spin 0", "-gr_initial kerr_qi -hole_spin 0 -hole_radius liu_etienne_shapiro",
                         "-gr_initial brill_lindquist -bl_holes 1,0,0,0"};
  AeInitial    I      = Make("-gr_initial schwarzschild"), J;
  const double x[3] = {0.7, 0.2, -0.4}, throat[3] = {0.5, 0, 0}, zero[3] = {0, 0, 0}, r = sqrt(0.69), psi = 1 + 0.5 / r;
  AeAdm        a, b;
  double       worst = 0;

  AeInitialAdm(I, 0, x, &a);
  Compare(&worst, a.alpha, (1 - 0.5 / r) / psi);
  Compare(&worst, a.g[0], pow(psi, 4));
  TapBelow(worst, 1e-14, "Schwarzschild: lapse and metric");
  for (int m = 0; m < 3; m++) {
    J = Make(same[m]);
    AeInitialAdm(J, 0, x, &b);
    if (m < 2) Compare(&worst, b.alpha, a.alpha);
    for (int i = 0; i < 6; i++) Compare(&worst, b.g[i], a.g[i]), Compare(&worst, b.K[i], a.K[i]);
    AeInitialDestroy(&J);
  }
  TapBelow(worst, 1e-14, "Kerr without spin and one Brill-Lindquist hole are Schwarzschild");
  J = Make("-gr_initial brill_lindquist -bl_holes 0.5,1,0,0;0.25,0,-2,0.5");
  AeInitialAdm(J, 0, x, &b);
  TapNear(b.g[0], pow(1 + 0.25 / sqrt(0.3 * 0.3 + 0.2 * 0.2 + 0.4 * 0.4) + 0.125 / sqrt(0.7 * 0.7 + 2.2 * 2.2 + 0.9 * 0.9), 4),
          1e-12, "two Brill-Lindquist holes");
  TapTrue(J->mass == 0.75, "their mass is the sum");
  AeInitialDestroy(&J);
  /* on the throat, where lapse and d_t gamma vanish, and at the puncture itself once the grid has set r_min */
  for (int m = 0; m < 2; m++) {
    J = Make(m ? "-gr_initial kerr_qi -hole_radius liu_etienne_shapiro" : "-gr_initial schwarzschild");
    AeInitialAdm(J, 0, throat, &b);
    J->r_min = 1e-4;
    AeInitialAdm(J, 0, zero, &a);
    for (int i = 0; i < 6; i++) worst = isfinite(b.K[i] + a.K[i] + a.g[i] + b.g[i]) ? worst : NAN;
    AeInitialDestroy(&J);
  }
  TapBelow(worst, 1, "horizon and puncture: finite");
  AeInitialDestroy(&I);
}

/* a^2, phi, K and Pi at t = 2.5 from t0 = 1: the formulas a^3 ~ sinh s, phi = ln tanh(s/2)/sqrt(12 pi), K = -sqrt(3 Lambda) coth
   s and Pi from the Hamiltonian constraint, in multiple precision */
static void Frw(void)
{
  const double sample[3][5] = {{0.1, 2.1695666066627328, -0.084686831852546035, -0.62345059209048226, 0.048503528885023767},
                               {0.0, 1.8420157493201933, 0.14923398440902569, -0.4, 0.06514700158705599},
                               {-0.1, 1.5240513154357844, -0.03304048920780349, -0.1118787197411511, 0.091048156806992279}},
               x[3]         = {0.1, 0.2, 0.3};
  AeInitial I               = Make("-gr_initial frw_scalar");
  double    worst           = 0;

  for (int s = 0; s < 3; s++) {
    AeAdm  adm;
    double chi, gt[6], trK, At[6];

    I->lambda = sample[s][0];
    AeInitialAdm(I, 1.5, x, &adm);
    AeAdmToConformal(adm.g, adm.K, &chi, gt, &trK, At);
    Compare(&worst, adm.g[0], sample[s][1]);
    Compare(&worst, adm.phi, sample[s][2]);
    Compare(&worst, trK, sample[s][3]);
    Compare(&worst, adm.Pi, sample[s][4]);
  }
  TapBelow(worst, 1e-14, "homogeneous scalar field: metric, phi, K, Pi for Lambda = 0.1, 0, -0.1");
  AeInitialDestroy(&I);
}

/* mass, t, r, phi, d_t phi: closed form and Fourier integral in multiple precision */
static void Pulse(void)
{
  const double sample[][5] = {{0, 0, 0.5, 0.77880078307140487, 0},
                              {0, 1, 0.7, -0.12835699581560517, -0.72505562014664013},
                              {0, 3, 2.6, -0.065549522228144238, -0.11143418778817424},
                              {0, 2, 1.45, -0.14014113797928526, -0.10070586944464849},
                              {1, 1, 0, -0.52904641259625716, NAN},
                              {1, 2, 1, -0.20038430597771843, NAN},
                              {2, 1.5, 0.8, -0.26221672799795814, 0.971505273467557}};
  AeInitial    I           = Make("-gr_initial scalar_pulse -pulse_amplitude 1");
  double       worst       = 0;

  for (size_t s = 0; s < sizeof sample / sizeof *sample; s++) {
    const double n[3] = {0.6 * sample[s][2], 0, -0.8 * sample[s][2]};
    AeAdm        adm;

    I->scalar_mass = sample[s][0];
    AeInitialAdm(I, sample[s][1], n, &adm);
    Compare(&worst, adm.phi, sample[s][3]);
    if (!isnan(sample[s][4])) Compare(&worst, adm.Pi, sample[s][4]);
  }
  TapBelow(worst, BOUND, "pulse of a scalar field, massless and massive: phi and Pi");
  AeInitialDestroy(&I);
}

int main(int argc, char **argv)
{
  double worst = 0;
  int    status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  Compare(&worst, 2.0, 2.0 + 1e-11);
  TapTrue(worst > BOUND, "the comparison sees an error of 5e-12");
  Compare(&worst, NAN, 1.0);
  TapTrue(isnan(worst), "and a NaN");
  Kerr("KerrSchild", "-gr_initial kerr_schild", 6);
  Kerr("QuasiIso_BS96", "-gr_initial kerr_qi", 6);
  Kerr("UIUC_LES09", "-gr_initial kerr_qi -hole_radius liu_etienne_shapiro", 6);
  Gowdy("gowdy_expanding", 12);
  Gowdy("gowdy_collapsing", 18);
  Teukolsky(1e-2, 1.0);
  Teukolsky(1e-1, 2.0);
  Trumpet();
  Scaling("-gr_initial trumpet", "trumpet: scales with the mass");
  Scaling("-gr_initial kerr_qi", "Kerr in quasi-isotropic coordinates: scales with the mass");
  Puncture();
  Frw();
  Pulse();
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
