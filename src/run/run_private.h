#ifndef AEONIC_RUN_PRIVATE_H
#define AEONIC_RUN_PRIVATE_H
#include <aeonic/run.h>

enum { AE_PARTS_MAX = 32 };

struct AeParts {
  PetscInt n;
  struct {
    const AePartType *type;
    void             *me;
    PetscInt          cadence; /* of the clock; -1: none */
  } part[AE_PARTS_MAX];
  char path[PETSC_MAX_PATH_LEN]; /* of the checkpoint that a restart goes on from */
};

/* Calls a hook of every part that has it, down the list or up. */
#define AeDown(E, hook, ...)                      \
  for (PetscInt i_ = 0; i_ < (E)->parts->n; i_++) \
    if ((E)->parts->part[i_].type->hook)          \
  PetscCall((*(E)->parts->part[i_].type->hook)((E), (E)->parts->part[i_].me, ##__VA_ARGS__))
#define AeUp(E, hook, ...)                             \
  for (PetscInt i_ = (E)->parts->n - 1; i_ >= 0; i_--) \
    if ((E)->parts->part[i_].type->hook)               \
  PetscCall((*(E)->parts->part[i_].type->hook)((E), (E)->parts->part[i_].me, ##__VA_ARGS__))

/* ---- pieces of a checkpoint (parts.c) ---- */
enum { AE_PIECES_MAX = 48 };
struct _p_AeSave {
  PetscInt         n;
  AeCheckpointPart piece[AE_PIECES_MAX];
};
struct _p_AeLoad {
  char path[PETSC_MAX_PATH_LEN];
};

/* ---- going on from a checkpoint (restart.c) ---- */
/* Where a restart goes on from; plans are taken from there at once. */
PETSC_INTERN PetscErrorCode AeRestartFind(AeEvolution);
/* Everything that can be refused, then the state. */
PETSC_INTERN PetscErrorCode AeRestartLoad(AeEvolution);
PETSC_INTERN PetscErrorCode AeRestartPhase(AeEvolution, AeLoadPhase);
/* What the evolution itself must know to go on. */
PETSC_INTERN PetscErrorCode AeEvolutionSave(AeEvolution, AeSave);
/* Whether a restart may change that option. */
PETSC_INTERN PetscErrorCode AeRestartCompareOptions(AeLoad);

/* ---- requests from outside (signals.c): the later the stronger ---- */
enum { AE_ASK_CHECKPOINT = 1, AE_ASK_WALLTIME, AE_ASK_STOP };
PETSC_INTERN void     AeSignalsBegin(void);
PETSC_INTERN void     AeSignalsEnd(void);
PETSC_INTERN PetscInt AeSignalsAsked(void); /* of this rank since the last call; 0: nothing */

/* ---- the step (step.c) ---- */
/* An accepted step's line in the record, which its part writes by itself but for a run's bad last one. */
PETSC_INTERN PetscErrorCode AeRecordAccept(AeEvolution);
PETSC_INTERN PetscErrorCode AeStepHooks(AeEvolution);
#endif
