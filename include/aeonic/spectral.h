#ifndef AEONIC_SPECTRAL_H
#define AEONIC_SPECTRAL_H
/*
  The spectral engine: FFTW plans and the tables that go with them, each made once and kept until the end of the
  program.

    AeFFT    one real transform of a whole box: DFT, cosine or sine along each axis, in place, on any number of ranks
    AeModes  what belongs to every mode of a transform: wavenumbers, masks, bins, octaves
    AeBand   products of fields of which only the modes |k_d| <= K_d are kept: the dealiased nonlinear terms of a
             pseudospectral method, without the transforms of what is known to be zero
    AePhi    functions of an exponential integrator
*/
#include <aeonic/grid.h>
#include <complex.h>
#define I _Complex_I /* base.h took it away; FFTW looks for it before it makes fftw_complex C's own type */
#include <fftw3.h>
#undef I

/*
  The kind of transform along an axis of a cell-centred box of n cells: which functions it is a sum of.
  Wavenumbers k of mode index m, in units of pi/L:
    AE_DFT       periodic                                         2 m (m <= n/2; higher ones stand for negative ones)
    AE_COSINE    even at both faces (reflecting, Neumann)         m            REDFT10 / REDFT01
    AE_SINE      odd at both faces (Dirichlet)                    m + 1        RODFT10 / RODFT01
    AE_COSINE_4  even at the lower face, odd at the upper one     m + 1/2      REDFT11
    AE_SINE_4    odd at the lower face, even at the upper one     m + 1/2      RODFT11
  All axes AE_DFT: a real-to-complex transform, modes are complex and m = 0..nx/2 along x. Otherwise every mode is real,
  and an AE_DFT axis holds cosines at m <= n/2 and sines of wavenumber n - m at m > n/2 (FFTW's half-complex order).
*/
typedef enum { AE_DFT, AE_COSINE, AE_SINE, AE_COSINE_4, AE_SINE_4 } AeTransform;

typedef struct _p_AeFFT   *AeFFT;
typedef struct _p_AeModes *AeModes;

/*
  Read-only. Points: this rank's planes z = ks .. ks+nk-1, point (i,j,k) at [((k-ks) n[1] + j) pitch + i] of the buffer.
  Modes: rows of x-modes in two loops. On one rank the outer one is z and the inner one y; on several FFTW leaves the
  data transposed, y is the outer one and distributed: ms .. ms+mn-1. Row (a,b), a counted from ms, starts at
  (a inner + b) mpitch doubles. FFTW may leave ranks with no planes or rows at all.
*/
struct _p_AeFFT {
  MPI_Comm          comm;
  PetscMPIInt       rank, size;
  PetscInt          n[3];
  AeTransform       kind[3];
  PetscBool         is_complex;
  PetscBool         modes_only; /* of AeBandModes: no plans */
  PetscBool         single;     /* of AeFFTGetSingle: for AeFFTForwardSingle only */
  PetscInt          ks, nk;
  ptrdiff_t         pitch;
  int               outer; /* axis of the outer loop over modes: 2 or 1; the inner one has the other */
  PetscInt          m[3];  /* modes along each axis */
  PetscInt          ms, mn, inner;
  ptrdiff_t         mpitch;
  size_t            doubles;    /* that a buffer must have room for */
  PetscReal         scale;      /* backward(forward(u)) * scale = u */
  PetscInt64        moves;      /* redistributions between a grid's division and this one, so far */
  PetscInt64        transforms; /* executed, so far */
  fftw_plan         forward, backward;
  fftw_plan         plane_fore[2], plane_back, y_fore, y_back, line_fore, line_back; /* of AeFFTFilter */
  ptrdiff_t         plane_pitch[2];
  double           *line;
  struct _p_AeFFT  *next;
  struct AeFFTMove *move;
  struct AeFFTFp32 *fp32;
};

/* A row of modes along x at mode indices my, mz, m[0] numbers (complex ones where the transform is), to be multiplied. */
typedef void (*AeFFTRowFunction)(void *ctx, PetscInt my, PetscInt mz, double *row);

/*
  AeSpectralRegister - log events and the PC type; AeonicInitialize must have been called
  AeFFTGet           - the transform of that shape on comm, made at the first call. Reads -fft_rigor and -fft_wisdom FILE
                       the first time: FFTW's plans are loaded from FILE and saved to it; one that is damaged
                       is ignored with a warning and written anew. Collective. Borrowed: do not free.
  AeFFTCreateBuffer  - aligned, zeroed room for one real field or its modes; free with AeFFTDestroyBuffer
  AeFFTForward       - points to modes, in place; unscaled
  AeFFTBackward      - modes to points, in place; unscaled
  AeFFTLoad          - copies a field of a grid into a buffer's points. field points at this rank's first interior cell,
                       pitch and plane as in layout.h. Where the grid's division differs from FFTW's, one PetscSF moves
                       the rows, and fft->moves counts it.
  AeFFTStore         - the way back
  AeFFTForwardFrom   - AeFFTLoad and AeFFTForward in one. On one rank the field is read where it lies, ghosts left out, and
                       transformed plane by plane and line by line within the cache.
  AeFFTFilter        - a field to modes, each row of modes through `row` (real factors; scale is the caller's), and back to a
                       field. On one rank a field without gaps between its rows crosses memory three times only: planes are
                       transformed along x and y, then lines along z there and back with the factors in between, then planes
                       again, each within the cache. from and to may be the same.
  AeFFTGetSingle     - the same in single precision: buffers of `doubles` floats, rows of modes `mpitch` floats apart, zeros
                       between
  AeFFTForwardSingle - (field - minus) times the window, if there is one (its factors along each axis at this rank's cells), taken
                       in double precision, to modes in single
  AeFFTWisdom        - FFTW's plans as text on every rank, for a file that must reproduce them; free() it. AeFFTSetWisdom
                       gives them back; *good is false when the text is damaged. Those of single precision follow those of double.
  AeFFTPlans         - plans made, transforms executed and redistributions since the start
*/
PETSC_EXTERN PetscErrorCode AeSpectralRegister(void);
PETSC_EXTERN PetscErrorCode AeFFTGet(MPI_Comm, const PetscInt n[3], const AeTransform kind[3], AeFFT *);
PETSC_EXTERN PetscErrorCode AeFFTCreateBuffer(AeFFT, double **);
PETSC_EXTERN PetscErrorCode AeFFTDestroyBuffer(double **);
PETSC_EXTERN PetscErrorCode AeFFTForward(AeFFT, double *);
PETSC_EXTERN PetscErrorCode AeFFTBackward(AeFFT, double *);
PETSC_EXTERN PetscErrorCode AeFFTLoad(AeFFT, AeGrid, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double *buffer);
PETSC_EXTERN PetscErrorCode AeFFTStore(AeFFT, AeGrid, const double *buffer, double *field, ptrdiff_t pitch, ptrdiff_t plane);
PETSC_EXTERN PetscErrorCode AeFFTForwardFrom(AeFFT, AeGrid, const double *field, ptrdiff_t pitch, ptrdiff_t plane,
                                             double *buffer);
PETSC_EXTERN PetscErrorCode AeFFTFilter(AeFFT, AeGrid, const double *from, double *to, ptrdiff_t pitch, ptrdiff_t plane,
                                        double *buffer, AeFFTRowFunction row, void *ctx);
PETSC_EXTERN PetscErrorCode AeFFTGetSingle(MPI_Comm, const PetscInt n[3], const AeTransform kind[3], AeFFT *);
PETSC_EXTERN PetscErrorCode AeFFTForwardSingle(AeFFT, AeGrid, const double *field, ptrdiff_t pitch, ptrdiff_t plane, double minus,
                                               const double *const window[3], float *buffer);
PETSC_EXTERN PetscErrorCode AeFFTWisdom(MPI_Comm, char **text);
PETSC_EXTERN PetscErrorCode AeFFTSetWisdom(MPI_Comm, const char text[], PetscBool *good);
PETSC_EXTERN PetscErrorCode AeFFTPlans(PetscInt *plans, PetscInt64 *transforms, PetscInt64 *moves);
/* FFTW's planning flag of -fft_rigor; reads the options of the engine if that has not been done. */
PETSC_EXTERN PetscErrorCode AeFFTRigor(MPI_Comm, unsigned *flag);

/* Mode indices along y and z of row (a,b). */
static inline void AeFFTRow(const struct _p_AeFFT *f, PetscInt a, PetscInt b, PetscInt *my, PetscInt *mz)
{
  *my = f->outer == 1 ? f->ms + a : b;
  *mz = f->outer == 1 ? b : f->ms + a;
}
static inline double *AeFFTRowAt(const struct _p_AeFFT *f, double *u, PetscInt a, PetscInt b)
{
  return u + (a * (ptrdiff_t)f->inner + b) * f->mpitch;
}

/* ---- tables ------------------------------------------------------------------------------------------------ */

enum { AE_OCTAVES = 8, AE_OCTAVE_MEAN = 255 };

/*
  Tables of the modes of a transform over a box with sides L[d]. Along each axis d, by mode index m:
    k     wavenumber, signed; 0 at the Nyquist mode of an even DFT, whose first derivative vanishes on the grid
    k2    its square, the Nyquist mode's included
    keep  1 where |k| is below 2/3 of the Nyquist wavenumber: 3 |j| < n, so that no product of two kept modes is
          aliased into a kept one (Orszag's rule)
    bin   floor(3 |k| / k_Nyq), at most 2; k_Nyq = pi n / L
  and for each stored mode
    octave[row of modes][m_x]: o with 2^o <= |k|/k_min < 2^(o+1), k_min = 2 pi / max L; at most 7; AE_OCTAVE_MEAN: k < k_min
*/
struct _p_AeModes {
  AeFFT              fft;
  PetscReal          L[3], k_min;
  PetscReal         *k[3], *k2[3];
  unsigned char     *keep[3], *bin[3], *octave;
  struct _p_AeModes *next;
};
/* The tables of a transform for a box, made at the first call. Borrowed. */
PETSC_EXTERN PetscErrorCode AeModesGet(AeFFT, const PetscReal L[3], AeModes *);
/* floor(log2(sqrt(q))) within 0..7 for q = (|k|/k_min)^2, AE_OCTAVE_MEAN below 1 */
PETSC_EXTERN int AeOctave(PetscReal q);
/* Largest wave index j kept by the 2/3 rule on n points; points needed for j <= K by the 3/2 rule, a size FFTW likes. */
PETSC_EXTERN PetscInt AeDealiasedModes(PetscInt n);
PETSC_EXTERN PetscInt AePaddedPoints(PetscInt K);

/*
  phi[0] = e^z, phi[j] = (phi[j-1] - 1/(j-1)!) / z, phi_j(0) = 1/j!, for real z and j <= 3, to a few rounding errors:
  Taylor's series near 0, where the formula cancels (Kassam & Trefethen, SIAM J. Sci. Comput. 26, 1214 (2005)).
*/
PETSC_EXTERN void AePhi(PetscReal z, PetscReal phi[4]);

/* ---- the preconditioner ------------------------------------------------------------------------------------ */

#define AE_PC_FFT     "fft"
#define AE_FFT_FIELDS 4 /* at most, with boundaries of their own */

/*
  What PC type `fft` solves exactly: A = scale (-Lap) + shift on a box of cubic cells, Lap the centred second differences of
  order 2, 4 or 6 along each axis (ghosts by the parities of `kind`), or with order 0 the continuous Laplacian. Vectors
  hold `fields` (0 counts as 1) blocks [k][j][i] of the grid's cells on this rank, without ghosts, one after the other;
  all get the same operator, but with `own_kinds` each its own boundaries (the components of a vector at a mirror).
  shift_field, if not NULL: a Vec whose mean is added to shift, taken at every PCSetUp: a variable coefficient's
  place in a preconditioner. Where A has a null space (constants; shift 0) the component of the solution along it is 0.
*/
typedef struct {
  AeGrid      grid; /* sizes, spacing, division; must outlive the operator */
  AeTransform kind[3];
  PetscInt    order, fields;
  PetscBool   own_kinds; /* field_kind[f] instead of kind */
  AeTransform field_kind[AE_FFT_FIELDS][3];
  PetscReal   scale, shift;
  Vec         shift_field; /* borrowed */
} AeFFTOperator;

/*
  AeMatSetFFTOperator - says which operator a matrix is, or is near to; copied. PC `fft` reads it from Pmat, else from Amat.
  AeFFTSymbol         - eigenvalues of one axis: of -d^2/dx^2 for mode m = 0 .. number of modes - 1; order as above
  AeFFTKindOf         - the transform of an axis whose lower and upper faces have these parities: 0 periodic, +1 even, -1 odd
  PC options: -pc_fft_symbol discrete|continuous
*/
PETSC_EXTERN PetscErrorCode AeMatSetFFTOperator(Mat, const AeFFTOperator *);
PETSC_EXTERN PetscErrorCode AeFFTSymbol(AeFFT, int axis, PetscReal h, PetscInt order, PetscReal symbol[]);
PETSC_EXTERN AeTransform    AeFFTKindOf(int lower, int upper);

/* ---- products of band-limited fields ----------------------------------------------------------------------- */

/*
  Fields on a periodic box given by the modes |j_d| <= K[d], and their products on n[d] points. Of each field a rank holds
  the modes of its rows y: c[(y - ys) m[2] + z) m[0] + x], complex; index x is the wave index j_x >= 0, y and z stand
  for 0, 1, .. K, -K, .. -1 (AeBandWave). Points: this rank's planes zs .. zs+zn-1.
  n > 3 K: products are free of aliasing. n > 2 K suffices for evaluation.
*/
typedef struct _p_AeBand *AeBand;
struct _p_AeBand {
  MPI_Comm      comm;
  PetscMPIInt   rank, size;
  PetscInt      n[3], K[3], m[3], fields;
  PetscInt      ys, yn, zs, zn;
  PetscInt      pitch;   /* doubles between rows of a plane of points */
  PetscInt     *y0, *z0; /* first row of modes and first plane of every rank */
  PetscMPIInt  *count[2], *shift[2];
  fftw_plan     z_back, z_fore, y_back, y_fore, x_back, x_fore;
  fftw_complex *T, *R; /* rows on their way between modes and planes */
  fftw_complex *W;     /* one y row of every field, padded in z */
  double       *P;     /* one plane of every field */
  PetscInt64    evaluations;
};

/* Wave index of position p among m = 2K+1. */
static inline PetscInt AeBandWave(PetscInt p, PetscInt m) { return p <= m / 2 ? p : p - m; }
/* Where position p of m stands among n padded ones. */
static inline PetscInt  AeBandPad(PetscInt p, PetscInt m, PetscInt n) { return p <= m / 2 ? p : p + n - m; }
static inline ptrdiff_t AeBandSize(const struct _p_AeBand *b) { return (ptrdiff_t)b->yn * b->m[2] * b->m[0]; }

/*
  What a client does with its fields in one evaluation:
    fill    modes of the nin fields to evaluate: w[f][AeBandPad(z) m[0] + x] for every z and x, at row y
    points  has the values of nin fields in the plane z (p[f][j pitch + i]) and leaves those of nout fields in the first nout
    take    modes of the nout fields at row y, in the same places as in fill; scaled to be Fourier coefficients
*/
typedef struct {
  PetscInt nin, nout;
  void (*fill)(void *ctx, PetscInt y, fftw_complex *const w[]);
  void (*points)(void *ctx, PetscInt z, double *const p[]);
  void (*take)(void *ctx, PetscInt y, fftw_complex *const w[]);
  void *ctx;
} AeBandWork;

/*
  AeBandCreate   - for evaluations of up to `fields` fields. AE_ERR_USAGE if the rows and planes do not go round.
  AeBandEvaluate - nout <= nin. No allocation. Collective.
*/
PETSC_EXTERN PetscErrorCode AeBandCreate(MPI_Comm, const PetscInt n[3], const PetscInt K[3], PetscInt fields, AeBand *);
PETSC_EXTERN PetscErrorCode AeBandDestroy(AeBand *);
PETSC_EXTERN PetscErrorCode AeBandEvaluate(AeBand, const AeBandWork *);
/*
  The order in which a band's modes stand, as that of a transform of 2K+1 points along each axis: rows (y, z), y the outer
  index, of K_x + 1 complex numbers that are Fourier coefficients (scale 1). For AeModesGet and AeFFTRow; it cannot be executed.
  Kept until the end of the program. Borrowed. Collective.
*/
PETSC_EXTERN PetscErrorCode AeBandModes(AeBand, AeFFT *);
#endif
