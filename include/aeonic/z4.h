#ifndef AEONIC_Z4_H
#define AEONIC_Z4_H
/*
  The evolved fields of the formulations and their place in the state; the row kernels' interface.
*/
#include <stddef.h>

typedef enum { Z4_FORM_bssn, Z4_FORM_z4c, Z4_FORM_ccz4, Z4_FORM_adm, Z4_FORM_COUNT } Z4Form;

/* The conformal formulations: bssn, z4c, ccz4. sym6 tensors are stored xx xy xz yy yz zz. */
enum { Z4_CHI = 0, Z4_GT = 1, Z4_K = 7, Z4_AT = 8, Z4_GAM = 14, Z4_LAPSE = 17, Z4_SHIFT = 18, Z4_THETA = 21, Z4_FIELDS_MAX = 27 };

/*
  Place of each field in the state, -1 where a formulation has none. In adm `metric` is gamma_ij and `curv` K_ij; in the
  others they are gt_ij and At_ij. `K` is Khat = K - 2 Theta in z4c, the physical trace in bssn and ccz4.
*/
typedef struct {
  int chi, metric, K, curv, Gam, lapse, shift, Theta, B, phi, Pi, count;
} Z4Fields;

static inline int Z4HasTheta(Z4Form form) { return form == Z4_FORM_z4c || form == Z4_FORM_ccz4; }
/* bssn has no Theta: its B starts where the others' Theta is */
static inline int Z4B(int has_theta) { return Z4_THETA + has_theta; }

static inline Z4Fields Z4FieldsOf(Z4Form form, int has_b, int has_phi)
{
  Z4Fields F = {Z4_CHI, Z4_GT, Z4_K, Z4_AT, Z4_GAM, Z4_LAPSE, Z4_SHIFT, -1, -1, -1, -1, Z4_THETA};

  if (form == Z4_FORM_adm) F = (Z4Fields){-1, 0, -1, 6, -1, 12, 13, -1, -1, -1, -1, 16};
  if (Z4HasTheta(form)) F.Theta = F.count++;
  if (has_b) F.B = F.count, F.count += 3;
  if (has_phi) F.phi = F.count, F.Pi = F.count + 1, F.count += 2;
  return F;
}

/* What the right-hand side depends on beside the state; the same at every point. */
typedef struct {
  double kappa1, kappa2;                /* constraint damping (z4c, ccz4) */
  double kappa3;                        /* of the shift terms of Z_i in d_t Gamma^i (ccz4) */
  double lapse_alpha, lapse_const;      /* d_t alpha = -alpha (lapse_alpha alpha + lapse_const) K + ... */
  double lapse_advect, shift_advect;    /* 1 with the advection term, 0 without */
  double lapse_sigma, shift_sigma;      /* 1 if the gauge field is dissipated, 0 if it is given */
  double shift_gam, shift_b, shift_eta; /* d_t beta^i = shift_gam Gamma^i + shift_b B^i - shift_eta eta beta^i + ... */
  int    shift_harmonic;                /* adds the harmonic shift's terms */
  int    has_b;                         /* the state holds B^i */
  int    use_w;                         /* field CHI holds W = sqrt(chi) */
  double sigma, sigma_gauge;            /* Kreiss-Oliger strength; that of lapse, shift and B */
  int    diss_curvature;                /* strength times W = sqrt(chi) */
  double slow_start;                    /* h exp(-t^2/(2 s^2)) of the slow-start lapse at this time */
  int    has_phi;                       /* the state holds the scalar field phi, Pi */
  double mass2, Lambda;                 /* m^2 of V = m^2 phi^2/2; cosmological constant */
} Z4Params;

/* Statistics that a pass leaves for every cell of a row; reduced over the row by its caller. Under adm Z4_STAT_CHI holds
   -det gamma, which is least where chi = det^(-1/3) is. */
enum { Z4_STAT_LAPSE, Z4_STAT_CHI, Z4_STAT_K, Z4_STAT_DTK, Z4_STAT_SUM, Z4_STAT_H, Z4_STAT_M2, Z4_STAT_COUNT };

/* What matter leaves for every cell of a row: energy density, S_i, S_ij (Lambda included), and the sum of its
   right-hand sides, for the count of non-finite ones. */
enum { Z4_SRC_RHO, Z4_SRC_S, Z4_SRC_SS = 4, Z4_SRC_SUM = 10, Z4_SRC_COUNT };

/* One row of cells: what a row kernel reads and writes. u, r and c point at the row's first interior cell. */
typedef struct {
  const double   *u;                    /* state */
  double         *r;                    /* right-hand side, same layout (pass A) */
  double         *c;                    /* H, M_x, M_y, M_z (pass B), same layout; NULL: statistics only */
  ptrdiff_t       stride, pitch, plane; /* of u and r: between fields, along j, along k */
  ptrdiff_t       cstride;              /* between the fields of c */
  ptrdiff_t       n;                    /* cells, at least the number of lanes */
  double          inv_h;
  double         *w;    /* AE_WORK_ROWS work rows of nw values, at the row's first cell; AE_WORK_GHOST values before it */
  ptrdiff_t       nw;   /* at least AeWorkPitch(n) */
  const double   *eta;  /* eta(x) of the Gamma driver, one value a cell */
  double         *stat; /* Z4_STAT_COUNT rows of nstat values */
  double         *src;  /* Z4_SRC_COUNT rows of nstat values: written by the matter kernel, read by the others; NULL: vacuum */
  ptrdiff_t       nstat;
  const Z4Params *p;
} Z4Row;

/* Work rows of a row kernel: their number, values on either side of the row's cells, and values in all, an odd number of
   cache lines so that the rows do not fall into one set. */
enum { AE_WORK_ROWS = 22, AE_WORK_GHOST = 8 };
static inline ptrdiff_t AeWorkPitch(ptrdiff_t n) { return 8 * (((n + 7) / 8 + 3) | 1); }

typedef void (*Z4RowKernel)(const Z4Row *);
/* Matter: sources, and right-hand sides of phi and Pi unless r is NULL, for any formulation. */
typedef void (*Z4MatterKernel)(const Z4Row *, Z4Form);

/* Pass A, pass A with the constraints of pass B in the same sweep, pass B alone. */
typedef struct {
  Z4Form         form;
  int            order, lanes;
  const char    *set; /* instruction set it was compiled for */
  Z4RowKernel    a, ab, b;
  Z4MatterKernel matter;
} Z4Kernel;
#endif
