/*
  Sums over the modes of each class, for modes that are a NUMBER: included by sums.c once for double and once for float, as
  LANES_OF, ACCUMULATE and SUM_MODES. Squares are taken and summed in double.
*/

/* Sums over n numbers in eight fixed lanes: |q|^2, |r|^2, Re and Im of q conj(p) of interleaved complex numbers. r, p may be NULL. */
static inline void LANES_OF(const NUMBER *restrict q, const NUMBER *restrict r, const NUMBER *restrict p, PetscInt n, const int with_r, const int with_p, PetscReal out[SUMS])
{
  double   E[LANES] = {0}, R[LANES] = {0}, C[LANES] = {0}, X[LANES] = {0};
  PetscInt i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) {
      const double x = q[i + l];

      E[l] += x * x;
      if (with_r) R[l] += (double)r[i + l] * (double)r[i + l];
      if (with_p) {
        C[l] += x * (double)p[i + l];
        X[l] += x * (double)p[i + (l ^ 1)];
      }
    }
  for (int l = 0; i + l < n; l++) {
    const double x = q[i + l];

    E[l] += x * x;
    if (with_r) R[l] += (double)r[i + l] * (double)r[i + l];
    if (with_p) {
      C[l] += x * (double)p[i + l];
      if (i + (l ^ 1) < n) X[l] += x * (double)p[i + (l ^ 1)];
    }
  }
  out[SUM_E]   = ((E[0] + E[4]) + (E[2] + E[6])) + ((E[1] + E[5]) + (E[3] + E[7]));
  out[SUM_R]   = ((R[0] + R[4]) + (R[2] + R[6])) + ((R[1] + R[5]) + (R[3] + R[7]));
  out[SUM_CRE] = ((C[0] + C[4]) + (C[2] + C[6])) + ((C[1] + C[5]) + (C[3] + C[7]));
  out[SUM_CIM] = ((X[1] + X[5]) + (X[3] + X[7])) - ((X[0] + X[4]) + (X[2] + X[6]));
}

/* A real transform's modes have no phase: Im stays 0. */
static inline void ACCUMULATE(const Kind *K, const NUMBER *q, const NUMBER *r, const NUMBER *p, const int with_r, const int with_p, PetscReal sums[][SUMS])
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

        LANES_OF(q + i, with_r ? r + i : NULL, with_p ? p + i : NULL, z * (run->end - x), with_r, with_p, s);
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
#undef LANES_OF
#undef ACCUMULATE
#undef SUM_MODES
