/*
  Cosmologies.

  [AwA]  Alcubierre et al., gr-qc/0305023; Babiuc et al., arXiv:0709.3559: polarised Gowdy waves on a torus
  [FRW]  a homogeneous massless scalar field with a cosmological constant: the Friedmann equation with
         rho = phi'^2/2 = const/a^6 in closed form
*/
#include "initial_private.h"

/* Where the collapsing test begins: the 20th zero of J0(2 pi t), and t = k exp(c tau)  [AwA, Eqs. (35)-(37)] */
static const double TAU0 = 9.8753205829098263, C = 0.0021195119214607454, K = 9.67076981276405584;

/* lambda and P of the Gowdy metric at its own time t; P = J0(2 pi t) cos(2 pi z)  [AwA, Eqs. (29)-(30)] */
static void Gowdy(AeDual t, AeDual z, AeDual *lambda, AeDual *P)
{
  const double w = 2.0 * PETSC_PI, J0 = j0(w), J1 = j1(w);
  const AeDual wt = DScale(w, t), a = DJ0(wt), b = DJ1(wt), c = DSin(DShift(0.5 * PETSC_PI, DScale(w, z)));

  *P      = DMul(a, c);
  *lambda = DShift(-0.5 * (w * w * (J0 * J0 + J1 * J1) - w * J0 * J1),
                   DSub(DScale(0.5, DMul(DSquare(wt), DAdd(DSquare(a), DSquare(b)))), DMul(wt, DMul(DMul(a, b), DSquare(c)))));
}

/* ds^2 = -alpha^2 + t^(-1/2) exp(lambda/2) dz^2 + t (exp(P) dx^2 + exp(-P) dy^2)  [AwA, Eq. (28)]; leaves exp(lambda/4) in
   alpha */
static void GowdyMetric(AeDual t, AeDual z, AeMetric *m)
{
  AeDual lambda, P;

  Gowdy(t, z, &lambda, &P);
  AeConformallyFlat(DConst(0.0), m);
  m->g[0]  = DMul(t, DExp(P));
  m->g[3]  = DMul(t, DExp(DScale(-1.0, P)));
  m->g[5]  = DMul(DPow(t, -0.5), DExp(DScale(0.5, lambda)));
  m->alpha = DExp(DScale(0.25, lambda));
}

void AeGowdyExpanding(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual t = DShift(I->t0, x[0]);

  GowdyMetric(t, x[3], m);
  m->alpha = DMul(m->alpha, DPow(t, -0.25));
}

/* Towards the singularity in harmonic slicing, t = k exp(c (tau0 - time)): alpha = c t^(3/4) exp(lambda/4) */
void AeGowdyCollapsing(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual t = DScale(K, DExp(DScale(C, DShift(I->t0, DScale(-1.0, x[0])))));

  GowdyMetric(t, x[3], m);
  m->alpha = DMul(m->alpha, DScale(C, DPow(t, 0.75)));
}

PetscErrorCode AeGowdyOptions(AeInitial I)
{
  const PetscBool collapsing = (PetscBool)(I->datum->metric == AeGowdyCollapsing);

  PetscFunctionBegin;
  I->t0 = collapsing ? TAU0 : 1.0;
  PetscOptionsBegin(I->comm, NULL, "Data gowdy_expanding, gowdy_collapsing", "AeInitial");
  if (collapsing)
    PetscCall(AeOptReal("-gowdy_tau0", "tau at the start of the collapse", "1", "arXiv:0709.3559", -2000, 100, &I->t0, NULL));
  else PetscCall(AeOptPositive("-gowdy_t0", "Gowdy time at the start of the expansion", "1", "arXiv:0709.3559", &I->t0, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

/*
  With w = sqrt(3 |Lambda|), s = w t: a^3 = sinh s/sinh s0, phi = ln tanh(s/2)/sqrt(12 pi) for Lambda > 0, sin and tan
  for Lambda < 0 (which ends at s = pi), a^3 = t/t0, phi = ln t/sqrt(12 pi) for Lambda = 0  [FRW]
*/
void AeFrwScalar(const struct _p_AeInitial *I, const AeDual x[4], AeMetric *m)
{
  const AeDual t = DShift(I->t0, x[0]);
  const double w = sqrt(3.0 * fabs(I->lambda)), s = w * t.v, s0 = w * I->t0, k = 1.0 / sqrt(12.0 * PETSC_PI);
  AeDual       a3;

  if (I->lambda > 0) {
    a3     = DChain(t, sinh(s) / sinh(s0), w * cosh(s) / sinh(s0));
    m->phi = DChain(t, k * log(tanh(0.5 * s)), k * w / sinh(s));
  } else if (I->lambda < 0) {
    a3     = DChain(t, sin(s) / sin(s0), w * cos(s) / sin(s0));
    m->phi = DChain(t, k * log(tan(0.5 * s)), k * w / sin(s));
  } else {
    a3     = DScale(1.0 / I->t0, t);
    m->phi = DScale(k, DLog(t));
  }
  AeConformallyFlat(DPow(a3, 2.0 / 3.0), m);
}

PetscErrorCode AeFrwOptions(AeInitial I)
{
  PetscFunctionBegin;
  I->t0     = 1.0;
  I->lambda = 0.1;
  PetscOptionsBegin(I->comm, NULL, "Data frw_scalar", "AeInitial");
  PetscCall(AeOptPositive("-frw_t0", "time since the singularity at the start", "M", "", &I->t0, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}
