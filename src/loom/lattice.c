/*
  The lattice (lattice.h) from the spectra of a tick.
*/
#include "loom_private.h"
#include <aeonic/rk4.h>

static void Residual(AeLoom loom, int domain, int scale, int response, PetscReal x)
{
  AeThread *T = &loom->now.threads[AE_THREAD(domain, scale, response)];

  if (!(x <= T->residual)) T->residual = x != x ? PETSC_INFINITY : x;
}

static void Cap(AeLoom loom, int domain, int scale, int response, PetscReal cap, PetscReal dt)
{
  AeThread *T = &loom->now.threads[AE_THREAD(domain, scale, response)];

  if (cap < T->cap) T->cap = cap;
  Residual(loom, domain, scale, response, cap < PETSC_INFINITY ? dt / cap : 0.0);
}

/* Time in which sqrt(E) doubles at the pace since the transform before; infinite if it does not grow. */
static PetscReal DoublingTime(const Watched *w, int s)
{
  if (!(w->now.span > 0) || !(w->now.scale_old[s] > w->now.floor2) || !(w->now.s.scale_E[s] > w->now.scale_old[s]))
    return PETSC_INFINITY;
  return PetscLogReal(2.0) * w->now.span / (0.5 * PetscLogReal(w->now.s.scale_E[s] / w->now.scale_old[s]));
}

/* A field's threads: shares of energy and caps by what its scales do, over their own rail if it is the constraint. A rate that
   comes from differences of ticks is blurred by what moved in between, so that only slopes cap dt. */
static void OfField(AeLoom loom, PetscInt i, const AeLoomStep *step)
{
  const Watched        *w = &loom->w[i];
  const AeLoomSpectrum *x = &w->now.s;

  for (int s = 0; s < 3; s++) {
    const PetscReal share = x->energy > 0 ? x->scale_E[s] / (x->energy + x->below) : x->energy;

    if (s != AE_SCALE_H) Residual(loom, AE_PHY, s, 0, share);
    if (w->sloped)
      Cap(loom, AE_PHY, s, 1,
          x->scale_E[s] > w->now.floor2 && x->scale_omega[s] > 0 ? AE_RK4_IMAGINARY / x->scale_omega[s] : PETSC_INFINITY,
          step->dt);
    Cap(loom, AE_PHY, s, 2, DoublingTime(w, s), step->dt);
    Residual(loom, AE_SEM, s, 0, isfinite(x->scale_E[s]) ? 0.0 : PETSC_INFINITY);
    if (i != step->constraint_at) continue;
    if (step->constraint_max > 0) {
      Residual(loom, AE_CONS, s, 0, PetscSqrtReal(x->scale_E[s]) / step->constraint_max);
      Residual(loom, AE_CONS, s, 2, PetscSqrtReal(x->scale_E[s]) / step->constraint_max);
    }
    /* growth is worth a smaller dt only near the rail: from rounding errors to truncation errors all constraints grow */
    if (step->constraint_max > 0 && PetscSqrtReal(x->scale_E[s]) > 0.5 * step->constraint_max)
      Cap(loom, AE_CONS, s, 1, DoublingTime(w, s), step->dt);
  }
  Residual(loom, AE_PHY, AE_SCALE_H, 0, x->tail / loom->o.tail);
}

/* What needs no spectrum. */
static void OfWhole(AeLoom loom, const AeLoomStep *step)
{
  if (step->dt_limit > 0) Cap(loom, AE_PHY, AE_SCALE_H, 1, step->dt_limit, step->dt);
  if (step->damping > 0) Cap(loom, AE_PHY, AE_SCALE_L, 1, AE_RK4_REAL / step->damping, step->dt);
  if (step->constraint_max > 0 && step->constraint == step->constraint) {
    Residual(loom, AE_CONS, AE_SCALE_L, 0, step->constraint / step->constraint_max);
    Residual(loom, AE_CONS, AE_SCALE_L, 2, step->constraint / step->constraint_max);
  }
  Residual(loom, AE_SEM, AE_SCALE_L, 1, step->lapse_min > 0 && step->chi_min > 0 ? 0.0 : PETSC_INFINITY);
  Residual(loom, AE_SEM, AE_SCALE_L, 2, step->nonfinite ? PETSC_INFINITY : 0.0);
}

void AeLoomLattice(AeLoom loom, const AeLoomStep *step)
{
  static const AeAction wanted[3] = {AE_ACTION_DISSIPATION, AE_ACTION_DT, AE_ACTION_TAKE_BACK};
  PetscReal             cap       = PETSC_INFINITY;

  for (int i = 0; i < AE_THREADS; i++) loom->now.threads[i] = (AeThread){-1.0, PETSC_INFINITY, AE_ACTION_NONE};
  for (PetscInt i = 0; i < loom->n; i++)
    if (loom->w[i].now.s.fresh) OfField(loom, i, step);
  OfWhole(loom, step);
  loom->now.cap_thread = -1;
  for (PetscInt i = 0; i < AE_THREADS; i++) {
    AeThread *T = &loom->now.threads[i];

    if (T->residual > 1.0 && (i == AE_THREAD(AE_PHY, AE_SCALE_H, 0) || i % 3 || i > 8)) T->action = wanted[i % 3];
    if (i % 3 == 1 && T->cap < cap) { /* R1 controls; R2 audits */
      cap                  = T->cap;
      loom->now.cap_thread = i;
    }
  }
  loom->now.cap = AeLoomRound(cap, loom->now.cap);
}
