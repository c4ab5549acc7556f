/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/accounting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "exact_internal.h"
#include "renyi_internal.h"
#include "rounding_internal.h"

enum { ROUNDS_MAX = 1 << 20 };

double evh_fraction_down(evh_fraction fraction)
{
    return evh_ratio_down(fraction.num, fraction.den);
}

double evh_fraction_up(evh_fraction fraction)
{
    return evh_ratio_up(fraction.num, fraction.den);
}

/* ---- what a charge must be ---- */

static evh_status classes_check(const evh_charge *charge)
{
    for (size_t i = 0; i < charge->class_count; i++) {
        evh_status status = evh_noise_check(&charge->classes[i]);
        if (status.code != EVH_OK)
            return evh_status_in(status, "noise class %zu", i);
        if (charge->honest_shares > 0 && charge->classes[i].kind != EVH_NOISE_SKELLAM)
            return evh_fail(EVH_ERR_ARG,
                            "noise class %zu is %s: only Skellam shares add up to more noise", i,
                            evh_noise_kind_name(charge->classes[i].kind));
    }
    return evh_ok();
}

static evh_status charge_check(const evh_charge *charge)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(charge->rounds >= 1 && charge->customers_per_unit >= 1, EVH_ERR_ARG,
                "%u rounds, %u customers per unit: both must be at least 1", charge->rounds,
                charge->customers_per_unit);
    EVH_REQUIRE((charge->clamp_bits == 0) == (charge->honest_shares == 0), EVH_ERR_ARG,
                "%u honest shares with a clamp probability of 2^-%u: it is charged for sums of "
                "shares, and only for them",
                charge->honest_shares, charge->clamp_bits);
    EVH_TRY(classes_check(charge));
    EVH_TRY(evh_shifts_check(charge->shifts, charge->shift_count, charge->class_count));
done:
    return status;
}

static evh_status charges_check(const evh_charge *charges, size_t count, evh_fraction delta)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(count >= 1, EVH_ERR_ARG, "no charge to account for");
    EVH_REQUIRE(delta.den >= 1 && delta.num < delta.den, EVH_ERR_ARG,
                "delta must be at least 0 and below 1");
    for (size_t i = 0; i < count; i++) {
        status = charge_check(&charges[i]);
        if (status.code != EVH_OK) {
            status = evh_status_in(status, "charge %zu", i);
            goto done;
        }
    }
done:
    return status;
}

/* ---- the pure part, exact ---- */

/* Sum of magnitude * cells / b. A cell without a pure epsilon makes it infinite. */
static evh_exact shift_pure(const evh_charge *charge, const evh_shift *shift)
{
    evh_exact sum = evh_exact_of(0, 1);
    for (size_t i = 0; i < shift->count; i++) {
        const evh_shift_term *term = &shift->terms[i];
        const evh_noise *noise = &charge->classes[term->noise];
        if (noise->kind != EVH_NOISE_DISCRETE_LAPLACE)
            return evh_exact_infinity();
        evh_u128 moved = (evh_u128)term->magnitude * term->cells;
        evh_exact loss = evh_exact_of(moved * noise->parameter.den, noise->parameter.num);
        sum = evh_exact_add(sum, loss);
    }
    return sum;
}

static evh_exact charge_pure(const evh_charge *charge)
{
    evh_exact worst = evh_exact_of(0, 1);
    for (size_t s = 0; s < charge->shift_count; s++) {
        evh_exact loss = shift_pure(charge, &charge->shifts[s]);
        /* Not comparable means that one is a bound only: the larger bound is still a bound. */
        bool larger =
            loss.exact && worst.exact ? !evh_exact_at_most(loss, worst) : loss.bound > worst.bound;
        if (larger)
            worst = loss;
    }
    return evh_exact_times(worst, (uint64_t)charge->rounds * charge->customers_per_unit);
}

static evh_exact pure_sum(const evh_charge *charges, size_t count)
{
    evh_exact sum = evh_exact_of(0, 1);
    for (size_t i = 0; i < count; i++)
        sum = evh_exact_add(sum, charge_pure(&charges[i]));
    return sum;
}

/* ---- the approximate part ---- */

static double clamp_probability(const evh_charge *charges, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (charges[i].clamp_bits > 0) {
            /* Below 2^-1000 the power of two is still a double above 0. */
            int bits = charges[i].clamp_bits < 1000 ? (int)charges[i].clamp_bits : 1000;
            sum = evh_add_up(sum, evh_mul_up(charges[i].rounds, ldexp(1, -bits)));
        }
    return sum;
}

/* An output that differs from the ideal one with probability eta is (epsilon, delta + (1 +
 * exp(epsilon)) eta). So part of delta is set aside for that: a thousandth, or half if that is too
 * little. */
static double approximate_epsilon(const evh_charge *charges, size_t count, double delta)
{
    if (delta <= 0)
        return INFINITY;
    double clamped = clamp_probability(charges, count);
    if (clamped <= 0)
        return evh_renyi_epsilon(charges, count, delta);
    const double parts[] = {0x1p-10, 0x1p-1};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        /* A power of two times a double is exact here; the subtraction is rounded down. */
        double aside = delta * parts[i];
        double epsilon = evh_renyi_epsilon(charges, count, nextafter(delta - aside, 0));
        double factor = evh_add_up(1, evh_above(exp(epsilon), exp(epsilon)));
        if (evh_mul_up(factor, clamped) <= aside)
            return epsilon;
    }
    return INFINITY;
}

evh_status evh_privacy_epsilon(double *epsilon, const evh_charge *charges, size_t count,
                               evh_fraction delta)
{
    evh_status status = evh_ok();
    *epsilon = INFINITY;
    EVH_TRY(charges_check(charges, count, delta));
    *epsilon = fmin(pure_sum(charges, count).bound,
                    approximate_epsilon(charges, count, evh_fraction_down(delta)));
done:
    return status;
}

evh_status evh_privacy_within(bool *within, const evh_charge *charges, size_t count,
                              const evh_budget *budget)
{
    evh_status status = evh_ok();
    evh_exact limit = evh_exact_infinity();
    *within = false;
    EVH_REQUIRE(budget->epsilon.den >= 1, EVH_ERR_ARG, "epsilon has the denominator 0");
    EVH_TRY(charges_check(charges, count, budget->delta));
    limit = evh_exact_of(budget->epsilon.num, budget->epsilon.den);
    *within = evh_exact_at_most(pure_sum(charges, count), limit) ||
              approximate_epsilon(charges, count, evh_fraction_down(budget->delta)) <=
                  evh_fraction_down(budget->epsilon);
done:
    return status;
}

/* `all` holds the spent charges and, last, the one whose rounds are sought. */
static evh_status most_rounds(uint32_t *rounds, evh_charge *all, size_t count,
                              const evh_budget *budget)
{
    evh_status status = evh_ok();
    uint32_t fits = 0;
    uint32_t too_many = ROUNDS_MAX + 1;
    bool within = false;
    while (too_many - fits > 1) {
        /* Doubling first: most answers are small. */
        uint32_t next = too_many > ROUNDS_MAX && fits < ROUNDS_MAX / 2
                            ? (fits == 0 ? 1 : 2 * fits)
                            : fits + (too_many - fits) / 2;
        all[count - 1].rounds = next;
        EVH_TRY(evh_privacy_within(&within, all, count, budget));
        if (within)
            fits = next;
        else
            too_many = next;
    }
    *rounds = fits;
done:
    return status;
}

evh_status evh_privacy_rounds_within(uint32_t *rounds, const evh_charge *charge,
                                     const evh_charge *spent, size_t spent_count,
                                     const evh_budget *budget)
{
    evh_status status = evh_ok();
    evh_charge *all = NULL;
    size_t count = 0;
    *rounds = 0;
    EVH_REQUIRE(evh_size_add(spent_count, 1, &count), EVH_ERR_ARG, "too many charges");
    EVH_TRY(evh_alloc(&all, count, sizeof *all, "charges"));
    if (spent_count > 0)
        memcpy(all, spent, spent_count * sizeof *all);
    all[spent_count] = *charge;
    EVH_TRY(most_rounds(rounds, all, count, budget));
done:
    free(all);
    return status;
}
