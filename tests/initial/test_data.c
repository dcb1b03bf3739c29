/* Exact solutions against values computed elsewhere at 50 digits; conversions; noise.  ranks: 1 */
#include "tap.h"
#include <aeonic/initial.h>

static AeInitial Make(const char name[], const char option[], const char value[])
{
  AeInitial I;

  PetscCallAbort(PETSC_COMM_SELF, PetscOptionsSetValue(NULL, "-gr_initial", name));
  if (option) PetscCallAbort(PETSC_COMM_SELF, PetscOptionsSetValue(NULL, option, value));
  PetscCallAbort(PETSC_COMM_SELF, AeInitialCreate(PETSC_COMM_SELF, &I));
  return I;
}

static double Worse(double worst, double got, double want, double scale)
{
  const double e = fabs(got - want) / scale;
  return isnan(worst) || e <= worst ? worst : e; /* NaN is the worst */
}

/* columns: test,A,t,x,alpha,beta,g_long,g_2,g_3,K_long,K_2,K_3,trK */
static void Waves(void)
{
  FILE  *f = fopen("tests/initial/waves.csv", "r");
  char   line[2048];
  double worst = 0;
  int    rows  = 0;

  if (!f) abort();
  while (fgets(line, sizeof line, f)) {
    char      name[64], A[64], *s = strchr(line, ',');
    double    v[12], x[3] = {0, 0.3, -0.2}, trK, chi, gt[6], At[6];
    AeInitial I;
    AeAdm     adm;

    if (line[0] == '#' || !strncmp(line, "test,", 5)) continue;
    snprintf(name, sizeof name, "%.*s", (int)(strstr(line, "_t0") - line), line);
    s++;
    snprintf(A, sizeof A, "%.*s", (int)strcspn(s, ","), s);
    for (int c = 0; c < 12; c++) {
      v[c] = strtod(s, &s);
      s++;
    }
    I    = Make(name, "-gw_amplitude", A);
    x[0] = v[2];
    AeInitialAdm(I, v[1], x, &adm);
    AeAdmToConformal(adm.g, adm.K, &chi, gt, &trK, At);
    const double got[9] = {adm.alpha, adm.beta[0], adm.g[0], adm.g[3], adm.g[5], adm.K[0], adm.K[3], adm.K[5], trK};
    for (int c = 0; c < 9; c++) worst = Worse(worst, got[c], v[3 + c], 1);
    AeInitialDestroy(&I);
    rows++;
  }
  fclose(f);
  TapTrue(rows >= 20, "all wave samples read");
  TapBelow(worst, 1e-14, "gauge waves and shifted gauge waves");
}

/* The wave moves: the datum at (t, x) is the datum at (0, x - t). */
static void Travel(void)
{
  AeInitial    I    = Make("shifted_gauge_wave", "-gw_amplitude", "0.3");
  const double x[3] = {0.37, 0, 0}, y[3] = {0.37 - 0.21, 0, 0};
  double       a[AE_INITIAL_NV], b[AE_INITIAL_NV], worst = 0;

  AeInitialConformal(I, 0.21, x, a);
  AeInitialConformal(I, 0.0, y, b);
  for (int f = 0; f < 21; f++) worst = Worse(worst, a[f], b[f], 1);
  TapBelow(worst, 1e-14, "the shifted gauge wave travels at light speed");
  AeInitialDestroy(&I);
}

/* ADM -> conformal -> ADM, with det gt = 1 and tr At = 0 in between; AeInitialConformal agrees with it, and its
   Gamma^i with -d_j gt^ij by central differences of order 2 (error h^2 times third derivatives, a few) */
static void Conversion(void)
{
  AeInitial        I    = Make("kerr_schild", "-hole_spin", "0.9");
  const double     x[3] = {2.0, 1.0, 0.5}, h = 1e-4;
  AeAdm            adm;
  double           chi, gt[6], trK, At[6], g[6], K[6], v[AE_INITIAL_NV], worst = 0, gam = 0;
  static const int S[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

  AeInitialAdm(I, 0, x, &adm);
  AeAdmToConformal(adm.g, adm.K, &chi, gt, &trK, At);
  AeConformalToAdm(chi, gt, trK, At, g, K);
  for (int a = 0; a < 6; a++) worst = Worse(worst, g[a], adm.g[a], 1), worst = Worse(worst, K[a], adm.K[a], 1);
  TapBelow(worst, 1e-15 * 8, "ADM to conformal and back");
  TapNear(gt[0] * (gt[3] * gt[5] - gt[4] * gt[4]) - gt[1] * (gt[1] * gt[5] - gt[2] * gt[4]) +
            gt[2] * (gt[1] * gt[4] - gt[2] * gt[3]),
          1.0, 1e-14, "det gt = 1");
  AeInitialConformal(I, 0, x, v);
  worst = Worse(0, v[0], chi, 1);
  worst = Worse(worst, v[7], trK, 1);
  for (int a = 0; a < 6; a++) worst = Worse(worst, v[1 + a], gt[a], 1), worst = Worse(worst, v[8 + a], At[a], 1);
  TapBelow(worst, 1e-14, "conformal variables of the datum");
  for (int i = 0; i < 3; i++) {
    double sum = 0;
    for (int j = 0; j < 3; j++) {
      double gu[2];
      for (int s = 0; s < 2; s++) {
        double y[3] = {x[0], x[1], x[2]}, w[AE_INITIAL_NV], *q = w + 1;
        y[j] += s ? h : -h;
        AeInitialConformal(I, 0, y, w);
        const double c[6] = {q[3] * q[5] - q[4] * q[4], q[2] * q[4] - q[1] * q[5], q[1] * q[4] - q[2] * q[3],
                             q[0] * q[5] - q[2] * q[2], q[1] * q[2] - q[0] * q[4], q[0] * q[3] - q[1] * q[1]};
        gu[s]             = c[S[i][j]];
      }
      sum -= (gu[1] - gu[0]) / (2 * h);
    }
    gam = Worse(gam, v[14 + i], sum, 1);
  }
  TapBelow(gam, 10 * h * h, "Gamma^i = -d_j gt^ij");
  AeInitialDestroy(&I);
}

/* Uniform in (-1,1): mean 0 within 5 sigma (sigma = 1/sqrt(3 N)), variance 1/3 within 5 sigma (sqrt(4/45 N)). */
static void Noise(void)
{
  const int n   = 40;
  double    sum = 0, sq = 0, N = (double)n * n * n, max = 0;

  for (int k = 0; k < n; k++)
    for (int j = 0; j < n; j++)
      for (int i = 0; i < n; i++) {
        const double x = AeInitialNoise(0, 3, i, j, k);
        sum += x;
        sq += x * x;
        max = fabs(x) > max ? fabs(x) : max;
      }
  TapBelow(fabs(sum / N), 5 / sqrt(3 * N), "mean of the noise");
  TapNear(sq / N, 1.0 / 3.0, 5 * sqrt(4.0 / 45.0 / N), "variance of the noise");
  TapTrue(max < 1 && max > 0.999, "range of the noise");
  TapTrue(AeInitialNoise(0, 3, 1, 2, 3) != AeInitialNoise(0, 3, 2, 1, 3) &&
            AeInitialNoise(0, 3, 1, 2, 3) != AeInitialNoise(1, 3, 1, 2, 3) &&
            AeInitialNoise(0, 3, 1, 2, 3) != AeInitialNoise(0, 4, 1, 2, 3),
          "cells, fields and seeds have noise of their own");
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  Waves();
  Travel();
  Conversion();
  Noise();
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
