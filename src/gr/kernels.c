/*
  The table of compiled row kernels (kernel.c, matter_kernel.c). AE_VARIANTS, from the makefile, lists those of the
  formulations as X(formulation, order, instruction set, lanes); each has matter of the same order, set and width.
*/
#include <aeonic/gr.h>

#define X(form, order, set, lanes)                                  \
  void AeRowA_##form##_o##order##_##set##_v##lanes(const Z4Row *);  \
  void AeRowAB_##form##_o##order##_##set##_v##lanes(const Z4Row *); \
  void AeRowB_##form##_o##order##_##set##_v##lanes(const Z4Row *);  \
  void AeRow_matter_o##order##_##set##_v##lanes(const Z4Row *, Z4Form);
AE_VARIANTS
#undef X

#define X(form, order, set, lanes)               \
  {Z4_FORM_##form,                               \
   order,                                        \
   lanes,                                        \
   #set,                                         \
   AeRowA_##form##_o##order##_##set##_v##lanes,  \
   AeRowAB_##form##_o##order##_##set##_v##lanes, \
   AeRowB_##form##_o##order##_##set##_v##lanes,  \
   AeRow_matter_o##order##_##set##_v##lanes},
static const Z4Kernel Kernels[] = {AE_VARIANTS};
#undef X

const char *const Z4FormNames[Z4_FORM_COUNT] = {"bssn", "z4c", "ccz4", "adm"};

static int Runs(const char *set)
{
#if defined(__x86_64__)
  if (!strcmp(set, "x86_64_v3"))
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (!strcmp(set, "x86_64_v4"))
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
#endif
  return 1;
}

const Z4Kernel *AeZ4KernelFind(Z4Form form, PetscInt order, PetscInt lanes)
{
  const Z4Kernel *best = NULL;

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(Kernels); i++) {
    const Z4Kernel *K = &Kernels[i];
    if (K->form == form && K->order == order && (!lanes || K->lanes == lanes) && Runs(K->set) &&
        (!best || K->lanes > best->lanes))
      best = K;
  }
  return best;
}

static PetscInt Count(const char name[])
{
  for (const AeKernelCount *c = AeKernelCounts; c->function; c++)
    if (!strcmp(c->function, name)) return c->flops;
  return 0;
}

void AeZ4KernelFlops(const Z4Kernel *K, PetscBool matter, PetscInt flops[3])
{
  static const char *const pass[3] = {"A", "AB", "B"};
  char                     name[64];

  for (int p = 0; p < 3; p++) {
    (void)snprintf(name, sizeof name, "AeRow%s_%s_o%d_%s_v%d", pass[p], Z4FormNames[K->form], K->order, K->set, K->lanes);
    flops[p] = Count(name);
    (void)snprintf(name, sizeof name, "AeRow_matter_o%d_%s_v%d", K->order, K->set, K->lanes);
    if (matter) flops[p] += Count(name);
  }
}
