/*
  ADM integrals on known spacetimes with their order, in every set of variables and under symmetries; norms of the
  constraints with cells left out, counted exactly.  ranks: 1 2 3
*/
#include <aeonic/audit.h>
#include <aeonic/diag.h>
#include <string.h>
#include "tap.h"

/* gamma_ij and K_ij at x */
typedef void (*Spacetime)(const double x[3], double g[6], double K[6]);
typedef enum { ADM, CHI, W, KHAT, KINDS } Variables;
static const char *const kinds[KINDS] = {"adm", "chi", "w", "khat"};

typedef struct {
  AeGrid   g;
  AeFields F;
  Vec      U;
} Case;

/* The fields of a formulation's kind, filled by formula in the interior only. KHAT splits K by some Theta. */
static PetscErrorCode Make(MPI_Comm comm, const char options[], PetscInt nx, PetscInt ny, PetscInt nz, double length,
                           AeBoundary bc, Variables v, Spacetime s, Case *c)
{
  static const char *const sym[6] = {"xx", "xy", "xz", "yy", "yz", "zz"};
  static const int         a[6] = {0, 0, 0, 1, 1, 2}, b[6] = {0, 1, 2, 1, 2, 2};
  static char              names[KINDS][AE_SPATIAL_MAX][8];
  const PetscInt           n[3] = {nx, ny, nz}, nf = v == ADM ? 12 : v == KHAT ? 15 : 14;
  AeFieldInfo              info[AE_SPATIAL_MAX];
  const AeLayout          *L;
  double                  *u;

  PetscFunctionBegin;
  PetscCall(PetscOptionsClear(NULL));
  PetscCall(PetscOptionsInsertString(NULL, options));
  PetscCall(AeGridCreate(comm, &c->g));
  PetscCall(AeGridSetSizes(c->g, n));
  PetscCall(AeGridSetLength(c->g, 0, length));
  PetscCall(AeGridSetBoundary(c->g, bc));
  PetscCall(AeGridSetGhost(c->g, 3));
  PetscCall(AeGridSetFromOptions(c->g));
  for (PetscInt f = 0; f < nf; f++) {
    char *name = names[v][f];

    info[f] = (AeFieldInfo){name, {1, 1, 1}, 0, 1};
    if (f < 12) {
      snprintf(name, 8, "%s_%s", f < 6 ? (v == ADM ? "g" : "gt") : v == ADM ? "K" : "At", sym[f % 6]);
      info[f].parity[a[f % 6]] *= -1, info[f].parity[b[f % 6]] *= -1;
    } else snprintf(name, 8, "%s", f == 12 ? (v == W ? "W" : "chi") : f == 13 ? (v == KHAT ? "Khat" : "K") : "Theta");
  }
  PetscCall(AeFieldsCreate(c->g, nf, info, &c->F));
  PetscCall(AeFieldsCreateVec(c->F, &c->U));
  PetscCall(AeFieldsGetInfo(c->F, NULL, &L, NULL));
  PetscCall(VecGetArray(c->U, &u));
  for (ptrdiff_t o = 0; o < L->size; o++) u[o] = NAN; /* ghosts are not to be read */
  for (PetscInt k = 0; k < L->nk; k++)
    for (PetscInt j = 0; j < L->nj; j++)
      for (PetscInt i = 0; i < L->nx; i++) {
        const double x[3] = {AeGridX(c->g, 0, i), AeGridX(c->g, 1, j + c->g->js), AeGridX(c->g, 2, k + c->g->ks)};
        double       g[6], K[6], q[AE_SPATIAL_MAX];

        (*s)(x, g, K);
        if (v == ADM) {
          memcpy(q, g, sizeof g);
          memcpy(q + 6, K, sizeof K);
        } else {
          AeAdmToConformal(g, K, &q[12], q, &q[13], q + 6);
          if (v == W) q[12] = sqrt(q[12]);
          q[14] = v == KHAT ? 0.01 * sin(x[0]) + 0.02 * cos(x[2]) : 0;
          q[13] -= 2 * q[14];
        }
        for (PetscInt f = 0; f < nf; f++) u[AeAt(L, f, k, j, i)] = q[f];
      }
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

static PetscErrorCode Charges(Case *c, const PetscReal centre[3], PetscInt n, const PetscReal radius[], PetscInt ntheta,
                              AeCharges q[])
{
  AeSurface A;

  PetscFunctionBegin;
  PetscCall(AeSurfaceCreate(c->F, centre, n, radius, ntheta, &A));
  PetscCall(AeSurfaceCharges(A, c->U, q));
  PetscCall(AeSurfaceDestroy(&A));
  PetscFunctionReturn(0);
}

/*
  Conformally flat with psi = 1 + M/(2r) and K_ij = psi^-2 A_ij, A_ij of Bowen & York (PRD 21 (1980) 2047):
    A_ij = 3/(2r^2) [P_i n_j + P_j n_i - (delta_ij - n_i n_j) n.P] + (3/r^3) [(S x n)_i n_j + (S x n)_j n_i]
  about Centre. Its M, P and J are M, P, S on every sphere about it.
*/
static double Centre[3] = {0, 0, 0}, Mass = 1, P[3], Spin[3];

static void BowenYork(const double x[3], double g[6], double K[6])
{
  double n[3], c[3], r = 0, psi, nP = 0;

  for (int d = 0; d < 3; d++) n[d] = x[d] - Centre[d], r += n[d] * n[d];
  r = sqrt(r);
  for (int d = 0; d < 3; d++) n[d] /= r, nP += n[d] * P[d];
  for (int d = 0; d < 3; d++) c[d] = Spin[(d + 1) % 3] * n[(d + 2) % 3] - Spin[(d + 2) % 3] * n[(d + 1) % 3];
  psi = 1 + Mass / (2 * r);
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++) {
      g[ij] = i == j ? psi * psi * psi * psi : 0;
      K[ij] = (1.5 / (r * r) * (P[i] * n[j] + P[j] * n[i] - ((i == j) - n[i] * n[j]) * nP) +
               3 / (r * r * r) * (c[i] * n[j] + c[j] * n[i])) /
              (psi * psi);
    }
}

/* Kerr-Schild at rest at Centre (Cook, Living Rev. Relativity 3 (2000) 5), of the datum that the program has. */
static AeInitial kerr;
static void      KerrSchild(const double x[3], double g[6], double K[6])
{
  AeAdm a;

  AeInitialAdm(kerr, 0, x, &a);
  memcpy(g, a.g, sizeof a.g);
  memcpy(K, a.K, sizeof a.K);
}

static double Worst(const AeCharges *q, double M, const double p[3], const double J[3])
{
  double e = fabs(q->mass - M);

  for (int d = 0; d < 3; d++) e = fmax(e, fmax(fabs(q->momentum[d] - p[d]), fabs(q->angular[d] - J[d])));
  return q->mass == q->mass ? e : INFINITY;
}

/*
  The derivative of the interpolant through 7 points misses that of f by up to h^6 f^(7)/140; of f = M/r, f^(7) = 7! M/r^8:
  36 (h/r)^6 of the mass, times ten for the powers of psi and the three axes. Values are better by h/r.
*/
static double Bound(double h, double r) { return 360 * pow(h / r, 6); }

static PetscErrorCode TestBowenYork(void)
{
  const PetscReal radius[2] = {2.2, 3.1};
  double          last      = 0;
  char            what[128];
  AeCharges       q[2];
  Case            c;

  PetscFunctionBegin;
  Centre[0] = 0.31, Centre[1] = -0.17, Centre[2] = 0.12;
  P[0] = 0.3, P[1] = -0.2, P[2] = 0.5, Spin[0] = 0.1, Spin[1] = 0.4, Spin[2] = -0.3;
  for (int v = 0; v < KINDS; v++) {
    PetscCall(Make(PETSC_COMM_WORLD, "", 32, 32, 32, 8, AE_BC_RADIATIVE, (Variables)v, BowenYork, &c));
    PetscCall(Charges(&c, Centre, 2, radius, 16, q));
    for (int m = 0; m < 2; m++) {
      snprintf(what, sizeof what, "%s: M, P, J of a moving, spinning hole at r = %g", kinds[v], (double)radius[m]);
      TapBelow(Worst(&q[m], Mass, P, Spin), Bound(c.g->h, radius[m]), what);
    }
    last = Worst(&q[0], Mass, P, Spin);
    PetscCall(Free(&c));
  }
  TapAbove(last, 1e-12, "and the error is not zero by some accident");
  PetscFunctionReturn(0);
}

/* Root mean square of the errors of M, P and J over some positions of the hole in its cell. */
static PetscErrorCode Errors(PetscInt n, double e[3])
{
  const PetscReal radius = 3.0;
  AeCharges       q;
  Case            c;

  PetscFunctionBegin;
  e[0] = e[1] = e[2] = 0;
  for (int m = 0; m < 4; m++) {
    Centre[0] = 0.03 + 0.08 * m, Centre[1] = 0.05 - 0.06 * m, Centre[2] = 0.02 * m * m;
    PetscCall(Make(PETSC_COMM_WORLD, "", n, n, n, 8, AE_BC_RADIATIVE, CHI, BowenYork, &c));
    PetscCall(Charges(&c, Centre, 1, &radius, 32, &q));
    e[0] += PetscSqr(q.mass - Mass);
    for (int d = 0; d < 3; d++) e[1] += PetscSqr(q.momentum[d] - P[d]), e[2] += PetscSqr(q.angular[d] - Spin[d]);
    PetscCall(Free(&c));
  }
  for (int m = 0; m < 3; m++) e[m] = sqrt(e[m] / 4);
  PetscFunctionReturn(0);
}

/* The integrand is of order 6 (the metric's derivatives) and 7 (K_ij). Its errors alternate within a cell and the sum over the
   sphere averages over them: the integrals' order is 6 or better, with 0.1 for the next terms. */
static PetscErrorCode TestOrder(void)
{
  static const char *const what[3] = {"order of M: at least 6", "order of P: at least 6", "order of J: at least 6"};
  double                   coarse[3], fine[3];

  PetscFunctionBegin;
  PetscCall(Errors(24, coarse));
  PetscCall(Errors(72, fine));
  for (int m = 0; m < 3; m++) TapAbove(log(coarse[m] / fine[m]) / log(3), 5.9, what[m]);
  PetscFunctionReturn(0);
}

/*
  A Schwarzschild hole in Kerr-Schild coordinates: gamma_ij = delta_ij + f n_i n_j, f = 2M/r, so that
    psi = (1+f)^(1/12), gt^ij = A delta_ij - B n_i n_j, A = (1+f)^(1/3), B = f (1+f)^(-2/3), Gamma~^r = B' + 2B/r - A'
*/
static double MassAt(double r)
{
  const double f = 2 / r, df = -2 / (r * r), e = 1 + f;
  const double B = f * pow(e, -2. / 3), dA = pow(e, -2. / 3) / 3 * df, dB = (pow(e, -2. / 3) - 2. / 3 * f * pow(e, -5. / 3)) * df,
               dpsi = pow(e, -11. / 12) / 12 * df;

  return r * r / 4 * (dB + 2 * B / r - dA - 8 * pow(e, -2. / 3) * dpsi);
}

static PetscErrorCode TestKerr(void)
{
  const PetscReal centre[3] = {0.25, 0.125, -0.25}, radius[2] = {4, 6};
  const double    none[3] = {0, 0, 0};
  char            what[128], options[256];
  AeCharges       q[2];
  Case            c;

  PetscFunctionBegin;
  TapNear(MassAt(1e6), 1, 1e-5, "Kerr-Schild: the mass far out");
  for (int spin = 0; spin < 2; spin++) {
    PetscCall(PetscOptionsClear(NULL));
    snprintf(options, sizeof options, "-gr_initial kerr_schild -hole_spin %g -hole_centre 0.25,0.125,-0.25", spin ? 0.7 : 0.0);
    PetscCall(PetscOptionsInsertString(NULL, options));
    PetscCall(AeInitialCreate(PETSC_COMM_WORLD, &kerr));
    PetscCall(Make(PETSC_COMM_WORLD, "", 32, 32, 32, 16, AE_BC_EXACT, spin ? KHAT : CHI, KerrSchild, &c));
    PetscCall(Charges(&c, centre, 2, radius, 16, q));
    for (int m = 0; m < 2; m++) {
      const double J[3] = {0, 0, spin ? 0.7 : 0};

      if (!spin) {
        snprintf(what, sizeof what, "Kerr-Schild, no spin: M, P, J at r = %g", (double)radius[m]);
        TapBelow(Worst(&q[m], MassAt(radius[m]), none, none), Bound(c.g->h, radius[m]), what);
      } else {
        /* rotation about z is a symmetry: the flux of K_ij is conserved, J_z = a M on any sphere */
        snprintf(what, sizeof what, "Kerr-Schild, a = 0.7: J at r = %g", (double)radius[m]);
        TapBelow(Worst(&q[m], q[m].mass, q[m].momentum, J), Bound(c.g->h, radius[m]), what);
        TapNear(q[m].mass, MassAt(radius[m]), 0.7 * 0.7 / (radius[m] * radius[m]),
                "its mass differs from that without spin by (a/r)^2 at most");
      }
    }
    PetscCall(Free(&c));
    PetscCall(AeInitialDestroy(&kerr));
  }
  PetscFunctionReturn(0);
}

/* Parts of the grid under symmetries that the data have: the charges of the whole. Rounding: derivatives' weights over h are
   50, sums of 512 points of alternating sign r^2/16 pi: 1e-13 suffices a hundred times over. */
static PetscErrorCode TestSymmetry(void)
{
  static const struct {
    const char *options;
    PetscInt    n[3];
    double      length;
  } set[] = {
    {"-grid_symmetry bitant", {24, 24, 12}, 8},
    {"-grid_symmetry quadrant", {12, 12, 24}, 8},
    {"-grid_symmetry octant", {12, 12, 12}, 8},
  };
  const PetscReal radius = 2.5, origin[3] = {0, 0, 0};
  AeCharges       whole, part;
  Case            c;

  PetscFunctionBegin;
  Centre[0] = Centre[1] = Centre[2] = 0;
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(set); s++) {
    /* bitant: motion in the plane and spin across; quadrant: none of either, octant neither */
    P[0] = s ? 0 : 0.3, P[1] = s ? 0 : -0.1, P[2] = 0, Spin[0] = Spin[1] = 0, Spin[2] = s ? 0 : 0.4;
    PetscCall(Make(PETSC_COMM_WORLD, "", 24, 24, 24, 8, AE_BC_RADIATIVE, CHI, BowenYork, &c));
    PetscCall(Charges(&c, origin, 1, &radius, 16, &whole));
    PetscCall(Free(&c));
    PetscCall(Make(PETSC_COMM_WORLD, set[s].options, set[s].n[0], set[s].n[1], set[s].n[2], set[s].length, AE_BC_RADIATIVE, CHI,
                   BowenYork, &c));
    PetscCall(Charges(&c, origin, 1, &radius, 16, &part));
    PetscCall(Free(&c));
    TapBelow(Worst(&part, whole.mass, whole.momentum, whole.angular), 1e-13, set[s].options);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode TestRanks(void)
{
  const PetscReal radius[2] = {2.5, 3.2};
  AeCharges       q[2][2];
  Case            c;

  PetscFunctionBegin;
  Centre[0] = 0.1, Centre[1] = 0.2, Centre[2] = -0.05;
  P[0] = 0.3, P[1] = -0.2, P[2] = 0.5, Spin[0] = 0.1, Spin[1] = 0.4, Spin[2] = -0.3;
  for (int alone = 0; alone < 2; alone++) {
    PetscCall(Make(alone ? PETSC_COMM_SELF : PETSC_COMM_WORLD, "", 20, 18, 18, 8, AE_BC_RADIATIVE, KHAT, BowenYork, &c));
    PetscCall(Charges(&c, Centre, 2, radius, 12, q[alone]));
    PetscCall(Free(&c));
  }
  TapTrue(!memcmp(q[0], q[1], sizeof q[0]), "charges on these ranks are those of one rank, to the bit");
  PetscFunctionReturn(0);
}

static PetscErrorCode TestAllocations(void)
{
  const PetscReal radius = 2.5;
  AeSurface       A;
  AeCharges       q;
  PetscInt        steps, own, library;
  Case            c;

  PetscFunctionBegin;
  PetscCall(Make(PETSC_COMM_WORLD, "", 16, 16, 16, 8, AE_BC_RADIATIVE, CHI, BowenYork, &c));
  PetscCall(AeSurfaceCreate(c.F, Centre, 1, &radius, 8, &A));
  PetscCall(AeAuditSetFromOptions(PETSC_COMM_WORLD));
  for (int m = 0; m < AE_AUDIT_WARMUP + 3; m++) {
    AeAuditStepBegin();
    PetscCall(AeSurfaceCharges(A, c.U, &q));
    AeAuditStepEnd();
  }
  PetscCall(AeAuditCounts(&steps, &own, &library));
  TapBelow((double)own, 0, "no allocation of ours");
  PetscCall(AeSurfaceDestroy(&A));
  PetscCall(Free(&c));
  PetscFunctionReturn(0);
}

static void Stretched(const double x[3], double g[6], double K[6])
{
  (void)x;
  for (int ab = 0; ab < 6; ab++) g[ab] = K[ab] = 0;
  g[0] = 4, g[3] = 1, g[5] = 0.25;
}

/*
  Cells are left out by integer arithmetic here: the spacing is 1/4, centres of cells are odd multiples of 1/8. H is 3
  (and -3) in the cells that count and 1e9 in the others; M = (4, 0, 0) or (0, 2, 0), which with gamma = diag(4, 1, 1/4)
  are both of size 2.
*/
static PetscErrorCode TestNorms(void)
{
  static const struct {
    const char *name, *options;
    AeBoundary  bc;
    PetscInt    n[3];
    AeExclude   out;
    int         radius, shell, centre[2][3]; /* in eighths */
  } set[] = {
    {"nothing left out", "", AE_BC_RADIATIVE, {16, 12, 10}, {.n = 0}, 0, 0, {{0}}},
    {"a ball", "", AE_BC_RADIATIVE, {16, 12, 10}, {.n = 1, .centre = {{0.25, 0.125, 0}}, .radius = 0.75}, 6, 0, {{2, 1, 0}}},
    {"two balls that overlap",
     "",
     AE_BC_RADIATIVE,
     {16, 12, 10},
     {.n = 2, .centre = {{0.25, 0.125, 0}, {-0.5, 0, 0.25}}, .radius = 0.75},
     6,
     0,
     {{2, 1, 0}, {-4, 0, 2}}},
    {"a shell", "", AE_BC_EXACT, {16, 12, 10}, {.n = 0, .shell = 0.5}, 0, 4, {{0}}},
    {"ball and shell in an octant",
     "-grid_symmetry octant",
     AE_BC_RADIATIVE,
     {12, 8, 8},
     {.n = 1, .centre = {{-0.25, 0.375, 0.125}}, .radius = 1},
     8,
     0,
     {{2, 3, 1}}},
    {"no shell at periodic faces, a ball across one",
     "",
     AE_BC_PERIODIC,
     {16, 12, 10},
     {.n = 1, .centre = {{1.875, 0, 0}}, .radius = 0.5, .shell = 0.3},
     4,
     0,
     {{15, 0, 0}}},
  };
  AeFieldInfo info[4] = {{"H", {1, 1, 1}, 0, 1}, {"M_x", {-1, 1, 1}, 0, 1}, {"M_y", {1, -1, 1}, 0, 1}, {"M_z", {1, 1, -1}, 0, 1}};

  PetscFunctionBegin;
  for (size_t s = 0; s < PETSC_STATIC_ARRAY_LENGTH(set); s++) {
    AeFields        CF;
    Vec             C;
    const AeLayout *L;
    double         *p;
    PetscInt64      count = 0;
    AeNorms         N;
    char            what[128];
    Case            c;

    PetscCall(Make(PETSC_COMM_WORLD, set[s].options, set[s].n[0], set[s].n[1], set[s].n[2],
                   (strstr(set[s].options, "octant") ? 2 : 1) * 0.25 * set[s].n[0], set[s].bc, s % 2 ? CHI : ADM, Stretched, &c));
    PetscCall(AeFieldsCreate(c.g, 4, info, &CF));
    PetscCall(AeFieldsCreateVec(CF, &C));
    PetscCall(AeFieldsGetInfo(CF, NULL, &L, NULL));
    PetscCall(VecGetArray(C, &p));
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++) {
          const int half = !strstr(set[s].options, "octant"), cell[3] = {(int)i, (int)(j + c.g->js), (int)(k + c.g->ks)};
          int       x[3], in                                          = 1;

          for (int d = 0; d < 3; d++) {
            x[d] = 2 * cell[d] + 1 - half * (int)set[s].n[d];
            /* distance to a face in eighths: 2 i + 1 */
            if (2 * cell[d] + 1 < set[s].shell || 2 * ((int)set[s].n[d] - 1 - cell[d]) + 1 < set[s].shell) in = 0;
          }
          for (int b = 0; b < set[s].out.n; b++) {
            int r2 = 0;
            for (int d = 0; d < 3; d++) {
              int y = abs(x[d] - set[s].centre[b][d]);
              if (set[s].bc == AE_BC_PERIODIC && y > set[s].n[d]) y = 2 * (int)set[s].n[d] - y;
              r2 += y * y;
            }
            if (r2 < set[s].radius * set[s].radius) in = 0;
          }
          count += in;
          p[AeAt(L, 0, k, j, i)] = in ? ((i + j) % 2 ? 3 : -3) : i % 3 ? 1e9 : NAN;
          p[AeAt(L, 1, k, j, i)] = in ? (i % 2 ? 4 : 0) : 1e9;
          p[AeAt(L, 2, k, j, i)] = in ? (i % 2 ? 0 : 2) : 1e9;
          p[AeAt(L, 3, k, j, i)] = 0;
        }
    PetscCall(VecRestoreArray(C, &p));
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &count, 1, MPIU_INT64, MPI_SUM, PETSC_COMM_WORLD));
    PetscCall(AeConstraintNorms(c.U, C, &set[s].out, &N));
    snprintf(what, sizeof what, "%s: cells counted", set[s].name);
    TapNear((double)N.cells, (double)count, 0, what);
    snprintf(what, sizeof what, "%s: some are left out, some are not", set[s].name);
    TapTrue(s == 0 ? count == 16 * 12 * 10 : count > 0 && count < set[s].n[0] * set[s].n[1] * set[s].n[2], what);
    snprintf(what, sizeof what, "%s: norms of H", set[s].name);
    TapTrue(N.H[0] == 3 && N.H[1] == 3 && N.H[2] == 3, what);
    snprintf(what, sizeof what, "%s: norms of M, to the rounding of the metric", set[s].name);
    TapBelow(fabs(N.M[0] - 2) + fabs(N.M[1] - 2) + fabs(N.M[2] - 2), 1e-14, what);
    /* a NaN that counts shows */
    if (s == 0) {
      PetscCall(VecGetArray(C, &p));
      if (!c.g->rank) p[AeAt(L, 0, 0, 0, 0)] = NAN;
      PetscCall(VecRestoreArray(C, &p));
      PetscCall(AeConstraintNorms(c.U, C, &set[s].out, &N));
      TapTrue(N.H[0] != N.H[0] && N.H[1] != N.H[1] && N.H[2] != N.H[2], "a NaN that is counted makes the norms NaN");
    }
    PetscCall(VecDestroy(&C));
    PetscCall(AeFieldsDestroy(&CF));
    PetscCall(Free(&c));
  }
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(TestBowenYork());
  PetscCall(TestOrder());
  PetscCall(TestKerr());
  PetscCall(TestSymmetry());
  PetscCall(TestRanks());
  PetscCall(TestAllocations());
  PetscCall(TestNorms());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
