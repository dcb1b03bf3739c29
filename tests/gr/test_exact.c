/*
  What may not change a bit: ranks, lanes, tiles, and whether sweeps are fused.  ranks: 1 2 3

  Each variant evolves the same perturbed data for a few steps; state hash and norms must be equal to those of a
  plain run on one rank alone (PETSC_COMM_SELF).
*/
#include "gr_test.h"

typedef struct {
  char      hash[65];
  AeGRStats stats;
} Result;

static PetscErrorCode RunCase(MPI_Comm comm, const char options[], PetscBool fuse_constraints, PetscBool fuse_enforce, Result *r)
{
  AeGR     gr;
  AeFields F;
  Vec      U;

  PetscFunctionBegin;
  PetscCall(MakeGR(comm, options, &gr));
  PetscCall(AeGRSetFusion(gr, fuse_constraints, fuse_enforce));
  PetscCall(MakeState(gr, &U));
  PetscCall(Steps(gr, comm, U, 3, 1e-3, &r->stats));
  PetscCall(AeGRGet(gr, NULL, &F, NULL, NULL, NULL));
  PetscCall(AeFieldsHash(F, U, r->hash));
  PetscCall(VecDestroy(&U));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

static int SameStats(const AeGRStats *a, const AeGRStats *b)
{
  return a->H_l2 == b->H_l2 && a->H_linf == b->H_linf && a->M_l2 == b->M_l2 && a->M_linf == b->M_linf && a->K_l2 == b->K_l2 &&
         a->K_max == b->K_max && a->dtK_max == b->dtK_max && a->lapse_min == b->lapse_min && a->chi_min == b->chi_min &&
         a->det_drift == b->det_drift && a->tr_drift == b->tr_drift;
}

static void Compare(const Result *a, const Result *b, const char *form, const char *what)
{
  char text[128];

  (void)snprintf(text, sizeof text, "%s: state with %s", form, what);
  TapTrue(!strcmp(a->hash, b->hash), text);
  (void)snprintf(text, sizeof text, "%s: statistics with %s", form, what);
  TapTrue(SameStats(&a->stats, &b->stats), text);
}

/* Stages formed by VecMAXPY, which adds in another order, and projected apart: equal to rounding. A step adds
   dt (order 1 + 1/h) times a few roundings of numbers of order 1, three steps of four stages: below 1e-14. */
static PetscErrorCode Unfused(const char options[], const char form[])
{
  AeGR      gr;
  Vec       U[2];
  AeGRStats stats;
  PetscReal norm;
  char      text[128];

  PetscFunctionBegin;
  PetscCall(MakeGR(PETSC_COMM_WORLD, options, &gr));
  for (int m = 0; m < 2; m++) {
    PetscCall(AeGRSetFusion(gr, PETSC_TRUE, (PetscBool)!m));
    PetscCall(MakeState(gr, &U[m]));
    PetscCall(Steps(gr, PETSC_COMM_WORLD, U[m], 3, 1e-3, &stats));
  }
  PetscCall(VecAXPY(U[0], -1.0, U[1]));
  PetscCall(VecNorm(U[0], NORM_INFINITY, &norm));
  (void)snprintf(text, sizeof text, "%s: stages formed by VecMAXPY and projected apart", form);
  TapBelow(norm, 1e-14, text);
  for (int m = 0; m < 2; m++) PetscCall(VecDestroy(&U[m]));
  PetscCall(AeGRDestroy(&gr));
  PetscFunctionReturn(0);
}

/* sizes that no lane count divides; all gauge terms, B^i included where there is Gamma^i; matter where asked for */
static PetscErrorCode Case(const char form[], const char extra[], const char name[])
{
  char     base[512], text[640], what[64];
  Result   ref, r;
  PetscInt f = 0;

  PetscFunctionBegin;
  while (strcmp(Z4FormNames[f], form)) f++;
  (void)snprintf(base, sizeof base,
                 "-gr_initial shifted_gauge_wave -gw_amplitude 0.2 -gr_perturb 1e-3 -gr_formulation %s -gr_gauge_lapse 1+log "
                 "-gr_gauge_shift %s -grid_n 21,7,9 -gr_kappa1 0.1 %s",
                 form, f == Z4_FORM_adm ? "harmonic" : "gamma_driver_b", extra);
  PetscCall(RunCase(PETSC_COMM_SELF, base, PETSC_TRUE, PETSC_TRUE, &ref));
  TapAbove(ref.stats.H_l2, 1e-6, "the constraints are not trivially zero");
  PetscCall(RunCase(PETSC_COMM_WORLD, base, PETSC_TRUE, PETSC_TRUE, &r));
  Compare(&ref, &r, name, "these ranks");
  PetscCall(RunCase(PETSC_COMM_WORLD, base, PETSC_FALSE, PETSC_TRUE, &r));
  Compare(&ref, &r, name, "pass B apart from pass A");
  PetscCall(Unfused(base, name));
  for (int lanes = 1; lanes <= 8; lanes *= 2) {
    if (!AeZ4KernelFind((Z4Form)f, 4, lanes))
      continue; /* the makefile builds bssn at every width, the others at one beside the processor's */
    (void)snprintf(text, sizeof text, "%s -stencil_lanes %d", base, lanes);
    (void)snprintf(what, sizeof what, "%d lanes", lanes);
    PetscCall(RunCase(PETSC_COMM_WORLD, text, PETSC_TRUE, PETSC_TRUE, &r));
    Compare(&ref, &r, name, what);
  }
  for (int tile = 1; tile <= 5; tile += 2) {
    (void)snprintf(text, sizeof text, "%s -stencil_tile_j %d -stencil_tile_k %d", base, tile, 6 - tile);
    (void)snprintf(what, sizeof what, "tiles of %d x %d", tile, 6 - tile);
    PetscCall(RunCase(PETSC_COMM_WORLD, text, PETSC_TRUE, PETSC_TRUE, &r));
    Compare(&ref, &r, name, what);
  }
  /* and the comparison itself can fail */
  (void)snprintf(text, sizeof text, "%s -gr_seed 1", base);
  PetscCall(RunCase(PETSC_COMM_WORLD, text, PETSC_TRUE, PETSC_TRUE, &r));
  (void)snprintf(text, sizeof text, "%s: another seed gives another state and other statistics", name);
  TapTrue(strcmp(ref.hash, r.hash) && !SameStats(&ref.stats, &r.stats), text);
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
#define MATTER "-gr_matter scalar -scalar_mass 0.7 -gr_lambda 0.3"
  static const char *const cases[][3] = {{"bssn", "", "bssn"},
                                         {"z4c", "", "z4c"},
                                         {"ccz4", "", "ccz4"},
                                         {"adm", "", "adm"},
                                         {"bssn", MATTER, "bssn with matter"},
                                         {"adm", MATTER " -diss_curvature", "adm with matter"}};
  int                      status;

  PetscCall(AeonicInitialize(&argc, &argv, ""));
  PetscCall(AeLevelsRegister());
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) PetscCall(Case(cases[c][0], cases[c][1], cases[c][2]));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
