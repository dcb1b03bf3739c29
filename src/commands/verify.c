/*
  aeonic verify FILE: checks a file of receipts.
*/
#include "verify_replay.h"
#include <aeonic/commands.h>
#include <aeonic/receipts.h>

const char *const AeVerifyTopics[] = {"FILE", NULL};

static void PrintSchema(void)
{
  printf("%-13s %s\n", "kind", "payload (further keys may follow); what it records");
  for (int k = 0; k < AE_RECEIPT_KINDS; k++) {
    const AeReceiptSchema *schema = &AeReceiptSchemas[k];

    printf("%-13s", schema->name);
    for (int r = 0; r < AE_RECEIPT_KEYS && schema->required[r].key; r++)
      printf(" %s:%s", schema->required[r].key, AeValueTypes[schema->required[r].type]);
    printf("; %s\n", schema->text);
  }
}

static void PrintSummary(const char file[], const AeReceiptsReport *report)
{
  const AeClockTime *now = &report->clock;

  printf("%s: %" PetscInt64_FMT " records, %" PetscInt64_FMT " bytes, unbroken\n", file, report->records, report->bytes);
  for (int k = 0; k < AE_RECEIPT_KINDS; k++)
    if (report->kinds[k]) printf("  %-13s %" PetscInt64_FMT "\n", AeReceiptSchemas[k].name, report->kinds[k]);
  printf("clocks: %" PetscInt64_FMT " attempts, n = %" PetscInt64_FMT ", t = %.17g, %" PetscInt64_FMT
         " ticks of the loom, %" PetscInt64_FMT " maintenances\n",
         now->step, now->n, (double)now->t, now->loom, now->maint);
  if (report->restarts)
    printf("restarts: %" PetscInt64_FMT ", with %" PetscInt64_FMT " records in abandoned branches\n", report->restarts,
           report->abandoned);
  if (report->closed) printf("end: exit status %d\n", report->status);
  else printf("end: none yet\n");
  printf("state hash: %s\n", *report->state ? report->state : "none");
}

PetscErrorCode AeCommandVerify(const char file[])
{
  AeReceiptsReport report;
  PetscBool        schema = PETSC_FALSE, unfinished = PETSC_FALSE, help;
  PetscMPIInt      rank;
  PetscInt         steps                      = 0;
  char             replay[PETSC_MAX_PATH_LEN] = "";

  PetscFunctionBegin;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Verify", "aeonic verify");
  PetscCall(AeOptBool("-schema", "print the kinds of receipts and what each must hold", "", &schema, NULL));
  PetscCall(
    AeOptBool("-unfinished", "accept a record without its end: of a run that is going on or was killed", "", &unfinished, NULL));
  PetscCall(AeOptString("-replay", "checkpoint of the run from which its steps are made again and compared with the record", "",
                        replay, sizeof replay, NULL));
  PetscCall(AeOptInt("-replay_steps", "steps to make again; 0: all", "steps", "", 0, PETSC_MAX_INT, &steps, NULL));
  PetscOptionsEnd();
  PetscCall(AeHelpWanted(&help));
  PetscCall(AeOptionsCheck());
  if (help) PetscFunctionReturn(0);
  PetscCheck(file || schema, PETSC_COMM_WORLD, AE_ERR_USAGE, "no file given: aeonic verify out/.../receipts.jsonl");
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (schema && !rank) PrintSchema();
  if (!file) PetscFunctionReturn(0);
  if (!rank) PetscCall(AeReceiptsVerify(file, &report));
  PetscCallMPI(MPI_Bcast(&report, sizeof report, MPI_BYTE, 0, PETSC_COMM_WORLD));
  AeReceiptsRequireEnd(&report, unfinished);
  PetscCheck(!report.bad_line, PETSC_COMM_WORLD, AE_ERR_USAGE, "%s: line %" PetscInt64_FMT ": %s", file, report.bad_line,
             report.what);
  if (!rank) PrintSummary(file, &report);
  if (!rank && *replay) PetscCall(AeVerifyReplay(file, replay, steps));
  PetscFunctionReturn(0);
}
