/* SPDX-License-Identifier: Apache-2.0
 * rounding_internal.h: doubles that are known to lie on the safe side.
 * The compiler's arithmetic is IEEE 754 double, rounded to nearest: + - * / and sqrt are within
 * half an ulp; the libm functions used here (exp, expm1, log, log1p, sinh, asinh) are within 4 ulp.
 */
#ifndef EVH_PRIVACY_ROUNDING_INTERNAL_H
#define EVH_PRIVACY_ROUNDING_INTERNAL_H

#include <math.h>
#include <stdint.h>

#include "evenhand/base/uint128.h"

/* At least the exact value of a formula whose double value is x, if the formula has at most 64
 * operations and none of them errs by more than 4 ulp of `scale`, which all its terms stay below:
 * 64 * 4 * 2^-53 = 2^-45. NaN becomes INFINITY: what cannot be computed is not promised. */
static inline double evh_above(double x, double scale)
{
    double bound = nextafter(x + 0x1p-44 * scale, INFINITY);
    return isnan(bound) ? INFINITY : bound;
}

/* a + b rounded up. */
static inline double evh_add_up(double a, double b)
{
    return nextafter(a + b, INFINITY);
}

/* a * b rounded up, for a, b >= 0; 0 stays 0 whatever the other is. */
static inline double evh_mul_up(double a, double b)
{
    return a == 0 || b == 0 ? 0 : nextafter(a * b, INFINITY);
}

/* The double next to num/den, den >= 1 and both below 2^127: exact when it is one, else rounded as
 * asked. */
double evh_ratio_up(evh_u128 num, evh_u128 den);
double evh_ratio_down(evh_u128 num, evh_u128 den);

#endif
