/*
  The right-hand side N(u) = P (u x omega) + f in the space of modes, and what the steppers need of the linear part.

    fill:   u_j e^{-nu j^2 tau},  omega_j = i j x u_j          six fields (and theta) to points
    points: u x omega             (and u theta)                three fields (six) back
    take:   N_j = F_j - j (j.F_j) / j^2,  times e^{+nu j^2 tau}; the scalar -i j.(u theta)_j

  9 transforms of the modes kept (13 with the scalar). With all products free of aliasing, rotation form and
  convective form are the same to rounding, and energy is conserved by N.
*/
#include "ns_private.h"
#include <aeonic/levels.h>

/* u times the factor of its row and column, and the vorticity; rows of m complex numbers as pairs. */
static void VelocityRow(PetscInt m, PetscReal ky, PetscReal kz, PetscReal row, const PetscReal *restrict decay,
                        const double *restrict u, const double *restrict v, const double *restrict w, double *restrict U,
                        double *restrict V, double *restrict W, double *restrict X, double *restrict Y, double *restrict Z)
{
  for (PetscInt x = 0; x < m; x++) {
    const double g = row * decay[x], k = (double)x;
    const double ur = g * u[2 * x], ui = g * u[2 * x + 1], vr = g * v[2 * x], vi = g * v[2 * x + 1], wr = g * w[2 * x],
                 wi = g * w[2 * x + 1];

    U[2 * x]     = ur;
    U[2 * x + 1] = ui;
    V[2 * x]     = vr;
    V[2 * x + 1] = vi;
    W[2 * x]     = wr;
    W[2 * x + 1] = wi;
    /* omega = i k x u */
    X[2 * x]     = kz * vi - ky * wi;
    X[2 * x + 1] = ky * wr - kz * vr;
    Y[2 * x]     = k * wi - kz * ui;
    Y[2 * x + 1] = kz * ur - k * wr;
    Z[2 * x]     = ky * ui - k * vi;
    Z[2 * x + 1] = k * vr - ky * ur;
  }
}

/*
  With an integrating factor U is v = e^{nu k^2 tau} u: the decay makes u of it, as a product over the axes. omega is taken of u,
  so that all fields have it.
*/
static void Fill(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const AeNS     s  = ctx;
  const AeBand   b  = s->band;
  const PetscInt jy = AeBandWave(y, b->m[1]), mx = b->m[0];

  for (PetscInt z = 0; z < b->m[2]; z++) {
    const PetscInt  jz = AeBandWave(z, b->m[2]);
    const ptrdiff_t o  = AeBandPad(z, b->m[2], b->n[2]) * (ptrdiff_t)mx;
    const double   *u[4];

    for (PetscInt f = 0; f < 4; f++) u[f] = f < s->fields ? (const double *)(s->u + AeNSAt(s, f, y - b->ys, z)) : NULL;
    VelocityRow(mx, (PetscReal)jy, (PetscReal)jz, s->decay[0][PetscAbsInt(jy)] * s->decay[0][PetscAbsInt(jz)], s->decay[0], u[0],
                u[1], u[2], (double *)(w[0] + o), (double *)(w[1] + o), (double *)(w[2] + o), (double *)(w[3] + o),
                (double *)(w[4] + o), (double *)(w[5] + o));
    if (s->fields == 4) {
      const PetscReal row    = s->decay[1][PetscAbsInt(jy)] * s->decay[1][PetscAbsInt(jz)];
      double *restrict theta = (double *)(w[6] + o);

      for (PetscInt x = 0; x < mx; x++) {
        theta[2 * x]     = row * s->decay[1][x] * u[3][2 * x];
        theta[2 * x + 1] = row * s->decay[1][x] * u[3][2 * x + 1];
      }
    }
  }
}

/* Largest sum_d |u_d| / h_d of a plane; the plain sum turns NaN if any value is not finite. */
static void Measure(AeNS s, double *const p[])
{
  const AeBand b = s->band;
  PetscReal    h[3];

  for (int d = 0; d < 3; d++) h[d] = (PetscReal)s->n[d] / (2.0 * PETSC_PI);
  for (PetscInt j = 0; j < b->n[1]; j++) {
    const double *restrict u = p[0] + j * (ptrdiff_t)b->pitch, *restrict v = p[1] + j * (ptrdiff_t)b->pitch,
                           *restrict w = p[2] + j * (ptrdiff_t)b->pitch;
    double most = 0.0, sum = 0.0;

    for (PetscInt i = 0; i < b->n[0]; i++) {
      const double r = fabs(u[i]) * h[0] + fabs(v[i]) * h[1] + fabs(w[i]) * h[2];
      most           = r > most ? r : most;
      sum += 0.0 * r;
    }
    s->plane_rate = PetscMax(s->plane_rate, most);
    s->plane_sum += sum;
  }
}

/* In place: the products overwrite what they are made of, X, Y, Z as well where there is a scalar. Measured before that. */
static void Points(void *ctx, PetscInt z, double *const p[])
{
  const AeNS   s = ctx;
  const AeBand b = s->band;

  (void)z;
  if (s->measure) Measure(s, p);
  for (PetscInt j = 0; j < b->n[1]; j++) {
    const ptrdiff_t o  = j * (ptrdiff_t)b->pitch;
    double *restrict u = p[0] + o, *restrict v = p[1] + o, *restrict w = p[2] + o, *restrict X = p[3] + o, *restrict Y = p[4] + o,
                     *restrict Z = p[5] + o;

    if (s->fields == 4) {
      double *restrict theta = p[6] + o;
      for (PetscInt i = 0; i < b->n[0]; i++) {
        const double ui = u[i], vi = v[i], wi = w[i], xi = X[i], yi = Y[i], zi = Z[i];
        u[i] = vi * zi - wi * yi;
        v[i] = wi * xi - ui * zi;
        w[i] = ui * yi - vi * xi;
        X[i] = ui * theta[i];
        Y[i] = vi * theta[i];
        Z[i] = wi * theta[i];
      }
    } else
      for (PetscInt i = 0; i < b->n[0]; i++) {
        const double ui = u[i], vi = v[i], wi = w[i];
        u[i] = vi * Z[i] - wi * Y[i];
        v[i] = wi * X[i] - ui * Z[i];
        w[i] = ui * Y[i] - vi * X[i];
      }
  }
}

/* F - k (k.F) / k^2, times the factor of row and column. */
static void ProjectRow(PetscInt m, PetscReal ky, PetscReal kz, PetscReal row, const PetscReal *restrict grow,
                       const double *restrict F, const double *restrict G, const double *restrict H, double *restrict u,
                       double *restrict v, double *restrict w)
{
  const PetscReal rest = ky * ky + kz * kz;

  for (PetscInt x = 0; x < m; x++) {
    const double k = (double)x, k2 = k * k + rest, q = 1.0 / (k2 > 0.0 ? k2 : 1.0), g = row * grow[x];
    const double pr = q * (k * F[2 * x] + ky * G[2 * x] + kz * H[2 * x]),
                 pi = q * (k * F[2 * x + 1] + ky * G[2 * x + 1] + kz * H[2 * x + 1]);

    u[2 * x]     = g * (F[2 * x] - k * pr);
    u[2 * x + 1] = g * (F[2 * x + 1] - k * pi);
    v[2 * x]     = g * (G[2 * x] - ky * pr);
    v[2 * x + 1] = g * (G[2 * x + 1] - ky * pi);
    w[2 * x]     = g * (H[2 * x] - kz * pr);
    w[2 * x + 1] = g * (H[2 * x + 1] - kz * pi);
  }
}

/* Fill's counterpart: the projection takes the pressure away, the growth makes a slope of v from that of u. */
static void Take(void *ctx, PetscInt y, fftw_complex *const w[])
{
  const AeNS     s  = ctx;
  const AeBand   b  = s->band;
  const PetscInt jy = AeBandWave(y, b->m[1]), mx = b->m[0];

  for (PetscInt z = 0; z < b->m[2]; z++) {
    const PetscInt  jz = AeBandWave(z, b->m[2]);
    const ptrdiff_t o  = AeBandPad(z, b->m[2], b->n[2]) * (ptrdiff_t)mx;
    double         *du[4];

    for (PetscInt f = 0; f < 4; f++) du[f] = f < s->fields ? (double *)(s->du + AeNSAt(s, f, y - b->ys, z)) : NULL;
    ProjectRow(mx, (PetscReal)jy, (PetscReal)jz, s->grow[0][PetscAbsInt(jy)] * s->grow[0][PetscAbsInt(jz)], s->grow[0],
               (double *)(w[0] + o), (double *)(w[1] + o), (double *)(w[2] + o), du[0], du[1], du[2]);
    if (!jy && !jz)
      for (int f = 0; f < 3; f++) du[f][0] = du[f][1] = 0.0; /* <u x omega> = 0: the mean flow stays as it is */
    if (s->fields == 4) {
      const PetscReal row      = s->grow[1][PetscAbsInt(jy)] * s->grow[1][PetscAbsInt(jz)];
      const double *restrict X = (double *)(w[3] + o), *restrict Y = (double *)(w[4] + o), *restrict Z = (double *)(w[5] + o);

      for (PetscInt x = 0; x < mx; x++) { /* -i k.(u theta) */
        const double g   = row * s->grow[1][x];
        du[3][2 * x]     = g * (x * X[2 * x + 1] + jy * Y[2 * x + 1] + jz * Z[2 * x + 1]);
        du[3][2 * x + 1] = -g * (x * X[2 * x] + jy * Y[2 * x] + jz * Z[2 * x]);
      }
    }
  }
}

/* e^{-+ nu j^2 tau} of one axis; a wave's factor is the product of three. */
static void Factors(AeNS s, PetscReal tau)
{
  const PetscInt most = PetscMax(s->band->K[0], PetscMax(s->band->K[1], s->band->K[2])) + 1;

  if (tau == s->factors_tau) return;
  s->factors_tau = tau;
  for (int p = 0; p < 2; p++)
    for (PetscInt j = 0; j < most; j++) {
      const PetscReal z = (p ? s->kappa : s->nu) * tau * (PetscReal)j * (PetscReal)j;
      s->grow[p][j]     = PetscExpReal(z);
      s->decay[p][j]    = PetscExpReal(-z);
    }
}

static void AddForcing(AeNS s)
{
  for (PetscInt n = 0; n < s->nwaves; n++) {
    const AeNSWave *q = &s->wave[n];
    const PetscReal g = s->grow[0][PetscAbsInt(q->j[0])] * s->grow[0][PetscAbsInt(q->j[1])] * s->grow[0][PetscAbsInt(q->j[2])];

    for (int f = 0; f < 3; f++) AeNSAddWave(s, s->du, f, q->j, g * q->c[f]);
  }
}

PetscErrorCode AeNSRHSFunction(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  AeNS             s    = ctx;
  const AeBandWork work = {s->fields == 4 ? 7 : 6, s->fields == 4 ? 6 : 3, Fill, Points, Take, s};
  const double    *u;
  double          *du;

  PetscFunctionBegin;
  (void)ts;
  if (t == s->t_step) s->t_begin = t; /* a step that was taken back begins again */
  s->tau     = s->integrating_factor ? t - s->t_begin : 0.0;
  s->measure = (PetscBool)(t == s->t_begin && !s->part);
  Factors(s, s->tau);
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArrayWrite(F, &du));
  s->u  = (const Mode *)u;
  s->du = (Mode *)du;
  if (s->measure) s->plane_rate = s->plane_sum = 0.0;
  PetscCall(AeBandEvaluate(s->band, &work));
  AddForcing(s);
  PetscCall(VecRestoreArrayWrite(F, &du));
  PetscCall(VecRestoreArrayRead(U, &u));
  if (s->measure && s->capture) PetscCall(VecCopy(F, s->capture));
  if (s->measure) {
    PetscReal v[2] = {s->plane_rate, s->plane_sum == 0.0 ? 0.0 : 1.0};

    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, v, 2, MPIU_REAL, MPI_MAX, s->comm));
    s->rate = v[1] > 0.0 ? NAN : v[0];
    /* the step for adaptation: C = 1 is one grid spacing a step; rounded down, so that the last bits decide nothing */
    if (ts && s->rate > 0.0) PetscCall(TSSetCFLTimeLocal(ts, AeNSRoundDown(1.0 / s->rate)));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSAddViscous(AeNS s, Vec U, Vec F)
{
  const AeBand  b = s->band;
  const double *u;
  double       *du;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(F, &du));
  for (PetscInt f = 0; f < s->fields; f++)
    for (PetscInt y = 0; y < b->yn; y++)
      for (PetscInt z = 0; z < b->m[2]; z++) {
        const PetscInt  jy = AeBandWave(b->ys + y, b->m[1]), jz = AeBandWave(z, b->m[2]);
        const ptrdiff_t o = 2 * AeNSAt(s, f, y, z);

        for (PetscInt x = 0; x < b->m[0]; x++) {
          const PetscReal rate = (f == 3 ? s->kappa : s->nu) * (PetscReal)(x * x + jy * jy + jz * jz);

          du[o + 2 * x] -= rate * u[o + 2 * x];
          du[o + 2 * x + 1] -= rate * u[o + 2 * x + 1];
        }
      }
  PetscCall(VecRestoreArray(F, &du));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

PetscReal AeNSRoundDown(PetscReal x)
{
  int          e;
  const double m = frexp(x, &e);

  return ldexp(floor(m * 1024.0) / 1024.0, e);
}

PetscErrorCode AeNSSetCapture(AeNS s, Vec F)
{
  PetscFunctionBegin;
  s->capture = F;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSRate(AeNS s, PetscReal *rate)
{
  PetscFunctionBegin;
  *rate = s->rate;
  PetscFunctionReturn(0);
}

/* max |k.u| <= rate max_d (K_d h_d) */
PetscErrorCode AeNSAdvectiveLimit(AeNS s, PetscReal *dt)
{
  PetscReal waves = 0.0;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) waves = PetscMax(waves, s->band->K[d] * 2.0 * PETSC_PI / s->n[d]);
  *dt = s->rate > 0.0 && waves > 0.0 ? (s->low ? PetscSqrtReal(3.0) : AE_RK4_IMAGINARY) / (s->rate * waves) : PETSC_MAX_REAL;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSWork(AeNS s, PetscInt64 *evaluations, PetscInt64 *low, PetscReal *share)
{
  PetscFunctionBegin;
  *evaluations = s->band->evaluations;
  *low         = s->low ? s->low->evaluations : 0;
  *share       = 0.0;
  if (s->low) {
    *share = 1.0;
    for (int d = 0; d < 3; d++) *share *= (PetscReal)s->low->n[d] / (PetscReal)s->band->n[d];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSBeginStep(AeNS s, PetscReal t)
{
  PetscFunctionBegin;
  s->t_begin = s->t_step = t;
  PetscFunctionReturn(0);
}

/* From v = e^{nu k^2 dt} u back to u. */
PetscErrorCode AeNSEndStep(AeNS s, PetscReal t, Vec U)
{
  const AeBand b = s->band;
  double      *u;

  PetscFunctionBegin;
  if (t == s->t_step) s->t_begin = t; /* the step was taken back for good */
  if (!s->integrating_factor || t == s->t_begin) PetscFunctionReturn(0);
  Factors(s, t - s->t_begin);
  PetscCall(VecGetArray(U, &u));
  for (PetscInt f = 0; f < s->fields; f++) {
    const PetscReal *decay = s->decay[f == 3];

    for (PetscInt y = 0; y < b->yn; y++)
      for (PetscInt z = 0; z < b->m[2]; z++) {
        const PetscReal row = decay[PetscAbsInt(AeBandWave(b->ys + y, b->m[1]))] * decay[PetscAbsInt(AeBandWave(z, b->m[2]))];
        double *restrict c  = u + 2 * AeNSAt(s, f, y, z);

        for (PetscInt x = 0; x < b->m[0]; x++) {
          c[2 * x] *= row * decay[x];
          c[2 * x + 1] *= row * decay[x];
        }
      }
  }
  PetscCall(VecRestoreArray(U, &u));
  s->t_begin = t;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSEndCandidate(AeNS s, TS ts)
{
  PetscReal t, dt;
  Vec       U;

  PetscFunctionBegin;
  PetscCall(TSGetTime(ts, &t));
  PetscCall(TSGetTimeStep(ts, &dt));
  PetscCall(TSGetSolution(ts, &U));
  PetscCall(AeNSEndStep(s, t + dt, U));
  PetscFunctionReturn(0);
}
