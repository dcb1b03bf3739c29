/*
  Whole row kernels against the oracle's values: every field, formulation, gauge, order and lane count, advection, W, the
  Gamma driver's B^i, the scalar field and the cosmological constant included.  ranks: 1

  The fields are the quadratics through the oracle's values and derivatives: differences of any order are exact on
  them, upwinding and dissipation add nothing, and what remains is rounding. With h = 1/4 a second derivative of
  numbers of order 1 carries 16 x 1e-16 x (the weights, up to 10), and outputs a hundred terms: 1e-12.
*/
#include "tap.h"
#include "oracle.h"
#include <aeonic/gr.h>

enum { N = 8, G = 5, CELL = 3 };
static const double H = 0.25;

/* The oracle's name of each field of a state. */
static void FieldNames(Z4Form form, const Z4Fields *at, const char *name[Z4_FIELDS_MAX])
{
  static const char *const conformal[] = {"chi",    "gt_xx",  "gt_xy",  "gt_xz", "gt_yy",   "gt_yz",   "gt_zz",
                                          "Khat",   "At_xx",  "At_xy",  "At_xz", "At_yy",   "At_yz",   "At_zz",
                                          "Gamt_x", "Gamt_y", "Gamt_z", "lapse", "shift_x", "shift_y", "shift_z"};
  static const char *const adm[]       = {"adm.g_xx", "adm.g_xy", "adm.g_xz", "adm.g_yy", "adm.g_yz", "adm.g_zz",
                                          "adm.K_xx", "adm.K_xy", "adm.K_xz", "adm.K_yy", "adm.K_yz", "adm.K_zz",
                                          "lapse",    "shift_x",  "shift_y",  "shift_z"};
  static const char *const b[]         = {"B_x", "B_y", "B_z"};

  for (int f = 0; f < (form == Z4_FORM_adm ? 16 : 21); f++) name[f] = form == Z4_FORM_adm ? adm[f] : conformal[f];
  if (at->Theta >= 0) name[at->Theta] = "Theta";
  for (int a = 0; a < 3 && at->B >= 0; a++) name[at->B + a] = b[a];
  if (at->phi >= 0) name[at->phi] = "phi", name[at->Pi] = "Pi";
}

/* The quadratic of field f at cell (i,j,k) relative to the point; sqrt of chi's for W, to the same order. */
static void Fill(int c, const char *const names[], int use_w, const AeLayout *L, double *u)
{
  for (int f = 0; f < L->nf; f++) {
    const char *name = names[f];
    double      v    = Get(c, "%s", name), d[3], dd[6];

    for (int a = 0; a < 3; a++) d[a] = Get(c, "%s.%c", name, xyz[a]);
    for (int s = 0; s < 6; s++) dd[s] = Get(c, "%s.%s", name, sym[s]);
    if (use_w && !strcmp(name, "chi")) {
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
          u[AeAt(L, f, k, j, i)] = v + d[0] * x + d[1] * y + d[2] * z + 0.5 * (dd[0] * x * x + dd[3] * y * y + dd[5] * z * z) +
                                   dd[1] * x * y + dd[2] * x * z + dd[4] * y * z;
        }
  }
}

static double worst;

/* The case at hand: point, formulation, and whether a scalar field, which has Lambda beside it, is there. */
static int    at, matter;
static Z4Form form;

static void Check(double got, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void Check(double got, const char *format, ...)
{
  char    name[48];
  va_list args;
  double  want, e;

  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  want = GetOutput(at, oracle_forms[form], matter, name);
  e    = fabs(got - want) / (1 + fabs(want));
  if (!(e <= worst)) worst = e;
}

enum { HARMONIC, DRIVER, DRIVER_B, DRIVER_NOADV, DRIVER_B_NOADV, NGAUGE };

static Z4Params Parameters(int gauge, int use_w)
{
  const int has_b = gauge == DRIVER_B || gauge == DRIVER_B_NOADV, advect = gauge <= DRIVER_B;

  return (Z4Params){.kappa1         = Z4HasTheta(form) ? Get(at, "kappa1") : 0,
                    .kappa2         = Get(at, "kappa2"),
                    .kappa3         = Get(at, "kappa3"),
                    .lapse_alpha    = gauge == HARMONIC,
                    .lapse_const    = gauge == HARMONIC ? 0 : 2,
                    .lapse_advect   = advect,
                    .shift_advect   = advect,
                    .lapse_sigma    = 1,
                    .shift_sigma    = 1,
                    .sigma          = 0.3,
                    .shift_harmonic = gauge == HARMONIC || form == Z4_FORM_adm,
                    .shift_gam      = has_b               ? 0
                                      : gauge == HARMONIC ? 0
                                                          : Get(at, "mu"),
                    .shift_b        = has_b ? Get(at, "mu") : 0,
                    .shift_eta      = gauge == DRIVER || gauge == DRIVER_NOADV,
                    .has_b          = has_b,
                    .use_w          = use_w,
                    .has_phi        = matter,
                    .mass2          = Get(at, "mass2"),
                    .Lambda         = Get(at, "Lambda")};
}

/* One row, with room for its arrays. */
typedef struct {
  AeLayout L;
  Z4Fields F;
  Z4Params p;
  double  *u, *r, *con, eta[N], stat[Z4_STAT_COUNT * N], src[Z4_SRC_COUNT * N], work[AE_WORK_ROWS * (N + 4 * AE_WORK_GHOST)];
  Z4Row    row;
} Row;

static void Make(Row *R, int gauge, int use_w)
{
  const char *names[Z4_FIELDS_MAX];
  ptrdiff_t   o;

  R->p   = Parameters(gauge, use_w);
  R->F   = Z4FieldsOf(form, R->p.has_b, R->p.has_phi);
  R->L   = AeLayoutCreate(R->F.count, N, 1, 1, G);
  R->u   = calloc((size_t)R->L.size, sizeof(double));
  R->r   = calloc((size_t)R->L.size, sizeof(double));
  R->con = calloc((size_t)R->L.size, sizeof(double));
  for (int i = 0; i < N; i++) R->eta[i] = Get(at, "eta");
  o      = AeAt(&R->L, 0, 0, 0, 0);
  R->row = (Z4Row){.u       = R->u + o,
                   .r       = R->r + o,
                   .c       = R->con + o,
                   .stride  = R->L.stride,
                   .pitch   = R->L.pitch,
                   .plane   = R->L.plane,
                   .cstride = R->L.stride,
                   .n       = N,
                   .inv_h   = 1 / H,
                   .eta     = R->eta,
                   .stat    = R->stat,
                   .src     = matter ? R->src : NULL,
                   .w       = R->work + AE_WORK_GHOST,
                   .nw      = AeWorkPitch(N),
                   .nstat   = N,
                   .p       = &R->p};
  FieldNames(form, &R->F, names);
  Fill(at, names, use_w, &R->L, R->u);
}

static void Free(Row *R)
{
  free(R->u);
  free(R->r);
  free(R->con);
}

static void CheckConformal(const Row *R, const double *r, int gauge)
{
  const ptrdiff_t   fs     = R->L.stride;
  const char *const suffix = gauge <= DRIVER_B ? "" : ".noadv";

  Check(r[R->F.chi * fs], R->p.use_w ? "rhs.W" : "rhs.chi");
  Check(r[R->F.K * fs], form == Z4_FORM_ccz4 ? "rhs.K" : "rhs.Khat");
  Check(R->stat[Z4_STAT_DTK * N + CELL], form == Z4_FORM_ccz4 ? "rhs.K" : "rhs.Khat");
  if (R->F.Theta >= 0) Check(r[R->F.Theta * fs], "rhs.Theta");
  for (int a = 0; a < 3; a++) {
    Check(r[(R->F.Gam + a) * fs], "rhs.Gamt_%c", xyz[a]);
    if (gauge != HARMONIC)
      Check(r[(R->F.shift + a) * fs], "rhs.shift.%s_%c%s", R->p.has_b ? "gamma_driver_b" : "gamma_driver", xyz[a], suffix);
    if (R->p.has_b) Check(r[(R->F.B + a) * fs], "rhs.B_%c%s", xyz[a], suffix);
  }
}

/* rho, S_a, S_ab, and the right-hand sides of phi and Pi */
static void CheckMatter(const Row *R, const double *r)
{
  double e = 0;
#define SOURCE(place, name) e = fmax(e, fabs(R->src[(place)*N + CELL] - (name)) / (1 + fabs(name)))
  SOURCE(Z4_SRC_RHO, Get(at, "matter.rho"));
  for (int a = 0; a < 3; a++) SOURCE(Z4_SRC_S + a, Get(at, "matter.S_%c", xyz[a]));
  for (int s = 0; s < 6; s++) SOURCE(Z4_SRC_SS + s, Get(at, "matter.S_%s", sym[s]));
#undef SOURCE
  if (!(e <= worst)) worst = e;
  Check(r[R->F.phi * R->L.stride], "rhs.phi");
  Check(r[R->F.Pi * R->L.stride], "rhs.Pi");
}

/* Pass B alone gives the same bits. */
static int SameConstraints(const Z4Kernel *K, Row *R)
{
  const double *first = R->row.c;
  double        keep[4 * N], diff = 0;

  for (int m = 0; m < 4; m++) memcpy(keep + m * N, first + m * R->L.stride, sizeof(double) * N);
  R->row.r = NULL;
  if (matter) (*K->matter)(&R->row, form);
  (*K->b)(&R->row);
  for (int m = 0; m < 4; m++)
    for (int i = 0; i < N; i++) diff += fabs(keep[m * N + i] - first[m * R->L.stride + i]);
  return diff == 0;
}

static void Case(const Z4Kernel *K, int gauge, int use_w)
{
  const int   adm    = form == Z4_FORM_adm;
  const char *metric = adm ? "g" : "gt", *curv = adm ? "K" : "At";
  Row         R;
  double     *r;
  ptrdiff_t   fs;

  Make(&R, gauge, use_w);
  r  = R.row.r + CELL;
  fs = R.L.stride;
  if (matter) (*K->matter)(&R.row, form);
  (*K->ab)(&R.row);
  for (int s = 0; s < 6; s++) {
    Check(r[(R.F.metric + s) * fs], "rhs.%s_%s", metric, sym[s]);
    Check(r[(R.F.curv + s) * fs], "rhs.%s_%s", curv, sym[s]);
  }
  Check(r[R.F.lapse * fs], "rhs.lapse.%s%s", gauge == HARMONIC ? "harmonic" : "1+log", R.p.lapse_advect ? "" : ".noadv");
  for (int a = 0; a < 3; a++) {
    if (R.p.shift_harmonic && R.p.shift_advect) Check(r[(R.F.shift + a) * fs], "rhs.shift.harmonic_%c", xyz[a]);
    Check(R.row.c[(a + 1) * fs + CELL], "M_%c", xyz[a]);
  }
  Check(R.row.c[CELL], "H");
  Check(R.stat[Z4_STAT_H * N + CELL], "H");
  if (!adm) CheckConformal(&R, r, gauge);
  if (matter) CheckMatter(&R, r);
  if (!SameConstraints(K, &R)) worst = INFINITY;
  Free(&R);
}

int main(int argc, char **argv)
{
  static const char *const gauges[NGAUGE] = {"harmonic", "1+log, Gamma driver", "1+log, Gamma driver with B",
                                             "1+log, Gamma driver, no advection", "1+log, B, no advection"};
  int                      status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  OracleRead();
  for (int f = 0; f < Z4_FORM_COUNT; f++)
    for (int order = 2; order <= 8; order += 2)
      for (int lanes = 1; lanes <= 8; lanes *= 2) {
        const Z4Kernel *K = AeZ4KernelFind((Z4Form)f, order, lanes);

        form = (Z4Form)f;
        if (!K) continue;
        for (int gauge = 0; gauge < NGAUGE; gauge++) {
          const int adm = form == Z4_FORM_adm;
          char      text[128];

          if (adm && (gauge == DRIVER_B || gauge == DRIVER_B_NOADV)) continue; /* adm has no Gamma^i: 1+log alone is new */
          for (matter = 0; matter < 2; matter++) {
            worst = 0;
            for (at = 0; at < ORACLE_POINTS; at++)
              for (int w = 0; w < (adm ? 1 : 2); w++) Case(K, gauge, w);
            snprintf(text, sizeof text, "%s order %d, %d lanes, %s%s", oracle_forms[form], order, lanes, gauges[gauge],
                     matter ? ", scalar field and Lambda" : "");
            TapBelow(worst, 1e-12, text);
          }
        }
      }
  TapTrue(oracle_missing == 0, "every value asked for was there");
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
