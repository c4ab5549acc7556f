/* SPDX-License-Identifier: Apache-2.0 */
#include "rounding_internal.h"

#include <stdbool.h>

/* The first 53 significant bits of num/den by long division: num/den = (*bits + f) * 2^*exponent
 * with 0 <= f < 1. True when f is not 0. num > 0 */
static bool leading_bits(evh_u128 num, evh_u128 den, uint64_t *bits, int *exponent)
{
    evh_u128 quotient = num / den;
    evh_u128 rest = num % den;
    bool more = false;
    *exponent = 0;
    while (quotient >> 53 != 0) {
        more = more || (quotient & 1) != 0;
        quotient >>= 1;
        ++*exponent;
    }
    while (quotient >> 52 == 0 && *exponent <= 0) {
        rest <<= 1;
        quotient = 2 * quotient + (rest >= den ? 1 : 0);
        rest -= rest >= den ? den : 0;
        --*exponent;
    }
    *bits = (uint64_t)quotient;
    return more || rest != 0;
}

double evh_ratio_up(evh_u128 num, evh_u128 den)
{
    if (num == 0)
        return 0;
    uint64_t bits = 0;
    int exponent = 0;
    bool more = leading_bits(num, den, &bits, &exponent);
    /* 2^53 itself is a double, so that a carry stays exact. */
    return ldexp((double)(bits + (more ? 1 : 0)), exponent);
}

double evh_ratio_down(evh_u128 num, evh_u128 den)
{
    if (num == 0)
        return 0;
    uint64_t bits = 0;
    int exponent = 0;
    (void)leading_bits(num, den, &bits, &exponent);
    return ldexp((double)bits, exponent);
}
