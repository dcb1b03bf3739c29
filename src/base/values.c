/*
  The spelling of values. PETSc's own parser takes "nan", wraps 99999999999 to an int and ignores a
  short list, so every value is read here, with strtod and strtoll and all their outcomes looked at.
*/
#include "base_private.h"
#include <ctype.h>
#include <errno.h>

static PetscBool StartsNumber(const char *s)
{
  if (*s == '+' || *s == '-') s++;
  return (PetscBool)(isdigit((unsigned char)*s) || (*s == '.' && isdigit((unsigned char)s[1])));
}

static PetscBool IsWord(const char *s, const char *word)
{
  if (*s == '+' || *s == '-') s++;
  return (PetscBool)!strcasecmp(s, word);
}

static const char *NotFinite(const char *s)
{
  if (IsWord(s, "nan")) return "not a number (NaN)";
  if (IsWord(s, "inf") || IsWord(s, "infinity")) return "infinite";
  return NULL;
}

const char *AeParseReal(const char text[], PetscReal *value)
{
  char       *end;
  const char *fault = NotFinite(text);
  double      v;

  if (!*text) return "no value";
  if (fault) return fault;
  if (!StartsNumber(text)) return "not a number";
  errno = 0;
  v     = strtod(text, &end);
  if (*end) return "not a number";
  if (!(v >= -PETSC_MAX_REAL && v <= PETSC_MAX_REAL)) return "too large for a real number";
  *value = v;
  return NULL;
}

const char *AeParseInt(const char text[], PetscInt *value)
{
  char       *end;
  const char *fault = NotFinite(text);
  long long   v;

  if (!*text) return "no value";
  if (fault) return fault;
  if (!StartsNumber(text)) return "not an integer";
  errno = 0;
  v     = strtoll(text, &end, 10);
  if (*end) return "not an integer";
  if (errno == ERANGE || v > PETSC_MAX_INT || v < -(long long)PETSC_MAX_INT) return "too large for an integer";
  *value = (PetscInt)v;
  return NULL;
}

const char *AeParseBool(const char text[], PetscBool *value)
{
  static const char *const yes[] = {"", "1", "true", "yes", "on"}, *const no[] = {"0", "false", "no", "off"};

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(yes); i++)
    if (!strcasecmp(text, yes[i])) return *value = PETSC_TRUE, NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(no); i++)
    if (!strcasecmp(text, no[i])) return *value = PETSC_FALSE, NULL;
  return "neither true nor false";
}

/* The text up to the next comma, in item[]; moves *text behind it, to NULL after the last one. */
static void NextItem(const char **text, char item[], size_t len)
{
  size_t n = strcspn(*text, ",");

  snprintf(item, len, "%.*s", (int)PetscMin(n, len - 1), *text);
  *text = (*text)[n] ? *text + n + 1 : NULL;
}

const char *AeParseList(const char text[], PetscInt n, PetscReal reals[], PetscInt ints[])
{
  char        item[128];
  const char *rest = text;
  PetscInt    i = 0, n_given = 1;

  if (!*text) return "no value";
  for (const char *s = text; *s; s++) n_given += *s == ',';
  if (n_given != n) return n_given < n ? "too few values" : "too many values";
  for (; rest; i++) {
    const char *fault;
    NextItem(&rest, item, sizeof item);
    fault = reals ? AeParseReal(item, &reals[i]) : AeParseInt(item, &ints[i]);
    if (fault) return *item ? fault : "an empty entry";
  }
  return NULL;
}

const char *AeParseAny(const char text[])
{
  char        item[128];
  const char *rest = text;

  while (rest) {
    char       *end;
    PetscInt    i;
    const char *fault;
    double      v;

    NextItem(&rest, item, sizeof item);
    if ((fault = NotFinite(item))) return fault;
    if (!StartsNumber(item)) continue;
    v = strtod(item, &end);
    if (*end) continue; /* 2h, 1:3, a date: not for us to say */
    if (!(v >= -PETSC_MAX_REAL && v <= PETSC_MAX_REAL)) return "too large for a real number";
    if (!item[strcspn(item, ".eExX")] && AeParseInt(item, &i))
      return "too large for an integer (a real number of that size needs a decimal point)";
  }
  return NULL;
}

/* Damerau-Levenshtein distance (optimal string alignment), case ignored. */
PetscInt AeEditDistance(const char a[], const char b[])
{
  enum { MAX = 128 };
  int       d[3][MAX + 1]; /* the rows i-2, i-1, i */
  const int n = (int)PetscMin(strlen(a), (size_t)MAX), m = (int)PetscMin(strlen(b), (size_t)MAX);
  int      *before = d[0], *above = d[1], *row = d[2];

  for (int j = 0; j <= m; j++) row[j] = j;
  for (int i = 1; i <= n; i++) {
    int *t = before;
    before = above, above = row, row = t;
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      const int p = tolower((unsigned char)a[i - 1]), q = tolower((unsigned char)b[j - 1]);
      row[j] = PetscMin(PetscMin(above[j], row[j - 1]) + 1, above[j - 1] + (p != q));
      if (i > 1 && j > 1 && p == tolower((unsigned char)b[j - 2]) && q == tolower((unsigned char)a[i - 2]))
        row[j] = PetscMin(row[j], before[j - 2] + 1);
    }
  }
  return row[m];
}

const char *AeNearest(const char word[], const char *const list[], PetscInt n)
{
  const char *best  = NULL;
  PetscInt    least = PetscMax(1, PetscMin(4, (PetscInt)strlen(word) / 3)) + 1; /* farther is no help */

  for (PetscInt i = 0; i < n; i++) {
    const PetscInt d = AeEditDistance(word, list[i]);
    if (d < least) least = d, best = list[i];
  }
  return best;
}
