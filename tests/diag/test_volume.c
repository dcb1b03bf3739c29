/*
  Mass and momenta by volume: known integrals, and Gauss's theorem with the constraints for arbitrary fields.  ranks: 1 2
*/
#include <aeonic/diag.h>
#include "tap.h"

enum { NEVOLVED = 14 };
typedef void (*Spacetime)(const double x[3], double g[6], double K[6], double *phi, double *Pi);

/* A spacetime in a box of half-width 4 under some symmetry, order 4; whatever it holds has vanished at the faces. */
typedef struct {
  AeGR     gr;
  AeGrid   g;
  AeFields F, CF;
  Vec      U, C, D; /* state, constraints, densities */
  AeFields DF;
} Case;

static PetscErrorCode Make(PetscInt n, const char options[], Spacetime s, Case *c)
{
  static const char *const matter[2] = {"phi", "Pi"};
  char                     all[256];
  const AeLayout          *L;
  AeSpatial                S;
  double                  *u;

  PetscFunctionBegin;
  PetscCall(PetscOptionsClear(NULL));
  (void)snprintf(
    all, sizeof all,
    "-gr_initial scalar_pulse -gr_formulation bssn -grid_boundary radiative -grid_n %d,%d,%d -grid_half_width 4 -fd_order 4 %s",
    (int)n, (int)n, (int)n, options);
  PetscCall(PetscOptionsInsertString(NULL, all));
  PetscCall(AeGRCreate(PETSC_COMM_WORLD, &c->gr));
  PetscCall(AeGRGet(c->gr, &c->g, &c->F, NULL, NULL, NULL));
  PetscCall(AeFieldsCreateVec(c->F, &c->U));
  PetscCall(AeFieldsGetInfo(c->F, NULL, &L, NULL));
  PetscCall(AeSpatialFind(c->F, &S));
  PetscCall(VecGetArray(c->U, &u));
  for (PetscInt k = 0; k < L->nk; k++)
    for (PetscInt j = 0; j < L->nj; j++)
      for (PetscInt i = 0; i < L->nx; i++) {
        const double x[3] = {AeGridX(c->g, 0, i), AeGridX(c->g, 1, j + c->g->js), AeGridX(c->g, 2, k + c->g->ks)};
        double       g[6], K[6], q[NEVOLVED], m[2];

        (*s)(x, g, K, &m[0], &m[1]);
        AeAdmToConformal(g, K, &q[12], q, &q[13], q + 6);
        for (PetscInt f = 0; f < NEVOLVED; f++) u[AeAt(L, S.field[f], k, j, i)] = q[f];
        for (int f = 0; f < 2; f++) u[AeAt(L, AeFieldsFind(c->F, matter[f]), k, j, i)] = m[f];
        u[AeAt(L, AeFieldsFind(c->F, "lapse"), k, j, i)] = 1;
      }
  PetscCall(VecRestoreArray(c->U, &u));
  PetscCall(AeFieldsFillGhosts(c->F, c->U, 0));
  PetscCall(AeCurvatureCreateFields(c->g, AE_CURVATURE_DENSITIES, &c->DF));
  PetscCall(AeFieldsCreateVec(c->DF, &c->D));
  PetscCall(AeCurvature(c->U, 4, 0, 0, NULL, NULL, c->D));
  PetscCall(AeGRCreateDiagnostics(c->g, &c->CF));
  PetscCall(AeFieldsCreateVec(c->CF, &c->C));
  PetscFunctionReturn(0);
}

static PetscErrorCode Free(Case *c)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(&c->U));
  PetscCall(VecDestroy(&c->C));
  PetscCall(VecDestroy(&c->D));
  PetscCall(AeFieldsDestroy(&c->CF));
  PetscCall(AeFieldsDestroy(&c->DF));
  PetscCall(AeGRDestroy(&c->gr));
  PetscFunctionReturn(0);
}

/*
  Conformally flat, at rest, with phi = A exp(-r^2): psi'' + 2 psi'/r = -pi phi'^2 psi, psi -> 1. The equation is linear:
  integrated from psi = 1 at the centre (RK4, step 1e-3) and divided by its limit far out, where psi = a + b/r.
*/
enum { STEPS = 8000 };
static double Psi[STEPS + 1];
static void   Slope(double A, double r, const double y[2], double f[2])
{
  const double dphi = -2 * r * A * exp(-r * r);

  f[0] = y[1];
  f[1] = (r > 0 ? -2 * y[1] / r : 0) - PETSC_PI * dphi * dphi * y[0];
}
static void Integrate(double A)
{
  const double h    = 1e-3;
  double       y[2] = {1, 0}, limit;

  Psi[0] = 1;
  for (int m = 0; m < STEPS; m++) {
    double k[4][2], z[2];

    for (int s = 0; s < 4; s++) {
      const double c = s == 0 ? 0 : s == 3 ? h : 0.5 * h;
      for (int d = 0; d < 2; d++) z[d] = y[d] + (s ? c * k[s - 1][d] : 0);
      Slope(A, m * h + c, z, k[s]);
    }
    for (int d = 0; d < 2; d++) y[d] += h / 6 * (k[0][d] + 2 * k[1][d] + 2 * k[2][d] + k[3][d]);
    Psi[m + 1] = y[0];
  }
  limit = y[0] + y[1] * STEPS * h; /* a = psi + r psi' */
  for (int m = 0; m <= STEPS; m++) Psi[m] /= limit;
}

static void Static(const double x[3], double g[6], double K[6], double *phi, double *Pi)
{
  const double r = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]), s = r / 1e-3;
  const int    m   = PetscMax(1, PetscMin((int)s, STEPS - 2));
  double       psi = 0;

  for (int a = -1; a <= 2; a++) { /* cubic through four nodes: 1e-14 */
    double w = 1;
    for (int b = -1; b <= 2; b++)
      if (b != a) w *= (s - m - b) / (a - b);
    psi += w * Psi[m + a];
  }
  for (int ab = 0; ab < 6; ab++) g[ab] = ab == 0 || ab == 3 || ab == 5 ? pow(psi, 4) : 0, K[ab] = 0;
  *phi = 0.05 * exp(-r * r);
  *Pi  = 0;
}

/* On flat space phi = (1 + x) e, Pi = (x + y) e, e = exp(-r^2). With G = int e^2 = (pi/2)^(3/2), int x^2 e^2 = G/4:
   P = -int Pi grad phi = (G/2, G/2, 0), J_z = -int Pi (x d_y - y d_x) phi = G/4. */
static void Moving(const double x[3], double g[6], double K[6], double *phi, double *Pi)
{
  const double e = exp(-x[0] * x[0] - x[1] * x[1] - x[2] * x[2]);

  for (int ab = 0; ab < 6; ab++) g[ab] = ab == 0 || ab == 3 || ab == 5, K[ab] = 0;
  *phi = (1 + x[0]) * e;
  *Pi  = (x[0] + x[1]) * e;
}

/* Metric and curvature with all components, none a solution. */
static void Arbitrary(const double x[3], double g[6], double K[6], double *phi, double *Pi)
{
  const double e = exp(-1.0 * (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]));

  for (int ab = 0; ab < 6; ab++) {
    g[ab] = (ab == 0 || ab == 3 || ab == 5) + 0.2 * e * sin(1 + ab + (0.3 + 0.1 * ab) * x[0] - 0.2 * x[1] + 0.3 * ab * x[2]);
    K[ab] = 0.3 * e * cos(2 * ab + 0.4 * x[0] + (0.5 - 0.1 * ab) * x[1] + 0.2 * x[2]);
  }
  *phi = 0.1 * e * (1 + x[1]);
  *Pi  = 0.1 * e * (x[0] - 2 * x[2]);
}

/* int psi^5 H/16 pi and int det^(1/2) M.xi/8 pi for translations and rotations xi: what the densities miss of a divergence. */
static PetscErrorCode Violation(Case *c, AeCharges *q)
{
  const AeLayout *L, *CL;
  const double   *u, *p;
  AeGRStats       stats;
  AeSum           sum[7];
  const PetscInt  chi = AeFieldsFind(c->F, "chi");
  double          v[7];

  PetscFunctionBegin;
  PetscCall(AeGRConstraints(c->gr, c->U, 0, c->C, &stats));
  PetscCall(AeFieldsGetInfo(c->F, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(c->CF, NULL, &CL, NULL));
  for (int m = 0; m < 7; m++) AeSumZero(&sum[m]);
  PetscCall(VecGetArrayRead(c->U, &u));
  PetscCall(VecGetArrayRead(c->C, &p));
  for (PetscInt k = 0; k < L->nk; k++)
    for (PetscInt j = 0; j < L->nj; j++)
      for (PetscInt i = 0; i < L->nx; i++) {
        const double x[3] = {AeGridX(c->g, 0, i), AeGridX(c->g, 1, j + c->g->js), AeGridX(c->g, 2, k + c->g->ks)},
                     X    = u[AeAt(L, chi, k, j, i)];
        double M[3];

        for (int d = 0; d < 3; d++) M[d] = pow(X, -1.5) * p[AeAt(CL, 1 + d, k, j, i)] / (8 * PETSC_PI);
        AeSumAdd(&sum[0], pow(X, -1.25) * p[AeAt(CL, 0, k, j, i)] / (16 * PETSC_PI));
        for (int d = 0; d < 3; d++) {
          AeSumAdd(&sum[1 + d], M[d]);
          AeSumAdd(&sum[4 + d], x[(d + 1) % 3] * M[(d + 2) % 3] - x[(d + 2) % 3] * M[(d + 1) % 3]);
        }
      }
  PetscCall(VecRestoreArrayRead(c->C, &p));
  PetscCall(VecRestoreArrayRead(c->U, &u));
  PetscCall(AeSumReduce(PETSC_COMM_WORLD, 7, sum));
  for (int m = 0; m < 7; m++) v[m] = AeSumValue(&sum[m]) * pow(c->g->h, 3);
  q->mass = v[0];
  for (int d = 0; d < 3; d++) q->momentum[d] = v[1 + d], q->angular[d] = v[4 + d];
  PetscFunctionReturn(0);
}

/* Errors that fall with the order of the differences, 4; the next term is h^2 of it, some 0.05 on these grids. */
static void Order(double coarse, double fine, const char *what) { TapNear(log2(coarse / fine), 4, 0.1, what); }

int main(int argc, char **argv)
{
  const PetscReal origin[3] = {0, 0, 0}, off[3] = {0.5, 0, 0};
  const double    G = pow(PETSC_PI / 2, 1.5);
  AeCharges       q, v;
  double          e[2][4] = {{0}}, size[3] = {0};
  int             status;
  Case            c;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  Integrate(0.05);
  /* M of this field by two spectral codes: 0.007405766434670 */
  TapNear(2 * STEPS * 1e-3 * (Psi[STEPS] - 1), 0.007405766434670, 1e-9, "the datum's own mass, psi = 1 + M/(2 r)");
  for (int m = 0; m < 2; m++) {
    const PetscInt n = m ? 60 : 40;

    PetscCall(Make(n, "", Static, &c));
    PetscCall(AeVolumeCharges(c.D, origin, &q));
    e[m][0] = fabs(q.mass - 0.007405766434670);
    PetscCall(Free(&c));
    PetscCall(Make(n, "", Moving, &c));
    PetscCall(AeVolumeCharges(c.D, origin, &q));
    e[m][1] = hypot(hypot(q.momentum[0] - G / 2, q.momentum[1] - G / 2), q.angular[2] - G / 4);
    PetscCall(AeVolumeCharges(c.D, off, &v));
    if (m) TapNear(v.angular[2], q.angular[2] - 0.5 * q.momentum[1], 1e-14, "J about another centre");
    PetscCall(Free(&c));
    PetscCall(Make(n, "", Arbitrary, &c));
    PetscCall(AeVolumeCharges(c.D, origin, &q));
    PetscCall(Violation(&c, &v));
    e[m][2] = fabs(q.mass + v.mass);
    e[m][3] = 0;
    size[0] = fabs(v.mass);
    size[1] = size[2] = 0;
    for (int d = 0; d < 3; d++) {
      e[m][3] = hypot(e[m][3], hypot(q.momentum[d] + v.momentum[d], q.angular[d] + v.angular[d]));
      size[1] = hypot(size[1], v.momentum[d]), size[2] = hypot(size[2], v.angular[d]);
    }
    PetscCall(Free(&c));
  }
  /* 60 against 40: log(3/2) instead of log 2 */
  for (int k = 0; k < 4; k++) e[0][k] = e[1][k] * pow(e[0][k] / e[1][k], log(2) / log(1.5));
  Order(e[0][0], e[1][0], "mass of a static scalar field: order");
  Order(e[0][1], e[1][1], "momenta of a moving scalar field: order");
  TapAbove(fmin(size[0], fmin(size[1], size[2])), 1e-4, "arbitrary fields: the constraints' integrals are not zero");
  Order(e[0][2], e[1][2], "arbitrary fields: mass density and H make a divergence");
  Order(e[0][3], e[1][3], "arbitrary fields: momentum densities and M_i make divergences");
  TapBelow(e[1][2] / size[0] + e[1][3] / (size[1] + size[2]), 0.02, "to a few per cent of each on the finer grid");
  /* under a symmetry */
  PetscCall(Make(16, "-grid_symmetry octant", Static, &c));
  PetscCall(AeVolumeCharges(c.D, origin, &q));
  PetscCall(Free(&c));
  PetscCall(Make(32, "", Static, &c));
  PetscCall(AeVolumeCharges(c.D, origin, &v));
  PetscCall(Free(&c));
  TapNear(q.mass, v.mass, 1e-15, "an octant's mass is the whole's");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
