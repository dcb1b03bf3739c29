/*
  TS type `octaves`: bands of waves on clocks of their own. With P the waves of the low octaves and A(u) = P N(P u), what these do
  among themselves, the right-hand side is split into A, which products on few points give, and B = N - A, which takes all. B is
  evaluated three times in a step H, A on a clock that is 3 m times faster, by the scheme MRI-GARK-ERK33 of Sandu, SIAM J. Numer.
  Anal. 57, 2300 (2019), section 3.2.1, which is of order 3:

    c = 0, 1/3, 2/3, 1;  for each stage from c_i to c_{i+1}, theta = 0 .. H:
      v' = (1/3) A(t + c_i H + theta/3, v) + sum_{j<=i} (G0_ij + G1_ij theta/H) B_j,   v(0) = Y_i,  Y_{i+1} = v(H)

  The low waves are stepped through it by m steps of the classical RK4; the others see the B_j only, whose integral is exact. The
  candidate is what the stage vector ends with (levels.h). Five vectors, and nine short ones.
*/
#include "ns_private.h"
#include <aeonic/levels.h>
#include <petsc/private/tsimpl.h>
#undef I

enum { STAGES = 3 };
static const PetscReal G0[STAGES][STAGES] = {{1.0 / 3.0, 0, 0}, {-1.0 / 3.0, 2.0 / 3.0, 0}, {0, -2.0 / 3.0, 1.0}};
static const PetscReal G1[STAGES][STAGES] = {{0, 0, 0}, {0, 0, 0}, {0.5, 0, -0.5}};

typedef struct {
  AeNS       ns, low;
  PetscInt   octaves, substeps;
  Vec        Y, B[STAGES];
  Vec        L, X, K[AE_RK4_STAGES], BL[STAGES]; /* of the low waves */
  VecScatter down;                               /* low waves of a state into a short vector */
} TS_Octaves;

/* ---- the low waves ---- */

/* Place of a mode's real part in a Vec of a band. */
static PetscInt Place(AeNS s, PetscInt f, PetscInt jx, PetscInt jy, PetscInt jz)
{
  const AeBand   b = s->band;
  const PetscInt y = jy < 0 ? jy + b->m[1] : jy, z = jz < 0 ? jz + b->m[2] : jz;
  PetscInt       r = 0;

  while (y >= b->y0[r + 1]) r++;
  return 2 * b->m[0] * b->m[2] * (s->fields * b->y0[r] + f * (b->y0[r + 1] - b->y0[r]) + y - b->y0[r]) + 2 * (z * b->m[0] + jx);
}

/* Modes are cut into slabs over y, of each field on its own, and the two bands differently: real and imaginary part of each low
   mode are found in the state one by one. */
static PetscErrorCode CreateScatter(TS_Octaves *o, Vec U)
{
  const AeBand b = o->low->band;
  PetscInt    *from, n, at = 0;
  IS           is;

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(o->L, &n));
  PetscCall(PetscMalloc1(n, &from));
  for (PetscInt f = 0; f < o->low->fields; f++)
    for (PetscInt y = 0; y < b->yn; y++)
      for (PetscInt z = 0; z < b->m[2]; z++)
        for (PetscInt x = 0; x < b->m[0]; x++) {
          const PetscInt p = Place(o->ns, f, x, AeBandWave(b->ys + y, b->m[1]), AeBandWave(z, b->m[2]));
          from[at++]       = p;
          from[at++]       = p + 1;
        }
  PetscCall(ISCreateGeneral(o->ns->comm, n, from, PETSC_OWN_POINTER, &is));
  PetscCall(VecScatterCreate(U, is, o->L, NULL, &o->down));
  PetscCall(ISDestroy(&is));
  PetscFunctionReturn(0);
}

/* The same equations, without the force, on the waves up to K along each axis. */
static PetscErrorCode CreateLow(AeNS s, PetscInt K, AeNS *low)
{
  AeNS     l;
  PetscInt k[3], n[3], most;

  PetscFunctionBegin;
  PetscCall(PetscNew(&l));
  *low                  = l;
  l->comm               = s->comm;
  l->fields             = s->fields;
  l->nu                 = s->nu;
  l->kappa              = s->kappa;
  l->integrating_factor = PETSC_TRUE;
  l->part               = PETSC_TRUE;
  for (int d = 0; d < 3; d++) {
    k[d] = PetscMin(K, s->band->K[d]);
    n[d] = l->n[d] = AePaddedPoints(k[d]);
  }
  PetscCall(AeBandCreate(s->comm, n, k, s->band->fields, &l->band));
  most = PetscMax(k[0], PetscMax(k[1], k[2])) + 1;
  for (int p = 0; p < 2; p++) {
    PetscCall(PetscMalloc2(most, &l->grow[p], most, &l->decay[p]));
    for (PetscInt j = 0; j < most; j++) l->grow[p][j] = l->decay[p][j] = 1.0;
  }
  PetscFunctionReturn(0);
}

/* K = (1/3) A(t + theta/3, X) + sum_j (G0 + G1 theta/H) B_j of stage i; A may be there already, in K */
static PetscErrorCode FastSlope(TS_Octaves *o, PetscInt i, PetscReal t, PetscReal x, PetscBool known, Vec X, Vec K)
{
  PetscReal g[STAGES];

  PetscFunctionBegin;
  for (PetscInt j = 0; j <= i; j++) g[j] = G0[i][j] + G1[i][j] * x;
  if (!known) PetscCall(AeNSRHSFunction(NULL, t, X, K, o->low));
  PetscCall(VecScale(K, 1.0 / STAGES));
  PetscCall(VecMAXPY(K, i + 1, g, o->BL));
  PetscFunctionReturn(0);
}

/* L over the stage i that begins at t; K[0] holds A at its beginning */
static PetscErrorCode FastSteps(TS ts, PetscInt i, PetscReal t)
{
  TS_Octaves     *o = (TS_Octaves *)ts->data;
  const PetscReal H = ts->time_step, d = H / (PetscReal)o->substeps;
  PetscReal       part[AE_RK4_STAGES], c[AE_RK4_STAGES], b[AE_RK4_STAGES];

  PetscFunctionBegin;
  AeRK4Steps(1.0, part, b);
  AeRK4Steps(d, c, b);
  for (PetscInt m = 0; m < o->substeps; m++) {
    for (PetscInt s = 0; s < AE_RK4_STAGES; s++) {
      const PetscReal x = ((PetscReal)m + part[s]) / (PetscReal)o->substeps;

      if (s) PetscCall(VecWAXPY(o->X, c[s], o->K[s - 1], o->L));
      PetscCall(FastSlope(o, i, t + x * H / STAGES, x, (PetscBool)(!m && !s), s ? o->X : o->L, o->K[s]));
    }
    PetscCall(VecMAXPY(o->L, AE_RK4_STAGES, b, o->K));
  }
  PetscFunctionReturn(0);
}

/* B_i = N - A at stage i, whose state is Y; A stays in K[0], the low waves of Y in L */
static PetscErrorCode SlowSlope(TS ts, PetscInt i, PetscReal t)
{
  TS_Octaves *o = (TS_Octaves *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSComputeRHSFunction(ts, t, o->Y, o->B[i]));
  PetscCall(VecScatterBegin(o->down, o->Y, o->L, INSERT_VALUES, SCATTER_FORWARD));
  PetscCall(VecScatterEnd(o->down, o->Y, o->L, INSERT_VALUES, SCATTER_FORWARD));
  PetscCall(VecScatterBegin(o->down, o->B[i], o->BL[i], INSERT_VALUES, SCATTER_FORWARD));
  PetscCall(VecScatterEnd(o->down, o->B[i], o->BL[i], INSERT_VALUES, SCATTER_FORWARD));
  PetscCall(AeNSRHSFunction(NULL, t, o->L, o->K[0], o->low));
  PetscCall(VecAXPY(o->BL[i], -1.0, o->K[0]));
  PetscFunctionReturn(0);
}

/* ---- the TS type ---- */

/* Y goes from stage to stage: its high waves by the B_j alone, its low ones by the fast steps, whose integrating factor counts
   from where this step begins too. */
static PetscErrorCode Attempt(TS ts, Vec *candidate, PetscBool *accept)
{
  TS_Octaves     *o = (TS_Octaves *)ts->data;
  const PetscReal H = ts->time_step;

  PetscFunctionBegin;
  PetscCall(AeNSBeginStep(o->low, ts->ptime));
  PetscCall(VecCopy(ts->vec_sol, o->Y));
  *candidate = o->Y;
  for (PetscInt i = 0; i < STAGES; i++) {
    const PetscReal t = ts->ptime + H * (PetscReal)i / STAGES;
    PetscReal       w[STAGES];

    PetscCall(TSPreStage(ts, t));
    PetscCall(TSPostStage(ts, t, i, &o->Y));
    PetscCall(TSAdaptCheckStage(ts->adapt, ts, t, o->Y, accept));
    if (!*accept) PetscFunctionReturn(0);
    PetscCall(SlowSlope(ts, i, t));
    PetscCall(FastSteps(ts, i, t));
    for (PetscInt j = 0; j <= i; j++) w[j] = H * (G0[i][j] + 0.5 * G1[i][j]);
    PetscCall(VecMAXPY(o->Y, i + 1, w, o->B)); /* the high waves; the low ones come from L */
    PetscCall(VecScatterBegin(o->down, o->L, o->Y, INSERT_VALUES, SCATTER_REVERSE));
    PetscCall(VecScatterEnd(o->down, o->L, o->Y, INSERT_VALUES, SCATTER_REVERSE));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode TSStep_Octaves(TS ts)
{
  static const AeTSScheme scheme = {"MRI-GARK-ERK33", 3, Attempt, NULL, NULL};

  PetscFunctionBegin;
  PetscCall(AeTSStepWith(ts, &scheme));
  PetscFunctionReturn(0);
}

/* Options, the low waves' equations. Called by AeNSSetUpTS. */
PetscErrorCode AeNSOctavesSetUp(AeNS s, TS ts)
{
  TS_Octaves *o = (TS_Octaves *)ts->data;
  PetscInt    most, K;

  PetscFunctionBegin;
  PetscOptionsBegin(s->comm, NULL, "Octaves", "aeonic ns");
  PetscCall(AeOptInt("-ts_octaves_low", "octaves of the waves on the fast clock: those below 2^this along every axis", "1", "", 1,
                     12, &o->octaves, NULL));
  PetscCall(AeOptInt("-ts_octaves_substeps", "their steps in each third of a step", "1", "", 1, 1000, &o->substeps, NULL));
  PetscOptionsEnd();
  most = PetscMax(s->band->K[0], PetscMax(s->band->K[1], s->band->K[2]));
  K    = (1 << o->octaves) - 1;
  PetscCheck(K < most, s->comm, AE_ERR_USAGE,
             "-ts_octaves_low %" PetscInt_FMT ": the grid holds waves up to %" PetscInt_FMT ", none is left for the slow clock",
             o->octaves, most);
  PetscCall(AeNSDestroy(&o->low));
  PetscCall(CreateLow(s, K, &o->low));
  o->ns  = s;
  s->low = o->low->band;
  PetscFunctionReturn(0);
}

static PetscErrorCode TSSetUp_Octaves(TS ts)
{
  TS_Octaves *o = (TS_Octaves *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSCheckImplicitTerm(ts));
  PetscCheck(o->ns, PetscObjectComm((PetscObject)ts), PETSC_ERR_ORDER, "AeNSSetUpTS comes first");
  PetscCall(VecDuplicate(ts->vec_sol, &o->Y));
  for (int i = 0; i < STAGES; i++) PetscCall(VecDuplicate(ts->vec_sol, &o->B[i]));
  PetscCall(AeNSCreateVec(o->low, &o->L));
  PetscCall(VecDuplicate(o->L, &o->X));
  for (int i = 0; i < AE_RK4_STAGES; i++) PetscCall(VecDuplicate(o->L, &o->K[i]));
  for (int i = 0; i < STAGES; i++) PetscCall(VecDuplicate(o->L, &o->BL[i]));
  PetscCall(CreateScatter(o, ts->vec_sol));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSReset_Octaves(TS ts)
{
  TS_Octaves *o = (TS_Octaves *)ts->data;

  PetscFunctionBegin;
  PetscCall(VecDestroy(&o->Y));
  PetscCall(VecDestroy(&o->L));
  PetscCall(VecDestroy(&o->X));
  for (int i = 0; i < AE_RK4_STAGES; i++) PetscCall(VecDestroy(&o->K[i]));
  for (int i = 0; i < STAGES; i++) {
    PetscCall(VecDestroy(&o->B[i]));
    PetscCall(VecDestroy(&o->BL[i]));
  }
  PetscCall(VecScatterDestroy(&o->down));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSDestroy_Octaves(TS ts)
{
  TS_Octaves *o = (TS_Octaves *)ts->data;

  PetscFunctionBegin;
  PetscCall(TSReset_Octaves(ts));
  PetscCall(AeNSDestroy(&o->low));
  PetscCall(PetscFree(ts->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode TSView_Octaves(TS ts, PetscViewer viewer)
{
  const TS_Octaves *o = (TS_Octaves *)ts->data;
  PetscBool         ascii;

  PetscFunctionBegin;
  PetscCall(PetscObjectTypeCompare((PetscObject)viewer, PETSCVIEWERASCII, &ascii));
  if (ascii)
    PetscCall(PetscViewerASCIIPrintf(
      viewer, "  MRI-GARK-ERK33, order 3: waves below %d take %" PetscInt_FMT " steps where the others take one\n",
      1 << o->octaves, STAGES * o->substeps));
  PetscFunctionReturn(0);
}

/* The low waves' equations come with AeNSSetUpTS(), which knows those of all. */
static PetscErrorCode TSCreate_Octaves(TS ts)
{
  TS_Octaves *o;

  PetscFunctionBegin;
  PetscCall(AeCite("Sandu2019"));
  PetscCall(PetscNew(&o));
  o->octaves             = 2;
  o->substeps            = 1;
  ts->data               = o;
  ts->ops->setup         = TSSetUp_Octaves;
  ts->ops->step          = TSStep_Octaves;
  ts->ops->reset         = TSReset_Octaves;
  ts->ops->destroy       = TSDestroy_Octaves;
  ts->ops->view          = TSView_Octaves;
  ts->default_adapt_type = TSADAPTNONE;
  ts->usessnes           = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSOctavesRegister(void)
{
  PetscFunctionBegin;
  PetscCall(TSRegister(AE_TS_OCTAVES, TSCreate_Octaves));
  PetscFunctionReturn(0);
}
