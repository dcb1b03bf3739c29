/*
  What outlives a memory: the bank of tier 3 in HDF5, and a copy of everything for checkpoints.
*/
#include "memory_private.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

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

static int WriteText(hid_t where, const char name[], const char text[])
{
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  hid_t       a;
  int         bad;

  H5Tset_size(type, strlen(text) + 1);
  a   = H5Acreate2(where, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bad = a < 0 || H5Awrite(a, type, text) < 0;
  if (a >= 0) H5Aclose(a);
  H5Sclose(space);
  H5Tclose(type);
  return bad;
}

static int ReadText(hid_t where, const char name[], char text[], size_t len)
{
  const hid_t a = H5Aopen(where, name, H5P_DEFAULT), type = a < 0 ? -1 : H5Aget_type(a);
  int         bad = type < 0 || H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0 || H5Tget_size(type) > len;

  text[0] = 0;
  if (!bad) bad = H5Aread(a, type, text) < 0;
  text[len - 1] = 0;
  if (type >= 0) H5Tclose(type);
  if (a >= 0) H5Aclose(a);
  return bad;
}

static int Numbers(hid_t where, double x[3], int write)
{
  const hsize_t n     = 3;
  const hid_t   space = H5Screate_simple(1, &n, NULL),
              a       = write ? H5Acreate2(where, "cost_risk_reuse", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT)
                              : H5Aopen(where, "cost_risk_reuse", H5P_DEFAULT);
  const int bad       = a < 0 || (write ? H5Awrite(a, H5T_NATIVE_DOUBLE, x) : H5Aread(a, H5T_NATIVE_DOUBLE, x)) < 0;

  if (a >= 0) H5Aclose(a);
  H5Sclose(space);
  return bad;
}

static int WriteEntry(hid_t file, const MemEntry *e, const char data[], PetscInt number)
{
  const hsize_t n     = (hsize_t)e->local;
  const hid_t   space = n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_NULL);
  char          name[32];
  double        x[3] = {e->cost, e->risk, (double)e->reuse};
  hid_t         d;
  int           bad;

  snprintf(name, sizeof name, "entry%03d", (int)number);
  d   = H5Dcreate2(file, name, H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bad = d < 0 || (n && H5Dwrite(d, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) || WriteText(d, "key", e->key) ||
        Numbers(d, x, 1);
  if (d >= 0) H5Dclose(d);
  H5Sclose(space);
  return bad;
}

static int SyncFile(const char path[])
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC), bad = fd < 0 || fsync(fd);

  if (fd >= 0) close(fd);
  return bad;
}

PetscErrorCode AeMemoryBankSave(AeMemory m, const char path[], const char resolution[])
{
  const MemTier *T = &m->tier[3];
  char           tmp[PETSC_MAX_PATH_LEN + 8], text[WHAT][TEXT];
  H5E_auto2_t    print;
  void          *ctx;
  int            bad = 0;

  PetscFunctionBegin;
  if (!m->rank) {
    hid_t file;

    H5Eget_auto2(H5E_DEFAULT, &print, &ctx);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    snprintf(tmp, sizeof tmp, "%s.tmp", path);
    What(resolution, text);
    file = H5Fcreate(tmp, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    bad  = file < 0;
    for (int w = 0; w < WHAT && !bad; w++) bad = WriteText(file, WhatNames[w], text[w]);
    for (PetscInt i = 0; i < T->n && !bad; i++)
      if (Alike(&T->e[i])) bad = WriteEntry(file, &T->e[i], T->arena + T->e[i].at, i);
    if (file >= 0 && H5Fclose(file) < 0) bad = 1;
    if (bad || SyncFile(tmp) || rename(tmp, path)) {
      bad = 1;
      unlink(tmp);
    }
    H5Eset_auto2(H5E_DEFAULT, print, ctx);
  }
  PetscCallMPI(MPI_Bcast(&bad, 1, MPI_INT, 0, m->comm));
  PetscCheck(!bad, m->comm, AE_ERR_FILE, "-mem_bank %s: cannot be written; an older one is as it was", path);
  PetscFunctionReturn(0);
}

/* Rank 0: the entries of the file packed like a checkpoint's, or why not. */
static int ReadBank(AeMemory m, const char path[], const char resolution[], char **pack, size_t *size, char why[TEXT * 3])
{
  char        want[WHAT][TEXT], have[TEXT];
  const hid_t file    = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  int         bad     = file < 0;
  PetscInt64  head[2] = {PACK_MAGIC, 0};

  if (bad) snprintf(why, TEXT * 3, "cannot be read, or is no bank");
  What(resolution, want);
  for (int w = 0; w < WHAT && !bad; w++) {
    if (ReadText(file, WhatNames[w], have, sizeof have)) bad = snprintf(why, TEXT * 3, "is no bank");
    else if (strcmp(have, want[w]))
      bad = snprintf(why, TEXT * 3, "belongs to another %s: %s, here it is %s", WhatNames[w], have, want[w]);
  }
  *size = sizeof head;
  *pack = malloc(*size);
  for (PetscInt i = 0; i < AE_MEM_ENTRIES && !bad && *pack; i++) {
    char     name[32];
    MemEntry e = {.tier = 3, .taint_until = -1, .probation_until = -1};
    double   x[3];
    hid_t    d;

    snprintf(name, sizeof name, "entry%03d", (int)i);
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0) continue;
    d = H5Dopen2(file, name, H5P_DEFAULT);
    if (d >= 0) {
      const hid_t space = H5Dget_space(d);

      e.local = e.bytes = e.full_local = e.full_bytes = (PetscInt64)H5Sget_simple_extent_npoints(space);
      H5Sclose(space);
    }
    bad = d < 0 || e.local < 0 || e.local > m->tier[3].s.budget || ReadText(d, "key", e.key, sizeof e.key) || Numbers(d, x, 0) ||
          !(*pack = realloc(*pack, *size + sizeof e + (size_t)e.local));
    if (!bad) {
      e.cost  = x[0];
      e.risk  = x[1];
      e.reuse = (PetscInt64)x[2];
      memcpy(*pack + *size, &e, sizeof e);
      if (e.local) bad = H5Dread(d, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, *pack + *size + sizeof e) < 0;
      *size += sizeof e + (size_t)e.local;
      head[1]++;
    }
    if (bad) snprintf(why, TEXT * 3, "is damaged, or does not fit -mem_budget_tier3 %lld", (long long)m->tier[3].s.budget);
    if (d >= 0) H5Dclose(d);
  }
  if (*pack) memcpy(*pack, head, sizeof head);
  if (file >= 0) H5Fclose(file);
  return bad || !*pack;
}

PetscErrorCode AeMemoryBankLoad(AeMemory m, const char path[], const char resolution[], PetscBool *found)
{
  char        why[TEXT * 3] = "", *pack = NULL;
  size_t      size = 0;
  PetscInt64  n[2] = {0, 0};
  H5E_auto2_t print;
  void       *ctx;

  PetscFunctionBegin;
  if (!m->rank) {
    n[0] = access(path, F_OK) == 0;
    H5Eget_auto2(H5E_DEFAULT, &print, &ctx);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    if (n[0] && ReadBank(m, path, resolution, &pack, &size, why) && !why[0]) snprintf(why, sizeof why, "no memory to read it");
    H5Eset_auto2(H5E_DEFAULT, print, ctx);
    n[1] = (PetscInt64)size;
  }
  PetscCallMPI(MPI_Bcast(n, 2, MPIU_INT64, 0, m->comm));
  PetscCallMPI(MPI_Bcast(why, sizeof why, MPI_CHAR, 0, m->comm));
  *found = (PetscBool)(n[0] != 0);
  if (m->rank && !why[0] && *found)
    PetscCheck((pack = malloc((size_t)n[1])), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for the bank");
  if (pack && !why[0]) {
    PetscErrorCode ierr =
      MPI_Bcast(pack, (PetscMPIInt)n[1], MPI_BYTE, 0, m->comm) ? PETSC_ERR_MPI : AeMemoryUnpack(m, pack, (size_t)n[1]);

    free(pack);
    PetscFunctionReturn(ierr);
  }
  free(pack);
  PetscCheck(!why[0], m->comm, AE_ERR_USAGE, "-mem_bank %s: it %s", path, why);
  PetscFunctionReturn(0);
}
