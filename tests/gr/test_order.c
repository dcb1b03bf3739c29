/*
  Orders of the right-hand sides and constraints against exact solutions.  ranks: 2

  kerr_schild: every field depends on all directions, lapse and shift included, and every term of the equations acts;
  the spacetime is stationary in its own gauge, so that what is left of each right-hand side is its error.
  shifted_gauge_wave along (1,2,2)/3: harmonic lapse and shift; the right-hand side is compared with the time
  derivative of the exact solution (differences of order 8 in time, step 0.005: error below 1e-13).
*/
#include "gr_test.h"

static const char Kerr[] = "-gr_initial kerr_schild -hole_spin 0.7 -hole_centre -4,-3.5,-3";
static const char Wave[] =
  "-gr_initial shifted_gauge_wave -gw_amplitude 0.2 -gw_direction 1,2,2 -grid_boundary exact -grid_half_width 0.5";

/* The exact solution at an event in a state's variables: conformal ones, or metric and extrinsic curvature. */
static void Exact(AeInitial I, const Z4Fields *at, PetscReal t, const PetscReal x[3], double v[Z4_FIELDS_MAX])
{
  AeAdm adm;

  for (int f = 0; f < Z4_FIELDS_MAX; f++) v[f] = 0;
  if (at->chi >= 0) {
    double c[AE_INITIAL_NV];

    AeInitialConformal(I, t, x, c);
    for (int f = 0; f < Z4_THETA; f++) v[f] = c[f];
    return;
  }
  AeInitialAdm(I, t, x, &adm);
  for (int s = 0; s < 6; s++) v[at->metric + s] = adm.g[s], v[at->curv + s] = adm.K[s];
  v[at->lapse] = adm.alpha;
  for (int a = 0; a < 3; a++) v[at->shift + a] = adm.beta[a];
}

/* d_t of it */
static void ExactRate(AeInitial I, const Z4Fields *at, const PetscReal x[3], double rate[Z4_FIELDS_MAX])
{
  static const double c[4] = {4. / 5, -1. / 5, 4. / 105, -1. / 280};
  const double        dt   = 0.005;

  for (int f = 0; f < Z4_FIELDS_MAX; f++) rate[f] = 0;
  for (int s = 1; s <= 4; s++) {
    double a[Z4_FIELDS_MAX], b[Z4_FIELDS_MAX];

    Exact(I, at, s * dt, x, a);
    Exact(I, at, -s * dt, x, b);
    for (int f = 0; f < Z4_FIELDS_MAX; f++) rate[f] += c[s - 1] * (a[f] - b[f]) / dt;
  }
}

/* Root mean square errors of the right-hand sides by field, and H and M. */
static PetscErrorCode Residuals(const char data[], const char form[], int order, const int n[3], Z4Fields *at,
                                PetscReal rhs[Z4_FIELDS_MAX], PetscReal con[2])
{
  AeGR            gr;
  AeGrid          g;
  AeInitial       I;
  AeFields        F;
  const AeLayout *L;
  Vec             U, R;
  const double   *r;
  AeGRStats       stats;
  char            text[512];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(text, sizeof text, "%s -gr_formulation %s -fd_order %d -grid_n %d,%d,%d -gr_kappa1 0.3 -diss_sigma 0",
                          data, form, order, n[0], n[1], n[2]));
  PetscCall(MakeGR(PETSC_COMM_WORLD, text, &gr));
  PetscCall(MakeState(gr, &U));
  PetscCall(VecDuplicate(U, &R));
  PetscCall(AeGRGet(gr, &g, &F, &I, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  *at = AeGRPlaces(gr);
  PetscCall(AeGRRHSFunction(NULL, 0.0, U, R, gr));
  PetscCall(VecGetArrayRead(R, &r));
  for (ptrdiff_t f = 0; f < L->nf; f++) rhs[f] = 0;
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const PetscReal x[3]                = {AeGridX(g, 0, (PetscInt)i), AeGridX(g, 1, g->js + (PetscInt)j),
                                               AeGridX(g, 2, g->ks + (PetscInt)k)};
        double          rate[Z4_FIELDS_MAX] = {0};

        if (data == Wave) ExactRate(I, at, x, rate);
        for (ptrdiff_t f = 0; f < L->nf; f++) rhs[f] += PetscSqr(r[AeAt(L, f, k, j, i)] - rate[f]);
      }
  PetscCall(VecRestoreArrayRead(R, &r));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, rhs, (PetscMPIInt)L->nf, MPIU_REAL, MPI_SUM, PETSC_COMM_WORLD));
  for (ptrdiff_t f = 0; f < L->nf; f++) rhs[f] = PetscSqrtReal(rhs[f] / ((PetscReal)n[0] * n[1] * n[2]));
  PetscCall(AeGRConstraints(gr, U, 0.0, NULL, &stats));
  con[0] = stats.H_l2;
  con[1] = stats.M_l2;
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&R));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

/*
  The order seen between grids h and h/1.5 is p + c h^m; finer grids, where c h^m is negligible, would drown high
  orders in rounding. Three grids give two such orders, and with m known the order at h = 0.
  m = 1 in general, since upwinding brings odd powers; m = 2 for the norm over a plane wave, whose odd terms are a
  quarter of a wave out of phase and add in squares.
*/
static PetscReal Order(const PetscReal e[3], int m)
{
  const PetscReal q1 = PetscLogReal(e[0] / e[1]) / PetscLogReal(1.5), q2 = PetscLogReal(e[1] / e[2]) / PetscLogReal(1.5);

  return q2 + (q2 - q1) / (PetscPowRealInt(1.5, m) - 1.0);
}

/* Fields whose errors are taken together. */
enum { NGROUP = 8 };
static const char *const groups[NGROUP] = {
  "conformal factor", "metric", "K", "extrinsic curvature", "Gamt", "Theta", "lapse", "shift"};
static const int sizes[NGROUP] = {1, 6, 1, 6, 3, 1, 1, 3};
static int       Place(const Z4Fields *at, int group)
{
  return (const int[NGROUP]){at->chi, at->metric, at->K, at->curv, at->Gam, at->Theta, at->lapse, at->shift}[group];
}

static PetscErrorCode Orders(const char data[], const char form[], int order, int first, PetscBool cube)
{
  PetscReal r[3][Z4_FIELDS_MAX], c[3][2], e[3];
  Z4Fields  at;
  char      text[128];
  const int given = data == Kerr; /* its lapse and shift are given, not evolved */

  PetscFunctionBegin;
  for (int m = 0; m < 3; m++) {
    const int n = m == 0 ? first : m == 1 ? first * 3 / 2 : first * 9 / 4, size[3] = {n, cube ? n : n / 4, cube ? n : n / 4};
    PetscCall(Residuals(data, form, order, size, &at, r[m], c[m]));
  }
  for (int q = 0; q < NGROUP; q++) {
    const int from = Place(&at, q);

    if (from < 0 || (given && (from == at.lapse || from == at.shift))) continue;
    for (int m = 0; m < 3; m++) {
      e[m] = 0;
      for (int f = from; f < from + sizes[q]; f++) e[m] += PetscSqr(r[m][f]);
      e[m] = PetscSqrtReal(e[m]);
    }
    (void)snprintf(text, sizeof text, "%s order %d %s: right-hand side of %s", form, order, given ? "Kerr-Schild" : "gauge wave",
                   groups[q]);
    TapNear(Order(e, given ? 1 : 2), order, 0.1, text);
  }
  for (int q = 0; q < 2; q++) {
    for (int m = 0; m < 3; m++) e[m] = c[m][q];
    (void)snprintf(text, sizeof text, "%s order %d %s: %s", form, order, given ? "Kerr-Schild" : "gauge wave", q ? "M" : "H");
    TapNear(Order(e, given ? 1 : 2), order, 0.1, text);
  }
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  for (int form = 0; form < Z4_FORM_COUNT; form++) {
    const char *name = Z4FormNames[form];
    /* the higher the order, the coarser, to stay above rounding: at order 8 the window between the asymptotic range
       and rounding is closed for the smooth far field of a hole, and the wave alone is used */
    const int kerr[3] = {28, 24, 24}, wave[4] = {32, 32, 32, 16};

    for (int o = 0; o < 3; o++) PetscCall(Orders(Kerr, name, 2 * o + 2, kerr[o], PETSC_TRUE));
    for (int o = 0; o < 4; o++) PetscCall(Orders(Wave, name, 2 * o + 2, wave[o], PETSC_FALSE));
  }
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
