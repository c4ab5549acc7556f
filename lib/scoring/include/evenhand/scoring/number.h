/* SPDX-License-Identifier: Apache-2.0
 * scoring/number.h: numbers as they are written, compared and subtracted without rounding.
 * Secret   values of records               Memory   allocates nothing
 * Tests    unit/scoring/test_number.c */
#ifndef EVH_SCORING_NUMBER_H
#define EVH_SCORING_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"

enum {
    EVH_NUMBER_DIGITS_MAX = 38,     /* significant digits */
    EVH_NUMBER_EXPONENT_MAX = 10000 /* of ten, either sign */
};

/* (negative ? -1 : 1) * digits * 10^exponent. One form per value: digits does not end in a zero,
 * and zero is all zero. */
typedef struct evh_number {
    bool negative;
    int32_t exponent;
    evh_u128 digits; /* < 10^EVH_NUMBER_DIGITS_MAX */
} evh_number;

/* Reads [+-]digits[.digits][e[+-]digits], at least one digit before or after the point, nothing
 * around it. "nan" and "inf" are not numbers.
 *   what  names the value in the text
 * Fails    INPUT not a number, over EVH_NUMBER_DIGITS_MAX digits without leading and trailing
 *          zeros, or an exponent out of range; *out is then zero. */
EVH_MUST_USE evh_status evh_number_read(evh_number *out, const char *what, evh_view text);

/* -1, 0 or 1 for a < b, a = b, a > b. */
int evh_number_compare(const evh_number *a, const evh_number *b);

#endif
