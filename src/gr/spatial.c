/*
  gamma_ij and K_ij in a state of any formulation.
*/
#include <aeonic/spatial.h>

static const char *const Sym[6] = {"xx", "xy", "xz", "yy", "yz", "zz"};

/* Six fields name_xx ... name_zz; false if any is missing. */
static PetscBool FindTensor(AeFields F, const char name[], PetscInt field[6])
{
  for (int ab = 0; ab < 6; ab++) {
    char full[16];

    (void)snprintf(full, sizeof full, "%s_%s", name, Sym[ab]);
    field[ab] = AeFieldsFind(F, full);
    if (field[ab] < 0) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

PetscErrorCode AeSpatialFind(AeFields F, AeSpatial *s)
{
  PetscInt chi, W, K, Khat, Theta;

  PetscFunctionBegin;
  *s = (AeSpatial){.nfields = 12};
  if (FindTensor(F, "g", s->field) && FindTensor(F, "K", s->field + 6)) PetscFunctionReturn(0);
  chi   = AeFieldsFind(F, "chi");
  W     = AeFieldsFind(F, "W");
  K     = AeFieldsFind(F, "K");
  Khat  = AeFieldsFind(F, "Khat");
  Theta = AeFieldsFind(F, "Theta");
  PetscCheck(FindTensor(F, "gt", s->field) && FindTensor(F, "At", s->field + 6) && PetscMax(chi, W) >= 0 &&
               (K >= 0 || (Khat >= 0 && Theta >= 0)),
             PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "These fields hold neither g_ij, K_ij nor chi, gt_ij, K, At_ij");
  s->conformal = PETSC_TRUE;
  s->use_w     = (PetscBool)(chi < 0);
  s->theta     = (PetscBool)(K < 0);
  s->field[12] = s->use_w ? W : chi;
  s->field[13] = s->theta ? Khat : K;
  s->field[14] = Theta;
  s->nfields   = s->theta ? 15 : 14;
  PetscFunctionReturn(0);
}

/* gamma_ij = gt_ij/chi, K_ij = (At_ij + gt_ij K/3)/chi, d gamma_ij = (d gt_ij - gt_ij d chi/chi)/chi; W: chi = W^2 */
void AeSpatialAtPoint(const AeSpatial *s, const double v[], const double dv[], double g[6], double K[6], double dg[3][6])
{
  double chi, trK, dchi[3];

  if (!s->conformal) {
    for (int ab = 0; ab < 6; ab++) {
      g[ab] = v[ab];
      K[ab] = v[6 + ab];
      for (int c = 0; c < 3 && dg; c++) dg[c][ab] = dv[3 * ab + c];
    }
    return;
  }
  chi = s->use_w ? v[12] * v[12] : v[12];
  trK = s->theta ? v[13] + 2.0 * v[14] : v[13];
  for (int c = 0; c < 3 && dg; c++) dchi[c] = s->use_w ? 2.0 * v[12] * dv[3 * 12 + c] : dv[3 * 12 + c];
  for (int ab = 0; ab < 6; ab++) {
    g[ab] = v[ab] / chi;
    K[ab] = (v[6 + ab] + v[ab] * trK / 3.0) / chi;
    for (int c = 0; c < 3 && dg; c++) dg[c][ab] = (dv[3 * ab + c] - g[ab] * dchi[c]) / chi;
  }
}
