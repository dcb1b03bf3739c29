/*
  The full approximation scheme (Brandt 1977) as SNES type `fas`, for -Lap u + q(x,u) = f: PETSc's own needs a DM on every level.
*/
#include "ell_private.h"
#include <petsc/private/snesimpl.h>
#undef I

/* r = f - N(x) on a row of level v, N = A + q without the linearisation; dq too */
static void RowResidual(AeEll ell, const EllLevel *v, ptrdiff_t k, ptrdiff_t j, double *r, double *q, double *dq)
{
  const double *x = v->x + AeAt(&v->L, 0, k, j, 0);

  EllResidualRow(ell, v, 0, k, j, r);
  EllPointwise(ell, v, k, j, x, q, dq);
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
  EllAverage(f, c, &f->L, f->x, &c->L, c->x);
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

/* b of the finest level, which holds F_p(u), becomes N_2(u) - F_p(u) */
static PetscErrorCode Defect(AeEll ell)
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

/*
  Where a cycle has not made the residual smaller, the nonlinearity having left its range on a coarse level: back to u, and a
  cycle of the linearised problem instead, as much of it as does make it smaller.
*/
static PetscErrorCode NewtonCycle(SNES snes, AeEll ell, Vec u, Vec F, PetscReal fnorm)
{
  Vec       step = ell->work[1], from = ell->work[2];
  PetscReal norm, s                   = -1;

  PetscFunctionBegin;
  PetscCall(PetscInfo(snes, "the cycle raised the residual from %g: one of the linearised problem instead\n", (double)fnorm));
  PetscCall(VecCopy(from, u));
  PetscCall(SNESComputeFunction(snes, u, F));
  PetscCall(EllLinearise(ell, u));
  PetscCall(EllRenew(ell));
  PetscCall(EllApplyCycle(ell, F, step));
  for (int m = 0; m < 10; m++, s /= 2) {
    PetscCall(VecWAXPY(u, s, step, from));
    PetscCall(SNESComputeFunction(snes, u, F));
    PetscCall(VecNorm(F, NORM_2, &norm));
    if (norm < fnorm) break;
  }
  PetscCall(EllLinearise(ell, NULL));
  PetscCall(EllRenew(ell));
  PetscFunctionReturn(0);
}

/*
  The levels are of order 2. At order p an iteration solves N_2(v) = N_2(u) - F_p(u) by a cycle that begins from u, whose fixed
  point is F_p = 0, and takes the share w of the step to v (defect correction without a memory). A cycle that raised the
  residual is replaced, but not where the tolerance is reached already, since rounding raises it there.
*/
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
  PetscCall(EllLinearise(ell, NULL));
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
    PetscCall(Defect(ell));
    PetscCall(FASCycle(ell, 0));
    PetscCall(EllStore(ell, &v->L, v, v->x, u));
    if (ell->order > 2) PetscCall(VecAXPBY(u, 1 - w, w, ell->work[2])); /* defect correction, damped */
  }
  PetscFunctionReturn(0);
}

PetscErrorCode EllSNESCreate_FAS(SNES snes)
{
  PetscFunctionBegin;
  snes->ops->solve = SNESSolve_FAS;
  snes->usesksp    = PETSC_FALSE;
  snes->usesnpc    = PETSC_FALSE;
  snes->max_its    = 50;
  PetscFunctionReturn(0);
}
