/*
  Bowen-York extrinsic curvature and what follows from it in closed form.
*/
#include <aeonic/bowen_york.h>
#include <math.h>

static double Dot3(const PetscReal a[3], const PetscReal b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/* n = (x - x_p)/r and r */
static double Direction(const AePuncture *p, const PetscReal x[3], PetscReal r_min, PetscReal n[3])
{
  double r;

  for (int a = 0; a < 3; a++) n[a] = x[a] - p->x[a];
  r = fmax(sqrt(Dot3(n, n)), r_min);
  for (int a = 0; a < 3; a++) n[a] = r > 0 ? n[a] / r : 0.0;
  return r;
}

/*
  Abar_ij = 3/(2 r^2) [P_i n_j + P_j n_i - (delta_ij - n_i n_j) n.P] + (3/r^3) [(S x n)_i n_j + (S x n)_j n_i], summed
*/
void AeBowenYorkA(PetscInt np, const AePuncture p[], const PetscReal x[3], PetscReal r_min, PetscReal A[6])
{
  for (int ij = 0; ij < 6; ij++) A[ij] = 0.0;
  for (PetscInt q = 0; q < np; q++) {
    PetscReal        n[3];
    const double     r = Direction(&p[q], x, r_min, n), nP = Dot3(n, p[q].P), c2 = 1.5 / (r * r), c3 = 3.0 / (r * r * r);
    const PetscReal *P = p[q].P, *S = p[q].S;
    const PetscReal  Sn[3] = {S[1] * n[2] - S[2] * n[1], S[2] * n[0] - S[0] * n[2], S[0] * n[1] - S[1] * n[0]};

    for (int i = 0, ij = 0; i < 3; i++)
      for (int j = i; j < 3; j++, ij++)
        A[ij] += c2 * (P[i] * n[j] + P[j] * n[i] - ((i == j) - n[i] * n[j]) * nP) + c3 * (Sn[i] * n[j] + Sn[j] * n[i]);
  }
}

double AeBowenYorkAA8(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal r_min)
{
  PetscReal A[6];

  AeBowenYorkA(n, p, x, r_min, A);
  return 0.125 * ((A[0] * A[0] + A[3] * A[3] + A[5] * A[5]) + 2.0 * (A[1] * A[1] + A[2] * A[2] + A[4] * A[4]));
}

double AeBowenYorkPsi0(PetscInt np, const AePuncture p[], const PetscReal x[3], PetscReal r_min)
{
  double psi = 1.0;

  for (PetscInt q = 0; q < np; q++) {
    PetscReal n[3];
    psi += 0.5 * p[q].m / Direction(&p[q], x, r_min, n);
  }
  return psi;
}

void AeBowenYorkMomenta(PetscInt np, const AePuncture p[], PetscReal P[3], PetscReal J[3])
{
  for (int a = 0; a < 3; a++) P[a] = J[a] = 0.0;
  for (PetscInt q = 0; q < np; q++)
    for (int a = 0; a < 3; a++) {
      const int b = (a + 1) % 3, c = (a + 2) % 3;

      P[a] += p[q].P[a];
      J[a] += p[q].S[a] + p[q].x[b] * p[q].P[c] - p[q].x[c] * p[q].P[b];
    }
}

/* ---- means over cells ---- */

/* largest distance along an axis, in cells */
static double CellsAway(const AePuncture *p, const PetscReal x[3], PetscReal h)
{
  return fmax(fmax(fabs(x[0] - p->x[0]), fabs(x[1] - p->x[1])), fabs(x[2] - p->x[2])) / h;
}

static const double Near = 4.5; /* cells: beyond, s is smooth on the scale of the differences' stencil */

PetscBool AeCellNear(PetscInt n, const AePuncture p[], const PetscReal x[3], PetscReal h)
{
  for (PetscInt q = 0; q < n; q++)
    if (CellsAway(&p[q], x, h) <= Near) return PETSC_TRUE;
  return PETSC_FALSE;
}

typedef struct {
  PetscInt          np, n;
  const AePuncture *p;
  PetscReal        *aa8, *psi0, *weight;
} Cell;

/* Gauss' points of a cell; one that comes near a hole is cut into eight, twice at most, since the source grows as a power of the
   distance there. */
static void Subdivide(Cell *c, const PetscReal x[3], PetscReal h, double weight, int depth)
{
  static const double gauss[3] = {-0.7745966692414834, 0.0, 0.7745966692414834}, w[3] = {5. / 18, 8. / 18, 5. / 18};
  PetscBool           close = PETSC_FALSE;

  for (PetscInt q = 0; q < c->np; q++)
    if (CellsAway(&c->p[q], x, h) <= 0.75) close = PETSC_TRUE;
  if (close && depth < 2) {
    for (int m = 0; m < 8; m++) {
      const PetscReal y[3] = {x[0] + 0.25 * h * (m & 1 ? 1 : -1), x[1] + 0.25 * h * (m & 2 ? 1 : -1),
                              x[2] + 0.25 * h * (m & 4 ? 1 : -1)};
      Subdivide(c, y, 0.5 * h, weight / 8, depth + 1);
    }
    return;
  }
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++) {
        const PetscReal y[3] = {x[0] + 0.5 * h * gauss[i], x[1] + 0.5 * h * gauss[j], x[2] + 0.5 * h * gauss[k]};

        c->aa8[c->n]    = AeBowenYorkAA8(c->np, c->p, y, 1e-6 * h);
        c->psi0[c->n]   = AeBowenYorkPsi0(c->np, c->p, y, 1e-6 * h);
        c->weight[c->n] = weight * w[i] * w[j] * w[k];
        c->n++;
      }
}

PetscInt AeCellPoints(PetscInt np, const AePuncture p[], const PetscReal x[3], PetscReal h, PetscReal aa8[], PetscReal psi0[],
                      PetscReal weight[])
{
  Cell c = {np, 0, p, aa8, psi0, weight};

  Subdivide(&c, x, h, 1.0, 0);
  return c.n;
}

/* ---- outside the box ---- */

enum { NGAUSS = 16 };

/* Gauss-Legendre points and weights on (-1,1), by Newton's iteration on P_n from the usual guess */
static void GaussLegendre(double x[NGAUSS], double w[NGAUSS])
{
  for (int i = 0; i < NGAUSS; i++) {
    double z = cos(PETSC_PI * (i + 0.75) / (NGAUSS + 0.5)), d = 1.0;

    for (int it = 0; it < 8; it++) {
      double p0 = 1.0, p1 = z;

      for (int k = 2; k <= NGAUSS; k++) {
        const double p2 = ((2 * k - 1) * z * p1 - (k - 1) * p0) / k;
        p0              = p1;
        p1              = p2;
      }
      d = NGAUSS * (z * p1 - p0) / (z * z - 1.0);
      z -= p1 / d;
    }
    x[i] = z;
    w[i] = 2.0 / ((1.0 - z * z) * d * d);
  }
}

/* With y on a face and q = 1/stretch in (0,1]: x = centre + y/q, dV = (y.normal) dA dq/q^4, and s ~ q^4. */
void AeBowenYorkExterior(PetscInt n, const AePuncture p[], const PetscReal lo[3], const PetscReal hi[3], PetscReal c,
                         PetscReal moment[4])
{
  double       g[NGAUSS], w[NGAUSS];
  const double centre[3] = {0.5 * (lo[0] + hi[0]), 0.5 * (lo[1] + hi[1]), 0.5 * (lo[2] + hi[2])},
               half[3]   = {0.5 * (hi[0] - lo[0]), 0.5 * (hi[1] - lo[1]), 0.5 * (hi[2] - lo[2])};

  GaussLegendre(g, w);
  for (int m = 0; m < 4; m++) moment[m] = 0.0;
  for (int face = 0; face < 6; face++) {
    const int d = face / 2, e = (d + 1) % 3, f = (d + 2) % 3;

    for (int i = 0; i < NGAUSS; i++)
      for (int j = 0; j < NGAUSS; j++)
        for (int k = 0; k < NGAUSS; k++) {
          const double q = 0.5 * (1.0 + g[k]);
          double       y[3], x[3], r, psi, s;

          y[d] = face % 2 ? half[d] : -half[d];
          y[e] = half[e] * g[i];
          y[f] = half[f] * g[j];
          for (int a = 0; a < 3; a++) x[a] = centre[a] + y[a] / q;
          r   = sqrt(Dot3(y, y)) / q;
          psi = AeBowenYorkPsi0(n, p, x, 0.0) + c / r;
          s   = AeBowenYorkAA8(n, p, x, 0.0) * pow(psi, -7.0) * half[0] * half[1] * half[2] * w[i] * w[j] * 0.5 * w[k] /
              (q * q * q * q);
          moment[0] += s;
          for (int a = 0; a < 3; a++) moment[1 + a] += s * y[a] / q;
        }
  }
}

double AeBowenYorkFar(const PetscReal P[3], const PetscReal d[3], const PetscReal x[3])
{
  const double r2 = Dot3(x, x), P2 = Dot3(P, P), xP = Dot3(x, P);
  const double f0 = (15. / 16) * P2, f2 = (9. / 8) * (xP * xP / r2 - P2 / 3.0);

  return (Dot3(d, x) / sqrt(r2) - 0.5 * f0 + 0.25 * f2) / r2;
}
