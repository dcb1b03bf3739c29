/*
  A tick on one field: transforms of it and of its rate, and what follows from the sums over the modes of each class.
*/
#include "loom_private.h"

/* Mean over the outermost cells of the open faces. */
static PetscErrorCode BoundaryValue(AeLoom loom, const double *u, ptrdiff_t pitch, ptrdiff_t plane, PetscReal *value)
{
  const AeGrid g      = loom->grid;
  PetscReal    sum[2] = {0, 0};
  PetscBool    face[3][2];

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++)
    for (int side = 0; side < 2; side++) face[d][side] = (PetscBool)(loom->open[d] && g->bc[d][side] != AE_BC_REFLECTING);
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++) {
      const PetscInt  J = g->js + j, K = g->ks + k;
      const double   *row = u + k * plane + j * pitch;
      const PetscBool all = (PetscBool)((face[1][0] && J == 0) || (face[1][1] && J == g->n[1] - 1) || (face[2][0] && K == 0) ||
                                        (face[2][1] && K == g->n[2] - 1));

      for (PetscInt i = 0; i < g->n[0]; i++)
        if (all || (face[0][0] && i == 0) || (face[0][1] && i == g->n[0] - 1)) sum[0] += row[i], sum[1] += 1.0;
    }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPIU_REAL, MPI_SUM, g->comm));
  *value = sum[0] / sum[1];
  PetscFunctionReturn(0);
}

/* In single precision: what is taken off before the rounding, if it is not the boundary value, is the box's first cell. */
static PetscErrorCode TransformSingle(AeLoom loom, const Kind *K, const double *u, ptrdiff_t pitch, ptrdiff_t plane, float *modes,
                                      PetscReal *removed)
{
  const AeGrid g = loom->grid;

  PetscFunctionBegin;
  if (loom->windowed) PetscCall(BoundaryValue(loom, u, pitch, plane, removed));
  else if (K->has_mean) {
    const PetscMPIInt owner = AeGridRowOwner(g, 0, 0);

    if (g->rank == owner) *removed = u[0];
    PetscCallMPI(MPI_Bcast(removed, 1, MPIU_REAL, owner, g->comm));
  }
  PetscCall(AeFFTForwardSingle(K->fft, g, u, pitch, plane, *removed,
                               loom->windowed ? (const double *const *)loom->taper_of : NULL, modes));
  PetscFunctionReturn(0);
}

/* Modes of a field into a buffer; what was removed if it is not the mean. */
static PetscErrorCode Transform(AeLoom loom, const Kind *K, const double *u, ptrdiff_t pitch, ptrdiff_t plane, void *modes,
                                PetscReal *removed)
{
  const AeGrid g = loom->grid;

  PetscFunctionBegin;
  loom->now.ffts++;
  *removed = 0;
  if (loom->o.precision == AE_LOOM_SINGLE) {
    PetscCall(TransformSingle(loom, K, u, pitch, plane, modes, removed));
    PetscFunctionReturn(0);
  }
  if (!loom->windowed) {
    PetscCall(AeFFTForwardFrom(K->fft, g, u, pitch, plane, modes));
    PetscFunctionReturn(0);
  }
  PetscCall(BoundaryValue(loom, u, pitch, plane, removed));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++) {
      const double *row = u + k * plane + j * pitch, *wx = loom->taper_of[0];
      double       *to = loom->cells + (k * (ptrdiff_t)g->nj + j) * g->n[0];
      const double  w = loom->taper_of[1][j] * loom->taper_of[2][k], b = *removed;

      for (PetscInt i = 0; i < g->n[0]; i++) to[i] = (row[i] - b) * (w * wx[i]);
    }
  PetscCall(AeFFTForwardFrom(K->fft, g, loom->cells, g->n[0], (ptrdiff_t)g->n[0] * g->nj, modes));
  PetscFunctionReturn(0);
}

/* What follows from the sums of the classes. */
static void Digest(AeLoom loom, Watched *w, const AeLoomInput *in, PetscReal t)
{
  AeLoomSpectrum *s             = &w->now.s;
  const PetscReal span          = t - w->now.t_old;
  PetscReal       R[AE_OCTAVES] = {0}, Cre[AE_OCTAVES] = {0}, Cim[AE_OCTAVES] = {0}, old[AE_OCTAVES] = {0}, scale_R[3] = {0},
            beyond     = 0;
  AeLoomSpectrum fresh = {.known = PETSC_TRUE, .fresh = PETSC_TRUE};

  memcpy(fresh.removed, s->removed, sizeof fresh.removed);
  memcpy(w->now.scale_old, s->scale_E, sizeof w->now.scale_old);
  *s          = fresh;
  w->now.span = w->now.has_old ? span : 0.0;
  s->compared = w->now.has_old;
  w->sloped   = (PetscBool)(in->r[0] != NULL);
  s->rated    = (PetscBool)(in->r[0] || (w->now.has_old && span > 0));
  for (PetscInt class = 0; class < CLASSES; class ++) {
    const PetscInt   scale = class / (2 * OCTAVES1), o = class % OCTAVES1;
    const PetscReal *x = loom->sums[class], E = x[SUM_E] / loom->window_square;
    PetscReal        r = x[SUM_R] / loom->window_square;

    if (!in->r[0] && w->now.has_old && span > 0)
      r = PetscMax(0.0, (E + w->now.E_old[class] - 2.0 * x[SUM_CRE] / loom->window_square) / (span * span));
    s->scale_E[scale] += E;
    scale_R[scale] += r;
    if (class / OCTAVES1 % 2) beyond += E;
    if (o == BELOW) s->below += E;
    else {
      s->E[o] += E;
      R[o] += r;
      old[o] += w->now.E_old[class];
      Cre[o] += x[SUM_CRE] / loom->window_square;
      Cim[o] += x[SUM_CIM] / loom->window_square;
    }
    w->now.E_old[class] = E;
  }
  for (int o = 0; o < AE_OCTAVES; o++) s->energy += s->E[o];
  s->dominant = -1;
  {
    const PetscReal size =
      PetscMax(PetscAbsReal(s->removed[0]), PetscMax(PetscAbsReal(s->removed[1]), PetscAbsReal(s->removed[2])));

    w->now.floor2 = PetscSqr(64.0 * PETSC_MACHINE_EPSILON * PetscMax(w->info.noise, size));
    if (s->energy + s->below <= w->now.floor2) { /* rounding errors have no spectrum worth a decision; NaN goes on */
      memset(s->E, 0, sizeof s->E);
      memset(s->scale_E, 0, sizeof s->scale_E);
      s->energy = s->below = 0;
      return;
    }
    if (loom->o.precision == AE_LOOM_SINGLE)
      w->now.floor2 = PetscMax(w->now.floor2, PetscSqr(64.0 * 0x1p-23) * (s->energy + s->below));
  }
  if (s->energy == 0) return;
  for (int o = AE_OCTAVES - 1; o >= 0; o--) {
    s->D[o] = (o + 1 < AE_OCTAVES ? s->D[o + 1] : 0.0) + s->E[o] / s->energy;
    if (s->E[o] > 0) s->omega[o] = PetscSqrtReal(R[o] / s->E[o]);
    if (s->compared && s->E[o] > 0 && old[o] > 0)
      s->C[o] = PetscSqrtReal(Cre[o] * Cre[o] + Cim[o] * Cim[o]) / PetscSqrtReal(s->E[o] * old[o]);
    if (s->E[o] > 0 && (s->dominant < 0 || s->E[o] >= s->E[s->dominant])) s->dominant = o;
  }
  for (int d = 0; d < 3; d++)
    if (s->scale_E[d] > 0) s->scale_omega[d] = PetscSqrtReal(scale_R[d] / s->scale_E[d]);
  s->tail      = beyond / s->energy;
  s->amplitude = s->dominant >= 0 ? PetscSqrtReal(2.0 * s->E[s->dominant]) : 0.0;
}

/* Modes that a band holds, in our precision. */
static void CopyModes(AeLoom loom, size_t n, const double *from, void *modes)
{
  if (loom->o.precision == AE_LOOM_SINGLE)
    for (size_t i = 0; i < n; i++) ((float *)modes)[i] = (float)from[i];
  else memcpy(modes, from, n * sizeof *from);
}

PetscErrorCode AeLoomAnalyse(AeLoom loom, Watched *w, const AeLoomInput *in, PetscReal t)
{
  PetscReal unused = 0;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(loom->sums, sizeof loom->sums));
  for (PetscInt c = 0; c < w->info.components; c++) {
    const Kind *K = &loom->kinds[w->kind[c]];
    void       *q = loom->spare, *r = in->r[c] ? loom->rate : NULL, *p = w->now.has_old ? w->old[c] : NULL;

    w->now.s.removed[c] = 0;
    if (loom->band) { /* modes already */
      CopyModes(loom, K->fft->doubles, in->q[c], q);
      if (r) CopyModes(loom, K->fft->doubles, in->r[c], r);
    } else {
      PetscCall(Transform(loom, K, in->q[c], in->pitch, in->plane, q, &w->now.s.removed[c]));
      if (r) PetscCall(Transform(loom, K, in->r[c], in->pitch, in->plane, r, &unused));
    }
    if (K->has_mean) {
      PetscReal m =
        K->fft->mn && K->fft->ms == 0 ? (loom->o.precision == AE_LOOM_SINGLE ? *(float *)q : *(double *)q) * K->mean : 0.0;

      PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &m, 1, MPIU_REAL, MPI_SUM, loom->grid->comm));
      w->now.s.removed[c] += m;
    }
    if (loom->o.precision == AE_LOOM_SINGLE) AeLoomSumsSingle(K, q, r, p, loom->sums);
    else AeLoomSumsDouble(K, q, r, p, loom->sums);
    loom->spare = w->old[c];
    w->old[c]   = q;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, loom->sums, (CLASSES + 1) * SUMS, MPIU_REAL, MPI_SUM, loom->grid->comm));
  Digest(loom, w, in, t);
  PetscCall(AeLoomRemember(loom, w, t));
  w->now.has_old = PETSC_TRUE;
  w->now.t_old   = t;
  PetscFunctionReturn(0);
}
