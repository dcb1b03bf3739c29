/*
  Black holes by formula.

  [KS]   Kerr-Schild form: Cook, Living Rev. Relativity 3 (2000) 5, Eqs. (46)-(54)
  [BS]   Brandt & Seidel, gr-qc/9601010: Kerr in quasi-isotropic coordinates
  [LES]  Liu, Etienne & Shapiro, arXiv:1001.4077: another radius for them, whose horizon keeps its size
  [BL]   Brill & Lindquist, Phys. Rev. 131 (1963) 471: holes at a moment of time symmetry
*/
#include "initial_private.h"

/*
  g_mn = eta_mn + 2 H l_m l_n with H = M r^3/(r^4 + a^2 z^2), l = (1, (r x + a y)/(r^2 + a^2), (r y - a x)/(r^2 + a^2), z/r),
  r^4 - r^2 (R^2 - a^2) - a^2 z^2 = 0; alpha = (1 + 2 H)^(-1/2), beta^i = 2 H l^i/(1 + 2 H)  [KS]
*/
void AeKerrSchild(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const double a = I->spin * I->mass;
  const AeDual X = DShift(-I->centre[0], x[1]), Y = DShift(-I->centre[1], x[2]), Z = DShift(-I->centre[2], x[3]), Z2 = DSquare(Z);
  const AeDual b  = DScale(0.5, DShift(-a * a, DAdd(DAdd(DSquare(X), DSquare(Y)), Z2)));
  const AeDual r2 = DAtLeast(I->r_min * I->r_min, DAdd(b, DSqrt(DAdd(DSquare(b), DScale(a * a, Z2))))), r = DSqrt(r2),
               q  = DInv(DShift(a * a, r2));
  const AeDual H2 = DScale(2.0 * I->mass, DDiv(DMul(r, r2), DAdd(DSquare(r2), DScale(a * a, Z2)))), den = DInv(DShift(1.0, H2));
  AeDual       l[3];

  l[0] = DMul(DAdd(DMul(r, X), DScale(a, Y)), q);
  l[1] = DMul(DSub(DMul(r, Y), DScale(a, X)), q);
  l[2] = DDiv(Z, r);
  AeConformallyFlat(DConst(1.0), m);
  m->alpha = DSqrt(den);
  for (int i = 0, ij = 0; i < 3; i++) {
    m->beta[i] = DMul(DMul(H2, l[i]), den);
    for (int j = i; j < 3; j++, ij++) m->g[ij] = DAdd(m->g[ij], DMul(H2, DMul(l[i], l[j])));
  }
}

/* gamma = psi^4 delta, psi = 1 + M/(2r), alpha = (1 - M/(2r))/psi: negative inside the horizon r = M/2, where the
   coordinates cover the other sheet of space; static, hence K_ij = 0 also where alpha vanishes. */
void AeSchwarzschild(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  AeDual       X[3];
  const AeDual u = DScale(0.5 * I->mass, DInv(AeFromCentre(I, x, X))), psi = DShift(1.0, u);

  AeConformallyFlat(DSquare(DSquare(psi)), m);
  m->alpha = DDiv(DShift(1.0, DScale(-1.0, u)), psi);
  m->has_K = PETSC_TRUE;
}

/*
  Kerr at quasi-isotropic radius r, R(r) the Boyer-Lindquist radius; p = (-y, x, 0), n = x/r, s2 = sin^2 theta:
    Sigma = R^2 + a^2 - a^2 s2, Delta = R^2 - 2 M R + a^2, A = (R^2 + a^2)^2 - a^2 Delta s2
    gamma_ij = (Sigma/r^2) (delta_ij - n_i n_j) + (Sigma R'^2/Delta) n_i n_j + (a^2/r^4)(1 + 2 M R/Sigma) p_i p_j
    alpha = sqrt(Delta Sigma/A), beta^i = Omega p^i, Omega = -2 M a R/A
    K_ij = (1/2 alpha) (A/(Sigma r^2)) (p_i d_j Omega + p_j d_i Omega)                                       [BS]
  The roots of Delta are zeros of R' too, so that Delta = (d r R')^2 with d below, and alpha takes the sign of R':
    R = r + M + (M^2 - a^2)/(4 r): d = 1                                                                     [BS]
    R = r (1 + q)^2, q = r_+/(4 r): d^2 = (R - r_-)/(r (1 + q)^2)                                            [LES]
  K_ij is given in this form because the quotient by alpha is 0/0 on the horizon.
*/
void AeKerrQI(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const double M = I->mass, a = I->spin * M, root = sqrt(fmax(M * M - a * a, 0.0));
  AeDual       X[3], p[3], n[3], R, dR, d2, s2, Sigma, sqrtDelta, A, flat, radial, axial;
  const AeDual r = AeFromCentre(I, x, X), u = DInv(r), u2 = DSquare(u);
  double       Omega_R, Omega_s2, c;

  if (I->variant) {
    const AeDual q = DScale(0.25 * (M + root), u), one_q = DShift(1.0, q);

    R  = DMul(r, DSquare(one_q));
    dR = DMul(one_q, DShift(1.0, DScale(-1.0, q)));
    d2 = DMul(DShift(root - M, R), DInv(R));
  } else {
    const double b = 0.25 * (M * M - a * a);

    R  = DAdd(r, DShift(M, DScale(b, u)));
    dR = DShift(1.0, DScale(-b, u2));
    d2 = DConst(1.0);
  }
  s2        = DMul(DAdd(DSquare(X[0]), DSquare(X[1])), u2);
  Sigma     = DShift(a * a, DSub(DSquare(R), DScale(a * a, s2)));
  sqrtDelta = DMul(DMul(r, dR), DSqrt(d2));
  A         = DSub(DSquare(DShift(a * a, DSquare(R))), DScale(a * a, DMul(DSquare(sqrtDelta), s2)));
  flat      = DMul(Sigma, u2);
  radial    = DSub(DDiv(flat, d2), flat);
  axial     = DScale(a * a, DMul(DSquare(u2), DShift(1.0, DScale(2.0 * M, DDiv(R, Sigma)))));
  p[0] = DScale(-1.0, X[1]), p[1] = X[0], p[2] = DConst(0.0);
  AeConformallyFlat(flat, m);
  m->alpha = DMul(sqrtDelta, DSqrt(DDiv(Sigma, A)));
  for (int i = 0; i < 3; i++) {
    n[i]       = DMul(X[i], u);
    m->beta[i] = DMul(p[i], DScale(-2.0 * M * a, DDiv(R, A)));
  }
  m->has_K = PETSC_TRUE;
  /* d Omega/dR and d Omega/d s2 over alpha, with their common factor -2 M a/A^2, 1/alpha = sqrt(A/Sigma)/sqrt(Delta) */
  Omega_R  = (A.v - R.v * (4.0 * R.v * (R.v * R.v + a * a) - 2.0 * a * a * s2.v * (R.v - M))) / (r.v * sqrt(d2.v));
  Omega_s2 = R.v * a * a * sqrtDelta.v;
  c        = -M * a * u2.v / (A.v * Sigma.v) * sqrt(A.v / Sigma.v);
  for (int i = 0, ij = 0; i < 3; i++)
    for (int j = i; j < 3; j++, ij++) {
      const double di = Omega_R * n[i].v + Omega_s2 * s2.d[1 + i], dj = Omega_R * n[j].v + Omega_s2 * s2.d[1 + j];

      m->g[ij] = DAdd(m->g[ij], DAdd(DMul(radial, DMul(n[i], n[j])), DMul(axial, DMul(p[i], p[j]))));
      m->K[ij] = c * (p[i].v * dj + p[j].v * di);
    }
}

/* Mass and place of each hole. */
enum { MAX_HOLES = 32 };
typedef struct {
  PetscInt  n;
  PetscReal hole[MAX_HOLES][4];
} Holes;

/* gamma = psi^4 delta, psi = 1 + sum m_i/(2 r_i), K_ij = 0  [BL] */
void AeBrillLindquist(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const Holes *holes = I->data;
  AeDual       psi   = DConst(1.0);

  for (PetscInt h = 0; h < holes->n; h++) {
    AeDual r2 = DConst(0.0);

    for (int a = 0; a < 3; a++) r2 = DAdd(r2, DSquare(DShift(-holes->hole[h][1 + a], x[1 + a])));
    psi = DAdd(psi, DScale(0.5 * holes->hole[h][0], DInv(DSqrt(DAtLeast(I->r_min * I->r_min, r2)))));
  }
  AeConformallyFlat(DSquare(DSquare(psi)), m);
  m->has_K = PETSC_TRUE;
}

PetscErrorCode AeHoleOptions(AeInitial I)
{
  PetscFunctionBegin;
  PetscOptionsBegin(I->comm, NULL, "Data schwarzschild, trumpet, kerr_schild, kerr_qi", "AeInitial");
  PetscCall(AeOptPositive("-hole_mass", "mass", "M", "", &I->mass, NULL));
  PetscCall(AeOptReals("-hole_centre", "where the hole is", "M", "", -AE_HUGE, AE_HUGE, 3, I->centre, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscErrorCode KerrOptions(AeInitial I)
{
  PetscFunctionBegin;
  PetscCall(AeHoleOptions(I));
  I->spin = 0.5;
  PetscOptionsBegin(I->comm, NULL, "Data schwarzschild, trumpet, kerr_schild, kerr_qi", "AeInitial");
  PetscCall(AeOptReal("-hole_spin", "spin parameter a/M", "1", "", -1, 1, &I->spin, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

PetscErrorCode AeKerrSchildOptions(AeInitial I)
{
  PetscFunctionBegin;
  I->centre[0] = -3.0, I->centre[1] = -2.5, I->centre[2] = -2.0; /* off the default box */
  PetscCall(KerrOptions(I));
  PetscFunctionReturn(0);
}

PetscErrorCode AeKerrQIOptions(AeInitial I)
{
  const char *radii[] = {"brandt_seidel", "liu_etienne_shapiro"};

  PetscFunctionBegin;
  PetscCall(KerrOptions(I));
  PetscOptionsBegin(I->comm, NULL, "Data schwarzschild, trumpet, kerr_schild, kerr_qi", "AeInitial");
  PetscCall(AeOptChoice("-hole_radius",
                        "quasi-isotropic radius r of Boyer-Lindquist R: R = r + M + (M^2 - a^2)/(4r), or R = r (1 + r_+/(4r))^2",
                        "gr-qc/9601010, arXiv:1001.4077", radii, 2, &I->variant, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

PetscErrorCode AeBrillLindquistOptions(AeInitial I)
{
  const PetscReal pair[2][4] = {{1, 0, 0, 2}, {1, 0, 0, -2}};
  Holes          *holes;

  PetscFunctionBegin;
  PetscCall(PetscNew(&holes));
  I->data  = holes;
  holes->n = 2;
  PetscCall(PetscArraycpy(holes->hole[0], pair[0], 8));
  PetscOptionsBegin(I->comm, NULL, "Data brill_lindquist", "AeInitial");
  PetscCall(AeOptRows("-bl_holes", "mass and place of each hole, \"m,x,y,z;m,x,y,z;...\"", "M", "Phys. Rev. 131 (1963) 471", 4,
                      MAX_HOLES, holes->hole[0], &holes->n));
  PetscOptionsEnd();
  I->mass = 0.0;
  for (PetscInt h = 0; h < holes->n; h++) {
    const PetscReal *p = holes->hole[h];

    PetscCheck(p[0] > 0, I->comm, AE_ERR_USAGE, "-bl_holes: mass %g of hole %" PetscInt_FMT " is not positive", (double)p[0],
               h + 1);
    for (PetscInt o = 0; o < h; o++)
      PetscCheck(p[1] != holes->hole[o][1] || p[2] != holes->hole[o][2] || p[3] != holes->hole[o][3], I->comm, AE_ERR_USAGE,
                 "-bl_holes: holes %" PetscInt_FMT " and %" PetscInt_FMT " are both at %g,%g,%g", o + 1, h + 1, (double)p[1],
                 (double)p[2], (double)p[3]);
    I->mass += p[0];
  }
  PetscFunctionReturn(0);
}

PetscInt AeInitialHoles(AeInitial I, PetscInt max, PetscReal place[][3])
{
  const Holes *holes = I->data;

  if (I->datum->fill == AePunctureFill) return AePuncturePlaces(I, max, place);
  if (I->datum->metric != AeBrillLindquist) {
    for (int a = 0; a < 3; a++) place[0][a] = I->centre[a];
    return 1;
  }
  for (PetscInt h = 0; h < PetscMin(holes->n, max); h++)
    for (int a = 0; a < 3; a++) place[h][a] = holes->hole[h][1 + a];
  return PetscMin(holes->n, max);
}
