/*
  PC fft against the difference operator it claims to invert, written here from the weights of centred second
  differences and ghosts by parity: all boundaries, orders 2, 4, 6, shifts, the null space, several fields, grids that
  are divided otherwise than FFTW's; as preconditioner of a variable coefficient.  ranks: 1 2 3

  Bound of a solve: the residual of a solution that is exact but for rounding in two transforms of N points,
  |b - A x| <= c eps log2 N |A| |x|, with c a few.
*/
#include "spectral_test.h"

typedef struct {
  AeGrid    g;
  int       parity[3][2]; /* of ghosts: 0 periodic */
  PetscInt  order, fields;
  PetscBool vector; /* field f is odd at the faces of axis f, even at the others */
  PetscReal scale, shift;
  double   *coefficient, *all; /* of the cells here, or NULL; whole fields */
} Operator;

/* Cell i along an axis of n, and the sign with which its value stands for a ghost. */
static PetscInt Wrap(PetscInt i, PetscInt n, const int parity[2], double *sign)
{
  if (!parity[0]) return ((i % n) + n) % n;
  while (i < 0 || i >= n) {
    *sign *= i < 0 ? parity[0] : parity[1];
    i = i < 0 ? -1 - i : 2 * n - 1 - i;
  }
  return i;
}

static PetscErrorCode Apply(Mat A, Vec x, Vec y)
{
  static const double weight[3][4] = {
    {2, -1, 0, 0}, {5.0 / 2, -4.0 / 3, 1.0 / 12, 0}, {49.0 / 18, -3.0 / 2, 3.0 / 20, -1.0 / 90}};
  Operator     *o;
  const double *u;
  double       *v;
  PetscInt      cells, total;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &o));
  cells = o->g->n[0] * o->g->nj * o->g->nk;
  total = o->g->n[0] * o->g->n[1] * o->g->n[2];
  PetscCall(VecGetArrayRead(x, &u));
  PetscCall(VecGetArray(y, &v));
  for (PetscInt f = 0; f < o->fields; f++) {
    memset(o->all, 0, (size_t)total * sizeof(double));
    for (PetscInt k = 0; k < o->g->nk; k++)
      for (PetscInt j = 0; j < o->g->nj; j++)
        memcpy(o->all + ((o->g->ks + k) * o->g->n[1] + o->g->js + j) * o->g->n[0],
               u + f * cells + (k * o->g->nj + j) * o->g->n[0], (size_t)o->g->n[0] * sizeof(double));
    MPI_Allreduce(MPI_IN_PLACE, o->all, total, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
    for (PetscInt k = 0; k < o->g->nk; k++)
      for (PetscInt j = 0; j < o->g->nj; j++)
        for (PetscInt i = 0; i < o->g->n[0]; i++) {
          const PetscInt c[3] = {i, o->g->js + j, o->g->ks + k}, at = f * cells + (k * o->g->nj + j) * o->g->n[0] + i;
          double         s = 0;

          for (int d = 0; d < 3; d++)
            for (int w = -3; w <= 3; w++) {
              PetscInt e[3] = {c[0], c[1], c[2]};
              double   sign = 1;

              const int own[2] = {f == d ? -1 : 1, f == d ? -1 : 1};

              e[d] = Wrap(c[d] + w, o->g->n[d], o->vector ? own : o->parity[d], &sign);
              s += weight[o->order / 2 - 1][abs(w)] * sign * o->all[(e[2] * o->g->n[1] + e[1]) * o->g->n[0] + e[0]];
            }
          v[at] = o->scale * s / (o->g->h * o->g->h) + (o->shift + (o->coefficient ? o->coefficient[at] : 0)) * u[at];
        }
  }
  PetscCall(VecRestoreArray(y, &v));
  PetscCall(VecRestoreArrayRead(x, &u));
  PetscFunctionReturn(0);
}

static void SetNoise(AeGrid g, PetscInt fields, double v[], PetscBool balanced)
{
  const PetscInt cells = g->n[0] * g->nj * g->nk, total = g->n[0] * g->n[1] * g->n[2];

  for (PetscInt f = 0; f < fields; f++) {
    double mean = 0;

    for (PetscInt l = 0; l < total; l++) mean += Noise((uint64_t)l, (uint64_t)f) / total;
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < g->n[0]; i++)
          v[f * cells + (k * g->nj + j) * g->n[0] + i] =
            Noise(((uint64_t)(g->ks + k) * g->n[1] + g->js + j) * g->n[0] + i, (uint64_t)f) - (balanced ? mean : 0);
  }
}

typedef struct {
  PetscInt    n[3], order, fields;
  int         parity[3][2];
  PetscReal   scale, shift;
  PetscBool   variable, vector;
  const char *what;
} Case;

static PetscErrorCode TestOne(const Case *c)
{
  Operator           o = {.order = c->order, .fields = c->fields, .scale = c->scale, .shift = c->shift};
  AeFFTOperator      op;
  Mat                A;
  Vec                x, b, r, coefficient = NULL;
  KSP                ksp;
  PC                 pc;
  PetscInt           cells, its;
  double            *v;
  PetscReal          norm_r, norm_x, norm_b, sum, most, N = (PetscReal)c->n[0] * c->n[1] * c->n[2];
  PetscBool          singular = PETSC_TRUE;
  KSPConvergedReason reason;

  PetscFunctionBegin;
  memcpy(o.parity, c->parity, sizeof o.parity);
  o.vector = c->vector;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &o.g));
  PetscCall(AeGridSetSizes(o.g, c->n));
  PetscCall(AeGridSetLength(o.g, 0, 1.7));
  PetscCall(AeGridSetUp(o.g));
  cells = o.g->n[0] * o.g->nj * o.g->nk;
  PetscCall(PetscMalloc1((size_t)N, &o.all));
  PetscCall(MatCreateShell(PETSC_COMM_WORLD, cells * c->fields, cells * c->fields, PETSC_DETERMINE, PETSC_DETERMINE, &o, &A));
  PetscCall(MatShellSetOperation(A, MATOP_MULT, (void (*)(void))Apply));
  PetscCall(MatCreateVecs(A, &x, &b));
  PetscCall(VecDuplicate(b, &r));
  op = (AeFFTOperator){.grid = o.g, .order = c->order, .fields = c->fields, .scale = c->scale, .shift = c->shift};
  for (int d = 0; d < 3; d++) {
    op.kind[d] = AeFFTKindOf(c->parity[d][0], c->parity[d][1]);
    if (op.kind[d] != AE_DFT && op.kind[d] != AE_COSINE) singular = PETSC_FALSE;
  }
  op.own_kinds = c->vector;
  for (int f = 0; f < 3; f++)
    for (int d = 0; d < 3; d++) op.field_kind[f][d] = f == d ? AE_SINE : AE_COSINE;
  if (c->shift != 0 || c->variable || c->vector) singular = PETSC_FALSE;
  if (c->variable) {
    PetscCall(VecDuplicate(b, &coefficient));
    PetscCall(VecGetArray(coefficient, &o.coefficient));
    SetNoise(o.g, c->fields, o.coefficient, PETSC_FALSE);
    for (PetscInt i = 0; i < cells * c->fields; i++) o.coefficient[i] = 1.0 + 0.5 * o.coefficient[i]; /* from 0.5 to 1.5 */
    PetscCall(VecRestoreArray(coefficient, &v));
    PetscCall(VecGetArray(coefficient, &o.coefficient));
    PetscCall(VecRestoreArray(coefficient, &v));
    op.shift_field = coefficient;
  }
  PetscCall(AeMatSetFFTOperator(A, &op));
  PetscCall(VecGetArray(b, &v));
  SetNoise(o.g, c->fields, v, singular);
  PetscCall(VecRestoreArray(b, &v));
  PetscCall(KSPCreate(PETSC_COMM_WORLD, &ksp));
  PetscCall(KSPSetOperators(ksp, A, A));
  PetscCall(KSPSetType(ksp, c->variable ? KSPCG : KSPPREONLY));
  PetscCall(KSPSetTolerances(ksp, 1e-10, 0, 1e10, 100));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, AE_PC_FFT));
  if (c->variable) PetscCall(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(KSPSolve(ksp, b, x));
  PetscCall(KSPGetIterationNumber(ksp, &its));
  PetscCall(KSPGetConvergedReason(ksp, &reason));
  PetscCall(MatMult(A, x, r));
  PetscCall(VecAXPY(r, -1, b));
  PetscCall(VecNorm(r, NORM_2, &norm_r));
  PetscCall(VecNorm(x, NORM_2, &norm_x));
  PetscCall(VecNorm(b, NORM_2, &norm_b));
  PetscCall(VecSum(x, &sum));
  most = fabs(c->scale) * 3 * 6.1 / (o.g->h * o.g->h) + fabs(c->shift); /* 4, 16/3, 272/45 an axis */
  if (!c->variable) TapBelow(norm_r, 4 * EPS * log2(N) * most * norm_x, c->what);
  else {
    /* eigenvalues of the preconditioned operator lie in [1/2, 3/2], up to the mean's distance from 1 (3 sigma: 0.03):
       |e_m|_A <= 2 ((sqrt(kappa)-1)/(sqrt(kappa)+1))^m |e_0|_A, kappa 3.2, and |r| <= sqrt(|A|) |e|_A, |e_0|_A <= |b|
       (eigenvalues >= 1/2: sqrt 2) */
    TapTrue(reason > 0, c->what);
    TapBelow(its, ceil(log(2 * sqrt(2 * most) / 1e-10) / log((sqrt(3.2) + 1) / (sqrt(3.2) - 1))), "  iterations");
    TapBelow(norm_r, 1.001e-10 * norm_b, "  residual");
  }
  if (singular) TapBelow(fabs(sum), EPS * N * norm_x, "  nothing along the null space");
  PetscCall(KSPDestroy(&ksp));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&r));
  PetscCall(VecDestroy(&coefficient));
  PetscCall(MatDestroy(&A));
  PetscCall(PetscFree(o.all));
  PetscCall(AeGridDestroy(&o.g));
  PetscFunctionReturn(0);
}

/* -pc_fft_symbol continuous: one wave is divided by its k^2. */
static PetscErrorCode TestContinuous(void)
{
  const PetscInt n[3] = {16, 8, 8};
  AeGrid         g;
  AeFFTOperator  op = {.kind = {AE_DFT, AE_SINE, AE_COSINE}, .order = 2, .fields = 1, .scale = 1};
  Mat            A;
  Vec            x, b;
  PC             pc;
  double        *v;
  PetscReal      error, norm, k2;

  PetscFunctionBegin;
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeGridSetLength(g, 0, 2.0));
  PetscCall(AeGridSetUp(g));
  op.grid = g;
  PetscCall(
    MatCreateShell(PETSC_COMM_WORLD, n[0] * g->nj * g->nk, n[0] * g->nj * g->nk, PETSC_DETERMINE, PETSC_DETERMINE, NULL, &A));
  PetscCall(MatCreateVecs(A, &x, &b));
  PetscCall(VecGetArray(b, &v));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < n[0]; i++)
        v[(k * g->nj + j) * n[0] + i] = sin(2 * PETSC_PI * 3 * (i + 0.5) / 16) * sin(PETSC_PI * 2 * (g->js + j + 0.5) / 8) *
                                        cos(PETSC_PI * 5 * (g->ks + k + 0.5) / 8);
  PetscCall(VecRestoreArray(b, &v));
  k2 = PETSC_PI * PETSC_PI * (9.0 + 4.0 + 25.0); /* 2 pi 3 / 2, pi 2 / 1, pi 5 / 1 */
  PetscCall(AeMatSetFFTOperator(A, &op));
  PetscCall(PCCreate(PETSC_COMM_WORLD, &pc));
  PetscCall(PCSetOperators(pc, A, A));
  PetscCall(PCSetType(pc, AE_PC_FFT));
  PetscCall(PetscOptionsSetValue(NULL, "-pc_fft_symbol", "continuous"));
  PetscCall(PCSetFromOptions(pc));
  PetscCall(PetscOptionsClearValue(NULL, "-pc_fft_symbol"));
  PetscCall(PCApply(pc, b, x));
  PetscCall(VecScale(x, k2));
  PetscCall(VecAXPY(x, -1, b));
  PetscCall(VecNorm(x, NORM_2, &error));
  PetscCall(VecNorm(b, NORM_2, &norm));
  /* rounding of other modes is divided by their k^2 >= pi^2, this one's by 38 pi^2 */
  TapBelow(error, 38 * 4 * EPS * log2(1024) * norm, "-pc_fft_symbol continuous divides a wave by k^2");
  PetscCall(PCDestroy(&pc));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&b));
  PetscCall(MatDestroy(&A));
  PetscCall(AeGridDestroy(&g));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  const Case cases[] = {
    {{16, 12, 10}, 2, 1, {{0, 0}, {0, 0}, {0, 0}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "periodic, order 2"},
    {{15, 9, 14}, 4, 1, {{0, 0}, {0, 0}, {0, 0}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "periodic, order 4, odd sizes"},
    {{16, 16, 16}, 6, 1, {{0, 0}, {0, 0}, {0, 0}}, 2, 0.7, PETSC_FALSE, PETSC_FALSE, "periodic, order 6, shift"},
    {{8, 6, 4}, 2, 1, {{0, 0}, {0, 0}, {0, 0}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "periodic, 4 planes"},
    {{8, 6, 2}, 2, 1, {{0, 0}, {0, 0}, {0, 0}}, 1, 3, PETSC_FALSE, PETSC_FALSE, "periodic, 2 planes"},
    {{16, 12, 10}, 2, 1, {{1, 1}, {1, 1}, {1, 1}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "reflecting, order 2"},
    {{16, 12, 10}, 4, 1, {{1, 1}, {1, 1}, {1, 1}}, 1, 0.1, PETSC_FALSE, PETSC_FALSE, "reflecting, order 4, shift"},
    {{16, 12, 10}, 6, 2, {{1, 1}, {1, 1}, {1, 1}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "reflecting, order 6, two fields"},
    {{16, 12, 10}, 2, 1, {{-1, -1}, {-1, -1}, {-1, -1}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "Dirichlet, order 2"},
    {{16, 12, 10}, 4, 1, {{-1, -1}, {-1, -1}, {-1, -1}}, -1, 0, PETSC_FALSE, PETSC_FALSE, "Dirichlet, order 4, the other sign"},
    {{16, 12, 10}, 6, 3, {{-1, -1}, {-1, -1}, {-1, -1}}, 1, 2, PETSC_FALSE, PETSC_FALSE, "Dirichlet, order 6, three fields"},
    {{12, 9, 7}, 4, 1, {{1, -1}, {-1, 1}, {0, 0}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "even|odd, odd|even, periodic"},
    {{8, 6, 4}, 6, 1, {{0, 0}, {1, -1}, {-1, -1}}, 1, 0, PETSC_FALSE, PETSC_FALSE, "periodic, even|odd, Dirichlet"},
    {{12, 9, 7},
     4,
     3,
     {{1, 1}, {1, 1}, {1, 1}},
     1,
     0,
     PETSC_FALSE,
     PETSC_TRUE,
     "a vector at mirrors: each component its own parities"},
    {{16, 12, 10}, 2, 1, {{0, 0}, {0, 0}, {0, 0}}, 1, 0, PETSC_TRUE, PETSC_FALSE, "variable shift, periodic: CG converges"},
    {{16, 12, 10}, 4, 1, {{1, 1}, {-1, -1}, {1, 1}}, 1, 0, PETSC_TRUE, PETSC_FALSE, "variable shift, mixed: CG converges"},
  };
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, NULL));
  PetscCall(AeSpectralRegister());
  PetscCall(PetscOptionsSetValue(NULL, "-fft_rigor", "estimate"));
  for (size_t c = 0; c < PETSC_STATIC_ARRAY_LENGTH(cases); c++) PetscCall(TestOne(&cases[c]));
  PetscCall(TestContinuous());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
