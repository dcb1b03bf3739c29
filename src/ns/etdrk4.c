/*
  TS type `etdrk4`: the fourth-order exponential time differencing Runge-Kutta scheme of Cox & Matthews (2002), Eqs. (26)-(29)

    a  = e^{z/2} u + dt/2 phi_1(z/2) N(t, u)
    b  = e^{z/2} u + dt/2 phi_1(z/2) N(t + dt/2, a)
    c  = e^{z/2} a + dt/2 phi_1(z/2) (2 N(t + dt/2, b) - N(t, u))
    u' = e^z u + dt [B1 N(t, u) + B2 (N(t + dt/2, a) + N(t + dt/2, b)) + B4 N(t + dt, c)]

  z = dt L; B1 = phi_1 - 3 phi_2 + 4 phi_3, B2 = 2 phi_2 - 4 phi_3, B4 = 4 phi_3 - phi_2, without cancellation near z = 0
  through the phi_j (Kassam & Trefethen 2005). Exact where N is constant. Seven vectors: u, two stages, four N. The stages are
  when those of the classical RK4 are, which this is at L = 0; the candidate is formed in the first one (levels.h).
*/
#include "ns_private.h"
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

typedef struct {
  Vec          A, Y, N[AE_RK4_STAGES];
  AeETDCombine combine;
  void        *ctx;
} TS_ETDRK4;

void AeETDFunctions(PetscReal z, PetscReal f[])
{
  PetscReal p[4], h[4];

  AePhi(z, p);
  AePhi(0.5 * z, h);
  f[AE_ETD_EXP]      = p[0];
  f[AE_ETD_EXP_HALF] = h[0];
  f[AE_ETD_PHI_HALF] = 0.5 * h[1];
  f[AE_ETD_B1]       = p[1] - 3.0 * p[2] + 4.0 * p[3];
  f[AE_ETD_B2]       = 2.0 * p[2] - 4.0 * p[3];
  f[AE_ETD_B4]       = 4.0 * p[3] - p[2];
}

static PetscErrorCode Combine(TS ts, Vec Y, PetscInt n, const AeETDFunction F[], const PetscReal w[], const Vec x[])
{
  TS_ETDRK4 *e = (TS_ETDRK4 *)ts->data;
  PetscReal  f[AE_ETD_FUNCTIONS];

  PetscFunctionBegin;
  if (e->combine) {
    PetscCall((*e->combine)(e->ctx, ts->time_step, Y, n, F, w, x));
    PetscFunctionReturn(0);
  }
  AeETDFunctions(0.0, f);
  PetscCall(VecSet(Y, 0.0));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecAXPY(Y, w[m] * f[F[m]], x[m]));
  PetscFunctionReturn(0);
}

/* The stage that is evaluated s-th, from what was evaluated before. */
static PetscErrorCode Stage(TS ts, PetscInt s, Vec *stage)
{
  TS_ETDRK4      *e    = (TS_ETDRK4 *)ts->data;
  const PetscReal dt   = ts->time_step;
  AeETDFunction   F[3] = {AE_ETD_EXP_HALF, AE_ETD_PHI_HALF, AE_ETD_PHI_HALF};
  PetscReal       w[3] = {1.0, dt, 0.0};
  Vec             x[3] = {ts->vec_sol, NULL, NULL}, Y = s == 1 ? e->A : e->Y;
  PetscInt        n = 2;

  PetscFunctionBegin;
  *stage = s ? Y : ts->vec_sol;
  if (!s) PetscFunctionReturn(0);
  x[1] = e->N[s - 1];
  if (s == 3) {
    x[0] = e->A;
    x[2] = e->N[0];
    w[1] = 2.0 * dt;
    w[2] = -dt;
    n    = 3;
  }
  PetscCall(Combine(ts, Y, n, F, w, x));
  PetscFunctionReturn(0);
}

/* A stage's state may be the solution itself or one of two vectors; the first of them is free again for the candidate. */
static PetscErrorCode Attempt(TS ts, Vec *candidate, PetscBool *accept)
{
  TS_ETDRK4          *e  = (TS_ETDRK4 *)ts->data;
  const PetscReal     dt = ts->time_step, w[5] = {1.0, dt, dt, dt, dt};
  const AeETDFunction F[5] = {AE_ETD_EXP, AE_ETD_B1, AE_ETD_B2, AE_ETD_B2, AE_ETD_B4};
  const Vec           x[5] = {ts->vec_sol, e->N[0], e->N[1], e->N[2], e->N[3]};
  PetscReal           c[AE_RK4_STAGES], unused[AE_RK4_STAGES];

  PetscFunctionBegin;
  AeRK4Steps(dt, c, unused);
  for (PetscInt s = 0; s < AE_RK4_STAGES; s++) {
    const PetscReal t = ts->ptime + c[s];
    Vec             Y;

    PetscCall(TSPreStage(ts, t));
    PetscCall(Stage(ts, s, &Y));
    PetscCall(TSPostStage(ts, t, s, &Y));
    PetscCall(TSAdaptCheckStage(ts->adapt, ts, t, Y, accept));
    if (!*accept) PetscFunctionReturn(0);
    PetscCall(TSComputeRHSFunction(ts, t, Y, e->N[s]));
  }
  PetscCall(Combine(ts, e->A, 5, F, w, x));
  *candidate = e->A;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSStep_ETDRK4(TS ts)
{
  static const AeTSScheme scheme = {"ETDRK4", 4, Attempt, NULL, NULL};

  PetscFunctionBegin;
  PetscCall(AeTSStepWith(ts, &scheme));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSSetUp_ETDRK4(TS ts)
{
  TS_ETDRK4 *e = (TS_ETDRK4 *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSCheckImplicitTerm(ts));
  PetscCall(VecDuplicate(ts->vec_sol, &e->A));
  PetscCall(VecDuplicate(ts->vec_sol, &e->Y));
  for (int s = 0; s < AE_RK4_STAGES; s++) PetscCall(VecDuplicate(ts->vec_sol, &e->N[s]));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSReset_ETDRK4(TS ts)
{
  TS_ETDRK4 *e = (TS_ETDRK4 *)ts->data;

  PetscFunctionBegin;
  PetscCall(VecDestroy(&e->A));
  PetscCall(VecDestroy(&e->Y));
  for (int s = 0; s < AE_RK4_STAGES; s++) PetscCall(VecDestroy(&e->N[s]));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetCombine_ETDRK4(TS ts, AeETDCombine combine, void *ctx)
{
  TS_ETDRK4 *e = (TS_ETDRK4 *)ts->data;

  PetscFunctionBegin;
  e->combine = combine;
  e->ctx     = ctx;
  PetscFunctionReturn(0);
}

PetscErrorCode AeTSETDRK4SetCombine(TS ts, AeETDCombine combine, void *ctx)
{
  PetscFunctionBegin;
  PetscTryMethod(ts, "AeTSETDRK4SetCombine_C", (TS, AeETDCombine, void *), (ts, combine, ctx));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSDestroy_ETDRK4(TS ts)
{
  PetscFunctionBegin;
  PetscCall(TSReset_ETDRK4(ts));
  PetscCall(PetscFree(ts->data));
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSETDRK4SetCombine_C", NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSView_ETDRK4(TS ts, PetscViewer viewer)
{
  PetscBool ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (ascii)
    PetscCall(PetscViewerASCIIPrintf(viewer, "  exponential time differencing, order 4, 7 vectors; linear part %s\n",
                                     ((TS_ETDRK4 *)ts->data)->combine ? "given" : "none"));
  PetscFunctionReturn(0);
}

/* Without AeTSETDRK4SetCombine() the linear part is none. */
static PetscErrorCode TSCreate_ETDRK4(TS ts)
{
  TS_ETDRK4 *e;

  PetscFunctionBegin;
  PetscCall(AeCite("CoxMatthews2002 KassamTrefethen2005"));
  PetscCall(PetscNew(&e));
  ts->data               = e;
  ts->ops->setup         = TSSetUp_ETDRK4;
  ts->ops->step          = TSStep_ETDRK4;
  ts->ops->reset         = TSReset_ETDRK4;
  ts->ops->destroy       = TSDestroy_ETDRK4;
  ts->ops->view          = TSView_ETDRK4;
  ts->default_adapt_type = TSADAPTNONE;
  ts->usessnes           = PETSC_FALSE;
  PetscCall(PetscObjectComposeFunction((PetscObject)ts, "AeTSETDRK4SetCombine_C", SetCombine_ETDRK4));
  PetscFunctionReturn(0);
}

PetscErrorCode AeETDRK4Register(void)
{
  PetscFunctionBegin;
  PetscCall(TSRegister(AE_TS_ETDRK4, TSCreate_ETDRK4));
  PetscFunctionReturn(0);
}
