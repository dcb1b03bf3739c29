/* The spelling of values and of names. ranks: 1 */
#include "../../src/base/base_private.h"
#include <tap.h>

static void refuses_real(const char *text)
{
  PetscReal r = 7;
  char      what[128];
  snprintf(what, sizeof what, "not a real number: '%s'", text);
  TapTrue(AeParseReal(text, &r) != NULL && r == 7, what);
}

static void refuses_int(const char *text)
{
  PetscInt i = 7;
  char     what[128];
  snprintf(what, sizeof what, "not an integer: '%s'", text);
  TapTrue(AeParseInt(text, &i) != NULL && i == 7, what);
}

int main(int argc, char **argv)
{
  static const char *const names[]     = {"gr_initial", "gr_cfl", "grid_n", "ts_max_time"};
  static const char *const bad_reals[] = {"",    "nan", "-nan", "NaN", "inf", "-Infinity", "1e400", "-1e400", "0.1x",
                                          "1,2", " 1",  "1 ",   "x",   "-",   ".",         "1e",    "--1"};
  static const char *const bad_ints[]  = {"",   "nan", "1.5", "99999999999", "-99999999999", "99999999999999999999", "3-6", "1e3",
                                          "0x", "7k",  "+"};
  PetscReal                r, list[3];
  PetscInt                 i, ints[3];
  PetscBool                b;

  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(bad_reals); k++) refuses_real(bad_reals[k]);
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(bad_ints); k++) refuses_int(bad_ints[k]);
  TapTrue(!AeParseReal("-1.5e-3", &r) && r == -1.5e-3, "-1.5e-3 is a real number");
  TapTrue(!AeParseReal("1e-400", &r) && r == 0, "an underflow is zero");
  TapTrue(!AeParseInt("2147483647", &i) && i == 2147483647, "the largest 32-bit integer");
  TapTrue(!AeParseBool("", &b) && b && !AeParseBool("No", &b) && !b, "no text is true, No is false");
  TapTrue(AeParseBool("maybe", &b) != NULL, "maybe is no boolean");
  TapTrue(!AeParseList("1,2,3", 3, NULL, ints) && ints[0] == 1 && ints[2] == 3, "three integers");
  TapTrue(!AeParseList("0.5,2", 2, list, NULL) && list[0] == 0.5, "two real numbers");
  TapTrue(AeParseList("1,2", 3, NULL, ints) && AeParseList("1,2,3,4", 3, NULL, ints) && AeParseList("1,,3", 3, NULL, ints) &&
            AeParseList("1,2,", 2, NULL, ints),
          "a wrong count or an empty entry");
  TapTrue(AeParseAny("1,nan") && AeParseAny("99999999999") && AeParseAny("1e400") && AeParseAny("-inf"),
          "no option has such a value");
  TapTrue(!AeParseAny("99999999999.0") && !AeParseAny("out/run7") && !AeParseAny("nancy") && !AeParseAny("rk,4:dense"),
          "words and large real numbers pass");

  TapNear(AeEditDistance("gr_initial", "gr_inital"), 1, 0, "a missing letter");
  TapNear(AeEditDistance("gr_cfl", "gr_clf"), 1, 0, "two letters swapped count once");
  TapNear(AeEditDistance("GRID_N", "grid_n"), 0, 0, "case does not count");
  TapNear(AeEditDistance("", "abc"), 3, 0, "from nothing");
  TapNear(AeEditDistance("kitten", "sitting"), 3, 0, "kitten to sitting");
  TapTrue(AeNearest("gr_inital", names, 4) == names[0], "nearest to gr_inital is gr_initial");
  TapTrue(AeNearest("ts_maxtime", names, 4) == names[3], "nearest to ts_maxtime is ts_max_time");
  TapTrue(AeNearest("completely_different", names, 4) == NULL, "nothing is near completely_different");

  TapTrue(AeonicExitStatus(0) == 0 && AeonicExitStatus(AE_ERR_USAGE) == 1 && AeonicExitStatus(PETSC_ERR_FILE_OPEN) == 1,
          "exit status of input errors is 1");
  TapTrue(AeonicExitStatus(AE_ERR_FAILED) == 2 && AeonicExitStatus(PETSC_ERR_FP) == 2, "exit status of a failed run is 2");
  TapTrue(AeonicExitStatus(AE_ERR_FILE) == 3 && AeonicExitStatus(PETSC_ERR_MEM) == 3 && AeonicExitStatus(PETSC_ERR_PLIB) == 3,
          "exit status of a system failure is 3");
  {
    const int status = TapDone();
    return AeonicFinalize() ? 3 : status;
  }
}
