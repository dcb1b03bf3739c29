#ifndef AEONIC_INITIAL_PRIVATE_H
#define AEONIC_INITIAL_PRIVATE_H
/* What the files of the initial module share: the functions of the data, by family, and their common parts. */
#include <aeonic/initial.h>
#include <aeonic/solution.h>
#include <aeonic/sym.h>

extern const AeDatum  AeData[];
extern const PetscInt AeNumData;

#define AE_METRIC(name) PETSC_INTERN void name(const struct _p_AeInitial *, const AeDual x[4], AeMetric *)
/* waves.c */
AE_METRIC(AeMinkowski);
AE_METRIC(AeLinearWave);
AE_METRIC(AeGaugeWave);
AE_METRIC(AeShiftedGaugeWave);
PETSC_INTERN PetscErrorCode AeNoiseOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeWaveOptions(AeInitial);
/* spherical.c */
AE_METRIC(AeTeukolsky);
AE_METRIC(AeScalarPulse);
PETSC_INTERN PetscErrorCode AeTeukolskyOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeScalarPulseOptions(AeInitial);
/* cosmology.c */
AE_METRIC(AeGowdyExpanding);
AE_METRIC(AeGowdyCollapsing);
AE_METRIC(AeFrwScalar);
PETSC_INTERN PetscErrorCode AeGowdyOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeFrwOptions(AeInitial);
/* holes.c */
AE_METRIC(AeKerrSchild);
AE_METRIC(AeKerrQI);
AE_METRIC(AeSchwarzschild);
AE_METRIC(AeBrillLindquist);
PETSC_INTERN PetscErrorCode AeHoleOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeKerrSchildOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeKerrQIOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeBrillLindquistOptions(AeInitial);
/* trumpet.c */
AE_METRIC(AeTrumpet);
PETSC_INTERN PetscErrorCode AeTrumpetOptions(AeInitial);
/* file.c */
PETSC_INTERN PetscErrorCode AeFileOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeFileFill(AeInitial, AeFields, Vec, PetscBool *whole);
/* punctures.c, brill.c: psi = psi_0 + u with u solved for */
PETSC_INTERN PetscErrorCode AePunctureOptions(AeInitial);
PETSC_INTERN PetscErrorCode AePunctureSetUp(AeInitial, AeGrid);
PETSC_INTERN PetscErrorCode AePunctureFill(AeInitial, AeFields, Vec, PetscBool *whole);
PETSC_INTERN PetscInt       AePuncturePlaces(AeInitial, PetscInt max, PetscReal place[][3]);
PETSC_INTERN PetscErrorCode AeBrillOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeBrillSetUp(AeInitial, AeGrid);
PETSC_INTERN PetscErrorCode AeBrillFill(AeInitial, AeFields, Vec, PetscBool *whole);
/* scalar.c */
PETSC_INTERN PetscErrorCode AeScalarWaveOptions(AeInitial);
PETSC_INTERN PetscErrorCode AeScalarWaveSetUp(AeInitial, AeGrid);
PETSC_INTERN PetscErrorCode AeScalarWaveFill(AeInitial, AeFields, Vec, PetscBool *whole);
#undef AE_METRIC

/* A metric with its derivatives as ADM and as conformal variables. */
PETSC_INTERN void AeMetricAdm(const AeMetric *, AeAdm *);
PETSC_INTERN void AeMetricConformal(const AeMetric *, double v[AE_INITIAL_NV]);
/* Fills a state of any formulation, its fields by name, from a metric given cell by cell; cell: offset in a compact Vec.
   m holds lapse one and zeros on entry. Derivatives in x, y, z of gamma_ij up to a factor enter Gamt. */
typedef void (*AeCellMetric)(void *ctx, PetscInt cell, const PetscReal x[3], AeMetric *m);
PETSC_INTERN PetscErrorCode AeFillFromMetric(AeFields, Vec, AeCellMetric, void *ctx);

/* Coordinates from -hole_centre, and their distance r from it, at least r_min. */
static inline AeDual AeFromCentre(const struct _p_AeInitial *I, const AeDual x[4], AeDual X[3])
{
  AeDual r2 = DConst(0.0);

  for (int a = 0; a < 3; a++) {
    X[a] = DShift(-I->centre[a], x[1 + a]);
    r2   = DAdd(r2, DSquare(X[a]));
  }
  return DSqrt(DAtLeast(I->r_min > 0 ? I->r_min * I->r_min : 1e-300, r2));
}

/* gamma_ij = psi4 delta_ij, lapse one, no shift */
static inline void AeConformallyFlat(AeDual psi4, AeMetric *m)
{
  m->alpha = DConst(1.0);
  for (int a = 0; a < 3; a++) m->beta[a] = DConst(0.0);
  for (int ab = 0; ab < 6; ab++) m->g[ab] = ab == 0 || ab == 3 || ab == 5 ? psi4 : DConst(0.0);
}
#endif
