/*
  A state and its datum: filling it, preparing stages, errors against the exact solution, stable time steps.
*/
#include "gr_private.h"

const char *const AeGRErrorNames[AE_GR_NERR] = {"g_xx", "g_xy", "g_xz", "g_yy", "g_yz", "g_zz", "K_xx", "K_xy", "K_xz", "K_yy", "K_yz", "K_zz", "lapse", "shift_x", "shift_y", "shift_z", "K", "chi"};

static void Position(AeGrid g, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i, PetscReal x[3])
{
  x[0] = AeGridX(g, 0, (PetscInt)i);
  x[1] = AeGridX(g, 1, (PetscInt)(g->js + j));
  x[2] = AeGridX(g, 2, (PetscInt)(g->ks + k));
}

/* -gr_lapse_initial; psi^-2 = sqrt(chi) */
static void SetLapse(AeInitial I, double chi, double *lapse)
{
  if (I->lapse_initial == AE_LAPSE_ONE) *lapse = 1.0;
  if (I->lapse_initial == AE_LAPSE_PSI2) *lapse = sqrt(chi);
}

/* Data that are values on the grid; gauge and noise as for formulas, the algebraic constraints only where values changed. */
static PetscErrorCode SetFromGrid(AeGR gr, Vec U)
{
  const PetscReal noise = gr->initial->perturb;
  const AeLayout *L;
  double         *u;
  PetscBool       whole;

  PetscFunctionBegin;
  PetscCall((*gr->initial->datum->fill)(gr->initial, gr->fields, U, &whole));
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        double *v = u + AeAt(L, 0, k, j, i), chi = v[Z4_CHI * L->stride];

        SetLapse(gr->initial, gr->params.use_w ? chi * chi : chi, &v[Z4_LAPSE * L->stride]);
        if (gr->lapse == &AeLapses[2]) v[Z4_LAPSE * L->stride] = 1.0;
        for (ptrdiff_t f = Z4_SHIFT; f < Z4_SHIFT + 3 && gr->shift == &AeShifts[2]; f++) v[f * L->stride] = 0.0;
        for (ptrdiff_t f = 0; f < L->nf && noise > 0; f++)
          if ((f != Z4_LAPSE || gr->lapse->evolved) && (f < Z4_SHIFT || f >= Z4_SHIFT + 3 || gr->shift->evolved))
            v[f * L->stride] += noise * AeInitialNoise(gr->initial->seed, (PetscInt)f, (PetscInt)i, (PetscInt)(gr->grid->js + j), (PetscInt)(gr->grid->ks + k));
      }
  PetscCall(VecRestoreArray(U, &u));
  if (!whole || noise > 0) PetscCall(AeGREnforce(gr, U));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetFromFormula(AeGR gr, Vec U, PetscReal t)
{
  AeGrid          g = gr->grid;
  const AeLayout *L;
  double         *u;
  /* the testbed's noise falls with the cells' size squared from 50 cells on [AwA]; -gr_perturb does not */
  const PetscReal rho = g->n[0] / 50.0, noise = gr->initial->noise / (rho * rho) + gr->initial->perturb;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        PetscReal x[3];
        double    v[AE_INITIAL_NV];

        Position(g, k, j, i, x);
        AeInitialConformal(gr->initial, t, x, v);
        SetLapse(gr->initial, v[0], &v[Z4_LAPSE]);
        if (gr->lapse == &AeLapses[2]) v[Z4_LAPSE] = 1.0;                                     /* geodesic */
        if (gr->shift == &AeShifts[2]) v[Z4_SHIFT] = v[Z4_SHIFT + 1] = v[Z4_SHIFT + 2] = 0.0; /* zero */
        if (gr->params.use_w) v[0] = sqrt(v[0]);
        for (ptrdiff_t f = 0; f < L->nf; f++) {
          const PetscBool given = (PetscBool)((f == Z4_LAPSE && !gr->lapse->evolved) || (f >= Z4_SHIFT && f < Z4_SHIFT + 3 && !gr->shift->evolved));

          u[AeAt(L, f, k, j, i)] = (f < 21 ? v[f] : 0.0) + (noise > 0 && !given ? noise * AeInitialNoise(gr->initial->seed, (PetscInt)f, (PetscInt)i, (PetscInt)(g->js + j), (PetscInt)(g->ks + k)) : 0.0);
        }
      }
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(AeGREnforce(gr, U));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSetState(AeGR gr, Vec U, PetscReal t)
{
  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_INITIAL], U, 0, 0, 0));
  if (gr->initial->datum->fill) PetscCall(SetFromGrid(gr, U));
  else PetscCall(SetFromFormula(gr, U, t));
  PetscCall(AeGRBeginStep(gr));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_INITIAL], U, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPrepareStage(AeGR gr, Vec Y, PetscReal t, PetscInt stage, PetscBool enforce)
{
  PetscFunctionBegin;
  gr->stage = stage;
  if (enforce) PetscCall(AeGREnforce(gr, Y));
  PetscCall(AeGRSetGauge(gr, Y, t));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  AeGR gr;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &gr));
  PetscCall(AeGRPrepareStage(gr, Y[0], t, stage, (PetscBool)(stage > 0 && !gr->fuse_enforce)));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRErrors(AeGR gr, Vec U, PetscReal t, PetscReal l2[], PetscReal linf[])
{
  AeGrid          g = gr->grid;
  const AeLayout *L;
  const double   *u;
  const int       theta = gr->form == Z4_FORM_z4c;
  const PetscReal N     = (PetscReal)g->n[0] * g->n[1] * g->n[2];
  AeSum           sum[AE_GR_NERR];
  double         *e;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_EXACT], U, 0, 0, 0));
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(PetscMalloc1(AE_GR_NERR * L->nx, &e));
  for (int m = 0; m < AE_GR_NERR; m++) {
    AeSumZero(&sum[m]);
    linf[m] = 0.0;
  }
  PetscCall(VecGetArrayRead(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        PetscReal x[3];
        AeAdm     adm;
        double    v[AE_INITIAL_NV], got[AE_GR_NERR], want[AE_GR_NERR], gt[6], At[6], chi, trK;

        Position(g, k, j, i, x);
        AeInitialAdm(gr->initial, t, x, &adm);
        for (int f = 0; f < 21; f++) v[f] = u[AeAt(L, f, k, j, i)];
        if (gr->params.use_w) v[0] *= v[0];
        if (theta) v[Z4_K] += 2.0 * u[AeAt(L, Z4_THETA, k, j, i)];
        AeConformalToAdm(v[Z4_CHI], v + Z4_GT, v[Z4_K], v + Z4_AT, got, got + 6);
        for (int m = 0; m < 4; m++) got[12 + m] = v[Z4_LAPSE + m];
        got[16] = v[Z4_K];
        got[17] = v[Z4_CHI];
        AeAdmToConformal(adm.g, adm.K, &chi, gt, &trK, At);
        for (int m = 0; m < 6; m++) want[m] = adm.g[m], want[6 + m] = adm.K[m];
        want[12] = adm.alpha;
        for (int m = 0; m < 3; m++) want[13 + m] = adm.beta[m];
        want[16] = trK;
        want[17] = chi;
        for (int m = 0; m < AE_GR_NERR; m++) {
          const double d = e[m * L->nx + i] = got[m] - want[m];

          if (!(fabs(d) <= linf[m])) linf[m] = fabs(d);
        }
      }
      for (int m = 0; m < AE_GR_NERR; m++) AeSumAdd(&sum[m], AeRowSumSquares(e + m * L->nx, L->nx));
    }
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(AeSumReduce(gr->comm, AE_GR_NERR, sum));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, linf, AE_GR_NERR, MPIU_REAL, MPI_MAX, gr->comm));
  for (int m = 0; m < AE_GR_NERR; m++) l2[m] = PetscSqrtReal(AeSumValue(&sum[m]) / N);
  PetscCall(PetscFree(e));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_EXACT], U, 0, 0, 0));
  PetscFunctionReturn(0);
}

/* h times the largest frequency that second differences of this order support: sqrt(-h^2 symbol at theta = pi). */
static PetscReal LargestFrequency(PetscInt order)
{
  const AeFD *T = AE_FD(order);
  PetscReal   x = T->b[0];

  for (int k = 1; k <= order / 2; k++) x += 2.0 * T->b[k] * (k % 2 ? -1.0 : 1.0);
  return PetscSqrtReal(-x);
}

PetscErrorCode AeGRStableDt(AeGR gr, Vec U, PetscReal *dt)
{
  const AeLayout *L;
  const double   *u;
  double          speed[3] = {0, 0, 0};

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        double gt[6], gu[3], chi = u[AeAt(L, Z4_CHI, k, j, i)], alpha = u[AeAt(L, Z4_LAPSE, k, j, i)], c;

        for (int ab = 0; ab < 6; ab++) gt[ab] = u[AeAt(L, Z4_GT + ab, k, j, i)];
        if (gr->params.use_w) chi *= chi;
        gu[0] = gt[3] * gt[5] - gt[4] * gt[4];
        gu[1] = gt[0] * gt[5] - gt[2] * gt[2];
        gu[2] = gt[0] * gt[3] - gt[1] * gt[1];
        /* light, and gauge: alpha^2 f with f = 2/alpha for 1+log */
        c = alpha * PetscMax(1.0, gr->params.lapse_const > 0 ? sqrt(gr->params.lapse_const / alpha) : 1.0);
        for (int a = 0; a < 3; a++) speed[a] = PetscMax(speed[a], PetscMax(c * sqrt(fabs(chi * gu[a])), sqrt(gr->shift->speed2)) + fabs(u[AeAt(L, Z4_SHIFT + a, k, j, i)]));
      }
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, speed, 3, MPI_DOUBLE, MPI_MAX, gr->comm));
  *dt = 2.0 * PetscSqrtReal(2.0) * gr->grid->h / (LargestFrequency(gr->order) * PetscSqrtReal(speed[0] * speed[0] + speed[1] * speed[1] + speed[2] * speed[2]));
  PetscFunctionReturn(0);
}
