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

/* Where the data of inhomogeneous conditions come from; data NULL: homogeneous */
typedef struct {
  AeEll           ell;
  EllLevel       *v;
  const AeLayout *L;
  AeEllData       data;
  void           *ctx;
  PetscInt        order;
} Fill;

/*
  Ghosts of `n` lines side by side (stride 1) that leave the domain along stride `out` at face (d, side), from cell i0 of the row
  (j, k) of the face: global indices, ghosts allowed.
*/
static PetscErrorCode Lines(const Fill *F, PetscInt comp, int d, int side, PetscInt i0, ptrdiff_t n, PetscInt j, PetscInt k,
                            ptrdiff_t out, double *u)
{
  const EllClosure   *c    = EllClosureOf(F->order);
  const EllLevel     *v    = F->v;
  const AeEllBoundary type = F->ell->bc[d][side];
  const double        wN = type == AE_ELL_DIRICHLET ? 0 : 1, wD = type == AE_ELL_DIRICHLET ? 1 : 0;
  const PetscReal     face = side ? v->lo[d] + v->n[d] * v->h[d] : v->lo[d];

  PetscFunctionBegin;
  if (type == AE_ELL_REFLECT) {
    for (int m = 0; m < c->ghosts; m++)
      for (ptrdiff_t i = 0; i < n; i++) u[(m + 1) * out + i] = F->ell->parity[comp][d] * u[i - m * out];
    PetscFunctionReturn(0);
  }
  if (type != AE_ELL_ROBIN && !F->data) {
    for (int m = 0; m < c->ghosts; m++) {
      const double scale = c->Q[m] / (wN * c->N0 + wD * c->D0);
      double      *ghost = u + (m + 1) * out;

      for (ptrdiff_t i = 0; i < n; i++) ghost[i] = 0;
      for (int s = 0; s < c->points; s++) {
        const double a = c->P[m][s] - scale * (wN * c->N[s] + wD * c->D[s]);
        for (ptrdiff_t i = 0; i < n; i++) ghost[i] += a * u[i - s * out];
      }
    }
    PetscFunctionReturn(0);
  }
  for (ptrdiff_t i = 0; i < n; i++) {
    PetscReal x[3] = {v->lo[0] + ((PetscReal)(i0 + i) + 0.5) * v->h[0], v->lo[1] + ((PetscReal)j + 0.5) * v->h[1],
                      v->lo[2] + ((PetscReal)k + 0.5) * v->h[2]},
              g[3] = {0, 0, 0};
    double w = wD, f = 0, e = 0;

    x[d] = face;
    if (type == AE_ELL_ROBIN) w = F->ell->falloff * (side ? face : -face) / (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) * v->h[d];
    if (F->data) PetscCall((*F->data)(F->ctx, d, side, x, g));
    for (int s = 0; s < c->points; s++) {
      f += c->N[s] * u[i - s * out];
      e += c->D[s] * u[i - s * out];
    }
    for (int m = 0; m < c->ghosts; m++) {
      double p = 0;
      for (int s = 0; s < c->points; s++) p += c->P[m][s] * u[i - s * out];
      u[(m + 1) * out + i] = p - c->Q[m] * (wN * f + w * e - g[comp] * (wN > 0 ? v->h[d] : 1)) / (wN * c->N0 + w * c->D0);
    }
  }
  PetscFunctionReturn(0);
}

/* Faces along x, of own rows only. A periodic axis may have fewer cells than there are ghosts: images are counted around. */
static PetscErrorCode FaceX(const Fill *F, double *u, PetscInt f)
{
  const EllLevel *v = F->v;
  const AeLayout *L = F->L;
  const ptrdiff_t n = v->n[0];

  PetscFunctionBegin;
  for (PetscInt k = 0; k < v->nk; k++)
    for (PetscInt j = 0; j < v->n[1]; j++) {
      double *x = u + AeAt(L, f, k, j, 0);

      if (F->ell->bc[0][0] == AE_ELL_PERIODIC)
        for (ptrdiff_t i = 1; i <= L->g; i++) {
          x[-i]        = x[EllWrap((PetscInt)-i, (PetscInt)n)];
          x[n - 1 + i] = x[(i - 1) % n];
        }
      else
        for (int side = 0; side < 2; side++)
          PetscCall(Lines(F, f, 0, side, 0, 1, j, k + v->ks, side ? 1 : -1, x + (side ? n - 1 : 0)));
    }
  PetscFunctionReturn(0);
}

/*
  After x: rows are filled with their x ghosts, and so are edges along z. Robin's coefficient there is that at the ghosts' own x.
*/
static PetscErrorCode FaceY(const Fill *F, double *u, PetscInt f)
{
  const EllLevel *v = F->v;
  const AeLayout *L = F->L;
  const ptrdiff_t g = L->g, m = v->n[0] + 2 * g, nj = v->n[1];

  PetscFunctionBegin;
  for (PetscInt k = 0; k < v->nk; k++) {
    double *x = u + AeAt(L, f, k, 0, -g);

    if (F->ell->bc[1][0] == AE_ELL_PERIODIC)
      for (ptrdiff_t i = 1; i <= g; i++) {
        memcpy(x - i * L->pitch, x + EllWrap((PetscInt)-i, (PetscInt)nj) * L->pitch, sizeof(double) * m);
        memcpy(x + (nj - 1 + i) * L->pitch, x + (i - 1) % nj * L->pitch, sizeof(double) * m);
      }
    else
      for (int side = 0; side < 2; side++)
        PetscCall(
          Lines(F, f, 1, side, (PetscInt)-g, m, 0, k + v->ks, side ? L->pitch : -L->pitch, x + (side ? (nj - 1) * L->pitch : 0)));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode FaceZ(const Fill *F, double *u, PetscInt f)
{
  const EllLevel *v = F->v;
  const AeLayout *L = F->L;
  const PetscInt  g = (PetscInt)L->g;

  PetscFunctionBegin;
  for (int side = 0; side < 2; side++) {
    if (F->ell->bc[2][side] == AE_ELL_PERIODIC || (side ? v->ks + v->nk < v->n[2] : v->ks > 0)) continue;
    for (PetscInt j = -g; j < v->n[1] + g; j++)
      PetscCall(Lines(F, f, 2, side, -g, v->n[0] + 2 * g, j, 0, side ? L->plane : -L->plane,
                      u + AeAt(L, f, side ? v->nk - 1 : 0, j, -g)));
  }
  PetscFunctionReturn(0);
}

/* All ghosts of u, edges and corners included, L->g deep. */
static PetscErrorCode FillAll(const Fill *F, double *u)
{
  AeEll           ell = F->ell;
  EllLevel       *v   = F->v;
  const AeLayout *L   = F->L;

  PetscFunctionBegin;
  for (PetscInt f = 0; f < L->nf; f++) {
    PetscCall(FaceX(F, u, f));
    PetscCall(FaceY(F, u, f));
  }
  PetscCall(EllExchange(ell, v, L, u, (PetscInt)L->g));
  for (PetscInt f = 0; f < L->nf; f++) {
    if (ell->bc[2][0] == AE_ELL_PERIODIC && v->n[2] == 1) { /* one cell: its own image, in as many planes as asked */
      for (PetscInt m = 1; m <= L->g; m++)
        for (int s = -1; s <= 1; s += 2)
          memcpy(u + AeAt(L, f, s * m, (PetscInt)-L->g, (PetscInt)-L->g), u + AeAt(L, f, 0, (PetscInt)-L->g, (PetscInt)-L->g),
                 sizeof(double) * L->plane);
    }
    PetscCall(FaceZ(F, u, f));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode EllFillData(AeEll ell, EllLevel *v, const AeLayout *L, double *u, PetscInt order, AeEllData data, void *ctx)
{
  const Fill F = {.ell = ell, .v = v, .L = L, .data = data, .ctx = ctx, .order = order};

  PetscFunctionBegin;
  PetscCall(FillAll(&F, u));
  PetscFunctionReturn(0);
}
