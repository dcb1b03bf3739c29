#ifndef AEONIC_LATTICE_H
#define AEONIC_LATTICE_H
/*
  The lattice of control: 27 threads = domain {PHY, CONS, SEM} x scale {L, M, H} x response {R0 observe, R1 control, R2 audit},
  thread 9 domain + 3 scale + response. Both who watches spectra (loom.h) and who judges steps (rails.h) fill one.
*/
#include <aeonic/base.h>

enum { AE_PHY, AE_CONS, AE_SEM };
enum { AE_SCALE_L, AE_SCALE_M, AE_SCALE_H };
enum { AE_THREADS = 27 };
#define AE_THREAD(domain, scale, response) (9 * (domain) + 3 * (scale) + (response))

typedef enum {
  AE_ACTION_NONE,
  AE_ACTION_DISSIPATION,
  AE_ACTION_DT,
  AE_ACTION_LOOM,
  AE_ACTION_CLEANUP,
  AE_ACTION_TAKE_BACK,
  AE_ACTION_COUNT
} AeAction;
PETSC_EXTERN const char *const AeActionNames[AE_ACTION_COUNT];

typedef struct {
  PetscReal residual; /* 1 is on the rail */
  PetscReal cap;      /* the largest dt that it allows; PETSC_INFINITY: any */
  AeAction  action;
} AeThread;

/* "PHY/H/R1", in a static table; "none" of -1 */
PETSC_EXTERN const char *AeThreadName(PetscInt thread);
#endif
