/*
  Writing a checkpoint. Rank 0 has the file; a failure there does not keep the others from handing over their rows, and
  what became of it is everyone's at the end.
*/
#include "checkpoint_private.h"

static AE_EVENT(OutputEvent, "AeOutput");

static void Group(AeSealed *S, const char name[])
{
  const hid_t group = S->file < 0 || (S->why[0] && !S->parallel)
                        ? -1
                        : AeH5Try(S->why, H5Gcreate2(S->file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));

  if (group >= 0) H5Gclose(group);
}

/* Collective, whatever has happened to the file. */
static PetscErrorCode WriteField(AeSealed *S, CkPieces *P, const double *u, ptrdiff_t f)
{
  const hsize_t            n[3] = {(hsize_t)P->g->n[2], (hsize_t)P->g->n[1], (hsize_t)P->g->n[0]};
  char                     name[160];
  hid_t                    d = -1;
  unsigned char            digest[AE_DIGEST];
  crypto_generichash_state h;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(name, sizeof name, "%s/%s", P->group, P->info[f].name));
  if (!S->why[0]) d = AeH5Dataset(S->why, S->file, name, H5T_IEEE_F64LE, 3, n);
  crypto_generichash_init(&h, NULL, 0, AE_DIGEST);
  for (ptrdiff_t k = 0; k < P->g->n[2]; k += P->planes) {
    const ptrdiff_t end = PetscMin(k + P->planes, P->g->n[2]);

    PetscCall(CkGather(P, u, f, k, end));
    if (d >= 0 && !S->why[0]) CkMovePlanes(P, d, k, end, PETSC_TRUE, &h, S->why);
  }
  if (d >= 0) {
    crypto_generichash_final(&h, digest, AE_DIGEST);
    AeSealedSum(S, d, digest);
    H5Dclose(d);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode WriteBox(AeSealed *S, const AeCheckpointBox *box, PetscInt b)
{
  CkPieces      P;
  const double *u;

  PetscFunctionBegin;
  PetscCall(CkPiecesCreate(box->fields, b, &P));
  if (b == 1) Group(S, "/levels");
  Group(S, P.group);
  PetscCall(VecGetArrayRead(box->U, &u));
  for (ptrdiff_t f = 0; f < P.L->nf; f++) PetscCall(WriteField(S, &P, u, f));
  PetscCall(VecRestoreArrayRead(box->U, &u));
  PetscCall(CkPiecesDestroy(&P));
  PetscFunctionReturn(0);
}

/* Sizes are rank 0's, as the bytes are. */
PetscErrorCode AeCheckpointWriteParts(AeSealed *S, PetscInt nparts, const AeCheckpointPart part[])
{
  PetscFunctionBegin;
  Group(S, "/run");
  for (PetscInt p = 0; p < nparts; p++) {
    hsize_t n = part[p].size;
    char    name[160];

    PetscCallMPI(MPI_Bcast(&n, sizeof n, MPI_BYTE, 0, S->comm));
    PetscCall(PetscSNPrintf(name, sizeof name, "/run/%s", part[p].name));
    PetscCall(AeSealedWrite(S, name, H5T_STD_U8LE, 1, &n, part[p].data, NULL));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeCheckpointWrite(PetscInt nboxes, const AeCheckpointBox box[], const char folder[], PetscInt step,
                                 PetscInt nparts, const AeCheckpointPart part[], PetscInt64 *bytes, char why[], size_t len)
{
  uint64_t room = 65536;
  char     path[PETSC_MAX_PATH_LEN];
  AeGrid   g;
  AeSealed S;
  MPI_Comm comm;

  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(OutputEvent, box[0].U, 0, 0, 0));
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/%06" PetscInt_FMT ".h5", folder, step));
  PetscCall(AeFieldsGetInfo(box[0].fields, &g, NULL, NULL));
  comm = g->comm;
  for (PetscInt b = 0; b < nboxes; b++) {
    const AeLayout *L;

    PetscCall(AeFieldsGetInfo(box[b].fields, &g, &L, NULL));
    room += 8ull * (uint64_t)L->nf * (uint64_t)g->n[0] * (uint64_t)g->n[1] * (uint64_t)g->n[2];
  }
  for (PetscInt p = 0; p < nparts; p++) room += part[p].size;
  PetscCall(AeSealedBegin(comm, path, room, AE_SEALED_FOLDER, &S));
  PetscCall(AeCheckpointWriteParts(&S, nparts, part));
  PetscCall(AeSealedWrite(&S, "/run/format", H5T_STD_U8LE, 1, (hsize_t[]){strlen(CK_FORMAT)}, CK_FORMAT, NULL));
  for (PetscInt b = 0; b < nboxes; b++) PetscCall(WriteBox(&S, &box[b], b));
  PetscCall(AeSealedEnd(&S, bytes));
  PetscCall(PetscStrncpy(why, S.why, len));
  PetscCall(PetscLogEventEnd(OutputEvent, box[0].U, 0, 0, 0));
  PetscFunctionReturn(0);
}
