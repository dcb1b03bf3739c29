/*
  E_ij, B_ij and their invariants: a row kernel for states of any formulation. Not for the inner loop: it runs with
  outputs and extractions.
*/
#include <aeonic/fd.h>
#include <aeonic/spatial.h>
#include "z4_point.h"

static AE_EVENT(CurvatureEvent, "AeCurvature");

enum { NINV = 5, NTEN = 12, NDEN = 7 };

/* A row of cells: pointers to its first cell. */
typedef struct {
  const AeSpatial *s;
  const double    *u;
  double          *inv, *ten, *den;
  ptrdiff_t        stride, inv_stride, ten_stride, den_stride, step[3], n;
  double           inv_h;
  PetscInt         phi, Pi; /* fields of the state, -1 in vacuum */
  double           mass2, Lambda;
} CurvatureRow;

/* The scalar field at a point. */
typedef struct {
  RealV phi, dphi[3], Pi;
} Scalar;

typedef struct {
  RealV f, d[3], dd[6];
} Jet;

/* A field with its first and, where wanted, second derivatives. */
AE_INLINE void LoadJet(const int order, const CurvatureRow *a, const double *f, const int second, Jet *j)
{
  j->f = Load(f);
  FOR3 (c) j->d[c] = FD1(order, f, a->step[c]) * a->inv_h;
  if (second)
    FOR6 (ce)
      j->dd[ce] = (AeSymA[ce] == AeSymB[ce] ? FD2(order, f, a->step[AeSymA[ce]])
                                            : FD11(order, f, a->step[AeSymA[ce]], a->step[AeSymB[ce]])) *
                  (a->inv_h * a->inv_h);
}

/* Metric and extrinsic curvature as the state has them: of a Z4Point chi, gt, At, Khat, and d At. */
AE_INLINE void LoadState(const int order, const CurvatureRow *a, ptrdiff_t i, Z4Point *p, RealV dAt[3][6])
{
  const double *u = a->u + i;

  FOR6 (ab) {
    Jet m, k;
    LoadJet(order, a, u + a->s->field[ab] * a->stride, 1, &m);
    LoadJet(order, a, u + a->s->field[6 + ab] * a->stride, 0, &k);
    p->gt[ab] = m.f;
    p->At[ab] = k.f;
    FOR3 (c) p->dgt[c][ab] = m.d[c];
    FOR3 (c) dAt[c][ab] = k.d[c];
    FOR6 (ce) p->ddgt[ce][ab] = m.dd[ce];
  }
  if (!a->s->conformal) return;
  {
    Jet x, k, t;
    LoadJet(order, a, u + a->s->field[12] * a->stride, 1, &x);
    LoadJet(order, a, u + a->s->field[13] * a->stride, 0, &k);
    p->chi  = x.f;
    p->Khat = k.f;
    FOR3 (c) p->dchi[c] = x.d[c];
    FOR3 (c) p->dKhat[c] = k.d[c];
    FOR6 (ce) p->ddchi[ce] = x.dd[ce];
    if (a->s->theta) {
      LoadJet(order, a, u + a->s->field[14] * a->stride, 0, &t);
      p->Khat += 2.0 * t.f;
      FOR3 (c) p->dKhat[c] += 2.0 * t.d[c];
    }
  }
}

AE_INLINE void LoadScalar(const int order, const CurvatureRow *a, ptrdiff_t i, Scalar *m)
{
  Jet j;

  if (a->phi < 0) return;
  LoadJet(order, a, a->u + i + a->phi * a->stride, 0, &j);
  m->phi = j.f;
  FOR3 (c) m->dphi[c] = j.d[c];
  m->Pi = Load(a->u + i + a->Pi * a->stride);
}

/*
  gamma_ij, K_ij with derivatives, held where gt, At are, into the conformal variables:
    chi = det^(-1/3), d_c chi = -chi L_c/3, d_c d_e chi = chi (L_c L_e/9 - L_ce/3), L = ln det,
    L_c = gamma^ab d_c gamma_ab, L_ce = gamma^ab d_c d_e gamma_ab - gamma^ak gamma^bl d_c gamma_kl d_e gamma_ab
  gt = chi gamma, At_ab = chi (K_ab - gamma_ab K/3) by the product rule.
*/
static inline void FromAdm(Z4Point *p, RealV dAt[3][6])
{
  RealV gu[6], det, L[3], uu[3][6], third[6], K;

  Z4Inverse(p->gt, gu);
  det = AE_SYM_DET(p->gt, gu);
  FOR6 (ab) gu[ab] /= det;
  for (int l = 0; l < AE_LANES; l++) p->chi[l] = 1.0 / __builtin_cbrt(det[l]);
  FOR3 (c) { /* uu[c] = gamma^ak gamma^bl d_c gamma_kl */
    RealV t[3][3];
    FOR3 (a)
      FOR3 (l)
        t[a][l] = gu[AE_SYM(a, 0)] * p->dgt[c][AE_SYM(0, l)] + gu[AE_SYM(a, 1)] * p->dgt[c][AE_SYM(1, l)] +
                  gu[AE_SYM(a, 2)] * p->dgt[c][AE_SYM(2, l)];
    L[c] = t[0][0] + t[1][1] + t[2][2];
    FOR6 (ab)
      uu[c][ab] = t[AeSymA[ab]][0] * gu[AE_SYM(0, AeSymB[ab])] + t[AeSymA[ab]][1] * gu[AE_SYM(1, AeSymB[ab])] +
                  t[AeSymA[ab]][2] * gu[AE_SYM(2, AeSymB[ab])];
    p->dchi[c] = -(1.0 / 3.0) * p->chi * L[c];
  }
  FOR6 (ce) {
    const int c = AeSymA[ce], e = AeSymB[ce];
    p->ddchi[ce] = p->chi * ((1.0 / 9.0) * L[c] * L[e] - (1.0 / 3.0) * (Trace(gu, p->ddgt[ce]) - Trace(uu[c], p->dgt[e])));
  }
  K = Trace(gu, p->At);
  FOR3 (c) p->dKhat[c] = Trace(gu, dAt[c]) - Trace(uu[c], p->At);
  FOR6 (ab) {
    third[ab] = p->At[ab] - (1.0 / 3.0) * K * p->gt[ab];
    FOR3 (c)
      dAt[c][ab] = p->chi * (dAt[c][ab] - (1.0 / 3.0) * (K * p->dgt[c][ab] + p->dKhat[c] * p->gt[ab])) + p->dchi[c] * third[ab];
    p->At[ab] = p->chi * third[ab];
    FOR6 (ce) {
      const int c = AeSymA[ce], e = AeSymB[ce];
      p->ddgt[ce][ab] =
        p->chi * p->ddgt[ce][ab] + p->dchi[c] * p->dgt[e][ab] + p->dchi[e] * p->dgt[c][ab] + p->ddchi[ce] * p->gt[ab];
    }
    FOR3 (c) p->dgt[c][ab] = p->chi * p->dgt[c][ab] + p->dchi[c] * p->gt[ab];
    p->gt[ab] *= p->chi;
  }
  p->Khat = K;
}

/* d_a Gamma_d^b, Gamma_d^b = gt^bk gt^ce d_c gt_ke, from the metric alone (det gt = 1), where Z4Ricci expects the evolved
   field's */
static inline void OwnConnection(Z4Point *p, const Z4Geometry *g)
{
  RealV dgtu[3][6];

  FOR3 (c) {
    RealV t[3][3];
    FOR3 (a)
      FOR3 (l)
        t[a][l] = g->gtu[AE_SYM(a, 0)] * p->dgt[c][AE_SYM(0, l)] + g->gtu[AE_SYM(a, 1)] * p->dgt[c][AE_SYM(1, l)] +
                  g->gtu[AE_SYM(a, 2)] * p->dgt[c][AE_SYM(2, l)];
    FOR6 (ab)
      dgtu[c][ab] = -(t[AeSymA[ab]][0] * g->gtu[AE_SYM(0, AeSymB[ab])] + t[AeSymA[ab]][1] * g->gtu[AE_SYM(1, AeSymB[ab])] +
                      t[AeSymA[ab]][2] * g->gtu[AE_SYM(2, AeSymB[ab])]);
  }
  FOR3 (a) {
    /* w_k = d_a (gt^ce d_c gt_ke), v^b = d_a gt^bk gt^ce d_c gt_ke */
    RealV w[3] = {{0}, {0}, {0}}, v[3] = {{0}, {0}, {0}};

    FOR3 (k) {
      RealV y = {0};
      FOR3 (c)
        FOR3 (e) {
          w[k] += g->gtu[AE_SYM(c, e)] * p->ddgt[AE_SYM(a, c)][AE_SYM(k, e)] + dgtu[a][AE_SYM(c, e)] * p->dgt[c][AE_SYM(k, e)];
          y += g->gtu[AE_SYM(c, e)] * p->dgt[c][AE_SYM(k, e)];
        }
      FOR3 (b) v[b] += dgtu[a][AE_SYM(b, k)] * y;
    }
    FOR3 (b) p->dGam[a][b] = g->gtu[AE_SYM(b, 0)] * w[0] + g->gtu[AE_SYM(b, 1)] * w[1] + g->gtu[AE_SYM(b, 2)] * w[2] + v[b];
  }
}

/* E_ij = [R_ij + (1/chi) (K At_ij/3 - At_ik At^k_j) - 4 pi d_i phi d_j phi]^TF, the traces of K_ij written out */
static inline void Electric(const Z4Point *p, const Z4Geometry *g, const RealV R[6], RealV inv_chi, const Scalar *m, RealV E[6])
{
  RealV tr;

  FOR6 (ab) {
    RealV AA = {0};
    FOR3 (c) AA += p->At[AE_SYM(AeSymA[ab], c)] * g->Atud[c][AeSymB[ab]];
    E[ab] = R[ab] + inv_chi * ((1.0 / 3.0) * g->K * p->At[ab] - AA);
    if (m) E[ab] -= (4.0 * PETSC_PI) * m->dphi[AeSymA[ab]] * m->dphi[AeSymB[ab]];
  }
  tr = (1.0 / 3.0) * Trace(g->gtu, E);
  FOR6 (ab) E[ab] -= p->gt[ab] * tr;
}

/*
  B_ij = gamma_m(i eps^mkl D_k K_l|j), eps^mkl = chi^(3/2) [mkl]; Gamma^m_kl drops out of the curl in k, l:
    D_k K_lj -> d_k K_lj - Gamma^m_kj K_lm,
    Gamma^m_kj = Gamma~^m_kj - (1/2chi) (delta^m_k d_j chi + delta^m_j d_k chi - gt_kj d^m chi)
*/
static inline void Magnetic(const Z4Point *p, const Z4Geometry *g, RealV inv_chi, const RealV dAt[3][6], RealV B[6])
{
  const RealV root = Sqrt(p->chi), half = 0.5 * inv_chi;
  RealV       K[6], dchi_u[3], DK[3][3][3], C[3][3]; /* DK[k][l][j], C[m][j] = [mkl] DK[k][l][j] */

  FOR6 (ab) K[ab] = inv_chi * (p->At[ab] + (1.0 / 3.0) * g->K * p->gt[ab]);
  Raise(g->gtu, p->dchi, dchi_u);
  FOR3 (k)
    FOR3 (l)
      FOR3 (j) {
        RealV x =
          inv_chi * (dAt[k][AE_SYM(l, j)] + (1.0 / 3.0) * (g->K * p->dgt[k][AE_SYM(l, j)] + p->dKhat[k] * p->gt[AE_SYM(l, j)]) -
                     p->dchi[k] * K[AE_SYM(l, j)]);
        FOR3 (m) x -= (g->Gam_udd[m][AE_SYM(k, j)] + half * p->gt[AE_SYM(k, j)] * dchi_u[m]) * K[AE_SYM(l, m)];
        DK[k][l][j] = x + half * (p->dchi[j] * K[AE_SYM(l, k)] + p->dchi[k] * K[AE_SYM(l, j)]);
      }
  FOR3 (m)
    FOR3 (j) C[m][j] = DK[(m + 1) % 3][(m + 2) % 3][j] - DK[(m + 2) % 3][(m + 1) % 3][j];
  FOR6 (ab) {
    const int a = AeSymA[ab], b = AeSymB[ab];
    RealV     x = {0};
    FOR3 (m) x += p->gt[AE_SYM(a, m)] * C[m][b] + p->gt[AE_SYM(b, m)] * C[m][a];
    B[ab] = 0.5 * root * x;
  }
}

/* x_ij y^ij */
static inline RealV Contract(const Z4Point *p, const Z4Geometry *g, const RealV x[6], const RealV y[6])
{
  RealV t[3][3], s = {0};

  FOR3 (a)
    FOR3 (b)
      t[a][b] =
        g->gtu[AE_SYM(a, 0)] * y[AE_SYM(0, b)] + g->gtu[AE_SYM(a, 1)] * y[AE_SYM(1, b)] + g->gtu[AE_SYM(a, 2)] * y[AE_SYM(2, b)];
  FOR3 (a)
    FOR3 (b)
      s += x[AE_SYM(a, b)] * (t[a][0] * g->gtu[AE_SYM(0, b)] + t[a][1] * g->gtu[AE_SYM(1, b)] + t[a][2] * g->gtu[AE_SYM(2, b)]);
  return p->chi * p->chi * s;
}

/*
  R_ab = 8 pi (d_a phi d_b phi + g_ab V) + Lambda g_ab, so with X = d^a phi d_a phi, v = 8 pi V + Lambda:
    R = 8 pi X + 4 v,   R_ab R^ab = (8 pi X)^2 + 16 pi X v + 4 v^2,   R_abcd R^abcd = C_abcd C^abcd + 2 R_ab R^ab - R^2/3
*/
static inline void Ricci4(const CurvatureRow *a, const Z4Point *p, const Z4Geometry *g, const Scalar *m, RealV *R, RealV *square)
{
  RealV X = Splat(0), v = Splat(a->Lambda);

  if (m) {
    X = (8.0 * PETSC_PI) * (p->chi * Dot(g->gtu, m->dphi, m->dphi) - m->Pi * m->Pi);
    v += (4.0 * PETSC_PI * a->mass2) * m->phi * m->phi;
  }
  *R      = X + 4.0 * v;
  *square = 2.0 * (X * X + 2.0 * X * v + 4.0 * v * v) - (1.0 / 3.0) * *R * *R;
}

/*
  What the volume integrals of mass and momenta sum (spatial.h), psi = chi^(-1/4):
    (1/16 pi) {d_i Gamma~^i - psi R~ + psi^5 [At_ij At^ij - (2/3) K^2 + 16 pi rho]}
    (1/16 pi) chi^(-3/2) [At^jk d_i gt_jk + 2 K d_i ln chi] + chi^(-3/2) S_i,   S_i = -Pi d_i phi
    (1/8 pi) chi^(-3/2) eps_ijk At^j_k
*/
static inline void Densities(const CurvatureRow *a, ptrdiff_t i, const Z4Point *p, const Z4Geometry *g, RealV inv_chi,
                             const Scalar *m)
{
  const RealV root = Sqrt(inv_chi), psi = Sqrt(root), volume = inv_chi * root, unit = Splat(1.0);
  Z4Point     q = *p; /* the conformal metric alone */
  RealV       R[6], rho = {0}, w;

  q.chi = unit;
  FOR3 (c) q.dchi[c] = Splat(0);
  FOR6 (ab) q.ddchi[ab] = Splat(0);
  Z4Ricci(&q, g, unit, Z4_FORM_bssn, R);
  if (m) rho = 0.5 * (m->Pi * m->Pi + p->chi * Dot(g->gtu, m->dphi, m->dphi) + a->mass2 * m->phi * m->phi);
  w = p->dGam[0][0] + p->dGam[1][1] + p->dGam[2][2] - psi * Trace(g->gtu, R) +
      psi * inv_chi * (g->AtAt - (2.0 / 3.0) * g->K * g->K + (16.0 * PETSC_PI) * rho);
  Store(a->den + i, w * (1.0 / (16.0 * PETSC_PI)));
  FOR3 (c) {
    w = (1.0 / (16.0 * PETSC_PI)) * (Trace(g->Atuu, p->dgt[c]) + 2.0 * g->K * p->dchi[c] * inv_chi);
    if (m) w -= m->Pi * m->dphi[c];
    Store(a->den + (1 + c) * a->den_stride + i, volume * w);
    Store(a->den + (4 + c) * a->den_stride + i,
          volume * (1.0 / (8.0 * PETSC_PI)) * (g->Atud[(c + 1) % 3][(c + 2) % 3] - g->Atud[(c + 2) % 3][(c + 1) % 3]));
  }
}

/* From the loaded state on nothing depends on the order. */
static __attribute__((noinline)) void Finish(const CurvatureRow *a, ptrdiff_t i, Z4Point *p, RealV dAt[3][6], const Scalar *m)
{
  Z4Geometry g;
  RealV      R[6], E[6], B[6], E2, B2, R4, square, inv_chi;

  if (!a->s->conformal) FromAdm(p, dAt);
  else if (a->s->use_w) Z4FromW(p);
  inv_chi = 1.0 / p->chi;
  Z4GeometrySetUp(p, Z4_FORM_bssn, &g);
  OwnConnection(p, &g);
  if (a->den) Densities(a, i, p, &g, inv_chi, m);
  if (!a->inv && !a->ten) return;
  Z4Ricci(p, &g, inv_chi, Z4_FORM_bssn, R);
  Electric(p, &g, R, inv_chi, m, E);
  Magnetic(p, &g, inv_chi, dAt, B);
  if (a->ten)
    FOR6 (ab) {
      Store(a->ten + ab * a->ten_stride + i, E[ab]);
      Store(a->ten + (6 + ab) * a->ten_stride + i, B[ab]);
    }
  if (!a->inv) return;
  E2 = Contract(p, &g, E, E);
  B2 = Contract(p, &g, B, B);
  Ricci4(a, p, &g, m, &R4, &square);
  Store(a->inv + i, 8.0 * (E2 - B2) + square);
  Store(a->inv + a->inv_stride + i, E2);
  Store(a->inv + 2 * a->inv_stride + i, B2);
  Store(a->inv + 3 * a->inv_stride + i, Contract(p, &g, E, B));
  Store(a->inv + 4 * a->inv_stride + i, R4);
}

AE_INLINE void Row(const int order, const CurvatureRow *a)
{
  for (ptrdiff_t i0 = 0; i0 < a->n; i0 += AE_LANES) {
    const ptrdiff_t i = i0 + AE_LANES <= a->n ? i0 : a->n - AE_LANES;
    Z4Point         p;
    RealV           dAt[3][6];
    Scalar          m;

    LoadState(order, a, i, &p, dAt);
    LoadScalar(order, a, i, &m);
    Finish(a, i, &p, dAt, a->phi < 0 ? NULL : &m);
  }
}
static void Row2(const CurvatureRow *a) { Row(2, a); }
static void Row4(const CurvatureRow *a) { Row(4, a); }
static void Row6(const CurvatureRow *a) { Row(6, a); }
static void Row8(const CurvatureRow *a) { Row(8, a); }
static void (*const Rows[4])(const CurvatureRow *) = {Row2, Row4, Row6, Row8};

PetscErrorCode AeCurvatureCreateFields(AeGrid grid, AeCurvatureKind kind, AeFields *fields)
{
  static const char *const names[3][NTEN] = {
    {"kretschmann", "E2", "B2", "EB", "R4"},
    {"E_xx", "E_xy", "E_xz", "E_yy", "E_yz", "E_zz", "B_xx", "B_xy", "B_xz", "B_yy", "B_yz", "B_zz"},
    {"m", "p_x", "p_y", "p_z", "s_x", "s_y", "s_z"}};
  const PetscInt count[3] = {NINV, NTEN, NDEN};
  AeFieldInfo    info[NTEN];

  PetscFunctionBegin;
  for (int f = 0; f < count[kind]; f++) {
    info[f] = (AeFieldInfo){names[kind][f], {1, 1, 1}, 0, 1};
    if (kind == AE_CURVATURE_TENSORS) info[f].parity[AeSymA[f % 6]] *= -1, info[f].parity[AeSymB[f % 6]] *= -1;
    if (kind == AE_CURVATURE_DENSITIES && f > 0) info[f].parity[(f - 1) % 3] = -1;
    /* eps makes B, E.B and the last three densities change sign under a reflection */
    if (kind == AE_CURVATURE_TENSORS ? f >= 6 : kind == AE_CURVATURE_DENSITIES ? f >= 4 : f == 3)
      for (int d = 0; d < 3; d++) info[f].parity[d] *= -1;
  }
  PetscCall(AeFieldsCreate(grid, count[kind], info, fields));
  PetscFunctionReturn(0);
}

/* The layout and array of an output, with its number of fields checked. */
static PetscErrorCode Output(Vec v, ptrdiff_t nf, const AeLayout **L, double **array)
{
  AeFields F;

  PetscFunctionBegin;
  *L     = NULL;
  *array = NULL;
  if (!v) PetscFunctionReturn(0);
  PetscCall(AeFieldsFromVec(v, &F));
  PetscCall(AeFieldsGetInfo(F, NULL, L, NULL));
  PetscCheck((*L)->nf == nf, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "Curvature goes into %d fields, not %d", (int)nf,
             (int)(*L)->nf);
  PetscCall(VecGetArray(v, array));
  PetscFunctionReturn(0);
}

PetscErrorCode AeCurvature(Vec U, PetscInt order, PetscReal scalar_mass, PetscReal Lambda, Vec invariants, Vec tensors,
                           Vec densities)
{
  AeFields        F;
  AeGrid          grid;
  AeSpatial       s;
  const AeLayout *L, *IL, *TL, *DL;
  const double   *u;
  double         *inv, *ten, *den;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(U, &F));
  PetscCall(AeFieldsGetInfo(F, &grid, &L, NULL));
  PetscCheck(order >= 2 && order <= 8 && order % 2 == 0 && L->g >= order / 2, grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "Differences of order %" PetscInt_FMT " on %d ghosts", order, (int)L->g);
  PetscCall(AeSpatialFind(F, &s));
  PetscCall(PetscLogEventBegin(CurvatureEvent, U, 0, 0, 0));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(Output(invariants, NINV, &IL, &inv));
  PetscCall(Output(tensors, NTEN, &TL, &ten));
  PetscCall(Output(densities, NDEN, &DL, &den));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      const CurvatureRow a = {.s          = &s,
                              .u          = u + AeAt(L, 0, k, j, 0),
                              .inv        = inv ? inv + AeAt(IL, 0, k, j, 0) : NULL,
                              .ten        = ten ? ten + AeAt(TL, 0, k, j, 0) : NULL,
                              .den        = den ? den + AeAt(DL, 0, k, j, 0) : NULL,
                              .stride     = L->stride,
                              .inv_stride = IL ? IL->stride : 0,
                              .ten_stride = TL ? TL->stride : 0,
                              .den_stride = DL ? DL->stride : 0,
                              .step       = {1, L->pitch, L->plane},
                              .n          = L->nx,
                              .inv_h      = 1.0 / grid->h,
                              .phi        = AeFieldsFind(F, "phi"),
                              .Pi         = AeFieldsFind(F, "Pi"),
                              .mass2      = scalar_mass * scalar_mass,
                              .Lambda     = Lambda};
      (*Rows[order / 2 - 1])(&a);
    }
  if (inv) PetscCall(VecRestoreArray(invariants, &inv));
  if (ten) PetscCall(VecRestoreArray(tensors, &ten));
  if (den) PetscCall(VecRestoreArray(densities, &den));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscCall(PetscLogEventEnd(CurvatureEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}
