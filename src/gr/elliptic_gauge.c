/*
  Gauges that are elliptic equations on every slice.

  Maximal slicing: d_t K = -D^2 alpha + alpha [K_ij K^ij + 4 pi (rho + S)] + beta^i d_i K is to vanish where K does [York 1979]. With a driver for
  what truncation leaves of K, d_t K = -c K [Balakrishna et al., Class. Quantum Grav. 13 (1996) L135]:
    -D^2 u + Q u = -Q - c K,   u = alpha - 1,   Q = K_ij K^ij + 4 pi (rho + S)
  times det(gamma)^(1/3), which makes the principal part that of the conformal metric, near the flat one also at punctures;
  u falls off as 1/r at outer boundaries. Of the scalar field 4 pi (rho + S) = 8 pi (Pi^2 - V), of Lambda -Lambda.
*/
#include "gr_private.h"
#include <aeonic/elliptic.h>
#include <aeonic/spatial.h>

static const char CiteMaximal[] =
  "@incollection{York1979,\n  title = {Kinematics and dynamics of general relativity},\n  author = {York, J. W.},\n  booktitle = {Sources of Gravitational Radiation},\n  publisher = {Cambridge University Press}, pages = {83}, year = {1979}\n}\n"
  "@article{Balakrishna1996,\n  title = {Coordinate conditions and their implementation in 3D numerical relativity},\n  author = {Balakrishna, J. and Daues, G. and Seidel, E. and Suen, W.-M. and Tobias, M. and Wang, E.},\n  journal = {Class. "
  "Quantum "
  "Grav.}, volume = {13}, pages = {L135}, year = {1996}\n}\n";

enum { NCOEF = 10 };

struct _p_AeGaugeSolver {
  AeEll         ell;
  AeEllStore    store;
  Vec           coef, b, x;
  AeSpatial     spatial;
  PetscReal     driver;
  PetscBool     warm;
  PetscBool     solved; /* the accepted state of time t has its lapse */
  PetscReal     t;
  PetscInt      nput; /* solutions in the store */
  AeGaugeSolves count;
  PetscLogEvent event;
};

/* All faces periodic or mirrors: then int alpha Q = 0, and alpha = 0 is the only solution where Q > 0 somewhere. */
static PetscBool Closed(AeGrid g)
{
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++)
      if (g->bc[d][s] == AE_BC_RADIATIVE || g->bc[d][s] == AE_BC_EXACT) return PETSC_FALSE;
  return PETSC_TRUE;
}

static PetscErrorCode Options(AeGR gr, AeGaugeSolver s)
{
  PetscFunctionBegin;
  s->driver = 1.0 / gr->initial->mass;
  s->warm   = PETSC_TRUE;
  PetscOptionsBegin(gr->comm, NULL, "Elliptic gauges", "AeGR");
  PetscCall(AeOptReal("-gr_maximal_driver", "c of d_t K = -c K in maximal slicing, which takes away what truncation leaves of K", "1/M", "Class. Quantum Grav. 13 (1996) L135", 0, AE_HUGE, &s->driver, NULL));
  PetscCall(AeOptBool("-gr_gauge_warm", "elliptic gauges start from an extrapolation of their last solutions, not from zero", "", &s->warm, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGaugeSolverCreate(AeGR gr)
{
  AeGrid         g = gr->grid;
  const PetscInt N = g->n[0] * g->n[1] * g->n[2];
  AeGaugeSolver  s;
  KSP            ksp;

  PetscFunctionBegin;
  if (!gr->lapse->elliptic) PetscFunctionReturn(0);
  PetscCheck(!Closed(g), gr->comm, AE_ERR_USAGE,
             "-gr_gauge_lapse maximal on a closed box (-grid_boundary periodic or reflecting all around): K = 0 can be kept there only by lapse 0 or where K_ij = 0; it needs an outer boundary, or take another lapse");
  PetscCall(PetscCitationsRegister(CiteMaximal, NULL));
  PetscCall(PetscNew(&s));
  gr->solver = s;
  PetscCall(Options(gr, s));
  PetscCall(PetscLogEventRegister("GaugeLapse", AE_CLASSID, &s->event));
  PetscCall(AeSpatialFind(gr->fields, &s->spatial));
  PetscCall(AeEllCreate(g, AE_ELL_GENERAL, &s->ell));
  PetscCall(AeEllSetOptionsPrefix(s->ell, "lapse_"));
  PetscCall(AeEllSetOrder(s->ell, PetscMin(gr->order, 6)));
  for (int d = 0; d < 3; d++)
    for (int side = 0; side < 2; side++)
      if (g->bc[d][side] == AE_BC_RADIATIVE || g->bc[d][side] == AE_BC_EXACT) PetscCall(AeEllSetBoundary(s->ell, d, side, AE_ELL_ROBIN));
  PetscCall(AeEllSetFromOptions(s->ell));
  PetscCall(AeEllGetKSP(s->ell, &ksp));
  /* rtol: d_t K is left at 1e-4 of K_ij K^ij, which the driver takes away; atol: the same where nothing is to be done */
  PetscCall(KSPSetTolerances(ksp, 1e-4, 1e-10 * PetscSqrtReal((PetscReal)N), PETSC_DEFAULT, 100));
  if (s->warm) {
    KSPGuess guess;

    PetscCall(AeEllStoreCreate(1, &s->store));
    PetscCall(AeEllSetStore(s->ell, s->store, "lapse"));
    PetscCall(KSPGetGuess(ksp, &guess));
    PetscCall(KSPGuessSetType(guess, AE_KSP_GUESS));
    PetscCall(KSPGuessSetFromOptions(guess));
  }
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(AeEllCreateVec(s->ell, NCOEF, &s->coef));
  PetscCall(AeEllCreateVec(s->ell, 0, &s->b));
  PetscCall(AeEllCreateVec(s->ell, 0, &s->x));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGaugeSolverDestroy(AeGaugeSolver *p)
{
  AeGaugeSolver s = *p;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  PetscCall(VecDestroy(&s->coef));
  PetscCall(VecDestroy(&s->b));
  PetscCall(VecDestroy(&s->x));
  PetscCall(AeEllDestroy(&s->ell));
  PetscCall(AeEllStoreDestroy(&s->store));
  PetscCall(PetscFree(*p));
  PetscFunctionReturn(0);
}

static const int Sym[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

static double Invert(const double g[6], double u[6])
{
  double det;

  u[0] = g[3] * g[5] - g[4] * g[4];
  u[1] = g[2] * g[4] - g[1] * g[5];
  u[2] = g[1] * g[4] - g[2] * g[3];
  u[3] = g[0] * g[5] - g[2] * g[2];
  u[4] = g[1] * g[2] - g[0] * g[4];
  u[5] = g[0] * g[3] - g[1] * g[1];
  det  = g[0] * u[0] + g[1] * u[1] + g[2] * u[2];
  for (int ab = 0; ab < 6; ab++) u[ab] /= det;
  return det;
}

/* The ten coefficients and the right-hand side at a cell; u: the cell in field 0, step: strides of i, j, k. */
static void Cell(AeGR gr, const double *u, ptrdiff_t stride, const ptrdiff_t step[3], double coef[NCOEF], double *rhs)
{
  AeGaugeSolver    s     = gr->solver;
  const AeSpatial *S     = &s->spatial;
  const double     inv_h = 1.0 / gr->grid->h;
  const AeFD      *T     = AE_FD(gr->order);
  double           v[AE_SPATIAL_MAX], dv[3 * AE_SPATIAL_MAX], g[6], K[6], dg[3][6], inv[6], mixed[3][3], scale, Q = 0, trK = 0;

  for (PetscInt f = 0; f < S->nfields; f++) {
    const double *p = u + S->field[f] * stride;

    v[f] = *p;
    for (int a = 0; a < 3; a++) {
      double x = 0;

      if (f < 6 || f == 12)
        for (int k = 1; k <= gr->order / 2; k++) x += (p[k * step[a]] - p[-k * step[a]]) * T->c[k - 1];
      dv[3 * f + a] = x * inv_h;
    }
  }
  AeSpatialAtPoint(S, v, dv, g, K, dg);
  scale = cbrt(Invert(g, inv));
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      mixed[a][b] = 0;
      for (int c = 0; c < 3; c++) mixed[a][b] += inv[Sym[a][c]] * K[Sym[c][b]];
    }
  for (int a = 0; a < 3; a++) {
    trK += mixed[a][a];
    for (int b = 0; b < 3; b++) Q += mixed[a][b] * mixed[b][a];
  }
  if (gr->params.has_phi) {
    const double phi = u[gr->at.phi * stride], Pi = u[gr->at.Pi * stride];
    Q += 8.0 * PETSC_PI * (Pi * Pi - 0.5 * gr->params.mass2 * phi * phi);
  }
  Q -= gr->params.Lambda;
  for (int ab = 0; ab < 6; ab++) coef[ab] = scale * inv[ab];
  for (int i = 0; i < 3; i++) { /* -Gamma^i, Gamma^i = gamma^ij gamma^kl (d_k gamma_lj - d_j gamma_kl/2) */
    double x = 0;

    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) x += inv[Sym[i][j]] * inv[Sym[k][l]] * (dg[k][Sym[l][j]] - 0.5 * dg[j][Sym[k][l]]);
    coef[6 + i] = -scale * x;
  }
  coef[9] = scale * Q;
  *rhs    = -scale * (Q + s->driver * trK);
}

static PetscErrorCode Assemble(AeGR gr, Vec U)
{
  AeGaugeSolver   s = gr->solver;
  AeGrid          g = gr->grid;
  const AeLayout *L;
  const double   *u;
  double         *c, *b;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(s->coef, &c));
  PetscCall(VecGetArray(s->b, &b));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const ptrdiff_t step[3] = {1, L->pitch, L->plane};
        double          coef[NCOEF];

        Cell(gr, u + AeAt(L, 0, k, j, i), L->stride, step, coef, &b[AeEllAt(g, 0, k, j, i)]);
        for (PetscInt f = 0; f < NCOEF; f++) c[AeEllAt(g, f, k, j, i)] = coef[f];
      }
  PetscCall(VecRestoreArray(s->b, &b));
  PetscCall(VecRestoreArray(s->coef, &c));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

/* The lapse into the state: 1 + u */
static PetscErrorCode Put(AeGR gr, Vec U)
{
  AeGrid          g = gr->grid;
  const AeLayout *L;
  const double   *x;
  double         *u;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  PetscCall(VecGetArrayRead(gr->solver->x, &x));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) u[AeAt(L, gr->at.lapse, k, j, i)] = 1.0 + x[AeEllAt(g, 0, k, j, i)];
  PetscCall(VecRestoreArrayRead(gr->solver->x, &x));
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSolveGauge(AeGR gr, Vec U, PetscReal t, PetscInt stage)
{
  AeGaugeSolver s = gr->solver;
  AeEllResult   r;

  PetscFunctionBegin;
  if (!s || (stage == 0 && s->solved && s->t == t)) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(s->event, U, 0, 0, 0));
  if (s->nput && t < s->t) { /* a step was taken back */
    PetscCall(AeEllTaint(s->ell));
    s->nput = 0;
  }
  PetscCall(AeFieldsFillGhosts(gr->fields, U, t));
  PetscCall(Assemble(gr, U));
  PetscCall(AeEllSetCoefficients(s->ell, s->coef));
  PetscCall(AeEllSetTime(s->ell, t, 0));
  PetscCall(VecSet(s->x, 0));
  PetscCall(AeEllSolve(s->ell, s->b, s->x, &r));
  PetscCheck(r.converged, gr->comm, AE_ERR_FAILED, "-gr_gauge_lapse maximal: the solve at t = %g did not converge: residual %g after %" PetscInt_FMT " iterations of %s; -lapse_fallback or more smoothing (-lapse_mg_pre, -lapse_mg_post) may help",
             (double)t, (double)r.residual, r.iterations, r.solver);
  PetscCall(Put(gr, U));
  s->count.solves[s->nput > 0]++;
  s->count.cycles[s->nput > 0] += r.iterations;
  if (s->warm) s->nput++;
  s->solved = (PetscBool)(stage == 0);
  s->t      = t;
  PetscCall(PetscLogEventEnd(s->event, U, 0, 0, 0));
  PetscFunctionReturn(0);
}

/* After anything that changed the state at its time. */
PetscErrorCode AeGRGaugeChanged(AeGR gr)
{
  PetscFunctionBegin;
  if (gr->solver) gr->solver->solved = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGetGaugeSolves(AeGR gr, AeGaugeSolves *count)
{
  PetscFunctionBegin;
  *count = gr->solver ? gr->solver->count : (AeGaugeSolves){.solves = {0, 0}};
  PetscFunctionReturn(0);
}
