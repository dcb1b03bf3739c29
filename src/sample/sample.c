/*
  AeSample: stencils of points, the row sums that ranks owe each other, and the interpolation itself.

  A stencil is q x q rows of q cells. The rank that owns the row through the stencil's nearest cell evaluates the point
  (is its host); sums of rows that others own are sent to it. All ranks know all points, so each works out by itself
  what it computes, sends and receives.
*/
#include <aeonic/sample.h>

static AE_EVENT(SampleEvent, "AeSample");

/* The stencil along one axis: cells (interior indices), whether each is a mirror image, weights of f and of h f'. */
typedef struct {
  PetscInt cell[AE_SAMPLE_MAX];
  int      mirrored[AE_SAMPLE_MAX], any; /* any: the cells are not simply consecutive */
  double   w[AE_SAMPLE_MAX], d[AE_SAMPLE_MAX];
} Stencil;

typedef struct {
  PetscInt index; /* the caller's */
  int      flip;  /* bit d set: the point was reflected along axis d */
  Stencil  a[3];
} Point;

struct _p_AeSample {
  AeGrid       grid;
  AeLayout     L; /* of one field */
  PetscInt     q, n, max_fields;
  PetscInt     npoints, mine; /* points with rows here: those hosted first */
  Point       *points;
  ptrdiff_t   *slot;         /* q*q of each hosted point: offset of a row here, or -1 - its place among those received */
  PetscInt     nsend, nrecv; /* row sums */
  PetscInt    *send_point;
  ptrdiff_t   *send_offset;
  PetscMPIInt *send, *recv, *gather; /* rows to and from each rank, points that each hosts */
  PetscMPIInt *count, *first, *count2, *first2;
  PetscInt    *order; /* the caller's indices of all points in the ranks' order */
  double      *send_buffer, *recv_buffer, *out, *all;
};

/*
  Weights of the polynomial through nodes 0 ... q-1 at t (Lagrange), and of its derivative:
    w_i = prod_{m != i} (t - m)/(i - m),  d_i = sum_{l != i} 1/(i - l) prod_{m != i,l} (t - m)/(i - m)
*/
static void Weights(PetscInt q, double t, double w[], double d[])
{
  for (PetscInt i = 0; i < q; i++) {
    w[i] = 1.0;
    d[i] = 0.0;
    for (PetscInt m = 0; m < q; m++)
      if (m != i) w[i] *= (t - (double)m) / (double)(i - m);
    for (PetscInt l = 0; l < q; l++) {
      double x = 1.0 / (double)(i - l);

      if (l == i) continue;
      for (PetscInt m = 0; m < q; m++)
        if (m != i && m != l) x *= (t - (double)m) / (double)(i - m);
      d[i] += x;
    }
  }
}

/* The stencil of coordinate x along axis d; *flip if x lies beyond a symmetry plane. False if x is outside the grid. */
static PetscBool SetStencil(const struct _p_AeGrid *g, PetscInt q, int d, PetscReal x, Stencil *s, PetscBool *flip,
                            PetscInt *nearest)
{
  const PetscBool lower = (PetscBool)(g->bc[d][0] == AE_BC_REFLECTING), upper = (PetscBool)(g->bc[d][1] == AE_BC_REFLECTING),
                  periodic = (PetscBool)(g->bc[d][0] == AE_BC_PERIODIC);
  PetscReal p;
  PetscInt  first, c;

  *flip = PETSC_FALSE;
  if (lower && x < g->lo[d]) {
    x     = 2.0 * g->lo[d] - x;
    *flip = PETSC_TRUE;
  } else if (upper && x > g->hi[d]) {
    x     = 2.0 * g->hi[d] - x;
    *flip = PETSC_TRUE;
  }
  if (periodic) x -= (g->hi[d] - g->lo[d]) * PetscFloorReal((x - g->lo[d]) / (g->hi[d] - g->lo[d]));
  if (!(x >= g->lo[d] && x <= g->hi[d])) return PETSC_FALSE;
  p     = (x - g->lo[d]) / g->h - 0.5; /* in cells, from the first centre */
  first = q % 2 ? (PetscInt)PetscFloorReal(p + 0.5) - (q - 1) / 2 : (PetscInt)PetscFloorReal(p) - (q / 2 - 1);
  if (!periodic && !lower) first = PetscMax(first, 0);
  if (!periodic && !upper) first = PetscMin(first, g->n[d] - q);
  Weights(q, p - (PetscReal)first, s->w, s->d);
  s->any = 0;
  for (PetscInt m = 0; m < q; m++) {
    s->mirrored[m] = AeGridMap(g, d, first + m, &s->cell[m]);
    s->any |= s->cell[m] != s->cell[0] + m;
  }
  (void)AeGridMap(g, d, (PetscInt)PetscFloorReal(p + 0.5), &c);
  *nearest = PetscMax(0, PetscMin(c, g->n[d] - 1));
  return PETSC_TRUE;
}

/* The host is the rank of the row through the nearest cell, after reflection: a point on the far side of a mirror has it here. */
static PetscErrorCode SetPoint(AeSample S, const PetscReal x[], PetscInt index, Point *p, PetscMPIInt *host)
{
  AeGrid   g = S->grid;
  PetscInt nearest[3];

  PetscFunctionBegin;
  p->index = index;
  p->flip  = 0;
  for (int d = 0; d < 3; d++) {
    PetscBool flip;

    PetscCheck(SetStencil(g, S->q, d, x[3 * index + d], &p->a[d], &flip, &nearest[d]), g->comm, AE_ERR_USAGE,
               "the point (%g,%g,%g) is outside the grid [%g,%g] x [%g,%g] x [%g,%g]", (double)x[3 * index],
               (double)x[3 * index + 1], (double)x[3 * index + 2], (double)g->lo[0], (double)g->hi[0], (double)g->lo[1],
               (double)g->hi[1], (double)g->lo[2], (double)g->hi[2]);
    if (flip) p->flip |= 1 << d;
  }
  *host = AeGridRowOwner(g, nearest[1], nearest[2]);
  PetscFunctionReturn(0);
}

/*
  Walks all points: counts what this rank hosts and exchanges, and with `fill` writes it down. Rows are exchanged in
  the order of points, then rows; first and first2 hold where each rank's begin.
*/
static PetscErrorCode Plan(AeSample S, const PetscReal x[], PetscBool fill)
{
  AeGrid            g      = S->grid;
  const PetscInt    q      = S->q;
  const PetscMPIInt me     = g->rank;
  PetscInt          hosted = 0, others = 0;

  PetscFunctionBegin;
  PetscCall(PetscArrayzero(S->send, g->size));
  PetscCall(PetscArrayzero(S->recv, g->size));
  PetscCall(PetscArrayzero(S->gather, g->size));
  for (PetscInt i = 0; i < S->n; i++) {
    Point       p;
    PetscMPIInt host;
    PetscBool   here = PETSC_FALSE;

    PetscCall(SetPoint(S, x, i, &p, &host));
    if (fill) S->order[S->count[host] + S->gather[host]] = i;
    S->gather[host]++;
    for (PetscInt c = 0; c < q; c++)
      for (PetscInt b = 0; b < q; b++) {
        const PetscInt    J = p.a[1].cell[b], K = p.a[2].cell[c];
        const PetscMPIInt owner  = AeGridRowOwner(g, J, K);
        const ptrdiff_t   offset = owner == me ? AeAt(&S->L, 0, K - g->ks, J - g->js, 0) : 0;

        if (host == me) {
          if (fill)
            S->slot[(hosted * q + c) * q + b] = owner == me ? offset : -1 - (ptrdiff_t)(S->first2[owner] + S->recv[owner]);
          if (owner != me) S->recv[owner]++;
        } else if (owner == me) {
          if (fill) {
            S->send_point[S->first[host] + S->send[host]]  = S->mine + others;
            S->send_offset[S->first[host] + S->send[host]] = offset;
          }
          S->send[host]++;
          here = PETSC_TRUE;
        }
      }
    if (fill && host == me) S->points[hosted] = p;
    if (fill && here) S->points[S->mine + others] = p;
    hosted += host == me;
    others += here;
  }
  S->mine    = hosted;
  S->npoints = hosted + others;
  PetscFunctionReturn(0);
}

static PetscInt Running(PetscMPIInt n, const PetscMPIInt count[], PetscMPIInt first[])
{
  PetscMPIInt sum = 0;

  for (PetscMPIInt r = 0; r < n; r++) {
    first[r] = sum;
    sum += count[r];
  }
  return sum;
}

PetscErrorCode AeSampleCreate(AeGrid g, PetscInt q, PetscInt n, const PetscReal x[], PetscInt max_fields, AeSample *sample)
{
  AeSample          S;
  const PetscMPIInt size = g->size;

  PetscFunctionBegin;
  PetscCheck(q >= 2 && q <= AE_SAMPLE_MAX, g->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "Interpolation takes 2 to %d points an axis, not %" PetscInt_FMT, AE_SAMPLE_MAX, q);
  for (int d = 0; d < 3; d++)
    PetscCheck(g->n[d] >= q || g->bc[d][0] == AE_BC_PERIODIC, g->comm, AE_ERR_USAGE,
               "-grid_n: interpolation with %" PetscInt_FMT
               " points needs as many cells along each axis that is not periodic, there are %" PetscInt_FMT " along %c",
               q, g->n[d], 'x' + d);
  PetscCall(PetscNew(&S));
  S->grid       = g;
  S->L          = AeLayoutCreate(1, g->n[0], g->nj, g->nk, g->ghost);
  S->q          = q;
  S->n          = n;
  S->max_fields = max_fields;
  PetscCall(PetscMalloc7(size, &S->send, size, &S->recv, size, &S->gather, size, &S->count, size, &S->first, size, &S->count2,
                         size, &S->first2));
  PetscCall(Plan(S, x, PETSC_FALSE));
  S->nsend = Running(size, S->send, S->first);
  S->nrecv = Running(size, S->recv, S->first2);
  (void)Running(size, S->gather, S->count);
  PetscCall(PetscMalloc5(S->npoints, &S->points, S->mine * q * q, &S->slot, S->nsend, &S->send_point, S->nsend, &S->send_offset,
                         n, &S->order));
  PetscCall(PetscMalloc4(2 * S->nsend * max_fields, &S->send_buffer, 2 * S->nrecv * max_fields, &S->recv_buffer,
                         4 * S->mine * max_fields, &S->out, 4 * n * max_fields, &S->all));
  PetscCall(Plan(S, x, PETSC_TRUE));
  *sample = S;
  PetscFunctionReturn(0);
}

PetscErrorCode AeSampleDestroy(AeSample *S)
{
  PetscFunctionBegin;
  if (!*S) PetscFunctionReturn(0);
  PetscCall(PetscFree7((*S)->send, (*S)->recv, (*S)->gather, (*S)->count, (*S)->first, (*S)->count2, (*S)->first2));
  PetscCall(PetscFree5((*S)->points, (*S)->slot, (*S)->send_point, (*S)->send_offset, (*S)->order));
  PetscCall(PetscFree4((*S)->send_buffer, (*S)->recv_buffer, (*S)->out, (*S)->all));
  PetscCall(PetscFree(*S));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSampleBytes(AeSample S, PetscLogDouble *bytes)
{
  PetscFunctionBegin;
  *bytes = (PetscLogDouble)S->npoints * sizeof(Point) +
           (PetscLogDouble)S->mine * (S->q * S->q * sizeof(ptrdiff_t) + 4 * S->max_fields * sizeof(double)) +
           (PetscLogDouble)S->nsend * (sizeof(PetscInt) + sizeof(ptrdiff_t) + 2 * S->max_fields * sizeof(double)) +
           (PetscLogDouble)S->nrecv * 2 * S->max_fields * sizeof(double) +
           (PetscLogDouble)S->n * (sizeof(PetscInt) + 4 * S->max_fields * sizeof(double)) +
           7.0 * S->grid->size * sizeof(PetscMPIInt);
  PetscFunctionReturn(0);
}

/* The sums over one row: of f, and with width 2 of h d_x f. */
static inline void RowSum(const Stencil *s, PetscInt q, const double *row, int parity, PetscInt width, double sum[])
{
  double f[AE_SAMPLE_MAX], v = 0, d = 0;

  if (s->any)
    for (PetscInt m = 0; m < q; m++) f[m] = s->mirrored[m] && parity < 0 ? -row[s->cell[m]] : row[s->cell[m]];
  else
    for (PetscInt m = 0; m < q; m++) f[m] = row[s->cell[0] + m];
  for (PetscInt m = 0; m < q; m++) v += s->w[m] * f[m];
  sum[0] = v;
  if (width < 2) return;
  for (PetscInt m = 0; m < q; m++) d += s->d[m] * f[m];
  sum[1] = d;
}

/* One field at one point from its rows: out[0], and with derivatives out[1..3]. */
static void Combine(const AeSample S, PetscInt i, const double *u, const AeFieldInfo *info, const double *received,
                    PetscInt stride, PetscInt width, double out[])
{
  const Point     *p     = &S->points[i];
  const PetscInt   q     = S->q;
  const ptrdiff_t *slot  = S->slot + i * q * q;
  const double     inv_h = 1.0 / S->grid->h;
  int              sign  = 1;
  double           v = 0, dx = 0, dy = 0, dz = 0;

  for (PetscInt c = 0; c < q; c++) {
    double yv = 0, yx = 0, yy = 0;

    for (PetscInt b = 0; b < q; b++) {
      const int mirror = (p->a[1].mirrored[b] ? info->parity[1] : 1) * (p->a[2].mirrored[c] ? info->parity[2] : 1);
      double    row[2] = {0, 0};

      if (slot[c * q + b] >= 0) RowSum(&p->a[0], q, u + slot[c * q + b], info->parity[0], width, row);
      else
        for (PetscInt m = 0; m < width; m++) row[m] = received[(-1 - slot[c * q + b]) * stride + m];
      if (mirror < 0) row[0] = -row[0], row[1] = -row[1];
      yv += p->a[1].w[b] * row[0];
      yx += p->a[1].w[b] * row[1];
      yy += p->a[1].d[b] * row[0];
    }
    v += p->a[2].w[c] * yv;
    dx += p->a[2].w[c] * yx;
    dy += p->a[2].w[c] * yy;
    dz += p->a[2].d[c] * yv;
  }
  for (int d = 0; d < 3; d++)
    if (p->flip & 1 << d) sign *= info->parity[d];
  out[0] = sign * v;
  if (width < 2) return;
  out[1] = (p->flip & 1 ? -sign : sign) * (dx * inv_h);
  out[2] = (p->flip & 2 ? -sign : sign) * (dy * inv_h);
  out[3] = (p->flip & 4 ? -sign : sign) * (dz * inv_h);
}

/* Sums of the rows that other ranks' points need, and theirs in return. */
static PetscErrorCode Exchange(AeSample S, const double *u, const AeFieldInfo info[], ptrdiff_t stride, PetscInt nf,
                               const PetscInt field[], PetscInt width)
{
  const PetscMPIInt size = S->grid->size, item = (PetscMPIInt)(nf * width);

  PetscFunctionBegin;
  if (size == 1) PetscFunctionReturn(0);
  for (PetscInt r = 0; r < S->nsend; r++)
    for (PetscInt f = 0; f < nf; f++)
      RowSum(&S->points[S->send_point[r]].a[0], S->q, u + field[f] * stride + S->send_offset[r], info[field[f]].parity[0], width,
             S->send_buffer + (r * nf + f) * width);
  for (PetscMPIInt r = 0, s = 0, t = 0; r < size; r++) {
    S->first[r]       = s;
    S->first2[r]      = t;
    s += S->count[r]  = S->send[r] * item;
    t += S->count2[r] = S->recv[r] * item;
  }
  PetscCallMPI(MPI_Alltoallv(S->send_buffer, S->count, S->first, MPI_DOUBLE, S->recv_buffer, S->count2, S->first2, MPI_DOUBLE,
                             S->grid->comm));
  PetscFunctionReturn(0);
}

PetscErrorCode AeSampleEvaluate(AeSample S, Vec U, PetscInt nf, const PetscInt field[], PetscReal value[], PetscReal derivative[])
{
  const PetscInt     width = derivative ? 2 : 1, per = derivative ? 4 : 1;
  AeFields           F;
  AeGrid             grid;
  const AeLayout    *L;
  const AeFieldInfo *info;
  const double      *u, *all = S->out;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(SampleEvent, U, 0, 0, 0));
  PetscCall(AeFieldsFromVec(U, &F));
  PetscCall(AeFieldsGetInfo(F, &grid, &L, &info));
  PetscCheck(grid == S->grid, S->grid->comm, PETSC_ERR_ARG_INCOMP,
             "The state is on another grid than the plan of its interpolation");
  PetscCheck(nf <= S->max_fields, S->grid->comm, PETSC_ERR_ARG_SIZ,
             "%" PetscInt_FMT " fields at once, the plan holds %" PetscInt_FMT, nf, S->max_fields);
  PetscCall(VecGetArrayRead(U, &u));
  PetscCall(Exchange(S, u, info, L->stride, nf, field, width));
  for (PetscInt i = 0; i < S->mine; i++)
    for (PetscInt f = 0; f < nf; f++)
      Combine(S, i, u + field[f] * L->stride, &info[field[f]], S->recv_buffer + f * width, nf * width, width,
              S->out + (i * nf + f) * per);
  PetscCall(VecRestoreArrayRead(U, &u));
  if (grid->size > 1) {
    for (PetscMPIInt r = 0, s = 0; r < grid->size; r++) {
      S->first[r]      = s;
      s += S->count[r] = S->gather[r] * (PetscMPIInt)(nf * per);
    }
    PetscCallMPI(MPI_Allgatherv(S->out, S->count[grid->rank], MPI_DOUBLE, S->all, S->count, S->first, MPI_DOUBLE, grid->comm));
    all = S->all;
  }
  for (PetscInt i = 0; i < S->n; i++)
    for (PetscInt f = 0; f < nf; f++) {
      const double *from = all + (i * nf + f) * per;

      value[f * S->n + S->order[i]] = from[0];
      for (int d = 0; derivative && d < 3; d++) derivative[(3 * f + d) * S->n + S->order[i]] = from[1 + d];
    }
  PetscCall(PetscLogFlops(2.0 * S->mine * nf * (width * S->q * S->q * S->q + (derivative ? 3 : 1) * S->q * S->q)));
  PetscCall(PetscLogEventEnd(SampleEvent, U, 0, 0, 0));
  PetscFunctionReturn(0);
}
