/*
  Names of the lattice (lattice.h).
*/
#include <aeonic/lattice.h>

const char *const AeActionNames[AE_ACTION_COUNT] = {"none", "dissipation", "dt", "loom", "clean-up", "step back"};

const char *AeThreadName(PetscInt thread)
{
#define SCALES(d) d "/L/R0", d "/L/R1", d "/L/R2", d "/M/R0", d "/M/R1", d "/M/R2", d "/H/R0", d "/H/R1", d "/H/R2"
  static const char *const names[AE_THREADS] = {SCALES("PHY"), SCALES("CONS"), SCALES("SEM")};
#undef SCALES

  return thread >= 0 && thread < AE_THREADS ? names[thread] : "none";
}
