/*
  Filling a state, whatever its variables, from a metric known cell by cell.
*/
#include "initial_private.h"

/* Names of what AeMetricConformal gives, in its order. */
static const char *const conformal[AE_INITIAL_NV] = {
  "chi",   "gt_xx", "gt_xy",  "gt_xz",  "gt_yy",  "gt_yz", "gt_zz",   "K",       "At_xx",   "At_xy", "At_xz", "At_yy",
  "At_yz", "At_zz", "Gamt_x", "Gamt_y", "Gamt_z", "lapse", "shift_x", "shift_y", "shift_z", "phi",   "Pi"};
static const char *const components[6] = {"xx", "xy", "xz", "yy", "yz", "zz"};

/* Where a field's value comes from: an index of AeMetricConformal, or beyond it W, g_ab, K_ab; -1: zero. */
enum { FROM_W = AE_INITIAL_NV, FROM_G, FROM_K = FROM_G + 6, FROM_NOTHING = -1 };

static int Source(const char name[])
{
  for (int v = 0; v < AE_INITIAL_NV; v++)
    if (!strcmp(name, conformal[v])) return v;
  if (!strcmp(name, "W")) return FROM_W;
  if (!strcmp(name, "Khat")) return 7; /* Theta is zero */
  for (int ab = 0; ab < 6; ab++)
    if ((name[0] == 'g' || name[0] == 'K') && name[1] == '_' && !strcmp(name + 2, components[ab]))
      return (name[0] == 'g' ? FROM_G : FROM_K) + ab;
  return FROM_NOTHING;
}

PetscErrorCode AeFillFromMetric(AeFields fields, Vec U, AeCellMetric metric, void *ctx)
{
  AeGrid             g;
  const AeLayout    *L;
  const AeFieldInfo *info;
  int                source[64];
  double            *to;

  PetscFunctionBegin;
  PetscCall(AeFieldsGetInfo(fields, &g, &L, &info));
  for (ptrdiff_t f = 0; f < L->nf; f++) source[f] = Source(info[f].name);
  PetscCall(VecGetArray(U, &to));
  for (PetscInt k = 0; k < g->nk; k++)
    for (PetscInt j = 0; j < g->nj; j++)
      for (PetscInt i = 0; i < g->n[0]; i++) {
        const PetscReal x[3] = {AeGridX(g, 0, i), AeGridX(g, 1, g->js + j), AeGridX(g, 2, g->ks + k)};
        AeMetric        m    = {.alpha = DConst(1.0)};
        AeAdm           adm;
        double          v[AE_INITIAL_NV];

        (*metric)(ctx, (k * g->nj + j) * g->n[0] + i, x, &m);
        AeMetricAdm(&m, &adm);
        AeMetricConformal(&m, v);
        for (ptrdiff_t f = 0; f < L->nf; f++) {
          const int s             = source[f];
          to[AeAt(L, f, k, j, i)] = s == FROM_NOTHING   ? 0.0
                                    : s < AE_INITIAL_NV ? v[s]
                                    : s == FROM_W       ? sqrt(v[0])
                                    : s < FROM_K        ? adm.g[s - FROM_G]
                                                        : adm.K[s - FROM_K];
        }
      }
  PetscCall(VecRestoreArray(U, &to));
  PetscFunctionReturn(0);
}
