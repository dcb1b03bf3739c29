/*
  Clean-up of the constraints.  ranks: 1 2

  Flat space is spoilt by a known psi, by a known W, by a shear, by a cosmological constant: what clean-up must do to each follows
  on paper. Then noise on a wave and on a hole, in every formulation: H and M measured by AeGRConstraints fall by 100 at least.
*/
#include "gr_test.h"
#include <aeonic/cleanup.h>
#include <aeonic/elliptic.h>

static const double TwoPi = 6.28318530717958647693;

/* largest of each field's absolute value, its minimum and maximum */
static PetscErrorCode Range(AeGR gr, Vec U, int field, double *lo, double *hi)
{
  AeFields        F;
  const AeLayout *L;
  const double   *u;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  *lo = INFINITY;
  *hi = -INFINITY;
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        const double x = u[AeAt(L, field, k, j, i)];

        if (!(x >= *lo)) *lo = x;
        if (!(x <= *hi)) *hi = x;
      }
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, lo, 1, MPI_DOUBLE, MPI_MIN, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, hi, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

/* Root mean square of H and |M_i| over the cells at least `edge` from the faces and r from the centre. */
static PetscErrorCode Measure(AeGR gr, Vec U, PetscInt edge, double r, double norm[2])
{
  AeGrid          g;
  AeFields        DF;
  const AeLayout *L;
  const double   *c;
  AeGRStats       stats;
  Vec             C;
  double          sum[3] = {0, 0, 0};

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, NULL, NULL, NULL, NULL));
  PetscCall(AeGRCreateDiagnostics(g, &DF));
  PetscCall(AeFieldsCreateVec(DF, &C));
  PetscCall(AeGRConstraints(gr, U, 0.0, C, &stats));
  PetscCall(AeFieldsGetInfo(DF, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(C, &c));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscInt cell[3] = {i, g->js + j, g->ks + k};
        double         r2      = 0;
        PetscBool      in      = PETSC_TRUE;

        for (int a = 0; a < 3; a++) {
          r2 += PetscSqr(AeGridX(g, a, cell[a]));
          if (cell[a] < edge || cell[a] >= g->n[a] - edge) in = PETSC_FALSE;
        }
        if (!in || r2 < r * r) continue;
        sum[0] += PetscSqr(c[AeAt(L, 0, k, j, i)]);
        for (int a = 0; a < 3; a++) sum[1] += PetscSqr(c[AeAt(L, 1 + a, k, j, i)]);
        sum[2] += 1;
      }
  PetscCall(VecRestoreArrayRead(C, &c));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  norm[0] = sqrt(sum[0] / sum[2]);
  norm[1] = sqrt(sum[1] / sum[2]);
  PetscCall(VecDestroy(&C));
  PetscCall(AeFieldsDestroy(&DF));
  PetscFunctionReturn(0);
}

/* Adds a function of position to every cell. */
static PetscErrorCode Spoil(AeGR gr, Vec U, void (*f)(AeGR, const double x[3], double *u, ptrdiff_t stride))
{
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &g, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const double x[3] = {AeGridX(g, 0, i), AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k)};
        f(gr, x, u + AeAt(L, 0, k, j, i), L->stride);
      }
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

/* chi = psi^-4, psi = 1 + 0.1 sin sin: H = -8 psi^-5 Lap psi, and the solution with H = 0 is psi constant */
static void Conformal(AeGR gr, const double x[3], double *u, ptrdiff_t stride)
{
  const double psi = 1.0 + 0.1 * sin(TwoPi * x[0]) * cos(TwoPi * (x[1] + x[2]));
  (void)gr;
  (void)stride;
  u[Z4_CHI] = 1.0 / (psi * psi * psi * psi);
}

/* At = L W of W = 1e-3 (sin(2 pi y), sin(2 pi (x + z)), cos(2 pi x)): what must be taken away again is all of it */
static void Longitudinal(AeGR gr, const double x[3], double *u, ptrdiff_t stride)
{
  const double e = 1e-3 * TwoPi, xy = e * (cos(TwoPi * x[1]) + cos(TwoPi * (x[0] + x[2]))), xz = -e * sin(TwoPi * x[0]),
               yz = e * cos(TwoPi * (x[0] + x[2]));
  (void)gr;
  u[(Z4_AT + 1) * stride] = xy;
  u[(Z4_AT + 2) * stride] = xz;
  u[(Z4_AT + 4) * stride] = yz;
}

/* A constant shear: H = -A_ij A^ij, balanced by K^2 = (3/2) A_ij A^ij (Kasner) */
static void Shear(AeGR gr, const double x[3], double *u, ptrdiff_t stride)
{
  (void)gr;
  (void)x;
  u[Z4_AT * stride]       = 0.02;
  u[(Z4_AT + 3) * stride] = -0.01;
  u[(Z4_AT + 5) * stride] = -0.01;
}

static PetscErrorCode Known(void)
{
  AeGR            gr;
  AeCleanup       c;
  Vec             U;
  AeCleanupResult r;
  double          lo = 0, hi = 0, left = 0;

  PetscFunctionBegin;
  PetscCall(MakeGR(PETSC_COMM_WORLD,
                   "-gr_initial minkowski -grid_n 16,16,16 -grid_half_width 0.5 -grid_boundary periodic -cleanup_rtol 1e-8",
                   &gr));
  PetscCall(AeCleanupCreate(gr, &c));
  PetscCall(MakeState(gr, &U));
  PetscCall(Spoil(gr, U, Conformal));
  PetscCall(AeCleanupApply(c, U, 0.0, &r));
  PetscCall(Range(gr, U, Z4_CHI, &lo, &hi));
  TapTrue(r.converged, "a known psi: converged");
  /* psi - const <= |H|/8/k^2, k = 2 pi the lowest frequency; |H| <= 1e-8 of the first, 8 * 0.1 * 12 pi^2, times 4 for chi =
     psi^-4, times 4096^(1/2) for one cell against the root mean square */
  TapBelow(hi - lo, 4 * 64 * 1e-8 * 0.1 * 3, "a known psi: the conformal factor is constant afterwards");
  PetscCall(VecDestroy(&U));
  PetscCall(AeCleanupDestroy(&c));
  PetscCall(AeGRDestroy(&gr));

  PetscCall(MakeGR(PETSC_COMM_WORLD,
                   "-gr_initial minkowski -grid_n 16,16,16 -grid_half_width 0.5 -grid_boundary periodic -cleanup_rtol 1e-8",
                   &gr));
  PetscCall(AeCleanupCreate(gr, &c));
  PetscCall(MakeState(gr, &U));
  PetscCall(Spoil(gr, U, Longitudinal));
  PetscCall(AeCleanupApply(c, U, 0.0, &r));
  for (int f = 0; f < 6; f++) {
    PetscCall(Range(gr, U, Z4_AT + f, &lo, &hi));
    left = fmax(left, fmax(fabs(lo), fabs(hi)));
  }
  TapTrue(r.converged, "a known W: converged");
  PetscCall(VecDestroy(&U));
  PetscCall(AeCleanupDestroy(&c));
  PetscCall(AeGRDestroy(&gr));
  /* W is a sum of single frequencies, which differences multiply by a number, so that nothing but the tolerance is left: 1e-8 of
     the root mean square of 1e-3 k (2 terms), times 64 for one cell of 4096 */
  TapBelow(left, 64 * 1e-8 * 2e-3 * TwoPi, "a known W: At is gone");
  PetscFunctionReturn(0);
}

static PetscErrorCode Homogeneous(void)
{
  static const char Flat[] =
    "-gr_initial minkowski -grid_n 8,8,8 -grid_half_width 0.5 -grid_boundary periodic -cleanup_rtol 1e-12";
  AeGR            gr;
  AeCleanup       c;
  Vec             U;
  AeCleanupResult r;
  double          lo, hi;
  char            options[256];

  PetscFunctionBegin;
  PetscCall(MakeGR(PETSC_COMM_WORLD, Flat, &gr));
  PetscCall(AeCleanupCreate(gr, &c));
  PetscCall(MakeState(gr, &U));
  PetscCall(Spoil(gr, U, Shear));
  PetscCall(AeCleanupApply(c, U, 0.0, &r));
  PetscCall(Range(gr, U, Z4_K, &lo, &hi));
  TapTrue(r.converged, "a shear: converged");
  TapNear(hi * hi, 1.5 * 6e-4, 1e-12, "a shear: K of Kasner's");
  TapNear(hi - lo, 0, 1e-12, "... everywhere");
  PetscCall(VecDestroy(&U));
  PetscCall(AeCleanupDestroy(&c));
  PetscCall(AeGRDestroy(&gr));
  PetscCall(PetscSNPrintf(options, sizeof options, "%s -gr_lambda 0.03 -gr_formulation z4c", Flat));
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(AeCleanupCreate(gr, &c));
  PetscCall(MakeState(gr, &U));
  PetscCall(AeCleanupApply(c, U, 0.0, &r));
  PetscCall(Range(gr, U, Z4_K, &lo, &hi));
  TapNear(hi * hi, 3 * 0.03, 1e-12, "a cosmological constant: K^2 = 3 Lambda of de Sitter's");
  PetscCall(VecDestroy(&U));
  PetscCall(AeCleanupDestroy(&c));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

/* largest change of any field */
static PetscErrorCode Change(AeGR gr, Vec U, Vec V, double *most)
{
  AeFields        F;
  const AeLayout *L;
  const double   *u, *v;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayRead(V, &v));
  *most = 0;
  for (ptrdiff_t f = 0; f < L->nf; f++)
    for (ptrdiff_t k = 0; k < L->nk; k++)
      for (ptrdiff_t j = 0; j < L->nj; j++)
        for (ptrdiff_t i = 0; i < L->nx; i++) {
          const double d = fabs(u[AeAt(L, f, k, j, i)] - v[AeAt(L, f, k, j, i)]);
          if (!(d <= *most)) *most = d;
        }
  PetscCall(VecRestoreArrayRead(V, &v));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

static PetscErrorCode Noise(const char what[], const char data[], PetscInt edge, double radius, const char form[])
{
  AeGR            gr, alone;
  AeCleanup       c;
  Vec             U, V;
  AeCleanupResult r, same;
  double          before[2] = {0, 0}, after[2] = {0, 0}, change = 0;
  char            options[512], text[160];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(options, sizeof options, "%s -gr_formulation %s", data, form));
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  PetscCall(AeCleanupCreate(gr, &c));
  PetscCall(MakeState(gr, &U));
  PetscCall(Measure(gr, U, edge, radius, before));
  PetscCall(AeCleanupApply(c, U, 0.0, &r));
  PetscCall(Measure(gr, U, edge, radius, after));
  (void)snprintf(text, sizeof text, "%s, %s: converged", what, form);
  TapTrue(r.converged, text);
  (void)snprintf(text, sizeof text, "%s, %s: H falls by 100", what, form);
  TapBelow(after[0], before[0] / 100, text);
  (void)snprintf(text, sizeof text, "%s, %s: M falls by 100", what, form);
  TapBelow(after[1], before[1] / 100, text);
  PetscCall(VecDuplicate(U, &V));
  PetscCall(VecCopy(U, V));
  PetscCall(AeCleanupApply(c, U, 0.0, &same));
  PetscCall(Change(gr, U, V, &change));
  (void)snprintf(text, sizeof text, "%s, %s: a second clean-up has nothing to do", what, form);
  /* trace and determinant are taken off again: a few roundings of numbers of size 1 (1/chi near a puncture in adm) */
  TapTrue(same.converged && same.newton == 0, text);
  TapBelow(change, 1e-12, "... and changes nothing but roundings");
  PetscCall(VecDestroy(&U));
  PetscCall(VecDestroy(&V));
  PetscCall(AeCleanupDestroy(&c));
  PetscCall(MakeGR(PETSC_COMM_SELF, options, &alone));
  PetscCall(AeCleanupCreate(alone, &c));
  PetscCall(MakeState(alone, &U));
  PetscCall(AeCleanupApply(c, U, 0.0, &same));
  /* both solve to 1e-3 of the first residual, and psi - 1 is A^-1 of it: 1e-2 of psi's range leaves room for the condition */
  (void)snprintf(text, sizeof text, "%s, %s: psi of one rank to the solver's tolerance", what, form);
  TapNear(r.psi[1], same.psi[1], 1e-2 * (same.psi[1] - same.psi[0]), text);
  PetscCall(VecDestroy(&U));
  PetscCall(AeCleanupDestroy(&c));
  PetscCall(AeGRDestroy(&alone));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  PetscCall(AeEllRegister());
  PetscCall(Known());
  PetscCall(Homogeneous());
  for (int form = 0; form < Z4_FORM_COUNT; form++)
    PetscCall(
      Noise("gauge wave with noise", "-gr_initial gauge_wave -gr_perturb 1e-4 -grid_n 32,8,8", 0, 0.0, Z4FormNames[form]));
  PetscCall(Noise("hole with noise",
                  "-gr_initial brill_lindquist -bl_holes 2,0,0,0.1 -gr_perturb 1e-5 -grid_n 24,24,24 -grid_half_width 4 "
                  "-grid_boundary radiative",
                  6, 1.4, "bssn"));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
