/*
  The algebraic constraints of the conformal formulations, det gt = 1 and tr At = 0: enforced in the sweep that forms a stage,
  Y = u + sum c_m K_m, or alone. What was removed is recorded.
*/
#include "gr_private.h"

enum { MAX_TERMS = 4, NSYM = 12 }; /* gt and At */

/*
  d^(-1/3) by Newton's iteration for y^-3 = d from the first-order guess: y <- y (4 - d y^3)/3 squares the relative
  error (times 2), which starts below 2 (d-1)^2/9: five steps reach rounding for |d - 1| <= 0.3. Beyond, cbrt.
*/
static inline RealV InverseCbrt(RealV d)
{
  RealV y = (4.0 - d) * (1.0 / 3.0);

  for (int it = 0; it < 5; it++) y = y * (4.0 - d * (y * y * y)) * (1.0 / 3.0);
  for (int l = 0; l < AE_LANES; l++)
    if (!(fabs(d[l] - 1.0) <= 0.3)) y[l] = 1.0 / cbrt(d[l]);
  return y;
}

/* gt <- gt det(gt)^(-1/3), then At <- At - gt tr(At)/3. Leaves |det - 1| and |tr|. */
static inline void Project(RealV g[6], RealV A[6], RealV *det_drift, RealV *tr_drift)
{
  RealV c[6], det, s, s2, tr;

  c[0] = g[3] * g[5] - g[4] * g[4];
  c[1] = g[2] * g[4] - g[1] * g[5];
  c[2] = g[1] * g[4] - g[2] * g[3];
  c[3] = g[0] * g[5] - g[2] * g[2];
  c[4] = g[1] * g[2] - g[0] * g[4];
  c[5] = g[0] * g[3] - g[1] * g[1];
  det  = g[0] * c[0] + g[1] * c[1] + g[2] * c[2];
  s    = InverseCbrt(det);
  s2   = s * s; /* the inverse of gt s is c s^2 */
  for (int ab = 0; ab < 6; ab++) g[ab] *= s;
  tr = s2 * ((c[0] * A[0] + c[3] * A[3] + c[5] * A[5]) + 2.0 * (c[1] * A[1] + c[2] * A[2] + c[4] * A[4]));
  for (int ab = 0; ab < 6; ab++) A[ab] -= g[ab] * (tr * (1.0 / 3.0));
  *det_drift = Abs(det - 1.0);
  *tr_drift  = Abs(tr);
}

static inline RealV Term(const double *u, ptrdiff_t at, PetscInt n, const PetscReal c[], const double *const K[])
{
  RealV x = Load(u + at);

  for (PetscInt m = 0; m < n; m++) x += c[m] * Load(K[m] + at);
  return x;
}

/* `count` cells from `at` on. Fewer than a vector's worth go through a buffer, since a projection in place must not
   be done twice. */
static inline void Block(const AeLayout *L, double *y, const double *u, ptrdiff_t at, ptrdiff_t count, PetscInt n, const PetscReal c[], const double *const K[], RealV *det, RealV *tr)
{
  RealV x[NSYM];

  if (count == AE_LANES) {
    for (int s = 0; s < NSYM; s++) x[s] = Term(u, at + (s < 6 ? Z4_GT + s : Z4_AT + s - 6) * L->stride, n, c, K);
    Project(x, x + 6, det, tr);
    for (int s = 0; s < NSYM; s++) Store(y + at + (s < 6 ? Z4_GT + s : Z4_AT + s - 6) * L->stride, x[s]);
  } else {
    for (int s = 0; s < NSYM; s++) {
      const ptrdiff_t o = at + (s < 6 ? Z4_GT + s : Z4_AT + s - 6) * L->stride;

      x[s] = Splat(s == 0 || s == 3 || s == 5); /* flat in the unused lanes */
      for (ptrdiff_t l = 0; l < count; l++) {
        x[s][l] = u[o + l];
        for (PetscInt m = 0; m < n; m++) x[s][l] += c[m] * K[m][o + l];
      }
    }
    Project(x, x + 6, det, tr);
    for (int s = 0; s < NSYM; s++) {
      const ptrdiff_t o = at + (s < 6 ? Z4_GT + s : Z4_AT + s - 6) * L->stride;
      for (ptrdiff_t l = 0; l < count; l++) y[o + l] = x[s][l];
    }
  }
}

/* Row of fields that nothing is asked of. */
static inline void CombineRow(const AeLayout *L, double *y, const double *u, ptrdiff_t at, PetscInt n, const PetscReal c[], const double *const K[])
{
  for (ptrdiff_t i = 0; i < L->nx; i++) {
    double x = u[at + i];

    for (PetscInt m = 0; m < n; m++) x += c[m] * K[m][at + i];
    y[at + i] = x;
  }
}

static void Sweep(AeGR gr, const AeLayout *L, double *y, const double *u, PetscInt n, const PetscReal c[], const double *const K[])
{
  RealV     det = {0}, tr = {0};
  ptrdiff_t i0, i1;

  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++) {
      const ptrdiff_t row = AeAt(L, 0, k, j, 0);

      for (ptrdiff_t f = 0; f < L->nf && n; f++) {
        if (gr->conformal && ((f >= Z4_GT && f < Z4_GT + 6) || (f >= Z4_AT && f < Z4_AT + 6))) continue;
        CombineRow(L, y, u, row + f * L->stride, n, c, K);
      }
      for (ptrdiff_t i = 0; i < L->nx && gr->conformal; i += AE_LANES) {
        RealV d, t;

        Block(L, y, u, row + i, PetscMin(AE_LANES, L->nx - i), n, c, K, &d, &t);
        for (int l = 0; l < AE_LANES; l++) {
          det[l] = d[l] > det[l] ? d[l] : det[l];
          tr[l]  = t[l] > tr[l] ? t[l] : tr[l];
        }
      }
      if (n && AeGRFrozen(gr, k, j, &i0, &i1)) /* frozen cells keep every bit */
        for (ptrdiff_t f = 0; f < L->nf; f++) memcpy(y + row + f * L->stride + i0, u + row + f * L->stride + i0, (size_t)(i1 - i0) * sizeof *y);
    }
  for (int l = 0; l < AE_LANES; l++) {
    gr->tally.max[MAX_DET] = PetscMax(gr->tally.max[MAX_DET], det[l]);
    gr->tally.max[MAX_TR]  = PetscMax(gr->tally.max[MAX_TR], tr[l]);
  }
}

PetscErrorCode AeGRCombine(void *ctx, Vec Y, Vec u, PetscInt n, const PetscReal c[], const Vec K[])
{
  AeGR            gr = (AeGR)ctx;
  const AeLayout *L;
  const double   *pu, *pk[MAX_TERMS];
  double         *py;

  PetscFunctionBegin;
  PetscCheck(n <= MAX_TERMS, gr->comm, PETSC_ERR_SUP, "at most %d slopes can be combined", MAX_TERMS);
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_COMBINE], Y, u, 0, 0));
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(u, &pu));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecGetArrayRead(K[m], &pk[m]));
  PetscCall(VecGetArray(Y, &py));
  Sweep(gr, L, py, pu, n, c, pk);
  PetscCall(VecRestoreArray(Y, &py));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecRestoreArrayRead(K[m], &pk[m]));
  PetscCall(VecRestoreArrayRead(u, &pu));
  PetscCall(PetscLogFlops((2.0 * n * L->nf + 150.0) * L->nx * L->nj * L->nk));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_COMBINE], Y, u, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGREnforce(AeGR gr, Vec U)
{
  const AeLayout *L;
  double         *u;

  PetscFunctionBegin;
  if (!gr->conformal) PetscFunctionReturn(0);
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_ENFORCE], U, 0, 0, 0));
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArray(U, &u));
  Sweep(gr, L, u, u, 0, NULL, NULL);
  PetscCall(VecRestoreArray(U, &u));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_ENFORCE], U, 0, 0, 0));
  PetscFunctionReturn(0);
}
