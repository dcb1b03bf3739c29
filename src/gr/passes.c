/*
  Pass A (all right-hand sides), pass B (constraints) and their statistics.
*/
#include "gr_private.h"

static AE_EVENT(PassAEvent, "AePassA");
static AE_EVENT(PassBEvent, "AePassB");

typedef struct {
  AeGR            gr;
  AePatch         P;
  const AeLayout *L, *CL;
  const double   *u;
  double         *r, *c;
  Z4RowKernel     kernel;
  PetscBool       evolve, constrain, tally;
} Sweep;

/* eta(x) along a row: constant, or falling as R/r beyond R [Schnetter, arXiv:1003.0859, Eq. (13)] */
static void FillEta(AeGR gr, AePatch P, PetscReal y, PetscReal z)
{
  for (PetscInt i = 0; i < P->grid->n[0]; i++) {
    const PetscReal x = AeGridX(P->grid, 0, i), r = PetscSqrtReal(x * x + y * y + z * z);
    P->eta_row[i] = gr->eta * (r > gr->eta_radius ? gr->eta_radius / r : 1.0);
  }
}

/* A row of either pass: sources first, then the equations, then frozen cells are put back and the statistics taken, while all
   of it is in cache. */
static void DoRow(void *ctx, ptrdiff_t k, ptrdiff_t j)
{
  Sweep          *s  = (Sweep *)ctx;
  AeGR            gr = s->gr;
  AePatch         P  = s->P;
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
                         .w       = P->work + AE_WORK_GHOST,
                         .nw      = AeWorkPitch(L->nx),
                         .inv_h   = 1.0 / P->grid->h,
                         .eta     = P->eta_row,
                         .stat    = P->stat,
                         .src     = gr->sources ? P->src : NULL,
                         .nstat   = P->nstat,
                         .p       = &gr->params};

  if (gr->eta_radius > 0 && s->evolve)
    FillEta(gr, P, AeGridX(P->grid, 1, (PetscInt)(P->grid->js + j)), AeGridX(P->grid, 2, (PetscInt)(P->grid->ks + k)));
  if (row.src) (*gr->kernel->matter)(&row, gr->form);
  if (P->spectral) AeGRSpectralPoint(gr, P, &row, k, j, s->evolve, s->constrain);
  else (*s->kernel)(&row);
  if (AeGRFrozen(gr, P->grid, k, j, &i0, &i1)) AeGRFreezeRow(&row, L->nf, i0, i1, s->evolve, s->constrain);
  if (s->tally) AeGRRowTally(P, &row, s->evolve, s->constrain);
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
static PetscErrorCode PassA(AeGR gr, AePatch P, Vec U, Vec F, PetscBool constrain)
{
  Sweep s = {.gr        = gr,
             .P         = P,
             .L         = P->L,
             .kernel    = constrain ? gr->kernel->ab : gr->kernel->a,
             .evolve    = PETSC_TRUE,
             .constrain = constrain};

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(U, &s.u));
  PetscCall(VecGetArray(F, &s.r));
  if (constrain) PetscCall(TakeConstraints(&s, P->capture));
  if (P->spectral) PetscCall(AeGRSpectralDerivatives(gr, P, s.u));
  if (!P->tiles.j) PetscCall(AeTilesTune(&P->tiles, s.L, DoRow, &s));
  PetscCall(PetscLogEventBegin(PassAEvent, U, F, 0, 0));
  s.tally = PETSC_TRUE;
  AePass(&P->tiles, s.L, DoRow, &s);
  if (P->radiative) AeGRSommerfeld(gr, P, s.u, s.r);
  if (P->spectral) PetscCall(AeGRSpectralFilter(gr, P, s.r));
  PetscCall(PetscLogFlops((PetscLogDouble)gr->flops[constrain] * s.L->nx * s.L->nj * s.L->nk));
  PetscCall(PetscLogEventEnd(PassAEvent, U, F, 0, 0));
  if (s.c) PetscCall(VecRestoreArray(P->capture, &s.c));
  PetscCall(VecRestoreArray(F, &s.r));
  PetscCall(VecRestoreArrayRead(U, &s.u));
  PetscFunctionReturn(0);
}

/* Pass B on ghosts that are in place; C may be NULL. */
static PetscErrorCode PassB(AeGR gr, AePatch P, Vec U, Vec C)
{
  Sweep s = {.gr = gr, .P = P, .L = P->L, .kernel = gr->kernel->b, .constrain = PETSC_TRUE, .tally = PETSC_TRUE};

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(PassBEvent, U, 0, 0, 0));
  PetscCall(VecGetArrayRead(U, &s.u));
  PetscCall(TakeConstraints(&s, C));
  if (P->spectral) PetscCall(AeGRSpectralDerivatives(gr, P, s.u));
  AePass(&P->tiles, s.L, DoRow, &s);
  if (C) PetscCall(VecRestoreArray(C, &s.c));
  PetscCall(VecRestoreArrayRead(U, &s.u));
  PetscCall(PetscLogFlops((PetscLogDouble)gr->flops[2] * s.L->nx * s.L->nj * s.L->nk));
  PetscCall(PetscLogEventEnd(PassBEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRRHSFunction(TS ts, PetscReal t, Vec U, Vec F, void *ctx)
{
  AeGR      gr = (AeGR)ctx;
  AePatch   P;
  PetscBool first;

  PetscFunctionBegin;
  (void)ts;
  PetscCall(AeGRPatch(gr, U, &P));
  first = (PetscBool)(P->sweep != AE_SWEEP_STAGE);
  PetscCall(AeFieldsFillGhosts(P->fields, U, t));
  gr->params.slow_start = gr->slow_start > 0 ? gr->slow_start * exp(-0.5 * PetscSqr(t / gr->slow_time)) : 0.0;
  PetscCall(PassA(gr, P, U, F, (PetscBool)(first && gr->fuse_constraints)));
  if (first && !gr->fuse_constraints) PetscCall(PassB(gr, P, U, P->capture));
  PetscFunctionReturn(0);
}

/* The physical K and chi = det(gamma)^(-1/3) into fields 4 and 5 of C */
static PetscErrorCode PhysicalScalars(AeGR gr, const AeLayout *L, Vec U, Vec C)
{
  const AeLayout *CL;
  AeFields        CF;
  const double   *u;
  double         *c;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(C, &CF));
  PetscCall(AeFieldsGetInfo(CF, NULL, &CL, NULL));
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
  AePatch P;

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, U, &P));
  PetscCall(AeFieldsFillGhosts(P->fields, U, t));
  PetscCall(AeGRBeginStep(gr));
  PetscCall(PassB(gr, P, U, C));
  if (C) PetscCall(PhysicalScalars(gr, P->L, U, C));
  PetscCall(AeGRReduce(gr, stats));
  PetscCall(AeGRBeginStep(gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRConstraintFields(AeGR gr, Vec U, PetscReal t, Vec C)
{
  AePatch P;

  PetscFunctionBegin;
  PetscCall(AeGRPatch(gr, U, &P));
  PetscCall(AeFieldsFillGhosts(P->fields, U, t));
  PetscCall(PassB(gr, P, U, C));
  PetscCall(AeGRBeginStep(gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRCreateDiagnostics(AeGrid grid, AeFields *fields)
{
  const AeFieldInfo info[6] = {{"H", {1, 1, 1}, 0, 1},    {"M_x", {-1, 1, 1}, 0, 1}, {"M_y", {1, -1, 1}, 0, 1},
                               {"M_z", {1, 1, -1}, 0, 1}, {"K", {1, 1, 1}, 0, 1},    {"chi", {1, 1, 1}, 1, 1}};

  PetscFunctionBegin;
  PetscCall(AeFieldsCreate(grid, 6, info, fields));
  PetscFunctionReturn(0);
}
