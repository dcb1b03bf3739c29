/*
  E_ij, B_ij and the invariants of Kerr-Schild slices, in every set of variables, with their order.  ranks: 1 2

  The middle cell of nine lies at a chosen point of the hole's spacetime, so that differences of spacing h are compared
  with the value at the point itself: scripts/curvature_oracle.py, from the Weyl tensor in four dimensions.
*/
#include "gr_test.h"
#include <aeonic/spatial.h>

/* M = 1, a = 0.7: x y z, E_xx E_xy E_xz E_yy E_yz E_zz, B_xx ... B_zz */
static const double Oracle[3][15] = {
  {1.5, -2.25, 1.75, 0.0092973615893920995555, 0.034211012881921466618, -0.030246218918928917132, -0.030402519923537106444,
   0.052593396542906009342, -0.014663427226778819198, 0.00099327101705082412191, -0.020560168240155808276,
   0.0086817738271367880282, 0.023911803013301073737, -0.013919874620414850178, -0.011260404525447475666},
  {-3, 0.5, -1.25, -0.06689009365756176412, 0.0221997252096406622, -0.04730176212226027003, 0.023739726967440686498,
   0.010995790672516493958, 0.0079356835439932279075, -0.029988266455405325793, 0.0083796843530851869154,
   0.000045436522196681168073, 0.005576001396044117967, -0.00047236864934280194405, 0.015349034897100033557},
  {0.75, 2, 3, 0.014383203127223679625, -0.0073899956268363498471, -0.013088664381266998293, 0.00066838121705918412586,
   -0.029972559648308898328, -0.033774696528510637049, -0.0062705374405034277605, 0.0060826664911606716771,
   0.0073481361176946529846, 0.0053771941217425125498, 0.017544746450893738604, 0.010317114885922196787},
};

enum { NV = 12, NI = 5 };

/* The fields of adm variables, ghosts included, filled from the datum of gr. */
static PetscErrorCode MakeAdm(AeGR gr, AeFields *F, Vec *U)
{
  static const char *const names[12] = {"g_xx", "g_xy", "g_xz", "g_yy", "g_yz", "g_zz",
                                        "K_xx", "K_xy", "K_xz", "K_yy", "K_yz", "K_zz"};
  AeFieldInfo              info[12];
  const AeLayout          *L;
  AeGrid                   g;
  AeInitial                I0;
  double                  *u;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, NULL, &I0, NULL, NULL));
  for (int f = 0; f < 12; f++) info[f] = (AeFieldInfo){names[f], {1, 1, 1}, 0, 1};
  PetscCall(AeFieldsCreate(g, 12, info, F));
  PetscCall(AeFieldsCreateVec(*F, U));
  PetscCall(AeFieldsGetInfo(*F, NULL, &L, NULL));
  PetscCall(VecGetArray(*U, &u));
  for (ptrdiff_t k = -L->g; k < L->nk + L->g; k++)
    for (ptrdiff_t j = -L->g; j < L->nj + L->g; j++)
      for (ptrdiff_t i = -L->g; i < L->nx + L->g; i++) {
        const PetscReal x[3] = {AeGridX(g, 0, (PetscInt)i), AeGridX(g, 1, (PetscInt)(g->js + j)),
                                AeGridX(g, 2, (PetscInt)(g->ks + k))};
        AeAdm           adm;

        AeInitialAdm(I0, 0, x, &adm);
        for (int ab = 0; ab < 6; ab++) {
          u[AeAt(L, ab, k, j, i)]     = adm.g[ab];
          u[AeAt(L, 6 + ab, k, j, i)] = adm.K[ab];
        }
      }
  PetscCall(VecRestoreArray(*U, &u));
  PetscFunctionReturn(0);
}

/* Khat = K - 2 Theta with some Theta: the physical K, and so everything here, stays. */
static PetscErrorCode SpreadK(AeFields F, Vec U)
{
  const AeLayout *L;
  const PetscInt  khat = AeFieldsFind(F, "Khat"), theta = AeFieldsFind(F, "Theta");
  AeGrid          g;
  double         *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(F, &g, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t k = -L->g; k < L->nk + L->g; k++)
    for (ptrdiff_t j = -L->g; j < L->nj + L->g; j++)
      for (ptrdiff_t i = -L->g; i < L->nx + L->g; i++) {
        const double t = 0.1 * sin((double)AeGridX(g, 0, (PetscInt)i)) + 0.1 * (double)AeGridX(g, 1, (PetscInt)(g->js + j));

        u[AeAt(L, khat, k, j, i)] -= 2 * t;
        u[AeAt(L, theta, k, j, i)] += t;
      }
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

/* Values at the middle cell, which one rank has. */
static PetscErrorCode Middle(Vec v, PetscInt n, double value[])
{
  AeFields        F;
  AeGrid          g;
  const AeLayout *L;
  const double   *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(v, &F));
  PetscCall(AeFieldsGetInfo(F, &g, &L, NULL));
  PetscCall(VecGetArrayRead(v, &u));
  for (PetscInt f = 0; f < n; f++) {
    const PetscInt j = 4 - g->js, k = 4 - g->ks;

    value[f] = j >= 0 && j < g->nj && k >= 0 && k < g->nk ? u[AeAt(L, f, k, j, 4)] : -PETSC_INFINITY;
  }
  PetscCall(VecRestoreArrayRead(v, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, value, (PetscMPIInt)n, MPI_DOUBLE, MPI_MAX, g->comm));
  PetscFunctionReturn(0);
}

/* E, B and invariants at a point by differences of spacing h; `what`: options, or "adm". */
static PetscErrorCode At(const double x[3], double spin, PetscInt order, double h, const char what[], double ten[NV],
                         double inv[NI])
{
  char     options[512];
  AeGR     gr;
  AeGrid   g;
  AeFields F, CF[2];
  Vec      U, C[2];

  PetscFunctionBegin;
  (void)snprintf(options, sizeof options,
                 "-gr_initial kerr_schild -hole_spin %.17g -hole_centre %.17g,%.17g,%.17g -grid_n 9,9,9 -grid_half_width %.17g "
                 "-fd_order %d %s",
                 spin, -x[0], -x[1], -x[2], 4.5 * h, (int)order, !strcmp(what, "adm") ? "" : what);
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  if (!strcmp(what, "adm")) PetscCall(MakeAdm(gr, &F, &U));
  else {
    PetscCall(MakeState(gr, &U));
    PetscCall(AeFieldsFillGhosts(F, U, 0));
    if (strstr(what, "z4c")) PetscCall(SpreadK(F, U));
  }
  for (int m = 0; m < 2; m++) {
    PetscCall(AeCurvatureCreateFields(g, (AeCurvatureKind)m, &CF[m]));
    PetscCall(AeFieldsCreateVec(CF[m], &C[m]));
  }
  PetscCall(AeCurvature(U, order, 0, 0, C[0], C[1], NULL));
  PetscCall(Middle(C[0], NI, inv));
  PetscCall(Middle(C[1], NV, ten));
  for (int m = 0; m < 2; m++) {
    PetscCall(VecDestroy(&C[m]));
    PetscCall(AeFieldsDestroy(&CF[m]));
  }
  PetscCall(VecDestroy(&U));
  if (!strcmp(what, "adm")) PetscCall(AeFieldsDestroy(&F));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

/* E2 - B2 + 2i E.B = 6 Psi2^2, Psi2 = -M/(r + i a cos)^3 with the sign of B that the oracle has: 48 Re and 3 Im of
   1/(r + i a cos)^6 */
static void Exact(const double x[3], double a, double *kretschmann, double *EB)
{
  const double b = 0.5 * (x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - a * a), r = sqrt(b + sqrt(b * b + a * a * x[2] * x[2])),
               c = a * x[2] / r;
  double re = 1, im = 0;

  for (int m = 0; m < 6; m++) {
    const double t = (re * r - im * c) / (r * r + c * c);
    im             = (re * c + im * r) / (r * r + c * c);
    re             = t;
  }
  *kretschmann = 48 * re;
  *EB          = -3 * im;
}

/* The error is c h^p (1 + d h^2) with d of order (p/r)^2/10, r = 3: for h = 0.1 d h^2 is below 0.05, and the order off by less.
   At order 8 the spacing is wider: rounding, 1.1e-16/h^2 times a dozen terms, must stay below the error. */
static PetscErrorCode TestOrder(PetscInt order, const char what[])
{
  double       e[2][3] = {{0}}, ten[NV], inv[NI];
  const double h[2]    = {order == 2 ? 0.05 : order == 8 ? 0.14 : 0.1, order == 2 ? 0.025 : order == 8 ? 0.07 : 0.05};
  char         text[128];

  PetscFunctionBegin;
  for (int p = 0; p < 3; p++)
    for (int m = 0; m < 2; m++) {
      const double *x = Oracle[p];
      double        K, EB;

      PetscCall(At(x, 0.7, order, h[m], what, ten, inv));
      for (int f = 0; f < 6; f++) {
        e[m][0] += PetscSqr(ten[f] - x[3 + f]);
        e[m][1] += PetscSqr(ten[6 + f] - x[9 + f]);
      }
      Exact(x, 0.7, &K, &EB);
      e[m][2] += PetscSqr(inv[0] - K) + PetscSqr(inv[3] - EB);
    }
  for (int q = 0; q < 3; q++) {
    static const char *const names[3] = {"E_ij", "B_ij", "kretschmann and E.B"};
    (void)snprintf(text, sizeof text, "%s, order %d: %s converges to the four-dimensional value (last error %.1e)", what,
                   (int)order, names[q], sqrt(e[1][q]));
    TapNear(0.5 * log2(e[0][q] / e[1][q]), (double)order, 0.1, text);
  }
  PetscFunctionReturn(0);
}

/* The fine grid's error of order 8 is below 1e-7: rounding and the next check's own accuracy. */
static PetscErrorCode TestInvariants(void)
{
  const double x[3] = {1.2, -2.0, 1.0}, r = sqrt(1.44 + 4 + 1);
  double       ten[NV], inv[NI], K, EB;

  PetscFunctionBegin;
  PetscCall(At(x, 0.0, 8, 0.05, "-gr_formulation bssn", ten, inv));
  TapNear(inv[0] * pow(r, 6) / 48, 1, 1e-7, "Schwarzschild: the Kretschmann scalar is 48 M^2/R^6");
  TapNear(inv[0], 8 * (inv[1] - inv[2]), 1e-14, "kretschmann = 8 (E2 - B2)");
  TapBelow(fabs(inv[3]), 1e-8, "Schwarzschild: E.B = 0");
  PetscCall(At(x, 0.9, 8, 0.05, "-gr_formulation bssn", ten, inv));
  Exact(x, 0.9, &K, &EB);
  TapAbove(fabs(EB), 1e-3, "Kerr: E.B is not zero here");
  TapNear(inv[0] / K, 1, 1e-6, "Kerr: the Kretschmann scalar");
  TapNear(inv[3] / EB, 1, 1e-6, "Kerr: E.B");
  PetscFunctionReturn(0);
}

/* A homogeneous scalar field with Lambda: a^3 = sinh s, s = sqrt(3 Lambda) t, so with H = a'/a = sqrt(Lambda/3) coth s and
   a''/a = H^2 - Lambda/sinh^2 s: R = 6 (a''/a + H^2), R_abcd R^abcd = 12 ((a''/a)^2 + H^4). Differences of constants are zero:
   rounding only, of some tens of terms of order 1. */
static PetscErrorCode TestCosmology(void)
{
  const double Lambda = 0.1, s = sqrt(3 * Lambda), H = sqrt(Lambda / 3) / tanh(s), q = H * H - Lambda / (sinh(s) * sinh(s));
  double       inv[NI];
  AeGR         gr;
  AeGrid       g;
  AeFields     F, CF;
  Vec          U, C;

  PetscFunctionBegin;
  PetscCall(MakeGR(PETSC_COMM_WORLD, "-gr_initial frw_scalar -grid_n 9,9,9", &gr));
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(MakeState(gr, &U));
  PetscCall(AeFieldsFillGhosts(F, U, 0));
  PetscCall(AeCurvatureCreateFields(g, AE_CURVATURE_INVARIANTS, &CF));
  PetscCall(AeFieldsCreateVec(CF, &C));
  PetscCall(AeCurvature(U, 4, 0, Lambda, C, NULL, NULL));
  PetscCall(Middle(C, NI, inv));
  TapNear(inv[0], 12 * (q * q + H * H * H * H), 1e-13, "universe of a scalar field with Lambda: R_abcd R^abcd");
  TapNear(inv[4], 6 * (q + H * H), 1e-13, "and R");
  TapBelow(fabs(inv[1]) + fabs(inv[2]), 1e-13, "and no Weyl tensor");
  PetscCall(VecDestroy(&C));
  PetscCall(AeFieldsDestroy(&CF));
  PetscCall(VecDestroy(&U));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

/* The static scalar field of Janis, Newman & Winicour (b = 1, c = 1/2): x y z, R_abcd R^abcd, R (scripts/curvature_oracle.py) */
static const double Static[3][5] = {{1.5, -2.25, 1.75, 0.0039575079403827225825, 0.0060843761996395131959},
                                    {-3, 0.5, -1.25, 0.0034612830782217864688, 0.0055255081362281280873},
                                    {0.75, 2, 3, 0.0016687214462617345931, 0.0032789978982915891001}};

static PetscErrorCode StaticAt(const double at[3], PetscInt order, double h, double inv[NI])
{
  static const char *const names[14] = {"g_xx", "g_xy", "g_xz", "g_yy", "g_yz", "g_zz", "K_xx",
                                        "K_xy", "K_xz", "K_yy", "K_yz", "K_zz", "phi",  "Pi"};
  AeFieldInfo              info[14];
  const AeLayout          *L;
  char                     options[128];
  AeGR                     gr;
  AeGrid                   g;
  AeFields                 F, CF;
  Vec                      U, C;
  double                  *u;

  PetscFunctionBegin;
  (void)snprintf(options, sizeof options, "-gr_initial minkowski -grid_n 9,9,9 -grid_half_width %.17g -fd_order %d", 4.5 * h,
                 (int)order);
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(AeGRGet(gr, &g, NULL, NULL, NULL, NULL));
  for (int f = 0; f < 14; f++) info[f] = (AeFieldInfo){names[f], {1, 1, 1}, 0, 1};
  PetscCall(AeFieldsCreate(g, 14, info, &F));
  PetscCall(AeFieldsCreateVec(F, &U));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t k = -L->g; k < L->nk + L->g; k++)
    for (ptrdiff_t j = -L->g; j < L->nj + L->g; j++)
      for (ptrdiff_t i = -L->g; i < L->nx + L->g; i++) {
        const double x[3] = {at[0] + AeGridX(g, 0, (PetscInt)i), at[1] + AeGridX(g, 1, (PetscInt)(g->js + j)),
                             at[2] + AeGridX(g, 2, (PetscInt)(g->ks + k))};
        const double r = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]), f = 1 - 1 / r;

        for (int a = 0, ab = 0; a < 3; a++)
          for (int b = a; b < 3; b++, ab++)
            u[AeAt(L, ab, k, j, i)] = x[a] * x[b] / (r * r) / sqrt(f) + sqrt(f) * ((a == b) - x[a] * x[b] / (r * r));
        u[AeAt(L, 12, k, j, i)] = sqrt(0.75 / (16 * PETSC_PI)) * log(f);
      }
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(AeCurvatureCreateFields(g, AE_CURVATURE_INVARIANTS, &CF));
  PetscCall(AeFieldsCreateVec(CF, &C));
  PetscCall(AeCurvature(U, order, 0, 0, C, NULL, NULL));
  PetscCall(Middle(C, NI, inv));
  PetscCall(VecDestroy(&C));
  PetscCall(AeFieldsDestroy(&CF));
  PetscCall(VecDestroy(&U));
  PetscCall(AeFieldsDestroy(&F));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestStatic(void)
{
  double e[2][2] = {{0}}, inv[NI];

  PetscFunctionBegin;
  for (int p = 0; p < 3; p++)
    for (int m = 0; m < 2; m++) {
      PetscCall(StaticAt(Static[p], 4, m ? 0.05 : 0.1, inv));
      e[m][0] += PetscSqr(inv[0] - Static[p][3]);
      e[m][1] += PetscSqr(inv[4] - Static[p][4]);
    }
  TapNear(0.5 * log2(e[0][0] / e[1][0]), 4, 0.1, "static scalar field: R_abcd R^abcd converges to the four-dimensional value");
  TapNear(0.5 * log2(e[0][1] / e[1][1]), 4, 0.1, "and R");
  TapBelow(sqrt(e[1][0]), 1e-6, "to a thousandth of it at h = 0.05");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  for (PetscInt order = 2; order <= 8; order += 2) PetscCall(TestOrder(order, "-gr_formulation bssn"));
  PetscCall(TestOrder(4, "-gr_formulation bssn -gr_conformal w"));
  PetscCall(TestOrder(4, "-gr_formulation z4c"));
  PetscCall(TestOrder(4, "-gr_formulation ccz4"));
  PetscCall(TestOrder(4, "-gr_formulation adm"));
  for (PetscInt order = 2; order <= 8; order += 2) PetscCall(TestOrder(order, "adm"));
  PetscCall(TestInvariants());
  PetscCall(TestCosmology());
  PetscCall(TestStatic());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
