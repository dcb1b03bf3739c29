/*
  What one application of the elliptic engine's preconditioner leaves of an error, E = 1 - M A: the largest |eigenvalue| is the
  asymptotic contraction of its cycles; with -ell_pc_mg_levels 2 of the two-grid cycle. Where constants are A's null space
  (periodic
  and Neumann problems without c) they are left out.
*/
#include "elliptic_app.h"
#include "spectrum_app.h"

typedef struct {
  AeGrid     grid;
  EllProblem p;
  AeEll      ell;
  PC         pc;
  PetscBool  singular;
} Data;

static PetscErrorCode RemoveMeans(const Data *D, Vec v)
{
  const PetscInt  n = D->grid->n[0] * D->grid->nj * D->grid->nk;
  const PetscReal N = (PetscReal)D->grid->n[0] * D->grid->n[1] * D->grid->n[2];
  double         *x;
  PetscReal       sum[3] = {0};

  PetscFunctionBegin;
  PetscCall(VecGetArray(v, &x));
  for (PetscInt c = 0; c < D->p.nc; c++)
    for (PetscInt q = 0; q < n; q++) sum[c] += x[c * n + q];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPIU_REAL, MPI_SUM, D->grid->comm));
  for (PetscInt c = 0; c < D->p.nc; c++)
    for (PetscInt q = 0; q < n; q++) x[c * n + q] -= sum[c] / N;
  PetscCall(VecRestoreArray(v, &x));
  PetscFunctionReturn(0);
}

static PetscErrorCode Mult(Spectrum *a, Vec v, Vec w)
{
  const Data *D = a->data;

  PetscFunctionBegin;
  PetscCall(AeEllApply(D->ell, v, a->Y));
  PetscCall(PCApply(D->pc, a->Y, w));
  PetscCall(VecAYPX(w, -1.0, v));
  if (D->singular) PetscCall(RemoveMeans(D, w));
  a->products++;
  PetscFunctionReturn(0);
}

static PetscErrorCode Start(Spectrum *a, Vec v)
{
  const Data  *D = a->data;
  const AeGrid g = D->grid;
  double      *x;

  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(v, &x));
  for (PetscInt c = 0; c < D->p.nc; c++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < g->n[0]; i++) x[AeEllAt(g, c, k, j, i)] = EllNoise(g, c, i, j, k);
  PetscCall(VecRestoreArrayWrite(v, &x));
  if (D->singular) PetscCall(RemoveMeans(D, v));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(Spectrum *a)
{
  Data  *D;
  AeGrid g;

  PetscFunctionBegin;
  PetscCall(PetscNew(&D));
  a->data = D;
  PetscCall(EllProblemFromOptions(&D->p, &D->grid));
  g       = D->grid;
  a->name = D->p.name;
  a->size = D->p.nc * g->n[0] * g->nj * g->nk;
  PetscCall(EllProblemCreate(&D->p, g, &D->ell));
  PetscCall(AeEllSetUp(D->ell));
  PetscCall(PetscSNPrintf(a->what, sizeof a->what, "%s on %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells",
                          a->name, g->n[0], g->n[1], g->n[2]));
  PetscFunctionReturn(0);
}

/* Whether constants are the null space is found by trying one: the operator knows, whatever its boundaries are called. */
static PetscErrorCode State(Spectrum *a)
{
  Data     *D = a->data;
  KSP       ksp;
  PetscReal one, zero;

  PetscFunctionBegin;
  PetscCall(EllProblemCoefficients(&D->p, D->ell));
  PetscCall(AeEllGetKSP(D->ell, &ksp));
  PetscCall(KSPSetUp(ksp));
  PetscCall(KSPGetPC(ksp, &D->pc));
  PetscCall(PCSetUp(D->pc));
  PetscCall(AeEllCreateVec(D->ell, 0, &a->U));
  PetscCall(VecDuplicate(a->U, &a->Y));
  /* A 1 = 0 to rounding of numbers of size |A| ~ 12/h^2 */
  PetscCall(VecSet(a->U, 1.0));
  PetscCall(AeEllApply(D->ell, a->U, a->Y));
  PetscCall(VecNorm(a->U, NORM_2, &one));
  PetscCall(VecNorm(a->Y, NORM_2, &zero));
  D->singular = (PetscBool)(zero <= 1e3 * PETSC_MACHINE_EPSILON * one / PetscSqr(D->grid->h));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Spectrum *a)
{
  Data *D = a->data;

  PetscFunctionBegin;
  PetscCall(AeEllDestroy(&D->ell));
  PetscCall(AeGridDestroy(&D->grid));
  PetscCall(PetscFree(D));
  PetscFunctionReturn(0);
}

const SpectrumSubject SpectrumElliptic = {
  "elliptic", {"error propagation of one cycle", NULL}, Create, State, Start, Mult, NULL, NULL, NULL, Destroy, NULL};
