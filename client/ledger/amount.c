/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "ledger_internal.h"

enum { UNIT_EXPONENT = -30, WHOLE_DIGITS_MAX = 7 };

static evh_u128 power_of_ten(int exponent)
{
    evh_u128 power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* digits * 10^(exponent + 30), and whether something below one unit was cut. */
static evh_u128 units_of(evh_decimal value, bool *cut)
{
    int shift = value.exponent - UNIT_EXPONENT;
    evh_u128 digits = (evh_u128)value.digits;
    *cut = false;
    if (shift >= 0)
        return digits * power_of_ten(shift);
    evh_u128 power = shift < -EVH_DECIMAL_DIGITS_MAX ? 0 : power_of_ten(-shift);
    evh_u128 units = power == 0 ? 0 : digits / power;
    *cut = power == 0 ? digits > 0 : digits % power != 0;
    return units;
}

static bool below_ceiling(evh_decimal value)
{
    return evh_decimal_compare(value, (evh_decimal){.digits = 1, .exponent = WHOLE_DIGITS_MAX}) < 0;
}

evh_status evh_amount_of(evh_amount *out, evh_decimal value, uint32_t factor)
{
    evh_status status = evh_ok();
    bool cut = false;
    evh_u128 units = 0;
    out->units = 0;
    EVH_REQUIRE(value.digits >= 0 && below_ceiling(value), EVH_ERR_ARG,
                "an epsilon or delta below 0 or not below 10^%d", WHOLE_DIGITS_MAX);
    units = units_of(value, &cut);
    if (cut)
        units++;
    EVH_REQUIRE(factor == 0 || units <= ~(evh_u128)0 / factor, EVH_ERR_ARG,
                "an epsilon or delta too large to be booked");
    out->units = units * factor;

done:
    return status;
}

evh_status evh_amount_limit(evh_amount *out, evh_decimal value)
{
    evh_status status = evh_ok();
    bool cut = false;
    out->units = 0;
    EVH_REQUIRE(value.digits >= 0, EVH_ERR_ARG, "a limit below 0");
    out->units = below_ceiling(value) ? units_of(value, &cut) : ~(evh_u128)0;

done:
    return status;
}

evh_amount evh_amount_add(evh_amount a, evh_amount b)
{
    evh_amount sum = {.units = a.units + b.units};
    if (sum.units < a.units)
        sum.units = ~(evh_u128)0;
    return sum;
}

void evh_amount_format(char out[EVH_LEDGER_AMOUNT_LEN], evh_amount amount)
{
    char digits[EVH_LEDGER_AMOUNT_LEN];
    size_t at = sizeof digits;
    size_t fraction = (size_t)-UNIT_EXPONENT;
    evh_u128 rest = amount.units;
    for (size_t i = 0; i <= fraction || rest > 0; i++) {
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
        if (i + 1 == fraction)
            digits[--at] = '.';
    }
    size_t end = sizeof digits;
    while (digits[end - 1] == '0')
        end--;
    if (digits[end - 1] == '.')
        end--;
    memcpy(out, digits + at, end - at);
    out[end - at] = '\0';
}
