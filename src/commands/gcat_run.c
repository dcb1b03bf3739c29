/*
  One evolution of the calibration suite: aeonic gr inside this process, with an option database of its own.
*/
#include "gcat.h"
#include <aeonic/commands.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

static PetscErrorCode Folder(char folder[], size_t len)
{
  PetscMPIInt rank;
  int         made = 1;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscGetTmp(PETSC_COMM_WORLD, folder, len - 32));
  PetscCall(PetscStrlcat(folder, "/aeonic-gcat-XXXXXX", len));
  if (!rank) made = mkdtemp(folder) != NULL;
  PetscCallMPI(MPI_Bcast(&made, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCheck(made, PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: a folder for the suite's runs cannot be made; PETSC_TMP says where", folder);
  PetscCallMPI(MPI_Bcast(folder, (PetscMPIInt)len, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

/* What is asked for, from the summary that every rank can read. */
static PetscErrorCode Read(const char folder[], const char key[], AeGcatResult *result)
{
  char         path[PETSC_MAX_PATH_LEN];
  json_error_t error;
  json_t      *all, *value;
  const char  *hash;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/run/summary.json", folder));
  all = json_load_file(path, 0, &error);
  PetscCheck(all, PETSC_COMM_SELF, AE_ERR_SYSTEM, "%s: %s", path, error.text);
  hash = json_string_value(json_object_get(all, "state.hash"));
  PetscCall(PetscStrncpy(result->hash, hash ? hash : "", sizeof result->hash));
  if (key) {
    value = json_object_get(all, key);
    PetscCheck(json_is_number(value), PETSC_COMM_SELF, AE_ERR_FAILED, "the run's summary holds no number %s", key);
    result->value = json_number_value(value);
  }
  json_decref(all);
  PetscFunctionReturn(0);
}

PetscErrorCode AeGcatEvolve(const char both[], const char extra[], const char key[], AeGcatResult *result)
{
  char         folder[PETSC_MAX_PATH_LEN], out[PETSC_MAX_PATH_LEN + 8];
  PetscOptions options;
  PetscMPIInt  rank;
  clock_t      started;
  double       cpu;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscMemzero(result, sizeof *result));
  PetscCall(Folder(folder, sizeof folder));
  PetscCall(PetscSNPrintf(out, sizeof out, "%s/run", folder));
  PetscCall(PetscOptionsCreate(&options));
  PetscCall(PetscOptionsInsertString(options, "-progress none -timers false"));
  PetscCall(PetscOptionsInsertString(options, both));
  PetscCall(PetscOptionsInsertString(options, extra));
  PetscCall(PetscOptionsSetValue(options, "-out", out));
  PetscCall(PetscOptionsPush(options));
  started = clock();
  PetscCall(AeCommandGR(NULL));
  cpu = (double)(clock() - started) / CLOCKS_PER_SEC;
  PetscCall(PetscOptionsPop());
  PetscCall(PetscOptionsDestroy(&options));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &cpu, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCall(Read(folder, key, result));
  result->cpu = cpu;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) PetscCall(PetscRMTree(folder));
  PetscFunctionReturn(0);
}
