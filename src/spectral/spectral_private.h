#ifndef AEONIC_SPECTRAL_PRIVATE_H
#define AEONIC_SPECTRAL_PRIVATE_H
#include <aeonic/spectral.h>
#include <fftw3-mpi.h>
#undef I

typedef enum {
  AE_EVENT_FFT,
  AE_EVENT_FFT_MOVE,
  AE_EVENT_FFT_PLAN,
  AE_EVENT_BAND,
  AE_EVENT_BAND_MOVE,
  AE_SPECTRAL_EVENTS
} AeSpectralEvent;
/* Registered once; by everything that logs. */
PETSC_INTERN PetscErrorCode AeSpectralEvents(void);
PETSC_INTERN PetscLogEvent  aeSpectralEvent[AE_SPECTRAL_EVENTS];

/* Aligned room of n doubles, zeroed, on huge pages where it is large; free() it. */
PETSC_INTERN PetscErrorCode AeSpectralAlloc(size_t n, void *room);
PETSC_INTERN PetscErrorCode AeFFTMoveDestroy(AeFFT);
/*
  Whether all ranks' rows are FFTW's own (*direct); else AeFFTMoveRows takes numbers of a unit from field to points. Collective.
*/
PETSC_INTERN PetscErrorCode AeFFTMovePrepare(AeFFT, AeGrid, ptrdiff_t pitch, ptrdiff_t plane, PetscBool *direct);
PETSC_INTERN PetscErrorCode AeFFTMoveRows(AeFFT, MPI_Datatype unit, const void *field, void *points);
PETSC_INTERN PetscErrorCode AeFFTFp32Plan(AeFFT);
PETSC_INTERN PetscErrorCode AeFFTFp32Destroy(AeFFT);
/* 2.5 n log2 n operations of a real transform, this rank's share */
PETSC_INTERN PetscLogDouble AeFFTFlops(AeFFT);
PETSC_INTERN PetscErrorCode AeFFTFilterDestroy(AeFFT);
/* FFTW's names of the kinds of transform. */
PETSC_INTERN const fftw_r2r_kind aeForwardKind[5], aeBackwardKind[5];
/* Reads the options of the engine and the wisdom file, once. */
PETSC_INTERN PetscErrorCode AeWisdomStart(MPI_Comm);
/* Plans of single precision belong to the wisdom from now on. */
PETSC_INTERN void AeWisdomSingle(void);
/* To be called after new plans were made: writes the wisdom file, if there is one. */
PETSC_INTERN PetscErrorCode AeWisdomSave(MPI_Comm);
PETSC_INTERN void           AeWisdomForget(void);
PETSC_INTERN PetscErrorCode AeModesDestroyAll(void);
/* Half-waves of a mode along an axis, k = pi / L times this. */
PETSC_INTERN PetscReal AeFFTHalfWaves(AeFFT, int axis, PetscInt m);
#endif
