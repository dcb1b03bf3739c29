/*
  The fields of a state: names, parities, what they are at infinity and how fast they get there.
*/
#include "gr_private.h"

/* Six fields of a symmetric tensor, or three of a vector, from place f on. */
static void NameTensor(AeFieldInfo info[], int f, const char *const names[6], PetscReal diagonal)
{
  for (int ab = 0; ab < 6; ab++) {
    info[f + ab] = (AeFieldInfo){names[ab], {1, 1, 1}, AeSymA[ab] == AeSymB[ab] ? diagonal : 0.0, 1.0};
    info[f + ab].parity[AeSymA[ab]] *= -1;
    info[f + ab].parity[AeSymB[ab]] *= -1;
  }
}

static void NameVector(AeFieldInfo info[], int f, const char *const names[3])
{
  for (int a = 0; a < 3; a++) {
    info[f + a]           = (AeFieldInfo){names[a], {1, 1, 1}, 0.0, 1.0};
    info[f + a].parity[a] = -1;
  }
}

PetscErrorCode AeGRCreateFields(AeGR gr, AeGrid grid, AeFields *fields)
{
  static const char *const g[6] = {"g_xx", "g_xy", "g_xz", "g_yy", "g_yz", "g_zz"}, *const K[6] = {"K_xx", "K_xy", "K_xz",
                                                                                                   "K_yy", "K_yz", "K_zz"};
  static const char *const gt[6] = {"gt_xx", "gt_xy", "gt_xz", "gt_yy", "gt_yz", "gt_zz"}, *const At[6] = {"At_xx", "At_xy",
                                                                                                           "At_xz", "At_yy",
                                                                                                           "At_yz", "At_zz"};
  static const char *const shift[3] = {"shift_x", "shift_y", "shift_z"}, *const Gam[3] = {"Gamt_x", "Gamt_y", "Gamt_z"},
                           *const B[3]                = {"B_x", "B_y", "B_z"};
  const Z4Fields                 *at                  = &gr->at;
  AeFieldInfo                     info[Z4_FIELDS_MAX] = {{0}};
#define SCALAR(place, name, limit, speed) \
  if ((place) >= 0) info[place] = (AeFieldInfo){name, {1, 1, 1}, limit, speed}

  PetscFunctionBegin;
  SCALAR(at->chi, gr->params.use_w ? "W" : "chi", 1.0, 1.0);
  NameTensor(info, at->metric, gr->conformal ? gt : g, 1.0);
  SCALAR(at->K, gr->form == Z4_FORM_z4c ? "Khat" : "K", 0.0, 1.0);
  NameTensor(info, at->curv, gr->conformal ? At : K, 0.0);
  if (at->Gam >= 0) NameVector(info, at->Gam, Gam);
  SCALAR(at->lapse, "lapse", 1.0, PetscSqrtReal(gr->lapse->speed2));
  NameVector(info, at->shift, shift);
  SCALAR(at->Theta, "Theta", 0.0, 1.0);
  if (at->B >= 0) NameVector(info, at->B, B);
  SCALAR(at->phi, "phi", 0.0, 1.0);
  SCALAR(at->Pi, "Pi", 0.0, 1.0);
#undef SCALAR
  PetscCall(AeFieldsCreate(grid, at->count, info, fields));
  PetscFunctionReturn(0);
}
