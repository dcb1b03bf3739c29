/*
  Autopsy of a step that ended a run (-autopsy): the step is made again from the state that was put back, stage by
  stage, until something is wrong, and what it is is named: variable, cell, stage, and the term of its equation.

  Terms are told apart by making the same right-hand side again without one of them.
*/
#include "gr_run.h"

enum { SIDE = 7, CELLS = SIDE * SIDE * SIDE };

typedef struct {
  AeEvolution  E;
  AeSpacetime *a;
  PetscReal    t, dt, t_before;
  Vec          before, W;    /* the stage of the newest slope; scratch */
  Vec          shown, slope; /* what the dump shows: the newest stage, the newest slope */
  PetscInt     stage;        /* 0..3, 4: the candidate */
  PetscInt     field, ijk[3];
  PetscReal    x[3];
  const char  *fault, *term;
  PetscReal    part; /* of the term in the slope at the cell */
} Autopsy;

static const char *const TermNames[] = {"Kreiss-Oliger dissipation", "constraint damping", "advection of lapse and shift",
                                        "gauge sources", "the formulation's own terms"};
enum { REST = 4 };

/* The parameters without one term. */
static Z4Params Without(Z4Params p, int term)
{
  switch (term) {
  case 0:
    p.sigma = p.sigma_gauge = 0;
    break;
  case 1:
    p.kappa1 = 0;
    break;
  case 2:
    p.lapse_advect = p.shift_advect = 0;
    break;
  case 3:
    p.lapse_alpha = p.lapse_const = p.shift_gam = p.shift_b = p.shift_eta = 0;
    p.shift_harmonic                                                      = 0;
    break;
  }
  return p;
}

/* The value of field f at a cell, on all ranks. */
static PetscErrorCode ValueAt(AeFields F, Vec v, PetscInt f, const PetscInt ijk[3], PetscReal *value)
{
  AeGrid          g;
  const AeLayout *L;
  const double   *u;
  PetscMPIInt     owner;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(F, &g, &L, NULL));
  owner = AeGridRowOwner(g, ijk[1], ijk[2]);
  if (owner == g->rank) {
    PetscCall(VecGetArrayRead(v, &u));
    *value = u[AeAt(L, f, ijk[2] - g->ks, ijk[1] - g->js, ijk[0])];
    PetscCall(VecRestoreArrayRead(v, &u));
  }
  PetscCallMPI(MPI_Bcast(value, 1, MPIU_REAL, owner, g->comm));
  PetscFunctionReturn(0);
}

/* Which term of the slope of A->field at A->ijk is at fault: the one without which it is finite, else the largest. */
static PetscErrorCode FindTerm(Autopsy *A, Vec Y, PetscReal t, Vec slope)
{
  AeGR      gr = A->a->gr;
  Z4Params *p, keep;
  PetscReal whole, less, rest;

  PetscFunctionBegin;
  PetscCall(AeGRGet(gr, NULL, NULL, NULL, NULL, &p));
  keep = *p;
  PetscCall(ValueAt(A->a->fields, slope, A->field, A->ijk, &whole));
  rest    = whole;
  A->term = TermNames[REST];
  A->part = whole;
  for (int m = 0; m < REST; m++) {
    *p = Without(keep, m);
    PetscCall(AeGRRHSFunction(A->E->ts, t, Y, A->W, gr));
    PetscCall(ValueAt(A->a->fields, A->W, A->field, A->ijk, &less));
    if (!isfinite(whole)) {
      if (!isfinite(less)) continue;
      A->term = TermNames[m];
      A->part = whole;
      break;
    }
    rest -= whole - less;
    if (PetscAbsReal(whole - less) > PetscAbsReal(A->part) || m == 0) {
      A->term = TermNames[m];
      A->part = whole - less;
    }
  }
  *p = keep;
  if (isfinite(whole) && PetscAbsReal(rest) >= PetscAbsReal(A->part)) {
    A->term = TermNames[REST];
    A->part = rest;
  }
  PetscFunctionReturn(0);
}

/* Something that a state cannot be: not finite, or a lapse or chi that is not positive. */
static PetscErrorCode CheckState(Autopsy *A, Vec Y)
{
  const PetscInt           positive[2] = {AeGRPlaces(A->a->gr).lapse, AeGRPlaces(A->a->gr).chi};
  static const char *const what[2]     = {"the lapse is not positive", "chi is not positive"};
  PetscReal                v;
  PetscInt                 ijk[3];

  PetscFunctionBegin;
  PetscCall(AeFieldsFindNonFinite(A->a->fields, Y, &A->field, A->ijk, A->x));
  if (A->field >= 0) A->fault = "not finite";
  for (int m = 0; m < 2 && !A->fault && positive[m] >= 0; m++) {
    PetscCall(AeFieldsFindLargest(A->a->fields, Y, positive[m], -1.0, ijk));
    PetscCall(ValueAt(A->a->fields, Y, positive[m], ijk, &v));
    if (v > 0) continue;
    A->fault = what[m];
    A->field = positive[m];
    for (int d = 0; d < 3; d++) A->x[d] = AeGridX(A->a->grid, d, A->ijk[d] = ijk[d]);
  }
  PetscFunctionReturn(0);
}

/* A stage of the step that is made again: first its state, then its slope. `before` is the state of the last one whose slope is
   known, at t_before. */
static PetscErrorCode Check(void *ctx, PetscInt substep, PetscInt stage, PetscReal t, Vec Y, Vec K, PetscBool *go_on)
{
  Autopsy *A = (Autopsy *)ctx;

  PetscFunctionBegin;
  (void)substep;
  if (!K) {
    A->stage = stage;
    A->shown = Y;
    PetscCall(AeGRPrepareStage(A->a->gr, Y, t, AE_SWEEP_STAGE, stage, PETSC_FALSE));
    PetscCall(CheckState(A, Y));
    if (A->fault && stage) PetscCall(FindTerm(A, A->before, A->t_before, A->slope)); /* what has led there */
  } else {
    A->slope    = K;
    A->t_before = t;
    PetscCall(VecCopy(Y, A->before));
    PetscCall(AeFieldsFindNonFinite(A->a->fields, K, &A->field, A->ijk, A->x));
    if (A->field >= 0) {
      A->fault = "its right-hand side is not finite";
      PetscCall(FindTerm(A, Y, t, K));
    }
  }
  *go_on = (PetscBool)!A->fault;
  PetscFunctionReturn(0);
}

/* Every stage is possible, a rail was not kept: the cell is where |H| is largest in the candidate, the variable the one
   that the last slope changes most there, relative to 1 + |value|. */
static PetscErrorCode Unkept(Autopsy *A)
{
  AeSpacetime    *a = A->a;
  const AeLayout *L;
  AeGRStats       stats;
  Vec             C;
  PetscReal       most = -1, v, k;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(AeFieldsCreateVec(AeConstraintsFields(A->E), &C));
  PetscCall(AeGRConstraints(a->gr, A->shown, A->t + A->dt, C, &stats));
  PetscCall(AeFieldsFindLargest(AeConstraintsFields(A->E), C, 0, 0, A->ijk));
  PetscCall(VecDestroy(&C));
  for (int d = 0; d < 3; d++) A->x[d] = AeGridX(a->grid, d, A->ijk[d]);
  for (PetscInt f = 0; f < L->nf; f++) {
    PetscCall(ValueAt(a->fields, A->shown, f, A->ijk, &v));
    PetscCall(ValueAt(a->fields, A->slope, f, A->ijk, &k));
    if (PetscAbsReal(k) / (1 + PetscAbsReal(v)) <= most) continue;
    most     = PetscAbsReal(k) / (1 + PetscAbsReal(v));
    A->field = f;
  }
  A->fault = "every stage is possible; |H| is largest here and this variable changes most";
  PetscCall(AeGRPrepareStage(a->gr, A->before, A->t_before, AE_SWEEP_STAGE, 4, PETSC_FALSE));
  PetscCall(FindTerm(A, A->before, A->t_before, A->slope));
  PetscFunctionReturn(0);
}

/* The cell `o` cells of the dump's corner away from the middle; false if there is none. */
static PetscBool DumpCell(const Autopsy *A, int n, PetscInt ijk[3])
{
  const int o[3] = {n % SIDE - SIDE / 2, n / SIDE % SIDE - SIDE / 2, n / SIDE / SIDE - SIDE / 2};

  for (int d = 0; d < 3; d++) {
    const AeGrid g = A->a->grid;

    ijk[d] = A->ijk[d] + o[d];
    if (g->bc[d][0] == AE_BC_PERIODIC) ijk[d] = (ijk[d] % g->n[d] + g->n[d]) % g->n[d];
    if (ijk[d] < 0 || ijk[d] >= g->n[d]) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* State and slope of the 7^3 cells around, field by field, on rank 0: each cell from its owner. */
static PetscErrorCode Collect(Autopsy *A, PetscReal *values)
{
  AeSpacetime    *a = A->a;
  const AeLayout *L;
  const double   *u, *k;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(A->shown, &u));
  PetscCall(VecGetArrayRead(A->slope, &k));
  for (int n = 0; n < CELLS; n++) {
    PetscInt ijk[3];

    if (!DumpCell(A, n, ijk) || AeGridRowOwner(a->grid, ijk[1], ijk[2]) != a->grid->rank) continue;
    for (PetscInt f = 0; f < L->nf; f++) {
      const ptrdiff_t at = AeAt(L, f, ijk[2] - a->grid->ks, ijk[1] - a->grid->js, ijk[0]);

      values[(n * L->nf + f) * 2]     = u[at];
      values[(n * L->nf + f) * 2 + 1] = k[at];
    }
  }
  PetscCall(VecRestoreArrayRead(A->slope, &k));
  PetscCall(VecRestoreArrayRead(A->shown, &u));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, values, (PetscMPIInt)(2 * CELLS * L->nf), MPIU_REAL, MPI_SUM, a->grid->comm));
  PetscFunctionReturn(0);
}

/* autopsy.txt: one row a cell, columns by the fields' names; 27 letters hold a number and its blank. */
static PetscErrorCode Dump(Autopsy *A, const char finding[])
{
  AeSpacetime       *a = A->a;
  const AeLayout    *L;
  const AeFieldInfo *info;
  PetscReal         *values;
  char              *text;
  size_t             room, n;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(a->fields, NULL, &L, &info));
  PetscCall(PetscCalloc1((size_t)(2 * CELLS * L->nf), &values));
  PetscCall(Collect(A, values));
  room = (size_t)(CELLS + 4) * (size_t)(2 * L->nf + 6) * 27 + 2048;
  PetscCall(PetscMalloc1(room, &text));
  n = (size_t)snprintf(text, room, "# %s\n# 7 x 7 x 7 cells around; of every field the value and d/dt\n# 1:i 2:j 3:k 4:x 5:y 6:z",
                       finding);
  for (PetscInt f = 0; f < L->nf; f++)
    n += (size_t)snprintf(text + n, room - n, " %d:%s %d:dt_%s", (int)(7 + 2 * f), info[f].name, (int)(8 + 2 * f), info[f].name);
  n += (size_t)snprintf(text + n, room - n, "\n");
  for (int c = 0; c < CELLS; c++) {
    PetscInt ijk[3];

    if (!DumpCell(A, c, ijk)) continue;
    n += (size_t)snprintf(text + n, room - n, "%d %d %d %.9g %.9g %.9g", (int)ijk[0], (int)ijk[1], (int)ijk[2],
                          (double)AeGridX(a->grid, 0, ijk[0]), (double)AeGridX(a->grid, 1, ijk[1]),
                          (double)AeGridX(a->grid, 2, ijk[2]));
    for (PetscInt m = 0; m < 2 * L->nf; m++)
      n += (size_t)snprintf(text + n, room - n, " %.17g", (double)values[2 * c * L->nf + m]);
    n += (size_t)snprintf(text + n, room - n, "\n");
  }
  if (!a->grid->rank) PetscCall(AeWriteFile(AeRunPath(A->E->run, "autopsy.txt"), text, n));
  PetscCall(PetscFree(text));
  PetscCall(PetscFree(values));
  PetscFunctionReturn(0);
}

/* A run has been stopped and its last good state put back: U at the TS's time. */
static PetscErrorCode Last(AeEvolution E, void *me)
{
  Autopsy            A = {.E = E, .a = AeSpacetimeOf(E), .dt = E->attempt_dt, .field = -1};
  const AeFieldInfo *info;
  PetscInt           n, step;
  Vec               *K;
  char               finding[640], stage[32];

  PetscFunctionBegin;
  PetscCall(AeTSGetSlopes(E->ts, &n, &K));
  if (!*(PetscBool *)me || !E->failure[0] || !n || A.dt <= 0) PetscFunctionReturn(0);
  PetscCall(TSGetTime(E->ts, &A.t));
  PetscCall(TSGetStepNumber(E->ts, &step));
  A.slope = K[0];
  PetscCall(VecDuplicate(E->U, &A.before));
  PetscCall(VecDuplicate(E->U, &A.W));
  PetscCall(AeTSReplay(E->ts, A.dt, Check, &A));
  if (!A.fault) PetscCall(Unkept(&A));
  PetscCall(AeFieldsGetInfo(A.a->fields, NULL, NULL, &info));
  PetscCall(PetscSNPrintf(stage, sizeof stage, A.stage < 4 ? "stage %" PetscInt_FMT : "the candidate", A.stage + 1));
  PetscCall(PetscSNPrintf(finding, sizeof finding,
                          "autopsy of step %" PetscInt_FMT ", t = %g, dt = %g: %s of %s at cell (%" PetscInt_FMT ",%" PetscInt_FMT
                          ",%" PetscInt_FMT "), (x,y,z) = (%g,%g,%g): %s; term: %s (%.3g in d/dt)",
                          step + 1, (double)A.t, (double)A.dt, info[A.field].name, stage, A.ijk[0], A.ijk[1], A.ijk[2],
                          (double)A.x[0], (double)A.x[1], (double)A.x[2], A.fault,
                          A.term ? A.term : "none, the step began from it", (double)A.part));
  PetscCall(Dump(&A, finding));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s; %s\n", finding, AeRunPath(E->run, "autopsy.txt")));
  PetscCall(AeRunSetString(E->run, "autopsy", finding));
  PetscCall(AeGRBeginStep(A.a->gr));
  PetscCall(VecDestroy(&A.before));
  PetscCall(VecDestroy(&A.W));
  PetscFunctionReturn(0);
}

static PetscErrorCode Options(AeEvolution E, void *me)
{
  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Rails of the evolution", E->problem->command);
  PetscCall(AeOptBool("-autopsy",
                      "when a run breaks down: make its last step again, find variable, cell, stage and term, and write "
                      "autopsy.txt",
                      "", (PetscBool *)me, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

const AePartType AePartAutopsy = {.name = "autopsy", .size = sizeof(PetscBool), .options = Options, .last = Last};
