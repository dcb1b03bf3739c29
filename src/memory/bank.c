/*
  What outlives a memory: the bank of tier 3 in HDF5, and a copy of everything for checkpoints.
*/
#include "memory_private.h"
#include <aeonic/sealed.h>
#include <sys/stat.h>

/* ---- checkpoints ---- */

#define PACK_MAGIC 0x324b43415045414dll /* "MAEPACK2" */

/* What every rank has the same of; the shares of other entries stand one after the other, behind their number and sizes. */
static PetscBool Alike(const MemEntry *e) { return (PetscBool)(!e->tile && e->local == e->bytes); }

PetscErrorCode AeMemoryPack(AeMemory m, void **data, size_t *size)
{
  PetscInt64  head[2] = {PACK_MAGIC, 0};
  char       *to      = NULL;
  PetscMPIInt ranks;
  int        *count, *first;

  PetscFunctionBegin;
  *size = 0;
  *data = NULL;
  PetscCallMPI(MPI_Comm_size(m->comm, &ranks));
  PetscCall(PetscMalloc2(ranks, &count, ranks, &first));
  for (int pass = 0; pass < 2; pass++) { /* sizes, then bytes */
    if (pass && !m->rank) {
      PetscCall(PetscMalloc1(*size, (char **)data));
      to = *data;
      memcpy(to, head, sizeof head);
      to += sizeof head;
    } else if (!pass) *size = sizeof head;
    for (PetscInt t = 1; t < AE_MEM_TIERS; t++)
      for (PetscInt i = 0; i < m->tier[t].n; i++) {
        const MemEntry *e     = &m->tier[t].e[i];
        const char     *share = m->tier[t].arena + e->at;
        const int       mine  = (int)e->local;
        size_t          n     = (size_t)e->local;

        if (!Alike(e)) {
          PetscCallMPI(MPI_Gather(&mine, 1, MPI_INT, count, 1, MPI_INT, 0, m->comm));
          n = sizeof(PetscInt64) * (1 + (size_t)ranks);
          for (int r = 0, at = 0; r < ranks && !m->rank; at += count[r++]) first[r] = at, n += (size_t)count[r];
        }
        if (!pass) {
          head[1]++;
          *size += sizeof *e + n;
          continue;
        }
        if (!m->rank) memcpy(to, e, sizeof *e);
        if (Alike(e)) {
          if (!m->rank) memcpy(to + sizeof *e, share, n);
        } else {
          char *at = m->rank ? NULL : to + sizeof *e;

          for (int r = -1; r < ranks && !m->rank; r++, at += sizeof(PetscInt64)) {
            const PetscInt64 number = r < 0 ? ranks : count[r];
            memcpy(at, &number, sizeof number);
          }
          PetscCallMPI(MPI_Gatherv(share, mine, MPI_BYTE, at, count, first, MPI_BYTE, 0, m->comm));
        }
        if (!m->rank) to += sizeof *e + n;
      }
  }
  PetscCall(PetscFree2(count, first));
  PetscFunctionReturn(0);
}

/* This rank's share of an entry that begins at `at`; NULL if there were other ranks. *n: bytes of all. */
static const char *Share(AeMemory m, MemEntry *e, const char *at, const char *end, PetscMPIInt ranks, size_t *n)
{
  PetscInt64  number, size;
  const char *sizes = at + sizeof number, *share;

  *n = 0;
  if (end - at < (ptrdiff_t)sizeof number) return NULL;
  memcpy(&number, at, sizeof number);
  if (number < 1 || (end - sizes) / (ptrdiff_t)sizeof size < number) return NULL;
  share = sizes + number * (ptrdiff_t)sizeof size;
  *n    = (size_t)(share - at);
  for (PetscInt64 r = 0; r < number; r++) {
    memcpy(&size, sizes + r * (ptrdiff_t)sizeof size, sizeof size);
    if (size < 0 || size > end - at - (ptrdiff_t)*n) {
      *n = 0;
      return NULL;
    }
    if (r == m->rank) {
      share    = at + *n;
      e->local = e->full_local = size;
    }
    *n += (size_t)size;
  }
  return number == ranks && !e->halved ? share : NULL; /* what a halved share was before is not known */
}

PetscErrorCode AeMemoryUnpack(AeMemory m, const void *data, size_t size)
{
  const char *at = data, *end = at + size;
  PetscInt64  head[2] = {0, 0};
  PetscMPIInt ranks;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_size(m->comm, &ranks));
  if (size >= sizeof head) memcpy(head, at, sizeof head);
  PetscCheck(head[0] == PACK_MAGIC, m->comm, AE_ERR_USAGE, "the checkpoint's memory is not of this format");
  for (at += sizeof head; head[1] > 0; head[1]--) {
    MemEntry    e;
    size_t      n;
    const char *share;

    PetscCheck(end - at >= (ptrdiff_t)sizeof e, m->comm, AE_ERR_USAGE, "the checkpoint's memory is cut short");
    memcpy(&e, at, sizeof e);
    at += sizeof e;
    PetscCheck(e.tier > 0 && e.tier < AE_MEM_TIERS && e.local >= 0 && memchr(e.key, 0, sizeof e.key), m->comm, AE_ERR_USAGE,
               "the checkpoint's memory is not of this format");
    if (Alike(&e)) {
      share = at;
      n     = (size_t)e.local;
    } else {
      share = Share(m, &e, at, end, ranks, &n);
      PetscCheck(n, m->comm, AE_ERR_USAGE, "the checkpoint's memory is cut short");
    }
    PetscCheck(end - at >= (ptrdiff_t)n, m->comm, AE_ERR_USAGE, "the checkpoint's memory is cut short");
    if (share) PetscCall(MemRestore(m, &e, share));
    at += n;
  }
  PetscFunctionReturn(0);
}

/* ---- the bank ---- */

/* What a bank belongs to beside the resolution. */
static void Machine(char text[], size_t len)
{
  FILE *f = fopen("/proc/cpuinfo", "r");
  char  line[512];

  snprintf(text, len, "unknown");
  while (f && fgets(line, sizeof line, f)) {
    char *colon = strchr(line, ':');

    if (strncmp(line, "model name", 10) || !colon) continue;
    line[strcspn(line, "\n")] = 0;
    snprintf(text, len, "%s", colon + 2);
    break;
  }
  if (f) fclose(f);
}

enum { WHAT = 3, TEXT = 256 };
static const char *const WhatNames[WHAT] = {"machine", "build", "resolution"};

static void What(const char resolution[], char text[WHAT][TEXT])
{
  Machine(text[0], TEXT);
  snprintf(text[1], TEXT, "aeonic %s, compiler %s", AEONIC_VERSION, __VERSION__);
  snprintf(text[2], TEXT, "%s", resolution);
}

/* Of an attribute that was written with AeH5Text. */
static PetscBool ReadText(hid_t where, const char name[], char text[], size_t len)
{
  const hid_t a = H5Aopen(where, name, H5P_DEFAULT), type = a < 0 ? -1 : H5Aget_type(a);
  PetscBool   good =
    (PetscBool)(type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) <= 0 && H5Tget_size(type) <= len);

  text[0] = 0;
  if (good && H5Aread(a, type, text) < 0) good = PETSC_FALSE;
  text[len - 1] = 0;
  if (type >= 0) H5Tclose(type);
  if (a >= 0) H5Aclose(a);
  return good;
}

static PetscErrorCode WriteEntry(AeSealed *S, const MemEntry *e, const char data[], PetscInt number)
{
  const hsize_t n    = (hsize_t)e->local;
  const double  x[3] = {e->cost, e->risk, (double)e->reuse};
  char          name[32];
  hid_t         d;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(name, sizeof name, "entry%03" PetscInt_FMT, number));
  PetscCall(AeSealedWrite(S, name, H5T_STD_U8LE, 1, &n, data, &d));
  if (d < 0) PetscFunctionReturn(0);
  AeH5Text(S->why, d, "key", e->key);
  AeH5Attribute(S->why, d, "cost_risk_reuse", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 3, x);
  H5Dclose(d);
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryBankSave(AeMemory m, const char path[], const char resolution[])
{
  const MemTier *T = &m->tier[3];
  char           text[WHAT][TEXT];
  uint64_t       room = 4096 + 1024 * (uint64_t)T->n; /* HDF5's own parts, about */
  AeSealed       S;

  PetscFunctionBegin;
  What(resolution, text);
  for (PetscInt i = 0; i < T->n; i++) room += (uint64_t)T->e[i].local;
  PetscCall(AeSealedBegin(m->comm, path, room, 0, &S));
  for (int w = 0; w < WHAT; w++) AeH5Text(S.why, S.file, WhatNames[w], text[w]);
  for (PetscInt i = 0; i < T->n; i++)
    if (Alike(&T->e[i])) PetscCall(WriteEntry(&S, &T->e[i], T->arena + T->e[i].at, i));
  PetscCall(AeSealedEnd(&S, NULL));
  PetscCheck(!S.why[0], m->comm, AE_ERR_FILE, "-mem_bank %s: cannot be written: %s; an older one is as it was", path, S.why);
  PetscFunctionReturn(0);
}

/* An entry's dataset behind `pack`, with what is known of it before; false if it is damaged or there is no room for it. */
static PetscBool ReadEntry(hid_t d, char *pack, size_t room, size_t *size)
{
  MemEntry    e    = {.tier = 3, .taint_until = -1, .probation_until = -1};
  double      x[3] = {0};
  const hid_t a = H5Aopen(d, "cost_risk_reuse", H5P_DEFAULT), space = H5Dget_space(d);
  PetscBool   good = (PetscBool)(a >= 0 && H5Aread(a, H5T_NATIVE_DOUBLE, x) >= 0);

  if (a >= 0) H5Aclose(a);
  e.local = e.bytes = e.full_local = e.full_bytes = (PetscInt64)H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  if (!good || !ReadText(d, "key", e.key, sizeof e.key) || e.local < 0 || *size + sizeof e + (size_t)e.local > room)
    return PETSC_FALSE;
  e.cost  = x[0];
  e.risk  = x[1];
  e.reuse = (PetscInt64)x[2];
  memcpy(pack + *size, &e, sizeof e);
  *size += sizeof e + (size_t)e.local;
  return (PetscBool)(!e.local || H5Dread(d, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, pack + *size - e.local) >= 0);
}

/* Rank 0: the entries of the file packed like a checkpoint's, or why not. */
static void ReadBank(const char path[], const char resolution[], char *pack, size_t room, size_t *size, char why[])
{
  char        want[WHAT][TEXT], have[TEXT], name[32];
  const hid_t file    = AeH5Expect(why, H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), "it cannot be read, or is no bank");
  PetscInt64  head[2] = {PACK_MAGIC, 0};

  What(resolution, want);
  for (int w = 0; w < WHAT && !why[0]; w++)
    if (!ReadText(file, WhatNames[w], have, sizeof have)) AeReason(why, "it is no bank");
    else if (strcmp(have, want[w])) AeReason(why, "it belongs to another %s: %s, here it is %s", WhatNames[w], have, want[w]);
  *size = sizeof head;
  for (PetscInt i = 0; i < AE_MEM_ENTRIES && !why[0]; i++) {
    hid_t d;

    snprintf(name, sizeof name, "entry%03d", (int)i);
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0) continue;
    d = H5Dopen2(file, name, H5P_DEFAULT);
    if (d < 0 || !ReadEntry(d, pack, room, size)) AeReason(why, "it is damaged");
    if (d >= 0) H5Dclose(d);
    head[1]++;
  }
  memcpy(pack, head, sizeof head);
  if (file >= 0) H5Fclose(file);
}

PetscErrorCode AeMemoryBankLoad(AeMemory m, const char path[], const char resolution[], PetscBool *found)
{
  char        why[AE_REASON] = "", *pack = NULL;
  size_t      size = 0, room;
  PetscInt64  n[2] = {0, 0};
  struct stat st;
  AeH5Quiet   quiet;
  PetscBool   failed;

  PetscFunctionBegin;
  if (!m->rank && !stat(path, &st)) {
    room = sizeof(PetscInt64[2]) + AE_MEM_ENTRIES * sizeof(MemEntry) + (size_t)st.st_size;
    PetscCall(PetscMalloc1(room, &pack));
    AeSealedCheck(path, PETSC_FALSE, why);
    AeH5QuietBegin(&quiet);
    ReadBank(path, resolution, pack, room, &size, why);
    AeH5QuietEnd(&quiet);
    n[0] = 1;
    n[1] = (PetscInt64)size;
  }
  PetscCallMPI(MPI_Bcast(n, 2, MPIU_INT64, 0, m->comm));
  *found = (PetscBool)(n[0] != 0);
  PetscCall(AeAgree(m->comm, why, NULL, &failed));
  if (*found && !failed && m->rank) PetscCall(PetscMalloc1((size_t)n[1], &pack));
  if (pack && !failed) {
    PetscCallMPI(MPI_Bcast(pack, (PetscMPIInt)n[1], MPI_BYTE, 0, m->comm));
    PetscCall(AeMemoryUnpack(m, pack, (size_t)n[1]));
  }
  PetscCall(PetscFree(pack));
  PetscCheck(!failed, m->comm, AE_ERR_USAGE, "-mem_bank %s: %s", path, why);
  PetscFunctionReturn(0);
}
