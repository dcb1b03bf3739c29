/*
  Pass A (all right-hand sides), pass B (constraints) and their statistics.
*/
#include "gr_private.h"

typedef struct {
  AeGR            gr;
  const AeLayout *L, *CL;
  const double   *u;
  double         *r, *c;
  Z4RowKernel     kernel;
  PetscBool       evolve, constrain, tally;
} Sweep;

/* eta(x) along a row: constant, or falling as R/r beyond R [Schnetter, arXiv:1003.0859, Eq. (13)] */
static void FillEta(AeGR gr, PetscReal y, PetscReal z)
{
  for (PetscInt i = 0; i < gr->grid->n[0]; i++) {
    const PetscReal x = AeGridX(gr->grid, 0, i), r = PetscSqrtReal(x * x + y * y + z * z);
    gr->eta_row[i] = gr->eta * (r > gr->eta_radius ? gr->eta_radius / r : 1.0);
  }
}

static void DoRow(void *ctx, ptrdiff_t k, ptrdiff_t j)
{
  Sweep          *s  = (Sweep *)ctx;
  AeGR            gr = s->gr;
  const AeLayout *L  = s->L;
  ptrdiff_t       i0, i1;
  const Z4Row     row = {.u       = s->u + AeAt(L, 0, k, j, 0),
                         .r       = s->r ? s->r + AeAt(L, 0, k, j, 0) : NULL,
                         .c       = s->c ? s->c + AeAt(s->CL, 0, k, j, 0) : NULL,
                         .stride  = L->stride,
                         .pitch   = L->pitch,
                         .plane   = L->plane,
                         .cstride = s->c ? s->CL->stride : 0,
                         .n       = L->nx,
                         .w       = gr->work + AE_WORK_GHOST,
                         .nw      = AeWorkPitch(L->nx),
                         .inv_h   = 1.0 / gr->grid->h,
                         .eta     = gr->eta_row,
                         .stat    = gr->stat,
                         .src     = gr->sources ? gr->src : NULL,
                         .nstat   = gr->nstat,
                         .p       = &gr->params};

  if (gr->eta_radius > 0 && s->evolve)
    FillEta(gr, AeGridX(gr->grid, 1, (PetscInt)(gr->grid->js + j)), AeGridX(gr->grid, 2, (PetscInt)(gr->grid->ks + k)));
  if (row.src) (*gr->kernel->matter)(&row, gr->form);
  if (gr->spectral) AeGRSpectralPoint(gr, &row, k, j, s->evolve, s->constrain);
  else (*s->kernel)(&row);
  if (AeGRFrozen(gr, k, j, &i0, &i1)) AeGRFreezeRow(&row, L->nf, i0, i1, s->evolve, s->constrain);
  if (s->tally) AeGRRowTally(gr, &row, s->evolve, s->constrain);
}

/* The constraints' fields of a Vec into a sweep; none if it is NULL. */
static PetscErrorCode TakeConstraints(Sweep *s, Vec C)
{
  AeFields CF;

  PetscFunctionBegin;
  if (!C) PetscFunctionReturn(0);
  PetscCall(AeFieldsFromVec(C, &CF));
  PetscCall(AeFieldsGetInfo(CF, NULL, &s->CL, NULL));
  PetscCall(VecGetArray(C, &s->c));
  PetscFunctionReturn(0);
}

/* Pass A on ghosts that are in place. */
static PetscErrorCode PassA(AeGR gr, Vec U, Vec F, PetscBool constrain)
{
  Sweep s = {.gr = gr, .kernel = constrain ? gr->kernel->ab : gr->kernel->a, .evolve = PETSC_TRUE, .constrain = constrain};

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &s.L, NULL));
  PetscCall(VecGetArrayRead(U, &s.u));
  PetscCall(VecGetArray(F, &s.r));
  if (constrain) PetscCall(TakeConstraints(&s, gr->capture));
  if (gr->spectral) PetscCall(AeGRSpectralDerivatives(gr, s.u));
  if (!gr->tiles.j) PetscCall(AeTilesTune(&gr->tiles, s.L, DoRow, &s));
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_PASS_A], U, F, 0, 0));
  s.tally = PETSC_TRUE;
  AePass(&gr->tiles, s.L, DoRow, &s);
  if (gr->radiative) AeGRSommerfeld(gr, s.u, s.r);
  if (gr->spectral) PetscCall(AeGRSpectralFilter(gr, s.r));
  PetscCall(PetscLogFlops((PetscLogDouble)gr->flops[constrain] * s.L->nx * s.L->nj * s.L->nk));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_PASS_A], U, F, 0, 0));
  if (s.c) PetscCall(VecRestoreArray(gr->capture, &s.c));
  PetscCall(VecRestoreArray(F, &s.r));
  PetscCall(VecRestoreArrayRead(U, &s.u));
  PetscFunctionReturn(0);
}

/* Pass B on ghosts that are in place; C may be NULL. */
static PetscErrorCode PassB(AeGR gr, Vec U, Vec C)
{
  Sweep s = {.gr = gr, .kernel = gr->kernel->b, .constrain = PETSC_TRUE, .tally = PETSC_TRUE};

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(AeLogEvent[AE_EVENT_PASS_B], U, 0, 0, 0));
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &s.L, NULL));
  PetscCall(VecGetArrayRead(U, &s.u));
  PetscCall(TakeConstraints(&s, C));
  if (gr->spectral) PetscCall(AeGRSpectralDerivatives(gr, s.u));
  AePass(&gr->tiles, s.L, DoRow, &s);
  if (C) PetscCall(VecRestoreArray(C, &s.c));
  PetscCall(VecRestoreArrayRead(U, &s.u));
  PetscCall(PetscLogFlops((PetscLogDouble)gr->flops[2] * s.L->nx * s.L->nj * s.L->nk));
  PetscCall(PetscLogEventEnd(AeLogEvent[AE_EVENT_PASS_B], U, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRRHSFunction(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  AeGR            gr    = (AeGR)ctx;
  const PetscBool first = (PetscBool)(gr->sweep != AE_SWEEP_STAGE);

  PetscFunctionBegin;
  (void)ts;
  PetscCall(AeFieldsFillGhosts(gr->fields, U, t));
  gr->params.slow_start = gr->slow_start > 0 ? gr->slow_start * exp(-0.5 * PetscSqr(t / gr->slow_time)) : 0.0;
  PetscCall(PassA(gr, U, F, (PetscBool)(first && gr->fuse_constraints)));
  if (first && !gr->fuse_constraints) PetscCall(PassB(gr, U, gr->capture));
  PetscFunctionReturn(0);
}

/* The physical K and chi = det(gamma)^(-1/3) into fields 4 and 5 of C */
static PetscErrorCode PhysicalScalars(AeGR gr, Vec U, Vec C)
{
  const AeLayout *L, *CL;
  AeFields        CF;
  const double   *u;
  double         *c;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(C, &CF));
  PetscCall(AeFieldsGetInfo(CF, NULL, &CL, NULL));
  PetscCall(AeFieldsGetInfo(gr->fields, NULL, &L, NULL));
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(VecGetArray(C, &c));
  for (ptrdiff_t k = 0; k < L->nk; k++)
    for (ptrdiff_t j = 0; j < L->nj; j++)
      for (ptrdiff_t i = 0; i < L->nx; i++) {
        AeAdm  adm;
        double gt[6], At[6];

        AeGRPointAdm(gr, u + AeAt(L, 0, k, j, i), L->stride, &adm);
        AeAdmToConformal(adm.g, adm.K, &c[AeAt(CL, 5, k, j, i)], gt, &c[AeAt(CL, 4, k, j, i)], At);
      }
  PetscCall(VecRestoreArray(C, &c));
  PetscCall(VecRestoreArrayRead(U, &u));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRConstraints(AeGR gr, Vec U, PetscReal t, Vec C, AeGRStats *stats)
{
  PetscFunctionBegin;
  PetscCall(AeFieldsFillGhosts(gr->fields, U, t));
  PetscCall(AeGRBeginStep(gr));
  PetscCall(PassB(gr, U, C));
  if (C) PetscCall(PhysicalScalars(gr, U, C));
  PetscCall(AeGRReduce(gr, stats));
  PetscCall(AeGRBeginStep(gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRConstraintFields(AeGR gr, Vec U, PetscReal t, Vec C)
{
  PetscFunctionBegin;
  PetscCall(AeFieldsFillGhosts(gr->fields, U, t));
  PetscCall(PassB(gr, U, C));
  PetscCall(AeGRBeginStep(gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRCreateDiagnostics(AeGR gr, AeFields *fields)
{
  const AeFieldInfo info[6] = {{"H", {1, 1, 1}, 0, 1},    {"M_x", {-1, 1, 1}, 0, 1}, {"M_y", {1, -1, 1}, 0, 1},
                               {"M_z", {1, 1, -1}, 0, 1}, {"K", {1, 1, 1}, 0, 1},    {"chi", {1, 1, 1}, 1, 1}};

  PetscFunctionBegin;
  PetscCall(AeFieldsCreate(gr->grid, 6, info, fields));
  PetscFunctionReturn(0);
}
