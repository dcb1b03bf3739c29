/*
  A state at one point, and its datum there.
*/
#include "gr_private.h"

void AeGRDatum(AeGR gr, PetscReal t, const PetscReal x[3], double v[])
{
  const Z4Fields *at = &gr->at;
  double          c[AE_INITIAL_NV];

  for (int f = 0; f < at->count; f++) v[f] = 0.0;
  if (gr->conformal) {
    AeInitialConformal(gr->initial, t, x, c);
    for (int f = 0; f < Z4_THETA; f++) v[f] = c[f];
    if (gr->params.use_w) v[Z4_CHI] = sqrt(v[Z4_CHI]);
  } else {
    AeAdm adm;

    AeInitialAdm(gr->initial, t, x, &adm);
    for (int ab = 0; ab < 6; ab++) v[at->metric + ab] = adm.g[ab], v[at->curv + ab] = adm.K[ab];
    v[at->lapse] = adm.alpha;
    for (int a = 0; a < 3; a++) v[at->shift + a] = adm.beta[a];
    c[AE_INITIAL_PHI] = adm.phi;
    c[AE_INITIAL_PI]  = adm.Pi;
  }
  if (gr->params.has_phi) v[at->phi] = c[AE_INITIAL_PHI], v[at->Pi] = c[AE_INITIAL_PI];
}

void AeGRPointAdm(AeGR gr, const double *u, ptrdiff_t stride, AeAdm *adm)
{
  const Z4Fields *at = &gr->at;

  adm->alpha = u[at->lapse * stride];
  for (int a = 0; a < 3; a++) adm->beta[a] = u[(at->shift + a) * stride];
  for (int ab = 0; ab < 6; ab++) {
    adm->g[ab] = u[(at->metric + ab) * stride];
    adm->K[ab] = u[(at->curv + ab) * stride];
  }
  if (gr->conformal) {
    double chi = u[Z4_CHI * stride], trK = u[Z4_K * stride], gt[6], At[6];

    if (gr->params.use_w) chi *= chi;
    if (gr->form == Z4_FORM_z4c) trK += 2.0 * u[at->Theta * stride];
    for (int ab = 0; ab < 6; ab++) gt[ab] = adm->g[ab], At[ab] = adm->K[ab];
    AeConformalToAdm(chi, gt, trK, At, adm->g, adm->K);
  }
  adm->phi = gr->params.has_phi ? u[at->phi * stride] : 0.0;
  adm->Pi  = gr->params.has_phi ? u[at->Pi * stride] : 0.0;
}

double AeGRPointChi(AeGR gr, const double *u, ptrdiff_t stride)
{
  double g[6], inverse[6];

  if (gr->conformal) return gr->params.use_w ? u[Z4_CHI * stride] * u[Z4_CHI * stride] : u[Z4_CHI * stride];
  for (int ab = 0; ab < 6; ab++) g[ab] = u[(gr->at.metric + ab) * stride];
  return 1.0 / cbrt(AeSymInverse(g, inverse));
}
