#ifndef AEONIC_Z4_POINT_H
#define AEONIC_Z4_POINT_H
/*
  The conformal formulations at one point (one lane vector of points): given the fields and their derivatives,
  their time derivatives and the constraints. No grid, no memory layout, no PETSc.

  Conventions: G = c = 1, K_ij = -(1/2 alpha)(d_t - L_beta) gamma_ij, gamma_ij = gt_ij/chi, det gt = 1.
  Index position is in the name: gtu is gt^ij, Gam_ddd[k][ij] is Gamma_kij, Gam_udd[k][ij] is Gamma^k_ij, all of
  the conformal metric. d is a partial, DD a covariant derivative. a, b, c, e are tensor indices.

  [BSSN] Baumgarte & Shapiro, gr-qc/9810065; Shibata & Nakamura, PRD 52 (1995) 5428; with chi as in Campanelli
         et al., gr-qc/0511048; Bruegmann et al., gr-qc/0610128
  [Z4c]  Bernuzzi & Hilditch, arXiv:0912.2920; Hilditch et al., arXiv:1212.2901
  BSSN is the case Theta = 0, kappa1 = 0 without Theta's equation; in both, Gamma^i without a derivative is the
  metric's own, Gamma_d^i = gt^jk Gamma^i_jk.
*/
#include <aeonic/simd.h>
#include <aeonic/z4.h>

#define FOR3(a)  AE_UNROLL(3) for (int a = 0; a < 3; a++)
#define FOR6(ab) AE_UNROLL(6) for (int ab = 0; ab < 6; ab++)

/* sym6: index of (a,b), and the pair of index ab */
#define SYM(a, b) ((a) < (b) ? (a) * (5 - (a)) / 2 + (b) : (b) * (5 - (b)) / 2 + (a))
static const int Z4A[6] = {0, 0, 0, 1, 1, 2}, Z4Bx[6] = {0, 1, 2, 1, 2, 2};

/* Fields, first and second derivatives at a point. Khat is K for bssn. */
typedef struct {
  RealV chi, dchi[3], ddchi[6];
  RealV gt[6], dgt[3][6], ddgt[6][6]; /* dgt[c][ab] = d_c gt_ab, ddgt[ce][ab] */
  RealV Khat, dKhat[3];
  RealV At[6];
  RealV Gam[3], dGam[3][3]; /* dGam[a][i] = d_a Gamma^i */
  RealV Theta, dTheta[3];
  RealV alpha, dalpha[3], ddalpha[6];
  RealV beta[3], dbeta[3][3], ddbeta[6][3]; /* dbeta[a][i] = d_a beta^i */
  RealV B[3];
} Z4Point;

/* What both passes need of the geometry. */
typedef struct {
  RealV gtu[6], Gam_ddd[3][6], Gam_udd[3][6], Gamd[3], K, Atuu[6], Atud[3][3], AtAt;
} Z4Geometry;

/* Time derivatives without advection and dissipation; chi's is left divided by chi. */
typedef struct {
  RealV chi, gt[6], Khat, At[6], Gam[3], Theta, alpha, beta[3], B[3];
} Z4Rhs;

AE_INLINE RealV Trace(const RealV gu[6], const RealV x[6]) { return (gu[0] * x[0] + gu[3] * x[3] + gu[5] * x[5]) + 2.0 * (gu[1] * x[1] + gu[2] * x[2] + gu[4] * x[4]); }
AE_INLINE RealV Dot(const RealV gu[6], const RealV x[3], const RealV y[3])
{
  return (gu[0] * x[0] * y[0] + gu[3] * x[1] * y[1] + gu[5] * x[2] * y[2]) + gu[1] * (x[0] * y[1] + x[1] * y[0]) + gu[2] * (x[0] * y[2] + x[2] * y[0]) + gu[4] * (x[1] * y[2] + x[2] * y[1]);
}
/* y^a = g^ab x_b, or with g_ab the other way */
AE_INLINE void Raise(const RealV g[6], const RealV x[3], RealV y[3])
{
  FOR3 (a) y[a] = g[SYM(a, 0)] * x[0] + g[SYM(a, 1)] * x[1] + g[SYM(a, 2)] * x[2];
}

/* gt^ab: the cofactors, since det gt = 1 */
AE_INLINE void Z4Inverse(const RealV g[6], RealV gu[6])
{
  gu[0] = g[3] * g[5] - g[4] * g[4];
  gu[1] = g[2] * g[4] - g[1] * g[5];
  gu[2] = g[1] * g[4] - g[2] * g[3];
  gu[3] = g[0] * g[5] - g[2] * g[2];
  gu[4] = g[1] * g[2] - g[0] * g[4];
  gu[5] = g[0] * g[3] - g[1] * g[1];
}

/* Gamma_cab = (d_a gt_bc + d_b gt_ac - d_c gt_ab)/2, Gamma^c_ab, Gamma_d^c = gt^ab Gamma^c_ab, and At's index moves */
AE_INLINE void Z4GeometrySetUp(const Z4Point *p, const int has_theta, Z4Geometry *g)
{
  Z4Inverse(p->gt, g->gtu);
  FOR6 (ab) {
    const int a = Z4A[ab], b = Z4Bx[ab];
    FOR3 (c) g->Gam_ddd[c][ab] = 0.5 * (p->dgt[a][SYM(b, c)] + p->dgt[b][SYM(a, c)] - p->dgt[c][ab]);
    FOR3 (c) g->Gam_udd[c][ab] = g->gtu[SYM(c, 0)] * g->Gam_ddd[0][ab] + g->gtu[SYM(c, 1)] * g->Gam_ddd[1][ab] + g->gtu[SYM(c, 2)] * g->Gam_ddd[2][ab];
  }
  FOR3 (c) g->Gamd[c] = Trace(g->gtu, g->Gam_udd[c]);
  g->K = has_theta ? p->Khat + 2.0 * p->Theta : p->Khat;
  /* At^a_b, At^ab */
  FOR3 (a)
    FOR3 (b) g->Atud[a][b] = g->gtu[SYM(a, 0)] * p->At[SYM(0, b)] + g->gtu[SYM(a, 1)] * p->At[SYM(1, b)] + g->gtu[SYM(a, 2)] * p->At[SYM(2, b)];
  FOR6 (ab) g->Atuu[ab] = g->Atud[Z4A[ab]][0] * g->gtu[SYM(0, Z4Bx[ab])] + g->Atud[Z4A[ab]][1] * g->gtu[SYM(1, Z4Bx[ab])] + g->Atud[Z4A[ab]][2] * g->gtu[SYM(2, Z4Bx[ab])];
  g->AtAt = Trace(g->Atuu, p->At);
}

/* DD~_ab f = d_a d_b f - Gamma^c_ab d_c f */
AE_INLINE void Z4Hessian(const Z4Geometry *g, const RealV df[3], const RealV ddf[6], RealV DD[6])
{
  FOR6 (ab) DD[ab] = ddf[ab] - (g->Gam_udd[0][ab] * df[0] + g->Gam_udd[1][ab] * df[1] + g->Gam_udd[2][ab] * df[2]);
}

/*
  R_ab = R~_ab + R^chi_ab  [Z4c, 1212.2901 Eqs. (8), (9)]
    R~_ab    = -(1/2) gt^ce d_c d_e gt_ab + gt_c(a d_b) Gamma^c + Gamma_d^c Gamma_(ab)c
               + gt^ce (2 Gamma^k_c(a Gamma_b)ke + Gamma^k_ae Gamma_kcb)
    R^chi_ab = (1/2chi) [DD~_ab chi + gt_ab DD~^c_c chi] - (1/4chi^2) [d_a chi d_b chi + 3 gt_ab d^c chi d_c chi]
  with Gamma_(ab)c = d_c gt_ab / 2.
*/
AE_INLINE void Z4Ricci(const Z4Point *p, const Z4Geometry *g, RealV inv_chi, RealV R[6])
{
  RealV Gam_ddu[3][3][3]; /* Gamma_ka^e = Gamma_kac gt^ce */
  RealV DDchi[6], lap, half = 0.5 * inv_chi, quarter = half * half, grad2;

  FOR3 (k)
    FOR3 (a)
      FOR3 (e) Gam_ddu[k][a][e] = g->Gam_ddd[k][SYM(a, 0)] * g->gtu[SYM(0, e)] + g->Gam_ddd[k][SYM(a, 1)] * g->gtu[SYM(1, e)] + g->Gam_ddd[k][SYM(a, 2)] * g->gtu[SYM(2, e)];
  Z4Hessian(g, p->dchi, p->ddchi, DDchi);
  lap   = Trace(g->gtu, DDchi);
  grad2 = Dot(g->gtu, p->dchi, p->dchi);
  FOR6 (ab) {
    const int a = Z4A[ab], b = Z4Bx[ab];
    RealV     r = (g->gtu[0] * p->ddgt[0][ab] + g->gtu[3] * p->ddgt[3][ab] + g->gtu[5] * p->ddgt[5][ab]) + 2.0 * (g->gtu[1] * p->ddgt[1][ab] + g->gtu[2] * p->ddgt[2][ab] + g->gtu[4] * p->ddgt[4][ab]);
    RealV     s = {0};

    FOR3 (c) s += p->gt[SYM(c, a)] * p->dGam[b][c] + p->gt[SYM(c, b)] * p->dGam[a][c] + g->Gamd[c] * p->dgt[c][ab];
    r = 0.5 * (s - r);
    FOR3 (k)
      FOR3 (c) r += g->Gam_udd[k][SYM(c, a)] * Gam_ddu[b][k][c] + g->Gam_udd[k][SYM(c, b)] * Gam_ddu[a][k][c] + g->Gam_udd[k][SYM(a, c)] * Gam_ddu[k][b][c];
    R[ab] = r + half * (DDchi[ab] + p->gt[ab] * lap) - quarter * (p->dchi[a] * p->dchi[b] + 3.0 * p->gt[ab] * grad2);
  }
}

/* chi times the part of D_a D_b f that the conformal factor adds: (1/2)(d_a chi d_b f + d_b chi d_a f - gt_ab d^c chi d_c f) */
AE_INLINE void Z4PhysicalHessian(const Z4Point *p, const Z4Geometry *g, RealV inv_chi, const RealV df[3], const RealV ddf[6], RealV DD[6])
{
  const RealV half = 0.5 * inv_chi, dot = Dot(g->gtu, p->dchi, df);

  Z4Hessian(g, df, ddf, DD);
  FOR6 (ab) DD[ab] += half * (p->dchi[Z4A[ab]] * df[Z4Bx[ab]] + p->dchi[Z4Bx[ab]] * df[Z4A[ab]] - p->gt[ab] * dot);
}

/*
  The evolution equations [Z4c, 1212.2901 Eqs. (2)-(7)], advection terms beta^c d_c left out (added upwinded):
    d_t chi     = (2/3) chi [alpha (Khat + 2 Theta) - d_c beta^c]
    d_t gt_ab   = -2 alpha At_ab + 2 gt_c(a d_b) beta^c - (2/3) gt_ab d_c beta^c
    d_t Khat    = -D^c D_c alpha + alpha [At_ab At^ab + (1/3) K^2] + alpha kappa1 (1 - kappa2) Theta
    d_t At_ab   = chi [-D_a D_b alpha + alpha R_ab]^TF + alpha [K At_ab - 2 At_ac At^c_b] + 2 At_c(a d_b) beta^c - (2/3) At_ab d_c beta^c
    d_t Gamma^a = -2 At^ab d_b alpha + 2 alpha [Gamma^a_bc At^bc - (3/2) At^ab d_b ln chi - (1/3) gt^ab d_b (2 Khat + Theta)]
                  + gt^bc d_b d_c beta^a + (1/3) gt^ab d_b d_c beta^c - Gamma_d^b d_b beta^a + (2/3) Gamma_d^a d_b beta^b
                  - 2 alpha kappa1 (Gamma^a - Gamma_d^a)
    d_t Theta   = (1/2) alpha [R - At_ab At^ab + (2/3) K^2] - alpha kappa1 (2 + kappa2) Theta
  and the gauge:
    d_t alpha   = -alpha (lapse_alpha alpha + lapse_const) Khat [- slow_start W (alpha - W), W = sqrt(chi): slow start, arXiv:2404.01137]
    d_t beta^a  = shift_gam Gamma^a + shift_b B^a - shift_eta eta beta^a
                  [+ alpha^2 (chi Gamma^a + (1/2) gt^ab d_b chi) - alpha chi gt^ab d_b alpha   (harmonic)]
    d_t B^a     = d_t Gamma^a - eta B^a: the caller, which has the advection terms
*/
AE_INLINE void Z4Evolve(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV inv_chi, RealV eta, const Z4Params *q, const int has_theta, Z4Rhs *r)
{
  const RealV div = p->dbeta[0][0] + p->dbeta[1][1] + p->dbeta[2][2], div23 = (2.0 / 3.0) * div;
  RealV       X[6], trX, lapl, dalpha_u[3], dchi_u[3];

  r->chi = (2.0 / 3.0) * (p->alpha * g->K - div);
  Z4PhysicalHessian(p, g, inv_chi, p->dalpha, p->ddalpha, X);
  lapl    = p->chi * Trace(g->gtu, X); /* D^c D_c alpha */
  r->Khat = p->alpha * (g->AtAt + (1.0 / 3.0) * g->K * g->K) - lapl;
  FOR6 (ab) X[ab] = p->alpha * R[ab] - X[ab];
  trX = (1.0 / 3.0) * Trace(g->gtu, X);
  FOR6 (ab) {
    const int a = Z4A[ab], b = Z4Bx[ab];
    RealV     lgt = {0}, lAt = {0}, AA = {0};

    FOR3 (c) lgt += p->gt[SYM(c, a)] * p->dbeta[b][c] + p->gt[SYM(c, b)] * p->dbeta[a][c];
    FOR3 (c) lAt += p->At[SYM(c, a)] * p->dbeta[b][c] + p->At[SYM(c, b)] * p->dbeta[a][c];
    FOR3 (c) AA += p->At[SYM(a, c)] * g->Atud[c][b];
    r->gt[ab] = lgt - div23 * p->gt[ab] - 2.0 * p->alpha * p->At[ab];
    r->At[ab] = p->chi * (X[ab] - p->gt[ab] * trX) + p->alpha * (g->K * p->At[ab] - 2.0 * AA) + lAt - div23 * p->At[ab];
  }

  Raise(g->gtu, p->dalpha, dalpha_u);
  Raise(g->gtu, p->dchi, dchi_u);
  FOR3 (a) {
    RealV x = {0}, y = {0}, z = {0}, w = {0};

    FOR3 (b) x += g->Atuu[SYM(a, b)] * (p->dalpha[b] + (1.5 * p->alpha * inv_chi) * p->dchi[b]);
    FOR3 (b) y += g->gtu[SYM(a, b)] * (has_theta ? 2.0 * p->dKhat[b] + p->dTheta[b] : 2.0 * p->dKhat[b]);
    FOR3 (b) z += g->gtu[SYM(a, b)] * (p->ddbeta[SYM(b, 0)][0] + p->ddbeta[SYM(b, 1)][1] + p->ddbeta[SYM(b, 2)][2]);
    FOR3 (b) w += g->Gamd[b] * p->dbeta[b][a];
    r->Gam[a] = 2.0 * (p->alpha * (Trace(g->Atuu, g->Gam_udd[a]) - (1.0 / 3.0) * y) - x) + (1.0 / 3.0) * z - w + div23 * g->Gamd[a];
    FOR6 (bc) r->Gam[a] += (Z4A[bc] == Z4Bx[bc] ? 1.0 : 2.0) * g->gtu[bc] * p->ddbeta[bc][a];
    if (has_theta) r->Gam[a] -= (2.0 * q->kappa1) * p->alpha * (p->Gam[a] - g->Gamd[a]);
    r->beta[a] = q->shift_gam * p->Gam[a] - (q->shift_eta * eta) * p->beta[a];
  }
  if (has_theta) {
    const RealV Ricci = p->chi * Trace(g->gtu, R);

    r->Theta = 0.5 * p->alpha * (Ricci - g->AtAt + (2.0 / 3.0) * g->K * g->K) - (q->kappa1 * (2.0 + q->kappa2)) * p->alpha * p->Theta;
    r->Khat += (q->kappa1 * (1.0 - q->kappa2)) * p->alpha * p->Theta;
  }
  r->alpha = -p->alpha * (q->lapse_alpha * p->alpha + q->lapse_const) * p->Khat;
  if (q->slow_start > 0) {
    const RealV W = Sqrt(p->chi);
    r->alpha -= q->slow_start * W * (p->alpha - W);
  }
  if (q->shift_harmonic)
    FOR3 (a) r->beta[a] += p->alpha * p->alpha * (p->chi * p->Gam[a] + 0.5 * dchi_u[a]) - p->alpha * p->chi * dalpha_u[a];
  if (q->has_b)
    FOR3 (a) r->beta[a] += q->shift_b * p->B[a];
}

/*
  The physical constraints:
    H   = R + (2/3) K^2 - At_ab At^ab, with R of the metric alone: Z4Ricci holds d_a Gamma^b, so its trace is
          lowered by chi d_c (Gamma^c - Gamma_d^c), where d_c Gamma_d^c = gt^ab gt^ce d_a d_c gt_be + (first derivatives)
    M_a = gt^bc D~_c At_ab - (3/2) At^b_a d_b ln chi - (2/3) d_a K   [= D^b K_ab - D_a K]
  dAt[c][ab] = d_c At_ab; dK = d K. M2 = gamma^ab M_a M_b.
*/
AE_INLINE void Z4Constraints(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV inv_chi, const RealV dAt[3][6], const int has_theta, RealV *H, RealV M[3], RealV *M2)
{
  RealV dgtu[3][6]; /* d_c gt^ab = -gt^ae gt^bk d_c gt_ek = -(Gamma^ab_c + Gamma^ba_c) */
  RealV div = {0};

  /* div = d_c Gamma_d^c = -d_a d_b gt^ab, with d gt^-1 twice:
     d_a d_b gt^ab = -gt^ac gt^be d_a d_b gt_ce - 2 (d_a gt^ac) gt^be d_b gt_ce summed with both orders */
  FOR3 (c) {
    RealV t[3][3]; /* t[e][b] = d_c gt_ek gt^kb */
    FOR3 (e)
      FOR3 (b) t[e][b] = p->dgt[c][SYM(e, 0)] * g->gtu[SYM(0, b)] + p->dgt[c][SYM(e, 1)] * g->gtu[SYM(1, b)] + p->dgt[c][SYM(e, 2)] * g->gtu[SYM(2, b)];
    FOR6 (ab) dgtu[c][ab] = -(g->gtu[SYM(Z4A[ab], 0)] * t[0][Z4Bx[ab]] + g->gtu[SYM(Z4A[ab], 1)] * t[1][Z4Bx[ab]] + g->gtu[SYM(Z4A[ab], 2)] * t[2][Z4Bx[ab]]);
  }
  FOR3 (c)
    FOR3 (e) {
      RealV V = {0}, y = {0}; /* gt^ac gt^be d_a d_b gt_ce for this c, e */
      FOR3 (a)
        FOR3 (b) y += g->gtu[SYM(a, c)] * g->gtu[SYM(b, e)] * p->ddgt[SYM(a, b)][SYM(c, e)];
      /* d_a(gt^ac gt^be) d_b gt_ce */
      FOR3 (a)
        FOR3 (b) V += (dgtu[a][SYM(a, c)] * g->gtu[SYM(b, e)] + g->gtu[SYM(a, c)] * dgtu[a][SYM(b, e)]) * p->dgt[b][SYM(c, e)];
      div += y + V;
    }
  *H = p->chi * (Trace(g->gtu, R) - (p->dGam[0][0] + p->dGam[1][1] + p->dGam[2][2]) + div) + (2.0 / 3.0) * g->K * g->K - g->AtAt;

  FOR3 (a) {
    RealV m = {0};
    FOR3 (b)
      FOR3 (c) {
        RealV D = dAt[c][SYM(a, b)];
        FOR3 (e) D -= g->Gam_udd[e][SYM(c, a)] * p->At[SYM(e, b)] + g->Gam_udd[e][SYM(c, b)] * p->At[SYM(a, e)];
        m += g->gtu[SYM(b, c)] * D;
      }
    FOR3 (b) m -= 1.5 * inv_chi * g->Atud[b][a] * p->dchi[b];
    M[a] = m - (2.0 / 3.0) * (has_theta ? p->dKhat[a] + 2.0 * p->dTheta[a] : p->dKhat[a]);
  }
  *M2 = p->chi * Dot(g->gtu, M, M);
}
#endif
