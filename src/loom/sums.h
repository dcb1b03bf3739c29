/*
  Sums over the modes of each class, for modes that are a NUMBER: included by sums.c once for double and once for float, as
  LOAD, SUM_LANES, ACCUMULATE and SUM_MODES. Squares are taken and summed in double.
*/

static inline Four LOAD(const NUMBER *p)
{
  NUMBER x __attribute__((vector_size(4 * sizeof(NUMBER))));

  memcpy(&x, p, sizeof x);
  return __builtin_convertvector(x, Four);
}

/* Sums over n numbers in eight fixed lanes: |q|^2, |r|^2, Re and Im of q conj(p) of interleaved complex numbers. r, p may be
   NULL. Numbers beyond n are read, and count as zeros. */
static inline void SUM_LANES(const NUMBER *q, const NUMBER *r, const NUMBER *p, PetscInt n, const int with_r, const int with_p,
                             PetscReal out[SUMS])
{
  const FourMask lane = {0, 1, 2, 3};
  Four           E[2] = {{0}}, R[2] = {{0}}, C[2] = {{0}}, X[2] = {{0}};

  for (PetscInt i = 0; i < n; i += 8)
    for (int h = 0; h < 2; h++) {
      const PetscInt  at = i + 4 * h, left = n - at;
      const PetscBool all  = (PetscBool)(left >= 4);
      const FourMask  some = lane < (FourMask){left, left, left, left};
      Four            x    = LOAD(q + at), y;

      if (!all) x = (Four)((FourMask)x & some);
      E[h] += x * x;
      if (with_r) {
        y = LOAD(r + at);
        if (!all) y = (Four)((FourMask)y & some);
        R[h] += y * y;
      }
      if (with_p) {
        y = LOAD(p + at);
        if (!all) y = (Four)((FourMask)y & some);
        C[h] += x * y;
        X[h] += x * __builtin_shufflevector(y, y, 1, 0, 3, 2);
      }
    }
  out[SUM_E]   = Even(E[0] + E[1]) + Odd(E[0] + E[1]);
  out[SUM_R]   = Even(R[0] + R[1]) + Odd(R[0] + R[1]);
  out[SUM_CRE] = Even(C[0] + C[1]) + Odd(C[0] + C[1]);
  out[SUM_CIM] = Odd(X[0] + X[1]) - Even(X[0] + X[1]);
}

/* A real transform's modes have no phase: Im stays 0. */
static inline void ACCUMULATE(const Kind *K, const NUMBER *q, const NUMBER *r, const NUMBER *p, const int with_r,
                              const int with_p, PetscReal sums[][SUMS])
{
  AeFFT          f = K->fft;
  const PetscInt z = f->is_complex ? 2 : 1;

  for (PetscInt a = 0; a < f->mn; a++)
    for (PetscInt b = 0; b < f->inner; b++) {
      const PetscInt  row = a * f->inner + b;
      const ptrdiff_t at  = row * f->mpitch;
      PetscInt        my, mz, x = 0;
      PetscReal       yz;

      AeFFTRow(f, a, b, &my, &mz);
      yz = K->norm * K->weight[1][my] * K->weight[2][mz];
      for (const Run *run = K->runs + K->first[row]; run < K->runs + K->first[row + 1]; run++) {
        const PetscReal w = yz * K->weight[0][x], half = run->edge ? w * K->half[row] : w;
        const ptrdiff_t i = at + z * x;
        PetscReal       s[SUMS], *sum = sums[run->class];

        SUM_LANES(q + i, with_r ? r + i : NULL, with_p ? p + i : NULL, z * (run->end - x), with_r, with_p, s);
        sum[SUM_E] += w * s[SUM_E];
        if (with_r) sum[SUM_R] += w * s[SUM_R];
        if (with_p) {
          sum[SUM_CRE] += half * s[SUM_CRE];
          if (z == 2) sum[SUM_CIM] += half * s[SUM_CIM];
        }
        x = run->end;
      }
    }
}

void SUM_MODES(const Kind *K, const NUMBER *q, const NUMBER *r, const NUMBER *p, PetscReal sums[][SUMS])
{
  if (r && p) ACCUMULATE(K, q, r, p, 1, 1, sums);
  else if (r) ACCUMULATE(K, q, r, p, 1, 0, sums);
  else if (p) ACCUMULATE(K, q, r, p, 0, 1, sums);
  else ACCUMULATE(K, q, r, p, 0, 0, sums);
}
#undef NUMBER
#undef LOAD
#undef SUM_LANES
#undef ACCUMULATE
#undef SUM_MODES
