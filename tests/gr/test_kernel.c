/*
  Whole row kernels against the oracle's values: every field, gauge, order and lane count, advection, W and the
  Gamma driver's B^i included.  ranks: 1

  The fields are the quadratics through the oracle's values and derivatives: differences of any order are exact on
  them, upwinding and dissipation add nothing, and what remains is rounding. With h = 1/4 a second derivative of
  numbers of order 1 carries 16 x 1e-16 x (the weights, up to 10), and outputs a hundred terms: 1e-12.
*/
#include "tap.h"
#include "oracle.h"
#include <aeonic/gr.h>

enum { N = 8, G = 5, CELL = 3 };
static const double H = 0.25;

static const char *FieldName(int f, int z4c)
{
  static const char *const names[] = {"chi",   "gt_xx",  "gt_xy",  "gt_xz",  "gt_yy", "gt_yz",   "gt_zz",   "Khat",    "At_xx", "At_xy", "At_xz", "At_yy", "At_yz",
                                      "At_zz", "Gamt_x", "Gamt_y", "Gamt_z", "lapse", "shift_x", "shift_y", "shift_z", "Theta", "B_x",   "B_y",   "B_z"};
  return names[f < 21 || z4c ? f : f + 1];
}

/* The quadratic of field f at cell (i,j,k) relative to the point; sqrt of chi's for W, to the same order. */
static void Fill(int c, int z4c, int use_w, const AeLayout *L, double *u)
{
  for (int f = 0; f < L->nf; f++) {
    const char *name = FieldName(f, z4c);
    double      v    = Get(c, "%s", name), d[3], dd[6];

    for (int a = 0; a < 3; a++) d[a] = Get(c, "%s.%c", name, xyz[a]);
    for (int s = 0; s < 6; s++) dd[s] = Get(c, "%s.%s", name, sym[s]);
    if (f == Z4_CHI && use_w) {
      const double     w    = sqrt(v);
      static const int A[6] = {0, 0, 0, 1, 1, 2}, B[6] = {0, 1, 2, 1, 2, 2};
      for (int s = 0; s < 6; s++) dd[s] = dd[s] / (2 * w) - d[A[s]] * d[B[s]] / (4 * w * v);
      for (int a = 0; a < 3; a++) d[a] /= 2 * w;
      v = w;
    }
    for (int k = -G; k <= G; k++)
      for (int j = -G; j <= G; j++)
        for (int i = -G; i < N + G; i++) {
          const double x = H * (i - CELL), y = H * j, z = H * k;
          u[AeAt(L, f, k, j, i)] = v + d[0] * x + d[1] * y + d[2] * z + 0.5 * (dd[0] * x * x + dd[3] * y * y + dd[5] * z * z) + dd[1] * x * y + dd[2] * x * z + dd[4] * y * z;
        }
  }
}

static double worst;

static void Check(int c, double got, const char *form, const char *format, ...) __attribute__((format(printf, 4, 5)));
static void Check(int c, double got, const char *form, const char *format, ...)
{
  char    name[48];
  va_list args;
  double  want, e;

  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  want = Get(c, "%s.%s", form, name);
  e    = fabs(got - want) / (1 + fabs(want));
  if (!(e <= worst)) worst = e;
}

/* gauge: 0 harmonic lapse and shift; 1: 1+log and first-order driver; 2: 1+log and B-form; 3, 4: as 1, 2 without advection */
static void Case(const Z4Kernel *K, int c, int gauge, int use_w)
{
  const int   z4c = K->form == Z4_FORM_z4c, has_b = gauge == 2 || gauge == 4, advect = gauge < 3;
  const char *form = z4c ? "z4c" : "bssn", *suffix = advect ? "" : ".noadv";
  AeLayout    L = AeLayoutCreate(Z4B(z4c) + 3 * has_b, N, 1, 1, G);
  double     *u = calloc((size_t)L.size, sizeof *u), *r = calloc((size_t)L.size, sizeof *r), *con = calloc((size_t)L.size, sizeof *con), eta[N], stat[Z4_STAT_COUNT * N];
  double     *work = calloc((size_t)(AE_WORK_ROWS * AeWorkPitch(N)), sizeof *work);
  double     *R    = r + AeAt(&L, 0, 0, 0, CELL);
  Z4Params    p    = {.kappa1         = z4c ? Get(c, "kappa1") : 0,
                      .kappa2         = Get(c, "kappa2"),
                      .lapse_alpha    = gauge == 0,
                      .lapse_const    = gauge ? 2 : 0,
                      .lapse_advect   = advect,
                      .shift_advect   = advect,
                      .lapse_sigma    = 1,
                      .shift_sigma    = 1,
                      .sigma          = 0.3,
                      .shift_harmonic = gauge == 0,
                      .shift_gam      = gauge == 1 || gauge == 3 ? Get(c, "mu") : 0,
                      .shift_b        = has_b ? Get(c, "mu") : 0,
                      .shift_eta      = gauge == 1 || gauge == 3,
                      .has_b          = has_b,
                      .use_w          = use_w};
  Z4Row       row  = {.u       = u + AeAt(&L, 0, 0, 0, 0),
                      .r       = r + AeAt(&L, 0, 0, 0, 0),
                      .c       = con + AeAt(&L, 0, 0, 0, 0),
                      .stride  = L.stride,
                      .pitch   = L.pitch,
                      .plane   = L.plane,
                      .cstride = L.stride,
                      .n       = N,
                      .w       = work + AE_WORK_GHOST,
                      .nw      = AeWorkPitch(N),
                      .inv_h   = 1 / H,
                      .eta     = eta,
                      .stat    = stat,
                      .nstat   = N,
                      .p       = &p};

  for (int i = 0; i < N; i++) eta[i] = Get(c, "eta");
  Fill(c, z4c, use_w, &L, u);
  (*K->ab)(&row);
  Check(c, R[0], form, use_w ? "rhs.W" : "rhs.chi");
  for (int s = 0; s < 6; s++) Check(c, R[(Z4_GT + s) * L.stride], form, "rhs.gt_%s", sym[s]), Check(c, R[(Z4_AT + s) * L.stride], form, "rhs.At_%s", sym[s]);
  Check(c, R[Z4_K * L.stride], form, "rhs.Khat");
  if (z4c) Check(c, R[Z4_THETA * L.stride], form, "rhs.Theta");
  Check(c, R[Z4_LAPSE * L.stride], form, "rhs.lapse.%s%s", gauge ? "1+log" : "harmonic", suffix);
  for (int a = 0; a < 3; a++) {
    Check(c, R[(Z4_GAM + a) * L.stride], form, "rhs.Gamt_%c", xyz[a]);
    Check(c, R[(Z4_SHIFT + a) * L.stride], form, "rhs.shift.%s_%c%s", gauge == 0 ? "harmonic" : has_b ? "gamma_driver_b" : "gamma_driver", xyz[a], suffix);
    if (has_b) Check(c, R[(Z4B(z4c) + a) * L.stride], form, "rhs.B_%c%s", xyz[a], suffix);
    Check(c, con[AeAt(&L, a + 1, 0, 0, CELL)], form, "M_%c", xyz[a]);
  }
  Check(c, con[AeAt(&L, 0, 0, 0, CELL)], form, "H");
  Check(c, stat[Z4_STAT_H * N + CELL], form, "H");
  Check(c, stat[Z4_STAT_DTK * N + CELL], form, "rhs.Khat");
  /* pass B alone gives the same bits */
  memset(r, 0, sizeof(double) * (size_t)L.size);
  {
    const double *first = con + AeAt(&L, 0, 0, 0, 0);
    double        keep[4 * N], diff = 0;

    for (int m = 0; m < 4; m++) memcpy(keep + m * N, first + m * L.stride, sizeof(double) * N);
    (*K->b)(&row);
    for (int m = 0; m < 4; m++)
      for (int i = 0; i < N; i++) diff += fabs(keep[m * N + i] - first[m * L.stride + i]);
    if (diff != 0) worst = INFINITY;
  }
  free(u);
  free(r);
  free(con);
  free(work);
}

int main(int argc, char **argv)
{
  static const char *const gauges[5] = {"harmonic", "1+log, Gamma driver", "1+log, Gamma driver with B", "1+log, Gamma driver, no advection", "1+log, B, no advection"};
  int                      status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  OracleRead();
  for (int form = 0; form < 2; form++)
    for (int order = 2; order <= 8; order += 2)
      for (int lanes = 1; lanes <= 8; lanes *= 2) {
        const Z4Kernel *K = AeZ4KernelFind((Z4Form)form, order, lanes);

        if (!K) continue;
        for (int gauge = 0; gauge < 5; gauge++) {
          char text[128];

          worst = 0;
          for (int c = 0; c < ORACLE_POINTS; c++)
            for (int w = 0; w < 2; w++) Case(K, c, gauge, w);
          snprintf(text, sizeof text, "%s order %d, %d lanes, %s", form ? "z4c" : "bssn", order, lanes, gauges[gauge]);
          TapBelow(worst, 1e-12, text);
        }
      }
  TapTrue(oracle_missing == 0, "every value asked for was there");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
