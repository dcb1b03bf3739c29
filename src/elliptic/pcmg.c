/*
  PETSc's own PCMG (-ell_pc_type mg) filled by hand: each level's operator, smoother and transfers are shells on the same levels
  and tables as those of PC aemg, called one by one instead of in fused sweeps. All of PETSc's -ell_mg_levels_*, -ell_mg_coarse_*
  and -ell_pc_mg_* options act on it.

  Level l counts from the finest, 0; PCMG counts from the coarsest. A level's Vec holds this rank's planes, compact.
*/
#include "ell_private.h"

typedef struct {
  AeEll    ell;
  PetscInt l;
} Shell;

static PetscErrorCode FreeShell(Mat A)
{
  Shell *s;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &s));
  PetscCall(PetscFree(s));
  PetscFunctionReturn(0);
}

static PetscInt LocalSize(AeEll ell, const EllLevel *v) { return ell->nc * v->n[0] * v->n[1] * v->pn; }

/* a level's Vec into one of its arrays; the whole level where every rank holds it */
static PetscErrorCode Load(AeEll ell, EllLevel *v, Vec x, double *u)
{
  const double *a, *p;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(x, &a));
  p = a;
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->pn; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, p += v->n[0])
        memcpy(u + AeAt(&v->L, f, k + v->ps - v->ks, j, 0), p, sizeof(double) * v->n[0]);
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(EllGatherPlanes(ell, v, &v->L, u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Keep(AeEll ell, const EllLevel *v, const double *u, Vec x)
{
  double *a, *p;

  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(x, &a));
  p = a;
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->pn; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, p += v->n[0])
        memcpy(p, u + AeAt(&v->L, f, k + v->ps - v->ks, j, 0), sizeof(double) * v->n[0]);
  PetscCall(VecRestoreArrayWrite(x, &a));
  PetscFunctionReturn(0);
}

/* r = b - A x, with b = 0 for b = NULL */
static PetscErrorCode LevelResidual(Shell *s, Vec b, Vec x, Vec r)
{
  AeEll     ell = s->ell;
  EllLevel *v   = &ell->lv[s->l];
  double   *a, *p;

  PetscFunctionBegin;
  PetscCall(Load(ell, v, x, v->x));
  if (b) PetscCall(Load(ell, v, b, v->b));
  else memset(v->b, 0, sizeof(double) * (size_t)v->L.size);
  PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
  PetscCall(VecGetArrayWrite(r, &a));
  p = a;
  for (PetscInt f = 0; f < ell->nc; f++)
    for (PetscInt k = 0; k < v->pn; k++)
      for (PetscInt j = 0; j < v->n[1]; j++, p += v->n[0]) EllResidualRow(ell, v, (int)f, k + v->ps - v->ks, j, p);
  PetscCall(VecRestoreArrayWrite(r, &a));
  PetscFunctionReturn(0);
}

static PetscErrorCode LevelMult(Mat A, Vec x, Vec y)
{
  Shell *s;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &s));
  PetscCall(LevelResidual(s, NULL, x, y));
  PetscCall(VecScale(y, -1));
  PetscFunctionReturn(0);
}

static PetscErrorCode ResidualOf(Mat A, Vec b, Vec x, Vec r)
{
  Shell *s;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &s));
  PetscCall(LevelResidual(s, b, x, r));
  PetscFunctionReturn(0);
}

/* `its` x `lits` sweeps of the problem's smoother; backward: black before red */
static PetscErrorCode LevelSOR(Mat A, Vec b, PetscReal omega, MatSORType flag, PetscReal shift, PetscInt its, PetscInt lits,
                               Vec x)
{
  Shell    *s;
  AeEll     ell;
  EllLevel *v;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &s));
  ell = s->ell;
  v   = &ell->lv[s->l];
  PetscCheck(omega == 1 && shift == 0, ell->comm, AE_ERR_USAGE,
             "-%smg_levels_pc_sor_omega: the smoother of the shells has no relaxation factor, leave it at 1", ell->prefix);
  PetscCall(Load(ell, v, b, v->b));
  PetscCall(EllExchange(ell, v, &v->L, v->b, v->gk));
  if (flag & SOR_ZERO_INITIAL_GUESS) memset(v->x, 0, sizeof(double) * (size_t)v->L.size);
  else PetscCall(Load(ell, v, x, v->x));
  PetscCall(EllFillGhosts(ell, v, &v->L, v->x, 2));
  for (PetscInt m = 0; m < its * lits; m++) {
    if (flag & (SOR_FORWARD_SWEEP | SOR_LOCAL_FORWARD_SWEEP)) PetscCall(EllSmoothLevel(ell, s->l, PETSC_FALSE));
    if (flag & (SOR_BACKWARD_SWEEP | SOR_LOCAL_BACKWARD_SWEEP)) PetscCall(EllSmoothLevel(ell, s->l, PETSC_TRUE));
  }
  PetscCall(Keep(ell, v, v->x, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode Restrict(Mat R, Vec r, Vec b)
{
  Shell    *s;
  EllLevel *f, *c;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(R, &s));
  f = &s->ell->lv[s->l];
  c = f + 1;
  PetscCall(Load(s->ell, f, r, f->x)); /* the residual: x of this level is in PCMG's Vec */
  PetscCall(EllExchange(s->ell, f, &f->L, f->x, 2));
  EllRestrict(s->ell, f, f->x, c);
  PetscCall(Keep(s->ell, c, c->b, b));
  PetscFunctionReturn(0);
}

/* z = y + P x */
static PetscErrorCode ProlongAdd(Mat P, Vec x, Vec y, Vec z)
{
  Shell    *s;
  EllLevel *f, *c;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(P, &s));
  f = &s->ell->lv[s->l];
  c = f + 1;
  PetscCall(Load(s->ell, c, x, c->x));
  PetscCall(EllFillGhosts(s->ell, c, &c->L, c->x, 2));
  PetscCall(EllExchange(s->ell, c, &c->L, c->x, c->gk));
  if (y) PetscCall(Load(s->ell, f, y, f->x));
  else memset(f->x, 0, sizeof(double) * (size_t)f->L.size);
  EllProlong(s->ell, f, c);
  PetscCall(Keep(s->ell, f, f->x, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode Prolong(Mat P, Vec x, Vec z)
{
  PetscFunctionBegin;
  PetscCall(ProlongAdd(P, x, NULL, z));
  PetscFunctionReturn(0);
}

static PetscErrorCode CoarseApply(PC pc, Vec b, Vec x)
{
  AeEll     ell;
  EllLevel *v;

  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &ell));
  v = &ell->lv[ell->nlevels - 1];
  PetscCall(Load(ell, v, b, v->b));
  PetscCall(EllCoarseSolve(ell));
  PetscCall(Keep(ell, v, v->x, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode MakeShell(AeEll ell, PetscInt l, PetscInt m, PetscInt n, Mat *A)
{
  Shell *s;

  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  s->ell = ell;
  s->l   = l;
  PetscCall(MatCreateShell(ell->comm, m, n, PETSC_DETERMINE, PETSC_DETERMINE, s, A));
  PetscCall(MatShellSetOperation(*A, MATOP_DESTROY, (void (*)(void))FreeShell));
  PetscFunctionReturn(0);
}

/* Levels, shells and default smoothers of a PCMG; afterwards the options are read once more. */
PetscErrorCode EllFillPCMG(AeEll ell, PC pc)
{
  const PetscInt top = ell->nlevels - 1;
  KSP            ksp;
  PC             inner;
  Mat            A;

  PetscFunctionBegin;
  PetscCheck(ell->grid->p[0] == 1, ell->comm, AE_ERR_USAGE,
             "-%spc_type mg needs slabs of planes, there are more ranks than planes: use " AE_PC_MG, ell->prefix);
  PetscCheck(ell->nlevels > 1, ell->comm, AE_ERR_USAGE, "-%spc_type mg: the grid has one level only", ell->prefix);
  PetscCall(PCMGSetLevels(pc, ell->nlevels, NULL));
  PetscCall(PCMGSetGalerkin(pc, PC_MG_GALERKIN_NONE));
  for (PetscInt l = 0; l <= top; l++) {
    const PetscInt m = LocalSize(ell, &ell->lv[l]);

    PetscCall(MakeShell(ell, l, m, m, &A));
    PetscCall(MatShellSetOperation(A, MATOP_MULT, (void (*)(void))LevelMult));
    PetscCall(MatShellSetOperation(A, MATOP_SOR, (void (*)(void))LevelSOR));
    PetscCall(PCMGGetSmoother(pc, top - l, &ksp));
    PetscCall(KSPSetOperators(ksp, A, A));
    PetscCall(KSPGetPC(ksp, &inner));
    if (l == top) {
      PetscCall(KSPSetType(ksp, KSPPREONLY));
      PetscCall(PCSetType(inner, PCSHELL));
      PetscCall(PCShellSetContext(inner, ell));
      PetscCall(PCShellSetApply(inner, CoarseApply));
      PetscCall(PCShellSetName(inner, "direct"));
    } else {
      PetscCall(KSPSetType(ksp, KSPRICHARDSON));
      PetscCall(KSPSetNormType(ksp, KSP_NORM_NONE));
      PetscCall(KSPSetTolerances(ksp, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, PetscMax(1, ell->pre)));
      PetscCall(PCSetType(inner, PCSOR));
      PetscCall(PCSORSetSymmetric(inner, SOR_LOCAL_FORWARD_SWEEP));
      PetscCall(PCMGSetResidual(pc, top - l, ResidualOf, A));
    }
    PetscCall(MatDestroy(&A));
  }
  for (PetscInt l = 0; l <= top; l++) { /* now, so that a misspelt option is found before the first solve */
    PetscCall(PCMGGetSmoother(pc, top - l, &ksp));
    PetscCall(KSPSetFromOptions(ksp));
  }
  for (PetscInt l = 0; l < top; l++) {
    const PetscInt m = LocalSize(ell, &ell->lv[l]), n = LocalSize(ell, &ell->lv[l + 1]);
    Mat            P, R;

    PetscCall(MakeShell(ell, l, m, n, &P));
    PetscCall(MatShellSetOperation(P, MATOP_MULT, (void (*)(void))Prolong));
    PetscCall(MatShellSetOperation(P, MATOP_MULT_ADD, (void (*)(void))ProlongAdd));
    PetscCall(MakeShell(ell, l, n, m, &R));
    PetscCall(MatShellSetOperation(R, MATOP_MULT, (void (*)(void))Restrict));
    PetscCall(PCMGSetInterpolation(pc, top - l, P));
    PetscCall(PCMGSetRestriction(pc, top - l, R));
    PetscCall(MatDestroy(&P));
    PetscCall(MatDestroy(&R));
  }
  PetscFunctionReturn(0);
}
