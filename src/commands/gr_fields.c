/*
  The fields that an evolution writes: which, in what form, and when. 3-D fields are one part, planes and lines another.
*/
#include "gr_run.h"

static const char *const formats[] = {"kuibit", "vtkhdf", "xdmf", NULL}, *const planes[] = {"xy", "xz", "yz", NULL},
                         *const lines[] = {"x", "y", "z", NULL};

/* Adds first << i for every entry of a list that is words[i]. */
static PetscErrorCode ReadList(const char option[], const char list[], const char *const words[], unsigned first, unsigned *what)
{
  PetscToken token;
  char      *word;

  PetscFunctionBegin;
  if (!strcmp(list, "none")) PetscFunctionReturn(0);
  PetscCall(PetscTokenCreate(list, ',', &token));
  PetscCall(PetscTokenFind(token, &word));
  while (word) {
    int i = 0;

    while (words[i] && strcmp(words[i], word)) i++;
    PetscCheck(words[i], PETSC_COMM_WORLD, AE_ERR_USAGE,
               "%s: '%s' is none of %s, %s, %s; write them with commas between, or none", option, word, words[0], words[1],
               words[2]);
    *what |= first << i;
    PetscCall(PetscTokenFind(token, &word));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

enum { NAMES = 512 };
typedef struct {
  PetscInt  every, at; /* steps between outputs; step of the newest, -1: none */
  unsigned  what;      /* AE_OUT_* */
  char      names[NAMES];
  PetscBool constraints, beyond; /* some of the names are H or M_i; K or chi that a sweep of pass B adds to them */
} Part;

/* Names are looked up in the state first, so that bssn's K is the evolved one; of the constraints' fields H and M_i come with
   a step's own sweep, the others do not. */
static PetscErrorCode CheckNames(AeEvolution E, const char names[], Part *p)
{
  const char *seen[NAMES / 2];
  PetscInt    n = 0;
  PetscToken  token;
  char       *name;

  PetscFunctionBegin;
  PetscCall(PetscTokenCreate(names, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCheck(AeFieldsFind(AeSpacetimeOf(E)->fields, name) >= 0 || AeFieldsFind(AeConstraintsFields(E), name) >= 0 ||
                 AeFieldsFind(AeInvariantsFields(E), name) >= 0,
               PETSC_COMM_WORLD, AE_ERR_USAGE,
               "-fields: there is no field %s here; chi (or W), gt_xx, K, At_xx, Gamt_x, lapse, shift_x, H, M_x, kretschmann ... "
               "are",
               name);
    for (PetscInt i = 0; i < n; i++)
      PetscCheck(strcmp(seen[i], name), PETSC_COMM_WORLD, AE_ERR_USAGE, "-fields names %s twice", name);
    seen[n++] = name;
    if (AeFieldsFind(AeSpacetimeOf(E)->fields, name) < 0) {
      const PetscInt f = AeFieldsFind(AeConstraintsFields(E), name);

      if (f >= 0 && f < 4) p->constraints = PETSC_TRUE;
      if (f >= 4) p->beyond = PETSC_TRUE;
    }
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(PetscTokenDestroy(&token));
  PetscFunctionReturn(0);
}

/* The names are those of planes and lines too. */
static PetscErrorCode VolumesOptions(AeEvolution E, void *me)
{
  Part *p          = (Part *)me;
  char  format[64] = "kuibit";

  PetscFunctionBegin;
  p->at = -1;
  PetscCall(PetscStrncpy(p->names, "chi,lapse,K,H", sizeof p->names));
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Fields", "aeonic gr");
  PetscCall(AeOptInt("-fields_every", "steps between 3-D outputs; 0: the first and the last state only", "steps", "", 0,
                     PETSC_MAX_INT, &p->every, NULL));
  PetscCall(AeOptString("-fields",
                        "fields to write, separated by commas: evolved ones, H, M_x, M_y, M_z, K, chi, kretschmann, E2, B2, EB, "
                        "R4; or none",
                        "", p->names, sizeof p->names, NULL));
  PetscCall(AeOptString("-fields_format",
                        "formats of 3-D fields, separated by commas: kuibit, vtkhdf (ParaView), xdmf (ParaView, VisIt); or none",
                        "", format, sizeof format, NULL));
  PetscOptionsEnd();
  PetscCall(ReadList("-fields_format", format, formats, AE_OUT_KUIBIT, &p->what));
  if (!strcmp(p->names, "none")) p->names[0] = 0;
  PetscCall(CheckNames(E, p->names, p));
  PetscFunctionReturn(0);
}

/* After the 3-D fields, whose period is theirs unless they are given one. */
static PetscErrorCode CutsOptions(AeEvolution E, void *me)
{
  Part     *p         = (Part *)me;
  char      plane[64] = "none", line[64] = "none";
  PetscBool given;

  PetscFunctionBegin;
  p->at = -1;
  PetscOptionsBegin(PETSC_COMM_WORLD, NULL, "Fields", "aeonic gr");
  PetscCall(AeOptString("-fields_planes",
                        "planes through the middle to write the fields on, separated by commas: xy, xz, yz; or none", "", plane,
                        sizeof plane, NULL));
  PetscCall(AeOptString("-fields_lines", "lines through the middle to write the fields on, separated by commas: x, y, z; or none",
                        "", line, sizeof line, NULL));
  PetscCall(AeOptInt("-fields_cuts_every", "steps between outputs of planes and lines; if not given, with the 3-D fields",
                     "steps", "", 0, PETSC_MAX_INT, &p->every, &given));
  PetscOptionsEnd();
  if (!given) p->every = AeFieldsEvery(E);
  PetscCall(ReadList("-fields_planes", plane, planes, AE_OUT_XY, &p->what));
  PetscCall(ReadList("-fields_lines", line, lines, AE_OUT_X, &p->what));
  PetscFunctionReturn(0);
}

PetscInt AeFieldsEvery(AeEvolution E) { return ((const Part *)AePartOf(E, &AePartVolumes))->every; }

/* Where the values of a field are: in the state, else among the constraints, else among the invariants, computed when the
   first is asked for. */
static PetscErrorCode Find(AeEvolution E, const char name[], Vec *v, const double **values, AeFieldData *field)
{
  const AeLayout *L;
  AeFields        F = AeSpacetimeOf(E)->fields;
  PetscInt        f = AeFieldsFind(F, name), i = 0;

  PetscFunctionBegin;
  if (f < 0) {
    i = 1;
    F = AeConstraintsFields(E);
    f = AeFieldsFind(F, name);
    if (f >= 0 && !v[i]) PetscCall(AeConstraintsOf(E, E->t, ((const Part *)AePartOf(E, &AePartVolumes))->beyond, &v[i], NULL));
  }
  if (f < 0) {
    i = 2;
    F = AeInvariantsFields(E);
    f = AeFieldsFind(F, name);
    if (!v[i]) PetscCall(AeInvariantsOf(E, E->t, &v[i]));
  }
  if (!values[i]) PetscCall(VecGetArrayRead(v[i], &values[i]));
  PetscCall(AeFieldsGetInfo(F, NULL, &L, NULL));
  *field = (AeFieldData){name, values[i] + AeAt(L, f, 0, 0, 0), L->pitch, L->plane};
  PetscFunctionReturn(0);
}

/* The token list owns the names, and the arrays stay open, until the files are written. */
static PetscErrorCode Write(AeEvolution E, Part *p)
{
  const char   *names     = ((const Part *)AePartOf(E, &AePartVolumes))->names;
  Vec           v[3]      = {E->U, NULL, NULL}; /* state, constraints, invariants */
  const double *values[3] = {NULL};
  AeFieldData   field[NAMES / 2];
  PetscInt      n = 0;
  PetscToken    token;
  char         *name;

  PetscFunctionBegin;
  if (!p->what || !names[0] || p->at == E->step) PetscFunctionReturn(0);
  p->at = E->step;
  PetscCall(PetscLogStagePush(AeLogStage[AE_STAGE_OUTPUT]));
  PetscCall(PetscTokenCreate(names, ',', &token));
  PetscCall(PetscTokenFind(token, &name));
  while (name) {
    PetscCall(Find(E, name, v, values, &field[n++]));
    PetscCall(PetscTokenFind(token, &name));
  }
  PetscCall(AeWriteFields(E->run, p->what, 1, &(AeFieldBox){.grid = AeSpacetimeOf(E)->grid, .field = field}, n, E->step, E->t));
  PetscCall(PetscTokenDestroy(&token)); /* holds the names */
  for (int i = 0; i < 3; i++)
    if (values[i]) PetscCall(VecRestoreArrayRead(v[i], &values[i]));
  PetscCall(AeRecordOutput(E, "fields", names));
  PetscCall(PetscLogStagePop());
  PetscFunctionReturn(0);
}

/* ---- what both parts do ---- */

/* With look-ahead the sweep of the state to be written leaves H and M_i behind. */
static PetscErrorCode Ask(AeEvolution E, const AePartType *type)
{
  const Part *p = (const Part *)AePartOf(E, &AePartVolumes);

  return E->ahead && p->constraints && !p->beyond && AeEvolutionWillBeDue(E, type) ? AeConstraintsCapture(E, PETSC_TRUE) : 0;
}

static PetscErrorCode VolumesBefore(AeEvolution E, void *me)
{
  (void)me;
  return Ask(E, &AePartVolumes);
}

static PetscErrorCode CutsBefore(AeEvolution E, void *me)
{
  (void)me;
  return Ask(E, &AePartCuts);
}

static PetscErrorCode Due(AeEvolution E, void *me) { return Write(E, (Part *)me); }

static PetscInt Every(AeEvolution E, void *me)
{
  (void)E;
  return ((Part *)me)->every;
}

static PetscErrorCode VolumesSave(AeEvolution E, void *me, AeSave save)
{
  (void)E;
  return AeSavePut(save, "volumes", &((Part *)me)->at, sizeof(PetscInt));
}

static PetscErrorCode CutsSave(AeEvolution E, void *me, AeSave save)
{
  (void)E;
  return AeSavePut(save, "cuts", &((Part *)me)->at, sizeof(PetscInt));
}

static PetscErrorCode VolumesLoad(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  (void)E;
  return phase == AE_LOAD_COMPARE ? AeLoadTake(load, "volumes", &((Part *)me)->at, sizeof(PetscInt)) : 0;
}

static PetscErrorCode CutsLoad(AeEvolution E, void *me, AeLoadPhase phase, AeLoad load)
{
  (void)E;
  return phase == AE_LOAD_COMPARE ? AeLoadTake(load, "cuts", &((Part *)me)->at, sizeof(PetscInt)) : 0;
}

static PetscErrorCode VolumesForecast(AeEvolution E, void *me, PetscReal points)
{
  PetscLogDouble diag, unused;

  PetscFunctionBegin;
  if (!((Part *)me)->names[0]) PetscFunctionReturn(0);
  PetscCall(AeFieldsBytes(AeConstraintsFields(E), &diag, &unused));
  PetscCall(
    PetscPrintf(PETSC_COMM_WORLD, "  3-D output      %10.4g  %10.0f   H, M and K, once asked for\n", 1e-6 * diag, diag / points));
  PetscFunctionReturn(0);
}

const AePartType AePartVolumes = {.name      = "fields",
                                  .size      = sizeof(Part),
                                  .options   = VolumesOptions,
                                  .load      = VolumesLoad,
                                  .before    = VolumesBefore,
                                  .first     = Due,
                                  .due       = Due,
                                  .save      = VolumesSave,
                                  .last      = Due,
                                  .forecast  = VolumesForecast,
                                  .every     = Every,
                                  .allocates = PETSC_TRUE};

const AePartType AePartCuts = {.name      = "cuts",
                               .size      = sizeof(Part),
                               .options   = CutsOptions,
                               .load      = CutsLoad,
                               .before    = CutsBefore,
                               .first     = Due,
                               .due       = Due,
                               .save      = CutsSave,
                               .last      = Due,
                               .every     = Every,
                               .allocates = PETSC_TRUE};
