/* Every exact datum satisfies the constraints: what the differences leave of H and M falls with their order.  ranks: 1 2

   Norms at spacings h and h/2 over the same inner cells, a quarter of the box away from each face (where ghosts of data
   without an exact solution are extrapolated). Observed order within 0.1 of the differences' order. Norms below the
   floor, rounding of second differences, are constraints that hold identically: they are not compared, and each datum
   must have one above it. (H of a linear wave is one: tracefree and divergencefree to first order also in the
   differences. Its M is proportional to the amplitude, and so is M's rounding.) */
#include "gr/gr_test.h"

/* L2 norm of fields a ... b of C over cells at least `margin` of the axis' length away from its faces */
static double Norm(AeGR gr, Vec C, PetscInt a, PetscInt b, const double margin[3])
{
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  const double   *c;
  double          sum[2] = {0, 0};

  PetscCallAbort(PETSC_COMM_SELF, AeGRGet(gr, &g, NULL, NULL, NULL, NULL));
  PetscCallAbort(PETSC_COMM_SELF, AeFieldsFromVec(C, &F));
  PetscCallAbort(PETSC_COMM_SELF, AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCallAbort(PETSC_COMM_SELF, VecGetArrayRead(C, &c));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscInt ijk[3] = {i, g->js + j, g->ks + k};
        int            inner  = 1;

        for (int d = 0; d < 3; d++) inner = inner && ijk[d] >= margin[d] * g->n[d] && ijk[d] < (1 - margin[d]) * g->n[d];
        if (!inner) continue;
        for (PetscInt f = a; f <= b; f++) sum[0] += PetscSqr(c[AeAt(L, f, k, j, i)]);
        sum[1] += 1;
      }
  PetscCallAbort(PETSC_COMM_SELF, VecRestoreArrayRead(C, &c));
  MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return sqrt(sum[0] / sum[1]);
}

typedef struct {
  const char *what, *options;
  double      t;
  PetscInt    n[3];     /* at spacing h */
  PetscInt    varies;   /* axes that are refined */
  double      floor[2]; /* of H, of M */
} Case;

enum { X = 1, Y = 2, Z = 4, ALL = 7 };

static PetscErrorCode Constraints(const Case *c, int order, int level, double norm[2])
{
  char         options[1024];
  const double margin[3] = {c->varies & X ? 0.25 : 0, c->varies & Y ? 0.25 : 0, c->varies & Z ? 0.25 : 0};
  PetscInt     n[3];
  AeGR         gr;
  AeGrid       g;
  AeFields     F;
  Vec          U, C;
  AeGRStats    stats;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) n[d] = c->n[d] * (level && (c->varies >> d & 1) ? 2 : 1);
  (void)snprintf(options, sizeof options, "%s -fd_order %d -grid_n %d,%d,%d", c->options, order, (int)n[0], (int)n[1], (int)n[2]);
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(AeGRGet(gr, &g, NULL, NULL, NULL, NULL));
  PetscCall(MakeState(gr, &U));
  PetscCall(AeGRSetState(gr, U, c->t));
  PetscCall(AeGRCreateDiagnostics(g, &F));
  PetscCall(AeFieldsCreateVec(F, &C));
  PetscCall(AeGRConstraints(gr, U, c->t, C, &stats));
  norm[0] = Norm(gr, C, 0, 0, margin);
  norm[1] = Norm(gr, C, 1, 3, margin);
  PetscCall(VecDestroy(&C));
  PetscCall(AeFieldsDestroy(&F));
  PetscCall(VecDestroy(&U));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode Check(const Case *c, int order)
{
  double norm[2][2];
  char   text[256];
  int    compared = 0;

  PetscFunctionBegin;
  for (int level = 0; level < 2; level++) PetscCall(Constraints(c, order, level, norm[level]));
  for (int m = 0; m < 2; m++) {
    if (norm[0][m] < c->floor[m]) continue;
    compared++;
    (void)snprintf(text, sizeof text, "%s: order %d of %s (%.2e, %.2e)", c->what, order, m ? "M" : "H", norm[0][m], norm[1][m]);
    TapNear(log2(norm[0][m] / norm[1][m]), order, 0.1, text);
  }
  (void)snprintf(text, sizeof text, "%s: the differences leave something to compare", c->what);
  TapTrue(compared > 0, text);
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
#define OFF "-grid_boundary exact -gr_lapse_initial datum -hole_centre -3,-2.5,-2 -grid_half_width 1.5 "
  const Case cases[] = {
    {"gowdy_expanding", "-gr_initial gowdy_expanding", 0.7, {8, 8, 40}, Z, {1e-10, 1e-10}},
    {"gowdy_collapsing", "-gr_initial gowdy_collapsing", 10, {8, 8, 40}, Z, {1e-10, 1e-10}},
    {"shifted_gauge_wave", "-gr_initial shifted_gauge_wave -gw_amplitude 0.1", 0.3, {40, 8, 8}, X, {1e-10, 1e-10}},
    {"teukolsky",
     "-gr_initial teukolsky -teukolsky_amplitude 1e-10 -teukolsky_width 2 -grid_half_width 2",
     1.3,
     {20, 20, 20},
     ALL,
     {1e-10, 1e-17}},
    {"schwarzschild", "-gr_initial schwarzschild " OFF, 0, {20, 20, 20}, ALL, {1e-10, 1e-10}},
    {"trumpet", "-gr_initial trumpet " OFF, 0, {20, 20, 20}, ALL, {1e-10, 1e-10}},
    {"kerr_schild", "-gr_initial kerr_schild -hole_spin 0.8 " OFF, 0, {20, 20, 20}, ALL, {1e-10, 1e-10}},
    {"kerr_qi", "-gr_initial kerr_qi -hole_spin 0.8 " OFF, 0, {20, 20, 20}, ALL, {1e-10, 1e-10}},
    {"kerr_qi, the other radius",
     "-gr_initial kerr_qi -hole_radius liu_etienne_shapiro -hole_spin 0.8 " OFF,
     0,
     {20, 20, 20},
     ALL,
     {1e-10, 1e-10}},
    {"brill_lindquist",
     "-gr_initial brill_lindquist -bl_holes 1,-3,-2.5,-2;0.5,3,2,4 -grid_half_width 1.5",
     0,
     {20, 20, 20},
     ALL,
     {1e-10, 1e-10}},
  };
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (int order = 4; order <= 6; order += 2) PetscCall(Check(&cases[c], order));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
