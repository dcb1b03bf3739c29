/*
  Declaring options: each is documented for -help, checked for count, spelling and range, and recorded.
*/
#include "base_private.h"
#include <ctype.h>
#include <errno.h>
#include <petsc/private/petscimpl.h>
#undef I

#define TEXT 512

/* "text [unit; range; reference]" */
static void Describe(char out[TEXT], const char text[], const char unit[], const char range[], const char ref[])
{
  const char *part[3] = {unit, range, ref};
  size_t      n       = (size_t)snprintf(out, TEXT, "%s", text);
  int         open    = 0;

  for (int p = 0; p < 3; p++)
    if (part[p] && part[p][0] && n < TEXT) {
      n += (size_t)snprintf(out + n, TEXT - n, "%s%s", open ? "; " : " [", part[p]);
      open = 1;
    }
  if (open && n < TEXT) snprintf(out + n, TEXT - n, "]");
}

/* The value as given, or found = false. A name without a value is an error. */
static PetscErrorCode Given(PetscOptionItems *o, const char name[], char value[], size_t len, PetscBool *found)
{
  PetscBool has = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(AeOptionsRecord(name));
  PetscCall(PetscOptionsHasName(o->options, o->prefix, name, &has));
  value[0] = 0;
  if (has) PetscCall(PetscOptionsGetString(o->options, o->prefix, name, value, len, NULL));
  PetscCheck(!has || value[0], o->comm, AE_ERR_USAGE, "%s needs a value", name);
  *found = has;
  PetscFunctionReturn(0);
}

/* One finite real number at *s, which moves past it. */
static PetscErrorCode ParseReal(MPI_Comm comm, const char name[], const char whole[], const char **s, PetscReal *x)
{
  char *end;

  PetscFunctionBegin;
  errno = 0;
  *x    = strtod(*s, &end);
  PetscCheck(end != *s && (*end == 0 || *end == ',') && !isspace((unsigned char)**s), comm, AE_ERR_USAGE, "%s: '%s' is not a number", name, whole);
  PetscCheck(isfinite(*x), comm, AE_ERR_USAGE, "%s: '%s' is not a finite number", name, whole);
  *s = end;
  PetscFunctionReturn(0);
}

static PetscErrorCode ParseInt(MPI_Comm comm, const char name[], const char whole[], const char **s, PetscInt *x)
{
  char     *end;
  long long v;

  PetscFunctionBegin;
  errno = 0;
  v     = strtoll(*s, &end, 10);
  PetscCheck(end != *s && (*end == 0 || *end == ',') && !isspace((unsigned char)**s), comm, AE_ERR_USAGE, "%s: '%s' is not a whole number", name, whole);
  PetscCheck(!errno && v <= PETSC_MAX_INT && v >= PETSC_MIN_INT, comm, AE_ERR_USAGE, "%s: '%s' is too large", name, whole);
  *x = (PetscInt)v;
  *s = end;
  PetscFunctionReturn(0);
}

static void RealRange(char out[64], PetscReal lo, PetscReal hi)
{
  out[0] = 0;
  if (lo > -AE_HUGE && hi < AE_HUGE) snprintf(out, 64, "%g to %g", (double)lo, (double)hi);
  else if (lo > -AE_HUGE) snprintf(out, 64, "at least %g", (double)lo);
  else if (hi < AE_HUGE) snprintf(out, 64, "at most %g", (double)hi);
}

PetscErrorCode AeOptReals_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char unit[], const char ref[], PetscReal lo, PetscReal hi, PetscInt n, PetscReal value[], PetscBool *found)
{
  char        raw[TEXT], help[TEXT], range[64];
  const char *s = raw;
  PetscBool   has = PETSC_FALSE;
  PetscInt    m = 0, max = n;
  PetscReal   x[16];

  PetscFunctionBegin;
  PetscCheck(n <= 16, PETSC_COMM_SELF, PETSC_ERR_SUP, "%s: at most 16 values", name);
  RealRange(range, lo, hi);
  Describe(help, text, unit, range, ref);
  PetscCall(Given(PetscOptionsObject, name, raw, sizeof raw, &has));
  while (has) {
    PetscCheck(m < n, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: '%s' has more than %" PetscInt_FMT " value%s", name, raw, n, n > 1 ? "s" : "");
    PetscCall(ParseReal(PetscOptionsObject->comm, name, raw, &s, &x[m]));
    PetscCheck(x[m] >= lo && x[m] <= hi, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: %s is out of range, it must be %s", name, raw, range);
    m++;
    if (!*s++) break;
  }
  PetscCheck(!has || m == n, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: '%s' has %" PetscInt_FMT " values, %" PetscInt_FMT " are needed", name, raw, m, n);
  if (n == 1) PetscCall(PetscOptionsReal(name, help, "", value[0], value, NULL));
  else PetscCall(PetscOptionsRealArray(name, help, "", value, &max, NULL));
  for (m = 0; has && m < n; m++) value[m] = x[m];
  if (found) *found = has;
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptReal_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[], const char ref[], PetscReal lo, PetscReal hi, PetscReal *value, PetscBool *found)
{
  PetscFunctionBegin;
  PetscCall(AeOptReals_Private(o, name, text, unit, ref, lo, hi, 1, value, found));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptPositive_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[], const char ref[], PetscReal *value, PetscBool *found)
{
  PetscBool has = PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(AeOptReals_Private(o, name, text, unit, ref, -AE_HUGE, AE_HUGE, 1, value, &has));
  PetscCheck(!has || *value > 0, o->comm, AE_ERR_USAGE, "%s must be positive, got %g", name, (double)*value);
  if (found) *found = has;
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptInts_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char unit[], const char ref[], PetscInt lo, PetscInt hi, PetscInt n, PetscInt value[], PetscBool *found)
{
  char        raw[TEXT], help[TEXT], range[64] = "";
  const char *s = raw;
  PetscBool   has = PETSC_FALSE;
  PetscInt    m = 0, max = n, x[16];

  PetscFunctionBegin;
  PetscCheck(n <= 16, PETSC_COMM_SELF, PETSC_ERR_SUP, "%s: at most 16 values", name);
  if (hi < PETSC_MAX_INT) snprintf(range, sizeof range, "%d to %d", (int)lo, (int)hi);
  else snprintf(range, sizeof range, "at least %d", (int)lo);
  Describe(help, text, unit, range, ref);
  PetscCall(Given(PetscOptionsObject, name, raw, sizeof raw, &has));
  while (has) {
    PetscCheck(m < n, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: '%s' has more than %" PetscInt_FMT " value%s", name, raw, n, n > 1 ? "s" : "");
    PetscCall(ParseInt(PetscOptionsObject->comm, name, raw, &s, &x[m]));
    PetscCheck(x[m] >= lo && x[m] <= hi, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: %s is out of range, it must be %s", name, raw, range);
    m++;
    if (!*s++) break;
  }
  PetscCheck(!has || m == n, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: '%s' has %" PetscInt_FMT " values, %" PetscInt_FMT " are needed", name, raw, m, n);
  if (n == 1) PetscCall(PetscOptionsInt(name, help, "", value[0], value, NULL));
  else PetscCall(PetscOptionsIntArray(name, help, "", value, &max, NULL));
  for (m = 0; has && m < n; m++) value[m] = x[m];
  if (found) *found = has;
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptInt_Private(PetscOptionItems *o, const char name[], const char text[], const char unit[], const char ref[], PetscInt lo, PetscInt hi, PetscInt *value, PetscBool *found)
{
  PetscFunctionBegin;
  PetscCall(AeOptInts_Private(o, name, text, unit, ref, lo, hi, 1, value, found));
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptBool_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char ref[], PetscBool *value, PetscBool *found)
{
  static const char *const words[] = {"true", "false", "1", "0", "yes", "no", "on", "off"};
  char                     raw[TEXT] = "", help[TEXT];
  PetscBool                has;

  PetscFunctionBegin;
  PetscCall(AeOptionsRecord(name));
  Describe(help, text, "", "", ref);
  PetscCall(PetscOptionsHasName(PetscOptionsObject->options, PetscOptionsObject->prefix, name, &has));
  if (has) PetscCall(PetscOptionsGetString(PetscOptionsObject->options, PetscOptionsObject->prefix, name, raw, sizeof raw, NULL));
  if (raw[0]) {
    PetscBool known = PETSC_FALSE;

    for (size_t w = 0; w < PETSC_STATIC_ARRAY_LENGTH(words); w++) known = (PetscBool)(known || !strcasecmp(raw, words[w]));
    PetscCheck(known, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: '%s' is neither true nor false", name, raw);
  }
  PetscCall(PetscOptionsBool(name, help, "", *value, value, NULL));
  if (found) *found = has;
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptChoice_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char ref[], const char *const list[], PetscInt nlist, PetscInt *value, PetscBool *found)
{
  char      raw[TEXT], help[TEXT], all[TEXT] = "", shown[TEXT];
  PetscBool has, match = PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt m = 0; m < nlist; m++) {
    PetscCall(PetscStrlcat(all, m ? "|" : "", sizeof all));
    PetscCall(PetscStrlcat(all, list[m], sizeof all));
  }
  Describe(help, text, "", all, ref);
  PetscCall(Given(PetscOptionsObject, name, raw, sizeof raw, &has));
  for (PetscInt m = 0; has && m < nlist && !match; m++) {
    PetscCall(PetscStrcasecmp(raw, list[m], &match));
    if (match) *value = m;
  }
  if (has && !match) {
    const char *near = AeNearest(raw, list, nlist);
    SETERRQ(PetscOptionsObject->comm, AE_ERR_USAGE, "%s: there is no '%s'%s%s%s; the choices are %s", name, raw, near ? ", did you mean '" : "", near ? near : "", near ? "'" : "", all);
  }
  PetscCall(PetscOptionsString(name, help, "", list[*value], shown, sizeof shown, NULL));
  if (found) *found = has;
  PetscFunctionReturn(0);
}

PetscErrorCode AeOptString_Private(PetscOptionItems *PetscOptionsObject, const char name[], const char text[], const char ref[], char value[], size_t len, PetscBool *found)
{
  char      raw[TEXT], help[TEXT], shown[TEXT];
  PetscBool has = PETSC_FALSE;

  PetscFunctionBegin;
  Describe(help, text, "", "", ref);
  PetscCall(Given(PetscOptionsObject, name, raw, sizeof raw, &has));
  PetscCall(PetscOptionsString(name, help, "", value, shown, sizeof shown, NULL));
  PetscCheck(strlen(raw) < len, PetscOptionsObject->comm, AE_ERR_USAGE, "%s: the value is longer than %d characters", name, (int)len - 1);
  if (has) PetscCall(PetscStrncpy(value, raw, len));
  if (found) *found = has;
  PetscFunctionReturn(0);
}
