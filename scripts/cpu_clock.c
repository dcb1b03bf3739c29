/*
  A library to preload into a program that times itself by the wall's clock: the clocks that it asks advance by the CPU time of its
  process. `aeonic ... -bench_vs OLD` does so, and others' work on the machine is not in the times of an old build either.

  Only the program itself is answered so. Libraries below it sleep until a clock has moved on (drivers that find out how fast the
  processor's counter runs, MPI's start-up), and a CPU clock stands still meanwhile. MPI_Wtime(), which PETSc asks as well, may read
  the processor's counter instead of a clock: it is answered here for everyone.
*/
#include <link.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { BILLION = 1000000000 };

static struct timespec real, since;   /* date and time since boot when the program started: dates stay dates */
static char           *program, *end; /* its code */

/* The kernel's answer: libc's own function is the one that is replaced here. */
static int Ask(clockid_t clock, struct timespec *t) { return (int)syscall(SYS_clock_gettime, clock, t); }

/* The first object is the program. */
static int Find(struct dl_phdr_info *info, size_t size, void *unused)
{
  (void)size;
  (void)unused;
  for (int p = 0; p < info->dlpi_phnum; p++)
    if (info->dlpi_phdr[p].p_type == PT_LOAD && (info->dlpi_phdr[p].p_flags & PF_X)) {
      program = (char *)info->dlpi_addr + info->dlpi_phdr[p].p_vaddr;
      end     = program + info->dlpi_phdr[p].p_memsz;
    }
  return 1;
}

__attribute__((constructor)) static void Start(void)
{
  (void)Ask(CLOCK_REALTIME, &real);
  (void)Ask(CLOCK_MONOTONIC, &since);
  (void)dl_iterate_phdr(Find, NULL);
}

static int Answer(clockid_t clock, struct timespec *t, const char *caller)
{
  const struct timespec *start = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? &real : &since;
  int                    bad;

  if (caller < program || caller >= end || clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
    return Ask(clock, t);
  bad = Ask(CLOCK_PROCESS_CPUTIME_ID, t);
  t->tv_sec += start->tv_sec + (t->tv_nsec + start->tv_nsec) / BILLION;
  t->tv_nsec = (t->tv_nsec + start->tv_nsec) % BILLION;
  return bad;
}

int clock_gettime(clockid_t clock, struct timespec *t) { return Answer(clock, t, __builtin_return_address(0)); }

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
  struct timespec now;
  const int       bad = Answer(CLOCK_REALTIME, &now, __builtin_return_address(0));

  (void)zone;
  t->tv_sec  = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return bad;
}

double MPI_Wtime(void)
{
  struct timespec now;

  (void)Ask(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
double PMPI_Wtime(void) { return MPI_Wtime(); }
