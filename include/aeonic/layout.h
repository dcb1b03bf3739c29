#ifndef AEONIC_LAYOUT_H
#define AEONIC_LAYOUT_H
/*
  The field-major layout of one rank's block: f[field][k][j][i], i contiguous, ghosts included.
  This is the only file that computes offsets into it.

  Each field's block starts on a 64-byte boundary, and so does the first interior cell of every row. A row
  takes `pitch` doubles: the ghosts to the right of one row and to the left of the next share the 8-double
  gap between their interiors where it is wide enough. The field stride is an odd number of cache lines, so
  that the same cell of all fields does not fall into one set of an 8- or 12-way cache.
*/
#include <stddef.h>

#define AE_LINE 8 /* doubles in a cache line */

typedef struct {
  ptrdiff_t nf;         /* fields */
  ptrdiff_t nx, nj, nk; /* interior cells of this rank */
  ptrdiff_t g;          /* ghost width */
  ptrdiff_t pitch;      /* doubles between (j) and (j+1) */
  ptrdiff_t plane;      /* doubles between (k) and (k+1) */
  ptrdiff_t origin;     /* offset of interior cell (0,0,0) of field 0 */
  ptrdiff_t stride;     /* doubles between fields */
  ptrdiff_t size;       /* doubles in all: nf * stride */
} AeLayout;

static inline ptrdiff_t AeRoundUp(ptrdiff_t n, ptrdiff_t m) { return (n + m - 1) / m * m; }

/* With gk ghost planes below and above instead of g: for sweeps that do several steps on one filling of ghosts. */
static inline AeLayout AeLayoutCreateDeep(ptrdiff_t nf, ptrdiff_t nx, ptrdiff_t nj, ptrdiff_t nk, ptrdiff_t g, ptrdiff_t gk)
{
  AeLayout        L;
  const ptrdiff_t lead = AeRoundUp(g, AE_LINE);

  L.nf     = nf;
  L.nx     = nx;
  L.nj     = nj;
  L.nk     = nk;
  L.g      = g;
  L.pitch  = AeRoundUp(nx + 2 * g, AE_LINE);
  L.plane  = L.pitch * (nj + 2 * g);
  L.origin = lead + g * L.pitch + gk * L.plane;
  /* the last row's right ghosts reach at most `lead` doubles past its pitch */
  L.stride = AeRoundUp(L.plane * (nk + 2 * gk) + lead, AE_LINE);
  if (L.stride / AE_LINE % 2 == 0) L.stride += AE_LINE;
  L.size = nf * L.stride;
  return L;
}

static inline AeLayout AeLayoutCreate(ptrdiff_t nf, ptrdiff_t nx, ptrdiff_t nj, ptrdiff_t nk, ptrdiff_t g)
{
  return AeLayoutCreateDeep(nf, nx, nj, nk, g, g);
}

/* Offset of cell (i,j,k) of field f; ghosts have indices < 0 or >= nx, nj, nk. */
static inline ptrdiff_t AeAt(const AeLayout *L, ptrdiff_t f, ptrdiff_t k, ptrdiff_t j, ptrdiff_t i)
{
  return f * L->stride + L->origin + k * L->plane + j * L->pitch + i;
}
#endif
