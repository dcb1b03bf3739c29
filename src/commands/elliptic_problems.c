/*
  Manufactured problems of `aeonic elliptic`: u is a sum of plane waves, so that its derivatives, the right-hand side and the
  boundary data are known in closed form; coefficients are smooth and not constant.
*/
#include "elliptic_app.h"

const char *const EllProblemNames[] = {"poisson", "helmholtz", "vector", "hamiltonian", "lapse", "shift"};

static const AeEllOperator Operators[ELL_PROBLEMS] = {AE_ELL_POISSON, AE_ELL_HELMHOLTZ, AE_ELL_VECTOR,
                                                      AE_ELL_POISSON, AE_ELL_GENERAL,   AE_ELL_GENERAL_VECTOR};
static const int           sym[3][3]               = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

/* products of sines and cosines along the axes as four plane waves */
static void Product(EllProblem *p, PetscInt c, const PetscReal k[3], const PetscReal phase[3])
{
  p->nterms[c] = 4;
  for (int m = 0; m < 4; m++) {
    const int s[3] = {1, m & 1 ? -1 : 1, m & 2 ? -1 : 1};
    p->A[c][m]     = 0.25;
    p->phase[c][m] = 0;
    for (int d = 0; d < 3; d++) {
      p->k[c][m][d] = s[d] * k[d];
      p->phase[c][m] += s[d] * phase[d];
    }
  }
}

/* A product of three cosines: whole periods in a periodic box, even or odd about Neumann's and reflecting faces; in no relation
   to the box where the boundary gets exact data. */
PetscErrorCode EllProblemSetUp(EllProblem *p, PetscInt which, AeGrid g, AeEllBoundary bc, PetscReal falloff, PetscReal jump)
{
  PetscFunctionBegin;
  PetscCall(PetscMemzero(p, sizeof *p));
  p->name      = EllProblemNames[which];
  p->op        = Operators[which];
  p->nc        = p->op == AE_ELL_VECTOR || p->op == AE_ELL_GENERAL_VECTOR ? 3 : 1;
  p->ncoef     = (const PetscInt[]){0, 1, 0, 10, 42}[p->op];
  p->nonlinear = (PetscBool)(which == ELL_PROBLEM_HAMILTONIAN);
  p->bc        = bc;
  p->falloff   = falloff;
  p->jump      = jump;
  for (int d = 0; d < 3; d++) {
    p->lo[d] = g->lo[d];
    p->hi[d] = g->hi[d];
  }
  for (PetscInt c = 0; c < p->nc; c++) {
    PetscReal k[3], phase[3];

    for (int d = 0; d < 3; d++) {
      const PetscReal L = g->hi[d] - g->lo[d];

      if (bc == AE_ELL_PERIODIC) {
        k[d]     = 2 * PETSC_PI * (1 + (d == c)) / L;
        phase[d] = 0.3 + d + 0.7 * c;
      } else if (bc == AE_ELL_NEUMANN ||
                 bc == AE_ELL_REFLECT) { /* even at every face, a vector's own component odd at reflecting ones */
        const PetscBool odd = (PetscBool)(bc == AE_ELL_REFLECT && p->nc == 3 && c == d);
        k[d]                = PETSC_PI * (1 + (d == (c + 1) % 3)) / L;
        phase[d]            = -k[d] * g->lo[d] - (odd ? 0.5 * PETSC_PI : 0);
      } else {
        k[d]     = (2.1 + 0.6 * d + 0.4 * c) / L;
        phase[d] = 0.4 + 0.5 * d + 0.3 * c;
      }
    }
    Product(p, c, k, phase);
  }
  PetscFunctionReturn(0);
}

/* u, its gradient and second derivatives (xx xy xz yy yz zz) */
static void Wave(const EllProblem *p, PetscInt c, const PetscReal x[3], PetscReal *u, PetscReal du[3], PetscReal ddu[6])
{
  *u = 0;
  for (int d = 0; d < 3; d++) du[d] = 0;
  for (int d = 0; d < 6; d++) ddu[d] = 0;
  for (PetscInt m = 0; m < p->nterms[c]; m++) {
    const PetscReal *k = p->k[c][m], t = k[0] * x[0] + k[1] * x[1] + k[2] * x[2] + p->phase[c][m],
                    C = p->A[c][m] * PetscCosReal(t), S = p->A[c][m] * PetscSinReal(t);

    *u += C;
    for (int a = 0; a < 3; a++) {
      du[a] -= k[a] * S;
      for (int b = a; b < 3; b++) ddu[sym[a][b]] -= k[a] * k[b] * C;
    }
  }
}

/* a smooth function of period L along each axis, mirror symmetric at the faces where the boundaries are */
static PetscReal Bump(const EllProblem *p, const PetscReal x[3], PetscReal a, PetscReal b, PetscReal c)
{
  PetscReal       s    = 0;
  const PetscReal w[3] = {a, b, c};
  for (int d = 0; d < 3; d++) s += w[d] * PetscCosReal(2 * PETSC_PI * (x[d] - p->lo[d]) / (p->hi[d] - p->lo[d]));
  return s;
}

/* odd about the faces and the middle of axis d */
static PetscReal Odd(const EllProblem *p, const PetscReal x[3], int d)
{
  return PetscSinReal(2 * PETSC_PI * (x[d] - p->lo[d]) / (p->hi[d] - p->lo[d]));
}

static PetscBool Inside(const EllProblem *p, const PetscReal x[3])
{
  const PetscReal L = p->hi[0] - p->lo[0];
  return (PetscBool)(x[0] * x[0] + x[1] * x[1] + x[2] * x[2] < 0.0625 * L * L);
}

PetscReal EllProblemC(const EllProblem *p, const PetscReal x[3])
{
  const PetscReal L = p->hi[0] - p->lo[0];
  if (p->jump > 0) return Inside(p, x) ? p->jump / (L * L) : 0;
  return (20 + Bump(p, x, 6, 5, 4)) / (L * L);
}

/* In the order in which the operator has them (elliptic.h): c of -Lap + c; else a^ij and, after it, first derivatives and u's
   own. Smooth but for -ell_jump; what has an odd number of indices along an axis is odd there, as symmetry planes want it. */
static PetscErrorCode Coefficients(void *ctx, const PetscReal x[3], PetscReal v[])
{
  const EllProblem *p = (const EllProblem *)ctx;
  const PetscReal   L = p->hi[0] - p->lo[0];

  PetscFunctionBegin;
  if (p->op == AE_ELL_HELMHOLTZ) {
    v[0] = EllProblemC(p, x);
    PetscFunctionReturn(0);
  }
  for (int a = 0, f = 0; a < 3; a++)
    for (int b = a; b < 3; b++, f++)
      v[f] = a == b ? 1 + Bump(p, x, 0.1, 0.08 * (a + 1), 0.05) : 0.15 * Odd(p, x, a) * Odd(p, x, b);
  if (p->op == AE_ELL_GENERAL && p->jump > 0 && Inside(p, x)) v[0] *= p->jump; /* along x only: no pointwise smoother copes */
  if (p->op == AE_ELL_GENERAL) {
    for (int d = 0; d < 3; d++) v[6 + d] = (0.6 + 0.2 * d) * Odd(p, x, d) / L;
    v[9] = (6 + Bump(p, x, 1, 2, 1)) / (L * L);
    PetscFunctionReturn(0);
  }
  for (int f = 6; f < 33; f++) { /* B^ik_j: an odd number of indices along an axis makes it odd there */
    const int i = (f - 6) / 9, k = (f - 6) / 3 % 3, j = (f - 6) % 3,
              count[3] = {(i == 0) + (k == 0) + (j == 0), (i == 1) + (k == 1) + (j == 1), (i == 2) + (k == 2) + (j == 2)};
    v[f]               = (0.1 + 0.01 * (f % 7)) / L;
    for (int d = 0; d < 3; d++)
      if (count[d] & 1) v[f] *= Odd(p, x, d);
  }
  for (int f = 33; f < 42; f++) {
    const int i = (f - 33) / 3, j = (f - 33) % 3;
    v[f] = i == j ? (5 + Bump(p, x, 0.5, 0.4, 0.6)) / (L * L) : 0.4 * Odd(p, x, i) * Odd(p, x, j) / (L * L);
  }
  PetscFunctionReturn(0);
}

/* fields of the nonlinearity: psi without u, and A_ij A^ij, about those of two punctures smoothed over a quarter of the box */
static PetscErrorCode Data(void *ctx, const PetscReal x[3], PetscReal v[])
{
  const EllProblem *p = (const EllProblem *)ctx;
  const PetscReal   L = p->hi[0] - p->lo[0], r2 = (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / (L * L);

  PetscFunctionBegin;
  v[0] = 1.5 + 0.5 * PetscExpReal(-16 * r2);
  v[1] = 60 * PetscExpReal(-20 * r2) / (L * L);
  PetscFunctionReturn(0);
}

/* q = -1/8 A_ij A^ij (psi + u)^-7 [Brandt & Bruegmann 1997, Eq. (6)] */
static void Hamiltonian(void *ctx, PetscInt n, const PetscReal *const data[], const PetscReal *const u[], PetscReal *const q[],
                        PetscReal dq[])
{
  (void)ctx;
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal psi = data[0][i] + u[0][i], inv = 1 / psi, inv2 = inv * inv, inv7 = inv2 * inv2 * inv2 * inv;
    q[0][i] = -0.125 * data[1][i] * inv7;
    dq[i]   = 0.875 * data[1][i] * inv7 * inv;
  }
}

static PetscErrorCode Solution(void *ctx, const PetscReal x[3], PetscReal v[])
{
  const EllProblem *p = (const EllProblem *)ctx;
  PetscReal         du[3], ddu[6];

  PetscFunctionBegin;
  for (PetscInt c = 0; c < p->nc; c++) Wave(p, c, x, &v[c], du, ddu);
  PetscFunctionReturn(0);
}

/* The operator on the known solution, term by term and with exact derivatives: discretisations are not involved. */
static PetscErrorCode RightHandSide(void *ctx, const PetscReal x[3], PetscReal f[])
{
  const EllProblem *p    = (const EllProblem *)ctx;
  PetscReal         u[3] = {0}, du[3][3] = {{0}}, ddu[3][6] = {{0}}, v[42] = {0};

  PetscFunctionBegin;
  for (PetscInt c = 0; c < p->nc; c++) Wave(p, c, x, &u[c], du[c], ddu[c]);
  if (p->ncoef) PetscCall(Coefficients(ctx, x, v));
  for (PetscInt i = 0; i < p->nc; i++) {
    f[i] = 0;
    if (p->op <= AE_ELL_VECTOR) f[i] -= ddu[i][0] + ddu[i][3] + ddu[i][5];
    else
      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) f[i] -= v[sym[k][l]] * ddu[i][sym[k][l]];
    if (p->op == AE_ELL_HELMHOLTZ) f[i] += v[0] * u[i];
    if (p->op == AE_ELL_VECTOR)
      for (int j = 0; j < 3; j++) f[i] -= ddu[j][sym[i][j]] / 3;
    if (p->op == AE_ELL_GENERAL) {
      for (int d = 0; d < 3; d++) f[i] -= v[6 + d] * du[i][d];
      f[i] += v[9] * u[i];
    }
    if (p->op == AE_ELL_GENERAL_VECTOR)
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 3; k++) f[i] -= v[sym[i][k]] * ddu[j][sym[k][j]] / 3 + v[6 + i * 9 + k * 3 + j] * du[j][k];
        f[i] += v[33 + i * 3 + j] * u[j];
      }
  }
  if (p->nonlinear) {
    const PetscReal *data[2] = {&v[0], &v[1]}, *us[1] = {u};
    PetscReal        q, dq, *qs[1] = {&q};

    PetscCall(Data(ctx, x, v));
    Hamiltonian(NULL, 1, data, us, qs, &dq);
    f[0] += q;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Boundary(void *ctx, PetscInt axis, PetscInt side, const PetscReal x[3], PetscReal g[])
{
  const EllProblem *p = (const EllProblem *)ctx;

  PetscFunctionBegin;
  for (PetscInt c = 0; c < p->nc; c++) {
    PetscReal u, du[3], ddu[6], normal;

    Wave(p, c, x, &u, du, ddu);
    normal = side ? du[axis] : -du[axis];
    if (p->bc == AE_ELL_DIRICHLET) g[c] = u;
    else if (p->bc == AE_ELL_ROBIN)
      g[c] = normal + p->falloff * (side ? x[axis] : -x[axis]) / (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) * u;
    else g[c] = normal;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode EllProblemCreate(EllProblem *p, AeGrid g, AeEll *ell)
{
  PetscFunctionBegin;
  PetscCall(AeEllCreate(g, p->op, ell));
  PetscCall(AeEllSetBoundaries(*ell, p->bc));
  if (p->nonlinear) {
    Vec data;

    PetscCall(AeEllCreateVec(*ell, 2, &data));
    PetscCall(AeEllEvaluate(*ell, Data, p, data));
    PetscCall(AeEllSetNonlinear(*ell, Hamiltonian, NULL, 2, data));
    PetscCall(VecDestroy(&data));
  }
  PetscCall(AeEllSetFromOptions(*ell));
  PetscFunctionReturn(0);
}

PetscErrorCode EllProblemCoefficients(EllProblem *p, AeEll ell)
{
  Vec c;

  PetscFunctionBegin;
  if (!p->ncoef) PetscFunctionReturn(0);
  PetscCall(AeEllCreateVec(ell, p->ncoef, &c));
  PetscCall(AeEllEvaluate(ell, Coefficients, p, c));
  PetscCall(AeEllSetCoefficients(ell, c));
  PetscCall(VecDestroy(&c));
  PetscFunctionReturn(0);
}

PetscErrorCode EllProblemFill(EllProblem *p, AeEll ell, Vec b, Vec exact)
{
  PetscFunctionBegin;
  if (exact) PetscCall(AeEllEvaluate(ell, Solution, p, exact));
  if (b) {
    PetscCall(AeEllEvaluate(ell, RightHandSide, p, b));
    if (p->bc != AE_ELL_PERIODIC) PetscCall(AeEllAddBoundary(ell, Boundary, p, b));
  }
  PetscFunctionReturn(0);
}

PetscReal EllNoise(AeGrid g, PetscInt c, PetscInt i, PetscInt j, PetscInt k)
{
  uint64_t s = (uint64_t)(((c * (PetscInt64)g->n[2] + g->ks + k) * g->n[1] + g->js + j) * g->n[0] + i) + 0x9e3779b97f4a7c15ull;

  s ^= s >> 30, s *= 0xbf58476d1ce4e5b9ull, s ^= s >> 27, s *= 0x94d049bb133111ebull, s ^= s >> 31;
  return (double)(s >> 11) * 0x1p-52 - 1;
}

/* The grid's own boundary is only what fills ghosts of its fields; the solver has -ell_boundary. */
PetscErrorCode EllProblemFromOptions(EllProblem *p, AeGrid *grid)
{
  PetscInt  which = ELL_PROBLEM_POISSON, bc = AE_ELL_DIRICHLET;
  PetscReal falloff = 1, jump = 0;

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Elliptic problems", "aeonic elliptic");
  PetscCall(AeOptChoice("-ell_problem", "problem with a known solution", "", EllProblemNames, ELL_PROBLEMS, &which, NULL));
  PetscCall(AeOptChoice("-ell_boundary", "condition at the faces that are no symmetry planes", "", AeEllBoundaryNames,
                        AE_ELL_BOUNDARIES, &bc, NULL));
  PetscCall(
    AeOptPositive("-ell_falloff", "n of the Robin condition d_r(r^n (u - u0)) = 0", "1", "York & Piran 1982", &falloff, NULL));
  PetscCall(AeOptReal("-ell_jump",
                      "within a quarter of the box from the centre: helmholtz: c = this / L^2, 0 outside; lapse: a^xx times "
                      "this; 0: smooth coefficients",
                      "1", "", 0, AE_HUGE, &jump, NULL));
  PetscOptionsEnd();
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, grid));
  PetscCall(AeGridSetBoundary(*grid, bc == AE_ELL_PERIODIC ? AE_BC_PERIODIC : AE_BC_EXACT));
  PetscCall(AeGridSetFromOptions(*grid));
  PetscCall(AeGridSetUp(*grid));
  PetscCall(EllProblemSetUp(p, which, *grid, (AeEllBoundary)bc, falloff, jump));
  PetscFunctionReturn(0);
}
