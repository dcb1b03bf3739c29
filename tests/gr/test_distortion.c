/*
  The minimal distortion shift against a known one.  ranks: 1 2

  For any metric, lapse and shift beta0 that vanishes outside, At_ij = [L_beta0 gt_ij]^TF/(2 alpha) has (L beta0)^ij = 2 alpha
  A^ij, so that beta0 is the minimal distortion shift. gt_ij is a full matrix here, chi, alpha and K vary; Lie derivatives are
  taken by differences of the functions themselves, not of the grid.
*/
#include "gr_test.h"
#include <aeonic/elliptic.h>

static const int Sym[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

static double Bell(const double x[3]) { return exp(-1.5 * (x[0] * x[0] + x[1] * x[1] + x[2] * x[2])); }

static void Metric(const double x[3], double gt[6])
{
  const double a = 0.3 * (1 + 0.5 * x[0] - 0.3 * x[2]) * Bell(x);

  gt[0] = gt[3] = cosh(a);
  gt[1]         = sinh(a);
  gt[2] = gt[4] = 0;
  gt[5]         = 1;
}

static void Shift(const double x[3], double b[3])
{
  const double e = 0.1 * Bell(x);

  b[0] = e * (1 + x[1]);
  b[1] = e * (0.5 - x[2] * x[0]);
  b[2] = -e * (x[0] + 0.7);
}

/* d/dx^a of n functions by differences of order 6 with a step of 0.01: 1e-13 */
static void Slopes(void (*f)(const double[3], double[]), int n, const double x[3], double d[3][6])
{
  static const double c[3] = {3. / 4, -3. / 20, 1. / 60}, h = 0.01;

  for (int a = 0; a < 3; a++) {
    for (int m = 0; m < n; m++) d[a][m] = 0;
    for (int k = 1; k <= 3; k++) {
      double up[3] = {x[0], x[1], x[2]}, down[3] = {x[0], x[1], x[2]}, p[6], q[6];

      up[a] += k * h;
      down[a] -= k * h;
      f(up, p);
      f(down, q);
      for (int m = 0; m < n; m++) d[a][m] += c[k - 1] * (p[m] - q[m]) / h;
    }
  }
}

static void Datum(const double x[3], double *chi, double gt[6], double *K, double At[6], double *alpha)
{
  double beta[3], dg[3][6], db[3][6], tr;

  *chi   = pow(1 - 0.2 * Bell(x), -4);
  *alpha = 1 + 0.2 * x[1] * Bell(x);
  *K     = 0.1 * Bell(x);
  Metric(x, gt);
  Shift(x, beta);
  Slopes(Metric, 6, x, dg);
  Slopes(Shift, 3, x, db);
  for (int i = 0; i < 3; i++)
    for (int j = i; j < 3; j++) {
      double L = 0;

      for (int k = 0; k < 3; k++) L += beta[k] * dg[k][Sym[i][j]] + gt[Sym[k][j]] * db[i][k] + gt[Sym[k][i]] * db[j][k];
      At[Sym[i][j]] = L / (2 * *alpha);
    }
  /* gt^ij: cosh, -sinh, cosh, 1 */
  tr = gt[0] * (At[0] + At[3]) - 2 * gt[1] * At[1] + At[5];
  for (int ab = 0; ab < 6; ab++) At[ab] -= gt[ab] * tr / 3;
}

static PetscErrorCode Error(const char form[], PetscInt n, double *error)
{
  AeGR            gr;
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  Z4Fields        at;
  Vec             U;
  double         *u;
  char            options[512];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(options, sizeof options,
                          "-gr_initial minkowski -gr_formulation %s -gr_gauge_lapse frozen -gr_gauge_shift minimal_distortion "
                          "-grid_boundary radiative -grid_half_width 3 -grid_n %" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT
                          " -shift_ksp_rtol 1e-8",
                          form, n, n, n));
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(MakeState(gr, &U));
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  at     = AeGRPlaces(gr);
  *error = 0;
  for (int pass = 0; pass < 2; pass++) {
    if (pass) PetscCall(AeGRPrepareStage(gr, U, 0.5, AE_SWEEP_STAGE, 1, PETSC_FALSE));
    PetscCall(VecGetArray(U, &u));
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < g->n[0]; i++) {
          const double x[3] = {AeGridX(g, 0, i), AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k)};
          double      *v    = u + AeAt(L, 0, k, j, i), chi, gt[6], K, At[6], alpha, beta[3], p[6], q[6];

          if (pass) {
            Shift(x, beta);
            for (int a = 0; a < 3; a++) *error = fmax(*error, fabs(v[(at.shift + a) * L->stride] - beta[a]));
            continue;
          }
          Datum(x, &chi, gt, &K, At, &alpha);
          v[at.lapse * L->stride] = alpha;
          if (at.chi >= 0) {
            v[at.chi * L->stride] = chi;
            v[at.K * L->stride]   = K;
          } else {
            AeConformalToAdm(chi, gt, K, At, p, q);
            memcpy(gt, p, sizeof p);
            memcpy(At, q, sizeof q);
          }
          for (int ab = 0; ab < 6; ab++) {
            v[(at.metric + ab) * L->stride] = gt[ab];
            v[(at.curv + ab) * L->stride]   = At[ab];
          }
        }
    PetscCall(VecRestoreArray(U, &u));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, error, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(VecDestroy(&U));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  double coarse = 0, fine = 0, adm = 0;
  char   text[128];
  int    status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  PetscCall(AeEllRegister());
  PetscCall(Error("bssn", 28, &coarse));
  PetscCall(Error("bssn", 56, &fine));
  PetscCall(Error("adm", 28, &adm));
  (void)snprintf(text, sizeof text, "the shift converges to the known one, order 4, errors %.2e %.2e", coarse, fine);
  /* 28, 42 and 56 cells show 3.77 and 3.79: not yet the power of h that is expected in the end, and no other power */
  TapNear(log2(coarse / fine), 4, 0.25, text);
  /* of a shift of 0.1: a wrong factor in any term leaves 1e-2 */
  TapBelow(fine, 1e-3, "... and is close to it");
  TapNear(adm, coarse, 1e-2 * coarse, "adm has the same: the equation sees the metric alone");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
