#ifndef AEONIC_BASE_H
#define AEONIC_BASE_H
/*
  Base services shared by every module: start-up and shut-down, the error policy, strict options,
  log events, the run folder, the summary and the progress display.

  Nothing here knows about grids or physics.
*/
#include <petscts.h>
#include <petscsf.h>
#include <petscdmshell.h>
#include <math.h>
#undef I /* complex.h */

#define AEONIC_VERSION "0.1.0"

/* Exit statuses of the program. */
typedef enum {
  AE_EXIT_OK     = 0, /* done */
  AE_EXIT_USAGE  = 1, /* a usage, option or input error */
  AE_EXIT_FAILED = 2, /* the run failed physically or did not converge; what was written is intact */
  AE_EXIT_SYSTEM = 3  /* an internal or system failure */
} AeExit;

/*
  Error codes beyond PETSc's own, for SETERRQ/PetscCheck. The error handler prints one line and the
  process ends with the status named; PETSc's own codes map to AE_EXIT_USAGE (argument, input, file-open
  and option errors) or AE_EXIT_SYSTEM (all others).
*/
#define AE_ERR_USAGE  PETSC_ERR_USER_INPUT    /* AE_EXIT_USAGE */
#define AE_ERR_FAILED PETSC_ERR_NOT_CONVERGED /* AE_EXIT_FAILED */
#define AE_ERR_SYSTEM PETSC_ERR_SYS           /* AE_EXIT_SYSTEM */
#define AE_ERR_FILE   PETSC_ERR_FILE_WRITE    /* AE_EXIT_SYSTEM: a write failed, disk full */

/*
  AeonicInitialize - PetscInitialize, then everything of ours that has to be registered (error handler,
  log classes and events, TS types, citations). argv must hold options only: main() removes the
  sub-command first. Tests call it too.
*/
PETSC_EXTERN PetscErrorCode AeonicInitialize(int *argc, char ***argv, const char help[]);
PETSC_EXTERN PetscErrorCode AeonicFinalize(void);

/*
  AeonicExitStatus - what the process returns for an error code that reached main(): 0 for 0.
  AeonicAbandon    - ends all ranks after an error: tries MPI_Finalize, and leaves by _exit(status) if
                     that does not come back within two seconds (mpiexec then ends the other ranks).
                     Does not return.

  An error is printed once, as "aeonic: error: message", by rank 0 of the communicator it was raised on.
  One raised on PETSC_COMM_SELF while there are several ranks ends all of them on the spot, since the
  others cannot know: raise errors that all ranks see on their communicator.
*/
PETSC_EXTERN int  AeonicExitStatus(PetscErrorCode ierr);
PETSC_EXTERN void AeonicAbandon(int status) __attribute__((cold, noreturn));
/*
  AeonicLastWords - speak(status, reason) is called on this rank if the process ends in the middle of things: by a signal
                    (crash, SIGTERM, SIGINT, SIGHUP) or by an error that ends all ranks on the spot. It may only do what
                    a signal handler may, and write(2). One at a time; NULL: none.
*/
PETSC_EXTERN void AeonicLastWords(void (*speak)(int status, const char reason[]));
/* The text of the newest error on this rank, "" if there was none: for run.reason of the summary. */
PETSC_EXTERN const char *AeonicLastError(void);

/* ---- strict options -------------------------------------------------------------------------------

  Every option of ours is declared between PetscOptionsBegin/End with one of these. Each documents
  itself for -help (text, unit, range, default, reference), checks the value's spelling, count and range
  itself (PETSc's parser lets NaN, wrapped integers and short lists through) and enters a table, against
  which AeOptionsCheck() compares what the user gave.

     PetscOptionsBegin(comm, NULL, "Grid", "AeGrid");
     PetscCall(AeOptPositive("-gr_cfl", "time step over grid spacing", "1", "", &cfl, NULL));
     PetscOptionsEnd();

  unit: "M", "1", "points", ...   ref: paper or manual page, "" if none.
  The value's variable holds the default on entry. found may be NULL.
*/
#define AE_HUGE 1.0e300 /* no limit on this side; integers: PETSC_MAX_INT, -PETSC_MAX_INT */

#define AeOptReal(name, text, unit, ref, lo, hi, value, found) \
  AeOptReal_Private(PetscOptionsObject, name, text, unit, ref, lo, hi, value, found)
#define AeOptPositive(name, text, unit, ref, value, found) \
  AeOptPositive_Private(PetscOptionsObject, name, text, unit, ref, value, found)
#define AeOptInt(name, text, unit, ref, lo, hi, value, found) \
  AeOptInt_Private(PetscOptionsObject, name, text, unit, ref, lo, hi, value, found)
#define AeOptInts(name, text, unit, ref, lo, hi, n, value, found) \
  AeOptInts_Private(PetscOptionsObject, name, text, unit, ref, lo, hi, n, value, found)
#define AeOptReals(name, text, unit, ref, lo, hi, n, value, found) \
  AeOptReals_Private(PetscOptionsObject, name, text, unit, ref, lo, hi, n, value, found)
#define AeOptRows(name, text, unit, ref, n, max, value, rows) \
  AeOptRows_Private(PetscOptionsObject, name, text, unit, ref, n, max, value, rows)
#define AeOptBool(name, text, ref, value, found) AeOptBool_Private(PetscOptionsObject, name, text, ref, value, found)
#define AeOptChoice(name, text, ref, list, nlist, value, found) \
  AeOptChoice_Private(PetscOptionsObject, name, text, ref, list, nlist, value, found)
#define AeOptString(name, text, ref, value, len, found) \
  AeOptString_Private(PetscOptionsObject, name, text, ref, value, len, found)

/* lo <= value <= hi */
PETSC_EXTERN PetscErrorCode AeOptReal_Private(PetscOptionItems *, const char name[], const char text[], const char unit[],
                                              const char ref[], PetscReal lo, PetscReal hi, PetscReal *value, PetscBool *found);
/* value > 0 */
PETSC_EXTERN PetscErrorCode AeOptPositive_Private(PetscOptionItems *, const char name[], const char text[], const char unit[],
                                                  const char ref[], PetscReal *value, PetscBool *found);
PETSC_EXTERN PetscErrorCode AeOptInt_Private(PetscOptionItems *, const char name[], const char text[], const char unit[],
                                             const char ref[], PetscInt lo, PetscInt hi, PetscInt *value, PetscBool *found);
/* exactly n values separated by commas */
PETSC_EXTERN PetscErrorCode AeOptInts_Private(PetscOptionItems *, const char name[], const char text[], const char unit[],
                                              const char ref[], PetscInt lo, PetscInt hi, PetscInt n, PetscInt value[],
                                              PetscBool *found);
PETSC_EXTERN PetscErrorCode AeOptReals_Private(PetscOptionItems *, const char name[], const char text[], const char unit[],
                                               const char ref[], PetscReal lo, PetscReal hi, PetscInt n, PetscReal value[],
                                               PetscBool *found);
/* rows of n values separated by commas, with ; between rows: at most max rows into value[rows*n]. On entry *rows is the
   number of rows of the default. */
PETSC_EXTERN PetscErrorCode AeOptRows_Private(PetscOptionItems *, const char name[], const char text[], const char unit[],
                                              const char ref[], PetscInt n, PetscInt max, PetscReal value[], PetscInt *rows);
PETSC_EXTERN PetscErrorCode AeOptBool_Private(PetscOptionItems *, const char name[], const char text[], const char ref[],
                                              PetscBool *value, PetscBool *found);
/* one of list[0..nlist-1]; *value is the index. A wrong name is an error that lists the choices and the nearest one. */
PETSC_EXTERN PetscErrorCode AeOptChoice_Private(PetscOptionItems *, const char name[], const char text[], const char ref[],
                                                const char *const list[], PetscInt nlist, PetscInt *value, PetscBool *found);
/* value: a buffer of len characters holding the default */
PETSC_EXTERN PetscErrorCode AeOptString_Private(PetscOptionItems *, const char name[], const char text[], const char ref[],
                                                char value[], size_t len, PetscBool *found);

/*
  AeOptionsScan  - looks at the command line itself, before anything is read: a double dash, a stray
                   word, an empty value, NaN, infinity or an integer beyond PetscInt in any option.
                   argv as given to main without the sub-command. Error: AE_ERR_USAGE.
  AeOptionsCheck - call when everything is set up and before the first step: any option in the database
                   that neither we nor PETSc have read is an error naming it and the nearest known
                   spelling. Options that PETSc reads only while or after running (-ts_view, -log_view,
                   ...) pass. -options_left_ok turns it off.
  AeOptionsCheckLeft - the same at the end of the run, with nothing excused but what PetscFinalize reads.
  AeOptionsTable - the whole option database as text, one "-name value" per line, sorted; free with PetscFree.
*/
PETSC_EXTERN PetscErrorCode AeOptionsScan(int argc, char *const argv[]);
PETSC_EXTERN PetscErrorCode AeOptionsCheck(void);
PETSC_EXTERN PetscErrorCode AeOptionsCheckLeft(void);
PETSC_EXTERN PetscErrorCode AeOptionsTable(char **text);
/* True when -help was given; then prints the options declared so far: commands stop before the first step and return 0. */
PETSC_EXTERN PetscErrorCode AeHelpWanted(PetscBool *wanted);
/* Whether -help was given, for what only a reader of the help text needs declared. */
PETSC_EXTERN PetscBool AeHelpAsked(void);
/* The entry of list[] closest to word by edit distance (case ignored), or NULL when none is near. */
PETSC_EXTERN const char *AeNearest(const char word[], const char *const list[], PetscInt n);

/* ---- the run: folder, summary, progress ------------------------------------------------------------ */

typedef struct _p_AeRun *AeRun;

/*
  AeRunCreate - a run of `command` (gr, bench, ...) named `name`: reads -out, -summary, -fresh, -progress.
  AeRunOpen   - makes the folder (series/ and fields/ inside). A folder that already holds a run is an
                error unless -fresh, which moves it to NAME.old-N. Collective. Writes options.txt inside.
  AeRunResume - before AeRunOpen, for -restart: the run in the folder is continued, not refused.
  AeRunPath   - DIR/rel in a buffer owned by the run (valid until the next call).
  AeRunSet*   - keys of summary.json (flat; later calls replace earlier values). NaN and infinity are
                stored as null.
  AeRunSave   - writes what there is of the summary so far, as AeRunClose does, for runs whose results come one by one.
  AeRunClose  - writes summary.json (temporary file, fsync, rename) in the folder and to -summary, adding
                run.command run.exit run.reason run.wall_s run.ranks run.version run.reproducible.
                Also called after a failure, with that failure's status and reason.
  AeRunDestroy
  A run whose folder was never opened (bench without -out) writes only the -summary file.
*/
PETSC_EXTERN PetscErrorCode AeRunCreate(MPI_Comm, const char command[], const char name[], AeRun *);
PETSC_EXTERN PetscErrorCode AeRunResume(AeRun);
PETSC_EXTERN PetscErrorCode AeRunOpen(AeRun);
PETSC_EXTERN const char    *AeRunPath(AeRun, const char rel[]);
PETSC_EXTERN PetscErrorCode AeRunSetReal(AeRun, const char key[], PetscReal);
PETSC_EXTERN PetscErrorCode AeRunSetInt(AeRun, const char key[], PetscInt64);
PETSC_EXTERN PetscErrorCode AeRunSetString(AeRun, const char key[], const char value[]);
PETSC_EXTERN PetscErrorCode AeRunSetBool(AeRun, const char key[], PetscBool);
PETSC_EXTERN PetscErrorCode AeRunSave(AeRun);
PETSC_EXTERN PetscErrorCode AeRunClose(AeRun, AeExit status, const char reason[]);
PETSC_EXTERN PetscErrorCode AeRunDestroy(AeRun *);

/*
  AeWriteFile - rank-local: text to path.tmp, fsync, rename over path, fsync of the folder. Errors name
  the path and the reason (AE_ERR_FILE) and leave an older file of that name untouched.
*/
PETSC_EXTERN PetscErrorCode AeWriteFile(const char path[], const char text[], size_t len);

/*
  Progress on the terminal, rank 0 only. -progress auto|bar|line|none: auto is bar on a terminal, else
  line (at most one every five seconds, the first and the last always).
  Shows step, t, dt, steps/s, time left, constraint norm.
*/
PETSC_EXTERN PetscErrorCode AeRunProgress(AeRun, PetscInt step, PetscReal t, PetscReal t_end, PetscInt max_steps, PetscReal dt,
                                          PetscReal constraint);
PETSC_EXTERN PetscErrorCode AeRunProgressEnd(AeRun);

/* ---- commands -------------------------------------------------------------------------------------- */

/* A sub-command: called after AeonicInitialize; the returned error code decides the exit status. */
typedef struct {
  const char *name, *text; /* for `aeonic help` */
  PetscErrorCode (*run)(const char topic[]);
  const char *const
    *topics; /* words that may follow the command, NULL-terminated; NULL: none; one in capitals stands for any word */
} AeCommand;

/* ---- log events ------------------------------------------------------------------------------------ */
/*
  AE_EVENT(variable, "name") - at file level: a PetscLogEvent of that name for -log_view, static if that word stands before it. It
  enters a table as the program starts, and AeonicInitialize registers the table: events are known on all ranks alike before the
  first step, and no list of all modules' events is kept. One name may stand in several files.
*/
typedef struct AeEvent {
  const char     *name;
  PetscLogEvent  *id;
  struct AeEvent *next;
} AeEvent;
PETSC_EXTERN void AeEventAdd(AeEvent *);
#define AE_EVENT(variable, text)                                 \
  PetscLogEvent                            variable;             \
  __attribute__((constructor)) static void variable##Enter(void) \
  {                                                              \
    static AeEvent event = {text, &variable, NULL};              \
    AeEventAdd(&event);                                          \
  }                                                              \
  _Static_assert(sizeof(text) > 1, "an event has a name")
PETSC_EXTERN PetscClassId AE_CLASSID; /* for objects of ours; -info :aeonic selects it */
/* For -citations: keys of the table in base/citations.c, separated by blanks. */
PETSC_EXTERN PetscErrorCode AeCite(const char keys[]);
typedef enum { AE_STAGE_SETUP, AE_STAGE_EVOLVE, AE_STAGE_OUTPUT, AE_STAGE_COUNT } AeStage;
PETSC_EXTERN PetscLogStage AeLogStage[AE_STAGE_COUNT];

#endif
