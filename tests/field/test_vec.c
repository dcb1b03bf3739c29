/*
  State Vecs: what measures sees the interior only and does not depend on ranks; combinations, swap, hash and the
  search for a NaN.  ranks: 1 2 3

  Two states hold the same global data: one divided over the ranks, one on a grid of every process by itself.
  Ghosts and gaps are poisoned, with other values on each, so that any operation that read one would differ.
*/
#include <aeonic/field.h>
#include <float.h>
#include <string.h>
#include "tap.h"

enum { NF = 3, NV = 3 };
static const PetscInt    N[3]     = {13, 5, 7};
static const AeFieldInfo info[NF] = {{"a", {1, 1, 1}, 0, 1}, {"b", {-1, 1, 1}, 0, 1}, {"c", {1, 1, -1}, 0, 1}};

typedef struct {
  AeGrid          g;
  AeFields        F;
  const AeLayout *L;
  Vec             v[NV];
} State;

/* splitmix64 of the cell's global number: the same value on any rank */
static double Value(int vec, PetscInt f, PetscInt i, PetscInt j, PetscInt k)
{
  uint64_t z = ((((uint64_t)vec * NF + (uint64_t)f) * 64 + (uint64_t)k) * 64 + (uint64_t)j) * 64 + (uint64_t)i + 1;

  z *= 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  /* either sign, sizes from 2^-10 to 2^10 */
  return ldexp(2.0 * (double)(z >> 11) * 0x1p-53 - 1.0, (int)(z & 15) * 4 / 3 - 10);
}
/* Small integers: sums and multiples of them round nowhere, fused or not. */
static double Small(int vec, PetscInt f, PetscInt i, PetscInt j, PetscInt k)
{
  return (double)((i * 7 + j * 5 + k * 3 + f + vec * 11) % 23 - 9);
}

typedef double (*Data)(int, PetscInt, PetscInt, PetscInt, PetscInt);

static PetscErrorCode Fill(State *S, int m, Data data, double poison)
{
  const AeLayout *L = S->L;
  double         *u;

  PetscFunctionBegin;
  PetscCall(VecGetArray(S->v[m], &u));
  for (ptrdiff_t o = 0; o < L->size; o++) u[o] = poison;
  for (PetscInt f = 0; f < NF; f++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++) u[AeAt(L, f, k, j, i)] = (*data)(m, f, i, j + S->g->js, k + S->g->ks);
  PetscCall(VecRestoreArray(S->v[m], &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(MPI_Comm comm, double poison, State *S)
{
  PetscFunctionBegin;
  PetscCall(AeGridCreate(comm, &S->g));
  PetscCall(AeGridSetSizes(S->g, N));
  PetscCall(AeFieldsCreate(S->g, NF, info, &S->F));
  PetscCall(AeFieldsGetInfo(S->F, NULL, &S->L, NULL));
  PetscCall(AeFieldsCreateVec(S->F, &S->v[0]));
  for (int m = 1; m < NV; m++) PetscCall(VecDuplicate(S->v[m - 1], &S->v[m]));
  for (int m = 0; m < NV; m++) PetscCall(Fill(S, m, Value, poison));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(State *S)
{
  PetscFunctionBegin;
  for (int m = 0; m < NV; m++) PetscCall(VecDestroy(&S->v[m]));
  PetscCall(AeFieldsDestroy(&S->F));
  PetscCall(AeGridDestroy(&S->g));
  PetscFunctionReturn(0);
}

static int Same(double a, double b) { return !memcmp(&a, &b, sizeof a); }

/* Interior cells of v[m] that are not (*want)(...) bit for bit. */
static PetscInt Differ(State *S, int m, Data want)
{
  const AeLayout *L   = S->L;
  PetscInt        bad = 0;
  const double   *u;

  PetscCallAbort(PETSC_COMM_SELF, VecGetArrayRead(S->v[m], &u));
  for (PetscInt f = 0; f < NF; f++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++)
          if (u[AeAt(L, f, k, j, i)] != (*want)(m, f, i, j + S->g->js, k + S->g->ks)) bad++;
  PetscCallAbort(PETSC_COMM_SELF, VecRestoreArrayRead(S->v[m], &u));
  return bad;
}

/* ---- what measures ---------------------------------------------------------------------------------- */

enum {
  M_NORM1,
  M_NORM2,
  M_NORMINF,
  M_FROBENIUS,
  M_BOTH1,
  M_BOTH2,
  M_MAX,
  M_MIN,
  M_DOT,
  M_TDOT,
  M_MDOT0,
  M_MDOT1,
  M_MDOT2,
  M_MTDOT1,
  M_SUM,
  M_DN_DOT,
  M_DN_NORM,
  M_COUNT
};
static const char *const names[M_COUNT] = {"VecNorm 1",
                                           "VecNorm 2",
                                           "VecNorm infinity",
                                           "VecNorm Frobenius",
                                           "VecNorm 1 of both",
                                           "VecNorm 2 of both",
                                           "VecMax",
                                           "VecMin",
                                           "VecDot",
                                           "VecTDot",
                                           "VecMDot with itself",
                                           "VecMDot with the second",
                                           "VecMDot with the third",
                                           "VecMTDot",
                                           "VecSum",
                                           "VecDotNorm2, dot",
                                           "VecDotNorm2, norm"};

static PetscErrorCode Measure(State *S, double x[M_COUNT])
{
  double dot[NV];

  PetscFunctionBegin;
  PetscCall(VecNorm(S->v[0], NORM_1, &x[M_NORM1]));
  PetscCall(VecNorm(S->v[0], NORM_2, &x[M_NORM2]));
  PetscCall(VecNorm(S->v[0], NORM_INFINITY, &x[M_NORMINF]));
  PetscCall(VecNorm(S->v[0], NORM_FROBENIUS, &x[M_FROBENIUS]));
  PetscCall(VecNorm(S->v[0], NORM_1_AND_2, &x[M_BOTH1])); /* two values */
  PetscCall(VecMax(S->v[0], NULL, &x[M_MAX]));
  PetscCall(VecMin(S->v[0], NULL, &x[M_MIN]));
  PetscCall(VecDot(S->v[0], S->v[1], &x[M_DOT]));
  PetscCall(VecTDot(S->v[0], S->v[1], &x[M_TDOT]));
  PetscCall(VecMDot(S->v[0], NV, S->v, dot));
  x[M_MDOT0] = dot[0], x[M_MDOT1] = dot[1], x[M_MDOT2] = dot[2];
  PetscCall(VecMTDot(S->v[0], NV, S->v, dot));
  x[M_MTDOT1] = dot[1];
  PetscCall(VecSum(S->v[0], &x[M_SUM]));
  PetscCall(VecDotNorm2(S->v[1], S->v[0], &x[M_DN_DOT], &x[M_DN_NORM]));
  PetscFunctionReturn(0);
}

/* The same by plain loops over the interior, in long double; scale[] is the sum of the terms' sizes. */
static PetscErrorCode Plain(State *S, double x[M_COUNT], double scale[M_COUNT])
{
  const AeLayout *L = S->L;
  const double   *u[NV];
  long double     sum[8] = {0}; /* |u0|, then u0 u_m, then |u0 u_m|, then u0 */
  double          top[3] = {0, -INFINITY, -INFINITY};

  PetscFunctionBegin;
  for (int m = 0; m < NV; m++) PetscCall(VecGetArrayRead(S->v[m], &u[m]));
  for (PetscInt f = 0; f < NF; f++)
    for (PetscInt k = 0; k < L->nk; k++)
      for (PetscInt j = 0; j < L->nj; j++)
        for (PetscInt i = 0; i < L->nx; i++) {
          const ptrdiff_t o = AeAt(L, f, k, j, i);

          sum[0] += fabsl((long double)u[0][o]);
          sum[7] += (long double)u[0][o];
          for (int m = 0; m < NV; m++)
            sum[1 + m] += (long double)u[0][o] * u[m][o], sum[4 + m] += fabsl((long double)u[0][o] * u[m][o]);
          top[0] = fmax(top[0], fabs(u[0][o]));
          top[1] = fmax(top[1], u[0][o]);
          top[2] = fmax(top[2], -u[0][o]);
        }
  for (int m = 0; m < NV; m++) PetscCall(VecRestoreArrayRead(S->v[m], &u[m]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 8, MPI_LONG_DOUBLE, MPI_SUM, S->g->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, top, 3, MPI_DOUBLE, MPI_MAX, S->g->comm));
  x[M_NORM1] = x[M_BOTH1] = scale[M_NORM1] = scale[M_BOTH1] = (double)sum[0];
  x[M_NORM2] = x[M_FROBENIUS] = x[M_BOTH2] = scale[M_NORM2] = scale[M_FROBENIUS] = scale[M_BOTH2] = (double)sqrtl(sum[1]);
  x[M_NORMINF] = top[0], x[M_MAX] = top[1], x[M_MIN] = -top[2];
  scale[M_NORMINF] = scale[M_MAX] = scale[M_MIN] = 0;
  x[M_DOT] = x[M_TDOT] = x[M_MDOT1] = x[M_MTDOT1] = (double)sum[2];
  scale[M_DOT] = scale[M_TDOT] = scale[M_MDOT1] = scale[M_MTDOT1] = (double)sum[5];
  x[M_MDOT0] = (double)sum[1], x[M_MDOT2] = (double)sum[3];
  x[M_SUM] = (double)sum[7], scale[M_SUM] = (double)sum[0];
  x[M_DN_DOT] = x[M_DOT], scale[M_DN_DOT] = scale[M_DOT];
  x[M_DN_NORM] = scale[M_DN_NORM] = (double)sum[1];
  scale[M_MDOT0] = (double)sum[4], scale[M_MDOT2] = (double)sum[6];
  PetscFunctionReturn(0);
}

static PetscErrorCode TestMeasures(State *D, State *S)
{
  /* a row of 13 is summed in 8 lanes: a term is rounded as a product, once in its lane, three times in the fold, and
     once with the exact sum of the rows: 6 roundings of half an epsilon; 2 more for the plain sum's own end, the root */
  const double eps = 8 * 0.5 * DBL_EPSILON;
  double       d[M_COUNT], s[M_COUNT], p[M_COUNT], scale[M_COUNT], before[M_COUNT];
  char         what[128];
  int          same = 1;
  double      *u;

  PetscFunctionBegin;
  PetscCall(Measure(D, d));
  PetscCall(Measure(S, s));
  PetscCall(Plain(D, p, scale));
  for (int m = 0; m < M_COUNT; m++) {
    snprintf(what, sizeof what, "%s is that of a loop over the interior", names[m]);
    TapNear(d[m], p[m], eps * scale[m], what);
    snprintf(what, sizeof what, "%s: the same bits as on one rank", names[m]);
    TapTrue(Same(d[m], s[m]), what);
  }
  /* a norm is kept with the Vec: once more with other ghosts and an interior changed and changed back */
  memcpy(before, d, sizeof d);
  PetscCall(Fill(D, 0, Value, -1e300));
  PetscCall(Measure(D, d));
  for (int m = 0; m < M_COUNT; m++) same = same && Same(d[m], before[m]);
  TapTrue(same, "other ghosts change none of them");
  /* a value larger than all others, on the last rank, must be seen by all */
  PetscCall(VecGetArray(D->v[0], &u));
  if (D->g->rank == D->g->size - 1) u[AeAt(D->L, NF - 1, D->L->nk - 1, D->L->nj - 1, D->L->nx - 1)] = -1e6;
  PetscCall(VecRestoreArray(D->v[0], &u));
  PetscCall(Measure(D, d));
  TapTrue(Same(d[M_NORMINF], 1e6) && Same(d[M_MIN], -1e6) && Same(d[M_MAX], before[M_MAX]),
          "a value in the last cell is the largest");
  same = 0;
  for (int m = 0; m < M_COUNT; m++) same += Same(d[m], before[m]);
  TapNear(same, 1, 0, "and every measure but VecMax feels it");
  PetscCall(Fill(D, 0, Value, 1e300));
  PetscFunctionReturn(0);
}

/* Mid-row and last cells NaN or infinite: norms tell. */
static PetscErrorCode TestNaN(State *D)
{
  double *u, one, two, max, min, inf;

  PetscFunctionBegin;
  PetscCall(VecGetArray(D->v[0], &u));
  if (D->g->rank == D->g->size - 1) u[AeAt(D->L, 1, 0, D->L->nj - 1, 4)] = NAN;
  PetscCall(VecRestoreArray(D->v[0], &u));
  PetscCall(VecNorm(D->v[0], NORM_1, &one));
  PetscCall(VecNorm(D->v[0], NORM_2, &two));
  PetscCall(VecNorm(D->v[0], NORM_INFINITY, &inf));
  PetscCall(VecMax(D->v[0], NULL, &max));
  PetscCall(VecMin(D->v[0], NULL, &min));
  TapTrue(isnan(one) && isnan(two) && isnan(inf) && isnan(max) && isnan(min),
          "a NaN in the interior makes norms and extrema NaN");
  PetscCall(Fill(D, 0, Value, NAN));
  PetscCall(VecNorm(D->v[0], NORM_1, &one));
  PetscCall(VecNorm(D->v[0], NORM_2, &two));
  PetscCall(VecNorm(D->v[0], NORM_INFINITY, &inf));
  PetscCall(VecMax(D->v[0], NULL, &max));
  PetscCall(VecMin(D->v[0], NULL, &min));
  TapTrue(isfinite(one) && isfinite(two) && isfinite(inf) && isfinite(max) && isfinite(min), "NaN in all ghosts and gaps do not");
  PetscCall(Fill(D, 0, Value, 1e300));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestView(State *D)
{
  PetscViewer viewer;
  char       *text = NULL;
  size_t      len  = 0;
  FILE       *f    = NULL;
  int         good = 1;

  PetscFunctionBegin;
  if (!D->g->rank) f = open_memstream(&text, &len);
  PetscCall(PetscViewerASCIIOpenWithFILE(PETSC_COMM_WORLD, f, &viewer));
  PetscCall(VecView(D->v[0], viewer));
  PetscCall(PetscViewerDestroy(&viewer));
  if (!D->g->rank) {
    fclose(f);
    /* a summary: no value of the array, least of all a ghost's */
    good = strstr(text, "3 fields") && strstr(text, "13 x 5 x 7") && !strstr(text, "e+300") && len < 400;
    free(text);
  }
  TapTrue(good, "VecView says what the state is, without ghosts");
  PetscFunctionReturn(0);
}

/* ---- what combines ---------------------------------------------------------------------------------- */

static int    op; /* the operation that Want() is about */
static double Want(int m, PetscInt f, PetscInt i, PetscInt j, PetscInt k)
{
  const double x = Small(0, f, i, j, k), y = Small(1, f, i, j, k), z = Small(2, f, i, j, k);

  (void)m;
  switch (op) {
  case 0:
    return x + 3 * y;
  case 1:
    return 3 * x + y;
  case 2:
    return 2 * y - 5 * x;
  case 3:
    return 4 * y + z;
  case 4:
    return x + 2 * y - 3 * z;
  case 5:
    return -7 * x;
  case 6:
    return y;
  case 7:
    return 6;
  case 8:
    return 2 * x - y + 5 * z;
  case 9:
    return 0;
  default:
    return x * y;
  }
}

static PetscErrorCode TestCombine(State *D)
{
  static const char *const what[] = {"VecAXPY", "VecAYPX", "VecAXPBY",    "VecWAXPY",       "VecMAXPY",        "VecScale",
                                     "VecCopy", "VecSet",  "VecAXPBYPCZ", "VecZeroEntries", "VecPointwiseMult"};
  Vec                     *v      = D->v;

  PetscFunctionBegin;
  for (op = 0; op <= 10; op++) {
    for (int m = 0; m < NV; m++) PetscCall(Fill(D, m, Small, 0));
    switch (op) {
    case 0:
      PetscCall(VecAXPY(v[0], 3, v[1]));
      break;
    case 1:
      PetscCall(VecAYPX(v[0], 3, v[1]));
      break;
    case 2:
      PetscCall(VecAXPBY(v[0], 2, -5, v[1]));
      break;
    case 3:
      PetscCall(VecWAXPY(v[0], 4, v[1], v[2]));
      break;
    case 4:
      PetscCall(VecMAXPY(v[0], 2, (PetscScalar[]){2, -3}, v + 1));
      break;
    case 5:
      PetscCall(VecScale(v[0], -7));
      break;
    case 6:
      PetscCall(VecCopy(v[1], v[0]));
      break;
    case 7:
      PetscCall(VecSet(v[0], 6));
      break;
    case 8:
      PetscCall(VecAXPBYPCZ(v[0], -1, 5, 2, v[1], v[2]));
      break;
    case 9:
      PetscCall(VecZeroEntries(v[0]));
      break;
    default:
      PetscCall(VecPointwiseMult(v[0], v[0], v[1]));
      break;
    }
    TapBelow((double)Differ(D, 0, Want), 0, what[op]);
  }
  op = 0;
  TapAbove((double)Differ(D, 0, Want), 1, "another result is noticed");
  for (int m = 0; m < NV; m++) PetscCall(Fill(D, m, Value, 1e300));
  PetscFunctionReturn(0);
}

/* ---- identity, swap --------------------------------------------------------------------------------- */

static PetscErrorCode TestIdentity(State *D)
{
  Vec      copy;
  VecType  a, b;
  AeFields F;
  DM       dm, mine;
  PetscInt n, m;
  double   x, y, *u;

  PetscFunctionBegin;
  PetscCall(VecDuplicate(D->v[0], &copy));
  PetscCall(VecGetType(D->v[0], &a));
  PetscCall(VecGetType(copy, &b));
  TapTrue(!strcmp(a, b), "a duplicate has the same type");
  PetscCall(AeFieldsFromVec(copy, &F));
  PetscCall(VecGetDM(copy, &dm));
  PetscCall(AeFieldsGetDM(D->F, &mine));
  TapTrue(F == D->F && dm == mine, "and belongs to the same fields and DM");
  PetscCall(VecGetSize(D->v[0], &n));
  PetscCall(VecGetSize(copy, &m));
  TapNear((double)m, (double)n, 0, "and has the same size");
  PetscCall(VecCopy(D->v[0], copy));
  PetscCall(VecNorm(D->v[0], NORM_2, &x));
  PetscCall(VecGetArray(copy, &u)); /* forget the norm copied along */
  PetscCall(VecRestoreArray(copy, &u));
  PetscCall(VecNorm(copy, NORM_2, &y));
  TapTrue(Same(x, y), "a copy has the same norm, bit for bit");
  PetscCall(VecDestroy(&copy));
  PetscFunctionReturn(0);
}

/* Data of v[0] and v[1] exchanged. */
static double Swapped(int m, PetscInt f, PetscInt i, PetscInt j, PetscInt k) { return Value(m < 2 ? 1 - m : m, f, i, j, k); }

static PetscErrorCode Array(Vec v, const double **p)
{
  const double *a;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(v, &a));
  *p = a;
  PetscCall(VecRestoreArrayRead(v, &a));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestSwap(State *D)
{
  const double *p[2], *q[2];
  double        norm[2], after[2], w;
  PetscObjectId id[2], now[2];
  Vec           keep;

  PetscFunctionBegin;
  for (int m = 0; m < 2; m++) {
    PetscCall(VecNorm(D->v[m], NORM_2, &norm[m])); /* kept with the Vec: the swap must not leave it there */
    PetscCall(Array(D->v[m], &p[m]));
    PetscCall(PetscObjectGetId((PetscObject)D->v[m], &id[m]));
  }
  PetscCall(AeVecSwap(D->v[0], D->v[1]));
  for (int m = 0; m < 2; m++) {
    PetscCall(Array(D->v[m], &q[m]));
    PetscCall(PetscObjectGetId((PetscObject)D->v[m], &now[m]));
    PetscCall(VecNorm(D->v[m], NORM_2, &after[m]));
  }
  TapTrue(p[0] != p[1] && q[0] == p[1] && q[1] == p[0], "a swap exchanges the pointers to the arrays: nothing is copied");
  TapTrue(now[0] == id[0] && now[1] == id[1], "both stay the Vecs they were");
  TapTrue(!Same(norm[0], norm[1]) && Same(after[0], norm[1]) && Same(after[1], norm[0]), "norms go with the data");
  TapBelow((double)(Differ(D, 0, Swapped) + Differ(D, 1, Swapped)), 0, "and so does every value");
  TapAbove((double)Differ(D, 0, Value), 1, "unswapped data would be noticed");
  /* whose storage dies with whom: the survivor's is its own */
  PetscCall(VecDuplicate(D->v[0], &keep));
  PetscCall(VecSet(keep, 1));
  PetscCall(AeVecSwap(keep, D->v[0]));
  PetscCall(VecDestroy(&keep)); /* takes v[0]'s old array along */
  PetscCall(VecMax(D->v[0], NULL, &w));
  TapTrue(Same(w, 1), "after a swap either can be destroyed");
  for (int m = 0; m < 2; m++) PetscCall(Fill(D, m, Value, 1e300));
  PetscFunctionReturn(0);
}

/* ---- hash and search -------------------------------------------------------------------------------- */

/* Flips one bit of a value given by global indices, on its owner. */
static PetscErrorCode Flip(State *S, PetscInt f, PetscInt i, PetscInt j, PetscInt k, int bit)
{
  double  *u;
  uint64_t b;

  PetscFunctionBegin;
  PetscCall(VecGetArray(S->v[0], &u));
  if (AeGridRowOwner(S->g, j, k) == S->g->rank) {
    double *x = u + AeAt(S->L, f, k - S->g->ks, j - S->g->js, i);

    memcpy(&b, x, sizeof b);
    b ^= (uint64_t)1 << bit;
    memcpy(x, &b, sizeof b);
  }
  PetscCall(VecRestoreArray(S->v[0], &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestHash(State *D, State *S)
{
  char first[65], hex[65], self[65];
  int  noticed = 0, back = 0, agree = 0, tries = 0;

  PetscFunctionBegin;
  PetscCall(AeFieldsHash(D->F, D->v[0], first));
  PetscCall(AeFieldsHash(S->F, S->v[0], self));
  TapTrue(strlen(first) == 64 && strspn(first, "0123456789abcdef") == 64, "the hash is 64 hex digits");
  TapTrue(!strcmp(first, self), "the hash is that of one rank");
  for (PetscInt k = 0; k < N[2]; k += 3)
    for (PetscInt j = 0; j < N[1]; j += 2)
      for (PetscInt f = 0; f < NF; f++, tries++) {
        const PetscInt i = (3 * tries) % N[0];
        const int      b = (11 * tries) % 64;

        PetscCall(Flip(D, f, i, j, k, b));
        PetscCall(Flip(S, f, i, j, k, b));
        PetscCall(AeFieldsHash(D->F, D->v[0], hex));
        PetscCall(AeFieldsHash(S->F, S->v[0], self));
        noticed += strcmp(hex, first) != 0;
        agree += !strcmp(hex, self);
        PetscCall(Flip(D, f, i, j, k, b));
        PetscCall(Flip(S, f, i, j, k, b));
        PetscCall(AeFieldsHash(D->F, D->v[0], hex));
        back += !strcmp(hex, first);
      }
  TapNear(noticed, tries, 0, "one bit of one value changes it");
  TapNear(agree, tries, 0, "to that of one rank");
  TapNear(back, tries, 0, "and turning it back restores it");
  PetscCall(AeFieldsHash(D->F, D->v[1], hex));
  TapTrue(strcmp(hex, first), "other data have another hash");
  PetscCall(Fill(D, 0, Value, -7));
  PetscCall(AeFieldsHash(D->F, D->v[0], hex));
  TapTrue(!strcmp(hex, first), "ghosts do not change it");
  PetscCall(AeFieldsFillGhosts(D->F, D->v[0], 0));
  PetscCall(AeFieldsHash(D->F, D->v[0], hex));
  TapTrue(!strcmp(hex, first), "nor does filling them");
  PetscCall(Fill(D, 0, Value, 1e300));
  PetscFunctionReturn(0);
}

static PetscErrorCode Put(State *S, PetscInt f, PetscInt i, PetscInt j, PetscInt k, double x)
{
  double *u;

  PetscFunctionBegin;
  PetscCall(VecGetArray(S->v[0], &u));
  if (AeGridRowOwner(S->g, j, k) == S->g->rank) u[AeAt(S->L, f, k - S->g->ks, j - S->g->js, i)] = x;
  PetscCall(VecRestoreArray(S->v[0], &u));
  PetscFunctionReturn(0);
}

/* What is found, as one number: field, i, j, k in decimal places; -1 if nothing is. */
static PetscErrorCode Search(State *S, double *code, double *off)
{
  PetscInt  f, ijk[3];
  PetscReal x[3];

  PetscFunctionBegin;
  PetscCall(AeFieldsFindNonFinite(S->F, S->v[0], &f, ijk, x));
  *code = f < 0 ? -1 : (double)(((f * 100 + ijk[0]) * 100 + ijk[1]) * 100 + ijk[2]);
  *off  = 0;
  if (f >= 0)
    for (int d = 0; d < 3; d++) *off += fabs(x[d] - (S->g->lo[d] + (0.5 + (double)ijk[d]) * S->g->h));
  PetscFunctionReturn(0);
}

static PetscErrorCode TestSearch(State *D)
{
  /* put one after the other, each before all earlier ones in the order k, j, i, field (slowest first) */
  static const struct {
    PetscInt    f, i, j, k;
    double      x;
    const char *what;
  } T[] = {
    {2, 12, 4, 6, NAN, "a NaN in the very last cell"},
    {1, 12, 4, 6, INFINITY, "an infinity in an earlier field of the cell comes first"},
    {2, 3, 4, 6, -INFINITY, "an earlier cell of the row, though in a later field"},
    {0, 12, 1, 6, NAN, "an earlier row, though further along it"},
    {0, 11, 3, 3, NAN, "an earlier plane, though in a later row"},
    {2, 0, 0, 1, NAN, "another rank's plane"},
    {2, 1, 0, 0, -NAN, "the first row"},
    {0, 0, 0, 0, NAN, "the very first value"},
  };
  double code, off;

  PetscFunctionBegin;
  PetscCall(Fill(D, 0, Value, NAN));
  PetscCall(Search(D, &code, &off));
  TapNear(code, -1, 0, "NaN in ghosts and gaps are none of the state's");
  for (size_t c = 0; c < PETSC_STATIC_ARRAY_LENGTH(T); c++) {
    PetscCall(Put(D, T[c].f, T[c].i, T[c].j, T[c].k, T[c].x));
    PetscCall(Search(D, &code, &off));
    TapNear(code, (double)(((T[c].f * 100 + T[c].i) * 100 + T[c].j) * 100 + T[c].k), 0, T[c].what);
    /* coordinates of order 1, two roundings each */
    TapBelow(off, 6 * DBL_EPSILON, "and its place");
  }
  PetscCall(Fill(D, 0, Value, 1e300));
  PetscCall(Put(D, 1, 5, 2, 2, DBL_MAX));
  PetscCall(Search(D, &code, &off));
  TapNear(code, -1, 0, "the largest double is finite");
  PetscCall(Fill(D, 0, Value, 1e300));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  State D, S;
  int   status;

  PetscCall(AeonicInitialize(&argc, &argv, "state Vecs\n"));
  PetscCall(Create(PETSC_COMM_WORLD, 1e300, &D));
  PetscCall(Create(PETSC_COMM_SELF, -3e299, &S));
  TapTrue(AeFieldsFind(D.F, "c") == 2 && AeFieldsFind(D.F, "d") == -1, "fields are found by name");
  PetscCall(TestMeasures(&D, &S));
  PetscCall(TestNaN(&D));
  PetscCall(TestView(&D));
  PetscCall(TestCombine(&D));
  PetscCall(TestIdentity(&D));
  PetscCall(TestSwap(&D));
  PetscCall(TestHash(&D, &S));
  PetscCall(TestSearch(&D));
  PetscCall(Destroy(&D));
  PetscCall(Destroy(&S));
  status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
