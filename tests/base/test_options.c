/* Declared options: values accepted, refused, and left over. ranks: 1 2 */
#include <tap.h>

static const char *const colours[] = {"red", "green", "blue"};
static PetscReal         cfl;
static PetscInt          n[3], colour;
static PetscBool         flag;
static char              word[16];

/* Declares everything and returns what the first bad value raised. */
static PetscErrorCode Declare(void)
{
  PetscFunctionBegin;
  cfl = 0.25, n[0] = n[1] = n[2] = 8, colour = 1, flag = PETSC_FALSE;
  PetscCall(PetscStrncpy(word, "none", sizeof word));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Test", NULL);
  PetscCall(AeOptReal("-t_cfl", "a real number", "1", "", 0, 1, &cfl, NULL));
  PetscCall(AeOptInts("-t_n", "cells", "points", "", 1, 1000, 3, n, NULL));
  PetscCall(AeOptChoice("-t_colour", "a choice", "", colours, 3, &colour, NULL));
  PetscCall(AeOptBool("-t_flag", "a flag", "", &flag, NULL));
  PetscCall(AeOptString("-t_word", "a word", "", word, sizeof word, NULL));
  PetscOptionsEnd();
  PetscFunctionReturn(0);
}

static PetscErrorCode With(const char name[], const char value[], PetscErrorCode (*what)(void))
{
  PetscErrorCode ierr;

  PetscCall(PetscOptionsSetValue(NULL, name, value));
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = what();
  PetscCall(PetscPopErrorHandler());
  PetscCall(PetscOptionsClearValue(NULL, name));
  return ierr;
}

static void refuses(const char name[], const char value[])
{
  char what[128];
  snprintf(what, sizeof what, "refused: %s %s", name, value ? value : "without a value");
  TapTrue(With(name, value, Declare) == AE_ERR_USAGE, what);
}

static PetscErrorCode Scan(int count, const char *const words[])
{
  PetscErrorCode ierr;
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = AeOptionsScan(count, (char *const *)words);
  PetscCall(PetscPopErrorHandler());
  return ierr;
}
#define SCAN(...) Scan(sizeof((const char *[]){"aeonic", __VA_ARGS__}) / sizeof(char *), (const char *[]){"aeonic", __VA_ARGS__})

int main(int argc, char **argv)
{
  char *table = NULL;

  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  TapTrue(Declare() == 0 && cfl == 0.25 && n[2] == 8 && colour == 1 && !strcmp(word, "none"), "defaults stay");
  TapTrue(With("-t_cfl", "1", Declare) == 0 && cfl == 1, "the end of a range belongs to it");
  TapTrue(With("-t_n", "3,4,5", Declare) == 0 && n[0] == 3 && n[2] == 5, "a list");
  TapTrue(With("-T_Colour", "BLUE", Declare) == 0 && colour == 2, "case of names and choices does not count");
  TapTrue(With("-t_flag", NULL, Declare) == 0 && flag, "a flag without a value is true");
  TapTrue(With("-t_flag", "false", Declare) == 0 && !flag, "a flag set to false");
  TapTrue(With("-t_word", "hello", Declare) == 0 && !strcmp(word, "hello"), "a word");
  refuses("-t_cfl", NULL);
  refuses("-t_cfl", "1.01");
  refuses("-t_cfl", "nan");
  refuses("-t_cfl", "0.2,0.3");
  refuses("-t_n", NULL);
  refuses("-t_n", "3,4");
  refuses("-t_n", "3,4,5,6");
  refuses("-t_n", "3,4,0");
  refuses("-t_n", "3,4,5.5");
  refuses("-t_n", "3,4,99999999999");
  refuses("-t_colour", "gren");
  refuses("-t_colour", NULL);
  refuses("-t_flag", "perhaps");
  refuses("-t_word", NULL);
  refuses("-t_word", "far-too-long-for-its-buffer");

  TapTrue(SCAN("-a", "1", "-b", "-c", "-5,3", "-d", "x") == 0, "a plain command line passes");
  TapTrue(SCAN("--a", "1") && SCAN("-a", "1", "2") && SCAN("word") && SCAN("-a", ""), "double dash, stray words, empty value");
  TapTrue(SCAN("-a", "nan") && SCAN("-a", "-inf") && SCAN("-a", "1e400") && SCAN("-a", "99999999999"), "values nothing can hold");
  TapTrue(SCAN("-ts_max_time") && SCAN("-ts_max_time", "-1") && SCAN("-ts_dt", "0") && SCAN("-ts_max_steps", "2.5") &&
            SCAN("-ts_type", "-b"),
          "PETSc's options are checked as well");
  TapTrue(SCAN("-ts_max_time", "99999999999") == 0 && SCAN("-out", "20261231235959") == 0,
          "a long time and a folder of digits pass");
  TapTrue(SCAN("-options_file", "no/such/file"), "a missing options file");

  TapTrue(With("-log_view", NULL, AeOptionsCheck) == 0, "what PetscFinalize reads passes");
  TapTrue(With("-ts_view_solution", NULL, AeOptionsCheck) == 0 &&
            With("-ts_view_solution", NULL, AeOptionsCheckLeft) == AE_ERR_USAGE,
          "what a solve reads passes before the run and not after it");
  TapTrue(With("-t_log_view", NULL, AeOptionsCheck) == AE_ERR_USAGE, "but not with a prefix");
  TapTrue(With("-t_clf", "1", AeOptionsCheck) == AE_ERR_USAGE, "an unknown option");
  TapTrue(PetscOptionsSetValue(NULL, "-t_n", "1,2,3") == 0 && AeOptionsTable(&table) == 0 && strstr(table, "-t_n 1,2,3\n") &&
            !strstr(table, "-help"),
          "the option table");
  PetscFree(table);
  {
    const int status = TapDone();
    return AeonicFinalize() ? 3 : status;
  }
}
