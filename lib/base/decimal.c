/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/decimal.h"

#include <inttypes.h>
#include <stdio.h>

#include "evenhand/base/sizes.h"
#include "evenhand/base/uint128.h"

/* Powers of ten up to the largest that fits 64 bits. */
static uint64_t power_of_ten(uint32_t exponent)
{
    uint64_t power = 1;
    for (uint32_t i = 0; i < exponent; i++)
        power *= 10;
    return power;
}

static evh_decimal normal_form(int64_t digits, int32_t exponent)
{
    evh_decimal value = {.digits = digits, .exponent = exponent};
    if (digits == 0)
        value.exponent = 0;
    while (value.digits != 0 && value.digits % 10 == 0) {
        value.digits /= 10;
        value.exponent++;
    }
    return value;
}

evh_decimal evh_decimal_of(int64_t value)
{
    return normal_form(value, 0);
}

static bool take_sign(evh_view *rest)
{
    bool negative = false;
    if (rest->len > 0 && (rest->data[0] == '+' || rest->data[0] == '-')) {
        negative = rest->data[0] == '-';
        *rest = evh_view_of(rest->data + 1, rest->len - 1);
    }
    return negative;
}

static bool take_digit(evh_view *rest, uint8_t *digit)
{
    if (rest->len == 0 || rest->data[0] < '0' || rest->data[0] > '9')
        return false;
    *digit = (uint8_t)(rest->data[0] - '0');
    *rest = evh_view_of(rest->data + 1, rest->len - 1);
    return true;
}

/* The digits around the point, cut after the 18th significant one. */
typedef struct mantissa {
    int64_t digits;
    int64_t exponent;
    uint32_t significant;
    bool cut;
    bool any;
} mantissa;

static void add_digit(mantissa *m, uint8_t digit, bool after_point)
{
    m->any = true;
    if (m->significant < EVH_DECIMAL_DIGITS_MAX) {
        m->digits = m->digits * 10 + digit;
        m->significant += m->digits != 0;
        m->exponent -= after_point;
    } else {
        m->cut |= digit != 0;
        m->exponent += !after_point;
    }
}

static mantissa take_mantissa(evh_view *rest)
{
    mantissa m = {.digits = 0};
    uint8_t digit = 0;
    while (take_digit(rest, &digit))
        add_digit(&m, digit, false);
    if (rest->len > 0 && rest->data[0] == '.') {
        *rest = evh_view_of(rest->data + 1, rest->len - 1);
        while (take_digit(rest, &digit))
            add_digit(&m, digit, true);
    }
    return m;
}

/* Reads the optional power; false when it is malformed. A huge one stays huge, to be refused. */
static bool take_power(evh_view *rest, int64_t *power)
{
    *power = 0;
    if (rest->len == 0)
        return true;
    if (rest->data[0] != 'e' && rest->data[0] != 'E')
        return false;
    *rest = evh_view_of(rest->data + 1, rest->len - 1);
    bool negative = take_sign(rest);
    uint8_t digit = 0;
    bool any = false;
    while (take_digit(rest, &digit)) {
        any = true;
        if (*power <= EVH_DECIMAL_EXPONENT_MAX)
            *power = *power * 10 + digit;
    }
    if (negative)
        *power = -*power;
    return any && rest->len == 0;
}

evh_status evh_decimal_parse_cut(evh_view text, evh_decimal *out, bool *cut)
{
    *out = evh_decimal_of(0);
    *cut = false;
    evh_view rest = text;
    bool negative = take_sign(&rest);
    mantissa m = take_mantissa(&rest);
    int64_t power = 0;
    if (!take_power(&rest, &power) || !m.any)
        return evh_fail(EVH_ERR_ENCODING, "not a decimal number such as 12, -0.5 or 1e-6");
    if (power > EVH_DECIMAL_EXPONENT_MAX || power < -EVH_DECIMAL_EXPONENT_MAX ||
        m.exponent > INT32_MAX / 2 || m.exponent < INT32_MIN / 2)
        return evh_fail(EVH_ERR_RANGE, "the power of ten is outside -%d..%d",
                        EVH_DECIMAL_EXPONENT_MAX, EVH_DECIMAL_EXPONENT_MAX);
    *out = normal_form(negative ? -m.digits : m.digits, (int32_t)(m.exponent + power));
    *cut = m.cut;
    return evh_ok();
}

evh_status evh_decimal_parse(evh_view text, evh_decimal *out)
{
    bool cut = false;
    evh_status status = evh_decimal_parse_cut(text, out, &cut);
    if (status.code == EVH_OK && cut) {
        *out = evh_decimal_of(0);
        status = evh_fail(EVH_ERR_RANGE, "a number with more than %d significant digits",
                          EVH_DECIMAL_DIGITS_MAX);
    }
    return status;
}

static uint64_t magnitude(evh_decimal value)
{
    return value.digits < 0 ? (uint64_t)-value.digits : (uint64_t)value.digits;
}

static int32_t digit_count(uint64_t digits)
{
    int32_t count = 0;
    for (; digits != 0; digits /= 10)
        count++;
    return count;
}

/* Both larger than zero. With the same order of magnitude the exponents differ by 17 at most. */
static int compare_magnitudes(evh_decimal a, evh_decimal b)
{
    uint64_t left = magnitude(a);
    uint64_t right = magnitude(b);
    int32_t order_a = digit_count(left) + a.exponent;
    int32_t order_b = digit_count(right) + b.exponent;
    if (order_a != order_b)
        return order_a < order_b ? -1 : 1;
    evh_u128 wide_left = left;
    evh_u128 wide_right = right;
    if (a.exponent > b.exponent)
        wide_left *= power_of_ten((uint32_t)(a.exponent - b.exponent));
    else
        wide_right *= power_of_ten((uint32_t)(b.exponent - a.exponent));
    return wide_left == wide_right ? 0 : (wide_left < wide_right ? -1 : 1);
}

int evh_decimal_compare(evh_decimal a, evh_decimal b)
{
    int sign_a = (a.digits > 0) - (a.digits < 0);
    int sign_b = (b.digits > 0) - (b.digits < 0);
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    return sign_a == 0 ? 0 : sign_a * compare_magnitudes(a, b);
}

int evh_decimal_compare_cut(evh_decimal a, bool cut, evh_decimal b)
{
    int order = evh_decimal_compare(a, b);
    if (order != 0 || !cut)
        return order;
    return a.digits < 0 ? -1 : 1;
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

evh_status evh_decimal_fraction(evh_decimal value, uint64_t *numerator, uint64_t *denominator)
{
    *numerator = 0;
    *denominator = 1;
    uint64_t digits = magnitude(value);
    int32_t power = value.exponent < 0 ? -value.exponent : value.exponent;
    uint64_t product = digits;
    if (power > 19 ||
        (value.exponent > 0 && !evh_u64_mul(digits, power_of_ten((uint32_t)power), &product)))
        return evh_fail(EVH_ERR_RANGE, "as a fraction the number needs more than 64 bits");
    uint64_t scale = value.exponent < 0 ? power_of_ten((uint32_t)power) : 1;
    uint64_t divisor = greatest_common_divisor(product, scale);
    *numerator = product / divisor;
    *denominator = scale / divisor;
    return evh_ok();
}

void evh_decimal_format(char out[EVH_DECIMAL_TEXT_LEN], evh_decimal value)
{
    const char *sign = value.digits < 0 ? "-" : "";
    uint64_t digits = magnitude(value);
    if (value.exponent < -9 || value.exponent > 9 ||
        (value.exponent > 0 && digit_count(digits) + value.exponent > EVH_DECIMAL_DIGITS_MAX)) {
        (void)snprintf(out, EVH_DECIMAL_TEXT_LEN, "%s%" PRIu64 "e%d", sign, digits,
                       (int)value.exponent);
    } else if (value.exponent < 0) {
        uint64_t scale = power_of_ten((uint32_t)-value.exponent);
        (void)snprintf(out, EVH_DECIMAL_TEXT_LEN, "%s%" PRIu64 ".%0*" PRIu64, sign, digits / scale,
                       (int)-value.exponent, digits % scale);
    } else {
        (void)snprintf(out, EVH_DECIMAL_TEXT_LEN, "%s%" PRIu64, sign,
                       digits * power_of_ten((uint32_t)value.exponent));
    }
}

double evh_decimal_to_double(evh_decimal value)
{
    double power = 1;
    for (int32_t i = 0; i < (value.exponent < 0 ? -value.exponent : value.exponent); i++)
        power *= 10;
    double digits = (double)value.digits;
    return value.exponent < 0 ? digits / power : digits * power;
}
