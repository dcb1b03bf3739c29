/*
  FFTW's wisdom (its measured plans) in a file: FFTW's own text, so that its tools read it, followed by a line
  with a digest, since FFTW itself would take a plan with a damaged digit. Plans of single precision, if there are any, are a
  second text of FFTW's after the first.
*/
#include "spectral_private.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARK "; aeonic blake2b "

static const char *const Rigors[]     = {"estimate", "measure", "patient", "exhaustive"};
static const unsigned    RigorFlags[] = {FFTW_ESTIMATE, FFTW_MEASURE, FFTW_PATIENT, FFTW_EXHAUSTIVE};

static struct {
  PetscBool started;
  PetscInt  rigor;
  PetscBool single; /* there are plans of single precision */
  char      file[PETSC_MAX_PATH_LEN];
} wisdom = {.rigor = 1};

static void Digest(const char text[], size_t n, char hex[65])
{
  unsigned char hash[32];

  crypto_generichash(hash, sizeof hash, (const unsigned char *)text, n, NULL, 0);
  sodium_bin2hex(hex, 65, hash, sizeof hash);
}

/* Takes what lies before the mark if the digest is right, or a text without one (fftw-wisdom's). */
static PetscBool Import(char text[])
{
  char *mark = strstr(text, MARK), *single, hex[65];

  if (mark) {
    Digest(text, (size_t)(mark - text), hex);
    if (strncmp(mark + strlen(MARK), hex, 64)) return PETSC_FALSE;
    *mark = 0;
  }
  if ((single = strstr(text, " fftwf_wisdom "))) {
    while (single > text && *single != '(') single--;
    if (!fftwf_import_wisdom_from_string(single)) return PETSC_FALSE;
    wisdom.single = PETSC_TRUE;
    *single       = 0;
  }
  return (PetscBool)(fftw_import_wisdom_from_string(text) != 0);
}

void AeWisdomSingle(void) { wisdom.single = PETSC_TRUE; }

/* The file's text or NULL; *there tells a file that cannot be read from none. */
static char *ReadAll(const char path[], PetscBool *there)
{
  FILE *f    = fopen(path, "r");
  char *text = NULL;
  long  n;

  *there = (PetscBool)(f || !access(path, F_OK));
  if (!f) return NULL;
  if (!fseek(f, 0, SEEK_END) && (n = ftell(f)) >= 0 && (text = calloc(1, (size_t)n + 1))) {
    rewind(f);
    if (fread(text, 1, (size_t)n, f) != (size_t)n) text[0] = 0;
  }
  fclose(f);
  return text;
}

PetscErrorCode AeWisdomStart(MPI_Comm comm)
{
  PetscMPIInt rank;

  PetscFunctionBegin;
  if (wisdom.started) PetscFunctionReturn(0);
  wisdom.started = PETSC_TRUE;
  wisdom.rigor   = 1;
  PetscCheck(sodium_init() >= 0, PETSC_COMM_SELF, AE_ERR_SYSTEM, "libsodium does not start");
  fftw_mpi_init();
  fftwf_mpi_init();
  PetscOptionsBegin(comm, NULL, "Transforms", "AeFFT");
  PetscCall(AeOptChoice("-fft_rigor",
                        "how hard FFTW looks for fast plans; only with estimate, or -fft_wisdom, do runs repeat bit for bit",
                        "fftw.org, planner flags", Rigors, 4, &wisdom.rigor, NULL));
  PetscCall(AeOptString("-fft_wisdom", "file from which FFTW's plans are loaded, and to which new ones are saved", "",
                        wisdom.file, sizeof wisdom.file, NULL));
  PetscOptionsEnd();
  if (!wisdom.file[0]) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank) {
    PetscBool there;
    char     *text = ReadAll(wisdom.file, &there);

    if (there && (!text || !Import(text)))
      fprintf(stderr, "aeonic: warning: -fft_wisdom %s is damaged or no wisdom of this FFTW: ignored, and written anew\n",
              wisdom.file);
    free(text);
  }
  fftw_mpi_broadcast_wisdom(comm);
  fftwf_mpi_broadcast_wisdom(comm);
  PetscCallMPI(MPI_Bcast(&wisdom.single, 1, MPIU_BOOL, 0, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTRigor(MPI_Comm comm, unsigned *flag)
{
  PetscFunctionBegin;
  PetscCall(AeWisdomStart(comm));
  *flag = RigorFlags[wisdom.rigor];
  PetscFunctionReturn(0);
}

/* Plans of one rank are as good on the others; all then hold the same. */
PetscErrorCode AeFFTWisdom(MPI_Comm comm, char **text)
{
  char  *own, *single = NULL, hex[65];
  size_t n;

  PetscFunctionBegin;
  PetscCall(AeWisdomStart(comm));
  fftw_mpi_gather_wisdom(comm);
  fftw_mpi_broadcast_wisdom(comm);
  own = fftw_export_wisdom_to_string();
  if (wisdom.single) {
    fftwf_mpi_gather_wisdom(comm);
    fftwf_mpi_broadcast_wisdom(comm);
    single = fftwf_export_wisdom_to_string();
  }
  PetscCheck(own && (single || !wisdom.single), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for FFTW's wisdom");
  n = strlen(own) + (single ? strlen(single) : 0) + strlen(MARK) + 80;
  PetscCheck((*text = malloc(n)), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for FFTW's wisdom");
  strcpy(*text, own);
  strcat(*text, "\n");
  if (single) strcat(strcat(*text, single), "\n");
  Digest(*text, strlen(*text), hex);
  snprintf(*text + strlen(*text), n - strlen(*text), MARK "%s\n", hex);
  free(own);
  free(single);
  PetscFunctionReturn(0);
}

PetscErrorCode AeFFTSetWisdom(MPI_Comm comm, const char text[], PetscBool *good)
{
  char *copy;

  PetscFunctionBegin;
  PetscCall(AeWisdomStart(comm));
  PetscCall(PetscStrallocpy(text, &copy));
  *good = Import(copy);
  PetscCall(PetscFree(copy));
  PetscFunctionReturn(0);
}

PetscErrorCode AeWisdomSave(MPI_Comm comm)
{
  PetscMPIInt rank;
  char       *text;

  PetscFunctionBegin;
  if (!wisdom.file[0]) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(AeFFTWisdom(comm, &text));
  if (!rank) PetscCall(AeWriteFile(wisdom.file, text, strlen(text)));
  free(text);
  PetscFunctionReturn(0);
}

void AeWisdomForget(void)
{
  wisdom.started = PETSC_FALSE;
  wisdom.file[0] = 0;
  wisdom.single  = PETSC_FALSE;
  fftw_forget_wisdom();
  fftwf_forget_wisdom();
}
