/*
  The forms of an output: which cells of a box each one has, and how its files are called.
*/
#include "io_private.h"

const AeOutForm AeOutForms[AE_OUT_FORMS] = {
  {AE_OUT_KUIBIT, 7, ".xyz.h5"},
  {AE_OUT_VTKHDF, 7, "fields.vtkhdf"},
  {AE_OUT_XDMF, 7, "fields.xdmf.h5"},
  {AE_OUT_XY, 3, ".xy.h5"},
  {AE_OUT_XZ, 5, ".xz.h5"},
  {AE_OUT_YZ, 6, ".yz.h5"},
  {AE_OUT_X, 1, ".x.h5"},
  {AE_OUT_Y, 2, ".y.h5"},
  {AE_OUT_Z, 4, ".z.h5"},
};

PetscBool AeOutAlong(unsigned form, PetscInt d)
{
  for (int i = 0; i < AE_OUT_FORMS; i++)
    if (AeOutForms[i].form == form) return (PetscBool)((AeOutForms[i].along >> d) & 1);
  return PETSC_FALSE;
}

PetscInt AeOutLayer(AeGrid g, PetscInt d) { return g->bc[d][0] == AE_BC_REFLECTING && g->lo[d] == 0.0 ? 0 : g->n[d] / 2; }

void AeOutCells(unsigned form, AeGrid g, PetscInt start[3], PetscInt count[3])
{
  for (int d = 0; d < 3; d++) {
    const PetscBool along = AeOutAlong(form, d);

    start[d] = along ? 0 : AeOutLayer(g, d);
    count[d] = along ? g->n[d] : 1;
  }
}
