/*
  The kinds of receipts and what each must hold.
*/
#include <aeonic/receipts.h>

const char *const AeValueTypes[6] = {"integer", "real", "boolean", "text", "hash", "map"};

#define I AE_VALUE_INT
#define R AE_VALUE_REAL
#define B AE_VALUE_BOOL
#define T AE_VALUE_TEXT
#define H AE_VALUE_HASH
#define M AE_VALUE_MAP

/* n of an attempt or a rejection is the number that the step would have; t is where it begins */
const AeReceiptSchema AeReceiptSchemas[AE_RECEIPT_KINDS] = {
  [AE_RUN_OPEN]     = {"RUN_OPEN",
                       "a run begins: program, machine, options, hashes of the files read, determinism class",
                       AE_TICK_NONE,
                       {{"format", T},
                        {"command", T},
                        {"version", T},
                        {"build", T},
                        {"compiler", T},
                        {"petsc", T},
                        {"mpi", T},
                        {"machine", T},
                        {"ranks", I},
                        {"reproducible", T},
                        {"started", T},
                        {"options", M},
                        {"inputs", M}}},
  [AE_STEP_ATTEMPT] = {"STEP_ATTEMPT", "a step of size dt is tried from t", AE_TICK_ATTEMPT, {{"n", I}, {"t", R}, {"dt", R}}},
  [AE_STEP_ACCEPT]  = {"STEP_ACCEPT",
                       "it is accepted and ends at t; norms of constraints are of the newest state for which they are known: the "
                        "rails' candidate, else the one it began from",
                       AE_TICK_ACCEPT,
                       {{"n", I}, {"t", R}, {"dt", R}}},
  [AE_STEP_REJECT]  = {"STEP_REJECT", "it is not, and why", AE_TICK_REJECT, {{"n", I}, {"t", R}, {"dt", R}, {"reason", T}}},
  [AE_ROLLBACK]     = {"ROLLBACK", "the state of step n at t is put back", AE_TICK_NONE, {{"n", I}, {"t", R}, {"reason", T}}},
  [AE_LOOM] = {"LOOM", "a tick of the loom: largest tail danger, dominant octave", AE_TICK_LOOM, {{"D_max", R}, {"octave", I}}},
  [AE_LOOM_SKIP]    = {"LOOM_SKIP", "a tick that was due was not needed", AE_TICK_NONE, {{"reason", T}}},
  [AE_MEM_PUT]      = {"MEM_PUT", "an entry is stored", AE_TICK_NONE, {{"key", T}, {"tier", I}, {"size", I}}},
  [AE_MEM_HIT]      = {"MEM_HIT", "an entry is served", AE_TICK_NONE, {{"key", T}, {"tier", I}}},
  [AE_MEM_MISS]     = {"MEM_MISS", "nothing can be served", AE_TICK_NONE, {{"key", T}, {"reason", T}}},
  [AE_MEM_TAINT]    = {"MEM_TAINT",
                       "an entry is distrusted until that step",
                       AE_TICK_NONE,
                       {{"key", T}, {"tier", I}, {"until", I}, {"reason", T}}},
  [AE_MEM_DEMOTE]   = {"MEM_DEMOTE",
                       "an entry is kept in fewer bytes, with this bound on its error",
                       AE_TICK_NONE,
                       {{"key", T}, {"tier", I}, {"size", I}, {"error", R}}},
  [AE_MEM_EVICT]    = {"MEM_EVICT",
                       "an entry makes room for others",
                       AE_TICK_NONE,
                       {{"key", T}, {"tier", I}, {"size", I}, {"value", R}}},
  [AE_MEM_EXPIRE]   = {"MEM_EXPIRE", "an entry's time is over", AE_TICK_NONE, {{"key", T}, {"tier", I}}},
  [AE_ELLIPTIC]     = {"ELLIPTIC",
                       "an elliptic solve",
                       AE_TICK_NONE,
                       {{"problem", T}, {"solver", T}, {"iterations", I}, {"contraction", R}, {"residual", R}, {"converged", B}}},
  [AE_CLEANUP]      = {"CLEANUP",
                       "constraints are solved for on evolved data: root mean square of H before and after",
                       AE_TICK_MAINT,
                       {{"before", R}, {"after", R}}},
  [AE_REGIME_SHIFT] = {"REGIME_SHIFT", "the regime changes", AE_TICK_NONE, {{"from", T}, {"to", T}, {"reason", T}}},
  [AE_REGRID] = {"REGRID", "the record's level changes its boxes", AE_TICK_NONE, {{"boxes", I}, {"points", I}, {"reason", T}}},
  [AE_CHECKPOINT] = {"CHECKPOINT",
                     "a checkpoint is on the disk: hash of its state, bytes",
                     AE_TICK_NONE,
                     {{"file", T}, {"hash", H}, {"size", I}}},
  [AE_RESTART]    = {"RESTART",
                     "the run continues from a checkpoint; `torn` bytes of an unfinished line were cut off",
                     AE_TICK_NONE,
                     {{"file", T}, {"checkpoint_seq", I}, {"hash", H}, {"torn", I}}},
  [AE_OUTPUT]     = {"OUTPUT", "files of the run's folder are written", AE_TICK_NONE, {{"file", T}, {"what", T}}},
  [AE_HASH]       = {"HASH", "hash of the state of step n at t", AE_TICK_NONE, {{"n", I}, {"t", R}, {"hash", H}}},
  [AE_ERROR]      = {"ERROR", "something failed", AE_TICK_NONE, {{"status", I}, {"reason", T}}},
  [AE_RUN_CLOSE]  = {"RUN_CLOSE",
                     "the run ends: exit status, reason, hash of the final state",
                     AE_TICK_NONE,
                     {{"exit", I}, {"reason", T}, {"n", I}, {"t", R}, {"hash", H}}},
};
