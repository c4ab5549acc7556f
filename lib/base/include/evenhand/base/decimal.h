/* SPDX-License-Identifier: Apache-2.0
 * base/decimal.h: decimal numbers as people write them, exact, never a double.
 * Memory   allocates nothing          Tests    unit/base/test_decimal.c */
#ifndef EVH_BASE_DECIMAL_H
#define EVH_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum {
    EVH_DECIMAL_DIGITS_MAX = 18,     /* significant digits kept */
    EVH_DECIMAL_EXPONENT_MAX = 9999, /* largest power of ten, either sign, in a text */
    EVH_DECIMAL_TEXT_LEN = 32
};

/* digits * 10^exponent. Normal form: digits is no multiple of ten, and zero is {0, 0}; every
 * function here takes and gives normal forms, so equal numbers are equal members. */
typedef struct evh_decimal {
    int64_t digits; /* |digits| < 10^18 */
    int32_t exponent;
} evh_decimal;

/* The whole number value; |value| < 10^18. */
evh_decimal evh_decimal_of(int64_t value);

/* Reads [+-]digits[.digits][(e|E)[+-]digits], with at least one digit before or after the point and
 * nothing around it. Fails ENCODING for another form; RANGE for more than 18 significant digits or
 * an exponent over its limit. *out is then zero. */
EVH_MUST_USE evh_status evh_decimal_parse(evh_view text, evh_decimal *out);

/* The same for any number of digits: what is behind the 18th significant digit is cut off.
 *   cut     true when anything other than zeros was cut, so that the text lies strictly further
 *           from zero than *out; compared with a number that has at most 18 digits that decides it
 * Fails as evh_decimal_parse, except for the number of digits. */
EVH_MUST_USE evh_status evh_decimal_parse_cut(evh_view text, evh_decimal *out, bool *cut);

/* -1, 0 or 1 as a is smaller, equal or larger. */
int evh_decimal_compare(evh_decimal a, evh_decimal b);

/* Compares the number that evh_decimal_parse_cut read (a and cut) with b, exactly. */
int evh_decimal_compare_cut(evh_decimal a, bool cut, evh_decimal b);

/* Writes |value| as a fraction in lowest terms. Fails RANGE when one part needs over 64 bits. */
EVH_MUST_USE evh_status evh_decimal_fraction(evh_decimal value, uint64_t *numerator,
                                             uint64_t *denominator);

/* A double near it, within two roundings; exact where a double can be and |exponent| <= 22. For
 * figures that are estimates anyway, never for what privacy or a threshold depends on. */
double evh_decimal_to_double(evh_decimal value);

/* Writes the shortest plain form: "0.05", "-12", "1000"; with an exponent below -9 or above 9 as
 * "1e-12", "25e20". Reading it gives the same number. */
void evh_decimal_format(char out[EVH_DECIMAL_TEXT_LEN], evh_decimal value);

#endif
