/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/number.h"

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool take(evh_reader *reader, uint8_t byte)
{
    if (reader->rest.len == 0 || reader->rest.data[0] != byte)
        return false;
    reader->rest = evh_view_of(reader->rest.data + 1, reader->rest.len - 1);
    return true;
}

static evh_view take_digits(evh_reader *reader)
{
    evh_view digits = evh_view_of(reader->rest.data, 0);
    while (digits.len < reader->rest.len && is_digit(reader->rest.data[digits.len]))
        digits.len++;
    reader->rest = evh_view_of(reader->rest.data + digits.len, reader->rest.len - digits.len);
    return digits;
}

/* Digits before and after the point are one row of digits: trailing zeros move to the exponent. */
typedef struct digit_row {
    evh_view whole;
    evh_view fraction;
} digit_row;

static uint8_t digit_at(const digit_row *row, size_t at)
{
    return (uint8_t)((at < row->whole.len ? row->whole.data[at]
                                          : row->fraction.data[at - row->whole.len]) -
                     '0');
}

static evh_status read_exponent(evh_reader *reader, const char *what, int64_t *out)
{
    evh_status status = evh_ok();
    *out = 0;
    if (!take(reader, 'e') && !take(reader, 'E'))
        return status;
    bool negative = take(reader, '-');
    if (!negative)
        (void)take(reader, '+');
    evh_view digits = take_digits(reader);
    EVH_REQUIRE(digits.len > 0, EVH_ERR_INPUT, "%s: a number's exponent has no digits", what);
    for (size_t i = 0; i < digits.len; i++) {
        *out = 10 * *out + (digits.data[i] - '0');
        EVH_REQUIRE(*out <= EVH_NUMBER_EXPONENT_MAX, EVH_ERR_INPUT,
                    "%s: a number's exponent is over %d", what, EVH_NUMBER_EXPONENT_MAX);
    }
    if (negative)
        *out = -*out;
done:
    return status;
}

static evh_status keep_digits(evh_number *out, const char *what, const digit_row *row,
                              int64_t exponent)
{
    evh_status status = evh_ok();
    size_t first = 0;
    size_t end = row->whole.len + row->fraction.len;
    while (first < end && digit_at(row, first) == 0)
        first++;
    while (end > first && digit_at(row, end - 1) == 0)
        end--;
    if (first == end) {
        *out = (evh_number){0};
        goto done;
    }
    EVH_REQUIRE(end - first <= EVH_NUMBER_DIGITS_MAX, EVH_ERR_INPUT,
                "%s: a number of more than %d significant digits", what, EVH_NUMBER_DIGITS_MAX);
    /* Both lengths are those of texts in memory, so the difference fits. */
    exponent += (int64_t)row->whole.len - (int64_t)end;
    EVH_REQUIRE(exponent >= -EVH_NUMBER_EXPONENT_MAX && exponent <= EVH_NUMBER_EXPONENT_MAX,
                EVH_ERR_INPUT, "%s: a number outside 10^-%d..10^%d", what, EVH_NUMBER_EXPONENT_MAX,
                EVH_NUMBER_EXPONENT_MAX);
    for (size_t i = first; i < end; i++)
        out->digits = 10 * out->digits + digit_at(row, i);
    out->exponent = (int32_t)exponent;
done:
    return status;
}

evh_status evh_number_read(evh_number *out, const char *what, evh_view text)
{
    evh_status status = evh_ok();
    evh_reader reader = evh_reader_of(text);
    evh_number value = {0};
    int64_t exponent = 0;
    value.negative = take(&reader, '-');
    if (!value.negative)
        (void)take(&reader, '+');
    digit_row row = {.whole = take_digits(&reader), .fraction = evh_view_of(NULL, 0)};
    if (take(&reader, '.'))
        row.fraction = take_digits(&reader);
    EVH_REQUIRE(row.whole.len + row.fraction.len > 0, EVH_ERR_INPUT, "%s: not a number", what);
    EVH_TRY(read_exponent(&reader, what, &exponent));
    EVH_REQUIRE(reader.rest.len == 0, EVH_ERR_INPUT, "%s: not a number", what);
    EVH_TRY(keep_digits(&value, what, &row, exponent));
done:
    *out = status.code == EVH_OK ? value : (evh_number){0};
    return status;
}

static int count_digits(evh_u128 digits)
{
    int count = 0;
    for (; digits > 0; digits /= 10)
        count++;
    return count;
}

/* Both positive. With as many digits before the point, the shorter row of digits is filled up with
 * zeros, to at most EVH_NUMBER_DIGITS_MAX digits, which fit 128 bits. */
static int compare_magnitudes(const evh_number *a, const evh_number *b)
{
    int length_a = count_digits(a->digits);
    int length_b = count_digits(b->digits);
    int64_t place_a = (int64_t)a->exponent + length_a;
    int64_t place_b = (int64_t)b->exponent + length_b;
    if (place_a != place_b)
        return place_a < place_b ? -1 : 1;
    evh_u128 digits_a = a->digits;
    evh_u128 digits_b = b->digits;
    for (; length_a < length_b; length_a++)
        digits_a *= 10;
    for (; length_b < length_a; length_b++)
        digits_b *= 10;
    return (digits_a > digits_b) - (digits_a < digits_b);
}

static int sign_of(const evh_number *value)
{
    if (value->digits == 0)
        return 0;
    return value->negative ? -1 : 1;
}

int evh_number_compare(const evh_number *a, const evh_number *b)
{
    int sign_a = sign_of(a);
    int sign_b = sign_of(b);
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    if (sign_a == 0)
        return 0;
    return sign_a * compare_magnitudes(a, b);
}
