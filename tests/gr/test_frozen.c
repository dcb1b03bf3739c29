/*
  Frozen points: a Kerr-Schild hole inside the box, its cells within a radius frozen.  ranks: 1 2 3

  Frozen cells keep every bit, the others move; statistics and errors are those of the others alone, recomputed here
  from the fields; and nothing depends on the ranks.
*/
#include "gr_test.h"

static const char Data[] =
  "-gr_initial kerr_schild -hole_spin 0.3 -hole_centre 0.1,0.05,-0.02 -grid_half_width 3 -grid_n 24,20,22 -gr_excise_radius 0.9";

static PetscBool Frozen(AeGrid g, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i)
{
  const PetscReal x = AeGridX(g, 0, (PetscInt)i) - 0.1, y = AeGridX(g, 1, g->js + (PetscInt)j) - 0.05,
                  z = AeGridX(g, 2, g->ks + (PetscInt)k) + 0.02;
  return (PetscBool)(x * x + y * y + z * z < 0.81);
}

/* How many frozen values changed by a bit or more, and the largest change of the others. */
static PetscErrorCode Changes(AeGR gr, Vec before, Vec after, double *frozen, double *moved)
{
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  const double   *a, *b;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(before, &a));
  PetscCall(VecGetArrayRead(after, &b));
  *frozen = *moved = 0;
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++) {
          const ptrdiff_t o = AeAt(L, f, k, j, i);

          if (Frozen(g, k, j, i)) *frozen += memcmp(a + o, b + o, sizeof *a) != 0;
          else *moved = fmax(*moved, fabs(a[o] - b[o]));
        }
  PetscCall(VecRestoreArrayRead(before, &a));
  PetscCall(VecRestoreArrayRead(after, &b));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, moved, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

/* H over the cells that are not frozen: root mean square and maximum. */
static PetscErrorCode NormsOfH(AeGR gr, Vec U, AeGRStats *stats, double *l2, double *linf)
{
  AeGrid          g;
  AeFields        DF;
  const AeLayout *L;
  const double   *c;
  Vec             C;
  double          sum[2] = {0, 0};

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, NULL, NULL, NULL, NULL));
  PetscCall(AeGRCreateDiagnostics(g, &DF));
  PetscCall(AeFieldsCreateVec(DF, &C));
  PetscCall(AeGRConstraints(gr, U, 0.0, C, stats));
  PetscCall(AeFieldsGetInfo(DF, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(C, &c));
  *linf = 0;
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const double H = c[AeAt(L, 0, k, j, i)];

        if (Frozen(g, k, j, i)) continue;
        sum[0] += H * H;
        sum[1] += 1;
        *linf = fmax(*linf, fabs(H));
      }
  PetscCall(VecRestoreArrayRead(C, &c));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, linf, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  *l2 = sqrt(sum[0] / sum[1]);
  PetscCall(VecDestroy(&C));
  PetscCall(AeFieldsDestroy(&DF));
  PetscFunctionReturn(0);
}

/* Frozen cells seven times as large. */
static PetscErrorCode Spoil(AeGR gr, Vec U)
{
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++)
          if (Frozen(g, k, j, i)) u[AeAt(L, f, k, j, i)] *= 7;
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Case(const char form[])
{
  AeGR      gr, alone;
  AeFields  F;
  Vec       U, V, W;
  AeGRStats stats, same;
  double    frozen = 0, moved = 0, l2 = 0, linf = 0;
  PetscReal e2[AE_GR_NERR], einf[AE_GR_NERR], f2[AE_GR_NERR], finf[AE_GR_NERR];
  int       differ = 0;
  char      options[512], text[128], hash[2][65];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(options, sizeof options, "%s -gr_formulation %s", Data, form));
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(MakeState(gr, &U));
  PetscCall(MakeState(gr, &V));
  PetscCall(NormsOfH(gr, U, &stats, &l2, &linf));
  (void)snprintf(text, sizeof text, "%s: root mean square of H without the frozen cells", form);
  TapNear(stats.H_l2, l2, 1e-13 * l2, text); /* the sums differ in the order of 1e4 terms, whose errors cancel in part */
  (void)snprintf(text, sizeof text, "%s: maximum of H without the frozen cells", form);
  TapNear(stats.H_linf, linf, 0, text);
  PetscCall(Steps(gr, PETSC_COMM_WORLD, V, 4, 0.02, &stats));
  PetscCall(Changes(gr, U, V, &frozen, &moved));
  (void)snprintf(text, sizeof text, "%s: frozen cells keep every bit", form);
  TapBelow(frozen, 0, text);
  (void)snprintf(text, sizeof text, "%s: the others move", form);
  TapAbove(moved, 1e-6, text);
  TapTrue(stats.nonfinite == 0 && isfinite(stats.H_l2) && isfinite(stats.lapse_min) && isfinite(stats.chi_min),
          "statistics are finite");
  PetscCall(AeGRErrors(gr, V, 0.08, e2, einf));
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsHash(F, V, hash[0]));
  /* errors do not see what is in frozen cells */
  PetscCall(Spoil(gr, V));
  PetscCall(AeGRErrors(gr, V, 0.08, f2, finf));
  for (int m = 0; m < 18; m++) differ += !(e2[m] == f2[m] && einf[m] == finf[m]);
  (void)snprintf(text, sizeof text, "%s: errors count no frozen cell", form);
  TapTrue(differ == 0 && einf[0] > 0, text);
  PetscCall(MakeGR(PETSC_COMM_SELF, options, &alone));
  PetscCall(MakeState(alone, &W));
  PetscCall(Steps(alone, PETSC_COMM_SELF, W, 4, 0.02, &same));
  PetscCall(AeGRGet(alone, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsHash(F, W, hash[1]));
  (void)snprintf(text, sizeof text, "%s: state and norms of one rank", form);
  TapTrue(!strcmp(hash[0], hash[1]) && stats.H_l2 == same.H_l2 && stats.M_linf == same.M_linf &&
            stats.lapse_min == same.lapse_min,
          text);
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&V));
  PetscCall(VecDestroy(&W));
  PetscCall(AeGRDestroy(&gr));
  PetscCall(AeGRDestroy(&alone));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  for (int form = 0; form < Z4_FORM_COUNT; form++) PetscCall(Case(Z4FormNames[form]));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
