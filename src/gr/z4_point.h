#ifndef AEONIC_Z4_POINT_H
#define AEONIC_Z4_POINT_H
/*
  The formulations at one point (one lane vector of points): given the fields and their derivatives, their time
  derivatives and the constraints. No grid, no memory layout, no PETSc.

  Conventions: G = c = 1, K_ij = -(1/2 alpha)(d_t - L_beta) gamma_ij, gamma_ij = gt_ij/chi, det gt = 1.
  Index position is in the name: gtu is gt^ij, Gam_ddd[k][ij] is Gamma_kij, Gam_udd[k][ij] is Gamma^k_ij, all of
  the conformal metric. d is a partial, DD a covariant derivative. a, b, c, e are tensor indices.

  [BSSN] Baumgarte & Shapiro, gr-qc/9810065; Shibata & Nakamura, PRD 52 (1995) 5428; with chi as in Campanelli
         et al., gr-qc/0511048; Bruegmann et al., gr-qc/0610128
  [Z4c]  Bernuzzi & Hilditch, arXiv:0912.2920; Hilditch et al., arXiv:1212.2901
  [CCZ4] Alic et al., arXiv:1106.2254, and arXiv:1307.7391 (kappa3); their phi^2 is chi, their Gamma^^i is Gamma^i
  [York] York, in Sources of Gravitational Radiation (1979): adm
  BSSN is the case Theta = 0, kappa1 = 0 of Z4c without Theta's equation; in both, Gamma^i without a derivative is
  the metric's own, Gamma_d^i = gt^jk Gamma^i_jk. CCZ4 has Delta^i = Gamma^i - Gamma_d^i = 2 gt^ij Z_j wherever it
  occurs, and its K is the physical trace.
  ADM is the case chi = 1 of the same text, where gt is gamma_ij itself, At the whole of K_ij, K its trace, and
  neither has a weight or a trace to be removed.
*/
#include <aeonic/simd.h>
#include <aeonic/sym.h>
#include <aeonic/z4.h>

#define FOR3(a)  AE_UNROLL(3) for (int a = 0; a < 3; a++)
#define FOR6(ab) AE_UNROLL(6) for (int ab = 0; ab < 6; ab++)

/* Fields, first and second derivatives at a point. Khat is K for bssn and ccz4. For adm: gt, At are gamma, K_ij. */
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

/* Energy density, momentum density S_i = -gamma_i^a n^b T_ab and stress S_ij, the cosmological constant's included. */
typedef struct {
  RealV rho, S[3], SS[6];
} Z4Source;

/* What both passes need of the geometry. */
typedef struct {
  RealV gtu[6], Gam_ddd[3][6], Gam_udd[3][6], Gamd[3], Delta[3], K, Atuu[6], Atud[3][3], AtAt;
  RealV det; /* of gt: for adm */
} Z4Geometry;

/* Time derivatives without advection and dissipation; chi's is left divided by chi. */
typedef struct {
  RealV chi, gt[6], Khat, At[6], Gam[3], Theta, alpha, beta[3], B[3];
} Z4Rhs;

AE_INLINE RealV Trace(const RealV gu[6], const RealV x[6])
{
  return (gu[0] * x[0] + gu[3] * x[3] + gu[5] * x[5]) + 2.0 * (gu[1] * x[1] + gu[2] * x[2] + gu[4] * x[4]);
}
AE_INLINE RealV Dot(const RealV gu[6], const RealV x[3], const RealV y[3])
{
  return (gu[0] * x[0] * y[0] + gu[3] * x[1] * y[1] + gu[5] * x[2] * y[2]) + gu[1] * (x[0] * y[1] + x[1] * y[0]) +
         gu[2] * (x[0] * y[2] + x[2] * y[0]) + gu[4] * (x[1] * y[2] + x[2] * y[1]);
}
/* y^a = g^ab x_b, or with g_ab the other way */
AE_INLINE void Raise(const RealV g[6], const RealV x[3], RealV y[3])
{
  FOR3 (a) y[a] = g[AE_SYM(a, 0)] * x[0] + g[AE_SYM(a, 1)] * x[1] + g[AE_SYM(a, 2)] * x[2];
}

/* chi and its derivatives where those of W stand: chi = W^2, d chi = 2 W dW, dd chi = 2 (dW dW + W ddW) */
AE_INLINE void Z4FromW(Z4Point *p)
{
  const RealV W = p->chi;

  FOR6 (ab) p->ddchi[ab] = 2.0 * (p->dchi[AeSymA[ab]] * p->dchi[AeSymB[ab]] + W * p->ddchi[ab]);
  FOR3 (a) p->dchi[a] = 2.0 * W * p->dchi[a];
  p->chi = W * W;
}

/* gt^ab: the cofactors, since det gt = 1 */
AE_INLINE void Z4Inverse(const RealV g[6], RealV gu[6]) { AE_SYM_COFACTORS(g, gu); }

/* Gamma_cab = (d_a gt_bc + d_b gt_ac - d_c gt_ab)/2, Gamma^c_ab, Gamma_d^c = gt^ab Gamma^c_ab, and At's index moves */
AE_INLINE void Z4GeometrySetUp(const Z4Point *p, const Z4Form form, Z4Geometry *g)
{
  Z4Inverse(p->gt, g->gtu);
  if (form == Z4_FORM_adm) {
    RealV inv_det;

    g->det  = AE_SYM_DET(p->gt, g->gtu);
    inv_det = 1.0 / g->det;
    FOR6 (ab) g->gtu[ab] *= inv_det;
  }
  FOR6 (ab) {
    const int a = AeSymA[ab], b = AeSymB[ab];
    FOR3 (c) g->Gam_ddd[c][ab] = 0.5 * (p->dgt[a][AE_SYM(b, c)] + p->dgt[b][AE_SYM(a, c)] - p->dgt[c][ab]);
    FOR3 (c)
      g->Gam_udd[c][ab] = g->gtu[AE_SYM(c, 0)] * g->Gam_ddd[0][ab] + g->gtu[AE_SYM(c, 1)] * g->Gam_ddd[1][ab] +
                          g->gtu[AE_SYM(c, 2)] * g->Gam_ddd[2][ab];
  }
  FOR3 (c) g->Gamd[c] = Trace(g->gtu, g->Gam_udd[c]);
  FOR3 (c) g->Delta[c] = form == Z4_FORM_ccz4 ? p->Gam[c] - g->Gamd[c] : Splat(0);
  /* At^a_b, At^ab */
  FOR3 (a)
    FOR3 (b)
      g->Atud[a][b] = g->gtu[AE_SYM(a, 0)] * p->At[AE_SYM(0, b)] + g->gtu[AE_SYM(a, 1)] * p->At[AE_SYM(1, b)] +
                      g->gtu[AE_SYM(a, 2)] * p->At[AE_SYM(2, b)];
  FOR6 (ab)
    g->Atuu[ab] = g->Atud[AeSymA[ab]][0] * g->gtu[AE_SYM(0, AeSymB[ab])] +
                  g->Atud[AeSymA[ab]][1] * g->gtu[AE_SYM(1, AeSymB[ab])] + g->Atud[AeSymA[ab]][2] * g->gtu[AE_SYM(2, AeSymB[ab])];
  g->AtAt = Trace(g->Atuu, p->At);
  g->K    = form == Z4_FORM_adm ? Trace(g->gtu, p->At) : form == Z4_FORM_z4c ? p->Khat + 2.0 * p->Theta : p->Khat;
}

/*
  d_a Gamma_d^b of the metric itself, whatever its determinant:
    Gamma_k = gt^ce Gamma_kce,   d_a Gamma_k = d_a gt^ce Gamma_kce + gt^ce (d_a d_c gt_ek - (1/2) d_a d_k gt_ce),
    d_a Gamma_d^b = gt^bk (d_a Gamma_k - d_a gt_kl Gamma_d^l)
*/
AE_INLINE void Z4ConnectionGradient(const Z4Point *p, const Z4Geometry *g, RealV dGamd[3][3])
{
  FOR3 (a) {
    RealV dgtu[6], t[3][3], d[3]; /* t[e][b] = d_a gt_ek gt^kb; d_a gt^ce = -gt^ck d_a gt_kl gt^le */

    FOR3 (e)
      FOR3 (b)
        t[e][b] = p->dgt[a][AE_SYM(e, 0)] * g->gtu[AE_SYM(0, b)] + p->dgt[a][AE_SYM(e, 1)] * g->gtu[AE_SYM(1, b)] +
                  p->dgt[a][AE_SYM(e, 2)] * g->gtu[AE_SYM(2, b)];
    FOR6 (ce)
      dgtu[ce] = -(g->gtu[AE_SYM(AeSymA[ce], 0)] * t[0][AeSymB[ce]] + g->gtu[AE_SYM(AeSymA[ce], 1)] * t[1][AeSymB[ce]] +
                   g->gtu[AE_SYM(AeSymA[ce], 2)] * t[2][AeSymB[ce]]);
    FOR3 (k) {
      d[k] = Trace(dgtu, g->Gam_ddd[k]) - 0.5 * Trace(g->gtu, p->ddgt[AE_SYM(a, k)]);
      FOR3 (c)
        FOR3 (e) d[k] += g->gtu[AE_SYM(c, e)] * p->ddgt[AE_SYM(a, c)][AE_SYM(e, k)];
      FOR3 (l) d[k] -= p->dgt[a][AE_SYM(k, l)] * g->Gamd[l];
    }
    Raise(g->gtu, d, dGamd[a]);
  }
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
  with Gamma_(ab)c = d_c gt_ab / 2. CCZ4: R_ab + D_a Z_b + D_b Z_a [CCZ4, 1106.2254 Eqs. (21)-(23)], which has Gamma^c
  for Gamma_d^c and adds (1/2chi) [Delta_a d_b chi + Delta_b d_a chi - gt_ab Delta^c d_c chi]. ADM: R~_ab alone.
*/
AE_INLINE void Z4Ricci(const Z4Point *p, const Z4Geometry *g, RealV inv_chi, const Z4Form form, RealV R[6])
{
  const RealV *Gam = form == Z4_FORM_ccz4 ? p->Gam : g->Gamd;
  RealV        dGam[3][3], Delta_d[3], Delta_dchi;
  RealV        Gam_ddu[3][3][3]; /* Gamma_ka^e = Gamma_kac gt^ce */
  RealV        DDchi[6], lap, half = 0.5 * inv_chi, quarter = half * half, grad2;

  FOR3 (k)
    FOR3 (a)
      FOR3 (e)
        Gam_ddu[k][a][e] = g->Gam_ddd[k][AE_SYM(a, 0)] * g->gtu[AE_SYM(0, e)] +
                           g->Gam_ddd[k][AE_SYM(a, 1)] * g->gtu[AE_SYM(1, e)] +
                           g->Gam_ddd[k][AE_SYM(a, 2)] * g->gtu[AE_SYM(2, e)];
  if (form == Z4_FORM_adm) Z4ConnectionGradient(p, g, dGam);
  else {
    FOR3 (a)
      FOR3 (b) dGam[a][b] = p->dGam[a][b];
    Z4Hessian(g, p->dchi, p->ddchi, DDchi);
    lap   = Trace(g->gtu, DDchi);
    grad2 = Dot(g->gtu, p->dchi, p->dchi);
  }
  if (form == Z4_FORM_ccz4) {
    Raise(p->gt, g->Delta, Delta_d); /* lowers */
    Delta_dchi = g->Delta[0] * p->dchi[0] + g->Delta[1] * p->dchi[1] + g->Delta[2] * p->dchi[2];
    lap -= Delta_dchi;
    FOR6 (ab) DDchi[ab] += Delta_d[AeSymA[ab]] * p->dchi[AeSymB[ab]] + Delta_d[AeSymB[ab]] * p->dchi[AeSymA[ab]];
  }
  FOR6 (ab) {
    const int a = AeSymA[ab], b = AeSymB[ab];
    RealV     r = (g->gtu[0] * p->ddgt[0][ab] + g->gtu[3] * p->ddgt[3][ab] + g->gtu[5] * p->ddgt[5][ab]) +
              2.0 * (g->gtu[1] * p->ddgt[1][ab] + g->gtu[2] * p->ddgt[2][ab] + g->gtu[4] * p->ddgt[4][ab]);
    RealV s = {0};

    FOR3 (c) s += p->gt[AE_SYM(c, a)] * dGam[b][c] + p->gt[AE_SYM(c, b)] * dGam[a][c] + Gam[c] * p->dgt[c][ab];
    r = 0.5 * (s - r);
    FOR3 (k)
      FOR3 (c)
        r += g->Gam_udd[k][AE_SYM(c, a)] * Gam_ddu[b][k][c] + g->Gam_udd[k][AE_SYM(c, b)] * Gam_ddu[a][k][c] +
             g->Gam_udd[k][AE_SYM(a, c)] * Gam_ddu[k][b][c];
    R[ab] = form == Z4_FORM_adm
              ? r
              : r + half * (DDchi[ab] + p->gt[ab] * lap) - quarter * (p->dchi[a] * p->dchi[b] + 3.0 * p->gt[ab] * grad2);
  }
}

/* chi times the part of D_a D_b f that the conformal factor adds: (1/2)(d_a chi d_b f + d_b chi d_a f - gt_ab d^c chi d_c f) */
AE_INLINE void Z4PhysicalHessian(const Z4Point *p, const Z4Geometry *g, RealV inv_chi, const RealV df[3], const RealV ddf[6],
                                 RealV DD[6])
{
  const RealV half = 0.5 * inv_chi, dot = Dot(g->gtu, p->dchi, df);

  Z4Hessian(g, df, ddf, DD);
  FOR6 (ab) DD[ab] += half * (p->dchi[AeSymA[ab]] * df[AeSymB[ab]] + p->dchi[AeSymB[ab]] * df[AeSymA[ab]] - p->gt[ab] * dot);
}

/*
  The evolution equations [Z4c, 1212.2901 Eqs. (2)-(7)], advection terms beta^c d_c left out (added upwinded):
    d_t chi     = (2/3) chi [alpha (Khat + 2 Theta) - d_c beta^c]
    d_t gt_ab   = -2 alpha At_ab + 2 gt_c(a d_b) beta^c - (2/3) gt_ab d_c beta^c
    d_t Khat    = -D^c D_c alpha + alpha [At_ab At^ab + (1/3) K^2 + 4 pi (rho + S)] + alpha kappa1 (1 - kappa2) Theta
    d_t At_ab   = chi [-D_a D_b alpha + alpha (R_ab - 8 pi S_ab)]^TF + alpha [K At_ab - 2 At_ac At^c_b]
                  + 2 At_c(a d_b) beta^c - (2/3) At_ab d_c beta^c
    d_t Gamma^a = -2 At^ab d_b alpha
                  + 2 alpha [Gamma^a_bc At^bc - (3/2) At^ab d_b ln chi - (1/3) gt^ab d_b (2 Khat + Theta) - 8 pi gt^ab S_b]
                  + gt^bc d_b d_c beta^a + (1/3) gt^ab d_b d_c beta^c - Gamma_d^b d_b beta^a + (2/3) Gamma_d^a d_b beta^b
                  - 2 alpha kappa1 (Gamma^a - Gamma_d^a)
    d_t Theta   = (1/2) alpha [R - At_ab At^ab + (2/3) K^2 - 16 pi rho] - alpha kappa1 (2 + kappa2) Theta
  CCZ4 [1106.2254 Eqs. (14)-(20); 1307.7391 for kappa3], with R_ab of Z4Ricci and K physical:
    d_t K       = -D^c D_c alpha + alpha [R + K^2 - 2 Theta K + 4 pi (S - 3 rho)] - 3 alpha kappa1 (1 + kappa2) Theta
    d_t At_ab   : K - 2 Theta for K
    d_t Gamma^a : K for Khat, +2 alpha gt^ab d_b Theta for Theta's term; Gamma_d + kappa3 Delta for Gamma_d;
                  - 2 Theta gt^ab d_b alpha - [(2/3) alpha K + alpha kappa1] Delta^a
    d_t Theta   : - alpha Theta K - (1/2) chi Delta^a d_a alpha besides
  ADM [York]:
    d_t gamma_ab = -2 alpha K_ab + 2 gamma_c(a d_b) beta^c
    d_t K_ab     = -D_a D_b alpha + alpha [R_ab + K K_ab - 2 K_ac K^c_b - 8 pi S_ab + 4 pi gamma_ab (S - rho)]
                   + 2 K_c(a d_b) beta^c
  and the gauge, with Khat -> K - 2 Theta in ccz4, K in adm:
    d_t alpha   = -alpha (lapse_alpha alpha + lapse_const) Khat
                  [- slow_start W (alpha - W), W = sqrt(chi): slow start, arXiv:2404.01137]
    d_t beta^a  = shift_gam Gamma^a + shift_b B^a - shift_eta eta beta^a
                  [+ alpha^2 (chi Gamma^a + (1/2) gt^ab d_b chi) - alpha chi gt^ab d_b alpha   (harmonic)]
    d_t B^a     = d_t Gamma^a - eta B^a: the caller, which has the advection terms
  m: sources; NULL in vacuum.
*/
#define Z4_PI 3.14159265358979323846

/* W = sqrt(chi), chi = det(gamma)^(-1/3) */
AE_INLINE RealV Z4W(const Z4Point *p, const Z4Geometry *g, const Z4Form form)
{
  RealV chi = p->chi;

  if (form == Z4_FORM_adm)
    for (int l = 0; l < AE_LANES; l++) chi[l] = 1.0 / __builtin_cbrt(g->det[l]);
  return Sqrt(chi);
}

/* d_t of metric and extrinsic curvature, and D^c D_c alpha. */
AE_INLINE void Z4EvolveMetric(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV inv_chi, const Z4Source *m,
                              const Z4Form form, Z4Rhs *r, RealV *lapl)
{
  const int   conformal = form != Z4_FORM_adm;
  const RealV div23     = conformal ? (2.0 / 3.0) * (p->dbeta[0][0] + p->dbeta[1][1] + p->dbeta[2][2]) : Splat(0);
  const RealV K         = form == Z4_FORM_ccz4 ? g->K - 2.0 * p->Theta : g->K;
  RealV       X[6], trX = {0};

  if (conformal) Z4PhysicalHessian(p, g, inv_chi, p->dalpha, p->ddalpha, X);
  else Z4Hessian(g, p->dalpha, p->ddalpha, X);
  *lapl = p->chi * Trace(g->gtu, X);
  FOR6 (ab) X[ab] = p->alpha * R[ab] - X[ab];
  if (m) {
    const RealV weight = 8.0 * Z4_PI * p->alpha;
    FOR6 (ab) X[ab] -= weight * m->SS[ab];
    if (!conformal) {
      const RealV pressure = 0.5 * weight * (Trace(g->gtu, m->SS) - m->rho);
      FOR6 (ab) X[ab] += pressure * p->gt[ab];
    }
  }
  if (conformal) trX = (1.0 / 3.0) * Trace(g->gtu, X);
  FOR6 (ab) {
    const int a = AeSymA[ab], b = AeSymB[ab];
    RealV     lgt = {0}, lAt = {0}, AA = {0};

    FOR3 (c) lgt += p->gt[AE_SYM(c, a)] * p->dbeta[b][c] + p->gt[AE_SYM(c, b)] * p->dbeta[a][c];
    FOR3 (c) lAt += p->At[AE_SYM(c, a)] * p->dbeta[b][c] + p->At[AE_SYM(c, b)] * p->dbeta[a][c];
    FOR3 (c) AA += p->At[AE_SYM(a, c)] * g->Atud[c][b];
    if (conformal) {
      lgt -= div23 * p->gt[ab];
      lAt -= div23 * p->At[ab];
      X[ab] = p->chi * (X[ab] - p->gt[ab] * trX);
    }
    r->gt[ab] = lgt - 2.0 * p->alpha * p->At[ab];
    r->At[ab] = X[ab] + p->alpha * (K * p->At[ab] - 2.0 * AA) + lAt;
  }
}

/* d_t Gamma^a */
AE_INLINE void Z4EvolveGamma(const Z4Point *p, const Z4Geometry *g, RealV inv_chi, const Z4Source *m, const Z4Params *q,
                             const Z4Form form, RealV rGam[3])
{
  const RealV div23 = (2.0 / 3.0) * (p->dbeta[0][0] + p->dbeta[1][1] + p->dbeta[2][2]);
  RealV       Gam[3], Sdiv[3], damp;

  /* in the shift's terms */
  FOR3 (a) Gam[a] = form == Z4_FORM_ccz4 ? g->Gamd[a] + q->kappa3 * g->Delta[a] : g->Gamd[a];
  FOR3 (b)
    Sdiv[b] = form == Z4_FORM_bssn  ? 2.0 * p->dKhat[b]
              : form == Z4_FORM_z4c ? 2.0 * p->dKhat[b] + p->dTheta[b]
                                    : 2.0 * p->dKhat[b] - 3.0 * p->dTheta[b];
  if (m)
    FOR3 (b) Sdiv[b] += (24.0 * Z4_PI) * m->S[b];
  if (form == Z4_FORM_ccz4) damp = p->alpha * ((2.0 / 3.0) * g->K + q->kappa1);
  FOR3 (a) {
    RealV x = {0}, y = {0}, z = {0}, w = {0};

    FOR3 (b) x += g->Atuu[AE_SYM(a, b)] * (p->dalpha[b] + (1.5 * p->alpha * inv_chi) * p->dchi[b]);
    FOR3 (b) y += g->gtu[AE_SYM(a, b)] * Sdiv[b];
    FOR3 (b) z += g->gtu[AE_SYM(a, b)] * (p->ddbeta[AE_SYM(b, 0)][0] + p->ddbeta[AE_SYM(b, 1)][1] + p->ddbeta[AE_SYM(b, 2)][2]);
    FOR3 (b) w += Gam[b] * p->dbeta[b][a];
    rGam[a] = 2.0 * (p->alpha * (Trace(g->Atuu, g->Gam_udd[a]) - (1.0 / 3.0) * y) - x) + (1.0 / 3.0) * z - w + div23 * Gam[a];
    FOR6 (bc) rGam[a] += (AeSymA[bc] == AeSymB[bc] ? 1.0 : 2.0) * g->gtu[bc] * p->ddbeta[bc][a];
    if (form == Z4_FORM_z4c) rGam[a] -= (2.0 * q->kappa1) * p->alpha * (p->Gam[a] - g->Gamd[a]);
    if (form == Z4_FORM_ccz4)
      rGam[a] -= damp * g->Delta[a] + 2.0 * p->Theta *
                                        (g->gtu[AE_SYM(a, 0)] * p->dalpha[0] + g->gtu[AE_SYM(a, 1)] * p->dalpha[1] +
                                         g->gtu[AE_SYM(a, 2)] * p->dalpha[2]);
  }
}

/* d_t chi (over chi), Khat, Theta */
AE_INLINE void Z4EvolveScalars(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV lapl, const Z4Source *m,
                               const Z4Params *q, const Z4Form form, Z4Rhs *r)
{
  const RealV Ricci = Z4HasTheta(form) ? p->chi * Trace(g->gtu, R) : Splat(0), K2 = g->K * g->K;
  const RealV S = m ? p->chi * Trace(g->gtu, m->SS) : Splat(0);

  r->chi = (2.0 / 3.0) * (p->alpha * g->K - (p->dbeta[0][0] + p->dbeta[1][1] + p->dbeta[2][2]));
  if (form == Z4_FORM_ccz4)
    r->Khat = p->alpha * (Ricci + K2 - 2.0 * p->Theta * g->K - (3.0 * q->kappa1 * (1.0 + q->kappa2)) * p->Theta) - lapl;
  else r->Khat = p->alpha * (g->AtAt + (1.0 / 3.0) * K2) - lapl;
  if (m) r->Khat += (4.0 * Z4_PI) * p->alpha * (form == Z4_FORM_ccz4 ? S - 3.0 * m->rho : S + m->rho);
  if (Z4HasTheta(form)) {
    r->Theta = 0.5 * p->alpha * (Ricci - g->AtAt + (2.0 / 3.0) * K2) - (q->kappa1 * (2.0 + q->kappa2)) * p->alpha * p->Theta;
    if (m) r->Theta -= (8.0 * Z4_PI) * p->alpha * m->rho;
  }
  if (form == Z4_FORM_z4c) r->Khat += (q->kappa1 * (1.0 - q->kappa2)) * p->alpha * p->Theta;
  if (form == Z4_FORM_ccz4)
    r->Theta -= p->alpha * p->Theta * g->K +
                0.5 * p->chi * (g->Delta[0] * p->dalpha[0] + g->Delta[1] * p->dalpha[1] + g->Delta[2] * p->dalpha[2]);
}

/* d_t of lapse and shift: a gauge condition is its coefficients; those of one that is given, frozen or solved for are zero. */
AE_INLINE void Z4EvolveGauge(const Z4Point *p, const Z4Geometry *g, RealV eta, const Z4Params *q, const Z4Form form, Z4Rhs *r)
{
  const RealV *Gam = form == Z4_FORM_adm ? g->Gamd : p->Gam;
  const RealV  K   = form == Z4_FORM_adm ? g->K : form == Z4_FORM_ccz4 ? p->Khat - 2.0 * p->Theta : p->Khat;
  RealV        dalpha_u[3], dchi_u[3];

  r->alpha = -p->alpha * (q->lapse_alpha * p->alpha + q->lapse_const) * K;
  if (q->slow_start > 0) {
    const RealV W = Z4W(p, g, form);
    r->alpha -= q->slow_start * W * (p->alpha - W);
  }
  FOR3 (a) r->beta[a] = form == Z4_FORM_adm ? Splat(0) : q->shift_gam * Gam[a] - (q->shift_eta * eta) * p->beta[a];
  if (q->shift_harmonic) {
    Raise(g->gtu, p->dalpha, dalpha_u);
    if (form == Z4_FORM_adm) {
      FOR3 (a) r->beta[a] += p->alpha * p->alpha * Gam[a] - p->alpha * dalpha_u[a];
    } else {
      Raise(g->gtu, p->dchi, dchi_u);
      FOR3 (a) r->beta[a] += p->alpha * p->alpha * (p->chi * Gam[a] + 0.5 * dchi_u[a]) - p->alpha * p->chi * dalpha_u[a];
    }
  }
  if (q->has_b && form != Z4_FORM_adm)
    FOR3 (a) r->beta[a] += q->shift_b * p->B[a];
}

AE_INLINE void Z4Evolve(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV inv_chi, RealV eta, const Z4Source *m,
                        const Z4Params *q, const Z4Form form, Z4Rhs *r)
{
  RealV lapl;

  Z4EvolveMetric(p, g, R, inv_chi, m, form, r, &lapl);
  if (form != Z4_FORM_adm) {
    Z4EvolveGamma(p, g, inv_chi, m, q, form, r->Gam);
    Z4EvolveScalars(p, g, R, lapl, m, q, form, r);
  }
  Z4EvolveGauge(p, g, eta, q, form, r);
}

/*
  The physical constraints:
    H   = R + (2/3) K^2 - At_ab At^ab, with R of the metric alone: Z4Ricci holds d_a Gamma^b, so its trace is
          lowered by chi d_c (Gamma^c - Gamma_d^c), where d_c Gamma_d^c = gt^ab gt^ce d_a d_c gt_be + (first derivatives)
    M_a = gt^bc D~_c At_ab - (3/2) At^b_a d_b ln chi - (2/3) d_a K   [= D^b K_ab - D_a K]
  ADM, from K_ab whole: H = R + K^2 - K_ab K^ab, M_a = gamma^bc (D_c K_ab - D_a K_bc). Sources: H - 16 pi rho, M_a - 8 pi S_a.
  dAt[c][ab] = d_c At_ab; dK = d K. M2 = gamma^ab M_a M_b.
*/
AE_INLINE RealV Z4Hamiltonian(const Z4Point *p, const Z4Geometry *g, const RealV R[6], const Z4Form form)
{
  RealV dgtu[3][6]; /* d_c gt^ab = -gt^ae gt^bk d_c gt_ek = -(Gamma^ab_c + Gamma^ba_c) */
  RealV div = {0}, H;

  if (form == Z4_FORM_adm) return Trace(g->gtu, R) + g->K * g->K - g->AtAt;
  /* div = d_c Gamma_d^c = -d_a d_b gt^ab, with d gt^-1 twice:
     d_a d_b gt^ab = -gt^ac gt^be d_a d_b gt_ce - 2 (d_a gt^ac) gt^be d_b gt_ce summed with both orders */
  FOR3 (c) {
    RealV t[3][3]; /* t[e][b] = d_c gt_ek gt^kb */
    FOR3 (e)
      FOR3 (b)
        t[e][b] = p->dgt[c][AE_SYM(e, 0)] * g->gtu[AE_SYM(0, b)] + p->dgt[c][AE_SYM(e, 1)] * g->gtu[AE_SYM(1, b)] +
                  p->dgt[c][AE_SYM(e, 2)] * g->gtu[AE_SYM(2, b)];
    FOR6 (ab)
      dgtu[c][ab] = -(g->gtu[AE_SYM(AeSymA[ab], 0)] * t[0][AeSymB[ab]] + g->gtu[AE_SYM(AeSymA[ab], 1)] * t[1][AeSymB[ab]] +
                      g->gtu[AE_SYM(AeSymA[ab], 2)] * t[2][AeSymB[ab]]);
  }
  FOR3 (c)
    FOR3 (e) {
      RealV V = {0}, y = {0}; /* gt^ac gt^be d_a d_b gt_ce for this c, e */
      FOR3 (a)
        FOR3 (b) y += g->gtu[AE_SYM(a, c)] * g->gtu[AE_SYM(b, e)] * p->ddgt[AE_SYM(a, b)][AE_SYM(c, e)];
      /* d_a(gt^ac gt^be) d_b gt_ce */
      FOR3 (a)
        FOR3 (b)
          V += (dgtu[a][AE_SYM(a, c)] * g->gtu[AE_SYM(b, e)] + g->gtu[AE_SYM(a, c)] * dgtu[a][AE_SYM(b, e)]) *
               p->dgt[b][AE_SYM(c, e)];
      div += y + V;
    }
  H = p->chi * (Trace(g->gtu, R) - (p->dGam[0][0] + p->dGam[1][1] + p->dGam[2][2]) + div) + (2.0 / 3.0) * g->K * g->K - g->AtAt;
  /* what ccz4's D_a Z_b holds besides d_a Gamma^b */
  if (form == Z4_FORM_ccz4)
    FOR3 (c) H += 0.5 * g->Delta[c] * (p->dchi[c] - p->chi * Trace(g->gtu, p->dgt[c]));
  return H;
}

/* H = R - K_ab K^ab + K^2 - 16 pi rho, M_a = D^b K_ab - D_a K - 8 pi S_a and |M|^2 = gamma^ab M_a M_b in the variables that are
   evolved; the term with d chi comes of K_ab's weight, which adm has not. */
AE_INLINE void Z4Constraints(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV inv_chi, const RealV dAt[3][6],
                             const Z4Source *m, const Z4Form form, RealV *H, RealV M[3], RealV *M2)
{
  *H = Z4Hamiltonian(p, g, R, form);
  FOR3 (a) {
    RealV x = {0}, dK = {0};
    FOR3 (b)
      FOR3 (c) {
        RealV D = dAt[c][AE_SYM(a, b)];
        FOR3 (e) D -= g->Gam_udd[e][AE_SYM(c, a)] * p->At[AE_SYM(e, b)] + g->Gam_udd[e][AE_SYM(c, b)] * p->At[AE_SYM(a, e)];
        x += g->gtu[AE_SYM(b, c)] * D;
      }
    if (form == Z4_FORM_adm) { /* d_a K = gamma^bc D_a K_bc */
      FOR3 (b)
        FOR3 (c) dK += g->gtu[AE_SYM(b, c)] * dAt[a][AE_SYM(b, c)] - 2.0 * g->Gam_udd[b][AE_SYM(a, c)] * g->Atud[c][b];
    } else {
      FOR3 (b) x -= 1.5 * inv_chi * g->Atud[b][a] * p->dchi[b];
      dK = (2.0 / 3.0) * (form == Z4_FORM_z4c ? p->dKhat[a] + 2.0 * p->dTheta[a] : p->dKhat[a]);
    }
    M[a] = x - dK;
  }
  if (m) {
    *H -= (16.0 * Z4_PI) * m->rho;
    FOR3 (a) M[a] -= (8.0 * Z4_PI) * m->S[a];
  }
  *M2 = p->chi * Dot(g->gtu, M, M);
}
#endif
