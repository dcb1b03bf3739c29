/*
  Ghost cells of cell-centred grids as linear functionals of the cells inside, for stencils of order p.

  Let s = 0, 1, ... count cells inward from a face, with centres at x_s = -(s + 1/2) in units of h, x outward, the face at 0.
  The polynomial through u_0 ... u_{d-1} that also satisfies w_N u' + w_D u = g at the face is
     q(x) = L(x) + lambda Pi(x),   Pi = prod (x - x_s),   lambda = (g - w_N L'(0) - w_D L(0)) / (w_N Pi'(0) + w_D Pi(0))
  and ghost m is q(m + 1/2). Dirichlet: w_N = 0, w_D = 1; Neumann: 1, 0; Robin: 1, a h with a = n x_N / r^2.
  d = 1 for order 2 (ghost = -u, u, ...: symmetric operators), d = p for orders 4 and 6: truncation of order h^(p-1) in the
  cells at the face, where order p in the solution needs p - 2 (Dirichlet) or p - 1.
*/
#include "ell_private.h"

static double Lagrange(int d, int s, double x)
{
  double l = 1;
  for (int t = 0; t < d; t++)
    if (t != s) l *= (x + t + 0.5) / (t - s);
  return l;
}

static double LagrangeSlope(int d, int s, double x)
{
  double sum = 0;
  for (int m = 0; m < d; m++) {
    double l = 1;
    if (m == s) continue;
    for (int t = 0; t < d; t++)
      if (t != s) l *= t == m ? 1. / (t - s) : (x + t + 0.5) / (t - s);
    sum += l;
  }
  return sum;
}

static double Pi(int d, double x)
{
  double p = 1;
  for (int t = 0; t < d; t++) p *= x + t + 0.5;
  return p;
}

static double PiSlope(int d, double x)
{
  double sum = 0;
  for (int m = 0; m < d; m++) {
    double p = 1;
    for (int t = 0; t < d; t++)
      if (t != m) p *= x + t + 0.5;
    sum += p;
  }
  return sum;
}

const EllClosure *EllClosureOf(PetscInt order)
{
  static EllClosure table[3];
  EllClosure       *c = &table[order / 2 - 1];
  const int         d = order == 2 ? 1 : (int)order;

  if (c->points) return c;
  c->ghosts = (int)order / 2;
  for (int s = 0; s < d; s++) {
    for (int m = 0; m < c->ghosts; m++) c->P[m][s] = Lagrange(d, s, m + 0.5);
    c->N[s] = LagrangeSlope(d, s, 0);
    c->D[s] = Lagrange(d, s, 0);
  }
  for (int m = 0; m < c->ghosts; m++) c->Q[m] = Pi(d, m + 0.5);
  c->N0     = PiSlope(d, 0);
  c->D0     = Pi(d, 0);
  c->points = d;
  return c;
}

/* Ghosts of `n` lines side by side (stride 1) that leave the domain along stride `out`; a h of each line in ah, NULL: none. */
static void Lines(const EllClosure *c, AeEllBoundary type, int parity, const double *ah, ptrdiff_t n, ptrdiff_t out, double *u)
{
  const double wN = type == AE_ELL_DIRICHLET ? 0 : 1, wD = type == AE_ELL_DIRICHLET ? 1 : 0;

  for (int m = 0; m < c->ghosts; m++) {
    double *ghost = u + (m + 1) * out;

    if (type == AE_ELL_REFLECT)
      for (ptrdiff_t i = 0; i < n; i++) ghost[i] = parity * u[i - m * out];
    else if (ah)
      for (ptrdiff_t i = 0; i < n; i++) {
        double p = 0, f = 0, g = 0;
        for (int s = 0; s < c->points; s++) {
          const double v = u[i - s * out];
          p += c->P[m][s] * v;
          f += c->N[s] * v;
          g += c->D[s] * v;
        }
        ghost[i] = p - c->Q[m] * (f + ah[i] * g) / (c->N0 + ah[i] * c->D0);
      }
    else {
      const double scale = c->Q[m] / (wN * c->N0 + wD * c->D0);

      for (ptrdiff_t i = 0; i < n; i++) ghost[i] = 0;
      for (int s = 0; s < c->points; s++) {
        const double a = c->P[m][s] - scale * (wN * c->N[s] + wD * c->D[s]);
        for (ptrdiff_t i = 0; i < n; i++) ghost[i] += a * u[i - s * out];
      }
    }
  }
}

/* a h of the Robin condition at n points of a face along x from index i0; j, k: global indices, half-way values allowed */
static void RobinRow(AeEll ell, const EllLevel *v, int d, int side, ptrdiff_t i0, ptrdiff_t n, PetscReal j, PetscReal k, double *ah)
{
  const PetscReal xn = (side ? v->lo[d] + v->n[d] * v->h[d] : v->lo[d]);

  for (ptrdiff_t i = 0; i < n; i++) {
    PetscReal x[3] = {v->lo[0] + ((PetscReal)(i0 + i) + 0.5) * v->h[0], v->lo[1] + (j + 0.5) * v->h[1], v->lo[2] + (k + 0.5) * v->h[2]};
    x[d]           = xn;
    ah[i]          = ell->falloff * (side ? xn : -xn) / (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) * v->h[d];
  }
}

static void FaceX(AeEll ell, EllLevel *v, const EllClosure *c, const AeLayout *L, double *u, PetscInt f)
{
  const ptrdiff_t n = v->n[0];

  for (PetscInt k = 0; k < v->nk; k++)
    for (PetscInt j = 0; j < v->n[1]; j++) {
      double *x = u + AeAt(L, f, k, j, 0);

      if (ell->bc[0][0] == AE_ELL_PERIODIC) {
        for (ptrdiff_t i = 1; i <= L->g; i++) {
          x[-i]        = x[EllWrap((PetscInt)-i, (PetscInt)n)];
          x[n - 1 + i] = x[(i - 1) % n];
        }
        continue;
      }
      for (int side = 0; side < 2; side++) {
        double ah;

        if (ell->bc[0][side] == AE_ELL_ROBIN) RobinRow(ell, v, 0, side, 0, 1, j, k + v->ks, &ah);
        Lines(c, ell->bc[0][side], ell->parity[f][0], ell->bc[0][side] == AE_ELL_ROBIN ? &ah : NULL, 1, side ? 1 : -1, x + (side ? n - 1 : 0));
      }
    }
}

static void FaceY(AeEll ell, EllLevel *v, const EllClosure *c, const AeLayout *L, double *u, PetscInt f)
{
  const ptrdiff_t g = L->g, m = v->n[0] + 2 * g, nj = v->n[1];

  for (PetscInt k = 0; k < v->nk; k++) {
    double *x = u + AeAt(L, f, k, 0, -g);

    if (ell->bc[1][0] == AE_ELL_PERIODIC) {
      for (ptrdiff_t i = 1; i <= g; i++) {
        memcpy(x - i * L->pitch, x + EllWrap((PetscInt)-i, (PetscInt)nj) * L->pitch, sizeof(double) * m);
        memcpy(x + (nj - 1 + i) * L->pitch, x + (i - 1) % nj * L->pitch, sizeof(double) * m);
      }
      continue;
    }
    for (int side = 0; side < 2; side++) {
      const PetscBool robin = (PetscBool)(ell->bc[1][side] == AE_ELL_ROBIN);

      if (robin) RobinRow(ell, v, 1, side, -g, m, 0, k + v->ks, ell->scratch);
      Lines(c, ell->bc[1][side], ell->parity[f][1], robin ? ell->scratch : NULL, m, side ? L->pitch : -L->pitch, x + (side ? (nj - 1) * L->pitch : 0));
    }
  }
}

static void FaceZ(AeEll ell, EllLevel *v, const EllClosure *c, const AeLayout *L, double *u, PetscInt f)
{
  const ptrdiff_t g = L->g, m = v->n[0] + 2 * g;

  for (int side = 0; side < 2; side++) {
    const PetscBool robin = (PetscBool)(ell->bc[2][side] == AE_ELL_ROBIN);

    if (ell->bc[2][side] == AE_ELL_PERIODIC || (side ? v->ks + v->nk < v->n[2] : v->ks > 0)) continue;
    for (PetscInt j = (PetscInt)-g; j < v->n[1] + g; j++) {
      if (robin) RobinRow(ell, v, 2, side, -g, m, j, 0, ell->scratch);
      Lines(c, ell->bc[2][side], ell->parity[f][2], robin ? ell->scratch : NULL, m, side ? L->plane : -L->plane, u + AeAt(L, f, side ? v->nk - 1 : 0, j, -g));
    }
  }
}

/* All ghosts of u, edges and corners included, L->g deep. */
PetscErrorCode EllFillGhosts(AeEll ell, EllLevel *v, const AeLayout *L, double *u, PetscInt order)
{
  const EllClosure *c = EllClosureOf(order);

  PetscFunctionBegin;
  for (PetscInt f = 0; f < L->nf; f++) {
    FaceX(ell, v, c, L, u, f);
    FaceY(ell, v, c, L, u, f);
  }
  PetscCall(EllExchange(ell, v, L, u, (PetscInt)L->g));
  for (PetscInt f = 0; f < L->nf; f++) {
    if (ell->bc[2][0] == AE_ELL_PERIODIC && v->n[2] == 1) { /* one cell: its own image, in as many planes as asked */
      for (PetscInt m = 1; m <= L->g; m++)
        for (int s = -1; s <= 1; s += 2) memcpy(u + AeAt(L, f, s * m, (PetscInt)-L->g, (PetscInt)-L->g), u + AeAt(L, f, 0, (PetscInt)-L->g, (PetscInt)-L->g), sizeof(double) * L->plane);
    }
    FaceZ(ell, v, c, L, u, f);
  }
  PetscFunctionReturn(0);
}

void EllGhostsAll(AeEll ell, EllLevel *v, double *u) { (void)EllFillGhosts(ell, v, &v->L, u, 2); }
