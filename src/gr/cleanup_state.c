/*
  The state's side of the clean-up: psi and W into metric and curvature, constraints into residuals, cell by cell.
*/
#include "cleanup_private.h"
#include <aeonic/spatial.h>

static double D1(const AeFD *T, PetscInt order, const double *f, ptrdiff_t s, double inv_h)
{
  double x = 0;

  for (int k = 1; k <= order / 2; k++) x += (f[k * s] - f[-k * s]) * T->c[k - 1];
  return x * inv_h;
}

/* A cell of a state or of the work fields */
typedef struct {
  const double *u;
  ptrdiff_t     f, s[3]; /* strides between fields, along the axes */
} Cell;

static Cell CellOf(const AeLayout *L, const double *u, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i)
{
  return (Cell){u + AeAt(L, 0, k, j, i), L->stride, {1, L->pitch, L->plane}};
}

/* X_ij = (LW)_ij: the tracefree part of L_W m_ij = W^k d_k m_ij + m_kj d_i W^k + m_ik d_j W^k, m the metric that the state
   holds */
static void KillingForm(AeGR gr, double inv_h, Cell b, Cell w, double m[6], double X[6])
{
  const AeFD     *T = AE_FD(gr->order);
  double          dW[3][3], inv[6], tr; /* dW[i][k] = d_i W^k */
  const ptrdiff_t f = gr->at.metric * b.f;

  for (int ab = 0; ab < 6; ab++) m[ab] = b.u[f + ab * b.f];
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) dW[i][k] = D1(T, gr->order, w.u + (1 + k) * w.f, w.s[i], inv_h);
  for (int ab = 0; ab < 6; ab++) {
    const int a = AeSymA[ab], c = AeSymB[ab];

    X[ab] = 0;
    for (int k = 0; k < 3; k++)
      X[ab] += w.u[(1 + k) * w.f] * D1(T, gr->order, b.u + f + ab * b.f, b.s[k], inv_h) + m[AE_SYM(k, c)] * dW[a][k] +
               m[AE_SYM(k, a)] * dW[c][k];
  }
  (void)AeSymInverse(m, inv);
  tr = AeSymTrace(inv, X) / 3.0;
  for (int ab = 0; ab < 6; ab++) X[ab] -= m[ab] * tr;
}

/* out: the cell of the trial state; chi: of the base */
static void TransformCell(AeCleanup c, Cell b, Cell w, double chi, double *out, double *psi_out)
{
  AeGR           gr  = c->gr;
  const Z4Fields at  = gr->at;
  const double   psi = 1.0 + w.u[0] * sqrt(sqrt(chi)), p2 = psi * psi, p4 = p2 * p2, weight = chi * sqrt(chi);
  double         m[6], X[6], inv[6], K[6], tr;

  KillingForm(gr, 1.0 / c->grid->h, b, w, m, X);
  *psi_out = psi;
  for (int ab = 0; ab < 6; ab++) K[ab] = b.u[(at.curv + ab) * b.f];
  if (gr->conformal) {
    out[Z4_CHI * b.f] = b.u[Z4_CHI * b.f] / (gr->params.use_w ? p2 : p4);
    out[Z4_K * b.f]   = b.u[Z4_K * b.f] + c->K_shift;
    for (int ab = 0; ab < 6; ab++) out[(at.curv + ab) * b.f] = (K[ab] + weight * X[ab]) / (p4 * p2);
    return;
  }
  (void)AeSymInverse(m, inv);
  tr = AeSymTrace(inv, K);
  for (int ab = 0; ab < 6; ab++) {
    out[(at.metric + ab) * b.f] = p4 * m[ab];
    out[(at.curv + ab) * b.f]   = (K[ab] - m[ab] * tr / 3.0 + weight * X[ab]) / p2 + p4 * m[ab] * (tr + c->K_shift) / 3.0;
  }
}

PetscErrorCode AeCleanupTransform(AeCleanup c, Vec x)
{
  AeGrid          g = c->grid;
  const AeLayout *L, *LW;
  const double   *px, *b, *w, *chi;
  double         *u, *pw;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(c->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(c->work_fields, NULL, &LW, NULL));
  PetscCall(VecGetArrayRead(x, &px));
  PetscCall(VecGetArray(c->work, &pw));
  for (PetscInt f = 0; f < 4; f++)
    for (PetscInt k = 0; k < g->nk; k++)
      for (PetscInt j = 0; j < g->nj; j++)
        for (PetscInt i = 0; i < g->n[0]; i++) pw[AeAt(LW, f, k, j, i)] = px[AeEllAt(g, f, k, j, i)] / (f ? c->balance : 1.0);
  PetscCall(VecRestoreArray(c->work, &pw));
  PetscCall(VecRestoreArrayRead(x, &px));
  PetscCall(AeFieldsFillGhosts(c->work_fields, c->work, c->t));
  PetscCall(VecGetArrayRead(c->base, &b));
  PetscCall(VecGetArrayRead(c->work, &w));
  PetscCall(VecGetArrayRead(c->scale, &chi));
  PetscCall(VecGetArray(c->trial, &u));
  c->psi[0] = PETSC_INFINITY;
  c->psi[1] = -PETSC_INFINITY;
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        double psi;

        TransformCell(c, CellOf(L, b, k, j, i), CellOf(LW, w, k, j, i), chi[AeEllAt(g, 0, k, j, i)], u + AeAt(L, 0, k, j, i),
                      &psi);
        c->psi[0] = PetscMin(c->psi[0], psi);
        c->psi[1] = PetscMax(c->psi[1], psi);
      }
  PetscCall(VecRestoreArray(c->trial, &u));
  PetscCall(VecRestoreArrayRead(c->scale, &chi));
  PetscCall(VecRestoreArrayRead(c->work, &w));
  PetscCall(VecRestoreArrayRead(c->base, &b));
  PetscFunctionReturn(0);
}

/* Theta = 0, K physical in Khat; Gamma^i = -d_j gt^ij, whose ghosts are filled */
static void ResetCell(AeGR gr, double inv_h, Cell u, double *out)
{
  const Z4Fields at = gr->at;
  const AeFD    *T  = AE_FD(gr->order);
  double         m[6], inv[6], d[3][6];

  if (at.Theta >= 0) {
    if (gr->form == Z4_FORM_z4c) out[at.K * u.f] = u.u[at.K * u.f] + 2.0 * u.u[at.Theta * u.f];
    out[at.Theta * u.f] = 0.0;
  }
  if (at.Gam < 0) return;
  for (int ab = 0; ab < 6; ab++) {
    m[ab] = u.u[(at.metric + ab) * u.f];
    for (int k = 0; k < 3; k++) d[k][ab] = D1(T, gr->order, u.u + (at.metric + ab) * u.f, u.s[k], inv_h);
  }
  (void)AeSymInverse(m, inv);
  for (int a = 0; a < 3; a++) { /* -d_j gt^aj = gt^ak d_j gt_kl gt^lj */
    double x = 0;

    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) x += inv[AE_SYM(a, k)] * d[j][AE_SYM(k, l)] * inv[AE_SYM(l, j)];
    out[(at.Gam + a) * u.f] = x;
  }
}

PetscErrorCode AeCleanupReset(AeCleanup c, Vec U)
{
  AeGR            gr = c->gr;
  const AeLayout *L;
  const double   *u;
  double         *b, *tr;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(c->fields, NULL, &L, NULL));
  PetscCall(AeFieldsFillGhosts(c->fields, U, c->t));
  PetscCall(VecCopy(U, c->base));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(c->base, &b));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) ResetCell(gr, 1.0 / c->grid->h, CellOf(L, u, k, j, i), b + AeAt(L, 0, k, j, i));
  PetscCall(VecRestoreArray(c->base, &b));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(AeFieldsFillGhosts(c->fields, c->base, c->t));
  PetscCall(VecCopy(c->base, c->trial));
  PetscCall(VecGetArray(c->scale, &tr));
  PetscCall(VecGetArrayRead(c->base, &u));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++)
        tr[AeEllAt(c->grid, 0, (PetscInt)k, (PetscInt)j, (PetscInt)i)] = AeGRPointChi(gr, u + AeAt(L, 0, k, j, i), L->stride);
  PetscCall(VecRestoreArrayRead(c->base, &u));
  PetscCall(VecRestoreArray(c->scale, &tr));
  PetscFunctionReturn(0);
}

static double Smooth(double x)
{
  x = PetscMin(1.0, PetscMax(0.0, x));
  return x * x * x * (10.0 + x * (6.0 * x - 15.0));
}

/* Distance of a cell from the nearest outer face, in cells. */
static PetscInt Depth(AeGrid g, const PetscInt cell[3])
{
  PetscInt d = PETSC_MAX_INT;

  for (int a = 0; a < 3; a++) {
    if (g->bc[a][0] == AE_BC_RADIATIVE || g->bc[a][0] == AE_BC_EXACT) d = PetscMin(d, cell[a]);
    if (g->bc[a][1] == AE_BC_RADIATIVE || g->bc[a][1] == AE_BC_EXACT) d = PetscMin(d, g->n[a] - 1 - cell[a]);
  }
  return d;
}

/* K_ij K^ij - K^2/3 and K at a cell */
static void Curvatures(AeGR gr, const double *u, ptrdiff_t stride, double *A2, double *K)
{
  AeAdm  adm;
  double inv[6], up[3][3], K2 = 0;

  AeGRPointAdm(gr, u, stride, &adm);
  (void)AeSymInverse(adm.g, inv);
  *K = AeSymTrace(inv, adm.K);
  AeSymRaise(inv, adm.K, up);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) K2 += up[a][b] * up[b][a];
  *A2 = K2 - *K * *K / 3.0;
}

PetscErrorCode AeCleanupWeights(AeCleanup c)
{
  AeGR            gr = c->gr;
  AeGrid          g  = c->grid;
  const AeLayout *L;
  const double   *u, *chi;
  double         *m, *pc;
  PetscReal       largest = 0, part[1];
  const PetscReal edge = 0.5 * (PetscReal)gr->order, length = PetscMax(PetscMax(g->n[0], g->n[1]), g->n[2]) * g->h,
                  floor_c = c->closed ? 1e-3 * PetscSqr(2 * PETSC_PI / length) : 0.0;
  PetscBool masked        = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(c->fields, NULL, &L, NULL));
  PetscCall(VecMax(c->scale, NULL, &largest));
  PetscCall(VecGetArrayRead(c->base, &u));
  PetscCall(VecGetArrayRead(c->scale, &chi));
  PetscCall(VecGetArray(c->mask, &m));
  PetscCall(VecGetArray(c->c, &pc));
  part[0] = 0;
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscInt cell[3] = {i, g->js + j, g->ks + k}, depth = Depth(g, cell), p = AeEllAt(g, 0, k, j, i);
        double         A2, K;

        m[p] = c->mask_chi > 0 ? Smooth(2.0 * chi[p] / (c->mask_chi * largest) - 1.0) : 1.0;
        if (depth < PETSC_MAX_INT) m[p] *= Smooth((depth - edge + 1.0) / 4.0);
        if (m[p] < 1.0) masked = PETSC_TRUE;
        part[0] += m[p] == 1.0;
        Curvatures(gr, u + AeAt(L, 0, k, j, i), L->stride, &A2, &K);
        pc[p] = m[p] * (7.0 / 8.0 * A2 + 5.0 / 12.0 * K * K) / chi[p] + floor_c;
      }
  PetscCall(VecRestoreArray(c->c, &pc));
  PetscCall(VecRestoreArray(c->mask, &m));
  PetscCall(VecRestoreArrayRead(c->scale, &chi));
  PetscCall(VecRestoreArrayRead(c->base, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &masked, 1, MPIU_BOOL, MPI_LOR, gr->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, part, 1, MPIU_REAL, MPI_SUM, gr->comm));
  c->masked = masked;
  c->cells  = (PetscInt64)part[0];
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupWeigh(AeCleanup c, Vec F)
{
  AeGR            gr = c->gr;
  AeGrid          g  = c->grid;
  const AeLayout *L, *CL;
  const double   *b, *d, *m, *chi;
  double         *f;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(c->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(c->diag_fields, NULL, &CL, NULL));
  PetscCall(VecGetArrayRead(c->base, &b));
  PetscCall(VecGetArrayRead(c->diag, &d));
  PetscCall(VecGetArrayRead(c->mask, &m));
  PetscCall(VecGetArrayRead(c->scale, &chi));
  PetscCall(VecGetArray(F, &f));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscInt p = AeEllAt(g, 0, k, j, i);
        const double  *u = b + AeAt(L, gr->at.metric, k, j, i), *q = d + AeAt(CL, 0, k, j, i), x = chi[p],
                     w = c->balance * m[p] / (x * sqrt(x) * (gr->conformal ? 1.0 : x));
        double g6[6], inv[6];

        for (int ab = 0; ab < 6; ab++) g6[ab] = u[ab * L->stride];
        (void)AeSymInverse(g6, inv);
        f[p] = m[p] * q[0] / (8.0 * x * sqrt(sqrt(x)));
        for (int a = 0; a < 3; a++)
          f[AeEllAt(g, 1 + a, k, j, i)] = -w * (inv[AE_SYM(a, 0)] * q[CL->stride] + inv[AE_SYM(a, 1)] * q[2 * CL->stride] +
                                                inv[AE_SYM(a, 2)] * q[3 * CL->stride]);
      }
  PetscCall(VecRestoreArray(F, &f));
  PetscCall(VecRestoreArrayRead(c->scale, &chi));
  PetscCall(VecRestoreArrayRead(c->mask, &m));
  PetscCall(VecRestoreArrayRead(c->diag, &d));
  PetscCall(VecRestoreArrayRead(c->base, &b));
  PetscFunctionReturn(0);
}

/* Sums over the cells that count: H^2, |M|^2; m H, m K, m (A_ij A^ij + K^2/3), m */
static PetscErrorCode Sums(AeCleanup c, PetscReal sum[6])
{
  AeGR            gr = c->gr;
  AeGrid          g  = c->grid;
  const AeLayout *L, *CL;
  const double   *u, *d, *m;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(c->fields, NULL, &L, NULL));
  PetscCall(AeFieldsGetInfo(c->diag_fields, NULL, &CL, NULL));
  PetscCall(VecGetArrayRead(c->trial, &u));
  PetscCall(VecGetArrayRead(c->diag, &d));
  PetscCall(VecGetArrayRead(c->mask, &m));
  for (int s = 0; s < 6; s++) sum[s] = 0;
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const double *q = d + AeAt(CL, 0, k, j, i), w = m[AeEllAt(g, 0, k, j, i)];
        double        A2, K, inv[6], M2 = 0;
        AeAdm         adm;

        AeGRPointAdm(gr, u + AeAt(L, 0, k, j, i), L->stride, &adm);
        (void)AeSymInverse(adm.g, inv);
        Curvatures(gr, u + AeAt(L, 0, k, j, i), L->stride, &A2, &K);
        for (int a = 0; a < 3; a++)
          for (int b = 0; b < 3; b++) M2 += inv[AE_SYM(a, b)] * q[(1 + a) * CL->stride] * q[(1 + b) * CL->stride];
        if (w == 1.0) {
          sum[0] += q[0] * q[0];
          sum[1] += M2;
        }
        sum[2] += w * q[0];
        sum[3] += w * K;
        sum[4] += w * (A2 + K * K / 3.0);
        sum[5] += w;
      }
  PetscCall(VecRestoreArrayRead(c->mask, &m));
  PetscCall(VecRestoreArrayRead(c->diag, &d));
  PetscCall(VecRestoreArrayRead(c->trial, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 6, MPIU_REAL, MPI_SUM, gr->comm));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupNorms(AeCleanup c, PetscReal *H, PetscReal *M)
{
  PetscReal sum[6];

  PetscFunctionBegin;
  PetscCall(Sums(c, sum));
  *H = PetscSqrtReal(sum[0] / (PetscReal)c->cells);
  *M = PetscSqrtReal(sum[1] / (PetscReal)c->cells);
  PetscFunctionReturn(0);
}

PetscErrorCode AeCleanupMeans(AeCleanup c, PetscReal *H, PetscReal *K, PetscReal *coefficient)
{
  PetscReal sum[6];

  PetscFunctionBegin;
  PetscCall(Sums(c, sum));
  *H           = sum[2] / sum[5];
  *K           = sum[3] / sum[5];
  *coefficient = sum[4] / sum[5];
  PetscFunctionReturn(0);
}
