/* SPDX-License-Identifier: Apache-2.0
 * field/ntt_template.h: number-theoretic transforms in the field that as_field64.h or as_field128.h
 * names. The forward transform decimates in time and the inverse in frequency, so that coefficients
 * stay in bit-reversed order between the two and nothing is ever permuted. Contracts are in
 * field64.h and field128.h. */

void FE_NAME(ntt_table)(fe *table, unsigned log, bool inverse)
{
    table[0] = FE_NAME(weight_one)();
    for (unsigned layer = 0; layer < log; layer++) {
        size_t half = (size_t)1 << layer;
        fe root = FE_NAME(root)(layer + 1);
        if (inverse)
            root = FE_NAME(weight_inv)(root);
        table[half] = FE_NAME(weight_one)();
        for (size_t i = 1; i < half; i++)
            table[half + i] = FE_NAME(mul)(table[half + i - 1], root);
    }
}

/* The layer of half-width 1, whose only twiddle is 1, in either direction. */
static void butterflies_of_two(fe *a, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        fe u = a[i];
        fe v = a[i + 1];
        a[i] = FE_NAME(add)(u, v);
        a[i + 1] = FE_NAME(sub)(u, v);
    }
}

void FE_NAME(ntt)(fe *a, const fe *table, unsigned log)
{
    size_t n = (size_t)1 << log;
    if (log > 0)
        butterflies_of_two(a, n);
    for (size_t half = 2; half < n; half *= 2) {
        const fe *twiddle = table + half;
        for (size_t start = 0; start < n; start += 2 * half) {
            fe *low = a + start;
            fe *high = low + half;
            for (size_t i = 0; i < half; i++) {
                fe u = low[i];
                fe v = FE_NAME(mul)(twiddle[i], high[i]);
                low[i] = FE_NAME(add)(u, v);
                high[i] = FE_NAME(sub)(u, v);
            }
        }
    }
}

void FE_NAME(intt)(fe *a, const fe *table, unsigned log)
{
    size_t n = (size_t)1 << log;
    for (size_t half = n / 2; half > 1; half /= 2) {
        const fe *twiddle = table + half;
        for (size_t start = 0; start < n; start += 2 * half) {
            fe *low = a + start;
            fe *high = low + half;
            for (size_t i = 0; i < half; i++) {
                fe u = low[i];
                fe v = high[i];
                low[i] = FE_NAME(add)(u, v);
                high[i] = FE_NAME(mul)(twiddle[i], FE_NAME(sub)(u, v));
            }
        }
    }
    if (log > 0)
        butterflies_of_two(a, n);
}
