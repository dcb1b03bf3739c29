/*
  The fused sweep of multigrid for scalar operators of order 2 without mixed derivatives:

     A u = sum_d (2 u - u_- - u_+)/h_d^2 + c u

  One pass over the planes of a level does, in this order and each one plane behind the one before it,
     prolongation + correction | half sweeps of red-black Gauss-Seidel | residual, its norm, restriction
  so that a whole cycle reads and writes the level once. A half sweep reads the other colour only, so that the lag
  of one plane gives bit for bit what separate sweeps would. Where ghost planes are copies (periodic, other ranks) the
  stages run into them, one plane less each: one exchange serves all.
*/
#include "ell_private.h"
#include <aeonic/simd.h>

static const MaskV Even = {-1, 0, -1, 0, -1, 0, -1, 0}, Odd = {0, -1, 0, -1, 0, -1, 0, -1};

typedef double Real;
#define VREAL   RealV
#define VMASK   MaskV
#define LOAD    Load
#define STORE   Store
#define F(name) name
#define SHARED
#define X(v)         (v)->x
#define B(v)         (v)->b
#define C(v)         (v)->c
#define W(v)         (v)->w
#define SCRATCH(ell) (ell)->scratch
#include "front_body.h"

void EllProlong(AeEll ell, EllLevel *f, EllLevel *c)
{
  for (PetscInt comp = 0; comp < ell->nc; comp++)
    for (PetscInt k = 0; k < f->nk; k++) ProlongPlane(f, c, ell->scratch, comp, k);
}

/* from a residual whose ghost planes are filled */
void EllRestrict(AeEll ell, EllLevel *f, const double *r, EllLevel *c)
{
  ClearCoarse(ell, c);
  for (PetscInt comp = 0; comp < ell->nc; comp++)
    for (PetscInt k = c->from; k < c->to; k++)
      for (PetscInt j = 0; j < f->n[1]; j++) EllRestrictRow(f, c, r + AeAt(&f->L, comp, k, j, 0), ell->scratch, comp, k, j);
}
