/*
  Bowen-York punctures: u of psi = psi_0 + u from the Hamiltonian constraint [BB], solved by Newton's method on multigrid.

  [BB]  Brandt & Bruegmann, gr-qc/9703066
  [AY]  puncture masses: Ansorg, Bruegmann & Tichy, gr-qc/0404056, Eq. (83)
*/
#include "initial_private.h"
#include <aeonic/bowen_york.h>

enum { COLUMNS = 10, ROUNDS = 12 };

typedef struct {
  PetscInt      n;
  AePuncture    p[AE_SOLUTION_HOLES];
  PetscBool     adm;                       /* the masses given are puncture ADM masses */
  PetscReal     target[AE_SOLUTION_HOLES]; /* those */
  Vec           data;                      /* (1/8) Abar^2 and psi_0, as means over the cells close to a puncture */
  PetscReal     P[3], dipole[3];
  const double *aa8, *psi0, *u; /* of data and of the solution, while they are borrowed */
} Punctures;

PetscErrorCode AePunctureOptions(AeInitial I)
{
  static const PetscReal   qc0[2][COLUMNS] = {{0.453, 1.168642873, 0, 0, 0, 0.3331917498, 0, 0, 0, 0},
                                              {0.453, -1.168642873, 0, 0, 0, -0.3331917498, 0, 0, 0, 0}};
  static const char *const masses[]        = {"bare", "adm"};
  PetscReal                row[AE_SOLUTION_HOLES][COLUMNS];
  PetscInt                 which = 0;
  Punctures               *d;

  PetscFunctionBegin;
  PetscCall(PetscNew(&d));
  I->data = d;
  d->n    = 2;
  PetscCall(PetscArraycpy(row[0], qc0[0], 2 * COLUMNS));
  PetscOptionsBegin(I->comm, NULL, "Bowen-York punctures", "AeInitial");
  PetscCall(AeOptRows("-puncture",
                      "mass, place, linear momentum and spin of each hole, \"m,x,y,z,Px,Py,Pz,Sx,Sy,Sz;...\"; by default the "
                      "quasi-circular pair QC-0",
                      "M", "gr-qc/9703066", COLUMNS, AE_SOLUTION_HOLES, row[0], &d->n));
  PetscCall(AeOptChoice("-puncture_mass",
                        "what the masses given are: bare, or the punctures' ADM masses, to which bare ones are fitted",
                        "gr-qc/0404056", masses, 2, &which, NULL));
  PetscOptionsEnd();
  d->adm  = (PetscBool)which;
  I->mass = 0.0;
  for (PetscInt q = 0; q < d->n; q++) {
    AePuncture *p = &d->p[q];

    PetscCheck(row[q][0] > 0, I->comm, AE_ERR_USAGE, "-puncture: mass %g of hole %" PetscInt_FMT " is not positive",
               (double)row[q][0], q + 1);
    p->m = d->target[q] = row[q][0];
    for (int a = 0; a < 3; a++) p->x[a] = row[q][1 + a], p->P[a] = row[q][4 + a], p->S[a] = row[q][7 + a];
    for (PetscInt o = 0; o < q; o++)
      PetscCheck(p->x[0] != d->p[o].x[0] || p->x[1] != d->p[o].x[1] || p->x[2] != d->p[o].x[2], I->comm, AE_ERR_USAGE,
                 "-puncture: holes %" PetscInt_FMT " and %" PetscInt_FMT " are both at %g,%g,%g", o + 1, q + 1, (double)p->x[0],
                 (double)p->x[1], (double)p->x[2]);
    I->mass += p->m;
  }
  PetscFunctionReturn(0);
}

/* Abar_ij and psi_0 at points and their mirror images */
static PetscErrorCode CheckSymmetry(AeInitial I, AeGrid g)
{
  const Punctures *d = I->data;

  PetscFunctionBegin;
  for (int a = 0; a < 3; a++) {
    if (g->bc[a][0] != AE_BC_REFLECTING || g->lo[a] != 0) continue;
    for (int s = 0; s < 32; s++) {
      PetscReal x[3], y[3], A[6], B[6];
      PetscBool same;

      for (int b = 0; b < 3; b++) y[b] = x[b] = AeInitialNoise(1, b, s, 0, 0) * g->hi[b];
      y[a] = -x[a];
      AeBowenYorkA(d->n, d->p, x, 0.0, A);
      AeBowenYorkA(d->n, d->p, y, 0.0, B);
      same = (PetscBool)(PetscAbsReal(AeBowenYorkPsi0(d->n, d->p, x, 0.0) / AeBowenYorkPsi0(d->n, d->p, y, 0.0) - 1.0) < 1e-9);
      for (int ab = 0; ab < 6; ab++)
        same = (PetscBool)(same && PetscAbsReal(A[ab] - ((AeSymA[ab] == a) != (AeSymB[ab] == a) ? -B[ab] : B[ab])) <=
                                     1e-9 * (1.0 + PetscAbsReal(A[ab])));
      PetscCheck(same, g->comm, AE_ERR_USAGE,
                 "-grid_symmetry: the holes of -puncture are not symmetric under %c -> -%c; choose another symmetry or none",
                 'x' + a, 'x' + a);
    }
  }
  PetscFunctionReturn(0);
}

/* q = -s(u), dq/du = 7 (1/8) Abar^2 psi^-8 */
static void Source(void *ctx, PetscInt n, const PetscReal *const data[], const PetscReal *const u[], PetscReal *const q[],
                   PetscReal dq[])
{
  (void)ctx;
  for (PetscInt p = 0; p < n; p++) {
    const double r = 1.0 / (data[1][p] + u[0][p]), r2 = r * r, r7 = r2 * r2 * r2 * r;

    q[0][p] = -data[0][p] * r7;
    dq[p]   = 7.0 * data[0][p] * r7 * r;
  }
}

typedef struct {
  PetscReal *aa8, *psi0, *w; /* quadrature points of a cell */
} Points;

/* Adds factor times the mean of s(u) over the cell at x, and of ds/du, to S[0], S[1]. */
static void AddMean(const Punctures *d, Points *q, const PetscReal x[3], PetscReal h, PetscReal u, PetscReal factor,
                    PetscReal S[2])
{
  for (PetscInt m = AeCellPoints(d->n, d->p, x, h, q->aa8, q->psi0, q->w) - 1; m >= 0; m--) {
    const double r = 1.0 / (q->psi0[m] + u), s7 = factor * q->w[m] * q->aa8[m] * pow(r, 7.0);

    S[0] += s7;
    S[1] -= 7.0 * s7 * r;
  }
}

/*
  The source of a cell close to a puncture: its mean over the cell less h^2/24 times the differences' Laplacian of the
  means. That is s at the centre to fourth order where s is smooth, so that nothing happens where the means begin, and the
  sum over cells is the integral. Written as a pair A, psi with S = A (psi + u)^-7 and dS/du = -7 A (psi + u)^-8 at this u.
*/
static void CellSourcePair(const Punctures *d, Points *q, const PetscReal x[3], PetscReal h, PetscReal u, double *A, double *psi)
{
  PetscReal mean[2] = {0, 0}, S[2];

  AddMean(d, q, x, h, u, 1.0, mean);
  S[0] = 1.25 * mean[0], S[1] = 1.25 * mean[1];
  for (int face = 0; face < 6; face++) {
    PetscReal y[3] = {x[0], x[1], x[2]};

    y[face / 2] += face % 2 ? h : -h;
    AddMean(d, q, y, h, u, -1.0 / 24.0, S);
  }
  if (!(mean[0] > 0)) return;                                                          /* no momentum, no spin */
  if (!(S[0] > 0.1 * mean[0] && S[1] < 0.1 * mean[1])) S[0] = mean[0], S[1] = mean[1]; /* at the puncture itself */
  *psi = -7.0 * S[0] / S[1] - u;
  *A   = S[0] * pow(*psi + u, 7.0);
}

/* (1/8) Abar^2 and psi_0 of every cell, or the pair that stands for them close to a puncture. */
static PetscErrorCode FillData(const Punctures *d, AeSolution s)
{
  AeGrid        g = s->grid;
  const double *u;
  double       *to;
  Points        q;

  PetscFunctionBegin;
  PetscCall(PetscMalloc3(AE_CELL_POINTS, &q.aa8, AE_CELL_POINTS, &q.psi0, AE_CELL_POINTS, &q.w));
  PetscCall(VecGetArrayRead(s->u, &u));
  PetscCall(VecGetArray(d->data, &to));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscReal x[3] = {AeGridX(g, 0, i), AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k)};
        const PetscInt  at   = AeEllAt(g, 0, k, j, i);
        double         *A = to + at, *psi = to + AeEllAt(g, 1, k, j, i);

        *A   = AeBowenYorkAA8(d->n, d->p, x, 1e-6 * g->h);
        *psi = AeBowenYorkPsi0(d->n, d->p, x, 1e-6 * g->h);
        if (AeCellNear(d->n, d->p, x, g->h)) CellSourcePair(d, &q, x, g->h, u[at], A, psi);
      }
  PetscCall(VecRestoreArray(d->data, &to));
  PetscCall(VecRestoreArrayRead(s->u, &u));
  PetscCall(PetscFree3(q.aa8, q.psi0, q.w));
  PetscFunctionReturn(0);
}

/* Robin data of the far field w: d_N w + (x_N/r^2) w, the derivative by differences of fourth order over a hundredth of r */
static PetscErrorCode FarData(void *ctx, PetscInt axis, PetscInt side, const PetscReal x[3], PetscReal value[])
{
  const Punctures *d  = ctx;
  const PetscReal  r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2], e = 0.01 * PetscSqrtReal(r2), sign = side ? 1.0 : -1.0;
  PetscReal        w[5];

  PetscFunctionBegin;
  for (int m = -2; m <= 2; m++) {
    PetscReal y[3] = {x[0], x[1], x[2]};

    y[axis] += m * e;
    w[m + 2] = AeBowenYorkFar(d->P, d->dipole, y);
  }
  *value = sign * ((8.0 * (w[3] - w[1]) - (w[4] - w[0])) / (12.0 * e) + x[axis] / r2 * w[2]);
  PetscFunctionReturn(0);
}

static PetscReal CellSource(void *ctx, PetscInt cell, const PetscReal x[3], PetscReal u)
{
  const Punctures *d = ctx;

  (void)x;
  return d->aa8[cell] * pow(d->psi0[cell] + u, -7.0);
}

/* Monopole C = (1/4 pi) integral s over all space, and the dipole of what lies inside the box. */
static PetscErrorCode Moments(Punctures *d, AeSolution s, PetscReal *C)
{
  AeGrid        g = s->grid;
  const double *a;
  PetscReal     in[4], out[4], lo[3];

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(d->data, &a));
  d->aa8  = a;
  d->psi0 = a + AeEllAt(g, 1, 0, 0, 0);
  PetscCall(AeSolutionMoments(s, CellSource, d, in));
  PetscCall(VecRestoreArrayRead(d->data, &a));
  for (int b = 0; b < 3; b++) lo[b] = g->bc[b][0] == AE_BC_REFLECTING && g->lo[b] == 0 ? -g->hi[b] : g->lo[b];
  AeBowenYorkExterior(d->n, d->p, lo, g->hi, in[0] / (4.0 * PETSC_PI), out);
  *C = (in[0] + out[0]) / (4.0 * PETSC_PI);
  for (int b = 0; b < 3; b++) d->dipole[b] = in[1 + b] / (4.0 * PETSC_PI);
  PetscFunctionReturn(0);
}

/* m_i^ADM = m_i (1 + u_i + sum_j m_j/(2 d_ij))  [AY] */
static PetscErrorCode HoleMasses(const Punctures *d, AeSolution s)
{
  PetscFunctionBegin;
  s->nholes = d->n;
  for (PetscInt q = 0; q < d->n; q++) {
    PetscCall(PetscArraycpy(s->place[q], d->p[q].x, 3));
    s->bare_mass[q] = d->p[q].m;
  }
  PetscCall(AeSolutionAt(s, d->n, s->place[0], s->hole_u));
  for (PetscInt q = 0; q < d->n; q++) {
    PetscReal psi = 1.0 + s->hole_u[q];

    for (PetscInt o = 0; o < d->n; o++) {
      const PetscReal *x = d->p[q].x, *y = d->p[o].x;
      if (o != q) psi += 0.5 * d->p[o].m / PetscSqrtReal(PetscSqr(x[0] - y[0]) + PetscSqr(x[1] - y[1]) + PetscSqr(x[2] - y[2]));
    }
    s->hole_mass[q] = d->p[q].m * psi;
  }
  PetscFunctionReturn(0);
}

/* One solve with the far field as it is known; what is known of it improves: *change is the relative change. */
static PetscErrorCode Round(Punctures *d, AeSolution s, PetscReal *change)
{
  PetscReal C = 0.0, before[3];

  PetscFunctionBegin;
  PetscCall(PetscArraycpy(before, d->dipole, 3));
  PetscCall(FillData(d, s));
  PetscCall(VecSet(s->f, 0.0));
  PetscCall(AeEllAddBoundary(s->ell, FarData, d, s->f));
  PetscCall(AeSolutionSolve(s, PETSC_TRUE));
  PetscCall(Moments(d, s, &C));
  *change = 0.0;
  for (int a = 0; a < 3; a++) *change = PetscMax(*change, PetscAbsReal(d->dipole[a] - before[a]));
  if (C > 0) *change /= C * s->grid->hi[0];
  s->adm_mass = 2.0 * C;
  for (PetscInt q = 0; q < d->n; q++) s->adm_mass += d->p[q].m;
  PetscCall(HoleMasses(d, s));
  if (d->adm)
    for (PetscInt q = 0; q < d->n; q++) {
      const PetscReal ratio = d->target[q] / s->hole_mass[q];

      *change = PetscMax(*change, PetscAbsReal(ratio - 1.0));
      d->p[q].m *= ratio;
    }
  PetscFunctionReturn(0);
}

PetscErrorCode AePunctureSetUp(AeInitial I, AeGrid g)
{
  Punctures *d = I->data;
  AeSolution s;

  PetscFunctionBegin;
  for (PetscInt q = 0; q < d->n; q++) {
    for (int a = 0; a < 3; a++)
      PetscCheck(PetscAbsReal(d->p[q].x[a]) < g->hi[a], I->comm, AE_ERR_USAGE,
                 "-puncture: hole %" PetscInt_FMT " at %g,%g,%g lies outside the domain; enlarge -grid_half_width", q + 1,
                 (double)d->p[q].x[0], (double)d->p[q].x[1], (double)d->p[q].x[2]);
  }
  PetscCall(CheckSymmetry(I, g));
  PetscCall(AeSolutionCreate(g, AE_ELL_POISSON, PETSC_FALSE, &s));
  I->solution = s;
  PetscCall(AeEllCreateVec(s->ell, 2, &d->data));
  AeBowenYorkMomenta(d->n, d->p, s->P, s->J);
  PetscCall(PetscArraycpy(d->P, s->P, 3));
  PetscCall(AeEllSetNonlinear(s->ell, Source, d, 2, d->data));
  PetscCall(AeSolutionSetFromOptions(s));
  PetscFunctionReturn(0);
}

static void Metric(void *ctx, PetscInt cell, const PetscReal x[3], AeMetric *m)
{
  const AeInitial  I   = ctx;
  const Punctures *d   = I->data;
  const double     psi = AeBowenYorkPsi0(d->n, d->p, x, I->r_min) + d->u[cell], psi2 = psi * psi;

  AeConformallyFlat(DConst(psi2 * psi2), m);
  m->has_K = PETSC_TRUE;
  AeBowenYorkA(d->n, d->p, x, I->r_min, m->K);
  for (int ab = 0; ab < 6; ab++) m->K[ab] /= psi2;
}

PetscErrorCode AePunctureFill(AeInitial I, AeFields fields, Vec U, PetscBool *whole)
{
  Punctures *d      = I->data;
  AeSolution s      = I->solution;
  PetscReal  change = 1.0, lightest = PETSC_MAX_REAL;

  PetscFunctionBegin;
  for (PetscInt q = 0; q < d->n; q++) lightest = PetscMin(lightest, d->p[q].m);
  if (s->grid->h > 0.25 * lightest)
    PetscCall(PetscFPrintf(I->comm, stderr,
                           "aeonic: warning: the cells, h = %g, are coarse for a hole of mass %g; with h below a quarter of the "
                           "mass the solution is good to a percent\n",
                           (double)s->grid->h, (double)lightest));
  for (int round = 0; round < ROUNDS && change > 1e-5; round++) {
    PetscCall(Round(d, s, &change));
    if (!s->result.converged) break;
  }
  PetscCall(VecGetArrayRead(s->u, &d->u));
  PetscCall(AeFillFromMetric(fields, U, Metric, I));
  PetscCall(VecRestoreArrayRead(s->u, &d->u));
  PetscCall(VecDestroy(&d->data));
  *whole = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscInt AePuncturePlaces(AeInitial I, PetscInt max, PetscReal place[][3])
{
  const Punctures *d = I->data;

  for (PetscInt q = 0; q < PetscMin(d->n, max); q++)
    for (int a = 0; a < 3; a++) place[q][a] = d->p[q].x[a];
  return PetscMin(d->n, max);
}
