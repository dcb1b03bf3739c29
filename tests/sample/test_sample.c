/*
  Interpolation: exact on polynomials, of its order, the same on any ranks, under symmetries, at boundaries; quadrature
  on spheres.  ranks: 1 2 3
*/
#include <aeonic/audit.h>
#include <aeonic/sample.h>
#include <string.h>
#include "tap.h"

typedef double (*Function)(double x, double y, double z);

enum { NF = 3 };
/* even in all axes, odd in x, odd in y and z */
static const AeFieldInfo info[NF] = {{"a", {1, 1, 1}, 0, 1}, {"b", {-1, 1, 1}, 0, 1}, {"c", {1, -1, -1}, 0, 1}};

typedef struct {
  AeGrid   g;
  AeFields F;
  Vec      U;
} Case;

static PetscErrorCode Make(MPI_Comm comm, const char options[], const PetscInt n[3], AeBoundary bc, PetscInt ghost,
                           const Function f[NF], Case *c)
{
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  PetscCall(PetscOptionsClear(NULL));
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(AeGridCreate(comm, &c->g));
  PetscCall(AeGridSetSizes(c->g, n));
  PetscCall(AeGridSetLength(c->g, 0, 2.0));
  PetscCall(AeGridSetBoundary(c->g, bc));
  PetscCall(AeGridSetGhost(c->g, ghost));
  PetscCall(AeGridSetFromOptions(c->g));
  PetscCall(AeFieldsCreate(c->g, NF, info, &c->F));
  PetscCall(AeFieldsCreateVec(c->F, &c->U));
  PetscCall(AeFieldsGetInfo(c->F, NULL, &L, NULL));
  PetscCall(VecGetArray(c->U, &u));
  for (ptrdiff_t o = 0; o < L->size; o++) u[o] = NAN; /* a ghost that is read shows */
  for (int m = 0; m < NF; m++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++)
          u[AeAt(L, m, k, j, i)] = (*f[m])(AeGridX(c->g, 0, i), AeGridX(c->g, 1, j + c->g->js), AeGridX(c->g, 2, k + c->g->ks));
  PetscCall(VecRestoreArray(c->U, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Free(Case *c)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(&c->U));
  PetscCall(AeFieldsDestroy(&c->F));
  PetscCall(AeGridDestroy(&c->g));
  PetscFunctionReturn(0);
}

/* In (0, 1): a sequence that fills the cube evenly, powers of the plastic number (Roberts) */
static double Even(PetscInt p, int d)
{
  static const double a[3] = {0.8191725133961645, 0.6710436067037893, 0.5497004779019703};
  const double        x    = 0.5 + (p + 1) * a[d];
  return x - floor(x);
}

/* Points that fill [lo, hi]^3 */
static void Cloud(PetscInt n, const double lo[3], const double hi[3], PetscReal x[])
{
  for (PetscInt p = 0; p < n; p++)
    for (int d = 0; d < 3; d++) x[3 * p + d] = lo[d] + (hi[d] - lo[d]) * Even(p, d);
}

static PetscErrorCode Sample(Case *c, PetscInt q, PetscInt n, const PetscReal x[], PetscReal value[], PetscReal derivative[])
{
  const PetscInt field[NF] = {0, 1, 2};
  AeSample       S;

  PetscFunctionBegin;
  PetscCall(AeSampleCreate(c->g, q, n, x, NF, &S));
  PetscCall(AeSampleEvaluate(S, c->U, NF, field, value, derivative));
  PetscCall(AeSampleDestroy(&S));
  PetscFunctionReturn(0);
}

/* Polynomials of degree 5 in each variable, and their derivatives; sizes of order 1 on [-1,1]^3 */
static double P5(double x) { return 0.3 + x * (0.5 + x * (-0.4 + x * (0.2 + x * (0.35 - 0.3 * x)))); }
static double Q5(double x) { return 0.5 + x * (-0.8 + x * (0.6 + x * (1.4 - 1.5 * x))); }
static double R5(double x) { return 0.2 - x * (0.1 + x * (0.3 + x * (0.2 - x * (0.4 + 0.25 * x)))); }
static double PolyA(double x, double y, double z) { return P5(x) * R5(y) * P5(z); }
static double PolyB(double x, double y, double z) { return R5(x) * P5(y) + P5(z); }
static double PolyC(double x, double y, double z) { return P5(x) + R5(y) * P5(z); }

/*
  The polynomial through six points is the function if that is of degree five. Rounding: 18 additions, times the sum of
  |weights| of three axes, which half a cell beyond the last centre (the worst case) is 13 each, of |h d| 40; values are
  below 1.5 in size: 1.5 x 13^3 x 18 x 1.1e-16 = 7e-12, and for h times the derivative three times that.
*/
static PetscErrorCode TestPolynomials(void)
{
  const Function f[NF] = {PolyA, PolyB, PolyC};
  const PetscInt n[3] = {11, 8, 9}, q[3] = {6, 7, 8};
  enum { NP = 500 };
  static PetscReal x[3 * NP], v[NF * NP], d[3 * NF * NP];
  Case             c;

  PetscFunctionBegin;
  PetscCall(Make(PETSC_COMM_WORLD, "", n, AE_BC_RADIATIVE, 3, f, &c));
  Cloud(NP, c.g->lo, c.g->hi, x);
  for (int d3 = 0; d3 < 3; d3++)
    x[d3] = c.g->lo[d3], x[3 + d3] = c.g->hi[d3], x[6 + d3] = AeGridX(c.g, d3, 4); /* corners, a cell's centre */
  for (int m = 0; m < 3; m++) {
    double worst = 0, worst_d = 0;
    char   what[96];

    PetscCall(Sample(&c, q[m], NP, x, v, d));
    for (PetscInt p = 0; p < NP; p++) {
      const double X = x[3 * p], Y = x[3 * p + 1], Z = x[3 * p + 2];
      const double want[3] = {Q5(X) * R5(Y) * P5(Z), 0, P5(X) * R5(Y) * Q5(Z)};

      for (int s = 0; s < NF; s++)
        worst = fmax(worst, fabs(v[s * NP + p] - (*f[s])(X, Y, Z)) + (v[s * NP + p] == v[s * NP + p] ? 0 : INFINITY));
      worst_d = fmax(worst_d, c.g->h * fabs(d[p] - want[0]));
      worst_d = fmax(worst_d, c.g->h * fabs(d[2 * NP + p] - want[2]));
      worst_d = fmax(worst_d, c.g->h * fabs(d[(3 + 1) * NP + p] - R5(X) * Q5(Y)));
      if (!(d[p] == d[p])) worst_d = INFINITY;
    }
    /* more points, larger weights: 8 points at the corner have 67, 130 */
    snprintf(what, sizeof what, "%d points: exact on polynomials of degree 5", (int)q[m]);
    TapBelow(worst, q[m] == 6 ? 7e-12 : 7e-12 * pow(q[m] == 7 ? 30.0 / 13 : 67.0 / 13, 3), what);
    snprintf(what, sizeof what, "%d points: and their derivatives", (int)q[m]);
    TapBelow(worst_d, q[m] == 6 ? 2.1e-11 : 2.1e-11 * pow(q[m] == 7 ? 30.0 / 13 : 67.0 / 13, 3), what);
    /* at a centre all weights but one are zero */
    TapBelow(fabs(v[2] - PolyA(x[6], x[7], x[8])), 1e-15, "a cell's own value at its centre");
  }
  /* the check can fail: degree 5 is beyond five points */
  PetscCall(Sample(&c, 5, NP, x, v, NULL));
  {
    double worst = 0;
    for (PetscInt p = 0; p < NP; p++) worst = fmax(worst, fabs(v[p] - PolyA(x[3 * p], x[3 * p + 1], x[3 * p + 2])));
    TapAbove(worst, 1e-8, "five points do not reproduce degree 5");
  }
  PetscCall(Free(&c));
  PetscFunctionReturn(0);
}

static double Smooth(double x, double y, double z) { return sin(2 * x + 0.3) * cos(1.5 * y - 0.4) * exp(0.7 * z); }
static double SmoothX(double x, double y, double z) { return 2 * cos(2 * x + 0.3) * cos(1.5 * y - 0.4) * exp(0.7 * z); }
static double SmoothY(double x, double y, double z) { return -1.5 * sin(2 * x + 0.3) * sin(1.5 * y - 0.4) * exp(0.7 * z); }
static double SmoothZ(double x, double y, double z) { return 0.7 * Smooth(x, y, z); }

static int    power;
static double Power(double x, double y, double z) { return (void)y, (void)z, pow(x, power); }
static double PowerX(double x, double y, double z) { return (void)y, (void)z, power * pow(x, power - 1); }
static double Zero(double x, double y, double z) { return (void)x, (void)y, (void)z, 0; }

/*
  Root mean square errors of value and derivatives over a cloud: a smooth function in the interior, or x^q in the outer half cell.
*/
static PetscErrorCode Errors(PetscInt n, PetscInt q, PetscBool edge, double e[2])
{
  const Function f[NF] = {edge ? Power : Smooth, Zero, Zero},
                 df[3] = {edge ? PowerX : SmoothX, edge ? Zero : SmoothY, edge ? Zero : SmoothZ};
  const PetscInt nn[3] = {n, n, n};
  enum { NP = 4000 };
  static PetscReal x[3 * NP], v[NF * NP], d[3 * NF * NP];
  Case             c;
  double           lo[3] = {-0.5, -0.5, -0.5}, hi[3] = {0.5, 0.5, 0.5};

  PetscFunctionBegin;
  power = (int)q;
  PetscCall(Make(PETSC_COMM_WORLD, "", nn, AE_BC_EXACT, 2, f, &c));
  if (edge) {
    lo[0] = c.g->hi[0] - 0.5 * c.g->h;
    hi[0] = c.g->hi[0];
  }
  Cloud(NP, lo, hi, x);
  PetscCall(Sample(&c, q, NP, x, v, d));
  e[0] = e[1] = 0;
  for (PetscInt p = 0; p < NP; p++) {
    e[0] += PetscSqr(v[p] - (*f[0])(x[3 * p], x[3 * p + 1], x[3 * p + 2]));
    for (int a = 0; a < 3; a++) e[1] += PetscSqr(d[a * NP + p] - (*df[a])(x[3 * p], x[3 * p + 1], x[3 * p + 2]));
  }
  for (int m = 0; m < 2; m++) e[m] = sqrt(e[m] / NP);
  PetscCall(Free(&c));
  PetscFunctionReturn(0);
}

/* 4000 evenly spread points see each position in a cell alike, to 1 %: the order is known to 0.03; the next term of the
   error changes it by less than h^2 at the finer of the two grids. At an edge the next term would be h of the first: there x^q,
   which has no next term, is interpolated. */
static PetscErrorCode TestOrder(void)
{
  const PetscInt q[2] = {6, 7};

  PetscFunctionBegin;
  for (int m = 0; m < 2; m++)
    for (int edge = 0; edge < 2; edge++) {
      double coarse[2], fine[2];
      char   what[96];

      PetscCall(Errors(16, q[m], (PetscBool)edge, coarse));
      PetscCall(Errors(32, q[m], (PetscBool)edge, fine));
      snprintf(what, sizeof what, "%d points, %s: order of values", (int)q[m], edge ? "outer half cell" : "interior");
      TapNear(log2(coarse[0] / fine[0]), (double)q[m], 0.1, what);
      snprintf(what, sizeof what, "%d points, %s: order of derivatives", (int)q[m], edge ? "outer half cell" : "interior");
      TapNear(log2(coarse[1] / fine[1]), (double)q[m] - 1, 0.1, what);
    }
  PetscFunctionReturn(0);
}

/* Functions with the parities of info; not symmetric otherwise. */
static double EvenF(double x, double y, double z) { return cos(x) * (1 + y * y) * exp(-z * z); }
static double OddX(double x, double y, double z) { return sin(2 * x) * cos(y) * (2 + z * z); }
static double OddYZ(double x, double y, double z) { return (1 + x * x) * sin(y) * sinh(z); }

static const Function parity[NF] = {EvenF, OddX, OddYZ};
static double         Sine(double x, double y, double z) { return sin(PETSC_PI * x) + cos(PETSC_PI * y) * sin(PETSC_PI * z); }
static const Function periodic[NF] = {Sine, Sine, Sine};

/* Ranks with fewer rows than a stencil, points in all octants: the bits of one rank alone. */
static PetscErrorCode TestRanks(void)
{
  static const struct {
    const char     *name, *options;
    const Function *f;
    AeBoundary      bc;
    PetscInt        n[3];
  } set[] = {
    {"radiative", "", parity, AE_BC_RADIATIVE, {16, 12, 10}},
    {"octant", "-grid_symmetry octant", parity, AE_BC_RADIATIVE, {9, 8, 8}},
    {"reflecting", "", parity, AE_BC_REFLECTING, {9, 7, 8}},
    {"periodic", "", periodic, AE_BC_PERIODIC, {16, 4, 3}},
  };
  enum { NP = 300 };
  static PetscReal x[3 * NP], v[2][NF * NP], d[2][3 * NF * NP], w[NF * NP];

  PetscFunctionBegin;
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(set); s++) {
    char   what[96];
    double same = 0;

    for (int alone = 0; alone < 2; alone++) {
      Case   c;
      double lo[3], hi[3];

      PetscCall(Make(alone ? PETSC_COMM_SELF : PETSC_COMM_WORLD, set[s].options, set[s].n, set[s].bc, 2, set[s].f, &c));
      for (int a = 0; a < 3; a++) {
        hi[a] = c.g->hi[a];
        lo[a] = c.g->bc[a][0] == AE_BC_REFLECTING && c.g->bc[a][1] != AE_BC_REFLECTING ? -c.g->hi[a] : c.g->lo[a];
      }
      Cloud(NP, lo, hi, x);
      PetscCall(Sample(&c, 6, NP, x, v[alone], d[alone]));
      if (!alone) PetscCall(Sample(&c, 6, NP, x, w, NULL));
      PetscCall(Free(&c));
    }
    for (int m = 0; m < NF * NP; m++) same += !(v[0][m] == v[0][m]);
    snprintf(what, sizeof what, "%s: every value is a number", set[s].name);
    TapBelow(same, 0, what);
    snprintf(what, sizeof what, "%s: values and derivatives are those of one rank, to the bit", set[s].name);
    TapTrue(!memcmp(v[0], v[1], sizeof v[0]) && !memcmp(d[0], d[1], sizeof d[0]), what);
    snprintf(what, sizeof what, "%s: values without derivatives are the same bits", set[s].name);
    TapTrue(!memcmp(v[0], w, sizeof w), what);
  }
  /* the comparison can fail */
  v[1][NP] = nextafter(v[1][NP], 1e9);
  TapTrue(memcmp(v[0], v[1], sizeof v[0]) != 0, "one changed bit shows");
  PetscFunctionReturn(0);
}

/*
  An octant is a quadrant is a whole grid: the same cell values, reflected. Weights of interior stencils sum to less than
  1.5 in size an axis: rounding 18 x 1.5^3 x 1.1e-16 x 6 (the largest value), 1/h and derivative weights 3 more each.
*/
static PetscErrorCode TestSymmetry(void)
{
  const char *const name[3]     = {"octant", "quadrant", "bitant"},
                    *options[3] = {"-grid_symmetry octant", "-grid_symmetry quadrant", "-grid_symmetry bitant"};
  const PetscInt whole[3] = {24, 24, 24}, n[3][3] = {{12, 12, 12}, {12, 12, 24}, {24, 24, 12}};
  enum { NP = 600 };
  static PetscReal x[3 * NP], v[2][NF * NP], d[2][3 * NF * NP];
  Case             c;

  PetscFunctionBegin;
  PetscCall(Make(PETSC_COMM_WORLD, "", whole, AE_BC_RADIATIVE, 2, parity, &c));
  Cloud(NP, c.g->lo, c.g->hi, x);
  PetscCall(Sample(&c, 6, NP, x, v[0], d[0]));
  PetscCall(Free(&c));
  for (int s = 0; s < 3; s++) {
    double worst = 0, worst_d = 0, far = 0;
    char   what[96];

    PetscCall(Make(PETSC_COMM_WORLD, options[s], n[s], AE_BC_RADIATIVE, 2, parity, &c));
    PetscCall(Sample(&c, 6, NP, x, v[1], d[1]));
    for (PetscInt p = 0; p < NP; p++) {
      /* near outer faces the weights are larger: 13 an axis */
      const int edge = fabs(x[3 * p]) > c.g->hi[0] - 3 * c.g->h || fabs(x[3 * p + 1]) > c.g->hi[1] - 3 * c.g->h ||
                       fabs(x[3 * p + 2]) > c.g->hi[2] - 3 * c.g->h;

      for (int f = 0; f < NF; f++) {
        const double e = fabs(v[0][f * NP + p] - v[1][f * NP + p]);
        if (edge) far = fmax(far, e);
        else worst = fmax(worst, e);
        for (int a = 0; a < 3 && !edge; a++)
          worst_d = fmax(worst_d, c.g->h * fabs(d[0][(3 * f + a) * NP + p] - d[1][(3 * f + a) * NP + p]));
      }
    }
    snprintf(what, sizeof what, "%s: values of the whole grid", name[s]);
    TapBelow(worst, 4e-14, what);
    snprintf(what, sizeof what, "%s: derivatives of the whole grid, times h", name[s]);
    TapBelow(worst_d, 1.2e-13, what);
    snprintf(what, sizeof what, "%s: near outer faces", name[s]);
    TapBelow(far, 4e-14 * pow(13 / 1.5, 3), what);
    PetscCall(Free(&c));
  }
  PetscFunctionReturn(0);
}

/* A point one or more periods away is the same point, up to the rounding of its coordinate (1e-15) times the slope 6 */
static PetscErrorCode TestPeriodic(void)
{
  const PetscInt n[3] = {32, 32, 32};
  enum { NP = 200 };
  static PetscReal x[3 * NP], v[2][NF * NP];
  Case             c;
  double           worst = 0, error = 0;

  PetscFunctionBegin;
  PetscCall(Make(PETSC_COMM_WORLD, "", n, AE_BC_PERIODIC, 2, periodic, &c));
  Cloud(NP, c.g->lo, c.g->hi, x);
  PetscCall(Sample(&c, 6, NP, x, v[0], NULL));
  for (PetscInt p = 0; p < NP; p++) error = fmax(error, fabs(v[0][p] - Sine(x[3 * p], x[3 * p + 1], x[3 * p + 2])));
  for (PetscInt p = 0; p < NP; p++) x[3 * p] += 2.0, x[3 * p + 1] -= 2.0, x[3 * p + 2] += 4.0;
  PetscCall(Sample(&c, 6, NP, x, v[1], NULL));
  for (PetscInt p = 0; p < NP; p++) worst = fmax(worst, fabs(v[0][p] - v[1][p]));
  TapBelow(worst, 3e-14, "a point some periods away is the same point");
  /* each axis: max prod |t - m| / 6! = 225/64/720 at the middle, (pi h)^6; three terms */
  TapBelow(error, 3 * 225.0 / 64 / 720 * pow(PETSC_PI * c.g->h, 6), "across periodic faces the error is the interior's");
  PetscCall(Free(&c));
  PetscFunctionReturn(0);
}

static char           last_error[512];
static PetscErrorCode Keep(MPI_Comm comm, int line, const char *func, const char *file, PetscErrorCode n, PetscErrorType p,
                           const char *message, void *ctx)
{
  (void)comm, (void)line, (void)func, (void)file, (void)ctx;
  if (p == PETSC_ERROR_INITIAL) PetscStrncpy(last_error, message, sizeof last_error);
  return n;
}

static PetscErrorCode TestRefusals(void)
{
  const PetscInt   n[3] = {16, 16, 16}, flat[3] = {16, 4, 16};
  const PetscReal  out[3] = {0, 0, 1.25}, nan[3] = {0, NAN, 0}, in[3] = {0, 0, 0}, below[3] = {-0.5, 0, -1.25};
  const PetscReal *bad[3] = {out, nan, below};
  PetscErrorCode   ierr;
  AeSample         S;
  Case             c;

  PetscFunctionBegin;
  PetscCall(Make(PETSC_COMM_WORLD, "-grid_symmetry bitant", n, AE_BC_RADIATIVE, 2, parity, &c));
  for (int m = 0; m < 3; m++) {
    /* the bitant is as high as the whole is: z to 2 */
    PetscReal x[3] = {bad[m][0], bad[m][1], m == 1 ? 0 : 2 * bad[m][2]};

    PetscCall(PetscPushErrorHandler(Keep, NULL));
    ierr = AeSampleCreate(c.g, 6, 1, x, 1, &S);
    PetscCall(PetscPopErrorHandler());
    TapTrue(AeonicExitStatus(ierr) == AE_EXIT_USAGE && strstr(last_error, "outside the grid"),
            m == 1 ? "a coordinate that is not a number is refused"
                   : "a point outside the grid, or beyond its mirror image, is refused");
  }
  PetscCall(AeSampleCreate(c.g, 6, 1, in, 1, &S));
  PetscCall(AeSampleDestroy(&S));
  PetscCall(Free(&c));
  PetscCall(Make(PETSC_COMM_WORLD, "", flat, AE_BC_RADIATIVE, 2, parity, &c));
  PetscCall(PetscPushErrorHandler(Keep, NULL));
  ierr = AeSampleCreate(c.g, 6, 1, in, 1, &S);
  PetscCall(PetscPopErrorHandler());
  TapTrue(AeonicExitStatus(ierr) == AE_EXIT_USAGE && strstr(last_error, "-grid_n"),
          "an axis with fewer cells than the stencil is refused, naming -grid_n");
  PetscCall(Free(&c));
  PetscFunctionReturn(0);
}

/* A plan is used again and again: no allocation of ours. */
static PetscErrorCode TestAllocations(void)
{
  const Function f[NF] = {Smooth, Smooth, Smooth};
  const PetscInt n[3] = {16, 16, 16}, field[NF] = {0, 1, 2};
  enum { NP = 100 };
  static PetscReal x[3 * NP], v[NF * NP], d[3 * NF * NP];
  AeSample         S;
  PetscInt         steps, own, library;
  Case             c;

  PetscFunctionBegin;
  PetscCall(Make(PETSC_COMM_WORLD, "", n, AE_BC_PERIODIC, 2, f, &c));
  Cloud(NP, c.g->lo, c.g->hi, x);
  PetscCall(AeSampleCreate(c.g, 6, NP, x, NF, &S));
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  for (int m = 0; m < AE_AUDIT_WARMUP + 5; m++) {
    AeAuditStepBegin();
    PetscCall(AeSampleEvaluate(S, c.U, NF, field, v, d));
    AeAuditStepEnd();
  }
  PetscCall(AeAuditCounts(&steps, &own, &library));
  TapBelow((double)own, 0, "no allocation of ours in five evaluations");
  PetscCall(AeSampleDestroy(&S));
  PetscCall(Free(&c));
  PetscFunctionReturn(0);
}

/* The integral of x^a y^b z^c over the unit sphere: 4 pi (a-1)!! (b-1)!! (c-1)!!/(a+b+c+1)!!, zero if any is odd. */
static double Monomial(int a, int b, int c)
{
  double    value = 4 * PETSC_PI;
  const int e[3]  = {a, b, c};

  if (a % 2 || b % 2 || c % 2) return 0;
  for (int d = 0; d < 3; d++)
    for (int m = e[d] - 1; m > 1; m -= 2) value *= m;
  for (int m = a + b + c + 1; m > 1; m -= 2) value /= m;
  return value;
}

/* Monomials up to a degree span the harmonics up to it. All terms are below 1 in size and weights sum to 4 pi:
   rounding is below 4 pi x 100 x 1.1e-16 (n additions of a ring, weights and powers). */
static PetscErrorCode TestSphere(void)
{
  const PetscInt ntheta[4] = {1, 5, 8, 24};

  PetscFunctionBegin;
  for (int s = 0; s < 4; s++) {
    AeSphere   S;
    PetscReal *f;
    double     worst = 0, beyond = 0;
    const int  top = 2 * (int)ntheta[s];
    char       what[96];

    PetscCall(AeSphereCreate(ntheta[s], &S));
    PetscCall(PetscMalloc1(S.n, &f));
    for (int degree = 0; degree <= top; degree++)
      for (int a = 0; a <= degree; a++)
        for (int b = 0; a + b <= degree; b++) {
          for (PetscInt p = 0; p < S.n; p++)
            f[p] = pow(S.normal[3 * p], a) * pow(S.normal[3 * p + 1], b) * pow(S.normal[3 * p + 2], degree - a - b);
          double      *e   = degree < top ? &worst : &beyond;
          const double got = AeSphereIntegrate(&S, f);
          *e               = fmax(*e, got == got ? fabs(got - Monomial(a, b, degree - a - b)) : INFINITY);
        }
    snprintf(what, sizeof what, "%d rings: exact for harmonics up to degree %d", (int)ntheta[s], top - 1);
    TapBelow(worst, 1.4e-13, what);
    snprintf(what, sizeof what, "%d rings: not for degree %d", (int)ntheta[s], top);
    /* the error for z^(2n) is that of Gauss-Legendre: 2 pi times the squared norm of the monic Legendre polynomial */
    {
      double norm = 2.0 / (top + 1);
      for (int m = 1, half = top / 2; m <= half; m++) norm *= PetscSqr((double)m / (double)(half + m));
      TapAbove(beyond, 2 * PETSC_PI * norm * 0.999 - 1.4e-13, what);
    }
    PetscCall(PetscFree(f));
    PetscCall(AeSphereDestroy(&S));
  }
  PetscFunctionReturn(0);
}

/* Spin-weighted harmonics [Goldberg et al. 1967]: -2Y22 = sqrt(5/64 pi) (1 + cos)^2 e^(2 i phi), -2Y32 =
   (1/2) sqrt(7/pi) cos^4(theta/2) (3 cos - 2) e^(2 i phi), orthonormal. Four rings are exact for products of degree 6. */
static PetscErrorCode TestSpin(void)
{
  AeSphere  S;
  PetscReal f[64], g[64], h[64];

  PetscFunctionBegin;
  PetscCall(AeSphereCreate(4, &S));
  TapTrue(S.n == 32 && S.nphi == 8, "4 rings of 8");
  for (PetscInt p = 0; p < S.n; p++) {
    const double c = cos(S.theta[p / S.nphi]), y22 = sqrt(5 / (64 * PETSC_PI)) * (1 + c) * (1 + c),
                 y32 = 0.5 * sqrt(7 / PETSC_PI) * PetscSqr(0.5 * (1 + c)) * (3 * c - 2);
    f[p]             = y22 * y22;
    g[p]             = y22 * y32;
    h[p]             = y32 * y32;
  }
  TapNear(AeSphereIntegrate(&S, f), 1, 1e-14, "norm of -2Y22");
  TapNear(AeSphereIntegrate(&S, h), 1, 1e-14, "norm of -2Y32");
  TapNear(AeSphereIntegrate(&S, g), 0, 1e-14, "their product");
  PetscCall(AeSphereDestroy(&S));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestLine(void)
{
  const PetscReal a[3] = {-0.7, 0.1, 0.2}, b[3] = {0.8, -0.3, 0.9};
  PetscReal       x[3 * 4];
  double          worst = 0;

  PetscFunctionBegin;
  AeSampleLine(a, b, 4, x);
  for (int p = 0; p < 4; p++)
    for (int d = 0; d < 3; d++) worst = fmax(worst, fabs(x[3 * p + d] - ((3 - p) * a[d] + p * b[d]) / 3));
  TapBelow(worst, 3e-16, "four points of a line");
  TapTrue(x[0] == a[0] && x[9] == b[0] && x[11] == b[2], "its ends are the points given");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(TestPolynomials());
  PetscCall(TestOrder());
  PetscCall(TestRanks());
  PetscCall(TestSymmetry());
  PetscCall(TestPeriodic());
  PetscCall(TestRefusals());
  PetscCall(TestAllocations());
  PetscCall(TestSphere());
  PetscCall(TestSpin());
  PetscCall(TestLine());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
