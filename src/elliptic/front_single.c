/*
  The fused sweep in single precision (-mg_precision single): half the memory to move, twice the numbers in a register.
*/
#include "ell_private.h"
#include <aeonic/simd.h>

typedef float   Real;
typedef float   FloatV __attribute__((vector_size(AE_LANES * 4)));
typedef float   FloatU __attribute__((vector_size(AE_LANES * 4), aligned(4), may_alias)); /* in memory, any alignment */
typedef int32_t MaskF __attribute__((vector_size(AE_LANES * 4)));

static const MaskF Even = {-1, 0, -1, 0, -1, 0, -1, 0}, Odd = {0, -1, 0, -1, 0, -1, 0, -1};
AE_INLINE FloatV   LoadF(const float *p) { return *(const FloatU *)p; }
AE_INLINE void     StoreF(float *p, FloatV x) { *(FloatU *)p = x; }

#define VREAL        FloatV
#define VMASK        MaskF
#define LOAD         LoadF
#define STORE        StoreF
#define F(name)      name##Single
#define SHARED       static
#define X(v)         (v)->single.x
#define B(v)         (v)->single.b
#define C(v)         (v)->single.c
#define W(v)         (v)->single.w
#define SCRATCH(ell) ((float *)(ell)->scratch)
#include "front_body.h"

void EllGhostsSingle(EllLevel *v)
{
  for (PetscInt k = 0; k < v->nk; k++) {
    for (PetscInt j = 0; j < v->n[1]; j++) F(GhostX)(v, X(v) + AeAt(&v->L, 0, k, j, 0), k, j);
    F(PlaneDone)(v, k);
  }
}

/* What the set-up has made in double. */
void EllRenewSingle(AeEll ell)
{
  for (PetscInt l = 0; l < ell->nlevels; l++) {
    EllLevel *v = &ell->lv[l];

    for (ptrdiff_t q = 0; q < EllWeightsSize(v); q++) W(v)[q] = (float)v->w[q];
    for (ptrdiff_t q = 0; v->c && q < v->LC.size; q++) C(v)[q] = (float)v->c[q];
  }
}
