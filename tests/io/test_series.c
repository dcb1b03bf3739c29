/* Time series: ranks: 1 2 */
#include "scratch.h"
#include "tap.h"

static char *Slurp(AeRun run, const char rel[])
{
  static char text[1 << 20];
  FILE       *f = fopen(AeRunPath(run, rel), "r");
  text[0]       = 0;
  if (f) {
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
  }
  return text;
}

static void Spoil(AeRun run, const char rel[], const char text[])
{
  FILE *f = fopen(AeRunPath(run, rel), "a");
  if (f) fputs(text, f), fclose(f);
}

static PetscErrorCode TestContent(AeRun run, int rank)
{
  AeSeries series;

  PetscFunctionBegin;
  PetscCall(AeSeriesCreate(run, &series));
  PetscCall(AeSeriesReduction(series, "H", "norm2", 0, 0, 0.1));
  PetscCall(AeSeriesReduction(series, "H", "maximum", 0, 0, -0.0));
  PetscCall(AeSeriesReduction(series, "H", "norm2", 10, 1.0 / 3, 0x1p-1074));
  PetscCall(AeSeriesReduction(series, "H", "norm2", 20, 2.0 / 3, -NAN));
  PetscCall(AeSeriesScalar(series, "M_adm", 0.5, 1.25));
  PetscCall(AeSeriesGroup(series, "puncturetracker-pt_loc", 2, (const char *const[]){"pt_loc_x[0]", "pt_loc_y[0]"}, 4, 0.5,
                          (const PetscReal[]){0.1, -2}));
  PetscCall(AeSeriesGroup(series, "puncturetracker-pt_loc", 2, (const char *const[]){"pt_loc_x[0]", "pt_loc_y[0]"}, 8, 1,
                          (const PetscReal[]){-NAN, 1.0 / 3}));
  PetscCall(AeSeriesText(series, "state_hash.txt", "# iteration hash\n", "%d %s\n", 3, "abc"));
  PetscCall(AeSeriesFlush(series));
  TapTrue(rank || !strcmp(Slurp(run, "series/H.norm2.asc"),
                          "# norm2 of H\n# 1:iteration 2:time 3:data\n0 0 0.10000000000000001\n10 0.33333333333333331 "
                          "4.9406564584124654e-324\n20 0.66666666666666663 nan\n"),
          "reductions: iteration, time, value with 17 digits");
  TapTrue(rank || !strcmp(Slurp(run, "series/H.maximum.asc"), "# maximum of H\n# 1:iteration 2:time 3:data\n0 0 -0\n"),
          "one file per reduction");
  TapTrue(rank || !strcmp(Slurp(run, "series/M_adm..asc"), "# M_adm\n# column format: 1:time 2:data\n0.5 1.25\n"), "scalars");
  TapTrue(rank || !strcmp(Slurp(run, "series/puncturetracker-pt_loc..asc"),
                          "# puncturetracker-pt_loc\n# column format: 1:it 2:tl 3:rl 4:c 5:ml 6:ix 7:iy 8:iz 9:time 10:x 11:y "
                          "12:z 13:data\n# data columns: 13:pt_loc_x[0] 14:pt_loc_y[0]\n"
                          "4 0 0 0 0 0 0 0 0.5 0 0 0 0.10000000000000001 -2\n8 0 0 0 0 0 0 0 1 0 0 0 nan 0.33333333333333331\n"),
          "groups of scalars");
  TapTrue(rank || !strcmp(Slurp(run, "series/state_hash.txt"), "# iteration hash\n3 abc\n"), "other tables");
  PetscCall(AeSeriesDestroy(&series));

  /* continued, after a crash cut the last line short */
  if (!rank) Spoil(run, "series/M_adm..asc", "0.75 1.2");
  PetscCall(AeSeriesCreate(run, &series));
  PetscCall(AeSeriesScalar(series, "M_adm", 1, 1.5));
  PetscCall(AeSeriesDestroy(&series));
  TapTrue(rank || !strcmp(Slurp(run, "series/M_adm..asc"), "# M_adm\n# column format: 1:time 2:data\n0.5 1.25\n1 1.5\n"),
          "a file is continued after its last whole line");

  /* more than the buffer holds, without a flush */
  PetscCall(AeSeriesCreate(run, &series));
  for (PetscInt it = 0; it < 2000; it++) PetscCall(AeSeriesReduction(series, "K", "average", it, 0.25 * it, 1.0 / (1 + it)));
  PetscCall(AeSeriesDestroy(&series));
  int n = rank ? 2000 : 0, good = 1;
  if (!rank) {
    char *line = Slurp(run, "series/K.average.asc");
    for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
      int    it;
      double t, v;
      if (line[0] == '#') continue;
      good = good && sscanf(line, "%d %lf %lf", &it, &t, &v) == 3 && it == n && t == 0.25 * n && v == 1.0 / (1 + n);
      n++;
    }
  }
  TapNear(n, 2000, 0, "lines of a long series");
  TapTrue(good, "all values read back exactly");
  PetscFunctionReturn(0);
}

static PetscErrorCode TestFailures(AeRun run, int rank)
{
  AeSeries       series;
  PetscErrorCode ierr = 0;
  rlim_t         before;

  PetscFunctionBegin;
  PetscCall(AeSeriesCreate(run, &series));
  PetscCall(PetscPushErrorHandler(ScratchHandler, NULL));
  ierr = AeSeriesReduction(series, "a b", "norm2", 0, 0, 0);
  TapTrue(rank || ierr == PETSC_ERR_ARG_WRONG, "a name that readers could not parse is refused");
  ierr = AeSeriesReduction(series, "qlm_mass[0]x", "norm2", 0, 0, 0);
  TapTrue(rank || ierr == PETSC_ERR_ARG_WRONG, "an index belongs at the end");
  ierr = AeSeriesScalar(series, "qlm_mass[0]", 0, 0);
  TapTrue(!ierr, "and is accepted there");
  ierr = AeSeriesReduction(series, "H", "norm3", 0, 0, 0);
  TapTrue(rank || ierr == PETSC_ERR_ARG_WRONG, "an unknown reduction is refused");
  ierr = AeSeriesText(series, "none/x.txt", "# x\n", "%d\n", 1);
  TapTrue(rank || ierr == AE_ERR_FILE, "a file that cannot be opened is an error");

  before = ScratchLimit(10000);
  ierr   = 0;
  for (PetscInt it = 0; it < 2000 && !ierr; it++) ierr = AeSeriesReduction(series, "full", "norm2", it, 0.25 * it, 1.0 / 3);
  TapTrue(rank || ierr == AE_ERR_FILE, "a full disk is an error");
  ScratchLimit(before);
  TapTrue(rank || (strstr(scratch_error, "series/full.norm2.asc") && strstr(scratch_error, "File too large")),
          "that names the file and the reason");
  ierr = AeSeriesReduction(series, "full", "norm2", 0, 0, 0);
  TapTrue(!ierr, "the error is not raised a second time");
  ierr = AeSeriesDestroy(&series);
  TapTrue(!ierr, "nor at the end");
  PetscCall(PetscPopErrorHandler());

  int good = 1, n = 0;
  if (!rank) {
    char *text = Slurp(run, "series/full.norm2.asc");
    good       = strlen(text) > 5000 && text[strlen(text) - 1] == '\n';
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
      int    it;
      double t, v;
      if (line[0] == '#') continue;
      good = good && sscanf(line, "%d %lf %lf", &it, &t, &v) == 3 && it == n && v == 1.0 / 3;
      n++;
    }
  }
  TapTrue(good, "what was written before is whole lines");
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  AeRun       run;
  PetscMPIInt rank;

  PetscCall(AeonicInitialize(&argc, &argv, "time series\n"));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(ScratchRun(&run));
  PetscCall(TestContent(run, rank));
  PetscCall(TestFailures(run, rank));
  PetscCall(ScratchEnd(&run));
  const int status = TapDone();
  PetscCall(AeonicFinalize());
  return status;
}
