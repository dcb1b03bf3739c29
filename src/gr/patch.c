/*
  The boxes of a spacetime: what each sweep needs of the box that its Vec belongs to.
*/
#include "gr_private.h"

/* A row of the exact solution in the state's own variables, for boundaries. */
static PetscErrorCode ExactRow(void *ctx, PetscReal t, PetscInt n, const PetscReal x[], PetscReal y, PetscReal z,
                               PetscReal value[])
{
  AeGR gr = (AeGR)ctx;

  PetscFunctionBegin;
  for (PetscInt p = 0; p < n; p++) {
    const PetscReal X[3] = {x[p], y, z};
    double          v[Z4_FIELDS_MAX];

    AeGRDatum(gr, t, X, v);
    for (PetscInt f = 0; f < gr->at.count; f++) value[f * n + p] = v[f];
  }
  PetscFunctionReturn(0);
}

/* What the faces of the box ask of the datum. */
static PetscErrorCode CheckFaces(AeGR gr, AePatch P)
{
  const AeDatum *datum = gr->initial->datum;

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++)
    for (int s = 0; s < 2; s++) {
      if (P->grid->bc[d][s] == AE_BC_RADIATIVE) P->radiative = PETSC_TRUE;
      if (P->grid->bc[d][s] != AE_BC_EXACT) continue;
      PetscCheck(datum->exact, gr->comm, AE_ERR_USAGE,
                 "-grid_boundary exact needs initial data with an exact solution, -gr_initial %s has none", datum->name);
      PetscCheck(AeInitialExact(gr->initial), gr->comm, AE_ERR_USAGE,
                 "-grid_boundary exact holds the exact lapse there: give -gr_lapse_initial datum or -gr_gauge_lapse exact");
    }
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPatchCreate(AeGR gr, AeGrid grid)
{
  const PetscInt n = gr->npatches;
  AePatch        P;

  PetscFunctionBegin;
  PetscCall(PetscNew(&P));
  PetscCall(PetscRealloc((size_t)(n + 1) * sizeof *gr->patches, &gr->patches));
  PetscCall(PetscRealloc((size_t)(n + 1) * SUM_COUNT * sizeof *gr->sums, &gr->sums));
  gr->patches[gr->npatches++] = P;
  P->grid                     = grid;
  P->tiles                    = gr->tiles;
  PetscCall(AeGRCreateFields(gr, grid, &P->fields));
  PetscCall(AeFieldsGetInfo(P->fields, NULL, &P->L, NULL));
  if (gr->initial->datum->exact) PetscCall(AeFieldsSetExact(P->fields, ExactRow, gr));
  PetscCall(CheckFaces(gr, P));
  P->nstat = AeRoundUp(grid->n[0], AE_LINE);
  if (P->nstat / AE_LINE % 2 == 0) P->nstat += AE_LINE; /* an odd number of cache lines: the rows do not fall into one set */
  PetscCall(PetscCalloc4(Z4_STAT_COUNT * P->nstat, &P->stat, P->nstat, &P->eta_row, Z4_SRC_COUNT * P->nstat, &P->src,
                         AE_WORK_ROWS * AeWorkPitch(grid->n[0]), &P->work));
  for (ptrdiff_t i = 0; i < P->nstat; i++) P->eta_row[i] = gr->eta;
  PetscCall(AeGRCountFree(gr, grid, &P->points));
  if (gr->spectral) PetscCall(AeGRSpectralCreate(gr, P));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPatchesDestroy(AeGR gr)
{
  PetscFunctionBegin;
  for (PetscInt p = 0; p < gr->npatches; p++) {
    AePatch P = gr->patches[p];

    PetscCall(AeGRSpectralDestroy(&P->spectral));
    PetscCall(AeFieldsDestroy(&P->fields));
    PetscCall(AeGridDestroy(&P->grid));
    PetscCall(PetscFree4(P->stat, P->eta_row, P->src, P->work));
    PetscCall(PetscFree(P));
  }
  PetscCall(PetscFree(gr->patches));
  PetscCall(PetscFree(gr->sums));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRPatch(AeGR gr, Vec U, AePatch *P)
{
  AeFields F;
  PetscInt p = 0;

  PetscFunctionBegin;
  PetscCall(AeFieldsFromVec(U, &F));
  while (p < gr->npatches && gr->patches[p]->fields != F) p++;
  PetscCheck(p < gr->npatches, gr->comm, PETSC_ERR_ARG_WRONG, "this state is not one of this spacetime's");
  *P = gr->patches[p];
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRAddBox(AeGR gr, AeGrid grid, AeFields *fields)
{
  PetscFunctionBegin;
  PetscCheck(!gr->solver, gr->comm, PETSC_ERR_SUP, "a gauge that is solved for is so on one box");
  PetscCheck(grid->ghost >= AeFDGhost(gr->order), gr->comm, PETSC_ERR_ARG_WRONG,
             "differences of order %" PetscInt_FMT " need %d ghosts", gr->order, (int)AeFDGhost(gr->order));
  PetscCall(AeGRPatchCreate(gr, grid));
  PetscCall(AeGRBeginStep(gr));
  *fields = gr->patches[gr->npatches - 1]->fields;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRBytes(AeGR gr, PetscLogDouble *state, PetscLogDouble *halo)
{
  PetscLogDouble one[2];

  PetscFunctionBegin;
  *state = *halo = 0;
  for (PetscInt p = 0; p < gr->npatches; p++) {
    PetscCall(AeFieldsBytes(gr->patches[p]->fields, &one[0], &one[1]));
    *state += one[0];
    *halo += one[1];
  }
  PetscFunctionReturn(0);
}
