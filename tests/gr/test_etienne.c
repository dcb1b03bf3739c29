/*
  Curvature-aware dissipation and slow-start lapse [Etienne, arXiv:2404.01137], on data with all terms present.  ranks: 1 2

  Both are additive in the right-hand side F, so that differences of right-hand sides are the terms themselves:
    F(sigma, curvature) - F(0) = sqrt(chi) [F(sigma) - F(0)]
    F_lapse(slow start) - F_lapse = -W h exp(-t^2/(2 s^2)) (alpha - W),   W = sqrt(chi)
  F is of order 10 (first derivatives over h) with a relative rounding of 1e-15 a term, some hundred terms: the
  differences are exact to 1e-12.
*/
#include "gr_test.h"

static const char Data[] =
  "-gr_initial kerr_schild -hole_spin 0.7 -hole_centre -4,-3.5,-3 -grid_n 16,10,12 -gr_gauge_lapse 1+log";

/* The right-hand side at time t under extra options; U too if asked for. */
static PetscErrorCode Rhs(const char form[], const char extra[], PetscReal t, AeGR *gr, Vec *U, Vec *F)
{
  char options[512];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(options, sizeof options, "%s -gr_gauge_shift %s -gr_formulation %s %s", Data,
                          strcmp(form, "adm") ? "gamma_driver_b" : "harmonic", form, extra));
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, gr));
  PetscCall(MakeState(*gr, U));
  PetscCall(VecDuplicate(*U, F));
  PetscCall(AeGRBeginStep(*gr));
  PetscCall(AeGRPrepareStage(*gr, *U, 0, AE_SWEEP_FIRST, 0, PETSC_TRUE));
  PetscCall(AeGRRHSFunction(NULL, t, *U, *F, *gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode Free(AeGR *gr, Vec *U, Vec *F)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(U));
  PetscCall(VecDestroy(F));
  PetscCall(AeGRDestroy(gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode Test(const char form[])
{
  enum { NONE, PLAIN, CURVATURE, GAUGE, SLOW, CASES };
  const char *const extra[CASES] = {"-diss_sigma 0", "-diss_sigma 0.3", "-diss_sigma 0.3 -diss_curvature",
                                    "-diss_sigma 0 -diss_sigma_gauge 0.3",
                                    "-diss_sigma 0 -gr_lapse_slow_start 0.6 -gr_lapse_slow_start_time 20"};
  const PetscReal   t = 7.0, S = 0.6 * exp(-t * t / (2 * 20 * 20));
  AeGR              gr[CASES];
  Vec               U[CASES], F[CASES];
  const double     *u, *f[CASES];
  double            e[3] = {0, 0, 0}, size[3] = {0, 0, 0};
  const AeLayout   *L;
  AeFields          fields;
  Z4Fields          at;
  char              text[96];

  PetscFunctionBegin;
  for (int c = 0; c < CASES; c++) PetscCall(Rhs(form, extra[c], t, &gr[c], &U[c], &F[c]));
  PetscCall(AeGRGet(gr[0], NULL, &fields, NULL, NULL, NULL));
  at = AeGRPlaces(gr[0]);
  PetscCall(AeFieldsGetInfo(fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(U[0], &u));
  for (int c = 0; c < CASES; c++) PetscCall(VecGetArrayRead(F[c], &f[c]));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        AeAdm  adm;
        double W, trK, gt[6], At[6];

        AeGRPointAdm(gr[0], u + AeAt(L, 0, k, j, i), L->stride, &adm);
        AeAdmToConformal(adm.g, adm.K, &W, gt, &trK, At);
        W = sqrt(W);
        for (ptrdiff_t m = 0; m < L->nf; m++) {
          const ptrdiff_t o     = AeAt(L, m, k, j, i);
          const double    plain = f[PLAIN][o] - f[NONE][o];
          const int       gauge = m == at.lapse || (m >= at.shift && m < at.shift + 3) || (at.B >= 0 && m >= at.B);
          const double    slow  = m == at.lapse ? -W * S * (u[o] - W) : 0.0;

          e[0]    = fmax(e[0], fabs(f[CURVATURE][o] - f[NONE][o] - W * plain));
          e[1]    = fmax(e[1], fabs(f[GAUGE][o] - f[NONE][o] - (gauge ? plain : 0.0)));
          e[2]    = fmax(e[2], fabs(f[SLOW][o] - f[NONE][o] - slow));
          size[0] = fmax(size[0], fabs((1 - W) * plain));
          if (gauge) size[1] = fmax(size[1], fabs(plain));
          size[2] = fmax(size[2], fabs(slow));
        }
      }
  for (int c = 0; c < CASES; c++) PetscCall(VecRestoreArrayRead(F[c], &f[c]));
  PetscCall(VecRestoreArrayRead(U[0], &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, size, 3, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  for (int m = 0; m < 3; m++) {
    static const char *const what[3] = {"dissipation times sqrt(chi)", "dissipation of the gauge fields alone",
                                        "slow-start term"};

    (void)snprintf(text, sizeof text, "%s: %s", form, what[m]);
    TapBelow(e[m], 1e-12, text);
    (void)snprintf(text, sizeof text, "%s: %s is there to be seen", form, what[m]);
    TapAbove(size[m], 1e-7, text);
  }
  for (int c = 0; c < CASES; c++) PetscCall(Free(&gr[c], &U[c], &F[c]));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  PetscCall(AeonicInitialize(&argc, &argv, ""));
  for (int form = 0; form < Z4_FORM_COUNT; form++) PetscCall(Test(Z4FormNames[form]));
  {
    const int status = TapDone();
    return AeonicFinalize() ? 3 : status;
  }
}
