#ifndef ORACLE_H
#define ORACLE_H
/* The values of tests/gr/oracle.csv by point and name. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

enum { ORACLE_MAX = 2000, ORACLE_POINTS = 4 };
static struct {
  int    point;
  char   name[48];
  double value;
} oracle[ORACLE_MAX];
static int oracle_entries, oracle_missing;

static inline void OracleRead(void)
{
  FILE *f = fopen("tests/gr/oracle.csv", "r");
  char  line[256];

  if (!f) abort();
  while (fgets(line, sizeof line, f) && oracle_entries < ORACLE_MAX)
    if (sscanf(line, "%d,%47[^,],%lf", &oracle[oracle_entries].point, oracle[oracle_entries].name, &oracle[oracle_entries].value) == 3) oracle_entries++;
  fclose(f);
}

static inline double __attribute__((format(printf, 2, 3))) Get(int point, const char *format, ...)
{
  char    name[48];
  va_list args;

  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  for (int e = 0; e < oracle_entries; e++)
    if (oracle[e].point == point && !strcmp(oracle[e].name, name)) return oracle[e].value;
  fprintf(stderr, "no value %s\n", name);
  oracle_missing++;
  return NAN;
}

static const char *const sym[6] = {"xx", "xy", "xz", "yy", "yz", "zz"};
static const char        xyz[]  = "xyz";
#endif
