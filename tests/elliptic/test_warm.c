/*
  Warm starts: fewer cycles than a cold start, a tainted store gives the cold result, another regime too; and no
  heap allocation in a warm solve.
  ranks: 1
*/
#include <aeonic/audit.h>
#include <aeonic/elliptic.h>
#include "tap.h"

static PetscErrorCode Source(void *ctx, const PetscReal x[3], PetscReal v[])
{
  const PetscReal t = *(const PetscReal *)ctx;
  v[0]              = PetscExpReal(-4 * (PetscSqr(x[0] - t) + x[1] * x[1] + x[2] * x[2])) * (1 + t * t);
  return 0;
}

static PetscErrorCode SolveAt(AeEll ell, PetscReal t, PetscInt64 regime, PetscBool audit, Vec b, Vec x, PetscInt *its)
{
  AeEllResult r;

  PetscCall(AeEllSetTime(ell, t, regime));
  PetscCall(AeEllEvaluate(ell, Source, &t, b));
  if (audit) AeAuditStepBegin();
  PetscCall(AeEllSolve(ell, b, x, &r));
  if (audit) AeAuditStepEnd();
  *its = r.converged ? r.iterations : 1000;
  return 0;
}

int main(int argc, char **argv)
{
  static char *args[] = {(char *)"test_warm", (char *)"-mem_audit",    (char *)"true", (char *)"-ell_ksp_guess_type",
                         (char *)"aeonic",    (char *)"-ell_ksp_rtol", (char *)"1e-8", NULL};
  int          n      = 7;
  char       **list   = args;
  AeGrid       g;
  AeEll        ell;
  AeEllStore   store;
  Vec          b, x, cold;
  PetscInt     first, its = 0, warm = 0, steps, own, library, tainted, other;
  PetscReal    dt = 0.01, difference, norm;

  (void)argc;
  (void)argv;
  PetscCall(AeonicInitialize(&n, &list, NULL));
  PetscCall(AeEllRegister());
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetBoundary(g, AE_BC_EXACT));
  PetscCall(AeGridSetLength(g, 0, 4.0));
  PetscCall(AeGridSetUp(g));
  PetscCall(AeEllCreate(g, AE_ELL_POISSON, &ell));
  PetscCall(AeEllSetBoundaries(ell, AE_ELL_ROBIN));
  PetscCall(AeEllSetFromOptions(ell));
  PetscCall(AeEllStoreCreate(2, &store));
  PetscCall(AeEllSetStore(ell, store, "test"));
  PetscCall(AeEllCreateVec(ell, 0, &b));
  PetscCall(VecDuplicate(b, &x));
  PetscCall(VecDuplicate(b, &cold));
  PetscCall(SolveAt(ell, 0, 1, PETSC_FALSE, b, x, &first));
  for (int s = 1; s < 8; s++) { /* from the fourth solve on the store holds its three solutions and nothing is made any more */
    PetscCall(SolveAt(ell, s * dt, 1, (PetscBool)(s >= 3), b, x, &its));
    if (s >= 3) warm = PetscMax(warm, its);
  }
  /* quadratic extrapolation leaves dt^3 x the third derivative of b, of order 5 |b| here: 1e-5 at least of 1e-8 is done */
  TapBelow((double)warm, 0.6 * (double)first, "a warm start takes at most 0.6 of the cold start's cycles");
  PetscCall(AeAuditCounts(&steps, &own, &library));
#if defined(__SANITIZE_ADDRESS__)
  TapSkip("heap allocations in warm solves", "heap calls are not counted under a sanitizer");
#else
  TapTrue(steps >= 3, "solves were audited");
  TapBelow((double)(own + library), 0, "heap allocations in warm solves");
#endif
  PetscCall(SolveAt(ell, 8 * dt, 2, PETSC_FALSE, b, cold, &other));
  TapTrue(other >= first - 1, "another regime starts cold");
  PetscCall(AeEllTaint(ell));
  PetscCall(SolveAt(ell, 8 * dt, 2, PETSC_FALSE, b, x, &tainted));
  TapTrue(tainted == other, "a tainted store: as many cycles as cold");
  PetscCall(VecAXPY(x, -1, cold));
  PetscCall(VecNorm(x, NORM_INFINITY, &difference));
  TapBelow(difference, 0, "a tainted store: the cold result, bit for bit");
  PetscCall(VecNorm(cold, NORM_INFINITY, &norm));
  TapAbove(norm, 0.01, "which is not zero");
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&cold));
  PetscCall(AeEllDestroy(&ell));
  PetscCall(AeEllStoreDestroy(&store));
  PetscCall(AeGridDestroy(&g));
  n = TapDone();
  PetscCall(AeonicFinalize());
  return n;
}
