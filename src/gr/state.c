/*
  A state and its datum: filling it, preparing stages, errors against the exact solution, stable time steps.
*/
#include "gr_private.h"
#include <aeonic/rk4.h>

static AE_EVENT(InitialEvent, "AeInitial");
static AE_EVENT(ExactEvent, "AeExact");

const char *const AeGRErrorNames[AE_GR_NERR] = {"g_xx",    "g_xy",    "g_xz", "g_yy", "g_yz", "g_zz",  "K_xx",
                                                "K_xy",    "K_xz",    "K_yy", "K_yz", "K_zz", "lapse", "shift_x",
                                                "shift_y", "shift_z", "K",    "chi",  "phi",  "Pi"};

static void Position(AeGrid g, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i, PetscReal x[3])
{
  x[0] = AeGridX(g, 0, (PetscInt)i);
  x[1] = AeGridX(g, 1, (PetscInt)(g->js + j));
  x[2] = AeGridX(g, 2, (PetscInt)(g->ks + k));
}

PetscInt AeGRNumErrors(AeGR gr) { return gr->params.has_phi ? AE_GR_NERR : AE_GR_NERR - 2; }

/* A cell of the initial state once its datum is there: -gr_lapse_initial (psi^-2 = sqrt(chi)), gauges that fix lapse or
   shift, noise on whatever is evolved. */
static void Finish(AeGR gr, double *v, ptrdiff_t stride, const PetscInt cell[3], PetscReal noise)
{
  const Z4Fields *at    = &gr->at;
  double         *lapse = v + at->lapse * stride, *shift = v + at->shift * stride;

  if (gr->initial->lapse_initial == AE_LAPSE_ONE || gr->lapse == &AeLapses[2]) *lapse = 1.0; /* geodesic */
  else if (gr->initial->lapse_initial == AE_LAPSE_PSI2) *lapse = sqrt(AeGRPointChi(gr, v, stride));
  if (gr->shift == &AeShifts[2]) shift[0] = shift[stride] = shift[2 * stride] = 0.0; /* zero */
  for (int f = 0; f < at->count && noise > 0; f++) {
    const PetscBool given =
      (PetscBool)((f == at->lapse && !gr->lapse->evolved) || (f >= at->shift && f < at->shift + 3 && !gr->shift->evolved));

    if (!given) v[f * stride] += noise * AeInitialNoise(gr->initial->seed, f, cell[0], cell[1], cell[2]);
  }
}

/* The datum's values, by formula unless the datum filled the state; *whole: the algebraic constraints hold already. */
static PetscErrorCode FillState(AeGR gr, Vec U, PetscReal t, PetscBool filled, PetscBool *whole)
{
  AePatch         P;
  const AeLayout *L;
  double         *u;
  PetscReal       rho, noise;

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, U, &P));
  L = P->L;
  /* the testbed's noise falls with the cells' size squared from 50 cells on [AwA]; -gr_perturb does not */
  rho   = P->grid->n[0] / 50.0;
  noise = gr->initial->noise / (rho * rho) + gr->initial->perturb;
  if (noise > 0) *whole = PETSC_FALSE;
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const PetscInt cell[3] = {(PetscInt)i, P->grid->js + (PetscInt)j, P->grid->ks + (PetscInt)k};
        double        *at      = u + AeAt(L, 0, k, j, i);

        if (!filled) {
          PetscReal x[3];
          double    v[Z4_FIELDS_MAX];

          Position(P->grid, k, j, i, x);
          AeGRDatum(gr, t, x, v);
          for (ptrdiff_t f = 0; f < L->nf; f++) at[f * L->stride] = v[f];
        }
        Finish(gr, at, L->stride, cell, noise);
      }
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSetState(AeGR gr, Vec U, PetscReal t)
{
  const AeDatum *datum = gr->initial->datum;
  PetscBool      whole = PETSC_FALSE;
  AePatch        P;

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, U, &P));
  PetscCall(PetscLogEventBegin(InitialEvent, U, 0, 0, 0));
  if (datum->fill) PetscCall((*datum->fill)(gr->initial, P->fields, U, &whole));
  PetscCall(FillState(gr, U, t, (PetscBool)(datum->fill != NULL), &whole));
  if (!whole) PetscCall(AeGREnforce(gr, U));
  PetscCall(AeGRGaugeChanged(gr));
  PetscCall(AeGRSolveGauge(gr, U, t, AE_SWEEP_FIRST));
  PetscCall(AeGRBeginStep(gr));
  PetscCall(PetscLogEventEnd(InitialEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPrepareStage(AeGR gr, Vec Y, PetscReal t, AeSweep sweep, PetscInt stage, PetscBool enforce)
{
  AePatch P;

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, Y, &P));
  P->sweep = sweep;
  P->stage = sweep == AE_SWEEP_STAGE ? stage : 0;
  if (enforce) PetscCall(AeGREnforce(gr, Y));
  PetscCall(AeGRSetGauge(gr, Y, t));
  PetscCall(AeGRSolveGauge(gr, Y, t, sweep));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPostStage(TS ts, PetscReal t, PetscInt stage, Vec *Y)
{
  AeGR gr;

  PetscFunctionBegin;
  PetscCall(TSGetApplicationContext(ts, &gr));
  PetscCall(
    AeGRPrepareStage(gr, Y[0], t, stage ? AE_SWEEP_STAGE : AE_SWEEP_FIRST, stage, (PetscBool)(stage > 0 && !gr->fuse_enforce)));
  PetscFunctionReturn(0);
}

/* The numbers whose errors are reported, in the order of AeGRErrorNames. */
static void Compared(const AeAdm *adm, double v[AE_GR_NERR])
{
  double gt[6], At[6];

  for (int m = 0; m < 6; m++) v[m] = adm->g[m], v[6 + m] = adm->K[m];
  v[12] = adm->alpha;
  for (int m = 0; m < 3; m++) v[13 + m] = adm->beta[m];
  AeAdmToConformal(adm->g, adm->K, &v[17], gt, &v[16], At);
  v[18] = adm->phi;
  v[19] = adm->Pi;
}

PetscErrorCode AeGRErrors(AeGR gr, Vec U, PetscReal t, PetscReal l2[], PetscReal linf[])
{
  AePatch         P;
  const AeLayout *L;
  const double   *u;
  const PetscInt  nerr = AeGRNumErrors(gr);
  AeSum           sum[AE_GR_NERR];
  ptrdiff_t       i0, i1;
  double         *e;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(ExactEvent, U, 0, 0, 0));
  PetscCall(AeGRPatch(gr, U, &P));
  L = P->L;
  PetscCall(PetscMalloc1(nerr * L->nx, &e));
  for (PetscInt m = 0; m < nerr; m++) {
    AeSumZero(&sum[m]);
    linf[m] = 0.0;
  }
  PetscCall(VecGetArrayRead(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      if (!AeGRFrozen(gr, P->grid, k, j, &i0, &i1)) i0 = i1 = 0;
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const PetscBool frozen = (PetscBool)(i >= i0 && i < i1);
        PetscReal       x[3];
        AeAdm           adm;
        double          got[AE_GR_NERR], want[AE_GR_NERR];

        Position(P->grid, k, j, i, x);
        AeGRPointAdm(gr, u + AeAt(L, 0, k, j, i), L->stride, &adm);
        Compared(&adm, got);
        AeInitialAdm(gr->initial, t, x, &adm);
        Compared(&adm, want);
        for (PetscInt m = 0; m < nerr; m++) {
          const double d = e[m * L->nx + i] = frozen ? 0.0 : got[m] - want[m];

          if (!(fabs(d) <= linf[m])) linf[m] = fabs(d);
        }
      }
      for (PetscInt m = 0; m < nerr; m++) AeSumAdd(&sum[m], AeRowSumSquares(e + m * L->nx, L->nx));
    }
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(AeSumReduce(gr->comm, (PetscMPIInt)nerr, sum));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, linf, (PetscMPIInt)nerr, MPIU_REAL, MPI_MAX, gr->comm));
  for (PetscInt m = 0; m < nerr; m++) l2[m] = PetscSqrtReal(AeSumValue(&sum[m]) / P->points);
  PetscCall(PetscFree(e));
  PetscCall(PetscLogEventEnd(ExactEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRExtremes(AeGR gr, Vec U, PetscReal *lapse_min, PetscReal *chi_min, PetscReal *K_max)
{
  AePatch         P;
  const AeLayout *L;
  const double   *u;
  double          most[3] = {-PETSC_INFINITY, -PETSC_INFINITY, -PETSC_INFINITY};

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, U, &P));
  L = P->L;
  PetscCall(VecGetArrayRead(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      ptrdiff_t i0, i1;

      if (!AeGRFrozen(gr, P->grid, k, j, &i0, &i1)) i0 = i1 = 0;
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        AeAdm  adm;
        double chi, gt[6], At[6], K;

        if (i >= i0 && i < i1) continue;
        AeGRPointAdm(gr, u + AeAt(L, 0, k, j, i), L->stride, &adm);
        AeAdmToConformal(adm.g, adm.K, &chi, gt, &K, At);
        most[0] = PetscMax(most[0], -adm.alpha);
        most[1] = PetscMax(most[1], -chi);
        most[2] = PetscMax(most[2], fabs(K));
      }
    }
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 3, MPI_DOUBLE, MPI_MAX, gr->comm));
  *lapse_min = -most[0];
  *chi_min   = -most[1];
  *K_max     = most[2];
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

/*
  Of light and gauge, over alpha: the lapse's squared speed is f = lapse_alpha + lapse_const/alpha (2/alpha for 1+log).
  In adm no Gamma^i hides the mixed derivatives, which vanish at the grid's frequency while those of one axis do not. There
  d_t^2 tr h = -(4 + 3 f) s tr h of a perturbation h, where a light wave has 3 s; -s is the symbol of d_x d_x.
*/
static inline RealV FastestSpeed(AeGR gr, RealV alpha)
{
  const RealV f = gr->params.lapse_alpha + gr->params.lapse_const / alpha;

  return Sqrt(gr->conformal ? Larger(Splat(1.0), f) : (4.0 + 3.0 * f) / 3.0);
}

/* Coordinate speeds along each axis at AE_LANES cells from u on: of light or gauge, c sqrt(g^aa), or of the shift's driver, and
   what the shift carries along. */
static inline void Speeds(AeGR gr, const double *u, ptrdiff_t stride, RealV speed[3])
{
  const Z4Fields *at    = &gr->at;
  const RealV     alpha = Load(u + at->lapse * stride), c = alpha * FastestSpeed(gr, alpha);
  const double    least = sqrt(gr->shift->speed2);
  RealV           m[6], gu[6], det;

  for (int ab = 0; ab < 6; ab++) m[ab] = Load(u + (at->metric + ab) * stride);
  if (gr->conformal) {
    const RealV chi = Load(u + Z4_CHI * stride), by = gr->params.use_w ? chi * chi : chi;

    for (int ab = 0; ab < 6; ab++) m[ab] /= by;
  }
  AE_SYM_COFACTORS(m, gu);
  det = AE_SYM_DET(m, gu);
  for (int a = 0; a < 3; a++) /* xx, yy, zz */
    speed[a] = Larger(c * Sqrt(Abs(gu[a * (7 - a) / 2] / det)), Splat(least)) + Abs(Load(u + (at->shift + a) * stride));
}

/* A row's last block slides back; a row shorter than a block ends in ghosts, whose lanes do not count, nor do those of frozen
   cells. */
PetscErrorCode AeGRStableDt(AeGR gr, Vec U, PetscReal *dt)
{
  AePatch         P;
  const AeLayout *L;
  const double   *u;
  double          speed[3] = {0, 0, 0};
  RealV           most[3]  = {Splat(0), Splat(0), Splat(0)}, here[3];
  MaskV           lane     = {0};
  ptrdiff_t       i0, i1;

  PetscFunctionBegin;
  for (int l = 0; l < AE_LANES; l++) lane[l] = l;
  PetscCall(AeGRPatch(gr, U, &P));
  L = P->L;
  PetscCall(VecGetArrayRead(U, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      if (!AeGRFrozen(gr, P->grid, k, j, &i0, &i1)) i0 = i1 = 0;
      for (ptrdiff_t block = 0; block < L->nx; block += AE_LANES) {
        const ptrdiff_t i  = PetscMax(0, PetscMin(block, L->nx - AE_LANES));
        const MaskV     at = lane + i, out = (at >= L->nx) | ((at >= i0) & (at < i1));

        Speeds(gr, u + AeAt(L, 0, k, j, i), L->stride, here);
        for (int a = 0; a < 3; a++) most[a] = Larger(most[a], (RealV)(~out & (MaskV)here[a]));
      }
    }
  PetscCall(VecRestoreArrayRead(U, &u));
  for (int a = 0; a < 3; a++)
    for (int l = 0; l < AE_LANES; l++) speed[a] = PetscMax(speed[a], most[a][l]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, speed, 3, MPI_DOUBLE, MPI_MAX, gr->comm));
  *dt = AE_RK4_IMAGINARY * P->grid->h /
        (LargestFrequency(gr->order) * PetscSqrtReal(speed[0] * speed[0] + speed[1] * speed[1] + speed[2] * speed[2]));
  PetscFunctionReturn(0);
}
