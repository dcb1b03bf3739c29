/*
  Two boxes of different sizes and boundaries, swept in turns, give each what it gives alone, bit for bit.  ranks: 1 2 3

  A Kerr-Schild hole with frozen cells in a box whose outer boundary is exact, and a smaller box beside it, free of frozen cells
  and radiative: with an AeGR each, and as two boxes of one AeGR. Then an AeGR of another formulation beside them.
*/
#include "gr_test.h"

#define HOLE "-gr_initial kerr_schild -hole_spin 0.3 -hole_centre 2,0.05,-0.02 -gr_excise_radius 0.9 -gr_shift_eta_radius 1.5 "
static const char Large[] = HOLE "-grid_half_width 3 -grid_n 20,16,18 -grid_boundary exact",
                  Small[] = HOLE "-grid_half_width 0.9 -grid_n 12,15,10 -grid_boundary radiative",
                  Wave[]  = "-gr_initial gauge_wave -gw_amplitude 0.1 -gr_formulation z4c -grid_n 24,9,7 -fd_order 6";
enum { BOXES = 3, ROUNDS = 5 };

/* A box with what was found on it. */
typedef struct {
  AeGR      gr;
  AeFields  F, CF;
  Vec       U, Y, R, C;
  AeGRStats sweeps, constraints;
  char      hash[3][65]; /* of the state, its right-hand side, the constraints */
  PetscReal l2[AE_GR_NERR], linf[AE_GR_NERR], extremes[3], dt;
} Box;

static PetscErrorCode Begin(AeGR gr, AeFields F, Box *b)
{
  AeGrid g;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(b, sizeof *b));
  b->gr = gr;
  b->F  = F;
  PetscCall(AeFieldsGetInfo(F, &g, NULL, NULL));
  PetscCall(AeGRCreateDiagnostics(g, &b->CF));
  PetscCall(AeFieldsCreateVec(b->CF, &b->C));
  PetscCall(AeFieldsCreateVec(F, &b->U));
  PetscCall(VecDuplicate(b->U, &b->Y));
  PetscCall(VecDuplicate(b->U, &b->R));
  PetscCall(AeGRSetState(gr, b->U, 0.0));
  PetscFunctionReturn(0);
}

/* One of Euler's steps; constraints are fused into the first. */
static PetscErrorCode Round(Box *b, PetscInt s)
{
  const PetscReal dt = 1e-3;

  PetscFunctionBegin;
  PetscCall(AeGRPrepareStage(b->gr, b->U, s * dt, s ? AE_SWEEP_STAGE : AE_SWEEP_FIRST, s, PETSC_FALSE));
  PetscCall(AeGRRHSFunction(NULL, s * dt, b->U, b->R, b->gr));
  PetscCall(AeGRCombine(b->gr, b->Y, b->U, 1, &dt, &b->R));
  PetscCall(VecCopy(b->Y, b->U));
  PetscFunctionReturn(0);
}

static PetscErrorCode Measure(Box *b)
{
  const PetscReal t = ROUNDS * 1e-3;

  PetscFunctionBegin;
  PetscCall(AeGRConstraints(b->gr, b->U, t, b->C, &b->constraints));
  PetscCall(AeGRErrors(b->gr, b->U, t, b->l2, b->linf));
  PetscCall(AeGRExtremes(b->gr, b->U, &b->extremes[0], &b->extremes[1], &b->extremes[2]));
  PetscCall(AeGRStableDt(b->gr, b->U, &b->dt));
  PetscCall(AeFieldsHash(b->F, b->U, b->hash[0]));
  PetscCall(AeFieldsHash(b->F, b->R, b->hash[1]));
  PetscCall(AeFieldsHash(b->CF, b->C, b->hash[2]));
  PetscFunctionReturn(0);
}

static PetscErrorCode End(Box *b)
{
  PetscFunctionBegin;
  PetscCall(VecDestroy(&b->U));
  PetscCall(VecDestroy(&b->Y));
  PetscCall(VecDestroy(&b->R));
  PetscCall(VecDestroy(&b->C));
  PetscCall(AeFieldsDestroy(&b->CF));
  PetscFunctionReturn(0);
}

static PetscErrorCode Make(const char options[], AeGR *gr, AeFields *F)
{
  PetscFunctionBegin;
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, gr));
  PetscCall(AeGRGet(*gr, NULL, F, NULL, NULL, NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode Alone(const char options[], Box *b)
{
  AeGR     gr;
  AeFields F;

  PetscFunctionBegin;
  PetscCall(Make(options, &gr, &F));
  PetscCall(Begin(gr, F, b));
  for (PetscInt s = 0; s < ROUNDS; s++) PetscCall(Round(b, s));
  PetscCall(AeGRReduce(gr, &b->sweeps));
  PetscCall(Measure(b));
  PetscCall(End(b));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode InTurns(PetscInt n, Box b[])
{
  PetscFunctionBegin;
  for (PetscInt s = 0; s < ROUNDS; s++)
    for (PetscInt m = 0; m < n; m++) PetscCall(Round(&b[m], s));
  for (PetscInt m = 0; m < n; m++) PetscCall(AeGRReduce(b[m].gr, &b[m].sweeps));
  for (PetscInt m = 0; m < n; m++) PetscCall(Measure(&b[m]));
  PetscFunctionReturn(0);
}

static void Compare(const Box *got, const Box *alone, PetscBool sweeps, const char name[])
{
  char what[128];

  for (int h = 0; h < 3; h++) {
    static const char *const of[3] = {"state", "right-hand side", "constraints"};

    (void)snprintf(what, sizeof what, "%s: %s as alone", name, of[h]);
    TapTrue(!strcmp(got->hash[h], alone->hash[h]), what);
  }
  (void)snprintf(what, sizeof what, "%s: statistics of pass B as alone", name);
  TapTrue(!memcmp(&got->constraints, &alone->constraints, sizeof got->constraints), what);
  if (sweeps) {
    (void)snprintf(what, sizeof what, "%s: statistics of the sweeps as alone", name);
    TapTrue(!memcmp(&got->sweeps, &alone->sweeps, sizeof got->sweeps), what);
  }
  (void)snprintf(what, sizeof what, "%s: errors, extremes, stable dt as alone", name);
  TapTrue(!memcmp(got->l2, alone->l2, sizeof got->l2) && !memcmp(got->linf, alone->linf, sizeof got->linf) &&
            !memcmp(got->extremes, alone->extremes, sizeof got->extremes) && got->dt == alone->dt,
          what);
}

/* The small box as a second one of the AeGR of the large. */
static PetscErrorCode AddSmall(AeGR gr, AeFields *F)
{
  const PetscInt n[3] = {12, 15, 10};
  AeGrid         g, first;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, &first, NULL, NULL, NULL, NULL));
  PetscCall(AeGridCreate(PETSC_COMM_WORLD, &g));
  PetscCall(AeGridSetSizes(g, n));
  PetscCall(AeGridSetLength(g, 1, 1.8));
  PetscCall(AeGridSetBoundary(g, AE_BC_RADIATIVE));
  PetscCall(AeGridSetGhost(g, first->ghost));
  PetscCall(AeGridSetUp(g));
  PetscCall(AeGRAddBox(gr, g, F));
  PetscFunctionReturn(0);
}

static PetscErrorCode OneAeGR(const Box alone[BOXES])
{
  Box              b[2];
  AeGR             gr;
  AeFields         F[2];
  const AeGRStats *s, *x = &alone[0].sweeps, *y = &alone[1].sweeps;

  PetscFunctionBegin;
  PetscCall(Make(Large, &gr, &F[0]));
  PetscCall(AddSmall(gr, &F[1]));
  for (int m = 0; m < 2; m++) PetscCall(Begin(gr, F[m], &b[m]));
  PetscCall(InTurns(2, b));
  Compare(&b[0], &alone[0], PETSC_FALSE, "large box of one AeGR");
  Compare(&b[1], &alone[1], PETSC_FALSE, "small box of one AeGR");
  s = &b[0].sweeps;
  TapTrue(s->lapse_min == fmin(x->lapse_min, y->lapse_min) && s->chi_min == fmin(x->chi_min, y->chi_min) &&
            s->K_max == fmax(x->K_max, y->K_max) && s->K_l2 == fmax(x->K_l2, y->K_l2) && s->H_l2 == fmax(x->H_l2, y->H_l2) &&
            s->M_linf == fmax(x->M_linf, y->M_linf) && s->det_drift == fmax(x->det_drift, y->det_drift),
          "statistics of two boxes are the worst of each");
  TapTrue(x->H_l2 != y->H_l2 && x->K_max != y->K_max, "and they differ");
  for (int m = 0; m < 2; m++) PetscCall(End(&b[m]));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

static PetscErrorCode Foreign(const Box b[])
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = AeGRRHSFunction(NULL, 0, b[1].U, b[1].R, b[0].gr);
  PetscCall(PetscPopErrorHandler());
  TapTrue(ierr != 0, "a state of another AeGR is refused");
  PetscFunctionReturn(0);
}

static PetscErrorCode Run(void)
{
  static const char *const options[BOXES] = {Large, Small, Wave}, *const names[BOXES] = {"large", "small", "wave"};
  Box      alone[BOXES], b[BOXES];
  AeGR     gr[BOXES];
  AeFields F[BOXES];

  PetscFunctionBegin;
  for (int m = 0; m < BOXES; m++) PetscCall(Alone(options[m], &alone[m]));
  for (int m = 0; m < BOXES; m++) {
    PetscCall(Make(options[m], &gr[m], &F[m]));
    PetscCall(Begin(gr[m], F[m], &b[m]));
  }
  PetscCall(InTurns(BOXES, b));
  for (int m = 0; m < BOXES; m++) Compare(&b[m], &alone[m], PETSC_TRUE, names[m]);
  PetscCall(Foreign(b));
  for (int m = 0; m < BOXES; m++) {
    PetscCall(End(&b[m]));
    PetscCall(AeGRDestroy(&gr[m]));
  }
  PetscCall(OneAeGR(alone));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  int status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(Run());
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
