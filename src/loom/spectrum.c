/*
  A tick on one field: transforms of it and of its rate, and the sums over the modes of each class.
*/
#include "loom_private.h"

enum { LANES = 8 };

/* Sums over n doubles in eight fixed lanes: |q|^2, |r|^2, Re and Im of q conj(p) of interleaved complex numbers. r, p may be NULL. */
static inline void Lanes(const double *restrict q, const double *restrict r, const double *restrict p, PetscInt n, const int with_r, const int with_p, PetscReal out[SUMS])
{
  double   E[LANES] = {0}, R[LANES] = {0}, C[LANES] = {0}, X[LANES] = {0};
  PetscInt i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) {
      E[l] += q[i + l] * q[i + l];
      if (with_r) R[l] += r[i + l] * r[i + l];
      if (with_p) {
        C[l] += q[i + l] * p[i + l];
        X[l] += q[i + l] * p[i + (l ^ 1)];
      }
    }
  for (int l = 0; i + l < n; l++) {
    E[l] += q[i + l] * q[i + l];
    if (with_r) R[l] += r[i + l] * r[i + l];
    if (with_p) {
      C[l] += q[i + l] * p[i + l];
      if (i + (l ^ 1) < n) X[l] += q[i + l] * p[i + (l ^ 1)];
    }
  }
  out[SUM_E]   = ((E[0] + E[4]) + (E[2] + E[6])) + ((E[1] + E[5]) + (E[3] + E[7]));
  out[SUM_R]   = ((R[0] + R[4]) + (R[2] + R[6])) + ((R[1] + R[5]) + (R[3] + R[7]));
  out[SUM_CRE] = ((C[0] + C[4]) + (C[2] + C[6])) + ((C[1] + C[5]) + (C[3] + C[7]));
  out[SUM_CIM] = ((X[1] + X[5]) + (X[3] + X[7])) - ((X[0] + X[4]) + (X[2] + X[6]));
}

/* Adds this rank's modes of a component to sums[class]. A real transform's modes have no phase: Im stays 0. */
static inline void Accumulate(const Kind *K, double *q, double *r, double *p, const int with_r, const int with_p, PetscReal sums[][SUMS])
{
  AeFFT          f = K->fft;
  const PetscInt z = f->is_complex ? 2 : 1;

  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      const PetscInt row = a * f->inner + b;
      double        *qr = AeFFTRowAt(f, q, a, b), *rr = with_r ? AeFFTRowAt(f, r, a, b) : NULL, *pr = with_p ? AeFFTRowAt(f, p, a, b) : NULL;
      PetscInt       my, mz, x                                                                      = 0;
      PetscReal      yz;

      AeFFTRow(f, a, b, &my, &mz);
      yz = K->norm * K->weight[1][my] * K->weight[2][mz];
      for (const Run *run = K->runs + K->first[row]; run < K->runs + K->first[row + 1]; run++) {
        const PetscReal w = yz * K->weight[0][x], half = run->edge ? w * K->half[row] : w;
        PetscReal       s[SUMS], *sum                  = sums[run->class];

        Lanes(qr + z * x, with_r ? rr + z * x : NULL, with_p ? pr + z * x : NULL, z * (run->end - x), with_r, with_p, s);
        sum[SUM_E] += w * s[SUM_E];
        if (with_r) sum[SUM_R] += w * s[SUM_R];
        if (with_p) {
          sum[SUM_CRE] += half * s[SUM_CRE];
          if (z == 2) sum[SUM_CIM] += half * s[SUM_CIM];
        }
        x = run->end;
      }
    }
}

static void AccumulateAny(const Kind *K, double *q, double *r, double *p, PetscReal sums[][SUMS])
{
  if (r && p) Accumulate(K, q, r, p, 1, 1, sums);
  else if (r) Accumulate(K, q, r, p, 1, 0, sums);
  else if (p) Accumulate(K, q, r, p, 0, 1, sums);
  else Accumulate(K, q, r, p, 0, 0, sums);
}

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
      const PetscBool all = (PetscBool)((face[1][0] && J == 0) || (face[1][1] && J == g->n[1] - 1) || (face[2][0] && K == 0) || (face[2][1] && K == g->n[2] - 1));

      for (PetscInt i = 0; i < g->n[0]; i++)
        if (all || (face[0][0] && i == 0) || (face[0][1] && i == g->n[0] - 1)) sum[0] += row[i], sum[1] += 1.0;
    }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPIU_REAL, MPI_SUM, g->comm));
  *value = sum[0] / sum[1];
  PetscFunctionReturn(0);
}

/* Modes of a field into a buffer; what was removed if it is a boundary value. */
static PetscErrorCode Transform(AeLoom loom, const Kind *K, const double *u, ptrdiff_t pitch, ptrdiff_t plane, double *modes, PetscReal *removed)
{
  const AeGrid g = loom->grid;

  PetscFunctionBegin;
  loom->ffts++;
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
  AeLoomSpectrum *s             = &w->s;
  const PetscReal span          = t - w->t_old;
  PetscReal       R[AE_OCTAVES] = {0}, Cre[AE_OCTAVES] = {0}, Cim[AE_OCTAVES] = {0}, old[AE_OCTAVES] = {0}, scale_R[3] = {0}, beyond = 0;
  AeLoomSpectrum  fresh = {.known = PETSC_TRUE, .fresh = PETSC_TRUE};

  memcpy(fresh.removed, s->removed, sizeof fresh.removed);
  memcpy(w->scale_old, s->scale_E, sizeof w->scale_old);
  *s          = fresh;
  w->span     = w->has_old ? span : 0.0;
  s->compared = w->has_old;
  w->sloped   = (PetscBool)(in->r[0] != NULL);
  s->rated    = (PetscBool)(in->r[0] || (w->has_old && span > 0));
  for (PetscInt class = 0; class < CLASSES; class ++) {
    const PetscInt   scale = class / (2 * OCTAVES1), o = class % OCTAVES1;
    const PetscReal *x = loom->sums[class], E = x[SUM_E] / loom->window_square;
    PetscReal        r = x[SUM_R] / loom->window_square;

    if (!in->r[0] && w->has_old && span > 0) r = PetscMax(0.0, (E + w->E_old[class] - 2.0 * x[SUM_CRE] / loom->window_square) / (span * span));
    s->scale_E[scale] += E;
    scale_R[scale] += r;
    if (class / OCTAVES1 % 2) beyond += E;
    if (o == BELOW) s->below += E;
    else {
      s->E[o] += E;
      R[o] += r;
      old[o] += w->E_old[class];
      Cre[o] += x[SUM_CRE] / loom->window_square;
      Cim[o] += x[SUM_CIM] / loom->window_square;
    }
    w->E_old[class] = E;
  }
  for (int o = 0; o < AE_OCTAVES; o++) s->energy += s->E[o];
  s->dominant = -1;
  {
    const PetscReal size = PetscMax(PetscAbsReal(s->removed[0]), PetscMax(PetscAbsReal(s->removed[1]), PetscAbsReal(s->removed[2])));

    w->floor2 = PetscSqr(64.0 * PETSC_MACHINE_EPSILON * PetscMax(w->info.noise, size));
    if (s->energy + s->below <= w->floor2) { /* rounding errors have no spectrum worth a decision; NaN goes on */
      memset(s->E, 0, sizeof s->E);
      memset(s->scale_E, 0, sizeof s->scale_E);
      s->energy = s->below = 0;
      return;
    }
  }
  if (s->energy == 0) return;
  for (int o = AE_OCTAVES - 1; o >= 0; o--) {
    s->D[o] = (o + 1 < AE_OCTAVES ? s->D[o + 1] : 0.0) + s->E[o] / s->energy;
    if (s->E[o] > 0) s->omega[o] = PetscSqrtReal(R[o] / s->E[o]);
    if (s->compared && s->E[o] > 0 && old[o] > 0) s->C[o] = PetscSqrtReal(Cre[o] * Cre[o] + Cim[o] * Cim[o]) / PetscSqrtReal(s->E[o] * old[o]);
    if (s->E[o] > 0 && (s->dominant < 0 || s->E[o] >= s->E[s->dominant])) s->dominant = o;
  }
  for (int d = 0; d < 3; d++)
    if (s->scale_E[d] > 0) s->scale_omega[d] = PetscSqrtReal(scale_R[d] / s->scale_E[d]);
  s->tail      = beyond / s->energy;
  s->amplitude = s->dominant >= 0 ? PetscSqrtReal(2.0 * s->E[s->dominant]) : 0.0;
}

PetscErrorCode AeLoomAnalyse(AeLoom loom, Watched *w, const AeLoomInput *in, PetscReal t)
{
  PetscReal unused = 0;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(loom->sums, sizeof loom->sums));
  for (PetscInt c = 0; c < w->info.components; c++) {
    const Kind *K = &loom->kinds[w->kind[c]];
    double     *q = loom->spare;

    w->s.removed[c] = 0;
    if (loom->band) { /* modes already */
      memcpy(q, in->q[c], K->fft->doubles * sizeof *q);
      if (in->r[c]) memcpy(loom->rate, in->r[c], K->fft->doubles * sizeof *q);
    } else {
      PetscCall(Transform(loom, K, in->q[c], in->pitch, in->plane, q, &w->s.removed[c]));
      if (in->r[c]) PetscCall(Transform(loom, K, in->r[c], in->pitch, in->plane, loom->rate, &unused));
    }
    if (K->has_mean) {
      PetscReal m = K->fft->mn && K->fft->ms == 0 ? q[0] * K->mean : 0.0;

      PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &m, 1, MPIU_REAL, MPI_SUM, loom->grid->comm));
      w->s.removed[c] = m;
    }
    AccumulateAny(K, q, in->r[c] ? loom->rate : NULL, w->has_old ? w->old[c] : NULL, loom->sums);
    loom->spare = w->old[c];
    w->old[c]   = q;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, loom->sums, (CLASSES + 1) * SUMS, MPIU_REAL, MPI_SUM, loom->grid->comm));
  Digest(loom, w, in, t);
  w->has_old = PETSC_TRUE;
  w->t_old   = t;
  PetscFunctionReturn(0);
}
