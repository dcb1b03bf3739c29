/*
  Options and tables of Navier-Stokes.
*/
#include "ns_private.h"

static const char *const        Initials[] = {"taylor_green", "abc", "random", "rest", "file"},
                         *const Forcings[] = {"none", "abc", "kolmogorov"}, *const Scalars[] = {"none", "wave", "random"},
                         *const Rules[] = {"2/3", "3/2"}, *const Randoms[] = {"peak", "power"};

/* What a restart must not change is listed once more in file.c (Parameters): a new option of the equations goes there too. */
static PetscErrorCode Options(AeNS s)
{
  PetscBool amplitude;

  PetscFunctionBegin;
  PetscOptionsBegin(s->comm, NULL, "Navier-Stokes", "aeonic ns");
  PetscCall(AeOptInts("-grid_n", "points along x, y, z of the box [0, 2 pi]^3", "points", "", 4, 4096, 3, s->n, NULL));
  PetscCall(AeOptChoice("-ns_dealias",
                        "rule against aliasing: 2/3 keeps waves below n/3, 3/2 those below n/2 and multiplies on a finer grid",
                        "Orszag, J. Atmos. Sci. 28, 1074 (1971)", Rules, 2, &s->three_halves, NULL));
  PetscCall(AeOptChoice("-ns_initial", "initial state",
                        "Taylor & Green, Proc. R. Soc. A 158, 499 (1937); Dombre et al., J. Fluid Mech. 167, 353 (1986)",
                        Initials, 5, &s->initial, NULL));
  PetscCall(AeOptPositive("-ns_re", "Reynolds number: the viscosity is 1/Re", "1", "", &s->re, NULL));
  PetscCall(
    AeOptReals("-ns_mean_flow", "velocity added to the initial state everywhere", "1", "", -AE_HUGE, AE_HUGE, 3, s->flow, NULL));
  PetscCall(
    AeOptReals("-ns_abc", "A, B, C of the initial state and of the forcing abc", "1", "", -AE_HUGE, AE_HUGE, 3, s->abc, NULL));
  PetscCall(AeOptString(
    "-ns_file",
    "file of -ns_initial file: a checkpoint, or datasets velocity_x, velocity_y, velocity_z (nz,ny,nx) at cell centres", "",
    s->file, sizeof s->file, NULL));
  PetscCall(AeOptChoice("-ns_forcing", "steady force: the field abc, or a sin(k y) along x (kolmogorov)", "", Forcings, 3,
                        &s->forcing, NULL));
  PetscCall(AeOptReal("-ns_forcing_amplitude", "its amplitude a; abc without it: the viscosity, which holds the field abc steady",
                      "1", "", -AE_HUGE, AE_HUGE, &s->forcing_amplitude, &amplitude));
  PetscCall(AeOptInt("-ns_forcing_k", "wavenumber of the forcing kolmogorov", "1", "", 1, 1 << 12, &s->forcing_k, NULL));
  PetscCall(AeOptInt("-ns_seed", "seed of random states; the same waves on any grid and number of ranks", "1", "", 0,
                     PETSC_MAX_INT, &s->seed, NULL));
  PetscCall(AeOptChoice("-ns_random_spectrum", "of -ns_initial random: E(k) as k^4 exp(-2 (k/k_p)^2), or as k^slope", "", Randoms,
                        2, &s->random_kind, NULL));
  PetscCall(AeOptPositive("-ns_random_peak", "k_p of the spectrum peak", "1", "", &s->random_peak, NULL));
  PetscCall(AeOptReal("-ns_random_slope", "slope of the spectrum power", "1", "", -100, 100, &s->random_slope, NULL));
  PetscCall(AeOptPositive("-ns_random_energy", "kinetic energy of the random state", "1", "", &s->random_energy, NULL));
  PetscCall(
    AeOptChoice("-ns_scalar", "a passive scalar, starting as a wave cos(k.x) or as random", "", Scalars, 3, &s->scalar, NULL));
  PetscCall(AeOptInts("-ns_scalar_k", "k of the scalar's wave", "1", "", -4096, 4096, 3, s->scalar_k, NULL));
  PetscCall(AeOptPositive("-ns_schmidt", "Schmidt number: viscosity over the scalar's diffusivity", "1", "", &s->schmidt, NULL));
  PetscOptionsEnd();
  s->nu    = 1.0 / s->re;
  s->kappa = s->nu / s->schmidt;
  if (!amplitude) s->forcing_amplitude = s->forcing == AE_NS_FORCING_ABC ? s->nu : 1.0;
  PetscCheck(s->initial != AE_NS_FILE || s->file[0], s->comm, AE_ERR_USAGE, "-ns_initial file needs -ns_file NAME");
  PetscFunctionReturn(0);
}

/* Modes that a grid holds, and a band for their products. */
static PetscErrorCode CreateBand(AeNS s)
{
  PetscInt K[3], points[3], largest = PetscMax(s->n[0], PetscMax(s->n[1], s->n[2]));

  PetscFunctionBegin;
  for (int d = 0; d < 3; d++) {
    K[d]      = s->three_halves ? (s->n[d] - 1) / 2 : AeDealiasedModes(s->n[d]);
    points[d] = s->three_halves ? AePaddedPoints(K[d]) : s->n[d];
  }
  PetscCheck(largest >= AE_MIN_ROW, s->comm, AE_ERR_USAGE, "-grid_n: at least %d points are needed along the longest axis",
             AE_MIN_ROW);
  PetscCheck(s->forcing != AE_NS_FORCING_KOLMOGOROV || s->forcing_k <= K[1], s->comm, AE_ERR_USAGE,
             "-ns_forcing_k %" PetscInt_FMT ": the grid holds waves up to %" PetscInt_FMT " along y; a larger -grid_n is needed",
             s->forcing_k, K[1]);
  for (int d = 0; d < 3; d++)
    PetscCheck(s->scalar != AE_NS_SCALAR_WAVE || PetscAbsInt(s->scalar_k[d]) <= K[d], s->comm, AE_ERR_USAGE,
               "-ns_scalar_k: the grid holds waves up to %" PetscInt_FMT ",%" PetscInt_FMT ",%" PetscInt_FMT
               "; a larger -grid_n is needed",
               K[0], K[1], K[2]);
  PetscCall(AeBandCreate(s->comm, points, K, s->fields == 3 ? 6 : 7, &s->band));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSCreate(MPI_Comm comm, AeNS *ns)
{
  AeNS     s;
  PetscInt most;

  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  *ns     = s;
  s->comm = comm;
  for (int d = 0; d < 3; d++) s->n[d] = 32, s->abc[d] = 1.0, s->scalar_k[d] = d == 0;
  s->re            = 100.0;
  s->schmidt       = 1.0;
  s->forcing_k     = 2;
  s->random_peak   = 4.0;
  s->random_slope  = -5.0 / 3.0;
  s->random_energy = 0.5;
  PetscCall(Options(s));
  s->fields = s->scalar == AE_NS_SCALAR_NONE ? 3 : 4;
  PetscCall(CreateBand(s));
  most = PetscMax(s->band->K[0], PetscMax(s->band->K[1], s->band->K[2])) + 1;
  for (int p = 0; p < 2; p++) {
    PetscCall(PetscMalloc2(most, &s->grow[p], most, &s->decay[p]));
    for (PetscInt j = 0; j < most; j++) s->grow[p][j] = s->decay[p][j] = 1.0;
  }
  PetscCall(AeNSForcingWaves(s));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSDestroy(AeNS *ns)
{
  AeNS s = *ns;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  PetscCall(AeBandDestroy(&s->band));
  PetscCall(AeBandDestroy(&s->fine));
  PetscCall(AeGridDestroy(&s->grid));
  PetscCall(PetscFree(s->values));
  PetscCall(PetscFree(s->rows));
  for (int p = 0; p < 2; p++) {
    PetscCall(PetscFree2(s->grow[p], s->decay[p]));
    for (int f = 0; f < AE_ETD_FUNCTIONS; f++) PetscCall(PetscFree(s->etd[p][f]));
  }
  PetscCall(PetscFree(*ns));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSCreateVec(AeNS s, Vec *u)
{
  PetscFunctionBegin;
  PetscCall(VecCreateMPI(s->comm, (PetscInt)(2 * s->fields * AeBandSize(s->band)), PETSC_DETERMINE, u));
  PetscCall(VecSet(*u, 0.0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSGet(AeNS s, const char **name, PetscReal *t_end, PetscInt *fields, AeBand *band, PetscReal *nu)
{
  PetscFunctionBegin;
  if (name) *name = Initials[s->initial];
  if (t_end) *t_end = s->initial == AE_NS_TAYLOR_GREEN ? 10.0 : 1.0;
  if (fields) *fields = s->fields;
  if (band) *band = s->band;
  if (nu) *nu = s->nu;
  PetscFunctionReturn(0);
}

PetscErrorCode AeNSView(AeNS s, PetscViewer viewer)
{
  const AeBand b = s->band;

  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(
    viewer,
    "Navier-Stokes on [0, 2 pi]^3: %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " points, waves up to %" PetscInt_FMT
    " %" PetscInt_FMT " %" PetscInt_FMT " (%s rule, products on %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT ")\n",
    s->n[0], s->n[1], s->n[2], b->K[0], b->K[1], b->K[2], Rules[s->three_halves], b->n[0], b->n[1], b->n[2]));
  PetscCall(PetscViewerASCIIPrintf(viewer, "  initial state %s, mean flow (%g, %g, %g); nu = %g; forcing %s",
                                   Initials[s->initial], (double)s->flow[0], (double)s->flow[1], (double)s->flow[2],
                                   (double)s->nu, Forcings[s->forcing]));
  if (s->forcing) PetscCall(PetscViewerASCIIPrintf(viewer, " of amplitude %g", (double)s->forcing_amplitude));
  if (s->scalar) PetscCall(PetscViewerASCIIPrintf(viewer, "; scalar %s, kappa = %g", Scalars[s->scalar], (double)s->kappa));
  PetscCall(PetscViewerASCIIPrintf(viewer, "\n  ranks: %d slabs of planes z and of rows k_y\n", b->size));
  PetscFunctionReturn(0);
}
