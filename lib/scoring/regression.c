/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/text.h"
#include "scorer_internal.h"

/* Numbers are read to 18 significant digits, what is behind them is cut off, and taken in units of
 * 10^-18, rounded half away from zero. They are at most 10^18: both
 * their difference and a bound times EVH_REGRESSION_ERROR_MAX then fit 128 bits. */
enum { UNIT_DIGITS = 18, VALUE_DIGITS = 18, BOUND_DIGITS = 12, BOUND_UNIT_DIGITS = 6 };

static evh_i128 power_of_ten(int exponent)
{
    evh_i128 power = 1;
    for (int i = 0; i < exponent; i++)
        power *= 10;
    return power;
}

/* Gives the number in units; false when its magnitude is over 10^VALUE_DIGITS. */
static bool to_units(evh_i128 *out, evh_decimal value)
{
    const evh_i128 most = power_of_ten(VALUE_DIGITS + UNIT_DIGITS);
    int shift = value.exponent + UNIT_DIGITS;
    evh_i128 magnitude = value.digits < 0 ? -value.digits : value.digits;
    *out = 0;
    if (value.digits == 0 || shift < -EVH_DECIMAL_DIGITS_MAX)
        return true;
    if (shift < 0) {
        evh_i128 divisor = power_of_ten(-shift);
        evh_i128 rest = magnitude % divisor;
        magnitude = magnitude / divisor + (rest >= divisor - rest ? 1 : 0);
    }
    for (; shift > 0; shift--) {
        if (magnitude > most / 10)
            return false;
        magnitude *= 10;
    }
    if (magnitude > most)
        return false;
    *out = value.digits < 0 ? -magnitude : magnitude;
    return true;
}

static evh_status read_number(evh_i128 *out, evh_view raw, const char *what)
{
    evh_status status = evh_ok();
    evh_decimal value = {0};
    bool cut = false;
    evh_view text = evh_view_trim(raw);
    EVH_REQUIRE(text.len > 0, EVH_ERR_INPUT, "%s is empty", what);
    EVH_REQUIRE(evh_decimal_parse_cut(text, &value, &cut).code == EVH_OK, EVH_ERR_INPUT,
                "%s is not a number", what);
    EVH_REQUIRE(to_units(out, value), EVH_ERR_INPUT, "%s is over 10^%d", what, VALUE_DIGITS);
done:
    return status;
}

/* The error is cut towards zero: whether a unit with one record is rounded up afterwards then
 * depends on its exact error. */
static evh_status score_regression(evh_scorer *scorer, evh_score *out, evh_view truth,
                                   evh_view estimate)
{
    evh_status status = evh_ok();
    evh_i128 wanted = 0;
    evh_i128 given = 0;
    evh_i128 error = 0;
    EVH_TRY(read_number(&wanted, truth, "the truth"));
    EVH_TRY(read_number(&given, estimate, "the estimate"));
    error = given - wanted;
    if (error > scorer->bound)
        error = scorer->bound;
    if (error < -scorer->bound)
        error = -scorer->bound;
    error = error * EVH_REGRESSION_ERROR_MAX / scorer->bound;
    out->values[0] = (uint32_t)(error + EVH_REGRESSION_ERROR_MAX);
done:
    return status;
}

static evh_status reduce_regression(const evh_scorer *scorer, int64_t *cells,
                                    const uint32_t *values, size_t count)
{
    evh_status status = evh_ok();
    const int64_t steps = scorer->steps;
    const int64_t whole = (int64_t)count * EVH_REGRESSION_ERROR_MAX;
    int64_t sum = 0;
    int64_t mean = 0;
    EVH_INVARIANT(count > 0);
    for (size_t i = 0; i < count; i++) {
        EVH_REQUIRE(values[i] <= 2 * EVH_REGRESSION_ERROR_MAX, EVH_ERR_ARG,
                    "no regression score has the value %u", values[i]);
        sum += (int64_t)values[i] - EVH_REGRESSION_ERROR_MAX;
    }
    mean = (2 * steps * (sum < 0 ? -sum : sum) + whole) / (2 * whole);
    EVH_TRY(evh_cell_add(&cells[0], 1));
    EVH_TRY(evh_cell_add(&cells[1], sum > 0 ? mean : 0));
    EVH_TRY(evh_cell_add(&cells[2], sum < 0 ? mean : 0));
    EVH_TRY(evh_cell_add(&cells[3], (2 * mean * mean + steps) / (2 * steps)));
done:
    return status;
}

evh_status evh_regression_init(evh_scorer *scorer, const evh_regression_options *options)
{
    evh_status status = evh_ok();
    scorer->row = &evh_regression_row;
    EVH_REQUIRE(options->steps >= 1 && options->steps <= EVH_SCORER_STEPS_MAX, EVH_ERR_ARG,
                "%u steps: 1 to %d are possible", options->steps, EVH_SCORER_STEPS_MAX);
    scorer->steps = options->steps;
    EVH_REQUIRE(to_units(&scorer->bound, options->bound) &&
                    scorer->bound >= power_of_ten(UNIT_DIGITS - BOUND_UNIT_DIGITS) &&
                    scorer->bound <= power_of_ten(UNIT_DIGITS + BOUND_DIGITS),
                EVH_ERR_ARG, "the bound of errors must be in 10^-%d..10^%d", BOUND_UNIT_DIGITS,
                BOUND_DIGITS);
done:
    return status;
}

const evh_scorer_kind_row evh_regression_row = {.width = 1,
                                                .layout = EVH_CELLS_REGRESSION,
                                                .cell_names = {"units", "over", "under", "squared"},
                                                .score = score_regression,
                                                .reduce = reduce_regression};
