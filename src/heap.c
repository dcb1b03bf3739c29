/*
  The program's allocators: libc's, and -mem_audit is told of each call while it counts. Linked into the program and its tests,
  not into
  the library, whose users have allocators of their own. Sanitizers bring theirs: nothing is counted under them.
*/
#include <aeonic/audit.h>
#include <errno.h>

#if defined(__SANITIZE_ADDRESS__)
const int aeHeapCounts = 0;
#else
const int aeHeapCounts = 1;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t n)
{
  if (aeAuditActive) AeAuditCount();
  return __libc_malloc(n);
}
void *calloc(size_t n, size_t m)
{
  if (aeAuditActive) AeAuditCount();
  return __libc_calloc(n, m);
}
void *realloc(void *p, size_t n)
{
  if (aeAuditActive) AeAuditCount();
  return __libc_realloc(p, n);
}
void *memalign(size_t a, size_t n)
{
  if (aeAuditActive) AeAuditCount();
  return __libc_memalign(a, n);
}
void *aligned_alloc(size_t a, size_t n)
{
  if (aeAuditActive) AeAuditCount();
  return __libc_memalign(a, n);
}
int posix_memalign(void **p, size_t a, size_t n)
{
  if (aeAuditActive) AeAuditCount();
  *p = __libc_memalign(a, n);
  return *p ? 0 : ENOMEM;
}
#endif
