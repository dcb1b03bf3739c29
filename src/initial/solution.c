/*
  AeSolution: the elliptic solve behind a datum, and what is computed from it.
*/
#include "initial_private.h"
#include <aeonic/sample.h>
#include <aeonic/sum.h>

PetscErrorCode AeSolutionCreate(AeGrid grid, AeEllOperator op, PetscBool periodic, AeSolution *solution)
{
  AeSolution s;

  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  s->grid   = grid;
  s->mirror = 1.0;
  for (int a = 0; a < 3; a++) {
    PetscCheck(periodic || grid->bc[a][0] != AE_BC_PERIODIC, grid->comm, AE_ERR_USAGE,
               "-grid_boundary periodic: these data are asymptotically flat; use radiative");
    if (grid->bc[a][0] == AE_BC_REFLECTING && grid->lo[a] == 0) s->mirror *= 2.0;
  }
  PetscCall(AeEllCreate(grid, op, &s->ell));
  if (!periodic) PetscCall(AeEllSetBoundaries(s->ell, AE_ELL_ROBIN));
  PetscCall(AeEllSetOrder(s->ell, 4));
  PetscCall(AeEllCreateVec(s->ell, 1, &s->u));
  PetscCall(VecDuplicate(s->u, &s->f));
  *solution = s;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSolutionDestroy(AeSolution *s)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(&(*s)->u));
  PetscCall(VecDestroy(&(*s)->f));
  PetscCall(AeEllDestroy(&(*s)->ell));
  PetscCall(PetscFree(*s));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSolutionSetFromOptions(AeSolution s)
{
  PetscFunctionBegin;
  PetscCall(AeEllSetFromOptions(s->ell));
  PetscFunctionReturn(0);
}

/* Norm of F at s->u */
static PetscErrorCode ResidualNorm(AeSolution s, PetscReal *norm)
{
  Vec F;

  PetscFunctionBegin;
  PetscCall(VecDuplicate(s->u, &F));
  PetscCall(AeEllNonlinearResidual(s->ell, s->f, s->u, F));
  PetscCall(VecNorm(F, NORM_2, norm));
  PetscCall(VecDestroy(&F));
  PetscFunctionReturn(0);
}

/* A solve that begins close to the solution, in a second round, is not asked for more than the first was: it would end
   in rounding. */
static PetscErrorCode SolveNonlinear(AeSolution s)
{
  SNES      snes;
  PetscReal atol, rtol;

  PetscFunctionBegin;
  PetscCall(AeEllGetSNES(s->ell, &snes));
  PetscCall(SNESGetTolerances(snes, &atol, &rtol, NULL, NULL, NULL));
  if (s->start == 0.0) PetscCall(ResidualNorm(s, &s->start));
  PetscCall(SNESSetTolerances(snes, PetscMax(atol, rtol * s->start), PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscCall(AeEllSolveNonlinear(s->ell, s->f, s->u, &s->result));
  PetscCall(ResidualNorm(s, &s->result.residual));
  if (s->start > 0) s->result.residual /= s->start;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSolutionSolve(AeSolution s, PetscBool nonlinear)
{
  PetscFunctionBegin;
  if (nonlinear) PetscCall(SolveNonlinear(s));
  else PetscCall(AeEllSolve(s->ell, s->f, s->u, &s->result));
  s->newton += s->result.newton;
  s->cycles += s->result.iterations;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSolutionMoments(AeSolution s, AeSolutionIntegrand f, void *ctx, PetscReal integral[4])
{
  AeGrid        g      = s->grid;
  const double  volume = s->mirror * g->h * g->h * g->h;
  const double *u;
  double       *row;
  AeSum         sum[4];

  PetscFunctionBegin;
  for (int m = 0; m < 4; m++) AeSumZero(&sum[m]);
  PetscCall(PetscMalloc1(4 * g->n[0], &row));
  PetscCall(VecGetArrayRead(s->u, &u));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++) {
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscReal x[3] = {AeGridX(g, 0, i), AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k)};
        const PetscInt  cell = AeEllAt(g, 0, k, j, i);
        const PetscReal v    = (*f)(ctx, cell, x, u[cell]);

        row[i] = v;
        for (int a = 0; a < 3; a++) row[(1 + a) * g->n[0] + i] = v * x[a];
      }
      for (int m = 0; m < 4; m++) AeSumAdd(&sum[m], AeRowSum(row + m * g->n[0], g->n[0]));
    }
  PetscCall(VecRestoreArrayRead(s->u, &u));
  PetscCall(PetscFree(row));
  PetscCall(AeSumReduce(g->comm, 4, sum));
  for (int m = 0; m < 4; m++) integral[m] = AeSumValue(&sum[m]) * volume;
  for (int a = 0; a < 3; a++) /* odd moments cancel against their mirror images */
    if (g->bc[a][0] == AE_BC_REFLECTING && g->lo[a] == 0) integral[1 + a] = 0.0;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSolutionAt(AeSolution s, PetscInt n, const PetscReal x[], PetscReal u[])
{
  const AeFieldInfo info = {"u", {1, 1, 1}, 0.0, 1.0};
  const PetscInt    zero = 0;
  AeGrid            g    = s->grid;
  const AeLayout   *L;
  AeFields          fields;
  AeSample          sample;
  Vec               U;
  double           *to;
  const double     *from;

  PetscFunctionBegin;
  PetscCall(AeFieldsCreate(g, 1, &info, &fields));
  PetscCall(AeFieldsCreateVec(fields, &U));
  PetscCall(AeFieldsGetInfo(fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &to));
  PetscCall(VecGetArrayRead(s->u, &from));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      PetscCall(PetscArraycpy(to + AeAt(L, 0, k, j, 0), from + AeEllAt(g, 0, k, j, 0), g->n[0]));
  PetscCall(VecRestoreArrayRead(s->u, &from));
  PetscCall(VecRestoreArray(U, &to));
  PetscCall(AeSampleCreate(g, 6, n, x, 1, &sample));
  PetscCall(AeSampleEvaluate(sample, U, 1, &zero, u, NULL));
  PetscCall(AeSampleDestroy(&sample));
  PetscCall(VecDestroy(&U));
  PetscCall(AeFieldsDestroy(&fields));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSolutionReport(AeSolution s, AeRun run)
{
  char key[64];

  PetscFunctionBegin;
  PetscCall(AeRunSetReal(run, "id.adm_mass", s->adm_mass));
  for (int a = 0; a < 3; a++) {
    PetscCall(PetscSNPrintf(key, sizeof key, "id.P_%c", 'x' + a));
    PetscCall(AeRunSetReal(run, key, s->P[a]));
    PetscCall(PetscSNPrintf(key, sizeof key, "id.J_%c", 'x' + a));
    PetscCall(AeRunSetReal(run, key, s->J[a]));
  }
  for (PetscInt p = 0; p < s->nholes; p++) {
    PetscCall(PetscSNPrintf(key, sizeof key, "id.puncture.%" PetscInt_FMT ".u", p + 1));
    PetscCall(AeRunSetReal(run, key, s->hole_u[p]));
    PetscCall(PetscSNPrintf(key, sizeof key, "id.puncture.%" PetscInt_FMT ".mass_adm", p + 1));
    PetscCall(AeRunSetReal(run, key, s->hole_mass[p]));
    PetscCall(PetscSNPrintf(key, sizeof key, "id.puncture.%" PetscInt_FMT ".mass_bare", p + 1));
    PetscCall(AeRunSetReal(run, key, s->bare_mass[p]));
  }
  PetscCall(AeRunSetBool(run, "id.converged", s->result.converged));
  PetscCall(AeRunSetReal(run, "id.residual", s->result.residual));
  PetscCall(AeRunSetInt(run, "id.newton", s->newton));
  PetscCall(AeRunSetInt(run, "id.iterations", s->cycles));
  if (!s->result.converged) {
    char history[AE_ELL_HISTORY * 12] = "";

    for (PetscInt h = 0; h < s->result.nhistory; h++) {
      PetscCall(PetscSNPrintf(key, sizeof key, "%s%.3e", h ? " " : "", (double)s->result.history[h]));
      PetscCall(PetscStrlcat(history, key, sizeof history));
    }
    PetscCall(AeRunSetString(run, "id.history", history));
  }
  PetscFunctionReturn(0);
}
