#ifndef ORACLE_H
#define ORACLE_H
/* The values of tests/gr/oracle.csv by point and name. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

enum { ORACLE_MAX = 4000, ORACLE_POINTS = 4 };
typedef struct {
  int    point;
  char   name[64];
  double value;
} OracleEntry;
static OracleEntry oracle[ORACLE_MAX];
static int         oracle_entries, oracle_missing;

static inline int OracleOrder(const void *a, const void *b)
{
  const OracleEntry *x = (const OracleEntry *)a, *y = (const OracleEntry *)b;
  return x->point != y->point ? x->point - y->point : strcmp(x->name, y->name);
}

static inline void OracleRead(void)
{
  FILE *f = fopen("tests/gr/oracle.csv", "r");
  char  line[256];

  if (!f) abort();
  while (fgets(line, sizeof line, f) && oracle_entries < ORACLE_MAX)
    if (sscanf(line, "%d,%63[^,],%lf", &oracle[oracle_entries].point, oracle[oracle_entries].name,
               &oracle[oracle_entries].value) == 3)
      oracle_entries++;
  fclose(f);
  qsort(oracle, (size_t)oracle_entries, sizeof *oracle, OracleOrder);
}

static inline const OracleEntry *OracleFind(int point, const char name[])
{
  OracleEntry key = {.point = point};

  snprintf(key.name, sizeof key.name, "%s", name);
  return (const OracleEntry *)bsearch(&key, oracle, (size_t)oracle_entries, sizeof *oracle, OracleOrder);
}

static inline double __attribute__((format(printf, 2, 3))) Get(int point, const char *format, ...)
{
  char               name[64];
  va_list            args;
  const OracleEntry *e;

  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  if ((e = OracleFind(point, name))) return e->value;
  fprintf(stderr, "no value %s\n", name);
  oracle_missing++;
  return NAN;
}

/* An output of a formulation; with matter where that makes a difference. */
static inline double GetOutput(int point, const char form[], int matter, const char name[])
{
  char               full[64];
  const OracleEntry *e;

  snprintf(full, sizeof full, "%s.matter.%s", form, name);
  if (matter && (e = OracleFind(point, full))) return e->value;
  return Get(point, "%s.%s", form, name);
}

static const char *const oracle_forms[4] = {"bssn", "z4c", "ccz4", "adm"};
static const char *const sym[6]          = {"xx", "xy", "xz", "yy", "yz", "zz"};
static const char        xyz[]           = "xyz";
#endif
