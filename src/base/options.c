/*
  Declaring options. Each goes through PetscOptionsString, so that PETSc knows it (-help, -options_left),
  and comes back as text that is checked here.
*/
#include "base_private.h"

#define TEXT 4096

/* Declares the option and fetches its text; *given is false when the user did not set it. */
static PetscErrorCode Fetch(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char limits[],
                            const char standard[], const char ref[], char value[TEXT], PetscBool *given)
{
  char full[PETSC_MAX_OPTION_NAME];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(full, sizeof full, "-%s%s", PetscOptionsObject->prefix ? PetscOptionsObject->prefix : "", name + 1));
  PetscCall(AeOptionRecord(PetscOptionsObject->title, full, text, limits, standard, ref));
  AeHelpOwn(PETSC_TRUE);
  value[0] = 0;
  PetscCall(PetscOptionsString(name, text, ref, standard, value, TEXT, given));
  AeHelpOwn(PETSC_FALSE);
  PetscFunctionReturn(0);
}

/* One line: the option, the value, what is wrong with it and what is allowed. */
static PetscErrorCode Refuse(PetscOptionItems *PetscOptionsObject, const char name[], const char value[], const char fault[],
                             const char limits[])
{
  const char *prefix = PetscOptionsObject->prefix ? PetscOptionsObject->prefix : "";

  PetscFunctionBegin;
  PetscCheck(*value, PetscOptionsObject->comm, AE_ERR_USAGE, "-%s%s has no value; expected %s", prefix, name + 1, limits);
  SETERRQ(PetscOptionsObject->comm, AE_ERR_USAGE, "-%s%s %s: %s; expected %s", prefix, name + 1, value, fault, limits);
}

/* "3 integers >= 1 [points]" */
static void Limits(char out[], size_t len, PetscInt n, const char kind[], PetscReal lo, PetscReal hi, PetscBool strict,
                   const char unit[])
{
  char   many[64];
  size_t used;

  if (n > 1) snprintf(many, sizeof many, "%d %ss separated by commas,", (int)n, kind);
  else snprintf(many, sizeof many, "%s %s", *kind == 'i' ? "an" : "a", kind);
  if (strict) snprintf(out, len, "%s > 0", many);
  else if (lo > -AE_HUGE && hi < AE_HUGE) snprintf(out, len, "%s from %.12g to %.12g", many, (double)lo, (double)hi);
  else if (lo > -AE_HUGE) snprintf(out, len, "%s >= %.12g", many, (double)lo);
  else if (hi < AE_HUGE) snprintf(out, len, "%s <= %.12g", many, (double)hi);
  else snprintf(out, len, "%s", many);
  used = strlen(out);
  if (used && out[used - 1] == ',') out[--used] = 0;
  if (*unit && strcmp(unit, "1")) snprintf(out + used, len - used, " [%s]", unit);
}

static PetscErrorCode Reals(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char unit[],
                            const char ref[], PetscReal lo, PetscReal hi, PetscBool strict, PetscInt n, PetscReal value[],
                            PetscBool *found)
{
  char        given[TEXT], standard[TEXT] = "", limits[256];
  const char *fault;
  PetscBool   set;
  PetscReal   parsed[64];

  PetscFunctionBegin;
  PetscCheck(n > 0 && n <= 64, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: a list of %" PetscInt_FMT " values", name, n);
  Limits(limits, sizeof limits, n, "real number", lo, hi, strict, unit);
  for (PetscInt i = 0; i < n; i++)
    snprintf(standard + strlen(standard), TEXT - strlen(standard), "%s%.6g", i ? "," : "", (double)value[i]);
  PetscCall(Fetch(PetscOptionsObject, name, text, limits, standard, ref, given, &set));
  if (found) *found = set;
  if (!set) PetscFunctionReturn(0);
  fault = AeParseList(given, n, parsed, NULL);
  for (PetscInt i = 0; i < n && !fault; i++)
    if (!(parsed[i] >= lo && parsed[i] <= hi) || (strict && !(parsed[i] > 0))) fault = "out of range";
  if (fault) PetscCall(Refuse(PetscOptionsObject, name, given, fault, limits));
  PetscCall(PetscArraycpy(value, parsed, n));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptReal_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[], const char ref[],
                                 PetscReal lo, PetscReal hi, PetscReal *value, PetscBool *found)
{
  return Reals(o, name, text, unit, ref, lo, hi, PETSC_FALSE, 1, value, found);
}

PetscErrorCode AeOptPositive_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[],
                                     const char ref[], PetscReal *value, PetscBool *found)
{
  return Reals(o, name, text, unit, ref, 0, PETSC_MAX_REAL, PETSC_TRUE, 1, value, found);
}

PetscErrorCode AeOptReals_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[], const char ref[],
                                  PetscReal lo, PetscReal hi, PetscInt n, PetscReal value[], PetscBool *found)
{
  return Reals(o, name, text, unit, ref, lo, hi, PETSC_FALSE, n, value, found);
}

PetscErrorCode AeOptRows_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char unit[],
                                 const char ref[], PetscInt n, PetscInt max, PetscReal value[], PetscInt *rows)
{
  char      given[TEXT], row[TEXT], standard[TEXT] = "", limits[256], *next = row;
  PetscBool set;

  PetscFunctionBegin;
  snprintf(limits, sizeof limits, "rows of %d real numbers separated by commas, ; between rows (at most %d)%s%s%s", (int)n,
           (int)max, *unit ? " [" : "", unit, *unit ? "]" : "");
  for (PetscInt i = 0; i < n * *rows; i++)
    snprintf(standard + strlen(standard), TEXT - strlen(standard), "%s%.6g", i == 0 ? "" : i % n ? "," : ";", (double)value[i]);
  PetscCall(Fetch(PetscOptionsObject, name, text, limits, standard, ref, given, &set));
  if (!set) PetscFunctionReturn(0);
  PetscCall(PetscStrncpy(row, given, sizeof row));
  for (*rows = 0; next; (*rows)++) {
    const char *fault, *entry = next;

    if ((next = strchr(next, ';'))) *next++ = 0;
    fault = *rows < max ? AeParseList(entry, n, value + n * *rows, NULL) : "too many rows";
    if (fault) PetscCall(Refuse(PetscOptionsObject, name, given, fault, limits));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptInts_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char unit[],
                                 const char ref[], PetscInt lo, PetscInt hi, PetscInt n, PetscInt value[], PetscBool *found)
{
  char        given[TEXT], standard[TEXT] = "", limits[256];
  const char *fault;
  PetscBool   set;
  PetscInt    parsed[64];

  PetscFunctionBegin;
  PetscCheck(n > 0 && n <= 64, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: a list of %" PetscInt_FMT " values", name, n);
  Limits(limits, sizeof limits, n, "integer", lo <= -PETSC_MAX_INT ? -AE_HUGE : lo, hi >= PETSC_MAX_INT ? AE_HUGE : hi,
         PETSC_FALSE, unit);
  for (PetscInt i = 0; i < n; i++)
    snprintf(standard + strlen(standard), TEXT - strlen(standard), "%s%" PetscInt_FMT, i ? "," : "", value[i]);
  PetscCall(Fetch(PetscOptionsObject, name, text, limits, standard, ref, given, &set));
  if (found) *found = set;
  if (!set) PetscFunctionReturn(0);
  fault = AeParseList(given, n, NULL, parsed);
  for (PetscInt i = 0; i < n && !fault; i++)
    if (parsed[i] < lo || parsed[i] > hi) fault = "out of range";
  if (fault) PetscCall(Refuse(PetscOptionsObject, name, given, fault, limits));
  PetscCall(PetscArraycpy(value, parsed, n));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptInt_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[], const char ref[],
                                PetscInt lo, PetscInt hi, PetscInt *value, PetscBool *found)
{
  return AeOptInts_Private(o, name, text, unit, ref, lo, hi, 1, value, found);
}

PetscErrorCode AeOptBool_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char ref[],
                                 PetscBool *value, PetscBool *found)
{
  char        given[TEXT];
  const char *fault;
  PetscBool   set;

  PetscFunctionBegin;
  PetscCall(Fetch(PetscOptionsObject, name, text, "true or false", *value ? "true" : "false", ref, given, &set));
  if (found) *found = set;
  if (set && (fault = AeParseBool(given, value))) PetscCall(Refuse(PetscOptionsObject, name, given, fault, "true or false"));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptChoice_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char ref[],
                                   const char *const list[], PetscInt nlist, PetscInt *value, PetscBool *found)
{
  char        given[TEXT], limits[TEXT] = "one of";
  const char *near;
  PetscBool   set;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < nlist; i++) snprintf(limits + strlen(limits), TEXT - strlen(limits), " %s", list[i]);
  PetscCall(Fetch(PetscOptionsObject, name, text, limits, *value >= 0 && *value < nlist ? list[*value] : "", ref, given, &set));
  if (found) *found = set;
  if (!set) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < nlist; i++) {
    if (!strcasecmp(given, list[i])) {
      *value = i;
      PetscFunctionReturn(0);
    }
  }
  near = AeNearest(given, list, nlist);
  if (!*given || !near) PetscCall(Refuse(PetscOptionsObject, name, given, "unknown", limits));
  SETERRQ(PetscOptionsObject->comm, AE_ERR_USAGE, "-%s%s %s: unknown, did you mean %s? Expected %s",
          PetscOptionsObject->prefix ? PetscOptionsObject->prefix : "", name + 1, given, near, limits);
}

PetscErrorCode AeOptString_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char ref[],
                                   char value[], size_t len, PetscBool *found)
{
  char      given[TEXT];
  PetscBool set;

  PetscFunctionBegin;
  PetscCall(Fetch(PetscOptionsObject, name, text, "text", value, ref, given, &set));
  if (found) *found = set;
  if (!set) PetscFunctionReturn(0);
  if (!*given) PetscCall(Refuse(PetscOptionsObject, name, given, "", "text"));
  if (strlen(given) >= PetscMin(len, (size_t)TEXT - 1))
    PetscCall(Refuse(PetscOptionsObject, name, given, "too long", "a shorter text"));
  PetscCall(PetscStrncpy(value, given, len));
  PetscFunctionReturn(0);
}
