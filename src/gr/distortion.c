/*
  The minimal distortion shift: D_j [(L beta)^ij - 2 alpha A^ij] = 0, which makes the change of the conformal metric along the
  slice's own time as small as a shift can [Smarr & York, Phys. Rev. D 17 (1978) 2529].

  Times phi^4, phi = chi^(-1/4), with G = gt^ij, q_j = d_j ln chi, T^ij = alpha At^ij, all indices moved by gt_ij:
    d_j X^ij + N^i(X) = 0,  X = L~beta - 2 T,  N^i(X) = Gamma~^i_jk X^jk - (3/2) q_j X^ij   (det gt = 1)
    (L~beta)^ij = G^jk d_k beta^i + G^ik d_k beta^j - beta^k d_k G^ij - (2/3) G^ij d_k beta^k
  which in the form of AE_ELL_GENERAL_VECTOR has a^kl = G^kl and
    B^ik_m = delta^i_m d_j G^jk - (2/3) delta^k_m d_j G^ij + 2 Gamma~^i_mb G^bk - (2/3) delta^k_m Gamma~^i_ab G^ab
             - (3/2) [q_b G^bk delta^i_m + G^ik q_m - (2/3) G^ib q_b delta^k_m]
    C^i_m  = d_j d_m G^ij + Gamma~^i_ab d_m G^ab - (3/2) q_b d_m G^ib
  Nothing here knows the formulation: gt_ij = chi gamma_ij.
*/
#include "elliptic_gauge.h"

enum { F_G, F_T = 6, F_CHI = 12, F_COUNT };

/* gt^ij, alpha At^ij, chi from lapse, metric and curvature */
static void FieldsOf(const AeAdm *adm, double v[F_COUNT])
{
  double chi, gt[6], At[6], G[6], K, up[3][3];

  AeAdmToConformal(adm->g, adm->K, &chi, gt, &K, At);
  (void)AeSymInverse(gt, G);
  AeSymRaise(G, At, up);
  for (int ab = 0; ab < 6; ab++) {
    v[F_G + ab] = G[ab];
    v[F_T + ab] = 0;
    for (int c = 0; c < 3; c++) v[F_T + ab] += adm->alpha * up[AeSymA[ab]][c] * G[AE_SYM(c, AeSymB[ab])];
  }
  v[F_CHI] = chi;
}

/* Where the exact solution is held beyond a boundary */
static PetscErrorCode ExactRow(void *ctx, PetscReal t, PetscInt n, const PetscReal x[], PetscReal y, PetscReal z,
                               PetscReal value[])
{
  AeGR gr = (AeGR)ctx;

  PetscFunctionBegin;
  for (PetscInt p = 0; p < n; p++) {
    const PetscReal place[3] = {x[p], y, z};
    double          v[F_COUNT];
    AeAdm           adm;

    AeInitialAdm(gr->initial, t, place, &adm);
    FieldsOf(&adm, v);
    for (PetscInt f = 0; f < F_COUNT; f++) value[f * n + p] = v[f];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRDistortionFields(AeGR gr)
{
  static const char *const names[F_COUNT] = {"G_xx", "G_xy", "G_xz", "G_yy", "G_yz", "G_zz", "T_xx",
                                             "T_xy", "T_xz", "T_yy", "T_yz", "T_zz", "chi"};
  AeGaugeSolver            s              = gr->solver;
  AeFieldInfo              info[F_COUNT];

  PetscFunctionBegin;
  for (int f = 0; f < F_COUNT; f++) {
    info[f] = (AeFieldInfo){names[f], {1, 1, 1}, 0, 1};
    if (f == F_CHI) continue;
    info[f].parity[AeSymA[f % 6]] *= -1;
    info[f].parity[AeSymB[f % 6]] *= -1;
  }
  PetscCall(AeFieldsCreate(gr->patches[0]->grid, F_COUNT, info, &s->work_fields));
  PetscCall(AeFieldsSetExact(s->work_fields, ExactRow, gr));
  PetscCall(AeFieldsCreateVec(s->work_fields, &s->work));
  PetscFunctionReturn(0);
}

/* The shift's equation differentiates gt^ij and alpha At^ij, which no state holds: they are formed here and given ghosts of
   their own. */
static PetscErrorCode FillWork(AeGR gr, AePatch P, Vec U, PetscReal t)
{
  AeGaugeSolver   s = gr->solver;
  const AeLayout *L = P->L, *LW;
  const double   *u;
  double         *w;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(s->work_fields, NULL, &LW, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(s->work, &w));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        AeAdm  adm;
        double v[F_COUNT];

        AeGRPointAdm(gr, u + AeAt(L, 0, k, j, i), L->stride, &adm);
        FieldsOf(&adm, v);
        for (int f = 0; f < F_COUNT; f++) w[AeAt(LW, f, k, j, i)] = v[f];
      }
  PetscCall(VecRestoreArray(s->work, &w));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(AeFieldsFillGhosts(s->work_fields, s->work, t));
  PetscFunctionReturn(0);
}

typedef struct {
  const AeFD *T;
  PetscInt    half;
  ptrdiff_t   s[3];
  double      p, q; /* 1/h, 1/h^2 */
} Steps;

static double D1(const Steps *S, const double *f, int a)
{
  double x = 0;

  for (PetscInt k = 1; k <= S->half; k++) x += (f[k * S->s[a]] - f[-k * S->s[a]]) * S->T->c[k - 1];
  return x * S->p;
}

static double D2(const Steps *S, const double *f, int a, int b)
{
  double x = 0;

  if (a == b) {
    x = S->T->b[0] * f[0];
    for (PetscInt k = 1; k <= S->half; k++) x += (f[k * S->s[a]] + f[-k * S->s[a]]) * S->T->b[k];
  } else
    for (PetscInt k = 1; k <= S->half; k++)
      for (PetscInt l = 1; l <= S->half; l++) {
        const ptrdiff_t m = k * S->s[a], n = l * S->s[b];
        x += (f[m + n] - f[m - n] - f[n - m] + f[-m - n]) * S->T->c[k - 1] * S->T->c[l - 1];
      }
  return x * S->q;
}

/* Gamma~^i_jk from G and its derivatives: d_c gt_ab = -gt_ak gt_bl d_c G^kl */
static void Christoffel(const double G[6], const double dG[3][6], double Gam[3][6])
{
  double g[6], d[3][6];

  (void)AeSymInverse(G, g);
  for (int c = 0; c < 3; c++)
    for (int ab = 0; ab < 6; ab++) {
      d[c][ab] = 0;
      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++) d[c][ab] -= g[AE_SYM(AeSymA[ab], k)] * g[AE_SYM(AeSymB[ab], l)] * dG[c][AE_SYM(k, l)];
    }
  for (int i = 0; i < 3; i++)
    for (int ab = 0; ab < 6; ab++) {
      Gam[i][ab] = 0;
      for (int k = 0; k < 3; k++)
        Gam[i][ab] +=
          0.5 * G[AE_SYM(i, k)] * (d[AeSymA[ab]][AE_SYM(k, AeSymB[ab])] + d[AeSymB[ab]][AE_SYM(k, AeSymA[ab])] - d[k][ab]);
    }
}

/* The 42 coefficients and the right-hand side -2 [d_j T^ij + N^i(T)] at a cell; w: the cell in field 0 */
static void Cell(const Steps *S, const double *w, ptrdiff_t stride, double coef[AE_SHIFT_COEF], double rhs[3])
{
  double G[6], T[6], dG[3][6], Gam[3][6], q[3], divG[3] = {0, 0, 0}, contracted[3] = {0, 0, 0}, raised[3] = {0, 0, 0};

  for (int ab = 0; ab < 6; ab++) {
    coef[ab] = G[ab] = w[(F_G + ab) * stride];
    T[ab]            = w[(F_T + ab) * stride];
    for (int a = 0; a < 3; a++) dG[a][ab] = D1(S, w + (F_G + ab) * stride, a);
  }
  for (int a = 0; a < 3; a++) q[a] = D1(S, w + F_CHI * stride, a) / w[F_CHI * stride];
  Christoffel(G, (const double(*)[6])dG, Gam);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      divG[i] += dG[j][AE_SYM(i, j)];
      raised[i] += G[AE_SYM(i, j)] * q[j];
      for (int k = 0; k < 3; k++) contracted[i] += Gam[i][AE_SYM(j, k)] * G[AE_SYM(j, k)];
    }
  for (int i = 0; i < 3; i++) {
    double x = 0;

    for (int k = 0; k < 3; k++)
      for (int m = 0; m < 3; m++) {
        double B = -1.5 * G[AE_SYM(i, k)] * q[m];

        if (i == m) B += divG[k] - 1.5 * raised[k];
        if (k == m) B += -2.0 / 3.0 * (divG[i] + contracted[i]) + raised[i];
        for (int b = 0; b < 3; b++) B += 2.0 * Gam[i][AE_SYM(m, b)] * G[AE_SYM(b, k)];
        coef[6 + 9 * i + 3 * k + m] = B;
      }
    for (int m = 0; m < 3; m++) {
      double C = 0;

      for (int j = 0; j < 3; j++) C += D2(S, w + (F_G + AE_SYM(i, j)) * stride, j, m) - 1.5 * q[j] * dG[m][AE_SYM(i, j)];
      for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) C += Gam[i][AE_SYM(a, b)] * dG[m][AE_SYM(a, b)];
      coef[33 + 3 * i + m] = C;
    }
    for (int j = 0; j < 3; j++) {
      x += D1(S, w + (F_T + AE_SYM(i, j)) * stride, j) - 1.5 * q[j] * T[AE_SYM(i, j)];
      for (int k = 0; k < 3; k++) x += Gam[i][AE_SYM(j, k)] * T[AE_SYM(j, k)];
    }
    rhs[i] = -2.0 * x;
  }
}

PetscErrorCode AeGRDistortionAssemble(AeGR gr, AePatch P, Vec U, PetscReal t)
{
  AeGaugeSolver   s = gr->solver;
  AeGrid          g = P->grid;
  const AeLayout *L;
  const double   *w;
  double         *c, *b;
  Steps           S;

  PetscFunctionBegin;
  PetscCall(FillWork(gr, P, U, t));
  PetscCall(AeFieldsGetInfo(s->work_fields, NULL, &L, NULL));
  S = (Steps){AE_FD(gr->order), gr->order / 2, {1, L->pitch, L->plane}, 1.0 / g->h, 1.0 / (g->h * g->h)};
  PetscCall(VecGetArrayRead(s->work, &w));
  PetscCall(VecGetArray(s->shift.coef, &c));
  PetscCall(VecGetArray(s->shift.b, &b));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        double coef[AE_SHIFT_COEF], rhs[3];

        Cell(&S, w + AeAt(L, 0, k, j, i), L->stride, coef, rhs);
        for (PetscInt f = 0; f < AE_SHIFT_COEF; f++) c[AeEllAt(g, f, k, j, i)] = coef[f];
        for (PetscInt f = 0; f < 3; f++) b[AeEllAt(g, f, k, j, i)] = rhs[f];
      }
  PetscCall(VecRestoreArray(s->shift.b, &b));
  PetscCall(VecRestoreArray(s->shift.coef, &c));
  PetscCall(VecRestoreArrayRead(s->work, &w));
  PetscFunctionReturn(0);
}
