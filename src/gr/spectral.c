/*
  -fd_order spectral: on a periodic box first and second derivatives by Fourier transforms, i k and -k_a k_b times the modes below
  2/3 of the Nyquist wavenumber (Orszag's rule). The equations are then taken at the points, and of the right-hand side the same
  modes are kept: products of two fields are free of aliasing, and nothing else damps the highest modes.

  Canuto, Hussaini, Quarteroni & Zang, Spectral Methods (2006), section 3.3.4.
*/
#include "gr_private.h"
#include "gr_spectral.h"

struct _p_AeGRSpectral {
  AeFFT     fft;
  AeModes   modes;
  AeGRSlots slots;
  double   *d, *u, *w; /* derivatives; modes of a field, and of a derivative */
};

PetscErrorCode AeGRSpectralCreate(AeGR gr, AePatch P)
{
  const AeTransform kind[3] = {AE_DFT, AE_DFT, AE_DFT};
  const AeGrid      g       = P->grid;
  PetscReal         L[3];
  AeGRSpectral      s;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) {
    PetscCheck(g->bc[d][0] == AE_BC_PERIODIC, gr->comm, AE_ERR_USAGE, "-fd_order spectral needs -grid_boundary periodic");
    L[d] = g->h * (PetscReal)g->n[d];
  }
  PetscCheck(!gr->params.has_phi, gr->comm, AE_ERR_USAGE,
             "-fd_order spectral: the scalar field of -gr_matter scalar is differentiated by -fd_order 2, 4, 6 or 8 only");
  PetscCheck(gr->excise == 0, gr->comm, AE_ERR_USAGE,
             "-fd_order spectral does not go with -gr_excise_radius: frozen cells are not smooth");
  PetscCheck(!gr->lapse->elliptic && !gr->shift->elliptic, gr->comm, AE_ERR_USAGE,
             "-fd_order spectral needs gauges that are evolved or given, not solved for");
  PetscCall(PetscNew(&s));
  P->spectral = s;
  PetscCall(PetscArrayzero(gr->flops, 3)); /* transforms count their own; the rest is small */
  PetscCall(AeFFTGet(gr->comm, g->n, kind, &s->fft));
  PetscCall(AeModesGet(s->fft, L, &s->modes));
  s->slots.size = (ptrdiff_t)g->n[0] * g->nj * g->nk;
  for (int f = 0; f < gr->at.count; f++) {
    const Z4Fields *at = &gr->at;

    s->slots.first[f] = s->slots.count;
    s->slots.second[f] =
      f == at->chi || (f >= at->metric && f < at->metric + 6) || f == at->lapse || (f >= at->shift && f < at->shift + 3);
    s->slots.count += s->slots.second[f] ? 9 : 3;
  }
  PetscCall(PetscMalloc1((size_t)s->slots.count * s->slots.size, &s->d));
  PetscCall(AeFFTCreateBuffer(s->fft, &s->u));
  PetscCall(AeFFTCreateBuffer(s->fft, &s->w));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRSpectralDestroy(AeGRSpectral *spectral)
{
  AeGRSpectral s = *spectral;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  PetscCall(PetscFree(s->d));
  PetscCall(AeFFTDestroyBuffer(&s->u));
  PetscCall(AeFFTDestroyBuffer(&s->w));
  PetscCall(PetscFree(*spectral));
  PetscFunctionReturn(0);
}

PetscLogDouble AeGRSpectralBytes(AeGR gr)
{
  PetscLogDouble bytes = 0.0;

  for (PetscInt p = 0; p < gr->npatches && gr->spectral; p++) {
    const AeGRSpectral s = gr->patches[p]->spectral;

    bytes += 8.0 * ((PetscLogDouble)s->slots.count * (PetscLogDouble)s->slots.size + 2.0 * (PetscLogDouble)s->fft->doubles);
  }
  return bytes;
}

/* w = i k_a u, or with b >= 0 w = -k_a k_b u, scaled; modes beyond the rule are 0 */
static void Multiply(AeGRSpectral s, int a, int b)
{
  const AeFFT   f = s->fft;
  const AeModes M = s->modes;

  for (PetscInt o = 0; o < f->mn; o++)
    for (PetscInt r = 0; r < f->inner; r++) {
      const double *u = AeFFTRowAt(f, s->u, o, r);
      double       *w = AeFFTRowAt(f, s->w, o, r);
      PetscInt      m[3];

      AeFFTRow(f, o, r, &m[1], &m[2]);
      for (m[0] = 0; m[0] < f->m[0]; m[0]++, u += 2, w += 2) {
        const PetscReal keep = M->keep[0][m[0]] && M->keep[1][m[1]] && M->keep[2][m[2]] ? f->scale : 0.0;

        if (b >= 0) {
          const PetscReal k2 = -keep * M->k[a][m[a]] * M->k[b][m[b]];

          w[0] = k2 * u[0];
          w[1] = k2 * u[1];
        } else {
          const PetscReal k = keep * M->k[a][m[a]];

          w[0] = -k * u[1];
          w[1] = k * u[0];
        }
      }
    }
}

PetscErrorCode AeGRSpectralDerivatives(AeGR gr, AePatch P, const double *u)
{
  AeGRSpectral    s = P->spectral;
  const AeGrid    g = P->grid;
  const AeLayout *L = P->L;

  PetscFunctionBegin;
  for (int f = 0; f < gr->at.count; f++) {
    PetscCall(AeFFTForwardFrom(s->fft, g, u + AeAt(L, f, 0, 0, 0), L->pitch, L->plane, s->u));
    for (int c = 0; c < (s->slots.second[f] ? 9 : 3); c++) {
      Multiply(s, c < 3 ? c : AeSymA[c - 3], c < 3 ? -1 : AeSymB[c - 3]);
      PetscCall(AeFFTBackward(s->fft, s->w));
      PetscCall(AeFFTStore(s->fft, g, s->w, s->d + (s->slots.first[f] + c) * s->slots.size, g->n[0], (ptrdiff_t)g->n[0] * g->nj));
    }
  }
  PetscFunctionReturn(0);
}

void AeGRSpectralPoint(AeGR gr, AePatch P, const Z4Row *row, ptrdiff_t k, ptrdiff_t j, PetscBool evolve, PetscBool constrain)
{
  const AeGRSpectral s = P->spectral;

  AeGRSpectralRow(gr->form, row, &s->slots, s->d + (k * P->grid->nj + j) * P->grid->n[0], &gr->at, evolve, constrain);
}

static void KeepRow(void *ctx, PetscInt my, PetscInt mz, double *row)
{
  const AeGRSpectral s = ctx;
  const PetscReal    w = s->modes->keep[1][my] && s->modes->keep[2][mz] ? s->fft->scale : 0.0;

  for (PetscInt m = 0; m < s->fft->m[0]; m++) {
    row[2 * m] *= s->modes->keep[0][m] ? w : 0.0;
    row[2 * m + 1] *= s->modes->keep[0][m] ? w : 0.0;
  }
}

PetscErrorCode AeGRSpectralFilter(AeGR gr, AePatch P, double *r)
{
  AeGRSpectral    s = P->spectral;
  const AeLayout *L = P->L;

  PetscFunctionBegin;
  for (int f = 0; f < gr->at.count; f++) {
    double *field = r + AeAt(L, f, 0, 0, 0);

    PetscCall(AeFFTFilter(s->fft, P->grid, field, field, L->pitch, L->plane, s->u, KeepRow, s));
  }
  PetscFunctionReturn(0);
}
