/*
  The algebraic constraints of the conformal formulations, det gt = 1 and tr At = 0: enforced in the sweep that forms a stage,
  Y = u + sum c_m K_m, or alone. What was removed is recorded.
*/
#include "gr_private.h"

static AE_EVENT(CombineEvent, "AeCombine");
static AE_EVENT(EnforceEvent, "AeEnforce");

enum {
  MAX_TERMS = 4,
  NSYM      = 12 /* gt and At */,
  CELLS     = 2048 /* combined at a time: their gt and At stay in a level-2 cache */
};

/*
  d^(-1/3) by Newton's iteration for y^-3 = d from the first-order guess: y <- y (4 - d y^3)/3 squares the relative
  error (times 2), which starts below 2 (d-1)^2/9: five steps reach rounding for |d - 1| <= 0.3. Beyond, cbrt.
*/
static inline RealV InverseCbrt(RealV d)
{
  const MaskV near = Abs(d - 1.0) <= 0.3; /* not NaN */
  RealV       y    = (4.0 - d) * (1.0 / 3.0);
  int64_t     all  = -1;

  for (int it = 0; it < 5; it++) y = y * (4.0 - d * (y * y * y)) * (1.0 / 3.0);
  for (int l = 0; l < AE_LANES; l++) all &= near[l];
  for (int l = 0; l < AE_LANES && !all; l++)
    if (!near[l]) y[l] = 1.0 / cbrt(d[l]);
  return y;
}

/* gt <- gt det(gt)^(-1/3), then At <- At - gt tr(At)/3. Leaves |det - 1| and |tr|. */
static inline void Project(RealV g[6], RealV A[6], RealV *det_drift, RealV *tr_drift)
{
  RealV c[6], det, s, s2, tr;

  AE_SYM_COFACTORS(g, c);
  det = AE_SYM_DET(g, c);
  s   = InverseCbrt(det);
  s2  = s * s; /* the inverse of gt s is c s^2 */
  for (int ab = 0; ab < 6; ab++) g[ab] *= s;
  tr = s2 * ((c[0] * A[0] + c[3] * A[3] + c[5] * A[5]) + 2.0 * (c[1] * A[1] + c[2] * A[2] + c[4] * A[4]));
  for (int ab = 0; ab < 6; ab++) A[ab] -= g[ab] * (tr * (1.0 / 3.0));
  *det_drift = Abs(det - 1.0);
  *tr_drift  = Abs(tr);
}

static inline ptrdiff_t Symmetric(const AeLayout *L, int s) { return (s < 6 ? Z4_GT + s : Z4_AT + s - 6) * L->stride; }

/* A row in place. Its end, less than a vector's worth, goes through a buffer that is flat in the unused lanes, since a
   projection must not be done twice. */
static void ProjectRow(const AeLayout *L, double *y, RealV *det, RealV *tr)
{
  RealV     x[NSYM], d, t;
  ptrdiff_t i = 0;

  for (; i + AE_LANES <= L->nx; i += AE_LANES) {
    for (int s = 0; s < NSYM; s++) x[s] = Load(y + i + Symmetric(L, s));
    Project(x, x + 6, &d, &t);
    for (int s = 0; s < NSYM; s++) Store(y + i + Symmetric(L, s), x[s]);
    *det = Larger(*det, d);
    *tr  = Larger(*tr, t);
  }
  if (i == L->nx) return;
  for (int s = 0; s < NSYM; s++) {
    x[s] = Splat(s == 0 || s == 3 || s == 5);
    for (ptrdiff_t l = 0; l < L->nx - i; l++) x[s][l] = y[i + l + Symmetric(L, s)];
  }
  Project(x, x + 6, &d, &t);
  for (int s = 0; s < NSYM; s++)
    for (ptrdiff_t l = 0; l < L->nx - i; l++) y[i + l + Symmetric(L, s)] = x[s][l];
  *det = Larger(*det, d);
  *tr  = Larger(*tr, t);
}

/* y = u + sum c_m K_m from `at` on: one slope and four are what the stages and the end of a step of RK4 take. */
static void CombineRow(ptrdiff_t nx, double *restrict y, const double *restrict u, ptrdiff_t at, PetscInt n, const PetscReal c[],
                       const double *const K[])
{
  y += at;
  u += at;
  if (n == 1) {
    const double *restrict k0 = K[0] + at;
    const double c0           = c[0];

    for (ptrdiff_t i = 0; i < nx; i++) y[i] = u[i] + c0 * k0[i];
  } else if (n == 4) {
    const double *restrict k0 = K[0] + at, *restrict k1 = K[1] + at, *restrict k2 = K[2] + at, *restrict k3 = K[3] + at;
    const double c0 = c[0], c1 = c[1], c2 = c[2], c3 = c[3];

    for (ptrdiff_t i = 0; i < nx; i++) y[i] = u[i] + c0 * k0[i] + c1 * k1[i] + c2 * k2[i] + c3 * k3[i];
  } else
    for (ptrdiff_t i = 0; i < nx; i++) {
      double x = u[i];

      for (PetscInt m = 0; m < n; m++) x += c[m] * K[m][at + i];
      y[i] = x;
    }
}

/* Rows are formed field by field, in long streams, and projected while they are in cache. */
static void Sweep(AeGR gr, AePatch P, double *y, const double *u, PetscInt n, const PetscReal c[], const double *const K[])
{
  const AeLayout *L    = P->L;
  const ptrdiff_t rows = PetscMax(1, CELLS / L->nx);
  RealV           det = {0}, tr = {0};
  ptrdiff_t       i0, i1;

  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j0 = 0; j0 < L->nj; j0 += rows) {
      const ptrdiff_t j1 = PetscMin(j0 + rows, L->nj);

      for (ptrdiff_t f = 0; f < L->nf && n; f++)
        for (ptrdiff_t j = j0; j < j1; j++) CombineRow(L->nx, y, u, AeAt(L, f, k, j, 0), n, c, K);
      for (ptrdiff_t j = j0; j < j1; j++) {
        const ptrdiff_t row = AeAt(L, 0, k, j, 0);

        if (gr->conformal) ProjectRow(L, y + row, &det, &tr);
        if (n && AeGRFrozen(gr, P->grid, k, j, &i0, &i1)) /* frozen cells keep every bit */
          for (ptrdiff_t f = 0; f < L->nf; f++)
            memcpy(y + row + f * L->stride + i0, u + row + f * L->stride + i0, (size_t)(i1 - i0) * sizeof *y);
      }
    }
  for (int l = 0; l < AE_LANES; l++) {
    P->tally.max[MAX_DET] = PetscMax(P->tally.max[MAX_DET], det[l]);
    P->tally.max[MAX_TR]  = PetscMax(P->tally.max[MAX_TR], tr[l]);
  }
}

PetscErrorCode AeGRCombine(void *ctx, Vec Y, Vec u, PetscInt n, const PetscReal c[], const Vec K[])
{
  AeGR          gr = (AeGR)ctx;
  AePatch       P;
  const double *pu, *pk[MAX_TERMS];
  double       *py;

  PetscFunctionBegin;
  PetscCheck(n <= MAX_TERMS, gr->comm, PETSC_ERR_SUP, "at most %d slopes can be combined", MAX_TERMS);
  PetscCall(PetscLogEventBegin(CombineEvent, Y, u, 0, 0));
  PetscCall(AeGRPatch(gr, u, &P));
  PetscCall(VecGetArrayRead(u, &pu));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecGetArrayRead(K[m], &pk[m]));
  PetscCall(VecGetArray(Y, &py));
  Sweep(gr, P, py, pu, n, c, pk);
  PetscCall(VecRestoreArray(Y, &py));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecRestoreArrayRead(K[m], &pk[m]));
  PetscCall(VecRestoreArrayRead(u, &pu));
  PetscCall(PetscLogFlops((2.0 * n * P->L->nf + 150.0) * P->L->nx * P->L->nj * P->L->nk));
  PetscCall(PetscLogEventEnd(CombineEvent, Y, u, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGREnforce(AeGR gr, Vec U)
{
  AePatch P;
  double *u;

  PetscFunctionBegin;
  if (!gr->conformal) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(EnforceEvent, U, 0, 0, 0));
  PetscCall(AeGRPatch(gr, U, &P));
  PetscCall(VecGetArray(U, &u));
  Sweep(gr, P, u, u, 0, NULL, NULL);
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(PetscLogEventEnd(EnforceEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}
