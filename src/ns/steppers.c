/*
  What each stepper is given of the equations: the linear part as an integrating factor, in the functions of etdrk4, on two
  clocks.
*/
#include "ns_private.h"
#include <aeonic/levels.h>

/* The functions of z = -nu dt j^2 for every whole j^2. */
static PetscErrorCode EtdTables(AeNS s, PetscReal dt)
{
  const PetscInt most = s->band->K[0] * s->band->K[0] + s->band->K[1] * s->band->K[1] + s->band->K[2] * s->band->K[2] + 1;

  PetscFunctionBegin;
  if (dt == s->etd_dt) PetscFunctionReturn(0);
  s->etd_dt = dt;
  for (int p = 0; p < s->fields - 2; p++) {
    for (int f = 0; f < AE_ETD_FUNCTIONS; f++)
      if (!s->etd[p][f]) PetscCall(PetscMalloc1(most, &s->etd[p][f]));
    for (PetscInt q = 0; q < most; q++) {
      PetscReal F[AE_ETD_FUNCTIONS];

      AeETDFunctions(-(p ? s->kappa : s->nu) * dt * (PetscReal)q, F);
      for (int f = 0; f < AE_ETD_FUNCTIONS; f++) s->etd[p][f][q] = F[f];
    }
  }
  PetscFunctionReturn(0);
}

/*
  Functions of z = -nu dt k^2 are tables by the whole number j^2, so that no exponential is taken in a step. Y may be none of the
  x.
*/
static PetscErrorCode EtdCombine(void *ctx, PetscReal dt, Vec Y, PetscInt n, const AeETDFunction F[], const PetscReal w[],
                                 const Vec x[])
{
  enum { MOST = 5 };
  AeNS          s = ctx;
  const AeBand  b = s->band;
  const double *in[MOST];
  double       *out;

  PetscFunctionBegin;
  PetscCheck(n <= MOST, s->comm, PETSC_ERR_ARG_OUTOFRANGE, "%" PetscInt_FMT " terms", n);
  PetscCall(EtdTables(s, dt));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecGetArrayRead(x[m], &in[m]));
  PetscCall(VecGetArrayWrite(Y, &out));
  for (PetscInt f = 0; f < s->fields; f++)
    for (PetscInt y = 0; y < b->yn; y++)
      for (PetscInt z = 0; z < b->m[2]; z++) {
        const PetscInt  jy = AeBandWave(b->ys + y, b->m[1]), jz = AeBandWave(z, b->m[2]), rest = jy * jy + jz * jz;
        const ptrdiff_t o  = 2 * AeNSAt(s, f, y, z);
        double *restrict r = out + o;

        for (PetscInt m = 0; m < n; m++) {
          const PetscReal *restrict table = s->etd[f == 3][F[m]];
          const double *restrict c        = in[m] + o;

          if (!m)
            for (PetscInt i = 0; i < b->m[0]; i++) {
              const double g = w[0] * table[i * i + rest];
              r[2 * i]       = g * c[2 * i];
              r[2 * i + 1]   = g * c[2 * i + 1];
            }
          else
            for (PetscInt i = 0; i < b->m[0]; i++) {
              const double g = w[m] * table[i * i + rest];
              r[2 * i] += g * c[2 * i];
              r[2 * i + 1] += g * c[2 * i + 1];
            }
        }
      }
  PetscCall(VecRestoreArrayWrite(Y, &out));
  for (PetscInt m = 0; m < n; m++) PetscCall(VecRestoreArrayRead(x[m], &in[m]));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSSetUpTS(AeNS s, TS ts)
{
  TSAdapt   adapt;
  PetscBool etd, octaves, exact, rails, plain;
  TSType    type;

  PetscFunctionBegin;
  PetscCall(TSSetRHSFunction(ts, NULL, AeNSRHSFunction, s));
  PetscCall(TSGetType(ts, &type));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, AE_TS_ETDRK4, &etd));
  PetscCall(PetscObjectTypeCompare((PetscObject)ts, AE_TS_OCTAVES, &octaves));
  PetscCall(PetscObjectTypeCompareAny((PetscObject)ts, &exact, TSRK, AE_TS_RK4, ""));
  PetscCall(PetscObjectTypeCompareAny((PetscObject)ts, &plain, TSSSP, TSEULER, ""));
  PetscCall(PetscObjectTypeCompare((PetscObject)adapt, AE_ADAPT_RAILS, &rails));
  PetscCheck(etd || octaves || exact || plain, s->comm, AE_ERR_USAGE,
             "-ts_type %s does not go with aeonic ns: etdrk4, octaves, or an explicit type (rk, rk4, ssp, euler), which "
             "gets an integrating factor",
             type);
  PetscCheck(!rails || !plain, s->comm, AE_ERR_USAGE,
             "-ts_adapt_type rails takes steps back, which -ts_type %s cannot; rk, rk4, etdrk4 and octaves can", type);
  if (rails) PetscCall(AeTSTakeBackExactly(ts));
  if (etd) PetscCall(AeTSETDRK4SetCombine(ts, EtdCombine, s));
  s->integrating_factor = (PetscBool)!etd;
  if (octaves) PetscCall(AeNSOctavesSetUp(s, ts));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSRegister(void)
{
  PetscFunctionBegin;
  PetscCall(AeSpectralRegister());
  PetscCall(AeETDRK4Register());
  PetscCall(AeNSOctavesRegister());
  PetscCall(AeCourantRegister());
  PetscFunctionReturn(0);
}
