/*
  What a memory holds, and what it has saved.
*/
#include "memory_private.h"

/* A key that has been asked for: what is there of it, and what it saved. */
static PetscErrorCode ViewKey(AeMemory m, const MemTally *k, PetscViewer viewer)
{
  MemTier  *T;
  PetscInt  i;
  MemEntry *e = MemFind(m, k->key, &T, &i);

  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(viewer,
                                   "  %-40s %10" PetscInt64_FMT " bytes, served %" PetscInt64_FMT " times of %" PetscInt64_FMT
                                   "; saved %.3g operations, %.3g bytes%s%s\n",
                                   k->key, e ? e->bytes : 0, k->hits, k->hits + k->misses, (double)k->saved, (double)k->bytes,
                                   e && e->halved ? ", half precision" : "",
                                   !e                                 ? ""
                                   : e->taint_until > m->now.step     ? ", tainted"
                                   : e->probation_until > m->now.step ? ", on probation"
                                                                      : ""));
  PetscFunctionReturn(0);
}

PetscErrorCode AeMemoryView(AeMemory m, PetscViewer viewer)
{
  PetscFunctionBegin;
  PetscCall(PetscViewerASCIIPrintf(viewer, "memory   budget      bytes entries     puts     hits   misses expired evicted halved "
                                           "tainted  operations, bytes saved\n"));
  for (PetscInt t = 0; t < AE_MEM_TIERS; t++) {
    const AeMemStats *s = &m->tier[t].s;

    PetscCall(PetscViewerASCIIPrintf(
      viewer,
      "tier %" PetscInt_FMT " %9.3g %10" PetscInt64_FMT " %7" PetscInt_FMT " %8" PetscInt64_FMT " %8" PetscInt64_FMT
      " %8" PetscInt64_FMT " %7" PetscInt64_FMT " %7" PetscInt64_FMT " %6" PetscInt64_FMT " %7" PetscInt64_FMT "  %.3g, %.3g\n",
      t, (double)s->budget, s->bytes, m->tier[t].n + (t ? 0 : m->nnotes), s->puts, s->hits, s->misses, s->expired, s->evicted,
      s->demoted, s->tainted, (double)s->saved, (double)s->served));
    for (PetscInt k = 0; k < m->ntallies; k++)
      if (m->tally[k].tier == t) PetscCall(ViewKey(m, &m->tally[k], viewer));
  }
  PetscFunctionReturn(0);
}
