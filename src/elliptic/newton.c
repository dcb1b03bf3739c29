/*
  Nonlinear problems F(u) = A u + q(x,u) - f = 0 with q pointwise: SNES with the analytic action of the Jacobian A + dq/du,
  and the full approximation scheme.

  The coefficient field of the operator holds c + s with s = dq/du at the point of linearisation, so that
  F(u) = (A + s) u + (q(u) - s u) - f.
*/
#include "ell_private.h"
#include <petsc/private/snesimpl.h>
#undef I

/* q and dq on a row; out of the data of level v */
static void Pointwise(AeEll ell, const EllLevel *v, ptrdiff_t k, ptrdiff_t j, const double *u, double *q, double *dq)
{
  const PetscReal *data[16];
  const PetscReal *us[1] = {u};
  PetscReal       *qs[1] = {q};

  for (PetscInt d = 0; d < ell->ndata; d++) data[d] = v->data + AeAt(&v->LD, d, k, j, 0);
  (*ell->q)(ell->q_ctx, v->n[0], data, us, qs, dq);
}

PetscErrorCode AeEllSetNonlinear(AeEll ell, AeEllPointwise q, void *ctx, PetscInt ndata, Vec data)
{
  PetscFunctionBegin;
  PetscCheck(ell->nc == 1, ell->comm, PETSC_ERR_SUP, "pointwise nonlinearities are for scalar problems");
  PetscCheck(ndata <= 16, ell->comm, PETSC_ERR_ARG_OUTOFRANGE, "at most 16 data fields");
  PetscCheck(!ell->from_options, ell->comm, PETSC_ERR_ORDER, "AeEllSetNonlinear comes before AeEllSetFromOptions");
  ell->q     = q;
  ell->q_ctx = ctx;
  ell->ndata = ndata;
  if (ell->op == AE_ELL_POISSON) { /* its Jacobian has a coefficient */
    ell->op    = AE_ELL_HELMHOLTZ;
    ell->ncoef = 1;
  }
  PetscCall(PetscObjectReference((PetscObject)data));
  PetscCall(VecDestroy(&ell->data));
  ell->data = data;
  PetscFunctionReturn(0);
}

/* what the operator is without q: the user's c, or zero */
static PetscErrorCode Begin(AeEll ell)
{
  EllLevel *v = &ell->lv[0];

  PetscFunctionBegin;
  PetscCall(EllLoad(ell, ell->data, &v->LD, v, v->data));
  PetscCall(EllCoarsenFields(ell, PETSC_TRUE));
  ell->have_c = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* y = A u + q(u) - f at order p */
static PetscErrorCode Function(AeEll ell, Vec f, Vec u, Vec y)
{
  AeGrid         g  = ell->grid;
  EllLevel      *v  = &ell->lv[0];
  const PetscInt k0 = v->redundant ? g->ks : 0;
  const double  *x, *rhs = NULL;
  double        *out, *q = ell->scratch, *dq = q + AeRoundUp(g->n[0] + AE_LINE, AE_LINE);

  PetscFunctionBegin;
  PetscCall(EllOuterApply(ell, NULL, u, y, PETSC_FALSE));
  PetscCall(VecGetArrayRead(u, &x));
  if (f) PetscCall(VecGetArrayRead(f, &rhs));
  PetscCall(VecGetArray(y, &out));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++) {
      const PetscInt at = AeEllAt(g, 0, k, j, 0);
      const double  *s  = v->s + AeAt(&v->L, 0, k0 + k, g->js + j, 0);

      Pointwise(ell, v, k0 + k, g->js + j, x + at, q, dq);
      for (PetscInt i = 0; i < g->n[0]; i++) out[at + i] += q[i] - s[i] * x[at + i] - (rhs ? rhs[at + i] : 0);
    }
  PetscCall(VecRestoreArray(y, &out));
  if (f) PetscCall(VecRestoreArrayRead(f, &rhs));
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscFunctionReturn(0);
}

/* the operator becomes A + s with s = dq/du at u, or A for u = NULL */
static PetscErrorCode Linearise(AeEll ell, Vec u)
{
  EllLevel      *v   = &ell->lv[0];
  const PetscInt f_c = ell->ncoef - 1; /* c is the last coefficient */
  double        *q = ell->scratch, *dq = q + AeRoundUp(v->n[0] + AE_LINE, AE_LINE);

  PetscFunctionBegin;
  if (u) PetscCall(EllLoad(ell, u, &v->L, v, v->x));
  for (PetscInt k = 0; k < v->nk; k++)
    for (PetscInt j = 0; j < v->n[1]; j++) {
      double *s = v->s + AeAt(&v->L, 0, k, j, 0), *c = v->c + AeAt(&v->LC, f_c, k, j, 0);

      if (u) Pointwise(ell, v, k, j, v->x + AeAt(&v->L, 0, k, j, 0), q, dq);
      for (PetscInt i = 0; i < v->n[0]; i++) {
        const double new = u ? dq[i] : 0;
        c[i] += new - s[i];
        s[i] = new;
      }
    }
  PetscCall(EllCoarsenFields(ell, PETSC_FALSE));
  ell->stale = PETSC_TRUE;
  PetscCall(PetscObjectStateIncrease((PetscObject)ell->A));
  PetscFunctionReturn(0);
}

static PetscErrorCode FormFunction(SNES snes, Vec u, Vec F, void *p)
{
  AeEll ell = (AeEll)p;

  PetscFunctionBegin;
  (void)snes;
  PetscCall(Function(ell, ell->f, u, F));
  PetscFunctionReturn(0);
}

static PetscErrorCode FormJacobian(SNES snes, Vec u, Mat A, Mat P, void *p)
{
  PetscFunctionBegin;
  (void)snes;
  (void)A;
  (void)P;
  PetscCall(Linearise((AeEll)p, u));
  PetscFunctionReturn(0);
}

/* ---- the full approximation scheme ------------------------------------------------------------------------- */

/* r = f - N(x) on a row of level v, N = A + q without the linearisation; dq too */
static void RowResidual(AeEll ell, const EllLevel *v, ptrdiff_t k, ptrdiff_t j, double *r, double *q, double *dq)
{
  const double *x = v->x + AeAt(&v->L, 0, k, j, 0);

  EllResidualRow(ell, v, 0, k, j, r);
  Pointwise(ell, v, k, j, x, q, dq);
  for (PetscInt i = 0; i < v->n[0]; i++) r[i] -= q[i];
}

/* Red-black Gauss-Seidel, one step of Newton's method in each cell. */
static PetscErrorCode Relax(AeEll ell, PetscInt l, PetscInt sweeps)
{
  EllLevel       *v    = &ell->lv[l];
  const ptrdiff_t room = AeRoundUp(v->n[0] + AE_LINE, AE_LINE);
  double         *r = ell->scratch + AE_LINE, *q = r + room, *dq = q + room;

  PetscFunctionBegin;
  for (PetscInt s = 0; s < 2 * sweeps; s++) {
    PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
    for (PetscInt k = 0; k < v->nk; k++)
      for (PetscInt j = 0; j < v->n[1]; j++) {
        double       *x = v->x + AeAt(&v->L, 0, k, j, 0);
        const double *w = v->w + AeAt(&v->LW, 0, k, j, 0);

        RowResidual(ell, v, k, j, r, q, dq);
        for (PetscInt i = (j + k + v->ks + s) & 1; i < v->n[0]; i += 2) x[i] += r[i] * w[i] / (1 + dq[i] * w[i]);
      }
  }
  PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
  PetscFunctionReturn(0);
}

/* Brandt's FAS: b of the coarse level = R (f - N(u)) + N_c(R u). */
static PetscErrorCode FASCycle(AeEll ell, PetscInt l)
{
  EllLevel       *f = &ell->lv[l], *c = f + 1;
  const ptrdiff_t room = AeRoundUp(f->n[0] + AE_LINE, AE_LINE);
  double         *q = ell->scratch + AE_LINE, *dq = q + room, *r = dq + room;

  PetscFunctionBegin;
  if (l + 1 == ell->nlevels) {
    PetscCall(Relax(ell, l, 30));
    PetscFunctionReturn(0);
  }
  PetscCall(Relax(ell, l, ell->pre));
  /* R u, kept in d of the coarse level */
  memcpy(f->r, f->x, sizeof(double) * (size_t)f->L.size);
  EllCoarsenSolution(ell, f, c);
  PetscCall(EllGatherPlanes(ell, c, &c->L, c->x));
  memcpy(c->d, c->x, sizeof(double) * (size_t)c->L.size);
  for (PetscInt k = 0; k < f->nk; k++)
    for (PetscInt j = 0; j < f->n[1]; j++) RowResidual(ell, f, k, j, f->r + AeAt(&f->L, 0, k, j, 0), q, dq);
  PetscCall(EllExchange(ell, f, &f->L, f->r, 2));
  EllRestrict(ell, f, f->r, c);
  PetscCall(EllGatherPlanes(ell, c, &c->L, c->b));
  PetscCall(EllFillGhosts(ell, c, &c->L, c->x, 2));
  for (PetscInt k = 0; k < c->nk; k++)
    for (PetscInt j = 0; j < c->n[1]; j++) {
      double *b = c->b + AeAt(&c->L, 0, k, j, 0);
      RowResidual(ell, c, k, j, r, q, dq); /* b - N_c(R u) */
      for (PetscInt i = 0; i < c->n[0]; i++) b[i] = 2 * b[i] - r[i];
    }
  PetscCall(FASCycle(ell, l + 1));
  /* the change only, and the coarse level keeps its own solution nowhere */
  for (ptrdiff_t p = 0; p < c->L.size; p++) c->x[p] -= c->d[p];
  PetscCall(EllFillGhosts(ell, c, &c->L, c->x, 2));
  PetscCall(EllExchange(ell, c, &c->L, c->x, c->gk));
  EllProlong(ell, f, c);
  PetscCall(Relax(ell, l, ell->post));
  PetscFunctionReturn(0);
}

/*
  Where a cycle has not made the residual smaller, the nonlinearity having left its range on a coarse level: back to u, and a cycle of
  the linearised problem instead, as much of it as does make it smaller.
*/
static PetscErrorCode NewtonCycle(SNES snes, AeEll ell, Vec u, Vec F, PetscReal fnorm)
{
  Vec       step = ell->work[1], from = ell->work[2];
  PetscReal norm, s                   = -1;

  PetscFunctionBegin;
  PetscCall(PetscInfo(snes, "the cycle raised the residual from %g: one of the linearised problem instead\n", (double)fnorm));
  PetscCall(VecCopy(from, u));
  PetscCall(SNESComputeFunction(snes, u, F));
  PetscCall(Linearise(ell, u));
  PetscCall(EllRenew(ell));
  PetscCall(EllApplyCycle(ell, F, step));
  for (int m = 0; m < 10; m++, s /= 2) {
    PetscCall(VecWAXPY(u, s, step, from));
    PetscCall(SNESComputeFunction(snes, u, F));
    PetscCall(VecNorm(F, NORM_2, &norm));
    if (norm < fnorm) break;
  }
  PetscCall(Linearise(ell, NULL));
  PetscCall(EllRenew(ell));
  PetscFunctionReturn(0);
}

static PetscErrorCode SNESSolve_FAS(SNES snes)
{
  AeEll     ell;
  EllLevel *v;
  Vec       u = snes->vec_sol, F = snes->vec_func;
  PetscReal fnorm, last          = PETSC_INFINITY, lo, hi, w;

  PetscFunctionBegin;
  PetscCall(SNESGetFunction(snes, NULL, NULL, (void **)&ell));
  PetscCheck(ell && ell->q && ell->op == AE_ELL_HELMHOLTZ && !ell->generic, PetscObjectComm((PetscObject)snes), AE_ERR_USAGE,
             "SNES fas here is for -Lap u + q(x,u) = f with red-black smoothing; use newtonls");
  v = &ell->lv[0];
  for (int m = 1; m <= 2; m++)
    if (!ell->work[m]) PetscCall(AeEllCreateVec(ell, 0, &ell->work[m]));
  EllDefectBounds(ell, &lo, &hi);
  w = 2 / (lo + hi);

  snes->iter   = 0;
  snes->reason = SNES_CONVERGED_ITERATING;
  PetscCall(Linearise(ell, NULL));
  PetscCall(EllRenew(ell));
  for (;; snes->iter++) {
    PetscCall(SNESComputeFunction(snes, u, F));
    PetscCall(VecNorm(F, NORM_2, &fnorm));
    if (!(fnorm < last) && snes->iter > 0 && last > snes->ttol) {
      PetscCall(NewtonCycle(snes, ell, u, F, last));
      PetscCall(VecNorm(F, NORM_2, &fnorm));
    }
    last       = fnorm;
    snes->norm = fnorm;
    PetscCall(SNESLogConvergenceHistory(snes, fnorm, 0));
    PetscCall(SNESMonitor(snes, snes->iter, fnorm));
    if (PetscIsInfOrNanReal(fnorm)) snes->reason = SNES_DIVERGED_FNORM_NAN;
    else if (snes->iter == 0) {
      snes->ttol = PetscMax(snes->rtol * fnorm, snes->abstol);
      if (fnorm <= snes->abstol) snes->reason = SNES_CONVERGED_FNORM_ABS;
    } else if (fnorm <= snes->ttol) snes->reason = SNES_CONVERGED_FNORM_RELATIVE;
    if (!snes->reason && snes->iter >= snes->max_its) snes->reason = SNES_DIVERGED_MAX_IT;
    if (snes->reason) break;
    /* right-hand side of order 2 whose solution is that of order p: f_2 = N_2(u) - F_p(u) */
    PetscCall(EllLoad(ell, F, &v->L, v, v->b));
    PetscCall(EllLoad(ell, u, &v->L, v, v->x));
    PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
    PetscCall(VecCopy(u, ell->work[2]));
    PetscCall(EllDefect(ell));
    PetscCall(FASCycle(ell, 0));
    PetscCall(EllStore(ell, &v->L, v, v->x, u));
    if (ell->order > 2) PetscCall(VecAXPBY(u, 1 - w, w, ell->work[2])); /* defect correction, damped */
  }
  PetscFunctionReturn(0);
}

/* b of the finest level, which holds F_p(u), becomes N_2(u) - F_p(u) */
PetscErrorCode EllDefect(AeEll ell)
{
  EllLevel       *v    = &ell->lv[0];
  const ptrdiff_t room = AeRoundUp(v->n[0] + AE_LINE, AE_LINE);
  double         *q = ell->scratch + AE_LINE, *dq = q + room, *r = dq + room;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < v->nk; k++)
    for (PetscInt j = 0; j < v->n[1]; j++) {
      double *b = v->b + AeAt(&v->L, 0, k, j, 0);
      RowResidual(ell, v, k, j, r, q, dq); /* F_p - N_2 */
      for (PetscInt i = 0; i < v->n[0]; i++) b[i] = -r[i];
    }
  PetscFunctionReturn(0);
}

static PetscErrorCode SNESDestroy_FAS(SNES snes)
{
  PetscFunctionBegin;
  snes->data = NULL;
  PetscFunctionReturn(0);
}

PetscErrorCode EllSNESCreate_FAS(SNES snes)
{
  PetscFunctionBegin;
  snes->ops->solve   = SNESSolve_FAS;
  snes->ops->destroy = SNESDestroy_FAS;
  snes->usesksp      = PETSC_FALSE;
  snes->usesnpc      = PETSC_FALSE;
  snes->max_its      = 50;
  PetscFunctionReturn(0);
}

/* ---- solving ----------------------------------------------------------------------------------------------- */

/* The SNES makes the KSP, so that its tolerances are those of Eisenstat and Walker. */
PetscErrorCode EllSNESMake(AeEll ell, KSP *ksp)
{
  PetscFunctionBegin;
  PetscCall(SNESCreate(ell->comm, &ell->snes));
  PetscCall(SNESSetOptionsPrefix(ell->snes, ell->prefix));
  PetscCall(SNESGetKSP(ell->snes, ksp));
  PetscCall(PetscObjectReference((PetscObject)*ksp));
  PetscCall(SNESSetFunction(ell->snes, NULL, FormFunction, ell));
  PetscCall(SNESSetJacobian(ell->snes, ell->A, ell->A, FormJacobian, ell));
  PetscCall(SNESSetTolerances(ell->snes, PETSC_DEFAULT, 1e-10, 0, 50, PETSC_DEFAULT));
  PetscCall(SNESSetType(ell->snes, SNESNEWTONLS));
  PetscCall(SNESKSPSetUseEW(ell->snes, PETSC_TRUE));
  /* a step costs about two cycles beside its own: two or more, which leave 1e-2, to each */
  PetscCall(SNESKSPSetParametersEW(ell->snes, 2, 1e-2, 1e-2, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllGetSNES(AeEll ell, SNES *snes)
{
  PetscFunctionBegin;
  if (!ell->from_options) PetscCall(AeEllSetFromOptions(ell));
  *snes = ell->snes;
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllNonlinearResidual(AeEll ell, Vec f, Vec u, Vec F)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetUp(ell));
  PetscCall(Begin(ell));
  PetscCall(Function(ell, f, u, F));
  PetscFunctionReturn(0);
}

PetscErrorCode AeEllSolveNonlinear(AeEll ell, Vec f, Vec u, AeEllResult *result)
{
  AeEllResult         local, *r = result ? result : &local;
  SNESConvergedReason reason;
  SNESType            type;
  PetscReal           norm, first, rtol, atol;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(r, sizeof *r));
  PetscCheck(ell->q, ell->comm, PETSC_ERR_ORDER, "AeEllSetNonlinear first");
  PetscCall(AeEllSetUp(ell));
  PetscCall(Begin(ell));
  ell->f       = f;
  ell->history = NULL;
  PetscCall(EllRailTolerance(ell, f, "snes_rtol", &atol));
  if (atol > 0) PetscCall(SNESSetTolerances(ell->snes, atol, 1e-14, 0, 50, PETSC_DEFAULT));
  PetscCall(SNESSetConvergenceHistory(ell->snes, r->history, NULL, AE_ELL_HISTORY, PETSC_TRUE));
  PetscCall(SNESSolve(ell->snes, NULL, u));
  PetscCall(SNESGetConvergedReason(ell->snes, &reason));
  PetscCall(SNESGetIterationNumber(ell->snes, &r->newton));
  PetscCall(SNESGetLinearSolveIterations(ell->snes, &r->iterations));
  PetscCall(SNESGetConvergenceHistory(ell->snes, NULL, NULL, &r->nhistory));
  PetscCall(SNESSetConvergenceHistory(ell->snes, NULL, NULL, 0, PETSC_FALSE));
  PetscCall(SNESGetTolerances(ell->snes, &atol, &rtol, NULL, NULL, NULL));
  PetscCall(SNESGetType(ell->snes, &type));
  PetscCall(PetscSNPrintf(r->solver, sizeof r->solver, "%s", type));
  if (!strcmp(type, SNESFAS)) r->iterations = r->newton;
  /* the residual afresh */
  PetscCall(Function(ell, f, u, ell->work[0]));
  PetscCall(VecNorm(ell->work[0], NORM_2, &norm));
  first        = r->nhistory > 0 ? r->history[0] : 0;
  r->residual  = first > 0 ? norm / first : norm;
  r->converged = (PetscBool)(reason > 0 && norm <= 1.5 * PetscMax(rtol * first, atol) + 1e-14 * first);
  /* a stagnated line search may still have reached rounding */
  r->contraction = r->nhistory > 1 && first > 0 && norm > 0 ? PetscPowReal(norm / first, 1. / PetscMax(1, r->iterations)) : 0;
  r->levels      = ell->nlevels;
  PetscFunctionReturn(0);
}
