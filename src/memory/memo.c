/*
  The memo of tier 0, and what requests have saved by key.
*/
#include "memory_private.h"
#include <petsc/private/petscimpl.h> /* PetscObjectStateGet */

static MemTally *Tally(AeMemory m, const char key[])
{
  for (PetscInt i = 0; i < m->ntallies; i++)
    if (!strcmp(m->tally[i].key, key)) return &m->tally[i];
  if (m->ntallies == AE_MEM_ENTRIES) return NULL; /* further keys count in the sums of their tiers only */
  m->tally[m->ntallies] = (MemTally){.tier = 1};
  snprintf(m->tally[m->ntallies].key, AE_MEM_KEY, "%s", key);
  return &m->tally[m->ntallies++];
}

void MemCount(AeMemory m, const char key[], PetscInt tier, PetscBool hit, PetscReal operations, PetscReal bytes)
{
  MemTally   *k = Tally(m, key);
  AeMemStats *s;

  if (k && tier >= 0) k->tier = tier;
  s = &m->tier[tier >= 0 ? tier : k ? k->tier : 1].s;
  s->saved += operations;
  s->served += bytes;
  if (hit) s->hits++;
  else s->misses++;
  if (!k) return;
  k->saved += operations;
  k->bytes += bytes;
  if (hit) k->hits++;
  else k->misses++;
}

static MemNote *FindNote(AeMemory m, const char key[])
{
  for (PetscInt i = 0; i < m->nnotes; i++)
    if (!strcmp(m->note[i].key, key)) return &m->note[i];
  return NULL;
}

PetscErrorCode AeMemoryNote(AeMemory m, const AeMemNote *note)
{
  MemNote *n = FindNote(m, note->key);

  PetscFunctionBegin;
  PetscCheck(note->key[0] && strlen(note->key) < AE_MEM_KEY && note->n <= AE_MEM_VALUES, m->comm, PETSC_ERR_ARG_WRONG,
             "a note has a key of 1 to %d characters and at most %d numbers: %s", AE_MEM_KEY - 1, AE_MEM_VALUES, note->key);
  if (!n && m->nnotes == AE_MEM_NOTES) {
    m->tier[0].s.refused++;
    PetscFunctionReturn(0);
  }
  if (!n) n = &m->note[m->nnotes++];
  snprintf(n->key, sizeof n->key, "%s", note->key);
  n->note     = *note;
  n->note.key = n->key;
  PetscCall(PetscObjectGetId((PetscObject)note->of, &n->id));
  PetscCall(PetscObjectStateGet((PetscObject)note->of, &n->state));
  if (note->vec) PetscCall(PetscObjectStateGet((PetscObject)note->vec, &n->vec_state));
  m->tier[0].s.puts++;
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryRecall(AeMemory m, const char key[], Vec of, PetscReal t, const AeMemNote **note)
{
  MemNote         *n = FindNote(m, key);
  PetscObjectId    id;
  PetscObjectState state, vec_state = 0;

  PetscFunctionBegin;
  *note = NULL;
  if (n) {
    PetscCall(PetscObjectGetId((PetscObject)of, &id));
    PetscCall(PetscObjectStateGet((PetscObject)of, &state));
    if (n->note.vec) PetscCall(PetscObjectStateGet((PetscObject)n->note.vec, &vec_state));
    if (id == n->id && state == n->state && t == n->note.t && (!n->note.vec || vec_state == n->vec_state)) *note = &n->note;
  }
  MemCount(m, key, 0, (PetscBool)(*note != NULL), *note ? n->note.cost : 0, *note ? n->note.moved : 0);
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryForget(AeMemory m, const char key[])
{
  MemNote *n = FindNote(m, key);

  PetscFunctionBegin;
  if (n) {
    *n          = m->note[--m->nnotes];
    n->note.key = n->key;
  }
  PetscFunctionReturn(0);
}
