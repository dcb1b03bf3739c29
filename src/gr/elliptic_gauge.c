/*
  Gauges that are elliptic equations on every slice.

  Maximal slicing: d_t K = -D^2 alpha + alpha [K_ij K^ij + 4 pi (rho + S)] + beta^i d_i K is to vanish where K does [York 1979].
  With a driver for what truncation leaves of K, d_t K = -c K [Balakrishna et al., Class. Quantum Grav. 13 (1996) L135]:
    -D^2 u + Q u = -Q - c K,   u = alpha - 1,   Q = K_ij K^ij + 4 pi (rho + S)
  times det(gamma)^(1/3), which makes the principal part that of the conformal metric, near the flat one also at punctures;
  u falls off as 1/r at outer boundaries. Of the scalar field 4 pi (rho + S) = 8 pi (Pi^2 - V), of Lambda -Lambda.
*/
#include "elliptic_gauge.h"

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
  PetscCall(AeOptReal("-gr_maximal_driver", "c of d_t K = -c K in maximal slicing, which takes away what truncation leaves of K",
                      "1/M", "Class. Quantum Grav. 13 (1996) L135", 0, AE_HUGE, &s->driver, NULL));
  PetscCall(AeOptBool("-gr_gauge_warm", "elliptic gauges start from an extrapolation of their last solutions, not from zero", "",
                      &s->warm, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

/* One equation with its solver, coefficients and stored solutions; outer faces are Robin's, 1/r. N: of the norm that atol
   bounds, a root of the sum of squares. */
static PetscErrorCode MakeProblem(AeGR gr, AeGaugeProblem *p, AeEllOperator op, PetscInt ncoef, const char option[],
                                  const char prefix[], const char event[])
{
  AeGrid         g = gr->patches[0]->grid;
  const PetscInt N = g->n[0] * g->n[1] * g->n[2];
  KSP            ksp;

  PetscFunctionBegin;
  PetscCheck(
    !Closed(g), gr->comm, AE_ERR_USAGE,
    "%s on a closed box (-grid_boundary periodic or reflecting all around) %s; it needs an outer boundary, or take another gauge",
    option, op == AE_ELL_GENERAL ? "keeps K = 0 only with lapse 0, or where K_ij = 0" : "leaves the shift open by a constant");
  p->option = option;
  PetscCall(PetscLogEventRegister(event, AE_CLASSID, &p->event));
  PetscCall(AeEllCreate(g, op, &p->ell));
  PetscCall(AeEllSetOptionsPrefix(p->ell, prefix));
  PetscCall(AeEllSetOrder(p->ell, PetscMin(gr->order, 6)));
  for (int d = 0; d < 3; d++)
    for (int side = 0; side < 2; side++)
      if (g->bc[d][side] == AE_BC_RADIATIVE || g->bc[d][side] == AE_BC_EXACT)
        PetscCall(AeEllSetBoundary(p->ell, d, side, AE_ELL_ROBIN));
  PetscCall(AeEllSetFromOptions(p->ell));
  PetscCall(AeEllGetKSP(p->ell, &ksp));
  /* rtol: d_t K is left at 1e-4 of K_ij K^ij, which the driver takes away; atol: the same where nothing is to be done */
  PetscCall(KSPSetTolerances(ksp, 1e-4, 1e-10 * PetscSqrtReal((PetscReal)N), PETSC_DEFAULT, 100));
  if (gr->solver->warm) {
    KSPGuess guess;

    PetscCall(AeEllStoreCreate(1, &p->store));
    PetscCall(AeEllSetStore(p->ell, p->store, event));
    PetscCall(KSPGetGuess(ksp, &guess));
    PetscCall(KSPGuessSetType(guess, AE_KSP_GUESS));
    PetscCall(KSPGuessSetFromOptions(guess));
  }
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(AeEllCreateVec(p->ell, ncoef, &p->coef));
  PetscCall(AeEllCreateVec(p->ell, 0, &p->b));
  PetscCall(AeEllCreateVec(p->ell, 0, &p->x));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGaugeSolverCreate(AeGR gr)
{
  AeGaugeSolver s;

  PetscFunctionBegin;
  if (!gr->lapse->elliptic && !gr->shift->elliptic) PetscFunctionReturn(0);
  PetscCall(PetscNew(&s));
  gr->solver = s;
  PetscCall(Options(gr, s));
  PetscCall(AeSpatialFind(gr->patches[0]->fields, &s->spatial));
  if (gr->lapse->elliptic) {
    PetscCall(AeCite("York1979 Balakrishna1996"));
    PetscCall(MakeProblem(gr, &s->lapse, AE_ELL_GENERAL, AE_LAPSE_COEF, "-gr_gauge_lapse maximal", "lapse_", "GaugeLapse"));
  }
  if (gr->shift->elliptic) {
    PetscCall(AeCite("Smarr1978"));
    PetscCall(MakeProblem(gr, &s->shift, AE_ELL_GENERAL_VECTOR, AE_SHIFT_COEF, "-gr_gauge_shift minimal_distortion", "shift_",
                          "GaugeShift"));
    PetscCall(AeGRDistortionFields(gr));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyProblem(AeGaugeProblem *p)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(&p->coef));
  PetscCall(VecDestroy(&p->b));
  PetscCall(VecDestroy(&p->x));
  PetscCall(AeEllDestroy(&p->ell));
  PetscCall(AeEllStoreDestroy(&p->store));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGaugeSolverDestroy(AeGaugeSolver *p)
{
  AeGaugeSolver s = *p;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  PetscCall(DestroyProblem(&s->lapse));
  PetscCall(DestroyProblem(&s->shift));
  PetscCall(VecDestroy(&s->work));
  PetscCall(AeFieldsDestroy(&s->work_fields));
  PetscCall(PetscFree(*p));
  PetscFunctionReturn(0);
}

/* The ten coefficients and the right-hand side at a cell; u: the cell in field 0, step: strides of i, j, k. */
static void Cell(AeGR gr, const double *u, ptrdiff_t stride, const ptrdiff_t step[3], double inv_h, double coef[AE_LAPSE_COEF],
                 double *rhs)
{
  AeGaugeSolver    s = gr->solver;
  const AeSpatial *S = &s->spatial;
  const AeFD      *T = AE_FD(gr->order);
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
  scale = cbrt(AeSymInverse(g, inv));
  AeSymRaise(inv, K, mixed);
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
        for (int l = 0; l < 3; l++)
          x += inv[AE_SYM(i, j)] * inv[AE_SYM(k, l)] * (dg[k][AE_SYM(l, j)] - 0.5 * dg[j][AE_SYM(k, l)]);
    coef[6 + i] = -scale * x;
  }
  coef[9] = scale * Q;
  *rhs    = -scale * (Q + s->driver * trK);
}

/* Coefficients and right-hand side of the lapse's equation from a state whose ghosts are filled. */
static PetscErrorCode Assemble(AeGR gr, AePatch P, Vec U)
{
  AeGaugeSolver   s = gr->solver;
  AeGrid          g = P->grid;
  const AeLayout *L = P->L;
  const double   *u;
  double         *c, *b;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(s->lapse.coef, &c));
  PetscCall(VecGetArray(s->lapse.b, &b));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const ptrdiff_t step[3] = {1, L->pitch, L->plane};
        double          coef[AE_LAPSE_COEF];

        Cell(gr, u + AeAt(L, 0, k, j, i), L->stride, step, 1.0 / g->h, coef, &b[AeEllAt(g, 0, k, j, i)]);
        for (PetscInt f = 0; f < AE_LAPSE_COEF; f++) c[AeEllAt(g, f, k, j, i)] = coef[f];
      }
  PetscCall(VecRestoreArray(s->lapse.b, &b));
  PetscCall(VecRestoreArray(s->lapse.coef, &c));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

/* n fields of the state from `field` on: constant + x */
static PetscErrorCode Put(AePatch P, Vec U, PetscInt field, PetscInt n, double constant, Vec X)
{
  AeGrid          g = P->grid;
  const AeLayout *L = P->L;
  const double   *x;
  double         *u;

  PetscFunctionBegin;
  PetscCall(VecGetArray(U, &u));
  PetscCall(VecGetArrayRead(X, &x));
  for (PetscInt f = 0; f < n; f++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < g->n[0]; i++) u[AeAt(L, field + f, k, j, i)] = constant + x[AeEllAt(g, f, k, j, i)];
  PetscCall(VecRestoreArrayRead(X, &x));
  PetscCall(VecRestoreArray(U, &u));
  PetscFunctionReturn(0);
}

/* From zero, or from an extrapolation of what was stored under this regime: after a step that was taken back that is void. */
static PetscErrorCode Solve(AeGR gr, AeGaugeProblem *p, PetscReal t)
{
  AeEllResult r;
  PetscInt    warm;

  PetscFunctionBegin;
  if (t < p->t) PetscCall(AeEllTaint(p->ell)); /* a step was taken back */
  PetscCall(AeEllSetCoefficients(p->ell, p->coef));
  PetscCall(AeEllSetTime(p->ell, t, gr->solver->regime));
  PetscCall(VecSet(p->x, 0));
  PetscCall(AeEllSolve(p->ell, p->b, p->x, &r));
  PetscCheck(r.converged, gr->comm, AE_ERR_FAILED,
             "%s: the solve at t = %g did not converge: residual %g after %" PetscInt_FMT
             " iterations of %s; its -fallback, or more smoothing (-mg_pre, -mg_post), with the prefix lapse_ or shift_ may help",
             p->option, (double)t, (double)r.residual, r.iterations, r.solver);
  warm = AeEllGuessed(p->ell) > 0;
  p->count.solves[warm]++;
  p->count.cycles[warm] += r.iterations;
  p->t = t;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSolveGauge(AeGR gr, Vec U, PetscReal t, AeSweep sweep)
{
  AeGaugeSolver s = gr->solver;
  AePatch       P;

  PetscFunctionBegin;
  if (!s || (sweep == AE_SWEEP_FIRST && s->solved && s->t == t)) PetscFunctionReturn(0);
  PetscCall(AeGRPatch(gr, U, &P));
  if (s->lapse.ell) {
    PetscCall(PetscLogEventBegin(s->lapse.event, U, 0, 0, 0));
    PetscCall(AeFieldsFillGhosts(P->fields, U, t));
    PetscCall(Assemble(gr, P, U));
    PetscCall(Solve(gr, &s->lapse, t));
    PetscCall(Put(P, U, gr->at.lapse, 1, 1.0, s->lapse.x));
    PetscCall(PetscLogEventEnd(s->lapse.event, U, 0, 0, 0));
  }
  if (s->shift.ell) {
    PetscCall(PetscLogEventBegin(s->shift.event, U, 0, 0, 0));
    PetscCall(AeGRDistortionAssemble(gr, P, U, t));
    PetscCall(Solve(gr, &s->shift, t));
    PetscCall(Put(P, U, gr->at.shift, 3, 0.0, s->shift.x));
    PetscCall(PetscLogEventEnd(s->shift.event, U, 0, 0, 0));
  }
  s->solved = (PetscBool)(sweep == AE_SWEEP_FIRST);
  s->t      = t;
  PetscFunctionReturn(0);
}

/* ---- for a run: its memory, its regime, its checkpoints ---- */

PetscErrorCode AeGRGaugeIsWarm(AeGR gr, PetscBool *lapse, PetscBool *shift)
{
  PetscFunctionBegin;
  *lapse = (PetscBool)(gr->solver && gr->solver->lapse.store);
  *shift = (PetscBool)(gr->solver && gr->solver->shift.store);
  PetscFunctionReturn(0);
}

static PetscErrorCode SetStore(AeGaugeProblem *p, AeEllStore store, const char name[])
{
  PetscFunctionBegin;
  if (!store) PetscFunctionReturn(0);
  PetscCall(AeEllStoreDestroy(&p->store));
  p->store = store;
  PetscCall(AeEllSetStore(p->ell, store, name));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSetGaugeStores(AeGR gr, AeEllStore lapse, AeEllStore shift)
{
  PetscFunctionBegin;
  PetscCall(SetStore(&gr->solver->lapse, lapse, "GaugeLapse"));
  PetscCall(SetStore(&gr->solver->shift, shift, "GaugeShift"));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSetGaugeRegime(AeGR gr, PetscInt64 regime)
{
  PetscFunctionBegin;
  if (gr->solver) gr->solver->regime = regime;
  PetscFunctionReturn(0);
}

static void Carry(AeGaugeProblem *p, AeGaugeSolves *count, PetscReal *t, PetscBool in)
{
  if (in) p->count = *count, p->t = *t;
  else *count = p->count, *t = p->t;
}

PetscErrorCode AeGRGetGaugeHistory(AeGR gr, AeGaugeHistory *h)
{
  PetscFunctionBegin;
  PetscCall(PetscMemzero(h, sizeof *h));
  if (!gr->solver) PetscFunctionReturn(0);
  Carry(&gr->solver->lapse, &h->count[0], &h->t[0], PETSC_FALSE);
  Carry(&gr->solver->shift, &h->count[1], &h->t[1], PETSC_FALSE);
  h->solved = gr->solver->solved;
  h->at     = gr->solver->t;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSetGaugeHistory(AeGR gr, AeGaugeHistory *h, PetscReal t)
{
  PetscFunctionBegin;
  if (!gr->solver) PetscFunctionReturn(0);
  Carry(&gr->solver->lapse, &h->count[0], &h->t[0], PETSC_TRUE);
  Carry(&gr->solver->shift, &h->count[1], &h->t[1], PETSC_TRUE);
  gr->solver->solved = PETSC_TRUE; /* the state that was saved has its gauge */
  gr->solver->t      = t;
  PetscFunctionReturn(0);
}

/* After anything that changed the state at its time. */
PetscErrorCode AeGRGaugeChanged(AeGR gr)
{
  PetscFunctionBegin;
  if (gr->solver) gr->solver->solved = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGetGaugeSolves(AeGR gr, AeGaugeSolves *lapse, AeGaugeSolves *shift)
{
  const AeGaugeSolves none = {.solves = {0, 0}};

  PetscFunctionBegin;
  *lapse = gr->solver ? gr->solver->lapse.count : none;
  *shift = gr->solver ? gr->solver->shift.count : none;
  PetscFunctionReturn(0);
}
