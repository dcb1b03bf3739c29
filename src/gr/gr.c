/*
  AeGR: options, fields and parameters of a spacetime evolution.
*/
#include "gr_private.h"

static const char *const FormCites[Z4_FORM_COUNT] = {"Baumgarte1998 Shibata1995", "Hilditch2013", "Alic2012 Alic2013",
                                                     "York1979"};

/* Index of a gauge by name; the names are known to be there. */
static PetscInt FindGauge(const AeGauge list[], PetscInt n, const char name[])
{
  PetscInt i = 0;
  while (i < n - 1 && strcmp(list[i].name, name)) i++;
  return i;
}

/* Scalar field, cosmological constant, frozen points: the datum's own unless the user says otherwise. */
static PetscErrorCode MatterFromOptions(AeGR gr)
{
  static const char *const matters[] = {"none", "scalar"};
  AeInitial                I         = gr->initial;
  PetscInt                 matter    = I->datum->matter;

  PetscFunctionBegin;
  PetscOptionsBegin(gr->comm, NULL, "Matter", "AeGR");
  PetscCall(AeOptChoice("-gr_matter", "matter: none, or a scalar field phi with V = m^2 phi^2/2; the datum's unless given", "",
                        matters, 2, &matter, NULL));
  PetscCall(AeOptReal("-scalar_mass", "mass m of the scalar field; the datum's unless given", "1/M", "", 0, AE_HUGE,
                      &I->scalar_mass, NULL));
  PetscCall(
    AeOptReal("-gr_lambda", "cosmological constant; the datum's unless given", "1/M^2", "", -AE_HUGE, AE_HUGE, &I->lambda, NULL));
  PetscCall(AeOptReal("-gr_excise_radius",
                      "cells closer than this to the datum's centre are frozen and left out of every statistic; 0: none", "M", "",
                      0, AE_HUGE, &gr->excise, NULL));
  PetscOptionsEnd();
  gr->params.has_phi = (int)matter;
  gr->params.mass2   = PetscSqr(I->scalar_mass);
  gr->params.Lambda  = I->lambda;
  gr->sources        = (PetscBool)(matter || I->lambda != 0.0);
  if (matter) PetscCall(AeCite("Alcubierre2008"));
  PetscFunctionReturn(0);
}

/* What adm has no field for. */
static PetscErrorCode CheckAdm(AeGR gr)
{
  PetscFunctionBegin;
  if (gr->conformal) PetscFunctionReturn(0);
  PetscCheck(!gr->shift->evolved || gr->shift->harmonic, gr->comm, AE_ERR_USAGE,
             "-gr_gauge_shift %s needs Gamma^i, which -gr_formulation adm does not evolve: use exact, frozen, zero or harmonic",
             gr->shift->name);
  PetscCheck(!gr->params.use_w, gr->comm, AE_ERR_USAGE,
             "-gr_conformal w: -gr_formulation adm evolves the metric, not a conformal factor");
  PetscFunctionReturn(0);
}

/* -gr_*, -fd_*, -diss_* into the coefficients of the equations (Z4Params): a gauge is nothing but its coefficients there, and
   what a formulation does not have is zero. The datum's own gauge is the default. */
static PetscErrorCode SetFromOptions(AeGR gr)
{
  const char *lapses[16], *shifts[16];
  const char *conformal[] = {"chi", "w"}, *orders[] = {"2", "4", "6", "8", "spectral"};
  PetscInt    lapse, shift, form = Z4_FORM_bssn, order = 1, cf = 0, lanes = 0;
  PetscBool   advect_lapse = PETSC_TRUE, advect_shift = (PetscBool)!gr->initial->datum->shift_plain;
  PetscReal   kappa1 = 0.02, kappa2 = 0.0, kappa3 = 1.0, sigma = 0.1, sigma_gauge;
  PetscBool   curvature = PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < AeNumLapses; i++) lapses[i] = AeLapses[i].name;
  for (PetscInt i = 0; i < AeNumShifts; i++) shifts[i] = AeShifts[i].name;
  lapse          = FindGauge(AeLapses, AeNumLapses, gr->initial->datum->lapse);
  shift          = FindGauge(AeShifts, AeNumShifts, gr->initial->datum->shift);
  gr->cfl        = gr->initial->datum->cfl;
  gr->mu         = 0.75;
  gr->eta        = 2.0 / gr->initial->mass;
  gr->eta_radius = 0.0;
  gr->slow_time  = 20.0 * gr->initial->mass;
  PetscOptionsBegin(gr->comm, NULL, "Formulation and gauge", "AeGR");
  PetscCall(AeOptChoice("-gr_formulation", "evolution equations", "gr-qc/9810065, arXiv:1212.2901, arXiv:1106.2254, York 1979",
                        Z4FormNames, Z4_FORM_COUNT, &form, NULL));
  PetscCall(AeOptChoice("-gr_conformal", "conformal factor evolved: chi = det(gamma)^(-1/3) or w = sqrt(chi)", "arXiv:0709.2160",
                        conformal, 2, &cf, NULL));
  PetscCall(AeOptChoice("-gr_gauge_lapse", "lapse condition", "", lapses, AeNumLapses, &lapse, NULL));
  PetscCall(AeOptChoice("-gr_gauge_shift", "shift condition", "", shifts, AeNumShifts, &shift, NULL));
  PetscCall(AeOptBool("-gr_lapse_advect", "advection term in the lapse condition", "", &advect_lapse, NULL));
  PetscCall(AeOptReal("-gr_lapse_slow_start",
                      "strength h of the slow-start term -W h exp(-t^2/(2 s^2)) (alpha - W) in the lapse condition, W = "
                      "sqrt(chi); 0.6/M for a binary of mass M",
                      "1/M", "arXiv:2404.01137", 0, AE_HUGE, &gr->slow_start, NULL));
  PetscCall(AeOptPositive("-gr_lapse_slow_start_time", "its time s", "M", "arXiv:2404.01137", &gr->slow_time, NULL));
  PetscCall(AeOptBool("-gr_shift_advect", "advection terms in the Gamma driver", "gr-qc/0605030", &advect_shift, NULL));
  PetscCall(AeOptPositive("-gr_shift_mu", "mu of the Gamma driver", "1", "gr-qc/0605030", &gr->mu, NULL));
  PetscCall(AeOptReal("-gr_shift_eta", "damping eta of the Gamma driver", "1/M", "gr-qc/0605030", 0, AE_HUGE, &gr->eta, NULL));
  PetscCall(AeOptReal("-gr_shift_eta_radius", "beyond this radius R eta falls as R/r; 0: constant", "M", "arXiv:1003.0859", 0,
                      AE_HUGE, &gr->eta_radius, NULL));
  PetscCall(
    AeOptReal("-gr_kappa1", "constraint damping kappa_1 (z4c, ccz4)", "1/M", "arXiv:1111.2177", 0, AE_HUGE, &kappa1, NULL));
  PetscCall(
    AeOptReal("-gr_kappa2", "constraint damping kappa_2 (z4c, ccz4)", "1", "arXiv:1111.2177", -1, AE_HUGE, &kappa2, NULL));
  PetscCall(AeOptReal("-gr_kappa3", "kappa_3, the weight of the shift terms of Z_i in d_t Gamma^i (ccz4); 1: covariant", "1",
                      "arXiv:1106.2254", 0, 1, &kappa3, NULL));
  PetscCall(AeOptPositive("-gr_cfl", "time step over grid spacing", "1", "", &gr->cfl, NULL));
  PetscCall(AeOptChoice("-fd_order",
                        "order of the finite differences; spectral: derivatives by Fourier transforms on a periodic box, free of "
                        "aliasing by the 2/3 rule and without dissipation (diagnostics take order 8)",
                        "Canuto et al. 2006", orders, 5, &order, NULL));
  PetscCall(AeOptReal("-diss_sigma", "Kreiss-Oliger dissipation strength", "1", "Kreiss & Oliger 1973", 0, 10, &sigma, NULL));
  sigma_gauge = sigma;
  PetscCall(AeOptReal("-diss_sigma_gauge", "dissipation strength of lapse, shift and B; -diss_sigma unless given", "1",
                      "arXiv:2404.01137", 0, 10, &sigma_gauge, NULL));
  PetscCall(
    AeOptBool("-diss_curvature", "curvature-aware dissipation: strengths times sqrt(chi)", "arXiv:2404.01137", &curvature, NULL));
  PetscCall(AeOptInt("-stencil_lanes", "width of the row kernels; 0: the processor's own. No bit of the result depends on it",
                     "doubles", "", 0, 8, &lanes, NULL));
  PetscOptionsEnd();
  gr->form      = (Z4Form)form;
  gr->conformal = (PetscBool)(gr->form != Z4_FORM_adm);
  gr->spectral  = (PetscBool)(order == 4);
  gr->order     = gr->spectral ? 8 : 2 * (order + 1);
  gr->lapse     = &AeLapses[lapse];
  gr->shift     = &AeShifts[shift];
  gr->kernel    = AeZ4KernelFind(gr->form, gr->order, lanes);
  PetscCheck(gr->kernel, gr->comm, AE_ERR_USAGE,
             "-stencil_lanes %" PetscInt_FMT
             ": no kernel of that width was built for -gr_formulation %s at -fd_order %" PetscInt_FMT,
             lanes, Z4FormNames[form], gr->order);
  if (gr->lapse->given || gr->shift->given)
    PetscCheck(gr->initial->datum->exact, gr->comm, AE_ERR_USAGE,
               "-gr_gauge_%s exact needs initial data with an exact solution, -gr_initial %s has none",
               gr->lapse->given ? "lapse" : "shift", gr->initial->datum->name);
  if (gr->lapse->given) gr->initial->lapse_initial = AE_LAPSE_DATUM;
  gr->params = (Z4Params){.kappa1         = Z4HasTheta(gr->form) ? kappa1 : 0,
                          .kappa2         = kappa2,
                          .kappa3         = kappa3,
                          .lapse_alpha    = gr->lapse->c0,
                          .lapse_const    = gr->lapse->c1,
                          .lapse_advect   = gr->lapse->evolved && advect_lapse,
                          .shift_advect   = gr->shift->evolved && advect_shift,
                          .lapse_sigma    = gr->lapse->evolved,
                          .shift_sigma    = gr->shift->evolved,
                          .shift_gam      = gr->mu * gr->shift->c0,
                          .shift_b        = gr->mu * gr->shift->c1,
                          .shift_eta      = gr->shift->c2,
                          .shift_harmonic = gr->shift->harmonic,
                          .has_b          = gr->shift->has_b,
                          .use_w          = (int)cf,
                          .sigma          = sigma,
                          .sigma_gauge    = sigma_gauge,
                          .diss_curvature = curvature};
  PetscCall(MatterFromOptions(gr));
  PetscCall(CheckAdm(gr));
  gr->at = Z4FieldsOf(gr->form, gr->params.has_b, gr->params.has_phi);
  AeZ4KernelFlops(gr->kernel, gr->sources, gr->flops);
  PetscCheck(gr->slow_start == 0 || gr->lapse->evolved, gr->comm, AE_ERR_USAGE,
             "-gr_lapse_slow_start needs a lapse that is evolved: -gr_gauge_lapse 1+log or harmonic");
  PetscCall(AeCite(FormCites[form]));
  if (gr->slow_start > 0 || curvature) PetscCall(AeCite("Etienne2024"));
  if (gr->lapse->cite) PetscCall(AeCite(gr->lapse->cite));
  if (gr->shift->cite) PetscCall(AeCite(gr->shift->cite));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRCreate(MPI_Comm comm, AeGR *out)
{
  AeGR   gr;
  AeGrid grid;

  PetscFunctionBegin;
  PetscCall(PetscNew(&gr));
  gr->comm             = comm;
  gr->fuse_constraints = gr->fuse_enforce = PETSC_TRUE;
  PetscCall(AeInitialCreate(comm, &gr->initial));
  PetscCall(SetFromOptions(gr));
  PetscCall(AeGridCreate(comm, &grid));
  PetscCall(AeInitialSetGridDefaults(gr->initial, grid));
  PetscCall(AeGridSetGhost(grid, AeFDGhost(gr->order)));
  PetscCall(AeGridSetFromOptions(grid));
  PetscCall(AeTilesSetFromOptions(comm, &gr->tiles));
  PetscCall(AeGridSetUp(grid));
  PetscCall(AeInitialCheckGrid(gr->initial, grid));
  PetscCall(AeGRPatchCreate(gr, grid));
  PetscCall(AeGRGaugeSolverCreate(gr));
  PetscCall(AeGRBeginStep(gr));
  *out = gr;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRDestroy(AeGR *gr)
{
  PetscFunctionBegin;
  if (!*gr) PetscFunctionReturn(0);
  PetscCall(AeGRGaugeSolverDestroy(&(*gr)->solver));
  PetscCall(AeGRPatchesDestroy(*gr));
  PetscCall(AeInitialDestroy(&(*gr)->initial));
  PetscCall(PetscFree(*gr));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRView(AeGR gr, PetscViewer viewer)
{
  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(viewer, "spacetime: %s (%s), %s, ", gr->initial->datum->name, gr->initial->datum->text,
                                   Z4FormNames[gr->form]));
  if (gr->spectral) PetscCall(PetscViewerASCIIPrintf(viewer, "spectral derivatives\n"));
  else
    PetscCall(PetscViewerASCIIPrintf(viewer, "order %" PetscInt_FMT ", dissipation %g, kernels %s x %d\n", gr->order,
                                     gr->params.sigma, gr->kernel->set, gr->kernel->lanes));
  PetscCall(PetscViewerASCIIPrintf(viewer, "  lapse %s: %s\n  shift %s: %s\n", gr->lapse->name, gr->lapse->text, gr->shift->name,
                                   gr->shift->text));
  if (gr->params.has_phi)
    PetscCall(PetscViewerASCIIPrintf(viewer, "  scalar field of mass %g\n", (double)gr->initial->scalar_mass));
  if (gr->params.Lambda != 0) PetscCall(PetscViewerASCIIPrintf(viewer, "  cosmological constant %g\n", gr->params.Lambda));
  if (gr->excise > 0)
    PetscCall(PetscViewerASCIIPrintf(viewer, "  frozen within %g of (%g, %g, %g)\n", (double)gr->excise,
                                     (double)gr->initial->centre[0], (double)gr->initial->centre[1],
                                     (double)gr->initial->centre[2]));
  PetscCall(AeGridView(gr->patches[0]->grid, viewer));
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGet(AeGR gr, AeGrid *grid, AeFields *fields, AeInitial *initial, const Z4Kernel **kernel, Z4Params **params)
{
  PetscFunctionBegin;
  if (grid) *grid = gr->patches[0]->grid;
  if (fields) *fields = gr->patches[0]->fields;
  if (initial) *initial = gr->initial;
  if (kernel) *kernel = gr->kernel;
  if (params) *params = &gr->params;
  PetscFunctionReturn(0);
}

const char *AeGRFormulation(AeGR gr) { return Z4FormNames[gr->form]; }
Z4Fields    AeGRPlaces(AeGR gr) { return gr->at; }
AeTiles    *AeGRTiles(AeGR gr) { return &gr->patches[0]->tiles; }
PetscReal   AeGRCfl(AeGR gr) { return gr->cfl; }
PetscReal   AeGREta(AeGR gr) { return gr->eta; }

PetscErrorCode AeGRSetFusion(AeGR gr, PetscBool constraints, PetscBool enforce)
{
  PetscFunctionBegin;
  gr->fuse_constraints = constraints;
  gr->fuse_enforce     = enforce;
  PetscFunctionReturn(0);
}

PetscErrorCode AeGRGetFusion(AeGR gr, PetscBool *enforce)
{
  PetscFunctionBegin;
  *enforce = gr->fuse_enforce;
  PetscFunctionReturn(0);
}
