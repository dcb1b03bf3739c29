#ifndef AEONIC_GR_SPECTRAL_H
#define AEONIC_GR_SPECTRAL_H
/* Derivatives by Fourier transforms, for -fd_order spectral: what spectral.c and its kernel share. */
#include <aeonic/z4.h>

/* Where the derivatives of each field stand: from array first[f] on d_x, d_y, d_z, and for some d_xx, d_xy, d_xz, d_yy, d_yz,
   d_zz; an array holds the rank's cells [k][j][i] without ghosts. */
typedef struct {
  ptrdiff_t size; /* cells of an array */
  int       first[Z4_FIELDS_MAX], second[Z4_FIELDS_MAX], count;
} AeGRSlots;

/* d: the arrays, at the row's first cell. */
void AeGRSpectralRow(Z4Form, const Z4Row *, const AeGRSlots *, const double *d, const Z4Fields *, int evolve, int constrain);
#endif
