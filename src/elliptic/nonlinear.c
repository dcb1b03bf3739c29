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
void EllPointwise(AeEll ell, const EllLevel *v, ptrdiff_t k, ptrdiff_t j, const double *u, double *q, double *dq)
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
PetscErrorCode EllNonlinearBegin(AeEll ell)
{
  EllLevel *v = &ell->lv[0];

  PetscFunctionBegin;
  PetscCall(EllLoad(ell, ell->data, &v->LD, v, v->data));
  PetscCall(EllCoarsenFields(ell, PETSC_TRUE));
  ell->have_c = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* y = A u + q(u) - f at order p */
PetscErrorCode EllNonlinearApply(AeEll ell, Vec f, Vec u, Vec y)
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

      EllPointwise(ell, v, k0 + k, g->js + j, x + at, q, dq);
      for (PetscInt i = 0; i < g->n[0]; i++) out[at + i] += q[i] - s[i] * x[at + i] - (rhs ? rhs[at + i] : 0);
    }
  PetscCall(VecRestoreArray(y, &out));
  if (f) PetscCall(VecRestoreArrayRead(f, &rhs));
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscFunctionReturn(0);
}

/* the operator becomes A + s with s = dq/du at u, or A for u = NULL */
PetscErrorCode EllLinearise(AeEll ell, Vec u)
{
  EllLevel      *v   = &ell->lv[0];
  const PetscInt f_c = ell->ncoef - 1; /* c is the last coefficient */
  double        *q = ell->scratch, *dq = q + AeRoundUp(v->n[0] + AE_LINE, AE_LINE);

  PetscFunctionBegin;
  if (u) PetscCall(EllLoad(ell, u, &v->L, v, v->x));
  for (PetscInt k = 0; k < v->nk; k++)
    for (PetscInt j = 0; j < v->n[1]; j++) {
      double *s = v->s + AeAt(&v->L, 0, k, j, 0), *c = v->c + AeAt(&v->LC, f_c, k, j, 0);

      if (u) EllPointwise(ell, v, k, j, v->x + AeAt(&v->L, 0, k, j, 0), q, dq);
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
  PetscCall(EllNonlinearApply(ell, ell->f, u, F));
  PetscFunctionReturn(0);
}

static PetscErrorCode FormJacobian(SNES snes, Vec u, Mat A, Mat P, void *p)
{
  PetscFunctionBegin;
  (void)snes;
  (void)A;
  (void)P;
  PetscCall(EllLinearise((AeEll)p, u));
  PetscFunctionReturn(0);
}

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
