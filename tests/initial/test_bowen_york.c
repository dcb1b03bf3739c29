/*
  The analytic parts of Bowen-York punctures.  ranks: 1
*/
#include "tap.h"
#include <aeonic/bowen_york.h>
#include <math.h>

static const AePuncture two[2] = {{0.5, {1.2, 0.1, -0.3}, {0.1, -0.2, 0.3}, {0.4, 0.1, -0.2}},
                                  {0.7, {-0.8, 0.4, 0.2}, {0.05, 0.2, -0.1}, {-0.3, 0.2, 0.1}}};

static int Index(int i, int j) { return i < j ? i * (5 - i) / 2 + j : j * (5 - j) / 2 + i; }

/* d_i Abar^ij = 0 and delta^ij Abar_ij = 0 define the solution; centred differences of order 2 at two steps */
static void Momentum(void)
{
  const PetscReal x[3] = {0.3, -0.7, 0.9};
  double          error[2], trace;
  PetscReal       A[6];

  for (int m = 0; m < 2; m++) {
    const double h = 0.02 / (1 + m);

    error[m] = 0;
    for (int j = 0; j < 3; j++) {
      double div = 0;

      for (int i = 0; i < 3; i++) {
        PetscReal y[3] = {x[0], x[1], x[2]}, up[6], down[6];

        y[i] = x[i] + h;
        AeBowenYorkA(2, two, y, 0, up);
        y[i] = x[i] - h;
        AeBowenYorkA(2, two, y, 0, down);
        div += (up[Index(i, j)] - down[Index(i, j)]) / (2 * h);
      }
      error[m] = fmax(error[m], fabs(div));
    }
  }
  AeBowenYorkA(2, two, x, 0, A);
  trace = A[0] + A[3] + A[5];
  TapBelow(fabs(trace), 1e-14, "Abar has no trace");
  TapNear(log2(error[0] / error[1]), 2.0, 0.1, "the divergence of Abar falls with the differences' order");
}

/* single hole, P along x: Abar^2 r^4 = (9/2)(P^2 + 2 (n.P)^2); spin: Abar^2 r^6 = 18 |S x n|^2 */
static void Square(void)
{
  const AePuncture P = {1, {0, 0, 0}, {0.3, 0, 0}, {0, 0, 0}}, S = {1, {0, 0, 0}, {0, 0, 0}, {0, 0, 0.4}};
  const PetscReal  x[3] = {0.6, 0.8, 0.0}, y[3] = {2, 1, 2};

  TapNear(8 * AeBowenYorkAA8(1, &P, x, 0), 4.5 * (0.09 + 2 * 0.18 * 0.18), 1e-14, "Abar^2 of a momentum");
  TapNear(8 * AeBowenYorkAA8(1, &S, y, 0), 18 * 0.16 * (5. / 9) / 729, 1e-14, "Abar^2 of a spin");
}

/* Mean of s over the cells of a cube around a hole against a much finer midpoint sum over the same cube. s ~ r at a
   spinning puncture: the midpoint sum of n cells across errs as (n^-4), here 96^-4 = 1e-8 times a factor of order one. */
static void Means(void)
{
  const AePuncture S = {1, {0.13, -0.21, 0.07}, {0.1, 0.2, 0}, {0, 0.3, 0.4}};
  static PetscReal a[AE_CELL_POINTS], b[AE_CELL_POINTS], w[AE_CELL_POINTS];
  const int        n = 4, fine = 96;
  const double     h = 1.0 / n, hf = 1.0 / fine;
  double           coarse = 0, exact = 0, point = 0;
  PetscInt         most = 0;

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++) {
        const PetscReal x[3] = {-0.5 + (i + 0.5) * h, -0.5 + (j + 0.5) * h, -0.5 + (k + 0.5) * h};
        const PetscInt  m    = AeCellPoints(1, &S, x, h, a, b, w);

        if (m > most) most = m;
        for (PetscInt q = 0; q < m; q++) coarse += w[q] * a[q] * pow(b[q] + 0.01, -7) * h * h * h;
        point += AeBowenYorkAA8(1, &S, x, 0) * pow(AeBowenYorkPsi0(1, &S, x, 0) + 0.01, -7) * h * h * h;
      }
  for (int i = 0; i < fine; i++)
    for (int j = 0; j < fine; j++)
      for (int k = 0; k < fine; k++) {
        const PetscReal x[3] = {-0.5 + (i + 0.5) * hf, -0.5 + (j + 0.5) * hf, -0.5 + (k + 0.5) * hf};
        exact += AeBowenYorkAA8(1, &S, x, 0) * pow(AeBowenYorkPsi0(1, &S, x, 0) + 0.01, -7) * hf * hf * hf;
      }
  TapBelow(most, AE_CELL_POINTS, "no more points than room for them");
  TapBelow(fabs(coarse / exact - 1), 1e-3, "means over cells as wide as a quarter of the hole's mass");
  TapAbove(fabs(point / exact - 1), 1e-2, "values at the cells' centres would not do");
}

/* Two boxes, one inside the other: the shell between them by a midpoint sum. Far away, a P^2 source in closed form:
   outside a sphere (15/16) P^2 4 pi/R; a cube of half-width a is the same rays with R(n) = a/max|n_i|. */
static void Exterior(void)
{
  const AePuncture P     = {1e-9, {0, 0, 0}, {0.3, 0, 0}, {0, 0, 0}};
  const PetscReal  lo[3] = {-2, -2, -2}, hi[3] = {2, 2, 2}, lo2[3] = {-3, -3, -3}, hi2[3] = {3, 3, 3};
  PetscReal        in[4], out[4], none[4];
  double           shell = 0;
  const int        n     = 60;
  const double     h     = 6.0 / n;

  AeBowenYorkExterior(2, two, lo, hi, 0.1, in);
  AeBowenYorkExterior(2, two, lo2, hi2, 0.1, out);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++) {
        const PetscReal x[3] = {-3 + (i + 0.5) * h, -3 + (j + 0.5) * h, -3 + (k + 0.5) * h},
                        r    = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);

        if (fmax(fmax(fabs(x[0]), fabs(x[1])), fabs(x[2])) < 2) continue;
        shell += AeBowenYorkAA8(2, two, x, 0) * pow(AeBowenYorkPsi0(2, two, x, 0) + 0.1 / r, -7) * h * h * h;
      }
  /* midpoint: h^2/24 times the relative second derivative (n (n+1)/r^2 with n = 6 at r = 2: 10) = 4e-3 */
  TapNear(in[0] - out[0], shell, 4e-3 * shell, "source between two boxes");
  AeBowenYorkExterior(1, &P, lo, hi, 0.0, in);
  AeBowenYorkExterior(1, &P, lo2, hi2, 0.0, none);
  TapNear(in[0] / none[0], 1.5, 1e-8, "s ~ 1/r^4: the exterior falls as the box's inverse width");
  TapBelow(fabs(in[1]) + fabs(in[2]) + fabs(in[3]), 1e-15, "no dipole by symmetry");
}

/* Lap w = -(f_0 + f_2)/r^4 for d = 0 and 0 for P = 0, by differences at two steps */
static void Far(void)
{
  const PetscReal zero[3] = {0, 0, 0}, P[3] = {0.1, -0.3, 0.2}, d[3] = {0.2, 0.5, -0.1}, x[3] = {2.0, 1.0, -1.5};
  const double    r2 = 7.25, P2 = 0.14, nP = (0.2 - 0.3 - 0.3),
               s = ((15. / 16) * P2 + (9. / 8) * (nP * nP / r2 - P2 / 3)) / (r2 * r2);
  double e[2], f[2];

  for (int m = 0; m < 2; m++) {
    const double h   = 0.1 / (1 + m);
    double       lap = -6 * AeBowenYorkFar(P, zero, x), lapd = -6 * AeBowenYorkFar(zero, d, x);

    for (int a = 0; a < 3; a++)
      for (int sign = -1; sign < 2; sign += 2) {
        PetscReal y[3] = {x[0], x[1], x[2]};

        y[a] += sign * h;
        lap += AeBowenYorkFar(P, zero, y);
        lapd += AeBowenYorkFar(zero, d, y);
      }
    e[m] = fabs(lap / (h * h) + s);
    f[m] = fabs(lapd / (h * h));
  }
  TapNear(log2(e[0] / e[1]), 2.0, 0.1, "the far field solves Lap w = -s at leading order");
  TapNear(log2(f[0] / f[1]), 2.0, 0.1, "its dipole is harmonic");
}

static void Momenta(void)
{
  const AePuncture qc0[2] = {{0.453, {1.168642873, 0, 0}, {0, 0.3331917498, 0}, {0, 0, 0}},
                             {0.453, {-1.168642873, 0, 0}, {0, -0.3331917498, 0}, {0, 0, 0}}};
  PetscReal        P[3], J[3];

  AeBowenYorkMomenta(2, qc0, P, J);
  TapNear(J[2], 0.7787643275, 1e-9,
          "QC-0's angular momentum (Gourgoulhon et al., gr-qc/0106016; Tichy & Bruegmann, gr-qc/0307027)");
  TapBelow(fabs(P[0]) + fabs(P[1]) + fabs(P[2]) + fabs(J[0]) + fabs(J[1]), 1e-15, "and nothing else");
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  Momentum();
  Square();
  Means();
  Exterior();
  Far();
  Momenta();
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
