/* The checkers, fed wrong answers: each must say "not ok". ranks: 1 2 */
#include <tap.h>
#include <unistd.h>

/* What a check printed, and undo that it was counted. */
static const char *printed(int (*check)(void))
{
  static char text[1024];
  char        name[] = "/tmp/aeonic-tap-XXXXXX";
  const int   count = tap_count, failed = tap_failed, kept = dup(STDOUT_FILENO), file = mkstemp(name);
  ssize_t     n;

  fflush(stdout);
  dup2(file, STDOUT_FILENO);
  check();
  fflush(stdout);
  dup2(kept, STDOUT_FILENO);
  lseek(file, 0, SEEK_SET);
  n                   = read(file, text, sizeof text - 1);
  text[n > 0 ? n : 0] = 0;
  close(file), close(kept), unlink(name);
  tap_count  = count;
  tap_failed = failed;
  return text;
}

static int rank;
static int refused(const char *text) { return rank ? !*text : !strncmp(text, "not ok ", 7); }
static int passed(const char *text) { return rank ? !*text : !strncmp(text, "ok ", 3); }

static int below_nan(void) { return TapBelow(NAN, 1, "x"); }
static int below_beyond(void) { return TapBelow(1.0000001, 1, "x"); }
static int below_no_bound(void) { return TapBelow(1, NAN, "x"); }
static int below_good(void) { return TapBelow(1, 1, "x"); }
static int near_nan(void) { return TapNear(NAN, 1, 1, "x"); }
static int near_inf(void) { return TapNear(INFINITY, INFINITY, 1, "x"); }
static int near_beyond(void) { return TapNear(1.2, 1, 0.1, "x"); }
static int above_nan(void) { return TapAbove(NAN, 1, "x"); }
static int above_beyond(void) { return TapAbove(0.9, 1, "x"); }
static int true_false(void) { return TapTrue(0, "x"); }
static int one_rank(void)
{
  int size;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return TapTrue(rank != size - 1, "x");
}

int main(int argc, char **argv)
{
  if (AeonicInitialize(&argc, &argv, NULL)) return 3;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  TapTrue(refused(printed(below_nan)), "TapBelow refuses NaN");
  TapTrue(refused(printed(below_beyond)), "TapBelow refuses a value above the bound");
  TapTrue(refused(printed(below_no_bound)), "TapBelow refuses a NaN bound");
  TapTrue(passed(printed(below_good)), "TapBelow accepts the bound itself");
  TapTrue(refused(printed(near_nan)), "TapNear refuses NaN");
  TapTrue(refused(printed(near_inf)), "TapNear refuses infinity");
  TapTrue(refused(printed(near_beyond)), "TapNear refuses a value beyond the tolerance");
  TapTrue(refused(printed(above_nan)), "TapAbove refuses NaN");
  TapTrue(refused(printed(above_beyond)), "TapAbove refuses a value below the bound");
  TapTrue(refused(printed(true_false)), "TapTrue refuses what does not hold");
  TapTrue(refused(printed(one_rank)), "a failure on the last rank alone is a failure");
  {
    const int status = TapDone();
    return AeonicFinalize() ? 3 : status;
  }
}
