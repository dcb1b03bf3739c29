/*
  The records that frame a run: what it was started with, where it continues, how it ended.
*/
#include "receipts_private.h"
#include <link.h>
#include <time.h>
#include <unistd.h>

enum { MAX_OPTIONS = 512, MAX_INPUTS = 64 };

/* The linker's build id of this program: the same text for the same bits. */
static int BuildId(struct dl_phdr_info *info, size_t size, void *ctx)
{
  char *hex = ctx;

  (void)size;
  for (int p = 0; p < info->dlpi_phnum; p++) {
    const ElfW(Phdr) *ph = &info->dlpi_phdr[p];
    const char *s = (const char *)(info->dlpi_addr + ph->p_vaddr), *end = s + ph->p_memsz;

    if (ph->p_type != PT_NOTE) continue;
    while (s + sizeof(ElfW(Nhdr)) <= end) {
      const ElfW(Nhdr) *note    = (const ElfW(Nhdr) *)s;
      const char          *name = s + sizeof *note;
      const unsigned char *desc = (const unsigned char *)name + ((note->n_namesz + 3) & ~3U);

      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "GNU", 4) && note->n_descsz <= 32) {
        for (unsigned i = 0; i < note->n_descsz; i++) snprintf(hex + 2 * i, 3, "%02x", desc[i]);
        return 1;
      }
      s = (const char *)desc + ((note->n_descsz + 3) & ~3U);
    }
  }
  return 1; /* the first object is the program */
}

static void Machine(char text[], size_t size)
{
  char  host[128] = "?", line[256], cpu[160] = "?";
  FILE *f = fopen("/proc/cpuinfo", "r");

  gethostname(host, sizeof host - 1);
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, "model name", 10) && strchr(line, ':')) {
      snprintf(cpu, sizeof cpu, "%.*s", (int)strcspn(strchr(line, ':') + 2, "\n"), strchr(line, ':') + 2);
      break;
    }
  if (f) fclose(f);
  snprintf(text, size, "%s; %s; %ld processors", host, cpu, sysconf(_SC_NPROCESSORS_ONLN));
}

/* "-name value" lines taken apart in place. */
static PetscInt SplitOptions(char *table, const char *names[], const char *values[])
{
  PetscInt n    = 0;
  char    *save = NULL;

  for (char *line = strtok_r(table, "\n", &save); line && n < MAX_OPTIONS; line = strtok_r(NULL, "\n", &save)) {
    char *value = strchr(line, ' ');

    if (value) *value++ = 0;
    names[n]    = line;
    values[n++] = value ? value : "";
  }
  return n;
}

/* Files given by -options_file on the command line (PETSc's database does not keep that option), and the caller's. */
static PetscErrorCode Digests(PetscInt ninputs, const char *const inputs[], PetscInt *n, const char *files[],
                              const char *hashes[], char room[][AE_RECEIPT_HEX])
{
  int    argc, i;
  char **argv;

  PetscFunctionBegin;
  *n = 0;
  PetscCall(PetscGetArgs(&argc, &argv));
  for (i = 1; i + 1 < argc && *n < MAX_INPUTS; i++)
    if (!strcasecmp(argv[i], "-options_file")) files[(*n)++] = argv[++i];
  for (i = 0; i < ninputs && *n < MAX_INPUTS; i++) files[(*n)++] = inputs[i];
  for (i = 0; i < *n; i++) {
    if (AeReceiptDigestFile(files[i], room[i])) strcpy(room[i], "unreadable");
    hashes[i] = room[i];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptRunOpen(AeReceipts r, const AeClockTime *now, const char command[], const char reproducible[],
                                PetscInt ninputs, const char *const inputs[])
{
  const char *names[MAX_OPTIONS], *values[MAX_OPTIONS], *files[MAX_INPUTS], *hashes[MAX_INPUTS];
  char room[MAX_INPUTS][AE_RECEIPT_HEX], petsc[256], mpi[MPI_MAX_LIBRARY_VERSION_STRING], build[80] = "", machine[512], when[32],
                                                                                          *table;
  PetscInt     n, m;
  int          length;
  PetscMPIInt  ranks;
  const time_t t = time(NULL);
  struct tm    utc;

  PetscFunctionBegin;
  PetscCall(AeOptionsTable(&table));
  n = SplitOptions(table, names, values);
  PetscCall(Digests(ninputs, inputs, &m, files, hashes, room));
  PetscCall(PetscGetVersion(petsc, sizeof petsc));
  if (*petsc && petsc[strlen(petsc) - 1] == ' ') petsc[strlen(petsc) - 1] = 0;
  PetscCallMPI(MPI_Get_library_version(mpi, &length));
  mpi[strcspn(mpi, ",\n")] = 0;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &ranks));
  (void)dl_iterate_phdr(BuildId, build);
  Machine(machine, sizeof machine);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &utc));
  PetscCall(AeReceiptBegin(r, AE_RUN_OPEN, 0, now));
  PetscCall(AeReceiptText(r, "format", AE_RECEIPTS_FORMAT));
  PetscCall(AeReceiptText(r, "command", command));
  PetscCall(AeReceiptText(r, "version", AEONIC_VERSION));
  PetscCall(AeReceiptText(r, "build", build));
  PetscCall(AeReceiptText(r, "compiler", __VERSION__));
  PetscCall(AeReceiptText(r, "petsc", petsc));
  PetscCall(AeReceiptText(r, "mpi", mpi));
  PetscCall(AeReceiptText(r, "machine", machine));
  PetscCall(AeReceiptInt(r, "ranks", ranks));
  PetscCall(AeReceiptText(r, "reproducible", reproducible));
  PetscCall(AeReceiptText(r, "started", when));
  PetscCall(AeReceiptMap(r, "options", n, names, values));
  PetscCall(AeReceiptMap(r, "inputs", m, files, hashes));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscCall(PetscFree(table));
  PetscCall(AeReceiptsFlush(r));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptRunClose(AeReceipts r, const AeClockTime *now, int status, const char reason[], const char state[])
{
  PetscFunctionBegin;
  PetscCall(AeReceiptBegin(r, AE_RUN_CLOSE, 0, now));
  PetscCall(AeReceiptInt(r, "exit", status));
  PetscCall(AeReceiptText(r, "reason", reason));
  PetscCall(AeReceiptInt(r, "n", now->n));
  PetscCall(AeReceiptReal(r, "t", now->t));
  PetscCall(AeReceiptHash(r, "hash", state));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscCall(AeReceiptsSync(r));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptRestart(AeReceipts r, const AeClockTime *now, const char file[], PetscInt64 checkpoint_seq,
                                const char hash[], const AeReceiptsTail *tail)
{
  PetscFunctionBegin;
  PetscCheck(!AeReceiptsWrites(r) || (checkpoint_seq >= 0 && checkpoint_seq <= tail->seq), PETSC_COMM_SELF, AE_ERR_USAGE,
             "%s: its place in the receipts is seq %" PetscInt64_FMT ", and they end at %" PetscInt64_FMT, file, checkpoint_seq,
             tail->seq);
  PetscCall(AeReceiptBegin(r, AE_RESTART, 0, now));
  PetscCall(AeReceiptText(r, "file", file));
  PetscCall(AeReceiptInt(r, "checkpoint_seq", checkpoint_seq));
  PetscCall(AeReceiptHash(r, "hash", hash));
  PetscCall(AeReceiptInt(r, "torn", tail->torn));
  PetscCall(AeReceiptEnd(r, NULL, 0.0));
  PetscFunctionReturn(0);
}

PetscErrorCode AeReceiptsHolds(MPI_Comm comm, const char path[], PetscInt64 seq, const char hash[], PetscBool *holds)
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  *holds = PETSC_FALSE;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank) {
    FILE  *f    = fopen(path, "re");
    char  *line = NULL, last[96];
    size_t room = 0;

    for (PetscInt64 n = 0; f && n <= seq; n++)
      if (getline(&line, &room, f) < 0) break;
      else if (n == seq) {
        const int length = snprintf(last, sizeof last, "\"hash\":\"%.64s\"}\n", hash);
        *holds           = (PetscBool)(strlen(line) > (size_t)length && !strcmp(line + strlen(line) - length, last));
      }
    free(line);
    if (f) fclose(f);
  }
  PetscCallMPI(MPI_Bcast(holds, 1, MPIU_BOOL, 0, comm));
  PetscFunctionReturn(0);
}
